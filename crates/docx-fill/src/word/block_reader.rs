//! Owns reading a body into blocks, in one pass and without recursion: tracked changes as if accepted, text boxes after
//! their paragraph, wrappers of blocks or runs ignored.
//! Must not know other parts than the body, nor count places.

use crate::diag::WordLocation;
use crate::opc::OpcError;
use crate::word::blocks::{
    FormattedRun, ObjectKind, RunContent, UnreadObject, WordBlock, WordCell, WordDocument,
    WordParagraph, WordRow, WordTable,
};
use crate::word::body::{WordBody, is_page_break};
use crate::word::table::{VerticalMerge, parse_grid_span, parse_skipped_columns};
use crate::word::xml_tree::SpannedElement;
use std::ops::Range;

/// Maximum nesting of tables that are read as tables; the text of deeper ones belongs to the containing cell. Text
/// boxes nested deeper are not read.
const MAX_NESTING: usize = 8;

/// Elements that show nothing: deletions, field instructions, former properties.
const SKIPPED_ELEMENTS: [&str; 10] = [
    "w:del",
    "w:moveFrom",
    "w:rt",
    "w:instrText",
    "w:pPrChange",
    "w:rPrChange",
    "w:tblPrChange",
    "w:trPrChange",
    "w:tcPrChange",
    "w:sectPrChange",
];

impl WordDocument {
    /// Reads a body; `part` is the name of its part.
    pub fn read(source: String, part: &str) -> Result<WordDocument, OpcError> {
        Ok(WordDocument::from_body(WordBody::read(part, source)?))
    }

    /// Returns the blocks of a body.
    pub fn from_body(body: WordBody) -> WordDocument {
        let mut reader = BlockReader {
            body: &body,
            frames: vec![ParseFrame::Blocks(Vec::new())],
            tables: 0,
            flat: 0,
            boxes: 0,
            tracked: false,
            objects: Vec::new(),
        };
        reader.read_elements();
        let (tracked, objects) = (reader.tracked, std::mem::take(&mut reader.objects));
        let blocks = match reader.frames.into_iter().next() {
            Some(ParseFrame::Blocks(blocks)) => blocks,
            _ => Vec::new(),
        };
        WordDocument { source: body.text, blocks, tracked, objects }
    }
}

/// An element that is open.
enum ParseFrame {
    /// The body, a text box or the content of a cell.
    Blocks(Vec<WordBlock>),
    Paragraph(Box<OpenParagraph>),
    Table(WordTable),
    Row(WordRow),
    /// A cell; its content is the frame above it.
    Cell(WordCell),
}

#[derive(Default)]
struct OpenParagraph {
    paragraph: WordParagraph,
    /// Blocks of text boxes anchored in the paragraph.
    boxes: Vec<WordBlock>,
    in_properties: bool,
    run: RunState,
    link: Option<String>,
}

#[derive(Default, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "marks of a run combine freely")]
struct RunState {
    bold: bool,
    italic: bool,
    hidden: bool,
    properties: Option<Range<usize>>,
    open: bool,
    alt: String,
}

struct BlockReader<'b> {
    body: &'b WordBody,
    frames: Vec<ParseFrame>,
    tables: usize,
    /// Number of open tables that are nested too deeply to be read as tables.
    flat: usize,
    boxes: usize,
    tracked: bool,
    objects: Vec<UnreadObject>,
}

impl BlockReader<'_> {
    fn read_elements(&mut self) {
        let elements = &self.body.tree.elements;
        let mut open: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < elements.len() {
            while let Some(&last) = open.last()
                && elements[last].end <= at
            {
                open.pop();
                self.end_element(&elements[last]);
            }
            if self.start_element(at, &elements[at]) {
                open.push(at);
                at += 1;
            } else {
                at = elements[at].end;
            }
        }
        while let Some(last) = open.pop() {
            self.end_element(&elements[last]);
        }
    }

    /// Enters an element; returns false if it shows nothing.
    fn start_element(&mut self, at: usize, element: &SpannedElement) -> bool {
        let name = element.name.as_str();
        if matches!(name, "w:ins" | "w:del" | "w:moveFrom" | "w:moveTo") {
            self.tracked = true;
        }
        if name == "w:del" {
            self.mark_deleted();
        }
        if SKIPPED_ELEMENTS.contains(&name) || self.body.tree.is_later_branch(at) {
            return false;
        }
        if let Some(kind) = ObjectKind::of_element(name) {
            let place = self.open_place(at);
            self.objects.push(UnreadObject { kind, place });
        }
        match name {
            "w:p" => self.open_paragraph(at, element),
            "w:tbl" => self.open_table(at, element),
            "w:tr" if self.flat == 0 => self.open_row(),
            "w:tc" if self.flat == 0 => self.open_cell(at),
            "w:txbxContent" if self.boxes >= MAX_NESTING => return false,
            "w:txbxContent" => {
                self.boxes += 1;
                self.frames.push(ParseFrame::Blocks(Vec::new()));
            }
            "w:t" | "m:t" => self.push_text(element),
            _ => self.read_property(element),
        }
        true
    }

    fn end_element(&mut self, element: &SpannedElement) {
        match element.name.as_str() {
            "w:p" => self.close_paragraph(),
            "w:tbl" => self.close_table(),
            "w:tr" if self.flat == 0 => self.close_row(),
            "w:tc" if self.flat == 0 => self.close_cell(),
            "w:txbxContent" => self.close_box(),
            "w:pPr" | "w:rPr" | "w:r" | "w:hyperlink" => self.close_properties(element),
            _ => {}
        }
    }

    /// Marks the open paragraph, row or cell as deleted, if the deletion is among its properties.
    fn mark_deleted(&mut self) {
        match self.frames.last_mut() {
            Some(ParseFrame::Paragraph(open)) if open.in_properties => {
                open.paragraph.merges_with_next = true;
            }
            Some(ParseFrame::Row(row)) => row.deleted = true,
            _ => {}
        }
    }

    /// Returns the place of the open paragraph, else of the element.
    fn open_place(&self, at: usize) -> WordLocation {
        let found = self.frames.iter().rev().find_map(|frame| match frame {
            ParseFrame::Paragraph(open) => Some(open.paragraph.place.clone()),
            _ => None,
        });
        found.unwrap_or_else(|| self.body.element_place(at))
    }

    fn open_blocks(&mut self) -> Option<&mut Vec<WordBlock>> {
        match self.frames.last_mut() {
            Some(ParseFrame::Blocks(blocks)) => Some(blocks),
            _ => None,
        }
    }

    fn open_paragraph(&mut self, at: usize, element: &SpannedElement) {
        if self.open_blocks().is_none() {
            return;
        }
        let end = if element.is_empty() { None } else { Some(element.content_end) };
        let paragraph = WordParagraph {
            range: element.range.clone(),
            end,
            place: self.body.element_place(at),
            ..WordParagraph::default()
        };
        let open = OpenParagraph { paragraph, ..OpenParagraph::default() };
        self.frames.push(ParseFrame::Paragraph(Box::new(open)));
    }

    fn close_paragraph(&mut self) {
        if !matches!(self.frames.last(), Some(ParseFrame::Paragraph(_))) {
            return;
        }
        let Some(ParseFrame::Paragraph(open)) = self.frames.pop() else { return };
        let OpenParagraph { paragraph, boxes, .. } = *open;
        let Some(blocks) = self.open_blocks() else { return };
        match blocks.last_mut() {
            Some(WordBlock::Paragraph(before)) if before.merges_with_next => {
                join_paragraphs(before, paragraph);
            }
            _ => blocks.push(WordBlock::Paragraph(paragraph)),
        }
        blocks.extend(boxes);
    }

    fn open_table(&mut self, at: usize, element: &SpannedElement) {
        let deep = self.tables >= MAX_NESTING || self.flat > 0 || self.open_blocks().is_none();
        if deep {
            self.flat += 1;
            return;
        }
        self.tables += 1;
        let nested = self.frames.iter().any(|frame| matches!(frame, ParseFrame::Cell(_)));
        let table = WordTable {
            range: element.range.clone(),
            rows: Vec::new(),
            nested,
            boxed: self.boxes > 0,
            place: self.body.element_place(at),
        };
        self.frames.push(ParseFrame::Table(table));
    }

    fn close_table(&mut self) {
        if self.flat > 0 {
            self.flat -= 1;
            return;
        }
        if !matches!(self.frames.last(), Some(ParseFrame::Table(_))) {
            return;
        }
        let Some(ParseFrame::Table(table)) = self.frames.pop() else { return };
        self.tables = self.tables.saturating_sub(1);
        if let Some(blocks) = self.open_blocks() {
            blocks.push(WordBlock::Table(table));
        }
    }

    fn open_row(&mut self) {
        if matches!(self.frames.last(), Some(ParseFrame::Table(_))) {
            self.frames.push(ParseFrame::Row(WordRow::default()));
        }
    }

    fn close_row(&mut self) {
        if !matches!(self.frames.last(), Some(ParseFrame::Row(_))) {
            return;
        }
        let Some(ParseFrame::Row(row)) = self.frames.pop() else { return };
        if let (false, Some(ParseFrame::Table(table))) = (row.deleted, self.frames.last_mut()) {
            table.rows.push(row);
        }
    }

    fn open_cell(&mut self, at: usize) {
        if !matches!(self.frames.last(), Some(ParseFrame::Row(_))) {
            return;
        }
        let place = self.body.element_place(at);
        self.frames.push(ParseFrame::Cell(WordCell { columns: 1, place, ..WordCell::default() }));
        self.frames.push(ParseFrame::Blocks(Vec::new()));
    }

    fn close_cell(&mut self) {
        let [.., ParseFrame::Cell(_), ParseFrame::Blocks(_)] = self.frames.as_slice() else {
            return;
        };
        let Some(ParseFrame::Blocks(content)) = self.frames.pop() else { return };
        let Some(ParseFrame::Cell(mut cell)) = self.frames.pop() else { return };
        cell.blocks = content;
        if let Some(ParseFrame::Row(row)) = self.frames.last_mut() {
            row.cells.push(cell);
        }
    }

    fn close_box(&mut self) {
        self.boxes = self.boxes.saturating_sub(1);
        if self.frames.len() < 2 || !matches!(self.frames.last(), Some(ParseFrame::Blocks(_))) {
            return;
        }
        let Some(ParseFrame::Blocks(content)) = self.frames.pop() else { return };
        match self.frames.last_mut() {
            Some(ParseFrame::Paragraph(open)) => open.boxes.extend(content),
            Some(ParseFrame::Blocks(blocks)) => blocks.extend(content),
            _ => {}
        }
    }

    /// Reads a property of the open element, or a run's content other than text.
    fn read_property(&mut self, element: &SpannedElement) {
        match self.frames.last_mut() {
            Some(ParseFrame::Paragraph(open)) => open.read_property(element),
            Some(ParseFrame::Row(row)) if element.name == "w:gridBefore" => {
                row.before = parse_skipped_columns(element.value());
            }
            Some(ParseFrame::Blocks(_)) => {
                let [.., ParseFrame::Cell(cell), _] = self.frames.as_mut_slice() else { return };
                match element.name.as_str() {
                    "w:gridSpan" => cell.columns = parse_grid_span(element.value()),
                    "w:vMerge" => cell.merge = VerticalMerge::from_value(element.value()),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn close_properties(&mut self, element: &SpannedElement) {
        let Some(ParseFrame::Paragraph(open)) = self.frames.last_mut() else { return };
        match element.name.as_str() {
            "w:pPr" => open.in_properties = false,
            "w:rPr" if open.run.open => {
                open.run.open = false;
                let look = element.range.clone();
                if open.in_properties {
                    open.paragraph.mark_properties = Some(look);
                } else {
                    open.run.properties = Some(look);
                }
            }
            "w:r" => open.run = RunState::default(),
            "w:hyperlink" => open.link = None,
            _ => {}
        }
    }

    fn push_text(&mut self, element: &SpannedElement) {
        if let Some(ParseFrame::Paragraph(open)) = self.frames.last_mut()
            && !element.text.is_empty()
        {
            let range = element.tag.end..element.content_end;
            open.push_content(RunContent::Text(element.text.clone()), &range);
        }
    }
}

impl OpenParagraph {
    fn read_property(&mut self, element: &SpannedElement) {
        let value = |key: &str| element.attribute(key);
        let owned = |key: &str| value(key).map(str::to_owned);
        let range = &element.range;
        match element.name.as_str() {
            "w:pPr" => {
                self.in_properties = true;
                self.paragraph.properties = Some(range.clone());
            }
            "w:rPr" => self.run.open = true,
            "w:r" => self.run = RunState::default(),
            "w:hyperlink" => self.link = value("r:id").map(|id| format!("#{id}")),
            "w:b" if self.run.open => self.run.bold = element.is_on(),
            "w:i" if self.run.open => self.run.italic = element.is_on(),
            "w:vanish" if self.run.open => self.run.hidden = element.is_on(),
            "w:rStyle" if self.run.open && element.value() == Some("Strong") => {
                self.run.bold = true;
            }
            "w:tab" | "w:ptab" if !self.in_properties => {
                self.push_content(RunContent::Text("\t".to_owned()), range);
            }
            "w:noBreakHyphen" => self.push_content(RunContent::Text("-".to_owned()), range),
            "w:br" if is_page_break(value("w:type")) => {}
            "w:br" | "w:cr" => self.push_content(RunContent::Break, range),
            "wp:docPr" => self.run.alt = owned("descr").unwrap_or_default(),
            // Linked pictures are recorded too, so that their absence is reported.
            "a:blip" => self.push_picture(owned("r:embed").or_else(|| owned("r:link")), range),
            "v:imagedata" => self.push_picture(owned("r:id"), range),
            _ if self.in_properties => self.paragraph_property(element),
            _ => {}
        }
    }

    fn paragraph_property(&mut self, element: &SpannedElement) {
        let Some(value) = element.value().map(str::to_owned) else { return };
        let paragraph = &mut self.paragraph;
        match element.name.as_str() {
            "w:pStyle" => paragraph.style = Some(value),
            "w:outlineLvl" => paragraph.outline = value.parse().ok(),
            "w:jc" => paragraph.align = value,
            "w:ilvl" => {
                let level = value.parse().unwrap_or(0);
                paragraph.list.get_or_insert_default().1 = level;
            }
            "w:numId" => paragraph.list.get_or_insert_default().0 = value,
            _ => {}
        }
    }

    fn push_picture(&mut self, id: Option<String>, range: &Range<usize>) {
        if let Some(id) = id {
            let alt = std::mem::take(&mut self.run.alt);
            self.push_content(RunContent::Picture { id, alt }, range);
        }
    }

    fn push_content(&mut self, content: RunContent, range: &Range<usize>) {
        if self.run.hidden {
            return;
        }
        let RunState { bold, italic, properties: look, .. } = self.run.clone();
        let (link, range) = (self.link.clone(), range.clone());
        if let Some(last) = self.paragraph.runs.last_mut()
            && (last.bold, last.italic, &last.link, &last.properties)
                == (bold, italic, &link, &look)
            && last.range.end == range.start
            && let (RunContent::Text(before), RunContent::Text(more)) =
                (&mut last.content, &content)
        {
            before.push_str(more);
            last.range.end = range.end;
            return;
        }
        self.paragraph.runs.push(FormattedRun {
            content,
            bold,
            italic,
            link,
            range,
            properties: look,
        });
    }
}

/// Appends a paragraph to the one before it whose mark was deleted.
fn join_paragraphs(before: &mut WordParagraph, next: WordParagraph) {
    before.runs.extend(next.runs);
    before.merges_with_next = next.merges_with_next;
    before.range.end = next.range.end;
    before.end = next.end;
}
