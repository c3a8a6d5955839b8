//! Owns parsing expressions, most of them fast, the rest with the grammar of handlebars, whose renderer is not used.
//! Must not know Word.

pub(crate) use super::ast::{
    BlockOpening, DataPath, Expr, HashArgs, HelperCall, PathRoot, build_call, check_options,
    explain_syntax, first_iteration, parse_path,
};
use super::ast::{parse_literal_name, parse_plain_path};
use crate::diag::Problem;
use crate::diag::msg;
use crate::helper::HelperSet;
use crate::limits::MAX_EXPRESSION_DEPTH as MAX_DEPTH;
use crate::syntax::fast_parser::{self, ParsedCall};
use handlebars::Template as Syntax;
use handlebars::template::{BlockParam, HelperTemplate, Parameter, TemplateElement};
use std::collections::HashMap;

/// Parses the inside of a value tag.
pub(crate) fn parse_value(body: &str, helpers: &HelperSet) -> Result<Expr, Problem> {
    if let Some(path) = parse_literal_name(body).or_else(|| parse_plain_path(body)) {
        return Ok(Expr::Path(path));
    }
    match fast_parser::parse_simple_call(body, false, helpers) {
        Some(written) => {
            let ParsedCall { name, args, hash, .. } = written?;
            build_call(name, args, hash, helpers)
        }
        None => parse_value_by_grammar(body, helpers),
    }
}

/// Parses a value with the grammar of handlebars.
fn parse_value_by_grammar(body: &str, helpers: &HelperSet) -> Result<Expr, Problem> {
    check_depth(body)?;
    let parsed = Syntax::compile(&format!("{{{{{body}}}}}")).map_err(|_| explain_syntax(body))?;
    match parsed.elements.as_slice() {
        [TemplateElement::Expression(helper)] => convert_call(helper, helpers),
        _ => Err(explain_syntax(body)),
    }
}

/// Parses the inside of `{{#…}}`.
pub(crate) fn parse_opening(body: &str, helpers: &HelperSet) -> Result<BlockOpening, Problem> {
    // A section may be a path, which handlebars does not take as a block's name.
    let (section, params) = split_block_params(body);
    if matches!(section, "if" | "unless" | "each" | "with") {
        let name = section.to_owned();
        return Ok(BlockOpening { name, args: Vec::new(), hash: Vec::new(), params });
    }
    if let Some(path) = parse_literal_name(section).or_else(|| parse_plain_path(section)) {
        let args = vec![Expr::Path(path)];
        return Ok(BlockOpening { name: String::new(), args, hash: Vec::new(), params });
    }
    match fast_parser::parse_simple_call(body, true, helpers) {
        Some(written) => {
            let ParsedCall { name, args, hash, params } = written?;
            Ok(BlockOpening { name: name.to_owned(), args, hash, params })
        }
        None => parse_opening_by_grammar(body, helpers),
    }
}

/// Splits `rows as |r i|` into the section and its parameters.
fn split_block_params(body: &str) -> (&str, Vec<String>) {
    let split = body.strip_suffix('|').and_then(|body| body.split_once(" as |"));
    match split {
        Some((section, names)) if !section.contains(' ') => {
            (section, names.split_whitespace().map(str::to_owned).collect())
        }
        _ => (body, Vec::new()),
    }
}

/// Parses an opening with the grammar of handlebars.
fn parse_opening_by_grammar(body: &str, helpers: &HelperSet) -> Result<BlockOpening, Problem> {
    check_depth(body)?;
    let name = body.split([' ', '|']).next().unwrap_or_default();
    let source = format!("{{{{#{body}}}}}{{{{/{name}}}}}");
    let parsed = Syntax::compile(&source).map_err(|_| explain_syntax(body))?;
    let [TemplateElement::HelperBlock(block)] = parsed.elements.as_slice() else {
        return Err(explain_syntax(body));
    };
    let param = |param: &Parameter| param.as_name().unwrap_or_default().to_owned();
    Ok(BlockOpening {
        name: name.to_owned(),
        args: convert_params(&block.params, helpers)?,
        hash: convert_hash(&block.hash, helpers)?,
        params: match &block.block_param {
            Some(BlockParam::Single(one)) => vec![param(one)],
            Some(BlockParam::Pair((one, two))) => vec![param(one), param(two)],
            None | Some(_) => Vec::new(),
        },
    })
}

/// Parses arguments without a name before them.
pub(crate) fn parse_arguments(
    text: &str,
    helpers: &HelperSet,
) -> Result<(Vec<Expr>, HashArgs), Problem> {
    let body = format!("p {text}");
    if let Some(written) = fast_parser::parse_simple_call(&body, false, helpers) {
        let ParsedCall { args, hash, .. } = written?;
        return Ok((args, hash));
    }
    check_depth(&body)?;
    let parsed = Syntax::compile(&format!("{{{{{body}}}}}")).map_err(|_| explain_syntax(text))?;
    match parsed.elements.as_slice() {
        [TemplateElement::Expression(helper)] => {
            Ok((convert_params(&helper.params, helpers)?, convert_hash(&helper.hash, helpers)?))
        }
        _ => Err(explain_syntax(text)),
    }
}

fn convert_call(helper: &HelperTemplate, helpers: &HelperSet) -> Result<Expr, Problem> {
    if helper.params.is_empty() && helper.hash.is_empty() {
        return convert_param(&helper.name, helpers);
    }
    let name = helper.name.as_name().unwrap_or_default();
    let args = convert_params(&helper.params, helpers)?;
    let hash = convert_hash(&helper.hash, helpers)?;
    build_call(name, args, hash, helpers)
}

fn convert_param(parameter: &Parameter, helpers: &HelperSet) -> Result<Expr, Problem> {
    match parameter {
        Parameter::Literal(value) => Ok(Expr::Literal(value.clone())),
        Parameter::Subexpression(sub) => match sub.as_element() {
            TemplateElement::Expression(helper) => convert_call(helper, helpers),
            _ => Err(explain_syntax("")),
        },
        Parameter::Name(_) | Parameter::Path(_) => {
            let raw = parameter.as_name().unwrap_or_default();
            parse_path(raw).map(Expr::Path).ok_or_else(|| explain_syntax(raw))
        }
        _ => Err(explain_syntax("")),
    }
}

fn convert_params(parameters: &[Parameter], helpers: &HelperSet) -> Result<Vec<Expr>, Problem> {
    parameters.iter().map(|parameter| convert_param(parameter, helpers)).collect()
}

fn convert_hash(
    hash: &HashMap<String, Parameter>,
    helpers: &HelperSet,
) -> Result<Vec<(String, Expr)>, Problem> {
    let mut names: Vec<&String> = hash.keys().collect();
    names.sort();
    names.into_iter().map(|name| Ok((name.clone(), convert_param(&hash[name], helpers)?))).collect()
}

fn check_depth(body: &str) -> Result<(), Problem> {
    let mut depth = 0usize;
    for byte in body.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(Problem::error(
                "tag-too-deep",
                msg!("template.too-deep", limit = MAX_DEPTH),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> (PathRoot, Vec<String>) {
        let path = parse_path(raw).unwrap();
        (path.root, path.segments)
    }

    #[test]
    fn paths_are_read() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let here = |up, bare| PathRoot::Context { up, bare };
        assert_eq!(read("a.b/c"), (here(0, true), names(&["a", "b", "c"])));
        assert_eq!(read("this"), (here(0, false), names(&[])));
        assert_eq!(read("."), (here(0, false), names(&[])));
        assert_eq!(read("this.a"), (here(0, false), names(&["a"])));
        assert_eq!(read("../../a"), (here(2, false), names(&["a"])));
        assert_eq!(read(".."), (here(1, false), names(&[])));
        assert_eq!(read("@root.机关.[名 称]"), (PathRoot::Data, names(&["机关", "名 称"])));
        assert_eq!(read("@index"), (PathRoot::Local { up: 0 }, names(&["index"])));
        assert_eq!(read("@../index"), (PathRoot::Local { up: 1 }, names(&["index"])));
        assert_eq!(read("rows.[1].n"), (here(0, true), names(&["rows", "1", "n"])));
        assert!(
            parse_path("a..b").is_none()
                && parse_path("a.").is_none()
                && parse_path("[a").is_none()
        );
        assert!(parse_path("a.this").is_none() && parse_path("a.[this]").is_some());
        let literal = |body: &str| parse_literal_name(body).map(|path| path.segments);
        assert_eq!(literal("\"a b\""), Some(names(&["a b"])));
        assert_eq!(literal("12.5"), Some(names(&["12.5"])));
        assert!(literal("\"a\" \"b\"").is_none() && literal("a").is_none());
    }

    #[test]
    fn calls_are_checked_when_compiled() {
        let rule = |body: &str| parse_value(body, &HelperSet::default()).unwrap_err().rule;
        assert!(matches!(parse_value("fixed (sum a) 2", &HelperSet::default()), Ok(Expr::Call(_))));
        assert_eq!(rule("fixd a 2"), "helper-unknown");
        assert_eq!(rule("fixed a"), "helper-arguments");
        assert_eq!(rule("fixed a 2 x=1"), "helper-arguments");
        assert_eq!(rule("a + b"), "tag-syntax");
        assert_eq!(rule("eq (a b"), "tag-syntax");
        assert_eq!(rule(&"(".repeat(100_000)), "tag-too-deep");
    }

    #[test]
    fn both_parsers_read_the_same() {
        let same = |body: &str| {
            let quick =
                fast_parser::parse_simple_call(body, false, &HelperSet::default()).map(|written| {
                    let ParsedCall { name, args, hash, .. } = written?;
                    build_call(name, args, hash, &HelperSet::default())
                });
            let (quick, slow) = (
                quick.unwrap_or_else(|| panic!("{body}")),
                parse_value_by_grammar(body, &HelperSet::default()),
            );
            assert_eq!(format!("{quick:?}"), format!("{slow:?}"), "{body}");
        };
        let args = [
            "a",
            "a.b.c",
            "机关",
            "机关.数",
            "../a",
            "../../a.b",
            "this",
            "this.a",
            "@root.a.b",
            "@index",
            "@../index",
            "8",
            "-3",
            "0",
            "true",
            "false",
            "\"x y\"",
            "'—'",
            "\"\"",
            "(len a)",
            "(sum rows \"n\")",
            "(fixed (sum rows 'n') 2)",
            "\"a}b(c)=\"",
            "a_1",
            "truex",
            "a-b.c-2",
            "n2.a3",
        ];
        for one in args {
            for two in args {
                same(&format!("eq {one} {two}"));
                same(&format!("join  {one}  {two} last={two}"));
                same(&format!("percent {one} {two} zero={one}"));
                same(&format!("nosuch {one} {two}"));
            }
            same(&format!("fixed {one}"));
            same(&format!("not (eq {one} (nosuch {one}))"));
            for name in ["if", "each", "unless", "with", "nosuch"] {
                for tail in ["", " as |r|", " as |r i|", " includeZero=true"] {
                    let body = format!("{name} {one}{tail}");
                    let written =
                        fast_parser::parse_simple_call(&body, true, &HelperSet::default())
                            .unwrap_or_else(|| panic!("{body}"));
                    let quick = written.map(|ParsedCall { name, args, hash, params }| {
                        BlockOpening { name: name.to_owned(), args, hash, params }
                    });
                    let slow = parse_opening_by_grammar(&body, &HelperSet::default());
                    assert_eq!(format!("{quick:?}"), format!("{slow:?}"), "{body}");
                }
            }
        }
        for body in
            ["a", "eq a b)", "eq (a", "eq a=1 b", "eq a \"x\\n\" ", "eq a.[b] c", "a b=1 b=2"]
        {
            assert!(
                fast_parser::parse_simple_call(body, false, &HelperSet::default()).is_none(),
                "{body}"
            );
        }
    }

    #[test]
    fn openings_have_block_parameters() {
        let open = parse_opening("each a.b as |r i|", &HelperSet::default()).unwrap();
        assert_eq!((open.name.as_str(), open.params), ("each", vec!["r".into(), "i".into()]));
        assert_eq!(parse_opening("if (eq a 1)", &HelperSet::default()).unwrap().args.len(), 1);
        assert_eq!(parse_opening("a.b", &HelperSet::default()).unwrap().name, "");
    }
}
