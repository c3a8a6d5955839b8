//! A clerk's year at the command line: next year's report begun with last year's, and nothing lost that a person made.

mod common;
#[path = "../crates/docx-fill/tests/support/mod.rs"]
mod support;

use common::{copy, names, only, root, run};
use std::path::{Path, PathBuf};

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A folder with the data of a sample.
fn sample(name: &str, to: &Path) -> PathBuf {
    let folder = to.join(name);
    copy(&root().join("samples").join(name), &folder);
    folder
}

#[test]
fn a5_next_year_begins_with_last_years_word_report() {
    let dir = dir();
    let built =
        run(&root(), &["build", "samples/yunyan-2025", "-o", &dir.path().to_string_lossy()]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    let last = only(dir.path(), "docx");
    for (kind, file) in [(None, "report.toml"), (Some("--xlsx"), "report.xlsx")] {
        let to = dir.path().join(file.trim_end_matches(char::is_alphabetic));
        let (last, to) = (last.to_string_lossy().into_owned(), to.to_string_lossy().into_owned());
        let args: Vec<&str> = ["new", &to, "--from", &last].into_iter().chain(kind).collect();
        let made = run(&root(), &args);
        assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
        assert!(made.stdout.contains("【待改写】"), "{}", made.stdout);
        let file = Path::new(&to).join(file).to_string_lossy().into_owned();
        let checked = run(&root(), &["check", &file, "--previous", &last]);
        assert_eq!(checked.code, 1, "an unfinished report has errors: {}", checked.stdout);
        assert!(checked.stdout.contains("[unfinished]"), "{}", checked.stdout);
        assert!(checked.stdout.contains("[blank-cell]"), "{}", checked.stdout);
        assert!(!checked.stdout.contains("[carry-over]"), "{}", checked.stdout);
        let refused = run(&root(), &["build", &file, "-o", &to]);
        assert_eq!(refused.code, 1, "{}", refused.stdout);
        assert!(names(Path::new(&to)).iter().all(|name| !name.ends_with("docx")));
        // A second time nothing is written over.
        assert_eq!(run(&root(), &args).code, 2);
    }
    let text = std::fs::read_to_string(dir.path().join("report.").join("report.toml"));
    let text = text.expect("written");
    assert!(text.contains("year = 2026"), "{text}");
    assert!(text.contains("云砚镇人民政府"), "{text}");
    assert!(!text.contains("2027"), "years are turned once: {text}");
}

#[test]
fn a_year_before_the_last_one_is_refused() {
    let dir = dir();
    let to = dir.path().join("new").to_string_lossy().into_owned();
    let made = run(&root(), &["new", &to, "--from", "samples/yunyan-2025", "--year", "2025"]);
    assert_eq!(made.code, 2);
    assert!(made.stderr.contains("2025"), "{}", made.stderr);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn a4_what_a_person_changed_is_kept_and_the_new_file_lies_beside_it() {
    for in_place in [true, false] {
        let dir = dir();
        let data = sample("yunyan-2025", dir.path());
        let out = if in_place { data.clone() } else { dir.path().join("out") };
        let (file, to) = (data.to_string_lossy().into_owned(), out.to_string_lossy().into_owned());
        let mut args = vec!["build", file.as_str(), "--to", "docx"];
        if !in_place {
            args.extend(["-o", to.as_str()]);
        }
        assert_eq!(run(&root(), &args).code, 0);
        let word = only(&out, "docx");
        let first = std::fs::read(&word).expect("built");
        // Built again, it is the program's own file that is replaced.
        let again = run(&root(), &[&args[..], &["--force"]].concat());
        assert_eq!(again.code, 0);
        assert_eq!(only(&out, "docx"), word);
        let touched = [first.as_slice(), b"\0"].concat();
        std::fs::write(&word, &touched).expect("touched up");
        let ran = run(&root(), &[&args[..], &["--force"]].concat());
        assert_eq!(ran.code, 0);
        assert!(ran.stderr.contains("（2）"), "{}{}", ran.stdout, ran.stderr);
        assert_eq!(std::fs::read(&word).expect("there"), touched, "what a person made is kept");
        let beside: Vec<String> =
            names(&out).into_iter().filter(|name| name.ends_with("（2）.docx")).collect();
        let [beside] = beside.as_slice() else { panic!("{:?}", names(&out)) };
        assert_eq!(std::fs::read(out.join(beside)).expect("there"), first);
        // The second name is the program's own, so there is never a third.
        assert_eq!(run(&root(), &[&args[..], &["--force"]].concat()).code, 0);
        let words = names(&out).into_iter().filter(|name| name.ends_with("docx")).count();
        assert_eq!(words, 2, "{:?}", names(&out));
        let asked = run(&root(), &[&args[..], &["--force", "--overwrite"]].concat());
        assert_eq!(asked.code, 0);
        assert_eq!(std::fs::read(&word).expect("there"), first);
    }
}

#[test]
fn a_file_that_the_program_did_not_make_is_never_replaced() {
    let dir = dir();
    let template = root().join("templates/2021/report.docx").to_string_lossy().into_owned();
    let blank = dir.path().join("表样.docx");
    std::fs::copy(&template, &blank).expect("copied");
    let blank = blank.to_string_lossy().into_owned();
    let data = dir.path().join("data.json");
    std::fs::write(&data, "{}").expect("written");
    let data = data.to_string_lossy().into_owned();
    let other = dir.path().join("别人的.docx");
    std::fs::write(&other, b"work of hours").expect("written");
    let other = other.to_string_lossy().into_owned();
    let simple = dir.path().join("简单.docx");
    std::fs::write(&simple, support::Docx::new("<w:p><w:r><w:t>好</w:t></w:r></w:p>").bytes())
        .expect("written");
    let simple = simple.to_string_lossy().into_owned();
    for args in
        [&["fill", &simple, &data, "-o", &other][..], &["template", "make", "2021", "-o", &other]]
    {
        let ran = run(&root(), args);
        assert_eq!(ran.code, 2, "{args:?} {}", ran.stdout);
        assert!(ran.stderr.contains("--overwrite"), "{}", ran.stderr);
        assert_eq!(std::fs::read(&other).expect("there"), b"work of hours", "{args:?}");
    }
    for args in [
        &["fill", &simple, &data, "-o", &simple, "--overwrite"][..],
        &["template", "from", &blank, "-o", &blank, "--overwrite"],
    ] {
        let ran = run(&root(), args);
        assert_eq!(ran.code, 2, "its own input: {args:?} {}", ran.stdout);
    }
    let pdf = dir.path().join("out.pdf").to_string_lossy().into_owned();
    let ran = run(&root(), &["fill", &simple, &data, "-o", &pdf]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains(".docx"), "{}", ran.stderr);
    let asked = run(&root(), &["fill", &simple, &data, "-o", &other, "--overwrite"]);
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    let same = run(&root(), &["fill", &simple, &data, "-o", &other]);
    assert_eq!(same.code, 0, "the same content may stay: {}", same.stderr);
}

#[test]
fn a3_an_untouched_fresh_file_is_not_passed_in_silence() {
    let dir = dir();
    let to = dir.path().join("new").to_string_lossy().into_owned();
    let made = run(&root(), &["new", &to, "--year", "2025", "--organ", "云砚镇人民政府"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let checked = run(&root(), &["check", &to]);
    assert!(checked.stdout.contains("[sample-text]"), "{}", checked.stdout);
    let sample = run(&root(), &["check", "samples/yunyan-2025"]);
    assert!(!sample.stdout.contains("[sample-text]"), "{}", sample.stdout);
}

#[test]
fn a6_last_years_report_is_found_in_every_format() {
    let dir = dir();
    let built = dir.path().join("built");
    let to = built.to_string_lossy().into_owned();
    assert_eq!(run(&root(), &["build", "samples/yunyan-2025", "--to", "docx", "-o", &to]).code, 0);
    let word = only(&built, "docx");
    let xlsx = dir.path().join("last.xlsx").to_string_lossy().into_owned();
    let converted = run(&root(), &["convert", "samples/yunyan-2025/report.toml", &xlsx]);
    assert_eq!(converted.code, 0, "{}", converted.stderr);
    // Next year's report carries in what last year's did not carry out.
    let next = dir.path().join("next").to_string_lossy().into_owned();
    let last = word.to_string_lossy().into_owned();
    assert_eq!(run(&root(), &["new", &next, "--from", &last]).code, 0);
    let text = std::fs::read_to_string(Path::new(&next).join("report.toml")).expect("written");
    let line = text.lines().find(|line| line.starts_with("carried-in")).expect("a row");
    let wrong = line.replacen(['0', '1', '2', '3', '4', '5'], "77", 1);
    let text = text.replace(line, &wrong);
    for (source, name) in [
        (last.as_str(), "云砚镇2025年年度报告.docx"),
        (&xlsx, "2025年报.xlsx"),
        (&xlsx, "report.previous.xlsx"),
        ("samples/yunyan-2025/report.toml", "report.previous.toml"),
    ] {
        let home = dir.path().join(name);
        std::fs::create_dir_all(&home).expect("made");
        std::fs::write(home.join("report.toml"), &text).expect("written");
        std::fs::copy(root().join(source), home.join(name)).expect("copied");
        let checked = run(&root(), &["check", &home.join("report.toml").to_string_lossy()]);
        assert!(checked.stdout.contains("[carry-over]"), "{name}: {}", checked.stdout);
    }
}
