//! Owns the list of findings that an office returns to its units: a workbook with a row for each
//! finding, a column for the unit's answer, and a sheet with a row for each report.
//! Must not check anything, nor know where the file goes.

use super::rules;
use crate::figure::parse_decimal;
use crate::form::Form;
use crate::messages::CATALOGUE;
use crate::msg;
use crate::report::Report;
use crate::sheet::{new_workbook, workbook_bytes};
use crate::syntax::xlsx::{SheetNames, write_words};
use docx_fill::diag::{
    Diagnostic, FormCellRef, Lang, Message, Severity, Sources, describe_location, severity_label,
    show_hidden,
};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// The findings in the file of one report as texts; special characters of the file are escaped, see
/// [`show_hidden()`].
#[derive(Debug, Clone)]
pub struct ListedReport {
    file: String,
    unit: String,
    rows: Vec<[String; 12]>,
    /// Numbers of errors, warnings and remarks.
    counts: [usize; 3],
    is_unreadable: bool,
}

/// Findings with the sources to which they refer.
#[derive(Clone, Copy)]
pub struct ListedFindings<'a> {
    /// Findings in their order.
    pub found: &'a [Diagnostic],
    /// Names and texts of the files.
    pub sources: &'a Sources,
    /// Form of findings that are in no report, such as those about a county.
    pub form: Option<&'a Form>,
}

impl ListedReport {
    /// Lists the findings of a file; without `report` the file could not be read as one.
    pub fn new(
        file: &str,
        report: Option<&Report>,
        findings: ListedFindings<'_>,
        lang: Lang,
    ) -> ListedReport {
        let form = report.map(|report| &*report.form).or(findings.form);
        let listed = ListedReport::of_file(file, ListedFindings { form, ..findings }, lang);
        match report {
            Some(report) => listed.with_unit(&report.organ.name),
            None => listed,
        }
    }

    /// Lists the findings of a file that could not be read as a report.
    pub fn of_file(file: &str, findings: ListedFindings<'_>, lang: Lang) -> ListedReport {
        let ListedFindings { found, sources, form } = findings;
        let row = |one: &Diagnostic| {
            let name = one.location.source().map_or(file, |source| sources.name(source));
            let [table, line, column] = official_names(one.cell.as_ref(), form);
            let (left, right) = one.sides.clone().unwrap_or_default();
            let hints: Vec<String> = one.hints.iter().map(|h| hint_for_units(h, lang)).collect();
            [
                shown_value(name),
                describe_location(&one.location, sources, lang).unwrap_or_default(),
                rule_name(&one.rule, lang),
                severity_label(one.severity, lang),
                shown_value(&table),
                shown_value(&line),
                shown_value(&column),
                shown_value(&left),
                shown_value(&right),
                side_difference(&left, &right),
                message_with_note(one, lang),
                hints.join("\n"),
            ]
        };
        let count = |severity| found.iter().filter(|one| one.severity == severity).count();
        ListedReport {
            file: shown_value(file),
            unit: String::new(),
            rows: found.iter().map(row).collect(),
            counts: [Severity::Error, Severity::Warning, Severity::Info].map(count),
            is_unreadable: true,
        }
    }

    /// Returns the organ's name; empty if the file could not be read.
    pub(crate) fn unit(&self) -> &str {
        &self.unit
    }

    /// Returns the name of the file as given to the program.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Returns the numbers of errors, warnings and remarks.
    pub(crate) fn counts(&self) -> [usize; 3] {
        self.counts
    }

    /// Returns the findings as rows: file, place, rule, severity, table, row, column, sides,
    /// difference, message, hint.
    pub(crate) fn finding_rows(&self) -> impl Iterator<Item = &[String; 12]> {
        self.rows.iter()
    }

    /// Returns the overall result for the report.
    pub(crate) fn report_status(&self) -> Message {
        match (self.is_unreadable, self.counts[0]) {
            (true, _) => msg!("list.unread"),
            (false, 0) => msg!("list.clean"),
            (false, _) => msg!("list.wrong"),
        }
    }

    /// Marks the findings as those of something that was read, under this name.
    #[must_use]
    pub fn with_unit(self, unit: &str) -> ListedReport {
        ListedReport { unit: shown_value(unit), is_unreadable: false, ..self }
    }

    /// Names the unit of a file that could not be read.
    #[must_use]
    pub fn with_known_unit(mut self, unit: &str) -> ListedReport {
        if self.unit.is_empty() {
            self.unit = shown_value(unit);
        }
        self
    }

    /// Creates the entry of a file that could not be opened.
    pub fn unreadable_file(file: &str, reason: &str, lang: Lang) -> ListedReport {
        let mut row: [String; 12] = Default::default();
        row[0] = shown_value(file);
        row[3] = severity_label(Severity::Error, lang);
        row[10] = shown_value(reason);
        let counts = [1, 0, 0];
        ListedReport {
            file: shown_value(file),
            unit: String::new(),
            rows: vec![row],
            counts,
            is_unreadable: true,
        }
    }
}

/// Returns a hint in words for units, which have neither commands nor settings.
pub(crate) fn hint_for_units(hint: &Message, lang: Lang) -> String {
    hint.in_group(&CATALOGUE, "page-hint", lang).unwrap_or_else(|| hint.in_lang(lang))
}

/// Returns the subject of a rule in words, or its id.
fn rule_name(rule: &str, lang: Lang) -> String {
    let name = rules::rule_texts(rule, lang).map(|words| words.short.clone());
    name.unwrap_or_else(|| shown_value(rule))
}

/// Returns the message of a finding with the unit's note on it.
fn message_with_note(one: &Diagnostic, lang: Lang) -> String {
    let message = one.message.in_lang(lang);
    match &one.answer {
        None => message,
        Some(note) => format!("{message}\n{}", msg!("check.noted", note = note).in_lang(lang)),
    }
}

fn shown_value(text: &str) -> String {
    show_hidden(text).into_owned()
}

/// Returns table, row and column by their official labels, or by their ids without a form.
pub(crate) fn official_names(cell: Option<&FormCellRef>, form: Option<&Form>) -> [String; 3] {
    let Some(cell) = cell else { return Default::default() };
    let ids = [Some(&cell.table), cell.row.as_ref(), cell.col.as_ref()];
    let table = form.and_then(|form| form.tables.iter().find(|table| table.id == cell.table));
    let Some(table) = table else { return ids.map(|id| id.cloned().unwrap_or_default()) };
    let row = cell.row.as_ref().and_then(|id| table.find_row(id));
    let column = cell.col.as_ref().and_then(|id| table.find_column(id));
    [
        table.name.clone(),
        row.map(|at| table.row_name(at)).unwrap_or_default(),
        column.map(|at| table.columns[at].label.clone()).unwrap_or_default(),
    ]
}

fn side_difference(left: &str, right: &str) -> String {
    match (parse_decimal(left), parse_decimal(right)) {
        (Ok(left), Ok(right)) => (left - right).to_string(),
        _ => String::new(),
    }
}

/// Returns the workbook of the list. Equal findings give equal bytes.
pub fn findings_workbook(reports: &[ListedReport], lang: Lang) -> Result<Vec<u8>, Message> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut book = new_workbook(None)?;
        let look = ListFormats::new();
        let mut names = SheetNames::default();
        let look = &look;
        let name = names.unique_name(&msg!("list.findings").in_lang(lang));
        let mut sheet = ListSheet { sheet: book.add_worksheet(), look, lang };
        sheet.write_findings(name, reports)?;
        let name = names.unique_name(&msg!("list.reports").in_lang(lang));
        let mut sheet = ListSheet { sheet: book.add_worksheet(), look, lang };
        sheet.write_summary(name, reports)?;
        workbook_bytes(&mut book)
    };
    write().map_err(|error| msg!("sheet.write", reason = error.to_string()))
}

struct ListFormats {
    head: Format,
    cell: Format,
    answer: Format,
}

impl ListFormats {
    fn new() -> ListFormats {
        let base = Format::new().set_font_name("宋体").set_font_size(10.5).set_text_wrap();
        let cell = base.set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let head = cell.clone().set_bold().set_align(FormatAlign::Center);
        let answer = cell.clone().set_background_color(0x00FF_F9DB);
        ListFormats { head: head.set_background_color(0x00F2_F2F2), cell, answer }
    }
}

/// Margin of a printed page in inches: an A4 page holds all columns in letters that can be read.
const MARGIN: f64 = 0.4;

/// Heads and widths (in characters) of the columns of a sheet.
type ColumnSpecs<const N: usize> = [(Message, f64); N];

/// A sheet of the list in the making.
struct ListSheet<'a> {
    sheet: &'a mut Worksheet,
    look: &'a ListFormats,
    lang: Lang,
}

impl ListSheet<'_> {
    /// Names the sheet and writes its heads.
    fn prepare<const N: usize>(
        &mut self,
        name: String,
        columns: &ColumnSpecs<N>,
    ) -> Result<(), XlsxError> {
        let ListSheet { sheet, look, lang } = self;
        sheet.set_name(name)?;
        for (column, (head, width)) in (0_u16..).zip(columns) {
            sheet.write_string_with_format(0, column, head.in_lang(*lang), &look.head)?;
            sheet.set_column_width(column, *width)?;
        }
        sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
        sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_margins(MARGIN, MARGIN, MARGIN, MARGIN, MARGIN, MARGIN);
        sheet.set_footer("&C&P / &N");
        Ok(())
    }

    /// Writes the sheet of findings.
    fn write_findings(&mut self, name: String, reports: &[ListedReport]) -> Result<(), XlsxError> {
        let columns: ColumnSpecs<14> = [
            (msg!("list.unit"), 13.0),
            (msg!("list.file"), 12.0),
            (msg!("list.place"), 9.0),
            (msg!("list.rule"), 12.0),
            (msg!("list.severity"), 5.5),
            (msg!("list.table"), 6.0),
            (msg!("list.row"), 17.0),
            (msg!("list.column"), 10.0),
            (msg!("list.left"), 7.0),
            (msg!("list.right"), 7.0),
            (msg!("list.difference"), 6.0),
            (msg!("list.message"), 34.0),
            (msg!("list.hint"), 28.0),
            (msg!("list.answer"), 18.0),
        ];
        self.prepare(name, &columns)?;
        let ListSheet { sheet, look, .. } = self;
        let mut line = 0;
        for report in reports {
            for row in &report.rows {
                line += 1;
                write_words(sheet, (line, 0), &report.unit, &look.cell)?;
                let texts = std::iter::once(&report.unit).chain(row);
                let widths = columns.iter().map(|(_, width)| *width);
                sheet.set_row_height(line, row_height(texts.map(String::as_str).zip(widths)))?;
                for (column, value) in (1_u16..).zip(row) {
                    let number = (8..=10).contains(&column);
                    match value.parse::<f64>().ok().filter(|_| number && value.len() <= 15) {
                        Some(value) => {
                            sheet.write_number_with_format(line, column, value, &look.cell)?;
                        }
                        None => write_words(sheet, (line, column), value, &look.cell)?,
                    }
                }
                sheet.write_blank(line, 13, &look.answer)?;
            }
        }
        sheet.autofilter(0, 0, line, 13)?;
        Ok(())
    }

    /// Writes the sheet of reports.
    fn write_summary(&mut self, name: String, reports: &[ListedReport]) -> Result<(), XlsxError> {
        let columns: ColumnSpecs<6> = [
            (msg!("list.unit"), 30.0),
            (msg!("list.file"), 40.0),
            (msg!("list.errors"), 9.0),
            (msg!("list.warnings"), 9.0),
            (msg!("list.remarks"), 9.0),
            (msg!("list.state"), 14.0),
        ];
        self.prepare(name, &columns)?;
        let ListSheet { sheet, look, lang } = self;
        let lang = *lang;
        for (line, report) in (1_u32..).zip(reports) {
            write_words(sheet, (line, 0), &report.unit, &look.cell)?;
            write_words(sheet, (line, 1), &report.file, &look.cell)?;
            for (column, count) in (2_u16..).zip(report.counts) {
                let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
                sheet.write_number_with_format(line, column, count, &look.cell)?;
            }
            write_words(sheet, (line, 5), &report.report_status().in_lang(lang), &look.cell)?;
        }
        Ok(())
    }
}

/// Height of a line of text in points.
const LINE_HEIGHT: f64 = 14.0;
/// Greatest height of a row in points.
const MAX_ROW_HEIGHT: f64 = 409.0;

/// Returns the height in points of a row with these texts in columns of these widths. Not every program computes it.
pub(crate) fn row_height<'a>(cells: impl Iterator<Item = (&'a str, f64)>) -> f64 {
    let lines = cells.map(|(text, width)| count_lines(text, width)).max().unwrap_or(1);
    (f64::from(u32::try_from(lines.max(1)).unwrap_or(u32::MAX)) * LINE_HEIGHT).min(MAX_ROW_HEIGHT)
}

/// Returns the number of lines of a text in a column; a Chinese character is as wide as two digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "widths are small and positive"
)]
fn count_lines(text: &str, width: f64) -> usize {
    let room = (width.floor() as usize).max(2);
    let size = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    text.lines().map(|line| size(line).div_ceil(room).max(1)).sum()
}

/// Fills the sheet of findings of a workbook.
pub(crate) fn add_findings_sheet(
    sheet: &mut Worksheet,
    reports: &[ListedReport],
    names: &mut SheetNames,
    lang: Lang,
) -> Result<(), XlsxError> {
    let name = names.unique_name(&msg!("list.findings").in_lang(lang));
    ListSheet { sheet, look: &ListFormats::new(), lang }.write_findings(name, reports)
}
