//! Owns parts of which every turn of a block has one of its own, such as headers of sections.
//! Must not know how they are rendered.

use super::resources::{OuterPart, RenderResources};
use crate::document::shared_ids::{IdKind, SharedIdKind};
use crate::ir::part::{PartRendering, SharedIdPlace, TemplatePart};
use crate::opc::{Package, relationships_part_name};
use crate::slice::TextEdit as _;
use std::ops::Range;

impl RenderResources<'_> {
    /// Begins a part for a turn: the template's own for the first one, afterwards new ones. Returns its name, and the part
    /// around it.
    /// Its relationships are `related`, if content that belongs to places was taken out of those of the template.
    pub(crate) fn enter_turn_part(
        &mut self,
        part: &TemplatePart,
        related: Option<String>,
    ) -> (String, OuterPart) {
        let (package, original) = (self.package(), part.name.as_str());
        let is_copy =
            part.rendering == PartRendering::InCopies || self.turn_parts.contains_key(original);
        let name = if is_copy {
            self.additions.unused_part_name(package, original)
        } else {
            original.to_owned()
        };
        if is_copy {
            let kind = package.content_types().type_of_part(original).map(str::to_owned);
            self.additions.content_types.extend(kind.map(|kind| (name.clone(), kind)));
            // A part whose relationships cannot be read has been refused before.
            let own = match related {
                None if is_of_section(package, original) => {
                    package.read_xml_part(&relationships_part_name(original)).ok().flatten()
                }
                None => self.copy_relationships(original).ok().filter(|text| !text.is_empty()),
                related => related,
            };
            if let Some(text) = own {
                self.turn_parts.insert(relationships_part_name(&name), text);
                self.begin_copied_relationships(original, &name);
            }
        }
        self.turn_parts.insert(name.clone(), String::new());
        let outer = self.replace_part(&name, &part.source);
        (name, outer)
    }

    /// Changes a range of the text of a part of a turn.
    pub(crate) fn change_turn_part(&mut self, name: &str, range: Range<usize>, text: &str) {
        if let Some(own) = self.turn_parts.get_mut(name) {
            own.replace_text(range, text);
        }
    }

    /// Ends a part of a turn with its text, and goes on with the part around it.
    pub(crate) fn leave_turn_part(&mut self, name: &str, text: String, outer: OuterPart) {
        let bytes = text.len();
        self.turn_parts.insert(name.to_owned(), text);
        self.restore_part(outer);
        self.count_prose_bytes(bytes);
    }

    /// Has an identifier of the template renewed wherever it is written from now on.
    pub(crate) fn reserve_id(&mut self, kind: IdKind, value: &str) {
        self.used_ids.insert((kind == IdKind::Drawing, value.to_owned()));
    }

    /// Returns the list that stands for one of the template in this iteration, if it has restarted.
    pub(crate) fn restarted_list(&self, list: &str) -> Option<String> {
        self.current_lists.get(list).filter(|current| *current != list).cloned()
    }

    /// Sets the bookmarks of the current turn that a part of it may name.
    pub(crate) fn take_outer_bookmarks(&mut self, bookmarks: &[(String, SharedIdPlace)]) {
        let value = |place: SharedIdPlace| self.turns.value_at(place).to_owned();
        let named = bookmarks.iter().map(|(name, place)| (name.clone(), value(*place)));
        self.outer_bookmarks = named.collect();
    }

    /// Returns the name that a bookmark of the part around has in the current turn.
    pub(super) fn outer_bookmark(&self, name: &str) -> String {
        let own = self.outer_bookmarks.get(&SharedIdKind::BookmarkName.key_of(name));
        own.map_or(name, String::as_str).to_owned()
    }
}

/// Checks whether a part is a header or footer, whose pictures all copies share.
fn is_of_section(package: &Package, part: &str) -> bool {
    let kind = package.content_types().type_of_part(part).unwrap_or_default();
    kind.ends_with("header+xml") || kind.ends_with("footer+xml")
}
