//! Owns what is known of the sections that have been written.
//! Must not know how they are written.

use crate::word::section::SectionHeaders;

/// The turn whose data a header or footer has; the iterations are those of its blocks, from the innermost.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum HeaderTurn {
    /// None: it is as the template has it.
    #[default]
    Template,
    /// A turn of the block for which this part is.
    Of { part: usize, iterations: Vec<usize> },
    /// Any turn that is over within these iterations.
    Over { iterations: Vec<usize> },
}

impl HeaderTurn {
    fn iterations(&self) -> &[usize] {
        match self {
            HeaderTurn::Template => &[],
            HeaderTurn::Of { iterations, .. } | HeaderTurn::Over { iterations } => iterations,
        }
    }

    /// Checks whether what has the data of another turn may stay in force for this one.
    pub(crate) fn allows(&self, other: &HeaderTurn) -> bool {
        match self {
            HeaderTurn::Over { iterations } => other.iterations().ends_with(iterations),
            _ => self == other,
        }
    }
}

/// Sections as they have been written so far.
#[derive(Debug, Default)]
pub(crate) struct WrittenSections {
    /// Headers and footers in force, by what they are in the template; `None` for none.
    pub(crate) in_force: SectionHeaders,
    /// The turns whose data these have.
    pub(crate) turns: [HeaderTurn; 6],
    /// Relationships of an empty header and an empty footer.
    pub(crate) empty: [Option<String>; 2],
    /// The byte of the output behind the properties of the last section.
    pub(crate) last_end: usize,
}
