//! Owns inserting other documents: the paragraph around a requested position is replaced by the body of a document, with the styles, lists,
//! pictures and notes that it needs. Its text is data; tags in it are not rendered.
//! Must not know the tag language.

mod fragment;
mod id_map;
mod insertion_point;
mod keep_with_next;
mod source;
mod target_styles;
mod transplant;

use crate::additions::resources::{RenderResources, StylesPartRef};
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::namespaces::RootNamespaces;
use crate::eval::document_value::{InsertRequest, misplaced_document};
use crate::ir::program::TagId;
use crate::opc::OpcError;
use crate::prose::links;
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::word::section_xml;
use id_map::IdMap;
use insertion_point::{EnclosedParagraph, InsertionPoint, PositionContexts};
use source::{OpenError, SourceDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use target_styles::TargetStyles;
use transplant::{TargetPlace, Transplanter};

/// The documents that a rendering inserts.
#[derive(Default)]
pub(crate) struct InsertedDocuments {
    opened: BTreeMap<InsertRequest, InsertedDocument>,
    /// The requests in the current part, in the order of their positions.
    pending: Vec<PendingInsertion>,
    host_styles: Option<TargetStyles>,
    /// Names of VML shapes that are in use.
    taken_shapes: BTreeSet<String>,
    bytes: usize,
}

impl InsertedDocuments {
    /// Sets the requests of the current part aside while another one is rendered.
    pub(crate) fn suspend(&mut self) -> SuspendedInsertions {
        SuspendedInsertions(std::mem::take(&mut self.pending))
    }

    /// Goes on with the requests of a part.
    pub(crate) fn resume(&mut self, waiting: SuspendedInsertions) {
        self.pending = waiting.0;
    }
}

/// The requests of a part that have been set aside.
pub(crate) struct SuspendedInsertions(Vec<PendingInsertion>);

/// A document that is to take the place of the paragraph around a position.
#[derive(Debug, Clone)]
struct PendingInsertion {
    tag: TagId,
    request: InsertRequest,
    /// Position in the output.
    at: usize,
}

/// An opened document and the identifiers of its contents in the target.
struct InsertedDocument {
    source: Arc<SourceDocument>,
    id_map: IdMap,
    pictures: BTreeMap<String, String>,
    insertions: usize,
}

/// The reason why an insertion failed.
pub(crate) enum InsertError {
    /// The inserted document is damaged.
    Source(OpcError),
    /// The target document is damaged.
    Host(OpcError),
}

impl InsertedDocuments {
    /// Checks whether no document has been opened.
    pub(crate) fn is_empty(&self) -> bool {
        self.opened.is_empty()
    }

    /// Requests a document in place of the paragraph around a position of the output.
    pub(crate) fn request_insertion(&mut self, tag: TagId, request: InsertRequest, at: usize) {
        self.pending.push(PendingInsertion { tag, request, at });
    }

    /// Moves the requests when the output is changed behind the renderer; those of text that is gone are dropped.
    pub(crate) fn move_requests(&mut self, new_position: &dyn Fn(usize) -> Option<usize>) {
        self.pending.retain_mut(|one| match new_position(one.at) {
            Some(at) => {
                one.at = at;
                true
            }
            None => false,
        });
    }
}

/// Inserts the requested documents into a rendered part.
pub(crate) fn insert_documents(
    out: &mut String,
    documents: &mut InsertedDocuments,
    resources: &mut RenderResources<'_>,
    max_bytes: usize,
) -> Vec<(TagId, Problem)> {
    if documents.pending.is_empty() {
        return Vec::new();
    }
    let waiting = std::mem::take(&mut documents.pending);
    let text = std::mem::take(out);
    let main = resources.is_main_part();
    resources.read_root_namespaces(&text);
    let positions: Vec<usize> = waiting.iter().map(|one| one.at).collect();
    let mut inserter = DocumentInserter {
        index: PositionContexts::read(&text, &positions),
        text,
        pending: waiting,
        documents,
        resources,
        in_main_part: main,
        max_bytes,
        out: String::new(),
        copied: 0,
        continued: BTreeMap::new(),
        problems: Vec::new(),
    };
    inserter.insert_all();
    let DocumentInserter { out: filled, problems, .. } = inserter;
    *out = resources.write_root_namespaces(filled);
    problems
}

struct DocumentInserter<'r, 'a> {
    text: String,
    index: PositionContexts,
    pending: Vec<PendingInsertion>,
    documents: &'r mut InsertedDocuments,
    resources: &'r mut RenderResources<'a>,
    in_main_part: bool,
    max_bytes: usize,
    out: String,
    /// Up to this byte, the text is in the output.
    copied: usize,
    /// Properties of sections that continue an inserted one, by their first byte: their end and what they become.
    continued: BTreeMap<usize, (usize, String)>,
    problems: Vec<(TagId, Problem)>,
}

impl DocumentInserter<'_, '_> {
    fn insert_all(&mut self) {
        let mut next = 0;
        while let Some(&PendingInsertion { tag, at, .. }) = self.pending.get(next) {
            let paragraph = self.index.paragraphs.get(next).and_then(Option::as_ref);
            let place =
                paragraph.and_then(|found| insertion_point::insertion_point(&self.text, found));
            match place.filter(|place| place.paragraph.range.start >= self.copied) {
                Some(mut place) => {
                    let range = place.paragraph.range.clone();
                    self.copy_text_to(range.start);
                    self.copied = range.end;
                    self.continue_own_section(&mut place);
                    let last = self.pending.partition_point(|one| one.at < range.end);
                    self.insert_at(place, next..last);
                    next = last;
                }
                None => {
                    self.problems.push((tag, misplaced_document()));
                    self.copy_text_to(at);
                    next += 1;
                }
            }
        }
        self.copy_text_to(self.text.len());
    }

    /// Copies the text up to a byte, with the sections that have changed.
    fn copy_text_to(&mut self, end: usize) {
        while let Some(section) = self.continued.first_entry().filter(|next| *next.key() < end) {
            let (start, (section_end, properties)) = section.remove_entry();
            self.out.push_str(self.text.slice(self.copied..start));
            self.out.push_str(&properties);
            self.copied = section_end;
        }
        self.out.push_str(self.text.slice(self.copied..end));
        self.copied = end;
    }

    /// Inserts the documents that are requested in a paragraph.
    fn insert_at(&mut self, mut place: InsertionPoint, requests: Range<usize>) {
        self.out.push_str(&place.range_starts);
        let from = self.out.len();
        for number in requests {
            let Some(PendingInsertion { tag, request, .. }) = self.pending.get(number).cloned()
            else {
                continue;
            };
            match self.render_insertion(&request, &mut place) {
                Ok((text, refused)) => {
                    self.problems.extend(refused.map(|problem| (tag, problem)));
                    if insertion_point::would_join_tables(&self.out, &text) {
                        self.out.push_str("<w:p/>");
                    }
                    self.out.push_str(&text);
                }
                Err(problem) => self.problems.push((tag, problem)),
            }
        }
        if let Some(properties) = &place.section_end {
            for piece in ["<w:p>", properties, "</w:p>"] {
                self.out.push_str(piece);
            }
        } else if insertion_point::needs_paragraph(
            self.out.slice(from..),
            self.text.slice(place.paragraph.range.end..),
        ) {
            self.out.push_str("<w:p/>");
        }
        if place.keeps_with_next {
            let kept = keep_with_next::keep_end_with_next(self.out.slice(from..));
            self.out.replace_text(from.., &kept);
        }
        self.out.push_str(&place.range_ends);
    }

    /// Returns the inserted XML, and a problem if links in it were refused.
    fn render_insertion(
        &mut self,
        asked: &InsertRequest,
        place: &mut InsertionPoint,
    ) -> Result<(String, Option<Problem>), Problem> {
        self.open_document(asked)?;
        let path = &asked.path;
        let Some(opened) = self.documents.opened.get(asked) else {
            return Err(misplaced_document());
        };
        let source = Arc::clone(&opened.source);
        let EnclosedParagraph { is_in_text_box, is_nested, .. } = place.paragraph;
        let notes = self.in_main_part && !is_in_text_box;
        if !notes && !source.notes.is_empty() {
            let message = msg!("template.document-notes", path = path);
            let problem = Problem::error("document-notes", message);
            return Err(problem.with_hint(msg!("template.hint-document-notes")));
        }
        let pages = self.in_main_part && !is_nested;
        let turns = pages && source.has_landscape();
        let section = if turns { self.portrait_section_around(place) } else { None };
        let Some(opened) = self.documents.opened.get_mut(asked) else {
            return Err(misplaced_document());
        };
        let trusted = self
            .resources
            .link_policy
            .rules
            .trusted_document
            .is_some_and(|trusted| trusted == path);
        let mut carrier = Transplanter {
            source: &source,
            id_map: &opened.id_map,
            resources: self.resources,
            picture_parts: &mut opened.pictures,
            earlier_insertions: opened.insertions,
            mark_ids: BTreeMap::new(),
            list_ids: BTreeMap::new(),
            bookmark_names: BTreeMap::new(),
            note_ids: BTreeMap::new(),
            shape_names: BTreeMap::new(),
            taken_shapes: &mut self.documents.taken_shapes,
            pending_notes: Vec::new(),
            section_index: 0,
            added_bytes: 0,
            trusted,
            refused_links: Vec::new(),
        };
        let room = TargetPlace { allows_page_breaks: pages, outer_section: section.as_deref() };
        let text = carrier.transplant_body(room).map_err(|fault| insert_problem(path, fault))?;
        let refused = refused_links(path, &carrier.refused_links);
        self.documents.bytes += carrier.added_bytes + text.len();
        opened.insertions += 1;
        if let Some(section) = &section {
            self.continue_section(place, section);
        }
        if self.documents.bytes > self.max_bytes {
            let message = msg!("template.too-large", limit = self.max_bytes >> 20);
            return Err(Problem::error("output-too-large", message));
        }
        Ok((text, refused))
    }

    /// Gives a place that ends a section the properties that an insertion before it has changed.
    fn continue_own_section(&mut self, place: &mut InsertionPoint) {
        let range = place.paragraph.range.clone();
        while let Some(section) =
            self.continued.first_entry().filter(|next| *next.key() < range.end)
        {
            let (start, (end, continued)) = section.remove_entry();
            if let Some(properties) = &mut place.section_end {
                *properties = properties.replacen(self.text.slice(start..end), &continued, 1);
            }
        }
    }

    /// Makes the section around a place the continuation of an inserted one.
    fn continue_section(&mut self, place: &mut InsertionPoint, section: &str) {
        let continued = section_xml::continued_section(section);
        if let Some(properties) = &mut place.section_end {
            *properties = properties.replacen(section, &continued, 1);
        } else if let Some(range) = self.index.section_after(place.paragraph.range.end) {
            self.continued.insert(range.start, (range.end, continued));
        }
    }

    /// Returns the properties of the section around a place, if its pages are in portrait orientation.
    fn portrait_section_around(&self, place: &InsertionPoint) -> Option<String> {
        let section = match place.own_section() {
            Some(own) => own,
            None => {
                let range = self.index.section_after(place.paragraph.range.end)?.clone();
                let changed = self.continued.get(&range.start).map(|(_, changed)| changed.clone());
                changed.unwrap_or_else(|| self.text.slice(range).to_owned())
            }
        };
        Some(section).filter(|section| !section_xml::is_wide(section))
    }

    /// Opens a document at its first insertion and imports its styles.
    fn open_document(&mut self, asked: &InsertRequest) -> Result<(), Problem> {
        if self.documents.opened.contains_key(asked) {
            return Ok(());
        }
        let path = &asked.path;
        let Some(bytes) = self.resources.asset_bytes(path) else {
            let message = msg!("template.document-missing", path = path);
            let problem = Problem::error("document-missing", message);
            return Err(problem.with_hint(msg!("template.hint-document")));
        };
        let source = SourceDocument::open(bytes, self.resources.package().limits())
            .map_err(|refusal| open_problem(path, refusal))?;
        if self.documents.host_styles.is_none() {
            let host = TargetStyles::read(self.resources.package());
            self.documents.host_styles =
                Some(host.map_err(|error| insert_problem(path, InsertError::Host(error)))?);
        }
        let Some(host) = &mut self.documents.host_styles else { return Ok(()) };
        let brought = id_map::import_styles(
            &source,
            asked.keep_source_styles,
            host,
            self.resources.numbering(),
        );
        let brought = brought.map_err(|error| insert_problem(path, InsertError::Source(error)))?;
        if !brought.styles.is_empty() {
            let own = StylesPartRef { name: host.sheet.part(), namespaces: &host.namespaces };
            let root = RootNamespaces::parse(source.styles.text());
            let grown = self.resources.append_styles(own, &brought.styles, &root);
            grown.map_err(|error| insert_problem(path, InsertError::Host(error)))?;
        }
        self.resources
            .ensure_numbering_part()
            .map_err(|error| insert_problem(path, InsertError::Host(error)))?;
        let source = Arc::new(source);
        let (names, pictures, turns) = (brought.id_map, BTreeMap::new(), 0);
        self.documents.opened.insert(
            asked.clone(),
            InsertedDocument { source, id_map: names, pictures, insertions: turns },
        );
        Ok(())
    }
}

/// Returns the problem of refused links in an inserted document.
fn refused_links(path: &str, refused: &[(String, links::LinkRefusal)]) -> Option<Problem> {
    if refused.is_empty() {
        return None;
    }
    let told = links::refused_links_message(
        refused.iter().map(|(address, refusal)| (address.as_str(), refusal)),
    );
    let message = msg!("link.in-document", path = path, refused = told);
    let problem = Problem::warning("link", message).with_hint(msg!("link.hint-document"));
    Some(problem.with_hint(msg!("link.hint-schemes")))
}

fn open_problem(path: &str, refusal: OpenError) -> Problem {
    match refusal {
        OpenError::Unusable(error) => insert_problem(path, InsertError::Source(error)),
        OpenError::AltChunk => {
            let why = msg!("template.document-chunk");
            let message = msg!("template.document-unusable", path = path, why = why);
            Problem::error("document-unusable", message).with_hint(msg!("template.hint-prefix"))
        }
    }
}

fn insert_problem(path: &str, fault: InsertError) -> Problem {
    match fault {
        InsertError::Source(error) => {
            let why = match error {
                OpcError::MacroEnabled => msg!("template.document-macros"),
                OpcError::Signed => msg!("template.document-signed"),
                _ => error.message(),
            };
            let hint = match error {
                OpcError::Signed => msg!("template.hint-document-signed"),
                _ => error.hint(),
            };
            let message = msg!("template.document-unusable", path = path, why = why);
            Problem::error("document-unusable", message).with_hint(hint)
        }
        InsertError::Host(error) => {
            Problem::error("docx-unusable", error.message()).with_hint(error.hint())
        }
    }
}
