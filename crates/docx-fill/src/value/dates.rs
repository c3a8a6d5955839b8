//! Owns dates and times: reading them as people, programs and spreadsheets write them, and writing them by patterns.
//! Must not know where they come from.

use crate::slice::TextSlice as _;
use crate::value::number::Decimal;

/// A date, a time, or a part of a date; what was not written is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DateTime {
    pub(crate) year: Option<u32>,
    pub(crate) month: Option<u32>,
    pub(crate) day: Option<u32>,
    pub(crate) time: Option<TimeOfDay>,
}

/// A time of a day, as written: it is not moved to another time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TimeOfDay {
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    pub(crate) millisecond: u32,
    /// Minutes that its zone is ahead of UTC, if it is written.
    pub(crate) offset: Option<i32>,
}

/// The part of a date that a pattern asks for and the date does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year,
    Month,
    Day,
    Time,
    Zone,
}

/// The reason for which a pattern gives no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PatternFault {
    /// Letters that mean nothing.
    Unknown(String),
    /// A quote without its partner.
    OpenQuote,
    /// The date has no such part.
    Absent(DatePart),
}

/// The language of names of months and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameLanguage {
    Zh,
    En,
}

/// Days before each month of a common year.
const DAYS_BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Returns the number of days of a month; 0 if there is no such month.
fn days_of_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

/// Returns the days from 1 January of the year 1 to a day.
fn day_number(year: u32, month: u32, day: u32) -> u32 {
    let before = year.saturating_sub(1);
    let leap = u32::from(month > 2 && is_leap(year));
    let months = DAYS_BEFORE.get(month.saturating_sub(1) as usize).copied().unwrap_or_default();
    before * 365 + before / 4 - before / 100 + before / 400 + months + leap + day.saturating_sub(1)
}

impl DateTime {
    /// Parses `2026-01-20`, `2026/1/20`, `2026.1.20`, `20260120`, `2026年1月20日`, `2026-01`, `2026年1月`, `2026年`, each
    /// with or without a time, a time alone, and the serial number by which a spreadsheet counts days from 1900.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(date) = parse_plain_digits(text) {
            return Some(date);
        }
        let (date, time) = split_time(text);
        let time = match time {
            Some(time) => Some(TimeOfDay::parse(time.trim())?),
            None => None,
        };
        if date.is_empty() {
            return time.map(|time| DateTime { time: Some(time), ..DateTime::default() });
        }
        let found = parse_day(date.trim_end())?;
        // A time belongs to a day.
        (time.is_none() || found.day.is_some()).then_some(DateTime { time, ..found })
    }

    /// Builds a date of parts that exist.
    fn new(year: u32, month: Option<u32>, day: Option<u32>) -> Option<Self> {
        let days = month.map_or(31, |month| days_of_month(year, month));
        let good = (1..=9999).contains(&year)
            && days > 0
            && day.is_none_or(|day| (1..=days).contains(&day));
        good.then_some(DateTime { year: Some(year), month, day, time: None })
    }

    /// Returns a date that has every part, to try patterns with.
    pub(crate) fn complete() -> Self {
        let time = TimeOfDay { offset: Some(0), ..TimeOfDay::default() };
        DateTime { year: Some(2000), month: Some(1), day: Some(1), time: Some(time) }
    }

    /// Returns the number of the day in the week, from 0 for Monday.
    fn weekday(&self) -> Option<usize> {
        Some((day_number(self.year?, self.month?, self.day?) % 7) as usize)
    }

    fn part(value: Option<u32>, part: DatePart) -> Result<u32, PatternFault> {
        value.ok_or(PatternFault::Absent(part))
    }

    /// Writes the date by a pattern of Unicode (LDML): `yyyy`, `M`, `MM`, `d`, `HH:mm`; letters stand between `'…'` if
    /// they are meant as such.
    pub(crate) fn format(
        &self,
        pattern: &str,
        names: NameLanguage,
    ) -> Result<String, PatternFault> {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                rest = push_quoted(&mut out, rest)?;
                continue;
            }
            let end = rest.find(|c: char| c != first).unwrap_or(rest.len());
            let end = if first.is_ascii_alphabetic() { end } else { first.len_utf8() };
            let (field, after) = rest.split_at_offset(end);
            if first.is_ascii_alphabetic() {
                out.push_str(&self.format_field(field, first, names)?);
            } else {
                out.push(first);
            }
            rest = after;
        }
        Ok(out)
    }

    /// Writes one field of a pattern: the same letter several times.
    fn format_field(
        &self,
        field: &str,
        letter: char,
        names: NameLanguage,
    ) -> Result<String, PatternFault> {
        let padded = |value: u32| format!("{value:0>width$}", width = field.len());
        let year = || Self::part(self.year, DatePart::Year);
        let month = || Self::part(self.month, DatePart::Month);
        let day = || Self::part(self.day, DatePart::Day);
        let time = || self.time.ok_or(PatternFault::Absent(DatePart::Time));
        Ok(match (letter, field.len()) {
            ('y', 2) => format!("{:02}", year()? % 100),
            ('y', 1 | 4) => padded(year()?),
            ('M', 1 | 2) => padded(month()?),
            ('M', 3 | 4) => month_name(month()?, field.len() == 3, names),
            ('Q', 1) => month()?.div_ceil(3).to_string(),
            ('d', 1 | 2) => padded(day()?),
            ('E', 1..=4) => {
                let weekday = self.weekday().ok_or(PatternFault::Absent(DatePart::Day))?;
                day_name(weekday, field.len() < 4, names).to_owned()
            }
            ('H', 1 | 2) => padded(time()?.hour),
            ('h', 1 | 2) => padded((time()?.hour + 11) % 12 + 1),
            ('m', 1 | 2) => padded(time()?.minute),
            ('s', 1 | 2) => padded(time()?.second),
            ('S', 3) => padded(time()?.millisecond),
            ('a', 1) => half_of_day(time()?.hour, names).to_owned(),
            ('X', 3) => offset_text(time()?.offset.ok_or(PatternFault::Absent(DatePart::Zone))?),
            _ => return Err(PatternFault::Unknown(field.to_owned())),
        })
    }
}

impl TimeOfDay {
    /// Parses `8:30`, `08:30:15.250+08:00`, `8时30分`, `8点30分15秒`, `上午8时`.
    fn parse(text: &str) -> Option<Self> {
        let (text, offset) = split_offset(text)?;
        let later = ["下午", "晚上"].iter().find_map(|word| text.strip_prefix(word));
        let earlier = ["上午", "早上"].iter().find_map(|word| text.strip_prefix(word));
        let clock = later.or(earlier).unwrap_or(text).trim();
        let clock = clock.replace(['时', '点', '分'], ":").replace('秒', "");
        let (clock, fraction) = match clock.split_once(['.', ',']) {
            Some((clock, fraction)) => (clock.to_owned(), Some(fraction.to_owned())),
            None => (clock, None),
        };
        let parts: Vec<&str> = clock.strip_suffix(':').unwrap_or(&clock).split(':').collect();
        // An hour alone is a time only if it is called one.
        let named = text.contains(['时', '点']);
        if parts.len() > 3 || parts.len() < 2 && !named || fraction.is_some() && parts.len() < 3 {
            return None;
        }
        let part = |at: usize, most: u32| match parts.get(at) {
            Some(digits) => parse_number(digits, 2).filter(|value| *value <= most),
            None => Some(0),
        };
        let (hour, minute, second) = (part(0, 24)?, part(1, 59)?, part(2, 60)?);
        if hour == 24 && (minute > 0 || second > 0) || later.or(earlier).is_some() && hour > 12 {
            return None;
        }
        let hour = if later.is_some() && hour < 12 { hour + 12 } else { hour };
        let millisecond = match &fraction {
            Some(digits) => {
                let three: String = digits.chars().chain("000".chars()).take(3).collect();
                digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
                parse_number(&three, 3)?
            }
            None => 0,
        };
        Some(TimeOfDay { hour, minute, second, millisecond, offset })
    }
}

/// Splits the zone from a time: `Z`, `+08:00`, `-0530`.
fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock.trim_end(), Some(0)));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let (clock, zone) = text.split_at_offset(at);
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    if !digits.is_ascii() {
        return None;
    }
    let hours = parse_number(digits.floor_prefix(2), 2)?;
    let minutes = if digits.len() == 4 { parse_number(digits.slice(2..), 2)? } else { 0 };
    if !matches!(digits.len(), 2 | 4) || hours > 14 || minutes > 59 {
        return None;
    }
    let offset = i32::try_from(hours * 60 + minutes).ok()?;
    Some((clock.trim_end(), Some(if zone.starts_with('-') { -offset } else { offset })))
}

/// Splits a text into date and time.
fn split_time(text: &str) -> (&str, Option<&str>) {
    let after_date = |at: usize, width: usize| (text.slice(..at), Some(text.slice(at + width..)));
    if let Some(at) = text.find(['日', '号']) {
        let rest = text.slice(at + "日".len()..);
        let date = text.slice(..at + "日".len());
        return (date, (!rest.trim().is_empty()).then_some(rest));
    }
    match text.find(['T', 't', ' ', '\u{3000}']) {
        Some(at) => after_date(at, text.slice(at..).chars().next().map_or(1, char::len_utf8)),
        None if text.contains([':', '时', '点']) => ("", Some(text)),
        None => (text, None),
    }
}

/// Parses a year, a month of a year or a day.
fn parse_day(text: &str) -> Option<DateTime> {
    let chinese = text.contains('年');
    let parts: Vec<&str> = if chinese {
        let text = text.strip_suffix(['日', '号', '月', '年']).unwrap_or(text);
        text.split(['年', '月']).map(str::trim).collect()
    } else {
        text.split(['-', '/', '.']).collect()
    };
    let year = parse_number(parts.first().filter(|year| year.len() == 4 || chinese)?, 4)?;
    match parts.as_slice() {
        // A number alone is a year only if it is called one.
        [_] if chinese => DateTime::new(year, None, None),
        [_, month] => DateTime::new(year, Some(parse_number(month, 2)?), None),
        [_, month, day] => {
            DateTime::new(year, Some(parse_number(month, 2)?), Some(parse_number(day, 2)?))
        }
        _ => None,
    }
}

/// Parses a date of digits alone: `20260120`, a year, or the serial number of a spreadsheet.
fn parse_plain_digits(text: &str) -> Option<DateTime> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, month) = (parse_number(text.slice(..4), 4)?, parse_number(text.slice(4..6), 2)?);
        return DateTime::new(year, Some(month), Some(parse_number(text.slice(6..), 2)?));
    }
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return DateTime::new(parse_number(text, 4)?, None, None);
    }
    from_serial(text)
}

/// Least and greatest serial number that is taken for a date: 19 May 1927 to 14 October 2173. What is shorter is
/// rather a year or a count.
const SERIALS: std::ops::RangeInclusive<i128> = 10_000..=99_999;
/// Days from 1 January of the year 1 to 30 December 1899, the day 0 of spreadsheets from March 1900 on.
const SERIAL_EPOCH: u32 = 693_593;

/// Converts the serial number of a spreadsheet, in days; its fraction is the time, to the second.
fn from_serial(text: &str) -> Option<DateTime> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let number = Decimal::parse(text)?;
    let days = number.to_whole(super::arithmetic::WholeDirection::Down)?;
    let whole = days.to_integer().filter(|days| SERIALS.contains(days))?;
    let seconds = number.checked_sub(days)?.checked_mul(Decimal::from_count(86_400))?;
    let seconds = u32::try_from(seconds.round_to(0)?.to_integer()?).ok()?;
    let whole = u32::try_from(whole).ok()? + seconds / 86_400;
    let mut date = from_day_number(SERIAL_EPOCH + whole)?;
    if text.contains('.') {
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        date.time = Some(TimeOfDay { hour, minute, second, ..TimeOfDay::default() });
    }
    Some(date)
}

/// Returns the day of a number of days from 1 January of the year 1.
fn from_day_number(number: u32) -> Option<DateTime> {
    // Close from below; then the few years up to the right one.
    let mut year = (number / 366).max(1);
    while day_number(year + 1, 1, 1) <= number {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| day_number(year, *month, 1) <= number)?;
    DateTime::new(year, Some(month), Some(number - day_number(year, month, 1) + 1))
}

fn parse_number(digits: &str, most: usize) -> Option<u32> {
    let good =
        !digits.is_empty() && digits.len() <= most && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| digits.parse().ok())?
}

/// Writes what stands between quotes; two quotes are one. Returns what follows.
fn push_quoted<'t>(out: &mut String, text: &'t str) -> Result<&'t str, PatternFault> {
    let mut rest = text.slice(1..);
    if let Some(after) = rest.strip_prefix('\'') {
        out.push('\'');
        return Ok(after);
    }
    loop {
        let (inner, after) = rest.split_once('\'').ok_or(PatternFault::OpenQuote)?;
        out.push_str(inner);
        match after.strip_prefix('\'') {
            Some(more) => {
                out.push('\'');
                rest = more;
            }
            None => return Ok(after),
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ZH: [&str; 12] = [
    "一月",
    "二月",
    "三月",
    "四月",
    "五月",
    "六月",
    "七月",
    "八月",
    "九月",
    "十月",
    "十一月",
    "十二月",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_ZH: [&str; 7] = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];
const SHORT_DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

fn month_name(month: u32, short: bool, names: NameLanguage) -> String {
    let at = (month.saturating_sub(1) as usize).min(11);
    match names {
        NameLanguage::Zh if short => format!("{month}月"),
        NameLanguage::Zh => MONTHS_ZH[at].to_owned(),
        NameLanguage::En if short => MONTHS[at].floor_prefix(3).to_owned(),
        NameLanguage::En => MONTHS[at].to_owned(),
    }
}

fn day_name(weekday: usize, short: bool, names: NameLanguage) -> &'static str {
    let at = weekday.min(6);
    match names {
        NameLanguage::Zh if short => SHORT_DAYS_ZH[at],
        NameLanguage::Zh => DAYS_ZH[at],
        NameLanguage::En if short => DAYS[at].floor_prefix(3),
        NameLanguage::En => DAYS[at],
    }
}

fn half_of_day(hour: u32, names: NameLanguage) -> &'static str {
    match (names, hour % 24 < 12) {
        (NameLanguage::Zh, true) => "上午",
        (NameLanguage::Zh, false) => "下午",
        (NameLanguage::En, true) => "AM",
        (NameLanguage::En, false) => "PM",
    }
}

fn offset_text(offset: i32) -> String {
    let minutes = offset.unsigned_abs();
    match offset {
        0 => "Z".to_owned(),
        _ => {
            let sign = if offset < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, pattern: &str) -> String {
        let date = DateTime::parse(text).unwrap_or_else(|| panic!("{text}"));
        date.format(pattern, NameLanguage::En).unwrap()
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let same = [
            "2026-01-20",
            "2026/1/20",
            "2026.1.20",
            "20260120",
            "2026年1月20日",
            "2026年01月20号",
            " 2026-01-20T08:30:00+08:00 ",
            "2026-01-20 08:30",
            "2026年1月20日 8时30分",
            "46042",
            "46042.5",
            "2026年1月20日下午3点",
            "2026-01-20T23:59:60.123Z",
        ];
        for text in same {
            assert_eq!(shown(text, "yyyy-MM-dd EEEE"), "2026-01-20 Tuesday", "{text}");
        }
        assert_eq!(shown("2026-01", "yyyy/MM"), "2026/01");
        assert_eq!(shown("2026年1月", "yyyy/MM"), "2026/01");
        assert_eq!(shown("2026", "yy"), "26");
        assert_eq!(shown("2026年", "y"), "2026");
        assert_eq!(shown("46042.354166667", "HH:mm:ss"), "08:30:00");
        assert_eq!(shown("46042.999999", "d HH:mm"), "21 00:00");
        assert_eq!(shown("08:30", "h:mm a"), "8:30 AM");
        assert_eq!(shown("下午3点5分", "HH:mm"), "15:05");
        assert_eq!(
            shown("2026-01-20T08:30:15.25-05:30", "H时m分ss.SSS XXX"),
            "8时30分15.250 -05:30"
        );
        assert_eq!(shown("2026-01-20T00:05Z", "hh 'o''clock' XXX ''"), "12 o'clock Z '");
    }

    #[test]
    fn what_is_no_date_is_none() {
        let wrong = [
            "",
            "x",
            "2026-13",
            "2026-00-01",
            "2026-02-29",
            "2026-1-32",
            "26-1-1",
            "1",
            "123",
            "9999999",
            "2026-01-20 25:00",
            "2026-01-20 24:01",
            "2026-01T08:30",
            "20261301",
            "0000-01-01",
            "1.5",
            "2026年13月",
            "99999999999999999999",
            "100000",
            "8",
            "12:60",
            "2026-01-20+08:00x",
            "-46042",
            "1e5",
            "2026-01-20 下午13时",
            "2026--01",
            "2026-01-",
            "08:30.5",
        ];
        for text in wrong {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_right() {
        assert_eq!(shown("10000", "yyyy-MM-dd"), "1927-05-18");
        assert_eq!(shown("43831", "yyyy-MM-dd"), "2020-01-01");
        assert_eq!(shown("45351", "yyyy-MM-dd"), "2024-02-29");
        assert_eq!(shown("99999", "yyyy-MM-dd"), "2173-10-13");
        for serial in 10_000..99_999_u32 {
            let date = DateTime::parse(&serial.to_string()).unwrap();
            let (year, month, day) = (date.year.unwrap(), date.month.unwrap(), date.day.unwrap());
            assert_eq!(day_number(year, month, day), SERIAL_EPOCH + serial);
        }
    }

    #[test]
    fn patterns_are_checked() {
        let fault = |text: &str, pattern: &str| {
            DateTime::parse(text).unwrap().format(pattern, NameLanguage::Zh).unwrap_err()
        };
        assert_eq!(fault("2026-01-20", "YYYY-MM-DD"), PatternFault::Unknown("YYYY".into()));
        assert_eq!(fault("2026-01-20", "yyy"), PatternFault::Unknown("yyy".into()));
        assert_eq!(fault("2026-01-20", "d 'x"), PatternFault::OpenQuote);
        assert_eq!(fault("2026-01", "d"), PatternFault::Absent(DatePart::Day));
        assert_eq!(fault("2026-01-20", "HH"), PatternFault::Absent(DatePart::Time));
        assert_eq!(fault("2026-01-20 08:30", "XXX"), PatternFault::Absent(DatePart::Zone));
        let zh = |text: &str, pattern: &str| {
            DateTime::parse(text).unwrap().format(pattern, NameLanguage::Zh).unwrap()
        };
        assert_eq!(zh("2026-01-20 15:04", "M月d日（EEE）ah:mm"), "1月20日（周二）下午3:04");
        assert_eq!(zh("2026-11-01", "MMMM MMM EEEE 第Q季度"), "十一月 11月 星期日 第4季度");
    }
}
