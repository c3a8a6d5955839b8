//! Owns bringing content of other parts to the places in blocks that refer to it, before the part is compiled: notes,
//! comments, and the targets of relationships. It is taken out of its own part; filling sends it back, for each turn anew.
//! Must not know data, nor what a note or a relationship is for.

use super::content_index::{ContentIndex, ContentPiece};
use crate::compile::part_source::PreparedPart;
use crate::document::part_model::{
    AttachedContent, AttachedKind, PartKind, PartModel, UniqueIdSite,
};
use crate::document::part_parser::parse_part;
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use memchr::memmem;
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Maximum depth of content within content, such as a link in a note.
const MAX_DEPTH: usize = 4;

/// Attaches content to all parts that refer to it in a block. `blocks` returns what the blocks of a part may enclose.
pub(crate) fn attach_contents(
    parts: &mut Vec<PreparedPart>,
    package: &Package,
    blocks: &dyn Fn(&PreparedPart) -> Vec<Range<usize>>,
) -> Result<(), OpcError> {
    let is_host = |part: &PreparedPart| part.kind == PartKind::Word && may_refer(part);
    // Notes are content of the document before they are parts with blocks of their own.
    let is_notes = |part: &PreparedPart| {
        let kind = package.content_types().type_of_part(&part.name).unwrap_or_default();
        kind.ends_with("notes+xml") || kind.ends_with("comments+xml")
    };
    let (notes, others): (Vec<usize>, Vec<usize>) =
        (0..parts.len()).partition(|&at| is_notes(&parts[at]));
    for at in others.into_iter().chain(notes) {
        let enclosed = if is_host(&parts[at]) { blocks(&parts[at]) } else { Vec::new() };
        if !enclosed.is_empty() {
            attach_to_part(parts, at, package, &enclosed)?;
        }
    }
    Ok(())
}

/// Attaches content to the places within these ranges of a part.
fn attach_to_part(
    parts: &mut Vec<PreparedPart>,
    at: usize,
    package: &Package,
    enclosed: &[Range<usize>],
) -> Result<(), OpcError> {
    let mut index = ContentIndex::new(package);
    let host: Arc<str> = parts[at].name.as_str().into();
    let mut merger = ContentMerger::new(&mut index, parts);
    let is_enclosed = |at: usize| enclosed.iter().any(|range| range.contains(&at));
    let text = &parts[at].text;
    merger.count_uses(&host, text)?;
    let context = ReferenceFilter { is_wanted: &is_enclosed, depth: 0 };
    merger.merge(&host, text, 0..text.len(), context)?;
    if merger.attached.is_empty() {
        return Ok(());
    }
    let ContentMerger { out, segments, attached, sites, uses, .. } = merger;
    let mut model = parse_part(&out, &host, PartKind::Word)?;
    locate_paragraphs(&mut model, &host, &segments, parts);
    model.attached = attached;
    model.ids.extend(sites);
    share_comment_paragraphs(&mut model, &out);
    model.ids.sort_by_key(|site| site.range.start);
    (parts[at].text, parts[at].model) = (out, model);
    cut_used_content(parts, &index, &uses)
}

/// Checks whether a part may refer to content of others.
fn may_refer(part: &PreparedPart) -> bool {
    let is_note = |site: &UniqueIdSite| {
        use SharedIdKind::{Comment, Endnote, Footnote};
        matches!(site.kind, IdKind::Shared(Footnote | Endnote | Comment, SiteRole::Reference))
    };
    part.model.ids.iter().any(is_note) || has_reference(&part.text)
}

/// Checks for the identifier of a relationship whose target may belong to one place: not that of a picture, nor that of a
/// header, which almost every document has.
fn has_reference(text: &str) -> bool {
    const MARK: &str = " r:";
    memmem::find_iter(text.as_bytes(), MARK).any(|at| {
        let element = text.slice(..at).rsplit('<').next().unwrap_or_default();
        !text.slice(at + MARK.len()..).starts_with("embed")
            && !element.starts_with("w:headerReference")
            && !element.starts_with("w:footerReference")
    })
}

/// Numbers of the references to a piece of content, and of its attachments.
type ContentUses = BTreeMap<(Arc<str>, usize), (usize, usize)>;

/// A range of the merged text, with its part and its beginning there.
struct Segment {
    start: usize,
    part: Arc<str>,
    origin: usize,
}

struct ContentMerger<'a, 'p> {
    index: &'a mut ContentIndex<'p>,
    parts: &'a [PreparedPart],
    out: String,
    segments: Vec<Segment>,
    attached: Vec<AttachedContent>,
    sites: Vec<UniqueIdSite>,
    uses: ContentUses,
    /// Parts whose references have been counted.
    counted: BTreeSet<Arc<str>>,
}

/// The references to which content is attached.
#[derive(Clone, Copy)]
struct ReferenceFilter<'m> {
    /// Checks whether content is attached to the reference at an offset.
    is_wanted: &'m dyn Fn(usize) -> bool,
    /// Depth of the content that has the references.
    depth: usize,
}

impl<'a, 'p> ContentMerger<'a, 'p> {
    fn new(index: &'a mut ContentIndex<'p>, parts: &'a [PreparedPart]) -> Self {
        ContentMerger {
            index,
            parts,
            out: String::new(),
            segments: Vec::new(),
            attached: Vec::new(),
            sites: Vec::new(),
            uses: BTreeMap::new(),
            counted: BTreeSet::new(),
        }
    }

    /// Counts the references of a whole part.
    fn count_uses(&mut self, part: &Arc<str>, text: &str) -> Result<(), OpcError> {
        if !self.counted.insert(Arc::clone(part)) {
            return Ok(());
        }
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            for (_, piece) in self.references(part, element.name().as_ref(), text, &range)? {
                self.uses.entry((piece.part, piece.range.start)).or_default().0 += 1;
            }
        }
        Ok(())
    }

    /// Appends a span of a part with what belongs to its references.
    fn merge(
        &mut self,
        part: &Arc<str>,
        text: &str,
        span: Range<usize>,
        context: ReferenceFilter<'_>,
    ) -> Result<(), OpcError> {
        let ReferenceFilter { is_wanted, depth } = context;
        let mut from = span.start;
        let mut reader = XmlEventReader::new(text.slice(span.clone()), part);
        while let Some((event, range)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            let range = span.start + range.start..span.start + range.end;
            if depth >= MAX_DEPTH || !is_wanted(range.start) {
                continue;
            }
            let found = self.references(part, element.name().as_ref(), text, &range)?;
            if found.is_empty() {
                continue;
            }
            self.copy(part, text, from..range.end);
            from = range.end;
            let tag_end = self.out.len();
            for (value, piece) in found {
                self.uses.entry((Arc::clone(&piece.part), piece.range.start)).or_default().1 += 1;
                let start = tag_end - (range.end - value.start);
                self.push_site(start..start + value.len(), &piece, SiteRole::Reference);
                self.attach(&piece, depth)?;
            }
        }
        self.copy(part, text, from..span.end);
        Ok(())
    }

    fn copy(&mut self, part: &Arc<str>, text: &str, range: Range<usize>) {
        if range.start < range.end {
            let (start, origin) = (self.out.len(), range.start);
            self.segments.push(Segment { start, part: Arc::clone(part), origin });
            self.out.push_str(text.slice(range));
        }
    }

    /// Returns the references of an element: the ranges of their values, and the content that they mean.
    fn references(
        &mut self,
        part: &str,
        element: &str,
        text: &str,
        tag: &Range<usize>,
    ) -> Result<Vec<(Range<usize>, ContentPiece)>, OpcError> {
        let kind = match element {
            "w:footnoteReference" => Some(SharedIdKind::Footnote),
            "w:endnoteReference" => Some(SharedIdKind::Endnote),
            "w:commentReference" => Some(SharedIdKind::Comment),
            "w:headerReference" | "w:footerReference" => return Ok(Vec::new()),
            _ if !text.slice(tag.clone()).contains(" r:") => return Ok(Vec::new()),
            _ => None,
        };
        let mut found = Vec::new();
        for (key, value) in attribute_ranges(text, tag) {
            let id = text.slice(value.clone());
            let piece = match kind {
                Some(kind) if key == "w:id" => self.index.note(kind, id, self.parts)?,
                None if key.starts_with("r:") => self.index.relationship(part, id, self.parts)?,
                _ => None,
            };
            found.extend(piece.map(|piece| (value, piece)));
        }
        Ok(found)
    }

    /// Appends a piece of content, with what belongs to it in turn.
    fn attach(&mut self, piece: &ContentPiece, depth: usize) -> Result<(), OpcError> {
        let start = self.out.len();
        let at = self.attached.len();
        let part = Arc::clone(&piece.part);
        self.attached.push(AttachedContent { range: start..start, kind: piece.kind, part });
        let text = Arc::clone(&piece.text);
        match piece.kind {
            AttachedKind::Note(_) => {
                self.count_uses(&piece.part, &text)?;
                let context = ReferenceFilter { is_wanted: &|_| true, depth: depth + 1 };
                self.merge(&piece.part, &text, piece.range.clone(), context)?;
            }
            _ => self.copy(&piece.part, &text, piece.range.clone()),
        }
        self.attached[at].range.end = self.out.len();
        let value = piece.id.start - piece.range.start + start;
        self.push_site(value..value + piece.id.len(), piece, SiteRole::Definition);
        Ok(())
    }

    fn push_site(&mut self, range: Range<usize>, piece: &ContentPiece, role: SiteRole) {
        let kind = match piece.kind {
            // The parser finds the references of notes itself.
            AttachedKind::Note(_) if role == SiteRole::Reference => return,
            AttachedKind::Note(kind) => kind,
            _ => SharedIdKind::Relationship,
        };
        self.sites.push(UniqueIdSite { range, kind: IdKind::Shared(kind, role) });
    }
}

/// Has the paragraphs of comments keep identifiers, by which other parts know them.
fn share_comment_paragraphs(model: &mut PartModel, text: &str) {
    let is_comment =
        |content: &&AttachedContent| content.kind == AttachedKind::Note(SharedIdKind::Comment);
    let comments: Vec<Range<usize>> =
        model.attached.iter().filter(is_comment).map(|content| content.range.clone()).collect();
    for site in &mut model.ids {
        let within = comments.iter().any(|range| range.contains(&site.range.start));
        let written = text.slice(site.range.clone());
        if within && site.kind == IdKind::Optional && written.trim_start().starts_with("w14:paraId")
        {
            let value = written.find(['"', '\'']).map_or(0, |at| at + 1);
            site.range = site.range.start + value..site.range.end - 1;
            site.kind = IdKind::Shared(SharedIdKind::CommentParagraph, SiteRole::Definition);
        }
    }
}

/// Gives paragraphs of attached content the place that they have in their own part.
fn locate_paragraphs(
    model: &mut PartModel,
    host: &Arc<str>,
    segments: &[Segment],
    parts: &[PreparedPart],
) {
    for paragraph in &mut model.paragraphs {
        let start = paragraph.range.start;
        let before = segments.partition_point(|segment| segment.start <= start);
        let Some(segment) = before.checked_sub(1).map(|at| &segments[at]) else { continue };
        if segment.part == *host {
            continue;
        }
        let origin = segment.origin + (start - segment.start);
        let own = parts.iter().find(|part| *part.name == *segment.part);
        let own = own.and_then(|part| {
            part.model.paragraphs.iter().find(|found| found.range.start == origin)
        });
        if let Some(own) = own {
            paragraph.location = own.location.clone();
        }
        paragraph.location.part = Some(Arc::clone(&segment.part));
    }
}

/// Takes content out of its part that was attached wherever it is referred to.
fn cut_used_content(
    parts: &mut Vec<PreparedPart>,
    index: &ContentIndex<'_>,
    uses: &ContentUses,
) -> Result<(), OpcError> {
    let mut cuts: BTreeMap<&Arc<str>, BTreeSet<usize>> = BTreeMap::new();
    for ((part, start), (referred, attached)) in uses {
        if referred == attached {
            cuts.entry(part).or_default().insert(*start);
        }
    }
    for (name, starts) in cuts {
        let Some((text, kind)) = index.text_of(name) else { continue };
        let mut rest = String::with_capacity(text.len());
        let mut from = 0;
        for range in starts.iter().filter_map(|start| index.range_at(name, *start)) {
            rest.push_str(text.slice(from..range.start));
            from = range.end;
        }
        rest.push_str(text.slice(from..));
        let model = parse_part(&rest, name, kind)?;
        let own = parts.iter().position(|part| *part.name == **name);
        let at = own.unwrap_or(parts.len());
        let cut = PreparedPart { name: name.to_string(), kind, text: rest, model, is_cut: true };
        if own.is_some() { parts[at] = cut } else { parts.push(cut) }
    }
    Ok(())
}
