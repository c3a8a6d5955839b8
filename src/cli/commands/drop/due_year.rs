//! Owns determining the year whose report is due on a day.
//! Must not know the use of the result.

use nianbao::report::Date;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Offset of China's time from UTC, constant all year round.
const CHINA_TIME_OFFSET: Duration = Duration::from_hours(8);
/// Month from which offices begin with the report of the current year.
const FIRST_DUE_MONTH: u8 = 12;
const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// Returns today's date in China. This is the only use of a clock that affects what is written.
#[allow(clippy::disallowed_methods, reason = "the year that is due follows from the day")]
pub(super) fn today_in_china() -> Date {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    date_from_days(now.saturating_add(CHINA_TIME_OFFSET).as_secs() / SECONDS_OF_A_DAY)
}

/// Returns the year whose report is due: last year, in December already the current one.
pub(super) fn due_year(today: Date) -> u16 {
    if today.month >= FIRST_DUE_MONTH { today.year } else { today.year.saturating_sub(1) }
}

/// Returns the day that is `days` after 1 January 1970, by cycles of 400 years, each of 146,097
/// days.
fn date_from_days(days: u64) -> Date {
    // In years that begin in March the leap day is the last one.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (400 * era + year, month + 3),
        _ => (400 * era + year + 1, month - 9),
    };
    let small = |value: u64| u8::try_from(value).unwrap_or(1);
    Date { year: u16::try_from(year).unwrap_or(u16::MAX), month: small(month), day: small(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_453, "2025-12-31"),
            (20_454, "2026-01-01"),
            (20_786, "2026-11-29"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date_from_days(days).to_string(), expected);
        }
        // Every day of four centuries follows the day before.
        let follows = |before: Date, after: Date| {
            let same = before.month == after.month && before.year == after.year;
            same && before.day + 1 == after.day || !same && after.day == 1
        };
        assert!((0..146_097).all(|day| follows(date_from_days(day), date_from_days(day + 1))));
        assert!((0..146_097).all(|day| Date::parse(&date_from_days(day).to_string()).is_some()));
    }

    #[test]
    fn a_year_is_due_from_december_on() {
        let due = |day: &str| due_year(Date::parse(day).expect("a day"));
        assert_eq!((due("2026-11-30"), due("2026-12-01")), (2025, 2026));
        assert_eq!((due("2027-01-20"), due("2027-11-30")), (2026, 2026));
    }
}
