//! Fills Word documents: a .docx with `{{tags}}` is compiled once and rendered with data many times.
//!
//! The library takes bytes and data and returns bytes and diagnostics; it opens no file, reads no clock and prints
//! nothing.

// clippy.toml lists the methods. A slice of a text panics within a character; see `slice`.
#![cfg_attr(not(test), warn(clippy::string_slice, clippy::disallowed_methods))]

mod additions;
mod analyze;
mod compile;
pub mod diag;
mod document;
mod eval;
mod helper;
mod insert;
mod ir;
pub mod limits;
pub mod opc;
pub mod prose;
mod render;
pub mod slice;
mod syntax;
pub mod template;
mod value;
