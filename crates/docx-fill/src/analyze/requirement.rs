//! Owns what a template wants of its data: for each name the kind of value, and whether it may be absent.
//! Must not know values, nor how a want is shown.

use crate::analyze::static_scope::StaticScope;
use crate::diag::WordLocation;
use crate::helper::HelperRole;
pub use crate::helper::ValueKind;
use crate::ir::program::{Branch, BranchKind};
use crate::syntax::expr::{Expr, HelperCall};
use serde_json::Value;

/// A tag as [`Template::tags`](crate::template::Template::tags) lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSite {
    /// The tag as written.
    pub text: String,
    /// Where it stands.
    pub location: WordLocation,
    /// The data that it uses, as written in it.
    pub paths: Vec<String>,
    /// The same from the root of the data, `rows.*.name` for a name within a loop over `rows`; loop
    /// variables and what a helper makes have no such path.
    pub absolute_paths: Vec<String>,
    /// The same with the kind of value that is wanted.
    pub requirements: Vec<Requirement>,
}

/// A name that a tag uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The path from the root of the data; `*` stands for every item of a list.
    pub path: Vec<String>,
    /// What kind of value it has to be.
    pub kind: ValueKind,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether the name may also be one of an outer block, where the block itself does not have it.
    pub outer: bool,
    /// The name as written.
    pub raw: String,
}

/// What a value tag wants.
pub(crate) fn requirements_of_value(expr: &Expr, trail: &StaticScope) -> Vec<Requirement> {
    let mut out = Vec::new();
    collect_requirements(expr, ValueKind::Scalar, false, trail, &mut out);
    out
}

/// What the opening tag of a block wants.
pub(crate) fn requirements_of_branch(branch: &Branch, trail: &StaticScope) -> Vec<Requirement> {
    let (kind, optional) = match branch.kind {
        BranchKind::If | BranchKind::Unless => (ValueKind::Any, true),
        BranchKind::Each | BranchKind::Nth(_) => (ValueKind::List, false),
        BranchKind::With => (ValueKind::Group, true),
        BranchKind::Section => (ValueKind::Section, true),
    };
    let mut out = Vec::new();
    collect_requirements(&branch.subject, kind, optional, trail, &mut out);
    out
}

fn collect_requirements(
    expr: &Expr,
    kind: ValueKind,
    optional: bool,
    trail: &StaticScope,
    out: &mut Vec<Requirement>,
) {
    match expr {
        Expr::Literal(_) => {}
        Expr::Path(path) => {
            if let Some(segments) = trail.absolute_segments(path) {
                let raw = path.raw.clone();
                let outer = trail.inherits_names();
                out.push(Requirement { path: segments, kind, optional, outer, raw });
            }
        }
        Expr::Call(call) => collect_arguments(call, optional, trail, out),
    }
}

fn collect_arguments(
    call: &HelperCall,
    optional: bool,
    trail: &StaticScope,
    out: &mut Vec<Requirement>,
) {
    for (at, arg) in call.args.iter().enumerate() {
        let (kind, may_miss) = call.helper.argument_kind(at);
        collect_requirements(arg, kind, optional || may_miss, trail, out);
    }
    if let (HelperRole::Sum, Some(Expr::Path(list)), Some(Expr::Literal(Value::String(field)))) =
        (call.helper.role, call.args.first(), call.args.get(1))
        && let Some(mut path) = trail.absolute_segments(list)
    {
        path.extend(["*".to_owned(), field.clone()]);
        let (raw, outer) = (field.clone(), trail.inherits_names());
        out.push(Requirement { path, kind: ValueKind::Number, optional, outer, raw });
    }
    for (_, arg) in &call.hash {
        collect_requirements(arg, ValueKind::Any, optional, trail, out);
    }
}
