//! Owns reading an annual report from any Word document or web page into the tree of a data file: sections and
//! tables are identified by their words, never by position; deviations and content without a place
//! are reported.
//! Must not know the use of the tree, nor check a figure.

mod data_tree;
mod deviations;
mod document_parts;
mod figure_slots;
mod head_line_ends;
mod headings;
mod list_numbering;
mod markdown;
mod metadata;
mod opened_document;
mod page_lines;
mod pictures;
mod printed_fields;
mod recognise;
mod recognised;
mod synthetic_source;
mod table_reader;
mod tagging;
mod web_page;

pub use crate::labels::Confidence;
pub use tagging::{TaggingOptions, insert_tags};

use crate::data::{DataNode, decode_page};
use crate::form::FormRegistry;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, Sources};
use docx_fill::opc::PackageLimits;
use opened_document::OpenedDocument;
use pictures::DocumentPictures;
use recognised::SectionPart;

/// Ids of the rules reported by this stage.
pub const RULES: &[&str] = &[
    "word-label",
    "word-heading",
    "word-title",
    "word-table",
    "word-unplaced",
    "word-tracked",
    "word-filled",
    "word-lost",
    "figure-spelling",
    "web-page",
    "unit-unreadable",
];

/// A report read from a Word document or a web page.
#[derive(Debug)]
pub struct ImportedReport {
    /// The document.
    pub source: SourceId,
    /// The tree that the same report as a data file would give.
    pub node: DataNode,
    /// Pictures of the texts: names assigned by the program, and bytes.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// Summary of the recognition.
    pub summary: ImportSummary,
}

/// A summary of the recognition for users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Edition of the form.
    pub edition: String,
    /// Name of the organ, if found.
    pub organ: Option<String>,
    /// Year, if found.
    pub year: Option<u16>,
    /// Numbers of headings found and of headings in the form.
    pub headings: (usize, usize),
    /// Tables in the order of the form.
    pub tables: Vec<TableSummary>,
}

/// The result of recognising a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableSummary {
    /// Name used in messages.
    pub name: String,
    /// Number of cells in the form.
    pub cells: usize,
    /// Number of cells that the document has.
    pub found: usize,
    /// Number of cells found by official labels.
    pub official: usize,
    /// Number of cells found by known variants of labels.
    pub known: usize,
    /// Number of cells found by similarity, or by counting from the right.
    pub alike: usize,
    /// Number of cells of the document without a place in the form.
    pub unplaced: usize,
}

impl ImportSummary {
    /// Checks whether anything of a report was found: a title alone offers one as a file.
    fn found_anything(&self) -> bool {
        self.headings.0 > 0 || self.tables.iter().any(|table| table.found + table.unplaced > 0)
    }
}

/// The options of an import.
#[derive(Clone, Copy)]
pub struct ImportOptions<'a> {
    /// Forms that the tables may follow.
    pub library: &'a FormRegistry,
    /// Checks whether a picture with these bytes may have this name in the folder to which it will
    /// be written.
    pub is_name_free: &'a dyn Fn(&str, &[u8]) -> bool,
    /// Limits of the document.
    pub limits: PackageLimits,
}

impl<'a> ImportOptions<'a> {
    /// Pictures may have any name.
    pub fn new(library: &'a FormRegistry, limits: PackageLimits) -> ImportOptions<'a> {
        ImportOptions { library, is_name_free: &|_, _| true, limits }
    }
}

/// Reads a Word document. Faults go to the sink; returns `None` if it cannot be read or holds no report.
pub fn import_report(
    source: SourceId,
    bytes: &[u8],
    options: &ImportOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<ImportedReport> {
    match OpenedDocument::open_word(bytes, &options.limits) {
        Ok(opened) => import_opened(source, &opened, options, sources, sink),
        Err(error) => {
            sink.push(error.to_diagnostic(source));
            None
        }
    }
}

/// Reads a web page. Faults go to the sink; returns `None` if it cannot be read or holds no report.
pub fn import_web_page(
    source: SourceId,
    bytes: &[u8],
    options: &ImportOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<ImportedReport> {
    let text = decode_page(source, bytes, sink);
    let fault = |message: Message, hint: Message| {
        Diagnostic::error("unit-unreadable", Location::File(source), message).with_hint(hint)
    };
    let Some(opened) = OpenedDocument::open_page(&text) else {
        sink.push(fault(msg!("word.page-too-large"), msg!("word.page-too-large-hint")));
        return None;
    };
    let mut own = Sink::new();
    let imported = import_opened(source, &opened, options, sources, &mut own);
    let Some(imported) = imported.filter(|imported| imported.summary.found_anything()) else {
        sink.push(fault(msg!("word.page-without-report"), msg!("word.page-without-report-hint")));
        return None;
    };
    sink.extend(own);
    Some(imported)
}

fn import_opened(
    source: SourceId,
    opened: &OpenedDocument,
    options: &ImportOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<ImportedReport> {
    let report = recognise::recognise_report(opened.parts(), options.library)?;
    let OpenedDocument { document, styles, .. } = opened;
    let (pictures, left_out) =
        DocumentPictures::collect_pictures(&opened.pictures, &report, options, source);
    sink.extend(left_out);
    let used = |id: &str| pictures.file_name(id);
    let styled = report.texts.iter().flatten().flatten().any(|part| match part {
        SectionPart::Paragraph(p, _) => opened.is_heading(p),
        SectionPart::Table(_) => false,
    });
    let writer = markdown::MarkdownExporter { styles, has_heading_styles: styled, pictures: &used };
    let (node, paper, summary) = data_tree::build_tree(source, &report, &writer, sink);
    deviations::report_document(source, document, &report, sink);
    sources.set_word_anchors(source, paper.text, paper.spots);
    Some(ImportedReport { source, node, pictures: pictures.into_files(), summary })
}
