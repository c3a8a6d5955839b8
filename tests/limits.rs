//! Numbers and files at the limits: sums stay exact or are refused, in every syntax; findings are listed up to
//! a number; copies within a file cost no more than they may.

#![allow(clippy::format_push_string, clippy::format_collect, reason = "small files")]

mod common;

use common::{part, root, run};
use std::path::Path;

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, content).expect("written");
}

/// 2^64 − 1, which is beyond the whole numbers of Typst and the exact ones of spreadsheets.
const MOST: &str = "18446744073709551615";
/// Six times as many.
const SIX: &str = "110680464442257309690";

/// Table 3 with these figures in its first line; the others follow from it.
fn report(figure: &str) -> String {
    let row = [figure; 6].join(", ");
    format!(
        "year = 2025\n[organ]\nname = \"甲局\"\n[requests]\nreceived = [{row}]\ngranted = [{row}]\n"
    )
}

#[test]
fn the_largest_figures_stay_exact_in_every_syntax() {
    let dir = dir();
    write(dir.path(), "r.toml", report(MOST));
    for extension in ["json", "yaml", "xlsx"] {
        let ran = run(dir.path(), &["convert", "r.toml", &format!("r.{extension}")]);
        assert_eq!(ran.code, 0, "{extension}: {}{}", ran.stdout, ran.stderr);
    }
    for extension in ["toml", "json", "yaml", "xlsx"] {
        let (file, out) = (format!("r.{extension}"), format!("out-{extension}"));
        let ran = run(dir.path(), &["build", &file, "-o", &out, "--to", "docx", "--draft"]);
        assert_eq!(ran.code, 0, "{extension}: {}{}", ran.stdout, ran.stderr);
        let document = common::only(&dir.path().join(&out), ".docx");
        let text = part(&std::fs::read(document).expect("read"), "word/document.xml");
        for figure in [MOST, SIX] {
            assert!(text.contains(&format!(">{figure}<")), "{extension}: {figure}");
        }
    }
    // By hand in one table, with a total that is wrong by one.
    let csv = "项目,自然人,商业企业,科研机构,社会公益组织,法律服务机构,其他\n";
    let csv = format!("{csv}一、本年新收政府信息公开申请数量{}\n", format!(",{MOST}").repeat(6));
    write(dir.path(), "t.csv", csv);
    let ran = run(dir.path(), &["convert", "t.csv", "t.json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let json = std::fs::read_to_string(dir.path().join("t.json")).expect("read");
    assert_eq!(json.matches(MOST).count(), 6, "{json}");
}

#[test]
fn a_wrong_total_is_told_in_all_its_digits() {
    let dir = dir();
    let wrong = SIX.replace("690", "691");
    let row = [MOST; 6].join(", ");
    let text = report(MOST).replacen(&row, &format!("{row}, {wrong}"), 1);
    write(dir.path(), "r.toml", text);
    for format in ["human", "json", "sarif"] {
        let ran = run(dir.path(), &["check", "r.toml", "--message-format", format]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(
            ran.stdout.contains(SIX) && ran.stdout.contains(&wrong),
            "{format}: {}",
            ran.stdout
        );
    }
}

#[test]
fn sums_of_a_county_stay_exact() {
    let dir = dir();
    for (number, name) in ["甲局", "乙局", "丙局"].iter().enumerate() {
        write(dir.path(), &format!("units/{number}.toml"), report(MOST).replace("甲局", name));
    }
    let ran = run(dir.path(), &["collect", "units", "-o", "all.toml"]);
    let read = || std::fs::read_to_string(dir.path().join("all.toml")).unwrap_or_default();
    // Three times as many.
    assert!(read().contains("55340232221128654845"), "{}{}\n{}", ran.stdout, ran.stderr, read());
}

/// A form whose columns double from one to the next.
fn doubling(columns: usize) -> String {
    let small = root().join("tests/cases/build/small/templates/small/form.toml");
    let text = std::fs::read_to_string(small).expect("a form");
    let (head, _) = text.split_once("[[table.column]]").expect("columns");
    let count = u16::try_from(columns + 1).expect("a few columns");
    let widths = vec![156.0 / f64::from(count); columns + 1];
    let mut form = head.replace("[60, 32, 32, 32]", &format!("{widths:?}"));
    let (mut heads, mut sums) = (String::new(), String::new());
    for at in 0..columns {
        form += &format!("[[table.column]]\nid = \"c{at}\"\nlabel = \"列{at}\"\n");
        heads += &format!(", {{ column = \"c{at}\" }}");
    }
    for at in 1..columns {
        let before = at - 1;
        sums += &format!(
            "[[table.identity]]\nid = \"sum-{at}\"\nper = \"row\"\n\
             holds = \"c{before} + c{before} = c{at}\"\ncomputes = \"c{at}\"\n"
        );
    }
    form + "[[table.row]]\nid = \"requests\"\nlabel = \"申请\"\n[[table.line]]\nhead = [{ text = \"项目\" }"
        + &heads
        + "]\n[[table.line]]\nrow = \"requests\"\n"
        + &sums
}

#[test]
fn a_total_beyond_all_digits_is_refused() {
    let dir = dir();
    write(dir.path(), "t/small/form.toml", doubling(20));
    for (figure, code) in [("9".repeat(24), 1), ("9".repeat(18), 0)] {
        let text = format!(
            "year = 2050\nform = \"small\"\n[organ]\nname = \"甲\"\n[text]\noverview = \"好。\"\n[counts]\nrequests = [{figure}]\n"
        );
        write(dir.path(), "r.toml", text);
        let ran = run(dir.path(), &["check", "r.toml", "--templates", "t"]);
        let told = ran.stdout.contains("错误[limit]") && ran.stdout.contains("不能精确计算");
        assert_eq!((ran.code, told), (code, code == 1), "{}{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
}

#[test]
fn findings_are_listed_up_to_a_number() {
    let dir = dir();
    let keys: String = (0..5_000).map(|at| format!("k{at} = 1\n")).collect();
    write(dir.path(), "r.toml", format!("{keys}{}", report("1")));
    let ran = run(dir.path(), &["check", "r.toml", "--message-format", "json"]);
    assert_eq!(ran.code, 1);
    let most = docx_fill::diag::MAX_FINDINGS;
    let lines: Vec<serde_json::Value> =
        ran.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // One more is of the run and not of the report: that nothing was compared with last year.
    let is_own = |rule: &serde_json::Value| rule.is_string() && rule != "not-compared";
    let found = lines.iter().filter(|line| is_own(&line["rule"])).count();
    // The one that says so is among them.
    assert_eq!(found, most);
    assert!(ran.stdout.contains(&format!("只列出前 {most} 处")));
    // In a batch the number holds for each report.
    write(dir.path(), "in/a/report.toml", format!("{keys}{}", report("1")));
    write(dir.path(), "in/b/report.toml", format!("{keys}{}", report("2").replace("甲", "乙")));
    let args = ["build", "in", "-o", "out", "--to", "docx", "--summary", "s.json"];
    let ran = run(dir.path(), &[&args[..], &["--message-format", "sarif"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let log: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one log");
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.iter().filter(|result| is_own(&result["ruleId"])).count(), 2 * most);
    let summary = std::fs::read(dir.path().join("s.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_slice(&summary).expect("JSON");
    for record in summary["reports"].as_array().expect("reports") {
        assert_eq!(record["findings"]["error"], most, "{record}");
    }
}

/// What a batch says in formats that machines read, with a good, a faulty and an unreadable report.
#[test]
fn a_batch_is_told_to_machines() {
    let dir = dir();
    write(dir.path(), "in/a/report.toml", report("1"));
    write(dir.path(), "in/b/report.toml", report("\"x\"").replace("甲", "乙"));
    write(dir.path(), "in/c/report.toml", "year = \n");
    let args = ["build", "in", "-o", "out", "--to", "docx", "--jobs", "2", "--summary", "s.json"];
    let ran = run(dir.path(), &[&args[..], &["--message-format", "json"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let all = format!("{}{}", ran.stdout, ran.stderr);
    let json = |line: &&str| line.starts_with('{');
    let lines: Vec<serde_json::Value> = all
        .lines()
        .filter(json)
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let count = |file: &str, severity: &str| {
        let of = |line: &&serde_json::Value| {
            line["file"].as_str().is_some_and(|name| name.contains(file))
                && line["severity"] == severity
                && line["rule"] != "not-compared"
        };
        lines.iter().filter(of).count()
    };
    let summary = std::fs::read(dir.path().join("s.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_slice(&summary).expect("JSON");
    let records = summary["reports"].as_array().expect("reports");
    let ends: Vec<_> = records.iter().map(|record| record["status"].as_str()).collect();
    assert_eq!(ends, [Some("built"), Some("refused"), Some("refused")]);
    for (record, file) in records.iter().zip(["in/a", "in/b", "in/c"]) {
        for severity in ["error", "warning", "remark"] {
            assert_eq!(
                record["findings"][severity],
                count(file, severity),
                "{file} {severity}: {all}"
            );
        }
    }
    let ran = run(dir.path(), &[&args[..], &["--message-format", "sarif", "--force"]].concat());
    let log: serde_json::Value =
        serde_json::from_str(&ran.stdout).expect("one log of the whole run");
    let results = log["runs"][0]["results"].as_array().expect("results").len();
    assert_eq!(results, lines.len(), "{}", ran.stdout);
}

/// A Word document with so many parts beside the six that every document has.
fn document(paragraph: &str, more: usize) -> Vec<u8> {
    use std::io::Write as _;
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let types = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let extra: String = (0..more)
        .map(|at| format!("<Override PartName=\"/x{at}.xml\" ContentType=\"a/b\"/>"))
        .collect();
    let parts = [
        (
            "[Content_Types].xml".to_owned(),
            format!(
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                 <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Override PartName=\"/word/document.xml\" ContentType=\"{types}.document.main+xml\"/>{extra}</Types>"
            ),
        ),
        (
            "_rels/.rels".to_owned(),
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
             Target=\"word/document.xml\"/></Relationships>"
                .to_owned(),
        ),
        (
            "word/document.xml".to_owned(),
            format!(
                "<w:document xmlns:w=\"{word}\"><w:body><w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>\
                 <w:sectPr/></w:body></w:document>"
            ),
        ),
    ];
    let more = (0..more).map(|at| (format!("x{at}.xml"), "<a/>".to_owned()));
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts.into_iter().chain(more) {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("a package").into_inner()
}

/// A limit of packages that was asked for holds for every Word document that is opened, and for no longer than the run.
#[test]
fn limits_of_packages_hold_for_every_document() {
    let dir = dir();
    write(dir.path(), "small.docx", document("{{document annex}}", 0));
    write(dir.path(), "large.docx", document("{{report}}", 40));
    write(dir.path(), "plain.docx", document("附件", 40));
    write(dir.path(), "data.json", r#"{"annex": "plain.docx"}"#);
    write(dir.path(), "r.toml", report("1"));
    write(dir.path(), "head/letterhead.docx", document("{{report}}", 40));
    write(dir.path(), "head/letterhead.toml", "mark = \"甲局文件\"\n");
    let commands = [
        "import plain.docx -o in",
        "check plain.docx",
        "convert plain.docx x.toml",
        "fill small.docx data.json -o o.docx",
        "fill large.docx data.json -o o.docx",
        "fill --form plain.docx r.toml -o o.docx",
        "template from plain.docx -o o.docx",
        "template convert plain.docx -o o2.docx",
        "template check large.docx",
        "template tags large.docx",
        "build r.toml --draft --to docx -o out --letterhead head",
    ];
    for command in commands {
        let args: Vec<&str> = command.split(' ').collect();
        // 40 parts more than the few of every document; the official template has 13.
        let limited = run(dir.path(), &[&args[..], &["--limit", "package-parts=30"]].concat());
        let all = format!("{}{}", limited.stdout, limited.stderr);
        assert!(all.contains("部件，最多允许 30 个"), "{command}: {all}");
        assert_ne!(limited.code, 0, "{command}: {all}");
        let free = run(dir.path(), &args);
        let all = format!("{}{}", free.stdout, free.stderr);
        assert!(!all.contains("部件，最多允许"), "{command}: {all}");
    }
}
