//! Owns writing findings as Word comments, each at its paragraph, in a copy of the document.
//! Must not know a rule.

use super::text_edits::{TextEdit, apply_edits};
use crate::msg;
use docx_fill::diag::{
    Diagnostic, Lang, Location, Sources, describe_location, severity_label, show_hidden,
};
use docx_fill::opc::xml::attribute_into;
use docx_fill::opc::xml::escape_into;
use docx_fill::opc::{
    OpcError, Package, PackageChanges, Relationship, Relationships, relationships_part_name,
};
use docx_fill::slice::TextSlice as _;
use docx_fill::word::body::{BodyParagraph, WordBody};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const RELATIONSHIP_TYPE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments";
const STRICT: &str = "http://purl.oclc.org/ooxml/officeDocument/relationships";
const CONTENT_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const CONTENT_TYPES_PART: &str = "[Content_Types].xml";
const DEFLATE_LEVEL: u8 = 6;

/// Returns a copy of the document with the findings as comments; a finding without a paragraph in
/// the body is attached to the first one. `None` if the body has no paragraph.
pub fn annotated_copy(
    package: &Package,
    found: &[Diagnostic],
    sources: &Sources,
    lang: Lang,
) -> Result<Option<Vec<u8>>, OpcError> {
    let main = package.main_document_name();
    let text = package.read_xml_part(main)?.ok_or(OpcError::MissingMainDocument)?;
    let body = WordBody::read(main, text)?;
    if body.paragraphs.is_empty() || !body.tree.has_customary_prefixes {
        return Ok(None);
    }
    let relationships = package.relationships(main)?;
    let existing = relationships.target_by_type(main, "/comments");
    let old = match &existing {
        Some(part) => package.read_xml_part(part)?,
        None => None,
    };
    let first = old.as_deref().map_or(Ok(0), |old| next_comment_id(old, existing.as_deref()))?;
    let (mut splices, mut comments) = (Vec::new(), String::new());
    let places = index_paragraphs(&body);
    for (id, finding) in (first..).zip(found) {
        let (paragraph, exact) = anchor_paragraph(&body, &places, &finding.location);
        splices.extend(comment_marks(&body, paragraph, id));
        let look = CommentLook { sources, lang, is_exact: exact };
        write_comment(&mut comments, id, finding, look);
    }
    let mut changes = PackageChanges::default();
    changes.set_part(package, main, apply_edits(&body.text, merge_edits(splices)));
    let part = existing.unwrap_or_else(|| free_part_name(package, main));
    let whole = match old.as_deref().and_then(|old| Some((old, old.rfind("</")?))) {
        Some((old, end)) => format!("{}{comments}{}", old.slice(..end), old.slice(end..)),
        None => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <w:comments xmlns:w=\"{WORD}\">{comments}</w:comments>"
        ),
    };
    if old.is_none() {
        register_part(package, &part, &mut changes)?;
    }
    changes.set_part(package, &part, whole);
    package.write_with(&changes, DEFLATE_LEVEL).map(Some)
}

fn next_comment_id(comments: &str, part: Option<&str>) -> Result<u32, OpcError> {
    let tree = docx_fill::word::xml_tree::XmlTree::read(comments, part.unwrap_or_default())?;
    let ids = tree.elements.iter().filter(|found| found.name == "w:comment");
    let ids = ids.filter_map(|found| found.attribute("w:id")?.parse::<u32>().ok());
    Ok(ids.max().map_or(0, |id| id.saturating_add(1)))
}

/// Returns an unused part name.
fn free_part_name(package: &Package, main: &str) -> String {
    let folder = main.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let names = std::iter::once(String::new()).chain((1..).map(|number: u32| number.to_string()));
    let mut names = names.map(|number| format!("{folder}comments{number}.xml"));
    names.find(|name| !package.contains_part(name)).unwrap_or_default()
}

/// Adds content type and relationship of a new comments part.
fn register_part(
    package: &Package,
    part: &str,
    changes: &mut PackageChanges,
) -> Result<(), OpcError> {
    let main = package.main_document_name();
    let name = relationships_part_name(main);
    let old = package.read_xml_part(&name)?;
    let known = |id: &str| old.as_deref().is_some_and(|old| old.contains(&format!("\"{id}\"")));
    let mut ids = (1..).map(|number: u32| format!("rIdNote{number}"));
    let id = ids.find(|id| !known(id)).unwrap_or_default();
    let strict = old.as_deref().is_some_and(|old| old.contains(STRICT));
    let kind = if strict { format!("{STRICT}/comments") } else { RELATIONSHIP_TYPE.to_owned() };
    let added = Relationship { id, rel_type: kind, target: format!("/{part}"), external: false };
    changes.set_part(package, &name, Relationships::append_to_part(old.as_deref(), &[added]));
    if let Some(types) = package.read_xml_part(CONTENT_TYPES_PART)?
        && let Some(end) = types.rfind("</")
    {
        let mut own = String::from("<Override");
        attribute_into(&mut own, "PartName", &format!("/{part}"));
        attribute_into(&mut own, "ContentType", CONTENT_TYPE);
        own.push_str("/>");
        changes.set_part(
            package,
            CONTENT_TYPES_PART,
            format!("{}{own}{}", types.slice(..end), types.slice(end..)),
        );
    }
    Ok(())
}

/// The first paragraph of each number, by the cells around it and its number.
type ParagraphIndex<'a> = BTreeMap<(&'a [(u32, u32, u32)], u32), &'a BodyParagraph>;

fn index_paragraphs(body: &WordBody) -> ParagraphIndex<'_> {
    let mut out = BTreeMap::new();
    for found in &body.paragraphs {
        out.entry((found.cells.as_slice(), found.number)).or_insert(found);
    }
    out
}

/// Returns the paragraph to which a comment is attached, and whether it is the finding's own.
fn anchor_paragraph<'a>(
    body: &'a WordBody,
    places: &ParagraphIndex<'a>,
    place: &Location,
) -> (&'a BodyParagraph, bool) {
    let exact = match place {
        Location::Word(_, place) if place.part == body.name => {
            places.get(&(place.cells.as_slice(), place.paragraph.max(1))).copied()
        }
        _ => None,
    };
    exact.map_or_else(|| (&body.paragraphs[0], false), |found| (found, true))
}

/// Returns the marks of a comment around a paragraph's content.
fn comment_marks(body: &WordBody, paragraph: &BodyParagraph, id: u32) -> Vec<TextEdit> {
    let element = &body.tree.elements[paragraph.element];
    let start = format!("<w:commentRangeStart w:id=\"{id}\"/>");
    let end =
        format!("<w:commentRangeEnd w:id=\"{id}\"/><w:r><w:commentReference w:id=\"{id}\"/></w:r>");
    if element.is_empty() {
        return vec![TextEdit {
            range: element.range.clone(),
            replacement: format!("{start}{end}"),
        }];
    }
    let properties = body.tree.child(paragraph.element, "w:pPr");
    let from = properties.map_or(element.tag.end, |at| body.tree.elements[at].range.end);
    let until = element.range.start
        + body.text.slice(element.range.clone()).rfind("</").unwrap_or(element.range.len());
    vec![TextEdit::insert(from, start), TextEdit::insert(until, end)]
}

/// Merges edits at the same bytes: several comments on one empty paragraph share its start and end
/// tag.
fn merge_edits(splices: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut out: Vec<TextEdit> = Vec::new();
    for splice in splices {
        let same =
            out.iter_mut().find(|known| known.range == splice.range && !known.range.is_empty());
        match same {
            Some(known) => known.replacement.push_str(&splice.replacement),
            None => out.push(splice),
        }
    }
    for splice in out.iter_mut().filter(|splice| !splice.range.is_empty()) {
        splice.replacement = format!("<w:p>{}</w:p>", splice.replacement);
    }
    out
}

/// The words of a comment beside its finding.
#[derive(Clone, Copy)]
struct CommentLook<'a> {
    sources: &'a Sources,
    lang: Lang,
    /// True if the comment stands at the finding's own paragraph.
    is_exact: bool,
}

fn write_comment(out: &mut String, id: u32, finding: &Diagnostic, look: CommentLook<'_>) {
    let CommentLook { sources, lang, is_exact: exact } = look;
    let _ = write!(out, "<w:comment w:id=\"{id}\" w:author=\"nianbao\" w:initials=\"nb\">");
    let severity = severity_label(finding.severity, lang);
    let message = finding.message.in_lang(lang);
    write_line(out, &format!("{severity}[{}]: {message}", finding.rule));
    if let (false, Some(place)) = (exact, describe_location(&finding.location, sources, lang)) {
        write_line(out, &place);
    }
    for hint in &finding.hints {
        write_line(out, &format!("{}{}", msg!("print.hint").in_lang(lang), hint.in_lang(lang)));
    }
    out.push_str("</w:comment>");
}

fn write_line(out: &mut String, text: &str) {
    out.push_str("<w:p><w:r><w:t xml:space=\"preserve\">");
    // Documents cannot contain control characters, but a file name in the line may.
    escape_into(out, &show_hidden(text));
    out.push_str("</w:t></w:r></w:p>");
}
