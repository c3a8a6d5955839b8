//! Owns the labels that Word computes for the paragraphs of automatic lists: 一、 （一） 1. and
//! bullets.
//! Must not know the text of a paragraph.

use super::styles::DocumentStyles;
use super::word_document::{WordBlock, WordParagraph};
use docx_fill::opc::xml::{XmlEventReader, attribute_value};
use docx_fill::opc::{OpcError, Package};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Number of levels of a list.
const MAX_LEVELS: usize = 9;
/// Maximum length of a label in characters; every paragraph of the list gets one.
const MAX_LABEL_CHARS: usize = 64;

#[derive(Debug, Clone)]
struct ListLevel {
    start: u32,
    format: String,
    text: String,
}

impl Default for ListLevel {
    fn default() -> ListLevel {
        ListLevel { start: 1, format: "decimal".to_owned(), text: String::new() }
    }
}

/// The list definitions of a document and the current counts.
#[derive(Debug, Default)]
pub(crate) struct ListNumbering {
    abstract_lists: BTreeMap<String, Vec<ListLevel>>,
    /// Abstract list of each list, and its start values by level.
    numbers: BTreeMap<String, (String, BTreeMap<usize, u32>)>,
    /// Current numbers, by abstract list.
    counts: BTreeMap<String, [u32; MAX_LEVELS]>,
}

impl ListNumbering {
    /// Reads the numbering part; a document without one has no lists.
    pub(crate) fn read(package: &Package) -> Result<ListNumbering, OpcError> {
        let main = package.main_document_name();
        let part = package.relationships(main)?.target_by_type(main, "/numbering");
        let Some(part) = part else { return Ok(ListNumbering::default()) };
        let Some(text) = package.read_xml_part(&part)? else { return Ok(ListNumbering::default()) };
        ListNumbering::parse(&text, &part)
    }

    fn parse(text: &str, part: &str) -> Result<ListNumbering, OpcError> {
        let mut lists = ListNumbering::default();
        let (mut kind, mut list, mut level) = (String::new(), None::<String>, 0);
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            let value = |key: &str| attribute_value(&element, key).unwrap_or_default();
            let number = |key: &str| value(key).parse::<usize>().unwrap_or(0).min(MAX_LEVELS - 1);
            match element.name().as_ref() {
                "w:abstractNum" => (kind, list) = (value("w:abstractNumId"), None),
                "w:num" => list = Some(value("w:numId")),
                "w:abstractNumId" => {
                    if let Some(list) = &list {
                        lists.numbers.entry(list.clone()).or_default().0 = value("w:val");
                    }
                }
                "w:lvl" | "w:lvlOverride" => level = number("w:ilvl"),
                "w:startOverride" => {
                    let start = value("w:val").parse().unwrap_or(1);
                    if let Some(list) = &list {
                        lists.numbers.entry(list.clone()).or_default().1.insert(level, start);
                    }
                }
                name if list.is_none() => {
                    let levels = lists.abstract_lists.entry(kind.clone()).or_default();
                    if levels.is_empty() {
                        levels.resize(MAX_LEVELS, ListLevel::default());
                    }
                    match name {
                        "w:start" => levels[level].start = value("w:val").parse().unwrap_or(1),
                        "w:numFmt" => levels[level].format = value("w:val"),
                        "w:lvlText" => {
                            levels[level].text =
                                value("w:val").chars().take(MAX_LABEL_CHARS).collect();
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Ok(lists)
    }

    /// Sets the label of every paragraph of a list, in document order.
    pub(crate) fn label_paragraphs(&mut self, blocks: &mut [WordBlock], styles: &DocumentStyles) {
        for block in blocks {
            match block {
                WordBlock::Paragraph(paragraph) => self.label_paragraph(paragraph, styles),
                WordBlock::Table(table) => {
                    for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                        self.label_paragraphs(&mut cell.blocks, styles);
                    }
                }
            }
        }
    }

    fn label_paragraph(&mut self, paragraph: &mut WordParagraph, styles: &DocumentStyles) {
        let style = paragraph.style.as_deref().unwrap_or_default();
        let list = match &paragraph.list {
            Some((number, _)) if number == "0" => None,
            Some((number, level)) if !number.is_empty() => Some((number.clone(), *level)),
            Some((_, level)) => styles.list_level(style).map(|(number, _)| (number, *level)),
            None => styles.list_level(style),
        };
        let Some((number, level)) = list else { return };
        let level = level.min(MAX_LEVELS - 1);
        let Some((kind, starts)) = self.numbers.get(&number) else { return };
        let Some(levels) = self.abstract_lists.get(kind) else { return };
        let counts = self.counts.entry(kind.clone()).or_default();
        let begin = |at: usize| starts.get(&at).copied().unwrap_or(levels[at].start);
        counts[level] =
            if counts[level] == 0 { begin(level) } else { counts[level].saturating_add(1) };
        counts[level + 1..].fill(0);
        let reached = |at: usize| if counts[at] == 0 { begin(at) } else { counts[at] };
        paragraph.bullet = levels[level].format == "bullet";
        let mut label = levels[level].text.clone();
        for (at, own) in levels.iter().enumerate().take(level + 1) {
            let shown = format_number(reached(at), &own.format);
            label = label.replace(&format!("%{}", at + 1), &shown);
        }
        paragraph.label = label;
    }
}

/// Returns a number in the format of a list level.
fn format_number(number: u32, format: &str) -> String {
    match format {
        "none" => String::new(),
        "chineseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "ideographTraditional"
        | "japaneseCounting"
        | "ideographDigital" => chinese_numeral(number),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&number) => {
            char::from_u32(0x245F + number).map(String::from).unwrap_or_default()
        }
        "upperLetter" | "lowerLetter" => {
            let letter = u8::try_from((number.max(1) - 1) % 26).unwrap_or_default();
            let first = if format == "upperLetter" { b'A' } else { b'a' };
            char::from(first + letter).to_string()
        }
        _ => number.to_string(),
    }
}

/// Returns 1 to 99 in Chinese, greater numbers in digits.
pub(super) fn chinese_numeral(number: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: u32| DIGITS[n as usize % 10];
    match number {
        1..=9 => digit(number).to_owned(),
        10..=19 => format!("十{}", digit(number % 10)),
        20..=99 => format!("{}十{}", digit(number / 10), digit(number % 10)),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_those_of_word() {
        let cases =
            [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (100, "100")];
        for (number, shown) in cases {
            assert_eq!(format_number(number, "chineseCounting"), shown);
        }
        assert_eq!(format_number(3, "decimalEnclosedCircle"), "③");
        assert_eq!(format_number(28, "lowerLetter"), "b");
        assert_eq!(format_number(7, "decimal"), "7");
    }

    #[test]
    fn labels_as_computed_today() {
        let text = include_str!("../../crates/docx-fill/tests/styles/numbering.xml");
        let mut lists = ListNumbering::parse(text, "p").unwrap();
        let mut label = |number: &str, level| {
            let list = Some((number.to_owned(), level));
            let mut paragraph = WordParagraph { list, ..WordParagraph::default() };
            lists.label_paragraph(&mut paragraph, &DocumentStyles::default());
            paragraph.label
        };
        for (number, level, shown) in [
            ("1", 0, "一、"),
            ("1", 1, "一.1"),
            ("2", 0, "二、"),
            ("2", 2, "d)"),
            ("3", 0, "三、"),
            ("4", 0, ""),
            ("5", 0, "3."),
            ("5", 1, "3.1"),
            ("5", 2, "1"),
            ("5", 0, "4."),
            ("5", 2, "1"),
        ] {
            assert_eq!(label(number, level), shown, "{number} {level}");
        }
    }
}
