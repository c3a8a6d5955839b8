//! Owns what the program says about a user's files: sources, places, diagnostics and the sink that
//! collects them.
//! Must not know what is read or written, nor where a message is printed.

mod catalogue;
mod hidden_chars;
mod location;
mod message;
mod print;
mod problem;
pub mod sarif;
mod sheet_location;

pub use catalogue::Catalogue;
pub use hidden_chars::{
    escape_hidden_json, escape_hidden_quoted, is_hidden, show_hidden, show_hidden_lines,
};
pub use location::describe_location;
pub use message::{Lang, Message, MessageArg};
pub use print::{
    DiagnosticFormat, render_diagnostics, severity_label, summary_line, summary_of_counts,
};
pub(crate) use problem::Problem;
pub use problem::nearest_name;
pub use sheet_location::{MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, SheetLocation, column_letters};

use crate::slice::TextSlice as _;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The messages of this crate.
pub static CATALOGUE: Catalogue =
    Catalogue::new("docx-fill", include_str!("zh.toml"), include_str!("en.toml"));

/// Makes a [`Text`]: a message id of this crate's catalogue and its named arguments.
macro_rules! msg {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::diag::Message::new(
            &$crate::diag::CATALOGUE,
            $id,
            vec![$((stringify!($name), $crate::diag::MessageArg::from($value))),*],
        )
    };
}
pub(crate) use msg;

/// How grave a finding is; orders from the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The report cannot be handed in like this.
    Error,
    /// Probably wrong; a person has to look.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// One step less grave; a remark stays one.
    #[must_use]
    pub fn downgraded(self) -> Severity {
        match self {
            Severity::Error => Severity::Warning,
            Severity::Warning | Severity::Info => Severity::Info,
        }
    }

    /// The word of the JSON output: `error`, `warning` or `remark`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "remark",
        }
    }
}

/// Number of a source within [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// The files that diagnostics point into, with their text where they have one.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Debug, Clone, Default)]
struct SourceFile {
    name: String,
    text: Option<Arc<str>>,
    /// The names of its sheets, if it is a workbook.
    sheets: Vec<String>,
    /// Where its lines begin, once that was asked for.
    line_starts: OnceLock<Vec<usize>>,
    /// How many characters begin before each block of bytes, once a place far within a line was asked for.
    chars_before_block: OnceLock<Vec<usize>>,
    /// What the spans of its text stand for, by their beginning, if it is a Word document.
    anchors: Vec<(usize, WordAnchor)>,
}

/// Bytes of a text that are counted as one block.
const BLOCK_BYTES: usize = 1 << 16;

impl SourceFile {
    /// How many characters a piece of the text has; both ends are boundaries. Of a line of megabytes with thousands
    /// of findings every block is counted once.
    fn count_chars(&self, text: &str, piece: Range<usize>) -> usize {
        if piece.len() <= 2 * BLOCK_BYTES {
            return text.slice(piece).chars().count();
        }
        // The first byte of a character is none that goes on.
        let begin = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let counts = self.chars_before_block.get_or_init(|| {
            let blocks = text.as_bytes().chunks(BLOCK_BYTES);
            let sums = blocks.scan(0, |sum, block| {
                let before = *sum;
                *sum += begin(block);
                Some(before)
            });
            sums.collect()
        });
        let before = |at: usize| {
            let block = at / BLOCK_BYTES;
            let within = text.as_bytes().get(block * BLOCK_BYTES..at).unwrap_or_default();
            counts.get(block).copied().unwrap_or(0) + begin(within)
        };
        before(piece.end).saturating_sub(before(piece.start))
    }
}

impl Sources {
    /// Registers a text file under the name that messages show.
    pub fn add_text(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.add_file(SourceFile {
            name: name.into(),
            text: Some(text.into()),
            ..SourceFile::default()
        })
    }

    /// Registers a file without lines (a Word document, a folder).
    pub fn add_binary(&mut self, name: impl Into<String>) -> SourceId {
        self.add_file(SourceFile { name: name.into(), ..SourceFile::default() })
    }

    /// Says that a file without lines is a workbook with these sheets: its spans stand for cells.
    pub fn set_sheet_names(&mut self, id: SourceId, sheets: Vec<String>) {
        self.files[id.0 as usize].sheets = sheets;
    }

    /// Says that a file is a Word document: a text that stands for it, and which place of the document each
    /// part of the text stands for, in the order of the text.
    pub fn set_word_anchors(
        &mut self,
        id: SourceId,
        text: String,
        spots: Vec<(usize, WordAnchor)>,
    ) {
        let file = &mut self.files[id.0 as usize];
        file.text = Some(text.into());
        file.anchors = spots;
    }

    /// The place in a Word document that a span stands for.
    pub fn word_anchor(&self, id: SourceId, span: Span) -> Option<&WordAnchor> {
        let spots = &self.files[id.0 as usize].anchors;
        let after = spots.partition_point(|(start, _)| *start <= span.start);
        Some(&spots.get(after.checked_sub(1)?)?.1)
    }

    /// Sheet and cell (`D7`) of a span, if the source is a workbook.
    pub fn sheet_cell(&self, id: SourceId, span: Span) -> Option<(&str, String)> {
        let place = SheetLocation::from_span(span);
        let sheet = self.files[id.0 as usize].sheets.get(place.sheet)?;
        Some((sheet, place.a1_name()))
    }

    fn add_file(&mut self, file: SourceFile) -> SourceId {
        let id = u32::try_from(self.files.len()).expect("fewer than 2^32 sources");
        self.files.push(file);
        SourceId(id)
    }

    /// Drops the text of a file about which nothing more will be said.
    pub fn drop_text(&mut self, id: SourceId) {
        let file = &mut self.files[id.0 as usize];
        file.text = None;
        (file.line_starts, file.chars_before_block) = (OnceLock::new(), OnceLock::new());
    }

    /// Gives a file that is about to be written its text.
    pub fn set_text(&mut self, id: SourceId, text: &str) {
        let file = &mut self.files[id.0 as usize];
        file.text = Some(text.into());
        file.line_starts = OnceLock::new();
    }

    /// The same files under other names.
    #[must_use]
    pub fn map_names(&self, name: &dyn Fn(&str) -> String) -> Sources {
        let mut out = self.clone();
        for file in &mut out.files {
            file.name = name(&file.name);
        }
        out
    }

    /// The name that messages show.
    pub fn name(&self, id: SourceId) -> &str {
        &self.files[id.0 as usize].name
    }

    /// The text, if the source is a text file.
    pub fn text(&self, id: SourceId) -> Option<&str> {
        self.files[id.0 as usize].text.as_deref()
    }

    /// Line and column of a byte offset in a file that people read as lines, both from 1, the column in characters as an editor counts.
    pub fn line_column(&self, id: SourceId, offset: usize) -> Option<(usize, usize)> {
        let text = self.text(id)?;
        let offset = text.floor_char_boundary(offset);
        let file = &self.files[id.0 as usize];
        let lines = file.line_starts.get_or_init(|| {
            let ends = text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(ends).collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        Some((line, file.count_chars(text, lines[line - 1]..offset) + 1))
    }
}

/// Where in a Word document something stands, counted from 1 as a reader counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WordLocation {
    /// Part name within the package, for instance `word/document.xml`.
    pub part: String,
    /// The enclosing tables from the outermost: table, row, cell.
    pub cells: Vec<(u32, u32, u32)>,
    /// Paragraph within the cell, or within the part where there is no table.
    pub paragraph: u32,
    /// The words around the place.
    pub excerpt: String,
}

/// A place in a Word document with what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordAnchor {
    /// What stands there in official words, such as a cell of the form.
    pub name: String,
    /// Where it is.
    pub location: WordLocation,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// In no file.
    Nowhere,
    /// Somewhere in a file.
    File(SourceId),
    /// A byte range of a text file, a cell of a workbook (see [`SheetPlace`]), or what the span of a Word
    /// document stands for (see [`Sources::word_spot`]).
    Span(SourceId, Span),
    /// A place in a Word document.
    Word(SourceId, WordLocation),
}

/// A byte range; unlike [`Range`] it is ordered and can be copied. In a workbook it stands for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Span { start: range.start, end: range.end }
    }
}

impl Location {
    /// The file, if the place is in one.
    pub fn source(&self) -> Option<SourceId> {
        match self {
            Location::Nowhere => None,
            Location::File(id) | Location::Span(id, _) | Location::Word(id, _) => Some(*id),
        }
    }
}

/// The cell of the official form that a finding is about, by the ids of the form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CellRef {
    /// Table id.
    pub table: String,
    /// Row id, where the finding is about one row.
    pub row: Option<String>,
    /// Column id, where the finding is about one column.
    pub col: Option<String>,
}

/// One finding in a user's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Public id of the rule, for instance `row-sum`.
    pub rule: Cow<'static, str>,
    /// How grave it is.
    pub severity: Severity,
    /// The one guilty place.
    pub location: Location,
    /// What is and what was expected.
    pub message: Message,
    /// Further places that belong to it, such as the addends of a sum.
    pub labels: Vec<(Location, Message)>,
    /// What to do about it.
    pub hints: Vec<Message>,
    /// The cell of the official form, where it is about one.
    pub cell: Option<CellRef>,
    /// Left and right side, where the rule compares two numbers.
    pub sides: Option<(String, String)>,
    /// The note by which whoever made the file has answered it; for that it is one step less grave.
    pub answer: Option<String>,
}

impl Diagnostic {
    /// A finding with nothing but rule, severity, place and message.
    pub fn new(
        rule: impl Into<Cow<'static, str>>,
        severity: Severity,
        location: Location,
        message: Message,
    ) -> Self {
        Diagnostic {
            rule: rule.into(),
            severity,
            location,
            message,
            labels: Vec::new(),
            hints: Vec::new(),
            cell: None,
            sides: None,
            answer: None,
        }
    }

    /// An error.
    pub fn error(rule: impl Into<Cow<'static, str>>, place: Location, message: Message) -> Self {
        Self::new(rule, Severity::Error, place, message)
    }

    /// A warning.
    pub fn warning(rule: impl Into<Cow<'static, str>>, place: Location, message: Message) -> Self {
        Self::new(rule, Severity::Warning, place, message)
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: Message) -> Self {
        self.hints.push(hint);
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn with_label(mut self, place: Location, text: Message) -> Self {
        self.labels.push((place, text));
        self
    }

    /// The same with every word that was put into its sentences changed.
    #[must_use]
    pub fn map_args(mut self, change: &dyn Fn(&str) -> String) -> Self {
        self.message = self.message.map_args(change);
        for text in self.labels.iter_mut().map(|label| &mut label.1).chain(&mut self.hints) {
            *text = text.map_args(change);
        }
        self
    }

    /// Names the cell of the form.
    #[must_use]
    pub fn with_cell(mut self, cell: CellRef) -> Self {
        self.cell = Some(cell);
        self
    }
}

/// Collects diagnostics; every stage gets one and returns the best value it could make.
#[derive(Debug, Default, Clone)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

/// Most findings that are kept; nobody reads more, and a file must not fill the memory with them.
pub const MAX_FINDINGS: usize = 2_000;

impl Sink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_FINDINGS {
            self.diagnostics.push(diagnostic);
        } else if self.diagnostics.len() == MAX_FINDINGS {
            let place = diagnostic.location.source().map_or(Location::Nowhere, Location::File);
            let message = msg!("limit.findings", limit = MAX_FINDINGS);
            let hint = msg!("limit.findings-hint");
            self.diagnostics.push(Diagnostic::error("limit", place, message).with_hint(hint));
        }
    }

    /// Adds several findings.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }

    /// Whether further findings are only counted as too many.
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() > MAX_FINDINGS
    }

    /// How many findings of this severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// The findings as they came.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// All findings in the order of file, place, severity and rule; the order is total, so that the
    /// output does not depend on the order of the checks.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|a, b| {
            (&a.location, a.severity, &a.rule, &a.cell).cmp(&(
                &b.location,
                b.severity,
                &b.rule,
                &b.cell,
            ))
        });
        self.diagnostics.dedup();
        self.diagnostics
    }
}

impl FromIterator<Diagnostic> for Sink {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(found: I) -> Self {
        let mut sink = Sink::new();
        sink.extend(found);
        sink
    }
}

impl IntoIterator for Sink {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    /// The findings as they came.
    fn into_iter(self) -> Self::IntoIter {
        self.diagnostics.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let id = sources.add_text("a.toml", "年 = 1\n政府x = 2\n");
        assert_eq!(sources.line_column(id, 0), Some((1, 1)));
        let x = "年 = 1\n政府".len();
        assert_eq!(sources.line_column(id, x), Some((2, 3)));
        assert_eq!(sources.line_column(id, 10_000), Some((3, 1)));
    }

    #[test]
    fn order_is_by_place_then_severity() {
        let mut sources = Sources::default();
        let id = sources.add_text("a", "abc");
        let mut sink = Sink::new();
        let at = |n: usize| Location::Span(id, Span { start: n, end: n });
        sink.push(Diagnostic::warning("b", at(2), msg!("data.empty")));
        sink.push(Diagnostic::error("a", at(2), msg!("data.empty")));
        sink.push(Diagnostic::error("c", at(1), msg!("data.empty")));
        let rules: Vec<_> = sink.into_sorted().into_iter().map(|d| d.rule).collect();
        assert_eq!(rules, ["c", "a", "b"]);
    }
}
