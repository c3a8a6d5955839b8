//! Owns addresses that data writes into links of the template's own, or that a document brings which is data itself:
//! targets of relationships, attributes that name a file, and codes of fields.
//! Must not know the language, nor which addresses are taken.

use crate::ir::program::TagId;
use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::prose::links::LinkRefusal;
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::fmt::Write as _;
use std::ops::Range;

/// Stands before and behind the number of the tag whose data begins; no value and no XML holds it.
const DATA_BEGIN: char = '\u{FFFF}';
/// Stands where the data ends.
const DATA_END: char = '\u{FFFE}';

/// What a refused address becomes: it leads nowhere.
pub(crate) const INERT_ADDRESS: &str = "#";

/// Attributes that name a file or a page which a program opens.
const ADDRESS_ATTRIBUTES: [&str; 4] = ["Target", "href", "o:href", "src"];

/// Fields that show a file by its address.
const INCLUDE_FIELDS: [&str; 4] = ["INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT"];
/// Fields that have a program open a file; nothing of them is for data to say.
const AUTOMATIC_FIELDS: [&str; 5] = ["LINK", "DDE", "DDEAUTO", "DATABASE", "RD"];

/// An address that was not taken, with the tag whose data it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedAddress {
    pub(crate) tag: TagId,
    pub(crate) address: String,
    pub(crate) refusal: LinkRefusal,
}

/// Whether an attribute names what a program opens.
pub(crate) fn is_address_attribute(attribute: &str) -> bool {
    ADDRESS_ATTRIBUTES.contains(&attribute)
}

/// Marks that data of a tag follows, where it may become an address.
pub(crate) fn write_data_begin(out: &mut String, tag: TagId) {
    let _ = write!(out, "{DATA_BEGIN}{tag}{DATA_BEGIN}");
}

/// Marks that the data ends.
pub(crate) fn write_data_end(out: &mut String) {
    out.push(DATA_END);
}

/// Whether a character is one of marks. Data that may hold it loses it before it is marked.
pub(crate) fn is_data_mark(c: char) -> bool {
    matches!(c, DATA_BEGIN | DATA_END)
}

/// The tag of the mark with which a text begins, and the bytes of the mark.
fn parse_begin_mark(text: &str) -> Option<(TagId, usize)> {
    let (number, _) = text.strip_prefix(DATA_BEGIN)?.split_once(DATA_BEGIN)?;
    let tag = number.parse().ok()?;
    Some((tag, number.len() + 2 * DATA_BEGIN.len_utf8()))
}

/// Judges every address of a part that holds marked data, makes those harmless that are not taken, and takes the
/// marks away. What the template itself writes before the data is trusted: where that decides what the address leads
/// to, it stays.
pub(crate) fn sanitize_addresses(
    out: &mut String,
    part: &str,
    judge: &dyn Fn(&str) -> Result<(), LinkRefusal>,
) -> Vec<RefusedAddress> {
    if !out.contains(DATA_BEGIN) {
        return Vec::new();
    }
    let mut scan = AddressChecker {
        text: out,
        check: judge,
        edits: Vec::new(),
        fields: Vec::new(),
        refused: Vec::new(),
    };
    let read = scan.check_part(part);
    let AddressChecker { edits, refused: found, .. } = scan;
    // Nothing is trusted in what cannot be read.
    *out = match read {
        Some(()) => apply_edits(out, edits),
        None => strip_marks(out, &mut Some(INERT_ADDRESS)),
    };
    found
}

/// What is put in the place of a piece.
struct AddressEdit {
    range: Range<usize>,
    replacement: String,
}

fn apply_edits(text: &str, mut edits: Vec<AddressEdit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for AddressEdit { range, replacement: with } in edits {
        out.push_str(text.slice(done..range.start));
        out.push_str(&with);
        done = range.end;
    }
    out.push_str(text.slice(done..));
    if out.contains(DATA_BEGIN) { strip_marks(&out, &mut None) } else { out }
}

/// Without marks. With `instead` the data between them goes, and what is `instead` stands once in its place.
fn strip_marks<'t>(text: &'t str, instead: &mut Option<&'t str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DATA_BEGIN) {
        let (before, marked) = rest.split_at_offset(at);
        out.push_str(before);
        let Some((_, length)) = parse_begin_mark(marked) else {
            // A character of the template's own.
            out.push(DATA_BEGIN);
            rest = marked.slice(DATA_BEGIN.len_utf8()..);
            continue;
        };
        let (data, after) =
            marked.slice(length..).split_once(DATA_END).unwrap_or((marked.slice(length..), ""));
        out.push_str(instead.as_mut().map_or(data, std::mem::take));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The code of a field as far as it was read: the pieces of text that it is made of.
type FieldCode = Vec<Range<usize>>;

struct AddressChecker<'t> {
    text: &'t str,
    check: &'t dyn Fn(&str) -> Result<(), LinkRefusal>,
    edits: Vec<AddressEdit>,
    /// The fields that are open, the innermost last.
    fields: Vec<FieldCode>,
    refused: Vec<RefusedAddress>,
}

impl AddressChecker<'_> {
    fn check_part(&mut self, part: &str) -> Option<()> {
        let text = self.text;
        let mut reader = XmlEventReader::new(text, part);
        let mut code = None;
        while let Some((event, range)) = reader.next().ok()? {
            match event {
                Event::Start(element) => {
                    self.check_element(element.name().as_ref(), &range);
                    // The code of a deleted field is there again when the deletion is refused.
                    if matches!(element.name().as_ref(), "w:instrText" | "w:delInstrText") {
                        code = Some(range.end);
                    }
                }
                Event::Empty(element) => self.check_element(element.name().as_ref(), &range),
                Event::End(_) => {
                    if let Some(start) = code.take() {
                        self.add_code(start..range.start);
                    }
                }
                _ => {}
            }
        }
        while let Some(field) = self.fields.pop() {
            self.check_field_code(&field);
        }
        Some(())
    }

    fn check_element(&mut self, name: &str, range: &Range<usize>) {
        if name == "w:fldChar" {
            let all = attribute_ranges(self.text, range);
            let kind = all.into_iter().find(|(key, _)| *key == "w:fldCharType");
            match kind.map(|(_, value)| self.text.slice(value)) {
                Some("begin") => self.fields.push(FieldCode::new()),
                // What follows is what the field shows; nothing of it is code.
                Some("separate") => {
                    let field = self.fields.last_mut().map(std::mem::take);
                    self.check_field_code(&field.unwrap_or_default());
                }
                Some("end") => {
                    let field = self.fields.pop();
                    self.check_field_code(&field.unwrap_or_default());
                }
                _ => {}
            }
        } else if self.text.slice(range.clone()).contains(DATA_BEGIN) {
            for (key, value) in attribute_ranges(self.text, range) {
                if key == "w:instr" {
                    self.check_field_code(&vec![value]);
                } else if is_address_attribute(key) {
                    let word = decode_marked_xml(self.text.slice(value.clone()));
                    if let Some(refused) = self.check_address(&word) {
                        self.refuse_address(&vec![value], refused);
                    }
                }
            }
        }
    }

    /// A piece of code; one outside of all fields is one by itself.
    fn add_code(&mut self, range: Range<usize>) {
        match self.fields.last_mut() {
            Some(field) => field.push(range),
            None => self.check_field_code(&vec![range]),
        }
    }

    fn check_field_code(&mut self, code: &FieldCode) {
        if !code.iter().any(|range| self.text.slice(range.clone()).contains(DATA_BEGIN)) {
            return;
        }
        let all: Vec<TaggedChar> = code
            .iter()
            .flat_map(|range| decode_marked_xml(self.text.slice(range.clone())))
            .collect();
        let words = tokenize_field_code(&all);
        let Some((kind, words)) = words.split_first() else { return };
        let kind = chars_to_string(&kind.chars).to_ascii_uppercase();
        if AUTOMATIC_FIELDS.contains(&kind.as_str()) {
            let tag = all.iter().find_map(|letter| letter.tag).unwrap_or(TagId::MAX);
            let address = chars_to_string(&all).trim().to_owned();
            return self.refuse_address(
                code,
                RefusedAddress { tag, address, refusal: LinkRefusal::OpenedAutomatically },
            );
        }
        let link = kind == "HYPERLINK";
        if !link && !INCLUDE_FIELDS.contains(&kind.as_str()) {
            return;
        }
        let mut before = String::new();
        for word in words {
            let shown = chars_to_string(&word.chars);
            // What follows these is a place in the document, a tip, a frame or a format.
            let other = match before.as_str() {
                "\\l" | "\\o" | "\\t" | "\\m" => link,
                "\\*" | "\\c" => !link,
                _ => false,
            };
            let switch = !word.quoted && shown.starts_with('\\') && !shown.starts_with("\\\\");
            if !other
                && !switch
                // Programs differ in whether one backslash in an address is written as two.
                && let Some(refused) = self.check_address(&word.chars).or_else(|| self.check_address(&word.raw))
            {
                return self.refuse_address(code, refused);
            }
            before = shown;
        }
    }

    /// Why a word of which a part is data is no address that is taken.
    fn check_address(&self, word: &[TaggedChar]) -> Option<RefusedAddress> {
        let tag = word.iter().find_map(|letter| letter.tag)?;
        let own: String = word.iter().take_while(|l| l.tag.is_none()).map(|l| l.c).collect();
        let address = chars_to_string(word);
        let network = |text: &str| {
            let mut first = text.chars().take(2);
            let slash = |c: Option<char>| matches!(c, Some('/' | '\\'));
            slash(first.next()) && slash(first.next())
        };
        let decided = own.contains([':', '/', '\\', '?', '#']);
        let refusal = match decided {
            true if network(&address) && !network(&own) => LinkRefusal::NetworkPath,
            true => return None,
            false => (self.check)(&address).err()?,
        };
        Some(RefusedAddress { tag, address, refusal })
    }

    fn refuse_address(&mut self, pieces: &FieldCode, refused: RefusedAddress) {
        self.refused.push(refused);
        let mut instead = Some(INERT_ADDRESS);
        for range in pieces {
            let with = strip_marks(self.text.slice(range.clone()), &mut instead);
            self.edits.push(AddressEdit { range: range.clone(), replacement: with });
        }
    }
}

/// A character without its escape, and the tag whose data it is.
#[derive(Debug, Clone, Copy)]
struct TaggedChar {
    c: char,
    tag: Option<TagId>,
}

fn chars_to_string(word: &[TaggedChar]) -> String {
    word.iter().map(|letter| letter.c).collect()
}

/// The characters of a piece of XML with marks. A part that is empty data leaves none.
fn decode_marked_xml(raw: &str) -> Vec<TaggedChar> {
    let mut out = Vec::new();
    let (mut rest, mut tag) = (raw, None);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            DATA_BEGIN => match parse_begin_mark(rest) {
                Some((number, mark)) => (tag, length) = (Some(number), mark),
                None => out.push(TaggedChar { c, tag }),
            },
            DATA_END if tag.is_some() => tag = None,
            '&' => {
                let name = rest.split_inclusive(';').next().unwrap_or(rest);
                match quick_xml::escape::unescape(name) {
                    Ok(text) if name.ends_with(';') => {
                        out.extend(text.chars().map(|c| TaggedChar { c, tag }));
                        length = name.len();
                    }
                    _ => out.push(TaggedChar { c, tag }),
                }
            }
            _ => out.push(TaggedChar { c, tag }),
        }
        rest = rest.slice(length..);
    }
    out
}

/// A word of a field's code.
#[derive(Default)]
struct FieldToken {
    chars: Vec<TaggedChar>,
    /// With the backslashes that stand before others.
    raw: Vec<TaggedChar>,
    quoted: bool,
}

/// The words of a field's code: between blanks, or between quotes, where a backslash stands before what would end
/// them. Data is as much of a word as it makes of itself.
fn tokenize_field_code(code: &[TaggedChar]) -> Vec<FieldToken> {
    let mut out: Vec<FieldToken> = Vec::new();
    let (mut quoted, mut within, mut escaped) = (false, false, false);
    for &letter in code {
        let quote = matches!(letter.c, '"' | '“' | '”') && !escaped;
        match letter.c {
            _ if quote => {
                quoted = !quoted;
                within = quoted;
                if quoted {
                    out.push(FieldToken { quoted, ..FieldToken::default() });
                }
                continue;
            }
            '\\' if quoted && !escaped => {
                escaped = true;
                if let Some(word) = out.last_mut() {
                    word.raw.push(letter);
                }
                continue;
            }
            c if c.is_whitespace() && !quoted => {
                within = false;
                continue;
            }
            _ => {}
        }
        escaped = false;
        if !within {
            out.push(FieldToken::default());
            within = true;
        }
        if let Some(word) = out.last_mut() {
            word.chars.push(letter);
            word.raw.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::LinkSchemes;

    fn marked(text: &str) -> String {
        let mut out = String::new();
        for (at, part) in text.split(['«', '»']).enumerate() {
            if at % 2 == 1 {
                write_data_begin(&mut out, 7);
            }
            out.push_str(part);
            if at % 2 == 1 {
                write_data_end(&mut out);
            }
        }
        out
    }

    /// What a text becomes in which data stands between « and », and the addresses that were refused.
    fn settled(text: &str) -> (String, Vec<String>) {
        let mut out = marked(text);
        let judge = |address: &str| LinkSchemes::default().check_address(address);
        let found = sanitize_addresses(&mut out, "p", &judge);
        assert!(found.iter().all(|one| one.tag == 7));
        assert!(!out.contains([DATA_BEGIN, DATA_END]));
        (out, found.into_iter().map(|one| one.address).collect())
    }

    fn field(code: &str) -> String {
        let parts: Vec<String> =
            code.split('|').map(|part| format!("<w:instrText>{part}</w:instrText>")).collect();
        format!(
            "<w:p><w:fldChar w:fldCharType=\"begin\"/>{}<w:fldChar w:fldCharType='separate'/>\
             <w:t>x</w:t><w:fldChar w:fldCharType=\"end\"/></w:p>",
            parts.concat()
        )
    }

    #[test]
    fn data_decides_no_address_of_another_kind() {
        let target = |target: &str| format!("<R Target=\"{target}\" TargetMode=\"External\"/>");
        let simple = |code: &str| format!("<w:p><w:fldSimple w:instr='{code}'/></w:p>");
        let taken = [
            target("«https://a.cn/»"),
            target("https://a.cn/«x:y»"),
            target("«http»://a.cn"),
            target("tel:«+86 1»"),
            target("file:///«C:/a»"),
            target("./«a.docx»"),
            field(" HYPERLINK \"«https://a.cn/»\" \\o \"«file:///x»\" "),
            field(" HYPERLINK \\l \"«表一»\" "),
            field(" HYPERLINK «mailto:a@b.cn» "),
            field("HYPER|LINK \"http|s://|«a.cn»\""),
            field(" QUOTE \"«javascript:x»\" "),
            field("«PAGE \\* Arabic»"),
            simple("INCLUDEPICTURE \"https://a.cn/«a».png\""),
            "<w:p><w:instrText>«DATE»</w:instrText></w:p>".to_owned(),
        ];
        for text in taken {
            let same = text.replace(['«', '»'], "");
            assert_eq!(settled(&text), (same, Vec::new()), "{text}");
        }
        let refused = [
            (target("«javascript:x»"), target("#"), "javascript:x"),
            (target("«file»:///a"), target("#:///a"), "file:///a"),
            (target("/«/evil/x»"), target("/#"), "//evil/x"),
            (target("«a».docx"), target("#.docx"), "a.docx"),
            (target("java«script»«:x»"), target("java#"), "javascript:x"),
            (target("«java&#115;cript:x»"), target("#"), "javascript:x"),
            (field("HYPERLINK \"«\\\\\\\\evil\\\\x»\""), field("HYPERLINK \"#\""), "\\\\evil\\x"),
            (field("«HYPERLINK \"\\\\evil\\x\"»"), field("#"), "\\evilx"),
            (field("HYPERLINK «smb://x»"), field("HYPERLINK #"), "smb://x"),
            (
                field("HYPERLINK \\o \"t\" \"«smb:»|«//x»\""),
                field("HYPERLINK \\o \"t\" \"#|\""),
                "smb://x",
            ),
            (field(" «DDEAUTO cmd /k» "), field(" # "), "DDEAUTO cmd /k"),
            (
                field("LINK Excel.Sheet.8 \"«https://a.cn/x»\""),
                field("LINK Excel.Sheet.8 \"#\""),
                "LINK Excel.Sheet.8 \"https://a.cn/x\"",
            ),
            (field("«HYPERLINK &quot;data:,x&quot;»"), field("#"), "data:,x"),
            (simple("INCLUDETEXT \"«C:/a»\""), simple("INCLUDETEXT \"#\""), "C:/a"),
            (
                "<v:rect href=\"«vbscript:x»\" o:title=\"«vbscript:x»\"/>".to_owned(),
                "<v:rect href=\"#\" o:title=\"vbscript:x\"/>".to_owned(),
                "vbscript:x",
            ),
        ];
        for (text, wanted, address) in refused {
            assert_eq!(settled(&text), (wanted, vec![address.to_owned()]), "{text}");
        }
    }

    #[test]
    fn a_field_within_a_field_is_judged_by_itself() {
        let inner = field("HYPERLINK \"«smb://x»\"");
        let outer = format!(
            "<a><w:fldChar w:fldCharType=\"begin\"/><w:instrText>IF </w:instrText>{inner}\
             <w:instrText>«a»</w:instrText><w:fldChar w:fldCharType=\"end\"/></a>"
        );
        let (out, found) = settled(&outer);
        assert_eq!(found, ["smb://x"]);
        assert!(out.contains("HYPERLINK \"#\"") && out.contains(">a</w:instrText>"), "{out}");
    }

    #[test]
    fn characters_like_marks_are_characters() {
        let own = format!(
            "<a>{DATA_BEGIN}b{DATA_END}{DATA_BEGIN}</a><R Target=\"\u{ab}smb://x\u{bb}\"/>"
        );
        let mut out = marked(&own);
        sanitize_addresses(&mut out, "p", &|address| LinkSchemes::default().check_address(address));
        assert_eq!(out, format!("<a>{DATA_BEGIN}b{DATA_END}{DATA_BEGIN}</a><R Target=\"#\"/>"));
    }

    #[test]
    fn what_cannot_be_read_leads_nowhere() {
        assert_eq!(settled("<a Target=\"«smb://x»\"").0, "<a Target=\"#\"");
        assert_eq!(settled("<a b=\"«c»\"/>").0, "<a b=\"c\"/>");
    }
}
