//! Owns texts in workbooks: the capacity of a cell, and names of sheets that spreadsheets accept.
//! Must not know the content of a workbook.

use docx_fill::diag::{show_hidden, show_hidden_lines};
use docx_fill::opc::xml::is_forbidden;
use docx_fill::slice::{TextEdit as _, TextSlice as _};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};
use std::borrow::Cow;

/// Maximum length of a cell's text in UTF-16 units.
pub const MAX_CELL_UNITS: usize = 32_767;
/// Maximum number of characters shown in a cell, within the limit even if all of them count twice.
const MAX_SHOWN_CHARS: usize = 16_000;
/// Maximum length of a sheet's name in UTF-16 units.
const MAX_SHEET_NAME: usize = 31;

/// Returns a text for people as one line, truncated to what a cell can hold.
pub fn cell_line(words: &str) -> Cow<'_, str> {
    let words = show_hidden(words);
    match words.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", words.slice(..end))),
        None => words,
    }
}

/// Returns a text of several lines for people, truncated to what a cell can hold.
pub fn cell_lines(words: &str) -> String {
    let mut out = show_hidden_lines(words).into_owned();
    if let Some((end, _)) = out.char_indices().nth(MAX_SHOWN_CHARS) {
        out.cut_from(end);
        out.push('…');
    }
    out
}

/// Checks whether a text fits into a cell.
pub fn fits_cell(text: &str) -> bool {
    text.len() <= MAX_CELL_UNITS || text.encode_utf16().count() <= MAX_CELL_UNITS
}

/// Returns a text escaped so that reading the cell returns it. Only control characters after
/// something like an escape are replaced, because spreadsheets would read something else.
pub fn restorable_text(text: &str) -> Cow<'_, str> {
    let is_sign = |before: &str| {
        let start = before.len().checked_sub("_xFFFF".len());
        let sign = start.and_then(|start| before.get(start..)?.strip_prefix("_x"));
        sign.is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let wrong =
        |(at, c): &(usize, char)| (is_forbidden(*c) || *c == '\r') && is_sign(text.slice(..*at));
    if !text.contains("_x") || !text.char_indices().any(|found| wrong(&found)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let shown = text.slice(at..at + c.len_utf8());
        out.push_str(&if wrong(&(at, c)) { show_hidden(shown) } else { Cow::Borrowed(shown) });
    }
    Cow::Owned(out)
}

/// Writes a text for people into the cell at a row and column, never as a formula.
pub fn write_words(
    sheet: &mut Worksheet,
    at: (u32, u16),
    words: &str,
    look: &Format,
) -> Result<(), XlsxError> {
    let (row, column) = at;
    if words.is_empty() {
        sheet.write_blank(row, column, look)?;
    } else {
        sheet.write_string_with_format(row, column, cell_lines(words), look)?;
    }
    Ok(())
}

/// The names of a workbook's sheets.
#[derive(Debug, Default)]
pub struct SheetNames {
    taken: Vec<String>,
}

impl SheetNames {
    /// Returns an unused name that spreadsheets accept, as similar to `wanted` as possible.
    pub fn unique_name(&mut self, wanted: &str) -> String {
        let plain = |c: &char| !"[]:*?/\\'".contains(*c);
        let wanted: String = show_hidden(wanted).chars().filter(plain).collect();
        let wanted = if wanted.trim().is_empty() { "_" } else { wanted.trim() };
        let mut name = truncate_units(wanted, MAX_SHEET_NAME).to_owned();
        for number in 2.. {
            if !self.taken.contains(&name.to_lowercase()) {
                break;
            }
            let end = number.to_string();
            name = format!("{}{end}", truncate_units(wanted, MAX_SHEET_NAME - end.len()));
        }
        self.taken.push(name.to_lowercase());
        name
    }
}

/// Returns the beginning of a text, up to `most` UTF-16 units.
fn truncate_units(text: &str, most: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > most
    });
    end.map_or(text, |(at, _)| text.slice(..at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_take_every_name_and_every_text() {
        let mut names = SheetNames::default();
        assert_eq!(names.unique_name("表二"), "表二");
        assert_eq!(names.unique_name("'表[二]'"), "表二2");
        assert_eq!(names.unique_name(""), "_");
        assert_eq!(names.unique_name("A\r\n"), "A␍␊");
        for name in ["𠀀".repeat(40), "a".repeat(40), "A".repeat(50)] {
            rust_xlsxwriter::utility::check_sheet_name(&names.unique_name(&name)).expect(&name);
        }
        assert_eq!(cell_line("=1+1\n\u{1}"), "=1+1␊␁");
        assert_eq!(cell_lines("a\nb\r"), "a\nb␍");
        assert_eq!(restorable_text("_x005F\u{1}_x00\r_x0041_\r"), "_x005F␁_x00\r_x0041_\r");
        assert!(
            fits_cell(&"甲".repeat(MAX_CELL_UNITS)) && !fits_cell(&"𠀀".repeat(MAX_CELL_UNITS))
        );
        assert!(cell_lines(&"𠀀".repeat(40_000)).encode_utf16().count() < 32_767);
    }
}
