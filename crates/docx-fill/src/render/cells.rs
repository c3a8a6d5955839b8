//! Owns cell tags: cells that merge downward while equal, span columns or are shaded. A tag leaves a mark, which is its
//! position in the output; when the table is complete, it is read once, since loops decide which cells it has, and the
//! marks become properties.
//! Must not know the content of a cell.

use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::scope::RenderScope;
use crate::ir::word_values::{CellTag, CellTagKind};
use crate::opc::xml::{XmlEventReader, attribute_value};
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::value::{parse_decimal, printed_text};
use crate::word::measure::parse_twips;
use crate::word::properties::Properties;
use crate::word::table::{parse_grid_span, parse_skipped_columns};
use crate::word::table_layout::{is_former_properties, round_twips};
use quick_xml::events::{BytesStart, Event};
use std::fmt::Write as _;
use std::ops::Range;

/// Maximum columns of a table in Word.
const MAX_SPAN: usize = 63;

/// A change of the cell in which a tag stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CellChange {
    /// Merging with the cell above if both have the same key.
    Merge(String),
    /// Spanning this many columns.
    Span(usize),
    /// Shading in a color.
    Shade(String),
}

/// A change of a cell with its position in the output.
#[derive(Debug)]
pub(crate) struct CellMark {
    pub(crate) at: usize,
    pub(crate) change: CellChange,
}

impl CellTag {
    /// Leaves a mark, and writes the tag's value if it has one.
    pub(crate) fn render<'a>(
        &'a self,
        scope: &RenderScope<'a>,
        out: &mut String,
        marks: &mut Vec<CellMark>,
    ) -> Result<(), Problem> {
        let at = out.len();
        let mut texts = Vec::with_capacity(self.args.len());
        for arg in &self.args {
            let value = scope.require_value(arg)?;
            texts.push(value.get().map(printed_text).transpose()?.unwrap_or_default().into_owned());
        }
        match self.kind {
            CellTagKind::Merge => {
                crate::eval::renderer::check_xml_chars(&texts[0], &self.args[0])?;
                // The debug format keeps lists of values apart that would be equal when concatenated.
                marks.push(CellMark { at, change: CellChange::Merge(format!("{texts:?}")) });
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
                marks.push(CellMark { at, change: CellChange::Span(count) });
            }
            CellTagKind::Shade => {
                let color = texts[0].trim_start_matches('#');
                if !color.is_empty() {
                    let change = CellChange::Shade(check_color(color)?);
                    marks.push(CellMark { at, change });
                }
            }
        }
        Ok(())
    }
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
    /// Grid columns that the last row skips before its first cell.
    skipped_columns: usize,
    /// Nesting depth of tracked former properties, which are ignored.
    in_change: usize,
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

/// A range of a text that is kept, and where it begins in the changed text.
#[derive(Debug)]
struct KeptRange {
    old: Range<usize>,
    new_start: usize,
}

/// The ranges of a changed table that are kept.
#[derive(Debug)]
pub(crate) struct KeptRanges {
    /// Position of the table in the output.
    from: usize,
    ranges: Vec<KeptRange>,
}

impl KeptRanges {
    /// Returns the new position of a byte of the output; `None` if it is gone.
    pub(crate) fn new_position(&self, at: usize) -> Option<usize> {
        let Some(within) = at.checked_sub(self.from) else { return Some(at) };
        let next = self.ranges.partition_point(|range| range.old.start <= within);
        let range = self.ranges.get(next.checked_sub(1)?)?;
        let kept = range.old.contains(&within);
        kept.then(|| self.from + range.new_start + (within - range.old.start))
    }
}

/// Applies the marks of the table that begins at `from`. Returns what is kept of its text, if anything is changed.
pub(crate) fn apply_marks(
    out: &mut String,
    from: usize,
    marks: Vec<CellMark>,
) -> Option<KeptRanges> {
    if marks.is_empty() {
        return None;
    }
    let mut table = read_table(out.slice(from..))?;
    table.add_marks(from, marks);
    widen_cells(&mut table);
    merge_cells(&mut table);
    let (text, ranges) = write_table(out.slice(from..), &table);
    out.cut_from(from);
    out.push_str(&text);
    Some(KeptRanges { from, ranges })
}

fn read_table(text: &str) -> Option<MarkedTable> {
    let mut reader = XmlEventReader::of_written(text);
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
            Event::Empty(element) if depth == 1 => {
                table.start_element(&element, &range);
                table.end_element(element.name().as_ref(), &range);
            }
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
        let value = || attribute_value(element, "w:val");
        match element.name().as_ref() {
            name if is_former_properties(name) => self.in_change += 1,
            _ if self.in_change > 0 => {}
            "w:tr" => {
                self.rows.push(Vec::new());
                self.skipped_columns = 0;
            }
            "w:gridBefore" => self.skipped_columns = parse_skipped_columns(value().as_deref()),
            "w:tc" => {
                let skipped = self.skipped_columns;
                if let Some(row) = self.rows.last_mut() {
                    let column = row.last().map_or(skipped, |cell| cell.column + cell.columns);
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
                if let Some(cell) = self.last_cell() {
                    cell.columns = parse_grid_span(value().as_deref());
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
        if is_former_properties(name) {
            self.in_change = self.in_change.saturating_sub(1);
        }
        if name == "w:tc"
            && let Some(cell) = self.last_cell()
        {
            cell.range.end = range.end;
        }
    }

    /// Adds marks to the cells in which they stand; both are in reading order. Of two of a kind the last one counts.
    fn add_marks(&mut self, from: usize, marks: Vec<CellMark>) {
        let mut cells = self.rows.iter_mut().flatten().peekable();
        for CellMark { at, change } in marks {
            let at = at - from;
            while cells.next_if(|cell| cell.range.end <= at).is_some() {}
            let Some(cell) = cells.peek_mut().filter(|cell| cell.range.contains(&at)) else {
                continue;
            };
            match change {
                CellChange::Merge(key) => cell.merge_key = Some(key),
                CellChange::Span(count) => cell.span = Some(count),
                CellChange::Shade(color) => cell.shade = Some(color),
            }
        }
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
    let mut reader = XmlEventReader::of_written(text.slice(start..));
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

/// Writes a text anew and notes what of it is kept.
struct TableWriter<'t> {
    text: &'t str,
    out: String,
    /// End of what is kept or left out so far.
    done: usize,
    ranges: Vec<KeptRange>,
}

impl TableWriter<'_> {
    fn keep_to(&mut self, end: usize) {
        if self.done < end {
            let old = self.done..end;
            self.ranges.push(KeptRange { old: old.clone(), new_start: self.out.len() });
            self.out.push_str(self.text.slice(old));
            self.done = end;
        }
    }

    fn leave_out_to(&mut self, end: usize) {
        self.done = self.done.max(end);
    }
}

fn write_table(text: &str, table: &MarkedTable) -> (String, Vec<KeptRange>) {
    let out = String::with_capacity(text.len());
    let mut writer = TableWriter { text, out, done: 0, ranges: Vec::new() };
    for (number, row) in table.rows.iter().enumerate() {
        let below = table.rows.get(number + 1).map_or(&[][..], Vec::as_slice);
        for (at, cell) in row.iter().enumerate() {
            let starts = starts_merge(cell, below);
            if cell.covered {
                writer.keep_to(cell.range.start);
                writer.leave_out_to(cell.range.end);
            } else if cell.span.is_some() || cell.shade.is_some() || cell.continues_merge || starts
            {
                let start = cell.properties.unwrap_or(cell.content_start);
                writer.keep_to(start);
                let old = cell.properties.map_or("", |start| element_at(text, start));
                writer.out.push_str(&updated_properties(text, old, RowCell { row, at, starts }));
                writer.leave_out_to(start + old.len());
                if cell.continues_merge {
                    let properties =
                        cell.paragraph_properties.map_or("", |start| element_at(text, start));
                    let _ = write!(writer.out, "<w:p>{properties}</w:p></w:tc>");
                    writer.leave_out_to(cell.range.end);
                }
            }
        }
    }
    writer.keep_to(text.len());
    (writer.out, writer.ranges)
}

/// Checks whether a cell below continues this one, so that it begins a merge.
fn starts_merge(cell: &MarkedCell, below: &[MarkedCell]) -> bool {
    let goes_on = |other: &MarkedCell| other.continues_merge && other.column == cell.column;
    !cell.continues_merge && cell.merge_key.is_some() && below.iter().any(goes_on)
}

/// A cell of a row, and whether it starts a merge.
#[derive(Clone, Copy)]
struct RowCell<'a> {
    row: &'a [MarkedCell],
    at: usize,
    starts: bool,
}

/// Returns the properties of a cell with the changes of its marks.
fn updated_properties(text: &str, old: &str, of_row: RowCell<'_>) -> String {
    let RowCell { row, at, starts } = of_row;
    let cell = &row[at];
    let mut properties = Properties::parse_cell(old);
    if cell.span.is_some() {
        let width = |cell: &MarkedCell| -> Option<u32> {
            let own =
                Properties::parse_cell(cell.properties.map_or("", |start| element_at(text, start)));
            parse_twips(&own.child_attribute("w:tcW", "w:w")?).map(round_twips)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"10\"/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
        )
    }

    #[test]
    fn positions_follow_what_is_kept() {
        let (before, table) = (
            "<w:p/>",
            format!("<w:tbl><w:tr>{}</w:tr><w:tr>{}</w:tr></w:tbl>", cell("甲"), cell("甲")),
        );
        let mut out = format!("{before}{table}");
        let first = out.find('甲').unwrap();
        let second = out.rfind('甲').unwrap();
        let merge = |at| CellMark { at, change: CellChange::Merge("k".to_owned()) };
        let kept = apply_marks(&mut out, before.len(), vec![merge(first), merge(second)]).unwrap();
        assert_eq!(out.matches("<w:vMerge w:val=\"restart\"/>").count(), 1);
        assert_eq!(out.matches("<w:vMerge/>").count(), 1);
        assert!(!out.contains("fill:"));
        assert_eq!(kept.new_position(3), Some(3));
        let moved = kept.new_position(first).unwrap();
        assert!(out.slice(moved..).starts_with("甲</w:t>"));
        // The content of a cell that continues the merge is gone.
        assert_eq!(kept.new_position(second), None);
    }

    #[test]
    fn a_table_without_marks_stays() {
        let mut out = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", cell("甲"));
        let same = out.clone();
        assert!(apply_marks(&mut out, 0, Vec::new()).is_none());
        assert_eq!(out, same);
    }
}
