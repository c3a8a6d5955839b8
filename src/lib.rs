//! nianbao: from a data file to the official annual report, as Word and PDF.
//!
//! The library takes bytes, data and a date and returns bytes and diagnostics; it opens no file, reads
//! no clock and prints nothing.

// clippy.toml lists the methods. A slice of a text panics within a character; see `slice`.
#![cfg_attr(not(test), warn(clippy::string_slice, clippy::disallowed_methods))]

pub mod check;
pub mod collect;
pub mod convert;
pub mod data;
mod editions;
pub mod figure;
pub mod form;
pub mod grid;
pub mod import;
pub mod inspect;
pub mod letterhead;
pub mod limits;
pub mod messages;
mod official_page;
pub mod page;
pub mod quote;
pub mod render;
pub mod report;
pub mod sheet;
pub mod starter;
pub mod syntax;
