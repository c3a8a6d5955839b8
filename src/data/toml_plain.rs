//! Owns the quick way through a TOML file as nearly all are: plain keys, numbers, texts without escapes,
//! lists and rows. It is a third of the work of checking a report otherwise.
//! Must not decide what is valid: whatever it does not know for certain it leaves to the `toml` crate.

use super::{Entry, Node, Value};
use docx_fill::diag::Span;
use docx_fill::slice::TextSlice as _;

/// Deepest nesting that is read here.
const DEEPEST: usize = 16;

/// The tree, if the file is as plain as that; it is the one that the `toml` crate gives.
pub(super) fn load(text: &str) -> Option<Node> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    let mut root = Vec::new();
    let (mut open, mut entries) = (None, Vec::new());
    while reader.skip_lines()? {
        if reader.peek() == Some(b'[') {
            close(&mut root, open, entries)?;
            open = Some(reader.header()?);
            entries = Vec::new();
        } else {
            let entry = reader.pair(0)?;
            add(&mut entries, entry)?;
            reader.end_of_line()?;
        }
    }
    close(&mut root, open, entries)?;
    Some(Node { value: Value::Table(root), span: Span::default() })
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

/// A key with its place.
type Key = (String, Span);

/// Most keys of one table that are read here: each is compared with those before it.
const MOST_KEYS: usize = 256;

/// Adds an entry whose key is new.
fn add(entries: &mut Vec<Entry>, entry: Entry) -> Option<()> {
    let known = entries.iter().any(|known| known.key == entry.key);
    (!known && entries.len() < MOST_KEYS).then(|| entries.push(entry))
}

/// Puts what was read since the last header where it belongs.
fn close(root: &mut Vec<Entry>, open: Option<(Key, Span)>, entries: Vec<Entry>) -> Option<()> {
    match open {
        None => root.extend(entries),
        Some(((key, key_span), span)) => {
            let node = Node { value: Value::Table(entries), span };
            add(root, Entry { key, key_span, node })?;
        }
    }
    Some(())
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn newline(&mut self) -> Option<()> {
        if self.bytes[self.at..].starts_with(b"\r\n") {
            self.at += 2;
            return Some(());
        }
        self.take(b'\n')
    }

    /// A comment, if there is one.
    fn comment(&mut self) -> Option<()> {
        if self.peek() == Some(b'#') {
            let rest = &self.bytes[self.at..];
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let body = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            self.at += body.len();
            return body.iter().all(|byte| is_plain(*byte)).then_some(());
        }
        Some(())
    }

    /// Goes to the next thing in the file; `false` at its end.
    fn skip_lines(&mut self) -> Option<bool> {
        loop {
            self.blanks();
            self.comment()?;
            match self.peek() {
                None => return Some(false),
                Some(b'\n' | b'\r') => self.newline()?,
                Some(_) => return Some(true),
            }
        }
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.blanks();
        self.comment()?;
        if self.at == self.bytes.len() { Some(()) } else { self.newline() }
    }

    /// `[key]`, with the place of the whole.
    fn header(&mut self) -> Option<(Key, Span)> {
        let start = self.at;
        self.take(b'[')?;
        self.blanks();
        let key = self.key()?;
        self.blanks();
        self.take(b']')?;
        let span = Span { start, end: self.at };
        self.end_of_line()?;
        Some((key, span))
    }

    fn key(&mut self) -> Option<Key> {
        let start = self.at;
        if self.peek() == Some(b'"') {
            let key = self.basic()?;
            return Some((key.to_owned(), Span { start, end: self.at }));
        }
        let bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        self.at += self.bytes[start..].iter().take_while(|byte| bare(byte)).count();
        let key = self.text.slice(start..self.at);
        (!key.is_empty()).then(|| (key.to_owned(), Span { start, end: self.at }))
    }

    fn pair(&mut self, depth: usize) -> Option<Entry> {
        let (key, key_span) = self.key()?;
        self.blanks();
        self.take(b'=')?;
        self.blanks();
        Some(Entry { key, key_span, node: self.value(depth)? })
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let value = match self.peek()? {
            b'"' if self.bytes[start..].starts_with(b"\"\"\"") => {
                Value::Text(self.lines()?.to_owned())
            }
            b'"' => Value::Text(self.basic()?.to_owned()),
            b'[' if depth < DEEPEST => Value::List(self.list(depth + 1)?),
            b'{' if depth < DEEPEST => Value::Table(self.row(depth + 1)?),
            _ => self.word()?,
        };
        Some(Node { value, span: Span { start, end: self.at } })
    }

    /// `"…"` without escapes.
    fn basic(&mut self) -> Option<&str> {
        let start = self.at + 1;
        let plain = |byte: &u8| is_plain(*byte) && !b"\"\\".contains(byte);
        let end = start + self.bytes[start..].iter().take_while(|byte| plain(byte)).count();
        self.at = end;
        self.take(b'"')?;
        Some(self.text.slice(start..end))
    }

    /// `"""…"""` without escapes; a line break behind the opening quotes is not part of it.
    fn lines(&mut self) -> Option<&str> {
        let mut start = self.at + 3;
        if self.bytes.get(start) == Some(&b'\n') {
            start += 1;
        }
        let end = start + self.text.slice(start..).find("\"\"\"")?;
        self.at = end + 3;
        let plain = |byte: &u8| (is_plain(*byte) || *byte == b'\n') && *byte != b'\\';
        let whole = self.peek() != Some(b'"') && self.bytes[start..end].iter().all(plain);
        whole.then(|| self.text.slice(start..end))
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node>> {
        self.take(b'[')?;
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.take(b']').is_some() {
                return Some(items);
            }
            items.push(self.value(depth)?);
            self.skip_lines()?;
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(items);
            }
        }
    }

    /// `{ … }` in one line.
    fn row(&mut self, depth: usize) -> Option<Vec<Entry>> {
        self.take(b'{')?;
        let mut entries = Vec::new();
        self.blanks();
        if self.take(b'}').is_some() {
            return Some(entries);
        }
        loop {
            self.blanks();
            let entry = self.pair(depth)?;
            add(&mut entries, entry)?;
            self.blanks();
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return Some(entries);
            }
        }
    }

    /// A number, a day, `true` or `false`.
    fn word(&mut self) -> Option<Value> {
        let start = self.at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._:".contains(byte);
        self.at += self.bytes[start..].iter().take_while(|byte| part(byte)).count();
        let word = self.text.slice(start..self.at);
        match word {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ if is_number(word) => Some(Value::Number(word.to_owned())),
            _ if is_day(word) => Some(Value::Date(word.to_owned())),
            _ => None,
        }
    }
}

/// A byte that may stand in texts and comments.
fn is_plain(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7F)
}

/// `12`, `-3`, `1.50`.
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// `2026-01-20`, of the days that every month has.
fn is_day(word: &str) -> bool {
    let bytes = word.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape && ("01"..="12").contains(&word.slice(5..7)) && ("01"..="28").contains(&word.slice(8..))
}
