//! Owns the template language within a plain string, such as a quotation of a figure in prose.
//! Must not know Word or Markdown; the caller says how values are escaped.

use super::builder::Builder;
use super::machine::{Format, Machine, Manner};
use super::partials::{Fault, Partials};
use super::problem::Problem;
use super::program::{
    Branch, Include, IncludeName, Inline, InlineBody, Op, Program, Slot, TagId, match_blocks,
};
use super::scope::Scope;
use super::tag::{Found, Kind, Tag, find};
use super::{expr, include};
use crate::diag::text;
use crate::diag::{Diagnostic, Severity, SourceId, Span, Text};
use crate::slice::TextSlice as _;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

/// Something wrong in a string with tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextProblem {
    /// Bytes of the string.
    pub range: Range<usize>,
    /// Public id of the rule.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: Text,
    /// What to do about it.
    pub hints: Vec<Text>,
}

impl TextProblem {
    /// The finding, where the string begins at a byte of a source.
    pub fn diagnostic(self, source: SourceId, offset: usize) -> Diagnostic {
        let span = Span { start: offset + self.range.start, end: offset + self.range.end };
        let place = crate::diag::Place::Text(source, span);
        let mut diagnostic = Diagnostic::new(self.rule, self.severity, place, self.message);
        diagnostic.hints = self.hints;
        diagnostic
    }
}

/// Manners of [`render`].
#[derive(Debug, Clone, Copy, Default)]
pub struct TextOptions<'p> {
    /// A missing value becomes nothing instead of an error.
    pub allow_missing: bool,
    /// What `{{> name}}` includes.
    pub partials: Option<&'p Partials>,
}

/// Fills a string. `escape` is applied to every value; problems come in the order of their places and
/// what has a problem becomes nothing.
pub fn render(
    source: &str,
    data: &Value,
    escape: fn(&str) -> Cow<'_, str>,
    options: TextOptions<'_>,
    on_problem: &mut dyn FnMut(TextProblem),
) -> String {
    if !source.contains("{{") {
        return source.to_owned();
    }
    let nothing = Partials::default();
    let partials = options.partials.unwrap_or(&nothing);
    let compiled = compile(source, partials);
    let manner = Manner { allow_missing: options.allow_missing, max_bytes: 16 << 20, escape };
    let mut format = NoFormat;
    let mut machine = Machine::new(source, data, manner, partials, &mut format);
    machine.run(&compiled.ops);
    let mut problems = compiled.problems;
    for (tag, problem) in std::mem::take(&mut machine.problems) {
        let found = (compiled.ranges[tag as usize].clone(), problem);
        // That there is no partial is told without rendering too.
        if !problems.contains(&found) {
            problems.push(found);
        }
    }
    let out = std::mem::take(&mut machine.out);
    problems.sort_by_key(|(range, _)| range.start);
    for (range, problem) in problems {
        let Problem { rule, severity, text, hints, .. } = problem;
        on_problem(TextProblem { range, rule, severity, message: text, hints });
    }
    out
}

/// The paths that a string's tags use, as written, without repetition.
pub fn paths(source: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for found in find(source) {
        let Found::Tag(tag) = found else { continue };
        let mut add = |path: &expr::Path| {
            if !paths.contains(&path.raw) {
                paths.push(path.raw.clone());
            }
        };
        match tag.kind {
            Kind::Value(body) => {
                if let Ok(expr) = expr::value(&body) {
                    expr.paths(&mut add);
                }
            }
            Kind::Open(body) | Kind::Inverse(body) | Kind::Else(Some(body)) => {
                if let Ok(branch) = Branch::read(0, &body, false) {
                    branch.subject.paths(&mut add);
                }
            }
            Kind::Partial(partial) => {
                if let Ok(include) = include::read(0, &partial, Slot::Text) {
                    include.exprs().for_each(|expr| expr.paths(&mut add));
                }
            }
            Kind::Define(define) => {
                for path in self::paths(&define.body) {
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
            Kind::Else(None)
            | Kind::Close(_)
            | Kind::Comment
            | Kind::PartialOpen(_)
            | Kind::DefineOpen(_) => {}
        }
    }
    paths
}

struct NoFormat;

impl<'a> Format<'a> for NoFormat {
    fn special(&mut self, _: usize, _: &Scope<'a>, _: &mut String) -> Result<(), Vec<Problem>> {
        Ok(())
    }

    fn finish(&mut self, _: usize, _: usize, _: &mut String) {}
}

struct Compiled {
    ops: Vec<Op>,
    ranges: Vec<Range<usize>>,
    problems: Vec<(Range<usize>, Problem)>,
}

fn compile(source: &str, partials: &Partials) -> Compiled {
    let mut compiled = compile_tags(source, false);
    let mut defines = BTreeSet::new();
    named(&compiled.ops, &mut |named| {
        if let Named::Inline(inline, _) = named {
            defines.insert(inline.name.clone());
        }
    });
    let known = |name: &str| defines.contains(name);
    let mut problems = Vec::new();
    named(&compiled.ops, &mut |named| {
        let (tag, problem, faults) = match named {
            Named::Include(include) => {
                let (unknown, faults) = partials.check(include, &known);
                let others: Vec<&str> = defines.iter().map(String::as_str).collect();
                (include.tag, unknown.map(|name| partials.unknown(name, &others)), faults)
            }
            Named::Inline(inline, body) => {
                (inline.tag, None, partials.check_inline(&inline.name, body, &known))
            }
        };
        let range = compiled.ranges.get(tag as usize).cloned().unwrap_or_default();
        let faults = problem.into_iter().chain(faults.into_iter().map(Fault::told));
        problems.extend(faults.map(|problem| (range.clone(), problem)));
    });
    compiled.problems.extend(problems);
    compiled
}

/// Compiles a text that others include.
pub(super) fn compile_partial(source: &str) -> Program {
    let Compiled { ops, ranges, problems } = compile_tags(source, true);
    let ends: Vec<usize> = source.match_indices('\n').map(|(at, _)| at).collect();
    let tag = |range: &Range<usize>| {
        let line = ends.partition_point(|end| *end < range.start) + 1;
        (line, source.slice(range.clone()).chars().take(60).collect())
    };
    let mut program = Program { tags: ranges.iter().map(tag).collect(), ..Program::default() };
    for (range, problem) in problems {
        program.problems.push((program.tags.len(), problem));
        program.tags.push(tag(&range));
    }
    named(&ops, &mut |named| {
        let (at, inner) = match named {
            Named::Include(include) => {
                if let (IncludeName::Static(name), None) = (&include.name, &include.body) {
                    program.includes.push((include.tag as usize, name.clone()));
                }
                (include.tag as usize, include.body.as_ref())
            }
            Named::Inline(inline, body) => {
                program.defines.insert(inline.name.clone());
                (inline.tag as usize, Some(body))
            }
        };
        // What stands within a tag is told at the tag.
        if let Some(inner) = inner {
            program.problems.extend(inner.problems.iter().map(|(_, found)| (at, found.clone())));
            program.includes.extend(inner.includes.iter().map(|(_, name)| (at, name.clone())));
            program.defines.extend(inner.defines.iter().cloned());
        }
    });
    program.ops = ops;
    program
}

/// A tag of a text that includes or defines something.
enum Named<'a> {
    Include(&'a Include),
    Inline(&'a Inline, &'a Program),
}

/// Calls `each` with every such tag.
fn named<'a>(ops: &'a [Op], each: &mut dyn FnMut(Named<'a>)) {
    for op in ops {
        match op {
            Op::Include(include) => each(Named::Include(include)),
            Op::Define(inline) => {
                if let InlineBody::Text(body) = &inline.body {
                    each(Named::Inline(inline, body));
                }
            }
            Op::Block(block) => {
                block.branches.iter().for_each(|branch| named(&branch.body, each));
                named(&block.otherwise, each);
            }
            _ => {}
        }
    }
}

/// `literal` if the pieces between tags are to be kept in the steps.
fn compile_tags(source: &str, literal: bool) -> Compiled {
    let found = find(source);
    let mut problems = Vec::new();
    let mut tags: Vec<Tag> = Vec::new();
    let mut cuts: Vec<(Range<usize>, Option<usize>)> = Vec::new();
    for item in found {
        match item {
            Found::Tag(tag) => {
                cuts.push((tag.cut.clone(), Some(tags.len())));
                tags.push(tag);
            }
            Found::Hidden(range) => cuts.push((range, None)),
            Found::Fault(range, problem) => problems.push((range, problem)),
        }
    }
    let kinds: Vec<&Kind> = tags.iter().map(|tag| &tag.kind).collect();
    let (_, faults) = match_blocks(&kinds);
    let broken = !faults.is_empty();
    problems.extend(faults.into_iter().map(|(at, fault)| (tags[at].range.clone(), fault)));
    let mut ops = Vec::new();
    if !broken {
        let piece = |range: Range<usize>| {
            if literal { Op::Literal(source.slice(range).to_owned()) } else { Op::Source(range) }
        };
        ops = build(source.len(), &tags, &cuts, &piece, &mut problems);
    }
    Compiled { ops, ranges: tags.into_iter().map(|tag| tag.range).collect(), problems }
}

fn build(
    length: usize,
    tags: &[Tag],
    cuts: &[(Range<usize>, Option<usize>)],
    piece: &dyn Fn(Range<usize>) -> Op,
    problems: &mut Vec<(Range<usize>, Problem)>,
) -> Vec<Op> {
    let mut builder = Builder::default();
    let mut from = 0;
    for (cut, tag) in cuts {
        // Spaces between two tags with `~` belong to both cuts.
        if cut.start > from {
            builder.push(piece(from..cut.start));
        }
        from = from.max(cut.end);
        let Some(at) = *tag else { continue };
        let id = TagId::try_from(at).unwrap_or(TagId::MAX);
        if let Err(problem) = step(&mut builder, id, &tags[at].kind) {
            problems.push((tags[at].range.clone(), problem));
            // Without its branch the block has no shape; what was found so far is told.
            if !matches!(tags[at].kind, Kind::Value(_) | Kind::Partial(_) | Kind::Define(_)) {
                return Vec::new();
            }
        }
    }
    builder.push(piece(from..length));
    builder.finish().unwrap_or_default()
}

fn step(builder: &mut Builder, tag: TagId, kind: &Kind) -> Result<(), Problem> {
    match kind {
        Kind::Value(body) => {
            let expr = expr::value(body)?;
            if let expr::Expr::Call(call) = &expr
                && call.helper.name == "markdown"
            {
                let message = text!("template.markdown-in-text");
                return Err(Problem::error("markdown-place", message));
            }
            builder.push(Op::Value { tag, expr, slot: Slot::Text });
        }
        Kind::Partial(partial) => {
            builder.push(Op::Include(Box::new(include::read(tag, partial, Slot::Text)?)));
        }
        Kind::Open(body) => builder.open(Branch::read(tag, body, false)?),
        Kind::Inverse(body) => builder.open(Branch::read(tag, body, true)?),
        Kind::Else(body) => {
            let branch = body.as_ref().map(|body| Branch::read(tag, body, false)).transpose()?;
            builder.otherwise(branch);
        }
        Kind::Close(_) => {
            builder.close();
        }
        Kind::Define(define) => builder.define(include::definition(tag, define)?),
        Kind::DefineOpen(head) => {
            let message = text!("template.never-closed", name = head);
            return Err(Problem::error("block-not-closed", message));
        }
        Kind::Comment | Kind::PartialOpen(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill(source: &str, data: &Value) -> (String, Vec<TextProblem>) {
        let mut problems = Vec::new();
        let plain = |text: &str| -> Cow<'_, str> { Cow::Owned(text.to_owned()) };
        let _ = plain;
        let out =
            render(source, data, |text| Cow::Borrowed(text), TextOptions::default(), &mut |p| {
                problems.push(p);
            });
        (out, problems)
    }

    fn filled(source: &str, data: &Value) -> String {
        let (out, problems) = fill(source, data);
        assert_eq!(problems, [], "{source}");
        out
    }

    #[test]
    fn the_language_is_handlebars() {
        let data = json!({"a": {"b": 3}, "list": [{"n": 1}, {"n": 2}], "yes": true, "名": "市政府",
            "map": {"x": 1, "y": 2}, "empty": [], "words": ["甲", "乙", "丙"], "zero": 0});
        let cases = [
            ("{{a.b}} {{名}} \\{{a}}", "3 市政府 {{a}}"),
            ("{{#if yes}}1{{else}}2{{/if}}{{#if zero}}1{{else}}2{{/if}}", "12"),
            ("{{#if zero includeZero=true}}1{{/if}}{{#unless yes}}1{{/unless}}", "1"),
            ("{{#if (eq a.b 4)}}4{{else if (eq a.b 3)}}3{{else}}x{{/if}}", "3"),
            ("{{#each list}}{{@index}}{{n}}{{#if @last}}!{{/if}} {{/each}}", "01 12! "),
            ("{{#each list as |r i|}}{{i}}{{r.n}}{{a.b}}{{/each}}", "013123"),
            ("{{#each map}}{{@key}}={{this}};{{/each}}", "x=1;y=2;"),
            ("{{#each empty}}x{{else}}none{{/each}}", "none"),
            ("{{#each list}}{{../a.b}}{{@root.名}}{{/each}}", "3市政府3市政府"),
            ("{{#with a}}{{b}}{{../名}}{{/with}}", "3市政府"),
            ("{{#list}}{{n}}{{/list}}{{^empty}}e{{/empty}}{{#a}}{{b}}{{/a}}", "12e3"),
            ("{{lookup map \"y\"}}{{lookup words 1}}{{words.[2]}}{{words.length}}", "2乙丙3"),
            ("{{join words}} {{join words \", \" last=\" und \"}}", "甲、乙、丙 甲, 乙 und 丙"),
            ("{{sum list \"n\"}} {{len words}} {{default nothing \"—\"}}", "3 3 —"),
            ("a {{~a.b~}} b{{! c }}{{!-- }} --}}", "a3b"),
            (
                "{{#each list}}{{#each ../words}}{{@../index}}{{@index}}{{/each}}{{/each}}",
                "000102101112",
            ),
            ("{{#if nothing}}1{{/if}}{{#if (and yes (not nothing))}}2{{/if}}", "2"),
        ];
        for (source, expected) in cases {
            assert_eq!(filled(source, &data), expected, "{source}");
        }
    }

    #[test]
    fn helpers_print_official_numbers() {
        let data = json!({"n": 1_234_567, "s": "12345.675", "d": "2026-01-20", "f": 0.1, "z": 0});
        let cases = [
            ("{{thousands n}} {{thousands s 2}}", "1,234,567 12,345.68"),
            ("{{fixed f 2}} {{fixed n 0}}", "0.10 1234567"),
            ("{{percent 1 3}} {{percent 1 3 0}} {{percent z z zero=\"—\"}}", "33.33% 33% —"),
            ("{{wan n}} {{wan n 0}}", "123.46 123"),
            (
                "{{chinese 123}} {{capital 123}} {{chinese 2026 digits=true}}",
                "一百二十三 壹佰贰拾叁 二〇二六",
            ),
            ("{{date d}} {{date d chinese=true}}", "2026年1月20日 二〇二六年一月二十日"),
        ];
        for (source, expected) in cases {
            assert_eq!(filled(source, &data), expected, "{source}");
        }
    }

    #[test]
    fn problems_have_their_place_and_all_are_told() {
        let data = json!({"received": {"total": 1}, "list": [{"n": 1}]});
        let source =
            "甲{{recieved.total}}乙{{received}}{{#each list}}{{m}}{{/each}}{{date received.total}}";
        let (out, problems) = fill(source, &data);
        assert_eq!(out, "甲乙");
        let rules: Vec<_> = problems.iter().map(|p| (p.rule, &source[p.range.clone()])).collect();
        let expected = [
            ("value-missing", "{{recieved.total}}"),
            ("value-not-text", "{{received}}"),
            ("value-missing", "{{m}}"),
            ("value-not-date", "{{date received.total}}"),
        ];
        assert_eq!(rules, expected);
        let hint = problems[0].hints[0].in_lang(crate::diag::Lang::Zh);
        assert!(hint.contains("received"), "{hint}");
    }

    #[test]
    fn blocks_must_match() {
        let rules = |source: &str| -> Vec<&str> {
            fill(source, &json!({"a": 1})).1.iter().map(|p| p.rule).collect()
        };
        assert_eq!(rules("{{#if a}}"), ["block-not-closed"]);
        assert_eq!(rules("{{/if}}"), ["block-not-open"]);
        assert_eq!(rules("{{else}}"), ["block-not-open"]);
        assert_eq!(rules("{{#if a}}{{/each}}"), ["block-crossed"]);
        assert_eq!(rules("{{#if a}}{{else}}{{else}}{{/if}}"), ["block-crossed"]);
        assert_eq!(rules("{{#iff a}}{{/iff}}"), ["helper-unknown"]);
        assert_eq!(rules(&"{{#if a}}".repeat(100))[0], "block-too-deep");
    }

    #[test]
    fn paths_are_listed() {
        assert_eq!(paths("{{a.b}}{{fixed c 2}}{{#if (eq d 1)}}{{a.b}}{{/if}}"), ["a.b", "c", "d"]);
    }
}
