//! Owns what a document states outside its sections and tables: title, organ, year, date, contact.
//! Must not know the words of an edition: they come from its form.

use super::headings::FlowItem;
use super::recognised::{LocatedValue, RecognisedReport, ReportMetadata, SectionPart};
use crate::data::to_half_width;
use crate::form::{FieldKind, Form, FormField};
use crate::labels::strip_blanks;
use crate::report::Date;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::numerals;
use docx_fill::word::blocks::{RunContent, WordBlock, WordCell, WordParagraph, WordTable};
use docx_fill::word::styles::StyleSheet;
use std::collections::BTreeSet;

/// Paragraphs above the first heading among which the title is looked for: pages of portals have long menus.
const MAX_TITLE_POSITION: usize = 600;
/// Paragraphs at the beginning among which a title to be filled in is looked for.
const MAX_OPEN_TITLE_POSITION: usize = 16;
/// Maximum numbers of lines and characters of a title.
const MAX_TITLE_LINES: usize = 4;
const MAX_TITLE_CHARS: usize = 80;
/// Maximum number of characters of a day: 二〇二六年十二月三十一日.
const MAX_DATE_CHARS: usize = 14;
/// Characters of sentences, labels and paths, which no title has.
const NO_TITLE_CHARS: [char; 11] = ['。', '；', '：', ':', '，', '>', '＞', '›', '»', '→', '|'];

/// Finds the title; also returns the number of items, from the first, that are not part of the text.
pub(crate) fn find_title<'d>(
    items: &[FlowItem<'d>],
    form: &Form,
    styles: &StyleSheet,
) -> (ReportMetadata<'d>, usize) {
    let filled: Vec<NumberedParagraph<'d>> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((at, item.shown_paragraph()?)))
        .take(MAX_TITLE_POSITION)
        .collect();
    let period = filled.iter().find_map(|(_, p)| period_year(&strip_blanks(&p.text())));
    let Some((title, text, window)) = best_title(&filled, form, period) else {
        if let Some((facts, used)) = find_open_title(&filled, form) {
            return (facts, used);
        }
        let used = filled.iter().find(|(_, p)| p.style_name(styles) == "title");
        let title = used.map(|(_, paragraph)| (strip_blanks(&paragraph.text()), vec![*paragraph]));
        let facts = ReportMetadata { title, ..ReportMetadata::default() };
        return (facts, used.map_or(0, |(at, _)| at + 1));
    };
    let (start, first) = window[0];
    let mut facts = ReportMetadata::of_title(&title, text, first);
    facts.title = facts.title.map(|(text, _)| (text, window.iter().map(|(_, p)| *p).collect()));
    facts.above_title = filled.iter().take_while(|(at, _)| *at < start).map(|(_, p)| *p).collect();
    let mut used = window[window.len() - 1].0 + 1;
    // A date in brackets below the title.
    let below = items[used..].iter().position(|item| item.shown_paragraph().is_some());
    let below = below.and_then(|at| Some((used + at, items[used + at].shown_paragraph()?)));
    if let Some((at, date, paragraph)) = below
        .and_then(|(at, paragraph)| Some((at, Date::parse_written(&paragraph.text())?, paragraph)))
    {
        facts.date = Some((date, paragraph));
        used = at + 1;
    }
    (facts, used)
}

/// A paragraph with its number.
type NumberedParagraph<'d> = (usize, &'d WordParagraph);

/// Returns the title of a report with its text and lines: one of the year whose period the lead names, else one that
/// names a year, on as few lines as possible, and the last of these, since lists of a site and a cover stand above it.
/// Titles of several other years are such a list.
fn best_title<'w, 'd>(
    filled: &'w [NumberedParagraph<'d>],
    form: &Form,
    period: Option<u16>,
) -> Option<(ParsedTitle, String, &'w [NumberedParagraph<'d>])> {
    let texts: Vec<String> = filled.iter().map(|(_, p)| strip_blanks(&p.text())).collect();
    let windows = (1..=MAX_TITLE_LINES).flat_map(|lines| {
        (0..(filled.len() + 1).saturating_sub(lines)).map(move |at| at..at + lines)
    });
    let found: Vec<(ParsedTitle, String, std::ops::Range<usize>)> = windows
        .filter_map(|range| {
            let text = texts[range.clone()].concat();
            Some((ParsedTitle::parse(&text, form)?, text, range))
        })
        .collect();
    let best = found.iter().max_by_key(|(title, _, range)| {
        let of_period = title.year.is_some() && title.year == period;
        (of_period, title.year.is_some(), std::cmp::Reverse(range.len()), range.start)
    })?;
    let years: BTreeSet<u16> = found.iter().filter_map(|(title, ..)| title.year).collect();
    if period.is_some_and(|period| !years.contains(&period)) && years.len() > 1 {
        return None;
    }
    // The title of a cover comes again above the text, on other lines.
    let again = found.iter().filter(|(_, text, _)| *text == best.1);
    let (title, text, range) = again.max_by_key(|(.., range)| range.end)?.clone();
    Some((title, text, &filled[range]))
}

/// Returns the title that the table above the text names.
pub(crate) fn find_recorded_title<'d>(table: &'d WordTable, form: &Form) -> ReportMetadata<'d> {
    let lines = table.rows.iter().flat_map(|row| &row.cells).flat_map(WordCell::paragraphs);
    let found = lines.filter_map(|paragraph| {
        let text = strip_blanks(&paragraph.text());
        Some((ParsedTitle::parse(&text, form)?, text, paragraph))
    });
    let best = found.into_iter().max_by_key(|(title, ..)| title.year.is_some());
    best.map_or_else(ReportMetadata::default, |(title, text, paragraph)| {
        ReportMetadata::of_title(&title, text, paragraph)
    })
}

impl<'d> ReportMetadata<'d> {
    /// Returns what a title on one line tells.
    fn of_title(title: &ParsedTitle, text: String, line: &'d WordParagraph) -> ReportMetadata<'d> {
        ReportMetadata {
            organ: (!title.organ.is_empty()).then(|| (title.organ.clone(), line)),
            year: title.year.map(|year| (year, line)),
            title: Some((text, vec![line])),
            ..ReportMetadata::default()
        }
    }
}

/// Returns a title with a placeholder for the organ: ×××年政府信息公开工作年度报告.
fn find_open_title<'d>(
    filled: &[(usize, &'d WordParagraph)],
    form: &Form,
) -> Option<(ReportMetadata<'d>, usize)> {
    let found = filled.iter().take(MAX_OPEN_TITLE_POSITION).find_map(|(at, paragraph)| {
        let text = strip_blanks(&paragraph.text());
        if text.contains(NO_TITLE_CHARS) {
            return None;
        }
        let head = ParsedTitle::parse_head(ParsedTitle::without_ending(&text, form)?);
        is_placeholder(&head.organ).then_some((*at, *paragraph, text, head.year))
    });
    let (at, paragraph, text, year) = found?;
    let facts = ReportMetadata {
        title: Some((text, vec![paragraph])),
        year: year.map(|year| (year, paragraph)),
        open_title: true,
        ..ReportMetadata::default()
    };
    Some((facts, at + 1))
}

/// Checks whether a name is a placeholder: strokes, crosses, or words in brackets.
fn is_placeholder(name: &str) -> bool {
    let mut depth = 0_usize;
    for c in name.chars() {
        match c {
            '（' | '(' | '【' | '[' | '〔' => depth += 1,
            '）' | ')' | '】' | ']' | '〕' => depth = depth.saturating_sub(1),
            c if depth == 0 && !PLACEHOLDER_CHARS.contains(c) => return false,
            _ => {}
        }
    }
    true
}

/// Characters used as placeholders.
const PLACEHOLDER_CHARS: &str = "×xX_＿ \u{3000}〇○Ｘ*＊.…";

/// A parsed title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParsedTitle {
    pub(crate) organ: String,
    pub(crate) year: Option<u16>,
}

impl ParsedTitle {
    pub(super) fn parse(text: &str, form: &Form) -> Option<ParsedTitle> {
        if text.chars().count() > MAX_TITLE_CHARS || text.contains(NO_TITLE_CHARS) {
            return None;
        }
        let title = ParsedTitle::parse_head(ParsedTitle::without_ending(text, form)?);
        (!is_placeholder(&title.organ)).then_some(title)
    }

    /// Returns the text before the ending common to all titles.
    fn without_ending<'t>(text: &'t str, form: &Form) -> Option<&'t str> {
        let official = form.title.rsplit('}').next().unwrap_or_default();
        let official = official.strip_prefix('年').unwrap_or(official);
        let ends = std::iter::once(official).chain(form.title_aliases.iter().map(String::as_str));
        let mut ends: Vec<&str> = ends.filter(|end| !end.is_empty()).collect();
        ends.sort_by_key(|end| std::cmp::Reverse(end.len()));
        ends.into_iter().find_map(|end| text.strip_suffix(end))
    }

    /// Parses organ and year: `…2025年`, `…2025年度`, `2025年度…`; the year may be missing.
    fn parse_head(head: &str) -> ParsedTitle {
        let digits: String = head.chars().map(|c| to_digit(c).unwrap_or(c)).collect();
        let rest = digits.trim_end_matches('度').trim_end_matches('年');
        if let Some((at, year)) = trailing_year(rest) {
            // Every digit may have replaced a longer character, so positions are counted in
            // characters.
            let organ: String = head.chars().take(digits.slice(..at).chars().count()).collect();
            return ParsedTitle { organ, year: Some(year) };
        }
        if let (Some(year), Some(rest)) = (digits.get(..4).and_then(parse_year), digits.get(4..)) {
            let organ = rest.trim_start_matches('年').trim_start_matches('度');
            return ParsedTitle { organ: organ.to_owned(), year: Some(year) };
        }
        // ×××年, ____年: a placeholder; X光设备公司 is a name.
        let blank = |c: char| PLACEHOLDER_CHARS.contains(c);
        let sign = |c: char| blank(c) && !c.is_alphabetic();
        let organ = match head.trim_end_matches('度').strip_suffix('年') {
            Some(organ) => organ.trim_end_matches(blank).trim_start_matches(sign),
            None => head.trim_matches(sign),
        };
        ParsedTitle { organ: organ.to_owned(), year: None }
    }
}

fn parse_year(text: &str) -> Option<u16> {
    let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|year| (1990..2100).contains(year))
}

/// Returns the year at the end of a text, and its offset.
fn trailing_year(text: &str) -> Option<(usize, u16)> {
    let at = text.len().checked_sub(4)?;
    Some((at, text.get(at..).and_then(parse_year)?))
}

/// Returns the digit that a character represents.
fn to_digit(c: char) -> Option<char> {
    numerals::year_digit(c).or_else(|| to_half_width(c).filter(char::is_ascii_digit))
}

/// Returns the first year in the paragraphs of a document.
pub(crate) fn find_first_year(blocks: &[WordBlock]) -> Option<u16> {
    let mut texts = blocks.iter().filter_map(|block| match block {
        WordBlock::Paragraph(paragraph) => Some(strip_blanks(&paragraph.text())),
        WordBlock::Table(_) => None,
    });
    texts.find_map(|text| find_years(&text).first().map(|(_, year)| *year))
}

/// Returns the years in a text without blanks, each with the offset of its end.
fn find_years(text: &str) -> Vec<(usize, u16)> {
    let ends = text.match_indices('年').map(|(at, _)| at);
    ends.filter_map(|at| Some((at, trailing_year(text.slice(..at))?.1))).collect()
}

/// Completes the metadata from the introduction and the end of the document, and removes the
/// signature from the text.
pub(crate) fn complete_metadata(report: &mut RecognisedReport<'_, '_>, creator: &str) {
    take_signature(report);
    let lead: Vec<&WordParagraph> = report.texts[0][0]
        .iter()
        .filter_map(|part| match part {
            SectionPart::Paragraph(paragraph, _) => Some(*paragraph),
            SectionPart::Table(_) => None,
        })
        .collect();
    let facts = &mut report.metadata;
    if facts.year.is_none() {
        facts.year = reporting_year(&lead);
    }
    let official = match (&facts.title, &facts.organ, &facts.year) {
        (Some((title, _)), Some((organ, _)), Some((year, _))) => {
            *title == strip_blanks(&report.form.title_for(organ, *year))
        }
        _ => false,
    };
    // A title of another pattern may shorten the name; the document's author may be the organ.
    if let (false, Some((organ, _))) = (official, &mut facts.organ) {
        let same = |name: &str| name.chars().take(2).eq(organ.chars().take(2));
        if same(creator) && creator.chars().count() > organ.chars().count() {
            creator.clone_into(organ);
        }
    }
    find_contact(report, &lead);
}

/// Returns the year whose first day the introduction names, else the only year in it.
fn reporting_year<'d>(lead: &[&'d WordParagraph]) -> LocatedValue<'d, u16> {
    let texts: Vec<(String, &WordParagraph)> =
        lead.iter().map(|p| (strip_blanks(&p.text()), *p)).collect();
    if let Some(found) = texts.iter().find_map(|(text, p)| Some((period_year(text)?, *p))) {
        return Some(found);
    }
    let all: Vec<(u16, &WordParagraph)> = texts
        .iter()
        .flat_map(|(text, p)| find_years(text).into_iter().map(|(_, year)| (year, *p)))
        .collect();
    let first = all.first().copied()?;
    all.iter().all(|(year, _)| *year == first.0).then_some(first)
}

/// Returns the year whose first day a text without blanks names.
fn period_year(text: &str) -> Option<u16> {
    let first_day = |(at, _): &(usize, u16)| {
        let rest = text.slice(*at + '年'.len_utf8()..);
        rest.starts_with("1月1日") || rest.starts_with("01月01日")
    };
    find_years(text).into_iter().find(first_day).map(|(_, year)| year)
}

/// Moves organ and date from the last lines of the text to the metadata.
fn take_signature(report: &mut RecognisedReport<'_, '_>) {
    let blank =
        |part: &SectionPart<'_>| matches!(part, SectionPart::Paragraph(p, _) if p.is_blank());
    let Some(parts) =
        report.texts.iter_mut().flatten().rev().find(|parts| parts.iter().any(|part| !blank(part)))
    else {
        return;
    };
    let trimmed = |parts: &mut Vec<SectionPart<'_>>| {
        while parts.last().is_some_and(blank) {
            parts.pop();
        }
    };
    trimmed(parts);
    let Some(SectionPart::Paragraph(paragraph, _)) = parts.last().copied() else { return };
    let Some(date) = Date::parse_written(&paragraph.text()) else { return };
    parts.pop();
    report.metadata.date = Some((date, paragraph));
    trimmed(parts);
    let Some(SectionPart::Paragraph(paragraph, _)) = parts.last().copied() else { return };
    let name = strip_blanks(&paragraph.text());
    let stops = name.contains(['。', '，', '；', '：', '、']) || name.chars().count() > 40;
    let organ = report.metadata.organ.as_ref().map_or("", |(organ, _)| organ);
    let same = !organ.is_empty() && name.chars().take(2).eq(organ.chars().take(2));
    if !stops && (same || (organ.is_empty() && paragraph.align == "right")) {
        parts.pop();
        trimmed(parts);
        if name.chars().count() >= organ.chars().count() {
            report.metadata.organ = Some((name, paragraph));
        }
    }
}

/// Finds the fields of the organ in the introduction, by the words of the form.
fn find_contact(report: &mut RecognisedReport<'_, '_>, lead: &[&WordParagraph]) {
    let text: String = lead.iter().map(|p| strip_blanks(&p.text())).collect();
    let Some(first) = report.texts[0][0].iter().find_map(|part| match part {
        SectionPart::Paragraph(paragraph, _) => Some(*paragraph),
        SectionPart::Table(_) => None,
    }) else {
        return;
    };
    let fields = &report.form.fields;
    let is_known =
        |field: &FormField| report.metadata.contact.iter().any(|(id, ..)| *id == field.id);
    let others: Vec<&FormField> = fields.iter().filter(|field| !is_known(field)).collect();
    for field in others {
        let after_word = value_after_word(&text, field);
        // An address without its word may be of any field of the kind.
        let is_only = fields.iter().filter(|other| other.kind == field.kind).count() == 1;
        let value = match field.kind {
            FieldKind::Mail if is_only => after_word.or_else(|| find_email(&text)),
            FieldKind::Site if is_only => after_word.or_else(|| find_website(lead)),
            _ => after_word,
        };
        if let Some(value) = value {
            report.metadata.contact.push((field.id.clone(), value, first));
        }
    }
}

/// Returns the text after one of a field's words, as far as it can be a value of its kind. Name and level are not
/// looked for: the title has the name.
fn value_after_word(text: &str, field: &FormField) -> Option<String> {
    let mut words = field.reading_words.iter();
    let (_, behind) = words.find_map(|word| text.split_once(word.as_str()))?;
    let behind = behind.trim_start_matches(['：', ':']);
    let rest = behind.trim_start_matches(['：', ':', '为', '是']);
    let latin = |c: &char| c.is_ascii_graphic() && !matches!(c, ',' | ';' | '(' | ')');
    let value: String = match field.kind {
        FieldKind::Name | FieldKind::Level => return None,
        FieldKind::Choice => first_choice(rest, field)?,
        // An answer may begin with 是.
        FieldKind::YesNo => first_choice(behind, field)?,
        FieldKind::Date => leading_date(rest)?,
        FieldKind::Text => rest.chars().take_while(|c| !"，,；;。）".contains(*c)).collect(),
        FieldKind::Postcode => rest.chars().take_while(char::is_ascii_digit).collect(),
        FieldKind::Phone => {
            let part = |c: &char| c.is_ascii_digit() || "-－—–()（）转/、".contains(*c);
            let number: String = rest.chars().take_while(part).collect();
            number.trim_end_matches(['）', ')', '、', '-', '—']).to_owned()
        }
        FieldKind::Mail | FieldKind::Site => {
            let address: String = rest.chars().take_while(latin).collect();
            address.trim_end_matches('.').to_owned()
        }
    };
    let fits = match field.kind {
        FieldKind::Postcode => value.len() == 6,
        FieldKind::Phone => value.chars().filter(char::is_ascii_digit).count() >= 7,
        FieldKind::Mail => value.contains('@'),
        FieldKind::Site => value.contains('.'),
        _ => !value.is_empty() && value.chars().count() <= 60,
    };
    fits.then_some(value)
}

/// Returns the choice whose official words a text begins with, the longest of them.
fn first_choice(text: &str, field: &FormField) -> Option<String> {
    let fitting = field.choices.iter().filter(|choice| text.starts_with(choice.name.as_str()));
    Some(fitting.max_by_key(|choice| choice.name.len())?.name.clone())
}

/// Returns the day with which a text begins, as data files write it.
fn leading_date(text: &str) -> Option<String> {
    let ends = text.char_indices().take(MAX_DATE_CHARS).map(|(at, c)| at + c.len_utf8());
    let days = ends.filter_map(|end| Date::parse_written(text.slice(..end)));
    Some(days.last()?.to_string())
}

fn find_email(text: &str) -> Option<String> {
    let at = text.find('@')?;
    let part = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    let start = text
        .slice(..at)
        .rfind(|c| !part(c))
        .map_or(0, |before| before + text.slice(before..).chars().next().map_or(1, char::len_utf8));
    let end = text.slice(at + 1..).find(|c| !part(c)).map_or(text.len(), |after| at + 1 + after);
    let found = text.slice(start..end).trim_end_matches('.');
    (start < at && found.len() > at + 2 - start).then(|| found.to_owned())
}

/// Returns the first web address in the introduction, from a link or from the text.
fn find_website(lead: &[&WordParagraph]) -> Option<String> {
    for paragraph in lead {
        let linked = paragraph.runs.iter().find_map(|piece| match (&piece.link, &piece.content) {
            (Some(link), RunContent::Text(_)) if link.starts_with("http") => Some(link.clone()),
            _ => None,
        });
        let text = strip_blanks(&paragraph.text());
        let plain = || {
            let start = text.find("http://").or_else(|| text.find("https://"))?;
            let end = |c: char| !c.is_ascii_graphic() || ",;)>".contains(c);
            let found = text.slice(start..);
            Some(
                found
                    .slice(..found.find(end).unwrap_or(found.len()))
                    .trim_end_matches('.')
                    .to_owned(),
            )
        };
        if let Some(found) = linked.or_else(plain) {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormRegistry;

    #[test]
    fn titles_come_apart() {
        let library = FormRegistry::built_in();
        let form = library.forms().last().expect("a form");
        let cases = [
            ("澜汐市人民政府2025年政府信息公开工作年度报告", "澜汐市人民政府", Some(2025)),
            ("安砂镇政府信息公开工作年度报告", "安砂镇", None),
            ("青禾镇2019年度政府信息公开年度工作报告", "青禾镇", Some(2019)),
            ("2021年青禾镇信息公开年度报告", "青禾镇", Some(2021)),
            ("青禾镇二〇二五年政府信息公开工作年度报告", "青禾镇", Some(2025)),
            ("青禾镇２０２５年度政务信息公开工作报告", "青禾镇", Some(2025)),
            ("X光设备公司政府信息公开工作年度报告", "X光设备公司", None),
            ("Ｘ光设备公司____年政府信息公开工作年度报告", "Ｘ光设备公司", None),
            ("青禾镇×××年政府信息公开工作年度报告", "青禾镇", None),
        ];
        for (text, organ, year) in cases {
            let expected = Some(ParsedTitle { organ: organ.to_owned(), year });
            assert_eq!(ParsedTitle::parse(text, form), expected, "{text}");
        }
        assert_eq!(ParsedTitle::parse("政府信息公开工作年度报告", form), None);
        assert_eq!(ParsedTitle::parse("一、总体情况", form), None);
    }

    #[test]
    fn mail_addresses_are_found() {
        assert_eq!(find_email("邮箱：a.b@c.gov.cn。").as_deref(), Some("a.b@c.gov.cn"));
        assert_eq!(find_email("@"), None);
    }
}
