//! Owns binding parts with tags that places in blocks show, such as charts and diagrams, to the turns of the blocks.
//! Must not know how they are rendered.

use super::turn_headers::PartWithFirstTagId;
use super::{CompiledTemplate, read_whole_part};
use crate::compile::flow::section_ends::GraphicPartUse;
use crate::compile::part_source::PreparedPart;
use crate::document::diagrams::find_drawing;
use crate::document::part_model::PartKind;
use crate::ir::part::{ContentCompletion, GraphicPartForm, PartRendering};
use crate::opc::{OpcError, Relationships, relationships_part_name, resolve_target};
use crate::slice::TextSlice as _;
use std::collections::BTreeMap;

/// The forms of parts, each by its name, the part around it by its index, and the tag that opens the block.
type GraphicPartForms = BTreeMap<(String, usize, Option<usize>), usize>;

/// A part as the turns of a place have it.
struct PartFormRequest<'w> {
    name: &'w str,
    /// Index of the part around it.
    host: usize,
    shown: &'w GraphicPartUse,
    /// True if other places show the part itself.
    is_beside: bool,
}

impl CompiledTemplate {
    /// Compiles parts anew, within the blocks of the places that show them.
    pub(super) fn bind_graphic_parts(
        &mut self,
        prepared: &[PreparedPart],
        first_tags: &[usize],
    ) -> Result<(), OpcError> {
        let mut binder = GraphicPartBinder { prepared, first_tags, forms: GraphicPartForms::new() };
        for (host, shown) in std::mem::take(&mut self.graphic_uses) {
            let form = binder.bind(self, host, &shown)?;
            let attached = self.parts[host].guards.iter_mut().filter_map(|guard| match guard {
                ContentCompletion::Attached(content) => Some(content),
                _ => None,
            });
            if let Some(content) = attached.into_iter().nth(shown.content) {
                content.form = form;
            }
        }
        Ok(())
    }

    /// Checks whether a relationship to a part is left that is not attached to its place.
    fn is_related(
        &self,
        host: &str,
        target: &str,
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

/// The parts of a template while those that places show are bound.
struct GraphicPartBinder<'p> {
    prepared: &'p [PreparedPart],
    first_tags: &'p [usize],
    forms: GraphicPartForms,
}

impl GraphicPartBinder<'_> {
    /// Compiles the part to which attached content leads, and the drawing of a diagram.
    fn bind(
        &mut self,
        template: &mut CompiledTemplate,
        host: usize,
        shown: &GraphicPartUse,
    ) -> Result<Option<GraphicPartForm>, OpcError> {
        let host_name = template.parts[host].name.clone();
        let Some(around) = self.prepared.iter().find(|part| part.name == host_name) else {
            return Ok(None);
        };
        let content = &around.model.attached[shown.content];
        let piece = Relationships::parse(around.text.slice(content.range.clone()), &content.part)?;
        let target = piece.iter().next().and_then(|one| resolve_target(&host_name, &one.target));
        let Some(target) = target else { return Ok(None) };
        // Outside of turns a header shows the part itself, wherever its own blocks do not show others.
        let is_copied = template.parts[host].rendering == PartRendering::InCopies;
        let is_beside = is_copied && shown.block.is_none()
            || template.is_related(&host_name, &target, self.prepared)?;
        let wanted = PartFormRequest { name: &target, host, shown, is_beside };
        let Some(part) = self.form_of(template, &wanted)? else { return Ok(None) };
        let data = template.package.read_xml_part(&target)?.unwrap_or_default();
        let related = template.package.relationships(&host_name)?;
        let drawing = find_drawing(&data, &related);
        let drawing = drawing.and_then(|(_, found)| resolve_target(&host_name, &found.target));
        let is_read = |name: &String| self.prepared.iter().any(|part| part.name == *name);
        let drawing = match drawing.filter(is_read) {
            Some(name) => self.form_of(template, &PartFormRequest { name: &name, ..wanted })?,
            None => None,
        };
        Ok(Some(GraphicPartForm { part, drawing }))
    }

    /// Returns the form of a part in the turns of a place, compiling it at first use.
    fn form_of(
        &mut self,
        template: &mut CompiledTemplate,
        wanted: &PartFormRequest<'_>,
    ) -> Result<Option<usize>, OpcError> {
        let PartFormRequest { name, host, shown, is_beside } = *wanted;
        let key = (name.to_owned(), host, shown.block);
        if let Some(known) = self.forms.get(&key) {
            return Ok(Some(*known));
        }
        let own = template.parts.iter().position(|part| {
            part.name == name && part.rendering == PartRendering::Once && !is_beside
        });
        let read = self.prepared.iter().position(|part| part.name == name);
        let number = match (read, own) {
            (Some(at), Some(own)) => {
                let (part, first_tag) = (&self.prepared[at], self.first_tags[at]);
                template.recompile_part(own, PartWithFirstTagId { part, first_tag }, &shown.scope)
            }
            (Some(at), None) => template.compile_copy(&self.prepared[at], is_beside, &shown.scope),
            (None, _) => {
                // Only the drawing of the diagram has tags.
                let part = read_whole_part(&template.package, name, PartKind::PlainXml)?;
                part.and_then(|part| template.compile_copy(&part, is_beside, &shown.scope))
            }
        };
        self.forms.extend(number.map(|number| (key, number)));
        Ok(number)
    }
}
