//! Owns the style sheet of a document (`word/styles.xml`): its styles by identifier and by name, chains of base
//! styles, and the properties that styles give, in the order of ISO/IEC 29500-1, 17.7.2.
//! Must not know paragraphs, nor the meaning of a property other than toggles, line spacing, outline and list.

pub mod conditional_formatting;
pub mod style_model;
pub mod style_names;
mod style_scanner;
pub mod theme;

use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use crate::word::list_reference::ListReference;
use crate::word::properties::{Properties, PropertyElement, property_elements};
use crate::word::styles::conditional_formatting::{BandSizes, TableRegion, TableRegions};
use crate::word::styles::style_model::StyleProperties;
pub use crate::word::styles::style_model::{PropertyRanges, Style, StyleKind};
use crate::word::styles::style_names::canonical_style_name;
use crate::word::styles::style_scanner::StyleScanner;
use crate::word::styles::theme::{RunFonts, ThemeFonts};
use std::ops::Range;
use std::sync::OnceLock;

/// Maximum length of a chain of base styles; what stands beyond it is ignored, so that circles end.
pub const MAX_STYLE_CHAIN: usize = 32;

/// The styles that apply at one place; a name that no style has counts as none.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppliedStyles<'a> {
    /// Style of the table around the place.
    pub table: Option<&'a str>,
    /// Regions of that table in which the place lies.
    pub regions: TableRegions,
    /// Style of the paragraph; without one, the default paragraph style applies.
    pub paragraph: Option<&'a str>,
    /// Style of the run.
    pub character: Option<&'a str>,
}

/// Direct formatting: `<w:pPr>…</w:pPr>` of a paragraph and `<w:rPr>…</w:rPr>` of a run, each possibly empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct DirectFormatting<'a> {
    /// Properties of the paragraph.
    pub paragraph: &'a str,
    /// Properties of the run.
    pub run: &'a str,
}

/// The properties that are in force at one place.
#[derive(Debug, Clone)]
pub struct EffectiveProperties {
    /// Properties of the paragraph.
    pub paragraph: Properties,
    /// Properties of the run.
    pub run: Properties,
}

/// A property that a style or the document defaults specify.
#[derive(Debug, Clone, Copy)]
pub struct FoundProperty<'s> {
    /// The style; `None` for the document defaults.
    pub style: Option<&'s Style>,
    /// The element of the property.
    pub property: &'s PropertyElement,
}

/// The properties that one style gives: to all of its kind, or a table style to a region of a table.
#[derive(Debug, Clone, Copy)]
struct StyleLayer<'s> {
    style: &'s Style,
    ranges: &'s PropertyRanges,
}

impl<'s> StyleLayer<'s> {
    fn own(style: &'s Style) -> StyleLayer<'s> {
        StyleLayer { style, ranges: &style.own }
    }
}

/// The line spacing of a paragraph (`w:line` and `w:lineRule`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineSpacing {
    /// Height, in twips or 240ths of a line.
    pub line: Option<String>,
    /// Rule of the height; `None` means `auto`.
    pub rule: Option<String>,
}

/// The styles of a document. Definitions are found in one pass; properties are read when they are first asked for.
#[derive(Debug)]
pub struct StyleSheet {
    part: String,
    text: String,
    /// Styles in the order of the part.
    styles: Vec<Style>,
    document_defaults: Style,
    /// Indexes of the default styles by kind; of several the last is in force (17.7.4.17).
    defaults: [Option<usize>; 4],
    /// Indexes of the styles in the order of their identifiers; of equal ones only the first is in use.
    by_id: OnceLock<Vec<usize>>,
    /// Kinds and canonical names in order, with the indexes of the styles.
    by_name: OnceLock<Vec<(StyleKind, String, usize)>>,
}

impl Default for StyleSheet {
    fn default() -> StyleSheet {
        StyleSheet::from_scanner(StyleScanner::default(), String::new(), String::new())
    }
}

impl StyleSheet {
    /// Reads the styles of a document; empty if it has no styles part.
    pub fn read(package: &Package) -> Result<StyleSheet, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/styles") else {
            return Ok(StyleSheet::default());
        };
        match package.read_xml_part(&part)? {
            Some(text) => Self::parse(text, part),
            None => Ok(StyleSheet::default()),
        }
    }

    /// Parses a styles part in one pass.
    pub fn parse(text: String, part: String) -> Result<StyleSheet, OpcError> {
        let scanner = StyleScanner::scan(&text, &part)?;
        Ok(Self::from_scanner(scanner, text, part))
    }

    fn from_scanner(scanner: StyleScanner, text: String, part: String) -> StyleSheet {
        let StyleScanner { styles, document_defaults, .. } = scanner;
        let mut defaults = [None; 4];
        for (at, style) in styles.iter().enumerate().filter(|(_, style)| style.is_default) {
            defaults[style.kind as usize] = Some(at);
        }
        let (by_id, by_name) = (OnceLock::new(), OnceLock::new());
        StyleSheet { part, text, styles, document_defaults, defaults, by_id, by_name }
    }

    /// Returns the name of the part; empty if the document has none.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// Returns the XML of the part.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns all styles in the order of the part.
    pub fn styles(&self) -> &[Style] {
        &self.styles
    }

    /// Returns the style with an identifier. Of several the first has it (17.7.4.17).
    pub fn get(&self, id: &str) -> Option<&Style> {
        let order = self.by_id.get_or_init(|| {
            let mut order: Vec<usize> = (0..self.styles.len()).collect();
            // The sort is stable, so the first of equal identifiers stays first.
            order.sort_by(|a, b| self.styles[*a].id.cmp(&self.styles[*b].id));
            order
        });
        let at = order.partition_point(|&at| self.styles[at].id.as_str() < id);
        let style = &self.styles[*order.get(at)?];
        (style.id == id).then_some(style)
    }

    /// Returns the style of a kind with a name, which is compared in its canonical form.
    pub fn find_by_name(&self, kind: StyleKind, name: &str) -> Option<&Style> {
        let order = self.by_name.get_or_init(|| {
            let own =
                |style: &Style| self.get(&style.id).is_some_and(|own| std::ptr::eq(own, style));
            let named = self.styles.iter().enumerate().filter(|(_, style)| own(style));
            let mut order: Vec<_> =
                named.map(|(at, style)| (style.kind, style.canonical_name(), at)).collect();
            order.sort_unstable();
            order
        });
        let name = canonical_style_name(name);
        let key = (kind, name.as_str());
        let at = order.partition_point(|(kind, name, _)| (*kind, name.as_str()) < key);
        let (found, own, at) = order.get(at)?;
        ((*found, own.as_str()) == key).then(|| &self.styles[*at])
    }

    /// Returns the default style of a kind.
    pub fn default_style(&self, kind: StyleKind) -> Option<&Style> {
        self.defaults[kind as usize].map(|at| &self.styles[at])
    }

    /// Checks whether a style is the default of its kind.
    pub fn is_default(&self, style: &Style) -> bool {
        self.default_style(style.kind).is_some_and(|default| std::ptr::eq(default, style))
    }

    /// Returns the style that stands around a byte of the part.
    pub fn style_at(&self, offset: usize) -> Option<&Style> {
        let at = self.styles.partition_point(|style| style.range.end <= offset);
        self.styles.get(at).filter(|style| style.range.contains(&offset))
    }

    /// Returns the run or paragraph property that begins at a byte of the part.
    pub fn property_at(&self, offset: usize) -> Option<&PropertyElement> {
        let style = self.style_at(offset).unwrap_or(&self.document_defaults);
        let of_regions = style.regions.iter().map(|(_, ranges)| ranges);
        std::iter::once(&style.own).chain(of_regions).find_map(|ranges| {
            let properties = self.properties(ranges);
            let mut all = properties.paragraph.iter().chain(&properties.run);
            all.find(|property| property.range.start == offset)
        })
    }

    /// Returns a style and the styles on which it is based, nearest first. A base of another kind is ignored
    /// (17.7.4.3); no chain is longer than [`MAX_STYLE_CHAIN`].
    pub fn chain<'s>(&'s self, style: Option<&'s Style>) -> impl Iterator<Item = &'s Style> {
        let base = |style: &&'s Style| {
            let base = self.get(style.based_on.as_deref()?)?;
            (base.kind == style.kind).then_some(base)
        };
        std::iter::successors(style, base).take(MAX_STYLE_CHAIN)
    }

    /// Returns the style that applies where a paragraph names one, or none: an unknown style counts as none
    /// (17.3.1.27), and then the default style applies.
    pub fn paragraph_style(&self, id: Option<&str>) -> Option<&Style> {
        let named = self.get_of_kind(StyleKind::Paragraph, id);
        named.or_else(|| self.default_style(StyleKind::Paragraph))
    }

    fn get_of_kind(&self, kind: StyleKind, id: Option<&str>) -> Option<&Style> {
        self.get(id?).filter(|style| style.kind == kind)
    }

    /// Returns the layers of properties that apply at a place, strongest first: those of character, paragraph and
    /// table style and the document defaults (17.7.2). This is the one place that knows the order.
    fn applied_layers<'s>(&'s self, applied: &AppliedStyles<'_>) -> [Vec<StyleLayer<'s>>; 4] {
        let character = self.get_of_kind(StyleKind::Character, applied.character);
        let character = character.or_else(|| self.default_style(StyleKind::Character));
        let table = self.get_of_kind(StyleKind::Table, applied.table);
        [
            self.chain(character).map(StyleLayer::own).collect(),
            self.chain(self.paragraph_style(applied.paragraph)).map(StyleLayer::own).collect(),
            self.table_layers(table, applied.regions),
            vec![StyleLayer::own(&self.document_defaults)],
        ]
    }

    /// Returns what a table style gives at a place, strongest first: a region overrides weaker regions and the table
    /// as a whole, whichever style of the chain gives it (17.7.6).
    fn table_layers<'s>(
        &'s self,
        style: Option<&'s Style>,
        regions: TableRegions,
    ) -> Vec<StyleLayer<'s>> {
        let chain: Vec<&Style> = self.chain(style).collect();
        let strongest = TableRegion::STRONGEST_FIRST.into_iter();
        let layers = strongest.filter(|region| regions.contains(*region)).flat_map(|region| {
            let given = move |style: &&'s Style| {
                let ranges = style.region(region)?;
                Some(StyleLayer { style, ranges })
            };
            chain.iter().filter_map(given).collect::<Vec<_>>()
        });
        layers.chain(chain.iter().map(|style| StyleLayer::own(style))).collect()
    }

    /// Returns the sizes of the bands of a table style; `None` if it gives nothing to regions of a table.
    pub fn region_bands(&self, table: Option<&str>) -> Option<BandSizes> {
        let style = self.get_of_kind(StyleKind::Table, table)?;
        let chain: Vec<&Style> = self.chain(Some(style)).collect();
        if chain.iter().all(|style| style.regions.is_empty()) {
            return None;
        }
        Some(BandSizes {
            rows: chain.iter().find_map(|style| style.row_band).unwrap_or(1),
            columns: chain.iter().find_map(|style| style.column_band).unwrap_or(1),
        })
    }

    /// Returns the properties in force at a place: the document defaults, overridden by the styles of table,
    /// paragraph and run and by direct formatting, in this order (17.7.2). Toggle properties that several of the
    /// styles turn on are off again (17.7.3).
    pub fn effective_properties(
        &self,
        applied: &AppliedStyles<'_>,
        direct: &DirectFormatting<'_>,
    ) -> EffectiveProperties {
        let mut found = self.combine_levels(&self.applied_layers(applied));
        found.paragraph.overlay_with(&Properties::parse_paragraph(direct.paragraph));
        found.run.overlay_with(&Properties::parse_run(direct.run));
        found
    }

    /// Returns the fonts in force at a place, with those of the document's theme by their names.
    pub fn effective_fonts(
        &self,
        applied: &AppliedStyles<'_>,
        direct: &DirectFormatting<'_>,
        theme: &ThemeFonts,
    ) -> RunFonts {
        RunFonts::resolve(&self.effective_properties(applied, direct).run, theme)
    }

    /// Returns the properties of a style by itself: the document defaults, overridden by its chain.
    pub fn style_properties(&self, style: &Style) -> EffectiveProperties {
        let chain = self.chain(Some(style)).map(StyleLayer::own).collect();
        self.combine_levels(&[chain, vec![StyleLayer::own(&self.document_defaults)]])
    }

    /// Combines the layers of several kinds of styles, the strongest first and the document defaults last.
    fn combine_levels(&self, levels: &[Vec<StyleLayer<'_>>]) -> EffectiveProperties {
        let mut found = self.document_defaults();
        let always = found.run.toggles_on();
        for layers in levels.iter().rev().skip(1) {
            let level = self.combine_layers(layers);
            found.paragraph.overlay_with(&level.paragraph);
            found.run.overlay_style_level(&level.run, &always);
        }
        found
    }

    /// Returns the document defaults.
    pub fn document_defaults(&self) -> EffectiveProperties {
        self.combine_layers(&[StyleLayer::own(&self.document_defaults)])
    }

    /// Returns the properties that the layers of one kind of style give by themselves, without defaults.
    fn combine_layers(&self, layers: &[StyleLayer<'_>]) -> EffectiveProperties {
        let mut paragraph = Properties::parse_paragraph("");
        let mut run = Properties::parse_run("");
        for StyleLayer { ranges, .. } in layers.iter().rev() {
            let xml = |range: &Option<Range<usize>>| {
                range.clone().map_or("", |range| self.text.slice(range))
            };
            paragraph.overlay_with(&Properties::parse_paragraph(xml(&ranges.paragraph)));
            run.overlay_with(&Properties::parse_run(xml(&ranges.run)));
        }
        EffectiveProperties { paragraph, run }
    }

    /// Returns the strongest paragraph property of a name that styles or defaults specify and that `accepts` takes.
    pub fn find_paragraph_property(
        &self,
        applied: &AppliedStyles<'_>,
        name: &str,
        accepts: &dyn Fn(&PropertyElement) -> bool,
    ) -> Option<FoundProperty<'_>> {
        self.find_property(applied, |own| &own.paragraph, &|own| own.name == name && accepts(own))
    }

    /// Returns the strongest run property of a name that styles or defaults specify and that `accepts` takes.
    pub fn find_run_property(
        &self,
        applied: &AppliedStyles<'_>,
        name: &str,
        accepts: &dyn Fn(&PropertyElement) -> bool,
    ) -> Option<FoundProperty<'_>> {
        self.find_property(applied, |own| &own.run, &|own| own.name == name && accepts(own))
    }

    /// Returns the first of a layer's properties of a kind that `accepts` takes, from the strongest layer that has one.
    fn find_property<'s>(
        &'s self,
        applied: &AppliedStyles<'_>,
        kind: fn(&StyleProperties) -> &[PropertyElement],
        accepts: &dyn Fn(&PropertyElement) -> bool,
    ) -> Option<FoundProperty<'s>> {
        self.applied_layers(applied).into_iter().flatten().find_map(|layer| {
            let property = kind(self.properties(layer.ranges)).iter().find(|own| accepts(own))?;
            let defaults = std::ptr::eq(layer.style, &raw const self.document_defaults);
            Some(FoundProperty { style: (!defaults).then_some(layer.style), property })
        })
    }

    fn properties<'s>(&'s self, ranges: &'s PropertyRanges) -> &'s StyleProperties {
        ranges.properties.get_or_init(|| {
            let read = |range: &Option<Range<usize>>| {
                range.clone().map(|range| property_elements(&self.text, range)).unwrap_or_default()
            };
            StyleProperties { paragraph: read(&ranges.paragraph), run: read(&ranges.run) }
        })
    }

    /// Returns direct line spacing, completed by the styles that apply. A rule counts only from where the height
    /// comes, or nearer: a height without a rule is `auto` (17.3.1.33).
    pub fn line_spacing(&self, direct: LineSpacing, applied: &AppliedStyles<'_>) -> LineSpacing {
        let mut found = direct;
        for layer in self.applied_layers(applied).into_iter().flatten() {
            if found.line.is_some() {
                break;
            }
            let properties = &self.properties(layer.ranges).paragraph;
            if let Some(spacing) = properties.iter().find(|property| property.name == "w:spacing") {
                let said = |name| spacing.attribute(name).map(str::to_owned);
                found.rule = found.rule.or_else(|| said("w:lineRule"));
                found.line = said("w:line");
            }
        }
        found
    }

    /// Returns the outline level that a paragraph's style gives, from 0 to 8.
    pub fn outline_level(&self, style: Option<&str>) -> Option<u8> {
        let applied = AppliedStyles { paragraph: style, ..AppliedStyles::default() };
        let found = self.find_paragraph_property(&applied, "w:outlineLvl", &|_| true)?;
        found.property.value()?.parse().ok().filter(|level| *level < 9)
    }

    /// Returns the indent (`w:ind`) by which a paragraph style overrides that of the list which it gives.
    pub fn indent_beside_list(&self, style: &str) -> Option<String> {
        for style in self.chain(self.paragraph_style(Some(style))) {
            let properties = &self.properties(&style.own).paragraph;
            let find = |name: &str| properties.iter().find(|property| property.name == name);
            if let Some(indent) = find("w:ind") {
                return Some(self.text.slice(indent.range.clone()).to_owned());
            }
            if find("w:numPr").is_some() {
                break;
            }
        }
        None
    }

    /// Returns the list that a paragraph's style gives, with the level that it names.
    pub fn list_reference(&self, style: Option<&str>) -> ListReference {
        let mut found = ListReference::default();
        for style in self.chain(self.paragraph_style(style)) {
            let properties = &self.properties(&style.own).paragraph;
            if let Some(own) = properties.iter().find(|property| property.name == "w:numPr") {
                let own = ListReference::parse(self.text.slice(own.range.clone()));
                found.level = found.level.or(own.level);
                found.list = found.list.or(own.list);
            }
            if found.list.is_some() {
                break;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
