//! Owns joining blocks that lie within one text into one tag: partial blocks and inline definitions.
//! Must not know what their content means.

use crate::diag::Problem;
use crate::diag::msg;
use crate::syntax::token::{
    DefineTag, MAX_NESTING, PartialTag, Tag, TagKind, TagToken, closing_name,
};

/// Returns the closing name of an opening tag that can be joined with its closing tag.
fn expected_close(found: &TagToken) -> Option<&str> {
    match found {
        TagToken::Tag(Tag {
            kind: TagKind::PartialOpen(head) | TagKind::DefineOpen(head), ..
        }) => Some(closing_name(head)),
        _ => None,
    }
}

/// Joins everything from `{{#> x}}` to `{{/x}}` and from `{{#*inline "x"}}` to `{{/inline}}` into one tag. A
/// partial block without a closing tag in the same text becomes invalid; an inline definition stays open.
pub(crate) fn join_whole_blocks(text: &str, found: Vec<TagToken>) -> Vec<TagToken> {
    if !found.iter().any(|found| expected_close(found).is_some()) {
        return found;
    }
    // Open blocks: their index in `out` and the name that closes them.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut out: Vec<TagToken> = Vec::new();
    for item in found {
        match &item {
            TagToken::Tag(Tag { kind: TagKind::Open(body) | TagKind::Inverse(body), .. }) => {
                open.push((out.len(), closing_name(body).to_owned()));
            }
            TagToken::Tag(tag @ Tag { kind: TagKind::Close(name), .. }) => {
                while open
                    .last()
                    .is_some_and(|(at, opens)| opens != name && expected_close(&out[*at]).is_some())
                {
                    open.pop();
                }
                if let Some((at, _)) = open.pop()
                    && let Some(whole) = join_block(text, &out[at], tag)
                {
                    out.truncate(at);
                    out.push(TagToken::Tag(whole));
                    continue;
                }
            }
            TagToken::Tag(Tag { range, .. }) => {
                if let Some(name) = expected_close(&item) {
                    if open.len() >= MAX_NESTING {
                        let message = msg!("template.nesting", limit = MAX_NESTING);
                        let problem = Problem::error("block-too-deep", message);
                        out.push(TagToken::Invalid(range.clone(), problem));
                        return out;
                    }
                    open.push((out.len(), name.to_owned()));
                }
            }
            _ => {}
        }
        out.push(item);
    }
    out.into_iter().map(reject_unclosed).collect()
}

/// Turns an unclosed partial block into an invalid tag.
fn reject_unclosed(found: TagToken) -> TagToken {
    let TagToken::Tag(Tag { kind: TagKind::PartialOpen(head), range, .. }) = &found else {
        return found;
    };
    let message = msg!("template.partial-open", name = closing_name(head));
    let problem = Problem::error("block-not-closed", message);
    TagToken::Invalid(range.clone(), problem.with_hint(msg!("template.hint-partial-open")))
}

fn join_block(text: &str, open: &TagToken, close: &Tag) -> Option<Tag> {
    let TagToken::Tag(Tag { range, cut, kind }) = open else { return None };
    let body = text.get(cut.end..close.cut.start).unwrap_or_default().to_owned();
    let kind = match kind {
        TagKind::PartialOpen(head) => TagKind::Partial(PartialTag {
            head: head.clone(),
            body: Some(body),
            indent: String::new(),
            own_line: false,
        }),
        TagKind::DefineOpen(head) => TagKind::Define(DefineTag { head: head.clone(), body }),
        _ => return None,
    };
    Some(Tag { range: range.start..close.range.end, cut: cut.start..close.cut.end, kind })
}
