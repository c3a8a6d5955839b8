//! Owns the files of templates and letterheads, by name.
//! Must not know what they hold.

use std::collections::BTreeMap;

/// Files by name, as `2021/report.docx`.
pub(super) type TemplateFiles = BTreeMap<String, Vec<u8>>;

/// The files of a letterhead by their path in its folder, each with the name that messages show.
pub type LetterheadFiles = BTreeMap<String, (String, Vec<u8>)>;
