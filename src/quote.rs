//! Owns the quotes in a report's texts: `{{requests.received.total}}` becomes the figure, so that prose
//! and table cannot disagree. Also judges the pictures that the texts show, and where their links lead.
//! Must not know Markdown's blocks beyond their pictures and links, nor any output.

use crate::limits::{Limits, NAME_LENGTH};
use crate::report::{Figure, Origin, Report, TextField, piece};
use crate::syntax::markdown;
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Severity, Sink, Span};
use docx_fill::limits::{FILES_BYTES, PARAGRAPH_PIECES, TABLE_WIDTH, WORD_LENGTH};
use docx_fill::prose::links::{refused, told};
use docx_fill::prose::{self, Excess, ExcessKind, Image, Schemes};
use docx_fill::template::Assets;
use docx_fill::template::text::{self as quotes, TextOptions, TextProblem};
use serde_json::Value;
use std::collections::BTreeSet;

/// Rule ids of this stage.
pub const RULES: &[&str] = &["quote", "picture", "link", "limit"];

/// So many times the limit of a report's texts they may have before their quotes are filled in: a quote is longer than
/// its figure.
const BEFORE: u64 = 4;

/// Whether the texts of a report are small enough to be looked at; says if they are not.
pub fn may_expand(report: &Report, limits: &Limits, sink: &mut Sink) -> bool {
    let count: usize = report.texts.iter().map(|field| field.markdown.chars().count()).sum();
    let found = too_many_characters(report, count as u64 / BEFORE, limits);
    let few = found.is_none();
    sink.extend(found);
    few
}

/// The texts of a report after quoting, parallel to [`Report::texts`].
pub type Texts = Vec<String>;

/// Fills in the quotes. `source` is the text of the data file, to tell the place of a fault.
pub fn expand(report: &Report, source: &str, sink: &mut Sink) -> Texts {
    let quoting = |field: &&TextField| field.markdown.contains("{{");
    if report.texts.iter().find(quoting).is_none() {
        return report.texts.iter().map(|field| field.markdown.clone()).collect();
    }
    // Nearly all quotes name a figure by ids: then the template language has nothing to do.
    let plain = report.texts.iter().map(|field| plainly(report, &field.markdown));
    if let Some(texts) = plain.collect() {
        return texts;
    }
    let labels = report.texts.iter().any(|field| quotes_by_label(&field.markdown));
    fill(report, source, &Value::Object(report.values(labels)), sink)
}

fn fill(report: &Report, source: &str, data: &Value, sink: &mut Sink) -> Texts {
    let fill = |field: &TextField| {
        let mut problem = |problem: TextProblem| {
            let span = Span::from(problem.range.clone());
            let place = field.place(report.source, source, span);
            let mut found = Diagnostic::new("quote", problem.severity, place, problem.message);
            found.hints = problem.hints;
            sink.push(found);
        };
        let options = TextOptions::default();
        quotes::render(&field.markdown, data, markdown::words, options, &mut problem)
    };
    report.texts.iter().map(fill).collect()
}

/// A piece of one of the report's texts with its quotes filled in; what is wrong with them is told when the
/// whole text is expanded.
pub fn filled(report: &Report, piece: &str) -> String {
    if !piece.contains("{{") {
        return piece.to_owned();
    }
    let values = Value::Object(report.values(quotes_by_label(piece)));
    quotes::render(piece, &values, markdown::words, TextOptions::default(), &mut |_| {})
}

/// Longest text that is filled in plainly; the limit of what the template language writes lies above.
const LONGEST: usize = 1 << 20;

/// The text with its quotes filled in, if each of them is a known path of ids and nothing else.
fn plainly(report: &Report, markdown: &str) -> Option<String> {
    if markdown.len() > LONGEST {
        return None;
    }
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some((before, quote)) = rest.split_once("{{") {
        let (path, behind) = quote.split_once("}}")?;
        // A backslash or a third brace means something to the template language.
        if before.ends_with(['\\', '{']) || behind.starts_with('}') {
            return None;
        }
        out.push_str(before);
        out.push_str(&markdown::words(&report.quoted(path)?));
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// Whether a quote uses official words instead of ids.
fn quotes_by_label(markdown: &str) -> bool {
    let tags = markdown.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
    tags.into_iter().any(|tag| !tag.is_ascii())
}

/// Says which pictures are missing, of an unknown kind, or without description.
pub fn check_pictures(
    report: &Report,
    source: &str,
    texts: &Texts,
    pictures: &dyn Assets,
    sink: &mut Sink,
) {
    for (field, text) in report.texts.iter().zip(texts) {
        let images = prose::images(text);
        let base = if images.is_empty() { None } else { field.base(source) };
        for image in images {
            if sink.is_full() {
                return;
            }
            let at = field.markdown.find(&image.path).unwrap_or_default();
            let span = Span { start: at, end: at + image.path.len() };
            let place = field.place_from(report.source, base, span);
            sink.extend(picture(&image, place, pictures));
        }
    }
}

/// Says which links of the texts stay text, because their addresses are not those of the web or of mail.
pub fn check_links(report: &Report, source: &str, texts: &Texts, sink: &mut Sink) {
    let schemes = Schemes::default();
    for (field, text) in report.texts.iter().zip(texts) {
        let links = refused(text, &schemes);
        if links.is_empty() {
            continue;
        }
        let (base, origin) = (field.base(source), Origin::new(&field.markdown, text));
        for (range, address, refusal) in links {
            if sink.is_full() {
                return;
            }
            let span = origin.raw(range.clone()).or_else(|| origin.around(range));
            let span = span.unwrap_or(Span { start: 0, end: field.markdown.len() });
            let place = match base {
                Some(_) => field.place_from(report.source, base, span),
                // The file writes the text with escapes; the address may have none.
                None if address.is_empty() => Place::Text(report.source, field.span),
                None => {
                    let whole = Span { start: 0, end: address.len() };
                    Place::Text(report.source, piece(source, field.span, &address, whole))
                }
            };
            let found = Diagnostic::warning("link", place, told([(address.as_str(), &refusal)]));
            sink.push(found.hint(text!("link.hint")));
        }
    }
}

/// Whether names, texts and their pictures are small enough to be judged and drawn; says what is not. `source` is
/// the text of the data file, to tell the places.
pub fn within(
    report: &Report,
    source: &str,
    texts: &Texts,
    pictures: &dyn Assets,
    limits: &Limits,
    sink: &mut Sink,
) -> bool {
    let before = sink.count(Severity::Error);
    names_within(report, sink);
    let count: usize = texts.iter().map(|text| text.chars().count()).sum();
    if let Some(found) = too_many_characters(report, count as u64, limits) {
        // What they hold is not looked at.
        sink.push(found);
        return false;
    }
    let parsed: Vec<Vec<prose::Block>> = texts.iter().map(|text| prose::parse(text)).collect();
    sink.extend(excesses(report, source, &parsed, limits));
    sink.extend(pictures_within(report, &parsed, pictures, limits));
    sink.count(Severity::Error) == before
}

/// Names that no page has room for.
fn names_within(report: &Report, sink: &mut Sink) {
    let mut judge = |words: &str, place: Place| {
        let count = words.chars().count();
        if count > NAME_LENGTH {
            let message = text!("limit.name", count = count, limit = NAME_LENGTH);
            sink.push(Diagnostic::error("limit", place, message).hint(text!("limit.name-hint")));
        }
    };
    for (key, words) in report.words() {
        judge(words, report.key_place(key));
    }
    for cell in report.tables.iter().flatten() {
        if let Figure::Words(words) = &cell.figure {
            let whole = Place::File(report.source);
            judge(words, cell.span.map_or(whole, |span| Place::Text(report.source, span)));
        }
    }
}

fn too_many_characters(report: &Report, count: u64, limits: &Limits) -> Option<Diagnostic> {
    let most = limits.texts.saturating_mul(1000);
    (count > most).then(|| {
        let message = text!("limit.texts", count = count, limit = most);
        let found = Diagnostic::error("limit", Place::File(report.source), message);
        found.hint(text!("limit.texts-hint"))
    })
}

/// What in the texts is too large to be set.
fn excesses(
    report: &Report,
    source: &str,
    parsed: &[Vec<prose::Block>],
    limits: &Limits,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let (mut characters, mut pieces) = (0, 0);
    for (field, blocks) in report.texts.iter().zip(parsed) {
        let extent = prose::measure(blocks);
        characters += extent.characters;
        pieces += extent.pieces;
        for excess in &extent.excesses {
            let at = field.markdown.find(&excess.words);
            let span = at.map(|start| Span { start, end: start + excess.words.len() });
            let whole = Place::Text(report.source, field.span);
            let place = span.map_or(whole, |span| field.place(report.source, source, span));
            out.push(excess_found(excess, place));
        }
    }
    // Footnotes count wherever they stand.
    out.extend(too_many_characters(report, characters as u64, limits));
    if pieces as u64 > limits.pieces {
        let message = text!("limit.pieces", count = pieces, limit = limits.pieces);
        let found = Diagnostic::error("limit", Place::File(report.source), message);
        out.push(found.hint(text!("limit.pieces-hint")));
    }
    out
}

fn excess_found(excess: &Excess, place: Place) -> Diagnostic {
    let count = excess.count;
    let (message, hint) = match excess.kind {
        ExcessKind::Word => {
            (text!("limit.word", count = count, limit = WORD_LENGTH), text!("limit.word-hint"))
        }
        ExcessKind::Paragraph => (
            text!("limit.paragraph", count = count, limit = PARAGRAPH_PIECES),
            text!("limit.paragraph-hint"),
        ),
        ExcessKind::Table => {
            (text!("limit.table", count = count, limit = TABLE_WIDTH), text!("limit.table-hint"))
        }
    };
    Diagnostic::error("limit", place, message).hint(hint)
}

/// A picture that stands in two places is drawn from one, unless its path is written in two ways.
fn pictures_within(
    report: &Report,
    parsed: &[Vec<prose::Block>],
    pictures: &dyn Assets,
    limits: &Limits,
) -> Option<Diagnostic> {
    let images = parsed.iter().flatten().flat_map(prose::Block::images);
    let paths: BTreeSet<&str> = images.map(|image| image.path.as_str()).collect();
    let bytes = paths.iter().filter_map(|path| Some(pictures.get(path)?.len() as u64));
    let bytes = bytes.fold(0, u64::saturating_add);
    if bytes > FILES_BYTES {
        let (count, limit) = (bytes.div_ceil(1 << 20), FILES_BYTES >> 20);
        let message = text!("limit.picture-bytes", count = count, limit = limit);
        let found = Diagnostic::error("limit", Place::File(report.source), message);
        return Some(found.hint(text!("limit.pixels-hint")));
    }
    let sizes = paths.iter().filter_map(|path| imagesize::blob_size(pictures.get(path)?).ok());
    let pixels = sizes.map(|size| (size.width as u64).saturating_mul(size.height as u64));
    let pixels = pixels.fold(0_u64, u64::saturating_add);
    (pixels > limits.pictures.saturating_mul(1_000_000)).then(|| {
        let count = pixels.div_ceil(1_000_000);
        let message = text!("limit.pixels", count = count, limit = limits.pictures);
        let found = Diagnostic::error("limit", Place::File(report.source), message);
        found.hint(text!("limit.pixels-hint"))
    })
}

/// How a file with these bytes is called if it is a picture that a report takes, by its first bytes alone:
/// `png` or `jpg`.
pub fn picture_extension(bytes: &[u8]) -> Option<&'static str> {
    let extension = match imagesize::image_type(bytes) {
        Ok(imagesize::ImageType::Png) => "png",
        Ok(imagesize::ImageType::Jpeg) => "jpg",
        _ => return None,
    };
    imagesize::blob_size(bytes).ok().map(|_| extension)
}

fn picture(image: &Image, place: Place, pictures: &dyn Assets) -> Option<Diagnostic> {
    let path = &image.path;
    let fault = |message, hint| Some(Diagnostic::error("picture", place, message).hint(hint));
    let Some(bytes) = pictures.get(path) else {
        return fault(text!("quote.picture-missing", path = path), text!("quote.picture-hint"));
    };
    if picture_extension(bytes).is_none() {
        return fault(text!("quote.picture-kind", path = path), text!("quote.picture-hint"));
    }
    if image.alt.trim().is_empty() {
        let hint = text!("quote.picture-alt-hint", path = path);
        return fault(text!("quote.picture-alt", path = path), hint);
    }
    None
}
