//! Owns the additions of a rendering: links, pictures, and identifiers that must be unique.
//! Must not know where they are used in a part.

use super::added_lists::AddedLists;
use super::added_relationships::AddedRelationships;
use super::assets::Assets;
use super::comment_entries::CommentCopies;
use super::link_checker::LinkChecker;
use super::shared_ids::SharedIdTurns;
use crate::additions::target_parts::PackageAdditions;
use crate::additions::written_sections::WrittenSections;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::namespaces::RootNamespaces;
use crate::document::shared_ids::IdKind;
use crate::limits::MAX_ASSET_BYTES;
use crate::media::{self, PictureKind, shown_path};
use crate::opc::{OpcError, Package, Relationship};
use crate::slice::TextSlice as _;
use crate::word::notes::NoteKind;
use crate::word::text_boxes::TextBoxTracker;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

const RELATIONSHIP_TYPE_BASE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const NAMESPACE: &str =
    " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// Maximum bytes of a part that are searched for the namespace declarations of its root element.
const ROOT_SEARCH_BYTES: usize = 8192;

/// A picture as a part refers to it.
#[derive(Debug, Clone)]
pub(crate) struct EmbeddedPicture {
    pub(crate) relationship_id: String,
    /// Identifier of this drawing in the document.
    pub(crate) drawing_id: u32,
    /// Relationship of the SVG drawing, shown by programs that support SVG.
    pub(crate) svg_relationship_id: Option<String>,
    /// Natural width in EMU; the next field has the height.
    pub(crate) width: u64,
    pub(crate) height: u64,
}

/// A picture as a part of the package.
#[derive(Debug, Clone)]
pub(crate) struct MediaPart {
    pub(crate) part: String,
    pub(crate) kind: PictureKind,
    /// Its bytes, if they are not those of the asset.
    pub(crate) own_bytes: Option<Arc<[u8]>>,
    /// Natural size in EMU; an SVG may have none.
    size: Option<(u64, u64)>,
}

/// The styles part of a document.
#[derive(Clone, Copy)]
pub(crate) struct StylesPartRef<'a> {
    /// Empty if the document has none.
    pub(crate) name: &'a str,
    pub(crate) namespaces: &'a RootNamespaces,
}

/// State of a part while another one is rendered within it.
pub(crate) struct OuterPart {
    name: String,
    declares_namespace: bool,
    namespaces: RootNamespaces,
    text_box_tracker: TextBoxTracker,
    turns: SharedIdTurns,
    outer_parts: Vec<(String, bool)>,
    extra_bytes: usize,
}

/// The additions of one rendering, across all parts.
pub(crate) struct RenderResources<'a> {
    package: &'a Package,
    assets: &'a dyn Assets,
    /// The part that is being rendered.
    current_part: String,
    declares_namespace: bool,
    /// New relationships by part.
    pub(crate) relationships: BTreeMap<String, AddedRelationships>,
    /// Pictures by their path in the assets.
    pub(crate) media: BTreeMap<String, MediaPart>,
    /// Number of pictures; the next field has their total bytes.
    picture_count: usize,
    picture_bytes: u64,
    last_drawing_id: u32,
    last_mark_id: u32,
    /// Identifiers of the template that loops have written, those of drawings and others.
    pub(super) used_ids: BTreeSet<(bool, String)>,
    /// The identifiers of the current turns in the current part.
    pub(super) turns: SharedIdTurns,
    /// Bookmarks of the template, whose names are taken; the next field counts the new ones by name.
    pub(super) template_bookmarks: Option<&'a BTreeSet<String>>,
    pub(super) bookmark_counts: BTreeMap<String, u32>,
    /// Bookmarks with several turns, each with the innermost level at which that is so.
    pub(crate) repeated_bookmarks: BTreeMap<String, usize>,
    /// Bookmarks of the current turn that a part of it may name, by their names in the template.
    pub(super) outer_bookmarks: BTreeMap<String, String>,
    pub(super) last_turn_relationship: usize,
    /// Parts that belong to one reference and have theirs.
    pub(super) used_own_parts: BTreeSet<String>,
    /// Copies of comments.
    pub(crate) comment_copies: CommentCopies,
    /// The parts around the current attached content, each with whether it declares the `r` prefix.
    outer_parts: Vec<(String, bool)>,
    /// Current replacements of the template's list identifiers in this iteration.
    pub(super) current_lists: BTreeMap<String, String>,
    /// The numbering part; read when a list first restarts.
    pub(crate) numbering: Option<AddedLists>,
    pub(crate) additions: PackageAdditions,
    /// Namespaces that the current part must declare for inserted fragments.
    namespaces: RootNamespaces,
    /// The rules for links.
    pub(crate) link_policy: LinkChecker<'a>,
    /// Search state for text boxes in the current part.
    text_box_tracker: TextBoxTracker,
    pub(super) sections: WrittenSections,
    /// Texts of the parts that turns of blocks have of their own, by name.
    pub(crate) turn_parts: BTreeMap<String, String>,
    /// True if a program is asked to update all fields when it opens the document.
    pub(crate) update_fields: bool,
    /// True if a justified line ends with a line break that a value brought.
    pub(crate) has_short_lines: bool,
    /// Bytes read for Markdown in the current part and written for other parts.
    extra_bytes: usize,
}

impl<'a> RenderResources<'a> {
    /// Creates the additions of a rendering; `taken` is the highest identifier of drawings and bookmarks in the
    /// template.
    pub(crate) fn new(
        package: &'a Package,
        assets: &'a dyn Assets,
        taken: u32,
        link_policy: LinkChecker<'a>,
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
            used_ids: BTreeSet::new(),
            turns: SharedIdTurns::default(),
            template_bookmarks: None,
            bookmark_counts: BTreeMap::new(),
            repeated_bookmarks: BTreeMap::new(),
            outer_bookmarks: BTreeMap::new(),
            last_turn_relationship: 0,
            used_own_parts: BTreeSet::new(),
            comment_copies: CommentCopies::default(),
            outer_parts: Vec::new(),
            current_lists: BTreeMap::new(),
            numbering: None,
            additions: PackageAdditions::default(),
            namespaces: RootNamespaces::default(),
            link_policy,
            text_box_tracker: TextBoxTracker::default(),
            sections: WrittenSections::default(),
            turn_parts: BTreeMap::new(),
            update_fields: false,
            has_short_lines: false,
            extra_bytes: 0,
        }
    }

    /// Begins another part.
    pub(crate) fn begin_part(&mut self, part: &str, source: &str) {
        part.clone_into(&mut self.current_part);
        let root = source.floor_prefix(ROOT_SEARCH_BYTES);
        self.declares_namespace = root.contains(NAMESPACE.trim_start());
        self.namespaces = RootNamespaces::default();
        self.text_box_tracker = TextBoxTracker::default();
        self.extra_bytes = 0;
        self.outer_parts.clear();
    }

    /// Enters the part of attached content, in which relationships and prefixes are others.
    pub(super) fn enter_part(&mut self, part: String) {
        let outer = std::mem::replace(&mut self.current_part, part);
        // A declaration that its root has too does no harm.
        self.outer_parts.push((outer, std::mem::take(&mut self.declares_namespace)));
    }

    pub(super) fn leave_part(&mut self) {
        if let Some((part, declares_namespace)) = self.outer_parts.pop() {
            (self.current_part, self.declares_namespace) = (part, declares_namespace);
        }
    }

    /// Checks whether the current text is attached content.
    pub(crate) fn is_in_attached(&self) -> bool {
        !self.outer_parts.is_empty()
    }

    /// Begins another part within the current one.
    pub(super) fn replace_part(&mut self, part: &str, source: &str) -> OuterPart {
        let outer = OuterPart {
            name: self.current_part.clone(),
            declares_namespace: self.declares_namespace,
            namespaces: std::mem::take(&mut self.namespaces),
            text_box_tracker: std::mem::take(&mut self.text_box_tracker),
            turns: std::mem::take(&mut self.turns),
            outer_parts: std::mem::take(&mut self.outer_parts),
            extra_bytes: self.extra_bytes,
        };
        self.begin_part(part, source);
        self.extra_bytes = outer.extra_bytes;
        outer
    }

    /// Goes on with the part around another one.
    pub(super) fn restore_part(&mut self, outer: OuterPart) {
        self.current_part = outer.name;
        self.declares_namespace = outer.declares_namespace;
        self.namespaces = outer.namespaces;
        self.text_box_tracker = outer.text_box_tracker;
        self.turns = outer.turns;
        self.outer_parts = outer.outer_parts;
    }

    /// Has new relationships of a copied part begin behind those of the original.
    pub(super) fn begin_copied_relationships(&mut self, original: &str, copy: &str) {
        if let Ok(own) = self.package.relationships(original) {
            let related = AddedRelationships::behind(&own);
            self.relationships.insert(copy.to_owned(), related);
        }
    }

    /// Returns the bytes read or written beside the text of the part.
    pub(crate) fn extra_bytes(&self) -> usize {
        self.extra_bytes + self.numbering.as_ref().map_or(0, AddedLists::added_bytes)
    }

    /// Counts bytes of Markdown that are read.
    pub(crate) fn count_prose_bytes(&mut self, bytes: usize) {
        self.extra_bytes += bytes;
    }

    /// Checks whether the end of the text written so far is in a text box.
    pub(crate) fn is_in_text_box(&mut self, written: &str) -> bool {
        self.text_box_tracker.is_in_text_box(written)
    }

    /// Discards search states after byte `from`, where the text is about to be changed.
    pub(crate) fn rewind_to(&mut self, from: usize) {
        self.text_box_tracker.rewind_to(from);
    }

    /// Returns the declaration of the `r` prefix if the part lacks it, and an empty string otherwise.
    pub(crate) fn namespace_declaration(&self) -> &'static str {
        if self.declares_namespace { "" } else { NAMESPACE }
    }

    /// Declaration of the relationships namespace with the `r` prefix.
    pub(crate) const NAMESPACE: &'static str = NAMESPACE;

    /// Returns the relationship identifier of a link in another part.
    pub(crate) fn add_link_to_part(&mut self, part: &str, url: &str) -> String {
        self.ensure_relationship(part, &format!("{RELATIONSHIP_TYPE_BASE}hyperlink"), url, true)
            .unwrap_or_default()
    }

    /// Returns the relationship identifier of a link in the current part.
    pub(crate) fn add_link(&mut self, url: &str) -> String {
        self.add_relationship("hyperlink", url, true)
    }

    fn add_relationship(&mut self, kind: &str, target: &str, external: bool) -> String {
        let part = self.current_part.clone();
        // A part whose relationships cannot be read has none that could conflict.
        self.ensure_relationship(
            &part,
            &format!("{RELATIONSHIP_TYPE_BASE}{kind}"),
            target,
            external,
        )
        .unwrap_or_default()
    }

    /// Returns a picture of the assets, which is added to the package at its first use.
    pub(crate) fn add_picture(&mut self, path: &str) -> Result<EmbeddedPicture, Problem> {
        let media = self.get_or_add_media(path)?;
        let (svg, raster) = if media.kind == PictureKind::Svg {
            let Some(other) =
                svg_fallback_paths(path).into_iter().find(|other| self.has_asset(other))
            else {
                let message = msg!("template.picture-fallback", path = shown_path(path).as_ref());
                let problem = Problem::error("picture-kind", message);
                if media::is_data_uri(path) {
                    return Err(problem.with_hint(msg!("template.hint-picture-kind")));
                }
                let other = svg_fallback_paths(path).swap_remove(0);
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

    /// Returns the relationship identifier of a picture in the current part.
    fn embed_media(&mut self, media: &MediaPart) -> String {
        // Relative to `word/` if the part is there, as Word writes it.
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
        let decoded =
            media::data_uri_bytes(path).transpose().map_err(|fault| fault.problem(path))?;
        let bytes = decoded.as_deref().or_else(|| self.assets.get(path));
        let Some(bytes) = bytes else {
            let message = msg!("template.picture-missing", path = path);
            let problem = Problem::error("picture-missing", message);
            return Err(problem.with_hint(msg!("template.hint-picture")));
        };
        self.count_picture_bytes(bytes.len())?;
        let shown = media::shown_picture(bytes).map_err(|fault| fault.problem(path))?;
        let (kind, size) = (shown.kind, shown.size);
        let own_bytes: Option<Arc<[u8]>> = match shown.bytes {
            Cow::Owned(bytes) => Some(bytes.into()),
            Cow::Borrowed(_) => decoded.map(Into::into),
        };
        if let (Some(own), false) = (&own_bytes, media::is_data_uri(path)) {
            self.count_picture_bytes(own.len())?;
        }
        let part = loop {
            self.picture_count += 1;
            let part = format!("word/media/inserted{}.{}", self.picture_count, kind.extension());
            if !self.package.contains_part(&part) {
                break part;
            }
        };
        let media = MediaPart { part, kind, own_bytes, size };
        self.media.insert(path.to_owned(), media.clone());
        Ok(media)
    }

    fn count_picture_bytes(&mut self, bytes: usize) -> Result<(), Problem> {
        self.picture_bytes = self.picture_bytes.saturating_add(bytes as u64);
        if self.picture_bytes > MAX_ASSET_BYTES {
            let message = msg!("template.pictures-too-large", limit = MAX_ASSET_BYTES >> 20);
            return Err(Problem::error("output-too-large", message));
        }
        Ok(())
    }

    /// Restarts a list: the first time it keeps the template's list, afterwards it gets new ones.
    pub(crate) fn restart_list(&mut self, list: &str) {
        if !self.current_lists.contains_key(list) {
            self.current_lists.insert(list.to_owned(), list.to_owned());
            return;
        }
        if self.numbering.is_none() {
            self.numbering = Some(AddedLists::from_package(self.package).unwrap_or_default());
        }
        if let Some(fresh) =
            self.numbering.as_mut().and_then(|numbering| numbering.restart_list(list))
        {
            self.current_lists.insert(list.to_owned(), fresh);
        }
    }

    /// Writes a unique identifier within a loop: the template's own the first time, afterwards new ones.
    pub(crate) fn write_unique_id(&mut self, kind: IdKind, value: &str, out: &mut String) {
        if kind == IdKind::List {
            out.push_str(self.current_lists.get(value).map_or(value, String::as_str));
            return;
        }
        if self.used_ids.insert((kind == IdKind::Drawing, value.to_owned())) {
            return out.push_str(value);
        }
        let fresh =
            if kind == IdKind::Drawing { self.next_drawing_id() } else { self.next_mark_id() };
        let _ = write!(out, "{fresh}");
    }
}

impl<'a> RenderResources<'a> {
    /// Returns the identifier of a part's relationship to a target, adding it if necessary. `kind` is the full
    /// type.
    pub(crate) fn ensure_relationship(
        &mut self,
        part: &str,
        kind: &str,
        target: &str,
        external: bool,
    ) -> Result<String, OpcError> {
        let related = self.relationships_of(part)?;
        Ok(related.map_or_else(String::new, |related| related.get_or_add(kind, target, external)))
    }

    /// Returns the new relationships of a part.
    fn relationships_of(
        &mut self,
        part: &str,
    ) -> Result<Option<&mut AddedRelationships>, OpcError> {
        if !self.relationships.contains_key(part) {
            let own = self.package.relationships(part)?;
            self.relationships.insert(part.to_owned(), AddedRelationships::behind(&own));
        }
        Ok(self.relationships.get_mut(part))
    }

    /// Adds relationships with identifiers of their own to the current part.
    pub(super) fn push_relationships(
        &mut self,
        added: impl IntoIterator<Item = Relationship>,
    ) -> Result<(), OpcError> {
        let part = self.current_part.clone();
        if let Some(related) = self.relationships_of(&part)? {
            related.added.extend(added);
        }
        Ok(())
    }

    pub(crate) fn package(&self) -> &'a Package {
        self.package
    }

    pub(crate) fn asset_bytes(&self, path: &str) -> Option<&'a [u8]> {
        self.assets.get(path)
    }

    /// Returns the name of the current part.
    pub(crate) fn current_part(&self) -> &str {
        &self.current_part
    }

    /// Checks whether the current part is the main document.
    pub(crate) fn is_main_part(&self) -> bool {
        self.current_part == self.package.main_document_name()
    }

    pub(crate) fn next_drawing_id(&mut self) -> u32 {
        self.last_drawing_id += 1;
        self.last_drawing_id
    }

    /// Returns a new identifier for a bookmark, tracked change or similar mark.
    pub(crate) fn next_mark_id(&mut self) -> u32 {
        self.last_mark_id += 1;
        self.last_mark_id
    }

    /// Returns a unique name for a bookmark.
    pub(crate) fn unique_bookmark_name(&mut self, name: &str) -> Result<String, OpcError> {
        self.additions.unique_bookmark_name(self.package, name)
    }

    /// Returns the numbering part, reading it at first use.
    pub(crate) fn numbering(&mut self) -> &mut AddedLists {
        let package = self.package;
        self.numbering.get_or_insert_with(|| AddedLists::from_package(package).unwrap_or_default())
    }

    /// Adds a numbering part if the document has none.
    pub(crate) fn ensure_numbering_part(&mut self) -> Result<(), OpcError> {
        let numbering = self.numbering();
        if numbering.part.is_empty() && numbering.changed_xml().is_some() {
            let part = self.additions.add_numbering_part(self.package);
            self.numbering().part.clone_from(&part);
            self.relate_to_main_part("numbering", &part)?;
        }
        Ok(())
    }

    /// Adds a note. Returns the part that receives its text, and its identifier.
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

    /// Opens the part for notes of a kind, which the document has.
    pub(super) fn open_notes(&mut self, kind: NoteKind) -> Result<(), OpcError> {
        self.additions.open_notes(self.package, kind, &mut |_| {})
    }

    pub(crate) fn relate_to_main_part(
        &mut self,
        kind: &str,
        part: &str,
    ) -> Result<String, OpcError> {
        let main = self.package.main_document_name();
        self.ensure_relationship(
            main,
            &format!("{RELATIONSHIP_TYPE_BASE}{kind}"),
            &format!("/{part}"),
            false,
        )
    }

    /// Appends a fragment to a part.
    pub(crate) fn append_to_part(&mut self, part: &str, piece: &str, root: &RootNamespaces) {
        self.extra_bytes += piece.len();
        self.additions.grown_parts.entry(part.to_owned()).or_default().append_piece(piece, root);
    }

    /// Appends styles; adds a styles part if the document has none.
    pub(crate) fn append_styles(
        &mut self,
        target: StylesPartRef<'_>,
        piece: &str,
        root: &RootNamespaces,
    ) -> Result<(), OpcError> {
        let mut fresh = None;
        let grown =
            self.additions.styles_part(target.name, &mut |part| fresh = Some(part.to_owned()));
        grown.namespaces.try_merge(target.namespaces);
        grown.append_piece(piece, root);
        fresh.map_or(Ok(()), |part| self.relate_to_main_part("styles", &part).map(drop))
    }

    /// Adds a part named like one of another document. Returns its name.
    pub(crate) fn add_part(&mut self, like: &str, kind: Option<&str>, bytes: Vec<u8>) -> String {
        let name = self.additions.unused_part_name(self.package, like);
        self.additions.add_part(self.package, &name, kind, bytes);
        name
    }

    pub(crate) fn add_relationships_part(&mut self, name: &str, text: String) {
        self.additions.parts.push((name.to_owned(), text.into_bytes()));
    }

    /// Returns a fragment for the current part, and records the namespaces that the part must declare.
    pub(crate) fn declare_namespaces(&mut self, piece: &str, root: &RootNamespaces) -> String {
        self.namespaces.import_piece(piece, root)
    }

    /// Reads the namespaces of a part before fragments are inserted.
    pub(crate) fn read_root_namespaces(&mut self, text: &str) {
        self.namespaces = RootNamespaces::parse(text);
    }

    /// Returns the part with the namespaces that its fragments need.
    pub(crate) fn write_root_namespaces(&mut self, mut text: String) -> String {
        std::mem::take(&mut self.namespaces).declare_on_root(&mut text);
        text
    }
}

/// Returns paths of pictures that may replace an SVG, in order of preference.
fn svg_fallback_paths(path: &str) -> Vec<String> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    vec![format!("{stem}.png"), format!("{path}.png")]
}
