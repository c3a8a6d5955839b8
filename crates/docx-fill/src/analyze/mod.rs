//! Owns what a template wants of its data, found without data.
//! Must not know any data.

pub(crate) mod data_shape;
pub(crate) mod json_schema;
pub(crate) mod partial_requirements;
pub(crate) mod requirement;
pub(crate) mod static_scope;
