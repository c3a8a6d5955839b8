//! `check` and `template check` beside programs that are not ours: templates that others saved again, comments, and
//! SARIF by its published schema.

use super::common::{self, Ran, root, run};
use super::{path, script, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_template_with_comments_is_valid_and_opens() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = run(dir.path(), &["template", "make", "2021", "-o", "t.docx"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let args = ["template", "check", "t.docx", "--form", "2019", "--comments", "copy.docx"];
    assert_eq!(run(dir.path(), &args).code, 1);
    let copy = dir.path().join("copy.docx");
    script("ooxml.sh", &[path(&copy)]);
    let out = dir.path().join("out");
    std::fs::create_dir(&out).expect("a folder");
    script("soffice.sh", &[path(&out), "pdf", path(&copy)]);
    assert!(out.join("copy.pdf").is_file());
}

/// Saved by another program, an official template still is one.
#[test]
fn official_templates_stay_silent_after_others_saved_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let save = "import sys, docx; docx.Document(sys.argv[1]).save(sys.argv[2])";
    for edition in ["2019", "2021"] {
        let template = dir.path().join(format!("{edition}.docx"));
        let official = root().join("templates").join(edition).join("report.docx");
        std::fs::copy(&official, &template).expect("copied");
        let office = dir.path().join("office");
        script("soffice.sh", &[path(&office), "docx", path(&template)]);
        let python = dir.path().join(format!("python-{edition}.docx"));
        let status = Command::new(tools().join("venv/bin/python"))
            .args(["-c", save, path(&template), path(&python)])
            .status();
        assert!(status.expect("python starts").success());
        for saved in [office.join(format!("{edition}.docx")), python] {
            let bytes = std::fs::read(&saved).expect("saved");
            assert_ne!(bytes, std::fs::read(&official).expect("a template"), "saved anew");
            for form in [&["--form", edition][..], &[]] {
                let mut args = vec!["template", "check", path(&saved), "--strict"];
                args.extend(form);
                args.extend(["--message-format", "json"]);
                let ran = run(dir.path(), &args);
                assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
            }
        }
    }
}

/// Everything that the cases of `check` find, templates of the wrong edition, a damaged data file, and none.
#[test]
fn sarif_follows_its_published_schema() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut logs: Vec<PathBuf> = Vec::new();
    let mut log = |args: &[&str]| {
        let file = dir.path().join(format!("{}.sarif", logs.len()));
        let args = [args, &["--message-format", "sarif"]].concat();
        let ran = run(&root(), &args);
        assert!(ran.code < 2, "{args:?}: {}", ran.stderr);
        std::fs::write(&file, ran.stdout).expect("written");
        logs.push(file);
    };
    let cases = root().join("tests/cases/check");
    let reports: Vec<PathBuf> = common::names(&cases)
        .iter()
        .map(|name| cases.join(name).join("report.toml"))
        .filter(|file| file.is_file())
        .collect();
    let mut args = vec!["check"];
    args.extend(reports.iter().map(|file| path(file)));
    log(&args);
    let damaged = dir.path().join("坏 了.toml");
    std::fs::write(&damaged, "year = [\n").expect("written");
    log(&["check", path(&damaged)]);
    log(&["check", "samples/yunyan-2025"]);
    for (edition, other) in [("2019", "2021"), ("2021", "2019")] {
        let template = format!("templates/{edition}/report.docx");
        log(&["template", "check", &template, "--form", other]);
        log(&["template", "check", &template, "--form", edition]);
    }
    assert!(results(&logs) > 200, "{}", results(&logs));
}

/// How many results valid logs hold.
fn results(logs: &[PathBuf]) -> usize {
    let tools = tools();
    let mut command = Command::new(tools.join("venv/bin/python"));
    let script: &Path = &root().join("tests/external/sarif.py");
    command.arg(script).arg(&tools).args(logs);
    let ran = Ran::from(command.output().expect("python starts"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let last = ran.stdout.lines().last().and_then(|line| line.split(' ').next()?.parse().ok());
    last.expect("a number of results")
}
