//! Owns the decision what a block encloses: text, whole paragraphs or whole table rows.
//! Must not know how the result is written.

use crate::diag::Problem;
use crate::diag::Text;
use crate::diag::text;
use crate::document::part_model::{Paragraph, Scan};
use crate::slice::TextSlice as _;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::{Kind, Tag};
use std::ops::Range;

/// What a tag acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// On the text of its paragraph; `split` if runs have to be cut at it.
    Inline { split: bool },
    /// On paragraphs.
    Paragraph,
    /// On table rows; its own is this one.
    Row(usize),
    /// On table rows that stand there already.
    FixedRow(usize),
    /// On the columns of a table from the cell of its opening to that of its closing tag.
    Column(usize),
}

/// A tag in its paragraph.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) paragraph: usize,
    pub(crate) tag: Tag,
    /// Where it begins in the part.
    pub(crate) at: usize,
    pub(crate) level: Level,
}

/// The tags of a part, in reading order, over what the part holds.
pub(crate) struct Levels<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) items: &'a mut [Item],
    /// Per paragraph the range of its tags within `items`, or of none.
    pub(crate) by_paragraph: &'a [Vec<usize>],
}

impl Levels<'_> {
    /// Decides the level of every block; problems come with the tag they are about.
    pub(crate) fn decide(&mut self, blocks: &[Vec<usize>]) -> Vec<(usize, Problem)> {
        let mut problems = Vec::new();
        for block in blocks {
            match self.level_of(block) {
                Ok(levels) => {
                    for (&at, level) in block.iter().zip(levels) {
                        self.items[at].level = level;
                    }
                }
                Err(problem) => problems.push((block[0], problem)),
            }
        }
        for block in blocks {
            problems.extend(self.check(block));
            problems.extend(self.check_fixed(block));
        }
        problems
    }

    fn level_of(&self, block: &[usize]) -> Result<Vec<Level>, Problem> {
        if self.has_option(block, "columns") {
            return self.cells_of(block);
        }
        if self.has_option(block, "fixed") {
            return self.fixed_rows_of(block);
        }
        let first = self.items[block[0]].paragraph;
        if block.iter().all(|&at| self.items[at].paragraph == first) {
            let split = self.needs_split(block)?;
            return Ok(vec![Level::Inline { split }; block.len()]);
        }
        let parent = |at: usize| {
            let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
            (!paragraph.fixed).then_some(paragraph.parent)
        };
        let parents: Vec<_> = block.iter().map(|&at| parent(at)).collect();
        if parents[0].is_some() && parents.iter().all(|other| *other == parents[0]) {
            return Ok(vec![Level::Paragraph; block.len()]);
        }
        self.rows_of(block)
    }

    /// Whether an inline block spans runs, which have then to be cut at its tags.
    fn needs_split(&self, block: &[usize]) -> Result<bool, Problem> {
        let elements: Vec<Option<usize>> = block.iter().map(|&at| self.element_of(at)).collect();
        if elements.iter().all(|element| *element == elements[0]) {
            return Ok(false);
        }
        let parents = elements.iter().map(|element| {
            let run = self.scan.texts[(*element)?].run?;
            Some(self.scan.runs[run].parent)
        });
        let parents: Vec<Option<u32>> = parents.collect();
        if parents[0].is_some() && parents.iter().all(|parent| *parent == parents[0]) {
            Ok(true)
        } else {
            let name = self.name(block);
            Err(problem(text!("template.crosses", name = name), text!("template.hint-crosses")))
        }
    }

    fn element_of(&self, at: usize) -> Option<usize> {
        let item = &self.items[at];
        self.scan.paragraphs[item.paragraph].element_at(item.tag.range.start)
    }

    /// The rows of one table in which the tags of a block stand.
    fn rows_of(&self, block: &[usize]) -> Result<Vec<Level>, Problem> {
        let mut row = self.scan.paragraphs[self.items[block[0]].paragraph].row;
        while let Some(candidate) = row {
            let parent = self.scan.rows[candidate].parent;
            let rows: Option<Vec<usize>> =
                block.iter().map(|&at| self.row_under(at, parent)).collect();
            if let Some(rows) = rows {
                return Ok(rows.into_iter().map(Level::Row).collect());
            }
            row = self.scan.rows[candidate].outer;
        }
        let name = self.name(block);
        let in_table = |at: &usize| self.scan.paragraphs[self.items[*at].paragraph].row.is_some();
        Err(if block.iter().any(in_table) {
            problem(
                text!("template.across-cells", name = name),
                text!("template.hint-across-cells"),
            )
        } else {
            problem(text!("template.crosses", name = name), text!("template.hint-crosses"))
        })
    }

    /// Whether a loop over rows that stand in the table has this option set.
    fn has_option(&self, block: &[usize], name: &str) -> bool {
        let Kind::Open(body) = &self.items[block[0]].tag.kind else { return false };
        // Reading a tag takes time, and few have options.
        body.contains(name)
            && expr::opening(body).is_ok_and(|opening| {
                opening.hash.iter().any(|(key, value)| {
                    key == name && matches!(value, Expr::Literal(serde_json::Value::Bool(true)))
                })
            })
    }

    fn fixed_rows_of(&self, block: &[usize]) -> Result<Vec<Level>, Problem> {
        let wrong = || {
            let message = text!("template.fixed-rows", name = self.name(block));
            problem(message, text!("template.hint-across-cells"))
        };
        let [_, _] = block else { return Err(wrong()) };
        let row_of = |level: &Level| match *level {
            Level::Row(row) => Some(Level::FixedRow(row)),
            _ => None,
        };
        self.rows_of(block)?.iter().map(|level| row_of(level).ok_or_else(wrong)).collect()
    }

    /// The cells of one table in which the tags of a block stand.
    fn cells_of(&self, block: &[usize]) -> Result<Vec<Level>, Problem> {
        let cell = |&at: &usize| {
            let cell = self.scan.paragraphs[self.items[at].paragraph].container?;
            let table = self.scan.rows[self.scan.cells[cell].row?].table?;
            Some((cell, table))
        };
        let cells: Option<Vec<(usize, usize)>> = block.iter().map(cell).collect();
        match cells.as_deref() {
            Some(&[(open, table), (close, other)]) if table == other => {
                Ok(vec![Level::Column(open), Level::Column(close)])
            }
            _ => {
                let message = text!("template.columns", name = self.name(block));
                Err(problem(message, text!("template.hint-columns")))
            }
        }
    }

    fn row_under(&self, at: usize, parent: u32) -> Option<usize> {
        let mut row = self.scan.paragraphs[self.items[at].paragraph].row;
        while let Some(candidate) = row {
            if self.scan.rows[candidate].parent == parent {
                return Some(candidate);
            }
            row = self.scan.rows[candidate].outer;
        }
        None
    }

    fn name(&self, block: &[usize]) -> String {
        match &self.items[block[0]].tag.kind {
            Kind::Open(body) | Kind::Inverse(body) => body.clone(),
            Kind::DefineOpen(body) => format!("*{body}"),
            _ => String::new(),
        }
    }

    /// Whether the tags of a block stand where their level lets them.
    fn check(&self, block: &[usize]) -> Vec<(usize, Problem)> {
        let mut problems = Vec::new();
        for &at in block {
            let fault = match self.items[at].level {
                Level::Inline { .. } | Level::Column(_) | Level::FixedRow(_) => None,
                Level::Paragraph => self.check_in_paragraph(at, block),
                Level::Row(row) => self.check_in_row(at, row, block),
            };
            problems.extend(fault.map(|fault| (at, fault)));
        }
        problems
    }

    /// Rows that are filled one by one cannot be repeated by a loop within.
    fn check_fixed(&self, block: &[usize]) -> Option<(usize, Problem)> {
        let (Level::FixedRow(first), &[open, close]) = (self.items[block[0]].level, block) else {
            return None;
        };
        let parent = self.scan.rows[first].parent;
        let inner = (open + 1..close).find(|&at| match self.items[at].level {
            Level::Row(row) | Level::FixedRow(row) => self.scan.rows[row].parent == parent,
            _ => false,
        })?;
        let message = text!("template.fixed-rows-within", name = self.name(block));
        Some((inner, problem(message, text!("template.hint-across-cells"))))
    }

    fn check_in_paragraph(&self, at: usize, block: &[usize]) -> Option<Problem> {
        let item = &self.items[at];
        let name = || self.name(block);
        if self.is_lone(item.paragraph) {
            let broken = self.scan.paragraphs[item.paragraph].section_break;
            return broken.then(|| {
                let hint = text!("template.hint-section-break");
                problem(text!("template.section-break", name = name()), hint)
            });
        }
        let rest = match item.tag.kind {
            Kind::Close(_) => item.tag.range.end..self.paragraph(at).text.len(),
            _ => 0..item.tag.range.start,
        };
        let solid = self.paragraph(at).solid && self.paragraph(at).text.trim().is_empty();
        (solid || !self.is_blank(item.paragraph, rest)).then(|| {
            let hint = text!("template.hint-split-paragraph");
            problem(text!("template.split-paragraph", name = name()), hint)
        })
    }

    fn check_in_row(&self, at: usize, row: usize, block: &[usize]) -> Option<Problem> {
        let between = matches!(self.items[at].tag.kind, Kind::Else(_));
        let opened = self.items[block[0]].level;
        (between && opened == Level::Row(row) && !self.is_tag_row(row)).then(|| {
            let name = self.name(block);
            problem(text!("template.else-in-row", name = name), text!("template.hint-across-cells"))
        })
    }

    fn paragraph(&self, at: usize) -> &Paragraph {
        &self.scan.paragraphs[self.items[at].paragraph]
    }

    /// Whether a piece of a paragraph's text holds nothing but tags that leave it.
    fn is_blank(&self, paragraph: usize, range: Range<usize>) -> bool {
        let text = &self.scan.paragraphs[paragraph].text;
        let mut from = range.start;
        for &at in &self.by_paragraph[paragraph] {
            let item = &self.items[at];
            let tag = &item.tag.range;
            if tag.end <= range.start || tag.start >= range.end || !leaves(item) {
                continue;
            }
            if !text.slice(from..tag.start).trim().is_empty() {
                return false;
            }
            from = tag.end;
        }
        text.slice(from..range.end).trim().is_empty()
    }

    /// Whether a paragraph is there only for its tags, so that it goes away with them.
    pub(crate) fn is_lone(&self, paragraph: usize) -> bool {
        let found = &self.scan.paragraphs[paragraph];
        let tags = &self.by_paragraph[paragraph];
        !tags.is_empty()
            && !found.solid
            && !found.fixed
            && tags.iter().all(|&at| leaves(&self.items[at]))
            && self.is_blank(paragraph, 0..found.text.len())
    }

    /// Whether a row is there only for tags that enclose rows.
    pub(crate) fn is_tag_row(&self, row: usize) -> bool {
        let range = &self.scan.rows[row].range;
        let paragraphs = &self.scan.paragraphs;
        let mut any = false;
        for at in self.scan.indices_within(range) {
            let of_row = |&tag: &usize| {
                let item = &self.items[tag];
                matches!(item.level, Level::Row(own) | Level::FixedRow(own) if own == row)
                    || item.tag.kind == Kind::Comment
            };
            if self.is_lone(at) && self.by_paragraph[at].iter().all(of_row) {
                any = true;
            } else if paragraphs[at].solid || !paragraphs[at].text.trim().is_empty() {
                return false;
            }
        }
        any
    }
}

/// Whether a tag does not stay in the text of its paragraph.
fn leaves(item: &Item) -> bool {
    match item.tag.kind {
        Kind::Value(_) => false,
        Kind::Comment | Kind::Define(_) => true,
        _ => !matches!(item.level, Level::Inline { .. }),
    }
}

fn problem(text: Text, hint: Text) -> Problem {
    Problem::error("block-placement", text).hint(hint)
}

/// What becomes of rows beyond the data: whether they are removed, or what else was asked for.
pub(crate) fn surplus(kind: &Kind) -> Result<bool, String> {
    let Kind::Open(body) = kind else { return Ok(false) };
    if !body.contains("surplus") {
        return Ok(false);
    }
    let opening = expr::opening(body).ok();
    let asked = opening.iter().flat_map(|opening| &opening.hash).find(|(key, _)| key == "surplus");
    match asked.map(|(_, value)| value) {
        None => Ok(false),
        Some(Expr::Literal(serde_json::Value::String(what))) if what == "delete" => Ok(true),
        Some(Expr::Literal(serde_json::Value::String(what))) if what == "blank" => Ok(false),
        Some(Expr::Literal(other)) => Err(other.to_string()),
        Some(_) => Err(body.clone()),
    }
}
