//! Owns reading TOML into the tree, with the syntax tree and byte ranges of the `toml` crate, for
//! files that the fast parser (`toml_fast`) does not accept.
//! Must not know the other syntaxes.

use super::toml_slips::LONG_QUOTE;
use super::{DataEntry, DataNode, DataValue, SYNTAX_RULE, syntax_error, toml_fast, toml_slips};
use crate::limits::{MAX_DATA_DEPTH, MAX_DATA_ITEMS};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, SourcePlace, Span};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A file of fewer bytes cannot have too many items.
const MIN_COUNTED_BYTES: usize = MAX_DATA_ITEMS / ITEMS_PER_COLLECTION;

pub(super) fn load_toml(source: SourceId, text: &str, sink: &mut Sink) -> DataNode {
    let found = if text.len() > MIN_COUNTED_BYTES { find_limit_excess(text) } else { None };
    let plain = if found.is_none() { toml_fast::load_fast(text) } else { None };
    plain.unwrap_or_else(|| load_full(source, text, sink))
}

fn load_full(source: SourceId, text: &str, sink: &mut Sink) -> DataNode {
    // The crate limits brackets and dotted keys, but not their sum; and it recurses.
    if let Some((at, message)) = find_limit_excess(text) {
        let span = Span { start: at, end: at + 1 };
        sink.push(syntax_error(source, text, span, message));
        return DataNode { value: DataValue::Table(Vec::new()), place: SourcePlace::Text(span) };
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    report_errors(source, text, &errors, sink);
    let place = SourcePlace::from(root.span());
    let mut deep = None;
    let value = to_table(root.into_inner(), 0, &mut deep);
    if let Some(span) = deep {
        sink.push(syntax_error(source, text, span, msg!("data.too-deep")));
    }
    DataNode { value, place }
}

/// Reports the parser's errors, one for each slip: what only follows from an earlier one is left out.
fn report_errors(source: SourceId, text: &str, errors: &[toml::de::Error], sink: &mut Sink) {
    let mut done = 0;
    let long_texts = if errors.is_empty() { Vec::new() } else { long_texts(text) };
    let mut errors: Vec<&toml::de::Error> = errors.iter().collect();
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    for error in errors {
        let span: Span = error.span().unwrap_or(0..0).into();
        if sink.is_full() {
            break;
        }
        if span.start < done {
            continue;
        }
        let slip = toml_slips::recognise_slip(text, &long_texts, span.start, error.message());
        let Some(slip) = slip else {
            sink.push(syntax_error(source, text, span, error_message(error.message())));
            continue;
        };
        done = slip.done;
        let place = Location::text(source, slip.span);
        let found = Diagnostic::error(SYNTAX_RULE, place, slip.message);
        sink.push(slip.hint.into_iter().fold(found, Diagnostic::with_hint));
    }
}

/// Returns the ranges of the texts of several lines, with their quotes.
pub(super) fn long_texts(text: &str) -> Vec<Range<usize>> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(byte) = text.as_bytes().get(at) {
        let rest = &text.as_bytes()[at..];
        let step = match byte {
            b'"' | b'\'' => string_length(rest, *byte),
            b'#' => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            _ => 1,
        };
        if rest.starts_with(LONG_QUOTE.as_bytes()) {
            out.push(at..at + step);
        }
        at += step;
    }
    out
}

/// Items for which a list or a table counts, according to its memory.
const ITEMS_PER_COLLECTION: usize = 3;

/// Returns the offset at which brackets and dots of keys exceed twice the depth that a file may
/// have, or at which the file has too many items, with the message. Texts and comments do not
/// count.
fn find_limit_excess(text: &str) -> Option<(usize, Message)> {
    let mut open: Vec<usize> = Vec::new();
    let (mut levels, mut dots, mut items, mut at) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some(byte) = text.as_bytes().get(at) {
        let rest = &text.as_bytes()[at..];
        let mut step = 1;
        match byte {
            b'"' | b'\'' => step = string_length(rest, *byte),
            b'#' => step = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            b'.' => dots += 1,
            b'=' => items += 1,
            b'[' | b'{' => {
                open.push(dots + 1);
                levels += dots + 1;
                items += ITEMS_PER_COLLECTION;
                dots = 0;
            }
            b']' | b'}' => {
                levels -= open.pop().unwrap_or(0);
                dots = 0;
            }
            b',' => (dots, items) = (0, items + 1),
            b'\n' => dots = 0,
            _ => {}
        }
        if levels + dots > 2 * MAX_DATA_DEPTH {
            return Some((at, msg!("data.too-deep")));
        }
        if items > MAX_DATA_ITEMS {
            return Some((at, msg!("data.too-large", limit = MAX_DATA_ITEMS)));
        }
        at += step;
    }
    None
}

/// Returns the length in bytes of the string that begins here; a single-line string ends with its
/// line at the latest.
fn string_length(rest: &[u8], quote: u8) -> usize {
    let long = rest.starts_with(&[quote; 3]);
    let mut at = if long { 3 } else { 1 };
    while let Some(byte) = rest.get(at) {
        if *byte == b'\\' && quote == b'"' {
            at += 2;
        } else if long && rest[at..].starts_with(&[quote; 3]) {
            // Up to two quotes may precede the closing three.
            let more = rest[at + 3..].iter().take(2).take_while(|b| **b == quote).count();
            return at + 3 + more;
        } else if !long && (*byte == quote || *byte == b'\n') {
            return at + 1;
        } else {
            at += 1;
        }
    }
    rest.len().max(1)
}

/// Converts a table. `deep` is set to the span of a value that is nested too deeply, which is left
/// out.
fn to_table(table: DeTable<'_>, depth: usize, deep: &mut Option<Span>) -> DataValue {
    let mut entries: Vec<DataEntry> =
        table.into_iter().map(|(key, value)| to_entry(&key, value, depth, deep)).collect();
    // The crate sorts by key; people and messages follow the order of the file.
    entries.sort_by_key(|entry| entry.key_place);
    DataValue::Table(entries)
}

fn to_entry(
    key: &Spanned<DeString<'_>>,
    value: Spanned<DeValue<'_>>,
    depth: usize,
    deep: &mut Option<Span>,
) -> DataEntry {
    let key_place = SourcePlace::from(key.span());
    DataEntry { key: key.get_ref().to_string(), key_place, node: to_node(value, depth, deep) }
}

fn to_node(spanned: Spanned<DeValue<'_>>, depth: usize, deep: &mut Option<Span>) -> DataNode {
    let span = Span::from(spanned.span());
    let place = SourcePlace::Text(span);
    let collection = matches!(spanned.get_ref(), DeValue::Array(_) | DeValue::Table(_));
    if collection && depth >= MAX_DATA_DEPTH {
        deep.get_or_insert(span);
        return DataNode { value: DataValue::Null, place };
    }
    let depth = depth + 1;
    let value = match spanned.into_inner() {
        DeValue::String(text) => DataValue::Text(text.into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => {
            DataValue::Number(number.as_str().to_owned())
        }
        DeValue::Integer(number) => {
            DataValue::Number(to_decimal_digits(number.as_str(), number.radix()))
        }
        DeValue::Float(number) => DataValue::Number(number.as_str().to_owned()),
        DeValue::Boolean(value) => DataValue::Bool(value),
        DeValue::Datetime(date) => DataValue::Date(date.to_string()),
        DeValue::Array(items) => {
            DataValue::List(items.into_iter().map(|item| to_node(item, depth, deep)).collect())
        }
        DeValue::Table(inner) => to_table(inner, depth, deep),
    };
    DataNode { value, place }
}

fn to_decimal_digits(digits: &str, radix: u32) -> String {
    i128::from_str_radix(digits, radix).map_or_else(|_| digits.to_owned(), |n| n.to_string())
}

/// Returns the crate's reason in the user's language; rare ones become a general sentence.
fn error_message(message: &str) -> Message {
    let known = |part: &str| message.contains(part);
    if known("duplicate key") {
        msg!("data.duplicate")
    } else if known("invalid unquoted key") {
        msg!("data.bare-key")
    } else if known("string values must be quoted") || known("missing opening quote") {
        msg!("data.unquoted")
    } else if known("missing comma") {
        msg!("data.missing-comma")
    } else if known("extra comma") {
        msg!("data.extra-comma")
    } else if known("unclosed array") || known("missing array") {
        msg!("data.unclosed-list")
    } else if known("string")
        && (known("unclosed") || known("invalid basic") || known("multi-line"))
    {
        msg!("data.unclosed-text")
    } else if known("unclosed table") {
        msg!("data.unclosed-list")
    } else if known("unclosed inline table") {
        msg!("data.unclosed-object")
    } else if known("unclosed") {
        msg!("data.unclosed")
    } else if known("escape") {
        msg!("data.escape")
    } else if known("fraction") || known("exponent") || known("float") || known("integer") {
        msg!("data.odd-number")
    } else if known("date") || known("time") {
        msg!("data.odd-date")
    } else if known("extra assignment") {
        msg!("data.missing-comma")
    } else if known("missing value") || known("key with no value") {
        msg!("data.missing-value")
    } else if known("missing assignment") {
        msg!("data.missing-equals")
    } else if known("recurs") {
        msg!("data.too-deep")
    } else if known("leading zero") {
        msg!("data.leading-zero")
    } else {
        msg!("data.toml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::Sources;

    fn both(text: &str) -> (Option<DataNode>, DataNode, bool) {
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("f", text);
        let node = load_full(source, text, &mut sink);
        (toml_fast::load_fast(text), node, sink.is_empty())
    }

    const ALL: &str = "# 开头\nyear = 2025 # 年\ndate = 2026-01-20\na = \"\"\n\n[ organ ] #x\n\
        \"名称\" = \"青禾\"\nb = true\n[text]\nlead = \"\"\"\n一\n\n二\"\"\"\nx = \"\"\"y\"\"\"\n[t]\n\
        r = [1, -2, 3.50, # c\n \"/\",\n]\ns = { a = 0, \"b\" = -0.5 }\nu = {}\nv = []\r\nw = [{ x = [1] }]";

    #[test]
    fn the_quick_way_gives_the_tree_of_the_crate() {
        for sample in [
            include_str!("../../samples/ansha-2020/report.toml"),
            include_str!("../../samples/yunyan-2025/report.toml"),
        ] {
            let (quick, node, clean) = both(sample);
            assert_eq!((quick, clean), (Some(node), true));
        }
        let (quick, node, clean) = both(ALL);
        assert_eq!((quick, clean), (Some(node), true));
    }

    #[test]
    fn whatever_the_quick_way_takes_is_valid_and_means_the_same() {
        let pieces = [
            "\"",
            "\"\"\"",
            "\\",
            "\n",
            "\r",
            "\r\n",
            "[",
            "]",
            "{",
            "}",
            ",",
            "=",
            ".",
            "#",
            " ",
            "\t",
            "0",
            "-",
            "+",
            "1",
            "e5",
            "_",
            "'",
            "年",
            "\u{0}",
            "\u{7f}",
            "year",
            "t",
            "T",
            ":",
            "2026-13-01",
            "inf",
            "０",
            "\u{FEFF}",
            "[[",
            "a.b",
        ];
        let places: Vec<usize> = ALL.char_indices().map(|(at, _)| at).chain([ALL.len()]).collect();
        let mut taken = 0;
        for (at, start) in places.iter().enumerate() {
            for piece in pieces {
                for cut in [0, 1, 3] {
                    let end = places[(at + cut).min(places.len() - 1)];
                    let text = format!("{}{piece}{}", &ALL[..*start], &ALL[end..]);
                    let (quick, node, clean) = both(&text);
                    if let Some(quick) = quick {
                        taken += 1;
                        assert!(clean && quick == node, "{text}\n{quick:?}\n{node:?}");
                    }
                }
            }
        }
        assert!(taken > 4_000, "{taken}");
    }
}
