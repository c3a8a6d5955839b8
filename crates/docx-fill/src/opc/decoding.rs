//! Owns the way from the bytes of an XML part to its text: UTF-8, well-formed, under customary prefixes.
//! Must not know any vocabulary.

use super::prefixes::with_customary_prefixes;
use super::well_formed::check_well_formed;
use super::xml::line_of;
use super::{OpcError, XmlFaultKind};
use crate::slice::TextEdit as _;

/// Decodes an XML part that is read: UTF-8, well-formed, without document type declaration. The text is without byte
/// order mark, and its names have the customary prefixes of their namespaces.
pub(super) fn decode_xml(bytes: Vec<u8>, part: &str) -> Result<String, OpcError> {
    let wrong = |offset| OpcError::NotUtf8 { part: part.to_owned(), offset };
    let mut text =
        String::from_utf8(bytes).map_err(|error| wrong(error.utf8_error().valid_up_to()))?;
    // The XML reader would skip a second mark, which would shift all positions.
    let marks = text.len() - text.trim_start_matches('\u{feff}').len();
    text.replace_text(..marks, "");
    if has_other_encoding(&text) {
        return Err(wrong(0));
    }
    match check_well_formed(&text) {
        Ok(true) => Ok(text),
        Ok(false) => with_customary_prefixes(&text, part),
        Err(fault) if fault.kind == XmlFaultKind::Doctype => {
            Err(OpcError::Doctype { part: part.to_owned() })
        }
        Err(mut fault) => {
            let line = line_of(&text, fault.offset);
            fault.offset += marks;
            Err(OpcError::MalformedXml { part: part.to_owned(), line, fault })
        }
    }
}

/// Checks whether the XML declaration names an encoding other than UTF-8. Other readers would then see other
/// characters.
fn has_other_encoding(text: &str) -> bool {
    let declaration = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let Some((_, named)) = declaration.and_then(|(inner, _)| inner.split_once("encoding")) else {
        return false;
    };
    let named = named.trim_start().strip_prefix('=').unwrap_or_default().trim_start();
    let quoted = named.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let quoted = quoted.or_else(|| named.strip_prefix('\'').and_then(|rest| rest.split_once('\'')));
    !quoted.is_some_and(|(name, _)| name.eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_and_doctypes_are_refused() {
        assert!(decode_xml(vec![0xff, 0xfe, b'<', 0], "a").is_err());
        assert!(decode_xml(b"<?xml version=\"1.0\" encoding=\"GBK\"?><a/>".to_vec(), "a").is_err());
        for odd in ["encoding=", "encoding=政", "encoding = 'GBK'", "encoding='政'", "encoding"] {
            assert!(
                decode_xml(format!("<?xml version='1.0' {odd}?><a/>").into(), "a").is_err(),
                "{odd}"
            );
        }
        for good in ["encoding='utf-8'", "encoding = \"UTF-8\"", ""] {
            assert!(
                decode_xml(format!("<?xml version='1.0' {good}?><a/>").into(), "a").is_ok(),
                "{good}"
            );
        }
        assert_eq!(decode_xml("\u{feff}\u{feff}<a/>".into(), "a").as_deref(), Ok("<a/>"));
        let broken = decode_xml("\u{feff}<a>\n&b;</a>".into(), "a");
        let Err(OpcError::MalformedXml { line, fault, .. }) = broken else { panic!("{broken:?}") };
        assert_eq!((line, fault.offset, fault.name.as_str()), (2, 7, "&b;"));
        assert!(decode_xml("<a>encoding=政</a><?b c?>".into(), "a").is_ok());
        for before in ["", "<?xml version=\"1.0\"?>\n", "\u{feff}<!-- <a> --><?b c?> "] {
            let text = format!("{before}<!DOCTYPE a [<!ENTITY b 'c'>]><a/>");
            assert_eq!(decode_xml(text.into(), "p"), Err(OpcError::Doctype { part: "p".into() }));
        }
        assert!(
            decode_xml("<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>".into(), "p").is_ok()
        );
        for odd in ["<!--", "<!政政政"] {
            let found = decode_xml(odd.into(), "p");
            assert!(matches!(found, Err(OpcError::MalformedXml { .. })), "{odd}");
        }
    }
}
