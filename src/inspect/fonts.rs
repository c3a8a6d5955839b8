//! Owns the type of GB/T 9704—2012: fonts, sizes and line pitch of title, headings, text and page numbers,
//! and fonts that a theme chooses.
//! Must not know tables or figures.

use super::Document;
use super::word::{Body, Looks, Paragraph, Source, squeezed};
use crate::form::Form;
use crate::text;
use docx_fill::diag::{Diagnostic, Sink, SourceId, Text};
use std::collections::BTreeSet;

/// What a paragraph is, which decides its font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Heading,
    Body,
    Table,
    PageNumber,
    /// Anything else in headers, footers and notes.
    Margin,
}

impl Role {
    /// The font to name where there is none, and the words by which one of the kind is known.
    fn font(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Role::Title => ("方正小标宋简体", &["小标宋"]),
            Role::Heading => ("黑体", &["黑体", "SimHei", "Hei"]),
            Role::Body => ("仿宋_GB2312", &["仿宋", "FangSong"]),
            Role::Table => ("宋体", &[]),
            Role::PageNumber => ("宋体", &["宋体", "SimSun"]),
            Role::Margin => ("仿宋_GB2312", &[]),
        }
    }

    /// Size in half-points: clause 5.2.2 (三号), 7.3.1 (二号), 7.5 (四号).
    fn size(self) -> Option<f64> {
        match self {
            Role::Title => Some(44.0),
            Role::Heading | Role::Body => Some(32.0),
            Role::PageNumber => Some(28.0),
            Role::Table | Role::Margin => None,
        }
    }

    /// The attributes that name the font of its words: of a page number that of the digits.
    fn names(self) -> [&'static str; 2] {
        match self {
            Role::PageNumber => ["w:ascii", "w:asciiTheme"],
            _ => ["w:eastAsia", "w:eastAsiaTheme"],
        }
    }

    fn words(self) -> Text {
        match self {
            Role::Title => text!("inspect.role-title"),
            Role::Heading => text!("inspect.role-heading"),
            Role::Body => text!("inspect.role-body"),
            Role::Table => text!("inspect.role-table"),
            Role::PageNumber => text!("inspect.role-page-number"),
            Role::Margin => text!("inspect.role-margin"),
        }
    }

    pub(super) fn chinese(self) -> &'static str {
        self.font().0
    }

    pub(super) fn latin(self) -> &'static str {
        if self == Role::PageNumber { self.font().0 } else { LATIN }
    }
}

/// The Latin font of official documents.
const LATIN: &str = "Times New Roman";
/// Line pitch in twips: 22 lines in 225 mm are 28.99 pt; from 28 to 30 pt is the custom.
const PITCH: std::ops::RangeInclusive<f64> = 558.0..=602.0;

/// A font that a theme chooses: where that is said, and what it is used for first.
pub(super) struct Themed<'a> {
    pub(super) source: Source,
    pub(super) role: Role,
    pub(super) body: &'a Body,
    pub(super) paragraph: &'a Paragraph,
}

pub(super) fn check(form: &Form, document: &Document, source: SourceId, sink: &mut Sink) {
    let all = themed(form, document);
    let mut told = BTreeSet::new();
    for body in bodies(document) {
        let looks = Looks { body, styles: &document.styles };
        let grid = body.tree.elements.iter().rfind(|found| found.name == "w:docGrid");
        let grid = grid.and_then(|grid| grid.number("w:linePitch"));
        let paced = BTreeSet::new();
        let mut judge = Judge { looks: &looks, source, sink, told, grid, paced };
        for themed in all.iter().filter(|themed| std::ptr::eq(themed.body, body)) {
            judge.theme(themed);
        }
        for paragraph in &body.paragraphs {
            let Some(role) = role_in(form, document, body, paragraph) else { continue };
            judge.font(paragraph, role);
            judge.size(paragraph, role);
            match role {
                Role::Body => judge.pitch(paragraph),
                Role::Heading => judge.level(paragraph),
                Role::Title | Role::Table | Role::PageNumber | Role::Margin => {}
            }
        }
        // Elements of another part have numbers of their own.
        told = judge.told;
        told.retain(|(_, source)| matches!(source, Source::Styles(_)));
    }
}

fn bodies(document: &Document) -> impl Iterator<Item = &Body> {
    std::iter::once(&document.main).chain(&document.others)
}

fn role_in(form: &Form, document: &Document, body: &Body, paragraph: &Paragraph) -> Option<Role> {
    if std::ptr::eq(body, &raw const document.main) {
        return role(form, paragraph);
    }
    Some(if is_page_number(body, paragraph) { Role::PageNumber } else { Role::Margin })
}

/// Whether a paragraph shows the number of the page.
fn is_page_number(body: &Body, paragraph: &Paragraph) -> bool {
    let is_page = |code: &str| {
        let name = code.split_whitespace().next();
        name.is_some_and(|name| name.eq_ignore_ascii_case("PAGE"))
    };
    // A text box in it has paragraphs of its own.
    body.elements_of(paragraph).any(|at| {
        let element = &body.tree.elements[at];
        match element.name.as_str() {
            "w:instrText" => is_page(&element.text),
            "w:fldSimple" => element.attribute("w:instr").is_some_and(is_page),
            _ => false,
        }
    })
}

/// What a paragraph is; none for what the standard says nothing about.
fn role(form: &Form, paragraph: &Paragraph) -> Option<Role> {
    if !paragraph.cells.is_empty() {
        return Some(Role::Table);
    }
    let text = &paragraph.text;
    if text.contains("{{title") {
        return Some(Role::Title);
    }
    let own = squeezed(text);
    let mut headings = form.sections.iter().filter_map(|section| section.heading.as_deref());
    if headings.any(|heading| squeezed(heading) == own) {
        return Some(Role::Heading);
    }
    let is_text = text.contains("{{markdown text.") || text.contains("{{text.");
    is_text.then_some(Role::Body)
}

/// Fonts that a theme chooses, each place once.
pub(super) fn themed<'a>(form: &Form, document: &'a Document) -> Vec<Themed<'a>> {
    let (mut out, mut known): (Vec<Themed<'a>>, BTreeSet<Source>) = (Vec::new(), BTreeSet::new());
    for body in bodies(document) {
        for paragraph in &body.paragraphs {
            let Some(role) = role_in(form, document, body, paragraph) else { continue };
            themed_in((document, body), paragraph, role, &mut known, &mut out);
        }
        // Elements of another part have numbers of their own.
        known.retain(|source| matches!(source, Source::Styles(_)));
    }
    out
}

fn themed_in<'a>(
    (document, body): (&'a Document, &'a Body),
    paragraph: &'a Paragraph,
    role: Role,
    known: &mut BTreeSet<Source>,
    out: &mut Vec<Themed<'a>>,
) {
    let looks = Looks { body, styles: &document.styles };
    for run in looks.runs(paragraph) {
        for (named, theme) in [("w:eastAsia", "w:eastAsiaTheme"), ("w:ascii", "w:asciiTheme")] {
            let found = looks.run(paragraph, run, "w:rFonts", &[named, theme]);
            let Some((source, fonts)) = found else { continue };
            if fonts.contains_key(theme) && known.insert(source) {
                // What everything is based on is for the text.
                let basic = matches!(source, Source::Styles(at) if document.styles.is_basic(at));
                let role = if basic { Role::Body } else { role };
                out.push(Themed { source, role, body, paragraph });
            }
        }
    }
}

struct Judge<'a> {
    looks: &'a Looks<'a>,
    source: SourceId,
    sink: &'a mut Sink,
    /// What a style says wrong is told where it shows first.
    told: BTreeSet<(&'static str, Source)>,
    /// The pitch of the lines on the part's grid.
    grid: Option<f64>,
    /// The styles of paragraphs whose pitch was told.
    paced: BTreeSet<String>,
}

impl Judge<'_> {
    fn push(&mut self, rule: &'static str, paragraph: &Paragraph, text: Text, hint: Text) {
        let place = self.looks.body.place(paragraph, &paragraph.text);
        let found = Diagnostic::warning(rule, super::at(self.source, place), text);
        self.sink.push(found.hint(hint));
    }

    fn is_new(&mut self, rule: &'static str, source: Source) -> bool {
        self.told.insert((rule, source))
    }

    fn theme(&mut self, themed: &Themed<'_>) {
        let said = match themed.source {
            Source::Own(_) => text!("inspect.said-here"),
            Source::Styles(at) => match self.looks.styles.style_around(at) {
                Some(style) => text!("inspect.said-style", style = style),
                None => text!("inspect.said-defaults"),
            },
        };
        let font = themed.role.chinese();
        let message = text!("inspect.theme-font", role = themed.role.words(), said = said);
        let hint = text!("inspect.hint-font", font = font);
        self.push("theme-font", themed.paragraph, message, hint);
    }

    fn font(&mut self, paragraph: &Paragraph, role: Role) {
        let (wanted, known) = role.font();
        if known.is_empty() {
            return;
        }
        let [name, theme] = role.names();
        for run in self.looks.runs(paragraph) {
            let found = self.looks.run(paragraph, run, "w:rFonts", &[name, theme]);
            let Some((source, said)) = found else { continue };
            // A theme's font has a finding of its own.
            let Some(font) = said.get(name).filter(|_| !said.contains_key(theme)) else {
                continue;
            };
            let fine = known.iter().any(|known| font.contains(known));
            let id = "wrong-font";
            if !fine && self.is_new(id, source) {
                let message =
                    text!("inspect.wrong-font", role = role.words(), found = font, wanted = wanted);
                self.push(id, paragraph, message, text!("inspect.hint-font", font = wanted));
            }
        }
    }

    fn size(&mut self, paragraph: &Paragraph, role: Role) {
        let Some(wanted) = role.size() else { return };
        for run in self.looks.runs(paragraph) {
            let found = self.looks.run(paragraph, run, "w:sz", &["w:val"]);
            let size = found.as_ref().and_then(|(_, said)| said.get("w:val")?.parse::<f64>().ok());
            let from = found.map_or(Source::Own(paragraph.element), |found| found.0);
            // Word's own default is 10 pt.
            let size = size.unwrap_or(20.0);
            let id = "wrong-size";
            if (size - wanted).abs() > 0.1 && self.is_new(id, from) {
                let (shown, wanted) = (points(size), points(wanted));
                let message = text!(
                    "inspect.wrong-size",
                    role = role.words(),
                    found = shown,
                    wanted = &wanted
                );
                self.push(id, paragraph, message, text!("inspect.hint-size", wanted = wanted));
            }
        }
    }

    /// 22 lines a page: an exact line, or single lines on the document's grid.
    fn pitch(&mut self, paragraph: &Paragraph) {
        let value = |name| self.looks.paragraph(paragraph, "w:spacing", name);
        let line = value("w:line").and_then(|line| line.parse::<f64>().ok());
        let rule = value("w:lineRule");
        let fixed = matches!(rule.as_deref(), Some("exact" | "atLeast"));
        let fine = match line {
            Some(line) if fixed => PITCH.contains(&line),
            Some(line) if (line - 240.0).abs() > 1.0 => false,
            _ => self.grid.is_some_and(|pitch| PITCH.contains(&pitch)),
        };
        if fine {
            return;
        }
        let style = self.looks.style_of(paragraph).unwrap_or_default();
        let rule = "line-pitch";
        // Paragraphs of one style are alike.
        if !self.paced.insert(style) {
            return;
        }
        let found = match line {
            Some(line) if fixed => text!("inspect.pitch-exact", points = points(line / 10.0)),
            Some(line) => text!("inspect.pitch-lines", lines = format!("{:.2}", line / 240.0)),
            None => text!("inspect.pitch-none"),
        };
        let message = text!("inspect.line-pitch", found = found);
        self.push(rule, paragraph, message, text!("inspect.hint-pitch"));
    }

    /// A heading without its level is missing in the navigation, and in the PDF's bookmarks.
    fn level(&mut self, paragraph: &Paragraph) {
        let level = self.looks.paragraph(paragraph, "w:outlineLvl", "w:val");
        let style = self.looks.style_of(paragraph);
        let name = style.as_deref().and_then(|style| self.looks.styles.name_of(style));
        let known = |name: &str| {
            let name = name.to_ascii_lowercase().replace(' ', "");
            name == "heading1" || name == "标题1"
        };
        if level.as_deref() == Some("0") || name.is_some_and(known) {
            return;
        }
        let style = name.unwrap_or("—");
        let message = text!("inspect.heading-style", style = style);
        self.push("heading-style", paragraph, message, text!("inspect.hint-heading"));
    }
}

/// Half-points as points.
fn points(half: f64) -> String {
    let points = half / 2.0;
    if points.fract() == 0.0 { format!("{points:.0}") } else { format!("{points:.1}") }
}
