//! Owns the tags that only Word understands: where they may stand and which steps they become.
//! Must not know data.

use super::picture_room::make_room;
use crate::compile::compiler::Compiler;
use crate::diag::Problem;
use crate::diag::text;
use crate::document::properties::Properties;
use crate::eval::document_value;
use crate::ir::part::{Action, Class, Edit, Fit, Markdown, Special};
use crate::ir::program::{Op, Slot, TagId};
use crate::ir::word_values::{Asked, CellTag, Inline, Placeholder};
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::syntax::tag::Kind;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Compiler<'_> {
    /// Places a tag that is more than text in its run; false if it is none.
    pub(crate) fn place_special(&mut self, at: usize) -> bool {
        let broken = match &self.items[at].tag.kind {
            Kind::Value(body) => is_break(body),
            _ => None,
        };
        if let Some(page) = broken {
            if page {
                self.place_page_break(at);
            } else {
                self.place_section_break(at);
            }
            return true;
        }
        let Some(expr) = self.values[at].clone() else { return false };
        let name = match &expr {
            Expr::Call(call) => call.helper.name,
            _ => "",
        };
        match name {
            "markdown" => self.place_markdown(at),
            _ if self.place_placeholder(at, &expr) => {}
            "image" => self.place_image(at),
            "merge" | "span" | "shade" => self.place_cell(at),
            "document" => self.place_document(at),
            _ => return false,
        }
        true
    }

    fn place_markdown(&mut self, at: usize) {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        let alone = paragraph.text.trim() == self.sites[at].text && !paragraph.solid;
        // Deleted text, field codes, formulas and texts of drawings cannot become paragraphs of Word.
        if paragraph.fixed || !self.is_plain_text(at) {
            let problem = Problem::error("markdown-place", text!("template.markdown-place"));
            return self.report(at, problem.hint(text!("template.hint-markdown-place")));
        }
        let message = if !alone {
            text!("template.markdown-alone")
        } else if paragraph.section_break {
            text!("template.markdown-section")
        } else {
            let (range, actions) = (paragraph.range.clone(), vec![Action::Tag(at)]);
            self.guarded_cells.extend(paragraph.container);
            let marks = paragraph.marks.iter().cloned().map(Action::Source);
            let actions = actions.into_iter().chain(marks).collect();
            self.edits.push(Edit { range, class: Class::Replace, number: at * 2, actions });
            return;
        };
        let hint = text!("template.hint-markdown-alone");
        self.report(at, Problem::error("markdown-place", message).hint(hint));
    }

    /// Whether a tag stands in the text of a run of Word.
    fn is_plain_text(&self, at: usize) -> bool {
        self.element_of(at).is_some_and(|element| self.scan.texts[element].name == "w:t")
    }

    /// The document takes the place of the paragraph when that is complete.
    fn place_document(&mut self, at: usize) {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        let mut around = String::new();
        let mut from = 0;
        for &tag in &self.by_paragraph[self.items[at].paragraph] {
            let range = &self.items[tag].tag.range;
            around.push_str(paragraph.text.slice(from..range.start));
            from = range.end;
        }
        around.push_str(paragraph.text.slice(from..));
        if !self.is_plain_text(at) || paragraph.solid || !around.trim().is_empty() {
            return self.report(at, document_value::misplaced());
        }
        self.cut_tag(at, vec![Action::Tag(at)]);
    }

    fn place_image(&mut self, at: usize) {
        let paragraph = self.items[at].paragraph;
        if !self.is_plain_text(at) {
            let problem = Problem::error("image-place", text!("template.image-place"));
            return self.report(at, problem.hint(text!("template.hint-image-place")));
        }
        if self.roomy.insert(paragraph) {
            let found = &self.scan.paragraphs[paragraph];
            self.edits.extend(make_room(self.source, found, self.styles));
        }
        self.cut_tag(at, vec![Action::Tag(at)]);
    }

    fn place_page_break(&mut self, at: usize) {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        if self.is_plain_text(at) && paragraph.row.is_none() {
            let text = "</w:t><w:br w:type=\"page\"/><w:t xml:space=\"preserve\">";
            return self.cut_tag(at, vec![Action::Insert(text.to_owned())]);
        }
        let message = text!("template.page-break-place");
        self.report(at, Problem::error("break-place", message));
    }

    /// The section that the tag stands in ends there; another of the same kind begins.
    fn place_section_break(&mut self, at: usize) {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        let alone = paragraph.text.trim() == self.sites[at].text && !paragraph.solid;
        let free = alone
            && self.is_plain_text(at)
            && paragraph.row.is_none()
            && !paragraph.fixed
            && !paragraph.section_break;
        let start = paragraph.range.start;
        let sections = &self.scan.sections;
        let section = sections.get(sections.partition_point(|(section, _)| section.start <= start));
        let (true, None, Some((section, _))) = (free, paragraph.container, section) else {
            let message = text!("template.section-break-place");
            let hint = text!("template.hint-markdown-alone");
            return self.report(at, Problem::error("break-place", message).hint(hint));
        };
        let mut properties = Properties::paragraph(&self.paragraph_properties(at));
        properties.set("w:sectPr", self.source.slice(section.clone()));
        let mut actions = vec![Action::Insert(format!("<w:p>{}</w:p>", properties.xml()))];
        actions.extend(paragraph.marks.iter().cloned().map(Action::Source));
        let range = paragraph.range.clone();
        self.edits.push(Edit { range, class: Class::Replace, number: at * 2, actions });
    }

    fn place_cell(&mut self, at: usize) {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        let row = paragraph.container.and_then(|cell| self.scan.cells[cell].row);
        match row.and_then(|row| self.scan.rows[row].table) {
            Some(table) if self.is_plain_text(at) => {
                self.marked_tables.insert(table);
                self.cut_tag(at, vec![Action::Tag(at)]);
            }
            _ => {
                let message = text!("template.cell-place");
                self.report(at, Problem::error("cell-place", message));
            }
        }
    }

    /// A picture whose description is the tag gets another in its place.
    fn place_placeholder(&mut self, at: usize, expr: &Expr) -> bool {
        let (scan, number) = (self.scan, self.items[at].paragraph);
        let alone = self.scan.paragraphs[number].text.trim() == self.sites[at].text;
        let site = self.described_in(number).filter(|_| alone).map(|at| &scan.pictures[at]);
        let found = site.and_then(|site| Some((site, site.shows.clone()?, Asked::read(expr)?)));
        let Some((site, range, asked)) = found else { return false };
        let original = self.source.slice(range.clone()).to_owned();
        let holder = Placeholder { asked, original, size: site.size, vml: site.vml };
        let holder = Arc::new(holder);
        let shows = self.special(Special::Placeholder(Arc::clone(&holder)));
        let describes = self.special(Special::Description(holder));
        let actions = vec![Action::Special(at, shows)];
        self.edits.push(Edit { range, class: Class::Replace, number: at * 2, actions });
        self.cut_tag(at, vec![Action::Special(at, describes)]);
        true
    }

    /// The picture of the template whose description a paragraph is.
    fn described_in(&mut self, paragraph: usize) -> Option<usize> {
        let pictures = &self.scan.pictures;
        let sites = self.described.get_or_insert_with(|| {
            let shown = pictures.iter().enumerate().filter(|(_, site)| site.shows.is_some());
            let described =
                shown.flat_map(|(at, site)| site.described.iter().map(move |p| (*p, at)));
            let mut sites = BTreeMap::new();
            for (paragraph, at) in described {
                sites.entry(paragraph).or_insert(at);
            }
            sites
        });
        sites.get(&paragraph).copied()
    }

    /// The step of a value tag.
    pub(crate) fn value_op(&mut self, at: usize, tag: TagId) -> Option<Op> {
        let expr = self.values[at].clone()?;
        let slot = self.slot(at);
        let Expr::Call(call) = &expr else { return Some(Op::Value { tag, expr, slot }) };
        let about_cell = match slot {
            Slot::Run(element) => CellTag::read(call, element),
            _ => None,
        };
        if let Some(cell) = about_cell {
            let number = self.special(Special::Cell(cell));
            return Some(Op::Special { tag, number });
        }
        let special = match (call.helper.name, slot) {
            ("markdown", _) => Special::Markdown(Markdown {
                expr: call.args[0].clone(),
                paragraph_properties: self.paragraph_properties(at),
                run_properties: self.run_properties(at),
                width: self.width(at),
            }),
            ("fit", Slot::Run(element)) => Special::Fit(Fit {
                expr: call.args[0].clone(),
                limit: call.args[1].clone(),
                element,
                run_properties: self.run_properties(at),
            }),
            ("image", Slot::Run("w:t")) => Special::Image(Box::new(Inline {
                asked: Asked::read(&expr)?,
                run_properties: self.run_properties(at),
                room: self.width(at),
            })),
            _ => return Some(Op::Value { tag, expr, slot }),
        };
        let number = self.special(special);
        Some(Op::Special { tag, number })
    }

    fn paragraph_properties(&self, at: usize) -> String {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        let range = paragraph.properties.clone();
        range.map(|range| self.source.slice(range).to_owned()).unwrap_or_default()
    }

    /// Room at a tag: the cell it is in, or else the text of its section.
    fn width(&self, at: usize) -> u32 {
        let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
        let cell = paragraph.container.and_then(|cell| self.scan.cells[cell].width);
        if let Some(width) = cell {
            return width.saturating_sub(230);
        }
        let (sections, start) = (&self.scan.sections, paragraph.range.start);
        let section = sections.get(sections.partition_point(|(section, _)| section.end <= start));
        // A4 with Word's usual margins, where a header does not know its section.
        section.map(|&(_, width)| width).filter(|&width| width > 0).unwrap_or(8306)
    }
}

/// Whether a tag breaks the page (true) or the section (false).
pub(crate) fn is_break(body: &str) -> Option<bool> {
    match body {
        "page-break" => Some(true),
        "section-break" => Some(false),
        _ => None,
    }
}
