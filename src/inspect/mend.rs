//! Owns the certain changes to a template: full-width braces, header rows that repeat, rows that do not
//! break or cut words off, named fonts instead of a theme's, labels that differ in width only.
//! Must not judge: what is changed was found before.

use super::fonts::{self, Role, Themed};
use super::splice::{Splice, apply};
use super::tree::Element;
use super::word::{Body, Source};
use super::{Against, Document, heights, names, official, parts};
use crate::text;
use docx_fill::diag::{Lang, Place, Sink, SourceId, Sources, Text, WordPlace, within};
use docx_fill::opc::xml::escape_into;
use docx_fill::opc::{Changes, OpcError};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{ParseOptions, Template};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const LEVEL: u8 = 6;

/// A change that is certain.
pub(super) enum Fix {
    /// A row gets a property.
    Row { place: WordPlace, row: usize, name: &'static str },
    /// A label gets the characters of the form.
    Label { place: WordPlace, cell: usize, wanted: String },
}

/// A template with the certain changes made.
#[derive(Debug)]
pub struct Mended {
    /// The document; parts that were not changed are copied as they are.
    pub bytes: Vec<u8>,
    /// What was changed, and where.
    pub changes: Vec<(Place, Text)>,
}

impl Mended {
    /// The changes, a line each, as a person reads them.
    pub fn shown(&self, sources: &Sources, lang: Lang) -> String {
        let line = |(place, what): &(Place, Text)| {
            let place = within(place, sources, lang).unwrap_or_default();
            format!("{place}: {}\n", what.in_lang(lang))
        };
        self.changes.iter().map(line).collect()
    }
}

/// Makes the certain changes; `None` if there are none, or if the file cannot be read.
pub fn mend(
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &Against,
) -> Result<Option<Mended>, OpcError> {
    let mut unheard = Sink::new();
    let Some(template) = Template::survey(bytes, source, parse, &mut unheard) else {
        return Ok(None);
    };
    let document = parts(template.package())?;
    let mut mender = Mender { source, told: Vec::new(), splices: BTreeMap::new() };
    for body in std::iter::once(&document.main).chain(&document.others) {
        mender.braces(body);
    }
    let form = against.form.clone().or_else(|| names::recognise(&template, &against.library));
    if let Some(form) = form {
        let fixes = official::check(&form, &document, &template, source, &mut unheard);
        mender.fixes(&document.main, fixes);
        for themed in fonts::themed(&form, &document) {
            mender.font(&document, &themed);
        }
        for cut in heights::cuts(&document) {
            mender.height(&document.main, cut);
        }
    }
    if mender.told.is_empty() {
        return Ok(None);
    }
    let bodies = std::iter::once(&document.main).chain(&document.others);
    let texts = bodies.map(|body| (&body.name, &body.text));
    let texts = texts.chain([(&document.styles.name, &document.styles.text)]);
    let mut changes = Changes::default();
    for (name, text) in texts {
        if let Some(splices) = mender.splices.remove(name) {
            changes.set(template.package(), name, apply(text, splices));
        }
    }
    let bytes = template.package().write(&changes, LEVEL)?;
    Ok(Some(Mended { bytes, changes: mender.told }))
}

struct Mender {
    source: SourceId,
    told: Vec<(Place, Text)>,
    /// By part.
    splices: BTreeMap<String, Vec<Splice>>,
}

impl Mender {
    fn change(&mut self, part: &str, place: WordPlace, what: Text, splices: Vec<Splice>) {
        self.told.push((super::at(self.source, place), what));
        self.splices.entry(part.to_owned()).or_default().extend(splices);
    }

    /// Full-width braces in pairs.
    fn braces(&mut self, body: &Body) {
        for paragraph in &body.paragraphs {
            if !paragraph.text.contains("｛｛") && !paragraph.text.contains("｝｝") {
                continue;
            }
            let mut splices = Vec::new();
            for at in body.tree.within(paragraph.element) {
                let element = &body.tree.elements[at];
                if element.name != "w:t" || element.is_empty() {
                    continue;
                }
                let inner = inner(body, element);
                for (wide, plain) in [("｛｛", "{{"), ("｝｝", "}}")] {
                    for (offset, _) in body.text.slice(inner.clone()).match_indices(wide) {
                        let start = inner.start + offset;
                        let range = start..start + wide.len();
                        splices.push(Splice { range, with: plain.to_owned() });
                    }
                }
            }
            if !splices.is_empty() {
                let place = body.place(paragraph, &paragraph.text);
                self.change(&body.name, place, text!("inspect.did-braces"), splices);
            }
        }
    }

    fn fixes(&mut self, body: &Body, fixes: Vec<Fix>) {
        let mut rows: BTreeMap<usize, Vec<(&'static str, WordPlace)>> = BTreeMap::new();
        for fix in fixes {
            match fix {
                Fix::Row { place, row, name } => rows.entry(row).or_default().push((name, place)),
                Fix::Label { place, cell, wanted } => self.label(body, place, cell, &wanted),
            }
        }
        for (row, switches) in rows {
            let names: Vec<&str> = switches.iter().map(|(name, _)| *name).collect();
            let mut splices = row_switches(body, row, &names);
            for (name, place) in switches {
                let what = match name {
                    "w:tblHeader" => text!("inspect.did-header"),
                    _ => text!("inspect.did-split"),
                };
                self.change(&body.name, place, what, std::mem::take(&mut splices));
            }
        }
    }

    /// A label in one piece gets the form's characters.
    fn label(&mut self, body: &Body, place: WordPlace, cell: usize, wanted: &str) {
        let texts = body.tree.within(cell).map(|at| &body.tree.elements[at]);
        let texts: Vec<&Element> = texts.filter(|e| e.name == "w:t" && !e.is_empty()).collect();
        let [one] = texts.as_slice() else { return };
        let mut with = String::new();
        escape_into(&mut with, wanted);
        let splice = Splice { range: inner(body, one), with };
        let what = text!("inspect.did-label", found = one.text.trim(), wanted = wanted);
        self.change(&body.name, place, what, vec![splice]);
    }

    fn font(&mut self, document: &Document, themed: &Themed<'_>) {
        let (part, element) = match themed.source {
            Source::Own(at) => (&themed.body.name, &themed.body.tree.elements[at]),
            Source::Styles(at) => (&document.styles.name, &document.styles.tree.elements[at]),
        };
        let font = themed.role.chinese();
        let splice = Splice { range: element.tag.clone(), with: named_fonts(element, themed.role) };
        let place = themed.body.place(themed.paragraph, &themed.paragraph.text);
        self.change(part, place, text!("inspect.did-font", font = font), vec![splice]);
    }

    /// A height that is fixed becomes the least one.
    fn height(&mut self, body: &Body, cut: heights::Cut) {
        let element = &body.tree.elements[cut.height];
        let tag = body.text.slice(element.tag.clone());
        let with = tag.replacen("w:hRule=\"exact\"", "w:hRule=\"atLeast\"", 1);
        let splice = Splice { range: element.tag.clone(), with };
        self.change(&body.name, cut.place, text!("inspect.did-height"), vec![splice]);
    }
}

/// The bytes between an element's tags.
fn inner(body: &Body, element: &Element) -> std::ops::Range<usize> {
    let close = body.text.slice(element.range.clone()).rfind("</").unwrap_or(element.range.len());
    element.tag.end..(element.range.start + close).max(element.tag.end)
}

/// A start tag of fonts in which every font of the theme has a name.
fn named_fonts(element: &Element, role: Role) -> String {
    let latin = role.latin();
    let themes = [
        ("w:asciiTheme", "w:ascii", latin),
        ("w:hAnsiTheme", "w:hAnsi", latin),
        ("w:eastAsiaTheme", "w:eastAsia", role.chinese()),
        ("w:cstheme", "w:cs", latin),
    ];
    let replaced = |name: &str| {
        themes.iter().find(|(theme, named, _)| {
            (*theme == name || *named == name) && element.attribute(theme).is_some()
        })
    };
    let mut out = format!("<{}", element.name);
    let mut attribute = |name: &str, value: &str| {
        let _ = write!(out, " {name}=\"");
        escape_into(&mut out, value);
        out.push('"');
    };
    for (name, value) in element.attributes().filter(|(name, _)| replaced(name).is_none()) {
        attribute(name, value);
    }
    for (theme, named, font) in themes {
        if element.attribute(theme).is_some() {
            attribute(named, font);
        }
    }
    out.push_str(if element.is_empty() { "/>" } else { ">" });
    out
}

/// Turns properties of a row on.
fn row_switches(body: &Body, row: usize, names: &[&str]) -> Vec<Splice> {
    let tree = &body.tree;
    let all = |names: &[&str]| format!("<{}/>", names.join("/><"));
    let Some(properties) = tree.child(row, "w:trPr") else {
        let exception = tree.child(row, "w:tblPrEx").map(|at| tree.elements[at].range.end);
        let from = exception.unwrap_or(tree.elements[row].tag.end);
        return vec![Splice::insert(from, format!("<w:trPr>{}</w:trPr>", all(names)))];
    };
    let own = &tree.elements[properties];
    if own.is_empty() {
        let with = format!("<w:trPr>{}</w:trPr>", all(names));
        return vec![Splice { range: own.range.clone(), with }];
    }
    // What is turned off is turned on where it stands.
    let (mut splices, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        match tree.child(properties, name) {
            Some(at) => {
                let range = tree.elements[at].range.clone();
                splices.push(Splice { range, with: all(&[name]) });
            }
            None => missing.push(*name),
        }
    }
    if !missing.is_empty() {
        splices.push(Splice::insert(own.tag.end, all(&missing)));
    }
    splices
}
