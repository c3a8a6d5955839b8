//! Owns reading the figures of an official table from the Word tables that contain it: rows and
//! columns are identified by their labels, wherever they are; figures without a place are kept and
//! reported.
//! Must not know the other tables of the report, nor check a figure.

use super::figure_slots::{
    ColumnHead, is_figure_slot, looks_like_figure, pair_columns, pair_in_order,
};
use super::head_line_ends::HeadLineEnds;
use crate::form::FormTable;
use crate::labels::{Confidence, TableLabels};
use docx_fill::word::blocks::{self, GridSlot};
use docx_fill::word::blocks::{WordCell, WordTable};
use std::collections::{BTreeMap, BTreeSet};

/// A figure cell found in the document.
#[derive(Debug, Clone)]
pub(crate) struct MatchedFigure<'d> {
    pub(crate) cell: &'d WordCell,
    pub(crate) text: String,
    /// Confidence in the row and the column.
    pub(crate) confidence: Confidence,
}

/// A difference from the official table.
#[derive(Debug, Clone)]
pub(crate) enum Deviation<'d> {
    /// A label in other words.
    Label { cell: &'d WordCell, found: String, official: String, sure: Confidence },
    /// A figure in a row or column that the form lacks, or a second figure for a cell.
    Unplaced { cell: &'d WordCell, text: String, row: String },
    /// The table continues in another Word table.
    Split { cell: &'d WordCell },
    /// The table continues with another number of columns and without heads; columns are counted from the right.
    Shifted { cell: &'d WordCell },
    /// The table is nested in another one, or lies in a text box.
    Inside { cell: &'d WordCell },
    /// Heads of several lines stand over the same columns: what merges them was lost. Columns are counted as in the
    /// form.
    Overlapping { cell: &'d WordCell },
}

/// A reader of one official table.
pub(crate) struct WordTableReader<'f, 'd> {
    table: &'f FormTable,
    labels: TableLabels,
    /// Column of the form with confidence, by column of the grid.
    heads: BTreeMap<usize, (usize, Confidence)>,
    /// Row of the form by column of the grid, for rows that have heads like columns.
    row_heads: BTreeMap<usize, (usize, Confidence)>,
    /// Words above the figures that name no column, by their first column of the grid: parts of heads on several lines.
    head_pieces: BTreeMap<usize, HeadPiece>,
    /// Columns of the form of which a head was found, also if another one stands over the same columns of the grid.
    headed: BTreeSet<usize>,
    /// True if heads of several lines stand over the same columns.
    overlapping: bool,
    /// Number of lines that have heads of columns.
    head_lines: usize,
    /// Ends of the lines of heads in the grid.
    head_ends: HeadLineEnds,
    /// True if figures were read after the last heads.
    in_body: bool,
    width: usize,
    /// True if columns are counted from the right.
    shifted: bool,
    /// Figures by cell number.
    pub(crate) figures: Vec<Option<MatchedFigure<'d>>>,
    /// Cells in which rows were found.
    pub(crate) rows: BTreeMap<usize, &'d WordCell>,
    pub(crate) deviations: Vec<Deviation<'d>>,
    reported_labels: BTreeSet<String>,
    pub(crate) fragments: usize,
    /// End offset of the last of its Word tables.
    pub(crate) end: Option<usize>,
}

impl<'f, 'd> WordTableReader<'f, 'd> {
    pub(crate) fn new(table: &'f FormTable) -> WordTableReader<'f, 'd> {
        WordTableReader {
            table,
            labels: TableLabels::for_table(table),
            heads: BTreeMap::new(),
            row_heads: BTreeMap::new(),
            head_pieces: BTreeMap::new(),
            headed: BTreeSet::new(),
            overlapping: false,
            head_lines: 0,
            head_ends: HeadLineEnds::default(),
            in_body: false,
            width: 0,
            shifted: false,
            figures: vec![None; table.cells.len()],
            rows: BTreeMap::new(),
            deviations: Vec::new(),
            reported_labels: BTreeSet::new(),
            fragments: 0,
            end: None,
        }
    }

    /// Returns the number of rows of the table that a Word table names.
    pub(crate) fn count_named_rows(&self, word: &WordTable) -> usize {
        let cells = word.rows.iter().flat_map(|row| &row.cells);
        cells.filter(|cell| self.labels.rows.find_exact(&cell.text()).is_some()).count()
    }

    /// Checks whether most of the rows that a Word table names were found already.
    pub(crate) fn is_repetition(&self, word: &WordTable) -> bool {
        let cells = word.rows.iter().flat_map(|row| &row.cells);
        let named: BTreeSet<usize> =
            cells.filter_map(|cell| Some(self.labels.rows.find_exact(&cell.text())?.0)).collect();
        let known = named.iter().filter(|row| self.rows.contains_key(row)).count();
        known * 2 > named.len()
    }

    /// Reads a Word table, or a part of the official one.
    pub(crate) fn read_table(&mut self, word: &'d WordTable) {
        let rows = blocks::slot_rows(word);
        let Some(first) = word.rows.iter().find_map(|row| row.cells.first()) else { return };
        let width = blocks::column_count(&rows);
        if self.fragments > 0 {
            self.deviations.push(Deviation::Split { cell: first });
            self.carry_heads(&rows, width, first);
        } else if word.nested || word.boxed {
            self.deviations.push(Deviation::Inside { cell: first });
        }
        self.fragments += 1;
        self.end = Some(word.range.end);
        self.width = width;
        self.head_ends.measure(&rows);
        for row in &rows {
            self.read_line(row);
        }
    }

    /// Applies the heads of the previous part to one without heads.
    fn carry_heads(&mut self, rows: &[Vec<GridSlot<'d>>], width: usize, first: &'d WordCell) {
        let has = |slot: &GridSlot<'_>| !slot.continued && self.is_column_head(slot);
        let own = rows.iter().take(4).any(|row| row.iter().filter(|slot| has(slot)).count() >= 2);
        if own || width == self.width {
            return;
        }
        self.deviations.push(Deviation::Shifted { cell: first });
        self.shifted = true;
        let old = std::mem::take(&mut self.heads);
        let moved = old.into_iter().filter_map(|(at, (column, sure))| {
            Some(((at + width).checked_sub(self.width)?, (column, sure.max(Confidence::Similar))))
        });
        self.heads = moved.collect();
    }

    fn is_column_head(&self, slot: &GridSlot<'_>) -> bool {
        self.labels.columns.find_exact(&slot.text).is_some()
    }

    /// Returns the column that a slot names, by itself or with the part of its head on the lines
    /// above.
    fn find_column(&self, slot: &GridSlot<'_>) -> Option<(usize, Confidence)> {
        if slot.continued || slot.is_blank() {
            return None;
        }
        self.labels.columns.find_exact(&slot.text).or_else(|| {
            let (_, piece) = self.piece_above(slot)?;
            self.labels.columns.find_exact(&format!("{}{}", piece.text, slot.text))
        })
    }

    /// Returns the part of a head above a slot.
    fn piece_above(&self, slot: &GridSlot<'_>) -> Option<(usize, &HeadPiece)> {
        if self.in_body {
            return None;
        }
        let above = self.head_pieces.range(..slot.end()).next_back()?;
        (above.1.end > slot.column).then_some((*above.0, above.1))
    }

    /// Checks whether words that name no column stand above a column of the grid.
    fn is_below_piece(&self, column: usize) -> bool {
        let before = self.head_pieces.range(..=column).next_back();
        before.is_some_and(|(_, piece)| column < piece.end)
    }

    fn read_line(&mut self, row: &[GridSlot<'d>]) {
        if let Some((at, label, sure)) = self.find_row_label(row) {
            return self.read_figures(row, at, label, sure);
        }
        // A line of figures is none of heads, even if its label is also the word of a column, as 总计.
        let figures = row.iter().filter(|slot| looks_like_figure(&slot.text)).count();
        let may_head = figures < MIN_FIGURES;
        let named = may_head && row.iter().any(|slot| self.find_column(slot).is_some());
        let label = row.iter().enumerate().find_map(|(at, slot)| {
            let known = self.labels.rows.find_exact(&slot.text).filter(|_| !slot.continued);
            known.map(|(label, sure)| (at, label, sure))
        });
        match label {
            _ if named => self.read_heads(row),
            Some((_, label, _)) if may_head && self.labels.heads_like_column(label) => {
                self.read_heads(row);
            }
            // The heads of its figures are not known.
            Some((at, label, sure)) => self.read_figures(row, at, label, sure),
            None if self.is_figure_line(row) => self.read_headed_figures(row),
            None => self.read_unknown(row),
        }
    }

    /// Checks whether a line holds the figures below heads of rows and columns; a word in some of
    /// its cells does not make it another line.
    fn is_figure_line(&self, row: &[GridSlot<'d>]) -> bool {
        if self.row_heads.is_empty() || self.heads.is_empty() {
            return false;
        }
        let own: Vec<_> = row.iter().filter(|slot| !slot.continued).collect();
        let words = own.iter().filter(|slot| !is_figure_slot(slot)).count();
        let short = |slot: &&&GridSlot<'_>| slot.text.trim().chars().count() <= MAX_CELL_CHARS;
        words * 2 <= own.len()
            || (!self.in_body
                && own.len() * 4 >= self.heads.len() * 3
                && own.iter().filter(short).count() == own.len())
    }

    /// Returns the slots left of the figures.
    fn label_slots<'r>(&self, row: &'r [GridSlot<'d>]) -> &'r [GridSlot<'d>] {
        let Some((&first, _)) = self.heads.first_key_value() else { return &[] };
        let mut count = row.iter().take_while(|slot| slot.column < first).count();
        if self.shifted {
            // If a column was lost, a label may be below the first head.
            let words = row.iter().rposition(|slot| !is_figure_slot(slot));
            count = count.max(words.map_or(0, |at| at + 1));
        }
        &row[..count]
    }

    /// Returns the row that a line is labelled as, by one of its label cells, the last one first,
    /// or by all of them together; with the index of the last label cell.
    fn find_row_label(&self, row: &[GridSlot<'d>]) -> Option<(usize, usize, Confidence)> {
        let slots = self.label_slots(row);
        let own = || slots.iter().enumerate().filter(|(_, s)| !s.continued && !s.is_blank());
        for (at, slot) in own().rev() {
            if let Some((label, sure)) = self.labels.rows.find_exact(&slot.text) {
                return Some((at, label, sure));
            }
        }
        if own().count() > 1 {
            let joined: String = own().map(|(_, slot)| slot.text.as_str()).collect();
            if let Some((label, sure)) = self.labels.rows.find_exact(&joined) {
                return Some((slots.len() - 1, label, sure));
            }
        }
        None
    }

    /// Reads a line with heads of columns, or of rows that have heads like columns.
    fn read_heads(&mut self, row: &[GridSlot<'d>]) {
        if self.in_body {
            self.forget_heads();
        }
        self.keep_line_end(row);
        let before = self.headed.len();
        for (at, slot) in row.iter().enumerate().filter(|(_, slot)| !slot.continued) {
            if let Some((column, sure)) = self.find_column(slot).or_else(|| self.similar_head(slot))
            {
                let above = self.piece_above(slot).map(|(at, piece)| (at, piece.end - at));
                // A whole head below words of the same width: what merged these downwards was lost.
                if above.is_some_and(|(_, width)| width == slot.columns)
                    && self.is_column_head(slot)
                {
                    self.report_overlap(slot);
                }
                let above = above.map(|(at, _)| at);
                let joined = above.and_then(|at| self.head_pieces.remove(&at));
                let found = joined.map_or_else(String::new, |piece| piece.text) + &slot.text;
                self.report_label(
                    FoundLabel { cell: slot.cell, text: &found },
                    &self.table.columns[column].label,
                    sure,
                );
                self.add_head(slot, column, sure);
            } else if let Some((label, sure)) = self.labels.rows.find_exact(&slot.text) {
                self.report_label(
                    FoundLabel { cell: slot.cell, text: &slot.text },
                    &self.table.rows[label].label,
                    sure,
                );
                // An unmerged head is followed by blank cells.
                let blank = row[at + 1..].iter().take_while(|slot| slot.is_blank());
                let end = blank.last().map_or(slot.end(), GridSlot::end);
                self.row_heads.extend((slot.column..end).map(|at| (at, (label, sure))));
                self.rows.entry(label).or_insert(slot.cell);
            } else {
                self.keep_piece(slot);
            }
        }
        self.head_lines += usize::from(self.headed.len() > before);
    }

    /// Keeps where a line of several heads ends.
    fn keep_line_end(&mut self, row: &[GridSlot<'d>]) {
        self.head_ends.add(row, |column| self.heads.contains_key(&column));
    }

    /// Checks whether lines of heads have other ends than others: below them places tell nothing.
    fn is_ragged(&self) -> bool {
        self.head_ends.differ() && !self.shifted
    }

    /// Adds the head of a column of the form.
    fn add_head(&mut self, slot: &GridSlot<'d>, column: usize, sure: Confidence) {
        // Words that are only like a head give way to the head itself: 现行有效件数（2024年） beside 现行有效件数.
        let gives_way =
            |own: Confidence, to: Confidence| own >= Confidence::Number && to < Confidence::Number;
        if self.heads.values().any(|(known, head)| *known == column && gives_way(sure, *head)) {
            return;
        }
        self.heads.retain(|_, (known, head)| *known != column || !gives_way(*head, sure));
        let covered = slot.column..slot.end();
        let other = |(known, _): &(usize, Confidence)| *known != column;
        if self.heads.range(covered.clone()).any(|(_, head)| other(head)) {
            self.report_overlap(slot);
        }
        self.headed.insert(column);
        self.heads.extend(covered.map(|at| (at, (column, sure))));
    }

    /// Reports once that heads of several lines stand over the same columns.
    fn report_overlap(&mut self, slot: &GridSlot<'d>) {
        if !self.overlapping {
            self.overlapping = true;
            self.deviations.push(Deviation::Overlapping { cell: slot.cell });
        }
    }

    fn forget_heads(&mut self) {
        self.headed.clear();
        (self.overlapping, self.head_lines) = (false, 0);
        self.head_ends.clear();
        self.heads.clear();
        self.row_heads.clear();
        self.head_pieces.clear();
        self.in_body = false;
        self.shifted = false;
    }

    /// Returns the column whose label alone is similar to an unknown head.
    fn similar_head(&self, slot: &GridSlot<'_>) -> Option<(usize, Confidence)> {
        let other = is_figure_slot(slot)
            || self.labels.is_table_head(&slot.text)
            || self.labels.rows.find_exact(&slot.text).is_some();
        if other { None } else { self.labels.columns.find_similar(&slot.text) }
    }

    /// Keeps a word that names no column: it may be a part of a head.
    fn keep_piece(&mut self, slot: &GridSlot<'d>) {
        if slot.continued || is_figure_slot(slot) || self.labels.is_table_head(&slot.text) {
            return;
        }
        let above = self.piece_above(slot).map(|(at, piece)| (at, piece.clone()));
        let (at, mut piece) =
            above.unwrap_or((slot.column, HeadPiece { end: slot.end(), text: String::new() }));
        piece.text.push_str(&slot.text);
        self.head_pieces.insert(at, piece);
    }

    /// Reads a line of figures after its label.
    fn read_figures(&mut self, row: &[GridSlot<'d>], at: usize, label: usize, sure: Confidence) {
        self.in_body = true;
        let cell = FoundLabel { cell: row[at].cell, text: row[at].text.as_str() };
        self.report_label(cell, &self.table.rows[label].label, sure);
        self.rows.entry(label).or_insert(row[at].cell);
        let first = self.heads.first_key_value().map_or(0, |(first, _)| *first);
        let beside: Vec<&GridSlot<'d>> =
            row[at + 1..].iter().filter(|s| s.column >= first && !s.continued).collect();
        let all: Vec<&GridSlot<'d>> = row[at + 1..].iter().filter(|s| !s.continued).collect();
        // If what merges labels or heads was lost, figures stand left of their heads, or a label reaches below one.
        let headless = |s: &&GridSlot<'_>| {
            s.column < first && looks_like_figure(&s.text) && !self.is_below_piece(s.column)
        };
        let shifted = all.iter().any(headless) || (row[at].end() > first && !self.shifted);
        let ragged = self.is_ragged() || (self.head_ends.are_short() && !self.shifted);
        let heads = self.figure_heads(label);
        // Below a head that is not known, counting would give figures to the wrong columns.
        let complete = self.head_pieces.range(first..).next().is_none();
        let pairs = match shifted || ragged {
            true if self.head_pieces.is_empty() && all.len() == heads.len() => {
                pair_in_order(&heads, &all)
            }
            true => Vec::new(),
            false => pair_columns(&heads, &beside, complete),
        };
        for (column, head_sure, slot) in pairs {
            let sure = if shifted || ragged { Confidence::Similar } else { sure };
            self.set_figure(label, column, slot, sure.max(head_sure));
        }
        self.report_left_over(&all, label);
    }

    /// Returns the heads of a row's figures in their order; none if it cannot be told.
    fn figure_heads(&self, label: usize) -> Vec<ColumnHead> {
        if self.overlapping {
            return self.form_columns(label);
        }
        let heads = self.row_columns(label);
        // Heads of several lines that are not in the form's order were pushed aside by what a cell above lost.
        let ordered = heads.windows(2).all(|pair| pair[0].column < pair[1].column);
        match ordered || (self.head_lines < 2 && !self.is_ragged()) {
            true if self.is_ragged() => self.form_columns(label),
            true => heads,
            false => Vec::new(),
        }
    }

    /// Returns the form's columns of a row in its order, if a head of each was found; they have no places.
    fn form_columns(&self, label: usize) -> Vec<ColumnHead> {
        let columns: Vec<usize> = self.table.row_columns(label).collect();
        if !columns.iter().all(|column| self.headed.contains(column)) {
            return Vec::new();
        }
        let head =
            |column| ColumnHead { column, confidence: Confidence::Similar, places: Vec::new() };
        columns.into_iter().map(head).collect()
    }

    /// Returns the form's columns of a row, in the order of the heads.
    fn row_columns(&self, label: usize) -> Vec<ColumnHead> {
        let mut out: Vec<ColumnHead> = Vec::new();
        for (&at, &(column, sure)) in &self.heads {
            if self.table.cell_number(label, column).is_none() {
                continue;
            }
            match out.iter_mut().find(|head| head.column == column) {
                Some(head) => head.places.push(at),
                None => out.push(ColumnHead { column, confidence: sure, places: vec![at] }),
            }
        }
        out
    }

    /// Checks whether the columns below each head of a row are in the form's order and none lacks a head; otherwise what
    /// merged a cell above them was lost, and they stand elsewhere.
    fn has_ordered_groups(&self) -> bool {
        let mut last: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        self.row_heads.iter().all(|(&at, &(label, _))| {
            let Some(&(column, _)) = self.heads.get(&at) else {
                // Words that name no column, or nothing at all.
                return self.is_below_piece(at);
            };
            let before = last.insert(label, (at, column));
            before.is_none_or(|(place, before)| {
                before < column || (before == column && place + 1 == at)
            })
        })
    }

    /// Reads a line of figures below heads of rows and columns.
    fn read_headed_figures(&mut self, row: &[GridSlot<'d>]) {
        self.in_body = true;
        let heads_end = self.heads.last_key_value().map_or(0, |(last, _)| last + 1);
        let whole = row.last().is_some_and(|slot| slot.end() >= heads_end);
        let ordered = whole && !self.overlapping && !self.is_ragged() && self.has_ordered_groups();
        for slot in row.iter().filter(|slot| !slot.continued) {
            let label = self.row_heads.get(&slot.column).copied().filter(|_| ordered);
            let column = self.heads.get(&slot.column).copied();
            let known = label.zip(column).filter(|((label, _), (column, _))| {
                self.table.cell_number(*label, *column).is_some()
            });
            match known {
                Some(((label, sure), (column, head_sure))) => {
                    self.set_figure(label, column, slot, sure.max(head_sure));
                }
                None if slot.is_blank() => {}
                None => self.report_unplaced(slot, String::new()),
            }
        }
    }

    fn set_figure(&mut self, label: usize, column: usize, slot: &GridSlot<'d>, sure: Confidence) {
        let Some(number) = self.table.cell_number(label, column) else { return };
        if self.figures[number].is_some() {
            if !slot.is_blank() {
                self.report_unplaced(slot, self.table.row_name(label));
            }
            return;
        }
        let text = slot.text.clone();
        self.figures[number] = Some(MatchedFigure { cell: slot.cell, text, confidence: sure });
    }

    /// Reports figures of a row that are below no head of the form.
    fn report_left_over(&mut self, beside: &[&GridSlot<'d>], label: usize) {
        for slot in beside {
            let used = |figure: &MatchedFigure<'_>| std::ptr::eq(figure.cell, slot.cell);
            if looks_like_figure(&slot.text)
                && !self.figures.iter().flatten().any(used)
                && !self.is_reported(slot)
            {
                self.report_unplaced(slot, self.table.row_name(label));
            }
        }
    }

    fn is_reported(&self, slot: &GridSlot<'d>) -> bool {
        self.deviations.iter().any(
            |odd| matches!(odd, Deviation::Unplaced { cell, .. } if std::ptr::eq(*cell, slot.cell)),
        )
    }

    fn report_unplaced(&mut self, slot: &GridSlot<'d>, row: String) {
        if self.deviations.len() >= MAX_DEVIATIONS {
            return;
        }
        let text = slot.text.trim().to_owned();
        self.deviations.push(Deviation::Unplaced { cell: slot.cell, text, row });
    }

    /// Reads a line whose label is not official: by similarity, or as figures without a place.
    fn read_unknown(&mut self, row: &[GridSlot<'d>]) {
        if self.is_unknown_head(row) {
            self.forget_heads();
        }
        if !self.in_body {
            self.keep_line_end(row);
            for slot in row {
                self.keep_piece(slot);
            }
        }
        let slots = self.label_slots(row);
        let beside = &row[slots.len()..];
        let values = beside.iter().any(|slot| !slot.continued && looks_like_figure(&slot.text));
        let own: Vec<(usize, &GridSlot<'d>)> =
            slots.iter().enumerate().filter(|(_, s)| !s.continued && !s.is_blank()).collect();
        let near = own.iter().rev().find_map(|(at, slot)| {
            let (label, sure) = self.labels.rows.find_similar(&slot.text)?;
            (!self.labels.is_table_head(&slot.text) && !self.rows.contains_key(&label))
                .then_some((*at, label, sure))
        });
        if let Some((at, label, sure)) = near {
            return self.read_figures(row, at, label, sure);
        }
        if !values || self.heads.is_empty() {
            return;
        }
        let words =
            own.last().map(|(_, slot)| crate::labels::strip_blanks(&slot.text)).unwrap_or_default();
        let lost: Vec<&GridSlot<'d>> =
            beside.iter().filter(|s| !s.continued && looks_like_figure(&s.text)).collect();
        for slot in lost {
            self.report_unplaced(slot, words.clone());
        }
    }

    /// Checks whether a line below figures begins another part of the table under heads that are
    /// not known: several cells, each with words.
    fn is_unknown_head(&self, row: &[GridSlot<'d>]) -> bool {
        let words = |slot: &GridSlot<'_>| !slot.continued && !is_figure_slot(slot);
        self.in_body && row.len() > 1 && row.iter().all(words)
    }

    /// Reports once that a label is not the official one.
    fn report_label(&mut self, label: FoundLabel<'d, '_>, official: &str, sure: Confidence) {
        let FoundLabel { cell, text } = label;
        if sure == Confidence::Verbatim
            || !self.reported_labels.insert(format!("{official}\n{text}"))
        {
            return;
        }
        let (found, official) = (crate::labels::strip_blanks(text), official.to_owned());
        self.deviations.push(Deviation::Label { cell, found, official, sure });
    }
}

/// A label as a document has it.
#[derive(Clone, Copy)]
struct FoundLabel<'d, 't> {
    cell: &'d WordCell,
    text: &'t str,
}

/// Minimum number of figures that make a line one of figures.
const MIN_FIGURES: usize = 2;

/// Maximum number of deviations of a table; a document with more is not a report.
const MAX_DEVIATIONS: usize = 500;

/// Maximum number of characters in a cell that stands for a figure.
const MAX_CELL_CHARS: usize = 8;

/// A part of a head: the column of the grid after it, and its words.
#[derive(Debug, Clone)]
struct HeadPiece {
    end: usize,
    text: String,
}
