//! Owns reading the files that the user names: data files, folders, templates, fonts, pictures.
//! Must not know the meaning of the bytes.

use super::checksum::{Checksum, ChecksumHasher};
use super::symlinks::{self, PathKind};
use super::{Failure, limits};
use docx_fill::diag::Message;
use docx_fill::limits::MAX_ASSET_BYTES;
use docx_fill::template::{Assets, Partials};
use nianbao::data::Syntax;
use nianbao::limits::{Limits, MAX_FOLDER_DEPTH};
use nianbao::msg;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::{FontFile, is_embedded_font};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Extensions of partials.
const PARTIAL_EXTENSIONS: [&str; 5] = ["txt", "md", "hbs", "handlebars", "mustache"];

/// Reads a file and records it, see [`record_reads`].
pub(crate) fn read_recorded(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_unrecorded(path)?;
    NOTES.with_borrow_mut(|notes| {
        if let Some(notes) = notes {
            notes.add_piece(display_path(path).as_bytes());
            notes.add_piece(&bytes);
        }
    });
    Ok(bytes)
}

/// Reads a file on which no output depends, such as the state of an output folder, within the same
/// limit. Only ordinary files are read: a pipe may never deliver anything, and a device has no end.
#[expect(clippy::disallowed_methods, reason = "what it is was asked before")]
pub(crate) fn read_unrecorded(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |error| unreadable_failure(path, error);
    // Opening a pipe waits for a writer, so the kind of file is checked before.
    let size = ordinary_file_size(path, &std::fs::metadata(path).map_err(wrong)?)?;
    let file = std::fs::File::open(path).map_err(wrong)?;
    ordinary_file_size(path, &file.metadata().map_err(wrong)?)?;
    read_limited(file, size, path)
}

/// Returns the size of an ordinary file in bytes.
fn ordinary_file_size(path: &Path, about: &std::fs::Metadata) -> Result<u64, Failure> {
    let limit = limits::run_limits().file;
    // For a folder, the system reports the error on reading.
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

/// Reads to the end, within the limit of a file; `size` is the expected number of bytes.
pub(crate) fn read_limited(
    from: impl std::io::Read,
    size: u64,
    path: &Path,
) -> Result<Vec<u8>, Failure> {
    let limit = limits::run_limits().file;
    // One byte more than the size, so that the end is detected at once; the file may still grow.
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

thread_local! {
    /// Checksum of the files that this thread has read, while recording.
    static NOTES: RefCell<Option<ChecksumHasher>> = const { RefCell::new(None) };
}

/// Runs `work` and returns a checksum of every file that it reads in this thread, with its name.
/// Its result depends on no other file, provided that all are read with [`read_recorded`].
pub(crate) fn record_reads<T>(work: impl FnOnce() -> T) -> (T, Checksum) {
    let before = NOTES.replace(Some(ChecksumHasher::default()));
    let made = work();
    let notes = NOTES.replace(before).unwrap_or_default();
    (made, notes.finish())
}

/// Returns a path as shown in messages.
pub(crate) fn display_path(path: &Path) -> String {
    path.display().to_string()
}

/// Checks whether a file with these bytes may be written into a folder under a name: the name is
/// free, or has the same content.
pub(crate) fn is_free_name(folder: &Path, name: &str, bytes: &[u8]) -> bool {
    let path = folder.join(name);
    match std::fs::symlink_metadata(&path) {
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        Ok(about) => {
            is_file_of_size(&about, bytes.len()) && read_unrecorded(&path).is_ok_and(|b| b == bytes)
        }
    }
}

/// Checks for an ordinary file, not a link, of this size.
fn is_file_of_size(about: &std::fs::Metadata, size: usize) -> bool {
    about.is_file() && about.len() == size as u64
}

/// The kind of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataFileKind {
    /// A text in a syntax.
    Text(Syntax),
    /// An XLSX workbook.
    Workbook,
    /// A CSV file of one table, accepted only by `convert`.
    Csv,
    /// A Word document.
    Word,
}

/// Returns the kinds with their file name extensions.
pub(crate) fn data_file_kinds() -> impl Iterator<Item = (DataFileKind, &'static str)> {
    let texts =
        Syntax::ALL.iter().map(|(syntax, extension)| (DataFileKind::Text(*syntax), *extension));
    texts.chain([
        (DataFileKind::Workbook, "xlsx"),
        (DataFileKind::Csv, "csv"),
        (DataFileKind::Word, "docx"),
    ])
}

/// Returns the kind of a data file by its extension.
pub(crate) fn data_file_kind(path: &Path) -> Result<DataFileKind, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let found = data_file_kinds().find(|(_, known)| known.eq_ignore_ascii_case(extension));
    if let Some(told) = unsupported_reason(path, &extension.to_ascii_lowercase()) {
        return Err(Failure::without_cause(told));
    }
    found.map(|(kind, _)| kind).ok_or_else(|| {
        let known: Vec<String> = data_file_kinds().map(|(_, e)| format!(".{e}")).collect();
        Failure::without_cause(msg!(
            "io.unknown-extension",
            file = display_path(path),
            known = known
        ))
    })
}

/// Checks whether a file has this extension, ignoring case.
pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// Returns the reason for a common but unsupported kind of document, with a remedy.
fn unsupported_reason(path: &Path, extension: &str) -> Option<Message> {
    let file = display_path(path);
    match extension {
        "pdf" | "ofd" => Some(msg!("io.unread-pdf", file = file)),
        "doc" | "wps" | "odt" | "rtf" | "dot" | "wpt" => Some(msg!("io.unread-word", file = file)),
        "html" | "htm" | "mht" | "mhtml" => Some(msg!("io.unread-html", file = file)),
        _ => None,
    }
}

/// Returns the failure of a path that cannot be read.
pub(crate) fn unreadable_failure(path: &Path, error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::without_cause(msg!("io.not-found", file = display_path(path)))
        }
        _ => Failure::new(msg!("io.read", file = display_path(path)), error),
    }
}

/// Returns the data file that a path names: itself, or the `report.*` of a folder.
pub(crate) fn find_data_file(path: &Path) -> Result<PathBuf, Failure> {
    let is_dir = std::fs::metadata(path).map_err(|error| unreadable_failure(path, error))?.is_dir();
    if !is_dir {
        return Ok(path.to_owned());
    }
    let found = report_files(path);
    match found.as_slice() {
        // It was found, not named by the user.
        [one] if symlinks::path_kind(one) == PathKind::Link => {
            Err(Failure::without_cause(msg!("io.report-link", file = display_path(one))))
        }
        [one] => Ok(one.clone()),
        [] => Err(Failure::without_cause(msg!("io.no-report", dir = display_path(path)))),
        many => {
            let names: Vec<String> = many.iter().map(|file| display_path(file)).collect();
            Err(Failure::without_cause(msg!("io.many-reports", files = names)))
        }
    }
}

/// Returns the files `report.*` of a folder, including links.
pub(crate) fn report_files(dir: &Path) -> Vec<PathBuf> {
    let whole = data_file_kinds()
        .filter(|(kind, _)| !matches!(kind, DataFileKind::Csv | DataFileKind::Word));
    let candidates = whole.map(|(_, extension)| dir.join(format!("report.{extension}")));
    // Anything but an ordinary file is reported when it is read.
    let is_there = |file: &PathBuf| symlinks::path_kind(file) != PathKind::Absent && !file.is_dir();
    candidates.filter(is_there).collect()
}

/// Checks whether a folder contains a report.
pub(crate) fn has_report(dir: &Path) -> bool {
    !report_files(dir).is_empty()
}

/// Returns all files of a template folder by their path with slashes.
pub(crate) fn read_folder(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut out = BTreeMap::new();
    read_folder_into(dir, "", MAX_FOLDER_DEPTH, &mut out)?;
    Ok(out)
}

fn read_folder_into(
    dir: &Path,
    prefix: &str,
    depth: usize,
    out: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Failure> {
    let wrong = |error| Failure::new(msg!("io.read", file = display_path(dir)), error);
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // A link could lead out of the folder.
        let kind = entry.file_type().map_err(wrong)?;
        if kind.is_dir() && depth > 0 {
            read_folder_into(&entry.path(), &format!("{name}/"), depth - 1, out)?;
        } else if !kind.is_dir() && !kind.is_symlink() && !name.starts_with('.') {
            out.insert(name, read_recorded(&entry.path())?);
        }
    }
    Ok(())
}

/// Returns the texts of a folder as partials, by their paths below it, with and without the
/// extension.
pub(crate) fn read_partials(dir: &Path) -> Result<Partials, Failure> {
    let mut out = BTreeMap::new();
    for (name, bytes) in read_folder(dir)? {
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
        // The line end with which every text file ends is not part of its text.
        let text =
            text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        out.entry(stem.to_owned()).or_insert_with(|| text.to_owned());
        out.insert(name, text.to_owned());
    }
    Ok(Partials::new(out))
}

/// Returns the font files of folders in the order of their names, followed by those of the
/// project's own folder that are not embedded.
#[cfg(feature = "pdf")]
pub(crate) fn read_fonts(dirs: &[PathBuf]) -> Result<Vec<FontFile>, Failure> {
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
                out.push((name, Arc::new(read_recorded(file)?)));
            }
        }
    }
    Ok(out)
}

#[cfg(feature = "pdf")]
fn is_font_file(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["ttf", "otf", "ttc", "otc"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Returns the project's font folder: beside the program or above it, or in the source tree under
/// cargo.
#[cfg(feature = "pdf")]
#[expect(clippy::disallowed_methods, reason = "fonts lie beside the program")]
pub(crate) fn font_folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|exe| exe.ancestors().skip(1).take(4));
    let cargo = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let mut folders = above.map(Path::to_owned).chain(cargo).map(|dir| dir.join("fonts"));
    folders.find(|dir| dir.join("FandolFang-Regular.ttf").is_file())
}

/// The pictures of a report, by the path in its text.
#[derive(Default)]
pub(crate) struct PictureFiles {
    by_path: BTreeMap<String, Arc<Vec<u8>>>,
}

impl Assets for PictureFiles {
    fn get(&self, path: &str) -> Option<&[u8]> {
        self.by_path.get(path).map(|bytes| bytes.as_slice())
    }
}

impl PictureFiles {
    /// Adds the picture read from another folder, if there is one, under a name.
    pub(crate) fn add_as(&mut self, name: &str, other: PictureFiles) {
        self.by_path.extend(other.by_path.into_values().map(|bytes| (name.to_owned(), bytes)));
    }

    /// Creates a set of pictures from bytes.
    pub(crate) fn from_bytes(pictures: Vec<(String, Vec<u8>)>) -> PictureFiles {
        let shared = |(name, bytes)| (name, Arc::new(bytes));
        PictureFiles { by_path: pictures.into_iter().map(shared).collect() }
    }

    /// Reads the pictures that exist below the folder; the others stay absent. A path that leads
    /// out of the folder, by itself or through a link, counts as absent.
    pub(crate) fn read_existing(dir: &Path, paths: &[String]) -> Result<PictureFiles, Failure> {
        let mut files = BTreeMap::new();
        let Ok(home) = dir.canonicalize() else { return Ok(PictureFiles { by_path: files }) };
        // A file has any number of paths: a.png, ./a.png, ././a.png.
        let (mut known, mut size) = (BTreeMap::new(), 0_u64);
        for path in paths {
            let relative = Path::new(path);
            let inside = relative
                .components()
                .all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
            let Ok(real) = dir.join(relative).canonicalize() else { continue };
            if !inside || !real.starts_with(&home) || !real.is_file() {
                continue;
            }
            let bytes = match known.get(&real) {
                Some(bytes) => Arc::clone(bytes),
                None => {
                    let bytes = Arc::new(read_recorded(&real)?);
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
            files.insert(path.clone(), bytes);
        }
        Ok(PictureFiles { by_path: files })
    }
}
