//! Owns making the instructions of values that only a Word document can show.
//! Must not know where a tag may stand, nor data.

use super::part_source::PartSource;
use super::placed_tag::PlacedTag;
use crate::helper::HelperRole;
use crate::ir::part::{FitTag, MarkdownTag, WordInstr};
use crate::ir::program::EscapeContext;
use crate::ir::word_values::{CellTag, ImageRequest, InlinePicture};
use crate::syntax::expr::Expr;

/// Returns the instruction of a value that only a Word document can show; `None` for any other value.
pub(crate) fn word_instr(
    part: &PartSource<'_>,
    item: &PlacedTag,
    expr: &Expr,
    slot: EscapeContext,
) -> Option<WordInstr> {
    let Expr::Call(call) = expr else { return None };
    if let EscapeContext::Run(element) = slot
        && let Some(cell) = CellTag::from_call(call, element)
    {
        return Some(WordInstr::Cell(cell));
    }
    match (call.helper.role, slot) {
        (HelperRole::Markdown, _) => Some(WordInstr::Markdown(MarkdownTag {
            expr: call.args[0].clone(),
            paragraph_properties: part.paragraph_properties(item),
            run_properties: part.run_properties(item),
            available_width: part.available_width(item),
        })),
        (HelperRole::Fit, EscapeContext::Run(element)) => Some(WordInstr::Fit(FitTag {
            expr: call.args[0].clone(),
            limit: call.args[1].clone(),
            element,
            run_properties: part.run_properties(item),
        })),
        (HelperRole::Image, EscapeContext::Run("w:t")) => {
            Some(WordInstr::Image(Box::new(InlinePicture {
                request: ImageRequest::from_expr(expr)?,
                run_properties: part.run_properties(item),
                max_width: part.available_width(item),
            })))
        }
        _ => None,
    }
}
