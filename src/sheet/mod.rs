//! Owns the official workbook: one sheet for each table as the form draws it, one for the texts, one for
//! year and organ. It is written from a report and read back into the tree after people have edited it.
//! Must not know the bytes of a workbook when reading (`data` does), nor judge figures.

mod read;
mod table_reader;
mod table_writer;
mod workbook;
mod write;

pub use read::{read_csv, read_workbook};
pub(crate) use workbook::{new_workbook, workbook_bytes};
pub use write::write_workbook;

use crate::data::to_half_width;

/// Rule ids of this stage.
pub const RULES: &[&str] = &["missing-part", "other-sheet", "no-cached-value"];

/// Name of the sheet with year and organ.
const INFO_SHEET: &str = "基本信息";
/// Heads of its columns.
const INFO_HEADS: [&str; 2] = ["项目", "内容"];
/// Name of the sheet with the texts.
const TEXT_SHEET: &str = "正文";
/// Heads of its columns.
const TEXT_HEADS: [&str; 2] = ["章节", "正文"];
/// Head of what answers findings, and the end of the keys of such answers.
const NOTE: &str = "说明";
/// What the sheet calls the paragraph below the title, which has no heading.
const LEAD_NAME: &str = "导语";
/// Marks the text after a section's table.
const AFTER_SUFFIX: &str = "（表后）";
/// What the sheet calls the organ's name; the file's key alone would be ambiguous there.
const ORGAN_NAME: &str = "机关名称";

/// Returns a label without blanks and line breaks and with plain characters, as labels are
/// compared: people and programs break lines and change widths.
fn normalize_label(label: &str) -> String {
    let solid = label.chars().filter(|c| !c.is_whitespace());
    solid.map(|c| to_half_width(c).unwrap_or(c)).collect()
}
