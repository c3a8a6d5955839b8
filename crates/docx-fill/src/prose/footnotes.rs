//! Owns footnotes: collecting their definitions and inserting them at their references.
//! Must not know Markdown.

use super::{ProseBlock, ProseInline, ProseRun, plain_text};
use crate::limits::MAX_FOOTNOTE_BYTES;
use std::collections::{BTreeMap, BTreeSet};

/// Texts of footnotes by name.
#[derive(Debug, Default)]
pub(super) struct FootnoteTexts {
    texts: BTreeMap<String, Vec<ProseInline>>,
    /// Names in the order of their definitions.
    definition_order: Vec<String>,
}

/// Footnotes with references, and the bytes that may still be inserted at references.
struct UsedFootnotes {
    names: BTreeSet<String>,
    bytes_left: usize,
}

/// Returns the approximate memory size of an inline, in bytes.
fn inline_size(inline: &ProseInline) -> usize {
    let own = match inline {
        ProseInline::Text(run) => run.text.len(),
        ProseInline::Link { url, inlines } => {
            url.len() + inlines.iter().map(inline_size).sum::<usize>()
        }
        ProseInline::Break | ProseInline::Image(_) | ProseInline::Note { .. } => 0,
    };
    own + size_of::<ProseInline>()
}

/// Returns a placeholder for a footnote, which holds its name until the text is known.
pub(super) fn footnote_reference(name: &str) -> ProseInline {
    ProseInline::Note { inlines: vec![text_inline(name)] }
}

impl FootnoteTexts {
    /// Adds the definition of a footnote.
    pub(super) fn define_note(&mut self, name: String, blocks: &[ProseBlock]) {
        let mut inlines = Vec::new();
        for block in blocks {
            if !inlines.is_empty() {
                inlines.push(ProseInline::Break);
            }
            if let ProseBlock::Item { marker, .. } = block {
                inlines.push(text_inline(marker));
            }
            if let ProseBlock::Image(image) = block {
                inlines.push(text_inline(&image.alt));
            }
            for (at, part) in block.inlines().into_iter().enumerate() {
                if at > 0 {
                    inlines.push(text_inline(" "));
                }
                inlines.extend(part.iter().map(simplify_inline));
            }
        }
        if self.texts.insert(name.clone(), inlines).is_none() {
            self.definition_order.push(name);
        }
    }

    /// Replaces placeholders by the texts of their footnotes. Footnotes without references are appended as
    /// paragraphs.
    pub(super) fn resolve_notes(self, blocks: &mut Vec<ProseBlock>) {
        if self.definition_order.is_empty() {
            return;
        }
        let mut used = UsedFootnotes { names: BTreeSet::new(), bytes_left: MAX_FOOTNOTE_BYTES };
        for block in blocks.iter_mut() {
            match block {
                ProseBlock::Paragraph { inlines }
                | ProseBlock::Heading { inlines, .. }
                | ProseBlock::Item { inlines, .. }
                | ProseBlock::Quote { inlines } => self.resolve_inlines(inlines, &mut used),
                ProseBlock::Table { head, rows } => {
                    for cell in head.iter_mut().chain(rows.iter_mut().flatten()) {
                        self.resolve_inlines(&mut cell.inlines, &mut used);
                    }
                }
                ProseBlock::Image(_) => {}
            }
        }
        for name in self.definition_order.iter().filter(|name| !used.names.contains(*name)) {
            let mut inlines = vec![text_inline(&format!("[^{name}]: "))];
            inlines.extend(self.texts.get(name).cloned().unwrap_or_default());
            blocks.push(ProseBlock::Paragraph { inlines });
        }
    }

    fn resolve_inlines(&self, inlines: &mut [ProseInline], used: &mut UsedFootnotes) {
        for inline in inlines {
            match inline {
                ProseInline::Note { inlines } => {
                    let name = plain_text(inlines);
                    let note = self.texts.get(&name).map_or(&[][..], Vec::as_slice);
                    let size = note.iter().map(inline_size).sum::<usize>();
                    used.names.insert(name.clone());
                    match used.bytes_left.checked_sub(size) {
                        Some(room) => {
                            used.bytes_left = room;
                            *inlines = note.to_vec();
                        }
                        // The limit for repeated references is exceeded, so only the name is shown.
                        None => *inline = text_inline(&format!("[^{name}]")),
                    }
                }
                ProseInline::Link { inlines, .. } => self.resolve_inlines(inlines, used),
                ProseInline::Text(_) | ProseInline::Break | ProseInline::Image(_) => {}
            }
        }
    }
}

/// Simplifies an inline for use in a footnote: pictures become their description, references to other notes
/// become text.
fn simplify_inline(inline: &ProseInline) -> ProseInline {
    match inline {
        ProseInline::Image(image) => text_inline(&image.alt),
        ProseInline::Note { inlines } => text_inline(&format!("[^{}]", plain_text(inlines))),
        ProseInline::Link { url, inlines } => ProseInline::Link {
            url: url.clone(),
            inlines: inlines.iter().map(simplify_inline).collect(),
        },
        ProseInline::Text(_) | ProseInline::Break => inline.clone(),
    }
}

fn text_inline(text: &str) -> ProseInline {
    ProseInline::Text(ProseRun { text: text.to_owned(), ..ProseRun::default() })
}
