//! Owns comparing a template with a form: tables, rows, labels, merged cells, figures, headings and
//! texts.
//! Must not know an edition: the requirements come from the form.

use super::figure_cells::FigureCells;
use super::row_matching::{self, ExpectedCell};
use super::template_fix::TemplateFix;
use super::word_part::{RowAddress, strip_spaces};
use super::{InspectedDocument, word_place};
use crate::data::to_half_width;
use crate::form::{Form, FormTable, GridContent};
use crate::msg;
use docx_fill::diag::{
    Diagnostic, FormCellRef, Location, Message, Severity, Sink, SourceId, WordLocation,
};
use docx_fill::template::CompiledTemplate;
use docx_fill::word::body::WordBody;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check_form(
    form: &Form,
    document: &InspectedDocument,
    template: &CompiledTemplate,
    source: SourceId,
    sink: &mut Sink,
) -> Vec<TemplateFix> {
    let body = &document.main;
    let figures = FigureCells::new(form, template, &body.name);
    let mut judge = FormChecker {
        form,
        body,
        figures,
        source,
        sink,
        own_places: BTreeMap::new(),
        fixes: Vec::new(),
    };
    let assigned = judge.assign_tables();
    let matched: Vec<_> =
        (0..form.tables.len()).map(|at| judge.match_rows(at, &assigned)).collect();
    // The places of all figures must be known before a misplaced one is reported.
    for (at, (rows, lines, _)) in matched.iter().enumerate() {
        judge.find_own_places(at, rows, lines);
    }
    for (at, (rows, lines, taken)) in matched.iter().enumerate() {
        if rows.is_empty() {
            judge.table_missing(at);
        } else {
            judge.check_table(at, rows, lines, taken, &assigned);
        }
    }
    judge.check_strays(&assigned);
    judge.check_headings();
    judge.check_texts(template);
    judge.fixes
}

pub(super) struct FormChecker<'a> {
    pub(super) form: &'a Form,
    pub(super) body: &'a WordBody,
    pub(super) figures: FigureCells,
    pub(super) source: SourceId,
    pub(super) sink: &'a mut Sink,
    /// Correct place of each figure that has its tag there.
    pub(super) own_places: BTreeMap<(usize, usize), WordLocation>,
    /// Certain changes.
    pub(super) fixes: Vec<TemplateFix>,
}

/// The document's tables that hold the rows of each of the form's tables.
type TableAssignment = Vec<Vec<usize>>;
type MatchedRows = (Vec<RowAddress>, Vec<Option<usize>>, Vec<bool>);

impl FormChecker<'_> {
    pub(super) fn push_finding(
        &mut self,
        rule: &'static str,
        severity: Severity,
        place: WordLocation,
        text: Message,
    ) {
        self.sink.push(Diagnostic::new(rule, severity, word_place(self.source, place), text));
    }

    fn push_cell(&mut self, found: Diagnostic, table: usize, number: Option<usize>) {
        let form = &self.form.tables[table];
        let id = number.map(|number| form.cells[number]);
        self.sink.push(found.with_cell(FormCellRef {
            table: form.id.clone(),
            row: id.map(|id| form.rows[id.row].id.clone()),
            col: id.map(|id| form.columns[id.column].id.clone()),
        }));
    }

    /// Assigns the document's tables to those of the form: those with most of its figures and
    /// labels, and the parts of a split table.
    fn assign_tables(&self) -> TableAssignment {
        let labels: Vec<Vec<String>> = self.form.tables.iter().map(labels_of).collect();
        let counts: Vec<Vec<usize>> =
            (0..self.body.tables.len()).map(|word| self.count_common(word, &labels)).collect();
        let mut out: TableAssignment = vec![Vec::new(); self.form.tables.len()];
        for (word, counts) in counts.iter().enumerate() {
            // The first of the best.
            let best = (0..counts.len()).rev().max_by_key(|&at| counts[at]);
            if let Some(best) = best.filter(|&best| counts[best] >= 2) {
                out[best].push(word);
            }
        }
        // A table that was joined to another one has its rows there.
        for (at, tables) in out.iter_mut().enumerate() {
            if tables.is_empty() {
                let holds = |&word: &usize| {
                    let found = self.figures.of_table(self.body, word);
                    let own = found.iter().filter(|(table, _)| *table == at).count();
                    own * 2 > self.form.tables[at].cells.len()
                };
                tables.extend((0..self.body.tables.len()).find(holds));
            }
        }
        out
    }

    /// Returns the number of figures and labels that a table of the document shares with each of
    /// the form's tables.
    fn count_common(&self, word: usize, labels: &[Vec<String>]) -> Vec<usize> {
        let found: BTreeSet<(usize, usize)> =
            self.figures.of_table(self.body, word).into_iter().collect();
        let cells = self.body.tables[word].rows.iter().flat_map(|row| &row.cells);
        let texts: BTreeSet<String> = cells.map(|cell| strip_spaces(&cell.text)).collect();
        let count = |(at, labels): (usize, &Vec<String>)| {
            let figures = found.iter().filter(|(table, _)| *table == at).count();
            // Labels such as 总计 occur in several tables; figures decide.
            figures * 4 + labels.iter().filter(|label| texts.contains(*label)).count()
        };
        labels.iter().enumerate().map(count).collect()
    }

    fn match_rows(&self, at: usize, assigned: &TableAssignment) -> MatchedRows {
        let tables = assigned[at].iter();
        let rows: Vec<RowAddress> = tables
            .flat_map(|&word| (0..self.body.tables[word].rows.len()).map(move |row| (word, row)))
            .collect();
        let form = &self.form.tables[at];
        let (lines, taken) = row_matching::align_rows(at, form, self.body, &rows, &self.figures);
        (rows, lines, taken)
    }

    fn find_own_places(&mut self, number: usize, rows: &[RowAddress], lines: &[Option<usize>]) {
        let form = &self.form.tables[number];
        for (line, row) in lines.iter().enumerate() {
            let Some(found) = row.map(|row| rows[row]) else { continue };
            let cells = row_matching::expected_cells(form, line);
            for (cell, expected) in cells.iter().enumerate() {
                let Some(figure) = expected_figure(expected) else { continue };
                let own = (number, figure);
                if self.figures.of_cell(self.body, found, cell).contains(&own) {
                    let place = self.cell_place(found, cell);
                    self.own_places.entry(own).or_insert(place);
                }
            }
        }
    }

    fn cell_place(&self, row: RowAddress, cell: usize) -> WordLocation {
        let mut place = self.body.cell_place(&self.body.tables[row.0], row.1, cell);
        place.paragraph = 1;
        place
    }

    fn table_missing(&mut self, at: usize) {
        let form = &self.form.tables[at];
        let section = self.form.sections.iter().find(|section| section.table == Some(at));
        let heading = section.and_then(|section| section.heading.as_deref()).unwrap_or_default();
        let wanted = strip_spaces(heading);
        let here = self.body.paragraphs.iter().find(|found| strip_spaces(&found.text) == wanted);
        let place = match here.filter(|_| !wanted.is_empty()) {
            Some(found) => {
                super::word_place(self.source, self.body.paragraph_place(found, &found.text))
            }
            None => Location::File(self.source),
        };
        let message = msg!("inspect.table-missing", table = &form.name, heading = heading);
        let found = Diagnostic::error("table-missing", place, message);
        let edition = self.form.full_name();
        self.push_cell(found.with_hint(msg!("inspect.hint-table", edition = edition)), at, None);
    }

    fn check_table(
        &mut self,
        number: usize,
        rows: &[RowAddress],
        lines: &[Option<usize>],
        taken: &[bool],
        assigned: &TableAssignment,
    ) {
        let form = &self.form.tables[number];
        let tables = &assigned[number];
        for &part in tables.iter().skip(1) {
            let place = self.cell_place((part, 0), 0);
            self.push_finding(
                "table-split",
                Severity::Error,
                place,
                msg!("inspect.table-split", table = &form.name),
            );
        }
        let joined = |at: usize| at != number && assigned[at].first() == tables.first();
        if let Some(other) = (0..number).find(|&at| joined(at)) {
            let first = lines.iter().flatten().next().map_or((tables[0], 0), |&row| rows[row]);
            let other = &self.form.tables[other].name;
            let message = msg!("inspect.table-joined", table = &form.name, other = other);
            self.push_finding("table-joined", Severity::Error, self.cell_place(first, 0), message);
        }
        let mut before: Option<RowAddress> = None;
        for (line, row) in lines.iter().enumerate() {
            let Some(row) = row else {
                self.row_missing(number, line, before.or(rows.first().copied()));
                continue;
            };
            self.check_row(number, line, rows[*row]);
            before = Some(rows[*row]);
        }
        let shared = assigned
            .iter()
            .enumerate()
            .any(|(at, tables)| at != number && tables.first() == assigned[number].first());
        for (row, _) in rows.iter().zip(taken).filter(|(_, taken)| !**taken && !shared) {
            let message = msg!("inspect.row-extra", table = &form.name);
            self.push_finding("row-extra", Severity::Warning, self.cell_place(*row, 0), message);
        }
        self.check_breaks(number, rows, lines);
        for &word in tables {
            self.check_widths(number, word, rows, lines);
        }
    }

    fn row_missing(&mut self, number: usize, line: usize, before: Option<RowAddress>) {
        let form = &self.form.tables[number];
        let name = row_matching::line_name(form, line);
        let message = msg!("inspect.row-missing", table = &form.name, row = name);
        let Some(before) = before else { return };
        let place = word_place(self.source, self.cell_place(before, 0));
        let hint = msg!("inspect.hint-row", edition = self.form.full_name());
        let found = Diagnostic::error("row-missing", place, message).with_hint(hint);
        let row = form.lines[line].iter().find_map(|cell| match cell.content {
            GridContent::Figure(figure) => Some(form.rows[form.cells[figure].row].id.clone()),
            GridContent::Header { .. } => None,
        });
        self.sink.push(found.with_cell(FormCellRef { table: form.id.clone(), row, col: None }));
    }

    fn check_row(&mut self, number: usize, line: usize, found: RowAddress) {
        let form = &self.form.tables[number];
        let expected = row_matching::expected_cells(form, line);
        let (table, row) = found;
        let table = &self.body.tables[table];
        let cells = &table.rows[row].cells;
        if cells.len() != expected.len() {
            let differs = expected.iter().zip(cells).position(|(e, c)| e.span != c.span);
            let cell = differs.unwrap_or(cells.len().min(expected.len()).saturating_sub(1));
            let message = msg!("inspect.cells-count", wanted = expected.len(), found = cells.len());
            let place = word_place(self.source, self.cell_place(found, cell));
            let hint = msg!("inspect.hint-cells");
            self.sink.push(Diagnostic::error("cells-changed", place, message).with_hint(hint));
            self.lost_figures(number, &expected, found, cell);
            return;
        }
        // LibreOffice and Word number columns differently if cells are not aligned.
        let spans = table.columns.len() == form.grid.columns();
        for (cell, expected) in expected.iter().enumerate() {
            let own = &table.rows[row].cells[cell];
            if expected.merge != own.merge || spans && expected.span != own.span {
                let message = msg!("inspect.cell-merged");
                let place = word_place(self.source, self.cell_place(found, cell));
                let hint = msg!("inspect.hint-cells");
                self.sink.push(Diagnostic::error("cells-changed", place, message).with_hint(hint));
            }
            match expected.content.map(|cell| &cell.content) {
                Some(GridContent::Header { text, .. }) => {
                    self.check_label(number, text, found, cell);
                }
                Some(GridContent::Figure(figure)) => {
                    self.check_figure(number, *figure, found, cell);
                }
                None => {}
            }
        }
    }

    /// Reports figures that are missing in a row with another number of cells.
    fn lost_figures(
        &mut self,
        number: usize,
        expected: &[ExpectedCell<'_>],
        row: RowAddress,
        cell: usize,
    ) {
        let there = self.figures.of_row(self.body, row);
        for figure in expected.iter().filter_map(expected_figure) {
            if !there.contains(&(number, figure)) {
                self.figure_missing(number, figure, row, cell);
            }
        }
    }

    fn check_label(&mut self, number: usize, wanted: &str, found: RowAddress, cell: usize) {
        let (table, row) = found;
        let own = &self.body.tables[table].rows[row].cells[cell].text;
        if strip_spaces(own) == strip_spaces(wanted) {
            return;
        }
        let plain = |text: &str| -> String {
            strip_spaces(text).chars().map(|c| to_half_width(c).unwrap_or(c)).collect()
        };
        let severity =
            if plain(own) == plain(wanted) { Severity::Warning } else { Severity::Error };
        let message = if own.trim().is_empty() {
            msg!("inspect.label-empty", wanted = wanted)
        } else {
            msg!("inspect.label-changed", found = own.trim(), wanted = wanted)
        };
        let place = self.cell_place(found, cell);
        if severity == Severity::Warning {
            let element = self.body.tables[table].rows[row].cells[cell].element;
            let (place, wanted) = (place.clone(), wanted.to_owned());
            self.fixes.push(TemplateFix::Label { place, cell: element, wanted });
        }
        let found =
            Diagnostic::new("label-changed", severity, word_place(self.source, place), message);
        self.push_cell(found, number, None);
    }

    fn check_figure(&mut self, number: usize, figure: usize, found: RowAddress, cell: usize) {
        let own = (number, figure);
        let there = self.figures.of_cell(self.body, found, cell).to_vec();
        let place = self.cell_place(found, cell);
        for &other in there.iter().filter(|&&other| other != own) {
            self.report_stray(other, place.clone(), Some(own));
        }
        match there.iter().filter(|&&one| one == own).count() {
            0 if there.is_empty() => self.figure_missing(number, figure, found, cell),
            0 | 1 => {}
            _ => self.figure_twice(own, &place),
        }
    }

    fn figure_missing(&mut self, number: usize, figure: usize, found: RowAddress, cell: usize) {
        let form = &self.form.tables[number];
        let tag = tag_of(form, figure);
        let message = msg!("inspect.figure-missing", figure = figure_name(form, figure));
        let place = word_place(self.source, self.cell_place(found, cell));
        let found = Diagnostic::error("figure-missing", place, message);
        self.push_cell(
            found.with_hint(msg!("inspect.hint-figure", tag = tag)),
            number,
            Some(figure),
        );
    }

    /// Reports a figure in a wrong cell.
    fn report_stray(
        &mut self,
        stray: (usize, usize),
        place: WordLocation,
        own: Option<(usize, usize)>,
    ) {
        let (table, figure) = stray;
        if self.own_places.contains_key(&(table, figure)) {
            self.figure_twice((table, figure), &place);
            return;
        }
        let name = figure_name(&self.form.tables[table], figure);
        let message = msg!("inspect.figure-misplaced", figure = name);
        let mut found =
            Diagnostic::error("figure-misplaced", word_place(self.source, place), message);
        if let Some((table, figure)) = own {
            let form = &self.form.tables[table];
            let (name, tag) = (figure_name(form, figure), tag_of(form, figure));
            found = found.with_hint(msg!("inspect.hint-misplaced", figure = name, tag = tag));
        }
        self.push_cell(found, own.map_or(table, |own| own.0), own.map(|own| own.1));
    }

    fn figure_twice(&mut self, twice: (usize, usize), place: &WordLocation) {
        let (table, figure) = twice;
        let name = figure_name(&self.form.tables[table], figure);
        let message = msg!("inspect.figure-twice", figure = name);
        let mut found =
            Diagnostic::error("figure-twice", word_place(self.source, place.clone()), message);
        if let Some(home) = self.own_places.get(&(table, figure)).filter(|home| *home != place) {
            let home = word_place(self.source, home.clone());
            found = found.with_label(home, msg!("inspect.figure-first"));
        }
        self.push_cell(found, table, Some(figure));
    }

    /// Reports figures in tables that are not the form's.
    fn check_strays(&mut self, assigned: &TableAssignment) {
        let known: BTreeSet<usize> = assigned.iter().flatten().copied().collect();
        for word in 0..self.body.tables.len() {
            if known.contains(&word) {
                continue;
            }
            for row in 0..self.body.tables[word].rows.len() {
                for cell in 0..self.body.tables[word].rows[row].cells.len() {
                    for found in self.figures.of_cell(self.body, (word, row), cell).to_vec() {
                        let place = self.cell_place((word, row), cell);
                        self.report_stray(found, place, None);
                    }
                }
            }
        }
    }

    /// Checks that header rows repeat and rows do not break across pages.
    fn check_breaks(&mut self, number: usize, rows: &[RowAddress], lines: &[Option<usize>]) {
        let form = &self.form.tables[number];
        for row in lines.iter().take(form.header_lines).flatten() {
            let (table, at) = rows[*row];
            if !self.body.tables[table].rows[at].header {
                let message = msg!("inspect.header-not-repeated", table = &form.name);
                let place = super::word_place(self.source, self.cell_place(rows[*row], 0));
                self.fix_row(rows[*row], "w:tblHeader");
                let found = Diagnostic::warning("header-not-repeated", place, message);
                self.sink.push(found.with_hint(msg!("inspect.hint-header")));
            }
        }
        let own: Vec<RowAddress> = lines.iter().flatten().map(|&row| rows[row]).collect();
        let splits = own.iter().filter(|at| !self.body.tables[at.0].rows[at.1].cant_split);
        let splits: Vec<RowAddress> = splits.copied().collect();
        for &row in &splits {
            self.fix_row(row, "w:cantSplit");
        }
        // One finding is enough for a whole table.
        let shown = if splits.len() > 3 { &splits[..1] } else { &splits[..] };
        for &row in shown {
            let message = if splits.len() > 3 {
                msg!("inspect.rows-split", table = &form.name, count = splits.len())
            } else {
                msg!("inspect.row-splits")
            };
            let place = super::word_place(self.source, self.cell_place(row, 0));
            let found = Diagnostic::warning("row-splits", place, message);
            self.sink.push(found.with_hint(msg!("inspect.hint-split")));
        }
    }

    fn fix_row(&mut self, row: RowAddress, name: &'static str) {
        let element = self.body.tables[row.0].rows[row.1].element;
        self.fixes.push(TemplateFix::Row { place: self.cell_place(row, 0), row: element, name });
    }

    fn check_widths(
        &mut self,
        number: usize,
        word: usize,
        rows: &[RowAddress],
        lines: &[Option<usize>],
    ) {
        let form = &self.form.tables[number];
        let table = &self.body.tables[word];
        let mut told = Vec::new();
        for (line, row) in lines.iter().enumerate() {
            let Some(found) = row.map(|row| rows[row]).filter(|at| at.0 == word) else { continue };
            let expected = row_matching::expected_cells(form, line);
            let cells = &table.rows[found.1].cells;
            if cells.len() != expected.len() {
                continue;
            }
            let mut official = 0;
            for (cell, expected) in expected.iter().enumerate() {
                let from = cells[cell].column;
                official += expected.span;
                if expected_figure(expected).is_none() || told.contains(&from) {
                    continue;
                }
                let wanted = super::page_layout::digits_of_form(
                    form,
                    official - expected.span,
                    expected.span,
                );
                let room = super::page_layout::digits_of_cell(self.body, table, &cells[cell], form);
                let wanted = wanted.min(super::page_layout::MIN_DIGITS);
                if room < wanted {
                    told.push(from);
                    let message = msg!("inspect.column-narrow", room = room, wanted = wanted);
                    let place = super::word_place(self.source, self.cell_place(found, cell));
                    let hint = msg!("inspect.hint-narrow");
                    self.sink
                        .push(Diagnostic::error("column-narrow", place, message).with_hint(hint));
                }
            }
        }
        self.check_table_width(word);
    }

    fn check_table_width(&mut self, word: usize) {
        let table = &self.body.tables[word];
        let total: f64 = table.columns.iter().sum();
        // Wrong margins are reported separately.
        let room = super::page_layout::text_width(self.body);
        if total > room + 60.0 && table.outer.is_empty() && !table.rows.is_empty() {
            let message = msg!("inspect.table-wide");
            self.push_finding(
                "table-wide",
                Severity::Warning,
                self.cell_place((word, 0), 0),
                message,
            );
        }
    }
}

/// Returns the labels of a table without spaces.
fn labels_of(table: &FormTable) -> Vec<String> {
    let label = |cell: &crate::form::GridCell| match &cell.content {
        GridContent::Header { text, .. } => Some(strip_spaces(text)),
        GridContent::Figure(_) => None,
    };
    table.lines.iter().flatten().filter_map(label).collect()
}

fn expected_figure(expected: &ExpectedCell<'_>) -> Option<usize> {
    match expected.content?.content {
        GridContent::Figure(number) => Some(number),
        GridContent::Header { .. } => None,
    }
}

fn figure_name(table: &FormTable, figure: usize) -> String {
    let id = table.cells[figure];
    let column = &table.columns[id.column];
    let group = column.group.as_deref().map(|group| format!("{group} ")).unwrap_or_default();
    format!("{} {} · {group}{}", table.name, table.row_name(id.row), column.label)
}

fn tag_of(table: &FormTable, figure: usize) -> String {
    let id = table.cells[figure];
    let (row, column) = (&table.rows[id.row].id, &table.columns[id.column].id);
    format!("{{{{{}.{row}.{column}}}}}", table.id)
}
