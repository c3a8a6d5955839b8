//! Owns the order of children that the schema of Word documents prescribes, and removes empty
//! property elements.
//! Must not know the form, nor the meaning of a property.
//!
//! docx-rs writes `w:rPr` first in `w:pPr`, `w:jc` before `w:ind`, `w:rFonts` last and so on; Word
//! accepts some of it, the Open XML SDK none. Orders: ISO/IEC 29500-4, annex A (wml.xsd).

use super::xml_tree::{XmlElement, XmlNode};

/// Puts an element and its descendants into schema order.
pub(super) fn normalize_element(root: &mut XmlElement) {
    root.walk(&mut |element| {
        element.children.retain(|node| !is_empty_property(node));
        if let Some(order) = child_order(&element.name) {
            element.children.sort_by_key(|node| child_rank(order, node));
        }
    });
}

/// Returns the rank of a node; nodes that the order does not name keep their order after all
/// others.
fn child_rank(order: &[&str], node: &XmlNode) -> usize {
    order.iter().position(|name| node.is_named(name)).unwrap_or(order.len())
}

fn is_empty_property(node: &XmlNode) -> bool {
    const PROPERTIES: [&str; 8] =
        ["w:rPr", "w:pPr", "w:tcPr", "w:trPr", "w:tblPr", "w:tabs", "w:tcBorders", "w:tcMar"];
    match node {
        XmlNode::Element(element) => {
            element.children.is_empty()
                && element.attributes.is_empty()
                && PROPERTIES.contains(&element.name.as_str())
        }
        XmlNode::Text(_) => false,
    }
}

#[rustfmt::skip]
fn child_order(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "w:p" => &["w:pPr"],
        "w:r" => &["w:rPr"],
        "w:tc" => &["w:tcPr"],
        "w:tr" => &["w:tblPrEx", "w:trPr"],
        "w:tbl" => &["w:tblPr", "w:tblGrid"],
        "w:pPr" => PARAGRAPH_ORDER,
        "w:rPr" => RUN_ORDER,
        "w:tblPr" => TABLE_ORDER,
        "w:trPr" => ROW_ORDER,
        "w:tcPr" => CELL_ORDER,
        "w:tblBorders" | "w:tcBorders" => &[
            "w:top", "w:left", "w:start", "w:bottom", "w:right", "w:end", "w:insideH", "w:insideV",
            "w:tl2br", "w:tr2bl",
        ],
        "w:tblCellMar" | "w:tcMar" => &["w:top", "w:left", "w:start", "w:bottom", "w:right", "w:end"],
        "w:sectPr" => SECTION_ORDER,
        "w:style" => STYLE_ORDER,
        "w:styles" => &["w:docDefaults", "w:latentStyles", "w:style"],
        "w:docDefaults" => &["w:rPrDefault", "w:pPrDefault"],
        "w:settings" => SETTINGS_ORDER,
        "w:compat" => COMPAT_ORDER,
        "w:font" => &["w:altName", "w:panose1", "w:charset", "w:family", "w:notTrueType", "w:pitch", "w:sig"],
        _ => return None,
    })
}

#[rustfmt::skip]
const PARAGRAPH_ORDER: &[&str] = &[
    "w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:framePr", "w:widowControl", "w:numPr",
    "w:suppressLineNumbers", "w:pBdr", "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap",
    "w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd",
    "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc",
    "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr",
    "w:sectPr", "w:pPrChange",
];

#[rustfmt::skip]
const RUN_ORDER: &[&str] = &[
    "w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:rStyle", "w:rFonts", "w:b", "w:bCs", "w:i", "w:iCs", "w:caps",
    "w:smallCaps", "w:strike", "w:dstrike", "w:outline", "w:shadow", "w:emboss", "w:imprint", "w:noProof",
    "w:snapToGrid", "w:vanish", "w:webHidden", "w:color", "w:spacing", "w:w", "w:kern", "w:position", "w:sz",
    "w:szCs", "w:highlight", "w:u", "w:effect", "w:bdr", "w:shd", "w:fitText", "w:vertAlign", "w:rtl", "w:cs",
    "w:em", "w:lang", "w:eastAsianLayout", "w:specVanish", "w:oMath", "w:rPrChange",
];

#[rustfmt::skip]
const TABLE_ORDER: &[&str] = &[
    "w:tblStyle", "w:tblpPr", "w:tblOverlap", "w:bidiVisual", "w:tblStyleRowBandSize", "w:tblStyleColBandSize",
    "w:tblW", "w:jc", "w:tblCellSpacing", "w:tblInd", "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar",
    "w:tblLook", "w:tblCaption", "w:tblDescription", "w:tblPrChange",
];

// The schema allows any order of these except for the last three; Word writes this one.
#[rustfmt::skip]
const ROW_ORDER: &[&str] = &[
    "w:cnfStyle", "w:divId", "w:gridBefore", "w:gridAfter", "w:wBefore", "w:wAfter", "w:cantSplit", "w:trHeight",
    "w:tblHeader", "w:tblCellSpacing", "w:jc", "w:hidden", "w:ins", "w:del", "w:trPrChange",
];

#[rustfmt::skip]
const CELL_ORDER: &[&str] = &[
    "w:cnfStyle", "w:tcW", "w:gridSpan", "w:hMerge", "w:vMerge", "w:tcBorders", "w:shd", "w:noWrap", "w:tcMar",
    "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark", "w:cellIns", "w:cellDel", "w:cellMerge",
    "w:tcPrChange",
];

#[rustfmt::skip]
const SECTION_ORDER: &[&str] = &[
    "w:headerReference", "w:footerReference", "w:footnotePr", "w:endnotePr", "w:type", "w:pgSz", "w:pgMar",
    "w:paperSrc", "w:pgBorders", "w:lnNumType", "w:pgNumType", "w:cols", "w:formProt", "w:vAlign", "w:noEndnote",
    "w:titlePg", "w:textDirection", "w:bidi", "w:rtlGutter", "w:docGrid", "w:printerSettings", "w:sectPrChange",
];

#[rustfmt::skip]
const STYLE_ORDER: &[&str] = &[
    "w:name", "w:aliases", "w:basedOn", "w:next", "w:link", "w:autoRedefine", "w:hidden", "w:uiPriority",
    "w:semiHidden", "w:unhideWhenUsed", "w:qFormat", "w:locked", "w:personal", "w:personalCompose",
    "w:personalReply", "w:rsid", "w:pPr", "w:rPr", "w:tblPr", "w:trPr", "w:tcPr", "w:tblStylePr",
];

// Of the ninety settings, those that docx-rs or `patch` write.
#[rustfmt::skip]
const SETTINGS_ORDER: &[&str] = &[
    "w:zoom", "w:bordersDoNotSurroundHeader", "w:bordersDoNotSurroundFooter", "w:defaultTabStop",
    "w:evenAndOddHeaders", "w:characterSpacingControl", "w:compat", "w:docVars", "w:themeFontLang",
    "w:decimalSymbol", "w:listSeparator", "w15:docId",
];

#[rustfmt::skip]
const COMPAT_ORDER: &[&str] = &[
    "w:spaceForUL", "w:balanceSingleByteDoubleByteWidth", "w:doNotLeaveBackslashAlone", "w:ulTrailSpace",
    "w:doNotExpandShiftReturn", "w:adjustLineHeightInTable", "w:useFELayout", "w:compatSetting",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::word_templates::xml_tree::parse_xml;

    fn normalized(xml: &str) -> String {
        let mut root = parse_xml(xml).unwrap();
        normalize_element(&mut root);
        root.to_document().split_once('\n').unwrap().1.to_owned()
    }

    #[test]
    fn paragraph_properties_come_in_schema_order() {
        assert_eq!(
            normalized(
                "<w:p><w:r><w:t>a</w:t><w:rPr><w:sz/><w:rFonts/></w:rPr></w:r>\
                 <w:pPr><w:rPr/><w:jc/><w:ind/><w:spacing/><w:pStyle/></w:pPr></w:p>"
            ),
            "<w:p><w:pPr><w:pStyle/><w:spacing/><w:ind/><w:jc/></w:pPr>\
             <w:r><w:rPr><w:rFonts/><w:sz/></w:rPr><w:t>a</w:t></w:r></w:p>"
        );
    }

    #[test]
    fn properties_that_say_nothing_are_dropped() {
        assert_eq!(
            normalized("<w:p><w:pPr><w:rPr/></w:pPr><w:r><w:rPr/></w:r></w:p>"),
            "<w:p><w:r/></w:p>"
        );
    }

    #[test]
    fn content_keeps_its_order_and_unknown_children_stay() {
        let xml = "<w:p><w:pPr><w:jc/><x:new/></w:pPr><w:r/><w:bookmarkStart/><w:r/><x:y/></w:p>";
        assert_eq!(normalized(xml), xml);
        assert_eq!(
            normalized("<w:tblPr><w:tblCaption/><w:tblLayout/><w:tblStyle/><w:jc/></w:tblPr>"),
            "<w:tblPr><w:tblStyle/><w:jc/><w:tblLayout/><w:tblCaption/></w:tblPr>"
        );
    }
}
