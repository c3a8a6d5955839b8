//! Owns parts of which every turn of a block has one of its own, such as headers of sections.
//! Must not know how they are rendered.

use super::resources::{OuterPart, RenderResources};
use crate::opc::relationships_part_name;

impl RenderResources<'_> {
    /// Begins a part for a turn: the template's own for the first one, afterwards new ones. Returns its name, and the part
    /// around it.
    /// Its relationships are `related`, if content that belongs to places was taken out of those of the template.
    pub(crate) fn enter_turn_part(
        &mut self,
        original: &str,
        source: &str,
        related: Option<&str>,
    ) -> (String, OuterPart) {
        let package = self.package();
        let name = if self.turn_parts.contains_key(original) {
            self.additions.unused_part_name(package, original)
        } else {
            original.to_owned()
        };
        if name != original {
            let kind = package.content_types().type_of_part(original).map(str::to_owned);
            self.additions.content_types.extend(kind.map(|kind| (name.clone(), kind)));
            // A part whose relationships cannot be read has been refused before.
            let own = || package.read_xml_part(&relationships_part_name(original)).ok().flatten();
            if let Some(text) = related.map(str::to_owned).or_else(own) {
                self.turn_parts.insert(relationships_part_name(&name), text);
                self.begin_copied_relationships(original, &name);
            }
        }
        self.turn_parts.insert(name.clone(), String::new());
        let outer = self.replace_part(&name, source);
        (name, outer)
    }

    /// Ends a part of a turn with its text, and goes on with the part around it.
    pub(crate) fn leave_turn_part(&mut self, name: &str, text: String, outer: OuterPart) {
        let bytes = text.len();
        self.turn_parts.insert(name.to_owned(), text);
        self.restore_part(outer);
        self.count_prose_bytes(bytes);
    }
}
