//! Owns headers and footers of sections in the turns of a block: each turn has its own part, with the turn's data.
//! Must not know how a section is written.

use crate::eval::renderer::{RenderContext, Renderer};
use crate::eval::scope::RenderScope;
use crate::insert;
use crate::ir::part::SectionRecord;
use crate::opc::relationships_part_name;
use crate::render::docx_format::DocxFormat;
use crate::word::section::{HEADER_KINDS, SectionHeaders};

impl<'a> DocxFormat<'a, '_, '_> {
    /// Returns the relationships of the headers and footers that a section names, each with this turn's data.
    pub(crate) fn turn_headers(
        &mut self,
        section: &'a SectionRecord,
        scope: &RenderScope<'a>,
    ) -> SectionHeaders {
        let mut named = section.named.clone();
        for (kind, part) in section.turn_parts.iter().enumerate() {
            let Some(part) = *part else { continue };
            let name = self.render_turn_header(part, scope);
            let (element, _) = HEADER_KINDS[kind];
            let element = element.trim_start_matches("w:").trim_end_matches("Reference");
            if name != self.parts[part].name {
                named[kind] = self.resources.relate_to_main_part(element, &name).ok();
            }
        }
        named
    }

    /// Renders a header with the data of the current turn. Returns the name of its part.
    fn render_turn_header(&mut self, number: usize, scope: &RenderScope<'a>) -> String {
        let part = &self.parts[number];
        let related = relationships_part_name(&part.name);
        // One with tags of its own is not the same in every turn.
        let related = self.parts.iter().find(|found| found.name == related && found.is_static());
        let related = related.map(|found| found.source.as_str());
        let (name, outer) = self.resources.enter_turn_part(&part.name, &part.source, related);
        self.resources.begin_turns(part);
        let waiting = self.documents.suspend();
        let (settings, partials) = (self.settings, self.partials);
        let context = RenderContext { source: &part.source, settings, partials };
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
        };
        let mut machine = Renderer::within(context, scope.snapshot(), &mut format);
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
        problems.extend(resources.link_policy.check_rendered(&mut out, &part.name));
        self.documents.resume(waiting);
        self.problems.extend(problems);
        self.failure = self.failure.take().or(failure);
        self.resources.leave_turn_part(&name, out, outer);
        name
    }
}
