//! Owns the data that templates receive: a report as data for Word tags and for Typst, and the form
//! as data. Both outputs get the same words and figures from here.
//! Must not know how either is laid out.

use super::Assets;
use super::printed_texts::printed_texts;
use crate::form::{Form, FormTable, GridContent};
use crate::quote::FilledTexts;
use crate::report::Report;
use docx_fill::prose::links::{LinkTarget, LinkTargets};
use docx_fill::prose::{self, Image, LinkSchemes, ProseBlock, ProseInline};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the data for tags: title, year, organ, figures by table, row and column, and the texts.
/// With `labels`, figures can also be found by their official labels.
pub fn tag_data(report: &Report, texts: &FilledTexts, draft: bool, labels: bool) -> Value {
    let mut data = report.to_values(labels);
    data.insert("draft".to_owned(), json!(draft));
    let mut fields = Map::new();
    for section in &report.form.sections {
        fields.insert(section.id.clone(), json!(""));
        if section.table.is_some() {
            fields.insert(format!("{}-after", section.id), json!(""));
        }
    }
    for ((section, after_table), text) in printed_texts(report, texts) {
        let id = &report.form.sections[section].id;
        let key = if after_table { format!("{id}-after") } else { id.clone() };
        fields.insert(key, json!(text));
    }
    data.insert("text".to_owned(), Value::Object(fields));
    Value::Object(data)
}

/// Returns the pictures of the texts, each once, in the order of their first use.
pub fn text_pictures(texts: &FilledTexts) -> Vec<String> {
    let (mut known, mut out) = (BTreeSet::new(), Vec::new());
    for image in texts.iter().flat_map(|text| prose::images_of(text)) {
        if known.insert(image.path.clone()) {
            out.push(image.path);
        }
    }
    out
}

/// Returns the path of the picture with this number in the Typst project. It does not depend on the
/// report, because Typst keeps every path that it has seen.
pub fn picture_path(number: usize, path: &str) -> String {
    let jpeg = [".jpg", ".jpeg"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    format!("/pictures/{number}.{}", if jpeg { "jpg" } else { "png" })
}

/// Returns the data for `report.typ`: texts as blocks, figures as text.
pub fn typst_data(report: &Report, texts: &FilledTexts, assets: &dyn Assets, draft: bool) -> Value {
    let numbers: BTreeMap<String, usize> =
        text_pictures(texts).into_iter().enumerate().map(|(at, path)| (path, at)).collect();
    let schemes = LinkSchemes::default();
    let printed = printed_texts(report, texts);
    let blocks = |section: usize, after: bool| -> Vec<Value> {
        let text = printed.get(&(section, after)).map_or("", String::as_str);
        let blocks = prose::parse_markdown(text);
        let text = format!("{section}-{}", if after { "after" } else { "before" });
        let goals = LinkTargets::from_blocks(&blocks, &schemes);
        let drawn = BlockEncoder { numbers: &numbers, assets, goals, text_id: text };
        blocks.iter().enumerate().map(|(at, block)| drawn.encode_block(at, block)).collect()
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
        "organ": report.to_values(false)["organ"],
        "sections": sections.collect::<Vec<_>>(),
        "figures": printed_figures(report),
    })
}

fn printed_figures(report: &Report) -> Value {
    let tables = report.form.tables.iter().zip(&report.tables).map(|(table, cells)| {
        let mut rows: Map<String, Value> = Map::new();
        for (id, cell) in table.cells.iter().zip(cells) {
            let row = rows.entry(table.rows[id.row].id.clone()).or_insert_with(|| json!({}));
            row[&table.columns[id.column].id] = json!(cell.figure.cell_text());
        }
        (table.id.clone(), Value::Object(rows))
    });
    Value::Object(tables.collect())
}

/// An encoder of the blocks of a text as data, with pictures by number and size, and links only
/// where they are allowed.
struct BlockEncoder<'a> {
    numbers: &'a BTreeMap<String, usize>,
    assets: &'a dyn Assets,
    goals: LinkTargets<'a>,
    /// Unique prefix of the anchors of this text.
    text_id: String,
}

impl BlockEncoder<'_> {
    fn encode_block(&self, at: usize, block: &ProseBlock) -> Value {
        let mut value = self.encode_shape(block);
        if self.goals.is_linked(at) {
            value["place"] = json!(self.heading_anchor(at));
        }
        value
    }

    /// Returns the anchor to which links to the heading lead.
    fn heading_anchor(&self, at: usize) -> String {
        format!("heading-{}-{at}", self.text_id)
    }

    fn encode_shape(&self, block: &ProseBlock) -> Value {
        match block {
            ProseBlock::Image(image) => self.encode_image(image),
            ProseBlock::Table { head, rows } => {
                let rows: Vec<_> = rows.iter().map(|row| self.encode_cells(row)).collect();
                json!({ "kind": "table", "head": self.encode_cells(head), "rows": rows })
            }
            ProseBlock::Paragraph { inlines } => {
                json!({ "kind": "paragraph", "inlines": self.encode_inlines(inlines) })
            }
            ProseBlock::Quote { inlines } => {
                json!({ "kind": "quote", "inlines": self.encode_inlines(inlines) })
            }
            ProseBlock::Heading { level, inlines } => {
                json!({ "kind": "heading", "level": level, "inlines": self.encode_inlines(inlines) })
            }
            ProseBlock::Item { marker, depth, inlines } => json!({
                "kind": "item", "marker": marker, "depth": depth, "inlines": self.encode_inlines(inlines),
            }),
        }
    }

    fn encode_cells(&self, cells: &[prose::ProseCell]) -> Vec<Value> {
        let cell = |c: &prose::ProseCell| json!({ "inlines": self.encode_inlines(&c.inlines), "align": c.align });
        cells.iter().map(cell).collect()
    }

    fn encode_inlines(&self, inlines: &[ProseInline]) -> Vec<Value> {
        let value = |inline: &ProseInline| match inline {
            ProseInline::Text(_) | ProseInline::Break => json!(inline),
            ProseInline::Link { url, inlines } => {
                let mut link =
                    json!({ "kind": "link", "url": url, "inlines": self.encode_inlines(inlines) });
                if let Ok(LinkTarget::Heading(at)) = self.goals.resolve_address(url) {
                    link["place"] = json!(self.heading_anchor(at));
                }
                link
            }
            ProseInline::Image(image) => self.encode_image(image),
            ProseInline::Note { inlines } => {
                json!({ "kind": "note", "inlines": self.encode_inlines(inlines) })
            }
        };
        let mut out = Vec::new();
        for inline in inlines {
            match inline {
                // The text of a forbidden link is kept, but not its address, which a viewer could
                // open.
                ProseInline::Link { url, inlines } if self.goals.resolve_address(url).is_err() => {
                    out.extend(self.encode_inlines(inlines));
                }
                _ => out.push(value(inline)),
            }
        }
        out
    }

    fn encode_image(&self, image: &Image) -> Value {
        let bytes = self.assets.get(&image.path);
        let (width, height) = bytes.and_then(docx_fill::pixel_size).unwrap_or_default();
        let number = self.numbers.get(&image.path).copied().unwrap_or_default();
        json!({
            "kind": "image", "path": picture_path(number, &image.path), "alt": image.alt,
            "width": width, "height": height,
        })
    }
}

/// Returns the form for `report.typ`: tables as lines of cells.
pub fn form_data(form: &Form) -> Value {
    let sections = form.sections.iter().map(|section| {
        let table = section.table.map(|table| &form.tables[table].id);
        json!({ "id": section.id, "heading": section.heading, "table": table })
    });
    let tables = form.tables.iter().map(|table| (table.id.clone(), table_data(table)));
    json!({
        "edition": form.edition,
        "name": form.name,
        "notice": { "title": form.notice_title, "number": form.notice_number },
        "sections": sections.collect::<Vec<_>>(),
        "tables": Value::Object(tables.collect()),
    })
}

fn table_data(table: &FormTable) -> Value {
    let cell = |cell: &crate::form::GridCell| {
        let mut value = match &cell.content {
            GridContent::Header { text, vertical, heads_row } => json!({
                "kind": "head", "text": text, "vertical": vertical,
                "scope": if *heads_row { "row" } else { "column" },
            }),
            GridContent::Figure(number) => {
                let id = table.cells[*number];
                json!({
                    "kind": "figure", "row": table.rows[id.row].id,
                    "column": table.columns[id.column].id, "number": table.kind_of(*number).as_str(),
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
