//! Owns the fields of a part while it is parsed: their marks, their codes, and the lists that Word makes anew.
//! Must not know tags.

use super::part_model::{FieldMarks, FieldSite, OpenFieldSite, PartModel};
use super::part_parser::PartParser;
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::word::field::{FieldMark, is_generated_list};
use quick_xml::escape::unescape;
use std::borrow::Cow;
use std::ops::Range;

impl PartParser<'_> {
    /// Reads a mark of a complex field.
    pub(crate) fn read_field_mark(&mut self, tag: &Range<usize>) {
        let all = attribute_ranges(self.source, tag);
        let kind = all.into_iter().find(|(key, _)| *key == "w:fldCharType");
        let run = self.stack.last().and_then(|outer| outer.run);
        match kind.and_then(|(_, value)| FieldMark::from_value(self.source.slice(value))) {
            Some(FieldMark::Begin) => {
                let paragraph = self.open_paragraphs.last().copied();
                let begun = OpenFieldSite {
                    begin: tag.clone(),
                    run,
                    paragraph,
                    ..OpenFieldSite::default()
                };
                self.open_fields.begin(begun);
            }
            Some(FieldMark::Separate) => {
                if let Some(field) = self.open_fields.separate() {
                    field.separate = Some(tag.clone());
                }
            }
            Some(FieldMark::End) => {
                if let Some(field) = self.open_fields.end() {
                    let is_deleted = self.current_context().is_deleted;
                    let range = tag.clone();
                    self.model.add_field(field, FieldEnd { range, run, is_deleted });
                }
            }
            None => {}
        }
    }

    /// Adds text to the code of the innermost field.
    pub(crate) fn add_field_code(&mut self, text: &str) {
        if let Some(field) = self.open_fields.in_code() {
            field.code.push_str(text);
        }
    }

    /// Records a simple field, which is one element.
    pub(crate) fn leave_simple_field(&mut self, start_tag: &Range<usize>, whole: &Range<usize>) {
        let all = attribute_ranges(self.source, start_tag);
        let code = all.into_iter().find(|(key, _)| *key == "w:instr").map(|(_, value)| value);
        let code = code.map(|range| {
            unescape(self.source.slice(range)).map_or_else(|_| String::new(), Cow::into_owned)
        });
        let code = code.unwrap_or_default();
        if is_generated_list(&code) {
            self.model.stale_texts.push(whole.clone());
        }
        let (begin, end) = (start_tag.clone(), whole.end..whole.end);
        let marks = FieldMarks { begin, separate: None, end };
        let (runs, paragraph) = (None, self.open_paragraphs.last().copied());
        let is_deleted = self.current_context().is_deleted;
        self.model.fields.push(FieldSite { marks, code, runs, paragraph, is_deleted });
    }
}

/// The mark that ends a field.
struct FieldEnd {
    range: Range<usize>,
    run: Option<usize>,
    /// True in deleted content.
    is_deleted: bool,
}

impl PartModel {
    fn add_field(&mut self, field: OpenFieldSite, closed: FieldEnd) {
        let FieldEnd { range: end, run: last_run, is_deleted } = closed;
        let OpenFieldSite { begin, separate, code, run, paragraph } = field;
        if let (true, Some(separate)) = (is_generated_list(&code), &separate) {
            self.stale_texts.push(separate.end..end.start);
        }
        let marks = FieldMarks { begin, separate, end };
        let runs = run.zip(last_run);
        self.fields.push(FieldSite { marks, code, runs, paragraph, is_deleted });
    }
}
