//! Owns reading TOML into the tree, through the `toml` crate's own syntax tree with byte ranges where the
//! quick way (`toml_plain`) is not enough.
//! Must not know the other syntaxes.

use super::{Entry, Node, Value, fault, toml_plain};
use crate::limits::{DATA_DEPTH, DATA_ITEMS};
use crate::text;
use docx_fill::diag::{Sink, SourceId, Span, Text};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A file of fewer bytes has never too many items.
const SMALL: usize = DATA_ITEMS / LIST;

pub(super) fn load(source: SourceId, text: &str, sink: &mut Sink) -> Node {
    let found = if text.len() > SMALL { too_much(text) } else { None };
    let plain = if found.is_none() { toml_plain::load(text) } else { None };
    plain.unwrap_or_else(|| full(source, text, sink))
}

fn full(source: SourceId, text: &str, sink: &mut Sink) -> Node {
    // The crate limits brackets and dotted keys, but not what they come to together; and it recurses.
    if let Some((at, message)) = too_much(text) {
        let span = Span { start: at, end: at + 1 };
        sink.push(fault(source, text, span, message));
        return Node { value: Value::Table(Vec::new()), span };
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0).into();
        sink.push(fault(source, text, span, reason(error.message())));
    }
    let span = root.span().into();
    let mut deep = None;
    let value = table(root.into_inner(), 0, &mut deep);
    if let Some(span) = deep {
        sink.push(fault(source, text, span, text!("data.too-deep")));
    }
    Node { value, span }
}

/// What a list or a table counts for among the items, by the room that it takes.
const LIST: usize = 3;

/// Where brackets and the dots of keys before them come to more levels than twice what a file may have, or where it has
/// more items than one may. Texts and comments do not count.
fn too_much(text: &str) -> Option<(usize, Text)> {
    let mut open: Vec<usize> = Vec::new();
    let (mut levels, mut dots, mut items, mut at) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some(byte) = text.as_bytes().get(at) {
        let rest = &text.as_bytes()[at..];
        let mut step = 1;
        match byte {
            b'"' | b'\'' => step = quoted(rest, *byte),
            b'#' => step = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            b'.' => dots += 1,
            b'=' => items += 1,
            b'[' | b'{' => {
                open.push(dots + 1);
                levels += dots + 1;
                items += LIST;
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
        if levels + dots > 2 * DATA_DEPTH {
            return Some((at, text!("data.too-deep")));
        }
        if items > DATA_ITEMS {
            return Some((at, text!("data.too-large", limit = DATA_ITEMS)));
        }
        at += step;
    }
    None
}

/// How long the text is that begins here; one on a single line ends with it at the latest.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let long = rest.starts_with(&[quote; 3]);
    let mut at = if long { 3 } else { 1 };
    while let Some(byte) = rest.get(at) {
        if *byte == b'\\' && quote == b'"' {
            at += 2;
        } else if long && rest[at..].starts_with(&[quote; 3]) {
            // Up to two quotes may stand before the closing three.
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

/// `deep` becomes the place of what is nested too deeply; it is left out.
fn table(table: DeTable<'_>, depth: usize, deep: &mut Option<Span>) -> Value {
    let mut entries: Vec<Entry> =
        table.into_iter().map(|(key, value)| entry(&key, value, depth, deep)).collect();
    // The crate sorts by key; people and messages go by the file.
    entries.sort_by_key(|entry| entry.key_span);
    Value::Table(entries)
}

fn entry(
    key: &Spanned<DeString<'_>>,
    value: Spanned<DeValue<'_>>,
    depth: usize,
    deep: &mut Option<Span>,
) -> Entry {
    let key_span = key.span().into();
    Entry { key: key.get_ref().to_string(), key_span, node: node(value, depth, deep) }
}

fn node(spanned: Spanned<DeValue<'_>>, depth: usize, deep: &mut Option<Span>) -> Node {
    let span = spanned.span().into();
    let collection = matches!(spanned.get_ref(), DeValue::Array(_) | DeValue::Table(_));
    if collection && depth >= DATA_DEPTH {
        deep.get_or_insert(span);
        return Node { value: Value::Null, span };
    }
    let depth = depth + 1;
    let value = match spanned.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => {
            Value::Number(number.as_str().to_owned())
        }
        DeValue::Integer(number) => Value::Number(other_radix(number.as_str(), number.radix())),
        DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| node(item, depth, deep)).collect())
        }
        DeValue::Table(inner) => table(inner, depth, deep),
    };
    Node { value, span }
}

fn other_radix(digits: &str, radix: u32) -> String {
    i128::from_str_radix(digits, radix).map_or_else(|_| digits.to_owned(), |n| n.to_string())
}

/// The crate's reason in the user's language; rare ones stay in English within a general sentence.
fn reason(message: &str) -> Text {
    let known = |part: &str| message.contains(part);
    if known("duplicate key") {
        text!("data.duplicate")
    } else if known("invalid unquoted key") {
        text!("data.bare-key")
    } else if known("string values must be quoted") || known("missing opening quote") {
        text!("data.unquoted")
    } else if known("missing comma") {
        text!("data.missing-comma")
    } else if known("extra comma") {
        text!("data.extra-comma")
    } else if known("unclosed array") || known("missing array") {
        text!("data.unclosed-list")
    } else if known("unclosed") || known("invalid basic string") || known("invalid multi-line") {
        text!("data.unclosed", reason = message)
    } else if known("missing value") || known("key with no value") {
        text!("data.missing-value")
    } else if known("missing assignment") {
        text!("data.missing-equals")
    } else if known("recurs") {
        text!("data.too-deep")
    } else if known("leading zero") {
        text!("data.leading-zero")
    } else {
        text!("data.toml", reason = message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::Sources;

    fn both(text: &str) -> (Option<Node>, Node, bool) {
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("f", text);
        let node = full(source, text, &mut sink);
        (toml_plain::load(text), node, sink.is_empty())
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
