//! Owns reporting on a user's files: sources, locations, diagnostics and the sink that collects them.
//! Must not know how files are read or written, nor where a message is printed.

mod catalogue;
mod hidden_chars;
mod location;
mod message;
mod near_names;
mod print;
mod problem;
pub mod sarif;
mod source_excerpts;
mod source_place;

pub use catalogue::Catalogue;
pub use hidden_chars::{
    escape_hidden_json, escape_hidden_quoted, is_hidden, show_hidden, show_hidden_lines,
};
pub use location::describe_location;
pub use message::{Lang, Message, MessageArg};
pub use near_names::{NameIndex, nearest_name};
pub use print::{
    DiagnosticFormat, render_diagnostics, severity_label, summary_line, summary_of_counts,
};
pub(crate) use problem::Problem;
pub use source_place::{
    MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, SheetLocation, SourcePlace, Span, column_letters,
};

use crate::slice::TextSlice as _;
use source_excerpts::SourceExcerpts;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The messages of this crate.
pub static CATALOGUE: Catalogue =
    Catalogue::new("docx-fill", include_str!("zh.toml"), include_str!("en.toml"));

/// Creates a [`Message`] from an identifier of this crate's catalogue and named arguments.
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

/// Severity of a finding, ordered from the most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file must not be used in this state; nothing is rendered.
    Error,
    /// Probably wrong; a person must check it.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Returns the next lower severity; `Info` remains.
    #[must_use]
    pub fn downgraded(self) -> Severity {
        match self {
            Severity::Error => Severity::Warning,
            Severity::Warning | Severity::Info => Severity::Info,
        }
    }

    /// Returns the name in JSON output: `error`, `warning` or `remark`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "remark",
        }
    }
}

/// Index of a source within [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// The files that diagnostics refer to, with their text if they have one.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Debug, Clone, Default)]
struct SourceFile {
    name: String,
    text: Option<Arc<str>>,
    /// Names of the sheets, if it is a workbook.
    sheets: Vec<String>,
    /// Offsets at which lines begin; computed at first use.
    line_starts: OnceLock<Vec<usize>>,
    /// Number of characters before each block of bytes; computed when a place far within a line is first
    /// needed.
    chars_before_block: OnceLock<Vec<usize>>,
    /// Word locations of the pieces of its text, sorted by their first byte, if it is a Word document.
    anchors: Vec<(usize, WordAnchor)>,
    /// The lines of the text that messages show, after the rest is forgotten.
    kept: Option<Arc<SourceExcerpts>>,
}

/// Size in bytes of a block for counting characters.
const BLOCK_BYTES: usize = 1 << 16;

impl SourceFile {
    /// Counts the characters of a range, whose ends are character boundaries. Blocks are counted only once, so
    /// that thousands of findings in one very long line stay cheap.
    fn count_chars(&self, text: &str, piece: Range<usize>) -> usize {
        if piece.len() <= 2 * BLOCK_BYTES {
            return text.slice(piece).chars().count();
        }
        // Every byte except continuation bytes begins a character.
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
    /// Adds a text file with the name that messages show.
    pub fn add_text(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.add_file(SourceFile {
            name: name.into(),
            text: Some(text.into()),
            ..SourceFile::default()
        })
    }

    /// Adds a file without lines, such as a Word document or a folder.
    pub fn add_binary(&mut self, name: impl Into<String>) -> SourceId {
        self.add_file(SourceFile { name: name.into(), ..SourceFile::default() })
    }

    /// Declares that a file is a workbook with these sheets.
    pub fn set_sheet_names(&mut self, id: SourceId, sheets: Vec<String>) {
        self.files[id.0 as usize].sheets = sheets;
    }

    /// Declares that a file is a Word document, with a text that represents it and the Word location of each
    /// part of the text, in order.
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

    /// Returns where words of a Word document stand in it.
    pub fn word_anchor(&self, id: SourceId, words: Span) -> Option<&WordAnchor> {
        let spots = &self.files[id.0 as usize].anchors;
        let after = spots.partition_point(|(start, _)| *start <= words.start);
        Some(&spots.get(after.checked_sub(1)?)?.1)
    }

    /// Returns sheet and cell (`D7`) of a place in a workbook, if the workbook has such a sheet.
    pub fn sheet_cell(&self, id: SourceId, cell: SheetLocation) -> Option<(&str, String)> {
        let sheet = self.files[id.0 as usize].sheets.get(cell.sheet)?;
        Some((sheet, cell.a1_name()))
    }

    fn add_file(&mut self, file: SourceFile) -> SourceId {
        let id = u32::try_from(self.files.len()).expect("fewer than 2^32 sources");
        self.files.push(file);
        SourceId(id)
    }

    /// Drops the text of a file that no further diagnostics refer to.
    pub fn drop_text(&mut self, id: SourceId) {
        let file = &mut self.files[id.0 as usize];
        file.text = None;
        (file.line_starts, file.chars_before_block) = (OnceLock::new(), OnceLock::new());
    }

    /// Forgets the text of a file but for the line and column of these places, and the words around those to be
    /// shown. A program that reads thousands of files has no room for all of them.
    pub fn keep_places(&mut self, id: SourceId, places: &[SourcePlace], shown: &[SourcePlace]) {
        let file = &mut self.files[id.0 as usize];
        let Some(text) = file.text.take() else { return };
        let spans = |places: &[SourcePlace]| -> Vec<Span> {
            places.iter().filter_map(|place| place.bytes()).collect()
        };
        file.kept = Some(Arc::new(SourceExcerpts::new(&text, &spans(places), &spans(shown))));
        (file.line_starts, file.chars_before_block) = (OnceLock::new(), OnceLock::new());
    }

    /// Sets the text of a file that is about to be written.
    pub fn set_text(&mut self, id: SourceId, text: &str) {
        let file = &mut self.files[id.0 as usize];
        file.text = Some(text.into());
        (file.line_starts, file.kept) = (OnceLock::new(), None);
    }

    /// Returns the same files under other names.
    #[must_use]
    pub fn map_names(&self, name: &dyn Fn(&str) -> String) -> Sources {
        let mut out = self.clone();
        for file in &mut out.files {
            file.name = name(&file.name);
        }
        out
    }

    /// Returns the name that messages show.
    pub fn name(&self, id: SourceId) -> &str {
        &self.files[id.0 as usize].name
    }

    /// Returns the text, if the source has one.
    pub fn text(&self, id: SourceId) -> Option<&str> {
        self.files[id.0 as usize].text.as_deref()
    }

    /// Returns line and column of a byte offset, both from 1; columns count characters, as editors do. `None`
    /// for files that people do not read as lines.
    pub fn line_column(&self, id: SourceId, offset: usize) -> Option<(usize, usize)> {
        let file = &self.files[id.0 as usize];
        if let Some(kept) = &file.kept {
            return Some(kept.line_column(offset));
        }
        let text = self.text(id)?;
        let offset = text.floor_char_boundary(offset);
        let lines = file.line_starts.get_or_init(|| {
            let ends = text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(ends).collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        Some((line, file.count_chars(text, lines[line - 1]..offset) + 1))
    }
}

impl Sources {
    /// Returns a text that has what excerpts show around a byte offset, and the offset at which it begins in the file.
    pub(crate) fn text_around(&self, id: SourceId, offset: usize) -> Option<(&str, usize)> {
        let file = &self.files[id.0 as usize];
        match &file.kept {
            Some(kept) => kept.text_around(offset),
            None => file.text.as_deref().map(|text| (text, 0)),
        }
    }
}

/// A location in a Word document, counted from 1 as a reader counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WordLocation {
    /// Name of the part within the package, such as `word/document.xml`.
    pub part: String,
    /// Enclosing tables from the outermost, each as table, row and cell.
    pub cells: Vec<(u32, u32, u32)>,
    /// Paragraph within the cell, or within the part outside of tables.
    pub paragraph: u32,
    /// Surrounding text.
    pub excerpt: String,
}

/// A location in a Word document with a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordAnchor {
    /// Official name of the place, such as a cell of the form.
    pub name: String,
    /// Location of the place.
    pub location: WordLocation,
}

/// The location of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// Not in a file.
    Nowhere,
    /// In a file, without a more precise place.
    File(SourceId),
    /// At the place of a value that was read from a file: its bytes, its cell or its words.
    At(SourceId, SourcePlace),
    /// At a place of a Word document that is found by its structure.
    Word(SourceId, WordLocation),
}

impl Location {
    /// Creates the location of bytes of a text file.
    pub fn text(source: SourceId, bytes: impl Into<Span>) -> Location {
        Location::At(source, SourcePlace::Text(bytes.into()))
    }

    /// Returns the file, if the location is in one.
    pub fn source(&self) -> Option<SourceId> {
        match self {
            Location::Nowhere => None,
            Location::File(id) | Location::At(id, _) | Location::Word(id, _) => Some(*id),
        }
    }
}

/// The cell of the official form that a finding concerns, by identifiers of the form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FormCellRef {
    /// Identifier of the table.
    pub table: String,
    /// Identifier of the row, if the finding concerns one row.
    pub row: Option<String>,
    /// Identifier of the column, if the finding concerns one column.
    pub col: Option<String>,
}

/// A finding in a user's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Public identifier of the rule, such as `row-sum`.
    pub rule: Cow<'static, str>,
    /// Severity.
    pub severity: Severity,
    /// Primary location.
    pub location: Location,
    /// Actual and expected state.
    pub message: Message,
    /// Further locations that are involved, such as the addends of a sum.
    pub labels: Vec<(Location, Message)>,
    /// Suggestions for solving it.
    pub hints: Vec<Message>,
    /// Cell of the official form, if the finding concerns one.
    pub cell: Option<FormCellRef>,
    /// Left and right side, if the rule compares two numbers.
    pub sides: Option<(String, String)>,
    /// Note with which the author of the file has explained the finding, which lowers its severity by one step.
    pub answer: Option<String>,
}

impl Diagnostic {
    /// Creates a finding with only rule, severity, location and message.
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

    /// Creates an error.
    pub fn error(rule: impl Into<Cow<'static, str>>, place: Location, message: Message) -> Self {
        Self::new(rule, Severity::Error, place, message)
    }

    /// Creates a warning.
    pub fn warning(rule: impl Into<Cow<'static, str>>, place: Location, message: Message) -> Self {
        Self::new(rule, Severity::Warning, place, message)
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: Message) -> Self {
        self.hints.push(hint);
        self
    }

    /// Adds a further location.
    #[must_use]
    pub fn with_label(mut self, place: Location, text: Message) -> Self {
        self.labels.push((place, text));
        self
    }

    /// Returns a copy with every text argument of its messages changed.
    #[must_use]
    pub fn map_args(mut self, change: &dyn Fn(&str) -> String) -> Self {
        self.message = self.message.map_args(change);
        for text in self.labels.iter_mut().map(|label| &mut label.1).chain(&mut self.hints) {
            *text = text.map_args(change);
        }
        self
    }

    /// Sets the cell of the form.
    #[must_use]
    pub fn with_cell(mut self, cell: FormCellRef) -> Self {
        self.cell = Some(cell);
        self
    }
}

/// A collector of diagnostics. Every stage reports to one and still returns the best value it can produce.
#[derive(Debug, Default, Clone)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

/// Maximum number of findings that are kept, to limit memory use.
pub const MAX_FINDINGS: usize = 2_000;

impl Sink {
    /// Creates an empty sink.
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

    /// Replaces the hint with this identifier wherever it is given: a program names its own way to do what the library
    /// can only describe.
    pub fn replace_hint(&mut self, id: &str, own: &Message) {
        let hints = self.diagnostics.iter_mut().flat_map(|found| &mut found.hints);
        for hint in hints.filter(|hint| hint.id() == id) {
            hint.clone_from(own);
        }
    }

    /// Checks whether the maximum is exceeded, so that further findings are discarded.
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() > MAX_FINDINGS
    }

    /// Returns the number of findings with a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// Checks whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Returns the findings in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// Checks whether there are no findings.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Returns all findings ordered by file, location, severity and rule. The order is total, so that output
    /// does not depend on the order of checks.
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

    /// Iterates over the findings in the order in which they were added.
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
        let at = |n: usize| Location::text(id, n..n);
        sink.push(Diagnostic::warning("b", at(2), msg!("template.empty")));
        sink.push(Diagnostic::error("a", at(2), msg!("template.empty")));
        sink.push(Diagnostic::error("c", at(1), msg!("template.empty")));
        let rules: Vec<_> = sink.into_sorted().into_iter().map(|d| d.rule).collect();
        assert_eq!(rules, ["c", "a", "b"]);
    }
}
