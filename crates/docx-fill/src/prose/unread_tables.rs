//! Owns finding lines of a text that look like rows of a table and are none, because the line of dashes below the
//! head is missing or a blank line stands between them.
//! Must not know what is said about them.

use super::dialect::markdown_options;
use crate::slice::TextSlice as _;
use pulldown_cmark::{Event, Parser, Tag};
use std::ops::Range;

/// The bar between cells, and the full-width one that an input method types.
const BARS: [char; 2] = ['|', '｜'];

/// Lines with bars that stand below each other and would be printed as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadTable {
    /// Range of the first line, without the blanks around it.
    pub first_line: Range<usize>,
    /// Number of lines, without blank ones.
    pub lines: usize,
    /// Number of cells in the first line.
    pub columns: usize,
}

/// Returns the tables of a Markdown text that are not read as tables.
pub fn find_unread_tables(markdown: &str) -> Vec<UnreadTable> {
    let mut out: Vec<UnreadTable> = Vec::new();
    if !markdown.contains(BARS) {
        return out;
    }
    let read = ReadBlocks::of_text(markdown);
    let (mut start, mut goes_on) = (0, false);
    for line in markdown.split('\n') {
        let words = line.trim();
        let at = start + (line.len() - line.trim_start().len());
        start += line.len() + 1;
        if words.is_empty() {
            continue;
        }
        let is_row = !read.contains(at);
        let columns = count_cells(words).filter(|_| is_row);
        match (columns, out.last_mut().filter(|_| goes_on)) {
            (Some(_), Some(table)) => table.lines += 1,
            (None, Some(table)) if is_row && is_rule(words) => {
                table.lines += 1;
                continue;
            }
            (Some(columns), None) => {
                out.push(UnreadTable { first_line: at..at + words.len(), lines: 1, columns });
            }
            (None, _) => {}
        }
        goes_on = columns.is_some();
    }
    out
}

/// The tables and the literal blocks of a text, in its order.
struct ReadBlocks(Vec<Range<usize>>);

impl ReadBlocks {
    fn of_text(markdown: &str) -> ReadBlocks {
        let events = Parser::new_ext(markdown, markdown_options()).into_offset_iter();
        let is_read =
            |event: &Event<'_>| matches!(event, Event::Start(Tag::Table(_) | Tag::CodeBlock(_)));
        let mut blocks: Vec<Range<usize>> =
            events.filter(|(event, _)| is_read(event)).map(|(_, range)| range).collect();
        blocks.sort_by_key(|range| range.start);
        ReadBlocks(blocks)
    }

    /// Checks whether a place lies in one of the blocks; none lies in another.
    fn contains(&self, at: usize) -> bool {
        let begun = self.0.partition_point(|range| range.start <= at);
        self.0.get(..begun).and_then(<[_]>::last).is_some_and(|range| range.contains(&at))
    }
}

/// Checks whether a line is one of dashes, as below the head of a table.
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| BARS.contains(&c) || "-: ".contains(c))
}

/// Returns the number of cells of a line that begins and ends with a bar; `None` if there are fewer than two.
fn count_cells(line: &str) -> Option<usize> {
    let inner = line.strip_prefix(BARS)?.strip_suffix(BARS)?;
    let bars = inner.match_indices(BARS);
    let between = bars.filter(|(at, _)| !inner.slice(..*at).ends_with('\\')).count();
    (between > 0 && !inner.ends_with('\\')).then_some(between + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(markdown: &str) -> Vec<(&str, usize, usize)> {
        let tables = find_unread_tables(markdown).into_iter();
        tables.map(|table| (markdown.slice(table.first_line), table.lines, table.columns)).collect()
    }

    #[test]
    fn rows_without_the_line_of_dashes_are_found() {
        assert_eq!(found("甲\n\n| 渠道 | 条 |\n| 网站 | 3 |\n\n乙"), [("| 渠道 | 条 |", 2, 2)]);
        assert_eq!(found("｜渠道｜条｜月｜\n｜网站｜3｜4｜"), [("｜渠道｜条｜月｜", 2, 3)]);
        // Each paragraph of a cell of a workbook has a blank line behind it.
        let loose = "| 渠道 | 条 |\n\n|---|---|\n\n| 网站 | 3 |";
        assert_eq!(found(loose), [("| 渠道 | 条 |", 3, 2)]);
        // A line of dashes of another width makes no table.
        assert_eq!(found("| 渠道 | 条 |\n|---|\n| 网站 | 3 |").len(), 1);
    }

    #[test]
    fn tables_code_and_other_bars_are_none() {
        for text in [
            "| 渠道 | 条 |\n|---|---|\n| 网站 | 3 |\n\n乙",
            "甲 | 乙",
            "\\| 甲 | 乙 |",
            "| 甲 |",
            "```\n| 甲 | 乙 |\n```",
            "（一）甲：| 乙 | 丙 |",
            "",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
