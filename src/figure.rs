//! Owns exact decimal numbers: counts and amounts as written, added without rounding.
//! Must not know floating point, cells or files.

use crate::limits::MAX_FIGURE_DIGITS as MAX_DIGITS;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Neg, Sub};

/// Maximum number of digits after the decimal point.
const MAX_SCALE: u8 = 9;
/// Maximum of `units`. Converted to a finer scale (times 10^9), two such numbers can still be added
/// without overflow.
const MAX_UNITS: i128 = 50_000_000_000_000_000_000_000_000_000;

/// A decimal number: `units` × 10^−`scale`. Equal values compare equal whatever their scale.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    scale: u8,
}

/// The reason for which a text is not a [`Decimal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Not of the form `-12.50`.
    Malformed,
    /// More digits than the limit.
    TooLong,
}

impl Decimal {
    /// The number 0.
    pub const ZERO: Decimal = Decimal { units: 0, scale: 0 };

    /// Parses `12`, `-3`, `12.50`; no exponent, no blanks, no thousands separators.
    pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(DecimalError::Malformed);
        }
        let fraction = if digits.contains('.') { fraction } else { "" };
        let scale = u8::try_from(fraction.len()).ok().filter(|s| *s <= MAX_SCALE);
        let scale = scale.ok_or(DecimalError::TooLong)?;
        if whole.trim_start_matches('0').len() + fraction.len() > MAX_DIGITS {
            return Err(DecimalError::TooLong);
        }
        let digits = whole.bytes().chain(fraction.bytes());
        let units = digits.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        Ok(Decimal { units: if negative { -units } else { units }, scale })
    }

    /// Checks whether the number is whole.
    pub fn is_whole(self) -> bool {
        self.units % 10_i128.pow(u32::from(self.scale)) == 0
    }

    /// The number as an integer; `None` if it is written with decimals.
    pub fn to_i128(self) -> Option<i128> {
        (self.scale == 0).then_some(self.units)
    }

    /// Checks whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Checks whether the number is a whole multiple of `count`.
    pub fn is_multiple_of(self, count: u32) -> bool {
        self.is_whole()
            && (self.units / 10_i128.pow(u32::from(self.scale))) % i128::from(count.max(1)) == 0
    }

    /// Returns `count` times the number.
    #[must_use]
    pub fn multiplied_by(self, count: u32) -> Decimal {
        Decimal::clamp_units(self.units.saturating_mul(i128::from(count)), self.scale)
    }

    /// Checks whether the number is exact. Sums of a thousand numbers accepted by
    /// [`Decimal::parse`] always are; larger results are clamped to the maximum and must not be
    /// shown.
    pub fn is_exact(self) -> bool {
        self.units.abs() < MAX_UNITS
    }

    /// Clamps units so that aligning two numbers cannot overflow.
    fn clamp_units(units: i128, scale: u8) -> Decimal {
        Decimal { units: units.clamp(-MAX_UNITS, MAX_UNITS), scale }
    }

    /// Returns both numbers in the units of the finer one, and its scale.
    fn align_scales(self, other: Decimal) -> (i128, i128, u8) {
        if self.scale == other.scale {
            return (self.units, other.units, self.scale);
        }
        let scale = self.scale.max(other.scale);
        let lift = |d: Decimal| d.units.saturating_mul(10_i128.pow(u32::from(scale - d.scale)));
        (lift(self), lift(other), scale)
    }
}

impl From<u32> for Decimal {
    fn from(count: u32) -> Self {
        Decimal { units: i128::from(count), scale: 0 }
    }
}

impl Add for Decimal {
    type Output = Decimal;
    fn add(self, other: Decimal) -> Decimal {
        let (a, b, scale) = self.align_scales(other);
        Decimal::clamp_units(a.saturating_add(b), scale)
    }
}

impl Neg for Decimal {
    type Output = Decimal;
    fn neg(self) -> Decimal {
        Decimal { units: -self.units, ..self }
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
        let (a, b, _) = self.align_scales(*other);
        a.cmp(&b)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs();
        let unit = 10_u128.pow(u32::from(self.scale));
        write!(out, "{sign}{}", digits / unit)?;
        if self.scale > 0 {
            write!(out, ".{:0width$}", digits % unit, width = usize::from(self.scale))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    #[test]
    fn reads_and_writes() {
        for text in ["0", "12", "-3", "59237.2449", "1.20", "0.05", "-0.5", "11398889"] {
            assert_eq!(d(text).to_string(), text);
        }
        assert_eq!(d("007").to_string(), "7");
        assert_eq!(d("+4").to_string(), "4");
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in
            ["", "-", "1e9", "1.", ".5", "１２", "1,000", " 1", "inf", "0x1", "--1", "1.2.3"]
        {
            assert_eq!(
                Decimal::parse(text).map(|d| d.to_string()),
                Err(DecimalError::Malformed),
                "{text}"
            );
        }
        let long = "9".repeat(400);
        for text in ["1.0123456789", long.as_str()] {
            assert!(matches!(Decimal::parse(text), Err(DecimalError::TooLong)));
        }
    }

    #[test]
    fn what_grows_without_end_is_held_and_known() {
        let long = d(&"9".repeat(24));
        let fine = d("0.000000001");
        let sum = (0..1000).fold(Decimal::ZERO, |sum, _| sum + long);
        assert!(sum.is_exact() && (sum - fine) < sum);
        let mut grown = long;
        for _ in 0..200 {
            grown = grown + grown;
            assert!(grown.is_exact() || grown.cmp(&fine) == Ordering::Greater);
        }
        assert!(
            !grown.is_exact() && !(-grown).is_exact() && !long.multiplied_by(u32::MAX).is_exact()
        );
        assert!(grown > long && -grown < -long && grown + fine >= grown - fine);
    }

    #[test]
    fn adds_exactly() {
        assert_eq!(d("0.1") + d("0.2"), d("0.3"));
        assert_eq!(d("1.50") - d("2"), d("-0.5"));
        assert_eq!(d("2.0"), d("2"));
        assert!(d("2.0").is_whole() && !d("2.5").is_whole());
        assert_eq!((d("-12").to_i128(), d("12.0").to_i128()), (Some(-12), None));
    }
}
