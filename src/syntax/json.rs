//! Owns writing JSON values into a text with a layout of its own.
//! Must not know the layout.

/// Writes a text in quotes.
pub fn push_text(out: &mut String, text: &str) {
    super::push_quoted(out, text);
}

/// Writes a number, or a text if JSON does not accept the number.
pub fn push_number(out: &mut String, digits: &str) {
    let plain = digits.strip_prefix('+').unwrap_or(digits);
    if super::is_plain_number(plain) {
        out.push_str(plain);
    } else {
        super::push_quoted(out, digits);
    }
}
