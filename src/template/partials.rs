//! Owns partials: texts with tags that other texts and documents include by name.
//! Must not know where they come from, nor Word.

use super::problem::{Problem, nearest};
use super::program::{Include, IncludeName, Program};
use super::text::compile_partial;
use crate::opc::xml::forbidden;
use crate::text;
use std::collections::{BTreeMap, BTreeSet};

/// Texts that templates include by `{{> name}}`, compiled once. What is wrong with one is said where it
/// is included.
#[derive(Debug, Default)]
pub struct Partials {
    programs: BTreeMap<String, Program>,
}

/// Something wrong in a partial.
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) tag: String,
    pub(crate) problem: Problem,
}

impl Partials {
    /// Compiles texts, each with its name.
    pub fn new<N: Into<String>, T: AsRef<str>>(texts: impl IntoIterator<Item = (N, T)>) -> Self {
        let compiled = |(name, text): (N, T)| (name.into(), compile(text.as_ref()));
        Partials { programs: texts.into_iter().map(compiled).collect() }
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Program> {
        self.programs.get(name)
    }

    pub(crate) fn get_with_name(&self, name: &str) -> Option<(&str, &Program)> {
        self.programs.get_key_value(name).map(|(name, program)| (name.as_str(), program))
    }

    /// That there is no partial of a name.
    pub(crate) fn unknown(&self, name: &str) -> Problem {
        let message = text!("template.partial-unknown", name = name);
        let problem = Problem::error("partial-unknown", message);
        if let Some(near) = nearest(name, self.names()) {
            return problem.hint(text!("template.nearest", name = near));
        }
        let names: Vec<&str> = self.names().take(8).collect();
        problem.hint(if names.is_empty() {
            text!("template.hint-partials")
        } else {
            text!("template.known", keys = names)
        })
    }

    /// What is wrong with what a tag includes, and with what that includes.
    pub(crate) fn check(&self, include: &Include) -> (Option<Problem>, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        let mut problem = None;
        if let IncludeName::Static(name) = &include.name {
            match self.get(name) {
                Some(program) => {
                    seen.insert(name.as_str());
                    self.collect(name, program, &mut seen, &mut faults);
                }
                None if include.body.is_none() => problem = Some(self.unknown(name)),
                None => {}
            }
        }
        if let Some(body) = &include.body {
            self.collect("", body, &mut seen, &mut faults);
        }
        (problem, faults)
    }

    /// What is wrong with a partial, and with what it includes.
    pub(crate) fn faults(&self, name: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some((name, program)) = self.get_with_name(name) {
            self.collect(name, program, &mut BTreeSet::from([name]), &mut faults);
        }
        faults
    }

    fn collect<'a>(
        &'a self,
        name: &str,
        program: &'a Program,
        seen: &mut BTreeSet<&'a str>,
        faults: &mut Vec<Fault>,
    ) {
        let mut fault = |at: usize, problem: Problem| {
            let (line, tag) = program.tags.get(at).cloned().unwrap_or_default();
            faults.push(Fault { name: name.to_owned(), line, tag, problem });
        };
        for (at, problem) in &program.problems {
            fault(*at, problem.clone());
        }
        for (at, other) in &program.includes {
            if self.get(other).is_none() {
                fault(*at, self.unknown(other));
            }
        }
        for (_, other) in &program.includes {
            if let Some(inner) = self.get(other)
                && seen.insert(other)
            {
                self.collect(other, inner, seen, faults);
            }
        }
    }
}

impl Fault {
    /// The problem with the partial's name and line.
    pub(crate) fn told(self) -> Problem {
        within(self.problem, &self.name, self.line, &self.tag)
    }
}

/// Says in which partial a problem is; the inside of a block has no name and its place tells enough.
pub(crate) fn within(problem: Problem, name: &str, line: usize, tag: &str) -> Problem {
    let hint = if name.is_empty() {
        text!("template.in-block", tag = tag)
    } else {
        text!("template.in-partial", name = name, line = line, tag = tag)
    };
    problem.hint(hint)
}

/// Compiles the text of a partial.
pub(crate) fn compile(text: &str) -> Program {
    let mut program = compile_partial(text);
    if let Some(found) = forbidden(text) {
        let before: String = text.split(found).next().unwrap_or("").to_owned();
        let line = before.matches('\n').count() + 1;
        let code = format!("U+{:04X}", u32::from(found));
        program.tags.push((line, code.clone()));
        let message = text!("template.partial-control", code = code);
        let problem = Problem::error("value-control-character", message);
        program.problems.push((program.tags.len() - 1, problem));
    }
    program
}
