//! Owns the meaning of names at a place of a template: data, enclosing blocks, loop variables.
//! Must not know how values are used.

use crate::diag::Message;
use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::helper::custom::eval_helper;
use crate::helper::{ArgumentValues, HelperArgs, ValueKind};
use crate::ir::program::TagId;
use crate::limits::MAX_HELPER_WORK;
use crate::syntax::expr::{DataPath, Expr, HelperCall, PathRoot};
use crate::syntax::look_alikes::named_look_alikes;
use crate::value::TemplateValue;
use serde_json::Value;
use std::cell::Cell;
use std::rc::Rc;

/// Maximum number of searches for similar names; more than the number of problems that are reported.
const MAX_HINT_LOOKUPS: usize = 2_000;

/// The enclosing blocks of the current place.
pub(crate) struct RenderScope<'a> {
    /// All active blocks, each with the index of the block that lexically contains it.
    frames: Vec<(ScopeFrame<'a>, usize)>,
    /// The innermost block around the current place.
    current: ScopePosition,
    /// The active loop iterations, each with the path of its list.
    iterations: Vec<(LoopIteration<'a>, Option<&'a DataPath>)>,
    pub(crate) counts: Rc<RenderCounts>,
    /// True within a partial that was given a block.
    pub(crate) has_partial_block: bool,
}

/// The cost of a rendering so far, with that of the parts that its turns show.
pub(crate) struct RenderCounts {
    /// Remaining searches for similar names, so that thousands of wrong names do not slow rendering down.
    hint_lookups_left: Cell<usize>,
    /// Remaining work of helpers.
    helper_work_left: Cell<usize>,
    /// Iterations of loops and includes.
    pub(crate) iterations: Cell<usize>,
    pub(crate) values: Cell<usize>,
}

/// The value at which a path begins.
enum PathStart<'s, 'a> {
    /// A value of the scope, of which only what the path leads to is copied.
    Held(&'s TemplateValue<'a>),
    Made(TemplateValue<'a>),
}

/// The use of a value, which decides what helps if it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingAdvice {
    /// It is printed.
    Printed,
    /// It is gone through item by item.
    List,
    /// It is computed with.
    Number,
    /// A helper makes something else of it: a picture, a date.
    Argument,
}

impl MissingAdvice {
    fn of_kind(kind: ValueKind) -> Self {
        match kind {
            ValueKind::List | ValueKind::Group | ValueKind::Section => MissingAdvice::List,
            ValueKind::Number => MissingAdvice::Number,
            ValueKind::Any | ValueKind::Scalar | ValueKind::Text => MissingAdvice::Argument,
        }
    }

    fn hint(self, path: &str) -> Message {
        match self {
            MissingAdvice::Printed => msg!("template.hint-default", path = path),
            MissingAdvice::List => msg!("template.hint-null-list", path = path),
            MissingAdvice::Number => msg!("template.hint-default-number", path = path),
            MissingAdvice::Argument => msg!("template.hint-if", path = path),
        }
    }
}

/// The names that begin with `@` within loops.
const LOOP_VARIABLES: [&str; 5] = ["number", "index", "first", "last", "key"];
/// The name by which a partial asks whether it was given a block.
const PARTIAL_BLOCK: &str = "partial-block";

/// A position among the enclosing blocks, valid while they are active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopePosition(usize);

/// One block that changes the meaning of names.
#[derive(Clone)]
pub(crate) struct ScopeFrame<'a> {
    pub(crate) this: TemplateValue<'a>,
    /// `None` outside of loops.
    pub(crate) iteration: Option<LoopIteration<'a>>,
    /// The tag of the branch; `None` for the data and for an include.
    pub(crate) branch: Option<TagId>,
    /// Block parameters with their names.
    pub(crate) params: Vec<(&'a str, TemplateValue<'a>)>,
    /// Hash arguments of an include, which extend the value.
    pub(crate) hash_values: Vec<(&'a str, TemplateValue<'a>)>,
    /// The path of the block's subject, if it is one.
    pub(crate) subject_path: Option<&'a DataPath>,
    /// True if bare names that the value lacks are looked up in outer blocks.
    pub(crate) inherits_names: bool,
}

/// One iteration of a loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoopIteration<'a> {
    pub(crate) index: usize,
    pub(crate) count: usize,
    pub(crate) key: Option<&'a str>,
}

impl<'a> ScopeFrame<'a> {
    pub(crate) fn new(this: TemplateValue<'a>) -> Self {
        let (params, hash_values) = (Vec::new(), Vec::new());
        ScopeFrame {
            this,
            iteration: None,
            branch: None,
            params,
            hash_values,
            subject_path: None,
            inherits_names: false,
        }
    }

    /// Checks whether it is one of these blocks, by the tags that open them.
    fn is_of(&self, blocks: &[TagId]) -> bool {
        self.branch.is_some_and(|tag| blocks.contains(&tag))
    }

    /// Looks up a name in the hash arguments and then in the value.
    fn lookup_name(&self, name: &str) -> TemplateValue<'a> {
        let added = self.hash_values.iter().find(|(known, _)| *known == name);
        added.map_or_else(|| self.this.get_child(name), |(_, value)| value.clone())
    }
}

impl<'a> RenderScope<'a> {
    pub(crate) fn new(data: &'a Value) -> Self {
        let frames = vec![(ScopeFrame::new(TemplateValue::Borrowed(data)), 0)];
        let counts = RenderCounts {
            hint_lookups_left: Cell::new(MAX_HINT_LOOKUPS),
            helper_work_left: Cell::new(MAX_HELPER_WORK),
            iterations: Cell::new(0),
            values: Cell::new(0),
        };
        RenderScope {
            frames,
            current: ScopePosition(0),
            iterations: Vec::new(),
            counts: Rc::new(counts),
            has_partial_block: false,
        }
    }

    /// Returns a scope at the current place in which names that an item lacks are looked up outside.
    pub(crate) fn snapshot(&self) -> RenderScope<'a> {
        let mut frames = self.frames.clone();
        for (frame, _) in &mut frames {
            frame.inherits_names = true;
        }
        RenderScope {
            frames,
            current: self.current,
            iterations: self.iterations.clone(),
            counts: Rc::clone(&self.counts),
            has_partial_block: self.has_partial_block,
        }
    }

    /// Returns such a scope at the place further out that is directly in one of these blocks, or in none.
    pub(crate) fn snapshot_within(&self, blocks: &[TagId]) -> RenderScope<'a> {
        let mut scope = self.snapshot();
        while scope.frames.len() > 1 && !scope.current_frame().is_of(blocks) {
            scope.pop_frame();
        }
        scope
    }

    /// Returns the indices of the iterations of these blocks around the current place, from the innermost.
    pub(crate) fn turn_within(&self, blocks: &[TagId]) -> Vec<usize> {
        let turns = self.enclosing_frames().filter(|frame| frame.is_of(blocks));
        turns.filter_map(|frame| frame.iteration.map(|item| item.index)).collect()
    }

    /// Returns the innermost block.
    pub(crate) fn current_frame(&self) -> &ScopeFrame<'a> {
        self.frame_at(self.current)
    }

    /// Returns the innermost block at a position.
    pub(crate) fn frame_at(&self, place: ScopePosition) -> &ScopeFrame<'a> {
        &self.frames[place.0].0
    }

    pub(crate) fn push_frame(&mut self, frame: ScopeFrame<'a>) {
        self.iterations.extend(frame.iteration.map(|item| (item, frame.subject_path)));
        self.frames.push((frame, self.current.0));
        self.current = ScopePosition(self.frames.len() - 1);
    }

    /// Leaves the block that was entered last.
    pub(crate) fn pop_frame(&mut self) {
        if let Some((frame, outer)) = self.frames.pop() {
            self.current = ScopePosition(outer);
            if frame.iteration.is_some() {
                self.iterations.pop();
            }
        }
    }

    pub(crate) fn current_position(&self) -> ScopePosition {
        self.current
    }

    /// Moves to a position further out or back. Returns the previous position.
    pub(crate) fn go_to(&mut self, to: ScopePosition) -> ScopePosition {
        std::mem::replace(&mut self.current, to)
    }

    /// Iterates over the enclosing blocks, from the innermost.
    fn enclosing_frames(&self) -> impl Iterator<Item = &ScopeFrame<'a>> {
        let mut next = Some(self.current.0);
        std::iter::from_fn(move || {
            let at = next?;
            let (frame, outer) = &self.frames[at];
            next = (at != 0).then_some(*outer);
            Some(frame)
        })
    }

    /// Returns index and count of the innermost loop's iteration.
    pub(crate) fn current_iteration(&self) -> Option<(usize, usize)> {
        self.iterations.last().map(|(item, _)| (item.index, item.count))
    }

    /// Evaluates an expression; an absent value is not an error.
    pub(crate) fn eval_expr(&self, expr: &'a Expr) -> Result<TemplateValue<'a>, Problem> {
        match expr {
            Expr::Literal(value) => Ok(TemplateValue::Borrowed(value)),
            Expr::Path(path) => Ok(self.resolve_path(path)),
            Expr::Call(call) => {
                let values = CallValues { scope: self, call };
                eval_helper(&HelperArgs { helper: &call.helper, values: &values })
            }
        }
    }

    /// Evaluates an expression; an absent value is an error.
    pub(crate) fn require_value(&self, expr: &'a Expr) -> Result<TemplateValue<'a>, Problem> {
        self.require_as(expr, MissingAdvice::Printed)
    }

    /// Evaluates an expression; an absent value is an error whose advice fits its use.
    pub(crate) fn require_as(
        &self,
        expr: &'a Expr,
        advice: MissingAdvice,
    ) -> Result<TemplateValue<'a>, Problem> {
        let value = self.eval_expr(expr)?;
        if !value.is_missing() {
            return Ok(value);
        }
        match expr {
            Expr::Path(path) => Err(self.explain_missing(path, advice)),
            _ => Err(Problem::missing_value(msg!("template.missing-result"))),
        }
    }

    pub(crate) fn resolve_path(&self, path: &'a DataPath) -> TemplateValue<'a> {
        let (start, segments) = self.path_start(path);
        match start {
            PathStart::Held(value) => value.follow(segments),
            PathStart::Made(value) => value.follow(segments),
        }
    }

    /// Returns the value at which a path begins, and the segments that remain from there.
    fn path_start(&self, path: &'a DataPath) -> (PathStart<'_, 'a>, &'a [String]) {
        let all = path.segments.as_slice();
        match path.root {
            PathRoot::Data => (PathStart::Held(&self.frames[0].0.this), all),
            PathRoot::Local { up } => (PathStart::Made(self.loop_variable(&all[0], up)), &[]),
            PathRoot::Context { up, bare } => {
                if bare
                    && let Some((first, rest)) = all.split_first()
                    && let Some(value) = self.block_param(first)
                {
                    return (PathStart::Held(value), rest);
                }
                let Some(frame) = self.context_frame(up, all.first(), bare) else {
                    return (PathStart::Made(TemplateValue::Missing), all);
                };
                let added = all.split_first().and_then(|(first, rest)| {
                    let (_, value) = frame.hash_values.iter().find(|(known, _)| known == first)?;
                    Some((PathStart::Held(value), rest))
                });
                added.unwrap_or((PathStart::Held(&frame.this), all))
            }
        }
    }

    /// Returns the value of a name in the innermost block that has it; `None` if none has it.
    pub(crate) fn find_name(&self, name: &str) -> Option<TemplateValue<'a>> {
        let param = self.block_param(name).cloned();
        param.or_else(|| {
            let mut values = self.enclosing_frames().map(|frame| frame.lookup_name(name));
            values.find(|value| !matches!(value, TemplateValue::Missing))
        })
    }

    fn block_param(&self, name: &str) -> Option<&TemplateValue<'a>> {
        let mut params = self.enclosing_frames().flat_map(|frame| &frame.params);
        params.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn context_frame(
        &self,
        up: usize,
        first: Option<&String>,
        bare: bool,
    ) -> Option<&ScopeFrame<'a>> {
        // In a section, or in a block with parameters, bare names that the item lacks are looked up in outer
        // blocks.
        if bare && let Some(first) = first {
            for frame in self.enclosing_frames().skip(up) {
                if !matches!(frame.lookup_name(first), TemplateValue::Missing) {
                    return Some(frame);
                }
                if !frame.inherits_names {
                    break;
                }
            }
        }
        self.enclosing_frames().nth(up)
    }

    fn loop_variable(&self, name: &str, up: usize) -> TemplateValue<'a> {
        if name == PARTIAL_BLOCK {
            return TemplateValue::Owned(Value::Bool(self.has_partial_block));
        }
        let Some((item, _)) = self.iterations.iter().rev().nth(up) else {
            return TemplateValue::Missing;
        };
        TemplateValue::Owned(match name {
            "index" => Value::from(item.index),
            "number" => Value::from(item.index + 1),
            "first" => Value::from(item.index == 0),
            "last" => Value::from(item.index + 1 == item.count),
            "key" => match item.key {
                Some(key) => Value::from(key),
                None => Value::from(item.index),
            },
            _ => return TemplateValue::Missing,
        })
    }

    /// Describes a path without a value: the segment that is absent, and what was probably meant.
    pub(crate) fn explain_missing(&self, path: &'a DataPath, advice: MissingAdvice) -> Problem {
        if let PathRoot::Local { up } = path.root {
            return self.explain_loop_variable(path, up);
        }
        if self.resolve_path(path).get().is_some() {
            let null = Problem::missing_value(msg!("template.null", path = &path.raw));
            return null.with_hint(advice.hint(&path.raw));
        }
        let turns = self.describe_iterations();
        let message = if turns.is_empty() {
            msg!("template.missing", path = &path.raw)
        } else {
            msg!("template.missing-in", path = &path.raw, turns = turns)
        };
        let odd = named_look_alikes(&path.raw);
        let odd = (!odd.is_empty()).then(|| msg!("template.look-alikes", names = odd));
        let problem = Problem::missing_value(message).with_optional_hint(odd);
        if let Some(hint) = self.nearest_hint(path) {
            return problem.with_hint(hint);
        }
        match self.known_keys_hint(path) {
            Some(hint) => problem.with_hint(hint),
            None => problem.with_hint(advice.hint(&path.raw)),
        }
    }

    /// Describes a name with `@` that has no value here: there is no such loop, or no such name.
    fn explain_loop_variable(&self, path: &DataPath, up: usize) -> Problem {
        let name = path.segments.first().map(String::as_str).unwrap_or_default();
        if LOOP_VARIABLES.contains(&name) {
            let message = if up < self.iterations.len() {
                msg!("template.missing", path = &path.raw)
            } else {
                msg!("template.outside-loop", path = &path.raw)
            };
            return Problem::missing_value(message);
        }
        let message = msg!("template.loop-variable", path = &path.raw);
        let near = nearest_name(name, LOOP_VARIABLES.into_iter())
            .map(|near| msg!("template.nearest", name = format!("@{near}")));
        let known = LOOP_VARIABLES.map(|name| format!("@{name}")).to_vec();
        Problem::missing_value(message)
            .with_optional_hint(near)
            .with_hint(msg!("template.known", keys = known))
    }

    /// Suggests a similar name in the value that lacks the path's segment, or in an outer block.
    pub(crate) fn nearest_hint(&self, path: &'a DataPath) -> Option<Message> {
        let left = &self.counts.hint_lookups_left;
        left.set(left.get().checked_sub(1)?);
        if let Some(literal) = literal_of_others(&path.raw) {
            return Some(msg!("template.nearest", name = literal));
        }
        let (value, wrong) = self.failing_step(path)?;
        if let Some(Value::Object(map)) = value.get()
            && let Some(near) = nearest_name(wrong, map.keys().map(String::as_str))
        {
            return Some(msg!("template.nearest", name = near));
        }
        self.outer_name_hint(path)
    }

    fn outer_name_hint(&self, path: &DataPath) -> Option<Message> {
        let PathRoot::Context { up: 0, bare: true } = path.root else { return None };
        let first = path.segments.first()?;
        let mut outer = self.enclosing_frames().skip(1);
        let up = outer.position(|frame| !frame.lookup_name(first).is_missing())? + 1;
        Some(msg!("template.hint-outside", path = format!("{}{}", "../".repeat(up), path.raw)))
    }

    fn known_keys_hint(&self, path: &'a DataPath) -> Option<Message> {
        let (value, _) = self.failing_step(path)?;
        match value.get()? {
            Value::Object(map) if !map.is_empty() => {
                let keys: Vec<&str> = map.keys().take(8).map(String::as_str).collect();
                Some(msg!("template.known", keys = keys))
            }
            Value::Array(items) => Some(msg!("template.hint-in-list", count = items.len())),
            _ => None,
        }
    }

    /// Returns the value that lacks a segment of the path, and that segment.
    fn failing_step(&self, path: &'a DataPath) -> Option<(TemplateValue<'a>, &'a str)> {
        let (start, segments) = self.path_start(path);
        let mut value = match start {
            PathStart::Held(value) => value.clone(),
            PathStart::Made(value) => value,
        };
        for key in segments {
            let child = value.get_child(key);
            if matches!(child, TemplateValue::Missing) {
                return Some((value, key));
            }
            value = child;
        }
        None
    }

    /// Describes the active loop iterations, from the outermost.
    fn describe_iterations(&self) -> Vec<Message> {
        let told = |(item, origin): &(LoopIteration<'a>, Option<&'a DataPath>)| {
            let origin = (*origin)?;
            Some(match item.key {
                Some(key) => msg!("template.turn-key", list = &origin.raw, key = key),
                None => msg!("template.turn", list = &origin.raw, number = item.index + 1),
            })
        };
        self.iterations.iter().filter_map(told).collect()
    }
}

/// A helper call with the scope in which its arguments are evaluated.
struct CallValues<'m, 'a> {
    scope: &'m RenderScope<'a>,
    call: &'a HelperCall,
}

impl<'a> CallValues<'_, 'a> {
    fn argument_expr(&self, at: usize) -> Result<&'a Expr, Problem> {
        self.call
            .args
            .get(at)
            .ok_or_else(|| Problem::missing_value(msg!("template.missing-result")))
    }
}

impl<'a> ArgumentValues<'a> for CallValues<'_, 'a> {
    fn count(&self) -> usize {
        self.call.args.len()
    }

    fn get(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        self.scope.eval_expr(self.argument_expr(at)?)
    }

    fn require(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        let kind = self.call.helper.argument_kind(at).0;
        self.scope.require_as(self.argument_expr(at)?, MissingAdvice::of_kind(kind))
    }

    fn charge(&self, work: usize) -> Result<(), Problem> {
        let work_left = &self.scope.counts.helper_work_left;
        let left = work_left.get().checked_sub(work);
        work_left.set(left.unwrap_or(0));
        if left.is_some() {
            return Ok(());
        }
        let message = msg!("template.too-much-work", limit = MAX_HELPER_WORK);
        Err(Problem::error("output-too-large", message)
            .with_hint(msg!("template.hint-too-much-work")))
    }

    fn hash_arg(&self, name: &str) -> Result<Option<TemplateValue<'a>>, Problem> {
        match self.call.hash.iter().find(|(key, _)| key == name) {
            Some((_, expr)) => self.scope.require_value(expr).map(Some),
            None => Ok(None),
        }
    }
}
/// Returns the literal for which other languages have this word.
fn literal_of_others(word: &str) -> Option<&'static str> {
    Some(match word {
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        "None" | "Null" | "NULL" | "nil" => "null",
        _ => return None,
    })
}
