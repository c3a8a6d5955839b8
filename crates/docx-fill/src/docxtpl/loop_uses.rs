//! Owns what the tags of a part show of the data that its loops go through: a list, or a group of named values, of which
//! Python gives the names.
//! Must not know how a tag is translated.

use super::jinja_ast::{JinjaArg, JinjaExpr};
use super::jinja_parser::parse_expression;
use super::jinja_tags::JinjaKind;
use super::sites::PlacedJinjaTag;
use super::statements::{ForLoop, Statement, parse_statement};
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};

/// Things that a loop with one name goes through, as far as the template shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoopedData {
    /// A list, or what only lists can be used for.
    List,
    /// A group: the loop goes through its names.
    Group,
    /// One of the two.
    Unknown,
}

/// The uses of values in the tags of a part.
#[derive(Debug, Default)]
pub(super) struct LoopUses {
    /// Paths of values that are used as groups.
    groups: BTreeSet<String>,
    /// Names to which a tag gives values.
    given: BTreeSet<String>,
    /// Loops of whose items members are used, by their tags.
    loops_of_groups: BTreeSet<usize>,
}

/// The loops that are open, while uses are collected.
#[derive(Default)]
struct OpenLoops {
    /// Names of each open block, none for a condition, with its tag.
    blocks: Vec<(Vec<String>, usize)>,
    /// The loops that give a name, the innermost last, each with the path of its list.
    by_name: BTreeMap<String, Vec<(usize, Option<String>)>>,
}

impl OpenLoops {
    fn open(&mut self, at: usize, names: Vec<String>, list: Option<&String>) {
        for name in &names {
            self.by_name.entry(name.clone()).or_default().push((at, list.cloned()));
        }
        self.blocks.push((names, at));
    }

    fn close(&mut self) {
        for name in self.blocks.pop().map(|block| block.0).unwrap_or_default() {
            if let Some(loops) = self.by_name.get_mut(&name) {
                loops.pop();
            }
        }
    }

    /// Returns the innermost loop that gives a name, with the path of its list.
    fn innermost(&self, name: &str) -> Option<&(usize, Option<String>)> {
        self.by_name.get(name)?.last()
    }
}

impl LoopUses {
    /// Collects the uses of values in tags, which stand in the order of the part.
    pub(super) fn find(sites: &[PlacedJinjaTag]) -> LoopUses {
        let (mut uses, mut open) = (LoopUses::default(), OpenLoops::default());
        for (at, site) in sites.iter().enumerate() {
            match site.tag.kind {
                JinjaKind::Comment => {}
                JinjaKind::Value => {
                    if let Ok(expr) = parse_expression(&site.tag.body) {
                        uses.add_expr(&expr, &open);
                    }
                }
                JinjaKind::Statement => {
                    if let Ok(statement) = parse_statement(&site.tag.body) {
                        uses.add_statement(at, statement, &mut open);
                    }
                }
            }
        }
        uses
    }

    fn add_statement(&mut self, at: usize, statement: Statement, open: &mut OpenLoops) {
        match statement {
            Statement::For(ForLoop { names, list, condition, .. }) => {
                self.add_expr(&list, open);
                self.given.extend(names.iter().cloned());
                open.open(at, names, value_path(&list).as_ref());
                if let Some(condition) = &condition {
                    self.add_expr(condition, open);
                }
            }
            Statement::If(condition) => {
                self.add_expr(&condition, open);
                open.open(at, Vec::new(), None);
            }
            Statement::OtherBlock(_) => open.open(at, Vec::new(), None),
            Statement::ElseIf(value)
            | Statement::SpanColumns(value)
            | Statement::ShadeCell(value) => self.add_expr(&value, open),
            Statement::Set(name, value) => {
                self.add_expr(&value, open);
                self.given.insert(name);
            }
            Statement::End(_) => open.close(),
            Statement::Else | Statement::MergeCells | Statement::Other(_) => {}
        }
    }

    fn add_expr(&mut self, expr: &JinjaExpr, open: &OpenLoops) {
        match expr {
            JinjaExpr::Name(_)
            | JinjaExpr::Text(_)
            | JinjaExpr::Number(_)
            | JinjaExpr::Bool(_)
            | JinjaExpr::None
            | JinjaExpr::Collection
            | JinjaExpr::Slice => {}
            JinjaExpr::Attribute(base, name) if is_name_of_lists(name) => self.add_expr(base, open),
            JinjaExpr::Attribute(base, _) => self.add_group(base, open),
            JinjaExpr::Index(base, key) => {
                match &**key {
                    JinjaExpr::Text(_) => return self.add_group(base, open),
                    JinjaExpr::Name(name) => self.add_key(base, name, open),
                    _ => {}
                }
                self.add_expr(base, open);
                self.add_expr(key, open);
            }
            JinjaExpr::Call(callee, args) => self.add_call(callee, args, open),
            JinjaExpr::Filter(value, _, args) => {
                self.add_expr(value, open);
                for arg in args {
                    self.add_expr(&arg.value, open);
                }
            }
            JinjaExpr::Test(test) => {
                self.add_expr(&test.value, open);
                test.args.iter().for_each(|arg| self.add_expr(&arg.value, open));
            }
            JinjaExpr::Not(value) | JinjaExpr::Negative(value) => self.add_expr(value, open),
            JinjaExpr::Binary(binary) => {
                self.add_expr(&binary.left, open);
                self.add_expr(&binary.right, open);
            }
            JinjaExpr::Comparison(first, rest) => {
                self.add_expr(first, open);
                for pair in rest {
                    self.add_expr(&pair.1, open);
                }
            }
            JinjaExpr::Choice(choice) => {
                let values = [Some(&choice.condition), Some(&choice.yes), choice.no.as_ref()];
                values.into_iter().flatten().for_each(|value| self.add_expr(value, open));
            }
        }
    }

    fn add_call(&mut self, callee: &JinjaExpr, args: &[JinjaArg], open: &OpenLoops) {
        match callee {
            JinjaExpr::Attribute(base, method)
                if matches!(method.as_str(), "items" | "keys" | "values" | "get") =>
            {
                self.add_group(base, open);
            }
            JinjaExpr::Attribute(base, _) => self.add_expr(base, open),
            other => self.add_expr(other, open),
        }
        for arg in args {
            self.add_expr(&arg.value, open);
        }
    }

    /// Adds a value of which a member is used by its name.
    fn add_group(&mut self, base: &JinjaExpr, open: &OpenLoops) {
        if let JinjaExpr::Name(name) = base
            && let Some((at, _)) = open.innermost(name)
        {
            self.loops_of_groups.insert(*at);
        }
        self.groups.extend(value_path(base));
        self.add_expr(base, open);
    }

    /// Adds a value of which a member is used by what a name stands for.
    fn add_key(&mut self, base: &JinjaExpr, name: &str, open: &OpenLoops) {
        let list = open.innermost(name).and_then(|found| found.1.as_ref());
        if let (Some(path), Some(list)) = (value_path(base), list)
            && path == *list
        {
            self.groups.insert(path);
        }
    }

    /// Returns what the loop of a tag goes through.
    pub(super) fn looped_data(&self, at: usize, list: &JinjaExpr) -> LoopedData {
        let Some(path) = value_path(list) else { return LoopedData::List };
        let root = path.slice(..path.find(PATH_STEP).unwrap_or(path.len()));
        if self.loops_of_groups.contains(&at) {
            LoopedData::List
        } else if self.groups.contains(&path) && !self.given.contains(root) {
            LoopedData::Group
        } else {
            LoopedData::Unknown
        }
    }
}

/// Checks whether a member may be one of a list: an item by its number, or what people take for its length.
fn is_name_of_lists(name: &str) -> bool {
    matches!(name, "length" | "count" | "size") || name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Stands between the steps of a path; names have none.
const PATH_STEP: char = '\u{0}';

/// Returns the path of a value of the data; `None` if an expression makes it.
fn value_path(expr: &JinjaExpr) -> Option<String> {
    let (base, step) = match expr {
        JinjaExpr::Name(name) => return Some(name.clone()),
        JinjaExpr::Attribute(base, name) => (base, name),
        JinjaExpr::Index(base, key) => match &**key {
            JinjaExpr::Text(name) | JinjaExpr::Number(name) => (base, name),
            _ => return None,
        },
        _ => return None,
    };
    Some(format!("{}{PATH_STEP}{step}", value_path(base)?))
}
