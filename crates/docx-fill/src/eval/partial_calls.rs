//! Owns rendering includes: partials, inline definitions and the content of partial blocks.
//! Must not know Word.

use super::partial_stack::{
    ActivePartial, InlinePartialTable, PartialBlock, PartialFrame, ScopedDefinition,
};
use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::renderer::{MAX_RENDER_DEPTH, Renderer};
use crate::eval::scope::{ScopeFrame, ScopePosition};
use crate::ir::program::{
    CompiledPartial, ContentKind, ContentSlot, Include, IncludeName, InlinePartialBody, Instr,
};
use crate::limits::MAX_PARTIAL_DEPTH as PARTIALS;
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::value::{TemplateValue, printed_text};

impl<'a> Renderer<'a, '_> {
    /// Renders the included content if it is of the slot's kind, or else the original paragraph or row.
    pub(crate) fn render_content_slot(&mut self, stand: &'a ContentSlot) {
        let found = self.resolve_include(&stand.include).ok().flatten();
        match found {
            Some(target @ IncludeTarget { body: TargetBody::Content(room, _), .. })
                if room == stand.kind =>
            {
                self.call_target(&stand.include, &target);
                for mark in &stand.range_marks {
                    self.out.push_str(self.source.slice(mark.clone()));
                }
            }
            _ => self.render_instrs(&stand.fallback),
        }
    }

    pub(crate) fn render_include(&mut self, include: &'a Include) {
        let target = match self.resolve_include(include) {
            Ok(Some(target)) => target,
            Ok(None) => return,
            Err(problem) => return self.report_problem(include.tag, problem),
        };
        if let TargetBody::Content(room, _) = target.body {
            return self.report_problem(include.tag, misplaced_content(include, room));
        }
        // Faults of a partial with a static name were reported when the template was compiled.
        if let (IncludeName::Dynamic(_), TargetBody::Text(name, _)) = (&include.name, &target.body)
        {
            let known = |name: &str| self.partial_stack.find_definition(name).is_some();
            for fault in self.partials.check_named(name, &known) {
                self.report_problem(include.tag, fault.into_problem());
            }
        }
        self.call_target(include, &target);
    }

    fn call_target(&mut self, include: &'a Include, target: &IncludeTarget<'a>) {
        if self.exceeds_iterations(include.tag) {
            return;
        }
        if self.partial_stack.frames.len() > PARTIALS || self.depth >= MAX_RENDER_DEPTH {
            self.limit_reached = true;
            let message = msg!("template.partial-depth", limit = PARTIALS);
            let problem = Problem::error("partial-too-deep", message);
            return self.report_problem(
                include.tag,
                problem.with_hint(msg!("template.hint-partial-depth")),
            );
        }
        let (here, home) =
            (self.scope.current_position(), target.definition_site.map(|(place, _)| place));
        match self.context_frame(include, home) {
            Err(problem) => self.report_problem(include.tag, problem),
            Ok(frame) => {
                self.scope.go_to(home.unwrap_or(here));
                let pushed = frame.map(|frame| self.scope.push_frame(frame)).is_some();
                self.depth += 1;
                self.render_target(include, target, here);
                self.depth -= 1;
                if pushed {
                    self.scope.pop_frame();
                }
                self.scope.go_to(here);
            }
        }
    }

    /// Returns the frame that an include adds to the scope, or `None` if it would change nothing.
    fn context_frame(
        &self,
        include: &'a Include,
        home: Option<ScopePosition>,
    ) -> Result<Option<ScopeFrame<'a>>, Problem> {
        let outer = self.scope.current_frame();
        let value =
            |(name, expr): &'a (String, Expr)| Ok((name.as_str(), self.scope.eval_expr(expr)?));
        let mut added: Vec<_> = include.hash.iter().map(value).collect::<Result<_, Problem>>()?;
        if let Some(context) = &include.context {
            return Ok(Some(ScopeFrame {
                hash_values: added,
                ..ScopeFrame::new(self.scope.eval_expr(context)?)
            }));
        }
        let there = home.filter(|home| *home != self.scope.current_position());
        let differs = there.is_some_and(|there| {
            !outer.hash_values.is_empty()
                || !is_same_value(&outer.this, &self.scope.frame_at(there).this)
        });
        if added.is_empty() && !differs {
            return Ok(None);
        }
        added.extend(outer.hash_values.iter().cloned());
        let open = outer.inherits_names && home.is_some();
        Ok(Some(ScopeFrame {
            hash_values: added,
            inherits_names: open,
            ..ScopeFrame::new(outer.this.clone())
        }))
    }

    fn render_target(
        &mut self,
        include: &'a Include,
        target: &IncludeTarget<'a>,
        here: ScopePosition,
    ) {
        let outer = self.partial_stack.current_frame();
        let (from, caller) = (outer.text, outer.partial.as_ref());
        let written = match target.body {
            TargetBody::Content(..) => None,
            TargetBody::Text(name, program) => Some(ActivePartial {
                tag: caller.map_or(include.tag, |within| within.tag),
                slot: caller.map_or(include.slot, |within| within.slot),
                name,
                program,
                indent: caller.map_or("", |within| within.indent.as_str()).to_owned()
                    + &include.indent,
                at_line_start: !include.indent.is_empty()
                    || caller.is_some_and(|within| within.at_line_start),
            }),
        };
        let own = target.definition_site.is_none();
        if own {
            let definitions =
                InlinePartialTable { parent: Some(from), ..InlinePartialTable::default() };
            self.partial_stack.definitions.push(definitions);
        }
        let text = target
            .definition_site
            .map_or(self.partial_stack.definitions.len() - 1, |(_, text)| text);
        let mark = self.partial_stack.definition_count();
        // Definitions within the block's content are available in the partial that it is passed to.
        for op in include.body.iter().flat_map(|body| &body.instrs) {
            let Instr::Define(inline) = op else { break };
            self.partial_stack
                .add_definition_in(text, ScopedDefinition { inline, position: here, text: from });
        }
        let outer_block =
            std::mem::replace(&mut self.scope.has_partial_block, target.block.is_some());
        self.partial_stack.frames.push(PartialFrame {
            partial: written,
            text,
            block: target.block,
        });
        self.render_instrs(match target.body {
            TargetBody::Text(_, program) => &program.instrs,
            TargetBody::Content(_, ops) => ops,
        });
        self.scope.has_partial_block = outer_block;
        let ended = self.partial_stack.frames.pop().and_then(|call| call.partial);
        self.partial_stack.truncate_definitions(mark);
        if own {
            self.partial_stack.definitions.pop();
        }
        if let (Some(inner), Some(outer)) = (ended, self.partial_stack.current_partial_mut()) {
            outer.at_line_start = inner.at_line_start;
        }
    }

    /// Resolves the target of an include; `None` if there is nothing to render.
    fn resolve_include(&self, include: &'a Include) -> Result<Option<IncludeTarget<'a>>, Problem> {
        let given = include.body.as_ref().map(|program| PartialBlock {
            program,
            position: self.scope.current_position(),
            frame: self.partial_stack.frames.len() - 1,
        });
        let named = match &include.name {
            IncludeName::Static(name) => self.resolve_name(name, include.own_line, given),
            IncludeName::Dynamic(expr) => {
                let value = self.scope.require_value(expr)?;
                let name = value.get().map(printed_text).transpose()?.unwrap_or_default();
                let named = self.resolve_name(&name, include.own_line, given);
                if named.is_none() && given.is_none() {
                    return Err(self.unknown_partial(&name));
                }
                named
            }
            IncludeName::PartialBlock => {
                self.partial_stack.current_frame().block.map(|block| self.block_target(block))
            }
        };
        match (named, given, &include.name) {
            (Some(target), ..) => Ok(Some(target)),
            (None, Some(given), _) => Ok(Some(self.block_target(given))),
            (None, None, IncludeName::Static(name)) => Err(self.unknown_partial(name)),
            (None, None, _) => Err(self.unknown_partial("@partial-block")),
        }
    }

    fn unknown_partial(&self, name: &str) -> Problem {
        self.partials.unknown_partial(name, &self.partial_stack.defined_names())
    }

    /// Resolves a name to a definition, or else to a partial. Without a block argument of its own, the target
    /// gets the current one.
    fn resolve_name(
        &self,
        name: &str,
        own_line: bool,
        given: Option<PartialBlock<'a>>,
    ) -> Option<IncludeTarget<'a>> {
        let block = given.or(self.partial_stack.current_frame().block);
        if let Some(ScopedDefinition { inline, position: place, text }) =
            self.partial_stack.find_definition(name)
        {
            let body = match &inline.body {
                InlinePartialBody::Text(program) => TargetBody::Text(&inline.name, program),
                InlinePartialBody::Content(room, ops) => TargetBody::Content(*room, ops),
            };
            return Some(IncludeTarget { body, definition_site: Some((place, text)), block });
        }
        let (name, program) = self.partials.get_for_tag(name, own_line)?;
        Some(IncludeTarget { body: TargetBody::Text(name, program), definition_site: None, block })
    }

    /// Returns the target for the content of a block, which belongs to the text that contains the block.
    fn block_target(&self, given: PartialBlock<'a>) -> IncludeTarget<'a> {
        let around = &self.partial_stack.frames[given.frame];
        IncludeTarget {
            body: TargetBody::Text("", given.program),
            definition_site: Some((given.position, around.text)),
            block: around.block,
        }
    }
}

/// Returns the problem of content that does not fit at its tag.
pub(crate) fn misplaced_content(include: &Include, room: ContentKind) -> Problem {
    let name = match &include.name {
        IncludeName::Static(name) => name.as_str(),
        _ => "",
    };
    let (message, hint) = match room {
        ContentKind::Rows => {
            (msg!("template.inline-rows", name = name), msg!("template.hint-inline-rows"))
        }
        _ => (
            msg!("template.inline-paragraphs", name = name),
            msg!("template.hint-inline-paragraphs"),
        ),
    };
    Problem::error("block-placement", message).with_hint(hint)
}

/// Checks whether two values are identical, not merely equal.
fn is_same_value(one: &TemplateValue<'_>, other: &TemplateValue<'_>) -> bool {
    match (one, other) {
        (TemplateValue::Borrowed(one), TemplateValue::Borrowed(other)) => {
            std::ptr::eq(*one, *other)
        }
        (TemplateValue::Missing, TemplateValue::Missing) => true,
        _ => false,
    }
}

/// The resolved target of an include.
struct IncludeTarget<'a> {
    body: TargetBody<'a>,
    /// Scope position and text index of a definition; `None` for a partial, which uses the scope of its caller.
    definition_site: Option<(ScopePosition, usize)>,
    block: Option<PartialBlock<'a>>,
}

enum TargetBody<'a> {
    Text(&'a str, &'a CompiledPartial),
    Content(ContentKind, &'a [Instr]),
}
