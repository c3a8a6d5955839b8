//! What a stranger lays beside his data decides nothing but his own report: settings, lists of units,
//! letterheads, last year's files, notes. And what goes to others holds no path of this machine.

use super::common::{self, Ran};
use super::{run, words, write};
use docx_fill::diag::{Severity, Sink, Sources};
use nianbao::check::{self, Settings};
use nianbao::form::FormRegistry;
use nianbao::report::{self, Report};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Settings that turn everything off by which the reports here are wrong.
const SILENT: &str = "deadline = \"12-31\"\nsimilarity = 100\n[rules]\nbalance = \"off\"\ncarry-over = \"off\"\n\
     same-figures = \"off\"\nperfunctory = \"off\"\nunits-passed-over = \"off\"\nsettings-passed-over = \"off\"\n";

/// A report in which the applications received are one too many, or right.
fn unit(name: &str, right: bool) -> String {
    let received = if right { 4 } else { 5 };
    format!(
        "year = 2025\n[organ]\nname = \"{name}\"\nlevel = \"department\"\n[text]\n\
         overview = \"全年公开政府信息310条。\"\nproblems = \"针对性不够，下一步按季度检查专栏。\"\n\
         other = \"没有收取信息处理费。\"\n[requests]\nreceived = [ {received}, 1, 0, 0, 0, 0 ]\n\
         granted = [ 3, 1, 0, 0, 0, 0 ]\ncarried-out = [ 1, 0, 0, 0, 0, 0 ]\n"
    )
}

fn last_year(name: &str) -> String {
    format!(
        "year = 2024\n[organ]\nname = \"{name}\"\n[requests]\nreceived = [ 9, 0, 0, 0, 0, 0 ]\n\
         carried-out = [ 9, 0, 0, 0, 0, 0 ]\n"
    )
}

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

fn go(dir: &Path, args: &str) -> Ran {
    run(dir, &words(args))
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// All text of a package: of a workbook or a document.
fn package(file: &Path) -> String {
    let bytes = std::fs::read(file).expect("a package");
    let parts = common::parts(&bytes).into_values();
    parts.map(|part| String::from_utf8_lossy(&part).into_owned()).collect()
}

/// The lines of JSON with a rule.
fn lines(ran: &Ran, rule: &str) -> Vec<Value> {
    let all = ran.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    all.filter(|line| line["rule"] == rule).collect()
}

/// Settings at every height above a stranger's data, for every command that judges.
#[test]
fn settings_on_the_way_are_passed_over_and_named_once() {
    let dir = dir();
    let at = |name: &str, content: &str| write(dir.path(), name, content);
    for folder in ["2025", "2025/甲", "2025/乙"] {
        at(&format!("{folder}/nianbao.toml"), SILENT);
    }
    at("2025/甲/report.toml", &unit("甲局", false));
    at("2025/甲/more.toml", &unit("丙局", false));
    at("2025/乙/report.toml", &unit("乙局", false));
    at("list.txt", "2025/甲\n2025/乙/report.toml\n");
    let commands = [
        ("check 2025/甲/report.toml 2025/甲/more.toml 2025/乙", 3),
        ("check 2025/甲", 2),
        ("build 2025 -o o --to docx --jobs 2", 3),
        ("build 2025/*/report.toml -o o --to docx", 3),
        ("build --from-list list.txt -o o --to docx", 3),
        ("build 2025/甲/report.toml --to docx", 2),
        ("collect 2025 -o c --strict-units --overwrite", 3),
        ("fill --form blank.docx 2025/乙 -o f.docx", 2),
    ];
    let make = go(dir.path(), "template make 2021 -o blank.docx");
    assert_eq!(make.code, 0, "{}", said(&make));
    for (command, count) in commands {
        let ran = go(dir.path(), command);
        let said = said(&ran);
        assert_eq!(ran.code, 1, "{command}\n{said}");
        assert!(said.contains("错误[balance]"), "{command}\n{said}");
        assert_eq!(said.matches("提示[settings-passed-over]").count(), count, "{command}\n{said}");
        assert!(said.contains("--config 2025/"), "{command}: the way out\n{said}");
        assert!(!said.contains("按设置文件"), "{command}: none was used\n{said}");
        // With what is named they count, and it is said.
        let ran = go(dir.path(), &format!("{command} --config 2025/nianbao.toml"));
        let said = self::said(&ran);
        assert!(!said.contains("错误[balance]"), "{command}\n{said}");
        assert!(said.contains("按设置文件“2025/nianbao.toml”检查"), "{command}\n{said}");
        for left in ["o", "c", "f.docx"] {
            let _ = std::fs::remove_dir_all(dir.path().join(left));
            let _ = std::fs::remove_file(dir.path().join(left));
        }
    }
}

/// Settings beside a template, and beside the data that it is checked with.
#[test]
fn settings_beside_a_template_judge_nothing() {
    let dir = dir();
    write(dir.path(), "t/nianbao.toml", "[rules]\nfigure-missing = \"off\"\n");
    write(dir.path(), "d/nianbao.toml", SILENT);
    write(dir.path(), "d/report.toml", unit("甲局", true));
    assert_eq!(go(dir.path(), "template make 2021 -o t/2021.docx").code, 0);
    let ran = go(dir.path(), "template check t/2021.docx --form 2019 --data d");
    assert!(said(&ran).contains("错误[figure-missing]") && ran.code == 1, "{}", said(&ran));
    for name in ["t/nianbao.toml", "d/nianbao.toml"] {
        assert!(said(&ran).contains(&format!("没有用“{name}”里的设置")), "{}", said(&ran));
    }
    let ran = go(dir.path(), "template check t/2021.docx --form 2019 --config t/nianbao.toml");
    assert!(!said(&ran).contains("[figure-missing]"), "{}", said(&ran));
    assert!(said(&ran).contains("按设置文件“t/nianbao.toml”检查：因此去掉"), "{}", said(&ran));
}

#[test]
fn a_folder_named_by_its_whole_path_is_looked_into_too() {
    let (dir, here) = (dir(), dir());
    write(dir.path(), "units/甲/report.toml", unit("甲局", false));
    write(dir.path(), "units/nianbao.toml", SILENT);
    write(dir.path(), "units/甲/nianbao.toml", SILENT);
    let folder = dir.path().join("units");
    for command in ["check {}/甲", "build {} -o o --to docx", "collect {} -o c --strict-units"] {
        let ran = go(here.path(), &command.replace("{}", folder.to_str().expect("UTF-8")));
        assert_eq!(ran.code, 1, "{}", said(&ran));
        assert!(said(&ran).contains("错误[balance]"), "{}", said(&ran));
        let named = said(&ran).matches("提示[settings-passed-over]").count();
        assert_eq!(named, if command.starts_with("check") { 1 } else { 2 }, "{}", said(&ran));
    }
}

#[test]
fn settings_of_the_current_folder_count_and_are_told_everywhere() {
    let dir = dir();
    let at = |name: &str, content: &str| write(dir.path(), name, content);
    at("in/甲/report.toml", &unit("甲局", false).replace("没有收取信息处理费。", "无。"));
    at("in/乙/report.toml", &unit("乙局", true));
    at(
        "nianbao.toml",
        "[rules]\nbalance = \"off\"\nempty-section = \"off\"\nno-glyph = \"warn\"\n",
    );
    // Two columns do not balance.
    let told = "因此去掉检查结果 2 条，降低级别 0 条";
    let ran = go(dir.path(), "check in/甲 in/乙");
    assert!(ran.code == 0 && ran.stdout.contains(told), "{}", said(&ran));
    let ran = go(dir.path(), "build in -o o --to docx --summary s.json");
    assert!(ran.code == 0 && ran.stderr.contains(told), "{}", said(&ran));
    let summary: Value = serde_json::from_str(&text(&dir.path().join("s.json"))).expect("JSON");
    let settings = &summary["settings"];
    assert_eq!(settings["file"], "nianbao.toml");
    assert_eq!((&settings["dropped"], &settings["lowered"]), (&2.into(), &0.into()), "{settings}");
    let ran = go(dir.path(), "collect in -o c");
    assert!(said(&ran).contains(told), "{}", said(&ran));
    assert!(text(&dir.path().join("c/报送情况.html")).contains(told));
    let ran = go(dir.path(), "check in/甲 --message-format json");
    let lines = lines(&ran, "settings-used");
    assert_eq!(lines.len(), 1, "{}", said(&ran));
    assert_eq!((&lines[0]["dropped"], &lines[0]["file"]), (&2.into(), &"nianbao.toml".into()));
    let ran = go(dir.path(), "check in/甲 --message-format sarif");
    let log: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(log["runs"][0]["properties"]["settings"]["dropped"], 2, "{}", ran.stdout);
    let ran = go(dir.path(), "check in/甲 --message-format short");
    assert!(ran.stdout.contains("nianbao.toml: 提示[settings-used]"), "{}", ran.stdout);
    // Without settings nothing is said, but on the page.
    std::fs::remove_file(dir.path().join("nianbao.toml")).expect("removed");
    let ran = go(dir.path(), "check in/乙 --message-format json");
    assert!(!ran.stdout.contains("settings"), "{}", said(&ran));
    go(dir.path(), "collect in -o c --overwrite");
    assert!(text(&dir.path().join("c/报送情况.html")).contains("没有用设置文件"));
}

#[test]
fn powers_deadlines_and_likeness_count_among_what_settings_dropped() {
    let dir = dir();
    let dated = "year = 2025\ndate = 2026-02-20\n";
    let report = unit("甲局", true).replacen("year = 2025\n", dated, 1);
    let powers = "\n[disclosure]\nregulations = { issued = 1, in-force = 1 }\n";
    write(dir.path(), "report.toml", format!("{report}{powers}"));
    let plain = go(dir.path(), "check report.toml");
    assert!(plain.stdout.contains("[deadline]") && plain.stdout.contains("[no-power]"));
    write(
        dir.path(),
        "nianbao.toml",
        "deadline = \"03-31\"\n[power]\nregulations = [\"department\"]\n",
    );
    let ran = go(dir.path(), "check report.toml");
    assert!(ran.stdout.contains("因此去掉检查结果 2 条，降低级别 0 条"), "{}", ran.stdout);
    write(dir.path(), "nianbao.toml", "[rules]\ndeadline = \"remark\"\nno-power = \"error\"\n");
    let ran = go(dir.path(), "check report.toml");
    assert!(ran.stdout.contains("因此去掉检查结果 0 条，降低级别 1 条"), "{}", ran.stdout);
}

#[test]
fn in_its_own_folder_the_settings_of_a_report_count() {
    let dir = dir();
    write(dir.path(), "甲/report.toml", unit("甲局", false));
    write(dir.path(), "甲/nianbao.toml", SILENT);
    let ran = go(&dir.path().join("甲"), "check .");
    assert!(ran.code == 0 && ran.stdout.contains("按设置文件“nianbao.toml”检查"), "{}", said(&ran));
    assert!(!said(&ran).contains("passed-over"), "{}", said(&ran));
}

#[test]
fn faulty_settings_build_nothing_and_add_nothing() {
    let dir = dir();
    write(dir.path(), "in/甲/report.toml", unit("甲局", true));
    write(dir.path(), "in/乙/report.toml", unit("乙局", true));
    write(dir.path(), "nianbao.toml", "[rules]\nbalence = \"off\"\nsettings-used = \"off\"\n");
    let ran = go(dir.path(), "build in -o o --to docx --summary s.json");
    assert_eq!(ran.code, 1, "{}", said(&ran));
    assert_eq!(said(&ran).matches("错误[settings]").count(), 2, "each once\n{}", said(&ran));
    assert!(said(&ran).contains("设置文件有错误，没有生成"), "{}", said(&ran));
    assert!(!dir.path().join("o").exists(), "{}", said(&ran));
    assert!(text(&dir.path().join("s.json")).contains("\"totals\": {\"built\":0"));
    let ran = go(dir.path(), "collect in -o c --strict-units");
    assert!(ran.code == 1 && ran.stdout.contains("什么都没有写"), "{}", said(&ran));
    assert!(!dir.path().join("c").exists());
}

/// Lists of units of strangers: one that leaves the others out, several, one that is broken.
#[test]
fn a_unit_cannot_bring_the_list_of_units() {
    let dir = dir();
    write(dir.path(), "in/甲/report.toml", unit("甲局", true));
    write(dir.path(), "in/甲/units.toml", "[[unit]]\nname = \"乙局\"\nexcluded = \"不报\"\n");
    write(dir.path(), "in/乙/report.toml", unit("乙局", true));
    write(dir.path(), "in/乙/units.json", "{ \"unit\": [ { \"nmae\": ");
    write(dir.path(), "in/units.xlsx", "no workbook");
    let ran = go(dir.path(), "collect in -o c --message-format json");
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let files: BTreeSet<String> =
        lines(&ran, "units-passed-over").iter().map(|line| line["file"].to_string()).collect();
    let wanted = ["\"in/units.xlsx\"", "\"in/乙/units.json\"", "\"in/甲/units.toml\""];
    assert!(files.iter().eq(wanted), "{files:?}");
    assert!(text(&dir.path().join("c/report.toml")).contains("计入的单位 2 个"));
    // The one of the current folder counts, and is named on the page.
    let list = "[[unit]]\nname = \"甲局\"\n[[unit]]\nname = \"乙局\"\n[[unit]]\nname = \"丙局\"\n";
    write(dir.path(), "units.toml", list);
    let ran = go(dir.path(), "collect in -o c --overwrite");
    assert!(ran.stdout.contains("应报 3 个单位") && ran.code == 1, "{}", said(&ran));
    assert!(text(&dir.path().join("c/报送情况.html")).contains("应报单位的名册：units.toml"));
    // So it does if the units lie beside it.
    let own = dir.path().join("in");
    std::fs::remove_file(own.join("units.xlsx")).expect("removed");
    write(&own, "units.toml", list);
    let ran = go(&own, "collect . -o ../d");
    assert!(ran.stdout.contains("应报 3 个单位"), "{}", said(&ran));
    assert!(!ran.stdout.contains("“./units.toml”"), "{}", said(&ran));
}

#[test]
fn what_only_looks_like_settings_is_a_units_file() {
    let dir = dir();
    write(dir.path(), "in/甲.toml", unit("甲局", true));
    write(dir.path(), "in/nianbao.json", "{ \"year\": 2025, \"organ\": { \"name\": \"乙局\" } }");
    write(dir.path(), "in/letterhead.toml", "mark = \"甲局文件\"\n");
    let ran = go(dir.path(), "collect in -o c");
    assert!(ran.stdout.contains("收到 2 份；计入 2 个"), "{}", said(&ran));
    assert!(ran.stdout.contains("“in/letterhead.toml”是版头的设置"), "{}", said(&ran));
}

#[test]
fn a_letterhead_beside_the_data_dresses_nothing() {
    let dir = dir();
    let ours = "mark = \"本级的文件\"\nsignature = \"\"\n";
    for folder in ["in/甲", "in/乙"] {
        write(dir.path(), &format!("{folder}/report.toml"), unit(&folder[3..], true));
    }
    write(dir.path(), "in/甲/letterhead.toml", "mark = \"冒名的文件\"\n");
    write(dir.path(), "in/甲/letterheads/县府/letterhead.toml", "mark = \"冒名的文件\"\n");
    let ran = go(dir.path(), "build in -o o --to docx --letterhead upward");
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let passed = said(&ran).matches("提示[settings-passed-over]").count();
    assert!(passed == 1 && said(&ran).contains("没有用“in/甲/letterhead.toml”"), "{}", said(&ran));
    for name in common::names(&dir.path().join("o")) {
        assert!(!package(&dir.path().join("o").join(&name)).contains("冒名"), "{name}");
    }
    // A folder beside the data is no letterhead unless its path says so.
    let ran = go(dir.path(), "build in/甲 -o p --to docx --letterhead 县府");
    assert_eq!(ran.code, 2, "{}", said(&ran));
    assert!(said(&ran).contains("--letterhead in/甲/letterheads/县府"), "{}", said(&ran));
    // What the current folder says holds for all, and is told.
    write(dir.path(), "letterhead.toml", ours);
    let ran = go(dir.path(), "build in -o o --to docx --letterhead upward");
    assert!(said(&ran).contains("版头也用了当前文件夹里的“letterhead.toml”"), "{}", said(&ran));
    for name in common::names(&dir.path().join("o")) {
        assert!(package(&dir.path().join("o").join(&name)).contains("本级的文件"), "{name}");
    }
    // Without a letterhead there is nothing to say.
    let ran = go(dir.path(), "build in -o o --to docx");
    assert!(!said(&ran).contains("letterhead"), "{}", said(&ran));
}

/// Last year's files that others lay beside: of another organ, broken, of another year.
#[test]
fn another_organs_file_of_last_year_makes_no_errors() {
    let broken = "year = 2024\n[organ\n".to_owned();
    let garbage = "\u{fffd}\0".to_owned();
    for (content, rule) in
        [(last_year("乙局"), "previous-organ"), (broken, "data-syntax"), (garbage, "data-syntax")]
    {
        let dir = dir();
        write(dir.path(), "in/甲局-2025.toml", unit("甲局", true));
        write(dir.path(), "in/甲局-2024.toml", &content);
        let ran = go(dir.path(), "check in/甲局-2025.toml --message-format json");
        assert_eq!(ran.code, 0, "{}", said(&ran));
        assert_eq!(lines(&ran, rule)[0]["severity"], "warning", "{}", said(&ran));
        let ran = go(dir.path(), "collect in -o c --strict-units --message-format json");
        assert!(
            text(&dir.path().join("c/report.toml")).contains("计入的单位 1 个"),
            "{}",
            said(&ran)
        );
        // Who names a file answers for it.
        let named = "check in/甲局-2025.toml --previous in/甲局-2024.toml";
        assert_eq!(go(dir.path(), named).code, 1, "{content}");
    }
}

/// A report that was read from text.
fn read(text: &str) -> Report {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("r.toml", text);
    let root = nianbao::data::load_data(source, text, nianbao::data::Syntax::Toml, &mut sink);
    let root = root.expect("TOML");
    report::read_report(source, &root, &FormRegistry::built_in(), &mut sink).expect("a report")
}

/// Last year's file can only add findings, never take one away.
#[test]
fn last_years_file_takes_no_finding_away() {
    let places = |report: &Report, previous: Option<&Report>| {
        let mut sink = Sink::new();
        check::check_report_with(report, previous, &Settings::default(), &mut sink);
        let texts: Vec<String> = report.texts.iter().map(|text| text.markdown.clone()).collect();
        check::check_texts(report, &texts, "", previous, &Settings::default(), &mut sink);
        let found = sink.into_sorted().into_iter().filter(|one| one.rule != "previous-year");
        let seen = found.map(|one| (one.rule.into_owned(), one.cell, one.severity));
        seen.collect::<Vec<_>>()
    };
    let mut random: u64 = 7;
    let mut next = |most: u64| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % most
    };
    let mut seen = 0;
    for _ in 0..200 {
        let mut row = |name: &str| {
            let cells: Vec<String> = (0..6).map(|_| next(4).to_string()).collect();
            format!("{name} = [{}]\n", cells.join(", "))
        };
        let rows = ["received", "carried-in", "granted", "carried-out"];
        let tables = |row: &mut dyn FnMut(&str) -> String| rows.map(row).concat();
        let (now, then) = (tables(&mut row), tables(&mut row));
        let report = |year: u16, tables: &str| {
            read(&format!(
                "year = {year}\n[organ]\nname = \"甲局\"\nlevel = \"department\"\n[text]\n\
                 overview = \"收到申请3件，同比增长5%。\"\n[requests]\n{tables}"
            ))
        };
        let this = report(2025, &now);
        let alone = places(&this, None);
        seen += alone.len();
        for year in [2024, 2019] {
            let mut with = places(&this, Some(&report(year, &then)));
            for one in &alone {
                let at = with.iter().position(|other| other == one);
                with.remove(at.unwrap_or_else(|| panic!("{one:?} went away by {then}")));
            }
        }
    }
    assert!(seen > 500, "there were findings: {seen}");
}

/// A unit's own words make nothing right.
#[test]
fn a_note_silences_no_error() {
    let dir = dir();
    let notes = "\n[notes.requests]\nreceived = \"就是这样\"\ncarried-in = \"划出九件\"\ngranted = \"对\"\n";
    write(dir.path(), "in/甲/report.toml", format!("{}{notes}", unit("甲局", false)));
    write(dir.path(), "in/乙/report.toml", format!("{}{notes}", unit("乙局", true)));
    write(dir.path(), "in/乙/report.previous.toml", last_year("乙局"));
    let ran = go(dir.path(), "check in/甲 --message-format json");
    assert!(
        lines(&ran, "balance").iter().all(|line| line["severity"] == "error"),
        "{}",
        said(&ran)
    );
    assert_eq!(ran.code, 1, "{}", said(&ran));
    // Against last year an answer makes a warning of an error, and a person sees it.
    let ran = go(dir.path(), "check in/乙 --message-format json");
    let severities = |ran: &Ran, rule: &str| -> BTreeSet<String> {
        lines(ran, rule).iter().map(|line| line["severity"].to_string()).collect()
    };
    assert_eq!(severities(&ran, "carry-over"), BTreeSet::from(["\"warning\"".to_owned()]));
    assert_eq!(go(dir.path(), "check in/乙 --strict").code, 1, "whoever is strict");
    // Nor does it help where whoever judges has made an error of a warning.
    let doubted = unit("丙局", true).replace("没有收取信息处理费。", "");
    let answered = format!("{doubted}\n[notes]\nother = \"没有要说的\"\n");
    write(dir.path(), "丙.toml", answered);
    assert_eq!(
        severities(&go(dir.path(), "check 丙.toml --message-format json"), "empty-section"),
        BTreeSet::from(["\"remark\"".to_owned()])
    );
    write(dir.path(), "strict.toml", "[rules]\nempty-section = \"error\"\n");
    let ran = go(dir.path(), "check 丙.toml --config strict.toml --message-format json");
    assert_eq!(severities(&ran, "empty-section"), BTreeSet::from(["\"warning\"".to_owned()]));
    // The office sees the answers: in the list, on the page, in the matrix.
    let ran = go(dir.path(), "collect in -o c --strict-units");
    assert!(ran.stdout.contains("甲局（甲/report.toml）：有错误，未计入"), "{}", said(&ran));
    let page = text(&dir.path().join("c/报送情况.html"));
    assert!(
        page.contains("单位自己作了说明的检查结果") && page.contains("数据文件中已说明：划出九件")
    );
    go(dir.path(), "check in/乙 --list l.xlsx");
    go(dir.path(), "check in/乙 --list l.docx");
    for list in ["l.xlsx", "l.docx", "c/检查清单.xlsx", "c/汇总表.xlsx"] {
        assert!(package(&dir.path().join(list)).contains("划出九件"), "{list}");
    }
}

/// Files that go to others, made from folders that are named by their whole paths and hold files that cannot
/// be read.
#[test]
fn what_goes_to_others_names_no_path_of_this_machine() {
    let (base, here) = (dir(), dir());
    let home = base.path().join("home/wangfang");
    let at = |name: &str, content: &[u8]| write(&home, name, content);
    at("units/甲/report.toml", unit("甲局", false).as_bytes());
    at("units/甲/nianbao.toml", SILENT.as_bytes());
    at("units/甲/units.toml", b"");
    at("units/乙.toml", format!("{}\n[notes]\norgan = \"x\"\n", unit("乙局", true)).as_bytes());
    at("units/乙.previous.toml", b"year = \n");
    at("units/丙.pdf", b"%PDF");
    at("units/丁/report.json", b"{");
    let huge = "x".repeat(3 << 20);
    at("units/戊.toml", huge.as_bytes());
    at(
        "units/己/report.toml",
        unit("己局", true).replace("310条。", "310条。\\n\\n![图](大.png)").as_bytes(),
    );
    at("units/己/大.png", huge.as_bytes());
    at("county.toml", b"[rules]\nempty-section = \"off\"\n");
    at("list.toml", "[[unit]]\nname = \"丑局\"\n".as_bytes());
    let path = |name: &str| home.join(name).to_str().expect("UTF-8").to_owned();
    let (units, config, list) = (path("units"), path("county.toml"), path("list.toml"));
    let limit = "--limit file=2";
    let each =
        common::names(Path::new(&units)).into_iter().filter(|name| !name.contains("previous"));
    let each: Vec<String> = each.map(|name| format!("{units}/{name}")).collect();
    let each = each.join(" ");
    let out = path("out");
    let commands = [
        format!("collect {units} -o c --units {list} --config {config} {limit}"),
        format!("collect {units} -o {out} {limit}"),
        format!("check {each} --list l.xlsx --config {config} {limit}"),
        format!("check {each} --list l.docx {limit}"),
        format!("build {units} -o o --to docx --summary s.json --config {config} {limit}"),
        format!("build {each} -o {out} --to docx --summary t.json {limit}"),
        format!("build {each} --to docx --summary u.json --letterhead none,没有 {limit}"),
        format!("check {each} --message-format sarif --config {config} {limit}"),
        format!("build {units} -o o --to docx --message-format sarif --config {config} {limit}"),
        format!("collect {units} -o d --message-format sarif --units {list} {limit}"),
    ];
    let mut made = String::new();
    for command in &commands {
        let ran = go(here.path(), command);
        assert_ne!(ran.code, 0, "{command}\n{}", said(&ran));
        if command.contains("sarif") {
            serde_json::from_str::<Value>(&ran.stdout).expect("JSON");
            made += &ran.stdout;
        }
        assert!(!said(&ran).contains("panicked"), "{}", said(&ran));
    }
    let files = ["s.json", "t.json", "u.json"].map(|name| here.path().join(name));
    made += &files.map(|file| text(&file)).concat();
    for result in [here.path().join("c"), Path::new(&out).to_owned()] {
        made += &text(&result.join("报送情况.html"));
        made += &text(&result.join("report.toml"));
    }
    for name in ["l.xlsx", "l.docx", "c/检查清单.xlsx", "c/汇总表.xlsx"] {
        made += &package(&here.path().join(name));
    }
    made += &package(&Path::new(&out).join("检查清单.xlsx"));
    for secret in ["wangfang", "/tmp/", here.path().to_str().expect("UTF-8")] {
        let at = made.find(secret);
        let around = at.map(|at| made[..at].chars().rev().take(200).collect::<Vec<_>>());
        let around: String = around.into_iter().flatten().rev().collect();
        assert!(at.is_none(), "{secret} after {around}");
    }
    for name in
        ["\"input\":\"甲\"", "\"uri\": \"%E7%94%B2/report.toml\"", "甲/nianbao.toml", "戊.toml"]
    {
        assert!(made.contains(name), "{name}");
    }
}

/// The findings that judge a run keep their severities; only notes ease one step.
#[test]
fn easing_ends_at_a_remark() {
    assert_eq!(Severity::Error.downgraded(), Severity::Warning);
    assert_eq!(Severity::Warning.downgraded().downgraded(), Severity::Info);
}

#[test]
fn shares_that_were_judged_differently_do_not_belong_together() {
    let dir = dir();
    for number in 0..6 {
        let right = number % 2 == 0;
        write(dir.path(), &format!("in/{number}/report.toml"), unit(&format!("{number}局"), right));
        write(dir.path(), &format!("in/{number}/nianbao.toml"), SILENT);
    }
    write(dir.path(), "nianbao.toml", "[rules]\nbalance = \"warn\"\n");
    go(dir.path(), "build in -o w --to docx --summary whole.json");
    for shard in ["1/2", "2/2"] {
        let file = format!("{}.json", &shard[..1]);
        go(dir.path(), &format!("build in -o o --to docx --shard {shard} --summary {file}"));
    }
    let ran = go(dir.path(), "merge-summary 1.json 2.json -o all.json");
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let whole = text(&dir.path().join("whole.json"));
    assert_eq!(text(&dir.path().join("all.json")), whole);
    assert!(whole.contains("\"dropped\":0,\"lowered\":6"), "{whole}");
    std::fs::remove_file(dir.path().join("nianbao.toml")).expect("removed");
    go(dir.path(), "build in -o o --to docx --shard 2/2 --summary 2.json");
    let ran = go(dir.path(), "merge-summary 1.json 2.json -o all.json");
    assert!(ran.code == 1 && ran.stderr.contains("用的设置文件不同"), "{}", said(&ran));
}
