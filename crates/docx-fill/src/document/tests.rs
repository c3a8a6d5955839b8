//! Owns the tests of how the readers of bodies see one with everything that readers may see differently: tracked
//! changes, text boxes, alternate content, nested tables, skipped grid columns.
//! Must not know what a reader is used for.

use super::part_model::PartKind;
use super::part_parser::parse_part;
use crate::opc::{Package, PackageLimits};
use crate::word::blocks::{WordBlock, WordDocument, slot_rows};
use crate::word::body::WordBody;
use crate::word::table_layout::{TableLayout, table_layouts};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const BODIES: &str = include_str!("../../tests/word/bodies.xml");

/// Compares an outline with the one that is kept, which `UPDATE=1` renews.
fn assert_outline(name: &str, outline: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/word").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, outline).unwrap();
    }
    assert_eq!(outline, std::fs::read_to_string(&path).unwrap(), "{name}");
}

fn package(document: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = crate::opc::zip_entry_options();
    for (name, text) in [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" \
             ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>",
        ),
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
             Target=\"word/document.xml\"/></Relationships>",
        ),
        ("word/document.xml", document),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_part_parser_locates_paragraphs_and_cells() {
    let model = parse_part(BODIES, "word/document.xml", PartKind::Word).unwrap();
    let mut out = String::new();
    for paragraph in &model.paragraphs {
        let place = &paragraph.location;
        let _ =
            writeln!(out, "{:?} paragraph {}: {:?}", place.cells, place.paragraph, paragraph.text);
    }
    for cell in &model.containers {
        let Some(row) = cell.row else { continue };
        let before = model.rows[row].grid_before;
        let _ = writeln!(
            out,
            "row {row} before {before}: span {} merge {:?} width {:?}",
            cell.grid_span, cell.merge, cell.width
        );
    }
    let columns: Vec<&str> =
        model.grid_columns.iter().map(|column| &BODIES[column.width.clone()]).collect();
    let sections: Vec<u32> = model.sections.iter().map(|(_, width)| *width).collect();
    let _ = writeln!(out, "columns {columns:?}\nsections {sections:?}");
    assert_outline("bodies-part-model.txt", &out);
}

#[test]
fn the_layout_reader_places_cells() {
    let tables = table_layouts(&package(BODIES), &PackageLimits::default()).unwrap();
    let mut out = String::new();
    for TableLayout { depth, columns, rows } in tables {
        let _ = writeln!(out, "table at depth {depth}, columns {columns:?}");
        for row in rows {
            let _ = writeln!(
                out,
                "  row {:?} {} header {} cant_split {}",
                row.height, row.height_rule, row.header, row.cant_split
            );
            for cell in row.cells {
                let _ = writeln!(
                    out,
                    "    column {} spans {} by {}: {:?}",
                    cell.column, cell.columns, cell.rows, cell.text
                );
            }
        }
    }
    assert_outline("bodies-layout.txt", &out);
}

#[test]
fn a_body_is_read_as_it_is_stored() {
    let body = WordBody::read("word/document.xml", BODIES.to_owned()).unwrap();
    let mut out = String::new();
    for paragraph in &body.paragraphs {
        let (cells, number, text) = (&paragraph.cells, paragraph.number, &paragraph.text);
        let _ = writeln!(out, "{cells:?} paragraph {number}: {text:?}");
    }
    for table in &body.tables {
        let (outer, number, columns) = (&table.outer, table.number, &table.columns);
        let _ = writeln!(out, "{outer:?} table {number} columns {columns:?}");
        for row in &table.rows {
            let (header, cant_split) = (row.header, row.cant_split);
            let skipped = (row.grid_before, row.grid_after);
            let _ = writeln!(out, "  row header {header} cant_split {cant_split} {skipped:?}");
            for cell in &row.cells {
                let (column, span, merge, text) = (cell.column, cell.span, cell.merge, &cell.text);
                let continued = cell.continued;
                let _ = writeln!(out, "    {column} span {span} {merge:?} {continued:?}: {text:?}");
            }
        }
    }
    assert_outline("bodies-stored.txt", &out);
}

fn outline_blocks(blocks: &[WordBlock], indent: &str, out: &mut String) {
    for block in blocks {
        let table = match block {
            WordBlock::Paragraph(paragraph) => {
                let (place, text) = (&paragraph.place, paragraph.text());
                let (cells, number) = (&place.cells, place.paragraph);
                let _ = writeln!(out, "{indent}{cells:?} paragraph {number}: {text:?}");
                continue;
            }
            WordBlock::Table(table) => table,
        };
        let (nested, boxed) = (table.nested, table.boxed);
        let cells = &table.place.cells;
        let _ = writeln!(out, "{indent}{cells:?} table nested {nested} boxed {boxed}");
        for (row, slots) in table.rows.iter().zip(slot_rows(table)) {
            for (cell, slot) in row.cells.iter().zip(slots) {
                let cells = &cell.place.cells;
                let (from, to, continued) = (slot.column, slot.end(), slot.continued);
                let _ = writeln!(
                    out,
                    "{indent}  {cells:?} cell {from}..{to} {:?} continued {continued}",
                    cell.merge
                );
                outline_blocks(&cell.blocks, &format!("{indent}    "), out);
            }
        }
    }
}

#[test]
fn blocks_are_read_as_if_changes_were_accepted() {
    let body = WordDocument::read(BODIES.to_owned(), "word/document.xml").unwrap();
    let mut out = format!("tracked {}\n", body.tracked);
    outline_blocks(&body.blocks, "", &mut out);
    assert_outline("bodies-blocks.txt", &out);
}

#[test]
fn a_body_with_another_prefix_reads_the_same() {
    let declared = "xmlns:w=";
    let other = BODIES.replace(declared, "xmlns:x=").replace("<w:", "<x:").replace("</w:", "</x:");
    let other = other.replace(" w:", " x:");
    let blocks = |text: &str| {
        let package = Package::open(package(text), &PackageLimits::default()).unwrap();
        let text = package.read_xml_part("word/document.xml").unwrap().unwrap();
        let body = WordDocument::read(text, "word/document.xml").unwrap();
        let mut out = format!("tracked {}\n", body.tracked);
        outline_blocks(&body.blocks, "", &mut out);
        out
    };
    assert_ne!(other, BODIES);
    assert_eq!(blocks(&other), blocks(BODIES));
}

/// The readers name every paragraph by the same numbers, and cut every cell alike.
#[test]
fn all_readers_agree_on_places_and_cells() {
    let model = parse_part(BODIES, "word/document.xml", PartKind::Word).unwrap();
    let body = WordBody::read("word/document.xml", BODIES.to_owned()).unwrap();
    let parsed = model.paragraphs.iter();
    let parsed: Vec<_> = parsed
        .map(|found| (found.range.start, found.location.cells.clone(), found.location.paragraph))
        .collect();
    let stored = body.paragraphs.iter().map(|found| {
        (body.tree.elements[found.element].range.start, found.cells.clone(), found.number)
    });
    assert_eq!(parsed, stored.collect::<Vec<_>>());
    let cells = body.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    for cell in cells {
        let range = &body.tree.elements[cell.element].range;
        let own = model.containers.iter().find(|found| found.range == *range).unwrap();
        assert_eq!((own.grid_span, own.merge), (cell.span, cell.merge));
    }
    let layouts = table_layouts(&package(BODIES), &PackageLimits::default()).unwrap();
    for table in &body.tables {
        let own: Vec<f64> = table.columns.clone();
        let widths = |layout: &TableLayout| {
            layout.columns.iter().map(|width| f64::from(*width)).collect::<Vec<_>>()
        };
        let layout = layouts.iter().find(|layout| widths(layout) == own).unwrap();
        for (row, wanted) in layout.rows.iter().zip(&table.rows) {
            let begun = wanted.cells.iter().filter(|cell| cell.continued.is_none());
            let begun: Vec<_> = begun.map(|cell| (cell.column, cell.span)).collect();
            let placed: Vec<_> = row.cells.iter().map(|cell| (cell.column, cell.columns)).collect();
            assert_eq!(placed, begun);
        }
    }
}
