//! Owns look-alike characters: Kangxi radicals and compatibility ideographs from texts copied out
//! of PDF files, full-width digits and letters.
//! Must not know the place of a text.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Returns the intended character if the given one is a look-alike.
pub(crate) fn intended_char(c: char) -> Option<char> {
    match c {
        // The full-width block has a fixed distance from ASCII; its punctuation is Chinese.
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xFEE0),
        '\u{2E80}'..='\u{2FDF}' | '\u{F900}'..='\u{FAFF}' => look_alike_table().get(&c).copied(),
        _ => None,
    }
}

/// Pairs of a look-alike and the character that is meant.
fn look_alike_table() -> &'static BTreeMap<char, char> {
    static TABLE: OnceLock<BTreeMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let pairs = include_str!("look-alikes.txt").lines().filter(|line| !line.starts_with('#'));
        let pair = |line: &str| {
            let mut chars = line.chars();
            Some((chars.next()?, chars.next()?))
        };
        pairs.filter_map(pair).collect()
    })
}

/// Returns the text with the intended characters.
pub(crate) fn replace_look_alikes(text: &str) -> String {
    text.chars().map(|c| intended_char(c).unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_known() {
        assert_eq!(replace_look_alikes("⼯作⼀⾏⻓１２"), "工作一行长12");
        assert_eq!(replace_look_alikes("政府信息公开，100％（一）"), "政府信息公开，100％（一）");
    }
}
