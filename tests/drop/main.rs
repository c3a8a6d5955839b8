//! Files dropped on the program: each kind of input, what is made and where, what the page says, and that
//! nothing of anybody is replaced.
#![allow(missing_docs, reason = "a test program")]

#[path = "../common/mod.rs"]
mod common;
mod inputs;
mod kept;
mod page;
mod program;

use common::{Ran, names, root};
use std::path::{Path, PathBuf};

/// The day of all runs: the reports of 2025 are due.
const TODAY: &str = "2026-01-20";
/// What both documents of the sample are called.
const STEM: &str = "云砚镇人民政府2025年政府信息公开工作年度报告";

/// A user's folder, and another one that is the user's home.
struct Desk {
    dir: tempfile::TempDir,
    home: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let folder = || tempfile::tempdir().expect("a folder");
        Desk { dir: folder(), home: folder() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content).expect("written");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("UTF-8")
    }

    fn names(&self) -> Vec<String> {
        names(self.dir.path())
    }

    /// Runs the program with these arguments; nothing is opened.
    fn run(&self, args: &[&str]) -> Ran {
        let mut command = common::nianbao(self.dir.path());
        command.args(args).env("NIANBAO_NO_OPEN", "1").env("HOME", self.home.path());
        command.output().expect("the program starts").into()
    }

    /// Drops paths on the day of all runs.
    fn drop(&self, paths: &[&str]) -> Ran {
        self.run(&[&["drop", "--today", TODAY, "--"], paths].concat())
    }
}

/// The data file of a sample.
fn sample(name: &str) -> String {
    let path = root().join("samples").join(name).join("report.toml");
    std::fs::read_to_string(path).expect("read")
}

/// The sample with one figure of table three that is wrong in two columns.
fn wrong() -> String {
    let text = sample("yunyan-2025");
    let line = text.lines().find(|line| line.starts_with("received ")).expect("the row");
    text.replace(line, &line.replacen("19,", "99,", 1))
}

/// Whether a name ends so.
fn has_end(name: &str, end: &str) -> bool {
    Path::new(name).extension().is_some_and(|own| own == end)
}

/// The addresses of a page's links.
fn links(page: &str) -> Vec<String> {
    let parts = page.split("<a href=\"").skip(1);
    parts.map(|part| part.split('"').next().expect("an end").to_owned()).collect()
}

/// What an address names below the page's folder.
fn target(page: &Path, address: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
            let digits = String::from_utf8(digits.to_vec()).expect("ASCII");
            bytes.push(u8::from_str_radix(&digits, 16).expect("a number"));
        } else {
            bytes.push(byte);
        }
    }
    page.parent().expect("a folder").join(String::from_utf8(bytes).expect("UTF-8"))
}
