//! Owns reading the data URIs of pictures (RFC 2397): base64, or percent-encoded text.
//! Must not know kinds of pictures: the bytes tell, not the URI.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BEGIN: &str = "data:image/";

/// Reads base64 with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Checks whether a text is the data URI of a picture.
pub(crate) fn is_data_uri(text: &str) -> bool {
    text.get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN))
}

/// Returns the bytes of a data URI.
pub(super) fn decode(uri: &str) -> Option<Vec<u8>> {
    let (head, body) = uri.split_once(',')?;
    let is_base64 = head.rsplit(';').next().is_some_and(|end| end.eq_ignore_ascii_case("base64"));
    let bytes = percent_decoded(body)?;
    if !is_base64 {
        return Some(bytes);
    }
    let packed: Vec<u8> = bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(packed).ok()
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    let digit =
        |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|d| u8::try_from(d).ok());
    while let Some(byte) = bytes.next() {
        let decoded = match byte {
            b'%' => digit(bytes.next())? << 4 | digit(bytes.next())?,
            byte => byte,
        };
        out.push(decoded);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_give_their_bytes() {
        assert_eq!(decode("data:image/png;base64,iVBORw==").as_deref(), Some(&b"\x89PNG"[..]));
        assert_eq!(decode("data:image/png;base64,iVBO\nRw").as_deref(), Some(&b"\x89PNG"[..]));
        assert_eq!(decode("data:image/png;base64,iVBORw%3D%3D").as_deref(), Some(&b"\x89PNG"[..]));
        assert_eq!(decode("data:image/svg+xml,%3Csvg/>").as_deref(), Some(&b"<svg/>"[..]));
        for wrong in ["data:image/png", "data:image/png;base64,?", "data:image/png,%4"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
        assert!(is_data_uri("DATA:image/x") && !is_data_uri("data:"));
    }
}
