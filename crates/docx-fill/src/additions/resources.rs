//! Owns what a rendering adds to the package: links, pictures, and identities that must be unique.
//! Must not know where in a part they are used.

use super::assets::{Assets, LinkRules};
use crate::additions::svg;
use crate::additions::target_parts::NoteKind;
use crate::additions::target_parts::PackageAdditions;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::namespaces::RootNamespaces;
use crate::document::numbering::Numbering;
use crate::document::part_model::IdKind;
use crate::document::xml_context::TextBoxTracker;
use crate::eval::addresses::{self, RefusedAddress};
use crate::ir::program::TagId;
use crate::limits::MAX_ASSET_BYTES;
use crate::opc::{OpcError, Package, Relationship};
use crate::prose::links::{self, LinkRefusal};
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};

/// How the ids of new relationships begin.
const RELATIONSHIP_ID_PREFIX: &str = "rIdNianbao";
const RELATIONSHIP_TYPE_BASE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const NAMESPACE: &str =
    " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// So many bytes of a part are looked at for the declarations of its root element.
const ROOT_SEARCH_BYTES: usize = 8192;

/// A picture as a part refers to it.
#[derive(Debug, Clone)]
pub(crate) struct EmbeddedPicture {
    pub(crate) relationship_id: String,
    /// Number of this drawing in the document.
    pub(crate) drawing_id: u32,
    /// The drawing that stands in its place where SVG is understood.
    pub(crate) svg_relationship_id: Option<String>,
    /// Natural size in English Metric Units.
    pub(crate) width: u64,
    pub(crate) height: u64,
}

/// A picture as the package holds it.
#[derive(Debug, Clone)]
pub(crate) struct MediaPart {
    pub(crate) part: String,
    pub(crate) extension: &'static str,
    /// Natural size in English Metric Units; an SVG may have none.
    size: Option<(u64, u64)>,
}

/// The new relationships of a part.
#[derive(Debug, Default)]
pub(crate) struct AddedRelationships {
    /// The highest number of an id of ours that the part has already.
    highest_id: usize,
    pub(crate) added: Vec<Relationship>,
    /// Their numbers by target and kind.
    by_target: BTreeMap<String, BTreeMap<String, usize>>,
}

impl AddedRelationships {
    /// The id of a relationship, which is added if the part has none like it.
    fn get_or_add(&mut self, kind: &str, target: &str, external: bool) -> String {
        let known = self.by_target.get(target).and_then(|kinds| kinds.get(kind));
        if let Some(known) = known.and_then(|at| self.added.get(*at)) {
            return known.id.clone();
        }
        let at = self.added.len();
        let id = format!("{RELATIONSHIP_ID_PREFIX}{}", self.highest_id + at + 1);
        self.by_target.entry(target.to_owned()).or_default().insert(kind.to_owned(), at);
        let (kind, target) = (kind.to_owned(), target.to_owned());
        self.added.push(Relationship { id: id.clone(), rel_type: kind, target, external });
        id
    }
}

/// English Metric Units of a pixel at 96 dpi.
const EMU_PER_PIXEL: u64 = 9525;

/// What becomes of links, and where within the document they may lead.
#[derive(Clone, Copy)]
pub(crate) struct LinkPolicy<'a> {
    pub(crate) rules: &'a LinkRules,
    /// The bookmarks of the template that are always there.
    pub(crate) bookmarks: &'a BTreeSet<String>,
}

impl LinkPolicy<'_> {
    /// Whether a link may have an address that data gives.
    pub(crate) fn check_address(&self, address: &str) -> Result<(), LinkRefusal> {
        match address.strip_prefix('#') {
            Some(name) if self.bookmarks.contains(name) => Ok(()),
            _ => self.rules.schemes.check_address(address),
        }
    }

    /// Judges what data has made of the links of a rendered part.
    pub(crate) fn check_rendered(&self, out: &mut String, part: &str) -> Vec<(TagId, Problem)> {
        let refused =
            addresses::sanitize_addresses(out, part, &|address| self.check_address(address));
        let problem = |one: RefusedAddress| {
            let told = links::refused_links_message([(one.address.as_str(), &one.refusal)]);
            let problem = Problem::warning("link", told).with_hint(msg!("link.hint"));
            (one.tag, problem.with_hint(msg!("link.hint-schemes")))
        };
        refused.into_iter().map(problem).collect()
    }
}

/// Additions of one rendering, over all parts.
pub(crate) struct RenderResources<'a> {
    package: &'a Package,
    assets: &'a dyn Assets,
    /// Part being rendered.
    current_part: String,
    declares_namespace: bool,
    /// New relationships by part.
    pub(crate) relationships: BTreeMap<String, AddedRelationships>,
    /// Pictures by their path in the assets.
    pub(crate) media: BTreeMap<String, MediaPart>,
    /// The number in the name of the last picture, and the bytes of all.
    picture_count: usize,
    picture_bytes: u64,
    last_drawing_id: u32,
    last_mark_id: u32,
    /// How often each identity came out, and what a bookmark's start was given.
    id_uses: BTreeMap<(u8, String), u32>,
    bookmark_ids: BTreeMap<String, String>,
    /// What a list of the template is in the turn that is being rendered.
    current_lists: BTreeMap<String, String>,
    /// Read when the first list begins anew.
    pub(crate) numbering: Option<Numbering>,
    pub(crate) additions: PackageAdditions,
    /// What the part being rendered has to declare for them.
    namespaces: RootNamespaces,
    /// What becomes of links.
    pub(crate) link_policy: LinkPolicy<'a>,
    /// How far it was looked through for text boxes.
    text_box_tracker: TextBoxTracker,
    /// Bytes of prose that was read for it, and of pieces for other parts.
    extra_bytes: usize,
}

impl<'a> RenderResources<'a> {
    /// `taken` is the highest number of a drawing or bookmark in the template.
    pub(crate) fn new(
        package: &'a Package,
        assets: &'a dyn Assets,
        taken: u32,
        link_policy: LinkPolicy<'a>,
    ) -> Self {
        RenderResources {
            package,
            assets,
            current_part: String::new(),
            declares_namespace: false,
            relationships: BTreeMap::new(),
            media: BTreeMap::new(),
            picture_count: 0,
            picture_bytes: 0,
            last_drawing_id: taken,
            last_mark_id: taken,
            id_uses: BTreeMap::new(),
            bookmark_ids: BTreeMap::new(),
            current_lists: BTreeMap::new(),
            numbering: None,
            additions: PackageAdditions::default(),
            namespaces: RootNamespaces::default(),
            link_policy,
            text_box_tracker: TextBoxTracker::default(),
            extra_bytes: 0,
        }
    }

    /// Turns to another part.
    pub(crate) fn begin_part(&mut self, part: &str, source: &str) {
        part.clone_into(&mut self.current_part);
        let root = source.floor_prefix(ROOT_SEARCH_BYTES);
        self.declares_namespace = root.contains(NAMESPACE.trim_start());
        self.namespaces = RootNamespaces::default();
        self.text_box_tracker = TextBoxTracker::default();
        self.extra_bytes = 0;
    }

    /// Bytes that were read or written beside the text of the part.
    pub(crate) fn extra_bytes(&self) -> usize {
        self.extra_bytes + self.numbering.as_ref().map_or(0, Numbering::added_bytes)
    }

    /// Prose of so many bytes is read.
    pub(crate) fn count_prose_bytes(&mut self, bytes: usize) {
        self.extra_bytes += bytes;
    }

    /// Whether the text that is written for the part ends in a text box.
    pub(crate) fn is_in_text_box(&mut self, written: &str) -> bool {
        self.text_box_tracker.is_in_text_box(written)
    }

    /// The text that is written for the part is changed from an offset on.
    pub(crate) fn rewind_to(&mut self, from: usize) {
        self.text_box_tracker.rewind_to(from);
    }

    /// What an element with `r:id` needs if its part does not declare the prefix.
    pub(crate) fn namespace_declaration(&self) -> &'static str {
        if self.declares_namespace { "" } else { NAMESPACE }
    }

    /// What declares the prefix of relationship ids.
    pub(crate) const NAMESPACE: &'static str = NAMESPACE;

    /// The relationship id of a link in another part than the one being rendered.
    pub(crate) fn add_link_to_part(&mut self, part: &str, url: &str) -> String {
        self.ensure_relationship(part, &format!("{RELATIONSHIP_TYPE_BASE}hyperlink"), url, true)
            .unwrap_or_default()
    }

    /// The relationship id of a link.
    pub(crate) fn add_link(&mut self, url: &str) -> String {
        self.add_relationship("hyperlink", url, true)
    }

    fn add_relationship(&mut self, kind: &str, target: &str, external: bool) -> String {
        let part = self.current_part.clone();
        // A part whose relationships cannot be read has none that could be in the way.
        self.ensure_relationship(
            &part,
            &format!("{RELATIONSHIP_TYPE_BASE}{kind}"),
            target,
            external,
        )
        .unwrap_or_default()
    }

    /// A picture of the assets, added to the package at its first use.
    pub(crate) fn add_picture(&mut self, path: &str) -> Result<EmbeddedPicture, Problem> {
        let media = self.get_or_add_media(path)?;
        let (svg, raster) = if media.extension == "svg" {
            let Some(other) =
                svg_fallback_paths(path).into_iter().find(|other| self.has_asset(other))
            else {
                let other = svg_fallback_paths(path).swap_remove(0);
                let message = msg!("template.picture-fallback", path = path);
                let problem = Problem::error("picture-kind", message);
                return Err(problem.with_hint(msg!("template.hint-fallback", path = other)));
            };
            (Some(self.embed_media(&media)), self.get_or_add_media(&other)?)
        } else {
            (None, media.clone())
        };
        let relationship = self.embed_media(&raster);
        self.last_drawing_id += 1;
        let (width, height) = media.size.or(raster.size).unwrap_or((1, 1));
        Ok(EmbeddedPicture {
            relationship_id: relationship,
            drawing_id: self.last_drawing_id,
            svg_relationship_id: svg,
            width,
            height,
        })
    }

    fn has_asset(&self, path: &str) -> bool {
        self.assets.get(path).is_some()
    }

    fn get_or_add_media(&mut self, path: &str) -> Result<MediaPart, Problem> {
        match self.media.get(path) {
            Some(media) => Ok(media.clone()),
            None => self.add_media(path),
        }
    }

    /// The relationship id of a picture.
    fn embed_media(&mut self, media: &MediaPart) -> String {
        // Relative where the part lies beside the folder of media, as Word writes it.
        let target = match media.part.strip_prefix("word/") {
            Some(target)
                if self
                    .current_part
                    .rsplit_once('/')
                    .is_some_and(|(folder, _)| folder == "word") =>
            {
                target.to_owned()
            }
            _ => format!("/{}", media.part),
        };
        self.add_relationship("image", &target, false)
    }

    fn add_media(&mut self, path: &str) -> Result<MediaPart, Problem> {
        let Some(bytes) = self.assets.get(path) else {
            let message = msg!("template.picture-missing", path = path);
            let problem = Problem::error("picture-missing", message);
            return Err(problem.with_hint(msg!("template.hint-picture")));
        };
        self.picture_bytes = self.picture_bytes.saturating_add(bytes.len() as u64);
        if self.picture_bytes > MAX_ASSET_BYTES {
            let message = msg!("template.pictures-too-large", limit = MAX_ASSET_BYTES >> 20);
            return Err(Problem::error("output-too-large", message));
        }
        let wrong = || Problem::error("picture-kind", msg!("template.picture-kind", path = path));
        let (extension, size) = match imagesize::image_type(bytes) {
            Ok(imagesize::ImageType::Png) => ("png", Some(raster_size(bytes).ok_or_else(wrong)?)),
            Ok(imagesize::ImageType::Jpeg) => ("jpeg", Some(raster_size(bytes).ok_or_else(wrong)?)),
            _ => ("svg", svg::svg_size(bytes).ok_or_else(wrong)?),
        };
        let part = loop {
            self.picture_count += 1;
            let part = format!("word/media/inserted{}.{extension}", self.picture_count);
            if !self.package.contains_part(&part) {
                break part;
            }
        };
        let media = MediaPart { part, extension, size };
        self.media.insert(path.to_owned(), media.clone());
        Ok(media)
    }

    /// A list begins: at first as the template's own, then as a new one.
    pub(crate) fn restart_list(&mut self, list: &str) {
        if !self.current_lists.contains_key(list) {
            self.current_lists.insert(list.to_owned(), list.to_owned());
            return;
        }
        if self.numbering.is_none() {
            self.numbering = Some(Numbering::from_package(self.package).unwrap_or_default());
        }
        if let Some(fresh) =
            self.numbering.as_mut().and_then(|numbering| numbering.restart_list(list))
        {
            self.current_lists.insert(list.to_owned(), fresh);
        }
    }

    /// An identity within a loop: the template's own at first, then new ones.
    pub(crate) fn write_unique_id(&mut self, kind: IdKind, value: &str, out: &mut String) {
        let bookmark = matches!(kind, IdKind::BookmarkStart | IdKind::BookmarkEnd);
        if kind == IdKind::BookmarkEnd {
            let key = format!("{}#{value}", self.current_part);
            out.push_str(self.bookmark_ids.get(&key).map_or(value, String::as_str));
            return;
        }
        if kind == IdKind::List {
            out.push_str(self.current_lists.get(value).map_or(value, String::as_str));
            return;
        }
        let key = (kind as u8, format!("{}#{value}", self.current_part));
        let count = self.id_uses.entry(key.clone()).or_insert(0);
        *count += 1;
        let fresh = match (*count, kind) {
            (1, _) => value.to_owned(),
            (count, IdKind::BookmarkName) => {
                let kept: String = value.chars().take(32).collect();
                format!("{kept}_{count}")
            }
            (_, IdKind::Drawing) => {
                self.last_drawing_id += 1;
                self.last_drawing_id.to_string()
            }
            _ => {
                self.last_mark_id += 1;
                self.last_mark_id.to_string()
            }
        };
        out.push_str(&fresh);
        if bookmark {
            self.bookmark_ids.insert(key.1, fresh);
        }
    }
}

/// For documents that are inserted.
impl<'a> RenderResources<'a> {
    /// The relationship of a part to a target, by its full type.
    pub(crate) fn ensure_relationship(
        &mut self,
        part: &str,
        kind: &str,
        target: &str,
        external: bool,
    ) -> Result<String, OpcError> {
        if !self.relationships.contains_key(part) {
            // No other program makes ids of this form, but this one may have made the template.
            let own = self.package.relationships(part)?;
            let taken = own
                .iter()
                .filter_map(|own| own.id.strip_prefix(RELATIONSHIP_ID_PREFIX)?.parse().ok())
                .max();
            let related = AddedRelationships {
                highest_id: taken.unwrap_or(0),
                ..AddedRelationships::default()
            };
            self.relationships.insert(part.to_owned(), related);
        }
        let related = self.relationships.get_mut(part);
        Ok(related.map_or_else(String::new, |related| related.get_or_add(kind, target, external)))
    }

    pub(crate) fn package(&self) -> &'a Package {
        self.package
    }

    pub(crate) fn asset_bytes(&self, path: &str) -> Option<&'a [u8]> {
        self.assets.get(path)
    }

    /// The part being rendered.
    pub(crate) fn current_part(&self) -> &str {
        &self.current_part
    }

    /// Whether that is the one with the body.
    pub(crate) fn is_main_part(&self) -> bool {
        self.current_part == self.package.main_document_name()
    }

    pub(crate) fn next_drawing_id(&mut self) -> u32 {
        self.last_drawing_id += 1;
        self.last_drawing_id
    }

    /// A number for a bookmark, a tracked change or the like.
    pub(crate) fn next_mark_id(&mut self) -> u32 {
        self.last_mark_id += 1;
        self.last_mark_id
    }

    /// A name for a bookmark that no other has.
    pub(crate) fn unique_bookmark_name(&mut self, name: &str) -> Result<String, OpcError> {
        self.additions.unique_bookmark_name(self.package, name)
    }

    /// The lists of the document.
    pub(crate) fn numbering(&mut self) -> &mut Numbering {
        let package = self.package;
        self.numbering.get_or_insert_with(|| Numbering::from_package(package).unwrap_or_default())
    }

    /// Sees to it that new lists have a part.
    pub(crate) fn ensure_numbering_part(&mut self) -> Result<(), OpcError> {
        let numbering = self.numbering();
        if numbering.part.is_empty() && numbering.changed_xml().is_some() {
            let part = self.additions.add_numbering_part(self.package);
            self.numbering().part.clone_from(&part);
            self.relate_to_main_part("numbering", &part)?;
        }
        Ok(())
    }

    /// A new note: the part that it goes to, and its number.
    pub(crate) fn add_note(&mut self, kind: NoteKind) -> Result<(String, u32), OpcError> {
        let mut fresh = None;
        let package = self.package;
        let mut link = |part: &str| fresh = Some(part.to_owned());
        let note = self.additions.next_note(package, kind, &mut link)?;
        if let Some(part) = fresh {
            self.relate_to_main_part(kind.relationship_name(), &part)?;
        }
        Ok(note)
    }

    fn relate_to_main_part(&mut self, kind: &str, part: &str) -> Result<(), OpcError> {
        let main = self.package.main_document_name();
        self.ensure_relationship(
            main,
            &format!("{RELATIONSHIP_TYPE_BASE}{kind}"),
            &format!("/{part}"),
            false,
        )
        .map(|_| ())
    }

    /// Adds a piece to the end of a part.
    pub(crate) fn append_to_part(&mut self, part: &str, piece: &str, root: &RootNamespaces) {
        self.extra_bytes += piece.len();
        self.additions.grown_parts.entry(part.to_owned()).or_default().append_piece(piece, root);
    }

    /// Adds styles; a document without any gets a part for them.
    pub(crate) fn append_styles(
        &mut self,
        (part, own): (&str, &RootNamespaces),
        piece: &str,
        root: &RootNamespaces,
    ) -> Result<(), OpcError> {
        let mut fresh = None;
        let grown = self.additions.styles_part(part, &mut |part| fresh = Some(part.to_owned()));
        grown.namespaces.try_merge(own);
        grown.append_piece(piece, root);
        fresh.map_or(Ok(()), |part| self.relate_to_main_part("styles", &part))
    }

    /// Adds a part like one of another document; its name.
    pub(crate) fn add_part(&mut self, like: &str, kind: Option<&str>, bytes: Vec<u8>) -> String {
        let name = self.additions.unused_part_name(self.package, like);
        self.additions.add_part(self.package, &name, kind, bytes);
        name
    }

    pub(crate) fn add_relationships_part(&mut self, name: &str, text: String) {
        self.additions.parts.push((name.to_owned(), text.into_bytes()));
    }

    /// A piece for the part being rendered, with what it needs declared.
    pub(crate) fn declare_namespaces(&mut self, piece: &str, root: &RootNamespaces) -> String {
        self.namespaces.import_piece(piece, root)
    }

    /// The part as it is before pieces come into it.
    pub(crate) fn read_root_namespaces(&mut self, text: &str) {
        self.namespaces = RootNamespaces::parse(text);
    }

    /// The part with all declarations that its pieces need.
    pub(crate) fn write_root_namespaces(&mut self, mut text: String) -> String {
        std::mem::take(&mut self.namespaces).declare_on_root(&mut text);
        text
    }
}

/// Pictures that may stand for an SVG, best first.
fn svg_fallback_paths(path: &str) -> Vec<String> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    vec![format!("{stem}.png"), format!("{path}.png")]
}

fn raster_size(bytes: &[u8]) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some((size.width as u64 * EMU_PER_PIXEL, size.height as u64 * EMU_PER_PIXEL))
}
