//! Owns the comparison of a template with a form: tables, rows, labels, merged cells, figures, headings
//! and texts.
//! Must not know an edition: what is prescribed comes from the form.

use super::figures::{Figures, shows};
use super::mend::Fix;
use super::rows::{self, At, Expected};
use super::word::{Body, Paragraph, Table as WordTable, squeezed};
use super::{Document, at};
use crate::data::plain_form;
use crate::form::{Content, Form, Table};
use crate::text;
use docx_fill::diag::{CellRef, Diagnostic, Place, Severity, Sink, SourceId, Text, WordPlace};
use docx_fill::template::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Longest paragraph that may be a changed heading, in bytes.
const LONGEST: usize = 1_000;
/// Most work of comparing headings with paragraphs, in pairs of characters.
const LIKENESS_WORK: usize = 30_000_000;

pub(super) fn check(
    form: &Form,
    document: &Document,
    template: &Template,
    source: SourceId,
    sink: &mut Sink,
) -> Vec<Fix> {
    let body = &document.main;
    let figures = Figures::new(form, template, &body.name);
    let mut judge =
        Judge { form, body, figures, source, sink, homes: BTreeMap::new(), fixes: Vec::new() };
    let assigned = judge.assign();
    let matched: Vec<_> = (0..form.tables.len()).map(|at| judge.rows(at, &assigned)).collect();
    // Where every figure is at home has to be known before a stray one is judged.
    for (at, (rows, lines, _)) in matched.iter().enumerate() {
        judge.find_homes(at, rows, lines);
    }
    for (at, (rows, lines, taken)) in matched.iter().enumerate() {
        if rows.is_empty() {
            judge.no_table(at);
        } else {
            judge.table(at, rows, lines, taken, &assigned);
        }
    }
    judge.strays(&assigned);
    judge.sections();
    judge.texts(template);
    judge.fixes
}

struct Judge<'a> {
    form: &'a Form,
    body: &'a Body,
    figures: Figures,
    source: SourceId,
    sink: &'a mut Sink,
    /// The right place of each figure, where its own tag stands.
    homes: BTreeMap<(usize, usize), WordPlace>,
    /// The changes that are certain.
    fixes: Vec<Fix>,
}

/// For each table of the form the tables of the document that hold its rows.
type Assigned = Vec<Vec<usize>>;
type Rows = (Vec<At>, Vec<Option<usize>>, Vec<bool>);

impl Judge<'_> {
    fn push(&mut self, rule: &'static str, severity: Severity, place: WordPlace, text: Text) {
        self.sink.push(Diagnostic::new(rule, severity, at(self.source, place), text));
    }

    fn push_cell(&mut self, found: Diagnostic, table: usize, number: Option<usize>) {
        let form = &self.form.tables[table];
        let id = number.map(|number| form.cells[number]);
        self.sink.push(found.cell(CellRef {
            table: form.id.clone(),
            row: id.map(|id| form.rows[id.row].id.clone()),
            col: id.map(|id| form.columns[id.column].id.clone()),
        }));
    }

    /// Which tables of the document stand for which of the form: those with most of its figures and
    /// labels, and the parts into which one was split.
    fn assign(&self) -> Assigned {
        let labels: Vec<Vec<String>> = self.form.tables.iter().map(labels_of).collect();
        let counts: Vec<Vec<usize>> =
            (0..self.body.tables.len()).map(|word| self.common(word, &labels)).collect();
        let mut out: Assigned = vec![Vec::new(); self.form.tables.len()];
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

    /// How many figures and labels of each of the form's tables a table of the document has.
    fn common(&self, word: usize, labels: &[Vec<String>]) -> Vec<usize> {
        let found: BTreeSet<(usize, usize)> =
            self.figures.of_table(self.body, word).into_iter().collect();
        let cells = self.body.tables[word].rows.iter().flat_map(|row| &row.cells);
        let texts: BTreeSet<String> = cells.map(|cell| squeezed(&cell.text)).collect();
        let count = |(at, labels): (usize, &Vec<String>)| {
            let figures = found.iter().filter(|(table, _)| *table == at).count();
            // Labels such as 总计 stand in several tables; figures decide.
            figures * 4 + labels.iter().filter(|label| texts.contains(*label)).count()
        };
        labels.iter().enumerate().map(count).collect()
    }

    fn rows(&self, at: usize, assigned: &Assigned) -> Rows {
        let tables = assigned[at].iter();
        let rows: Vec<At> = tables
            .flat_map(|&word| (0..self.body.tables[word].rows.len()).map(move |row| (word, row)))
            .collect();
        let form = &self.form.tables[at];
        let (lines, taken) = rows::align(at, form, self.body, &rows, &self.figures);
        (rows, lines, taken)
    }

    fn find_homes(&mut self, number: usize, rows: &[At], lines: &[Option<usize>]) {
        let form = &self.form.tables[number];
        for (line, row) in lines.iter().enumerate() {
            let Some(found) = row.map(|row| rows[row]) else { continue };
            let cells = rows::expected(form, line);
            for (cell, expected) in cells.iter().enumerate() {
                let Some(figure) = figure_of(expected) else { continue };
                let own = (number, figure);
                if self.figures.of_cell(self.body, found, cell).contains(&own) {
                    let place = self.cell_place(found, cell);
                    self.homes.entry(own).or_insert(place);
                }
            }
        }
    }

    fn cell_place(&self, (table, row): At, cell: usize) -> WordPlace {
        let mut place = self.body.cell_place(&self.body.tables[table], row, cell);
        place.paragraph = 1;
        place
    }

    fn no_table(&mut self, at: usize) {
        let form = &self.form.tables[at];
        let section = self.form.sections.iter().find(|section| section.table == Some(at));
        let heading = section.and_then(|section| section.heading.as_deref()).unwrap_or_default();
        let wanted = squeezed(heading);
        let here = self.body.paragraphs.iter().find(|found| squeezed(&found.text) == wanted);
        let place = match here.filter(|_| !wanted.is_empty()) {
            Some(found) => super::at(self.source, self.body.place(found, &found.text)),
            None => Place::File(self.source),
        };
        let message = text!("inspect.table-missing", table = &form.name, heading = heading);
        let found = Diagnostic::error("table-missing", place, message);
        let edition = &self.form.edition;
        self.push_cell(found.hint(text!("inspect.hint-table", edition = edition)), at, None);
    }

    fn table(
        &mut self,
        number: usize,
        rows: &[At],
        lines: &[Option<usize>],
        taken: &[bool],
        assigned: &Assigned,
    ) {
        let form = &self.form.tables[number];
        let tables = &assigned[number];
        for &part in tables.iter().skip(1) {
            let place = self.cell_place((part, 0), 0);
            self.push(
                "table-split",
                Severity::Error,
                place,
                text!("inspect.table-split", table = &form.name),
            );
        }
        let joined = |at: usize| at != number && assigned[at].first() == tables.first();
        if let Some(other) = (0..number).find(|&at| joined(at)) {
            let first = lines.iter().flatten().next().map_or((tables[0], 0), |&row| rows[row]);
            let other = &self.form.tables[other].name;
            let message = text!("inspect.table-joined", table = &form.name, other = other);
            self.push("table-joined", Severity::Error, self.cell_place(first, 0), message);
        }
        let mut before: Option<At> = None;
        for (line, row) in lines.iter().enumerate() {
            let Some(row) = row else {
                self.row_missing(number, line, before.or(rows.first().copied()));
                continue;
            };
            self.row(number, line, rows[*row]);
            before = Some(rows[*row]);
        }
        let shared = assigned
            .iter()
            .enumerate()
            .any(|(at, tables)| at != number && tables.first() == assigned[number].first());
        for (row, _) in rows.iter().zip(taken).filter(|(_, taken)| !**taken && !shared) {
            let message = text!("inspect.row-extra", table = &form.name);
            self.push("row-extra", Severity::Warning, self.cell_place(*row, 0), message);
        }
        self.breaks(number, rows, lines);
        for &word in tables {
            self.widths(number, word, rows, lines);
        }
    }

    fn row_missing(&mut self, number: usize, line: usize, before: Option<At>) {
        let form = &self.form.tables[number];
        let name = rows::name_of(form, line);
        let message = text!("inspect.row-missing", table = &form.name, row = name);
        let Some(before) = before else { return };
        let place = at(self.source, self.cell_place(before, 0));
        let hint = text!("inspect.hint-row", edition = &self.form.edition);
        let found = Diagnostic::error("row-missing", place, message).hint(hint);
        let row = form.lines[line].iter().find_map(|cell| match cell.content {
            Content::Figure(figure) => Some(form.rows[form.cells[figure].row].id.clone()),
            Content::Head { .. } => None,
        });
        self.sink.push(found.cell(CellRef { table: form.id.clone(), row, col: None }));
    }

    fn row(&mut self, number: usize, line: usize, found: At) {
        let form = &self.form.tables[number];
        let expected = rows::expected(form, line);
        let (table, row) = found;
        let table = &self.body.tables[table];
        let cells = &table.rows[row].cells;
        if cells.len() != expected.len() {
            let differs = expected.iter().zip(cells).position(|(e, c)| e.span != c.span);
            let cell = differs.unwrap_or(cells.len().min(expected.len()).saturating_sub(1));
            let message =
                text!("inspect.cells-count", wanted = expected.len(), found = cells.len());
            let place = at(self.source, self.cell_place(found, cell));
            let hint = text!("inspect.hint-cells");
            self.sink.push(Diagnostic::error("cells-changed", place, message).hint(hint));
            self.lost_figures(number, &expected, found, cell);
            return;
        }
        // LibreOffice and Word number columns differently where cells do not stand below each other.
        let spans = table.columns.len() == form.grid.columns();
        for (cell, expected) in expected.iter().enumerate() {
            let own = &table.rows[row].cells[cell];
            if expected.merge != own.merge || spans && expected.span != own.span {
                let message = text!("inspect.cell-merged");
                let place = at(self.source, self.cell_place(found, cell));
                let hint = text!("inspect.hint-cells");
                self.sink.push(Diagnostic::error("cells-changed", place, message).hint(hint));
            }
            match expected.content.map(|cell| &cell.content) {
                Some(Content::Head { text, .. }) => self.label(number, text, found, cell),
                Some(Content::Figure(figure)) => self.figure(number, *figure, found, cell),
                None => {}
            }
        }
    }

    /// Figures that a row with another number of cells does not hold any more.
    fn lost_figures(&mut self, number: usize, expected: &[Expected<'_>], row: At, cell: usize) {
        let there = self.figures.of_row(self.body, row);
        for figure in expected.iter().filter_map(figure_of) {
            if !there.contains(&(number, figure)) {
                self.figure_missing(number, figure, row, cell);
            }
        }
    }

    fn label(&mut self, number: usize, wanted: &str, found: At, cell: usize) {
        let (table, row) = found;
        let own = &self.body.tables[table].rows[row].cells[cell].text;
        if squeezed(own) == squeezed(wanted) {
            return;
        }
        let plain = |text: &str| -> String {
            squeezed(text).chars().map(|c| plain_form(c).unwrap_or(c)).collect()
        };
        let severity =
            if plain(own) == plain(wanted) { Severity::Warning } else { Severity::Error };
        let message = if own.trim().is_empty() {
            text!("inspect.label-empty", wanted = wanted)
        } else {
            text!("inspect.label-changed", found = own.trim(), wanted = wanted)
        };
        let place = self.cell_place(found, cell);
        if severity == Severity::Warning {
            let element = self.body.tables[table].rows[row].cells[cell].element;
            let (place, wanted) = (place.clone(), wanted.to_owned());
            self.fixes.push(Fix::Label { place, cell: element, wanted });
        }
        let found = Diagnostic::new("label-changed", severity, at(self.source, place), message);
        self.push_cell(found, number, None);
    }

    fn figure(&mut self, number: usize, figure: usize, found: At, cell: usize) {
        let own = (number, figure);
        let there = self.figures.of_cell(self.body, found, cell).to_vec();
        let place = self.cell_place(found, cell);
        for &other in there.iter().filter(|&&other| other != own) {
            self.stray(other, place.clone(), Some(own));
        }
        match there.iter().filter(|&&one| one == own).count() {
            0 if there.is_empty() => self.figure_missing(number, figure, found, cell),
            0 | 1 => {}
            _ => self.twice(own, &place),
        }
    }

    fn figure_missing(&mut self, number: usize, figure: usize, found: At, cell: usize) {
        let form = &self.form.tables[number];
        let tag = tag_of(form, figure);
        let message = text!("inspect.figure-missing", figure = figure_name(form, figure));
        let place = at(self.source, self.cell_place(found, cell));
        let found = Diagnostic::error("figure-missing", place, message);
        self.push_cell(found.hint(text!("inspect.hint-figure", tag = tag)), number, Some(figure));
    }

    /// A figure in a cell that is not its own.
    fn stray(
        &mut self,
        (table, figure): (usize, usize),
        place: WordPlace,
        own: Option<(usize, usize)>,
    ) {
        if self.homes.contains_key(&(table, figure)) {
            self.twice((table, figure), &place);
            return;
        }
        let name = figure_name(&self.form.tables[table], figure);
        let message = text!("inspect.figure-misplaced", figure = name);
        let mut found = Diagnostic::error("figure-misplaced", at(self.source, place), message);
        if let Some((table, figure)) = own {
            let form = &self.form.tables[table];
            let (name, tag) = (figure_name(form, figure), tag_of(form, figure));
            found = found.hint(text!("inspect.hint-misplaced", figure = name, tag = tag));
        }
        self.push_cell(found, own.map_or(table, |own| own.0), own.map(|own| own.1));
    }

    fn twice(&mut self, (table, figure): (usize, usize), place: &WordPlace) {
        let name = figure_name(&self.form.tables[table], figure);
        let message = text!("inspect.figure-twice", figure = name);
        let mut found = Diagnostic::error("figure-twice", at(self.source, place.clone()), message);
        if let Some(home) = self.homes.get(&(table, figure)).filter(|home| *home != place) {
            let home = at(self.source, home.clone());
            found = found.label(home, text!("inspect.figure-first"));
        }
        self.push_cell(found, table, Some(figure));
    }

    /// Figures in tables that are not the form's.
    fn strays(&mut self, assigned: &Assigned) {
        let known: BTreeSet<usize> = assigned.iter().flatten().copied().collect();
        for word in 0..self.body.tables.len() {
            if known.contains(&word) {
                continue;
            }
            for row in 0..self.body.tables[word].rows.len() {
                for cell in 0..self.body.tables[word].rows[row].cells.len() {
                    for found in self.figures.of_cell(self.body, (word, row), cell).to_vec() {
                        let place = self.cell_place((word, row), cell);
                        self.stray(found, place, None);
                    }
                }
            }
        }
    }

    /// Header rows that repeat, rows that do not break.
    fn breaks(&mut self, number: usize, rows: &[At], lines: &[Option<usize>]) {
        let form = &self.form.tables[number];
        for row in lines.iter().take(form.header_lines).flatten() {
            let (table, at) = rows[*row];
            if !self.body.tables[table].rows[at].header {
                let message = text!("inspect.header-not-repeated", table = &form.name);
                let place = super::at(self.source, self.cell_place(rows[*row], 0));
                self.fix_row(rows[*row], "w:tblHeader");
                let found = Diagnostic::warning("header-not-repeated", place, message);
                self.sink.push(found.hint(text!("inspect.hint-header")));
            }
        }
        let own: Vec<At> = lines.iter().flatten().map(|&row| rows[row]).collect();
        let splits = own.iter().filter(|at| !self.body.tables[at.0].rows[at.1].cant_split);
        let splits: Vec<At> = splits.copied().collect();
        for &row in &splits {
            self.fix_row(row, "w:cantSplit");
        }
        // One finding says it for a whole table.
        let shown = if splits.len() > 3 { &splits[..1] } else { &splits[..] };
        for &row in shown {
            let message = if splits.len() > 3 {
                text!("inspect.rows-split", table = &form.name, count = splits.len())
            } else {
                text!("inspect.row-splits")
            };
            let place = super::at(self.source, self.cell_place(row, 0));
            let found = Diagnostic::warning("row-splits", place, message);
            self.sink.push(found.hint(text!("inspect.hint-split")));
        }
    }

    fn fix_row(&mut self, row: At, name: &'static str) {
        let element = self.body.tables[row.0].rows[row.1].element;
        self.fixes.push(Fix::Row { place: self.cell_place(row, 0), row: element, name });
    }

    fn widths(&mut self, number: usize, word: usize, rows: &[At], lines: &[Option<usize>]) {
        let form = &self.form.tables[number];
        let table = &self.body.tables[word];
        let mut told = Vec::new();
        for (line, row) in lines.iter().enumerate() {
            let Some(found) = row.map(|row| rows[row]).filter(|at| at.0 == word) else { continue };
            let expected = rows::expected(form, line);
            let cells = &table.rows[found.1].cells;
            if cells.len() != expected.len() {
                continue;
            }
            let (mut column, mut official) = (0, 0);
            for (cell, expected) in expected.iter().enumerate() {
                let from = column;
                column += cells[cell].span;
                official += expected.span;
                if figure_of(expected).is_none() || told.contains(&from) {
                    continue;
                }
                let wanted =
                    super::page::digits_of_form(form, official - expected.span, expected.span);
                let room = super::page::digits_of_cell(self.body, table, found.1, cell, from, form);
                let wanted = wanted.min(super::page::DIGITS);
                if room < wanted {
                    told.push(from);
                    let message = text!("inspect.column-narrow", room = room, wanted = wanted);
                    let place = super::at(self.source, self.cell_place(found, cell));
                    let hint = text!("inspect.hint-narrow");
                    self.sink.push(Diagnostic::error("column-narrow", place, message).hint(hint));
                }
            }
        }
        self.wide(word);
    }

    fn wide(&mut self, word: usize) {
        let table: &WordTable = &self.body.tables[word];
        let total: f64 = table.columns.iter().sum();
        // Margins that are wrong have a finding of their own.
        let room = super::page::text_width(self.body);
        if total > room + 60.0 && table.outer.is_empty() && !table.rows.is_empty() {
            let message = text!("inspect.table-wide");
            self.push("table-wide", Severity::Warning, self.cell_place((word, 0), 0), message);
        }
    }

    fn sections(&mut self) {
        let outside = self.body.paragraphs.iter().filter(|found| found.cells.is_empty());
        // A paragraph of running text is no changed heading, and comparing takes time by the length.
        let short = outside.filter(|found| found.text.len() <= LONGEST);
        let short: Vec<_> = short.map(|found| (squeezed(&found.text), found)).collect();
        let mut work = LIKENESS_WORK;
        for section in &self.form.sections {
            let Some(heading) = &section.heading else { continue };
            let wanted = squeezed(heading);
            if short.iter().any(|(text, _)| *text == wanted) {
                continue;
            }
            let length = wanted.chars().count();
            let likeness = |text: &str| {
                let other = text.chars().count();
                // So different in length, it is not half like it.
                if other < length / 2 || other > length * 2 {
                    return 0.0;
                }
                work = work.saturating_sub(length * other);
                if work == 0 { 0.0 } else { strsim::normalized_levenshtein(text, &wanted) }
            };
            let candidates = short.iter().filter(|(_, found)| !found.text.contains("{{"));
            let near = likest(candidates.map(|(text, found)| (text.as_str(), *found)), likeness);
            match near {
                Some(found) => {
                    let place = self.body.place(found, &found.text);
                    let own = found.text.trim();
                    let message = text!("inspect.label-changed", found = own, wanted = heading);
                    self.push("label-changed", Severity::Error, place, message);
                }
                None => {
                    let message = text!("inspect.heading-missing", heading = heading);
                    let place = Place::File(self.source);
                    self.sink.push(Diagnostic::error("heading-missing", place, message));
                }
            }
        }
    }

    /// Texts of the report that no tag shows would be lost.
    fn texts(&mut self, template: &Template) {
        let placed = |path: [&str; 2]| {
            let tags = template.tags().iter().filter(|tag| shows(&tag.text));
            tags.flat_map(|tag| &tag.wants).any(|want| want.path == path)
        };
        for section in &self.form.sections {
            for after in [false, true] {
                let id = if after { format!("{}-after", section.id) } else { section.id.clone() };
                if after && section.table.is_none() || placed(["text", &id]) {
                    continue;
                }
                let severity =
                    if section.table.is_some() { Severity::Warning } else { Severity::Error };
                let tag = format!("{{{{markdown text.{id}}}}}");
                let heading = section.heading.as_deref().unwrap_or(&section.id);
                let message = text!("inspect.text-missing", heading = heading, tag = &tag);
                let place = Place::File(self.source);
                let found = Diagnostic::new("text-missing", severity, place, message);
                self.sink.push(found.hint(text!("inspect.hint-text", tag = tag)));
            }
        }
    }
}

/// The labels of a table, squeezed.
fn labels_of(table: &Table) -> Vec<String> {
    let label = |cell: &crate::form::GridCell| match &cell.content {
        Content::Head { text, .. } => Some(squeezed(text)),
        Content::Figure(_) => None,
    };
    table.lines.iter().flatten().filter_map(label).collect()
}

/// The paragraph that is most like something, if one is half like it; of several the last.
fn likest<'p>(
    candidates: impl Iterator<Item = (&'p str, &'p Paragraph)>,
    mut likeness: impl FnMut(&str) -> f64,
) -> Option<&'p Paragraph> {
    let liked = candidates.map(|(text, found)| (likeness(text), found));
    let liked = liked.filter(|(likeness, _)| *likeness >= 0.5);
    liked.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, found)| found)
}

fn figure_of(expected: &Expected<'_>) -> Option<usize> {
    match expected.content?.content {
        Content::Figure(number) => Some(number),
        Content::Head { .. } => None,
    }
}

fn figure_name(table: &Table, figure: usize) -> String {
    let id = table.cells[figure];
    let column = &table.columns[id.column];
    let group = column.group.as_deref().map(|group| format!("{group} ")).unwrap_or_default();
    format!("{} {} · {group}{}", table.name, table.row_name(id.row), column.label)
}

fn tag_of(table: &Table, figure: usize) -> String {
    let id = table.cells[figure];
    let (row, column) = (&table.rows[id.row].id, &table.columns[id.column].id);
    format!("{{{{{}.{row}.{column}}}}}", table.id)
}
