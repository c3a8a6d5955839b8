//! Owns finding the tags of a part and reading what is in them.
//! Must not know what becomes of the bytes around them.

use crate::analyze::requirement;
use crate::analyze::requirement::Requirement;
use crate::analyze::requirement::TagSite;
use crate::analyze::static_scope::StaticScope;
use crate::compile::block_scope::{PlacedTag, TagLevel};
use crate::compile::compiler::Compiler;
use crate::compile::word_tags::parse_break;
use crate::diag::Problem;
use crate::diag::WordLocation;
use crate::diag::msg;
use crate::document::part_model::Paragraph;
use crate::ir::partials::PartialFault;
use crate::ir::program::{Branch, Include, match_blocks};
use crate::ir::text_compiler;
use crate::limits::MAX_TAG_BYTES;
use crate::slice::TextSlice as _;
use crate::syntax::expr;
use crate::syntax::expr::Expr;
use crate::syntax::tag::{TagKind, TagToken, find_tags};
use std::ops::Range;

/// Whether tags need no others around them.
fn is_balanced(found: &[TagToken]) -> bool {
    let mut kinds = Vec::new();
    for item in found {
        match item {
            TagToken::Tag(tag) => kinds.push(&tag.kind),
            TagToken::Escape(_) => {}
            TagToken::Invalid(..) => return false,
        }
    }
    match_blocks(&kinds).1.is_empty()
}

impl Compiler<'_> {
    pub(crate) fn find_tags(&mut self) {
        let scan = self.model;
        let mut found_at = Vec::new();
        for (at, paragraph) in scan.paragraphs.iter().enumerate() {
            if paragraph.text.contains("｛｛") {
                self.warn_of_wide_braces(paragraph);
            }
            if !paragraph.text.contains("{{") {
                continue;
            }
            let all = find_tags(&paragraph.text);
            // Parts of tags that somebody has deleted are no tags.
            if scan.deleted_paragraphs.contains(&at) && !is_balanced(&all) {
                continue;
            }
            for found in all {
                match found {
                    TagToken::Tag(tag) => {
                        let source = paragraph.source_at(tag.range.start);
                        let level = TagLevel::Inline { split: false };
                        found_at.push(PlacedTag { paragraph: at, tag, offset: source, level });
                    }
                    TagToken::Escape(range) => self.cut_text(at, &range, Vec::new(), 0),
                    TagToken::Invalid(range, problem) => {
                        self.report_at(self.locate_tag(paragraph, &range), problem);
                    }
                }
            }
        }
        found_at.sort_by_key(|item| item.offset);
        let bytes: usize = found_at.iter().map(|item| item.tag.range.len()).sum();
        if let (true, Some(first)) = (bytes > MAX_TAG_BYTES, found_at.first()) {
            let place = self.locate_tag(&scan.paragraphs[first.paragraph], &first.tag.range);
            let message = msg!("template.tags-too-long", limit = MAX_TAG_BYTES >> 20);
            self.report_at(place, Problem::error("tag-too-long", message));
            return;
        }
        self.tags = found_at;
        for (at, item) in self.tags.iter().enumerate() {
            self.tags_by_paragraph[item.paragraph].push(at);
            let paragraph = &scan.paragraphs[item.paragraph];
            self.sites.push(TagSite {
                text: paragraph.text.slice(item.tag.range.clone()).to_owned(),
                location: self.locate_tag(paragraph, &item.tag.range),
                paths: Vec::new(),
                absolute_paths: Vec::new(),
                requirements: Vec::new(),
            });
        }
    }

    fn warn_of_wide_braces(&mut self, paragraph: &Paragraph) {
        let at = paragraph.text.find("｛｛").unwrap_or(0);
        let place = self.locate_tag(paragraph, &(at..at + "｛｛".len()));
        let problem =
            Problem::warning("tag-wide-braces", msg!("template.wide-braces", braces = "｛｛"))
                .with_hint(msg!("template.hint-wide-braces"));
        self.report_at(place, problem);
    }

    fn locate_tag(&self, paragraph: &Paragraph, range: &Range<usize>) -> WordLocation {
        WordLocation {
            part: self.name.to_owned(),
            cells: paragraph.location.cells.clone(),
            paragraph: paragraph.location.paragraph,
            excerpt: paragraph.excerpt_around(range),
        }
    }

    /// Reads the inside of every tag; what is wrong there is told whether the blocks match or not.
    pub(crate) fn read_tags(&mut self) {
        let mut trail = StaticScope::default();
        self.read_definitions();
        for at in 0..self.tags.len() {
            let mut value = None;
            match &self.tags[at].tag.kind {
                // A break is no expression.
                TagKind::Value(body) if parse_break(body).is_some() => {}
                TagKind::Value(body) => match expr::parse_value(body, self.helpers) {
                    Ok(expr) => {
                        self.record_names(
                            at,
                            &trail,
                            [&expr].into_iter(),
                            &requirement::requirements_of_value,
                        );
                        self.files.extend(expr.file_path().map(str::to_owned));
                        value = Some(expr);
                    }
                    Err(problem) => self.report_problem(at, problem),
                },
                TagKind::Partial(partial) => {
                    let include = text_compiler::read_include(
                        self.tag_id(at),
                        partial,
                        self.escape_context(at),
                        self.helpers,
                    );
                    self.read_include(at, include, &trail);
                }
                TagKind::Close(_) => trail.close_block(),
                TagKind::Else(None) => trail.enter_else(),
                TagKind::Open(_) | TagKind::Inverse(_) | TagKind::Else(Some(_)) => {
                    self.read_opening(at, &mut trail);
                }
                TagKind::DefineOpen(_) => trail.open_block(None),
                TagKind::Comment | TagKind::PartialOpen(_) | TagKind::Define(_) => {}
            }
            self.values.push(value);
        }
    }

    fn read_opening(&mut self, at: usize, trail: &mut StaticScope) {
        let kind = &self.tags[at].tag.kind;
        let Some((body, inverse)) = crate::compile::compiler::opening_of(kind) else { return };
        let chained = matches!(kind, TagKind::Else(_));
        let branch = Branch::parse_head(self.tag_id(at), body, inverse, self.helpers);
        if chained {
            trail.close_block();
        }
        match branch {
            Ok(branch) => {
                let wants = |_: &Expr, trail: &StaticScope| {
                    requirement::requirements_of_branch(&branch, trail)
                };
                self.record_names(at, trail, [&branch.subject].into_iter(), &wants);
                trail.open_block(Some(&branch));
                self.branches.insert(at, branch);
            }
            Err(problem) => {
                trail.open_block(None);
                self.report_problem(at, problem);
            }
        }
    }

    fn read_include(&mut self, at: usize, include: Result<Include, Problem>, trail: &StaticScope) {
        let include = match include {
            Ok(include) => include,
            Err(problem) => return self.report_problem(at, problem),
        };
        let known = |name: &str| self.scopes.may_be_defined(at, name);
        let (unknown, faults) = self.partials.check_include(&include, &known);
        let unknown =
            unknown.map(|name| self.partials.unknown_partial(name, &self.scopes.defined_names()));
        for problem in unknown.into_iter().chain(faults.into_iter().map(PartialFault::into_problem))
        {
            self.report_once(at, problem);
        }
        self.record_names(at, trail, include.used_exprs(), &requirement::requirements_of_value);
        self.includes.insert(at, include);
    }

    pub(crate) fn report_problem(&mut self, item: usize, problem: Problem) {
        self.report_at(self.sites[item].location.clone(), problem);
    }

    /// A tag that became several steps is told of once.
    pub(crate) fn report_at(&mut self, place: WordLocation, problem: Problem) {
        let found = (place, problem);
        if self.reported.insert(found.clone()) {
            self.reported_anywhere.insert(found.1.clone());
            self.problems.push(found);
        }
    }

    pub(crate) fn report_all(&mut self, problems: Vec<(usize, Problem)>) {
        for (at, problem) in problems {
            self.report_problem(at, problem);
        }
    }

    /// What is wrong in a partial is told where it is included first.
    pub(crate) fn report_once(&mut self, at: usize, problem: Problem) {
        if !self.reported_anywhere.contains(&problem) {
            self.report_problem(at, problem);
        }
    }

    /// Notes the names that a tag uses. What those of a definition want depends on where it is included.
    fn record_names<'e>(
        &mut self,
        at: usize,
        trail: &StaticScope,
        exprs: impl Iterator<Item = &'e Expr>,
        wants: &dyn Fn(&Expr, &StaticScope) -> Vec<Requirement>,
    ) {
        let site = &mut self.sites[at];
        let depends = self.scopes.is_in_definition(at);
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
