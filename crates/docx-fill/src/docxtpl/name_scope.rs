//! Owns what names mean at a place of a template: turns of loops, values that are set, and the data.
//! Must not know tags.

use super::target_expr::{Refusal, TargetExpr, Translated, is_free_name};
use crate::diag::msg;
use std::collections::BTreeMap;

/// The names of a part, at one place of it.
#[derive(Debug)]
pub(super) struct NameScope {
    frames: Vec<NameFrame>,
}

/// The names of a block; the first frame is that of the part.
#[derive(Debug, Default)]
struct NameFrame {
    /// Without a value if the tag that gives it is not translated.
    names: BTreeMap<String, Option<TargetExpr>>,
    /// Names that our tag of a loop gives to its items.
    params: Vec<String>,
    block: NameFrameKind,
}

/// The kind of block whose names a frame holds.
#[derive(Debug, Default, PartialEq, Eq)]
enum NameFrameKind {
    /// The part itself, or a condition.
    #[default]
    Condition,
    /// A loop with its list as an argument.
    Loop(String),
    /// A loop whose list is not translated.
    UnknownLoop,
}

impl Default for NameScope {
    fn default() -> Self {
        NameScope { frames: vec![NameFrame::default()] }
    }
}

impl NameScope {
    /// Enters a loop that gives names to its items; its list is `None` if it is not translated.
    pub(super) fn enter_loop(&mut self, list: Option<String>, params: Vec<String>) {
        let block = list.map_or(NameFrameKind::UnknownLoop, NameFrameKind::Loop);
        self.frames.push(NameFrame { names: BTreeMap::new(), params, block });
    }

    /// Returns a name for the items of a loop that hides no other item which is in use here.
    pub(super) fn free_parameter(&self, name: &str, beside: &[String]) -> String {
        let base = if is_free_name(name) { name.to_owned() } else { format!("{name}_") };
        let is_taken = |name: &String| {
            beside.contains(name) || self.frames.iter().any(|frame| frame.params.contains(name))
        };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let mut candidates = std::iter::once(base.clone()).chain(numbered);
        candidates.find(|name| !is_taken(name)).unwrap_or(base)
    }

    /// Enters a condition, in which values can be set but not kept.
    pub(super) fn enter_condition(&mut self) {
        self.frames.push(NameFrame::default());
    }

    /// Leaves a block; what was set in a condition is not known behind it.
    pub(super) fn leave(&mut self) {
        if self.frames.len() < 2 {
            return;
        }
        let Some(left) = self.frames.pop() else { return };
        if let (NameFrameKind::Condition, Some(outer)) = (left.block, self.frames.last_mut()) {
            outer.names.extend(left.names.into_keys().map(|name| (name, None)));
        }
    }

    /// Gives a name a value from here on.
    pub(super) fn bind(&mut self, name: &str, value: Option<TargetExpr>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.names.insert(name.to_owned(), value);
        }
    }

    /// Checks whether the innermost block is a condition.
    pub(super) fn is_in_condition(&self) -> bool {
        let is_condition = |frame: &NameFrame| frame.block == NameFrameKind::Condition;
        self.frames.len() > 1 && self.frames.last().is_some_and(is_condition)
    }

    /// Checks whether names are looked up in the item of a loop first.
    pub(super) fn is_in_loop(&self) -> bool {
        self.frames.iter().any(|frame| frame.block != NameFrameKind::Condition)
    }

    /// Returns the list of the innermost loop as an argument.
    pub(super) fn loop_list(&self) -> Option<&str> {
        let is_loop = |frame: &&NameFrame| frame.block != NameFrameKind::Condition;
        match &self.frames.iter().rev().find(is_loop)?.block {
            NameFrameKind::Loop(list) => Some(list),
            _ => None,
        }
    }

    /// Checks whether a name has a value of the template's own.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| frame.names.contains_key(name))
    }

    /// Checks whether a name is the item of a loop through a list.
    pub(super) fn goes_through(&self, name: &str, list: &TargetExpr) -> bool {
        let frame = self.frames.iter().rev().find(|frame| frame.names.contains_key(name));
        frame.is_some_and(|frame| {
            let is_list =
                matches!(&frame.block, NameFrameKind::Loop(own) if *own == list.argument());
            let item = match frame.params.as_slice() {
                [param] => Some(TargetExpr::Path(param.clone())),
                _ => None,
            };
            is_list && item.is_some() && frame.names.get(name) == Some(&item)
        })
    }

    /// Checks whether a loop has been entered behind a frame.
    fn has_loop_behind(&self, frame: usize) -> bool {
        self.frames.iter().skip(frame + 1).any(|frame| frame.block != NameFrameKind::Condition)
    }

    /// Returns what a name stands for; `rooted` if it has to mean the same in any loop.
    pub(super) fn resolve(&self, name: &str, rooted: bool) -> Translated<TargetExpr> {
        let found = self.frames.iter().enumerate().rev();
        let found = found.filter_map(|pair| pair.1.names.get(name).map(|value| (pair.0, value)));
        let bound = found.map(|pair| (pair.1, self.has_loop_behind(pair.0))).next();
        match bound {
            Some((Some(value), true)) if value.counts_turns() => {
                Err(Refusal::of_value(msg!("docxtpl.outer-turn", name = name)))
            }
            Some((Some(value), _)) => Ok(value.clone()),
            Some((None, _)) => Err(Refusal::of_value(msg!("docxtpl.name-lost", name = name))),
            None if name == "loop" && self.is_in_loop() => {
                Err(Refusal::of_value(msg!("docxtpl.loop-value")))
            }
            None if rooted || self.is_in_loop() || !is_free_name(name) => {
                let own = if name == "this" { "[this]" } else { name };
                Ok(TargetExpr::Path(format!("@root.{own}")))
            }
            None => Ok(TargetExpr::Path(name.to_owned())),
        }
    }
}
