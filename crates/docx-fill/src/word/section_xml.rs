//! Owns the properties of a section (`w:sectPr`, ISO/IEC 29500-1, 17.6) as XML that moves between documents: which of
//! them go with pages, with breaks and with the continuation of a section.
//! Must not know why a section moves.

use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::word::measure::parse_twips;
use crate::word::properties::child_elements;

/// Checks whether the pages of a section are wider than high, which is what Word lays out, whatever
/// orientation is written beside the size.
pub(crate) fn is_wide(section: &str) -> bool {
    let page = child_elements(section).into_iter().find(|(name, _)| name == "w:pgSz");
    let Some((_, page)) = page else { return false };
    let tag = 0..page.len();
    let found = attribute_ranges(&page, &tag);
    let side = |name: &str| {
        let found = found.iter().find(|(key, _)| *key == name);
        found.and_then(|(_, value)| parse_twips(page.slice(value.clone()))).unwrap_or(0.0)
    };
    side("w:w") > side("w:h")
}

/// Checks whether a section begins on a new page.
pub(crate) fn begins_page(section: &str) -> bool {
    let kind = child_elements(section).into_iter().find(|(name, _)| name == "w:type");
    kind.is_none_or(|(_, xml)| !xml.contains("continuous") && !xml.contains("nextColumn"))
}

/// Returns a paragraph of minimal height that ends a section.
pub(crate) fn section_end_paragraph(properties: &str) -> String {
    format!(
        "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/>\
         {properties}</w:pPr></w:p>"
    )
}

/// Returns section properties with only the page layout; headers and footers are inherited from the previous
/// section.
pub(crate) fn page_only_section(section: &str) -> String {
    let kept = ["w:pgSz", "w:pgMar", "w:cols", "w:textDirection", "w:docGrid"];
    let children = child_elements(section);
    let kept = children.iter().filter(|(name, _)| kept.contains(&name.as_str()));
    let page: String = kept.map(|(_, xml)| xml.as_str()).collect();
    format!("<w:sectPr><w:type w:val=\"nextPage\"/>{page}</w:sectPr>")
}

/// Returns section properties for the continuation of a section: without a title page and without restarting
/// page numbers.
pub(crate) fn continued_section(section: &str) -> String {
    let start = section.find('>').map_or(0, |end| end + 1);
    if section.slice(..start).ends_with("/>") {
        return section.to_owned();
    }
    let mut out = section.slice(..start).to_owned();
    for (name, xml) in child_elements(section) {
        match name.as_str() {
            "w:titlePg" => {}
            "w:pgNumType" => {
                let tag = 0..xml.len();
                let found = attribute_ranges(&xml, &tag);
                let begins = found.into_iter().find(|(key, _)| *key == "w:start");
                match begins {
                    Some((_, value)) => {
                        let from = xml.slice(..value.start).rfind("w:start").unwrap_or(value.start);
                        out.push_str(xml.slice(..from));
                        out.push_str(xml.slice(value.end + 1..));
                    }
                    None => out.push_str(&xml),
                }
            }
            _ => out.push_str(&xml),
        }
    }
    out.push_str("</w:sectPr>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_apart() {
        let wide = "<w:sectPr><w:headerReference r:id=\"a\"/><w:pgSz w:w=\"20\" w:h=\"10\"/>\
            <w:pgNumType w:fmt=\"x\" w:start=\"1\"/><w:titlePg/></w:sectPr>";
        assert!(is_wide(wide) && !is_wide("<w:sectPr/>") && begins_page(wide));
        assert!(!begins_page("<w:sectPr><w:type w:val=\"continuous\"/></w:sectPr>"));
        assert_eq!(
            page_only_section(wide),
            "<w:sectPr><w:type w:val=\"nextPage\"/><w:pgSz w:w=\"20\" w:h=\"10\"/></w:sectPr>"
        );
        let kept = "<w:sectPr><w:headerReference r:id=\"a\"/><w:pgSz w:w=\"20\" w:h=\"10\"/>\
            <w:pgNumType w:fmt=\"x\" /></w:sectPr>";
        assert_eq!(continued_section(wide), kept);
    }
}
