//! Owns binding parts with tags that places in blocks show, such as charts and diagrams, to the turns of the blocks.
//! Must not know how they are rendered.

use super::{CompiledTemplate, read_whole_part};
use crate::compile::flow::section_ends::TaggedPartUse;
use crate::compile::part_source::PreparedPart;
use crate::document::diagrams::find_drawing;
use crate::document::part_model::PartKind;
use crate::ir::part::{ContentCompletion, PartRendering, ShownPart, TemplatePart};
use crate::ir::program::Instr;
use crate::opc::xml::XmlEventReader;
use crate::opc::{OpcError, Relationships, relationships_part_name, resolve_target};
use crate::slice::TextSlice as _;
use std::collections::BTreeMap;

/// The place of a part in a block: the part around it by its index, and the tag that opens the block.
type PlaceInBlock = (usize, Option<usize>);

/// The forms of parts, by their names and places.
type ShownForms = BTreeMap<(String, PlaceInBlock), usize>;

impl CompiledTemplate {
    /// Compiles parts anew, within the blocks of the places that show them.
    pub(super) fn bind_shown_parts(
        &mut self,
        prepared: &[PreparedPart],
        first_tags: &[usize],
    ) -> Result<(), OpcError> {
        let mut forms = ShownForms::new();
        for (host, one) in std::mem::take(&mut self.tagged_uses) {
            let Some((model, host_name)) = prepared
                .iter()
                .find(|part| part.name == self.parts[host].name)
                .map(|part| (part, part.name.clone()))
            else {
                continue;
            };
            let content = &model.model.attached[one.content];
            let piece = model.text.slice(content.range.clone());
            let found = Relationships::parse(piece, &content.part)?;
            let target =
                found.iter().next().and_then(|one| resolve_target(&host_name, &one.target));
            let Some(target) = target else { continue };
            let is_beside = self.is_related((&host_name, &target), prepared)?;
            let place = (host, one.block);
            let data = self.package.read_xml_part(&target)?.unwrap_or_default();
            let related = self.package.relationships(&host_name)?;
            let drawing = find_drawing(&data, &related);
            let drawing = drawing.and_then(|(_, found)| resolve_target(&host_name, &found.target));
            let drawing = drawing.filter(|name| prepared.iter().any(|part| part.name == *name));
            let form = |template: &mut Self, name: &str, forms: &mut ShownForms| {
                template.form_of((name, is_beside), (place, &one), (prepared, first_tags), forms)
            };
            let Some(part) = form(self, &target, &mut forms)? else { continue };
            let drawing = match drawing {
                Some(name) => form(self, &name, &mut forms)?,
                None => None,
            };
            let attached = self.parts[host].guards.iter_mut().filter_map(|guard| match guard {
                ContentCompletion::Attached(content) => Some(content),
                _ => None,
            });
            if let Some(content) = attached.into_iter().nth(one.content) {
                content.form = Some(ShownPart { part, drawing });
            }
        }
        Ok(())
    }

    /// Returns the form of a part in the turns of a place, compiling it at first use.
    fn form_of(
        &mut self,
        (name, is_beside): (&str, bool),
        (place, one): (PlaceInBlock, &TaggedPartUse),
        (prepared, first_tags): (&[PreparedPart], &[usize]),
        forms: &mut ShownForms,
    ) -> Result<Option<usize>, OpcError> {
        let key = (name.to_owned(), place);
        if let Some(known) = forms.get(&key) {
            return Ok(Some(*known));
        }
        let own = self.parts.iter().position(|part| {
            part.name == name && part.rendering == PartRendering::Once && !is_beside
        });
        let read = prepared.iter().position(|part| part.name == name);
        let number = match (read, own) {
            (Some(at), Some(own)) => {
                self.recompile_part(own, (&prepared[at], first_tags[at]), &one.scope)
            }
            (Some(at), None) => self.compile_copy((&prepared[at], is_beside), &one.scope),
            (None, _) => {
                // Only the drawing of the diagram has tags.
                let part = read_whole_part(&self.package, name, PartKind::PlainXml)?;
                part.and_then(|part| self.compile_copy((&part, is_beside), &one.scope))
            }
        };
        forms.extend(number.map(|number| (key, number)));
        Ok(number)
    }

    /// Checks whether a relationship to a part is left that is not attached to its place.
    fn is_related(
        &self,
        (host, target): (&str, &str),
        prepared: &[PreparedPart],
    ) -> Result<bool, OpcError> {
        let name = relationships_part_name(host);
        let text = match prepared.iter().find(|part| part.name == name) {
            Some(part) => part.text.clone(),
            None => self.package.read_xml_part(&name)?.unwrap_or_default(),
        };
        let left = Relationships::parse(&text, &name)?;
        let mut targets = left.iter().filter_map(|one| resolve_target(host, &one.target));
        Ok(targets.any(|found| found == target))
    }
}

/// Returns the text of a part that no turn shows, without its tags.
pub(super) fn text_without_tags(part: &TemplatePart) -> String {
    let sources = part.instrs.iter().filter_map(|instr| match instr {
        Instr::Source(range) => Some(part.source.slice(range.clone())),
        _ => None,
    });
    let text: String = sources.collect();
    let mut reader = XmlEventReader::new(&text, &part.name);
    loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => return text,
            Err(_) => return part.source.clone(),
        }
    }
}
