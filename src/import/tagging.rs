//! Owns turning a form without tags into a template: a tag in every figure cell, with the cell's
//! formatting, one below every heading, one in place of a placeholder title. Existing content is
//! kept and reported, unless it is to be overwritten.
//! Must not know how a template is filled, nor change a byte elsewhere.

use super::deviations::{self, cell_name, section_name};
use super::opened_document::OpenedDocument;
use super::recognise::DocumentParts;
use super::recognised::{RecognisedReport, SectionPart, TextPosition};
use super::table_reader::WordTableReader;
use super::{data_tree, markdown, recognise};
use crate::form::{Form, FormRegistry, FormTable};
use crate::labels::strip_blanks;
use crate::msg;
use crate::report::{Report, cell_ref};
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, Sources, WordLocation};
use docx_fill::opc::{OpcError, PackageChanges, PackageLimits};
use docx_fill::slice::{TextReplacement, TextSlice as _, apply_replacements};
use docx_fill::word::blocks::{RunContent, WordDocument, WordParagraph};
use std::sync::Arc;

/// The options of inserting tags.
#[derive(Debug, Clone, Copy)]
pub struct TaggingOptions<'r> {
    /// Report to be filled in; without one, the template is for any report.
    pub report: Option<&'r Report>,
    /// True if existing content is replaced.
    pub overwrite: bool,
    /// Limits of the form's document.
    pub limits: PackageLimits,
}

/// Compression level of deflate.
const DEFLATE_LEVEL: u8 = 6;

/// Inserts tags into a form. Returns `None` if it cannot be used; the reasons go to the sink.
pub fn insert_tags(
    source: SourceId,
    bytes: &[u8],
    library: &FormRegistry,
    wanted: TaggingOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<(Vec<u8>, Arc<Form>)> {
    let opened = match OpenedDocument::open_word(bytes, &wanted.limits) {
        Ok(opened) => opened,
        Err(error) => {
            sink.push(error.to_diagnostic(source));
            return None;
        }
    };
    let OpenedDocument { document, styles, .. } = &opened;
    // Whoever made the blank form is not the organ.
    let parts = DocumentParts { creator: "", ..opened.parts() };
    let found = recognise::recognise_report(parts, library)?;
    let own = Sink::new();
    let writer =
        markdown::MarkdownExporter { styles, has_heading_styles: false, pictures: &|_| None };
    let mut told = own;
    let (_, paper, _) = data_tree::build_tree(source, &found, &writer, &mut told);
    deviations::report_tracked(source, document, &mut told);
    sources.set_word_anchors(source, paper.text, paper.spots);
    // A placeholder title is filled in, so its deviations are not reported.
    let told = told.into_sorted().into_iter();
    sink.extend(told.filter(|d| !(found.metadata.open_title && d.rule == "word-title")));
    let form = found.form.clone();
    if let Some(report) = wanted.report.filter(|report| !report.form.is_same(&form)) {
        let message = msg!(
            "word.other-form",
            found = form.full_name(),
            wanted = report.form.full_name(),
            year = u32::from(report.year)
        );
        sink.push(Diagnostic::error("wrong-edition", Location::File(source), message));
        return None;
    }
    let mut tagger =
        FormTagger { source, document, found: &found, options: wanted, edits: Vec::new(), sink };
    tagger.tag_title();
    tagger.tag_tables();
    tagger.tag_texts();
    let text = apply_replacements(&document.source, tagger.edits);
    match write_package(&opened, &text) {
        Ok(bytes) => Some((bytes, form)),
        Err(error) => {
            sink.push(error.to_diagnostic(source));
            None
        }
    }
}

fn write_package(opened: &OpenedDocument, text: &str) -> Result<Vec<u8>, OpcError> {
    let mut changes = PackageChanges::default();
    let package = opened.package().ok_or(OpcError::MissingMainDocument)?;
    changes.set_part(package, package.main_document_name(), text.as_bytes());
    package.write_with(&changes, DEFLATE_LEVEL)
}

struct FormTagger<'t, 'f, 'd, 'r, 's> {
    source: SourceId,
    document: &'d WordDocument,
    found: &'t RecognisedReport<'f, 'd>,
    options: TaggingOptions<'r>,
    edits: Vec<TextReplacement>,
    sink: &'s mut Sink,
}

impl FormTagger<'_, '_, '_, '_, '_> {
    /// Reports existing content that is kept.
    fn report_filled(
        &mut self,
        place: &WordLocation,
        name: String,
        text: &str,
        cell: Option<docx_fill::diag::FormCellRef>,
    ) {
        let place = Location::Word(self.source, place.clone());
        let short: String = text.trim().chars().take(30).collect();
        let message = msg!("word.filled", name = name, text = short);
        let mut finding = Diagnostic::warning("word-filled", place, message);
        finding.cell = cell;
        self.sink.push(finding.with_hint(msg!("word.filled-hint")));
    }

    fn report_missing(&mut self, message: Message) {
        let place = Location::File(self.source);
        self.sink.push(
            Diagnostic::error("missing-part", place, message).with_hint(msg!("word.missing-hint")),
        );
    }

    /// Tags the title if only organ and year are missing in it.
    fn tag_title(&mut self) {
        let facts = &self.found.metadata;
        let Some((title, paragraphs)) = &facts.title else { return };
        let other_year = |year: u16| self.options.report.is_some_and(|report| report.year != year);
        let conflict = facts.year.is_some_and(|(year, _)| other_year(year));
        let same =
            self.options.report.is_some_and(|report| strip_blanks(&report.title()) == *title);
        if same {
            return;
        }
        let Some(first) = paragraphs.first() else { return };
        if (facts.open_title && !conflict) || self.options.overwrite {
            let edits = replace_text(first, "{{title}}", None, true);
            self.edits.extend(edits);
            for paragraph in &paragraphs[1..] {
                self.edits.extend(replace_text(paragraph, "", None, true));
            }
        } else {
            self.report_filled(&first.place, super::deviations::part_name("title"), title, None);
        }
    }

    fn tag_tables(&mut self) {
        for (number, table) in self.found.form.tables.iter().enumerate() {
            let reader = &self.found.tables[number];
            for (cell, id) in table.cells.iter().enumerate() {
                let Some(figure) = &reader.figures[cell] else { continue };
                let Some(paragraph) = figure.cell.paragraphs().next() else { continue };
                let value = self.options.report.map(|r| r.tables[number][cell].figure.cell_text());
                let stands = strip_blanks(&figure.text);
                if value.as_ref() == Some(&stands) {
                    continue;
                }
                if !stands.is_empty() && !self.options.overwrite {
                    let name = cell_name(table, id.row, Some(id.column));
                    let cell = Some(cell_ref(table, Some(id.row), Some(id.column)));
                    self.report_filled(&figure.cell.place, name, &stands, cell);
                    continue;
                }
                let tag = format_tag(
                    &[&table.id, &table.rows[id.row].id, &table.columns[id.column].id],
                    "",
                );
                let look = self.figure_properties(paragraph, reader, table);
                let mut edits = replace_text(paragraph, &tag, look.as_deref(), !stands.is_empty());
                for more in figure.cell.paragraphs().skip(1).filter(|p| !p.is_blank()) {
                    edits.extend(replace_text(more, "", None, true));
                }
                self.edits.extend(edits);
            }
        }
    }

    /// Returns the run properties of a figure: those of the cell's own paragraph, else of another
    /// figure, else of a label without bold.
    fn figure_properties(
        &self,
        paragraph: &WordParagraph,
        reader: &WordTableReader<'_, '_>,
        table: &FormTable,
    ) -> Option<String> {
        let own = |p: &WordParagraph| self.own_properties(p);
        let figures =
            || reader.figures.iter().flatten().flat_map(|figure| figure.cell.paragraphs());
        let labels = || (0..table.rows.len()).filter_map(|row| reader.rows.get(&row));
        own(paragraph).or_else(|| figures().find_map(own)).or_else(|| {
            let look = labels().flat_map(|cell| cell.paragraphs()).find_map(own)?;
            Some(look.replace("<w:b/>", "").replace("<w:bCs/>", ""))
        })
    }

    fn own_properties(&self, paragraph: &WordParagraph) -> Option<String> {
        let piece = paragraph.runs.iter().find_map(|piece| piece.properties.clone());
        let range = piece.or_else(|| paragraph.mark_properties.clone())?;
        let look = self.document.source.slice(range);
        let history = ["w:rPrChange", "<w:ins ", "<w:del ", "<w:moveTo", "<w:moveFrom"];
        let clean = !history.iter().any(|part| look.contains(part));
        (clean && look.len() > "<w:rPr></w:rPr>".len()).then(|| look.to_owned())
    }

    fn tag_texts(&mut self) {
        let form = self.found.form.clone();
        for (at, section) in form.sections.iter().enumerate() {
            for after in [false, true] {
                if after && section.table.is_none() {
                    continue;
                }
                let text = self.options.report.map(|report| {
                    report
                        .section_text(at, after)
                        .map(|field| field.markdown.trim())
                        .unwrap_or_default()
                });
                if text == Some("") {
                    continue;
                }
                let id = if after { format!("{}-after", section.id) } else { section.id.clone() };
                self.tag_text(
                    &form,
                    TextPosition { section: at, after_table: after },
                    &format_tag(&["text", &id], "markdown "),
                    text.is_some(),
                );
            }
        }
    }

    fn tag_text(&mut self, form: &Form, position: TextPosition, tag: &str, needed: bool) {
        let TextPosition { section: at, after_table: after } = position;
        let parts = &self.found.texts[at][usize::from(after)];
        let filled = parts.iter().any(|part| match part {
            SectionPart::Paragraph(paragraph, _) => !paragraph.is_blank(),
            SectionPart::Table(_) => true,
        });
        if filled && !self.options.overwrite {
            let words = parts.iter().find_map(|part| match part {
                SectionPart::Paragraph(p, _) if !p.is_blank() => Some((p.place.clone(), p.text())),
                _ => None,
            });
            let (place, words) = words.unwrap_or_default();
            return self.report_filled(&place, section_name(form, at), &words, None);
        }
        let whole = parts.iter().position(|part| matches!(part, SectionPart::Paragraph(_, 0)));
        let whole = whole.and_then(|first| match parts[first] {
            SectionPart::Paragraph(paragraph, _) => Some((first, paragraph)),
            SectionPart::Table(_) => None,
        });
        if let Some((first, paragraph)) = whole {
            self.edits.extend(replace_text(
                paragraph,
                tag,
                self.own_properties(paragraph).as_deref(),
                filled,
            ));
            for part in parts.iter().skip(first + 1).filter(|_| filled) {
                let range = match part {
                    SectionPart::Paragraph(paragraph, _) => paragraph.range.clone(),
                    SectionPart::Table(table) => table.range.clone(),
                };
                self.edits.push(TextReplacement { range, with: String::new() });
            }
        } else if let Some(end) = self.insertion_point(form, at, after) {
            let (properties, look) = self.sample_format();
            let run = run_xml(tag, look.as_deref());
            self.edits
                .push(TextReplacement::insertion(end, format!("<w:p>{properties}{run}</w:p>")));
        } else if needed {
            self.report_missing(msg!("word.no-place", heading = section_name(form, at)));
        }
    }

    /// Returns the offset at which a section's text may begin: after its heading, its table, or the
    /// title.
    fn insertion_point(&self, form: &Form, at: usize, after: bool) -> Option<usize> {
        if after {
            return self.found.tables[form.sections[at].table?].end;
        }
        match &form.sections[at].heading {
            Some(_) => self.found.headings[at].map(|(paragraph, _)| paragraph.range.end),
            None => {
                let (_, paragraphs) = self.found.metadata.title.as_ref()?;
                Some(paragraphs.last()?.range.end)
            }
        }
    }

    /// Returns paragraph and run properties of the first plain paragraph of the document.
    fn sample_format(&self) -> (String, Option<String>) {
        let paragraphs = self.found.texts.iter().flatten().flatten();
        let sample = paragraphs.into_iter().find_map(|part| match part {
            SectionPart::Paragraph(paragraph, 0) if !paragraph.is_blank() => Some(*paragraph),
            _ => None,
        });
        let Some(sample) = sample else { return (String::new(), None) };
        let properties = sample.properties.clone().map(|range| self.document.source.slice(range));
        let properties = properties.filter(|p| !p.contains("w:sectPr") && !p.contains("Change"));
        (properties.unwrap_or_default().to_owned(), self.own_properties(sample))
    }
}

/// Returns a tag; segments with special characters are in brackets.
fn format_tag(path: &[&str], helper: &str) -> String {
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

fn run_xml(text: &str, look: Option<&str>) -> String {
    let mut words = String::new();
    docx_fill::opc::xml::escape_into(&mut words, text);
    let look = look.unwrap_or_default();
    format!("<w:r>{look}<w:t xml:space=\"preserve\">{words}</w:t></w:r>")
}

/// Returns the edits by which a paragraph shows a text: in place of its content, or in a new run.
fn replace_text(
    paragraph: &WordParagraph,
    text: &str,
    look: Option<&str>,
    replace: bool,
) -> Vec<TextReplacement> {
    let mut edits = Vec::new();
    let mut words = Some(text);
    for piece in &paragraph.runs {
        let RunContent::Text(before) = &piece.content else { continue };
        if piece.range.is_empty() || (!replace && !before.trim().is_empty()) {
            continue;
        }
        // A tab is an element of its own, not text, and is kept.
        if before == "\t" {
            continue;
        }
        let shown = if replace { words.take().unwrap_or_default() } else { "" };
        edits.push(TextReplacement { range: piece.range.clone(), with: shown.to_owned() });
    }
    let Some(text) = words.filter(|text| !text.is_empty()) else { return edits };
    let run = run_xml(text, look);
    match paragraph.end {
        Some(end) => edits.push(TextReplacement::insertion(end, run)),
        None => {
            // `<w:p/>` needs an end tag.
            let start = paragraph.range.end - 2;
            edits.push(TextReplacement {
                range: start..paragraph.range.end,
                with: format!(">{run}</w:p>"),
            });
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_quote_odd_names() {
        assert_eq!(format_tag(&["requests", "carried-in"], ""), "{{requests.carried-in}}");
        assert_eq!(format_tag(&["text", "总体"], "markdown "), "{{markdown text.[总体]}}");
    }
}
