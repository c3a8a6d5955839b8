//! Owns the law that `templates/<edition>/report.docx` is what the program makes of `form.toml`.
//! Must not know an edition: every folder of `templates` is looked at.
//!
//! `UPDATE=1 cargo test --test templates` writes the files.

use docx_fill::diag::{Sink, Sources};
use nianbao::form::Form;
use nianbao::render::word_templates::form_template;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

#[test]
fn report_docx_is_made_from_form_toml() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let editions = editions();
    assert!(!editions.is_empty());
    for folder in editions {
        let made = form_template(&form(&folder.join("form.toml")));
        let file = folder.join("report.docx");
        let kept = fs::read(&file).unwrap_or_default();
        if update && parts(&kept) != parts(&made) {
            fs::write(&file, &made).unwrap();
        }
        let same = parts(&fs::read(&file).unwrap_or_default()) == parts(&made);
        let remedy = "if form.toml or src/render/blank was changed on purpose, run \
                      `UPDATE=1 cargo test --test templates`";
        assert!(same, "{} is not what form.toml makes; {remedy}", file.display());
    }
}

fn editions() -> Vec<PathBuf> {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let folders = fs::read_dir(templates).unwrap().map(|entry| entry.unwrap().path());
    let mut editions: Vec<PathBuf> = folders.filter(|f| f.join("form.toml").is_file()).collect();
    editions.sort();
    editions
}

fn form(path: &Path) -> Form {
    let text = fs::read_to_string(path).unwrap();
    let mut sources = Sources::default();
    let source = sources.add_text(path.display().to_string(), text.as_str());
    let mut sink = Sink::new();
    let form = Form::read(source, &text, &mut sink);
    form.unwrap_or_else(|| panic!("{}: {sink:?}", path.display()))
}

/// Names and contents in order: another version of the compressor may give other bytes.
fn parts(docx: &[u8]) -> Vec<(String, String)> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(docx)) else { return Vec::new() };
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        parts.push((name, text));
    }
    parts
}
