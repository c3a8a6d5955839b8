//! `fill` with spreadsheets of every kind, letters from lists, and the standard streams.

#[path = "../common/mod.rs"]
mod common;

mod old_workbook;
mod reached;
#[cfg(feature = "pdf")]
mod typst;
mod watching;

use common::{letter, nianbao, zipped};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

/// A folder with a template of these paragraphs and a file of data.
fn folder(paragraphs: &[&str], name: &str, data: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let paragraphs: Vec<String> = paragraphs.iter().map(|text| (*text).to_owned()).collect();
    std::fs::write(dir.path().join("t.docx"), letter(&paragraphs)).expect("written");
    std::fs::write(dir.path().join(name), data).expect("written");
    dir
}

/// Text of a document, its paragraphs in lines.
fn text(path: &Path) -> String {
    text_of(&std::fs::read(path).expect("a document"))
}

fn text_of(bytes: &[u8]) -> String {
    let body = common::part(bytes, "word/document.xml");
    let mut out = String::new();
    let mut inside = false;
    for piece in body.split('<').skip(1) {
        let (tag, words) = piece.split_once('>').expect("a tag");
        match tag.split(' ').next() {
            Some("w:t") => inside = true,
            Some("/w:t") => inside = false,
            Some("/w:p") => out.push('\n'),
            _ => {}
        }
        if inside {
            out.push_str(words);
        }
    }
    out
}

fn run(dir: &Path, args: &[&str]) -> common::Ran {
    common::run(dir, args)
}

/// Fills the template with the file and returns the text.
fn filled(paragraphs: &[&str], name: &str, data: &[u8]) -> String {
    let dir = folder(paragraphs, name, data);
    let ran = run(dir.path(), &["fill", "t.docx", name, "-o", "out.docx"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    text(&dir.path().join("out.docx"))
}

const ROWS: [&str; 1] = ["{{#each rows}}{{姓名}}|{{金额}}|{{日期}}|{{率}};{{/each}}"];
const SHOWN: &str = "甲|1234.50|2026-01-20|15.5%;乙|3.00|2026-01-20T08:30:00|100.0%;";

fn workbook() -> Vec<u8> {
    use rust_xlsxwriter::{Format, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("名单").expect("a name");
    let title = Format::new();
    sheet.merge_range(0, 0, 0, 3, "2025年度名单", &title).expect("merged");
    for (column, head) in (0..).zip(["姓名", "金额", "日期", "率"]) {
        sheet.write(1, column, head).expect("written");
    }
    let (money, share) =
        (Format::new().set_num_format("#,##0.00"), Format::new().set_num_format("0.0%"));
    let day = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let time = Format::new().set_num_format("yyyy/m/d h:mm");
    sheet.write(2, 0, "甲").expect("written");
    sheet.write_with_format(2, 1, 1234.5, &money).expect("written");
    sheet.write_with_format(2, 2, 46042, &day).expect("written");
    sheet.write_with_format(2, 3, 0.155, &share).expect("written");
    sheet.write(3, 0, "乙").expect("written");
    let formula = rust_xlsxwriter::Formula::new("=1+2").set_result("3");
    sheet.write_formula_with_format(3, 1, formula, &money).expect("written");
    sheet.write_with_format(3, 2, 46_042.354_166_666_664, &time).expect("written");
    sheet.write_with_format(3, 3, 1, &share).expect("written");
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_workbook_gives_what_its_cells_show() {
    assert_eq!(filled(&ROWS, "a.xlsx", &workbook()), format!("{SHOWN}\n"));
    let named = ROWS[0].replace("rows", "名单");
    assert_eq!(filled(&[&named], "a.xlsx", &workbook()), format!("{SHOWN}\n"));
    // What a file is, its content says.
    assert_eq!(filled(&ROWS, "a.xls", &workbook()), format!("{SHOWN}\n"));
}

#[test]
fn an_old_workbook_gives_the_same() {
    assert_eq!(filled(&ROWS, "a.xls", &old_workbook::sample()), format!("{SHOWN}\n"));
    assert_eq!(filled(&ROWS, "a.et", &old_workbook::sample()), format!("{SHOWN}\n"));
}

/// An ODS spreadsheet with these rows.
fn open_document(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" \
         xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\">\
         <office:body><office:spreadsheet><table:table table:name=\"名单\">{rows}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    zipped(&[("mimetype", kind), ("content.xml", &content)])
}

fn ods_cell(attributes: &str, text: &str) -> String {
    format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
}

#[test]
fn an_open_document_gives_the_same() {
    let heads: String = ["姓名", "金额", "日期", "率"].map(|h| ods_cell("", h)).concat();
    let number = |kind: &str, value: &str, shown: &str| {
        ods_cell(&format!("office:value-type=\"{kind}\" office:value=\"{value}\""), shown)
    };
    let day = |value: &str| {
        ods_cell(&format!("office:value-type=\"date\" office:date-value=\"{value}\""), "20.01.26")
    };
    let rows = [
        heads,
        ods_cell("", "甲")
            + &number("currency", "1234.5", "¥1,234.50")
            + &day("2026-01-20")
            + &number("percentage", "0.155", "15.5%"),
        ods_cell("", "乙<office:annotation><text:p>注</text:p></office:annotation>")
            + &number("float", "3", "3.00")
            + &day("2026-01-20T08:30:00")
            + &number("percentage", "1", "100.0%"),
    ];
    let rows: String =
        rows.iter().map(|row| ["<table:table-row>", row, "</table:table-row>"].concat()).collect();
    assert_eq!(filled(&ROWS, "a.ods", &open_document(&rows)), format!("{SHOWN}\n"));
    let repeated = "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>\
        </table:table-row><table:table-row table:number-rows-repeated=\"3\"><table:table-cell \
        office:value-type=\"float\" office:value=\"7\"><text:p>7</text:p></table:table-cell>\
        </table:table-row><table:table-row table:number-rows-repeated=\"1048572\">\
        <table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let data = open_document(repeated);
    assert_eq!(filled(&["{{#each rows}}{{a}} {{/each}}"], "a.ods", &data), "7 7 7 \n");
}

#[test]
fn errors_and_formulas_without_a_value_are_told_at_their_cells() {
    let dir = folder(&["{{a}}{{b}}"], "a.xlsx", &{
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, head) in (0..).zip(["a", "b"]) {
            sheet.write(0, column, head).expect("written");
        }
        sheet.write(1, 0, 1).expect("written");
        sheet
            .write_formula(1, 1, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!"))
            .expect("written");
        sheet.write(2, 0, 2).expect("written");
        sheet
            .write_formula(2, 1, rust_xlsxwriter::Formula::new("=1").set_result(""))
            .expect("written");
        sheet.write(3, 0, 3).expect("written");
        sheet.write(3, 1, 4).expect("written");
        book.save_to_buffer().expect("a workbook")
    });
    let ran = run(dir.path(), &["fill", "t.docx", "a.xlsx", "--each", "-o", "o/{{a}}.docx"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("Sheet1!B2") && ran.stderr.contains("#DIV/0!"), "{}", ran.stderr);
    assert_eq!(common::names(&dir.path().join("o")).last().map(String::as_str), Some("3.docx"));
}

#[test]
fn merged_cells_reach_down_and_heads_take_two_lines() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    sheet.merge_range(0, 0, 1, 0, "科室", &plain).expect("merged");
    sheet.merge_range(0, 1, 0, 2, "金额", &plain).expect("merged");
    sheet.write(1, 1, "应付").expect("written");
    sheet.write(1, 2, "实付").expect("written");
    sheet.merge_range(2, 0, 3, 0, "一科", &plain).expect("merged");
    for (row, (due, paid)) in (2..).zip([(1, 2), (3, 4)]) {
        sheet.write(row, 1, due).expect("written");
        sheet.write(row, 2, paid).expect("written");
    }
    let data = book.save_to_buffer().expect("a workbook");
    let wanted = "一科 1 2;一科 3 4;\n";
    assert_eq!(
        filled(&["{{#each rows}}{{科室}} {{应付}} {{实付}};{{/each}}"], "a.xlsx", &data),
        wanted
    );
}

#[test]
fn texts_in_the_encodings_of_spreadsheet_programs() {
    let table = "姓名,金额\n甲,1\n";
    let rows = ["{{#each rows}}{{姓名}}{{金额}}{{/each}}"];
    let utf16: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(table.replace(',', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let gbk = b"\xD0\xD5\xC3\xFB,\xBD\xF0\xB6\xEE\n\xBC\xD7,1\n";
    let marked = [b"\xEF\xBB\xBF", table.as_bytes()].concat();
    for (name, data) in [("a.txt", utf16), ("a.csv", gbk.to_vec()), ("b.csv", marked)] {
        assert_eq!(filled(&rows, name, &data), "甲1\n", "{name}");
    }
    let dir = folder(&rows, "a.csv", b"caf\xE9,1\n");
    let ran = run(dir.path(), &["fill", "t.docx", "a.csv", "-o", "out.docx"]);
    assert!(ran.code == 1 && ran.stderr.contains("编码"), "{}", ran.stderr);
}

#[test]
fn files_of_others_stay() {
    let dir = folder(&["{{a}}"], "a.csv", b"a,b\n1,2\n3,4\n");
    std::fs::create_dir(dir.path().join("o")).expect("a folder");
    std::fs::write(dir.path().join("o/1.docx"), "mine").expect("written");
    let args = ["fill", "t.docx", "a.csv", "--each", "-o", "o/{{a}}.docx"];
    let ran = run(dir.path(), &args);
    assert!(ran.code == 1 && ran.stderr.contains("--overwrite"), "{}", ran.stderr);
    assert_eq!(std::fs::read(dir.path().join("o/1.docx")).expect("kept"), b"mine");
    assert_eq!(text(&dir.path().join("o/3.docx")), "3\n");
    let ran = run(dir.path(), &[&args[..], &["--overwrite"]].concat());
    assert_eq!((ran.code, text(&dir.path().join("o/1.docx")).as_str()), (0, "1\n"));
}

#[cfg(unix)]
#[test]
fn a_link_in_the_folder_leads_nowhere() {
    let dir = folder(&["{{a}}"], "a.csv", b"a\nx\n");
    let other = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("o")).expect("a folder");
    std::os::unix::fs::symlink(other.path(), dir.path().join("o/x")).expect("a link");
    let ran = run(dir.path(), &["fill", "t.docx", "a.csv", "--each", "-o", "o/{{a}}/{{a}}.docx"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(common::names(other.path()).is_empty());
}

fn piped(dir: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut child = nianbao(dir)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    child.wait_with_output().expect("the end")
}

#[test]
fn the_standard_streams_carry_data_template_and_document() {
    let dir = folder(&["{{a}}"], "d.json", r#"{"a": "甲"}"#.as_bytes());
    let template = std::fs::read(dir.path().join("t.docx")).expect("a template");
    for (args, input) in [
        (&["fill", "t.docx", "-", "-o", "-"][..], r#"{"a": "甲"}"#.as_bytes()),
        (&["fill", "t.docx", "-", "--data-type", "toml", "-o", "-"], "a = \"甲\"".as_bytes()),
        (
            &["fill", "t.docx", "-", "--data-type", "csv", "--merge", "-o", "-"],
            "a\n甲\n".as_bytes(),
        ),
        (&["fill", "-", "d.json", "-o", "-"], &template),
    ] {
        let out = piped(dir.path(), args, input);
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(text_of(&out.stdout), "甲\n", "{args:?}");
    }
    let out = piped(dir.path(), &["fill", "t.docx", "-", "-o", "-"], b"a = 1");
    assert_eq!(out.status.code(), Some(2));
    assert!(out.stdout.is_empty() && String::from_utf8_lossy(&out.stderr).contains("--data-type"));
}

#[test]
fn merged_letters_keep_the_headers_or_say_why_not() {
    let dir = folder(&["{{a}}"], "a.csv", b"a\n1\n2\n3\n");
    let ran = run(dir.path(), &["fill", "t.docx", "a.csv", "--each", "-o", "all.docx"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let all = std::fs::read(dir.path().join("all.docx")).expect("a document");
    assert_eq!(common::part(&all, "word/document.xml").matches("<w:sectPr").count(), 3);
    let ran = run(dir.path(), &["fill", "t.docx", "a.csv", "--merge", "-o", "{{a}}.docx"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

/// A letter whose header and footer hold these paragraphs.
fn headed_letter(header: &str, footer: &str) -> Vec<u8> {
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let names = format!("xmlns:w=\"{word}\" xmlns:r=\"{office}\"");
    let paragraph = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let related = |items: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{items}</Relationships>"
        )
    };
    let types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"{kind}.document.main+xml\"/>\
         <Override PartName=\"/word/header1.xml\" ContentType=\"{kind}.header+xml\"/>\
         <Override PartName=\"/word/footer1.xml\" ContentType=\"{kind}.footer+xml\"/></Types>"
    );
    let body = format!(
        "<w:document {names}><w:body>{}<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/>\
         <w:footerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"9000\" w:h=\"9000\"/></w:sectPr>\
         </w:body></w:document>",
        paragraph("{{a}}")
    );
    let link = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>";
    let header = format!("<w:hdr {names}>{}{link}</w:hdr>", paragraph(header));
    let footer = format!("<w:ftr {names}>{}</w:ftr>", paragraph(footer));
    let own = format!(
        "<Relationship Id=\"rId1\" Type=\"{office}/header\" Target=\"header1.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{office}/footer\" Target=\"footer1.xml\"/>"
    );
    let address = format!(
        "<Relationship Id=\"rId1\" Type=\"{office}/hyperlink\" Target=\"https://a.cn/{{{{a}}}}\" \
         TargetMode=\"External\"/>"
    );
    let root = format!(
        "<Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"word/document.xml\"/>"
    );
    zipped(&[
        ("[Content_Types].xml", &types),
        ("_rels/.rels", &related(&root)),
        ("word/document.xml", &body),
        ("word/_rels/document.xml.rels", &related(&own)),
        ("word/header1.xml", &header),
        ("word/_rels/header1.xml.rels", &related(&address)),
        ("word/footer1.xml", &footer),
    ])
}

/// The texts of a part, and the addresses of its links.
fn header_of(all: &[u8], id: &str) -> (String, String) {
    let value = |text: &str, name: &str| -> String {
        let found = text.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
        found.split('"').next().unwrap_or_default().to_owned()
    };
    let related = common::part(all, "word/_rels/document.xml.rels");
    let own = related.split("<Relationship ").find(|one| value(one, "Id") == id).expect("related");
    let name = value(own, "Target").rsplit('/').next().expect("a name").to_owned();
    let text: String = common::part(all, &format!("word/{name}"))
        .split("<w:t")
        .skip(1)
        .filter_map(|piece| piece.split_once('>')?.1.split('<').next())
        .collect();
    let parts = common::parts(all);
    let links = parts.get(&format!("word/_rels/{name}.rels"));
    let links = links.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    (text, value(&links, "Target"))
}

#[test]
fn merged_letters_have_headers_of_their_own() {
    let dir = folder(&[], "a.csv", "a\n甲\n乙\n丙\n".as_bytes());
    std::fs::write(dir.path().join("t.docx"), headed_letter("致{{a}}", "页脚")).expect("written");
    let ran = run(dir.path(), &["fill", "t.docx", "a.csv", "--merge", "-o", "all.docx"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let all = std::fs::read(dir.path().join("all.docx")).expect("a document");
    assert_eq!(text_of(&all).replace('\n', ""), "甲乙丙");
    let document = common::part(&all, "word/document.xml");
    let ids = |name: &str| -> Vec<String> {
        let opening = format!("<w:{name}Reference");
        let named = document.split(opening.as_str()).skip(1);
        let id = |piece: &str| piece.split("r:id=\"").nth(1)?.split('"').next().map(str::to_owned);
        named.filter_map(id).collect()
    };
    let shown: Vec<(String, String)> = ids("header").iter().map(|id| header_of(&all, id)).collect();
    let expected =
        ["甲", "乙", "丙"].map(|name| (format!("致{name}x"), format!("https://a.cn/{name}")));
    assert_eq!(shown, expected);
    // A footer that is the same in all letters is one part.
    assert_eq!(ids("footer"), ["rId2"; 3]);
    assert_eq!(document.matches("<w:sectPr").count(), 3);
}

/// Letters that are too large together are told, with a name for files of the template's kind.
#[test]
fn letters_too_large_for_one_document_are_told() {
    let mut state = 7_u64;
    let mut noise = String::new();
    for _ in 0..6_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        write!(noise, "{state:x}").expect("a text");
    }
    let mut list = String::from("a\n");
    for number in 0..30 {
        writeln!(list, "{number}").expect("a text");
    }
    let dir = folder(&["{{a}}", &noise], "a.csv", list.as_bytes());
    let args = ["fill", "t.docx", "a.csv", "--merge", "-o", "all.docx", "--limit", "output=1"];
    let ran = run(dir.path(), &args);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("1 MB") && ran.stderr.contains("{{name}}.docx"), "{}", ran.stderr);
    assert!(!dir.path().join("all.docx").exists());
}

/// Bytes of memory for a letter for each of many rows.
#[cfg(target_os = "linux")]
#[test]
fn many_rows_take_little_memory() {
    let mut list = String::from("编号,姓名,备注\n");
    for number in 0..20_000 {
        writeln!(list, "{number},姓名{number},这是一条比较长的备注文字{number}").expect("a text");
    }
    // Nobody is called 甲, so that every row fails quickly and no file is written.
    let dir = folder(&["{{姓名}}{{甲}}"], "a.csv", list.as_bytes());
    let ran = run(
        dir.path(),
        &["fill", "t.docx", "a.csv", "--each", "-o", "o/{{编号}}.docx", "--lang", "en"],
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("so in 20000 rows"),
        "{}",
        ran.stderr.get(..2000).unwrap_or(&ran.stderr)
    );
    assert!(ran.stderr.matches("error[").count() == 1 && !dir.path().join("o").exists());
}

#[test]
fn a_picture_of_a_kind_that_word_lacks_is_told_as_such() {
    let heads: [(&str, &[u8], &str); 3] = [
        ("照片.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        ("图标.ico", b"\0\0\x01\0\x01\0\x10\x10", "ICO"),
        ("图.psd", b"8BPS\0\x01", "PSD"),
    ];
    for (name, bytes, kind) in heads {
        let data = format!("{{\"图\": \"{name}\"}}");
        let dir = folder(&["{{image 图}}"], "d.json", data.as_bytes());
        std::fs::write(dir.path().join(name), bytes).expect("written");
        let ran = run(dir.path(), &["fill", "t.docx", "d.json", "-o", "out.docx"]);
        let told = ran.stdout + &ran.stderr;
        assert!(ran.code == 1 && told.contains("picture-kind") && told.contains(kind), "{told}");
    }
}
