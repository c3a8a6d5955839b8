//! Owns signed sums: a term with its sign, of whatever it stands for, and the one way in which terms are added up.
//! Must not know what a term stands for, nor where its value comes from.

use crate::figure::Decimal;

/// A signed term of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term<T> {
    /// True if it is subtracted.
    pub minus: bool,
    /// The row, column or cell for which it stands.
    pub of: T,
}

impl<T> Term<T> {
    /// Returns the same sign before something else.
    pub fn with<U>(&self, of: U) -> Term<U> {
        Term { minus: self.minus, of }
    }
}

/// Returns the sum of terms; nothing if one of them has no value.
pub fn sum_terms<T>(terms: &[Term<T>], value: impl Fn(&T) -> Option<Decimal>) -> Option<Decimal> {
    terms.iter().try_fold(Decimal::ZERO, |sum, term| {
        let number = value(&term.of)?;
        Some(if term.minus { sum - number } else { sum + number })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_a_gap_has_no_value() {
        let terms = [Term { minus: false, of: 5 }, Term { minus: true, of: 7 }];
        assert_eq!(sum_terms(&terms, |of| Some(Decimal::from(*of))), Some(-Decimal::from(2)));
        assert_eq!(sum_terms(&terms, |of| (*of < 6).then_some(Decimal::ZERO)), None);
    }
}
