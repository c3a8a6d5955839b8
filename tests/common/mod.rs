//! What the test programs share: the binary, folders of their own, and reading of packages.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test program uses a part")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The program, ready for arguments, in a folder.
pub fn nianbao(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
    command.current_dir(dir);
    command
}

/// Output and exit code as text.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
            code: output.status.code().expect("an exit code"),
        }
    }
}

/// Runs the program in a folder.
pub fn run(dir: &Path, args: &[&str]) -> Ran {
    nianbao(dir).args(args).output().expect("the program starts").into()
}

/// The samples' names in order.
pub fn samples() -> Vec<String> {
    names(&root().join("samples"))
}

/// The edition that a sample's year calls for.
pub fn edition_of(sample: &str) -> String {
    let text = std::fs::read_to_string(root().join("samples").join(sample).join("report.toml"));
    let data: toml::Table = text.expect("a report").parse().expect("TOML");
    let year = data.get("year").or_else(|| data.get("年度")).and_then(toml::Value::as_integer);
    let year = u16::try_from(year.expect("a year")).expect("a year");
    let library = nianbao::form::FormRegistry::built_in();
    library.for_year(year).expect("an edition").edition.clone()
}

/// Names within a folder in order, hidden ones left out.
pub fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("a copy");
        }
    }
}

/// The parts of a package by name.
pub fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a package");
    let mut out = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("readable");
        out.insert(part.name().expect("a name").into_owned(), content);
    }
    out
}

/// A part as text.
pub fn part(bytes: &[u8], name: &str) -> String {
    let content = parts(bytes).remove(name).unwrap_or_else(|| panic!("no part {name}"));
    String::from_utf8(content).expect("UTF-8")
}

/// XML with a line for each element, so that a change shows as a line.
pub fn pretty(xml: &str) -> String {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut writer = quick_xml::Writer::new_with_indent(Vec::new(), b' ', 1);
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Eof => break,
            event => writer.write_event(event).expect("memory"),
        }
    }
    let mut text = String::from_utf8(writer.into_inner()).expect("UTF-8");
    text.push('\n');
    text
}

/// The single file in a folder that ends so.
pub fn only(dir: &Path, end: &str) -> PathBuf {
    let mut found: Vec<String> =
        names(dir).into_iter().filter(|name| name.ends_with(end)).collect();
    assert_eq!(found.len(), 1, "{end} in {}: {found:?}", dir.display());
    dir.join(found.remove(0))
}

/// A Word document of one section with these paragraphs.
pub fn letter(paragraphs: &[String]) -> Vec<u8> {
    let escaped = |text: &String| text.replace('&', "&amp;").replace('<', "&lt;");
    let paragraph = |text: &String| {
        ["<w:p><w:r><w:t xml:space=\"preserve\">", &escaped(text), "</w:t></w:r></w:p>"].concat()
    };
    let body: String = paragraphs.iter().map(paragraph).collect();
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let section = "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/></w:sectPr>";
    let body =
        format!("<w:document xmlns:w=\"{word}\"><w:body>{body}{section}</w:body></w:document>");
    let package = "http://schemas.openxmlformats.org/package/2006";
    let main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    let types = format!(
        "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"{main}\"/></Types>"
    );
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let links = format!(
        "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" \
         Type=\"{office}/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
    );
    zipped(&[
        ("[Content_Types].xml", &types),
        ("_rels/.rels", &links),
        ("word/document.xml", &body),
    ])
}

/// An archive of texts.
pub fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("a part");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}
