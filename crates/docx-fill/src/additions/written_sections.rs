//! Owns what is known of the sections that have been written.
//! Must not know how they are written.

use crate::word::section::SectionHeaders;

/// Sections as they have been written so far.
#[derive(Debug, Default)]
pub(crate) struct WrittenSections {
    /// Headers and footers in force, by what they are in the template; `None` for none and for an empty one.
    pub(crate) in_force: SectionHeaders,
    /// Relationships of an empty header and an empty footer.
    pub(crate) empty: [Option<String>; 2],
    /// The byte of the output behind the properties of the last section.
    pub(crate) last_end: usize,
}
