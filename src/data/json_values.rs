//! Owns reading JSON into values without places: a tree that remembers where everything stands takes several times the
//! memory and time, and only a finding about the data wants it.
//! Must not know what is wrong with a text: it is left to the reader that tells places.

use super::plain_values::number_value;
use crate::limits::{MAX_DATA_DEPTH, MAX_DATA_ITEMS};
use jsonc_parser::Scanner;
use jsonc_parser::ScannerOptions;
use jsonc_parser::tokens::Token;
use serde_json::{Map, Value};

/// Returns the values of a JSON text (RFC 8259); `None` if there is anything to be told about it.
pub fn json_values(text: &str) -> Option<Value> {
    let strict = ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    if text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) {
        return None;
    }
    let scanner = Scanner::new(text, &strict);
    let mut reader = ValueReader { scanner, items_left: MAX_DATA_ITEMS, entries: Vec::new() };
    let first = reader.next()?;
    let value = reader.read_value(first, MAX_DATA_DEPTH)?;
    // Nothing may follow, and what cannot be read does.
    matches!(reader.scanner.scan(), Ok(None)).then_some(value)
}

struct ValueReader<'a> {
    scanner: Scanner<'a>,
    /// Number of items that may still follow.
    items_left: usize,
    /// Entries of the objects that are open. Only when one is closed is its size known, and it takes no more room than
    /// it needs.
    entries: Vec<(String, Value)>,
}

impl<'a> ValueReader<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        self.scanner.scan().ok()?
    }

    fn count_item(&mut self) -> Option<()> {
        self.items_left = self.items_left.checked_sub(1)?;
        Some(())
    }

    fn read_value(&mut self, first: Token<'a>, depth: usize) -> Option<Value> {
        Some(match first {
            Token::Null => Value::Null,
            Token::Boolean(value) => Value::Bool(value),
            Token::Number(digits) => number_value(digits),
            Token::String(text) => Value::String(text.into_owned()),
            Token::OpenBracket => {
                self.count_item()?;
                Value::Array(self.read_list(depth.checked_sub(1)?)?)
            }
            Token::OpenBrace => {
                self.count_item()?;
                Value::Object(self.read_object(depth.checked_sub(1)?)?)
            }
            _ => return None,
        })
    }

    fn read_list(&mut self, depth: usize) -> Option<Vec<Value>> {
        let mut out = Vec::new();
        let mut token = self.next()?;
        if matches!(token, Token::CloseBracket) {
            return Some(out);
        }
        loop {
            out.push(self.read_value(token, depth)?);
            match self.next()? {
                Token::CloseBracket => return Some(out),
                Token::Comma => self.count_item()?,
                _ => return None,
            }
            token = self.next()?;
        }
    }

    fn read_object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        let first = self.entries.len();
        let mut token = self.next()?;
        if matches!(token, Token::CloseBrace) {
            return Some(Map::new());
        }
        loop {
            let Token::String(key) = token else { return None };
            let Token::Colon = self.next()? else { return None };
            self.count_item()?;
            let value = self.next()?;
            let value = self.read_value(value, depth)?;
            self.entries.push((key.into_owned(), value));
            match self.next()? {
                Token::CloseBrace => return self.close_object(first),
                Token::Comma => self.count_item()?,
                _ => return None,
            }
            token = self.next()?;
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_texts_are_read_without_places() {
        let text = " {\"a\": [1, -2.5, \"x\\u4e2d\\n\", true, null, {}], \"b\": {\"c\": []}}\n";
        let expected = json!({"a": [1, -2.5, "x中\n", true, null, {}], "b": {"c": []}});
        assert_eq!(json_values(text), Some(expected));
        let digits = json_values("[1.50, 1e-999, 1e999, 12345678901234567, 9007199254740993, 0.1]");
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
            "[\"\u{1}\"]",
            "\"\\x41\"",
            "\"\\ud800\"",
            "[1]]",
        ] {
            assert_eq!(json_values(text), None, "{text}");
        }
        assert_eq!(json_values(&"[".repeat(100_000)), None);
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(json_values(&deep(64)).is_some() && json_values(&deep(65)).is_none());
        let many = format!("[{}0]", "0,".repeat(2_000_000));
        assert_eq!(json_values(&many), None);
    }
}
