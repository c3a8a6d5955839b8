//! Owns reading Markdown (`CommonMark` with tables) into blocks, through `pulldown-cmark`.
//! Must not know where the text comes from. HTML within it is text like any other.

use super::dialect::{address_of, dialect};
use super::level::{Standing, level, mark_lead, standing};
use super::notes::{self, Notes};
use super::{Align, Block, Cell, Image, Inline, Run, plain};
use crate::slice::TextEdit as _;
// Deeper text comes out flat.
use crate::limits::MARKDOWN_DEPTH as DEEPEST;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

/// Reads Markdown. Every input is valid; what has no meaning as Markdown is text.
pub fn parse(markdown: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(markdown, dialect()) {
        reader.event(event);
    }
    reader.flush();
    reader.notes.resolve(&mut reader.blocks);
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// Open inline sequences: the paragraph's own, then one for each open link or picture.
    open: Vec<Vec<Inline>>,
    /// Addresses of the open links and pictures.
    targets: Vec<String>,
    bold: usize,
    italic: usize,
    quote: usize,
    heading: Option<u8>,
    /// Number of the next item for each open list; none for bullets.
    lists: Vec<Option<u64>>,
    /// Marker of the item whose first paragraph is still to come.
    marker: Option<String>,
    code: Option<bool>,
    table: Option<Table>,
    notes: Notes,
    /// Footnotes whose definitions are open, with how many blocks there were before.
    defining: Vec<(String, usize)>,
}

#[derive(Default)]
struct Table {
    align: Vec<Align>,
    head: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
    in_head: bool,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => match self.code {
                Some(indented) => self.code_text(&text, indented),
                None => self.text(&text, false),
            },
            Event::FootnoteReference(name) => self.inlines().push(notes::reference(&name)),
            // Mathematics is off.
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text, true);
            }
            Event::SoftBreak => self.soft_break(),
            Event::HardBreak => self.inlines().push(Inline::Break),
            Event::Rule => self.flush(),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(match level {
                    HeadingLevel::H1 | HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    _ => 4,
                });
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.quote += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code = Some(matches!(kind, CodeBlockKind::Indented));
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.marker = Some(self.next_marker());
            }
            Tag::Strong => self.bold += 1,
            Tag::Emphasis => self.italic += 1,
            Tag::Link { dest_url: to, link_type, .. } => {
                self.open_target(address_of(link_type, &to));
            }
            Tag::Image { dest_url, .. } => self.open_target(dest_url.into_string()),
            Tag::Table(alignment) => {
                self.flush();
                let align = alignment.into_iter().map(align).collect();
                self.table = Some(Table { align, ..Table::default() });
            }
            Tag::FootnoteDefinition(name) => {
                self.flush();
                self.defining.push((name.into_string(), self.blocks.len()));
            }
            Tag::TableHead => self.table.get_or_insert_default().in_head = true,
            Tag::TableRow => self.table.get_or_insert_default().rows.push(Vec::new()),
            Tag::TableCell => self.open = vec![Vec::new()],
            Tag::Paragraph | Tag::HtmlBlock => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock | TagEnd::Item => {
                self.flush();
                self.heading = None;
                if tag == TagEnd::Item {
                    self.marker = None;
                }
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quote = self.quote.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.code = None;
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::FootnoteDefinition => {
                self.flush();
                if let Some((name, before)) = self.defining.pop() {
                    let blocks = self.blocks.split_off(before.min(self.blocks.len()));
                    self.notes.define(name, &blocks);
                }
            }
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Link => self.close(|url, inlines| Inline::Link { url, inlines }),
            TagEnd::Image => {
                self.close(|path, alt| Inline::Image(Image { path, alt: plain(&alt) }));
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::TableHead => self.table.get_or_insert_default().in_head = false,
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn inlines(&mut self) -> &mut Vec<Inline> {
        if self.open.is_empty() {
            self.open.push(Vec::new());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    /// What follows belongs to a link or a picture.
    fn open_target(&mut self, target: String) {
        self.targets.push(target);
        self.inlines();
        self.open.push(Vec::new());
    }

    fn close(&mut self, make: impl FnOnce(String, Vec<Inline>) -> Inline) {
        let inner = self.open.pop().unwrap_or_default();
        let target = self.targets.pop().unwrap_or_default();
        let inline = if self.open.len() > DEEPEST {
            Inline::Text(Run { text: plain(&inner), ..Run::default() })
        } else {
            make(target, inner)
        };
        self.inlines().push(inline);
    }

    fn text(&mut self, text: &str, code: bool) {
        let (bold, italic) = (self.bold > 0, self.italic > 0);
        let inlines = self.inlines();
        // People indent with ideographic spaces; the indent is the template's business.
        let text =
            if inlines.is_empty() { text.trim_start_matches(['\u{3000}', ' ']) } else { text };
        let run = Run { text: text.to_owned(), bold, italic, code, lead: false };
        match inlines.last_mut() {
            Some(Inline::Text(last))
                if (last.bold, last.italic, last.code) == (bold, italic, code) =>
            {
                last.text.push_str(text);
            }
            _ if text.is_empty() => {}
            _ => inlines.push(Inline::Text(run)),
        }
    }

    /// A line end within a paragraph is a blank only between Latin words.
    fn soft_break(&mut self) {
        let before = last_character(self.inlines());
        if before.is_some_and(|c| c.is_ascii()) {
            self.text(" ", false);
        }
    }

    /// A fenced block stays literal; an indented one is a paragraph that somebody indented.
    fn code_text(&mut self, text: &str, indented: bool) {
        for line in text.lines() {
            self.text(line, !indented);
            if indented {
                self.flush();
            } else {
                self.inlines().push(Inline::Break);
            }
        }
    }

    fn next_marker(&mut self) -> String {
        let depth = self.lists.len();
        match self.lists.last_mut() {
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
        let inlines = self.open.pop().unwrap_or_default();
        let table = self.table.get_or_insert_default();
        let row = match table.rows.last_mut() {
            Some(row) if !table.in_head => row,
            _ => &mut table.head,
        };
        let align = table.align.get(row.len()).copied().unwrap_or(Align::Left);
        row.push(Cell { inlines: trimmed(inlines), align });
        self.open.clear();
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.blocks.push(Block::Table { head: table.head, rows: table.rows });
    }

    /// Ends the paragraph that is open, if any.
    fn flush(&mut self) {
        let inlines = trimmed(std::mem::take(&mut self.open).into_iter().flatten().collect());
        if inlines.is_empty() {
            return;
        }
        let block = self.block(inlines);
        self.blocks.push(block);
    }

    fn block(&mut self, inlines: Vec<Inline>) -> Block {
        let text = plain(&inlines);
        if let Some(level_of_mark) = self.heading {
            return Block::Heading { level: level(&text).unwrap_or(level_of_mark), inlines };
        }
        if let Some(marker) = self.marker.take() {
            let depth = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
            return Block::Item { marker, depth, inlines };
        }
        if let [Inline::Image(image)] = inlines.as_slice() {
            return Block::Image(image.clone());
        }
        if self.quote > 0 {
            return Block::Quote { inlines };
        }
        match standing(&text) {
            Standing::Heading(level) => Block::Heading { level, inlines },
            Standing::Lead(bytes) => Block::Paragraph { inlines: mark_lead(inlines, bytes) },
            Standing::Text => Block::Paragraph { inlines },
        }
    }
}

fn align(alignment: Alignment) -> Align {
    match alignment {
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
        Alignment::Left | Alignment::None => Align::Left,
    }
}

/// The character that [`plain`] would end with.
fn last_character(inlines: &[Inline]) -> Option<char> {
    inlines.iter().rev().find_map(|inline| match inline {
        Inline::Text(run) => run.text.chars().next_back(),
        Inline::Break => Some('\n'),
        Inline::Link { inlines, .. } => last_character(inlines),
        Inline::Image(_) | Inline::Note { .. } => None,
    })
}

/// Without blanks and line breaks at the end.
fn trimmed(mut inlines: Vec<Inline>) -> Vec<Inline> {
    while let Some(last) = inlines.last_mut() {
        match last {
            Inline::Break => {}
            Inline::Text(run) => {
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

    fn text(text: &str) -> Inline {
        Inline::Text(Run { text: text.to_owned(), ..Run::default() })
    }

    /// One line a block: its kind and its text.
    fn outline(markdown: &str) -> Vec<String> {
        parse(markdown)
            .iter()
            .map(|block| {
                let words: Vec<_> = block.inlines().into_iter().map(plain).collect();
                let words = words.join("|");
                match block {
                    Block::Paragraph { .. } => format!("p {words}"),
                    Block::Heading { level, .. } => format!("h{level} {words}"),
                    Block::Item { marker, depth, .. } => format!("i{depth} {marker} {words}"),
                    Block::Quote { .. } => format!("q {words}"),
                    Block::Table { .. } => format!("t {words}"),
                    Block::Image(image) => format!("img {} {}", image.path, image.alt),
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
        let Block::Paragraph { inlines } = &parse("(二) 措施。正文")[0] else {
            panic!("a paragraph")
        };
        assert!(matches!(&inlines[0], Inline::Text(run) if run.lead && run.text == "(二) 措施。"));
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
        let blocks = parse(markdown);
        let Block::Table { head, rows } = &blocks[0] else { panic!("a table") };
        assert_eq!((head[0].align, rows[0][1].align), (Align::Center, Align::Right));
        assert_eq!(blocks[1].images().len(), 1);
    }

    #[test]
    fn line_ends_and_indents_of_chinese_text_vanish() {
        assert_eq!(
            outline("　　第一行\n第二行\nword\nnext\n\n    缩进段"),
            ["p 第一行第二行word next", "p 缩进段"]
        );
        assert_eq!(
            parse("甲  \n乙"),
            [Block::Paragraph { inlines: vec![text("甲"), Inline::Break, text("乙")] }]
        );
        assert_eq!(parse(" \n　\n"), []);
    }

    #[test]
    fn footnotes_stand_where_they_are_referred_to() {
        let noted = |markdown: &str| -> Vec<String> {
            let blocks = parse(markdown);
            let inlines = blocks.iter().flat_map(Block::inlines).flatten();
            let notes = inlines.filter_map(|inline| match inline {
                Inline::Note { inlines } => Some(plain(inlines)),
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
