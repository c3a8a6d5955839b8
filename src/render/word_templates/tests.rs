//! Owns the unit tests of the template as a whole.
//! Must not know the template engine.

use super::form_template;
use super::xml_tree::{self, XmlElement};
use crate::form::{Form, FormTable, GridContent};
use docx_fill::diag::{Sink, Sources};
use std::io::{Cursor, Read};

const EDITIONS: [&str; 2] = [
    include_str!("../../../templates/2019/form.toml"),
    include_str!("../../../templates/2021/form.toml"),
];

fn form(text: &str) -> Form {
    let mut sources = Sources::default();
    let source = sources.add_text("form.toml", text);
    let mut sink = Sink::new();
    let form = Form::read(source, text, &mut sink);
    form.unwrap_or_else(|| panic!("{sink:?}"))
}

fn part(docx: &[u8], name: &str) -> XmlElement {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut xml = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
    xml_tree::parse_xml(&xml).unwrap()
}

fn named<'a>(parent: &'a XmlElement, name: &'a str) -> impl Iterator<Item = &'a XmlElement> {
    parent.elements().filter(move |element| element.name == name)
}

fn child<'a>(parent: &'a XmlElement, name: &str) -> Option<&'a XmlElement> {
    parent.elements().find(|element| element.name == name)
}

fn text(element: &XmlElement) -> String {
    let mut out = String::new();
    for node in &element.children {
        match node {
            xml_tree::XmlNode::Element(element) => out.push_str(&text(element)),
            xml_tree::XmlNode::Text(text) => out.push_str(text),
        }
    }
    out
}

fn tables(docx: &[u8]) -> Vec<XmlElement> {
    let document = part(docx, "word/document.xml");
    named(child(&document, "w:body").unwrap(), "w:tbl").cloned().collect()
}

/// Returns the number of grid columns of a table cell, and whether it continues the cell above.
fn cell(element: &XmlElement) -> (usize, bool) {
    let properties = child(element, "w:tcPr").unwrap();
    let span = child(properties, "w:gridSpan").map_or("1", |e| e.attribute("w:val").unwrap());
    let merge = child(properties, "w:vMerge").and_then(|e| e.attribute("w:val"));
    (span.parse().unwrap(), merge == Some("continue"))
}

fn assert_same_grid(drawn: &XmlElement, table: &FormTable) {
    let grid: Vec<_> = named(child(drawn, "w:tblGrid").unwrap(), "w:gridCol").collect();
    assert_eq!(grid.len(), table.grid.columns());
    let rows: Vec<_> = named(drawn, "w:tr").collect();
    assert_eq!(rows.len(), table.grid.rows());
    for (row, element) in rows.into_iter().enumerate() {
        let mut column = 0;
        for element in named(element, "w:tc") {
            let placed = table.grid.cell_at(row, column).unwrap();
            assert_eq!(cell(element), (placed.span.columns, placed.row < row));
            assert_eq!(placed.column, column);
            if placed.row == row {
                assert_content(
                    &text(element),
                    table,
                    &table.lines[placed.line][placed.cell].content,
                );
            } else {
                assert_eq!(text(element), "");
            }
            column += placed.span.columns;
        }
        assert_eq!(column, table.grid.columns());
    }
}

fn assert_content(found: &str, table: &FormTable, content: &GridContent) {
    match content {
        GridContent::Header { text, .. } => assert_eq!(found, text),
        GridContent::Figure(number) => {
            let id = table.cells[*number];
            let row = &table.rows[id.row].id;
            let column = &table.columns[id.column].id;
            let start = format!("{{{{fit {}.{row}.{column} ", table.id);
            assert!(found.starts_with(&start) && found.ends_with("}}"), "{found}");
        }
    }
}

#[test]
fn each_table_has_the_grid_of_the_form() {
    for edition in EDITIONS {
        let form = form(edition);
        let docx = form_template(&form);
        let drawn = tables(&docx);
        assert_eq!(drawn.len(), form.tables.len());
        for (drawn, table) in drawn.iter().zip(&form.tables) {
            assert_same_grid(drawn, table);
        }
    }
}

#[test]
fn header_rows_repeat_and_no_row_breaks() {
    for edition in EDITIONS {
        let form = form(edition);
        for (drawn, table) in tables(&form_template(&form)).iter().zip(&form.tables) {
            let rows: Vec<_> =
                named(drawn, "w:tr").map(|row| child(row, "w:trPr").unwrap()).collect();
            let heads = rows.iter().filter(|row| child(row, "w:tblHeader").is_some()).count();
            assert_eq!(heads, table.header_lines);
            assert!(rows.iter().all(|row| child(row, "w:cantSplit").is_some()));
        }
    }
}

#[test]
fn the_same_form_gives_the_same_bytes() {
    for edition in EDITIONS {
        assert_eq!(form_template(&form(edition)), form_template(&form(edition)));
    }
}

#[test]
fn eight_digits_of_nine_points_fit_into_table_three() {
    let docx = form_template(&form(EDITIONS[1]));
    let tables = tables(&docx);
    assert!(text(&tables[1]).contains("{{fit requests.received.natural-person 8}}"));
    assert!(text(&tables[2]).contains("{{fit review.direct-suit.total 5}}"));
}

#[test]
fn the_package_begins_with_its_types_and_has_no_dead_parts() {
    let docx = form_template(&form(EDITIONS[1]));
    let mut archive = zip::ZipArchive::new(Cursor::new(docx.as_slice())).unwrap();
    let names: Vec<String> = (0..archive.len())
        .map(|index| archive.by_index(index).unwrap().name().unwrap().into_owned())
        .collect();
    assert_eq!(names[0], "[Content_Types].xml");
    let relations = part(&docx, "word/_rels/document.xml.rels");
    for relation in relations.elements() {
        let target = format!("word/{}", relation.attribute("Target").unwrap());
        assert!(names.contains(&target), "{target}");
    }
    assert_eq!(names.len(), 3 + relations.elements().count() + 2, "{names:?}");
}

/// Collects all elements of a name, at any depth.
fn all<'a>(root: &'a XmlElement, name: &str, out: &mut Vec<&'a XmlElement>) {
    for element in root.elements() {
        if element.name == name {
            out.push(element);
        }
        all(element, name, out);
    }
}

#[test]
fn the_page_is_that_of_the_standard() {
    let docx = form_template(&form(EDITIONS[1]));
    let document = part(&docx, "word/document.xml");
    let value = |name: &str, attribute: &str| {
        let mut found = Vec::new();
        all(&document, name, &mut found);
        found[0].attribute(attribute).unwrap().to_owned()
    };
    for (side, twips) in [("top", "2098"), ("bottom", "1984"), ("left", "1588"), ("right", "1474")]
    {
        assert_eq!(value("w:pgMar", &format!("w:{side}")), twips);
    }
    assert_eq!(value("w:docGrid", "w:type"), "linesAndChars");
    assert_eq!(value("w:docGrid", "w:linePitch"), "579");
    assert_eq!(value("w:docGrid", "w:charSpace"), "-848");
    assert_eq!(value("w:textDirection", "w:val"), "tbRlV");
    assert_eq!(value("w:tblCaption", "w:val"), "表二");
    assert!(value("w:tblDescription", "w:val").starts_with("主动公开政府信息情况"));
}

#[test]
fn every_style_that_is_used_is_there() {
    let docx = form_template(&form(EDITIONS[0]));
    let styles = part(&docx, "word/styles.xml");
    let mut ids: Vec<&str> =
        named(&styles, "w:style").map(|style| style.attribute("w:styleId").unwrap()).collect();
    for name in ["document", "header1", "header2", "footer1", "footer2", "styles"] {
        let root = part(&docx, &format!("word/{name}.xml"));
        for user in ["w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:next"] {
            let mut found = Vec::new();
            all(&root, user, &mut found);
            for element in found {
                let id = element.attribute("w:val").unwrap();
                assert!(ids.contains(&id), "{name}: {id}");
            }
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "a style stands twice");
}

#[test]
fn fonts_have_fallbacks_and_no_theme() {
    let docx = form_template(&form(EDITIONS[0]));
    let mut fonts = Vec::new();
    let styles = part(&docx, "word/styles.xml");
    all(&styles, "w:rFonts", &mut fonts);
    let table = part(&docx, "word/fontTable.xml");
    let faces: Vec<_> = named(&table, "w:font").map(|font| font.attribute("w:name")).collect();
    for font in fonts {
        assert!(font.attributes.iter().all(|(name, _)| !name.ends_with("Theme")));
        for slot in ["w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"] {
            assert!(faces.contains(&font.attribute(slot)), "{slot} of {font:?}");
        }
    }
    assert!(named(&table, "w:font").all(|font| child(font, "w:altName").is_some()));
}

const ODD: &str = r#"
edition = "x"
name = "x"
title = "{organ}"
years = { from = 2030 }
notice = { title = "", number = "" }

[[section]]
id = "a b"
heading = "A & B < \u0001 ]]> {{title}}"
table = "t.1"

[[table]]
id = "t.1"
name = "\"<&>'"
summary = ""
widths = [50, 50, 56]
size = inf
line-height = nan
header-lines = 1

[[table.column]]
id = "甲"
label = "a\tb"

[[table.row]]
id = ""
label = ""

[[table.line]]
head = [{ column = "甲", colspan = 2, rowspan = 2 }, { text = "</w:t>" }]

[[table.line]]
row = ""
head = []
figures = ["甲"]
"#;

#[test]
fn an_odd_form_gives_a_whole_document() {
    let mut odd = form(ODD);
    // The reader refuses such widths.
    odd.tables[0].widths = vec![f64::NAN, -5.0, 1e300];
    let docx = form_template(&odd);
    let document = text(&part(&docx, "word/document.xml"));
    assert!(document.contains("A &amp; B &lt;  ]]&gt; \\{{title}}"), "{document}");
    assert!(document.contains("{{fit [t.1].[].甲 12}}"), "{document}");
    assert!(document.contains("&lt;/w:t&gt;"), "{document}");
}
