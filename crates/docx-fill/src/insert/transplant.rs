//! Owns one insertion of a document: its body with the names that things have in the document around it,
//! its notes, and the parts that it shows.
//! Must not know at which tag it is inserted.

use crate::additions::resources::Resources;
use crate::additions::target_parts::NoteKind;
use crate::eval::addresses::{self, NOWHERE};
use crate::insert::Fault;
use crate::insert::fragment::{Fragment, Section, Unstyled, What};
use crate::insert::id_map::Names;
use crate::insert::insertion_point;
use crate::insert::source::Source;
use crate::opc::xml::escape_into;
use crate::opc::{OpcError, Relationship, Relationships, relationships_name, resolve_target};
use crate::prose::links::Refusal;
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Where a document is inserted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room<'t> {
    /// Pages and sections may begin.
    pub(crate) pages: bool,
    /// The properties of the section around it, where one of another page has to be kept.
    pub(crate) section: Option<&'t str>,
}

/// One insertion.
pub(crate) struct Carrier<'c, 'r, 'a> {
    pub(crate) source: &'c Source,
    pub(crate) names: &'c Names,
    pub(crate) resources: &'r mut Resources<'a>,
    /// Pictures that are in the package already, by their parts.
    pub(crate) pictures: &'c mut BTreeMap<String, String>,
    /// How often the document was inserted before.
    pub(crate) turn: usize,
    pub(crate) marks: BTreeMap<String, String>,
    pub(crate) lists: BTreeMap<String, String>,
    pub(crate) bookmarks: BTreeMap<String, String>,
    pub(crate) notes: BTreeMap<(NoteKind, String), u32>,
    pub(crate) shapes: BTreeMap<String, String>,
    /// Names of old drawings that are taken.
    pub(crate) taken: &'c mut BTreeSet<String>,
    /// Notes whose texts are still to be written, with the parts that they go to.
    pub(crate) waiting: Vec<(NoteKind, String, String)>,
    /// The section of the body that is being written.
    pub(crate) section: usize,
    /// Bytes of parts that were added.
    pub(crate) bytes: usize,
    /// The document is no data: its links are taken as they are.
    pub(crate) trusted: bool,
    /// Addresses of links that were not taken.
    pub(crate) refused: Vec<(String, Refusal)>,
}

/// Which part of the inserted document a piece is from, and which part it goes to.
struct Way<'w> {
    from: &'w str,
    to: String,
    relationships: &'w Relationships,
}

/// Deepest chain of parts.
const DEEPEST: usize = 8;

impl Carrier<'_, '_, '_> {
    /// The body as it stands in the document around it, its notes put in their parts.
    pub(crate) fn body(&mut self, room: Room<'_>) -> Result<String, Fault> {
        let source = self.source;
        let body = &source.body;
        self.learn_bookmarks()?;
        let to = self.resources.part().to_owned();
        let way = Way { from: &body.part, to, relationships: &body.relationships };
        let mut text = match room.section {
            Some(section) => self.sections(&way, section)?,
            None => self.piece(&body.fragment, body.content.clone(), &way, room.pages)?,
        };
        self.settle_codes(&mut text, &body.part);
        let mut written = 0;
        while let Some((kind, number, part)) = self.waiting.get(written).cloned() {
            written += 1;
            self.note(kind, &number, &part)?;
        }
        Ok(self.resources.declare(&text, &body.root))
    }

    /// Sections whose pages lie otherwise than those around them stay sections.
    fn sections(&mut self, way: &Way<'_>, around: &str) -> Result<String, Fault> {
        let body = &self.source.body;
        let last = Section { end: body.content.end, properties: body.section.clone() };
        let inner = body.fragment.sections.iter().filter(|at| at.end <= body.content.end);
        let all: Vec<&Section> = inner.chain(std::iter::once(&last)).collect();
        let mut out = String::new();
        let mut from = body.content.start;
        let mut turned = false;
        for (at, section) in all.iter().enumerate() {
            let other = insertion_point::is_landscape(&section.properties);
            if other && !turned {
                out.push_str(&insertion_point::section_end(around));
            }
            turned = other;
            // The next one begins a page by itself if it lies otherwise.
            let next = all.get(at + 1);
            let breaks =
                next.is_some_and(|next| !other && !insertion_point::is_landscape(&next.properties));
            out.push_str(&self.piece(&body.fragment, from..section.end, way, breaks)?);
            if other {
                out.push_str(&insertion_point::section_end(&insertion_point::page_of(
                    &section.properties,
                )));
            }
            from = section.end;
        }
        Ok(out)
    }

    fn piece(
        &mut self,
        piece: &Fragment,
        range: Range<usize>,
        way: &Way<'_>,
        breaks: bool,
    ) -> Result<String, Fault> {
        piece.write(range, &mut |what, written| self.name(what, written, way, breaks))
    }

    fn name(
        &mut self,
        what: &What,
        written: &str,
        way: &Way<'_>,
        breaks: bool,
    ) -> Result<String, Fault> {
        Ok(match what {
            What::Style(id) => escaped(&self.names.style(id)),
            What::List(number) => self.list(number),
            What::Relationship(id) => escaped(&self.relationship(id, way)?),
            What::Hyperlink(id) => self.hyperlink(id, written, way)?,
            What::Address(address) if self.is_refused(address) => NOWHERE.to_owned(),
            What::Note(kind, number) => self.note_number(*kind, number)?.to_string(),
            What::Mark(number) => self.mark(number),
            What::Bookmark(name) => escaped(self.bookmarks.get(name).map_or(name, String::as_str)),
            What::Code => self.code(written),
            What::Shape(name) => escaped(&self.shape(name)),
            What::Unstyled(what) => self.unstyled(*what, written),
            What::Drawing => self.resources.next_drawing().to_string(),
            What::SectionEnd => self.section_end(breaks),
            What::Gone => String::new(),
            _ => written.to_owned(),
        })
    }

    /// Where a section began on a page of its own, a page does.
    fn section_end(&mut self, breaks: bool) -> String {
        self.section += 1;
        let body = &self.source.body;
        let next = body.fragment.sections.get(self.section).map(|next| next.properties.as_str());
        if breaks && insertion_point::begins_page(next.unwrap_or(&body.section)) {
            "<w:r><w:br w:type=\"page\"/></w:r>".to_owned()
        } else {
            String::new()
        }
    }

    /// In the second insertion a list counts from the beginning again.
    fn list(&mut self, number: &str) -> String {
        let first = self.names.list(number);
        if self.turn == 0 || first == "0" {
            return first;
        }
        if let Some(known) = self.lists.get(number) {
            return known.clone();
        }
        let again = self.resources.numbering().again(&first).unwrap_or(first);
        self.lists.insert(number.to_owned(), again.clone());
        again
    }

    fn mark(&mut self, number: &str) -> String {
        let resources = &mut *self.resources;
        let fresh = || resources.next_mark().to_string();
        self.marks.entry(number.to_owned()).or_insert_with(fresh).clone()
    }

    /// A name for an old drawing that no other has.
    fn shape(&mut self, name: &str) -> String {
        let (mark, name) = match name.strip_prefix('#') {
            Some(name) => ("#", name),
            None => ("", name),
        };
        if !self.shapes.contains_key(name) {
            let mut fresh = name.to_owned();
            while !self.taken.insert(fresh.clone()) {
                fresh = format!("{name}-{}", self.resources.next_mark());
            }
            self.shapes.insert(name.to_owned(), fresh);
        }
        format!("{mark}{}", self.shapes.get(name).map_or(name, String::as_str))
    }

    /// A paragraph that names no style has the one that its document says, if that keeps its looks.
    fn unstyled(&self, what: Unstyled, written: &str) -> String {
        let Some(id) = self.names.unstyled() else { return written.to_owned() };
        let style = format!("<w:pStyle w:val=\"{escaped}\"/>", escaped = escaped(id));
        match what {
            Unstyled::Properties => style,
            Unstyled::Bare => format!("<w:pPr>{style}</w:pPr>"),
            Unstyled::Empty => format!("><w:pPr>{style}</w:pPr></w:p>"),
        }
    }

    /// Names of bookmarks are unique within a document.
    fn learn_bookmarks(&mut self) -> Result<(), Fault> {
        let source = self.source;
        for site in source.pieces().flat_map(|piece| &piece.sites) {
            let What::Bookmark(name) = &site.what else { continue };
            if !self.bookmarks.contains_key(name) {
                let fresh = self.resources.bookmark_name(name).map_err(Fault::Host)?;
                self.bookmarks.insert(name.clone(), fresh);
            }
        }
        Ok(())
    }

    /// The code of a field, which may name bookmarks, and files to open.
    fn code(&self, written: &str) -> String {
        let renamed = |word: &str| self.bookmarks.get(word).filter(|fresh| *fresh != word);
        let mut out = String::with_capacity(written.len());
        if !self.trusted {
            addresses::open(&mut out, 0);
        }
        let mut word = String::new();
        // No document may hold such characters; in one that does they are none of ours.
        let written = written.chars().filter(|c| !addresses::is_mark(*c));
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
            addresses::close(&mut out);
        }
        out
    }

    // ---- addresses

    /// Judges what the codes of fields open.
    fn settle_codes(&mut self, text: &mut String, part: &str) {
        let links = self.resources.links;
        let refused = addresses::settle(text, part, &|address| links.judge(address));
        self.refused.extend(refused.into_iter().map(|one| (one.address, one.refusal)));
    }

    /// Whether an address of the document itself is not taken.
    fn is_refused(&mut self, address: &str) -> bool {
        // What begins like this is a place within the document.
        let within = address.is_empty() || address.starts_with('#');
        let judged =
            if self.trusted || within { Ok(()) } else { self.resources.links.judge(address) };
        judged.map_err(|refusal| self.refused.push((address.to_owned(), refusal))).is_err()
    }

    /// Whether something outside of the document is not taken. Only links and pictures are: everything else is
    /// opened without being asked for.
    fn is_refused_outside(&mut self, found: &Relationship) -> bool {
        let kind = found.kind.rsplit('/').next().unwrap_or_default();
        if self.trusted || matches!(kind, "hyperlink" | "image") {
            return self.is_refused(&found.target);
        }
        self.refused.push((found.target.clone(), Refusal::Automatic));
        true
    }

    /// The attribute of a link with the id of its relationship; nothing if the link stays text.
    fn hyperlink(&mut self, id: &str, written: &str, way: &Way<'_>) -> Result<String, Fault> {
        let found = way.relationships.iter().find(|found| found.id == id && found.external);
        if found.is_some_and(|found| self.is_refused_outside(found)) {
            return Ok(String::new());
        }
        let fresh = escaped(&self.relationship(id, way)?);
        let value = written.find(['"', '\'']).map_or(written.len(), |quote| quote + 1);
        let quote = written.slice(written.len().saturating_sub(1)..);
        Ok([written.slice(..value), &fresh, quote].concat())
    }

    // ---- notes

    fn note_number(&mut self, kind: NoteKind, number: &str) -> Result<u32, Fault> {
        let key = (kind, number.to_owned());
        if let Some(&known) = self.notes.get(&key) {
            return Ok(known);
        }
        let found = self.source.notes.get(&kind).is_some_and(|n| n.items.contains_key(number));
        if !found {
            let part = format!("word/{}.xml", kind.relation());
            return Err(Fault::Source(OpcError::DamagedPart { part }));
        }
        let (part, fresh) = self.resources.note(kind).map_err(Fault::Host)?;
        self.notes.insert(key, fresh);
        self.waiting.push((kind, number.to_owned(), part));
        Ok(fresh)
    }

    fn note(&mut self, kind: NoteKind, number: &str, to: &str) -> Result<(), Fault> {
        let source = self.source;
        let Some(notes) = source.notes.get(&kind) else { return Ok(()) };
        let Some(piece) = notes.items.get(number) else { return Ok(()) };
        let way = Way { from: &notes.part, to: to.to_owned(), relationships: &notes.relationships };
        let mut text = self.piece(piece, 0..piece.text.len(), &way, false)?;
        self.settle_codes(&mut text, &notes.part);
        self.resources.grow(to, &text, &notes.root);
        Ok(())
    }

    // ---- parts

    fn relationship(&mut self, id: &str, way: &Way<'_>) -> Result<String, Fault> {
        let found = way.relationships.get(id);
        let Some(found) = found else {
            let part = relationships_name(way.from);
            return Err(Fault::Source(OpcError::DamagedPart { part }));
        };
        if found.external {
            let refused = self.is_refused_outside(found);
            let target = if refused { NOWHERE } else { &found.target };
            return self.relate(&way.to, found, target, true);
        }
        let name = self.part(way.from, found)?;
        self.relate(&way.to, found, &format!("/{name}"), false)
    }

    fn relate(
        &mut self,
        part: &str,
        like: &Relationship,
        target: &str,
        external: bool,
    ) -> Result<String, Fault> {
        self.resources.relate(part, &like.kind, target, external).map_err(Fault::Host)
    }

    /// A part that is referred to, with all that it refers to. A picture is there once, anything else
    /// once for each insertion, as it may be edited.
    fn part(&mut self, from: &str, like: &Relationship) -> Result<String, Fault> {
        let name = self.target(from, like)?;
        if !like.kind.ends_with("/image") {
            return self.copy(&name, &mut BTreeMap::new(), 0);
        }
        if let Some(known) = self.pictures.get(&name) {
            return Ok(known.clone());
        }
        let fresh = self.copy(&name, &mut BTreeMap::new(), 0)?;
        self.pictures.insert(name, fresh.clone());
        Ok(fresh)
    }

    fn target(&self, from: &str, like: &Relationship) -> Result<String, Fault> {
        let name = resolve_target(from, &like.target);
        name.filter(|name| self.source.package.contains(name)).ok_or_else(|| {
            let part = like.target.clone();
            Fault::Source(OpcError::DamagedPart { part })
        })
    }

    fn copy(
        &mut self,
        name: &str,
        known: &mut BTreeMap<String, String>,
        depth: usize,
    ) -> Result<String, Fault> {
        if let Some(fresh) = known.get(name) {
            return Ok(fresh.clone());
        }
        let package = &self.source.package;
        let bytes = package.read(name).map_err(Fault::Source)?.unwrap_or_default();
        self.bytes += bytes.len();
        let fresh = self.resources.add_part(name, package.content_types().of(name), bytes);
        known.insert(name.to_owned(), fresh.clone());
        let own = package.relationships(name).map_err(Fault::Source)?;
        let mut carried = Vec::new();
        for relationship in own.iter() {
            let mut carried_one = relationship.clone();
            if relationship.external {
                if self.is_refused_outside(relationship) {
                    NOWHERE.clone_into(&mut carried_one.target);
                }
            } else {
                if depth == DEEPEST {
                    return Err(Fault::Source(OpcError::DamagedPart { part: name.to_owned() }));
                }
                let target = self.target(name, relationship)?;
                carried_one.target = format!("/{}", self.copy(&target, known, depth + 1)?);
            }
            carried.push(carried_one);
        }
        if !carried.is_empty() {
            let text = Relationships::append(None, &carried);
            self.resources.add_relationships_part(&relationships_name(&fresh), text);
        }
        Ok(fresh)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}
