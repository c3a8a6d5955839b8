//! Owns reading CSV (RFC 4180, commas, semicolons or tabs) row by row; cells keep their byte ranges.
//! Must not know the meaning of the table.

use super::workbook::{CellContent, SheetCell, SheetRow};
use docx_fill::diag::SourcePlace;
use docx_fill::slice::TextSlice as _;

/// The separators that are tried, the customary one last.
const SEPARATORS: [char; 3] = ['\t', ';', ','];
/// Mark of programs that tell the separator in a line of its own.
const SEPARATOR_MARK: &str = "sep=";

/// The rows of a CSV text.
pub(super) struct CsvRows<'t> {
    text: &'t str,
    separator: char,
    row: usize,
    at: usize,
}

/// The byte offset of a field whose quotes are not closed.
pub(super) struct UnclosedQuotes(pub(super) usize);

impl<'t> CsvRows<'t> {
    /// Begins at the first row.
    pub(super) fn new(text: &'t str) -> CsvRows<'t> {
        let first = text.lines().next().unwrap_or_default();
        let told =
            first.strip_prefix(SEPARATOR_MARK).and_then(|rest| rest.trim_end().chars().next());
        match told.filter(|mark| SEPARATORS.contains(mark) || *mark == '|') {
            Some(separator) => {
                let at = text.find('\n').map_or(text.len(), |end| end + 1);
                CsvRows { text, separator, row: 1, at }
            }
            None => CsvRows { text, separator: likely_separator(text), row: 0, at: 0 },
        }
    }

    /// Returns the next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<SheetRow>, UnclosedQuotes> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let (row, mut cells) = (self.row, Vec::new());
        loop {
            let (value, end) =
                parse_field(self.text, self.at, self.separator).ok_or(UnclosedQuotes(self.at))?;
            let place = SourcePlace::from(self.at..end);
            let content =
                if value.is_empty() { CellContent::Empty } else { CellContent::Text(value) };
            cells.push(SheetCell::new((row, cells.len()), content, place));
            let rest = self.text.slice(end..);
            match ["\r\n", "\n", "\r"].into_iter().find(|end| rest.starts_with(end)) {
                Some(line_end) => self.at = end + line_end.len(),
                None if rest.is_empty() => self.at = end,
                None => {
                    self.at = end + self.separator.len_utf8();
                    // A separator at the very end has an empty field behind it.
                    if self.at < self.text.len() {
                        continue;
                    }
                }
            }
            self.row += 1;
            return Ok(Some(SheetRow { row, cells }));
        }
    }
}

/// Returns the separator that is most frequent in the first line with any, outside of quotes.
fn likely_separator(text: &str) -> char {
    for line in text.lines().take(20) {
        let mut quoted = false;
        let mut counts = [0_usize; SEPARATORS.len()];
        for c in line.chars() {
            quoted ^= c == '"';
            if let Some(at) = SEPARATORS.iter().position(|known| *known == c && !quoted) {
                counts[at] += 1;
            }
        }
        let best = (0..SEPARATORS.len()).max_by_key(|at| counts[*at]).unwrap_or_default();
        if counts[best] > 0 {
            return SEPARATORS[best];
        }
    }
    ','
}

/// Returns the value of the field that begins at a byte offset, and its end; `None` if its quotes
/// are not closed.
fn parse_field(text: &str, start: usize, separator: char) -> Option<(String, usize)> {
    let stop = |c: char| c == separator || c == '\n' || c == '\r';
    let rest = text.slice(start..);
    let Some(mut quoted) = rest.strip_prefix('"') else {
        let end = rest.find(stop).unwrap_or(rest.len());
        return Some((rest.slice(..end).to_owned(), start + end));
    };
    let mut value = String::new();
    loop {
        let (inside, after) = quoted.split_once('"')?;
        value.push_str(inside);
        if let Some(more) = after.strip_prefix('"') {
            value.push('"');
            quoted = more;
            continue;
        }
        // Anything after the closing quote belongs to the field unchanged.
        let end = after.find(stop).unwrap_or(after.len());
        value.push_str(after.slice(..end));
        return Some((value, text.len() - after.len() + end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Option<Vec<(usize, usize, String)>> {
        let (mut rows, mut out) = (CsvRows::new(text), Vec::new());
        while let Some(row) = rows.next_row().ok()? {
            out.extend(row.cells.iter().map(|c| (c.row, c.column, c.content.text().to_owned())));
        }
        Some(out)
    }

    #[test]
    fn quotes_separators_and_line_ends() {
        let cell = |r: usize, c: usize, t: &str| (r, c, t.to_owned());
        let found = cells("a,\"b,\"\"c\"\"\n\",1\r\nd;,,2");
        let wanted = [
            cell(0, 0, "a"),
            cell(0, 1, "b,\"c\"\n"),
            cell(0, 2, "1"),
            cell(1, 0, "d;"),
            cell(1, 1, ""),
            cell(1, 2, "2"),
        ];
        assert_eq!(found.as_deref(), Some(&wanted[..]));
        assert_eq!(cells("a\tb\n"), Some(vec![cell(0, 0, "a"), cell(0, 1, "b")]));
        assert_eq!(cells("a,\"b\n"), None);
    }

    #[test]
    fn the_separator_is_the_one_that_separates() {
        let cell = |r: usize, c: usize, t: &str| (r, c, t.to_owned());
        let two = |r: usize| vec![cell(r, 0, "a"), cell(r, 1, "b")];
        assert_eq!(cells("sep=|\r\na|b\r\n"), Some(two(1)));
        assert_eq!(cells("sep=;\na;b"), Some(two(1)));
        assert_eq!(cells("\na;b"), Some([vec![cell(0, 0, "")], two(1)].concat()));
        let quoted = vec![cell(0, 0, "a;b;c"), cell(0, 1, "d")];
        assert_eq!(cells("\"a;b;c\",d"), Some(quoted));
        assert_eq!(cells("a,"), Some(vec![cell(0, 0, "a")]));
    }
}
