//! Owns what a tag that includes something means while rendering: definitions in force, the text that a
//! partial is given, and the partials that we are in.
//! Must not know Word.

use crate::eval::scope::Position;
use crate::ir::program::{Inline, Program, Slot, TagId};
use std::collections::BTreeMap;

/// The partials and definitions that we are in, from the outermost; the first is the template itself.
pub(crate) struct Calls<'a> {
    pub(crate) all: Vec<Call<'a>>,
    /// Per text that is being rendered what its blocks define; a definition belongs to the text that it
    /// is written in.
    pub(crate) texts: Vec<Definitions<'a>>,
    /// The definitions in force, as they came: their text and name.
    pub(crate) order: Vec<(usize, &'a str)>,
}

/// One of [`Calls`].
pub(crate) struct Call<'a> {
    /// Present unless we are in content of the template's own.
    pub(crate) written: Option<Written<'a>>,
    /// Its number among the texts.
    pub(crate) text: usize,
    /// What `@partial-block` shows.
    pub(crate) block: Option<Given<'a>>,
}

/// A text that is being rendered in the place of a tag.
pub(crate) struct Written<'a> {
    /// The tag in the document.
    pub(crate) tag: TagId,
    pub(crate) slot: Slot,
    /// Nothing in the inside of a block.
    pub(crate) name: &'a str,
    pub(crate) program: &'a Program,
    pub(crate) indent: String,
    /// At the beginning of a line of the partial's own.
    pub(crate) begins: bool,
}

/// What the blocks of a text define.
#[derive(Default)]
pub(crate) struct Definitions<'a> {
    pub(crate) named: BTreeMap<&'a str, Vec<Definition<'a>>>,
    /// The text that includes this one, whose definitions are in force here too.
    pub(crate) from: Option<usize>,
}

/// A definition, with what names mean where it is written.
#[derive(Clone, Copy)]
pub(crate) struct Definition<'a> {
    pub(crate) inline: &'a Inline,
    pub(crate) place: Position,
    pub(crate) text: usize,
}

/// The inside of a block that a partial may show, with the place that it belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) program: &'a Program,
    pub(crate) place: Position,
    pub(crate) call: usize,
}

impl<'a> Calls<'a> {
    pub(crate) fn new() -> Self {
        let base = Call { written: None, text: 0, block: None };
        Calls { all: vec![base], texts: vec![Definitions::default()], order: Vec::new() }
    }

    /// The text that we are in.
    pub(crate) fn text(&self) -> Option<&Written<'a>> {
        self.all.last()?.written.as_ref()
    }

    pub(crate) fn text_mut(&mut self) -> Option<&mut Written<'a>> {
        self.all.last_mut()?.written.as_mut()
    }

    pub(crate) fn current(&self) -> &Call<'a> {
        &self.all[self.all.len() - 1]
    }

    pub(crate) fn mark(&self) -> usize {
        self.order.len()
    }

    /// Ends the definitions that came since a mark.
    pub(crate) fn forget(&mut self, mark: usize) {
        for (text, name) in self.order.drain(mark.min(self.order.len())..) {
            if let Some(found) = self.texts[text].named.get_mut(name) {
                found.pop();
            }
        }
    }

    pub(crate) fn define(&mut self, inline: &'a Inline, place: Position) {
        let text = self.current().text;
        self.define_in(text, Definition { inline, place, text });
    }

    pub(crate) fn define_in(&mut self, text: usize, definition: Definition<'a>) {
        let name = definition.inline.name.as_str();
        self.texts[text].named.entry(name).or_default().push(definition);
        self.order.push((text, name));
    }

    /// The names for which there are definitions in force.
    pub(crate) fn names(&self) -> Vec<&'a str> {
        self.order.iter().map(|(_, name)| *name).collect()
    }

    /// The definition in force for a name.
    pub(crate) fn find(&self, name: &str) -> Option<Definition<'a>> {
        let mut text = Some(self.current().text);
        while let Some(at) = text {
            let definitions = &self.texts[at];
            if let Some(found) = definitions.named.get(name).and_then(|found| found.last()) {
                return Some(*found);
            }
            text = definitions.from;
        }
        None
    }
}
