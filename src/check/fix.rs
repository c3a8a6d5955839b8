//! Owns the changes to a data file that are certain: full-width digits and punctuation outside
//! texts, numbers in quotes, look-alike characters in texts.
//! Must not change a figure's value, nor write a file.

use super::prose::look_alikes;
use crate::data::to_half_width;
use crate::figure::parse_decimal;
use docx_fill::diag::{Diagnostic, Location, SourceId, Span, show_hidden};
use docx_fill::slice::TextSlice as _;
use std::fmt::Write as _;

/// A change to the text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixEdit {
    /// Byte range that is replaced.
    pub span: Span,
    /// New text of the range.
    pub replacement: String,
}

/// Returns the certain changes for these findings, in the order of the file and without overlap.
pub fn certain_edits(found: &[Diagnostic], source: SourceId, text: &str) -> Vec<FixEdit> {
    let mut out: Vec<FixEdit> =
        found.iter().filter_map(|one| edit_for(one, source, text)).collect();
    out.sort_by_key(|edit| edit.span);
    let mut end = 0;
    out.retain(|edit| {
        let free = edit.span.start >= end;
        if free {
            end = edit.span.end;
        }
        free
    });
    out
}

fn edit_for(found: &Diagnostic, source: SourceId, text: &str) -> Option<FixEdit> {
    let Location::Span(file, span) = found.location else { return None };
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
    (with != old).then_some(FixEdit { span, replacement: with })
}

/// Returns a number in quotes or in full-width digits as a plain number.
fn plain_number(old: &str) -> Option<String> {
    let inner = old.trim_matches(['"', '\'']).trim();
    let plain: String = inner.chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    parse_decimal(&plain).is_ok().then_some(plain)
}

/// Returns the text with the changes applied.
pub fn apply_edits(text: &str, edits: &[FixEdit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for FixEdit { span, replacement: with } in edits {
        out.push_str(text.slice(at..span.start));
        out.push_str(with);
        at = span.end;
    }
    out.push_str(text.slice(at..));
    out
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
