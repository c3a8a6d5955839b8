//! Owns the properties of paragraphs and runs that they or their styles give.
//! Must not know a form or a tag.

use docx_fill::word::body::{BodyParagraph, WordBody};
use docx_fill::word::styles::conditional_formatting::CellRegions;
use docx_fill::word::styles::{AppliedStyles, LineSpacing, StyleSheet};
use std::collections::BTreeMap;

/// A row of the document: table and row.
pub(super) type RowAddress = (usize, usize);

/// Returns a text without white space, for comparing labels.
pub(super) fn strip_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// A resolver of properties of a paragraph, from itself or its styles.
pub(super) struct StyleResolver<'a> {
    pub(super) body: &'a WordBody,
    pub(super) styles: &'a StyleSheet,
    /// Regions of tables to which table styles give formatting of their own.
    regions: CellRegions,
}

/// The part in which a property was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PropertySource {
    /// An element of the part itself, by number.
    Own(usize),
    /// An element of the styles part, by its first byte.
    Styles(usize),
}

impl<'a> StyleResolver<'a> {
    /// Creates the resolver of a part. It looks at all tables, so it is made once for a part.
    pub(super) fn new(body: &'a WordBody, styles: &'a StyleSheet) -> StyleResolver<'a> {
        let regions = CellRegions::read(&body.tree, &|table| styles.region_bands(table));
        StyleResolver { body, styles, regions }
    }

    /// Returns the style id that a paragraph names.
    pub(super) fn paragraph_style(&self, paragraph: &BodyParagraph) -> Option<String> {
        let tree = &self.body.tree;
        let own = tree.element_at_path(paragraph.element, &["w:pPr", "w:pStyle"]);
        own.and_then(|found| found.value()).map(str::to_owned)
    }

    /// Returns the style of the table around a paragraph.
    fn table_style(&self, paragraph: &BodyParagraph) -> Option<&str> {
        let tree = &self.body.tree;
        let mut around = tree.ancestors(paragraph.element);
        let outer = |at: &usize| matches!(&*tree.elements[*at].name, "w:tbl" | "w:txbxContent");
        let table = around.find(outer)?;
        tree.element_at_path(table, &["w:tblPr", "w:tblStyle"])?.value()
    }

    fn applied_styles<'s>(
        &'s self,
        paragraph: &BodyParagraph,
        style: Option<&'s str>,
        character: Option<&'s str>,
    ) -> AppliedStyles<'s> {
        let table = self.table_style(paragraph);
        let regions = self.regions.around(&self.body.tree, paragraph.element);
        AppliedStyles { table, regions, paragraph: style, character }
    }

    /// Returns the outline level of a paragraph, from itself or its styles.
    pub(super) fn outline_level(&self, paragraph: &BodyParagraph) -> Option<u8> {
        let own = self.body.tree.element_at_path(paragraph.element, &["w:pPr", "w:outlineLvl"]);
        match own.and_then(|found| found.value()) {
            Some(own) => own.parse().ok().filter(|level| *level < 9),
            None => self.styles.outline_level(self.paragraph_style(paragraph).as_deref()),
        }
    }

    /// Returns the line spacing of a paragraph, from itself and its styles.
    pub(super) fn line_spacing(&self, paragraph: &BodyParagraph) -> LineSpacing {
        let own = self.body.tree.element_at_path(paragraph.element, &["w:pPr", "w:spacing"]);
        let said = |name| own.and_then(|found| found.attribute(name)).map(str::to_owned);
        let direct = LineSpacing { line: said("w:line"), rule: said("w:lineRule") };
        let style = self.paragraph_style(paragraph);
        let applied = self.applied_styles(paragraph, style.as_deref(), None);
        self.styles.line_spacing(direct, &applied)
    }

    /// Returns the place and the attributes of the first element of a run's character property that
    /// has one of these attributes.
    pub(super) fn run_property(
        &self,
        paragraph: &BodyParagraph,
        run: usize,
        name: &str,
        attributes: &[&str],
    ) -> Option<(PropertySource, BTreeMap<String, String>)> {
        let tree = &self.body.tree;
        if let Some(at) = tree.index_at_path(run, &["w:rPr", name]) {
            let own = &tree.elements[at];
            if attributes.iter().any(|attribute| own.attribute(attribute).is_some()) {
                return Some((PropertySource::Own(at), attribute_map(own.attributes())));
            }
        }
        let character = tree.element_at_path(run, &["w:rPr", "w:rStyle"]);
        let style = self.paragraph_style(paragraph);
        let character = character.and_then(|found| found.value());
        let applied = self.applied_styles(paragraph, style.as_deref(), character);
        let found = self.styles.find_run_property(&applied, name, &|property| {
            attributes.iter().any(|attribute| property.attribute(attribute).is_some())
        });
        let property = found?.property;
        let source = PropertySource::Styles(property.range.start);
        Some((source, attribute_map(property.attributes())))
    }

    /// Returns the runs of a paragraph that contain text.
    pub(super) fn text_runs(&self, paragraph: &BodyParagraph) -> Vec<usize> {
        let tree = &self.body.tree;
        let runs = self.body.elements_of(paragraph);
        let runs = runs.filter(|&at| tree.elements[at].name == "w:r");
        let speaks = |&run: &usize| {
            let mut texts = tree.children(run).map(|at| &tree.elements[at]);
            texts.any(|found| found.name == "w:t" && !found.text.trim().is_empty())
        };
        runs.filter(speaks).collect()
    }
}

fn attribute_map<'a>(
    attributes: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, String> {
    attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
