//! Owns every limit on the resources that a foreign file may use before it is rejected. Limits that
//! users may have a reason to raise are fields of [`Limits`]; those on which the stack depends are
//! constants.
//! Must not know the code that applies a limit.

use docx_fill::limits::{
    MAX_ASSET_BYTES, MAX_BLOCK_DEPTH, MAX_EXPRESSION_DEPTH, MAX_HELPER_WORK, MAX_LOOP_ITERATIONS,
    MAX_MADE_TEXT, MAX_MADE_VALUES, MAX_MARKDOWN_COLUMNS, MAX_MARKDOWN_DEPTH, MAX_PARAGRAPH_PIECES,
    MAX_PARTIAL_DEPTH, MAX_TAG_BYTES, MAX_TAG_LENGTH, MAX_TAGS, MAX_TEMPLATE_NAMES, MAX_VALUES,
    MAX_WORD_LENGTH, MAX_XML_ELEMENTS,
};
use std::fmt::Write as _;

/// Maximum nesting of a data file.
pub const MAX_DATA_DEPTH: usize = 64;
/// Maximum number of items of a TOML or JSON file: keys, values, lists and tables.
pub const MAX_DATA_ITEMS: usize = 2_000_000;
/// Maximum number of nodes of a YAML file with its aliases expanded; a report has a few hundred.
pub const MAX_YAML_NODES: usize = 20_000;
/// Maximum number of bytes copied for anchors and aliases of a YAML file.
pub const MAX_YAML_COPIED_BYTES: usize = 32 << 20;
/// Maximum size in bytes of the parts of a workbook, unpacked.
pub const MAX_WORKBOOK_BYTES: u64 = 32 << 20;
/// Maximum number of cells of all sheets of a workbook or a CSV file.
pub const MAX_WORKBOOK_CELLS: usize = 200_000;
/// Maximum number of rows of a sheet of a report.
pub const MAX_REPORT_ROWS: usize = 10_000;
/// Maximum number of columns of a sheet of a report.
pub const MAX_REPORT_COLUMNS: usize = 1_000;
/// Maximum number of shared strings of a workbook; a report has a few hundred.
pub const MAX_SHARED_STRINGS: usize = 200_000;
/// Maximum number of merged ranges of a sheet.
pub const MAX_MERGED_RANGES: usize = 2_000;
/// Maximum size in bytes of the parts of a spreadsheet that is read row by row, unpacked.
pub const MAX_SPREADSHEET_BYTES: u64 = 1 << 30;
/// Maximum size in bytes of the shared strings of such a spreadsheet.
pub const MAX_SPREADSHEET_STRINGS: u64 = 256 << 20;
/// Maximum number of merged ranges of a sheet of such a spreadsheet.
pub const MAX_SPREADSHEET_MERGES: usize = 200_000;
/// Maximum number of cells of an old binary workbook, which is held as a whole.
pub const MAX_OLD_CELLS: usize = 1_000_000;
/// Maximum size in bytes of a cell of a spreadsheet, and of anything else in its XML.
pub const MAX_CELL_BYTES: u64 = 4 << 20;
/// Maximum size in bytes of what the cells of one row show.
pub const MAX_ROW_BYTES: usize = 32 << 20;
/// Maximum number of cell styles, sheets and relationships of a spreadsheet.
pub const MAX_CELL_STYLES: usize = 64_000;
/// Maximum length of a name or title in characters.
pub const MAX_NAME_LENGTH: usize = 500;
/// Maximum number of pixels of a picture of a letterhead: an emblem, a seal.
pub const MAX_MARK_PIXELS: u64 = 40_000_000;
/// Maximum number of digits of a figure; sums of a thousand such numbers are still exact.
pub const MAX_FIGURE_DIGITS: usize = 24;
/// Size in bytes of a report's data and pictures above which its PDF is made in a separate process,
/// where it can be stopped; smaller ones take only a moment.
pub const LARGE_DOCUMENT_BYTES: usize = 256 << 10;
/// Maximum depth of folders in a template folder.
pub const MAX_FOLDER_DEPTH: usize = 8;

/// The limits that can be set, in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a file, in MiB.
    pub file: u64,
    /// Maximum number of parts of a Word document.
    pub package_parts: u64,
    /// Maximum size of a part of a Word document after unpacking, in MiB.
    pub package_part: u64,
    /// Maximum sum of the parts of a Word document after unpacking, in MiB.
    pub package_total: u64,
    /// Maximum compression ratio of parts above one MiB.
    pub package_ratio: u64,
    /// Maximum size of the text of a part that a template produces, in MiB.
    pub output: u64,
    /// Maximum number of pixels of all pictures of a report, in millions.
    pub pictures: u64,
    /// Maximum length of all texts of a report, in thousands of characters.
    pub texts: u64,
    /// Maximum number of pieces of the texts of a report: paragraphs, cells, runs, links,
    /// footnotes.
    pub pieces: u64,
    /// Maximum time for a PDF of the built-in templates, in seconds.
    pub pdf_seconds: u64,
    /// Maximum memory for a PDF of the built-in templates, in MiB.
    pub pdf_memory: u64,
    /// Maximum time for a document of a foreign Typst template, in seconds.
    pub typst_seconds: u64,
    /// Maximum memory for a document of a foreign Typst template, in MiB.
    pub typst_memory: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file: 64,
            package_parts: 4096,
            package_part: 128,
            package_total: 512,
            package_ratio: 400,
            output: 256,
            pictures: 150,
            texts: 300,
            pieces: 20_000,
            pdf_seconds: 120,
            pdf_memory: 1536,
            typst_seconds: 30,
            typst_memory: 1024,
        }
    }
}

/// Maximum value of any limit, so that no conversion of units overflows.
const MAX_LIMIT: u64 = 1 << 20;

impl Limits {
    /// Names of the limits, each with its unit and a description.
    pub const NAMES: [(&'static str, &'static str, &'static str); 13] = [
        ("file", "MiB", "a data file, template, font or picture, as it is read"),
        ("package-parts", "parts", "a Word document"),
        ("package-part", "MiB", "one part of a Word document after unpacking"),
        ("package-total", "MiB", "all parts of a Word document after unpacking"),
        ("package-ratio", "times", "unpacked to packed size of a part above 1 MiB"),
        ("output", "MiB", "the text of one part that a template makes"),
        ("pictures", "million pixels", "all pictures in the texts of a report"),
        ("texts", "thousand characters", "all texts of a report"),
        (
            "pieces",
            "pieces",
            "paragraphs, cells, marks, links and footnotes in all texts of a report",
        ),
        ("pdf-seconds", "s", "the PDF of one report by the program's own templates"),
        ("pdf-memory", "MiB", "the PDF of one report by the program's own templates"),
        ("typst-seconds", "s", "one document of a foreign Typst template"),
        ("typst-memory", "MiB", "one document of a foreign Typst template"),
    ];

    /// Sets a limit by name; returns `false` if the name is unknown or the value invalid.
    pub fn set_by_name(&mut self, name: &str, value: u64) -> bool {
        let allowed = (1..=MAX_LIMIT).contains(&value);
        match self.field_mut(name) {
            Some(field) if allowed => {
                *field = value;
                true
            }
            _ => false,
        }
    }

    fn field_mut(&mut self, name: &str) -> Option<&mut u64> {
        Some(match name {
            "file" => &mut self.file,
            "package-parts" => &mut self.package_parts,
            "package-part" => &mut self.package_part,
            "package-total" => &mut self.package_total,
            "package-ratio" => &mut self.package_ratio,
            "output" => &mut self.output,
            "pictures" => &mut self.pictures,
            "texts" => &mut self.texts,
            "pieces" => &mut self.pieces,
            "pdf-seconds" => &mut self.pdf_seconds,
            "pdf-memory" => &mut self.pdf_memory,
            "typst-seconds" => &mut self.typst_seconds,
            "typst-memory" => &mut self.typst_memory,
            _ => return None,
        })
    }

    /// Returns the maximum size in bytes of the text of a part that a template produces.
    pub fn output_bytes(&self) -> usize {
        usize::try_from(Self::mib_to_bytes(self.output)).unwrap_or(usize::MAX)
    }

    /// Converts MiB to bytes.
    pub fn mib_to_bytes(megabytes: u64) -> u64 {
        megabytes.saturating_mul(1 << 20)
    }
}

impl From<&Limits> for docx_fill::opc::PackageLimits {
    fn from(limits: &Limits) -> Self {
        docx_fill::opc::PackageLimits {
            parts: usize::try_from(limits.package_parts).unwrap_or(usize::MAX),
            part_bytes: Limits::mib_to_bytes(limits.package_part),
            total_bytes: Limits::mib_to_bytes(limits.package_total),
            ratio: limits.package_ratio,
        }
    }
}

/// Fixed limits with their descriptions.
const FIXED_LIMITS: [(&str, u64); 39] = [
    ("pixels of a picture of a letterhead", MAX_MARK_PIXELS),
    ("findings that are listed, of a file", docx_fill::diag::MAX_FINDINGS as u64),
    ("nesting of a data file (TOML, JSON, YAML)", MAX_DATA_DEPTH as u64),
    ("items of a TOML or JSON file", MAX_DATA_ITEMS as u64),
    ("nodes of a YAML file, aliases written out", MAX_YAML_NODES as u64),
    ("bytes that anchors and aliases of a YAML file copy", MAX_YAML_COPIED_BYTES as u64),
    ("bytes of a workbook's parts, unpacked, and of what its cells show", MAX_WORKBOOK_BYTES),
    ("cells of a workbook or a CSV file", MAX_WORKBOOK_CELLS as u64),
    ("shared strings of a workbook", MAX_SHARED_STRINGS as u64),
    ("merged ranges of a sheet", MAX_MERGED_RANGES as u64),
    ("rows of a sheet of a report", MAX_REPORT_ROWS as u64),
    ("columns of a sheet of a report", MAX_REPORT_COLUMNS as u64),
    ("bytes of a list's spreadsheet, unpacked; it is read row by row", MAX_SPREADSHEET_BYTES),
    ("bytes of the shared strings of a list's spreadsheet", MAX_SPREADSHEET_STRINGS),
    ("merged ranges of a sheet of a list", MAX_SPREADSHEET_MERGES as u64),
    ("cells of an old binary workbook (.xls)", MAX_OLD_CELLS as u64),
    ("bytes of a cell of a spreadsheet", MAX_CELL_BYTES),
    ("bytes of a row of a spreadsheet", MAX_ROW_BYTES as u64),
    ("nesting of Markdown", MAX_MARKDOWN_DEPTH as u64),
    ("characters of a word of a text, which no line can break", MAX_WORD_LENGTH as u64),
    ("pieces of one paragraph of a text", MAX_PARAGRAPH_PIECES as u64),
    ("columns of a table in a text", MAX_MARKDOWN_COLUMNS as u64),
    ("characters of a name or a title", MAX_NAME_LENGTH as u64),
    ("digits of a figure", MAX_FIGURE_DIGITS as u64),
    ("elements of a part of a Word document that is read", MAX_XML_ELEMENTS as u64),
    ("tags of a Word template", MAX_TAGS as u64),
    ("characters of a tag", MAX_TAG_LENGTH as u64),
    ("bytes of all tags of a part of a Word template", MAX_TAG_BYTES as u64),
    ("names of the data that a Word template wants", MAX_TEMPLATE_NAMES as u64),
    ("nesting of blocks in a template", MAX_BLOCK_DEPTH as u64),
    ("nesting of one expression", MAX_EXPRESSION_DEPTH as u64),
    ("nesting of partials", MAX_PARTIAL_DEPTH as u64),
    ("turns of all loops of a template's part", MAX_LOOP_ITERATIONS as u64),
    ("work of all helpers in a template's part, in list items", MAX_HELPER_WORK as u64),
    ("values of a list that a helper of a template makes", MAX_MADE_VALUES as u64),
    ("bytes of a text that a helper of a template makes", MAX_MADE_TEXT as u64),
    ("values of a template's part, in all turns", MAX_VALUES as u64),
    ("bytes of the pictures and documents to which a data file refers", MAX_ASSET_BYTES),
    ("nesting of folders in a template folder", MAX_FOLDER_DEPTH as u64),
];

/// Returns the tables of `docs/limits.md`.
pub fn limits_markdown() -> String {
    let mut defaults = Limits::default();
    let mut out = String::from("| `--limit` | default | unit | what |\n|---|---:|---|---|\n");
    for (name, unit, what) in Limits::NAMES {
        let value = defaults.field_mut(name).map_or(0, |field| *field);
        let _ = writeln!(out, "| `{name}` | {value} | {unit} | {what} |");
    }
    out.push_str("\n| fixed | most |\n|---|---:|\n");
    for (what, value) in FIXED_LIMITS {
        let _ = writeln!(out, "| {what} | {value} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_sets_a_limit_of_its_own() {
        let mut limits = Limits::default();
        for (at, (name, _, _)) in (7..).zip(Limits::NAMES) {
            assert!(limits.set_by_name(name, at), "{name}");
            assert!(!limits.set_by_name(name, 0) && !limits.set_by_name(name, u64::MAX), "{name}");
        }
        let mut values =
            Limits::NAMES.map(|(name, _, _)| limits.field_mut(name).map(|field| *field));
        values.sort_unstable();
        assert!(values.windows(2).all(|pair| pair[0] != pair[1]), "{values:?}");
        assert!(!limits.set_by_name("nothing", 1));
    }
}
