//! Owns the packages that benchmarks make for themselves.
//! Must not know what is measured.

use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The part with the body.
pub(crate) const DOCUMENT: &str = "word/document.xml";

/// Returns a run with a text in it.
pub(crate) fn run_of(text: &str) -> String {
    format!("<w:r><w:rPr><w:sz w:val=\"21\"/></w:rPr><w:t>{text}</w:t></w:r>")
}

/// Returns the least package that Word opens.
pub(crate) fn packed(body: &str) -> Vec<u8> {
    const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
        <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
        <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
        </Types>";
    const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
        <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
        Target=\"word/document.xml\"/></Relationships>";
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in
        [("[Content_Types].xml", TYPES), ("_rels/.rels", RELATIONS), (DOCUMENT, document.as_str())]
    {
        writer.start_file(name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(text.as_bytes()).expect("a part");
    }
    writer.finish().expect("a zip").into_inner()
}
