//! Owns look-alike characters in title, name, address and numbers of the organ: values that
//! programs look up must have the intended characters.
//! Must not know the texts.

use super::look_alikes;
use crate::form::FieldKind;
use crate::labels::look_alikes::intended_char;
use crate::msg;
use crate::report::{Report, place_of_piece};
use docx_fill::diag::{Diagnostic, Location, Sink, Span};
use docx_fill::slice::TextSlice as _;

pub(super) fn check_names(report: &Report, source: &str, sink: &mut Sink) {
    for field in report.header_fields() {
        let (key, words) = (field.key, field.words);
        if words.is_ascii() {
            continue;
        }
        // In what is for programs, full-width punctuation is always wrong.
        let is_plain = field.kind.is_some_and(FieldKind::is_plain);
        let meant = if is_plain { look_alikes::plain_char } else { intended_char };
        for run in look_alikes::look_alike_runs(words, meant) {
            let place = match report.key_location(key) {
                Location::At(file, value) => {
                    place_of_piece(source, value, words, Span::from(run.clone())).in_source(file)
                }
                other => other,
            };
            let found = words.slice(run.clone());
            let code = format!("U+{:04X}", found.chars().next().map_or(0, u32::from));
            let plain: String = found.chars().map(|c| meant(c).unwrap_or(c)).collect();
            let field = format!("{}（{key}）", field.label);
            let message = msg!(
                "text.look-alike-in",
                field = field,
                found = found,
                code = code,
                plain = plain
            );
            let finding = Diagnostic::warning("look-alike", place, message);
            sink.push(finding.with_hint(msg!("text.look-alike-hint")));
        }
    }
}
