//! Owns writing values into Word documents: text, Markdown, pictures and cell properties.
//! Must not know how tags are parsed.

pub(crate) mod cells;
pub(crate) mod contents;
mod contents_reader;
pub(crate) mod control_state;
pub(crate) mod docx_format;
mod field_reader;
pub(crate) mod field_results;
pub(crate) mod markdown_writer;
pub(crate) mod picture;
mod sequences;
mod turn_headers;
