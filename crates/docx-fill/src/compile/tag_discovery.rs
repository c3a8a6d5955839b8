//! Owns finding the tags of a part and reading what is in them.
//! Must not know what becomes of the bytes around them.

use crate::analyze::requirement;
use crate::analyze::requirement::TagSite;
use crate::analyze::requirement::Want;
use crate::analyze::static_scope::Trail;
use crate::compile::block_scope::{Item, Level};
use crate::compile::compiler::Compiler;
use crate::compile::word_tags::is_break;
use crate::diag::Problem;
use crate::diag::WordPlace;
use crate::diag::text;
use crate::document::part_model::Paragraph;
use crate::ir::partials::Fault;
use crate::ir::program::{Branch, Include, match_blocks};
use crate::ir::text_compiler;
use crate::limits::TAG_BYTES;
use crate::slice::TextSlice as _;
use crate::syntax::expr;
use crate::syntax::expr::Expr;
use crate::syntax::tag::{Found, Kind, find};
use std::ops::Range;

/// Whether tags need no others around them.
fn is_whole(found: &[Found]) -> bool {
    let mut kinds = Vec::new();
    for item in found {
        match item {
            Found::Tag(tag) => kinds.push(&tag.kind),
            Found::Hidden(_) => {}
            Found::Fault(..) => return false,
        }
    }
    match_blocks(&kinds).1.is_empty()
}

impl Compiler<'_> {
    pub(crate) fn find_tags(&mut self) {
        let scan = self.scan;
        let mut found_at = Vec::new();
        for (at, paragraph) in scan.paragraphs.iter().enumerate() {
            if paragraph.text.contains("｛｛") {
                self.warn_of_wide_braces(paragraph);
            }
            if !paragraph.text.contains("{{") {
                continue;
            }
            let all = find(&paragraph.text);
            // Parts of tags that somebody has deleted are no tags.
            if scan.deleted.contains(&at) && !is_whole(&all) {
                continue;
            }
            for found in all {
                match found {
                    Found::Tag(tag) => {
                        let source = paragraph.source_at(tag.range.start);
                        let level = Level::Inline { split: false };
                        found_at.push(Item { paragraph: at, tag, at: source, level });
                    }
                    Found::Hidden(range) => self.cut(at, &range, Vec::new(), 0),
                    Found::Fault(range, problem) => {
                        self.tell(self.place(paragraph, &range), problem);
                    }
                }
            }
        }
        found_at.sort_by_key(|item| item.at);
        let bytes: usize = found_at.iter().map(|item| item.tag.range.len()).sum();
        if let (true, Some(first)) = (bytes > TAG_BYTES, found_at.first()) {
            let place = self.place(&scan.paragraphs[first.paragraph], &first.tag.range);
            let message = text!("template.tags-too-long", limit = TAG_BYTES >> 20);
            self.tell(place, Problem::error("tag-too-long", message));
            return;
        }
        self.items = found_at;
        for (at, item) in self.items.iter().enumerate() {
            self.by_paragraph[item.paragraph].push(at);
            let paragraph = &scan.paragraphs[item.paragraph];
            self.sites.push(TagSite {
                text: paragraph.text.slice(item.tag.range.clone()).to_owned(),
                place: self.place(paragraph, &item.tag.range),
                paths: Vec::new(),
                absolute: Vec::new(),
                wants: Vec::new(),
            });
        }
    }

    fn warn_of_wide_braces(&mut self, paragraph: &Paragraph) {
        let at = paragraph.text.find("｛｛").unwrap_or(0);
        let place = self.place(paragraph, &(at..at + "｛｛".len()));
        let problem =
            Problem::warning("tag-wide-braces", text!("template.wide-braces", braces = "｛｛"))
                .hint(text!("template.hint-wide-braces"));
        self.tell(place, problem);
    }

    fn place(&self, paragraph: &Paragraph, range: &Range<usize>) -> WordPlace {
        WordPlace {
            part: self.name.to_owned(),
            cells: paragraph.place.cells.clone(),
            paragraph: paragraph.place.paragraph,
            excerpt: paragraph.excerpt(range),
        }
    }

    /// Reads the inside of every tag; what is wrong there is told whether the blocks match or not.
    pub(crate) fn read_tags(&mut self) {
        let mut trail = Trail::default();
        self.read_definitions();
        for at in 0..self.items.len() {
            let mut value = None;
            match &self.items[at].tag.kind {
                // A break is no expression.
                Kind::Value(body) if is_break(body).is_some() => {}
                Kind::Value(body) => match expr::value(body) {
                    Ok(expr) => {
                        self.note(at, &trail, [&expr].into_iter(), &requirement::of_value);
                        self.files.extend(expr.file().map(str::to_owned));
                        value = Some(expr);
                    }
                    Err(problem) => self.report(at, problem),
                },
                Kind::Partial(partial) => {
                    let include = text_compiler::read_include(self.tag(at), partial, self.slot(at));
                    self.read_include(at, include, &trail);
                }
                Kind::Close(_) => trail.close(),
                Kind::Else(None) => trail.otherwise(),
                Kind::Open(_) | Kind::Inverse(_) | Kind::Else(Some(_)) => {
                    self.read_opening(at, &mut trail);
                }
                Kind::DefineOpen(_) => trail.open(None),
                Kind::Comment | Kind::PartialOpen(_) | Kind::Define(_) => {}
            }
            self.values.push(value);
        }
    }

    fn read_opening(&mut self, at: usize, trail: &mut Trail) {
        let kind = &self.items[at].tag.kind;
        let Some((body, inverse)) = crate::compile::compiler::opening_of(kind) else { return };
        let chained = matches!(kind, Kind::Else(_));
        let branch = Branch::read(self.tag(at), body, inverse);
        if chained {
            trail.close();
        }
        match branch {
            Ok(branch) => {
                let wants = |_: &Expr, trail: &Trail| requirement::of_branch(&branch, trail);
                self.note(at, trail, [&branch.subject].into_iter(), &wants);
                trail.open(Some(&branch));
                self.branches.insert(at, branch);
            }
            Err(problem) => {
                trail.open(None);
                self.report(at, problem);
            }
        }
    }

    fn read_include(&mut self, at: usize, include: Result<Include, Problem>, trail: &Trail) {
        let include = match include {
            Ok(include) => include,
            Err(problem) => return self.report(at, problem),
        };
        let known = |name: &str| self.scopes.may_know(at, name);
        let (unknown, faults) = self.partials.check(&include, &known);
        let unknown = unknown.map(|name| self.partials.unknown(name, &self.scopes.names()));
        for problem in unknown.into_iter().chain(faults.into_iter().map(Fault::told)) {
            self.report_once(at, problem);
        }
        self.note(at, trail, include.exprs(), &requirement::of_value);
        self.includes.insert(at, include);
    }

    pub(crate) fn report(&mut self, item: usize, problem: Problem) {
        self.tell(self.sites[item].place.clone(), problem);
    }

    /// A tag that became several steps is told of once.
    pub(crate) fn tell(&mut self, place: WordPlace, problem: Problem) {
        let found = (place, problem);
        if self.told.insert(found.clone()) {
            self.told_anywhere.insert(found.1.clone());
            self.problems.push(found);
        }
    }

    pub(crate) fn report_all(&mut self, problems: Vec<(usize, Problem)>) {
        for (at, problem) in problems {
            self.report(at, problem);
        }
    }

    /// What is wrong in a partial is told where it is included first.
    pub(crate) fn report_once(&mut self, at: usize, problem: Problem) {
        if !self.told_anywhere.contains(&problem) {
            self.report(at, problem);
        }
    }

    /// Notes the names that a tag uses. What those of a definition want depends on where it is included.
    fn note<'e>(
        &mut self,
        at: usize,
        trail: &Trail,
        exprs: impl Iterator<Item = &'e Expr>,
        wants: &dyn Fn(&Expr, &Trail) -> Vec<Want>,
    ) {
        let site = &mut self.sites[at];
        let depends = self.scopes.is_in_definition(at);
        for expr in exprs {
            expr.paths(&mut |path| {
                site.paths.push(path.raw.clone());
                site.absolute.extend(trail.absolute(path).filter(|_| !depends));
            });
            if !depends {
                site.wants.extend(wants(expr, trail));
            }
        }
    }
}
