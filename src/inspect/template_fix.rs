//! Owns what a certain change of a template is.
//! Must not know who finds it, nor how it is made.

use docx_fill::diag::WordLocation;

/// A change that is certain.
pub(super) enum TemplateFix {
    /// A row gets a property.
    Row { place: WordLocation, row: usize, name: &'static str },
    /// A label gets the characters of the form.
    Label { place: WordLocation, cell: usize, wanted: String },
}
