//! Owns deciding whether a part is well-formed XML (XML 1.0) with namespaces (Namespaces in XML 1.0), and where it is
//! not: the reader of events takes much that no other program opens.
//! Must not know any vocabulary beyond the customary prefixes.

use super::namespaces::is_customary_binding;
use super::xml_fault::{XmlFault, XmlFaultKind};
use super::xml_names::{is_name, name_end, split_name};
use crate::slice::TextSlice as _;
use memchr::memmem;
use memchr::{memchr, memchr_iter};
use std::ops::Range;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";
/// Up to this number of attributes, each is compared with each.
const FEW_ATTRIBUTES: usize = 12;

/// Checks a part without byte order mark. Returns whether all its namespaces have their customary prefixes.
pub(super) fn check_well_formed(text: &str) -> Result<bool, XmlFault> {
    check_characters(text)?;
    let mut checker = WellFormedness {
        text,
        has_cdata_end: memmem::find(text.as_bytes(), b"]]>").is_some(),
        is_customary: true,
        seen: vec![SeenTag::default(); SEEN_TAGS],
        scope: 1,
        ..WellFormedness::default()
    };
    checker.check_document()?;
    check_references(text, &checker.opaque)?;
    Ok(checker.is_customary)
}

/// A namespace declaration that is in scope.
#[derive(Debug, Clone, Copy)]
struct Binding<'a> {
    prefix: &'a str,
    uri: &'a str,
}

/// An open element.
#[derive(Debug)]
struct OpenName<'a> {
    name: &'a str,
    start: usize,
    /// Number of the declarations around it.
    outer: usize,
}

/// A start tag that was found to be well-formed. Documents repeat a few tags, and the same bytes are so again while the
/// same declarations are in scope.
#[derive(Debug, Clone, Copy, Default)]
struct SeenTag {
    key: u64,
    /// Number of the scope in which it was seen.
    scope: usize,
    start: usize,
    end: usize,
    name_end: usize,
    is_empty: bool,
}

/// Number of the tags that are remembered, a power of two.
const SEEN_TAGS: usize = 64;

/// A document that is being checked.
#[derive(Debug, Default)]
struct WellFormedness<'a> {
    text: &'a str,
    open: Vec<OpenName<'a>>,
    bindings: Vec<Binding<'a>>,
    /// The binding that was asked for last.
    last_binding: usize,
    /// True if two prefixes stand for the same namespace.
    has_aliases: bool,
    /// Tags by the hash of their first bytes.
    seen: Vec<SeenTag>,
    /// Number of the changes of the declarations in scope; 0 is none of [`SeenTag`].
    scope: usize,
    /// Attributes of the tag that is being read.
    attributes: Vec<(&'a str, usize)>,
    /// Beginning of the root element.
    root: Option<usize>,
    has_cdata_end: bool,
    is_customary: bool,
    /// Comments, instructions and CDATA, in which references mean nothing.
    opaque: Vec<Range<usize>>,
}

impl<'a> WellFormedness<'a> {
    fn check_document(&mut self) -> Result<(), XmlFault> {
        let bytes = self.text.as_bytes();
        let mut at = self.check_declaration()?;
        while at < bytes.len() {
            at = match bytes[at..] {
                [b'<', b'/', ..] => self.check_end_tag(at)?,
                [b'<', b'!', ..] => self.check_declared(at)?,
                [b'<', b'?', ..] => self.check_instruction(at)?,
                [b'<', ..] => self.check_start_tag(at)?,
                _ => self.check_text(at)?,
            };
        }
        match self.open.last() {
            Some(open) => {
                Err(XmlFault::named(XmlFaultKind::UnclosedElement, open.start, open.name))
            }
            None if self.root.is_some() => Ok(()),
            None => Err(XmlFault::at(XmlFaultKind::NoRoot, bytes.len())),
        }
    }

    /// Checks the XML declaration, if there is one. Returns its end.
    fn check_declaration(&mut self) -> Result<usize, XmlFault> {
        let starts = |c: char| c.is_ascii_whitespace();
        let Some(rest) = self.text.strip_prefix("<?xml").filter(|rest| rest.starts_with(starts))
        else {
            return Ok(0);
        };
        let wrong = || XmlFault::at(XmlFaultKind::Declaration, 0);
        let (inner, _) = rest.split_once("?>").ok_or_else(wrong)?;
        if !is_declaration(inner) {
            return Err(wrong());
        }
        Ok("<?xml".len() + inner.len() + "?>".len())
    }

    fn check_text(&mut self, at: usize) -> Result<usize, XmlFault> {
        let rest = &self.text.as_bytes()[at..];
        let end = memchr(b'<', rest).map_or(self.text.len(), |found| at + found);
        if self.open.is_empty() {
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            if let Some(odd) = self.text.as_bytes()[at..end].iter().position(|byte| !blank(byte)) {
                return Err(XmlFault::at(XmlFaultKind::TextOutsideRoot, at + odd));
            }
        } else if self.has_cdata_end
            && let Some(odd) = self.text.slice(at..end).find("]]>")
        {
            return Err(XmlFault::at(XmlFaultKind::CdataEnd, at + odd));
        }
        Ok(end)
    }

    /// Checks a comment or CDATA.
    fn check_declared(&mut self, at: usize) -> Result<usize, XmlFault> {
        let rest = self.text.slice(at..);
        let unfinished = || XmlFault::at(XmlFaultKind::Unfinished, at);
        let length = if let Some(comment) = rest.strip_prefix("<!--") {
            let dashes = comment.find("--").ok_or_else(unfinished)?;
            if !comment.slice(dashes..).starts_with("-->") {
                return Err(XmlFault::at(XmlFaultKind::Comment, at + 4 + dashes));
            }
            4 + dashes + 3
        } else if rest.starts_with("<![CDATA[") {
            if self.open.is_empty() {
                return Err(XmlFault::at(XmlFaultKind::TextOutsideRoot, at));
            }
            rest.find("]]>").ok_or_else(unfinished)? + 3
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            return Err(XmlFault::at(XmlFaultKind::Doctype, at));
        } else {
            return Err(XmlFault::at(XmlFaultKind::Markup, at));
        };
        self.opaque.push(at..at + length);
        Ok(at + length)
    }

    fn check_instruction(&mut self, at: usize) -> Result<usize, XmlFault> {
        let rest = self.text.slice(at..);
        let length = rest.find("?>").ok_or(XmlFault::at(XmlFaultKind::Unfinished, at))? + 2;
        let content = rest.slice(2..length - 2);
        let target = content.split([' ', '\t', '\n', '\r']).next().unwrap_or_default();
        if !is_name(target) || target.contains(':') || target.eq_ignore_ascii_case("xml") {
            return Err(XmlFault::at(XmlFaultKind::Instruction, at));
        }
        self.opaque.push(at..at + length);
        Ok(at + length)
    }

    fn check_end_tag(&mut self, at: usize) -> Result<usize, XmlFault> {
        let bytes = self.text.as_bytes();
        let Some(open) = self.open.pop() else {
            let name = self.text.slice(at + 2..name_end(bytes, at + 2));
            return Err(XmlFault::named(XmlFaultKind::UnopenedEnd, at, name));
        };
        self.leave_scope(open.outer);
        let end = at + 2 + open.name.len();
        let same = bytes.get(at + 2..end) == Some(open.name.as_bytes());
        if same && bytes.get(end) == Some(&b'>') {
            return Ok(end + 1);
        }
        let close = skip_blanks(bytes, end);
        if same && bytes.get(close) == Some(&b'>') {
            return Ok(close + 1);
        }
        Err(XmlFault::named(XmlFaultKind::OtherEnd, at, open.name))
    }

    fn check_start_tag(&mut self, at: usize) -> Result<usize, XmlFault> {
        if let Some(end) = self.pass_seen_tag(at) {
            return Ok(end);
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(XmlFault::at(XmlFaultKind::SecondRoot, at));
        }
        self.root.get_or_insert(at);
        let bytes = self.text.as_bytes();
        let name = at + 1..name_end(bytes, at + 1);
        if name.is_empty() {
            return Err(XmlFault::at(XmlFaultKind::Name, at + 1));
        }
        let outer = self.bindings.len();
        self.attributes.clear();
        let mut next = name.end;
        let empty = loop {
            match bytes.get(next) {
                Some(b'>') => break false,
                Some(b'/') if bytes.get(next + 1) == Some(&b'>') => break true,
                Some(b' ' | b'\t' | b'\n' | b'\r') => next = skip_blanks(bytes, next),
                Some(_) if next > name.end && is_blank(bytes[next - 1]) => {
                    next = self.read_attribute(next)?;
                }
                Some(_) => {
                    let kind =
                        if next == name.end { XmlFaultKind::Name } else { XmlFaultKind::Attribute };
                    return Err(XmlFault::at(kind, next));
                }
                None => return Err(XmlFault::at(XmlFaultKind::Unfinished, at)),
            }
        };
        let name = self.text.slice(name);
        self.check_names(name, at)?;
        let end = next + if empty { 2 } else { 1 };
        if self.bindings.len() == outer {
            self.remember_tag(at..end, at + 1 + name.len(), empty);
        }
        if empty {
            self.leave_scope(outer);
        } else {
            self.open.push(OpenName { name, start: at, outer });
        }
        Ok(end)
    }

    /// Forgets the declarations of an element that has ended.
    fn leave_scope(&mut self, outer: usize) {
        if self.bindings.len() > outer {
            self.bindings.truncate(outer);
            self.scope += 1;
        }
    }

    /// Passes over a start tag that was checked already. Returns its end.
    fn pass_seen_tag(&mut self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let key = tag_key(bytes, at)?;
        let seen = *self.seen.get(slot_of(key))?;
        let end = at + (seen.end - seen.start);
        let same = seen.key == key
            && seen.scope == self.scope
            && bytes.get(at..end) == bytes.get(seen.start..seen.end);
        if !same || self.open.is_empty() {
            return None;
        }
        if !seen.is_empty {
            let name = self.text.slice(at + 1..at + (seen.name_end - seen.start));
            self.open.push(OpenName { name, start: at, outer: self.bindings.len() });
        }
        Some(end)
    }

    fn remember_tag(&mut self, tag: Range<usize>, name_end: usize, is_empty: bool) {
        let Some(key) = tag_key(self.text.as_bytes(), tag.start) else { return };
        let (scope, start, end) = (self.scope, tag.start, tag.end);
        if let Some(seen) = self.seen.get_mut(slot_of(key)) {
            *seen = SeenTag { key, scope, start, end, name_end, is_empty };
        }
    }

    /// Reads an attribute. Returns the place after its value.
    fn read_attribute(&mut self, at: usize) -> Result<usize, XmlFault> {
        let bytes = self.text.as_bytes();
        let name_end = name_end(bytes, at);
        let wrong = |at: usize| XmlFault::at(XmlFaultKind::Attribute, at);
        let equals = skip_blanks(bytes, name_end);
        if name_end == at || bytes.get(equals) != Some(&b'=') {
            return Err(wrong(at));
        }
        let open = skip_blanks(bytes, equals + 1);
        let quote =
            *bytes.get(open).filter(|byte| matches!(byte, b'"' | b'\'')).ok_or(wrong(at))?;
        let length = bytes[open + 1..].iter().position(|byte| *byte == quote || *byte == b'<');
        let end = open + 1 + length.ok_or(XmlFault::at(XmlFaultKind::Unfinished, at))?;
        if bytes[end] == b'<' {
            return Err(XmlFault::at(XmlFaultKind::OpenBracketInValue, end));
        }
        let name = self.text.slice(at..name_end);
        self.attributes.push((name, at));
        if let Some(rest) = name.strip_prefix("xmlns") {
            let prefix = if rest.is_empty() { Some("") } else { rest.strip_prefix(':') };
            if let Some(prefix) = prefix {
                self.bind(prefix, self.text.slice(open + 1..end), at)?;
            }
        }
        Ok(end + 1)
    }

    fn bind(&mut self, prefix: &'a str, uri: &'a str, at: usize) -> Result<(), XmlFault> {
        let reserved = prefix == "xmlns"
            || (prefix == "xml") != (uri == XML_NAMESPACE)
            || uri == XMLNS_NAMESPACE
            || !prefix.is_empty() && uri.is_empty();
        if reserved {
            return Err(XmlFault::named(XmlFaultKind::Reserved, at, prefix));
        }
        self.is_customary &= is_customary_binding(prefix, uri);
        self.has_aliases |= self.bindings.iter().any(|one| one.uri == uri && one.prefix != prefix);
        self.bindings.push(Binding { prefix, uri });
        self.scope += 1;
        Ok(())
    }

    /// Checks the names of a start tag after all its declarations are known.
    fn check_names(&mut self, name: &str, at: usize) -> Result<(), XmlFault> {
        self.check_name(name, at + 1)?;
        let attributes = std::mem::take(&mut self.attributes);
        for (name, at) in &attributes {
            if !name.starts_with("xmlns") {
                self.check_name(name, *at)?;
            }
        }
        if attributes.len() > 1 {
            self.check_duplicates(&attributes)?;
        }
        self.attributes = attributes;
        Ok(())
    }

    fn check_name(&mut self, name: &str, at: usize) -> Result<(), XmlFault> {
        let Some(prefix) = split_name(name) else {
            return Err(XmlFault::named(XmlFaultKind::Name, at, name));
        };
        if prefix.is_empty() || prefix == "xml" || self.is_bound(prefix) {
            return Ok(());
        }
        Err(XmlFault::named(XmlFaultKind::UnboundPrefix, at, prefix))
    }

    fn is_bound(&mut self, prefix: &str) -> bool {
        if self.bindings.get(self.last_binding).is_some_and(|one| one.prefix == prefix) {
            return true;
        }
        match self.bindings.iter().rposition(|one| one.prefix == prefix) {
            Some(found) => {
                self.last_binding = found;
                true
            }
            None => false,
        }
    }

    fn check_duplicates(&self, attributes: &[(&str, usize)]) -> Result<(), XmlFault> {
        let twice = |at: usize, name: &str| {
            Err(XmlFault::named(XmlFaultKind::DuplicateAttribute, at, name))
        };
        if attributes.len() <= FEW_ATTRIBUTES && !self.has_aliases {
            for (number, (name, at)) in attributes.iter().enumerate() {
                if attributes.iter().take(number).any(|(other, _)| other == name) {
                    return twice(*at, name);
                }
            }
            return Ok(());
        }
        let mut names: Vec<_> =
            attributes.iter().map(|(name, at)| (self.expanded_name(name), *at, *name)).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => twice(pair[1].1, pair[1].2),
            None => Ok(()),
        }
    }

    /// Returns the namespace of an attribute, and its name within it.
    fn expanded_name<'n>(&self, name: &'n str) -> (&'a str, &'n str) {
        let Some((prefix, local)) = name.split_once(':') else { return ("", name) };
        if prefix == "xmlns" {
            return (XMLNS_NAMESPACE, local);
        }
        let bound = self.bindings.iter().rfind(|one| one.prefix == prefix);
        (bound.map_or(XML_NAMESPACE, |one| one.uri), local)
    }
}

/// Returns the first eight bytes of a tag, up to the first `>`, as a number.
fn tag_key(bytes: &[u8], at: usize) -> Option<u64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(bytes.get(at + 1..at + 9)?.try_into().ok()?);
    // The highest bit of each byte that is `>`; what stands above the first may be wrong.
    let other = word ^ (ONES * u64::from(b'>'));
    let found = other.wrapping_sub(ONES) & !other & (ONES << 7);
    if found == 0 {
        return Some(word);
    }
    Some(word & (u64::MAX >> (63 - found.trailing_zeros())))
}

/// Returns where a tag with a key is remembered.
fn slot_of(key: u64) -> usize {
    let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58;
    usize::try_from(hash).unwrap_or(0) % SEEN_TAGS
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_blank(*byte)) {
        at += 1;
    }
    at
}

/// Checks for characters that XML forbids wherever they stand (XML 1.0, 2.2).
fn check_characters(text: &str) -> Result<(), XmlFault> {
    let bytes = text.as_bytes();
    let control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    // A fold without an early end is what the compiler makes wide instructions of.
    if bytes.iter().fold(false, |found, byte| found | control(*byte)) {
        let at = bytes.iter().position(|byte| control(*byte)).unwrap_or(0);
        return Err(XmlFault::character(at, char::from(bytes[at])));
    }
    for forbidden in ['\u{fffe}', '\u{ffff}'] {
        let mut encoded = [0; 4];
        if let Some(at) = memmem::find(bytes, forbidden.encode_utf8(&mut encoded).as_bytes()) {
            return Err(XmlFault::character(at, forbidden));
        }
    }
    Ok(())
}

/// Checks the references outside of `opaque` ranges: without a document type there are five names beside numbers.
fn check_references(text: &str, opaque: &[Range<usize>]) -> Result<(), XmlFault> {
    for at in memchr_iter(b'&', text.as_bytes()) {
        if is_reference(text.as_bytes(), at) {
            continue;
        }
        let around = opaque.partition_point(|range| range.end <= at);
        if !opaque.get(around).is_some_and(|range| range.contains(&at)) {
            let shown = text.slice(at..).split_inclusive(';').next().unwrap_or_default();
            let shown: String = shown.chars().take(16).collect();
            return Err(XmlFault::named(XmlFaultKind::Reference, at, &shown));
        }
    }
    Ok(())
}

fn is_reference(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at + 1..];
    if ["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|name| rest.starts_with(name.as_bytes()))
    {
        return true;
    }
    let [b'#', rest @ ..] = rest else { return false };
    let (digits, radix) = match rest {
        [b'x', digits @ ..] => (digits, 16),
        digits => (digits, 10),
    };
    let length = digits.iter().position(|byte| *byte == b';').unwrap_or(0);
    let mut code = 0_u32;
    for byte in &digits[..length] {
        let Some(digit) = char::from(*byte).to_digit(radix) else { return false };
        code = code.saturating_mul(radix).saturating_add(digit);
    }
    let named = char::from_u32(code).filter(|_| length > 0);
    named.is_some_and(|c| !super::escape::is_forbidden(c))
}

/// Checks what stands in an XML declaration: the version, then perhaps an encoding and `standalone`.
fn is_declaration(inner: &str) -> bool {
    let mut rest = inner;
    let mut known = ["version", "encoding", "standalone"].iter();
    let mut has_version = false;
    while !rest.trim_ascii().is_empty() {
        let trimmed = rest.trim_ascii_start();
        let Some((name, value)) = trimmed.split_once('=') else { return false };
        let (name, value) = (name.trim_ascii_end(), value.trim_ascii_start());
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return false;
        };
        let Some((value, after)) = value.slice(1..).split_once(quote) else { return false };
        let spaced = trimmed.len() < rest.len();
        if !spaced || !known.any(|known| *known == name) {
            return false;
        }
        let fits = match name {
            "version" => value == "1.0",
            "standalone" => matches!(value, "yes" | "no"),
            _ => !value.is_empty(),
        };
        if !fits {
            return false;
        }
        has_version |= name == "version";
        rest = after;
    }
    has_version
}
