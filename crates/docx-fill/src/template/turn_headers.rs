//! Owns binding headers and footers to the blocks in whose turns their sections stand.
//! Must not know how they are rendered.

use super::CompiledTemplate;
use crate::compile::compiler::{CompiledPart, compile_part};
use crate::compile::flow::section_ends::TurnHeader;
use crate::compile::part_source::{PartSource, PreparedPart};
use crate::opc::{OpcError, resolve_target};
use crate::slice::TextSlice as _;
use std::collections::BTreeMap;

impl CompiledTemplate {
    /// Compiles headers and footers anew, as parts of the blocks in whose turns all of their sections stand.
    pub(super) fn bind_turn_headers(
        &mut self,
        headers: Vec<TurnHeader>,
        prepared: &[PreparedPart],
        first_tags: &[usize],
    ) -> Result<(), OpcError> {
        if headers.is_empty() {
            return Ok(());
        }
        let main = self.package.main_document_name().to_owned();
        let related = self.package.relationships(&main)?;
        let mut by_part: BTreeMap<String, Vec<TurnHeader>> = BTreeMap::new();
        for header in headers {
            let target = related.get(&header.relationship).map(|found| found.target.as_str());
            if let Some(name) = target.and_then(|target| resolve_target(&main, target)) {
                by_part.entry(name).or_default().push(header);
            }
        }
        for (name, uses) in by_part {
            let same = uses.iter().all(|one| one.block.is_some() && one.block == uses[0].block);
            let number = self.parts.iter().position(|part| part.name.eq_ignore_ascii_case(&name));
            let source = prepared.iter().position(|part| part.name.eq_ignore_ascii_case(&name));
            let (Some(number), Some(source), true) = (number, source, same) else { continue };
            let (first_tag, outer) = (first_tags[source], Some(&uses[0].scope));
            let source = self.part_source(&prepared[source]);
            let compiled = compile_part(&PartSource { first_tag, outer, ..source });
            self.replace_part(number, first_tag, compiled);
            let sections = self.parts.iter_mut().find(|part| part.name == main);
            let Some(sections) = sections.map(|part| &mut part.sections) else { continue };
            for one in uses {
                sections[one.section].turn_parts[one.kind] = Some(number);
            }
        }
        Ok(())
    }

    /// Replaces a part by what was compiled within blocks of another one. Its problems have been told.
    fn replace_part(&mut self, number: usize, first_tag: usize, compiled: CompiledPart) {
        for (tag, site) in self.tags.iter_mut().skip(first_tag).zip(compiled.sites) {
            *tag = site;
        }
        if let Some(part) = compiled.part {
            self.parts[number] = part;
            self.parts[number].is_turn_part = true;
        }
    }
}

/// Returns a header or footer without content, for a document in which no section has it.
pub(super) fn empty_part(source: &str) -> String {
    let start = source.find("<w:hdr").or_else(|| source.find("<w:ftr")).unwrap_or(0);
    let end = source.slice(start..).find('>').map_or(source.len(), |at| start + at + 1);
    let name = source.slice(start..).get(1..6).unwrap_or_default();
    [source.slice(..end), "<w:p/></", name, ">"].concat()
}
