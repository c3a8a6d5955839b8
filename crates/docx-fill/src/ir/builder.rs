//! Owns the building of the tree of steps: blocks, definitions, guarded content and places for content.
//! Must not know how tags were found, nor any data.

use crate::ir::program::{Block, Branch, BranchKind, Inline, InlineBody, Op, Room, Stand, TagId};

/// Builds the tree from steps in reading order.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    open: Vec<Frame>,
    ops: Vec<Op>,
    /// What the whole defines; that of a block is in its frame.
    defined: Vec<Op>,
}

#[derive(Debug)]
enum Frame {
    /// `current` is the branch whose body is being collected, `None` after the last `else`.
    Block {
        done: Vec<Branch>,
        current: Option<Branch>,
        /// What the branch being collected defines.
        defined: Vec<Op>,
        outer: Vec<Op>,
    },
    Define {
        tag: TagId,
        name: String,
        room: Room,
        defined: Vec<Op>,
        outer: Vec<Op>,
    },
    Guard {
        number: usize,
        outer: Vec<Op>,
    },
    Stand {
        stand: Box<Stand>,
        outer: Vec<Op>,
    },
}

/// Definitions come before everything else of what they stand in.
fn hoisted(mut defined: Vec<Op>, ops: Vec<Op>) -> Vec<Op> {
    defined.extend(ops);
    defined
}

impl Builder {
    pub(crate) fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    pub(crate) fn open(&mut self, branch: Branch) {
        let outer = std::mem::take(&mut self.ops);
        let (done, defined) = (Vec::new(), Vec::new());
        self.open.push(Frame::Block { done, current: Some(branch), defined, outer });
    }

    /// Adds a definition to the block that it stands in.
    pub(crate) fn define(&mut self, inline: Inline) {
        let within = self.open.iter_mut().rev().find_map(|frame| match frame {
            Frame::Block { defined, .. } | Frame::Define { defined, .. } => Some(defined),
            Frame::Guard { .. } | Frame::Stand { .. } => None,
        });
        within.unwrap_or(&mut self.defined).push(Op::Define(Box::new(inline)));
    }

    /// Begins the definition of what stands up to where the block ends.
    pub(crate) fn open_definition(&mut self, tag: TagId, name: String, room: Room) {
        let outer = std::mem::take(&mut self.ops);
        self.open.push(Frame::Define { tag, name, room, defined: Vec::new(), outer });
    }

    /// Begins a paragraph or row that is there only for a tag.
    pub(crate) fn open_stand(&mut self, stand: Stand) {
        let outer = std::mem::take(&mut self.ops);
        self.open.push(Frame::Stand { stand: Box::new(stand), outer });
    }

    /// Ends it; false if something has to end before it.
    pub(crate) fn close_stand(&mut self) -> bool {
        match self.open.pop() {
            Some(Frame::Stand { mut stand, outer }) => {
                stand.otherwise = std::mem::replace(&mut self.ops, outer);
                self.ops.push(Op::Stand(stand));
                true
            }
            other => {
                self.open.extend(other);
                false
            }
        }
    }

    /// Begins a further branch; `None` is what holds when no branch does. False if no block is open.
    pub(crate) fn otherwise(&mut self, branch: Option<Branch>) -> bool {
        let Some(Frame::Block { done, current, defined, .. }) = self.open.last_mut() else {
            return false;
        };
        let Some(mut finished) = current.take() else { return false };
        finished.body = hoisted(std::mem::take(defined), std::mem::take(&mut self.ops));
        done.push(finished);
        *current = branch;
        true
    }

    /// Ends the innermost block or definition; false if a guard has to end before it.
    pub(crate) fn close(&mut self) -> bool {
        match self.open.pop() {
            Some(Frame::Define { tag, name, room, defined, outer }) => {
                let ops = hoisted(defined, std::mem::replace(&mut self.ops, outer));
                self.define(Inline { tag, name, body: InlineBody::Content(room, ops) });
                true
            }
            Some(Frame::Block { done: mut branches, current, defined, outer }) => {
                let body = hoisted(defined, std::mem::replace(&mut self.ops, outer));
                let otherwise = match current {
                    Some(mut branch) => {
                        branch.body = body;
                        branches.push(branch);
                        Vec::new()
                    }
                    None => body,
                };
                self.ops.push(Op::Block(Box::new(Block { branches, otherwise })));
                true
            }
            other => {
                self.open.extend(other);
                false
            }
        }
    }

    /// Ends a block whose content stays without its values where the block does not hold. Content
    /// without tags of its own is filled like that of the first such block. If it is to be removed it goes
    /// as a whole instead.
    pub(crate) fn close_or_blank(
        &mut self,
        (tagged, removed): (bool, bool),
        first: &mut Option<Vec<Op>>,
        keep: &dyn Fn(usize) -> bool,
    ) -> bool {
        let Some(Frame::Block { current: Some(mut branch), defined, outer, .. }) = self.open.pop()
        else {
            return false;
        };
        let own = hoisted(defined, std::mem::replace(&mut self.ops, outer));
        let pattern = first.get_or_insert_with(|| own.clone());
        branch.body = if tagged { own.clone() } else { pattern.clone() };
        let otherwise = if removed { Vec::new() } else { blank(own, keep) };
        self.ops.push(Op::Block(Box::new(Block { branches: vec![branch], otherwise })));
        true
    }

    pub(crate) fn open_guard(&mut self, number: usize) {
        self.open.push(Frame::Guard { number, outer: std::mem::take(&mut self.ops) });
    }

    /// Ends the innermost guard; false if a block has to end before it.
    pub(crate) fn close_guard(&mut self) -> bool {
        match self.open.pop() {
            Some(Frame::Guard { number, outer }) => {
                let body = std::mem::replace(&mut self.ops, outer);
                self.ops.push(Op::Guard { number, body });
                true
            }
            other => {
                self.open.extend(other);
                false
            }
        }
    }

    /// Whether we are in a loop or a definition; what stands there may come out several times.
    pub(crate) fn in_loop(&self) -> bool {
        self.open.iter().any(|frame| match frame {
            Frame::Define { .. } => true,
            Frame::Block { current: Some(branch), .. } => {
                matches!(branch.kind, BranchKind::Each | BranchKind::Section | BranchKind::Nth(_))
            }
            _ => false,
        })
    }

    /// The tree; `None` if something was left open.
    pub(crate) fn finish(self) -> Option<Vec<Op>> {
        self.open.is_empty().then(|| hoisted(self.defined, self.ops))
    }
}

/// Steps without the values; of the special ones those that are kept.
fn blank(ops: Vec<Op>, keep: &dyn Fn(usize) -> bool) -> Vec<Op> {
    let mut blanked = Vec::with_capacity(ops.len());
    for op in ops {
        match op {
            Op::Value { .. } | Op::Block(_) | Op::Include(_) | Op::Define(_) => {}
            Op::Special { number, .. } if !keep(number) => {}
            Op::Guard { number, body } => {
                blanked.push(Op::Guard { number, body: blank(body, keep) });
            }
            Op::Stand(stand) => blanked.extend(blank(stand.otherwise, keep)),
            other => blanked.push(other),
        }
    }
    blanked
}
