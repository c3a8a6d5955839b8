//! Owns the tag language: finding tags in a text, parsing expressions and block heads.
//! Must not know Word or data.

pub(crate) mod ast;
pub(crate) mod ends;
pub(crate) mod expr;
pub(crate) mod fast_parser;
pub(crate) mod look_alikes;
pub(crate) mod tag;
pub(crate) mod token;
pub(crate) mod whole;
