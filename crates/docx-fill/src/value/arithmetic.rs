//! Owns arithmetic of exact decimals; `None` is a result that has too many digits.
//! Must not know where numbers come from.

use super::number::{Decimal, MAX_DECIMAL_PLACES, divide_half_up, power_of_ten};

/// Most decimal places of a number.
const MAX_SCALE: u32 = 30;

/// The direction in which a number is made whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WholeDirection {
    Down,
    Up,
}

impl Decimal {
    pub(crate) fn negated(self) -> Self {
        Decimal { mantissa: -self.mantissa, scale: self.scale }
    }

    pub(crate) fn absolute(self) -> Self {
        if self.is_negative() { self.negated() } else { self }
    }

    pub(crate) fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated())
    }

    pub(crate) fn checked_mul(self, other: Self) -> Option<Self> {
        let product = |a: Self, b: Self| {
            let (mantissa, scale) = (a.mantissa.checked_mul(b.mantissa)?, a.scale + b.scale);
            (scale <= MAX_SCALE).then_some(Decimal { mantissa, scale })
        };
        product(self, other).or_else(|| product(self.trim_zeros(), other.trim_zeros()))
    }

    /// Returns the quotient rounded to a number of decimal places, half away from zero; `None` also if `other` is
    /// zero.
    pub(crate) fn divided_by(self, other: Self, places: u32) -> Option<Self> {
        let (a, b) = (self.trim_zeros(), other.trim_zeros());
        let scale = a.scale.max(b.scale);
        let dividend = a.mantissa_at_scale(scale)?.checked_mul(power_of_ten(places)?)?;
        let mantissa = divide_half_up(dividend, b.mantissa_at_scale(scale)?)?;
        Some(Decimal { mantissa, scale: places })
    }

    /// Returns the exact quotient, if it has at most [`MAX_DECIMAL_PLACES`] decimal places.
    pub(crate) fn divided_exactly(self, other: Self) -> Option<Self> {
        (0..=MAX_DECIMAL_PLACES).find_map(|places| {
            let quotient = self.divided_by(other, places)?;
            let back = quotient.checked_mul(other)?.checked_sub(self)?;
            back.is_zero().then_some(quotient)
        })
    }

    /// Returns what is left of a division whose quotient is rounded down, so that it has the sign of `other`.
    pub(crate) fn modulo(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.mantissa_at_scale(scale)?, other.mantissa_at_scale(scale)?);
        let rest = a.checked_rem(b)?;
        let mantissa = if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest };
        Some(Decimal { mantissa, scale })
    }

    /// Returns the next whole number below or above.
    pub(crate) fn to_whole(self, direction: WholeDirection) -> Option<Self> {
        let unit = power_of_ten(self.scale)?;
        let down = self.mantissa.div_euclid(unit);
        let exact = self.mantissa.rem_euclid(unit) == 0;
        let mantissa = if exact || direction == WholeDirection::Down { down } else { down + 1 };
        Some(Decimal { mantissa, scale: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn shown(number: Option<Decimal>) -> Option<String> {
        number.map(|number| number.format_digits(false))
    }

    #[test]
    fn arithmetic_is_exact() {
        let is =
            |found: Option<Decimal>, text: &str| assert_eq!(shown(found).as_deref(), Some(text));
        is(number("0.3").checked_sub(number("0.1")), "0.2");
        is(number("1.50").checked_mul(number("2")), "3.00");
        is(number("-0.1").checked_mul(number("0.1")), "-0.01");
        is(number("10").divided_by(number("3"), 2), "3.33");
        is(number("-10").divided_by(number("3"), 0), "-3");
        is(number("1").divided_exactly(number("8")), "0.125");
        is(number("6.0").divided_exactly(number("3")), "2");
        is(number("7.5").modulo(number("2")), "1.5");
        is(number("-7").modulo(number("3")), "2");
        is(number("7").modulo(number("-3")), "-2");
        is(number("-1.5").to_whole(WholeDirection::Down), "-2");
        is(number("-1.5").to_whole(WholeDirection::Up), "-1");
        is(number("1.0001").to_whole(WholeDirection::Up), "2");
        is(number("2.00").to_whole(WholeDirection::Up), "2");
        assert!(number("1").divided_exactly(number("3")).is_none());
        assert!(number("1").divided_by(number("0.00"), 2).is_none());
        assert!(number("1").modulo(number("0")).is_none());
        let large = number(&"9".repeat(38));
        assert!(large.checked_mul(large).is_none() && large.checked_add(large).is_none());
        let small = Decimal::parse(&format!("0.{}1", "0".repeat(29))).unwrap();
        assert!(small.checked_mul(small).is_none());
    }
}
