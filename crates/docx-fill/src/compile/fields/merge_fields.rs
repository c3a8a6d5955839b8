//! Owns merge fields (ISO/IEC 29500-1, 17.16.5.35): which of them are filled by their names, and which stay as they are.
//! Must not know data.

use crate::compile::fields::field_places::FieldPlaces;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::{PlacedTag, TagLevel};
use crate::compile::tag_discovery::FoundTags;
use crate::diag::{Problem, msg};
use crate::document::fallbacks::contains_offset;
use crate::document::part_model::{FieldSite, Paragraph};
use crate::ir::word_values::{LetterCase, MergeFieldTag};
use crate::slice::TextSlice as _;
use crate::syntax::tag::{Tag, TagKind};
use crate::word::field::{field_name, is_field};
use std::ops::Range;

/// Fields of Word's mail merge that need more than a name.
const OTHER_FIELDS: [&str; 7] =
    ["ADDRESSBLOCK", "GREETINGLINE", "NEXT", "NEXTIF", "SKIPIF", "MERGEREC", "MERGESEQ"];

/// Checks whether a part without tags may have fields of a mail merge.
pub(crate) fn may_have_merge_fields(xml: &str) -> bool {
    ["MERGEFIELD", "ADDRESSBLOCK", "GREETINGLINE"].iter().any(|name| xml.contains(name))
}

/// Adds merge fields to the tags of a part. Those that cannot be filled are told.
pub(crate) fn find_merge_fields(part: &PartSource<'_>, found: &mut FoundTags) {
    if part.model.fields.is_empty() {
        return;
    }
    let places = FieldPlaces::of(&part.model.fields);
    for (number, field) in part.model.fields.iter().enumerate() {
        let is_merge = is_field(&field.code, "MERGEFIELD");
        let other = OTHER_FIELDS.iter().any(|name| is_field(&field.code, name));
        let begin = field.marks.begin.start;
        let stale = contains_offset(&part.model.stale_texts, begin) || field.is_deleted;
        let Some(at) = field.paragraph.filter(|_| (is_merge || other) && !stale) else { continue };
        let paragraph = &part.model.paragraphs[at];
        let range = text_of_field(paragraph, field);
        if paragraph.text.slice(range.clone()).contains("{{") {
            continue;
        }
        let in_code = places.at(begin).is_some_and(|(_, in_result)| !in_result);
        if is_merge && !in_code && merge_field_tag(part, number).is_some() {
            let tag = Tag { cut: range.clone(), range, kind: TagKind::MergeField(number) };
            let offset = replaced_range(part, field).map_or(begin, |range| range.start);
            let level = TagLevel::Inline { split: false };
            found.tags.list.push(PlacedTag { paragraph: at, tag, offset, level });
        } else {
            found.problems.push((part.locate_range(paragraph, &range), kept_field(field)));
        }
    }
}

fn kept_field(field: &FieldSite) -> Problem {
    let name = shown_name(&field.code);
    let tag = if is_field(&field.code, "MERGEFIELD") {
        format!("{{{{{name}}}}}")
    } else {
        "{{…}}".to_owned()
    };
    let problem = Problem::warning("merge-field", msg!("template.merge-field-kept", name = name));
    problem.with_hint(msg!("template.hint-merge-field-kept", tag = tag))
}

/// Returns the name of a merge field, or what another field is called.
pub(crate) fn shown_name(code: &str) -> String {
    let words = code_words(code);
    let name = words.get(1).filter(|_| is_field(code, "MERGEFIELD"));
    name.cloned().unwrap_or_else(|| field_name(code).to_owned())
}

/// Returns how a merge field is filled; `None` if its code asks for more than is known here, or if it is not whole in runs
/// of its own.
pub(crate) fn merge_field_tag(part: &PartSource<'_>, number: usize) -> Option<MergeFieldTag> {
    let field = &part.model.fields[number];
    let range = replaced_range(part, field)?;
    let mut tag = MergeFieldTag {
        name: String::new(),
        original: part.xml.slice(range.clone()).to_owned(),
        range,
        run_properties: result_properties(part, field),
        before: String::new(),
        after: String::new(),
        case: LetterCase::AsIs,
    };
    let words = code_words(&field.code);
    let mut words = words.into_iter().skip(1);
    tag.name = words.next().filter(|name| !name.starts_with('\\') && !name.is_empty())?;
    while let Some(switch) = words.next() {
        match switch.as_str() {
            "\\b" => tag.before = words.next()?,
            "\\f" => tag.after = words.next()?,
            "\\m" | "\\v" => {}
            "\\*" => match words.next()?.to_ascii_lowercase().as_str() {
                "mergeformat" | "charformat" => {}
                "upper" => tag.case = LetterCase::Upper,
                "lower" => tag.case = LetterCase::Lower,
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(tag)
}

/// Returns the words of a field code; words in quotes may hold spaces.
fn code_words(code: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), code.trim_start());
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '"' => rest.slice(1..).split_once('"').unwrap_or((rest.slice(1..), "")),
            _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

/// Returns the range that a value replaces: the runs of a complex field, or a simple field.
fn replaced_range(part: &PartSource<'_>, field: &FieldSite) -> Option<Range<usize>> {
    let marks = &field.marks;
    let Some((first, last)) = field.runs else { return Some(marks.begin.start..marks.end.end) };
    let (first, last) = (&part.model.runs[first], &part.model.runs[last]);
    let paragraph = &part.model.paragraphs[field.paragraph?];
    let beside = |piece: &Range<usize>| {
        first.range.start <= piece.start && piece.start < marks.begin.start
            || marks.end.end <= piece.start && piece.start < last.range.end
    };
    let alone = !paragraph.pieces.iter().any(|piece| beside(&piece.source));
    let whole =
        paragraph.range.contains(&marks.begin.start) && paragraph.range.contains(&marks.end.start);
    (alone && whole && first.parent == last.parent).then_some(first.range.start..last.range.end)
}

/// Returns the formatting of the result of a field, or of its code if it has no result.
fn result_properties(part: &PartSource<'_>, field: &FieldSite) -> String {
    let Some(paragraph) = field.paragraph.map(|at| &part.model.paragraphs[at]) else {
        return String::new();
    };
    let result = field.marks.separate.as_ref().unwrap_or(&field.marks.begin);
    let within =
        |at: usize| result.end <= at && at < field.marks.end.start.max(field.marks.end.end);
    let piece = paragraph.pieces.iter().find(|piece| within(piece.source.start));
    let run = piece.and_then(|piece| part.model.texts[piece.element?].run);
    let run = run.or(field.runs.map(|(first, _)| first));
    let range = run.and_then(|run| part.model.runs[run].properties.clone());
    range.map_or_else(String::new, |range| part.xml.slice(range).to_owned())
}

/// Returns the range of a field in the text of its paragraph.
fn text_of_field(paragraph: &Paragraph, field: &FieldSite) -> Range<usize> {
    let within = |at: usize| field.marks.begin.start <= at && at < field.marks.end.end;
    let mut pieces = paragraph.pieces.iter().filter(|piece| within(piece.source.start));
    let Some(first) = pieces.next() else { return paragraph.text.len()..paragraph.text.len() };
    first.text.start..pieces.next_back().unwrap_or(first).text.end
}
