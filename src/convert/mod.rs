//! Owns writing a tree in another syntax without loss: keys, values, their digits and order, and the
//! comments where the target can hold them.
//! Must not know what the keys mean, nor read a file.

mod comments;
mod json;
mod toml;
mod yaml;

use crate::data::{Node, SYNTAX, Syntax, Value};
use crate::diag::{Diagnostic, Place, Sink, SourceId};
use crate::text;
use comments::Comments;

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
    match to {
        Syntax::Json => Some(json::write(root)),
        Syntax::Yaml => Some(yaml::write(root, &comments)),
        Syntax::Toml => {
            let before = sink.iter().count();
            let nulls = nulls(root);
            sink.extend(nulls.into_iter().map(|node| {
                let place = Place::Text(source, node.span);
                Diagnostic::error(SYNTAX, place, text!("data.no-null"))
            }));
            (sink.iter().count() == before).then(|| toml::write(root, &comments))
        }
    }
}

/// A text as TOML writes it: between triple quotes where it has several lines.
pub(crate) fn toml_text(text: &str) -> String {
    toml::text(text)
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

/// A text in double quotes with escapes that TOML, JSON and YAML all read.
fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // What an editor or a YAML reader may take for a line break or a mark.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A number as JSON and YAML write it; nothing if they have no such number.
fn json_number(digits: &str) -> Option<&str> {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    digits.ends_with(|c: char| c.is_ascii_digit()).then_some(digits)
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
