//! Owns checking for traces of another organ's report: 我局 in a town's text, applications to
//! another organ, another town's name, another year in the title.
//! Must not know levels: an organ is identified by its name.

use super::CheckContext;
use super::organ_names::is_justified;
use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::{Diagnostic, Sink};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Kinds of organs that never call another one their own. A county is absent, because a town may
/// mean the county to which it belongs.
const ORGAN_KINDS: [&str; 6] = ["乡", "镇", "街道", "局", "厅", "委员会"];

/// Returns the names of neighbours that it told, so that nobody tells them again.
pub(super) fn check_other_organs(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    sink: &mut Sink,
) -> Vec<Range<usize>> {
    let name = desk.report.organ.name.as_str();
    if name.trim().is_empty() {
        return Vec::new();
    }
    check_self_references(name, passage, sink);
    check_addressees(name, passage, sink);
    check_neighbours(desk, name, passage, sink)
}

fn check_self_references(name: &str, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let mut seen: Vec<&str> = Vec::new();
    for (at, own) in passage.marks_where(|c| c == '我') {
        let behind = passage.text.slice(at + own.len_utf8()..);
        let Some(kind) = ORGAN_KINDS.iter().find(|kind| behind.starts_with(**kind)) else {
            continue;
        };
        // 自我局限, 我局部: the kind has to be a word by itself.
        let word = !behind.slice(kind.len()..).starts_with(['限', '部', '面', '堂', '镇']);
        if word && !name.contains(kind) && !seen.contains(kind) {
            seen.push(kind);
            push_other_organ(name, passage, at..at + own.len_utf8() + kind.len(), sink);
        }
    }
}

/// Checks the addressee in `向市政府及市政府办公室提出的政府信息公开申请5件`.
fn check_addressees(name: &str, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    for at in passage.find_word("提出") {
        let sentence = passage.sentence_at(at);
        let behind = passage.text.slice(at..sentence.end);
        let clause = passage.clause_before(at);
        let Some(start) = clause.rfind('向') else { continue };
        let whom = clause.slice(start + '向'.len_utf8()..).trim().replace("人民政府", "政府");
        let is_application = behind.chars().take(14).collect::<String>().contains("申请");
        let first = whom.split(['及', '和', '、']).next().unwrap_or_default();
        let organ = ["政府", "办事处", "局", "厅", "办公室"].iter().any(|end| first.ends_with(end));
        let own = name.replace("人民政府", "政府");
        let mine = own.contains(first) || first.starts_with(['我', '本']) || first.contains("各级");
        if is_application && organ && !mine && whom.chars().count() <= 24 {
            let from = at - clause.len() + start + '向'.len_utf8();
            push_other_organ(name, passage, from..at, sink);
        }
    }
}

/// Reports the name of another town of the list of units.
fn check_neighbours(
    desk: &CheckContext<'_>,
    name: &str,
    passage: &AnnotatedText<'_>,
    sink: &mut Sink,
) -> Vec<Range<usize>> {
    let mut told = Vec::new();
    let town = |name: &str| -> Option<String> {
        let short = name.strip_suffix("人民政府").or_else(|| name.strip_suffix("办事处"))?;
        short.ends_with(['镇', '乡', '道']).then(|| short.to_owned())
    };
    let Some(own) = town(name) else { return told };
    for unit in desk.settings.units.iter().filter_map(|unit| town(unit)) {
        let alike = own.contains(&unit) || unit.contains(&own);
        let mut places = passage.find_word(&unit).map(|at| at..at + unit.len());
        let place = places.find(|range| !alike && !is_justified(passage, range));
        if let Some(range) = place {
            push_other_organ(name, passage, range.clone(), sink);
            told.push(range);
        }
    }
    told
}

fn push_other_organ(name: &str, passage: &AnnotatedText<'_>, range: Range<usize>, sink: &mut Sink) {
    let words = passage.text.slice(range.clone());
    let message = msg!("text.organ", words = words, organ = name);
    let found = passage.warning_at("other-organ", range, message);
    sink.push(found.with_hint(msg!("text.organ-hint")));
}

/// Reports a custom title with another year.
pub(super) fn check_title_year(desk: &CheckContext<'_>, sink: &mut Sink) {
    let Some(title) = &desk.report.custom_title else { return };
    let own = desk.report.year.to_string();
    let mut years = title.match_indices('年').map(|(at, _)| {
        let start = title.slice(..at).trim_end_matches(|c: char| c.is_ascii_digit()).len();
        title.slice(start..at)
    });
    if let Some(year) = years.find(|year| year.len() >= 4 && **year != own) {
        let message = msg!("text.title-year", found = year, year = u32::from(desk.report.year));
        let place = desk.report.key_location("title");
        sink.push(
            Diagnostic::warning("other-year", place, message).with_hint(msg!("text.year-hint")),
        );
    }
}
