//! Owns mapping the styles and lists of an inserted document to those of the target, and importing those that
//! it lacks.
//! Must not know texts.

use crate::additions::added_lists::AddedLists;
use crate::insert::fragment::{DocumentDependentKind, XmlFragment};
use crate::insert::source::{ListFragments, SourceDocument};
use crate::insert::target_styles::{TargetStyles, rename_style, style_fragment, with_properties};
use crate::opc::OpcError;
use crate::opc::xml::escape_into;
use crate::word::properties::Properties;
use crate::word::styles::theme::{DocumentTheme, ThemeFonts};
use crate::word::styles::{Style, StyleKind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Maximum bytes of imported style definitions, and likewise of list definitions.
const MAX_DEFINITION_BYTES: usize = 64 << 20;

/// Maps identifiers of an inserted document to those of the target.
#[derive(Debug, Default)]
pub(crate) struct IdMap {
    styles: BTreeMap<String, String>,
    lists: BTreeMap<String, String>,
    default_style: Option<String>,
    foreign_theme: ForeignTheme,
}

/// The part of the theme of an inserted document that the target's does not give, if the document keeps its source
/// formatting.
#[derive(Debug, Default)]
struct ForeignTheme {
    fonts: Option<ThemeFonts>,
    has_other_colors: bool,
}

impl ForeignTheme {
    fn compare(source: DocumentTheme, target: &DocumentTheme) -> ForeignTheme {
        ForeignTheme {
            has_other_colors: source.color_scheme != target.color_scheme,
            fonts: Some(source.fonts).filter(|fonts| *fonts != target.fonts),
        }
    }

    /// Checks whether properties of a run have fonts of the theme.
    fn gives_fonts_of(&self, run: &Properties) -> bool {
        let fonts = self.fonts.as_ref().zip(run.child_xml("w:rFonts"));
        fonts.is_some_and(|(theme, tag)| theme.name_fonts(tag).is_some())
    }
}

/// The imported styles of a document, with the identifier map.
#[derive(Debug, Default)]
pub(crate) struct ImportedStyles {
    pub(crate) id_map: IdMap,
    /// XML of the style definitions.
    pub(crate) styles: String,
}

impl IdMap {
    /// Returns the target's identifier for a style.
    pub(crate) fn style_id(&self, id: &str) -> String {
        self.styles.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Returns the target's identifier for a list, or 0 for no list.
    pub(crate) fn list_id(&self, number: &str) -> String {
        self.lists.get(number).cloned().unwrap_or_else(|| "0".to_owned())
    }
}

impl IdMap {
    /// Returns fonts that refer to the theme, or an attribute that names one of its colors, so that they show in the
    /// target what they show in their own document.
    pub(crate) fn theme_reference(&self, what: &DocumentDependentKind, written: &str) -> String {
        let theme = &self.foreign_theme;
        let named = || theme.fonts.as_ref().and_then(|fonts| fonts.name_fonts(written));
        match what {
            DocumentDependentKind::ThemeFonts => named().unwrap_or_else(|| written.to_owned()),
            _ if theme.has_other_colors => String::new(),
            _ => written.to_owned(),
        }
    }

    /// Returns the style for paragraphs without one, if the document keeps its source formatting.
    pub(crate) fn default_style(&self) -> Option<&str> {
        self.default_style.as_deref()
    }
}

/// Imports the styles and lists that a document needs. With `own`, styles keep their source formatting and are
/// not mapped to existing styles.
pub(crate) fn import_styles(
    source: &SourceDocument,
    own: bool,
    host: &mut TargetStyles,
    numbering: &mut AddedLists,
) -> Result<ImportedStyles, OpcError> {
    let mut finder = StyleImporter::new(source, own, host);
    if own {
        let theme = DocumentTheme::read(&source.package)?;
        finder.id_map.foreign_theme = ForeignTheme::compare(theme, &finder.host.theme);
    }
    finder.import_all()?;
    let StyleImporter {
        id_map: mut names, styles, list_order: order, imported_ids: brought, ..
    } = finder;
    let unstyled = source.styles.default_style(StyleKind::Paragraph).filter(|_| own);
    names.default_style = unstyled.map(|style| names.style_id(&style.id));
    let mut found = ImportedStyles { id_map: names, styles: String::new() };
    let before = numbering.added_bytes();
    for number in order {
        add_list_definition(source, &number, &mut found.id_map, &brought, numbering)?;
        // Every list imports its own copy of its abstract list, so the total is limited.
        if numbering.added_bytes() - before > MAX_DEFINITION_BYTES {
            return Err(OpcError::PackageTooLarge { limit: MAX_DEFINITION_BYTES as u64 });
        }
    }
    for (id, definition) in &styles {
        let id = found.id_map.style_id(id);
        found.styles.push_str(&write_style(definition, &id, &found.id_map, &brought));
    }
    Ok(found)
}

struct StyleImporter<'s, 'h> {
    source: &'s SourceDocument,
    keep_source_styles: bool,
    host: &'h mut TargetStyles,
    id_map: IdMap,
    /// Imported styles in the order in which they were found.
    styles: Vec<(String, XmlFragment)>,
    imported_ids: BTreeSet<String>,
    /// Lists in the order in which they were found.
    list_order: Vec<String>,
    seen_lists: BTreeSet<String>,
    queue: VecDeque<DocumentDependentKind>,
    /// Length of the imported style definitions in bytes.
    definition_bytes: usize,
}

impl StyleImporter<'_, '_> {
    fn import_all(&mut self) -> Result<(), OpcError> {
        for piece in self.source.inserted_fragments() {
            self.queue.extend(site_kinds(piece));
        }
        let default = self.source.styles.default_style(StyleKind::Paragraph);
        if let Some(style) = default.filter(|_| self.keep_source_styles) {
            self.queue.push_back(DocumentDependentKind::Style(style.id.clone()));
        }
        while let Some(need) = self.queue.pop_front() {
            // Properties of base styles may be copied into every derived style, so the total is limited.
            if self.definition_bytes > MAX_DEFINITION_BYTES {
                return Err(OpcError::PackageTooLarge { limit: MAX_DEFINITION_BYTES as u64 });
            }
            match need {
                DocumentDependentKind::Style(id)
                | DocumentDependentKind::BasedOn(id)
                | DocumentDependentKind::NextStyle(id)
                | DocumentDependentKind::LinkedStyle(id)
                | DocumentDependentKind::ListStyle(id) => self.import_style(id)?,
                DocumentDependentKind::List(number) => self.import_list(number)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn import_style(&mut self, id: String) -> Result<(), OpcError> {
        if self.id_map.styles.contains_key(&id) {
            return Ok(());
        }
        let source = self.source;
        let Some(style) = source.styles.get(&id) else {
            // An undefined style has no effect, but in the target the same identifier might be defined.
            let free = self.host.unused_id(&id);
            self.id_map.styles.insert(id, free);
            return Ok(());
        };
        let own = self.host.find_equivalent(&source.styles, style);
        if let Some(own) = own.filter(|_| !self.keeps_source_style(style)) {
            let own = own.to_owned();
            self.id_map.styles.insert(id, own);
            return Ok(());
        }
        let free = self.host.unused_id(&id);
        let name = self.host.reserve_style(style, &free);
        self.id_map.styles.insert(id.clone(), free);
        self.imported_ids.insert(id.clone());
        let mut definition = self.imported_definition(style)?;
        if let Some(name) = name {
            definition = rename_style(definition, &name);
        }
        self.definition_bytes += definition.text.len();
        self.queue.extend(site_kinds(&definition));
        self.styles.push((id, definition));
        Ok(())
    }

    /// Checks whether a style is imported even if the target has one of the same name. Default styles other
    /// than that of paragraphs carry no formatting and are always mapped.
    fn keeps_source_style(&self, style: &Style) -> bool {
        let mapped = style.kind != StyleKind::Paragraph && self.source.styles.is_default(style);
        self.keep_source_styles && !mapped
    }

    /// Returns the definition of a style for import. If the base of a paragraph style is not imported, its
    /// properties are copied into the style, so that the formatting stays the same.
    fn imported_definition(&self, style: &Style) -> Result<XmlFragment, OpcError> {
        let sheet = &self.source.styles;
        let own = style_fragment(sheet, style)?;
        if style.kind != StyleKind::Paragraph {
            return Ok(own);
        }
        let base = sheet.chain(Some(style)).nth(1);
        let kept = base.is_some_and(|base| {
            self.keep_source_styles
                || self.imported_ids.contains(&base.id)
                || self.host.find_equivalent(sheet, base).is_none()
        });
        let (defaults, own_defaults) =
            (sheet.document_defaults(), self.host.sheet.document_defaults());
        let same = defaults.paragraph.to_xml() == own_defaults.paragraph.to_xml()
            && defaults.run.to_xml() == own_defaults.run.to_xml()
            && !self.id_map.foreign_theme.gives_fonts_of(&defaults.run);
        if kept || base.is_none() && same {
            return Ok(own);
        }
        let mut found = sheet.style_properties(style);
        keep_neutral_values(&mut found.paragraph, &own_defaults.paragraph, &PARAGRAPH_DEFAULTS);
        keep_neutral_values(&mut found.run, &own_defaults.run, &RUN_DEFAULTS);
        let (paragraph, run) = (found.paragraph.to_xml(), found.run.to_xml());
        let text = with_properties(style, &own, &paragraph, &run);
        Ok(XmlFragment::parse(text, "").unwrap_or(own))
    }

    fn import_list(&mut self, number: String) -> Result<(), OpcError> {
        if self.seen_lists.contains(&number) {
            return Ok(());
        }
        if let Some(list) = self.source.lists.fragments(&number)? {
            let styles = |what: &DocumentDependentKind| {
                matches!(
                    what,
                    DocumentDependentKind::Style(_) | DocumentDependentKind::ListStyle(_)
                )
            };
            self.queue.extend(site_kinds(&list.abstract_list).filter(styles));
            self.seen_lists.insert(number.clone());
            self.list_order.push(number);
        }
        Ok(())
    }
}

impl<'s, 'h> StyleImporter<'s, 'h> {
    fn new(
        source: &'s SourceDocument,
        keep_source_styles: bool,
        host: &'h mut TargetStyles,
    ) -> Self {
        StyleImporter {
            source,
            keep_source_styles,
            host,
            id_map: IdMap::default(),
            styles: Vec::new(),
            imported_ids: BTreeSet::new(),
            list_order: Vec::new(),
            seen_lists: BTreeSet::new(),
            queue: VecDeque::new(),
            definition_bytes: 0,
        }
    }
}

fn site_kinds(piece: &XmlFragment) -> impl Iterator<Item = DocumentDependentKind> + '_ {
    piece.sites.iter().map(|site| site.kind.clone())
}

/// Built-in values of properties that neither styles nor document defaults specify.
const PARAGRAPH_DEFAULTS: [(&str, &str); 4] = [
    ("w:spacing", "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>"),
    ("w:jc", "<w:jc w:val=\"left\"/>"),
    ("w:widowControl", "<w:widowControl/>"),
    ("w:ind", "<w:ind w:left=\"0\" w:right=\"0\" w:firstLine=\"0\"/>"),
];
const RUN_DEFAULTS: [(&str, &str); 5] = [
    (
        "w:rFonts",
        "<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"Times New Roman\" \
         w:cs=\"Times New Roman\"/>",
    ),
    ("w:sz", "<w:sz w:val=\"20\"/>"),
    ("w:szCs", "<w:szCs w:val=\"20\"/>"),
    ("w:kern", "<w:kern w:val=\"0\"/>"),
    ("w:color", "<w:color w:val=\"auto\"/>"),
];

/// Adds built-in values for properties that the target's defaults specify and the style does not, so that these
/// defaults do not apply to it.
fn keep_neutral_values(own: &mut Properties, defaults: &Properties, values: &[(&str, &str)]) {
    for (name, value) in values.iter().filter(|(name, _)| defaults.child_xml(name).is_some()) {
        // Each attribute of `w:spacing` or `w:ind` is a property of its own.
        let mut full = Properties::parse_paragraph("");
        full.set_child(name, value);
        if let Some(xml) = own.child_xml(name) {
            let mut said = Properties::parse_paragraph("");
            said.set_child(name, xml);
            full.overlay_with(&said);
        }
        if let Some(xml) = full.child_xml(name) {
            own.set_child(name, xml);
        }
    }
}

/// Adds a copy of a list of the inserted document to the target.
fn add_list_definition(
    source: &SourceDocument,
    number: &str,
    names: &mut IdMap,
    brought: &BTreeSet<String>,
    numbering: &mut AddedLists,
) -> Result<(), OpcError> {
    let Some(found) = source.lists.fragments(number)? else { return Ok(()) };
    let (fresh_kind, fresh) = numbering.next_ids();
    let mut write = |what: &DocumentDependentKind, written: &str| -> Result<String, OpcError> {
        Ok(match what {
            DocumentDependentKind::AbstractNum | DocumentDependentKind::AbstractNumRef => {
                fresh_kind.to_string()
            }
            // Word treats lists with the same `w:nsid` as one list.
            DocumentDependentKind::Nsid => {
                format!("{:08X}", 0x4E42_0000_u32.wrapping_add(fresh_kind))
            }
            DocumentDependentKind::List(_) => fresh.to_string(),
            DocumentDependentKind::Style(id) => escape_text(&names.style_id(id)),
            DocumentDependentKind::LevelStyle(id) if brought.contains(id) => {
                value_element("w:pStyle", &names.style_id(id))
            }
            DocumentDependentKind::ListStyle(id) => {
                let link = written.starts_with("<w:numStyleLink");
                let name = if link { "w:numStyleLink" } else { "w:styleLink" };
                if link || brought.contains(id) {
                    value_element(name, &names.style_id(id))
                } else {
                    String::new()
                }
            }
            DocumentDependentKind::ThemeFonts | DocumentDependentKind::ThemeColor => {
                names.theme_reference(what, written)
            }
            DocumentDependentKind::LevelStyle(_) | DocumentDependentKind::Removed => String::new(),
            _ => written.to_owned(),
        })
    };
    let ListFragments { instance, abstract_list } = &found;
    let kind = abstract_list.write_with(0..abstract_list.text.len(), &mut write)?;
    let list = instance.write_with(0..instance.text.len(), &mut write)?;
    numbering.import_list(&kind, &list, &source.lists.namespaces)?;
    names.lists.insert(number.to_owned(), fresh.to_string());
    Ok(())
}

fn write_style(
    definition: &XmlFragment,
    own: &str,
    names: &IdMap,
    brought: &BTreeSet<String>,
) -> String {
    let written = definition.write_with(0..definition.text.len(), &mut |what, written| {
        Ok::<_, std::convert::Infallible>(match what {
            DocumentDependentKind::StyleId => escape_text(own),
            DocumentDependentKind::Style(id) => escape_text(&names.style_id(id)),
            DocumentDependentKind::BasedOn(id) => value_element("w:basedOn", &names.style_id(id)),
            DocumentDependentKind::NextStyle(id) => value_element("w:next", &names.style_id(id)),
            // A style has only one linked style, so links to existing styles are omitted.
            DocumentDependentKind::LinkedStyle(id) if brought.contains(id) => {
                value_element("w:link", &names.style_id(id))
            }
            DocumentDependentKind::List(number) => names.list_id(number),
            DocumentDependentKind::ThemeFonts | DocumentDependentKind::ThemeColor => {
                names.theme_reference(what, written)
            }
            DocumentDependentKind::LinkedStyle(_) | DocumentDependentKind::Removed => String::new(),
            _ => written.to_owned(),
        })
    });
    written.unwrap_or_default()
}

fn value_element(name: &str, value: &str) -> String {
    format!("<{name} w:val=\"{escaped}\"/>", escaped = escape_text(value))
}

fn escape_text(text: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, text);
    out
}
