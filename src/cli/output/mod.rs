//! Owns the text that leaves a run: the terminal, findings in each format, names of files as others may see them.
//! Must not know a command.

pub(crate) mod console;
pub(crate) mod path_remap;
pub(crate) mod terminal;
