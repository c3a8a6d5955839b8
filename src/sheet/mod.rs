//! Owns the official workbook: one sheet for each table in the layout of the form, one for the
//! texts, one for year and organ. It is written from a report and read back into the tree after
//! people have edited it.
//! Must not know the bytes of a workbook when reading (`data` does), nor check figures.

mod formulas;
mod guide;
mod read;
mod table_reader;
mod table_writer;
mod workbook;
mod write;

pub use read::{SheetReport, is_report_workbook, read_csv, read_sheets, read_workbook};
pub(crate) use workbook::{new_workbook, workbook_bytes};
pub use write::write_workbook;

use crate::data::to_half_width;
use crate::report::OmittedTotal;

/// Ids of the rules reported by this stage.
pub const RULES: &[&str] = &["missing-part", "other-sheet", "no-cached-value", "figure-spelling"];

/// Name of the sheet with year and organ.
const INFO_SHEET: &str = "基本信息";
/// Heads of its columns.
const INFO_HEADS: [&str; 2] = ["项目", "内容"];
/// Name of the sheet with the texts.
const TEXT_SHEET: &str = "正文";
/// Heads of its columns.
const TEXT_HEADS: [&str; 2] = ["章节", "正文"];
/// Head of the column of notes on findings, and suffix of the keys of such notes.
const NOTE: &str = "说明";
/// Name in the sheet for the introduction, the paragraph below the title that has no heading.
const LEAD_NAME: &str = "导语";
/// Suffix of the name of a text after a section's table.
const AFTER_SUFFIX: &str = "（表后）";

/// Returns a label in the form used for comparison: no blanks, line breaks or quotation marks, ASCII
/// instead of full-width characters, because people and programs change these.
fn normalize_label(label: &str) -> String {
    let solid = label.chars().filter(|c| !c.is_whitespace());
    let solid = solid.map(|c| to_half_width(c).unwrap_or(c));
    solid.filter(|c| !"“”‘’\"'「」『』".contains(*c)).collect()
}
