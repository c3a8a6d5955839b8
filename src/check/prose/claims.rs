//! Owns claims that a figure refutes (全部办结 while something is carried over), and what part six says
//! about fees.
//! Must not hold a claim: they are data of the form.

use super::Desk;
use super::numbers;
use super::passage::Passage;
use crate::figure::Decimal;
use crate::text;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;

pub(super) fn judge(desk: &Desk<'_>, passage: &Passage<'_>, sink: &mut Sink) {
    for claim in &desk.report.form.claims {
        let Some(value) = desk.report.value(&claim.zero).filter(|v| *v > Decimal::ZERO) else {
            continue;
        };
        let found = claim.says.iter().find_map(|word| {
            let fits = |at: &usize| {
                let sentence = passage.sentence(*at);
                let context =
                    claim.context.is_empty() || passage.has(sentence.clone(), &claim.context);
                context && !passage.has(sentence, &claim.unless)
            };
            passage.find(word).find(fits).map(|at| at..at + word.len())
        });
        let Some(range) = found else { continue };
        let words = passage.text.slice(range.clone());
        let figure = claim.zero.name(&desk.report.form);
        let message =
            text!("text.contradiction", words = words, figure = figure, value = value.to_string());
        let found = passage.warning("contradiction", range, message);
        sink.push(found.hint(text!("text.contradiction-hint")));
    }
    fees(passage, sink);
}

/// The fee is charged in steps of ten yuan.
fn fees(passage: &Passage<'_>, sink: &mut Sink) {
    for at in passage.find("信息处理费") {
        let sentence = passage.sentence(at);
        for number in passage.numbers(at..sentence.end) {
            let yuan = numbers::behind(passage.text, number).starts_with('元');
            let step = number.whole().is_some_and(|amount| amount % 10 == 0);
            if yuan && !step && passage.by_hand(&number.range) {
                let amount = passage.text.slice(number.range.clone());
                let message = text!("text.fee", amount = amount);
                let found = passage.warning("fee-report", number.range.clone(), message);
                sink.push(found.hint(text!("text.fee-hint")));
            }
        }
    }
}
