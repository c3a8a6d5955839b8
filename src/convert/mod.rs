//! Owns writing a tree in another syntax without loss: keys, values, their digits and order, and
//! the comments where the target supports them.
//! Must not know the meaning of keys, nor read a file.

mod comments;
mod json;
mod toml;
mod yaml;

use crate::data::{DataEntry, DataNode, DataValue, SYNTAX_RULE, Syntax};
use crate::msg;
use crate::syntax::{Bracket, SyntaxWriter};
pub(crate) use comments::Comments;
use docx_fill::diag::{Diagnostic, Sink, SourceId, SourcePlace};

/// Writes a tree in a syntax. `original` is the text from which the tree was read, for its
/// comments, or empty. Returns `None` if the syntax cannot represent a value, which is reported.
pub fn convert_syntax(
    source: SourceId,
    root: &DataNode,
    original: &str,
    from: Syntax,
    to: Syntax,
    sink: &mut Sink,
) -> Option<String> {
    let comments = match from {
        Syntax::Toml | Syntax::Yaml => Comments::from_source(original, root, from == Syntax::Yaml),
        Syntax::Json => Comments::default(),
    };
    if to == Syntax::Toml {
        let before = sink.iter().count();
        let nulls = find_nulls(root);
        sink.extend(nulls.into_iter().map(|node| {
            let place = node.place.in_source(source);
            Diagnostic::error(SYNTAX_RULE, place, msg!("data.no-null"))
        }));
        if sink.iter().count() > before {
            return None;
        }
    }
    Some(write_tree(root, &comments, to).0)
}

/// Returns a tree in a syntax, and the same tree with the spans of its keys and values in that
/// text. The tree must not have nulls for TOML.
pub(crate) fn write_tree(root: &DataNode, comments: &Comments, to: Syntax) -> (String, DataNode) {
    match to {
        Syntax::Json => json::write_json(root),
        Syntax::Yaml => yaml::write_yaml(root, comments),
        Syntax::Toml => toml::write_toml(root, comments),
    }
}

/// The differences between syntaxes within a line.
trait InlineWriter {
    /// Writes a value that is neither a list nor a table.
    fn write_inline_scalar(&mut self, value: &DataValue);
    /// Writes the key of the value that follows.
    fn write_inline_key(&mut self, key: &str);
}

/// Writes a value within a line, and returns it with its place there.
fn write_inline<S>(out: &mut SyntaxWriter<S>, node: &DataNode) -> DataNode
where
    SyntaxWriter<S>: InlineWriter,
{
    let start = out.offset();
    let value = match &node.value {
        DataValue::List(items) => {
            out.push_bracket(Bracket::OpenList);
            let mut found = Vec::with_capacity(items.len());
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push_separator();
                }
                found.push(write_inline(out, item));
            }
            out.push_bracket(Bracket::CloseList);
            DataValue::List(found)
        }
        DataValue::Table(entries) if entries.is_empty() => {
            out.push_bracket(Bracket::EmptyRow);
            node.value.clone()
        }
        DataValue::Table(entries) => {
            out.push_bracket(Bracket::OpenRow);
            let mut found = Vec::with_capacity(entries.len());
            for (number, entry) in entries.iter().enumerate() {
                if number > 0 {
                    out.push_separator();
                }
                let start = out.offset();
                out.write_inline_key(&entry.key);
                let key_place = SourcePlace::from(start..out.offset());
                let node = write_inline(out, &entry.node);
                found.push(DataEntry { key: entry.key.clone(), key_place, node });
            }
            out.push_bracket(Bracket::CloseRow);
            DataValue::Table(found)
        }
        value => {
            out.write_inline_scalar(value);
            value.clone()
        }
    };
    DataNode { value, place: SourcePlace::from(start..out.offset()) }
}

/// Returns a value with its place in the text being written.
fn with_place(node: &DataNode, start: usize, end: usize) -> DataNode {
    DataNode { value: node.value.clone(), place: SourcePlace::from(start..end) }
}

/// Returns the nulls of a tree, which TOML cannot represent.
fn find_nulls(node: &DataNode) -> Vec<&DataNode> {
    match &node.value {
        DataValue::Null => vec![node],
        DataValue::List(items) => items.iter().flat_map(find_nulls).collect(),
        DataValue::Table(entries) => {
            entries.iter().flat_map(|entry| find_nulls(&entry.node)).collect()
        }
        _ => Vec::new(),
    }
}

/// Checks whether a value is written within a line: everything but a table with tables or
/// multi-line texts.
fn is_flat(node: &DataNode) -> bool {
    match &node.value {
        DataValue::Table(entries) => entries.iter().all(|entry| is_short_scalar(&entry.node)),
        DataValue::List(items) => items.iter().all(is_short_scalar),
        value => !matches!(value, DataValue::Text(text) if text.contains('\n')),
    }
}

fn is_short_scalar(node: &DataNode) -> bool {
    match &node.value {
        DataValue::Text(text) => !text.contains('\n') && text.chars().count() <= 40,
        DataValue::Table(_) | DataValue::List(_) => false,
        _ => true,
    }
}
