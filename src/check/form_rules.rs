//! Owns the description of the rules that a form brings with it: its identities, within a year and
//! with last year's report, and its bounds. The registry describes those of the official form.
//! Must not check anything.

use super::rules::{RuleLevel, RuleTexts, render_rule};
use crate::form::{Axis, Form, FormTable, Operand, Term};
use crate::msg;
use docx_fill::diag::{Lang, Message};

/// Returns the full description of a rule of a form for the terminal.
pub fn explain_form_rule(form: &Form, id: &str, lang: Lang) -> Option<String> {
    let (table, rule) =
        form.tables.iter().find_map(|table| Some((table, find_rule(table, id)?)))?;
    let say = |message: Message| message.in_lang(lang);
    let per = match rule.per {
        Axis::Row => msg!("rules.per-row", table = &table.name),
        Axis::Column => msg!("rules.per-column", table = &table.name),
    };
    let holds =
        msg!("rules.holds", per = per, left = rule.left, right = rule.right, sign = rule.sign);
    let texts = RuleTexts {
        short: say(msg!("rules.form-short", table = &table.name)),
        what: say(holds),
        why: say(msg!("rules.form-why", name = &form.name)),
        example: say(msg!("rules.form-example")),
        remedy: say(msg!("rules.form-remedy")),
    };
    Some(render_rule(id, rule.level, &texts, lang))
}

/// A rule of a form with its sides in official words.
struct FormRule {
    per: Axis,
    left: String,
    right: String,
    sign: &'static str,
    level: RuleLevel,
}

fn find_rule(table: &FormTable, id: &str) -> Option<FormRule> {
    let this_year = |per: Axis, terms: &[Term<usize>]| side(terms, |at| line_name(table, per, *at));
    let identity = table.identities.iter().find(|known| known.id == id).map(|known| FormRule {
        per: known.per,
        left: this_year(known.per, &known.left),
        right: this_year(known.per, &known.right),
        sign: "=",
        level: RuleLevel::Error,
    });
    let bound = || {
        let known = table.bounds.iter().find(|known| known.id == id)?;
        Some(FormRule {
            per: known.per,
            left: this_year(known.per, &known.left),
            right: this_year(known.per, &known.right),
            sign: "≥",
            level: RuleLevel::Warn,
        })
    };
    let years = || {
        let known = table.year_identities.iter().find(|known| known.id == id)?;
        let name = |of: &Operand| match of {
            Operand::ThisYear(at) => line_name(table, known.per, *at),
            Operand::LastYear(name) => format!("previous.{name}"),
        };
        Some(FormRule {
            per: known.per,
            left: side(&known.left, name),
            right: side(&known.right, name),
            sign: "=",
            level: RuleLevel::Error,
        })
    };
    identity.or_else(bound).or_else(years)
}

/// Returns the label of a column (per row) or a row (per column).
fn line_name(table: &FormTable, per: Axis, at: usize) -> String {
    match per {
        Axis::Row => table.columns[at].label.clone(),
        Axis::Column => table.row_name(at),
    }
}

/// Returns a side of an identity: “甲” + “乙” − “丙”.
fn side<T>(terms: &[Term<T>], name: impl Fn(&T) -> String) -> String {
    let mut out = String::new();
    for (at, term) in terms.iter().enumerate() {
        out.push_str(match (at, term.minus) {
            (0, false) => "",
            (0, true) => "−",
            (_, false) => " + ",
            (_, true) => " − ",
        });
        out.push('“');
        out.push_str(&name(&term.of));
        out.push('”');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormRegistry;

    #[test]
    fn the_identities_of_a_form_are_described_in_its_words() {
        let library = FormRegistry::built_in();
        let form = library.for_year(2025).expect("a form");
        for id in ["row-sum", "carry-over", "in-force-bound"] {
            let text = explain_form_rule(form, id, Lang::Zh).expect("a rule");
            assert!(text.starts_with(id) && text.contains('“'), "{text}");
        }
        assert_eq!(explain_form_rule(form, "citation", Lang::Zh), None);
    }
}
