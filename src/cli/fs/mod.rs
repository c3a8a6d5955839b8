//! Owns files on disk for every command: reading, writing, links, data files by their names, paths, checksums.
//! Must not know what a file means, nor what a run does with it.

pub(crate) mod archives;
pub(crate) mod atomic_write;
pub(crate) mod checksum;
pub(crate) mod data_files;
pub(crate) mod file_reader;
pub(crate) mod folder_listing;
pub(crate) mod output_file;
pub(crate) mod own_outputs;
pub(crate) mod passed_over;
pub(crate) mod paths;
pub(crate) mod report_folder;
pub(crate) mod report_walk;
pub(crate) mod symlinks;
