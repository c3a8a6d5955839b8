//! Owns partials: named texts with tags that templates and other partials include.
//! Must not know where they come from, nor Word.

use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::ir::program::{CompiledPartial, Include, IncludeName};
use crate::limits::MAX_PARTIAL_DEPTH as PARTIALS;
use std::collections::{BTreeMap, BTreeSet};

/// Partials that templates include by `{{> name}}`, compiled once. Problems of a partial are reported at the
/// tag that includes it.
#[derive(Debug, Default)]
pub struct Partials {
    pub(crate) programs: BTreeMap<String, CompiledPartial>,
    /// Texts of files with the line end at their end, for tags that are alone on a line.
    pub(crate) whole_lines: BTreeMap<String, CompiledPartial>,
}

/// A problem within a partial, with its line and tag.
pub(crate) struct PartialFault {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) tag: String,
    pub(crate) problem: Problem,
}

impl Partials {
    /// Returns all names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }

    pub(crate) fn get_with_name(&self, name: &str) -> Option<(&str, &CompiledPartial)> {
        self.programs.get_key_value(name).map(|(name, program)| (name.as_str(), program))
    }

    /// Returns the partial of a name for a tag that is alone on its line (`own_line`) or not.
    pub(crate) fn get_for_tag(
        &self,
        name: &str,
        own_line: bool,
    ) -> Option<(&str, &CompiledPartial)> {
        let whole = self.whole_lines.get_key_value(name).filter(|_| own_line);
        let whole = whole.map(|(name, program)| (name.as_str(), program));
        whole.or_else(|| self.get_with_name(name))
    }

    /// Returns the problem of an unknown partial; `others` are further names that are defined at the tag.
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

    /// Checks an include and, recursively, all partials that it includes. Returns the name if there is no such
    /// partial, and the problems found. `known` accepts the names that the template itself defines.
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

    /// Checks a definition and, recursively, all partials that it includes.
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

    /// Checks a partial whose name comes from the data and, recursively, all partials that it includes.
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

/// Checks partials recursively along their includes, each one once.
struct PartialChecker<'a> {
    partials: &'a Partials,
    seen: BTreeSet<&'a str>,
    faults: Vec<PartialFault>,
}

impl<'a> PartialChecker<'a> {
    /// Collects the problems of a text and of its includes, down to the depth at which rendering stops.
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
    /// Converts to a problem with the partial's name and line as a hint.
    pub(crate) fn into_problem(self) -> Problem {
        with_partial_context(self.problem, &self.name, self.line, &self.tag)
    }
}

/// Adds the partial, line and tag to a problem as a hint. The content of a partial block has no name, so only
/// its tag is given.
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
