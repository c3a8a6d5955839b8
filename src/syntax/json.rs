//! Owns writing JSON values within a text of its own layout.
//! Must not know the layout.

/// A text in quotes.
pub fn text(out: &mut String, text: &str) {
    super::quoted(out, text);
}

/// A number; what is none in JSON becomes a text.
pub fn number(out: &mut String, digits: &str) {
    let plain = digits.strip_prefix('+').unwrap_or(digits);
    if super::is_number(plain) { out.push_str(plain) } else { super::quoted(out, digits) }
}
