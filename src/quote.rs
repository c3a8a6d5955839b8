//! Owns the quotes in a report's texts: `{{requests.received.total}}` becomes the figure, so that
//! text and table cannot differ. Also checks the size of the texts, their pictures, and the targets
//! of their links.
//! Must not know Markdown's blocks beyond their pictures, links and sizes, nor any output.

use crate::limits::{Limits, MAX_NAME_LENGTH};
use crate::msg;
use crate::report::{Figure, Report, SourceMap, TextField, place_of_piece};
use crate::syntax::markdown;
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, Span};
use docx_fill::limits::{
    MAX_ASSET_BYTES, MAX_MARKDOWN_COLUMNS, MAX_PARAGRAPH_PIECES, MAX_WORD_LENGTH,
};
use docx_fill::prose::links::{find_refused_links, refused_links_message};
use docx_fill::prose::{self, Image, LinkSchemes, Oversized, OversizedKind};
use docx_fill::template::Assets;
use docx_fill::template::text::{self as quotes, TextOptions, TextProblem};
use serde_json::Value;
use std::collections::BTreeSet;

/// Ids of the rules reported by this stage.
pub const RULES: &[&str] = &["quote", "picture", "link", "limit"];

/// Factor by which the texts may exceed the limit before their quotes are filled in, because a
/// quote is longer than its figure.
const RAW_TEXT_FACTOR: u64 = 4;

/// Checks whether the texts of a report are small enough to be processed; reports it otherwise.
pub fn check_raw_length(report: &Report, limits: &Limits, sink: &mut Sink) -> bool {
    let count: usize = report.texts.iter().map(|field| field.markdown.chars().count()).sum();
    let found = check_text_length(report, count as u64 / RAW_TEXT_FACTOR, limits);
    let few = found.is_none();
    sink.extend(found);
    few
}

/// The texts of a report with their quotes filled in, parallel to [`Report::texts`].
pub type FilledTexts = Vec<String>;

/// Fills in the quotes. `source` is the text of the data file, used to locate faults.
pub fn fill_quotes(report: &Report, source: &str, sink: &mut Sink) -> FilledTexts {
    let quoting = |field: &&TextField| field.markdown.contains("{{");
    if report.texts.iter().find(quoting).is_none() {
        return report.texts.iter().map(|field| field.markdown.clone()).collect();
    }
    // Nearly all quotes name a figure by ids and do not need the template language.
    let plain = report.texts.iter().map(|field| fill_quotes_fast(report, &field.markdown));
    if let Some(texts) = plain.collect() {
        return texts;
    }
    let labels = report.texts.iter().any(|field| has_label_quote(&field.markdown));
    render_quotes(report, source, &Value::Object(report.to_values(labels)), sink)
}

fn render_quotes(report: &Report, source: &str, data: &Value, sink: &mut Sink) -> FilledTexts {
    let fill = |field: &TextField| {
        let mut problem = |problem: TextProblem| {
            let span = Span::from(problem.range.clone());
            let place = field.location(report.source, source, span);
            let mut found = Diagnostic::new("quote", problem.severity, place, problem.message);
            found.hints = problem.hints;
            sink.push(found);
        };
        let options = TextOptions::default();
        quotes::render_text(&field.markdown, data, markdown::escape_words, options, &mut problem)
    };
    report.texts.iter().map(fill).collect()
}

/// Returns a part of a report's text with its quotes filled in; their faults are reported when the
/// whole text is filled in.
pub fn fill_quotes_in(report: &Report, piece: &str) -> String {
    if !piece.contains("{{") {
        return piece.to_owned();
    }
    let values = Value::Object(report.to_values(has_label_quote(piece)));
    quotes::render_text(piece, &values, markdown::escape_words, TextOptions::default(), &mut |_| {})
}

/// Maximum length in bytes of a text filled in by the fast path, below the output limit of the
/// template language.
const MAX_FAST_LENGTH: usize = 1 << 20;

/// Returns the text with its quotes filled in, if each of them is just a known path of ids.
fn fill_quotes_fast(report: &Report, markdown: &str) -> Option<String> {
    if markdown.len() > MAX_FAST_LENGTH {
        return None;
    }
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some((before, quote)) = rest.split_once("{{") {
        let (path, behind) = quote.split_once("}}")?;
        // A backslash or a third brace has a meaning in the template language.
        if before.ends_with(['\\', '{']) || behind.starts_with('}') {
            return None;
        }
        out.push_str(before);
        out.push_str(&markdown::escape_words(&report.printed_at_path(path)?));
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// Checks whether a quote uses official labels instead of ids.
fn has_label_quote(markdown: &str) -> bool {
    let tags = markdown.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
    tags.into_iter().any(|tag| !tag.is_ascii())
}

/// The texts of a report, as they are checked before it is rendered.
#[derive(Clone, Copy)]
pub struct CheckedTexts<'a> {
    /// Report whose texts they are.
    pub report: &'a Report,
    /// Text of the data file, used to locate faults.
    pub source: &'a str,
    /// Texts with their quotes filled in.
    pub texts: &'a FilledTexts,
    /// Pictures that the texts name.
    pub pictures: &'a dyn Assets,
}

/// Reports pictures that are missing, of an unknown kind, or without description.
pub fn check_pictures(checked: CheckedTexts<'_>, sink: &mut Sink) {
    let CheckedTexts { report, source, texts, pictures } = checked;
    for (field, text) in report.texts.iter().zip(texts) {
        let images = prose::images_of(text);
        let base = if images.is_empty() { None } else { field.base_offset(source) };
        for image in images {
            if sink.is_full() {
                return;
            }
            let at = field.markdown.find(&image.path).unwrap_or_default();
            let span = Span { start: at, end: at + image.path.len() };
            let place = field.location_from(report.source, base, span);
            sink.extend(check_picture(&image, place, pictures));
        }
    }
}

/// Reports links that stay text because their addresses are neither web nor mail addresses.
pub fn check_links(report: &Report, source: &str, texts: &FilledTexts, sink: &mut Sink) {
    let schemes = LinkSchemes::default();
    for (field, text) in report.texts.iter().zip(texts) {
        let links = find_refused_links(text, &schemes);
        if links.is_empty() {
            continue;
        }
        let (base, origin) = (field.base_offset(source), SourceMap::new(&field.markdown, text));
        for (range, address, refusal) in links {
            if sink.is_full() {
                return;
            }
            let span = origin.raw_span(range.clone()).or_else(|| origin.surrounding_span(range));
            let span = span.unwrap_or(Span { start: 0, end: field.markdown.len() });
            let place = match base {
                Some(_) => field.location_from(report.source, base, span),
                // The file writes the text with escapes, or the address is empty.
                None if address.is_empty() => field.place.in_source(report.source),
                None => {
                    let whole = Span { start: 0, end: address.len() };
                    place_of_piece(source, field.place, &address, whole).in_source(report.source)
                }
            };
            let found = Diagnostic::warning(
                "link",
                place,
                refused_links_message([(address.as_str(), &refusal)]),
            );
            sink.push(found.with_hint(msg!("link.hint")));
        }
    }
}

/// Checks whether names, texts and their pictures are small enough to be checked and rendered;
/// reports those that are not.
pub fn check_size(checked: CheckedTexts<'_>, limits: &Limits, sink: &mut Sink) -> bool {
    let CheckedTexts { report, source, texts, pictures } = checked;
    let before = sink.count(Severity::Error);
    check_name_lengths(report, sink);
    let count: usize = texts.iter().map(|text| text.chars().count()).sum();
    if let Some(found) = check_text_length(report, count as u64, limits) {
        // Its content is not examined.
        sink.push(found);
        return false;
    }
    let parsed: Vec<Vec<prose::ProseBlock>> =
        texts.iter().map(|text| prose::parse_markdown(text)).collect();
    sink.extend(find_oversized(report, source, &parsed, limits));
    sink.extend(check_picture_size(report, &parsed, pictures, limits));
    sink.count(Severity::Error) == before
}

/// Reports names that are too long for a page.
fn check_name_lengths(report: &Report, sink: &mut Sink) {
    let mut judge = |words: &str, place: Location| {
        let count = words.chars().count();
        if count > MAX_NAME_LENGTH {
            let message = msg!("limit.name", count = count, limit = MAX_NAME_LENGTH);
            sink.push(
                Diagnostic::error("limit", place, message).with_hint(msg!("limit.name-hint")),
            );
        }
    };
    for field in report.header_fields() {
        judge(field.words, report.key_location(field.key));
    }
    for cell in report.tables.iter().flatten() {
        if let Figure::Text(words) = &cell.figure {
            let whole = Location::File(report.source);
            judge(words, cell.place.map_or(whole, |place| place.in_source(report.source)));
        }
    }
}

fn check_text_length(report: &Report, count: u64, limits: &Limits) -> Option<Diagnostic> {
    let most = limits.texts.saturating_mul(1000);
    (count > most).then(|| {
        let message = msg!("limit.texts", count = count, limit = most);
        let found = Diagnostic::error("limit", Location::File(report.source), message);
        found.with_hint(msg!("limit.texts-hint"))
    })
}

/// Returns findings for texts that are too large to be rendered.
fn find_oversized(
    report: &Report,
    source: &str,
    parsed: &[Vec<prose::ProseBlock>],
    limits: &Limits,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let (mut characters, mut pieces) = (0, 0);
    for (field, blocks) in report.texts.iter().zip(parsed) {
        let extent = prose::measure_prose(blocks);
        characters += extent.characters;
        pieces += extent.pieces;
        for excess in &extent.oversized {
            let at = field.markdown.find(&excess.excerpt);
            let span = at.map(|start| Span { start, end: start + excess.excerpt.len() });
            let whole = field.place.in_source(report.source);
            let place = span.map_or(whole, |span| field.location(report.source, source, span));
            out.push(oversized_diagnostic(excess, place));
        }
    }
    // Footnotes count wherever they are.
    out.extend(check_text_length(report, characters as u64, limits));
    if pieces as u64 > limits.pieces {
        let message = msg!("limit.pieces", count = pieces, limit = limits.pieces);
        let found = Diagnostic::error("limit", Location::File(report.source), message);
        out.push(found.with_hint(msg!("limit.pieces-hint")));
    }
    out
}

fn oversized_diagnostic(excess: &Oversized, place: Location) -> Diagnostic {
    let count = excess.count;
    let (message, hint) = match excess.kind {
        OversizedKind::Word => {
            (msg!("limit.word", count = count, limit = MAX_WORD_LENGTH), msg!("limit.word-hint"))
        }
        OversizedKind::Paragraph => (
            msg!("limit.paragraph", count = count, limit = MAX_PARAGRAPH_PIECES),
            msg!("limit.paragraph-hint"),
        ),
        OversizedKind::Table => (
            msg!("limit.table", count = count, limit = MAX_MARKDOWN_COLUMNS),
            msg!("limit.table-hint"),
        ),
    };
    Diagnostic::error("limit", place, message).with_hint(hint)
}

/// Returns a finding if the pictures are too large. A picture used in two places is embedded once,
/// unless its path is written in two ways.
fn check_picture_size(
    report: &Report,
    parsed: &[Vec<prose::ProseBlock>],
    pictures: &dyn Assets,
    limits: &Limits,
) -> Option<Diagnostic> {
    let images = parsed.iter().flatten().flat_map(prose::ProseBlock::images);
    let paths: BTreeSet<&str> = images.map(|image| image.path.as_str()).collect();
    let bytes = paths.iter().filter_map(|path| Some(pictures.get(path)?.len() as u64));
    let bytes = bytes.fold(0, u64::saturating_add);
    if bytes > MAX_ASSET_BYTES {
        let (count, limit) = (bytes.div_ceil(1 << 20), MAX_ASSET_BYTES >> 20);
        let message = msg!("limit.picture-bytes", count = count, limit = limit);
        let found = Diagnostic::error("limit", Location::File(report.source), message);
        return Some(found.with_hint(msg!("limit.pixels-hint")));
    }
    let sizes = paths.iter().filter_map(|path| imagesize::blob_size(pictures.get(path)?).ok());
    let pixels = sizes.map(|size| (size.width as u64).saturating_mul(size.height as u64));
    let pixels = pixels.fold(0_u64, u64::saturating_add);
    (pixels > limits.pictures.saturating_mul(1_000_000)).then(|| {
        let count = pixels.div_ceil(1_000_000);
        let message = msg!("limit.pixels", count = count, limit = limits.pictures);
        let found = Diagnostic::error("limit", Location::File(report.source), message);
        found.with_hint(msg!("limit.pixels-hint"))
    })
}

/// Returns the file extension for a supported picture, by its first bytes only: `png` or `jpg`.
pub fn picture_extension(bytes: &[u8]) -> Option<&'static str> {
    let extension = match imagesize::image_type(bytes) {
        Ok(imagesize::ImageType::Png) => "png",
        Ok(imagesize::ImageType::Jpeg) => "jpg",
        _ => return None,
    };
    imagesize::blob_size(bytes).ok().map(|_| extension)
}

fn check_picture(image: &Image, place: Location, pictures: &dyn Assets) -> Option<Diagnostic> {
    let path = &image.path;
    let fault = |message, hint| Some(Diagnostic::error("picture", place, message).with_hint(hint));
    let Some(bytes) = pictures.get(path) else {
        return fault(msg!("quote.picture-missing", path = path), msg!("quote.picture-hint"));
    };
    if picture_extension(bytes).is_none() {
        return fault(msg!("quote.picture-kind", path = path), msg!("quote.picture-hint"));
    }
    if image.alt.trim().is_empty() {
        let hint = msg!("quote.picture-alt-hint", path = path);
        return fault(msg!("quote.picture-alt", path = path), hint);
    }
    None
}
