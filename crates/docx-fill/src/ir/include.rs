//! Owns parsing the content of tags that include or define partials.
//! Must not know which partials exist.

use crate::diag::msg;
use crate::diag::{Problem, nearest_name};
use crate::helper::HelperSet;
use crate::ir::program::{
    CompiledPartial, EscapeContext, Include, IncludeName, InlinePartial, InlinePartialBody, TagId,
};
use crate::slice::TextSlice as _;
use crate::syntax::expr::{Expr, explain_syntax, parse_arguments, parse_value};
use crate::syntax::tag::{DefineTag, PartialTag, closing_name};
use serde_json::Value;

/// Parses the content of `{{> …}}`.
pub(crate) fn parse_include(
    tag: TagId,
    partial: &PartialTag,
    slot: EscapeContext,
    helpers: &HelperSet,
    compile: &dyn Fn(&str) -> CompiledPartial,
) -> Result<Include, Problem> {
    let head = partial.head.trim();
    let (name, rest) = parse_include_name(head, helpers)?;
    let rest = rest.trim();
    let (mut args, hash) =
        if rest.is_empty() { (Vec::new(), Vec::new()) } else { parse_arguments(rest, helpers)? };
    if args.len() > 1 {
        let message = msg!("template.partial-arguments", count = args.len());
        return Err(Problem::error("helper-arguments", message));
    }
    let body = partial.body.as_deref().map(compile);
    let indent = partial.indent.clone();
    let own_line = partial.own_line;
    Ok(Include { tag, name, context: args.pop(), hash, body, indent, own_line, slot })
}

/// Parses a definition that lies within one text.
pub(crate) fn parse_definition(
    tag: TagId,
    define: &DefineTag,
    helpers: &HelperSet,
    compile: &dyn Fn(&str) -> CompiledPartial,
) -> Result<InlinePartial, Problem> {
    let name = parse_defined_name(&define.head, helpers)?;
    Ok(InlinePartial { tag, name, body: InlinePartialBody::Text(compile(&define.body)) })
}

/// Parses the name in `{{#*inline "name"}}` from the text after the star.
pub(crate) fn parse_defined_name(head: &str, helpers: &HelperSet) -> Result<String, Problem> {
    const WORD: &str = "inline";
    let word = closing_name(head);
    if word != WORD {
        let problem =
            Problem::error("tag-unsupported", msg!("template.decorator-unknown", name = word));
        let near = nearest_name(word, [WORD].into_iter());
        return Err(
            problem.with_optional_hint(near.map(|near| msg!("template.nearest", name = near)))
        );
    }
    let example = format!("{{{{#*{WORD} \"…\"}}}}");
    let rest = head.slice(WORD.len()..).trim();
    let (args, hash) =
        if rest.is_empty() { (Vec::new(), Vec::new()) } else { parse_arguments(rest, helpers)? };
    match (args.as_slice(), hash.is_empty()) {
        ([Expr::Literal(Value::String(name))], true) if !name.trim().is_empty() => Ok(name.clone()),
        _ => {
            let message = msg!("template.inline-name", tag = format!("{{{{#*{head}}}}}"));
            let problem = Problem::error("helper-arguments", message);
            Err(problem.with_hint(msg!("template.hint-inline-name", example = example)))
        }
    }
}

/// Splits the name of a partial from its arguments.
fn parse_include_name<'a>(
    head: &'a str,
    helpers: &HelperSet,
) -> Result<(IncludeName, &'a str), Problem> {
    if let Some(rest) = head.strip_prefix("@partial-block") {
        return Ok((IncludeName::PartialBlock, rest));
    }
    let cut = |end: usize| (head.slice(..end), head.slice(end..));
    match head.chars().next() {
        Some(quote @ ('"' | '\'' | '[')) => {
            let end = if quote == '[' { ']' } else { quote };
            let at = head.slice(1..).find(end).ok_or_else(|| explain_syntax(head))?;
            Ok((IncludeName::Static(head.slice(1..=at).to_owned()), head.slice(at + 2..)))
        }
        Some('(') => {
            let (name, rest) = cut(find_closing_bracket(head).ok_or_else(|| explain_syntax(head))?);
            let inner = name.slice(1..name.len() - 1);
            Ok((IncludeName::Dynamic(parse_value(inner.trim(), helpers)?), rest))
        }
        // A dynamic name in mustache syntax.
        Some('*') => {
            let path = head.slice(1..).trim_start();
            let (name, rest) = path.split_at_offset(path.find(' ').unwrap_or(path.len()));
            Ok((IncludeName::Dynamic(parse_value(name, helpers)?), rest))
        }
        Some(_) => {
            let (name, rest) = cut(head.find(' ').unwrap_or(head.len()));
            Ok((IncludeName::Static(name.to_owned()), rest))
        }
        None => Err(Problem::error("tag-empty", msg!("template.empty"))),
    }
}

/// Returns the byte after the bracket that closes the first one.
fn find_closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) => quote = (open != c).then_some(open),
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_are_read() {
        let told = |head: &str| {
            let partial = PartialTag {
                head: head.into(),
                body: None,
                indent: String::new(),
                own_line: false,
            };
            let read = super::parse_include(
                0,
                &partial,
                EscapeContext::PlainText,
                &HelperSet::default(),
                &|_| CompiledPartial::default(),
            )
            .unwrap();
            (format!("{:?}", read.name), read.context.is_some(), read.hash.len())
        };
        assert_eq!(told("a/b.c"), ("Static(\"a/b.c\")".into(), false, 0));
        assert_eq!(told("\"a b\" x k=1 l=(len y)"), ("Static(\"a b\")".into(), true, 2));
        assert!(told("(lookup a 'b') x").0.starts_with("Dynamic(Call"));
        assert!(told("*a.b").0.starts_with("Dynamic(Path"));
        assert_eq!(told("@partial-block").0, "PartialBlock");
    }
}
