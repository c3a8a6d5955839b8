//! nianbao: from a data file to the official annual report, as Word and PDF.
//!
//! The library takes bytes, data and a date and returns bytes and diagnostics; it opens no file, reads
//! no clock and prints nothing. [`session::Session`] is the way from the bytes of a data file to a judged report
//! and its documents.

// clippy.toml lists the methods. Slicing a text by bytes panics within a character; see
// `docx_fill::slice`.
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
mod labels;
pub mod letterhead;
pub mod limits;
pub mod messages;
pub mod next_year;
mod official_page;
pub mod page;
pub mod quote;
pub mod render;
pub mod report;
pub mod session;
pub mod sheet;
pub mod starter;
pub mod syntax;
