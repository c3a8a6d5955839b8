//! Owns reading an annual report from any Word document into the tree of a data file: sections and
//! tables are identified by their words, never by position; deviations and content without a place
//! are reported.
//! Must not know the use of the tree, nor check a figure.

mod data_tree;
mod deviations;
mod document_parts;
mod headings;
mod labels;
mod list_numbering;
mod markdown;
mod metadata;
mod pictures;
mod recognise;
mod recognised;
mod synthetic_source;
mod table_reader;
mod tagging;

pub use labels::Confidence;
pub use tagging::{TaggingOptions, insert_tags};

use crate::data::DataNode;
use crate::form::FormRegistry;
use docx_fill::diag::{Sink, SourceId, Sources};
use docx_fill::opc::xml::XmlEventReader;
use docx_fill::opc::{OpcError, Package, PackageLimits, Relationships};
use docx_fill::word::blocks::{WordBlock, WordDocument};
use docx_fill::word::styles::StyleSheet;
use pictures::{DocumentPictures, PictureParts};
use quick_xml::events::Event;
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
];

/// A report read from a Word document.
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

/// Reads a document. Faults go to the sink; returns `None` if it cannot be read or holds no report.
pub fn import_report(
    source: SourceId,
    bytes: &[u8],
    options: &ImportOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<ImportedReport> {
    let opened = match ImportedDocument::open(bytes, &options.limits) {
        Ok(opened) => opened,
        Err(error) => {
            sink.push(error.to_diagnostic(source));
            return None;
        }
    };
    let ImportedDocument { package, document, styles, creator, relationships } = &opened;
    let report = recognise::recognise_report(document, styles, creator, options.library)?;
    let parts = PictureParts { package, relationships };
    let (pictures, left_out) = DocumentPictures::collect_pictures(&parts, &report, options, source);
    sink.extend(left_out);
    let used = |id: &str| pictures.file_name(id);
    let styled = report.texts.iter().flatten().flatten().any(|part| match part {
        SectionPart::Paragraph(p, _) => styles.outline_level(p.style.as_deref()).is_some(),
        SectionPart::Table(_) => false,
    });
    let writer = markdown::MarkdownExporter { styles, has_heading_styles: styled, pictures: &used };
    let (node, paper, summary) = data_tree::build_tree(source, &report, &writer, sink);
    deviations::report_document(source, document, &report, sink);
    sources.set_word_anchors(source, paper.text, paper.spots);
    Some(ImportedReport { source, node, pictures: pictures.into_files(), summary })
}

/// An opened document with the parts to which its body refers.
struct ImportedDocument {
    package: Package,
    document: WordDocument,
    styles: StyleSheet,
    /// Author in the document properties.
    creator: String,
    relationships: Relationships,
}

impl ImportedDocument {
    fn open(bytes: &[u8], limits: &PackageLimits) -> Result<ImportedDocument, OpcError> {
        let package = Package::open(bytes, limits)?;
        let main = package.main_document_name().to_owned();
        let text = package.read_xml_part(&main)?.ok_or(OpcError::MissingMainDocument)?;
        let mut document = WordDocument::read(text, &main)?;
        let styles = StyleSheet::read(&package)?;
        list_numbering::label_lists(&mut document.blocks, &package, &styles)?;
        let relationships = package.relationships(&main)?;
        resolve_links(&mut document.blocks, &relationships);
        let creator = read_creator(&package)?;
        Ok(ImportedDocument { package, document, styles, creator, relationships })
    }
}

/// Replaces the relationship ids of links by their addresses.
fn resolve_links(blocks: &mut [WordBlock], relationships: &Relationships) {
    for block in blocks {
        match block {
            WordBlock::Paragraph(paragraph) => {
                for piece in &mut paragraph.runs {
                    let id = piece.link.as_deref().and_then(|link| link.strip_prefix('#'));
                    let found = id.and_then(|id| relationships.get(id));
                    piece.link = found.map(|item| item.target.clone());
                }
            }
            WordBlock::Table(table) => {
                for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    resolve_links(&mut cell.blocks, relationships);
                }
            }
        }
    }
}

/// Returns the author in the document properties.
fn read_creator(package: &Package) -> Result<String, OpcError> {
    let part = package.relationships("")?.target_by_type("", "/core-properties");
    let Some(part) = part else { return Ok(String::new()) };
    let Some(text) = package.read_xml_part(&part)? else { return Ok(String::new()) };
    let mut reader = XmlEventReader::new(&text, &part);
    let (mut inside, mut out) = (false, String::new());
    while let Some((event, _)) = reader.next()? {
        match event {
            Event::Start(element) => inside = element.name().as_ref() == "dc:creator",
            Event::End(_) => inside = false,
            Event::Text(text) if inside => out.push_str(&text),
            _ => {}
        }
    }
    Ok(out.trim().to_owned())
}
