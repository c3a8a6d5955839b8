//! A clerk's path: last year's Word report, this year's workbook begun with it, Calc for the figures, the mistake that
//! `check` names, Word and Writer at the end. No figure that last year's report has is typed again.

use super::{path, script};
use crate::common::{Ran, only, part, parts, root, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Types cells into a workbook with Calc and saves it; none of them may be protected.
fn type_cells(workbook: &Path, cells: &[Value]) {
    let list = workbook.with_extension("json");
    std::fs::write(&list, Value::from(cells).to_string()).expect("written");
    // The interpreter of the system knows LibreOffice.
    let output = Command::new("/usr/bin/python3")
        .arg(root().join("tests/external/calc.py"))
        .args([path(workbook), path(&list)])
        .output()
        .expect("python starts");
    let ran = Ran::from(output);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    std::fs::remove_file(list).expect("removed");
}

/// The numbers of a sheet that are no formulas, by address.
fn typed_numbers(workbook: &[u8], sheet: &str) -> BTreeMap<String, Value> {
    let xml = part(workbook, sheet);
    let cells = xml.split("<c r=\"").skip(1);
    let number = |cell: &str| {
        let (name, rest) = cell.split_once('"')?;
        let head = rest.split_once('>')?.0;
        let value = rest.split_once("<v>")?.1.split_once("</v>")?.0;
        let is_text = head.contains("t=\"s\"") || rest.contains("<f>");
        let number = serde_json::from_str(value).ok().filter(|_| !is_text)?;
        Some((name.to_owned(), number))
    };
    cells.filter_map(number).collect()
}

/// The name of the part of each sheet.
fn sheets() -> [(&'static str, &'static str); 3] {
    [
        ("表二", "xl/worksheets/sheet3.xml"),
        ("表三", "xl/worksheets/sheet4.xml"),
        ("表四", "xl/worksheets/sheet5.xml"),
    ]
}

/// The texts with marks, by their cells on the sheet of texts, as a clerk rewrites them: the numbers that tables hold are
/// quoted.
fn rewritten(workbook: &[u8]) -> Vec<Value> {
    let strings = part(workbook, "xl/sharedStrings.xml");
    let items: Vec<String> = strings
        .split("<si>")
        .skip(1)
        .map(|item| {
            item.split("<t")
                .skip(1)
                .filter_map(|t| t.split_once('>')?.1.split_once("</t>"))
                .map(|t| t.0)
                .collect()
        })
        .collect();
    let sheet = part(workbook, "xl/worksheets/sheet6.xml");
    let mut out = Vec::new();
    for cell in sheet.split("<c r=\"").skip(1) {
        let Some((name, rest)) = cell.split_once('"') else { continue };
        let index =
            rest.split_once("<v>").and_then(|(_, v)| v.split_once("</v>")?.0.parse::<usize>().ok());
        let Some(text) = index.and_then(|index| items.get(index)) else { continue };
        if !name.starts_with('B') || !text.contains("【待改写】") {
            continue;
        }
        let mut text = text
            .replace("【待改写】", "")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        for (old, tag) in [
            ("新收政府信息公开申请35件", "新收政府信息公开申请{{requests.received.total}}件"),
            ("上年结转3件", "上年结转{{requests.carried-in.total}}件"),
            ("现行有效5件", "现行有效{{disclosure.normative-documents.in-force}}件"),
        ] {
            assert!(
                !text.contains("新收") || text.contains(old) || !old.starts_with("新收"),
                "{text}"
            );
            text = text.replace(old, tag);
        }
        out.push(json!(["正文", name, text]));
    }
    assert!(!out.is_empty(), "texts with marks");
    out
}

#[test]
fn a_clerk_makes_next_years_report_with_calc_and_writer() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    let in_dir = |args: &[&str]| run(dir.path(), args);
    let sample = root().join("samples/yunyan-2025");
    let ran = in_dir(&["build", path(&sample), "--to", "docx", "-o", "made"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let made = only(&at("made"), ".docx");
    let last = at("云砚镇2025年年报.docx");
    std::fs::copy(made, &last).expect("copied");
    let ran = in_dir(&["new", "2026", "--from", "云砚镇2025年年报.docx", "--xlsx"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let book = at("2026/report.xlsx");
    let begun = std::fs::read(&book).expect("a workbook");
    // What this year's figures are is taken from the sample; what was carried over is not typed again.
    let ran = in_dir(&["convert", path(&sample.join("report.toml")), "figures.xlsx"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let figures = std::fs::read(at("figures.xlsx")).expect("a workbook");
    let mut cells = rewritten(&begun);
    let mut carried = 0;
    for (name, sheet) in sheets() {
        let known = typed_numbers(&begun, sheet);
        carried += known.len();
        for (cell, value) in typed_numbers(&figures, sheet) {
            if !known.contains_key(&cell) {
                cells.push(json!([name, cell, value]));
            }
        }
    }
    assert_eq!(carried, 8, "figures that last year's report has");
    type_cells(&book, &cells);
    // Last year's report is found beside the folder; the mistakes are named with the figures.
    let ran = in_dir(&["check", "2026"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    for words in ["[in-force]", "[balance]", "表三!D6", "表二!D6"] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    for rule in ["unfinished", "blank-cell", "not-compared", "text-number", "missing-number"] {
        assert!(!ran.stdout.contains(rule), "{rule}: {}", ran.stdout);
    }
    type_cells(&book, &[json!(["表三", "D6", 20]), json!(["表二", "D6", 6])]);
    let ran = in_dir(&["check", "2026"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let ran = in_dir(&["build", "2026", "--to", "docx", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let docx = only(&at("out"), ".docx");
    let document = part(&std::fs::read(&docx).expect("a document"), "word/document.xml");
    assert!(document.contains("36"), "the number of applications");
    assert!(parts(&std::fs::read(&docx).expect("a document")).contains_key("word/styles.xml"));
    let pdf = at("pdf");
    script("soffice.sh", &[path(&pdf), "pdf", path(&docx)]);
    let shown = Command::new("pdftotext")
        .args(["-layout", path(&only(&pdf, ".pdf")), "-"])
        .output()
        .expect("poppler");
    let text: String = String::from_utf8_lossy(&shown.stdout).split_whitespace().collect();
    for words in ["2026年政府信息公开工作年度报告", "新收政府信息公开申请36件", "上年结转2件"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("待改写") && !text.contains("{{"), "{text}");
}
