//! Owns what names mean at a place of a template: the data, the enclosing blocks, loop variables.
//! Must not know what is done with a value.

use crate::diag::Text;
use crate::diag::text;
use crate::diag::{Problem, nearest};
use crate::helper::{Args, ArgumentValues};
use crate::syntax::expr::{Call, Expr, Path, Root};
use crate::value::Val;
use serde_json::Value;
use std::cell::Cell;

/// See [`Scope::looks`]; more than the problems of a rendering that are told.
const LOOKS: usize = 2_000;

/// The enclosing blocks of the place that is being rendered.
pub(crate) struct Scope<'a> {
    /// Every block that is being rendered, with the one that stands around it where it is written.
    frames: Vec<(Frame<'a>, usize)>,
    /// The innermost of those around the place.
    here: Position,
    /// The turns of the loops that are being rendered, with the path that each names.
    turns: Vec<(Item<'a>, Option<&'a Path>)>,
    /// How many more names are looked up that are like a wrong one: of thousands of wrong names few are told.
    looks: Cell<usize>,
}

/// A place among the enclosing blocks, valid while they are being rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position(usize);

/// One block that changes what names mean.
pub(crate) struct Frame<'a> {
    pub(crate) this: Val<'a>,
    /// Present in a loop.
    pub(crate) item: Option<Item<'a>>,
    /// Block parameters by name.
    pub(crate) params: Vec<(&'a str, Val<'a>)>,
    /// Names that a partial's tag adds to the value.
    pub(crate) added: Vec<(&'a str, Val<'a>)>,
    /// The path that the block names.
    pub(crate) origin: Option<&'a Path>,
    /// Bare names that the value lacks are looked up further out.
    pub(crate) open: bool,
}

/// One turn of a loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) index: usize,
    pub(crate) count: usize,
    pub(crate) key: Option<&'a str>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(this: Val<'a>) -> Self {
        let (params, added) = (Vec::new(), Vec::new());
        Frame { this, item: None, params, added, origin: None, open: false }
    }

    /// A value by its name.
    fn named(&self, name: &str) -> Val<'a> {
        let added = self.added.iter().find(|(known, _)| *known == name);
        added.map_or_else(|| self.this.child(name), |(_, value)| value.clone())
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn new(data: &'a Value) -> Self {
        let frames = vec![(Frame::new(Val::Ref(data)), 0)];
        Scope { frames, here: Position(0), turns: Vec::new(), looks: Cell::new(LOOKS) }
    }

    /// The innermost block.
    pub(crate) fn frame(&self) -> &Frame<'a> {
        self.frame_at(self.here)
    }

    /// The innermost block of a place.
    pub(crate) fn frame_at(&self, place: Position) -> &Frame<'a> {
        &self.frames[place.0].0
    }

    pub(crate) fn push(&mut self, frame: Frame<'a>) {
        self.turns.extend(frame.item.map(|item| (item, frame.origin)));
        self.frames.push((frame, self.here.0));
        self.here = Position(self.frames.len() - 1);
    }

    /// Leaves the block that was entered last.
    pub(crate) fn pop(&mut self) {
        if let Some((frame, outer)) = self.frames.pop() {
            self.here = Position(outer);
            if frame.item.is_some() {
                self.turns.pop();
            }
        }
    }

    /// Where we are.
    pub(crate) fn here(&self) -> Position {
        self.here
    }

    /// Goes to a place further out, or back; gives where we were.
    pub(crate) fn go(&mut self, to: Position) -> Position {
        std::mem::replace(&mut self.here, to)
    }

    /// The blocks around the place, from the innermost.
    fn around(&self) -> impl Iterator<Item = &Frame<'a>> {
        let mut next = Some(self.here.0);
        std::iter::from_fn(move || {
            let at = next?;
            let (frame, outer) = &self.frames[at];
            next = (at != 0).then_some(*outer);
            Some(frame)
        })
    }

    /// The turn of the innermost loop: its index and how many there are.
    pub(crate) fn turn(&self) -> Option<(usize, usize)> {
        self.turns.last().map(|(item, _)| (item.index, item.count))
    }

    /// The value of an expression; a missing one is no error here.
    pub(crate) fn eval(&self, expr: &'a Expr) -> Result<Val<'a>, Problem> {
        match expr {
            Expr::Literal(value) => Ok(Val::Ref(value)),
            Expr::Path(path) => Ok(self.resolve(path)),
            Expr::Call(call) => {
                let values = CallValues { scope: self, call };
                (call.helper.run)(&Args { helper: call.helper, values: &values })
            }
        }
    }

    /// The value of an expression, which must be there.
    pub(crate) fn require(&self, expr: &'a Expr) -> Result<Val<'a>, Problem> {
        let value = self.eval(expr)?;
        if !value.is_missing() {
            return Ok(value);
        }
        match expr {
            Expr::Path(path) => Err(self.explain(path)),
            _ => Err(Problem::missing(text!("template.missing-result"))),
        }
    }

    pub(crate) fn resolve(&self, path: &'a Path) -> Val<'a> {
        let (start, segments) = self.start(path);
        segments.iter().fold(start, |value, key| value.child(key))
    }

    /// Where a path begins, and what of it is left from there.
    fn start(&self, path: &'a Path) -> (Val<'a>, &'a [String]) {
        let all = path.segments.as_slice();
        match path.root {
            Root::Data => (self.frames[0].0.this.clone(), all),
            Root::Local { up } => (self.local(&all[0], up), &[]),
            Root::Context { up, bare } => {
                if bare
                    && let Some((first, rest)) = all.split_first()
                    && let Some(value) = self.param(first)
                {
                    return (value.clone(), rest);
                }
                let Some(frame) = self.context(up, all.first(), bare) else {
                    return (Val::Missing, all);
                };
                let added = all.split_first().and_then(|(first, rest)| {
                    let (_, value) = frame.added.iter().find(|(known, _)| known == first)?;
                    Some((value.clone(), rest))
                });
                added.unwrap_or_else(|| (frame.this.clone(), all))
            }
        }
    }

    fn param(&self, name: &str) -> Option<&Val<'a>> {
        let mut params = self.around().flat_map(|frame| &frame.params);
        params.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn context(&self, up: usize, first: Option<&String>, bare: bool) -> Option<&Frame<'a>> {
        // In a section, or in a block with parameters, a bare name that the item lacks means the
        // outside.
        if bare && let Some(first) = first {
            for frame in self.around().skip(up) {
                if !matches!(frame.named(first), Val::Missing) {
                    return Some(frame);
                }
                if !frame.open {
                    break;
                }
            }
        }
        self.around().nth(up)
    }

    fn local(&self, name: &str, up: usize) -> Val<'a> {
        let Some((item, _)) = self.turns.iter().rev().nth(up) else { return Val::Missing };
        Val::Own(match name {
            "index" => Value::from(item.index),
            "first" => Value::from(item.index == 0),
            "last" => Value::from(item.index + 1 == item.count),
            "key" => match item.key {
                Some(key) => Value::from(key),
                None => Value::from(item.index),
            },
            _ => return Val::Missing,
        })
    }

    /// Says that a path leads nowhere, where it stops, and what was probably meant.
    pub(crate) fn explain(&self, path: &'a Path) -> Problem {
        if self.resolve(path).get().is_some() {
            let null = Problem::missing(text!("template.null", path = &path.raw));
            return null.hint(text!("template.hint-default", path = &path.raw));
        }
        let turns = self.turns();
        let message = if turns.is_empty() {
            text!("template.missing", path = &path.raw)
        } else {
            text!("template.missing-in", path = &path.raw, turns = turns)
        };
        let problem = Problem::missing(message);
        if let Some(hint) = self.near(path) {
            return problem.hint(hint);
        }
        match self.known(path) {
            Some(hint) => problem.hint(hint),
            None => problem.hint(text!("template.hint-default", path = &path.raw)),
        }
    }

    /// “Did you mean”, if a name like the wrong one stands where it was looked for or further out.
    pub(crate) fn near(&self, path: &'a Path) -> Option<Text> {
        self.looks.set(self.looks.get().checked_sub(1)?);
        let (value, wrong) = self.stop(path)?;
        if let Some(Value::Object(map)) = value.get()
            && let Some(near) = nearest(wrong, map.keys().map(String::as_str))
        {
            return Some(text!("template.nearest", name = near));
        }
        self.outside(path)
    }

    fn outside(&self, path: &Path) -> Option<Text> {
        let Root::Context { up: 0, bare: true } = path.root else { return None };
        let first = path.segments.first()?;
        let mut outer = self.around().skip(1);
        let up = outer.position(|frame| !frame.named(first).is_missing())? + 1;
        Some(text!("template.hint-outside", path = format!("{}{}", "../".repeat(up), path.raw)))
    }

    fn known(&self, path: &'a Path) -> Option<Text> {
        let (value, _) = self.stop(path)?;
        match value.get()? {
            Value::Object(map) if !map.is_empty() => {
                let keys: Vec<&str> = map.keys().take(8).map(String::as_str).collect();
                Some(text!("template.known", keys = keys))
            }
            Value::Array(items) => Some(text!("template.hint-in-list", count = items.len())),
            _ => None,
        }
    }

    /// The value in which a path finds no further step, and that step.
    fn stop(&self, path: &'a Path) -> Option<(Val<'a>, &'a str)> {
        let (mut value, segments) = self.start(path);
        for key in segments {
            let child = value.child(key);
            if matches!(child, Val::Missing) {
                return Some((value, key));
            }
            value = child;
        }
        None
    }

    /// Which turn of which loop we are in, from the outermost.
    fn turns(&self) -> Vec<Text> {
        let told = |(item, origin): &(Item<'a>, Option<&'a Path>)| {
            let origin = (*origin)?;
            Some(match item.key {
                Some(key) => text!("template.turn-key", list = &origin.raw, key = key),
                None => text!("template.turn", list = &origin.raw, number = item.index + 1),
            })
        };
        self.turns.iter().filter_map(told).collect()
    }
}

/// A call with the scope in which its arguments are evaluated.
struct CallValues<'m, 'a> {
    scope: &'m Scope<'a>,
    call: &'a Call,
}

impl<'a> CallValues<'_, 'a> {
    fn expr(&self, at: usize) -> Result<&'a Expr, Problem> {
        self.call.args.get(at).ok_or_else(|| Problem::missing(text!("template.missing-result")))
    }
}

impl<'a> ArgumentValues<'a> for CallValues<'_, 'a> {
    fn count(&self) -> usize {
        self.call.args.len()
    }

    fn get(&self, at: usize) -> Result<Val<'a>, Problem> {
        self.scope.eval(self.expr(at)?)
    }

    fn require(&self, at: usize) -> Result<Val<'a>, Problem> {
        self.scope.require(self.expr(at)?)
    }

    fn option(&self, name: &str) -> Result<Option<Val<'a>>, Problem> {
        match self.call.hash.iter().find(|(key, _)| key == name) {
            Some((_, expr)) => self.scope.require(expr).map(Some),
            None => Ok(None),
        }
    }
}
