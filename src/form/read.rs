//! Owns reading `form.toml`: resolves ids, builds the grids, and reports every fault.
//! Must not know an edition: everything specific to one is in the file.

use super::field_reader::{FieldReader, makes_difference_by_level};
use super::identity::{self, Axis, Identity};
use super::phrases;
use super::source::{
    ClaimSource, FigureSource, FormSource, HeadSource, IdentitySource, LineSource, PerSource,
    PhraseSource, PreviousSource, TableSource,
};
use super::table_axes::{to_collect_rule, to_column, to_kind, to_row};
use super::year_identity::{self, Operand, YearIdentity};
use super::{
    CellExpr, CellId, CellValues, Claim, ClaimDemand, Form, FormField, FormSection, FormTable,
    GridCell, GridContent, NamedId, Phrase, Term,
};
use crate::grid::{CellSpan, Grid, GridFault};
use crate::msg;
use crate::official_page::official_page;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// Most decimals by which a text's unit may be smaller than the table's.
const MAX_DECIMALS: u32 = 6;

/// Rule id of all faults of a form file.
const FORM_FILE_RULE: &str = "form-file";

/// Millimetres by which a table may be wider or narrower than the type area: what rounding leaves.
const MAX_WIDTH_DIFFERENCE: f64 = 0.05;

/// Reads the file; returns `None` if it has any fault.
pub(super) fn read_form(source: SourceId, text: &str, sink: &mut Sink) -> Option<Form> {
    let mut reader = FormReader { source, sink, fault_count: 0 };
    let parsed: FormSource = match toml::from_str(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let range = error.span().unwrap_or(0..0);
            reader.report_fault(range, super::syntax_faults::syntax_fault(error.message()));
            return None;
        }
    };
    let mut tables: Vec<FormTable> =
        parsed.table.iter().map(|table| reader.read_table(table)).collect();
    for table in &mut tables {
        table.same_words.clone_from(&parsed.same_words);
    }
    reader.check_unique_ids(&parsed.table, |table| &table.id);
    reader.check_unique_ids(&parsed.section, |section| &section.id);
    let sections: Vec<FormSection> =
        parsed.section.iter().map(|section| reader.read_section(section, &tables)).collect();
    let phrases = parsed.phrase.iter().map(|phrase| reader.read_phrase(phrase, &tables)).collect();
    let claims =
        parsed.claim.iter().filter_map(|claim| reader.read_claim(claim, &tables)).collect();
    let (family, variant) = reader.read_naming(&parsed);
    let edition = match &parsed.edition {
        Some(edition) => reader.check_name(edition),
        None => parsed.years.from.to_string(),
    };
    let fields = reader.read_fields(&parsed, &tables, &sections);
    let form = Form {
        folder: edition.clone(),
        family,
        variant,
        edition,
        name: parsed.name,
        title: parsed.title,
        title_aliases: parsed.title_also,
        fields,
        first_year: parsed.years.from,
        last_year: parsed.years.to,
        superseded_from: None,
        notice_title: parsed.notice.title,
        notice_number: parsed.notice.number,
        notice_marks: parsed.notice.marks,
        words: parsed.words,
        prose: parsed.prose,
        phrases,
        claims,
        sections,
        tables,
    };
    (reader.fault_count == 0).then_some(form)
}

struct FormReader<'a> {
    source: SourceId,
    sink: &'a mut Sink,
    fault_count: usize,
}

/// An identity or a bound as the file has it.
struct WrittenIdentity<'a> {
    id: &'a str,
    per: Axis,
    holds: &'a str,
    span: Range<usize>,
}

/// A line of a form's table as its cells need it.
struct FormLine<'a> {
    /// The row to which its figures belong, unless they name another.
    row: Option<&'a String>,
    heads_row: bool,
    span: Range<usize>,
}

impl FormReader<'_> {
    fn report_fault(&mut self, range: Range<usize>, message: Message) {
        self.fault_count += 1;
        let place = Location::text(self.source, range);
        self.sink.push(Diagnostic::error(FORM_FILE_RULE, place, message));
    }

    fn read_fields(
        &mut self,
        source: &FormSource,
        tables: &[FormTable],
        sections: &[FormSection],
    ) -> Vec<FormField> {
        let mut fields = FieldReader::default();
        let has_levels = makes_difference_by_level(tables, &source.prose);
        let read = fields.read_fields(&source.field, has_levels, sections);
        fields.check_levels(&source.table, &read);
        fields.faults.into_iter().for_each(|(range, message)| self.report_fault(range, message));
        read
    }

    /// Returns family and variant. A form that names no family is the only one of its name.
    fn read_naming(&mut self, source: &FormSource) -> (NamedId, Option<NamedId>) {
        let id =
            source.family.as_ref().map_or_else(|| source.name.clone(), |id| self.check_name(id));
        let name = source.family_name.clone().unwrap_or_else(|| id.clone());
        let variant = source.variant.as_ref().map(|variant| {
            let id = self.check_name(variant);
            let name = source.variant_name.as_ref().map_or(&id, Spanned::get_ref).clone();
            NamedId { id, name }
        });
        if let (Some(name), None) = (&source.variant_name, &variant) {
            self.report_fault(name.span(), msg!("form.missing-key", name = "variant"));
        }
        (NamedId { id, name }, variant)
    }

    /// Returns a part of the form's name; it has to be one word, without the slash that stands between parts.
    fn check_name(&mut self, name: &Spanned<String>) -> String {
        let word = name.get_ref();
        let is_odd = |c: char| c == '/' || c.is_whitespace() || c.is_control();
        if word.is_empty() || word.contains(is_odd) {
            self.report_fault(name.span(), msg!("form.name-part", name = word));
        }
        word.clone()
    }

    fn check_unique_ids<T>(&mut self, items: &[Spanned<T>], id: impl Fn(&T) -> &String) {
        for (at, item) in items.iter().enumerate() {
            let name = id(item.get_ref());
            if items[..at].iter().any(|earlier| id(earlier.get_ref()) == name) {
                self.report_fault(item.span(), msg!("form.twice", id = name));
            }
        }
    }

    fn read_section(
        &mut self,
        section: &Spanned<super::source::SectionSource>,
        tables: &[FormTable],
    ) -> FormSection {
        let source = section.get_ref();
        let table = source.table.as_ref().and_then(|id| {
            let found = tables.iter().position(|table| table.id == *id);
            if found.is_none() {
                self.report_fault(section.span(), msg!("form.unknown", id = id));
            }
            found
        });
        FormSection {
            id: source.id.clone(),
            heading: source.heading.clone(),
            aliases: source.also.clone(),
            table,
            starter_text: source.starter.clone(),
            min_length: source.least,
            must_mention: self.read_expressions(&source.speaks_of, tables, &section.span()),
            aspects: source.aspects.clone(),
            is_remedied: source.remedied,
        }
    }

    fn read_expressions(
        &mut self,
        names: &[String],
        tables: &[FormTable],
        span: &Range<usize>,
    ) -> Vec<CellExpr> {
        let read = |name: &String| match CellExpr::parse(name, tables) {
            Ok(reading) => Some(reading),
            Err(id) => {
                self.report_fault(span.clone(), msg!("form.unknown", id = id));
                None
            }
        };
        names.iter().filter_map(read).collect()
    }

    fn read_phrase(&mut self, phrase: &Spanned<PhraseSource>, tables: &[FormTable]) -> Phrase {
        let source = phrase.get_ref();
        Phrase {
            last_chars: phrases::last_chars(&source.says, &source.says_by_year),
            unit_chars: phrases::first_chars(&source.units),
            says: source.says.clone(),
            says_by_year: source.says_by_year.clone(),
            needs: source.needs.clone(),
            led_by: source.led_by.clone(),
            about: source.about.clone(),
            rivals: source.rivals.clone(),
            together: source.together.clone(),
            context: source.context.clone(),
            unless: source.unless.clone(),
            units: source.units.clone(),
            at_most: source.at_most,
            opens_clause: source.opens_clause,
            decimals: source.decimals.min(MAX_DECIMALS),
            accepts: self.read_expressions(&source.accepts, tables, &phrase.span()),
        }
    }

    fn read_claim(&mut self, claim: &Spanned<ClaimSource>, tables: &[FormTable]) -> Option<Claim> {
        let source = claim.get_ref();
        let demand = match (&source.zero, source.multiple_of, &source.unit) {
            (Some(zero), None, None) => {
                let zero = std::slice::from_ref(zero);
                let zero = self.read_expressions(zero, tables, &claim.span());
                ClaimDemand::Zero(zero.into_iter().next()?)
            }
            (None, Some(count), Some(unit)) if count > 0 => {
                ClaimDemand::MultipleOf(count, unit.clone())
            }
            _ => {
                self.report_fault(claim.span(), msg!("form.claim"));
                return None;
            }
        };
        Some(Claim {
            says: with_wide_percent(&source.says),
            then: source.then.clone(),
            over: source.over.clone(),
            context: source.context.clone(),
            unless: source.unless.clone(),
            rule: source.rule.clone(),
            demand,
        })
    }

    fn read_table(&mut self, table: &Spanned<TableSource>) -> FormTable {
        let source = table.get_ref();
        self.check_unique_ids(&source.column, |column| &column.id);
        self.check_unique_ids(&source.row, |row| &row.id);
        let mut out = FormTable {
            id: source.id.clone(),
            name: source.name.clone(),
            summary: source.summary.clone(),
            widths: self.read_widths(source),
            size: source.size,
            line_height: source.line_height,
            header_lines: source.header_lines,
            columns: source.column.iter().map(|column| to_column(column.get_ref())).collect(),
            rows: source.row.iter().map(|row| to_row(row.get_ref())).collect(),
            lines: Vec::new(),
            grid: Grid::place_cells(&[], 0).0,
            cells: Vec::new(),
            identities: Vec::new(),
            year_identities: Vec::new(),
            bounds: Vec::new(),
            instances: Vec::new(),
            eval_order: Vec::new(),
            collect_rule: to_collect_rule(source.collect),
            same_words: Vec::new(),
            cell_index: vec![None; source.row.len() * source.column.len()],
            own_values: BTreeMap::new(),
        };
        for line in &source.line {
            let cells = self.read_line(&mut out, line);
            out.lines.push(cells);
        }
        self.place_grid(&mut out, source, table.span());
        for identity in &source.identity {
            if let Some(identity) = self.read_identity(&out, identity.get_ref()) {
                out.identities.push(identity);
            }
        }
        for crossing in &source.previous {
            if let Some(crossing) = self.read_year_identity(&out, crossing) {
                out.year_identities.push(crossing);
            }
        }
        for bound in &source.bound {
            let bound = self.read_bound(&out, bound);
            out.bounds.extend(bound);
        }
        out.instances = identity::instantiate_all(&out);
        out.eval_order = identity::plan_evaluation(&out);
        out
    }

    /// Returns the widths of the columns; together they have to be as wide as the type area.
    fn read_widths(&mut self, source: &TableSource) -> Vec<f64> {
        let widths = source.widths.get_ref();
        let (sum, whole) = (widths.iter().sum::<f64>(), official_page().text_width());
        let is_width = |width: &f64| width.is_finite() && *width > 0.0;
        if !widths.iter().all(is_width) || (sum - whole).abs() > MAX_WIDTH_DIFFERENCE {
            let shown = |width: f64| format!("{}", (width * 100.0).round() / 100.0);
            let all: Vec<String> = widths.iter().map(|width| shown(*width)).collect();
            let message = msg!(
                "form.widths",
                table = &source.name,
                widths = all.join(" + "),
                sum = shown(sum),
                whole = shown(whole),
                difference = shown((sum - whole).abs())
            );
            self.report_fault(source.widths.span(), message);
        }
        widths.clone()
    }

    fn read_line(&mut self, table: &mut FormTable, line: &Spanned<LineSource>) -> Vec<GridCell> {
        let span = line.span();
        let source = line.get_ref();
        let heads_row = source.row.is_some() || source.figures.is_some();
        let place = FormLine { row: source.row.as_ref(), heads_row, span: span.clone() };
        let mut cells: Vec<GridCell> = match (&source.head, &source.row) {
            (Some(heads), _) => {
                heads.iter().filter_map(|head| self.read_header(table, head, &place)).collect()
            }
            (None, Some(row)) => self.read_row_label(table, row, &span).into_iter().collect(),
            (None, None) => Vec::new(),
        };
        let all: Vec<FigureSource>;
        let figures = match (&source.figures, &source.row) {
            (Some(figures), _) => figures,
            (None, Some(_)) => {
                all = table
                    .columns
                    .iter()
                    .map(|column| FigureSource::of_column(&column.id))
                    .collect();
                &all
            }
            (None, None) => return cells,
        };
        for figure in figures {
            cells.extend(self.read_figure(table, figure, &place));
        }
        cells
    }

    fn read_header(
        &mut self,
        table: &FormTable,
        head: &HeadSource,
        line: &FormLine<'_>,
    ) -> Option<GridCell> {
        let FormLine { heads_row, span, .. } = line;
        let text = match (&head.text, &head.column, &head.row) {
            (Some(text), None, None) => text.clone(),
            (None, Some(id), None) => {
                let at = self.require_known(table.find_column(id), id, span)?;
                table.columns[at].label.clone()
            }
            (None, None, Some(id)) => {
                let at = self.require_known(table.find_row(id), id, span)?;
                table.rows[at].label.clone()
            }
            _ => {
                self.report_fault(span.clone(), msg!("form.head"));
                return None;
            }
        };
        let content = GridContent::Header { text, vertical: head.vertical, heads_row: *heads_row };
        Some(GridCell { content, colspan: head.colspan, rowspan: head.rowspan })
    }

    fn read_row_label(
        &mut self,
        table: &FormTable,
        id: &str,
        span: &Range<usize>,
    ) -> Option<GridCell> {
        let at = self.require_known(table.find_row(id), id, span)?;
        let text = table.rows[at].label.clone();
        let content = GridContent::Header { text, vertical: false, heads_row: true };
        Some(GridCell { content, colspan: 1, rowspan: 1 })
    }

    fn read_figure(
        &mut self,
        table: &mut FormTable,
        figure: &FigureSource,
        line: &FormLine<'_>,
    ) -> Option<GridCell> {
        let span = &line.span;
        let Some(row_id) = figure.row.as_ref().or(line.row) else {
            self.report_fault(span.clone(), msg!("form.figure-without-row", id = &figure.column));
            return None;
        };
        let row = self.require_known(table.find_row(row_id), row_id, span)?;
        let column = self.require_known(table.find_column(&figure.column), &figure.column, span)?;
        let slot = &mut table.cell_index[row * table.columns.len() + column];
        if slot.is_some() {
            let id = format!("{row_id}.{}", figure.column);
            self.report_fault(span.clone(), msg!("form.twice", id = id));
            return None;
        }
        let number = table.cells.len();
        *slot = Some(number);
        table.cells.push(CellId { row, column });
        if figure.kind.is_some() || figure.unit.is_some() {
            let own = CellValues { kind: figure.kind.map(to_kind), unit: figure.unit.clone() };
            table.own_values.insert(number, own);
        }
        Some(GridCell { content: GridContent::Figure(number), colspan: figure.colspan, rowspan: 1 })
    }

    fn require_known(
        &mut self,
        found: Option<usize>,
        id: &str,
        span: &Range<usize>,
    ) -> Option<usize> {
        if found.is_none() {
            self.report_fault(span.clone(), msg!("form.unknown", id = id));
        }
        found
    }

    fn place_grid(&mut self, table: &mut FormTable, source: &TableSource, span: Range<usize>) {
        let extents: Vec<Vec<CellSpan>> = table
            .lines
            .iter()
            .map(|line| {
                line.iter().map(|c| CellSpan { columns: c.colspan, rows: c.rowspan }).collect()
            })
            .collect();
        let (grid, faults) = Grid::place_cells(&extents, table.widths.len());
        for fault in faults {
            match fault {
                GridFault::OutOfBounds { line, .. } | GridFault::Overlap { line, .. } => {
                    self.report_fault(
                        source.line[line].span(),
                        msg!("form.overlap", line = line + 1),
                    );
                }
                GridFault::Gap { row, column } => {
                    let range = source.line.get(row).map_or(span.clone(), Spanned::span);
                    self.report_fault(range, msg!("form.gap", line = row + 1, column = column + 1));
                }
            }
        }
        if table.header_lines > table.lines.len() {
            self.report_fault(span, msg!("form.header-lines"));
        }
        table.grid = grid;
    }

    /// Reads a bound: it is written like an identity with `>=` instead of the equals sign.
    fn read_bound(
        &mut self,
        table: &FormTable,
        bound: &Spanned<PreviousSource>,
    ) -> Option<Identity> {
        let source = bound.get_ref();
        let Some((left, right)) = source.holds.get_ref().split_once(">=") else {
            self.report_fault(source.holds.span(), msg!("form.bound", id = &source.id));
            return None;
        };
        let holds = format!("{left}={right}");
        let per = to_axis(source.per);
        let text =
            WrittenIdentity { id: &source.id, per, holds: &holds, span: source.holds.span() };
        let [left, right] = self.read_sides(table, &text)?;
        Some(Identity { id: source.id.clone(), per, left, right, computes: None })
    }

    fn read_identity(&mut self, table: &FormTable, source: &IdentitySource) -> Option<Identity> {
        let (per, span) = (to_axis(source.per), source.holds.span());
        let text = WrittenIdentity { id: &source.id, per, holds: source.holds.get_ref(), span };
        let [left, right] = self.read_sides(table, &text)?;
        let computes = match &source.computes {
            Some(name) => {
                let found = find_line(table, per, name.get_ref());
                Some(self.require_known(found, name.get_ref(), &name.span())?)
            }
            None => None,
        };
        let alone = |terms: &[Term<usize>]| terms.len() == 1 && Some(terms[0].of) == computes;
        if let Some(name) = &source.computes
            && !alone(&left)
            && !alone(&right)
        {
            self.report_fault(name.span(), msg!("form.computes", id = &source.id));
            return None;
        }
        Some(Identity { id: source.id.clone(), per, left, right, computes })
    }

    /// Reads both sides of an identity of rows or columns.
    fn read_sides(
        &mut self,
        table: &FormTable,
        text: &WrittenIdentity<'_>,
    ) -> Option<[Vec<Term<usize>>; 2]> {
        let Some([left, right]) = identity::parse_identity(text.holds) else {
            self.report_fault(text.span.clone(), msg!("form.identity", id = text.id));
            return None;
        };
        let mut resolve = |terms: Vec<(bool, &str)>| -> Option<Vec<Term<usize>>> {
            let mut out = Vec::new();
            for (minus, name) in terms {
                let found = find_line(table, text.per, name);
                let of = self.require_known(found, name, &text.span)?;
                out.push(Term { minus, of });
            }
            Some(out)
        };
        Some([resolve(left)?, resolve(right)?])
    }

    fn read_year_identity(
        &mut self,
        table: &FormTable,
        crossing: &Spanned<PreviousSource>,
    ) -> Option<YearIdentity> {
        let source = crossing.get_ref();
        let (per, span) = (to_axis(source.per), source.holds.span());
        let Some([left, right]) = identity::parse_identity(source.holds.get_ref()) else {
            self.report_fault(span, msg!("form.identity", id = &source.id));
            return None;
        };
        let mut resolve = |terms: Vec<(bool, &str)>| -> Option<Vec<Term<Operand>>> {
            let mut out = Vec::new();
            for (minus, name) in terms {
                let what = year_identity::parse_operand(table, per, name);
                if what.is_none() {
                    self.report_fault(span.clone(), msg!("form.unknown", id = name));
                }
                out.push(Term { minus, of: what? });
            }
            Some(out)
        };
        let (left, right) = (resolve(left)?, resolve(right)?);
        Some(YearIdentity { id: source.id.clone(), per, left, right })
    }
}

/// Returns the column (per row) or the row (per column) with a name.
fn find_line(table: &FormTable, per: Axis, name: &str) -> Option<usize> {
    match per {
        Axis::Row => table.find_column(name),
        Axis::Column => table.find_row(name),
    }
}

fn to_axis(source: PerSource) -> Axis {
    match source {
        PerSource::Row => Axis::Row,
        PerSource::Column => Axis::Column,
    }
}

/// Returns words with those that hold a per cent sign a second time in its full-width form.
fn with_wide_percent(words: &[String]) -> Vec<String> {
    let wide = words.iter().filter(|word| word.contains('%')).map(|word| word.replace('%', "％"));
    words.iter().cloned().chain(wide).collect()
}
