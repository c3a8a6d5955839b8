//! Owns findings as Word comments: each at its paragraph, in a copy of the document.
//! Must not know a rule.

use super::splice::{Splice, apply};
use super::word::{Body, Paragraph};
use crate::text;
use docx_fill::diag::{Diagnostic, Lang, Place, Sources, severity_word, visible, within};
use docx_fill::opc::xml::attribute_into;
use docx_fill::opc::xml::escape_into;
use docx_fill::opc::{Changes, OpcError, Package, Relationship, Relationships, relationships_name};
use docx_fill::slice::TextSlice as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments";
const STRICT: &str = "http://purl.oclc.org/ooxml/officeDocument/relationships";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const TYPES: &str = "[Content_Types].xml";
const LEVEL: u8 = 6;

/// A copy of the document with the findings as comments; what has no paragraph of its own in the body
/// stands at the first one. `None` if the body has no paragraph.
pub fn annotated(
    package: &Package,
    found: &[Diagnostic],
    sources: &Sources,
    lang: Lang,
) -> Result<Option<Vec<u8>>, OpcError> {
    let main = package.main_document();
    let text = package.read_xml(main)?.ok_or(OpcError::NoMainDocument)?;
    let body = Body::read(main, text)?;
    if body.paragraphs.is_empty() {
        return Ok(None);
    }
    let relationships = package.relationships(main)?;
    let existing = relationships.target_of(main, "/comments");
    let old = match &existing {
        Some(part) => package.read_xml(part)?,
        None => None,
    };
    let first = old.as_deref().map_or(Ok(0), |old| next_id(old, existing.as_deref()))?;
    let (mut splices, mut comments) = (Vec::new(), String::new());
    let places = places(&body);
    for (id, finding) in (first..).zip(found) {
        let (paragraph, exact) = anchor(&body, &places, &finding.place);
        splices.extend(marks(&body, paragraph, id));
        comment(&mut comments, id, finding, (sources, lang, exact));
    }
    let mut changes = Changes::default();
    changes.set(package, main, apply(&body.text, merged(splices)));
    let part = existing.unwrap_or_else(|| free_name(package, main));
    let whole = match old.as_deref().and_then(|old| Some((old, old.rfind("</")?))) {
        Some((old, end)) => format!("{}{comments}{}", old.slice(..end), old.slice(end..)),
        None => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <w:comments xmlns:w=\"{WORD}\">{comments}</w:comments>"
        ),
    };
    if old.is_none() {
        relate(package, &part, &mut changes)?;
    }
    changes.set(package, &part, whole);
    package.write(&changes, LEVEL).map(Some)
}

fn next_id(comments: &str, part: Option<&str>) -> Result<u32, OpcError> {
    let tree = super::tree::Tree::read(comments, part.unwrap_or_default())?;
    let ids = tree.elements.iter().filter(|found| found.name == "w:comment");
    let ids = ids.filter_map(|found| found.attribute("w:id")?.parse::<u32>().ok());
    Ok(ids.max().map_or(0, |id| id.saturating_add(1)))
}

/// A part name that nothing has.
fn free_name(package: &Package, main: &str) -> String {
    let folder = main.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let names = std::iter::once(String::new()).chain((1..).map(|number: u32| number.to_string()));
    let mut names = names.map(|number| format!("{folder}comments{number}.xml"));
    names.find(|name| !package.contains(name)).unwrap_or_default()
}

/// Makes a new comments part known to the package.
fn relate(package: &Package, part: &str, changes: &mut Changes) -> Result<(), OpcError> {
    let main = package.main_document();
    let name = relationships_name(main);
    let old = package.read_xml(&name)?;
    let known = |id: &str| old.as_deref().is_some_and(|old| old.contains(&format!("\"{id}\"")));
    let mut ids = (1..).map(|number: u32| format!("rIdNote{number}"));
    let id = ids.find(|id| !known(id)).unwrap_or_default();
    let strict = old.as_deref().is_some_and(|old| old.contains(STRICT));
    let kind = if strict { format!("{STRICT}/comments") } else { KIND.to_owned() };
    let added = Relationship { id, kind, target: format!("/{part}"), external: false };
    changes.set(package, &name, Relationships::append(old.as_deref(), &[added]));
    if let Some(types) = package.read_xml(TYPES)?
        && let Some(end) = types.rfind("</")
    {
        let mut own = String::from("<Override");
        attribute_into(&mut own, "PartName", &format!("/{part}"));
        attribute_into(&mut own, "ContentType", TYPE);
        own.push_str("/>");
        changes.set(package, TYPES, format!("{}{own}{}", types.slice(..end), types.slice(end..)));
    }
    Ok(())
}

/// The paragraphs by the tables around them and their numbers; the first of each.
type Places<'a> = BTreeMap<(&'a [(u32, u32, u32)], u32), &'a Paragraph>;

fn places(body: &Body) -> Places<'_> {
    let mut out = BTreeMap::new();
    for found in &body.paragraphs {
        out.entry((found.cells.as_slice(), found.number)).or_insert(found);
    }
    out
}

/// The paragraph of a place, and whether it is that of the place itself.
fn anchor<'a>(body: &'a Body, places: &Places<'a>, place: &Place) -> (&'a Paragraph, bool) {
    let exact = match place {
        Place::Word(_, place) if place.part == body.name => {
            places.get(&(place.cells.as_slice(), place.paragraph.max(1))).copied()
        }
        _ => None,
    };
    exact.map_or_else(|| (&body.paragraphs[0], false), |found| (found, true))
}

/// The marks of a comment around a paragraph's content.
fn marks(body: &Body, paragraph: &Paragraph, id: u32) -> Vec<Splice> {
    let element = &body.tree.elements[paragraph.element];
    let start = format!("<w:commentRangeStart w:id=\"{id}\"/>");
    let end =
        format!("<w:commentRangeEnd w:id=\"{id}\"/><w:r><w:commentReference w:id=\"{id}\"/></w:r>");
    if element.is_empty() {
        return vec![Splice { range: element.range.clone(), with: format!("{start}{end}") }];
    }
    let properties = body.tree.child(paragraph.element, "w:pPr");
    let from = properties.map_or(element.tag.end, |at| body.tree.elements[at].range.end);
    let until = element.range.start
        + body.text.slice(element.range.clone()).rfind("</").unwrap_or(element.range.len());
    vec![Splice::insert(from, start), Splice::insert(until, end)]
}

/// Several comments on one empty paragraph share its opening and closing.
fn merged(splices: Vec<Splice>) -> Vec<Splice> {
    let mut out: Vec<Splice> = Vec::new();
    for splice in splices {
        let same =
            out.iter_mut().find(|known| known.range == splice.range && !known.range.is_empty());
        match same {
            Some(known) => known.with.push_str(&splice.with),
            None => out.push(splice),
        }
    }
    for splice in out.iter_mut().filter(|splice| !splice.range.is_empty()) {
        splice.with = format!("<w:p>{}</w:p>", splice.with);
    }
    out
}

fn comment(
    out: &mut String,
    id: u32,
    finding: &Diagnostic,
    (sources, lang, exact): (&Sources, Lang, bool),
) {
    let _ = write!(out, "<w:comment w:id=\"{id}\" w:author=\"nianbao\" w:initials=\"nb\">");
    let severity = severity_word(finding.severity, lang);
    let message = finding.message.in_lang(lang);
    line(out, &format!("{severity}[{}]: {message}", finding.rule));
    if let (false, Some(place)) = (exact, within(&finding.place, sources, lang)) {
        line(out, &place);
    }
    for hint in &finding.hints {
        line(out, &format!("{}{}", text!("print.hint").in_lang(lang), hint.in_lang(lang)));
    }
    out.push_str("</w:comment>");
}

fn line(out: &mut String, text: &str) {
    out.push_str("<w:p><w:r><w:t xml:space=\"preserve\">");
    // No document may hold a control, and a name within the line may have any.
    escape_into(out, &visible(text));
    out.push_str("</w:t></w:r></w:p>");
}
