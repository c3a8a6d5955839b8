//! Owns parsing the XML of a Word body into blocks, in one pass and without recursion: tracked
//! changes as if accepted, text boxes after their paragraph, wrappers of blocks or runs ignored.
//! Must not know the official form, nor other parts than the body.

use super::word_document::{
    RunContent, WordBlock, WordCell, WordDocument, WordMerge, WordParagraph, WordRow, WordRun,
    WordTable,
};
use docx_fill::diag::WordLocation;
use docx_fill::opc::OpcError;
use docx_fill::opc::xml::{XmlEventReader, attribute_value, resolve_reference};
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// Maximum nesting of tables that are read as tables; the text of deeper ones belongs to the
/// containing cell. Text boxes nested deeper are not read.
const MAX_NESTING: usize = 8;

/// Elements that show nothing: deletions, fallbacks of pictures, field instructions, former
/// properties.
const SKIPPED_ELEMENTS: [&str; 11] = [
    "w:del",
    "w:moveFrom",
    "mc:Fallback",
    "w:rt",
    "w:instrText",
    "w:pPrChange",
    "w:rPrChange",
    "w:tblPrChange",
    "w:trPrChange",
    "w:tcPrChange",
    "w:sectPrChange",
];

/// Parses a body; `part` is the name of its part.
pub(crate) fn read_body(source: String, part: &str) -> Result<WordDocument, OpcError> {
    let mut reader = BodyReader { part: part.to_owned(), ..BodyReader::default() };
    reader.frames.push(ParseFrame::Blocks(BlockList::default()));
    let mut events = XmlEventReader::new(&source, part);
    while let Some((event, range)) = events.next()? {
        match event {
            Event::Start(element) => reader.start_element(&element, &range, false),
            Event::Empty(element) => {
                reader.start_element(&element, &range, true);
                reader.end_element(element.name().as_ref(), &range);
            }
            Event::End(element) => reader.end_element(element.name().as_ref(), &range),
            Event::Text(content) => reader.push_text(&content, &range),
            Event::CData(content) => reader.push_text(&content, &range),
            Event::GeneralRef(reference) => {
                if let Some(c) = resolve_reference(&reference) {
                    reader.push_text(c.encode_utf8(&mut [0; 4]), &range);
                }
            }
            _ => {}
        }
    }
    let blocks = match reader.frames.into_iter().next() {
        Some(ParseFrame::Blocks(blocks)) => blocks.items,
        _ => Vec::new(),
    };
    let tracked = reader.tracked;
    Ok(WordDocument { source, blocks, tracked })
}

/// An element that is open.
enum ParseFrame {
    /// The body, a text box or the content of a cell.
    Blocks(BlockList),
    Paragraph(Box<OpenParagraph>),
    Table(WordTable, CellAddress),
    Row(WordRow),
    /// A cell; its content is the frame above it.
    Cell(WordCell),
}

#[derive(Default)]
struct BlockList {
    items: Vec<WordBlock>,
    tables: u32,
    paragraphs: u32,
}

type CellAddress = Vec<(u32, u32, u32)>;

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
    /// Offset of the start of the properties that are open.
    opened: usize,
    open: bool,
    alt: String,
}

#[derive(Default)]
struct BodyReader {
    part: String,
    frames: Vec<ParseFrame>,
    /// Depth within an element that shows nothing, else 0.
    skipping: usize,
    in_text: bool,
    tables: usize,
    /// Number of open tables that are nested too deeply to be read as tables.
    flat: usize,
    boxes: usize,
    tracked: bool,
}

impl BodyReader {
    fn start_element(&mut self, element: &BytesStart<'_>, range: &Range<usize>, empty: bool) {
        let name = element.name();
        let name = name.as_ref();
        if self.skipping > 0 {
            self.skipping += 1;
            return;
        }
        if matches!(name, "w:ins" | "w:del" | "w:moveFrom" | "w:moveTo") {
            self.tracked = true;
        }
        // A deletion among properties marks the paragraph, row or cell that has them.
        if name == "w:del" && self.mark_deleted() {
            self.skipping = 1;
            return;
        }
        if SKIPPED_ELEMENTS.contains(&name) {
            self.skipping = 1;
            return;
        }
        match name {
            "w:p" => self.open_paragraph(range, empty),
            "w:tbl" => self.open_table(range),
            "w:tr" if self.flat == 0 => self.open_row(),
            "w:tc" if self.flat == 0 => self.open_cell(),
            "w:txbxContent" if self.boxes >= MAX_NESTING => self.skipping = 1,
            "w:txbxContent" => {
                self.boxes += 1;
                self.frames.push(ParseFrame::Blocks(BlockList::default()));
            }
            "w:t" | "m:t" => self.in_text = true,
            _ => self.read_property(name, element, range),
        }
    }

    fn end_element(&mut self, name: &str, range: &Range<usize>) {
        if self.skipping > 0 {
            self.skipping -= 1;
            return;
        }
        match name {
            "w:t" | "m:t" => self.in_text = false,
            "w:p" => self.close_paragraph(range),
            "w:tbl" => self.close_table(range),
            "w:tr" if self.flat == 0 => self.close_row(),
            "w:tc" if self.flat == 0 => self.close_cell(),
            "w:txbxContent" => self.close_box(),
            "w:pPr" | "w:rPr" | "w:r" | "w:hyperlink" => self.close_properties(name, range),
            _ => {}
        }
    }

    /// Marks the open paragraph, row or cell as deleted, if the deletion is among its properties.
    fn mark_deleted(&mut self) -> bool {
        match self.frames.last_mut() {
            Some(ParseFrame::Paragraph(open)) if open.in_properties => {
                open.paragraph.merges_with_next = true;
                true
            }
            Some(ParseFrame::Row(row)) => {
                row.deleted = true;
                true
            }
            _ => false,
        }
    }

    /// Returns the address of the open cell, by the tables around it.
    fn cell_address(&self) -> CellAddress {
        let cell = self.frames.iter().rev().find_map(|frame| match frame {
            ParseFrame::Cell(cell) => Some(cell.place.cells.clone()),
            _ => None,
        });
        cell.unwrap_or_default()
    }

    fn open_blocks(&mut self) -> Option<&mut BlockList> {
        match self.frames.last_mut() {
            Some(ParseFrame::Blocks(blocks)) => Some(blocks),
            _ => None,
        }
    }

    fn open_paragraph(&mut self, range: &Range<usize>, empty: bool) {
        let (part, cells) = (self.part.clone(), self.cell_address());
        let Some(blocks) = self.open_blocks() else { return };
        blocks.paragraphs += 1;
        let number = blocks.paragraphs;
        let place = WordLocation { part, cells, paragraph: number, excerpt: String::new() };
        let end = if empty { None } else { Some(range.end) };
        let paragraph =
            WordParagraph { range: range.clone(), end, place, ..WordParagraph::default() };
        let open = OpenParagraph { paragraph, ..OpenParagraph::default() };
        self.frames.push(ParseFrame::Paragraph(Box::new(open)));
    }

    fn close_paragraph(&mut self, range: &Range<usize>) {
        if !matches!(self.frames.last(), Some(ParseFrame::Paragraph(_))) {
            return;
        }
        let Some(ParseFrame::Paragraph(open)) = self.frames.pop() else { return };
        let OpenParagraph { mut paragraph, boxes, .. } = *open;
        paragraph.range.end = range.end;
        if paragraph.end.is_some() {
            paragraph.end = Some(range.start);
        }
        let Some(blocks) = self.open_blocks() else { return };
        match blocks.items.last_mut() {
            Some(WordBlock::Paragraph(before)) if before.merges_with_next => {
                join_paragraphs(before, paragraph);
            }
            _ => blocks.items.push(WordBlock::Paragraph(paragraph)),
        }
        blocks.items.extend(boxes);
    }

    fn open_table(&mut self, range: &Range<usize>) {
        let deep = self.tables >= MAX_NESTING || self.flat > 0 || self.open_blocks().is_none();
        if deep {
            self.flat += 1;
            return;
        }
        self.tables += 1;
        let (part, cells, boxed) = (self.part.clone(), self.cell_address(), self.boxes > 0);
        let nested = !cells.is_empty();
        let Some(blocks) = self.open_blocks() else { return };
        blocks.tables += 1;
        let number = blocks.tables;
        let mut own = cells.clone();
        own.push((number, 0, 0));
        let place = WordLocation { part, cells: own, paragraph: 0, excerpt: String::new() };
        let table = WordTable { range: range.clone(), rows: Vec::new(), nested, boxed, place };
        self.frames.push(ParseFrame::Table(table, cells));
    }

    fn close_table(&mut self, range: &Range<usize>) {
        if self.flat > 0 {
            self.flat -= 1;
            return;
        }
        if !matches!(self.frames.last(), Some(ParseFrame::Table(..))) {
            return;
        }
        let Some(ParseFrame::Table(mut table, _)) = self.frames.pop() else { return };
        table.range.end = range.end;
        self.tables = self.tables.saturating_sub(1);
        if let Some(blocks) = self.open_blocks() {
            blocks.items.push(WordBlock::Table(table));
        }
    }

    fn open_row(&mut self) {
        if matches!(self.frames.last(), Some(ParseFrame::Table(..))) {
            self.frames.push(ParseFrame::Row(WordRow::default()));
        }
    }

    fn close_row(&mut self) {
        if !matches!(self.frames.last(), Some(ParseFrame::Row(_))) {
            return;
        }
        let Some(ParseFrame::Row(row)) = self.frames.pop() else { return };
        if let (false, Some(ParseFrame::Table(table, _))) = (row.deleted, self.frames.last_mut()) {
            table.rows.push(row);
        }
    }

    fn open_cell(&mut self) {
        let [.., ParseFrame::Table(table, above), ParseFrame::Row(row)] = self.frames.as_slice()
        else {
            return;
        };
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        let mut cells = above.clone();
        let table_number = table.place.cells.last().map_or(1, |last| last.0);
        cells.push((table_number, number(table.rows.len()), number(row.cells.len())));
        let place = WordLocation { part: self.part.clone(), cells, ..WordLocation::default() };
        self.frames.push(ParseFrame::Cell(WordCell { columns: 1, place, ..WordCell::default() }));
        self.frames.push(ParseFrame::Blocks(BlockList::default()));
    }

    fn close_cell(&mut self) {
        let [.., ParseFrame::Cell(_), ParseFrame::Blocks(_)] = self.frames.as_slice() else {
            return;
        };
        let Some(ParseFrame::Blocks(content)) = self.frames.pop() else { return };
        let Some(ParseFrame::Cell(mut cell)) = self.frames.pop() else { return };
        cell.blocks = content.items;
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
            Some(ParseFrame::Paragraph(open)) => open.boxes.extend(content.items),
            Some(ParseFrame::Blocks(blocks)) => blocks.items.extend(content.items),
            _ => {}
        }
    }

    /// Reads a property of the open element, or a run's content other than text.
    fn read_property(&mut self, name: &str, element: &BytesStart<'_>, range: &Range<usize>) {
        let value = |key: &str| attribute_value(element, key);
        let count = |key: &str| value(key).and_then(|text| text.trim().parse::<usize>().ok());
        match self.frames.last_mut() {
            Some(ParseFrame::Paragraph(open)) => open.read_property(name, element, range),
            Some(ParseFrame::Row(row)) if name == "w:gridBefore" => {
                row.before = count("w:val").unwrap_or(0).min(MAX_GRID_COLUMNS);
            }
            Some(ParseFrame::Blocks(_)) => {
                let [.., ParseFrame::Cell(cell), _] = self.frames.as_mut_slice() else { return };
                match name {
                    "w:gridSpan" => {
                        cell.columns = count("w:val").unwrap_or(1).clamp(1, MAX_GRID_COLUMNS);
                    }
                    "w:vMerge" if value("w:val").as_deref() == Some("restart") => {
                        cell.merge = WordMerge::Restart;
                    }
                    "w:vMerge" => cell.merge = WordMerge::Continue,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn close_properties(&mut self, name: &str, range: &Range<usize>) {
        let Some(ParseFrame::Paragraph(open)) = self.frames.last_mut() else { return };
        match name {
            "w:pPr" => {
                open.in_properties = false;
                if let Some(properties) = &mut open.paragraph.properties {
                    properties.end = range.end;
                }
            }
            "w:rPr" if open.run.open => {
                open.run.open = false;
                let look = open.run.opened..range.end;
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

    fn push_text(&mut self, text: &str, range: &Range<usize>) {
        if !self.in_text || self.skipping > 0 {
            return;
        }
        if let Some(ParseFrame::Paragraph(open)) = self.frames.last_mut() {
            open.push_content(RunContent::Text(text.to_owned()), range);
        }
    }
}

/// Maximum number of columns that a cell may cover or a row may leave out.
const MAX_GRID_COLUMNS: usize = 64;

impl OpenParagraph {
    fn read_property(&mut self, name: &str, element: &BytesStart<'_>, range: &Range<usize>) {
        let value = |key: &str| attribute_value(element, key);
        let on = || !matches!(value("w:val").as_deref(), Some("0" | "false" | "off" | "none"));
        match name {
            "w:pPr" => {
                self.in_properties = true;
                self.paragraph.properties = Some(range.clone());
            }
            "w:rPr" => (self.run.open, self.run.opened) = (true, range.start),
            "w:r" => self.run = RunState::default(),
            "w:hyperlink" => self.link = value("r:id").map(|id| format!("#{id}")),
            "w:b" if self.run.open => self.run.bold = on(),
            "w:i" if self.run.open => self.run.italic = on(),
            "w:vanish" if self.run.open => self.run.hidden = on(),
            "w:rStyle" if self.run.open && value("w:val").as_deref() == Some("Strong") => {
                self.run.bold = true;
            }
            "w:tab" | "w:ptab" if !self.in_properties => {
                self.push_content(RunContent::Text("\t".to_owned()), range);
            }
            "w:noBreakHyphen" => self.push_content(RunContent::Text("-".to_owned()), range),
            "w:br" if matches!(value("w:type").as_deref(), Some("page" | "column")) => {}
            "w:br" | "w:cr" => self.push_content(RunContent::Break, range),
            "wp:docPr" => self.run.alt = value("descr").unwrap_or_default(),
            // Linked pictures are recorded too, so that their absence is reported.
            "a:blip" => self.push_picture(value("r:embed").or_else(|| value("r:link")), range),
            "v:imagedata" => self.push_picture(value("r:id"), range),
            _ if self.in_properties => self.paragraph_property(name, element),
            _ => {}
        }
    }

    fn paragraph_property(&mut self, name: &str, element: &BytesStart<'_>) {
        let Some(value) = attribute_value(element, "w:val") else { return };
        let paragraph = &mut self.paragraph;
        match name {
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
        self.paragraph.runs.push(WordRun { content, bold, italic, link, range, properties: look });
    }
}

/// Appends a paragraph to the one before it whose mark was deleted.
fn join_paragraphs(before: &mut WordParagraph, next: WordParagraph) {
    before.runs.extend(next.runs);
    before.merges_with_next = next.merges_with_next;
    before.range.end = next.range.end;
    before.end = next.end;
}
