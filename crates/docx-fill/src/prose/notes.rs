//! Owns footnotes: their texts are read where they are defined and put where they are referred to.
//! Must not know Markdown.

use super::{Block, Inline, Run, plain};
use crate::limits::NOTES_COPIED;
use std::collections::{BTreeMap, BTreeSet};

/// The texts of footnotes by their names.
#[derive(Debug, Default)]
pub(super) struct Notes {
    texts: BTreeMap<String, Vec<Inline>>,
    /// In the order of their definitions.
    names: Vec<String>,
}

/// The footnotes that were referred to, and how many bytes may still be put in their places.
struct Used {
    names: BTreeSet<String>,
    room: usize,
}

/// About how many bytes a piece takes.
fn bytes(inline: &Inline) -> usize {
    let own = match inline {
        Inline::Text(run) => run.text.len(),
        Inline::Link { url, inlines } => url.len() + inlines.iter().map(bytes).sum::<usize>(),
        Inline::Break | Inline::Image(_) | Inline::Note { .. } => 0,
    };
    own + size_of::<Inline>()
}

/// What stands for a footnote until its text is known.
pub(super) fn reference(name: &str) -> Inline {
    Inline::Note { inlines: vec![text(name)] }
}

impl Notes {
    /// Takes in the text of a footnote, as the blocks of its definition.
    pub(super) fn define(&mut self, name: String, blocks: &[Block]) {
        let mut inlines = Vec::new();
        for block in blocks {
            if !inlines.is_empty() {
                inlines.push(Inline::Break);
            }
            if let Block::Item { marker, .. } = block {
                inlines.push(text(marker));
            }
            if let Block::Image(image) = block {
                inlines.push(text(&image.alt));
            }
            for (at, part) in block.inlines().into_iter().enumerate() {
                if at > 0 {
                    inlines.push(text(" "));
                }
                inlines.extend(part.iter().map(simple));
            }
        }
        if self.texts.insert(name.clone(), inlines).is_none() {
            self.names.push(name);
        }
    }

    /// Puts the texts in their places. A text that nothing refers to is not lost: it comes last.
    pub(super) fn resolve(self, blocks: &mut Vec<Block>) {
        if self.names.is_empty() {
            return;
        }
        let mut used = Used { names: BTreeSet::new(), room: NOTES_COPIED };
        for block in blocks.iter_mut() {
            match block {
                Block::Paragraph { inlines }
                | Block::Heading { inlines, .. }
                | Block::Item { inlines, .. }
                | Block::Quote { inlines } => self.put(inlines, &mut used),
                Block::Table { head, rows } => {
                    for cell in head.iter_mut().chain(rows.iter_mut().flatten()) {
                        self.put(&mut cell.inlines, &mut used);
                    }
                }
                Block::Image(_) => {}
            }
        }
        for name in self.names.iter().filter(|name| !used.names.contains(*name)) {
            let mut inlines = vec![text(&format!("[^{name}]: "))];
            inlines.extend(self.texts.get(name).cloned().unwrap_or_default());
            blocks.push(Block::Paragraph { inlines });
        }
    }

    fn put(&self, inlines: &mut [Inline], used: &mut Used) {
        for inline in inlines {
            match inline {
                Inline::Note { inlines } => {
                    let name = plain(inlines);
                    let note = self.texts.get(&name).map_or(&[][..], Vec::as_slice);
                    let size = note.iter().map(bytes).sum::<usize>();
                    used.names.insert(name.clone());
                    match used.room.checked_sub(size) {
                        Some(room) => {
                            used.room = room;
                            *inlines = note.to_vec();
                        }
                        // What is said once need not be said a thousand times.
                        None => *inline = text(&format!("[^{name}]")),
                    }
                }
                Inline::Link { inlines, .. } => self.put(inlines, used),
                Inline::Text(_) | Inline::Break | Inline::Image(_) => {}
            }
        }
    }
}

/// What may stand in a footnote: a picture gives its words, and there are no notes on notes.
fn simple(inline: &Inline) -> Inline {
    match inline {
        Inline::Image(image) => text(&image.alt),
        Inline::Note { inlines } => text(&format!("[^{}]", plain(inlines))),
        Inline::Link { url, inlines } => {
            Inline::Link { url: url.clone(), inlines: inlines.iter().map(simple).collect() }
        }
        Inline::Text(_) | Inline::Break => inline.clone(),
    }
}

fn text(text: &str) -> Inline {
    Inline::Text(Run { text: text.to_owned(), ..Run::default() })
}
