//! Owns the values of a letterhead for one report: texts filled in, defaults for omitted ones.
//! Must not know the layout of a letterhead.

use super::{Imprint, Letterhead, LetterheadText, Seal};
use crate::report::{Date, Report};
use docx_fill::diag::{Diagnostic, Sink, Sources};
use docx_fill::template::text::{self as quotes, TextOptions, TextProblem};
use serde_json::{Value, json};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Name under which the report itself is inserted into a Word letterhead.
pub const REPORT_DOCUMENT: &str = "report.docx";
/// Prefix of the paths of a letterhead's pictures, which distinguishes them from pictures of the
/// report.
pub const PICTURES: &str = "letterhead/";

/// Placeholder for a date to be written by hand.
const BLANK_DATE: &str = "　　年　月　日";
/// Number of lines above the mark, for copy number, secrecy and urgency (GB/T 9704—2012, clause
/// 7.2).
const CORNER_LINES: usize = 3;

impl Letterhead {
    /// Returns the data for templates: texts filled in, dates in words.
    pub fn to_value(&self, report: &Report, sources: &Sources, sink: &mut Sink) -> Value {
        let values = Value::Object(report.to_values(false));
        let mut filler = LetterheadFiller { data: &values, sources, sink };
        let organ = &report.organ.name;
        let signature = filler.fill_or(self.signature.as_ref(), organ);
        let date = self.date.or(report.date);
        let seal = match &self.seal {
            Some(Seal::Picture(path)) => path.text.as_str(),
            _ => "",
        };
        let sealed = self.seal != Some(Seal::None);
        let imprint =
            self.imprint.as_ref().map(|imprint| filler.fill_imprint(imprint, &signature, date));
        let day = date_words(date);
        let corner = self.corner_lines(&mut filler);
        json!({
            "mark": filler.fill_or(self.mark.as_ref(), &format!("{organ}文件")),
            "number": filler.fill_or(self.number.as_ref(), ""),
            "signatory": filler.fill_or(self.signatory.as_ref(), ""),
            "corner": corner.join("\n"),
            // Word drops an empty last line of a paragraph, so there each line is a paragraph.
            "corner-lines": corner,
            "rule": self.rule.unwrap_or(true),
            "logo": picture_path("logo", self.logo.as_ref().map_or("", |logo| logo.text.as_str())),
            "seal": picture_path("seal", seal),
            "sealed": sealed,
            "signature": &signature,
            "date": &day,
            // Without a seal the date begins two characters to the right of the name (clause
            // 7.3.5.2).
            "signature-line": pad_signature_line(&signature, day.width() + 4, sealed),
            "date-line": pad_signature_line(&day, signature.width().saturating_sub(4), sealed),
            "imprint": imprint,
        })
    }

    /// Returns the suffix of file names.
    pub fn filled_suffix(
        &self,
        report: &Report,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Option<String> {
        let data = Value::Object(report.to_values(false));
        self.suffix
            .as_ref()
            .map(|words| LetterheadFiller { data: &data, sources, sink }.fill_words(words))
    }

    /// Returns the lines in the upper left corner, always the same number.
    fn corner_lines(&self, filler: &mut LetterheadFiller<'_>) -> Vec<String> {
        let given = [&self.copy, &self.secrecy, &self.urgency];
        let mut lines: Vec<String> =
            given.into_iter().flatten().map(|words| filler.fill_words(words)).collect();
        lines.retain(|line| !line.is_empty());
        lines.resize(CORNER_LINES, String::new());
        lines
    }
}

struct LetterheadFiller<'a> {
    data: &'a Value,
    sources: &'a Sources,
    sink: &'a mut Sink,
}

impl LetterheadFiller<'_> {
    fn fill_or(&mut self, words: Option<&LetterheadText>, left_out: &str) -> String {
        words.map_or_else(|| left_out.to_owned(), |words| self.fill_words(words))
    }

    /// Returns a text with its quotes filled in.
    fn fill_words(&mut self, words: &LetterheadText) -> String {
        let written = self.sources.text(words.source).unwrap_or_default();
        let value = words
            .place
            .bytes()
            .and_then(|bytes| Some((bytes.start, written.get(bytes.start..bytes.end)?)));
        let start = value.and_then(|(start, value)| Some(start + value.find(&words.text)?));
        let sink = &mut *self.sink;
        let mut problem = |problem: TextProblem| {
            // If the file writes the value with escapes, the place is that of the whole value.
            let place = start.map_or(words.place, |start| {
                let range = start + problem.range.start..start + problem.range.end;
                words.place.with_bytes(range.into())
            });
            let place = place.in_source(words.source);
            let mut found = Diagnostic::new("letterhead", problem.severity, place, problem.message);
            found.hints = problem.hints;
            sink.push(found);
        };
        quotes::render_text(
            &words.text,
            self.data,
            keep_plain,
            TextOptions::default(),
            &mut problem,
        )
    }

    fn fill_imprint(&mut self, imprint: &Imprint, organ: &str, date: Option<Date>) -> Value {
        let copies = self.fill_or(imprint.copies.as_ref(), "");
        let ended = copies.is_empty() || copies.ends_with('。');
        json!({
            "copies": if ended { copies } else { format!("{copies}。") },
            "organ": self.fill_or(imprint.organ.as_ref(), organ),
            "date": date_words(imprint.date.or(date)),
        })
    }
}

fn keep_plain(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn picture_path(role: &str, path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{PICTURES}{}", picture_name(role, path)) }
}

/// Returns the name under which a picture of the letterhead is found.
pub(super) fn picture_name(role: &str, path: &str) -> String {
    format!("{role}/{path}")
}

/// Returns a date in words, or the placeholder.
fn date_words(date: Option<Date>) -> String {
    date.map_or_else(|| BLANK_DATE.to_owned(), Date::in_words)
}

/// Returns a line of a signature without a seal. Both lines end two characters before the right
/// edge, so the shorter one is padded to `width` half-width characters with quarter-width no-break
/// spaces.
fn pad_signature_line(line: &str, width: usize, sealed: bool) -> String {
    let room = if sealed { 0 } else { width.saturating_sub(line.width()) };
    format!("{line}{}", "\u{a0}".repeat(2 * room))
}
