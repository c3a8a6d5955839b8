//! Owns the body of a part as it is stored: its paragraphs, tables, rows and cells by element, each with the numbers
//! by which messages name it. What tracked changes delete is part of it.
//! Must not know styles, tags, or what a text means.

use crate::diag::WordLocation;
use crate::opc::OpcError;
use crate::word::place::{CellAddress, PlaceCounter};
use crate::word::table::{
    CellPosition, OpenMerges, VerticalMerge, parse_grid_span, parse_skipped_columns,
};
use crate::word::xml_tree::{SpannedElement, XmlTree};
use std::collections::BTreeMap;

/// A part that holds paragraphs: the main document, a header, the footnotes.
#[derive(Debug)]
pub struct WordBody {
    /// Name of the part.
    pub name: String,
    /// XML of the part.
    pub text: String,
    /// Elements of the part.
    pub tree: XmlTree,
    /// All paragraphs in document order, also those in cells and text boxes.
    pub paragraphs: Vec<BodyParagraph>,
    /// Tables that are not in a text box; nested ones follow the one that contains them.
    pub tables: Vec<BodyTable>,
    /// Places of the cells and tables by element, those in text boxes included.
    places: BTreeMap<usize, (CellAddress, u32)>,
    /// Index of the innermost paragraph that contains each element or is it.
    owners: Vec<Option<usize>>,
}

/// A paragraph of a body.
#[derive(Debug)]
pub struct BodyParagraph {
    /// Element of the paragraph.
    pub element: usize,
    /// Cells that contain it.
    pub cells: CellAddress,
    /// Number in the innermost of them.
    pub number: u32,
    /// Text as the paragraph shows it, without that of text boxes.
    pub text: String,
}

/// A table of a body.
#[derive(Debug)]
pub struct BodyTable {
    /// Element of the table.
    pub element: usize,
    /// Cells that contain the table.
    pub outer: CellAddress,
    /// Number in the innermost of them.
    pub number: u32,
    /// Widths of the grid columns in twentieths of a point.
    pub columns: Vec<f64>,
    /// Rows of the table.
    pub rows: Vec<BodyRow>,
    merges: OpenMerges<(usize, usize)>,
}

/// A row of a table.
#[derive(Debug)]
pub struct BodyRow {
    /// Element of the row.
    pub element: usize,
    /// Number of grid columns skipped before the first cell.
    pub grid_before: usize,
    /// Number of grid columns skipped after the last cell.
    pub grid_after: usize,
    /// True if the row repeats at the top of each page.
    pub header: bool,
    /// True if the row is kept on one page.
    pub cant_split: bool,
    /// Cells of the row, also those that continue one above.
    pub cells: Vec<BodyCell>,
}

/// A cell of a row.
#[derive(Debug)]
pub struct BodyCell {
    /// Element of the cell.
    pub element: usize,
    /// Index of its first grid column.
    pub column: usize,
    /// Number of grid columns that it spans.
    pub span: usize,
    /// Vertical merging as written.
    pub merge: VerticalMerge,
    /// Row and index of the cell that it continues; `None` if it is a cell of its own.
    pub continued: Option<(usize, usize)>,
    /// Text of the cell without nested tables.
    pub text: String,
}

/// The kind of an open element that counts.
#[derive(Clone, Copy)]
enum OpenLevel {
    Cell,
    TextBox,
    Alternatives,
    Branch,
}

impl WordBody {
    /// Reads a part; `name` is its name.
    pub fn read(name: &str, text: String) -> Result<WordBody, OpcError> {
        let tree = XmlTree::read(&text, name)?;
        let mut body = WordBody {
            name: name.to_owned(),
            text,
            tree,
            paragraphs: Vec::new(),
            tables: Vec::new(),
            places: BTreeMap::new(),
            owners: Vec::new(),
        };
        body.read_blocks();
        body.assign_owners();
        Ok(body)
    }

    fn read_blocks(&mut self) {
        let mut places = PlaceCounter::default();
        let mut open: Vec<(usize, OpenLevel)> = Vec::new();
        // Tables that are open, with the end of each.
        let mut tables: Vec<(usize, usize)> = Vec::new();
        for at in 0..self.tree.elements.len() {
            while open.last().is_some_and(|(end, _)| at >= *end) {
                leave_level(&mut places, open.pop().map(|(_, level)| level));
            }
            while tables.last().is_some_and(|(end, _)| at >= *end) {
                tables.pop();
            }
            let element = &self.tree.elements[at];
            let end = element.end;
            let is_boxed = places.is_in_text_box();
            match element.name.as_str() {
                "w:p" => {
                    let (cells, number) = places.enter_paragraph();
                    let text = self.paragraph_text(at);
                    self.paragraphs.push(BodyParagraph { element: at, cells, number, text });
                }
                "w:tbl" => {
                    let (outer, number) = places.enter_table();
                    let (outer, mut cells) = (outer.clone(), outer.clone());
                    if is_boxed {
                        self.places.insert(at, (cells, places.anchor_paragraph()));
                    } else {
                        cells.push((number, 0, 0));
                        self.places.insert(at, (cells, 0));
                        tables.push((end, self.tables.len()));
                        self.tables.push(read_table(&self.tree, at, outer, number));
                    }
                }
                "w:tr" => {
                    places.enter_row();
                    if let (Some(&(_, table)), false) = (tables.last(), is_boxed) {
                        self.tables[table].rows.push(read_row(&self.tree, at));
                    }
                }
                "w:tc" => {
                    places.enter_cell();
                    self.places.insert(at, (places.cells().to_vec(), places.anchor_paragraph()));
                    open.push((end, OpenLevel::Cell));
                    if let (Some(&(_, table)), false) = (tables.last(), is_boxed) {
                        self.tables[table].push_cell(&self.tree, at);
                    }
                }
                "w:txbxContent" => {
                    places.enter_text_box();
                    open.push((end, OpenLevel::TextBox));
                }
                "mc:AlternateContent" => {
                    places.enter_alternatives();
                    open.push((end, OpenLevel::Alternatives));
                }
                "mc:Choice" | "mc:Fallback" if places.enter_branch() => {
                    open.push((end, OpenLevel::Branch));
                }
                _ => {}
            }
        }
    }

    /// Determines the innermost paragraph of each element.
    fn assign_owners(&mut self) {
        let mut owners: Vec<Option<usize>> = Vec::with_capacity(self.tree.elements.len());
        let mut next = self.paragraphs.iter().map(|found| found.element).enumerate().peekable();
        for (at, element) in self.tree.elements.iter().enumerate() {
            let own = next.next_if(|(_, element)| *element == at).map(|(number, _)| number);
            owners.push(own.or_else(|| owners[element.parent?]));
        }
        self.owners = owners;
    }

    /// Returns the text of a paragraph as it is shown, without that of text boxes in it.
    fn paragraph_text(&self, at: usize) -> String {
        let mut out = String::new();
        let mut skip = 0;
        for inner in self.tree.descendants(at) {
            if inner < skip {
                continue;
            }
            let element = &self.tree.elements[inner];
            match element.name.as_str() {
                // A paragraph directly within another is not part of its text.
                "w:txbxContent" | "w:p" | "w:moveFrom" | "w:pPr" => skip = element.end,
                "mc:Choice" | "mc:Fallback" if self.tree.is_later_branch(inner) => {
                    skip = element.end;
                }
                _ => out.push_str(run_text(&self.tree, inner)),
            }
        }
        out
    }

    /// Returns the location of a paragraph.
    pub fn paragraph_place(&self, paragraph: &BodyParagraph, excerpt: &str) -> WordLocation {
        WordLocation {
            part: self.name.clone(),
            cells: paragraph.cells.clone(),
            paragraph: paragraph.number,
            excerpt: make_excerpt(excerpt),
        }
    }

    /// Returns the location of a cell; row and cell count from 0.
    pub fn cell_place(&self, table: &BodyTable, row: usize, cell: usize) -> WordLocation {
        let found = table.rows.get(row).and_then(|row| row.cells.get(cell));
        let excerpt = found.map(|cell| make_excerpt(&cell.text)).unwrap_or_default();
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        let mut cells = table.outer.clone();
        cells.push((table.number, number(row), number(cell)));
        WordLocation { part: self.name.clone(), cells, paragraph: 0, excerpt }
    }

    /// Returns the location of a paragraph, cell or table by its element, without an excerpt.
    pub fn element_place(&self, element: usize) -> WordLocation {
        let own = self.paragraph_of(element).filter(|found| found.element == element);
        let place = own.map(|found| (&found.cells, found.number));
        let place = place.or_else(|| self.places.get(&element).map(|(cells, at)| (cells, *at)));
        let (cells, paragraph) = place.map(|(cells, at)| (cells.clone(), at)).unwrap_or_default();
        WordLocation { part: self.name.clone(), cells, paragraph, excerpt: String::new() }
    }

    /// Returns the elements of a paragraph, without those of paragraphs in it.
    pub fn elements_of(&self, paragraph: &BodyParagraph) -> impl Iterator<Item = usize> {
        let (elements, mut next) = (&self.tree.elements, paragraph.element + 1);
        let end = elements[paragraph.element].end;
        std::iter::from_fn(move || {
            while next < end {
                let at = next;
                if elements[at].name == "w:p" {
                    next = elements[at].end;
                } else {
                    next += 1;
                    return Some(at);
                }
            }
            None
        })
    }

    /// Returns the innermost paragraph that contains an element.
    pub fn paragraph_of(&self, element: usize) -> Option<&BodyParagraph> {
        let number = self.owners.get(element).copied().flatten();
        number.map(|number| &self.paragraphs[number])
    }

    /// Returns the first paragraph after an element.
    pub fn paragraph_after(&self, element: usize) -> Option<&BodyParagraph> {
        let at = self.paragraphs.partition_point(|found| found.element <= element);
        self.paragraphs.get(at)
    }
}

impl BodyTable {
    fn push_cell(&mut self, tree: &XmlTree, at: usize) {
        let Some(row) = self.rows.len().checked_sub(1) else { return };
        let property = |name| tree.element_at_path(at, &["w:tcPr", name]);
        let span = parse_grid_span(property("w:gridSpan").and_then(SpannedElement::value));
        let merge = property("w:vMerge").map(SpannedElement::value);
        let merge = merge.map_or(VerticalMerge::None, VerticalMerge::from_value);
        let before = |cell: &BodyCell| cell.column + cell.span;
        let cells = &mut self.rows[row];
        let column = cells.cells.last().map_or(cells.grid_before, before);
        let own = (row, cells.cells.len());
        let continued = self.merges.place_cell(CellPosition { row, column, span }, merge, own);
        let text = cell_text(tree, at);
        cells.cells.push(BodyCell { element: at, column, span, merge, continued, text });
    }
}

fn leave_level(places: &mut PlaceCounter, level: Option<OpenLevel>) {
    match level {
        Some(OpenLevel::Cell) => places.leave_cell(),
        Some(OpenLevel::TextBox) => places.leave_text_box(),
        Some(OpenLevel::Alternatives) => places.leave_alternatives(),
        Some(OpenLevel::Branch) => places.leave_branch(),
        None => {}
    }
}

fn read_table(tree: &XmlTree, at: usize, outer: CellAddress, number: u32) -> BodyTable {
    let grid = tree.child(at, "w:tblGrid");
    let columns = grid.into_iter().flat_map(|grid| tree.children(grid));
    let columns = columns.filter_map(|at| {
        let column = &tree.elements[at];
        (column.name == "w:gridCol").then(|| column.length_attribute("w:w").unwrap_or(0.0))
    });
    let columns = columns.collect();
    BodyTable {
        element: at,
        outer,
        number,
        columns,
        rows: Vec::new(),
        merges: OpenMerges::default(),
    }
}

fn read_row(tree: &XmlTree, at: usize) -> BodyRow {
    let property = |name| tree.element_at_path(at, &["w:trPr", name]);
    let is_on = |name| property(name).is_some_and(SpannedElement::is_on);
    let skipped = |name| parse_skipped_columns(property(name).and_then(SpannedElement::value));
    BodyRow {
        element: at,
        grid_before: skipped("w:gridBefore"),
        grid_after: skipped("w:gridAfter"),
        header: is_on("w:tblHeader"),
        cant_split: is_on("w:cantSplit"),
        cells: Vec::new(),
    }
}

/// Returns the texts of a cell, joined, without nested tables.
fn cell_text(tree: &XmlTree, at: usize) -> String {
    let mut out = String::new();
    let mut skip = 0;
    for inner in tree.descendants(at) {
        if inner < skip {
            continue;
        }
        let element = &tree.elements[inner];
        match element.name.as_str() {
            "w:tbl" | "w:tc" | "w:moveFrom" => skip = element.end,
            "mc:Choice" | "mc:Fallback" if tree.is_later_branch(inner) => skip = element.end,
            "w:t" => out.push_str(&element.text),
            _ => {}
        }
    }
    out
}

/// Returns the characters that an element of a run shows.
fn run_text(tree: &XmlTree, at: usize) -> &str {
    let element = &tree.elements[at];
    match element.name.as_str() {
        "w:t" => &element.text,
        "w:tab" | "w:ptab" => "\t",
        "w:noBreakHyphen" => "-",
        "w:br" if is_page_break(element.attribute("w:type")) => "",
        "w:br" | "w:cr" => "\n",
        _ => "",
    }
}

/// Checks whether a break (`w:br`) of this type begins a page or column, not a line.
pub fn is_page_break(kind: Option<&str>) -> bool {
    matches!(kind, Some("page" | "column"))
}

/// Returns the beginning of a text as an excerpt.
pub fn make_excerpt(text: &str) -> String {
    let text: String = text.trim().chars().take(24).collect();
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}
