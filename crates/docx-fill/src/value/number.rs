//! Owns exact decimal numbers, as templates print them and programs add them: never binary fractions.
//! Must not know the syntax of JSON beyond the digits of a number.

use crate::slice::TextSlice as _;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Neg, Sub};

/// An exact decimal number, `mantissa / 10^scale`. Equal values compare equal whatever their scale.
///
/// The operators `+` and `-` hold sums within 5·10^28 of the last decimal place; [`Decimal::is_exact`] tells when that
/// limit is reached.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    pub(super) mantissa: i128,
    pub(super) scale: u32,
}

/// Maximum number of decimal places in a template.
pub(crate) const MAX_DECIMAL_PLACES: u32 = 12;

/// Maximum of the mantissa of sums. At a scale finer by nine digits, two such numbers can still be added without overflow.
const MAX_SUM: i128 = 50_000_000_000_000_000_000_000_000_000;
/// Maximum scale: ten to this power is a number of 128 bits.
const MAX_SCALE: u32 = 38;

impl Decimal {
    /// The number 0.
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };

    /// Returns `mantissa / 10^scale`; `None` if there are more than 38 decimal places.
    pub fn new(mantissa: i128, scale: u32) -> Option<Self> {
        (scale <= MAX_SCALE).then_some(Decimal { mantissa, scale })
    }

    /// Returns the number as an integer; `None` if it is written with decimals, as 12.0 is.
    pub fn to_i128(self) -> Option<i128> {
        (self.scale == 0).then_some(self.mantissa)
    }

    /// Checks whether the number is whole.
    pub fn is_whole(self) -> bool {
        self.to_integer().is_some()
    }

    /// Checks whether the number is a whole multiple of `count`.
    pub fn is_multiple_of(self, count: u32) -> bool {
        self.to_integer().is_some_and(|whole| whole % i128::from(count.max(1)) == 0)
    }

    /// Returns `count` times the number, within the limit of sums.
    #[must_use]
    pub fn multiplied_by(self, count: u32) -> Decimal {
        Decimal::clamp_sum(self.mantissa.saturating_mul(i128::from(count)), self.scale)
    }

    /// Checks whether a sum is exact and not held at the limit of sums; one that is not must not be shown.
    pub fn is_exact(self) -> bool {
        self.mantissa.abs() < MAX_SUM
    }

    /// Holds a sum within the limit, so that aligning two numbers cannot overflow.
    fn clamp_sum(mantissa: i128, scale: u32) -> Decimal {
        Decimal { mantissa: mantissa.clamp(-MAX_SUM, MAX_SUM), scale }
    }

    /// Returns the digits before and after the decimal point, of which the latter are nines of `10^scale` at most.
    fn whole_and_fraction(self) -> (i128, i128) {
        let unit = power_of_ten(self.scale).unwrap_or(i128::MAX);
        (self.mantissa / unit, self.mantissa % unit)
    }

    /// Parses `-12.50` or `1e3`; trailing zeros are kept.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all(whole) || !all(fraction) || digits.ends_with('.') {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let mantissa = if negative { -mantissa } else { mantissa };
        match u32::try_from(scale) {
            Ok(scale) if scale <= 30 => Some(Decimal { mantissa, scale }),
            Ok(_) => None,
            Err(_) => {
                let mantissa = mantissa.checked_mul(power_of_ten(scale.unsigned_abs())?)?;
                Some(Decimal { mantissa, scale: 0 })
            }
        }
    }

    pub(crate) fn from_count(count: usize) -> Self {
        Decimal { mantissa: count as i128, scale: 0 }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Checks whether the number is below zero.
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let mantissa =
            self.mantissa_at_scale(scale)?.checked_add(other.mantissa_at_scale(scale)?)?;
        Some(Decimal { mantissa, scale })
    }

    /// Returns the integer value, if it is one; 12.00 is 12.
    pub fn to_integer(self) -> Option<i128> {
        let unit = power_of_ten(self.scale)?;
        (self.mantissa % unit == 0).then(|| self.mantissa / unit)
    }

    /// Divides by a power of ten.
    #[cfg(feature = "chinese")]
    pub(crate) fn scaled_down(self, digits: u32) -> Self {
        Decimal { mantissa: self.mantissa, scale: (self.scale + digits).min(MAX_SCALE) }
    }

    /// Rounds to a number of decimal places, half away from zero.
    pub(crate) fn round_to(self, places: u32) -> Option<Self> {
        if places >= self.scale {
            return Some(Decimal { mantissa: self.mantissa_at_scale(places)?, scale: places });
        }
        let mantissa = divide_half_up(self.mantissa, power_of_ten(self.scale - places)?)?;
        Some(Decimal { mantissa, scale: places })
    }

    /// Returns `100 · self / whole`, rounded to a number of decimal places, half away from zero; `None` if
    /// `whole` is zero.
    pub(crate) fn percent_of(self, whole: Self, places: u32) -> Option<Self> {
        let scale = self.scale.max(whole.scale);
        let part = self.mantissa_at_scale(scale)?.checked_mul(power_of_ten(places + 2)?)?;
        let mantissa = divide_half_up(part, whole.mantissa_at_scale(scale)?)?;
        Some(Decimal { mantissa, scale: places })
    }

    /// Removes trailing zeros of the fraction.
    pub(crate) fn trim_zeros(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Formats the number, optionally with digit grouping by thousands.
    pub(crate) fn format_digits(self, grouped: bool) -> String {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at_offset(digits.len() - scale);
        let mut out = String::new();
        if self.mantissa < 0 {
            out.push('-');
        }
        for (at, digit) in whole.chars().enumerate() {
            if grouped && at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        if scale > 0 {
            out.push('.');
            out.push_str(fraction);
        }
        out
    }

    pub(super) fn mantissa_at_scale(self, scale: u32) -> Option<i128> {
        self.mantissa.checked_mul(power_of_ten(scale - self.scale)?)
    }
}

impl From<u32> for Decimal {
    fn from(count: u32) -> Self {
        Decimal { mantissa: i128::from(count), scale: 0 }
    }
}

impl Add for Decimal {
    type Output = Decimal;

    fn add(self, other: Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        let lift = |one: Decimal| {
            let unit = power_of_ten(scale - one.scale).unwrap_or(i128::MAX);
            one.mantissa.saturating_mul(unit)
        };
        Decimal::clamp_sum(lift(self).saturating_add(lift(other)), scale)
    }
}

impl Neg for Decimal {
    type Output = Decimal;

    fn neg(self) -> Decimal {
        Decimal { mantissa: self.mantissa.saturating_neg(), ..self }
    }
}

impl Sub for Decimal {
    type Output = Decimal;

    fn sub(self, other: Decimal) -> Decimal {
        self + -other
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let (whole, fraction) = self.whole_and_fraction();
        let (other_whole, other_fraction) = other.whole_and_fraction();
        let scale = self.scale.max(other.scale);
        // A fraction is less than one, so that it fits at any scale.
        let lift = |fraction: i128, from: u32| {
            fraction.saturating_mul(power_of_ten(scale - from).unwrap_or(i128::MAX))
        };
        whole
            .cmp(&other_whole)
            .then(lift(fraction, self.scale).cmp(&lift(other_fraction, other.scale)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.format_digits(false))
    }
}

pub(super) fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

pub(super) fn divide_half_up(dividend: i128, divisor: i128) -> Option<i128> {
    let quotient = dividend.checked_div(divisor)?;
    let rest = (dividend % divisor).unsigned_abs();
    let away = rest >= divisor.unsigned_abs() - rest;
    let sign = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    Some(if away && rest > 0 { quotient + sign } else { quotient })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_stay_exact() {
        assert_eq!(number("0.1").checked_add(number("0.2")).unwrap().format_digits(false), "0.3");
        assert_eq!(number("12.50").format_digits(false), "12.50");
        assert_eq!(number("1e3").format_digits(false), "1000");
        assert_eq!(number("1.5e-3").format_digits(false), "0.0015");
        assert_eq!(number("-1234567.8").format_digits(true), "-1,234,567.8");
        assert_eq!(number("123").format_digits(true), "123");
        assert!(Decimal::parse("1.").is_none() && Decimal::parse(".5").is_none());
        assert!(Decimal::parse("1e99").is_none() && Decimal::parse("一").is_none());
    }

    #[test]
    fn numbers_compare_whatever_their_scale() {
        assert_eq!(number("2.0"), number("2"));
        assert_eq!(number("-0.50"), number("-0.5"));
        for (less, more) in [
            ("-1", "-0.5"),
            ("-0.5", "0"),
            ("1.5", "1.51"),
            ("99999999999999999999999999999999999999", "100000000000000000000000000000000000000"),
            ("0.000000000000000000000000000001", "99999999999999999999999999999999999999"),
        ] {
            assert!(number(less) < number(more) && number(more) > number(less), "{less} {more}");
        }
        assert_eq!((number("-12").to_i128(), number("12.0").to_i128()), (Some(-12), None));
        assert_eq!(number("12.0").to_integer(), Some(12));
        assert!(number("2.0").is_whole() && !number("2.5").is_whole());
        assert!(number("20").is_multiple_of(10) && !number("20.5").is_multiple_of(10));
    }

    #[test]
    fn sums_are_exact_or_known_not_to_be() {
        assert_eq!(number("0.1") + number("0.2"), number("0.3"));
        assert_eq!(number("1.50") - number("2"), number("-0.5"));
        let (long, fine) = (number(&"9".repeat(24)), number("0.000000001"));
        let sum = (0..1000).fold(Decimal::ZERO, |sum, _| sum + long);
        assert!(sum.is_exact() && (sum - fine) < sum);
        let mut grown = long;
        for _ in 0..200 {
            grown = grown + grown;
            assert!(grown.is_exact() || grown > fine);
        }
        assert!(!grown.is_exact() && !(-grown).is_exact());
        assert!(!long.multiplied_by(u32::MAX).is_exact());
        assert!(grown > long && -grown < -long && grown + fine >= grown - fine);
    }

    #[test]
    fn halves_round_away_from_zero() {
        let fixed = |text, places| number(text).round_to(places).unwrap().format_digits(false);
        assert_eq!(fixed("2.675", 2), "2.68");
        assert_eq!(fixed("-2.675", 2), "-2.68");
        assert_eq!(fixed("2.674", 2), "2.67");
        assert_eq!(fixed("3", 2), "3.00");
        assert_eq!(fixed("0.5", 0), "1");
        let percent = |a, b| number(a).percent_of(number(b), 2).map(|n| n.format_digits(false));
        assert_eq!(percent("1", "3").as_deref(), Some("33.33"));
        assert_eq!(percent("2", "3").as_deref(), Some("66.67"));
        assert_eq!(percent("1", "800").as_deref(), Some("0.13"));
        assert_eq!(percent("1", "0"), None);
    }
}
