//! Owns reading what the user names: data files, folders, templates, fonts, pictures; and of what was read a checksum,
//! where somebody asks for it.
//! Must not know what the bytes mean.

use super::archives::{UnitArchive, is_archive, split_archive_path, unread_message};
use super::checksum::{Checksum, ChecksumHasher};
use super::data_files::{data_file_kind, unreadable_failure};
use super::paths::display_path;
use crate::cli::Failure;
use docx_fill::limits::MAX_ASSET_BYTES;
use docx_fill::template::{HelperSet, Partials};
use nianbao::limits::{Limits, MAX_FOLDER_DEPTH};
use nianbao::msg;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::{FontFile, is_embedded_font};
use nianbao::session::{DataFileKind, Input, PictureLoader, Pictures};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Extensions of partials.
const PARTIAL_EXTENSIONS: [&str; 5] = ["txt", "md", "hbs", "handlebars", "mustache"];

/// Names in a folder by a number in them, in digits, and their extension in small letters.
pub(crate) type NumberedNames = BTreeMap<(String, String), BTreeSet<OsString>>;

/// Facts that tell a file or folder from an earlier state of it.
#[derive(Debug, PartialEq, Eq)]
struct FileStamp {
    path: PathBuf,
    size: u64,
    modified: Option<SystemTime>,
}

impl FileStamp {
    fn of(path: &Path) -> FileStamp {
        let about = std::fs::metadata(path).ok();
        FileStamp {
            path: path.to_owned(),
            size: about.as_ref().map_or(0, std::fs::Metadata::len),
            modified: about.and_then(|about| about.modified().ok()),
        }
    }
}

/// Number of folders whose names are kept: that of a report and the one around it.
const MAX_LISTED_FOLDERS: usize = 2;

/// Reads files within the limit of their size. Nobody opens a file to read it by another way.
pub(crate) struct FileReader {
    max_megabytes: u64,
    limits: Limits,
    /// The archive that was read last, by its path: its entries are read one after the other.
    archive: RefCell<Option<(FileStamp, Arc<UnitArchive>)>>,
    /// The folders whose names were asked for last, the last first.
    numbered: RefCell<Vec<(FileStamp, Arc<NumberedNames>)>>,
    /// The checksum of what was read, while it is asked for.
    record: RefCell<Option<ChecksumHasher>>,
    /// The paths of what was read or looked for, while they are asked for.
    paths: RefCell<Option<BTreeSet<PathBuf>>>,
}

impl FileReader {
    /// Creates one within the limits of a run.
    pub(crate) fn new(limits: &Limits) -> FileReader {
        FileReader {
            max_megabytes: limits.file,
            limits: *limits,
            archive: RefCell::new(None),
            numbered: RefCell::default(),
            record: RefCell::new(None),
            paths: RefCell::new(None),
        }
    }

    /// Does `work` and adds up every file that is read for it by [`FileReader::read`], with its name: what it makes
    /// depends on nothing else.
    pub(crate) fn record_reads<T>(&self, work: impl FnOnce() -> T) -> (T, Checksum) {
        let before = self.record.replace(Some(ChecksumHasher::default()));
        let made = work();
        let record = self.record.replace(before).unwrap_or_default();
        (made, record.finish())
    }

    /// Does `work` and returns the paths of all files that were read for it by [`FileReader::read`], or looked for.
    pub(crate) fn list_reads<T>(&self, work: impl FnOnce() -> T) -> (T, BTreeSet<PathBuf>) {
        let before = self.paths.replace(Some(BTreeSet::new()));
        let made = work();
        (made, self.paths.replace(before).unwrap_or_default())
    }

    /// Notes a file that was looked for.
    pub(crate) fn note_path(&self, path: &Path) {
        if let Some(paths) = &mut *self.paths.borrow_mut() {
            paths.insert(path.to_owned());
        }
    }

    /// Reads a file and records it.
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        self.note_path(path);
        let bytes = self.read_unrecorded(path)?;
        if let Some(record) = &mut *self.record.borrow_mut() {
            record.add_piece(display_path(path).as_bytes());
            record.add_piece(&bytes);
        }
        Ok(bytes)
    }

    /// Reads a data file.
    pub(crate) fn read_input(&self, path: &Path) -> Result<Input, Failure> {
        let kind = data_file_kind(path)?;
        Ok(Input { name: display_path(path), kind, bytes: self.read(path)? })
    }

    /// Reads a file that nothing is made of, such as the memory of an output folder, within the same limit. Only
    /// ordinary files are read: a pipe may never say anything, and a device has no end.
    #[expect(clippy::disallowed_methods, reason = "what it is was asked before")]
    pub(crate) fn read_unrecorded(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        if let Some((archive, entry)) = split_archive_path(path) {
            return self.read_archived(&archive, &entry, path);
        }
        let wrong = |error| unreadable_failure(path, error);
        // Opening a pipe waits for somebody who writes into it, so this is asked before.
        let size = self.ordinary_file_size(path, &std::fs::metadata(path).map_err(wrong)?)?;
        let file = std::fs::File::open(path).map_err(wrong)?;
        self.ordinary_file_size(path, &file.metadata().map_err(wrong)?)?;
        self.read_limited(file, size, path)
    }

    /// Opens an archive within the limits; the last one stays open.
    pub(crate) fn open_archive(&self, path: &Path) -> Result<Arc<UnitArchive>, Failure> {
        let stamp = FileStamp::of(path);
        if let Some((_, opened)) = self.archive.borrow().as_ref().filter(|(last, _)| *last == stamp)
        {
            return Ok(Arc::clone(opened));
        }
        let bytes = self.read_unrecorded(path)?;
        let told = |reason| Failure::without_cause(unread_message(path, reason));
        let opened = Arc::new(UnitArchive::open(bytes, &self.limits).map_err(told)?);
        *self.archive.borrow_mut() = Some((stamp, Arc::clone(&opened)));
        Ok(opened)
    }

    /// Returns the names in a folder by the numbers in them. Those of the last folders are kept: of a county's units
    /// each asks for the same.
    pub(crate) fn numbered_names(&self, dir: &Path) -> Arc<NumberedNames> {
        let stamp = FileStamp::of(dir);
        let mut known = self.numbered.borrow_mut();
        if let Some(at) = known.iter().position(|entry| entry.0 == stamp) {
            known.swap(0, at);
            return Arc::clone(&known[0].1);
        }
        let mut names = NumberedNames::new();
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            let end = Path::new(&name).extension().unwrap_or_default().to_string_lossy();
            let numbers: BTreeSet<&str> = shown.split(|c: char| !c.is_ascii_digit()).collect();
            for number in numbers.into_iter().filter(|number| !number.is_empty()) {
                let key = (number.to_owned(), end.to_ascii_lowercase());
                names.entry(key).or_default().insert(name.clone());
            }
        }
        let names = Arc::new(names);
        known.insert(0, (stamp, Arc::clone(&names)));
        known.truncate(MAX_LISTED_FOLDERS);
        names
    }

    fn read_archived(&self, archive: &Path, entry: &str, path: &Path) -> Result<Vec<u8>, Failure> {
        match self.open_archive(archive)?.read_entry(entry, &self.limits) {
            Some(Ok(bytes)) => Ok(bytes),
            Some(Err(reason)) => Err(Failure::without_cause(unread_message(path, reason))),
            None => Err(Failure::without_cause(msg!("io.not-found", file = display_path(path)))),
        }
    }

    /// The size of an ordinary file in bytes.
    fn ordinary_file_size(&self, path: &Path, about: &std::fs::Metadata) -> Result<u64, Failure> {
        let limit = self.max_megabytes;
        // A folder is told by the system when it is read.
        if !about.is_file() && !about.is_dir() {
            return Err(Failure::without_cause(msg!("io.not-ordinary", file = display_path(path))));
        }
        if about.len() > Limits::mib_to_bytes(limit) {
            return Err(Failure::without_cause(msg!(
                "io.too-large",
                file = display_path(path),
                limit = limit
            )));
        }
        Ok(about.len())
    }

    /// Reads to the end of a reader, within the limit of a file; `size` is expected.
    pub(crate) fn read_limited(
        &self,
        from: impl std::io::Read,
        size: u64,
        path: &Path,
    ) -> Result<Vec<u8>, Failure> {
        let limit = self.max_megabytes;
        // One more than the file has, so that its end is seen at once; it may still grow.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
        let read = from.take(Limits::mib_to_bytes(limit).saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| unreadable_failure(path, error))?;
        if bytes.len() as u64 > Limits::mib_to_bytes(limit) {
            return Err(Failure::without_cause(msg!(
                "io.too-large",
                file = display_path(path),
                limit = limit
            )));
        }
        Ok(bytes)
    }

    /// Checks whether a file with these bytes may be put into a folder under a name: there is none, or the very same.
    pub(crate) fn is_free_name(&self, folder: &Path, name: &str, bytes: &[u8]) -> bool {
        let path = folder.join(name);
        match std::fs::symlink_metadata(&path) {
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
            Ok(about) => {
                is_file_of_size(&about, bytes.len())
                    && self.read_unrecorded(&path).is_ok_and(|b| b == bytes)
            }
        }
    }

    /// Checks whether an ordinary file holds so many bytes with this checksum, whatever the limit of a file.
    #[expect(clippy::disallowed_methods, reason = "what it is was asked before")]
    pub(crate) fn holds(path: &Path, size: u64, sum: Checksum) -> bool {
        let is_file =
            std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == size);
        let file = is_file.then(|| std::fs::File::open(path));
        let Some(Ok(file)) = file else { return false };
        // It may grow while it is read.
        Checksum::of_reader(file.take(size.saturating_add(1))).is_ok_and(|there| there == sum)
    }

    /// Returns all files of a template folder by their path with slashes.
    pub(crate) fn read_folder(&self, dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut out = BTreeMap::new();
        let folder = NestedFolder { dir, prefix: "", depth: MAX_FOLDER_DEPTH };
        self.read_folder_into(folder, &mut out)?;
        Ok(out)
    }

    fn read_folder_into(
        &self,
        folder: NestedFolder<'_>,
        out: &mut BTreeMap<String, Vec<u8>>,
    ) -> Result<(), Failure> {
        let NestedFolder { dir, prefix, depth } = folder;
        let wrong = |error| Failure::new(msg!("io.read", file = display_path(dir)), error);
        for entry in std::fs::read_dir(dir).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // A link could lead out of the folder.
            let kind = entry.file_type().map_err(wrong)?;
            if kind.is_dir() && depth > 0 {
                let (dir, prefix) = (&*entry.path(), &*format!("{name}/"));
                self.read_folder_into(NestedFolder { dir, prefix, depth: depth - 1 }, out)?;
            } else if !kind.is_dir() && !kind.is_symlink() && !name.starts_with('.') {
                out.insert(name, self.read(&entry.path())?);
            }
        }
        Ok(())
    }

    /// Returns the texts of a folder as partials, each by its path below it, with and without the extension.
    pub(crate) fn read_partials(&self, dir: &Path) -> Result<Partials, Failure> {
        let mut out = BTreeMap::new();
        for (name, bytes) in self.read_folder(dir)? {
            let Some((stem, _)) =
                name.rsplit_once('.').filter(|(_, end)| PARTIAL_EXTENSIONS.contains(end))
            else {
                continue;
            };
            let Ok(text) = String::from_utf8(bytes) else {
                let file = display_path(&dir.join(&name));
                return Err(Failure::without_cause(msg!("io.not-text", file = file)));
            };
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            out.entry(stem.to_owned()).or_insert_with(|| text.to_owned());
            out.insert(name, text.to_owned());
        }
        Ok(Partials::from_files(out, &HelperSet::default()))
    }

    /// Returns the font files of folders in the order of their names, and after them those of the project's own folder
    /// that are not part of the program.
    #[cfg(feature = "pdf")]
    pub(crate) fn read_fonts(&self, dirs: &[PathBuf]) -> Result<Vec<FontFile>, Failure> {
        let mut out: Vec<FontFile> = Vec::new();
        let own = font_folder();
        for dir in dirs.iter().chain(&own) {
            let wrong = |error| Failure::new(msg!("io.read", file = display_path(dir)), error);
            let mut files: Vec<PathBuf> = Vec::new();
            for entry in std::fs::read_dir(dir).map_err(wrong)? {
                files.push(entry.map_err(wrong)?.path());
            }
            files.sort();
            for file in files.iter().filter(|file| is_font_file(file)) {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let at_hand = own.as_ref() == Some(dir) && is_embedded_font(&name);
                if !at_hand && !out.iter().any(|(known, _)| *known == name) {
                    out.push((name, Arc::new(self.read(file)?)));
                }
            }
        }
        Ok(out)
    }

    /// Reads the pictures that exist below the folder; the others stay absent. A path that leads out
    /// of the folder, by itself or through a link, counts as absent.
    pub(crate) fn read_pictures(&self, dir: &Path, paths: &[String]) -> Result<Pictures, Failure> {
        let mut pictures = Pictures::default();
        if is_archive(dir) || split_archive_path(dir).is_some() {
            for path in paths {
                let inside =
                    Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
                let bytes = inside.then(|| self.read(&dir.join(path)).ok()).flatten();
                if let Some(bytes) = bytes {
                    pictures.insert(path.clone(), Arc::new(bytes));
                }
            }
            return Ok(pictures);
        }
        let Ok(home) = dir.canonicalize() else { return Ok(pictures) };
        // One file goes by any number of paths: a.png, ./a.png, ././a.png.
        let (mut known, mut size) = (BTreeMap::new(), 0_u64);
        for path in paths {
            let relative = Path::new(path);
            let inside = relative
                .components()
                .all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
            let Ok(real) = dir.join(relative).canonicalize() else {
                self.note_path(&dir.join(relative));
                continue;
            };
            if !inside || !real.starts_with(&home) || !real.is_file() {
                continue;
            }
            let bytes = match known.get(&real) {
                Some(bytes) => Arc::clone(bytes),
                None => {
                    let bytes = Arc::new(self.read(&real)?);
                    size = size.saturating_add(bytes.len() as u64);
                    known.insert(real, Arc::clone(&bytes));
                    bytes
                }
            };
            if size > MAX_ASSET_BYTES {
                let message = msg!(
                    "io.files-too-large",
                    dir = display_path(dir),
                    limit = MAX_ASSET_BYTES >> 20
                );
                return Err(Failure::without_cause(message));
            }
            pictures.insert(path.clone(), bytes);
        }
        Ok(pictures)
    }
}

/// Returns a Word document that was named, whatever its extension.
pub(crate) fn word_input(files: &FileReader, path: &Path) -> Result<Input, Failure> {
    let (name, kind) = (display_path(path), DataFileKind::Word);
    Ok(Input { name, kind, bytes: files.read(path)? })
}

/// The pictures of a folder.
pub(crate) struct PictureFolder<'a> {
    pub(crate) files: &'a FileReader,
    pub(crate) folder: PathBuf,
}

impl PictureLoader for PictureFolder<'_> {
    type Error = Failure;

    fn load_pictures(&mut self, paths: &[String]) -> Result<Pictures, Failure> {
        self.files.read_pictures(&self.folder, paths)
    }
}

/// A folder within the one that is read.
#[derive(Clone, Copy)]
struct NestedFolder<'a> {
    dir: &'a Path,
    /// Its path below that one, with a slash at the end.
    prefix: &'a str,
    /// Number of levels that may still lie below.
    depth: usize,
}

/// Checks whether it is a file of its own of this size.
fn is_file_of_size(about: &std::fs::Metadata, size: usize) -> bool {
    about.is_file() && about.len() == size as u64
}

#[cfg(feature = "pdf")]
fn is_font_file(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["ttf", "otf", "ttc", "otc"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Returns the project's font folder: beside the program or above it, or where cargo runs it.
#[cfg(feature = "pdf")]
#[expect(clippy::disallowed_methods, reason = "fonts lie beside the program")]
pub(crate) fn font_folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|exe| exe.ancestors().skip(1).take(4));
    let cargo = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let mut folders = above.map(Path::to_owned).chain(cargo).map(|dir| dir.join("fonts"));
    folders.find(|dir| dir.join("FandolFang-Regular.ttf").is_file())
}
