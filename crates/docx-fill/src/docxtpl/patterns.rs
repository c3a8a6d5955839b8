//! Owns patterns of Python for dates and numbers, and ours for the same.
//! Must not know where they stand.

/// Returns our pattern for dates that does what one of `strftime` does.
pub(super) fn date_pattern(strftime: &str) -> Option<String> {
    let mut out = String::new();
    let mut literal = String::new();
    let mut chars = strftime.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            literal.push(c);
            continue;
        }
        let bare = chars.next_if(|&c| c == '-' || c == '#').is_some();
        let letter = chars.next()?;
        if letter == '%' {
            literal.push('%');
            continue;
        }
        let ours = date_letters(letter, bare)?;
        end_literal(&mut out, &mut literal)?;
        out.push_str(ours);
    }
    end_literal(&mut out, &mut literal)?;
    Some(out)
}

/// Returns our letters for a part of a date; `bare` without a leading zero.
fn date_letters(letter: char, bare: bool) -> Option<&'static str> {
    Some(match (letter, bare) {
        ('Y', false) => "yyyy",
        ('y', false) => "yy",
        ('m', false) => "MM",
        ('m', true) => "M",
        ('d', false) => "dd",
        ('d', true) => "d",
        ('H', false) => "HH",
        ('H', true) => "H",
        ('I', false) => "hh",
        ('I', true) => "h",
        ('M', false) => "mm",
        ('S', false) => "ss",
        ('B', false) => "MMMM",
        ('b', false) => "MMM",
        ('A', false) => "EEEE",
        ('a', false) => "E",
        ('p', false) => "a",
        _ => return None,
    })
}

/// Appends characters that stand for themselves, quoted where letters mean something.
fn end_literal(out: &mut String, literal: &mut String) -> Option<()> {
    if literal.contains(['"', '\'', '\\']) {
        return None;
    }
    if literal.contains(|c: char| c.is_ascii_alphabetic()) {
        out.extend(["'", literal.as_str(), "'"]);
    } else {
        out.push_str(literal);
    }
    literal.clear();
    Some(())
}

/// A pattern for one number or text, with the texts around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FormatString<'a> {
    pub(super) before: &'a str,
    pub(super) form: FormatSpec,
    pub(super) after: &'a str,
}

/// The form of a value in a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FormatSpec {
    AsIs,
    /// With so many decimal places.
    Fixed(u8),
    /// With commas between thousands, and perhaps so many decimal places.
    Thousands(Option<u8>),
    /// With zeros in front, up to so many characters.
    Padded(u8),
}

/// Reads a pattern of the operator `%`, such as `%.2f`.
pub(super) fn printf_pattern(text: &str) -> Option<FormatString<'_>> {
    let (before, rest) = text.split_once('%')?;
    let (form, after) = if let Some(after) = rest.strip_prefix('s') {
        (FormatSpec::AsIs, after)
    } else if let Some((places, after)) = rest.strip_prefix('.')?.split_once('f') {
        (FormatSpec::Fixed(places.parse().ok().filter(|&places: &u8| places <= 12)?), after)
    } else {
        return None;
    };
    (!after.contains('%')).then_some(FormatString { before, form, after })
}

/// Reads a pattern of `format`, such as `{:,.2f}`.
pub(super) fn format_pattern(text: &str) -> Option<FormatString<'_>> {
    let (before, rest) = text.split_once('{')?;
    let (field, after) = rest.split_once('}')?;
    if after.contains(['{', '}']) || before.contains('}') {
        return None;
    }
    let spec = field.trim_start_matches('0').strip_prefix(':').unwrap_or(field);
    let form = match spec {
        "" | "0" | "s" => FormatSpec::AsIs,
        "," => FormatSpec::Thousands(None),
        _ => number_form(spec)?,
    };
    Some(FormatString { before, form, after })
}

fn number_form(spec: &str) -> Option<FormatSpec> {
    if let Some(width) = spec.strip_prefix('0').map(|width| width.trim_end_matches('d')) {
        return width.parse().ok().map(FormatSpec::Padded);
    }
    let places = |text: &str| -> Option<u8> {
        let places = text.strip_prefix('.')?.strip_suffix('f')?.parse().ok()?;
        (places <= 12).then_some(places)
    };
    match spec.strip_prefix(',') {
        Some(rest) => places(rest).map(|places| FormatSpec::Thousands(Some(places))),
        None => places(spec).map(FormatSpec::Fixed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_by_our_letters() {
        assert_eq!(date_pattern("%d.%m.%Y").as_deref(), Some("dd.MM.yyyy"));
        assert_eq!(date_pattern("%-d %B %Y at %H:%M").as_deref(), Some("d MMMM yyyy' at 'HH:mm"));
        assert_eq!(date_pattern("%Y年%-m月%-d日").as_deref(), Some("yyyy年M月d日"));
        assert_eq!(date_pattern("100%% %y").as_deref(), Some("100% yy"));
        assert_eq!(
            (date_pattern("%j"), date_pattern("%"), date_pattern("%d o'clock")),
            (None, None, None)
        );
    }

    #[test]
    fn numbers_are_written_by_helpers() {
        let form = |text| format_pattern(text).map(|pattern| pattern.form);
        assert_eq!(form("{:,.2f}"), Some(FormatSpec::Thousands(Some(2))));
        assert_eq!(form("{0:.1f}"), Some(FormatSpec::Fixed(1)));
        assert_eq!(form("{:,}"), Some(FormatSpec::Thousands(None)));
        assert_eq!(form("{:03d}"), Some(FormatSpec::Padded(3)));
        assert_eq!(form("{}"), Some(FormatSpec::AsIs));
        assert_eq!(
            (form("{:>8}"), form("{} {}"), form("{a}"), form("x")),
            (None, None, None, None)
        );
        let found = printf_pattern("about %.1f km");
        let form = FormatSpec::Fixed(1);
        assert_eq!(found, Some(FormatString { before: "about ", form, after: " km" }));
        assert_eq!(
            (printf_pattern("%d"), printf_pattern("%.2f%%"), printf_pattern("x")),
            (None, None, None)
        );
    }
}
