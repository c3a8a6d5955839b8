//! Owns the steps that only Word understands: prose, pictures, squeezed values, identities, empty cells.
//! Must not know the language.

use crate::additions::resources::Resources;
use crate::diag::Problem;
use crate::diag::text;
use crate::document::properties::Properties;
use crate::document::styles::Styles;
use crate::eval::document_value::Asked;
use crate::eval::renderer::{Format, check_text, items_in, put_in_run};
use crate::eval::scope::Scope;
use crate::insert::Documents;
use crate::ir::part::{Fit, Guard, Markdown, Part, Special};
use crate::ir::program::TagId;
use crate::prose;
use crate::render::cells;
use crate::render::markdown_writer;
use crate::render::picture;
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::syntax::expr::Expr;
use crate::value::{decimal_of, text_of};
use std::fmt::Write as _;

/// Most characters that `fit` may allow.
const MAX_FIT: usize = 1000;

/// Rendering of one Word part.
pub(crate) struct Word<'a, 'r, 'p> {
    pub(crate) part: &'a Part,
    pub(crate) styles: &'a Styles,
    pub(crate) resources: &'r mut Resources<'p>,
    pub(crate) documents: &'r mut Documents,
}

impl<'a> Format<'a> for Word<'a, '_, '_> {
    fn special(
        &mut self,
        number: usize,
        scope: &Scope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>> {
        match &self.part.specials[number] {
            Special::Markdown(markdown) => self.markdown(markdown, scope, out),
            Special::Fit(fit) => put_fitting(fit, scope, out).map_err(|problem| vec![problem]),
            Special::Cell(cell) => cell.put(scope, out).map_err(|problem| vec![problem]),
            Special::Image(inline) => picture::put_inline(inline, scope, self.resources, out)
                .map_err(|problem| vec![problem]),
            Special::Placeholder(holder) => {
                holder.put_picture(scope, self.resources, out).map_err(|problem| vec![problem])
            }
            Special::Description(holder) => {
                holder.put_alt(scope, out).map_err(|problem| vec![problem])
            }
            Special::Width(width) => {
                let (index, count) = scope.turn().unwrap_or((0, 1));
                let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
                let each = width / count;
                // The last one takes what is left over.
                let last = index + 1 == count as usize;
                let own = if last { width - each * (count - 1) } else { each };
                let _ = write!(out, "{own}");
                Ok(())
            }
            Special::Columns { list, covered, unit } => {
                let count = count_of(list, scope).map_err(|problem| vec![problem])?;
                let _ = write!(out, "{}", (covered - unit + count * unit).max(1));
                Ok(())
            }
            Special::Surplus { list, rows } => {
                let count = count_of(list, scope).map_err(|problem| vec![problem])?;
                if count <= *rows {
                    return Ok(());
                }
                let message = text!("template.surplus", count = count, rows = *rows);
                let problem = Problem::error("rows-surplus", message);
                Err(vec![problem.hint(text!("template.hint-surplus"))])
            }
            Special::Restart(lists) => {
                for list in lists {
                    self.resources.restart(list);
                }
                Ok(())
            }
            Special::Id(kind, value) => {
                self.resources.identity(*kind, value, out);
                Ok(())
            }
        }
    }

    fn document(&mut self, tag: TagId, asked: Asked, out: &mut String) -> Result<(), Problem> {
        self.documents.ask(tag, asked, out);
        Ok(())
    }

    fn beside(&self) -> usize {
        self.resources.beside()
    }

    fn finish(&mut self, number: usize, from: usize, out: &mut String) {
        if !matches!(self.part.guards[number], Guard::Paragraphs(_)) {
            self.resources.rewritten(from);
        }
        match &self.part.guards[number] {
            Guard::Paragraphs(empty) => {
                if !ends_with_paragraph(out.slice(from..)) {
                    out.push_str(empty);
                }
            }
            Guard::Cells => cells::finish(out, from),
            Guard::Rows => {
                if !out.slice(from..).contains("<w:tr") {
                    out.cut_from(from);
                }
            }
        }
    }
}

impl<'a> Word<'a, '_, '_> {
    fn markdown(
        &mut self,
        markdown: &'a Markdown,
        scope: &Scope<'a>,
        out: &mut String,
    ) -> Result<(), Vec<Problem>> {
        let value = scope.require(&markdown.expr).map_err(|problem| vec![problem])?;
        let text = match value.get() {
            Some(serde_json::Value::String(text)) => text,
            None => return Ok(()),
            Some(_) => {
                let message = text!("template.not-text", name = "markdown");
                return Err(vec![Problem::error("value-not-text", message)]);
            }
        };
        check_text(text, &markdown.expr).map_err(|problem| vec![problem])?;
        self.resources.parse(text.len());
        let blocks = prose::parse(text);
        let problems = markdown_writer::set(&blocks, markdown, self.styles, self.resources, out);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn count_of<'a>(list: &'a Expr, scope: &Scope<'a>) -> Result<usize, Problem> {
    items_in(&scope.require(list)?)
}

/// A value of more characters than fit is set narrower, in a run of its own.
fn put_fitting<'a>(fit: &'a Fit, scope: &Scope<'a>, out: &mut String) -> Result<(), Problem> {
    let value = scope.require(&fit.expr)?;
    let limit = scope.require(&fit.limit)?;
    let Some(value) = value.get() else { return Ok(()) };
    let text = text_of(value)?;
    check_text(&text, &fit.expr)?;
    let limit = limit.get().and_then(decimal_of).and_then(crate::value::number::Decimal::integer);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let Some(limit) = limit.filter(|limit| (1..=MAX_FIT).contains(limit)) else {
        let message = text!("template.fit-limit", limit = MAX_FIT);
        return Err(Problem::error("helper-arguments", message));
    };
    let count = text.chars().count();
    if count <= limit {
        put_in_run(out, &text, fit.element);
        return Ok(());
    }
    // Word takes 1 to 600 percent.
    let percent = (100 * limit / count).max(1);
    let mut squeezed = Properties::run(&fit.run_properties);
    squeezed.set("w:w", &format!("<w:w w:val=\"{percent}\"/>"));
    let element = fit.element;
    let begin = |properties: &str| format!("<w:r>{properties}<{element} xml:space=\"preserve\">");
    let end = format!("</{element}></w:r>");
    out.push_str(&end);
    out.push_str(&begin(&squeezed.xml()));
    put_in_run(out, &text, element);
    out.push_str(&end);
    out.push_str(&begin(&fit.run_properties));
    Ok(())
}

/// Whether the last block of some content is a paragraph, range marks aside.
fn ends_with_paragraph(content: &str) -> bool {
    let mut rest = content.trim_end();
    loop {
        // A content control that lost all its paragraphs is none.
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
