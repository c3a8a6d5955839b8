//! Owns turning a form without tags into a template with them: a tag into every figure's cell, in the
//! cell's own look, one below every heading, one in the place of an open title. What stands there already
//! is kept and told, unless it is to be overwritten.
//! Must not know how a template is filled, nor touch a byte elsewhere.

use super::document::{Content, Document, Paragraph};
use super::labels::solid;
use super::recognise::{Part, Recognised};
use super::table::Reader;
use super::tell::{cell_name, section_name};
use super::{Opened, markdown, recognise, tree};
use crate::form::{Form, Library, Table};
use crate::report::{Report, cell_ref};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Sources, Text, WordPlace};
use docx_fill::opc::{Changes, OpcError};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;
use std::sync::Arc;

/// What the form is made ready for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'r> {
    /// The report that will be filled in; a template for any report if there is none.
    pub report: Option<&'r Report>,
    /// Whether what stands there already gives way.
    pub overwrite: bool,
}

/// Level of deflate.
const PACKING: u8 = 6;

/// Puts tags into a form. `None` if it cannot be used; the sink says why.
pub fn tagged(
    source: SourceId,
    bytes: &[u8],
    library: &Library,
    wanted: Wanted<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<(Vec<u8>, Arc<Form>)> {
    let opened = match Opened::new(bytes) {
        Ok(opened) => opened,
        Err(error) => {
            sink.push(error.diagnostic(source));
            return None;
        }
    };
    let Opened { document, styles, .. } = &opened;
    let found = recognise::recognise(document, styles, "", library)?;
    let own = Sink::new();
    let writer = markdown::Writer { styles, styled: false, pictures: &|_| None };
    let mut told = own;
    let (_, paper, _) = tree::build(source, &found, &writer, false, document.tracked, &mut told);
    sources.set_word(source, paper.text, paper.spots);
    // What an open title lacks is what is filled in.
    let told = told.into_sorted().into_iter();
    sink.extend(told.filter(|d| !(found.facts.open_title && d.rule == "word-title")));
    let form = found.form.clone();
    if let Some(report) = wanted.report.filter(|report| report.form.edition != form.edition) {
        let message = text!(
            "word.other-form",
            found = &form.edition,
            wanted = &report.form.edition,
            year = u32::from(report.year)
        );
        sink.push(Diagnostic::error("wrong-edition", Place::File(source), message));
        return None;
    }
    let mut tagger = Tagger { source, document, found: &found, wanted, edits: Vec::new(), sink };
    tagger.title();
    tagger.tables();
    tagger.texts();
    let text = splice(&document.source, tagger.edits);
    match write(&opened, &text) {
        Ok(bytes) => Some((bytes, form)),
        Err(error) => {
            sink.push(error.diagnostic(source));
            None
        }
    }
}

fn write(opened: &Opened, text: &str) -> Result<Vec<u8>, OpcError> {
    let mut changes = Changes::default();
    let main = opened.package.main_document();
    changes.set(&opened.package, main, text.as_bytes());
    opened.package.write(&changes, PACKING)
}

/// Puts the pieces in; they do not overlap.
fn splice(source: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(source.len() + edits.len() * 64);
    let mut from = 0;
    for (range, text) in edits {
        if range.start < from {
            continue;
        }
        out.push_str(source.slice(from..range.start));
        out.push_str(&text);
        from = range.end;
    }
    out.push_str(source.slice(from..));
    out
}

struct Tagger<'t, 'f, 'd, 'r, 's> {
    source: SourceId,
    document: &'d Document,
    found: &'t Recognised<'f, 'd>,
    wanted: Wanted<'r>,
    edits: Vec<(Range<usize>, String)>,
    sink: &'s mut Sink,
}

impl Tagger<'_, '_, '_, '_, '_> {
    /// Says that a place holds something else, which stays.
    fn filled(
        &mut self,
        place: &WordPlace,
        name: String,
        text: &str,
        cell: Option<docx_fill::diag::CellRef>,
    ) {
        let place = Place::Word(self.source, place.clone());
        let short: String = text.trim().chars().take(30).collect();
        let message = text!("word.filled", name = name, text = short);
        let mut finding = Diagnostic::warning("word-filled", place, message);
        finding.cell = cell;
        self.sink.push(finding.hint(text!("word.filled-hint")));
    }

    fn lost(&mut self, message: Text) {
        let place = Place::File(self.source);
        self.sink.push(
            Diagnostic::error("missing-part", place, message).hint(text!("word.missing-hint")),
        );
    }

    /// The title, if what is blank in it can only be organ and year.
    fn title(&mut self) {
        let facts = &self.found.facts;
        let Some((title, paragraphs)) = &facts.title else { return };
        let other_year = |year: u16| self.wanted.report.is_some_and(|report| report.year != year);
        let conflict = facts.year.is_some_and(|(year, _)| other_year(year));
        let same = self.wanted.report.is_some_and(|report| solid(&report.title()) == *title);
        if same {
            return;
        }
        let Some(first) = paragraphs.first() else { return };
        if (facts.open_title && !conflict) || self.wanted.overwrite {
            let edits = put(first, "{{title}}", None, true);
            self.edits.extend(edits);
            for paragraph in &paragraphs[1..] {
                self.edits.extend(put(paragraph, "", None, true));
            }
        } else {
            self.filled(&first.place, super::tell::part_name("title"), title, None);
        }
    }

    fn tables(&mut self) {
        for (number, table) in self.found.form.tables.iter().enumerate() {
            let reader = &self.found.tables[number];
            for (cell, id) in table.cells.iter().enumerate() {
                let Some(figure) = &reader.figures[cell] else { continue };
                let Some(paragraph) = figure.cell.paragraphs().next() else { continue };
                let value = self.wanted.report.map(|r| r.tables[number][cell].figure.text());
                let stands = solid(&figure.text);
                if value.as_ref() == Some(&stands) {
                    continue;
                }
                if !stands.is_empty() && !self.wanted.overwrite {
                    let name = cell_name(table, id.row, Some(id.column));
                    let cell = Some(cell_ref(table, Some(id.row), Some(id.column)));
                    self.filled(&figure.cell.place, name, &stands, cell);
                    continue;
                }
                let tag =
                    tag(&[&table.id, &table.rows[id.row].id, &table.columns[id.column].id], "");
                let look = self.look(paragraph, reader, table);
                let mut edits = put(paragraph, &tag, look.as_deref(), !stands.is_empty());
                for more in figure.cell.paragraphs().skip(1).filter(|p| !p.is_blank()) {
                    edits.extend(put(more, "", None, true));
                }
                self.edits.extend(edits);
            }
        }
    }

    /// The look of a figure: that of the cell's own paragraph, else that of another figure's, else that of
    /// a label, but not bold.
    fn look(
        &self,
        paragraph: &Paragraph,
        reader: &Reader<'_, '_>,
        table: &Table,
    ) -> Option<String> {
        let own = |p: &Paragraph| self.own_look(p);
        let figures =
            || reader.figures.iter().flatten().flat_map(|figure| figure.cell.paragraphs());
        let labels = || (0..table.rows.len()).filter_map(|row| reader.rows.get(&row));
        own(paragraph).or_else(|| figures().find_map(own)).or_else(|| {
            let look = labels().flat_map(|cell| cell.paragraphs()).find_map(own)?;
            Some(look.replace("<w:b/>", "").replace("<w:bCs/>", ""))
        })
    }

    fn own_look(&self, paragraph: &Paragraph) -> Option<String> {
        let piece = paragraph.pieces.iter().find_map(|piece| piece.look.clone());
        let range = piece.or_else(|| paragraph.mark.clone())?;
        let look = self.document.source.slice(range);
        let history = ["w:rPrChange", "<w:ins ", "<w:del ", "<w:moveTo", "<w:moveFrom"];
        let clean = !history.iter().any(|part| look.contains(part));
        (clean && look.len() > "<w:rPr></w:rPr>".len()).then(|| look.to_owned())
    }

    fn texts(&mut self) {
        let form = self.found.form.clone();
        for (at, section) in form.sections.iter().enumerate() {
            for after in [false, true] {
                if after && section.table.is_none() {
                    continue;
                }
                let text = self.wanted.report.map(|report| {
                    report.text(at, after).map(|field| field.markdown.trim()).unwrap_or_default()
                });
                if text == Some("") {
                    continue;
                }
                let id = if after { format!("{}-after", section.id) } else { section.id.clone() };
                self.text(&form, (at, after), &tag(&["text", &id], "markdown "), text.is_some());
            }
        }
    }

    fn text(&mut self, form: &Form, (at, after): (usize, bool), tag: &str, needed: bool) {
        let parts = &self.found.texts[at][usize::from(after)];
        let filled = parts.iter().any(|part| match part {
            Part::Paragraph(paragraph, _) => !paragraph.is_blank(),
            Part::Table(_) => true,
        });
        if filled && !self.wanted.overwrite {
            let words = parts.iter().find_map(|part| match part {
                Part::Paragraph(p, _) if !p.is_blank() => Some((p.place.clone(), p.text())),
                _ => None,
            });
            let (place, words) = words.unwrap_or_default();
            return self.filled(&place, section_name(form, at), &words, None);
        }
        let whole = parts.iter().position(|part| matches!(part, Part::Paragraph(_, 0)));
        let whole = whole.and_then(|first| match parts[first] {
            Part::Paragraph(paragraph, _) => Some((first, paragraph)),
            Part::Table(_) => None,
        });
        if let Some((first, paragraph)) = whole {
            self.edits.extend(put(paragraph, tag, self.own_look(paragraph).as_deref(), filled));
            for part in parts.iter().skip(first + 1).filter(|_| filled) {
                let range = match part {
                    Part::Paragraph(paragraph, _) => paragraph.range.clone(),
                    Part::Table(table) => table.range.clone(),
                };
                self.edits.push((range, String::new()));
            }
        } else if let Some(end) = self.anchor(form, at, after) {
            let (properties, look) = self.sample();
            let run = run(tag, look.as_deref());
            self.edits.push((end..end, format!("<w:p>{properties}{run}</w:p>")));
        } else if needed {
            self.lost(text!("word.no-place", heading = section_name(form, at)));
        }
    }

    /// Where a section's text may begin: after its heading, its table, or the title.
    fn anchor(&self, form: &Form, at: usize, after: bool) -> Option<usize> {
        if after {
            return self.found.tables[form.sections[at].table?].end;
        }
        match &form.sections[at].heading {
            Some(_) => self.found.headings[at].map(|(paragraph, _)| paragraph.range.end),
            None => {
                let (_, paragraphs) = self.found.facts.title.as_ref()?;
                Some(paragraphs.last()?.range.end)
            }
        }
    }

    /// Properties and look of the first plain paragraph of the document.
    fn sample(&self) -> (String, Option<String>) {
        let paragraphs = self.found.texts.iter().flatten().flatten();
        let sample = paragraphs.into_iter().find_map(|part| match part {
            Part::Paragraph(paragraph, 0) if !paragraph.is_blank() => Some(*paragraph),
            _ => None,
        });
        let Some(sample) = sample else { return (String::new(), None) };
        let properties = sample.properties.clone().map(|range| self.document.source.slice(range));
        let properties = properties.filter(|p| !p.contains("w:sectPr") && !p.contains("Change"));
        (properties.unwrap_or_default().to_owned(), self.own_look(sample))
    }
}

/// A tag; segments of other characters stand in brackets.
fn tag(path: &[&str], helper: &str) -> String {
    let plain = |part: &&str| {
        let first = part.starts_with(|c: char| c.is_ascii_alphabetic());
        first && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let segments: Vec<String> = path
        .iter()
        .map(|part| if plain(part) { (*part).to_owned() } else { format!("[{part}]") })
        .collect();
    format!("{{{{{helper}{}}}}}", segments.join("."))
}

fn run(text: &str, look: Option<&str>) -> String {
    let mut words = String::new();
    docx_fill::opc::xml::escape_into(&mut words, text);
    let look = look.unwrap_or_default();
    format!("<w:r>{look}<w:t xml:space=\"preserve\">{words}</w:t></w:r>")
}

/// The edits that make a paragraph show a text: in the place of what stands there, or in a run of its own.
fn put(
    paragraph: &Paragraph,
    text: &str,
    look: Option<&str>,
    replace: bool,
) -> Vec<(Range<usize>, String)> {
    let mut edits = Vec::new();
    let mut words = Some(text);
    for piece in &paragraph.pieces {
        let Content::Text(before) = &piece.content else { continue };
        if piece.range.is_empty() || (!replace && !before.trim().is_empty()) {
            continue;
        }
        // A blank stays a blank only where nothing takes its place; a tab is an element of its own.
        if before == "\t" {
            continue;
        }
        let shown = if replace { words.take().unwrap_or_default() } else { "" };
        edits.push((piece.range.clone(), shown.to_owned()));
    }
    let Some(text) = words.filter(|text| !text.is_empty()) else { return edits };
    let run = run(text, look);
    match paragraph.end {
        Some(end) => edits.push((end..end, run)),
        None => {
            // `<w:p/>` gets an end of its own.
            let start = paragraph.range.end - 2;
            edits.push((start..paragraph.range.end, format!(">{run}</w:p>")));
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_quote_odd_names() {
        assert_eq!(tag(&["requests", "carried-in"], ""), "{{requests.carried-in}}");
        assert_eq!(tag(&["text", "总体"], "markdown "), "{{markdown text.[总体]}}");
    }

    #[test]
    fn pieces_are_put_in_without_overlap() {
        let edits = vec![(4..4, "x".to_owned()), (0..2, "y".to_owned())];
        assert_eq!(splice("abcdef", edits), "ycdxef");
    }
}
