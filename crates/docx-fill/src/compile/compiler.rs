//! Owns compiling a part, phase by phase: from its text to tags, from tags to blocks, from blocks to edits of the text,
//! from edits to instructions. Each phase is a function of what the ones before it returned.
//! Must not know data; XML is cut only at positions of the part model, never searched.

use super::block_scope::{pair_tags, resolve_blocks};
use super::emission::{PartCode, emit_instrs, recover_values};
use super::part_source::PartSource;
use super::placed_tag::TagProblem;
use super::placement::place_tags;
use super::tag_contents::{TagContents, read_tags};
use super::tag_discovery::find_part_tags;
use crate::analyze::partial_requirements::{AnalyzedPart, add_partial_requirements};
use crate::analyze::requirement::ListedTag;
use crate::diag::{Problem, WordLocation};
use crate::ir::part::TemplatePart;
use std::collections::BTreeSet;

/// The result of compiling a part.
pub(crate) struct CompiledPart {
    /// `None` if neither tags nor edits were found.
    pub(crate) part: Option<TemplatePart>,
    pub(crate) sites: Vec<ListedTag>,
    /// Paths of files that tags name literally.
    pub(crate) files: Vec<String>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
}

/// Compiles a part.
pub(crate) fn compile_part(part: &PartSource<'_>) -> CompiledPart {
    let found = find_part_tags(part);
    let has_edits = !found.tags.list.is_empty() || !found.escapes.is_empty();
    let pairs = pair_tags(&found.tags);
    let mut contents = read_tags(part, &found.tags);
    let resolved = resolve_blocks(part, &contents, found.tags, pairs);
    let code = if resolved.is_sound {
        let placed = place_tags(part, &contents, &resolved, &found.escapes);
        emit_instrs(part, &contents, &resolved, placed)
    } else {
        recover_values(part, &contents, &resolved)
    };
    let phases = [&resolved.pairs.problems, &contents.problems, &resolved.problems, &code.problems];
    let problems = locate_problems(found.problems, &contents.sites, phases);
    let sites = add_partial_names(part, &mut contents, &code);
    let part = has_edits.then(|| TemplatePart {
        name: part.name.to_owned(),
        source: part.xml.to_owned(),
        instrs: code.instrs,
        word_instrs: code.word_instrs,
        guards: code.guards,
        identities: code.identities,
        table_rules: code.table_rules,
        has_definitions: !contents.definitions.block_names.is_empty(),
    });
    CompiledPart { part, sites, files: contents.files, problems }
}

/// Returns the problems of all phases with their places, each once at a place, since one tag may become several
/// instructions.
#[expect(clippy::mutable_key_type, reason = "catalogues of messages are compared by name")]
fn locate_problems(
    found: Vec<(WordLocation, Problem)>,
    sites: &[ListedTag],
    phases: [&Vec<TagProblem>; 4],
) -> Vec<(WordLocation, Problem)> {
    let located = |(at, problem): &TagProblem| (sites[*at].location.clone(), problem.clone());
    let mut reported = BTreeSet::new();
    let all = found.into_iter().chain(phases.into_iter().flatten().map(located));
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
