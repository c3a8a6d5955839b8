//! Owns finding the parts of an annual report in a document: which edition, which Word table is which
//! official one, which paragraph heads which section, and what stands under it.
//! Must not know a syntax of data, nor words of an edition: they come from the forms.

use super::document::{Block, Document, Paragraph, Table as WordTable};
use super::facts::{self, Facts};
use super::labels::{self, Labels, Sure, Words, plain};
use super::slots;
use super::styles::Styles;
use super::table::Reader;
use crate::form::{Form, Library};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An annual report as it stands in a document.
pub(crate) struct Recognised<'f, 'd> {
    pub(crate) form: &'f Arc<Form>,
    pub(crate) facts: Facts<'d>,
    /// The tables in the order of the form.
    pub(crate) tables: Vec<Reader<'f, 'd>>,
    /// What stands in each section, before and after its table.
    pub(crate) texts: Vec<[Vec<Part<'d>>; 2]>,
    /// The paragraph that heads each section, and how sure that is.
    pub(crate) headings: Vec<Option<(&'d Paragraph, Sure)>>,
    /// Tables that show an official one again.
    pub(crate) again: Vec<(usize, &'d WordTable)>,
}

/// A piece of a section.
#[derive(Clone, Copy)]
pub(crate) enum Part<'d> {
    /// A paragraph, from one of its pieces on.
    Paragraph(&'d Paragraph, usize),
    Table(&'d WordTable),
}

/// A block in the order of reading; tables that only arrange others are taken apart.
#[derive(Clone, Copy)]
enum Item<'d> {
    Paragraph(&'d Paragraph),
    Table(&'d WordTable),
    /// A Word table that shows an official one.
    Official(usize),
}

/// Most characters of a heading.
const LONGEST_HEADING: usize = 45;

/// Finds everything. `None` if the document has no paragraph and no table.
pub(crate) fn recognise<'f, 'd>(
    document: &'d Document,
    styles: &Styles,
    creator: &str,
    library: &'f Library,
) -> Option<Recognised<'f, 'd>> {
    let mut word_tables = Vec::new();
    collect(&document.blocks, &mut word_tables);
    let form = edition(&word_tables, document, library)?;
    let labels: Vec<Labels> = form.tables.iter().map(Labels::of).collect();
    let official = |table: &WordTable| best(table, &labels).is_some();
    let mut items = Vec::new();
    flow(&document.blocks, &official, &mut items);
    let mut out = Recognised {
        form,
        facts: Facts::default(),
        tables: form.tables.iter().map(Reader::new).collect(),
        texts: form.sections.iter().map(|_| [Vec::new(), Vec::new()]).collect(),
        headings: vec![None; form.sections.len()],
        again: Vec::new(),
    };
    out.read_tables(&mut items, &labels);
    let heads = Heads::new(form, styles);
    let paragraphs: Vec<&Paragraph> = items
        .iter()
        .map_while(|item| match item {
            Item::Paragraph(paragraph) if heads.find(paragraph).is_none() => Some(*paragraph),
            _ => None,
        })
        .collect();
    let (facts, used) = facts::title(&paragraphs, form, styles);
    out.facts = facts;
    out.read_texts(&items[used..], &heads);
    facts::complete(&mut out, creator);
    Some(out)
}

/// All tables, those within others after them.
fn collect<'d>(blocks: &'d [Block], out: &mut Vec<&'d WordTable>) {
    for block in blocks {
        let Block::Table(table) = block else { continue };
        out.push(table);
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            collect(&cell.blocks, out);
        }
    }
}

/// The edition that most labels of the tables belong to; where they do not tell, the one of the year.
fn edition<'f>(
    tables: &[&WordTable],
    document: &Document,
    library: &'f Library,
) -> Option<&'f Arc<Form>> {
    let year = facts::first_year(&document.blocks);
    let for_year = year.and_then(|year| library.for_year(year)).map(|form| form.edition.clone());
    let weight = |form: &&Arc<Form>| {
        let labels: Vec<Labels> = form.tables.iter().map(Labels::of).collect();
        let best =
            |table: &&WordTable| labels.iter().map(|l| weight(table, l).0).max().unwrap_or(0);
        let sum: usize = tables.iter().map(best).sum();
        (sum, Some(&form.edition) == for_year.as_ref(), form.first_year)
    };
    library.forms().iter().max_by_key(weight)
}

/// How much a Word table speaks for an official one; whether it names rows and columns of it.
fn weight(table: &WordTable, labels: &Labels) -> (usize, bool) {
    let (mut rows, mut columns) = (BTreeSet::new(), BTreeSet::new());
    let mut sum = 0;
    for cell in table.rows.iter().flat_map(|row| &row.cells) {
        let text = cell.text();
        if text.is_empty() || text.len() > 400 || text.trim().bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let row = labels.rows.find(&text).is_some_and(|(at, _)| rows.insert(at));
        let column = labels.columns.find(&text).is_some_and(|(at, _)| columns.insert(at));
        if row || column {
            sum += labels.weight(&text);
        }
    }
    (sum, !rows.is_empty() && !columns.is_empty() && rows.len() + columns.len() >= 4)
}

/// The official table that a Word table shows.
fn best(table: &WordTable, labels: &[Labels]) -> Option<usize> {
    let each = labels.iter().enumerate();
    let scored = each.filter_map(|(at, labels)| {
        let (sum, fits) = weight(table, labels);
        fits.then_some((sum, std::cmp::Reverse(at)))
    });
    scored.max().map(|(_, at)| at.0)
}

/// The blocks in the order of reading.
fn flow<'d>(blocks: &'d [Block], official: &dyn Fn(&WordTable) -> bool, out: &mut Vec<Item<'d>>) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => out.push(Item::Paragraph(paragraph)),
            Block::Table(table) if arranges(table, official) => {
                for cell in table.rows.iter().flat_map(|row| &row.cells) {
                    flow(&cell.blocks, official, out);
                }
            }
            Block::Table(table) => out.push(Item::Table(table)),
        }
    }
}

/// Whether a table only arranges what stands in it: it has a single cell, or holds an official table.
fn arranges(table: &WordTable, official: &dyn Fn(&WordTable) -> bool) -> bool {
    let single = table.rows.iter().map(|row| row.cells.len()).sum::<usize>() == 1;
    let holds = || {
        let mut inner = Vec::new();
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            collect(&cell.blocks, &mut inner);
        }
        !official(table) && inner.into_iter().any(official)
    };
    single || (slots::nested(table).next().is_some() && holds())
}

impl<'d> Recognised<'_, 'd> {
    /// Reads the official tables. One that goes on in the next Word table, with nothing but blank lines
    /// between them, is read on.
    fn read_tables(&mut self, items: &mut [Item<'d>], labels: &[Labels]) {
        let mut last: Option<usize> = None;
        for item in items {
            match *item {
                Item::Paragraph(paragraph) if paragraph.is_blank() => {}
                Item::Paragraph(_) => last = None,
                Item::Official(_) => {}
                Item::Table(table) => {
                    let goes_on = last.filter(|at| self.tables[*at].rows_named(table) > 0);
                    let own = best(table, labels);
                    let Some(at) = own.or(goes_on) else {
                        last = None;
                        continue;
                    };
                    let again = self.tables[at].fragments > 0 && self.tables[at].repeats(table);
                    if again {
                        self.again.push((at, table));
                        continue;
                    }
                    self.tables[at].read(table);
                    *item = Item::Official(at);
                    last = Some(at);
                }
            }
        }
    }

    /// Hands the paragraphs and the other tables to the sections.
    fn read_texts(&mut self, items: &[Item<'d>], heads: &Heads<'_>) {
        let (mut section, mut after) = (0, 0);
        let form = self.form.clone();
        for item in items {
            match *item {
                Item::Official(table) => {
                    let own = form.sections.iter().position(|s| s.table == Some(table));
                    section = own.unwrap_or(section);
                    after = usize::from(own.is_some());
                }
                Item::Table(table) => self.texts[section][after].push(Part::Table(table)),
                Item::Paragraph(paragraph) if heads.is_contents(paragraph) => {}
                Item::Paragraph(paragraph) => {
                    let found = heads.find(paragraph);
                    let found = found.filter(|(at, ..)| self.headings[*at].is_none());
                    let mut from = 0;
                    if let Some((at, sure, pieces)) = found {
                        self.headings[at] = Some((paragraph, sure));
                        (section, after, from) = (at, 0, pieces);
                    }
                    if from < paragraph.pieces.len() {
                        self.texts[section][after].push(Part::Paragraph(paragraph, from));
                    }
                }
            }
        }
    }
}

/// The headings of a form.
struct Heads<'s> {
    words: Words,
    /// The section of each word.
    sections: Vec<usize>,
    styles: &'s Styles,
}

impl<'s> Heads<'s> {
    fn new(form: &Form, styles: &'s Styles) -> Heads<'s> {
        let headed = || form.sections.iter().enumerate().filter(|(_, s)| s.heading.is_some());
        let word = |section: &'_ crate::form::Section| -> (String, Vec<String>) {
            (section.heading.clone().unwrap_or_default(), section.also.clone())
        };
        let owned: Vec<(String, Vec<String>)> =
            headed().map(|(_, section)| word(section)).collect();
        let words = Words::new(owned.iter().map(|(w, also)| (w.as_str(), also.as_slice())));
        Heads { words, sections: headed().map(|(at, _)| at).collect(), styles }
    }

    /// The section that a paragraph heads: with the number of its pieces that are the heading.
    fn find(&self, paragraph: &Paragraph) -> Option<(usize, Sure, usize)> {
        let breaks =
            paragraph.pieces.iter().position(|p| p.content == super::document::Content::Break);
        let text = paragraph.text();
        let all = paragraph.pieces.len();
        self.heading(&text, paragraph).map(|(at, sure)| (at, sure, all)).or_else(|| {
            let line = text.split('\n').next()?;
            let (at, sure) = self.heading(line, paragraph)?;
            Some((at, sure, breaks? + 1))
        })
    }

    fn heading(&self, text: &str, paragraph: &Paragraph) -> Option<(usize, Sure)> {
        let key = plain(text);
        if key.is_empty() || key.chars().count() > LONGEST_HEADING || self.is_contents(paragraph) {
            return None;
        }
        let (number, _) = labels::numbered(&key);
        // （一） and 1. number what stands within a section.
        let inner = number.starts_with('(') || number.contains(')');
        let chinese =
            !number.is_empty() && !number.starts_with(|c: char| c.is_ascii_digit()) && !inner;
        let styled = paragraph.outline == Some(0)
            || paragraph.style.as_deref().and_then(|style| self.styles.outline(style)) == Some(0);
        let text = text.trim_end().trim_end_matches([':', '：', '.', '。']);
        let (word, sure) = self.words.find(text).or_else(|| self.words.near(text))?;
        let fits = match sure {
            Sure::Verbatim | Sure::Shape => true,
            Sure::Number => !inner,
            Sure::Alias => chinese || styled,
            Sure::Near => chinese,
        };
        fits.then(|| (self.sections[word], sure))
    }

    /// Whether a paragraph is a line of a table of contents.
    fn is_contents(&self, paragraph: &Paragraph) -> bool {
        paragraph.style.as_deref().is_some_and(|style| self.styles.name(style).starts_with("toc"))
    }
}
