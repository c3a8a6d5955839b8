//! Owns reading CSV (RFC 4180, commas, semicolons or tabs) into a sheet whose cells keep their byte
//! ranges.
//! Must not know the meaning of the table.

use super::workbook::{CellContent, DataSheet, DataWorkbook, SheetCell};
use super::{SYNTAX_RULE, syntax_error};
use crate::limits::MAX_WORKBOOK_CELLS as MOST_CELLS;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, MAX_COLUMNS, MAX_ROWS, Sink, SourceId, Span};
use docx_fill::slice::TextSlice as _;

pub(super) fn parse_csv(
    source: SourceId,
    name: &str,
    text: &str,
    sink: &mut Sink,
) -> Option<DataWorkbook> {
    let first = text.lines().next().unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    let separator = [',', ';', '\t'].into_iter().rev().max_by_key(|c| count(*c)).unwrap_or(',');
    let mut sheet = DataSheet { name: name.to_owned(), is_text: true, ..DataSheet::default() };
    let (mut row, mut column, mut at) = (0, 0, 0);
    while at < text.len() {
        let Some((value, end)) = parse_field(text, at, separator) else {
            let span = Span { start: at, end: at + 1 };
            sink.push(syntax_error(source, text, span, msg!("data.csv-unclosed")));
            return None;
        };
        if row >= MAX_ROWS || column >= MAX_COLUMNS || sheet.cells.len() >= MOST_CELLS {
            let message = msg!("data.too-large", limit = MAX_ROWS);
            sink.push(Diagnostic::error(SYNTAX_RULE, Location::File(source), message));
            return None;
        }
        let span = Span { start: at, end };
        let content = if value.is_empty() { CellContent::Empty } else { CellContent::Text(value) };
        sheet.cells.push(SheetCell { row, column, content, formula: false, decimals: 0, span });
        let rest = text.slice(end..);
        let line_end = ["\r\n", "\n", "\r"].into_iter().find(|end| rest.starts_with(end));
        match line_end {
            Some(line_end) => {
                (row, column) = (row + 1, 0);
                at = end + line_end.len();
            }
            None => {
                column += 1;
                at = end + separator.len_utf8();
            }
        }
    }
    Some(DataWorkbook { sheets: vec![sheet] })
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
    use docx_fill::diag::Sources;

    fn cells(text: &str) -> Option<Vec<(usize, usize, String)>> {
        let source = Sources::default().add_text("t.csv", text);
        let book = parse_csv(source, "t", text, &mut Sink::new())?;
        let cells = book.sheets[0].cells.iter();
        Some(cells.map(|c| (c.row, c.column, c.content.text().to_owned())).collect())
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
}
