//! Owns what a loop of docxtpl goes through: its list, and what its names stand for.
//! Must not know where the loop stands.

use super::jinja_ast::{Comparator, JinjaArg, JinjaExpr};
use super::loop_uses::LoopedData;
use super::name_scope::NameScope;
use super::statements::ForLoop;
use super::target_expr::{Refusal, TargetExpr, Translated};
use crate::diag::msg;

/// The list of a loop, with the names of its turns.
pub(super) struct LoopSource {
    pub(super) list: JinjaExpr,
    /// Names that the tag gives to an item and its key.
    pub(super) params: Vec<String>,
    /// The expressions that the names of the statement stand for.
    pub(super) bound: Vec<(String, TargetExpr)>,
}

impl LoopSource {
    /// Reads the head of a loop; its items get names that are free in the scope.
    pub(super) fn of(
        statement: ForLoop,
        looped: LoopedData,
        scope: &NameScope,
    ) -> Translated<LoopSource> {
        let ForLoop { names, list, condition, .. } = statement;
        let path = |path: String| TargetExpr::Path(path);
        let parameter = |name: &str| scope.free_parameter(name, &[]);
        match names.as_slice() {
            // Its fields have other names than ours.
            [_] if is_grouped(&list) => Err(Refusal::of_value(msg!("docxtpl.group-loop"))),
            [key] if looped == LoopedData::Group && condition.is_none() => {
                let value = parameter(&format!("{key}_value"));
                let key_param = scope.free_parameter(key, std::slice::from_ref(&value));
                let bound = vec![(key.clone(), path(key_param.clone()))];
                Ok(LoopSource { list, params: vec![value, key_param], bound })
            }
            [name] => {
                let param = parameter(name);
                let list = match condition {
                    None => list,
                    Some(condition) => filtered_list(list, name, &condition)?,
                };
                let bound = vec![(name.clone(), path(param.clone()))];
                Ok(LoopSource { list, params: vec![param], bound })
            }
            _ if condition.is_some() => Err(Refusal::of_value(msg!("docxtpl.loop-condition"))),
            [key, value] => {
                if let Some(group) = entries_of(&list) {
                    let first = parameter(value);
                    let second = scope.free_parameter(key, std::slice::from_ref(&first));
                    let params = vec![first, second];
                    let bound = vec![
                        (value.clone(), path(params[0].clone())),
                        (key.clone(), path(params[1].clone())),
                    ];
                    return Ok(LoopSource { list: group, params, bound });
                }
                let fields = if is_grouped(&list) { ["key", "items"] } else { ["[0]", "[1]"] };
                let param = parameter(&format!("{key}_{value}"));
                let bound = names.iter().zip(fields);
                let bound = bound.map(|pair| (pair.0.clone(), path(format!("{param}.{}", pair.1))));
                Ok(LoopSource { list, bound: bound.collect(), params: vec![param] })
            }
            _ => {
                let param = parameter(&names.join("_"));
                let bound = names.iter().enumerate();
                let bound =
                    bound.map(|pair| (pair.1.clone(), path(format!("{param}.[{}]", pair.0))));
                Ok(LoopSource { list, bound: bound.collect(), params: vec![param] })
            }
        }
    }
}

/// Checks whether a list is one of groups.
fn is_grouped(list: &JinjaExpr) -> bool {
    matches!(list, JinjaExpr::Filter(_, name, _) if name == "groupby")
}

/// Returns the group whose entries a loop goes through.
fn entries_of(list: &JinjaExpr) -> Option<JinjaExpr> {
    let JinjaExpr::Call(callee, args) = list else { return None };
    match &**callee {
        JinjaExpr::Attribute(base, name) if name == "items" && args.is_empty() => {
            Some((**base).clone())
        }
        _ => None,
    }
}

/// Returns a list with the items for which a condition holds.
fn filtered_list(list: JinjaExpr, name: &str, condition: &JinjaExpr) -> Translated<JinjaExpr> {
    let refused = || Refusal::of_value(msg!("docxtpl.loop-condition"));
    let field = |expr: &JinjaExpr| match expr {
        JinjaExpr::Attribute(base, field) if **base == JinjaExpr::Name(name.to_owned()) => {
            Some(field.clone())
        }
        _ => None,
    };
    let mut args = Vec::new();
    match condition {
        JinjaExpr::Comparison(left, rest) => {
            let [(Comparator::Order(test), right)] = rest.as_slice() else { return Err(refused()) };
            let test = match *test {
                "lte" => "le",
                "gte" => "ge",
                other => other,
            };
            if mentions(right, name) {
                return Err(refused());
            }
            args.push(JinjaExpr::Text(field(left).ok_or_else(refused)?));
            args.push(JinjaExpr::Text(test.to_owned()));
            args.push(right.clone());
        }
        other => args.push(JinjaExpr::Text(field(other).ok_or_else(refused)?)),
    }
    let args = args.into_iter().map(|value| JinjaArg { name: None, value }).collect();
    Ok(JinjaExpr::Filter(Box::new(list), "selectattr".to_owned(), args))
}

/// Checks whether a simple value depends on a name; others are taken to.
fn mentions(expr: &JinjaExpr, name: &str) -> bool {
    match expr {
        JinjaExpr::Name(other) => other == name,
        JinjaExpr::Attribute(base, _) => mentions(base, name),
        JinjaExpr::Text(_) | JinjaExpr::Number(_) | JinjaExpr::Bool(_) => false,
        _ => true,
    }
}
