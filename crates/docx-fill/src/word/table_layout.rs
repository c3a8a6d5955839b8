//! Owns the layout of a document's tables: column widths, row heights, cell spans and texts. It reads events, without
//! the tree of elements, because every document that is made is verified by it.
//! Must not know tags or data; it reads rendered documents as well as templates.

use crate::opc::xml::{XmlEventReader, attribute_value, resolve_reference};
use crate::opc::{OpcError, Package, PackageLimits};
use crate::word::body::is_page_break;
use crate::word::measure::parse_twips;
use crate::word::table::{
    CellPosition, OpenMerges, VerticalMerge, parse_grid_span, parse_skipped_columns,
};
use quick_xml::events::{BytesStart, Event};
use serde::Serialize;

/// A table of the document body; nested tables follow the one that contains them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TableLayout {
    /// Nesting depth; 0 for a table of the body itself.
    pub depth: usize,
    /// Widths of the grid columns, in twentieths of a point.
    pub columns: Vec<u32>,
    /// The rows.
    pub rows: Vec<RowLayout>,
}

/// A table row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RowLayout {
    /// Height in twentieths of a point, if specified.
    pub height: Option<u32>,
    /// `exact`, `atLeast` or `auto`; `auto` if no height is specified.
    pub height_rule: String,
    /// True if the row repeats at the top of each page.
    pub header: bool,
    /// True if the row is kept on one page.
    pub cant_split: bool,
    /// Cells that begin in this row, without continuations of vertical merges.
    pub cells: Vec<CellLayout>,
}

/// A table cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CellLayout {
    /// Index of its first grid column.
    pub column: usize,
    /// Number of grid columns that it spans.
    pub columns: usize,
    /// Number of rows that it spans.
    pub rows: usize,
    /// True if its text runs from top to bottom.
    pub vertical: bool,
    /// Text of the cell with line feeds between paragraphs, without nested tables.
    pub text: String,
}

/// Returns the grids of all tables of a document's body.
pub fn table_layouts(bytes: &[u8], limits: &PackageLimits) -> Result<Vec<TableLayout>, OpcError> {
    package_table_layouts(&Package::open(bytes, limits)?)
}

/// Returns the layouts of all tables in the body of an opened document.
pub(crate) fn package_table_layouts(package: &Package) -> Result<Vec<TableLayout>, OpcError> {
    let part = package.main_document_name();
    let text = package.read_xml_part(part)?.ok_or(OpcError::MissingMainDocument)?;
    let mut reader = XmlEventReader::new(&text, part);
    let mut grid = LayoutReader::default();
    while let Some((event, _)) = reader.next()? {
        match event {
            Event::Start(element) => grid.start_element(&element),
            Event::Empty(element) => {
                grid.start_element(&element);
                grid.end_element(element.name().as_ref());
            }
            Event::End(element) => grid.end_element(element.name().as_ref()),
            Event::Text(content) => grid.push_text(&content),
            Event::GeneralRef(reference) => {
                if let Some(c) = resolve_reference(&reference) {
                    grid.push_text(c.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }
    Ok(grid.tables)
}

#[derive(Default)]
struct LayoutReader {
    tables: Vec<TableLayout>,
    open_tables: Vec<OpenTable>,
    in_text: bool,
    /// Nesting depth of tracked former properties, which are ignored.
    in_change: usize,
    /// True within the tab stops of a paragraph (`w:tabs`).
    in_tab_stops: bool,
}

/// A table that is being read.
struct OpenTable {
    index: usize,
    /// Grid column at which the next cell begins.
    column: usize,
    cell: CellLayout,
    merge: VerticalMerge,
    paragraphs: usize,
    /// Cells that vertical merges may continue, as row and index in the row.
    merges: OpenMerges<(usize, usize)>,
}

/// Checks whether an element keeps former properties of a tracked change.
pub(crate) fn is_former_properties(name: &str) -> bool {
    name.ends_with("Change") && (name.ends_with("PrChange") || name == "w:tblGridChange")
}

impl LayoutReader {
    fn start_element(&mut self, element: &BytesStart<'_>) {
        let name = element.name();
        let name = name.as_ref();
        if is_former_properties(name) {
            self.in_change += 1;
        }
        if name == "w:tbl" {
            let layout = TableLayout { depth: self.open_tables.len(), ..TableLayout::default() };
            self.open_tables.push(OpenTable::new(self.tables.len()));
            self.tables.push(layout);
        }
        let Some(table) = self.open_tables.last_mut() else { return };
        let layout = &mut self.tables[table.index];
        let value = |key: &str| attribute_value(element, key);
        let length = |key: &str| value(key).and_then(|text| parse_twips(&text));
        let on = || !matches!(value("w:val").as_deref(), Some("0" | "false" | "off"));
        if self.in_change > 0 {
            return;
        }
        match name {
            "w:gridCol" => layout.columns.push(length("w:w").map_or(0, round_twips)),
            "w:tr" => {
                layout
                    .rows
                    .push(RowLayout { height_rule: "auto".to_owned(), ..RowLayout::default() });
                table.column = 0;
            }
            "w:tc" => table.begin_cell(),
            "w:gridBefore" => table.column = parse_skipped_columns(value("w:val").as_deref()),
            "w:gridSpan" => table.cell.columns = parse_grid_span(value("w:val").as_deref()),
            "w:vMerge" => table.merge = VerticalMerge::from_value(value("w:val").as_deref()),
            "w:textDirection" => {
                let direction = value("w:val").unwrap_or_default();
                table.cell.vertical =
                    direction.starts_with("tb") && direction != "tb" || direction == "rl";
            }
            "w:p" => table.begin_paragraph(),
            "w:t" => self.in_text = true,
            "w:tabs" => self.in_tab_stops = true,
            "w:tab" if !self.in_tab_stops => table.cell.text.push('\t'),
            "w:br" if is_page_break(value("w:type").as_deref()) => {}
            "w:br" => table.cell.text.push('\n'),
            _ => {
                if let Some(row) = layout.rows.last_mut() {
                    match name {
                        "w:trHeight" => {
                            row.height = length("w:val").map(round_twips);
                            row.height_rule = value("w:hRule").unwrap_or("atLeast".to_owned());
                        }
                        "w:tblHeader" => row.header = on(),
                        "w:cantSplit" => row.cant_split = on(),
                        _ => {}
                    }
                }
            }
        }
    }

    fn end_element(&mut self, name: &str) {
        if is_former_properties(name) {
            self.in_change = self.in_change.saturating_sub(1);
        }
        match name {
            "w:t" => self.in_text = false,
            "w:tabs" => self.in_tab_stops = false,
            "w:tbl" => {
                self.open_tables.pop();
            }
            "w:tc" => {
                if let Some(table) = self.open_tables.last_mut() {
                    table.end_cell(&mut self.tables);
                }
            }
            _ => {}
        }
    }

    fn push_text(&mut self, text: &str) {
        if self.in_text
            && let Some(table) = self.open_tables.last_mut()
        {
            table.cell.text.push_str(text);
        }
    }
}

impl OpenTable {
    fn new(index: usize) -> Self {
        let cell = CellLayout::default();
        OpenTable {
            index,
            column: 0,
            cell,
            merge: VerticalMerge::None,
            paragraphs: 0,
            merges: OpenMerges::default(),
        }
    }

    fn begin_cell(&mut self) {
        self.cell = CellLayout { columns: 1, rows: 1, ..CellLayout::default() };
        self.merge = VerticalMerge::None;
        self.paragraphs = 0;
    }

    fn begin_paragraph(&mut self) {
        if self.paragraphs > 0 {
            self.cell.text.push('\n');
        }
        self.paragraphs += 1;
    }

    fn end_cell(&mut self, tables: &mut [TableLayout]) {
        let rows = &mut tables[self.index].rows;
        let Some(row) = rows.len().checked_sub(1) else { return };
        let mut cell = std::mem::take(&mut self.cell);
        cell.column = self.column;
        self.column += cell.columns;
        let position = CellPosition { row, column: cell.column, span: cell.columns };
        let number = rows[row].cells.len();
        match self.merges.place_cell(position, self.merge, (row, number)) {
            Some((first, at)) => rows[first].cells[at].rows = row - first + 1,
            // A continuation without a cell above is a cell of its own, as in Word.
            None => rows[row].cells.push(cell),
        }
    }
}

/// Rounds a measure to whole twentieths of a point; some programs write fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "measures are small, and a float cast saturates"
)]
pub(crate) fn round_twips(number: f64) -> u32 {
    number.round().max(0.0) as u32
}
