//! Owns a template's requirements for its data: for each name the kind of value, and whether it may be absent.
//! Must not know values, nor how requirements are presented.

use crate::analyze::static_scope::StaticScope;
use crate::diag::WordLocation;
use crate::helper::HelperRole;
pub use crate::helper::ValueKind;
use crate::ir::program::{Branch, BranchKind};
use crate::syntax::expr::{Expr, HelperCall};
use serde_json::Value;

/// A tag as [`CompiledTemplate::tags`](crate::template::CompiledTemplate::tags) lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSite {
    /// The tag as written.
    pub text: String,
    /// Location of the tag.
    pub location: WordLocation,
    /// Paths of the data that it uses, as written in the tag.
    pub paths: Vec<String>,
    /// The same paths from the root of the data, such as `rows.*.name` for a name within a loop over `rows`.
    /// Loop variables and results of helpers have no such path.
    pub absolute_paths: Vec<String>,
    /// The required kind of value for each path.
    pub requirements: Vec<Requirement>,
}

/// A requirement for one name that a tag uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Path from the root of the data; `*` represents every item of a list.
    pub path: Vec<String>,
    /// Required kind of value.
    pub kind: ValueKind,
    /// True if the value may be absent.
    pub optional: bool,
    /// True if the name may instead belong to an enclosing block.
    pub outer: bool,
    /// The path as written.
    pub raw: String,
}

/// Returns the requirements of a value tag.
pub(crate) fn requirements_of_value(expr: &Expr, trail: &StaticScope) -> Vec<Requirement> {
    let mut out = Vec::new();
    collect_requirements(expr, ValueKind::Scalar, false, trail, &mut out);
    out
}

/// Returns the requirements of a block's opening tag.
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
