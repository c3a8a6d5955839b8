//! Owns writing paragraphs and tables as Markdown that parses to the same prose: levels, lists,
//! bold, links, tables, pictures.
//! Must not know the section of a text.

use super::recognised::SectionPart;
use crate::syntax::markdown;
use docx_fill::diag::WordLocation;
use docx_fill::prose::{self, ProseBlock, ProseInline};
use docx_fill::slice::TextSlice as _;
use docx_fill::word::blocks;
use docx_fill::word::blocks::{FormattedRun, RunContent, WordParagraph, WordTable};
use docx_fill::word::styles::StyleSheet;
use std::fmt::Write as _;

/// A block of Markdown with its place in the document.
pub(crate) struct MarkdownBlock {
    pub(crate) markdown: String,
    pub(crate) place: WordLocation,
}

/// An exporter with what it needs of the document besides the text.
pub(crate) struct MarkdownExporter<'s> {
    pub(crate) styles: &'s StyleSheet,
    /// True if headings below the sections have styles; then a paragraph without such a style is
    /// not a heading.
    pub(crate) has_heading_styles: bool,
    /// Returns the file name of a picture by relationship id.
    pub(crate) pictures: &'s dyn Fn(&str) -> Option<String>,
}

impl MarkdownExporter<'_> {
    /// Returns the blocks of a section, without blank paragraphs.
    pub(crate) fn section_blocks(&self, parts: &[SectionPart<'_>]) -> Vec<MarkdownBlock> {
        let mut out = Vec::new();
        for part in parts {
            match *part {
                SectionPart::Paragraph(paragraph, from) => {
                    let markdown = self.paragraph_markdown(paragraph, from);
                    if !markdown.is_empty() {
                        out.push(MarkdownBlock { markdown, place: paragraph.place.clone() });
                    }
                }
                SectionPart::Table(table) => {
                    let markdown = self.table_markdown(table);
                    if !markdown.is_empty() {
                        out.push(MarkdownBlock { markdown, place: table.place.clone() });
                    }
                }
            }
        }
        out
    }

    fn paragraph_markdown(&self, paragraph: &WordParagraph, from: usize) -> String {
        let mut pieces = paragraph.runs[from..].to_vec();
        if from == 0 && !paragraph.bullet && !paragraph.label.is_empty() {
            let content = RunContent::Text(paragraph.label.clone());
            let look = pieces.first().cloned();
            let (bold, italic) = look.map_or((false, false), |piece| (piece.bold, piece.italic));
            pieces.insert(
                0,
                FormattedRun { content, bold, italic, link: None, range: 0..0, properties: None },
            );
        }
        let bullet = paragraph.bullet && from == 0;
        // Behind a heading and a line break follows its text, in the style of the heading.
        let level = if from == 0 { self.heading_level(paragraph) } else { None };
        if pieces.iter().all(|piece| matches!(piece.content, RunContent::Break)) {
            return String::new();
        }
        let expected = Self::visible_text(&pieces);
        if expected.trim().is_empty() && !has_picture(&pieces) {
            return String::new();
        }
        let plain = without_emphasis(&pieces);
        // A heading that is entirely bold, or bold where the official style has its own typeface.
        let headed =
            matches!(self.parse_runs(&plain), Some(ProseBlock::Heading { .. })) || level.is_some();
        let lead = bold_lead(self.parse_runs(&plain).as_ref(), &pieces);
        let candidates = if headed || lead { vec![&plain] } else { vec![&pieces, &plain] };
        let text =
            candidates.into_iter().find_map(|pieces| self.faithful_markdown(pieces, &expected));
        let text = text.unwrap_or_else(|| self.plain_markdown(&pieces, &expected));
        self.with_block_mark(text, level, bullet, &expected)
    }

    /// Returns the characters without formatting, followed by the pictures.
    fn plain_markdown(&self, pieces: &[FormattedRun], expected: &str) -> String {
        let lines: Vec<_> = expected.trim().lines().map(markdown::escape_words).collect();
        let mut out = lines.join("\\\n");
        for piece in pieces {
            if let (RunContent::Picture { alt, .. }, Some(name)) =
                (&piece.content, self.picture_name(piece))
            {
                out.push_str(&markdown::format_image(alt, &name));
            }
        }
        out
    }

    /// Returns the file name of the picture in a run.
    fn picture_name(&self, piece: &FormattedRun) -> Option<String> {
        match &piece.content {
            RunContent::Picture { id, .. } => (self.pictures)(id),
            RunContent::Text(_) | RunContent::Break => None,
        }
    }

    /// Returns the heading level of the paragraph's style: 2 to 4.
    fn heading_level(&self, paragraph: &WordParagraph) -> Option<u8> {
        let style = self.styles.outline_level(paragraph.style.as_deref());
        let outline = paragraph.outline.filter(|level| *level < 9).or(style)?;
        Some((outline + 1).clamp(2, 4))
    }

    /// Adds the mark that makes the text a heading, a list item or a plain paragraph.
    fn with_block_mark(
        &self,
        text: String,
        level: Option<u8>,
        bullet: bool,
        expected: &str,
    ) -> String {
        if bullet {
            return format!("- {text}");
        }
        if let Some(rest) = text.strip_prefix(['•', '·', '●']) {
            return format!("- {}", rest.trim_start());
        }
        let heading = matches!(only_block(&text), Some(ProseBlock::Heading { .. }));
        match level {
            Some(level) if !heading && !expected.contains('\n') => {
                format!("{} {text}", "#".repeat(usize::from(level)))
            }
            None if heading && self.has_heading_styles => as_list_item(&text).unwrap_or(text),
            _ => text,
        }
    }

    /// Returns the characters as the prose model counts them.
    fn visible_text(pieces: &[FormattedRun]) -> String {
        let mut out = String::new();
        for piece in pieces {
            match &piece.content {
                RunContent::Text(text) => out.push_str(text),
                RunContent::Break => out.push('\n'),
                RunContent::Picture { .. } => {}
            }
        }
        out.trim_matches([' ', '\u{3000}', '\t', '\n']).to_owned()
    }

    fn parse_runs(&self, pieces: &[FormattedRun]) -> Option<ProseBlock> {
        only_block(&self.inline_markdown(pieces, false))
    }

    /// Returns Markdown that parses to the same characters, with as few escapes as possible.
    fn faithful_markdown(&self, pieces: &[FormattedRun], expected: &str) -> Option<String> {
        let marked = pieces.iter().any(|piece| piece.bold || piece.italic);
        let pictures: Vec<String> =
            pieces.iter().filter_map(|piece| self.picture_name(piece)).collect();
        // Text that resembles a quote of a figure must stay text.
        let quotes = expected.contains("{{");
        let ways = [false, true].into_iter().filter(|escaped| *escaped || !quotes);
        ways.map(|escaped| self.inline_markdown(pieces, escaped)).find(|text| {
            let Some(block) = only_block(text) else { return false };
            let inlines: Vec<&ProseInline> = block.inlines().into_iter().flatten().collect();
            let owned: Vec<ProseInline> = inlines.into_iter().cloned().collect();
            let mut runs = Vec::new();
            flatten_inlines(&owned, &mut runs);
            // Text that resembles a picture must stay text.
            let images: Vec<&str> =
                block.images().iter().map(|image| image.path.as_str()).collect();
            let same = prose::plain_text(&owned) == expected && images == pictures;
            let fits = matches!(
                block,
                ProseBlock::Paragraph { .. } | ProseBlock::Heading { .. } | ProseBlock::Image(_)
            );
            let marks = runs.iter().any(|run| run.bold || run.italic);
            same && fits && marks == marked && !runs.iter().any(|run| run.code)
        })
    }

    fn inline_markdown(&self, pieces: &[FormattedRun], escaped: bool) -> String {
        let words = |text: &str| {
            if escaped { markdown::escape_words(text).into_owned() } else { text.to_owned() }
        };
        let mut out = String::new();
        for piece in merge_runs(pieces) {
            match &piece.content {
                RunContent::Break => out.push_str("\\\n"),
                RunContent::Picture { alt, .. } => {
                    out.extend(
                        self.picture_name(&piece).map(|name| markdown::format_image(alt, &name)),
                    );
                }
                RunContent::Text(text) => {
                    let mark = match (piece.bold, piece.italic) {
                        (true, true) => "***",
                        (true, false) => "**",
                        (false, true) => "*",
                        (false, false) => "",
                    };
                    let shown = match &piece.link {
                        Some(url) if url == text => markdown::format_autolink(url),
                        Some(url) => markdown::format_link(&words(text), url),
                        None => words(text),
                    };
                    let _ = write!(out, "{mark}{shown}{mark}");
                }
            }
        }
        out.trim_matches([' ', '\u{3000}', '\t', '\n']).to_owned()
    }

    /// Returns a table of the text; the content of a merged cell is in the first of its cells.
    fn table_markdown(&self, table: &WordTable) -> String {
        let rows = blocks::slot_rows(table);
        let width = blocks::column_count(&rows);
        let mut lines: Vec<String> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let mut cells = vec![String::new(); width];
            for slot in row.iter().filter(|slot| !slot.continued) {
                let texts = slot.cell.paragraphs().map(|p| self.cell_markdown(p));
                cells[slot.column] =
                    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
            }
            lines.push(format!("| {} |", cells.join(" | ")));
            if number == 0 {
                let mut rules = vec![":---"; width];
                for slot in row {
                    rules[slot.column] =
                        match slot.cell.paragraphs().next().map(|p| p.align.as_str()) {
                            Some("right" | "end") => "---:",
                            Some("center") => ":---:",
                            _ => ":---",
                        };
                }
                lines.push(format!("|{}|", rules.join("|")));
            }
        }
        let blank = rows.iter().flatten().all(blocks::GridSlot::is_blank);
        if blank { String::new() } else { lines.join("\n") }
    }

    fn cell_markdown(&self, paragraph: &WordParagraph) -> String {
        let special = |piece: &FormattedRun| match &piece.content {
            RunContent::Text(text) => markdown::escape_words(text) != *text,
            _ => false,
        };
        let pieces = without_emphasis(&paragraph.runs);
        let text = self.inline_markdown(&pieces, pieces.iter().any(special));
        text.replace("\\\n", " ").replace('\n', " ")
    }
}

/// Returns the block of a text if it is exactly one.
fn only_block(text: &str) -> Option<ProseBlock> {
    let mut blocks = prose::parse_markdown(text);
    if blocks.len() == 1 { blocks.pop() } else { None }
}

fn has_picture(pieces: &[FormattedRun]) -> bool {
    pieces.iter().any(|piece| matches!(piece.content, RunContent::Picture { .. }))
}

fn flatten_inlines(inlines: &[ProseInline], out: &mut Vec<prose::ProseRun>) {
    for inline in inlines {
        match inline {
            ProseInline::Text(run) => out.push(run.clone()),
            ProseInline::Link { inlines, .. } => flatten_inlines(inlines, out),
            ProseInline::Break | ProseInline::Image(_) | ProseInline::Note { .. } => {}
        }
    }
}

/// Returns `1.完善制度` as a list item, if it parses to an item with the same number.
fn as_list_item(text: &str) -> Option<String> {
    let (number, rest) = text.split_once('.')?;
    let digits =
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    let item = format!("{number}. {}", rest.trim_start());
    let fits = matches!(only_block(&item), Some(ProseBlock::Item { marker, .. }) if marker == format!("{number}."));
    (digits && fits).then_some(item)
}

fn without_emphasis(pieces: &[FormattedRun]) -> Vec<FormattedRun> {
    pieces
        .iter()
        .map(|piece| FormattedRun { bold: false, italic: false, ..piece.clone() })
        .collect()
}

/// Checks whether the bold text is just the leading sentence, which is bold in the official style
/// anyway.
fn bold_lead(block: Option<&ProseBlock>, pieces: &[FormattedRun]) -> bool {
    let Some(ProseBlock::Paragraph { inlines }) = block else { return false };
    let Some(ProseInline::Text(lead)) =
        inlines.first().filter(|i| matches!(i, ProseInline::Text(run) if run.lead))
    else {
        return false;
    };
    let bold: String = pieces
        .iter()
        .filter(|piece| piece.bold)
        .filter_map(|piece| match &piece.content {
            RunContent::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let (bold, lead) =
        (crate::labels::strip_blanks(&bold), crate::labels::strip_blanks(&lead.text));
    !bold.is_empty()
        && lead.trim_end_matches(['。', '；', '！', '？']) == bold.trim_end_matches('。')
}

/// Merges neighbouring runs of equal formatting; blanks and punctuation at the edges of bold text
/// are moved outside, as Markdown requires.
fn merge_runs(pieces: &[FormattedRun]) -> Vec<FormattedRun> {
    let mut out: Vec<FormattedRun> = Vec::new();
    for piece in pieces {
        let RunContent::Text(text) = &piece.content else {
            out.push(piece.clone());
            continue;
        };
        let marked = piece.bold || piece.italic;
        let edge = |c: char| c.is_whitespace() || !c.is_alphanumeric();
        let inner = if marked && piece.link.is_none() { text.trim_matches(edge) } else { text };
        let start = text.find(inner).unwrap_or(0);
        let cuts = [text.slice(..start), inner, text.slice(start + inner.len()..)];
        for (at, part) in cuts.into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
            let keep = at == 1;
            let (bold, italic) = (piece.bold && keep, piece.italic && keep);
            let content = RunContent::Text(part.to_owned());
            match out.last_mut() {
                Some(FormattedRun {
                    content: RunContent::Text(before),
                    bold: b,
                    italic: i,
                    link,
                    ..
                }) if (*b, *i) == (bold, italic) && *link == piece.link => {
                    before.push_str(part);
                }
                _ => out.push(FormattedRun { content, bold, italic, ..piece.clone() }),
            }
        }
    }
    out
}
