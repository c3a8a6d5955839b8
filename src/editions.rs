//! Owns the list of editions that come with the program: the only place in code that names one.
//! Must not know what is in their files.

/// An edition that comes with the program.
pub(crate) struct BuiltInEdition {
    /// Its folder below `templates`.
    pub(crate) name: &'static str,
    /// `form.toml`.
    pub(crate) form: &'static str,
    /// `report.docx`.
    pub(crate) document: &'static [u8],
}

macro_rules! built_in_editions {
    ($($name:literal),+) => {
        &[$(BuiltInEdition {
            name: $name,
            form: include_str!(concat!("../templates/", $name, "/form.toml")),
            document: include_bytes!(concat!("../templates/", $name, "/report.docx")),
        }),+]
    };
}

/// The family of forms and data files that name none.
pub(crate) const DEFAULT_FAMILY: &str = "information-disclosure";

/// The editions, the oldest first.
pub(crate) const BUILT_IN_EDITIONS: &[BuiltInEdition] = built_in_editions!("2019", "2021");
