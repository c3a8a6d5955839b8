//! Owns addresses that data writes into links of the template's own, or that a document brings which is data itself:
//! targets of relationships, attributes that name a file, and codes of fields.
//! Must not know the language, nor which addresses are taken.

use crate::ir::program::TagId;
use crate::opc::xml::{EventReader, attribute_ranges};
use crate::prose::links::Refusal;
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::fmt::Write as _;
use std::ops::Range;

/// Stands before and behind the number of the tag whose data begins; no value and no XML holds it.
const OPEN: char = '\u{FFFF}';
/// Stands where the data ends.
const CLOSE: char = '\u{FFFE}';

/// What a refused address becomes: it leads nowhere.
pub(crate) const NOWHERE: &str = "#";

/// Attributes that name a file or a page which a program opens.
const ATTRIBUTES: [&str; 4] = ["Target", "href", "o:href", "src"];

/// Fields that show a file by its address.
const SHOWING: [&str; 4] = ["INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT"];
/// Fields that have a program open a file; nothing of them is for data to say.
const OPENING: [&str; 5] = ["LINK", "DDE", "DDEAUTO", "DATABASE", "RD"];

/// An address that was not taken, with the tag whose data it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) tag: TagId,
    pub(crate) address: String,
    pub(crate) refusal: Refusal,
}

/// Whether an attribute names what a program opens.
pub(crate) fn is_address(attribute: &str) -> bool {
    ATTRIBUTES.contains(&attribute)
}

/// Marks that data of a tag follows, where it may become an address.
pub(crate) fn open(out: &mut String, tag: TagId) {
    let _ = write!(out, "{OPEN}{tag}{OPEN}");
}

/// Marks that the data ends.
pub(crate) fn close(out: &mut String) {
    out.push(CLOSE);
}

/// Whether a character is one of marks. Data that may hold it loses it before it is marked.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, OPEN | CLOSE)
}

/// The tag of the mark with which a text begins, and the bytes of the mark.
fn opened(text: &str) -> Option<(TagId, usize)> {
    let (number, _) = text.strip_prefix(OPEN)?.split_once(OPEN)?;
    let tag = number.parse().ok()?;
    Some((tag, number.len() + 2 * OPEN.len_utf8()))
}

/// Judges every address of a part that holds marked data, makes those harmless that are not taken, and takes the
/// marks away. What the template itself writes before the data is trusted: where that decides what the address leads
/// to, it stays.
pub(crate) fn settle(
    out: &mut String,
    part: &str,
    judge: &dyn Fn(&str) -> Result<(), Refusal>,
) -> Vec<Refused> {
    if !out.contains(OPEN) {
        return Vec::new();
    }
    let mut scan =
        Scan { text: out, judge, edits: Vec::new(), fields: Vec::new(), found: Vec::new() };
    let read = scan.read(part);
    let Scan { edits, found, .. } = scan;
    // Nothing is trusted in what cannot be read.
    *out = match read {
        Some(()) => applied(out, edits),
        None => without_marks(out, &mut Some(NOWHERE)),
    };
    found
}

/// What is put in the place of a piece.
struct Edit {
    range: Range<usize>,
    with: String,
}

fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for Edit { range, with } in edits {
        out.push_str(text.slice(done..range.start));
        out.push_str(&with);
        done = range.end;
    }
    out.push_str(text.slice(done..));
    if out.contains(OPEN) { without_marks(&out, &mut None) } else { out }
}

/// Without marks. With `instead` the data between them goes, and what is `instead` stands once in its place.
fn without_marks<'t>(text: &'t str, instead: &mut Option<&'t str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let (before, marked) = rest.halves(at);
        out.push_str(before);
        let Some((_, length)) = opened(marked) else {
            // A character of the template's own.
            out.push(OPEN);
            rest = marked.slice(OPEN.len_utf8()..);
            continue;
        };
        let (data, after) =
            marked.slice(length..).split_once(CLOSE).unwrap_or((marked.slice(length..), ""));
        out.push_str(instead.as_mut().map_or(data, std::mem::take));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The code of a field as far as it was read: the pieces of text that it is made of.
type Code = Vec<Range<usize>>;

struct Scan<'t> {
    text: &'t str,
    judge: &'t dyn Fn(&str) -> Result<(), Refusal>,
    edits: Vec<Edit>,
    /// The fields that are open, the innermost last.
    fields: Vec<Code>,
    found: Vec<Refused>,
}

impl Scan<'_> {
    fn read(&mut self, part: &str) -> Option<()> {
        let text = self.text;
        let mut reader = EventReader::new(text, part);
        let mut code = None;
        while let Some((event, range)) = reader.next().ok()? {
            match event {
                Event::Start(element) => {
                    self.element(element.name().as_ref(), &range);
                    // The code of a deleted field is there again when the deletion is refused.
                    if matches!(element.name().as_ref(), "w:instrText" | "w:delInstrText") {
                        code = Some(range.end);
                    }
                }
                Event::Empty(element) => self.element(element.name().as_ref(), &range),
                Event::End(_) => {
                    if let Some(start) = code.take() {
                        self.piece(start..range.start);
                    }
                }
                _ => {}
            }
        }
        while let Some(field) = self.fields.pop() {
            self.code(&field);
        }
        Some(())
    }

    fn element(&mut self, name: &str, range: &Range<usize>) {
        if name == "w:fldChar" {
            let all = attribute_ranges(self.text, range);
            let kind = all.into_iter().find(|(key, _)| *key == "w:fldCharType");
            match kind.map(|(_, value)| self.text.slice(value)) {
                Some("begin") => self.fields.push(Code::new()),
                // What follows is what the field shows; nothing of it is code.
                Some("separate") => {
                    let field = self.fields.last_mut().map(std::mem::take);
                    self.code(&field.unwrap_or_default());
                }
                Some("end") => {
                    let field = self.fields.pop();
                    self.code(&field.unwrap_or_default());
                }
                _ => {}
            }
        } else if self.text.slice(range.clone()).contains(OPEN) {
            for (key, value) in attribute_ranges(self.text, range) {
                if key == "w:instr" {
                    self.code(&vec![value]);
                } else if is_address(key) {
                    let word = letters(self.text.slice(value.clone()));
                    if let Some(refused) = self.judged(&word) {
                        self.refuse(&vec![value], refused);
                    }
                }
            }
        }
    }

    /// A piece of code; one outside of all fields is one by itself.
    fn piece(&mut self, range: Range<usize>) {
        match self.fields.last_mut() {
            Some(field) => field.push(range),
            None => self.code(&vec![range]),
        }
    }

    fn code(&mut self, code: &Code) {
        if !code.iter().any(|range| self.text.slice(range.clone()).contains(OPEN)) {
            return;
        }
        let all: Vec<Letter> =
            code.iter().flat_map(|range| letters(self.text.slice(range.clone()))).collect();
        let words = words(&all);
        let Some((kind, words)) = words.split_first() else { return };
        let kind = plain(&kind.letters).to_ascii_uppercase();
        if OPENING.contains(&kind.as_str()) {
            let tag = all.iter().find_map(|letter| letter.tag).unwrap_or(TagId::MAX);
            let address = plain(&all).trim().to_owned();
            return self.refuse(code, Refused { tag, address, refusal: Refusal::Automatic });
        }
        let link = kind == "HYPERLINK";
        if !link && !SHOWING.contains(&kind.as_str()) {
            return;
        }
        let mut before = String::new();
        for word in words {
            let shown = plain(&word.letters);
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
                && let Some(refused) = self.judged(&word.letters).or_else(|| self.judged(&word.raw))
            {
                return self.refuse(code, refused);
            }
            before = shown;
        }
    }

    /// Why a word of which a part is data is no address that is taken.
    fn judged(&self, word: &[Letter]) -> Option<Refused> {
        let tag = word.iter().find_map(|letter| letter.tag)?;
        let own: String = word.iter().take_while(|l| l.tag.is_none()).map(|l| l.c).collect();
        let address = plain(word);
        let network = |text: &str| {
            let mut first = text.chars().take(2);
            let slash = |c: Option<char>| matches!(c, Some('/' | '\\'));
            slash(first.next()) && slash(first.next())
        };
        let decided = own.contains([':', '/', '\\', '?', '#']);
        let refusal = match decided {
            true if network(&address) && !network(&own) => Refusal::Network,
            true => return None,
            false => (self.judge)(&address).err()?,
        };
        Some(Refused { tag, address, refusal })
    }

    fn refuse(&mut self, pieces: &Code, refused: Refused) {
        self.found.push(refused);
        let mut instead = Some(NOWHERE);
        for range in pieces {
            let with = without_marks(self.text.slice(range.clone()), &mut instead);
            self.edits.push(Edit { range: range.clone(), with });
        }
    }
}

/// A character without its escape, and the tag whose data it is.
#[derive(Debug, Clone, Copy)]
struct Letter {
    c: char,
    tag: Option<TagId>,
}

fn plain(word: &[Letter]) -> String {
    word.iter().map(|letter| letter.c).collect()
}

/// The characters of a piece of XML with marks. A part that is empty data leaves none.
fn letters(raw: &str) -> Vec<Letter> {
    let mut out = Vec::new();
    let (mut rest, mut tag) = (raw, None);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            OPEN => match opened(rest) {
                Some((number, mark)) => (tag, length) = (Some(number), mark),
                None => out.push(Letter { c, tag }),
            },
            CLOSE if tag.is_some() => tag = None,
            '&' => {
                let name = rest.split_inclusive(';').next().unwrap_or(rest);
                match quick_xml::escape::unescape(name) {
                    Ok(text) if name.ends_with(';') => {
                        out.extend(text.chars().map(|c| Letter { c, tag }));
                        length = name.len();
                    }
                    _ => out.push(Letter { c, tag }),
                }
            }
            _ => out.push(Letter { c, tag }),
        }
        rest = rest.slice(length..);
    }
    out
}

/// A word of a field's code.
#[derive(Default)]
struct Word {
    letters: Vec<Letter>,
    /// With the backslashes that stand before others.
    raw: Vec<Letter>,
    quoted: bool,
}

/// The words of a field's code: between blanks, or between quotes, where a backslash stands before what would end
/// them. Data is as much of a word as it makes of itself.
fn words(code: &[Letter]) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let (mut quoted, mut within, mut escaped) = (false, false, false);
    for &letter in code {
        let quote = matches!(letter.c, '"' | '“' | '”') && !escaped;
        match letter.c {
            _ if quote => {
                quoted = !quoted;
                within = quoted;
                if quoted {
                    out.push(Word { quoted, ..Word::default() });
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
            out.push(Word::default());
            within = true;
        }
        if let Some(word) = out.last_mut() {
            word.letters.push(letter);
            word.raw.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::Schemes;

    fn marked(text: &str) -> String {
        let mut out = String::new();
        for (at, part) in text.split(['«', '»']).enumerate() {
            if at % 2 == 1 {
                open(&mut out, 7);
            }
            out.push_str(part);
            if at % 2 == 1 {
                close(&mut out);
            }
        }
        out
    }

    /// What a text becomes in which data stands between « and », and the addresses that were refused.
    fn settled(text: &str) -> (String, Vec<String>) {
        let mut out = marked(text);
        let judge = |address: &str| Schemes::default().judge(address);
        let found = settle(&mut out, "p", &judge);
        assert!(found.iter().all(|one| one.tag == 7));
        assert!(!out.contains([OPEN, CLOSE]));
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
        let own = format!("<a>{OPEN}b{CLOSE}{OPEN}</a><R Target=\"\u{ab}smb://x\u{bb}\"/>");
        let mut out = marked(&own);
        settle(&mut out, "p", &|address| Schemes::default().judge(address));
        assert_eq!(out, format!("<a>{OPEN}b{CLOSE}{OPEN}</a><R Target=\"#\"/>"));
    }

    #[test]
    fn what_cannot_be_read_leads_nowhere() {
        assert_eq!(settled("<a Target=\"«smb://x»\"").0, "<a Target=\"#\"");
        assert_eq!(settled("<a b=\"«c»\"/>").0, "<a b=\"c\"/>");
    }
}
