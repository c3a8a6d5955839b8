//! Owns data files: bytes become a tree in which every key and value keeps its place.
//! Must not know the meaning of keys. Only this module reads file syntaxes.

mod csv;
mod json;
mod json_values;
mod known_keys;
mod number_format;
mod ods;
mod plain_values;
mod records;
mod spreadsheet;
mod text_encoding;
mod toml;
mod toml_fast;
mod toml_slips;
mod workbook;
mod xls;
mod xlsx;
mod xlsx_parts;
mod xml_stream;
mod yaml;

pub use json_values::{KeptValues, json_values};
pub(crate) use known_keys::{FaultRules, KeyNames, KnownKeysReader, matches_key};
pub use plain_values::plain_value;
pub use records::{RecordOptions, SheetRecord, SheetRecords, read_lists};
pub use spreadsheet::{SheetRows, Spreadsheet};
pub(crate) use text_encoding::decode_page;
pub use text_encoding::{ENCODING_RULE, decode_text};
pub use workbook::{CellContent, DataSheet, DataWorkbook, MergedRange, SheetCell, SheetRow};

use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, SourcePlace, Sources, Span};
use docx_fill::slice::TextSlice as _;

/// Rule id of syntax errors.
pub const SYNTAX_RULE: &str = "data-syntax";

/// The syntax of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// TOML 1.0.
    Toml,
    /// JSON, RFC 8259.
    Json,
    /// YAML 1.2.
    Yaml,
}

impl Syntax {
    /// All syntaxes with their file name extension.
    pub const ALL: [(Syntax, &'static str); 4] = [
        (Syntax::Toml, "toml"),
        (Syntax::Json, "json"),
        (Syntax::Yaml, "yaml"),
        (Syntax::Yaml, "yml"),
    ];

    /// Returns the syntax for a file name extension, ignoring case.
    pub fn from_extension(extension: &str) -> Option<Syntax> {
        let found = Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(extension));
        found.map(|(syntax, _)| *syntax)
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct DataNode {
    /// Value of the node.
    pub value: DataValue,
    /// Place of the value in its file.
    pub place: SourcePlace,
}

/// A value as written in the file; numbers keep their digits.
#[derive(Debug, Clone, PartialEq)]
pub enum DataValue {
    /// JSON's null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, with the digits of the file.
    Number(String),
    /// A text.
    Text(String),
    /// A date or time of TOML, as written in the file.
    Date(String),
    /// A list.
    List(Vec<DataNode>),
    /// Keys and values in the file's order.
    Table(Vec<DataEntry>),
    /// A figure that a document does not show where it should be. Whoever looked for it has
    /// reported that.
    Unread,
}

/// The sign that data files hold in the place of a figure that could not be read.
pub const UNREAD_SIGN: &str = "？";

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct DataEntry {
    /// Name of the key.
    pub key: String,
    /// Place of the key in its file.
    pub key_place: SourcePlace,
    /// Value of the key.
    pub node: DataNode,
}

impl DataNode {
    /// Returns the name of the value's kind for messages.
    pub fn kind_name(&self) -> Message {
        match self.value {
            DataValue::Null => msg!("data.kind-null"),
            DataValue::Bool(_) => msg!("data.kind-bool"),
            DataValue::Number(_) => msg!("data.kind-number"),
            DataValue::Text(_) => msg!("data.kind-text"),
            DataValue::Date(_) => msg!("data.kind-date"),
            DataValue::List(_) => msg!("data.kind-list"),
            DataValue::Table(_) => msg!("data.kind-table"),
            DataValue::Unread => msg!("data.kind-unread"),
        }
    }
}

/// Reads a workbook (XLSX, ODS or the old XLS, by its content) and registers its sheets with the sources.
pub fn load_workbook(
    source: SourceId,
    bytes: &[u8],
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<DataWorkbook> {
    spreadsheet::load_workbook(source, bytes, sources, sink)
}

/// Reads a CSV file as a workbook of one sheet.
pub fn load_csv(source: SourceId, name: &str, text: &str, sink: &mut Sink) -> Option<DataWorkbook> {
    spreadsheet::load_csv(source, name, text, sink)
}

/// Reads a data file. Syntax errors go to the sink; whatever could be read is still returned.
pub fn load_data(
    source: SourceId,
    text: &str,
    syntax: Syntax,
    sink: &mut Sink,
) -> Option<DataNode> {
    if text.trim().is_empty() {
        sink.push(Diagnostic::error(SYNTAX_RULE, Location::File(source), msg!("data.empty")));
        return None;
    }
    let blanked = blank_controls(source, text, syntax, sink);
    let text = blanked.as_deref().unwrap_or(text);
    match syntax {
        Syntax::Toml => Some(toml::load_toml(source, text, sink)),
        Syntax::Json => json::load_json(source, text, sink),
        Syntax::Yaml => yaml::load_yaml(source, text, sink),
    }
}

/// Reports the control characters that no syntax allows, and returns the text with blanks in their
/// place, so that the rest is read with the same offsets; `None` if there are none, as in nearly
/// all files.
fn blank_controls(source: SourceId, text: &str, syntax: Syntax, sink: &mut Sink) -> Option<String> {
    let bad = |byte: u8| {
        byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')
            || byte == 0x7F && syntax == Syntax::Toml
    };
    text.bytes().position(bad)?;
    for (start, byte) in text.bytes().enumerate().filter(|(_, byte)| bad(*byte)) {
        let place = Location::text(source, start..start + 1);
        let code = format!("U+{byte:04X}");
        let found = Diagnostic::error(SYNTAX_RULE, place, msg!("data.control", code = code));
        sink.push(found.with_hint(msg!("data.control-hint")));
    }
    Some(text.chars().map(|c| if u8::try_from(c).is_ok_and(bad) { ' ' } else { c }).collect())
}

/// Returns a syntax error at a span. Characters that a Chinese input method produces instead of
/// ASCII ones are named, as they are the usual cause.
fn syntax_error(source: SourceId, text: &str, span: Span, reason: Message) -> Diagnostic {
    let before = text.slice(..floor_char_boundary(text, span.start)).char_indices().next_back();
    let inside = text.slice(floor_char_boundary(text, span.start)..).char_indices().take(2);
    let inside = inside.map(|(at, c)| (at + floor_char_boundary(text, span.start), c));
    let mut near = inside.chain(before);
    let Some((offset, wide, plain)) = near.find_map(|(o, c)| Some((o, c, to_half_width(c)?)))
    else {
        return Diagnostic::error(SYNTAX_RULE, Location::text(source, span), reason);
    };
    let span = Span { start: offset, end: offset + wide.len_utf8() };
    let message = msg!("data.full-width", found = wide, plain = plain);
    Diagnostic::error(SYNTAX_RULE, Location::text(source, span), message)
        .with_hint(msg!("data.full-width-hint"))
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns the ASCII character for a full-width one, for those that a data file needs in ASCII.
pub fn to_half_width(c: char) -> Option<char> {
    match c {
        '“' | '”' | '＂' => Some('"'),
        '‘' | '’' => Some('\''),
        '，' | '、' => Some(','),
        '：' => Some(':'),
        '．' | '。' => Some('.'),
        '－' | '−' | '—' => Some('-'),
        '\u{3000}' => Some(' '),
        '【' => Some('['),
        '】' => Some(']'),
        // The full-width block has a fixed distance from ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::{DiagnosticFormat, Lang, Sources, render_diagnostics};

    fn messages(text: &str, syntax: Syntax) -> String {
        let mut sources = Sources::default();
        let source = sources.add_text("f", text);
        let mut sink = Sink::new();
        load_data(source, text, syntax, &mut sink);
        render_diagnostics(&sink.into_sorted(), &sources, DiagnosticFormat::Short, Lang::En)
    }

    #[test]
    fn full_width_characters_are_named() {
        let out = messages("a = 1\nb = [１, 2]\n", Syntax::Toml);
        assert!(out.contains("f:2:6") && out.contains("“１”") && out.contains("“1”"), "{out}");
        let out = messages("{\"a\"： 1}", Syntax::Json);
        assert!(out.contains("f:1:5"), "{out}");
    }

    #[test]
    fn control_characters_are_named_and_the_rest_is_read() {
        for (syntax, text) in [
            (Syntax::Toml, "a = \"甲\u{1}乙\"\nb = 1\nb = 2\n"),
            (Syntax::Json, "{\"a\": \"乙\u{1}\",\n \"b\": 1,\n\"b\": 2}"),
            (Syntax::Yaml, "a: \"乙乙\u{1}\"\nb: 1\nb: 2\n"),
        ] {
            let out = messages(text, syntax);
            assert!(out.contains("U+0001") && out.contains("f:1:"), "{out}");
            assert!(out.contains("f:3:") && out.lines().count() == 2, "{out}");
        }
        let out = messages("a = \"\u{7f}\"\n", Syntax::Toml);
        assert!(out.contains("f:1:6") && out.contains("U+007F"), "{out}");
        assert_eq!(messages("{\"a\": \"\u{7f}\"}", Syntax::Json), "");
    }

    #[test]
    fn what_is_no_number_is_named() {
        for word in ["NaN", "Infinity", "-Infinity"] {
            let out = messages(&format!("{{\"a\": 1,\n\"b\": [0, {word}]}}"), Syntax::Json);
            assert!(out.contains("f:2:10") && out.contains(word), "{out}");
        }
    }

    #[test]
    fn all_syntaxes_give_the_same_tree() {
        let mut sink = Sink::new();
        let mut sources = Sources::default();
        let toml = "year = 2025\nb = [1, -2.50, \"x\"]\n[c]\nd = true\n";
        let json = r#"{"year": 2025, "b": [1, -2.50, "x"], "c": {"d": true}}"#;
        let yaml = "year: 2025\nb: [1, -2.50, x]\nc:\n  d: true\n";
        let a =
            load_data(sources.add_text("a", toml), toml, Syntax::Toml, &mut sink).expect("toml");
        let b =
            load_data(sources.add_text("b", json), json, Syntax::Json, &mut sink).expect("json");
        let c =
            load_data(sources.add_text("c", yaml), yaml, Syntax::Yaml, &mut sink).expect("yaml");
        assert!(sink.is_empty());
        assert_eq!(strip(&a), strip(&b));
        assert_eq!(strip(&a), strip(&c));
    }

    fn strip(node: &DataNode) -> String {
        match &node.value {
            DataValue::List(items) => format!("{:?}", items.iter().map(strip).collect::<Vec<_>>()),
            DataValue::Table(entries) => format!(
                "{:?}",
                entries.iter().map(|e| (e.key.clone(), strip(&e.node))).collect::<Vec<_>>()
            ),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn hostile_files_end_in_a_message() {
        for text in
            ["[".repeat(100_000), "{\"a\":".repeat(100_000), "a = ".to_owned() + &"[".repeat(9999)]
        {
            for (syntax, _) in Syntax::ALL {
                // In YAML the last of them is a long word.
                let word = syntax == Syntax::Yaml && text.starts_with('a');
                assert!(word || !messages(&text, syntax).is_empty());
            }
        }
    }
}
