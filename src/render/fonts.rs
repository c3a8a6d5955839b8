//! Owns the fonts of the PDF: the free ones that are embedded in the program, those loaded from
//! files, and the check that every character has a glyph.
//! Must not know a template, nor where files lie: it receives bytes.

use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Sink};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, is_default_ignorable};
use typst::utils::LazyHash;
use typst_kit::fonts::FontStore;

/// Fonts under the SIL Open Font License, which allows bundling with any program.
const EMBEDDED_FONTS: [(&str, &[u8]); 5] = [
    ("NotoSerifSC-Regular.ttf", include_bytes!("../../fonts/NotoSerifSC-Regular.ttf")),
    ("NotoSerifSC-SemiBold.ttf", include_bytes!("../../fonts/NotoSerifSC-SemiBold.ttf")),
    ("NotoSansSC-Medium.ttf", include_bytes!("../../fonts/NotoSansSC-Medium.ttf")),
    ("LiberationSerif-Regular.ttf", include_bytes!("../../fonts/LiberationSerif-Regular.ttf")),
    ("GongwenRareKai-Light.ttf", include_bytes!("../../fonts/GongwenRareKai-Light.ttf")),
];

/// Fonts under the GPL with font exception: file, typeface that they represent, and font used
/// without them. They are loaded from files so that the program's licence is not affected.
pub const EXTERNAL_FONTS: [(&str, &str, &str); 3] = [
    ("FandolFang-Regular.ttf", "仿宋", "Noto Serif SC"),
    ("FandolKai-Regular.ttf", "楷体", "Noto Serif SC"),
    ("cwTeXFangSong-rare.ttf", "仿宋（生僻字）", "Gongwen Rare Kai"),
];

/// Checks whether the font with this file name is embedded in the program.
pub fn is_embedded_font(name: &str) -> bool {
    EMBEDDED_FONTS.iter().any(|(known, _)| *known == name)
}

/// Name and content of a font file; the content is shared.
pub type FontFile = (String, Arc<Vec<u8>>);

struct FontBytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for FontBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A set of fonts, created once per run.
pub struct Fonts {
    store: FontStore,
    given_files: BTreeSet<String>,
    /// Bit set of the characters that a font of the set has.
    covered: OnceLock<Vec<u64>>,
}

impl Fonts {
    /// Creates a set of the embedded fonts and the given files (name and content). Fonts from files
    /// take precedence; a file that is not a font is reported.
    pub fn new(files: impl IntoIterator<Item = FontFile>, sink: &mut Sink) -> Fonts {
        let mut store = FontStore::new();
        let mut given_files = BTreeSet::new();
        for (name, content) in files {
            let mut faces = 0;
            for font in Font::iter(Bytes::new(FontBytes(content))) {
                push_font(&mut store, font);
                faces += 1;
            }
            if faces == 0 {
                let message = msg!("font.no-font", file = &name);
                sink.push(Diagnostic::warning("no-font", Location::Nowhere, message));
            }
            given_files.insert(name);
        }
        for (name, content) in EMBEDDED_FONTS {
            if !given_files.contains(name)
                && let Some(font) = Font::new(Bytes::new(content), 0)
            {
                push_font(&mut store, font);
            }
        }
        Fonts { store, given_files, covered: OnceLock::new() }
    }

    /// Reports which of the fonts loaded from files are missing, and their substitutes.
    pub fn report_missing(&self, sink: &mut Sink) {
        for (file, role, instead) in EXTERNAL_FONTS {
            if !self.given_files.contains(file) {
                let message = msg!("font.missing", role = role, file = file, instead = instead);
                let found = Diagnostic::warning("font-missing", Location::Nowhere, message);
                sink.push(found.with_hint(msg!("font.missing-hint")));
            }
        }
    }

    /// Returns the characters of a text that no font has, each once, ordered by code point.
    pub fn missing_glyphs(&self, text: &str) -> BTreeSet<char> {
        let covered = self.covered.get_or_init(|| coverage_bits(self.store.book()));
        let has = |c: char| {
            let code = u32::from(c) as usize;
            covered.get(code / 64).is_some_and(|bits| bits & (1 << (code % 64)) != 0)
        };
        // Line ends and tabs are white space; joiners and variation selectors have no glyph.
        let blank = |c: char| "\n\r\t".contains(c) || is_default_ignorable(c) && c != '\u{FEFF}';
        text.chars().filter(|c| !blank(*c) && !has(*c)).collect()
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        self.store.book()
    }

    pub(super) fn font(&self, index: usize) -> Option<Font> {
        self.store.font(index)
    }
}

/// Returns the bit set of covered characters. `Coverage::contains` walks its list at every call; a
/// bit set is a hundred times as fast.
fn coverage_bits(book: &FontBook) -> Vec<u64> {
    let mut bits = vec![0_u64; 0x11_0000 / 64];
    for info in (0..).map_while(|index| book.info(index)) {
        for code in info.coverage.iter() {
            bits[code as usize / 64] |= 1 << (code % 64);
        }
    }
    bits
}

fn push_font(store: &mut FontStore, font: Font) {
    let info = font.info().clone();
    store.push((font, info));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_without_glyph_are_found() {
        let mut sink = Sink::new();
        let fonts = Fonts::new(Vec::new(), &mut sink);
        assert!(sink.is_empty());
        assert_eq!(fonts.missing_glyphs("政府信息公开 Annual — “1”、䶮\n\t"), BTreeSet::new());
        assert_eq!(fonts.missing_glyphs("甲😀乙𠮷"), BTreeSet::from(['😀', '𠮷']));
    }

    #[test]
    fn missing_and_broken_files_are_said() {
        let mut sink = Sink::new();
        let fonts =
            Fonts::new(vec![("a.ttf".to_owned(), Arc::new(b"no font".to_vec()))], &mut sink);
        fonts.report_missing(&mut sink);
        let rules: Vec<_> = sink.iter().map(|d| d.rule.to_string()).collect();
        assert_eq!(rules, ["no-font", "font-missing", "font-missing", "font-missing"]);
    }
}
