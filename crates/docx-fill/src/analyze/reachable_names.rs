//! Owns which names of the data a template can reach at all, so that values of other names need not be read.
//! Must not know data, nor what a value is used for.

use crate::ir::part::{TemplatePart, WordInstr};
use crate::ir::partials::Partials;
use crate::ir::program::{
    BranchKind, CompiledBlock, CompiledPartial, Include, InlinePartial, InlinePartialBody, Instr,
};
use crate::syntax::expr::{DataPath, Expr, PathRoot};
use std::collections::{BTreeMap, BTreeSet};

/// The names by which the tags of a template reach values of the data, in whatever blocks they stand.
///
/// Values are reached by steps from the whole of the data, name by name. So a group of whose name no path is the end is
/// never used as a whole, and those of its values that no path names are out of reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReachableNames {
    /// Each name with whether a path ends with it.
    names: BTreeMap<String, bool>,
}

/// Part of the value of a name that a template can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameReach {
    /// Nothing.
    Nothing,
    /// If it is a group, the values that are named in it; otherwise all of it.
    Named,
    /// All of it.
    All,
}

impl ReachableNames {
    /// Returns what of the value of a name can be reached, in the data or in a group whose reach is [`NameReach::Named`].
    pub fn reach_of(&self, name: &str) -> NameReach {
        match self.names.get(name) {
            None => NameReach::Nothing,
            Some(false) => NameReach::Named,
            Some(true) => NameReach::All,
        }
    }
}

/// Finds the names that parts and partials can reach; `None` if a tag may reach the data as a whole.
pub(crate) fn reachable_names(
    parts: &[TemplatePart],
    partials: &Partials,
) -> Option<ReachableNames> {
    let mut collector = NameCollector::default();
    for part in parts {
        collector.word_instrs = &part.word_instrs;
        collector.visit_instrs(&part.instrs, ThisValue::Unknown);
        // Those in the text were visited, where more may be known of `this`.
        let visited = std::mem::take(&mut collector.visited);
        let rest = part.word_instrs.iter().enumerate();
        for (_, one) in rest.filter(|(number, _)| !visited.contains(number)) {
            collector.visit_word_instr(one, ThisValue::Unknown);
        }
    }
    collector.word_instrs = &[];
    for program in partials.programs.values().chain(partials.whole_lines.values()) {
        collector.visit_instrs(&program.instrs, ThisValue::Unknown);
    }
    (!collector.takes_whole).then_some(ReachableNames { names: collector.names })
}

/// Knowledge of `this` at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ThisValue {
    /// It may be the whole of the data.
    Unknown,
    /// It is a value that a name or an expression reached.
    Reached,
}

#[derive(Default)]
struct NameCollector<'a> {
    /// Those of the part.
    word_instrs: &'a [WordInstr],
    /// The numbers of those that were visited.
    visited: BTreeSet<usize>,
    names: BTreeMap<String, bool>,
    /// True if a tag may reach the data as a whole.
    takes_whole: bool,
}

impl<'a> NameCollector<'a> {
    fn visit_instrs(&mut self, instrs: &'a [Instr], this: ThisValue) {
        for instr in instrs {
            match instr {
                Instr::Source(_) | Instr::Insert(_) | Instr::Literal(_) => {}
                Instr::Value { expr, .. } => self.visit_expr(expr, this),
                Instr::Block(block) => self.visit_block(block, this),
                Instr::Include(include) => self.visit_include(include, this),
                Instr::Define(inline) => self.visit_definition(inline),
                Instr::ContentSlot(slot) => {
                    self.visit_include(&slot.include, this);
                    self.visit_instrs(&slot.fallback, this);
                }
                Instr::Special { number, .. } => {
                    if let Some(found) = self.word_instrs.get(*number) {
                        self.visited.insert(*number);
                        self.visit_word_instr(found, this);
                    }
                }
                Instr::Guard { body, .. } => self.visit_instrs(body, this),
            }
        }
    }

    fn visit_block(&mut self, block: &'a CompiledBlock, this: ThisValue) {
        for branch in &block.branches {
            self.visit_expr(&branch.subject, this);
            let inner = match branch.kind {
                // The whole of the data is no item, unless an expression took it as a whole.
                BranchKind::Each | BranchKind::Nth(_) | BranchKind::With => ThisValue::Reached,
                // A section about what is true leaves `this` as it is.
                BranchKind::If | BranchKind::Unless | BranchKind::Section => this,
            };
            self.visit_instrs(&branch.body, inner);
        }
        self.visit_instrs(&block.else_body, this);
    }

    fn visit_include(&mut self, include: &'a Include, this: ThisValue) {
        include.used_exprs().for_each(|expr| self.visit_expr(expr, this));
        include.body.iter().for_each(|body| self.visit_text(body));
    }

    /// Visits a definition, which any tag may include.
    fn visit_definition(&mut self, inline: &'a InlinePartial) {
        match &inline.body {
            InlinePartialBody::Text(program) => self.visit_text(program),
            InlinePartialBody::Content(_, instrs) => self.visit_instrs(instrs, ThisValue::Unknown),
        }
    }

    /// Visits a text with instructions of its own, which may be included anywhere.
    fn visit_text(&mut self, program: &'a CompiledPartial) {
        let outer = std::mem::take(&mut self.word_instrs);
        self.visit_instrs(&program.instrs, ThisValue::Unknown);
        self.word_instrs = outer;
    }

    fn visit_word_instr(&mut self, instr: &'a WordInstr, this: ThisValue) {
        match instr {
            WordInstr::Markdown(markdown) => self.visit_expr(&markdown.expr, this),
            WordInstr::Fit(fit) => {
                self.visit_expr(&fit.expr, this);
                self.visit_expr(&fit.limit, this);
            }
            WordInstr::Cell(cell) => cell.args.iter().for_each(|arg| self.visit_expr(arg, this)),
            WordInstr::Image(picture) => {
                picture.request.for_each_expr(&mut |expr| self.visit_expr(expr, this));
            }
            WordInstr::Placeholder(picture) | WordInstr::PlaceholderAlt(picture) => {
                picture.request.for_each_expr(&mut |expr| self.visit_expr(expr, this));
            }
            WordInstr::GridSpan { list, .. } | WordInstr::RowLimit { list, .. } => {
                self.visit_expr(list, this);
            }
            WordInstr::MergeField(field) => {
                for name in field.data_names() {
                    self.names.insert(name, true);
                }
            }
            WordInstr::ColumnWidth(_)
            | WordInstr::RestartLists(_)
            | WordInstr::StyledList(_)
            | WordInstr::KeepTablesApart
            | WordInstr::SectionHeaders(_)
            | WordInstr::EndSection { .. }
            | WordInstr::UniqueId(..)
            | WordInstr::SharedId(_)
            | WordInstr::BeginTurn(_)
            | WordInstr::BeginAttached(_) => {}
        }
    }

    fn visit_expr(&mut self, expr: &Expr, this: ThisValue) {
        expr.for_each_path(&mut |path| self.add_path(path, this));
    }

    fn add_path(&mut self, path: &DataPath, this: ThisValue) {
        let Some((last, steps)) = path.segments.split_last() else {
            let is_reached = path.root == (PathRoot::Context { up: 0, bare: false })
                || path.root == (PathRoot::Context { up: 0, bare: true });
            self.takes_whole |= !is_reached || this == ThisValue::Unknown;
            return;
        };
        if matches!(path.root, PathRoot::Local { .. }) {
            return;
        }
        for step in steps {
            self.names.entry(step.clone()).or_insert(false);
        }
        self.names.insert(last.clone(), true);
    }
}
