//! Owns writing a report as the official workbook. Equal reports give equal bytes.
//! Must not know the layout of a table (`table_writer`), nor where the file goes.

use super::guide::{
    GUIDE_SHEET, QUOTES_SHEET, quoted_figures_formula, write_guide_sheet, write_quotes_sheet,
};
use super::table_writer::{self, SheetFormats};
use super::workbook::{new_workbook, workbook_bytes};
use super::{AFTER_SUFFIX, INFO_HEADS, INFO_SHEET, LEAD_NAME, NOTE, TEXT_HEADS, TEXT_SHEET};
use crate::form::{FAMILY_KEY, FieldKind, FormField, NamedId, TOP_KEYS, VARIANT_KEY};
use crate::msg;
use crate::report::{NoteTarget, Report};
use crate::syntax::xlsx::{self, MAX_CELL_UNITS, SheetNames, restorable_text};
use docx_fill::diag::{Lang, Message};
use rust_xlsxwriter::{DataValidation, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

/// Width of the column of texts in half-width characters.
const TEXT_COLUMN_WIDTH: usize = 84;
/// Height of a line of text, and maximum height of a row, in points.
const LINE_HEIGHT: f64 = 14.5;
const MAX_ROW_HEIGHT: f64 = 405.0;
/// Maximum number of lines in a row, below the limit of spreadsheets, so that it fits a printed
/// page.
const MAX_ROW_LINES: usize = 26;

/// Returns the workbook of a report; an error if a name, a note or a paragraph of a text does not
/// fit into a cell.
pub fn write_workbook(report: &Report) -> Result<Vec<u8>, Message> {
    let texts = collect_texts(report)?;
    check_cell_sizes(report)?;
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut book = new_workbook(Some(&xlsx::cell_line(&report.title())))?;
        let look = SheetFormats::new();
        let mut names = SheetNames::default();
        let sheet = book.add_worksheet();
        sheet.set_name(names.unique_name(GUIDE_SHEET))?;
        write_guide_sheet(sheet, report, &look)?;
        let sheet = book.add_worksheet();
        // The workbook opens on the first sheet that is filled in.
        sheet.set_name(names.unique_name(INFO_SHEET))?.set_active(true);
        write_info_sheet(sheet, report, &look)?;
        let mut sheets = Vec::new();
        for (number, table) in report.form.tables.iter().enumerate() {
            let sheet = book.add_worksheet();
            let name = names.unique_name(&table.name);
            sheet.set_name(&name)?;
            sheets.push(name);
            table_writer::write_table_sheet(sheet, report, number, &look)?;
        }
        let sheet = book.add_worksheet();
        sheet.set_name(names.unique_name(TEXT_SHEET))?;
        write_text_sheet(sheet, &texts, &look)?;
        write_quoted_figures(sheet, QuotedTables { report, sheets: &sheets }, &texts, &look)?;
        let sheet = book.add_worksheet();
        sheet.set_name(names.unique_name(QUOTES_SHEET))?;
        write_quotes_sheet(sheet, report, &sheets, &look)?;
        workbook_bytes(&mut book)
    };
    write().map_err(|error| msg!("sheet.write", reason = error.to_string()))
}

/// Returns an error if a name, a note or a text in a table does not fit into a cell.
fn check_cell_sizes(report: &Report) -> Result<(), Message> {
    let long = |name: &str| Err(msg!("sheet.text-too-long", name = name));
    if let Some(field) = report.header_fields().find(|field| !xlsx::fits_cell(field.words)) {
        return long(field.label);
    }
    if report.notes.iter().any(|note| !xlsx::fits_cell(&note.text)) {
        return long(NOTE);
    }
    for (table, cells) in report.form.tables.iter().zip(&report.tables) {
        if cells.iter().any(|cell| !xlsx::fits_cell(&cell.figure.cell_text())) {
            return long(&table.name);
        }
    }
    Ok(())
}

fn write_heads(
    sheet: &mut Worksheet,
    heads: &[&str],
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(0, column, *head, &look.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    // A4, fitted to the page width, with the heads repeated on each page.
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn write_info_sheet(
    sheet: &mut Worksheet,
    report: &Report,
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    write_heads(sheet, &[INFO_HEADS[0], INFO_HEADS[1], "说明"], look)?;
    sheet.set_column_width(0, 14)?.set_column_width(1, 44)?.set_column_width(2, 36)?;
    for (line, row) in (1_u32..).zip(info_rows(report)) {
        let InfoRow { key, value, about, content } = row;
        sheet.write_string_with_format(line, 0, &key, &look.head)?;
        match (&content, value.as_str()) {
            (InfoContent::Year(year), _) => {
                sheet.write_number_with_format(line, 1, f64::from(*year), &look.text_input)?
            }
            (InfoContent::Digits, value) => write_digits(sheet, line, value, look)?,
            (_, "") => sheet.write_blank(line, 1, &look.text_input)?,
            (_, value) => {
                sheet.write_string_with_format(line, 1, restorable_text(value), &look.text_input)?
            }
        };
        sheet.write_string(line, 2, &about)?;
        if let InfoContent::OneOf(choices) = content {
            let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
            if fits_list(&names) {
                let list = DataValidation::new().allow_list_strings(&names)?;
                sheet.add_data_validation(line, 1, line, 1, &list)?;
            }
        }
    }
    Ok(())
}

/// A line of the sheet with year and organ.
struct InfoRow<'a> {
    key: String,
    value: String,
    about: String,
    content: InfoContent<'a>,
}

/// Way in which the value of such a line is written.
enum InfoContent<'a> {
    Year(u16),
    /// Digits that are no number.
    Digits,
    /// Words from a list.
    OneOf(&'a [NamedId]),
    Words,
}

impl InfoRow<'_> {
    fn of_words(key: &str, value: String, about: &str) -> InfoRow<'static> {
        let (key, about) = (key.to_owned(), about.to_owned());
        InfoRow { key, value, about, content: InfoContent::Words }
    }
}

/// Returns the lines of the sheet with year and organ: of the head, of the organ's fields, and of notes on them.
fn info_rows(report: &Report) -> Vec<InfoRow<'_>> {
    let form = &report.form;
    let year = InfoRow::of_words("年度", String::new(), "报告年度，决定用哪一版官方表样");
    let mut rows = vec![InfoRow { content: InfoContent::Year(report.year), ..year }];
    let family = (!form.is_of_default_family()).then(|| form.family.name.clone());
    let variant = form.variant.as_ref().map(|variant| variant.name.clone());
    let naming = [(FAMILY_KEY.1, family, "哪种报表"), (VARIANT_KEY.1, variant, "哪种式样")];
    let naming = naming.into_iter().filter_map(|(key, name, about)| Some((key, name?, about)));
    rows.extend(naming.map(|(key, name, about)| InfoRow::of_words(key, name, about)));
    let date = report.date.map(|date| date.to_string()).unwrap_or_default();
    let title = report.custom_title.clone().unwrap_or_default();
    rows.extend([
        InfoRow::of_words("表样", form.edition.clone(), "表样版本；留空则由年度决定"),
        InfoRow::of_words("标题", title, "与官方格式不同时才写"),
        InfoRow::of_words("日期", date, "成文日期，例如 2026-01-20"),
    ]);
    rows.extend(report.offered_fields().map(|(field, value)| field_row(field, value)));
    rows.extend(TOP_KEYS.iter().filter_map(|(id, name)| {
        let note = report.note_on(NoteTarget::Key(id))?;
        let key = format!("{name}{NOTE}");
        Some(InfoRow::of_words(&key, note.text.clone(), "对检查结果的说明"))
    }));
    rows
}

fn field_row<'a>(field: &'a FormField, value: &str) -> InfoRow<'a> {
    let content = match field.kind {
        FieldKind::Postcode | FieldKind::Phone => InfoContent::Digits,
        _ if field.choices.is_empty() => InfoContent::Words,
        _ => InfoContent::OneOf(&field.choices),
    };
    let value = field.shown_value(value).to_owned();
    InfoRow { content, ..InfoRow::of_words(&field.sheet_label, value, &field.about) }
}

/// Writes digits that are no number, such as a postcode with zeros in front, into a cell of text.
fn write_digits<'s>(
    sheet: &'s mut Worksheet,
    line: u32,
    digits: &str,
    look: &SheetFormats,
) -> Result<&'s mut Worksheet, XlsxError> {
    match digits {
        "" => sheet.write_blank(line, 1, &look.digits_input),
        digits => {
            sheet.write_string_with_format(line, 1, restorable_text(digits), &look.digits_input)
        }
    }
}

/// A text with its name in the sheet.
struct SheetText {
    key: String,
    cell_texts: Vec<String>,
    note: Option<String>,
}

/// Returns the texts with their names in the sheet; long texts in several pieces.
fn collect_texts(report: &Report) -> Result<Vec<SheetText>, Message> {
    let mut out = Vec::new();
    for (at, section) in report.form.sections.iter().enumerate() {
        let heading = section.heading.as_deref().unwrap_or(LEAD_NAME);
        for after in [false, true] {
            let text = report.section_text(at, after).map(|field| field.markdown.as_str());
            let note = report.note_on(NoteTarget::Section(at)).filter(|_| !after);
            if text.is_none() && (after || section.table.is_some()) && note.is_none() {
                continue;
            }
            let key = format!("{heading}{}", if after { AFTER_SUFFIX } else { "" });
            let text = text.unwrap_or_default();
            let pieces =
                split_text(text).ok_or_else(|| msg!("sheet.text-too-long", name = &key))?;
            out.push(SheetText {
                key,
                cell_texts: pieces,
                note: note.map(|note| note.text.clone()),
            });
        }
    }
    Ok(out)
}

/// Estimates the number of lines of a text in its column, rather too many than too few.
fn count_lines(text: &str) -> usize {
    text.split('\n').map(|line| line.width().div_ceil(TEXT_COLUMN_WIDTH).max(1)).sum()
}

/// Length in UTF-16 units of a list of choices with its commas, up to which Excel takes it.
const MAX_LIST_UNITS: usize = 255;

/// Checks whether a cell can offer choices in a list: together they are short, and none has the comma that parts them.
fn fits_list(names: &[&str]) -> bool {
    let units: usize = names.iter().map(|name| name.encode_utf16().count() + 1).sum();
    units <= MAX_LIST_UNITS + 1 && !names.iter().any(|name| name.contains(','))
}

/// Checks whether a paragraph starts a new cell, because a row cannot be higher than
/// [`MAX_ROW_HEIGHT`]. A blank cell would not be read as a continuation.
fn needs_own_cell(before: &str, paragraph: &str) -> bool {
    let said = |text: &str| !text.trim().is_empty();
    said(before)
        && said(paragraph)
        && count_lines(before) + 1 + count_lines(paragraph) > MAX_ROW_LINES
}

/// Returns a text split between paragraphs into pieces that fit into a cell; `None` if a paragraph
/// does not.
fn split_text(text: &str) -> Option<Vec<String>> {
    // Spreadsheets count UTF-16 units.
    let size = |text: &str| text.encode_utf16().count();
    let mut out = vec![String::new()];
    if size(text) <= MAX_CELL_UNITS && count_lines(text) <= MAX_ROW_LINES {
        return Some(vec![text.to_owned()]);
    }
    for (at, paragraph) in text.split("\n\n").enumerate() {
        let last = out.last_mut()?;
        if size(paragraph) > MAX_CELL_UNITS
            || paragraph.is_empty() && size(last) + 2 > MAX_CELL_UNITS
        {
            return None;
        }
        let fits =
            size(last) + 2 + size(paragraph) <= MAX_CELL_UNITS && !needs_own_cell(last, paragraph);
        if at == 0 || fits {
            last.push_str(if at == 0 { "" } else { "\n\n" });
            last.push_str(paragraph);
        } else {
            out.push(paragraph.to_owned());
        }
    }
    Some(out)
}

fn write_text_sheet(
    sheet: &mut Worksheet,
    texts: &[SheetText],
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    write_heads(sheet, &[TEXT_HEADS[0], TEXT_HEADS[1], NOTE], look)?;
    sheet.set_column_width(0, 24)?.set_column_width(1, 84)?.set_column_width(2, 24)?;
    // On a portrait page so wide a sheet would be printed in tiny letters.
    sheet.set_landscape();
    let mut line = 1;
    for SheetText { key, cell_texts: pieces, note } in texts {
        match note {
            Some(note) => {
                sheet.write_string_with_format(line, 2, restorable_text(note), &look.text_input)?
            }
            None => sheet.write_blank(line, 2, &look.text_input)?,
        };
        for (at, piece) in pieces.iter().enumerate() {
            if at == 0 {
                sheet.write_string_with_format(line, 0, key, &look.head)?;
            } else {
                sheet.write_blank(line, 0, &look.head)?.write_blank(line, 2, &look.text_input)?;
            }
            if piece.is_empty() {
                sheet.write_blank(line, 1, &look.text_input)?;
            } else {
                sheet.write_string_with_format(
                    line,
                    1,
                    restorable_text(piece),
                    &look.text_input,
                )?;
            }
            let count = u32::try_from(count_lines(piece)).unwrap_or(u32::MAX);
            if count > 1 {
                // Not all programs compute the height of a row before printing.
                let height = (f64::from(count) * LINE_HEIGHT).min(MAX_ROW_HEIGHT);
                sheet.set_row_height(line, height)?;
            }
            line += 1;
        }
    }
    Ok(())
}

/// A report and the names of its tables' sheets.
#[derive(Clone, Copy)]
struct QuotedTables<'a> {
    report: &'a Report,
    sheets: &'a [String],
}

/// Writes beside each text the figures that it quotes, as they are in the tables.
fn write_quoted_figures(
    sheet: &mut Worksheet,
    tables: QuotedTables<'_>,
    texts: &[SheetText],
    look: &SheetFormats,
) -> Result<(), XlsxError> {
    let column = 3;
    sheet.set_column_width(column, 36)?;
    let head = msg!("sheet.references").in_lang(Lang::Zh);
    sheet.write_string_with_format(0, column, head, &look.head)?;
    let pieces = texts.iter().flat_map(|text| &text.cell_texts);
    // They are for whoever fills in the sheet, not for paper.
    let last = u32::try_from(pieces.clone().count()).unwrap_or(u32::MAX);
    sheet.set_print_area(0, 0, last, column - 1)?;
    for (line, piece) in (1_u32..).zip(pieces) {
        if let Some(formula) = quoted_figures_formula(tables.report, tables.sheets, piece) {
            sheet.write_formula_with_format(line, column, formula, &look.guide)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_paragraphs_and_nothing_is_lost() {
        let long = "长".repeat(TEXT_COLUMN_WIDTH * MAX_ROW_LINES / 4);
        let text = format!("\n\n（一）甲\n\n{long}\n\n\n{long}\n\n \n\n{long}\n");
        let cut = split_text(&text).expect("cells");
        assert_eq!(cut.join("\n\n"), text);
        assert_eq!(cut.len(), 3, "{cut:?}");
        assert!(
            cut.iter().all(|piece| !piece.trim().is_empty() && count_lines(piece) <= MAX_ROW_LINES)
        );
        assert_eq!(split_text("短\n\n文").expect("a cell"), ["短\n\n文"]);
        let one = "长".repeat(TEXT_COLUMN_WIDTH * MAX_ROW_LINES);
        assert_eq!(split_text(&one).expect("a cell"), [one.as_str()], "no place to cut it");
    }

    #[test]
    fn lines_are_counted_by_width() {
        assert_eq!(count_lines(""), 1);
        assert_eq!(count_lines("甲\n\n乙"), 3);
        assert_eq!(count_lines(&"长".repeat(TEXT_COLUMN_WIDTH / 2)), 1);
        assert_eq!(count_lines(&"长".repeat(TEXT_COLUMN_WIDTH / 2 + 1)), 2);
    }
}
