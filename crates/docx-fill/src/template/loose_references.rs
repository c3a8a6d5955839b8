//! Owns what is told of references to bookmarks in blocks: before there is data, and of a filled document.
//! Must not know how blocks are compiled.

use super::{CompiledTemplate, read_whole_part};
use crate::additions::resources::RenderResources;
use crate::compile::part_source::PreparedPart;
use crate::compile::repetition::loose_references::{bookmark_references, place_of};
use crate::diag::{Diagnostic, Location, Severity, Sink, WordLocation, msg};
use crate::document::field_references::field_references;
use crate::document::part_model::PartKind;
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::ir::part::{PartRendering, TemplatePart};
use crate::ir::references::{BookmarksInBlocks, CrossedBlocks, LooseReference};
use crate::opc::OpcError;
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};

const RULE: &str = "reference-target";

impl CompiledTemplate {
    /// Keeps the references to bookmarks in blocks: those of the part itself, and those of all others. The bookmarks of parts
    /// `of_turns` are all in blocks.
    pub(super) fn keep_loose_references(
        &mut self,
        found: Vec<(String, BookmarksInBlocks)>,
        of_turns: &BTreeMap<String, CrossedBlocks>,
        prepared: &[PreparedPart],
    ) -> Result<(), OpcError> {
        let known = self.known_bookmarks(found, of_turns, prepared);
        let main = self.package.main_document_name().to_owned();
        let counts = |part: &TemplatePart| {
            part.moving_fields.as_ref().is_some_and(|moving| !moving.sequences.is_empty())
        };
        if known.is_empty() && !self.parts.iter().any(|part| part.name == main && counts(part)) {
            return Ok(());
        }
        let mut others = self.unread_parts(prepared)?;
        others.retain(|part| may_refer(&part.text));
        let own = prepared.iter().find(|part| part.name == main);
        let main_bookmarks: BTreeSet<String> = own.into_iter().flat_map(bookmark_keys).collect();
        let in_main = known.iter().filter(|(_, (home, _))| *home == main);
        self.outer_references.bookmarks = in_main.map(|(key, _)| key.clone()).collect();
        for part in prepared.iter().chain(&others).filter(|part| part.kind == PartKind::Word) {
            // What turns have of their own follows the bookmarks of the text around them, as far as that has them.
            let in_turns = self
                .parts
                .iter()
                .any(|form| form.name == part.name && form.rendering != PartRendering::Once);
            let source = self.part_source(part);
            let (mut found, mut hosts) = (Vec::new(), BTreeSet::new());
            for (name, start) in bookmark_references(&source) {
                let key = SharedIdKind::BookmarkName.key_of(&name);
                let host = part.host_at(start);
                if !in_turns && host != main && main_bookmarks.contains(&key) {
                    hosts.insert(host.to_owned());
                }
                let bookmark = known.get(&key);
                if let Some((home, between)) = bookmark.filter(|(home, _)| *home != part.name) {
                    let (place, mut between) = (place_of(&source, start), *between);
                    let follows = in_turns && !of_turns.contains_key(home);
                    between.is_repeated &= !follows;
                    let is_certain = !follows;
                    found.push(LooseReference { name, place, between, level: 0, is_certain });
                }
            }
            self.loose_references.extend(found);
            self.outer_references.parts.extend(hosts);
        }
        Ok(())
    }

    /// Returns the bookmarks in blocks, each with its part and the blocks around it, and keeps the references of the same
    /// part to them.
    fn known_bookmarks(
        &mut self,
        found: Vec<(String, BookmarksInBlocks)>,
        of_turns: &BTreeMap<String, CrossedBlocks>,
        prepared: &[PreparedPart],
    ) -> BTreeMap<String, (String, CrossedBlocks)> {
        let mut known = BTreeMap::new();
        for (name, in_blocks) in found {
            self.loose_references.extend(in_blocks.references);
            let bookmarks = in_blocks.bookmarks.into_iter();
            known.extend(bookmarks.map(|(key, block)| (key, (name.clone(), block))));
        }
        for (name, block) in of_turns {
            let part = prepared.iter().find(|part| part.name == *name);
            for key in part.into_iter().flat_map(bookmark_keys) {
                known.entry(key).or_insert((name.clone(), *block));
            }
        }
        known
    }

    /// Reads the parts with text that have no tags.
    fn unread_parts(&self, prepared: &[PreparedPart]) -> Result<Vec<PreparedPart>, OpcError> {
        let mut found = Vec::new();
        for name in self.package.part_names() {
            let kind = self.package.content_types().type_of_part(name).unwrap_or_default();
            let is_text =
                ["header+xml", "footer+xml", "footnotes+xml", "endnotes+xml", "comments+xml"]
                    .iter()
                    .any(|end| kind.ends_with(end));
            if is_text && prepared.iter().all(|part| part.name != name) {
                found.extend(read_whole_part(&self.package, name, PartKind::Word)?);
            }
        }
        Ok(found)
    }

    /// Adds what can be said without data of references to bookmarks in blocks.
    pub fn check_references(&self, sink: &mut Sink) {
        let mut told: BTreeSet<(&str, &WordLocation)> = BTreeSet::new();
        for one in self.loose_references.iter().filter(|one| one.is_certain) {
            if !told.insert((one.name.as_str(), &one.place)) {
                continue;
            }
            let message = if one.between.is_repeated {
                msg!("template.reference-in-loop", name = &one.name)
            } else {
                msg!("template.reference-optional", name = &one.name)
            };
            let hint = if one.between.is_repeated {
                msg!("template.hint-reference-in-loop")
            } else {
                msg!("template.hint-reference-optional")
            };
            let place = Location::Word(self.source, one.place.clone());
            let found = Diagnostic::new(RULE, Severity::Info, place, message);
            sink.push(found.with_hint(hint));
        }
    }

    /// Tells references of a filled document that lead nowhere, or to one of several turns.
    pub(super) fn report_references(
        &self,
        texts: &[String],
        resources: &RenderResources<'_>,
        sink: &mut Sink,
    ) {
        if self.loose_references.is_empty() {
            return;
        }
        let mut written = RenderedReferences::default();
        let own = self.parts.iter().zip(texts).filter(|(part, _)| part.rendering.is_first_form());
        own.for_each(|(part, text)| written.read(text, &part.name));
        resources.turn_parts.iter().for_each(|(name, text)| written.read(text, name));
        for (name, grown) in &resources.additions.grown_parts {
            written.read(&grown.appended, name);
        }
        for place in self.loose_references.iter().map(|one| &one.place) {
            // Parts without tags are written as they are.
            if self.parts.iter().all(|part| part.name != place.part) {
                let text = self.package.read_xml_part(&place.part).ok().flatten();
                written.read(&text.unwrap_or_default(), &place.part);
            }
        }
        let missing = written.missing();
        let mut told = BTreeSet::new();
        for one in &self.loose_references {
            let key = SharedIdKind::BookmarkName.key_of(&one.name);
            let (message, hint) = if missing.has(&key) {
                let hint = msg!("template.hint-reference-optional");
                (msg!("template.reference-missing", name = &one.name), hint)
            } else if one.between.is_repeated
                && written.is_named(&key)
                && resources.repeats(&key, one.level)
            {
                let hint = msg!("template.hint-reference-in-loop");
                (msg!("template.reference-many", name = &one.name), hint)
            } else {
                continue;
            };
            if told.insert(key) {
                let place = WordLocation::clone(&one.place);
                let found = Diagnostic::warning(RULE, Location::Word(self.source, place), message);
                sink.push(found.with_hint(hint));
            }
        }
    }
}

/// Returns the bookmarks of a part, in lower case.
fn bookmark_keys(part: &PreparedPart) -> impl Iterator<Item = String> + '_ {
    let definition = IdKind::Shared(SharedIdKind::BookmarkName, SiteRole::Definition);
    let sites = part.model.ids.iter().filter(move |site| site.kind == definition);
    sites.map(|site| SharedIdKind::BookmarkName.key_of(part.text.slice(site.range.clone())))
}

/// Checks whether a part may refer to bookmarks.
fn may_refer(text: &str) -> bool {
    ["REF", "w:anchor", "HYPERLINK", "instrText"].iter().any(|mark| text.contains(mark))
}

/// The bookmarks of a filled document, and those to which it refers; names are in lower case.
#[derive(Default)]
struct RenderedReferences {
    bookmarks: BTreeSet<String>,
    named: BTreeSet<String>,
}

impl RenderedReferences {
    fn read(&mut self, text: &str, part: &str) {
        let key = |name: &str| SharedIdKind::BookmarkName.key_of(name);
        let marks = attribute_values(text, "<w:bookmarkStart", "w:name");
        self.bookmarks.extend(marks.map(key));
        self.named.extend(attribute_values(text, "<w:hyperlink", "w:anchor").map(key));
        if may_refer(text) {
            let fields = field_references(text, part).unwrap_or_default();
            self.named.extend(fields.iter().map(|found| key(&found.name)));
        }
    }

    /// Returns the references that lead nowhere.
    fn missing(&self) -> MissingBookmarks<'_> {
        let names: BTreeSet<&str> =
            self.named.difference(&self.bookmarks).map(String::as_str).collect();
        let copied = names.iter().filter_map(|name| name.rsplit_once('_'));
        let copied = copied.filter(|(_, count)| count.parse::<u32>().is_ok());
        let originals = copied.map(|(own, _)| own).collect();
        MissingBookmarks { names, originals }
    }

    fn is_named(&self, key: &str) -> bool {
        self.named.contains(key)
    }
}

/// Bookmarks that a filled document names and does not have.
struct MissingBookmarks<'w> {
    names: BTreeSet<&'w str>,
    /// The beginnings of the names before the number of a turn.
    originals: BTreeSet<&'w str>,
}

impl MissingBookmarks<'_> {
    /// Checks whether a reference to a bookmark, or to one of its copies, leads nowhere.
    fn has(&self, key: &str) -> bool {
        let kept: String = key.chars().take(32).collect();
        self.names.contains(key) || self.originals.contains(kept.as_str())
    }
}

/// Returns the values of an attribute of elements, by the beginnings of their tags.
fn attribute_values<'t>(
    text: &'t str,
    tag: &'t str,
    name: &'t str,
) -> impl Iterator<Item = &'t str> {
    text.match_indices(tag).filter_map(move |(start, _)| {
        let end = start + text.slice(start..).find('>')?;
        let all = attribute_ranges(text, &(start..end));
        let own = all.into_iter().find(|(key, _)| *key == name)?.1;
        Some(text.slice(own))
    })
}
