//! Owns the certain changes to a template: full-width braces, repeated header rows, rows that break
//! across pages or clip text, named fonts instead of theme fonts, labels that differ in character
//! width only.
//! Must not search for faults other than braces: they were found before.

use super::fonts::{self, TextRole, ThemeFont};
use super::template_fix::TemplateFix;
use super::word_part::PropertySource;
use super::{InspectOptions, InspectedDocument, official_form, read_parts, row_heights, tag_names};
use crate::msg;
use docx_fill::diag::{
    Lang, Location, Message, Sink, SourceId, Sources, WordLocation, describe_location,
};
use docx_fill::opc::xml::escape_into;
use docx_fill::opc::{OpcError, PackageChanges};
use docx_fill::slice::{TextReplacement, TextSlice as _, apply_replacements};
use docx_fill::template::{CompiledTemplate, ParseOptions};
use docx_fill::word::body::WordBody;
use docx_fill::word::xml_tree::SpannedElement;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const DEFLATE_LEVEL: u8 = 6;

/// A template with the certain changes made.
#[derive(Debug)]
pub struct FixedTemplate {
    /// Bytes of the document; unchanged parts are copied.
    pub bytes: Vec<u8>,
    /// Changes with their places.
    pub changes: Vec<(Location, Message)>,
}

impl FixedTemplate {
    /// Returns the changes as text, one line each.
    pub fn format_changes(&self, sources: &Sources, lang: Lang) -> String {
        let line = |(place, what): &(Location, Message)| {
            let place = describe_location(place, sources, lang).unwrap_or_default();
            format!("{place}: {}\n", what.in_lang(lang))
        };
        self.changes.iter().map(line).collect()
    }
}

/// Applies the certain changes; `None` if there are none, or if the file cannot be read.
pub fn fix_template(
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &InspectOptions,
) -> Result<Option<FixedTemplate>, OpcError> {
    let mut unheard = Sink::new();
    let Some(template) = CompiledTemplate::parse_tolerant(bytes, source, parse, &mut unheard)
    else {
        return Ok(None);
    };
    let document = read_parts(template.package())?;
    let mut mender = TemplateFixer { source, changes: Vec::new(), edits: BTreeMap::new() };
    for body in std::iter::once(&document.main).chain(&document.others) {
        mender.fix_braces(body);
    }
    let form =
        against.form.clone().or_else(|| tag_names::recognise_form(&template, &against.library));
    if let Some(form) = form {
        let fixes = official_form::check_form(&form, &document, &template, source, &mut unheard);
        mender.apply_fixes(&document.main, fixes);
        for themed in fonts::theme_fonts(&form, &document) {
            mender.fix_font(&document, &themed);
        }
        for cut in row_heights::clipped_rows(&document) {
            mender.fix_height(&document.main, cut);
        }
    }
    if mender.changes.is_empty() {
        return Ok(None);
    }
    let bodies = std::iter::once(&document.main).chain(&document.others);
    let texts = bodies.map(|body| (body.name.as_str(), body.text.as_str()));
    let texts = texts.chain([(document.styles.part(), document.styles.text())]);
    let mut changes = PackageChanges::default();
    for (name, text) in texts {
        if let Some(edits) = mender.edits.remove(name) {
            changes.set_part(template.package(), name, apply_replacements(text, edits));
        }
    }
    let bytes = template.package().write_with(&changes, DEFLATE_LEVEL)?;
    Ok(Some(FixedTemplate { bytes, changes: mender.changes }))
}

struct TemplateFixer {
    source: SourceId,
    changes: Vec<(Location, Message)>,
    /// Edits by part.
    edits: BTreeMap<String, Vec<TextReplacement>>,
}

impl TemplateFixer {
    fn record_change(
        &mut self,
        part: &str,
        place: WordLocation,
        what: Message,
        edits: Vec<TextReplacement>,
    ) {
        self.changes.push((super::word_place(self.source, place), what));
        self.edits.entry(part.to_owned()).or_default().extend(edits);
    }

    /// Replaces pairs of full-width braces.
    fn fix_braces(&mut self, body: &WordBody) {
        for paragraph in &body.paragraphs {
            if !paragraph.text.contains("｛｛") && !paragraph.text.contains("｝｝") {
                continue;
            }
            let mut edits = Vec::new();
            for at in body.tree.descendants(paragraph.element) {
                let element = &body.tree.elements[at];
                if element.name != "w:t" || element.is_empty() {
                    continue;
                }
                let inner = inner_range(body, element);
                for (wide, plain) in [("｛｛", "{{"), ("｝｝", "}}")] {
                    for (offset, _) in body.text.slice(inner.clone()).match_indices(wide) {
                        let start = inner.start + offset;
                        let range = start..start + wide.len();
                        edits.push(TextReplacement { range, with: plain.to_owned() });
                    }
                }
            }
            if !edits.is_empty() {
                let place = body.paragraph_place(paragraph, &paragraph.text);
                self.record_change(&body.name, place, msg!("inspect.did-braces"), edits);
            }
        }
    }

    fn apply_fixes(&mut self, body: &WordBody, fixes: Vec<TemplateFix>) {
        let mut rows: BTreeMap<usize, Vec<(&'static str, WordLocation)>> = BTreeMap::new();
        for fix in fixes {
            match fix {
                TemplateFix::Row { place, row, name } => {
                    rows.entry(row).or_default().push((name, place));
                }
                TemplateFix::Label { place, cell, wanted } => {
                    self.fix_label(body, place, cell, &wanted);
                }
            }
        }
        for (row, switches) in rows {
            let names: Vec<&str> = switches.iter().map(|(name, _)| *name).collect();
            let mut edits = set_row_properties(body, row, &names);
            for (name, place) in switches {
                let what = match name {
                    "w:tblHeader" => msg!("inspect.did-header"),
                    _ => msg!("inspect.did-split"),
                };
                self.record_change(&body.name, place, what, std::mem::take(&mut edits));
            }
        }
    }

    /// Replaces a label that is a single run by the form's characters.
    fn fix_label(&mut self, body: &WordBody, place: WordLocation, cell: usize, wanted: &str) {
        let texts = body.tree.descendants(cell).map(|at| &body.tree.elements[at]);
        let texts: Vec<&SpannedElement> =
            texts.filter(|e| e.name == "w:t" && !e.is_empty()).collect();
        let [one] = texts.as_slice() else { return };
        let mut with = String::new();
        escape_into(&mut with, wanted);
        let edit = TextReplacement { range: inner_range(body, one), with };
        let what = msg!("inspect.did-label", found = one.text.trim(), wanted = wanted);
        self.record_change(&body.name, place, what, vec![edit]);
    }

    fn fix_font(&mut self, document: &InspectedDocument, themed: &ThemeFont<'_>) {
        let role = themed.role;
        let (part, range, replacement) = match themed.source {
            PropertySource::Own(at) => {
                let element = &themed.body.tree.elements[at];
                let attributes: Vec<_> = element.attributes().collect();
                let tag = named_fonts_tag(&attributes, element.is_empty(), role);
                (themed.body.name.as_str(), element.tag.clone(), tag)
            }
            PropertySource::Styles(at) => {
                let Some(element) = document.styles.property_at(at) else { return };
                let attributes: Vec<_> = element.attributes().collect();
                let tag = named_fonts_tag(&attributes, element.range == element.tag, role);
                (document.styles.part(), element.tag.clone(), tag)
            }
        };
        let font = role.chinese_font();
        let edit = TextReplacement { range, with: replacement };
        let place = themed.body.paragraph_place(themed.paragraph, &themed.paragraph.text);
        self.record_change(part, place, msg!("inspect.did-font", font = font), vec![edit]);
    }

    /// Turns a fixed row height into a minimum height.
    fn fix_height(&mut self, body: &WordBody, cut: row_heights::ClippedRow) {
        let element = &body.tree.elements[cut.height];
        let tag = body.text.slice(element.tag.clone());
        let with = tag.replacen("w:hRule=\"exact\"", "w:hRule=\"atLeast\"", 1);
        let edit = TextReplacement { range: element.tag.clone(), with };
        self.record_change(&body.name, cut.place, msg!("inspect.did-height"), vec![edit]);
    }
}

/// Returns the byte range between an element's tags.
fn inner_range(body: &WordBody, element: &SpannedElement) -> std::ops::Range<usize> {
    let close = body.text.slice(element.range.clone()).rfind("</").unwrap_or(element.range.len());
    element.tag.end..(element.range.start + close).max(element.tag.end)
}

/// Returns the start tag of a fonts element with names in place of all theme fonts.
fn named_fonts_tag(attributes: &[(&str, &str)], empty: bool, role: TextRole) -> String {
    let said = |name: &str| attributes.iter().any(|(key, _)| *key == name);
    let latin = role.latin_font();
    let themes = [
        ("w:asciiTheme", "w:ascii", latin),
        ("w:hAnsiTheme", "w:hAnsi", latin),
        ("w:eastAsiaTheme", "w:eastAsia", role.chinese_font()),
        ("w:cstheme", "w:cs", latin),
    ];
    let replaced = |name: &str| {
        themes.iter().find(|(theme, named, _)| (*theme == name || *named == name) && said(theme))
    };
    let mut out = "<w:rFonts".to_owned();
    let mut attribute = |name: &str, value: &str| {
        let _ = write!(out, " {name}=\"");
        escape_into(&mut out, value);
        out.push('"');
    };
    for (name, value) in attributes.iter().filter(|(name, _)| replaced(name).is_none()) {
        attribute(name, value);
    }
    for (theme, named, font) in themes {
        if said(theme) {
            attribute(named, font);
        }
    }
    out.push_str(if empty { "/>" } else { ">" });
    out
}

/// Returns the edits that turn on properties of a row.
fn set_row_properties(body: &WordBody, row: usize, names: &[&str]) -> Vec<TextReplacement> {
    let tree = &body.tree;
    let all = |names: &[&str]| format!("<{}/>", names.join("/><"));
    let Some(properties) = tree.child(row, "w:trPr") else {
        let exception = tree.child(row, "w:tblPrEx").map(|at| tree.elements[at].range.end);
        let from = exception.unwrap_or(tree.elements[row].tag.end);
        return vec![TextReplacement::insertion(from, format!("<w:trPr>{}</w:trPr>", all(names)))];
    };
    let own = &tree.elements[properties];
    if own.is_empty() {
        let with = format!("<w:trPr>{}</w:trPr>", all(names));
        return vec![TextReplacement { range: own.range.clone(), with }];
    }
    // A property that is turned off is turned on in place.
    let (mut edits, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        match tree.child(properties, name) {
            Some(at) => {
                let range = tree.elements[at].range.clone();
                edits.push(TextReplacement { range, with: all(&[name]) });
            }
            None => missing.push(*name),
        }
    }
    if !missing.is_empty() {
        edits.push(TextReplacement::insertion(own.tag.end, all(&missing)));
    }
    edits
}
