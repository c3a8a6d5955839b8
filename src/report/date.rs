//! Owns calendar days: reading them as data files and as people write them, and writing them.
//! Must not know what a day means.

use crate::data::to_half_width;
use docx_fill::template::numerals;

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Year, for instance 2025.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Parses `2026-01-20`; returns `None` if there is no such day.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let plain = [year, month, day].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
        let date =
            Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let leap = date.year.is_multiple_of(4)
            && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400));
        let days = match date.month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => 31,
        };
        let valid = plain && parts.next().is_none() && year.len() == 4;
        (valid && (1..=12).contains(&date.month) && (1..=days).contains(&date.day)).then_some(date)
    }

    /// Parses a text that is only a day as people write it: `2026年1月20日`, `2026/1/20`, `2026.01.20`,
    /// 二〇二六年一月二十日, with full-width characters, blanks and brackets.
    pub fn parse_written(text: &str) -> Option<Date> {
        let visible = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}');
        let text: String = visible.map(|c| to_half_width(c).unwrap_or(c)).collect();
        let text = text.trim_start_matches('(').trim_end_matches(')');
        let (year, month, day) = match text.split_once('年') {
            Some((year, rest)) => {
                let (month, day) = rest.split_once('月')?;
                (year, month, day.strip_suffix('日')?)
            }
            None => {
                let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
                let (year, rest) = text.split_once(separator)?;
                let (month, day) = rest.split_once(separator)?;
                (year, month, day)
            }
        };
        let year: String = year.chars().map(|c| numerals::year_digit(c).unwrap_or(c)).collect();
        Date::parse(&format!("{year}-{}-{}", two_digits(month), two_digits(day)))
    }

    /// Returns the day as documents write it: `2026年1月20日`.
    pub fn in_words(self) -> String {
        let Date { year, month, day } = self;
        format!("{year}年{month}月{day}日")
    }
}

/// Returns the number of a month or day with two digits; what is no number stays as it is.
fn two_digits(written: &str) -> String {
    let number = numerals::read_number(written).map_or(written.to_owned(), |n| n.to_string());
    format!("{number:0>2}")
}

impl std::fmt::Display for Date {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist() {
        for good in ["2026-01-20", "2024-02-29", "2000-02-29"] {
            assert_eq!(Date::parse(good).map(|d| d.to_string()).as_deref(), Some(good));
        }
        for bad in
            ["2026-02-29", "2026-13-01", "2026-1", "26-01-01", "2026-00-10", "2026-04-31", "x"]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in [
            "2026年1月20日",
            "（2026 年 1 月 20 日）",
            "2026/1/20",
            "2026.01.20",
            "２０２６－０１－２０",
            "二〇二六年一月二十日",
            "二○二六年1月20日",
        ] {
            let found = Date::parse_written(text).map(|date| date.to_string());
            assert_eq!(found.as_deref(), Some("2026-01-20"), "{text}");
        }
        for text in
            ["2026年1月20日印发", "2026年1月", "2026-1/20", "2026年2月30日", "26年1月2日", ""]
        {
            assert_eq!(Date::parse_written(text), None, "{text}");
        }
        assert_eq!(Date::parse("2026-01-05").map(Date::in_words).as_deref(), Some("2026年1月5日"));
    }
}
