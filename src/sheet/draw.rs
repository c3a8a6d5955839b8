//! Owns how a table looks in the workbook: merged heads, borders, marked and unlocked input cells with
//! their validation, totals as formulas that show their value.
//! Must not know an edition: everything comes from the form.

use super::NOTE;
use crate::form::{Content, Form, GridCell, Kind, Table, Term};
use crate::report::{About, Cell, Figure, Report};
use crate::syntax::xlsx::kept;
use crate::text;
use docx_fill::diag::{Lang, column_name};
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, Format, FormatAlign, FormatBorder, Formula,
    ProtectionOptions, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

/// First line of the table: above it stand its heading and a note.
const TOP: u32 = 2;
/// Millimetres in spreadsheets' units of column width and of points.
const MM_PER_WIDTH: f64 = 1.9;
const POINTS_PER_MM: f64 = 2.835;
/// In points: the size of the words, the height of a line of them, what a cell keeps free around them.
const SIZE: f64 = 10.5;
const LINE: f64 = 14.5;
const MARGIN: f64 = 6.0;

/// The formats of the workbook.
pub(super) struct Look {
    pub(super) head: Format,
    /// Input cells of texts.
    pub(super) words: Format,
    title: Format,
    note: Format,
    stacked: Format,
    input: Format,
    total: Format,
}

impl Look {
    pub(super) fn new() -> Look {
        let base = || Format::new().set_font_name("宋体").set_font_size(SIZE);
        let cell = || {
            let middle = base().set_align(FormatAlign::VerticalCenter).set_text_wrap();
            middle.set_border(FormatBorder::Thin)
        };
        let head = cell().set_align(FormatAlign::Center).set_background_color(0x00F2_F2F2);
        let input = || cell().set_background_color(0x00FF_F9DB).set_unlocked();
        Look {
            // Rotation 270 stands for one character under the other.
            stacked: head.clone().set_rotation(270),
            head,
            words: input().set_align(FormatAlign::Left),
            title: base().set_font_size(14).set_bold().set_align(FormatAlign::Center),
            note: base().set_font_size(9),
            input: input().set_align(FormatAlign::Center),
            total: cell().set_align(FormatAlign::Center),
        }
    }
}

/// Draws a table with its figures.
pub(super) fn table(
    sheet: &mut Worksheet,
    report: &Report,
    number: usize,
    look: &Look,
) -> Result<(), XlsxError> {
    let table = &report.form.tables[number];
    let last = index(table.grid.columns().saturating_sub(1));
    let heading = heading(&report.form, number).unwrap_or(&table.name);
    let note =
        "浅黄色的格可以填写，没有发生的填 0；白色的合计由公式计算，也可以改成数字，程序会核对。";
    for (line, text, format) in [(0, heading, &look.title), (1, note, &look.note)] {
        merged(sheet, line, 0, (line, last), text, format)?;
    }
    for (column, width) in (0_u16..).zip(&table.widths) {
        sheet.set_column_width(column, (width / MM_PER_WIDTH).max(0.5))?;
    }
    for line in 0..u32::try_from(table.grid.rows()).unwrap_or_default() {
        let height = table.line_height.max(7.0) * POINTS_PER_MM;
        let words = LINE * f64::from(lines_of(table, line)) + MARGIN;
        sheet.set_row_height(TOP + line, height.max(words))?;
    }
    for (placed, cell) in placed(table) {
        let at = (TOP + u32::try_from(placed.row).unwrap_or_default(), index(placed.column));
        draw(sheet, report, number, cell, at, look)?;
    }
    notes(sheet, report, number, look)?;
    let below = TOP + u32::try_from(table.header_lines).unwrap_or_default();
    sheet.set_freeze_panes(below, 0)?;
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    // Heads and totals are locked against slips; there is no password.
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

/// How many lines of text the longest label of a line needs that stands in this line alone.
fn lines_of(table: &Table, line: u32) -> u32 {
    let of_line = placed(table).filter(|(placed, cell)| {
        u32::try_from(placed.row).is_ok_and(|row| row == line) && cell.rowspan == 1
    });
    let needed = of_line.map(|(placed, cell)| {
        let Content::Head { text, vertical: false, .. } = &cell.content else { return 1 };
        let widths = table.widths.iter().skip(placed.column).take(cell.colspan);
        let room = widths.sum::<f64>() * POINTS_PER_MM - MARGIN;
        // Half of a character's width for what is narrow.
        let wanted = u32::try_from(text.width()).unwrap_or(u32::MAX);
        let a_line = (2.0 * room / SIZE).floor().max(2.0);
        (1..=8).find(|lines| f64::from(wanted) <= f64::from(*lines) * a_line).unwrap_or(8)
    });
    needed.max().unwrap_or(1)
}

/// Where the clerk answers findings: a column beside the table, or a line below it where several rows
/// stand in one line. It is not printed.
fn notes(
    sheet: &mut Worksheet,
    report: &Report,
    number: usize,
    look: &Look,
) -> Result<(), XlsxError> {
    let table = &report.form.tables[number];
    let mut rows: Vec<(usize, u32, u16, u16)> = Vec::new();
    for (placed, cell) in placed(table) {
        let Content::Figure(at) = cell.content else { continue };
        let row = table.cells[at].row;
        let line = TOP + u32::try_from(placed.row).unwrap_or_default();
        let (first, last) = (index(placed.column), index(placed.column + cell.colspan - 1));
        match rows.iter_mut().find(|known| known.0 == row) {
            Some(known) => (known.2, known.3) = (known.2.min(first), known.3.max(last)),
            None => rows.push((row, line, first, last)),
        }
    }
    let beside = index(table.grid.columns());
    let shared = rows.iter().any(|a| rows.iter().any(|b| a.0 != b.0 && a.1 == b.1));
    let lines = u32::try_from(table.grid.rows()).unwrap_or_default();
    if !shared {
        sheet.write_string_with_format(TOP, beside, NOTE, &look.head)?;
        sheet.set_column_width(beside, 30)?;
    }
    for (row, line, first, last) in rows {
        let note = report.note(About::Row { table: number, row });
        let note = note.map(|note| note.text.as_str()).unwrap_or_default();
        if shared {
            let head = TOP + lines;
            merged(sheet, head, first, (head, last), NOTE, &look.head)?;
            merged(sheet, head + 1, first, (head + 1, last), note, &look.words)?;
        } else {
            merged(sheet, line, beside, (line, beside), note, &look.words)?;
        }
    }
    sheet.set_print_area(0, 0, TOP + lines.saturating_sub(1), beside.saturating_sub(1))?;
    Ok(())
}

fn heading(form: &Form, number: usize) -> Option<&str> {
    let own = form.sections.iter().find(|section| section.table == Some(number));
    own.and_then(|section| section.heading.as_deref())
}

/// The physical cells with their addresses.
fn placed(table: &Table) -> impl Iterator<Item = (&crate::grid::Placed, &GridCell)> {
    table.grid.cells().iter().map(|placed| (placed, &table.lines[placed.line][placed.cell]))
}

fn index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

fn draw(
    sheet: &mut Worksheet,
    report: &Report,
    number: usize,
    cell: &GridCell,
    (line, column): (u32, u16),
    look: &Look,
) -> Result<(), XlsxError> {
    let below = line + u32::try_from(cell.rowspan - 1).unwrap_or_default();
    let end = (below, column + index(cell.colspan - 1));
    match &cell.content {
        Content::Head { text, vertical, .. } => {
            let format = if *vertical { &look.stacked } else { &look.head };
            merged(sheet, line, column, end, text, format)
        }
        Content::Figure(at) => {
            let table = &report.form.tables[number];
            let format = if table.is_computed(*at) { &look.total } else { &look.input };
            merged(sheet, line, column, end, "", format)?;
            figure(sheet, table, &report.tables[number], *at, (line, column), format)?;
            let kind = table.columns[table.cells[*at].column].kind;
            if let Some(rule) = validation(kind)? {
                sheet.add_data_validation(line, column, end.0, end.1, &rule)?;
            }
            Ok(())
        }
    }
}

fn merged(
    sheet: &mut Worksheet,
    line: u32,
    column: u16,
    end: (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if (line, column) == end {
        sheet.write_string_with_format(line, column, kept(text), format)?;
    } else {
        sheet.merge_range(line, column, end.0, end.1, &kept(text), format)?;
    }
    Ok(())
}

fn figure(
    sheet: &mut Worksheet,
    table: &Table,
    cells: &[Cell],
    at: usize,
    (line, column): (u32, u16),
    format: &Format,
) -> Result<(), XlsxError> {
    let text = cells[at].figure.text();
    let formula = formula(table, at).filter(|_| cells[at].span.is_none());
    match (&cells[at].figure, formula) {
        (_, Some(formula)) => {
            let formula = Formula::new(formula).set_result(text);
            sheet.write_formula_with_format(line, column, formula, format)?
        }
        (Figure::Number(_), None) => match exact(&text) {
            Some((number, 0)) => sheet.write_number_with_format(line, column, number, format)?,
            Some((number, zeros)) => {
                let shown = format.clone().set_num_format(format!("0.{}", "0".repeat(zeros)));
                sheet.write_number_with_format(line, column, number, &shown)?
            }
            None => sheet.write_string_with_format(line, column, text, format)?,
        },
        (Figure::Blank | Figure::Unknown, None) => sheet.write_blank(line, column, format)?,
        (_, None) => sheet.write_string_with_format(line, column, kept(&text), format)?,
    };
    Ok(())
}

/// The number as spreadsheets hold it, with the decimals to show where it closes with zeros; nothing if
/// it has too many digits.
fn exact(text: &str) -> Option<(f64, usize)> {
    let number: f64 = text.parse().ok()?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let decimals = match text.split_once('.') {
        Some((_, fraction)) if fraction.ends_with('0') => fraction.len(),
        _ => 0,
    };
    (digits <= 15).then_some((number, decimals))
}

fn validation(kind: Kind) -> Result<Option<DataValidation>, XlsxError> {
    let rule = DataValidation::new();
    let (rule, about) = match kind {
        Kind::Count => {
            (rule.allow_whole_number(DataValidationRule::Between(0, i32::MAX)), text!("cell.count"))
        }
        Kind::Signed => (
            rule.allow_whole_number(DataValidationRule::Between(i32::MIN, i32::MAX)),
            text!("cell.signed"),
        ),
        Kind::Money => (
            rule.allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0)),
            text!("cell.money"),
        ),
        Kind::Text => return Ok(None),
    };
    let about = text!("sheet.fill-in", expected = about).in_lang(Lang::Zh);
    rule.set_error_message(about).map(Some)
}

/// The formula of a cell that the form computes.
fn formula(table: &Table, goal: usize) -> Option<String> {
    let mut plan = table.plan.iter().map(|&at| &table.instances[at]);
    let instance = plan.find(|instance| instance.computes == Some(goal))?;
    let alone = |side: &[Term]| side.len() == 1 && side[0].index == goal;
    let other = if alone(&instance.left) { &instance.right } else { &instance.left };
    let address = |term: &Term| {
        let cell = placed(table).find(|(_, c)| c.content == Content::Figure(term.index));
        cell.map(|(placed, _)| (placed.row + TOP as usize, placed.column))
    };
    let plus: Option<Vec<_>> = other.iter().filter(|t| !t.minus).map(address).collect();
    let minus: Option<Vec<_>> = other.iter().filter(|t| t.minus).map(address).collect();
    let mut out = format!("SUM({})", runs(&plus?).join(","));
    for (row, column) in minus? {
        out.push('-');
        out.push_str(&name((row, column)));
    }
    Some(out)
}

/// Addresses with neighbours in a line or column drawn together: `D7:I7`.
fn runs(cells: &[(usize, usize)]) -> Vec<String> {
    let mut out: Vec<((usize, usize), (usize, usize))> = Vec::new();
    for &(row, column) in cells {
        match out.last_mut() {
            Some((from, to))
                if (from.0 == row && (row, column) == (to.0, to.1 + 1))
                    || (from.1 == column && (row, column) == (to.0 + 1, to.1)) =>
            {
                *to = (row, column);
            }
            _ => out.push(((row, column), (row, column))),
        }
    }
    let run = |&(from, to): &_| {
        if from == to { name(from) } else { format!("{}:{}", name(from), name(to)) }
    };
    out.iter().map(run).collect()
}

fn name((row, column): (usize, usize)) -> String {
    format!("{}{}", column_name(column), row + 1)
}
