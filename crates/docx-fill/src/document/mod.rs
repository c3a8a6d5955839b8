//! Owns the model of a part in which tags may stand: paragraphs, runs and tables, each with the bytes that a template
//! changes. What elements of Word mean is said in `word`.
//! Must not know tags, except that an attribute with `{{` is text.

pub(crate) mod attributes;
pub(crate) mod block_ends;
pub(crate) mod cdata;
pub(crate) mod fallbacks;
pub(crate) mod field_code;
pub(crate) mod field_references;
pub(crate) mod field_sites;
pub(crate) mod namespaces;
pub(crate) mod part_model;
pub(crate) mod part_parser;
pub(crate) mod shared_ids;
#[cfg(test)]
mod tests;
pub(crate) mod xml_context;
