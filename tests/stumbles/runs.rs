//! Runs that cannot do what they were asked: paths that lead nowhere, kinds of files that are not read.

use super::{expect, folder, report_of, run, said, write};

#[test]
fn x3_a_file_that_was_not_checked_is_not_counted_as_checked() {
    let dir = folder();
    for name in ["年报.pdf", "年报.ofd", "年报.doc", "年报.wps"] {
        write(&dir.path().join(name), "x");
        let ran = run(dir.path(), &["check", name]);
        expect(&ran, 2, &[&format!("没有检查：{name}")]);
        assert!(!said(&ran).contains("检查了"), "{}", said(&ran));
    }
    let ran = run(dir.path(), &["check", "没有这个.toml"]);
    expect(&ran, 2, &["找不到“没有这个.toml”", "没有检查：没有这个.toml"]);
    let ran = run(dir.path(), &["check", "年报.pdf", "年报.doc"]);
    expect(&ran, 2, &["2 份都没有检查：年报.pdf、年报.doc"]);
    write(&dir.path().join("云砚镇.toml"), report_of("云砚镇人民政府"));
    let ran = run(dir.path(), &["check", "云砚镇.toml", "年报.pdf"]);
    expect(&ran, 2, &["检查了 1 份，其中 1 份没有错误；另有 1 份没有检查：年报.pdf"]);
    // In a folder the same.
    write(&dir.path().join("石桥镇.toml"), report_of("石桥镇人民政府"));
    let ran = run(dir.path(), &["check", "."]);
    expect(&ran, 1, &["检查了 2 份，其中 2 份没有错误；另有 4 份没有检查："]);
    for number in 0..20 {
        write(&dir.path().join(format!("很多/{number:02}.pdf")), "x");
    }
    let ran = run(dir.path(), &["check", "很多"]);
    assert!(
        said(&ran).contains("20 份都没有检查：") && said(&ran).contains(" 等"),
        "{}",
        said(&ran)
    );
}
