//! Owns building the instruction tree: blocks, definitions, guarded content and content slots.
//! Must not know how tags were found, nor any data.

use crate::ir::program::{
    Branch, BranchKind, CompiledBlock, ContentKind, ContentSlot, InlinePartial, InlinePartialBody,
    Instr, TagId,
};

/// Builds the instruction tree from instructions in reading order.
#[derive(Debug, Default)]
pub(crate) struct InstrBuilder {
    frames: Vec<BuilderFrame>,
    ops: Vec<Instr>,
    /// Definitions at the top level; those of a block are in its frame.
    definitions: Vec<Instr>,
}

#[derive(Debug)]
enum BuilderFrame {
    /// `current` is the branch whose body is being collected; it is `None` after the last `else`.
    Block {
        done: Vec<Branch>,
        current: Option<Branch>,
        /// Definitions of the branch that is being collected.
        defined: Vec<Instr>,
        outer: Vec<Instr>,
    },
    Define {
        tag: TagId,
        name: String,
        room: ContentKind,
        defined: Vec<Instr>,
        outer: Vec<Instr>,
    },
    Guard {
        number: usize,
        outer: Vec<Instr>,
    },
    ContentSlot {
        stand: Box<ContentSlot>,
        outer: Vec<Instr>,
    },
}

/// The fate of a row of a loop over existing rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowClosing {
    /// True if the row has tags of its own.
    pub(crate) is_tagged: bool,
    /// True if a row without an item is removed instead of blanked.
    pub(crate) is_removed: bool,
}

/// Places the definitions of a body before its other instructions.
fn hoist_definitions(mut defined: Vec<Instr>, ops: Vec<Instr>) -> Vec<Instr> {
    defined.extend(ops);
    defined
}

impl InstrBuilder {
    pub(crate) fn push(&mut self, op: Instr) {
        self.ops.push(op);
    }

    pub(crate) fn open_block(&mut self, branch: Branch) {
        let outer = std::mem::take(&mut self.ops);
        let (done, defined) = (Vec::new(), Vec::new());
        self.frames.push(BuilderFrame::Block { done, current: Some(branch), defined, outer });
    }

    /// Adds a definition to the innermost block or definition.
    pub(crate) fn add_definition(&mut self, inline: InlinePartial) {
        let within = self.frames.iter_mut().rev().find_map(|frame| match frame {
            BuilderFrame::Block { defined, .. } | BuilderFrame::Define { defined, .. } => {
                Some(defined)
            }
            BuilderFrame::Guard { .. } | BuilderFrame::ContentSlot { .. } => None,
        });
        within.unwrap_or(&mut self.definitions).push(Instr::Define(Box::new(inline)));
    }

    /// Opens a definition whose content runs to the end of the block.
    pub(crate) fn open_definition(&mut self, tag: TagId, name: String, room: ContentKind) {
        let outer = std::mem::take(&mut self.ops);
        self.frames.push(BuilderFrame::Define { tag, name, room, defined: Vec::new(), outer });
    }

    /// Opens a paragraph or row that contains nothing but an including tag.
    pub(crate) fn open_content_slot(&mut self, stand: ContentSlot) {
        let outer = std::mem::take(&mut self.ops);
        self.frames.push(BuilderFrame::ContentSlot { stand: Box::new(stand), outer });
    }

    /// Closes the content slot. Returns false if the innermost frame is another one.
    pub(crate) fn close_content_slot(&mut self) -> bool {
        match self.frames.pop() {
            Some(BuilderFrame::ContentSlot { mut stand, outer }) => {
                stand.fallback = std::mem::replace(&mut self.ops, outer);
                self.ops.push(Instr::ContentSlot(stand));
                true
            }
            other => {
                self.frames.extend(other);
                false
            }
        }
    }

    /// Begins the next branch; `None` begins the final `else`. Returns false if no block is open.
    pub(crate) fn begin_branch(&mut self, branch: Option<Branch>) -> bool {
        let Some(BuilderFrame::Block { done, current, defined, .. }) = self.frames.last_mut()
        else {
            return false;
        };
        let Some(mut finished) = current.take() else { return false };
        finished.body = hoist_definitions(std::mem::take(defined), std::mem::take(&mut self.ops));
        done.push(finished);
        *current = branch;
        true
    }

    /// Closes the innermost block or definition. Returns false if the innermost frame is another one.
    pub(crate) fn close_block(&mut self) -> bool {
        match self.frames.pop() {
            Some(BuilderFrame::Define { tag, name, room, defined, outer }) => {
                let ops = hoist_definitions(defined, std::mem::replace(&mut self.ops, outer));
                self.add_definition(InlinePartial {
                    tag,
                    name,
                    body: InlinePartialBody::Content(room, ops),
                });
                true
            }
            Some(BuilderFrame::Block { done: mut branches, current, defined, outer }) => {
                let body = hoist_definitions(defined, std::mem::replace(&mut self.ops, outer));
                let otherwise = match current {
                    Some(mut branch) => {
                        branch.body = body;
                        branches.push(branch);
                        Vec::new()
                    }
                    None => body,
                };
                self.ops
                    .push(Instr::Block(Box::new(CompiledBlock { branches, else_body: otherwise })));
                true
            }
            other => {
                self.frames.extend(other);
                false
            }
        }
    }

    /// Closes a block whose content is blanked or removed if the block does not hold. Content without tags of its own
    /// is filled like the first such block. Returns false if no block is open.
    pub(crate) fn close_or_blank(
        &mut self,
        closing: RowClosing,
        first: &mut Option<Vec<Instr>>,
        keep: &dyn Fn(usize) -> bool,
    ) -> bool {
        let Some(BuilderFrame::Block { current: Some(mut branch), defined, outer, .. }) =
            self.frames.pop()
        else {
            return false;
        };
        let own = hoist_definitions(defined, std::mem::replace(&mut self.ops, outer));
        let pattern = first.get_or_insert_with(|| own.clone());
        branch.body = if closing.is_tagged { own.clone() } else { pattern.clone() };
        let otherwise = if closing.is_removed { Vec::new() } else { strip_values(own, keep) };
        self.ops.push(Instr::Block(Box::new(CompiledBlock {
            branches: vec![branch],
            else_body: otherwise,
        })));
        true
    }

    pub(crate) fn open_guard(&mut self, number: usize) {
        self.frames.push(BuilderFrame::Guard { number, outer: std::mem::take(&mut self.ops) });
    }

    /// Closes the innermost guard. Returns false if the innermost frame is another one.
    pub(crate) fn close_guard(&mut self) -> bool {
        match self.frames.pop() {
            Some(BuilderFrame::Guard { number, outer }) => {
                let body = std::mem::replace(&mut self.ops, outer);
                self.ops.push(Instr::Guard { number, body });
                true
            }
            other => {
                self.frames.extend(other);
                false
            }
        }
    }

    /// Checks whether the current place is in a loop or a definition, so that its content may be repeated.
    pub(crate) fn is_in_loop(&self) -> bool {
        self.frames.iter().any(|frame| match frame {
            BuilderFrame::Define { .. } => true,
            BuilderFrame::Block { current: Some(branch), .. } => {
                matches!(branch.kind, BranchKind::Each | BranchKind::Section | BranchKind::Nth(_))
            }
            _ => false,
        })
    }

    /// Checks whether every frame is closed.
    pub(crate) fn is_complete(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns the tree, or `None` if a frame is still open.
    pub(crate) fn finish(self) -> Option<Vec<Instr>> {
        self.is_complete().then(|| hoist_definitions(self.definitions, self.ops))
    }
}

/// Removes values, blocks, includes and definitions; special instructions stay if `keep` accepts them.
fn strip_values(ops: Vec<Instr>, keep: &dyn Fn(usize) -> bool) -> Vec<Instr> {
    let mut blanked = Vec::with_capacity(ops.len());
    for op in ops {
        match op {
            Instr::Value { .. } | Instr::Block(_) | Instr::Include(_) | Instr::Define(_) => {}
            Instr::Special { number, .. } if !keep(number) => {}
            Instr::Guard { number, body } => {
                blanked.push(Instr::Guard { number, body: strip_values(body, keep) });
            }
            Instr::ContentSlot(stand) => blanked.extend(strip_values(stand.fallback, keep)),
            other => blanked.push(other),
        }
    }
    blanked
}
