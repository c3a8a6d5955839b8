//! Owns the texts of a report as its documents show them: with the lines of the fields that the form prints there.
//! Must not know how they are laid out.

use crate::form::{FieldKind, FormField};
use crate::msg;
use crate::quote::FilledTexts;
use crate::report::{Date, Report};
use crate::syntax::markdown::escape_words;
use docx_fill::diag::Lang;
use std::collections::BTreeMap;

/// The texts as Markdown by section and whether they follow the section's table.
pub(super) type PrintedTexts = BTreeMap<(usize, bool), String>;

/// Returns the texts of a report with the lines of printed fields before or behind them.
pub(super) fn printed_texts(report: &Report, texts: &FilledTexts) -> PrintedTexts {
    let given = report.texts.iter().zip(texts);
    let given = given.map(|(field, text)| ((field.section, field.after_table), text.clone()));
    let mut out: PrintedTexts = given.collect();
    let form = &report.form;
    let placed = form.fields.iter().filter_map(|field| Some((field, field.printed?)));
    let (last, first): (Vec<_>, Vec<_>) = placed.partition(|(_, place)| place.is_last);
    for (field, place) in first.into_iter().rev() {
        let text = out.entry((place.section, false)).or_default();
        *text = format!("{}\n\n{text}", field_line(report, field));
    }
    for (field, place) in last {
        let text = out.entry((place.section, place.is_after_table(form))).or_default();
        *text = format!("{}\n\n{}\n", text.trim_end(), field_line(report, field));
    }
    out
}

/// Returns the line of a field as Markdown.
fn field_line(report: &Report, field: &FormField) -> String {
    let value = field.shown_value(report.organ.value_of(field));
    let day = Date::parse(value).filter(|_| field.kind == FieldKind::Date);
    let value = day.map_or_else(|| value.to_owned(), Date::in_words);
    let line = msg!("word.field-line", label = &field.label, value = value);
    escape_words(&line.in_lang(Lang::Zh)).into_owned()
}
