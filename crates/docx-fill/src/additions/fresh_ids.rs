//! Owns identifiers in the turns of blocks: which of them a turn renews, and how a new one of each kind looks.
//! Must not know where they stand.

use super::resources::RenderResources;
use crate::document::part_model::AttachedKind;
use crate::document::shared_ids::SharedIdKind;
use crate::ir::part::{ContentCompletion, SharedIdPlace, TemplatePart};
use crate::opc::OpcError;
use crate::opc::relationships_part_name;
use crate::word::notes::NoteKind;
use std::collections::BTreeSet;

/// Prefix of the identifiers of relationships that turns have of their own.
const TURN_RELATIONSHIP_PREFIX: &str = "rIdNianbaoT";

impl<'a> RenderResources<'a> {
    /// Sets the names of the template's bookmarks.
    pub(crate) fn take_bookmarks(&mut self, taken: &'a BTreeSet<String>) {
        self.template_bookmarks = Some(taken);
    }

    /// Begins the turns of a part.
    pub(crate) fn begin_turns(&mut self, part: &TemplatePart) {
        if part.identities.is_empty() {
            return self.turns.clear();
        }
        if part.identities.iter().any(|one| one.kind == SharedIdKind::Relationship) {
            self.skip_relationship_ids(part);
        }
        let mut turns = std::mem::take(&mut self.turns);
        // A copy of a header repeats what the first one has.
        let is_copy = self.current_part() != part.name;
        turns.begin_part(&part.identities, is_copy, &mut |one| {
            if one.is_outer {
                return self.outer_bookmark(&one.value);
            }
            if is_copy && one.kind == SharedIdKind::BookmarkName {
                self.record_repeated(&one.value, 1);
            }
            self.fresh_id(one.kind, &one.value)
        });
        self.turns = turns;
    }

    /// Begins a turn of a block, which renews identifiers.
    pub(crate) fn begin_turn(&mut self, part: &TemplatePart, places: &[SharedIdPlace]) {
        for &place in places {
            if !self.turns.begin_turn(place) {
                let identity = &part.identities[place.identity];
                if identity.kind == SharedIdKind::BookmarkName {
                    self.record_repeated(&identity.value, place.level);
                }
                let fresh = self.fresh_id(identity.kind, &identity.value);
                self.turns.set_value(place, fresh);
            }
        }
    }

    /// Checks whether a bookmark, by its name in lower case, has several turns within one at a level.
    pub(crate) fn repeats(&self, name: &str, level: usize) -> bool {
        let mut all = self.repeated_bookmarks.iter();
        all.any(|(known, inner)| *inner > level && SharedIdKind::BookmarkName.key_of(known) == name)
    }

    /// Records that a bookmark has another turn within one at the level around.
    fn record_repeated(&mut self, name: &str, level: usize) {
        let known = self.repeated_bookmarks.get(name).is_some_and(|known| *known >= level);
        if !known {
            self.repeated_bookmarks.insert(name.to_owned(), level);
        }
    }

    /// Writes the identifier that a place has in the current turn.
    pub(crate) fn write_shared_id(&self, place: SharedIdPlace, out: &mut String) {
        out.push_str(self.turns.value_at(place));
    }

    /// Returns a new identifier like one of the template.
    fn fresh_id(&mut self, kind: SharedIdKind, value: &str) -> String {
        match kind {
            SharedIdKind::Bookmark
            | SharedIdKind::Permission
            | SharedIdKind::MoveRange
            | SharedIdKind::CustomXmlRange => self.next_mark_id().to_string(),
            SharedIdKind::BookmarkName => self.fresh_bookmark_name(value),
            SharedIdKind::MoveName | SharedIdKind::Shape => {
                format!("{value}_{}", self.next_mark_id())
            }
            SharedIdKind::Footnote => self.fresh_note_id(NoteKind::Footnote),
            SharedIdKind::Endnote => self.fresh_note_id(NoteKind::Endnote),
            SharedIdKind::Comment => self.fresh_note_id(NoteKind::Comment),
            SharedIdKind::Relationship => self.next_turn_relationship(),
            // Word's own are random below 80000000.
            SharedIdKind::CommentParagraph => format!("{:08X}", 0x7E00_0000 + self.next_mark_id()),
        }
    }

    /// Returns a new identifier for a relationship of a turn.
    pub(super) fn next_turn_relationship(&mut self) -> String {
        self.last_turn_relationship += 1;
        format!("{TURN_RELATIONSHIP_PREFIX}{}", self.last_turn_relationship)
    }

    fn fresh_note_id(&mut self, kind: NoteKind) -> String {
        // A part that cannot be read has been refused before.
        let id = self.add_note(kind).map_or_else(|_| self.next_mark_id(), |(_, id)| id);
        id.to_string()
    }

    /// Returns a name for a bookmark that no other one has, within Word's 40 characters.
    fn fresh_bookmark_name(&mut self, value: &str) -> String {
        let kept: String = value.chars().take(32).take_while(|c| *c != '&').collect();
        loop {
            let count = self.bookmark_counts.entry(kept.to_lowercase()).or_insert(1);
            *count += 1;
            let name = format!("{kept}_{count}");
            let taken = self.template_bookmarks;
            if !taken.is_some_and(|taken| taken.contains(&name.to_lowercase()))
                && self.additions.reserve_bookmark_name(&name)
            {
                return name;
            }
        }
    }

    /// Has new identifiers of relationships begin behind those of the parts, which this program may have made.
    fn skip_relationship_ids(&mut self, part: &TemplatePart) {
        let owners = part.guards.iter().filter_map(|guard| match guard {
            ContentCompletion::Attached(content) if content.kind == AttachedKind::Relationship => {
                Some(content.part.as_ref())
            }
            _ => None,
        });
        let own = relationships_part_name(&part.name);
        let names: BTreeSet<&str> = owners.chain([own.as_str()]).collect();
        for name in names {
            let read = || -> Result<Option<usize>, OpcError> {
                let text = self.package().read_xml_part(name)?.unwrap_or_default();
                let numbers = text.split(TURN_RELATIONSHIP_PREFIX).skip(1).filter_map(|rest| {
                    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                    digits.parse().ok()
                });
                Ok(numbers.max())
            };
            let highest = read().ok().flatten().unwrap_or(0);
            self.last_turn_relationship = self.last_turn_relationship.max(highest);
        }
    }
}
