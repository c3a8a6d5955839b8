//! Proves the manual of the tags, docs/tags.md and docs/tags.zh.md: every example is rendered with the data of its
//! page and compared with the result that the page states.

#![allow(clippy::format_push_string, reason = "small test documents")]

mod support;

use docx_fill::template::{Partials, text};
use docx_fill::{Engine, Template};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use support::{Docx, cell, check_well_formed, paragraph, part, parts, row, table, text_of};

const PAGES: [&str; 2] = [include_str!("../docs/tags.md"), include_str!("../docs/tags.zh.md")];

/// A page with the data and the partials of its examples.
struct Manual {
    page: &'static str,
    data: Value,
    partials: BTreeMap<String, String>,
}

impl Manual {
    fn read(page: &'static str) -> Self {
        let json = |at: usize| page.split("```json").nth(at).unwrap().split("```").next().unwrap();
        Manual {
            page,
            data: serde_json::from_str(json(1)).unwrap(),
            partials: serde_json::from_str(json(2)).unwrap(),
        }
    }

    /// The rows of all tables whose first cell is a tag.
    fn examples(&self) -> impl Iterator<Item = Vec<String>> {
        self.page.lines().filter(|line| line.starts_with("| `")).map(cells_of)
    }

    fn render(&self, docx: &Docx, tag: &str) -> String {
        let template = self.compile(docx, tag);
        let rendered = template.render_value(&self.data, &assets());
        let rendered = rendered.unwrap_or_else(|error| panic!("{tag}: {error:#}"));
        let found = template.describe(&rendered.warnings);
        assert!(rendered.warnings.is_empty(), "{tag}: {found}");
        let parts = parts(&rendered.docx);
        let document = part(&parts, "word/document.xml");
        check_well_formed(document);
        document.to_owned()
    }

    fn compile(&self, docx: &Docx, tag: &str) -> Template {
        let mut engine = Engine::new();
        for (name, text) in &self.partials {
            engine.add_partial(name, text);
        }
        engine.template(docx.bytes()).unwrap_or_else(|error| panic!("{tag}: {error:#}"))
    }
}

/// The cells of a row of a Markdown table.
fn cells_of(line: &str) -> Vec<String> {
    let line = line.replace("\\|", "\u{1}");
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split(" | ").map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

/// The inside of a cell that is code, with the blanks at its ends.
fn code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

/// The files that the examples name: a picture of 2000 × 100 pixels, and a document.
fn assets() -> BTreeMap<String, Vec<u8>> {
    let mut files = support::engine::pictures();
    let picture = files["图/a.png"].clone();
    files.insert("pictures/a.png".to_owned(), picture);
    let annex = Docx::new(&(paragraph("The annex.") + &paragraph("{{office}}"))).bytes();
    files.insert("annex.docx".to_owned(), annex);
    files
}

#[test]
fn every_result_is_that_of_the_page() {
    for page in PAGES {
        let manual = Manual::read(page);
        let partials = Arc::new(Partials::new(manual.partials.clone()));
        let mut count = 0;
        for cells in manual.examples() {
            let (Some(tag), Some(expected)) = (code(&cells[0]), code(&cells[1])) else { continue };
            let mut found = Vec::new();
            let options = text::TextOptions { partials: Some(&partials), ..Default::default() };
            let report = &mut |problem| found.push(problem);
            let out = text::render_text(tag, &manual.data, |text| text.into(), options, report);
            assert!(found.is_empty(), "{tag}: {found:?}");
            assert_eq!(out, expected, "{tag}");
            let document = manual.render(
                &Docx::new(&paragraph(&tag.replace('&', "&amp;").replace('<', "&lt;"))),
                tag,
            );
            assert_eq!(text_of(&document), [expected], "{tag}");
            count += 1;
        }
        assert!(count >= 44, "{count}");
    }
}

#[test]
fn every_result_in_word_is_that_of_the_page() {
    let mut wrong = Vec::new();
    for page in PAGES {
        let manual = Manual::read(page);
        let mut count = 0;
        for cells in manual.examples().filter(|cells| code(&cells[1]).is_none()) {
            let Some(tag) = code(&cells[0]) else { continue };
            let Some(expected) = cells.get(2).and_then(|cell| code(cell)) else { continue };
            let document = manual.render(&Docx::new(&place(tag, &cells[1])), tag);
            let result = notation(&document);
            if result != expected {
                wrong.push(format!("{tag} ({}): {expected} is {result}", cells[1]));
            }
            count += 1;
        }
        assert!(count >= 18, "{count}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A place of the kind that the page names, with the tag in it.
fn place(tag: &str, name: &str) -> String {
    let (open, close) = tag.split_once('…').unwrap_or((tag, ""));
    match name {
        "text" | "a paragraph of its own" | "文字" | "独占一段" => paragraph(tag),
        "cell" | "格子" => {
            let rows = [row(&[cell(tag), cell("x")]), row(&[cell(tag), cell("y")])];
            table(&[&rows[0], &rows[1]])
        }
        "picture" | "图片" => picture(&tag.replace('"', "&quot;")),
        "fixed rows" | "固定行" => {
            let rows = [open, "", "", close, "x"].map(|text| row(&[cell(text)]));
            table(&rows.iter().collect::<Vec<_>>())
        }
        "columns" | "栏" => {
            let rows = [row(&[cell("x"), cell(open)]), row(&[cell("y"), cell(close)])];
            table(&[&rows[0], &rows[1]])
        }
        other => panic!("no such place: {other}"),
    }
}

/// A picture of the template, 36 mm wide and 18 mm high, with an alternative text.
fn picture(alt: &str) -> String {
    format!(
        "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"1296000\" cy=\"648000\"/>\
         <wp:docPr id=\"1\" name=\"a\" descr=\"{alt}\"/><a:graphic><a:graphicData><pic:pic>\
         <pic:blipFill><a:blip r:embed=\"rId1\"/></pic:blipFill>\
         </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
}

/// Writes a body as the page does: a cell in brackets with `→2` for two columns, `↓` where a vertical merge begins and
/// `↑` where it goes on, and its colour; `/` between rows, `¶` between paragraphs; bold as in Markdown; a picture with
/// its size in millimetres and its alternative text; the scale of condensed characters.
fn notation(document: &str) -> String {
    let mut writer = Notation::default();
    let mut reader = Reader::from_str(document);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => writer.open(&element),
            Event::Empty(element) => {
                writer.open(&element);
                writer.close(element.name().as_ref());
            }
            Event::End(element) => writer.close(element.name().as_ref()),
            Event::Text(text) if writer.is_in("w:t") => writer.write_text(&text),
            Event::Eof => return writer.out,
            _ => {}
        }
    }
}

/// The state of [`notation`].
#[derive(Default)]
struct Notation {
    out: String,
    /// The elements that are open.
    names: Vec<String>,
    bold: bool,
    scale: Option<String>,
    size: String,
    marks: String,
    /// A paragraph or row stands before, within the same container.
    follows: bool,
}

impl Notation {
    fn is_in(&self, name: &str) -> bool {
        self.names.iter().any(|open| open == name)
    }

    fn open(&mut self, element: &BytesStart<'_>) {
        let value = |name: &str| {
            let found = element.attributes().flatten().find(|found| found.key.as_ref() == name);
            found.map(|found| found.value.to_string()).unwrap_or_default()
        };
        match element.name().as_ref() {
            "w:p" if self.follows => self.out.push_str(" ¶ "),
            "w:tr" if self.follows => self.out.push_str(" / "),
            "w:tc" => self.out.push('['),
            "w:gridSpan" => self.marks.push_str(&format!(" →{}", value("w:val"))),
            "w:vMerge" => {
                self.marks.push_str(if value("w:val") == "restart" { " ↓" } else { " ↑" });
            }
            "w:shd" => self.marks.push_str(&format!(" #{}", value("w:fill"))),
            "w:b" if self.is_in("w:r") => self.bold = true,
            "w:w" if self.is_in("w:r") => self.scale = Some(value("w:val")),
            "w:br" => self.out.push_str(&format!("({} break)", value("w:type"))),
            "w:pgSz" if self.is_in("w:pPr") => self.out.push_str("(section break)"),
            "wp:extent" => {
                self.size =
                    format!("{} × {} mm", millimetres(&value("cx")), millimetres(&value("cy")));
            }
            "wp:docPr" => {
                let alt = Some(value("descr")).filter(|alt| !alt.is_empty());
                let alt = alt.map_or_else(String::new, |alt| format!(", {alt}"));
                self.out.push_str(&format!("(picture {}{alt})", self.size));
            }
            _ => {}
        }
        self.follows &= !matches!(element.name().as_ref(), "w:tc" | "w:tbl");
        self.names.push(element.name().as_ref().to_owned());
    }

    fn close(&mut self, name: &str) {
        self.names.pop();
        match name {
            "w:tc" => {
                let marks = std::mem::take(&mut self.marks);
                let marks = if self.out.ends_with('[') { marks.trim_start() } else { &marks };
                self.out.push_str(marks);
                self.out.push(']');
                self.follows = true;
            }
            "w:p" | "w:tr" | "w:tbl" => self.follows = true,
            "w:r" => {
                self.bold = false;
                if let Some(scale) = self.scale.take() {
                    self.out.push_str(&format!(" ({scale} %)"));
                }
            }
            _ => {}
        }
    }

    fn write_text(&mut self, text: &str) {
        let mark = if self.bold { "**" } else { "" };
        self.out.push_str(&format!("{mark}{text}{mark}"));
    }
}

/// A length in EMU as millimetres with one decimal.
fn millimetres(emu: &str) -> String {
    let tenths = emu.parse::<u64>().unwrap_or_default().saturating_add(1800) / 3600;
    format!("{}.{}", tenths / 10, tenths % 10)
}
