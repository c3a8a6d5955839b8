//! Owns the instructions specific to Word: Markdown, pictures, fitted values, identifiers, empty cells.
//! Must not know how tags are parsed.

use crate::additions::resources::RenderResources;
use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::document_value::{InsertRequest, misplaced_document};
use crate::eval::renderer::{OutputFormat, check_xml_chars, item_count, write_run_text};
use crate::eval::scope::RenderScope;
use crate::insert::InsertedDocuments;
use crate::ir::part::{
    ContentCompletion, ControlCompletion, FitTag, MarkdownTag, TemplatePart, WordInstr,
};
use crate::ir::program::TagId;
use crate::opc::OpcError;
use crate::prose;
use crate::render::cells::{self, CellMark};
use crate::render::control_state::settle_control;
use crate::render::markdown_writer;
use crate::render::picture;
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::syntax::expr::Expr;
use crate::value::{parse_decimal, printed_text};
use crate::word::properties::Properties;
use crate::word::styles::StyleSheet;
use std::fmt::Write as _;

/// Maximum number of characters in a `fit` tag.
const MAX_FIT: usize = 1000;

/// Rendering of one Word part.
pub(crate) struct DocxFormat<'a, 'r, 'p> {
    pub(crate) part: &'a TemplatePart,
    pub(crate) styles: &'a StyleSheet,
    pub(crate) resources: &'r mut RenderResources<'p>,
    pub(crate) documents: &'r mut InsertedDocuments,
    /// Changes of cells in tables that are not complete, in the order of their positions.
    pub(crate) cell_marks: Vec<CellMark>,
    /// Problems of attached content.
    pub(crate) problems: Vec<(TagId, Problem)>,
    /// Why attached content could not be written.
    pub(crate) failure: Option<OpcError>,
}

impl<'a> OutputFormat<'a> for DocxFormat<'a, '_, '_> {
    fn render_special(
        &mut self,
        number: usize,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>> {
        match &self.part.word_instrs[number] {
            WordInstr::Markdown(markdown) => self.render_markdown(markdown, scope, out),
            WordInstr::Fit(fit) => Ok(write_fitted(fit, scope, out)?),
            WordInstr::Cell(cell) => Ok(cell.render(scope, out, &mut self.cell_marks)?),
            WordInstr::Image(inline) => {
                Ok(picture::write_inline_picture(inline, scope, self.resources, out)?)
            }
            WordInstr::Placeholder(holder) => {
                Ok(holder.write_picture(scope, self.resources, out)?)
            }
            WordInstr::PlaceholderAlt(holder) => Ok(holder.write_alt(scope, out)?),
            WordInstr::ColumnWidth(width) => {
                let (index, count) = scope.current_iteration().unwrap_or((0, 1));
                let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
                let each = width / count;
                // The last column gets the remainder.
                let last = index + 1 == count as usize;
                let own = if last { width - each * (count - 1) } else { each };
                let _ = write!(out, "{own}");
                Ok(())
            }
            WordInstr::GridSpan { list, covered, unit } => {
                let count = list_length(list, scope)?;
                let _ = write!(out, "{}", (covered - unit + count * unit).max(1));
                Ok(())
            }
            WordInstr::RowLimit { list, rows } => {
                let count = list_length(list, scope)?;
                if count <= *rows {
                    return Ok(());
                }
                let message = msg!("template.surplus", count = count, rows = *rows);
                let problem = Problem::error("rows-surplus", message);
                Err(problem.with_hint(msg!("template.hint-surplus")).into())
            }
            WordInstr::RestartLists(lists) => {
                for list in lists {
                    self.resources.restart_list(list);
                }
                Ok(())
            }
            about_ids => {
                self.render_ids(about_ids, out);
                Ok(())
            }
        }
    }

    fn insert_document(
        &mut self,
        tag: TagId,
        asked: InsertRequest,
        at: usize,
    ) -> Result<(), Problem> {
        if self.resources.is_in_attached() {
            return Err(misplaced_document());
        }
        self.documents.request_insertion(tag, asked, at);
        Ok(())
    }

    fn extra_bytes(&self) -> usize {
        self.resources.extra_bytes()
    }

    fn finish_guarded(&mut self, number: usize, from: usize, out: &mut String) {
        if !matches!(self.part.guards[number], ContentCompletion::LastParagraph(_)) {
            self.resources.rewind_to(from);
        }
        match &self.part.guards[number] {
            ContentCompletion::LastParagraph(empty) => {
                if !ends_with_paragraph(out.slice(from..)) {
                    out.push_str(empty);
                }
            }
            ContentCompletion::CellMarks => {
                let marks = self.cell_marks.split_off(self.first_mark_from(from));
                if let Some(kept) = cells::apply_marks(out, from, marks) {
                    self.documents.move_requests(&|at| kept.new_position(at));
                }
            }
            ContentCompletion::Control(control) => self.settle_control(control, from, out),
            ContentCompletion::Attached(content) => {
                let piece = out.slice(from..).to_owned();
                out.cut_from(from);
                match self.resources.end_attached(content, piece, &self.part.identities) {
                    Ok(problems) => self.problems.extend(problems),
                    Err(error) => self.failure = self.failure.take().or(Some(error)),
                }
            }
            ContentCompletion::TableRows => {
                if !out.slice(from..).contains("<w:tr") {
                    out.cut_from(from);
                    self.cell_marks.truncate(self.first_mark_from(from));
                    self.documents.move_requests(&|at| (at < from).then_some(at));
                }
            }
        }
    }
}

impl<'a> DocxFormat<'a, '_, '_> {
    /// Returns the index of the first cell mark at or after a position.
    fn first_mark_from(&self, from: usize) -> usize {
        self.cell_marks.partition_point(|mark| mark.at < from)
    }

    /// Makes a filled-in content control agree with what it shows.
    fn settle_control(&mut self, control: &ControlCompletion, from: usize, out: &mut String) {
        let settled = settle_control(out.slice(from..), control.placeholder.as_deref());
        if let Some((text, entries)) = &settled.unlisted {
            let message = msg!("template.control-unlisted", text = text);
            let problem = Problem::warning("control-value", message);
            let hint = msg!("template.hint-control-unlisted", entries = entries.clone());
            self.problems.push((control.tag, problem.with_hint(hint)));
        }
        if settled.edits.is_empty() {
            return;
        }
        let text = settled.apply_to(out.slice(from..));
        out.replace_text(from.., &text);
        let new_position = |at: usize| match at.checked_sub(from) {
            Some(inner) => from + settled.new_position(inner),
            None => at,
        };
        self.documents.move_requests(&|at| Some(new_position(at)));
        for mark in self.cell_marks.iter_mut().rev().take_while(|mark| mark.at >= from) {
            mark.at = new_position(mark.at);
        }
    }

    /// Renders an instruction about identifiers.
    fn render_ids(&mut self, instr: &WordInstr, out: &mut String) {
        match instr {
            WordInstr::UniqueId(kind, value) => self.resources.write_unique_id(*kind, value, out),
            WordInstr::SharedId(place) => self.resources.write_shared_id(*place, out),
            WordInstr::BeginTurn(places) => self.resources.begin_turn(self.part, places),
            WordInstr::BeginAttached(number) => {
                if let ContentCompletion::Attached(content) = &self.part.guards[*number] {
                    self.resources.begin_attached(content);
                }
            }
            _ => {}
        }
    }

    fn render_markdown(
        &mut self,
        markdown: &'a MarkdownTag,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>> {
        let value = scope.require_value(&markdown.expr)?;
        let text = match value.get() {
            Some(serde_json::Value::String(text)) => text,
            None => return Ok(()),
            Some(_) => {
                let message = msg!("template.not-text", name = "markdown");
                return Err(Problem::error("value-not-text", message).into());
            }
        };
        check_xml_chars(text, &markdown.expr)?;
        self.resources.count_prose_bytes(text.len());
        let blocks = prose::parse_markdown(text);
        let problems =
            markdown_writer::write_markdown(&blocks, markdown, self.styles, self.resources, out);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn list_length<'a>(list: &'a Expr, scope: &RenderScope<'a>) -> Result<usize, Problem> {
    item_count(&scope.require_value(list)?)
}

/// Writes a value; one with more characters than the limit is condensed, in a run of its own.
fn write_fitted<'a>(
    fit: &'a FitTag,
    scope: &RenderScope<'a>,
    out: &mut String,
) -> Result<(), Problem> {
    let value = scope.require_value(&fit.expr)?;
    let limit = scope.require_value(&fit.limit)?;
    let Some(value) = value.get() else { return Ok(()) };
    let text = printed_text(value)?;
    check_xml_chars(&text, &fit.expr)?;
    let limit =
        limit.get().and_then(parse_decimal).and_then(crate::value::number::Decimal::to_integer);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let Some(limit) = limit.filter(|limit| (1..=MAX_FIT).contains(limit)) else {
        let message = msg!("template.fit-limit", limit = MAX_FIT);
        return Err(Problem::error("helper-arguments", message));
    };
    let count = text.chars().count();
    if count <= limit {
        write_run_text(out, &text, fit.element);
        return Ok(());
    }
    // Word accepts a character scale of 1 to 600 percent (`w:w`).
    let percent = (100 * limit / count).max(1);
    let mut squeezed = Properties::parse_run(&fit.run_properties);
    squeezed.set_child("w:w", &format!("<w:w w:val=\"{percent}\"/>"));
    let element = fit.element;
    let begin = |properties: &str| format!("<w:r>{properties}<{element} xml:space=\"preserve\">");
    let end = format!("</{element}></w:r>");
    out.push_str(&end);
    out.push_str(&begin(&squeezed.to_xml()));
    write_run_text(out, &text, element);
    out.push_str(&end);
    out.push_str(&begin(&fit.run_properties));
    Ok(())
}

/// Checks whether the last block of a content is a paragraph, ignoring range marks.
fn ends_with_paragraph(content: &str) -> bool {
    let mut rest = content.trim_end();
    loop {
        // A content control without paragraphs is not a block.
        if rest.ends_with("</w:p>")
            || rest.ends_with("</w:sdt>")
                && !rest.ends_with("<w:sdtContent></w:sdtContent></w:sdt>")
            || rest.ends_with("</w:customXml>")
        {
            return true;
        }
        if !rest.ends_with("/>") {
            return false;
        }
        let Some(start) = rest.rfind('<') else { return false };
        let name = rest.slice(start + 1..).split([' ', '/', '>']).next().unwrap_or("");
        match name {
            "w:p" => return true,
            "w:bookmarkStart"
            | "w:bookmarkEnd"
            | "w:commentRangeStart"
            | "w:commentRangeEnd"
            | "w:permStart"
            | "w:permEnd"
            | "w:proofErr"
            | "w:moveFromRangeStart"
            | "w:moveFromRangeEnd"
            | "w:moveToRangeStart"
            | "w:moveToRangeEnd" => {
                rest = rest.slice(..start).trim_end();
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_is_found_behind_marks() {
        assert!(ends_with_paragraph("<w:p></w:p>"));
        assert!(ends_with_paragraph("<w:p/>\n<w:bookmarkEnd w:id=\"1\"/>"));
        assert!(!ends_with_paragraph("<w:tbl></w:tbl>"));
        assert!(!ends_with_paragraph("</w:tbl><w:bookmarkEnd w:id=\"1\"/>"));
        assert!(!ends_with_paragraph(""));
    }
}
