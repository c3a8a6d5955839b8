//! Owns compiling a part: maps tags in the joined text of a paragraph back to their bytes in the part, and
//! turns the bytes between them into instructions.
//! Must not know data; XML is cut only at positions of the part model, never searched.

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
use crate::document::part_model::PartModel;
use crate::helper::HelperSet;
use crate::ir::part::{ContentCompletion, PartEdit, TemplatePart, WordInstr};
use crate::ir::partials::Partials;
use crate::ir::program::{
    Branch, EscapeContext, Include, InlinePartial, Instr, TagId, match_blocks,
};
use crate::ir::table_rule::TableRule;
use crate::syntax::expr::Expr;
use crate::syntax::tag::TagKind;
use crate::word::styles::StyleSheet;
use std::collections::{BTreeMap, BTreeSet};

/// The result of compiling a part.
pub(crate) struct CompiledPart {
    /// `None` if neither tags nor edits were found.
    pub(crate) part: Option<TemplatePart>,
    pub(crate) sites: Vec<TagSite>,
    /// Paths of files that tags name literally.
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
}

/// The partials and helpers that tags may use.
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
    styles: &StyleSheet,
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
    /// Includes by tag index.
    pub(crate) includes: BTreeMap<usize, Include>,
    /// Definitions within one text by tag index.
    pub(crate) inline_partials: BTreeMap<usize, InlinePartial>,
    /// Names of definitions that enclose paragraphs or rows, by the index of the opening tag.
    pub(crate) defined_names: BTreeMap<usize, String>,
    pub(crate) scopes: DefinitionScopes,
    /// Branches by the index of their opening tag.
    pub(crate) branches: BTreeMap<usize, Branch>,
    pub(crate) source: &'a str,
    pub(crate) model: &'a PartModel,
    pub(crate) styles: &'a StyleSheet,
    pub(crate) first_tag: usize,
    pub(crate) tags: Vec<PlacedTag>,
    /// Expressions of value tags, by tag index.
    pub(crate) values: Vec<Option<Expr>>,
    pub(crate) tags_by_paragraph: Vec<Vec<usize>>,
    pub(crate) edits: Vec<PartEdit>,
    /// Changed text elements, whose spaces must be preserved.
    pub(crate) touched: BTreeSet<usize>,
    /// Paragraphs whose exact line height has been relaxed for pictures.
    pub(crate) raised_paragraphs: BTreeSet<usize>,
    pub(crate) guarded_cells: BTreeSet<usize>,
    pub(crate) guarded_tables: BTreeSet<usize>,
    /// Tables with tags that change cells.
    pub(crate) marked_tables: BTreeSet<usize>,
    /// Numbered lists that restart in each iteration, by the tag that opens the loop.
    pub(crate) list_restarts: BTreeMap<usize, Vec<String>>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) guards: Vec<ContentCompletion>,
    pub(crate) table_rules: Vec<TableRule>,
    pub(crate) sites: Vec<TagSite>,
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
    /// Picture indices by the paragraph of their description; built when a tag first needs it.
    pub(crate) described_pictures: Option<BTreeMap<usize, usize>>,
    /// Reported problems, with their location and without.
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
        // The last fixed row may contain nothing but the closing tag; it is still filled.
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
        if self.check_definitions(&matched.blocks) {
            return self.recover_values();
        }
        self.place_blocks(&matched.blocks, &lone, &tag_rows);
        self.build_instrs()
    }

    /// Makes the edits of all tags, whose blocks are sound.
    fn place_blocks(&mut self, blocks: &[Vec<usize>], lone: &[bool], tag_rows: &BTreeSet<usize>) {
        self.list_restarts =
            list_restart::find_list_restarts(self.source, self.model, &self.tags, blocks, lone);
        self.place_tags(lone, tag_rows);
        let stands = self.place_content_slots();
        let fixed: Vec<usize> = tag_rows.iter().copied().collect();
        for block in blocks {
            if let &[open, close] = block.as_slice() {
                self.place_columns(open, close);
                self.place_fixed_rows(open, close, &fixed);
            }
        }
        let placed = PlacedBlocks { tags: &self.tags, blocks, helpers: self.helpers };
        self.table_rules = table_rules(self.model, placed, &self.marked_tables, &stands);
        self.edits.extend(vertical_merge::grow_merged_cells(
            self.source,
            self.model,
            &self.tags,
            tag_rows,
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
    }

    /// Adds the requirements of included partials to the tags that include them.
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

    pub(crate) fn add_word_instr(&mut self, special: WordInstr) -> usize {
        self.word_instrs.push(special);
        self.word_instrs.len() - 1
    }

    /// Returns the escape context of a tag's value.
    pub(crate) fn escape_context(&self, at: usize) -> EscapeContext {
        match self.text_element_of(at).map(|element| self.model.texts[element].name) {
            Some(name @ ("w:t" | "w:delText")) => EscapeContext::Run(name),
            _ => self.code_context(at),
        }
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
