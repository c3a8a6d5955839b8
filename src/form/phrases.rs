//! Owns what a form states about the texts of a report: phrases with a number that a table holds,
//! claims that a table can refute, and the words that identify a citation of the notice.
//! Must not know a text: `check` searches for the phrases.

use super::{Form, FormTable, Term};
use serde::Deserialize;
use std::fmt::Write as _;

/// A phrase followed by a number that the tables also hold.
#[derive(Debug, Clone)]
pub struct Phrase {
    /// Wordings before the number; the longest one that matches is used.
    pub says: Vec<String>,
    /// Further wordings in which `{last-year}` or `{next-year}` stands for a year.
    pub says_by_year: Vec<String>,
    /// Last characters of all wordings.
    pub last_chars: Vec<char>,
    /// First characters of all measure words.
    pub unit_chars: Vec<char>,
    /// Words of which one has to occur between the wording and the number, or to end the clause
    /// behind it (收到2件申请); no condition if empty.
    pub needs: Vec<String>,
    /// Words that fulfil `needs` when nothing but filling words is between them and the wording.
    pub led_by: Vec<String>,
    /// Words of which one has to be the last in the paragraph before the number, of these and the
    /// rivals; no condition if empty.
    pub about: Vec<String>,
    /// Words of another row of the table.
    pub rivals: Vec<String>,
    /// Mistaken numbers of phrases with the same word here are told once a sentence.
    pub together: Option<String>,
    /// Words of which one has to occur earlier in the same paragraph; no condition if empty.
    pub context: Vec<String>,
    /// Words that must not occur in the same sentence.
    pub unless: Vec<String>,
    /// Measure words after the number.
    pub units: Vec<String>,
    /// True if a number is wrong only above all values of `accepts`, because the phrase may mean a
    /// part.
    pub at_most: bool,
    /// True if nothing but filling words may stand before the wording in its clause.
    pub opens_clause: bool,
    /// Number of decimals by which the unit in the text is smaller than that of the table: 4 for
    /// 元 beside 万元.
    pub decimals: u32,
    /// Values that the number may have, the likeliest first.
    pub accepts: Vec<CellExpr>,
}

/// Returns the last characters of wordings. `{next-year}` ends none.
pub(super) fn last_chars(says: &[String], by_year: &[String]) -> Vec<char> {
    let mut out: Vec<char> =
        says.iter().chain(by_year).filter_map(|word| word.chars().next_back()).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Returns the first characters of measure words.
pub(super) fn first_chars(units: &[String]) -> Vec<char> {
    units.iter().filter_map(|unit| unit.chars().next()).collect()
}

/// The meaning of the words around a phrase and its number for what is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PhraseWords {
    /// Between the phrase and the number they change nothing; the longer before their beginnings.
    pub fillers: Vec<String>,
    /// In the clause before the phrase they make it mean a part, another year or a comparison.
    pub parts: Vec<String>,
    /// Between a word that leads a phrase (依申请公开方面，) and the phrase they change nothing.
    pub leads: Vec<String>,
    /// Look like one of the words of another row, but are not (规章制度).
    pub look_alike_rows: Vec<String>,
    /// Ends of the names of organs.
    pub organs: Vec<String>,
    /// Behind the number they make it a rough one or one of something else.
    pub rough: Vec<String>,
    /// Bodies whose numbers make the whole with the organ's own (县政府收到12件，部门收到24件).
    pub bodies: Vec<String>,
    /// Behind the last of several ways they make them all (网络、信函、当面等渠道).
    pub ways: Vec<String>,
    /// They begin a list of ways.
    pub through: Vec<String>,
    /// Of the parts, those that mean the whole year in a sentence that names it (全年累计).
    pub year_parts: Vec<String>,
    /// They name the report's year: 全年, 今年.
    pub this_year: Vec<String>,
    /// In the clause before they widen the time: 以来, 近三年.
    pub wider_times: Vec<String>,
    /// With these the year's end says nothing of its beginning (截至2025年底，累计收到350件).
    pub until: Vec<String>,
    /// 全 with these is the whole of an area; it is the organ's own only if its name ends so.
    pub areas: Vec<String>,
    /// Behind a claim they belong to it: 的情况.
    pub tails: Vec<String>,
}

/// A wording that a figure or the number beside it can refute.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Wordings of the claim.
    pub says: Vec<String>,
    /// Words of which one has to follow, with nothing but filling words and those of `over` between,
    /// and to end its clause; no condition if empty.
    pub then: Vec<String>,
    /// Words that may stand between `says` and `then`.
    pub over: Vec<String>,
    /// Words of which one has to occur in the same sentence; no condition if empty.
    pub context: Vec<String>,
    /// Words that must not occur in the same sentence.
    pub unless: Vec<String>,
    /// Rule under which it is reported, if not the one of all claims.
    pub rule: Option<String>,
    /// The condition under which it is right.
    pub demand: ClaimDemand,
}

/// The condition under which a claim is right.
#[derive(Debug, Clone)]
pub enum ClaimDemand {
    /// The figure is 0.
    Zero(CellExpr),
    /// The amounts behind the words, in this unit, are multiples of a number.
    MultipleOf(u32, String),
}

/// A signed sum of cells, for instance of all rows of （三）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellExpr {
    /// The cells.
    pub terms: Vec<Term<TableCell>>,
}

/// A cell of one of the form's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableCell {
    /// Index into [`Form::tables`].
    pub table: usize,
    /// Cell number.
    pub cell: usize,
}

impl CellExpr {
    /// Parses `requests.received.total + requests.carried-in.total`; the error is the name that is
    /// unknown.
    pub(super) fn parse(text: &str, tables: &[FormTable]) -> Result<CellExpr, String> {
        let mut terms = Vec::new();
        let mut minus = false;
        for word in text.split_whitespace() {
            match word {
                "+" => minus = false,
                "-" => minus = true,
                name => terms.push(parse_cell_term(name, minus, tables).ok_or(name)?),
            }
        }
        if terms.is_empty() { Err(text.to_owned()) } else { Ok(CellExpr { terms }) }
    }

    /// Returns the sum in official labels: 表三“一、本年新收政府信息公开申请数量”总计.
    pub fn official_name(&self, form: &Form) -> String {
        let mut out = String::new();
        for (at, term) in self.terms.iter().enumerate() {
            let table = &form.tables[term.of.table];
            let id = table.cells[term.of.cell];
            if at == 0 {
                out.push_str(&table.name);
            } else {
                out.push_str(if term.minus { " − " } else { " + " });
            }
            let column = &table.columns[id.column].label;
            let _ = write!(out, "“{}”{column}", table.row_name(id.row));
        }
        self.group_name(form).unwrap_or(out)
    }

    /// Returns the label of a group if the sum consists of its rows: 表三“（三）不予公开”各行.
    fn group_name(&self, form: &Form) -> Option<String> {
        let table = &form.tables[self.terms.first()?.of.table];
        let row = |term: &Term<TableCell>| &table.rows[table.cells[term.of.cell].row];
        let group = row(self.terms.first()?).group.as_ref()?;
        let one = |term: &Term<TableCell>| row(term).group.as_ref() == Some(group) && !term.minus;
        (self.terms.len() > 2 && self.terms.iter().all(one))
            .then(|| format!("{}“{group}”各行合计", table.name))
    }
}

fn parse_cell_term(name: &str, minus: bool, tables: &[FormTable]) -> Option<Term<TableCell>> {
    let mut ids = name.split('.');
    let (table, row, column) = (ids.next()?, ids.next()?, ids.next()?);
    let table = tables.iter().position(|known| known.id == table)?;
    let cell = tables[table]
        .cell_number(tables[table].find_row(row)?, tables[table].find_column(column)?)?;
    Some(Term { minus, of: TableCell { table, cell } })
}
