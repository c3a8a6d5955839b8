//! Owns putting translated tags into the XML of a part.
//! Must not know what a tag says.

use super::sites::{PartSites, SiteEdit};
use crate::document::part_model::Paragraph;
use crate::opc::xml::escape_into;
use crate::slice::{TextReplacement, TextSlice as _};
use std::collections::BTreeSet;
use std::ops::Range;

/// Returns the changes to a part that its translated tags make.
pub(super) fn part_replacements(found: &PartSites<'_>, edits: &[SiteEdit]) -> Vec<TextReplacement> {
    let mut splicer = ReplacementCollector { out: Vec::new(), touched: BTreeSet::new() };
    for (at, edit) in edits.iter().enumerate() {
        let paragraph = found.paragraph(at);
        match edit {
            SiteEdit::Keep | SiteEdit::Absorbed => {}
            SiteEdit::Text(text) => {
                splicer.replace_text(paragraph, &found.sites[at].tag.range, text);
            }
            SiteEdit::Paragraph(text) => {
                splicer.replace_text(paragraph, &(0..paragraph.text.len()), text);
            }
            SiteEdit::RemoveParagraph => {
                let range = paragraph.range.clone();
                splicer.out.push(TextReplacement { range, with: String::new() });
            }
        }
    }
    for (at, range, with) in &found.escapes {
        splicer.replace_text(&found.model.paragraphs[*at], range, with);
    }
    splicer.preserve_spaces(found);
    splicer.out
}

/// A collector of changes to a part.
struct ReplacementCollector {
    out: Vec<TextReplacement>,
    /// Indices of changed text elements.
    touched: BTreeSet<usize>,
}

impl ReplacementCollector {
    /// Replaces a range of a paragraph's text; what replaces it gets the format of the first character.
    fn replace_text(&mut self, paragraph: &Paragraph, range: &Range<usize>, text: &str) {
        let mut with = String::new();
        // A backslash before a tag would make it plain text.
        let before = paragraph.text.slice(..range.start);
        if text.starts_with("{{") && before.ends_with('\\') {
            with.push('\\');
        }
        escape_into(&mut with, text);
        for (range, element) in paragraph.source_ranges(range) {
            self.touched.extend(element);
            self.out.push(TextReplacement { range, with: std::mem::take(&mut with) });
        }
    }

    /// Marks changed texts as ones whose spaces count, as they did within a tag.
    fn preserve_spaces(&mut self, found: &PartSites<'_>) {
        for &at in &self.touched {
            let element = &found.model.texts[at];
            if !element.preserve && element.name.starts_with("w:") {
                let end = element.start_tag.end - 1;
                let with = " xml:space=\"preserve\"".to_owned();
                self.out.push(TextReplacement::insertion(end, with));
            }
        }
    }
}
