//! Owns comparing words of a document or workbook with official labels: blanks, widths, look-alikes, missing
//! numbers, aliases of the form, and similarity as the last resort.
//! Must not know the structure of a table, nor contain an official label.

pub(crate) mod look_alikes;

use crate::data::to_half_width;
use crate::form::{FormTable, GridContent};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::numerals;
use look_alikes::replace_look_alikes;
use std::cell::Cell;
use std::collections::BTreeSet;

/// The confidence that a word means an official label, ordered from the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Equal to the official label except for blanks.
    Verbatim,
    /// Equal in other characters: half-width brackets, look-alikes.
    Normalized,
    /// Equal without the number, with another number, or without the final text in brackets.
    Number,
    /// An alias listed by the form.
    Alias,
    /// The only official label that is similar.
    Similar,
}

/// Minimum similarity of a word to an official label, and minimum lead over the second most similar
/// one.
const MIN_SIMILARITY: f64 = 0.75;
const MIN_LEAD: f64 = 0.12;
/// Minimum number of characters for recognising a word without its number, or by similarity.
const MIN_CHARS: usize = 3;

/// Maximum number of bytes of a text that may be a label.
const MAX_LABEL_BYTES: usize = 1_000;

/// Maximum number of characters for comparing a word by similarity.
const MAX_CHARS: usize = 80;

/// Returns a word without blanks.
pub(crate) fn strip_blanks(text: &str) -> String {
    let unseen =
        |c: &char| !c.is_whitespace() && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}');
    text.chars().filter(unseen).collect()
}

/// Quotation marks, which programs change and people leave out.
const QUOTES: &str = "“”‘’\"'「」『』〝〞〞＂＇";

/// Returns a word in the form used for comparison: without blanks and quotation marks, in ASCII
/// where there is such a character, with one kind of stroke.
pub(crate) fn normalize_word(text: &str) -> String {
    let plain = |c: char| if c == '\\' { '/' } else { c };
    replace_look_alikes(&strip_blanks(text))
        .chars()
        .map(|c| plain(to_half_width(c).unwrap_or(c)))
        .filter(|c| !QUOTES.contains(*c))
        .collect()
}

/// Returns a normalized word with each word that has the same meaning as others replaced by the
/// first of them, the longest first.
fn unify_words(plain: &str, same: &[Vec<String>]) -> String {
    let mut out = String::with_capacity(plain.len());
    let mut rest = plain;
    while let Some(c) = rest.chars().next() {
        let groups = same.iter().filter_map(|group| Some((group.first()?, group)));
        let fits = groups.flat_map(|(first, group)| group.iter().map(move |word| (word, first)));
        let known = fits.filter(|(word, _)| !word.is_empty() && rest.starts_with(word.as_str()));
        let skip = match known.max_by_key(|(word, _)| word.len()) {
            Some((word, first)) => {
                out.push_str(first);
                word.len()
            }
            None => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.slice(skip..);
    }
    out
}

/// Splits off the number at the beginning of a normalized word: `1.`, `(一)`, `一,`. A single
/// bracket, as left by a damaged document, is accepted too.
pub(crate) fn split_number(plain: &str) -> (&str, &str) {
    let numeral = |c: char| {
        numerals::is_ordinal_char(c) || matches!(c, '〇' | '零') || c.is_ascii_digit()
            // Numerals as on cheques.
            || "壹贰叁肆伍陆柒捌玖拾".contains(c)
    };
    let inner = plain.strip_prefix('(').unwrap_or(plain);
    let rest = inner.trim_start_matches(numeral);
    let marks = [')', ',', '.', ':'];
    if let Some(number) = part_number(plain).or_else(|| roman_number(plain)) {
        return plain.split_at_offset(number);
    }
    let marked = rest.starts_with(marks);
    // 三安全一稳定 begins with a numeral that is not a numbering.
    if !marked {
        return ("", plain);
    }
    let rest = rest.trim_start_matches(marks);
    // 1.25 is a value.
    if rest.starts_with(|c: char| c.is_ascii_digit()) && !plain.starts_with('(') {
        return ("", plain);
    }
    plain.split_at_offset(plain.len() - rest.len())
}

/// Returns the length of a number of a part: 第一部分, 第二章, with the marks after it.
fn part_number(plain: &str) -> Option<usize> {
    let numeral = |c: char| "一二三四五六七八九十".contains(c) || c.is_ascii_digit();
    let inner = plain.strip_prefix('第')?;
    let rest = inner.trim_start_matches(numeral);
    let behind = ["部分", "章", "节"].iter().find_map(|word| rest.strip_prefix(word))?;
    let behind = behind.trim_start_matches([')', ',', '.', ':']);
    (rest.len() < inner.len()).then(|| plain.len() - behind.len())
}

/// Returns the length of a Roman number before Chinese words, with the marks after it. One in letters needs a mark:
/// `X光` and `II类` are words.
fn roman_number(plain: &str) -> Option<usize> {
    // Ⅰ to Ⅻ have characters of their own.
    let sign = |c: char| ('\u{2160}'..='\u{216B}').contains(&c);
    let rest = plain.trim_start_matches(|c: char| sign(c) || matches!(c, 'I' | 'V' | 'X'));
    let behind = rest.trim_start_matches([',', '.', ':']);
    let marked = behind.len() < rest.len() || plain.starts_with(sign);
    let before_words = behind.starts_with(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c));
    (rest.len() < plain.len() && marked && before_words).then(|| plain.len() - behind.len())
}

/// Returns a normalized word without its number.
pub(crate) fn without_number(plain: &str) -> &str {
    split_number(plain).1
}

/// Words in brackets that make a label another one: it is about the year before.
const OF_OTHER_YEAR: [&str; 6] = ["上年", "上一年", "去年", "前年", "上期", "同期"];

/// Returns a normalized word without the brackets at its end.
fn without_brackets(plain: &str) -> &str {
    let split = |rest: &str| rest.rfind('(').map(|at| plain.split_at_offset(at));
    match plain.strip_suffix(')').and_then(split) {
        Some((words, brackets))
            if !words.is_empty() && !OF_OTHER_YEAR.iter().any(|word| brackets.contains(word)) =>
        {
            words
        }
        _ => plain,
    }
}

/// An official label in all forms used for comparison.
#[derive(Debug)]
struct OfficialLabel {
    label: String,
    plain: String,
    bare: String,
    aliases: Vec<String>,
    /// The label and its aliases without numbers, with one word for each meaning.
    unified: Vec<String>,
}

impl OfficialLabel {
    fn new(label: &str, also: &[String], same: &[Vec<String>]) -> OfficialLabel {
        let key = normalize_word(label);
        let bare = without_number(&key).to_owned();
        let aliases: Vec<String> = also.iter().map(|word| normalize_word(word)).collect();
        let words = std::iter::once(bare.as_str()).chain(aliases.iter().map(|a| without_number(a)));
        let unified = words.map(|word| unify_words(without_brackets(word), same)).collect();
        OfficialLabel { label: strip_blanks(label), plain: key, bare, aliases, unified }
    }

    /// Checks whether the lengths allow similarity, with or without the brackets at the end.
    fn has_similar_length(&self, word: &DocumentLabel) -> bool {
        let close = |one: &str, other: &str| {
            let (one, other) = (one.chars().count(), other.chars().count());
            // A similarity of three quarters requires three quarters of the length.
            one.min(other) * 4 >= one.max(other) * 3
        };
        close(&word.bare, &self.bare)
            || close(without_brackets(&word.bare), without_brackets(&self.bare))
    }

    fn match_word(&self, word: &DocumentLabel) -> Option<Confidence> {
        let short = word.bare.chars().count() < MIN_CHARS;
        if word.stripped == self.label {
            Some(Confidence::Verbatim)
        } else if word.plain == self.plain {
            Some(Confidence::Normalized)
        } else if word.bare == self.bare && !(short && word.numbered && word.plain != self.plain) {
            Some(Confidence::Number)
        } else if self
            .aliases
            .iter()
            .any(|also| *also == word.plain || without_number(also) == word.bare)
        {
            Some(Confidence::Alias)
        } else if !short && without_brackets(&word.bare) == without_brackets(&self.bare) {
            Some(Confidence::Number)
        } else if word.unified.chars().count() > 1 && self.unified.contains(&word.unified) {
            Some(Confidence::Alias)
        } else {
            None
        }
    }
}

/// A word of a document in the forms used for comparison.
struct DocumentLabel {
    stripped: String,
    plain: String,
    bare: String,
    /// Without number and final brackets, with one word for each meaning.
    unified: String,
    numbered: bool,
}

impl DocumentLabel {
    fn new(text: &str, same: &[Vec<String>]) -> DocumentLabel {
        let key = normalize_word(text);
        let (number, rest) = split_number(&key);
        let (bare, numbered) = (rest.to_owned(), !number.is_empty());
        let unified = unify_words(without_brackets(&bare), same);
        DocumentLabel { stripped: strip_blanks(text), plain: key, bare, unified, numbered }
    }
}

/// Maximum number of words compared by similarity with one set of labels; a report has a few
/// hundred words that are short enough.
const MAX_COMPARISONS: usize = 10_000;

/// A set of official labels.
#[derive(Debug)]
pub(crate) struct LabelSet {
    known: Vec<OfficialLabel>,
    /// Groups of words that mean the same.
    same_words: Vec<Vec<String>>,
    /// Remaining number of comparisons by similarity.
    comparisons_left: Cell<usize>,
}

impl LabelSet {
    pub(crate) fn new<'a>(
        words: impl Iterator<Item = (&'a str, &'a [String])>,
        same_words: &[Vec<String>],
    ) -> LabelSet {
        let known = words.map(|(label, also)| OfficialLabel::new(label, also, same_words));
        LabelSet {
            known: known.collect(),
            same_words: same_words.to_vec(),
            comparisons_left: Cell::new(MAX_COMPARISONS),
        }
    }

    /// Returns the label that the word means, without using similarity.
    pub(crate) fn find_exact(&self, text: &str) -> Option<(usize, Confidence)> {
        // A label is a few words; a text as long as a paragraph is none.
        if text.len() > MAX_LABEL_BYTES {
            return None;
        }
        let word = DocumentLabel::new(text, &self.same_words);
        if word.bare.is_empty() {
            return None;
        }
        let each = self.known.iter().enumerate();
        let found = each.filter_map(|(at, known)| Some((known.match_word(&word)?, at)));
        let mut found: Vec<(Confidence, usize)> = found.collect();
        found.sort_unstable();
        match found.as_slice() {
            // Two labels that differ only in words of the same meaning, or in numbers, are not told apart.
            [(Confidence::Alias, _), (Confidence::Alias, _), ..]
            | [(Confidence::Number, _), (Confidence::Number, _), ..]
            | [] => None,
            [(sure, at), ..] => Some((*at, *sure)),
        }
    }

    /// Returns the only label that is similar to the word.
    pub(crate) fn find_similar(&self, text: &str) -> Option<(usize, Confidence)> {
        let word = DocumentLabel::new(text, &self.same_words);
        let fits = |known: &OfficialLabel| known.has_similar_length(&word);
        if !(MIN_CHARS..=MAX_CHARS).contains(&word.bare.chars().count())
            || !self.known.iter().any(fits)
        {
            return None;
        }
        self.comparisons_left.set(self.comparisons_left.get().checked_sub(1)?);
        let like = |known: &OfficialLabel| {
            let full = strsim::normalized_damerau_levenshtein(&word.bare, &known.bare);
            let cut = without_brackets(&known.bare);
            full.max(strsim::normalized_damerau_levenshtein(without_brackets(&word.bare), cut))
        };
        let mut scores: Vec<(f64, usize)> =
            self.known.iter().enumerate().map(|(at, known)| (like(known), at)).collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (best, at) = *scores.first()?;
        let next = scores.get(1).map_or(0.0, |score| score.0);
        (best >= MIN_SIMILARITY && best - next >= MIN_LEAD).then_some((at, Confidence::Similar))
    }
}

/// The labels of a table: its rows, its columns, and the heads that are neither.
#[derive(Debug)]
pub(crate) struct TableLabels {
    pub(crate) rows: LabelSet,
    pub(crate) columns: LabelSet,
    heads: BTreeSet<String>,
    /// Rows that have heads like columns in the form.
    headed_rows: BTreeSet<usize>,
}

impl TableLabels {
    pub(crate) fn for_table(table: &FormTable) -> TableLabels {
        let rows = table.rows.iter().map(|row| (row.label.as_str(), row.aliases.as_slice()));
        let columns = table.columns.iter().map(|c| (c.label.as_str(), c.aliases.as_slice()));
        let head = |cell: &crate::form::GridCell| match &cell.content {
            GridContent::Header { text, .. } => {
                Some(without_number(&normalize_word(text)).to_owned())
            }
            GridContent::Figure(_) => None,
        };
        let mut heads: BTreeSet<String> = table.lines.iter().flatten().filter_map(head).collect();
        let groups = table.rows.iter().filter_map(|row| row.group.as_ref());
        heads.extend(groups.map(|group| without_number(&normalize_word(group)).to_owned()));
        let same = &table.same_words;
        let headed = |row: usize| {
            let own = |cell: &&crate::form::GridCell| {
                matches!(&cell.content, GridContent::Header { text, heads_row: false, .. }
                    if *text == table.rows[row].label)
            };
            table.lines.iter().flatten().any(|cell| own(&cell))
        };
        TableLabels {
            rows: LabelSet::new(rows, same),
            columns: LabelSet::new(columns, same),
            heads,
            headed_rows: (0..table.rows.len()).filter(|row| headed(*row)).collect(),
        }
    }

    /// Checks whether a row has a head like a column.
    pub(crate) fn heads_like_column(&self, row: usize) -> bool {
        self.headed_rows.contains(&row)
    }

    /// Checks whether a word is a head of the table that names neither a row nor a column.
    pub(crate) fn is_table_head(&self, text: &str) -> bool {
        let key = normalize_word(text);
        !key.is_empty() && self.heads.contains(without_number(&key))
    }

    /// Returns the weight of a word as evidence for the table: 2 for an official label, 1 for an
    /// alias, 0 otherwise.
    pub(crate) fn match_weight(&self, text: &str) -> usize {
        let found = self.rows.find_exact(text).into_iter().chain(self.columns.find_exact(text));
        match found.map(|(_, sure)| sure).min() {
            Some(Confidence::Verbatim | Confidence::Normalized) => 2,
            Some(_) => 1,
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_words() {
        for (text, expected) in [
            ("1.属于国家秘密", "属于国家秘密"),
            ("(一) 予以公开", "予以公开"),
            ("三) 不 予 公 开", "不予公开"),
            ("、 本 年 度 办 理 结 果", "本年度办理结果"),
            ("一、总体情况", "总体情况"),
            ("三安全一稳定", "三安全一稳定"),
            ("1.25", "1.25"),
            ("十二．其他", "其他"),
            ("第一部分 总体情况", "总体情况"),
            ("第三章、其他", "其他"),
            ("贰、总体情况", "总体情况"),
            ("Ⅳ　总体情况", "总体情况"),
            ("III. 总体情况", "总体情况"),
            ("VPN", "VPN"),
            ("X光设备公司", "X光设备公司"),
            ("Ｘ光机数量", "X光机数量"),
            ("V型滤池", "V型滤池"),
            ("II类射线装置", "II类射线装置"),
            ("第二十条第（一）项", "第二十条第(一)项"),
        ] {
            assert_eq!(without_number(&normalize_word(text)), expected, "{text}");
        }
    }

    #[test]
    fn words_deviate_in_known_ways() {
        let also = vec!["规范性文件".to_owned()];
        let labels =
            ["1.属于国家秘密", "行政规范性文件", "行政事业性收费", "（七）总计", "现行有效件数"];
        let words = LabelSet::new(
            labels.iter().map(|l| (*l, if *l == "行政规范性文件" { also.as_slice() } else { &[] })),
            &[vec![String::new(), "件数".to_owned(), "数".to_owned()]],
        );
        let find = |text: &str| words.find_exact(text).or_else(|| words.find_similar(text));
        assert_eq!(find("1.属于\n国家秘密"), Some((0, Confidence::Verbatim)));
        assert_eq!(find("1．属于国家秘密"), Some((0, Confidence::Normalized)));
        assert_eq!(find("属于国家秘密"), Some((0, Confidence::Number)));
        assert_eq!(find("⾏政规范性文件"), Some((1, Confidence::Normalized)));
        assert_eq!(find("规范性文件"), Some((1, Confidence::Alias)));
        assert_eq!(find("行政事业型收费"), Some((2, Confidence::Similar)));
        assert_eq!(find("现行有效件数（历史累计）"), Some((4, Confidence::Number)));
        assert_eq!(find("(七) 总计"), Some((3, Confidence::Normalized)));
        assert_eq!(find("现行有效数"), Some((4, Confidence::Alias)));
        assert_eq!(find("1.“属于”国家秘密"), Some((0, Confidence::Normalized)));
        assert_eq!(find("其他主动公开文件"), None);
        // Without their numbers these are one word.
        let classes = ["Ⅰ类射线装置", "Ⅱ类射线装置"];
        let words = LabelSet::new(classes.iter().map(|label| (*label, [].as_slice())), &[]);
        assert_eq!(words.find_exact("Ⅱ类射线装置"), Some((1, Confidence::Verbatim)));
        assert_eq!(words.find_exact("类射线装置"), None);
    }
}
