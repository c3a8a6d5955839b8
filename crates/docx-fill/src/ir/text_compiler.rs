//! Owns compiling plain texts with tags: partials and string templates.
//! Must not know Word or any data.

use super::builder::Builder;
use super::include;
use super::partials::{Fault, Partials};
use super::program::{
    Branch, Include, IncludeName, Inline, InlineBody, Op, Program, Slot, TagId, match_blocks,
};
use crate::diag::{Problem, text};
use crate::opc::xml::forbidden;
use crate::slice::TextSlice as _;
use crate::syntax::expr;
use crate::syntax::tag::{Define, Found, Kind, Partial, Tag, find};
use std::collections::BTreeSet;
use std::ops::Range;

impl Partials {
    /// Compiles texts, each with its name.
    pub fn new<N: Into<String>, T: AsRef<str>>(texts: impl IntoIterator<Item = (N, T)>) -> Self {
        let compiled = |(name, text): (N, T)| (name.into(), compile_named(text.as_ref()));
        Partials { programs: texts.into_iter().map(compiled).collect() }
    }
}

/// Reads the inside of `{{> …}}`.
pub(crate) fn read_include(tag: TagId, partial: &Partial, slot: Slot) -> Result<Include, Problem> {
    include::read(tag, partial, slot, compile_named)
}

/// Reads a definition that stands in one text.
pub(crate) fn read_definition(tag: TagId, define: &Define) -> Result<Inline, Problem> {
    include::definition(tag, define, compile_named)
}

/// Compiles the text of a partial.
pub(crate) fn compile_named(text: &str) -> Program {
    let mut program = compile_partial(text);
    if let Some(found) = forbidden(text) {
        let before: String = text.split(found).next().unwrap_or("").to_owned();
        let line = before.matches('\n').count() + 1;
        let code = format!("U+{:04X}", u32::from(found));
        program.tags.push((line, code.clone()));
        let message = text!("template.partial-control", code = code);
        let problem = Problem::error("value-control-character", message);
        program.problems.push((program.tags.len() - 1, problem));
    }
    program
}

pub(crate) struct Compiled {
    pub(crate) ops: Vec<Op>,
    pub(crate) ranges: Vec<Range<usize>>,
    pub(crate) problems: Vec<(Range<usize>, Problem)>,
}

pub(crate) fn compile(source: &str, partials: &Partials) -> Compiled {
    let mut compiled = compile_tags(source, false);
    let mut defines = BTreeSet::new();
    named(&compiled.ops, &mut |named| {
        if let Named::Inline(inline, _) = named {
            defines.insert(inline.name.clone());
        }
    });
    let known = |name: &str| defines.contains(name);
    let mut problems = Vec::new();
    named(&compiled.ops, &mut |named| {
        let (tag, problem, faults) = match named {
            Named::Include(include) => {
                let (unknown, faults) = partials.check(include, &known);
                let others: Vec<&str> = defines.iter().map(String::as_str).collect();
                (include.tag, unknown.map(|name| partials.unknown(name, &others)), faults)
            }
            Named::Inline(inline, body) => {
                (inline.tag, None, partials.check_inline(&inline.name, body, &known))
            }
        };
        let range = compiled.ranges.get(tag as usize).cloned().unwrap_or_default();
        let faults = problem.into_iter().chain(faults.into_iter().map(Fault::told));
        problems.extend(faults.map(|problem| (range.clone(), problem)));
    });
    compiled.problems.extend(problems);
    compiled
}

/// Compiles a text that others include.
pub(crate) fn compile_partial(source: &str) -> Program {
    let Compiled { ops, ranges, problems } = compile_tags(source, true);
    let ends: Vec<usize> = source.match_indices('\n').map(|(at, _)| at).collect();
    let tag = |range: &Range<usize>| {
        let line = ends.partition_point(|end| *end < range.start) + 1;
        (line, source.slice(range.clone()).chars().take(60).collect())
    };
    let mut program = Program { tags: ranges.iter().map(tag).collect(), ..Program::default() };
    for (range, problem) in problems {
        program.problems.push((program.tags.len(), problem));
        program.tags.push(tag(&range));
    }
    named(&ops, &mut |named| {
        let (at, inner) = match named {
            Named::Include(include) => {
                if let (IncludeName::Static(name), None) = (&include.name, &include.body) {
                    program.includes.push((include.tag as usize, name.clone()));
                }
                (include.tag as usize, include.body.as_ref())
            }
            Named::Inline(inline, body) => {
                program.defines.insert(inline.name.clone());
                (inline.tag as usize, Some(body))
            }
        };
        // What stands within a tag is told at the tag.
        if let Some(inner) = inner {
            program.problems.extend(inner.problems.iter().map(|(_, found)| (at, found.clone())));
            program.includes.extend(inner.includes.iter().map(|(_, name)| (at, name.clone())));
            program.defines.extend(inner.defines.iter().cloned());
        }
    });
    program.ops = ops;
    program
}

/// A tag of a text that includes or defines something.
enum Named<'a> {
    Include(&'a Include),
    Inline(&'a Inline, &'a Program),
}

/// Calls `each` with every such tag.
fn named<'a>(ops: &'a [Op], each: &mut dyn FnMut(Named<'a>)) {
    for op in ops {
        match op {
            Op::Include(include) => each(Named::Include(include)),
            Op::Define(inline) => {
                if let InlineBody::Text(body) = &inline.body {
                    each(Named::Inline(inline, body));
                }
            }
            Op::Block(block) => {
                block.branches.iter().for_each(|branch| named(&branch.body, each));
                named(&block.otherwise, each);
            }
            _ => {}
        }
    }
}

/// `literal` if the pieces between tags are to be kept in the steps.
fn compile_tags(source: &str, literal: bool) -> Compiled {
    let found = find(source);
    let mut problems = Vec::new();
    let mut tags: Vec<Tag> = Vec::new();
    let mut cuts: Vec<(Range<usize>, Option<usize>)> = Vec::new();
    for item in found {
        match item {
            Found::Tag(tag) => {
                cuts.push((tag.cut.clone(), Some(tags.len())));
                tags.push(tag);
            }
            Found::Hidden(range) => cuts.push((range, None)),
            Found::Fault(range, problem) => problems.push((range, problem)),
        }
    }
    let kinds: Vec<&Kind> = tags.iter().map(|tag| &tag.kind).collect();
    let (_, faults) = match_blocks(&kinds);
    let broken = !faults.is_empty();
    problems.extend(faults.into_iter().map(|(at, fault)| (tags[at].range.clone(), fault)));
    let mut ops = Vec::new();
    if !broken {
        let piece = |range: Range<usize>| {
            if literal { Op::Literal(source.slice(range).to_owned()) } else { Op::Source(range) }
        };
        ops = build(source.len(), &tags, &cuts, &piece, &mut problems);
    }
    Compiled { ops, ranges: tags.into_iter().map(|tag| tag.range).collect(), problems }
}

fn build(
    length: usize,
    tags: &[Tag],
    cuts: &[(Range<usize>, Option<usize>)],
    piece: &dyn Fn(Range<usize>) -> Op,
    problems: &mut Vec<(Range<usize>, Problem)>,
) -> Vec<Op> {
    let mut builder = Builder::default();
    let mut from = 0;
    for (cut, tag) in cuts {
        // Spaces between two tags with `~` belong to both cuts.
        if cut.start > from {
            builder.push(piece(from..cut.start));
        }
        from = from.max(cut.end);
        let Some(at) = *tag else { continue };
        let id = TagId::try_from(at).unwrap_or(TagId::MAX);
        if let Err(problem) = step(&mut builder, id, &tags[at].kind) {
            problems.push((tags[at].range.clone(), problem));
            // Without its branch the block has no shape; what was found so far is told.
            if !matches!(tags[at].kind, Kind::Value(_) | Kind::Partial(_) | Kind::Define(_)) {
                return Vec::new();
            }
        }
    }
    builder.push(piece(from..length));
    builder.finish().unwrap_or_default()
}

fn step(builder: &mut Builder, tag: TagId, kind: &Kind) -> Result<(), Problem> {
    match kind {
        Kind::Value(body) => {
            let expr = expr::value(body)?;
            if let expr::Expr::Call(call) = &expr
                && call.helper.name == "markdown"
            {
                let message = text!("template.markdown-in-text");
                return Err(Problem::error("markdown-place", message));
            }
            builder.push(Op::Value { tag, expr, slot: Slot::Text });
        }
        Kind::Partial(partial) => {
            builder.push(Op::Include(Box::new(read_include(tag, partial, Slot::Text)?)));
        }
        Kind::Open(body) => builder.open(Branch::read(tag, body, false)?),
        Kind::Inverse(body) => builder.open(Branch::read(tag, body, true)?),
        Kind::Else(body) => {
            let branch = body.as_ref().map(|body| Branch::read(tag, body, false)).transpose()?;
            builder.otherwise(branch);
        }
        Kind::Close(_) => {
            builder.close();
        }
        Kind::Define(define) => builder.define(read_definition(tag, define)?),
        Kind::DefineOpen(head) => {
            let message = text!("template.never-closed", name = head);
            return Err(Problem::error("block-not-closed", message));
        }
        Kind::Comment | Kind::PartialOpen(_) => {}
    }
    Ok(())
}
