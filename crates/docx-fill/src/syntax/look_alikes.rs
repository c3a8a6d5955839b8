//! Owns characters in tags that look like others: invisible ones, quotes and signs as an input method or Word's
//! correction makes them. They are taken for what they stand for, or named.
//! Must not know what a tag means.

use crate::diag::is_hidden;
use crate::slice::TextSlice as _;

/// The string or bracket in which a reader of a tag is, which determines the character that ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteState {
    None,
    Double,
    Single,
    /// Opened by Word's “ or a full-width quote, closed by ”, a full-width one or ".
    CurlyDouble,
    CurlySingle,
    /// After a backslash, within the given quotes.
    Escape(char),
    Bracket,
}

fn is_curly_double(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '＂' | '〝' | '〞' | '〟')
}

fn is_curly_single(c: char) -> bool {
    matches!(c, '‘' | '’' | '‚' | '‛' | '＇')
}

impl QuoteState {
    /// Consumes the next character. Returns whether it belongs to a string, including its quotes.
    pub(crate) fn consume_char(&mut self, c: char) -> bool {
        let next = match (*self, c) {
            (QuoteState::None, '"') | (QuoteState::Escape('"'), _) => QuoteState::Double,
            (QuoteState::None, '\'') | (QuoteState::Escape('\''), _) => QuoteState::Single,
            (QuoteState::None, c) if is_curly_double(c) => QuoteState::CurlyDouble,
            (QuoteState::None, c) if is_curly_single(c) => QuoteState::CurlySingle,
            (QuoteState::None, '[') => QuoteState::Bracket,
            (QuoteState::None, _) => return false,
            (QuoteState::Double, '"') | (QuoteState::Single, '\'') | (QuoteState::Bracket, ']') => {
                QuoteState::None
            }
            (QuoteState::CurlyDouble, c) if c == '"' || is_curly_double(c) => QuoteState::None,
            (QuoteState::CurlySingle, c) if c == '\'' || is_curly_single(c) => QuoteState::None,
            (QuoteState::Double, '\\') => QuoteState::Escape('"'),
            (QuoteState::Single, '\\') => QuoteState::Escape('\''),
            (same, _) => same,
        };
        *self = next;
        true
    }
}

/// Returns the inside of a tag with its look-alikes replaced by what they stand for, outside of strings: quotes, wide
/// spaces, invisible characters, full-width signs at places where only the sign has a meaning. Names keep what they
/// consist of, such as 金额（元）.
pub(crate) fn replace_look_alikes(body: &str) -> String {
    if body.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return body.to_owned();
    }
    let mut out = String::with_capacity(body.len());
    let mut quote = QuoteState::None;
    // Full-width brackets that stand for plain ones and are open.
    let mut brackets = 0usize;
    for (at, c) in body.char_indices() {
        let before = quote;
        let within = quote.consume_char(c);
        let delimiter = before == QuoteState::None || quote == QuoteState::None;
        match c {
            c if within && delimiter && is_curly_double(c) => out.push('"'),
            c if within && delimiter && is_curly_single(c) => out.push('\''),
            // A straight quote within curly ones would end the string too early, so it is escaped.
            '"' if within && !delimiter && quote == QuoteState::CurlyDouble => out.push_str("\\\""),
            c if within => out.push(c),
            c if c.is_whitespace() => out.push(' '),
            c if is_hidden(c) => {
                if shapes_previous(c) && out.ends_with(|before: char| !before.is_ascii()) {
                    out.push(c);
                }
            }
            '（' if opens_bracket(&out) => {
                brackets += 1;
                out.push('(');
            }
            '）' if brackets > 0 => {
                brackets -= 1;
                out.push(')');
            }
            c => out.push(narrow_sign(c, &out, body, at).unwrap_or(c)),
        }
    }
    out
}

/// Checks for invisible characters that belong to the letter before them in some scripts.
fn shapes_previous(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{180B}'..='\u{180D}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// Checks whether an opening bracket begins an expression: behind nothing, a space, a bracket or the `=` of an option.
fn opens_bracket(before: &str) -> bool {
    before.is_empty() || before.ends_with([' ', '(', '=', '#', '>'])
}

/// Returns the sign for which a full-width one stands at its place; `None` where it may be part of a name.
fn narrow_sign(c: char, before: &str, body: &str, at: usize) -> Option<char> {
    let sign = match c {
        '＃' => '#',
        '／' => '/',
        '＞' | '〉' => '>',
        '＾' => '^',
        '！' => '!',
        '＆' => '&',
        '＊' => '*',
        '～' => '~',
        '＠' => '@',
        '＝' => '=',
        '｜' => '|',
        _ => return None,
    };
    let first = before.trim_start_matches([' ', '~', '#']).is_empty();
    let fits = match sign {
        '#' | '!' | '^' | '&' | '*' | '>' => first,
        '/' => first || before.ends_with(".."),
        '~' => first || body.get(at + c.len_utf8()..).is_some_and(str::is_empty),
        '@' => opens_bracket(before),
        '=' => before.ends_with(|before: char| before.is_ascii_alphanumeric()),
        _ => before.ends_with("as ") || before.contains(" as |"),
    };
    fits.then_some(sign)
}

/// Returns the Unicode name of a character that is easily taken for another one or cannot be seen; `None` for others.
pub(crate) fn look_alike_name(c: char) -> Option<&'static str> {
    let at = NAMES.binary_search_by_key(&c, |(known, _)| *known).ok()?;
    Some(NAMES[at].1)
}

/// Returns the look-alikes of a text, each once: `U+201C LEFT DOUBLE QUOTATION MARK`.
pub(crate) fn named_look_alikes(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for c in text.chars() {
        let name = look_alike_name(c).or(is_hidden(c).then_some("INVISIBLE CHARACTER"));
        if let Some(name) = name {
            let shown = format!("U+{:04X} {name}", u32::from(c));
            if !found.contains(&shown) {
                found.push(shown);
            }
        }
        if found.len() == 4 {
            break;
        }
    }
    found
}

/// Returns a place where two braces would make a tag if nothing stood between them that cannot be seen.
pub(crate) fn hidden_in_braces(text: &str) -> Option<std::ops::Range<usize>> {
    text.match_indices('{').find_map(|(at, brace)| {
        let rest = text.slice(at + brace.len()..);
        // Nearly always a brace or a name follows.
        if rest.as_bytes().first().is_none_or(u8::is_ascii_graphic) {
            return None;
        }
        let after = rest.trim_start_matches(|c| c != '\n' && is_hidden(c));
        let end = at + brace.len() + (rest.len() - after.len());
        (after.len() < rest.len() && after.starts_with('{')).then_some(at..end + 1)
    })
}

/// Names of the Unicode Standard, in the order of the characters.
const NAMES: &[(char, &str)] = &[
    ('\u{A0}', "NO-BREAK SPACE"),
    ('\u{AB}', "LEFT-POINTING DOUBLE ANGLE QUOTATION MARK"),
    ('\u{AD}', "SOFT HYPHEN"),
    ('\u{B4}', "ACUTE ACCENT"),
    ('\u{BB}', "RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK"),
    ('\u{34F}', "COMBINING GRAPHEME JOINER"),
    ('\u{180E}', "MONGOLIAN VOWEL SEPARATOR"),
    ('\u{200B}', "ZERO WIDTH SPACE"),
    ('\u{200C}', "ZERO WIDTH NON-JOINER"),
    ('\u{200D}', "ZERO WIDTH JOINER"),
    ('\u{200E}', "LEFT-TO-RIGHT MARK"),
    ('\u{200F}', "RIGHT-TO-LEFT MARK"),
    ('\u{2010}', "HYPHEN"),
    ('\u{2011}', "NON-BREAKING HYPHEN"),
    ('\u{2012}', "FIGURE DASH"),
    ('\u{2013}', "EN DASH"),
    ('\u{2014}', "EM DASH"),
    ('\u{2018}', "LEFT SINGLE QUOTATION MARK"),
    ('\u{2019}', "RIGHT SINGLE QUOTATION MARK"),
    ('\u{201C}', "LEFT DOUBLE QUOTATION MARK"),
    ('\u{201D}', "RIGHT DOUBLE QUOTATION MARK"),
    ('\u{202F}', "NARROW NO-BREAK SPACE"),
    ('\u{2032}', "PRIME"),
    ('\u{2033}', "DOUBLE PRIME"),
    ('\u{2039}', "SINGLE LEFT-POINTING ANGLE QUOTATION MARK"),
    ('\u{203A}', "SINGLE RIGHT-POINTING ANGLE QUOTATION MARK"),
    ('\u{2060}', "WORD JOINER"),
    ('\u{2061}', "FUNCTION APPLICATION"),
    ('\u{2062}', "INVISIBLE TIMES"),
    ('\u{2063}', "INVISIBLE SEPARATOR"),
    ('\u{2064}', "INVISIBLE PLUS"),
    ('\u{2212}', "MINUS SIGN"),
    ('\u{3000}', "IDEOGRAPHIC SPACE"),
    ('\u{3164}', "HANGUL FILLER"),
    ('\u{FEFF}', "ZERO WIDTH NO-BREAK SPACE"),
    ('\u{FF01}', "FULLWIDTH EXCLAMATION MARK"),
    ('\u{FF02}', "FULLWIDTH QUOTATION MARK"),
    ('\u{FF03}', "FULLWIDTH NUMBER SIGN"),
    ('\u{FF06}', "FULLWIDTH AMPERSAND"),
    ('\u{FF07}', "FULLWIDTH APOSTROPHE"),
    ('\u{FF08}', "FULLWIDTH LEFT PARENTHESIS"),
    ('\u{FF09}', "FULLWIDTH RIGHT PARENTHESIS"),
    ('\u{FF0A}', "FULLWIDTH ASTERISK"),
    ('\u{FF0B}', "FULLWIDTH PLUS SIGN"),
    ('\u{FF0C}', "FULLWIDTH COMMA"),
    ('\u{FF0D}', "FULLWIDTH HYPHEN-MINUS"),
    ('\u{FF0E}', "FULLWIDTH FULL STOP"),
    ('\u{FF0F}', "FULLWIDTH SOLIDUS"),
    ('\u{FF1A}', "FULLWIDTH COLON"),
    ('\u{FF1B}', "FULLWIDTH SEMICOLON"),
    ('\u{FF1C}', "FULLWIDTH LESS-THAN SIGN"),
    ('\u{FF1D}', "FULLWIDTH EQUALS SIGN"),
    ('\u{FF1E}', "FULLWIDTH GREATER-THAN SIGN"),
    ('\u{FF1F}', "FULLWIDTH QUESTION MARK"),
    ('\u{FF20}', "FULLWIDTH COMMERCIAL AT"),
    ('\u{FF3B}', "FULLWIDTH LEFT SQUARE BRACKET"),
    ('\u{FF3C}', "FULLWIDTH REVERSE SOLIDUS"),
    ('\u{FF3D}', "FULLWIDTH RIGHT SQUARE BRACKET"),
    ('\u{FF3E}', "FULLWIDTH CIRCUMFLEX ACCENT"),
    ('\u{FF3F}', "FULLWIDTH LOW LINE"),
    ('\u{FF5B}', "FULLWIDTH LEFT CURLY BRACKET"),
    ('\u{FF5C}', "FULLWIDTH VERTICAL LINE"),
    ('\u{FF5D}', "FULLWIDTH RIGHT CURLY BRACKET"),
    ('\u{FF5E}', "FULLWIDTH TILDE"),
    ('\u{FFA0}', "HALFWIDTH HANGUL FILLER"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_taken_for_what_they_stand_for() {
        let cases = [
            ("x\u{200B}", "x"),
            ("\u{FEFF}#each\u{2060} rows\u{A0}", "#each rows "),
            ("＃if （eq a “甲”）", "#if (eq a \"甲\")"),
            ("／if", "/if"),
            ("fixed （sum rows ＂n＂） 2", "fixed (sum rows \"n\") 2"),
            ("chinese year digits＝true", "chinese year digits=true"),
            ("#each rows as ｜r i｜", "#each rows as |r i|"),
            ("..／year", "../year"),
            ("＠index", "@index"),
            ("＞ 落款", "> 落款"),
            ("eq a „x“", "eq a \"x\""),
            ("eq a ＇x＇", "eq a 'x'"),
            ("eq a “x\" b", "eq a \"x\" b"),
            // What may be a name stays.
            ("金额（元）", "金额（元）"),
            ("吨／年", "吨／年"),
            ("项目＃1", "项目＃1"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("eq a \"x\u{200B}（\"", "eq a \"x\u{200B}（\""),
        ];
        for (body, expected) in cases {
            assert_eq!(replace_look_alikes(body), expected, "{body:?}");
        }
    }

    #[test]
    fn names_are_in_order() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(look_alike_name('＃'), Some("FULLWIDTH NUMBER SIGN"));
        assert_eq!(
            named_look_alikes("a，b\u{202A}，"),
            ["U+FF0C FULLWIDTH COMMA", "U+202A INVISIBLE CHARACTER"]
        );
        assert_eq!(hidden_in_braces("a{\u{200B}{x}}"), Some(1..6));
        assert_eq!(hidden_in_braces("{a {{b}} { {"), None);
    }
}
