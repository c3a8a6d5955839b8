//! Owns the number formats of spreadsheets (ISO/IEC 29500-1, 18.8.30 and 18.8.31) as far as they decide what a value
//! means: days, times, shares and decimals.
//! Must not know a file format.

use super::workbook::CellContent;
use docx_fill::slice::TextSlice as _;

/// The kind of value that a number format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum NumberFormat {
    /// A format that shows the digits as they are, or in a way that is of no use elsewhere.
    #[default]
    Plain,
    /// A point in time.
    Moment {
        /// True if it shows a year, month or day.
        day: bool,
        /// True if it shows hours, minutes or seconds.
        time: bool,
        /// True if its hours go beyond 24: a duration.
        elapsed: bool,
    },
    /// Digits with at least and at most so many decimals.
    Decimals {
        /// Decimals that are always shown.
        least: usize,
        /// Decimals to which it is rounded.
        most: usize,
        /// True for a share in per cent.
        percent: bool,
    },
}

/// The day with which serial days begin.
pub(super) const DAY: NumberFormat =
    NumberFormat::Moment { day: true, time: false, elapsed: false };

/// A number of a cell: what it is, and how the cell shows it if that is another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShownNumber {
    pub(super) content: CellContent,
    pub(super) shown: Option<String>,
}

impl NumberFormat {
    /// Returns a built-in format, which files refer to by number only, including the date formats of Chinese
    /// programs.
    pub(super) fn built_in(id: u32) -> NumberFormat {
        let decimals =
            |least: usize, percent: bool| NumberFormat::Decimals { least, most: least, percent };
        let moment = |day: bool, time: bool| NumberFormat::Moment { day, time, elapsed: false };
        match id {
            1 | 3 | 37 | 38 => decimals(0, false),
            2 | 4 | 7 | 8 | 39 | 40 | 43 | 44 => decimals(2, false),
            9 => decimals(0, true),
            10 => decimals(2, true),
            14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => moment(true, false),
            18..=21 | 32..=35 | 45 | 47 | 55 | 56 => moment(false, true),
            22 => moment(true, true),
            46 => NumberFormat::Moment { day: false, time: true, elapsed: true },
            _ => NumberFormat::Plain,
        }
    }

    /// Parses the code of a format; of its sections the first counts.
    pub(super) fn parse(code: &str) -> NumberFormat {
        let bare = bare_code(code);
        let has = |letters: &str| bare.letters.chars().any(|c| letters.contains(c));
        if bare.letters.contains("general") || bare.letters.contains("通用格式") || has("@") {
            return NumberFormat::Plain;
        }
        let exponent = bare.letters.contains("e+") || bare.letters.contains("e-");
        // `m` is a month, unless hours or seconds stand beside it and no day does.
        let (clock, month) = (has("hs") || bare.elapsed, has("m"));
        let day = has("yd") || bare.letters.contains("aaa") || has("e") && !exponent;
        let day = day || month && !clock;
        if day || clock {
            return NumberFormat::Moment { day, time: clock, elapsed: bare.elapsed };
        }
        let (_, fraction) = bare.letters.split_once('.').unwrap_or((&bare.letters, ""));
        let digits = fraction.chars().take_while(|c| "0#?".contains(*c)).collect::<String>();
        let scaled = bare.letters.trim_end_matches(|c| !"0#?,".contains(c)).ends_with(',');
        let placed = has("0#?");
        if !placed || exponent || scaled || has("/") || digits.len() > 15 {
            return NumberFormat::Plain;
        }
        let least = digits.chars().filter(|c| *c == '0').count();
        NumberFormat::Decimals { least, most: digits.len(), percent: has("%") }
    }

    /// Returns the decimals that an amount has at least.
    pub(super) fn least_decimals(self) -> usize {
        match self {
            NumberFormat::Decimals { least, percent: false, .. } => least,
            _ => 0,
        }
    }

    /// Returns the number of a cell.
    pub(super) fn apply(self, value: String, from_1904: bool) -> ShownNumber {
        let Some(digits) = plain_digits(&value) else {
            return ShownNumber { content: CellContent::Text(value), shown: None };
        };
        match self {
            NumberFormat::Moment { day, time, elapsed } => {
                let clock = || clock_text(&value, elapsed);
                let date = day.then(|| serial_date(&value, from_1904)).flatten();
                let shown = match (&date, time) {
                    (Some(date), true) => clock().map(|clock| format!("{date}T{clock}")),
                    (None, true) if !day => clock(),
                    _ => None,
                };
                let content = date.map_or(CellContent::Number(digits), CellContent::Date);
                ShownNumber { content, shown }
            }
            NumberFormat::Decimals { least, most, percent } => {
                let shown = rounded_text(&digits, least, most, percent).filter(|s| *s != digits);
                ShownNumber { content: CellContent::Number(digits), shown }
            }
            NumberFormat::Plain => {
                ShownNumber { content: CellContent::Number(digits), shown: None }
            }
        }
    }
}

/// The first section of a code without quotes, padding, colours and locales, in small letters.
struct BareCode {
    letters: String,
    elapsed: bool,
}

fn bare_code(code: &str) -> BareCode {
    let mut out = BareCode { letters: String::new(), elapsed: false };
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        match c {
            ';' => break,
            '"' => while rest.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => drop(rest.next()),
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                let inside = inside.to_ascii_lowercase();
                let same = |letter: char| !inside.is_empty() && inside.chars().all(|c| c == letter);
                out.elapsed |= ['h', 'm', 's'].into_iter().any(same);
            }
            c => out.letters.extend(c.to_lowercase()),
        }
    }
    // 上午/下午 and am/pm belong to a time.
    for mark in ["am/pm", "a/p", "上午/下午"] {
        out.letters = out.letters.replace(mark, "");
    }
    out
}

/// Returns a number in plain digits. Spreadsheets calculate with fifteen digits; digits beyond
/// those are rounding noise.
pub(super) fn plain_digits(value: &str) -> Option<String> {
    let body = value.strip_prefix('-').unwrap_or(value);
    let plain = body.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Whole numbers have no rounding noise.
    let longest = if body.contains('.') { 16 } else { 24 };
    if plain
        && !body.is_empty()
        && body.len() <= longest
        && body.matches('.').count() <= 1
        && !body.ends_with('.')
        && !body.starts_with('.')
        && (body == "0" || !body.starts_with('0') || body.starts_with("0."))
    {
        return Some(value.to_owned());
    }
    let number: f64 = value.parse().ok().filter(|n: &f64| n.is_finite())?;
    let rounded: f64 = format!("{number:.14e}").parse().ok()?;
    Some(rounded.to_string())
}

/// Returns digits rounded half away from zero, as spreadsheets show them; `None` for what has no plain digits.
pub(super) fn rounded_text(
    digits: &str,
    least: usize,
    most: usize,
    percent: bool,
) -> Option<String> {
    let (sign, body) = digits.strip_prefix('-').map_or(("", digits), |body| ("-", body));
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    // A share is shown a hundred times as large.
    let (mut all, mut scale) = (format!("{whole}{fraction}").into_bytes(), fraction.len());
    if percent {
        while scale < 2 {
            all.push(b'0');
            scale += 1;
        }
        scale -= 2;
    }
    while scale < most {
        all.push(b'0');
        scale += 1;
    }
    let cut = all.len().checked_sub(scale - most)?;
    let up = all.get(cut).is_some_and(|next| *next >= b'5');
    all.truncate(cut);
    if up {
        increment(&mut all);
    }
    while all.len() <= most {
        all.insert(0, b'0');
    }
    let all = String::from_utf8(all).ok()?;
    let (whole, fraction) = all.split_at_offset(all.len() - most);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let mut fraction = fraction.to_owned();
    while fraction.len() > least && fraction.ends_with('0') {
        fraction.pop();
    }
    let zero = whole == "0" && fraction.bytes().all(|b| b == b'0');
    let sign = if zero { "" } else { sign };
    let point = if fraction.is_empty() { "" } else { "." };
    let mark = if percent { "%" } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}{mark}"))
}

/// Adds one to a decimal number.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

/// Seconds of a day.
const DAY_SECONDS: f64 = 86_400.0;

/// Returns the time of a serial number as `08:30:00`; for a duration its hours count on.
fn clock_text(value: &str, elapsed: bool) -> Option<String> {
    let number: f64 = value.parse().ok().filter(|n| (0.0..3_000_000.0).contains(n))?;
    let part = if elapsed { number } else { number.fract() };
    // Within three million days all seconds fit.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let mut seconds = (part * DAY_SECONDS).round() as u64;
    if !elapsed {
        // Half a second before midnight stays on its day.
        seconds = seconds.min(86_399);
    }
    Some(format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60))
}

/// Returns a serial day as `2026-01-20`.
pub(super) fn serial_date(value: &str, from_1904: bool) -> Option<String> {
    let whole: i64 =
        value.split('.').next()?.parse().ok().filter(|n| (1..3_000_000).contains(n))?;
    // Day 0 is 30 December 1899; days are counted from 1 March 0000 for simple arithmetic.
    let days = whole + 693_899 + if from_1904 { 1_462 } else { 0 };
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, value: &str) -> String {
        let number = NumberFormat::parse(code).apply(value.to_owned(), false);
        number.shown.unwrap_or_else(|| number.content.text().to_owned())
    }

    #[test]
    fn a_number_is_what_its_cell_shows() {
        for (code, value, text) in [
            ("General", "3", "3"),
            ("G/通用格式", "0.1", "0.1"),
            ("0.00", "1234.5", "1234.50"),
            ("#,##0.00", "59237.2449", "59237.24"),
            ("#,##0.00_);[Red]\\(#,##0.00\\)", "-0.005", "-0.01"),
            ("\"¥\"#,##0.0#", "12.5", "12.5"),
            ("0", "2.5", "3"),
            ("0", "-0.4", "0"),
            ("0.0", "9.96", "10.0"),
            ("0%", "0.155", "16%"),
            ("0.0%", "0.155", "15.5%"),
            ("0.00E+00", "1234.5", "1234.5"),
            ("0.0,", "1234.5", "1234.5"),
            ("# ?/?", "0.5", "0.5"),
            ("@", "12", "12"),
            ("yyyy-mm-dd", "46042", "2026-01-20"),
            ("yyyy\"年\"m\"月\"d\"日\"", "46042", "2026-01-20"),
            ("[$-804]yyyy/m/d h:mm;@", "46042.354166666664", "2026-01-20T08:30:00"),
            ("h:mm AM/PM", "0.75", "18:00:00"),
            ("[h]:mm", "1.25", "30:00:00"),
            ("mmm", "46042", "2026-01-20"),
            ("mm:ss", "0.0005", "00:00:43"),
            ("[Red]0.00\"day\"", "1", "1.00"),
        ] {
            assert_eq!(shown(code, value), text, "{code} {value}");
        }
    }

    #[test]
    fn notations() {
        assert_eq!(serial_date("46042", false).as_deref(), Some("2026-01-20"));
        assert_eq!(serial_date("60", false).as_deref(), Some("1900-02-28"));
        assert_eq!(serial_date("44580", true).as_deref(), Some("2026-01-20"));
        for (written, read) in [
            ("12", "12"),
            ("59237.2449", "59237.2449"),
            ("0.30000000000000004", "0.3"),
            ("1E3", "1000"),
            ("007", "7"),
            (".5", "0.5"),
            ("0", "0"),
        ] {
            assert_eq!(plain_digits(written).as_deref(), Some(read));
        }
        assert_eq!(plain_digits("inf"), None);
        assert_eq!(plain_digits("1\n[organ]"), None);
    }
}
