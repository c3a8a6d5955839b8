//! Owns what the definitions of a part and the partials that its tags include want of the data, which
//! depends on where they are included.
//! Must not know values.

use crate::analyze::requirement::TagSite;
use crate::analyze::requirement::{self, Want};
use crate::analyze::static_scope::Trail;
use crate::ir::part::Special;
use crate::ir::partials::Partials;
use crate::ir::program::{Block, Include, IncludeName, Inline, InlineBody, Op, Program, TagId};
use crate::limits::{PARTIAL_DEPTH, TAGS};
use crate::syntax::expr::Expr;
use std::collections::{BTreeMap, BTreeSet};

/// What was compiled of a part.
pub(crate) struct Source<'a> {
    pub(crate) partials: &'a Partials,
    pub(crate) specials: &'a [Special],
    /// The expressions of its value tags.
    pub(crate) values: &'a [Option<Expr>],
    /// What tags define in their own text.
    pub(crate) inlines: &'a BTreeMap<usize, Inline>,
    /// The number of its first tag.
    pub(crate) first: usize,
}

/// Adds what definitions and partials want to the tags that name it, or that include it.
pub(crate) fn add(source: &Source<'_>, ops: &[Op], sites: &mut [TagSite]) {
    let mut walk = Walk {
        source,
        sites,
        named: BTreeMap::new(),
        order: Vec::new(),
        given: None,
        active: Vec::new(),
        reached: BTreeSet::new(),
        met: Vec::new(),
        known: BTreeSet::new(),
        steps: 0,
    };
    walk.run(ops, &mut Trail::default(), Teller::Told);
    // What nothing includes here is included by a partial, most likely where it is defined.
    let mut at = 0;
    while let Some((inline, trail)) = walk.met.get(at).cloned() {
        at += 1;
        if !walk.reached.contains(&std::ptr::from_ref(inline)) {
            walk.inline(inline, trail);
        }
    }
}

/// Which tag tells what is wanted.
#[derive(Debug, Clone, Copy)]
enum Teller {
    /// Told already.
    Told,
    /// Each its own.
    Own,
    /// This one.
    Tag(usize),
}

/// The inside of a block that a partial is given.
#[derive(Clone)]
struct Given<'a> {
    program: &'a Program,
    trail: Trail,
    outer: Option<Box<Given<'a>>>,
    teller: Teller,
}

struct Walk<'a, 's> {
    source: &'s Source<'a>,
    sites: &'s mut [TagSite],
    /// Definitions in force, with what names mean where each stands.
    named: BTreeMap<&'a str, Vec<Defined<'a>>>,
    order: Vec<&'a str>,
    given: Option<Box<Given<'a>>>,
    /// What we are in; a text that includes itself wants nothing new.
    active: Vec<*const Op>,
    reached: BTreeSet<*const Inline>,
    /// Definitions of the part itself.
    met: Vec<(&'a Inline, Trail)>,
    known: BTreeSet<(usize, Vec<String>, requirement::Wanted, bool)>,
    /// Texts that include each other twice would take for ever.
    steps: usize,
}

#[derive(Clone)]
struct Defined<'a> {
    inline: &'a Inline,
    trail: Trail,
    teller: Teller,
}

impl<'a> Walk<'a, '_> {
    fn run(&mut self, ops: &'a [Op], trail: &mut Trail, teller: Teller) {
        let mark = self.order.len();
        for op in ops {
            self.steps += usize::from(!matches!(teller, Teller::Told));
            if self.steps > TAGS {
                break;
            }
            match op {
                Op::Value { .. } | Op::Special { .. } if matches!(teller, Teller::Told) => {}
                Op::Value { tag, expr, .. } => {
                    self.tell(*tag, teller, requirement::of_value(expr, trail));
                }
                Op::Special { tag, number } => self.special(*tag, *number, trail, teller),
                Op::Block(block) => self.block(block, trail, teller),
                Op::Include(include) => self.include(include, trail, teller),
                Op::Define(inline) => self.define(inline, trail, teller),
                Op::Guard { body, .. } => self.run(body, trail, teller),
                Op::Stand(stand) => self.run(&stand.otherwise, trail, teller),
                Op::Source(_) | Op::Insert(_) | Op::Literal(_) => {}
            }
        }
        for name in self.order.drain(mark..) {
            if let Some(found) = self.named.get_mut(name) {
                found.pop();
            }
        }
    }

    fn site(&self, tag: TagId, teller: Teller) -> Option<usize> {
        match teller {
            Teller::Told | Teller::Own => (tag as usize).checked_sub(self.source.first),
            Teller::Tag(at) => Some(at),
        }
    }

    fn tell(&mut self, tag: TagId, teller: Teller, wants: Vec<Want>) {
        if matches!(teller, Teller::Told) {
            return;
        }
        let Some(at) = self.site(tag, teller) else { return };
        let Some(site) = self.sites.get_mut(at) else { return };
        for want in wants {
            if self.known.insert((at, want.path.clone(), want.kind, want.optional)) {
                if matches!(teller, Teller::Own) || self.source.inlines.contains_key(&at) {
                    site.absolute.push(want.path.join("."));
                }
                site.wants.push(want);
            }
        }
    }

    fn special(&mut self, tag: TagId, number: usize, trail: &Trail, teller: Teller) {
        // An identity belongs to no tag.
        if matches!(self.source.specials.get(number), None | Some(Special::Id(..))) {
            return;
        }
        let at = (tag as usize).checked_sub(self.source.first);
        let expr = at.and_then(|at| self.source.values.get(at)).and_then(Option::as_ref);
        let wants = expr.map(|expr| requirement::of_value(expr, trail)).unwrap_or_default();
        self.tell(tag, teller, wants);
    }

    fn block(&mut self, block: &'a Block, trail: &mut Trail, teller: Teller) {
        for branch in &block.branches {
            self.tell(branch.tag, teller, requirement::of_branch(branch, trail));
            trail.open(Some(branch));
            self.run(&branch.body, trail, teller);
            trail.close();
        }
        trail.open(None);
        self.run(&block.otherwise, trail, teller);
        trail.close();
    }

    fn define(&mut self, inline: &'a Inline, trail: &Trail, teller: Teller) {
        if !matches!(teller, Teller::Tag(_)) {
            self.met.push((inline, trail.clone()));
        }
        let teller = match (&inline.body, teller) {
            (_, Teller::Tag(at)) => Teller::Tag(at),
            (InlineBody::Content(..), _) => Teller::Own,
            (InlineBody::Text(_), _) => match self.site(inline.tag, Teller::Own) {
                Some(at) => Teller::Tag(at),
                None => return,
            },
        };
        let defined = Defined { inline, trail: trail.clone(), teller };
        self.named.entry(&inline.name).or_default().push(defined);
        self.order.push(&inline.name);
    }

    fn inline(&mut self, inline: &'a Inline, mut trail: Trail) {
        self.reached.insert(std::ptr::from_ref(inline));
        match &inline.body {
            InlineBody::Content(_, ops) => self.run(ops, &mut trail, Teller::Own),
            InlineBody::Text(program) => {
                if let Some(at) = self.site(inline.tag, Teller::Own) {
                    self.run(&program.ops, &mut trail, Teller::Tag(at));
                }
            }
        }
    }

    fn include(&mut self, include: &'a Include, trail: &Trail, teller: Teller) {
        let wants = include.exprs().flat_map(|expr| requirement::of_value(expr, trail)).collect();
        self.tell(include.tag, teller, wants);
        let Some(at) = self.site(include.tag, teller) else { return };
        let here = Teller::Tag(at);
        let outer = self.given.clone();
        let given = include.body.as_ref().map(|program| {
            let (trail, outer) = (trail.clone(), outer.clone());
            Box::new(Given { program, trail, outer, teller: here })
        });
        let defined = match &include.name {
            IncludeName::Static(name) => {
                self.named.get(name.as_str()).and_then(|found| found.last()).cloned()
            }
            _ => None,
        };
        if let Some(Defined { inline, trail: home, teller }) = defined {
            self.reached.insert(std::ptr::from_ref(inline));
            self.given = given.or_else(|| outer.clone());
            let ops = match &inline.body {
                InlineBody::Text(program) => &program.ops,
                InlineBody::Content(_, ops) => ops,
            };
            self.enter(include, ops, (trail, trail.call(include, Some(&home))), teller);
        } else {
            self.partial(include, trail, given, here);
        }
        self.given = outer;
    }

    fn partial(
        &mut self,
        include: &'a Include,
        trail: &Trail,
        given: Option<Box<Given<'a>>>,
        here: Teller,
    ) {
        let outer = self.given.clone();
        let found = match &include.name {
            IncludeName::Static(name) => self.source.partials.get_with_name(name),
            _ => None,
        };
        if let Some((_, program)) = found {
            self.given = given.or(outer);
            return self.enter(include, &program.ops, (trail, trail.call(include, None)), here);
        }
        let shown = match &include.name {
            IncludeName::Block => outer.or(given),
            _ => given,
        };
        if let Some(shown) = shown {
            let Given { program, trail: home, outer, teller } = *shown;
            self.given = outer;
            let inner = trail.call(include, Some(&home));
            self.enter(include, &program.ops, (trail, inner), teller);
        }
    }

    /// A text in the place of a tag, with what the inside of the tag's block defines.
    fn enter(
        &mut self,
        include: &'a Include,
        ops: &'a [Op],
        (outer, mut trail): (&Trail, Trail),
        teller: Teller,
    ) {
        let start = ops.as_ptr();
        if self.active.contains(&start) || self.active.len() >= PARTIAL_DEPTH {
            return;
        }
        let mark = self.order.len();
        self.active.push(start);
        let given = self.given.as_ref().map_or(teller, |given| given.teller);
        for op in include.body.iter().flat_map(|body| &body.ops) {
            let Op::Define(inline) = op else { break };
            self.define(inline, outer, given);
        }
        self.run(ops, &mut trail, teller);
        self.active.pop();
        for name in self.order.drain(mark..) {
            if let Some(found) = self.named.get_mut(name) {
                found.pop();
            }
        }
    }
}
