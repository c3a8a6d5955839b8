//! Owns the built-in Word letterhead: the page and styles of every report around a body with tags,
//! which is kept as XML.
//! Must not know a report or a form.

use super::package::{self, DocumentExtras};
use super::xml_tree::{self, XmlElement};
use super::{with_page, with_styles};
use docx_rs::Docx;

/// Styles and body.
const HEAD_XML: &str = include_str!("../../../templates/letterhead/head.xml");
/// Sample pictures shown in the letterhead until it is filled: relationship, file name, bytes.
const SAMPLE_PICTURES: &[(&str, &str, &[u8])] = &[
    ("rIdLogo", "logo.png", include_bytes!("../../../templates/letterhead/logo.png")),
    ("rIdSeal", "seal.png", include_bytes!("../../../templates/letterhead/seal.png")),
];

/// Returns the letterhead: a .docx that a user may edit, with a tag for each value of a
/// `letterhead.toml`, and `{{report}}` at the place of the report.
pub fn letterhead_template() -> Vec<u8> {
    let built = with_page(with_styles(Docx::new())).build();
    let mut head = xml_tree::parse_xml(HEAD_XML).expect("embedded and tested");
    head.walk(&mut drop_indents);
    let (bodies, styles): (Vec<_>, Vec<_>) =
        head.elements().cloned().partition(|element| element.name == "w:body");
    let extra =
        DocumentExtras { body: bodies.into_iter().next(), styles, pictures: SAMPLE_PICTURES };
    package::pack_document(&built, &[], &extra)
}

/// Removes the blanks that indent the lines of the XML file.
fn drop_indents(element: &mut XmlElement) {
    if element.name != "w:t" {
        element.children.retain(
            |node| !matches!(node, xml_tree::XmlNode::Text(text) if text.trim().is_empty()),
        );
    }
}
