//! Owns what the workbook explains of itself: the sheet that says how to fill it in, the one that lists the
//! quotations of figures, and the figures that a text quotes.
//! Must not know the layout of a table, nor the reading of a workbook.

use super::formulas::{address_in_sheet, figure_place, quoted_words};
use super::table_writer::SheetFormats;
use crate::form::{FigureKind, FormTable};
use crate::msg;
use crate::report::{CARRIED_MARK, REWRITE_MARK, Report};
use crate::syntax::xlsx::restorable_text;
use docx_fill::diag::Lang;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

/// Name of the sheet that says how to fill in the workbook.
pub(super) const GUIDE_SHEET: &str = "填写说明";
/// Name of the sheet that lists what texts can quote.
pub(super) const QUOTES_SHEET: &str = "可引用的数";
/// Width of the guide in characters.
const GUIDE_WIDTH: f64 = 120.0;
/// Widths of the columns of the list, in characters.
const COLUMN_WIDTHS: [f64; 5] = [44.0, 8.0, 48.0, 22.0, 12.0];
/// Height of a line of text in points, and characters of a line of the guide.
const LINE_HEIGHT: f64 = 15.0;
const CHARS_PER_LINE: usize = 58;
/// Maximum length of a text in a formula, in UTF-16 units.
const MAX_FORMULA_TEXT: usize = 255;
/// Maximum length of a formula in characters, below the limit of spreadsheets.
const MAX_FORMULA_CHARS: usize = 8_000;

/// A figure that texts can quote.
struct QuotableFigure<'a> {
    table: &'a FormTable,
    /// Name of the table's sheet.
    sheet: &'a str,
    /// Number of the cell.
    cell: usize,
    /// The text that the cell shows now.
    shown: String,
}

impl QuotableFigure<'_> {
    /// Returns the tag by ids: `{{requests.received.total}}`.
    fn tag(&self) -> String {
        let id = self.table.cells[self.cell];
        let (row, column) = (&self.table.rows[id.row].id, &self.table.columns[id.column].id);
        format!("{{{{{}.{row}.{column}}}}}", self.table.id)
    }

    fn row_name(&self) -> String {
        self.table.row_name(self.table.cells[self.cell].row)
    }

    fn column_label(&self) -> &str {
        &self.table.columns[self.table.cells[self.cell].column].label
    }

    /// Returns the address of the cell in the workbook.
    fn address(&self) -> Option<String> {
        Some(address_in_sheet(self.sheet, figure_place(self.table, self.cell)?))
    }
}

/// Returns the figures of a report that are numbers; `sheets` has the names of the tables' sheets.
fn quotable_figures<'a>(
    report: &'a Report,
    sheets: &'a [String],
) -> impl Iterator<Item = QuotableFigure<'a>> {
    let tables = report.form.tables.iter().zip(&report.tables).zip(sheets);
    tables.flat_map(|((table, cells), sheet)| {
        let numbers = (0..cells.len()).filter(|&cell| table.kind_of(cell) != FigureKind::Text);
        numbers.map(move |cell| {
            let shown = cells[cell].figure.cell_text();
            QuotableFigure { table, sheet, cell, shown }
        })
    })
}

/// Writes the sheet that says how to fill in the workbook.
pub(super) fn write_guide_sheet(
    sheet: &mut Worksheet,
    report: &Report,
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    sheet.set_column_width(0, GUIDE_WIDTH)?;
    let title = msg!("sheet.guide-title").in_lang(Lang::Zh);
    sheet.write_string_with_format(0, 0, title, &look.title)?;
    let sheets = vec![String::new(); report.form.tables.len()];
    let tag = quotable_figures(report, &sheets).next().map(|figure| figure.tag());
    let guide = msg!(
        "sheet.guide",
        tag = tag.unwrap_or_default(),
        rewrite = REWRITE_MARK,
        carried = CARRIED_MARK,
        quotes = QUOTES_SHEET
    );
    let guide = guide.in_lang(Lang::Zh);
    for (line, text) in (1_u32..).zip(guide.lines().filter(|text| !text.is_empty())) {
        sheet.write_string_with_format(line, 0, text, &look.guide)?;
        let lines = u32::try_from(text.chars().count().div_ceil(CHARS_PER_LINE)).unwrap_or(1);
        sheet.set_row_height(line, LINE_HEIGHT * f64::from(lines) + 4.0)?;
    }
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// Writes the sheet that lists the quotations of figures, with what each is now; `sheets` has the names of the
/// tables' sheets.
pub(super) fn write_quotes_sheet(
    sheet: &mut Worksheet,
    report: &Report,
    sheets: &[String],
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    for (column, width) in (0_u16..).zip(COLUMN_WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let heads = msg!("sheet.guide-columns").in_lang(Lang::Zh);
    for (column, head) in (0_u16..).zip(heads.split('|')) {
        sheet.write_string_with_format(0, column, head, &look.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, figure) in (1_u32..).zip(quotable_figures(report, sheets)) {
        let (tag, row) = (figure.tag(), figure.row_name());
        let words = [tag.as_str(), &figure.table.name, &row, figure.column_label()];
        for (column, words) in (0_u16..).zip(words) {
            sheet.write_string_with_format(line, column, restorable_text(words), &look.plain)?;
        }
        if let Some(address) = figure.address() {
            // A reference to an empty cell gives 0; blank is not 0.
            let formula = Formula::new(format!("IF(ISBLANK({address}),\"\",{address})"));
            let formula = formula.set_result(figure.shown);
            sheet.write_formula_with_format(line, 4, formula, &look.plain)?;
        }
    }
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

/// Returns a formula with the figures that a text quotes, one in a line; `None` if there are none,
/// or too many for a formula.
pub(super) fn quoted_figures_formula(
    report: &Report,
    sheets: &[String],
    text: &str,
) -> Option<Formula> {
    let (mut parts, mut results) = (Vec::new(), Vec::new());
    for figure in quotable_figures(report, sheets).filter(|figure| text.contains(&figure.tag())) {
        let label = msg!(
            "sheet.reference",
            table = &figure.table.name,
            row = figure.row_name(),
            column = figure.column_label()
        );
        let label = label.in_lang(Lang::Zh);
        if label.encode_utf16().count() > MAX_FORMULA_TEXT {
            return None;
        }
        parts.push(format!("{}&{}", quoted_words(&label), figure.address()?));
        results.push(format!("{label}{}", figure.shown));
    }
    let formula = parts.join("&CHAR(10)&");
    let fits = !parts.is_empty() && formula.chars().count() <= MAX_FORMULA_CHARS;
    fits.then(|| Formula::new(formula).set_result(results.join("\n")))
}
