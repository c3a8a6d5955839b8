//! Owns writing tags into the template, and escaping other text that resembles a tag.
//! Must not know the values of tags: the template engine fills them.

/// Returns a path of ids; ids that are not plain names are in brackets.
pub(super) fn tag_path(ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| path_segment(id)).collect();
    ids.join(".")
}

fn path_segment(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii();
    if !id.is_empty() && id.chars().all(plain) {
        strip_controls(id)
    } else {
        format!("[{}]", strip_controls(id))
    }
}

/// Returns a text escaped so that its braces are printed unchanged.
pub(super) fn escape_literal(text: &str) -> String {
    strip_controls(text).replace("{{", "\\{{")
}

/// Returns a text without the characters that XML forbids; line ends and tabs become spaces.
pub(super) fn strip_controls(text: &str) -> String {
    let allowed = |c: &char| *c >= ' ' && !matches!(*c, '\u{FFFE}' | '\u{FFFF}');
    text.chars()
        .map(|c| if c.is_whitespace() && c < ' ' { ' ' } else { c })
        .filter(allowed)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_ids_are_bracketed() {
        assert_eq!(
            tag_path(&["requests", "natural-person", "其他"]),
            "requests.natural-person.其他"
        );
        assert_eq!(tag_path(&["a b", "c.d", ""]), "[a b].[c.d].[]");
    }

    #[test]
    fn words_stay_words() {
        assert_eq!(escape_literal("a\u{1}b\tc\n{{d}}\u{FFFE}"), "ab c \\{{d}}");
    }
}
