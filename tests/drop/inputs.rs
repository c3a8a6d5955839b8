//! Each kind of input, and what comes of it.

use super::{Desk, STEM, TODAY, common, has_end, links, sample, target, wrong};
use common::root;

#[test]
fn a_path_as_the_only_argument_is_a_drop() {
    let desk = Desk::new();
    desk.write("年报.toml", sample("yunyan-2025"));
    for args in [&["年报.toml"][..], &["--lang", "en", "年报.toml"], &["drop", "年报.toml"]] {
        let ran = desk.run(args);
        assert_eq!(ran.code, 0, "{args:?} {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("年报检查结果.html"), "{}", ran.stdout);
    }
    let expected = ["年报.toml".to_owned(), "年报检查结果.html".to_owned()];
    let made = ["docx", "pdf"].map(|end| format!("{STEM}.{end}"));
    let mut expected = [expected, made].concat();
    expected.sort();
    // From December on, by the clock, next year's workbook is begun beside it.
    let begun = |name: &String| name.ends_with("（待填写）.xlsx");
    let made: Vec<String> = desk.names().into_iter().filter(|name| !begun(name)).collect();
    assert_eq!(made, expected);
}

#[test]
fn a_word_that_is_no_path_is_still_an_unknown_command() {
    let desk = Desk::new();
    let ran = desk.run(&["biuld"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("不认识的命令 biuld"), "{}", ran.stderr);
    assert!(desk.names().is_empty());
    // A command is a command, even if there is a file of that name.
    desk.write("check", "x");
    assert!(desk.run(&["check"]).stderr.contains("<PATH>"));
    // One that looks like a path is told as a file that is not there; nothing is written for it.
    let ran = desk.run(&["没有.xlsx"]);
    assert_eq!((ran.code, desk.names()), (2, vec!["check".to_owned()]));
    assert!(ran.stderr.contains("找不到“没有.xlsx”"), "{}", ran.stderr);
    // Beside others it has its place on their page.
    desk.write("甲.toml", sample("yunyan-2025"));
    assert_eq!(desk.drop(&["甲.toml", "没有.xlsx"]).code, 1);
    assert!(desk.text("甲等 2 个检查结果.html").contains("找不到“没有.xlsx”"));
}

#[test]
fn without_errors_both_documents_are_those_of_build() {
    let desk = Desk::new();
    desk.write("a/report.toml", sample("yunyan-2025"));
    let ran = desk.drop(&["a"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let page = desk.text("a/a检查结果.html");
    assert!(page.contains("没有发现错误，Word 和 PDF 已经做好"), "{page}");
    let found: Vec<_> =
        links(&page).iter().map(|link| target(&desk.path("a/a检查结果.html"), link)).collect();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|file| file.is_file()), "{found:?}");
    assert_eq!(desk.run(&["build", "a", "-o", "b"]).code, 0);
    for end in ["docx", "pdf"] {
        let name = format!("{STEM}.{end}");
        assert!(desk.read(&format!("a/{name}")) == desk.read(&format!("b/{name}")), "{name}");
    }
}

#[test]
fn with_errors_nothing_is_made_and_each_is_told() {
    let desk = Desk::new();
    desk.write("云砚.toml", wrong());
    assert_eq!(desk.run(&["convert", "云砚.toml", "云砚.xlsx"]).code, 0);
    let ran = desk.drop(&["云砚.xlsx"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(desk.names(), ["云砚.toml", "云砚.xlsx", "云砚检查结果.html"]);
    let page = desk.text("云砚检查结果.html");
    for words in [
        "有 2 处错误，改好以后才能生成 Word 和 PDF",
        "用 Excel 或 WPS 打开“云砚.xlsx”",
        "表三“自然人”一列",
        "“一、本年新收政府信息公开申请数量” 99",
        "相差 80",
        "位置：工作表“表三”的 D6 格",
        "怎么改：",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(links(&page).is_empty(), "{page}");
}

#[test]
fn the_one_change_that_mends_is_told_with_both_numbers() {
    let desk = Desk::new();
    let case = root().join("tests/cases/check/single-change/report.toml");
    desk.write("甲.toml", std::fs::read(case).expect("read"));
    assert_eq!(desk.drop(&["甲.toml"]).code, 1);
    let page = desk.text("甲检查结果.html");
    let change = page.split("class=\"mend change\">").nth(1).expect("a change");
    let change = change.split("</p>").next().expect("an end");
    assert!(change.contains("只改这一处") && change.contains(" 改为 "), "{change}");
    assert!(page.contains("第 ") && page.contains(" 行、第 "), "{page}");
}

#[test]
fn a_word_report_is_checked_and_made_anew() {
    let desk = Desk::new();
    desk.write("云砚.toml", sample("yunyan-2025"));
    assert_eq!(desk.run(&["build", "云砚.toml", "-o", "w", "--to", "docx"]).code, 0);
    let name = format!("w/{STEM}.docx");
    let before = desk.read(&name);
    let ran = desk.drop(&[&name]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(desk.read(&name) == before, "the file that was dropped is kept");
    let page = desk.text(&format!("w/{STEM}检查结果.html"));
    assert!(page.contains(&format!("{STEM}（2）.docx")), "{page}");
    assert!(desk.path(&format!("w/{STEM}（2）.docx")).is_file());
    assert!(desk.path(&format!("w/{STEM}.pdf")).is_file());
}

#[test]
fn what_cannot_be_read_is_told_with_the_way_out() {
    let desk = Desk::new();
    for (name, words) in [
        ("旧.doc", "另存为”，类型选“Word 文档（*.docx）"),
        ("旧.wps", "另存为”，类型选“Word 文档（*.docx）"),
        ("旧.xlsb", "另存为”，类型选“Excel 工作簿（*.xlsx）"),
        ("旧.pdf", "请找出生成它的 Word 文件"),
        ("旧.ofd", "请找出生成它的 Word 文件"),
        ("旧.mht", "另存为“网页，仅 HTML”"),
        ("旧.zip", "压缩包坏了或者不完整"),
        ("旧.rar", "请先解压"),
        ("旧.csv", "只是一张表"),
        ("旧.jpg", "不是年度报告"),
        ("旧", "不是年度报告"),
        ("~$旧.docx", "临时文件"),
        ("旧.xlsx.lnk", "快捷方式"),
        ("nianbao.toml", "是设置文件"),
    ] {
        desk.write(name, "x");
        let ran = desk.drop(&[name]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(words), "{name}: {}", ran.stderr);
        // Beside the Word file of the same name may lie its page.
        let stem = name.strip_suffix(".zip").unwrap_or(name);
        let page = desk.text(&format!("{stem}检查结果.html"));
        assert!(page.contains(words) && page.contains("没有读成年度报告"), "{name}: {page}");
        assert_eq!(desk.read(name), b"x");
        std::fs::remove_file(desk.path(name)).expect("removed");
    }
    assert!(!desk.names().iter().any(|name| has_end(name, "docx") || has_end(name, "xlsx")));
}

#[test]
fn damaged_files_of_the_right_kind_have_a_page_too() {
    let desk = Desk::new();
    for name in [
        "坏.xlsx", "坏.xls", "坏.ods", "坏.docx", "坏.html", "坏.toml", "坏.json", "空.toml",
        "空.docx", "空.htm",
    ] {
        let content = if name.starts_with('空') { "" } else { "x = [" };
        desk.write(name, content);
        let ran = desk.drop(&[name]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.stdout, ran.stderr);
        let stem = name.split('.').next().expect("a stem");
        let page = desk.text(&format!("{stem}检查结果.html"));
        assert!(page.contains("没有读成年度报告"), "{name}: {page}");
        assert!(page.contains("必须改正的错误") || page.contains("怎么改"), "{name}: {page}");
    }
}

#[test]
fn an_old_report_is_named_and_the_workbook_of_the_due_year_lies_beside() {
    let desk = Desk::new();
    desk.write("云砚.toml", sample("yunyan-2025"));
    assert_eq!(desk.run(&["drop", "--today", "2026-11-30", "云砚.toml"]).code, 0);
    assert!(!desk.text("云砚检查结果.html").contains("注意：这是"));
    let begun = "云砚镇人民政府2026年度报告（待填写）.xlsx";
    for _ in 0..2 {
        assert_eq!(desk.run(&["drop", "--today", "2027-01-20", "云砚.toml"]).code, 0);
        let page = desk.text("云砚检查结果.html");
        assert!(page.contains("这是 2025 年度的报告。现在要做的是 2026 年度的报告"), "{page}");
        assert!(page.contains(begun) && page.contains("要做 2026 年度的报告：打开上面的工作簿"));
        let books = desk.names().into_iter().filter(|name| has_end(name, "xlsx"));
        assert_eq!(books.collect::<Vec<_>>(), [begun]);
    }
    // Its figures are blank but for those that are carried; sentences with last year's figures are marked.
    let checked = desk.run(&["check", begun]);
    assert_eq!(checked.code, 1);
    for words in ["[unfinished]", "表三 175 格中有 ", "[blank-cell]"] {
        assert!(checked.stdout.contains(words), "{words}: {}", checked.stdout);
    }
    assert!(!checked.stdout.contains("表三整张表都是空的"), "{}", checked.stdout);
    // Of a report that is older than last year's nothing is carried.
    assert_eq!(desk.run(&["drop", "--today", "2028-01-20", "云砚.toml"]).code, 0);
    assert!(desk.path("云砚镇人民政府2027年度报告（空白）.xlsx").is_file());
    // One that was filled in is kept, and the next one lies beside.
    desk.write(begun, "mine");
    assert_eq!(desk.run(&["drop", "--today", "2027-01-20", "云砚.toml"]).code, 0);
    assert_eq!(desk.read(begun), b"mine");
    assert!(desk.path("云砚镇人民政府2026年度报告（待填写）（2）.xlsx").is_file());
}

#[test]
fn a_folder_of_units_is_added_up_beside_it() {
    let desk = Desk::new();
    desk.write("报来/甲.toml", sample("yunyan-2025").replace("云砚镇", "甲镇"));
    desk.write("报来/乙镇/report.toml", wrong().replace("云砚镇", "乙镇"));
    desk.write("报来/丙.pdf", "x");
    let before = desk.read("报来/甲.toml");
    let ran = desk.drop(&["报来"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(desk.names(), ["报来", "报来检查结果.html", "报来汇总"]);
    let results = ["report.toml", "报送情况.html", "检查清单.xlsx", "汇总表.xlsx"];
    assert_eq!(common::names(&desk.path("报来汇总")), results);
    assert_eq!(common::names(&desk.path("报来")), ["丙.pdf", "乙镇", "甲.toml"]);
    assert_eq!(desk.read("报来/甲.toml"), before);
    let page = desk.text("报来检查结果.html");
    for words in ["甲镇人民政府", "乙镇人民政府", "表三“自然人”一列", "丙.pdf", "有错误，已计入"]
    {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let files = links(&page).into_iter().filter(|link| !link.starts_with('#'));
    let files: Vec<_> = files.map(|link| target(&desk.path("报来检查结果.html"), &link)).collect();
    assert_eq!(files.len(), results.len());
    assert!(files.iter().all(|file| file.is_file()), "{files:?}");
    // Inner links lead somewhere.
    for link in links(&page).iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
    }
    // The same again takes the same folder, as long as nobody has touched it.
    assert_eq!(desk.drop(&["报来"]).code, 1);
    assert_eq!(desk.names().len(), 3);
    desk.write("报来汇总/检查清单.xlsx", "answers");
    assert_eq!(desk.drop(&["报来"]).code, 1);
    assert_eq!(desk.read("报来汇总/检查清单.xlsx"), b"answers");
    assert_eq!(common::names(&desk.path("报来汇总（2）")), results);
}

#[test]
fn a_folder_of_units_may_have_a_dot_in_its_name() {
    for name in ["1.各乡镇年报", "2025.12 月报来"] {
        let desk = Desk::new();
        desk.write(&format!("{name}/甲.toml"), sample("yunyan-2025").replace("云砚镇", "甲镇"));
        desk.write(&format!("{name}/乙.toml"), sample("yunyan-2025").replace("云砚镇", "乙镇"));
        let ran = desk.drop(&[name]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert!(desk.path(&format!("{name}汇总/报送情况.html")).is_file(), "{:?}", desk.names());
    }
}

#[test]
fn the_archive_of_the_program_is_no_report() {
    let desk = Desk::new();
    desk.write("nianbao-0.1.0-windows-x86_64.zip", "x");
    desk.write("报来.zip", "x");
    assert_ne!(desk.drop(&["nianbao-0.1.0-windows-x86_64.zip"]).code, 0);
    let page = desk.text("nianbao-0.1.0-windows-x86_64检查结果.html");
    assert!(page.contains("下载来的程序本身"), "{page}");
    assert_ne!(desk.drop(&["报来.zip"]).code, 0);
    assert!(desk.text("报来检查结果.html").contains("压缩包坏了或者不完整"));
}

/// The sample as another town's, with the wrapping folder that archivers make.
fn packed(towns: &[&str]) -> Vec<u8> {
    let texts: Vec<(String, String)> = towns
        .iter()
        .map(|town| (format!("打包/{town}.toml"), sample("yunyan-2025").replace("云砚镇", town)))
        .collect();
    let parts: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    common::zipped(&parts)
}

#[test]
fn an_archive_is_read_as_a_folder_is() {
    let desk = Desk::new();
    // One report: its documents lie beside the archive.
    desk.write("石桥镇.zip", packed(&["石桥镇"]));
    let before = desk.read("石桥镇.zip");
    let ran = desk.drop(&["石桥镇.zip"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(desk.path("石桥镇检查结果.html").is_file(), "{:?}", desk.names());
    assert!(desk.names().iter().any(|name| has_end(name, "docx")), "{:?}", desk.names());
    assert!(desk.read("石桥镇.zip") == before, "the archive is kept");
    // As the only argument.
    let ran = desk.run(&["石桥镇.zip", "--no-open"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // Several units: the county's results.
    desk.write("报来.zip", packed(&["石桥镇", "白河镇"]));
    let ran = desk.drop(&["报来.zip"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let status = desk.text("报来汇总/报送情况.html");
    assert!(status.contains("石桥镇人民政府") && status.contains("白河镇人民政府"), "{status}");
    // Archives in a folder, as units mail them.
    for town in ["石桥镇", "白河镇"] {
        desk.write(&format!("收到/{town}.zip"), packed(&[town]));
    }
    let ran = desk.drop(&["收到"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(desk.text("收到汇总/报送情况.html").contains("白河镇人民政府"));
    // Nothing to read in it.
    desk.write("照片.zip", common::zipped(&[("a.jpg", "photo")]));
    let ran = desk.drop(&["照片.zip"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(desk.text("照片检查结果.html").contains("没有能读的报告"));
}

/// An archive that says that each of its files has a password.
fn with_passwords(mut archive: Vec<u8>) -> Vec<u8> {
    for (head, flags) in [(*b"PK\x03\x04", 6), (*b"PK\x01\x02", 8)] {
        let at = |at: &usize| archive[*at..].starts_with(&head);
        let places: Vec<usize> = (0..archive.len()).filter(at).collect();
        assert!(!places.is_empty(), "no heads of files");
        for place in places {
            archive[place + flags] |= 1;
        }
    }
    archive
}

#[test]
fn all_files_of_an_archive_that_cannot_be_read_are_named() {
    let desk = Desk::new();
    desk.write("报来.zip", with_passwords(packed(&["石桥镇", "白河镇", "青溪镇"])));
    let ran = desk.drop(&["报来.zip"]);
    assert_ne!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let page = desk.text("报来检查结果.html");
    assert!(
        ["石桥镇.toml", "白河镇.toml", "青溪镇.toml"].iter().all(|name| page.contains(name)),
        "{page}"
    );
    assert_eq!(page.matches("请先用密码解压").count(), 1, "the reason once: {page}");
    // Beyond ten it is told how many there are; other reasons stand beside.
    let towns: Vec<String> = (1..=15).map(|number| format!("第{number}镇")).collect();
    let towns: Vec<&str> = towns.iter().map(String::as_str).collect();
    desk.write("多.zip", with_passwords(packed(&towns)));
    assert_ne!(desk.drop(&["多.zip"]).code, 0);
    let page = desk.text("多检查结果.html");
    assert!(page.contains("等 14 个") && page.matches("镇.toml").count() >= 11, "{page}");
    desk.write("旧.zip", common::zipped(&[("甲.pdf", "x"), ("乙.doc", "x"), ("丙.zip", "x")]));
    assert_ne!(desk.drop(&["旧.zip"]).code, 0);
    let page = desk.text("旧检查结果.html");
    assert!(["甲.pdf", "乙.doc", "丙.zip"].iter().all(|name| page.contains(name)), "{page}");
}

#[test]
fn a_list_of_units_in_the_folder_is_passed_over_and_named() {
    let desk = Desk::new();
    desk.write("报来/甲.toml", sample("yunyan-2025").replace("云砚镇", "甲镇"));
    desk.write("报来/乙.toml", sample("yunyan-2025").replace("云砚镇", "乙镇"));
    let units = "[[unit]]\nname = \"甲镇人民政府\"\n[[unit]]\nname = \"戊镇人民政府\"\n";
    desk.write("报来/units.toml", units);
    desk.drop(&["报来"]);
    let page = desk.text("报来检查结果.html");
    assert!(!page.contains("戊镇人民政府") && !page.contains("不在名册"), "{page}");
    assert!(page.contains("units.toml"), "{page}");
}

#[test]
fn a_folder_with_one_report_is_that_report() {
    let desk = Desk::new();
    desk.write("我的/年报.toml", sample("yunyan-2025"));
    desk.write("我的/扫描.pdf", "x");
    for _ in 0..2 {
        // What was made the first time is no further report.
        let ran = desk.drop(&["我的"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(desk.names(), ["我的"]);
        let page = desk.text("我的/年报检查结果.html");
        assert!(page.contains("文件夹里的这些没有看：扫描.pdf"), "{page}");
        assert_eq!(common::names(&desk.path("我的")).len(), 5);
    }
}

#[test]
fn folders_without_reports_are_told() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("空")).expect("made");
    desk.write("旧/a.doc", "x");
    desk.write("两/report.toml", "x");
    desk.write("两/report.json", "{}");
    for (dir, words) in [
        ("空", "没有能读的报告"),
        ("旧", "要先另存为 .docx 或 .xlsx：a.doc"),
        ("两", "分不清用哪一份"),
    ] {
        let ran = desk.drop(&[dir]);
        assert_eq!(ran.code, 1, "{dir}: {}", ran.stderr);
        assert!(desk.text(&format!("{dir}检查结果.html")).contains(words), "{dir}");
    }
}

#[test]
fn several_things_have_one_page() {
    let desk = Desk::new();
    desk.write("甲.toml", sample("yunyan-2025"));
    desk.write("子/乙.toml", wrong());
    desk.write("丙.pdf", "x");
    let ran = desk.drop(&["甲.toml", "子/乙.toml", "丙.pdf"]);
    assert_eq!(ran.code, 1);
    let pages: Vec<_> = desk.names().into_iter().filter(|name| has_end(name, "html")).collect();
    assert_eq!(pages, ["甲等 3 个检查结果.html"]);
    let page = desk.text(&pages[0]);
    for link in links(&page).iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
    }
    assert_eq!(page.matches("<h1>").count(), 1);
    assert!(page.contains("甲.toml") && page.contains("乙.toml") && page.contains("丙.pdf"));
    let files = links(&page).into_iter().filter(|link| !link.starts_with('#'));
    assert!(files.map(|link| target(&desk.path(&pages[0]), &link)).all(|file| file.is_file()));
}

#[test]
fn settings_beside_count_only_if_they_are_named() {
    let desk = Desk::new();
    desk.write("甲.toml", wrong());
    desk.write("nianbao.toml", "[rules]\nbalance = \"off\"\n");
    assert_eq!(desk.drop(&["甲.toml"]).code, 1, "settings of the folder are not used");
    assert!(desk.text("甲检查结果.html").contains("旁边有设置文件 nianbao.toml"));
    let named = ["drop", "--today", TODAY, "--config", "nianbao.toml", "甲.toml"];
    assert_eq!(desk.run(&named).code, 0);
    assert!(!desk.text("甲检查结果.html").contains("旁边有设置文件"));
}

#[test]
fn last_year_beside_is_compared() {
    let desk = Desk::new();
    desk.write("云砚2025.toml", sample("yunyan-2025"));
    desk.drop(&["云砚2025.toml"]);
    assert!(desk.text("云砚2025检查结果.html").contains("没有找到上年的报告"));
    let last = sample("yunyan-2025").replace("year = 2025", "year = 2024");
    desk.write("云砚2024.toml", last);
    desk.drop(&["云砚2025.toml"]);
    let page = desk.text("云砚2025检查结果.html");
    assert!(page.contains("已经和上年的“云砚2024.toml”核对"), "{page}");
}

#[test]
fn reports_of_one_organ_are_no_county_and_are_compared() {
    let desk = Desk::new();
    let last = sample("yunyan-2025").replace("year = 2025", "year = 2024");
    desk.write("我的/去年.toml", last);
    desk.write("我的/今年.toml", sample("yunyan-2025"));
    for paths in [&["我的"][..], &["我的/今年.toml", "我的/去年.toml"]] {
        desk.drop(paths);
        let pages = [desk.names(), common::names(&desk.path("我的"))].concat();
        assert!(!pages.iter().any(|name| name.contains("汇总")), "{pages:?}");
        let made = common::names(&desk.path("我的"));
        // The figures of this year do not follow from the same ones of last year, so only that is made.
        let documents: Vec<_> = made.iter().filter(|name| has_end(name, "docx")).collect();
        assert_eq!(documents, ["云砚镇人民政府2024年政府信息公开工作年度报告.docx"]);
        let page = if paths.len() == 1 {
            "我的检查结果.html"
        } else {
            "我的/今年等 2 个检查结果.html"
        };
        let page = desk.text(page);
        assert!(page.contains("已经和上年的“去年.toml”核对"), "{page}");
        assert!(page.contains("2024 年度报告") && page.contains("2025 年度报告"), "{page}");
    }
}
