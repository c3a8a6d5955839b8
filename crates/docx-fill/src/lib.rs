//! Fills Word documents: a .docx with `{{tags}}` is compiled once and rendered with data many times.
//!
//! The library takes bytes and data and returns bytes and diagnostics; it opens no file, reads no clock and prints
//! nothing.

// clippy.toml lists the methods. A slice of a text panics within a character; see `slice`.
#![cfg_attr(not(test), warn(clippy::string_slice, clippy::disallowed_methods))]

pub mod diag;
pub mod limits;
pub mod opc;
pub mod prose;
pub mod slice;
pub mod template;
