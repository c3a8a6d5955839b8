//! Owns the compiling of a part: tags are found in the joined text of each paragraph, mapped back to
//! the bytes they came from, and the bytes between them become steps.
//! Must not know data; XML is only cut at positions that the reader gave, never searched for.

use super::definition_scopes::DefinitionScopes;
use super::table_rules::{PlacedBlocks, table_rules};
use crate::analyze::partial_requirements;
use crate::analyze::requirement::TagSite;
use crate::compile::block_scope::{LevelResolver, PlacedTag, TagLevel};
use crate::compile::cleanup;
use crate::compile::list_restart;
use crate::compile::vertical_merge;
use crate::diag::Problem;
use crate::diag::WordLocation;
use crate::diag::msg;
use crate::document::part_model::{IdKind, PartModel};
use crate::document::styles::StyleIndex;
use crate::helper::HelperSet;
use crate::ir::builder::InstrBuilder;
use crate::ir::part::{ContentGuard, EditAction, EditOrder, PartEdit, TemplatePart, WordInstr};
use crate::ir::partials::Partials;
use crate::ir::program::{
    Branch, BranchKind, EscapeContext, Include, InlinePartial, Instr, TagId, match_blocks,
};
use crate::ir::table_rule::TableRule;
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::syntax::tag::TagKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The result of compiling a part.
pub(crate) struct CompiledPart {
    /// `None` if the part has no tags.
    pub(crate) part: Option<TemplatePart>,
    pub(crate) sites: Vec<TagSite>,
    /// Paths of files that tags name themselves.
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
}

/// The names that tags may use beside those of the data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CompileSettings<'a> {
    pub(crate) partials: &'a Partials,
    pub(crate) helpers: &'a HelperSet,
}

/// Compiles a part; its tags are numbered from `first`.
pub(crate) fn compile_part(
    name: &str,
    source: &str,
    scan: &PartModel,
    styles: &StyleIndex,
    first: usize,
    settings: CompileSettings<'_>,
) -> CompiledPart {
    let mut compiler = Compiler {
        name,
        partials: settings.partials,
        helpers: settings.helpers,
        includes: BTreeMap::new(),
        inline_partials: BTreeMap::new(),
        defined_names: BTreeMap::new(),
        scopes: DefinitionScopes::default(),
        branches: BTreeMap::new(),
        source,
        model: scan,
        styles,
        first_tag: first,
        tags: Vec::new(),
        values: Vec::new(),
        tags_by_paragraph: vec![Vec::new(); scan.paragraphs.len()],
        edits: Vec::new(),
        touched: BTreeSet::new(),
        raised_paragraphs: BTreeSet::new(),
        guarded_cells: BTreeSet::new(),
        guarded_tables: BTreeSet::new(),
        marked_tables: BTreeSet::new(),
        list_restarts: BTreeMap::new(),
        word_instrs: Vec::new(),
        guards: Vec::new(),
        table_rules: Vec::new(),
        sites: Vec::new(),
        files: Vec::new(),
        problems: Vec::new(),
        described_pictures: None,
        reported: BTreeSet::new(),
        reported_anywhere: BTreeSet::new(),
    };
    compiler.find_tags();
    let ops = compiler.compile_tags();
    compiler.add_partial_requirements(&ops);
    let defines = !compiler.defined_names.is_empty();
    let touched = !compiler.edits.is_empty() || !compiler.tags.is_empty();
    let Compiler {
        word_instrs: specials, guards, table_rules: tables, sites, files, problems, ..
    } = compiler;
    let part = touched.then(|| TemplatePart {
        name: name.to_owned(),
        source: source.to_owned(),
        instrs: ops,
        word_instrs: specials,
        guards,
        table_rules: tables,
        has_definitions: defines,
    });
    CompiledPart { part, sites, files, problems }
}

pub(crate) struct Compiler<'a> {
    pub(crate) name: &'a str,
    pub(crate) partials: &'a Partials,
    pub(crate) helpers: &'a HelperSet,
    /// What the tags of partials include, by number of the tag.
    pub(crate) includes: BTreeMap<usize, Include>,
    /// What tags define in their own text, by number of the tag.
    pub(crate) inline_partials: BTreeMap<usize, InlinePartial>,
    /// The names of what stands between two tags, by number of the opening one.
    pub(crate) defined_names: BTreeMap<usize, String>,
    pub(crate) scopes: DefinitionScopes,
    /// What the opening tags open.
    pub(crate) branches: BTreeMap<usize, Branch>,
    pub(crate) source: &'a str,
    pub(crate) model: &'a PartModel,
    pub(crate) styles: &'a StyleIndex,
    pub(crate) first_tag: usize,
    pub(crate) tags: Vec<PlacedTag>,
    /// The expressions of value tags.
    pub(crate) values: Vec<Option<Expr>>,
    pub(crate) tags_by_paragraph: Vec<Vec<usize>>,
    pub(crate) edits: Vec<PartEdit>,
    /// Text elements whose spaces have to be kept.
    pub(crate) touched: BTreeSet<usize>,
    /// Paragraphs whose lines have been made high enough for pictures.
    pub(crate) raised_paragraphs: BTreeSet<usize>,
    pub(crate) guarded_cells: BTreeSet<usize>,
    pub(crate) guarded_tables: BTreeSet<usize>,
    /// Tables with tags about their cells.
    pub(crate) marked_tables: BTreeSet<usize>,
    /// Lists that begin anew in each turn, by the tag that opens the loop.
    pub(crate) list_restarts: BTreeMap<usize, Vec<String>>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) guards: Vec<ContentGuard>,
    pub(crate) table_rules: Vec<TableRule>,
    pub(crate) sites: Vec<TagSite>,
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
    /// The pictures whose descriptions are paragraphs, by these; found when a tag asks for one.
    pub(crate) described_pictures: Option<BTreeMap<usize, usize>>,
    /// What was reported, with its place and by itself.
    pub(crate) reported: BTreeSet<(WordLocation, Problem)>,
    pub(crate) reported_anywhere: BTreeSet<Problem>,
}

impl Compiler<'_> {
    fn compile_tags(&mut self) -> Vec<Instr> {
        let kinds: Vec<&TagKind> = self.tags.iter().map(|item| &item.tag.kind).collect();
        let (matched, faults) = match_blocks(&kinds);
        let broken = !faults.is_empty();
        self.report_all(faults);
        self.read_tags();
        if broken {
            return self.recover_values();
        }
        let mut levels = LevelResolver {
            helpers: self.helpers,
            model: self.model,
            tags: &mut self.tags,
            tags_by_paragraph: &self.tags_by_paragraph,
        };
        let faults = levels.resolve_levels(&matched.blocks);
        let lone: Vec<bool> =
            (0..self.model.paragraphs.len()).map(|at| levels.is_tag_only(at)).collect();
        let rows: BTreeSet<usize> = levels.tags.iter().filter_map(row_of).collect();
        let mut tag_rows: BTreeSet<usize> =
            rows.into_iter().filter(|&row| levels.is_tag_row(row)).collect();
        // The last of the rows to fill may hold nothing but the closing tag.
        for block in &matched.blocks {
            let row = |at: Option<&usize>| at.and_then(|&at| row_of(&levels.tags[at]));
            if let TagLevel::FixedRow(open) = levels.tags[block[0]].level
                && !tag_rows.contains(&open)
                && let Some(close) = row(block.last())
            {
                tag_rows.remove(&close);
            }
        }
        let misplaced = !faults.is_empty();
        self.report_all(faults);
        if misplaced {
            return self.recover_values();
        }
        let blocks = &matched.blocks;
        if self.check_definitions(blocks) {
            return self.recover_values();
        }
        self.list_restarts =
            list_restart::find_list_restarts(self.source, self.model, &self.tags, blocks, &lone);
        self.place_tags(&lone, &tag_rows);
        let stands = self.place_content_slots();
        let fixed: Vec<usize> = tag_rows.iter().copied().collect();
        for block in &matched.blocks {
            if let &[open, close] = block.as_slice() {
                self.place_columns(open, close);
                self.place_fixed_rows(open, close, &fixed);
            }
        }
        let placed =
            PlacedBlocks { tags: &self.tags, blocks: &matched.blocks, helpers: self.helpers };
        self.table_rules = table_rules(self.model, placed, &self.marked_tables, &stands);
        self.edits.extend(vertical_merge::grow_merged_cells(
            self.source,
            self.model,
            &self.tags,
            &tag_rows,
            blocks,
        ));
        let (edits, guards) = cleanup::collect_guards(
            self.source,
            self.model,
            &self.guarded_cells,
            &self.guarded_tables,
            &self.marked_tables,
        );
        self.edits.extend(edits);
        self.guards = guards;
        self.edits.extend(cleanup::unbind_controls(self.model, &self.tags));
        self.edits.extend(cleanup::preserve_spaces(self.model, &self.touched));
        self.build_instrs()
    }

    /// What is included wants data where it is included.
    fn add_partial_requirements(&mut self, ops: &[Instr]) {
        if self.includes.is_empty()
            && self.inline_partials.is_empty()
            && self.defined_names.is_empty()
        {
            return;
        }
        let source = partial_requirements::AnalyzedPart {
            partials: self.partials,
            specials: &self.word_instrs,
            values: &self.values,
            inlines: &self.inline_partials,
            first_tag: self.first_tag,
        };
        partial_requirements::add_partial_requirements(&source, ops, &mut self.sites);
    }

    pub(crate) fn tag_id(&self, at: usize) -> TagId {
        TagId::try_from(self.first_tag + at).unwrap_or(TagId::MAX)
    }

    /// Where the value of a tag goes.
    pub(crate) fn escape_context(&self, at: usize) -> EscapeContext {
        match self.text_element_of(at).map(|element| self.model.texts[element].name) {
            Some(name @ ("w:t" | "w:delText")) => EscapeContext::Run(name),
            _ => self.code_context(at),
        }
    }

    // ---- placing

    fn place_tags(&mut self, lone: &[bool], tag_rows: &BTreeSet<usize>) {
        let mut removed_rows = BTreeSet::new();
        for at in 0..self.tags.len() {
            let (paragraph, level) = (self.tags[at].paragraph, self.tags[at].level);
            match level {
                TagLevel::Row(row) => {
                    self.guarded_tables.extend(self.model.rows[row].table);
                    self.lift_tag(at, self.model.rows[row].range.clone(), tag_rows.contains(&row));
                    if tag_rows.contains(&row) {
                        if removed_rows.insert(row) {
                            self.remove_row(row);
                        }
                    } else if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                TagLevel::FixedRow(row) if tag_rows.contains(&row) => {
                    if removed_rows.insert(row) {
                        self.remove_row(row);
                    }
                }
                TagLevel::FixedRow(_) | TagLevel::Column(_) => {
                    if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                TagLevel::Paragraph => {
                    let found = &self.model.paragraphs[paragraph];
                    self.guarded_cells.extend(found.container);
                    self.lift_tag(at, found.range.clone(), lone[paragraph]);
                    if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                TagLevel::Inline { .. }
                    if self.inline_partials.contains_key(&at) && lone[paragraph] =>
                {
                    self.lift_tag(at, self.model.paragraphs[paragraph].range.clone(), true);
                }
                TagLevel::Inline { split } => {
                    if !(lone[paragraph] && self.tags[at].tag.kind == TagKind::Comment) {
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
    fn lift_tag(&mut self, at: usize, range: Range<usize>, vanishes: bool) {
        let ends = matches!(self.tags[at].tag.kind, TagKind::Close(_)) && !vanishes;
        let (edge, class) =
            if ends { (range.end, EditOrder::TagEnd) } else { (range.start, EditOrder::TagBegin) };
        let actions = vec![EditAction::Tag(at)];
        self.edits.push(PartEdit { range: edge..edge, order: class, number: at * 2 + 1, actions });
    }

    fn remove_paragraph(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[at];
        let tags = &self.tags_by_paragraph[at];
        // Range marks must not be repeated: before a block begins, after it has ended.
        let begins = tags.iter().any(|&tag| {
            let kind = &self.tags[tag].tag.kind;
            opening_of(kind).is_some() || matches!(kind, TagKind::DefineOpen(_))
        });
        let marks: Vec<EditAction> =
            paragraph.marks.iter().cloned().map(EditAction::Source).collect();
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
            self.edits.push(PartEdit {
                range: start,
                order: EditOrder::TagBegin,
                number,
                actions: before,
            });
        }
        self.edits.push(PartEdit { range, order: EditOrder::Replace, number, actions: instead });
    }

    fn remove_row(&mut self, row: usize) {
        let range = self.model.rows[row].range.clone();
        let marks = self.model.paragraphs_within(&range).iter().flat_map(|found| &found.marks);
        let actions = marks.cloned().map(EditAction::Source).collect();
        self.edits.push(PartEdit {
            range: range.clone(),
            order: EditOrder::Replace,
            number: 0,
            actions,
        });
    }

    fn place_inline(&mut self, at: usize, split: bool) {
        if self.place_special(at) {
            // It stands elsewhere.
        } else if split {
            self.place_split(at);
        } else {
            let actions = match self.tags[at].tag.kind {
                TagKind::Comment => Vec::new(),
                _ => vec![EditAction::Tag(at)],
            };
            self.cut_tag(at, actions);
        }
    }

    /// A block over several runs begins and ends between runs, so that each keeps its own look.
    fn place_split(&mut self, at: usize) {
        let Some(element) = self.text_element_of(at) else { return };
        let element = &self.model.texts[element];
        let run_name = if element.name.starts_with("a:") { "a:r" } else { "w:r" };
        let properties = self.run_properties(at);
        let space = if run_name == "w:r" { " xml:space=\"preserve\"" } else { "" };
        let name = element.name;
        let actions = vec![
            EditAction::Insert(format!("</{name}></{run_name}>")),
            EditAction::Tag(at),
            EditAction::Insert(format!("<{run_name}>{properties}<{name}{space}>")),
        ];
        self.cut_tag(at, actions);
    }

    pub(crate) fn text_element_of(&self, at: usize) -> Option<usize> {
        let item = &self.tags[at];
        self.model.paragraphs[item.paragraph].element_at(item.tag.range.start)
    }

    /// `<w:rPr>…</w:rPr>` of the run in which a tag begins.
    pub(crate) fn run_properties(&self, at: usize) -> String {
        let run = self.text_element_of(at).and_then(|element| self.model.texts[element].run);
        let range = run.and_then(|run| self.model.runs[run].properties.clone());
        range.map(|range| self.source.slice(range).to_owned()).unwrap_or_default()
    }

    pub(crate) fn cut_tag(&mut self, at: usize, actions: Vec<EditAction>) {
        let item = &self.tags[at];
        let (paragraph, cut, from) = (item.paragraph, item.tag.cut.clone(), item.tag.range.start);
        // Spaces that a `~` takes from before the tag must not carry the value to an earlier run.
        if cut.start < from {
            self.cut_text(paragraph, &(cut.start..from), Vec::new(), at * 2);
        }
        self.cut_text(paragraph, &(from..cut.end), actions, at * 2);
    }

    /// Cuts a range of a paragraph's text; the actions go where it begins.
    pub(crate) fn cut_text(
        &mut self,
        paragraph: usize,
        range: &Range<usize>,
        actions: Vec<EditAction>,
        number: usize,
    ) {
        let mut actions = Some(actions);
        for (range, element) in self.model.paragraphs[paragraph].source_ranges(range) {
            self.touched.extend(element);
            let actions = actions.take().unwrap_or_default();
            self.edits.push(PartEdit { range, order: EditOrder::Replace, number, actions });
        }
    }

    // ---- building

    fn build_instrs(&mut self) -> Vec<Instr> {
        let mut edits = std::mem::take(&mut self.edits);
        edits.sort_by_key(|edit| (edit.range.start, edit.order, edit.number));
        let mut builder = InstrBuilder::default();
        let mut from = 0;
        let mut crossed = None;
        let mut patterns: BTreeMap<usize, Option<Vec<Instr>>> = BTreeMap::new();
        for edit in &edits {
            if edit.range.start < from {
                // Lies in something that is removed as a whole.
                continue;
            }
            self.push_source(&mut builder, from..edit.range.start);
            from = edit.range.end;
            for action in &edit.actions {
                match action {
                    EditAction::Tag(at) => {
                        if !self.push_tag(&mut builder, *at) {
                            crossed = crossed.or(Some(*at));
                        }
                    }
                    EditAction::Special(at, number) => {
                        let tag = TagId::try_from(self.first_tag + at).unwrap_or(TagId::MAX);
                        builder.push(Instr::Special { tag, number: *number });
                    }
                    EditAction::Insert(text) => builder.push(Instr::Insert(text.clone().into())),
                    EditAction::Source(range) => self.push_source(&mut builder, range.clone()),
                    EditAction::OpenNth(at, index) => {
                        // The same tag opens a branch for each row that it fills.
                        let branch = self.branch_of_tag(*at, self.tag_id(*at));
                        builder.open_block(Branch { kind: BranchKind::Nth(*index), ..branch });
                    }
                    EditAction::CloseNth { open, tagged, removed } => {
                        let pattern = patterns.entry(*open).or_default();
                        let specials = &self.word_instrs;
                        let keep =
                            |number: usize| matches!(specials[number], WordInstr::UniqueId(..));
                        if !builder.close_or_blank((*tagged, *removed), pattern, &keep) {
                            crossed = crossed.or(Some(*open));
                        }
                    }
                    EditAction::OpenGuard(number) => builder.open_guard(*number),
                    EditAction::CloseGuard => {
                        builder.close_guard();
                    }
                    EditAction::OpenContentSlot(at, room, marks) => {
                        self.open_content_slot(&mut builder, *at, *room, marks.clone());
                    }
                    EditAction::CloseContentSlot => {
                        builder.close_content_slot();
                    }
                    EditAction::OpenFirstIteration(loops) => {
                        builder.open_block(Branch::first_iteration(*loops))
                    }
                    EditAction::OpenCondition(at) => {
                        builder
                            .open_block(self.branch_of_tag(*at, self.tag_id(*at)).into_condition());
                    }
                    EditAction::CloseCondition(other) => {
                        builder.begin_branch(None);
                        builder.push(Instr::Insert(other.clone().into()));
                        builder.close_block();
                    }
                }
            }
        }
        self.push_source(&mut builder, from..self.source.len());
        self.edits = edits;
        self.finish_instrs(builder, crossed)
    }

    fn finish_instrs(&mut self, builder: InstrBuilder, crossed: Option<usize>) -> Vec<Instr> {
        let ops = builder.finish();
        if (ops.is_none() || crossed.is_some()) && !self.tags.is_empty() {
            let at = crossed.unwrap_or(0);
            let message = msg!("template.crosses", name = &self.sites[at].text);
            let problem = Problem::error("block-placement", message);
            self.report_problem(at, problem.with_hint(msg!("template.hint-crosses")));
        }
        ops.unwrap_or_default()
    }

    /// A piece of the source; within a loop its identities are made anew each time.
    fn push_source(&mut self, builder: &mut InstrBuilder, range: Range<usize>) {
        let mut from = range.start;
        if builder.is_in_loop() {
            let scan = self.model;
            let first = scan.ids.partition_point(|site| site.range.start < range.start);
            for site in scan.ids[first..].iter().take_while(|site| site.range.end <= range.end) {
                if site.range.start < from {
                    continue;
                }
                builder.push(Instr::Source(from..site.range.start));
                from = site.range.end;
                if site.kind != IdKind::Optional {
                    let value = self.source.slice(site.range.clone()).to_owned();
                    let number = self.add_word_instr(WordInstr::UniqueId(site.kind, value));
                    builder.push(Instr::Special { tag: 0, number });
                }
            }
        }
        if from < range.end {
            builder.push(Instr::Source(from..range.end));
        }
    }

    pub(crate) fn add_word_instr(&mut self, special: WordInstr) -> usize {
        self.word_instrs.push(special);
        self.word_instrs.len() - 1
    }

    /// Adds a tag to the tree; false if it does not fit there.
    fn push_tag(&mut self, builder: &mut InstrBuilder, at: usize) -> bool {
        let tag = self.tag_id(at);
        match &self.tags[at].tag.kind {
            TagKind::Value(_) => {
                if let Some(op) = self.value_instr(at, tag) {
                    builder.push(op);
                }
                true
            }
            TagKind::Open(_) | TagKind::Inverse(_) => {
                let branch = self.branch_of_tag(at, tag);
                builder.open_block(branch);
                if let Some(lists) = self.list_restarts.remove(&at) {
                    let number = self.add_word_instr(WordInstr::RestartLists(lists));
                    builder.push(Instr::Special { tag, number });
                }
                true
            }
            TagKind::Else(None) => builder.begin_branch(None),
            TagKind::Else(Some(_)) => {
                let branch = self.branch_of_tag(at, tag);
                builder.begin_branch(Some(branch))
            }
            TagKind::Close(_) => builder.close_block(),
            TagKind::Partial(_) => {
                if let Some(include) = self.includes.get(&at).cloned() {
                    builder.push(Instr::Include(Box::new(include)));
                }
                true
            }
            TagKind::Define(_) => {
                if let Some(inline) = self.inline_partials.get(&at).cloned() {
                    builder.add_definition(inline);
                }
                true
            }
            TagKind::DefineOpen(_) => {
                let name = self.defined_names.get(&at).cloned().unwrap_or_default();
                builder.open_definition(tag, name, self.content_kind_of(at));
                true
            }
            TagKind::Comment | TagKind::PartialOpen(_) => true,
        }
    }

    /// The branch that a tag opens, in every row where it repeats columns; a broken one is reported
    /// already and stands for nothing.
    fn branch_of_tag(&self, at: usize, tag: TagId) -> Branch {
        self.branches.get(&at).cloned().unwrap_or_else(|| Branch::never(tag))
    }

    /// The values outside of blocks, where blocks do not match: nothing comes of them but what is wrong
    /// with the data.
    fn recover_values(&mut self) -> Vec<Instr> {
        let mut ops = Vec::new();
        let mut depth = 0usize;
        for at in 0..self.tags.len() {
            match self.tags[at].tag.kind {
                TagKind::Open(_) | TagKind::Inverse(_) | TagKind::DefineOpen(_) => depth += 1,
                TagKind::Close(_) => depth = depth.saturating_sub(1),
                TagKind::Value(_) if depth == 0 => {
                    let (tag, slot) = (self.tag_id(at), self.escape_context(at));
                    ops.extend(self.values[at].clone().map(|expr| Instr::Value {
                        tag,
                        expr,
                        slot,
                    }));
                }
                _ => {}
            }
        }
        ops
    }
}

fn row_of(item: &PlacedTag) -> Option<usize> {
    match item.level {
        TagLevel::Row(row) | TagLevel::FixedRow(row) => Some(row),
        _ => None,
    }
}

pub(crate) fn opening_of(kind: &TagKind) -> Option<(&str, bool)> {
    match kind {
        TagKind::Open(body) | TagKind::Else(Some(body)) => Some((body, false)),
        TagKind::Inverse(body) => Some((body, true)),
        _ => None,
    }
}
