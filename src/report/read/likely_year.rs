//! Owns guessing the year of a report that does not give it, so that its sentences can be read.
//! Must not judge anything: nothing is judged by a guess.

use crate::data::{DataEntry, DataNode, DataValue};
use crate::form::Form;
use docx_fill::slice::TextSlice as _;
use std::collections::BTreeMap;

/// Returns the year that the texts name most often among those of the form, else the form's last
/// one, else its first.
pub(super) fn find_likely_year(entries: &[DataEntry], form: &Form) -> u16 {
    let mut count: BTreeMap<u16, usize> = BTreeMap::new();
    for entry in entries {
        count_years(&entry.node, form, &mut count);
    }
    let likely = count.iter().max_by_key(|(year, count)| (**count, **year));
    likely.map_or_else(|| form.last_year.unwrap_or(form.first_year), |(year, _)| *year)
}

fn count_years(node: &DataNode, form: &Form, count: &mut BTreeMap<u16, usize>) {
    match &node.value {
        DataValue::Table(entries) => {
            for entry in entries {
                count_years(&entry.node, form, count);
            }
        }
        DataValue::Text(text) => {
            for (at, _) in text.match_indices('年') {
                let before = text.slice(..at);
                let digits = before.trim_end_matches(|c: char| c.is_ascii_digit());
                let year = before.slice(digits.len()..).parse().ok();
                if let Some(year) = year.filter(|year| form.covers_year(*year)) {
                    *count.entry(year).or_default() += 1;
                }
            }
        }
        _ => {}
    }
}
