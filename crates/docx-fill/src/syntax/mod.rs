//! Owns the language of tags: finding them in a text, expressions, blocks.
//! Must not know Word and data.

pub(crate) mod ast;
pub(crate) mod ends;
pub(crate) mod expr;
pub(crate) mod fast_parser;
pub(crate) mod tag;
pub(crate) mod token;
pub(crate) mod whole;
