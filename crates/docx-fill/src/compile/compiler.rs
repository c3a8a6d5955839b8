//! Owns compiling a part, phase by phase: from its text to tags, from tags to blocks, from blocks to edits of the text,
//! from edits to instructions. Each phase is a function of what the ones before it returned.
//! Must not know data; XML is cut only at positions of the part model, never searched.

use super::block_scope::{pair_tags, resolve_blocks};
use super::emission::{PartCode, emit_instrs, recover_values};
use super::field_cuts::{cut_fields, explain_stale_partners};
use super::fields::merge_fields::find_merge_fields;
use super::flow::section_ends::{
    GraphicPartUse, TurnSection, find_graphic_parts, find_turn_sections,
};
use super::part_source::PartSource;
use super::placed_tag::TagProblem;
use super::placement::place_tags;
use super::repetition::moving_fields::find_moving_fields;
use super::tag_contents::{TagContents, read_tags};
use super::tag_discovery::{find_part_tags, index_tags, order_tags};
use super::unseen_tags::{drop_broken_fallbacks, is_unseen};
use crate::analyze::partial_requirements::{AnalyzedPart, add_partial_requirements};
use crate::analyze::requirement::ListedTag;
use crate::diag::{Problem, WordLocation};
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::ir::part::{PartRendering, TemplatePart};
use crate::ir::references::BookmarksInBlocks;
use crate::slice::TextSlice as _;
use crate::word::field::is_field;
use std::collections::BTreeSet;

/// The result of compiling a part.
pub(crate) struct CompiledPart {
    /// `None` if neither tags nor edits were found.
    pub(crate) part: Option<TemplatePart>,
    pub(crate) sites: Vec<ListedTag>,
    /// For each tag whether no current program shows what it writes.
    pub(crate) unseen: Vec<bool>,
    /// Its sections, if turns of a block have headers and footers of their own.
    pub(crate) turn_sections: Vec<TurnSection>,
    /// Parts with tags that places in turns of blocks show.
    pub(crate) graphic_parts: Vec<GraphicPartUse>,
    /// The bookmarks in its blocks.
    pub(crate) in_blocks: BookmarksInBlocks,
    /// Paths of files that tags name literally.
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
}

/// Compiles a part.
pub(crate) fn compile_part(part: &PartSource<'_>) -> CompiledPart {
    let mut found = find_part_tags(part);
    find_merge_fields(part, &mut found);
    order_tags(part, &mut found);
    drop_broken_fallbacks(part, &mut found);
    index_tags(part, &mut found);
    let has_edits = !found.tags.list.is_empty()
        || !found.escapes.is_empty()
        || part.outer.is_some()
        || !part.model.attached.is_empty();
    let mut pairs = pair_tags(&found.tags);
    explain_stale_partners(part, &found, &mut pairs);
    let mut contents = read_tags(part, &found.tags);
    let mut resolved = resolve_blocks(part, &contents, found.tags, pairs);
    if resolved.is_sound {
        resolved.problems = cut_fields(part, &resolved);
        resolved.is_sound = resolved.problems.is_empty();
    }
    let code = if resolved.is_sound {
        let placed = place_tags(part, &contents, &resolved, &found.escapes);
        emit_instrs(part, &contents, &resolved, placed)
    } else {
        recover_values(part, &contents, &resolved)
    };
    let phases = [&resolved.pairs.problems, &contents.problems, &resolved.problems, &code.problems];
    let unseen: Vec<bool> = resolved.tags.list.iter().map(|item| is_unseen(part, item)).collect();
    let problems = locate_problems(found.problems, &contents.sites, &unseen, phases);
    let mut sites = add_partial_names(part, &mut contents, &code);
    for (site, _) in sites.iter_mut().zip(&unseen).filter(|(_, unseen)| **unseen) {
        site.requirements.iter_mut().for_each(|one| one.optional = true);
    }
    let turn_sections = find_turn_sections(part, &contents, &resolved, &code.sections);
    let graphic_parts = find_graphic_parts(part, &contents, &resolved, code.graphic_parts);
    let part = has_edits.then(|| TemplatePart {
        name: part.name.to_owned(),
        source: part.xml.to_owned(),
        instrs: code.instrs,
        word_instrs: code.word_instrs,
        sections: code.sections,
        moving_fields: find_moving_fields(part, &resolved),
        contents: bookmarks_of_contents(part),
        guards: code.guards,
        identities: code.identities,
        line_places: code.line_places,
        table_rules: code.table_rules,
        rendering: PartRendering::Once,
        has_definitions: !contents.definitions.block_names.is_empty(),
    });
    let (in_blocks, files) = (code.in_blocks, contents.files);
    CompiledPart { part, sites, unseen, turn_sections, graphic_parts, in_blocks, files, problems }
}

/// Returns the names of the bookmarks of a part that has contents.
fn bookmarks_of_contents(part: &PartSource<'_>) -> Option<BTreeSet<String>> {
    let model = part.model;
    let named = || {
        model.ids.iter().filter(|site| {
            site.kind == IdKind::Shared(SharedIdKind::BookmarkName, SiteRole::Definition)
        })
    };
    let has_contents = model.fields.iter().any(|field| is_field(&field.code, "TOC"));
    has_contents
        .then(|| named().map(|site| part.xml.slice(site.range.clone()).to_owned()).collect())
}

/// Returns the problems of all phases with their places, each once at a place, since one tag may become several
/// instructions.
#[expect(clippy::mutable_key_type, reason = "catalogues of messages are compared by name")]
fn locate_problems(
    found: Vec<(WordLocation, Problem)>,
    sites: &[ListedTag],
    unseen: &[bool],
    phases: [&Vec<TagProblem>; 4],
) -> Vec<(WordLocation, Problem)> {
    let located = |(at, problem): &TagProblem| (sites[*at].location.clone(), problem.clone());
    let mut reported = BTreeSet::new();
    let told = phases.into_iter().flatten().filter(|(at, _)| !unseen[*at]);
    let all = found.into_iter().chain(told.map(located));
    all.filter(|problem| reported.insert(problem.clone())).collect()
}

/// Adds the requirements of included partials to the tags that include them. Returns the tags with all that they use.
fn add_partial_names(
    part: &PartSource<'_>,
    contents: &mut TagContents,
    code: &PartCode,
) -> Vec<ListedTag> {
    let mut sites = std::mem::take(&mut contents.sites);
    if contents.includes.is_empty() && contents.definitions.is_empty() {
        return sites;
    }
    let source = AnalyzedPart {
        partials: part.partials,
        specials: &code.word_instrs,
        values: &contents.values,
        inlines: &contents.definitions.inline_partials,
        first_tag: part.first_tag,
    };
    add_partial_requirements(&source, &code.instrs, &mut sites);
    sites
}
