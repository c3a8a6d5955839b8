//! Owns rendering what a tag includes: a partial, a definition, or the text that a partial is given.
//! Must not know Word.

use super::partial_stack::{Call, Definition, Definitions, Given, Written};
use crate::diag::Problem;
use crate::diag::text;
use crate::eval::renderer::{DEPTH, Machine};
use crate::eval::scope::{Frame, Position};
use crate::ir::program::{Include, IncludeName, InlineBody, Op, Program, Room, Stand};
use crate::limits::PARTIAL_DEPTH as PARTIALS;
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::value::{Val, text_of};

impl<'a> Machine<'a, '_> {
    /// Content of the kind for which a paragraph or row stands, or else that paragraph or row.
    pub(crate) fn stand(&mut self, stand: &'a Stand) {
        let found = self.target(&stand.include).ok().flatten();
        match found {
            Some(target @ Target { body: Body::Content(room, _), .. }) if room == stand.room => {
                self.call(&stand.include, &target);
                for mark in &stand.marks {
                    self.out.push_str(self.source.slice(mark.clone()));
                }
            }
            _ => self.run(&stand.otherwise),
        }
    }

    pub(crate) fn include(&mut self, include: &'a Include) {
        let target = match self.target(include) {
            Ok(Some(target)) => target,
            Ok(None) => return,
            Err(problem) => return self.report(include.tag, problem),
        };
        if let Body::Content(room, _) = target.body {
            return self.report(include.tag, misplaced(include, room));
        }
        // What is wrong with one that is named in the template was told when that was compiled.
        if let (IncludeName::Dynamic(_), Body::Text(name, _)) = (&include.name, &target.body) {
            let known = |name: &str| self.calls.find(name).is_some();
            for fault in self.partials.faults(name, &known) {
                self.report(include.tag, fault.told());
            }
        }
        self.call(include, &target);
    }

    fn call(&mut self, include: &'a Include, target: &Target<'a>) {
        if self.is_full(include.tag) {
            return;
        }
        if self.calls.all.len() > PARTIALS || self.depth >= DEPTH {
            self.full = true;
            let message = text!("template.partial-depth", limit = PARTIALS);
            let problem = Problem::error("partial-too-deep", message);
            return self.report(include.tag, problem.hint(text!("template.hint-partial-depth")));
        }
        let (here, home) = (self.scope.here(), target.home.map(|(place, _)| place));
        match self.context(include, home) {
            Err(problem) => self.report(include.tag, problem),
            Ok(frame) => {
                self.scope.go(home.unwrap_or(here));
                let pushed = frame.map(|frame| self.scope.push(frame)).is_some();
                self.depth += 1;
                self.run_target(include, target, here);
                self.depth -= 1;
                if pushed {
                    self.scope.pop();
                }
                self.scope.go(here);
            }
        }
    }

    /// What `this` becomes, unless it is what it would be anyway.
    fn context(
        &self,
        include: &'a Include,
        home: Option<Position>,
    ) -> Result<Option<Frame<'a>>, Problem> {
        let outer = self.scope.frame();
        let value = |(name, expr): &'a (String, Expr)| Ok((name.as_str(), self.scope.eval(expr)?));
        let mut added: Vec<_> = include.hash.iter().map(value).collect::<Result<_, Problem>>()?;
        if let Some(context) = &include.context {
            return Ok(Some(Frame { added, ..Frame::new(self.scope.eval(context)?) }));
        }
        let there = home.filter(|home| *home != self.scope.here());
        let differs = there.is_some_and(|there| {
            !outer.added.is_empty() || !is_same(&outer.this, &self.scope.frame_at(there).this)
        });
        if added.is_empty() && !differs {
            return Ok(None);
        }
        added.extend(outer.added.iter().cloned());
        let open = outer.open && home.is_some();
        Ok(Some(Frame { added, open, ..Frame::new(outer.this.clone()) }))
    }

    fn run_target(&mut self, include: &'a Include, target: &Target<'a>, here: Position) {
        let outer = self.calls.current();
        let (from, caller) = (outer.text, outer.written.as_ref());
        let written = match target.body {
            Body::Content(..) => None,
            Body::Text(name, program) => Some(Written {
                tag: caller.map_or(include.tag, |within| within.tag),
                slot: caller.map_or(include.slot, |within| within.slot),
                name,
                program,
                indent: caller.map_or("", |within| within.indent.as_str()).to_owned()
                    + &include.indent,
                begins: !include.indent.is_empty() || caller.is_some_and(|within| within.begins),
            }),
        };
        let own = target.home.is_none();
        if own {
            let definitions = Definitions { from: Some(from), ..Definitions::default() };
            self.calls.texts.push(definitions);
        }
        let text = target.home.map_or(self.calls.texts.len() - 1, |(_, text)| text);
        let mark = self.calls.mark();
        // What the inside of a block defines is in force in the partial that it is given to.
        for op in include.body.iter().flat_map(|body| &body.ops) {
            let Op::Define(inline) = op else { break };
            self.calls.define_in(text, Definition { inline, place: here, text: from });
        }
        self.calls.all.push(Call { written, text, block: target.block });
        self.run(match target.body {
            Body::Text(_, program) => &program.ops,
            Body::Content(_, ops) => ops,
        });
        let ended = self.calls.all.pop().and_then(|call| call.written);
        self.calls.forget(mark);
        if own {
            self.calls.texts.pop();
        }
        if let (Some(inner), Some(outer)) = (ended, self.calls.text_mut()) {
            outer.begins = inner.begins;
        }
    }

    /// What a tag includes.
    fn target(&self, include: &'a Include) -> Result<Option<Target<'a>>, Problem> {
        let given = include.body.as_ref().map(|program| Given {
            program,
            place: self.scope.here(),
            call: self.calls.all.len() - 1,
        });
        let named = match &include.name {
            IncludeName::Static(name) => self.named(name, given),
            IncludeName::Dynamic(expr) => {
                let value = self.scope.require(expr)?;
                let name = value.get().map(text_of).transpose()?.unwrap_or_default();
                let named = self.named(&name, given);
                if named.is_none() && given.is_none() {
                    return Err(self.unknown(&name));
                }
                named
            }
            IncludeName::Block => self.calls.current().block.map(|block| self.shown(block)),
        };
        match (named, given, &include.name) {
            (Some(target), ..) => Ok(Some(target)),
            (None, Some(given), _) => Ok(Some(self.shown(given))),
            (None, None, IncludeName::Static(name)) => Err(self.unknown(name)),
            (None, None, _) => Err(self.unknown("@partial-block")),
        }
    }

    fn unknown(&self, name: &str) -> Problem {
        self.partials.unknown(name, &self.calls.names())
    }

    /// A definition, or else a partial. Without a block of its own it has the one that is in force.
    fn named(&self, name: &str, given: Option<Given<'a>>) -> Option<Target<'a>> {
        let block = given.or(self.calls.current().block);
        if let Some(Definition { inline, place, text }) = self.calls.find(name) {
            let body = match &inline.body {
                InlineBody::Text(program) => Body::Text(&inline.name, program),
                InlineBody::Content(room, ops) => Body::Content(*room, ops),
            };
            return Some(Target { body, home: Some((place, text)), block });
        }
        let (name, program) = self.partials.get_with_name(name)?;
        Some(Target { body: Body::Text(name, program), home: None, block })
    }

    /// The inside of a block, which belongs to the text around the block.
    fn shown(&self, given: Given<'a>) -> Target<'a> {
        let around = &self.calls.all[given.call];
        Target {
            body: Body::Text("", given.program),
            home: Some((given.place, around.text)),
            block: around.block,
        }
    }
}

/// That content does not fit where the tag stands.
pub(crate) fn misplaced(include: &Include, room: Room) -> Problem {
    let name = match &include.name {
        IncludeName::Static(name) => name.as_str(),
        _ => "",
    };
    let (message, hint) = match room {
        Room::Rows => {
            (text!("template.inline-rows", name = name), text!("template.hint-inline-rows"))
        }
        _ => (
            text!("template.inline-paragraphs", name = name),
            text!("template.hint-inline-paragraphs"),
        ),
    };
    Problem::error("block-placement", message).hint(hint)
}

/// Whether two values are one, not only equal.
fn is_same(one: &Val<'_>, other: &Val<'_>) -> bool {
    match (one, other) {
        (Val::Ref(one), Val::Ref(other)) => std::ptr::eq(*one, *other),
        (Val::Missing, Val::Missing) => true,
        _ => false,
    }
}

/// What a tag means.
struct Target<'a> {
    body: Body<'a>,
    /// Where names begin and the text that it belongs to; none for a partial, which has what it finds.
    home: Option<(Position, usize)>,
    block: Option<Given<'a>>,
}

enum Body<'a> {
    Text(&'a str, &'a Program),
    Content(Room, &'a [Op]),
}
