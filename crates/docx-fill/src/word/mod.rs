//! Owns the model of Word documents that everything which reads or writes Word documents shares: elements, places,
//! bodies, tables, sections, styles, numbering, properties and their order in the schema.
//! Must not know tags, data or templates.

mod block_reader;
pub mod blocks;
pub mod body;
pub mod field;
pub mod list_reference;
pub(crate) mod measure;
pub mod namespace;
pub mod numbering;
pub mod numbering_label;
pub mod place;
pub mod properties;
pub mod schema_order;
pub mod section;
pub(crate) mod section_xml;
pub mod styles;
pub mod table;
pub(crate) mod table_layout;
pub mod xml_tree;
