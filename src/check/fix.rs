//! Owns the changes to a data file that are certain: full-width digits and punctuation outside
//! texts, numbers in quotes, look-alike characters in texts.
//! Must not change a figure's value, nor write a file.

use super::prose::look_alikes;
use crate::data::to_half_width;
use crate::figure::parse_decimal;
use docx_fill::diag::{Diagnostic, Location, SourceId, SourcePlace, show_hidden};
use docx_fill::slice::TextReplacement;
use std::fmt::Write as _;

/// Returns the certain changes for these findings, in the order of the file and without overlap.
pub fn certain_edits(found: &[Diagnostic], source: SourceId, text: &str) -> Vec<TextReplacement> {
    let mut out: Vec<TextReplacement> =
        found.iter().filter_map(|one| edit_for(one, source, text)).collect();
    out.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut end = 0;
    out.retain(|edit| {
        let free = edit.range.start >= end;
        if free {
            end = edit.range.end;
        }
        free
    });
    out
}

fn edit_for(found: &Diagnostic, source: SourceId, text: &str) -> Option<TextReplacement> {
    let Location::At(file, SourcePlace::Text(span)) = found.location else { return None };
    let old = text.get(span.start..span.end).filter(|old| file == source && !old.is_empty())?;
    let with = match found.rule.as_ref() {
        "not-a-count" => plain_number(old)?,
        "look-alike" => look_alikes::replace_run(old),
        // Outside texts, a data file has ASCII characters only.
        crate::data::SYNTAX_RULE => {
            let mut chars = old.chars();
            let plain = to_half_width(chars.next()?).filter(|_| chars.next().is_none());
            // 20２５ is one fault for the parser, whatever its first digits are.
            plain.map(String::from).or_else(|| plain_number(old))?
        }
        _ => return None,
    };
    (with != old).then_some(TextReplacement { range: span.start..span.end, with })
}

/// Returns a number in quotes or in full-width digits as a plain number.
fn plain_number(old: &str) -> Option<String> {
    let inner = old.trim_matches(['"', '\'']).trim();
    let plain: String = inner.chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    parse_decimal(&plain).is_ok().then_some(plain)
}

/// Returns the changed lines of two texts as a diff; both texts have the same number of lines.
pub fn diff_lines(name: &str, old: &str, new: &str) -> String {
    let (mut out, name) = (String::new(), show_hidden(name));
    for (number, (old, new)) in old.lines().zip(new.lines()).enumerate() {
        if old != new {
            let (line, old, new) = (number + 1, show_hidden(old), show_hidden(new));
            let _ = writeln!(out, "{name}:{line}\n- {old}\n+ {new}");
        }
    }
    out
}
