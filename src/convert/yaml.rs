//! Owns writing YAML: blocks for tables, rows within a line, texts of several lines as they are.
//! Must not know the other syntaxes.

use super::comments::Comments;
use super::{is_flat, json_number, quoted};
use crate::data::{Entry, Node, Value};
use std::fmt::Write as _;

pub(super) fn write(root: &Node, comments: &Comments) -> String {
    let mut out = String::new();
    match &root.value {
        Value::Table(entries) if !entries.is_empty() => block(&mut out, entries, 0, comments),
        _ => {
            out.push_str(&inline(root));
            out.push('\n');
        }
    }
    for line in &comments.end {
        let _ = writeln!(out, "#{line}");
    }
    out
}

fn block(out: &mut String, entries: &[Entry], depth: usize, comments: &Comments) {
    let indent = "  ".repeat(depth);
    for (at, entry) in entries.iter().enumerate() {
        let nested = matches!(&entry.node.value, Value::Table(inner) if !inner.is_empty())
            && (depth == 0 || !is_flat(&entry.node));
        if depth == 0 && at > 0 && nested {
            out.push('\n');
        }
        for line in comments.above(entry.key_span) {
            let _ = writeln!(out, "{indent}#{line}");
        }
        let beside = comments.beside(entry.key_span).map(|words| format!("  #{words}"));
        let mut beside = beside.unwrap_or_default();
        let lines = matches!(&entry.node.value, Value::Text(text) if is_literal(text));
        if lines && !beside.is_empty() {
            // Beside the mark of a literal text readers do not look for comments.
            let _ = writeln!(out, "{indent}{}", beside.trim_start());
            beside.clear();
        }
        let _ = write!(out, "{indent}{}:", key(&entry.key));
        match &entry.node.value {
            Value::Table(inner) if nested => {
                let _ = writeln!(out, "{beside}");
                block(out, inner, depth + 1, comments);
            }
            Value::Text(text) if lines => literal(out, text, &indent),
            _ => {
                let _ = writeln!(out, " {}{beside}", inline(&entry.node));
            }
        }
    }
}

/// Whether a text may stand as it is: no marks at its edges that a reader would count differently.
fn is_literal(text: &str) -> bool {
    let odd = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
    };
    let blank_end = text.ends_with("\n\n") || text.trim_end_matches('\n').ends_with(' ');
    let blank_line = |line: &str| !line.is_empty() && line.trim().is_empty();
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\u{3000}'])
        && !blank_end
        && !text.contains(odd)
        && !text.split('\n').any(blank_line)
}

fn literal(out: &mut String, text: &str, indent: &str) {
    let (mark, body) = match text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", text),
    };
    let _ = writeln!(out, " {mark}");
    for line in body.split('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{indent}  {line}");
        }
    }
}

fn key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let starts = key.starts_with(|c: char| c.is_ascii_alphabetic());
    // Words that some readers take for values.
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = starts && key.chars().all(bare);
    if plain && !word.contains(&key.to_ascii_lowercase().as_str()) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

fn inline(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(digits) => json_number(digits).map_or_else(|| quoted(digits), str::to_owned),
        Value::Text(text) => quoted(text),
        Value::Date(text) => text.clone(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Table(entries) => {
            let pair = |entry: &Entry| format!("{}: {}", key(&entry.key), inline(&entry.node));
            format!("{{ {} }}", entries.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}
