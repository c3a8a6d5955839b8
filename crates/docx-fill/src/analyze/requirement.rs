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
pub struct ListedTag {
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

/// The step of a path that enters a list if there is one, and stays if there is none.
pub const PERHAPS_ITEMS: &str = "*?";

/// A requirement for one name that a tag uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Path from the root of the data; `*` represents every item of a list, `*?` every item if there is a list.
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
    out.extend(field_requirement(call, optional, trail));
    for (_, arg) in &call.hash {
        collect_requirements(arg, ValueKind::Any, optional, trail, out);
    }
}

/// Returns the requirement of a helper that goes to a field of the items of a list: `sum rows "amount"`, or through
/// lists within them, `sum groups "rows.amount"`.
fn field_requirement(
    call: &HelperCall,
    optional: bool,
    trail: &StaticScope,
) -> Option<Requirement> {
    let kind = match call.helper.role {
        HelperRole::Sum => ValueKind::Number,
        HelperRole::SameItems | HelperRole::Group => ValueKind::Scalar,
        HelperRole::Field => ValueKind::Any,
        _ => return None,
    };
    // What is compared may be absent, and true or false.
    let may_miss = optional || call.helper.name == "filter";
    let (list, Expr::Literal(Value::String(field))) = (call.args.first()?, call.args.get(1)?)
    else {
        return None;
    };
    let mut path = trail.list_path(list)?;
    for (at, name) in field.split('.').enumerate() {
        // Whether there is a list within the item is known only from other tags, or from the data.
        let step = if at == 0 { "*" } else { PERHAPS_ITEMS };
        path.extend([step.to_owned(), name.to_owned()]);
    }
    let (raw, outer) = (field.clone(), trail.inherits_names());
    Some(Requirement { path, kind, optional: may_miss, outer, raw })
}
