//! Owns numbers as templates print them: exact decimals, never binary fractions.
//! Must not know the syntax of JSON beyond the digits of a number.

use crate::slice::TextSlice as _;
use std::cmp::Ordering;

/// An exact decimal number, `mantissa / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    mantissa: i128,
    scale: u32,
}

/// Maximum number of decimal places in a template.
pub(crate) const MAX_DECIMAL_PLACES: u32 = 12;

impl Decimal {
    /// Parses `-12.50` or `1e3`; trailing zeros are kept.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
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

    #[cfg(feature = "chinese")]
    pub(crate) fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let mantissa =
            self.mantissa_at_scale(scale)?.checked_add(other.mantissa_at_scale(scale)?)?;
        Some(Decimal { mantissa, scale })
    }

    pub(crate) fn checked_cmp(self, other: Self) -> Option<Ordering> {
        let scale = self.scale.max(other.scale);
        Some(self.mantissa_at_scale(scale)?.cmp(&other.mantissa_at_scale(scale)?))
    }

    /// Returns the integer value, if it is one.
    pub(crate) fn to_integer(self) -> Option<i128> {
        let unit = power_of_ten(self.scale)?;
        (self.mantissa % unit == 0).then(|| self.mantissa / unit)
    }

    /// Divides by a power of ten.
    #[cfg(feature = "chinese")]
    pub(crate) fn scaled_down(self, digits: u32) -> Self {
        Decimal { mantissa: self.mantissa, scale: self.scale + digits }
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

    fn mantissa_at_scale(self, scale: u32) -> Option<i128> {
        self.mantissa.checked_mul(power_of_ten(scale - self.scale)?)
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

fn divide_half_up(dividend: i128, divisor: i128) -> Option<i128> {
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
