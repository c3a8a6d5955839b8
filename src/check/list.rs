//! Owns the list of findings that an office sends back to its units: a workbook with a row for each
//! finding and a column for the unit's answer, and a sheet with a row for each report.
//! Must not judge anything, nor know where the file goes.

use crate::figure::Decimal;
use crate::form::Form;
use crate::report::Report;
use crate::sheet::{book_bytes, new_book};
use crate::syntax::xlsx::{SheetNames, put};
use crate::text;
use docx_fill::diag::{
    CellRef, Diagnostic, Lang, Severity, Sources, Text, severity_word, visible, within,
};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// What was found in the file of one report, in words; what a file holds is shown as signs, see [`visible()`].
#[derive(Debug, Clone)]
pub struct Listed {
    file: String,
    unit: String,
    rows: Vec<[String; 12]>,
    /// Errors, warnings, remarks.
    counts: [usize; 3],
    unread: bool,
}

impl Listed {
    /// The findings of a file; without a report it could not be read as one.
    pub fn new(
        file: &str,
        report: Option<&Report>,
        found: &[Diagnostic],
        sources: &Sources,
        lang: Lang,
    ) -> Listed {
        let row = |one: &Diagnostic| {
            let name = one.place.source().map_or(file, |source| sources.name(source));
            let [table, line, column] = official(one.cell.as_ref(), report.map(|r| &*r.form));
            let (left, right) = one.sides.clone().unwrap_or_default();
            let hints: Vec<String> = one.hints.iter().map(|hint| hint.in_lang(lang)).collect();
            [
                shown(name),
                within(&one.place, sources, lang).unwrap_or_default(),
                shown(&one.rule),
                severity_word(one.severity, lang),
                shown(&table),
                shown(&line),
                shown(&column),
                shown(&left),
                shown(&right),
                difference(&left, &right),
                said(one, lang),
                hints.join("\n"),
            ]
        };
        let count = |severity| found.iter().filter(|one| one.severity == severity).count();
        Listed {
            file: shown(file),
            unit: report.map(|report| shown(&report.organ.name)).unwrap_or_default(),
            rows: found.iter().map(row).collect(),
            counts: [Severity::Error, Severity::Warning, Severity::Remark].map(count),
            unread: report.is_none(),
        }
    }

    /// The organ's name; empty if the file could not be read.
    pub(crate) fn unit(&self) -> &str {
        &self.unit
    }

    /// The file as it was named.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Errors, warnings, remarks.
    pub(crate) fn counts(&self) -> [usize; 3] {
        self.counts
    }

    /// The findings: file, place, rule, severity, table, row, column, sides, difference, message, hint.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &[String; 12]> {
        self.rows.iter()
    }

    /// How the report did.
    pub(crate) fn state(&self) -> Text {
        match (self.unread, self.counts[0]) {
            (true, _) => text!("list.unread"),
            (false, 0) => text!("list.clean"),
            (false, _) => text!("list.wrong"),
        }
    }

    /// Findings about something that is no single file: read, and known by this name.
    #[must_use]
    pub fn about(self, unit: &str) -> Listed {
        Listed { unit: shown(unit), unread: false, ..self }
    }

    /// A file that could not even be opened.
    pub fn unread(file: &str, reason: &str, lang: Lang) -> Listed {
        let mut row: [String; 12] = Default::default();
        row[0] = shown(file);
        row[3] = severity_word(Severity::Error, lang);
        row[10] = shown(reason);
        let counts = [1, 0, 0];
        Listed { file: shown(file), unit: String::new(), rows: vec![row], counts, unread: true }
    }
}

/// What is wrong, and what the unit has answered to it.
fn said(one: &Diagnostic, lang: Lang) -> String {
    let message = one.message.in_lang(lang);
    match &one.answer {
        None => message,
        Some(note) => format!("{message}\n{}", text!("check.noted", note = note).in_lang(lang)),
    }
}

fn shown(text: &str) -> String {
    visible(text).into_owned()
}

/// Table, row and column in official words; the ids where there is no form to ask.
pub(crate) fn official(cell: Option<&CellRef>, form: Option<&Form>) -> [String; 3] {
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

fn difference(left: &str, right: &str) -> String {
    match (Decimal::parse(left), Decimal::parse(right)) {
        (Ok(left), Ok(right)) => (left - right).to_string(),
        _ => String::new(),
    }
}

/// The workbook of the list. The same findings give the same bytes.
pub fn workbook(reports: &[Listed], lang: Lang) -> Result<Vec<u8>, Text> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut book = new_book(None)?;
        let look = Look::new();
        let mut names = SheetNames::default();
        findings(book.add_worksheet(), reports, (&mut names, &look), lang)?;
        summary(book.add_worksheet(), reports, (&mut names, &look), lang)?;
        book_bytes(&mut book)
    };
    write().map_err(|error| text!("sheet.write", reason = error.to_string()))
}

struct Look {
    head: Format,
    cell: Format,
    answer: Format,
}

impl Look {
    fn new() -> Look {
        let base = Format::new().set_font_name("宋体").set_font_size(10.5).set_text_wrap();
        let cell = base.set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let head = cell.clone().set_bold().set_align(FormatAlign::Center);
        let answer = cell.clone().set_background_color(0x00FF_F9DB);
        Look { head: head.set_background_color(0x00F2_F2F2), cell, answer }
    }
}

/// Heads and widths of a sheet, in characters.
type Columns<const N: usize> = [(Text, f64); N];

fn prepare<const N: usize>(
    sheet: &mut Worksheet,
    name: String,
    columns: &Columns<N>,
    look: &Look,
    lang: Lang,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    for (column, (head, width)) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, column, head.in_lang(lang), &look.head)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The sheet of findings within another workbook.
pub(crate) fn findings_sheet(
    sheet: &mut Worksheet,
    reports: &[Listed],
    names: &mut SheetNames,
    lang: Lang,
) -> Result<(), XlsxError> {
    findings(sheet, reports, (names, &Look::new()), lang)
}

fn findings(
    sheet: &mut Worksheet,
    reports: &[Listed],
    (names, look): (&mut SheetNames, &Look),
    lang: Lang,
) -> Result<(), XlsxError> {
    let columns: Columns<14> = [
        (text!("list.unit"), 18.0),
        (text!("list.file"), 18.0),
        (text!("list.place"), 12.0),
        (text!("list.rule"), 15.0),
        (text!("list.severity"), 7.0),
        (text!("list.table"), 8.0),
        (text!("list.row"), 22.0),
        (text!("list.column"), 14.0),
        (text!("list.left"), 9.0),
        (text!("list.right"), 9.0),
        (text!("list.difference"), 9.0),
        (text!("list.message"), 50.0),
        (text!("list.hint"), 40.0),
        (text!("list.answer"), 30.0),
    ];
    prepare(sheet, names.give(&text!("list.findings").in_lang(lang)), &columns, look, lang)?;
    let mut line = 0;
    for report in reports {
        for row in &report.rows {
            line += 1;
            put(sheet, (line, 0), &report.unit, &look.cell)?;
            for (column, value) in (1_u16..).zip(row) {
                let number = (8..=10).contains(&column);
                match value.parse::<f64>().ok().filter(|_| number && value.len() <= 15) {
                    Some(value) => {
                        sheet.write_number_with_format(line, column, value, &look.cell)?;
                    }
                    None => put(sheet, (line, column), value, &look.cell)?,
                }
            }
            sheet.write_blank(line, 13, &look.answer)?;
        }
    }
    sheet.autofilter(0, 0, line, 13)?;
    Ok(())
}

fn summary(
    sheet: &mut Worksheet,
    reports: &[Listed],
    (names, look): (&mut SheetNames, &Look),
    lang: Lang,
) -> Result<(), XlsxError> {
    let columns: Columns<6> = [
        (text!("list.unit"), 30.0),
        (text!("list.file"), 40.0),
        (text!("list.errors"), 9.0),
        (text!("list.warnings"), 9.0),
        (text!("list.remarks"), 9.0),
        (text!("list.state"), 14.0),
    ];
    prepare(sheet, names.give(&text!("list.reports").in_lang(lang)), &columns, look, lang)?;
    for (line, report) in (1_u32..).zip(reports) {
        put(sheet, (line, 0), &report.unit, &look.cell)?;
        put(sheet, (line, 1), &report.file, &look.cell)?;
        for (column, count) in (2_u16..).zip(report.counts) {
            let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
            sheet.write_number_with_format(line, column, count, &look.cell)?;
        }
        put(sheet, (line, 5), &report.state().in_lang(lang), &look.cell)?;
    }
    Ok(())
}
