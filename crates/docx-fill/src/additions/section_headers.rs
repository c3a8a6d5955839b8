//! Owns the headers and footers that are in force while sections are written one after the other.
//! Must not know why a section is written, left out or repeated.

use super::resources::RenderResources;
use super::written_sections::HeaderTurn;
use crate::ir::part::SectionRecord;
use crate::opc::xml::attribute_into;
use crate::slice::TextSlice as _;
use crate::word::section::{HEADER_KINDS, SectionHeaders};
use std::fmt::Write as _;

impl RenderResources<'_> {
    /// Puts a header or footer of a section in force. Returns whether the section must name it: it does so in the template
    /// and is written anew, or it would not inherit here what it has in the template, of its own turn.
    pub(crate) fn enter_header(
        &mut self,
        section: &SectionRecord,
        kind: usize,
        turn: HeaderTurn,
    ) -> bool {
        let effective = &section.effective[kind];
        let is_named = section.named[kind].is_some();
        let is_same = self.sections.in_force[kind] == *effective;
        if !is_named && is_same && turn.allows(&self.sections.turns[kind]) {
            return false;
        }
        self.sections.in_force[kind].clone_from(effective);
        self.sections.turns[kind] = turn;
        !is_named || section.is_in_turns
    }

    /// Writes references to the headers and footers that a section names here.
    pub(crate) fn write_section_headers(&mut self, named: SectionHeaders, out: &mut String) {
        for (kind, id) in named.into_iter().enumerate() {
            if let Some(id) = id {
                let (name, pages) = HEADER_KINDS[kind];
                let _ = write!(out, "<{name}{}", self.namespace_declaration());
                attribute_into(out, "w:type", pages);
                attribute_into(out, "r:id", &id);
                out.push_str("/>");
            }
        }
        self.sections.last_end = out.len();
    }

    /// Checks whether anything has been written since the end of the last section.
    pub(crate) fn is_in_section(&self, out: &str) -> bool {
        let since = out.slice(self.sections.last_end.min(out.len())..);
        let since = match self.sections.last_end {
            0 => since,
            _ => since.split_once("</w:p>").map_or("", |(_, rest)| rest),
        };
        ["<w:p>", "<w:p ", "<w:tbl>"].iter().any(|block| since.contains(block))
    }

    /// Writes a paragraph that ends a section.
    pub(crate) fn write_section_end(
        &mut self,
        section: &SectionRecord,
        named: SectionHeaders,
        out: &mut String,
    ) {
        out.push_str("<w:p><w:pPr>");
        out.push_str(&section.begin);
        self.write_section_headers(named, out);
        out.push_str(&section.rest);
        out.push_str("</w:pPr></w:p>");
    }

    /// Returns the relationship of an empty header or footer, which keeps that of the section before away.
    pub(crate) fn empty_header(&mut self, kind: usize) -> Option<String> {
        let (at, name, root) = if kind < 3 { (0, "header", "hdr") } else { (1, "footer", "ftr") };
        if self.sections.empty[at].is_none() {
            let xml = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:{root} \
                 xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p/></w:{root}>"
            );
            let content_type = format!(
                "application/vnd.openxmlformats-officedocument.wordprocessingml.{name}+xml"
            );
            let like = format!("word/{name}.xml");
            let part = self.add_part(&like, Some(&content_type), xml.into_bytes());
            self.sections.empty[at] = self.relate_to_main_part(name, &part).ok();
        }
        self.sections.empty[at].clone()
    }
}
