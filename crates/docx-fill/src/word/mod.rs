//! Owns the model of Word documents that everything which reads or writes Word documents shares: elements, places,
//! bodies, tables, sections, fields, notes, styles, numbering, properties and their order in the schema. Parts come from
//! [`Package::read_xml_part`](crate::opc::Package::read_xml_part), which gives names their customary prefixes.
//! Must not know tags, data or templates.

pub(crate) mod block_ends;
mod block_reader;
pub mod blocks;
pub mod body;
pub mod field;
pub mod list_reference;
pub(crate) mod measure;
pub(crate) mod notes;
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
pub(crate) mod text_boxes;
pub mod xml_tree;
