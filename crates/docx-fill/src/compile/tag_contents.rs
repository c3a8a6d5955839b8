//! Owns reading the content of tags: their expressions, branches, includes and definitions, and the names that each uses.
//! Must not know the places at which a tag may stand, nor how the bytes around it are edited.

use super::definitions::{self, Definitions};
use super::escape_context::escape_context;
use super::fields::merge_fields::shown_name;
use super::part_source::PartSource;
use super::placed_tag::{PlacedTag, PlacedTags, TagProblem};
use crate::analyze::requirement::{self, ListedTag, Requirement};
use crate::analyze::static_scope::StaticScope;
use crate::diag::Problem;
use crate::eval::string_template;
use crate::ir::partials::PartialFault;
use crate::ir::program::{Branch, Include};
use crate::ir::text_compiler;
use crate::slice::TextSlice as _;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::TagKind;
use std::collections::{BTreeMap, BTreeSet};

/// The content of the tags of a part.
#[derive(Default)]
pub(crate) struct TagContents {
    /// Expressions of value tags, by tag index.
    pub(crate) values: Vec<Option<Expr>>,
    /// Branches by the index of their opening tag.
    pub(crate) branches: BTreeMap<usize, Branch>,
    /// Includes by tag index.
    pub(crate) includes: BTreeMap<usize, Include>,
    pub(crate) definitions: Definitions,
    /// Each tag with its place and the names that it uses.
    pub(crate) sites: Vec<ListedTag>,
    /// Paths of files that tags name literally.
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<TagProblem>,
}

/// Parses the content of every tag. Its problems are found whether or not the blocks match.
pub(crate) fn read_tags(part: &PartSource<'_>, tags: &PlacedTags) -> TagContents {
    let mut reader = ContentReader {
        part,
        tags,
        trail: part.outer.cloned().unwrap_or_default(),
        contents: TagContents::default(),
        reported: BTreeSet::new(),
    };
    reader.contents.sites = tags.list.iter().map(|item| tag_site(part, item)).collect();
    // A name may be used before its definition.
    let mut found = definitions::read_definitions(part, tags);
    for (at, problem) in std::mem::take(&mut found.problems) {
        reader.report_problem(at, problem);
    }
    for (at, problem) in definitions::text_problems(part, &found) {
        reader.report_once(at, problem);
    }
    reader.contents.definitions = found;
    for (at, item) in tags.list.iter().enumerate() {
        let value = reader.read_tag(at, item);
        reader.contents.values.push(value);
    }
    reader.contents
}

fn tag_site(part: &PartSource<'_>, item: &PlacedTag) -> ListedTag {
    let paragraph = part.paragraph_of(item);
    ListedTag {
        text: paragraph.text.slice(item.tag.range.clone()).to_owned(),
        location: part.locate_range(paragraph, &item.tag.range),
        paths: Vec::new(),
        absolute_paths: Vec::new(),
        requirements: Vec::new(),
    }
}

struct ContentReader<'a> {
    part: &'a PartSource<'a>,
    tags: &'a PlacedTags,
    /// The blocks around the current tag.
    trail: StaticScope,
    contents: TagContents,
    reported: BTreeSet<Problem>,
}

impl ContentReader<'_> {
    /// Reads one tag. Returns the expression of a value tag.
    fn read_tag(&mut self, at: usize, item: &PlacedTag) -> Option<Expr> {
        match &item.tag.kind {
            // Break tags are not expressions.
            TagKind::Value(body) if parse_break(body).is_some() => {}
            TagKind::Value(body) => return self.read_value(at, body),
            TagKind::Partial(partial) => {
                let (tag, slot) = (self.part.tag_id(at), escape_context(self.part, self.tags, at));
                let helpers = self.part.helpers;
                match text_compiler::read_include(tag, partial, slot, helpers) {
                    Ok(include) => self.add_include(at, include),
                    Err(problem) => self.report_problem(at, problem),
                }
            }
            TagKind::Close(_) => self.trail.close_block(),
            TagKind::Else(None) => self.trail.enter_else(),
            TagKind::Open(_) | TagKind::Inverse(_) | TagKind::Else(Some(_)) => {
                self.read_opening(at, item);
            }
            TagKind::DefineOpen(_) => self.trail.open_block(None),
            TagKind::Define(define) => {
                if self.contents.definitions.inline_partials.contains_key(&at) {
                    self.contents.sites[at].paths = string_template::tag_paths(&define.body);
                }
            }
            TagKind::MergeField(number) => self.read_merge_field(at, *number),
            TagKind::Comment | TagKind::PartialOpen(_) => {}
        }
        None
    }

    fn read_value(&mut self, at: usize, body: &str) -> Option<Expr> {
        match expr::parse_value(body, self.part.helpers) {
            Ok(expr) => {
                let wants = &requirement::requirements_of_value;
                self.record_names(at, [&expr].into_iter(), wants);
                self.contents.files.extend(expr.file_path().map(str::to_owned));
                Some(expr)
            }
            Err(problem) => {
                self.report_problem(at, problem);
                None
            }
        }
    }

    /// Records the name of a merge field, which the data may lack.
    fn read_merge_field(&mut self, at: usize, number: usize) {
        let name = shown_name(&self.part.model.fields[number].code);
        self.contents.sites[at].text = format!("«{name}»");
        let Ok(expr) = expr::parse_value(&format!("[{name}]"), self.part.helpers) else { return };
        let wants = |expr: &Expr, trail: &StaticScope| {
            let found = requirement::requirements_of_value(expr, trail).into_iter();
            found.map(|one| Requirement { optional: true, outer: true, ..one }).collect()
        };
        self.record_names(at, [&expr].into_iter(), &wants);
    }

    fn read_opening(&mut self, at: usize, item: &PlacedTag) {
        let Some((body, inverse)) = item.opening() else { return };
        let branch = Branch::parse_head(self.part.tag_id(at), body, inverse, self.part.helpers);
        if matches!(item.tag.kind, TagKind::Else(_)) {
            self.trail.close_block();
        }
        match branch {
            Ok(branch) => {
                let wants = |_: &Expr, trail: &StaticScope| {
                    requirement::requirements_of_branch(&branch, trail)
                };
                self.record_names(at, [&branch.subject].into_iter(), &wants);
                self.trail.open_block(Some(&branch));
                self.contents.branches.insert(at, branch);
            }
            Err(problem) => {
                self.trail.open_block(None);
                self.report_problem(at, problem);
            }
        }
    }

    fn add_include(&mut self, at: usize, include: Include) {
        let scopes = &self.contents.definitions.scopes;
        let known = |name: &str| scopes.may_be_defined(at, name);
        let (unknown, faults) = self.part.partials.check_include(&include, &known);
        let unknown =
            unknown.map(|name| self.part.partials.unknown_partial(name, &scopes.defined_names()));
        for problem in unknown.into_iter().chain(faults.into_iter().map(PartialFault::into_problem))
        {
            self.report_once(at, problem);
        }
        self.record_names(at, include.used_exprs(), &requirement::requirements_of_value);
        self.contents.includes.insert(at, include);
    }

    fn report_problem(&mut self, at: usize, problem: Problem) {
        self.reported.insert(problem.clone());
        self.contents.problems.push((at, problem));
    }

    /// Reports a problem of a partial once, at the first tag that includes it.
    fn report_once(&mut self, at: usize, problem: Problem) {
        if !self.reported.contains(&problem) {
            self.report_problem(at, problem);
        }
    }

    /// Records the names that a tag uses. Requirements of tags in a definition depend on where it is included,
    /// so they are left to `partial_requirements`.
    fn record_names<'e>(
        &mut self,
        at: usize,
        exprs: impl Iterator<Item = &'e Expr>,
        wants: &dyn Fn(&Expr, &StaticScope) -> Vec<Requirement>,
    ) {
        let site = &mut self.contents.sites[at];
        let trail = &self.trail;
        let depends = self.contents.definitions.scopes.is_in_definition(at);
        for expr in exprs {
            expr.for_each_path(&mut |path| {
                site.paths.push(path.raw.clone());
                site.absolute_paths.extend(trail.absolute_path(path).filter(|_| !depends));
            });
            if !depends {
                site.requirements.extend(wants(expr, trail));
            }
        }
    }
}

/// Parses a break tag: true for a page break, false for a section break.
pub(crate) fn parse_break(body: &str) -> Option<bool> {
    match body {
        "page-break" => Some(true),
        "section-break" => Some(false),
        _ => None,
    }
}
