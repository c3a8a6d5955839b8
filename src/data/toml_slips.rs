//! Owns slips of people who do not know TOML, recognised by the line on which the parser stopped: a
//! colon for the equals sign, numbers without brackets or commas, a bracket left open.
//! Must not know keys, nor parse values.

use crate::msg;
use docx_fill::diag::{Message, Span};
use docx_fill::slice::TextSlice as _;

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

/// Returns the slip on the line of an error, if it is a known one.
pub(super) fn recognise_slip(text: &str, at: usize, reason: &str) -> Option<TomlSlip> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text.slice(..at).rfind('\n').map_or(0, |end| end + 1);
    let end = text.slice(at..).find('\n').map_or(text.len(), |end| at + end);
    let line = text.slice(start..end).trim_end_matches('\r');
    let found = SlipLine { text, start, line, masked: mask_quotes(line) };
    found
        .open_list(at, reason)
        .or_else(|| found.colon_for_equals())
        .or_else(|| found.bare_key())
        .or_else(|| found.thousands())
        .or_else(|| found.list_without_brackets())
        .or_else(|| found.values_without_comma(at))
        .or_else(|| found.number_with_unit(at))
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
    fn slip(&self, range: std::ops::Range<usize>, message: Message) -> TomlSlip {
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
        let slip = recognise_slip(text, at, reason);
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
        ] {
            assert_eq!(advice(text, at, "other"), "", "{text}");
        }
    }
}
