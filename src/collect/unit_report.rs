//! Owns what a county keeps of a unit's report: its head, its figures with their places, and the letters of its texts. A
//! county of thousands of units has no room for all that was read.
//! Must not read a report, nor judge it.

use super::unit_texts::{FormSentenceCache, UnitText, unit_texts};
use crate::form::Form;
use crate::report::{Figure, Report};
use docx_fill::diag::{Location, SourceId, SourcePlace, Span};
use std::sync::Arc;

/// A unit's report as far as a county needs it.
#[derive(Debug, Clone)]
pub struct UnitReport {
    /// File from which the report was read.
    pub source: SourceId,
    /// Official form of the report.
    pub form: Arc<Form>,
    /// Year of the report.
    pub year: u16,
    /// True if the file gives the year.
    pub has_year: bool,
    /// Official name of the organ.
    pub organ: String,
    /// Level of the organ, if the file gives it.
    pub level: Option<String>,
    /// The figures that occur in the report, each once.
    values: Box<[Figure]>,
    /// Number of each cell's figure in `values`, table by table.
    cells: Box<[u16]>,
    places: CellPlaces,
    texts: Box<[UnitText]>,
}

impl UnitReport {
    /// Keeps of a report what a county needs.
    pub fn new(report: &Report, prescribed: &mut FormSentenceCache) -> UnitReport {
        let mut values: Vec<Figure> = Vec::new();
        let mut cells = Vec::new();
        for cell in report.tables.iter().flatten() {
            let known = values.iter().position(|known| is_written_alike(known, &cell.figure));
            let number = known.unwrap_or(values.len());
            if known.is_none() {
                values.push(cell.figure.clone());
            }
            cells.push(u16::try_from(number).unwrap_or(u16::MAX));
        }
        UnitReport {
            source: report.source,
            form: report.form.clone(),
            year: report.year,
            has_year: report.has_year,
            organ: report.organ.name.clone(),
            level: report.organ.level.clone(),
            values: values.into(),
            cells: cells.into(),
            places: CellPlaces::new(report.tables.iter().flatten().map(|cell| cell.place)),
            texts: unit_texts(report, prescribed).into(),
        }
    }

    /// Returns the figures of a table in the order of its cells.
    pub(crate) fn figures(&self, table: usize) -> impl Iterator<Item = &Figure> {
        let count = self.form.tables.get(table).map_or(0, |table| table.cells.len());
        (0..count).map(move |at| self.figure(table, at))
    }

    /// Returns the figures of all tables.
    pub(crate) fn all_figures(&self) -> impl Iterator<Item = &Figure> {
        self.cells.iter().map(|number| self.value(*number))
    }

    /// Returns the figure of a cell.
    pub(crate) fn figure(&self, table: usize, cell: usize) -> &Figure {
        self.cells.get(self.cell_index(table, cell)).map_or(&Figure::Unknown, |at| self.value(*at))
    }

    fn value(&self, number: u16) -> &Figure {
        self.values.get(usize::from(number)).unwrap_or(&Figure::Unknown)
    }

    /// Returns the index of a cell among those of all tables.
    fn cell_index(&self, table: usize, cell: usize) -> usize {
        let before = self.form.tables.iter().take(table).map(|table| table.cells.len());
        before.sum::<usize>() + cell
    }

    /// Returns the location of a cell: its own, else that of another cell of the row, else the file.
    pub(crate) fn cell_location(&self, table: usize, cell: usize) -> Location {
        let form = &self.form.tables[table];
        let row = form.cells[cell].row;
        let place = |at: usize| self.places.get(self.cell_index(table, at));
        let same_row = || {
            let mut of_row = form.cells.iter().enumerate().filter(|(_, id)| id.row == row);
            of_row.find_map(|(at, _)| place(at))
        };
        match place(cell).or_else(same_row) {
            Some(place) => place.in_source(self.source),
            None => Location::File(self.source),
        }
    }

    /// Checks whether a figure of the report is unknown.
    pub(crate) fn has_unknown(&self) -> bool {
        self.values.contains(&Figure::Unknown)
    }

    /// Returns the letters of the texts.
    pub(super) fn texts(&self) -> &[UnitText] {
        &self.texts
    }

    /// Returns the places to which findings about the county may point.
    pub fn places(&self) -> impl Iterator<Item = SourcePlace> {
        let cells = (0..self.cells.len()).filter_map(|at| self.places.get(at));
        cells.chain(self.texts.iter().map(|text| text.field))
    }
}

/// Checks whether two figures are the same and written in the same way: 1.5 and 1.50 are not.
fn is_written_alike(one: &Figure, other: &Figure) -> bool {
    match (one, other) {
        (Figure::Number(a), Figure::Number(b)) => {
            a == b && (a.to_i128().zip(b.to_i128()).is_some() || a.to_string() == b.to_string())
        }
        _ => one == other,
    }
}

/// The places of the cells of a report. Those in a text take a quarter of the room.
#[derive(Debug, Clone)]
enum CellPlaces {
    Text(Box<[(u32, u32)]>),
    Any(Box<[Option<SourcePlace>]>),
}

/// Stands for a cell without a place.
const NO_PLACE: (u32, u32) = (u32::MAX, u32::MAX);

impl CellPlaces {
    fn new(places: impl Iterator<Item = Option<SourcePlace>> + Clone) -> CellPlaces {
        let ends = |place: Option<SourcePlace>| match place {
            None => Some(NO_PLACE),
            Some(SourcePlace::Text(span)) => {
                let pair = u32::try_from(span.start).ok().zip(u32::try_from(span.end).ok())?;
                (pair != NO_PLACE).then_some(pair)
            }
            Some(_) => None,
        };
        match places.clone().map(ends).collect::<Option<Vec<_>>>() {
            Some(spans) => CellPlaces::Text(spans.into()),
            None => CellPlaces::Any(places.collect()),
        }
    }

    fn get(&self, cell: usize) -> Option<SourcePlace> {
        match self {
            CellPlaces::Text(spans) => {
                let (start, end) = spans.get(cell).copied().filter(|span| *span != NO_PLACE)?;
                let index = |at: u32| usize::try_from(at).unwrap_or_default();
                Some(SourcePlace::Text(Span { start: index(start), end: index(end) }))
            }
            CellPlaces::Any(places) => places.get(cell).copied().flatten(),
        }
    }
}
