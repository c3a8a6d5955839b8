//! Owns reading the tree of a page as paragraphs and tables in the order in which they are shown; tables that only
//! arrange others are taken apart.
//! Must not know which of them are the report.

use super::page_blocks::{FlowBlock, FlowContent};
use super::page_style::{self, TextStyle};
use super::page_tree::{NodeId, PageTree, ROOT};
use docx_fill::word::blocks::{FormattedRun, RunContent, WordParagraph};

/// Minimum number of blanks at the beginning of a line that indent it.
const MIN_INDENT: usize = 2;

/// Reads a page.
pub(super) fn read_flow(tree: &PageTree) -> Vec<FlowBlock> {
    let mut reader = FlowReader::new(tree);
    reader.read_children(ROOT, &TextStyle::default());
    reader.end_paragraph();
    reader.blocks
}

/// Properties that the paragraphs of an element have in common.
#[derive(Debug, Clone, Default)]
struct ParagraphFrame {
    holder: NodeId,
    heading: Option<u8>,
    align: &'static str,
    /// Label of a list, and whether it is a bullet; the first paragraph takes it.
    label: Option<(String, bool)>,
    keeps_breaks: bool,
}

/// A reader of a page, with the paragraph that is being read.
pub(super) struct FlowReader<'t> {
    pub(super) tree: &'t PageTree,
    pub(super) blocks: Vec<FlowBlock>,
    runs: Vec<FormattedRun>,
    /// Blanks that were read and are not written yet; true if a line ended there.
    gap: Option<bool>,
    frame: ParagraphFrame,
}

impl<'t> FlowReader<'t> {
    fn new(tree: &'t PageTree) -> FlowReader<'t> {
        let frame = ParagraphFrame::default();
        FlowReader { tree, blocks: Vec::new(), runs: Vec::new(), gap: None, frame }
    }

    fn read_children(&mut self, node: NodeId, look: &TextStyle) {
        let tree = self.tree;
        for &child in tree.children(node) {
            self.read_node(child, look);
        }
    }

    fn read_node(&mut self, node: NodeId, look: &TextStyle) {
        let tree = self.tree;
        if let Some(text) = tree.text(node) {
            return self.add_text(text, look);
        }
        if tree.name(node).is_empty() || page_style::is_silent(tree, node) {
            return;
        }
        let look = look.within(tree, node);
        match tree.name(node) {
            "br" => self.add_run(RunContent::Break, &look),
            "hr" => self.end_paragraph(),
            "input" => self.add_text(tree.attribute(node, "value").unwrap_or_default(), &look),
            "table" => self.read_table(node, &look),
            "ol" | "ul" => self.read_list(node, &look),
            _ if page_style::is_object(tree, node) => self.add_object(node, &look),
            _ if page_style::is_block(tree, node) => self.read_block(node, &look, None),
            _ => self.read_children(node, &look),
        }
    }

    /// Reads an element that begins a line of its own.
    fn read_block(&mut self, node: NodeId, look: &TextStyle, label: Option<(String, bool)>) {
        self.end_paragraph();
        let frame = ParagraphFrame {
            holder: node,
            heading: page_style::heading_level(self.tree, node).or(self.frame.heading),
            align: look.align,
            label: label.or_else(|| self.frame.label.take()),
            keeps_breaks: page_style::keeps_breaks(self.tree, node),
        };
        let outer = std::mem::replace(&mut self.frame, frame);
        self.read_children(node, look);
        self.end_paragraph();
        self.frame = outer;
    }

    /// Reads a list; the items of a numbered one have their numbers as labels.
    fn read_list(&mut self, list: NodeId, look: &TextStyle) {
        let tree = self.tree;
        let ordered = tree.name(list) == "ol";
        let mut number: i64 =
            tree.attribute(list, "start").and_then(|n| n.trim().parse().ok()).unwrap_or(1);
        for &child in tree.children(list) {
            if tree.name(child) != "li" || page_style::is_silent(tree, child) {
                self.read_node(child, look);
                continue;
            }
            let own = tree.attribute(child, "value").and_then(|n| n.trim().parse().ok());
            number = own.unwrap_or(number);
            let label =
                if ordered { (format!("{number}. "), false) } else { (String::new(), true) };
            number = number.saturating_add(1);
            let unmarked = page_style::style_value(tree, child, "list-style").is_some();
            let look = look.within(tree, child);
            self.read_block(child, &look, (!unmarked).then_some(label));
        }
    }

    /// Reads the content of a cell as blocks of its own.
    pub(super) fn read_cell_blocks(&mut self, cell: NodeId, look: &TextStyle) -> Vec<FlowBlock> {
        let outer = std::mem::take(&mut self.blocks);
        let frame = ParagraphFrame {
            holder: cell,
            align: look.align,
            keeps_breaks: true,
            ..ParagraphFrame::default()
        };
        let frame = std::mem::replace(&mut self.frame, frame);
        self.read_children(cell, look);
        self.end_paragraph();
        self.frame = frame;
        std::mem::replace(&mut self.blocks, outer)
    }

    /// Adds a caption as the paragraph above its table.
    pub(super) fn read_caption(&mut self, caption: NodeId, look: &TextStyle) {
        self.read_block(caption, look, None);
    }

    fn add_object(&mut self, node: NodeId, look: &TextStyle) {
        let named = ["alt", "title", "aria-label"];
        let alt = named.iter().find_map(|name| self.tree.attribute(node, name));
        let id = ["src", "data"].iter().find_map(|name| self.tree.attribute(node, name));
        let (id, alt) = (id.unwrap_or_default().to_owned(), alt.unwrap_or_default().to_owned());
        self.add_run(RunContent::Picture { id, alt }, look);
    }

    fn add_run(&mut self, content: RunContent, look: &TextStyle) {
        if content == RunContent::Break {
            self.gap = None;
        }
        let TextStyle { bold, italic, link, .. } = look.clone();
        let link = link.map(|link| link.to_string());
        let run = FormattedRun { content, bold, italic, link, range: 0..0, properties: None };
        self.runs.push(run);
    }

    /// Adds a text with its blanks as browsers show them (CSS Text 3, 4.1): several are one, and a line end between two
    /// Chinese characters is none.
    fn add_text(&mut self, text: &str, look: &TextStyle) {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '\n' if look.preformatted => {
                    self.add_words(&mut out, look);
                    self.add_run(RunContent::Break, look);
                }
                '\n' | '\u{c}' => self.gap = Some(true),
                ' ' | '\t' if !look.preformatted => self.gap = Some(self.gap.unwrap_or(false)),
                '\r' | '\u{200b}' | '\u{feff}' | '\u{ad}' => {}
                c => {
                    let c = if is_fixed_blank(c) { ' ' } else { c };
                    let before = out.chars().next_back().or_else(|| self.last_char());
                    if let (Some(line_end), Some(before)) = (self.gap.take(), before)
                        && !(line_end && is_wide(before) && is_wide(c))
                    {
                        out.push(' ');
                    }
                    out.push(c);
                }
            }
        }
        self.add_words(&mut out, look);
    }

    /// Returns the last character of the line that is being read.
    fn last_char(&self) -> Option<char> {
        match &self.runs.last()?.content {
            RunContent::Text(text) => text.chars().next_back(),
            RunContent::Break | RunContent::Picture { .. } => None,
        }
    }

    fn add_words(&mut self, words: &mut String, look: &TextStyle) {
        if words.is_empty() {
            return;
        }
        let words = std::mem::take(words);
        if let Some(FormattedRun { content: RunContent::Text(text), bold, italic, link, .. }) =
            self.runs.last_mut()
            && (*bold, *italic, link.as_deref()) == (look.bold, look.italic, look.link.as_deref())
        {
            text.push_str(&words);
            return;
        }
        self.add_run(RunContent::Text(words), look);
    }

    /// Ends the paragraph that is being read.
    pub(super) fn end_paragraph(&mut self) {
        self.gap = None;
        let runs = std::mem::take(&mut self.runs);
        for line in split_lines(runs, self.frame.keeps_breaks) {
            let mut paragraph = WordParagraph::default();
            paragraph.runs = line;
            if paragraph.is_blank() {
                continue;
            }
            let ParagraphFrame { holder, heading, align, .. } = self.frame;
            (paragraph.outline, paragraph.align) = (heading, align.to_owned());
            if let Some((label, bullet)) = self.frame.label.take() {
                (paragraph.label, paragraph.bullet) = (label, bullet);
            }
            self.blocks
                .push(FlowBlock { content: FlowContent::Paragraph(Box::new(paragraph)), holder });
        }
    }
}

/// Splits a paragraph at the line breaks that end one: before a line that is indented or numbered, at a blank line,
/// and at every break if the element keeps none.
fn split_lines(runs: Vec<FormattedRun>, keeps_breaks: bool) -> Vec<Vec<FormattedRun>> {
    let mut out = vec![Vec::new()];
    let mut rest = runs.into_iter().peekable();
    while let Some(run) = rest.next() {
        let next = rest.peek().map(|next| &next.content);
        let ends = run.content == RunContent::Break
            && (!keeps_breaks
                || match next {
                    Some(RunContent::Text(text)) => begins_paragraph(text),
                    Some(RunContent::Break) => true,
                    Some(RunContent::Picture { .. }) | None => false,
                });
        match (ends, out.last_mut()) {
            (false, Some(line)) => line.push(run),
            _ => out.push(Vec::new()),
        }
    }
    for line in &mut out {
        let words = |run: &FormattedRun| run.content != RunContent::Break;
        line.truncate(line.iter().rposition(words).map_or(0, |at| at + 1));
        line.drain(..line.iter().position(words).unwrap_or(0));
    }
    out
}

/// Checks whether a line begins a paragraph: by its indent, or by the number of a heading.
fn begins_paragraph(line: &str) -> bool {
    let words = line.trim_start();
    let inner = words.strip_prefix(['（', '(', '第']).unwrap_or(words);
    let rest = inner.trim_start_matches(|c: char| "一二三四五六七八九十".contains(c));
    let marked = rest.starts_with(['、', '．', '.', '）', ')', '部']);
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    indent >= MIN_INDENT || (rest.len() < inner.len() && marked)
}

/// Checks whether a character is a blank that is not joined with others.
fn is_fixed_blank(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\t' | ' ')
}

/// Checks whether a character is Chinese, between which a line end is no blank.
fn is_wide(c: char) -> bool {
    c >= '\u{2e80}' || "“”‘’…—·".contains(c)
}
