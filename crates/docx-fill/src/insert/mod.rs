//! Owns the insertion of other documents: what a tag left a mark for becomes the body of a document, with
//! the styles, lists, pictures and notes that it needs. Tags in it are text; it is data.
//! Must not know the language.

mod fragment;
mod id_map;
mod insertion_point;
mod keep_with_next;
mod lists;
mod source;
mod stylesheet;
mod transplant;

use crate::additions::resources::Resources;
use crate::diag::Problem;
use crate::diag::text;
use crate::document::xml_context::Within;
use crate::eval::document_value::{Asked, misplaced};
use crate::ir::program::TagId;
use crate::opc::OpcError;
use crate::prose::links;
use crate::slice::{TextEdit as _, TextSlice as _};
use id_map::Names;
use insertion_point::Place;
use source::{Refusal, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use stylesheet::Sheet;
use transplant::{Carrier, Room};

/// The documents that a rendering inserts.
#[derive(Default)]
pub(crate) struct Documents {
    opened: BTreeMap<Asked, Opened>,
    /// Tag and path of each mark in the part that is being rendered.
    waiting: Vec<(TagId, Asked)>,
    host: Option<Sheet>,
    /// Names of old drawings that are taken.
    shapes: BTreeSet<String>,
    bytes: usize,
}

/// An inserted document and what its names became.
struct Opened {
    source: Arc<Source>,
    names: Names,
    pictures: BTreeMap<String, String>,
    turns: usize,
}

/// Why an insertion failed.
pub(crate) enum Fault {
    /// The inserted document is damaged.
    Source(OpcError),
    /// The document around it is.
    Host(OpcError),
}

impl Documents {
    /// Whether none was inserted.
    pub(crate) fn is_empty(&self) -> bool {
        self.opened.is_empty()
    }

    /// Leaves a mark for a document.
    pub(crate) fn ask(&mut self, tag: TagId, asked: Asked, out: &mut String) {
        insertion_point::mark(out, self.waiting.len());
        self.waiting.push((tag, asked));
    }
}

/// Puts the documents in the places of their marks in a part that has been rendered.
pub(crate) fn put(
    out: &mut String,
    documents: &mut Documents,
    resources: &mut Resources<'_>,
    max_bytes: usize,
) -> Vec<(TagId, Problem)> {
    if documents.waiting.is_empty() {
        return Vec::new();
    }
    let waiting = std::mem::take(&mut documents.waiting);
    let text = std::mem::take(out);
    let main = resources.in_main_part();
    resources.declares(&text);
    let mut putter = Putter {
        text,
        waiting,
        documents,
        resources,
        main,
        max_bytes,
        out: String::new(),
        problems: Vec::new(),
    };
    putter.run();
    let Putter { out: filled, problems, .. } = putter;
    *out = resources.declare_all(filled);
    problems
}

struct Putter<'r, 'a> {
    text: String,
    waiting: Vec<(TagId, Asked)>,
    documents: &'r mut Documents,
    resources: &'r mut Resources<'a>,
    main: bool,
    max_bytes: usize,
    out: String,
    problems: Vec<(TagId, Problem)>,
}

impl Putter<'_, '_> {
    fn run(&mut self) {
        let mut done = 0;
        let mut within = Within::default();
        while let Some((at, number)) = insertion_point::next_mark(&self.text, done) {
            within.pass(self.text.slice(done..at));
            match insertion_point::place(&self.text, done, at) {
                Some(place) => {
                    self.out.push_str(self.text.slice(done..place.range.start));
                    done = place.range.end;
                    self.put(&place, within);
                }
                None => {
                    let tag = self.waiting.get(number).map_or(TagId::MAX, |(tag, _)| *tag);
                    self.problems.push((tag, misplaced()));
                    self.out.push_str(self.text.slice(done..=at));
                    done = at + 1;
                }
            }
        }
        self.out.push_str(self.text.slice(done..));
    }

    fn put(&mut self, place: &Place, within: Within) {
        self.out.push_str(&place.begins);
        let from = self.out.len();
        for number in &place.numbers {
            let Some((tag, asked)) = self.waiting.get(*number).cloned() else { continue };
            match self.insertion(&asked, within, place.range.end) {
                Ok((text, refused)) => {
                    self.problems.extend(refused.map(|problem| (tag, problem)));
                    if insertion_point::joins(&self.out, &text) {
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
            self.text.slice(place.range.end..),
        ) {
            self.out.push_str("<w:p/>");
        }
        if place.keeps {
            let kept = keep_with_next::with_next(self.out.slice(from..));
            self.out.replace_text(from.., &kept);
        }
        self.out.push_str(&place.ends);
    }

    /// What is inserted, and what is said about its links.
    fn insertion(
        &mut self,
        asked: &Asked,
        within: Within,
        at: usize,
    ) -> Result<(String, Option<Problem>), Problem> {
        self.open(asked)?;
        let path = &asked.path;
        let Some(opened) = self.documents.opened.get(asked) else { return Err(misplaced()) };
        let source = Arc::clone(&opened.source);
        let notes = self.main && !within.boxed();
        if !notes && !source.notes.is_empty() {
            let message = text!("template.document-notes", path = path);
            let problem = Problem::error("document-notes", message);
            return Err(problem.hint(text!("template.hint-document-notes")));
        }
        let pages = self.main && !within.inside();
        let around = if pages && source.has_landscape() { self.section_around(at) } else { None };
        let section = around.clone().map(|range| self.text.slice(range).to_owned());
        let Some(opened) = self.documents.opened.get_mut(asked) else { return Err(misplaced()) };
        let trusted = self.resources.links.rules.trusted.is_some_and(|trusted| trusted == path);
        let mut carrier = Carrier {
            source: &source,
            names: &opened.names,
            resources: self.resources,
            pictures: &mut opened.pictures,
            turn: opened.turns,
            marks: BTreeMap::new(),
            lists: BTreeMap::new(),
            bookmarks: BTreeMap::new(),
            notes: BTreeMap::new(),
            shapes: BTreeMap::new(),
            taken: &mut self.documents.shapes,
            waiting: Vec::new(),
            section: 0,
            bytes: 0,
            trusted,
            refused: Vec::new(),
        };
        let room = Room { pages, section: section.as_deref() };
        let text = carrier.body(room).map_err(|fault| told(path, fault))?;
        let refused = refused_links(path, &carrier.refused);
        self.documents.bytes += carrier.bytes + text.len();
        opened.turns += 1;
        if let (Some(range), Some(section)) = (around, &section) {
            self.text.replace_text(range, &insertion_point::going_on(section));
        }
        if self.documents.bytes > self.max_bytes {
            let message = text!("template.too-large", limit = self.max_bytes >> 20);
            return Err(Problem::error("output-too-large", message));
        }
        Ok((text, refused))
    }

    /// The properties of the section around a place whose pages stand upright.
    fn section_around(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let range = insertion_point::section_of(&self.text, at)?;
        Some(range).filter(|range| !insertion_point::is_landscape(self.text.slice(range.clone())))
    }

    /// Opens a document at its first insertion.
    fn open(&mut self, asked: &Asked) -> Result<(), Problem> {
        if self.documents.opened.contains_key(asked) {
            return Ok(());
        }
        let path = &asked.path;
        let Some(bytes) = self.resources.asset(path) else {
            let message = text!("template.document-missing", path = path);
            let problem = Problem::error("document-missing", message);
            return Err(problem.hint(text!("template.hint-document")));
        };
        let source = Source::open(bytes).map_err(|refusal| refused(path, refusal))?;
        if self.documents.host.is_none() {
            let host = Sheet::read(self.resources.package());
            self.documents.host = Some(host.map_err(|error| told(path, Fault::Host(error)))?);
        }
        let Some(host) = &mut self.documents.host else { return Ok(()) };
        let brought = id_map::bring(&source, asked.own, host, self.resources.numbering());
        let brought = brought.map_err(|error| told(path, Fault::Source(error)))?;
        if !brought.styles.is_empty() {
            let own = (host.part.as_str(), &host.root);
            let grown = self.resources.grow_styles(own, &brought.styles, &source.sheet.root);
            grown.map_err(|error| told(path, Fault::Host(error)))?;
        }
        self.resources.settle_lists().map_err(|error| told(path, Fault::Host(error)))?;
        let source = Arc::new(source);
        let (names, pictures, turns) = (brought.names, BTreeMap::new(), 0);
        self.documents.opened.insert(asked.clone(), Opened { source, names, pictures, turns });
        Ok(())
    }
}

/// What is said about links of an inserted document that stay text.
fn refused_links(path: &str, refused: &[(String, links::Refusal)]) -> Option<Problem> {
    if refused.is_empty() {
        return None;
    }
    let told = links::told(refused.iter().map(|(address, refusal)| (address.as_str(), refusal)));
    let message = text!("link.in-document", path = path, refused = told);
    let problem = Problem::warning("link", message).hint(text!("link.hint-document"));
    Some(problem.hint(text!("link.hint-schemes")))
}

fn refused(path: &str, refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Unusable(error) => told(path, Fault::Source(error)),
        Refusal::Chunk => {
            let why = text!("template.document-chunk");
            let message = text!("template.document-unusable", path = path, why = why);
            Problem::error("document-unusable", message).hint(text!("template.hint-prefix"))
        }
        Refusal::Prefix(part) => {
            let why = text!("template.prefix", part = part);
            let message = text!("template.document-unusable", path = path, why = why);
            Problem::error("document-unusable", message).hint(text!("template.hint-prefix"))
        }
    }
}

fn told(path: &str, fault: Fault) -> Problem {
    match fault {
        Fault::Source(error) => {
            let why = match error {
                OpcError::Macros => text!("template.document-macros"),
                OpcError::Strict => text!("template.document-strict"),
                OpcError::Signed => text!("template.document-signed"),
                _ => error.text(),
            };
            let hint = match error {
                OpcError::Signed => text!("template.hint-document-signed"),
                _ => error.hint(),
            };
            let message = text!("template.document-unusable", path = path, why = why);
            Problem::error("document-unusable", message).hint(hint)
        }
        Fault::Host(error) => Problem::error("docx-unusable", error.text()).hint(error.hint()),
    }
}
