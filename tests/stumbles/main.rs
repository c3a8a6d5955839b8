//! What people stumbled over when they used the program: a test for each, which begins with the letter and number of the
//! finding. Other findings have theirs under the same names in the tests of what they are about.
#![allow(missing_docs, reason = "a test program")]

mod archive;
mod clerk;
#[path = "../common/mod.rs"]
mod common;
mod county;
mod letterheads;
mod runs;

use common::{Ran, copy, names, only, parts, root, run};
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, content).expect("written");
}

/// The data of a sample.
fn sample_text(name: &str) -> String {
    let file = root().join("samples").join(name).join("report.toml");
    std::fs::read_to_string(file).expect("a sample")
}

/// The sample as another organ's, without the pictures and notes of its folder.
fn report_of(organ: &str) -> String {
    sample_text("yunyan-2025").replace("云砚镇人民政府", organ)
}

/// All that a run said.
fn said(ran: &Ran) -> String {
    [ran.stdout.as_str(), &ran.stderr].concat()
}

/// Checks the exit code of a run and that it says these words.
fn expect(ran: &Ran, code: i32, words: &[&str]) {
    let all = said(ran);
    assert_eq!(ran.code, code, "{all}");
    for word in words {
        assert!(all.contains(word), "“{word}” is not said:\n{all}");
    }
}

/// Builds a report as a Word document; the document.
fn built(dir: &Path, report: &str) -> PathBuf {
    let data = dir.join("built.toml");
    write(&data, report);
    let out = dir.join("built");
    let ran = run(dir, &["build", "built.toml", "--to", "docx", "-o", "built"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    std::fs::remove_file(&data).expect("removed");
    only(&out, ".docx")
}

/// A package in which the text of one part is changed.
fn changed(package: &[u8], part: &str, change: impl FnOnce(&str) -> String) -> Vec<u8> {
    let mut all = parts(package);
    let text = String::from_utf8(all.remove(part).expect("the part")).expect("UTF-8");
    all.insert(part.to_owned(), change(&text).into_bytes());
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in all {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        archive.write_all(&bytes).expect("written");
    }
    archive.finish().expect("a package").into_inner()
}

/// The document with other words in the n-th figure of table four.
fn with_review_figure(document: &[u8], number: usize, words: &str) -> Vec<u8> {
    changed(document, "word/document.xml", |xml| {
        let table = xml.rfind("<w:tbl>").expect("a table");
        let row = table
            + xml[table..].rfind("<w:tr>").or_else(|| xml[table..].rfind("<w:tr ")).expect("a row");
        let mut cells = xml[row..].match_indices("</w:t>").map(|(at, _)| row + at);
        let end = cells.nth(number).expect("a figure");
        let start = xml[..end].rfind('>').expect("a text") + 1;
        [&xml[..start], words, &xml[end..]].concat()
    })
}
