//! Owns the style sheet of a document (`word/styles.xml`): its styles by identifier and by name, chains of base
//! styles, and the properties that styles give, in the order of ISO/IEC 29500-1, 17.7.2.
//! Must not know paragraphs, nor the meaning of a property other than toggles, line spacing, outline and list.

use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use crate::word::list_reference::ListReference;
use crate::word::properties::{Properties, PropertyElement, property_elements};
use crate::word::style_model::StyleProperties;
pub use crate::word::style_model::{Style, StyleKind};
use crate::word::style_names::canonical_style_name;
use crate::word::style_scanner::StyleScanner;
use std::ops::Range;
use std::sync::OnceLock;

/// Maximum length of a chain of base styles; what stands beyond it is ignored, so that circles end.
pub const MAX_STYLE_CHAIN: usize = 32;

/// The styles that apply at one place; a name that no style has counts as none.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppliedStyles<'a> {
    /// Style of the table around the place.
    pub table: Option<&'a str>,
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
        let properties = self.properties(style);
        let mut all = properties.paragraph.iter().chain(&properties.run);
        all.find(|property| property.range.start == offset)
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

    /// Returns the chains of styles that apply at a place, strongest first: character, paragraph and table style
    /// and the document defaults (17.7.2). This is the one place that knows the order.
    fn applied_chains<'s>(&'s self, applied: &AppliedStyles<'_>) -> [Vec<&'s Style>; 4] {
        let character = self.get_of_kind(StyleKind::Character, applied.character);
        let character = character.or_else(|| self.default_style(StyleKind::Character));
        let table = self.get_of_kind(StyleKind::Table, applied.table);
        [
            self.chain(character).collect(),
            self.chain(self.paragraph_style(applied.paragraph)).collect(),
            self.chain(table).collect(),
            vec![&self.document_defaults],
        ]
    }

    /// Returns the properties in force at a place: the document defaults, overridden by the styles of table,
    /// paragraph and run and by direct formatting, in this order (17.7.2). Toggle properties that several of the
    /// styles turn on are off again (17.7.3).
    pub fn effective_properties(
        &self,
        applied: &AppliedStyles<'_>,
        direct: &DirectFormatting<'_>,
    ) -> EffectiveProperties {
        let mut found = self.combine_chains(&self.applied_chains(applied));
        found.paragraph.overlay_with(&Properties::parse_paragraph(direct.paragraph));
        found.run.overlay_with(&Properties::parse_run(direct.run));
        found
    }

    /// Returns the properties of a style by itself: the document defaults, overridden by its chain.
    pub fn style_properties(&self, style: &Style) -> EffectiveProperties {
        self.combine_chains(&[self.chain(Some(style)).collect(), vec![&self.document_defaults]])
    }

    /// Combines chains of styles of several kinds, the strongest first and the document defaults last.
    fn combine_chains(&self, chains: &[Vec<&Style>]) -> EffectiveProperties {
        let mut found = self.document_defaults();
        let always = found.run.toggles_on();
        for chain in chains.iter().rev().skip(1) {
            let level = self.chain_properties(chain);
            found.paragraph.overlay_with(&level.paragraph);
            found.run.overlay_style_level(&level.run, &always);
        }
        found
    }

    /// Returns the document defaults.
    pub fn document_defaults(&self) -> EffectiveProperties {
        self.chain_properties(&[&self.document_defaults])
    }

    /// Returns the properties that a chain of styles gives by itself, without defaults.
    fn chain_properties(&self, chain: &[&Style]) -> EffectiveProperties {
        let mut paragraph = Properties::parse_paragraph("");
        let mut run = Properties::parse_run("");
        for style in chain.iter().rev() {
            let xml = |range: &Option<Range<usize>>| {
                range.clone().map_or("", |range| self.text.slice(range))
            };
            paragraph.overlay_with(&Properties::parse_paragraph(xml(&style.paragraph_range)));
            run.overlay_with(&Properties::parse_run(xml(&style.run_range)));
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
        let mut layers = self.applied_chains(applied).into_iter().flatten();
        layers.find_map(|style| {
            let properties = &self.properties(style).paragraph;
            self.first_property(style, properties, name).filter(|found| accepts(found.property))
        })
    }

    /// Returns the strongest run property of a name that styles or defaults specify and that `accepts` takes.
    pub fn find_run_property(
        &self,
        applied: &AppliedStyles<'_>,
        name: &str,
        accepts: &dyn Fn(&PropertyElement) -> bool,
    ) -> Option<FoundProperty<'_>> {
        let mut layers = self.applied_chains(applied).into_iter().flatten();
        layers.find_map(|style| {
            let properties = &self.properties(style).run;
            self.first_property(style, properties, name).filter(|found| accepts(found.property))
        })
    }

    fn first_property<'s>(
        &'s self,
        style: &'s Style,
        properties: &'s [PropertyElement],
        name: &str,
    ) -> Option<FoundProperty<'s>> {
        let property = properties.iter().find(|property| property.name == name)?;
        let style = (!std::ptr::eq(style, &raw const self.document_defaults)).then_some(style);
        Some(FoundProperty { style, property })
    }

    fn properties<'s>(&'s self, style: &'s Style) -> &'s StyleProperties {
        style.properties.get_or_init(|| {
            let read = |range: &Option<Range<usize>>| {
                range.clone().map(|range| property_elements(&self.text, range)).unwrap_or_default()
            };
            StyleProperties { paragraph: read(&style.paragraph_range), run: read(&style.run_range) }
        })
    }

    /// Returns direct line spacing, completed by the styles that apply. A rule counts only from where the height
    /// comes, or nearer: a height without a rule is `auto` (17.3.1.33).
    pub fn line_spacing(&self, direct: LineSpacing, applied: &AppliedStyles<'_>) -> LineSpacing {
        let mut found = direct;
        for style in self.applied_chains(applied).into_iter().flatten() {
            if found.line.is_some() {
                break;
            }
            let properties = &self.properties(style).paragraph;
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

    /// Returns the list that a paragraph's style gives, with the level that it names.
    pub fn list_reference(&self, style: Option<&str>) -> ListReference {
        let mut found = ListReference::default();
        for style in self.chain(self.paragraph_style(style)) {
            let properties = &self.properties(style).paragraph;
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
mod tests {
    use super::*;

    fn fixture() -> StyleSheet {
        let text = include_str!("../../tests/styles/styles.xml").to_owned();
        StyleSheet::parse(text, "p".to_owned()).unwrap()
    }

    fn sheet(styles: &str) -> StyleSheet {
        StyleSheet::parse(format!("<w:styles>{styles}</w:styles>"), "p".to_owned()).unwrap()
    }

    fn style(id: &str, inner: &str) -> String {
        format!("<w:style w:type=\"paragraph\" w:styleId=\"{id}\">{inner}</w:style>")
    }

    #[test]
    fn line_spacing_comes_from_the_nearest_style() {
        let sheet = fixture();
        let line_spacing = |direct, paragraph| {
            let applied = AppliedStyles { paragraph, ..AppliedStyles::default() };
            sheet.line_spacing(direct, &applied)
        };
        let none = LineSpacing::default;
        let shown = |found: LineSpacing| {
            format!("{} {}", found.line.unwrap_or_default(), found.rule.unwrap_or_default())
        };
        for (id, found) in [
            (None, "560 exact"),
            // An unknown style, and one of another kind, are no style.
            (Some("unknown"), "560 exact"),
            (Some("Grid"), "560 exact"),
            // The first style of an identifier has it; former values of tracked changes are none.
            (Some("Twice"), "240 "),
            (Some("Changed"), "240 "),
            // A height without a rule does not take the rule of another height.
            (Some("Loose"), "300 "),
            (Some("Round"), "240 "),
        ] {
            assert_eq!(shown(line_spacing(none(), id)), found, "{id:?}");
        }
        let own = LineSpacing { line: None, rule: Some("exact".to_owned()) };
        assert_eq!(shown(line_spacing(own, Some("Loose"))), "300 exact");
        let own = LineSpacing { line: Some("9".to_owned()), rule: None };
        assert_eq!(shown(line_spacing(own, Some("Fixed"))), "9 ");
    }

    #[test]
    fn run_properties_come_from_the_strongest_style() {
        let sheet = fixture();
        let size = |character, paragraph| {
            let applied = AppliedStyles { character, paragraph, table: None };
            let found = sheet.find_run_property(&applied, "w:sz", &|_| true)?;
            let effective = sheet.effective_properties(&applied, &DirectFormatting::default());
            let value = effective.run.child_attribute("w:sz", "w:val");
            assert_eq!(value.as_deref(), found.property.value());
            Some((value?, found.style.map_or("", |style| &style.id)))
        };
        for (character, paragraph, value, id) in [
            (None, None, "21", ""),
            (Some("Letters"), Some("Sized"), "30", "Letters"),
            (Some("unknown"), Some("Untyped"), "40", "Sized"),
            (Some("Sized"), None, "21", ""),
        ] {
            assert_eq!(size(character, paragraph), Some((value.to_owned(), id)), "{id:?}");
        }
    }

    #[test]
    fn names_levels_and_lists_are_those_of_the_first_style_in_force() {
        let sheet = fixture();
        let levels =
            ["Twice", "Changed", "Round", "unknown"].map(|id| sheet.outline_level(Some(id)));
        assert_eq!(levels, [Some(0), Some(1), None, None]);
        assert_eq!(sheet.default_style(StyleKind::Paragraph).map(|s| s.id.as_str()), Some("Last"));
        let find = |kind, name| sheet.find_by_name(kind, name).map(|style| style.id.as_str());
        assert_eq!(find(StyleKind::Paragraph, "Heading 1"), Some("Twice"));
        assert_eq!(find(StyleKind::Paragraph, "标题 1"), Some("Twice"));
        assert_eq!(find(StyleKind::Paragraph, "other"), None);
        assert_eq!(find(StyleKind::Paragraph, "UNTYPED"), Some("Untyped"));
        assert_eq!(find(StyleKind::Table, "table grid"), Some("Grid"));
        let list = |list: &str, level| ListReference { list: Some(list.to_owned()), level };
        assert_eq!(sheet.list_reference(Some("Untyped")), list("1", Some(1)));
        assert_eq!(sheet.list_reference(Some("Sized")), list("1", Some(2)));
        assert_eq!(sheet.list_reference(Some("Changed")), ListReference::default());
    }

    #[test]
    fn effective_properties_are_all_that_a_style_rests_on() {
        let text = "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"A\" \
            w:eastAsia=\"B\"/><w:sz w:val=\"1\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>\
            <w:spacing w:after=\"9\" w:line=\"8\"/></w:pPr></w:pPrDefault></w:docDefaults>\
            <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/>\
            <w:rPr><w:rFonts w:ascii=\"C\"/></w:rPr></w:style><w:style w:type=\"paragraph\" \
            w:styleId=\"b\"><w:name w:val=\"X\"/><w:basedOn w:val=\"a\"/><w:pPr><w:spacing \
            w:after=\"0\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>";
        let sheet = sheet(text);
        let found = sheet.style_properties(sheet.get("b").unwrap());
        let paragraph = "<w:pPr><w:spacing w:line=\"8\" w:after=\"0\"/></w:pPr>";
        assert_eq!(found.paragraph.to_xml(), paragraph);
        let run =
            "<w:rPr><w:rFonts w:eastAsia=\"B\" w:ascii=\"C\"/><w:b/><w:sz w:val=\"1\"/></w:rPr>";
        assert_eq!(found.run.to_xml(), run);
    }

    #[test]
    fn kinds_of_styles_act_in_their_order() {
        let run = |kind: &str, inner: &str| {
            format!(
                "<w:style w:type=\"{kind}\" w:styleId=\"{kind}\"><w:rPr>{inner}</w:rPr></w:style>"
            )
        };
        let sheet = sheet(
            &[
                run("character", "<w:b/><w:sz w:val=\"3\"/>"),
                run("table", "<w:b/><w:i/><w:sz w:val=\"1\"/><w:color w:val=\"FF0000\"/>"),
                run("paragraph", "<w:b/><w:sz w:val=\"2\"/>"),
            ]
            .concat(),
        );
        let shown = |table, paragraph, character, run| {
            let applied = AppliedStyles { table, paragraph, character };
            let direct = DirectFormatting { run, ..DirectFormatting::default() };
            sheet.effective_properties(&applied, &direct).run.to_xml()
        };
        let color = "<w:color w:val=\"FF0000\"/>";
        assert_eq!(
            shown(Some("table"), None, None, ""),
            format!("<w:rPr><w:b/><w:i/>{color}<w:sz w:val=\"1\"/></w:rPr>")
        );
        assert_eq!(
            shown(Some("table"), Some("paragraph"), None, ""),
            format!("<w:rPr><w:b w:val=\"0\"/><w:i/>{color}<w:sz w:val=\"2\"/></w:rPr>")
        );
        assert_eq!(
            shown(Some("table"), Some("paragraph"), Some("character"), ""),
            format!("<w:rPr><w:b/><w:i/>{color}<w:sz w:val=\"3\"/></w:rPr>")
        );
        // Direct formatting is absolute.
        assert_eq!(
            shown(None, Some("paragraph"), None, "<w:rPr><w:b/><w:sz w:val=\"9\"/></w:rPr>"),
            "<w:rPr><w:b/><w:sz w:val=\"9\"/></w:rPr>"
        );
    }

    #[test]
    fn chains_end_in_time() {
        for (length, found) in [(MAX_STYLE_CHAIN, Some(1)), (MAX_STYLE_CHAIN + 1, None)] {
            let mut styles: String = (1..length)
                .map(|at| style(&format!("s{at}"), &format!("<w:basedOn w:val=\"s{}\"/>", at + 1)))
                .collect();
            let last = "<w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr>";
            styles.push_str(&style(&format!("s{length}"), last));
            assert_eq!(sheet(&styles).outline_level(Some("s1")), found, "{length}");
        }
    }

    #[test]
    fn bytes_of_the_part_lead_to_style_and_property() {
        let sheet = fixture();
        let at = |what: &str| sheet.text().find(what).unwrap();
        let size = at("<w:sz w:val=\"40\"");
        assert_eq!(sheet.style_at(size).map(|style| style.id.as_str()), Some("Sized"));
        assert_eq!(sheet.property_at(size).and_then(PropertyElement::value), Some("40"));
        let default = at("<w:sz w:val=\"21\"");
        assert!(sheet.style_at(default).is_none());
        assert_eq!(sheet.property_at(default).and_then(PropertyElement::value), Some("21"));
        assert!(sheet.property_at(default + 1).is_none());
    }
}
