//! Owns evaluating instructions with data: scopes, loops, partials and string templates.
//! Must not know Word, except for the places in which a value may appear.

pub(crate) mod addresses;
pub(crate) mod document_value;
pub(crate) mod marked_text;
pub(crate) mod partial_calls;
pub(crate) mod partial_stack;
pub(crate) mod renderer;
pub(crate) mod scope;
pub mod string_template;
