//! Owns which encoding a text has: UTF-8, UTF-16 with its mark, or GBK where it can be nothing else.
//! Must not know what the text is about.

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Share of the double bytes, in tenths, that must be of the common set of GB 2312 for a text to be taken as GBK.
const COMMON_TENTHS: usize = 7;

/// A text that was decoded.
pub(super) struct DecodedText<'a> {
    pub(super) text: Cow<'a, str>,
    /// Name of the encoding if it had to be guessed.
    pub(super) guessed: Option<&'static str>,
}

/// Decodes a text; `None` if its encoding cannot be told.
pub(super) fn decode_text(bytes: &[u8]) -> Option<DecodedText<'_>> {
    let known = |text| Some(DecodedText { text, guessed: None });
    let bare = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bare)
        && !bare.contains(&0)
    {
        return known(Cow::Borrowed(text));
    }
    let encoding = match bytes {
        [0xFF, 0xFE, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] => UTF_16BE,
        _ if !bytes.contains(&0) && looks_like_gbk(bytes) => GB18030,
        _ => return None,
    };
    let marked = encoding != GB18030;
    let body = if marked { bytes.get(2..)? } else { bytes };
    let text = encoding.decode_without_bom_handling_and_without_replacement(body)?;
    if marked { known(text) } else { Some(DecodedText { text, guessed: Some("GBK") }) }
}

/// Checks whether most double bytes are of GB 2312: both are at least 0xA1, and the first names its signs
/// (0xA1 to 0xA9) or its characters (0xB0 to 0xF7). Of Big5, Shift JIS and Latin texts fewer are; names of people have some others.
fn looks_like_gbk(bytes: &[u8]) -> bool {
    let (mut all, mut common, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(&first) = bytes.get(at) {
        if first < 0x80 {
            at += 1;
            continue;
        }
        let second = bytes.get(at + 1).copied().unwrap_or_default();
        all += 1;
        let is_common = matches!(first, 0xA1..=0xA9 | 0xB0..=0xF7) && second >= 0xA1;
        common += usize::from(is_common);
        // GB 18030 has characters of four bytes, the second of which is a digit.
        at += if second.is_ascii_digit() { 4 } else { 2 };
    }
    common * 10 >= all * COMMON_TENTHS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Option<(String, Option<&'static str>)> {
        decode_text(bytes).map(|found| (found.text.into_owned(), found.guessed))
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = |text: &str| Some((text.to_owned(), None));
        assert_eq!(decoded("姓名".as_bytes()), text("姓名"));
        assert_eq!(decoded(b"\xEF\xBB\xBFa"), text("a"));
        assert_eq!(decoded(b"\xFF\xFEa\0\x32\x75"), text("a甲"));
        assert_eq!(decoded(b"\xFE\xFF\0a"), text("a"));
        let gbk = encoding_rs::GBK.encode("姓名,金额\r\n王喆,12").0;
        assert_eq!(decoded(&gbk), Some(("姓名,金额\r\n王喆,12".to_owned(), Some("GBK"))));
        let big5 = encoding_rs::BIG5.encode("姓名,金額,地址,臺北市中正區重慶南路一段").0;
        assert_eq!(decoded(&big5), None);
        let latin = encoding_rs::WINDOWS_1252.encode("Name,café,Müller,naïve").0;
        assert_eq!(decoded(&latin), None);
        assert_eq!(decoded(b"a\0b\0"), None);
        assert_eq!(decoded(b"\xB9\xE6\xD5"), None);
    }
}
