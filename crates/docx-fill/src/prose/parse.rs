//! Owns parsing Markdown (`CommonMark` with tables and footnotes) into blocks, using `pulldown-cmark`.
//! Must not know where the text comes from. HTML within it is plain text.

use super::dialect::{link_address, markdown_options};
use super::footnotes::{self, FootnoteTexts};
use super::heading_level::{ParagraphRole, classify_paragraph, heading_level, mark_run_in_heading};
use super::{ColumnAlign, Image, ProseBlock, ProseCell, ProseInline, ProseRun, plain_text};
use crate::slice::TextEdit as _;
// Deeper nesting is flattened.
use crate::limits::MAX_MARKDOWN_DEPTH as DEEPEST;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

/// Parses Markdown. Every input is valid; text without meaning in Markdown remains text.
pub fn parse_markdown(markdown: &str) -> Vec<ProseBlock> {
    let mut reader = MarkdownReader::default();
    for event in Parser::new_ext(markdown, markdown_options()) {
        reader.handle_event(event);
    }
    reader.flush_paragraph();
    reader.notes.resolve_notes(&mut reader.blocks);
    reader.blocks
}

#[derive(Default)]
struct MarkdownReader {
    blocks: Vec<ProseBlock>,
    /// Open inline sequences: that of the paragraph, then one for each open link or picture.
    open_inlines: Vec<Vec<ProseInline>>,
    /// Addresses of open links and pictures.
    open_targets: Vec<String>,
    bold_depth: usize,
    italic_depth: usize,
    quote_depth: usize,
    heading: Option<u8>,
    /// Number of the next item of each open list; `None` for bullet lists.
    list_numbers: Vec<Option<u64>>,
    /// Marker of an item whose first paragraph has not been read yet.
    pending_marker: Option<String>,
    code_indented: Option<bool>,
    table: Option<MarkdownTable>,
    notes: FootnoteTexts,
    /// Open footnote definitions by name, each with the number of blocks before it.
    open_definitions: Vec<(String, usize)>,
}

#[derive(Default)]
struct MarkdownTable {
    align: Vec<ColumnAlign>,
    head: Vec<ProseCell>,
    rows: Vec<Vec<ProseCell>>,
    in_head: bool,
}

impl MarkdownReader {
    fn handle_event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start_tag(tag),
            Event::End(tag) => self.end_tag(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                match self.code_indented {
                    Some(indented) => self.push_code_text(&text, indented),
                    None => self.push_text(&text, false),
                }
            }
            Event::FootnoteReference(name) => {
                self.current_inlines().push(footnotes::footnote_reference(&name));
            }
            // Inline mathematics is disabled.
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.push_text(&text, true);
            }
            Event::SoftBreak => self.push_soft_break(),
            Event::HardBreak => self.current_inlines().push(ProseInline::Break),
            Event::Rule => self.flush_paragraph(),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start_tag(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush_paragraph();
                self.heading = Some(match level {
                    HeadingLevel::H1 | HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    _ => 4,
                });
            }
            Tag::BlockQuote(_) => {
                self.flush_paragraph();
                self.quote_depth += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush_paragraph();
                self.code_indented = Some(matches!(kind, CodeBlockKind::Indented));
            }
            Tag::List(first) => {
                self.flush_paragraph();
                self.list_numbers.push(first);
            }
            Tag::Item => {
                self.flush_paragraph();
                self.pending_marker = Some(self.next_marker());
            }
            Tag::Strong => self.bold_depth += 1,
            Tag::Emphasis => self.italic_depth += 1,
            Tag::Link { dest_url: to, link_type, .. } => {
                self.open_target(link_address(link_type, &to));
            }
            Tag::Image { dest_url, .. } => self.open_target(dest_url.into_string()),
            Tag::Table(alignment) => {
                self.flush_paragraph();
                let align = alignment.into_iter().map(column_align).collect();
                self.table = Some(MarkdownTable { align, ..MarkdownTable::default() });
            }
            Tag::FootnoteDefinition(name) => {
                self.flush_paragraph();
                self.open_definitions.push((name.into_string(), self.blocks.len()));
            }
            Tag::TableHead => self.table.get_or_insert_default().in_head = true,
            Tag::TableRow => self.table.get_or_insert_default().rows.push(Vec::new()),
            Tag::TableCell => self.open_inlines = vec![Vec::new()],
            Tag::Paragraph | Tag::HtmlBlock => self.flush_paragraph(),
            _ => {}
        }
    }

    fn end_tag(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock | TagEnd::Item => {
                self.flush_paragraph();
                self.heading = None;
                if tag == TagEnd::Item {
                    self.pending_marker = None;
                }
            }
            TagEnd::BlockQuote(_) => {
                self.flush_paragraph();
                self.quote_depth = self.quote_depth.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                self.flush_paragraph();
                self.code_indented = None;
            }
            TagEnd::List(_) => {
                self.flush_paragraph();
                self.list_numbers.pop();
            }
            TagEnd::FootnoteDefinition => {
                self.flush_paragraph();
                if let Some((name, before)) = self.open_definitions.pop() {
                    let blocks = self.blocks.split_off(before.min(self.blocks.len()));
                    self.notes.define_note(name, &blocks);
                }
            }
            TagEnd::Strong => self.bold_depth = self.bold_depth.saturating_sub(1),
            TagEnd::Emphasis => self.italic_depth = self.italic_depth.saturating_sub(1),
            TagEnd::Link => self.close_target(|url, inlines| ProseInline::Link { url, inlines }),
            TagEnd::Image => {
                self.close_target(|path, alt| {
                    ProseInline::Image(Image { path, alt: plain_text(&alt) })
                });
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::TableHead => self.table.get_or_insert_default().in_head = false,
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn current_inlines(&mut self) -> &mut Vec<ProseInline> {
        if self.open_inlines.is_empty() {
            self.open_inlines.push(Vec::new());
        }
        let last = self.open_inlines.len() - 1;
        &mut self.open_inlines[last]
    }

    /// Opens a link or picture.
    fn open_target(&mut self, target: String) {
        self.open_targets.push(target);
        self.current_inlines();
        self.open_inlines.push(Vec::new());
    }

    fn close_target(&mut self, make: impl FnOnce(String, Vec<ProseInline>) -> ProseInline) {
        let inner = self.open_inlines.pop().unwrap_or_default();
        let target = self.open_targets.pop().unwrap_or_default();
        let inline = if self.open_inlines.len() > DEEPEST {
            ProseInline::Text(ProseRun { text: plain_text(&inner), ..ProseRun::default() })
        } else {
            make(target, inner)
        };
        self.current_inlines().push(inline);
    }

    fn push_text(&mut self, text: &str, code: bool) {
        let (bold, italic) = (self.bold_depth > 0, self.italic_depth > 0);
        let inlines = self.current_inlines();
        // Authors indent with ideographic spaces, but indentation belongs to the template.
        let text =
            if inlines.is_empty() { text.trim_start_matches(['\u{3000}', ' ']) } else { text };
        let run = ProseRun { text: text.to_owned(), bold, italic, code, lead: false };
        match inlines.last_mut() {
            Some(ProseInline::Text(last))
                if (last.bold, last.italic, last.code) == (bold, italic, code) =>
            {
                last.text.push_str(text);
            }
            _ if text.is_empty() => {}
            _ => inlines.push(ProseInline::Text(run)),
        }
    }

    /// Adds a line break of the source, which is a space only between Latin words.
    fn push_soft_break(&mut self) {
        let before = last_char(self.current_inlines());
        if before.is_some_and(|c| c.is_ascii()) {
            self.push_text(" ", false);
        }
    }

    /// Adds the text of a code block. Fenced blocks are literal; an indented one is an ordinary paragraph.
    fn push_code_text(&mut self, text: &str, indented: bool) {
        for line in text.lines() {
            self.push_text(line, !indented);
            if indented {
                self.flush_paragraph();
            } else {
                self.current_inlines().push(ProseInline::Break);
            }
        }
    }

    fn next_marker(&mut self) -> String {
        let depth = self.list_numbers.len();
        match self.list_numbers.last_mut() {
            Some(Some(number)) => {
                let marker =
                    if depth == 1 { format!("{number}.") } else { format!("（{number}）") };
                *number = number.saturating_add(1);
                marker
            }
            _ => "•".to_owned(),
        }
    }

    fn end_cell(&mut self) {
        let inlines = self.open_inlines.pop().unwrap_or_default();
        let table = self.table.get_or_insert_default();
        let row = match table.rows.last_mut() {
            Some(row) if !table.in_head => row,
            _ => &mut table.head,
        };
        let align = table.align.get(row.len()).copied().unwrap_or(ColumnAlign::Left);
        row.push(ProseCell { inlines: trimmed_end(inlines), align });
        self.open_inlines.clear();
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.blocks.push(ProseBlock::Table { head: table.head, rows: table.rows });
    }

    /// Ends the open paragraph, if any.
    fn flush_paragraph(&mut self) {
        let inlines =
            trimmed_end(std::mem::take(&mut self.open_inlines).into_iter().flatten().collect());
        if inlines.is_empty() {
            return;
        }
        let block = self.make_block(inlines);
        self.blocks.push(block);
    }

    fn make_block(&mut self, inlines: Vec<ProseInline>) -> ProseBlock {
        let text = plain_text(&inlines);
        if let Some(level_of_mark) = self.heading {
            return ProseBlock::Heading {
                level: heading_level(&text).unwrap_or(level_of_mark),
                inlines,
            };
        }
        if let Some(marker) = self.pending_marker.take() {
            let depth = u8::try_from(self.list_numbers.len().saturating_sub(1)).unwrap_or(u8::MAX);
            return ProseBlock::Item { marker, depth, inlines };
        }
        if let [ProseInline::Image(image)] = inlines.as_slice() {
            return ProseBlock::Image(image.clone());
        }
        if self.quote_depth > 0 {
            return ProseBlock::Quote { inlines };
        }
        match classify_paragraph(&text) {
            ParagraphRole::Heading(level) => ProseBlock::Heading { level, inlines },
            ParagraphRole::RunInHeading(bytes) => {
                ProseBlock::Paragraph { inlines: mark_run_in_heading(inlines, bytes) }
            }
            ParagraphRole::Body => ProseBlock::Paragraph { inlines },
        }
    }
}

fn column_align(alignment: Alignment) -> ColumnAlign {
    match alignment {
        Alignment::Center => ColumnAlign::Center,
        Alignment::Right => ColumnAlign::Right,
        Alignment::Left | Alignment::None => ColumnAlign::Left,
    }
}

/// Returns the last character of the plain text.
fn last_char(inlines: &[ProseInline]) -> Option<char> {
    inlines.iter().rev().find_map(|inline| match inline {
        ProseInline::Text(run) => run.text.chars().next_back(),
        ProseInline::Break => Some('\n'),
        ProseInline::Link { inlines, .. } => last_char(inlines),
        ProseInline::Image(_) | ProseInline::Note { .. } => None,
    })
}

/// Removes spaces and line breaks at the end.
fn trimmed_end(mut inlines: Vec<ProseInline>) -> Vec<ProseInline> {
    while let Some(last) = inlines.last_mut() {
        match last {
            ProseInline::Break => {}
            ProseInline::Text(run) => {
                run.text.cut_from(run.text.trim_end().len());
                if !run.text.is_empty() {
                    break;
                }
            }
            _ => break,
        }
        inlines.pop();
    }
    inlines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> ProseInline {
        ProseInline::Text(ProseRun { text: text.to_owned(), ..ProseRun::default() })
    }

    /// Returns one line per block with its kind and text.
    fn outline(markdown: &str) -> Vec<String> {
        parse_markdown(markdown)
            .iter()
            .map(|block| {
                let words: Vec<_> = block.inlines().into_iter().map(plain_text).collect();
                let words = words.join("|");
                match block {
                    ProseBlock::Paragraph { .. } => format!("p {words}"),
                    ProseBlock::Heading { level, .. } => format!("h{level} {words}"),
                    ProseBlock::Item { marker, depth, .. } => format!("i{depth} {marker} {words}"),
                    ProseBlock::Quote { .. } => format!("q {words}"),
                    ProseBlock::Table { .. } => format!("t {words}"),
                    ProseBlock::Image(image) => format!("img {} {}", image.path, image.alt),
                }
            })
            .collect()
    }

    #[test]
    fn official_levels() {
        let markdown =
            "（一）情况\n\n2020年无。\n\n1、认真落实制度。\n\n### 2.小标题\n\n(二) 措施。正文";
        let expected = [
            "h2 （一）情况",
            "p 2020年无。",
            "p 1、认真落实制度。",
            "h3 2.小标题",
            "p (二) 措施。正文",
        ];
        assert_eq!(outline(markdown), expected);
        let ProseBlock::Paragraph { inlines } = &parse_markdown("(二) 措施。正文")[0] else {
            panic!("a paragraph")
        };
        assert!(
            matches!(&inlines[0], ProseInline::Text(run) if run.lead && run.text == "(二) 措施。")
        );
    }

    #[test]
    fn lists_are_numbered_text() {
        let markdown = "1. 甲。\n2. 乙。\n   1. 丙\n   2. 丁\n\n- 戊\n";
        assert_eq!(
            outline(markdown),
            ["i0 1. 甲。", "i0 2. 乙。", "i1 （1） 丙", "i1 （2） 丁", "i0 • 戊"]
        );
    }

    #[test]
    fn tables_pictures_links_and_marks() {
        let markdown =
            "| 甲 | 乙 |\n|:-:|--:|\n| 1 | **2** |\n\n![图示](a.png)\n\n见<http://a.cn/>和**重**点";
        assert_eq!(outline(markdown), ["t 甲|乙|1|2", "img a.png 图示", "p 见http://a.cn/和重点"]);
        let blocks = parse_markdown(markdown);
        let ProseBlock::Table { head, rows } = &blocks[0] else { panic!("a table") };
        assert_eq!((head[0].align, rows[0][1].align), (ColumnAlign::Center, ColumnAlign::Right));
        assert_eq!(blocks[1].images().len(), 1);
    }

    #[test]
    fn line_ends_and_indents_of_chinese_text_vanish() {
        assert_eq!(
            outline("　　第一行\n第二行\nword\nnext\n\n    缩进段"),
            ["p 第一行第二行word next", "p 缩进段"]
        );
        assert_eq!(
            parse_markdown("甲  \n乙"),
            [ProseBlock::Paragraph { inlines: vec![text("甲"), ProseInline::Break, text("乙")] }]
        );
        assert_eq!(parse_markdown(" \n　\n"), []);
    }

    #[test]
    fn footnotes_stand_where_they_are_referred_to() {
        let noted = |markdown: &str| -> Vec<String> {
            let blocks = parse_markdown(markdown);
            let inlines = blocks.iter().flat_map(ProseBlock::inlines).flatten();
            let notes = inlines.filter_map(|inline| match inline {
                ProseInline::Note { inlines } => Some(plain_text(inlines)),
                _ => None,
            });
            notes.collect()
        };
        let text = "甲[^1]乙[^注]。\n\n[^1]: 第一。\n[^注]: **第**二\n\n    又一段\n\n丙[^1]";
        assert_eq!(noted(text), ["第一。", "第二\n又一段", "第一。"]);
        assert_eq!(outline(text), ["p 甲乙。", "p 丙"]);
        assert_eq!(outline("甲[^2]"), ["p 甲[^2]"]);
        assert_eq!(outline("甲\n\n[^2]: 没有人引用"), ["p 甲", "p [^2]: 没有人引用"]);
        assert_eq!(noted("| 甲[^1] |\n|---|\n\n[^1]: 见![图](a.png)[^1]"), ["见图[^1]"]);
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(outline("a <b>&amp; {x}"), ["p a <b>& {x}"]);
        assert_eq!(outline("```\nx\ny\n```"), ["p x\ny"]);
        let deep = "> ".repeat(5000) + "x";
        assert!(!outline(&deep).is_empty());
        let deep = "[".repeat(3000) + "x" + &"](y)".repeat(3000);
        assert!(!outline(&deep).is_empty());
    }
}
