//! Owns every limit: what a stranger's file may cost before it is refused. Those that somebody may have a
//! reason to raise are fields of [`Limits`]; those on which the stack depends are constants.
//! Must not know what is limited, nor by whom.

use docx_fill::limits::{
    BLOCK_DEPTH, ELEMENTS, EXPRESSION_DEPTH, FILES_BYTES, MARKDOWN_DEPTH, PARAGRAPH_PIECES,
    PARTIAL_DEPTH, TABLE_WIDTH, TAG_BYTES, TAG_LENGTH, TAGS, TURNS, VALUES, WORD_LENGTH,
};
use std::fmt::Write as _;

/// Deepest nesting of a data file.
pub const DATA_DEPTH: usize = 64;
/// Most items of a TOML or JSON file: keys and values, and what holds them.
pub const DATA_ITEMS: usize = 2_000_000;
/// Most nodes of a YAML file with its aliases written out; a report has some hundred.
pub const YAML_NODES: usize = 20_000;
/// Most bytes that anchors and aliases of a YAML file copy.
pub const YAML_COPIED: usize = 32 << 20;
/// Most bytes of the parts of a workbook, unpacked.
pub const WORKBOOK_BYTES: u64 = 32 << 20;
/// Most cells of all sheets of a workbook or a CSV file.
pub const CELLS: usize = 200_000;
/// Most shared strings of a workbook; a report has some hundred.
pub const SHARED_STRINGS: usize = 200_000;
/// Most merged ranges of a sheet.
pub const MERGES: usize = 2_000;
/// Longest name or title, in characters.
pub const NAME_LENGTH: usize = 500;
/// Most pixels of a picture of a letterhead: an emblem, a seal.
pub const MARK_PIXELS: u64 = 40_000_000;
/// Most digits of a figure; sums of a thousand such numbers are still exact.
pub const FIGURE_DIGITS: usize = 24;
/// Most names of the data that a Word template wants, those within others counted.
pub const NAMES: usize = 500_000;
/// Bytes of the data and pictures of a report above which its PDF is set in a process of its own, where it can be
/// stopped; what is smaller is done in a moment.
pub const LARGE_DOCUMENT: usize = 256 << 10;
/// Deepest folder of a template folder.
pub const FOLDER_DEPTH: usize = 8;

/// The limits that can be set, in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read, in megabytes.
    pub file: u64,
    /// Most parts of a Word document.
    pub package_parts: u64,
    /// Largest part of a Word document after unpacking, in megabytes.
    pub package_part: u64,
    /// Largest sum of the parts, in megabytes.
    pub package_total: u64,
    /// Most bytes that one packed byte may become, for parts above one megabyte.
    pub package_ratio: u64,
    /// Largest text of a part that a template makes, in megabytes.
    pub output: u64,
    /// Most pixels of all pictures of a report, in millions.
    pub pictures: u64,
    /// Longest texts of a report together, in thousands of characters.
    pub texts: u64,
    /// Most pieces of the texts of a report: paragraphs, cells, runs of one look, links, footnotes.
    pub pieces: u64,
    /// Longest time for a PDF of the program's own templates, in seconds.
    pub pdf_seconds: u64,
    /// Most memory for it, in megabytes.
    pub pdf_memory: u64,
    /// Longest time for a document of a foreign Typst template, in seconds.
    pub typst_seconds: u64,
    /// Most memory for it, in megabytes.
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

/// Largest value of any limit, so that no unit overflows.
const HIGHEST: u64 = 1 << 20;

impl Limits {
    /// The names under which limits are set, each with its unit and what it limits.
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

    /// Sets a limit by its name; false if there is none of this name or the value makes no sense.
    pub fn set(&mut self, name: &str, value: u64) -> bool {
        let allowed = (1..=HIGHEST).contains(&value);
        match self.field(name) {
            Some(field) if allowed => {
                *field = value;
                true
            }
            _ => false,
        }
    }

    fn field(&mut self, name: &str) -> Option<&mut u64> {
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

    /// Most bytes of the text of a part that a template makes.
    pub fn output_bytes(&self) -> usize {
        usize::try_from(Self::bytes(self.output)).unwrap_or(usize::MAX)
    }

    /// Megabytes as bytes.
    pub fn bytes(megabytes: u64) -> u64 {
        megabytes.saturating_mul(1 << 20)
    }
}

impl From<&Limits> for docx_fill::opc::Limits {
    fn from(limits: &Limits) -> Self {
        docx_fill::opc::Limits {
            parts: usize::try_from(limits.package_parts).unwrap_or(usize::MAX),
            part_bytes: Limits::bytes(limits.package_part),
            total_bytes: Limits::bytes(limits.package_total),
            ratio: limits.package_ratio,
        }
    }
}

/// The fixed limits with their names in words.
const FIXED: [(&str, u64); 28] = [
    ("pixels of a picture of a letterhead", MARK_PIXELS),
    ("findings that are listed, of a file", docx_fill::diag::MOST_FINDINGS as u64),
    ("nesting of a data file (TOML, JSON, YAML)", DATA_DEPTH as u64),
    ("items of a TOML or JSON file", DATA_ITEMS as u64),
    ("nodes of a YAML file, aliases written out", YAML_NODES as u64),
    ("bytes that anchors and aliases of a YAML file copy", YAML_COPIED as u64),
    ("bytes of a workbook's parts, unpacked, and of what its cells show", WORKBOOK_BYTES),
    ("cells of a workbook or a CSV file", CELLS as u64),
    ("shared strings of a workbook", SHARED_STRINGS as u64),
    ("merged ranges of a sheet", MERGES as u64),
    ("nesting of Markdown", MARKDOWN_DEPTH as u64),
    ("characters of a word of a text, which no line can break", WORD_LENGTH as u64),
    ("pieces of one paragraph of a text", PARAGRAPH_PIECES as u64),
    ("columns of a table in a text", TABLE_WIDTH as u64),
    ("characters of a name or a title", NAME_LENGTH as u64),
    ("digits of a figure", FIGURE_DIGITS as u64),
    ("elements of a part of a Word document that is read", ELEMENTS as u64),
    ("tags of a Word template", TAGS as u64),
    ("characters of a tag", TAG_LENGTH as u64),
    ("bytes of all tags of a part of a Word template", TAG_BYTES as u64),
    ("names of the data that a Word template wants", NAMES as u64),
    ("nesting of blocks in a template", BLOCK_DEPTH as u64),
    ("nesting of one expression", EXPRESSION_DEPTH as u64),
    ("nesting of partials", PARTIAL_DEPTH as u64),
    ("turns of all loops of a template's part", TURNS as u64),
    ("values of a template's part, in all turns", VALUES as u64),
    ("bytes of the pictures and documents to which a data file refers", FILES_BYTES),
    ("nesting of folders in a template folder", FOLDER_DEPTH as u64),
];

/// The tables of `docs/limits.md`.
pub fn markdown() -> String {
    let mut defaults = Limits::default();
    let mut out = String::from("| `--limit` | default | unit | what |\n|---|---:|---|---|\n");
    for (name, unit, what) in Limits::NAMES {
        let value = defaults.field(name).map_or(0, |field| *field);
        let _ = writeln!(out, "| `{name}` | {value} | {unit} | {what} |");
    }
    out.push_str("\n| fixed | most |\n|---|---:|\n");
    for (what, value) in FIXED {
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
            assert!(limits.set(name, at), "{name}");
            assert!(!limits.set(name, 0) && !limits.set(name, u64::MAX), "{name}");
        }
        let mut values = Limits::NAMES.map(|(name, _, _)| limits.field(name).map(|field| *field));
        values.sort_unstable();
        assert!(values.windows(2).all(|pair| pair[0] != pair[1]), "{values:?}");
        assert!(!limits.set("nothing", 1));
    }
}
