//! Owns the letters of a unit's texts by which texts of several units are compared.
//! Must not compare texts.

use crate::check::significant_chars;
use crate::form::Form;
use crate::report::{Report, TextField};
use docx_fill::diag::SourcePlace;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Length in characters from which texts are compared.
pub(super) const MIN_ALIKE_CHARS: usize = 60;

/// The sentences of the forms' own texts, which nobody has to write anew.
#[derive(Debug, Clone, Default)]
pub struct FormSentenceCache {
    forms: Vec<FormSentences>,
}

/// The sentences of one form's own texts.
#[derive(Debug, Clone)]
struct FormSentences {
    form: Arc<Form>,
    sentences: BTreeSet<Vec<char>>,
}

impl FormSentenceCache {
    fn of_form(&mut self, form: &Arc<Form>) -> &BTreeSet<Vec<char>> {
        let known = self.forms.iter().position(|one| one.form.is_same(form));
        let at = known.unwrap_or_else(|| {
            self.forms.push(FormSentences::new(form));
            self.forms.len() - 1
        });
        &self.forms[at].sentences
    }
}

impl FormSentences {
    fn new(form: &Arc<Form>) -> FormSentences {
        let sections = form.sections.iter();
        let texts = sections.flat_map(|section| section.starter_text.split(['。', '\n']));
        let sentences = texts.map(significant_chars).collect();
        FormSentences { form: form.clone(), sentences }
    }
}

/// The letters of a text without the organ's name, numbers and prescribed sentences.
#[derive(Debug, Clone)]
pub(super) struct UnitText {
    /// Place of the text in its file.
    pub(super) field: SourcePlace,
    pub(super) section: usize,
    /// Letters in UTF-16, which takes the least memory.
    letters: Box<[u16]>,
    /// Ends of the paragraphs in `letters`.
    paragraph_ends: Box<[u32]>,
}

impl UnitText {
    /// Returns the letters of the whole text.
    pub(super) fn whole(&self) -> &[u16] {
        &self.letters
    }

    /// Returns the letters of each paragraph.
    pub(super) fn paragraphs(&self) -> impl Iterator<Item = &[u16]> {
        let ends = self.paragraph_ends.iter().map(|end| usize::try_from(*end).unwrap_or_default());
        let starts = std::iter::once(0).chain(ends.clone());
        starts.zip(ends).filter_map(|(start, end)| self.letters.get(start..end))
    }
}

/// Returns the texts of a report that are long enough to be compared.
pub(super) fn unit_texts(report: &Report, prescribed: &mut FormSentenceCache) -> Vec<UnitText> {
    let prescribed = prescribed.of_form(&report.form);
    let has_heading = |text: &&TextField| report.form.sections[text.section].heading.is_some();
    let fields = report.texts.iter().filter(has_heading);
    fields.filter_map(|field| unit_text(report, field, prescribed)).collect()
}

fn unit_text(
    report: &Report,
    field: &TextField,
    prescribed: &BTreeSet<Vec<char>>,
) -> Option<UnitText> {
    let (mut letters, mut ends, mut count) = (Vec::new(), Vec::new(), 0);
    for paragraph in field.markdown.split('\n') {
        let own = own_letters(report, paragraph, prescribed);
        count += own.len();
        let mut units = [0; 2];
        letters.extend(own.iter().flat_map(|letter| letter.encode_utf16(&mut units).to_vec()));
        ends.push(u32::try_from(letters.len()).unwrap_or(u32::MAX));
    }
    (count >= MIN_ALIKE_CHARS).then(|| UnitText {
        field: field.place,
        section: field.section,
        letters: letters.into(),
        paragraph_ends: ends.into(),
    })
}

/// Returns the letters of a paragraph without the organ's name and prescribed sentences.
fn own_letters(report: &Report, text: &str, prescribed: &BTreeSet<Vec<char>>) -> Vec<char> {
    let name = report.organ.name.trim();
    let short = ["人民政府", "办事处"].iter().find_map(|end| name.strip_suffix(end));
    let words = &report.form.prose.prescribed;
    let mut out = Vec::new();
    for sentence in text.split('。') {
        if words.iter().any(|word| sentence.contains(word.as_str())) {
            continue;
        }
        let mut plain = sentence.to_owned();
        for own in [Some(name), short].into_iter().flatten().filter(|own| !own.is_empty()) {
            if plain.contains(own) {
                plain = plain.replace(own, "");
            }
        }
        let letters = significant_chars(&plain);
        if !prescribed.contains(&letters) {
            out.extend(letters);
        }
    }
    out
}
