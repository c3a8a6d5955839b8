//! Owns the layout of a table in the workbook: merged heads, borders, highlighted and unlocked
//! input cells with validation, totals as formulas with their values.
//! Must not know an edition: everything comes from the form.

use super::NOTE;
use super::formulas::{
    CellCondition, TABLE_TOP, balance_conditions, balance_formula, column_index,
    imbalance_conditions, not_a_number_condition, placed_cells, section_heading, total_formula,
};
use crate::data::UNREAD_SIGN;
use crate::form::{FigureKind, FormTable, GridCell, GridContent};
use crate::msg;
use crate::report::{Figure, NoteTarget, Report};
use crate::syntax::xlsx::restorable_text;
use docx_fill::diag::Lang;
use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, DataValidationRule, Format, FormatAlign,
    FormatBorder, Formula, ProtectionOptions, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

/// Millimetres per unit of column width, and points per millimetre.
const MM_PER_WIDTH: f64 = 1.9;
const POINTS_PER_MM: f64 = 2.835;
/// Font size, line height and cell padding, in points.
const FONT_SIZE: f64 = 10.5;
const LINE_HEIGHT: f64 = 14.5;
const CELL_PADDING: f64 = 6.0;
/// Width of the column of notes in characters, and how many of them a line of text fills at most.
const NOTE_COLUMN: u16 = 30;
const NOTE_WIDTH: usize = 27;
/// Maximum number of lines for which a row is made higher.
const MAX_NOTE_LINES: u32 = 8;

/// The cell formats of the workbook.
pub(super) struct SheetFormats {
    pub(super) head: Format,
    /// Format of input cells for text.
    pub(super) text_input: Format,
    /// Format of input cells for digits that are no number.
    pub(super) digits_input: Format,
    /// Format of explanations, and of lists that are only read.
    pub(super) guide: Format,
    pub(super) plain: Format,
    pub(super) title: Format,
    note: Format,
    vertical_head: Format,
    figure_input: Format,
    total: Format,
    /// Format of the line that says whether the sums agree.
    balance: Format,
    /// Colours of what is right, of a sum that is wrong, and of what is no number.
    right: Format,
    wrong: Format,
    no_number: Format,
}

impl SheetFormats {
    pub(super) fn new() -> SheetFormats {
        let base = || Format::new().set_font_name("宋体").set_font_size(FONT_SIZE);
        let cell = || {
            let middle = base().set_align(FormatAlign::VerticalCenter).set_text_wrap();
            middle.set_border(FormatBorder::Thin)
        };
        let head = cell().set_align(FormatAlign::Center).set_background_color(0x00F2_F2F2);
        let input = || cell().set_background_color(0x00FF_F9DB).set_unlocked();
        SheetFormats {
            // Rotation 270 sets one character below the other.
            vertical_head: head.clone().set_rotation(270),
            head,
            text_input: input().set_align(FormatAlign::Left),
            digits_input: input().set_align(FormatAlign::Left).set_num_format("@"),
            guide: base().set_text_wrap().set_align(FormatAlign::Top),
            plain: cell().set_align(FormatAlign::Left),
            title: base().set_font_size(14).set_bold().set_align(FormatAlign::Center),
            note: base().set_font_size(9),
            figure_input: input().set_align(FormatAlign::Center),
            total: cell().set_align(FormatAlign::Center).set_unlocked(),
            balance: base().set_bold().set_align(FormatAlign::Center),
            right: Format::new().set_font_color(0x0000_6100).set_background_color(0x00C6_EFCE),
            wrong: Format::new().set_font_color(0x009C_0006).set_background_color(0x00FF_C7CE),
            no_number: Format::new().set_background_color(0x00FF_C000),
        }
    }
}

/// Writes a table with its figures.
pub(super) fn write_table_sheet(
    sheet: &mut Worksheet,
    report: &Report,
    number: usize,
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    let table = &report.form.tables[number];
    let last = column_index(table.grid.columns().saturating_sub(1));
    let heading = section_heading(&report.form, number).unwrap_or(&table.name);
    let note =
        "浅黄色的格可以填写，没有发生的填 0；白色的合计由公式计算，也可以改成数字，程序会核对。";
    for (line, text, format) in [(0, heading, &look.title), (1, note, &look.note)] {
        write_merged(sheet, CellArea { first: (line, 0), last: (line, last) }, text, format)?;
    }
    for (column, width) in (0_u16..).zip(&table.widths) {
        sheet.set_column_width(column, (width / MM_PER_WIDTH).max(0.5))?;
    }
    for line in 0..u32::try_from(table.grid.rows()).unwrap_or_default() {
        sheet.set_row_height(TABLE_TOP + line, line_height(table, line, 1))?;
    }
    let table_cells = TableCells { report, number, look };
    for (placed, cell) in placed_cells(table) {
        let at = (
            TABLE_TOP + u32::try_from(placed.row).unwrap_or_default(),
            column_index(placed.column),
        );
        table_cells.write_cell(sheet, cell, at)?;
    }
    write_notes(sheet, report, number, look)?;
    write_live_check(sheet, report, number, look)?;
    let below = TABLE_TOP + u32::try_from(table.header_lines).unwrap_or_default();
    sheet.set_freeze_panes(below, 0)?;
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    // Heads and totals are locked against accidental changes; there is no password.
    sheet.protect_with_options(&ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        insert_columns: true,
        insert_rows: true,
        ..ProtectionOptions::default()
    });
    Ok(())
}

/// Writes beside the table whether its sums agree, and colours the cells that are wrong while they are
/// filled in.
fn write_live_check(
    sheet: &mut Worksheet,
    report: &Report,
    number: usize,
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    let table = &report.form.tables[number];
    let beside = column_index(table.grid.columns());
    if let Some(balance) = balance_formula(table, &report.tables[number]) {
        sheet.set_column_width(beside, 30)?;
        let [right, wrong] = balance_conditions((0, table.grid.columns()));
        let formula = Formula::new(balance.formula).set_result(balance.result);
        sheet.write_formula_with_format(0, beside, formula, &look.balance)?;
        for (condition, format) in [(right, &look.right), (wrong, &look.wrong)] {
            colour_cells(sheet, &condition, format, None)?;
        }
    }
    if let Some((ranges, words)) = not_a_number_condition(table) {
        colour_cells(sheet, &words, &look.no_number, Some(&ranges))?;
    }
    for condition in imbalance_conditions(table) {
        colour_cells(sheet, &condition, &look.wrong, None)?;
    }
    Ok(())
}

/// Colours a cell, or all cells of some ranges that begin with it, where a condition holds.
fn colour_cells(
    sheet: &mut Worksheet,
    condition: &CellCondition,
    format: &Format,
    ranges: Option<&str>,
) -> Result<(), XlsxError> {
    let (line, column) = condition.place;
    let (line, column) = (u32::try_from(line).unwrap_or(u32::MAX), column_index(column));
    let colour =
        ConditionalFormatFormula::new().set_rule(condition.formula.as_str()).set_format(format);
    let colour = match ranges {
        Some(ranges) => colour.set_multi_range(ranges),
        None => colour,
    };
    sheet.add_conditional_format(line, column, line, column, &colour)?;
    Ok(())
}

/// Returns the height of a line of the table that has room for its labels and for a number of lines of text.
fn line_height(table: &FormTable, line: u32, lines: u32) -> f64 {
    let of_form = table.line_height.max(7.0) * POINTS_PER_MM;
    let words = LINE_HEIGHT * f64::from(label_line_count(table, line).max(lines)) + CELL_PADDING;
    of_form.max(words)
}

/// Returns the number of lines of text of the longest label that lies in this line only.
fn label_line_count(table: &FormTable, line: u32) -> u32 {
    let of_line = placed_cells(table).filter(|(placed, cell)| {
        u32::try_from(placed.row).is_ok_and(|row| row == line) && cell.rowspan == 1
    });
    let needed = of_line.map(|(placed, cell)| {
        let GridContent::Header { text, vertical: false, .. } = &cell.content else { return 1 };
        let widths = table.widths.iter().skip(placed.column).take(cell.colspan);
        let room = widths.sum::<f64>() * POINTS_PER_MM - CELL_PADDING;
        // Half a character's width for narrow characters.
        let wanted = u32::try_from(text.width()).unwrap_or(u32::MAX);
        let a_line = (2.0 * room / FONT_SIZE).floor().max(2.0);
        (1..=8).find(|lines| f64::from(wanted) <= f64::from(*lines) * a_line).unwrap_or(8)
    });
    needed.max().unwrap_or(1)
}

/// Writes the place for notes: a column beside the table, or a line below it if several rows share
/// one line. It is not printed.
fn write_notes(
    sheet: &mut Worksheet,
    report: &Report,
    number: usize,
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    let table = &report.form.tables[number];
    let mut rows: Vec<(usize, u32, u16, u16)> = Vec::new();
    for (placed, cell) in placed_cells(table) {
        let GridContent::Figure(at) = cell.content else { continue };
        let row = table.cells[at].row;
        let line = TABLE_TOP + u32::try_from(placed.row).unwrap_or_default();
        let (first, last) =
            (column_index(placed.column), column_index(placed.column + cell.colspan - 1));
        match rows.iter_mut().find(|known| known.0 == row) {
            Some(known) => (known.2, known.3) = (known.2.min(first), known.3.max(last)),
            None => rows.push((row, line, first, last)),
        }
    }
    let beside = column_index(table.grid.columns());
    let shared = rows.iter().any(|a| rows.iter().any(|b| a.0 != b.0 && a.1 == b.1));
    let lines = u32::try_from(table.grid.rows()).unwrap_or_default();
    if !shared {
        sheet.write_string_with_format(TABLE_TOP, beside, NOTE, &look.head)?;
        sheet.set_column_width(beside, f64::from(NOTE_COLUMN))?;
    }
    for (row, line, first, last) in rows {
        let note = report.note_on(NoteTarget::Row { table: number, row });
        let note = note.map(|note| note.text.as_str()).unwrap_or_default();
        if shared {
            let head = TABLE_TOP + lines;
            let area = CellArea { first: (head, first), last: (head, last) };
            write_merged(sheet, area, NOTE, &look.head)?;
            let area = CellArea { first: (head + 1, first), last: (head + 1, last) };
            write_merged(sheet, area, note, &look.text_input)?;
        } else {
            let area = CellArea { first: (line, beside), last: (line, beside) };
            write_merged(sheet, area, note, &look.text_input)?;
            // Spreadsheets do not make a row higher whose height is given.
            let lines = u32::try_from(note.width().div_ceil(NOTE_WIDTH)).unwrap_or(u32::MAX);
            if lines > 1 {
                let height = line_height(table, line - TABLE_TOP, lines.min(MAX_NOTE_LINES));
                sheet.set_row_height(line, height)?;
            }
        }
    }
    sheet.set_print_area(0, 0, TABLE_TOP + lines.saturating_sub(1), beside.saturating_sub(1))?;
    Ok(())
}

/// The cells of a table, as they are written.
struct TableCells<'a> {
    report: &'a Report,
    /// Number of the table.
    number: usize,
    look: &'a SheetFormats,
}

impl TableCells<'_> {
    /// Writes a head or a figure whose first cell is at a line and column.
    fn write_cell(
        &self,
        sheet: &mut Worksheet,
        cell: &GridCell,
        at: (u32, u16),
    ) -> Result<(), XlsxError> {
        let (line, column) = at;
        let below = line + u32::try_from(cell.rowspan - 1).unwrap_or_default();
        let area = CellArea { first: at, last: (below, column + column_index(cell.colspan - 1)) };
        match &cell.content {
            GridContent::Header { text, vertical, .. } => {
                let format = if *vertical { &self.look.vertical_head } else { &self.look.head };
                write_merged(sheet, area, text, format)
            }
            GridContent::Figure(figure) => self.write_figure(sheet, *figure, area),
        }
    }

    /// Writes a figure with its format and the rule of what may be entered.
    fn write_figure(
        &self,
        sheet: &mut Worksheet,
        at: usize,
        area: CellArea,
    ) -> Result<(), XlsxError> {
        let table = &self.report.form.tables[self.number];
        let format = if table.is_computed(at) { &self.look.total } else { &self.look.figure_input };
        write_merged(sheet, area, "", format)?;
        let CellArea { first: (line, column), last } = area;
        let cell = &self.report.tables[self.number][at];
        let text = cell.figure.cell_text();
        let formula = total_formula(table, at).filter(|_| cell.place.is_none());
        match (&cell.figure, formula) {
            (_, Some(formula)) => {
                let formula = Formula::new(formula).set_result(text);
                sheet.write_formula_with_format(line, column, formula, format)?
            }
            (Figure::Number(_), None) => match exact_number(&text) {
                Some((number, 0)) => {
                    sheet.write_number_with_format(line, column, number, format)?
                }
                Some((number, zeros)) => {
                    let shown = format.clone().set_num_format(format!("0.{}", "0".repeat(zeros)));
                    sheet.write_number_with_format(line, column, number, &shown)?
                }
                None => sheet.write_string_with_format(line, column, text, format)?,
            },
            (Figure::Blank, None) => sheet.write_blank(line, column, format)?,
            (Figure::Unknown, None) => {
                sheet.write_string_with_format(line, column, UNREAD_SIGN, format)?
            }
            (_, None) => {
                sheet.write_string_with_format(line, column, restorable_text(&text), format)?
            }
        };
        if let Some(rule) = input_validation(table.kind_of(at))? {
            sheet.add_data_validation(line, column, last.0, last.1, &rule)?;
        }
        Ok(())
    }
}

/// Neighbouring cells of a sheet, by line and column of the first and the last one.
#[derive(Debug, Clone, Copy)]
struct CellArea {
    first: (u32, u16),
    last: (u32, u16),
}

fn write_merged(
    sheet: &mut Worksheet,
    area: CellArea,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let CellArea { first: (line, column), last: end } = area;
    if area.first == end {
        sheet.write_string_with_format(line, column, restorable_text(text), format)?;
    } else {
        sheet.merge_range(line, column, end.0, end.1, &restorable_text(text), format)?;
    }
    Ok(())
}

/// Returns a number as a float with the number of decimals to display if it ends in zeros; `None`
/// if a float cannot hold its digits.
fn exact_number(text: &str) -> Option<(f64, usize)> {
    let number: f64 = text.parse().ok()?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let decimals = match text.split_once('.') {
        Some((_, fraction)) if fraction.ends_with('0') => fraction.len(),
        _ => 0,
    };
    (digits <= 15).then_some((number, decimals))
}

fn input_validation(kind: FigureKind) -> Result<Option<DataValidation>, XlsxError> {
    let rule = DataValidation::new();
    let (rule, about) = match kind {
        FigureKind::Count => {
            (rule.allow_whole_number(DataValidationRule::Between(0, i32::MAX)), msg!("cell.count"))
        }
        FigureKind::Signed => (
            rule.allow_whole_number(DataValidationRule::Between(i32::MIN, i32::MAX)),
            msg!("cell.signed"),
        ),
        FigureKind::Money => (
            rule.allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0)),
            msg!("cell.money"),
        ),
        FigureKind::Text => return Ok(None),
    };
    let about = msg!("sheet.fill-in", expected = about).in_lang(Lang::Zh);
    rule.set_error_message(about).map(Some)
}
