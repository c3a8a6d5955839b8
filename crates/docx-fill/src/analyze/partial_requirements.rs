//! Owns the data requirements of definitions and partials, which depend on where they are included.
//! Must not know values.

use crate::analyze::requirement::ListedTag;
use crate::analyze::requirement::{self, Requirement};
use crate::analyze::static_scope::StaticScope;
use crate::ir::part::WordInstr;
use crate::ir::partials::Partials;
use crate::ir::program::{
    CompiledBlock, CompiledPartial, Include, IncludeName, InlinePartial, InlinePartialBody, Instr,
    TagId,
};
use crate::limits::{MAX_PARTIAL_DEPTH, MAX_TAGS};
use crate::syntax::expr::Expr;
use std::collections::{BTreeMap, BTreeSet};

/// The compiled form of a part, for analysis.
pub(crate) struct AnalyzedPart<'a> {
    pub(crate) partials: &'a Partials,
    pub(crate) specials: &'a [WordInstr],
    /// Expressions of value tags, by tag index.
    pub(crate) values: &'a [Option<Expr>],
    /// Definitions within one text, by tag index.
    pub(crate) inlines: &'a BTreeMap<usize, InlinePartial>,
    /// Number of the first tag.
    pub(crate) first_tag: usize,
}

/// Adds the requirements of definitions and partials to the tags within them, or to the tags that include them.
pub(crate) fn add_partial_requirements(
    source: &AnalyzedPart<'_>,
    ops: &[Instr],
    sites: &mut [ListedTag],
) {
    let mut walk = RequirementWalker {
        source,
        sites,
        definitions: BTreeMap::new(),
        definition_order: Vec::new(),
        passed_block: None,
        active: Vec::new(),
        reached: BTreeSet::new(),
        part_definitions: Vec::new(),
        seen: BTreeSet::new(),
        steps: 0,
    };
    walk.visit_instrs(ops, &mut StaticScope::default(), Attribution::Recorded);
    // Definitions that no tag includes here may be included by a partial; they are analyzed where they are
    // defined.
    let mut at = 0;
    while let Some((inline, trail)) = walk.part_definitions.get(at).cloned() {
        at += 1;
        if !walk.reached.contains(&std::ptr::from_ref(inline)) {
            walk.visit_inline_partial(inline, trail);
        }
    }
}

/// The tag to which requirements are attributed.
#[derive(Debug, Clone, Copy)]
enum Attribution {
    /// Recorded already by the compiler.
    Recorded,
    /// Each requirement to its own tag.
    OwnTag,
    /// All requirements to this tag.
    Tag(usize),
}

/// The content of a partial block that is passed to a partial.
#[derive(Clone)]
struct PassedBlock<'a> {
    program: &'a CompiledPartial,
    trail: StaticScope,
    outer: Option<Box<PassedBlock<'a>>>,
    teller: Attribution,
}

struct RequirementWalker<'a, 's> {
    source: &'s AnalyzedPart<'a>,
    sites: &'s mut [ListedTag],
    /// Definitions in scope by name, each with the scope in which it is written.
    definitions: BTreeMap<&'a str, Vec<StaticDefinition<'a>>>,
    definition_order: Vec<&'a str>,
    passed_block: Option<Box<PassedBlock<'a>>>,
    /// The texts that are being visited; a recursive include adds no requirements.
    active: Vec<*const Instr>,
    reached: BTreeSet<*const InlinePartial>,
    /// Definitions of the part itself.
    part_definitions: Vec<(&'a InlinePartial, StaticScope)>,
    seen: BTreeSet<(usize, Vec<String>, requirement::ValueKind, bool)>,
    /// Number of visited instructions, which is limited because nested includes may grow exponentially.
    steps: usize,
}

/// A text at the place where it is included.
struct IncludedText<'a, 's> {
    include: &'a Include,
    ops: &'a [Instr],
    /// The blocks around the including tag.
    outer: &'s StaticScope,
    /// The scope of the text.
    trail: StaticScope,
    teller: Attribution,
}

#[derive(Clone)]
struct StaticDefinition<'a> {
    inline: &'a InlinePartial,
    trail: StaticScope,
    teller: Attribution,
}

impl<'a> RequirementWalker<'a, '_> {
    fn visit_instrs(&mut self, ops: &'a [Instr], trail: &mut StaticScope, teller: Attribution) {
        let mark = self.definition_order.len();
        for op in ops {
            self.steps += usize::from(!matches!(teller, Attribution::Recorded));
            if self.steps > MAX_TAGS {
                break;
            }
            match op {
                Instr::Value { .. } | Instr::Special { .. }
                    if matches!(teller, Attribution::Recorded) => {}
                Instr::Value { tag, expr, .. } => {
                    self.record_requirements(
                        *tag,
                        teller,
                        requirement::requirements_of_value(expr, trail),
                    );
                }
                Instr::Special { tag, number } => self.visit_special(*tag, *number, trail, teller),
                Instr::Block(block) => self.visit_block(block, trail, teller),
                Instr::Include(include) => self.visit_include(include, trail, teller),
                Instr::Define(inline) => self.visit_definition(inline, trail, teller),
                Instr::Guard { body, .. } => self.visit_instrs(body, trail, teller),
                Instr::ContentSlot(stand) => self.visit_instrs(&stand.fallback, trail, teller),
                Instr::Source(_) | Instr::Insert(_) | Instr::Literal(_) => {}
            }
        }
        for name in self.definition_order.drain(mark..) {
            if let Some(found) = self.definitions.get_mut(name) {
                found.pop();
            }
        }
    }

    fn site_index(&self, tag: TagId, teller: Attribution) -> Option<usize> {
        match teller {
            Attribution::Recorded | Attribution::OwnTag => {
                (tag as usize).checked_sub(self.source.first_tag)
            }
            Attribution::Tag(at) => Some(at),
        }
    }

    fn record_requirements(&mut self, tag: TagId, teller: Attribution, wants: Vec<Requirement>) {
        if matches!(teller, Attribution::Recorded) {
            return;
        }
        let Some(at) = self.site_index(tag, teller) else { return };
        let Some(site) = self.sites.get_mut(at) else { return };
        for want in wants {
            if self.seen.insert((at, want.path.clone(), want.kind, want.optional)) {
                if matches!(teller, Attribution::OwnTag) || self.source.inlines.contains_key(&at) {
                    site.absolute_paths.push(want.path.join(".").replace(".*?.", "."));
                }
                site.requirements.push(want);
            }
        }
    }

    fn visit_special(
        &mut self,
        tag: TagId,
        number: usize,
        trail: &StaticScope,
        teller: Attribution,
    ) {
        // Identifiers, lists and sections belong to no tag.
        if matches!(
            self.source.specials.get(number),
            None | Some(
                WordInstr::UniqueId(..)
                    | WordInstr::SharedId(_)
                    | WordInstr::BeginTurn(_)
                    | WordInstr::BeginAttached(_)
                    | WordInstr::StyledList(_)
                    | WordInstr::KeepTablesApart
                    | WordInstr::SectionHeaders(_)
            )
        ) {
            return;
        }
        let at = (tag as usize).checked_sub(self.source.first_tag);
        let expr = at.and_then(|at| self.source.values.get(at)).and_then(Option::as_ref);
        let wants =
            expr.map(|expr| requirement::requirements_of_value(expr, trail)).unwrap_or_default();
        self.record_requirements(tag, teller, wants);
    }

    fn visit_block(
        &mut self,
        block: &'a CompiledBlock,
        trail: &mut StaticScope,
        teller: Attribution,
    ) {
        for branch in &block.branches {
            self.record_requirements(
                branch.tag,
                teller,
                requirement::requirements_of_branch(branch, trail),
            );
            trail.open_block(Some(branch));
            self.visit_instrs(&branch.body, trail, teller);
            trail.close_block();
        }
        trail.open_block(None);
        self.visit_instrs(&block.else_body, trail, teller);
        trail.close_block();
    }

    fn visit_definition(
        &mut self,
        inline: &'a InlinePartial,
        trail: &StaticScope,
        teller: Attribution,
    ) {
        if !matches!(teller, Attribution::Tag(_)) {
            self.part_definitions.push((inline, trail.clone()));
        }
        let teller = match (&inline.body, teller) {
            (_, Attribution::Tag(at)) => Attribution::Tag(at),
            (InlinePartialBody::Content(..), _) => Attribution::OwnTag,
            (InlinePartialBody::Text(_), _) => {
                match self.site_index(inline.tag, Attribution::OwnTag) {
                    Some(at) => Attribution::Tag(at),
                    None => return,
                }
            }
        };
        let defined = StaticDefinition { inline, trail: trail.clone(), teller };
        self.definitions.entry(&inline.name).or_default().push(defined);
        self.definition_order.push(&inline.name);
    }

    fn visit_inline_partial(&mut self, inline: &'a InlinePartial, mut trail: StaticScope) {
        self.reached.insert(std::ptr::from_ref(inline));
        match &inline.body {
            InlinePartialBody::Content(_, ops) => {
                self.visit_instrs(ops, &mut trail, Attribution::OwnTag);
            }
            InlinePartialBody::Text(program) => {
                if let Some(at) = self.site_index(inline.tag, Attribution::OwnTag) {
                    self.visit_instrs(&program.instrs, &mut trail, Attribution::Tag(at));
                }
            }
        }
    }

    fn visit_include(&mut self, include: &'a Include, trail: &StaticScope, teller: Attribution) {
        let wants = include
            .used_exprs()
            .flat_map(|expr| requirement::requirements_of_value(expr, trail))
            .collect();
        self.record_requirements(include.tag, teller, wants);
        let Some(at) = self.site_index(include.tag, teller) else { return };
        let here = Attribution::Tag(at);
        let outer = self.passed_block.clone();
        let given = include.body.as_ref().map(|program| {
            let (trail, outer) = (trail.clone(), outer.clone());
            Box::new(PassedBlock { program, trail, outer, teller: here })
        });
        let defined = match &include.name {
            IncludeName::Static(name) => {
                self.definitions.get(name.as_str()).and_then(|found| found.last()).cloned()
            }
            _ => None,
        };
        if let Some(StaticDefinition { inline, trail: home, teller }) = defined {
            self.reached.insert(std::ptr::from_ref(inline));
            self.passed_block = given.or_else(|| outer.clone());
            let ops = match &inline.body {
                InlinePartialBody::Text(program) => &program.instrs,
                InlinePartialBody::Content(_, ops) => ops,
            };
            let inner = trail.include_scope(include, Some(&home));
            self.visit_included(IncludedText { include, ops, outer: trail, trail: inner, teller });
        } else {
            self.visit_partial(include, trail, given, here);
        }
        self.passed_block = outer;
    }

    fn visit_partial(
        &mut self,
        include: &'a Include,
        trail: &StaticScope,
        given: Option<Box<PassedBlock<'a>>>,
        here: Attribution,
    ) {
        let outer = self.passed_block.clone();
        let found = match &include.name {
            IncludeName::Static(name) => self.source.partials.get_with_name(name),
            _ => None,
        };
        if let Some((_, program)) = found {
            self.passed_block = given.or(outer);
            let (ops, inner) = (&program.instrs, trail.include_scope(include, None));
            let (outer, teller) = (trail, here);
            return self.visit_included(IncludedText { include, ops, outer, trail: inner, teller });
        }
        let shown = match &include.name {
            IncludeName::PartialBlock => outer.or(given),
            _ => given,
        };
        if let Some(shown) = shown {
            let PassedBlock { program, trail: home, outer, teller } = *shown;
            self.passed_block = outer;
            let (ops, inner) = (&program.instrs, trail.include_scope(include, Some(&home)));
            let outer = trail;
            self.visit_included(IncludedText { include, ops, outer, trail: inner, teller });
        }
    }

    /// Visits an included text, with the definitions within the including tag's block in scope.
    fn visit_included(&mut self, included: IncludedText<'a, '_>) {
        let IncludedText { include, ops, outer, mut trail, teller } = included;
        let start = ops.as_ptr();
        if self.active.contains(&start) || self.active.len() >= MAX_PARTIAL_DEPTH {
            return;
        }
        let mark = self.definition_order.len();
        self.active.push(start);
        let given = self.passed_block.as_ref().map_or(teller, |given| given.teller);
        for op in include.body.iter().flat_map(|body| &body.instrs) {
            let Instr::Define(inline) = op else { break };
            self.visit_definition(inline, outer, given);
        }
        self.visit_instrs(ops, &mut trail, teller);
        self.active.pop();
        for name in self.definition_order.drain(mark..) {
            if let Some(found) = self.definitions.get_mut(name) {
                found.pop();
            }
        }
    }
}
