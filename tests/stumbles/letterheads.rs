//! Letterheads of people's own: which file is to blame, whose names stand in a new one.

use super::{expect, folder, run, said, sample_text, write};

#[test]
fn d4_the_letterhead_at_fault_is_blamed_and_not_the_data() {
    let dir = folder();
    write(&dir.path().join("report.toml"), sample_text("yunyan-2025"));
    let paragraphs = [
        "{{organ.name}}文件".to_owned(),
        "{{letterhead.numbr}}".to_owned(),
        "{{report}}".to_owned(),
    ];
    write(&dir.path().join("错名.docx"), super::common::letter(&paragraphs));
    let ran = run(
        dir.path(),
        &["build", "report.toml", "--to", "docx", "--letterhead", "错名.docx", "-o", "out"],
    );
    assert_eq!(ran.code, 1, "{}", said(&ran));
    expect(&ran, 1, &["错名.docx", "numbr"]);
    assert!(!said(&ran).contains("“report.toml”有错误"), "{}", said(&ran));
}

#[test]
fn d5_a_new_letterhead_names_no_stranger() {
    let dir = folder();
    let ran = run(dir.path(), &["letterhead", "new", "版头"]);
    assert_eq!(ran.code, 0, "{}", said(&ran));
    let text =
        std::fs::read_to_string(dir.path().join("版头/letterhead.toml")).expect("a letterhead");
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        assert!(!line.contains("领导小组") && !line.contains("人民政府"), "{line}");
    }
}
