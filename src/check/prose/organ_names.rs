//! Owns another organ's name where the report speaks of itself (白水镇高度重视…), and the names of
//! other units of the list anywhere in a text.
//! Must not hold the words around a name: they are data of the form.

use super::CheckContext;
use super::text::annotated_text::{AnnotatedText, has_any_word};
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Longest name of another organ in characters.
const MAX_NAME_CHARS: usize = 16;

/// Reports other organs' names but those that are told already.
pub(super) fn check_organ_names(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    told: &[Range<usize>],
    sink: &mut Sink,
) {
    let own = desk.report.organ.name.trim();
    if own.is_empty() {
        return;
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for unit in desk.settings.units.iter().filter(|unit| is_stranger(own, unit)) {
        let named = passage.find_word(unit).map(|at| at..at + unit.len());
        found.extend(named.filter(|range| !is_justified(passage, range)).take(1));
    }
    found.extend(self_reports(passage, own));
    found.retain(|range| told.iter().all(|t| t.end <= range.start || range.end <= t.start));
    found.sort_unstable_by_key(|range| range.start);
    found.dedup_by(|later, earlier| later.start < earlier.end);
    for range in found {
        let words = passage.text.slice(range.clone());
        let message = msg!("text.organ-name", words = words, organ = own);
        let finding = passage.finding_at("organ-name", range, message);
        sink.push(finding.with_hint(msg!("text.organ-hint")));
    }
}

/// Checks whether a name is neither the own one nor one that contains it or is contained in it.
fn is_stranger(own: &str, name: &str) -> bool {
    let (own, name) = (short_name(own), short_name(name));
    !name.is_empty() && !own.contains(name) && !name.contains(own)
}

/// Returns a name without 人民政府 or 办事处.
fn short_name(name: &str) -> &str {
    ["人民政府", "办事处"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Checks whether the words around a name say why another organ is named.
pub(super) fn is_justified(passage: &AnnotatedText<'_>, range: &Range<usize>) -> bool {
    let words = &passage.report.form.prose;
    let before = passage.text.slice(..range.start);
    let behind = passage.text.slice(range.end..);
    let full = ["人民政府", "政府", "办事处"].iter().find_map(|end| behind.strip_prefix(end));
    let behind = full.unwrap_or(behind);
    words.beside_organs.iter().any(|word| before.ends_with(word.as_str()))
        || words.acts_of_organs.iter().any(|word| behind.starts_with(word.as_str()))
}

/// Returns the names of organs of the own kind that begin a sentence and report about themselves.
fn self_reports(passage: &AnnotatedText<'_>, own: &str) -> Vec<Range<usize>> {
    let generic = &passage.report.form.prose.generic_organs;
    let words = &passage.report.form.prose.own_acts;
    let Some(kind) = short_name(own).chars().next_back() else { return Vec::new() };
    let mut out = Vec::new();
    for word in words {
        for at in passage.find_word(word) {
            let clause = passage.clause_before(at).trim_start();
            let name = clause.rsplit('年').next().unwrap_or_default().trim_start_matches('度');
            let short = short_name(name);
            let fits = short.ends_with(kind)
                && (3..=MAX_NAME_CHARS).contains(&name.chars().count())
                && name.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
                && !has_any_word(name, generic)
                && is_stranger(own, name);
            let range = at - name.len()..at;
            if fits && begins_sentence(passage, &range) && passage.is_handwritten(&range) {
                out.push(range);
            }
        }
    }
    out
}

/// Checks whether nothing but a year, a heading and 下一步 is before a name in its sentence.
fn begins_sentence(passage: &AnnotatedText<'_>, range: &Range<usize>) -> bool {
    let start = passage.sentence_at(range.start).start;
    let mut before = passage.text.slice(start..range.start).to_owned();
    for word in &passage.report.form.prose.remedies {
        before = before.replace(word.as_str(), "");
    }
    before.chars().all(|c| c.is_ascii_digit() || "年度，, *#\u{3000}".contains(c))
}
