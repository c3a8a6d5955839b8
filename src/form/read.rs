//! Owns reading `form.toml`: resolves ids, builds the grids, and says everything that is wrong.
//! Must not know an edition: whatever it needs stands in the file.

use super::identity::{self, Identity, Per, Term};
use super::previous::{self, Crossing, YearTerm};
use super::source::{
    ClaimSource, CollectSource, FigureSource, FormSource, HeadSource, IdentitySource, KindSource,
    LineSource, PerSource, PhraseSource, PreviousSource, TableSource,
};
use super::{
    CellId, Claim, Collect, Column, Content, Doubt, Form, GridCell, Kind, Phrase, Reading, Row,
    Section, Table,
};
use crate::grid::{Extent, Fault, Grid};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Text};
use std::ops::Range;
use toml::Spanned;

/// Rule id of everything that is wrong with a form file.
const RULE: &str = "form-file";

/// Reads the file; `None` if anything is wrong.
pub(super) fn form(source: SourceId, text: &str, sink: &mut Sink) -> Option<Form> {
    let mut reader = Reader { source, sink, faults: 0 };
    let parsed: FormSource = match toml::from_str(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let range = error.span().unwrap_or(0..0);
            reader.fault(range, text!("form.syntax", reason = error.message()));
            return None;
        }
    };
    let tables: Vec<Table> = parsed.table.iter().map(|table| reader.table(table)).collect();
    reader.unique(&parsed.table, |table| &table.id);
    reader.unique(&parsed.section, |section| &section.id);
    let sections = parsed.section.iter().map(|section| reader.section(section, &tables)).collect();
    let phrases = parsed.phrase.iter().map(|phrase| reader.phrase(phrase, &tables)).collect();
    let claims = parsed.claim.iter().filter_map(|claim| reader.claim(claim, &tables)).collect();
    let form = Form {
        edition: parsed.edition,
        name: parsed.name,
        title: parsed.title,
        title_also: parsed.title_also,
        contact: parsed.contact,
        first_year: parsed.years.from,
        last_year: parsed.years.to,
        notice_title: parsed.notice.title,
        notice_number: parsed.notice.number,
        notice_marks: parsed.notice.marks,
        phrases,
        claims,
        sections,
        tables,
    };
    (reader.faults == 0).then_some(form)
}

struct Reader<'a> {
    source: SourceId,
    sink: &'a mut Sink,
    faults: usize,
}

impl Reader<'_> {
    fn fault(&mut self, range: Range<usize>, message: Text) {
        self.faults += 1;
        let place = Place::Text(self.source, range.into());
        self.sink.push(Diagnostic::error(RULE, place, message));
    }

    fn unique<T>(&mut self, items: &[Spanned<T>], id: impl Fn(&T) -> &String) {
        for (at, item) in items.iter().enumerate() {
            let name = id(item.get_ref());
            if items[..at].iter().any(|earlier| id(earlier.get_ref()) == name) {
                self.fault(item.span(), text!("form.twice", id = name));
            }
        }
    }

    fn section(
        &mut self,
        section: &Spanned<super::source::SectionSource>,
        tables: &[Table],
    ) -> Section {
        let source = section.get_ref();
        let table = source.table.as_ref().and_then(|id| {
            let found = tables.iter().position(|table| table.id == *id);
            if found.is_none() {
                self.fault(section.span(), text!("form.unknown", id = id));
            }
            found
        });
        Section {
            id: source.id.clone(),
            heading: source.heading.clone(),
            also: source.also.clone(),
            table,
            starter: source.starter.clone(),
            least: source.least,
            speaks_of: self.readings(&source.speaks_of, tables, &section.span()),
        }
    }

    fn readings(
        &mut self,
        names: &[String],
        tables: &[Table],
        span: &Range<usize>,
    ) -> Vec<Reading> {
        let read = |name: &String| match Reading::parse(name, tables) {
            Ok(reading) => Some(reading),
            Err(id) => {
                self.fault(span.clone(), text!("form.unknown", id = id));
                None
            }
        };
        names.iter().filter_map(read).collect()
    }

    fn phrase(&mut self, phrase: &Spanned<PhraseSource>, tables: &[Table]) -> Phrase {
        let source = phrase.get_ref();
        Phrase {
            says: source.says.clone(),
            needs: source.needs.clone(),
            context: source.context.clone(),
            unless: source.unless.clone(),
            units: source.units.clone(),
            at_most: source.at_most,
            accepts: self.readings(&source.accepts, tables, &phrase.span()),
        }
    }

    fn claim(&mut self, claim: &Spanned<ClaimSource>, tables: &[Table]) -> Option<Claim> {
        let source = claim.get_ref();
        let zero = self.readings(std::slice::from_ref(&source.zero), tables, &claim.span());
        Some(Claim {
            says: source.says.clone(),
            context: source.context.clone(),
            unless: source.unless.clone(),
            zero: zero.into_iter().next()?,
        })
    }

    fn table(&mut self, table: &Spanned<TableSource>) -> Table {
        let source = table.get_ref();
        self.unique(&source.column, |column| &column.id);
        self.unique(&source.row, |row| &row.id);
        let mut out = Table {
            id: source.id.clone(),
            name: source.name.clone(),
            summary: source.summary.clone(),
            widths: source.widths.clone(),
            size: source.size,
            line_height: source.line_height,
            header_lines: source.header_lines,
            columns: source.column.iter().map(|column| read_column(column.get_ref())).collect(),
            rows: source.row.iter().map(|row| read_row(row.get_ref())).collect(),
            lines: Vec::new(),
            grid: Grid::place(&[], 0).0,
            cells: Vec::new(),
            identities: Vec::new(),
            crossings: Vec::new(),
            bounds: Vec::new(),
            instances: Vec::new(),
            plan: Vec::new(),
            collect: collect(source.collect),
            index: vec![None; source.row.len() * source.column.len()],
        };
        for line in &source.line {
            let cells = self.line(&mut out, line);
            out.lines.push(cells);
        }
        self.grid(&mut out, source, table.span());
        for identity in &source.identity {
            if let Some(identity) = self.identity(&out, identity.get_ref(), identity.span()) {
                out.identities.push(identity);
            }
        }
        for crossing in &source.previous {
            if let Some(crossing) = self.crossing(&out, crossing) {
                out.crossings.push(crossing);
            }
        }
        for bound in &source.bound {
            let bound = self.bound(&out, bound);
            out.bounds.extend(bound);
        }
        out.instances = identity::instances(&out);
        out.plan = identity::plan(&out);
        out
    }

    fn line(&mut self, table: &mut Table, line: &Spanned<LineSource>) -> Vec<GridCell> {
        let span = line.span();
        let source = line.get_ref();
        let heads_row = source.row.is_some() || source.figures.is_some();
        let mut cells: Vec<GridCell> = match (&source.head, &source.row) {
            (Some(heads), _) => {
                heads.iter().filter_map(|h| self.head(table, h, heads_row, &span)).collect()
            }
            (None, Some(row)) => self.row_label(table, row, &span).into_iter().collect(),
            (None, None) => Vec::new(),
        };
        let all: Vec<FigureSource>;
        let figures = match (&source.figures, &source.row) {
            (Some(figures), _) => figures,
            (None, Some(_)) => {
                all = table.columns.iter().map(|column| whole(&column.id)).collect();
                &all
            }
            (None, None) => return cells,
        };
        for figure in figures {
            let row = figure.row.as_ref().or(source.row.as_ref());
            cells.extend(self.figure(table, row, figure, &span));
        }
        cells
    }

    fn head(
        &mut self,
        table: &Table,
        head: &HeadSource,
        heads_row: bool,
        span: &Range<usize>,
    ) -> Option<GridCell> {
        let text = match (&head.text, &head.column, &head.row) {
            (Some(text), None, None) => text.clone(),
            (None, Some(id), None) => {
                let at = self.find(table.find_column(id), id, span)?;
                table.columns[at].label.clone()
            }
            (None, None, Some(id)) => {
                let at = self.find(table.find_row(id), id, span)?;
                table.rows[at].label.clone()
            }
            _ => {
                self.fault(span.clone(), text!("form.head"));
                return None;
            }
        };
        let content = Content::Head { text, vertical: head.vertical, heads_row };
        Some(GridCell { content, colspan: head.colspan, rowspan: head.rowspan })
    }

    fn row_label(&mut self, table: &Table, id: &str, span: &Range<usize>) -> Option<GridCell> {
        let at = self.find(table.find_row(id), id, span)?;
        let text = table.rows[at].label.clone();
        let content = Content::Head { text, vertical: false, heads_row: true };
        Some(GridCell { content, colspan: 1, rowspan: 1 })
    }

    fn figure(
        &mut self,
        table: &mut Table,
        row: Option<&String>,
        figure: &FigureSource,
        span: &Range<usize>,
    ) -> Option<GridCell> {
        let Some(row_id) = row else {
            self.fault(span.clone(), text!("form.figure-without-row", id = &figure.column));
            return None;
        };
        let row = self.find(table.find_row(row_id), row_id, span)?;
        let column = self.find(table.find_column(&figure.column), &figure.column, span)?;
        let slot = &mut table.index[row * table.columns.len() + column];
        if slot.is_some() {
            let id = format!("{row_id}.{}", figure.column);
            self.fault(span.clone(), text!("form.twice", id = id));
            return None;
        }
        let number = table.cells.len();
        *slot = Some(number);
        table.cells.push(CellId { row, column });
        Some(GridCell { content: Content::Figure(number), colspan: figure.colspan, rowspan: 1 })
    }

    fn find(&mut self, found: Option<usize>, id: &str, span: &Range<usize>) -> Option<usize> {
        if found.is_none() {
            self.fault(span.clone(), text!("form.unknown", id = id));
        }
        found
    }

    fn grid(&mut self, table: &mut Table, source: &TableSource, span: Range<usize>) {
        let extents: Vec<Vec<Extent>> = table
            .lines
            .iter()
            .map(|line| {
                line.iter().map(|c| Extent { columns: c.colspan, rows: c.rowspan }).collect()
            })
            .collect();
        let (grid, faults) = Grid::place(&extents, table.widths.len());
        for fault in faults {
            match fault {
                Fault::Outside { line, .. } | Fault::Overlap { line, .. } => {
                    self.fault(source.line[line].span(), text!("form.overlap", line = line + 1));
                }
                Fault::Gap { row, column } => {
                    let range = source.line.get(row).map_or(span.clone(), Spanned::span);
                    self.fault(range, text!("form.gap", line = row + 1, column = column + 1));
                }
            }
        }
        if table.header_lines > table.lines.len() {
            self.fault(span, text!("form.header-lines"));
        }
        table.grid = grid;
    }

    /// A bound is written like an identity, with `>=` in place of the equals sign.
    fn bound(&mut self, table: &Table, bound: &Spanned<PreviousSource>) -> Option<Identity> {
        let (source, span) = (bound.get_ref(), bound.span());
        let Some((left, right)) = source.holds.split_once(">=") else {
            self.fault(span, text!("form.bound", id = &source.id));
            return None;
        };
        let holds = format!("{left}={right}");
        let source =
            IdentitySource { id: source.id.clone(), per: source.per, holds, computes: None };
        self.identity(table, &source, span)
    }

    fn identity(
        &mut self,
        table: &Table,
        source: &IdentitySource,
        span: Range<usize>,
    ) -> Option<Identity> {
        let Some([left, right]) = identity::parse(&source.holds) else {
            self.fault(span, text!("form.identity", id = &source.id));
            return None;
        };
        let per = per(source.per);
        let lookup = |name: &str| match per {
            Per::Row => table.find_column(name),
            Per::Column => table.find_row(name),
        };
        let mut resolve = |terms: Vec<(bool, &str)>| -> Option<Vec<Term>> {
            let mut out = Vec::new();
            for (minus, name) in terms {
                out.push(Term { minus, index: self.find(lookup(name), name, &span)? });
            }
            Some(out)
        };
        let (left, right) = (resolve(left)?, resolve(right)?);
        let computes = match &source.computes {
            Some(name) => Some(self.find(lookup(name), name, &span)?),
            None => None,
        };
        let alone = |terms: &[Term]| terms.len() == 1 && Some(terms[0].index) == computes;
        if computes.is_some() && !alone(&left) && !alone(&right) {
            self.fault(span, text!("form.computes", id = &source.id));
            return None;
        }
        Some(Identity { id: source.id.clone(), per, left, right, computes })
    }

    fn crossing(&mut self, table: &Table, crossing: &Spanned<PreviousSource>) -> Option<Crossing> {
        let (source, span) = (crossing.get_ref(), crossing.span());
        let per = per(source.per);
        let Some([left, right]) = identity::parse(&source.holds) else {
            self.fault(span, text!("form.identity", id = &source.id));
            return None;
        };
        let mut resolve = |terms: Vec<(bool, &str)>| -> Option<Vec<YearTerm>> {
            let mut out = Vec::new();
            for (minus, name) in terms {
                let what = previous::what(table, per, name);
                if what.is_none() {
                    self.fault(span.clone(), text!("form.unknown", id = name));
                }
                out.push(YearTerm { minus, what: what? });
            }
            Some(out)
        };
        let (left, right) = (resolve(left)?, resolve(right)?);
        Some(Crossing { id: source.id.clone(), per, left, right })
    }
}

fn per(source: PerSource) -> Per {
    match source {
        PerSource::Row => Per::Row,
        PerSource::Column => Per::Column,
    }
}

fn whole(column: &str) -> FigureSource {
    FigureSource { column: column.to_owned(), row: None, colspan: 1 }
}

fn read_column(source: &super::source::ColumnSource) -> Column {
    let kind = match source.kind {
        KindSource::Count => Kind::Count,
        KindSource::Money => Kind::Money,
        KindSource::Signed => Kind::Signed,
        KindSource::Text => Kind::Text,
    };
    Column {
        id: source.id.clone(),
        label: source.label.clone(),
        also: source.also.clone(),
        group: source.group.clone(),
        kind,
        unit: source.unit.clone(),
        doubt: source.doubt.as_ref().map(|doubt| Doubt {
            multiple_of: doubt.multiple_of.max(1),
            levels: doubt.levels.clone(),
            times_last_year: doubt.times_last_year.max(1),
        }),
        collect: source.collect.map(collect),
    }
}

fn read_row(source: &super::source::RowSource) -> Row {
    Row {
        id: source.id.clone(),
        label: source.label.clone(),
        also: source.also.clone(),
        group: source.group.clone(),
        slash: source.slash,
        levels: source.levels.clone(),
        collect: source.collect.map(collect),
    }
}

fn collect(source: CollectSource) -> Collect {
    match source {
        CollectSource::Sum => Collect::Sum,
        CollectSource::Keep => Collect::Keep,
        CollectSource::Ask => Collect::Ask,
    }
}
