//! Owns look-alike characters in title, name, address and numbers of the organ: values that
//! programs look up must have the intended characters.
//! Must not know the texts.

use super::look_alikes;
use crate::labels::look_alikes::intended_char;
use crate::msg;
use crate::report::{ORGAN_KEYS, Report, TOP_KEYS, place_of_piece};
use docx_fill::diag::{Diagnostic, Location, Sink, Span};
use docx_fill::slice::TextSlice as _;

/// Keys in which full-width punctuation is always wrong.
const PLAIN_KEYS: [&str; 4] = ["postcode", "phone", "email", "website"];

pub(super) fn check_names(report: &Report, source: &str, sink: &mut Sink) {
    for (key, words) in report.header_fields() {
        if words.is_ascii() {
            continue;
        }
        let meant = if PLAIN_KEYS.contains(&key) { look_alikes::plain_char } else { intended_char };
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
            let names = TOP_KEYS.iter().chain(&ORGAN_KEYS);
            let name = names.into_iter().find(|known| known.0 == key).map_or(key, |known| known.1);
            let field = format!("{name}（{key}）");
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
