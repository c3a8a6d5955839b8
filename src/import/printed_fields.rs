//! Owns taking the lines of fields that the form prints from a document's texts: they are the organ's, not the text's.
//! Must not know a field of any form.

use super::recognised::{RecognisedReport, SectionPart};
use crate::form::{FieldKind, FormField};
use crate::report::Date;
use docx_fill::word::blocks::WordParagraph;

/// Moves the lines of printed fields from the texts to the metadata. A line whose value is none of its kind stays.
pub(super) fn take_printed_fields(report: &mut RecognisedReport<'_, '_>) {
    let form = report.form;
    for field in &form.fields {
        let Some(place) = field.printed else { continue };
        let parts = &mut report.texts[place.section][usize::from(place.is_after_table(form))];
        let found = parts.iter().enumerate().find_map(|(at, part)| match part {
            SectionPart::Paragraph(paragraph, _) => {
                Some((at, *paragraph, printed_value(paragraph, field)?))
            }
            SectionPart::Table(_) => None,
        });
        let Some((at, paragraph, value)) = found else { continue };
        parts.remove(at);
        match field.kind {
            _ if value.is_empty() => {}
            FieldKind::Name => {
                report.metadata.organ.get_or_insert((value, paragraph));
            }
            _ => report.metadata.contact.push((field.id.clone(), value, paragraph)),
        }
    }
}

/// Returns the value of a field's line; `None` if the paragraph is none or has a value of another kind.
fn printed_value(paragraph: &WordParagraph, field: &FormField) -> Option<String> {
    let text = paragraph.text();
    let line = text.trim();
    let behind = field.reading_words.iter().find_map(|word| line.strip_prefix(word.as_str()))?;
    let value = behind.trim_start().strip_prefix(['：', ':'])?.trim();
    match field.kind {
        _ if value.is_empty() => Some(String::new()),
        FieldKind::Date => Some(Date::parse_written(value)?.to_string()),
        _ if field.choices.is_empty() => Some(value.to_owned()),
        _ => Some(field.choice_named(value)?.name.clone()),
    }
}
