//! Owns reading JSON (strict RFC 8259) into the tree with `jsonc-parser`.
//! Must not know the other syntaxes.

use super::{DataEntry, DataNode, DataValue, SYNTAX_RULE, syntax_error};
use crate::limits::{MAX_DATA_DEPTH, MAX_DATA_ITEMS};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, SourcePlace, Span};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use std::collections::HashSet;

pub(super) fn load_json(source: SourceId, text: &str, sink: &mut Sink) -> Option<DataNode> {
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
    // The parser and the tree recurse once per level, and an item takes a hundred times its bytes.
    if let Some((at, message)) = find_limit_excess(text) {
        let place = Location::text(source, at..at + 1);
        sink.push(Diagnostic::error(SYNTAX_RULE, place, message));
        return None;
    }
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    match parse_to_ast(text, &collect, &strict) {
        Ok(parsed) => parsed.value.map(|value| to_node(source, value, sink)),
        Err(error) => {
            let range = error.range();
            let mut span = Span { start: range.start, end: range.end };
            let mut message = error_message(error.kind());
            if let Some((word, start)) = non_number_word(text, range.start) {
                span = Span { start, end: start + word.len() };
                message = msg!("data.no-number", found = word);
            }
            sink.push(syntax_error(source, text, span, message));
            None
        }
    }
}

/// Returns a word such as `NaN` or `Infinity` at which the parser stopped, and its offset.
fn non_number_word(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let starts = |at: usize, word: &str| text.get(at..).is_some_and(|rest| rest.starts_with(word));
    let signed = at.checked_sub(1).filter(|before| starts(*before, "-Infinity"));
    let at = signed.unwrap_or(at);
    ["NaN", "Infinity", "-Infinity"]
        .into_iter()
        .find(|word| starts(at, word))
        .map(|word| (word, at))
}

/// Returns the offset at which brackets are nested too deeply or the file has too many items, with
/// the message. Brackets and commas in texts do not count.
fn find_limit_excess(text: &str) -> Option<(usize, Message)> {
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
        if depth > MAX_DATA_DEPTH {
            return Some((at, msg!("data.too-deep")));
        }
        if items > MAX_DATA_ITEMS {
            return Some((at, msg!("data.too-large", limit = MAX_DATA_ITEMS)));
        }
    }
    None
}

/// Returns the crate's reason in the user's language; rare ones become a general sentence.
fn error_message(kind: &ParseErrorKind) -> Message {
    match kind {
        ParseErrorKind::ExpectedColonAfterObjectKey => msg!("data.missing-colon"),
        ParseErrorKind::ExpectedObjectValue => msg!("data.missing-value"),
        ParseErrorKind::ExpectedStringObjectProperty
        | ParseErrorKind::UnexpectedWord
        | ParseErrorKind::SingleQuotedStringsNotAllowed => msg!("data.unquoted"),
        ParseErrorKind::ExpectedComma => msg!("data.missing-comma"),
        ParseErrorKind::TrailingCommasNotAllowed | ParseErrorKind::UnexpectedComma => {
            msg!("data.extra-comma")
        }
        ParseErrorKind::UnexpectedCloseBrace | ParseErrorKind::UnexpectedCloseBracket => {
            msg!("data.mismatched")
        }
        ParseErrorKind::UnterminatedArray => msg!("data.unclosed-list"),
        ParseErrorKind::UnterminatedObject => msg!("data.unclosed-object"),
        ParseErrorKind::CommentsNotAllowed => msg!("data.no-comments"),
        ParseErrorKind::NestingDepthExceeded => msg!("data.too-deep"),
        ParseErrorKind::String(_) => msg!("data.odd-text"),
        ParseErrorKind::ExpectedDigit
        | ParseErrorKind::ExpectedDigitFollowingNegativeSign
        | ParseErrorKind::ExpectedPlusMinusOrDigitInNumberLiteral
        | ParseErrorKind::UnaryPlusNumbersNotAllowed
        | ParseErrorKind::BareDecimalPointNumbersNotAllowed => msg!("data.odd-number"),
        _ => msg!("data.json"),
    }
}

fn to_node(source: SourceId, value: ast::Value<'_>, sink: &mut Sink) -> DataNode {
    let range = value.range();
    let place = SourcePlace::from(range.start..range.end);
    let value = match value {
        ast::Value::NullKeyword(_) => DataValue::Null,
        ast::Value::BooleanLit(lit) => DataValue::Bool(lit.value),
        ast::Value::NumberLit(lit) => DataValue::Number(lit.value.to_owned()),
        ast::Value::StringLit(lit) => DataValue::Text(lit.value.into_owned()),
        ast::Value::Array(list) => DataValue::List(
            list.elements.into_iter().map(|item| to_node(source, item, sink)).collect(),
        ),
        ast::Value::Object(object) => DataValue::Table(to_entries(source, object, sink)),
    };
    DataNode { value, place }
}

fn to_entries(source: SourceId, object: ast::Object<'_>, sink: &mut Sink) -> Vec<DataEntry> {
    let mut out: Vec<DataEntry> = Vec::with_capacity(object.properties.len());
    let mut known = HashSet::new();
    for property in object.properties {
        let range = property.name.range();
        let key_place = SourcePlace::from(range.start..range.end);
        let key = property.name.into_string();
        if !known.insert(key.clone()) {
            let place = key_place.in_source(source);
            sink.push(Diagnostic::error(SYNTAX_RULE, place, msg!("data.duplicate")));
            continue;
        }
        out.push(DataEntry { key, key_place, node: to_node(source, property.value, sink) });
    }
    out
}
