//! Owns the styles of the template: what a user finds in Word's style list, by GB/T 9704—2012.
//! Must not know the form: headings, tables and tags are placed elsewhere.

use docx_rs::{AlignmentType, LineSpacing, LineSpacingType, RunFonts, Style, StyleType};

/// The fonts of a style: for Latin letters and digits, and for Chinese.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fonts {
    latin: &'static str,
    chinese: &'static str,
}

const LATIN: &str = "Times New Roman";
const BODY: Fonts = Fonts { latin: LATIN, chinese: "仿宋_GB2312" };
const KAI: Fonts = Fonts { latin: LATIN, chinese: "楷体_GB2312" };
const TABLE: Fonts = Fonts { latin: LATIN, chinese: "宋体" };
// The digits of these match their own weight, Times New Roman does not.
const HEI: Fonts = Fonts { latin: "黑体", chinese: "黑体" };
const XIAOBIAOSONG: Fonts =
    Fonts { latin: "方正小标宋简体", chinese: "方正小标宋简体" };
// 半角宋体阿拉伯数字: GB/T 9704—2012, clause 7.5.
const SONG: Fonts = Fonts { latin: "宋体", chinese: "宋体" };

/// A font, its kind, and the names to use in its place where it is not installed.
pub(super) struct Face {
    /// Name as the styles use it.
    pub(super) name: &'static str,
    /// Other names of it or of the nearest font, best first, separated by commas.
    pub(super) alternatives: &'static str,
    /// Windows charset in hexadecimal digits.
    pub(super) charset: &'static str,
    /// `roman`, `swiss`, `modern`, `script`.
    pub(super) family: &'static str,
    /// `variable` or `fixed`.
    pub(super) pitch: &'static str,
}

const fn chinese(
    name: &'static str,
    alternatives: &'static str,
    family: &'static str,
    pitch: &'static str,
) -> Face {
    Face { name, alternatives, charset: "86", family, pitch }
}

/// What `fontTable.xml` tells of the fonts that the styles name.
pub(super) const FACES: &[Face] = &[
    Face {
        name: LATIN,
        alternatives: "Liberation Serif",
        charset: "00",
        family: "roman",
        pitch: "variable",
    },
    chinese("仿宋_GB2312", "FangSong_GB2312,仿宋,FangSong", "modern", "fixed"),
    chinese("楷体_GB2312", "KaiTi_GB2312,楷体,KaiTi", "modern", "fixed"),
    chinese("黑体", "SimHei", "modern", "fixed"),
    chinese(
        "方正小标宋简体",
        "FZXiaoBiaoSong-B05S,方正小标宋_GBK,FZXiaoBiaoSong-B05,宋体",
        "script",
        "fixed",
    ),
    chinese("宋体", "SimSun", "roman", "variable"),
];

/// Space between lines.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    /// As the style that it is based on.
    Inherited,
    /// Exactly so many twips.
    Exact(i32),
    /// As high as the font asks, off the grid of 22 lines.
    Single,
}

/// Horizontal place of a paragraph.
#[derive(Debug, Clone, Copy)]
pub(super) enum Align {
    /// As the style that it is based on.
    Inherited,
    /// Both edges straight.
    Both,
    /// To the left.
    Left,
    /// Centred.
    Center,
    /// To the right.
    Right,
}

/// Indents in hundredths of a character: left, right, first line; `None` inherits.
pub(super) type Indents = Option<[i32; 3]>;

/// A paragraph or character style.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Id used in the XML.
    pub(super) id: &'static str,
    /// Name shown in Word; the built-in ones are translated by Word itself.
    pub(super) name: &'static str,
    /// Whether it is a character style.
    pub(super) character: bool,
    /// Whether Word shows it in the gallery.
    pub(super) gallery: bool,
    based_on: Option<&'static str>,
    next: Option<&'static str>,
    fonts: Option<Fonts>,
    /// Size in half-points.
    pub(super) size: Option<usize>,
    color: Option<&'static str>,
    align: Align,
    /// Line spacing.
    pub(super) line: Line,
    /// Space after, in twips.
    after: Option<u32>,
    /// Space above, in twentieths of a point.
    before: Option<u32>,
    /// Indents.
    pub(super) indents: Indents,
    outline: Option<usize>,
    /// Whether it stays on the page of what follows.
    pub(super) keep_next: bool,
}

const PLAIN: Look = Look {
    id: "",
    name: "",
    character: false,
    gallery: true,
    based_on: Some("Normal"),
    next: None,
    fonts: None,
    size: None,
    color: None,
    align: Align::Inherited,
    line: Line::Inherited,
    after: None,
    before: None,
    indents: None,
    outline: None,
    keep_next: false,
};

const fn heading(id: &'static str, name: &'static str, outline: usize, fonts: Fonts) -> Look {
    Look {
        id,
        name,
        next: Some("Normal"),
        fonts: Some(fonts),
        outline: Some(outline),
        keep_next: true,
        ..PLAIN
    }
}

const fn aside(id: &'static str, name: &'static str, align: Align, indents: [i32; 3]) -> Look {
    Look { id, name, align, indents: Some(indents), line: Line::Single, ..PLAIN }
}

/// 28.95 pt: 22 lines in 225 mm; with 29 pt only 21 fit.
pub(super) const LINE: i32 = 579;

/// Size of body text in half-points: 三号.
pub(super) const BODY_SIZE: usize = 32;

/// All styles in the order of the file.
pub(super) const LOOKS: &[Look] = &[
    Look {
        id: "Normal",
        name: "Normal",
        based_on: None,
        fonts: Some(BODY),
        size: Some(BODY_SIZE),
        align: Align::Both,
        line: Line::Exact(LINE),
        indents: Some([0, 0, 200]),
        ..PLAIN
    },
    // 35 pt and the space below make two lines of the page when the title has one.
    Look {
        id: "Title",
        name: "Title",
        next: Some("Normal"),
        fonts: Some(XIAOBIAOSONG),
        size: Some(44),
        align: Align::Center,
        line: Line::Exact(700),
        after: Some(458),
        indents: Some([0, 0, 0]),
        keep_next: true,
        ..PLAIN
    },
    heading("Heading1", "heading 1", 0, HEI),
    heading("Heading2", "heading 2", 1, KAI),
    heading("Heading3", "heading 3", 2, BODY),
    heading("Heading4", "heading 4", 3, BODY),
    Look { id: "Lead", name: "Lead", character: true, based_on: None, fonts: Some(KAI), ..PLAIN },
    aside("Quote", "Quote", Align::Both, [200, 200, 200]).on_grid(),
    // Air around a picture: without it the picture covers the rule of a table above.
    Look {
        after: Some(120),
        before: Some(120),
        ..aside("Picture", "Picture", Align::Center, [0, 0, 0])
    },
    aside("TableText", "Table Text", Align::Left, [0, 0, 0]).set(TABLE, 21),
    aside("TableHead", "Table Head", Align::Center, [0, 0, 0]).based_on("TableText"),
    aside("TableFigure", "Table Figure", Align::Center, [0, 0, 0]).based_on("TableText"),
    // Word wants a paragraph between two tables and after the last one.
    Look {
        line: Line::Exact(120),
        gallery: false,
        size: Some(4),
        ..aside("TableEnd", "Table End", Align::Left, [0, 0, 0])
    },
    aside("Header", "header", Align::Center, [0, 0, 0]).set(BODY, 18).aside(),
    Look {
        color: Some("FF0000"),
        ..aside("Draft", "Draft", Align::Center, [0, 0, 0]).set(HEI, 28).based_on("Header")
    },
    // Outside, one character in: GB/T 9704—2012, clause 7.5.
    Look {
        line: Line::Exact(FOOTER_LINE),
        ..aside("Footer", "footer", Align::Right, [0, 100, 0]).set(SONG, 28).aside()
    },
    Look {
        line: Line::Exact(FOOTER_LINE),
        ..aside("FooterEven", "Footer Even", Align::Left, [100, 0, 0]).based_on("Footer").aside()
    },
];

/// Height of the page number's line in twips: 四号 without space.
const FOOTER_LINE: i32 = 280;

impl Look {
    const fn on_grid(self) -> Look {
        Look { line: Line::Inherited, ..self }
    }

    const fn set(self, fonts: Fonts, size: usize) -> Look {
        Look { fonts: Some(fonts), size: Some(size), ..self }
    }

    const fn based_on(self, id: &'static str) -> Look {
        Look { based_on: Some(id), ..self }
    }

    const fn aside(self) -> Look {
        Look { gallery: false, ..self }
    }

    /// Whether its characters and lines leave the page's grid.
    pub(super) fn off_grid(&self) -> bool {
        matches!(self.line, Line::Single) || matches!(self.line, Line::Exact(line) if line < LINE)
    }

    /// The style as docx-rs knows it; `amend` adds the rest.
    pub(super) fn style(&self) -> Style {
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
            style = style.size(size);
        }
        if let Some(color) = self.color {
            style = style.color(color);
        }
        if let Some(level) = self.outline {
            style = style.outline_lvl(level);
        }
        self.paragraph(style)
    }

    fn paragraph(&self, mut style: Style) -> Style {
        let align = match self.align {
            Align::Inherited => None,
            Align::Both => Some(AlignmentType::Both),
            Align::Left => Some(AlignmentType::Left),
            Align::Center => Some(AlignmentType::Center),
            Align::Right => Some(AlignmentType::Right),
        };
        if let Some(align) = align {
            style = style.align(align);
        }
        if self.off_grid() {
            style = style.snap_to_grid(false);
        }
        let line = match self.line {
            Line::Inherited => None,
            Line::Exact(line) => Some((line, LineSpacingType::Exact)),
            Line::Single => Some((240, LineSpacingType::Auto)),
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

impl Fonts {
    /// The fonts of the page, for what has no style.
    pub(super) fn body() -> RunFonts {
        BODY.run_fonts()
    }

    fn run_fonts(self) -> RunFonts {
        RunFonts::new()
            .ascii(self.latin)
            .hi_ansi(self.latin)
            .cs(self.latin)
            .east_asia(self.chinese)
            .hint("eastAsia")
    }
}
