//! Owns the model of Word documents that everything which reads or writes Word documents shares: elements, styles,
//! numbering, properties and their order in the schema.
//! Must not know tags, data or templates.

pub mod list_reference;
pub mod namespace;
pub mod numbering;
pub mod numbering_label;
pub mod properties;
pub mod schema_order;
pub mod style_model;
pub mod style_names;
mod style_scanner;
pub mod styles;
pub mod xml_tree;
