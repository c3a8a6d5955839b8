//! Owns putting the documents of a list into one, each beginning on a page of its own as a section with the template's
//! paper, headers and footers.
//! Must not know how a document is filled.

use super::merged_headers::{HeaderReferences, MergedHeaders, write_references};
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId};
use docx_fill::opc::{OpcError, Package, PackageChanges, PackageLimits};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{CompiledTemplate, ParseOptions, RenderOptions};
use docx_fill::word::xml_tree::XmlTree;
use nianbao::data::SYNTAX_RULE;
use nianbao::msg;
use nianbao::session::Pictures;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// The documents and what they are put together with.
pub(super) struct MergeJob {
    /// The documents, in their order.
    pub(super) letters: Vec<Vec<u8>>,
    /// The template, where faults are told.
    pub(super) source: SourceId,
    pub(super) limits: PackageLimits,
    pub(super) render: RenderOptions,
}

/// A document that holds tags for all documents.
struct HostDocument {
    bytes: Vec<u8>,
    /// Documents with nothing but a header, by name.
    headers: Vec<(String, Vec<u8>)>,
}

impl MergeJob {
    /// Returns all documents as one. Faults go to the sink.
    pub(super) fn merge(self, sink: &mut Sink) -> Option<Vec<u8>> {
        let place = || Location::File(self.source);
        let host = match self.host_document() {
            Ok(Ok(host)) => host,
            Ok(Err(message)) => {
                sink.push(Diagnostic::error(SYNTAX_RULE, place(), message));
                return None;
            }
            Err(error) => {
                sink.push(error.to_diagnostic(self.source));
                return None;
            }
        };
        let parse = ParseOptions { limits: self.limits, ..ParseOptions::default() };
        let HostDocument { bytes, headers } = host;
        let host = CompiledTemplate::parse_with(bytes, self.source, &parse, sink)?;
        // A value of the first record that reads as a tag stands in a header or a note.
        if host.tags().len() != self.letters.len() + headers.len() {
            sink.push(Diagnostic::error(SYNTAX_RULE, place(), msg!("fill.merge-braces")));
            return None;
        }
        let mut letters = Pictures::default();
        for (number, letter) in self.letters.into_iter().enumerate() {
            letters.insert(letter_name(number), Arc::new(letter));
        }
        for (name, bytes) in headers {
            letters.insert(name, Arc::new(bytes));
        }
        let data = serde_json::Value::Object(serde_json::Map::new());
        let made = host.render(&data, &letters, &self.render, sink)?;
        Some(made.into_bytes())
    }

    /// Returns the first document with tags for all of them in the place of its body.
    fn host_document(&self) -> Result<Result<HostDocument, Message>, OpcError> {
        let level = self.render.compression_level;
        let first = self.letters.first().cloned().unwrap_or_default();
        let package = Package::open(first, &self.limits)?;
        let main = package.main_document_name().to_owned();
        let text = package.read_xml_part(&main)?.unwrap_or_default();
        let own = match read_last_section(&text, &main)? {
            Ok(own) => own,
            Err(message) => return Ok(Err(message)),
        };
        let mut headers = MergedHeaders::begin(&package, &own.headers)?;
        let mut out = text.slice(..own.body.start).to_owned();
        let mut section = own.with_headers(&own.headers);
        for number in 0..self.letters.len() {
            if number > 0 {
                // A paragraph of one point ends the section of the document before.
                let _ = write!(
                    out,
                    "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" \
                     w:lineRule=\"exact\"/>{section}</w:pPr></w:p>"
                );
                match self.headers_of(number, &mut headers)? {
                    Ok(references) => section = own.with_headers(&references),
                    Err(message) => return Ok(Err(message)),
                }
            }
            let name = letter_name(number);
            let _ = write!(out, "<w:p><w:r><w:t>{{{{document \"{name}\"}}}}</w:t></w:r></w:p>");
        }
        out.push_str(&section);
        out.push_str(text.slice(own.body.end..));
        let mut changes = PackageChanges::default();
        changes.set_part(&package, &main, out);
        headers.write(&mut changes)?;
        let bytes = package.write_with(&changes, level)?;
        Ok(Ok(HostDocument { bytes, headers: headers.documents }))
    }

    /// Returns the headers and footers of a further document, as the host has them.
    fn headers_of(
        &self,
        number: usize,
        headers: &mut MergedHeaders<'_>,
    ) -> Result<Result<HeaderReferences, Message>, OpcError> {
        let bytes = self.letters.get(number).cloned().unwrap_or_default();
        let package = Package::open(bytes, &self.limits)?;
        let main = package.main_document_name().to_owned();
        let text = package.read_xml_part(&main)?.unwrap_or_default();
        Ok(match read_last_section(&text, &main)? {
            Ok(own) => Ok(headers.add(&package, &own.headers, self.render.compression_level)?),
            Err(message) => Err(message),
        })
    }
}

fn letter_name(number: usize) -> String {
    format!("letter-{number}.docx")
}

/// The last section of a document, with the headers and footers that it has from those before it.
struct LastSection {
    /// Range of the content of the body.
    body: Range<usize>,
    headers: HeaderReferences,
    /// Its properties without headers and footers.
    properties: String,
}

impl LastSection {
    /// Returns the properties of the section with these headers and footers.
    fn with_headers(&self, headers: &HeaderReferences) -> String {
        let references = write_references(headers);
        format!("<w:sectPr>{references}{}</w:sectPr>", self.properties)
    }
}

/// Reads the last section of a document. Sections with headers of their own cannot be one.
fn read_last_section(text: &str, part: &str) -> Result<Result<LastSection, Message>, OpcError> {
    let tree = XmlTree::read(text, part)?;
    let body = tree.elements.iter().position(|element| element.name == "w:body");
    let Some(body) = body else {
        return Ok(Err(msg!("fill.merge-body")));
    };
    let sections: Vec<usize> = tree
        .descendants(body)
        .filter(|at| tree.elements[*at].name == "w:sectPr")
        .filter(|at| tree.ancestors(*at).all(|up| tree.elements[up].name != "w:sectPrChange"))
        .collect();
    let is_reference = |name: &str| matches!(name, "w:headerReference" | "w:footerReference");
    let mut headers = HeaderReferences::new();
    for child in sections.iter().flat_map(|section| tree.children(*section)) {
        let element = &tree.elements[child];
        if !is_reference(&element.name) {
            continue;
        }
        let value = |name: &str| element.attribute(name).unwrap_or_default().to_owned();
        let pages = Some(value("w:type")).filter(|pages| !pages.is_empty());
        let key = (element.name.clone(), pages.unwrap_or_else(|| "default".to_owned()));
        let id = value("r:id");
        if headers.get(&key).is_some_and(|known| *known != id) {
            return Ok(Err(msg!("fill.merge-sections")));
        }
        headers.insert(key, id);
    }
    let mut properties = String::new();
    let own = sections.last().filter(|at| tree.elements[**at].parent == Some(body));
    for child in own.into_iter().flat_map(|at| tree.children(*at)) {
        let element = &tree.elements[child];
        let is_flow = element.name == "w:type"
            && matches!(element.value(), Some("continuous" | "nextColumn"));
        if !is_flow && !is_reference(&element.name) && element.name != "w:sectPrChange" {
            properties.push_str(text.slice(element.range.clone()));
        }
    }
    let body = tree.elements[body].tag.end..tree.elements[body].content_end;
    Ok(Ok(LastSection { body, headers, properties }))
}
