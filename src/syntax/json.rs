//! Owns writing JSON values within a text of its own layout.
//! Must not know the layout.

/// A text in quotes.
pub fn push_text(out: &mut String, text: &str) {
    super::push_quoted(out, text);
}

/// A number; what is none in JSON becomes a text.
pub fn push_number(out: &mut String, digits: &str) {
    let plain = digits.strip_prefix('+').unwrap_or(digits);
    if super::is_plain_number(plain) {
        out.push_str(plain)
    } else {
        super::push_quoted(out, digits)
    }
}
