//! Owns reading the fields of the organ: which field a key names, and whether a value is one of its kind.
//! Must not know a field of any form.

use super::{ReportReader, read_date};
use crate::data::{DataNode, DataValue};
use crate::form::{FieldKind, FormField};
use crate::msg;
use crate::report::{Date, Report};

impl ReportReader<'_> {
    /// Reads the fields of the organ that the file gives.
    pub(super) fn read_organ(&mut self, node: &DataNode, report: &mut Report) {
        let Some(entries) = self.file.expect_table(node) else { return };
        let form = report.form.clone();
        let mut seen = Vec::new();
        for entry in entries {
            let Some(field) = form.field_named(&entry.key) else {
                let known: Vec<&str> = form.fields.iter().map(|field| field.id.as_str()).collect();
                self.push_unknown_key(entry, &known);
                continue;
            };
            self.check_first_use(&mut seen, field.id.clone(), entry);
            self.key_places.push((field.id.clone(), entry.node.place));
            match self.read_field(field, &entry.node) {
                Some(value) => report.organ.set_value(field, value),
                None => self.unread_fields.push(field.id.clone()),
            }
        }
    }

    /// Reports the fields that a report has to have and this one lacks.
    pub(super) fn check_required_fields(&mut self, root: &DataNode, report: &Report) {
        for field in report.form.fields.iter().filter(|field| field.is_required) {
            // What was given and could not be read is told already.
            if self.unread_fields.contains(&field.id)
                || !report.organ.value_of(field).trim().is_empty()
            {
                continue;
            }
            let message = match field.kind {
                FieldKind::Name => msg!("report.no-organ"),
                _ => msg!("report.no-field", label = &field.label, id = &field.id),
            };
            self.file.report_fault("missing-key", root.place, message, None);
        }
    }

    /// Returns the value as the report keeps it: the id of a choice, a day as `2026-01-20`. An empty text is no value.
    fn read_field(&mut self, field: &FormField, node: &DataNode) -> Option<String> {
        match (field.kind, &node.value) {
            (FieldKind::YesNo, DataValue::Bool(yes)) => {
                Some(field.choices.get(usize::from(!*yes))?.id.clone())
            }
            (FieldKind::Date | FieldKind::Choice | FieldKind::YesNo, DataValue::Text(text))
                if text.trim().is_empty() =>
            {
                Some(String::new())
            }
            (FieldKind::Date, value) => {
                let written = match value {
                    DataValue::Text(text) => Date::parse_written(text),
                    _ => None,
                };
                let day = read_date(node).or(written);
                if day.is_none() {
                    self.file.report_wrong_type(node, msg!("report.expected-date"));
                }
                day.map(|day| day.to_string())
            }
            (FieldKind::Level | FieldKind::Choice | FieldKind::YesNo, _) => {
                self.read_choice(field, node)
            }
            _ => self.file.expect_words(node),
        }
    }

    fn read_choice(&mut self, field: &FormField, node: &DataNode) -> Option<String> {
        let word = self.file.expect_words(node)?;
        let found = field.choice_named(&word);
        if found.is_none() {
            let known = field.listed_choices();
            let (rule, message) = if field.kind == FieldKind::Level {
                ("unknown-level", msg!("report.unknown-level", level = &word, known = known))
            } else {
                let label = &field.label;
                let message =
                    msg!("report.unknown-choice", label = label, found = &word, known = known);
                ("unknown-choice", message)
            };
            self.file.report_fault(rule, node.place, message, None);
        }
        found.map(|choice| choice.id.clone())
    }
}
