//! Owns the findings about an imported document: labels and headings in other words, missing parts,
//! split or misplaced tables, figures without a place in the form.
//! Must not search the document: it reports what was recognised.

use super::page_lines::SkippedBoilerplate;
use super::recognised::{RecognisedReport, SectionPart};
use super::synthetic_source::SyntheticSourceText;
use super::table_reader::Deviation;
use crate::form::{CellId, Form, FormTable};
use crate::labels::{Confidence, strip_blanks};
use crate::msg;
use crate::report::cell_ref;
use docx_fill::diag::{
    Diagnostic, Lang, Location, Message, Severity, Sink, SourceId, SourcePlace, WordLocation,
};
use docx_fill::word::blocks::{self, ObjectKind, WordCell, WordDocument, WordParagraph, WordTable};

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

/// A figure that is not in plain digits in the document.
pub(super) struct SpelledFigure {
    pub(super) cell: CellId,
    pub(super) place: SourcePlace,
    pub(super) found: String,
    pub(super) digits: String,
}

/// Reports tracked changes that are neither accepted nor rejected.
pub(super) fn report_tracked(source: SourceId, document: &WordDocument, sink: &mut Sink) {
    if document.tracked {
        let found =
            Diagnostic::warning("word-tracked", Location::File(source), msg!("word.tracked"));
        sink.push(found.with_hint(msg!("word.tracked-hint")));
    }
}

/// Reports what stands in a document and was not read, and what was read otherwise than it stands
/// there.
pub(super) fn report_document(
    source: SourceId,
    document: &WordDocument,
    report: &RecognisedReport<'_, '_>,
    sink: &mut Sink,
) {
    report_tracked(source, document, sink);
    let at = |place: &WordLocation| Location::Word(source, place.clone());
    for (paragraph, section) in &report.stray_headings {
        let text = paragraph.text();
        let section = section_name(report.form, *section);
        let message = msg!("word.stray-heading", found = text.trim(), section = section);
        let place = at(&paragraph.place);
        sink.push(Diagnostic::new("word-heading", Severity::Info, place, message));
    }
    if let Some((first, count)) = report.others.contents {
        let (place, message) = (at(&first.place), msg!("word.contents", count = count));
        sink.push(Diagnostic::new("word-title", Severity::Info, place, message));
    }
    if let Some(first) = report.site.first {
        let SkippedBoilerplate { count, texts, .. } = &report.site;
        let message = msg!("word.page-lines", count = *count, texts = texts.clone());
        sink.push(Diagnostic::new("web-page", Severity::Info, at(first), message));
    }
    if let Some(first) = report.others.second_report {
        let message = msg!("word.second-report", found = first.text().trim());
        let found = Diagnostic::error("word-title", at(&first.place), message);
        sink.push(found.with_hint(msg!("word.second-report-hint")));
    }
    for object in &document.objects {
        let found =
            Diagnostic::warning("word-lost", at(&object.place), object_message(object.kind));
        sink.push(found.with_hint(msg!("word.lost-hint")));
    }
    report_text_tables(source, report, sink);
}

/// Reports tables of texts that are not read as they stand.
fn report_text_tables(source: SourceId, report: &RecognisedReport<'_, '_>, sink: &mut Sink) {
    let again = |table: &WordTable| {
        report.repeated_tables.iter().any(|(_, known)| std::ptr::eq(*known, table))
    };
    for part in report.texts.iter().flatten().flatten() {
        let SectionPart::Table(table) = part else { continue };
        let Some(first) = table.rows.iter().find_map(|row| row.cells.first()) else { continue };
        let mut lost = |message: Message, hint: Message| {
            let place = Location::Word(source, first.place.clone());
            sink.push(Diagnostic::warning("word-lost", place, message).with_hint(hint));
        };
        if blocks::has_merged_cells(table) && !again(table) {
            lost(msg!("word.lost-merge"), msg!("word.lost-merge-hint"));
        }
        if blocks::nested_tables(table).next().is_some() {
            lost(msg!("word.lost-inner-table"), msg!("word.lost-hint"));
        }
    }
}

fn object_message(kind: ObjectKind) -> Message {
    match kind {
        ObjectKind::Chart => msg!("word.lost-chart"),
        ObjectKind::Diagram => msg!("word.lost-diagram"),
        ObjectKind::Embedded => msg!("word.lost-object"),
        ObjectKind::Document => msg!("word.lost-document"),
        ObjectKind::Note => msg!("word.lost-note"),
        ObjectKind::Lettering => msg!("word.lost-lettering"),
        ObjectKind::Symbol => msg!("word.lost-symbol"),
    }
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
        place: SourcePlace,
        message: Message,
    ) {
        let place = place.in_source(self.source);
        self.sink.push(Diagnostic::new(rule, severity, place, message));
    }

    fn report_missing(&mut self, place: Location, message: Message, hint: Message) {
        self.sink.push(Diagnostic::error("missing-part", place, message).with_hint(hint));
    }

    /// Reports lines above the title, which have no place in a report.
    pub(super) fn report_above(&mut self, paper: &mut SyntheticSourceText) {
        let above = &self.report.metadata.above_title;
        if let Some(first) = above.first().filter(|_| above.len() > MAX_FINDINGS) {
            let texts = above.iter().map(|p| strip_blanks(&p.text())).take(MAX_NAMED);
            let texts: Vec<String> = texts.collect();
            let place = paper.add_line(first.text().trim(), &part_name("above"), &first.place);
            let message = msg!("word.above-title-many", count = above.len(), texts = texts);
            return self.push_finding("word-title", Severity::Info, place, message);
        }
        for paragraph in above {
            let words = paragraph.text();
            let place = paper.add_line(words.trim(), &part_name("above"), &paragraph.place);
            let message = msg!("word.above-title", text = words.trim());
            self.push_finding("word-title", Severity::Info, place, message);
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
        let place = paper.add_line(title, &part_name("title"), &first.place);
        let message = match official {
            Some(official) => msg!("word.other-title", title = title, official = official),
            None => msg!("word.title-lacks", title = title),
        };
        self.push_finding("word-title", Severity::Info, place, message);
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
        let place = paper.add_line(words, official, &found.place);
        let message = msg!("word.heading", found = words, official = official);
        self.push_finding("word-heading", label_severity(sure), place, message);
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
        self.report_unplaced(table, &reader.deviations, paper);
        for (_, again) in self.report.repeated_tables.iter().filter(|(at, _)| *at == number) {
            let Some(cell) = again.rows.iter().find_map(|row| row.cells.first()) else { continue };
            let place = paper.add_line(&strip_blanks(&cell.text()), &table.name, &cell.place);
            let message = msg!("word.again", table = &table.name);
            self.push_finding("word-unplaced", Severity::Warning, place, message);
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
                let place = at(cell, found);
                let message = msg!("word.label", table = name, found = found, official = official);
                self.push_finding("word-label", label_severity(*sure), place, message);
            }
            // They are told together.
            Deviation::Unplaced { .. } => {}
            Deviation::Split { cell } => {
                let place = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Info,
                    place,
                    msg!("word.split", table = name),
                );
            }
            Deviation::Shifted { cell } => {
                let place = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Warning,
                    place,
                    msg!("word.shifted", table = name),
                );
            }
            Deviation::Overlapping { cell } => {
                let span = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Warning,
                    span,
                    msg!("word.overlapping", table = name),
                );
            }
            Deviation::Inside { cell } => {
                let place = at(cell, &strip_blanks(&cell.text()));
                self.push_finding(
                    "word-table",
                    Severity::Info,
                    place,
                    msg!("word.inside", table = name),
                );
            }
        }
    }

    /// Reports the figures without a place once for each row, or once for the table if there are
    /// many.
    fn report_unplaced(
        &mut self,
        table: &FormTable,
        deviations: &[Deviation<'_>],
        paper: &mut SyntheticSourceText,
    ) {
        let unplaced = deviations.iter().filter_map(|odd| match odd {
            Deviation::Unplaced { cell, text, row } => Some((*cell, text.as_str(), row.as_str())),
            _ => None,
        });
        let unplaced: Vec<(&WordCell, &str, &str)> = unplaced.collect();
        let rows: Vec<&[(&WordCell, &str, &str)]> =
            unplaced.chunk_by(|one, next| one.2 == next.2).collect();
        let groups = if rows.len() > MAX_FINDINGS { vec![unplaced.as_slice()] } else { rows };
        for group in groups {
            let Some(&(cell, first, row)) = group.first() else { continue };
            let place = paper.add_line(first, &table.name, &cell.place);
            let texts: Vec<&str> = group.iter().map(|one| one.1).take(MAX_NAMED).collect();
            let (name, count) = (&table.name, group.len());
            let several = group.iter().any(|one| one.2 != row);
            let message = match (count, row.is_empty()) {
                (1, true) => msg!("word.unplaced", table = name, text = first),
                (1, false) => msg!("word.unplaced-row", table = name, text = first, row = row),
                _ if several || row.is_empty() => {
                    msg!("word.unplaced-many", table = name, count = count, texts = texts)
                }
                _ => msg!(
                    "word.unplaced-several",
                    table = name,
                    row = row,
                    count = count,
                    texts = texts
                ),
            };
            let place = place.in_source(self.source);
            let found = Diagnostic::warning("word-unplaced", place, message);
            self.sink.push(found.with_hint(msg!("word.unplaced-hint")));
        }
    }

    /// Reports figures that were not in plain digits and what they were read as.
    pub(super) fn report_spelled(&mut self, number: usize, spelled: &[SpelledFigure]) {
        let table = &self.report.form.tables[number];
        for one in spelled {
            let CellId { row, column } = one.cell;
            let message = msg!(
                "cell.spelled",
                row = format!("{}“{}”", table.name, table.row_name(row)),
                column = &table.columns[column].label,
                found = &one.found,
                digits = &one.digits
            );
            let place = one.place.in_source(self.source);
            let found = Diagnostic::new("figure-spelling", Severity::Info, place, message);
            self.sink.push(found.with_cell(cell_ref(table, Some(row), Some(column))));
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
        let lacks = |column: &usize| {
            let cells = of_column(*column);
            !cells.is_empty() && !cells.into_iter().any(found)
        };
        let columns: Vec<usize> = (0..table.columns.len()).filter(lacks).collect();
        let rows: Vec<usize> =
            (0..table.rows.len()).filter(|row| !reader.rows.contains_key(row)).collect();
        self.report_lacking_columns(table, &columns);
        self.report_lacking_rows(table, &rows);
        let mut cells = Vec::new();
        for (&row, label) in &reader.rows {
            let own = table.row_columns(row).filter(|column| !columns.contains(column));
            let own = own
                .filter(|column| table.cell_number(row, *column).is_some_and(|cell| !found(cell)));
            let own: Vec<usize> = own.collect();
            if !own.is_empty() {
                cells.push((row, own, *label));
            }
        }
        self.report_lacking_cells(table, &cells, paper);
    }

    fn report_lacking_columns(&mut self, table: &FormTable, columns: &[usize]) {
        let Some(&first) = columns.first() else { return };
        let label = |column: &usize| table.columns[*column].label.as_str();
        let message = match columns.len() {
            1 => msg!("sheet.missing-column", table = &table.name, name = label(&first)),
            count => {
                let names: Vec<&str> = columns.iter().map(label).take(MAX_NAMED).collect();
                msg!("sheet.missing-columns", table = &table.name, count = count, names = names)
            }
        };
        let found = Diagnostic::error("missing-part", Location::File(self.source), message);
        let column = (columns.len() == 1).then_some(first);
        let found = found.with_cell(cell_ref(table, None, column));
        self.sink.push(found.with_hint(msg!("word.missing-hint")));
    }

    fn report_lacking_rows(&mut self, table: &FormTable, rows: &[usize]) {
        let Some(&first) = rows.first() else { return };
        let message = match rows.len() {
            1 => msg!("sheet.missing-row", table = &table.name, name = table.row_name(first)),
            count => {
                let names = rows.iter().map(|row| table.row_name(*row)).take(MAX_NAMED);
                let names: Vec<String> = names.collect();
                msg!("sheet.missing-rows", table = &table.name, count = count, names = names)
            }
        };
        let found = Diagnostic::error("missing-part", Location::File(self.source), message);
        let row = (rows.len() == 1).then_some(first);
        let found = found.with_cell(cell_ref(table, row, None));
        self.sink.push(found.with_hint(msg!("word.missing-hint")));
    }

    /// Reports cells that rows lack: once for each row, or once for the table if there are many.
    fn report_lacking_cells(
        &mut self,
        table: &FormTable,
        rows: &[(usize, Vec<usize>, &WordCell)],
        paper: &mut SyntheticSourceText,
    ) {
        let groups: Vec<&[(usize, Vec<usize>, &WordCell)]> =
            if rows.len() > MAX_FINDINGS { vec![rows] } else { rows.chunks(1).collect() };
        for group in groups {
            let Some((row, columns, label)) = group.first() else { continue };
            let name = cell_name(table, *row, None);
            let place = paper.add_line(&strip_blanks(&label.text()), &name, &label.place);
            let count: usize = group.iter().map(|(_, columns, _)| columns.len()).sum();
            let labels: Vec<&str> =
                columns.iter().map(|column| table.columns[*column].label.as_str()).collect();
            let (message, row, column) = match (group.len(), columns.as_slice()) {
                (1, [column]) => {
                    let label = &table.columns[*column].label;
                    (msg!("word.no-cell", row = name, column = label), Some(*row), Some(*column))
                }
                (1, _) => (
                    msg!("word.no-cells", row = name, count = count, names = labels),
                    Some(*row),
                    None,
                ),
                _ => (
                    msg!("word.no-cells-many", table = &table.name, count = count, row = name),
                    None,
                    None,
                ),
            };
            let found = Diagnostic::error("missing-part", place.in_source(self.source), message);
            let found = found.with_cell(cell_ref(table, row, column));
            self.sink.push(found.with_hint(msg!("word.missing-hint")));
        }
    }
}

/// Number of findings of one kind in a table above which they are told as one.
const MAX_FINDINGS: usize = 3;
/// Maximum number of rows, columns or figures that a finding names.
const MAX_NAMED: usize = 12;

/// Returns a remark if only characters differ, a warning if a person has to compare the words.
fn label_severity(sure: Confidence) -> Severity {
    match sure {
        Confidence::Verbatim | Confidence::Normalized | Confidence::Number => Severity::Info,
        Confidence::Alias | Confidence::Similar => Severity::Warning,
    }
}
