//! Owns the rules for links: the permitted addresses, the headings of a text as link targets, and the links in
//! a text that are refused.
//! Must not know where a text comes from, nor how a link is rendered.

use super::dialect::{link_address, markdown_options};
use super::{ProseBlock, ProseInline, plain_text};
use crate::diag::msg;
use crate::diag::{Message, is_hidden};
use crate::slice::TextSlice as _;
use pulldown_cmark::{Event, Parser, Tag};
use std::collections::BTreeMap;
use std::ops::Range;

/// Schemes that open only a browser or a mail program.
const DEFAULT_SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Maximum length of an address, in bytes; Word and spreadsheets accept 2,079 characters.
pub const MAX_ADDRESS_LENGTH: usize = 2000;

/// Maximum characters of an address that a message quotes.
const MAX_QUOTED_CHARS: usize = 80;

/// The permitted schemes of link addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkSchemes {
    /// Lower-case schemes beside http, https and mailto.
    extra: Vec<String>,
}

/// The reason why a link is refused and becomes plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkRefusal {
    /// It has a scheme that is not permitted, such as `javascript` or `file`.
    OtherScheme(String),
    /// It is a network path to a shared folder.
    NetworkPath,
    /// It is a relative reference, whose target depends on the current folder.
    RelativeReference,
    /// It contains spaces, quotes, brackets, backslashes or invisible characters.
    InvalidCharacters,
    /// It is empty, or nothing follows its scheme.
    Incomplete,
    /// It exceeds the maximum length.
    TooLong,
    /// It refers to an anchor (`#…`) that does not exist in the document.
    MissingAnchor,
    /// A program would open it automatically, together with the document.
    OpenedAutomatically,
}

impl LinkSchemes {
    /// Creates the rules with further schemes. An error holds the name that is not a valid scheme.
    pub fn with_extra<'s>(more: impl IntoIterator<Item = &'s str>) -> Result<LinkSchemes, &'s str> {
        let mut out = LinkSchemes::default();
        for word in more {
            let (scheme, rest) = split_scheme(word).unwrap_or((word, ""));
            if !is_scheme(scheme) || !rest.trim_start_matches('/').is_empty() {
                return Err(word);
            }
            out.extra.push(scheme.to_ascii_lowercase());
        }
        Ok(out)
    }

    /// Checks whether an address outside of the document is permitted.
    pub fn check_address(&self, address: &str) -> Result<(), LinkRefusal> {
        if address.is_empty() {
            return Err(LinkRefusal::Incomplete);
        }
        if address.starts_with('#') {
            return Err(LinkRefusal::MissingAnchor);
        }
        let slash = |c: char| c == '/' || c == '\\';
        if address.starts_with(slash) && address.slice(1..).starts_with(slash) {
            return Err(LinkRefusal::NetworkPath);
        }
        if address.len() > MAX_ADDRESS_LENGTH {
            return Err(LinkRefusal::TooLong);
        }
        let odd = |c: char| c.is_whitespace() || is_hidden(c) || "<>\"\\`".contains(c);
        if address.contains(odd) {
            return Err(LinkRefusal::InvalidCharacters);
        }
        let Some((scheme, rest)) = split_scheme(address) else {
            return Err(LinkRefusal::RelativeReference);
        };
        let known = |known: &str| known.eq_ignore_ascii_case(scheme);
        if !DEFAULT_SCHEMES.into_iter().any(known) && !self.extra.iter().any(|more| known(more)) {
            return Err(LinkRefusal::OtherScheme(scheme.to_owned()));
        }
        let host = rest.strip_prefix("//").unwrap_or_default();
        let begins = |c: char| !"/?#:@".contains(c);
        let web = known("http") || known("https");
        let whole = if web { host.starts_with(begins) } else { !rest.is_empty() };
        if whole { Ok(()) } else { Err(LinkRefusal::Incomplete) }
    }
}

impl LinkRefusal {
    /// Returns the message for a refused address.
    fn message_for(&self, address: &str) -> Message {
        let reason = match self {
            LinkRefusal::OtherScheme(scheme) => msg!("link.scheme", scheme = scheme),
            LinkRefusal::NetworkPath => msg!("link.network"),
            LinkRefusal::RelativeReference => msg!("link.relative"),
            LinkRefusal::InvalidCharacters => msg!("link.characters"),
            LinkRefusal::Incomplete => msg!("link.incomplete"),
            LinkRefusal::TooLong => msg!("link.long", limit = MAX_ADDRESS_LENGTH),
            LinkRefusal::MissingAnchor => msg!("link.place"),
            LinkRefusal::OpenedAutomatically => msg!("link.automatic"),
        };
        let shown = match address.char_indices().nth(MAX_QUOTED_CHARS) {
            Some((end, _)) => format!("{}…", address.slice(..end)),
            None => address.to_owned(),
        };
        msg!("link.address", address = shown, reason = reason)
    }
}

/// Maximum number of addresses that one message names.
const MAX_NAMED_LINKS: usize = 5;

/// Returns the message for several refused links.
pub fn refused_links_message<'a>(
    refused: impl IntoIterator<Item = (&'a str, &'a LinkRefusal)>,
) -> Message {
    let mut words: Vec<Message> = Vec::new();
    let mut count = 0usize;
    for (address, refusal) in refused {
        let word = refusal.message_for(address);
        if words.contains(&word) {
            continue;
        }
        if words.len() < MAX_NAMED_LINKS {
            words.push(word);
        } else {
            count += 1;
        }
    }
    if count > 0 {
        words.push(msg!("link.more", count = count));
    }
    msg!("link.refused", addresses = words)
}

fn is_scheme(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Splits an address into its scheme and the text after the colon.
fn split_scheme(address: &str) -> Option<(&str, &str)> {
    address.split_once(':').filter(|(scheme, _)| is_scheme(scheme))
}

/// The target of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTarget {
    /// The address as written.
    Address,
    /// The heading with this block index in its text, from 0.
    Heading(usize),
}

/// The possible link targets of a text.
#[derive(Debug)]
pub struct LinkTargets<'s> {
    schemes: &'s LinkSchemes,
    /// Block indices of headings by normalized text; filled only if a link refers to a heading.
    headings: BTreeMap<String, usize>,
    /// Indices of the blocks that are link targets, in order.
    linked_blocks: Vec<usize>,
}

impl<'s> LinkTargets<'s> {
    /// Collects the links and headings of a text.
    pub fn from_blocks(blocks: &[ProseBlock], schemes: &'s LinkSchemes) -> LinkTargets<'s> {
        let mut named = Vec::new();
        let inlines = blocks.iter().flat_map(ProseBlock::inlines);
        inlines.for_each(|inlines| collect_fragments(inlines, &mut named));
        let mut goals =
            LinkTargets { schemes, headings: BTreeMap::new(), linked_blocks: Vec::new() };
        if named.is_empty() {
            return goals;
        }
        for (at, block) in blocks.iter().enumerate() {
            if let ProseBlock::Heading { inlines, .. } = block {
                goals.headings.entry(normalize_heading(&plain_text(inlines))).or_insert(at);
            }
        }
        goals.linked_blocks = named.iter().filter_map(|name| goals.find_heading(name)).collect();
        goals.linked_blocks.sort_unstable();
        goals
    }

    /// Resolves the address of a link. An error is the reason why the link is refused.
    pub fn resolve_address(&self, address: &str) -> Result<LinkTarget, LinkRefusal> {
        match address.strip_prefix('#') {
            Some(name) => {
                self.find_heading(name).map(LinkTarget::Heading).ok_or(LinkRefusal::MissingAnchor)
            }
            None => self.schemes.check_address(address).map(|()| LinkTarget::Address),
        }
    }

    /// Checks whether a block is the target of a link.
    pub fn is_linked(&self, block: usize) -> bool {
        self.linked_blocks.binary_search(&block).is_ok()
    }

    fn find_heading(&self, name: &str) -> Option<usize> {
        let name = normalize_heading(&percent_decode(name));
        if name.is_empty() { None } else { self.headings.get(&name).copied() }
    }
}

/// Collects the anchors that links refer to, without `#`.
fn collect_fragments<'i>(inlines: &'i [ProseInline], out: &mut Vec<&'i str>) {
    for inline in inlines {
        match inline {
            ProseInline::Link { url, inlines } => {
                out.extend(url.strip_prefix('#'));
                collect_fragments(inlines, out);
            }
            ProseInline::Note { inlines } => collect_fragments(inlines, out),
            ProseInline::Text(_) | ProseInline::Break | ProseInline::Image(_) => {}
        }
    }
}

/// Reduces the text of a heading to letters and digits, since brackets, punctuation and spaces vary.
fn normalize_heading(words: &str) -> String {
    words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Decodes percent-encoded characters such as `%E4%B8%80`.
fn percent_decode(text: &str) -> String {
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

/// Finds the links of a text that would be refused, each with its range in the Markdown and its address.
pub fn find_refused_links(
    markdown: &str,
    schemes: &LinkSchemes,
) -> Vec<(Range<usize>, String, LinkRefusal)> {
    // Every link contains one of these, and most texts contain none.
    if !markdown.contains(['[', '<']) {
        return Vec::new();
    }
    let mut links = Vec::new();
    for (event, range) in Parser::new_ext(markdown, markdown_options()).into_offset_iter() {
        if let Event::Start(Tag::Link { link_type, dest_url, .. }) = event {
            links.push((range, link_address(link_type, &dest_url)));
        }
    }
    if links.is_empty() {
        return Vec::new();
    }
    let blocks = super::parse_markdown(markdown);
    let goals = LinkTargets::from_blocks(&blocks, schemes);
    let refused = |(range, address): (Range<usize>, String)| {
        let refusal = goals.resolve_address(&address).err()?;
        Some((range, address, refusal))
    };
    links.into_iter().filter_map(refused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(address: &str) -> Result<(), LinkRefusal> {
        LinkSchemes::default().check_address(address)
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
        let scheme = |name: &str| Err(LinkRefusal::OtherScheme(name.to_owned()));
        let bad = [
            ("javascript:alert(1)", scheme("javascript")),
            ("JaVaScRiPt:alert(1)", scheme("JaVaScRiPt")),
            ("file:///etc/passwd", scheme("file")),
            ("C:/a.docx", scheme("C")),
            ("ms-word:ofe|u|http://x", scheme("ms-word")),
            ("\\\\server\\share", Err(LinkRefusal::NetworkPath)),
            ("//server/share", Err(LinkRefusal::NetworkPath)),
            ("/\\server", Err(LinkRefusal::NetworkPath)),
            ("../a.docx", Err(LinkRefusal::RelativeReference)),
            ("javascript%3Aalert(1)", Err(LinkRefusal::RelativeReference)),
            ("", Err(LinkRefusal::Incomplete)),
            ("？http://a.cn", Err(LinkRefusal::RelativeReference)),
            ("http://a.cn/ b", Err(LinkRefusal::InvalidCharacters)),
            ("java\tscript:x", Err(LinkRefusal::InvalidCharacters)),
            ("java\rscript:x", Err(LinkRefusal::InvalidCharacters)),
            (" http://a.cn", Err(LinkRefusal::InvalidCharacters)),
            ("http:\\\\a.cn", Err(LinkRefusal::InvalidCharacters)),
            ("http://a.cn/\u{202e}nc.vog", Err(LinkRefusal::InvalidCharacters)),
            ("http://a\u{200b}.cn", Err(LinkRefusal::InvalidCharacters)),
            ("http:a.cn", Err(LinkRefusal::Incomplete)),
            ("http:///a.cn", Err(LinkRefusal::Incomplete)),
            ("https://", Err(LinkRefusal::Incomplete)),
            ("mailto:", Err(LinkRefusal::Incomplete)),
            ("#x", Err(LinkRefusal::MissingAnchor)),
        ];
        for (address, wanted) in bad {
            assert_eq!(judged(address), wanted, "{address}");
        }
        assert_eq!(judged(&format!("http://a.cn/{}", "a".repeat(2000))), Err(LinkRefusal::TooLong));
    }

    #[test]
    fn further_schemes_are_asked_for() {
        let more = LinkSchemes::with_extra(["tel", "FTP:", "sftp://"]).expect("schemes");
        for address in ["tel:+86", "ftp://a.cn/", "SFTP://a.cn", "http://a.cn"] {
            assert_eq!(more.check_address(address), Ok(()), "{address}");
        }
        assert_eq!(more.check_address("tel:"), Err(LinkRefusal::Incomplete));
        for wrong in ["", "a b", "1x", "tel:1", "javascript:alert(1)", "電話"] {
            assert_eq!(LinkSchemes::with_extra(["tel", wrong]), Err(wrong));
        }
    }

    #[test]
    fn headings_of_the_same_text_can_be_linked_to() {
        let text = "见[后文](#二措施)、[同上](#%EF%BC%88%E4%BA%8C%EF%BC%89措施)、[无](#三)、[空](#)\n\n\
                    （一）情况\n\n（二）措施\n\n（二）措施";
        let blocks = crate::prose::parse_markdown(text);
        let schemes = LinkSchemes::default();
        let goals = LinkTargets::from_blocks(&blocks, &schemes);
        assert_eq!(goals.resolve_address("#二措施"), Ok(LinkTarget::Heading(2)));
        assert_eq!(goals.resolve_address("#（二） 措施"), Ok(LinkTarget::Heading(2)));
        assert!(goals.is_linked(2) && !goals.is_linked(1) && !goals.is_linked(3));
        let found = find_refused_links(text, &schemes);
        let found: Vec<&str> = found.iter().map(|(range, ..)| &text[range.clone()]).collect();
        assert_eq!(found, ["[无](#三)", "[空](#)"]);
    }

    #[test]
    fn refused_links_are_found_where_they_stand() {
        let text = "甲[乙](javascript:x)丙<a@b.cn>[丁][1]<smb://x/y>[戊](&#106;avascript:y)\n\n\
                    [1]: ../a.docx \"题\"\n\n| [己](file:///x) |\n|---|\n\n注[^1]\n\n[^1]: [庚](data:,x)";
        let found = find_refused_links(text, &LinkSchemes::default());
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
