//! Owns page and type of official documents (GB/T 9704—2012) as `templates/gongwen.toml` gives them.
//! Must not know a document, nor how one is made or judged.

use serde::Deserialize;
use std::sync::OnceLock;

/// Twips of a millimetre.
pub(crate) const TWIPS_PER_MM: f64 = 1440.0 / 25.4;

/// Page, sizes and faces.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficialPage {
    /// Paper and margins.
    pub(crate) page: PageMeasures,
    /// Sizes of type.
    pub(crate) sizes: TypeSizes,
    /// Faces by their use.
    pub(crate) faces: OfficialFaces,
}

/// Paper and margins in millimetres.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageMeasures {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) left: f64,
    pub(crate) right: f64,
}

/// Sizes of type in half-points.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TypeSizes {
    /// The title: 二号.
    pub(crate) title: u16,
    /// Text and headings: 三号.
    pub(crate) body: u16,
    /// Page numbers: 四号.
    pub(crate) page_number: u16,
}

/// Faces by their use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficialFaces {
    /// Letters and digits.
    pub(crate) latin: OfficialFace,
    /// Text: 仿宋.
    pub(crate) body: OfficialFace,
    /// Headings of the second level: 楷体.
    pub(crate) subheading: OfficialFace,
    /// Headings: 黑体.
    pub(crate) heading: OfficialFace,
    /// The title: 小标宋.
    pub(crate) title: OfficialFace,
    /// Page numbers and tables: 宋体.
    pub(crate) song: OfficialFace,
}

/// A face, its kind, and the names to use in its place where it is not installed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct OfficialFace {
    /// Name as the styles use it.
    pub(crate) name: String,
    /// Words by which a face of the kind is known.
    #[serde(default)]
    pub(crate) known_by: Vec<String>,
    /// Other names of it or of the nearest face, best first, separated by commas.
    pub(crate) alternatives: String,
    /// Windows charset in hexadecimal digits.
    #[serde(default = "chinese_charset")]
    pub(crate) charset: String,
    /// `roman`, `swiss`, `modern`, `script`.
    pub(crate) family: String,
    /// `variable` or `fixed`.
    pub(crate) pitch: String,
}

fn chinese_charset() -> String {
    "86".to_owned()
}

impl OfficialPage {
    /// Returns the width of the type area in millimetres.
    pub(crate) fn text_width(&self) -> f64 {
        self.page.width - self.page.left - self.page.right
    }

    /// Characters of the title that a line takes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
    pub(crate) fn title_characters(&self) -> usize {
        let half_points = self.text_width() / 25.4 * 144.0;
        (half_points / f64::from(self.sizes.title)) as usize
    }
}

impl OfficialFaces {
    /// Returns all faces in the order of Word's table of fonts.
    pub(crate) fn all_faces(&self) -> [&OfficialFace; 6] {
        [&self.latin, &self.body, &self.subheading, &self.heading, &self.title, &self.song]
    }
}

/// Returns page and type of official documents.
pub(crate) fn official_page() -> &'static OfficialPage {
    static PAGE: OnceLock<OfficialPage> = OnceLock::new();
    PAGE.get_or_init(|| {
        toml::from_str(include_str!("../templates/gongwen.toml")).expect("embedded and tested")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_the_standards() {
        let page = official_page();
        assert!((page.text_width() - 156.0).abs() < 1e-9);
        assert_eq!(page.title_characters(), 20);
        assert_eq!(page.faces.all_faces().map(|face| face.charset.as_str())[..2], ["00", "86"]);
    }
}
