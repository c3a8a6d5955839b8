//! Owns which stored results of fields blocks may change: of sequences and of references to bookmarks.
//! Must not know how results are made.

use super::enclosed_ranges::ranges_of_blocks;
use crate::compile::block_scope::ResolvedBlocks;
use crate::compile::part_source::PartSource;
use crate::document::field_code::field_words;
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::ir::part::FieldTargetsInBlocks;
use crate::slice::TextSlice as _;
use crate::word::field::is_field;
use std::collections::BTreeSet;

/// Returns the sequences and bookmarks in the blocks of a part, if it has fields that show them.
pub(crate) fn find_moving_fields(
    part: &PartSource<'_>,
    resolved: &ResolvedBlocks,
) -> Option<FieldTargetsInBlocks> {
    let fields = || part.model.fields.iter().filter(|field| !field.is_deleted);
    let is_of = |code: &str, names: &[&str]| names.iter().any(|name| is_field(code, name));
    let shown = ["SEQ", "REF", "PAGEREF", "NOTEREF", "STYLEREF"];
    if part.outer.is_some() || !fields().any(|field| is_of(&field.code, &shown)) {
        return None;
    }
    let blocks = ranges_of_blocks(part, &resolved.tags, &resolved.pairs);
    let within = |at: usize| blocks.iter().any(|range| range.contains(&at));
    // Headings come from blocks, but from documents and texts too.
    let moving =
        fields().filter(|field| within(field.marks.begin.start) || follows_headings(&field.code));
    let sequences = moving.filter(|field| is_field(&field.code, "SEQ"));
    let sequences = sequences.filter_map(|field| field_words(&field.code).into_iter().nth(1));
    let definition = IdKind::Shared(SharedIdKind::BookmarkName, SiteRole::Definition);
    let marks = part.model.ids.iter().filter(|site| site.kind == definition);
    let bookmarks: BTreeSet<String> = marks
        .filter(|site| within(site.range.start))
        .map(|site| SharedIdKind::BookmarkName.key_of(part.xml.slice(site.range.clone())))
        .collect();
    let sequences: BTreeSet<String> = sequences.map(|name| name.to_lowercase()).collect();
    let has_references = fields().any(|field| is_of(&field.code, &shown[1..4]));
    let has_headings = !blocks.is_empty() && fields().any(|field| is_of(&field.code, &shown[4..]));
    (!sequences.is_empty() || has_references || has_headings).then_some(FieldTargetsInBlocks {
        sequences,
        bookmarks,
        has_headings,
    })
}

/// Checks whether a sequence begins anew after headings (`\s`).
fn follows_headings(code: &str) -> bool {
    field_words(code).iter().any(|word| word.eq_ignore_ascii_case("\\s"))
}
