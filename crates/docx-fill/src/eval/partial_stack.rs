//! Owns the state of includes during rendering: active partials, definitions in scope, and block arguments.
//! Must not know Word.

use crate::eval::scope::ScopePosition;
use crate::ir::program::{CompiledPartial, EscapeContext, InlinePartial, TagId};
use std::collections::BTreeMap;

/// The active partials and definitions, from the outermost; the first frame is the template itself.
pub(crate) struct PartialStack<'a> {
    pub(crate) frames: Vec<PartialFrame<'a>>,
    /// For each active text, the definitions of its blocks; a definition belongs to the text in which it is
    /// written.
    pub(crate) definitions: Vec<InlinePartialTable<'a>>,
    /// The definitions in scope by text index and name, in the order in which they were added.
    pub(crate) definition_order: Vec<(usize, &'a str)>,
}

/// A frame of a [`PartialStack`].
pub(crate) struct PartialFrame<'a> {
    /// `None` while rendering content of the template itself.
    pub(crate) partial: Option<ActivePartial<'a>>,
    /// Index of the text in `definitions`.
    pub(crate) text: usize,
    /// The content that `@partial-block` renders.
    pub(crate) block: Option<PartialBlock<'a>>,
}

/// A text that is being rendered in place of a tag.
pub(crate) struct ActivePartial<'a> {
    /// The outermost including tag, in the document.
    pub(crate) tag: TagId,
    pub(crate) slot: EscapeContext,
    /// Empty for the content of a block.
    pub(crate) name: &'a str,
    pub(crate) program: &'a CompiledPartial,
    pub(crate) indent: String,
    /// True if the next text begins a line of the partial.
    pub(crate) at_line_start: bool,
}

/// The definitions of the blocks of one text.
#[derive(Default)]
pub(crate) struct InlinePartialTable<'a> {
    pub(crate) named: BTreeMap<&'a str, Vec<ScopedDefinition<'a>>>,
    /// The including text, whose definitions are in scope here too.
    pub(crate) parent: Option<usize>,
}

/// A definition with the scope in which it is written.
#[derive(Clone, Copy)]
pub(crate) struct ScopedDefinition<'a> {
    pub(crate) inline: &'a InlinePartial,
    pub(crate) position: ScopePosition,
    pub(crate) text: usize,
}

/// The content of a partial block, with the scope in which it is written.
#[derive(Clone, Copy)]
pub(crate) struct PartialBlock<'a> {
    pub(crate) program: &'a CompiledPartial,
    pub(crate) position: ScopePosition,
    pub(crate) frame: usize,
}

impl<'a> PartialStack<'a> {
    pub(crate) fn new() -> Self {
        let base = PartialFrame { partial: None, text: 0, block: None };
        PartialStack {
            frames: vec![base],
            definitions: vec![InlinePartialTable::default()],
            definition_order: Vec::new(),
        }
    }

    /// Returns the partial that is being rendered.
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

    /// Removes the definitions that were added after a mark of `definition_count`.
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

    /// Returns the names of all definitions in scope.
    pub(crate) fn defined_names(&self) -> Vec<&'a str> {
        self.definition_order.iter().map(|(_, name)| *name).collect()
    }

    /// Finds the innermost definition of a name.
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
