//! Owns cell tags: cells that merge downward while equal, span columns or are shaded. A tag writes a mark into
//! its cell; when the table is complete, the marks become properties.
//! Must not know the content of a cell.

use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::scope::RenderScope;
use crate::ir::word_values::{CellTag, CellTagKind};
use crate::limits::MAX_GRID_COLUMNS;
use crate::opc::xml::{XmlEventReader, attribute_value, escape_into};
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::value::{parse_decimal, printed_text};
use crate::word::properties::Properties;
use quick_xml::events::{BytesStart, Event};
use std::fmt::Write as _;
use std::ops::Range;

/// Start of a mark element, whose name occurs in no document and cannot be written by a value.
const CELL_MARK: &str = "<fill:cell ";
/// Maximum columns of a table in Word.
const MAX_SPAN: usize = 63;

impl CellTag {
    /// Writes the mark, and the tag's value if it has one.
    pub(crate) fn render<'a>(
        &'a self,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Problem> {
        let mut texts = Vec::with_capacity(self.args.len());
        for arg in &self.args {
            let value = scope.require_value(arg)?;
            texts.push(value.get().map(printed_text).transpose()?.unwrap_or_default().into_owned());
        }
        match self.kind {
            CellTagKind::Merge => {
                crate::eval::renderer::check_xml_chars(&texts[0], &self.args[0])?;
                // The debug format keeps lists of values apart that would be equal when concatenated.
                write_mark(out, "merge", &format!("{texts:?}"));
                crate::eval::renderer::write_run_text(out, &texts[0], self.element);
            }
            CellTagKind::Span => {
                let value = serde_json::Value::String(texts.swap_remove(0));
                let count =
                    parse_decimal(&value).and_then(crate::value::number::Decimal::to_integer);
                let count = count.and_then(|count| usize::try_from(count).ok());
                let Some(count) = count.filter(|count| (1..=MAX_SPAN).contains(count)) else {
                    let message = msg!("template.span", limit = MAX_SPAN);
                    return Err(Problem::error("helper-arguments", message));
                };
                write_mark(out, "span", &count.to_string());
            }
            CellTagKind::Shade => {
                let color = texts[0].trim_start_matches('#');
                if !color.is_empty() {
                    write_mark(out, "shade", &check_color(color)?);
                }
            }
        }
        Ok(())
    }
}

fn write_mark(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "{CELL_MARK}{name}=\"");
    escape_into(out, value);
    out.push_str("\"/>");
}

fn check_color(color: &str) -> Result<String, Problem> {
    let hexadecimal = color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal {
        return Ok(color.to_ascii_uppercase());
    }
    let message = msg!("template.shade", value = color);
    Err(Problem::error("helper-arguments", message))
}

/// A rendered table with marks.
#[derive(Default)]
struct MarkedTable {
    rows: Vec<Vec<MarkedCell>>,
    marks: Vec<Range<usize>>,
}

#[derive(Default)]
struct MarkedCell {
    range: Range<usize>,
    /// Byte after its start tag.
    content_start: usize,
    /// Start of its properties; the next field has that of its first paragraph's properties.
    properties: Option<usize>,
    paragraph_properties: Option<usize>,
    column: usize,
    columns: usize,
    text: String,
    merge_key: Option<String>,
    span: Option<usize>,
    shade: Option<String>,
    /// True if it continues the merge of the cell above.
    continues_merge: bool,
    /// True if a wider cell of its row covers it.
    covered: bool,
}

/// Applies the marks of the table that begins at `from`.
pub(crate) fn apply_marks(out: &mut String, from: usize) {
    if !out.slice(from..).contains(CELL_MARK) {
        return;
    }
    let Some(mut table) = read_table(out.slice(from..)) else { return };
    widen_cells(&mut table);
    merge_cells(&mut table);
    let text = write_table(out.slice(from..), &table);
    out.cut_from(from);
    out.push_str(&text);
}

fn read_table(text: &str) -> Option<MarkedTable> {
    let mut reader = XmlEventReader::new(text, "");
    let mut table = MarkedTable::default();
    let (mut depth, mut in_text) = (0, false);
    while let Some((event, range)) = reader.next().ok()? {
        match event {
            Event::Start(element) if element.name().as_ref() == "w:tbl" => depth += 1,
            Event::End(element) if element.name().as_ref() == "w:tbl" => depth -= 1,
            Event::Start(element) if depth == 1 => {
                in_text = element.name().as_ref() == "w:t";
                table.start_element(&element, &range);
            }
            Event::Empty(element) if element.name().as_ref() == "fill:cell" => {
                table.add_mark(&element, range);
            }
            Event::Empty(element) if depth == 1 => table.start_element(&element, &range),
            Event::End(element) if depth == 1 => {
                in_text = false;
                table.end_element(element.name().as_ref(), &range);
            }
            Event::Text(content) if in_text => {
                if let Some(cell) = table.last_cell() {
                    cell.text.push_str(&content);
                }
            }
            _ => {}
        }
    }
    Some(table)
}

impl MarkedTable {
    fn last_cell(&mut self) -> Option<&mut MarkedCell> {
        self.rows.last_mut()?.last_mut()
    }

    fn start_element(&mut self, element: &BytesStart<'_>, range: &Range<usize>) {
        let number = || attribute_value(element, "w:val").and_then(|value| value.parse().ok());
        match element.name().as_ref() {
            "w:tr" => self.rows.push(Vec::new()),
            "w:tc" => {
                if let Some(row) = self.rows.last_mut() {
                    let column = row.last().map_or(0, |cell| cell.column + cell.columns);
                    let inner = range.end;
                    let range = range.clone();
                    row.push(MarkedCell {
                        range,
                        content_start: inner,
                        column,
                        columns: 1,
                        ..MarkedCell::default()
                    });
                }
            }
            "w:gridSpan" => {
                if let (Some(cell), Some(columns)) = (self.last_cell(), number()) {
                    cell.columns = Ord::clamp(columns, 1, MAX_GRID_COLUMNS);
                }
            }
            "w:tcPr" | "w:pPr" => {
                let Some(cell) = self.last_cell() else { return };
                let cell_own = element.name().as_ref() == "w:tcPr";
                let what =
                    if cell_own { &mut cell.properties } else { &mut cell.paragraph_properties };
                what.get_or_insert(range.start);
            }
            _ => {}
        }
    }

    fn end_element(&mut self, name: &str, range: &Range<usize>) {
        if name == "w:tc"
            && let Some(cell) = self.last_cell()
        {
            cell.range.end = range.end;
        }
    }

    fn add_mark(&mut self, element: &BytesStart<'_>, range: Range<usize>) {
        self.marks.push(range);
        let get = |name: &str| attribute_value(element, name);
        let (merge, span, shade) = (get("merge"), get("span"), get("shade"));
        let Some(cell) = self.last_cell() else { return };
        cell.merge_key = merge.or(cell.merge_key.take());
        cell.span = span.and_then(|span| span.parse().ok()).or(cell.span);
        cell.shade = shade.or(cell.shade.take());
    }
}

/// Marks cells as covered by wider cells before them.
fn widen_cells(table: &mut MarkedTable) {
    for row in &mut table.rows {
        let mut at = 0;
        while at < row.len() {
            let Some(wanted) = row[at].span else {
                at += 1;
                continue;
            };
            let (own, mut next) = (at, at + 1);
            while next < row.len() && row[own].columns < wanted {
                row[own].columns += row[next].columns;
                row[next].covered = true;
                next += 1;
            }
            at = next;
        }
    }
}

/// Merges a cell with the one above if both have the same key, and all marked cells to its left are merged as
/// well.
fn merge_cells(table: &mut MarkedTable) {
    for at in 1..table.rows.len() {
        let (above, below) = table.rows.split_at_mut(at);
        let mut whole = true;
        for cell in &mut below[0] {
            let Some(key) = cell.merge_key.as_ref().filter(|_| !cell.covered) else { continue };
            let same =
                |other: &&MarkedCell| other.column == cell.column && other.columns == cell.columns;
            let same = above[at - 1].iter().find(same).is_some_and(|other| {
                other.merge_key.as_ref() == Some(key) && other.text == cell.text && !other.covered
            });
            whole &= same && !cell.text.trim().is_empty();
            cell.continues_merge = whole;
        }
    }
}

/// Returns the element that begins at a position.
fn element_at(text: &str, start: usize) -> &str {
    let mut reader = XmlEventReader::new(text.slice(start..), "");
    let mut depth = 0;
    while let Ok(Some((event, range))) = reader.next() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.slice(start..start + range.end);
        }
    }
    ""
}

fn write_table(text: &str, table: &MarkedTable) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut marks = table.marks.iter().peekable();
    // Copies text without the marks.
    let mut copy = |out: &mut String, range: Range<usize>| {
        let mut at = range.start;
        while let Some(mark) = marks.next_if(|mark| mark.start < range.end) {
            if mark.start >= at {
                out.push_str(text.slice(at..mark.start));
                at = mark.end;
            }
        }
        out.push_str(text.slice(at.min(range.end)..range.end));
    };
    for (number, row) in table.rows.iter().enumerate() {
        let below = table.rows.get(number + 1).map_or(&[][..], Vec::as_slice);
        for (at, cell) in row.iter().enumerate() {
            let starts = starts_merge(cell, below);
            if cell.covered {
                copy(&mut out, from..cell.range.start);
                copy(&mut String::new(), cell.range.clone());
                from = cell.range.end;
            } else if cell.span.is_some() || cell.shade.is_some() || cell.continues_merge || starts
            {
                copy(&mut out, from..cell.content_start);
                let old = cell.properties.map_or("", |start| element_at(text, start));
                out.push_str(&updated_properties(old, row, at, starts, text));
                from = cell.content_start
                    + if cell.properties == Some(cell.content_start) { old.len() } else { 0 };
                if cell.continues_merge {
                    let properties =
                        cell.paragraph_properties.map_or("", |start| element_at(text, start));
                    let _ = write!(out, "<w:p>{properties}</w:p></w:tc>");
                    copy(&mut String::new(), from..cell.range.end);
                    from = cell.range.end;
                }
            }
        }
    }
    copy(&mut out, from..text.len());
    out
}

/// Checks whether a cell below continues this one, so that it begins a merge.
fn starts_merge(cell: &MarkedCell, below: &[MarkedCell]) -> bool {
    let goes_on = |other: &MarkedCell| other.continues_merge && other.column == cell.column;
    !cell.continues_merge && cell.merge_key.is_some() && below.iter().any(goes_on)
}

/// Returns the properties of a cell with the changes of its marks.
fn updated_properties(
    old: &str,
    row: &[MarkedCell],
    at: usize,
    starts: bool,
    text: &str,
) -> String {
    let cell = &row[at];
    let mut properties = Properties::parse_cell(old);
    if cell.span.is_some() {
        let width = |cell: &MarkedCell| -> Option<u32> {
            let own =
                Properties::parse_cell(cell.properties.map_or("", |start| element_at(text, start)));
            own.child_attribute("w:tcW", "w:w")?.parse().ok()
        };
        let covered = row[at + 1..].iter().take_while(|cell| cell.covered);
        let total: Option<u32> = std::iter::once(cell).chain(covered).map(width).sum();
        if let Some(total) = total {
            let kind =
                properties.child_attribute("w:tcW", "w:type").unwrap_or_else(|| "dxa".to_owned());
            properties.set_child("w:tcW", &format!("<w:tcW w:w=\"{total}\" w:type=\"{kind}\"/>"));
        }
        properties.remove_child("w:gridSpan");
        if cell.columns > 1 {
            properties.set_child(
                "w:gridSpan",
                &format!("<w:gridSpan w:val=\"{columns}\"/>", columns = cell.columns),
            );
        }
    }
    if starts || cell.continues_merge {
        properties.remove_child("w:vMerge");
        let restart = if starts { " w:val=\"restart\"" } else { "" };
        properties.set_child("w:vMerge", &format!("<w:vMerge{restart}/>"));
    }
    if let Some(color) = &cell.shade {
        let fill = format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{color}\"/>");
        properties.set_child("w:shd", &fill);
    }
    properties.to_xml()
}
