//! Owns what the templates receive: a report as data for Word tags and for Typst, and the form as data.
//! Must not know how either is drawn. Both sides get the same words and figures from here.

use super::Assets;
use crate::form::{Content, Form, Table};
use crate::quote::Texts;
use crate::report::Report;
use docx_fill::prose::links::{Goal, Goals};
use docx_fill::prose::{self, Block, Image, Inline, Schemes};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The data for tags: title, year, organ, figures by table, row and column, and the texts. With `labels`
/// the figures are found by their official words, too.
pub fn tags(report: &Report, texts: &Texts, draft: bool, labels: bool) -> Value {
    let mut data = report.values(labels);
    data.insert("draft".to_owned(), json!(draft));
    let mut fields = Map::new();
    for section in &report.form.sections {
        fields.insert(section.id.clone(), json!(""));
        if section.table.is_some() {
            fields.insert(format!("{}-after", section.id), json!(""));
        }
    }
    for (field, text) in report.texts.iter().zip(texts) {
        let id = &report.form.sections[field.section].id;
        let key = if field.after { format!("{id}-after") } else { id.clone() };
        fields.insert(key, json!(text));
    }
    data.insert("text".to_owned(), Value::Object(fields));
    Value::Object(data)
}

/// The pictures of the texts, each once, in the order of their first use.
pub fn pictures(texts: &Texts) -> Vec<String> {
    let (mut known, mut out) = (BTreeSet::new(), Vec::new());
    for image in texts.iter().flat_map(|text| prose::images(text)) {
        if known.insert(image.path.clone()) {
            out.push(image.path);
        }
    }
    out
}

/// Where the picture of that number lies in the Typst project. The path does not depend on the report,
/// because Typst keeps every path that it has seen.
pub fn picture_path(number: usize, path: &str) -> String {
    let jpeg = [".jpg", ".jpeg"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    format!("/pictures/{number}.{}", if jpeg { "jpg" } else { "png" })
}

/// The data for `report.typ`: texts as blocks, figures as text.
pub fn typeset(report: &Report, texts: &Texts, assets: &dyn Assets, draft: bool) -> Value {
    let numbers: BTreeMap<String, usize> =
        pictures(texts).into_iter().enumerate().map(|(at, path)| (path, at)).collect();
    let schemes = Schemes::default();
    let blocks = |section: usize, after: bool| -> Vec<Value> {
        let mut pairs = report.texts.iter().zip(texts);
        let found = pairs.find(|(field, _)| (field.section, field.after) == (section, after));
        let blocks = prose::parse(found.map_or("", |(_, text)| text));
        let text = format!("{section}-{}", if after { "after" } else { "before" });
        let goals = Goals::of(&blocks, &schemes);
        let drawn = Drawn { numbers: &numbers, assets, goals, text };
        blocks.iter().enumerate().map(|(at, block)| drawn.block(at, block)).collect()
    };
    let sections = report.form.sections.iter().enumerate().map(|(at, section)| {
        json!({
            "id": section.id,
            "heading": section.heading,
            "before": blocks(at, false),
            "table": section.table.map(|table| &report.form.tables[table].id),
            "after": blocks(at, true),
        })
    });
    json!({
        "lang": "zh",
        "title": report.title(),
        "year": report.year,
        "draft": draft,
        "organ": report.values(false)["organ"],
        "sections": sections.collect::<Vec<_>>(),
        "figures": printed(report),
    })
}

fn printed(report: &Report) -> Value {
    let tables = report.form.tables.iter().zip(&report.tables).map(|(table, cells)| {
        let mut rows: Map<String, Value> = Map::new();
        for (id, cell) in table.cells.iter().zip(cells) {
            let row = rows.entry(table.rows[id.row].id.clone()).or_insert_with(|| json!({}));
            row[&table.columns[id.column].id] = json!(cell.figure.text());
        }
        (table.id.clone(), Value::Object(rows))
    });
    Value::Object(tables.collect())
}

/// Blocks of a text as data, with pictures by number and size, and links only where they may lead.
struct Drawn<'a> {
    numbers: &'a BTreeMap<String, usize>,
    assets: &'a dyn Assets,
    goals: Goals<'a>,
    /// What no other text of the report is called.
    text: String,
}

impl Drawn<'_> {
    fn block(&self, at: usize, block: &Block) -> Value {
        let mut value = self.shape(block);
        if self.goals.leads_to(at) {
            value["place"] = json!(self.place(at));
        }
        value
    }

    /// What the heading is called to which links lead.
    fn place(&self, at: usize) -> String {
        format!("heading-{}-{at}", self.text)
    }

    fn shape(&self, block: &Block) -> Value {
        match block {
            Block::Image(image) => self.image(image),
            Block::Table { head, rows } => {
                let rows: Vec<_> = rows.iter().map(|row| self.cells(row)).collect();
                json!({ "kind": "table", "head": self.cells(head), "rows": rows })
            }
            Block::Paragraph { inlines } => {
                json!({ "kind": "paragraph", "inlines": self.inlines(inlines) })
            }
            Block::Quote { inlines } => {
                json!({ "kind": "quote", "inlines": self.inlines(inlines) })
            }
            Block::Heading { level, inlines } => {
                json!({ "kind": "heading", "level": level, "inlines": self.inlines(inlines) })
            }
            Block::Item { marker, depth, inlines } => json!({
                "kind": "item", "marker": marker, "depth": depth, "inlines": self.inlines(inlines),
            }),
        }
    }

    fn cells(&self, cells: &[prose::Cell]) -> Vec<Value> {
        let cell =
            |c: &prose::Cell| json!({ "inlines": self.inlines(&c.inlines), "align": c.align });
        cells.iter().map(cell).collect()
    }

    fn inlines(&self, inlines: &[Inline]) -> Vec<Value> {
        let value = |inline: &Inline| match inline {
            Inline::Text(_) | Inline::Break => json!(inline),
            Inline::Link { url, inlines } => {
                let mut link =
                    json!({ "kind": "link", "url": url, "inlines": self.inlines(inlines) });
                if let Ok(Goal::Heading(at)) = self.goals.goal(url) {
                    link["place"] = json!(self.place(at));
                }
                link
            }
            Inline::Image(image) => self.image(image),
            Inline::Note { inlines } => json!({ "kind": "note", "inlines": self.inlines(inlines) }),
        };
        let mut out = Vec::new();
        for inline in inlines {
            match inline {
                // The words stay; what a reader's program could run does not.
                Inline::Link { url, inlines } if self.goals.goal(url).is_err() => {
                    out.extend(self.inlines(inlines));
                }
                _ => out.push(value(inline)),
            }
        }
        out
    }

    fn image(&self, image: &Image) -> Value {
        let bytes = self.assets.get(&image.path);
        let size = bytes.and_then(|bytes| imagesize::blob_size(bytes).ok());
        let (width, height) = size.map_or((0, 0), |size| (size.width, size.height));
        let number = self.numbers.get(&image.path).copied().unwrap_or_default();
        json!({
            "kind": "image", "path": picture_path(number, &image.path), "alt": image.alt,
            "width": width, "height": height,
        })
    }
}

/// The form for `report.typ`: tables as lines of cells.
pub fn form(form: &Form) -> Value {
    let sections = form.sections.iter().map(|section| {
        let table = section.table.map(|table| &form.tables[table].id);
        json!({ "id": section.id, "heading": section.heading, "table": table })
    });
    let tables = form.tables.iter().map(|table| (table.id.clone(), table_value(table)));
    json!({
        "edition": form.edition,
        "name": form.name,
        "notice": { "title": form.notice_title, "number": form.notice_number },
        "sections": sections.collect::<Vec<_>>(),
        "tables": Value::Object(tables.collect()),
    })
}

fn table_value(table: &Table) -> Value {
    let cell = |cell: &crate::form::GridCell| {
        let mut value = match &cell.content {
            Content::Head { text, vertical, heads_row } => json!({
                "kind": "head", "text": text, "vertical": vertical,
                "scope": if *heads_row { "row" } else { "column" },
            }),
            Content::Figure(number) => {
                let id = table.cells[*number];
                let column = &table.columns[id.column];
                json!({
                    "kind": "figure", "row": table.rows[id.row].id, "column": column.id,
                    "number": column.kind.word(),
                })
            }
        };
        value["colspan"] = json!(cell.colspan);
        value["rowspan"] = json!(cell.rowspan);
        value
    };
    let lines: Vec<Vec<Value>> =
        table.lines.iter().map(|line| line.iter().map(cell).collect()).collect();
    json!({
        "id": table.id,
        "name": table.name,
        "summary": table.summary,
        "widths": table.widths,
        "size": table.size,
        "line-height": table.line_height,
        "header-lines": table.header_lines,
        "lines": lines,
    })
}
