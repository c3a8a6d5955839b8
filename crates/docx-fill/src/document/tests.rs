//! Owns the tests of how the engine's readers see a body with everything that readers may see differently:
//! tracked changes, text boxes, alternate content, nested tables, skipped grid columns.
//! Must not know another crate's readers, which have the same test beside them.

use super::layout::{TableLayout, table_layouts};
use super::part_model::PartKind;
use super::part_parser::parse_part;
use crate::opc::PackageLimits;
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
    let options = zip::write::SimpleFileOptions::default();
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
    for (at, paragraph) in model.paragraphs.iter().enumerate() {
        let deleted = if model.deleted_paragraphs.contains(&at) { " deleted" } else { "" };
        let place = &paragraph.location;
        let _ = writeln!(
            out,
            "{:?} paragraph {}{deleted}: {:?}",
            place.cells, place.paragraph, paragraph.text
        );
    }
    for cell in &model.containers {
        let Some(row) = cell.row else { continue };
        let before = model.rows[row].grid_before;
        let merge = match (&cell.merge_start, cell.continues_merge) {
            (Some(_), _) => "restart",
            (None, true) => "continue",
            (None, false) => "none",
        };
        let _ = writeln!(
            out,
            "row {row} before {before}: span {} merge {merge} width {:?}",
            cell.grid_span, cell.width
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
