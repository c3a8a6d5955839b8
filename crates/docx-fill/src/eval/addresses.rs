//! Owns checking addresses that data writes into links: relationship targets, attributes that name a file, and
//! field codes.
//! Must not know the tag language, nor which addresses are allowed.
//!
//! An address is judged when it is whole: data may give a part of it, several tags may, and runs may divide a field code.
//! Until then the text moves, out of tables whose cells merge and into other parts, so data carries its marks with it. A
//! part without marks is only searched for one. Where all marks stand in attributes, as those of links do, only the tags
//! around them are read; where one stands in the code of a field, the part is read once more. Of a table of 2,000 rows
//! with a link in each, reading it whole took 43 % of the instructions of the rendering (callgrind), and judging the links 32 %.

use super::marked_text::{
    DATA_BEGIN, DATA_END, TaggedChar, chars_to_string, decode_marked_xml, escape_blanks,
    parse_begin_mark, tokenize_field_code,
};
use crate::ir::program::TagId;
use crate::opc::xml::{XmlEventReader, attribute_ranges, escape_into};
use crate::prose::links::LinkRefusal;
use crate::slice::TextSlice as _;
use crate::word::field::{FieldMark, OpenFields};
use memchr::{memmem, memrchr};
use quick_xml::events::Event;
use std::ops::Range;

/// Replacement for a refused address; it leads nowhere.
pub(crate) const INERT_ADDRESS: &str = "#";

/// Attributes whose target a program opens.
const ADDRESS_ATTRIBUTES: [&str; 4] = ["Target", "href", "o:href", "src"];

/// Fields that include a file by its address.
const INCLUDE_FIELDS: [&str; 4] = ["INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT"];
/// Fields for which Word opens a file by itself; data may not write any part of them.
const AUTOMATIC_FIELDS: [&str; 5] = ["LINK", "DDE", "DDEAUTO", "DATABASE", "RD"];

/// A refused address with the tag whose data it contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedAddress {
    pub(crate) tag: TagId,
    pub(crate) address: String,
    pub(crate) refusal: LinkRefusal,
}

/// Checks whether a program opens the target that an attribute names.
pub(crate) fn is_address_attribute(attribute: &str) -> bool {
    ADDRESS_ATTRIBUTES.contains(&attribute)
}

/// Checks every address of a part that contains marked data, replaces refused ones and removes all marks. Text
/// that the template writes before the data is trusted: an address whose target it determines is kept.
pub(crate) fn sanitize_addresses(
    out: &mut String,
    judge: &dyn Fn(&str) -> Result<(), LinkRefusal>,
) -> Vec<RefusedAddress> {
    let mark = DATA_BEGIN.to_string();
    if memmem::find(out.as_bytes(), mark.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut scan = AddressChecker {
        text: out,
        check: judge,
        edits: Vec::new(),
        fields: OpenFields::default(),
        refused: Vec::new(),
    };
    let read = scan.check_attributes().or_else(|| {
        (scan.edits, scan.refused) = (Vec::new(), Vec::new());
        scan.check_part()
    });
    let AddressChecker { edits, refused: found, .. } = scan;
    // If the part cannot be parsed, no data is trusted.
    *out = match read {
        Some(()) => apply_edits(out, edits),
        None => strip_marks(out, &mut Some(INERT_ADDRESS)),
    };
    found
}

/// A replacement of a byte range.
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

/// Removes marks. If `instead` is given, the data between them is removed too, and the first is replaced by
/// `instead`.
fn strip_marks<'t>(text: &'t str, instead: &mut Option<&'t str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DATA_BEGIN) {
        let (before, marked) = rest.split_at_offset(at);
        out.push_str(before);
        let Some((_, length)) = parse_begin_mark(marked) else {
            // The character is part of the template itself.
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

/// Returns the length of the tag with which a text begins.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    let end = text.bytes().position(|byte| {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
        byte == b'>' && quote.is_none()
    });
    end.map(|at| at + 1)
}

/// The code of a field that has been read so far, as the source ranges of its text.
type FieldCode = Vec<Range<usize>>;

struct AddressChecker<'t> {
    text: &'t str,
    check: &'t dyn Fn(&str) -> Result<(), LinkRefusal>,
    edits: Vec<AddressEdit>,
    fields: OpenFields<FieldCode>,
    refused: Vec<RefusedAddress>,
}

impl AddressChecker<'_> {
    /// Checks the tags in whose attributes data stands, without reading what is between them; `None` if data stands
    /// elsewhere, as in the code of a field, of which the fields around have to be known.
    fn check_attributes(&mut self) -> Option<()> {
        let (text, mut done) = (self.text, 0);
        let mark = DATA_BEGIN.to_string();
        while let Some(found) = memmem::find(text.slice(done..).as_bytes(), mark.as_bytes()) {
            let before = text.slice(done..done + found);
            // No attribute has this character, so it begins the tag around the mark, or an earlier one.
            let start = done + memrchr(b'<', before.as_bytes())?;
            let end = start + tag_length(text.slice(start..))?;
            if end <= done + found {
                return None;
            }
            let name = text.slice(start + 1..end);
            let length = name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
            self.check_element(name.slice(..length?), &(start..end));
            done = end;
        }
        Some(())
    }

    fn check_part(&mut self) -> Option<()> {
        let text = self.text;
        let mut reader = XmlEventReader::of_written(text);
        let mut code = None;
        while let Some((event, range)) = reader.next().ok()? {
            match event {
                Event::Start(element) => {
                    self.check_element(element.name().as_ref(), &range);
                    // Rejecting a tracked deletion restores the field, so its code is checked as well.
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
        while let Some(field) = self.fields.end() {
            self.check_field_code(&field);
        }
        Some(())
    }

    fn check_element(&mut self, name: &str, range: &Range<usize>) {
        if name == "w:fldChar" {
            let all = attribute_ranges(self.text, range);
            let kind = all.into_iter().find(|(key, _)| *key == "w:fldCharType");
            match kind.and_then(|(_, value)| FieldMark::from_value(self.text.slice(value))) {
                Some(FieldMark::Begin) => self.fields.begin(FieldCode::new()),
                // The result of the field follows, which is not code.
                Some(FieldMark::Separate) => {
                    let field = self.fields.separate().map(std::mem::take);
                    self.check_field_code(&field.unwrap_or_default());
                }
                Some(FieldMark::End) => {
                    let field = self.fields.end();
                    self.check_field_code(&field.unwrap_or_default());
                }
                None => {}
            }
        } else if self.text.slice(range.clone()).contains(DATA_BEGIN) {
            for (key, value) in attribute_ranges(self.text, range) {
                if key == "w:instr" {
                    self.check_field_code(&vec![value]);
                } else if is_address_attribute(key) {
                    let word = decode_marked_xml(self.text.slice(value.clone()));
                    if let Some(refused) = self.check_address(&word) {
                        self.escape_or_refuse(value, &word, refused);
                    }
                }
            }
        }
    }

    /// Adds text to the code of the current field. Code outside of all fields is checked by itself.
    fn add_code(&mut self, range: Range<usize>) {
        match self.fields.innermost() {
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
        let mut faulty = Vec::new();
        for word in words {
            let shown = chars_to_string(&word.chars);
            // The argument after these switches is a bookmark, a tooltip, a frame or a format.
            let other = match before.as_str() {
                "\\l" | "\\o" | "\\t" | "\\m" => link,
                "\\*" | "\\c" => !link,
                _ => false,
            };
            let switch = !word.quoted && shown.starts_with('\\') && !shown.starts_with("\\\\");
            if !other
                && !switch
                // Programs differ in whether a backslash in an address is doubled, so both readings are
                // checked.
                && let Some(refused) = self.check_address(&word.chars).or_else(|| self.check_address(&word.raw))
            {
                faulty.push((word, refused));
            }
            before = shown;
        }
        let several = faulty.len() > 1;
        match faulty.into_iter().next() {
            Some((_, refused)) if several => self.refuse_address(code, refused),
            Some((word, refused)) => self.escape_word_or_refuse(code, &all, &word.chars, refused),
            None => {}
        }
    }

    /// Checks a word that contains data and returns why its address is refused.
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

    /// Escapes the blanks of a web address, as browsers do; refuses an address that has other faults too.
    fn escape_or_refuse(
        &mut self,
        value: Range<usize>,
        word: &[TaggedChar],
        refused: RefusedAddress,
    ) {
        let escaped = escape_blanks(word);
        match escaped.filter(|escaped| self.check_address(escaped).is_none()) {
            Some(escaped) => {
                let mut replacement = String::new();
                escape_into(&mut replacement, &chars_to_string(&escaped));
                self.edits.push(AddressEdit { range: value, replacement });
            }
            None => self.refuse_address(&vec![value], refused),
        }
    }

    /// Escapes the blanks of a web address in a code of one piece; refuses any other.
    fn escape_word_or_refuse(
        &mut self,
        code: &FieldCode,
        all: &[TaggedChar],
        word: &[TaggedChar],
        refused: RefusedAddress,
    ) {
        let escaped = escape_blanks(word).filter(|escaped| self.check_address(escaped).is_none());
        let whole = chars_to_string(all);
        let own = chars_to_string(word);
        let (Some(escaped), [range], 1) = (escaped, code.as_slice(), whole.matches(&own).count())
        else {
            return self.refuse_address(code, refused);
        };
        let mut replacement = String::new();
        escape_into(&mut replacement, &whole.replace(&own, &chars_to_string(&escaped)));
        self.edits.push(AddressEdit { range: range.clone(), replacement });
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

#[cfg(test)]
mod tests {
    use super::super::marked_text::{write_data_begin, write_data_end};
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

    /// Returns the sanitized text and the refused addresses; data is written between « and ».
    fn settled(text: &str) -> (String, Vec<String>) {
        let mut out = marked(text);
        let judge = |address: &str| LinkSchemes::default().check_address(address);
        let found = sanitize_addresses(&mut out, &judge);
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
    fn blanks_of_a_web_address_are_escaped() {
        let target = |target: &str| format!("<R Target=\"{target}\"/>");
        let (out, refused) = settled(&target("«https://b.cn/路径 空格?a=1&amp;b= 2»"));
        assert_eq!(out, target("https://b.cn/路径%20空格?a=1&amp;b=%202"));
        assert!(refused.is_empty());
        let link = |address: &str| field(&format!(" HYPERLINK \"{address}\" \\o \"a b\" "));
        let (out, refused) = settled(&link("«https://b.cn/路 径?a&amp;b»"));
        let escaped = link("https://b.cn/路%20径?a&amp;b");
        assert_eq!((out.replace("&quot;", "\""), refused.len()), (escaped, 0));
        assert_eq!(settled(&link("«https://b.cn/a »|«b»")).1.len(), 1);
        // Quotes of other kinds end the word in a field code; what follows is judged, too.
        let (out, refused) = settled(&link("«https://b.cn/a b” “\\\\evil\\share»"));
        assert_eq!((out.contains("evil"), refused.len()), (false, 1), "{out}");
        for wrong in
            ["«https://b cn/a»", "«javascript:a b»", "«https://b.cn/a <b»", "«https://b.cn/a »"]
        {
            let wrong = wrong.replace('<', "&lt;");
            assert_eq!(settled(&target(&wrong)).1.len(), 1, "{wrong}");
        }
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
        sanitize_addresses(&mut out, &|address| LinkSchemes::default().check_address(address));
        assert_eq!(out, format!("<a>{DATA_BEGIN}b{DATA_END}{DATA_BEGIN}</a><R Target=\"#\"/>"));
    }

    #[test]
    fn data_in_attributes_is_judged_without_the_text_between() {
        let links = "<a>x</a><R Id=\"«1>'»\" Target='«https://a.cn/x»'/>\
            <b/><R\tTarget=\"«smb://x»\"></R><c>y</c>";
        let judge = |address: &str| LinkSchemes::default().check_address(address);
        let refused = |text: &str| {
            let text = marked(text);
            let mut scan = AddressChecker {
                text: &text,
                check: &judge,
                edits: Vec::new(),
                fields: OpenFields::default(),
                refused: Vec::new(),
            };
            scan.check_attributes().map(|()| scan.refused.len())
        };
        assert_eq!(refused(links), Some(1));
        let same = links.replace("«smb://x»", "#").replace(['«', '»'], "");
        assert_eq!(settled(links).0, same);
        for text in ["<a>«x»</a>", "«x»", "<a b=\"«x»\"", "<R Target=\"«x»\"/>«y»"] {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_leads_nowhere() {
        assert_eq!(settled("<a Target=\"«smb://x»\"").0, "<a Target=\"#\"");
        assert_eq!(settled("<a b=\"«c»\"/>").0, "<a b=\"c\"/>");
    }
}
