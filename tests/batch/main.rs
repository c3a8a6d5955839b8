//! Many reports at once: order, shares, what is built again, names.

#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod kills;
#[cfg(feature = "pdf")]
mod pdf;

use common::{Ran, copy, names, nianbao, root, run};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// A small report whose text says `word`.
fn report(organ: &str, word: &str) -> String {
    format!("year = 2025\n[organ]\nname = \"{organ}\"\n[text]\noverview = \"{word}。\"\n")
}

/// `count` small reports in folders of folders.
fn reports(dir: &Path, count: usize, word: &str) {
    for number in 0..count {
        let path = dir.join(format!("in/区{}/镇{number:03}/report.toml", number % 3));
        write(&path, &report(&format!("第{number}镇人民政府"), word));
    }
}

/// The files of a folder, hidden ones too, by name.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries =
        std::fs::read_dir(dir).into_iter().flatten().map(|entry| entry.expect("an entry"));
    let read = entries.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).unwrap_or_default())
    });
    read.collect()
}

/// The documents of a folder by name.
fn documents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    files(dir)
        .into_iter()
        .filter(|(name, _)| {
            Path::new(name).extension().is_some_and(|end| end == "docx" || end == "pdf")
        })
        .collect()
}

fn leftovers(dir: &Path) -> Vec<String> {
    files(dir)
        .into_keys()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "tmp"))
        .collect()
}

fn docx(dir: &Path, more: &[&str]) -> Ran {
    run(dir, &[&["build", "-o", "out", "--to", "docx"], more].concat())
}

fn summary(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).expect("a summary")).expect("JSON")
}

#[test]
fn output_does_not_depend_on_the_number_of_workers() {
    let dir = dir();
    reports(dir.path(), 40, "工作有序");
    write(&dir.path().join("in/区1/坏/report.toml"), "year = \n");
    write(&dir.path().join("in/区2/错/report.toml"), "year = 2025\n");
    write(&dir.path().join("in/区2/双/report.toml"), &report("第1镇人民政府", "同名"));
    write(&dir.path().join("in/区2/双/report.yaml"), "");
    let mut seen = BTreeSet::new();
    for jobs in ["1", "2", "7"] {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        let ran = docx(dir.path(), &["in", "nowhere", "--jobs", jobs, "--summary", "s.json"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(
            ran.stdout.contains("共 44 份：生成 40，未变 0，有错误未生成 2，无法处理 2"),
            "{}",
            ran.stdout
        );
        let text = std::fs::read_to_string(dir.path().join("s.json")).expect("a summary");
        seen.insert((ran.stdout, ran.stderr, text, documents(&dir.path().join("out"))));
    }
    assert_eq!(seen.len(), 1);
    let (_, _, text, made) = seen.first().expect("one");
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let records = value["reports"].as_array().expect("a list");
    assert_eq!(records.len(), 44);
    for record in records {
        let built = record["status"] == "built";
        assert_eq!(record["reason"].is_null(), built, "{record}");
        for output in record["outputs"].as_array().expect("a list") {
            let bytes = &made[output["file"].as_str().expect("a name")];
            let sum =
                Sha256::digest(bytes).iter().fold(String::new(), |sum, b| format!("{sum}{b:02x}"));
            assert_eq!(output["sha256"].as_str(), Some(sum.as_str()));
        }
    }
    assert_eq!(value["complete"], true);
    assert_eq!(value["totals"]["refused"], 2);
}

#[test]
fn inputs_are_folders_patterns_and_lists_each_once() {
    let dir = dir();
    reports(dir.path(), 6, "清单");
    write(&dir.path().join("in/区0/.hidden/report.toml"), "no report\n");
    write(&dir.path().join("in/区0/镇000/inner/report.toml"), "belongs to the report around it\n");
    write(
        &dir.path().join("list.txt"),
        "\u{feff}# 清单\r\nin/区1/镇001\r\n\r\nin/区1/镇001/report.toml\r\n",
    );
    let count = |args: &[&str]| {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        let ran = docx(dir.path(), args);
        assert_eq!(ran.code, 0, "{args:?} {}{}", ran.stdout, ran.stderr);
        documents(&dir.path().join("out")).len()
    };
    assert_eq!(count(&["in"]), 6);
    assert_eq!(count(&["in", "in/区0", "./in/区1/镇004"]), 6);
    assert_eq!(count(&["in/*/镇00[0-3]"]), 4);
    assert_eq!(count(&["in/**/镇00?/report.toml"]), 6);
    assert_eq!(count(&["@list.txt"]), 1);
    assert_eq!(count(&["--from-list", "list.txt", "in/区2/*"]), 3);
    for (args, word) in [(["in/*.docx"], "in/*.docx"), (["in/[a"], "通配符"), (["@none"], "none")]
    {
        let ran = docx(dir.path(), &args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(word), "{}", ran.stderr);
    }
    assert_eq!(docx(dir.path(), &["in", "--shard", "3/2"]).code, 2);
    assert_eq!(docx(dir.path(), &["in", "--jobs", "0"]).code, 2);
}

#[test]
fn only_what_changed_is_built_again() {
    let dir = dir();
    reports(dir.path(), 8, "第一版");
    let out = dir.path().join("out");
    let state = |more: &[&str], expected: &str| {
        let ran = docx(dir.path(), &[&["in"], more].concat());
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(expected), "expected {expected}\n{}", ran.stdout);
    };
    state(&[], "生成 8，未变 0");
    let first = documents(&out);
    state(&[], "生成 0，未变 8");
    assert_eq!(first, documents(&out));
    write(&dir.path().join("in/区1/镇004/report.toml"), &report("第4镇人民政府", "第二版"));
    state(&[], "生成 1，未变 7");
    let second = documents(&out);
    let changed: Vec<_> = first.keys().filter(|name| first[*name] != second[*name]).collect();
    assert_eq!(changed, ["第4镇人民政府2025年政府信息公开工作年度报告.docx"]);
    // What else a document is made of: a missing or altered output, options, settings, templates.
    std::fs::remove_file(out.join(changed[0])).expect("removed");
    state(&[], "生成 1，未变 7");
    std::fs::write(out.join(changed[0]), "altered").expect("written");
    state(&["--overwrite"], "生成 1，未变 7");
    assert_eq!(second, documents(&out));
    // What lies beside the data is no setting; what lies in the current folder is one for all.
    write(&dir.path().join("in/区2/nianbao.toml"), "similarity = 80\n");
    state(&[], "生成 0，未变 8");
    write(&dir.path().join("nianbao.toml"), "similarity = 80\n");
    state(&[], "生成 8，未变 0");
    write(
        &dir.path().join("in/区2/镇002/report.previous.toml"),
        "year = 2024\n[organ]\nname = \"第2镇人民政府\"\n",
    );
    state(&[], "生成 1，未变 7");
    write(&dir.path().join("t/gongwen.typ"), "// mine\n");
    state(&["--templates", "t"], "生成 8，未变 0");
    state(&["--templates", "t"], "生成 0，未变 8");
    state(&["--force"], "生成 8，未变 0");
    assert_eq!(second, documents(&out));
    // A memory that is damaged is no harm.
    for damage in ["", "{", "[1,2]\n\0\n", "{\"file\":\"x\",\"inputs\":1}\n"] {
        std::fs::write(out.join(".nianbao-state.jsonl"), damage).expect("written");
        state(&[], "生成 8，未变 0");
        state(&[], "生成 0，未变 8");
    }
}

#[test]
fn pictures_count_and_lines_about_unchanged_reports_stay() {
    let dir = dir();
    copy(&root().join("samples"), &dir.path().join("in"));
    let ran = docx(dir.path(), &["in", "--jobs", "3"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let single = common::samples().into_iter().map(|sample| {
        let ran =
            run(dir.path(), &["build", &format!("in/{sample}"), "-o", "single", "--to", "docx"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    });
    assert_eq!(single.count(), documents(&dir.path().join("out")).len());
    assert_eq!(documents(&dir.path().join("single")), documents(&dir.path().join("out")));
    let picture = |ending: &str| {
        let mut found = Vec::new();
        for sample in names(&dir.path().join("in")) {
            let folder = dir.path().join("in").join(sample);
            found.extend(names(&folder).into_iter().map(|name| folder.join(name)));
        }
        found.into_iter().find(|path| path.to_string_lossy().ends_with(ending))
    };
    let picture = picture(".png").or_else(|| picture(".jpg")).expect("a sample has a picture");
    let mut bytes = std::fs::read(&picture).expect("read");
    bytes.extend(b"more");
    std::fs::write(&picture, bytes).expect("written");
    let ran = docx(dir.path(), &["in"]);
    assert!(ran.stdout.contains("生成 1，未变 3"), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("没有变化").count(), 3, "{}", ran.stdout);
}

#[test]
fn shards_are_a_partition_and_their_summaries_the_whole() {
    let dir = dir();
    reports(dir.path(), 30, "分片");
    write(&dir.path().join("in/坏/report.toml"), "year = \n");
    assert_eq!(
        run(dir.path(), &["build", "in", "-o", "whole", "--to", "docx", "--summary", "whole.json"])
            .code,
        1
    );
    let mut inputs = BTreeSet::new();
    for number in 1..=4 {
        let (shard, file) = (format!("{number}/4"), format!("{number}.json"));
        docx(dir.path(), &["in", "--shard", &shard, "--summary", &file]);
        let value = summary(&dir.path().join(file));
        for record in value["reports"].as_array().expect("a list") {
            assert!(inputs.insert(record["input"].to_string()), "{record} is in two shards");
        }
    }
    assert_eq!(inputs.len(), 31);
    assert_eq!(documents(&dir.path().join("out")), documents(&dir.path().join("whole")));
    let merge =
        |files: &[&str]| run(dir.path(), &[&["merge-summary", "-o", "all.json"], files].concat());
    let ran = merge(&["3.json", "1.json", "4.json", "2.json"]);
    assert_eq!(ran.code, 1, "one report is broken");
    assert_eq!(ran.stderr, "");
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).expect("read");
    assert_eq!(read("all.json"), read("whole.json"));
    // A new report moves no other one to another shard.
    let before = summary(&dir.path().join("1.json"));
    write(&dir.path().join("in/区0/新/report.toml"), &report("新镇人民政府", "新"));
    docx(dir.path(), &["in", "--shard", "1/4", "--summary", "1.json"]);
    let names = |value: &serde_json::Value| -> BTreeSet<String> {
        value["reports"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| r["input"].to_string())
            .collect()
    };
    let after = summary(&dir.path().join("1.json"));
    assert!(names(&before).is_subset(&names(&after)));
    // What does not fit together is said.
    let other = read("2.json").replace("nianbao 0", "nianbao 9");
    write(&dir.path().join("other.json"), &other);
    write(&dir.path().join("fifth.json"), &read("3.json").replace("3/4", "3/5"));
    write(&dir.path().join("bad.json"), "{}");
    for (files, word) in [
        (vec!["2.json", "4.json"], "缺少分片"),
        (vec!["2.json", "3.json"], "1/4"),
        (vec!["1.json", "2.json"], "报告总数不同"),
        (vec!["2.json", "2.json"], "只取第一个"),
        (vec!["2.json", "4.json"], "份报告的结果"),
        (vec!["other.json", "4.json"], "不同的程序版本"),
        (vec!["fifth.json", "4.json"], "分片数不同"),
    ] {
        let ran = merge(&files);
        assert_eq!(ran.code, 1, "{files:?}");
        assert!(ran.stderr.contains(word), "{files:?} {word}: {}", ran.stderr);
        assert_eq!(summary(&dir.path().join("all.json"))["complete"], false);
    }
    assert_eq!(merge(&["bad.json"]).code, 2);
}

#[test]
fn names_are_taken_once() {
    let dir = dir();
    for (folder, organ) in [("a", "ABC局"), ("b", "甲局"), ("c", "甲局"), ("d", "abc局")] {
        write(&dir.path().join(format!("in/{folder}/report.toml")), &report(organ, folder));
    }
    for (jobs, _) in [("1", 0), ("4", 1), ("4", 2)] {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        let ran = docx(dir.path(), &["in", "--jobs", jobs]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.stdout.contains("生成 2，未变 0，有错误未生成 0，无法处理 2"),
            "{}",
            ran.stdout
        );
        assert!(
            ran.stderr.contains("已有另一份报告写入") && ran.stderr.contains("大小写"),
            "{}",
            ran.stderr
        );
        let made = documents(&dir.path().join("out"));
        assert_eq!(made.len(), 2);
        let b = made.iter().find(|(name, _)| name.starts_with("甲局")).expect("the first").1;
        assert!(common::part(b, "word/document.xml").contains("b。"), "the first one stays");
        // The next run finds the same: what was kept is not taken away.
        assert!(docx(dir.path(), &["in"]).stdout.contains("生成 0，未变 2"));
    }
    // Across shards only the summaries know.
    for number in 1..=9 {
        let (shard, file) = (format!("{number}/9"), format!("{number}.json"));
        docx(dir.path(), &["in", "--shard", &shard, "--summary", &file, "--force"]);
    }
    let files: Vec<String> = (1..=9).map(|number| format!("{number}.json")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let ran = run(dir.path(), &[&["merge-summary", "-o", "all.json"], &files[..]].concat());
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("两份报告生成"), "{}", ran.stderr);
}

#[test]
fn names_from_data_stay_in_the_folder() {
    let dir = dir();
    for (number, organ) in
        ["../../up", "/etc/x", "C:\\\\x", "NUL", "a\\u202Efdp", "."].iter().enumerate()
    {
        write(&dir.path().join(format!("in/{number}/report.toml")), &report(organ, "名称"));
    }
    let ran = docx(dir.path(), &["in", "--draft"]);
    assert!(ran.stdout.contains("无法处理 0"), "{}{}", ran.stdout, ran.stderr);
    let made = documents(&dir.path().join("out"));
    assert!(!made.is_empty());
    assert!(
        made.keys().all(|name| !name.contains(['/', '\\', ':', '\u{202e}'])),
        "{:?}",
        made.keys()
    );
    assert_eq!(names(dir.path()), ["in", "out"]);
}
