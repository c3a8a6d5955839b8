//! Owns the compatibility settings (ISO/IEC 29500-1, 17.15.3) that what a filling adds needs.
//! Must not know why it needs them.

use crate::opc::OpcError;
use crate::slice::TextEdit as _;
use crate::word::xml_tree::XmlTree;

/// The setting by which justified lines before a line break are not stretched (17.15.3.19).
const SHORT_LINES: &str = "w:doNotExpandShiftReturn";

/// The settings that stand before it.
const EARLIER: [&str; 10] = [
    "w:useSingleBorderforContiguousCells",
    "w:wpJustification",
    "w:noTabHangInd",
    "w:noLeading",
    "w:spaceForUL",
    "w:noColumnBalance",
    "w:balanceSingleByteDoubleByteWidth",
    "w:noExtraLineSpacing",
    "w:doNotLeaveBackslashAlone",
    "w:ulTrailSpace",
];

/// Children of the settings that stand behind `w:compat`, beside those of other namespaces than that of `w`.
const LATER: [&str; 13] = [
    "w:docVars",
    "w:rsids",
    "w:attachedSchema",
    "w:themeFontLang",
    "w:clrSchemeMapping",
    "w:doNotIncludeSubdocsInStats",
    "w:doNotAutoCompressPictures",
    "w:forceUpgrade",
    "w:captions",
    "w:readModeInkLockDown",
    "w:smartTagType",
    "w:shapeDefaults",
    "w:doNotEmbedSmartTags",
];
const LAST: [&str; 2] = ["w:decimalSymbol", "w:listSeparator"];

/// Returns the settings of a document in which justified lines before line breaks are not stretched.
pub(crate) fn with_short_lines(text: &str, part: &str) -> Result<String, OpcError> {
    let tree = XmlTree::read(text, part)?;
    let mut out = text.to_owned();
    let Some(root) = tree.elements.first().filter(|root| !root.is_empty()) else { return Ok(out) };
    let element = format!("<{SHORT_LINES}/>");
    let Some(compat) = tree.child(0, "w:compat") else {
        let is_later =
            |name: &str| !name.starts_with("w:") || LATER.contains(&name) || LAST.contains(&name);
        let mut later = tree.children(0).map(|child| &tree.elements[child]);
        let at = later.find(|child| is_later(&child.name)).map(|child| child.range.start);
        let compat = format!("<w:compat>{element}</w:compat>");
        out.insert_text(at.unwrap_or(root.content_end), &compat);
        return Ok(out);
    };
    if let Some(own) = tree.child(compat, SHORT_LINES) {
        out.replace_text(tree.elements[own].range.clone(), &element);
    } else if tree.elements[compat].is_empty() {
        let compat = tree.elements[compat].range.clone();
        out.replace_text(compat, &format!("<w:compat>{element}</w:compat>"));
    } else {
        let mut children = tree.children(compat).map(|child| &tree.elements[child]);
        let next = children.find(|child| !EARLIER.contains(&child.name.as_str()));
        let end = tree.elements[compat].content_end;
        out.insert_text(next.map_or(end, |next| next.range.start), &element);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_stands_in_the_order_of_the_schema() {
        let add = |inner: &str| {
            let out = with_short_lines(&format!("<w:settings>{inner}</w:settings>"), "p").unwrap();
            out.trim_start_matches("<w:settings>").trim_end_matches("</w:settings>").to_owned()
        };
        let element = "<w:doNotExpandShiftReturn/>";
        assert_eq!(add("<w:zoom/>"), format!("<w:zoom/><w:compat>{element}</w:compat>"));
        assert_eq!(
            add("<w:zoom/><m:mathPr/><w:rsids/>"),
            format!("<w:zoom/><w:compat>{element}</w:compat><m:mathPr/><w:rsids/>")
        );
        assert_eq!(add("<w:compat/>"), format!("<w:compat>{element}</w:compat>"));
        let (before, after) = ("<w:spaceForUL/>", "<w:useFELayout/><w:compatSetting/>");
        assert_eq!(
            add(&format!("<w:compat>{before}{after}</w:compat>")),
            format!("<w:compat>{before}{element}{after}</w:compat>")
        );
        let off = "<w:compat><w:doNotExpandShiftReturn w:val=\"0\"/></w:compat>";
        assert_eq!(add(off), format!("<w:compat>{element}</w:compat>"));
        assert_eq!(with_short_lines("<w:settings/>", "p").unwrap(), "<w:settings/>");
    }
}
