//! Owns writing values into Word documents: text, Markdown, pictures and properties of cells.
//! Must not know the language of tags.

pub(crate) mod cells;
pub(crate) mod docx_format;
pub(crate) mod markdown_writer;
pub(crate) mod picture;
