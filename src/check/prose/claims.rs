//! Owns claims that a figure refutes (全部办结 while something is carried over) or that the number beside them does.
//! Must not hold a claim: they are data of the form.

use super::super::rules;
use super::CheckContext;
use super::text::annotated_text::AnnotatedText;
use super::text::numbers;
use crate::figure::Decimal;
use crate::form::{CellExpr, Claim, ClaimDemand};
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

pub(super) fn check_claims(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    for claim in &desk.report.form.claims {
        match &claim.demand {
            ClaimDemand::Zero(zero) => check_zero(passage, claim, zero, sink),
            ClaimDemand::MultipleOf(step, unit) => {
                let charge = ChargeStep { amount: *step, unit };
                check_multiples(passage, claim, charge, sink);
            }
        }
    }
}

/// Returns the places of a claim's words in sentences that mean it.
fn claim_places(passage: &AnnotatedText<'_>, claim: &Claim) -> impl Iterator<Item = Range<usize>> {
    claim.says.iter().flat_map(move |word| {
        let fits = move |at: &usize| {
            let sentence = passage.sentence_at(*at);
            let context =
                claim.context.is_empty() || passage.contains_any(sentence.clone(), &claim.context);
            context && !passage.contains_any(sentence, &claim.unless)
        };
        passage.find_word(word).filter(fits).map(|at| at..at + word.len())
    })
}

/// Words that are wrong when a figure is above 0.
fn check_zero(passage: &AnnotatedText<'_>, claim: &Claim, zero: &CellExpr, sink: &mut Sink) {
    let Some(value) = passage.report.evaluate(zero).filter(|v| *v > Decimal::ZERO) else { return };
    let Some(range) = claim_places(passage, claim).next() else { return };
    let words = passage.text.slice(range.clone());
    let figure = zero.official_name(&passage.report.form);
    let message =
        msg!("text.contradiction", words = words, figure = figure, value = value.to_string());
    let rule = claim.rule.as_deref().and_then(rules::find_rule);
    let found = match rule {
        Some(rule) => passage.finding_at(&rule.id, range, message),
        None => passage.warning_at("contradiction", range, message),
    };
    sink.push(found.with_hint(msg!("text.contradiction-hint")));
}

/// A charge that grows in steps.
#[derive(Clone, Copy)]
struct ChargeStep<'a> {
    amount: u32,
    unit: &'a str,
}

/// Reports amounts behind the words that are no multiple of the step in which they are charged.
fn check_multiples(
    passage: &AnnotatedText<'_>,
    claim: &Claim,
    charge: ChargeStep<'_>,
    sink: &mut Sink,
) {
    let ChargeStep { amount: step, unit } = charge;
    for place in claim_places(passage, claim) {
        let sentence = passage.sentence_at(place.start);
        for number in passage.numbers_within(place.start..sentence.end) {
            let counts = numbers::text_after(passage.text, number).starts_with(unit);
            let whole = number.as_whole().is_some_and(|amount| amount % i128::from(step) == 0);
            if counts && !whole && passage.is_handwritten(&number.range) {
                let words = passage.text.slice(place.clone());
                let amount = passage.text.slice(number.range.clone());
                let message =
                    msg!("text.multiple", words = words, amount = amount, unit = unit, step = step);
                let hint = msg!("text.multiple-hint", words = words, unit = unit, step = step);
                let found = passage.warning_at("fee-report", number.range.clone(), message);
                sink.push(found.with_hint(hint));
            }
        }
    }
}
