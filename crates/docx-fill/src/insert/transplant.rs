//! Owns one insertion of a document: its body with identifiers of the target document, its notes, and the parts
//! that it refers to.
//! Must not know the tag that inserts it.

use crate::additions::resources::RenderResources;
use crate::eval::addresses::{self, INERT_ADDRESS};
use crate::eval::marked_text;
use crate::insert::InsertError;
use crate::insert::fragment::{
    BodySection, DocumentDependentKind, UnstyledParagraphProperties, XmlFragment,
};
use crate::insert::id_map::IdMap;
use crate::word::notes::NoteKind;

use crate::insert::source::SourceDocument;
use crate::opc::xml::escape_into;
use crate::opc::{OpcError, Relationship, Relationships, relationships_part_name, resolve_target};
use crate::prose::links::LinkRefusal;
use crate::slice::TextSlice as _;
use crate::word::section_xml;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The place at which a document is inserted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TargetPlace<'t> {
    /// True if page and section breaks are possible.
    pub(crate) allows_page_breaks: bool,
    /// Properties of the surrounding section, if landscape sections must be kept separate from it.
    pub(crate) outer_section: Option<&'t str>,
}

/// The state of one insertion.
pub(crate) struct Transplanter<'c, 'r, 'a> {
    pub(crate) source: &'c SourceDocument,
    pub(crate) id_map: &'c IdMap,
    pub(crate) resources: &'r mut RenderResources<'a>,
    /// Pictures that were already copied, by their part in the inserted document.
    pub(crate) picture_parts: &'c mut BTreeMap<String, String>,
    /// Number of previous insertions of the same document.
    pub(crate) earlier_insertions: usize,
    pub(crate) mark_ids: BTreeMap<String, String>,
    pub(crate) list_ids: BTreeMap<String, String>,
    pub(crate) bookmark_names: BTreeMap<String, String>,
    pub(crate) note_ids: BTreeMap<(NoteKind, String), u32>,
    pub(crate) shape_names: BTreeMap<String, String>,
    /// Names of VML shapes that are in use.
    pub(crate) taken_shapes: &'c mut BTreeSet<String>,
    /// Notes that are still to be written, with the part that receives them.
    pub(crate) pending_notes: Vec<(NoteKind, String, String)>,
    /// Index of the section that is being written.
    pub(crate) section_index: usize,
    /// Bytes of the added parts.
    pub(crate) added_bytes: usize,
    /// True if the document is trusted, so that its links are not checked.
    pub(crate) trusted: bool,
    /// Addresses of refused links.
    pub(crate) refused_links: Vec<(String, LinkRefusal)>,
}

/// The source part of a fragment and the part that receives it.
struct PartRoute<'w> {
    from: &'w str,
    to: String,
    relationships: &'w Relationships,
}

/// Maximum length of a chain of parts that refer to each other.
const MAX_PART_DEPTH: usize = 8;

impl Transplanter<'_, '_, '_> {
    /// Returns the body with identifiers of the target, and writes its notes.
    pub(crate) fn transplant_body(&mut self, room: TargetPlace<'_>) -> Result<String, InsertError> {
        let source = self.source;
        let body = &source.body;
        self.rename_bookmarks()?;
        let to = self.resources.current_part().to_owned();
        let way = PartRoute { from: &body.part, to, relationships: &body.relationships };
        let mut text = match room.outer_section {
            Some(section) => self.write_sections(&way, section)?,
            None => self.write_fragment(
                &body.fragment,
                body.content.clone(),
                &way,
                room.allows_page_breaks,
            )?,
        };
        self.check_field_codes(&mut text);
        let mut written = 0;
        while let Some((kind, number, part)) = self.pending_notes.get(written).cloned() {
            written += 1;
            self.write_note(kind, &number, &part)?;
        }
        Ok(self.resources.declare_namespaces(&text, &body.namespaces))
    }

    /// Writes the body, keeping sections whose page orientation differs from the surroundings.
    fn write_sections(&mut self, way: &PartRoute<'_>, around: &str) -> Result<String, InsertError> {
        let body = &self.source.body;
        let last = BodySection { end: body.content.end, properties: body.section.clone() };
        let inner = body.fragment.sections.iter().filter(|at| at.end <= body.content.end);
        let all: Vec<&BodySection> = inner.chain(std::iter::once(&last)).collect();
        let mut out = String::new();
        let mut from = body.content.start;
        let mut turned = false;
        for (at, section) in all.iter().enumerate() {
            let other = section_xml::is_wide(&section.properties);
            if other && !turned {
                out.push_str(&section_xml::section_end_paragraph(around));
            }
            turned = other;
            // A following section of another orientation begins a page by itself.
            let next = all.get(at + 1);
            let breaks = next.is_some_and(|next| !other && !section_xml::is_wide(&next.properties));
            out.push_str(&self.write_fragment(&body.fragment, from..section.end, way, breaks)?);
            if other {
                out.push_str(&section_xml::section_end_paragraph(&section_xml::page_only_section(
                    &section.properties,
                )));
            }
            from = section.end;
        }
        Ok(out)
    }

    fn write_fragment(
        &mut self,
        piece: &XmlFragment,
        range: Range<usize>,
        way: &PartRoute<'_>,
        breaks: bool,
    ) -> Result<String, InsertError> {
        piece.write_with(range, &mut |what, written| {
            self.site_replacement(what, written, way, breaks)
        })
    }

    fn site_replacement(
        &mut self,
        what: &DocumentDependentKind,
        written: &str,
        way: &PartRoute<'_>,
        breaks: bool,
    ) -> Result<String, InsertError> {
        Ok(match what {
            DocumentDependentKind::Style(id) => escape_text(&self.id_map.style_id(id)),
            DocumentDependentKind::List(number) => self.list_id(number),
            DocumentDependentKind::Relationship(id) => {
                escape_text(&self.copy_relationship(id, way)?)
            }
            DocumentDependentKind::Hyperlink(id) => self.hyperlink_attribute(id, written, way)?,
            DocumentDependentKind::Address(address) if self.is_address_refused(address) => {
                INERT_ADDRESS.to_owned()
            }
            DocumentDependentKind::Note(kind, number) => self.note_id(*kind, number)?.to_string(),
            DocumentDependentKind::MarkId(number) => self.mark_id(number),
            DocumentDependentKind::Bookmark(name) => {
                escape_text(self.bookmark_names.get(name).map_or(name, String::as_str))
            }
            DocumentDependentKind::FieldCode => self.rewrite_field_code(written),
            DocumentDependentKind::ShapeName(name) => escape_text(&self.shape_name(name)),
            DocumentDependentKind::Unstyled(what) => self.default_style_xml(*what, written),
            DocumentDependentKind::Drawing => self.resources.next_drawing_id().to_string(),
            DocumentDependentKind::SectionEnd => self.section_break_xml(breaks),
            DocumentDependentKind::ThemeFonts | DocumentDependentKind::ThemeColor => {
                self.id_map.theme_reference(what, written)
            }
            DocumentDependentKind::Removed => String::new(),
            _ => written.to_owned(),
        })
    }

    /// Returns a page break in place of a section break that begins a new page.
    fn section_break_xml(&mut self, breaks: bool) -> String {
        self.section_index += 1;
        let body = &self.source.body;
        let next =
            body.fragment.sections.get(self.section_index).map(|next| next.properties.as_str());
        if breaks && section_xml::begins_page(next.unwrap_or(&body.section)) {
            "<w:r><w:br w:type=\"page\"/></w:r>".to_owned()
        } else {
            String::new()
        }
    }

    /// Returns the identifier of a list; numbering restarts in every further insertion.
    fn list_id(&mut self, number: &str) -> String {
        let first = self.id_map.list_id(number);
        if self.earlier_insertions == 0 || first == "0" {
            return first;
        }
        if let Some(known) = self.list_ids.get(number) {
            return known.clone();
        }
        let again = self.resources.numbering().restart_list(&first).unwrap_or(first);
        self.list_ids.insert(number.to_owned(), again.clone());
        again
    }

    fn mark_id(&mut self, number: &str) -> String {
        let resources = &mut *self.resources;
        let fresh = || resources.next_mark_id().to_string();
        self.mark_ids.entry(number.to_owned()).or_insert_with(fresh).clone()
    }

    /// Returns a unique name for a VML shape.
    fn shape_name(&mut self, name: &str) -> String {
        let (mark, name) = match name.strip_prefix('#') {
            Some(name) => ("#", name),
            None => ("", name),
        };
        if !self.shape_names.contains_key(name) {
            let mut fresh = name.to_owned();
            while !self.taken_shapes.insert(fresh.clone()) {
                fresh = format!("{name}-{}", self.resources.next_mark_id());
            }
            self.shape_names.insert(name.to_owned(), fresh);
        }
        format!("{mark}{}", self.shape_names.get(name).map_or(name, String::as_str))
    }

    /// Returns the style element of a paragraph without a style, if source formatting is kept.
    fn default_style_xml(&self, what: UnstyledParagraphProperties, written: &str) -> String {
        let Some(id) = self.id_map.default_style() else { return written.to_owned() };
        let style = format!("<w:pStyle w:val=\"{escaped}\"/>", escaped = escape_text(id));
        match what {
            UnstyledParagraphProperties::Properties => style,
            UnstyledParagraphProperties::Bare => format!("<w:pPr>{style}</w:pPr>"),
            UnstyledParagraphProperties::Empty => format!("><w:pPr>{style}</w:pPr></w:p>"),
        }
    }

    /// Renames bookmarks, whose names must be unique within a document.
    fn rename_bookmarks(&mut self) -> Result<(), InsertError> {
        let source = self.source;
        for site in source.inserted_fragments().flat_map(|piece| &piece.sites) {
            let DocumentDependentKind::Bookmark(name) = &site.kind else { continue };
            if !self.bookmark_names.contains_key(name) {
                let fresh = self.resources.unique_bookmark_name(name).map_err(InsertError::Host)?;
                self.bookmark_names.insert(name.clone(), fresh);
            }
        }
        Ok(())
    }

    /// Rewrites a field code with the new bookmark names, marking it as data unless the document is trusted.
    fn rewrite_field_code(&self, written: &str) -> String {
        let renamed = |word: &str| self.bookmark_names.get(word).filter(|fresh| *fresh != word);
        let mut out = String::with_capacity(written.len());
        if !self.trusted {
            marked_text::write_data_begin(&mut out, 0);
        }
        let mut word = String::new();
        // XML forbids the mark characters; a document that contains them must not forge marks.
        let written = written.chars().filter(|c| !marked_text::is_data_mark(*c));
        for c in written.chain(std::iter::once(' ')) {
            if c.is_alphanumeric() || c == '_' || c == '.' {
                word.push(c);
                continue;
            }
            match renamed(&word) {
                Some(fresh) => escape_into(&mut out, fresh),
                None => out.push_str(&word),
            }
            word.clear();
            out.push(c);
        }
        out.pop();
        if !self.trusted {
            marked_text::write_data_end(&mut out);
        }
        out
    }

    // ---- addresses

    /// Checks the addresses in field codes.
    fn check_field_codes(&mut self, text: &mut String) {
        let links = self.resources.link_policy;
        let refused = addresses::sanitize_addresses(text, &|address| links.check_address(address));
        self.refused_links.extend(refused.into_iter().map(|one| (one.address, one.refusal)));
    }

    /// Checks whether an address is refused, and records it.
    fn is_address_refused(&mut self, address: &str) -> bool {
        // A place within the document.
        let within = address.is_empty() || address.starts_with('#');
        let judged = if self.trusted || within {
            Ok(())
        } else {
            self.resources.link_policy.check_address(address)
        };
        judged.map_err(|refusal| self.refused_links.push((address.to_owned(), refusal))).is_err()
    }

    /// Checks whether an external relationship is refused, and records it. Only links and pictures are
    /// permitted; anything else would be opened automatically.
    fn is_external_refused(&mut self, found: &Relationship) -> bool {
        let kind = found.rel_type.rsplit('/').next().unwrap_or_default();
        if self.trusted || matches!(kind, "hyperlink" | "image") {
            return self.is_address_refused(&found.target);
        }
        self.refused_links.push((found.target.clone(), LinkRefusal::OpenedAutomatically));
        true
    }

    /// Returns the relationship attribute of a hyperlink, or an empty string if the link becomes plain text.
    fn hyperlink_attribute(
        &mut self,
        id: &str,
        written: &str,
        way: &PartRoute<'_>,
    ) -> Result<String, InsertError> {
        let found = way.relationships.iter().find(|found| found.id == id && found.external);
        if found.is_some_and(|found| self.is_external_refused(found)) {
            return Ok(String::new());
        }
        let fresh = escape_text(&self.copy_relationship(id, way)?);
        let value = written.find(['"', '\'']).map_or(written.len(), |quote| quote + 1);
        let quote = written.slice(written.len().saturating_sub(1)..);
        Ok([written.slice(..value), &fresh, quote].concat())
    }

    // ---- notes

    fn note_id(&mut self, kind: NoteKind, number: &str) -> Result<u32, InsertError> {
        let key = (kind, number.to_owned());
        if let Some(&known) = self.note_ids.get(&key) {
            return Ok(known);
        }
        let found = self.source.notes.get(&kind).is_some_and(|n| n.items.contains_key(number));
        if !found {
            let part = format!("word/{}.xml", kind.relationship_name());
            return Err(InsertError::Source(OpcError::DamagedPart { part }));
        }
        let (part, fresh) = self.resources.add_note(kind).map_err(InsertError::Host)?;
        self.note_ids.insert(key, fresh);
        self.pending_notes.push((kind, number.to_owned(), part));
        Ok(fresh)
    }

    fn write_note(&mut self, kind: NoteKind, number: &str, to: &str) -> Result<(), InsertError> {
        let source = self.source;
        let Some(notes) = source.notes.get(&kind) else { return Ok(()) };
        let Some(piece) = notes.items.get(number) else { return Ok(()) };
        let way =
            PartRoute { from: &notes.part, to: to.to_owned(), relationships: &notes.relationships };
        let mut text = self.write_fragment(piece, 0..piece.text.len(), &way, false)?;
        self.check_field_codes(&mut text);
        self.resources.append_to_part(to, &text, &notes.namespaces);
        Ok(())
    }

    // ---- parts

    fn copy_relationship(&mut self, id: &str, way: &PartRoute<'_>) -> Result<String, InsertError> {
        let found = way.relationships.get(id);
        let Some(found) = found else {
            let part = relationships_part_name(way.from);
            return Err(InsertError::Source(OpcError::DamagedPart { part }));
        };
        if found.external {
            let refused = self.is_external_refused(found);
            let target = if refused { INERT_ADDRESS } else { &found.target };
            return self.add_relationship(&way.to, found, target, true);
        }
        let name = self.import_part(way.from, found)?;
        self.add_relationship(&way.to, found, &format!("/{name}"), false)
    }

    fn add_relationship(
        &mut self,
        part: &str,
        like: &Relationship,
        target: &str,
        external: bool,
    ) -> Result<String, InsertError> {
        self.resources
            .ensure_relationship(part, &like.rel_type, target, external)
            .map_err(InsertError::Host)
    }

    /// Copies a part and the parts that it refers to. Pictures are copied once; other parts are copied for each
    /// insertion, because they may be edited separately.
    fn import_part(&mut self, from: &str, like: &Relationship) -> Result<String, InsertError> {
        let name = self.target_part(from, like)?;
        if !like.rel_type.ends_with("/image") {
            return self.copy_part(&name, &mut BTreeMap::new(), 0);
        }
        if let Some(known) = self.picture_parts.get(&name) {
            return Ok(known.clone());
        }
        let fresh = self.copy_part(&name, &mut BTreeMap::new(), 0)?;
        self.picture_parts.insert(name, fresh.clone());
        Ok(fresh)
    }

    fn target_part(&self, from: &str, like: &Relationship) -> Result<String, InsertError> {
        let name = resolve_target(from, &like.target);
        name.filter(|name| self.source.package.contains_part(name)).ok_or_else(|| {
            let part = like.target.clone();
            InsertError::Source(OpcError::DamagedPart { part })
        })
    }

    fn copy_part(
        &mut self,
        name: &str,
        known: &mut BTreeMap<String, String>,
        depth: usize,
    ) -> Result<String, InsertError> {
        if let Some(fresh) = known.get(name) {
            return Ok(fresh.clone());
        }
        let package = &self.source.package;
        let bytes =
            package.read_foreign_part(name).map_err(InsertError::Source)?.unwrap_or_default();
        self.added_bytes += bytes.len();
        let fresh =
            self.resources.add_part(name, package.content_types().type_of_part(name), bytes);
        known.insert(name.to_owned(), fresh.clone());
        let own = package.relationships(name).map_err(InsertError::Source)?;
        let mut carried = Vec::new();
        for relationship in own.iter() {
            let mut carried_one = relationship.clone();
            if relationship.external {
                if self.is_external_refused(relationship) {
                    INERT_ADDRESS.clone_into(&mut carried_one.target);
                }
            } else {
                if depth == MAX_PART_DEPTH {
                    return Err(InsertError::Source(OpcError::DamagedPart {
                        part: name.to_owned(),
                    }));
                }
                let target = self.target_part(name, relationship)?;
                carried_one.target = format!("/{}", self.copy_part(&target, known, depth + 1)?);
            }
            carried.push(carried_one);
        }
        if !carried.is_empty() {
            let text = Relationships::append_to_part(None, &carried);
            self.resources.add_relationships_part(&relationships_part_name(&fresh), text);
        }
        Ok(fresh)
    }
}

fn escape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}
