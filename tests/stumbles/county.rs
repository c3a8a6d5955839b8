//! A county that takes what its units send: figures that cannot be read, amounts in yuan, folders and patterns.

use super::{
    built, expect, folder, only, report_of, run, said, sample_text, with_review_figure, write,
};
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
    assert_eq!(ran.code, 1, "{}", said(&ran));
    let status = std::fs::read_to_string(only(&dir.path().join("汇总"), ".html")).expect("a page");
    assert!(status.contains("没有读出来"), "{status}");
    let report = std::fs::read_to_string(only(&dir.path().join("汇总"), ".toml")).expect("data");
    assert!(report.contains('？'), "a sum of something unknown is unknown:\n{report}");
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
    assert!(sample_text("yunyan-2025").contains("云砚镇人民政府"));
}
