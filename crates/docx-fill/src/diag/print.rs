//! Owns printing findings: for people with a source excerpt, as one short line, as JSON or as SARIF.
//! Must not know any rule, nor where the text is written: it returns strings.

use super::location::describe_with_file;
use super::{
    Diagnostic, Lang, Location, Severity, SourceId, SourcePlace, Sources, Span, WordLocation,
    sarif, show_hidden,
};
use crate::diag::msg;
use crate::slice::TextSlice as _;
use serde_json::{Value, json};
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The output format of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiagnosticFormat {
    /// For people: with a source excerpt, the place underlined, and hints.
    #[default]
    Human,
    /// One line: location (file, line, column), severity, rule, message.
    Short,
    /// One JSON object per line.
    Json,
    /// One SARIF 2.1.0 log with all findings.
    Sarif,
}

/// Prints findings, each followed by a line break.
pub fn render_diagnostics(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: DiagnosticFormat,
    lang: Lang,
) -> String {
    let mut out = String::new();
    if format == DiagnosticFormat::Sarif {
        let results = sarif::to_results(diagnostics, sources, lang);
        return sarif::format_log(
            sarif::SarifTool::LIBRARY,
            &results,
            &|_| None,
            &serde_json::Map::new(),
        );
    }
    for diagnostic in diagnostics {
        match format {
            DiagnosticFormat::Human => write_human(&mut out, diagnostic, sources, lang),
            DiagnosticFormat::Short => {
                out.push_str(&format_short(diagnostic, sources, lang));
                out.push('\n');
            }
            DiagnosticFormat::Json => {
                out.push_str(&to_json(diagnostic, sources, lang).to_string());
                out.push('\n');
            }
            DiagnosticFormat::Sarif => {}
        }
    }
    out
}

/// Returns the closing line with the numbers of errors, warnings and remarks.
pub fn summary_line(diagnostics: &[Diagnostic], lang: Lang) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    summary_of_counts(count(Severity::Error), count(Severity::Warning), count(Severity::Info), lang)
}

/// Returns the closing line for given numbers of findings.
pub fn summary_of_counts(errors: usize, warnings: usize, remarks: usize, lang: Lang) -> String {
    msg!("print.count", errors = errors, warnings = warnings, remarks = remarks).in_lang(lang)
}

/// Returns the name of a severity for people.
pub fn severity_label(severity: Severity, lang: Lang) -> String {
    match severity {
        Severity::Error => msg!("print.error"),
        Severity::Warning => msg!("print.warning"),
        Severity::Info => msg!("print.remark"),
    }
    .in_lang(lang)
}

fn format_short(diagnostic: &Diagnostic, sources: &Sources, lang: Lang) -> String {
    let place = describe_with_file(&diagnostic.location, sources, lang);
    let colon = if place.is_empty() { "" } else { ": " };
    format!(
        "{place}{colon}{}[{}]: {}",
        severity_label(diagnostic.severity, lang),
        show_hidden(&diagnostic.rule),
        diagnostic.message.in_lang(lang)
    )
}

fn write_human(out: &mut String, diagnostic: &Diagnostic, sources: &Sources, lang: Lang) {
    let severity = severity_label(diagnostic.severity, lang);
    let message = diagnostic.message.in_lang(lang);
    let _ = writeln!(out, "{severity}[{}]: {message}", show_hidden(&diagnostic.rule));
    let place = describe_with_file(&diagnostic.location, sources, lang);
    if !place.is_empty() {
        let _ = writeln!(out, "  --> {place}");
    }
    if let Location::At(source, place) = diagnostic.location {
        write_excerpt(out, sources, source, place);
    }
    for (place, label) in &diagnostic.labels {
        let words = describe_with_file(place, sources, lang);
        let colon = if words.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "   = {words}{colon}{}", label.in_lang(lang));
    }
    for hint in &diagnostic.hints {
        let _ = writeln!(out, "   = {}{}", msg!("print.hint").in_lang(lang), hint.in_lang(lang));
    }
    out.push('\n');
}

/// Maximum width of a source excerpt, in terminal columns.
const EXCERPT_WIDTH: usize = 90;

/// Bytes on each side of a place that are examined for the excerpt.
const EXCERPT_CONTEXT: usize = 2_000;

/// Writes the source line with the place underlined; wide characters count as two columns.
fn write_excerpt(out: &mut String, sources: &Sources, source: SourceId, place: SourcePlace) {
    let Some(span) = place.bytes() else { return };
    let Some((text, begin)) = sources.text_around(source, span.start) else { return };
    let Some((line, _)) = sources.line_column(source, span.start) else { return };
    let within = |at: usize| at.saturating_sub(begin);
    let span = Span { start: within(span.start), end: within(span.end) };
    // In very long lines, only the part that may be shown is searched for line ends.
    let (near, far) = (
        floor_char_boundary(text, span.start.saturating_sub(EXCERPT_CONTEXT)),
        floor_char_boundary(text, span.start + 2 * EXCERPT_CONTEXT),
    );
    let before = text.slice(near..floor_char_boundary(text, span.start));
    let start = before.rfind('\n').map_or(near, |at| near + at + 1);
    let end = line_end(text.slice(..far), start);
    let from = floor_char_boundary(text, span.start).min(end);
    let to = floor_char_boundary(text, span.end.max(from).min(end));
    // In very long lines, only the part that may be shown is used.
    let to = floor_char_boundary(text, to.max(from).min(from + EXCERPT_CONTEXT));
    let start = start.max(floor_char_boundary(text, from.saturating_sub(EXCERPT_CONTEXT)));
    let end = end.min(floor_char_boundary(text, to + EXCERPT_CONTEXT)).max(to);
    let shown = |part: &str| show_hidden(part).replace('\t', "    ");
    let (before, marked, after) =
        (shown(text.slice(start..from)), shown(text.slice(from..to)), shown(text.slice(to..end)));
    let (before, after) = clip_around(&before, &marked, after.trim_end());
    // Line numbers of a Word document mean nothing to people.
    let is_word = matches!(place, SourcePlace::Words(_));
    let number = if is_word { String::new() } else { line.to_string() };
    let gutter = " ".repeat(number.len());
    let caret = "^".repeat(marked.width().clamp(1, EXCERPT_WIDTH));
    let indent = " ".repeat(before.width());
    let marked = take_width(&marked, EXCERPT_WIDTH);
    let _ =
        writeln!(out, "{gutter} |\n{number} | {before}{marked}{after}\n{gutter} | {indent}{caret}");
}

/// Returns the end of the line that begins at a position, before its CR and LF.
fn line_end(text: &str, start: usize) -> usize {
    let Some(length) = text.slice(start..).find('\n') else { return text.len() };
    start + text.slice(start..start + length).strip_suffix('\r').map_or(length, str::len)
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Shortens a long line around the marked part.
fn clip_around(before: &str, marked: &str, after: &str) -> (String, String) {
    let room = EXCERPT_WIDTH.saturating_sub(marked.width()).max(20);
    let before_room = room.saturating_sub(after.width().min(room / 2));
    let before = if before.width() > before_room {
        let tail: String = before.chars().rev().collect();
        let tail: String = take_width(&tail, before_room).chars().rev().collect();
        format!("…{tail}")
    } else {
        before.to_owned()
    };
    let after_room = room.saturating_sub(before.width());
    let after = if after.width() > after_room {
        format!("{}…", take_width(after, after_room))
    } else {
        after.to_owned()
    };
    (before, after)
}

fn take_width(text: &str, width: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

fn to_json(diagnostic: &Diagnostic, sources: &Sources, lang: Lang) -> Value {
    let (mut line_column, mut sheet_cell, mut word) = (None, None, Value::Null);
    match &diagnostic.location {
        Location::At(source, SourcePlace::Text(bytes)) => {
            line_column = sources.line_column(*source, bytes.start);
        }
        Location::At(source, SourcePlace::Cell(cell)) => {
            sheet_cell = sources.sheet_cell(*source, *cell);
        }
        Location::At(source, SourcePlace::Words(words)) => {
            let spot = sources.word_anchor(*source, *words);
            word = spot.map_or(Value::Null, |spot| word_location_json(&spot.location));
        }
        Location::Word(_, place) => word = word_location_json(place),
        Location::At(_, SourcePlace::Generated(_)) | Location::File(_) | Location::Nowhere => {}
    }
    let ((line, column), (sheet, sheet_cell)) = (line_column.unzip(), sheet_cell.unzip());
    let cell = diagnostic.cell.as_ref();
    let side = |side: Option<&String>| side.map_or(Value::Null, |text| to_json_number(text));
    let hints: Vec<_> = diagnostic.hints.iter().map(|hint| hint.in_lang(lang)).collect();
    show_hidden_in(json!({
        "rule": diagnostic.rule,
        "severity": diagnostic.severity.as_str(),
        "file": diagnostic.location.source().map(|id| sources.name(id)),
        "line": line,
        "column": column,
        "sheet": sheet,
        "cell": sheet_cell,
        "word": word,
        "table": cell.map(|c| &c.table),
        "row": cell.and_then(|c| c.row.as_ref()),
        "col": cell.and_then(|c| c.col.as_ref()),
        "left": side(diagnostic.sides.as_ref().map(|s| &s.0)),
        "right": side(diagnostic.sides.as_ref().map(|s| &s.1)),
        "message": diagnostic.message.in_lang(lang),
        "hint": if hints.is_empty() { Value::Null } else { Value::String(hints.join(" ")) },
        "lang": lang.tag(),
    }))
}

/// Returns a JSON value with hidden characters in its strings made visible, for readers that print them.
fn show_hidden_in(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(show_hidden(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(show_hidden_in).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, show_hidden_in(value))).collect()
        }
        other => other,
    }
}

fn word_location_json(place: &WordLocation) -> Value {
    let (table, row, column) = place.cells.last().copied().unzip_triple();
    json!({
        "part": place.part, "table": table, "row": row, "column": column,
        "paragraph": place.paragraph, "excerpt": place.excerpt,
    })
}

/// Splits an optional triple.
trait UnzipTriple {
    fn unzip_triple(self) -> (Option<u32>, Option<u32>, Option<u32>);
}

impl UnzipTriple for Option<(u32, u32, u32)> {
    fn unzip_triple(self) -> (Option<u32>, Option<u32>, Option<u32>) {
        match self {
            Some((a, b, c)) => (Some(a), Some(b), Some(c)),
            None => (None, None, None),
        }
    }
}

/// Converts a decimal string to a JSON number; a string if it has more digits than JSON readers keep.
fn to_json_number(text: &str) -> Value {
    let exact = text.bytes().filter(u8::is_ascii_digit).count() <= 15;
    let number = serde_json::from_str::<serde_json::Number>(text).ok().filter(|_| exact);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_underline_stands_below_wide_characters() {
        let mut sources = Sources::default();
        let source = sources.add_text("a.toml", "规章 = { 本年 = x }\n");
        let at = "规章 = { 本年 = ".len();
        let place = Location::text(source, at..at + 1);
        let found = Diagnostic::error("x", place, msg!("template.empty"));
        let out = render_diagnostics(&[found], &sources, DiagnosticFormat::Human, Lang::Zh);
        let lines: Vec<_> = out.lines().collect();
        let column = lines[3].find('x').map(|at| lines[3][..at].width());
        assert_eq!(column, lines[4].find('^'));
        assert!(lines[1].ends_with("a.toml:1:13"), "{out}");
    }

    #[test]
    fn the_underline_stands_below_signs() {
        let mut sources = Sources::default();
        let line = "\u{202e}甲\u{1b}[31m = \u{9b}x\u{200b}y\r";
        let source = sources.add_text("a\nb.toml", format!("\t{line}\r\n"));
        let start = "\t".len() + line.find('\u{9b}').expect("there");
        let place = Location::text(source, start..start + "\u{9b}x\u{200b}".len());
        let found = Diagnostic::error("x", place, msg!("template.empty"));
        let out = render_diagnostics(&[found], &sources, DiagnosticFormat::Human, Lang::Zh);
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines[1], "  --> a␊b.toml:1:12");
        assert_eq!(lines[3], "1 |     \\u{202E}甲␛[31m = \\u{9B}x\\u{200B}y␍");
        let column = lines[3].find("\\u{9B}").map(|at| lines[3][..at].width());
        assert_eq!(column, lines[4].find('^'));
        assert_eq!(lines[4].trim_matches([' ', '|']), "^".repeat("\\u{9B}x\\u{200B}".len()));
    }

    #[test]
    fn an_excerpt_ends_with_its_line() {
        let mut sources = Sources::default();
        let text = "甲 = 1\r\n乙 = 2";
        let source = sources.add_text("a.toml", text);
        for at in 0..=text.len() {
            let place = Location::text(source, at..text.len());
            let found = Diagnostic::error("x", place, msg!("template.empty"));
            let out = render_diagnostics(&[found], &sources, DiagnosticFormat::Human, Lang::Zh);
            let lines: Vec<_> = out.lines().collect();
            assert!(["1 | 甲 = 1", "2 | 乙 = 2"].contains(&lines[3]), "{at}: {out}");
        }
    }

    #[test]
    fn a_workbook_shows_sheet_and_cell() {
        let mut sources = Sources::default();
        let source = sources.add_binary("report.xlsx");
        sources.set_sheet_names(source, vec!["表二".to_owned(), "表三".to_owned()]);
        let cell = super::super::SheetLocation { sheet: 1, row: 6, column: 3 };
        let place = SourcePlace::Cell(cell).in_source(source);
        let found = Diagnostic::error("x", place, msg!("template.empty"));
        let out = render_diagnostics(
            std::slice::from_ref(&found),
            &sources,
            DiagnosticFormat::Short,
            Lang::En,
        );
        assert!(out.starts_with("report.xlsx: 表三!D7: "), "{out}");
        let out = render_diagnostics(&[found], &sources, DiagnosticFormat::Json, Lang::En);
        let value: Value = serde_json::from_str(&out).expect("one JSON object");
        assert_eq!((&value["sheet"], &value["cell"]), (&json!("表三"), &json!("D7")));
        assert_eq!(value["line"], Value::Null);
    }

    #[test]
    fn json_has_every_key_of_the_published_shape() {
        let found = Diagnostic::error("x", Location::Nowhere, msg!("template.empty"));
        let out =
            render_diagnostics(&[found], &Sources::default(), DiagnosticFormat::Json, Lang::En);
        let value: Value = serde_json::from_str(&out).expect("one JSON object");
        for key in [
            "rule", "severity", "file", "line", "column", "sheet", "cell", "word", "table", "row",
            "col", "left", "right", "message", "hint", "lang",
        ] {
            assert!(value.get(key).is_some(), "{key}");
        }
    }
}
