//! Owns lengths as Word documents write them: twentieths of a point, or a number with a unit (22.9.2.14, 22.9.2.15).
//! Must not know what is measured.

/// Units, each with the twentieths of a point that it has.
const UNITS: [(&str, f64); 6] = [
    ("mm", 1440.0 / 25.4),
    ("cm", 1440.0 / 2.54),
    ("in", 1440.0),
    ("pt", 20.0),
    ("pc", 240.0),
    ("pi", 240.0),
];

/// Returns a length in twentieths of a point; `None` if it is none.
pub(crate) fn parse_twips(text: &str) -> Option<f64> {
    let measured = UNITS.iter().find_map(|(unit, twips)| Some((text.strip_suffix(unit)?, twips)));
    let (number, twips) = measured.unwrap_or((text, &1.0));
    let number: f64 = number.trim().parse().ok()?;
    Some(number * twips).filter(|twips| twips.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_units_or_none() {
        let rounded = |text| parse_twips(text).map(f64::round);
        assert_eq!(
            ["11906", "595.30pt", "210mm", "21.0cm", "1in", "6pc", "-1.5pt", " 7 "].map(rounded),
            [11906.0, 11906.0, 11906.0, 11906.0, 1440.0, 1440.0, -30.0, 7.0].map(Some)
        );
        assert_eq!(["", "pt", "50%", "NaN", "inf"].map(rounded), [None; 5]);
    }
}
