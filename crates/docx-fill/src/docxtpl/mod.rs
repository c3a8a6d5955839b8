//! Owns translating templates of docxtpl (Jinja2 in Word documents) into templates with our tags.
//! Must not know data: only what stands in the template is translated.
//!
//! What has no equal stays in the document as it is, and is told with its place.

mod expressions;
mod filters;
mod jinja_ast;
mod jinja_parser;
mod jinja_tags;
mod jinja_tokens;
mod loop_source;
mod loop_uses;
mod name_scope;
mod part_translator;
mod patterns;
mod sites;
mod splicing;
mod statements;
mod target_expr;

use crate::diag::{Location, Severity, Sink, SourceId};
use crate::document::part_model::PartKind;
use crate::opc::{OpcError, Package, PackageChanges, PackageLimits};
use crate::slice::apply_replacements;
use crate::template::{CompiledTemplate, ParseOptions, read_parts};
use part_translator::PartTranslator;
use sites::{PartSites, SiteEdit};
use std::sync::Arc;

/// Level of compression of changed parts.
const COMPRESSION_LEVEL: u8 = 6;

/// A template of docxtpl with its tags translated.
#[derive(Debug, Clone)]
pub struct ConvertedTemplate {
    /// Bytes of the document; parts without tags are copied.
    pub bytes: Vec<u8>,
    /// Number of tags that were translated.
    pub translated: usize,
    /// Number of tags that stayed, each told or within a block that is.
    pub left: usize,
}

/// Translates a template of docxtpl. What stays, and what the translation does otherwise, is added to the sink; `None` if
/// the document cannot be read.
pub fn convert_template(
    bytes: impl Into<Arc<[u8]>>,
    source: SourceId,
    limits: &PackageLimits,
    sink: &mut Sink,
) -> Option<ConvertedTemplate> {
    let converted = Package::open(bytes, limits)
        .and_then(|package| convert_package(&package, source, sink))
        .map_err(|error| sink.push(error.to_diagnostic(source)))
        .ok()?;
    if converted.left == 0 && sink.count(Severity::Error) == 0 {
        // Where our tags may stand is judged by the engine itself.
        let options = ParseOptions { limits: *limits, ..ParseOptions::default() };
        CompiledTemplate::parse_tolerant(converted.bytes.as_slice(), source, &options, sink);
    }
    Some(converted)
}

fn convert_package(
    package: &Package,
    source: SourceId,
    sink: &mut Sink,
) -> Result<ConvertedTemplate, OpcError> {
    let mut changes = PackageChanges::default();
    let (mut translated, mut left) = (0, 0);
    for part in read_parts(package)? {
        if part.kind == PartKind::Relationships {
            // docxtpl does not fill addresses.
            continue;
        }
        let found = PartSites::find(&part.name, &part.model);
        let done = PartTranslator::translate(found);
        left += done.unclosed + done.edits.iter().filter(|edit| **edit == SiteEdit::Keep).count();
        translated += done.edits.iter().filter(|edit| **edit != SiteEdit::Keep).count();
        let replacements = splicing::part_replacements(&done.found, &done.edits);
        if !replacements.is_empty() {
            changes.set_part(package, &part.name, apply_replacements(&part.text, replacements));
        }
        for pair in done.problems {
            sink.push(pair.1.into_diagnostic(Location::Word(source, pair.0)));
        }
    }
    let bytes = package.write_with(&changes, COMPRESSION_LEVEL)?;
    Ok(ConvertedTemplate { bytes, translated, left })
}
