//! Owns slips of people who do not know TOML, recognised by the line on which the parser stopped: a
//! colon for the equals sign, numbers without brackets or commas, a bracket left open.
//! Must not know keys, nor parse values.

use crate::msg;
use docx_fill::diag::{Message, Span};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::numerals;
use std::ops::Range;

/// A slip with the advice that fits it.
pub(super) struct TomlSlip {
    /// Place to mend.
    pub(super) span: Span,
    pub(super) message: Message,
    pub(super) hint: Option<Message>,
    /// Offset up to which further errors only follow from this one.
    pub(super) done: usize,
}

/// A line of the file around an error.
struct SlipLine<'a> {
    text: &'a str,
    start: usize,
    line: &'a str,
    /// The line with the contents of its quotes and its comment replaced by `x`, byte for byte.
    masked: String,
}

/// Returns the slip on the line of an error, if it is a known one; `long_texts` are those of the whole file.
pub(super) fn recognise_slip(
    text: &str,
    long_texts: &[Range<usize>],
    at: usize,
    reason: &str,
) -> Option<TomlSlip> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text.slice(..at).rfind('\n').map_or(0, |end| end + 1);
    let end = text.slice(at..).find('\n').map_or(text.len(), |end| at + end);
    let line = text.slice(start..end).trim_end_matches('\r');
    let found = SlipLine { text, start, line, masked: mask_quotes(line) };
    found
        .open_text(long_texts, at)
        .or_else(|| found.open_list(at, reason))
        .or_else(|| found.open_object())
        .or_else(|| found.comment())
        .or_else(|| found.colon_for_equals())
        .or_else(|| found.bare_key())
        .or_else(|| found.thousands())
        .or_else(|| found.no_value())
        .or_else(|| found.comma_at_end())
        .or_else(|| found.date())
        .or_else(|| found.list_without_brackets())
        .or_else(|| found.values_without_comma(at))
        .or_else(|| found.number_with_unit(at))
        .or_else(|| found.word_for_number(at))
}

/// Three quotes around a text of several lines.
pub(super) const LONG_QUOTE: &str = "\"\"\"";

/// Checks whether a line of a text looks like the entry behind it: a key with a text of several lines, or a heading.
fn begins_entry(line: &str) -> bool {
    let key = line.split('=').next().unwrap_or_default().trim();
    let value = line.split_once('=').map_or("", |(_, value)| value.trim_start());
    let header = line.trim().strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    is_bare_key(key) && value.starts_with(LONG_QUOTE) || header.is_some_and(is_bare_key)
}

/// Returns a line of the same length without what stands in quotes or in a comment.
fn mask_quotes(line: &str) -> String {
    let mut quote = None;
    let mask = |byte: u8| match (quote, byte) {
        (None, b'"' | b'\'' | b'#') => {
            quote = Some(byte);
            char::from(byte)
        }
        (Some(b'#'), _) => 'x',
        (Some(open), byte) if byte == open => {
            quote = None;
            char::from(byte)
        }
        (Some(_), _) => 'x',
        // A byte of a longer character: a letter that no key may hold.
        (None, 128..) => '\u{1}',
        (None, byte) => char::from(byte),
    };
    line.bytes().map(mask).collect()
}

impl SlipLine<'_> {
    fn slip(&self, range: Range<usize>, message: Message) -> TomlSlip {
        let span = Span { start: self.start + range.start, end: self.start + range.end };
        TomlSlip { span, message, hint: None, done: self.start + self.line.len() }
    }

    /// Recognises a list above that was never closed: inside it, this line begins with a name and an equals sign.
    fn open_list(&self, at: usize, reason: &str) -> Option<TomlSlip> {
        let inside = reason.contains("array");
        let (key, _) = self.masked.split_once('=')?;
        let named = is_bare_key(key.trim()) || key.trim().ends_with('"');
        let begins = at <= self.start + key.len();
        if !inside || !begins || !named || key.contains(['[', ',']) {
            return None;
        }
        let before = self.text.slice(..self.start).trim_end();
        let end = before.len();
        let last = before.chars().next_back()?;
        let span = Span { start: end - last.len_utf8(), end };
        let hint = Some(msg!("data.unclosed-list-hint"));
        Some(TomlSlip { span, message: msg!("data.unclosed-list"), hint, done: usize::MAX })
    }

    /// Recognises a text of several lines above that was never closed: another entry begins within it, and what the
    /// parser took for its end opens the next text, so that the error follows at once.
    fn open_text(&self, long_texts: &[Range<usize>], at: usize) -> Option<TomlSlip> {
        let before = long_texts.partition_point(|range| range.start <= at);
        let range = long_texts.get(before.checked_sub(1)?)?;
        let inside = self.text.slice(range.clone());
        let is_closed = inside.len() >= 2 * LONG_QUOTE.len() && inside.ends_with(LONG_QUOTE);
        let behind = self.text.get(range.end..at).map(str::trim_start);
        let follows = behind.map_or(!is_closed, str::is_empty);
        if !follows || !inside.lines().skip(1).any(begins_entry) {
            return None;
        }
        let span = Span { start: range.start, end: range.start + LONG_QUOTE.len() };
        let hint = Some(msg!("data.open-text-hint"));
        Some(TomlSlip { span, message: msg!("data.open-text"), hint, done: usize::MAX })
    }

    /// Recognises braces of the line above that were never closed. They may go on below behind a comma (TOML 1.1).
    fn open_object(&self) -> Option<TomlSlip> {
        let before = self.text.slice(..self.start).trim_end();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let masked = mask_quotes(line);
        let opens = |line: &str| line.matches('{').count() > line.matches('}').count();
        let closes = |line: &str| line.matches('}').count() > line.matches('{').count();
        let open = opens(&masked);
        let goes_on = before.ends_with([',', '{']) || closes(&self.masked);
        let named = self.masked.split_once('=').is_some_and(|(key, _)| is_bare_key(key.trim()));
        let named = named && !goes_on;
        let header = self.masked.starts_with('[');
        let last = before.chars().next_back()?;
        let span = Span { start: before.len() - last.len_utf8(), end: before.len() };
        let hint = Some(msg!("data.unclosed-object-hint"));
        let slip = TomlSlip { span, message: msg!("data.unclosed-object"), hint, done: usize::MAX };
        (open && (named || header)).then_some(slip)
    }

    /// Recognises `// 说明`.
    fn comment(&self) -> Option<TomlSlip> {
        let words = self.line.trim_start();
        let indent = self.line.len() - words.len();
        let sign = ["//", "--", "/*", "＃", ";"].iter().find(|sign| words.starts_with(**sign))?;
        Some(self.slip(indent..indent + sign.len(), msg!("data.comment-sign")))
    }

    /// Recognises `received =`.
    fn no_value(&self) -> Option<TomlSlip> {
        let equals = self.masked.find('=')?;
        let rest = self.masked.slice(equals + 1..).trim_start();
        let empty = rest.is_empty() || rest.starts_with('#');
        empty.then(|| self.slip(equals..equals + 1, msg!("data.missing-value")))
    }

    /// Recognises `received = [1, 2],`.
    fn comma_at_end(&self) -> Option<TomlSlip> {
        let end = self.masked.trim_end().len();
        let line = self.masked.slice(..end).strip_suffix(',')?;
        let equals = line.find('=')?;
        let balanced = line.matches(['[', '{']).count() == line.matches([']', '}']).count();
        let value = line.slice(equals + 1..).trim();
        let whole = value.starts_with(['[', '{', '"']) || value.parse::<f64>().is_ok();
        (balanced && whole).then(|| self.slip(end - 1..end, msg!("data.extra-comma")))
    }

    /// Recognises `date = 2026年1月20日` and `2026/1/20`.
    fn date(&self) -> Option<TomlSlip> {
        let equals = self.masked.find('=')?;
        let rest = self.line.slice(equals + 1..);
        let value = rest.split('#').next().unwrap_or_default().trim();
        let start = equals + 1 + (rest.len() - rest.trim_start().len());
        let parts: Vec<&str> = value
            .split(['年', '月', '日', '/', '.', '-'])
            .filter(|part| !part.is_empty())
            .collect();
        let &[year, month, day] = parts.as_slice() else { return None };
        let number = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        let fits = year.len() == 4 && number(year, 4) && number(month, 2) && number(day, 2);
        let plain = format!("{year}-{month:0>2}-{day:0>2}");
        // A day that does not exist is another fault.
        (fits && plain != value)
            .then(|| self.slip(start..start + value.len(), msg!("data.date-as", plain = plain)))
    }

    /// Recognises words where a number has to stand: `[三十, 4]`, `[减3, 4]`, `[30, /]`, and commas of a Chinese
    /// keyboard.
    fn word_for_number(&self, at: usize) -> Option<TomlSlip> {
        let at = at.checked_sub(self.start)?;
        let before = self.masked.get(..at)?;
        let open = before.matches(['[', '{']).count() > before.matches([']', '}']).count();
        let rest = self.line.get(at..).filter(|_| open)?;
        if let Some(comma) = rest.char_indices().find(|(_, c)| "，、".contains(*c)) {
            let number = rest.slice(..comma.0).trim();
            if number.parse::<f64>().is_ok() {
                let (found, range) = (comma.1, at + comma.0..at + comma.0 + comma.1.len_utf8());
                let mut slip =
                    self.slip(range, msg!("data.full-width", found = found, plain = ","));
                slip.hint = Some(msg!("data.full-width-hint"));
                return Some(slip);
            }
        }
        let word = rest.slice(..rest.find([',', ']', '}', ' ', '，']).unwrap_or(rest.len()));
        let range = at..at + word.len();
        let minus =
            ["减少", "减", "负", "−", "－"].iter().find_map(|sign| word.strip_prefix(*sign));
        let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let count = |word: &str| word.trim_end_matches(['件', '个', '份', '条']).to_owned();
        let spelled = numerals::read_number(&count(word)).map(|number| number.to_string());
        let less = minus.filter(|word| digits(word)).map(|word| format!("-{word}"));
        if let Some(plain) = less.or(spelled) {
            return Some(self.slip(range, msg!("data.word-number", found = word, plain = plain)));
        }
        let none =
            ["/", "—", "——", "-", "--", "－", "无", "没有", "空", "／", "\\"].contains(&word);
        none.then(|| self.slip(range, msg!("data.wants-number", found = word)))
    }

    /// Recognises `year：2025`, `year: 2025`, `year 2025`.
    fn colon_for_equals(&self) -> Option<TomlSlip> {
        let key = self.line.trim_start();
        let indent = self.line.len() - key.len();
        let length = key.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))?;
        let rest = key.slice(length..).trim_start();
        let at = self.line.len() - rest.len();
        if length == 0 || self.masked.contains('=') {
            return None;
        }
        let sign = rest.chars().next().filter(|c| matches!(c, '：' | ':'));
        let width = sign.map_or(1, char::len_utf8);
        let range = if sign.is_some() { at..at + width } else { indent..indent + length };
        let mut slip = self.slip(range, msg!("data.missing-equals"));
        slip.hint = Some(msg!("data.missing-equals-hint", key = key.slice(..length)));
        Some(slip)
    }

    /// Recognises `一、本年新收 = 3`: a name that needs quotes.
    fn bare_key(&self) -> Option<TomlSlip> {
        let equals = self.masked.find('=')?;
        let key = self.line.slice(..equals).trim();
        let indent = self.line.len() - self.line.trim_start().len();
        let quoted = key.starts_with(['"', '\'', '“', '‘', '＂']);
        let foreign = !key.is_ascii();
        let inner = key.contains(['[', '{', ',']);
        (foreign && !quoted && !inner).then(|| {
            let mut slip = self.slip(indent..indent + key.len(), msg!("data.bare-key"));
            slip.hint = Some(msg!("data.bare-key-hint", key = key));
            slip
        })
    }

    /// Recognises `x = 12,345.6` and `{ amount = 12,345.6 }`.
    fn thousands(&self) -> Option<TomlSlip> {
        let values = self.masked.match_indices('=').map(|(at, _)| at + 1);
        values.into_iter().find_map(|from| {
            let rest = self.masked.slice(from..);
            let number = rest.trim_start();
            let start = from + rest.len() - number.len();
            let end = number.find(|c: char| !(c.is_ascii_digit() || ".,-+".contains(c)));
            let number = number.slice(..end.unwrap_or(number.len())).trim_end_matches(',');
            let whole = number.split('.').next().unwrap_or_default().trim_start_matches(['-', '+']);
            let mut groups = whole.split(',');
            let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
            let groups: Vec<&str> = groups.collect();
            let fits = first && !groups.is_empty() && groups.iter().all(|group| group.len() == 3);
            fits.then(|| {
                let plain = number.replace(',', "");
                self.slip(start..start + number.len(), msg!("data.thousands", plain = plain))
            })
        })
    }

    /// Recognises `received = 3,1,0`.
    fn list_without_brackets(&self) -> Option<TomlSlip> {
        let equals = self.masked.find('=')?;
        let value = self.masked.slice(equals + 1..);
        let value = value.split('#').next().unwrap_or_default();
        let numbers = value.chars().all(|c| c.is_ascii_digit() || " .,-".contains(c));
        let list = value.trim();
        let start = equals + 1 + (value.len() - value.trim_start().len());
        (numbers && list.contains(',')).then(|| {
            let mut slip = self.slip(start..start + list.len(), msg!("data.no-brackets"));
            slip.hint = Some(msg!("data.no-brackets-hint", list = list));
            slip
        })
    }

    /// Recognises `[0 0 0]` and `{ issued = 2 repealed = 1 }`: the parser takes what follows for a text.
    fn values_without_comma(&self, at: usize) -> Option<TomlSlip> {
        let at = at.checked_sub(self.start)?;
        let (before, behind) = (self.masked.get(..at)?, self.masked.get(at..)?);
        let open = before.matches(['[', '{']).count() > before.matches([']', '}']).count();
        let token = behind.find([' ', ',', ']', '}']).unwrap_or(behind.len());
        let number = |word: &str| !word.is_empty() && word.parse::<f64>().is_ok();
        let next = behind.get(token..)?.trim_start_matches(' ');
        let gap = at + behind.len() - next.len();
        let key = next.slice(..next.find([' ', '=']).unwrap_or(next.len()));
        let named = is_bare_key(key) && next.slice(key.len()..).trim_start().starts_with('=');
        let in_list = number(behind.get(..token)?)
            && (named || next.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
        let last = before.trim_end_matches(' ');
        let in_table = last.len() < before.len()
            && last.ends_with(|c: char| c.is_ascii_digit() || c == '"' || c == ']')
            && is_bare_key(behind.get(..token)?)
            && next.starts_with('=');
        let range = match (open, in_list, in_table) {
            (true, true, _) => at + token..gap,
            (true, _, true) => last.len()..at,
            _ => return None,
        };
        Some(self.slip(range, msg!("data.missing-comma")))
    }

    /// Recognises `2025年`, `1件`.
    fn number_with_unit(&self, at: usize) -> Option<TomlSlip> {
        let at = at.checked_sub(self.start)?;
        let rest = self.line.get(at..)?;
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let unit = rest.slice(digits..);
        let end = unit.find([' ', ',', ']', '}', '，', '#']).unwrap_or(unit.len());
        let unit = unit.slice(..end);
        let is_unit = !unit.is_empty() && unit.chars().all(|c| c.is_alphabetic() && !c.is_ascii());
        (digits > 0 && is_unit).then(|| {
            let plain = rest.slice(..digits);
            let message = msg!("data.number-unit", unit = unit, plain = plain);
            self.slip(at..at + digits + end, message)
        })
    }
}

/// Checks whether a word may be a name without quotes.
fn is_bare_key(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::Lang;

    fn advice(text: &str, at: &str, reason: &str) -> String {
        let at = text.find(at).expect("the place");
        let long_texts = super::super::toml::long_texts(text);
        let slip = recognise_slip(text, &long_texts, at, reason);
        slip.map(|slip| {
            let place = &text[slip.span.start..slip.span.end];
            format!("{place}: {}", slip.message.in_lang(Lang::Zh))
        })
        .unwrap_or_default()
    }

    #[test]
    fn slips_get_the_advice_that_fits() {
        for (text, at, place) in [
            ("a = [1, 2\nb = 3\n", "b =", "2: "),
            ("year：2025", "：", "：: "),
            ("year: 2025", ": ", ":: "),
            ("year 2025", " 2025", "year: "),
            ("一、新收 = [1]", "、", "一、新收: "),
            ("received = 3,1,0", ",1", "3,1,0: "),
            ("x = 12,345.6", ",345", "12,345.6: "),
            ("x = { y = -1,203, z = 2 }", "}", "-1,203: "),
            ("r = [0 0 0]", "0 0 0", " : "),
            ("r = { a = 2 b = 1 }", "b =", " : "),
            ("r = { a = 2 b = 1 }", "2 b", " : "),
            ("year = 2025年", "2025", "2025年: "),
            ("r = [1, 2件]", "2件", "2件: "),
            ("a = \"\"\"\n一。\nb = \"\"\"\n二。\n\"\"\"\n", "二", "\"\"\": "),
            ("a = \"\"\"\n一。\n[b]\nc = 1\n", "c = 1", "\"\"\": "),
            ("r = { a = 1\ns = { b = 1 }", "s =", "1: "),
            ("# \"\"\"\nr = [三, 1]", "三", "三: "),
            ("a = \"\"\"\n[1]\n\"\"\"\nr = [三, 1]", "三", "三: "),
            ("// 说明", "//", "//: "),
            ("r =", "=", "=: "),
            ("r = [1, 2],", "],", ",: "),
            ("d = 2026年1月20日", "2026", "2026年1月20日: 日期写成 2026-01-20"),
            ("r = [三十, 1]", "三十", "三十: "),
            ("r = [减3, 1]", "减", "减3: "),
            ("r = [1, /]", "/", "/: "),
            ("r = [1，2]", "1，", "，: "),
        ] {
            let found = advice(text, at, "missing comma between array elements");
            assert!(found.starts_with(place), "{text}: {found}");
        }
    }

    #[test]
    fn sound_lines_are_no_slips() {
        for (text, at) in [
            ("name = 云溪县", "云"),
            ("\"规章\" = x", "x"),
            ("x = \"a：b, 1,200\" y", "y"),
            ("r = [1,203,5]", "203"),
            ("a = 2025-13-40", "2025"),
            ("r = { a = 1,\n b = 三 }", "三"),
            ("a = \"\"\"\n[1]\n路径 C:\\数据\n\"\"\"", "\\数"),
        ] {
            assert_eq!(advice(text, at, "other"), "", "{text}");
        }
    }
}
