//! Owns rendering: executes instructions with the data and collects the text and the problems.
//! Must not know Word, except how text is written into a run; special instructions are passed to an [`OutputFormat`].

use super::document_value::{self, InsertRequest};
use crate::diag::Problem;
use crate::eval::marked_text;
use crate::eval::partial_stack::{ActivePartial, PartialStack};
use crate::eval::scope::{LoopIteration, MissingAdvice, RenderScope, ScopeFrame};
use crate::ir::partials::{self, Partials};
use crate::ir::program::{Branch, BranchKind, CompiledBlock, EscapeContext, Instr, TagId};
use crate::syntax::expr::{DataPath, Expr};
use crate::value::{TemplateValue, printed_text};
// Limits against nested loops over long lists, which could run almost endlessly.
use crate::diag::msg;
use crate::limits::{MAX_LOOP_ITERATIONS, MAX_VALUES};
use crate::opc::xml::{escape_into, find_forbidden};
use crate::slice::TextSlice as _;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

/// The part of rendering that depends on the document format.
pub(crate) trait OutputFormat<'a> {
    /// Renders a special instruction; its problems are reported at the instruction's tag.
    fn render_special(
        &mut self,
        number: usize,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>>;

    /// Replaces the paragraph around a tag, which is at a position of the output, by another document.
    fn insert_document(
        &mut self,
        tag: TagId,
        asked: InsertRequest,
        at: usize,
    ) -> Result<(), Problem> {
        let _ = (tag, asked, at);
        Err(document_value::misplaced_document())
    }

    /// Completes guarded content, which begins at byte `from` of the output.
    fn finish_guarded(&mut self, number: usize, from: usize, out: &mut String);

    /// Returns what a line end of a value becomes where the value of a tag stands; `None` for a line break.
    fn line_end(&mut self, tag: TagId) -> Option<String> {
        let _ = tag;
        None
    }

    /// Returns the bytes read or written for the part beside its text: footnotes, lists, Markdown.
    fn extra_bytes(&self) -> usize {
        0
    }
}

/// Limits and options of one rendering.
#[derive(Clone, Copy)]
pub(crate) struct RenderSettings {
    pub(crate) allow_missing: bool,
    pub(crate) max_bytes: usize,
    /// Escapes values in plain text.
    pub(crate) escape: fn(&str) -> Cow<'_, str>,
}

/// A text that is rendered, with the settings and partials of its rendering.
#[derive(Clone, Copy)]
pub(crate) struct RenderSetup<'a> {
    pub(crate) source: &'a str,
    pub(crate) settings: RenderSettings,
    pub(crate) partials: &'a Partials,
}

/// The rendering of one part.
pub(crate) struct Renderer<'a, 'f> {
    pub(crate) source: &'a str,
    pub(crate) scope: RenderScope<'a>,
    settings: RenderSettings,
    format: &'f mut dyn OutputFormat<'a>,
    pub(crate) out: String,
    pub(crate) problems: Vec<(TagId, Problem)>,
    pub(crate) limit_reached: bool,
    pub(crate) partials: &'a Partials,
    pub(crate) partial_stack: PartialStack<'a>,
    /// Number of active blocks and partials, each of which uses stack space.
    pub(crate) depth: usize,
}

/// Maximum nesting of blocks and partials together.
pub(crate) const MAX_RENDER_DEPTH: usize = 200;
/// Maximum reports of one tag, whose fault may recur in every iteration of a loop.
const MAX_PROBLEMS_PER_TAG: usize = 3;
const MAX_PROBLEMS: usize = 500;

/// Counts one more. Returns the number.
fn counted(count: &Cell<usize>) -> usize {
    count.set(count.get() + 1);
    count.get()
}

impl<'a, 'f> Renderer<'a, 'f> {
    pub(crate) fn new(
        context: RenderSetup<'a>,
        data: &'a Value,
        format: &'f mut dyn OutputFormat<'a>,
    ) -> Self {
        Renderer::within(context, RenderScope::new(data), format)
    }

    /// Creates a rendering at a place of another one.
    pub(crate) fn within(
        context: RenderSetup<'a>,
        scope: RenderScope<'a>,
        format: &'f mut dyn OutputFormat<'a>,
    ) -> Self {
        let RenderSetup { source, settings, partials } = context;
        let out = String::with_capacity(source.len() + source.len() / 4);
        let (problems, partial_stack) = (Vec::new(), PartialStack::new());
        let (limit_reached, depth) = (false, 0);
        Renderer {
            source,
            scope,
            settings,
            format,
            out,
            problems,
            limit_reached,
            partials,
            partial_stack,
            depth,
        }
    }

    pub(crate) fn render_instrs(&mut self, ops: &'a [Instr]) {
        // Definitions end with the block that contains them.
        let mark = self.partial_stack.definition_count();
        for op in ops {
            match op {
                Instr::Source(range) => self.out.push_str(self.source.slice(range.clone())),
                Instr::Insert(text) => self.out.push_str(text),
                Instr::Value { tag, .. } | Instr::Special { tag, .. }
                    if self.exceeds_output(*tag) => {}
                Instr::Value { tag, expr, slot } => self.render_value(*tag, expr, *slot),
                Instr::Literal(text) => self.render_literal(text),
                Instr::Block(block) => {
                    self.depth += 1;
                    self.render_block(block);
                    self.depth -= 1;
                }
                Instr::Include(include) => self.render_include(include),
                Instr::Define(inline) => {
                    self.partial_stack.add_definition(inline, self.scope.current_position());
                }
                Instr::ContentSlot(stand) => self.render_content_slot(stand),
                Instr::Special { tag, number } => {
                    if let Err(problems) =
                        self.format.render_special(*number, &self.scope, &mut self.out)
                    {
                        for problem in problems {
                            self.report_problem(*tag, problem);
                        }
                    }
                }
                Instr::Guard { number, body } => {
                    let from = self.out.len();
                    self.render_instrs(body);
                    self.format.finish_guarded(*number, from, &mut self.out);
                }
            }
        }
        self.partial_stack.truncate_definitions(mark);
    }

    pub(crate) fn report_problem(&mut self, mut tag: TagId, mut problem: Problem) {
        // Whatever is too large once is so again in the next turn.
        self.limit_reached |= problem.rule == "output-too-large";
        if problem.is_missing_value && self.settings.allow_missing {
            return;
        }
        // Within a partial, tags are numbered by the partial; problems are located at the tag in the document.
        if let Some(ActivePartial { tag: outermost, name, program, .. }) =
            self.partial_stack.current_partial()
        {
            let (line, text) = program.tags.get(tag as usize).cloned().unwrap_or_default();
            problem = partials::with_partial_context(problem, name, line, &text);
            tag = *outermost;
        }
        let same = self.problems.iter().filter(|(other, _)| *other == tag).count();
        let known = self.problems.iter().any(|(other, known)| *other == tag && *known == problem);
        if !known && same < MAX_PROBLEMS_PER_TAG && self.problems.len() < MAX_PROBLEMS {
            self.problems.push((tag, problem));
        }
    }

    fn render_value(&mut self, tag: TagId, expr: &'a Expr, slot: EscapeContext) {
        let result = self.scope.require_value(expr).and_then(|value| {
            let Some(value) = value.get() else { return Ok(()) };
            if let Some(asked) = document_value::parse_insert_request(value) {
                return self.render_document(tag, asked, slot);
            }
            let text = printed_text(value)?;
            check_xml_chars(&text, expr)?;
            let slot = self.partial_stack.current_partial().map_or(slot, |within| within.slot);
            self.write_indent();
            if slot.may_hold_address() {
                marked_text::write_data_begin(
                    &mut self.out,
                    self.partial_stack.current_partial().map_or(tag, |within| within.tag),
                );
            }
            let at = self.partial_stack.current_partial().map_or(tag, |within| within.tag);
            self.write_text(&text, slot, Some(at));
            if slot.may_hold_address() {
                marked_text::write_data_end(&mut self.out);
            }
            Ok(())
        });
        if let Err(problem) = result {
            self.report_problem(tag, problem);
        }
    }

    fn render_document(
        &mut self,
        tag: TagId,
        asked: InsertRequest,
        slot: EscapeContext,
    ) -> Result<(), Problem> {
        let (tag, slot) = self
            .partial_stack
            .current_partial()
            .map_or((tag, slot), |within| (within.tag, within.slot));
        match slot {
            EscapeContext::Run("w:t") => self.format.insert_document(tag, asked, self.out.len()),
            _ => Err(document_value::misplaced_document()),
        }
    }

    /// Writes text with the escaping of its place: the value of a tag, or literal text of a partial, which needs no
    /// escaping in plain text.
    fn write_text(&mut self, text: &str, slot: EscapeContext, value_of: Option<TagId>) {
        let own = value_of.is_none();
        match slot {
            EscapeContext::Run("w:t") if text.contains('\n') && !own => {
                let line_end = value_of.and_then(|tag| self.format.line_end(tag));
                match line_end {
                    Some(line_end) => write_lines(&mut self.out, text, &line_end),
                    None => write_run_text(&mut self.out, text, "w:t"),
                }
            }
            EscapeContext::Run(element) => write_run_text(&mut self.out, text, element),
            EscapeContext::FieldString if !own => {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"");
                write_plain_text(&mut self.out, &text);
            }
            EscapeContext::Xml
            | EscapeContext::FieldString
            | EscapeContext::FieldCode
            | EscapeContext::Address => {
                write_plain_text(&mut self.out, text);
            }
            EscapeContext::PlainText if own => self.out.push_str(text),
            EscapeContext::PlainText => self.out.push_str(&(self.settings.escape)(text)),
        }
    }

    /// Writes literal text of a partial in place of the including tag.
    fn render_literal(&mut self, text: &str) {
        let Some(ActivePartial { slot, .. }) = self.partial_stack.current_partial() else { return };
        let slot = *slot;
        for line in text.split_inclusive('\n') {
            self.write_indent();
            self.write_text(line, slot, None);
            if let Some(within) = self.partial_stack.current_partial_mut() {
                within.at_line_start = line.ends_with('\n');
            }
        }
    }

    /// Writes the indentation before a line of a partial.
    fn write_indent(&mut self) {
        let Some(within) = self.partial_stack.current_partial_mut() else { return };
        if std::mem::take(&mut within.at_line_start) && !within.indent.is_empty() {
            let (indent, slot) = (within.indent.clone(), within.slot);
            self.write_text(&indent, slot, None);
        }
    }

    fn render_block(&mut self, block: &'a CompiledBlock) {
        for branch in &block.branches {
            match self.render_branch(branch) {
                Ok(true) => return,
                Ok(false) => {}
                Err(problem) => {
                    self.report_problem(branch.tag, problem);
                    // The content of the block is undetermined, so its problems would be guesses.
                    return;
                }
            }
        }
        self.render_instrs(&block.else_body);
    }

    /// Renders a branch if it holds. Returns whether it does.
    fn render_branch(&mut self, branch: &'a Branch) -> Result<bool, Problem> {
        match branch.kind {
            BranchKind::If | BranchKind::Unless => {
                let holds = self.eval_condition(branch)? == (branch.kind == BranchKind::If);
                if holds {
                    self.render_instrs(&branch.body);
                }
                Ok(holds)
            }
            BranchKind::Each => {
                let value = self.scope.require_as(&branch.subject, MissingAdvice::List)?;
                self.render_each(branch, value)
            }
            BranchKind::Nth(index) => {
                let value = self.scope.require_as(&branch.subject, MissingAdvice::List)?;
                let count = item_count(&value)?;
                let found = nth_item(value, index);
                let holds = found.is_some();
                if let Some((key, item)) = found {
                    self.render_iteration(branch, item, Some(LoopIteration { index, count, key }));
                }
                Ok(holds)
            }
            BranchKind::With => {
                let value = self.eval_subject(branch)?;
                let holds = value.is_true(true);
                if holds {
                    self.render_iteration(branch, value, None);
                }
                Ok(holds)
            }
            BranchKind::Section => self.render_section(branch),
        }
    }

    fn eval_condition(&mut self, branch: &'a Branch) -> Result<bool, Problem> {
        let value = self.scope.eval_expr(&branch.subject)?;
        let holds = value.is_true(branch.zero_is_true);
        if !holds {
            self.warn_of_misspelling(branch);
        }
        Ok(holds)
    }

    fn eval_subject(&mut self, branch: &'a Branch) -> Result<TemplateValue<'a>, Problem> {
        let value = self.scope.eval_expr(&branch.subject)?;
        if value.is_missing() {
            self.warn_of_misspelling(branch);
        }
        Ok(value)
    }

    /// Warns of an absent name in a condition if it resembles an existing one. Absent names are otherwise
    /// permitted there.
    fn warn_of_misspelling(&mut self, branch: &'a Branch) {
        let mut wrong: Vec<&'a DataPath> = Vec::new();
        branch.subject.for_each_path(&mut |path| {
            if self.scope.resolve_path(path).get().is_none() {
                wrong.push(path);
            }
        });
        for path in wrong {
            if let Some(hint) = self.scope.nearest_hint(path) {
                let message = msg!("template.condition-missing", path = &path.raw);
                let problem = Problem::warning("name-unknown", message).with_hint(hint);
                self.report_problem(branch.tag, problem);
            }
        }
    }

    fn render_section(&mut self, branch: &'a Branch) -> Result<bool, Problem> {
        let value = self.eval_subject(branch)?;
        match value.get() {
            Some(Value::Array(_)) => self.render_each(branch, value),
            Some(Value::Bool(true)) => {
                self.render_instrs(&branch.body);
                Ok(true)
            }
            _ => {
                let holds = value.is_true(true);
                if holds {
                    self.render_iteration(branch, value, None);
                }
                Ok(holds)
            }
        }
    }

    fn render_each(
        &mut self,
        branch: &'a Branch,
        value: TemplateValue<'a>,
    ) -> Result<bool, Problem> {
        let items = keyed_items(value)?;
        let count = items.len();
        for (index, (key, item)) in items.into_iter().enumerate() {
            if self.exceeds_iterations(branch.tag) {
                break;
            }
            self.render_iteration(branch, item, Some(LoopIteration { index, count, key }));
        }
        Ok(count > 0)
    }

    /// Counts an iteration or include. Reports a problem once and returns true if a limit is exceeded: nested
    /// loops over long lists could otherwise run almost endlessly.
    pub(crate) fn exceeds_iterations(&mut self, tag: TagId) -> bool {
        if counted(&self.scope.counts.iterations) > MAX_LOOP_ITERATIONS && !self.limit_reached {
            self.limit_reached = true;
            let message = msg!("template.too-many-turns", limit = MAX_LOOP_ITERATIONS);
            self.report_problem(tag, Problem::error("output-too-large", message));
        }
        self.exceeds_output(tag)
    }

    /// Counts a value. Reports a problem once and returns true if a limit on values or output bytes is
    /// exceeded.
    fn exceeds_output(&mut self, tag: TagId) -> bool {
        if counted(&self.scope.counts.values) > MAX_VALUES && !self.limit_reached {
            self.limit_reached = true;
            let message = msg!("template.too-many-values", limit = MAX_VALUES);
            self.report_problem(tag, Problem::error("output-too-large", message));
        }
        let written = self.out.len().saturating_add(self.format.extra_bytes());
        if written > self.settings.max_bytes && !self.limit_reached {
            self.limit_reached = true;
            let limit = self.settings.max_bytes >> 20;
            let problem =
                Problem::error("output-too-large", msg!("template.too-large", limit = limit));
            self.report_problem(tag, problem);
        }
        self.limit_reached
    }

    fn render_iteration(
        &mut self,
        branch: &'a Branch,
        value: TemplateValue<'a>,
        item: Option<LoopIteration<'a>>,
    ) {
        let mut params = Vec::new();
        if let Some(name) = branch.params.first() {
            params.push((name.as_str(), value.clone()));
        }
        if let (Some(name), Some(item)) = (branch.params.get(1), item) {
            let second = item.key.map_or_else(|| Value::from(item.index), Value::from);
            params.push((name.as_str(), TemplateValue::Owned(second)));
        }
        let origin = match &branch.subject {
            Expr::Path(path) => Some(path),
            _ => None,
        };
        let open = branch.kind == BranchKind::Section || !params.is_empty();
        self.scope.push_frame(ScopeFrame {
            iteration: item,
            branch: Some(branch.tag),
            params,
            subject_path: origin,
            inherits_names: open,
            ..ScopeFrame::new(value)
        });
        self.render_instrs(&branch.body);
        self.scope.pop_frame();
    }
}

/// Returns the number of items of a list or object.
pub(crate) fn item_count(value: &TemplateValue<'_>) -> Result<usize, Problem> {
    match value {
        TemplateValue::Borrowed(Value::Array(items))
        | TemplateValue::Owned(Value::Array(items)) => Ok(items.len()),
        TemplateValue::Borrowed(Value::Object(map)) => Ok(map.len()),
        TemplateValue::Shared(value) => value.as_array().map(Vec::len).ok_or_else(not_a_list),
        _ => Err(not_a_list()),
    }
}

/// Returns the item at an index of a list or object, with its key.
fn nth_item(value: TemplateValue<'_>, index: usize) -> Option<(Option<&str>, TemplateValue<'_>)> {
    match value {
        TemplateValue::Borrowed(Value::Array(items)) => {
            Some((None, TemplateValue::Borrowed(items.get(index)?)))
        }
        TemplateValue::Borrowed(Value::Object(map)) => {
            let (key, value) = map.iter().nth(index)?;
            Some((Some(key.as_str()), TemplateValue::Borrowed(value)))
        }
        TemplateValue::Owned(Value::Array(items)) => {
            Some((None, TemplateValue::Owned(items.into_iter().nth(index)?)))
        }
        TemplateValue::Shared(value) => {
            Some((None, TemplateValue::from_made(value.as_array()?.get(index)?.clone())))
        }
        _ => None,
    }
}

fn not_a_list() -> Problem {
    Problem::error("value-not-list", msg!("template.not-a-list", name = "each"))
}

/// Returns the items of a list or object, with their keys.
pub(crate) fn keyed_items(
    value: TemplateValue<'_>,
) -> Result<Vec<(Option<&str>, TemplateValue<'_>)>, Problem> {
    Ok(match value {
        TemplateValue::Borrowed(Value::Array(items)) => {
            items.iter().map(|v| (None, TemplateValue::Borrowed(v))).collect()
        }
        TemplateValue::Borrowed(Value::Object(map)) => {
            map.iter().map(|(key, v)| (Some(key.as_str()), TemplateValue::Borrowed(v))).collect()
        }
        TemplateValue::Owned(Value::Array(items)) => {
            items.into_iter().map(|v| (None, TemplateValue::from_made(v))).collect()
        }
        TemplateValue::Shared(value) => match Rc::try_unwrap(value) {
            Ok(Value::Array(items)) => {
                items.into_iter().map(|v| (None, TemplateValue::from_made(v))).collect()
            }
            Ok(_) => return Err(not_a_list()),
            Err(value) => {
                let items = value.as_array().ok_or_else(not_a_list)?;
                items.iter().map(|v| (None, TemplateValue::from_made(v.clone()))).collect()
            }
        },
        _ => return Err(not_a_list()),
    })
}

/// Checks a value for characters that XML forbids, which would make the document unreadable.
pub(crate) fn check_xml_chars(value: &str, expr: &Expr) -> Result<(), Problem> {
    let Some(found) = find_forbidden(value) else { return Ok(()) };
    let mut paths = Vec::new();
    expr.for_each_path(&mut |path| paths.push(path.raw.clone()));
    Err(forbidden_character(value, found, paths))
}

/// Returns the problem of a value with a character that XML forbids.
pub(crate) fn forbidden_character(value: &str, found: char, paths: Vec<String>) -> Problem {
    let code = format!("U+{:04X}", u32::from(found));
    let before: String = value.split(found).next().unwrap_or("").to_owned();
    let before: String =
        before.chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect();
    let message = msg!("template.control", path = paths, code = code, before = before);
    Problem::error("value-control-character", message).with_hint(msg!("template.hint-control"))
}

/// Writes text within `<w:t>` or a similar element; line breaks and tabs become elements beside it.
pub(crate) fn write_run_text(out: &mut String, text: &str, element: &str) {
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

/// Writes text into a run, with something between its lines.
fn write_lines(out: &mut String, text: &str, line_end: &str) {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str(line_end);
        }
        write_run_text(out, line.strip_suffix('\r').unwrap_or(line), "w:t");
    }
}

/// Writes text where line breaks are not possible; they become spaces.
fn write_plain_text(out: &mut String, text: &str) {
    if text.contains(['\n', '\r', '\t']) {
        escape_into(out, &text.split_whitespace().collect::<Vec<_>>().join(" "));
    } else {
        escape_into(out, text);
    }
}
