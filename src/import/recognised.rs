//! Owns what is recognised in a document: an annual report as it stands there.
//! Must not know how it is found.

use super::page_lines::SkippedBoilerplate;
use super::table_reader::WordTableReader;
use crate::form::Form;
use crate::labels::Confidence;
use crate::report::Date;
use docx_fill::word::blocks::{WordParagraph, WordTable};
use std::sync::Arc;

/// An annual report as it stands in a document.
pub(crate) struct RecognisedReport<'f, 'd> {
    pub(crate) form: &'f Arc<Form>,
    pub(crate) metadata: ReportMetadata<'d>,
    /// The tables in the order of the form.
    pub(crate) tables: Vec<WordTableReader<'f, 'd>>,
    /// Contents of each section, before and after its table.
    pub(crate) texts: Vec<[Vec<SectionPart<'d>>; 2]>,
    /// The paragraph that heads each section, and how sure that is.
    pub(crate) headings: Vec<Option<(&'d WordParagraph, Confidence)>>,
    /// Tables that show an official one again.
    pub(crate) repeated_tables: Vec<(usize, &'d WordTable)>,
    /// Headings that the form lacks or that come again, with the section to which they were added.
    pub(crate) stray_headings: Vec<(&'d WordParagraph, usize)>,
    /// Parts of the document beside the report.
    pub(crate) others: OtherParts<'d>,
    /// Parts of the document that belong to the site that shows the report.
    pub(crate) site: SkippedBoilerplate<'d>,
}

/// The position of a text: a section, before or after its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextPosition {
    /// Index into the sections of the form.
    pub(super) section: usize,
    /// True if the text follows the section's table.
    pub(super) after_table: bool,
}

/// The parts of a document beside the report.
#[derive(Default)]
pub(crate) struct OtherParts<'d> {
    /// The first line of a table of contents, and the number of its lines.
    pub(crate) contents: Option<(&'d WordParagraph, usize)>,
    /// The paragraph with which another report begins.
    pub(crate) second_report: Option<&'d WordParagraph>,
}

/// A piece of a section.
#[derive(Clone, Copy)]
pub(crate) enum SectionPart<'d> {
    /// A paragraph, from one of its pieces on.
    Paragraph(&'d WordParagraph, usize),
    Table(&'d WordTable),
}

/// Something said, and the paragraph that says it.
pub(crate) type LocatedValue<'d, T> = Option<(T, &'d WordParagraph)>;

/// The parts outside of the sections.
#[derive(Debug, Default)]
pub(crate) struct ReportMetadata<'d> {
    /// The title as it stands, with the paragraphs that it takes.
    pub(crate) title: Option<(String, Vec<&'d WordParagraph>)>,
    pub(crate) organ: LocatedValue<'d, String>,
    pub(crate) year: LocatedValue<'d, u16>,
    pub(crate) date: LocatedValue<'d, Date>,
    /// Values by the key of the data file.
    pub(crate) contact: Vec<(String, String, &'d WordParagraph)>,
    /// True if organ and year of the title are blanks to be filled in, or hold what is asked for.
    pub(crate) open_title: bool,
    /// Paragraphs above the title.
    pub(crate) above_title: Vec<&'d WordParagraph>,
}
