//! Owns blocks that stand in one text and become one tag: what a partial is given, and definitions.
//! Must not know what their inside means.

use crate::diag::Problem;
use crate::diag::text;
use crate::syntax::token::{Define, Found, Kind, MAX_NESTING, Partial, Tag, partial_name};

/// A tag that may become one with its closing tag: the name that closes it.
fn opened(found: &Found) -> Option<&str> {
    match found {
        Found::Tag(Tag { kind: Kind::PartialOpen(head) | Kind::DefineOpen(head), .. }) => {
            Some(partial_name(head))
        }
        _ => None,
    }
}

/// Makes one tag of everything from `{{#> x}}` to its `{{/x}}`, which have to stand in one text, and from
/// `{{#*inline "x"}}` to its `{{/inline}}`, which need not.
pub(crate) fn whole_blocks(text: &str, found: Vec<Found>) -> Vec<Found> {
    if !found.iter().any(|found| opened(found).is_some()) {
        return found;
    }
    // Blocks that are open: where they open in `out`, and the name that closes them.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut out: Vec<Found> = Vec::new();
    for item in found {
        match &item {
            Found::Tag(Tag { kind: Kind::Open(body) | Kind::Inverse(body), .. }) => {
                open.push((out.len(), partial_name(body).to_owned()));
            }
            Found::Tag(tag @ Tag { kind: Kind::Close(name), .. }) => {
                while open
                    .last()
                    .is_some_and(|(at, opens)| opens != name && opened(&out[*at]).is_some())
                {
                    open.pop();
                }
                if let Some((at, _)) = open.pop()
                    && let Some(whole) = whole(text, &out[at], tag)
                {
                    out.truncate(at);
                    out.push(Found::Tag(whole));
                    continue;
                }
            }
            Found::Tag(Tag { range, .. }) => {
                if let Some(name) = opened(&item) {
                    if open.len() >= MAX_NESTING {
                        let message = text!("template.nesting", limit = MAX_NESTING);
                        let problem = Problem::error("block-too-deep", message);
                        out.push(Found::Fault(range.clone(), problem));
                        return out;
                    }
                    open.push((out.len(), name.to_owned()));
                }
            }
            _ => {}
        }
        out.push(item);
    }
    out.into_iter().map(unclosed).collect()
}

/// What a partial is given has to end in the same text.
fn unclosed(found: Found) -> Found {
    let Found::Tag(Tag { kind: Kind::PartialOpen(head), range, .. }) = &found else {
        return found;
    };
    let message = text!("template.partial-open", name = partial_name(head));
    let problem = Problem::error("block-not-closed", message);
    Found::Fault(range.clone(), problem.hint(text!("template.hint-partial-open")))
}

fn whole(text: &str, open: &Found, close: &Tag) -> Option<Tag> {
    let Found::Tag(Tag { range, cut, kind }) = open else { return None };
    let body = text.get(cut.end..close.cut.start).unwrap_or_default().to_owned();
    let kind = match kind {
        Kind::PartialOpen(head) => {
            Kind::Partial(Partial { head: head.clone(), body: Some(body), indent: String::new() })
        }
        Kind::DefineOpen(head) => Kind::Define(Define { head: head.clone(), body }),
        _ => return None,
    };
    Some(Tag { range: range.start..close.range.end, cut: cut.start..close.cut.end, kind })
}
