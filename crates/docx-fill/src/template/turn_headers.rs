//! Owns binding headers and footers to the blocks in whose turns their sections stand.
//! Must not know how they are rendered.

use super::{CompiledTemplate, read_whole_part};
use crate::analyze::static_scope::StaticScope;
use crate::compile::compiler::compile_part;
use crate::compile::flow::section_ends::{TurnSection, headers_of_turns};
use crate::compile::part_source::{PartSource, PreparedPart};
use crate::document::field_references::field_references;
use crate::document::part_model::{PartKind, PartModel};
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::ir::part::{HeaderOrigin, PartRendering, TemplatePart};
use crate::ir::program::{Instr, TagId};
use crate::ir::references::CrossedBlocks;
use crate::limits::MAX_TAGS;
use crate::opc::xml::XmlEventReader;
use crate::opc::{OpcError, Relationships, relationships_part_name, resolve_target};
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};

/// The forms of headers and footers, by the relationship and the innermost block around the section that names it.
type HeaderForms = BTreeMap<(String, Option<usize>), usize>;

/// A part with the number of its first tag.
#[derive(Clone, Copy)]
pub(super) struct PartWithFirstTagId<'p> {
    pub(super) part: &'p PreparedPart,
    pub(super) first_tag: usize,
}

impl CompiledTemplate {
    /// Returns the headers and footers of sections in turns of blocks. Those without braces are read too if something else
    /// of them is different in every turn.
    pub(super) fn read_turn_headers(
        &self,
        parts: &mut Vec<PreparedPart>,
    ) -> Result<BTreeSet<String>, OpcError> {
        let main = self.package.main_document_name();
        let Some(at) = parts.iter().position(|part| part.name == main) else {
            return Ok(BTreeSet::new());
        };
        let named = headers_of_turns(&self.part_source(&parts[at]));
        if named.is_empty() {
            return Ok(BTreeSet::new());
        }
        let related = self.package.relationships(main)?;
        let targets = named.iter().filter_map(|id| self.header_name(&related, id));
        let targets: BTreeSet<String> = targets.collect();
        for name in &targets {
            if parts.iter().any(|part| part.name == *name) {
                continue;
            }
            let Some(part) = read_whole_part(&self.package, name, PartKind::Word)? else {
                continue;
            };
            if self.refers_to_tags(name, parts)? || names_bookmarks_of(&parts[at], &part)? {
                parts.push(part);
            }
        }
        Ok(targets)
    }

    /// Returns the part of a header, as the package spells it.
    fn header_name(&self, related: &Relationships, id: &str) -> Option<String> {
        let main = self.package.main_document_name();
        let target = resolve_target(main, &related.get(id)?.target)?;
        self.package.part_names().find(|name| name.eq_ignore_ascii_case(&target)).map(str::to_owned)
    }

    /// Checks whether the relationships of a part have tags, or lead to parts that have.
    fn refers_to_tags(&self, name: &str, parts: &[PreparedPart]) -> Result<bool, OpcError> {
        let is_read = |name: &str| parts.iter().any(|part| part.name == name);
        let related = self.package.relationships(name)?;
        let mut inner = related.iter().filter(|one| !one.external);
        let leads =
            inner.any(|one| resolve_target(name, &one.target).is_some_and(|at| is_read(&at)));
        Ok(leads || is_read(&relationships_part_name(name)))
    }

    /// Compiles headers and footers anew, as parts of the blocks in whose turns sections name them, and tells the sections
    /// where theirs come from. Returns these parts, each with the blocks of the first section that names it.
    pub(super) fn bind_turn_headers(
        &mut self,
        sections: &[TurnSection],
        prepared: &[PreparedPart],
        first_tags: &[usize],
    ) -> Result<BTreeMap<String, CrossedBlocks>, OpcError> {
        if sections.is_empty() {
            return Ok(BTreeMap::new());
        }
        let main = self.package.main_document_name().to_owned();
        let related = self.package.relationships(&main)?;
        let mut by_part: BTreeMap<String, BTreeMap<Option<usize>, &StaticScope>> = BTreeMap::new();
        let mut names: BTreeMap<(String, Option<usize>), String> = BTreeMap::new();
        let mut in_turns = BTreeMap::new();
        for (number, section) in sections.iter().enumerate() {
            let own = section.headers.iter().flatten().filter(|(_, origin)| *origin == number);
            for (id, _) in own {
                let Some(name) = self.header_name(&related, id) else { continue };
                let block = section.around.last().copied();
                let (is_repeated, is_optional) = (section.is_repeated, !section.is_repeated);
                if block.is_some() {
                    let crossed = CrossedBlocks { is_optional, is_repeated };
                    in_turns.entry(name.clone()).or_insert(crossed);
                }
                by_part.entry(name.clone()).or_default().insert(block, &section.scope);
                names.insert((id.clone(), block), name);
            }
        }
        let mut by_name = HeaderForms::new();
        for (name, uses) in by_part {
            if let Some(at) = prepared.iter().position(|part| part.name == name) {
                let source = PartWithFirstTagId { part: &prepared[at], first_tag: first_tags[at] };
                by_name.extend(self.compile_forms(source, &uses));
            }
        }
        let form = |(key, name): ((String, Option<usize>), String)| {
            let number = *by_name.get(&(name, key.1))?;
            Some((key, number))
        };
        let forms: HeaderForms = names.into_iter().filter_map(form).collect();
        let first_tag =
            prepared.iter().position(|part| part.name == main).map_or(0, |at| first_tags[at]);
        let sources: Vec<[HeaderOrigin; 6]> =
            (0..sections.len()).map(|at| header_sources(sections, at, first_tag, &forms)).collect();
        if let Some(part) = self.parts.iter_mut().find(|part| part.name == main) {
            for (record, sources) in part.sections.iter_mut().zip(sources) {
                record.sources = sources;
            }
        }
        Ok(in_turns)
    }

    /// Compiles a header for each block whose sections name it. Returns the forms by the name of the part and the block.
    fn compile_forms(
        &mut self,
        source: PartWithFirstTagId<'_>,
        uses: &BTreeMap<Option<usize>, &StaticScope>,
    ) -> HeaderForms {
        let mut forms = HeaderForms::new();
        let name = &source.part.name;
        let own = self.parts.iter().position(|part| part.name == *name);
        for (block, scope) in uses.iter().filter(|(block, _)| block.is_some()) {
            let first = own.filter(|_| forms.is_empty() && !uses.contains_key(&None));
            let number = match first {
                Some(at) => self.recompile_part(at, source, scope),
                None => self.compile_copy(source.part, uses.contains_key(&None), scope),
            };
            forms.extend(number.map(|number| ((name.clone(), *block), number)));
        }
        forms
    }

    /// Compiles a part within blocks of another one. Its problems have been told.
    pub(super) fn recompile_part(
        &mut self,
        number: usize,
        source: PartWithFirstTagId<'_>,
        scope: &StaticScope,
    ) -> Option<usize> {
        let (first_tag, outer) = (source.first_tag, Some(scope));
        let source = self.part_source(source.part);
        let compiled = compile_part(&PartSource { first_tag, outer, ..source });
        self.graphic_uses.retain(|(host, _)| *host != number);
        self.graphic_uses.extend(compiled.graphic_parts.into_iter().map(|one| (number, one)));
        for (tag, site) in self.tags.iter_mut().skip(first_tag).zip(compiled.sites) {
            *tag = site;
        }
        self.parts[number] = compiled.part?;
        self.parts[number].rendering = PartRendering::InTurns;
        Some(number)
    }

    /// Compiles a further form of a part, within blocks of another one, unless there are too many tags. With `is_beside`
    /// the part is rendered by itself too.
    pub(super) fn compile_copy(
        &mut self,
        prepared: &PreparedPart,
        is_beside: bool,
        scope: &StaticScope,
    ) -> Option<usize> {
        if self.tags.len() > MAX_TAGS {
            return None;
        }
        let outer = Some(scope);
        let compiled = compile_part(&PartSource { outer, ..self.part_source(prepared) });
        let first = self.tags.len();
        let unseen = compiled.unseen.iter().enumerate().filter(|(_, unseen)| **unseen);
        self.unseen_tags.extend(unseen.map(|(at, _)| first + at));
        self.tags.extend(compiled.sites);
        let mut part = compiled.part?;
        let mut forms = self.parts.iter().filter(|form| form.name == part.name);
        part.rendering = match forms.any(|form| form.rendering.is_first_form()) {
            _ if is_beside => PartRendering::InCopies,
            true => PartRendering::InOtherTurns,
            false => PartRendering::InTurns,
        };
        let number = self.parts.len();
        self.graphic_uses.extend(compiled.graphic_parts.into_iter().map(|one| (number, one)));
        self.parts.push(part);
        Some(number)
    }
}

/// Returns the origins of the headers and footers of a section of a part with this first tag.
fn header_sources(
    sections: &[TurnSection],
    at: usize,
    first_tag: usize,
    forms: &HeaderForms,
) -> [HeaderOrigin; 6] {
    let around = &sections[at].around;
    let source = |(id, origin): &(String, usize)| {
        let named = &sections[*origin].around;
        let part = *forms.get(&(id.clone(), named.last().copied()))?;
        let common = around.iter().zip(named).take_while(|(one, other)| one == other);
        let tag = |at: usize| TagId::try_from(first_tag + at).unwrap_or(TagId::MAX);
        let blocks: Vec<TagId> = common.map(|(open, _)| tag(*open)).collect();
        Some(if blocks.len() < named.len() {
            HeaderOrigin::OtherTurns { blocks }
        } else {
            HeaderOrigin::Turn { part, is_own: around == named, blocks }
        })
    };
    let found = sections[at].headers.each_ref().map(Option::as_ref);
    found.map(|header| header.and_then(source).unwrap_or_default())
}

/// Checks whether a part names bookmarks of another one.
fn names_bookmarks_of(other: &PreparedPart, part: &PreparedPart) -> Result<bool, OpcError> {
    let sites = |model: &PartModel, text: &str, role: SiteRole| -> BTreeSet<String> {
        let kind = SharedIdKind::BookmarkName;
        let named = model.ids.iter().filter(|site| site.kind == IdKind::Shared(kind, role));
        named.map(|site| kind.key_of(text.slice(site.range.clone()))).collect()
    };
    let known = sites(&other.model, &other.text, SiteRole::Definition);
    let mut named = sites(&part.model, &part.text, SiteRole::Reference);
    let fields = field_references(&part.text, &part.name)?;
    named.extend(fields.iter().map(|found| SharedIdKind::BookmarkName.key_of(&found.name)));
    Ok(!known.is_disjoint(&named))
}

/// Returns a part of turns for a document without any: a header or footer without content, another part without tags.
pub(super) fn empty_part(part: &TemplatePart) -> String {
    let source = &part.source;
    let Some(start) = source.find("<w:hdr").or_else(|| source.find("<w:ftr")) else {
        return text_without_tags(part);
    };
    let end = source.slice(start..).find('>').map_or(source.len(), |at| start + at + 1);
    let name = source.slice(start..).get(1..6).unwrap_or_default();
    [source.slice(..end), "<w:p/></", name, ">"].concat()
}

/// Returns the text of a part that no turn shows, without its tags.
fn text_without_tags(part: &TemplatePart) -> String {
    let sources = part.instrs.iter().filter_map(|instr| match instr {
        Instr::Source(range) => Some(part.source.slice(range.clone())),
        _ => None,
    });
    let text: String = sources.collect();
    let mut reader = XmlEventReader::new(&text, &part.name);
    loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => return text,
            Err(_) => return part.source.clone(),
        }
    }
}
