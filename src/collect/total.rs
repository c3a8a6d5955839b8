//! Owns the county's report as a data file: every figure that was added up, who was added, and what is
//! still to be filled in, as comments beside them.
//! Must not know where the file goes.

use super::{Collected, Line, words};
use crate::convert::toml_text;
use crate::diag::{Lang, Text};
use crate::figure::Decimal;
use crate::form::Table;
use crate::report::{Figure, Report};
use crate::starter::{is_total_row, own_columns, quoted};
use crate::text;
use std::fmt::Write as _;

/// The county's report as TOML.
pub fn toml(county: &Collected, lang: Lang) -> String {
    let mut out = String::new();
    head(&mut out, county, lang);
    let _ = writeln!(out, "\nyear = {}", county.year);
    if !county.form.covers(county.year) {
        let _ = writeln!(out, "form = {}", quoted(&county.form.edition));
    }
    let model = county.own.as_ref().or_else(|| county.single());
    organ(&mut out, county, model);
    texts(&mut out, county, model, lang);
    for (number, table) in county.form.tables.iter().enumerate() {
        figures(&mut out, county, number, table, lang);
    }
    out
}

impl Collected {
    /// The only report in the sum, if the county is one.
    fn single(&self) -> Option<&Report> {
        match self.members().as_slice() {
            [one] if one.report.organ.name == self.organ.0 => {
                let added = self.lines.iter().find(|line| line.standing.is_added())?;
                self.delivered[added.delivered?].report.as_ref()
            }
            _ => None,
        }
    }
}

fn comment(out: &mut String, words: &Text, lang: Lang) {
    for line in words.in_lang(lang).lines() {
        let _ = writeln!(out, "# {line}");
    }
}

/// Who was added and who was not.
fn head(out: &mut String, county: &Collected, lang: Lang) {
    comment(out, &words::summary(county), lang);
    let (added, others): (Vec<&Line>, Vec<&Line>) =
        county.lines.iter().partition(|line| line.standing.is_added());
    comment(out, &text!("collect.head-added", count = added.len()), lang);
    for line in added {
        comment(out, &words::line(county, line), lang);
    }
    if !others.is_empty() {
        comment(out, &text!("collect.head-others", count = others.len()), lang);
        for line in others {
            comment(out, &words::line(county, line), lang);
        }
    }
}

fn organ(out: &mut String, county: &Collected, model: Option<&Report>) {
    if let Some(report) = model {
        if let Some(title) = &report.own_title {
            let _ = writeln!(out, "title = {}", quoted(title));
        }
        if let Some(date) = report.date {
            let _ = writeln!(out, "date = {}", quoted(&date.to_string()));
        }
    }
    let organ = model.map(|report| &report.organ);
    let of = |read: fn(&crate::report::Organ) -> &String| organ.map(read).cloned();
    let (name, level) = &county.organ;
    let _ = writeln!(out, "\n[organ]\nname = {}", quoted(name));
    let pairs = [
        ("level", level.clone()),
        ("address", of(|organ| &organ.address)),
        ("postcode", of(|organ| &organ.postcode)),
        ("phone", of(|organ| &organ.phone)),
        ("email", of(|organ| &organ.email)),
        ("website", of(|organ| &organ.website)),
    ];
    for (key, value) in pairs {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(out, "{key} = {}", quoted(&value));
        }
    }
}

/// The county's own texts, else the form's drafts, which quote the figures.
fn texts(out: &mut String, county: &Collected, model: Option<&Report>, lang: Lang) {
    // The county's own report may be figures only.
    let own = model.filter(|report| county.own.is_none() || !report.texts.is_empty());
    out.push('\n');
    if own.is_none() {
        comment(out, &text!("collect.head-texts"), lang);
    }
    out.push_str("[text]\n");
    if let Some(report) = own {
        for field in &report.texts {
            let after = if field.after { "-after" } else { "" };
            let id = &report.form.sections[field.section].id;
            let _ = writeln!(out, "{id}{after} = {}", toml_text(&field.markdown));
        }
        return;
    }
    for section in county.form.sections.iter().filter(|section| section.table.is_none()) {
        if let Some(heading) = &section.heading {
            let _ = writeln!(out, "# {heading}");
        }
        let _ = writeln!(out, "{} = \"\"\"\n{}\n\"\"\"", section.id, section.starter.trim());
    }
}

fn figures(out: &mut String, county: &Collected, number: usize, table: &Table, lang: Lang) {
    let heading = county.form.sections.iter().find(|section| section.table == Some(number));
    if let Some(heading) = heading.and_then(|section| section.heading.as_ref()) {
        let _ = write!(out, "\n# {heading}");
    }
    let _ = writeln!(out, "\n[{}]", table.id);
    let totals = &county.totals[number];
    let mut last: Vec<usize> = Vec::new();
    for row in 0..table.rows.len() {
        let cells: Vec<usize> = table.row_columns(row).filter_map(|c| table.cell(row, c)).collect();
        // A total that the units' own figures do not give stays as the units have it.
        let odd = cells.iter().any(|&at| is_odd(county, number, at));
        if is_total_row(table, row) && !odd {
            continue;
        }
        notes(out, county, number, &cells, lang);
        let columns: Vec<usize> =
            if odd { table.row_columns(row).collect() } else { own_columns(table, row) };
        if columns != last {
            let labels: Vec<&str> =
                columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
            let _ = writeln!(out, "# {}", labels.join("  "));
        }
        let value = |&column: &usize| {
            let at = table.cell(row, column)?;
            Some((column, value(&totals[at].figure)))
        };
        let values: Vec<(usize, String)> = columns.iter().filter_map(value).collect();
        let _ = writeln!(out, "{}", line(table, row, &values));
        last = columns;
    }
}

/// A row: a list where it is long, else by column.
fn line(table: &Table, row: usize, values: &[(usize, String)]) -> String {
    let id = &table.rows[row].id;
    let name = table.row_name(row);
    if values.len() > 4 {
        let values: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        return format!("{id} = [ {} ]  # {name}", values.join(", "));
    }
    let pair =
        |(column, value): &(usize, String)| format!("{} = {value}", table.columns[*column].id);
    format!("{id} = {{ {} }}  # {name}", values.iter().map(pair).collect::<Vec<_>>().join(", "))
}

fn value(figure: &Figure) -> String {
    match figure {
        Figure::Number(number) => number.to_string(),
        other => quoted(&other.text()),
    }
}

/// Whether a computed cell is not what its addends give.
fn is_odd(county: &Collected, number: usize, at: usize) -> bool {
    let table = &county.form.tables[number];
    let totals = &county.totals[number];
    if !table.is_computed(at) {
        return false;
    }
    table.plan.iter().map(|&plan| &table.instances[plan]).any(|instance| {
        let side = |terms: &[crate::form::Term]| {
            terms.iter().try_fold(Decimal::ZERO, |sum, term| {
                let number = totals[term.index].figure.number()?;
                Some(if term.minus { sum - number } else { sum + number })
            })
        };
        let sides = side(&instance.left).zip(side(&instance.right));
        instance.computes == Some(at) && sides.is_some_and(|(left, right)| left != right)
    })
}

/// What a person has to know about a row's cells.
fn notes(out: &mut String, county: &Collected, number: usize, cells: &[usize], lang: Lang) {
    let totals = &county.totals[number];
    for &at in cells {
        let table = &county.form.tables[number];
        let column = &table.columns[table.cells[at].column].label;
        if totals[at].open {
            let sum = totals[at].sum.to_string();
            comment(out, &text!("collect.note-open", column = column, sum = sum), lang);
        } else if totals[at].blanks > 0 && totals[at].figure.number().is_some() {
            let count = totals[at].blanks;
            comment(out, &text!("collect.note-blank", column = column, count = count), lang);
        }
    }
}
