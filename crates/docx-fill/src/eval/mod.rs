//! Owns evaluating instructions with data: scopes, loops, partials, and texts that are not Word documents.
//! Must not know Word, but for where a value may stand.

pub(crate) mod addresses;
pub(crate) mod document_value;
pub(crate) mod partial_calls;
pub(crate) mod partial_stack;
pub(crate) mod renderer;
pub(crate) mod scope;
pub mod string_template;
