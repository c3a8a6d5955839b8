//! Owns the findings about a document: labels and headings in other words, parts that are missing, tables
//! that are split or stand elsewhere, figures without a place.
//! Must not look for anything: it says what was recognised.

use super::document::{Cell, Paragraph};
use super::labels::{Sure, solid};
use super::paper::Paper;
use super::recognise::Recognised;
use super::table::Oddity;
use crate::form::{Form, Table};
use crate::report::cell_ref;
use crate::text;
use docx_fill::diag::{Diagnostic, Lang, Place, Severity, Sink, SourceId, Span, Text};

/// What places are called; official words, the same in every language.
pub(super) fn part_name(part: &str) -> String {
    let words = match part {
        "title" => text!("word.title"),
        "year" => text!("word.year"),
        "date" => text!("word.date"),
        "organ" => text!("word.organ"),
        "above" => text!("word.above"),
        _ => text!("word.lead"),
    };
    words.in_lang(Lang::Zh)
}

/// A section by its heading.
pub(super) fn section_name(form: &Form, section: usize) -> String {
    form.sections[section].heading.clone().unwrap_or_else(|| part_name("lead"))
}

/// A cell in official words: 表三“（一）予以公开”自然人.
pub(super) fn cell_name(table: &Table, row: usize, column: Option<usize>) -> String {
    let column = column.map_or("", |column| &table.columns[column].label);
    format!("{}“{}”{column}", table.name, table.row_name(row))
}

/// Says what deviates.
pub(super) struct Teller<'r, 'f, 'd, 's> {
    pub(super) source: SourceId,
    pub(super) report: &'r Recognised<'f, 'd>,
    pub(super) sink: &'s mut Sink,
}

impl Teller<'_, '_, '_, '_> {
    fn push(&mut self, rule: &'static str, severity: Severity, span: Span, message: Text) {
        let place = Place::Text(self.source, span);
        self.sink.push(Diagnostic::new(rule, severity, place, message));
    }

    fn missing(&mut self, place: Place, message: Text, hint: Text) {
        self.sink.push(Diagnostic::error("missing-part", place, message).hint(hint));
    }

    /// Lines above the title have no place in a report.
    pub(super) fn above(&mut self, paper: &mut Paper) {
        for paragraph in &self.report.facts.above {
            let words = paragraph.text();
            let span = paper.line(words.trim(), &part_name("above"), &paragraph.place);
            let message = text!("word.above-title", text = words.trim());
            self.push("word-title", Severity::Remark, span, message);
        }
    }

    /// No title, or one of another pattern.
    pub(super) fn title(&mut self, paper: &mut Paper) {
        let facts = &self.report.facts;
        let Some((title, paragraphs)) = &facts.title else {
            let place = Place::File(self.source);
            let found = Diagnostic::warning("word-title", place, text!("word.no-title"));
            self.sink.push(found.hint(text!("word.no-title-hint")));
            return;
        };
        let named = facts.organ.as_ref().zip(facts.year);
        let official = named.map(|((organ, _), (year, _))| self.report.form.title_for(organ, year));
        if official.as_ref().map(|words| solid(words)).as_ref() == Some(title) {
            return;
        }
        let Some(first) = paragraphs.first() else { return };
        let span = paper.line(title, &part_name("title"), &first.place);
        let message = match official {
            Some(official) => text!("word.other-title", title = title, official = official),
            None => text!("word.title-lacks", title = title),
        };
        self.push("word-title", Severity::Remark, span, message);
    }

    /// A heading in other words, or none.
    pub(super) fn heading(&mut self, at: usize, paper: &mut Paper) {
        let section = &self.report.form.sections[at];
        let Some(official) = &section.heading else { return };
        match self.report.headings[at] {
            Some((_, Sure::Verbatim)) => {}
            Some((paragraph, sure)) => self.other_heading(paragraph, official, sure, paper),
            None => {
                let message = text!("word.no-heading", heading = official);
                let hint = match section.table {
                    Some(_) => text!("word.no-heading-table"),
                    None => text!("word.no-heading-text"),
                };
                let place = Place::File(self.source);
                self.sink.push(Diagnostic::warning("word-heading", place, message).hint(hint));
            }
        }
    }

    fn other_heading(&mut self, found: &Paragraph, official: &str, sure: Sure, paper: &mut Paper) {
        let words = found.text();
        let words = words.lines().next().unwrap_or_default().trim();
        let span = paper.line(words, official, &found.place);
        let message = text!("word.heading", found = words, official = official);
        self.push("word-heading", severity(sure), span, message);
    }

    /// What deviates in a table.
    pub(super) fn table(&mut self, number: usize, paper: &mut Paper) {
        let table = &self.report.form.tables[number];
        let reader = &self.report.tables[number];
        if reader.fragments == 0 {
            let message = text!("word.no-table", table = &table.name, heading = &table.summary);
            return self.missing(Place::File(self.source), message, text!("word.no-table-hint"));
        }
        for odd in &reader.oddities {
            self.oddity(table, odd, paper);
        }
        for (_, again) in self.report.again.iter().filter(|(at, _)| *at == number) {
            let Some(cell) = again.rows.iter().find_map(|row| row.cells.first()) else { continue };
            let span = paper.line(&solid(&cell.text()), &table.name, &cell.place);
            let message = text!("word.again", table = &table.name);
            self.push("word-unplaced", Severity::Warning, span, message);
        }
        self.lacking(number, paper);
    }

    fn oddity(&mut self, table: &Table, odd: &Oddity<'_>, paper: &mut Paper) {
        let mut at = |cell: &Cell, words: &str| paper.line(words, &table.name, &cell.place);
        let name = &table.name;
        match odd {
            Oddity::Label { cell, found, official, sure } => {
                let span = at(cell, found);
                let message = text!("word.label", table = name, found = found, official = official);
                self.push("word-label", severity(*sure), span, message);
            }
            Oddity::Unplaced { cell, text, row } => {
                let span = at(cell, text);
                let message = if row.is_empty() {
                    text!("word.unplaced", table = name, text = text)
                } else {
                    text!("word.unplaced-row", table = name, text = text, row = row)
                };
                let place = Place::Text(self.source, span);
                let found = Diagnostic::warning("word-unplaced", place, message);
                self.sink.push(found.hint(text!("word.unplaced-hint")));
            }
            Oddity::Split { cell } => {
                let span = at(cell, &solid(&cell.text()));
                self.push("word-table", Severity::Remark, span, text!("word.split", table = name));
            }
            Oddity::Shifted { cell } => {
                let span = at(cell, &solid(&cell.text()));
                self.push(
                    "word-table",
                    Severity::Warning,
                    span,
                    text!("word.shifted", table = name),
                );
            }
            Oddity::Inside { cell } => {
                let span = at(cell, &solid(&cell.text()));
                self.push("word-table", Severity::Remark, span, text!("word.inside", table = name));
            }
        }
    }

    /// Rows, columns and cells of the form that the document does not have.
    fn lacking(&mut self, number: usize, paper: &mut Paper) {
        let table = &self.report.form.tables[number];
        let reader = &self.report.tables[number];
        let found = |cell: usize| reader.figures[cell].is_some();
        let of_column = |column: usize| {
            let rows = 0..table.rows.len();
            rows.filter(|row| reader.rows.contains_key(row))
                .filter_map(move |row| table.cell(row, column))
                .collect::<Vec<_>>()
        };
        let mut whole = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let cells = of_column(at);
            if !cells.is_empty() && !cells.into_iter().any(found) {
                whole.push(at);
                let message =
                    text!("sheet.missing-column", table = &table.name, name = &column.label);
                self.missing(Place::File(self.source), message, text!("word.missing-hint"));
            }
        }
        for row in 0..table.rows.len() {
            let Some(label) = reader.rows.get(&row) else {
                let name = table.row_name(row);
                let message = text!("sheet.missing-row", table = &table.name, name = name);
                self.missing(Place::File(self.source), message, text!("word.missing-hint"));
                continue;
            };
            for column in table.row_columns(row).filter(|column| !whole.contains(column)) {
                if table.cell(row, column).is_some_and(|cell| !found(cell)) {
                    self.lacking_cell(table, (row, column), label, paper);
                }
            }
        }
    }

    fn lacking_cell(
        &mut self,
        table: &Table,
        (row, column): (usize, usize),
        label: &Cell,
        paper: &mut Paper,
    ) {
        let span = paper.line(&solid(&label.text()), &cell_name(table, row, None), &label.place);
        let message = text!(
            "word.no-cell",
            row = cell_name(table, row, None),
            column = &table.columns[column].label
        );
        let place = Place::Text(self.source, span);
        let found = Diagnostic::error("missing-part", place, message);
        let found = found.cell(cell_ref(table, Some(row), Some(column)));
        self.sink.push(found.hint(text!("word.missing-hint")));
    }

    /// Changes that nobody has accepted or refused.
    pub(super) fn tracked(&mut self, tracked: bool) {
        if tracked {
            let place = Place::File(self.source);
            let found = Diagnostic::warning("word-tracked", place, text!("word.tracked"));
            self.sink.push(found.hint(text!("word.tracked-hint")));
        }
    }
}

/// Other characters are worth knowing; other words a person has to look at.
fn severity(sure: Sure) -> Severity {
    match sure {
        Sure::Verbatim | Sure::Shape | Sure::Number => Severity::Remark,
        Sure::Alias | Sure::Near => Severity::Warning,
    }
}
