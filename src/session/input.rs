//! Owns what a session is given: a data file as its name, kind and bytes, and the pictures of a report.
//! Must not know where the bytes come from, nor what they mean.

use crate::data::Syntax;
use docx_fill::template::Assets;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

/// The kind of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFileKind {
    /// A text in a syntax.
    Text(Syntax),
    /// A workbook: XLSX, or the old XLS and ODS, which are only read.
    Workbook,
    /// A CSV file of one table; only `convert` takes it.
    Csv,
    /// A Word document.
    Word,
    /// A web page.
    WebPage,
}

/// Extensions of web pages that few sites have; messages do not name them.
const RARE_PAGES: [&str; 3] = ["shtml", "xhtml", "xht"];

impl DataFileKind {
    /// Returns all kinds with their usual file name extensions.
    pub fn with_extensions() -> impl Iterator<Item = (DataFileKind, &'static str)> {
        let texts =
            Syntax::ALL.iter().map(|(syntax, extension)| (DataFileKind::Text(*syntax), *extension));
        texts.chain([
            (DataFileKind::Workbook, "xlsx"),
            (DataFileKind::Workbook, "xls"),
            (DataFileKind::Workbook, "et"),
            (DataFileKind::Workbook, "ods"),
            (DataFileKind::Csv, "csv"),
            (DataFileKind::Word, "docx"),
            (DataFileKind::WebPage, "html"),
            (DataFileKind::WebPage, "htm"),
        ])
    }

    /// Returns the kind with a file name extension, whatever its case.
    pub fn from_extension(extension: &str) -> Option<DataFileKind> {
        let mut kinds = DataFileKind::with_extensions();
        let found = kinds.find(|(_, known)| known.eq_ignore_ascii_case(extension));
        let other = RARE_PAGES.iter().any(|known| known.eq_ignore_ascii_case(extension));
        found.map(|(kind, _)| kind).or_else(|| other.then_some(DataFileKind::WebPage))
    }
}

/// A file that is to be read.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name that messages show.
    pub name: String,
    /// Its kind.
    pub kind: DataFileKind,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Input {
    /// Returns the name without folders and extension.
    pub(super) fn stem(&self) -> String {
        let stem = Path::new(&self.name).file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }
}

/// Pictures by the path that the texts of a report give.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    by_path: BTreeMap<String, Arc<Vec<u8>>>,
}

impl Pictures {
    /// Adds a picture under a path.
    pub fn insert(&mut self, path: impl Into<String>, bytes: Arc<Vec<u8>>) {
        self.by_path.insert(path.into(), bytes);
    }

    /// Adds every picture of another set under one name.
    pub fn insert_as(&mut self, name: &str, other: Pictures) {
        self.by_path.extend(other.by_path.into_values().map(|bytes| (name.to_owned(), bytes)));
    }
}

impl Assets for Pictures {
    fn get(&self, path: &str) -> Option<&[u8]> {
        self.by_path.get(path).map(|bytes| bytes.as_slice())
    }
}

impl FromIterator<(String, Vec<u8>)> for Pictures {
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(pictures: I) -> Pictures {
        let shared = |(name, bytes)| (name, Arc::new(bytes));
        Pictures { by_path: pictures.into_iter().map(shared).collect() }
    }
}

/// Gives a session the pictures that a report names: the library opens no file.
pub trait PictureLoader {
    /// The reason for which pictures cannot be given.
    type Error;

    /// Returns the pictures of these paths; those that there are not stay absent.
    fn load_pictures(&mut self, paths: &[String]) -> Result<Pictures, Self::Error>;
}

/// Pictures that are at hand already.
impl PictureLoader for Pictures {
    type Error = Infallible;

    fn load_pictures(&mut self, paths: &[String]) -> Result<Pictures, Infallible> {
        let known = paths.iter().filter_map(|path| self.by_path.get_key_value(path));
        let by_path = known.map(|(path, bytes)| (path.clone(), Arc::clone(bytes))).collect();
        Ok(Pictures { by_path })
    }
}
