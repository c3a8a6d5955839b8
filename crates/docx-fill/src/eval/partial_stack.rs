//! Owns what a tag that includes something means while rendering: definitions in force, the text that a
//! partial is given, and the partials that we are in.
//! Must not know Word.

use crate::eval::scope::ScopePosition;
use crate::ir::program::{CompiledPartial, EscapeContext, InlinePartial, TagId};
use std::collections::BTreeMap;

/// The partials and definitions that we are in, from the outermost; the first is the template itself.
pub(crate) struct PartialStack<'a> {
    pub(crate) frames: Vec<PartialFrame<'a>>,
    /// Per text that is being rendered what its blocks define; a definition belongs to the text that it
    /// is written in.
    pub(crate) definitions: Vec<DefinitionTable<'a>>,
    /// The definitions in force, as they came: their text and name.
    pub(crate) definition_order: Vec<(usize, &'a str)>,
}

/// One of [`Calls`].
pub(crate) struct PartialFrame<'a> {
    /// Present unless we are in content of the template's own.
    pub(crate) partial: Option<ActivePartial<'a>>,
    /// Its number among the texts.
    pub(crate) text: usize,
    /// What `@partial-block` shows.
    pub(crate) block: Option<BlockArgument<'a>>,
}

/// A text that is being rendered in the place of a tag.
pub(crate) struct ActivePartial<'a> {
    /// The tag in the document.
    pub(crate) tag: TagId,
    pub(crate) slot: EscapeContext,
    /// Nothing in the inside of a block.
    pub(crate) name: &'a str,
    pub(crate) program: &'a CompiledPartial,
    pub(crate) indent: String,
    /// At the beginning of a line of the partial's own.
    pub(crate) at_line_start: bool,
}

/// What the blocks of a text define.
#[derive(Default)]
pub(crate) struct DefinitionTable<'a> {
    pub(crate) named: BTreeMap<&'a str, Vec<ScopedDefinition<'a>>>,
    /// The text that includes this one, whose definitions are in force here too.
    pub(crate) parent: Option<usize>,
}

/// A definition, with what names mean where it is written.
#[derive(Clone, Copy)]
pub(crate) struct ScopedDefinition<'a> {
    pub(crate) inline: &'a InlinePartial,
    pub(crate) position: ScopePosition,
    pub(crate) text: usize,
}

/// The inside of a block that a partial may show, with the place that it belongs to.
#[derive(Clone, Copy)]
pub(crate) struct BlockArgument<'a> {
    pub(crate) program: &'a CompiledPartial,
    pub(crate) position: ScopePosition,
    pub(crate) frame: usize,
}

impl<'a> PartialStack<'a> {
    pub(crate) fn new() -> Self {
        let base = PartialFrame { partial: None, text: 0, block: None };
        PartialStack {
            frames: vec![base],
            definitions: vec![DefinitionTable::default()],
            definition_order: Vec::new(),
        }
    }

    /// The text that we are in.
    pub(crate) fn current_partial(&self) -> Option<&ActivePartial<'a>> {
        self.frames.last()?.partial.as_ref()
    }

    pub(crate) fn current_partial_mut(&mut self) -> Option<&mut ActivePartial<'a>> {
        self.frames.last_mut()?.partial.as_mut()
    }

    pub(crate) fn current_frame(&self) -> &PartialFrame<'a> {
        &self.frames[self.frames.len() - 1]
    }

    pub(crate) fn definition_count(&self) -> usize {
        self.definition_order.len()
    }

    /// Ends the definitions that came since a mark.
    pub(crate) fn truncate_definitions(&mut self, mark: usize) {
        for (text, name) in self.definition_order.drain(mark.min(self.definition_order.len())..) {
            if let Some(found) = self.definitions[text].named.get_mut(name) {
                found.pop();
            }
        }
    }

    pub(crate) fn add_definition(&mut self, inline: &'a InlinePartial, place: ScopePosition) {
        let text = self.current_frame().text;
        self.add_definition_in(text, ScopedDefinition { inline, position: place, text });
    }

    pub(crate) fn add_definition_in(&mut self, text: usize, definition: ScopedDefinition<'a>) {
        let name = definition.inline.name.as_str();
        self.definitions[text].named.entry(name).or_default().push(definition);
        self.definition_order.push((text, name));
    }

    /// The names for which there are definitions in force.
    pub(crate) fn defined_names(&self) -> Vec<&'a str> {
        self.definition_order.iter().map(|(_, name)| *name).collect()
    }

    /// The definition in force for a name.
    pub(crate) fn find_definition(&self, name: &str) -> Option<ScopedDefinition<'a>> {
        let mut text = Some(self.current_frame().text);
        while let Some(at) = text {
            let definitions = &self.definitions[at];
            if let Some(found) = definitions.named.get(name).and_then(|found| found.last()) {
                return Some(*found);
            }
            text = definitions.parent;
        }
        None
    }
}
