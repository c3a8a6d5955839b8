//! Owns claims that a figure refutes (全部办结 while something is carried over) or that the number beside them does.
//! Must not hold a claim: they are data of the form.

use super::super::rules;
use super::CheckContext;
use super::phrase_match;
use super::text::annotated_text::AnnotatedText;
use super::text::numbers;
use crate::figure::Decimal;
use crate::form::{CellExpr, Claim, ClaimDemand, PhraseWords};
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
        let places = passage.find_word(word).filter(fits);
        places.filter_map(|at| claim_range(passage, claim, at..at + word.len()))
    })
}

/// Length in bytes up to which what a claim denies may stand behind its words.
const MAX_BETWEEN_BYTES: usize = 180;
/// Characters that end what a claim denies.
const CLAIM_ENDS: [char; 7] = ['，', '。', '；', '！', '\n', '（', ','];

/// Returns the range of a claim whose words stand at a place: to the end of what it denies.
fn claim_range(
    passage: &AnnotatedText<'_>,
    claim: &Claim,
    words: Range<usize>,
) -> Option<Range<usize>> {
    if claim.then.is_empty() {
        return Some(words);
    }
    let text = passage.text;
    let known = &passage.report.form.words;
    let begins = |rest: &str, words: &[String]| {
        words.iter().filter(|word| rest.starts_with(word.as_str())).map(String::len).max()
    };
    let mut ends = vec![words.end];
    let mut next = 0;
    while let Some(&end) = ends.get(next) {
        next += 1;
        let rest = text.slice(end..);
        if let Some(length) = begins(rest, &claim.then) {
            let mut tail = rest.slice(length..);
            while let Some(more) = begins(tail, &known.tails) {
                tail = tail.slice(more..);
            }
            if is_end_of_denial(tail, claim, known) {
                let whole = phrase_match::means_the_whole(passage, words.start);
                return whole.then_some(words.start..end + length);
            }
        }
        let between = claim.over.iter().chain(&known.fillers);
        let between = between.filter(|word| rest.starts_with(word.as_str()));
        for end in between.map(|word| end + word.len()) {
            if !ends.contains(&end) && end - words.end <= MAX_BETWEEN_BYTES {
                ends.push(end);
            }
        }
    }
    None
}

/// Marks behind which a list of what is denied goes on.
const LIST_MARKS: [char; 5] = ['、', '和', '及', '或', '与'];

/// Checks whether a text begins with the end of what a claim denies. A list that goes on may name
/// only what the claim knows: 没有行政复议和行政诉讼败诉案件 denies less.
fn is_end_of_denial(tail: &str, claim: &Claim, known: &PhraseWords) -> bool {
    if !tail.starts_with(LIST_MARKS) {
        return tail.is_empty() || tail.starts_with(CLAIM_ENDS);
    }
    let near = tail.floor_prefix(MAX_BETWEEN_BYTES);
    let whole = (near.len() == tail.len()).then_some(near.len());
    let Some(length) = near.find(CLAIM_ENDS).or(whole) else { return false };
    let clause = near.slice(..length);
    let words: Vec<&String> = [&claim.then, &claim.over, &known.fillers, &known.tails]
        .into_iter()
        .flatten()
        .filter(|word| clause.contains(word.as_str()))
        .collect();
    let mut ends = vec![0];
    let mut next = 0;
    while let Some(&at) = ends.get(next) {
        next += 1;
        let rest = clause.slice(at..).trim_start_matches(LIST_MARKS);
        let at = clause.len() - rest.len();
        if rest.is_empty() {
            return true;
        }
        for word in words.iter().filter(|word| rest.starts_with(word.as_str())) {
            let end = at + word.len();
            if !ends.contains(&end) && end <= MAX_BETWEEN_BYTES {
                ends.push(end);
            }
        }
    }
    false
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
