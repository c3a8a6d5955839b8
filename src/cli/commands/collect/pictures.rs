//! Owns the pictures of the county's report: taken from the report that supplies its texts, by
//! their content, under names assigned by the program.
//! Must not know how a text shows a picture.

use super::outputs::NamedBytes;
use crate::cli::fs::file_reader::FileReader;
use docx_fill::prose::replace_image_paths;
use docx_fill::template::Assets as _;
use nianbao::quote::{self, picture_extension};
use nianbao::report::Report;
use nianbao::session::Pictures;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Renames the pictures in the report's texts and returns the files to be written. An existing file
/// is neither overwritten nor shown in place of another picture.
pub(super) fn place_pictures(
    report: &mut Report,
    pictures: &Pictures,
    folder: &Path,
    files: &FileReader,
) -> Vec<NamedBytes> {
    let (paths, assigned, placed) = Default::default();
    let mut names = PictureNames { folder, files, paths, assigned, placed };
    let mut texts = std::mem::take(&mut report.texts);
    // A path may quote a figure.
    let filled = |path: &str| quote::fill_quotes_in(report, path);
    for field in &texts {
        replace_image_paths(&field.markdown, &mut |path| {
            names.paths.insert(filled(path));
            None
        });
    }
    for field in &mut texts {
        field.markdown = replace_image_paths(&field.markdown, &mut |path| {
            let path = filled(path);
            names.name_for(&path, pictures.get(&path))
        });
    }
    report.texts = texts;
    names.placed.into_iter().map(|(name, bytes)| (folder.join(name), bytes)).collect()
}

struct PictureNames<'a> {
    folder: &'a Path,
    files: &'a FileReader,
    /// All paths that the texts give.
    paths: BTreeSet<String>,
    /// Assigned names; `None` if the path is kept.
    assigned: BTreeMap<String, Option<String>>,
    placed: BTreeMap<String, Vec<u8>>,
}

impl PictureNames<'_> {
    fn name_for(&mut self, path: &str, bytes: Option<&[u8]>) -> Option<String> {
        if let Some(known) = self.assigned.get(path) {
            return known.clone();
        }
        let name = self.assign_name(path, bytes);
        self.assigned.insert(path.to_owned(), name.clone());
        name
    }

    fn assign_name(&mut self, path: &str, bytes: Option<&[u8]>) -> Option<String> {
        let picture = bytes.and_then(|bytes| Some((bytes, picture_extension(bytes)?)));
        let Some((bytes, extension)) = picture else {
            // A missing picture must not show another one that has its path.
            let lies = self.folder.join(path).symlink_metadata().is_ok();
            return lies.then(|| self.first_free_name(path, "png", &[]));
        };
        // So it is for a report of the same folder.
        let there = self.files.read_pictures(self.folder, &[path.to_owned()]);
        if there.is_ok_and(|there| there.get(path) == Some(bytes)) {
            return None;
        }
        let name = self.first_free_name(path, extension, bytes);
        self.placed.insert(name.clone(), bytes.to_vec());
        Some(name)
    }

    /// Returns the first name that no other path has and that is free in the folder.
    fn first_free_name(&self, path: &str, extension: &str, bytes: &[u8]) -> String {
        let names = (1_u32..).map(|number| format!("picture-{number}.{extension}"));
        let given = |name: &String| self.assigned.values().flatten().any(|known| known == name);
        let own = |name: &String| match self.placed.get(name) {
            Some(known) => known == bytes,
            None => name == path || !self.paths.contains(name) && !given(name),
        };
        let mut free = names.filter(|name| own(name));
        free.find(|name| self.files.is_free_name(self.folder, name, bytes)).unwrap_or_default()
    }
}
