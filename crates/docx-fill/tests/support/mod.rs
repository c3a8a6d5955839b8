//! Owns small Word packages made in code, and the reading of what comes out.
//! Must not know the engine.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "small test documents")]

pub mod engine;
pub mod random;
pub mod random_template;
pub mod white_space;

use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/";
const RELATIONSHIPS_TYPE: &str = "application/vnd.openxmlformats-package.relationships+xml";
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" \
    xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
    xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" xmlns:v=\"urn:schemas-microsoft-com:vml\" \
    xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" \
    xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\"";

/// A package being made.
pub struct Docx {
    parts: Vec<(String, String)>,
    types: String,
    relationships: Vec<String>,
}

impl Docx {
    pub fn new(content: &str) -> Self {
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<w:document {NAMESPACES}><w:body>{content}\
             <w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
             <w:pgMar w:top=\"1440\" w:right=\"1800\" w:bottom=\"1440\" w:left=\"1800\" w:header=\"851\" w:footer=\"992\" \
             w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
        );
        let mut docx = Docx { parts: Vec::new(), types: String::new(), relationships: Vec::new() };
        docx.add("word/document.xml", &document);
        docx.content_type("word/document.xml", &format!("{WORD}document.main+xml"));
        docx.content_type(
            "docProps/core.xml",
            "application/vnd.openxmlformats-package.core-properties+xml",
        );
        docx.content_type(
            "docProps/custom.xml",
            "application/vnd.openxmlformats-officedocument.custom-properties+xml",
        );
        docx
    }

    pub fn add(&mut self, name: &str, text: &str) {
        self.parts.push((name.to_owned(), text.to_owned()));
    }

    pub fn replace(&mut self, name: &str, text: &str) {
        self.parts
            .iter_mut()
            .filter(|part| part.0 == name)
            .for_each(|part| text.clone_into(&mut part.1));
    }

    /// Changes the text of every part.
    pub fn convert(&mut self, convert: &dyn Fn(&str) -> String) {
        self.parts.iter_mut().for_each(|(_, text)| *text = convert(text));
    }

    /// Says what a part is.
    pub fn type_of(&mut self, name: &str, kind: &str) {
        self.content_type(name, kind);
    }

    fn content_type(&mut self, name: &str, kind: &str) {
        self.types.push_str(&format!("<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"));
    }

    /// A header, footer or notes part.
    pub fn add_word_part(&mut self, name: &str, root: &str, content: &str) {
        let kind = name.trim_end_matches(char::is_numeric);
        let part = format!("word/{name}.xml");
        self.content_type(&part, &format!("{WORD}{kind}+xml"));
        self.add_relationship(kind, &format!("{name}.xml"), false);
        self.add(&part, &format!("<w:{root} {NAMESPACES}>{content}</w:{root}>"));
    }

    pub fn add_relationship(&mut self, kind: &str, target: &str, external: bool) {
        let number = self.relationships.len() + 1;
        let mode = if external { " TargetMode=\"External\"" } else { "" };
        self.relationships.push(format!(
            "<Relationship Id=\"rId{number}\" Type=\"{KIND}{kind}\" Target=\"{target}\"{mode}/>"
        ));
    }

    /// A relationship of the document, as XML.
    pub fn add_raw_relationship(&mut self, xml: &str) {
        self.relationships.push(xml.to_owned());
    }

    pub fn bytes(&self) -> Vec<u8> {
        let types = format!(
            "<?xml version=\"1.0\"?><Types xmlns=\"{PACKAGE}content-types\"><Default Extension=\"rels\" \
             ContentType=\"{RELATIONSHIPS_TYPE}\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{}</Types>",
            self.types
        );
        let root = format!(
            "<Relationships xmlns=\"{PACKAGE}relationships\"><Relationship Id=\"rId1\" Type=\"{KIND}officeDocument\" \
             Target=\"word/document.xml\"/></Relationships>"
        );
        let own = format!(
            "<Relationships xmlns=\"{PACKAGE}relationships\">{}</Relationships>",
            self.relationships.concat()
        );
        let mut all = vec![
            ("[Content_Types].xml", types.as_str()),
            ("_rels/.rels", root.as_str()),
            ("word/_rels/document.xml.rels", own.as_str()),
        ];
        all.extend(self.parts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        zip(&all)
    }
}

pub fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn names(bytes: &[u8]) -> Vec<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| archive.by_index(at).unwrap().name().unwrap().into_owned())
        .collect()
}

pub fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        out.insert(file.name().unwrap().into_owned(), content);
    }
    out
}

pub fn part<'a>(parts: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    std::str::from_utf8(&parts[name]).unwrap()
}

/// A paragraph of one run; the text is XML already.
pub fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A paragraph of several runs.
pub fn runs(texts: &[&str]) -> String {
    let runs: String = texts.iter().map(|text| format!("<w:r><w:t>{text}</w:t></w:r>")).collect();
    format!("<w:p>{runs}</w:p>")
}

pub fn cell(text: &str) -> String {
    format!("<w:tc>{}</w:tc>", paragraph(text))
}

pub fn row(cells: &[String]) -> String {
    format!("<w:tr>{}</w:tr>", cells.concat())
}

pub fn table(rows: &[&String]) -> String {
    let rows: String = rows.iter().map(|row| row.as_str()).collect();
    format!("<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w=\"1000\"/></w:tblGrid>{rows}</w:tbl>")
}

pub fn body() -> String {
    paragraph("x")
}

pub fn check_well_formed(text: &str) {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return,
            Ok(_) => {}
            Err(error) => panic!("{error} at {} in {text}", reader.buffer_position()),
        }
    }
}

/// The texts of all paragraphs in the order of their ends.
pub fn text_of(xml: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut in_text = false;
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => match element.name().as_ref() {
                "w:p" => open.push(String::new()),
                "w:t" => in_text = true,
                _ => {}
            },
            Event::Empty(element) if element.name().as_ref() == "w:p" => out.push(String::new()),
            Event::End(element) => match element.name().as_ref() {
                "w:p" => out.extend(open.pop()),
                "w:t" => in_text = false,
                _ => {}
            },
            Event::Text(text) if in_text => open.last_mut().unwrap().push_str(&text),
            Event::GeneralRef(reference) if in_text => {
                let c = match &*reference {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    _ => reference.resolve_char_ref().unwrap().unwrap(),
                };
                open.last_mut().unwrap().push(c);
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}

pub fn attribute_values(xml: &str, name: &str, attribute: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) if element.name().as_ref() == name => {
                let found = element.attributes().flatten().find(|a| a.key.as_ref() == attribute);
                out.extend(found.map(|found| found.value.to_string()));
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}
