//! Owns writing Markdown into Word: blocks become paragraphs, tables, links and pictures with the formatting of
//! the tag's paragraph.
//! Must not know where the text comes from or which tag contains it.

use crate::additions::resources::RenderResources;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::namespaces::RootNamespaces;
use crate::ir::part::MarkdownTag;
use crate::opc::xml::{escape_into, find_forbidden};
use crate::prose::links::{LinkRefusal, LinkTarget, LinkTargets, refused_links_message};
use crate::prose::{ColumnAlign, Image, ProseBlock, ProseCell, ProseInline, ProseRun};
use crate::render::picture::write_prose_picture;
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::word::block_ends::{TABLE_GAP, ends_with_table};
use crate::word::notes::NoteKind;
use crate::word::properties::Properties;
use crate::word::styles::{StyleKind, StyleSheet};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Prefix of bookmarks for headings that are link targets.
const HEADING_BOOKMARK: &str = "inserted_heading";

const TABLE_BORDERS: [&str; 6] = ["top", "left", "bottom", "right", "insideH", "insideV"];

/// Writes blocks. Returns the problems of those that could not be written.
pub(crate) fn write_markdown(
    blocks: &[ProseBlock],
    tag: &MarkdownTag,
    styles: &StyleSheet,
    resources: &mut RenderResources<'_>,
    out: &mut String,
) -> Vec<Problem> {
    let rules = resources.link_policy.rules;
    let mut setter = MarkdownWriter {
        tag,
        styles,
        resources,
        link_targets: LinkTargets::from_blocks(blocks, &rules.schemes),
        block_index: 0,
        bookmarks: BTreeMap::new(),
        refused_links: Vec::new(),
        paragraph_properties: Properties::parse_paragraph(&tag.paragraph_properties),
        run_properties: Properties::parse_run(&tag.run_properties),
        problems: Vec::new(),
        note_part: None,
        out,
    };
    // The tracked changes of the tag's paragraph do not apply to its replacement.
    setter.paragraph_properties.remove_child("w:pPrChange");
    setter.run_properties.remove_child("w:rPrChange");
    let mut after_table = ends_with_table(setter.out);
    for (at, block) in blocks.iter().enumerate() {
        setter.block_index = at;
        let table = matches!(block, ProseBlock::Table { .. });
        if table && after_table {
            // Word joins adjacent tables.
            setter.out.push_str(TABLE_GAP);
        }
        setter.write_block(block);
        after_table = table;
    }
    setter.refused_links.retain(|(address, _)| !rules.reported.contains(address));
    if !setter.refused_links.is_empty() {
        let refused =
            setter.refused_links.iter().map(|(address, refusal)| (address.as_str(), refusal));
        let problem =
            Problem::warning("link", refused_links_message(refused)).with_hint(msg!("link.hint"));
        setter.problems.push(problem.with_hint(msg!("link.hint-schemes")));
    }
    setter.problems
}

struct MarkdownWriter<'s, 'r, 'a> {
    tag: &'s MarkdownTag,
    styles: &'s StyleSheet,
    resources: &'r mut RenderResources<'a>,
    paragraph_properties: Properties,
    run_properties: Properties,
    problems: Vec<Problem>,
    /// The part of the footnote that is being written.
    note_part: Option<String>,
    link_targets: LinkTargets<'a>,
    /// Index of the block that is being written.
    block_index: usize,
    /// Bookmarks of headings that are link targets, by block index.
    bookmarks: BTreeMap<usize, String>,
    /// Addresses of links that become plain text.
    refused_links: Vec<(String, LinkRefusal)>,
    out: &'r mut String,
}

impl MarkdownWriter<'_, '_, '_> {
    fn write_block(&mut self, block: &ProseBlock) {
        match block {
            ProseBlock::Paragraph { inlines } => self.write_paragraph(inlines, ""),
            ProseBlock::Quote { inlines } => match self.style_properties("quote") {
                Some(properties) => {
                    let run = self.styled_run_properties();
                    self.write_styled_paragraph(properties, &run, inlines);
                }
                None => self.write_paragraph(inlines, ""),
            },
            ProseBlock::Item { marker, inlines, .. } => {
                let space = if marker.ends_with(['.', '）', '、']) { "" } else { " " };
                self.write_paragraph(inlines, &format!("{marker}{space}"));
            }
            ProseBlock::Heading { level, inlines } => self.write_heading(*level, inlines),
            ProseBlock::Table { head, rows } => self.write_table(head, rows),
            ProseBlock::Image(image) => {
                let properties = self.style_properties("picture").unwrap_or_else(|| {
                    let mut properties = self.paragraph_properties.clone();
                    let none = "<w:ind w:firstLineChars=\"0\" w:firstLine=\"0\"/>";
                    properties.set_child("w:ind", none);
                    properties.set_child("w:jc", "<w:jc w:val=\"center\"/>");
                    with_auto_line_height(properties)
                });
                let _ = write!(self.out, "<w:p>{}", properties.to_xml());
                let run = self.run_properties.clone();
                self.write_image(image, &run);
                self.out.push_str("</w:p>");
            }
        }
    }

    /// Returns paragraph properties with a style of the template, if it has one of this name.
    fn style_properties(&self, name: &str) -> Option<Properties> {
        let id = &self.styles.find_by_name(StyleKind::Paragraph, name)?.id;
        let mut properties = Properties::parse_paragraph("");
        properties.set_child("w:pStyle", &style_reference("w:pStyle", id));
        Some(properties)
    }

    /// Returns run properties for text with a style of its own. Only the font hint is kept, which selects the
    /// font of characters common to Chinese and Latin text.
    fn styled_run_properties(&self) -> Properties {
        let mut run = self.run_properties.clone();
        run.retain_children(&["w:rFonts", "w:lang"]);
        keep_font_hint(&mut run);
        run
    }

    fn write_styled_paragraph(
        &mut self,
        mut properties: Properties,
        run: &Properties,
        inlines: &[ProseInline],
    ) {
        if inlines.iter().any(|inline| matches!(inline, ProseInline::Image(_))) {
            properties = with_auto_line_height(properties);
        }
        let _ = write!(self.out, "<w:p>{}", properties.to_xml());
        self.write_inlines(inlines, run);
        self.out.push_str("</w:p>");
    }

    fn write_paragraph(&mut self, inlines: &[ProseInline], marker: &str) {
        let mut properties = self.paragraph_properties.clone();
        if inlines.iter().any(|inline| matches!(inline, ProseInline::Image(_))) {
            properties = with_auto_line_height(properties);
        }
        let _ = write!(self.out, "<w:p>{}", properties.to_xml());
        let run = self.run_properties.clone();
        if !marker.is_empty() {
            self.write_run(&ProseRun { text: marker.to_owned(), ..ProseRun::default() }, &run);
        }
        self.write_inlines(inlines, &run);
        self.out.push_str("</w:p>");
    }

    fn write_heading(&mut self, level: u8, inlines: &[ProseInline]) {
        let start = self.out.len();
        self.write_heading_paragraph(level, inlines);
        if self.link_targets.is_linked(self.block_index) {
            self.bookmark_heading(start);
        }
    }

    /// Adds a bookmark to the paragraph that begins at a position.
    fn bookmark_heading(&mut self, start: usize) {
        let (Some(name), Some(end)) =
            (self.heading_bookmark(self.block_index), self.out.rfind("</w:p>"))
        else {
            return;
        };
        let begin = match self.out.slice(start..end).find("</w:pPr>") {
            Some(at) => start + at + "</w:pPr>".len(),
            None => start + "<w:p>".len(),
        };
        let id = self.resources.next_mark_id();
        self.out.insert_text(end, &format!("<w:bookmarkEnd w:id=\"{id}\"/>"));
        let mut open = format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"");
        escape_into(&mut open, &name);
        self.out.insert_text(begin, &(open + "\"/>"));
    }

    /// Returns the bookmark of the heading with block index `at`.
    fn heading_bookmark(&mut self, at: usize) -> Option<String> {
        if let Some(known) = self.bookmarks.get(&at) {
            return Some(known.clone());
        }
        match self.resources.unique_bookmark_name(HEADING_BOOKMARK) {
            Ok(name) => {
                self.bookmarks.insert(at, name.clone());
                Some(name)
            }
            Err(error) => {
                self.problems.push(Problem::error("docx-unusable", error.message()));
                None
            }
        }
    }

    fn write_heading_paragraph(&mut self, level: u8, inlines: &[ProseInline]) {
        if let Some(properties) = self.style_properties(&format!("heading {level}")) {
            let run = self.styled_run_properties();
            return self.write_styled_paragraph(properties, &run, inlines);
        }
        let outline = level.saturating_sub(1);
        let mut properties = self.paragraph_properties.clone();
        properties.set_child("w:outlineLvl", &format!("<w:outlineLvl w:val=\"{outline}\"/>"));
        let run = self.run_properties.clone();
        self.write_styled_paragraph(properties, &run, inlines);
    }

    fn write_inlines(&mut self, inlines: &[ProseInline], look: &Properties) {
        for inline in inlines {
            match inline {
                ProseInline::Text(run) => self.write_run(run, look),
                ProseInline::Break => {
                    let _ = write!(self.out, "<w:r>{}<w:br/></w:r>", look.to_xml());
                }
                ProseInline::Link { url, inlines } => self.write_link(url, inlines, look),
                ProseInline::Image(image) => self.write_image(image, look),
                ProseInline::Note { inlines } => self.write_footnote(inlines, look),
            }
        }
    }

    /// Writes a Word footnote: a reference in the text, and the footnote's text in a part of its own.
    fn write_footnote(&mut self, inlines: &[ProseInline], look: &Properties) {
        if !self.resources.is_main_part() || self.resources.is_in_text_box(self.out) {
            let problem = Problem::error("note-place", msg!("template.note-place"));
            return self.problems.push(problem.with_hint(msg!("template.hint-note-place")));
        }
        let (part, number) = match self.resources.add_note(NoteKind::Footnote) {
            Ok(note) => note,
            Err(error) => {
                return self.problems.push(Problem::error("docx-unusable", error.message()));
            }
        };
        let mark = self.note_mark_properties(look);
        let _ = write!(self.out, "<w:r>{mark}<w:footnoteReference w:id=\"{number}\"/></w:r>");
        let piece = self.render_footnote_text(number, &part, inlines);
        self.resources.append_to_part(&part, &piece, &RootNamespaces::word_only());
    }

    /// Returns the run properties of a footnote reference.
    fn note_mark_properties(&self, look: &Properties) -> String {
        let mut mark = look.clone();
        match self.styles.find_by_name(StyleKind::Character, "footnote reference") {
            Some(style) => mark.set_child("w:rStyle", &style_reference("w:rStyle", &style.id)),
            None => mark.set_child("w:vertAlign", "<w:vertAlign w:val=\"superscript\"/>"),
        }
        mark.to_xml()
    }

    fn render_footnote_text(&mut self, number: u32, part: &str, inlines: &[ProseInline]) -> String {
        let (properties, run) = match self.style_properties("footnote text") {
            Some(properties) => (properties, self.styled_run_properties()),
            None => {
                let mut run = self.run_properties.clone();
                run.set_child("w:sz", "<w:sz w:val=\"18\"/>");
                run.set_child("w:szCs", "<w:szCs w:val=\"18\"/>");
                (self.cell_paragraph_properties(), run)
            }
        };
        let mark = self.note_mark_properties(&run);
        let outer = std::mem::take(self.out);
        let _ = write!(
            self.out,
            "<w:footnote w:id=\"{number}\"><w:p>{}<w:r>{mark}<w:footnoteRef/></w:r>",
            properties.to_xml()
        );
        self.write_run(&ProseRun { text: " ".to_owned(), ..ProseRun::default() }, &run);
        let outer_part = self.note_part.replace(part.to_owned());
        self.write_inlines(inlines, &run);
        self.note_part = outer_part;
        self.out.push_str("</w:p></w:footnote>");
        std::mem::replace(self.out, outer)
    }

    fn write_run(&mut self, run: &ProseRun, look: &Properties) {
        if let Some(found) = find_forbidden(&run.text) {
            let code = format!("U+{:04X}", u32::from(found));
            let before: Vec<char> =
                run.text.split(found).next().unwrap_or("").chars().rev().take(12).collect();
            let before: String = before.into_iter().rev().collect();
            let message = msg!("template.control", path = "markdown", code = code, before = before);
            self.problems.push(
                Problem::error("value-control-character", message)
                    .with_hint(msg!("template.hint-control")),
            );
            return;
        }
        let mut properties = look.clone();
        if run.bold {
            properties.set_child("w:b", "<w:b/>");
            properties.set_child("w:bCs", "<w:bCs/>");
        }
        if run.italic {
            properties.set_child("w:i", "<w:i/>");
            properties.set_child("w:iCs", "<w:iCs/>");
        }
        if run.lead
            && let Some(style) = self.styles.find_by_name(StyleKind::Character, "lead")
        {
            // Fonts of the run would override those of the style.
            keep_font_hint(&mut properties);
            properties.set_child("w:rStyle", &style_reference("w:rStyle", &style.id));
        }
        let _ = write!(self.out, "<w:r>{}<w:t xml:space=\"preserve\">", properties.to_xml());
        crate::eval::renderer::write_run_text(self.out, &run.text, "w:t");
        self.out.push_str("</w:t></w:r>");
    }

    fn write_link(&mut self, url: &str, inlines: &[ProseInline], look: &Properties) {
        let Some(target) = self.link_attributes(url) else {
            return self.write_inlines(inlines, look);
        };
        let _ = write!(self.out, "<w:hyperlink{target} w:history=\"1\">");
        self.write_inlines(inlines, look);
        self.out.push_str("</w:hyperlink>");
    }

    /// Returns the target attribute of a link, or `None` for a refused address, whose link becomes plain text.
    fn link_attributes(&mut self, url: &str) -> Option<String> {
        let links = self.resources.link_policy;
        let place = match self.link_targets.resolve_address(url) {
            Ok(LinkTarget::Address) => {
                let (id, namespace) = match &self.note_part {
                    Some(part) => (
                        self.resources.add_link_to_part(&part.clone(), url),
                        RenderResources::NAMESPACE,
                    ),
                    None => (self.resources.add_link(url), self.resources.namespace_declaration()),
                };
                return Some(format!("{namespace} r:id=\"{id}\""));
            }
            Ok(LinkTarget::Heading(at)) => self.heading_bookmark(at)?,
            Err(_) if !links.rules.reported.contains(url) && links.check_address(url).is_ok() => {
                url.trim_start_matches('#').to_owned()
            }
            Err(refusal) => {
                self.refused_links.push((url.to_owned(), refusal));
                return None;
            }
        };
        let mut out = " w:anchor=\"".to_owned();
        escape_into(&mut out, &place);
        Some(out + "\"")
    }

    fn write_image(&mut self, image: &Image, look: &Properties) {
        match self.resources.add_picture(&image.path) {
            Ok(picture) => {
                let _ = write!(self.out, "<w:r>{}", look.to_xml());
                write_prose_picture(self.out, &picture, &image.alt, self.tag.available_width);
                self.out.push_str("</w:r>");
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    fn write_table(&mut self, head: &[ProseCell], rows: &[Vec<ProseCell>]) {
        let widths = column_widths(head, rows, self.tag.available_width);
        let total: u32 = widths.iter().sum();
        self.out.push_str("<w:tbl><w:tblPr>");
        let style = self.styles.find_by_name(StyleKind::Table, "table grid");
        if let Some(style) = style {
            self.out.push_str(&style_reference("w:tblStyle", &style.id));
        }
        let _ = write!(self.out, "<w:tblW w:w=\"{total}\" w:type=\"dxa\"/>");
        if style.is_none() {
            self.out.push_str("<w:tblBorders>");
            for border in TABLE_BORDERS {
                let _ = write!(
                    self.out,
                    "<w:{border} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>"
                );
            }
            self.out.push_str("</w:tblBorders>");
        }
        self.out.push_str("<w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
        for width in &widths {
            let _ = write!(self.out, "<w:gridCol w:w=\"{width}\"/>");
        }
        self.out.push_str("</w:tblGrid>");
        self.write_row(head, &widths, true);
        for row in rows {
            self.write_row(row, &widths, false);
        }
        self.out.push_str("</w:tbl>");
    }

    fn write_row(&mut self, cells: &[ProseCell], widths: &[u32], head: bool) {
        self.out.push_str("<w:tr><w:trPr><w:cantSplit/>");
        self.out.push_str(if head { "<w:tblHeader/></w:trPr>" } else { "</w:trPr>" });
        let styled = self.style_properties(if head { "table head" } else { "table text" });
        let mut run = if styled.is_some() {
            self.styled_run_properties()
        } else {
            self.run_properties.clone()
        };
        if head && styled.is_none() {
            run.set_child("w:b", "<w:b/>");
            run.set_child("w:bCs", "<w:bCs/>");
        }
        for (cell, width) in cells.iter().zip(widths) {
            let _ = write!(
                self.out,
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/>\
                 </w:tcPr>"
            );
            let mut properties = styled.clone().unwrap_or_else(|| self.cell_paragraph_properties());
            let align = match cell.align {
                // Without an explicit alignment the style decides.
                ColumnAlign::Left if styled.is_some() => None,
                ColumnAlign::Left => Some("left"),
                ColumnAlign::Center => Some("center"),
                ColumnAlign::Right => Some("right"),
            };
            if let Some(align) = align {
                properties.set_child("w:jc", &format!("<w:jc w:val=\"{align}\"/>"));
            }
            self.write_styled_paragraph(properties, &run, &cell.inlines);
            self.out.push_str("</w:tc>");
        }
        self.out.push_str("</w:tr>");
    }

    /// Returns the paragraph properties of the tag without those that apply only to running text.
    fn cell_paragraph_properties(&self) -> Properties {
        let mut properties = self.paragraph_properties.clone();
        properties.retain_children(&["w:pStyle", "w:snapToGrid", "w:rPr"]);
        properties.set_child(
            "w:spacing",
            "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>",
        );
        properties.set_child(
            "w:ind",
            "<w:ind w:leftChars=\"0\" w:left=\"0\" w:firstLineChars=\"0\" w:firstLine=\"0\"/>",
        );
        properties
    }
}

fn style_reference(element: &str, id: &str) -> String {
    let mut out = format!("<{element} w:val=\"");
    escape_into(&mut out, id);
    out.push_str("\"/>");
    out
}

/// Removes fonts except the font hint, since they would override those of a style.
fn keep_font_hint(run: &mut Properties) {
    let hint = run.child_attribute("w:rFonts", "w:hint");
    run.remove_child("w:rFonts");
    if let Some(hint) = hint {
        run.set_child("w:rFonts", &format!("<w:rFonts w:hint=\"{hint}\"/>"));
    }
}

/// Replaces an exact line height, which would crop pictures.
fn with_auto_line_height(mut properties: Properties) -> Properties {
    let mut spacing = String::from("<w:spacing");
    for name in ["w:before", "w:beforeLines", "w:after", "w:afterLines"] {
        if let Some(value) = properties.child_attribute("w:spacing", name) {
            let _ = write!(spacing, " {name}=\"{value}\"");
        }
    }
    spacing.push_str(" w:line=\"240\" w:lineRule=\"auto\"/>");
    properties.set_child("w:spacing", &spacing);
    properties
}

/// Divides the width among columns by the length of their longest cell, within limits.
fn column_widths(head: &[ProseCell], rows: &[Vec<ProseCell>], width: u32) -> Vec<u32> {
    let count = head.len().max(1);
    let mut weights = vec![4u32; count];
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        for (weight, cell) in weights.iter_mut().zip(row) {
            let length = u32::try_from(text_length(&cell.inlines)).unwrap_or(24);
            *weight = (*weight).max(length.min(24));
        }
    }
    let sum: u32 = weights.iter().sum();
    let mut widths: Vec<u32> = weights.iter().map(|weight| width * weight / sum).collect();
    let rest = width - widths.iter().sum::<u32>();
    if let Some(last) = widths.last_mut() {
        *last += rest;
    }
    widths
}

fn text_length(inlines: &[ProseInline]) -> usize {
    inlines
        .iter()
        .map(|inline| match inline {
            ProseInline::Text(run) => run.text.chars().count(),
            ProseInline::Link { inlines, .. } => text_length(inlines),
            ProseInline::Break | ProseInline::Note { .. } => 0,
            ProseInline::Image(_) => 12,
        })
        .sum()
}
