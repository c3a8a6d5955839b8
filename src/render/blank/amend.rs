//! Owns what docx-rs cannot say or gets wrong: indents in characters, grid of characters, languages,
//! default styles, repeated header rows, names of tables, settings and fonts.
//! Must not care for the order of children: `normalize` runs after it.

use super::styles::{FACES, LOOKS, Look};
use super::tree::{Element, Node};

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Leaves on the root only the namespaces that the part uses, and takes away docx-rs's paragraph ids.
pub(super) fn any(root: &mut Element) {
    let uses_relations = root.name == "w:document";
    root.attributes.clear();
    root.attributes.push(("xmlns:w".to_owned(), W.to_owned()));
    if uses_relations {
        root.attributes.push(("xmlns:r".to_owned(), R.to_owned()));
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

/// What a table is called, what it shows, and how many of its rows are heads.
pub(super) struct Described {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) heads: usize,
}

/// Names the tables and marks the rows that repeat; `tables` are those of the body in order.
pub(super) fn document(root: &mut Element, tables: &[Described]) {
    let drawn = root.entry("w:body").elements_mut().filter(|child| child.name == "w:tbl");
    for (element, described) in drawn.zip(tables) {
        let properties = element.entry("w:tblPr");
        properties.set(look());
        properties.set(Element::val("w:tblCaption", &described.name));
        properties.set(Element::val("w:tblDescription", &described.summary));
        let rows = element.elements_mut().filter(|child| child.name == "w:tr");
        for row in rows.take(described.heads) {
            row.entry("w:trPr").set(Element::new("w:tblHeader"));
        }
    }
}

/// Puts another body in place of the document's own, whose section stays.
pub(super) fn body(root: &mut Element, body: &Element) {
    let own = root.entry("w:body");
    own.children.retain(|node| node.is_named("w:sectPr"));
    let mut children: Vec<Node> = body.elements().cloned().map(Node::Element).collect();
    children.append(&mut own.children);
    own.children = children;
}

/// First row and first column are heads; no stripes.
fn look() -> Element {
    Element::val("w:tblLook", "06A0")
        .with("w:firstRow", "1")
        .with("w:lastRow", "0")
        .with("w:firstColumn", "1")
        .with("w:lastColumn", "0")
        .with("w:noHBand", "1")
        .with("w:noVBand", "1")
}

/// Completes the styles, and adds those that every document of Word has.
pub(super) fn styles(root: &mut Element) {
    // docx-rs puts an empty Normal before ours.
    let mut normals = 0;
    root.children.retain(|node| {
        let normal = node.is_named("w:style") && is_normal(node);
        normals += usize::from(normal);
        !(normal && normals == 1)
    });
    let defaults = root.entry("w:docDefaults");
    let run = defaults.entry("w:rPrDefault").entry("w:rPr");
    run.set(language());
    for style in root.elements_mut().filter(|child| child.name == "w:style") {
        let id = style.attribute("w:styleId").unwrap_or_default().to_owned();
        if let Some(look) = LOOKS.iter().find(|look| look.id == id) {
            complete(style, look);
        } else {
            style.set(Element::val("w:basedOn", "TableNormal"));
            // A style of tables has no width.
            style.entry("w:tblPr").children.retain(|node| !node.is_named("w:tblW"));
        }
    }
    for style in [default_font(), no_list(), normal_table()] {
        root.push(style);
    }
}

fn is_normal(node: &Node) -> bool {
    match node {
        Node::Element(element) => element.attribute("w:styleId") == Some("Normal"),
        Node::Text(_) => false,
    }
}

/// Chinese throughout; Latin words are spelled as English.
fn language() -> Element {
    Element::val("w:lang", "en-US").with("w:eastAsia", "zh-CN").with("w:bidi", "ar-SA")
}

fn complete(style: &mut Element, look: &Look) {
    if look.id == "Normal" {
        style.attributes.insert(1, ("w:default".to_owned(), "1".to_owned()));
        let paragraph = style.entry("w:pPr");
        // No line moves to another page to keep a paragraph together, and no space comes between
        // Chinese and Latin: either would break the grid of characters and lines. The lines are exact
        // and need no snapping, which in LibreOffice would set each character into two cells; the
        // pitch of characters is another property (`w:snapToGrid` in `w:rPr`) and stays on.
        for name in ["w:widowControl", "w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"] {
            paragraph.set(Element::val(name, "0"));
        }
    }
    if look.keep_next {
        style.entry("w:pPr").set(Element::new("w:keepNext"));
    }
    if let Some(indents) = look.indents {
        style.entry("w:pPr").set(indent(indents, look));
    }
    if look.off_grid() {
        style.entry("w:rPr").set(Element::val("w:snapToGrid", "0"));
    }
}

/// Indents in characters, and in twips for programs that do not know characters.
fn indent([left, right, first]: [i32; 3], look: &Look) -> Element {
    let size = look.size.and_then(|size| i32::try_from(size).ok()).unwrap_or(32);
    // 15.793 pt a character on the grid, the full size off it.
    let character = if look.off_grid() { size * 10 } else { 316 };
    let mut element = Element::new("w:ind");
    for (name, value) in [("left", left), ("right", right), ("firstLine", first)] {
        element = element
            .with(&format!("w:{name}Chars"), &value.to_string())
            .with(&format!("w:{name}"), &(value * character / 100).to_string());
    }
    element
}

fn default_style(kind: &str, id: &str, name: &str) -> Element {
    let mut style =
        Element::new("w:style").with("w:type", kind).with("w:default", "1").with("w:styleId", id);
    style.push(Element::val("w:name", name));
    style.push(Element::val("w:uiPriority", "99"));
    style.push(Element::new("w:semiHidden"));
    style.push(Element::new("w:unhideWhenUsed"));
    style
}

fn default_font() -> Element {
    default_style("character", "DefaultParagraphFont", "Default Paragraph Font")
}

fn no_list() -> Element {
    default_style("numbering", "NoList", "No List")
}

fn normal_table() -> Element {
    let mut style = default_style("table", "TableNormal", "Normal Table");
    let properties = style.entry("w:tblPr");
    properties.push(Element::new("w:tblInd").with("w:w", "0").with("w:type", "dxa"));
    let margins = properties.entry("w:tblCellMar");
    for (side, width) in [("top", "0"), ("left", "108"), ("bottom", "0"), ("right", "108")] {
        let name = format!("w:{side}");
        margins.push(Element::new(&name).with("w:w", width).with("w:type", "dxa"));
    }
    style
}

/// Completes the settings.
pub(super) fn settings(root: &mut Element) {
    root.set(Element::new("w:bordersDoNotSurroundHeader"));
    root.set(Element::new("w:bordersDoNotSurroundFooter"));
    root.set(Element::new("w:evenAndOddHeaders"));
    root.set(Element::val("w:defaultTabStop", "420"));
    root.set(Element::val("w:characterSpacingControl", "compressPunctuation"));
    root.set(Element::val("w:themeFontLang", "en-US").with("w:eastAsia", "zh-CN"));
    root.set(Element::val("w:decimalSymbol", "."));
    root.set(Element::val("w:listSeparator", ","));
}

/// The table of fonts with the names to use in their place.
pub(super) fn fonts() -> Element {
    let mut root = Element::new("w:fonts").with("xmlns:w", W);
    for face in FACES {
        let mut font = Element::new("w:font").with("w:name", face.name);
        font.push(Element::val("w:altName", face.alternatives));
        font.push(Element::val("w:charset", face.charset));
        font.push(Element::val("w:family", face.family));
        font.push(Element::val("w:pitch", face.pitch));
        root.push(font);
    }
    root
}
