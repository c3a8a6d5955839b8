//! Owns writing a tree in another syntax without loss: keys, values, their digits and order, and the
//! comments where the target can hold them.
//! Must not know what the keys mean, nor read a file.

mod comments;
mod json;
mod toml;
mod yaml;

use crate::data::{Entry, Node, SYNTAX, Syntax, Value};
use crate::syntax::{Bracket, Writer};
use crate::text;
pub(crate) use comments::Comments;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Span};

/// Writes a tree in a syntax. `original` is the text that the tree was read from, for its comments; it is
/// empty where there is none. `None` if the syntax cannot hold a value; the sink says which.
pub fn convert(
    source: SourceId,
    root: &Node,
    original: &str,
    from: Syntax,
    to: Syntax,
    sink: &mut Sink,
) -> Option<String> {
    let comments = match from {
        Syntax::Toml | Syntax::Yaml => Comments::of(original, root, from == Syntax::Yaml),
        Syntax::Json => Comments::default(),
    };
    if to == Syntax::Toml {
        let before = sink.iter().count();
        let nulls = nulls(root);
        sink.extend(nulls.into_iter().map(|node| {
            let place = Place::Text(source, node.span);
            Diagnostic::error(SYNTAX, place, text!("data.no-null"))
        }));
        if sink.iter().count() > before {
            return None;
        }
    }
    Some(write(root, &comments, to).0)
}

/// A tree in a syntax, and the same tree with the places that its keys and values have in that text. TOML
/// has no word for null.
pub(crate) fn write(root: &Node, comments: &Comments, to: Syntax) -> (String, Node) {
    match to {
        Syntax::Json => json::write(root),
        Syntax::Yaml => yaml::write(root, comments),
        Syntax::Toml => toml::write(root, comments),
    }
}

/// What syntaxes differ in within a line.
trait Within {
    /// A value that holds no others.
    fn scalar(&mut self, value: &Value);
    /// The key of a value that follows.
    fn key_of(&mut self, key: &str);
}

/// Writes a value within a line, and gives it with its place there.
fn inline<S>(out: &mut Writer<S>, node: &Node) -> Node
where
    Writer<S>: Within,
{
    let start = out.at();
    let value = match &node.value {
        Value::List(items) => {
            out.bracket(Bracket::OpenList);
            let mut found = Vec::with_capacity(items.len());
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.next();
                }
                found.push(inline(out, item));
            }
            out.bracket(Bracket::CloseList);
            Value::List(found)
        }
        Value::Table(entries) if entries.is_empty() => {
            out.bracket(Bracket::EmptyRow);
            node.value.clone()
        }
        Value::Table(entries) => {
            out.bracket(Bracket::OpenRow);
            let mut found = Vec::with_capacity(entries.len());
            for (number, entry) in entries.iter().enumerate() {
                if number > 0 {
                    out.next();
                }
                let start = out.at();
                out.key_of(&entry.key);
                let key_span = Span { start, end: out.at() };
                let node = inline(out, &entry.node);
                found.push(Entry { key: entry.key.clone(), key_span, node });
            }
            out.bracket(Bracket::CloseRow);
            Value::Table(found)
        }
        value => {
            out.scalar(value);
            value.clone()
        }
    };
    Node { value, span: Span { start, end: out.at() } }
}

/// A value at its place in the text that is being written.
fn placed(node: &Node, start: usize, end: usize) -> Node {
    Node { value: node.value.clone(), span: Span { start, end } }
}

/// The values that TOML has no word for.
fn nulls(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Null => vec![node],
        Value::List(items) => items.iter().flat_map(nulls).collect(),
        Value::Table(entries) => entries.iter().flat_map(|entry| nulls(&entry.node)).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is written within a line: everything but a table with tables or texts of many lines.
fn is_flat(node: &Node) -> bool {
    match &node.value {
        Value::Table(entries) => entries.iter().all(|entry| is_plain(&entry.node)),
        Value::List(items) => items.iter().all(is_plain),
        value => !matches!(value, Value::Text(text) if text.contains('\n')),
    }
}

fn is_plain(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => !text.contains('\n') && text.chars().count() <= 40,
        Value::Table(_) | Value::List(_) => false,
        _ => true,
    }
}
