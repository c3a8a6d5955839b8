//! Owns the fresh data file, as TOML or as workbook: every row of the form in official order, with its
//! label beside it. The words of the TOML file are in `templates/starter.toml.hbs`.
//! Must not know where the file goes.

use crate::check::levels_by_organ_name;
use crate::form::{
    Axis, FieldKind, Form, FormField, FormNamePart, FormSection, FormTable, NamedId,
};
use crate::report::{CARRIED_MARK, Figure, NoteTarget, REWRITE_MARK, Report, TextField};
use crate::sheet;
use crate::syntax::needs_escape;
use crate::syntax::toml::{fill_toml, quoted_text};
use docx_fill::diag::{Message, SourcePlace, Sources};
use serde::Serialize;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// The data file with its words.
const TEMPLATE: &str = include_str!("../templates/starter.toml.hbs");

/// The content of the data file.
#[derive(Serialize)]
struct StarterView<'a> {
    title: String,
    form: &'a str,
    notice: &'a str,
    year: u16,
    /// The keys that name the form, unless the year alone does.
    naming: Vec<NamingView<'a>>,
    /// The fields of the organ.
    fields: Vec<FieldView<'a>>,
    /// Width of their longest id.
    field_width: usize,
    /// A title that differs from the form's.
    own_title: Option<&'a str>,
    /// The mark of passages that must be written anew, if there are any.
    rewrite_mark: Option<&'static str>,
    /// The mark of carried figures that must be checked, if there are any.
    carried_mark: Option<&'static str>,
    /// A figure as a text quotes it.
    quote: String,
    texts: Vec<TextView<'a>>,
    tables: Vec<TableView<'a>>,
}

/// A key that names the form.
#[derive(Serialize)]
struct NamingView<'a> {
    keyword: &'static str,
    id: &'a str,
    /// Official words, unless the id is all.
    name: Option<&'a str>,
}

/// A field of the organ.
#[derive(Serialize)]
struct FieldView<'a> {
    id: &'a str,
    value: &'a str,
    /// Its label, unless the id says it.
    label: Option<&'a str>,
    choices: Vec<ChoiceView<'a>>,
}

/// A value of which a field has one.
#[derive(Serialize)]
struct ChoiceView<'a> {
    id: &'a str,
    name: &'a str,
}

/// A text.
#[derive(Serialize)]
struct TextView<'a> {
    heading: Option<&'a str>,
    id: String,
    markdown: String,
}

/// A table: its rows are lists below the labels of all columns, or tables with the labels where they change.
#[derive(Serialize)]
struct TableView<'a> {
    heading: Option<&'a str>,
    id: &'a str,
    computed: String,
    list_labels: String,
    rows: Vec<RowView<'a>>,
}

/// A row.
#[derive(Serialize)]
struct RowView<'a> {
    id: &'a str,
    /// Width of the longest id.
    width: usize,
    name: String,
    labels: String,
    /// The figures of a list.
    figures: Vec<String>,
    /// The figures of a table.
    cells: Vec<CellView<'a>>,
    /// The note on the row.
    note: Option<&'a str>,
}

/// A cell of a row that is written as a table.
#[derive(Serialize)]
struct CellView<'a> {
    /// Id of the column.
    column: &'a str,
    /// The figure as a value of TOML.
    figure: String,
}

/// Returns a commented TOML file for an organ's report of a year.
pub fn starter_toml(form: &Arc<Form>, organ: &str, year: u16) -> String {
    report_toml(&starter_report(form, organ, year))
}

/// Returns a report as a commented TOML file with every row of its form, to be filled in.
pub fn report_toml(report: &Report) -> String {
    let (form, organ) = (&report.form, &report.organ);
    let text = |text: &TextField| {
        let section = &form.sections[text.section];
        let suffix = if text.after_table { "-after" } else { "" };
        let id = format!("{}{suffix}", section.id);
        TextView { heading: section.heading.as_deref(), id, markdown: text.markdown.clone() }
    };
    let marked = report.texts.iter().any(|text| text.markdown.contains(REWRITE_MARK));
    let carried = report.notes.iter().any(|note| note.text.contains(CARRIED_MARK));
    let fields = field_views(report);
    let view = StarterView {
        title: form.title_for(&organ.name, report.year),
        form: &form.name,
        notice: &form.notice_number,
        year: report.year,
        naming: naming_views(report),
        field_width: fields.iter().map(|field| field.id.width()).max().unwrap_or_default(),
        fields,
        own_title: report.custom_title.as_deref(),
        rewrite_mark: marked.then_some(REWRITE_MARK),
        carried_mark: carried.then_some(CARRIED_MARK),
        quote: example_quote(form),
        texts: report.texts.iter().map(text).collect(),
        tables: (0..form.tables.len()).map(|table| table_view(report, table)).collect(),
    };
    fill_toml(TEMPLATE, &view)
}

/// Returns the lines of the organ's fields: of those that a fresh file has, and of those with a value.
fn field_views(report: &Report) -> Vec<FieldView<'_>> {
    report.offered_fields().map(|(field, value)| field_view(field, value)).collect()
}

fn field_view<'a>(field: &'a FormField, value: &'a str) -> FieldView<'a> {
    let choice = |choice: &'a NamedId| ChoiceView { id: &choice.id, name: &choice.name };
    FieldView {
        id: &field.id,
        value,
        label: (field.kind != FieldKind::Name).then_some(field.label.as_str()),
        choices: field.choices.iter().map(choice).collect(),
    }
}

/// Returns the quote of the form's first total, else of its first figure.
fn example_quote(form: &Form) -> String {
    let tables = || form.tables.iter();
    let total = tables().find_map(|table| {
        let at = (0..table.cells.len()).find(|at| table.is_computed(*at))?;
        Some((table, table.cells[at]))
    });
    let first = || tables().find_map(|table| Some((table, *table.cells.first()?)));
    total.or_else(first).map_or_else(String::new, |(table, cell)| {
        let (row, column) = (&table.rows[cell.row].id, &table.columns[cell.column].id);
        format!("{{{{{}.{row}.{column}}}}}", table.id)
    })
}

/// Returns the keys that name the report's form.
fn naming_views(report: &Report) -> Vec<NamingView<'_>> {
    let keys = report.form.keys_for_year(report.has_year.then_some(report.year));
    keys.into_iter().map(naming_view).collect()
}

fn naming_view(named: FormNamePart<'_>) -> NamingView<'_> {
    let (keyword, id) = named.as_entry();
    let name = match named {
        FormNamePart::Family(label) | FormNamePart::Variant(label) => Some(label.name.as_str()),
        FormNamePart::Edition(_) => None,
    };
    NamingView { keyword, id, name: name.filter(|name| *name != id) }
}

/// Returns a name as it can stand on a seal.
fn one_line(name: &str) -> String {
    name.chars().map(|c| if needs_escape(c) { ' ' } else { c }).collect()
}

/// Returns the same as a workbook.
pub fn starter_workbook(form: &Arc<Form>, organ: &str, year: u16) -> Result<Vec<u8>, Message> {
    sheet::write_workbook(&starter_report(form, organ, year))
}

/// Returns the report of a fresh file: no figure but zero, and the form's drafts as texts.
pub fn starter_report(form: &Arc<Form>, organ: &str, year: u16) -> Report {
    let source = Sources::default().add_binary("");
    let mut report = Report::blank(source, form.clone(), year);
    report.organ.name = one_line(organ);
    if let Some(field) = form.level_field().filter(|field| field.is_offered) {
        // Of an organ whose name tells no level the first one is assumed, as most have it.
        let first = || field.choices.first().map(|choice| choice.id.as_str());
        let level = levels_by_organ_name(form, organ).first().copied().or_else(first);
        report.organ.level = level.map(str::to_owned);
    }
    report.texts = draft_texts(form);
    for (table, cells) in form.tables.iter().zip(&mut report.tables) {
        for row in (0..table.rows.len()).filter(|&row| !is_total_row(table, row)) {
            for column in input_columns(table, row) {
                if let Some(at) = table.cell_number(row, column) {
                    cells[at].place = Some(SourcePlace::generated());
                }
            }
        }
    }
    report
}

/// Returns the form's drafts of the texts, which quote the figures.
pub(crate) fn draft_texts(form: &Form) -> Vec<TextField> {
    let sections = form.sections.iter().enumerate();
    let own = sections.filter(|(_, section)| section.table.is_none());
    let draft = |(at, section): (usize, &FormSection)| TextField {
        section: at,
        after_table: false,
        markdown: format!("{}\n", section.starter_text.trim()),
        place: SourcePlace::generated(),
    };
    own.map(draft).collect()
}

fn table_view(report: &Report, number: usize) -> TableView<'_> {
    let (form, table) = (&report.form, &report.form.tables[number]);
    let owner =
        |section: &&FormSection| section.table.is_some_and(|at| form.tables[at].id == table.id);
    let (totals, rows): (Vec<usize>, Vec<usize>) =
        (0..table.rows.len()).partition(|&row| is_total_row(table, row));
    let totals: Vec<&str> = totals.iter().map(|&row| table.rows[row].label.as_str()).collect();
    let columns = input_columns(table, 0);
    let note_on = |row: usize| {
        let note = report.note_on(NoteTarget::Row { table: number, row });
        note.map(|note| note.text.as_str())
    };
    let is_alike = |row: usize| input_columns(table, row) == columns && note_on(row).is_none();
    let alike = columns.len() > 4 && rows.iter().all(|&row| is_alike(row));
    let width = rows.iter().map(|&row| table.rows[row].id.width()).max().unwrap_or_default();
    let mut last = Vec::new();
    let mut row_view = |row: usize| {
        let own = input_columns(table, row);
        let labels: Vec<&str> = own.iter().map(|&c| table.columns[c].label.as_str()).collect();
        let changed = !alike && own != last;
        let value = |column: usize| cell_value(report, number, row, column);
        let aligned = |(label, column): (&&str, &usize)| {
            format!("{:>width$}", value(*column), width = label.width())
        };
        let cell = |column: &usize| CellView {
            column: &table.columns[*column].id,
            figure: value(*column),
        };
        let view = RowView {
            id: &table.rows[row].id,
            width,
            name: table.row_name(row),
            labels: if changed { labels.join("、") } else { String::new() },
            figures: if alike {
                labels.iter().zip(&own).map(aligned).collect()
            } else {
                Vec::new()
            },
            cells: own.iter().map(cell).collect(),
            note: note_on(row),
        };
        last = own;
        view
    };
    let labels: Vec<&str> = columns.iter().map(|&c| table.columns[c].label.as_str()).collect();
    TableView {
        heading: form.sections.iter().find(owner).and_then(|section| section.heading.as_deref()),
        id: &table.id,
        computed: totals.join("、"),
        list_labels: if alike { above_lists(width, &labels) } else { String::new() },
        rows: rows.into_iter().map(&mut row_view).collect(),
    }
}

/// Returns the figure of a cell as a value of TOML.
fn cell_value(report: &Report, table: usize, row: usize, column: usize) -> String {
    let cell = report.form.tables[table].cell_number(row, column);
    match cell.map(|cell| &report.tables[table][cell].figure) {
        Some(Figure::Number(number)) => number.to_string(),
        Some(other) => quoted_text(&other.cell_text()),
        None => quoted_text(""),
    }
}

/// Returns the labels of the columns, above their figures.
fn above_lists(key_width: usize, labels: &[&str]) -> String {
    format!("{}{}", " ".repeat(key_width + 4), labels.join("  "))
}

/// Checks whether the form computes the whole row.
pub(crate) fn is_total_row(table: &FormTable, row: usize) -> bool {
    let mut cells = table.row_columns(row).filter_map(|column| table.cell_number(row, column));
    cells.all(|cell| table.is_computed(cell))
}

/// Returns the columns of a row that are not its own total.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use crate::data::{self, Syntax};
    use crate::form::FormRegistry;
    use crate::report;
    use docx_fill::diag::Sink;

    #[test]
    fn of_a_fresh_file_of_every_edition_only_the_samples_are_told() {
        let library = FormRegistry::built_in();
        for form in library.forms() {
            let text = starter_toml(form, "云砚镇\"人民\"政府", form.first_year);
            let mut sources = Sources::default();
            let source = sources.add_text("report.toml", text.as_str());
            let mut sink = Sink::new();
            let node = data::load_data(source, &text, Syntax::Toml, &mut sink).expect("valid TOML");
            let report = report::read_report(source, &node, &library, &mut sink).expect("a report");
            check::check_report(&report, &mut sink);
            let rules: Vec<_> = sink.into_sorted().into_iter().map(|found| found.rule).collect();
            assert_eq!(rules, ["sample-text"]);
            assert_eq!(report.organ.name, "云砚镇\"人民\"政府");
            for table in &form.tables {
                for row in table.rows.iter().filter(|row| row.id != "handled-total") {
                    assert!(text.contains(&format!("\n{}", row.id)), "{}", row.id);
                }
            }
        }
    }
}
