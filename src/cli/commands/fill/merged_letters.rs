//! Owns putting the documents of a list into one, each beginning on a page of its own as a section with the template's
//! paper, headers and footers.
//! Must not know how a document is filled.

use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId};
use docx_fill::opc::{OpcError, Package, PackageChanges, PackageLimits};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{CompiledTemplate, ParseOptions, RenderOptions};
use docx_fill::word::xml_tree::XmlTree;
use nianbao::data::SYNTAX_RULE;
use nianbao::msg;
use nianbao::session::Pictures;
use std::collections::BTreeMap;
use std::fmt::Write as _;
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

/// Returns why documents of a template cannot be put into one, if that is so: what differs from record to record must not
/// stand in a header.
pub(super) fn merge_obstacle(template: &CompiledTemplate, source: SourceId) -> Option<Diagnostic> {
    let is_beside = |part: &str| {
        let name = part.rsplit('/').next().unwrap_or(part);
        name.starts_with("header") || name.starts_with("footer")
    };
    let tag = template.tags().iter().find(|tag| is_beside(&tag.location.part))?;
    let place = Location::Word(source, tag.location.clone());
    let found = Diagnostic::error(SYNTAX_RULE, place, msg!("fill.merge-header"));
    Some(found.with_hint(msg!("fill.merge-header-hint")))
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
        let host = CompiledTemplate::parse_with(host, self.source, &parse, sink)?;
        // A value of the first record that reads as a tag stands in a header or a note.
        if host.tags().len() != self.letters.len() {
            sink.push(Diagnostic::error(SYNTAX_RULE, place(), msg!("fill.merge-braces")));
            return None;
        }
        let mut letters = Pictures::default();
        for (number, letter) in self.letters.into_iter().enumerate() {
            letters.insert(letter_name(number), Arc::new(letter));
        }
        let data = serde_json::Value::Object(serde_json::Map::new());
        let made = host.render(&data, &letters, &self.render, sink)?;
        Some(made.into_bytes())
    }

    /// Returns the first document with tags for all of them in the place of its body.
    fn host_document(&self) -> Result<Result<Vec<u8>, Message>, OpcError> {
        let first = self.letters.first().cloned().unwrap_or_default();
        let package = Package::open(first, &self.limits)?;
        let main = package.main_document_name().to_owned();
        let text = package.read_xml_part(&main)?.unwrap_or_default();
        let tree = XmlTree::read(&text, &main)?;
        let body = tree.elements.iter().position(|element| element.name == "w:body");
        let Some(body) = body else {
            return Ok(Err(msg!("fill.merge-body")));
        };
        let section = match last_section(&text, &tree, body) {
            Ok(section) => section,
            Err(message) => return Ok(Err(message)),
        };
        let (start, end) = (tree.elements[body].tag.end, tree.elements[body].content_end);
        let mut out = text.slice(..start).to_owned();
        for number in 0..self.letters.len() {
            if number > 0 {
                // A paragraph of one point ends the section of the document before.
                let _ = write!(
                    out,
                    "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" \
                     w:lineRule=\"exact\"/>{section}</w:pPr></w:p>"
                );
            }
            let name = letter_name(number);
            let _ = write!(out, "<w:p><w:r><w:t>{{{{document \"{name}\"}}}}</w:t></w:r></w:p>");
        }
        out.push_str(&section);
        out.push_str(text.slice(end..));
        let mut changes = PackageChanges::default();
        changes.set_part(&package, &main, out);
        package.write_with(&changes, self.render.compression_level).map(Ok)
    }
}

fn letter_name(number: usize) -> String {
    format!("letter-{number}.docx")
}

/// Returns the properties of the last section with the headers and footers that it has from those before it. Sections with
/// headers of their own cannot be one.
fn last_section(text: &str, tree: &XmlTree, body: usize) -> Result<String, Message> {
    let sections: Vec<usize> = tree
        .descendants(body)
        .filter(|at| tree.elements[*at].name == "w:sectPr")
        .filter(|at| tree.ancestors(*at).all(|up| tree.elements[up].name != "w:sectPrChange"))
        .collect();
    let mut references: BTreeMap<(String, String), String> = BTreeMap::new();
    for section in &sections {
        for child in tree.children(*section) {
            let element = &tree.elements[child];
            if !matches!(element.name.as_str(), "w:headerReference" | "w:footerReference") {
                continue;
            }
            let kind = element.attribute("w:type").unwrap_or_default().to_owned();
            let xml = text.slice(element.range.clone()).to_owned();
            let key = (element.name.clone(), kind);
            if references.get(&key).is_some_and(|known| *known != xml) {
                return Err(msg!("fill.merge-sections"));
            }
            references.insert(key, xml);
        }
    }
    let mut out = String::from("<w:sectPr>");
    for xml in references.values() {
        out.push_str(xml);
    }
    let own = sections.last().filter(|at| tree.elements[**at].parent == Some(body));
    for child in own.into_iter().flat_map(|at| tree.children(*at)) {
        let element = &tree.elements[child];
        let is_flow = element.name == "w:type"
            && matches!(element.value(), Some("continuous" | "nextColumn"));
        let is_reference =
            matches!(element.name.as_str(), "w:headerReference" | "w:footerReference");
        if !is_flow && !is_reference && element.name != "w:sectPrChange" {
            out.push_str(text.slice(element.range.clone()));
        }
    }
    out.push_str("</w:sectPr>");
    Ok(out)
}
