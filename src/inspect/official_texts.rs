//! Owns checking the headings and texts of a template: those of the official form must be there.
//! Must not know its tables.

use super::figure_cells::prints_value;
use super::official_form::FormChecker;
use super::word_part::strip_spaces;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Severity};
use docx_fill::template::CompiledTemplate;
use docx_fill::word::body::BodyParagraph;

/// Maximum length of a paragraph that may be a changed heading, in bytes.
const MAX_HEADING_BYTES: usize = 1_000;
/// Maximum work of comparing headings with paragraphs, in pairs of characters.
const LIKENESS_WORK: usize = 30_000_000;

impl FormChecker<'_> {
    pub(super) fn check_headings(&mut self) {
        let outside = self.body.paragraphs.iter().filter(|found| found.cells.is_empty());
        // A paragraph of running text is not a changed heading, and comparing takes time
        // proportional to the length.
        let short = outside.filter(|found| found.text.len() <= MAX_HEADING_BYTES);
        let short: Vec<_> = short.map(|found| (strip_spaces(&found.text), found)).collect();
        let mut work = LIKENESS_WORK;
        for section in &self.form.sections {
            let Some(heading) = &section.heading else { continue };
            let wanted = strip_spaces(heading);
            if short.iter().any(|(text, _)| *text == wanted) {
                continue;
            }
            let length = wanted.chars().count();
            let likeness = |text: &str| {
                let other = text.chars().count();
                // With such different lengths the similarity is below one half.
                if other < length / 2 || other > length * 2 {
                    return 0.0;
                }
                work = work.saturating_sub(length * other);
                if work == 0 { 0.0 } else { strsim::normalized_levenshtein(text, &wanted) }
            };
            let candidates = short.iter().filter(|(_, found)| !found.text.contains("{{"));
            let near =
                most_similar(candidates.map(|(text, found)| (text.as_str(), *found)), likeness);
            match near {
                Some(found) => {
                    let place = self.body.paragraph_place(found, &found.text);
                    let own = found.text.trim();
                    let message = msg!("inspect.label-changed", found = own, wanted = heading);
                    self.push_finding("label-changed", Severity::Error, place, message);
                }
                None => {
                    let message = msg!("inspect.heading-missing", heading = heading);
                    let place = Location::File(self.source);
                    self.sink.push(Diagnostic::error("heading-missing", place, message));
                }
            }
        }
    }

    /// Reports texts of the report that no tag shows, which would be lost.
    pub(super) fn check_texts(&mut self, template: &CompiledTemplate) {
        let placed = |path: [&str; 2]| {
            let tags = template.tags().iter().filter(|tag| prints_value(&tag.text));
            tags.flat_map(|tag| &tag.requirements).any(|want| want.path == path)
        };
        for section in &self.form.sections {
            for after in [false, true] {
                let id = if after { format!("{}-after", section.id) } else { section.id.clone() };
                if after && section.table.is_none() || placed(["text", &id]) {
                    continue;
                }
                let severity =
                    if section.table.is_some() { Severity::Warning } else { Severity::Error };
                let tag = format!("{{{{markdown text.{id}}}}}");
                let heading = section.heading.as_deref().unwrap_or(&section.id);
                let message = msg!("inspect.text-missing", heading = heading, tag = &tag);
                let place = Location::File(self.source);
                let found = Diagnostic::new("text-missing", severity, place, message);
                self.sink.push(found.with_hint(msg!("inspect.hint-text", tag = tag)));
            }
        }
    }
}

/// Returns the most similar paragraph if its similarity is at least one half; of equal ones the
/// last.
fn most_similar<'p>(
    candidates: impl Iterator<Item = (&'p str, &'p BodyParagraph)>,
    mut likeness: impl FnMut(&str) -> f64,
) -> Option<&'p BodyParagraph> {
    let liked = candidates.map(|(text, found)| (likeness(text), found));
    let liked = liked.filter(|(likeness, _)| *likeness >= 0.5);
    liked.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, found)| found)
}
