//! Owns writing TOML: values first, then a `[table]` for each table of the file, rows within a line.
//! Must not know the other syntaxes.

use super::comments::Comments;
use super::quoted;
use crate::data::{Entry, Node, Value};
use crate::slice::{TextEdit as _, TextSlice as _};
use std::fmt::Write as _;

pub(super) fn write(root: &Node, comments: &Comments) -> String {
    let mut out = String::new();
    let Value::Table(entries) = &root.value else {
        return inline(root);
    };
    let is_table = |entry: &&Entry| matches!(entry.node.value, Value::Table(_));
    for entry in entries.iter().filter(|entry| !is_table(entry)) {
        pair(&mut out, entry, comments);
    }
    for entry in entries.iter().filter(is_table) {
        let Value::Table(inner) = &entry.node.value else { continue };
        if !out.is_empty() {
            out.push('\n');
        }
        above(&mut out, entry, comments);
        let _ = write!(out, "[{}]", key(&entry.key));
        beside(&mut out, entry, comments);
        for entry in inner {
            pair(&mut out, entry, comments);
        }
    }
    for line in &comments.end {
        let _ = writeln!(out, "#{line}");
    }
    out
}

fn pair(out: &mut String, entry: &Entry, comments: &Comments) {
    above(out, entry, comments);
    let _ = write!(out, "{} = ", key(&entry.key));
    match &entry.node.value {
        Value::Text(words) => out.push_str(&text(words)),
        _ => out.push_str(&inline(&entry.node)),
    }
    beside(out, entry, comments);
}

fn above(out: &mut String, entry: &Entry, comments: &Comments) {
    for line in comments.above(entry.key_span) {
        let _ = writeln!(out, "#{line}");
    }
}

fn beside(out: &mut String, entry: &Entry, comments: &Comments) {
    if let Some(words) = comments.beside(entry.key_span) {
        let _ = write!(out, "  #{words}");
    }
    out.push('\n');
}

fn key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

pub(super) fn text(text: &str) -> String {
    if text.contains('\n') { lines(text) } else { quoted(text) }
}

/// A text of several lines between triple quotes, each line as it is.
fn lines(text: &str) -> String {
    let body: Vec<String> = text
        .split('\n')
        .map(|line| {
            let line = quoted(line);
            // Quotes within need their escape only where three meet; one is plain enough for readers.
            line.slice(1..line.len() - 1).replace("\\\"", "\"").replace("\"\"\"", "\\\"\\\"\\\"")
        })
        .collect();
    let mut body = body.join("\n");
    if let Some(rest) = body.strip_suffix('"') {
        let escapes = rest.len() - rest.trim_end_matches('\\').len();
        if escapes % 2 == 0 {
            body.insert_text(body.len() - 1, "\\");
        }
    }
    format!("\"\"\"\n{body}\"\"\"")
}

fn inline(node: &Node) -> String {
    match &node.value {
        // Refused before: TOML has no null.
        Value::Null => quoted(""),
        Value::Bool(value) => value.to_string(),
        Value::Number(digits) | Value::Date(digits) => digits.clone(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Table(entries) => {
            let pair = |entry: &Entry| format!("{} = {}", key(&entry.key), inline(&entry.node));
            format!("{{ {} }}", entries.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}
