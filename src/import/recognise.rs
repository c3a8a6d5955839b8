//! Owns recognising the parts of an annual report in a document: its edition, the Word tables of
//! each official table, the heading of each section, and the content below it.
//! Must not know a syntax of data, nor words of an edition: they come from the forms.

use super::document_parts::take_other_parts;
use super::headings::{FlowItem, HeadingMatcher};
use super::metadata;
use super::page_lines::{self, SkippedBoilerplate};
use super::printed_fields;
use super::recognised::{RecognisedReport, ReportMetadata, SectionPart};
use super::table_reader::WordTableReader;
use super::web_page::BlockHolders;
use crate::form::{Form, FormRegistry};
use crate::labels::TableLabels;
use docx_fill::word::blocks;
use docx_fill::word::blocks::{WordBlock, WordDocument, WordParagraph, WordTable};
use docx_fill::word::styles::StyleSheet;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A document as recognition takes it.
#[derive(Clone, Copy)]
pub(crate) struct DocumentParts<'d> {
    pub(crate) document: &'d WordDocument,
    pub(crate) styles: &'d StyleSheet,
    /// Author in the document properties.
    pub(crate) creator: &'d str,
    /// For a web page, the elements that hold its blocks.
    pub(crate) holders: Option<&'d BlockHolders>,
}

/// Recognises a report. Returns `None` if the document has neither a paragraph nor a table.
pub(crate) fn recognise_report<'f, 'd>(
    parts: DocumentParts<'d>,
    library: &'f FormRegistry,
) -> Option<RecognisedReport<'f, 'd>> {
    let DocumentParts { document, styles, creator, holders } = parts;
    let mut word_tables = Vec::new();
    collect_tables(&document.blocks, &mut word_tables);
    let form = choose_edition(&word_tables, document, library)?;
    let labels: Vec<TableLabels> = form.tables.iter().map(TableLabels::for_table).collect();
    let official = |table: &WordTable| best_match(table, &labels).is_some();
    let mut items = Vec::new();
    collect_flow(&document.blocks, &official, &mut items);
    let mut heads = HeadingMatcher::new(form, styles);
    heads.choose_numbering(&items);
    let mut outside = SkippedBoilerplate::default();
    if let Some(holders) = holders.filter(|_| items.len() == document.blocks.len()) {
        let anchors = page_lines::find_anchors(&items, &heads, &official);
        outside.take_outside(&mut items, holders, &anchors);
    }
    let others = take_other_parts(&mut items, &heads, form);
    let mut out = RecognisedReport {
        form,
        metadata: ReportMetadata::default(),
        tables: form.tables.iter().map(WordTableReader::new).collect(),
        texts: form.sections.iter().map(|_| [Vec::new(), Vec::new()]).collect(),
        headings: vec![None; form.sections.len()],
        repeated_tables: Vec::new(),
        stray_headings: Vec::new(),
        others,
        site: SkippedBoilerplate::default(),
    };
    out.read_tables(&mut items, &labels);
    out.read_head(&mut items, &heads, holders.is_some());
    out.read_texts(&items, &heads);
    out.take_foot(holders.is_some());
    out.site.append(outside);
    printed_fields::take_printed_fields(&mut out);
    metadata::complete_metadata(&mut out, creator);
    Some(out)
}

/// Collects all tables, nested ones after those that contain them.
fn collect_tables<'d>(blocks: &'d [WordBlock], out: &mut Vec<&'d WordTable>) {
    for block in blocks {
        let WordBlock::Table(table) = block else { continue };
        out.push(table);
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            collect_tables(&cell.blocks, out);
        }
    }
}

/// Returns the edition to which most labels of the tables belong; if that is undecided, the one of
/// the year.
fn choose_edition<'f>(
    tables: &[&WordTable],
    document: &WordDocument,
    library: &'f FormRegistry,
) -> Option<&'f Arc<Form>> {
    let year = metadata::find_first_year(&document.blocks);
    let for_year = year.and_then(|year| library.for_year(year)).map(|form| form.full_name());
    let weight = |form: &&Arc<Form>| {
        let labels: Vec<TableLabels> = form.tables.iter().map(TableLabels::for_table).collect();
        let best =
            |table: &&WordTable| labels.iter().map(|l| table_weight(table, l).0).max().unwrap_or(0);
        let sum: usize = tables.iter().map(best).sum();
        let covers = year.is_none_or(|year| form.covers_year(year));
        let is_plain = form.variant.is_none();
        let of_year = Some(form.full_name()) == for_year;
        (sum, of_year, form.is_of_default_family(), covers, is_plain, form.first_year)
    };
    library.forms().iter().max_by_key(weight)
}

/// Returns the weight of a Word table as evidence for an official one, and whether it names rows
/// and columns of it.
fn table_weight(table: &WordTable, labels: &TableLabels) -> (usize, bool) {
    let (mut rows, mut columns) = (BTreeSet::new(), BTreeSet::new());
    let mut sum = 0;
    for cell in table.rows.iter().flat_map(|row| &row.cells) {
        let text = cell.text();
        if text.is_empty() || text.len() > 400 || text.trim().bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let row = labels.rows.find_exact(&text).is_some_and(|(at, _)| rows.insert(at));
        let column = labels.columns.find_exact(&text).is_some_and(|(at, _)| columns.insert(at));
        if row || column {
            sum += labels.match_weight(&text);
        }
    }
    (sum, !rows.is_empty() && !columns.is_empty() && rows.len() + columns.len() >= 4)
}

/// Returns the number of the official table that a Word table best matches.
fn best_match(table: &WordTable, labels: &[TableLabels]) -> Option<usize> {
    let each = labels.iter().enumerate();
    let scored = each.filter_map(|(at, labels)| {
        let (sum, fits) = table_weight(table, labels);
        fits.then_some((sum, std::cmp::Reverse(at)))
    });
    scored.max().map(|(_, at)| at.0)
}

/// Collects the blocks in reading order.
fn collect_flow<'d>(
    blocks: &'d [WordBlock],
    official: &dyn Fn(&WordTable) -> bool,
    out: &mut Vec<FlowItem<'d>>,
) {
    for block in blocks {
        match block {
            WordBlock::Paragraph(paragraph) => out.push(FlowItem::Paragraph(paragraph)),
            WordBlock::Table(table) if is_layout_table(table, official) => {
                for cell in table.rows.iter().flat_map(|row| &row.cells) {
                    collect_flow(&cell.blocks, official, out);
                }
            }
            WordBlock::Table(table) => out.push(FlowItem::Table(table)),
        }
    }
}

/// Checks whether a table is used for layout only: it has a single cell, or contains an official
/// table.
fn is_layout_table(table: &WordTable, official: &dyn Fn(&WordTable) -> bool) -> bool {
    let single = table.rows.iter().map(|row| row.cells.len()).sum::<usize>() == 1;
    let holds = || {
        let mut inner = Vec::new();
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            collect_tables(&cell.blocks, &mut inner);
        }
        !official(table) && inner.into_iter().any(official)
    };
    single || (blocks::nested_tables(table).next().is_some() && holds())
}

impl<'d> RecognisedReport<'_, 'd> {
    /// Reads the official tables. If only blank lines separate a table from the next Word table
    /// that continues it, both are read as one.
    fn read_tables(&mut self, items: &mut [FlowItem<'d>], labels: &[TableLabels]) {
        let mut last: Option<usize> = None;
        for item in items {
            match *item {
                FlowItem::Paragraph(paragraph) if paragraph.is_blank() => {}
                FlowItem::Paragraph(_) => last = None,
                FlowItem::Official(_) => {}
                FlowItem::Table(table) => {
                    let goes_on = last.filter(|at| self.tables[*at].count_named_rows(table) > 0);
                    let own = best_match(table, labels);
                    let Some(at) = own.or(goes_on) else {
                        last = None;
                        continue;
                    };
                    let again =
                        self.tables[at].fragments > 0 && self.tables[at].is_repetition(table);
                    if again {
                        self.repeated_tables.push((at, table));
                        continue;
                    }
                    self.tables[at].read_table(table);
                    *item = FlowItem::Official(at);
                    last = Some(at);
                }
            }
        }
    }

    /// Takes title, date and what stands above out of the items, and the lines of a site below the title.
    fn read_head(
        &mut self,
        items: &mut Vec<FlowItem<'d>>,
        heads: &HeadingMatcher<'_>,
        is_page: bool,
    ) {
        let first = items.iter().position(|item| match item {
            FlowItem::Paragraph(paragraph) => heads.find_section(paragraph).is_some(),
            FlowItem::Official(_) => true,
            FlowItem::Table(_) => false,
        });
        let lead = first.unwrap_or(items.len());
        let record = items[..lead].iter().rposition(
            |item| matches!(item, FlowItem::Table(table) if page_lines::is_record_table(table)),
        );
        let head: Vec<FlowItem<'d>> = items[..lead].to_vec();
        let (facts, mut used) = metadata::find_title(&head, self.form, heads.styles());
        self.metadata = facts;
        if let (None, Some(at)) = (&self.metadata.title, record)
            && let FlowItem::Table(table) = head[at]
        {
            self.metadata = metadata::find_recorded_title(table, self.form);
            used = used.max(at + 1);
        }
        let mut below = SkippedBoilerplate::default();
        below.take_below_title(items, used..lead);
        let rest = items.split_off(used);
        let taken = std::mem::replace(items, rest);
        self.take_above(&taken, is_page || below.count > 0);
        self.site.append(below);
    }

    /// Takes what stands above the title as the site's, if anything there is.
    fn take_above(&mut self, items: &[FlowItem<'d>], is_page: bool) {
        let ReportMetadata { title, date, above_title, .. } = &mut self.metadata;
        let tables = items.iter().any(|item| matches!(item, FlowItem::Table(_)));
        if !is_page && !tables && !above_title.iter().any(|p| page_lines::is_site_paragraph(p)) {
            return;
        }
        above_title.clear();
        let own = title.iter().flat_map(|(_, lines)| lines).chain(date.iter().map(|(_, p)| p));
        let own: Vec<*const WordParagraph> = own.map(|p| std::ptr::from_ref(*p)).collect();
        for item in items {
            let shown = item.shown_paragraph().map(std::ptr::from_ref);
            if !shown.is_some_and(|paragraph| own.contains(&paragraph)) {
                self.site.add(*item);
            }
        }
    }

    /// Takes the lines of a site below the text out of the last section.
    fn take_foot(&mut self, is_page: bool) {
        let is_page = is_page || self.site.count > 0;
        let headed = self.headings.iter().any(Option::is_some);
        let Some(parts) = self.texts.iter_mut().flatten().rev().find(|parts| !parts.is_empty())
        else {
            return;
        };
        let item = |part: &SectionPart<'d>| match *part {
            SectionPart::Paragraph(paragraph, _) => FlowItem::Paragraph(paragraph),
            SectionPart::Table(table) => FlowItem::Table(table),
        };
        let items: Vec<FlowItem<'d>> = parts.iter().map(item).collect();
        if let Some(start) = page_lines::find_foot(&items, is_page).filter(|_| headed) {
            parts.truncate(start);
            items[start..].iter().for_each(|item| self.site.add(*item));
        }
    }

    /// Assigns the paragraphs and the other tables to the sections.
    fn read_texts(&mut self, items: &[FlowItem<'d>], heads: &HeadingMatcher<'_>) {
        let (mut section, mut after) = (0, 0);
        let form = self.form.clone();
        for item in items {
            match *item {
                FlowItem::Official(table) => {
                    let own = form.sections.iter().position(|s| s.table == Some(table));
                    section = own.unwrap_or(section);
                    after = usize::from(own.is_some());
                }
                FlowItem::Table(table) => {
                    self.texts[section][after].push(SectionPart::Table(table));
                }
                FlowItem::Paragraph(paragraph) if heads.is_contents_line(paragraph) => {}
                FlowItem::Paragraph(paragraph) => {
                    let found = heads.find_section(paragraph);
                    let again = found.is_some_and(|(at, ..)| self.headings[at].is_some());
                    if again || (found.is_none() && heads.looks_like_heading(paragraph)) {
                        self.stray_headings.push((paragraph, section));
                    }
                    let found = found.filter(|_| !again);
                    let mut from = 0;
                    if let Some((at, sure, pieces)) = found {
                        self.headings[at] = Some((paragraph, sure));
                        (section, after, from) = (at, 0, pieces);
                    }
                    if from < paragraph.runs.len() {
                        self.texts[section][after].push(SectionPart::Paragraph(paragraph, from));
                    }
                }
            }
        }
    }
}
