//! Owns the pictures of the county's report: from the report whose words it has, by their content, under names
//! of the program's.
//! Must not know how a text shows a picture.

use super::outputs::Output;
use crate::cli::files::{self, Pictures};
use nianbao::prose::rename_pictures;
use nianbao::quote::{self, picture_extension};
use nianbao::report::Report;
use nianbao::template::Assets as _;
use std::collections::BTreeMap;
use std::path::Path;

/// Gives the pictures of the report's texts their names beside it, and what is to be written there. What lies
/// there already is neither written over nor shown in place of another.
pub(super) fn beside(report: &mut Report, pictures: &Pictures, folder: &Path) -> Vec<Output> {
    let mut names = Names { folder, given: BTreeMap::new(), files: BTreeMap::new() };
    let mut texts = std::mem::take(&mut report.texts);
    for field in &mut texts {
        field.markdown = rename_pictures(&field.markdown, &mut |path| {
            // A path may quote a figure.
            let path = quote::filled(report, path);
            names.of(&path, pictures.get(&path))
        });
    }
    report.texts = texts;
    names.files.into_iter().map(|(name, bytes)| (folder.join(name), bytes)).collect()
}

struct Names<'a> {
    folder: &'a Path,
    /// The names by the paths that the texts give; none where the path stays.
    given: BTreeMap<String, Option<String>>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Names<'_> {
    fn of(&mut self, path: &str, bytes: Option<&[u8]>) -> Option<String> {
        if let Some(known) = self.given.get(path) {
            return known.clone();
        }
        let name = self.new_name(path, bytes);
        self.given.insert(path.to_owned(), name.clone());
        name
    }

    fn new_name(&mut self, path: &str, bytes: Option<&[u8]>) -> Option<String> {
        let picture = bytes.and_then(|bytes| Some((bytes, picture_extension(bytes)?)));
        let Some((bytes, extension)) = picture else {
            // What is missing must not show another picture that lies there.
            let lies = self.folder.join(path).symlink_metadata().is_ok();
            return lies.then(|| self.free("png", &[]));
        };
        if self.lies_there(path, bytes) {
            return None;
        }
        let name = self.free(extension, bytes);
        self.files.insert(name.clone(), bytes.to_vec());
        Some(name)
    }

    /// Whether the very picture lies at its path already, as it does for a report of the same folder.
    fn lies_there(&self, path: &str, bytes: &[u8]) -> bool {
        let there = Pictures::read(self.folder, &[path.to_owned()]);
        there.is_ok_and(|there| there.get(path) == Some(bytes))
    }

    fn free(&self, extension: &str, bytes: &[u8]) -> String {
        let names = (1_u32..).map(|number| format!("picture-{number}.{extension}"));
        let own = |name: &String| self.files.get(name).is_none_or(|known| known == bytes);
        let given = |name: &String| self.given.values().flatten().any(|known| known == name);
        let mut free =
            names.filter(|name| own(name) && (self.files.contains_key(name) || !given(name)));
        free.find(|name| files::is_free(self.folder, name, bytes)).unwrap_or_default()
    }
}
