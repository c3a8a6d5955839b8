//! Owns the words of field codes, and which of them name bookmarks (ISO 29500-1, 17.16).
//! Must not know where a code is stored, nor what a field shows.

use crate::slice::TextSlice as _;
use std::ops::Range;

/// A word of a field code, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CodeWord {
    range: Range<usize>,
    is_quoted: bool,
}

/// Fields that are not the name of a bookmark written alone.
const OTHER_FIELDS: [&str; 66] = [
    "ADDRESSBLOCK",
    "ADVANCE",
    "AUTHOR",
    "AUTONUM",
    "AUTONUMLGL",
    "AUTONUMOUT",
    "AUTOTEXT",
    "AUTOTEXTLIST",
    "BARCODE",
    "BIBLIOGRAPHY",
    "CITATION",
    "COMMENTS",
    "CREATEDATE",
    "DATABASE",
    "DATE",
    "DDE",
    "DDEAUTO",
    "DISPLAYBARCODE",
    "DOCPROPERTY",
    "DOCVARIABLE",
    "EDITTIME",
    "EMBED",
    "EQ",
    "FILENAME",
    "FILESIZE",
    "FILLIN",
    "FORMCHECKBOX",
    "FORMDROPDOWN",
    "FORMTEXT",
    "GREETINGLINE",
    "IMPORT",
    "INCLUDE",
    "INCLUDEPICTURE",
    "INCLUDETEXT",
    "INFO",
    "KEYWORDS",
    "LASTSAVEDBY",
    "LINK",
    "LISTNUM",
    "MACROBUTTON",
    "MERGEBARCODE",
    "MERGEFIELD",
    "MERGEREC",
    "MERGESEQ",
    "NEXT",
    "NUMCHARS",
    "NUMPAGES",
    "NUMWORDS",
    "PAGE",
    "PRINT",
    "PRINTDATE",
    "QUOTE",
    "RD",
    "REVNUM",
    "SAVEDATE",
    "SECTION",
    "SECTIONPAGES",
    "STYLEREF",
    "SUBJECT",
    "SYMBOL",
    "TEMPLATE",
    "TIME",
    "TITLE",
    "USERADDRESS",
    "USERINITIALS",
    "USERNAME",
];

/// Returns the ranges of a field code at which a bookmark is named, if the words there are names of bookmarks.
pub(crate) fn bookmark_words(code: &str) -> Vec<Range<usize>> {
    let words = code_words(code);
    let Some((first, rest)) = words.split_first() else { return Vec::new() };
    let keyword = code.slice(first.range.clone()).to_uppercase();
    if keyword.starts_with('=') {
        return identifiers(code, first.range.start);
    }
    match keyword.as_str() {
        "REF" | "PAGEREF" | "NOTEREF" | "FTNREF" | "GOTOBUTTON" | "ASK" | "SET" => {
            argument(code, rest, 0).into_iter().collect()
        }
        "SEQ" => argument(code, rest, 1).into_iter().collect(),
        "HYPERLINK" => after_switch(code, rest, "\\l"),
        "TOC" | "INDEX" | "TOA" => after_switch(code, rest, "\\b"),
        "XE" | "TA" | "TC" => after_switch(code, rest, "\\r"),
        "IF" | "COMPARE" | "SKIPIF" | "NEXTIF" => {
            rest.iter().filter(|word| !word.is_quoted).map(|word| word.range.clone()).collect()
        }
        other if OTHER_FIELDS.binary_search(&other).is_ok() => Vec::new(),
        _ => vec![first.range.clone()],
    }
}

/// Returns the words of a field code, those in quotes without them.
pub(crate) fn field_words(code: &str) -> Vec<String> {
    code_words(code).into_iter().map(|word| code.slice(word.range).to_owned()).collect()
}

/// Returns an argument of a field by its number, without switches.
fn argument(code: &str, words: &[CodeWord], number: usize) -> Option<Range<usize>> {
    let leading = words.iter().take_while(|word| !is_switch(code, word));
    leading.map(|word| word.range.clone()).nth(number)
}

fn after_switch(code: &str, words: &[CodeWord], switch: &str) -> Vec<Range<usize>> {
    let pairs = words.windows(2);
    let wanted = pairs.filter(|pair| {
        !pair[0].is_quoted && code.slice(pair[0].range.clone()).eq_ignore_ascii_case(switch)
    });
    wanted.map(|pair| pair[1].range.clone()).collect()
}

fn is_switch(code: &str, word: &CodeWord) -> bool {
    !word.is_quoted && code.slice(word.range.clone()).starts_with('\\')
}

/// Splits a code at white space outside of quotes, within which a backslash escapes.
fn code_words(code: &str) -> Vec<CodeWord> {
    let mut out: Vec<CodeWord> = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (None, false, false);
    let mut push = |range: Range<usize>, is_quoted: bool| out.push(CodeWord { range, is_quoted });
    for (at, c) in code.char_indices() {
        let quote = matches!(c, '"' | '“' | '”') && !is_escaped;
        if quote || c.is_whitespace() && !is_quoted {
            if let Some(start) = start.take() {
                push(start..at, is_quoted);
            }
            if quote {
                is_quoted = !is_quoted;
                start = is_quoted.then_some(at + c.len_utf8());
            }
        } else {
            start = start.or(Some(at));
        }
        is_escaped = c == '\\' && is_quoted && !is_escaped;
    }
    if let Some(start) = start {
        push(start..code.len(), is_quoted);
    }
    out
}

/// Returns the words of a formula that may be names.
fn identifiers(code: &str, from: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in code.slice(from..).char_indices().map(|(at, c)| (from + at, c)) {
        if c.is_alphanumeric() || c == '_' {
            start = start.or(Some(at));
        } else if let Some(start) = start.take() {
            out.push(start..at);
        }
    }
    out.extend(start.map(|start| start..code.len()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_bookmarks_are_found_by_the_kind_of_field() {
        let named = |code: &str| -> Vec<String> {
            bookmark_words(code).into_iter().map(|at| code[at].to_owned()).collect()
        };
        assert_eq!(named(" REF a \\h \\* MERGEFORMAT "), ["a"]);
        assert_eq!(named("pageref \"甲_1\""), ["甲_1"]);
        assert_eq!(named("HYPERLINK \"https://x/a\" \\l \"b\" \\o \"a\""), ["b"]);
        assert_eq!(named("HYPERLINK \\l b"), ["b"]);
        assert_eq!(named("SEQ a b \\* ARABIC"), ["b"]);
        assert_eq!(named("SEQ a \\* ARABIC"), Vec::<String>::new());
        assert_eq!(named("TOC \\o \"1-3\" \\b part"), ["part"]);
        assert_eq!(named("=SUM(a;b)*2"), ["SUM", "a", "b", "2"]);
        assert_eq!(named("IF a = \"a\" \"yes\""), ["a", "="]);
        assert_eq!(named("a \\h"), ["a"]);
        assert_eq!(named("DATE \\@ \"yyyy\""), Vec::<String>::new());
        assert_eq!(named("MERGEFIELD a"), Vec::<String>::new());
        assert_eq!(named(""), Vec::<String>::new());
        assert!(OTHER_FIELDS.is_sorted());
    }
}
