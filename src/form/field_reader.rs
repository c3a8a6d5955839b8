//! Owns reading the fields of a form from its `[[field]]` tables, and what is wrong with them.
//! Must not know a field of any form: one without fields has those of `templates/fields.toml`.

use super::fields::{FieldKind, FieldPlace, FormField, TOP_KEYS};
use super::source::{FieldKindSource, FieldSource, TableSource};
use super::{FormSection, FormTable, NamedId, ProseWords};
use crate::msg;
use docx_fill::diag::Message;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// The fields of forms that list none.
const DEFAULT_FIELDS: &str = include_str!("../../templates/fields.toml");

/// Ids of the two fields that the program itself looks for, with their kinds.
const FIXED_IDS: [(FieldKind, &str); 2] = [(FieldKind::Name, "name"), (FieldKind::Level, "level")];

/// Answers to a question, with their official words: the first says yes.
const ANSWERS: [(&str, &str); 2] = [("yes", "是"), ("no", "否")];

/// The file of the fields of forms that list none.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldsFile {
    field: Vec<Spanned<FieldSource>>,
}

/// Returns the fields of a form without any. Their level is offered where the form makes a difference between levels.
fn default_fields(has_levels: bool) -> Vec<FormField> {
    // A test reads the file.
    let file: FieldsFile = toml::from_str(DEFAULT_FIELDS).unwrap_or_default();
    let mut fields: Vec<FormField> =
        file.field.iter().map(|field| new_field(field.get_ref(), None)).collect();
    for field in fields.iter_mut().filter(|field| field.kind == FieldKind::Level) {
        field.is_offered = has_levels;
    }
    fields
}

fn new_field(source: &FieldSource, printed: Option<FieldPlace>) -> FormField {
    let (id, label) = (source.id.get_ref(), source.label.get_ref());
    let kind = source.kind.into();
    let mut reading_words = vec![label.clone()];
    reading_words.extend(source.also.iter().filter(|word| *word != label).cloned());
    // 联系电话 holds 电话.
    reading_words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let mut choices = source.choices.get_ref().clone();
    if kind == FieldKind::YesNo && choices.is_empty() {
        choices = ANSWERS.map(|(id, name)| NamedId { id: id.into(), name: name.into() }).into();
    }
    FormField {
        id: id.clone(),
        label: label.clone(),
        sheet_label: source.sheet.as_ref().map_or(label, Spanned::get_ref).clone(),
        about: source.about.clone(),
        reading_words,
        kind,
        printed,
        is_required: source.required || kind == FieldKind::Name,
        is_offered: true,
        choices,
    }
}

impl From<FieldKindSource> for FieldKind {
    fn from(kind: FieldKindSource) -> FieldKind {
        match kind {
            FieldKindSource::Name => FieldKind::Name,
            FieldKindSource::Level => FieldKind::Level,
            FieldKindSource::Text => FieldKind::Text,
            FieldKindSource::Date => FieldKind::Date,
            FieldKindSource::Phone => FieldKind::Phone,
            FieldKindSource::Postcode => FieldKind::Postcode,
            FieldKindSource::Mail => FieldKind::Mail,
            FieldKindSource::Site => FieldKind::Site,
            FieldKindSource::Choice => FieldKind::Choice,
            FieldKindSource::YesNo => FieldKind::YesNo,
        }
    }
}

/// The fields of a form as they are read.
#[derive(Default)]
pub(super) struct FieldReader {
    /// Faults with their places.
    pub(super) faults: Vec<(Range<usize>, Message)>,
    /// Names that a field has already.
    taken: Vec<String>,
}

impl FieldReader {
    fn report_fault(&mut self, range: Range<usize>, message: Message) {
        self.faults.push((range, message));
    }

    /// Reads the fields that a form lists; those of any report where it lists none.
    pub(super) fn read_fields(
        &mut self,
        fields: &[Spanned<FieldSource>],
        has_levels: bool,
        sections: &[FormSection],
    ) -> Vec<FormField> {
        let Some(first) = fields.first() else { return default_fields(has_levels) };
        for field in fields {
            self.check_names(field.get_ref());
            self.check_choices(field.get_ref());
        }
        for (kind, id) in FIXED_IDS {
            let mut of_kind = fields.iter().filter(|f| FieldKind::from(f.get_ref().kind) == kind);
            if of_kind.next().is_none() && kind == FieldKind::Name {
                self.report_fault(first.span(), msg!("form.no-name-field", id = id));
            }
            for second in of_kind {
                self.report_fault(second.span(), msg!("form.twice", id = id));
            }
        }
        let mut read = Vec::new();
        for field in fields {
            let printed = self.read_place(field.get_ref(), sections);
            read.push(new_field(field.get_ref(), printed));
        }
        read
    }

    /// Reports levels of rows and of doubts that are none of the form's: such a row would be nobody's.
    pub(super) fn check_levels(&mut self, tables: &[Spanned<TableSource>], fields: &[FormField]) {
        let field = fields.iter().find(|field| field.kind == FieldKind::Level);
        let known: Vec<&str> =
            field.iter().flat_map(|field| &field.choices).map(|level| level.id.as_str()).collect();
        for table in tables.iter().map(Spanned::get_ref) {
            let of_rows = table.row.iter().map(|row| (row.span(), &row.get_ref().levels));
            let of_doubts = table.column.iter().filter_map(|column| {
                Some((column.span(), &column.get_ref().doubt.as_ref()?.levels))
            });
            for (span, levels) in of_rows.chain(of_doubts) {
                let Some(odd) = levels.iter().find(|level| !known.contains(&level.as_str())) else {
                    continue;
                };
                let message = if known.is_empty() {
                    msg!("form.no-level-field", level = odd)
                } else {
                    msg!("form.unknown-level", level = odd, known = known.clone())
                };
                self.report_fault(span, message);
            }
        }
    }

    /// Reports names that another field or every data file has, and the fixed ones where they do not belong.
    fn check_names(&mut self, field: &FieldSource) {
        let id = field.id.get_ref();
        if id.is_empty() || id.contains(is_odd_in_id) {
            self.report_fault(field.id.span(), msg!("form.field-id", id = id));
        }
        let kind = FieldKind::from(field.kind);
        for (fixed, name) in FIXED_IDS {
            if (fixed == kind) != (name == *id) {
                let message = msg!("form.fixed-field", id = name);
                self.report_fault(field.id.span(), message);
            }
        }
        let sheet = field.sheet.as_ref().filter(|sheet| sheet.get_ref() != field.label.get_ref());
        for name in [Some(&field.id), Some(&field.label), sheet].into_iter().flatten() {
            let word = name.get_ref();
            if TOP_KEYS.iter().any(|(id, label)| word == id || word == label) {
                self.report_fault(name.span(), msg!("form.reserved", id = word));
            } else if word.trim().is_empty() {
                self.report_fault(name.span(), msg!("form.field-label"));
            } else if self.taken.contains(word) {
                self.report_fault(name.span(), msg!("form.twice", id = word));
            }
            self.taken.push(word.clone());
        }
    }

    /// Returns the place at which documents show the field.
    fn read_place(&mut self, field: &FieldSource, sections: &[FormSection]) -> Option<FieldPlace> {
        let (id, is_last) = match (&field.print_first_in, &field.print_last_in) {
            (Some(first), None) => (first, false),
            (None, Some(last)) => (last, true),
            (None, None) => return None,
            (Some(_), Some(last)) => {
                self.report_fault(last.span(), msg!("form.printed-twice", id = field.id.get_ref()));
                return None;
            }
        };
        let section = sections.iter().position(|section| section.id == *id.get_ref());
        if section.is_none() {
            self.report_fault(id.span(), msg!("form.unknown-section", id = id.get_ref()));
        }
        Some(FieldPlace { section: section?, is_last })
    }

    /// Reports a choice without anything to choose from, and choices where there is none or that are equal.
    fn check_choices(&mut self, field: &FieldSource) {
        let (choices, span) = (field.choices.get_ref(), field.choices.span());
        let span = if choices.is_empty() { field.id.span() } else { span };
        let fits = match FieldKind::from(field.kind) {
            FieldKind::Level | FieldKind::Choice => choices.len() > 1,
            FieldKind::YesNo => matches!(choices.len(), 0 | 2),
            _ => choices.is_empty(),
        };
        if !fits {
            self.report_fault(span, msg!("form.choices", id = field.id.get_ref()));
            return;
        }
        for (at, choice) in choices.iter().enumerate() {
            let is_same = |one: &NamedId| one.is_named(&choice.id) || one.is_named(&choice.name);
            if let Some(same) = choices[..at].iter().find(|one| is_same(one)) {
                self.report_fault(span.clone(), msg!("form.twice", id = &same.id));
            }
            if choice.id.trim().is_empty() || choice.name.trim().is_empty() {
                self.report_fault(span.clone(), msg!("form.choices", id = field.id.get_ref()));
            }
        }
    }
}

/// Checks whether a character cannot stand in an id, which texts quote: `{{organ.id}}`.
fn is_odd_in_id(c: char) -> bool {
    !(c.is_alphanumeric() || c == '-' || c == '_')
}

/// Checks whether rows, doubts or the names of organs depend on the organ's level.
pub(super) fn makes_difference_by_level(tables: &[FormTable], prose: &ProseWords) -> bool {
    let rows = || tables.iter().flat_map(|table| &table.rows);
    let columns = || tables.iter().flat_map(|table| &table.columns);
    let doubts = || columns().filter_map(|column| column.unit_check.as_ref());
    !prose.level_names.is_empty()
        || rows().any(|row| !row.levels.is_empty())
        || doubts().any(|doubt| !doubt.levels.is_empty())
}
