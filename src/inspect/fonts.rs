//! Owns checking the typography of GB/T 9704—2012: fonts, sizes and line pitch of title, headings,
//! text and page numbers, and theme fonts.
//! Must not know tables or figures.

use super::InspectedDocument;
use super::word_part::{PropertySource, StyleResolver, strip_spaces};
use crate::form::Form;
use crate::msg;
use crate::official_page::{OfficialFace, official_page};
use docx_fill::diag::{Diagnostic, Message, Sink, SourceId};
use docx_fill::word::body::{BodyParagraph, WordBody};
use docx_fill::word::field::is_field;
use docx_fill::word::styles::{Style, StyleSheet};
use std::collections::BTreeSet;

/// The role of a paragraph, which determines its font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextRole {
    Title,
    Heading,
    Body,
    Table,
    PageNumber,
    /// Other text in headers, footers and notes.
    Margin,
}

impl TextRole {
    /// Returns the font to name where there is none.
    fn official_face(self) -> &'static OfficialFace {
        let faces = &official_page().faces;
        match self {
            TextRole::Title => &faces.title,
            TextRole::Heading => &faces.heading,
            TextRole::Body | TextRole::Margin => &faces.body,
            TextRole::Table | TextRole::PageNumber => &faces.song,
        }
    }

    /// Returns the words by which a font of the kind is known; none where any will do.
    fn known_fonts(self) -> &'static [String] {
        match self {
            TextRole::Table | TextRole::Margin => &[],
            _ => &self.official_face().known_by,
        }
    }

    /// Returns the size in half-points, where there is one.
    fn font_size(self) -> Option<f64> {
        let sizes = &official_page().sizes;
        match self {
            TextRole::Title => Some(sizes.title.into()),
            TextRole::Heading | TextRole::Body => Some(sizes.body.into()),
            TextRole::PageNumber => Some(sizes.page_number.into()),
            TextRole::Table | TextRole::Margin => None,
        }
    }

    /// Returns the attributes with the fonts of its text; of a page number, those of the digits.
    fn font_attributes(self) -> [&'static str; 2] {
        match self {
            TextRole::PageNumber => ["w:ascii", "w:asciiTheme"],
            _ => ["w:eastAsia", "w:eastAsiaTheme"],
        }
    }

    fn role_words(self) -> Message {
        match self {
            TextRole::Title => msg!("inspect.role-title"),
            TextRole::Heading => msg!("inspect.role-heading"),
            TextRole::Body => msg!("inspect.role-body"),
            TextRole::Table => msg!("inspect.role-table"),
            TextRole::PageNumber => msg!("inspect.role-page-number"),
            TextRole::Margin => msg!("inspect.role-margin"),
        }
    }

    pub(super) fn chinese_font(self) -> &'static str {
        &self.official_face().name
    }

    pub(super) fn latin_font(self) -> &'static str {
        if self == TextRole::PageNumber {
            self.chinese_font()
        } else {
            &official_page().faces.latin.name
        }
    }
}

/// Line pitch in twips: 22 lines in 225 mm are 28.99 pt; from 28 to 30 pt is the custom.
const LINE_PITCH: std::ops::RangeInclusive<f64> = 558.0..=602.0;

/// A theme font, with the element that selects it and its first use.
pub(super) struct ThemeFont<'a> {
    pub(super) source: PropertySource,
    pub(super) role: TextRole,
    pub(super) body: &'a WordBody,
    pub(super) paragraph: &'a BodyParagraph,
}

pub(super) fn check_fonts(
    form: &Form,
    document: &InspectedDocument,
    source: SourceId,
    sink: &mut Sink,
) {
    let all = theme_fonts(form, document);
    let mut told = BTreeSet::new();
    for body in all_bodies(document) {
        let looks = StyleResolver::new(body, &document.styles);
        let grid = body.tree.elements.iter().rfind(|found| found.name == "w:docGrid");
        let grid = grid.and_then(|grid| grid.length_attribute("w:linePitch"));
        let paced = BTreeSet::new();
        let mut judge = FontChecker {
            resolver: &looks,
            source,
            sink,
            reported: told,
            grid,
            reported_pitches: paced,
        };
        for themed in all.iter().filter(|themed| std::ptr::eq(themed.body, body)) {
            judge.check_theme(themed);
        }
        for paragraph in &body.paragraphs {
            let Some(role) = role_in_body(form, document, body, paragraph) else { continue };
            judge.check_font(paragraph, role);
            judge.check_size(paragraph, role);
            match role {
                TextRole::Body => judge.check_pitch(paragraph),
                TextRole::Heading => judge.check_level(paragraph),
                TextRole::Title | TextRole::Table | TextRole::PageNumber | TextRole::Margin => {}
            }
        }
        // Elements of another part have numbers of their own.
        told = judge.reported;
        told.retain(|(_, source)| matches!(source, PropertySource::Styles(_)));
    }
}

fn all_bodies(document: &InspectedDocument) -> impl Iterator<Item = &WordBody> {
    std::iter::once(&document.main).chain(&document.others)
}

fn role_in_body(
    form: &Form,
    document: &InspectedDocument,
    body: &WordBody,
    paragraph: &BodyParagraph,
) -> Option<TextRole> {
    if std::ptr::eq(body, &raw const document.main) {
        return paragraph_role(form, paragraph);
    }
    Some(if is_page_number(body, paragraph) { TextRole::PageNumber } else { TextRole::Margin })
}

/// Checks whether a paragraph shows the page number.
fn is_page_number(body: &WordBody, paragraph: &BodyParagraph) -> bool {
    let is_page = |code: &str| is_field(code, "PAGE");
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

/// Returns the role of a paragraph; `None` if the standard does not cover it.
fn paragraph_role(form: &Form, paragraph: &BodyParagraph) -> Option<TextRole> {
    if !paragraph.cells.is_empty() {
        return Some(TextRole::Table);
    }
    let text = &paragraph.text;
    if text.contains("{{title") {
        return Some(TextRole::Title);
    }
    let own = strip_spaces(text);
    let mut headings = form.sections.iter().filter_map(|section| section.heading.as_deref());
    if headings.any(|heading| strip_spaces(heading) == own) {
        return Some(TextRole::Heading);
    }
    let is_text = text.contains("{{markdown text.") || text.contains("{{text.");
    is_text.then_some(TextRole::Body)
}

/// Returns the theme fonts, each place once.
pub(super) fn theme_fonts<'a>(form: &Form, document: &'a InspectedDocument) -> Vec<ThemeFont<'a>> {
    let (mut out, mut known): (Vec<ThemeFont<'a>>, BTreeSet<PropertySource>) =
        (Vec::new(), BTreeSet::new());
    for body in all_bodies(document) {
        let looks = StyleResolver::new(body, &document.styles);
        for paragraph in &body.paragraphs {
            let Some(role) = role_in_body(form, document, body, paragraph) else { continue };
            collect_theme_fonts(&looks, paragraph, role, &mut known, &mut out);
        }
        // Elements of another part have numbers of their own.
        known.retain(|source| matches!(source, PropertySource::Styles(_)));
    }
    out
}

fn collect_theme_fonts<'a>(
    looks: &StyleResolver<'a>,
    paragraph: &'a BodyParagraph,
    role: TextRole,
    known: &mut BTreeSet<PropertySource>,
    out: &mut Vec<ThemeFont<'a>>,
) {
    for run in looks.text_runs(paragraph) {
        for (named, theme) in [("w:eastAsia", "w:eastAsiaTheme"), ("w:ascii", "w:asciiTheme")] {
            let found = looks.run_property(paragraph, run, "w:rFonts", &[named, theme]);
            let Some((source, fonts)) = found else { continue };
            if fonts.contains_key(theme) && known.insert(source) {
                // The default style, on which all others are based, is for the text.
                let basic =
                    matches!(source, PropertySource::Styles(at) if is_default(looks.styles, at));
                let role = if basic { TextRole::Body } else { role };
                out.push(ThemeFont { source, role, body: looks.body, paragraph });
            }
        }
    }
}

struct FontChecker<'a> {
    resolver: &'a StyleResolver<'a>,
    source: SourceId,
    sink: &'a mut Sink,
    /// Faults already reported: a fault of a style is reported where it first shows.
    reported: BTreeSet<(&'static str, PropertySource)>,
    /// Line pitch of the part's document grid.
    grid: Option<f64>,
    /// Styles of paragraphs whose pitch was reported.
    reported_pitches: BTreeSet<String>,
}

impl FontChecker<'_> {
    fn push_warning(
        &mut self,
        rule: &'static str,
        paragraph: &BodyParagraph,
        text: Message,
        hint: Message,
    ) {
        let place = self.resolver.body.paragraph_place(paragraph, &paragraph.text);
        let found = Diagnostic::warning(rule, super::word_place(self.source, place), text);
        self.sink.push(found.with_hint(hint));
    }

    fn is_new(&mut self, rule: &'static str, source: PropertySource) -> bool {
        self.reported.insert((rule, source))
    }

    fn check_theme(&mut self, themed: &ThemeFont<'_>) {
        let said = match themed.source {
            PropertySource::Own(_) => msg!("inspect.said-here"),
            PropertySource::Styles(at) => match self.resolver.styles.style_at(at) {
                Some(style) => msg!("inspect.said-style", style = &style.name),
                None => msg!("inspect.said-defaults"),
            },
        };
        let font = themed.role.chinese_font();
        let message = msg!("inspect.theme-font", role = themed.role.role_words(), said = said);
        let hint = msg!("inspect.hint-font", font = font);
        self.push_warning("theme-font", themed.paragraph, message, hint);
    }

    fn check_font(&mut self, paragraph: &BodyParagraph, role: TextRole) {
        let (wanted, known) = (role.chinese_font(), role.known_fonts());
        if known.is_empty() {
            return;
        }
        let [name, theme] = role.font_attributes();
        for run in self.resolver.text_runs(paragraph) {
            let found = self.resolver.run_property(paragraph, run, "w:rFonts", &[name, theme]);
            let Some((source, said)) = found else { continue };
            // A theme font is reported separately.
            let Some(font) = said.get(name).filter(|_| !said.contains_key(theme)) else {
                continue;
            };
            let fine = known.iter().any(|known| font.contains(known));
            let id = "wrong-font";
            if !fine && self.is_new(id, source) {
                let message = msg!(
                    "inspect.wrong-font",
                    role = role.role_words(),
                    found = font,
                    wanted = wanted
                );
                self.push_warning(id, paragraph, message, msg!("inspect.hint-font", font = wanted));
            }
        }
    }

    fn check_size(&mut self, paragraph: &BodyParagraph, role: TextRole) {
        let Some(wanted) = role.font_size() else { return };
        for run in self.resolver.text_runs(paragraph) {
            let found = self.resolver.run_property(paragraph, run, "w:sz", &["w:val"]);
            let size = found.as_ref().and_then(|(_, said)| said.get("w:val")?.parse::<f64>().ok());
            let from = found.map_or(PropertySource::Own(paragraph.element), |found| found.0);
            // Word's default is 10 pt.
            let size = size.unwrap_or(20.0);
            let id = "wrong-size";
            if (size - wanted).abs() > 0.1 && self.is_new(id, from) {
                let (shown, wanted) = (format_points(size), format_points(wanted));
                let message = msg!(
                    "inspect.wrong-size",
                    role = role.role_words(),
                    found = shown,
                    wanted = &wanted
                );
                self.push_warning(
                    id,
                    paragraph,
                    message,
                    msg!("inspect.hint-size", wanted = wanted),
                );
            }
        }
    }

    /// Checks for 22 lines a page: an exact line height, or single lines on the document's grid.
    fn check_pitch(&mut self, paragraph: &BodyParagraph) {
        let spacing = self.resolver.line_spacing(paragraph);
        let line = spacing.line.and_then(|line| line.parse::<f64>().ok());
        let fixed = matches!(spacing.rule.as_deref(), Some("exact" | "atLeast"));
        let fine = match line {
            Some(line) if fixed => LINE_PITCH.contains(&line),
            Some(line) if (line - 240.0).abs() > 1.0 => false,
            _ => self.grid.is_some_and(|pitch| LINE_PITCH.contains(&pitch)),
        };
        if fine {
            return;
        }
        let style = self.resolver.paragraph_style(paragraph).unwrap_or_default();
        let rule = "line-pitch";
        // All paragraphs of a style have the same pitch.
        if !self.reported_pitches.insert(style) {
            return;
        }
        let found = match line {
            Some(line) if fixed => {
                msg!("inspect.pitch-exact", points = format_points(line / 10.0))
            }
            Some(line) => msg!("inspect.pitch-lines", lines = format!("{:.2}", line / 240.0)),
            None => msg!("inspect.pitch-none"),
        };
        let message = msg!("inspect.line-pitch", found = found);
        self.push_warning(rule, paragraph, message, msg!("inspect.hint-pitch"));
    }

    /// Checks the outline level of a heading: without it, the heading is missing in the navigation
    /// and in the PDF's bookmarks.
    fn check_level(&mut self, paragraph: &BodyParagraph) {
        let style = self.resolver.paragraph_style(paragraph);
        let style = style.and_then(|style| self.resolver.styles.get(&style));
        let known = |style: &Style| style.canonical_name().replace(' ', "") == "heading1";
        if self.resolver.outline_level(paragraph) == Some(0) || style.is_some_and(known) {
            return;
        }
        let style = style.map_or("—", |style| style.name.as_str());
        let message = msg!("inspect.heading-style", style = style);
        self.push_warning("heading-style", paragraph, message, msg!("inspect.hint-heading"));
    }
}

/// Checks whether a byte of the styles part belongs to a default style or to the document defaults.
fn is_default(styles: &StyleSheet, offset: usize) -> bool {
    styles.style_at(offset).is_none_or(|style| styles.is_default(style))
}

/// Returns a size in half-points as points.
fn format_points(half: f64) -> String {
    let points = half / 2.0;
    if points.fract() == 0.0 { format!("{points:.0}") } else { format!("{points:.1}") }
}
