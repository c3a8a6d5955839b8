//! Owns finding tags in a text: their range, their kind and the spaces they trim.
//! Must not know Word or data; a text is the joined text of a paragraph or any string.

pub(crate) use super::token::{
    DefineTag, MAX_NESTING, PartialTag, Tag, TagKind, TagToken, closing_name,
};
use crate::diag::Problem;
use crate::diag::msg;
use crate::limits::MAX_TAG_LENGTH as MAX_TAG;
use crate::slice::TextSlice as _;
use crate::syntax::ends::{DelimiterSearch, LineCursor};
use crate::syntax::look_alikes::{QuoteState, named_look_alikes, replace_look_alikes};
use crate::syntax::whole::join_whole_blocks;
use std::ops::Range;

/// Finds all tags, escapes and malformed tags of a text, in reading order.
pub(crate) fn find_tags(text: &str) -> Vec<TagToken> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut ends = DelimiterSearch::default();
    while let Some(at) = text.slice(from..).find("{{").map(|at| from + at) {
        if let Some((end, marks)) = parse_delimiters(text.slice(at..), ("{{", "}}")) {
            from = read_custom_delimited(text, at, at + end, marks, &mut found);
            continue;
        }
        let slashes = text.slice(from..at).bytes().rev().take_while(|&byte| byte == b'\\').count();
        if slashes > 0 {
            found.push(TagToken::Escape(at - 1..at));
        }
        from = if slashes == 1 {
            ends.plain.find_from(text, at).map_or(text.len(), |end| end + 2)
        } else {
            read_tag(text, at, &mut found, &mut ends)
        };
    }
    if text.contains('\n') {
        let mut lines = LineCursor::new(text);
        for found in &mut found {
            lines.cut_standalone(found);
        }
    }
    join_whole_blocks(text, found)
}

/// Parses a set-delimiter tag (`{{=<% %>=}}`) at the beginning of a text. Returns its length in bytes and the
/// new delimiters.
fn parse_delimiters<'t>(text: &'t str, marks: (&str, &str)) -> Option<(usize, (&'t str, &'t str))> {
    let inner = text.strip_prefix(marks.0)?.strip_prefix('=')?;
    // A delimiter contains no equals sign, so the first one ends the tag or makes it invalid.
    let end = inner.find('=').filter(|end| inner.slice(end + 1..).starts_with(marks.1))?;
    let (open, close) = inner.slice(..end).trim().split_once(char::is_whitespace)?;
    let close = close.trim();
    let good =
        |mark: &str| !mark.is_empty() && !mark.contains(char::is_whitespace) && !mark.contains('=');
    let length = marks.0.len() + 1 + end + 1 + marks.1.len();
    (good(open) && good(close)).then_some((length, (open, close)))
}

/// Reads tags with custom delimiters, beginning with the set-delimiter tag at `at..end`, up to a tag that
/// restores the braces or to the end of the text. Returns the byte after the last one read.
fn read_custom_delimited(
    text: &str,
    at: usize,
    end: usize,
    marks: (&str, &str),
    found: &mut Vec<TagToken>,
) -> usize {
    let comment = |range: Range<usize>| {
        TagToken::Tag(Tag { cut: range.clone(), range, kind: TagKind::Comment })
    };
    found.push(comment(at..end));
    let (mut marks, mut from) = (marks, end);
    while marks != ("{{", "}}") {
        let Some(at) = text.slice(from..).find(marks.0).map(|at| from + at) else {
            return text.len();
        };
        if let Some((length, next)) = parse_delimiters(text.slice(at..), marks) {
            found.push(comment(at..at + length));
            (marks, from) = (next, at + length);
            continue;
        }
        let inner = at + marks.0.len();
        let Some(length) = text.slice(inner..).find(marks.1) else {
            found.push(TagToken::Invalid(at..inner, unclosed_tag(text.slice(at..))));
            return text.len();
        };
        from = inner + length + marks.1.len();
        let range = at..from;
        match classify_tag(&format!("{{{{{}}}}}", text.slice(inner..inner + length))) {
            Ok(kind) => found.push(TagToken::Tag(Tag { cut: range.clone(), range, kind })),
            Err(problem) => found.push(TagToken::Invalid(range, problem)),
        }
    }
    from
}

/// Reads the tag at `at`. Returns the byte at which scanning continues.
fn read_tag(text: &str, at: usize, found: &mut Vec<TagToken>, ends: &mut DelimiterSearch) -> usize {
    if text.slice(at..).starts_with("{{{{") {
        return read_raw_block(text, at, found);
    }
    let (end, fault) = match find_tag_end(text, at, ends) {
        Ok(end) => (end, None),
        Err((end, fault)) => (end, Some(fault)),
    };
    let range = at..end;
    match fault.map_or_else(|| classify_tag(text.slice(range.clone())), Err) {
        Ok(kind) => {
            let cut = with_trimmed_spaces(text, &range);
            found.push(TagToken::Tag(Tag { range, cut, kind }));
        }
        Err(problem) => found.push(TagToken::Invalid(range, problem)),
    }
    end
}

/// Reads `{{{{raw}}}} … {{{{/raw}}}}`, whose content is literal. Returns the byte at which scanning continues.
fn read_raw_block(text: &str, at: usize, found: &mut Vec<TagToken>) -> usize {
    const OPEN: &str = "{{{{raw}}}}";
    const CLOSE: &str = "{{{{/raw}}}}";
    let inner = text.slice(at + 4..);
    let word = inner.trim_start().strip_prefix("raw");
    let Some(rest) = word.and_then(|rest| rest.trim_start().strip_prefix("}}}}")) else {
        let problem = Problem::error(
            "tag-unsupported",
            msg!("template.raw-block", example = format!("{OPEN} … {CLOSE}")),
        );
        found.push(TagToken::Invalid(at..at + 4, problem));
        return at + 4;
    };
    let from = text.len() - rest.len();
    let Some(end) = text.slice(from..).find(CLOSE).map(|end| from + end) else {
        let problem = Problem::error("block-not-closed", msg!("template.raw-open", tag = OPEN));
        found.push(TagToken::Invalid(
            at..from,
            problem.with_hint(msg!("template.hint-partial-open")),
        ));
        return text.len();
    };
    found.push(TagToken::Escape(at..from));
    found.push(TagToken::Escape(end..end + CLOSE.len()));
    end + CLOSE.len()
}

/// Returns the byte after the closing braces, or the byte at which scanning continues and the problem.
fn find_tag_end(
    text: &str,
    at: usize,
    ends: &mut DelimiterSearch,
) -> Result<usize, (usize, Problem)> {
    let inner = text.slice(at + 2..);
    let bare = inner.trim_start_matches('~');
    let unclosed = |end| (end, unclosed_tag(text.slice(at..)));
    if bare.starts_with("!--") {
        let plain = ends.comment.find_from(text, at + 2).map(|end| end + 4);
        let tilde = ends.tilde_comment.find_from(text, at + 2).map(|end| end + 5);
        return plain.into_iter().chain(tilde).min().ok_or_else(|| unclosed(text.len()));
    }
    if bare.starts_with('!') {
        let end = ends.plain.find_from(text, at + 2).map(|end| end + 2);
        return end.ok_or_else(|| unclosed(text.len()));
    }
    let triple = bare.starts_with('{');
    let mut quote = QuoteState::None;
    let from = at + 2 + usize::from(triple) + (inner.len() - bare.len());
    // Longer tags are refused anyway, and the rest of the text must not be read once per unclosed tag.
    let most = text.slice(from..).floor_prefix(MAX_TAG);
    for (offset, c) in most.char_indices() {
        let here = from + offset;
        if quote.consume_char(c) || quote != QuoteState::None {
            continue;
        }
        let rest = text.slice(here..);
        if rest.starts_with("}}") {
            let tail = if triple { rest.strip_prefix("}}}").map_or(0, |_| 3) } else { 2 };
            let tilde = if triple && rest.starts_with("}~}}") { 4 } else { tail };
            return if tilde == 0 { Err(unclosed(here + 2)) } else { Ok(here + tilde) };
        }
        if triple && rest.starts_with("}~}}") {
            return Ok(here + 4);
        }
        if rest.starts_with("{{") {
            return Err(unclosed(here));
        }
    }
    let long = quote == QuoteState::None && most.len() < text.len() - from;
    match ends.plain.find_from(text, at + 2).map(|end| end + 2) {
        Some(end) if long => match ends.open.find_from(text, from + most.len()) {
            Some(next) if next < end => Err(unclosed(next)),
            _ => Ok(end),
        },
        // An unterminated string hides the closing braces; report that instead of an unclosed tag.
        Some(end) => Err((end, syntax_error(text.slice(at..end), msg!("template.string-open")))),
        None => Err(unclosed(at + 2)),
    }
}

fn classify_tag(tag: &str) -> Result<TagKind, Problem> {
    if tag.len() > MAX_TAG {
        let problem = Problem::error("tag-too-long", msg!("template.too-long", limit = MAX_TAG));
        return Err(problem);
    }
    let inner = tag.slice(2..tag.len() - 2).trim_matches('~');
    if inner.starts_with('!') {
        return Ok(TagKind::Comment);
    }
    let body = replace_look_alikes(inner);
    // A full-width tilde has become a plain one.
    let body = body.trim_matches('~').trim();
    let rest = |skip: usize| body.slice(skip..).trim().to_owned();
    let sign = body.chars().next();
    match sign {
        None => Err(Problem::error("tag-empty", msg!("template.empty"))),
        Some('#') if rest(1).starts_with('>') => {
            Ok(TagKind::PartialOpen(rest(1).slice(1..).trim().to_owned()))
        }
        Some('>') => Ok(TagKind::Partial(PartialTag {
            head: rest(1),
            body: None,
            indent: String::new(),
            own_line: false,
        })),
        Some('#') if rest(1).starts_with('*') => {
            Ok(TagKind::DefineOpen(rest(1).slice(1..).trim().to_owned()))
        }
        Some('!') => Ok(TagKind::Comment),
        Some('*' | '=') => Err(unsupported_tag(tag)),
        Some('#') => Ok(TagKind::Open(rest(1))),
        Some('/') => Ok(TagKind::Close(rest(1))),
        Some('^') if body.len() == 1 => Ok(TagKind::Else(None)),
        Some('^') => Ok(TagKind::Inverse(rest(1))),
        Some('&') => Ok(TagKind::Value(rest(1))),
        Some('{') => Ok(TagKind::Value(body.slice(1..).trim_end_matches('}').trim().to_owned())),
        Some(_) if body == "else" => Ok(TagKind::Else(None)),
        Some(_) => match body.strip_prefix("else ") {
            Some(chain) => Ok(TagKind::Else(Some(chain.trim().to_owned()))),
            None => Ok(TagKind::Value(body.to_owned())),
        },
    }
}

/// Extends the range of a tag by the white space beside each `~`.
fn with_trimmed_spaces(text: &str, range: &Range<usize>) -> Range<usize> {
    let tag = text.slice(range.clone());
    let mut cut = range.clone();
    if tag.starts_with("{{~") {
        cut.start = text.slice(..range.start).trim_end().len();
    }
    if tag.ends_with("~}}") {
        cut.end = text.len() - text.slice(range.end..).trim_start().len();
    }
    cut
}

fn unclosed_tag(from: &str) -> Problem {
    let shown: String = from.chars().take_while(|c| *c != '\n').take(16).collect();
    let odd = named_look_alikes(&shown);
    let problem = Problem::error("tag-unclosed", msg!("template.unclosed", tag = shown));
    let problem = problem.with_hint(msg!("template.hint-unclosed"));
    if odd.is_empty() {
        problem
    } else {
        problem.with_hint(msg!("template.look-alikes", names = odd))
    }
}

fn unsupported_tag(tag: &str) -> Problem {
    Problem::error("tag-unsupported", msg!("template.unsupported", tag = tag))
}

/// Returns the problem of a tag whose content cannot be parsed.
pub(crate) fn syntax_error(tag: &str, why: crate::diag::Message) -> Problem {
    Problem::error("tag-syntax", msg!("template.syntax", tag = tag, why = why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TagKind> {
        find_tags(text)
            .into_iter()
            .filter_map(|found| match found {
                TagToken::Tag(tag) => Some(tag.kind),
                _ => None,
            })
            .collect()
    }

    fn value(body: &str) -> TagKind {
        TagKind::Value(body.into())
    }

    #[test]
    fn kinds_are_told_apart() {
        let text = "{{a}} {{#if b}}{{else if c}}{{else}}{{^}}{{/if}}{{^d}}{{! x }}{{{e}}}{{&f}}";
        let expected = [
            value("a"),
            TagKind::Open("if b".into()),
            TagKind::Else(Some("if c".into())),
            TagKind::Else(None),
            TagKind::Else(None),
            TagKind::Close("if".into()),
            TagKind::Inverse("d".into()),
            TagKind::Comment,
            value("e"),
            value("f"),
        ];
        assert_eq!(kinds(text), expected);
    }

    #[test]
    fn strings_and_comments_may_hold_braces() {
        assert_eq!(kinds("{{join a \"}}\"}}x"), [value("join a \"}}\"")]);
        assert_eq!(kinds("{{!-- a }} b --}}{{c}}"), [TagKind::Comment, value("c")]);
        assert_eq!(kinds("{{a.[b }} c]}}"), [value("a.[b }} c]")]);
    }

    #[test]
    fn what_word_makes_of_quotes_and_spaces_is_undone() {
        assert_eq!(kinds("{{　机关　}}"), [value("机关")]);
        assert_eq!(kinds("{{eq a “x y”}}"), [value("eq a \"x y\"")]);
        assert_eq!(kinds("{{eq a ‘“’}}"), [value("eq a '“'")]);
        assert_eq!(kinds("{{eq a “x\" b}}"), [value("eq a \"x\" b")]);
    }

    #[test]
    fn escapes_are_no_tags() {
        assert_eq!(find_tags("\\{{a}}"), [TagToken::Escape(0..1)]);
        assert_eq!(kinds("\\\\{{a}}"), [value("a")]);
    }

    #[test]
    fn tildes_take_spaces_away() {
        let TagToken::Tag(tag) = &find_tags("a  {{~b~}}  c")[0] else { panic!() };
        assert_eq!((tag.range.clone(), tag.cut.clone()), (3..10, 1..12));
        assert_eq!(tag.kind, value("b"));
    }

    #[test]
    fn what_is_never_closed_is_said_once() {
        let faults = |text: &str| {
            let faults = find_tags(text).into_iter().filter_map(|found| match found {
                TagToken::Invalid(_, problem) => Some(problem.rule),
                _ => None,
            });
            faults.collect::<Vec<_>>()
        };
        assert_eq!(faults("{{ name 和 {{b}}"), ["tag-unclosed"]);
        assert_eq!(kinds("{{ name 和 {{b}}"), [value("b")]);
        assert_eq!(faults("{{eq a \"x}}"), ["tag-syntax"]);
        let rules = ["tag-empty", "tag-unsupported", "tag-unsupported", "tag-unsupported"];
        assert_eq!(faults("{{}} {{*a}} {{=<% =%>=}} {{{{b}}}}")[..4], rules);
        assert_eq!(faults("{{=<% %>=}}<%a"), ["tag-unclosed"]);
        assert_eq!(faults("{{{{raw}}}} {{a}}"), ["block-not-closed"]);
        assert_eq!(faults("{{#> a}} {{b}} {{#> c}}{{/c}}"), ["block-not-closed"]);
    }

    #[test]
    fn tags_may_have_other_marks() {
        let text = "{{a}}{{=<% %>=}}{{b}}<%c%><%={{ }}=%>{{d}}<%e%>";
        let expected = [value("a"), TagKind::Comment, value("c"), TagKind::Comment, value("d")];
        assert_eq!(kinds(text), expected);
        assert_eq!(
            kinds("{{=| |=}}|#if x||/if|")[1..],
            [TagKind::Open("if x".into()), TagKind::Close("if".into())]
        );
        assert!(kinds("{{= =}}").is_empty());
    }

    #[test]
    fn raw_blocks_are_no_tags() {
        let text = "a{{{{raw}}}}{{b}}{{#c}}{{{{/raw}}}}{{d}}";
        assert_eq!(find_tags(text)[..2], [TagToken::Escape(1..12), TagToken::Escape(23..35)]);
        assert_eq!(kinds(text), [value("d")]);
    }

    #[test]
    fn blocks_of_partials_are_one_tag() {
        let partial = |head: &str, body: Option<&str>| {
            TagKind::Partial(PartialTag {
                head: head.into(),
                body: body.map(Into::into),
                indent: String::new(),
                own_line: false,
            })
        };
        assert_eq!(kinds("{{> a b c=1}}"), [partial("a b c=1", None)]);
        let text = "{{#if x}}{{#> a b}}1{{#if y}}{{#> c}}2{{/c}}{{/if}}{{/a}}{{/if}}";
        let body = Some("1{{#if y}}{{#> c}}2{{/c}}{{/if}}");
        let expected =
            [TagKind::Open("if x".into()), partial("a b", body), TagKind::Close("if".into())];
        assert_eq!(kinds(text), expected);
    }
}
