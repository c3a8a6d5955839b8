//! Owns the syntax tree of expressions: literals, paths and calls of helpers, and the parsing of paths.
//! Must not know how calls are parsed, nor data.

use super::look_alikes::named_look_alikes;
use super::tag::syntax_error;
use crate::diag::{Problem, msg, nearest_name};
use crate::helper::{
    HelperOption, HelperRef, HelperRole, HelperSet, find_builtin, other_name, unknown_option,
};
use crate::slice::TextSlice as _;
use crate::value::printed_text;
use serde_json::Value;

/// An expression in a tag.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Literal(Value),
    Path(DataPath),
    Call(Box<HelperCall>),
}

/// A helper with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct HelperCall {
    pub(crate) helper: HelperRef,
    pub(crate) args: Vec<Expr>,
    /// Options by name, in alphabetical order.
    pub(crate) hash: Vec<(String, Expr)>,
}

/// Hash arguments by name.
pub(crate) type HashArgs = Vec<(String, Expr)>;

/// The path of a value in the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataPath {
    pub(crate) root: PathRoot,
    pub(crate) segments: Vec<String>,
    /// As written.
    pub(crate) raw: String,
}

/// The root of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathRoot {
    /// The current value, or that of an outer block; a bare name may be a block parameter.
    Context { up: usize, bare: bool },
    /// `@root`
    Data,
    /// `@index` and the like, of an outer loop if `up` is not 0.
    Local { up: usize },
}

/// The inside of a block's opening tag.
#[derive(Debug, Clone)]
pub(crate) struct BlockOpening {
    pub(crate) name: String,
    pub(crate) args: Vec<Expr>,
    pub(crate) hash: Vec<(String, Expr)>,
    pub(crate) params: Vec<String>,
}

/// Builds `(and @first @../first …)` for a number of loops.
pub(crate) fn first_iteration(loops: usize) -> Expr {
    let first = |up| {
        let (root, segments) = (PathRoot::Local { up }, vec!["first".to_owned()]);
        Expr::Path(DataPath { root, segments, raw: "@first".to_owned() })
    };
    match find_builtin("and").map(HelperRef::BuiltIn) {
        Some(helper) => {
            let args = (0..loops).map(first).collect();
            Expr::Call(Box::new(HelperCall { helper, args, hash: Vec::new() }))
        }
        None => first(0),
    }
}

impl Expr {
    /// Returns the path of a file that the tag itself names.
    pub(crate) fn file_path(&self) -> Option<&str> {
        match self {
            Expr::Call(call)
                if matches!(call.helper.role, HelperRole::Image | HelperRole::Document) =>
            {
                match call.args.first()? {
                    Expr::Literal(path) => path.as_str(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Returns a name for the expression in messages.
    pub(crate) fn written(&self) -> &str {
        match self {
            Expr::Literal(value) => value.as_str().unwrap_or_default(),
            Expr::Path(path) => &path.raw,
            Expr::Call(call) => &call.helper.name,
        }
    }

    /// Returns the value that the template itself states.
    pub(crate) fn literal(&self) -> Option<&Value> {
        match self {
            Expr::Literal(value) => Some(value),
            Expr::Path(_) | Expr::Call(_) => None,
        }
    }

    /// Calls `each` with every path.
    pub(crate) fn for_each_path<'a>(&'a self, each: &mut dyn FnMut(&'a DataPath)) {
        match self {
            Expr::Literal(_) => {}
            Expr::Path(path) => each(path),
            Expr::Call(call) => {
                let hash = call.hash.iter().map(|(_, expr)| expr);
                call.args.iter().chain(hash).for_each(|expr| expr.for_each_path(each));
            }
        }
    }
}

/// Builds the call of a helper, checked against its signature.
pub(crate) fn build_call(
    name: &str,
    args: Vec<Expr>,
    hash: Vec<(String, Expr)>,
    helpers: &HelperSet,
) -> Result<Expr, Problem> {
    let Some(helper) = helpers.find(name) else {
        return match document_with_styles(name, &args, &hash, helpers) {
            Some(path) => build_call(DOCUMENT_HELPER, vec![Expr::Path(path)], hash, helpers),
            None => Err(unknown_helper(name, helpers)),
        };
    };
    if args.len() < helper.min_args || args.len() > helper.max_args {
        let wanted = helper.usage.as_ref();
        return Err(Problem::error(
            "helper-arguments",
            msg!("template.helper-arguments", name = name, count = args.len()),
        )
        .with_hint(msg!("template.usage", usage = wanted)));
    }
    let usage =
        |problem: Problem| problem.with_hint(msg!("template.usage", usage = helper.usage.as_ref()));
    check_options(name, &hash, &helper.options).map_err(usage)?;
    if let Some(check) = helper.check {
        let literals: Vec<Option<&Value>> = args.iter().map(Expr::literal).collect();
        check(&literals).map_err(usage)?;
    }
    Ok(Expr::Call(Box::new(HelperCall { helper, args, hash })))
}

/// The helper that inserts a document.
const DOCUMENT_HELPER: &str = "document";

/// Returns the path of a document whose tag has the option of the helper but not its name:
/// `{{report styles="template"}}`.
fn document_with_styles(
    name: &str,
    args: &[Expr],
    hash: &[(String, Expr)],
    helpers: &HelperSet,
) -> Option<DataPath> {
    let only_styles = args.is_empty() && matches!(hash, [(option, _)] if option == "styles");
    (only_styles && helpers.find(DOCUMENT_HELPER).is_some()).then(|| parse_plain_path(name))?
}

/// Checks the options of a helper or block: their names, and the values that the template itself states.
pub(crate) fn check_options(
    owner: &str,
    hash: &[(String, Expr)],
    known: &[HelperOption],
) -> Result<(), Problem> {
    for (key, value) in hash {
        let Some(option) = known.iter().find(|option| option.name() == key) else {
            return Err(unknown_option(owner, key, known));
        };
        if let Expr::Literal(value) = value
            && let Ok(word) = printed_text(value)
        {
            option.check_choice(owner, &word)?;
        }
    }
    Ok(())
}

/// Returns the problem of a helper that does not exist, with the likely one or all of them.
fn unknown_helper(name: &str, helpers: &HelperSet) -> Problem {
    let problem = Problem::error("helper-unknown", msg!("template.helper-unknown", name = name));
    if let Some(near) = other_name(name).or_else(|| nearest_name(name, helpers.names())) {
        return problem.with_hint(msg!("template.nearest", name = near));
    }
    // One text, not a list: a hostile template can have a hundred thousand such tags.
    let names: Vec<&str> = helpers.names().take(MAX_NAMES_SHOWN).collect();
    problem.with_hint(msg!("template.known-helpers", keys = names.join(", ")))
}

/// Most names of helpers in a message.
const MAX_NAMES_SHOWN: usize = 100;

/// Takes a literal alone as a name, as in Handlebars: `{{"a b"}}`, `{{12.5}}`.
pub(crate) fn parse_literal_name(body: &str) -> Option<DataPath> {
    let first = body.chars().next()?;
    let name = match first {
        '"' | '\'' => {
            let name = body.slice(1..).strip_suffix(first)?;
            (!name.contains([first, '\\'])).then_some(name)?
        }
        '0'..='9' if body.contains('.') && body.parse::<f64>().is_ok() => body,
        _ => return None,
    };
    let root = PathRoot::Context { up: 0, bare: true };
    Some(DataPath { root, segments: vec![name.to_owned()], raw: body.to_owned() })
}

/// Parses a body that is nothing but a path; the most common tag needs no parser.
pub(crate) fn parse_plain_path(body: &str) -> Option<DataPath> {
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '-' | '_' | '$' | ':' | '.' | '/' | '@')
            || !c.is_ascii()
    };
    if body.is_empty() || !body.chars().all(plain) { None } else { parse_path(body) }
}

/// Reads `../a.b`, `this.a`, `@root.a`, `@../index`, `a.[b c]`.
pub(crate) fn parse_path(raw: &str) -> Option<DataPath> {
    let (root, rest) =
        raw.strip_prefix('@').map_or_else(|| parse_context_root(raw), parse_data_root);
    let segments = split_segments(rest)?;
    let named = !matches!(root, PathRoot::Local { .. }) || segments.len() == 1;
    named.then(|| DataPath { root, segments, raw: raw.to_owned() })
}

/// Parses a name that follows `@`.
pub(crate) fn parse_data_root(path: &str) -> (PathRoot, &str) {
    match path.strip_prefix("root") {
        Some("") => (PathRoot::Data, ""),
        Some(rest) if rest.starts_with(['.', '/']) => (PathRoot::Data, rest.slice(1..)),
        _ => {
            let (up, rest) = strip_parent_steps(path);
            (PathRoot::Local { up }, rest)
        }
    }
}

pub(crate) fn parse_context_root(path: &str) -> (PathRoot, &str) {
    let (up, rest) = strip_parent_steps(path);
    let here = rest.strip_prefix("./").unwrap_or(rest);
    let bare = up == 0 && here.len() == rest.len() && !is_this(here);
    (PathRoot::Context { up, bare }, here)
}

pub(crate) fn is_this(path: &str) -> bool {
    path == "this" || path == "." || path.starts_with("this.") || path.starts_with("this/")
}

pub(crate) fn strip_parent_steps(mut path: &str) -> (usize, &str) {
    let mut up = 0;
    loop {
        if let Some(rest) = path.strip_prefix("../") {
            path = rest;
        } else if path == ".." {
            path = "";
        } else {
            return (up, path);
        }
        up += 1;
    }
}

pub(crate) fn split_segments(path: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut rest = if path == "." { "" } else { path };
    while !rest.is_empty() {
        let (segment, after) = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']')?,
            None => rest.split_at_offset(rest.find(['.', '/']).unwrap_or(rest.len())),
        };
        let literal = rest.starts_with('[');
        let this = !literal && segment == "this";
        // `this` begins a path and is nowhere else.
        let wrong = segment.is_empty() || segment.contains('@') || this && rest.len() < path.len();
        if !literal && wrong {
            return None;
        }
        if !this {
            out.push(segment.to_owned());
        }
        rest = match after.strip_prefix(['.', '/']) {
            Some("") => return None,
            Some(next) => next,
            None if after.is_empty() => "",
            None => return None,
        };
    }
    Some(out)
}

/// Returns the fault of a body that handlebars did not take, in words that help.
pub(crate) fn explain_syntax(body: &str) -> Problem {
    let count = |sign: char| body.chars().filter(|&c| c == sign).count();
    let why = if count('(') != count(')') {
        msg!("template.why-brackets")
    } else if body.contains(['（', '）', '，']) {
        msg!("template.why-wide")
    } else if body.contains(['+', '*', '|', '<', '>', '=', '!', '&', '?']) {
        msg!("template.why-operator")
    } else if body.contains(',') {
        msg!("template.why-comma")
    } else {
        msg!("template.why-unknown")
    };
    let problem = syntax_error(&format!("{{{{{body}}}}}"), why);
    let odd = named_look_alikes(body);
    if odd.is_empty() {
        problem
    } else {
        problem.with_hint(msg!("template.look-alikes", names = odd))
    }
}
