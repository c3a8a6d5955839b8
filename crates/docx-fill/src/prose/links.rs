//! Owns where links may lead: which addresses are taken, which headings of a text can be linked to, and where the
//! links of a text stand.
//! Must not know where a text comes from, nor how a link is drawn.

use super::dialect::{address_of, dialect};
use super::{Block, Inline, plain};
use crate::diag::text;
use crate::diag::{Text, is_hidden};
use crate::slice::TextSlice as _;
use pulldown_cmark::{Event, Parser, Tag};
use std::collections::BTreeMap;
use std::ops::Range;

/// Schemes that every reader opens in a browser or in a mail program, and nothing else.
const KNOWN: [&str; 3] = ["http", "https", "mailto"];

/// Longest address, in bytes; Word and spreadsheets take 2,079 characters.
pub const LONGEST_ADDRESS: usize = 2000;

/// Characters of an address that a message quotes.
const QUOTED: usize = 80;

/// Which addresses links may have, by their schemes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schemes {
    /// Beside http, https and mailto; in small letters.
    more: Vec<String>,
}

/// Why a link stays text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Another scheme, such as `javascript` or `file`.
    Scheme(String),
    /// A folder that another computer shares.
    Network,
    /// Only a part of an address, which would mean something else in every folder.
    Relative,
    /// It has blanks, quotes, brackets, backslashes or characters that nobody sees.
    Characters,
    /// It is empty, or nothing follows its scheme.
    Incomplete,
    /// It is longer than programs take.
    Long,
    /// It names a place of the document (`#…`) that is not there.
    Place,
    /// A program would open it by itself, together with the document.
    Automatic,
}

impl Schemes {
    /// http, https, mailto and these. An error names the one that is no scheme.
    pub fn with<'s>(more: impl IntoIterator<Item = &'s str>) -> Result<Schemes, &'s str> {
        let mut out = Schemes::default();
        for word in more {
            let (scheme, rest) = split_scheme(word).unwrap_or((word, ""));
            if !is_scheme(scheme) || !rest.trim_start_matches('/').is_empty() {
                return Err(word);
            }
            out.more.push(scheme.to_ascii_lowercase());
        }
        Ok(out)
    }

    /// Whether an address outside of the document is taken.
    pub fn judge(&self, address: &str) -> Result<(), Refusal> {
        if address.is_empty() {
            return Err(Refusal::Incomplete);
        }
        if address.starts_with('#') {
            return Err(Refusal::Place);
        }
        let slash = |c: char| c == '/' || c == '\\';
        if address.starts_with(slash) && address.slice(1..).starts_with(slash) {
            return Err(Refusal::Network);
        }
        if address.len() > LONGEST_ADDRESS {
            return Err(Refusal::Long);
        }
        let odd = |c: char| c.is_whitespace() || is_hidden(c) || "<>\"\\`".contains(c);
        if address.contains(odd) {
            return Err(Refusal::Characters);
        }
        let Some((scheme, rest)) = split_scheme(address) else { return Err(Refusal::Relative) };
        let known = |known: &str| known.eq_ignore_ascii_case(scheme);
        if !KNOWN.into_iter().any(known) && !self.more.iter().any(|more| known(more)) {
            return Err(Refusal::Scheme(scheme.to_owned()));
        }
        let host = rest.strip_prefix("//").unwrap_or_default();
        let begins = |c: char| !"/?#:@".contains(c);
        let web = known("http") || known("https");
        let whole = if web { host.starts_with(begins) } else { !rest.is_empty() };
        if whole { Ok(()) } else { Err(Refusal::Incomplete) }
    }
}

impl Refusal {
    /// What is wrong with an address.
    fn words(&self, address: &str) -> Text {
        let reason = match self {
            Refusal::Scheme(scheme) => text!("link.scheme", scheme = scheme),
            Refusal::Network => text!("link.network"),
            Refusal::Relative => text!("link.relative"),
            Refusal::Characters => text!("link.characters"),
            Refusal::Incomplete => text!("link.incomplete"),
            Refusal::Long => text!("link.long", limit = LONGEST_ADDRESS),
            Refusal::Place => text!("link.place"),
            Refusal::Automatic => text!("link.automatic"),
        };
        let shown = match address.char_indices().nth(QUOTED) {
            Some((end, _)) => format!("{}…", address.slice(..end)),
            None => address.to_owned(),
        };
        text!("link.address", address = shown, reason = reason)
    }
}

/// Most addresses that one message names.
const NAMED: usize = 5;

/// What is said about links that stay text.
pub fn told<'a>(refused: impl IntoIterator<Item = (&'a str, &'a Refusal)>) -> Text {
    let mut words: Vec<Text> = Vec::new();
    let mut count = 0usize;
    for (address, refusal) in refused {
        let word = refusal.words(address);
        if words.contains(&word) {
            continue;
        }
        if words.len() < NAMED {
            words.push(word);
        } else {
            count += 1;
        }
    }
    if count > 0 {
        words.push(text!("link.more", count = count));
    }
    text!("link.refused", addresses = words)
}

fn is_scheme(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// The scheme of an address and what follows its colon.
fn split_scheme(address: &str) -> Option<(&str, &str)> {
    address.split_once(':').filter(|(scheme, _)| is_scheme(scheme))
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To the address that it has.
    Address,
    /// To the heading that is this block of its text, counted from 0.
    Heading(usize),
}

/// Where the links of a text may lead.
#[derive(Debug)]
pub struct Goals<'s> {
    schemes: &'s Schemes,
    /// The headings by what their words are reduced to; looked at only if a link names one.
    headings: BTreeMap<String, usize>,
    /// The blocks to which a link leads, in order.
    linked: Vec<usize>,
}

impl<'s> Goals<'s> {
    /// Looks at the links and headings of a text.
    pub fn of(blocks: &[Block], schemes: &'s Schemes) -> Goals<'s> {
        let mut named = Vec::new();
        let inlines = blocks.iter().flat_map(Block::inlines);
        inlines.for_each(|inlines| places(inlines, &mut named));
        let mut goals = Goals { schemes, headings: BTreeMap::new(), linked: Vec::new() };
        if named.is_empty() {
            return goals;
        }
        for (at, block) in blocks.iter().enumerate() {
            if let Block::Heading { inlines, .. } = block {
                goals.headings.entry(reduced(&plain(inlines))).or_insert(at);
            }
        }
        goals.linked = named.iter().filter_map(|name| goals.heading(name)).collect();
        goals.linked.sort_unstable();
        goals
    }

    /// Where a link with this address leads; an error says why it stays text.
    pub fn goal(&self, address: &str) -> Result<Goal, Refusal> {
        match address.strip_prefix('#') {
            Some(name) => self.heading(name).map(Goal::Heading).ok_or(Refusal::Place),
            None => self.schemes.judge(address).map(|()| Goal::Address),
        }
    }

    /// Whether a link leads to a block.
    pub fn leads_to(&self, block: usize) -> bool {
        self.linked.binary_search(&block).is_ok()
    }

    fn heading(&self, name: &str) -> Option<usize> {
        let name = reduced(&percent_decoded(name));
        if name.is_empty() { None } else { self.headings.get(&name).copied() }
    }
}

/// The places of the document that links name, without their `#`.
fn places<'i>(inlines: &'i [Inline], out: &mut Vec<&'i str>) {
    for inline in inlines {
        match inline {
            Inline::Link { url, inlines } => {
                out.extend(url.strip_prefix('#'));
                places(inlines, out);
            }
            Inline::Note { inlines } => places(inlines, out),
            Inline::Text(_) | Inline::Break | Inline::Image(_) => {}
        }
    }
}

/// Words by which a heading is found: letters and digits alone, as brackets, stops and blanks are written in many
/// ways.
fn reduced(words: &str) -> String {
    words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The characters that an address writes as `%E4%B8%80`.
fn percent_decoded(text: &str) -> String {
    let (bytes, mut out) = (text.as_bytes(), Vec::with_capacity(text.len()));
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%').then(|| Some(digit(at + 1)? * 16 + digit(at + 2)?)).flatten();
        out.push(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The links of a text that would stay text, each with its place in the Markdown and its address.
pub fn refused(markdown: &str, schemes: &Schemes) -> Vec<(Range<usize>, String, Refusal)> {
    // Every link has one of these, and most texts have none.
    if !markdown.contains(['[', '<']) {
        return Vec::new();
    }
    let mut links = Vec::new();
    for (event, range) in Parser::new_ext(markdown, dialect()).into_offset_iter() {
        if let Event::Start(Tag::Link { link_type, dest_url, .. }) = event {
            links.push((range, address_of(link_type, &dest_url)));
        }
    }
    if links.is_empty() {
        return Vec::new();
    }
    let blocks = super::parse(markdown);
    let goals = Goals::of(&blocks, schemes);
    let refused = |(range, address): (Range<usize>, String)| {
        let refusal = goals.goal(&address).err()?;
        Some((range, address, refusal))
    };
    links.into_iter().filter_map(refused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(address: &str) -> Result<(), Refusal> {
        Schemes::default().judge(address)
    }

    #[test]
    fn only_addresses_of_the_web_and_of_mail_are_taken() {
        let good = [
            "http://a.cn",
            "HTTPS://A.CN/b?c=d#e",
            "https://政府.cn/年报/",
            "mailto:a@b.cn",
            "mailto:?subject=x",
            "http://a.cn/%20",
            "https://[::1]/",
        ];
        for address in good {
            assert_eq!(judged(address), Ok(()), "{address}");
        }
        let scheme = |name: &str| Err(Refusal::Scheme(name.to_owned()));
        let bad = [
            ("javascript:alert(1)", scheme("javascript")),
            ("JaVaScRiPt:alert(1)", scheme("JaVaScRiPt")),
            ("file:///etc/passwd", scheme("file")),
            ("C:/a.docx", scheme("C")),
            ("ms-word:ofe|u|http://x", scheme("ms-word")),
            ("\\\\server\\share", Err(Refusal::Network)),
            ("//server/share", Err(Refusal::Network)),
            ("/\\server", Err(Refusal::Network)),
            ("../a.docx", Err(Refusal::Relative)),
            ("javascript%3Aalert(1)", Err(Refusal::Relative)),
            ("", Err(Refusal::Incomplete)),
            ("？http://a.cn", Err(Refusal::Relative)),
            ("http://a.cn/ b", Err(Refusal::Characters)),
            ("java\tscript:x", Err(Refusal::Characters)),
            ("java\rscript:x", Err(Refusal::Characters)),
            (" http://a.cn", Err(Refusal::Characters)),
            ("http:\\\\a.cn", Err(Refusal::Characters)),
            ("http://a.cn/\u{202e}nc.vog", Err(Refusal::Characters)),
            ("http://a\u{200b}.cn", Err(Refusal::Characters)),
            ("http:a.cn", Err(Refusal::Incomplete)),
            ("http:///a.cn", Err(Refusal::Incomplete)),
            ("https://", Err(Refusal::Incomplete)),
            ("mailto:", Err(Refusal::Incomplete)),
            ("#x", Err(Refusal::Place)),
        ];
        for (address, wanted) in bad {
            assert_eq!(judged(address), wanted, "{address}");
        }
        assert_eq!(judged(&format!("http://a.cn/{}", "a".repeat(2000))), Err(Refusal::Long));
    }

    #[test]
    fn further_schemes_are_asked_for() {
        let more = Schemes::with(["tel", "FTP:", "sftp://"]).expect("schemes");
        for address in ["tel:+86", "ftp://a.cn/", "SFTP://a.cn", "http://a.cn"] {
            assert_eq!(more.judge(address), Ok(()), "{address}");
        }
        assert_eq!(more.judge("tel:"), Err(Refusal::Incomplete));
        for wrong in ["", "a b", "1x", "tel:1", "javascript:alert(1)", "電話"] {
            assert_eq!(Schemes::with(["tel", wrong]), Err(wrong));
        }
    }

    #[test]
    fn headings_of_the_same_text_can_be_linked_to() {
        let text = "见[后文](#二措施)、[同上](#%EF%BC%88%E4%BA%8C%EF%BC%89措施)、[无](#三)、[空](#)\n\n\
                    （一）情况\n\n（二）措施\n\n（二）措施";
        let blocks = crate::prose::parse(text);
        let schemes = Schemes::default();
        let goals = Goals::of(&blocks, &schemes);
        assert_eq!(goals.goal("#二措施"), Ok(Goal::Heading(2)));
        assert_eq!(goals.goal("#（二） 措施"), Ok(Goal::Heading(2)));
        assert!(goals.leads_to(2) && !goals.leads_to(1) && !goals.leads_to(3));
        let found = refused(text, &schemes);
        let found: Vec<&str> = found.iter().map(|(range, ..)| &text[range.clone()]).collect();
        assert_eq!(found, ["[无](#三)", "[空](#)"]);
    }

    #[test]
    fn refused_links_are_found_where_they_stand() {
        let text = "甲[乙](javascript:x)丙<a@b.cn>[丁][1]<smb://x/y>[戊](&#106;avascript:y)\n\n\
                    [1]: ../a.docx \"题\"\n\n| [己](file:///x) |\n|---|\n\n注[^1]\n\n[^1]: [庚](data:,x)";
        let found = refused(text, &Schemes::default());
        let found: Vec<_> =
            found.iter().map(|(range, url, _)| (&text[range.clone()], url.as_str())).collect();
        let wanted = [
            ("[乙](javascript:x)", "javascript:x"),
            ("[丁][1]", "../a.docx"),
            ("<smb://x/y>", "smb://x/y"),
            ("[戊](&#106;avascript:y)", "javascript:y"),
            ("[己](file:///x)", "file:///x"),
            ("[庚](data:,x)", "data:,x"),
        ];
        assert_eq!(found, wanted);
    }
}
