//! Owns translating expressions of Jinja2 into ours.
//! Must not know Word, nor the statements around an expression; filters are `filters`'s.

use super::jinja_ast::{Comparator, JinjaArg, JinjaBinary, JinjaExpr, JinjaTest};
use super::name_scope::NameScope;
use super::patterns::{FormatSpec, FormatString, date_pattern, format_pattern, printf_pattern};
use super::target_expr::{Refusal, TargetExpr, Translated, limited, segment};
use crate::diag::{Message, msg};
use crate::slice::TextSlice as _;

/// Helpers that make a text of their values.
const TEXT_HELPERS: &[&str] =
    &["concat", "upper", "lower", "capitalize", "trim", "replace", "split", "join"];
/// Helpers that compute.
const NUMBER_HELPERS: &[&str] = &["add", "subtract", "multiply", "mod"];

/// A translator of expressions at one place.
pub(super) struct ExprTranslator<'a> {
    pub(super) names: &'a NameScope,
    /// True if names have to mean the same in any loop.
    pub(super) rooted: bool,
    /// Notes on cases in which the translation does otherwise than the original.
    pub(super) notes: Vec<Message>,
}

impl<'a> ExprTranslator<'a> {
    pub(super) fn new(names: &'a NameScope) -> ExprTranslator<'a> {
        ExprTranslator { names, rooted: false, notes: Vec::new() }
    }

    /// Returns the tags that print a value.
    pub(super) fn printing_tags(&mut self, expr: &JinjaExpr) -> Translated<String> {
        let (condition, yes, no) = match expr {
            JinjaExpr::Choice(choice) => (&choice.condition, &choice.yes, choice.no.as_ref()),
            JinjaExpr::Binary(pair) if pair.sign == "or" => {
                (&pair.left, &pair.left, Some(&pair.right))
            }
            JinjaExpr::Binary(pair) if pair.sign == "and" => {
                (&pair.left, &pair.right, Some(&pair.left))
            }
            _ => {
                let value = self.value(expr)?;
                self.note_truth(&value);
                return value.tag();
            }
        };
        let condition = self.condition(condition)?;
        let yes = self.printing_tags(yes)?;
        let no = no.map(|no| self.printing_tags(no)).transpose()?;
        let no = no.map(|no| format!("{{{{else}}}}{no}")).unwrap_or_default();
        limited(format!("{{{{#if {condition}}}}}{yes}{no}{{{{/if}}}}"))
    }

    /// Notes that a value is printed as true or false.
    fn note_truth(&mut self, value: &TargetExpr) {
        let is_told = match value {
            // Python prints the word itself, as it is put into the text.
            TargetExpr::Constant { .. } => false,
            TargetExpr::Call(call) if call.starts_with("default ") => {
                call.ends_with(" true") || call.ends_with(" false")
            }
            _ => value.is_truth(),
        };
        if is_told {
            self.note(msg!("docxtpl.note-truth"));
        }
    }

    /// Notes a case in which the translation does otherwise, once.
    fn note(&mut self, note: Message) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Returns a condition as the argument of a block.
    pub(super) fn condition(&mut self, expr: &JinjaExpr) -> Translated<String> {
        limited(self.truth(expr)?.argument())
    }

    /// Translates an expression of which only the truth counts.
    fn truth(&mut self, expr: &JinjaExpr) -> Translated<TargetExpr> {
        match expr {
            JinjaExpr::Binary(pair) if matches!(pair.sign, "and" | "or") => {
                let sides = [self.truth(&pair.left)?, self.truth(&pair.right)?];
                let [left, right] = sides.each_ref().map(TargetExpr::argument);
                Ok(TargetExpr::call(pair.sign, &[&limited(left)?, &limited(right)?]))
            }
            _ => self.value(expr),
        }
    }

    /// Translates `and` and `or` where the value counts: Python gives one of the two.
    fn one_of(&mut self, pair: &JinjaBinary) -> Translated<TargetExpr> {
        let sides = [self.value(&pair.left)?, self.value(&pair.right)?];
        let [left, right] = sides.each_ref().map(TargetExpr::argument);
        let helper = match sides.each_ref().map(TargetExpr::is_truth) {
            [true, true] => pair.sign,
            // A truth or number on the left may well be false or 0, which `default` keeps.
            [false, _] if pair.sign == "or" && !is_number(&pair.left) => {
                self.note(msg!("docxtpl.note-default-zero"));
                "default"
            }
            _ => return Err(Refusal::of_value(msg!("docxtpl.choice"))),
        };
        Ok(TargetExpr::call(helper, &[&limited(left)?, &limited(right)?]))
    }

    /// Translates an expression.
    pub(super) fn value(&mut self, expr: &JinjaExpr) -> Translated<TargetExpr> {
        match expr {
            JinjaExpr::Name(name) => self.names.resolve(name, self.rooted),
            JinjaExpr::Text(text) => TargetExpr::text(text),
            JinjaExpr::Number(number) => Ok(TargetExpr::plain(python_number(number))),
            JinjaExpr::Bool(true) => Ok(TargetExpr::word("true", "True")),
            JinjaExpr::Bool(false) => Ok(TargetExpr::word("false", "False")),
            JinjaExpr::None => Ok(TargetExpr::word("null", "None")),
            JinjaExpr::Collection => Err(Refusal::of_value(msg!("docxtpl.collection"))),
            JinjaExpr::Slice => Err(Refusal::of_value(msg!("docxtpl.slice"))),
            JinjaExpr::Choice(_) => Err(Refusal::of_value(msg!("docxtpl.choice"))),
            JinjaExpr::Attribute(base, name) => self.attribute(base, name),
            JinjaExpr::Index(base, key) => self.index(base, key),
            JinjaExpr::Call(callee, args) => self.call(callee, args),
            JinjaExpr::Filter(value, name, args) => self.filter(value, name, args),
            JinjaExpr::Test(test) => self.test(test),
            JinjaExpr::Not(inner) => {
                Ok(TargetExpr::call("not", &[&limited(self.truth(inner)?.argument())?]))
            }
            JinjaExpr::Negative(inner) => self.negative(inner),
            JinjaExpr::Binary(pair) => self.binary(pair),
            JinjaExpr::Comparison(first, rest) => self.comparison(first, rest),
        }
    }

    /// Translates the call of a helper with these values.
    pub(super) fn helper(&mut self, name: &str, values: &[&JinjaExpr]) -> Translated<TargetExpr> {
        let mut args = Vec::with_capacity(values.len());
        for value in values {
            args.push(self.value(value)?);
        }
        self.call_helper(name, args)
    }

    /// Returns the call of a helper with translated values, and notes what it does otherwise.
    fn call_helper(&mut self, name: &str, values: Vec<TargetExpr>) -> Translated<TargetExpr> {
        let mut args = Vec::with_capacity(values.len());
        for value in values {
            match name {
                "eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "contains" => {
                    self.note_compared(&value);
                }
                _ if TEXT_HELPERS.contains(&name) => self.note_truth(&value),
                _ if NUMBER_HELPERS.contains(&name) && value.is_decimal() => {
                    self.note(msg!("docxtpl.note-rounding"));
                }
                _ => {}
            }
            let value = if TEXT_HELPERS.contains(&name) { value.into_text()? } else { value };
            args.push(limited(value.argument())?);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(TargetExpr::call(name, &args))
    }

    /// Notes that values are equal to a constant which Python tells apart from it.
    fn note_compared(&mut self, value: &TargetExpr) {
        if value.is_number_text() {
            self.note(msg!("docxtpl.note-number-text"));
        } else if value.argument() == "null" {
            self.note(msg!("docxtpl.note-none"));
        }
    }

    fn attribute(&mut self, base: &JinjaExpr, name: &str) -> Translated<TargetExpr> {
        if *base == JinjaExpr::Name("loop".to_owned())
            && self.names.is_in_loop()
            && !self.names.is_bound("loop")
        {
            return self.loop_field(name);
        }
        let base = self.value(base)?;
        member(&base, name)
    }

    fn loop_field(&self, name: &str) -> Translated<TargetExpr> {
        let path = |path: &str| Ok(TargetExpr::Path(path.to_owned()));
        let list = || {
            self.names
                .loop_list()
                .ok_or_else(|| Refusal::of_value(msg!("docxtpl.name-lost", name = "loop")))
        };
        match name {
            "index" => path("@number"),
            "index0" => path("@index"),
            "first" => path("@first"),
            "last" => path("@last"),
            "length" => Ok(TargetExpr::call("len", &[list()?])),
            "revindex" => {
                Ok(TargetExpr::call("subtract", &[&format!("(len {})", list()?), "@index"]))
            }
            "revindex0" => {
                Ok(TargetExpr::call("subtract", &[&format!("(len {})", list()?), "@number"]))
            }
            _ => Err(Refusal::of_value(msg!("docxtpl.loop-field", name = name))),
        }
    }

    fn index(&mut self, base: &JinjaExpr, key: &JinjaExpr) -> Translated<TargetExpr> {
        let base = self.value(base)?;
        match key {
            JinjaExpr::Text(name) => member(&base, name),
            JinjaExpr::Number(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                member(&base, number)
            }
            JinjaExpr::Negative(inner) if **inner == JinjaExpr::Number("1".to_owned()) => {
                Ok(TargetExpr::call("last", &[&base.argument()]))
            }
            JinjaExpr::Negative(_) => Err(Refusal::of_value(msg!("docxtpl.slice"))),
            JinjaExpr::Name(name) if self.names.goes_through(name, &base) => {
                Err(Refusal::of_value(msg!("docxtpl.key-loop", name = name)))
            }
            _ => {
                let key = self.value(key)?.argument();
                Ok(TargetExpr::call("lookup", &[&base.argument(), &key]))
            }
        }
    }

    fn negative(&mut self, inner: &JinjaExpr) -> Translated<TargetExpr> {
        match inner {
            JinjaExpr::Number(number) => Ok(TargetExpr::plain(format!("-{number}"))),
            _ => self.helper("subtract", &[&JinjaExpr::Number("0".to_owned()), inner]),
        }
    }

    fn binary(&mut self, pair: &JinjaBinary) -> Translated<TargetExpr> {
        let JinjaBinary { sign, left, right } = pair;
        let both = [left, right];
        match *sign {
            "and" | "or" => self.one_of(pair),
            "~" => self.helper("concat", &both),
            "-" => self.helper("subtract", &both),
            "*" => self.helper("multiply", &both),
            "+" if both.iter().any(|side| is_text(side)) => self.helper("concat", &both),
            "+" if both.iter().any(|side| is_number(side)) => self.helper("add", &both),
            "+" => Err(Refusal::of_value(msg!("docxtpl.plus"))),
            "%" => match left {
                JinjaExpr::Text(text) => self.formatted(printf_pattern(text), right),
                _ => self.helper("mod", &both),
            },
            _ => Err(Refusal::of_value(msg!("docxtpl.operator", sign = *sign))),
        }
    }

    fn comparison(
        &mut self,
        first: &JinjaExpr,
        rest: &[(Comparator, JinjaExpr)],
    ) -> Translated<TargetExpr> {
        // Each value is translated once, though one in the middle is written twice.
        let mut left = self.value(first)?;
        let mut all = Vec::with_capacity(rest.len());
        for pair in rest {
            let right = self.value(&pair.1)?;
            all.push(match pair.0 {
                Comparator::Order(helper) => self.call_helper(helper, vec![left, right.clone()])?,
                Comparator::In | Comparator::NotIn => {
                    let contains = self.call_helper("contains", vec![right.clone(), left])?;
                    match pair.0 {
                        Comparator::In => contains,
                        _ => TargetExpr::call("not", &[&contains.argument()]),
                    }
                }
            });
            left = right;
        }
        if let [one] = all.as_slice() {
            return Ok(one.clone());
        }
        let args: Vec<String> = all.iter().map(TargetExpr::argument).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(TargetExpr::call("and", &args))
    }

    fn test(&mut self, test: &JinjaTest) -> Translated<TargetExpr> {
        let JinjaTest { value, name, args, is_negated } = test;
        let argument = args.first().map(|arg| &arg.value);
        let parity = |translator: &mut Self, rest: &str| {
            let left = translator.helper("mod", &[value, &JinjaExpr::Number("2".to_owned())])?;
            Ok(TargetExpr::call("eq", &[&left.argument(), rest]))
        };
        let order = |name: &str| match name {
            "eq" | "equalto" | "sameas" => Some("eq"),
            "ne" => Some("ne"),
            "lt" | "lessthan" => Some("lt"),
            "le" => Some("lte"),
            "gt" | "greaterthan" => Some("gt"),
            "ge" => Some("gte"),
            _ => None,
        };
        let found = match (name.as_str(), argument, order(name)) {
            ("even", None, _) => parity(self, "0")?,
            ("odd", None, _) => parity(self, "1")?,
            ("divisibleby", Some(by), _) => {
                let left = self.helper("mod", &[value, by])?;
                TargetExpr::call("eq", &[&left.argument(), "0"])
            }
            ("in", Some(list), _) => self.helper("contains", &[list, value])?,
            (_, Some(other), Some(helper)) => self.helper(helper, &[value, other])?,
            _ => return Err(Refusal::of_value(msg!("docxtpl.test", name = name))),
        };
        Ok(if *is_negated { TargetExpr::call("not", &[&found.argument()]) } else { found })
    }

    fn call(&mut self, callee: &JinjaExpr, args: &[JinjaArg]) -> Translated<TargetExpr> {
        let JinjaExpr::Attribute(base, method) = callee else {
            let name = match callee {
                JinjaExpr::Name(name) => name.as_str(),
                _ => "()",
            };
            return Err(Refusal::of_value(msg!("docxtpl.function", name = name)));
        };
        let refused = || Refusal::of_value(msg!("docxtpl.method", name = method));
        if args.iter().any(|arg| arg.name.is_some()) {
            return Err(refused());
        }
        let values: Vec<&JinjaExpr> = args.iter().map(|arg| &arg.value).collect();
        match (method.as_str(), values.as_slice()) {
            ("upper" | "lower", []) => self.helper(method, &[base]),
            ("strip", []) => self.helper("trim", &[base]),
            ("capitalize", []) => self.filter(base, "capitalize", &[]),
            ("replace", [old, new]) => self.helper("replace", &[base, old, new]),
            ("split", [by]) => self.helper("split", &[base, by]),
            ("join", [list]) => self.helper("join", &[list, base]),
            ("format", [value]) => match &**base {
                JinjaExpr::Text(text) => self.formatted(format_pattern(text), value),
                _ => Err(refused()),
            },
            ("strftime", [JinjaExpr::Text(pattern)]) => self.date(base, pattern),
            _ => Err(refused()),
        }
    }

    fn date(&mut self, value: &JinjaExpr, strftime: &str) -> Translated<TargetExpr> {
        let pattern = date_pattern(strftime)
            .ok_or_else(|| Refusal::of_value(msg!("docxtpl.pattern", pattern = strftime)))?;
        let value = self.value(value)?.argument();
        let pattern = format!("\"{pattern}\"");
        self.notes.push(msg!("docxtpl.note-date"));
        Ok(TargetExpr::call("date", &[&value, &pattern, "lang=\"en\""]))
    }

    /// Translates a value in a pattern of Python.
    pub(super) fn formatted(
        &mut self,
        pattern: Option<FormatString<'_>>,
        value: &JinjaExpr,
    ) -> Translated<TargetExpr> {
        let refused = || Refusal::of_value(msg!("docxtpl.pattern", pattern = "format"));
        let FormatString { before, form, after } = pattern.ok_or_else(refused)?;
        let value = self.value(value)?.into_text()?;
        self.note_truth(&value);
        let argument = value.argument();
        let is_number = !matches!(form, FormatSpec::AsIs);
        let written = match form {
            FormatSpec::AsIs => value,
            FormatSpec::Fixed(places) => {
                TargetExpr::call("fixed", &[&argument, &places.to_string()])
            }
            FormatSpec::Thousands(None) => TargetExpr::call("thousands", &[&argument]),
            FormatSpec::Thousands(Some(places)) => {
                TargetExpr::call("thousands", &[&argument, &places.to_string()])
            }
            FormatSpec::Padded(width) => {
                TargetExpr::call("pad", &[&argument, &width.to_string(), "\"0\""])
            }
        };
        if is_number {
            self.note(msg!("docxtpl.note-rounding"));
        }
        if before.is_empty() && after.is_empty() {
            return Ok(written);
        }
        let (before, after) = (TargetExpr::text(before)?, TargetExpr::text(after)?);
        let parts = [before.argument(), written.argument(), after.argument()];
        Ok(TargetExpr::call("concat", &[&parts[0], &parts[1], &parts[2]]))
    }
}

/// Returns a number as Python prints it: without zeros at the end, but with one decimal place if it has any.
fn python_number(written: &str) -> &str {
    match written.split_once('.') {
        Some((whole, places)) => {
            let kept = places.trim_end_matches('0').len().max(1);
            written.slice(..whole.len() + 1 + kept)
        }
        None => written,
    }
}

/// Returns the member of a value.
fn member(base: &TargetExpr, name: &str) -> Translated<TargetExpr> {
    let refused = || Refusal::of_value(msg!("docxtpl.member", name = name));
    match base {
        TargetExpr::Path(path) => {
            let segment = segment(name).ok_or_else(refused)?;
            Ok(TargetExpr::Path(format!("{path}.{segment}")))
        }
        TargetExpr::Constant { .. } => Err(refused()),
        TargetExpr::Call(call) => {
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            let key = if is_number { name.to_owned() } else { TargetExpr::text(name)?.argument() };
            Ok(TargetExpr::call("lookup", &[&format!("({call})"), &key]))
        }
    }
}

/// Checks whether an expression is a text whatever the data.
fn is_text(expr: &JinjaExpr) -> bool {
    match expr {
        JinjaExpr::Text(_) => true,
        JinjaExpr::Binary(pair) => {
            pair.sign == "~" || pair.sign == "+" && (is_text(&pair.left) || is_text(&pair.right))
        }
        JinjaExpr::Filter(_, name, _) => {
            matches!(name.as_str(), "upper" | "lower" | "join" | "string" | "trim" | "replace")
        }
        _ => false,
    }
}

/// Checks whether an expression is a number whatever the data.
fn is_number(expr: &JinjaExpr) -> bool {
    match expr {
        JinjaExpr::Number(_) | JinjaExpr::Negative(_) => true,
        JinjaExpr::Binary(pair) => match pair.sign {
            "*" | "-" => true,
            "+" => is_number(&pair.left) || is_number(&pair.right),
            _ => false,
        },
        JinjaExpr::Filter(_, name, _) => {
            matches!(name.as_str(), "length" | "count" | "abs" | "round" | "sum")
        }
        _ => false,
    }
}
