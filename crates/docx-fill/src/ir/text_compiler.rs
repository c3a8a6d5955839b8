//! Owns compiling plain texts with tags: partials and string templates.
//! Must not know Word or any data.

use super::builder::InstrBuilder;
use super::include;
use super::partials::{PartialFault, Partials};
use super::program::{
    Branch, CompiledPartial, EscapeContext, Include, IncludeName, InlinePartial, InlinePartialBody,
    Instr, TagId, match_blocks,
};
use crate::diag::{Problem, msg};
use crate::helper::{HelperRole, HelperSet};
use crate::opc::xml::find_forbidden;
use crate::slice::TextSlice as _;
use crate::syntax::expr;
use crate::syntax::tag::{DefineTag, PartialTag, Tag, TagKind, TagToken, find_tags};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

impl Partials {
    /// Compiles named texts into partials.
    pub fn new<N: Into<String>, T: AsRef<str>>(texts: impl IntoIterator<Item = (N, T)>) -> Self {
        Self::with_helpers(texts, &HelperSet::default())
    }

    /// Compiles texts that call a program's own helpers.
    pub fn with_helpers<N: Into<String>, T: AsRef<str>>(
        texts: impl IntoIterator<Item = (N, T)>,
        helpers: &HelperSet,
    ) -> Self {
        let compiled = |(name, text): (N, T)| (name.into(), compile_named(text.as_ref(), helpers));
        let programs = texts.into_iter().map(compiled).collect();
        Partials { programs, whole_lines: BTreeMap::new() }
    }

    /// Compiles the texts of files. The line end with which a file ends is none of its text, unless the including tag
    /// is alone on its line: then it takes the place of that line's end.
    pub fn from_files<N: Into<String>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (N, T)>,
        helpers: &HelperSet,
    ) -> Self {
        let mut partials = Partials::default();
        for (name, text) in files {
            let (name, text) = (name.into(), text.as_ref());
            let body = text.strip_suffix('\n');
            let body = body.map_or(text, |body| body.strip_suffix('\r').unwrap_or(body));
            if body.len() < text.len() {
                let whole = compile_named(&format!("{body}\n"), helpers);
                partials.whole_lines.insert(name.clone(), whole);
            }
            partials.programs.insert(name, compile_named(body, helpers));
        }
        partials
    }
}

/// Parses the content of `{{> …}}`.
pub(crate) fn read_include(
    tag: TagId,
    partial: &PartialTag,
    slot: EscapeContext,
    helpers: &HelperSet,
) -> Result<Include, Problem> {
    include::parse_include(tag, partial, slot, helpers, &|text| compile_named(text, helpers))
}

/// Parses a definition that lies within one text.
pub(crate) fn read_definition(
    tag: TagId,
    define: &DefineTag,
    helpers: &HelperSet,
) -> Result<InlinePartial, Problem> {
    include::parse_definition(tag, define, helpers, &|text| compile_named(text, helpers))
}

/// Compiles the text of a partial and checks it for characters that XML forbids.
pub(crate) fn compile_named(text: &str, helpers: &HelperSet) -> CompiledPartial {
    let mut program = compile_partial(text, helpers);
    if let Some(found) = find_forbidden(text) {
        let before: String = text.split(found).next().unwrap_or("").to_owned();
        let line = before.matches('\n').count() + 1;
        let code = format!("U+{:04X}", u32::from(found));
        program.tags.push((line, code.clone()));
        let message = msg!("template.partial-control", code = code);
        let problem = Problem::error("value-control-character", message);
        program.problems.push((program.tags.len() - 1, problem));
    }
    program
}

pub(crate) struct CompiledText {
    pub(crate) instrs: Vec<Instr>,
    pub(crate) tag_ranges: Vec<Range<usize>>,
    pub(crate) problems: Vec<(Range<usize>, Problem)>,
}

pub(crate) fn compile_text(source: &str, partials: &Partials, helpers: &HelperSet) -> CompiledText {
    let mut compiled = compile_tags(source, false, helpers);
    let mut defines = BTreeSet::new();
    visit_named_tags(&compiled.instrs, &mut |named| {
        if let NamedTag::Inline(inline, _) = named {
            defines.insert(inline.name.clone());
        }
    });
    let known = |name: &str| defines.contains(name);
    let mut problems = Vec::new();
    visit_named_tags(&compiled.instrs, &mut |named| {
        let (tag, problem, faults) = match named {
            NamedTag::Include(include) => {
                let (unknown, faults) = partials.check_include(include, &known);
                let others: Vec<&str> = defines.iter().map(String::as_str).collect();
                (include.tag, unknown.map(|name| partials.unknown_partial(name, &others)), faults)
            }
            NamedTag::Inline(inline, body) => {
                (inline.tag, None, partials.check_definition(&inline.name, body, &known))
            }
        };
        let range = compiled.tag_ranges.get(tag as usize).cloned().unwrap_or_default();
        let faults = problem.into_iter().chain(faults.into_iter().map(PartialFault::into_problem));
        problems.extend(faults.map(|problem| (range.clone(), problem)));
    });
    compiled.problems.extend(problems);
    compiled
}

/// Compiles a text that others include, with line and text of its tags.
pub(crate) fn compile_partial(source: &str, helpers: &HelperSet) -> CompiledPartial {
    let CompiledText { instrs: ops, tag_ranges: ranges, problems } =
        compile_tags(source, true, helpers);
    let ends: Vec<usize> = source.match_indices('\n').map(|(at, _)| at).collect();
    let tag = |range: &Range<usize>| {
        let line = ends.partition_point(|end| *end < range.start) + 1;
        (line, source.slice(range.clone()).chars().take(60).collect())
    };
    let mut program =
        CompiledPartial { tags: ranges.iter().map(tag).collect(), ..CompiledPartial::default() };
    for (range, problem) in problems {
        program.problems.push((program.tags.len(), problem));
        program.tags.push(tag(&range));
    }
    visit_named_tags(&ops, &mut |named| {
        let (at, inner) = match named {
            NamedTag::Include(include) => {
                if let (IncludeName::Static(name), None) = (&include.name, &include.body) {
                    program.includes.push((include.tag as usize, name.clone()));
                }
                (include.tag as usize, include.body.as_ref())
            }
            NamedTag::Inline(inline, body) => {
                program.defined_names.insert(inline.name.clone());
                (inline.tag as usize, Some(body))
            }
        };
        // Problems within a block are reported at the block's tag.
        if let Some(inner) = inner {
            program.problems.extend(inner.problems.iter().map(|(_, found)| (at, found.clone())));
            program.includes.extend(inner.includes.iter().map(|(_, name)| (at, name.clone())));
            program.defined_names.extend(inner.defined_names.iter().cloned());
        }
    });
    program.instrs = ops;
    program
}

/// A tag that includes or defines a partial.
enum NamedTag<'a> {
    Include(&'a Include),
    Inline(&'a InlinePartial, &'a CompiledPartial),
}

/// Calls `each` with every such tag, in reading order.
fn visit_named_tags<'a>(ops: &'a [Instr], each: &mut dyn FnMut(NamedTag<'a>)) {
    for op in ops {
        match op {
            Instr::Include(include) => each(NamedTag::Include(include)),
            Instr::Define(inline) => {
                if let InlinePartialBody::Text(body) = &inline.body {
                    each(NamedTag::Inline(inline, body));
                }
            }
            Instr::Block(block) => {
                block.branches.iter().for_each(|branch| visit_named_tags(&branch.body, each));
                visit_named_tags(&block.else_body, each);
            }
            _ => {}
        }
    }
}

/// Compiles a text. With `literal`, instructions hold the text between tags instead of its range.
fn compile_tags(source: &str, literal: bool, helpers: &HelperSet) -> CompiledText {
    let found = find_tags(source);
    let mut problems = Vec::new();
    let mut tags: Vec<Tag> = Vec::new();
    let mut cuts: Vec<(Range<usize>, Option<usize>)> = Vec::new();
    for item in found {
        match item {
            TagToken::Tag(tag) => {
                cuts.push((tag.cut.clone(), Some(tags.len())));
                tags.push(tag);
            }
            TagToken::Escape(range) => cuts.push((range, None)),
            TagToken::Invalid(range, problem) => problems.push((range, problem)),
        }
    }
    let kinds: Vec<&TagKind> = tags.iter().map(|tag| &tag.kind).collect();
    let (_, faults) = match_blocks(&kinds);
    let broken = !faults.is_empty();
    problems.extend(faults.into_iter().map(|(at, fault)| (tags[at].range.clone(), fault)));
    let mut ops = Vec::new();
    if !broken {
        let piece = |range: Range<usize>| {
            if literal {
                Instr::Literal(source.slice(range).to_owned())
            } else {
                Instr::Source(range)
            }
        };
        ops = build_instrs(source.len(), &tags, &cuts, &piece, helpers, &mut problems);
    }
    CompiledText {
        instrs: ops,
        tag_ranges: tags.into_iter().map(|tag| tag.range).collect(),
        problems,
    }
}

fn build_instrs(
    length: usize,
    tags: &[Tag],
    cuts: &[(Range<usize>, Option<usize>)],
    piece: &dyn Fn(Range<usize>) -> Instr,
    helpers: &HelperSet,
    problems: &mut Vec<(Range<usize>, Problem)>,
) -> Vec<Instr> {
    let mut builder = InstrBuilder::default();
    let mut from = 0;
    for (cut, tag) in cuts {
        // Spaces between two tags with `~` belong to both cuts.
        if cut.start > from {
            builder.push(piece(from..cut.start));
        }
        from = from.max(cut.end);
        let Some(at) = *tag else { continue };
        let id = TagId::try_from(at).unwrap_or(TagId::MAX);
        if let Err(problem) = push_tag(&mut builder, id, &tags[at].kind, helpers) {
            problems.push((tags[at].range.clone(), problem));
            // Without its branch a block cannot be built; the problems found so far are still reported.
            if !matches!(
                tags[at].kind,
                TagKind::Value(_) | TagKind::Partial(_) | TagKind::Define(_)
            ) {
                return Vec::new();
            }
        }
    }
    builder.push(piece(from..length));
    builder.finish().unwrap_or_default()
}

fn push_tag(
    builder: &mut InstrBuilder,
    tag: TagId,
    kind: &TagKind,
    helpers: &HelperSet,
) -> Result<(), Problem> {
    match kind {
        TagKind::Value(body) => {
            let expr = expr::parse_value(body, helpers)?;
            if let expr::Expr::Call(call) = &expr
                && call.helper.role == HelperRole::Markdown
            {
                let message = msg!("template.markdown-in-text");
                return Err(Problem::error("markdown-place", message));
            }
            builder.push(Instr::Value { tag, expr, slot: EscapeContext::PlainText });
        }
        TagKind::Partial(partial) => {
            builder.push(Instr::Include(Box::new(read_include(
                tag,
                partial,
                EscapeContext::PlainText,
                helpers,
            )?)));
        }
        TagKind::Open(body) => {
            let branch = Branch::parse_head(tag, body, false, helpers)?;
            reject_table_options(body, helpers)?;
            builder.open_block(branch);
        }
        TagKind::Inverse(body) => builder.open_block(Branch::parse_head(tag, body, true, helpers)?),
        TagKind::Else(body) => {
            let branch = body
                .as_ref()
                .map(|body| Branch::parse_head(tag, body, false, helpers))
                .transpose()?;
            builder.begin_branch(branch);
        }
        TagKind::Close(_) => {
            builder.close_block();
        }
        TagKind::Define(define) => builder.add_definition(read_definition(tag, define, helpers)?),
        TagKind::DefineOpen(head) => {
            let message = msg!("template.never-closed", name = head);
            return Err(Problem::error("block-not-closed", message));
        }
        TagKind::Comment | TagKind::PartialOpen(_) | TagKind::MergeField(_) => {}
    }
    Ok(())
}

/// Checks that a loop in a plain text has no option that is about rows or columns of a table.
fn reject_table_options(body: &str, helpers: &HelperSet) -> Result<(), Problem> {
    // Parsing is slow, and few tags have options.
    if !body.contains('=') {
        return Ok(());
    }
    let opening = expr::parse_opening(body, helpers)?;
    match opening.hash.iter().find(|(key, _)| matches!(key.as_str(), "fixed" | "columns")) {
        Some((key, _)) => {
            let message = msg!("template.table-option", key = key);
            Err(Problem::error("block-placement", message))
        }
        None => Ok(()),
    }
}
