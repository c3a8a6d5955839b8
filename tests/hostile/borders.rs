//! Characters of several bytes across every border that is counted in bytes: where a text is cut, searched
//! through a window, shown as an excerpt or split at a limit.

use super::common::run;
use super::support::{Docx, cell, paragraph, row, table, zip};
use super::write;
use std::fmt::Write as _;
use std::path::Path;

/// Two, three and four bytes, a letter with a mark, a byte order mark within the text.
const WIDE: [&str; 5] = ["é", "甲", "\u{20000}", "e\u{301}", "\u{feff}"];
/// More than every border within a line: the longest is 12,000 bytes.
const LONG: usize = 13_000;

/// Texts in which every border below `LONG` falls once into each place of a character.
fn texts() -> impl Iterator<Item = String> {
    WIDE.into_iter().flat_map(|wide| {
        (0..wide.len()).map(move |shift| "a".repeat(shift) + &wide.repeat(LONG / wide.len()))
    })
}

/// Runs a command that may find faults in its files, never in itself.
fn go(dir: &Path, line: &str) -> (i32, String) {
    let args: Vec<&str> = line.split_whitespace().collect();
    let ran = run(dir, &args);
    let said = ran.stdout + &ran.stderr;
    assert!(
        matches!(ran.code, 0 | 1) && !said.contains("panicked"),
        "{line}: {}\n{said}",
        ran.code
    );
    (ran.code, said)
}

/// The start of a part is read to find its root: 8192 bytes.
#[test]
fn the_start_of_a_part() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    write(dir, "d.json", "{\"a\": \"甲\"}");
    for text in texts() {
        let mut docx = Docx::new("");
        let body = format!("<w:body>{}</w:body>", paragraph("{{a}}"));
        let space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        docx.replace(
            "word/document.xml",
            &format!("<!--{text}--><w:document xmlns:w=\"{space}\">{body}</w:document>"),
        );
        write(dir, "t.docx", docx.bytes());
        let _ = std::fs::remove_file(dir.join("o.docx"));
        assert_eq!(go(dir, "fill t.docx d.json -o o.docx").0, 0);
        go(dir, "template check t.docx --form 2021");
        // An attribute of the root itself.
        docx.replace(
            "word/document.xml",
            &format!("<w:document w:b=\"{text}\" xmlns:w=\"{space}\">{body}</w:document>"),
        );
        write(dir, "t.docx", docx.bytes());
        go(dir, "fill t.docx d.json -o p.docx");
        let _ = std::fs::remove_file(dir.join("p.docx"));
    }
}

/// A tag ends within 4096 characters or not at all; what is said of it shows the text around.
#[test]
fn tags_and_what_is_said_of_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    write(dir, "d.json", "{\"a\": \"甲\"}");
    for text in texts() {
        let parts = [
            format!("{{{{{text}"),
            format!("{text}{{{{b}}}}{text}"),
            format!("{{{{!--{text}"),
            format!("{{{{a \"{text}\"}}}}"),
            format!("{text}{{{{{{{{raw}}}}}}}}{text}"),
            format!("}}}}{text}{{{{"),
            format!("{{a{text}}} {{{{#if a}}}}{text}"),
        ];
        let content: String = parts.iter().map(|part| paragraph(part)).collect();
        let cells = table(&[&row(&[cell(&text), cell("{{a}}")])]);
        write(dir, "t.docx", Docx::new(&format!("{content}{cells}")).bytes());
        assert_eq!(go(dir, "fill t.docx d.json -o o.docx").0, 1);
        go(dir, "template check t.docx --form 2021 --comments c.docx");
        go(dir, "template tags t.docx");
        for part in &parts {
            write(dir, "parts/me.txt", part);
            write(dir, "u.docx", Docx::new(&paragraph("{{&gt; me}}")).bytes());
            go(dir, "fill u.docx d.json -o v.docx --partials parts");
            let _ = std::fs::remove_file(dir.join("v.docx"));
        }
        let _ = std::fs::remove_file(dir.join("c.docx"));
    }
}

/// What is inserted: Markdown, documents, texts.
#[test]
fn values_of_templates() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    let content =
        ["{{a}}", "{{markdown a}}", "{{document b}}", "{{upper a}}"].map(paragraph).concat();
    write(dir, "t.docx", Docx::new(&content).bytes());
    for text in texts() {
        write(dir, "x.docx", Docx::new(&paragraph(&text)).bytes());
        let marks =
            format!("{text} **{text}** [{text}](http://a/{text}) `{text}`[^1]\n\n[^1]: {text}");
        write(dir, "d.json", serde_json::json!({ "a": marks, "b": "x.docx" }).to_string());
        go(dir, "fill t.docx d.json -o o.docx");
        let _ = std::fs::remove_file(dir.join("o.docx"));
    }
}

/// Every syntax, with faults whose lines are shown; what is checked in texts; lists of findings.
#[test]
fn data_files_and_what_is_said_of_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    write(dir, "p.toml", "year = 2024\n[organ]\nname = \"甲镇\"\n[text]\noverview = \"略\"\n");
    for text in texts() {
        let spread = format!(
            "{text}收到申请10件，占10%，XX件{text}（2024年1月1日起）{text}〔2019〕1号{text}"
        );
        let value = serde_json::json!({
            "year": 2025,
            "organ": { "name": text, &text: 1 },
            "text": { "overview": spread },
            "requests": { "received": [text, "１"] },
        });
        write(dir, "r.json", value.to_string());
        go(dir, "check r.json --previous p.toml");
        go(dir, "check r.json --list l.xlsx");
        go(dir, "check r.json --message-format sarif");
        let mut toml =
            format!("# {text}\n\"{text}\" = 1 # {text}\nyear = 2025\n[organ]\nname = \"甲镇\"\n");
        let _ = write!(toml, "[text]\noverview = '''{spread}\n\n{text}'''\n[requests]\n");
        let _ = writeln!(toml, "received = [\"{text}\", １] # {text}");
        write(dir, "r.toml", &toml);
        go(dir, "check r.toml --fix --dry-run");
        let good = toml.replace(" １]", " 1]");
        write(dir, "r.toml", &good);
        go(dir, "check r.toml --fix --dry-run");
        go(dir, "convert r.toml c.yaml");
        go(dir, "build r.toml --draft --to docx -o out");
        let yaml = format!(
            "# {text}\nyear: 2025 # {text}\n\"{text}\": 1\norgan:\n  name: {text}x\n  a: &{text} 1\n\
             text:\n  overview: |\n    {text}\n  other: \"{text}\n    {text}\n"
        );
        write(dir, "r.yaml", &yaml);
        go(dir, "check r.yaml");
        write(dir, "r.yaml", yaml + "    \"\n");
        go(dir, "check r.yaml");
        go(dir, "convert r.yaml c.toml");
        write(dir, "r.csv", format!("项目,自然人\n{text},１\n\"{text}\"\"\n"));
        go(dir, "convert r.csv d.toml");
        for left in ["l.xlsx", "c.yaml", "c.toml", "d.toml"] {
            let _ = std::fs::remove_file(dir.join(left));
        }
    }
}

/// Workbooks and Word documents that are read back.
#[test]
fn workbooks_and_documents() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    for text in texts() {
        let rels = format!(
            "<Relationships><Relationship Id=\"a\" Type=\"{kind}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        );
        let inner = format!(
            "<Relationships><Relationship Id=\"s\" Type=\"{kind}/worksheet\" Target=\"s.xml\"/></Relationships>"
        );
        let sheet = format!(
            "<worksheet><sheetData><row><c t=\"str\"><v>{text}</v></c><c t=\"inlineStr\"><is><t>_x0041_{text}\
             </t></is></c></row></sheetData></worksheet>"
        );
        let book =
            format!("<workbook><sheets><sheet name=\"{text}\" r:id=\"s\"/></sheets></workbook>");
        let parts = [
            ("_rels/.rels", rels.as_str()),
            ("xl/workbook.xml", &book),
            ("xl/_rels/workbook.xml.rels", &inner),
            ("xl/s.xml", &sheet),
        ];
        write(dir, "r.xlsx", zip(&parts));
        go(dir, "check r.xlsx");
        let title = paragraph("甲镇2025年政府信息公开工作年度报告");
        let body =
            ["一、总体情况", &text, &format!("电话：{text}"), &format!("{text}2025年1月1日{text}")];
        let body: String = body.map(paragraph).concat();
        let cells = table(&[
            &row(&[cell("项目"), cell(&text)]),
            &row(&[cell(&format!("一、本年新收{text}")), cell(&format!("１{text}"))]),
        ]);
        write(dir, "x.docx", Docx::new(&format!("{title}{body}{cells}")).bytes());
        go(dir, "import x.docx -o x");
        go(dir, "template from x.docx -o y.docx");
        let _ = std::fs::remove_dir_all(dir.join("x"));
        let _ = std::fs::remove_file(dir.join("y.docx"));
    }
}

/// A byte order mark before a part and before data.
#[test]
fn a_byte_order_mark_before_a_part() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    write(dir, "d.json", "\u{feff}{\"a\": \"甲\"}");
    for text in texts() {
        let mut docx = Docx::new("");
        let space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        docx.replace(
            "word/document.xml",
            &format!(
                "\u{feff}<?xml version=\"1.0\"?><!--{text}--><w:document xmlns:w=\"{space}\"><w:body>{}</w:body>\
                 </w:document>",
                paragraph("{{a}}")
            ),
        );
        write(dir, "t.docx", docx.bytes());
        assert_eq!(go(dir, "fill t.docx d.json -o o.docx").0, 0);
        let _ = std::fs::remove_file(dir.join("o.docx"));
    }
    for name in ["toml", "yaml"] {
        let text = if name == "toml" { "year = 2025\n" } else { "year: 2025\n" };
        write(dir, &format!("r.{name}"), format!("\u{feff}{text}"));
        go(dir, &format!("check r.{name}"));
    }
}
