//! Owns the compiling of a part: tags are found in the joined text of each paragraph, mapped back to
//! the bytes they came from, and the bytes between them become steps.
//! Must not know data; XML is only cut at positions that the reader gave, never searched for.

use super::definition_scopes::Scopes;
use super::table_rules::table_rules;
use crate::analyze::partial_requirements;
use crate::analyze::requirement::TagSite;
use crate::compile::block_scope::{Item, Level, Levels};
use crate::compile::cleanup;
use crate::compile::list_restart;
use crate::compile::vertical_merge;
use crate::diag::Problem;
use crate::diag::WordPlace;
use crate::diag::text;
use crate::document::part_model::{IdKind, Scan};
use crate::document::styles::Styles;
use crate::ir::builder::Builder;
use crate::ir::part::{Action, Class, Edit, Guard, Part, Special};
use crate::ir::partials::Partials;
use crate::ir::program::{Branch, BranchKind, Include, Inline, Op, Slot, TagId, match_blocks};
use crate::ir::table_rule::TableRule;
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::syntax::tag::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The result of compiling a part.
pub(crate) struct Compiled {
    /// `None` if the part has no tags.
    pub(crate) part: Option<Part>,
    pub(crate) sites: Vec<TagSite>,
    /// Paths of files that tags name themselves.
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordPlace, Problem)>,
}

/// Compiles a part; its tags are numbered from `first`.
pub(crate) fn compile(
    name: &str,
    source: &str,
    scan: &Scan,
    styles: &Styles,
    first: usize,
    partials: &Partials,
) -> Compiled {
    let mut compiler = Compiler {
        name,
        partials,
        includes: BTreeMap::new(),
        inlines: BTreeMap::new(),
        defined: BTreeMap::new(),
        scopes: Scopes::default(),
        branches: BTreeMap::new(),
        source,
        scan,
        styles,
        first,
        items: Vec::new(),
        values: Vec::new(),
        by_paragraph: vec![Vec::new(); scan.paragraphs.len()],
        edits: Vec::new(),
        touched: BTreeSet::new(),
        roomy: BTreeSet::new(),
        guarded_cells: BTreeSet::new(),
        guarded_tables: BTreeSet::new(),
        marked_tables: BTreeSet::new(),
        restarts: BTreeMap::new(),
        specials: Vec::new(),
        guards: Vec::new(),
        tables: Vec::new(),
        sites: Vec::new(),
        files: Vec::new(),
        problems: Vec::new(),
        described: None,
        told: BTreeSet::new(),
        told_anywhere: BTreeSet::new(),
    };
    compiler.find_tags();
    let ops = compiler.run();
    compiler.reach(&ops);
    let defines = !compiler.defined.is_empty();
    let touched = !compiler.edits.is_empty() || !compiler.items.is_empty();
    let Compiler { specials, guards, tables, sites, files, problems, .. } = compiler;
    let part = touched.then(|| Part {
        name: name.to_owned(),
        source: source.to_owned(),
        ops,
        specials,
        guards,
        tables,
        defines,
    });
    Compiled { part, sites, files, problems }
}

pub(crate) struct Compiler<'a> {
    pub(crate) name: &'a str,
    pub(crate) partials: &'a Partials,
    /// What the tags of partials include, by number of the tag.
    pub(crate) includes: BTreeMap<usize, Include>,
    /// What tags define in their own text, by number of the tag.
    pub(crate) inlines: BTreeMap<usize, Inline>,
    /// The names of what stands between two tags, by number of the opening one.
    pub(crate) defined: BTreeMap<usize, String>,
    pub(crate) scopes: Scopes,
    /// What the opening tags open.
    pub(crate) branches: BTreeMap<usize, Branch>,
    pub(crate) source: &'a str,
    pub(crate) scan: &'a Scan,
    pub(crate) styles: &'a Styles,
    pub(crate) first: usize,
    pub(crate) items: Vec<Item>,
    /// The expressions of value tags.
    pub(crate) values: Vec<Option<Expr>>,
    pub(crate) by_paragraph: Vec<Vec<usize>>,
    pub(crate) edits: Vec<Edit>,
    /// Text elements whose spaces have to be kept.
    pub(crate) touched: BTreeSet<usize>,
    /// Paragraphs whose lines have been made high enough for pictures.
    pub(crate) roomy: BTreeSet<usize>,
    pub(crate) guarded_cells: BTreeSet<usize>,
    pub(crate) guarded_tables: BTreeSet<usize>,
    /// Tables with tags about their cells.
    pub(crate) marked_tables: BTreeSet<usize>,
    /// Lists that begin anew in each turn, by the tag that opens the loop.
    pub(crate) restarts: BTreeMap<usize, Vec<String>>,
    pub(crate) specials: Vec<Special>,
    pub(crate) guards: Vec<Guard>,
    pub(crate) tables: Vec<TableRule>,
    pub(crate) sites: Vec<TagSite>,
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordPlace, Problem)>,
    /// The pictures whose descriptions are paragraphs, by these; found when a tag asks for one.
    pub(crate) described: Option<BTreeMap<usize, usize>>,
    /// What was reported, with its place and by itself.
    pub(crate) told: BTreeSet<(WordPlace, Problem)>,
    pub(crate) told_anywhere: BTreeSet<Problem>,
}

impl Compiler<'_> {
    fn run(&mut self) -> Vec<Op> {
        let kinds: Vec<&Kind> = self.items.iter().map(|item| &item.tag.kind).collect();
        let (matched, faults) = match_blocks(&kinds);
        let broken = !faults.is_empty();
        self.report_all(faults);
        self.read_tags();
        if broken {
            return self.loose();
        }
        let mut levels =
            Levels { scan: self.scan, items: &mut self.items, by_paragraph: &self.by_paragraph };
        let faults = levels.decide(&matched.blocks);
        let lone: Vec<bool> =
            (0..self.scan.paragraphs.len()).map(|at| levels.is_lone(at)).collect();
        let rows: BTreeSet<usize> = levels.items.iter().filter_map(row_of).collect();
        let mut tag_rows: BTreeSet<usize> =
            rows.into_iter().filter(|&row| levels.is_tag_row(row)).collect();
        // The last of the rows to fill may hold nothing but the closing tag.
        for block in &matched.blocks {
            let row = |at: Option<&usize>| at.and_then(|&at| row_of(&levels.items[at]));
            if let Level::FixedRow(open) = levels.items[block[0]].level
                && !tag_rows.contains(&open)
                && let Some(close) = row(block.last())
            {
                tag_rows.remove(&close);
            }
        }
        let misplaced = !faults.is_empty();
        self.report_all(faults);
        if misplaced {
            return self.loose();
        }
        let blocks = &matched.blocks;
        if self.check_definitions(blocks) {
            return self.loose();
        }
        self.restarts = list_restart::restarts(self.source, self.scan, &self.items, blocks, &lone);
        self.place_tags(&lone, &tag_rows);
        let stands = self.place_stands();
        let fixed: Vec<usize> = tag_rows.iter().copied().collect();
        for block in &matched.blocks {
            if let &[open, close] = block.as_slice() {
                self.place_columns(open, close);
                self.place_fixed_rows(open, close, &fixed);
            }
        }
        let (scan, items, marked) = (self.scan, &self.items, &self.marked_tables);
        self.tables = table_rules(scan, items, &matched.blocks, marked, &stands);
        self.edits.extend(vertical_merge::grow(
            self.source,
            self.scan,
            &self.items,
            &tag_rows,
            blocks,
        ));
        let (edits, guards) = cleanup::guards(
            self.source,
            self.scan,
            &self.guarded_cells,
            &self.guarded_tables,
            &self.marked_tables,
        );
        self.edits.extend(edits);
        self.guards = guards;
        self.edits.extend(cleanup::unbind(self.scan, &self.items));
        self.edits.extend(cleanup::keep_spaces(self.scan, &self.touched));
        self.build()
    }

    /// What is included wants data where it is included.
    fn reach(&mut self, ops: &[Op]) {
        if self.includes.is_empty() && self.inlines.is_empty() && self.defined.is_empty() {
            return;
        }
        let source = partial_requirements::Source {
            partials: self.partials,
            specials: &self.specials,
            values: &self.values,
            inlines: &self.inlines,
            first: self.first,
        };
        partial_requirements::add(&source, ops, &mut self.sites);
    }

    pub(crate) fn tag(&self, at: usize) -> TagId {
        TagId::try_from(self.first + at).unwrap_or(TagId::MAX)
    }

    /// Where the value of a tag goes.
    pub(crate) fn slot(&self, at: usize) -> Slot {
        match self.element_of(at).map(|element| self.scan.texts[element].name) {
            Some(name @ ("w:t" | "w:delText")) => Slot::Run(name),
            _ => self.code_slot(at),
        }
    }

    // ---- placing

    fn place_tags(&mut self, lone: &[bool], tag_rows: &BTreeSet<usize>) {
        let mut removed_rows = BTreeSet::new();
        for at in 0..self.items.len() {
            let (paragraph, level) = (self.items[at].paragraph, self.items[at].level);
            match level {
                Level::Row(row) => {
                    self.guarded_tables.extend(self.scan.rows[row].table);
                    self.lift(at, self.scan.rows[row].range.clone(), tag_rows.contains(&row));
                    if tag_rows.contains(&row) {
                        if removed_rows.insert(row) {
                            self.remove_row(row);
                        }
                    } else if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                Level::FixedRow(row) if tag_rows.contains(&row) => {
                    if removed_rows.insert(row) {
                        self.remove_row(row);
                    }
                }
                Level::FixedRow(_) | Level::Column(_) => {
                    if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                Level::Paragraph => {
                    let found = &self.scan.paragraphs[paragraph];
                    self.guarded_cells.extend(found.container);
                    self.lift(at, found.range.clone(), lone[paragraph]);
                    if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                Level::Inline { .. } if self.inlines.contains_key(&at) && lone[paragraph] => {
                    self.lift(at, self.scan.paragraphs[paragraph].range.clone(), true);
                }
                Level::Inline { split } => {
                    if !(lone[paragraph] && self.items[at].tag.kind == Kind::Comment) {
                        self.place_inline(at, split);
                    }
                }
            }
        }
        for (at, lone) in lone.iter().enumerate() {
            if *lone {
                self.remove_paragraph(at);
            }
        }
    }

    /// Moves a tag from the text to the edge of what it acts on.
    fn lift(&mut self, at: usize, range: Range<usize>, vanishes: bool) {
        let ends = matches!(self.items[at].tag.kind, Kind::Close(_)) && !vanishes;
        let (edge, class) =
            if ends { (range.end, Class::TagEnd) } else { (range.start, Class::TagBegin) };
        let actions = vec![Action::Tag(at)];
        self.edits.push(Edit { range: edge..edge, class, number: at * 2 + 1, actions });
    }

    fn remove_paragraph(&mut self, at: usize) {
        let paragraph = &self.scan.paragraphs[at];
        let tags = &self.by_paragraph[at];
        // Range marks must not be repeated: before a block begins, after it has ended.
        let begins = tags.iter().any(|&tag| {
            let kind = &self.items[tag].tag.kind;
            opening_of(kind).is_some() || matches!(kind, Kind::DefineOpen(_))
        });
        let marks: Vec<Action> = paragraph.marks.iter().cloned().map(Action::Source).collect();
        let (mut before, mut instead) = (Vec::new(), Vec::new());
        if begins {
            before = marks;
        } else {
            instead = marks;
        }
        let (range, number) = (paragraph.range.clone(), tags[0] * 2);
        let start = range.start..range.start;
        self.guarded_cells.extend(paragraph.container);
        if !before.is_empty() {
            self.edits.push(Edit { range: start, class: Class::TagBegin, number, actions: before });
        }
        self.edits.push(Edit { range, class: Class::Replace, number, actions: instead });
    }

    fn remove_row(&mut self, row: usize) {
        let range = self.scan.rows[row].range.clone();
        let marks = self.scan.paragraphs_within(&range).iter().flat_map(|found| &found.marks);
        let actions = marks.cloned().map(Action::Source).collect();
        self.edits.push(Edit { range: range.clone(), class: Class::Replace, number: 0, actions });
    }

    fn place_inline(&mut self, at: usize, split: bool) {
        if self.place_special(at) {
            // It stands elsewhere.
        } else if split {
            self.place_split(at);
        } else {
            let actions = match self.items[at].tag.kind {
                Kind::Comment => Vec::new(),
                _ => vec![Action::Tag(at)],
            };
            self.cut_tag(at, actions);
        }
    }

    /// A block over several runs begins and ends between runs, so that each keeps its own look.
    fn place_split(&mut self, at: usize) {
        let Some(element) = self.element_of(at) else { return };
        let element = &self.scan.texts[element];
        let run_name = if element.name.starts_with("a:") { "a:r" } else { "w:r" };
        let properties = self.run_properties(at);
        let space = if run_name == "w:r" { " xml:space=\"preserve\"" } else { "" };
        let name = element.name;
        let actions = vec![
            Action::Insert(format!("</{name}></{run_name}>")),
            Action::Tag(at),
            Action::Insert(format!("<{run_name}>{properties}<{name}{space}>")),
        ];
        self.cut_tag(at, actions);
    }

    pub(crate) fn element_of(&self, at: usize) -> Option<usize> {
        let item = &self.items[at];
        self.scan.paragraphs[item.paragraph].element_at(item.tag.range.start)
    }

    /// `<w:rPr>…</w:rPr>` of the run in which a tag begins.
    pub(crate) fn run_properties(&self, at: usize) -> String {
        let run = self.element_of(at).and_then(|element| self.scan.texts[element].run);
        let range = run.and_then(|run| self.scan.runs[run].properties.clone());
        range.map(|range| self.source.slice(range).to_owned()).unwrap_or_default()
    }

    pub(crate) fn cut_tag(&mut self, at: usize, actions: Vec<Action>) {
        let item = &self.items[at];
        let (paragraph, cut, from) = (item.paragraph, item.tag.cut.clone(), item.tag.range.start);
        // Spaces that a `~` takes from before the tag must not carry the value to an earlier run.
        if cut.start < from {
            self.cut(paragraph, &(cut.start..from), Vec::new(), at * 2);
        }
        self.cut(paragraph, &(from..cut.end), actions, at * 2);
    }

    /// Cuts a range of a paragraph's text; the actions go where it begins.
    pub(crate) fn cut(
        &mut self,
        paragraph: usize,
        range: &Range<usize>,
        actions: Vec<Action>,
        number: usize,
    ) {
        let mut actions = Some(actions);
        for (range, element) in self.scan.paragraphs[paragraph].sources(range) {
            self.touched.extend(element);
            let actions = actions.take().unwrap_or_default();
            self.edits.push(Edit { range, class: Class::Replace, number, actions });
        }
    }

    // ---- building

    fn build(&mut self) -> Vec<Op> {
        let mut edits = std::mem::take(&mut self.edits);
        edits.sort_by_key(|edit| (edit.range.start, edit.class, edit.number));
        let mut builder = Builder::default();
        let mut from = 0;
        let mut crossed = None;
        let mut patterns: BTreeMap<usize, Option<Vec<Op>>> = BTreeMap::new();
        for edit in &edits {
            if edit.range.start < from {
                // Lies in something that is removed as a whole.
                continue;
            }
            self.source_between(&mut builder, from..edit.range.start);
            from = edit.range.end;
            for action in &edit.actions {
                match action {
                    Action::Tag(at) => {
                        if !self.step(&mut builder, *at) {
                            crossed = crossed.or(Some(*at));
                        }
                    }
                    Action::Special(at, number) => {
                        let tag = TagId::try_from(self.first + at).unwrap_or(TagId::MAX);
                        builder.push(Op::Special { tag, number: *number });
                    }
                    Action::Insert(text) => builder.push(Op::Insert(text.clone().into())),
                    Action::Source(range) => self.source_between(&mut builder, range.clone()),
                    Action::OpenNth(at, index) => {
                        // The same tag opens a branch for each row that it fills.
                        let branch = self.branch(*at, self.tag(*at));
                        builder.open(Branch { kind: BranchKind::Nth(*index), ..branch });
                    }
                    Action::CloseNth { open, tagged, removed } => {
                        let pattern = patterns.entry(*open).or_default();
                        let specials = &self.specials;
                        let keep = |number: usize| matches!(specials[number], Special::Id(..));
                        if !builder.close_or_blank((*tagged, *removed), pattern, &keep) {
                            crossed = crossed.or(Some(*open));
                        }
                    }
                    Action::OpenGuard(number) => builder.open_guard(*number),
                    Action::CloseGuard => {
                        builder.close_guard();
                    }
                    Action::OpenStand(at, room, marks) => {
                        self.open_stand(&mut builder, *at, *room, marks.clone());
                    }
                    Action::CloseStand => {
                        builder.close_stand();
                    }
                    Action::OpenFirst(loops) => builder.open(Branch::first(*loops)),
                    Action::OpenHolds(at) => {
                        builder.open(self.branch(*at, self.tag(*at)).into_condition());
                    }
                    Action::CloseFirst(other) => {
                        builder.otherwise(None);
                        builder.push(Op::Insert(other.clone().into()));
                        builder.close();
                    }
                }
            }
        }
        self.source_between(&mut builder, from..self.source.len());
        self.edits = edits;
        self.finish(builder, crossed)
    }

    fn finish(&mut self, builder: Builder, crossed: Option<usize>) -> Vec<Op> {
        let ops = builder.finish();
        if (ops.is_none() || crossed.is_some()) && !self.items.is_empty() {
            let at = crossed.unwrap_or(0);
            let message = text!("template.crosses", name = &self.sites[at].text);
            let problem = Problem::error("block-placement", message);
            self.report(at, problem.hint(text!("template.hint-crosses")));
        }
        ops.unwrap_or_default()
    }

    /// A piece of the source; within a loop its identities are made anew each time.
    fn source_between(&mut self, builder: &mut Builder, range: Range<usize>) {
        let mut from = range.start;
        if builder.in_loop() {
            let scan = self.scan;
            let first = scan.ids.partition_point(|site| site.range.start < range.start);
            for site in scan.ids[first..].iter().take_while(|site| site.range.end <= range.end) {
                if site.range.start < from {
                    continue;
                }
                builder.push(Op::Source(from..site.range.start));
                from = site.range.end;
                if site.kind != IdKind::Optional {
                    let value = self.source.slice(site.range.clone()).to_owned();
                    let number = self.special(Special::Id(site.kind, value));
                    builder.push(Op::Special { tag: 0, number });
                }
            }
        }
        if from < range.end {
            builder.push(Op::Source(from..range.end));
        }
    }

    pub(crate) fn special(&mut self, special: Special) -> usize {
        self.specials.push(special);
        self.specials.len() - 1
    }

    /// Adds a tag to the tree; false if it does not fit there.
    fn step(&mut self, builder: &mut Builder, at: usize) -> bool {
        let tag = self.tag(at);
        match &self.items[at].tag.kind {
            Kind::Value(_) => {
                if let Some(op) = self.value_op(at, tag) {
                    builder.push(op);
                }
                true
            }
            Kind::Open(_) | Kind::Inverse(_) => {
                let branch = self.branch(at, tag);
                builder.open(branch);
                if let Some(lists) = self.restarts.remove(&at) {
                    let number = self.special(Special::Restart(lists));
                    builder.push(Op::Special { tag, number });
                }
                true
            }
            Kind::Else(None) => builder.otherwise(None),
            Kind::Else(Some(_)) => {
                let branch = self.branch(at, tag);
                builder.otherwise(Some(branch))
            }
            Kind::Close(_) => builder.close(),
            Kind::Partial(_) => {
                if let Some(include) = self.includes.get(&at).cloned() {
                    builder.push(Op::Include(Box::new(include)));
                }
                true
            }
            Kind::Define(_) => {
                if let Some(inline) = self.inlines.get(&at).cloned() {
                    builder.define(inline);
                }
                true
            }
            Kind::DefineOpen(_) => {
                let name = self.defined.get(&at).cloned().unwrap_or_default();
                builder.open_definition(tag, name, self.room_of(at));
                true
            }
            Kind::Comment | Kind::PartialOpen(_) => true,
        }
    }

    /// The branch that a tag opens, in every row where it repeats columns; a broken one is reported
    /// already and stands for nothing.
    fn branch(&self, at: usize, tag: TagId) -> Branch {
        self.branches.get(&at).cloned().unwrap_or_else(|| Branch::nothing(tag))
    }

    /// The values outside of blocks, where blocks do not match: nothing comes of them but what is wrong
    /// with the data.
    fn loose(&mut self) -> Vec<Op> {
        let mut ops = Vec::new();
        let mut depth = 0usize;
        for at in 0..self.items.len() {
            match self.items[at].tag.kind {
                Kind::Open(_) | Kind::Inverse(_) | Kind::DefineOpen(_) => depth += 1,
                Kind::Close(_) => depth = depth.saturating_sub(1),
                Kind::Value(_) if depth == 0 => {
                    let (tag, slot) = (self.tag(at), self.slot(at));
                    ops.extend(self.values[at].clone().map(|expr| Op::Value { tag, expr, slot }));
                }
                _ => {}
            }
        }
        ops
    }
}

fn row_of(item: &Item) -> Option<usize> {
    match item.level {
        Level::Row(row) | Level::FixedRow(row) => Some(row),
        _ => None,
    }
}

pub(crate) fn opening_of(kind: &Kind) -> Option<(&str, bool)> {
    match kind {
        Kind::Open(body) | Kind::Else(Some(body)) => Some((body, false)),
        Kind::Inverse(body) => Some((body, true)),
        _ => None,
    }
}
