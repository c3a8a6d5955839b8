//! Owns the tags that only Word supports: their permitted places, and their edits.
//! Must not know data.

use super::edit_collector::EditCollector;
use super::fields::merge_fields::merge_field_tag;
use super::tag_contents::parse_break;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::part_model::Paragraph;
use crate::eval::document_value;
use crate::helper::HelperRole;
use crate::ir::part::{EditAction, EditOrder, PartEdit, WordInstr};
use crate::ir::word_values::{ImageRequest, PicturePlaceholder};
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::syntax::tag::TagKind;
use crate::word::properties::Properties;
use crate::word::styles::{AppliedStyles, LineSpacing, StyleSheet};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

impl EditCollector<'_> {
    /// Places a tag that produces more than text. Returns false for other tags.
    pub(crate) fn place_special(&mut self, at: usize) -> bool {
        let broken = match &self.tag(at).tag.kind {
            TagKind::Value(body) => parse_break(body),
            TagKind::MergeField(number) => {
                if let Some(field) = merge_field_tag(self.part, *number) {
                    self.replace_range(field.range, at * 2, vec![EditAction::Tag(at)]);
                }
                return true;
            }
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
        let Some(expr) = self.contents.values[at].clone() else { return false };
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
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        let alone =
            paragraph.text.trim() == self.contents.sites[at].text && !paragraph.has_non_text;
        // Deleted text, field codes, formulas and texts of drawings cannot become Word paragraphs.
        if paragraph.not_removable || !self.part.is_plain_text(item) {
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
            self.replace_range(range, at * 2, actions);
            return;
        };
        let hint = msg!("template.hint-markdown-alone");
        self.report_problem(at, Problem::error("markdown-place", message).with_hint(hint));
    }

    /// Places a document tag, which must be alone in its paragraph. The paragraph is replaced after rendering.
    fn place_document(&mut self, at: usize) {
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        let mut around = String::new();
        let mut from = 0;
        for &tag in &self.resolved.tags.by_paragraph[item.paragraph] {
            let range = &self.tag(tag).tag.range;
            around.push_str(paragraph.text.slice(from..range.start));
            from = range.end;
        }
        around.push_str(paragraph.text.slice(from..));
        if !self.part.is_plain_text(item) || paragraph.has_non_text || !around.trim().is_empty() {
            return self.report_problem(at, document_value::misplaced_document());
        }
        self.cut_tag(at, vec![EditAction::Tag(at)]);
    }

    fn place_image(&mut self, at: usize) {
        let item = self.tag(at);
        let paragraph = item.paragraph;
        if !self.part.is_plain_text(item) {
            let problem = Problem::error("image-place", msg!("template.image-place"));
            return self.report_problem(at, problem.with_hint(msg!("template.hint-image-place")));
        }
        if self.raised_paragraphs.insert(paragraph) {
            let found = &self.part.model.paragraphs[paragraph];
            self.edits.extend(relax_line_height(self.part.xml, found, self.part.styles));
        }
        self.cut_tag(at, vec![EditAction::Tag(at)]);
    }

    fn place_page_break(&mut self, at: usize) {
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        if self.part.is_plain_text(item) && paragraph.row.is_none() {
            let text = "</w:t><w:br w:type=\"page\"/><w:t xml:space=\"preserve\">";
            return self.cut_tag(at, vec![EditAction::Insert(text.to_owned())]);
        }
        let message = msg!("template.page-break-place");
        self.report_problem(at, Problem::error("break-place", message));
    }

    /// Ends the current section at the tag with a copy of its properties, so that the next section is of the
    /// same kind.
    fn place_section_break(&mut self, at: usize) {
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        let alone =
            paragraph.text.trim() == self.contents.sites[at].text && !paragraph.has_non_text;
        let free = alone
            && self.part.is_plain_text(item)
            && paragraph.row.is_none()
            && !paragraph.not_removable
            && !paragraph.section_break;
        let start = paragraph.range.start;
        let sections = &self.part.model.sections;
        let section = sections.get(sections.partition_point(|(section, _)| section.start <= start));
        let (true, None, Some((section, _))) = (free, paragraph.container, section) else {
            let message = msg!("template.section-break-place");
            let hint = msg!("template.hint-markdown-alone");
            return self.report_problem(at, Problem::error("break-place", message).with_hint(hint));
        };
        let mut properties = Properties::parse_paragraph(&self.part.paragraph_properties(item));
        properties.set_child("w:sectPr", self.part.xml.slice(section.clone()));
        let mut actions = vec![EditAction::Insert(format!("<w:p>{}</w:p>", properties.to_xml()))];
        actions.extend(paragraph.marks.iter().cloned().map(EditAction::Source));
        let range = paragraph.range.clone();
        self.replace_range(range, at * 2, actions);
    }

    fn place_cell(&mut self, at: usize) {
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        let row = paragraph.container.and_then(|cell| self.part.model.containers[cell].row);
        match row.and_then(|row| self.part.model.rows[row].table) {
            Some(table) if self.part.is_plain_text(item) => {
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
        let (scan, number) = (self.part.model, self.tag(at).paragraph);
        let alone = self.part.model.paragraphs[number].text.trim() == self.contents.sites[at].text;
        let site = self.described_picture(number).filter(|_| alone).map(|at| &scan.pictures[at]);
        let found = site.and_then(|site| {
            Some((site, site.image_element.clone()?, ImageRequest::from_expr(expr)?))
        });
        let Some((site, range, asked)) = found else { return false };
        let original = self.part.xml.slice(range.clone()).to_owned();
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
        self.replace_range(range, at * 2, actions);
        self.cut_tag(at, vec![EditAction::Special(at, describes)]);
        true
    }

    /// Returns the picture whose description is this paragraph.
    fn described_picture(&mut self, paragraph: usize) -> Option<usize> {
        let pictures = &self.part.model.pictures;
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
}

/// Returns an edit that turns an exact line height, which would crop a picture, into a minimum of the same
/// height.
fn relax_line_height(source: &str, paragraph: &Paragraph, styles: &StyleSheet) -> Option<PartEdit> {
    let range = paragraph.properties.clone();
    let mut properties =
        Properties::parse_paragraph(range.as_ref().map_or("", |at| source.slice(at.clone())));
    let style = properties.child_attribute("w:pStyle", "w:val");
    let direct = LineSpacing {
        line: properties.child_attribute("w:spacing", "w:line"),
        rule: properties.child_attribute("w:spacing", "w:lineRule"),
    };
    let applied = AppliedStyles { paragraph: style.as_deref(), ..AppliedStyles::default() };
    let LineSpacing { line: Some(line), rule } = styles.line_spacing(direct, &applied) else {
        return None;
    };
    if rule.as_deref() != Some("exact") {
        return None;
    }
    let mut spacing = String::from("<w:spacing");
    for name in ["w:before", "w:beforeLines", "w:after", "w:afterLines"] {
        if let Some(value) = properties.child_attribute("w:spacing", name) {
            let _ = write!(spacing, " {name}=\"{value}\"");
        }
    }
    let _ = write!(spacing, " w:line=\"{line}\" w:lineRule=\"atLeast\"/>");
    properties.set_child("w:spacing", &spacing);
    let range = match range {
        Some(range) => range,
        None => {
            let at = paragraph.range.start + source.slice(paragraph.range.clone()).find('>')? + 1;
            at..at
        }
    };
    let actions = vec![EditAction::Insert(properties.to_xml())];
    Some(PartEdit { range, order: EditOrder::Replace, number: 0, actions })
}
