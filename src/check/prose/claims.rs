//! Owns claims that a figure refutes (全部办结 while something is carried over), and the rule on
//! fees (信息处理费) in section six.
//! Must not hold a claim about figures: those are data of the form.

use super::CheckContext;
use super::annotated_text::AnnotatedText;
use super::numbers;
use crate::figure::Decimal;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;

pub(super) fn check_claims(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    for claim in &desk.report.form.claims {
        let Some(value) = desk.report.evaluate(&claim.zero).filter(|v| *v > Decimal::ZERO) else {
            continue;
        };
        let found = claim.says.iter().find_map(|word| {
            let fits = |at: &usize| {
                let sentence = passage.sentence_at(*at);
                let context = claim.context.is_empty()
                    || passage.contains_any(sentence.clone(), &claim.context);
                context && !passage.contains_any(sentence, &claim.unless)
            };
            passage.find_word(word).find(fits).map(|at| at..at + word.len())
        });
        let Some(range) = found else { continue };
        let words = passage.text.slice(range.clone());
        let figure = claim.zero.official_name(&desk.report.form);
        let message =
            msg!("text.contradiction", words = words, figure = figure, value = value.to_string());
        let found = passage.warning_at("contradiction", range, message);
        sink.push(found.with_hint(msg!("text.contradiction-hint")));
    }
    check_fees(passage, sink);
}

/// Reports a fee that is not a multiple of ten yuan: the fee is charged in steps of that size.
fn check_fees(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    for at in passage.find_word("信息处理费") {
        let sentence = passage.sentence_at(at);
        for number in passage.numbers_within(at..sentence.end) {
            let yuan = numbers::text_after(passage.text, number).starts_with('元');
            let step = number.as_whole().is_some_and(|amount| amount % 10 == 0);
            if yuan && !step && passage.is_handwritten(&number.range) {
                let amount = passage.text.slice(number.range.clone());
                let message = msg!("text.fee", amount = amount);
                let found = passage.warning_at("fee-report", number.range.clone(), message);
                sink.push(found.with_hint(msg!("text.fee-hint")));
            }
        }
    }
}
