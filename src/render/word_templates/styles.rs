//! Owns the styles of the template, as shown in Word's style list, according to GB/T 9704—2012.
//! Must not know the form: headings, tables and tags are placed elsewhere.

use crate::official_page::official_page;
use docx_rs::{AlignmentType, LineSpacing, LineSpacingType, RunFonts, Style, StyleType};

/// The fonts of a style, by their use: for Latin letters and digits, and for Chinese.
#[derive(Debug, Clone, Copy)]
pub(super) enum StyleFonts {
    Body,
    Kai,
    Table,
    Hei,
    Xiaobiaosong,
    Song,
}

/// The size of a style.
#[derive(Debug, Clone, Copy)]
pub(super) enum StyleSize {
    /// The size of the title.
    Title,
    /// The size of the text.
    Body,
    /// The size of page numbers.
    PageNumber,
    /// So many half-points.
    HalfPoints(usize),
}

impl StyleSize {
    /// Returns the size in half-points.
    pub(super) fn half_points(self) -> usize {
        let sizes = &official_page().sizes;
        match self {
            StyleSize::Title => sizes.title.into(),
            StyleSize::Body => sizes.body.into(),
            StyleSize::PageNumber => sizes.page_number.into(),
            StyleSize::HalfPoints(size) => size,
        }
    }
}

/// Space between lines.
#[derive(Debug, Clone, Copy)]
pub(super) enum LineHeight {
    /// The line height of the parent style.
    Inherited,
    /// Exactly this many twips.
    Exact(i32),
    /// The natural height of the font, off the grid of 22 lines.
    Single,
}

/// The alignment of a paragraph.
#[derive(Debug, Clone, Copy)]
pub(super) enum ParagraphAlign {
    /// The alignment of the parent style.
    Inherited,
    /// Justified.
    Both,
    /// Left.
    Left,
    /// Centred.
    Center,
    /// Right.
    Right,
}

/// Indents in hundredths of a character: left, right, first line; `None` inherits.
pub(super) type Indents = Option<[i32; 3]>;

/// A paragraph or character style.
#[derive(Debug, Clone, Copy)]
pub(super) struct StyleSpec {
    /// Id used in the XML.
    pub(super) id: &'static str,
    /// Name shown in Word; the built-in ones are translated by Word itself.
    pub(super) name: &'static str,
    /// True for a character style, false for a paragraph style.
    pub(super) character: bool,
    /// True if Word shows the style in its gallery.
    pub(super) gallery: bool,
    based_on: Option<&'static str>,
    next: Option<&'static str>,
    fonts: Option<StyleFonts>,
    /// Its size.
    pub(super) size: Option<StyleSize>,
    color: Option<&'static str>,
    align: ParagraphAlign,
    /// Line spacing.
    pub(super) line: LineHeight,
    /// Space after, in twips.
    after: Option<u32>,
    /// Space before, in twips.
    before: Option<u32>,
    /// Indents.
    pub(super) indents: Indents,
    outline: Option<usize>,
    /// True if the paragraph stays on the page of the next one.
    pub(super) keep_next: bool,
}

const BASE_STYLE: StyleSpec = StyleSpec {
    id: "",
    name: "",
    character: false,
    gallery: true,
    based_on: Some("Normal"),
    next: None,
    fonts: None,
    size: None,
    color: None,
    align: ParagraphAlign::Inherited,
    line: LineHeight::Inherited,
    after: None,
    before: None,
    indents: None,
    outline: None,
    keep_next: false,
};

const fn heading_style(
    id: &'static str,
    name: &'static str,
    outline: usize,
    fonts: StyleFonts,
) -> StyleSpec {
    StyleSpec {
        id,
        name,
        next: Some("Normal"),
        fonts: Some(fonts),
        outline: Some(outline),
        keep_next: true,
        ..BASE_STYLE
    }
}

const fn aside_style(
    id: &'static str,
    name: &'static str,
    align: ParagraphAlign,
    indents: [i32; 3],
) -> StyleSpec {
    StyleSpec { id, name, align, indents: Some(indents), line: LineHeight::Single, ..BASE_STYLE }
}

/// 28.95 pt: 22 lines in 225 mm; with 29 pt only 21 fit.
pub(super) const PAGE_LINE_HEIGHT: i32 = 579;

/// All styles in the order of the file.
pub(super) const STYLE_SPECS: &[StyleSpec] = &[
    StyleSpec {
        id: "Normal",
        name: "Normal",
        based_on: None,
        fonts: Some(StyleFonts::Body),
        size: Some(StyleSize::Body),
        align: ParagraphAlign::Both,
        line: LineHeight::Exact(PAGE_LINE_HEIGHT),
        indents: Some([0, 0, 200]),
        ..BASE_STYLE
    },
    // 35 pt and the space below make two lines of the page for a title of one line.
    StyleSpec {
        id: "Title",
        name: "Title",
        next: Some("Normal"),
        fonts: Some(StyleFonts::Xiaobiaosong),
        size: Some(StyleSize::Title),
        align: ParagraphAlign::Center,
        line: LineHeight::Exact(700),
        after: Some(458),
        indents: Some([0, 0, 0]),
        keep_next: true,
        ..BASE_STYLE
    },
    heading_style("Heading1", "heading 1", 0, StyleFonts::Hei),
    heading_style("Heading2", "heading 2", 1, StyleFonts::Kai),
    heading_style("Heading3", "heading 3", 2, StyleFonts::Body),
    heading_style("Heading4", "heading 4", 3, StyleFonts::Body),
    StyleSpec {
        id: "Lead",
        name: "Lead",
        character: true,
        based_on: None,
        fonts: Some(StyleFonts::Kai),
        ..BASE_STYLE
    },
    aside_style("Quote", "Quote", ParagraphAlign::Both, [200, 200, 200]).on_grid(),
    // Space around a picture: without it the picture covers the rule of a table above.
    StyleSpec {
        after: Some(120),
        before: Some(120),
        ..aside_style("Picture", "Picture", ParagraphAlign::Center, [0, 0, 0])
    },
    aside_style("TableText", "Table Text", ParagraphAlign::Left, [0, 0, 0])
        .with_fonts(StyleFonts::Table, StyleSize::HalfPoints(21)),
    aside_style("TableHead", "Table Head", ParagraphAlign::Center, [0, 0, 0]).based_on("TableText"),
    aside_style("TableFigure", "Table Figure", ParagraphAlign::Center, [0, 0, 0])
        .based_on("TableText"),
    // Word requires a paragraph between two tables and after the last one.
    StyleSpec {
        line: LineHeight::Exact(120),
        gallery: false,
        size: Some(StyleSize::HalfPoints(4)),
        ..aside_style("TableEnd", "Table End", ParagraphAlign::Left, [0, 0, 0])
    },
    aside_style("Header", "header", ParagraphAlign::Center, [0, 0, 0])
        .with_fonts(StyleFonts::Body, StyleSize::HalfPoints(18))
        .outside_gallery(),
    StyleSpec {
        color: Some("FF0000"),
        ..aside_style("Draft", "Draft", ParagraphAlign::Center, [0, 0, 0])
            .with_fonts(StyleFonts::Hei, StyleSize::HalfPoints(28))
            .based_on("Header")
    },
    // At the outer edge, indented by one character: GB/T 9704—2012, clause 7.5.
    StyleSpec {
        line: LineHeight::Exact(FOOTER_LINE_HEIGHT),
        ..aside_style("Footer", "footer", ParagraphAlign::Right, [0, 100, 0])
            .with_fonts(StyleFonts::Song, StyleSize::PageNumber)
            .outside_gallery()
    },
    StyleSpec {
        line: LineHeight::Exact(FOOTER_LINE_HEIGHT),
        ..aside_style("FooterEven", "Footer Even", ParagraphAlign::Left, [100, 0, 0])
            .based_on("Footer")
            .outside_gallery()
    },
];

/// Height of the page number's line in twips: 四号 without extra space.
const FOOTER_LINE_HEIGHT: i32 = 280;

impl StyleSpec {
    const fn on_grid(self) -> StyleSpec {
        StyleSpec { line: LineHeight::Inherited, ..self }
    }

    const fn with_fonts(self, fonts: StyleFonts, size: StyleSize) -> StyleSpec {
        StyleSpec { fonts: Some(fonts), size: Some(size), ..self }
    }

    const fn based_on(self, id: &'static str) -> StyleSpec {
        StyleSpec { based_on: Some(id), ..self }
    }

    const fn outside_gallery(self) -> StyleSpec {
        StyleSpec { gallery: false, ..self }
    }

    /// Checks whether paragraphs of the style are off the page's grid.
    pub(super) fn is_off_grid(&self) -> bool {
        matches!(self.line, LineHeight::Single)
            || matches!(self.line, LineHeight::Exact(line) if line < PAGE_LINE_HEIGHT)
    }

    /// Returns the style for docx-rs; `patch` adds the rest.
    pub(super) fn docx_style(&self) -> Style {
        let kind = if self.character { StyleType::Character } else { StyleType::Paragraph };
        let mut style = Style::new(self.id, kind).name(self.name).q_format(self.gallery);
        if let Some(base) = self.based_on {
            style = style.based_on(base);
        }
        if let Some(next) = self.next {
            style = style.next(next);
        }
        if let Some(fonts) = self.fonts {
            style = style.fonts(fonts.run_fonts());
        }
        if let Some(size) = self.size {
            style = style.size(size.half_points());
        }
        if let Some(color) = self.color {
            style = style.color(color);
        }
        if let Some(level) = self.outline {
            style = style.outline_lvl(level);
        }
        self.with_paragraph(style)
    }

    fn with_paragraph(&self, mut style: Style) -> Style {
        let align = match self.align {
            ParagraphAlign::Inherited => None,
            ParagraphAlign::Both => Some(AlignmentType::Both),
            ParagraphAlign::Left => Some(AlignmentType::Left),
            ParagraphAlign::Center => Some(AlignmentType::Center),
            ParagraphAlign::Right => Some(AlignmentType::Right),
        };
        if let Some(align) = align {
            style = style.align(align);
        }
        if self.is_off_grid() {
            style = style.snap_to_grid(false);
        }
        let line = match self.line {
            LineHeight::Inherited => None,
            LineHeight::Exact(line) => Some((line, LineSpacingType::Exact)),
            LineHeight::Single => Some((240, LineSpacingType::Auto)),
        };
        let Some((line, rule)) = line else { return style };
        let mut spacing = LineSpacing::new().line(line).line_rule(rule);
        if let Some(after) = self.after {
            spacing = spacing.after(after);
        }
        if let Some(before) = self.before {
            spacing = spacing.before(before);
        }
        style.line_spacing(spacing)
    }
}

impl StyleFonts {
    /// Returns the default fonts of the document.
    pub(super) fn body_fonts() -> RunFonts {
        StyleFonts::Body.run_fonts()
    }

    fn run_fonts(self) -> RunFonts {
        let faces = &official_page().faces;
        let (latin, chinese) = match self {
            StyleFonts::Body => (&faces.latin, &faces.body),
            StyleFonts::Kai => (&faces.latin, &faces.subheading),
            StyleFonts::Table => (&faces.latin, &faces.song),
            // The digits of these match their own weight, Times New Roman does not.
            StyleFonts::Hei => (&faces.heading, &faces.heading),
            StyleFonts::Xiaobiaosong => (&faces.title, &faces.title),
            // 半角宋体阿拉伯数字: GB/T 9704—2012, clause 7.5.
            StyleFonts::Song => (&faces.song, &faces.song),
        };
        let (latin, chinese) = (latin.name.as_str(), chinese.name.as_str());
        RunFonts::new().ascii(latin).hi_ansi(latin).cs(latin).east_asia(chinese).hint("eastAsia")
    }
}
