//! A clerk with one report: the workbook, last year, what the run says at its end.

use super::{changed, copy, expect, folder, report_of, root, run, said, sample_text, write};
use serde_json::Value;
use std::path::Path;

/// A folder with the workbook of the sample.
fn workbook(dir: &Path) -> Vec<u8> {
    write(&dir.join("report.toml"), sample_text("yunyan-2025"));
    let ran = run(dir, &["convert", "report.toml", "年报.xlsx"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    std::fs::remove_file(dir.join("report.toml")).expect("removed");
    std::fs::read(dir.join("年报.xlsx")).expect("a workbook")
}

#[test]
fn a2_the_chinese_readme_begins_with_the_workbook_and_leads_to_chinese_pages() {
    let readme = std::fs::read_to_string(root().join("README.zh-CN.md")).expect("a page");
    let start = readme.find("xlsx").expect("the workbook");
    assert!(readme.find("toml").is_none_or(|toml| start < toml), "data in TOML comes first");
    assert!(readme.contains("--xlsx"), "how a workbook is made");
    for page in ["data-file", "settings", "rules"] {
        assert!(readme.contains(&format!("docs/{page}.zh.md")), "{page}");
        assert!(!readme.contains(&format!("docs/{page}.md")), "{page}: an English page");
    }
}

#[test]
fn a6_that_nothing_was_compared_with_last_year_is_said_once_a_run() {
    let dir = folder();
    write(&dir.path().join("2025.toml"), report_of("云砚镇人民政府"));
    let ran = run(dir.path(), &["check", "2025.toml"]);
    expect(&ran, 0, &["提示[not-compared]", "没有上年的报告，结转等没有与上年核对", "--previous"]);
    let ran = run(dir.path(), &["build", "2025.toml", "--to", "docx", "-o", "out"]);
    expect(&ran, 0, &["提示[not-compared]"]);
    // The same for machines.
    let ran = run(dir.path(), &["check", "2025.toml", "--message-format", "json"]);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told = lines.iter().filter(|line| line["rule"] == "not-compared").count();
    assert_eq!(told, 1, "{}", ran.stdout);
    let ran = run(dir.path(), &["check", "2025.toml", "--message-format", "sarif"]);
    let log: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let told = results.iter().filter(|result| result["ruleId"] == "not-compared").count();
    assert_eq!(told, 1, "{}", ran.stdout);
    // A folder of many is not flooded.
    for number in 0..30 {
        write(
            &dir.path().join(format!("many/{number:02}.toml")),
            report_of(&format!("{number}镇人民政府")),
        );
    }
    for args in [&["check", "many"][..], &["build", "many", "--to", "docx", "-o", "made"]] {
        let ran = run(dir.path(), args);
        let all = said(&ran);
        assert_eq!(all.matches("[not-compared]").count(), 1, "{all}");
        assert!(all.contains("30 份没有上年的报告") && all.contains(" 等"), "{all}");
    }
    // Who says so in the settings does not hear of it.
    write(&dir.path().join("nianbao.toml"), "[rules]\nnot-compared = \"off\"\n");
    let ran = run(dir.path(), &["check", "2025.toml"]);
    assert!(!said(&ran).contains("没有与上年核对"), "{}", said(&ran));
}

#[test]
fn a6_with_last_years_report_nothing_is_said() {
    let dir = folder();
    let last = sample_text("yunyan-2025").replace("year = 2025", "year = 2024");
    write(&dir.path().join("report-2025.toml"), sample_text("yunyan-2025"));
    write(&dir.path().join("last.toml"), &last);
    let ran = run(dir.path(), &["check", "report-2025.toml", "--previous", "last.toml"]);
    assert!(!said(&ran).contains("not-compared"), "{}", said(&ran));
    std::fs::rename(dir.path().join("last.toml"), dir.path().join("report-2024.toml"))
        .expect("moved");
    let ran = run(dir.path(), &["check", "report-2025.toml"]);
    assert!(!said(&ran).contains("not-compared"), "{}", said(&ran));
    // One that cannot be read is said to be so, and not to be absent.
    write(&dir.path().join("report-2024.toml"), "year = \n");
    let ran = run(dir.path(), &["check", "report-2025.toml"]);
    assert!(!said(&ran).contains("not-compared"), "{}", said(&ran));
    assert!(said(&ran).contains("report-2024.toml"), "{}", said(&ran));
}

#[test]
fn a10_labels_of_a_workbook_are_read_as_those_of_word() {
    let dir = folder();
    let book = workbook(dir.path());
    let official = run(dir.path(), &["convert", "年报.xlsx", "right.json"]);
    assert_eq!(official.code, 0, "{}", said(&official));
    let reworded = changed(&book, "xl/sharedStrings.xml", |xml| {
        let mut xml = xml.to_owned();
        for (label, words) in [
            ("3.危及“三安全一稳定”", "3.危及三安全一稳定"),
            ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "（二）部分公开"),
            ("1.属于国家秘密", "属于国家秘密"),
            ("（一）予以公开", "(一) 予以公开"),
            // Three heads of table four, under three heads of rows.
            ("结果维持", "结果维持（件）"),
            ("（七）总计", "总计（七）"),
        ] {
            let found = xml.matches(label).count();
            // The last one is no label of any kind and stays as it is.
            if words != "总计（七）" {
                assert!(found > 0, "{label}");
                xml = xml.replace(label, words);
            }
        }
        xml
    });
    write(&dir.path().join("年报.xlsx"), reworded);
    let ran = run(dir.path(), &["check", "年报.xlsx"]);
    for rule in ["missing-part", "unknown-key", "extra-row", "key-twice"] {
        assert!(!said(&ran).contains(rule), "{}", said(&ran));
    }
    let ran = run(dir.path(), &["convert", "年报.xlsx", "reworded.json"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).expect("data");
    assert_eq!(read("right.json"), read("reworded.json"));
}

#[test]
fn a10_a_label_in_other_words_has_the_hint_of_its_own_row() {
    let dir = folder();
    let text = sample_text("yunyan-2025");
    let line = text.lines().find(|line| line.starts_with("partial")).expect("the row");
    let other = line.replacen("partial", "\"（二）部分公开\"", 1);
    write(&dir.path().join("report.toml"), text.replace(line, &other));
    let ran = run(dir.path(), &["check", "report.toml"]);
    expect(&ran, 1, &["“（二）部分公开", "是不是“（二）部分公开（区分处理的"]);
    assert!(!said(&ran).contains("予以公开”？"), "{}", said(&ran));
}

#[test]
fn a11_a_total_that_the_program_computes_is_named_in_its_own_cell() {
    let dir = folder();
    // A wrong figure in the first row of table three, whose total is a formula in J6.
    let text = sample_text("yunyan-2025");
    let line = text.lines().find(|line| line.starts_with("received ")).expect("the row");
    write(&dir.path().join("report.toml"), text.replace(line, &line.replacen("19,", "99,", 1)));
    let ran = run(dir.path(), &["convert", "report.toml", "年报.xlsx"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let ran = run(dir.path(), &["check", "年报.xlsx", "--message-format", "json"]);
    let found = |line: &str| -> Value { serde_json::from_str(line).expect("JSON") };
    let found: Vec<Value> = ran.stdout.lines().map(found).collect();
    let totals: Vec<&Value> =
        found.iter().filter(|one| one["rule"] == "balance" && one["col"] == "total").collect();
    let [total] = totals.as_slice() else { panic!("{}", ran.stdout) };
    assert_eq!((&total["sheet"], &total["cell"]), (&"表三".into(), &"J6".into()), "{total}");
    // The list that units get says the same.
    let ran = run(dir.path(), &["check", "年报.xlsx", "--list", "清单.xlsx"]);
    assert_eq!(ran.code, 1, "{}", said(&ran));
    let list = std::fs::read(dir.path().join("清单.xlsx")).expect("a list");
    let words = super::common::part(&list, "xl/sharedStrings.xml");
    assert!(words.contains("J6"), "{words}");
}

#[test]
fn a7_the_workbook_says_how_it_is_filled_and_its_totals_can_be_typed() {
    let dir = folder();
    let ran =
        run(dir.path(), &["new", "我的", "--year", "2025", "--organ", "云砚镇人民政府", "--xlsx"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let book = std::fs::read(dir.path().join("我的/report.xlsx")).expect("a workbook");
    let parts = super::parts(&book);
    let text = |name: &str| String::from_utf8(parts[name].clone()).expect("UTF-8");
    let words = text("xl/sharedStrings.xml");
    assert!(words.contains("也可以直接改成数字"), "the guide");
    let tables: Vec<&String> =
        parts.keys().filter(|name| name.starts_with("xl/worksheets/sheet")).collect();
    let styles = text("xl/styles.xml");
    let formats: Vec<&str> =
        styles.split("<cellXfs").nth(1).expect("formats").split("<xf ").skip(1).collect();
    let mut totals = 0;
    for name in tables {
        let sheet = text(name);
        if !sheet.contains("SUM(") {
            continue;
        }
        assert!(sheet.contains("<conditionalFormatting"), "{name}: live colours");
        for cell in sheet.split("<c r=").skip(1).filter(|cell| cell.contains("<f>SUM(")) {
            let style = cell.split("s=\"").nth(1).and_then(|rest| rest.split('"').next());
            let style: usize = style.expect("a format").parse().expect("a number");
            let format = formats[style].split("</xf>").next().expect("a format");
            assert!(format.contains("locked=\"0\""), "{name}: {cell}");
            totals += 1;
        }
    }
    assert!(totals > 20, "{totals}");
}

#[test]
fn a9_contact_data_and_level_that_cannot_be_right_are_told() {
    let dir = folder();
    let text = sample_text("yunyan-2025");
    let organ = text.find("[organ]").expect("the organ");
    let rest = organ + text[organ + 1..].find("\n[").expect("the next table");
    let head = "[organ]\nname = \"云砚县教育局\"\nlevel = \"township\"\npostcode = \"11500\"\nemail = \"yyz#example\"\n";
    write(&dir.path().join("report.toml"), [&text[..organ], head, &text[rest..]].concat());
    let ran = run(dir.path(), &["check", "report.toml"]);
    expect(&ran, 0, &["11500", "yyz#example", "[contact]", "[organ-level]"]);
    let ran = run(dir.path(), &["new", "空", "--year", "2025", "--organ", " "]);
    assert_eq!(ran.code, 2, "{}", said(&ran));
}

/// A workbook that was begun with last year's report has a few findings, not one for each number of a text.
#[test]
fn a5_a_begun_workbook_is_not_flooded_with_findings() {
    let dir = folder();
    copy(&root().join("samples/yunyan-2025"), &dir.path().join("2025"));
    let ran = run(dir.path(), &["new", "2026", "--from", "2025", "--xlsx"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let ran = run(dir.path(), &["check", "2026"]);
    assert_eq!(ran.code, 1, "{}", said(&ran));
    let counted = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with(['错', '警', '提']) && line.contains('['))
        .count();
    assert!(counted <= 12, "{counted} findings:\n{}", ran.stdout);
    assert!(!ran.stdout.contains("[missing-number]"), "{}", ran.stdout);
}
