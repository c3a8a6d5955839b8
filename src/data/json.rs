//! Owns reading JSON into the tree, through `jsonc-parser` held to strict RFC 8259.
//! Must not know the other syntaxes.

use super::{Entry, Node, SYNTAX, Value, fault};
use crate::limits::{DATA_DEPTH, DATA_ITEMS};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Span, Text};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use std::collections::HashSet;

pub(super) fn load(source: SourceId, text: &str, sink: &mut Sink) -> Option<Node> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    // The parser and the tree recurse once a level, and an item takes a hundred times its bytes.
    if let Some((at, message)) = too_much(text) {
        let span = Span { start: at, end: at + 1 };
        sink.push(Diagnostic::error(SYNTAX, Place::Text(source, span), message));
        return None;
    }
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    match parse_to_ast(text, &collect, &strict) {
        Ok(parsed) => parsed.value.map(|value| node(source, value, sink)),
        Err(error) => {
            let range = error.range();
            let mut span = Span { start: range.start, end: range.end };
            let mut message = reason(error.kind());
            if let Some((word, start)) = no_number(text, range.start) {
                span = Span { start, end: start + word.len() };
                message = text!("data.no-number", found = word);
            }
            sink.push(fault(source, text, span, message));
            None
        }
    }
}

/// The word for no number, or for one without end, at which the parser stopped, and where it begins.
fn no_number(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let starts = |at: usize, word: &str| text.get(at..).is_some_and(|rest| rest.starts_with(word));
    let signed = at.checked_sub(1).filter(|before| starts(*before, "-Infinity"));
    let at = signed.unwrap_or(at);
    ["NaN", "Infinity", "-Infinity"]
        .into_iter()
        .find(|word| starts(at, word))
        .map(|word| (word, at))
}

/// Where brackets are nested deeper than a file may, or where it has more items than one may, if anywhere. What stands
/// in texts does not count.
fn too_much(text: &str) -> Option<(usize, Text)> {
    let (mut depth, mut items, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => (depth, items) = (depth + 1, items + 1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' | b':' => items += 1,
            _ => {}
        }
        if depth > DATA_DEPTH {
            return Some((at, text!("data.too-deep")));
        }
        if items > DATA_ITEMS {
            return Some((at, text!("data.too-large", limit = DATA_ITEMS)));
        }
    }
    None
}

/// The crate's reason in the user's language; rare ones stay in English within a general sentence.
fn reason(kind: &ParseErrorKind) -> Text {
    match kind {
        ParseErrorKind::ExpectedColonAfterObjectKey => text!("data.missing-colon"),
        ParseErrorKind::ExpectedObjectValue => text!("data.missing-value"),
        ParseErrorKind::ExpectedStringObjectProperty
        | ParseErrorKind::UnexpectedWord
        | ParseErrorKind::SingleQuotedStringsNotAllowed => text!("data.unquoted"),
        ParseErrorKind::ExpectedComma => text!("data.missing-comma"),
        ParseErrorKind::TrailingCommasNotAllowed | ParseErrorKind::UnexpectedComma => {
            text!("data.extra-comma")
        }
        ParseErrorKind::UnexpectedCloseBrace | ParseErrorKind::UnexpectedCloseBracket => {
            text!("data.mismatched")
        }
        ParseErrorKind::UnterminatedArray => text!("data.unclosed-list"),
        ParseErrorKind::UnterminatedObject => text!("data.unclosed-object"),
        ParseErrorKind::CommentsNotAllowed => text!("data.no-comments"),
        ParseErrorKind::NestingDepthExceeded => text!("data.too-deep"),
        other => text!("data.json", reason = other.to_string()),
    }
}

fn node(source: SourceId, value: ast::Value<'_>, sink: &mut Sink) -> Node {
    let range = value.range();
    let span = Span { start: range.start, end: range.end };
    let value = match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(lit) => Value::Bool(lit.value),
        ast::Value::NumberLit(lit) => Value::Number(lit.value.to_owned()),
        ast::Value::StringLit(lit) => Value::Text(lit.value.into_owned()),
        ast::Value::Array(list) => {
            Value::List(list.elements.into_iter().map(|item| node(source, item, sink)).collect())
        }
        ast::Value::Object(object) => Value::Table(entries(source, object, sink)),
    };
    Node { value, span }
}

fn entries(source: SourceId, object: ast::Object<'_>, sink: &mut Sink) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::with_capacity(object.properties.len());
    let mut known = HashSet::new();
    for property in object.properties {
        let range = property.name.range();
        let key_span = Span { start: range.start, end: range.end };
        let key = property.name.into_string();
        if !known.insert(key.clone()) {
            let place = Place::Text(source, key_span);
            sink.push(Diagnostic::error(SYNTAX, place, text!("data.duplicate")));
            continue;
        }
        out.push(Entry { key, key_span, node: node(source, property.value, sink) });
    }
    out
}
