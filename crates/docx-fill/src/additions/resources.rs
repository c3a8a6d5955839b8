//! Owns what a rendering adds to the package: links, pictures, and identities that must be unique.
//! Must not know where in a part they are used.

use super::assets::{Assets, LinkRules};
use crate::additions::svg;
use crate::additions::target_parts::Additions;
use crate::additions::target_parts::NoteKind;
use crate::diag::Problem;
use crate::diag::text;
use crate::document::namespaces::Root;
use crate::document::numbering::Numbering;
use crate::document::part_model::IdKind;
use crate::document::xml_context::Passed;
use crate::eval::addresses::{self, Refused};
use crate::ir::program::TagId;
use crate::limits::FILES_BYTES;
use crate::opc::{OpcError, Package, Relationship};
use crate::prose::links::{self, Refusal};
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};

/// How the ids of new relationships begin.
const ID: &str = "rIdNianbao";
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const NAMESPACE: &str =
    " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// So many bytes of a part are looked at for the declarations of its root element.
const ROOT: usize = 8192;

/// A picture as a part refers to it.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) relationship: String,
    /// Number of this drawing in the document.
    pub(crate) drawing: u32,
    /// The drawing that stands in its place where SVG is understood.
    pub(crate) svg: Option<String>,
    /// Natural size in English Metric Units.
    pub(crate) width: u64,
    pub(crate) height: u64,
}

/// A picture as the package holds it.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) part: String,
    pub(crate) extension: &'static str,
    /// Natural size in English Metric Units; an SVG may have none.
    size: Option<(u64, u64)>,
}

/// The new relationships of a part.
#[derive(Debug, Default)]
pub(crate) struct Related {
    /// The highest number of an id of ours that the part has already.
    taken: usize,
    pub(crate) added: Vec<Relationship>,
    /// Their numbers by target and kind.
    known: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Related {
    /// The id of a relationship, which is added if the part has none like it.
    fn id(&mut self, kind: &str, target: &str, external: bool) -> String {
        let known = self.known.get(target).and_then(|kinds| kinds.get(kind));
        if let Some(known) = known.and_then(|at| self.added.get(*at)) {
            return known.id.clone();
        }
        let at = self.added.len();
        let id = format!("{ID}{}", self.taken + at + 1);
        self.known.entry(target.to_owned()).or_default().insert(kind.to_owned(), at);
        let (kind, target) = (kind.to_owned(), target.to_owned());
        self.added.push(Relationship { id: id.clone(), kind, target, external });
        id
    }
}

/// English Metric Units of a pixel at 96 dpi.
const EMU_PIXEL: u64 = 9525;

/// What becomes of links, and where within the document they may lead.
#[derive(Clone, Copy)]
pub(crate) struct Links<'a> {
    pub(crate) rules: &'a LinkRules,
    /// The bookmarks of the template that are always there.
    pub(crate) bookmarks: &'a BTreeSet<String>,
}

impl Links<'_> {
    /// Whether a link may have an address that data gives.
    pub(crate) fn judge(&self, address: &str) -> Result<(), Refusal> {
        match address.strip_prefix('#') {
            Some(name) if self.bookmarks.contains(name) => Ok(()),
            _ => self.rules.schemes.judge(address),
        }
    }

    /// Judges what data has made of the links of a rendered part.
    pub(crate) fn settle(&self, out: &mut String, part: &str) -> Vec<(TagId, Problem)> {
        let refused = addresses::settle(out, part, &|address| self.judge(address));
        let problem = |one: Refused| {
            let told = links::told([(one.address.as_str(), &one.refusal)]);
            let problem = Problem::warning("link", told).hint(text!("link.hint"));
            (one.tag, problem.hint(text!("link.hint-schemes")))
        };
        refused.into_iter().map(problem).collect()
    }
}

/// Additions of one rendering, over all parts.
pub(crate) struct Resources<'a> {
    package: &'a Package,
    assets: &'a dyn Assets,
    /// Part being rendered.
    part: String,
    declares_namespace: bool,
    /// New relationships by part.
    pub(crate) relationships: BTreeMap<String, Related>,
    /// Pictures by their path in the assets.
    pub(crate) media: BTreeMap<String, Media>,
    /// The number in the name of the last picture, and the bytes of all.
    pictures: usize,
    bytes: u64,
    drawing: u32,
    bookmark: u32,
    /// How often each identity came out, and what a bookmark's start was given.
    used: BTreeMap<(u8, String), u32>,
    bookmarks: BTreeMap<String, String>,
    /// What a list of the template is in the turn that is being rendered.
    lists: BTreeMap<String, String>,
    /// Read when the first list begins anew.
    pub(crate) numbering: Option<Numbering>,
    pub(crate) additions: Additions,
    /// What the part being rendered has to declare for them.
    root: Root,
    /// What becomes of links.
    pub(crate) links: Links<'a>,
    /// How far it was looked through for text boxes.
    passed: Passed,
    /// Bytes of prose that was read for it, and of pieces for other parts.
    beside: usize,
}

impl<'a> Resources<'a> {
    /// `taken` is the highest number of a drawing or bookmark in the template.
    pub(crate) fn new(
        package: &'a Package,
        assets: &'a dyn Assets,
        taken: u32,
        links: Links<'a>,
    ) -> Self {
        Resources {
            package,
            assets,
            part: String::new(),
            declares_namespace: false,
            relationships: BTreeMap::new(),
            media: BTreeMap::new(),
            pictures: 0,
            bytes: 0,
            drawing: taken,
            bookmark: taken,
            used: BTreeMap::new(),
            bookmarks: BTreeMap::new(),
            lists: BTreeMap::new(),
            numbering: None,
            additions: Additions::default(),
            root: Root::default(),
            links,
            passed: Passed::default(),
            beside: 0,
        }
    }

    /// Turns to another part.
    pub(crate) fn begin(&mut self, part: &str, source: &str) {
        part.clone_into(&mut self.part);
        let root = source.head(ROOT);
        self.declares_namespace = root.contains(NAMESPACE.trim_start());
        self.root = Root::default();
        self.passed = Passed::default();
        self.beside = 0;
    }

    /// Bytes that were read or written beside the text of the part.
    pub(crate) fn beside(&self) -> usize {
        self.beside + self.numbering.as_ref().map_or(0, Numbering::size)
    }

    /// Prose of so many bytes is read.
    pub(crate) fn parse(&mut self, bytes: usize) {
        self.beside += bytes;
    }

    /// Whether the text that is written for the part ends in a text box.
    pub(crate) fn in_text_box(&mut self, written: &str) -> bool {
        self.passed.in_text_box(written)
    }

    /// The text that is written for the part is changed from an offset on.
    pub(crate) fn rewritten(&mut self, from: usize) {
        self.passed.back(from);
    }

    /// What an element with `r:id` needs if its part does not declare the prefix.
    pub(crate) fn namespace(&self) -> &'static str {
        if self.declares_namespace { "" } else { NAMESPACE }
    }

    /// What declares the prefix of relationship ids.
    pub(crate) const NAMESPACE: &'static str = NAMESPACE;

    /// The relationship id of a link in another part than the one being rendered.
    pub(crate) fn link_of(&mut self, part: &str, url: &str) -> String {
        self.relate(part, &format!("{KIND}hyperlink"), url, true).unwrap_or_default()
    }

    /// The relationship id of a link.
    pub(crate) fn link(&mut self, url: &str) -> String {
        self.relationship("hyperlink", url, true)
    }

    fn relationship(&mut self, kind: &str, target: &str, external: bool) -> String {
        let part = self.part.clone();
        // A part whose relationships cannot be read has none that could be in the way.
        self.relate(&part, &format!("{KIND}{kind}"), target, external).unwrap_or_default()
    }

    /// A picture of the assets, added to the package at its first use.
    pub(crate) fn picture(&mut self, path: &str) -> Result<Picture, Problem> {
        let media = self.media(path)?;
        let (svg, raster) = if media.extension == "svg" {
            let Some(other) = fallbacks(path).into_iter().find(|other| self.has(other)) else {
                let other = fallbacks(path).swap_remove(0);
                let message = text!("template.picture-fallback", path = path);
                let problem = Problem::error("picture-kind", message);
                return Err(problem.hint(text!("template.hint-fallback", path = other)));
            };
            (Some(self.embed(&media)), self.media(&other)?)
        } else {
            (None, media.clone())
        };
        let relationship = self.embed(&raster);
        self.drawing += 1;
        let (width, height) = media.size.or(raster.size).unwrap_or((1, 1));
        Ok(Picture { relationship, drawing: self.drawing, svg, width, height })
    }

    fn has(&self, path: &str) -> bool {
        self.assets.get(path).is_some()
    }

    fn media(&mut self, path: &str) -> Result<Media, Problem> {
        match self.media.get(path) {
            Some(media) => Ok(media.clone()),
            None => self.add_media(path),
        }
    }

    /// The relationship id of a picture.
    fn embed(&mut self, media: &Media) -> String {
        // Relative where the part lies beside the folder of media, as Word writes it.
        let target = match media.part.strip_prefix("word/") {
            Some(target)
                if self.part.rsplit_once('/').is_some_and(|(folder, _)| folder == "word") =>
            {
                target.to_owned()
            }
            _ => format!("/{}", media.part),
        };
        self.relationship("image", &target, false)
    }

    fn add_media(&mut self, path: &str) -> Result<Media, Problem> {
        let Some(bytes) = self.assets.get(path) else {
            let message = text!("template.picture-missing", path = path);
            let problem = Problem::error("picture-missing", message);
            return Err(problem.hint(text!("template.hint-picture")));
        };
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > FILES_BYTES {
            let message = text!("template.pictures-too-large", limit = FILES_BYTES >> 20);
            return Err(Problem::error("output-too-large", message));
        }
        let wrong = || Problem::error("picture-kind", text!("template.picture-kind", path = path));
        let (extension, size) = match imagesize::image_type(bytes) {
            Ok(imagesize::ImageType::Png) => ("png", Some(pixels(bytes).ok_or_else(wrong)?)),
            Ok(imagesize::ImageType::Jpeg) => ("jpeg", Some(pixels(bytes).ok_or_else(wrong)?)),
            _ => ("svg", svg::size(bytes).ok_or_else(wrong)?),
        };
        let part = loop {
            self.pictures += 1;
            let part = format!("word/media/inserted{}.{extension}", self.pictures);
            if !self.package.contains(&part) {
                break part;
            }
        };
        let media = Media { part, extension, size };
        self.media.insert(path.to_owned(), media.clone());
        Ok(media)
    }

    /// A list begins: at first as the template's own, then as a new one.
    pub(crate) fn restart(&mut self, list: &str) {
        if !self.lists.contains_key(list) {
            self.lists.insert(list.to_owned(), list.to_owned());
            return;
        }
        if self.numbering.is_none() {
            self.numbering = Some(Numbering::read(self.package).unwrap_or_default());
        }
        if let Some(fresh) = self.numbering.as_mut().and_then(|numbering| numbering.again(list)) {
            self.lists.insert(list.to_owned(), fresh);
        }
    }

    /// An identity within a loop: the template's own at first, then new ones.
    pub(crate) fn identity(&mut self, kind: IdKind, value: &str, out: &mut String) {
        let bookmark = matches!(kind, IdKind::BookmarkStart | IdKind::BookmarkEnd);
        if kind == IdKind::BookmarkEnd {
            let key = format!("{}#{value}", self.part);
            out.push_str(self.bookmarks.get(&key).map_or(value, String::as_str));
            return;
        }
        if kind == IdKind::List {
            out.push_str(self.lists.get(value).map_or(value, String::as_str));
            return;
        }
        let key = (kind as u8, format!("{}#{value}", self.part));
        let count = self.used.entry(key.clone()).or_insert(0);
        *count += 1;
        let fresh = match (*count, kind) {
            (1, _) => value.to_owned(),
            (count, IdKind::BookmarkName) => {
                let kept: String = value.chars().take(32).collect();
                format!("{kept}_{count}")
            }
            (_, IdKind::Drawing) => {
                self.drawing += 1;
                self.drawing.to_string()
            }
            _ => {
                self.bookmark += 1;
                self.bookmark.to_string()
            }
        };
        out.push_str(&fresh);
        if bookmark {
            self.bookmarks.insert(key.1, fresh);
        }
    }
}

/// For documents that are inserted.
impl<'a> Resources<'a> {
    /// The relationship of a part to a target, by its full type.
    pub(crate) fn relate(
        &mut self,
        part: &str,
        kind: &str,
        target: &str,
        external: bool,
    ) -> Result<String, OpcError> {
        if !self.relationships.contains_key(part) {
            // No other program makes ids of this form, but this one may have made the template.
            let own = self.package.relationships(part)?;
            let taken = own.iter().filter_map(|own| own.id.strip_prefix(ID)?.parse().ok()).max();
            let related = Related { taken: taken.unwrap_or(0), ..Related::default() };
            self.relationships.insert(part.to_owned(), related);
        }
        let related = self.relationships.get_mut(part);
        Ok(related.map_or_else(String::new, |related| related.id(kind, target, external)))
    }

    pub(crate) fn package(&self) -> &'a Package {
        self.package
    }

    pub(crate) fn asset(&self, path: &str) -> Option<&'a [u8]> {
        self.assets.get(path)
    }

    /// The part being rendered.
    pub(crate) fn part(&self) -> &str {
        &self.part
    }

    /// Whether that is the one with the body.
    pub(crate) fn in_main_part(&self) -> bool {
        self.part == self.package.main_document()
    }

    pub(crate) fn next_drawing(&mut self) -> u32 {
        self.drawing += 1;
        self.drawing
    }

    /// A number for a bookmark, a tracked change or the like.
    pub(crate) fn next_mark(&mut self) -> u32 {
        self.bookmark += 1;
        self.bookmark
    }

    /// A name for a bookmark that no other has.
    pub(crate) fn bookmark_name(&mut self, name: &str) -> Result<String, OpcError> {
        self.additions.bookmark(self.package, name)
    }

    /// The lists of the document.
    pub(crate) fn numbering(&mut self) -> &mut Numbering {
        let package = self.package;
        self.numbering.get_or_insert_with(|| Numbering::read(package).unwrap_or_default())
    }

    /// Sees to it that new lists have a part.
    pub(crate) fn settle_lists(&mut self) -> Result<(), OpcError> {
        let numbering = self.numbering();
        if numbering.part.is_empty() && numbering.changed().is_some() {
            let part = self.additions.lists_part(self.package);
            self.numbering().part.clone_from(&part);
            self.relate_main("numbering", &part)?;
        }
        Ok(())
    }

    /// A new note: the part that it goes to, and its number.
    pub(crate) fn note(&mut self, kind: NoteKind) -> Result<(String, u32), OpcError> {
        let mut fresh = None;
        let package = self.package;
        let mut link = |part: &str| fresh = Some(part.to_owned());
        let note = self.additions.note(package, kind, &mut link)?;
        if let Some(part) = fresh {
            self.relate_main(kind.relation(), &part)?;
        }
        Ok(note)
    }

    fn relate_main(&mut self, kind: &str, part: &str) -> Result<(), OpcError> {
        let main = self.package.main_document();
        self.relate(main, &format!("{KIND}{kind}"), &format!("/{part}"), false).map(|_| ())
    }

    /// Adds a piece to the end of a part.
    pub(crate) fn grow(&mut self, part: &str, piece: &str, root: &Root) {
        self.beside += piece.len();
        self.additions.grown.entry(part.to_owned()).or_default().push(piece, root);
    }

    /// Adds styles; a document without any gets a part for them.
    pub(crate) fn grow_styles(
        &mut self,
        (part, own): (&str, &Root),
        piece: &str,
        root: &Root,
    ) -> Result<(), OpcError> {
        let mut fresh = None;
        let grown = self.additions.styles(part, &mut |part| fresh = Some(part.to_owned()));
        grown.root.add(own);
        grown.push(piece, root);
        fresh.map_or(Ok(()), |part| self.relate_main("styles", &part))
    }

    /// Adds a part like one of another document; its name.
    pub(crate) fn add_part(&mut self, like: &str, kind: Option<&str>, bytes: Vec<u8>) -> String {
        let name = self.additions.fresh_name(self.package, like);
        self.additions.add_part(self.package, &name, kind, bytes);
        name
    }

    pub(crate) fn add_relationships_part(&mut self, name: &str, text: String) {
        self.additions.parts.push((name.to_owned(), text.into_bytes()));
    }

    /// A piece for the part being rendered, with what it needs declared.
    pub(crate) fn declare(&mut self, piece: &str, root: &Root) -> String {
        self.root.admit(piece, root)
    }

    /// The part as it is before pieces come into it.
    pub(crate) fn declares(&mut self, text: &str) {
        self.root = Root::read(text);
    }

    /// The part with all declarations that its pieces need.
    pub(crate) fn declare_all(&mut self, mut text: String) -> String {
        std::mem::take(&mut self.root).declare(&mut text);
        text
    }
}

/// Pictures that may stand for an SVG, best first.
fn fallbacks(path: &str) -> Vec<String> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    vec![format!("{stem}.png"), format!("{path}.png")]
}

fn pixels(bytes: &[u8]) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some((size.width as u64 * EMU_PIXEL, size.height as u64 * EMU_PIXEL))
}
