//! Owns the model of a Word document's parts: paragraphs, runs, tables, styles and lists with their positions.
//! Must not know tags, except that an attribute with `{{` is text.

pub(crate) mod attributes;
pub(crate) mod cdata;
pub(crate) mod layout;
pub(crate) mod namespaces;
pub(crate) mod numbering;
pub(crate) mod part_model;
pub(crate) mod part_parser;
pub(crate) mod properties;
pub(crate) mod styles;
#[cfg(test)]
mod tests;
pub(crate) mod xml_context;
