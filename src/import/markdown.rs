//! Owns writing paragraphs and tables as Markdown that reads back as the same prose: levels, lists, bold,
//! links, tables, pictures.
//! Must not know which section the text belongs to.

use super::document::{Content, Paragraph, Piece, Table};
use super::recognise::Part;
use super::slots;
use super::styles::Styles;
use crate::syntax::markdown;
use docx_fill::diag::WordPlace;
use docx_fill::prose::{self, Block, Inline};
use docx_fill::slice::TextSlice as _;
use std::fmt::Write as _;

/// A block of Markdown and where it stands.
pub(crate) struct Chunk {
    pub(crate) markdown: String,
    pub(crate) place: WordPlace,
}

/// What a document has besides the text.
pub(crate) struct Writer<'s> {
    pub(crate) styles: &'s Styles,
    /// Whether headings below the sections have styles of their own: then a paragraph without one is none.
    pub(crate) styled: bool,
    /// File names of the pictures, by relationship.
    pub(crate) pictures: &'s dyn Fn(&str) -> Option<String>,
}

impl Writer<'_> {
    /// The blocks of a section; blank paragraphs are none.
    pub(crate) fn chunks(&self, parts: &[Part<'_>]) -> Vec<Chunk> {
        let mut out = Vec::new();
        for part in parts {
            match *part {
                Part::Paragraph(paragraph, from) => {
                    let markdown = self.paragraph(paragraph, from);
                    if !markdown.is_empty() {
                        out.push(Chunk { markdown, place: paragraph.place.clone() });
                    }
                }
                Part::Table(table) => {
                    let markdown = self.table(table);
                    if !markdown.is_empty() {
                        out.push(Chunk { markdown, place: table.place.clone() });
                    }
                }
            }
        }
        out
    }

    fn paragraph(&self, paragraph: &Paragraph, from: usize) -> String {
        let mut pieces = paragraph.pieces[from..].to_vec();
        if from == 0 && !paragraph.bullet && !paragraph.label.is_empty() {
            let content = Content::Text(paragraph.label.clone());
            let look = pieces.first().cloned();
            let (bold, italic) = look.map_or((false, false), |piece| (piece.bold, piece.italic));
            pieces.insert(0, Piece { content, bold, italic, link: None, range: 0..0, look: None });
        }
        let bullet = paragraph.bullet && from == 0;
        let level = self.level(paragraph);
        if pieces.iter().all(|piece| matches!(piece.content, Content::Break)) {
            return String::new();
        }
        let expected = Self::shown(&pieces);
        if expected.trim().is_empty() && !has_picture(&pieces) {
            return String::new();
        }
        let plain = without_marks(&pieces);
        // A heading that is bold altogether, or bold where the official style has its own typeface.
        let headed = matches!(self.read(&plain), Some(Block::Heading { .. })) || level.is_some();
        let lead = bold_lead(self.read(&plain).as_ref(), &pieces);
        let candidates = if headed || lead { vec![&plain] } else { vec![&pieces, &plain] };
        let text = candidates.into_iter().find_map(|pieces| self.faithful(pieces, &expected));
        let text = text.unwrap_or_else(|| self.words_only(&pieces, &expected));
        self.placed(text, level, bullet, &expected)
    }

    /// The characters without any look, and the pictures behind them.
    fn words_only(&self, pieces: &[Piece], expected: &str) -> String {
        let lines: Vec<_> = expected.trim().lines().map(markdown::words).collect();
        let mut out = lines.join("\\\n");
        for piece in pieces {
            if let (Content::Picture { alt, .. }, Some(name)) = (&piece.content, self.shows(piece))
            {
                out.push_str(&markdown::picture(alt, &name));
            }
        }
        out
    }

    /// The file name of the picture that a piece shows.
    fn shows(&self, piece: &Piece) -> Option<String> {
        match &piece.content {
            Content::Picture { id, .. } => (self.pictures)(id),
            Content::Text(_) | Content::Break => None,
        }
    }

    /// The outline level that the paragraph's style gives it: 2 to 4.
    fn level(&self, paragraph: &Paragraph) -> Option<u8> {
        let style = paragraph.style.as_deref().and_then(|style| self.styles.outline(style));
        let outline = paragraph.outline.filter(|level| *level < 9).or(style)?;
        Some((outline + 1).clamp(2, 4))
    }

    /// With the marks that make it a heading, a list item or a plain paragraph.
    fn placed(&self, text: String, level: Option<u8>, bullet: bool, expected: &str) -> String {
        if bullet {
            return format!("- {text}");
        }
        if let Some(rest) = text.strip_prefix(['•', '·', '●']) {
            return format!("- {}", rest.trim_start());
        }
        let heading = matches!(single(&text), Some(Block::Heading { .. }));
        match level {
            Some(level) if !heading && !expected.contains('\n') => {
                format!("{} {text}", "#".repeat(usize::from(level)))
            }
            None if heading && self.styled => item(&text).unwrap_or(text),
            _ => text,
        }
    }

    /// The characters as prose counts them.
    fn shown(pieces: &[Piece]) -> String {
        let mut out = String::new();
        for piece in pieces {
            match &piece.content {
                Content::Text(text) => out.push_str(text),
                Content::Break => out.push('\n'),
                Content::Picture { .. } => {}
            }
        }
        out.trim_matches([' ', '\u{3000}', '\t', '\n']).to_owned()
    }

    fn read(&self, pieces: &[Piece]) -> Option<Block> {
        single(&self.inline(pieces, false))
    }

    /// Markdown that reads back as the same characters: with as few escapes as that takes.
    fn faithful(&self, pieces: &[Piece], expected: &str) -> Option<String> {
        let marked = pieces.iter().any(|piece| piece.bold || piece.italic);
        let pictures: Vec<String> = pieces.iter().filter_map(|piece| self.shows(piece)).collect();
        // What looks like a quote of a figure is none.
        let quotes = expected.contains("{{");
        let ways = [false, true].into_iter().filter(|escaped| *escaped || !quotes);
        ways.map(|escaped| self.inline(pieces, escaped)).find(|text| {
            let Some(block) = single(text) else { return false };
            let inlines: Vec<&Inline> = block.inlines().into_iter().flatten().collect();
            let owned: Vec<Inline> = inlines.into_iter().cloned().collect();
            let mut runs = Vec::new();
            flat(&owned, &mut runs);
            // Words that look like a picture are none.
            let images: Vec<&str> =
                block.images().iter().map(|image| image.path.as_str()).collect();
            let same = prose::plain(&owned) == expected && images == pictures;
            let fits =
                matches!(block, Block::Paragraph { .. } | Block::Heading { .. } | Block::Image(_));
            let marks = runs.iter().any(|run| run.bold || run.italic);
            same && fits && marks == marked && !runs.iter().any(|run| run.code)
        })
    }

    fn inline(&self, pieces: &[Piece], escaped: bool) -> String {
        let words = |text: &str| {
            if escaped { markdown::words(text).into_owned() } else { text.to_owned() }
        };
        let mut out = String::new();
        for piece in tidy(pieces) {
            match &piece.content {
                Content::Break => out.push_str("\\\n"),
                Content::Picture { alt, .. } => {
                    out.extend(self.shows(&piece).map(|name| markdown::picture(alt, &name)));
                }
                Content::Text(text) => {
                    let mark = match (piece.bold, piece.italic) {
                        (true, true) => "***",
                        (true, false) => "**",
                        (false, true) => "*",
                        (false, false) => "",
                    };
                    let shown = match &piece.link {
                        Some(url) if url == text => markdown::address(url),
                        Some(url) => markdown::link(&words(text), url),
                        None => words(text),
                    };
                    let _ = write!(out, "{mark}{shown}{mark}");
                }
            }
        }
        out.trim_matches([' ', '\u{3000}', '\t', '\n']).to_owned()
    }

    /// A table of the text; a cell that covers others stands in the first of them.
    fn table(&self, table: &Table) -> String {
        let rows = slots::rows(table);
        let width = slots::width(&rows);
        let mut lines: Vec<String> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let mut cells = vec![String::new(); width];
            for slot in row.iter().filter(|slot| !slot.continued) {
                let texts = slot.cell.paragraphs().map(|p| self.cell(p));
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
        let blank = rows.iter().flatten().all(slots::Slot::is_blank);
        if blank { String::new() } else { lines.join("\n") }
    }

    fn cell(&self, paragraph: &Paragraph) -> String {
        let special = |piece: &Piece| match &piece.content {
            Content::Text(text) => markdown::words(text) != *text,
            _ => false,
        };
        let pieces = without_marks(&paragraph.pieces);
        let text = self.inline(&pieces, pieces.iter().any(special));
        text.replace("\\\n", " ").replace('\n', " ")
    }
}

/// The only block of a text.
fn single(text: &str) -> Option<Block> {
    let mut blocks = prose::parse(text);
    if blocks.len() == 1 { blocks.pop() } else { None }
}

fn has_picture(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| matches!(piece.content, Content::Picture { .. }))
}

fn flat(inlines: &[Inline], out: &mut Vec<prose::Run>) {
    for inline in inlines {
        match inline {
            Inline::Text(run) => out.push(run.clone()),
            Inline::Link { inlines, .. } => flat(inlines, out),
            Inline::Break | Inline::Image(_) | Inline::Note { .. } => {}
        }
    }
}

/// `1.完善制度` as an item of a list, if it is one and the list gives it the same number.
fn item(text: &str) -> Option<String> {
    let (number, rest) = text.split_once('.')?;
    let digits =
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    let item = format!("{number}. {}", rest.trim_start());
    let fits =
        matches!(single(&item), Some(Block::Item { marker, .. }) if marker == format!("{number}."));
    (digits && fits).then_some(item)
}

fn without_marks(pieces: &[Piece]) -> Vec<Piece> {
    pieces.iter().map(|piece| Piece { bold: false, italic: false, ..piece.clone() }).collect()
}

/// Whether what is bold is the sentence that heads the paragraph anyhow.
fn bold_lead(block: Option<&Block>, pieces: &[Piece]) -> bool {
    let Some(Block::Paragraph { inlines }) = block else { return false };
    let Some(Inline::Text(lead)) =
        inlines.first().filter(|i| matches!(i, Inline::Text(run) if run.lead))
    else {
        return false;
    };
    let bold: String = pieces
        .iter()
        .filter(|piece| piece.bold)
        .filter_map(|piece| match &piece.content {
            Content::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let (bold, lead) = (super::labels::solid(&bold), super::labels::solid(&lead.text));
    !bold.is_empty()
        && lead.trim_end_matches(['。', '；', '！', '？']) == bold.trim_end_matches('。')
}

/// Pieces of one look put together; blanks and punctuation at the edges of bold text stand outside, where
/// Markdown wants them.
fn tidy(pieces: &[Piece]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        let Content::Text(text) = &piece.content else {
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
            let content = Content::Text(part.to_owned());
            match out.last_mut() {
                Some(Piece {
                    content: Content::Text(before), bold: b, italic: i, link, ..
                }) if (*b, *i) == (bold, italic) && *link == piece.link => {
                    before.push_str(part);
                }
                _ => out.push(Piece { content, bold, italic, ..piece.clone() }),
            }
        }
    }
    out
}
