//! Owns the files of templates and letterheads, by name.
//! Must not know what they hold.

use docx_fill::diag::{Sink, Sources};
use std::collections::BTreeMap;

/// Files by name, as `2021/report.docx`.
pub(super) type TemplateFiles = BTreeMap<String, Vec<u8>>;

/// The files of a letterhead by their path in its folder, each with the name that messages show.
pub type LetterheadFiles = BTreeMap<String, (String, Vec<u8>)>;

/// The sources and the findings to which reading a template adds.
pub(super) struct TemplateFindings<'a> {
    pub(super) sources: &'a mut Sources,
    pub(super) sink: &'a mut Sink,
}

/// The files that a letterhead adds to the Typst project of an edition.
#[cfg(feature = "pdf")]
#[derive(Default)]
pub(super) struct ProjectAdditions {
    pub(super) letterhead: LetterheadFiles,
    /// True if not all of it is built in.
    pub(super) foreign: bool,
}
