//! Owns where results go: beside what was dropped or, if nothing can be written there, into a folder of the
//! user; under a name that is free. A file is replaced only if the program wrote it and nobody touched it since.
//! Must not know what the files hold.
//!
//! What the program wrote is remembered by the pages themselves: each holds a checksum of its own bytes and of
//! every file that was made with it. So nothing is hidden in the user's folders.

use crate::cli::files::{has_extension, read_unnoted, shown};
use crate::cli::sum::Sum;
use crate::cli::{Failure, out};
use nianbao::diag::{Lang, Text};
use nianbao::page::{FILE_MARK, SUM_MARK};
use nianbao::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Most names that are tried.
const TRIES: usize = 999;
/// Pages are small; a larger file is none.
const LARGEST_PAGE: u64 = 16 * 1024 * 1024;
/// So is what the program makes, and what is larger is not ours.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;
/// Most bytes of a name, so that a number and an extension can be added.
const LONGEST_NAME: usize = 200;
/// Most pages of a folder that are asked for what was made.
const MOST_PAGES: usize = 200;

/// A folder for results.
pub(super) struct Home {
    pub(super) dir: PathBuf,
    /// Whether it is not the place of what was dropped.
    pub(super) is_other: bool,
    /// What the pages there and in the folder above say was made.
    known: Memory,
}

/// Checksums of paths below a folder, as bytes, and of what each of them held.
type Memory = BTreeMap<Sum, BTreeSet<Sum>>;

/// In the names of the pages that are asked: the same in both languages, as the names of all files.
const PAGES: [&str; 2] = ["检查结果", "怎样使用"];

/// A file that lies in its place.
pub(super) struct Placed {
    /// Its path below the home.
    pub(super) name: String,
    /// What it holds.
    pub(super) held: Sum,
    /// What is to be told about its name.
    pub(super) note: Option<Text>,
}

impl Home {
    /// The folder itself, or one that can be written to.
    pub(super) fn at(dir: &Path, lang: Lang) -> Result<Home, Failure> {
        if can_hold(dir) {
            return Ok(Home::of(dir.to_owned(), false));
        }
        let name = text!("drop.results-folder").in_lang(lang);
        let mut tried = vec![shown(dir)];
        for other in others() {
            let other = other.join(&name);
            if std::fs::create_dir_all(&other).is_ok() && can_hold(&other) {
                return Ok(Home::of(other, true));
            }
            tried.push(shown(&other));
        }
        Err(Failure::plain(text!("drop.nowhere", tried = tried)))
    }

    fn of(dir: PathBuf, is_other: bool) -> Home {
        let known = known(&dir);
        Home { dir, is_other, known }
    }

    /// Puts a file under its name or, if that is taken by anything but an untouched file of ours, under the next
    /// free one.
    pub(super) fn put(&self, name: &str, end: &str, bytes: &[u8]) -> Result<Placed, Failure> {
        let (first, sum) = (format!("{}.{end}", short(name)), Sum::of(bytes));
        let mut busy = false;
        for number in 1..=TRIES {
            let file = format!("{}.{end}", numbered(&short(name), number));
            let path = self.dir.join(&file);
            let done = if std::fs::symlink_metadata(&path).is_err() {
                out::write_new(&path, bytes)?
            } else {
                let held = content(&path);
                let own = held.is_some_and(|held| self.knows(&file, held));
                let written = own && held != Some(sum) && out::write(&path, bytes).is_ok();
                busy |= own && held != Some(sum) && !written;
                // Whose it is cannot be seen while another program lets nobody read it.
                busy |= held.is_none() && out::held(&path).is_some();
                held == Some(sum) || written
            };
            if done {
                let note = (number > 1).then(|| {
                    if busy {
                        text!("page.busy", file = &first, new = &file)
                    } else {
                        text!("page.kept", file = &first, new = &file)
                    }
                });
                return Ok(Placed { name: file, held: sum, note });
            }
        }
        Err(Failure::plain(text!("io.exists", file = shown(&self.dir.join(first)))))
    }

    /// Puts a page; its checksum is written into it. The page of an earlier run is replaced.
    pub(super) fn put_page(&self, name: &str, page: &str) -> Result<PathBuf, Failure> {
        let page = sealed(page);
        for number in 1..=TRIES {
            let path = self.dir.join(format!("{}.html", numbered(&short(name), number)));
            let done = match std::fs::symlink_metadata(&path) {
                Err(_) => out::write_new(&path, page.as_bytes())?,
                Ok(_) => is_page(&path) && out::write(&path, page.as_bytes()).is_ok(),
            };
            if done {
                return Ok(path);
            }
        }
        Err(Failure::plain(text!("io.exists", file = shown(&self.dir.join(name)))))
    }

    /// A folder for several files: a new one, or one of ours in which nothing was touched.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        for number in 1..=TRIES {
            let folder = numbered(&short(name), number);
            let path = self.dir.join(&folder);
            if std::fs::symlink_metadata(&path).is_err() || self.is_own_folder(&folder) {
                return Ok(path);
            }
        }
        Err(Failure::plain(text!("io.exists", file = shown(&self.dir.join(name)))))
    }

    fn is_own_folder(&self, folder: &str) -> bool {
        let entries = std::fs::read_dir(self.dir.join(folder));
        entries.is_ok_and(|mut entries| {
            entries.all(|entry| {
                let Ok(entry) = entry else { return false };
                let file = format!("{folder}/{}", entry.file_name().to_string_lossy());
                content(&entry.path()).is_some_and(|held| self.knows(&file, held))
            })
        })
    }

    fn knows(&self, file: &str, held: Sum) -> bool {
        self.known.get(&Sum::of(file.as_bytes())).is_some_and(|sums| sums.contains(&held))
    }

    /// What a file holds that lies there as the program once made it.
    pub(super) fn remembered(&self, file: &str) -> Option<Sum> {
        let held = content(&self.dir.join(file))?;
        self.knows(file, held).then_some(held)
    }
}

/// The line by which a page remembers a file.
pub(super) fn line(file: &str, held: Sum) -> String {
    format!("{} {held}", Sum::of(file.as_bytes()))
}

/// The checksum of a file. Links, pipes and what no document is as large as are nobody's documents.
fn content(path: &Path) -> Option<Sum> {
    let found = std::fs::symlink_metadata(path).ok()?;
    let small = found.is_file() && found.len() <= LARGEST_FILE;
    if small { Some(Sum::of(&read_unnoted(path).ok()?)) } else { None }
}

/// A name with a number behind it from the second on.
fn numbered(name: &str, number: usize) -> String {
    match number {
        1 => name.to_owned(),
        // The same in both languages: a file has one name.
        _ => text!("drop.numbered", name = name, number = number).in_lang(Lang::Zh),
    }
}

/// A name that file systems take.
fn short(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c == '\u{fffd}' { '_' } else { c }).collect();
    while out.len() > LONGEST_NAME {
        out.pop();
    }
    out
}

/// Whether a file can be made there that will stay.
#[allow(clippy::disallowed_methods, reason = "what lies there will be cleared away")]
fn can_hold(dir: &Path) -> bool {
    let passing = cfg!(windows) && is_below(dir, &std::env::temp_dir());
    !passing && tempfile::Builder::new().prefix(".nianbao-").tempfile_in(dir).is_ok()
}

/// Whether a folder lies below another one. Archivers unpack what is opened within them below the folder of
/// temporary files, and clear it away.
pub(super) fn is_below(dir: &Path, above: &Path) -> bool {
    match (dir.canonicalize(), above.canonicalize()) {
        (Ok(dir), Ok(above)) => dir.starts_with(above),
        _ => false,
    }
}

/// Where else results can lie, the best first.
#[allow(clippy::disallowed_methods, reason = "where results lie when they cannot lie beside")]
fn others() -> Vec<PathBuf> {
    let mut out = Vec::new();
    let user = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    if let Some(user) = user.filter(|user| !user.is_empty()).map(PathBuf::from) {
        let documents = ["Documents", "文档"].map(|name| user.join(name));
        out.extend(documents.into_iter().filter(|dir| dir.is_dir()));
        out.push(user);
    }
    out.push(std::env::temp_dir());
    out
}

/// Whether a file is a page of ours, as we left it.
pub(super) fn is_page(path: &Path) -> bool {
    read_page(path).is_some()
}

/// A page of ours, as we left it.
fn read_page(path: &Path) -> Option<String> {
    let found = std::fs::symlink_metadata(path).ok()?;
    if !found.is_file() || found.len() > LARGEST_PAGE {
        return None;
    }
    let text = String::from_utf8(read_unnoted(path).ok()?).ok()?;
    let (before, after) = text.split_once(SUM_MARK)?;
    let (sum, after) = after.split_at_checked(64)?;
    let sum = Sum::read(sum)?;
    (Sum::of(format!("{before}{SUM_MARK}{after}").as_bytes()) == sum).then_some(text)
}

/// A page with its checksum in it.
fn sealed(page: &str) -> String {
    let sum = Sum::of(page.as_bytes());
    page.replacen(SUM_MARK, &format!("{SUM_MARK}{sum}"), 1)
}

/// What is known of a folder: from its own pages, and from those of the folder above, where the page of several
/// folders lies.
fn known(dir: &Path) -> Memory {
    let mut out = memory(dir);
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let (Some(above), Some(name)) = (whole.parent(), whole.file_name()) else { return out };
    let told = memory(above);
    if told.is_empty() {
        return out;
    }
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let from_above = format!("{}/{file}", name.to_string_lossy());
        if let Some(held) = told.get(&Sum::of(from_above.as_bytes())) {
            out.entry(Sum::of(file.as_bytes())).or_default().extend(held);
        }
    }
    out
}

/// What the pages of a folder say was made.
fn memory(dir: &Path) -> Memory {
    let mut out = Memory::new();
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let pages = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        has_extension(path, "html") && PAGES.iter().any(|mark| name.contains(mark))
    });
    for page in pages.take(MOST_PAGES).filter_map(|path| read_page(&path)) {
        for line in page.split(FILE_MARK).skip(1) {
            let sums = line.split('"').next().and_then(|line| line.split_once(' '));
            if let Some((name, held)) = sums
                && let (Some(name), Some(held)) = (Sum::read(name), Sum::read(held))
            {
                out.entry(name).or_default().insert(held);
            }
        }
    }
    out
}

/// The files of a folder that the program made and nobody touched.
pub(super) fn made_in(dir: &Path) -> BTreeSet<PathBuf> {
    let known = known(dir);
    if known.is_empty() {
        return BTreeSet::new();
    }
    let home = Home { dir: dir.to_owned(), is_other: false, known };
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let own = entries.filter(|entry| {
        let name = entry.file_name();
        home.known.contains_key(&Sum::of(name.to_string_lossy().as_bytes()))
            && home.remembered(&name.to_string_lossy()).is_some()
    });
    own.map(|entry| entry.path()).collect()
}
