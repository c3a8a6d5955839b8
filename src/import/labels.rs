//! Owns the comparison of words in a document with official ones: blanks, widths, look-alikes, numbers
//! left out, other wordings that the form lists, and likeness as the last resort.
//! Must not know a table's shape, nor hold an official word itself.

use crate::check::mended;
use crate::data::plain_form;
use crate::form::{Content, Table};
use docx_fill::slice::TextSlice as _;
use std::cell::Cell;
use std::collections::BTreeSet;

/// How sure it is that a word means an official one; orders from the surest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sure {
    /// The official word but for blanks.
    Verbatim,
    /// The official word in other characters: half-width brackets, look-alikes.
    Shape,
    /// Without its number, with another one, or without what stands in brackets behind it.
    Number,
    /// Another wording that the form lists.
    Alias,
    /// The only official word that it is like.
    Near,
}

/// Least likeness of a word that is taken for an official one, and how much less like the next may be.
const LIKE: f64 = 0.75;
const APART: f64 = 0.12;
/// Fewest characters of a word that is recognised without its number, or by likeness.
const SHORT: usize = 3;

/// Most characters of a word that is compared by likeness.
const LONG: usize = 80;

/// A word without blanks.
pub(crate) fn solid(text: &str) -> String {
    let unseen =
        |c: &char| !c.is_whitespace() && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}');
    text.chars().filter(unseen).collect()
}

/// A word in the shape in which words are compared.
pub(crate) fn plain(text: &str) -> String {
    mended(&solid(text)).chars().map(|c| plain_form(c).unwrap_or(c)).collect()
}

/// The number that a plain word begins with, and the rest: `1.`, `(一)`, `一,`; halves of brackets that
/// a broken document leaves count, too.
pub(crate) fn numbered(plain: &str) -> (&str, &str) {
    let numeral = |c: char| "〇零一二三四五六七八九十百".contains(c) || c.is_ascii_digit();
    let inner = plain.strip_prefix('(').unwrap_or(plain);
    let rest = inner.trim_start_matches(numeral);
    let marks = [')', ',', '.', ':'];
    let marked = rest.starts_with(marks);
    // 三安全一稳定 begins with a numeral that is no number.
    if !marked {
        return ("", plain);
    }
    let rest = rest.trim_start_matches(marks);
    // 1.25 is a value.
    if rest.starts_with(|c: char| c.is_ascii_digit()) && !plain.starts_with('(') {
        return ("", plain);
    }
    plain.halves(plain.len() - rest.len())
}

/// A plain word without its number.
pub(crate) fn bare(plain: &str) -> &str {
    numbered(plain).1
}

/// Without the brackets at its end.
fn unbracketed(plain: &str) -> &str {
    let inner =
        plain.strip_suffix(')').and_then(|rest| rest.rfind('(').map(|at| plain.slice(..at)));
    inner.filter(|rest| !rest.is_empty()).unwrap_or(plain)
}

/// An official word with everything that it is known by.
#[derive(Debug)]
struct Known {
    label: String,
    plain: String,
    bare: String,
    also: Vec<String>,
}

impl Known {
    fn new(label: &str, also: &[String]) -> Known {
        let key = plain(label);
        let bare = bare(&key).to_owned();
        let also = also.iter().map(|word| plain(word)).collect();
        Known { label: solid(label), plain: key, bare, also }
    }

    /// Whether a word may be like it by its length alone, with the brackets at the end or without.
    fn fits(&self, word: &Word) -> bool {
        let close = |one: &str, other: &str| {
            let (one, other) = (one.chars().count(), other.chars().count());
            // What is alike in three quarters has at least three quarters of the length.
            one.min(other) * 4 >= one.max(other) * 3
        };
        close(&word.bare, &self.bare) || close(unbracketed(&word.bare), unbracketed(&self.bare))
    }

    fn is(&self, word: &Word) -> Option<Sure> {
        let short = word.bare.chars().count() < SHORT;
        if word.solid == self.label {
            Some(Sure::Verbatim)
        } else if word.plain == self.plain {
            Some(Sure::Shape)
        } else if word.bare == self.bare && !(short && word.numbered && word.plain != self.plain) {
            Some(Sure::Number)
        } else if self.also.iter().any(|also| *also == word.plain || bare(also) == word.bare) {
            Some(Sure::Alias)
        } else if !short && unbracketed(&word.bare) == unbracketed(&self.bare) {
            Some(Sure::Number)
        } else {
            None
        }
    }
}

/// A word of a document, made ready to be compared.
struct Word {
    solid: String,
    plain: String,
    bare: String,
    numbered: bool,
}

impl Word {
    fn new(text: &str) -> Word {
        let key = plain(text);
        let (number, rest) = numbered(&key);
        let (bare, numbered) = (rest.to_owned(), !number.is_empty());
        Word { solid: solid(text), plain: key, bare, numbered }
    }
}

/// Most words that are compared by likeness with one set of official ones; a document has some hundred that are short
/// enough and nothing else.
const LIKENESSES: usize = 10_000;

/// A set of official words.
#[derive(Debug)]
pub(crate) struct Words {
    known: Vec<Known>,
    /// How many more are compared by likeness.
    left: Cell<usize>,
}

impl Words {
    pub(crate) fn new<'a>(words: impl Iterator<Item = (&'a str, &'a [String])>) -> Words {
        let known = words.map(|(label, also)| Known::new(label, also)).collect();
        Words { known, left: Cell::new(LIKENESSES) }
    }

    /// Which of the words it is, by everything but likeness.
    pub(crate) fn find(&self, text: &str) -> Option<(usize, Sure)> {
        let word = Word::new(text);
        if word.bare.is_empty() {
            return None;
        }
        let each = self.known.iter().enumerate();
        let found = each.filter_map(|(at, known)| Some((known.is(&word)?, at)));
        found.min().map(|(sure, at)| (at, sure))
    }

    /// The only word that it is like.
    pub(crate) fn near(&self, text: &str) -> Option<(usize, Sure)> {
        let word = Word::new(text);
        let fits = |known: &Known| known.fits(&word);
        if !(SHORT..=LONG).contains(&word.bare.chars().count()) || !self.known.iter().any(fits) {
            return None;
        }
        self.left.set(self.left.get().checked_sub(1)?);
        let like = |known: &Known| {
            let full = strsim::normalized_damerau_levenshtein(&word.bare, &known.bare);
            let cut = unbracketed(&known.bare);
            full.max(strsim::normalized_damerau_levenshtein(unbracketed(&word.bare), cut))
        };
        let mut scores: Vec<(f64, usize)> =
            self.known.iter().enumerate().map(|(at, known)| (like(known), at)).collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (best, at) = *scores.first()?;
        let next = scores.get(1).map_or(0.0, |score| score.0);
        (best >= LIKE && best - next >= APART).then_some((at, Sure::Near))
    }
}

/// The words of a table: its rows, its columns, and the heads that are neither.
#[derive(Debug)]
pub(crate) struct Labels {
    pub(crate) rows: Words,
    pub(crate) columns: Words,
    heads: BTreeSet<String>,
}

impl Labels {
    pub(crate) fn of(table: &Table) -> Labels {
        let rows = table.rows.iter().map(|row| (row.label.as_str(), row.also.as_slice()));
        let columns = table.columns.iter().map(|c| (c.label.as_str(), c.also.as_slice()));
        let head = |cell: &crate::form::GridCell| match &cell.content {
            Content::Head { text, .. } => Some(bare(&plain(text)).to_owned()),
            Content::Figure(_) => None,
        };
        let mut heads: BTreeSet<String> = table.lines.iter().flatten().filter_map(head).collect();
        let groups = table.rows.iter().filter_map(|row| row.group.as_ref());
        heads.extend(groups.map(|group| bare(&plain(group)).to_owned()));
        Labels { rows: Words::new(rows), columns: Words::new(columns), heads }
    }

    /// Whether a word is a head of the table that names neither a row nor a column.
    pub(crate) fn is_head(&self, text: &str) -> bool {
        let key = plain(text);
        !key.is_empty() && self.heads.contains(bare(&key))
    }

    /// How much a word speaks for the table: 2 for an official one, 1 for what is known by other names.
    pub(crate) fn weight(&self, text: &str) -> usize {
        let found = self.rows.find(text).into_iter().chain(self.columns.find(text));
        match found.map(|(_, sure)| sure).min() {
            Some(Sure::Verbatim | Sure::Shape) => 2,
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
        ] {
            assert_eq!(bare(&plain(text)), expected, "{text}");
        }
    }

    #[test]
    fn words_deviate_in_known_ways() {
        let also = vec!["规范性文件".to_owned()];
        let labels =
            ["1.属于国家秘密", "行政规范性文件", "行政事业性收费", "（七）总计", "现行有效件数"];
        let words = Words::new(
            labels.iter().map(|l| (*l, if l.len() == 21 { also.as_slice() } else { &[] })),
        );
        let find = |text: &str| words.find(text).or_else(|| words.near(text));
        assert_eq!(find("1.属于\n国家秘密"), Some((0, Sure::Verbatim)));
        assert_eq!(find("1．属于国家秘密"), Some((0, Sure::Shape)));
        assert_eq!(find("属于国家秘密"), Some((0, Sure::Number)));
        assert_eq!(find("⾏政规范性文件"), Some((1, Sure::Shape)));
        assert_eq!(find("规范性文件"), Some((1, Sure::Alias)));
        assert_eq!(find("行政事业型收费"), Some((2, Sure::Near)));
        assert_eq!(find("现行有效件数（历史累计）"), Some((4, Sure::Number)));
        assert_eq!(find("(七) 总计"), Some((3, Sure::Shape)));
        assert_eq!(find("其他主动公开文件"), None);
    }
}
