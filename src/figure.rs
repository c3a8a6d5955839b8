//! Owns reading figures: exact decimals as a report writes them.
//! Must not know floating point, cells or files.

use crate::limits::MAX_FIGURE_DIGITS as MAX_DIGITS;
pub use docx_fill::template::Decimal;

/// Maximum number of digits after the decimal point.
const MAX_SCALE: u32 = 9;

/// The reason for which a text is not a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureError {
    /// Not of the form `-12.50`.
    Malformed,
    /// More digits than the limit.
    TooLong,
}

/// Parses `12`, `-3`, `12.50`; no exponent, no blanks, no thousands separators. Sums of a thousand figures are exact.
pub fn parse_decimal(text: &str) -> Result<Decimal, FigureError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(FigureError::Malformed);
    }
    let fraction = if digits.contains('.') { fraction } else { "" };
    let scale = u32::try_from(fraction.len()).ok().filter(|scale| *scale <= MAX_SCALE);
    let scale = scale.ok_or(FigureError::TooLong)?;
    if whole.trim_start_matches('0').len() + fraction.len() > MAX_DIGITS {
        return Err(FigureError::TooLong);
    }
    let digits = whole.bytes().chain(fraction.bytes());
    let units = digits.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    Decimal::new(if negative { -units } else { units }, scale).ok_or(FigureError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        parse_decimal(text).expect(text)
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
                parse_decimal(text).map(|d| d.to_string()),
                Err(FigureError::Malformed),
                "{text}"
            );
        }
        let long = "9".repeat(400);
        for text in ["1.0123456789", long.as_str()] {
            assert!(matches!(parse_decimal(text), Err(FigureError::TooLong)));
        }
    }

    #[test]
    fn sums_of_a_thousand_figures_are_exact() {
        let long = d(&"9".repeat(MAX_DIGITS));
        let sum = (0..1000).fold(Decimal::ZERO, |sum, _| sum + long);
        assert!(sum.is_exact() && sum - d("0.000000001") < sum);
    }
}
