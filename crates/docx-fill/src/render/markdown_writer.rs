//! Owns the setting of prose in Word: blocks become paragraphs, tables, links and pictures in the look
//! of the paragraph that the tag stood in.
//! Must not know where prose comes from or which tag asked for it.

use crate::additions::resources::Resources;
use crate::additions::target_parts::NoteKind;
use crate::diag::Problem;
use crate::diag::text;
use crate::document::namespaces::Root;
use crate::document::properties::Properties;
use crate::document::styles::Styles;
use crate::ir::part::Markdown;
use crate::opc::xml::{escape_into, forbidden};
use crate::prose::links::{Goal, Goals, Refusal, told};
use crate::prose::{Align, Block, Cell, Image, Inline, Run};
use crate::render::picture::put_in_prose;
use crate::slice::{TextEdit as _, TextSlice as _};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How the bookmarks of headings are named to which links lead.
const HEADING_BOOKMARK: &str = "inserted_heading";

const BORDERS: [&str; 6] = ["top", "left", "bottom", "right", "insideH", "insideV"];

/// Sets blocks; what could not be set is told.
pub(crate) fn set(
    blocks: &[Block],
    tag: &Markdown,
    styles: &Styles,
    resources: &mut Resources<'_>,
    out: &mut String,
) -> Vec<Problem> {
    let rules = resources.links.rules;
    let mut setter = Setter {
        tag,
        styles,
        resources,
        goals: Goals::of(blocks, &rules.schemes),
        at: 0,
        bookmarks: BTreeMap::new(),
        refused: Vec::new(),
        paragraph: Properties::paragraph(&tag.paragraph_properties),
        run: Properties::run(&tag.run_properties),
        problems: Vec::new(),
        note_part: None,
        out,
    };
    // The history of the tag's own look is not that of what takes its place.
    setter.paragraph.remove("w:pPrChange");
    setter.run.remove("w:rPrChange");
    let mut after_table = false;
    for (at, block) in blocks.iter().enumerate() {
        setter.at = at;
        let table = matches!(block, Block::Table { .. });
        if table && after_table {
            // Word joins two tables that touch.
            setter.out.push_str("<w:p/>");
        }
        setter.block(block);
        after_table = table;
    }
    setter.refused.retain(|(address, _)| !rules.told.contains(address));
    if !setter.refused.is_empty() {
        let refused = setter.refused.iter().map(|(address, refusal)| (address.as_str(), refusal));
        let problem = Problem::warning("link", told(refused)).hint(text!("link.hint"));
        setter.problems.push(problem.hint(text!("link.hint-schemes")));
    }
    setter.problems
}

struct Setter<'s, 'r, 'a> {
    tag: &'s Markdown,
    styles: &'s Styles,
    resources: &'r mut Resources<'a>,
    paragraph: Properties,
    run: Properties,
    problems: Vec<Problem>,
    /// The part of the footnote that is being set.
    note_part: Option<String>,
    goals: Goals<'a>,
    /// Number of the block that is being set.
    at: usize,
    /// The bookmarks of the headings to which links lead, by the number of the block.
    bookmarks: BTreeMap<usize, String>,
    /// Addresses of links that stay text.
    refused: Vec<(String, Refusal)>,
    out: &'r mut String,
}

impl Setter<'_, '_, '_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph { inlines } => self.paragraph(inlines, ""),
            Block::Quote { inlines } => match self.named("quote") {
                Some(properties) => {
                    let run = self.plain_run();
                    self.put(properties, &run, inlines);
                }
                None => self.paragraph(inlines, ""),
            },
            Block::Item { marker, inlines, .. } => {
                let space = if marker.ends_with(['.', '）', '、']) { "" } else { " " };
                self.paragraph(inlines, &format!("{marker}{space}"));
            }
            Block::Heading { level, inlines } => self.heading(*level, inlines),
            Block::Table { head, rows } => self.table(head, rows),
            Block::Image(image) => {
                let properties = self.named("picture").unwrap_or_else(|| {
                    let mut properties = self.paragraph.clone();
                    let none = "<w:ind w:firstLineChars=\"0\" w:firstLine=\"0\"/>";
                    properties.set("w:ind", none);
                    properties.set("w:jc", "<w:jc w:val=\"center\"/>");
                    room_for_picture(properties)
                });
                let _ = write!(self.out, "<w:p>{}", properties.xml());
                let run = self.run.clone();
                self.image(image, &run);
                self.out.push_str("</w:p>");
            }
        }
    }

    /// The properties of a paragraph in a style of the template, if it has one of this name.
    fn named(&self, name: &str) -> Option<Properties> {
        let id = self.styles.paragraph(name)?;
        let mut properties = Properties::paragraph("");
        properties.set("w:pStyle", &style_reference("w:pStyle", id));
        Some(properties)
    }

    /// What is left of the tag's run where a style of its own decides the look: the hint which face the
    /// characters take that Chinese and Latin share.
    fn plain_run(&self) -> Properties {
        let mut run = self.run.clone();
        run.retain(&["w:rFonts", "w:lang"]);
        keep_hint(&mut run);
        run
    }

    fn put(&mut self, mut properties: Properties, run: &Properties, inlines: &[Inline]) {
        if inlines.iter().any(|inline| matches!(inline, Inline::Image(_))) {
            properties = room_for_picture(properties);
        }
        let _ = write!(self.out, "<w:p>{}", properties.xml());
        self.inlines(inlines, run);
        self.out.push_str("</w:p>");
    }

    fn paragraph(&mut self, inlines: &[Inline], marker: &str) {
        let mut properties = self.paragraph.clone();
        if inlines.iter().any(|inline| matches!(inline, Inline::Image(_))) {
            properties = room_for_picture(properties);
        }
        let _ = write!(self.out, "<w:p>{}", properties.xml());
        let run = self.run.clone();
        if !marker.is_empty() {
            self.text(&Run { text: marker.to_owned(), ..Run::default() }, &run);
        }
        self.inlines(inlines, &run);
        self.out.push_str("</w:p>");
    }

    fn heading(&mut self, level: u8, inlines: &[Inline]) {
        let start = self.out.len();
        self.put_heading(level, inlines);
        if self.goals.leads_to(self.at) {
            self.mark_heading(start);
        }
    }

    /// Puts a bookmark into the paragraph that begins at a position.
    fn mark_heading(&mut self, start: usize) {
        let (Some(name), Some(end)) = (self.bookmark(self.at), self.out.rfind("</w:p>")) else {
            return;
        };
        let begin = match self.out.slice(start..end).find("</w:pPr>") {
            Some(at) => start + at + "</w:pPr>".len(),
            None => start + "<w:p>".len(),
        };
        let id = self.resources.next_mark();
        self.out.insert_text(end, &format!("<w:bookmarkEnd w:id=\"{id}\"/>"));
        let mut open = format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"");
        escape_into(&mut open, &name);
        self.out.insert_text(begin, &(open + "\"/>"));
    }

    /// The bookmark of the heading that is block `at`.
    fn bookmark(&mut self, at: usize) -> Option<String> {
        if let Some(known) = self.bookmarks.get(&at) {
            return Some(known.clone());
        }
        match self.resources.bookmark_name(HEADING_BOOKMARK) {
            Ok(name) => {
                self.bookmarks.insert(at, name.clone());
                Some(name)
            }
            Err(error) => {
                self.problems.push(Problem::error("docx-unusable", error.text()));
                None
            }
        }
    }

    fn put_heading(&mut self, level: u8, inlines: &[Inline]) {
        if let Some(properties) = self.named(&format!("heading {level}")) {
            let run = self.plain_run();
            return self.put(properties, &run, inlines);
        }
        let outline = level.saturating_sub(1);
        let mut properties = self.paragraph.clone();
        properties.set("w:outlineLvl", &format!("<w:outlineLvl w:val=\"{outline}\"/>"));
        let run = self.run.clone();
        self.put(properties, &run, inlines);
    }

    fn inlines(&mut self, inlines: &[Inline], look: &Properties) {
        for inline in inlines {
            match inline {
                Inline::Text(run) => self.text(run, look),
                Inline::Break => {
                    let _ = write!(self.out, "<w:r>{}<w:br/></w:r>", look.xml());
                }
                Inline::Link { url, inlines } => self.link(url, inlines, look),
                Inline::Image(image) => self.image(image, look),
                Inline::Note { inlines } => self.note(inlines, look),
            }
        }
    }

    /// A footnote of Word's: a number in the text, and the text in a part of its own.
    fn note(&mut self, inlines: &[Inline], look: &Properties) {
        if !self.resources.in_main_part() || self.resources.in_text_box(self.out) {
            let problem = Problem::error("note-place", text!("template.note-place"));
            return self.problems.push(problem.hint(text!("template.hint-note-place")));
        }
        let (part, number) = match self.resources.note(NoteKind::Footnote) {
            Ok(note) => note,
            Err(error) => return self.problems.push(Problem::error("docx-unusable", error.text())),
        };
        let mark = self.note_mark(look);
        let _ = write!(self.out, "<w:r>{mark}<w:footnoteReference w:id=\"{number}\"/></w:r>");
        let piece = self.note_text(number, &part, inlines);
        self.resources.grow(&part, &piece, &Root::word());
    }

    /// The look of a footnote's number.
    fn note_mark(&self, look: &Properties) -> String {
        let mut mark = look.clone();
        match self.styles.character("footnote reference") {
            Some(id) => mark.set("w:rStyle", &style_reference("w:rStyle", id)),
            None => mark.set("w:vertAlign", "<w:vertAlign w:val=\"superscript\"/>"),
        }
        mark.xml()
    }

    fn note_text(&mut self, number: u32, part: &str, inlines: &[Inline]) -> String {
        let (properties, run) = match self.named("footnote text") {
            Some(properties) => (properties, self.plain_run()),
            None => {
                let mut run = self.run.clone();
                run.set("w:sz", "<w:sz w:val=\"18\"/>");
                run.set("w:szCs", "<w:szCs w:val=\"18\"/>");
                (self.cell_paragraph(), run)
            }
        };
        let mark = self.note_mark(&run);
        let outer = std::mem::take(self.out);
        let _ = write!(
            self.out,
            "<w:footnote w:id=\"{number}\"><w:p>{}<w:r>{mark}<w:footnoteRef/></w:r>",
            properties.xml()
        );
        self.text(&Run { text: " ".to_owned(), ..Run::default() }, &run);
        let outer_part = self.note_part.replace(part.to_owned());
        self.inlines(inlines, &run);
        self.note_part = outer_part;
        self.out.push_str("</w:p></w:footnote>");
        std::mem::replace(self.out, outer)
    }

    fn text(&mut self, run: &Run, look: &Properties) {
        if let Some(found) = forbidden(&run.text) {
            let code = format!("U+{:04X}", u32::from(found));
            let before: Vec<char> =
                run.text.split(found).next().unwrap_or("").chars().rev().take(12).collect();
            let before: String = before.into_iter().rev().collect();
            let message =
                text!("template.control", path = "markdown", code = code, before = before);
            self.problems.push(
                Problem::error("value-control-character", message)
                    .hint(text!("template.hint-control")),
            );
            return;
        }
        let mut properties = look.clone();
        if run.bold {
            properties.set("w:b", "<w:b/>");
            properties.set("w:bCs", "<w:bCs/>");
        }
        if run.italic {
            properties.set("w:i", "<w:i/>");
            properties.set("w:iCs", "<w:iCs/>");
        }
        if run.lead
            && let Some(id) = self.styles.character("lead")
        {
            // The style's typeface would lose against one that the run itself names.
            keep_hint(&mut properties);
            properties.set("w:rStyle", &style_reference("w:rStyle", id));
        }
        let _ = write!(self.out, "<w:r>{}<w:t xml:space=\"preserve\">", properties.xml());
        crate::eval::renderer::put_in_run(self.out, &run.text, "w:t");
        self.out.push_str("</w:t></w:r>");
    }

    fn link(&mut self, url: &str, inlines: &[Inline], look: &Properties) {
        let Some(target) = self.link_target(url) else { return self.inlines(inlines, look) };
        let _ = write!(self.out, "<w:hyperlink{target} w:history=\"1\">");
        self.inlines(inlines, look);
        self.out.push_str("</w:hyperlink>");
    }

    /// The attribute that says where a link leads; none for an address that Word could run: it stays text.
    fn link_target(&mut self, url: &str) -> Option<String> {
        let links = self.resources.links;
        let place = match self.goals.goal(url) {
            Ok(Goal::Address) => {
                let (id, namespace) = match &self.note_part {
                    Some(part) => {
                        (self.resources.link_of(&part.clone(), url), Resources::NAMESPACE)
                    }
                    None => (self.resources.link(url), self.resources.namespace()),
                };
                return Some(format!("{namespace} r:id=\"{id}\""));
            }
            Ok(Goal::Heading(at)) => self.bookmark(at)?,
            Err(_) if !links.rules.told.contains(url) && links.judge(url).is_ok() => {
                url.trim_start_matches('#').to_owned()
            }
            Err(refusal) => {
                self.refused.push((url.to_owned(), refusal));
                return None;
            }
        };
        let mut out = " w:anchor=\"".to_owned();
        escape_into(&mut out, &place);
        Some(out + "\"")
    }

    fn image(&mut self, image: &Image, look: &Properties) {
        match self.resources.picture(&image.path) {
            Ok(picture) => {
                let _ = write!(self.out, "<w:r>{}", look.xml());
                put_in_prose(self.out, &picture, &image.alt, self.tag.width);
                self.out.push_str("</w:r>");
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    fn table(&mut self, head: &[Cell], rows: &[Vec<Cell>]) {
        let widths = column_widths(head, rows, self.tag.width);
        let total: u32 = widths.iter().sum();
        self.out.push_str("<w:tbl><w:tblPr>");
        let style = self.styles.table("table grid");
        if let Some(id) = style {
            self.out.push_str(&style_reference("w:tblStyle", id));
        }
        let _ = write!(self.out, "<w:tblW w:w=\"{total}\" w:type=\"dxa\"/>");
        if style.is_none() {
            self.out.push_str("<w:tblBorders>");
            for border in BORDERS {
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
        self.row(head, &widths, true);
        for row in rows {
            self.row(row, &widths, false);
        }
        self.out.push_str("</w:tbl>");
    }

    fn row(&mut self, cells: &[Cell], widths: &[u32], head: bool) {
        self.out.push_str("<w:tr><w:trPr><w:cantSplit/>");
        self.out.push_str(if head { "<w:tblHeader/></w:trPr>" } else { "</w:trPr>" });
        let styled = self.named(if head { "table head" } else { "table text" });
        let mut run = if styled.is_some() { self.plain_run() } else { self.run.clone() };
        if head && styled.is_none() {
            run.set("w:b", "<w:b/>");
            run.set("w:bCs", "<w:bCs/>");
        }
        for (cell, width) in cells.iter().zip(widths) {
            let _ = write!(
                self.out,
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/>\
                 </w:tcPr>"
            );
            let mut properties = styled.clone().unwrap_or_else(|| self.cell_paragraph());
            let align = match cell.align {
                // What nobody asked for is the style's to say.
                Align::Left if styled.is_some() => None,
                Align::Left => Some("left"),
                Align::Center => Some("center"),
                Align::Right => Some("right"),
            };
            if let Some(align) = align {
                properties.set("w:jc", &format!("<w:jc w:val=\"{align}\"/>"));
            }
            self.put(properties, &run, &cell.inlines);
            self.out.push_str("</w:tc>");
        }
        self.out.push_str("</w:tr>");
    }

    /// The tag's paragraph without what only running text has.
    fn cell_paragraph(&self) -> Properties {
        let mut properties = self.paragraph.clone();
        properties.retain(&["w:pStyle", "w:snapToGrid", "w:rPr"]);
        properties.set(
            "w:spacing",
            "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>",
        );
        properties.set(
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

/// Of the typefaces only the hint is kept: a style's would lose against those that the run names.
fn keep_hint(run: &mut Properties) {
    let hint = run.attribute("w:rFonts", "w:hint");
    run.remove("w:rFonts");
    if let Some(hint) = hint {
        run.set("w:rFonts", &format!("<w:rFonts w:hint=\"{hint}\"/>"));
    }
}

/// An exact line height would cut a picture off.
fn room_for_picture(mut properties: Properties) -> Properties {
    let mut spacing = String::from("<w:spacing");
    for name in ["w:before", "w:beforeLines", "w:after", "w:afterLines"] {
        if let Some(value) = properties.attribute("w:spacing", name) {
            let _ = write!(spacing, " {name}=\"{value}\"");
        }
    }
    spacing.push_str(" w:line=\"240\" w:lineRule=\"auto\"/>");
    properties.set("w:spacing", &spacing);
    properties
}

/// Columns share the width by the length of their longest cell, within reason.
fn column_widths(head: &[Cell], rows: &[Vec<Cell>], width: u32) -> Vec<u32> {
    let count = head.len().max(1);
    let mut weights = vec![4u32; count];
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        for (weight, cell) in weights.iter_mut().zip(row) {
            let length = u32::try_from(length(&cell.inlines)).unwrap_or(24);
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

fn length(inlines: &[Inline]) -> usize {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(run) => run.text.chars().count(),
            Inline::Link { inlines, .. } => length(inlines),
            Inline::Break | Inline::Note { .. } => 0,
            Inline::Image(_) => 12,
        })
        .sum()
}
