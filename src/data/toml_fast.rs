//! Owns the fast parser for TOML files as nearly all are: plain keys, numbers, texts without
//! escapes, lists and rows. With the `toml` crate, parsing would be a third of the time of checking
//! a report.
//! Must not decide what is valid: anything uncertain is left to the `toml` crate.

use super::{DataEntry, DataNode, DataValue};
use docx_fill::diag::SourcePlace;
use docx_fill::slice::TextSlice as _;

/// Maximum nesting accepted here.
const MAX_DEPTH: usize = 16;

/// Returns the tree, equal to that of the `toml` crate; `None` if the file is not plain enough.
pub(super) fn load_fast(text: &str) -> Option<DataNode> {
    let mut reader = FastTomlReader { text, bytes: text.as_bytes(), at: 0 };
    let mut root = Vec::new();
    let (mut open, mut entries) = (None, Vec::new());
    while reader.skip_lines()? {
        if reader.peek() == Some(b'[') {
            close_table(&mut root, open, entries)?;
            open = Some(reader.parse_header()?);
            entries = Vec::new();
        } else {
            let entry = reader.parse_pair(0)?;
            push_entry(&mut entries, entry)?;
            reader.expect_line_end()?;
        }
    }
    close_table(&mut root, open, entries)?;
    Some(DataNode { value: DataValue::Table(root), place: SourcePlace::from(0..0) })
}

struct FastTomlReader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

/// A key with its place.
type PlacedKey = (String, SourcePlace);

/// Maximum number of keys of a table accepted here: each is compared with those before it.
const MAX_KEYS: usize = 256;

/// Adds an entry; `None` if its key exists already.
fn push_entry(entries: &mut Vec<DataEntry>, entry: DataEntry) -> Option<()> {
    let known = entries.iter().any(|known| known.key == entry.key);
    (!known && entries.len() < MAX_KEYS).then(|| entries.push(entry))
}

/// Puts the entries read since the last header into the table that it names.
fn close_table(
    root: &mut Vec<DataEntry>,
    open: Option<(PlacedKey, SourcePlace)>,
    entries: Vec<DataEntry>,
) -> Option<()> {
    match open {
        None => root.extend(entries),
        Some(((key, key_place), place)) => {
            let node = DataNode { value: DataValue::Table(entries), place };
            push_entry(root, DataEntry { key, key_place, node })?;
        }
    }
    Some(())
}

impl FastTomlReader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expect_byte(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn expect_newline(&mut self) -> Option<()> {
        if self.bytes[self.at..].starts_with(b"\r\n") {
            self.at += 2;
            return Some(());
        }
        self.expect_byte(b'\n')
    }

    /// Skips a comment, if there is one.
    fn skip_comment(&mut self) -> Option<()> {
        if self.peek() == Some(b'#') {
            let rest = &self.bytes[self.at..];
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let body = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            self.at += body.len();
            return body.iter().all(|byte| is_plain_byte(*byte)).then_some(());
        }
        Some(())
    }

    /// Skips to the next key or header; `false` at the end of the file.
    fn skip_lines(&mut self) -> Option<bool> {
        loop {
            self.skip_blanks();
            self.skip_comment()?;
            match self.peek() {
                None => return Some(false),
                Some(b'\n' | b'\r') => self.expect_newline()?,
                Some(_) => return Some(true),
            }
        }
    }

    fn expect_line_end(&mut self) -> Option<()> {
        self.skip_blanks();
        self.skip_comment()?;
        if self.at == self.bytes.len() { Some(()) } else { self.expect_newline() }
    }

    /// Parses `[key]`, with the place of the whole.
    fn parse_header(&mut self) -> Option<(PlacedKey, SourcePlace)> {
        let start = self.at;
        self.expect_byte(b'[')?;
        self.skip_blanks();
        let key = self.parse_key()?;
        self.skip_blanks();
        self.expect_byte(b']')?;
        let place = SourcePlace::from(start..self.at);
        self.expect_line_end()?;
        Some((key, place))
    }

    fn parse_key(&mut self) -> Option<PlacedKey> {
        let start = self.at;
        if self.peek() == Some(b'"') {
            let key = self.parse_basic_string()?;
            return Some((key.to_owned(), (start..self.at).into()));
        }
        let bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        self.at += self.bytes[start..].iter().take_while(|byte| bare(byte)).count();
        let key = self.text.slice(start..self.at);
        (!key.is_empty()).then(|| (key.to_owned(), (start..self.at).into()))
    }

    fn parse_pair(&mut self, depth: usize) -> Option<DataEntry> {
        let (key, key_place) = self.parse_key()?;
        self.skip_blanks();
        self.expect_byte(b'=')?;
        self.skip_blanks();
        Some(DataEntry { key, key_place, node: self.parse_value(depth)? })
    }

    fn parse_value(&mut self, depth: usize) -> Option<DataNode> {
        let start = self.at;
        let value = match self.peek()? {
            b'"' if self.bytes[start..].starts_with(b"\"\"\"") => {
                DataValue::Text(self.parse_multiline()?.to_owned())
            }
            b'"' => DataValue::Text(self.parse_basic_string()?.to_owned()),
            b'[' if depth < MAX_DEPTH => DataValue::List(self.parse_array(depth + 1)?),
            b'{' if depth < MAX_DEPTH => DataValue::Table(self.parse_inline_table(depth + 1)?),
            _ => self.parse_bare_value()?,
        };
        Some(DataNode { value, place: (start..self.at).into() })
    }

    /// Parses `"…"` without escapes.
    fn parse_basic_string(&mut self) -> Option<&str> {
        let start = self.at + 1;
        let plain = |byte: &u8| is_plain_byte(*byte) && !b"\"\\".contains(byte);
        let end = start + self.bytes[start..].iter().take_while(|byte| plain(byte)).count();
        self.at = end;
        self.expect_byte(b'"')?;
        Some(self.text.slice(start..end))
    }

    /// Parses `"""…"""` without escapes; a line break after the opening quotes is not part of the
    /// text.
    fn parse_multiline(&mut self) -> Option<&str> {
        let mut start = self.at + 3;
        if self.bytes.get(start) == Some(&b'\n') {
            start += 1;
        }
        let end = start + self.text.slice(start..).find("\"\"\"")?;
        self.at = end + 3;
        let plain = |byte: &u8| (is_plain_byte(*byte) || *byte == b'\n') && *byte != b'\\';
        let whole = self.peek() != Some(b'"') && self.bytes[start..end].iter().all(plain);
        whole.then(|| self.text.slice(start..end))
    }

    fn parse_array(&mut self, depth: usize) -> Option<Vec<DataNode>> {
        self.expect_byte(b'[')?;
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.expect_byte(b']').is_some() {
                return Some(items);
            }
            items.push(self.parse_value(depth)?);
            self.skip_lines()?;
            if self.expect_byte(b',').is_none() {
                self.expect_byte(b']')?;
                return Some(items);
            }
        }
    }

    /// Parses `{ … }` in one line.
    fn parse_inline_table(&mut self, depth: usize) -> Option<Vec<DataEntry>> {
        self.expect_byte(b'{')?;
        let mut entries = Vec::new();
        self.skip_blanks();
        if self.expect_byte(b'}').is_some() {
            return Some(entries);
        }
        loop {
            self.skip_blanks();
            let entry = self.parse_pair(depth)?;
            push_entry(&mut entries, entry)?;
            self.skip_blanks();
            if self.expect_byte(b',').is_none() {
                self.expect_byte(b'}')?;
                return Some(entries);
            }
        }
    }

    /// Parses a number, a day, `true` or `false`.
    fn parse_bare_value(&mut self) -> Option<DataValue> {
        let start = self.at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._:".contains(byte);
        self.at += self.bytes[start..].iter().take_while(|byte| part(byte)).count();
        let word = self.text.slice(start..self.at);
        match word {
            "true" => Some(DataValue::Bool(true)),
            "false" => Some(DataValue::Bool(false)),
            _ if is_plain_number(word) => Some(DataValue::Number(word.to_owned())),
            _ if is_local_date(word) => Some(DataValue::Date(word.to_owned())),
            _ => None,
        }
    }
}

/// Checks whether a byte is allowed in texts and comments.
fn is_plain_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7F)
}

/// Checks for a number such as `12`, `-3`, `1.50`.
fn is_plain_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// Checks for a day such as `2026-01-20`, accepting only days that every month has.
fn is_local_date(word: &str) -> bool {
    let bytes = word.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape && ("01"..="12").contains(&word.slice(5..7)) && ("01"..="28").contains(&word.slice(8..))
}
