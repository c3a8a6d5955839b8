//! Owns the list of editions that come with the program, as the build script finds them below `templates`.
//! Must not name one, nor know what is in their files.

/// An edition that comes with the program.
pub(crate) struct BuiltInEdition {
    /// Its folder below `templates`.
    pub(crate) name: &'static str,
    /// `form.toml`.
    pub(crate) form: &'static str,
    /// `report.docx`, if its folder has one; otherwise it is made of the form.
    pub(crate) document: Option<&'static [u8]>,
}

/// The family of forms and data files that name none.
pub(crate) const DEFAULT_FAMILY: &str = "information-disclosure";

/// The editions by the names of their folders.
pub(crate) const BUILT_IN_EDITIONS: &[BuiltInEdition] =
    include!(concat!(env!("OUT_DIR"), "/built_in_editions.rs"));
