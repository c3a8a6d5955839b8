//! Owns the model of a Word part: paragraphs, tables, rows and cells with the numbers by which
//! messages name them, and the properties that styles give.
//! Must not know a form or a tag.

use docx_fill::diag::WordLocation;
use docx_fill::limits::{MAX_GRID_COLUMNS, MAX_TABLE_DEPTH};
use docx_fill::opc::OpcError;
use docx_fill::word::styles::{AppliedStyles, LineSpacing, StyleSheet};
use docx_fill::word::xml_tree::XmlTree;
use std::collections::BTreeMap;

/// A row of the document: table and row.
pub(super) type RowAddress = (usize, usize);

/// A part that holds paragraphs.
pub(super) struct Body {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) tree: XmlTree,
    pub(super) paragraphs: Vec<BodyParagraph>,
    /// Index of the innermost paragraph that contains each element or is it.
    owners: Vec<Option<usize>>,
    pub(super) tables: Vec<BodyTable>,
}

/// A paragraph.
pub(super) struct BodyParagraph {
    pub(super) element: usize,
    pub(super) cells: Vec<(u32, u32, u32)>,
    pub(super) number: u32,
    pub(super) text: String,
}

/// A table; nested ones follow the one that contains them.
pub(super) struct BodyTable {
    pub(super) element: usize,
    /// Cells that contain the table.
    pub(super) outer: Vec<(u32, u32, u32)>,
    pub(super) number: u32,
    pub(super) columns: Vec<f64>,
    pub(super) rows: Vec<BodyRow>,
}

/// A row.
pub(super) struct BodyRow {
    pub(super) element: usize,
    pub(super) header: bool,
    pub(super) cant_split: bool,
    pub(super) cells: Vec<BodyCell>,
}

/// The vertical merging of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyMerge {
    None,
    Restart,
    Continue,
}

/// A physical cell.
pub(super) struct BodyCell {
    pub(super) element: usize,
    pub(super) span: usize,
    pub(super) merge: BodyMerge,
    pub(super) text: String,
}

/// The counts reached in one container.
#[derive(Clone, Default)]
struct PlaceCounter {
    cells: Vec<(u32, u32, u32)>,
    tables: u32,
    row: u32,
    cell: u32,
    paragraphs: u32,
    /// True in a text box, in which every place is that of its anchor.
    anchored: bool,
    /// Index of the open table.
    table: Option<usize>,
}

impl Body {
    pub(super) fn read(name: &str, text: String) -> Result<Body, OpcError> {
        let tree = XmlTree::read(&text, name)?;
        let (paragraphs, owners, tables) = (Vec::new(), Vec::new(), Vec::new());
        let mut body = Body { name: name.to_owned(), text, tree, paragraphs, owners, tables };
        body.read_blocks();
        body.assign_owners();
        Ok(body)
    }

    fn read_blocks(&mut self) {
        let mut stack: Vec<(usize, PlaceCounter)> = vec![(usize::MAX, PlaceCounter::default())];
        for at in 0..self.tree.elements.len() {
            while stack.len() > 1 && stack.last().is_some_and(|(end, _)| at >= *end) {
                stack.pop();
            }
            let Some((_, counts)) = stack.last_mut() else { return };
            let element = &self.tree.elements[at];
            match element.name.as_str() {
                "w:p" => {
                    counts.paragraphs += u32::from(!counts.anchored);
                    let (cells, number) = (counts.cells.clone(), counts.paragraphs.max(1));
                    let text = self.paragraph_text(at);
                    self.paragraphs.push(BodyParagraph { element: at, cells, number, text });
                }
                "w:tbl" if !counts.anchored => {
                    counts.tables += 1;
                    counts.row = 0;
                    counts.table = Some(self.tables.len());
                    let table = self.read_table(at, counts);
                    self.tables.push(table);
                }
                "w:tr" if !counts.anchored => {
                    counts.row += 1;
                    counts.cell = 0;
                    let row = self.read_row(at);
                    if let Some(table) = counts.table {
                        self.tables[table].rows.push(row);
                    }
                }
                "w:tc" if !counts.anchored => {
                    counts.cell += 1;
                    let mut inner =
                        PlaceCounter { cells: counts.cells.clone(), ..PlaceCounter::default() };
                    if inner.cells.len() < MAX_TABLE_DEPTH {
                        inner.cells.push((counts.tables, counts.row, counts.cell));
                    }
                    let table = counts.table;
                    let cell = self.read_cell(at);
                    let row = table.and_then(|table| self.tables[table].rows.last_mut());
                    if let Some(row) = row {
                        row.cells.push(cell);
                    }
                    stack.push((self.tree.elements[at].end, inner));
                }
                "w:txbxContent" => {
                    let inner = PlaceCounter { anchored: true, ..counts.clone() };
                    stack.push((element.end, inner));
                }
                _ => {}
            }
        }
    }

    /// Determines the innermost paragraph of each element.
    fn assign_owners(&mut self) {
        let mut owners: Vec<Option<usize>> = Vec::with_capacity(self.tree.elements.len());
        let mut next = self.paragraphs.iter().map(|found| found.element).enumerate().peekable();
        for (at, element) in self.tree.elements.iter().enumerate() {
            let own = next.next_if(|(_, element)| *element == at).map(|(number, _)| number);
            owners.push(own.or_else(|| owners[element.parent?]));
        }
        self.owners = owners;
    }

    fn read_table(&self, at: usize, counts: &PlaceCounter) -> BodyTable {
        let grid = self.tree.child(at, "w:tblGrid");
        let columns = grid.into_iter().flat_map(|grid| self.tree.children(grid));
        let columns = columns.filter_map(|at| {
            let column = &self.tree.elements[at];
            (column.name == "w:gridCol").then(|| column.number_attribute("w:w").unwrap_or(0.0))
        });
        BodyTable {
            element: at,
            outer: counts.cells.clone(),
            number: counts.tables,
            columns: columns.collect(),
            rows: Vec::new(),
        }
    }

    fn read_row(&self, at: usize) -> BodyRow {
        let on = |name| {
            self.tree
                .element_at_path(at, &["w:trPr", name])
                .is_some_and(docx_fill::word::xml_tree::SpannedElement::is_on)
        };
        BodyRow {
            element: at,
            header: on("w:tblHeader"),
            cant_split: on("w:cantSplit"),
            cells: Vec::new(),
        }
    }

    fn read_cell(&self, at: usize) -> BodyCell {
        let property = |name| self.tree.element_at_path(at, &["w:tcPr", name]);
        let merge = match property("w:vMerge").map(|found| found.value()) {
            None => BodyMerge::None,
            Some(Some("restart")) => BodyMerge::Restart,
            Some(_) => BodyMerge::Continue,
        };
        let span = property("w:gridSpan").and_then(|found| found.value()?.parse().ok());
        let mut own = String::new();
        let mut skip = 0;
        for inner in self.tree.descendants(at) {
            if inner < skip {
                continue;
            }
            let element = &self.tree.elements[inner];
            match element.name.as_str() {
                "w:tbl" | "w:tc" => skip = element.end,
                "w:t" => own.push_str(&element.text),
                _ => {}
            }
        }
        BodyCell {
            element: at,
            span: span.unwrap_or(1).clamp(1, MAX_GRID_COLUMNS),
            merge,
            text: own,
        }
    }

    /// Returns the text of a paragraph, without that of text boxes in it.
    fn paragraph_text(&self, at: usize) -> String {
        let mut out = String::new();
        let mut skip = 0;
        for inner in self.tree.descendants(at) {
            let element = &self.tree.elements[inner];
            if inner < skip {
                continue;
            }
            match element.name.as_str() {
                // A paragraph directly within another is not part of its text.
                "w:txbxContent" | "w:p" => skip = element.end,
                "w:t" => out.push_str(&element.text),
                "w:tab" | "w:br" => {
                    let parent = element.parent.map(|at| self.tree.elements[at].name.as_str());
                    if parent == Some("w:r") {
                        out.push(' ');
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// Returns the place of a paragraph.
    pub(super) fn paragraph_place(&self, paragraph: &BodyParagraph, excerpt: &str) -> WordLocation {
        WordLocation {
            part: self.name.clone(),
            cells: paragraph.cells.clone(),
            paragraph: paragraph.number,
            excerpt: make_excerpt(excerpt),
        }
    }

    /// Returns the place of a cell; row and cell count from 0.
    pub(super) fn cell_place(&self, table: &BodyTable, row: usize, cell: usize) -> WordLocation {
        let found = table.rows.get(row).and_then(|row| row.cells.get(cell));
        let excerpt = found.map(|cell| make_excerpt(&cell.text)).unwrap_or_default();
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        let mut cells = table.outer.clone();
        cells.push((table.number, number(row), number(cell)));
        WordLocation { part: self.name.clone(), cells, paragraph: 0, excerpt }
    }

    /// Returns the elements of a paragraph, without those of paragraphs in it.
    pub(super) fn elements_of(&self, paragraph: &BodyParagraph) -> impl Iterator<Item = usize> {
        let (elements, mut next) = (&self.tree.elements, paragraph.element + 1);
        let end = elements[paragraph.element].end;
        std::iter::from_fn(move || {
            while next < end {
                let at = next;
                if elements[at].name == "w:p" {
                    next = elements[at].end;
                } else {
                    next += 1;
                    return Some(at);
                }
            }
            None
        })
    }

    /// Returns the paragraph that contains an element.
    pub(super) fn paragraph_of(&self, element: usize) -> Option<&BodyParagraph> {
        let number = self.owners.get(element).copied().flatten();
        number.map(|number| &self.paragraphs[number])
    }

    /// Returns the first paragraph after an element.
    pub(super) fn paragraph_after(&self, element: usize) -> Option<&BodyParagraph> {
        let at = self.paragraphs.partition_point(|found| found.element <= element);
        self.paragraphs.get(at)
    }
}

/// Returns the beginning of a text as an excerpt.
pub(super) fn make_excerpt(text: &str) -> String {
    let text: String = text.trim().chars().take(24).collect();
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}

/// Returns a text without white space, for comparing labels.
pub(super) fn strip_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// A resolver of properties of a paragraph, from itself or its styles.
pub(super) struct StyleResolver<'a> {
    pub(super) body: &'a Body,
    pub(super) styles: &'a StyleSheet,
}

/// The part in which a property was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PropertySource {
    /// An element of the part itself, by number.
    Own(usize),
    /// An element of the styles part, by its first byte.
    Styles(usize),
}

impl StyleResolver<'_> {
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
        let (table, style) = (self.table_style(paragraph), self.paragraph_style(paragraph));
        let applied = AppliedStyles { table, paragraph: style.as_deref(), character: None };
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
        let applied = AppliedStyles {
            table: self.table_style(paragraph),
            paragraph: style.as_deref(),
            character: character.and_then(|found| found.value()),
        };
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
