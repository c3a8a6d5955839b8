//! Owns which characters make a name of XML (XML 1.0, 2.3), and how a name divides into prefix and rest.
//! Must not know any name.

/// Classes of bytes: 0 ends a name, 1 may stand within a name, 2 may begin one.
const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut out = [0; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the index of a byte")]
        let byte = at as u8;
        out[at] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' | 0x80.. => 2,
            b'0'..=b'9' | b'-' | b'.' => 1,
            _ => 0,
        };
        at += 1;
    }
    out
}

/// Returns the end of the name that begins at a byte; the same place if none does.
pub(super) fn name_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().position(|byte| CLASSES[usize::from(*byte)] == 0);
    start + length.unwrap_or(rest.len())
}

/// Checks whether a text is a name, colons allowed.
pub(super) fn is_name(text: &str) -> bool {
    let mut all = text.chars();
    all.next().is_some_and(is_name_start) && all.all(is_name_char)
}

/// Returns the prefix of a name, which may be empty; `None` if it is no name with at most one prefix.
pub(super) fn split_name(name: &str) -> Option<&str> {
    let bytes = name.as_bytes();
    let colon = bytes.iter().position(|byte| *byte == b':');
    let local = colon.map_or(0, |colon| colon + 1);
    let starts = |at: usize| bytes.get(at).is_some_and(|byte| CLASSES[usize::from(*byte)] == 2);
    let colons = bytes.iter().skip(local).any(|byte| *byte == b':');
    let well = starts(0) && starts(local) && !colons && colon != Some(0);
    let well = well && (name.is_ascii() || name.split(':').all(is_name));
    well.then(|| colon.and_then(|colon| name.get(..colon)).unwrap_or_default())
}

fn is_name_start(c: char) -> bool {
    matches!(c,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_divide_at_their_only_colon() {
        assert_eq!(split_name("w:p"), Some("w"));
        assert_eq!(split_name("p"), Some(""));
        assert_eq!(split_name("政:策"), Some("政"));
        for wrong in ["", ":p", "w:", "a:b:c", "1a", "w:1", "-a", "w:-", "a\u{d7}", "×"] {
            assert_eq!(split_name(wrong), None, "{wrong}");
        }
        assert_eq!(name_end(b"w:p a", 0), 3);
        assert_eq!(name_end(b"<", 0), 0);
        assert_eq!(name_end(b"a", 7), 7);
    }
}
