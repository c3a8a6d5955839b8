//! Owns the findings about an imported document: labels and headings in other words, missing parts,
//! split or misplaced tables, figures without a place in the form.
//! Must not search the document: it reports what was recognised.

use super::labels::{Confidence, strip_blanks};
use super::recognised::RecognisedReport;
use super::synthetic_source::SyntheticSourceText;
use super::table_reader::Deviation;
use crate::form::{Form, FormTable};
use crate::msg;
use crate::report::cell_ref;
use docx_fill::diag::{Diagnostic, Lang, Location, Message, Severity, Sink, SourceId, Span};
use docx_fill::word::blocks::{WordCell, WordParagraph};

/// Returns the name of a part of the report; official terms, the same in every language.
pub(super) fn part_name(part: &str) -> String {
    let words = match part {
        "title" => msg!("word.title"),
        "year" => msg!("word.year"),
        "date" => msg!("word.date"),
        "organ" => msg!("word.organ"),
        "above" => msg!("word.above"),
        _ => msg!("word.lead"),
    };
    words.in_lang(Lang::Zh)
}

/// Returns the heading of a section.
pub(super) fn section_name(form: &Form, section: usize) -> String {
    form.sections[section].heading.clone().unwrap_or_else(|| part_name("lead"))
}

/// Returns a cell by its official labels: 表三“（一）予以公开”自然人.
pub(super) fn cell_name(table: &FormTable, row: usize, column: Option<usize>) -> String {
    let column = column.map_or("", |column| &table.columns[column].label);
    format!("{}“{}”{column}", table.name, table.row_name(row))
}

/// A reporter of deviations.
pub(super) struct DeviationReporter<'r, 'f, 'd, 's> {
    pub(super) source: SourceId,
    pub(super) report: &'r RecognisedReport<'f, 'd>,
    pub(super) sink: &'s mut Sink,
}

impl DeviationReporter<'_, '_, '_, '_> {
    fn push_finding(
        &mut self,
        rule: &'static str,
        severity: Severity,
        span: Span,
        message: Message,
    ) {
        let place = Location::Span(self.source, span);
        self.sink.push(Diagnostic::new(rule, severity, place, message));
    }

    fn report_missing(&mut self, place: Location, message: Message, hint: Message) {
        self.sink.push(Diagnostic::error("missing-part", place, message).with_hint(hint));
    }

    /// Reports lines above the title, which have no place in a report.
    pub(super) fn report_above(&mut self, paper: &mut SyntheticSourceText) {
        for paragraph in &self.report.metadata.above_title {
            let words = paragraph.text();
            let span = paper.add_line(words.trim(), &part_name("above"), &paragraph.place);
            let message = msg!("word.above-title", text = words.trim());
            self.push_finding("word-title", Severity::Info, span, message);
        }
    }

    /// Reports a missing title, or one of another pattern.
    pub(super) fn report_title(&mut self, paper: &mut SyntheticSourceText) {
        let facts = &self.report.metadata;
        let Some((title, paragraphs)) = &facts.title else {
            let place = Location::File(self.source);
            let found = Diagnostic::warning("word-title", place, msg!("word.no-title"));
            self.sink.push(found.with_hint(msg!("word.no-title-hint")));
            return;
        };
        let named = facts.organ.as_ref().zip(facts.year);
        let official = named.map(|((organ, _), (year, _))| self.report.form.title_for(organ, year));
        if official.as_ref().map(|words| strip_blanks(words)).as_ref() == Some(title) {
            return;
        }
        let Some(first) = paragraphs.first() else { return };
        let span = paper.add_line(title, &part_name("title"), &first.place);
        let message = match official {
            Some(official) => msg!("word.other-title", title = title, official = official),
            None => msg!("word.title-lacks", title = title),
        };
        self.push_finding("word-title", Severity::Info, span, message);
    }

    /// Reports a heading in other words, or a missing one.
    pub(super) fn report_heading(&mut self, at: usize, paper: &mut SyntheticSourceText) {
        let section = &self.report.form.sections[at];
        let Some(official) = &section.heading else { return };
        match self.report.headings[at] {
            Some((_, Confidence::Verbatim)) => {}
            Some((paragraph, sure)) => self.report_other_heading(paragraph, official, sure, paper),
            None => {
                let message = msg!("word.no-heading", heading = official);
                let hint = match section.table {
                    Some(_) => msg!("word.no-heading-table"),
                    None => msg!("word.no-heading-text"),
                };
                let place = Location::File(self.source);
                self.sink.push(Diagnostic::warning("word-heading", place, message).with_hint(hint));
            }
        }
    }

    fn report_other_heading(
        &mut self,
        found: &WordParagraph,
        official: &str,
        sure: Confidence,
        paper: &mut SyntheticSourceText,
    ) {
        let words = found.text();
        let words = words.lines().next().unwrap_or_default().trim();
        let span = paper.add_line(words, official, &found.place);
        let message = msg!("word.heading", found = words, official = official);
        self.push_finding("word-heading", label_severity(sure), span, message);
    }

    /// Reports the deviations of a table.
    pub(super) fn report_table(&mut self, number: usize, paper: &mut SyntheticSourceText) {
        let table = &self.report.form.tables[number];
        let reader = &self.report.tables[number];
        if reader.fragments == 0 {
            let message = msg!("word.no-table", table = &table.name, heading = &table.summary);
            return self.report_missing(
                Location::File(self.source),
                message,
                msg!("word.no-table-hint"),
            );
        }
        for odd in &reader.deviations {
            self.report_deviation(table, odd, paper);
        }
        for (_, again) in self.report.repeated_tables.iter().filter(|(at, _)| *at == number) {
            let Some(cell) = again.rows.iter().find_map(|row| row.cells.first()) else { continue };
            let span = paper.add_line(&strip_blanks(&cell.text()), &table.name, &cell.place);
            let message = msg!("word.again", table = &table.name);
            self.push_finding("word-unplaced", Severity::Warning, span, message);
        }
        self.report_lacking(number, paper);
    }

    fn report_deviation(
        &mut self,
        table: &FormTable,
        odd: &Deviation<'_>,
        paper: &mut SyntheticSourceText,
    ) {
        let mut at = |cell: &WordCell, words: &str| paper.add_line(words, &table.name, &cell.place);
        let name = &table.name;
        match odd {
            Deviation::Label { cell, found, official, sure } => {
                let span = at(cell, found);
                let message = msg!("word.label", table = name, found = found, official = official);
                self.push_finding("word-label", label_severity(*sure), span, message);
            }
            Deviation::Unplaced { cell, text, row } => {
                let span = at(cell, text);
                let message = if row.is_empty() {
                    msg!("word.unplaced", table = name, text = text)
                } else {
                    msg!("word.unplaced-row", table = name, text = text, row = row)
                };
                let place = Location::Span(self.source, span);
                let found = Diagnostic::warning("word-unplaced", place, message);
                self.sink.push(found.with_hint(msg!("word.unplaced-hint")));
            }
            Deviation::Split { cell } => {
                let span = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Info,
                    span,
                    msg!("word.split", table = name),
                );
            }
            Deviation::Shifted { cell } => {
                let span = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Warning,
                    span,
                    msg!("word.shifted", table = name),
                );
            }
            Deviation::Inside { cell } => {
                let span = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Info,
                    span,
                    msg!("word.inside", table = name),
                );
            }
        }
    }

    /// Reports rows, columns and cells of the form that the document lacks.
    fn report_lacking(&mut self, number: usize, paper: &mut SyntheticSourceText) {
        let table = &self.report.form.tables[number];
        let reader = &self.report.tables[number];
        let found = |cell: usize| reader.figures[cell].is_some();
        let of_column = |column: usize| {
            let rows = 0..table.rows.len();
            rows.filter(|row| reader.rows.contains_key(row))
                .filter_map(move |row| table.cell_number(row, column))
                .collect::<Vec<_>>()
        };
        let mut whole = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let cells = of_column(at);
            if !cells.is_empty() && !cells.into_iter().any(found) {
                whole.push(at);
                let message =
                    msg!("sheet.missing-column", table = &table.name, name = &column.label);
                self.report_missing(
                    Location::File(self.source),
                    message,
                    msg!("word.missing-hint"),
                );
            }
        }
        for row in 0..table.rows.len() {
            let Some(label) = reader.rows.get(&row) else {
                let name = table.row_name(row);
                let message = msg!("sheet.missing-row", table = &table.name, name = name);
                self.report_missing(
                    Location::File(self.source),
                    message,
                    msg!("word.missing-hint"),
                );
                continue;
            };
            for column in table.row_columns(row).filter(|column| !whole.contains(column)) {
                if table.cell_number(row, column).is_some_and(|cell| !found(cell)) {
                    self.report_lacking_cell(table, (row, column), label, paper);
                }
            }
        }
    }

    fn report_lacking_cell(
        &mut self,
        table: &FormTable,
        (row, column): (usize, usize),
        label: &WordCell,
        paper: &mut SyntheticSourceText,
    ) {
        let span = paper.add_line(
            &strip_blanks(&label.text()),
            &cell_name(table, row, None),
            &label.place,
        );
        let message = msg!(
            "word.no-cell",
            row = cell_name(table, row, None),
            column = &table.columns[column].label
        );
        let place = Location::Span(self.source, span);
        let found = Diagnostic::error("missing-part", place, message);
        let found = found.with_cell(cell_ref(table, Some(row), Some(column)));
        self.sink.push(found.with_hint(msg!("word.missing-hint")));
    }

    /// Reports tracked changes that are neither accepted nor rejected.
    pub(super) fn report_tracked(&mut self, tracked: bool) {
        if tracked {
            let place = Location::File(self.source);
            let found = Diagnostic::warning("word-tracked", place, msg!("word.tracked"));
            self.sink.push(found.with_hint(msg!("word.tracked-hint")));
        }
    }
}

/// Returns a remark if only characters differ, a warning if a person has to compare the words.
fn label_severity(sure: Confidence) -> Severity {
    match sure {
        Confidence::Verbatim | Confidence::Normalized | Confidence::Number => Severity::Info,
        Confidence::Alias | Confidence::Similar => Severity::Warning,
    }
}
