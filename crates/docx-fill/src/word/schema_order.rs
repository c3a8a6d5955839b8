//! Owns the order of children that the schema of Word documents prescribes (ISO/IEC 29500-4, annex A, wml.xsd).
//! Must not know the meaning of an element.

/// Returns the children of an element in the order of the schema, as far as it is known here.
#[rustfmt::skip]
pub fn child_order(name: &str) -> Option<&'static [&'static str]> {
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
pub(super) const PARAGRAPH_ORDER: &[&str] = &[
    "w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:framePr", "w:widowControl", "w:numPr",
    "w:suppressLineNumbers", "w:pBdr", "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap",
    "w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd",
    "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc",
    "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr",
    "w:sectPr", "w:pPrChange",
];

#[rustfmt::skip]
pub(super) const RUN_ORDER: &[&str] = &[
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
pub(super) const CELL_ORDER: &[&str] = &[
    "w:cnfStyle", "w:tcW", "w:gridSpan", "w:hMerge", "w:vMerge", "w:tcBorders", "w:shd", "w:noWrap", "w:tcMar",
    "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark", "w:headers", "w:cellIns", "w:cellDel", "w:cellMerge",
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
