//! Owns opening a document, whatever its kind, as what recognition takes: blocks, styles, author, pictures.
//! Must not know what the blocks mean.

use super::list_numbering;
use super::pictures::PictureStore;
use super::recognise::DocumentParts;
use super::web_page::{BlockHolders, WebPage};
use docx_fill::opc::{OpcError, Package, PackageLimits, Relationships};
use docx_fill::word::blocks::{WordBlock, WordDocument, WordParagraph};
use docx_fill::word::styles::StyleSheet;
use docx_fill::word::xml_tree::XmlTree;

/// An opened document.
pub(super) struct OpenedDocument {
    pub(super) document: WordDocument,
    pub(super) styles: StyleSheet,
    /// Author in the document properties; empty in a page.
    creator: String,
    pub(super) pictures: PictureStore,
    /// In a page, the elements that hold its blocks.
    holders: Option<BlockHolders>,
}

impl OpenedDocument {
    /// Opens a Word document.
    pub(super) fn open_word(
        bytes: &[u8],
        limits: &PackageLimits,
    ) -> Result<OpenedDocument, OpcError> {
        let package = Package::open(bytes, limits)?;
        let main = package.main_document_name().to_owned();
        let text = package.read_xml_part(&main)?.ok_or(OpcError::MissingMainDocument)?;
        let mut document = WordDocument::read(text, &main)?;
        let styles = StyleSheet::read(&package)?;
        list_numbering::label_lists(&mut document.blocks, &package, &styles)?;
        let relationships = package.relationships(&main)?;
        resolve_links(&mut document.blocks, &relationships);
        let creator = read_creator(&package)?;
        let pictures = PictureStore::Package { package: Box::new(package), relationships };
        Ok(OpenedDocument { document, styles, creator, pictures, holders: None })
    }

    /// Opens a web page. `None` if it is beyond all pages that people make.
    pub(super) fn open_page(text: &str) -> Option<OpenedDocument> {
        let WebPage { document, holders } = WebPage::read(text)?;
        let (styles, creator) = (StyleSheet::default(), String::new());
        let (pictures, holders) = (PictureStore::Page, Some(holders));
        Some(OpenedDocument { document, styles, creator, pictures, holders })
    }

    /// Returns the document as recognition takes it.
    pub(super) fn parts(&self) -> DocumentParts<'_> {
        let OpenedDocument { document, styles, creator, holders, .. } = self;
        DocumentParts { document, styles, creator, holders: holders.as_ref() }
    }

    /// Checks whether a paragraph is a heading by its style or, in a page, by its element.
    pub(super) fn is_heading(&self, paragraph: &WordParagraph) -> bool {
        self.styles.outline_level(paragraph.style.as_deref()).is_some()
            || (self.holders.is_some() && paragraph.outline.is_some())
    }

    /// Returns the package of a Word document.
    pub(super) fn package(&self) -> Option<&Package> {
        match &self.pictures {
            PictureStore::Package { package, .. } => Some(package),
            PictureStore::Page => None,
        }
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
    let tree = XmlTree::read(&text, &part)?;
    let creator = tree.elements.iter().find(|element| element.name == "dc:creator");
    Ok(creator.map(|creator| creator.text.trim().to_owned()).unwrap_or_default())
}
