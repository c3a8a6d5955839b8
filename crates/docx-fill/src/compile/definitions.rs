//! Owns the definitions of a part: the names that a tag may use, and definitions whose content cannot be moved.
//! Must not know data, nor the arguments of includes.

use super::part_source::PartSource;
use super::placed_tag::{PlacedTag, PlacedTags, TagLevel, TagProblem};
use crate::analyze::requirement::ListedTag;
use crate::diag::{Problem, msg};
use crate::ir::include;
use crate::ir::partials::PartialFault;
use crate::ir::program::{ContentKind, InlinePartial, InlinePartialBody};
use crate::ir::text_compiler;
use crate::syntax::tag::{MAX_NESTING, TagKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The definitions of a part.
#[derive(Default)]
pub(crate) struct Definitions {
    /// Definitions within one text, by tag index.
    pub(crate) inline_partials: BTreeMap<usize, InlinePartial>,
    /// Names of definitions that enclose paragraphs or rows, by the index of the opening tag.
    pub(crate) block_names: BTreeMap<usize, String>,
    pub(crate) scopes: DefinitionScopes,
    pub(crate) problems: Vec<TagProblem>,
}

impl Definitions {
    /// Checks whether the part defines nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.inline_partials.is_empty() && self.block_names.is_empty()
    }
}

/// The blocks of a part with the names that they define.
#[derive(Debug, Default)]
pub(crate) struct DefinitionScopes {
    pub(crate) scopes: Vec<DefinitionScope>,
    /// The innermost scope of each tag.
    pub(crate) scope_of_tag: Vec<usize>,
    pub(crate) names: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct DefinitionScope {
    outer: Option<usize>,
    /// True if it lies in a definition, which may be included where more names are defined.
    in_definition: bool,
    names: BTreeMap<String, usize>,
}

impl DefinitionScopes {
    /// Finds the tag that defines a name at the place of another tag.
    pub(crate) fn find_definition(&self, at: usize, name: &str) -> Option<usize> {
        let mut scope = self.scope_of_tag.get(at).copied();
        while let Some(found) = scope.and_then(|at| self.scopes.get(at)) {
            if let Some(&tag) = found.names.get(name) {
                return Some(tag);
            }
            scope = found.outer;
        }
        None
    }

    pub(crate) fn is_in_definition(&self, at: usize) -> bool {
        self.scope_of_tag
            .get(at)
            .and_then(|&scope| self.scopes.get(scope))
            .is_some_and(|scope| scope.in_definition)
    }

    /// Checks whether a name may be defined when a tag is rendered.
    pub(crate) fn may_be_defined(&self, at: usize, name: &str) -> bool {
        self.find_definition(at, name).is_some()
            || self.is_in_definition(at) && self.names.contains(name)
    }

    /// Returns all names that are defined anywhere in the part.
    pub(crate) fn defined_names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    pub(crate) fn push_scope(&mut self, outer: Option<usize>, defines: bool) -> usize {
        let defines = defines || outer.is_some_and(|outer| self.scopes[outer].in_definition);
        self.scopes.push(DefinitionScope { outer, in_definition: defines, names: BTreeMap::new() });
        self.scopes.len() - 1
    }

    pub(crate) fn define_name(&mut self, scope: usize, name: &str, at: usize) {
        self.scopes[scope].names.insert(name.to_owned(), at);
        self.names.insert(name.to_owned());
    }
}

/// Reads all definitions of a part.
pub(crate) fn read_definitions(part: &PartSource<'_>, tags: &PlacedTags) -> Definitions {
    let mut reader = DefinitionReader { part, found: Definitions::default(), open: Vec::new() };
    reader.open.push(reader.found.scopes.push_scope(None, false));
    for (at, item) in tags.list.iter().enumerate() {
        reader.read_tag(at, item);
    }
    reader.found
}

struct DefinitionReader<'a> {
    part: &'a PartSource<'a>,
    found: Definitions,
    /// Scopes of the open blocks, outermost first.
    open: Vec<usize>,
}

impl DefinitionReader<'_> {
    fn read_tag(&mut self, at: usize, item: &PlacedTag) {
        let here = self.open.last().copied().unwrap_or_default();
        self.found.scopes.scope_of_tag.push(here);
        match &item.tag.kind {
            TagKind::Open(_) | TagKind::Inverse(_) => self.open_scope(here, false),
            TagKind::Else(_) => {
                if self.open.len() > 1 {
                    self.open.pop();
                }
                let outer = self.open.last().copied();
                self.open.push(self.found.scopes.push_scope(outer, false));
            }
            TagKind::Close(_) if self.open.len() > 1 => {
                self.open.pop();
            }
            TagKind::DefineOpen(head) => {
                match include::parse_defined_name(head, self.part.helpers) {
                    Ok(name) => {
                        self.found.scopes.define_name(here, &name, at);
                        self.found.block_names.insert(at, name);
                    }
                    Err(problem) => self.found.problems.push((at, problem)),
                }
                self.open_scope(here, true);
            }
            TagKind::Define(define) => {
                let tag = self.part.tag_id(at);
                match text_compiler::read_definition(tag, define, self.part.helpers) {
                    Ok(inline) => {
                        self.found.scopes.define_name(here, &inline.name, at);
                        self.found.inline_partials.insert(at, inline);
                    }
                    Err(problem) => self.found.problems.push((at, problem)),
                }
            }
            _ => {}
        }
    }

    /// Opens the scope of a block. Blocks beyond the nesting limit are rejected later; they get no scopes of their own,
    /// since scope chains are walked.
    fn open_scope(&mut self, here: usize, defines: bool) {
        let deep = self.open.len() > MAX_NESTING;
        let scope = if deep { here } else { self.found.scopes.push_scope(Some(here), defines) };
        self.open.push(scope);
    }
}

/// Returns the problems within definitions that lie within one paragraph.
pub(crate) fn text_problems(part: &PartSource<'_>, found: &Definitions) -> Vec<TagProblem> {
    let mut problems = Vec::new();
    for (&at, inline) in &found.inline_partials {
        let InlinePartialBody::Text(body) = &inline.body else { continue };
        let known = |name: &str| found.scopes.names.contains(name);
        let faults = part.partials.check_definition(&inline.name, body, &known);
        problems.extend(faults.into_iter().map(|fault| (at, PartialFault::into_problem(fault))));
    }
    problems
}

/// Returns the kind of content of a definition that encloses paragraphs or rows.
pub(crate) fn content_kind_of(item: &PlacedTag) -> ContentKind {
    match item.level {
        TagLevel::Row(_) => ContentKind::Rows,
        _ => ContentKind::Paragraphs,
    }
}

/// Returns the problems of definitions whose content cannot be moved.
pub(crate) fn content_problems(
    part: &PartSource<'_>,
    tags: &PlacedTags,
    sites: &[ListedTag],
    blocks: &[Vec<usize>],
) -> Vec<TagProblem> {
    let checker = ContentChecker { part, tags: &tags.list, sites };
    let mut found = Vec::new();
    for block in blocks {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        if !matches!(tags.list[open].tag.kind, TagKind::DefineOpen(_)) {
            continue;
        }
        match tags.list[open].level {
            TagLevel::Paragraph => found.extend(checker.check_content(open, close)),
            TagLevel::Row(_) => {}
            // A definition within one text is a single tag, unless it crosses other blocks.
            _ => found.push((open, crossing_block(&sites[open].text))),
        }
    }
    found
}

struct ContentChecker<'a> {
    part: &'a PartSource<'a>,
    tags: &'a [PlacedTag],
    sites: &'a [ListedTag],
}

impl ContentChecker<'_> {
    fn check_content(&self, open: usize, close: usize) -> Vec<TagProblem> {
        let paragraph = |at: usize| &self.part.paragraph_of(&self.tags[at]).range;
        let range = paragraph(open).start..paragraph(close).end;
        let mut found = Vec::new();
        let mut within = self.part.model.paragraphs_within(&range).iter();
        if within.any(|paragraph| paragraph.section_break) {
            let message = msg!("template.inline-section", name = &self.sites[open].text);
            let problem = Problem::error("block-placement", message);
            found.push((open, problem.with_hint(msg!("template.hint-section-break"))));
        }
        for at in open + 1..close {
            if self.is_place_bound(at, &range) {
                let message = msg!("template.inline-cell", tag = &self.sites[at].text);
                found.push((at, Problem::error("cell-place", message)));
            }
        }
        found
    }

    /// Checks whether a tag changes the cell or section in which a definition lies.
    fn is_place_bound(&self, at: usize, range: &Range<usize>) -> bool {
        let TagKind::Value(body) = &self.tags[at].tag.kind else { return false };
        let container = self.part.paragraph_of(&self.tags[at]).container;
        let containers = &self.part.model.containers;
        let inside = container.is_some_and(|cell| containers[cell].range.start >= range.start);
        let name = body.split(' ').next().unwrap_or_default();
        match self.part.helpers.find(name) {
            Some(helper) => helper.role.is_about_cell() && !inside,
            None => name == "section-break",
        }
    }
}

/// Returns the problem of a block that crosses others.
pub(crate) fn crossing_block(name: &str) -> Problem {
    let problem = Problem::error("block-placement", msg!("template.crosses", name = name));
    problem.with_hint(msg!("template.hint-crosses"))
}
