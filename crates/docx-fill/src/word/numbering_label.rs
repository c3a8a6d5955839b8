//! Owns the labels that Word computes for the paragraphs of lists: 一、 （一） 1. and bullets.
//! Must not know the text of a paragraph.

use crate::value::numerals::{self, NumeralStyle};
use crate::word::numbering::{LIST_LEVELS, ListInstance, ListLevel, NumberingDefinitions};
use std::collections::{BTreeMap, BTreeSet};

/// The label of a paragraph in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLabel {
    /// Characters of the label, without the tab or space after it.
    pub text: String,
    /// True if the label is a bullet.
    pub bullet: bool,
}

/// A counter that gives the paragraphs of lists their labels, in the order of the document.
#[derive(Debug)]
pub struct ListCounter<'d> {
    definitions: &'d NumberingDefinitions,
    /// Numbers reached, by the abstract list that instances share.
    reached: BTreeMap<&'d str, [Option<u32>; LIST_LEVELS]>,
    /// Instances and levels whose start numbers were used: each restarts its level only once.
    restarted: BTreeSet<(String, usize)>,
}

impl<'d> ListCounter<'d> {
    /// Returns a counter at the beginning of a document.
    pub fn new(definitions: &'d NumberingDefinitions) -> ListCounter<'d> {
        ListCounter { definitions, reached: BTreeMap::new(), restarted: BTreeSet::new() }
    }

    /// Counts a paragraph of a list instance. Returns its label, or `None` if the list is not defined.
    pub fn next_label(&mut self, list: &str, level: usize) -> Option<ListLabel> {
        let (level, definitions) = (level.min(LIST_LEVELS - 1), self.definitions);
        let instance = definitions.instance(list)?;
        let (shared, _) = definitions.defining_list(instance)?;
        let reached = self.reached.entry(shared).or_default();
        let restarts = instance.level_override(level).is_some_and(|own| own.start.is_some())
            && self.restarted.insert((list.to_owned(), level));
        let start = definitions.start_of(instance, level);
        reached[level] = match reached[level] {
            Some(number) if !restarts => Some(number.saturating_add(1)),
            _ => Some(start),
        };
        for (deeper, number) in reached.iter_mut().enumerate().skip(level + 1) {
            let restart = definitions.level(instance, deeper).and_then(|own| own.restart);
            if restart.is_none_or(|by| level < by) {
                *number = None;
            }
        }
        Some(write_label(definitions, instance, level, reached))
    }
}

/// Writes the label of a level; levels above that no paragraph has reached show their first number.
fn write_label(
    definitions: &NumberingDefinitions,
    list: &ListInstance,
    level: usize,
    reached: &[Option<u32>; LIST_LEVELS],
) -> ListLabel {
    let Some(own) = definitions.level(list, level) else {
        return ListLabel { text: String::new(), bullet: false };
    };
    let number = |at: usize| {
        let number = reached[at].unwrap_or_else(|| definitions.start_of(list, at));
        let format = definitions.level(list, at).map_or("decimal", |found| found.format.as_str());
        format_number(number, if own.legal { "decimal" } else { format })
    };
    let mut text = String::new();
    let mut rest = own.text.chars().peekable();
    while let Some(c) = rest.next() {
        let at = rest.peek().and_then(|digit| digit.to_digit(10)).map(|digit| digit as usize);
        match at.filter(|at| c == '%' && (1..=level + 1).contains(at)) {
            Some(at) => {
                text.push_str(&number(at - 1));
                rest.next();
            }
            None => text.push(c),
        }
    }
    ListLabel { text, bullet: is_bullet(own) }
}

fn is_bullet(level: &ListLevel) -> bool {
    level.format == "bullet"
}

/// Returns a number in a format of `ST_NumberFormat` (17.18.59); formats that are not known here give digits.
pub fn format_number(number: u32, format: &str) -> String {
    match format {
        "none" => String::new(),
        "chineseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "japaneseCounting"
        | "ideographDigital" => chinese_numeral(number),
        "ideographTraditional" => cyclic_sign(number, "甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac" => cyclic_sign(number, "子丑寅卯辰巳午未申酉戌亥"),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&number) => {
            char::from_u32(0x245F + number).map(String::from).unwrap_or_default()
        }
        "upperLetter" => repeated_letter(number, b'A'),
        "lowerLetter" => repeated_letter(number, b'a'),
        "upperRoman" => roman_numeral(number),
        "lowerRoman" => roman_numeral(number).to_lowercase(),
        "decimalZero" => format!("{number:02}"),
        _ => number.to_string(),
    }
}

/// Returns the letters of a number: a to z, then aa, bb and so on.
fn repeated_letter(number: u32, first: u8) -> String {
    let at = number.max(1) - 1;
    let letter = u8::try_from(at % 26).unwrap_or_default();
    // A label of more letters than this helps nobody.
    let times = usize::try_from(at / 26 + 1).unwrap_or(1).min(30);
    char::from(first + letter).to_string().repeat(times)
}

fn roman_numeral(number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if number == 0 || number > 3999 {
        return number.to_string();
    }
    let (mut rest, mut out) = (number, String::new());
    for (value, sign) in SIGNS {
        while rest >= value {
            out.push_str(sign);
            rest -= value;
        }
    }
    out
}

/// Returns the sign of a cycle for a number within its first turn, else digits.
fn cyclic_sign(number: u32, signs: &str) -> String {
    let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    at.and_then(|at| signs.chars().nth(at)).map_or_else(|| number.to_string(), String::from)
}

/// Returns 1 to 99 in Chinese, other numbers in digits.
fn chinese_numeral(number: u32) -> String {
    let digits = number.to_string();
    let spelt = numerals::spell_number(&digits, NumeralStyle::Plain);
    spelt.filter(|_| (1..=99).contains(&number)).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str, paragraphs: &[(&str, usize)]) -> Vec<String> {
        let definitions = NumberingDefinitions::parse(text, "p").unwrap();
        let mut counter = ListCounter::new(&definitions);
        let mut next = |(list, level): &(&str, usize)| {
            counter.next_label(list, *level).map(|label| label.text).unwrap_or_default()
        };
        paragraphs.iter().map(&mut next).collect()
    }

    const DEFINITIONS: &str = include_str!("../../tests/styles/numbering.xml");

    #[test]
    fn an_override_restarts_its_level_once() {
        let paragraphs = [("1", 0), ("1", 1), ("1", 0), ("2", 0), ("2", 0), ("1", 0), ("2", 0)];
        let shown = ["一、", "一.1", "二、", "一、", "二、", "三、", "四、"];
        assert_eq!(labels(DEFINITIONS, &paragraphs), shown);
    }

    #[test]
    fn an_instance_may_define_a_level_itself() {
        let shown = ["一、", "（2）", "2.1", "三、"];
        assert_eq!(labels(DEFINITIONS, &[("1", 0), ("3", 0), ("3", 1), ("1", 0)]), shown);
        assert_eq!(labels(DEFINITIONS, &[("3", 0)]), ["（7）"]);
    }

    #[test]
    fn a_list_may_link_to_a_numbering_style() {
        // Level 1 is written in digits, level 2 never restarts.
        let paragraphs = [("4", 0), ("4", 1), ("4", 2), ("4", 0), ("4", 2), ("4", 1), ("5", 0)];
        let shown = ["III.", "3.1", "1", "IV.", "2", "4.1", "V."];
        assert_eq!(labels(DEFINITIONS, &paragraphs), shown);
    }

    #[test]
    fn a_number_may_start_at_nought() {
        let text = "<w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"0\"/>\
            <w:lvlText w:val=\"%1%2%\"/></w:lvl></w:abstractNum>\
            <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num>";
        assert_eq!(labels(text, &[("1", 0), ("1", 0), ("2", 0)]), ["0%2%", "1%2%", ""]);
    }

    #[test]
    fn numerals_are_those_of_word() {
        let cases =
            [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (100, "100")];
        for (number, shown) in cases {
            assert_eq!(format_number(number, "chineseCounting"), shown);
        }
        for (number, format, shown) in [
            (3, "decimalEnclosedCircle", "③"),
            (28, "lowerLetter", "bb"),
            (7, "decimal", "7"),
            (1994, "upperRoman", "MCMXCIV"),
            (4, "lowerRoman", "iv"),
            (3, "ideographTraditional", "丙"),
            (13, "ideographZodiac", "13"),
            (9, "decimalZero", "09"),
            (u32::MAX, "upperRoman", "4294967295"),
        ] {
            assert_eq!(format_number(number, format), shown, "{format}");
        }
    }
}
