//! Owns reading an annual report from any Word document into the tree of a data file: sections and tables
//! are found by their words, never by their position, and what deviates or has no place is told.
//! Must not know what is done with the tree, nor judge a figure.

mod document;
mod facts;
mod form;
mod labels;
mod lists;
mod markdown;
mod paper;
mod pictures;
mod reader;
mod recognise;
mod slots;
mod styles;
mod table;
mod tell;
mod tree;

pub use form::{Wanted, tagged};
pub use labels::Sure;

use crate::data::Node;
use crate::form::Library;
use document::{Block, Document};
use docx_fill::diag::{Sink, SourceId, Sources};
use docx_fill::opc::xml::EventReader;
use docx_fill::opc::{Limits, OpcError, Package, Relationships};
use pictures::Pictures;
use quick_xml::events::Event;
use recognise::Part;
use styles::Styles;

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
pub struct Imported {
    /// The tree that the same report as a data file would give.
    pub node: Node,
    /// Pictures of the texts: the name that the program has given, and the bytes.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// What was recognised.
    pub summary: Summary,
}

/// What was recognised, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
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
pub struct Options<'a> {
    /// The forms that its tables may follow.
    pub library: &'a Library,
    /// Put the cells that were not found into the tree as blanks, so that a data file made from it asks for
    /// them; otherwise they are only told.
    pub fill: bool,
    /// Whether a picture with these bytes may have a name where it will be put.
    pub free: &'a dyn Fn(&str, &[u8]) -> bool,
}

impl<'a> Options<'a> {
    /// Cells that were not found are only told, and pictures may have any name.
    pub fn new(library: &'a Library) -> Options<'a> {
        Options { library, fill: false, free: &|_, _| true }
    }
}

/// Reads a document. Faults go to the sink; `None` if it cannot be read at all, or holds no report.
pub fn read(
    source: SourceId,
    bytes: &[u8],
    options: &Options<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Imported> {
    let opened = match Opened::new(bytes) {
        Ok(opened) => opened,
        Err(error) => {
            sink.push(error.diagnostic(source));
            return None;
        }
    };
    let Opened { package, document, styles, creator, relationships } = &opened;
    let report = recognise::recognise(document, styles, creator, options.library)?;
    let pictures = Pictures::of((package, relationships), &report, options, (source, sink));
    let used = |id: &str| pictures.named(id);
    let styled = report.texts.iter().flatten().flatten().any(|part| match part {
        Part::Paragraph(p, _) => p.style.as_deref().and_then(|s| styles.outline(s)).is_some(),
        Part::Table(_) => false,
    });
    let writer = markdown::Writer { styles, styled, pictures: &used };
    let (node, paper, summary) =
        tree::build(source, &report, &writer, options.fill, document.tracked, sink);
    sources.set_word(source, paper.text, paper.spots);
    Some(Imported { node, pictures: pictures.into_files(), summary })
}

/// A document with what its body refers to.
struct Opened {
    package: Package,
    document: Document,
    styles: Styles,
    /// Its author by its properties.
    creator: String,
    relationships: Relationships,
}

impl Opened {
    fn new(bytes: &[u8]) -> Result<Opened, OpcError> {
        let package = Package::open(bytes, &Limits::default())?;
        let main = package.main_document().to_owned();
        let text = package.read_xml(&main)?.ok_or(OpcError::NoMainDocument)?;
        let mut document = reader::read(text, &main)?;
        let styles = Styles::read(&package)?;
        lists::Lists::read(&package)?.label(&mut document.blocks, &styles);
        let relationships = package.relationships(&main)?;
        resolve(&mut document.blocks, &relationships);
        let creator = creator(&package)?;
        Ok(Opened { package, document, styles, creator, relationships })
    }
}

/// Gives links their addresses.
fn resolve(blocks: &mut [Block], relationships: &Relationships) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => {
                for piece in &mut paragraph.pieces {
                    let id = piece.link.as_deref().and_then(|link| link.strip_prefix('#'));
                    let found = id.and_then(|id| relationships.get(id));
                    piece.link = found.map(|item| item.target.clone());
                }
            }
            Block::Table(table) => {
                for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    resolve(&mut cell.blocks, relationships);
                }
            }
        }
    }
}

/// The document's author.
fn creator(package: &Package) -> Result<String, OpcError> {
    let part = package.relationships("")?.target_of("", "/core-properties");
    let Some(part) = part else { return Ok(String::new()) };
    let Some(text) = package.read_xml(&part)? else { return Ok(String::new()) };
    let mut reader = EventReader::new(&text, &part);
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
