//! Owns the matrix: a workbook with a sheet for each table, units by figures, totals as formulas; a
//! sheet with the status and one with the findings.
//! Must not compute sums: they come with the county.

use super::line_reasons::LineReasons;
use super::unit_report::UnitReport;
use super::{Collected, DeliveryStatus, StatusLine, status_page, status_text};
use crate::check::findings_list::{self, ListedReport};
use crate::form::{CollectRule, FormTable};
use crate::msg;
use crate::report::Figure;
use crate::sheet::{new_workbook, workbook_bytes};
use crate::syntax::xlsx::{self, SheetNames, write_words};
use crate::syntax::xlsx_rows::{self, CellContent, RowCell, RowResources, SheetRows};
use docx_fill::diag::{Diagnostic, Lang, Message, Severity, column_letters};
use docx_fill::opc;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Worksheet, XlsxError};
use std::ops::Range;

/// Number of columns before the figures: the unit and its status.
const LEADING_COLUMNS: u16 = 2;
/// Width of a column of figures in digits; a Chinese character has the width of two.
const FIGURE_WIDTH: u16 = 10;
/// Width of the column of files.
const FILE_WIDTH: f64 = 30.0;
/// Width of the column of reasons.
const REASON_WIDTH: f64 = 48.0;
/// Height of a line of text in points.
const LINE_HEIGHT: u16 = 15;
/// Maximum number of columns of figures on a printed page (A3).
const MAX_PAGE_COLUMNS: usize = 15;
/// Print scale in per cent at which that many columns fit.
const PRINT_SCALE: u16 = 70;

struct MatrixFormats {
    head: Format,
    unit: Format,
    figure: Format,
    total: Format,
    open: Format,
    faulty: Format,
    doubtful: Format,
    lacking: Format,
    outside: Format,
    note: Format,
}

impl MatrixFormats {
    fn new() -> MatrixFormats {
        let base = Format::new().set_font_name("宋体").set_font_size(10.5);
        let cell =
            base.clone().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let centre = cell.clone().set_align(FormatAlign::Center);
        let head = centre.clone().set_text_wrap().set_background_color(0x00F2_F2F2);
        let total = centre.clone().set_bold().set_background_color(0x00E2_EFDA);
        MatrixFormats {
            head,
            unit: cell.clone().set_text_wrap(),
            open: total.clone().set_background_color(0x00FF_E699),
            total,
            faulty: centre.clone().set_background_color(0x00F8_CBAD),
            doubtful: centre.clone().set_background_color(0x00FF_F2CC),
            lacking: centre.clone().set_bold().set_background_color(0x00F8_CBAD),
            outside: centre.clone().set_font_color(0x0059_5959).set_italic(),
            figure: centre,
            note: base.set_font_size(9).set_text_wrap(),
        }
    }
}

impl MatrixFormats {
    /// Returns the formats of the units' rows by their numbers.
    fn of_rows(&self) -> [&Format; 5] {
        [&self.unit, &self.figure, &self.faulty, &self.doubtful, &self.outside]
    }
}

/// Returns the workbook of a county. Equal counties give equal bytes.
pub fn matrix_workbook(
    county: &Collected,
    listed: &[ListedReport],
    lang: Lang,
) -> Result<Vec<u8>, Message> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut book = new_workbook(None)?;
        let look = MatrixFormats::new();
        let mut names = SheetNames::default();
        let sheet = book.add_worksheet();
        sheet.set_name(names.unique_name(&msg!("collect.sheet-status").in_lang(lang)))?;
        write_status_sheet(sheet, county, &look, lang)?;
        let tables = county.form.tables.iter().enumerate();
        let sheets: Vec<MatrixSheet<'_>> = tables
            .map(|(number, table)| MatrixSheet { county, number, table, look: &look, lang })
            .collect();
        let mut rows = Vec::new();
        for matrix in &sheets {
            let sheet = book.add_worksheet();
            sheet.set_name(names.unique_name(&matrix.table.name))?;
            rows.push(matrix.write_sheet(sheet)?);
        }
        findings_list::add_findings_sheet(book.add_worksheet(), listed, &mut names, lang)?;
        let frame = workbook_bytes(&mut book)?;
        drop(book);
        Ok(opc::unify_host_system(xlsx_rows::insert_rows(frame, &rows)?)?)
    };
    write().map_err(|error| msg!("sheet.write", reason = error.to_string()))
}

fn row_index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn column_index(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Returns the number of lines of a text wrapped across this many columns of figures.
fn wrapped_line_count(words: &str, columns: usize) -> usize {
    let room = columns * usize::from(FIGURE_WIDTH);
    let size = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    words.lines().map(|line| size(line).div_ceil(room).max(1)).sum()
}

fn write_status_sheet(
    sheet: &mut Worksheet,
    county: &Collected,
    look: &MatrixFormats,
    lang: Lang,
) -> Result<(), XlsxError> {
    let summary = status_text::summary_text(county).in_lang(lang);
    sheet.merge_range(0, 0, 0, 6, &xlsx::cell_line(&summary), &look.note)?;
    sheet.set_row_height(0, 32)?;
    for ((at, head), width) in (0_u16..).zip(status_page::status_heads()).zip([
        30.0,
        8.0,
        20.0,
        7.0,
        7.0,
        FILE_WIDTH,
        REASON_WIDTH,
    ]) {
        write_words(sheet, (1, at), &head.in_lang(lang), &look.head)?;
        sheet.set_column_width(at, width)?;
    }
    let reasons = LineReasons::new(county);
    for (at, one) in county.lines.iter().enumerate() {
        let row = row_index(at + 2);
        let format = if one.status.needs_attention() { &look.faulty } else { &look.figure };
        let file = one.delivered.map(|at| county.delivered[at].file.as_str()).unwrap_or_default();
        write_words(
            sheet,
            (row, 0),
            &status_text::unit_name(county, one).in_lang(lang),
            &look.unit,
        )?;
        write_words(sheet, (row, 1), status_text::level_name(county, one), &look.figure)?;
        write_words(sheet, (row, 2), &status_text::status_label(one.status).in_lang(lang), format)?;
        // Without a file, nothing was counted.
        if let Some((errors, warnings)) = county.count_faults(one) {
            sheet.write_number_with_format(row, 3, f64::from(row_index(errors)), &look.figure)?;
            sheet.write_number_with_format(row, 4, f64::from(row_index(warnings)), &look.figure)?;
        }
        write_words(sheet, (row, 5), file, &look.unit)?;
        let reason = reasons.reason_of(one).in_lang(lang);
        write_words(sheet, (row, 6), &reason, &look.unit)?;
        let wrapped = [(file, FILE_WIDTH), (reason.as_str(), REASON_WIDTH)];
        sheet.set_row_height(row, findings_list::row_height(wrapped.into_iter()))?;
    }
    sheet.autofilter(1, 0, row_index(county.lines.len() + 1), 6)?;
    sheet.set_freeze_panes(2, 1)?.set_repeat_rows(0, 1)?;
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The cells of a head, by row and column of the first and the last one.
#[derive(Debug, Clone, Copy)]
struct HeadArea {
    from: (usize, usize),
    to: (usize, usize),
}

/// The layout of the sheet of one table.
struct MatrixSheet<'a> {
    county: &'a Collected,
    number: usize,
    table: &'a FormTable,
    look: &'a MatrixFormats,
    lang: Lang,
}

impl MatrixSheet<'_> {
    /// Writes the sheet with samples in place of the units' rows, and returns these.
    fn write_sheet(
        &self,
        sheet: &mut Worksheet,
    ) -> Result<(SheetRows<'_>, RowResources), XlsxError> {
        let levels = self.head_levels();
        let last = LEADING_COLUMNS - 1 + column_index(self.table.cells.len());
        let note = msg!("collect.matrix-note").in_lang(self.lang);
        write_words(sheet, (0, 0), &note, &self.look.note.clone().unset_text_wrap())?;
        self.write_heads(sheet, &levels)?;
        let added = self.county.count_lines(DeliveryStatus::is_added);
        let total = levels.len() + 1;
        let first = total + 1;
        let rows = self.unit_rows();
        let used = rows.resources();
        rows.write_samples(sheet, &used, &self.look.of_rows())?;
        self.write_totals(sheet, total, first..first + added)?;
        sheet.set_column_width(0, 32)?.set_column_width(1, 22)?;
        sheet.set_column_range_width(LEADING_COLUMNS, last, FIGURE_WIDTH)?;
        sheet.set_freeze_panes(row_index(first), LEADING_COLUMNS)?;
        sheet.set_repeat_rows(1, row_index(total))?.set_repeat_columns(0, LEADING_COLUMNS - 1)?;
        sheet.set_paper_size(8).set_landscape().set_print_scale(PRINT_SCALE);
        sheet.set_vertical_page_breaks(&self.page_breaks())?;
        Ok((rows, used))
    }

    /// Returns the columns with which a printed page begins: the figures of a row stay together.
    fn page_breaks(&self) -> Vec<u32> {
        let (mut out, mut start) = (Vec::new(), 0);
        let rows = self.table.cells.chunk_by(|one, next| one.row == next.row);
        let mut from = 0;
        for row in rows {
            let end = from + row.len();
            if end - start > MAX_PAGE_COLUMNS && from > start {
                out.push(u32::from(LEADING_COLUMNS) + row_index(from));
                start = from;
            }
            from = end;
        }
        out
    }

    /// Returns the labels above each figure, from the outermost level; levels without any are left
    /// out.
    fn head_levels(&self) -> Vec<Vec<String>> {
        let cell = |at: usize| {
            let id = self.table.cells[at];
            let (row, column) = (&self.table.rows[id.row], &self.table.columns[id.column]);
            [
                row.group.clone().unwrap_or_default(),
                row.label.clone(),
                column.group.clone().unwrap_or_default(),
                column.label.clone(),
            ]
        };
        let cells: Vec<[String; 4]> = (0..self.table.cells.len()).map(cell).collect();
        let level = |level: usize| cells.iter().map(|cell| cell[level].clone()).collect();
        (0..4)
            .map(level)
            .filter(|words: &Vec<String>| words.iter().any(|w| !w.is_empty()))
            .collect()
    }

    /// Writes the heads. Neighbours with equal labels below equal labels become one cell; a cell
    /// without labels below it is not split.
    fn write_heads(&self, sheet: &mut Worksheet, levels: &[Vec<String>]) -> Result<(), XlsxError> {
        for (at, head) in [msg!("list.unit"), msg!("list.state")].iter().enumerate() {
            let words = head.in_lang(self.lang);
            self.write_merged(sheet, HeadArea { from: (1, at), to: (levels.len(), at) }, &words)?;
        }
        let count = self.table.cells.len();
        let mut lines = vec![1; levels.len()];
        for (depth, words) in levels.iter().enumerate() {
            let same =
                |a: usize, b: usize| levels[..=depth].iter().all(|words| words[a] == words[b]);
            let mut from = 0;
            while from < count {
                let mut to = from;
                while to + 1 < count && same(from, to + 1) {
                    to += 1;
                }
                // A level without a label is merged with the one below it.
                if !words[from].is_empty() {
                    let blank = levels[..depth].iter().rev().take_while(|up| up[from].is_empty());
                    let top = 1 + depth - blank.count();
                    let left = usize::from(LEADING_COLUMNS);
                    self.write_merged(
                        sheet,
                        HeadArea { from: (top, left + from), to: (1 + depth, left + to) },
                        &words[from],
                    )?;
                    let above: usize = lines[top - 1..depth].iter().sum();
                    let needed =
                        wrapped_line_count(&words[from], to + 1 - from).saturating_sub(above);
                    lines[depth] = lines[depth].max(needed);
                }
                from = to + 1;
            }
        }
        // Programs ignore merged cells when they compute row heights.
        for (at, lines) in lines.iter().enumerate() {
            sheet.set_row_height(row_index(at + 1), row_index(*lines) * u32::from(LINE_HEIGHT))?;
        }
        Ok(())
    }

    fn write_merged(
        &self,
        sheet: &mut Worksheet,
        area: HeadArea,
        words: &str,
    ) -> Result<(), XlsxError> {
        let HeadArea { from, to } = area;
        let format = &self.look.head;
        let (top, left) = (row_index(from.0), column_index(from.1));
        if from == to {
            return write_words(sheet, (top, left), words, format);
        }
        let words = xlsx::cell_line(words);
        sheet.merge_range(top, left, row_index(to.0), column_index(to.1), &words, format).map(drop)
    }

    fn write_totals(
        &self,
        sheet: &mut Worksheet,
        row: usize,
        units: Range<usize>,
    ) -> Result<(), XlsxError> {
        let Range { start: first, end } = units;
        let words = msg!("collect.matrix-total").in_lang(self.lang);
        write_words(sheet, (row_index(row), 0), &words, &self.look.total)?;
        let count = msg!("collect.matrix-count", count = end - first).in_lang(self.lang);
        write_words(sheet, (row_index(row), 1), &count, &self.look.total)?;
        for (at, total) in self.county.totals[self.number].iter().enumerate() {
            let place = LEADING_COLUMNS + column_index(at);
            let format = match total.rule {
                _ if total.unread > 0 => &self.look.lacking,
                CollectRule::Sum => &self.look.total,
                CollectRule::Keep | CollectRule::Review => &self.look.open,
            };
            if end == first {
                sheet.write_number_with_format(row_index(row), place, 0, format)?;
                continue;
            }
            let name = column_letters(usize::from(place));
            let formula = format!("SUM({name}{}:{name}{end})", first + 1);
            let formula = Formula::new(formula).set_result(total.sum.to_string());
            sheet.write_formula_with_format(row_index(row), place, formula, format)?;
        }
        Ok(())
    }

    /// Returns the rows of the units: those in the sum first.
    fn unit_rows(&self) -> SheetRows<'_> {
        let (added, others): (Vec<&StatusLine>, Vec<&StatusLine>) =
            self.county.lines.iter().partition(|line| line.status.is_added());
        let lines: Vec<&StatusLine> = added.into_iter().chain(others).collect();
        SheetRows {
            // The sheet of the status is the first one.
            entry: format!("xl/worksheets/sheet{}.xml", self.number + 2),
            first: self.head_levels().len() + 2,
            columns: usize::from(LEADING_COLUMNS) + self.table.cells.len(),
            count: lines.len(),
            cells: Box::new(move |row| {
                lines.get(row).map(|line| self.unit_cells(line)).unwrap_or_default()
            }),
        }
    }

    /// Returns the cells of a unit.
    fn unit_cells(&self, one: &StatusLine) -> Vec<RowCell> {
        let unit = status_text::unit_name(self.county, one).in_lang(self.lang);
        let standing = status_text::status_label(one.status).in_lang(self.lang);
        let format = if one.status.needs_attention() { FAULTY } else { FIGURE };
        let mut out = vec![text_cell(UNIT, unit), text_cell(format, standing)];
        let file = one.delivered.map(|at| &self.county.delivered[at]);
        let same = |report: &&UnitReport| report.form.is_same(&self.county.form);
        let report = file.and_then(|file| file.report.as_ref()).filter(same);
        let Some((file, report)) = file.zip(report) else {
            let blank = || RowCell { format: OUTSIDE, content: CellContent::Blank };
            out.extend(self.table.cells.iter().map(|_| blank()));
            return out;
        };
        let of = |severity| -> Vec<&Diagnostic> {
            let found = file.found.iter().filter(|found| found.severity == severity);
            found.filter(|found| self.concerns_table(found)).collect()
        };
        let (broken, doubts) = (of(Severity::Error), of(Severity::Warning));
        for (at, figure) in report.figures(self.number).enumerate() {
            let wrong = broken.iter().any(|found| self.concerns_cell(found, at));
            let doubtful = doubts.iter().any(|found| self.concerns_cell(found, at));
            let format =
                match (wrong || figure.as_number().is_none(), doubtful, one.status.is_added()) {
                    (true, ..) => FAULTY,
                    (false, true, _) => DOUBTFUL,
                    (false, false, true) => FIGURE,
                    (false, false, false) => OUTSIDE,
                };
            out.push(figure_cell(format, figure));
        }
        out
    }

    /// Checks whether a finding is about the table.
    fn concerns_table(&self, found: &Diagnostic) -> bool {
        found.cell.as_ref().is_some_and(|cell| cell.table == self.table.id)
    }

    /// Checks whether a finding is about a cell, its row or its column.
    fn concerns_cell(&self, found: &Diagnostic, at: usize) -> bool {
        let Some(cell) = found.cell.as_ref().filter(|cell| cell.table == self.table.id) else {
            return false;
        };
        let id = self.table.cells[at];
        let row = cell.row.as_ref().is_none_or(|row| *row == self.table.rows[id.row].id);
        let col = cell.col.as_ref().is_none_or(|col| *col == self.table.columns[id.column].id);
        row && col && (cell.row.is_some() || cell.col.is_some())
    }
}

/// Numbers of the formats of the units' rows, see [`MatrixFormats::of_rows`].
const UNIT: usize = 0;
const FIGURE: usize = 1;
const FAULTY: usize = 2;
const DOUBTFUL: usize = 3;
const OUTSIDE: usize = 4;

fn text_cell(format: usize, text: String) -> RowCell {
    let content = if text.is_empty() { CellContent::Blank } else { CellContent::Text(text) };
    RowCell { format, content }
}

fn figure_cell(format: usize, figure: &Figure) -> RowCell {
    let text = figure.cell_text();
    // Spreadsheets keep fifteen digits; a longer number is written as text.
    let exact = text.bytes().filter(u8::is_ascii_digit).count() <= 15;
    match (figure, text.parse::<f64>()) {
        (Figure::Number(_), Ok(number)) if exact => {
            RowCell { format, content: CellContent::Number(number) }
        }
        _ => text_cell(format, text),
    }
}
