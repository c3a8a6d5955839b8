//! Owns the model of WordprocessingML that everything which reads or writes Word documents shares.
//! Must not know tags, data or templates.

pub mod namespace;
pub mod xml_tree;
