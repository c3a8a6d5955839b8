//! Owns giving the paragraphs of automatic lists the labels that Word shows.
//! Must not know how labels are computed.

use docx_fill::opc::{OpcError, Package};
use docx_fill::word::blocks::{WordBlock, WordParagraph};
use docx_fill::word::numbering::{ListReference, NumberingDefinitions};
use docx_fill::word::numbering_label::ListCounter;
use docx_fill::word::styles::StyleSheet;

/// Sets the label of every paragraph of a list, in document order.
pub(crate) fn label_lists(
    blocks: &mut [WordBlock],
    package: &Package,
    styles: &StyleSheet,
) -> Result<(), OpcError> {
    let definitions = NumberingDefinitions::read(package)?;
    let counter = ListCounter::new(&definitions);
    ListLabeller { definitions: &definitions, styles, counter }.label_blocks(blocks);
    Ok(())
}

/// A walk through a document that labels its paragraphs.
struct ListLabeller<'d> {
    definitions: &'d NumberingDefinitions,
    styles: &'d StyleSheet,
    counter: ListCounter<'d>,
}

impl ListLabeller<'_> {
    fn label_blocks(&mut self, blocks: &mut [WordBlock]) {
        for block in blocks {
            match block {
                WordBlock::Paragraph(paragraph) => self.label_paragraph(paragraph),
                WordBlock::Table(table) => {
                    for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                        self.label_blocks(&mut cell.blocks);
                    }
                }
            }
        }
    }

    fn label_paragraph(&mut self, paragraph: &mut WordParagraph) {
        let own = paragraph.list.as_ref().map_or_else(ListReference::default, |(list, level)| {
            let list = (!list.is_empty()).then(|| list.clone());
            ListReference { list, level: Some(*level) }
        });
        let style = paragraph.style.as_deref();
        let found = self.definitions.paragraph_list(&own, style, self.styles);
        let label = found.and_then(|(list, level)| self.counter.next_label(&list, level));
        if let Some(label) = label {
            (paragraph.label, paragraph.bullet) = (label.text, label.bullet);
        }
    }
}
