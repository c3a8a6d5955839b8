//! A county that takes what its units send: figures that cannot be read, amounts in yuan, folders and patterns.

use super::common::{names, parts};
use super::{built, expect, folder, only, report_of, root, run, said, with_review_figure, write};
use std::io::Write as _;
use std::path::Path;

/// Two units, one of whose Word reports has another word for a figure of table four.
fn county(dir: &Path, words: &str) {
    let document = built(dir, &report_of("石桥镇人民政府"));
    let bytes = std::fs::read(document).expect("a document");
    write(&dir.join("报来/石桥镇.docx"), with_review_figure(&bytes, 1, words));
    write(&dir.join("报来/云砚镇.toml"), report_of("云砚镇人民政府"));
}

#[test]
fn b1_one_word_in_table_four_of_a_word_report_costs_no_other_cell() {
    for words in ["无", "2件", "—"] {
        let dir = folder();
        county(dir.path(), words);
        let ran = run(dir.path(), &["check", "报来/石桥镇.docx"]);
        let all = said(&ran);
        assert_eq!(ran.code, 1, "{words}: {all}");
        assert!(!all.contains("没有找到") && !all.contains("不在表样的任何一格"), "{words}: {all}");
        assert!(all.contains("表四") && all.contains(words), "{words}: {all}");
        let errors = all.lines().filter(|line| line.starts_with("错误[")).count();
        assert!(errors <= 2, "{words}: {errors} errors\n{all}");
    }
}

#[test]
fn b2_what_was_not_read_is_no_zero_in_the_matrix_and_the_unit_is_not_complete() {
    let dir = folder();
    county(dir.path(), "无");
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总"]);
    expect(
        &ran,
        1,
        &["表四的合计不全：有 1 格缺 1 个单位没有读出来的数（石桥镇人民政府）", "没有读全"],
    );
    let status = std::fs::read_to_string(only(&dir.path().join("汇总"), ".html")).expect("a page");
    assert!(status.contains("没有读出来"), "{status}");
    // In the unit's line of the matrix that cell is the only one without a figure.
    let read = figures_of_matrix(&dir.path().join("汇总"));
    let dir = folder();
    county(dir.path(), "1");
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    assert_eq!(read + 1, figures_of_matrix(&dir.path().join("汇总")), "no 0 for an unknown figure");
}

/// The number of figures on the last sheet of the matrix, the one for table four.
fn figures_of_matrix(results: &Path) -> usize {
    let is_workbook = |name: &String| Path::new(name).extension().is_some_and(|end| end == "xlsx");
    let workbooks = names(results).into_iter().filter(is_workbook);
    let sheets = workbooks.filter_map(|name| {
        let bytes = std::fs::read(results.join(name)).expect("a workbook");
        parts(&bytes).remove("xl/worksheets/sheet4.xml")
    });
    let sheets: Vec<Vec<u8>> = sheets.collect();
    let [sheet] = sheets.as_slice() else { panic!("{} workbooks with four sheets", sheets.len()) };
    String::from_utf8_lossy(sheet).matches("<v>").count()
}

#[test]
fn b3_doubts_about_amounts_stand_where_totals_are_read() {
    let dir = folder();
    write(&dir.path().join("报来/云砚镇.toml"), report_of("云砚镇人民政府"));
    let yuan = report_of("石桥镇人民政府");
    let line = yuan.lines().find(|line| line.starts_with("fees")).expect("the row");
    write(&dir.path().join("报来/石桥镇.toml"), yuan.replace(line, "fees = { amount = 350000 }"));
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总"]);
    expect(&ran, 0, &["350000", "可能填成了元"]);
    let status = std::fs::read_to_string(only(&dir.path().join("汇总"), ".html")).expect("a page");
    assert!(status.contains("可能填成了元"), "{status}");
}

#[test]
fn b4_folders_and_patterns_are_checked_as_they_are_built() {
    let dir = folder();
    for organ in ["云砚镇人民政府", "石桥镇人民政府"] {
        write(&dir.path().join("报来").join(format!("{organ}.toml")), report_of(organ));
    }
    for path in ["报来", "报来/*.toml"] {
        expect(&run(dir.path(), &["check", path]), 0, &["检查了 2 份，其中 2 份没有错误"]);
    }
}

#[test]
fn b7_what_units_send_in_other_wrappings_is_read_or_named_once() {
    let dir = folder();
    let units = dir.path().join("报来");
    write(&units.join("云砚镇.toml"), report_of("云砚镇人民政府"));
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("石桥镇.toml", zip::write::SimpleFileOptions::default()).expect("a file");
    archive.write_all(report_of("石桥镇人民政府").as_bytes()).expect("written");
    write(&units.join("石桥镇.zip"), archive.finish().expect("an archive").into_inner());
    write(&units.join("封面.jpg"), "x");
    write(&units.join("说明.txt"), "x");
    write(&units.join("南溪镇.rar"), "x");
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总"]);
    expect(&ran, 1, &["计入 2 个", "南溪镇.rar", "RAR", "封面.jpg、说明.txt"]);
    assert_eq!(said(&ran).matches("file-passed-over").count(), 1, "{}", said(&ran));
}

/// A browser that saves a whole page lays its pictures and frames into a folder beside it; some sites call pages `.shtml`.
#[test]
fn b7_a_page_that_was_saved_whole_is_one_unit() {
    let dir = folder();
    let page = std::fs::read(root().join("tests/import/portal.html")).expect("a page");
    let units = dir.path().join("报来");
    write(&units.join("民政局.shtml"), &page);
    write(&units.join("民政局_files/frame.htm"), "<html><body>广告</body></html>");
    write(&units.join("民政局_files/a.css"), "p{}");
    let ran = run(dir.path(), &["collect", "报来", "-o", "汇总"]);
    let all = said(&ran);
    assert!(all.contains("收到 1 份；计入 1 个") && !all.contains("unit-unreadable"), "{all}");
    assert!(all.contains("民政局_files") && !all.contains("frame.htm"), "{all}");
}

/// A table full of strokes or of one word is told once, and each of its cells is unknown.
#[test]
fn b1_a_table_full_of_one_word_is_told_once() {
    for (words, rule) in [("—", "not-a-count"), ("/", "slash-cell"), ("无", "not-a-count")] {
        let dir = folder();
        let text = report_of("云砚镇人民政府");
        let start = text.find("[review]").expect("table four");
        let rows = ["reconsideration", "direct-suit", "suit-after-reconsideration"];
        let columns = ["upheld", "corrected", "other", "pending"];
        let row = |row: &&str| {
            let cells = columns.map(|column| format!("{column} = \"{words}\""));
            format!("{row} = {{ {} }}\n", cells.join(", "))
        };
        let table: String = rows.iter().map(row).collect();
        let end = text[start + 1..].find("\n[").map_or(text.len(), |at| start + 1 + at);
        let text = format!("{}[review]\n{table}{}", &text[..start], &text[end..]);
        write(&dir.path().join("report.toml"), text);
        let ran = run(dir.path(), &["check", "report.toml"]);
        expect(&ran, 1, &[rule, "有 12 格", "行政复议"]);
        let errors = said(&ran).lines().filter(|line| line.starts_with("错误[")).count();
        assert_eq!(errors, 1, "{words}: {}", said(&ran));
    }
}
