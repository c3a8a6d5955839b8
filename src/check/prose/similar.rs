//! Owns comparing a text with last year's: how much of it was already there.
//! Must not compare numbers or quotes: they change by themselves.

use super::Desk;
use super::passage::Passage;
use crate::text;
use docx_fill::diag::Sink;
use std::collections::BTreeMap;

/// From how many per cent on a text counts as last year's, unless `nianbao.toml` says otherwise.
const ALIKE: u8 = 90;
/// Texts of fewer characters are too short to be compared.
const SHORT: usize = 60;
/// Characters compared at a time.
const PIECE: usize = 5;

pub(super) fn judge(desk: &Desk<'_>, passage: &Passage<'_>, sink: &mut Sink) {
    let Some(previous) = desk.previous else { return };
    let section = passage.section();
    // The lead is the same sentence every year, and rightly so.
    let Some(heading) = section.heading.as_ref().filter(|_| section.table.is_none()) else {
        return;
    };
    let then = previous.form.sections.iter().position(|known| known.id == section.id);
    let Some(old) = then.and_then(|at| previous.text(at, passage.field.after)) else { return };
    let (new, old) = (words(&passage.field.markdown), words(&old.markdown));
    if new.len() < SHORT || old.len() < SHORT {
        return;
    }
    let alike = share(&new, &old);
    if alike >= usize::from(desk.settings.similarity.unwrap_or(ALIKE)) {
        let message = text!("text.similar", heading = heading, share = alike);
        let found = passage.warning("same-as-last-year", 0..passage.text.len(), message);
        sink.push(found.hint(text!("text.similar-hint")));
    }
}

/// The characters that say something: no quotes, digits, punctuation or blanks.
fn words(markdown: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut rest = markdown;
    loop {
        let (before, after) = rest.split_once("{{").unwrap_or((rest, ""));
        out.extend(before.chars().filter(|c| c.is_alphabetic()));
        match after.split_once("}}") {
            Some((_, tail)) => rest = tail,
            None => return out,
        }
    }
}

/// How many per cent of the new text's pieces stand in the old one as well.
fn share(new: &[char], old: &[char]) -> usize {
    let mut known: BTreeMap<&[char], usize> = BTreeMap::new();
    for piece in old.windows(PIECE) {
        *known.entry(piece).or_default() += 1;
    }
    let mut common = 0;
    for piece in new.windows(PIECE) {
        if let Some(left) = known.get_mut(piece).filter(|left| **left > 0) {
            *left -= 1;
            common += 1;
        }
    }
    common * 100 / new.windows(PIECE).len().max(1)
}
