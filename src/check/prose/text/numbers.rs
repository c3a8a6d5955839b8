//! Owns parsing numbers in running text, and exact percentages.
//! Must not know what a number counts.

use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// A number within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check::prose) struct TextNumber {
    /// Byte range of its digits.
    pub(in crate::check::prose) range: Range<usize>,
    /// Value without the decimal point: 9.26 is 926.
    pub(in crate::check::prose) units: i128,
    /// Number of digits after the decimal point.
    pub(in crate::check::prose) scale: u32,
}

impl TextNumber {
    /// Returns the number if it is whole.
    pub(in crate::check::prose) fn as_whole(&self) -> Option<i128> {
        (self.scale == 0).then_some(self.units)
    }
}

/// Values from here on count as too large. Below it, sums and percentages of all numbers of a text
/// fit into `i128`.
const TOO_LARGE: i128 = 10_i128.pow(24);

/// Parses the number that begins at a position; separators between thousands are skipped.
pub(in crate::check::prose) fn number_at(text: &str, start: usize) -> Option<TextNumber> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if !digit(start) {
        return None;
    }
    let (mut end, mut units, mut scale, mut point) = (start, 0_i128, 0, false);
    loop {
        match bytes.get(end) {
            Some(byte) if byte.is_ascii_digit() => {
                units = units * 10 + i128::from(byte - b'0');
                if units >= TOO_LARGE {
                    return None;
                }
                scale += u32::from(point);
            }
            Some(b'.') if !point && digit(end + 1) => point = true,
            Some(b',') if !point && is_thousands_mark(bytes, end) => {}
            _ => break,
        }
        end += 1;
    }
    (scale <= 6).then_some(TextNumber { range: start..end, units, scale })
}

/// Checks whether exactly three digits follow a comma.
fn is_thousands_mark(bytes: &[u8], comma: usize) -> bool {
    let digits = bytes[comma + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits == 3
}

/// Returns the end of the token that begins with a digit, and the number, unless the token is part
/// of an address, a telephone number or a name.
pub(in crate::check::prose) fn scan_number(
    text: &str,
    start: usize,
) -> (usize, Option<TextNumber>) {
    let bytes = text.as_bytes();
    let Some(number) = number_at(text, start) else {
        let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        return (start + digits, None);
    };
    let joined = |byte: Option<&u8>| {
        byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"./-_:@".contains(b))
    };
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    let alone = !joined(before) && !joined(bytes.get(number.range.end));
    (number.range.end, alone.then_some(number))
}

/// Returns the text after a number, without leading blanks.
pub(in crate::check::prose) fn text_after<'t>(text: &'t str, number: &TextNumber) -> &'t str {
    text.slice(number.range.end..).trim_start_matches(' ')
}

/// The agreement of a written percentage with the exact one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check::prose) enum PercentFit {
    /// Rounded half up to the decimals written.
    Rounded,
    /// Truncated after the decimals written.
    Truncated,
    /// Neither rounded nor truncated.
    Wrong,
}

/// Compares the written percentage with `part` / `whole`, where `part` ≥ 0 and `whole` > 0.
pub(in crate::check::prose) fn percent_fit(
    part: i128,
    whole: i128,
    percent: &TextNumber,
) -> PercentFit {
    let Some(scaled) = scaled_percent(part, percent.scale) else { return PercentFit::Rounded };
    if (2 * scaled + whole) / (2 * whole) == percent.units {
        PercentFit::Rounded
    } else if scaled / whole == percent.units {
        PercentFit::Truncated
    } else {
        PercentFit::Wrong
    }
}

fn scaled_percent(part: i128, scale: u32) -> Option<i128> {
    part.checked_mul(100)?.checked_mul(10_i128.checked_pow(scale)?)
}

/// Returns the distance between exact and written percentage, in millionths of a per cent.
pub(in crate::check::prose) fn percent_distance(
    part: i128,
    whole: i128,
    percent: &TextNumber,
) -> i128 {
    let share = part.saturating_mul(100_000_000) / whole;
    (share - percent.units.saturating_mul(10_i128.pow(6 - percent.scale.min(6)))).abs()
}

/// Returns the percentage, rounded half up to `scale` decimals, at least one.
pub(in crate::check::prose) fn format_percent(part: i128, whole: i128, scale: u32) -> String {
    let scale = scale.max(1);
    let scaled = scaled_percent(part, scale).unwrap_or_default();
    let rounded = (2 * scaled + whole) / (2 * whole);
    let unit = 10_i128.pow(scale);
    format!("{}.{:0width$}", rounded / unit, rounded % unit, width = scale as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> TextNumber {
        number_at(text, 0).expect("a number")
    }

    #[test]
    fn numbers_are_read_where_they_count_something() {
        let text = "收到1,234件，占3.50%，电话0598-3560010，见a1.cn和12.cn";
        let survey = super::super::text_index::TextIndex::new(text);
        let found: Vec<&str> =
            survey.numbers().iter().map(|number| &text[number.range.clone()]).collect();
        assert_eq!(found, ["1,234", "3.50"]);
        assert_eq!(number("1,234").units, 1234);
        assert_eq!((number("3.50").units, number("3.50").scale), (350, 2));
        let (most, more) = ("9".repeat(24), "9".repeat(25));
        assert_eq!(most.len(), crate::limits::MAX_FIGURE_DIGITS);
        assert_eq!(number(&most).units.to_string(), most);
        assert_eq!(scan_number(&more, 0), (more.len(), None));
    }

    #[test]
    fn a_percentage_is_rounded_or_cut() {
        assert_eq!(percent_fit(10, 44, &number("22.73")), PercentFit::Rounded);
        assert_eq!(percent_fit(10, 44, &number("22.72")), PercentFit::Truncated);
        assert_eq!(percent_fit(10, 44, &number("22.74")), PercentFit::Wrong);
        assert_eq!(percent_fit(3, 7, &number("43")), PercentFit::Rounded);
        assert_eq!(format_percent(3, 7, 0), "42.9");
    }
}
