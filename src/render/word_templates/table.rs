//! Owns an official table in Word: widths, merged cells, heights, and a tag in each figure cell.
//! Must not know the form's sections, nor the figures of a report.

use super::{literal_run, tag, text_run};
use crate::form::{FormTable, GridCell, GridContent};
use crate::grid::PlacedCell;
use crate::official_page::{TWIPS_PER_MM, official_page};
use docx_fill::template::numerals;
use docx_rs::{
    BorderType, HeightRule, Paragraph, TableAlignmentType, TableBorder, TableBorderPosition,
    TableBorders, TableCell, TableCellMargins, TableLayoutType, TableRow, TextDirectionType,
    VAlignType, VMergeType, WidthType,
};

/// Left and right margin of a cell in twips: half a millimetre, so that eight digits of 9 pt fit
/// into 13.8 mm.
const CELL_MARGIN: usize = 28;

/// Height in millimetres up to which a table is kept on one page: half the text block.
const MAX_KEPT_HEIGHT: f64 = 112.5;

/// Returns the table for docx-rs; `None` if it has no cell, because Word rejects such a file.
pub(super) fn docx_table(form: &FormTable) -> Option<docx_rs::Table> {
    let plan = TableBuilder::new(form)?;
    let rows = (0..form.grid.rows()).map(|row| plan.table_row(row)).collect();
    let margins = TableCellMargins::new()
        .margin_left(CELL_MARGIN, WidthType::Dxa)
        .margin_right(CELL_MARGIN, WidthType::Dxa);
    Some(
        docx_rs::Table::new(rows)
            .style("TableGrid")
            .set_grid(plan.widths.clone())
            .width(plan.widths.iter().sum(), WidthType::Dxa)
            .align(TableAlignmentType::Center)
            .layout(TableLayoutType::Fixed)
            .margins(margins)
            .set_borders(table_borders()),
    )
}

/// Returns single borders of half a point on all sides.
pub(super) fn table_borders() -> TableBorders {
    use TableBorderPosition::{Bottom, InsideH, InsideV, Left, Right, Top};
    [Top, Left, Bottom, Right, InsideH, InsideV].into_iter().fold(
        TableBorders::with_empty(),
        |borders, position| {
            let border = TableBorder::new(position).border_type(BorderType::Single).size(4);
            borders.set(border.color("000000"))
        },
    )
}

struct TableBuilder<'a> {
    form: &'a FormTable,
    /// Widths of the physical columns in twips.
    widths: Vec<usize>,
    /// Font size in half-points.
    size: usize,
    /// True if the whole table is kept on one page.
    keeps_together: bool,
}

impl TableBuilder<'_> {
    fn new(form: &FormTable) -> Option<TableBuilder<'_>> {
        if form.grid.rows() == 0 || form.grid.columns() == 0 {
            return None;
        }
        let rows = u32::try_from(form.grid.rows()).map_or(f64::INFINITY, f64::from);
        Some(TableBuilder {
            form,
            widths: column_widths(&form.widths),
            size: round_to_usize(form.size * 2.0).clamp(2, 144),
            keeps_together: rows * form.line_height <= MAX_KEPT_HEIGHT,
        })
    }

    fn table_row(&self, row: usize) -> TableRow {
        let mut cells = Vec::new();
        let mut column = 0;
        while column < self.form.grid.columns() {
            let placed = self.form.grid.cell_at(row, column);
            cells.push(self.table_cell(row, column, placed));
            column += placed.map_or(1, |placed| placed.span.columns.max(1));
        }
        let height = to_twips(self.form.line_height).clamp(1, 31_680);
        let height = u16::try_from(height).map_or(f32::MAX, f32::from);
        TableRow::new(cells).row_height(height).height_rule(HeightRule::AtLeast).cant_split()
    }

    fn table_cell(&self, row: usize, column: usize, placed: Option<&PlacedCell>) -> TableCell {
        let span = placed.map_or(1, |placed| placed.span.columns.max(1));
        let width = self.widths.iter().skip(column).take(span).sum();
        let mut cell =
            TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Center);
        if span > 1 {
            cell = cell.grid_span(span);
        }
        let first = placed.is_some_and(|placed| placed.row == row);
        if placed.is_some_and(|placed| placed.span.rows > 1) {
            cell =
                cell.vertical_merge(if first { VMergeType::Restart } else { VMergeType::Continue });
        }
        let source = placed.and_then(|p| self.form.lines.get(p.line)?.get(p.cell));
        if source.is_some_and(is_vertical) {
            cell = cell.text_direction(TextDirectionType::TbRlV);
        }
        let paragraph = match source {
            Some(source) if first => self.cell_paragraph(source, width),
            _ => self.empty_paragraph("TableText"),
        };
        cell.add_paragraph(paragraph.keep_next(self.keep_with_next(row)))
    }

    /// Checks whether a row is kept with the next one: header lines stay with the figures below,
    /// and the last line is never alone on a page.
    fn keep_with_next(&self, row: usize) -> bool {
        let below = self.form.grid.rows() - row - 1;
        let figures = self.form.lines.get(row).is_some_and(|line| {
            line.iter().any(|cell| matches!(cell.content, GridContent::Figure(_)))
        });
        below == 1 || below > 1 && (self.keeps_together || !figures)
    }

    fn cell_paragraph(&self, cell: &GridCell, width: usize) -> Paragraph {
        match &cell.content {
            GridContent::Header { text, vertical, heads_row } => {
                let left = *heads_row && !vertical && is_numbered(text);
                let style = if left { "TableText" } else { "TableHead" };
                self.empty_paragraph(style).add_run(literal_run(text).size(self.size))
            }
            GridContent::Figure(number) => {
                // Every figure of a form has a row and a column.
                let tag = self.figure_tag(*number, width).unwrap_or_default();
                self.empty_paragraph("TableFigure").add_run(text_run(&tag).size(self.size))
            }
        }
    }

    /// Returns an empty paragraph whose mark is no larger than the table's text.
    fn empty_paragraph(&self, style: &str) -> Paragraph {
        Paragraph::new().style(style).size(self.size)
    }

    fn figure_tag(&self, number: usize, width: usize) -> Option<String> {
        let cell = self.form.cells.get(number)?;
        let row = &self.form.rows.get(cell.row)?.id;
        let column = &self.form.columns.get(cell.column)?.id;
        let path = tag::tag_path(&[&self.form.id, row, column]);
        Some(format!("{{{{fit {path} {}}}}}", self.digit_count(width)))
    }

    /// Returns the number of digits that fit into a width: a digit is half as wide as the font
    /// size.
    fn digit_count(&self, width: usize) -> usize {
        // Twips of a digit: half-points × 10 twips ÷ 2.
        (width.saturating_sub(2 * CELL_MARGIN) / (self.size * 5)).max(1)
    }
}

/// Returns the widths of columns in twips. A table wider than the page is narrowed; the sum has no
/// rounding error.
fn column_widths(millimetres: &[f64]) -> Vec<usize> {
    let sane = |width: &f64| if width.is_finite() { width.clamp(0.1, 1000.0) } else { 1.0 };
    let total: f64 = millimetres.iter().map(sane).sum();
    let scale =
        ((official_page().text_width() * TWIPS_PER_MM).round() / TWIPS_PER_MM / total).min(1.0);
    let mut edge = 0.0;
    let mut before = 0;
    let mut out = Vec::new();
    for width in millimetres.iter().map(sane) {
        edge += width * scale;
        let after = to_twips(edge).max(before + 1);
        out.push(after - before);
        before = after;
    }
    out
}

fn to_twips(millimetres: f64) -> usize {
    round_to_usize(millimetres * TWIPS_PER_MM)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn round_to_usize(number: f64) -> usize {
    number.round().clamp(0.0, 1e9) as usize
}

fn is_vertical(cell: &GridCell) -> bool {
    matches!(cell.content, GridContent::Header { vertical: true, .. })
}

/// Checks whether a label begins with a number in official style: 一、 （一） 1.
fn is_numbered(text: &str) -> bool {
    let number = |text: &str, close: &[char]| {
        let rest =
            text.trim_start_matches(|c: char| numerals::is_ordinal_char(c) || c.is_ascii_digit());
        rest.len() < text.len() && rest.starts_with(close)
    };
    match text.strip_prefix(['（', '(']) {
        Some(inner) => number(inner, &['）', ')']),
        None => number(text, &['、', '.', '．']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known() {
        for label in ["一、本年新收", "（十二）总计", "1.属于国家秘密", "（1）其他", "12．其他"]
        {
            assert!(is_numbered(label), "{label}");
        }
        for label in ["规章", "（本列数据的勾稽关系为", "（一", "", "2021年", "、", "（）"]
        {
            assert!(!is_numbered(label), "{label}");
        }
    }

    #[test]
    fn widths_fill_the_text_block_and_odd_ones_do_no_harm() {
        assert_eq!(column_widths(&[10.4; 15]).iter().sum::<usize>(), 8844);
        assert_eq!(column_widths(&[45.0, 37.0, 37.0, 37.0]), [2551, 2098, 2097, 2098]);
        assert_eq!(column_widths(&[100.0, 300.0]).iter().sum::<usize>(), 8844);
        assert_eq!(column_widths(&[50.0]), [2835]);
        assert!(column_widths(&[f64::NAN, -1.0, 0.0, f64::INFINITY, 1e300]).iter().all(|&w| w > 0));
    }
}
