//! Owns partials: texts with tags that other texts and documents include by name.
//! Must not know where they come from, nor Word.

use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::ir::program::{CompiledPartial, Include, IncludeName};
use crate::limits::MAX_PARTIAL_DEPTH as PARTIALS;
use std::collections::{BTreeMap, BTreeSet};

/// Texts that templates include by `{{> name}}`, compiled once. What is wrong with one is said where it
/// is included.
#[derive(Debug, Default)]
pub struct Partials {
    pub(crate) programs: BTreeMap<String, CompiledPartial>,
}

/// Something wrong in a partial.
pub(crate) struct PartialFault {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) tag: String,
    pub(crate) problem: Problem,
}

impl Partials {
    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }

    pub(crate) fn get_with_name(&self, name: &str) -> Option<(&str, &CompiledPartial)> {
        self.programs.get_key_value(name).map(|(name, program)| (name.as_str(), program))
    }

    /// That there is no partial of a name; others may be known where it is asked for.
    pub(crate) fn unknown_partial(&self, name: &str, others: &[&str]) -> Problem {
        let message = msg!("template.partial-unknown", name = name);
        let problem = Problem::error("partial-unknown", message);
        let known = || others.iter().copied().chain(self.names());
        if let Some(near) = nearest_name(name, known()) {
            return problem.with_hint(msg!("template.nearest", name = near));
        }
        let names: Vec<&str> = known().take(8).collect();
        problem.with_hint(if names.is_empty() {
            msg!("template.hint-partials")
        } else {
            msg!("template.known", keys = names)
        })
    }

    /// The name that a tag includes if there is no such partial, and what is wrong with what it includes,
    /// and with what that includes, where the template itself knows some names.
    pub(crate) fn check_include<'i>(
        &self,
        include: &'i Include,
        known: &dyn Fn(&str) -> bool,
    ) -> (Option<&'i str>, Vec<PartialFault>) {
        let mut walk = PartialChecker { partials: self, seen: BTreeSet::new(), faults: Vec::new() };
        let mut unknown = None;
        let given = include.body.as_ref().map(|body| &body.defined_names);
        let here = |name: &str| known(name) || given.is_some_and(|given| given.contains(name));
        if let IncludeName::Static(name) = &include.name
            && !known(name)
        {
            match self.get_with_name(name) {
                Some((name, program)) => {
                    walk.seen.insert(name);
                    walk.collect_faults(name, program, &here, 0);
                }
                None if include.body.is_none() => unknown = Some(name.as_str()),
                None => {}
            }
        }
        if let Some(body) = &include.body {
            walk.collect_faults("", body, known, 0);
        }
        (unknown, walk.faults)
    }

    /// What is wrong with a definition, and with what that includes.
    pub(crate) fn check_definition(
        &self,
        name: &str,
        body: &CompiledPartial,
        known: &dyn Fn(&str) -> bool,
    ) -> Vec<PartialFault> {
        let mut walk = PartialChecker { partials: self, seen: BTreeSet::new(), faults: Vec::new() };
        walk.collect_faults(name, body, known, 0);
        walk.faults
    }

    /// What is wrong with a partial whose name comes from the data, and with what that includes.
    pub(crate) fn check_named(
        &self,
        name: &str,
        known: &dyn Fn(&str) -> bool,
    ) -> Vec<PartialFault> {
        self.get_with_name(name)
            .map(|(name, program)| self.check_definition(name, program, known))
            .unwrap_or_default()
    }
}

/// Goes through partials by what they include.
struct PartialChecker<'a> {
    partials: &'a Partials,
    seen: BTreeSet<&'a str>,
    faults: Vec<PartialFault>,
}

impl<'a> PartialChecker<'a> {
    /// What is wrong with a text, and with what it includes; deeper than `PARTIALS` nothing is rendered.
    fn collect_faults(
        &mut self,
        name: &str,
        program: &'a CompiledPartial,
        known: &dyn Fn(&str) -> bool,
        depth: usize,
    ) {
        let mut fault = |at: usize, problem: Problem| {
            let (line, tag) = program.tags.get(at).cloned().unwrap_or_default();
            self.faults.push(PartialFault { name: name.to_owned(), line, tag, problem });
        };
        for (at, problem) in &program.problems {
            fault(*at, problem.clone());
        }
        let here = |name: &str| known(name) || program.defined_names.contains(name);
        let mut inner = Vec::new();
        for (at, other) in &program.includes {
            match self.partials.get_with_name(other) {
                _ if here(other) => {}
                Some(found) => inner.push(found),
                None => fault(*at, self.partials.unknown_partial(other, &[])),
            }
        }
        for (other, program) in inner {
            if depth < PARTIALS && self.seen.insert(other) {
                self.collect_faults(other, program, &here, depth + 1);
            }
        }
    }
}

impl PartialFault {
    /// The problem with the partial's name and line.
    pub(crate) fn into_problem(self) -> Problem {
        with_partial_context(self.problem, &self.name, self.line, &self.tag)
    }
}

/// Says in which partial a problem is; the inside of a block has no name and its place tells enough.
pub(crate) fn with_partial_context(
    problem: Problem,
    name: &str,
    line: usize,
    tag: &str,
) -> Problem {
    let hint = if name.is_empty() {
        msg!("template.in-block", tag = tag)
    } else {
        msg!("template.in-partial", name = name, line = line, tag = tag)
    };
    problem.with_hint(hint)
}
