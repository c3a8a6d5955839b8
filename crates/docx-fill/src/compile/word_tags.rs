//! Owns the tags that only Word supports: their permitted places, and their edits and instructions.
//! Must not know data.

use super::picture_room::relax_line_height;
use crate::compile::compiler::Compiler;
use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::document_value;
use crate::helper::HelperRole;
use crate::ir::part::{EditAction, EditOrder, FitTag, MarkdownTag, PartEdit, WordInstr};
use crate::ir::program::{EscapeContext, Instr, TagId};
use crate::ir::word_values::{CellTag, ImageRequest, InlinePicture, PicturePlaceholder};
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::syntax::tag::TagKind;
use crate::word::properties::Properties;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Compiler<'_> {
    /// Places a tag that produces more than text. Returns false for other tags.
    pub(crate) fn place_special(&mut self, at: usize) -> bool {
        let broken = match &self.tags[at].tag.kind {
            TagKind::Value(body) => parse_break(body),
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
        let role = match &expr {
            Expr::Call(call) => call.helper.role,
            _ => HelperRole::Value,
        };
        match role {
            HelperRole::Markdown => self.place_markdown(at),
            _ if self.place_placeholder(at, &expr) => {}
            HelperRole::Image => self.place_image(at),
            role if role.is_about_cell() => self.place_cell(at),
            HelperRole::Document => self.place_document(at),
            _ => return false,
        }
        true
    }

    fn place_markdown(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        let alone = paragraph.text.trim() == self.sites[at].text && !paragraph.has_non_text;
        // Deleted text, field codes, formulas and texts of drawings cannot become Word paragraphs.
        if paragraph.not_removable || !self.is_plain_text(at) {
            let problem = Problem::error("markdown-place", msg!("template.markdown-place"));
            return self
                .report_problem(at, problem.with_hint(msg!("template.hint-markdown-place")));
        }
        let message = if !alone {
            msg!("template.markdown-alone")
        } else if paragraph.section_break {
            msg!("template.markdown-section")
        } else {
            let (range, actions) = (paragraph.range.clone(), vec![EditAction::Tag(at)]);
            self.guarded_cells.extend(paragraph.container);
            let marks = paragraph.marks.iter().cloned().map(EditAction::Source);
            let actions = actions.into_iter().chain(marks).collect();
            self.edits.push(PartEdit { range, order: EditOrder::Replace, number: at * 2, actions });
            return;
        };
        let hint = msg!("template.hint-markdown-alone");
        self.report_problem(at, Problem::error("markdown-place", message).with_hint(hint));
    }

    /// Checks whether a tag is in the text of a Word run.
    fn is_plain_text(&self, at: usize) -> bool {
        self.text_element_of(at).is_some_and(|element| self.model.texts[element].name == "w:t")
    }

    /// Places a document tag, which must be alone in its paragraph. The paragraph is replaced after rendering.
    fn place_document(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        let mut around = String::new();
        let mut from = 0;
        for &tag in &self.tags_by_paragraph[self.tags[at].paragraph] {
            let range = &self.tags[tag].tag.range;
            around.push_str(paragraph.text.slice(from..range.start));
            from = range.end;
        }
        around.push_str(paragraph.text.slice(from..));
        if !self.is_plain_text(at) || paragraph.has_non_text || !around.trim().is_empty() {
            return self.report_problem(at, document_value::misplaced_document());
        }
        self.cut_tag(at, vec![EditAction::Tag(at)]);
    }

    fn place_image(&mut self, at: usize) {
        let paragraph = self.tags[at].paragraph;
        if !self.is_plain_text(at) {
            let problem = Problem::error("image-place", msg!("template.image-place"));
            return self.report_problem(at, problem.with_hint(msg!("template.hint-image-place")));
        }
        if self.raised_paragraphs.insert(paragraph) {
            let found = &self.model.paragraphs[paragraph];
            self.edits.extend(relax_line_height(self.source, found, self.styles));
        }
        self.cut_tag(at, vec![EditAction::Tag(at)]);
    }

    fn place_page_break(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        if self.is_plain_text(at) && paragraph.row.is_none() {
            let text = "</w:t><w:br w:type=\"page\"/><w:t xml:space=\"preserve\">";
            return self.cut_tag(at, vec![EditAction::Insert(text.to_owned())]);
        }
        let message = msg!("template.page-break-place");
        self.report_problem(at, Problem::error("break-place", message));
    }

    /// Ends the current section at the tag with a copy of its properties, so that the next section is of the
    /// same kind.
    fn place_section_break(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        let alone = paragraph.text.trim() == self.sites[at].text && !paragraph.has_non_text;
        let free = alone
            && self.is_plain_text(at)
            && paragraph.row.is_none()
            && !paragraph.not_removable
            && !paragraph.section_break;
        let start = paragraph.range.start;
        let sections = &self.model.sections;
        let section = sections.get(sections.partition_point(|(section, _)| section.start <= start));
        let (true, None, Some((section, _))) = (free, paragraph.container, section) else {
            let message = msg!("template.section-break-place");
            let hint = msg!("template.hint-markdown-alone");
            return self.report_problem(at, Problem::error("break-place", message).with_hint(hint));
        };
        let mut properties = Properties::parse_paragraph(&self.paragraph_properties(at));
        properties.set_child("w:sectPr", self.source.slice(section.clone()));
        let mut actions = vec![EditAction::Insert(format!("<w:p>{}</w:p>", properties.to_xml()))];
        actions.extend(paragraph.marks.iter().cloned().map(EditAction::Source));
        let range = paragraph.range.clone();
        self.edits.push(PartEdit { range, order: EditOrder::Replace, number: at * 2, actions });
    }

    fn place_cell(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        let row = paragraph.container.and_then(|cell| self.model.containers[cell].row);
        match row.and_then(|row| self.model.rows[row].table) {
            Some(table) if self.is_plain_text(at) => {
                self.marked_tables.insert(table);
                self.cut_tag(at, vec![EditAction::Tag(at)]);
            }
            _ => {
                let message = msg!("template.cell-place");
                self.report_problem(at, Problem::error("cell-place", message));
            }
        }
    }

    /// Replaces a picture whose description is this tag. Returns false if there is no such picture.
    fn place_placeholder(&mut self, at: usize, expr: &Expr) -> bool {
        let (scan, number) = (self.model, self.tags[at].paragraph);
        let alone = self.model.paragraphs[number].text.trim() == self.sites[at].text;
        let site = self.described_picture(number).filter(|_| alone).map(|at| &scan.pictures[at]);
        let found = site.and_then(|site| {
            Some((site, site.image_element.clone()?, ImageRequest::from_expr(expr)?))
        });
        let Some((site, range, asked)) = found else { return false };
        let original = self.source.slice(range.clone()).to_owned();
        let holder = PicturePlaceholder {
            request: asked,
            original_xml: original,
            size: site.size,
            is_vml: site.is_vml,
        };
        let holder = Arc::new(holder);
        let shows = self.add_word_instr(WordInstr::Placeholder(Arc::clone(&holder)));
        let describes = self.add_word_instr(WordInstr::PlaceholderAlt(holder));
        let actions = vec![EditAction::Special(at, shows)];
        self.edits.push(PartEdit { range, order: EditOrder::Replace, number: at * 2, actions });
        self.cut_tag(at, vec![EditAction::Special(at, describes)]);
        true
    }

    /// Returns the picture whose description is this paragraph.
    fn described_picture(&mut self, paragraph: usize) -> Option<usize> {
        let pictures = &self.model.pictures;
        let sites = self.described_pictures.get_or_insert_with(|| {
            let shown =
                pictures.iter().enumerate().filter(|(_, site)| site.image_element.is_some());
            let described =
                shown.flat_map(|(at, site)| site.descriptions.iter().map(move |p| (*p, at)));
            let mut sites = BTreeMap::new();
            for (paragraph, at) in described {
                sites.entry(paragraph).or_insert(at);
            }
            sites
        });
        sites.get(&paragraph).copied()
    }

    /// Returns the instruction of a value tag.
    pub(crate) fn value_instr(&mut self, at: usize, tag: TagId) -> Option<Instr> {
        let expr = self.values[at].clone()?;
        let slot = self.escape_context(at);
        let Expr::Call(call) = &expr else { return Some(Instr::Value { tag, expr, slot }) };
        let about_cell = match slot {
            EscapeContext::Run(element) => CellTag::from_call(call, element),
            _ => None,
        };
        if let Some(cell) = about_cell {
            let number = self.add_word_instr(WordInstr::Cell(cell));
            return Some(Instr::Special { tag, number });
        }
        let special = match (call.helper.role, slot) {
            (HelperRole::Markdown, _) => WordInstr::Markdown(MarkdownTag {
                expr: call.args[0].clone(),
                paragraph_properties: self.paragraph_properties(at),
                run_properties: self.run_properties(at),
                available_width: self.available_width(at),
            }),
            (HelperRole::Fit, EscapeContext::Run(element)) => WordInstr::Fit(FitTag {
                expr: call.args[0].clone(),
                limit: call.args[1].clone(),
                element,
                run_properties: self.run_properties(at),
            }),
            (HelperRole::Image, EscapeContext::Run("w:t")) => {
                WordInstr::Image(Box::new(InlinePicture {
                    request: ImageRequest::from_expr(&expr)?,
                    run_properties: self.run_properties(at),
                    max_width: self.available_width(at),
                }))
            }
            _ => return Some(Instr::Value { tag, expr, slot }),
        };
        let number = self.add_word_instr(special);
        Some(Instr::Special { tag, number })
    }

    fn paragraph_properties(&self, at: usize) -> String {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        let range = paragraph.properties.clone();
        range.map(|range| self.source.slice(range).to_owned()).unwrap_or_default()
    }

    /// Returns the width available at a tag, in twentieths of a point: that of its cell, or else of its
    /// section's text.
    fn available_width(&self, at: usize) -> u32 {
        let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
        let cell = paragraph.container.and_then(|cell| self.model.containers[cell].width);
        if let Some(width) = cell {
            return width.saturating_sub(230);
        }
        let (sections, start) = (&self.model.sections, paragraph.range.start);
        let section = sections.get(sections.partition_point(|(section, _)| section.end <= start));
        // Headers and footers have no section of their own; the fallback is A4 with Word's default margins.
        section.map(|&(_, width)| width).filter(|&width| width > 0).unwrap_or(8306)
    }
}

/// Parses a break tag: true for a page break, false for a section break.
pub(crate) fn parse_break(body: &str) -> Option<bool> {
    match body {
        "page-break" => Some(true),
        "section-break" => Some(false),
        _ => None,
    }
}
