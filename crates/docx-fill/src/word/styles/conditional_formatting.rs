//! Owns the regions of a table to which a table style gives formatting of their own (`w:tblStylePr`, ISO/IEC 29500-1,
//! 17.7.6): which regions there are, in which order they act, and in which of them a cell lies.
//! Must not know what a style gives to a region.

use crate::word::table::parse_grid_span;
use crate::word::xml_tree::{SpannedElement, XmlTree};
use std::collections::BTreeMap;

/// A region of a table (`w:type` of `w:tblStylePr`), ordered from the weakest (17.7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableRegion {
    /// The whole table.
    WholeTable,
    /// The odd bands of columns.
    OddColumns,
    /// The even bands of columns.
    EvenColumns,
    /// The odd bands of rows.
    OddRows,
    /// The even bands of rows.
    EvenRows,
    /// The first row.
    FirstRow,
    /// The last row.
    LastRow,
    /// The first column.
    FirstColumn,
    /// The last column.
    LastColumn,
    /// The top left cell.
    TopLeft,
    /// The top right cell.
    TopRight,
    /// The bottom left cell.
    BottomLeft,
    /// The bottom right cell.
    BottomRight,
}

impl TableRegion {
    /// All regions, the strongest first.
    pub const STRONGEST_FIRST: [TableRegion; 13] = [
        TableRegion::BottomRight,
        TableRegion::BottomLeft,
        TableRegion::TopRight,
        TableRegion::TopLeft,
        TableRegion::LastColumn,
        TableRegion::FirstColumn,
        TableRegion::LastRow,
        TableRegion::FirstRow,
        TableRegion::EvenRows,
        TableRegion::OddRows,
        TableRegion::EvenColumns,
        TableRegion::OddColumns,
        TableRegion::WholeTable,
    ];

    /// Returns the region that a `w:type` denotes.
    pub fn from_type(name: &str) -> Option<TableRegion> {
        Some(match name {
            "wholeTable" => TableRegion::WholeTable,
            "band1Vert" => TableRegion::OddColumns,
            "band2Vert" => TableRegion::EvenColumns,
            "band1Horz" => TableRegion::OddRows,
            "band2Horz" => TableRegion::EvenRows,
            "firstRow" => TableRegion::FirstRow,
            "lastRow" => TableRegion::LastRow,
            "firstCol" => TableRegion::FirstColumn,
            "lastCol" => TableRegion::LastColumn,
            "nwCell" => TableRegion::TopLeft,
            "neCell" => TableRegion::TopRight,
            "swCell" => TableRegion::BottomLeft,
            "seCell" => TableRegion::BottomRight,
            _ => return None,
        })
    }
}

/// Digits of `w:cnfStyle` from the left (17.3.1.8), with the attributes that say the same.
const CONDITION_DIGITS: [(TableRegion, &str); 12] = [
    (TableRegion::FirstRow, "w:firstRow"),
    (TableRegion::LastRow, "w:lastRow"),
    (TableRegion::FirstColumn, "w:firstColumn"),
    (TableRegion::LastColumn, "w:lastColumn"),
    (TableRegion::OddColumns, "w:oddVBand"),
    (TableRegion::EvenColumns, "w:evenVBand"),
    (TableRegion::OddRows, "w:oddHBand"),
    (TableRegion::EvenRows, "w:evenHBand"),
    (TableRegion::TopRight, "w:firstRowLastColumn"),
    (TableRegion::TopLeft, "w:firstRowFirstColumn"),
    (TableRegion::BottomRight, "w:lastRowLastColumn"),
    (TableRegion::BottomLeft, "w:lastRowFirstColumn"),
];

/// The regions in which a place lies; every place of a table lies in the whole table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableRegions(u16);

impl TableRegions {
    /// Checks whether the place lies in a region.
    pub fn contains(self, region: TableRegion) -> bool {
        region == TableRegion::WholeTable || self.0 & (1 << region as u16) != 0
    }

    /// Adds a region.
    #[must_use]
    pub fn with(self, region: TableRegion) -> TableRegions {
        TableRegions(self.0 | 1 << region as u16)
    }

    fn with_if(self, region: TableRegion, applies: bool) -> TableRegions {
        if applies { self.with(region) } else { self }
    }

    /// Returns the regions that a `w:cnfStyle` names, by its digits or by attributes.
    pub fn from_condition(element: &SpannedElement) -> TableRegions {
        let digits = element.value().unwrap_or_default().as_bytes();
        let mut found = TableRegions::default();
        for (at, (region, attribute)) in CONDITION_DIGITS.into_iter().enumerate() {
            let said = element.attribute(attribute).map(is_true);
            let applies = said.unwrap_or_else(|| digits.get(at) == Some(&b'1'));
            found = found.with_if(region, applies);
        }
        found
    }
}

/// The number of rows and of columns in a band of a table style (`w:tblStyleRowBandSize`, `w:tblStyleColBandSize`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BandSizes {
    /// Rows in a band.
    pub rows: usize,
    /// Columns in a band.
    pub columns: usize,
}

impl Default for BandSizes {
    fn default() -> BandSizes {
        BandSizes { rows: 1, columns: 1 }
    }
}

/// The regions of its style that a table takes part in (`w:tblLook`, 17.4.56); a band stands for both of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TableLook(TableRegions);

/// Bits of `w:tblLook` with the attributes that say the same, and the region that each turns on.
const LOOK_BITS: [(u32, &str, TableRegion); 4] = [
    (0x20, "w:firstRow", TableRegion::FirstRow),
    (0x40, "w:lastRow", TableRegion::LastRow),
    (0x80, "w:firstColumn", TableRegion::FirstColumn),
    (0x100, "w:lastColumn", TableRegion::LastColumn),
];
/// The same for what each turns off.
const OFF_BITS: [(u32, &str, TableRegion); 2] =
    [(0x200, "w:noHBand", TableRegion::OddRows), (0x400, "w:noVBand", TableRegion::OddColumns)];

impl TableLook {
    fn parse(element: &SpannedElement) -> TableLook {
        let bits = element.value().and_then(|value| u32::from_str_radix(value, 16).ok());
        let bits = bits.unwrap_or_default();
        let is_set = |bit: u32, attribute: &str| {
            element.attribute(attribute).map_or(bits & bit != 0, is_true)
        };
        let mut regions = TableRegions::default();
        for (bit, attribute, region) in LOOK_BITS {
            regions = regions.with_if(region, is_set(bit, attribute));
        }
        for (bit, attribute, region) in OFF_BITS {
            regions = regions.with_if(region, !is_set(bit, attribute));
        }
        TableLook(regions)
    }

    fn takes(self, region: TableRegion) -> bool {
        self.0.contains(region)
    }
}

/// The position of a cell among the rows of its table and the cells of its row.
#[derive(Debug, Clone, Copy)]
struct CellOrdinals {
    row: usize,
    is_last_row: bool,
    column: usize,
    is_first_cell: bool,
    is_last_cell: bool,
}

/// The regions in which the cells of a part lie, by the element of the cell.
#[derive(Debug, Clone, Default)]
pub struct CellRegions(BTreeMap<usize, TableRegions>);

impl CellRegions {
    /// Finds the regions of all cells of a part. `bands` returns the sizes of the bands of a table style, or `None`
    /// for a style that gives nothing to regions, whose tables are left out.
    ///
    /// A table that says which regions it takes part in (`w:tblLook`) is counted; of another, the conditions that
    /// its writer left at rows and cells (`w:cnfStyle`) are in force.
    pub fn read(tree: &XmlTree, bands: &dyn Fn(Option<&str>) -> Option<BandSizes>) -> CellRegions {
        let mut found = CellRegions::default();
        let is_table = |at: &usize| tree.elements[*at].name == "w:tbl";
        for table in (0..tree.elements.len()).filter(is_table) {
            let style = tree.element_at_path(table, &["w:tblPr", "w:tblStyle"]);
            if let Some(bands) = bands(style.and_then(SpannedElement::value)) {
                found.read_table(tree, table, bands);
            }
        }
        found
    }

    fn read_table(&mut self, tree: &XmlTree, table: usize, bands: BandSizes) {
        let look = tree.element_at_path(table, &["w:tblPr", "w:tblLook"]).map(TableLook::parse);
        let rows = elements_named(tree, table, "w:tr");
        for (number, &row) in rows.iter().enumerate() {
            let cells = elements_named(tree, row, "w:tc");
            let mut column = 0;
            for (at, &cell) in cells.iter().enumerate() {
                let address = CellOrdinals {
                    row: number,
                    is_last_row: number + 1 == rows.len(),
                    column,
                    is_first_cell: at == 0,
                    is_last_cell: at + 1 == cells.len(),
                };
                let counted = look.map(|look| regions_at(look, address, bands));
                self.0.insert(cell, counted.unwrap_or_else(|| conditions_of(tree, row, cell)));
                let span = tree.element_at_path(cell, &["w:tcPr", "w:gridSpan"]);
                column += parse_grid_span(span.and_then(SpannedElement::value));
            }
        }
    }

    /// Returns the regions of the cell around an element, within a text box those of the cells of its own.
    pub fn around(&self, tree: &XmlTree, element: usize) -> TableRegions {
        let outer = |at: &usize| matches!(&*tree.elements[*at].name, "w:tc" | "w:txbxContent");
        let cell = tree.ancestors(element).find(outer);
        cell.and_then(|cell| self.0.get(&cell)).copied().unwrap_or_default()
    }
}

fn conditions_of(tree: &XmlTree, row: usize, cell: usize) -> TableRegions {
    let row = tree.element_at_path(row, &["w:trPr", "w:cnfStyle"]);
    let cell = tree.element_at_path(cell, &["w:tcPr", "w:cnfStyle"]);
    let named = [row, cell].into_iter().flatten().map(TableRegions::from_condition);
    named.fold(TableRegions::default(), |all, own| TableRegions(all.0 | own.0))
}

/// Returns the rows of a table or the cells of a row, also those that content controls and the like enclose.
fn elements_named(tree: &XmlTree, outer: usize, name: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let (mut at, end) = (outer + 1, tree.elements[outer].end);
    while at < end {
        let element = &tree.elements[at];
        if element.name == name {
            found.push(at);
        }
        let closed = matches!(element.name.as_str(), "w:tr" | "w:tc" | "w:tbl");
        at = if closed { element.end } else { at + 1 };
    }
    found
}

fn regions_at(look: TableLook, cell: CellOrdinals, bands: BandSizes) -> TableRegions {
    let (top, bottom) = (
        look.takes(TableRegion::FirstRow) && cell.row == 0,
        look.takes(TableRegion::LastRow) && cell.is_last_row,
    );
    let left = look.takes(TableRegion::FirstColumn) && cell.is_first_cell;
    let right = look.takes(TableRegion::LastColumn) && cell.is_last_cell;
    let band_row =
        cell.row.saturating_sub(usize::from(look.takes(TableRegion::FirstRow))) / bands.rows.max(1);
    let band_column = cell.column.saturating_sub(usize::from(look.takes(TableRegion::FirstColumn)))
        / bands.columns.max(1);
    let in_row_band = look.takes(TableRegion::OddRows) && !top && !bottom;
    let in_column_band = look.takes(TableRegion::OddColumns) && !left && !right;
    TableRegions::default()
        .with_if(TableRegion::OddColumns, in_column_band && band_column.is_multiple_of(2))
        .with_if(TableRegion::EvenColumns, in_column_band && !band_column.is_multiple_of(2))
        .with_if(TableRegion::OddRows, in_row_band && band_row.is_multiple_of(2))
        .with_if(TableRegion::EvenRows, in_row_band && !band_row.is_multiple_of(2))
        .with_if(TableRegion::FirstRow, top)
        .with_if(TableRegion::LastRow, bottom)
        .with_if(TableRegion::FirstColumn, left)
        .with_if(TableRegion::LastColumn, right)
        .with_if(TableRegion::TopLeft, top && left)
        .with_if(TableRegion::TopRight, top && right)
        .with_if(TableRegion::BottomLeft, bottom && left)
        .with_if(TableRegion::BottomRight, bottom && right)
}

fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(text: &str, bands: BandSizes) -> Vec<Vec<TableRegion>> {
        let tree = XmlTree::read(text, "p").unwrap();
        let cells = (0..tree.elements.len()).filter(|&at| tree.elements[at].name == "w:tc");
        let all = CellRegions::read(&tree, &|_| Some(bands));
        let shown = |cell: usize| {
            let found = all.around(&tree, cell + 1);
            let mut all = TableRegion::STRONGEST_FIRST.to_vec();
            all.retain(|region| *region != TableRegion::WholeTable && found.contains(*region));
            all
        };
        cells.map(shown).collect()
    }

    fn table(look: &str, rows: usize) -> String {
        let row = "<w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr></w:tc>\
                   <w:sdt><w:sdtContent><w:tc><w:p/></w:tc></w:sdtContent></w:sdt></w:tr>";
        format!("<w:tbl><w:tblPr>{look}</w:tblPr>{}</w:tbl>", row.repeat(rows))
    }

    #[test]
    fn a_cell_lies_in_the_regions_that_its_table_takes_part_in() {
        use TableRegion as R;
        let found = regions(&table("<w:tblLook w:val=\"04A0\"/>", 3), BandSizes::default());
        assert_eq!(found[0], [R::TopLeft, R::FirstColumn, R::FirstRow]);
        assert_eq!(found[1], [R::FirstRow]);
        assert_eq!(found[2], [R::FirstColumn, R::OddRows]);
        assert_eq!(found[5], [R::EvenRows]);
        // Attributes say the same as digits, and take precedence.
        let look = "<w:tblLook w:val=\"04A0\" w:firstRow=\"0\" w:firstColumn=\"0\" w:lastRow=\"1\" \
                    w:lastColumn=\"true\" w:noHBand=\"1\" w:noVBand=\"0\"/>";
        let found = regions(&table(look, 2), BandSizes::default());
        assert_eq!(found[0], [R::OddColumns]);
        assert_eq!(found[1], [R::LastColumn]);
        assert_eq!(found[3], [R::BottomRight, R::LastColumn, R::LastRow]);
    }

    #[test]
    fn bands_have_their_size_and_leave_out_the_first_row() {
        use TableRegion as R;
        let bands = BandSizes { rows: 2, columns: 1 };
        let found = regions(&table("<w:tblLook w:val=\"0420\"/>", 5), bands);
        let rows: Vec<_> = found.iter().step_by(2).map(|own| own[0]).collect();
        assert_eq!(rows, [R::FirstRow, R::OddRows, R::OddRows, R::EvenRows, R::EvenRows]);
    }

    #[test]
    fn without_a_look_the_conditions_left_by_the_writer_are_in_force() {
        use TableRegion as R;
        let text = "<w:tbl><w:tr><w:trPr><w:cnfStyle w:val=\"100000000000\"/></w:trPr><w:tc><w:tcPr>\
            <w:cnfStyle w:val=\"001000000100\"/></w:tcPr></w:tc><w:tc><w:p/></w:tc><w:tc><w:tcPr><w:cnfStyle \
            w:lastColumn=\"1\"/></w:tcPr></w:tc></w:tr></w:tbl>";
        let found = regions(text, BandSizes::default());
        assert_eq!(found[0], [R::TopLeft, R::FirstColumn, R::FirstRow]);
        assert_eq!(found[1], [R::FirstRow]);
        assert_eq!(found[2], [R::LastColumn, R::FirstRow]);
    }
}
