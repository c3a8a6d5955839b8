//! Owns a template's requirements for its data, determined without data.
//! Must not know any data.

pub(crate) mod data_shape;
pub(crate) mod json_schema;
pub(crate) mod partial_requirements;
pub(crate) mod reachable_names;
pub(crate) mod requirement;
pub(crate) mod static_scope;
