//! Owns reading an annual report from any Word document into the tree of a data file: sections and tables
//! are found by their words, never by their position, and what deviates or has no place is told.
//! Must not know what is done with the tree, nor judge a figure.

mod body_reader;
mod data_tree;
mod deviations;
mod labels;
mod list_numbering;
mod markdown;
mod metadata;
mod pictures;
mod recognise;
mod stand_in_text;
mod styles;
mod table_grid;
mod table_reader;
mod tagging;
mod word_document;

pub use labels::Confidence;
pub use tagging::{TaggingOptions, insert_tags};

use crate::data::DataNode;
use crate::form::FormRegistry;
use docx_fill::diag::{Sink, SourceId, Sources};
use docx_fill::opc::xml::XmlEventReader;
use docx_fill::opc::{OpcError, Package, PackageLimits, Relationships};
use pictures::DocumentPictures;
use quick_xml::events::Event;
use recognise::SectionPart;
use styles::DocumentStyles;
use word_document::{WordBlock, WordDocument};

/// Rule ids of this stage.
pub const RULES: &[&str] = &[
    "word-label",
    "word-heading",
    "word-title",
    "word-table",
    "word-unplaced",
    "word-tracked",
    "word-filled",
];

/// A report read from a Word document.
#[derive(Debug)]
pub struct ImportedReport {
    /// The tree that the same report as a data file would give.
    pub node: DataNode,
    /// Pictures of the texts: the name that the program has given, and the bytes.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// What was recognised.
    pub summary: ImportSummary,
}

/// What was recognised, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Edition of the form.
    pub edition: String,
    /// The organ's name, if it was found.
    pub organ: Option<String>,
    /// The year, if it was found.
    pub year: Option<u16>,
    /// Headings found and those of the form.
    pub headings: (usize, usize),
    /// The tables in the order of the form.
    pub tables: Vec<TableSummary>,
}

/// How well a table was recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableSummary {
    /// What messages call it.
    pub name: String,
    /// Cells of the form.
    pub cells: usize,
    /// Those that the document has.
    pub found: usize,
    /// Found by official words.
    pub official: usize,
    /// Found by known other words.
    pub known: usize,
    /// Found by likeness, or counted from the right.
    pub alike: usize,
    /// Cells of the document that have no place in the form.
    pub unplaced: usize,
}

/// How a document is read.
#[derive(Clone, Copy)]
pub struct ImportOptions<'a> {
    /// The forms that its tables may follow.
    pub library: &'a FormRegistry,
    /// Put the cells that were not found into the tree as blanks, so that a data file made from it asks for
    /// them; otherwise they are only told.
    pub fill_missing: bool,
    /// Whether a picture with these bytes may have a name where it will be put.
    pub is_name_free: &'a dyn Fn(&str, &[u8]) -> bool,
    /// What the document may cost.
    pub limits: PackageLimits,
}

impl<'a> ImportOptions<'a> {
    /// Cells that were not found are only told, and pictures may have any name.
    pub fn new(library: &'a FormRegistry, limits: PackageLimits) -> ImportOptions<'a> {
        ImportOptions { library, fill_missing: false, is_name_free: &|_, _| true, limits }
    }
}

/// Reads a document. Faults go to the sink; `None` if it cannot be read at all, or holds no report.
pub fn import_report(
    source: SourceId,
    bytes: &[u8],
    options: &ImportOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<ImportedReport> {
    let opened = match OpenedDocument::open(bytes, &options.limits) {
        Ok(opened) => opened,
        Err(error) => {
            sink.push(error.to_diagnostic(source));
            return None;
        }
    };
    let OpenedDocument { package, document, styles, creator, relationships } = &opened;
    let report = recognise::recognise_report(document, styles, creator, options.library)?;
    let pictures = DocumentPictures::collect_pictures(
        (package, relationships),
        &report,
        options,
        (source, sink),
    );
    let used = |id: &str| pictures.file_name(id);
    let styled = report.texts.iter().flatten().flatten().any(|part| match part {
        SectionPart::Paragraph(p, _) => {
            p.style.as_deref().and_then(|s| styles.outline_level(s)).is_some()
        }
        SectionPart::Table(_) => false,
    });
    let writer = markdown::MarkdownExporter { styles, has_heading_styles: styled, pictures: &used };
    let (node, paper, summary) = data_tree::build_tree(
        source,
        &report,
        &writer,
        options.fill_missing,
        document.tracked,
        sink,
    );
    sources.set_word_anchors(source, paper.text, paper.spots);
    Some(ImportedReport { node, pictures: pictures.into_files(), summary })
}

/// A document with what its body refers to.
struct OpenedDocument {
    package: Package,
    document: WordDocument,
    styles: DocumentStyles,
    /// Its author by its properties.
    creator: String,
    relationships: Relationships,
}

impl OpenedDocument {
    fn open(bytes: &[u8], limits: &PackageLimits) -> Result<OpenedDocument, OpcError> {
        let package = Package::open(bytes, limits)?;
        let main = package.main_document_name().to_owned();
        let text = package.read_xml_part(&main)?.ok_or(OpcError::MissingMainDocument)?;
        let mut document = body_reader::read_body(text, &main)?;
        let styles = DocumentStyles::read(&package)?;
        list_numbering::ListNumbering::read(&package)?
            .label_paragraphs(&mut document.blocks, &styles);
        let relationships = package.relationships(&main)?;
        resolve_links(&mut document.blocks, &relationships);
        let creator = read_creator(&package)?;
        Ok(OpenedDocument { package, document, styles, creator, relationships })
    }
}

/// Gives links their addresses.
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

/// The document's author.
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
