//! Owns the compiled form of a text with tags: a tree of source ranges, values and blocks.
//! Must not know how tags were found, nor any data.

use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::helper::{HelperOption, HelperSet};
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::{MAX_NESTING, TagKind, closing_name};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

/// Index of a tag within its template, used to look up its location.
pub(crate) type TagId = u32;

/// One instruction of rendering.
#[derive(Debug, Clone)]
pub(crate) enum Instr {
    /// A range of the source, copied unchanged.
    Source(Range<usize>),
    /// Text that is not in the source.
    Insert(Cow<'static, str>),
    /// Literal text of a partial, escaped for the place of the including tag.
    Literal(String),
    /// An included partial.
    Include(Box<Include>),
    /// An inline partial, defined for the rest of its block.
    Define(Box<InlinePartial>),
    /// A paragraph or row that contains only an including tag and may be replaced by content of the same kind.
    ContentSlot(Box<ContentSlot>),
    /// A value.
    Value { tag: TagId, expr: Expr, slot: EscapeContext },
    /// A block with its branches.
    Block(Box<CompiledBlock>),
    /// An instruction that only the output format understands, by its index.
    Special { tag: TagId, number: usize },
    /// Content that the output format completes; see `OutputFormat::finish_guarded`.
    Guard { number: usize, body: Vec<Instr> },
}

/// The place of a value, which determines how it is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EscapeContext {
    /// In a text element of a run, given by its name.
    Run(&'static str),
    /// In any other element or in an attribute.
    Xml,
    /// Within the quotes of a field code.
    FieldString,
    /// In a field code, outside of quotes.
    FieldCode,
    /// In an attribute whose target a program opens.
    Address,
    /// In plain text, escaped by the caller's function.
    PlainText,
}

impl EscapeContext {
    /// Checks whether a value at this place may become part of an address.
    pub(crate) fn may_hold_address(self) -> bool {
        matches!(
            self,
            EscapeContext::FieldString | EscapeContext::FieldCode | EscapeContext::Address
        )
    }
}

/// A tag that includes a partial, with the data that it passes.
#[derive(Debug, Clone)]
pub(crate) struct Include {
    pub(crate) tag: TagId,
    pub(crate) name: IncludeName,
    pub(crate) context: Option<Expr>,
    pub(crate) hash: Vec<(String, Expr)>,
    /// Content of a partial block: rendered if there is no such partial, and available as `@partial-block`.
    pub(crate) body: Option<CompiledPartial>,
    /// Spaces before every line.
    pub(crate) indent: String,
    /// True if the tag is alone on a line, whose end goes with it: the text of a file then keeps its own line end.
    pub(crate) own_line: bool,
    pub(crate) slot: EscapeContext,
}

impl Include {
    /// Returns the expressions of the tag.
    pub(crate) fn used_exprs(&self) -> impl Iterator<Item = &Expr> {
        let name = match &self.name {
            IncludeName::Dynamic(expr) => Some(expr),
            _ => None,
        };
        name.into_iter().chain(&self.context).chain(self.hash.iter().map(|(_, expr)| expr))
    }
}

/// The kind of content that a definition holds and a slot accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ContentKind {
    /// Text.
    Line,
    /// Whole paragraphs.
    Paragraphs,
    /// Whole table rows.
    Rows,
}

/// A named text or content, available within the block that defines it.
#[derive(Debug, Clone)]
pub(crate) struct InlinePartial {
    pub(crate) tag: TagId,
    pub(crate) name: String,
    pub(crate) body: InlinePartialBody,
}

/// The body of an [`InlinePartial`].
#[derive(Debug, Clone)]
pub(crate) enum InlinePartialBody {
    Text(CompiledPartial),
    /// Paragraphs or rows of the same part.
    Content(ContentKind, Vec<Instr>),
}

/// A paragraph or row that is replaced if its tag includes content of the same kind.
#[derive(Debug, Clone)]
pub(crate) struct ContentSlot {
    pub(crate) include: Include,
    pub(crate) kind: ContentKind,
    /// Range marks in the paragraph or row that must be kept.
    pub(crate) range_marks: Vec<Range<usize>>,
    pub(crate) fallback: Vec<Instr>,
}

/// The name in an including tag.
#[derive(Debug, Clone)]
pub(crate) enum IncludeName {
    Static(String),
    Dynamic(Expr),
    /// `@partial-block`
    PartialBlock,
}

/// A compiled text that is included by others.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompiledPartial {
    pub(crate) instrs: Vec<Instr>,
    /// Line and text of each tag; lines count from 1.
    pub(crate) tags: Vec<(usize, String)>,
    /// Names of the partials that it includes, by tag index, without those that have a fallback.
    pub(crate) includes: Vec<(usize, String)>,
    /// Names that it defines, at any depth.
    pub(crate) defined_names: BTreeSet<String>,
    /// Its problems, by tag index.
    pub(crate) problems: Vec<(usize, Problem)>,
}

/// A block: renders the first branch that holds, or else its last body.
#[derive(Debug, Clone)]
pub(crate) struct CompiledBlock {
    pub(crate) branches: Vec<Branch>,
    pub(crate) else_body: Vec<Instr>,
}

/// One branch of a block.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) tag: TagId,
    pub(crate) kind: BranchKind,
    pub(crate) subject: Expr,
    pub(crate) zero_is_true: bool,
    pub(crate) params: Vec<String>,
    pub(crate) body: Vec<Instr>,
}

/// The condition of a branch and the way it is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BranchKind {
    If,
    Unless,
    Each,
    With,
    /// One item of a list, by its index from 0; holds if there is such an item.
    Nth(usize),
    /// `{{#name}}`: a loop over a list, or rendered once for any other true value.
    Section,
}

impl Branch {
    /// Returns a branch that holds in the first iteration of each of the innermost `loops` loops.
    pub(crate) fn first_iteration(loops: usize) -> Self {
        Branch { subject: expr::first_iteration(loops), ..Branch::never(TagId::MAX) }
    }

    /// Returns a branch with the same condition that does not change the scope.
    pub(crate) fn into_condition(self) -> Self {
        let (kind, zero_is_true) = match self.kind {
            BranchKind::If | BranchKind::Unless => (self.kind, self.zero_is_true),
            _ => (BranchKind::If, true),
        };
        Branch { kind, zero_is_true, params: Vec::new(), ..self }
    }

    /// Returns a branch that never holds, as a substitute for a broken one.
    pub(crate) fn never(tag: TagId) -> Self {
        Branch {
            tag,
            kind: BranchKind::If,
            subject: Expr::Literal(serde_json::Value::Bool(false)),
            zero_is_true: false,
            params: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Parses the content of `{{#…}}`, or the text after `else`.
    pub(crate) fn parse_head(
        tag: TagId,
        body: &str,
        inverse: bool,
        helpers: &HelperSet,
    ) -> Result<Self, Problem> {
        let opening = expr::parse_opening(body, helpers)?;
        let kind = match opening.name.as_str() {
            _ if inverse => BranchKind::Unless,
            "if" => BranchKind::If,
            "unless" => BranchKind::Unless,
            "each" => BranchKind::Each,
            "with" => BranchKind::With,
            "" => BranchKind::Section,
            name => return Err(unknown_block(name, helpers)),
        };
        check_block_options(&opening, kind)?;
        let [subject] = <[Expr; 1]>::try_from(opening.args).map_err(|args| {
            let name = &opening.name;
            let message = msg!("template.block-arguments", name = name, count = args.len());
            Problem::error("helper-arguments", message)
        })?;
        let zero_is_true = opening.hash.iter().any(|(key, value)| {
            key == "includeZero" && matches!(value, Expr::Literal(serde_json::Value::Bool(true)))
        });
        let params = opening.params;
        Ok(Branch { tag, kind, subject, zero_is_true, params, body: Vec::new() })
    }
}

/// Returns the options of a block.
fn block_options(kind: BranchKind) -> &'static [HelperOption] {
    const CONDITION: &[HelperOption] = &[HelperOption::built_in("includeZero=true|false")];
    const LOOP: &[HelperOption] = &[
        HelperOption::built_in("columns=true|false"),
        HelperOption::built_in("fixed=true|false"),
        HelperOption::built_in("surplus=blank|delete"),
    ];
    match kind {
        BranchKind::If | BranchKind::Unless => CONDITION,
        BranchKind::Each => LOOP,
        BranchKind::With | BranchKind::Section | BranchKind::Nth(_) => &[],
    }
}

/// Checks the options of a block, which stand in the template itself: without them its layout is not known.
fn check_block_options(opening: &expr::BlockOpening, kind: BranchKind) -> Result<(), Problem> {
    let known = block_options(kind);
    expr::check_options(&opening.name, &opening.hash, known)?;
    let on = |name: &str| {
        opening.hash.iter().any(|(key, value)| key == name && value.literal() == Some(&true.into()))
    };
    for (key, value) in &opening.hash {
        if value.literal().is_none() {
            let option = known.iter().find(|option| option.name() == key);
            option.map_or(Ok(()), |option| option.check_choice(&opening.name, value.written()))?;
        }
        if key == "surplus" && !on("fixed") {
            let message = msg!("template.surplus-alone");
            return Err(Problem::error("helper-arguments", message));
        }
    }
    if on("fixed") && on("columns") {
        let message = msg!("template.fixed-and-columns");
        return Err(Problem::error("helper-arguments", message));
    }
    Ok(())
}

fn unknown_block(name: &str, helpers: &HelperSet) -> Problem {
    let message = msg!("template.block-unknown", name = name);
    let problem = Problem::error("helper-unknown", message);
    if helpers.find(name).is_some() {
        return problem.with_hint(msg!("template.hint-block-helper", name = name));
    }
    let near = nearest_name(name, ["if", "unless", "each", "with"].into_iter());
    problem.with_optional_hint(near.map(|near| msg!("template.nearest", name = near)))
}

/// Blocks of a text by their tags.
#[derive(Debug, Clone, Default)]
pub(crate) struct MatchedBlocks {
    /// For each block the indices of its opening tag, its `else` tags and its closing tag.
    pub(crate) blocks: Vec<Vec<usize>>,
}

/// Pairs opening and closing tags. Each problem comes with the index of its tag.
pub(crate) fn match_blocks(kinds: &[&TagKind]) -> (MatchedBlocks, Vec<(usize, Problem)>) {
    let mut matched = MatchedBlocks::default();
    let mut open: Vec<usize> = Vec::new();
    let mut problems = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        match kind {
            TagKind::Value(_)
            | TagKind::Comment
            | TagKind::Partial(_)
            | TagKind::PartialOpen(_)
            | TagKind::MergeField(_)
            | TagKind::Define(_) => {}
            TagKind::Open(_) | TagKind::Inverse(_) | TagKind::DefineOpen(_) => {
                if open.len() >= MAX_NESTING {
                    let message = msg!("template.nesting", limit = MAX_NESTING);
                    problems.push((at, Problem::error("block-too-deep", message)));
                    return (MatchedBlocks::default(), problems);
                }
                open.push(matched.blocks.len());
                matched.blocks.push(vec![at]);
            }
            TagKind::Else(_) => {
                let opened = open.last().filter(|&&block| {
                    !matches!(kinds[matched.blocks[block][0]], TagKind::DefineOpen(_))
                });
                let Some(&block) = opened else {
                    let message = msg!("template.else-alone");
                    problems.push((at, Problem::error("block-not-open", message)));
                    continue;
                };
                let last = matched.blocks[block].last().map(|&last| kinds[last]);
                if matches!(last, Some(TagKind::Else(None))) {
                    let message = msg!("template.else-twice");
                    problems.push((at, Problem::error("block-crossed", message)));
                }
                matched.blocks[block].push(at);
            }
            TagKind::Close(name) => match open.pop() {
                None => {
                    let message = msg!("template.close-alone", name = name);
                    problems.push((at, Problem::error("block-not-open", message)));
                }
                Some(block) => {
                    let opened = block_name(kinds[matched.blocks[block][0]]);
                    if name != opened {
                        let message = msg!("template.close-other", name = name, opened = opened);
                        problems.push((at, Problem::error("block-crossed", message)));
                    }
                    matched.blocks[block].push(at);
                }
            },
        }
    }
    for block in open {
        let at = matched.blocks[block][0];
        let name = block_name(kinds[at]);
        let message = msg!("template.never-closed", name = name);
        let hint = msg!("template.hint-never-closed", tag = format!("{{{{/{name}}}}}"));
        problems.push((at, Problem::error("block-not-closed", message).with_hint(hint)));
    }
    (matched, problems)
}

/// Returns the name that the closing tag must repeat.
fn block_name(kind: &TagKind) -> &str {
    match kind {
        TagKind::Open(body) | TagKind::Inverse(body) | TagKind::DefineOpen(body) => {
            closing_name(body)
        }
        _ => "",
    }
}
