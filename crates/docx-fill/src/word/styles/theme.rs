//! Owns the theme of a document as far as texts show it: the fonts of headings and body by script (`a:fontScheme`,
//! ISO/IEC 29500-1, 20.1.4.1.18), with the languages in which the document asks for them (`w:themeFontLang`), and which
//! font a run shows for each kind of character (`w:rFonts`, 17.3.2.26).
//! Must not know which run it is.

use crate::opc::xml::{attribute_into, attribute_ranges};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use crate::word::properties::Properties;
use crate::word::xml_tree::XmlTree;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The kind of character for which a run names a font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FontSlot {
    /// Characters of ASCII.
    Ascii,
    /// Other characters that are neither East Asian nor of complex scripts.
    HighAnsi,
    /// Chinese, Japanese and Korean characters.
    EastAsia,
    /// Characters of complex scripts, such as Arabic.
    ComplexScript,
}

impl FontSlot {
    /// All slots, in the order of the schema.
    pub const ALL: [FontSlot; 4] =
        [FontSlot::Ascii, FontSlot::HighAnsi, FontSlot::EastAsia, FontSlot::ComplexScript];

    /// Returns the attribute of `w:rFonts` that names a font.
    pub fn font_attribute(self) -> &'static str {
        match self {
            FontSlot::Ascii => "w:ascii",
            FontSlot::HighAnsi => "w:hAnsi",
            FontSlot::EastAsia => "w:eastAsia",
            FontSlot::ComplexScript => "w:cs",
        }
    }

    /// Returns the attribute of `w:rFonts` that names a font of the theme.
    pub fn theme_attribute(self) -> &'static str {
        match self {
            FontSlot::Ascii => "w:asciiTheme",
            FontSlot::HighAnsi => "w:hAnsiTheme",
            FontSlot::EastAsia => "w:eastAsiaTheme",
            FontSlot::ComplexScript => "w:cstheme",
        }
    }
}

/// The fonts of headings, or those of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct FontCollection {
    latin: String,
    east_asia: String,
    complex_script: String,
    /// Fonts by script, such as `Hans`.
    by_script: BTreeMap<String, String>,
}

impl FontCollection {
    /// Reads `a:majorFont` or `a:minorFont`.
    fn read(tree: &XmlTree, at: usize) -> FontCollection {
        let mut found = FontCollection::default();
        for element in tree.children(at).map(|at| &tree.elements[at]) {
            let font = element.attribute("typeface").unwrap_or_default().to_owned();
            match element.name.as_str() {
                "a:latin" => found.latin = font,
                "a:ea" => found.east_asia = font,
                "a:cs" => found.complex_script = font,
                "a:font" => {
                    let script = element.attribute("script").unwrap_or_default().to_owned();
                    found.by_script.entry(script).or_insert(font);
                }
                _ => {}
            }
        }
        found
    }

    /// Returns the font of a slot: its own, or that of the script of a language.
    fn font<'t>(&'t self, own: &'t str, language: Option<&str>) -> Option<&'t str> {
        let of_script = || self.by_script.get(language_script(language?)?).map(String::as_str);
        Some(own).filter(|own| !own.is_empty()).or_else(of_script).filter(|font| !font.is_empty())
    }
}

/// The theme of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentTheme {
    /// Its fonts.
    pub fonts: ThemeFonts,
    /// Its colors (`a:clrScheme`), as written.
    pub color_scheme: String,
}

impl DocumentTheme {
    /// Reads the theme of a document; without one, it gives neither fonts nor colors.
    pub fn read(package: &Package) -> Result<DocumentTheme, OpcError> {
        let main = package.main_document_name();
        let relationships = package.relationships(main)?;
        let read = |kind: &str| -> Result<Option<(XmlTree, String)>, OpcError> {
            let Some(part) = relationships.target_by_type(main, kind) else { return Ok(None) };
            let Some(text) = package.read_xml_part(&part)? else { return Ok(None) };
            Ok(Some((XmlTree::read(&text, &part)?, text)))
        };
        let mut found = DocumentTheme::default();
        if let Some((tree, text)) = read("/theme")? {
            let colors = tree.elements.iter().find(|element| element.name == "a:clrScheme");
            let colors = colors.map(|colors| text.slice(colors.range.clone()).to_owned());
            found.color_scheme = colors.unwrap_or_default();
            found.fonts = ThemeFonts::from_theme(&tree);
        }
        if let Some((settings, _)) = read("/settings")? {
            found.fonts.set_languages(&settings);
        }
        Ok(found)
    }
}

/// The fonts that a theme gives to a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeFonts {
    /// Fonts of headings.
    major: FontCollection,
    /// Fonts of the body.
    minor: FontCollection,
    /// Language of East Asian text, such as `zh-CN`.
    east_asia: Option<String>,
    /// Language of text in complex scripts.
    complex_script: Option<String>,
}

impl ThemeFonts {
    /// Reads the fonts of a theme part.
    pub fn from_theme(tree: &XmlTree) -> ThemeFonts {
        let of = |name: &str| {
            let at = tree.elements.iter().position(|element| element.name == name);
            at.map(|at| FontCollection::read(tree, at)).unwrap_or_default()
        };
        let (major, minor) = (of("a:majorFont"), of("a:minorFont"));
        ThemeFonts { major, minor, ..ThemeFonts::default() }
    }

    /// Takes over the languages of a settings part.
    pub fn set_languages(&mut self, settings: &XmlTree) {
        let own = settings.elements.iter().find(|element| element.name == "w:themeFontLang");
        let language = |name| own.and_then(|own| own.attribute(name)).map(str::to_owned);
        self.east_asia = language("w:eastAsia");
        self.complex_script = language("w:bidi");
    }

    /// Returns the font that a value of a theme attribute means, such as `minorEastAsia` (17.18.96).
    pub fn font(&self, value: &str) -> Option<&str> {
        let fonts = if value.starts_with("major") { &self.major } else { &self.minor };
        match value {
            "majorAscii" | "majorHAnsi" | "minorAscii" | "minorHAnsi" => {
                fonts.font(&fonts.latin, None)
            }
            "majorEastAsia" | "minorEastAsia" => {
                fonts.font(&fonts.east_asia, self.east_asia.as_deref())
            }
            "majorBidi" | "minorBidi" => {
                fonts.font(&fonts.complex_script, self.complex_script.as_deref())
            }
            _ => None,
        }
    }
}

impl ThemeFonts {
    /// Returns the tag of a `w:rFonts` with names in place of all references to fonts that the theme gives, so that it
    /// means the same under another theme; `None` if it has no such reference.
    pub fn name_fonts(&self, tag: &str) -> Option<String> {
        let attributes = attribute_ranges(tag, &(0..tag.len()));
        let named = FontSlot::ALL.into_iter().filter_map(|slot| {
            let (_, value) = attributes.iter().find(|(key, _)| *key == slot.theme_attribute())?;
            Some((slot, self.font(tag.slice(value.clone()))?))
        });
        let named: Vec<(FontSlot, &str)> = named.collect();
        if named.is_empty() {
            return None;
        }
        let is_replaced = |key: &str| {
            named
                .iter()
                .any(|(slot, _)| key == slot.font_attribute() || key == slot.theme_attribute())
        };
        let mut out = String::from("<w:rFonts");
        for (key, value) in attributes.iter().filter(|(key, _)| !is_replaced(key)) {
            let written = tag.slice(value.clone()).replace('"', "&quot;");
            for piece in [" ", key, "=\"", &written, "\""] {
                out.push_str(piece);
            }
        }
        for (slot, font) in &named {
            attribute_into(&mut out, slot.font_attribute(), font);
        }
        out.push_str(if tag.ends_with("/>") { "/>" } else { ">" });
        Some(out)
    }
}

fn unescape_value(value: &str) -> String {
    quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), Cow::into_owned)
}

/// Returns the script by which a theme names the font of a language.
fn language_script(language: &str) -> Option<&'static str> {
    let lower = language.to_ascii_lowercase();
    let (main, rest) = lower.split_once('-').unwrap_or((&lower, ""));
    let traditional = ["hant", "tw", "hk", "mo"];
    Some(match main {
        "zh" if rest.split('-').any(|part| traditional.contains(&part)) => "Hant",
        "zh" => "Hans",
        "ja" => "Jpan",
        "ko" => "Hang",
        "ar" | "fa" | "ps" | "sd" => "Arab",
        "ur" | "ug" => "Uigh",
        "he" | "yi" => "Hebr",
        "th" => "Thai",
        "hi" | "mr" | "ne" | "sa" => "Deva",
        "bn" | "as" => "Beng",
        "bo" => "Tibt",
        "mn" => "Mong",
        "km" => "Khmr",
        "lo" => "Laoo",
        "ta" => "Taml",
        "te" => "Telu",
        "vi" => "Viet",
        _ => return None,
    })
}

/// The fonts that a run shows, by kind of character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFonts(BTreeMap<FontSlot, String>);

impl RunFonts {
    /// Returns the fonts of run properties. A font of the theme takes precedence over a named one (17.3.2.26); one
    /// that the theme does not give is unknown.
    pub fn resolve(run: &Properties, theme: &ThemeFonts) -> RunFonts {
        let said = |name: &str| run.child_attribute("w:rFonts", name);
        let font = |slot: FontSlot| match said(slot.theme_attribute()) {
            Some(value) => theme.font(&value).map(str::to_owned),
            None => said(slot.font_attribute()).map(|name| unescape_value(&name)),
        };
        let fonts = FontSlot::ALL.into_iter().filter_map(|slot| Some((slot, font(slot)?)));
        RunFonts(fonts.collect())
    }

    /// Returns the font of a kind of character.
    pub fn get(&self, slot: FontSlot) -> Option<&str> {
        self.0.get(&slot).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: &str = r#"<a:theme><a:themeElements><a:fontScheme name="Office"><a:majorFont>
        <a:latin typeface="Head"/><a:ea typeface="标题体"/><a:cs typeface=""/></a:majorFont><a:minorFont>
        <a:latin typeface="Body"/><a:ea typeface=""/><a:cs typeface=""/><a:font script="Hans" typeface="等线"/>
        <a:font script="Hant" typeface="新細明體"/><a:font script="Arab" typeface="Arial"/></a:minorFont>
        </a:fontScheme></a:themeElements></a:theme>"#;

    fn theme(languages: &str) -> ThemeFonts {
        let mut theme = ThemeFonts::from_theme(&XmlTree::read(THEME, "p").unwrap());
        let settings = format!("<w:settings><w:themeFontLang {languages}/></w:settings>");
        theme.set_languages(&XmlTree::read(&settings, "p").unwrap());
        theme
    }

    #[test]
    fn a_font_without_a_name_is_that_of_the_language() {
        let of = |languages: &str, value: &str| theme(languages).font(value).map(str::to_owned);
        let chinese = r#"w:val="en-US" w:eastAsia="zh-CN""#;
        assert_eq!(of(chinese, "minorEastAsia").as_deref(), Some("等线"));
        assert_eq!(of(r#"w:eastAsia="zh-Hant-HK""#, "minorEastAsia").as_deref(), Some("新細明體"));
        assert_eq!(of(r#"w:eastAsia="ja-JP""#, "minorEastAsia"), None);
        assert_eq!(of("", "minorEastAsia"), None);
        assert_eq!(of(chinese, "majorEastAsia").as_deref(), Some("标题体"));
        assert_eq!(of(chinese, "minorHAnsi").as_deref(), Some("Body"));
        assert_eq!(of(chinese, "majorAscii").as_deref(), Some("Head"));
        assert_eq!(of(r#"w:bidi="ar-SA""#, "minorBidi").as_deref(), Some("Arial"));
        assert_eq!((of(chinese, "majorBidi"), of(chinese, "other")), (None, None));
    }

    #[test]
    fn a_run_shows_fonts_of_the_theme_before_named_ones() {
        let run = Properties::parse_run(
            r#"<w:rPr><w:rFonts w:ascii="A&amp;B" w:eastAsia="宋体" w:eastAsiaTheme="minorEastAsia" w:cstheme="minorBidi"
            w:hAnsiTheme="minorHAnsi"/></w:rPr>"#,
        );
        let fonts = RunFonts::resolve(&run, &theme(r#"w:eastAsia="zh-CN""#));
        let shown = FontSlot::ALL.map(|slot| fonts.get(slot));
        assert_eq!(shown, [Some("A&B"), Some("Body"), Some("等线"), None]);
    }

    #[test]
    fn references_to_the_theme_become_names() {
        let theme = theme(r#"w:eastAsia="zh-CN""#);
        let named = |tag: &str| theme.name_fonts(tag);
        let tag = r#"<w:rFonts w:hint="eastAsia" w:asciiTheme="minorHAnsi" w:ascii="X" w:cstheme="minorBidi"/>"#;
        let expected = r#"<w:rFonts w:hint="eastAsia" w:cstheme="minorBidi" w:ascii="Body"/>"#;
        assert_eq!(named(tag).as_deref(), Some(expected));
        assert_eq!(named(r#"<w:rFonts w:ascii="X"/>"#), None);
        assert_eq!(named(r#"<w:rFonts w:cstheme="minorBidi"/>"#), None);
    }
}
