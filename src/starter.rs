//! Owns the fresh data file, as TOML or as workbook: every row of the form in official order, with its
//! label beside it.
//! Must not know where the file goes.

use crate::form::{Axis, Form, FormSection, FormTable};
use crate::report::{Report, TextField};
use crate::sheet;
use crate::syntax::toml::TomlWriter;
use crate::syntax::{Bracket, needs_escape};
use docx_fill::diag::{Message, Sources, Span};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// A commented TOML file for an organ's report of a year.
pub fn starter_toml(form: &Form, organ: &str, year: u16) -> String {
    let organ = one_line(organ);
    let mut out = TomlWriter::default();
    out.comment_line(&form.title_for(&organ, year));
    out.comment_line(&format!("表样：《{}》（{}）", form.name, form.notice_number));
    for line in HEADER_COMMENT {
        out.comment_line(line);
    }
    out.blank_line();
    out.assign_key("year", 0);
    out.push_number(&year.to_string(), 0);
    out.end_line(None);
    out.blank_line();
    write_organ(&mut out, &organ);
    write_texts(&mut out, form);
    for table in &form.tables {
        write_figures(&mut out, form, table);
    }
    out.finish()
}

/// What the file says of itself.
const HEADER_COMMENT: [&str; 2] = [
    "井号后面是说明，可以删去。没有发生的填 0；省略的行按 0 计。合计由程序计算，写了就核对。",
    "改好以后运行：nianbao check 本文件所在文件夹，再运行 nianbao build 同一文件夹",
];

/// A name as it can stand on a seal.
fn one_line(name: &str) -> String {
    name.chars().map(|c| if needs_escape(c) { ' ' } else { c }).collect()
}

/// The same as a workbook.
pub fn starter_workbook(form: &Arc<Form>, organ: &str, year: u16) -> Result<Vec<u8>, Message> {
    sheet::write_workbook(&starter_report(form, organ, year))
}

/// The report of a fresh file: no figure but zero, and the form's drafts as texts.
pub(crate) fn starter_report(form: &Arc<Form>, organ: &str, year: u16) -> Report {
    let source = Sources::default().add_binary("");
    let mut report = Report::blank(source, form.clone(), year);
    report.organ.name = one_line(organ);
    report.organ.level = Some(DEFAULT_LEVEL.to_owned());
    report.texts = draft_texts(form);
    for (table, cells) in form.tables.iter().zip(&mut report.tables) {
        for row in (0..table.rows.len()).filter(|&row| !is_total_row(table, row)) {
            for column in input_columns(table, row) {
                if let Some(at) = table.cell_number(row, column) {
                    cells[at].span = Some(Span::default());
                }
            }
        }
    }
    report
}

/// The form's drafts of the texts, which quote the figures.
pub(crate) fn draft_texts(form: &Form) -> Vec<TextField> {
    let sections = form.sections.iter().enumerate();
    let own = sections.filter(|(_, section)| section.table.is_none());
    let draft = |(at, section): (usize, &FormSection)| TextField {
        section: at,
        after_table: false,
        markdown: format!("{}\n", section.starter_text.trim()),
        span: Span::default(),
    };
    own.map(draft).collect()
}

/// The level that most organs have.
const DEFAULT_LEVEL: &str = "township";

/// What a clerk fills in about the organ, with the words for it.
const CONTACT_KEYS: [(&str, &str); 5] = [
    ("address", "地址"),
    ("postcode", "邮编"),
    ("phone", "电话"),
    ("email", "电子邮箱"),
    ("website", "网址"),
];

fn write_organ(out: &mut TomlWriter, organ: &str) {
    let width = "postcode".len();
    out.table_header("organ");
    out.end_line(None);
    out.assign_key("name", width);
    out.push_text(organ);
    out.end_line(None);
    out.comment_line(
        "层级：township 乡镇、department 部门、county 县级、city 市级、province 省级、ministry 国务院部门",
    );
    out.assign_key("level", width);
    out.push_text(DEFAULT_LEVEL);
    out.end_line(None);
    for (key, name) in CONTACT_KEYS {
        out.assign_key(key, width);
        out.push_text("");
        out.end_line(Some(&format!(" {name}")));
    }
    out.blank_line();
}

fn write_texts(out: &mut TomlWriter, form: &Form) {
    out.comment_line(
        "正文。下面的文字是样稿，请逐句改成本机关的实际情况。空一行另起一段；“（一）”“1.”“（1）”是各级标题；**加粗**；",
    );
    out.comment_line(
        "{{requests.received.total}} 这样的写法引用下面表格里的数，文字和表格就不会不一致。",
    );
    out.table_header("text");
    out.end_line(None);
    for draft in draft_texts(form) {
        let section = &form.sections[draft.section];
        if let Some(heading) = &section.heading {
            out.comment_line(heading);
        }
        out.assign_key(&section.id, 0);
        out.multiline_text(&draft.markdown);
        out.end_line(None);
        out.blank_line();
    }
}

fn write_figures(out: &mut TomlWriter, form: &Form, table: &FormTable) {
    let section = form
        .sections
        .iter()
        .find(|section| section.table.is_some_and(|at| form.tables[at].id == table.id));
    if let Some(heading) = section.and_then(|section| section.heading.as_ref()) {
        out.comment_line(heading);
    }
    out.table_header(&table.id);
    out.end_line(None);
    let rows: Vec<usize> = (0..table.rows.len()).filter(|&row| !is_total_row(table, row)).collect();
    let columns = input_columns(table, 0);
    let computed: Vec<&str> = (0..table.rows.len())
        .filter(|&row| is_total_row(table, row))
        .map(|row| table.rows[row].label.as_str())
        .collect();
    if !computed.is_empty() {
        out.comment_line(&format!("{}由程序计算，不用填写", computed.join("、")));
    }
    let alike = columns.len() > 4 && rows.iter().all(|&row| input_columns(table, row) == columns);
    if alike {
        write_list_rows(out, table, &rows, &columns);
    } else {
        write_table_rows(out, table, &rows);
    }
    out.blank_line();
}

/// Whether the form computes the whole row.
pub(crate) fn is_total_row(table: &FormTable, row: usize) -> bool {
    let mut cells = table.row_columns(row).filter_map(|column| table.cell_number(row, column));
    cells.all(|cell| table.is_computed(cell))
}

/// The columns of a row that are not its own total.
pub(crate) fn input_columns(table: &FormTable, row: usize) -> Vec<usize> {
    let is_total = |column: usize| {
        let cell = table.cell_number(row, column);
        table.instances.iter().any(|instance| {
            table.identities[instance.identity].per == Axis::Row
                && instance.computes.is_some()
                && instance.computes == cell
        })
    };
    table.row_columns(row).filter(|&column| !is_total(column)).collect()
}

/// Rows as lists below the columns' labels.
fn write_list_rows(out: &mut TomlWriter, table: &FormTable, rows: &[usize], columns: &[usize]) {
    let key = longest_row_id(table, rows);
    let labels: Vec<&str> = columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
    out.raw_comment_line(&format!("{}{}", " ".repeat(key + 4), labels.join("  ")));
    for &row in rows {
        out.assign_key(&table.rows[row].id, key);
        out.push_bracket(Bracket::OpenList);
        for (number, label) in labels.iter().enumerate() {
            if number > 0 {
                out.push_separator();
            } else {
                out.push_space();
            }
            out.push_number("0", label.width());
        }
        out.push_space();
        out.push_bracket(Bracket::CloseList);
        out.end_line(Some(&format!(" {}", table.row_name(row))));
    }
}

/// Rows as tables by column id, with the columns' labels above where they change.
fn write_table_rows(out: &mut TomlWriter, table: &FormTable, rows: &[usize]) {
    let key = longest_row_id(table, rows);
    let mut last: Vec<usize> = Vec::new();
    for &row in rows {
        let columns = input_columns(table, row);
        if columns != last {
            let labels: Vec<&str> =
                columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
            out.comment_line(&labels.join("、"));
        }
        out.assign_key(&table.rows[row].id, key);
        out.push_bracket(Bracket::OpenRow);
        for (number, &column) in columns.iter().enumerate() {
            if number > 0 {
                out.push_separator();
            }
            out.assign_key(&table.columns[column].id, 0);
            out.push_number("0", 0);
        }
        out.push_bracket(Bracket::CloseRow);
        out.end_line(Some(&format!(" {}", table.row_name(row))));
        last = columns;
    }
}

/// Width of the longest id of rows.
fn longest_row_id(table: &FormTable, rows: &[usize]) -> usize {
    rows.iter().map(|&row| table.rows[row].id.width()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use crate::data::{self, Syntax};
    use crate::form::FormRegistry;
    use crate::report;
    use docx_fill::diag::Sink;

    #[test]
    fn a_fresh_file_of_every_edition_checks_clean() {
        let library = FormRegistry::built_in();
        for form in library.forms() {
            let text = starter_toml(form, "云砚镇\"人民\"政府", form.first_year);
            let mut sources = Sources::default();
            let source = sources.add_text("report.toml", text.as_str());
            let mut sink = Sink::new();
            let node = data::load_data(source, &text, Syntax::Toml, &mut sink).expect("valid TOML");
            let report = report::read_report(source, &node, &library, &mut sink).expect("a report");
            check::check_report(&report, &mut sink);
            assert!(sink.is_empty(), "{:?}", sink.into_sorted());
            assert_eq!(report.organ.name, "云砚镇\"人民\"政府");
            for table in &form.tables {
                for row in table.rows.iter().filter(|row| row.id != "handled-total") {
                    assert!(text.contains(&format!("\n{}", row.id)), "{}", row.id);
                }
            }
        }
    }
}
