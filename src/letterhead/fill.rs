//! Owns what templates get of a letterhead for one report: every value filled in, what was left out put in.
//! Must not know how a template draws it.

use super::{Imprint, Letterhead, Seal, Words};
use crate::report::{Date, Report};
use docx_fill::diag::{Diagnostic, Place, Sink, Sources, Span};
use docx_fill::template::text::{self as quotes, TextOptions, TextProblem};
use serde_json::{Value, json};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Under this name the report itself is inserted into a Word letterhead.
pub const DOCUMENT: &str = "report.docx";
/// Before the paths of a letterhead's pictures, so that they are never taken for pictures of the report.
pub const PICTURES: &str = "letterhead/";

/// What stands for a date that is still to be written by hand.
const NO_DATE: &str = "　　年　月　日";
/// Lines above the mark, for the number of the copy, secrecy and urgency (GB/T 9704—2012, clause 7.2).
const CORNER_LINES: usize = 3;

impl Letterhead {
    /// The data for templates: texts filled, dates in words.
    pub fn value(&self, report: &Report, sources: &Sources, sink: &mut Sink) -> Value {
        let values = Value::Object(report.values(false));
        let mut filler = Filler { data: &values, sources, sink };
        let organ = &report.organ.name;
        let signature = filler.or(self.signature.as_ref(), organ);
        let date = self.date.or(report.date);
        let seal = match &self.seal {
            Some(Seal::Picture(path)) => path.text.as_str(),
            _ => "",
        };
        let sealed = self.seal != Some(Seal::None);
        let imprint =
            self.imprint.as_ref().map(|imprint| filler.imprint(imprint, &signature, date));
        let day = words(date);
        let corner = self.corner(&mut filler);
        json!({
            "mark": filler.or(self.mark.as_ref(), &format!("{organ}文件")),
            "number": filler.or(self.number.as_ref(), ""),
            "signatory": filler.or(self.signatory.as_ref(), ""),
            "corner": corner.join("\n"),
            // Word drops an empty last line of a paragraph: there each line is a paragraph.
            "corner-lines": corner,
            "rule": self.rule.unwrap_or(true),
            "logo": picture("logo", self.logo.as_ref().map_or("", |logo| logo.text.as_str())),
            "seal": picture("seal", seal),
            "sealed": sealed,
            "signature": &signature,
            "date": &day,
            // Without a seal the date begins two characters right of the name (clause 7.3.5.2).
            "signature-line": padded(&signature, day.width() + 4, sealed),
            "date-line": padded(&day, signature.width().saturating_sub(4), sealed),
            "imprint": imprint,
        })
    }

    /// What file names get at their end.
    pub fn suffix(&self, report: &Report, sources: &Sources, sink: &mut Sink) -> Option<String> {
        let data = Value::Object(report.values(false));
        self.suffix.as_ref().map(|words| Filler { data: &data, sources, sink }.fill(words))
    }

    /// The lines in the upper left corner, always as many.
    fn corner(&self, filler: &mut Filler<'_>) -> Vec<String> {
        let given = [&self.copy, &self.secrecy, &self.urgency];
        let mut lines: Vec<String> =
            given.into_iter().flatten().map(|words| filler.fill(words)).collect();
        lines.retain(|line| !line.is_empty());
        lines.resize(CORNER_LINES, String::new());
        lines
    }
}

struct Filler<'a> {
    data: &'a Value,
    sources: &'a Sources,
    sink: &'a mut Sink,
}

impl Filler<'_> {
    fn or(&mut self, words: Option<&Words>, left_out: &str) -> String {
        words.map_or_else(|| left_out.to_owned(), |words| self.fill(words))
    }

    /// Words with their quotes filled in.
    fn fill(&mut self, words: &Words) -> String {
        let written = self.sources.text(words.source).unwrap_or_default();
        let start = written
            .get(words.span.start..words.span.end)
            .and_then(|value| value.find(&words.text))
            .map(|at| words.span.start + at);
        let sink = &mut *self.sink;
        let mut problem = |problem: TextProblem| {
            // Where the file writes the value in another way, the whole value is the place.
            let span = start.map_or(words.span, |start| Span {
                start: start + problem.range.start,
                end: start + problem.range.end,
            });
            let place = Place::Text(words.source, span);
            let mut found = Diagnostic::new("letterhead", problem.severity, place, problem.message);
            found.hints = problem.hints;
            sink.push(found);
        };
        quotes::render(&words.text, self.data, plain, TextOptions::default(), &mut problem)
    }

    fn imprint(&mut self, imprint: &Imprint, organ: &str, date: Option<Date>) -> Value {
        let copies = self.or(imprint.copies.as_ref(), "");
        let ended = copies.is_empty() || copies.ends_with('。');
        json!({
            "copies": if ended { copies } else { format!("{copies}。") },
            "organ": self.or(imprint.organ.as_ref(), organ),
            "date": words(imprint.date.or(date)),
        })
    }
}

fn plain(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn picture(role: &str, path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{PICTURES}{}", name(role, path)) }
}

/// The name of a picture among those of a letterhead.
pub(super) fn name(role: &str, path: &str) -> String {
    format!("{role}/{path}")
}

/// 2026年1月20日, or room for it.
fn words(date: Option<Date>) -> String {
    match date {
        Some(Date { year, month, day }) => format!("{year}年{month}月{day}日"),
        None => NO_DATE.to_owned(),
    }
}

/// A line of a signature without a seal. Both lines end two characters before the right edge, so the
/// shorter one is filled up to a width in half characters, with no-break spaces of a quarter.
fn padded(line: &str, width: usize, sealed: bool) -> String {
    let room = if sealed { 0 } else { width.saturating_sub(line.width()) };
    format!("{line}{}", "\u{a0}".repeat(2 * room))
}
