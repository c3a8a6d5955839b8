//! Owns what a template wants of its data: for each name the kind of value, and whether it may be absent.
//! Must not know values, nor how a want is shown.

use crate::analyze::static_scope::Trail;
use crate::diag::WordPlace;
use crate::ir::program::{Branch, BranchKind};
use crate::syntax::expr::{Call, Expr};
use serde_json::Value;

/// A tag as [`Template::tags`](crate::template::Template::tags) lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSite {
    /// The tag as written.
    pub text: String,
    /// Where it stands.
    pub place: WordPlace,
    /// The data that it uses, as written in it.
    pub paths: Vec<String>,
    /// The same from the root of the data, `rows.*.name` for a name within a loop over `rows`; loop
    /// variables and what a helper makes have no such path.
    pub absolute: Vec<String>,
    /// The same with the kind of value that is wanted.
    pub wants: Vec<Want>,
}

/// The kind of value that a tag can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Anything; only whether it is there, true or equal matters.
    Any,
    /// What can be printed: a text, a number, true or false.
    Scalar,
    /// A text.
    Text,
    /// A number, or a text of digits.
    Number,
    /// A list.
    List,
    /// A group of named values.
    Group,
    /// A list, a group or a truth value: `{{#name}}` takes all of them.
    Section,
}

/// A name that a tag uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The path from the root of the data; `*` stands for every item of a list.
    pub path: Vec<String>,
    /// What kind of value it has to be.
    pub kind: Wanted,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether the name may also be one of an outer block, where the block itself does not have it.
    pub outer: bool,
    /// The name as written.
    pub raw: String,
}

/// What a value tag wants.
pub(crate) fn of_value(expr: &Expr, trail: &Trail) -> Vec<Want> {
    let mut out = Vec::new();
    collect(expr, Wanted::Scalar, false, trail, &mut out);
    out
}

/// What the opening tag of a block wants.
pub(crate) fn of_branch(branch: &Branch, trail: &Trail) -> Vec<Want> {
    let (kind, optional) = match branch.kind {
        BranchKind::If | BranchKind::Unless => (Wanted::Any, true),
        BranchKind::Each | BranchKind::Nth(_) => (Wanted::List, false),
        BranchKind::With => (Wanted::Group, true),
        BranchKind::Section => (Wanted::Section, true),
    };
    let mut out = Vec::new();
    collect(&branch.subject, kind, optional, trail, &mut out);
    out
}

fn collect(expr: &Expr, kind: Wanted, optional: bool, trail: &Trail, out: &mut Vec<Want>) {
    match expr {
        Expr::Literal(_) => {}
        Expr::Path(path) => {
            if let Some(segments) = trail.segments(path) {
                let raw = path.raw.clone();
                let outer = trail.is_open();
                out.push(Want { path: segments, kind, optional, outer, raw });
            }
        }
        Expr::Call(call) => arguments(call, optional, trail, out),
    }
}

fn arguments(call: &Call, optional: bool, trail: &Trail, out: &mut Vec<Want>) {
    for (at, arg) in call.args.iter().enumerate() {
        let (kind, may_miss) = argument(call.helper.name, at);
        collect(arg, kind, optional || may_miss, trail, out);
    }
    if let ("sum", Some(Expr::Path(list)), Some(Expr::Literal(Value::String(field)))) =
        (call.helper.name, call.args.first(), call.args.get(1))
        && let Some(mut path) = trail.segments(list)
    {
        path.extend(["*".to_owned(), field.clone()]);
        let (raw, outer) = (field.clone(), trail.is_open());
        out.push(Want { path, kind: Wanted::Number, optional, outer, raw });
    }
    for (_, arg) in &call.hash {
        collect(arg, Wanted::Any, optional, trail, out);
    }
}

/// What a helper's argument has to be, and whether it may be absent.
fn argument(helper: &str, at: usize) -> (Wanted, bool) {
    match (helper, at) {
        ("and" | "or" | "not" | "eq" | "ne", _) => (Wanted::Any, true),
        ("default", 0) => (Wanted::Scalar, true),
        ("len" | "join" | "sum", 0) => (Wanted::List, false),
        ("lookup", 0) => (Wanted::Group, false),
        ("thousands" | "fixed" | "wan" | "chinese" | "capital", _)
        | ("percent", 0 | 1)
        | ("fit", 1) => (Wanted::Number, false),
        ("date" | "image" | "markdown", 0) => (Wanted::Text, false),
        _ => (Wanted::Scalar, false),
    }
}
