//! Owns the fields of a part while it is parsed: their marks, their codes, and the lists that Word makes anew.
//! Must not know tags.

use super::part_model::{FieldMarks, FieldSite, OpenFieldSite, PartModel};
use super::part_parser::PartParser;
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::word::field::{FieldMark, is_generated_list};
use std::ops::Range;

impl PartParser<'_> {
    /// Reads a mark of a complex field.
    pub(crate) fn read_field_mark(&mut self, tag: &Range<usize>) {
        let all = attribute_ranges(self.source, tag);
        let kind = all.into_iter().find(|(key, _)| *key == "w:fldCharType");
        let run = self.stack.last().and_then(|outer| outer.run);
        match kind.and_then(|(_, value)| FieldMark::from_value(self.source.slice(value))) {
            Some(FieldMark::Begin) => {
                let begun = OpenFieldSite { begin: tag.clone(), run, ..OpenFieldSite::default() };
                self.open_fields.begin(begun);
            }
            Some(FieldMark::Separate) => {
                if let Some(field) = self.open_fields.separate() {
                    field.separate = Some(tag.clone());
                }
            }
            Some(FieldMark::End) => {
                if let Some(field) = self.open_fields.end() {
                    self.model.add_field(field, tag.clone(), run);
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
        let code = code.map(|range| self.source.slice(range).to_owned()).unwrap_or_default();
        if is_generated_list(&code) {
            self.model.stale_texts.push(whole.clone());
        }
        let (begin, end) = (start_tag.clone(), whole.end..whole.end);
        let marks = FieldMarks { begin, separate: None, end };
        self.model.fields.push(FieldSite { marks, code, runs: None });
    }
}

impl PartModel {
    fn add_field(&mut self, field: OpenFieldSite, end: Range<usize>, last_run: Option<usize>) {
        let OpenFieldSite { begin, separate, code, run } = field;
        if let (true, Some(separate)) = (is_generated_list(&code), &separate) {
            self.stale_texts.push(separate.end..end.start);
        }
        let marks = FieldMarks { begin, separate, end };
        self.fields.push(FieldSite { marks, code, runs: run.zip(last_run) });
    }
}
