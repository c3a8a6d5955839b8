//! Owns what docx-rs does not support or gets wrong: indents in characters, the character grid,
//! languages, default styles, repeated header rows, descriptions of tables, settings and fonts.
//! Must not ensure the order of children: `normalize` runs after it.

use super::styles::{STYLE_SPECS, StyleSize, StyleSpec};
use super::xml_tree::{XmlElement, XmlNode};
use crate::official_page::official_page;

const WORD_NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONSHIP_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Removes the namespaces that the part does not use from its root, and docx-rs's paragraph ids.
pub(super) fn clean_root(root: &mut XmlElement) {
    let uses_relations = root.name == "w:document";
    root.attributes.clear();
    root.attributes.push(("xmlns:w".to_owned(), WORD_NAMESPACE.to_owned()));
    if uses_relations {
        root.attributes.push(("xmlns:r".to_owned(), RELATIONSHIP_NAMESPACE.to_owned()));
    }
    root.walk(&mut |element| {
        element.attributes.retain(|(name, _)| !name.starts_with("w14:"));
        if element.name == "w:gridCol" {
            element.attributes.retain(|(name, _)| name != "w:type");
        }
        if element.name == "w:fldChar" {
            element.attributes.retain(|(name, _)| name != "w:dirty");
        }
    });
}

/// Name, description and number of header rows of a table.
pub(super) struct TableDescription {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) heads: usize,
}

/// Adds the descriptions of the tables and marks the rows that repeat; `tables` are those of the
/// body in order.
pub(super) fn patch_document(root: &mut XmlElement, tables: &[TableDescription]) {
    let drawn = root.entry("w:body").elements_mut().filter(|child| child.name == "w:tbl");
    for (element, described) in drawn.zip(tables) {
        let properties = element.entry("w:tblPr");
        properties.replace_child(table_look());
        properties.replace_child(XmlElement::val("w:tblCaption", &described.name));
        properties.replace_child(XmlElement::val("w:tblDescription", &described.summary));
        let rows = element.elements_mut().filter(|child| child.name == "w:tr");
        for row in rows.take(described.heads) {
            row.entry("w:trPr").replace_child(XmlElement::new("w:tblHeader"));
        }
    }
}

/// Replaces the document's body, keeping its section properties.
pub(super) fn replace_body(root: &mut XmlElement, body: &XmlElement) {
    let own = root.entry("w:body");
    own.children.retain(|node| node.is_named("w:sectPr"));
    let mut children: Vec<XmlNode> = body.elements().cloned().map(XmlNode::Element).collect();
    children.append(&mut own.children);
    own.children = children;
}

/// Returns the table look: first row and first column are heads; no banding.
fn table_look() -> XmlElement {
    XmlElement::val("w:tblLook", "06A0")
        .with_attribute("w:firstRow", "1")
        .with_attribute("w:lastRow", "0")
        .with_attribute("w:firstColumn", "1")
        .with_attribute("w:lastColumn", "0")
        .with_attribute("w:noHBand", "1")
        .with_attribute("w:noVBand", "1")
}

/// Completes the styles, and adds those that every Word document has.
pub(super) fn patch_styles(root: &mut XmlElement) {
    // docx-rs adds an empty style Normal before ours.
    let mut normals = 0;
    root.children.retain(|node| {
        let normal = node.is_named("w:style") && is_normal_style(node);
        normals += usize::from(normal);
        !(normal && normals == 1)
    });
    let defaults = root.entry("w:docDefaults");
    let run = defaults.entry("w:rPrDefault").entry("w:rPr");
    run.replace_child(default_language());
    for style in root.elements_mut().filter(|child| child.name == "w:style") {
        let id = style.attribute("w:styleId").unwrap_or_default().to_owned();
        if let Some(look) = STYLE_SPECS.iter().find(|look| look.id == id) {
            complete_style(style, look);
        } else {
            style.replace_child(XmlElement::val("w:basedOn", "TableNormal"));
            // A table style has no width.
            style.entry("w:tblPr").children.retain(|node| !node.is_named("w:tblW"));
        }
    }
    for style in [default_font(), no_list(), normal_table()] {
        root.push_child(style);
    }
}

fn is_normal_style(node: &XmlNode) -> bool {
    match node {
        XmlNode::Element(element) => element.attribute("w:styleId") == Some("Normal"),
        XmlNode::Text(_) => false,
    }
}

/// Returns the languages: Chinese, and English for Latin words.
fn default_language() -> XmlElement {
    XmlElement::val("w:lang", "en-US")
        .with_attribute("w:eastAsia", "zh-CN")
        .with_attribute("w:bidi", "ar-SA")
}

fn complete_style(style: &mut XmlElement, look: &StyleSpec) {
    if look.id == "Normal" {
        style.attributes.insert(1, ("w:default".to_owned(), "1".to_owned()));
        let paragraph = style.entry("w:pPr");
        // Widow control and automatic space between Chinese and Latin are off: either would break
        // the grid of characters and lines. Lines are exact and need no snapping, which in
        // LibreOffice would set each character into two cells; the character pitch is another
        // property (`w:snapToGrid` in `w:rPr`) and stays on.
        for name in ["w:widowControl", "w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"] {
            paragraph.replace_child(XmlElement::val(name, "0"));
        }
    }
    if look.keep_next {
        style.entry("w:pPr").replace_child(XmlElement::new("w:keepNext"));
    }
    if let Some(indents) = look.indents {
        style.entry("w:pPr").replace_child(indent_element(indents, look));
    }
    if look.is_off_grid() {
        style.entry("w:rPr").replace_child(XmlElement::val("w:snapToGrid", "0"));
    }
}

/// Returns the indents in characters, and in twips for programs that ignore characters.
fn indent_element([left, right, first]: [i32; 3], look: &StyleSpec) -> XmlElement {
    let size = look.size.unwrap_or(StyleSize::Body).half_points();
    let size = i32::try_from(size).unwrap_or(32);
    // 15.793 pt a character on the grid, the full size off it.
    let character = if look.is_off_grid() { size * 10 } else { 316 };
    let mut element = XmlElement::new("w:ind");
    for (name, value) in [("left", left), ("right", right), ("firstLine", first)] {
        element = element
            .with_attribute(&format!("w:{name}Chars"), &value.to_string())
            .with_attribute(&format!("w:{name}"), &(value * character / 100).to_string());
    }
    element
}

fn default_style(kind: &str, id: &str, name: &str) -> XmlElement {
    let mut style = XmlElement::new("w:style")
        .with_attribute("w:type", kind)
        .with_attribute("w:default", "1")
        .with_attribute("w:styleId", id);
    style.push_child(XmlElement::val("w:name", name));
    style.push_child(XmlElement::val("w:uiPriority", "99"));
    style.push_child(XmlElement::new("w:semiHidden"));
    style.push_child(XmlElement::new("w:unhideWhenUsed"));
    style
}

fn default_font() -> XmlElement {
    default_style("character", "DefaultParagraphFont", "Default Paragraph Font")
}

fn no_list() -> XmlElement {
    default_style("numbering", "NoList", "No List")
}

fn normal_table() -> XmlElement {
    let mut style = default_style("table", "TableNormal", "Normal Table");
    let properties = style.entry("w:tblPr");
    properties.push_child(
        XmlElement::new("w:tblInd").with_attribute("w:w", "0").with_attribute("w:type", "dxa"),
    );
    let margins = properties.entry("w:tblCellMar");
    for (side, width) in [("top", "0"), ("left", "108"), ("bottom", "0"), ("right", "108")] {
        let name = format!("w:{side}");
        margins.push_child(
            XmlElement::new(&name).with_attribute("w:w", width).with_attribute("w:type", "dxa"),
        );
    }
    style
}

/// Completes the settings.
pub(super) fn patch_settings(root: &mut XmlElement) {
    root.replace_child(XmlElement::new("w:bordersDoNotSurroundHeader"));
    root.replace_child(XmlElement::new("w:bordersDoNotSurroundFooter"));
    root.replace_child(XmlElement::new("w:evenAndOddHeaders"));
    root.replace_child(XmlElement::val("w:defaultTabStop", "420"));
    root.replace_child(XmlElement::val("w:characterSpacingControl", "compressPunctuation"));
    root.replace_child(
        XmlElement::val("w:themeFontLang", "en-US").with_attribute("w:eastAsia", "zh-CN"),
    );
    root.replace_child(XmlElement::val("w:decimalSymbol", "."));
    root.replace_child(XmlElement::val("w:listSeparator", ","));
}

/// Returns the font table with alternative names of each font.
pub(super) fn font_table() -> XmlElement {
    let mut root = XmlElement::new("w:fonts").with_attribute("xmlns:w", WORD_NAMESPACE);
    for face in official_page().faces.all_faces() {
        let mut font = XmlElement::new("w:font").with_attribute("w:name", &face.name);
        font.push_child(XmlElement::val("w:altName", &face.alternatives));
        font.push_child(XmlElement::val("w:charset", &face.charset));
        font.push_child(XmlElement::val("w:family", &face.family));
        font.push_child(XmlElement::val("w:pitch", &face.pitch));
        root.push_child(font);
    }
    root
}
