//! Owns the compiled form of a text with tags: pieces of the source, values and blocks, as a tree.
//! Must not know how tags were found, nor any data.

use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::helper::HelperSet;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::{MAX_NESTING, TagKind, closing_name};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

/// Number of a tag within its template; places are looked up by it.
pub(crate) type TagId = u32;

/// One step of rendering.
#[derive(Debug, Clone)]
pub(crate) enum Instr {
    /// A piece of the source as it stands.
    Source(Range<usize>),
    /// Something that the source does not have.
    Insert(Cow<'static, str>),
    /// A text of a partial as it stands; the place of the including tag decides how it is escaped.
    Literal(String),
    /// Another text.
    Include(Box<Include>),
    /// Something that is included by name, defined where it stands.
    Define(Box<InlinePartial>),
    /// A paragraph or row that is there only for the tag in it, which may mean content of that kind.
    ContentSlot(Box<ContentSlot>),
    /// A value.
    Value { tag: TagId, expr: Expr, slot: EscapeContext },
    /// A block with its branches.
    Block(Box<CompiledBlock>),
    /// Something that only the document format understands.
    Special { tag: TagId, number: usize },
    /// Content that must not be left empty; see the document format's `finish`.
    Guard { number: usize, body: Vec<Instr> },
}

/// Where a value is put, which decides how it is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EscapeContext {
    /// In an element that holds a run's text, by its name.
    Run(&'static str),
    /// In any other element or in an attribute.
    Xml,
    /// Within the quotes of a field code.
    FieldString,
    /// In a field code, outside of quotes.
    FieldCode,
    /// In an attribute that says what a program opens.
    Address,
    /// In plain text, with the escaping that the caller gave.
    PlainText,
}

impl EscapeContext {
    /// Whether a value may become an address there.
    pub(crate) fn may_hold_address(self) -> bool {
        matches!(
            self,
            EscapeContext::FieldString | EscapeContext::FieldCode | EscapeContext::Address
        )
    }
}

/// A tag that includes another text, with the data that it gives to it.
#[derive(Debug, Clone)]
pub(crate) struct Include {
    pub(crate) tag: TagId,
    pub(crate) name: IncludeName,
    pub(crate) context: Option<Expr>,
    pub(crate) hash: Vec<(String, Expr)>,
    /// The inside of a block: what is rendered if there is no such text, and as `@partial-block`.
    pub(crate) body: Option<CompiledPartial>,
    /// What goes before every line.
    pub(crate) indent: String,
    pub(crate) slot: EscapeContext,
}

impl Include {
    /// What its tag asks for.
    pub(crate) fn used_exprs(&self) -> impl Iterator<Item = &Expr> {
        let name = match &self.name {
            IncludeName::Dynamic(expr) => Some(expr),
            _ => None,
        };
        name.into_iter().chain(&self.context).chain(self.hash.iter().map(|(_, expr)| expr))
    }
}

/// What a definition holds, and the place that takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ContentKind {
    /// Text.
    Line,
    /// Whole paragraphs.
    Paragraphs,
    /// Whole table rows.
    Rows,
}

/// A text or content with a name, for the tags of the block that defines it.
#[derive(Debug, Clone)]
pub(crate) struct InlinePartial {
    pub(crate) tag: TagId,
    pub(crate) name: String,
    pub(crate) body: InlinePartialBody,
}

/// See [`Inline`].
#[derive(Debug, Clone)]
pub(crate) enum InlinePartialBody {
    Text(CompiledPartial),
    /// Paragraphs or rows of the same part.
    Content(ContentKind, Vec<Instr>),
}

/// Content of one kind takes the place of what stands there otherwise.
#[derive(Debug, Clone)]
pub(crate) struct ContentSlot {
    pub(crate) include: Include,
    pub(crate) kind: ContentKind,
    /// Range marks that it must not lose.
    pub(crate) range_marks: Vec<Range<usize>>,
    pub(crate) fallback: Vec<Instr>,
}

/// What is included.
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
    /// Line and text of each tag.
    pub(crate) tags: Vec<(usize, String)>,
    /// The texts that it includes by name, those with something to fall back on aside.
    pub(crate) includes: Vec<(usize, String)>,
    /// The names that it defines, wherever in it.
    pub(crate) defined_names: BTreeSet<String>,
    /// What is wrong with it, by number of the tag.
    pub(crate) problems: Vec<(usize, Problem)>,
}

/// A block: the first branch that holds is rendered, else what is otherwise.
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

/// When a branch holds and how it is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BranchKind {
    If,
    Unless,
    Each,
    With,
    /// One item of a list, by its index from 0; holds if there is one.
    Nth(usize),
    /// `{{#name}}`: a loop over a list, once with anything else that is true.
    Section,
}

impl Branch {
    /// A branch that holds in the first turn of the innermost loop and so many in all around it.
    pub(crate) fn first_iteration(loops: usize) -> Self {
        Branch { subject: expr::first_iteration(loops), ..Branch::never(TagId::MAX) }
    }

    /// A branch that holds when this one does, and changes nothing.
    pub(crate) fn into_condition(self) -> Self {
        let (kind, zero_is_true) = match self.kind {
            BranchKind::If | BranchKind::Unless => (self.kind, self.zero_is_true),
            _ => (BranchKind::If, true),
        };
        Branch { kind, zero_is_true, params: Vec::new(), ..self }
    }

    /// A branch that never holds, in the place of a broken one.
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

    /// Reads the inside of `{{#…}}` or of what follows `else`.
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

fn unknown_block(name: &str, helpers: &HelperSet) -> Problem {
    let message = msg!("template.block-unknown", name = name);
    let problem = Problem::error("helper-unknown", message);
    if helpers.find(name).is_some() {
        return problem.with_hint(msg!("template.hint-block-helper", name = name));
    }
    let near = nearest_name(name, ["if", "unless", "each", "with"].into_iter());
    problem.with_optional_hint(near.map(|near| msg!("template.nearest", name = near)))
}

/// Which tags belong together.
#[derive(Debug, Clone, Default)]
pub(crate) struct MatchedBlocks {
    /// Per block its opening tag, its `else` tags and its closing tag, as indices.
    pub(crate) blocks: Vec<Vec<usize>>,
}

/// Pairs opening and closing tags; the problems come with the index of their tag.
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

/// What the closing tag must name.
fn block_name(kind: &TagKind) -> &str {
    match kind {
        TagKind::Open(body) | TagKind::Inverse(body) | TagKind::DefineOpen(body) => {
            closing_name(body)
        }
        _ => "",
    }
}
