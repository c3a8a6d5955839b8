//! Owns rendering: walks the compiled form with the data and collects text and problems.
//! Must not know Word; what only the document format understands is handed to a [`Format`].

use super::document_value::{self, Asked};
use crate::diag::Problem;
use crate::eval::addresses;
use crate::eval::partial_stack::{Calls, Written};
use crate::eval::scope::{Frame, Item, Scope};
use crate::ir::partials::{self, Partials};
use crate::ir::program::{Block, Branch, BranchKind, Op, Slot, TagId};
use crate::syntax::expr::{Expr, Path};
use crate::value::{Val, text_of};
// Loops within loops over long lists would never end.
use crate::diag::text;
use crate::limits::{TURNS, VALUES};
use crate::opc::xml::{escape_into, forbidden};
use crate::slice::TextSlice as _;
use serde_json::Value;
use std::borrow::Cow;

/// What a document format adds to rendering.
pub(crate) trait Format<'a> {
    /// Renders a special step; its problems go to the tag.
    fn special(
        &mut self,
        number: usize,
        scope: &Scope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>>;

    /// Puts a document in the place of the paragraph around a tag.
    fn document(&mut self, tag: TagId, asked: Asked, out: &mut String) -> Result<(), Problem> {
        let _ = (tag, asked, out);
        Err(document_value::misplaced())
    }

    /// Completes guarded content, which begins at `from`.
    fn finish(&mut self, number: usize, from: usize, out: &mut String);

    /// Bytes that were read or written for the part beside its text: footnotes, lists, prose.
    fn beside(&self) -> usize {
        0
    }
}

/// Limits and manners of one rendering.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) allow_missing: bool,
    pub(crate) max_bytes: usize,
    /// Escaping of values in plain text.
    pub(crate) escape: fn(&str) -> Cow<'_, str>,
}

/// One rendering of one part.
pub(crate) struct Machine<'a, 'f> {
    pub(crate) source: &'a str,
    pub(crate) scope: Scope<'a>,
    manner: Manner,
    format: &'f mut dyn Format<'a>,
    pub(crate) out: String,
    pub(crate) problems: Vec<(TagId, Problem)>,
    pub(crate) full: bool,
    turns: usize,
    values: usize,
    pub(crate) partials: &'a Partials,
    pub(crate) calls: Calls<'a>,
    /// Blocks and partials that are being rendered; each takes some of the stack.
    pub(crate) depth: usize,
}

/// Deepest nesting of blocks and partials together.
pub(crate) const DEPTH: usize = 200;
/// One fault repeated in a thousand turns of a loop is told so often.
const PROBLEMS_A_TAG: usize = 3;
const PROBLEMS: usize = 500;

impl<'a, 'f> Machine<'a, 'f> {
    pub(crate) fn new(
        source: &'a str,
        data: &'a Value,
        manner: Manner,
        partials: &'a Partials,
        format: &'f mut dyn Format<'a>,
    ) -> Self {
        let out = String::with_capacity(source.len() + source.len() / 4);
        let scope = Scope::new(data);
        let (problems, calls) = (Vec::new(), Calls::new());
        let (full, turns, values, depth) = (false, 0, 0, 0);
        Machine {
            source,
            scope,
            manner,
            format,
            out,
            problems,
            full,
            turns,
            values,
            partials,
            calls,
            depth,
        }
    }

    pub(crate) fn run(&mut self, ops: &'a [Op]) {
        // What a block defines goes with it.
        let mark = self.calls.mark();
        for op in ops {
            match op {
                Op::Source(range) => self.out.push_str(self.source.slice(range.clone())),
                Op::Insert(text) => self.out.push_str(text),
                Op::Value { tag, .. } | Op::Special { tag, .. } if self.is_long(*tag) => {}
                Op::Value { tag, expr, slot } => self.value(*tag, expr, *slot),
                Op::Literal(text) => self.literal(text),
                Op::Block(block) => {
                    self.depth += 1;
                    self.block(block);
                    self.depth -= 1;
                }
                Op::Include(include) => self.include(include),
                Op::Define(inline) => self.calls.define(inline, self.scope.here()),
                Op::Stand(stand) => self.stand(stand),
                Op::Special { tag, number } => {
                    if let Err(problems) = self.format.special(*number, &self.scope, &mut self.out)
                    {
                        for problem in problems {
                            self.report(*tag, problem);
                        }
                    }
                }
                Op::Guard { number, body } => {
                    let from = self.out.len();
                    self.run(body);
                    self.format.finish(*number, from, &mut self.out);
                }
            }
        }
        self.calls.forget(mark);
    }

    pub(crate) fn report(&mut self, mut tag: TagId, mut problem: Problem) {
        if problem.missing && self.manner.allow_missing {
            return;
        }
        // Within a partial a tag's number is that of the partial; the place is that of the document.
        if let Some(Written { tag: outermost, name, program, .. }) = self.calls.text() {
            let (line, text) = program.tags.get(tag as usize).cloned().unwrap_or_default();
            problem = partials::within(problem, name, line, &text);
            tag = *outermost;
        }
        let same = self.problems.iter().filter(|(other, _)| *other == tag).count();
        let known = self.problems.iter().any(|(other, known)| *other == tag && *known == problem);
        if !known && same < PROBLEMS_A_TAG && self.problems.len() < PROBLEMS {
            self.problems.push((tag, problem));
        }
    }

    fn value(&mut self, tag: TagId, expr: &'a Expr, slot: Slot) {
        let result = self.scope.require(expr).and_then(|value| {
            let Some(value) = value.get() else { return Ok(()) };
            if let Some(asked) = document_value::document_of(value) {
                return self.document(tag, asked, slot);
            }
            let text = text_of(value)?;
            check_text(&text, expr)?;
            let slot = self.calls.text().map_or(slot, |within| within.slot);
            self.indent();
            if slot.leads() {
                addresses::open(&mut self.out, self.calls.text().map_or(tag, |within| within.tag));
            }
            self.put(&text, slot, false);
            if slot.leads() {
                addresses::close(&mut self.out);
            }
            Ok(())
        });
        if let Err(problem) = result {
            self.report(tag, problem);
        }
    }

    fn document(&mut self, tag: TagId, asked: Asked, slot: Slot) -> Result<(), Problem> {
        let (tag, slot) = self.calls.text().map_or((tag, slot), |within| (within.tag, within.slot));
        match slot {
            Slot::Run("w:t") => self.format.document(tag, asked, &mut self.out),
            _ => Err(document_value::misplaced()),
        }
    }

    /// Text to its place; that of the template itself needs no escaping where the place is text too.
    fn put(&mut self, text: &str, slot: Slot, own: bool) {
        match slot {
            Slot::Run(element) => put_in_run(&mut self.out, text, element),
            Slot::Quoted if !own => {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"");
                put_plain(&mut self.out, &text);
            }
            Slot::Plain | Slot::Quoted | Slot::Code | Slot::Address => {
                put_plain(&mut self.out, text);
            }
            Slot::Text if own => self.out.push_str(text),
            Slot::Text => self.out.push_str(&(self.manner.escape)(text)),
        }
    }

    /// Text of a partial's own, in the place of the tag that includes it.
    fn literal(&mut self, text: &str) {
        let Some(Written { slot, .. }) = self.calls.text() else { return };
        let slot = *slot;
        for line in text.split_inclusive('\n') {
            self.indent();
            self.put(line, slot, true);
            if let Some(within) = self.calls.text_mut() {
                within.begins = line.ends_with('\n');
            }
        }
    }

    /// The spaces before a line of a partial.
    fn indent(&mut self) {
        let Some(within) = self.calls.text_mut() else { return };
        if std::mem::take(&mut within.begins) && !within.indent.is_empty() {
            let (indent, slot) = (within.indent.clone(), within.slot);
            self.put(&indent, slot, true);
        }
    }

    fn block(&mut self, block: &'a Block) {
        for branch in &block.branches {
            match self.branch(branch) {
                Ok(true) => return,
                Ok(false) => {}
                Err(problem) => {
                    self.report(branch.tag, problem);
                    // What the block holds is then unknown; its own problems would be guesses.
                    return;
                }
            }
        }
        self.run(&block.otherwise);
    }

    /// Renders a branch if it holds.
    fn branch(&mut self, branch: &'a Branch) -> Result<bool, Problem> {
        match branch.kind {
            BranchKind::If | BranchKind::Unless => {
                let holds = self.condition(branch)? == (branch.kind == BranchKind::If);
                if holds {
                    self.run(&branch.body);
                }
                Ok(holds)
            }
            BranchKind::Each => {
                let value = self.scope.require(&branch.subject)?;
                self.each(branch, value)
            }
            BranchKind::Nth(index) => {
                let value = self.scope.require(&branch.subject)?;
                let count = items_in(&value)?;
                let found = item_of(value, index);
                let holds = found.is_some();
                if let Some((key, item)) = found {
                    self.turn(branch, item, Some(Item { index, count, key }));
                }
                Ok(holds)
            }
            BranchKind::With => {
                let value = self.subject(branch)?;
                let holds = value.is_true(true);
                if holds {
                    self.turn(branch, value, None);
                }
                Ok(holds)
            }
            BranchKind::Section => self.section(branch),
        }
    }

    fn condition(&mut self, branch: &'a Branch) -> Result<bool, Problem> {
        let value = self.scope.eval(&branch.subject)?;
        let holds = value.is_true(branch.zero_is_true);
        if !holds {
            self.warn_of_misspelling(branch);
        }
        Ok(holds)
    }

    fn subject(&mut self, branch: &'a Branch) -> Result<Val<'a>, Problem> {
        let value = self.scope.eval(&branch.subject)?;
        if value.is_missing() {
            self.warn_of_misspelling(branch);
        }
        Ok(value)
    }

    /// A name that may be absent is no error in a condition, but one that is almost another is
    /// probably a slip.
    fn warn_of_misspelling(&mut self, branch: &'a Branch) {
        let mut wrong: Vec<&'a Path> = Vec::new();
        branch.subject.paths(&mut |path| {
            if self.scope.resolve(path).get().is_none() {
                wrong.push(path);
            }
        });
        for path in wrong {
            if let Some(hint) = self.scope.near(path) {
                let message = text!("template.condition-missing", path = &path.raw);
                let problem = Problem::warning("name-unknown", message).hint(hint);
                self.report(branch.tag, problem);
            }
        }
    }

    fn section(&mut self, branch: &'a Branch) -> Result<bool, Problem> {
        let value = self.subject(branch)?;
        match value.get() {
            Some(Value::Array(_)) => self.each(branch, value),
            Some(Value::Bool(true)) => {
                self.run(&branch.body);
                Ok(true)
            }
            _ => {
                let holds = value.is_true(true);
                if holds {
                    self.turn(branch, value, None);
                }
                Ok(holds)
            }
        }
    }

    fn each(&mut self, branch: &'a Branch, value: Val<'a>) -> Result<bool, Problem> {
        let items = items_of(value)?;
        let count = items.len();
        for (index, (key, item)) in items.into_iter().enumerate() {
            if self.is_full(branch.tag) {
                break;
            }
            self.turn(branch, item, Some(Item { index, count, key }));
        }
        Ok(count > 0)
    }

    /// Nested loops over long lists could make more text than any document holds.
    pub(crate) fn is_full(&mut self, tag: TagId) -> bool {
        self.turns += 1;
        if self.turns > TURNS && !self.full {
            self.full = true;
            let message = text!("template.too-many-turns", limit = TURNS);
            self.report(tag, Problem::error("output-too-large", message));
        }
        self.is_long(tag)
    }

    /// Many tags with long values could do the same, and very many short ones take as long.
    fn is_long(&mut self, tag: TagId) -> bool {
        self.values += 1;
        if self.values > VALUES && !self.full {
            self.full = true;
            let message = text!("template.too-many-values", limit = VALUES);
            self.report(tag, Problem::error("output-too-large", message));
        }
        let written = self.out.len().saturating_add(self.format.beside());
        if written > self.manner.max_bytes && !self.full {
            self.full = true;
            let limit = self.manner.max_bytes >> 20;
            let problem =
                Problem::error("output-too-large", text!("template.too-large", limit = limit));
            self.report(tag, problem);
        }
        self.full
    }

    fn turn(&mut self, branch: &'a Branch, value: Val<'a>, item: Option<Item<'a>>) {
        let mut params = Vec::new();
        if let Some(name) = branch.params.first() {
            params.push((name.as_str(), value.clone()));
        }
        if let (Some(name), Some(item)) = (branch.params.get(1), item) {
            let second = item.key.map_or_else(|| Value::from(item.index), Value::from);
            params.push((name.as_str(), Val::Own(second)));
        }
        let origin = match &branch.subject {
            Expr::Path(path) => Some(path),
            _ => None,
        };
        let open = branch.kind == BranchKind::Section || !params.is_empty();
        self.scope.push(Frame { item, params, origin, open, ..Frame::new(value) });
        self.run(&branch.body);
        self.scope.pop();
    }
}

/// How many items a list or group has.
pub(crate) fn items_in(value: &Val<'_>) -> Result<usize, Problem> {
    match value {
        Val::Ref(Value::Array(items)) | Val::Own(Value::Array(items)) => Ok(items.len()),
        Val::Ref(Value::Object(map)) => Ok(map.len()),
        _ => Err(not_a_list()),
    }
}

/// An item of a list or group with its key, by its number.
fn item_of(value: Val<'_>, index: usize) -> Option<(Option<&str>, Val<'_>)> {
    match value {
        Val::Ref(Value::Array(items)) => Some((None, Val::Ref(items.get(index)?))),
        Val::Ref(Value::Object(map)) => {
            let (key, value) = map.iter().nth(index)?;
            Some((Some(key.as_str()), Val::Ref(value)))
        }
        Val::Own(Value::Array(items)) => Some((None, Val::Own(items.into_iter().nth(index)?))),
        _ => None,
    }
}

fn not_a_list() -> Problem {
    Problem::error("value-not-list", text!("template.not-a-list", name = "each"))
}

/// The items of a list or group, each with its key.
pub(crate) fn items_of(value: Val<'_>) -> Result<Vec<(Option<&str>, Val<'_>)>, Problem> {
    Ok(match value {
        Val::Ref(Value::Array(items)) => items.iter().map(|v| (None, Val::Ref(v))).collect(),
        Val::Ref(Value::Object(map)) => {
            map.iter().map(|(key, v)| (Some(key.as_str()), Val::Ref(v))).collect()
        }
        Val::Own(Value::Array(items)) => items.into_iter().map(|v| (None, Val::Own(v))).collect(),
        _ => return Err(not_a_list()),
    })
}

/// A character that no XML can hold would make the document unreadable.
pub(crate) fn check_text(value: &str, expr: &Expr) -> Result<(), Problem> {
    let Some(found) = forbidden(value) else { return Ok(()) };
    let mut paths = Vec::new();
    expr.paths(&mut |path| paths.push(path.raw.clone()));
    let code = format!("U+{:04X}", u32::from(found));
    let before: String = value.split(found).next().unwrap_or("").to_owned();
    let before: String =
        before.chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect();
    let message = text!("template.control", path = paths, code = code, before = before);
    Err(Problem::error("value-control-character", message).hint(text!("template.hint-control")))
}

/// Text within `<w:t>` and its like: lines and tabs become elements beside it.
pub(crate) fn put_in_run(out: &mut String, text: &str, element: &str) {
    if !text.bytes().any(|byte| byte < 0x20) {
        return escape_into(out, text);
    }
    let mut rest = text;
    while let Some(at) = rest.find(['\n', '\r', '\t']) {
        escape_into(out, rest.slice(..at));
        let (mark, skip) = match rest.slice(at..) {
            tail if tail.starts_with("\r\n") => ("<w:br/>", 2),
            tail if tail.starts_with('\t') => ("<w:tab/>", 1),
            _ => ("<w:br/>", 1),
        };
        for piece in ["</", element, ">", mark, "<", element, " xml:space=\"preserve\">"] {
            out.push_str(piece);
        }
        rest = rest.slice(at + skip..);
    }
    escape_into(out, rest);
}

/// Text where there are no line breaks.
fn put_plain(out: &mut String, text: &str) {
    if text.contains(['\n', '\r', '\t']) {
        escape_into(out, &text.split_whitespace().collect::<Vec<_>>().join(" "));
    } else {
        escape_into(out, text);
    }
}
