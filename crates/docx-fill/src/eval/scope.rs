//! Owns what names mean at a place of a template: the data, the enclosing blocks, loop variables.
//! Must not know what is done with a value.

use crate::diag::Message;
use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::helper::custom::eval_helper;
use crate::helper::{ArgumentValues, HelperArgs};
use crate::syntax::expr::{DataPath, Expr, HelperCall, PathRoot};
use crate::value::TemplateValue;
use serde_json::Value;
use std::cell::Cell;

/// See [`Scope::looks`]; more than the problems of a rendering that are told.
const MAX_HINT_LOOKUPS: usize = 2_000;

/// The enclosing blocks of the place that is being rendered.
pub(crate) struct RenderScope<'a> {
    /// Every block that is being rendered, with the one that stands around it where it is written.
    frames: Vec<(ScopeFrame<'a>, usize)>,
    /// The innermost of those around the place.
    current: ScopePosition,
    /// The turns of the loops that are being rendered, with the path that each names.
    iterations: Vec<(LoopIteration<'a>, Option<&'a DataPath>)>,
    /// How many more names are looked up that are like a wrong one: of thousands of wrong names few are told.
    hint_lookups_left: Cell<usize>,
}

/// A place among the enclosing blocks, valid while they are being rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopePosition(usize);

/// One block that changes what names mean.
pub(crate) struct ScopeFrame<'a> {
    pub(crate) this: TemplateValue<'a>,
    /// Present in a loop.
    pub(crate) iteration: Option<LoopIteration<'a>>,
    /// Block parameters by name.
    pub(crate) params: Vec<(&'a str, TemplateValue<'a>)>,
    /// Names that a partial's tag adds to the value.
    pub(crate) hash_values: Vec<(&'a str, TemplateValue<'a>)>,
    /// The path that the block names.
    pub(crate) subject_path: Option<&'a DataPath>,
    /// Bare names that the value lacks are looked up further out.
    pub(crate) inherits_names: bool,
}

/// One turn of a loop.
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
            params,
            hash_values,
            subject_path: None,
            inherits_names: false,
        }
    }

    /// A value by its name.
    fn lookup_name(&self, name: &str) -> TemplateValue<'a> {
        let added = self.hash_values.iter().find(|(known, _)| *known == name);
        added.map_or_else(|| self.this.get_child(name), |(_, value)| value.clone())
    }
}

impl<'a> RenderScope<'a> {
    pub(crate) fn new(data: &'a Value) -> Self {
        let frames = vec![(ScopeFrame::new(TemplateValue::Borrowed(data)), 0)];
        RenderScope {
            frames,
            current: ScopePosition(0),
            iterations: Vec::new(),
            hint_lookups_left: Cell::new(MAX_HINT_LOOKUPS),
        }
    }

    /// The innermost block.
    pub(crate) fn current_frame(&self) -> &ScopeFrame<'a> {
        self.frame_at(self.current)
    }

    /// The innermost block of a place.
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

    /// Where we are.
    pub(crate) fn current_position(&self) -> ScopePosition {
        self.current
    }

    /// Goes to a place further out, or back; gives where we were.
    pub(crate) fn go_to(&mut self, to: ScopePosition) -> ScopePosition {
        std::mem::replace(&mut self.current, to)
    }

    /// The blocks around the place, from the innermost.
    fn enclosing_frames(&self) -> impl Iterator<Item = &ScopeFrame<'a>> {
        let mut next = Some(self.current.0);
        std::iter::from_fn(move || {
            let at = next?;
            let (frame, outer) = &self.frames[at];
            next = (at != 0).then_some(*outer);
            Some(frame)
        })
    }

    /// The turn of the innermost loop: its index and how many there are.
    pub(crate) fn current_iteration(&self) -> Option<(usize, usize)> {
        self.iterations.last().map(|(item, _)| (item.index, item.count))
    }

    /// The value of an expression; a missing one is no error here.
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

    /// The value of an expression, which must be there.
    pub(crate) fn require_value(&self, expr: &'a Expr) -> Result<TemplateValue<'a>, Problem> {
        let value = self.eval_expr(expr)?;
        if !value.is_missing() {
            return Ok(value);
        }
        match expr {
            Expr::Path(path) => Err(self.explain_missing(path)),
            _ => Err(Problem::missing_value(msg!("template.missing-result"))),
        }
    }

    pub(crate) fn resolve_path(&self, path: &'a DataPath) -> TemplateValue<'a> {
        let (start, segments) = self.path_start(path);
        segments.iter().fold(start, |value, key| value.get_child(key))
    }

    /// Where a path begins, and what of it is left from there.
    fn path_start(&self, path: &'a DataPath) -> (TemplateValue<'a>, &'a [String]) {
        let all = path.segments.as_slice();
        match path.root {
            PathRoot::Data => (self.frames[0].0.this.clone(), all),
            PathRoot::Local { up } => (self.loop_variable(&all[0], up), &[]),
            PathRoot::Context { up, bare } => {
                if bare
                    && let Some((first, rest)) = all.split_first()
                    && let Some(value) = self.block_param(first)
                {
                    return (value.clone(), rest);
                }
                let Some(frame) = self.context_frame(up, all.first(), bare) else {
                    return (TemplateValue::Missing, all);
                };
                let added = all.split_first().and_then(|(first, rest)| {
                    let (_, value) = frame.hash_values.iter().find(|(known, _)| known == first)?;
                    Some((value.clone(), rest))
                });
                added.unwrap_or_else(|| (frame.this.clone(), all))
            }
        }
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
        // In a section, or in a block with parameters, a bare name that the item lacks means the
        // outside.
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
        let Some((item, _)) = self.iterations.iter().rev().nth(up) else {
            return TemplateValue::Missing;
        };
        TemplateValue::Owned(match name {
            "index" => Value::from(item.index),
            "first" => Value::from(item.index == 0),
            "last" => Value::from(item.index + 1 == item.count),
            "key" => match item.key {
                Some(key) => Value::from(key),
                None => Value::from(item.index),
            },
            _ => return TemplateValue::Missing,
        })
    }

    /// Says that a path leads nowhere, where it stops, and what was probably meant.
    pub(crate) fn explain_missing(&self, path: &'a DataPath) -> Problem {
        if self.resolve_path(path).get().is_some() {
            let null = Problem::missing_value(msg!("template.null", path = &path.raw));
            return null.with_hint(msg!("template.hint-default", path = &path.raw));
        }
        let turns = self.describe_iterations();
        let message = if turns.is_empty() {
            msg!("template.missing", path = &path.raw)
        } else {
            msg!("template.missing-in", path = &path.raw, turns = turns)
        };
        let problem = Problem::missing_value(message);
        if let Some(hint) = self.nearest_hint(path) {
            return problem.with_hint(hint);
        }
        match self.known_keys_hint(path) {
            Some(hint) => problem.with_hint(hint),
            None => problem.with_hint(msg!("template.hint-default", path = &path.raw)),
        }
    }

    /// “Did you mean”, if a name like the wrong one stands where it was looked for or further out.
    pub(crate) fn nearest_hint(&self, path: &'a DataPath) -> Option<Message> {
        self.hint_lookups_left.set(self.hint_lookups_left.get().checked_sub(1)?);
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

    /// The value in which a path finds no further step, and that step.
    fn failing_step(&self, path: &'a DataPath) -> Option<(TemplateValue<'a>, &'a str)> {
        let (mut value, segments) = self.path_start(path);
        for key in segments {
            let child = value.get_child(key);
            if matches!(child, TemplateValue::Missing) {
                return Some((value, key));
            }
            value = child;
        }
        None
    }

    /// Which turn of which loop we are in, from the outermost.
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

/// A call with the scope in which its arguments are evaluated.
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
        self.scope.require_value(self.argument_expr(at)?)
    }

    fn hash_arg(&self, name: &str) -> Result<Option<TemplateValue<'a>>, Problem> {
        match self.call.hash.iter().find(|(key, _)| key == name) {
            Some((_, expr)) => self.scope.require_value(expr).map(Some),
            None => Ok(None),
        }
    }
}
