//! Owns the fresh data file, as TOML or as workbook: every row of the form in official order, with its
//! label beside it.
//! Must not know where the file goes.

use crate::form::{Form, Per, Section, Table};
use crate::report::{Report, TextField};
use crate::sheet;
use crate::syntax::toml::Writer;
use crate::syntax::{Bracket, is_odd};
use docx_fill::diag::{Sources, Span, Text};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// A commented TOML file for an organ's report of a year.
pub fn toml(form: &Form, organ: &str, year: u16) -> String {
    let organ = one_line(organ);
    let mut out = Writer::default();
    out.comment(&form.title_for(&organ, year));
    out.comment(&format!("表样：《{}》（{}）", form.name, form.notice_number));
    for line in ABOUT {
        out.comment(line);
    }
    out.blank_line();
    out.assign("year", 0);
    out.number(&year.to_string(), 0);
    out.end_line(None);
    out.blank_line();
    organ_table(&mut out, &organ);
    texts(&mut out, form);
    for table in &form.tables {
        figures(&mut out, form, table);
    }
    out.finish()
}

/// What the file says of itself.
const ABOUT: [&str; 2] = [
    "井号后面是说明，可以删去。没有发生的填 0；省略的行按 0 计。合计由程序计算，写了就核对。",
    "改好以后运行：nianbao check 本文件所在文件夹，再运行 nianbao build 同一文件夹",
];

/// A name as it can stand on a seal.
fn one_line(name: &str) -> String {
    name.chars().map(|c| if is_odd(c) { ' ' } else { c }).collect()
}

/// The same as a workbook.
pub fn workbook(form: &Arc<Form>, organ: &str, year: u16) -> Result<Vec<u8>, Text> {
    let source = Sources::default().add_binary("");
    let mut report = Report::blank(source, form.clone(), year);
    report.organ.name = one_line(organ);
    report.organ.level = Some(LEVEL.to_owned());
    report.texts = drafts(form);
    for (table, cells) in form.tables.iter().zip(&mut report.tables) {
        for row in (0..table.rows.len()).filter(|&row| !is_total_row(table, row)) {
            for column in own_columns(table, row) {
                if let Some(at) = table.cell(row, column) {
                    cells[at].span = Some(Span::default());
                }
            }
        }
    }
    sheet::workbook(&report)
}

/// The form's drafts of the texts, which quote the figures.
pub(crate) fn drafts(form: &Form) -> Vec<TextField> {
    let sections = form.sections.iter().enumerate();
    let own = sections.filter(|(_, section)| section.table.is_none());
    let draft = |(at, section): (usize, &Section)| TextField {
        section: at,
        after: false,
        markdown: format!("{}\n", section.starter.trim()),
        span: Span::default(),
    };
    own.map(draft).collect()
}

/// The level that most organs have.
const LEVEL: &str = "township";

/// What a clerk fills in about the organ, with the words for it.
const CONTACT: [(&str, &str); 5] = [
    ("address", "地址"),
    ("postcode", "邮编"),
    ("phone", "电话"),
    ("email", "电子邮箱"),
    ("website", "网址"),
];

fn organ_table(out: &mut Writer, organ: &str) {
    let width = "postcode".len();
    out.head("organ");
    out.end_line(None);
    out.assign("name", width);
    out.text(organ);
    out.end_line(None);
    out.comment(
        "层级：township 乡镇、department 部门、county 县级、city 市级、province 省级、ministry 国务院部门",
    );
    out.assign("level", width);
    out.text(LEVEL);
    out.end_line(None);
    for (key, name) in CONTACT {
        out.assign(key, width);
        out.text("");
        out.end_line(Some(&format!(" {name}")));
    }
    out.blank_line();
}

fn texts(out: &mut Writer, form: &Form) {
    out.comment(
        "正文。下面的文字是样稿，请逐句改成本机关的实际情况。空一行另起一段；“（一）”“1.”“（1）”是各级标题；**加粗**；",
    );
    out.comment(
        "{{requests.received.total}} 这样的写法引用下面表格里的数，文字和表格就不会不一致。",
    );
    out.head("text");
    out.end_line(None);
    for draft in drafts(form) {
        let section = &form.sections[draft.section];
        if let Some(heading) = &section.heading {
            out.comment(heading);
        }
        out.assign(&section.id, 0);
        out.lines(&draft.markdown);
        out.end_line(None);
        out.blank_line();
    }
}

fn figures(out: &mut Writer, form: &Form, table: &Table) {
    let section = form
        .sections
        .iter()
        .find(|section| section.table.is_some_and(|at| form.tables[at].id == table.id));
    if let Some(heading) = section.and_then(|section| section.heading.as_ref()) {
        out.comment(heading);
    }
    out.head(&table.id);
    out.end_line(None);
    let rows: Vec<usize> = (0..table.rows.len()).filter(|&row| !is_total_row(table, row)).collect();
    let columns = own_columns(table, 0);
    let computed: Vec<&str> = (0..table.rows.len())
        .filter(|&row| is_total_row(table, row))
        .map(|row| table.rows[row].label.as_str())
        .collect();
    if !computed.is_empty() {
        out.comment(&format!("{}由程序计算，不用填写", computed.join("、")));
    }
    let alike = columns.len() > 4 && rows.iter().all(|&row| own_columns(table, row) == columns);
    if alike {
        lists(out, table, &rows, &columns);
    } else {
        tables(out, table, &rows);
    }
    out.blank_line();
}

/// Whether the form computes the whole row.
pub(crate) fn is_total_row(table: &Table, row: usize) -> bool {
    let mut cells = table.row_columns(row).filter_map(|column| table.cell(row, column));
    cells.all(|cell| table.is_computed(cell))
}

/// The columns of a row that are not its own total.
pub(crate) fn own_columns(table: &Table, row: usize) -> Vec<usize> {
    let is_total = |column: usize| {
        let cell = table.cell(row, column);
        table.instances.iter().any(|instance| {
            table.identities[instance.identity].per == Per::Row
                && instance.computes.is_some()
                && instance.computes == cell
        })
    };
    table.row_columns(row).filter(|&column| !is_total(column)).collect()
}

/// Rows as lists below the columns' labels.
fn lists(out: &mut Writer, table: &Table, rows: &[usize], columns: &[usize]) {
    let key = longest(table, rows);
    let labels: Vec<&str> = columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
    out.remark(&format!("{}{}", " ".repeat(key + 4), labels.join("  ")));
    for &row in rows {
        out.assign(&table.rows[row].id, key);
        out.bracket(Bracket::OpenList);
        for (number, label) in labels.iter().enumerate() {
            if number > 0 {
                out.next();
            } else {
                out.space();
            }
            out.number("0", label.width());
        }
        out.space();
        out.bracket(Bracket::CloseList);
        out.end_line(Some(&format!(" {}", table.row_name(row))));
    }
}

/// Rows as tables by column id, with the columns' labels above where they change.
fn tables(out: &mut Writer, table: &Table, rows: &[usize]) {
    let key = longest(table, rows);
    let mut last: Vec<usize> = Vec::new();
    for &row in rows {
        let columns = own_columns(table, row);
        if columns != last {
            let labels: Vec<&str> =
                columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
            out.comment(&labels.join("、"));
        }
        out.assign(&table.rows[row].id, key);
        out.bracket(Bracket::OpenRow);
        for (number, &column) in columns.iter().enumerate() {
            if number > 0 {
                out.next();
            }
            out.assign(&table.columns[column].id, 0);
            out.number("0", 0);
        }
        out.bracket(Bracket::CloseRow);
        out.end_line(Some(&format!(" {}", table.row_name(row))));
        last = columns;
    }
}

/// Width of the longest id of rows.
fn longest(table: &Table, rows: &[usize]) -> usize {
    rows.iter().map(|&row| table.rows[row].id.width()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use crate::data::{self, Syntax};
    use crate::form::Library;
    use crate::report;
    use docx_fill::diag::Sink;

    #[test]
    fn a_fresh_file_of_every_edition_checks_clean() {
        let library = Library::built_in();
        for form in library.forms() {
            let text = toml(form, "云砚镇\"人民\"政府", form.first_year);
            let mut sources = Sources::default();
            let source = sources.add_text("report.toml", text.as_str());
            let mut sink = Sink::new();
            let node = data::load(source, &text, Syntax::Toml, &mut sink).expect("valid TOML");
            let report = report::read(source, &node, &library, &mut sink).expect("a report");
            check::check(&report, &mut sink);
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
