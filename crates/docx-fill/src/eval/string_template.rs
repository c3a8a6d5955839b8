//! Owns string templates: the tag language within a plain string, such as figures quoted in prose.
//! Must not know Word or Markdown; the caller supplies the escaping of values.

use crate::diag::Problem;
use crate::diag::{Diagnostic, Message, Severity, SourceId, Span};
use crate::eval::renderer::{OutputFormat, RenderSettings, RenderSetup, Renderer};
use crate::eval::scope::RenderScope;
use crate::helper::HelperSet;
use crate::ir::partials::Partials;
use crate::ir::program::{Branch, EscapeContext};
use crate::ir::text_compiler::{compile_text, read_include};
use crate::syntax::expr;
use crate::syntax::tag::{TagKind, TagToken, find_tags};
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;

/// A problem in a string template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextProblem {
    /// Byte range in the string.
    pub range: Range<usize>,
    /// Public id of the rule.
    pub rule: &'static str,
    /// Severity of the problem.
    pub severity: Severity,
    /// Description of the problem.
    pub message: Message,
    /// Suggestions for solving it.
    pub hints: Vec<Message>,
}

impl TextProblem {
    /// Converts to a diagnostic; the string begins at byte `offset` of the source.
    pub fn into_diagnostic(self, source: SourceId, offset: usize) -> Diagnostic {
        let span = Span { start: offset + self.range.start, end: offset + self.range.end };
        let place = crate::diag::Location::text(source, span);
        let mut diagnostic = Diagnostic::new(self.rule, self.severity, place, self.message);
        diagnostic.hints = self.hints;
        diagnostic
    }
}

/// Options of [`render_text`].
#[derive(Debug, Clone, Copy, Default)]
pub struct TextOptions<'p> {
    /// True if an absent value becomes empty text instead of an error.
    pub allow_missing: bool,
    /// Partials for `{{> name}}`.
    pub partials: Option<&'p Partials>,
    /// Helpers that tags may call; `None` permits only the built-in ones.
    pub helpers: Option<&'p HelperSet>,
}

/// Renders a string template. `escape` is applied to every value. Problems are reported in the order of their
/// places; a tag with a problem leaves no text.
pub fn render_text(
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
    let built_in = HelperSet::default();
    let compiled = compile_text(source, partials, options.helpers.unwrap_or(&built_in));
    let settings =
        RenderSettings { allow_missing: options.allow_missing, max_bytes: 16 << 20, escape };
    let mut format = PlainTextFormat;
    let mut machine = Renderer::new(RenderSetup { source, settings, partials }, data, &mut format);
    machine.render_instrs(&compiled.instrs);
    let mut problems = compiled.problems;
    for (tag, problem) in std::mem::take(&mut machine.problems) {
        let found = (compiled.tag_ranges[tag as usize].clone(), problem);
        // Unknown partials were already reported by the compiler.
        if !problems.contains(&found) {
            problems.push(found);
        }
    }
    let out = std::mem::take(&mut machine.out);
    problems.sort_by_key(|(range, _)| range.start);
    for (range, problem) in problems {
        let Problem { rule, severity, message: text, hints, .. } = problem;
        on_problem(TextProblem { range, rule, severity, message: text, hints });
    }
    out
}

/// Returns the paths that the tags of a string use, as written, without repetition.
pub fn tag_paths(source: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let helpers = HelperSet::default();
    for found in find_tags(source) {
        let TagToken::Tag(tag) = found else { continue };
        let mut add = |path: &expr::DataPath| {
            if !paths.contains(&path.raw) {
                paths.push(path.raw.clone());
            }
        };
        match tag.kind {
            TagKind::Value(body) => {
                if let Ok(expr) = expr::parse_value(&body, &helpers) {
                    expr.for_each_path(&mut add);
                }
            }
            TagKind::Open(body) | TagKind::Inverse(body) | TagKind::Else(Some(body)) => {
                if let Ok(branch) = Branch::parse_head(0, &body, false, &helpers) {
                    branch.subject.for_each_path(&mut add);
                }
            }
            TagKind::Partial(partial) => {
                if let Ok(include) = read_include(0, &partial, EscapeContext::PlainText, &helpers) {
                    include.used_exprs().for_each(|expr| expr.for_each_path(&mut add));
                }
            }
            TagKind::Define(define) => {
                for path in self::tag_paths(&define.body) {
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
            TagKind::Else(None)
            | TagKind::Close(_)
            | TagKind::Comment
            | TagKind::PartialOpen(_)
            | TagKind::MergeField(_)
            | TagKind::DefineOpen(_) => {}
        }
    }
    paths
}

struct PlainTextFormat;

impl<'a> OutputFormat<'a> for PlainTextFormat {
    fn render_special(
        &mut self,
        _: usize,
        _: &RenderScope<'a>,
        _: &mut String,
    ) -> Result<(), Vec<Problem>> {
        Ok(())
    }

    fn finish_guarded(&mut self, _: usize, _: usize, _: &mut String) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill(source: &str, data: &Value) -> (String, Vec<TextProblem>) {
        let mut problems = Vec::new();
        let plain = |text: &str| -> Cow<'_, str> { Cow::Owned(text.to_owned()) };
        let _ = plain;
        let out = render_text(
            source,
            data,
            |text| Cow::Borrowed(text),
            TextOptions::default(),
            &mut |p| {
                problems.push(p);
            },
        );
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

    #[cfg(feature = "chinese")]
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

    #[cfg(feature = "chinese")]
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
        assert_eq!(
            tag_paths("{{a.b}}{{fixed c 2}}{{#if (eq d 1)}}{{a.b}}{{/if}}"),
            ["a.b", "c", "d"]
        );
    }
}
