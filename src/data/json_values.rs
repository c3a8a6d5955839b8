//! Owns reading JSON into values without places: a tree that remembers where everything stands takes several times the
//! memory and time, and only a finding about the data wants it.
//! Must not know what reaches a value, nor what is wrong with a text: it is left to the reader that tells places.

use super::plain_values::number_value;
use crate::limits::{MAX_DATA_DEPTH, MAX_DATA_ITEMS};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{NameReach, ReachableNames};
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;

/// The values of a text that are kept.
#[derive(Debug, Clone, Copy)]
pub enum KeptValues<'n> {
    /// All of them.
    All,
    /// Those that these names reach; in the place of others stands `null`.
    Reached(&'n ReachableNames),
    /// None: the text is only checked.
    Nothing,
}

impl KeptValues<'_> {
    /// Returns what is kept of the value of a key in an object.
    fn of_key(self, key: &str) -> Self {
        let KeptValues::Reached(names) = self else { return self };
        match names.reach_of(key) {
            NameReach::Nothing => KeptValues::Nothing,
            NameReach::Named => self,
            NameReach::All => KeptValues::All,
        }
    }

    /// Returns what is kept of the items of a list, which are reached without names.
    fn of_items(self) -> Self {
        if let KeptValues::Reached(_) = self { KeptValues::All } else { self }
    }

    fn is_nothing(self) -> bool {
        matches!(self, KeptValues::Nothing)
    }
}

/// Returns values of a JSON text (RFC 8259); `None` if there is anything to be told about it, in values that are not kept
/// too.
pub fn json_values(text: &str, kept: KeptValues<'_>) -> Option<Value> {
    let reader = ValueReader {
        text,
        at: 0,
        items_left: MAX_DATA_ITEMS,
        entries: Vec::new(),
        passed_keys: Vec::new(),
    };
    reader.read_text(kept)
}

struct ValueReader<'a> {
    text: &'a str,
    /// Offset of what is read next.
    at: usize,
    /// Number of items that may still follow.
    items_left: usize,
    /// Entries of the objects that are open. Only when one is closed is its size known, and it takes no more room than
    /// it needs.
    entries: Vec<(String, Value)>,
    /// Keys of the open objects of which nothing is kept.
    passed_keys: Vec<Cow<'a, str>>,
}

impl<'a> ValueReader<'a> {
    fn read_text(mut self, kept: KeptValues<'_>) -> Option<Value> {
        let value = self.read_value(MAX_DATA_DEPTH, kept)?;
        self.skip_blanks();
        (self.at == self.text.len()).then_some(value)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek_byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads the next sign.
    fn next_sign(&mut self) -> Option<u8> {
        self.skip_blanks();
        let sign = self.peek_byte()?;
        self.at += 1;
        Some(sign)
    }

    /// Reads a sign if it is the next one.
    fn accept(&mut self, sign: u8) -> bool {
        self.skip_blanks();
        let found = self.peek_byte() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn count_item(&mut self) -> Option<()> {
        self.items_left = self.items_left.checked_sub(1)?;
        Some(())
    }

    fn read_value(&mut self, depth: usize, kept: KeptValues<'_>) -> Option<Value> {
        self.skip_blanks();
        match self.peek_byte()? {
            b'"' => {
                let text = self.read_string()?;
                Some(if kept.is_nothing() { Value::Null } else { Value::String(text.into_owned()) })
            }
            b'[' => {
                self.at += 1;
                self.count_item()?;
                let items = self.read_list(depth.checked_sub(1)?, kept.of_items())?;
                Some(if kept.is_nothing() { Value::Null } else { Value::Array(items) })
            }
            b'{' => {
                self.at += 1;
                self.count_item()?;
                let depth = depth.checked_sub(1)?;
                if kept.is_nothing() {
                    return self.pass_object(depth).map(|()| Value::Null);
                }
                Some(Value::Object(self.read_object(depth, kept)?))
            }
            b'-' | b'0'..=b'9' => {
                let digits = self.read_number()?;
                Some(if kept.is_nothing() { Value::Null } else { number_value(digits) })
            }
            _ => {
                let word = self.read_word()?;
                Some(if kept.is_nothing() { Value::Null } else { word })
            }
        }
    }

    fn read_word(&mut self) -> Option<Value> {
        let words =
            [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
        let rest = self.text.slice(self.at..);
        let (word, value) = words.into_iter().find(|(word, _)| rest.starts_with(word))?;
        self.at += word.len();
        Some(value)
    }

    fn read_number(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += usize::from(self.peek_byte() == Some(b'-'));
        if self.peek_byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.skip_digits()?;
        }
        if self.peek_byte() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if matches!(self.peek_byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek_byte(), Some(b'+' | b'-')));
            self.skip_digits()?;
        }
        Some(self.text.slice(start..self.at))
    }

    /// Skips digits, of which there must be one.
    fn skip_digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek_byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Reads a text in quotes.
    fn read_string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let rest = self.text.as_bytes().get(start..)?;
        let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=8 | 11 | 12 | 14..=31);
        let end = start + rest.iter().position(ends)?;
        match self.text.as_bytes().get(end)? {
            b'"' => {
                self.at = end + 1;
                Some(Cow::Borrowed(self.text.slice(start..end)))
            }
            b'\\' => self.read_escaped(),
            // A control character.
            _ => None,
        }
    }

    /// Reads a text with escapes.
    fn read_escaped(&mut self) -> Option<Cow<'a, str>> {
        let strict = ScannerOptions {
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let mut scanner = Scanner::new(self.text.slice(self.at..), &strict);
        let Ok(Some(Token::String(text))) = scanner.scan() else { return None };
        let written = self.text.slice(self.at..self.at + scanner.token_end());
        self.at += written.len();
        let is_control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
        (!written.bytes().any(is_control)).then_some(text)
    }

    fn read_list(&mut self, depth: usize, kept: KeptValues<'_>) -> Option<Vec<Value>> {
        let mut out = Vec::new();
        if self.accept(b']') {
            return Some(out);
        }
        loop {
            let value = self.read_value(depth, kept)?;
            if !kept.is_nothing() {
                out.push(value);
            }
            match self.next_sign()? {
                b']' => return Some(out),
                b',' => self.count_item()?,
                _ => return None,
            }
        }
    }

    /// Reads a key and its colon.
    fn read_key(&mut self) -> Option<Cow<'a, str>> {
        self.skip_blanks();
        let key = if self.peek_byte() == Some(b'"') { self.read_string()? } else { return None };
        if !self.accept(b':') {
            return None;
        }
        self.count_item()?;
        Some(key)
    }

    fn read_object(&mut self, depth: usize, kept: KeptValues<'_>) -> Option<Map<String, Value>> {
        let first = self.entries.len();
        if self.accept(b'}') {
            return Some(Map::new());
        }
        loop {
            let key = self.read_key()?;
            let value = self.read_value(depth, kept.of_key(&key))?;
            self.entries.push((key.into_owned(), value));
            match self.next_sign()? {
                b'}' => return self.close_object(first),
                b',' => self.count_item()?,
                _ => return None,
            }
        }
    }

    /// Makes an object of the entries from `first` on; `None` if a key is there twice.
    fn close_object(&mut self, first: usize) -> Option<Map<String, Value>> {
        let mut out = Map::with_capacity(self.entries.len() - first);
        for (key, value) in self.entries.drain(first..) {
            if out.insert(key, value).is_some() {
                return None;
            }
        }
        Some(out)
    }

    /// Reads an object of which nothing is kept; `None` if a key is there twice.
    fn pass_object(&mut self, depth: usize) -> Option<()> {
        let first = self.passed_keys.len();
        if self.accept(b'}') {
            return Some(());
        }
        loop {
            let key = self.read_key()?;
            self.read_value(depth, KeptValues::Nothing)?;
            self.passed_keys.push(key);
            match self.next_sign()? {
                b'}' => break,
                b',' => self.count_item()?,
                _ => return None,
            }
        }
        let is_single = are_different(self.passed_keys.get(first..)?);
        self.passed_keys.truncate(first);
        is_single.then_some(())
    }
}

/// Checks whether no key is there twice.
fn are_different(keys: &[Cow<'_, str>]) -> bool {
    /// Number of keys up to which comparing each with each takes less time.
    const FEW: usize = 12;
    if keys.len() <= FEW {
        return (1..keys.len()).all(|at| !keys[..at].contains(&keys[at]));
    }
    let mut known = HashSet::with_capacity(keys.len());
    keys.iter().all(|key| known.insert(key.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(text: &str) -> Option<Value> {
        json_values(text, KeptValues::All)
    }

    fn checked(text: &str) -> Option<Value> {
        json_values(text, KeptValues::Nothing)
    }

    #[test]
    fn plain_texts_are_read_without_places() {
        let text = " {\"a\": [1, -2.5, \"x\\u4e2d\\n\", true, null, {}], \"b\": {\"c\": []}}\n";
        let expected = json!({"a": [1, -2.5, "x中\n", true, null, {}], "b": {"c": []}});
        assert_eq!(all(text), Some(expected));
        let digits = all("[1.50, 1e-999, 1e999, 12345678901234567, 9007199254740993, 0.1]");
        let expected = json!([
            "1.50",
            "1e-999",
            "1e999",
            12_345_678_901_234_567_i64,
            9_007_199_254_740_993_i64,
            0.1
        ]);
        assert_eq!(digits, Some(expected));
    }

    #[test]
    fn what_is_to_be_told_is_left_to_the_other_reader() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "[1 2]",
            "{'a':1}",
            "{a:1}",
            "[01]",
            "[+1]",
            "[.5]",
            "[1.]",
            "[0x1]",
            "[NaN]",
            "[Infinity]",
            "// a\n1",
            "/* a */1",
            "1 2",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "[{\"b\":{\"a\":1,\"b\":2,\"a\":2}}]",
            "[truex]",
            "[-]",
            "[1e]",
            "[1.e5]",
            "[\"\\n\u{1}\"]",
            "{\"a\"}",
            "{\"a\":}",
            "[\"\u{1}\"]",
            "\"\\x41\"",
            "\"\\ud800\"",
            "[1]]",
        ] {
            assert_eq!((all(text), checked(text)), (None, None), "{text}");
        }
        let endless = "[".repeat(100_000);
        assert_eq!((all(&endless), checked(&endless)), (None, None));
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        for read in [all, checked] {
            assert!(read(&deep(64)).is_some() && read(&deep(65)).is_none());
        }
        let many = format!("[{}0]", "0,".repeat(2_000_000));
        assert_eq!((all(&many), checked(&many)), (None, None));
    }
}
