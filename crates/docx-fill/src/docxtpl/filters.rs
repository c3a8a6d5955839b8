//! Owns translating the filters of Jinja2 into our helpers.
//! Must not know Word, nor the statements around an expression.

use super::expressions::ExprTranslator;
use super::jinja_ast::{JinjaArg, JinjaExpr};
use super::patterns::printf_pattern;
use super::target_expr::{Refusal, TargetExpr, Translated};
use crate::diag::msg;

/// Filters without arguments, with the helpers that do the same.
const SAME: &[(&str, &str)] = &[
    ("upper", "upper"),
    ("lower", "lower"),
    ("trim", "trim"),
    ("length", "len"),
    ("count", "len"),
    ("abs", "abs"),
    ("first", "first"),
    ("last", "last"),
    ("reverse", "reverse"),
];

/// Filters that change nothing in a document: text is escaped there anyway.
const WITHOUT_EFFECT: &[&str] = &["e", "escape", "safe", "string", "list"];

/// A value with a filter.
struct FilterUse<'e> {
    value: &'e JinjaExpr,
    name: &'e str,
    args: &'e [JinjaArg],
}

impl<'e> FilterUse<'e> {
    /// Returns an argument by its name or place.
    fn argument(&self, name: &str, place: usize) -> Option<&'e JinjaExpr> {
        let named = self.args.iter().find(|arg| arg.name.as_deref() == Some(name));
        let unnamed = self.args.iter().filter(|arg| arg.name.is_none());
        named.or_else(|| unnamed.take(place + 1).nth(place)).map(|arg| &arg.value)
    }

    /// Returns an argument that is a name of a field.
    fn field(&self, name: &str, place: usize) -> Translated<Option<String>> {
        match self.argument(name, place) {
            None => Ok(None),
            Some(JinjaExpr::Text(text)) => Ok(Some(TargetExpr::text(text)?.argument())),
            Some(_) => Err(self.refusal()),
        }
    }

    /// Refuses arguments beyond those that are known.
    fn only(&self, names: &[&str]) -> Translated<()> {
        let known = |arg: &JinjaArg| arg.name.as_deref().is_none_or(|name| names.contains(&name));
        let fits = self.args.len() <= names.len() && self.args.iter().all(known);
        if fits { Ok(()) } else { Err(self.refusal()) }
    }

    fn refusal(&self) -> Refusal {
        Refusal::of_value(msg!("docxtpl.filter-arguments", name = self.name))
    }
}

impl ExprTranslator<'_> {
    /// Translates a value with a filter.
    pub(super) fn filter(
        &mut self,
        value: &JinjaExpr,
        name: &str,
        args: &[JinjaArg],
    ) -> Translated<TargetExpr> {
        let found = FilterUse { value, name, args };
        if WITHOUT_EFFECT.contains(&name) {
            found.only(&[])?;
            return self.value(value);
        }
        if let Some((_, helper)) = SAME.iter().find(|(filter, _)| *filter == name) {
            found.only(&[])?;
            return self.helper(helper, &[value]);
        }
        match name {
            "capitalize" => {
                found.only(&[])?;
                let lower = self.helper("lower", &[value])?.argument();
                Ok(TargetExpr::call("capitalize", &[&lower]))
            }
            "default" | "d" => self.default_filter(&found),
            "replace" => self.replace_filter(&found),
            "round" => self.round_filter(&found),
            "int" => self.whole_number(&found),
            "format" => match value {
                JinjaExpr::Text(text) if args.len() == 1 => {
                    self.formatted(printf_pattern(text), &args[0].value)
                }
                _ => Err(found.refusal()),
            },
            _ => self.list_filter(&found),
        }
    }

    fn list_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        match found.name {
            "join" => self.join_filter(found),
            "sort" => self.sort_filter(found),
            "sum" | "min" | "max" | "unique" => self.field_filter(found),
            "map" => {
                found.only(&["attribute"])?;
                // Without a name the argument is a filter for every item.
                let named = found.args.first().is_some_and(|arg| arg.name.is_some());
                let field = found.field("attribute", 0)?.filter(|_| named);
                let field = field.ok_or_else(|| found.refusal())?;
                let list = self.value(found.value)?.argument();
                Ok(TargetExpr::call("pluck", &[&list, &field]))
            }
            "selectattr" | "rejectattr" => self.select_filter(found),
            "groupby" => {
                found.only(&["attribute"])?;
                let field = found.field("attribute", 0)?.ok_or_else(|| found.refusal())?;
                let list = self.value(found.value)?.argument();
                self.notes.push(msg!("docxtpl.note-order"));
                Ok(TargetExpr::call("group", &[&format!("(sort {list} {field})"), &field]))
            }
            "batch" => {
                found.only(&["linecount"])?;
                let count = found.argument("linecount", 0).ok_or_else(|| found.refusal())?;
                self.helper("chunk", &[found.value, count])
            }
            _ => Err(Refusal::of_value(msg!("docxtpl.filter", name = found.name))),
        }
    }

    fn default_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        found.only(&["default_value", "boolean"])?;
        let nothing = JinjaExpr::Text(String::new());
        let other = found.argument("default_value", 0).unwrap_or(&nothing);
        let also_empty = found.argument("boolean", 1) == Some(&JinjaExpr::Bool(true));
        if also_empty {
            self.notes.push(msg!("docxtpl.note-default-zero"));
        } else if *other != nothing {
            self.notes.push(msg!("docxtpl.note-default"));
        }
        self.helper("default", &[found.value, other])
    }

    fn replace_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        found.only(&["old", "new"])?;
        match (found.argument("old", 0), found.argument("new", 1)) {
            (Some(old), Some(new)) => self.helper("replace", &[found.value, old, new]),
            _ => Err(found.refusal()),
        }
    }

    fn round_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        found.only(&["precision", "method"])?;
        let zero = JinjaExpr::Number("0".to_owned());
        let places = found.argument("precision", 0).unwrap_or(&zero);
        let method = match found.argument("method", 1) {
            None => "common",
            Some(JinjaExpr::Text(text)) => text,
            Some(_) => return Err(found.refusal()),
        };
        self.notes.push(msg!("docxtpl.note-round"));
        match method {
            "common" => self.helper("round", &[found.value, places]),
            "floor" | "ceil" if *places == zero => self.helper(method, &[found.value]),
            _ => Err(found.refusal()),
        }
    }

    /// Translates `int` behind what gives a whole number anyway.
    fn whole_number(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        found.only(&[])?;
        let JinjaExpr::Filter(_, inner, _) = found.value else { return Err(found.refusal()) };
        if inner != "round" {
            return Err(found.refusal());
        }
        let before = self.notes.len();
        let value = self.value(found.value)?;
        // The point and zero that `round` leaves go with `int`.
        self.notes.truncate(before);
        match &value {
            TargetExpr::Call(call)
                if call.ends_with(" 0")
                    || call.starts_with("floor ")
                    || call.starts_with("ceil ") =>
            {
                self.notes.push(msg!("docxtpl.note-rounding"));
                Ok(value)
            }
            _ => Err(found.refusal()),
        }
    }

    fn join_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        found.only(&["d", "attribute"])?;
        let nothing = JinjaExpr::Text(String::new());
        let between = self.value(found.argument("d", 0).unwrap_or(&nothing))?.argument();
        let mut list = self.value(found.value)?.argument();
        if let Some(field) = found.field("attribute", 1)? {
            list = format!("(pluck {list} {field})");
        }
        Ok(TargetExpr::call("join", &[&list, &between]))
    }

    fn sort_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        found.only(&["reverse", "case_sensitive", "attribute"])?;
        let is_true = |name, place| match found.argument(name, place) {
            None | Some(JinjaExpr::Bool(false)) => Ok(false),
            Some(JinjaExpr::Bool(true)) => Ok(true),
            Some(_) => Err(found.refusal()),
        };
        if !is_true("case_sensitive", 1)? {
            self.notes.push(msg!("docxtpl.note-order"));
        }
        let mut args = vec![self.value(found.value)?.argument()];
        args.extend(found.field("attribute", 2)?);
        if is_true("reverse", 0)? {
            args.push("desc=true".to_owned());
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(TargetExpr::call("sort", &args))
    }

    /// Translates a filter that takes a list, or a field of its items.
    fn field_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        let place = usize::from(matches!(found.name, "min" | "max" | "unique"));
        let names: &[&str] =
            if place == 1 { &["case_sensitive", "attribute"] } else { &["attribute"] };
        found.only(names)?;
        if found.argument("case_sensitive", 0).is_some() && place == 1 {
            return Err(found.refusal());
        }
        // Ours give the greatest value, those of Jinja2 the item that has it.
        if matches!(found.name, "min" | "max") && !found.args.is_empty() {
            return Err(found.refusal());
        }
        if found.name == "unique" {
            self.notes.push(msg!("docxtpl.note-order"));
        }
        let mut args = vec![self.value(found.value)?.argument()];
        args.extend(found.field("attribute", place)?);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(TargetExpr::call(found.name, &args))
    }

    fn select_filter(&mut self, found: &FilterUse<'_>) -> Translated<TargetExpr> {
        let field = found.field("attr", 0)?.ok_or_else(|| found.refusal())?;
        let list = self.value(found.value)?.argument();
        let keeps = found.name == "selectattr";
        let Some(test) = found.argument("test", 1) else {
            let chosen = TargetExpr::call("filter", &[&list, &field]);
            return if keeps { Ok(chosen) } else { Err(found.refusal()) };
        };
        let JinjaExpr::Text(test) = test else { return Err(found.refusal()) };
        let option = match (test.as_str(), keeps) {
            ("equalto" | "eq" | "==", true) | ("ne" | "!=", false) => "eq",
            ("ne" | "!=", true) | ("equalto" | "eq" | "==", false) => "ne",
            ("lt" | "lessthan" | "<", true) | ("ge" | ">=", false) => "lt",
            ("le" | "<=", true) | ("gt" | "greaterthan" | ">", false) => "lte",
            ("gt" | "greaterthan" | ">", true) | ("le" | "<=", false) => "gt",
            ("ge" | ">=", true) | ("lt" | "lessthan" | "<", false) => "gte",
            _ => return Err(found.refusal()),
        };
        let other = found.argument("value", 2).ok_or_else(|| found.refusal())?;
        let other = self.value(other)?.argument();
        Ok(TargetExpr::call("filter", &[&list, &field, &format!("{option}={other}")]))
    }
}
