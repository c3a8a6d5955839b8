//! Owns decoding the bytes of a text: UTF-8, UTF-16 with a byte order mark, and GB18030, which holds GBK and GB2312,
//! where the bytes can be nothing else.
//! Must not know what the text holds.

use super::SYNTAX_RULE;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, SourceId};
use docx_fill::slice::TextSlice as _;
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Rule id of texts in another encoding than UTF-8.
pub const ENCODING_RULE: &str = "data-encoding";

/// Number of bytes at the beginning of a page among which its encoding is declared (WHATWG HTML, 13.2.3.2, has 1024;
/// pages of portals declare it later).
const DECLARATION_BYTES: usize = 8_192;

/// Share of the double bytes, in tenths, that must be of the common set of GB 2312 for a text to be taken as GBK.
const COMMON_TENTHS: usize = 7;

/// A text that was decoded.
#[derive(Debug)]
pub(super) struct DecodedText<'a> {
    pub(super) text: Cow<'a, str>,
    encoding: &'static Encoding,
    /// Number of places that stand for no character.
    lost: usize,
}

impl<'a> DecodedText<'a> {
    /// Decodes bytes that are wholly in an encoding.
    fn decode_all(bytes: &'a [u8], encoding: &'static Encoding) -> Option<DecodedText<'a>> {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(DecodedText { text, encoding, lost: 0 })
    }

    /// Decodes bytes of which some may be broken.
    fn decode_lossy(bytes: &'a [u8], encoding: &'static Encoding) -> DecodedText<'a> {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        let lost = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        DecodedText { text, encoding, lost }
    }

    /// Decodes what can be one encoding only.
    pub(super) fn decode_certain(bytes: &'a [u8]) -> Option<DecodedText<'a>> {
        if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
            return DecodedText::decode_all(&bytes[mark..], encoding);
        }
        let utf8 = DecodedText::decode_all(bytes, UTF_8);
        utf8.or_else(|| {
            let is_gbk = !bytes.contains(&0) && looks_like_gbk(bytes);
            is_gbk.then(|| DecodedText::decode_all(bytes, GB18030)).flatten()
        })
    }

    /// Returns the name of the encoding if it had to be guessed.
    pub(super) fn guessed(&self) -> Option<&'static str> {
        (self.encoding == GB18030).then_some("GBK")
    }
}

/// Decodes the text of a data file. Another encoding than UTF-8 is reported, and so are bytes that are no text.
pub fn decode_text<'a>(source: SourceId, bytes: &'a [u8], sink: &mut Sink) -> Option<Cow<'a, str>> {
    let Some(decoded) = DecodedText::decode_certain(bytes) else {
        let utf16 = bytes.contains(&0) || matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
        let encoding = if utf16 { "UTF-16" } else { "GBK" };
        let message = msg!("data.not-utf8", encoding = encoding);
        let found = Diagnostic::error(SYNTAX_RULE, Location::File(source), message);
        sink.push(found.with_hint(msg!("data.not-utf8-hint")));
        return None;
    };
    report_encoding(source, &decoded, sink);
    Some(decoded.text)
}

/// Decodes a web page: by its byte order mark, as UTF-8 if it is, by the encoding that it declares, else by its bytes.
/// Broken places are reported and read as U+FFFD.
pub(crate) fn decode_page<'a>(source: SourceId, bytes: &'a [u8], sink: &mut Sink) -> Cow<'a, str> {
    let declared = declared_encoding(bytes);
    let other = declared.filter(|encoding| *encoding != UTF_8);
    let decoded = DecodedText::decode_certain(bytes)
        .or_else(|| DecodedText::decode_all(bytes, other?))
        .unwrap_or_else(|| DecodedText::decode_lossy(bytes, declared.unwrap_or(UTF_8)));
    report_encoding(source, &decoded, sink);
    if decoded.lost > 0 {
        let name = encoding_name(decoded.encoding);
        let message = msg!("data.lost-characters", encoding = name, count = decoded.lost);
        let found = Diagnostic::warning(ENCODING_RULE, Location::File(source), message);
        sink.push(found.with_hint(msg!("data.lost-characters-hint")));
    }
    decoded.text
}

/// Tells once that a text is not in UTF-8.
fn report_encoding(source: SourceId, decoded: &DecodedText<'_>, sink: &mut Sink) {
    if decoded.encoding == UTF_8 || decoded.lost > 0 {
        return;
    }
    let message = msg!("data.read-as", encoding = encoding_name(decoded.encoding));
    sink.push(Diagnostic::new(ENCODING_RULE, Severity::Info, Location::File(source), message));
}

/// Returns the name by which people know an encoding.
fn encoding_name(encoding: &'static Encoding) -> &'static str {
    match encoding {
        encoding if encoding == GB18030 => "GBK",
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => "UTF-16",
        encoding => encoding.name(),
    }
}

/// Returns the encoding that a page declares: `<meta charset=…>`, `…; charset=…`, `<?xml encoding=…`.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let head: String = head.iter().map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    let labels = ["charset", "encoding"].into_iter().flat_map(|word| {
        head.match_indices(word).filter_map(|(at, _)| {
            let rest = head.slice(at + word.len()..).trim_start().strip_prefix('=')?;
            let rest = rest.trim_start().trim_start_matches(['"', '\'']);
            let end = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
            Some(rest.slice(..rest.find(end).unwrap_or(rest.len())))
        })
    });
    let known = labels.filter_map(|label| Encoding::for_label(label.as_bytes()));
    let found = known.into_iter().next()?;
    // The bytes of the declaration itself would not be read in UTF-16; `gbk` and `gb2312` are part of GB18030.
    Some(match found {
        found if found == UTF_16LE || found == UTF_16BE => UTF_8,
        found if found == encoding_rs::GBK => GB18030,
        found => found,
    })
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

    fn decode(bytes: &[u8]) -> Option<(String, &'static str)> {
        let decoded = DecodedText::decode_certain(bytes)?;
        Some((decoded.text.into_owned(), encoding_name(decoded.encoding)))
    }

    #[test]
    fn what_can_be_one_encoding_only_is_decoded() {
        let words = "规章，行政规范性文件 12 件；“三安全一稳定”。";
        let known = |name| Some((words.to_owned(), name));
        assert_eq!(decode(words.as_bytes()), known("UTF-8"));
        assert_eq!(decode(&[b"\xEF\xBB\xBF", words.as_bytes()].concat()), known("UTF-8"));
        assert_eq!(decode(&GB18030.encode(words).0), known("GBK"));
        for (mark, wide) in [
            ([0xFF, 0xFE], words.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            ([0xFE, 0xFF], words.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ] {
            assert_eq!(decode(&[&mark[..], &wide].concat()), known("UTF-16"));
        }
    }

    #[test]
    fn what_can_be_anything_is_not_decoded() {
        let utf8 = "规章，行政规范性文件".as_bytes();
        // Latin-1, UTF-16 without a mark, and UTF-8 that was cut.
        let big5 = encoding_rs::BIG5.encode("姓名,金額,地址,臺北市中正區重慶南路一段").0;
        let latin = encoding_rs::WINDOWS_1252.encode("Name,café,Müller,naïve").0;
        for bytes in [&*big5, &latin, b"a\0b\0\xFF", b"\xB9\xE6\xD5", &utf8[..utf8.len() - 1]] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_page_is_decoded_as_it_says_if_its_bytes_do_not_say_otherwise() {
        let name = |bytes: &[u8]| declared_encoding(bytes).map(Encoding::name);
        assert_eq!(name(b"<meta charset=\"gb2312\">"), Some("gb18030"));
        assert_eq!(name(b"<META http-equiv=x content='text/html; CHARSET = Big5'>"), Some("Big5"));
        assert_eq!(name(b"<?xml version='1.0' encoding='utf-8'?>"), Some("UTF-8"));
        assert_eq!(name(b"<p>charset</p>"), None);
        let decoded = |bytes: &[u8]| {
            let mut sink = Sink::new();
            let source = docx_fill::diag::Sources::default().add_binary("a.html");
            (decode_page(source, bytes, &mut sink).into_owned(), sink.into_sorted().len())
        };
        // Saved by a browser as UTF-8 with the declaration of the portal.
        let page = "<meta charset=gbk><p>县教育局</p>";
        assert_eq!(decoded(page.as_bytes()), (page.to_owned(), 0));
        let gbk = GB18030.encode("<meta charset=utf-8><p>县教育局</p>").0.into_owned();
        assert_eq!(decoded(&gbk).0, "<meta charset=utf-8><p>县教育局</p>");
        let broken = [b"<meta charset=utf-8><p>\xE5\x8E</p>".as_slice(), "县".as_bytes()].concat();
        assert_eq!(decoded(&broken), ("<meta charset=utf-8><p>\u{FFFD}</p>县".to_owned(), 1));
    }
}
