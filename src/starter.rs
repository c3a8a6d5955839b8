//! Owns the fresh data file, as TOML or as workbook: every row of the form in official order, with its
//! label beside it.
//! Must not know where the file goes.

use crate::data::{self, Syntax};
use crate::diag::{Sink, Sources, Text};
use crate::form::{Form, Library, Per, Table};
use crate::{report, sheet};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// A commented TOML file for an organ's report of a year.
pub fn toml(form: &Form, organ: &str, year: u16) -> String {
    // A name with a line end would end the comment that it stands in.
    let organ: String = organ.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let organ = organ.as_str();
    let mut out = String::new();
    let title = form.title_for(organ, year);
    let _ = writeln!(
        out,
        "# {title}\n\
         # 表样：《{}》（{}）\n\
         # 井号后面是说明，可以删去。没有发生的填 0；省略的行按 0 计。合计由程序计算，写了就核对。\n\
         # 改好以后运行：nianbao check 本文件所在文件夹，再运行 nianbao build 同一文件夹\n\n\
         year = {year}\n",
        form.name, form.notice_number
    );
    organ_table(&mut out, organ);
    texts(&mut out, form);
    for table in &form.tables {
        figures(&mut out, form, table);
    }
    out
}

/// The same as a workbook.
pub fn workbook(library: &Library, form: &Form, organ: &str, year: u16) -> Result<Vec<u8>, Text> {
    let text = toml(form, organ, year);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("report.toml", text.as_str());
    let root = data::load(source, &text, Syntax::Toml, &mut sink);
    let report = root.and_then(|root| report::read(source, &root, library, &mut sink));
    sheet::workbook(&report.expect("a fresh file is a report"))
}

fn organ_table(out: &mut String, organ: &str) {
    let _ = writeln!(
        out,
        "[organ]\n\
         name     = {}\n\
         # 层级：township 乡镇、department 部门、county 县级、city 市级、province 省级、ministry 国务院部门\n\
         level    = \"township\"\n\
         address  = \"\"  # 地址\n\
         postcode = \"\"  # 邮编\n\
         phone    = \"\"  # 电话\n\
         email    = \"\"  # 电子邮箱\n\
         website  = \"\"  # 网址\n",
        quoted(organ)
    );
}

/// A TOML basic string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn texts(out: &mut String, form: &Form) {
    out.push_str(
        "# 正文。下面的文字是样稿，请逐句改成本机关的实际情况。空一行另起一段；“（一）”“1.”“（1）”是各级标题；**加粗**；\n\
         # {{requests.received.total}} 这样的写法引用下面表格里的数，文字和表格就不会不一致。\n\
         [text]\n",
    );
    for section in form.sections.iter().filter(|section| section.table.is_none()) {
        if let Some(heading) = &section.heading {
            let _ = writeln!(out, "# {heading}");
        }
        let _ = writeln!(out, "{} = \"\"\"\n{}\n\"\"\"\n", section.id, section.starter.trim());
    }
}

fn figures(out: &mut String, form: &Form, table: &Table) {
    let section = form
        .sections
        .iter()
        .find(|section| section.table.is_some_and(|at| form.tables[at].id == table.id));
    if let Some(heading) = section.and_then(|section| section.heading.as_ref()) {
        let _ = writeln!(out, "# {heading}");
    }
    let _ = writeln!(out, "[{}]", table.id);
    let rows: Vec<usize> = (0..table.rows.len()).filter(|&row| !is_total_row(table, row)).collect();
    let columns = own_columns(table, 0);
    let computed: Vec<&str> = (0..table.rows.len())
        .filter(|&row| is_total_row(table, row))
        .map(|row| table.rows[row].label.as_str())
        .collect();
    if !computed.is_empty() {
        let _ = writeln!(out, "# {}由程序计算，不用填写", computed.join("、"));
    }
    let alike = columns.len() > 4 && rows.iter().all(|&row| own_columns(table, row) == columns);
    if alike {
        lists(out, table, &rows, &columns);
    } else {
        tables(out, table, &rows);
    }
    out.push('\n');
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
fn lists(out: &mut String, table: &Table, rows: &[usize], columns: &[usize]) {
    let key = rows.iter().map(|&row| table.rows[row].id.width()).max().unwrap_or_default();
    let labels: Vec<&str> = columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
    let _ = writeln!(out, "#{}{}", " ".repeat(key + 4), labels.join("  "));
    for &row in rows {
        let zeros: Vec<String> =
            labels.iter().map(|l| format!("{:>width$}", 0, width = l.width())).collect();
        let id = &table.rows[row].id;
        let gap = " ".repeat(key - id.width());
        let _ = writeln!(out, "{id}{gap} = [ {} ]  # {}", zeros.join(", "), table.row_name(row));
    }
}

/// Rows as tables by column id, with the columns' labels above where they change.
fn tables(out: &mut String, table: &Table, rows: &[usize]) {
    let key = rows.iter().map(|&row| table.rows[row].id.width()).max().unwrap_or_default();
    let mut last: Vec<usize> = Vec::new();
    for &row in rows {
        let columns = own_columns(table, row);
        if columns != last {
            let labels: Vec<&str> =
                columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
            let _ = writeln!(out, "# {}", labels.join("、"));
        }
        let cells: Vec<String> =
            columns.iter().map(|&c| format!("{} = 0", table.columns[c].id)).collect();
        let id = &table.rows[row].id;
        let gap = " ".repeat(key - id.width());
        let _ = writeln!(out, "{id}{gap} = {{ {} }}  # {}", cells.join(", "), table.row_name(row));
        last = columns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

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
