//! Owns parts of which each turn of a block has its own with its data: headers and footers of sections, charts, diagrams.
//! Must not know how a section is written.

use crate::additions::written_sections::HeaderTurn;
use crate::document::diagrams::find_drawing;
use crate::eval::renderer::{RenderSetup, Renderer};
use crate::eval::scope::RenderScope;
use crate::insert;
use crate::ir::part::{GraphicPartForm, HeaderOrigin, SectionRecord};
use crate::opc::{OpcError, Relationships, relationships_part_name, resolve_target};
use crate::render::docx_format::DocxFormat;
use crate::word::section::{HEADER_KINDS, SectionHeaders};

/// Returns the turn whose data a header or footer has at a place.
fn header_turn(source: &HeaderOrigin, scope: &RenderScope<'_>) -> HeaderTurn {
    match source {
        HeaderOrigin::Template => HeaderTurn::Template,
        HeaderOrigin::Turn { part, blocks, .. } => {
            HeaderTurn::Of { part: *part, iterations: scope.turn_within(blocks) }
        }
        HeaderOrigin::OtherTurns { blocks } => {
            HeaderTurn::Over { iterations: scope.turn_within(blocks) }
        }
    }
}

impl<'a> DocxFormat<'a, '_, '_> {
    /// Returns the relationships of the headers and footers that a section names here, those of turns with the data of
    /// theirs. The innermost turn around the section may be over, so that this is `outside` of it.
    pub(crate) fn name_headers(
        &mut self,
        section: &'a SectionRecord,
        outside: bool,
        scope: &RenderScope<'a>,
    ) -> SectionHeaders {
        let mut named = SectionHeaders::default();
        for (kind, id) in named.iter_mut().enumerate() {
            let source = &section.sources[kind];
            if !self.resources.enter_header(section, kind, header_turn(source, scope)) {
                continue;
            }
            let own = section.effective[kind].clone();
            *id = match source {
                HeaderOrigin::Turn { is_own: true, .. } if outside => None,
                HeaderOrigin::Turn { part, is_own, blocks } => {
                    let turn =
                        if *is_own { scope.snapshot() } else { scope.snapshot_within(blocks) };
                    self.resources.take_outer_bookmarks(&section.bookmarks);
                    let name = self.render_turn_part(*part, turn);
                    let (element, _) = HEADER_KINDS[kind];
                    let element = element.trim_start_matches("w:").trim_end_matches("Reference");
                    if name == self.parts[*part].name {
                        own
                    } else {
                        self.resources.relate_to_main_part(element, &name).ok()
                    }
                }
                HeaderOrigin::Template => own,
                HeaderOrigin::OtherTurns { .. } => None,
            };
            if id.is_none() {
                *id = self.resources.empty_header(kind);
            }
        }
        named
    }

    /// Renders a part that places show, such as a chart, with the data of the turn. Returns the name of its part.
    pub(crate) fn render_graphic_part(
        &mut self,
        shown: GraphicPartForm,
        scope: &RenderScope<'a>,
    ) -> Result<String, OpcError> {
        let name = self.render_turn_part(shown.part, scope.snapshot());
        let is_copy = name != self.parts[shown.part].name;
        let related = self.resources.package().relationships(&self.part.name)?;
        let Some(data) = self.resources.turn_parts.get(&name) else { return Ok(name) };
        let Some((place, drawing)) = find_drawing(data, &related) else { return Ok(name) };
        let original = resolve_target(&self.part.name, &drawing.target).unwrap_or_default();
        let own = match shown.drawing {
            Some(drawing) => self.render_turn_part(drawing, scope.snapshot()),
            None if is_copy => self.resources.copy_own_part(&original)?,
            None => original.clone(),
        };
        if own != original {
            let id = self.resources.relate_copy(drawing, &own)?;
            self.resources.change_turn_part(&name, place, &id);
        }
        Ok(name)
    }

    /// Renders a part with the data of a turn. Returns the name of its part.
    fn render_turn_part(&mut self, number: usize, scope: RenderScope<'a>) -> String {
        let part = &self.parts[number];
        let related = self.untagged_relationships(&part.name);
        let (name, around) = self.resources.enter_turn_part(part, related);
        self.resources.begin_turns(part);
        let waiting = self.documents.suspend();
        let (settings, partials) = (self.settings, self.partials);
        let context = RenderSetup { source: &part.source, settings, partials };
        let mut format = DocxFormat {
            part,
            parts: self.parts,
            styles: self.styles,
            resources: &mut *self.resources,
            documents: &mut *self.documents,
            cell_marks: Vec::new(),
            settings,
            partials,
            problems: Vec::new(),
            failure: None,
            graphic_parts: Vec::new(),
        };
        let mut machine = Renderer::within(context, scope, &mut format);
        machine.render_instrs(&part.instrs);
        let Renderer { mut out, mut problems, .. } = machine;
        problems.append(&mut format.problems);
        let failure = format.failure.take();
        let (documents, resources) = (&mut *self.documents, &mut *self.resources);
        problems.extend(insert::insert_documents(
            &mut out,
            documents,
            resources,
            settings.max_bytes,
        ));
        problems.extend(resources.link_policy.check_rendered(&mut out));
        self.documents.resume(waiting);
        self.problems.extend(problems);
        self.failure = self.failure.take().or(failure);
        self.resources.leave_turn_part(&name, out, around);
        name
    }

    /// Returns the relationships of a part without those that belong to places or have tags, if any was taken out of
    /// those of the template: nothing refers to what is left with tags.
    fn untagged_relationships(&self, part: &str) -> Option<String> {
        let name = relationships_part_name(part);
        let own = self.parts.iter().find(|found| found.name == name)?;
        if own.is_static() {
            return Some(own.source.clone());
        }
        // A part that cannot be read has been refused before.
        let all = Relationships::parse(&own.source, &name).unwrap_or_default();
        let is_plain = |target: &str| !target.contains(['{', '｛', '%']);
        let plain: Vec<_> = all.iter().filter(|one| is_plain(&one.target)).cloned().collect();
        Some(Relationships::append_to_part(None, &plain))
    }
}
