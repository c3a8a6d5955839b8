//! Owns the numbering of headings in official documents: （一）, `1.` and （1）.
//! Must not know Markdown.
//!
//! Source: GB/T 9704—2012, clause 7.3.3. Half-width brackets and 1、 occur in practice and are accepted.

use super::{ProseInline, ProseRun, plain_text};
use crate::slice::TextSlice as _;
use crate::value::numerals::is_ordinal_char;

/// Maximum length of a heading in characters; a longer text is a paragraph without a full stop.
const MAX_HEADING_LENGTH: usize = 60;

/// The role of a paragraph, determined by its number and punctuation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParagraphRole {
    /// A plain paragraph.
    Body,
    /// A separate heading of level 2 to 4.
    Heading(u8),
    /// A paragraph that begins with a heading of level 2; holds the heading's length in bytes.
    RunInHeading(usize),
}

/// Determines the role of a paragraph.
pub(super) fn classify_paragraph(text: &str) -> ParagraphRole {
    let Some(level) = heading_level(text) else { return ParagraphRole::Body };
    let end = text.char_indices().find(|(_, c)| matches!(c, '。' | '！' | '？' | '；'));
    match end {
        None if text.chars().count() <= MAX_HEADING_LENGTH => ParagraphRole::Heading(level),
        Some((at, c)) if level == 2 && text.slice(..at).chars().count() <= MAX_HEADING_LENGTH => {
            ParagraphRole::RunInHeading(at + c.len_utf8())
        }
        _ => ParagraphRole::Body,
    }
}

/// Returns the heading level of the number with which a text begins.
pub(super) fn heading_level(text: &str) -> Option<u8> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix(['（', '(']) {
        let number = rest.split(['）', ')']).next().filter(|number| number.len() < rest.len())?;
        let all = |set: fn(char) -> bool| !number.is_empty() && number.chars().all(set);
        return match () {
            () if all(is_ordinal_char) => Some(2),
            () if number.len() <= 3 && all(|c| c.is_ascii_digit()) => Some(4),
            () => None,
        };
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.slice(digits..);
    let marked = rest.starts_with(['、', '．'])
        || rest
            .strip_prefix('.')
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    ((1..=2).contains(&digits) && marked).then_some(3)
}

/// Marks the first `bytes` bytes of a paragraph as run-in heading.
pub(super) fn mark_run_in_heading(inlines: Vec<ProseInline>, mut bytes: usize) -> Vec<ProseInline> {
    let mut out = Vec::with_capacity(inlines.len() + 1);
    for inline in inlines {
        match inline {
            ProseInline::Text(run) if bytes > 0 => {
                let cut = bytes.min(run.text.len());
                let (head, tail) = run.text.split_at_offset(cut);
                bytes -= cut;
                out.push(ProseInline::Text(ProseRun {
                    text: head.to_owned(),
                    lead: true,
                    ..run.clone()
                }));
                if !tail.is_empty() {
                    out.push(ProseInline::Text(ProseRun { text: tail.to_owned(), ..run.clone() }));
                }
            }
            other => {
                bytes = bytes.saturating_sub(plain_text(std::slice::from_ref(&other)).len());
                out.push(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_levels() {
        for (text, expected) in [
            ("（一）主动公开", Some(2)),
            ("(二) 具体措施", Some(2)),
            ("（十二）其他", Some(2)),
            ("1.完善制度", Some(3)),
            ("2、将考核", Some(3)),
            ("（1）目录", Some(4)),
            ("1.5万元", None),
            ("2020年", None),
            ("（2020）1号", None),
            ("（以下简称《条例》）", None),
            ("（一", None),
            ("（）", None),
        ] {
            assert_eq!(heading_level(text), expected, "{text}");
        }
    }

    #[test]
    fn punctuation_tells_headings_from_text() {
        assert_eq!(classify_paragraph("（一）主动公开政府信息的情况"), ParagraphRole::Heading(2));
        assert_eq!(classify_paragraph("1.完善审查制度，提高质量。"), ParagraphRole::Body);
        let text = "（二）措施。以上问题";
        assert_eq!(classify_paragraph(text), ParagraphRole::RunInHeading("（二）措施。".len()));
        assert_eq!(classify_paragraph(&format!("（一）{}", "长".repeat(80))), ParagraphRole::Body);
    }
}
