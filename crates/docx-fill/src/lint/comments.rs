//! Owns writing findings as Word comments, each at its paragraph, in a copy of the document.
//! Must not know a rule.

use crate::diag::{
    Diagnostic, Lang, Location, Sources, describe_location, msg, severity_label, show_hidden,
};
use crate::opc::xml::{attribute_into, escape_into};
use crate::opc::{
    OpcError, Package, PackageChanges, Relationship, Relationships, relationships_part_name,
};
use crate::slice::{TextReplacement, TextSlice as _, apply_replacements};
use crate::word::body::{BodyParagraph, WordBody};
use crate::word::xml_tree::XmlTree;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const RELATIONSHIP_TYPE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments";
const CONTENT_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const CONTENT_TYPES_PART: &str = "[Content_Types].xml";
const DEFLATE_LEVEL: u8 = 6;

/// The author of comments, with what the words of findings need.
#[derive(Debug, Clone, Copy)]
pub struct CommentWriter<'a> {
    /// Author that Word shows.
    pub author: &'a str,
    /// Initials of the author.
    pub initials: &'a str,
    /// Files of the findings.
    pub sources: &'a Sources,
    /// Language of the comments.
    pub lang: Lang,
}

/// Returns a copy of the document with the findings as comments; a finding without a paragraph in
/// the body is attached to the first one. `None` if the body has no paragraph.
pub fn annotated_copy(
    package: &Package,
    found: &[Diagnostic],
    writer: CommentWriter<'_>,
) -> Result<Option<Vec<u8>>, OpcError> {
    let main = package.main_document_name();
    let text = package.read_xml_part(main)?.ok_or(OpcError::MissingMainDocument)?;
    let body = WordBody::read(main, text)?;
    if body.paragraphs.is_empty() {
        return Ok(None);
    }
    let relationships = package.relationships(main)?;
    let existing = relationships.target_by_type(main, "/comments");
    let old = match &existing {
        Some(part) => package.read_xml_part(part)?,
        None => None,
    };
    let first = old.as_deref().map_or(Ok(0), |old| next_comment_id(old, existing.as_deref()))?;
    let (mut edits, mut comments) = (Vec::new(), String::new());
    let places = index_paragraphs(&body);
    for (id, finding) in (first..).zip(found) {
        let (paragraph, exact) = anchor_paragraph(&body, &places, &finding.location);
        edits.extend(comment_marks(&body, paragraph, id));
        writer.write_comment(&mut comments, id, finding, exact);
    }
    let mut changes = PackageChanges::default();
    changes.set_part(package, main, apply_replacements(&body.text, merge_edits(edits)));
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
    let tree = XmlTree::read(comments, part.unwrap_or_default())?;
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
    let rel_type = RELATIONSHIP_TYPE.to_owned();
    let added = Relationship { id, rel_type, target: format!("/{part}"), external: false };
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
fn comment_marks(body: &WordBody, paragraph: &BodyParagraph, id: u32) -> Vec<TextReplacement> {
    let element = &body.tree.elements[paragraph.element];
    let start = format!("<w:commentRangeStart w:id=\"{id}\"/>");
    let end =
        format!("<w:commentRangeEnd w:id=\"{id}\"/><w:r><w:commentReference w:id=\"{id}\"/></w:r>");
    if element.is_empty() {
        return vec![TextReplacement {
            range: element.range.clone(),
            with: format!("{start}{end}"),
        }];
    }
    let properties = body.tree.child(paragraph.element, "w:pPr");
    let from = properties.map_or(element.tag.end, |at| body.tree.elements[at].range.end);
    let until = element.range.start
        + body.text.slice(element.range.clone()).rfind("</").unwrap_or(element.range.len());
    vec![TextReplacement::insertion(from, start), TextReplacement::insertion(until, end)]
}

/// Merges edits at the same bytes: several comments on one empty paragraph share its start and end
/// tag.
fn merge_edits(edits: Vec<TextReplacement>) -> Vec<TextReplacement> {
    let mut out: Vec<TextReplacement> = Vec::new();
    for edit in edits {
        let same =
            out.iter_mut().find(|known| known.range == edit.range && !known.range.is_empty());
        match same {
            Some(known) => known.with.push_str(&edit.with),
            None => out.push(edit),
        }
    }
    for edit in out.iter_mut().filter(|edit| !edit.range.is_empty()) {
        edit.with = format!("<w:p>{}</w:p>", edit.with);
    }
    out
}

impl CommentWriter<'_> {
    /// Writes a finding; its place only if the comment does not stand there.
    fn write_comment(self, out: &mut String, id: u32, finding: &Diagnostic, stands_there: bool) {
        let CommentWriter { author, initials, sources, lang } = self;
        let _ = write!(out, "<w:comment w:id=\"{id}\"");
        attribute_into(out, "w:author", author);
        attribute_into(out, "w:initials", initials);
        out.push('>');
        let severity = severity_label(finding.severity, lang);
        let message = finding.message.in_lang(lang);
        write_line(out, &format!("{severity}[{}]: {message}", finding.rule));
        let place = || describe_location(&finding.location, sources, lang);
        if let Some(place) = (!stands_there).then(place).flatten() {
            write_line(out, &place);
        }
        for hint in &finding.hints {
            let label = msg!("print.hint").in_lang(lang);
            write_line(out, &format!("{label}{}", hint.in_lang(lang)));
        }
        out.push_str("</w:comment>");
    }
}

fn write_line(out: &mut String, text: &str) {
    out.push_str("<w:p><w:r><w:t xml:space=\"preserve\">");
    // Documents cannot contain control characters, but a file name in the line may.
    escape_into(out, &show_hidden(text));
    out.push_str("</w:t></w:r></w:p>");
}
