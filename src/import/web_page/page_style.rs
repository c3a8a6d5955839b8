//! Owns the looks of elements that matter to a reader: what is shown, what begins a line, bold, alignment; by the
//! names of elements and their own styles, since the style sheets of a site are not at hand.
//! Must not know what an element means in a report.

use super::page_tree::{NodeId, PageTree};
use std::rc::Rc;

/// Elements that show no text of the page.
const SILENT_ELEMENTS: &[&str] = &[
    "head", "script", "style", "noscript", "template", "select", "datalist", "button", "audio",
    "map", "del", "s", "strike", "rt",
];

/// Elements that begin a line of their own.
const BLOCK_ELEMENTS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "html",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "tbody",
    "td",
    "tr",
];

/// Elements within which a line break is one; anywhere else it ends a paragraph.
const LINE_ELEMENTS: &[&str] = &["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "pre"];

/// Elements that show something else than text.
const OBJECT_ELEMENTS: &[&str] =
    &["img", "iframe", "embed", "object", "canvas", "video", "svg", "math"];

/// Maximum width and height of a picture that is only a blank, in pixels.
const MAX_SPACER: u32 = 3;

/// The look of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TextStyle {
    pub(super) bold: bool,
    pub(super) italic: bool,
    /// Address of the link around it.
    pub(super) link: Option<Rc<str>>,
    /// Alignment, as Word names it.
    pub(super) align: &'static str,
    /// True if blanks and line ends are shown as they are.
    pub(super) preformatted: bool,
}

impl TextStyle {
    /// Returns the look within an element.
    pub(super) fn within(&self, tree: &PageTree, element: NodeId) -> TextStyle {
        let mut look = self.clone();
        match tree.name(element) {
            "b" | "strong" => look.bold = true,
            "i" | "em" => look.italic = true,
            "center" => look.align = "center",
            "pre" | "textarea" => look.preformatted = true,
            "a" => look.link = tree.attribute(element, "href").and_then(web_address),
            _ => {}
        }
        let align = style_value(tree, element, "text-align");
        let align = align.or_else(|| tree.attribute(element, "align").map(str::to_owned));
        look.align = match align.as_deref() {
            Some("center" | "middle") => "center",
            Some("right" | "end") => "right",
            Some(_) => "left",
            None => look.align,
        };
        match style_value(tree, element, "font-weight").as_deref() {
            Some("bold" | "bolder" | "600" | "700" | "800" | "900") => look.bold = true,
            Some(_) => look.bold = false,
            None => {}
        }
        if let Some(style) = style_value(tree, element, "font-style") {
            look.italic = style == "italic" || style == "oblique";
        }
        look
    }
}

/// Returns an address that a text may have as its link; one within the site leads nowhere without it.
fn web_address(address: &str) -> Option<Rc<str>> {
    let address = address.trim();
    let known = ["http://", "https://", "mailto:"].iter().any(|scheme| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    known.then(|| address.into())
}

/// Returns the last value of a property in an element's own style, in small letters.
pub(super) fn style_value(tree: &PageTree, element: NodeId, property: &str) -> Option<String> {
    let style = tree.attribute(element, "style")?;
    let values = style.split(';').filter_map(|one| one.split_once(':'));
    let mut own = values.filter(|(name, _)| name.trim().eq_ignore_ascii_case(property));
    let value = own.next_back()?.1.trim().trim_end_matches("!important").trim_end();
    Some(value.to_ascii_lowercase())
}

/// Checks whether an element shows nothing.
pub(super) fn is_silent(tree: &PageTree, element: NodeId) -> bool {
    let has = |property: &str, value: &str| {
        style_value(tree, element, property).is_some_and(|own| own == value)
    };
    SILENT_ELEMENTS.contains(&tree.name(element))
        || tree.attribute(element, "hidden").is_some()
        || has("display", "none")
        || has("mso-hide", "all")
        || has("visibility", "hidden")
        || has("visibility", "collapse")
        || (tree.name(element) == "input" && !is_text_field(tree, element))
}

/// Checks whether an input shows its value.
fn is_text_field(tree: &PageTree, element: NodeId) -> bool {
    let kind = tree.attribute(element, "type").unwrap_or("text").to_ascii_lowercase();
    matches!(kind.as_str(), "text" | "number" | "")
}

/// Checks whether an element begins a line of its own.
pub(super) fn is_block(tree: &PageTree, element: NodeId) -> bool {
    match style_value(tree, element, "display").as_deref() {
        Some("block" | "flex" | "grid" | "list-item" | "table") => true,
        Some("inline" | "inline-block") => false,
        _ => BLOCK_ELEMENTS.contains(&tree.name(element)),
    }
}

/// Checks whether a line break within an element is one, not the end of a paragraph.
pub(super) fn keeps_breaks(tree: &PageTree, element: NodeId) -> bool {
    LINE_ELEMENTS.contains(&tree.name(element))
}

/// Checks whether an element shows something else than text.
pub(super) fn is_object(tree: &PageTree, element: NodeId) -> bool {
    let small = |name: &str| {
        let size = tree.attribute(element, name).map(|size| size.trim_end_matches("px"));
        size.and_then(|size| size.trim().parse::<u32>().ok()).is_some_and(|size| size <= MAX_SPACER)
    };
    OBJECT_ELEMENTS.contains(&tree.name(element)) && !small("width") && !small("height")
}

/// Returns the level of a heading, from 1.
pub(super) fn heading_level(tree: &PageTree, element: NodeId) -> Option<u8> {
    let level = tree.name(element).strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}
