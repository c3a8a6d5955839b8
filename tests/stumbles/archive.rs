//! A clerk who has nothing but the archive: last year's report dropped, the workbook begun with it, texts with bars.

use super::{changed, expect, folder, parts, run, said, sample_text, write};
use std::path::Path;

/// The day of the drops: the reports of 2026 are due.
const TODAY: &str = "2027-01-20";
/// The workbook that is begun with the sample.
const BEGUN: &str = "云砚镇人民政府2026年度报告（待填写）.xlsx";

fn drop(dir: &Path, file: &str) -> super::Ran {
    run(dir, &["drop", "--no-open", "--today", TODAY, "--", file])
}

fn page(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The sample with one figure of table three that is wrong in two columns.
fn wrong() -> String {
    let text = sample_text("yunyan-2025");
    let line = text.lines().find(|line| line.starts_with("received ")).expect("the row");
    text.replace(line, &line.replacen("19,", "99,", 1))
}

#[test]
fn e1_bars_that_are_no_table_are_told_with_the_line_that_is_missing() {
    let dir = folder();
    let with = |rows: &str| {
        let text = sample_text("yunyan-2025");
        text.replacen("problems = \"\"\"\n", &format!("problems = \"\"\"\n{rows}\n\n"), 1)
    };
    for rows in [
        "| 渠道 | 条数 |\n| 网站 | 3 |",
        "| 渠道 | 条数 |\n\n| 网站 | 3 |",
        "｜渠道｜条数｜\n｜网站｜3｜",
    ] {
        write(&dir.path().join("report.toml"), with(rows));
        let ran = run(dir.path(), &["check", "report.toml"]);
        let words = "有 2 行用竖线“|”画的表没有认作表，会原样印成竖线";
        expect(&ran, 0, &["警告[table-bars]", words, "加一行 |---|---|"]);
    }
    write(&dir.path().join("report.toml"), with("| 渠道 | 条数 |\n|---|---|\n| 网站 | 3 |"));
    let ran = run(dir.path(), &["check", "report.toml"]);
    assert!(!said(&ran).contains("table-bars"), "{}", said(&ran));
}

#[test]
fn e2_a_carried_figure_is_told_until_it_is_changed_or_confirmed() {
    let dir = folder();
    write(&dir.path().join("last.toml"), sample_text("yunyan-2025"));
    let ran = run(dir.path(), &["new", "next", "--from", "last.toml"]);
    expect(&ran, 0, &["report.toml"]);
    let begun = page(dir.path(), "next/report.toml");
    let row = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("normative-documents ="));
        line.expect("the row").to_owned()
    };
    let line = row(&begun);
    assert!(
        line.contains("in-force = 5, note = \"【待核对】“现行有效件数”5 是上年的数。"),
        "{line}"
    );
    // What is 0 and what must equal last year's is not marked.
    assert_eq!(begun.matches("note = ").count(), 1, "{begun}");
    let judged = |line: &str| {
        let rows = begun.lines().map(|own| match own.split_once(" = {") {
            Some((key, _)) if key.trim() == "normative-documents" => line.to_owned(),
            Some(_) => own.replace("\"\"", "0"),
            None => own.to_owned(),
        });
        write(&dir.path().join("next/report.toml"), rows.collect::<Vec<_>>().join("\n"));
        said(&run(dir.path(), &["check", "next", "--previous", "last.toml"]))
    };
    let filled = line.replace("\"\"", "0");
    let told = "表二“行政规范性文件”一行“现行有效件数”一列的 5 是带入的上年的数，还没有核对";
    let found = judged(&filled);
    assert!(found.contains("警告[carried-figure]") && found.contains(told), "{found}");
    // The sentence of the mark explains no other finding: one more was issued, and there are as many as before.
    let issued = filled.replacen("issued = 0", "issued = 1", 1);
    assert!(judged(&issued).contains("错误[in-force]"), "{}", judged(&issued));
    let changed = issued.replace("in-force = 5", "in-force = 6");
    let (before, _) = filled.split_once(", note").expect("a note");
    for line in [changed, format!("{before} }}")] {
        let found = judged(&line);
        assert!(!found.contains("carried-figure") && !found.contains("[in-force]"), "{found}");
    }
    // Emptied, it is not to be filled with 0.
    let found = judged(&filled.replace("in-force = 5", "in-force = \"\""));
    assert!(
        found.contains("“行政规范性文件”一行：上年报告的“现行有效件数”是 5；填今年年底的数"),
        "{found}"
    );
    let at = found.find("“行政规范性文件”一行“现行有效件数”一列是空的");
    let finding = &found[at.expect("the blank cell")..];
    let finding = finding.split("\n\n").next().expect("a finding");
    assert!(!finding.contains("没有发生的填 0"), "{finding}");
}

#[test]
fn e2_the_workbook_has_the_mark_beside_the_row() {
    let dir = folder();
    write(&dir.path().join("last.toml"), sample_text("yunyan-2025"));
    let ran = run(dir.path(), &["new", "next", "--from", "last.toml", "--xlsx"]);
    expect(&ran, 0, &["report.xlsx"]);
    let ran = run(dir.path(), &["check", "next", "--previous", "last.toml"]);
    expect(&ran, 1, &["[carried-figure]", "带【待核对】的那句话删去", "[unfinished]"]);
}

#[test]
fn e3_documents_of_last_year_are_no_documents_to_submit() {
    let dir = folder();
    write(&dir.path().join("云砚2025.toml"), sample_text("yunyan-2025"));
    expect(&drop(dir.path(), "云砚2025.toml"), 0, &[]);
    let page = page(dir.path(), "云砚2025检查结果.html");
    assert!(page.contains("2025 年度的 Word 文件，只作核对，不用再报送"), "{page}");
    for words in ["Word 文件，用来报送", "Word 文件用来报送"] {
        assert!(!page.contains(words), "{words}: {page}");
    }
    let (workbook, word) = (page.find(BEGUN), page.find(".docx\""));
    assert!(workbook.expect("the workbook") < word.expect("the Word file"), "{page}");
}

#[test]
fn e3_the_workbook_that_is_being_filled_in_is_the_one_to_go_on_with() {
    let dir = folder();
    write(&dir.path().join("云砚2025.toml"), sample_text("yunyan-2025"));
    expect(&drop(dir.path(), "云砚2025.toml"), 0, &[]);
    let begun = std::fs::read(dir.path().join(BEGUN)).expect("a workbook");
    let filled = changed(&begun, "xl/sharedStrings.xml", |xml| {
        assert!(xml.contains("【待改写】"), "{xml}");
        xml.replacen("【待改写】", "", 1)
    });
    write(&dir.path().join(BEGUN), &filled);
    expect(&drop(dir.path(), "云砚2025.toml"), 0, &[]);
    assert_eq!(std::fs::read(dir.path().join(BEGUN)).expect("there"), filled);
    let books = super::names(dir.path()).into_iter().filter(|name| name.ends_with("xlsx"));
    assert_eq!(books.collect::<Vec<_>>(), [BEGUN]);
    let page = page(dir.path(), "云砚2025检查结果.html");
    assert!(page.contains(BEGUN) && page.contains("您已经开始填了"), "{page}");
    // A workbook of that name that is another organ's is none to go on with.
    let other = changed(&begun, "xl/sharedStrings.xml", |xml| xml.replace("云砚镇", "白水镇"));
    write(&dir.path().join(BEGUN), other);
    expect(&drop(dir.path(), "云砚2025.toml"), 0, &[]);
    let second = "云砚镇人民政府2026年度报告（待填写）（2）.xlsx";
    assert!(dir.path().join(second).is_file());
    let page = self::page(dir.path(), "云砚2025检查结果.html");
    assert!(page.contains(&format!("没有动它；新做的叫“{second}”")), "{page}");
}

#[test]
fn e5_the_workbook_opens_on_what_is_filled_in_and_is_read_by_names() {
    let dir = folder();
    write(&dir.path().join("report.toml"), sample_text("yunyan-2025"));
    expect(&run(dir.path(), &["convert", "report.toml", "年报.xlsx"]), 0, &[]);
    let book = std::fs::read(dir.path().join("年报.xlsx")).expect("a workbook");
    let frame = String::from_utf8(parts(&book)["xl/workbook.xml"].clone()).expect("UTF-8");
    let sheets = frame.split("<sheet name=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let sheets: Vec<&str> = sheets.collect();
    assert_eq!(sheets, ["填写说明", "基本信息", "表二", "表三", "表四", "正文", "可引用的数"]);
    assert!(frame.contains("activeTab=\"1\""), "{frame}");
    let guide = String::from_utf8(parts(&book)["xl/worksheets/sheet1.xml"].clone()).expect("UTF-8");
    assert!(guide.matches("<row ").count() < 12, "the guide is short: {guide}");
    // Sheets under other names and in another order are the same report.
    expect(&run(dir.path(), &["convert", "年报.xlsx", "right.json"]), 0, &[]);
    let other = changed(&book, "xl/workbook.xml", |xml| {
        let (head, rest) = xml.split_once("<sheets>").expect("sheets");
        let (list, tail) = rest.split_once("</sheets>").expect("sheets");
        let list = list.replace("\"表三\"", "\"申请情况\"").replace("\"基本信息\"", "\"首页\"");
        let mut entries: Vec<&str> = list.split_inclusive("/>").collect();
        entries.reverse();
        let tail = tail.split_once("<definedNames>").map_or(tail.to_owned(), |(before, after)| {
            format!("{before}{}", after.split_once("</definedNames>").expect("names").1)
        });
        format!("{head}<sheets>{}</sheets>{tail}", entries.concat())
    });
    write(&dir.path().join("年报.xlsx"), other);
    let ran = run(dir.path(), &["convert", "年报.xlsx", "moved.json"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    assert_eq!(page(dir.path(), "right.json"), page(dir.path(), "moved.json"));
}

#[test]
fn e7_a_report_with_errors_hands_its_figures_on_with_a_warning() {
    let dir = folder();
    write(&dir.path().join("云砚2025.toml"), wrong());
    expect(&drop(dir.path(), "云砚2025.toml"), 1, &[]);
    let page = page(dir.path(), "云砚2025检查结果.html");
    let told =
        page.find("注意：2025 年度的报告有 2 处错误（见下面），带到 2026 年度工作簿里的数取自它");
    let next = page.find("要做 2026 年度的报告：打开上面的工作簿");
    assert!(told.expect("the warning") < next.expect("the next step"), "{page}");
    let ran = run(dir.path(), &["new", "next", "--from", "云砚2025.toml"]);
    expect(&ran, 0, &["“云砚2025.toml”有 2 处错误，带入的数取自它"]);
    write(&dir.path().join("right.toml"), sample_text("yunyan-2025"));
    let ran = run(dir.path(), &["new", "right", "--from", "right.toml"]);
    assert!(!said(&ran).contains("带入的数取自它"), "{}", said(&ran));
}

#[test]
fn e9_the_page_of_a_pdf_leaves_that_of_the_word_file_of_its_name() {
    let dir = folder();
    write(&dir.path().join("云砚2025.toml"), sample_text("yunyan-2025"));
    expect(&drop(dir.path(), "云砚2025.toml"), 0, &[]);
    let before = page(dir.path(), "云砚2025检查结果.html");
    write(&dir.path().join("云砚2025.pdf"), "%PDF-");
    expect(&drop(dir.path(), "云砚2025.pdf"), 1, &["PDF"]);
    assert_eq!(page(dir.path(), "云砚2025检查结果.html"), before);
    assert!(page(dir.path(), "云砚2025.pdf检查结果.html").contains("没有读成年度报告"));
}
