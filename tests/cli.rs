//! The wiring of the command line: exit codes, help, streams, files that appear whole or not at all.

mod common;
#[path = "../crates/docx-fill/tests/support/mod.rs"]
mod support;

use common::{names, only, root, run};
use docx_fill::diag::Lang;
use nianbao::messages::CATALOGUE;
use std::path::Path;

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn help_is_in_both_languages_and_complete() {
    let commands: &[&[&str]] = &[
        &[],
        &["new"],
        &["build"],
        &["check"],
        &["convert"],
        &["explain"],
        &["fill"],
        &["form"],
        &["form", "show"],
        &["template"],
        &["template", "make"],
        &["template", "check"],
        &["template", "tags"],
        &["template", "from"],
        &["template", "convert"],
        &["collect"],
        &["import"],
        &["letterhead"],
        &["letterhead", "new"],
        &["merge-summary"],
        &["drop"],
        &["help"],
        &["completions"],
        &["man"],
    ];
    let mut seen = String::new();
    for (lang, word) in [("zh", "用法"), ("en", "Usage")] {
        for command in commands {
            let args: Vec<&str> =
                command.iter().copied().chain(["--help", "--lang", lang]).collect();
            let ran = run(&root(), &args);
            assert_eq!(ran.code, 0, "{args:?} {}", ran.stderr);
            assert!(ran.stdout.contains(word), "{args:?}\n{}", ran.stdout);
            for line in ran.stdout.lines().filter(|line| line.trim_start().starts_with('-')) {
                assert!(line.trim().contains("  "), "{args:?}: no help for {line}");
            }
            seen.push_str(&ran.stdout);
        }
    }
    for lang in [Lang::Zh, Lang::En] {
        for (id, text) in CATALOGUE.entries(lang).filter(|(id, _)| id.starts_with("help.")) {
            assert!(seen.contains(text), "{id} is never shown");
        }
    }
}

#[test]
fn help_is_a_command_too() {
    for command in [&[][..], &["build"], &["template", "check"]] {
        let asked = run(&root(), &[&["help"][..], command].concat());
        let flag = run(&root(), &[command, &["--help"]].concat());
        assert_eq!((asked.code, &asked.stdout), (0, &flag.stdout), "{command:?}");
    }
    let ran = run(&root(), &["help", "biuld"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("biuld"), "{}", ran.stderr);
}

#[test]
fn shells_and_man_get_every_command_and_option() {
    let help = run(&root(), &["build", "--help"]).stdout;
    let options: Vec<&str> = help
        .split_whitespace()
        .filter(|word| word.starts_with("--") && word.len() > 4)
        .map(|word| word.trim_end_matches(['，', '；', '。']))
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    assert!(options.contains(&"--letterhead"), "{options:?}");
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ran = run(&root(), &["completions", shell]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        for option in &options {
            let bare = option.trim_start_matches('-');
            assert!(ran.stdout.contains(bare), "{shell} lacks {option}");
        }
        assert!(ran.stdout.contains("merge-summary") && ran.stdout.contains("drop"), "{shell}");
        assert_eq!(ran.stdout, run(&root(), &["completions", shell]).stdout);
    }
    let page = run(&root(), &["man", "build"]).stdout.replace("\\-", "-");
    for option in &options {
        assert!(page.contains(option), "the page lacks {option}");
    }
    let page = run(&root(), &["man"]).stdout;
    assert!(page.starts_with(".ie") && page.contains(".TH nianbao 1"), "{page}");
    let ran = run(&root(), &["completions", "tcsh"]);
    assert!(ran.code == 2 && ran.stderr.contains("bash"), "{}", ran.stderr);
    assert!(run(&root(), &["man", "--lang", "en"]).stdout.contains("annual report"));
}

#[test]
fn the_version_says_of_what_it_was_made() {
    let ran = run(&root(), &["--version"]);
    assert_eq!((ran.code, &*ran.stderr), (0, ""));
    assert!(
        ran.stdout.starts_with(concat!("nianbao ", env!("CARGO_PKG_VERSION"), "\n")),
        "{}",
        ran.stdout
    );
    assert_eq!(run(&root(), &["-V"]).stdout, ran.stdout);
    let line =
        |word: &str| ran.stdout.lines().find_map(|line| line.strip_prefix(word)).map(str::to_owned);
    let commit = line("提交：").expect("a commit");
    let is_name = commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit());
    let known = root().join(".git").exists();
    assert_eq!(is_name, known, "{commit}");
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("read");
    let typst = line("Typst：").expect("a version");
    assert!(lock.contains(&format!("name = \"typst\"\nversion = \"{typst}\"")), "{typst}");
    let fonts = line("字体：").expect("a folder");
    assert!(Path::new(&fonts).join("FandolFang-Regular.ttf").is_file(), "{fonts}");
    assert!(run(&root(), &["--version", "--lang", "en"]).stdout.contains("Commit: "));
}

#[test]
fn wrong_arguments_are_named_and_exit_with_two() {
    for (args, expected) in [
        (vec!["biuld"], "biuld"),
        (vec!["build"], "<PATH>"),
        (vec!["build", "x", "--to", "odt"], "odt"),
        (vec!["new", "x", "--year", "abc", "--organ", "甲"], "abc"),
        (vec!["check", "x", "--strikt"], "--strict"),
        (vec!["new", "x", "--organ", "甲"], "--year"),
    ] {
        let ran = run(&root(), &args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(expected) && ran.stderr.starts_with("错误"), "{}", ran.stderr);
    }
}

#[test]
fn no_arguments_show_the_help() {
    let ran = run(&root(), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("用法"), "{}", ran.stderr);
}

#[test]
fn missing_and_unreadable_inputs_exit_with_two() {
    let dir = dir();
    std::fs::create_dir(dir.path().join("empty")).expect("a folder");
    std::fs::write(dir.path().join("a.txt"), "x").expect("written");
    for (path, expected) in [("none", "none"), ("empty", "report.toml"), ("a.txt", ".toml")] {
        for command in ["check", "build"] {
            let ran = run(dir.path(), &[command, path]);
            assert_eq!(ran.code, 2, "{path}");
            assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        }
    }
}

#[test]
fn one_bad_report_does_not_stop_the_others() {
    let out = dir();
    let good = root().join("samples/yantian-2021");
    let good = good.to_str().expect("UTF-8");
    let to = out.path().to_str().expect("UTF-8");
    let ran = run(out.path(), &["build", "none", good, "-o", to, "--to", "docx"]);
    assert_eq!(ran.code, 1, "the run itself went well");
    assert!(ran.stderr.contains("none"), "{}", ran.stderr);
    only(out.path(), ".docx");
}

#[test]
fn errors_build_nothing_and_drafts_are_marked() {
    let dir = dir();
    let text =
        std::fs::read_to_string(root().join("samples/yantian-2021/report.toml")).expect("read");
    let wrong = format!("{text}\n[requests]\nreceived = [ 1, 0, 0, 0, 0, 0, 2 ]\n");
    std::fs::write(dir.path().join("report.toml"), wrong).expect("written");
    let ran = run(dir.path(), &["build", ".", "-o", "out"]);
    assert_eq!(ran.code, 1);
    assert!(!dir.path().join("out").exists());
    let ran = run(dir.path(), &["build", ".", "-o", "out", "--draft", "--to", "docx"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let file = only(&dir.path().join("out"), ".docx");
    assert!(file.to_string_lossy().contains("草稿"));
    let bytes = std::fs::read(file).expect("read");
    let headers = common::parts(&bytes).into_iter().filter(|(name, _)| name.contains("header"));
    let marked = headers.filter(|(_, xml)| String::from_utf8_lossy(xml).contains("草稿"));
    assert!(marked.count() >= 2, "both headers are marked");
}

#[test]
fn warnings_count_only_when_strict() {
    let dir = dir();
    std::fs::write(dir.path().join("report.toml"), "year = 2025\n[organ]\nname = \"云砚镇\"\n")
        .expect("written");
    assert_eq!(run(dir.path(), &["check", "."]).code, 0);
    assert_eq!(run(dir.path(), &["check", ".", "--strict"]).code, 1);
}

#[test]
fn new_refuses_to_overwrite() {
    let dir = dir();
    let args = ["new", "x", "--year", "2025", "--organ", "云砚镇人民政府"];
    assert_eq!(run(dir.path(), &args).code, 0);
    let ran = run(dir.path(), &args);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("report.toml"), "{}", ran.stderr);
    assert_eq!(run(dir.path(), &["check", "x"]).code, 0);
    assert_eq!(run(dir.path(), &["build", "x"]).code, 0);
    assert_eq!(names(&dir.path().join("x")).len(), 3);
}

#[test]
fn a_third_edition_is_a_folder() {
    let dir = dir();
    let form = include_str!("../templates/2021/form.toml")
        .replace("edition = \"2021\"", "edition = \"next\"")
        .replace("years = { from = 2021 }", "years = { from = 2040 }")
        .replace("label = \"3.其他\"", "label = \"3.其他情形\"");
    std::fs::create_dir_all(dir.path().join("t/next")).expect("a folder");
    std::fs::write(dir.path().join("t/next/form.toml"), form).expect("written");
    let new = ["new", "x", "--year", "2040", "--organ", "云砚镇人民政府", "--templates", "t"];
    assert_eq!(run(dir.path(), &new).code, 0);
    let ran = run(dir.path(), &["build", "x", "--templates", "t"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let bytes = std::fs::read(only(&dir.path().join("x"), ".docx")).expect("read");
    assert!(common::part(&bytes, "word/document.xml").contains("3.其他情形"));
    only(&dir.path().join("x"), ".pdf");
    assert_eq!(run(dir.path(), &["check", "x"]).code, 0, "2040 is covered by the newest form");
}

#[test]
fn any_template_is_filled_from_any_data() {
    let dir = dir();
    std::fs::write(dir.path().join("data.json"), r#"{"title-lines": "甲<乙>&", "draft": false}"#)
        .expect("written");
    let make = ["template", "make", "2021", "-o", "t.docx"];
    assert_eq!(run(dir.path(), &make).code, 0);
    let ran = run(dir.path(), &["fill", "t.docx", "data.json", "-o", "o.docx"]);
    assert_eq!(ran.code, 1, "the data lacks nearly everything");
    assert!(ran.stderr.contains("requests.received.total"), "{}", ran.stderr);
    assert!(!dir.path().join("o.docx").exists());
    let ran = run(dir.path(), &["fill", "t.docx", "data.json", "-o", "o.docx", "--allow-missing"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let bytes = std::fs::read(dir.path().join("o.docx")).expect("read");
    assert!(common::part(&bytes, "word/document.xml").contains("甲&lt;乙&gt;&amp;"));
}

#[test]
fn partials_come_from_a_folder_and_from_nowhere_else() {
    let dir = dir();
    let write = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, text).expect("written");
    };
    write("data.json", r#"{"name": "甲", "which": "../secret"}"#);
    write("secret.txt", "secret");
    write("p/sub/a.txt", "（{{name}}）\n");
    let fill = |text: &str, more: &[&str]| {
        std::fs::write(
            dir.path().join("t.docx"),
            support::Docx::new(&support::paragraph(&text.replace('>', "&gt;"))).bytes(),
        )
        .expect("written");
        run(dir.path(), &[&["fill", "t.docx", "data.json", "-o", "o.docx"], more].concat())
    };
    let ran = fill("{{> sub/a}}{{> sub/a.txt}}", &["--partials", "p"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let bytes = std::fs::read(dir.path().join("o.docx")).expect("read");
    assert!(common::part(&bytes, "word/document.xml").contains("（甲）（甲）"));
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret.txt", dir.path().join("p/link.txt")).expect("linked");
    for tag in
        ["{{> ../secret}}", "{{> ../secret.txt}}", "{{> link}}", "{{> (lookup this \"which\")}}"]
    {
        let ran = fill(tag, &["--partials", "p"]);
        assert_eq!(ran.code, 1, "{tag}");
        assert!(ran.stderr.contains("片段"), "{}", ran.stderr);
    }
    assert!(fill("{{> sub/a}}", &[]).stderr.contains("--partials"));
}

#[test]
fn a_broken_template_is_named() {
    let dir = dir();
    std::fs::write(dir.path().join("data.json"), "{}").expect("written");
    for (name, content) in [
        ("empty.docx", &b""[..]),
        ("text.docx", b"no zip"),
        ("old.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
    ] {
        std::fs::write(dir.path().join(name), content).expect("written");
        let ran = run(dir.path(), &["fill", name, "data.json", "-o", "o.docx"]);
        assert_eq!(ran.code, 1, "{name}");
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_said_and_leaves_nothing() {
    let dir = dir();
    std::fs::write(dir.path().join("file"), "x").expect("written");
    let sample = root().join("samples/yantian-2021");
    let ran = run(
        dir.path(),
        &["build", sample.to_str().expect("UTF-8"), "-o", "file/below", "--to", "docx"],
    );
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("写不了"), "{}", ran.stderr);
    assert_eq!(names(dir.path()), ["file"]);
}

#[test]
fn a_workbook_is_made_checked_and_converted() {
    let dir = dir();
    let new = ["new", "a", "--year", "2025", "--organ", "云砚镇人民政府", "--xlsx"];
    assert_eq!(run(dir.path(), &new).code, 0);
    assert_eq!(run(dir.path(), &new).code, 2, "an existing file is kept");
    let ran = run(dir.path(), &["check", "a"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let formats = ["a/report.xlsx", "b.toml", "c.yaml", "d.json", "e.xlsx", "f.toml"];
    for pair in formats.windows(2) {
        let ran = run(dir.path(), &["convert", pair[0], pair[1]]);
        assert_eq!(ran.code, 0, "{pair:?} {}{}", ran.stdout, ran.stderr);
    }
    let read = |name: &str| std::fs::read(dir.path().join(name)).expect("read");
    assert_eq!(read("b.toml"), read("f.toml"));
    assert_eq!(read("a/report.xlsx"), read("e.xlsx"));
    assert_eq!(run(dir.path(), &["convert", "b.toml", "c.yaml"]).code, 2);
    std::fs::write(dir.path().join("g.toml"), "year = 2025\nextra = 1\n").expect("written");
    let ran = run(dir.path(), &["convert", "g.toml", "g.xlsx"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(!dir.path().join("g.xlsx").exists());
}

#[test]
fn the_pictures_of_a_word_document_are_converted_with_it() {
    let dir = dir();
    let sample = root().join("samples/lanxi-2025");
    let build = ["build", sample.to_str().expect("UTF-8"), "-o", "built", "--to", "docx"];
    assert_eq!(run(dir.path(), &build).code, 0);
    let document = common::only(&dir.path().join("built"), ".docx");
    let document = document.to_str().expect("UTF-8");
    let ran = run(dir.path(), &["convert", document, "data/a.toml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(names(&dir.path().join("data")), ["a.toml", "picture-1.png"]);
    let ran = run(dir.path(), &["check", "data/a.toml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // The very picture that lies there serves the next one, too.
    let ran = run(dir.path(), &["convert", document, "data/b.toml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(names(&dir.path().join("data")), ["a.toml", "b.toml", "picture-1.png"]);
    // Another one is no more overwritten than a data file.
    std::fs::write(dir.path().join("data/picture-1.png"), "mine").expect("written");
    let ran = run(dir.path(), &["convert", document, "data/c.toml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(std::fs::read(dir.path().join("data/picture-1.png")).expect("read"), b"mine");
    assert_eq!(run(dir.path(), &["check", "data/c.toml"]).code, 0);
    assert!(dir.path().join("data/picture-2.png").is_file());
    let ran = run(dir.path(), &["convert", document, "data/a.toml"]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn fix_mends_what_is_certain_and_keeps_the_rest() {
    let dir = dir();
    let file = dir.path().join("report.toml");
    let text = "# 说明 １２\r\nyear = ２０２５\n[organ]\nname = \"甲\"\n[text]\noverview = \"⼯作１２件。\"\n\
        problems = \"公开不够及时，下一步改进。\"\nother = \"无。\"\n[requests] # 表三\n\
        received = [\"3\"， １, 0, 0, 0, 0] # 自然人\ngranted = [3, 1, 0, 0, 0, 0]\n";
    std::fs::write(&file, text).expect("written");
    let ran = run(dir.path(), &["check", "report.toml", "--fix"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("- overview = \"⼯作１２件。\"\n+ overview = \"工作12件。\""),
        "{}",
        ran.stdout
    );
    let fixed = std::fs::read_to_string(&file).expect("read");
    assert!(fixed.starts_with("# 说明 １２\r\nyear = 2025\n"), "{fixed}");
    assert!(fixed.contains("received = [3, 1, 0, 0, 0, 0] # 自然人\n"), "{fixed}");
    let again = run(dir.path(), &["check", "report.toml", "--fix"]);
    assert!(!again.stdout.contains("已改正"), "{}", again.stdout);
}

#[test]
fn fix_mends_look_alikes_of_the_organ_in_every_syntax() {
    let dir = dir();
    let cases = [
        (
            "a.toml",
            "year = 2025\ntitle = \"云砚镇⼈民政府２０２5年年报\"\n[organ]\nname = '云砚镇⼈民政府'\nphone = \"0598－356＂\"\n\
             [text]\noverview = \"⼯作：\\n１２件！\"\nother = \"无\\u2F2F\"\n",
            "year = 2025\ntitle = \"云砚镇人民政府2025年年报\"\n[organ]\nname = '云砚镇人民政府'\nphone = \"0598-356＂\"\n\
             [text]\noverview = \"工作：\\n12件！\"\nother = \"无\\u2F2F\"\n",
        ),
        (
            "a.yaml",
            "year: 2025\norgan:\n  name: 云砚镇⼈民政府\n  postcode: ０６５０００\n  email: ＠a\n  website: a：/ ＃b\n\
             text:\n  overview: |\n    ⼯作：\n    １２件！\n  other: >-\n    无⼀\n    ＂二\n",
            "year: 2025\norgan:\n  name: 云砚镇人民政府\n  postcode: 065000\n  email: ＠a\n  website: a:/ ＃b\n\
             text:\n  overview: |\n    工作：\n    12件！\n  other: >-\n    无一\n    ＂二\n",
        ),
        (
            "a.json",
            r#"{"year": 2025, "organ": {"name": "云砚镇⼈民政府", "phone": "０５９８＼"}, "text": {"overview": "⼯作：\n＂１２＂件！"}}"#,
            r#"{"year": 2025, "organ": {"name": "云砚镇人民政府", "phone": "0598＼"}, "text": {"overview": "工作：\n＂12＂件！"}}"#,
        ),
    ];
    for (name, old, new) in cases {
        let file = dir.path().join(name);
        std::fs::write(&file, old).expect("written");
        let dry = run(dir.path(), &["check", name, "--fix", "--dry-run"]);
        assert!(
            dry.stderr.contains("没有改动") || dry.stdout.contains("没有改动"),
            "{}",
            dry.stderr
        );
        assert_eq!(std::fs::read_to_string(&file).expect("read"), old, "{name}");
        run(dir.path(), &["check", name, "--fix"]);
        assert_eq!(std::fs::read_to_string(&file).expect("read"), new, "{name}");
    }
    let sheet = dir.path().join("a.xlsx");
    run(dir.path(), &["convert", "a.json", "a.xlsx"]);
    let before = std::fs::read(&sheet).expect("read");
    let ran = run(dir.path(), &["check", "a.xlsx", "--fix"]);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("没有改动 a.xlsx"), "{}", ran.stderr);
    assert_eq!(std::fs::read(&sheet).expect("read"), before);
}

#[test]
fn a_template_is_checked_mended_and_commented() {
    let dir = dir();
    let made = run(dir.path(), &["template", "make", "2021", "-o", "t.docx"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let ran = run(dir.path(), &["template", "check", "t.docx", "--form", "2021", "--strict"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "t.docx：没有发现问题\n"), "{}", ran.stderr);
    let wrong = run(dir.path(), &["template", "check", "t.docx", "--form", "2019"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.stdout.contains("row-extra") && wrong.stdout.contains("name-unknown"));
    let sarif = ["template", "check", "t.docx", "--form", "2019", "--message-format", "sarif"];
    let ran = run(dir.path(), &sarif);
    let log: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one log");
    let run_of = &log["runs"][0];
    let (results, rules) = (&run_of["results"], &run_of["tool"]["driver"]["rules"]);
    assert_eq!((ran.code, log["version"].as_str()), (1, Some("2.1.0")));
    let ids: Vec<_> = rules.as_array().expect("rules").iter().map(|rule| &rule["id"]).collect();
    for result in results.as_array().expect("results") {
        assert!(ids.contains(&&result["ruleId"]), "{result}");
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "t.docx");
    }
    let copy = ["template", "check", "t.docx", "--form", "2019", "--comments", "copy.docx"];
    assert_eq!(run(dir.path(), &copy).code, 1);
    let over = run(dir.path(), &["template", "check", "t.docx", "--comments", "t.docx"]);
    assert_eq!(over.code, 2, "{}", over.stdout);
    let none = run(dir.path(), &["template", "check", "t.docx", "--form", "1999"]);
    assert!(none.code == 2 && none.stderr.contains("2021"), "{}", none.stderr);
    assert_eq!(names(dir.path()), ["copy.docx", "t.docx"]);
}

#[test]
fn a_template_gives_the_data_that_it_wants_and_takes_it() {
    let dir = dir();
    assert_eq!(run(dir.path(), &["template", "make", "2021", "-o", "t.docx"]).code, 0);
    for to in ["toml", "json", "yaml"] {
        let ran = run(dir.path(), &["template", "tags", "t.docx", "--to", to]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let file = format!("data.{to}");
        std::fs::write(dir.path().join(&file), &ran.stdout).expect("written");
        let filled = run(dir.path(), &["fill", "t.docx", &file, "-o", "out.docx"]);
        assert_eq!(filled.code, 0, "{}{}\n{}", filled.stdout, filled.stderr, ran.stdout);
    }
    let schema = run(dir.path(), &["template", "tags", "t.docx", "--schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).expect("JSON");
    assert_eq!(schema["properties"]["requests"]["type"], "object");
}

/// A program that watches files, until it is dropped.
struct Watching {
    child: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Watching {
    fn start(dir: &Path, args: &[&str]) -> Watching {
        use std::io::BufRead as _;
        let out = std::process::Stdio::piped();
        let mut child =
            common::nianbao(dir).args(args).stdout(out).spawn().expect("the program starts");
        let pipe = child.stdout.take().expect("a pipe");
        Watching { child, lines: std::io::BufReader::new(pipe).lines() }
    }

    /// The next line with a word, and those before it.
    fn until(&mut self, word: &str) -> Vec<String> {
        let mut seen = Vec::new();
        for line in self.lines.by_ref() {
            seen.push(line.expect("UTF-8"));
            if seen.last().is_some_and(|line| line.contains(word)) {
                return seen;
            }
        }
        panic!("{word}: {seen:?}");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn watching_builds_again_when_the_data_change() {
    let dir = dir();
    let report = root().join("samples/yunyan-2025/report.toml");
    let text = std::fs::read_to_string(report).expect("read");
    let write = |text: &str| std::fs::write(dir.path().join("report.toml"), text).expect("written");
    write(&text);
    let args = "build . -o out --to docx --letterhead none,upward --watch --lang en";
    let mut watching = Watching::start(dir.path(), &args.split(' ').collect::<Vec<_>>());
    let made = watching.until("waiting");
    assert_eq!(made.iter().filter(|line| line.contains("wrote")).count(), 2, "{made:?}");
    // What was made lies below the folder that is watched, and is no reason to run again.
    write(&text.replace("云砚镇人民政府\"", "云石镇人民政府\""));
    watching.until("running again");
    let made = watching.until("waiting");
    assert_eq!(made.iter().filter(|line| line.contains("云石镇")).count(), 2, "{made:?}");
    // A fault is said, and does not end it.
    write("year = \"x");
    watching.until("running again");
    watching.until("waiting");
    write(&text);
    watching.until("running again");
    let made = watching.until("waiting");
    assert_eq!(made.iter().filter(|line| line.contains("云砚镇")).count(), 2, "{made:?}");
}

/// A document is filled again when its data, or a picture that was missing, is there anew; nobody's file is replaced.
#[test]
fn watching_fills_again_when_what_is_read_changes() {
    let dir = dir();
    let write = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).expect("written");
    };
    let paragraphs = ["{{name}}", "{{markdown text}}"].map(support::paragraph).concat();
    std::fs::write(dir.path().join("t.docx"), support::Docx::new(&paragraphs).bytes())
        .expect("written");
    write("d.json", "{\"name\": \"甲\", \"text\": \"![图](a.svg)\"}");
    let args = ["fill", "t.docx", "d.json", "-o", "o.docx", "--watch", "--lang", "en"];
    let mut watching = Watching::start(dir.path(), &args);
    watching.until("waiting");
    assert!(!dir.path().join("o.docx").exists(), "without its picture it is not made");
    write("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>");
    watching.until("running again");
    watching.until("waiting");
    write("d.json", "{\"name\": \"乙\", \"text\": \"b\"}");
    watching.until("running again");
    let made = watching.until("waiting");
    assert!(made.iter().any(|line| line.contains("wrote")), "{made:?}");
    write("d.json", "{\"name\": \"丙\", \"text\": \"b\"}");
    watching.until("running again");
    watching.until("waiting");
    let made = std::fs::read(dir.path().join("o.docx")).expect("made");
    assert!(common::part(&made, "word/document.xml").contains("丙"), "its own file is replaced");
    for (args, word) in [
        ("fill t.docx - -o o.docx --watch", "standard input"),
        ("fill t.docx d.json --each -o {{name}}.docx --watch", "--overwrite"),
    ] {
        let args: Vec<&str> = args.split(' ').chain(["--lang", "en"]).collect();
        let ran = run(dir.path(), &args);
        assert!(ran.code == 2 && ran.stderr.contains(word), "{}", ran.stderr);
    }
}

#[test]
fn watching_runs_again_when_a_file_was_replaced() {
    let dir = dir();
    assert_eq!(run(dir.path(), &["template", "make", "2021", "-o", "t.docx"]).code, 0);
    let args = ["template", "check", "t.docx", "--watch", "--lang", "en"];
    let mut watching = Watching::start(dir.path(), &args);
    let mut until = |word: &str| watching.until(word);
    until("nothing found");
    until("waiting");
    // As Word saves: the file goes away, and another takes its name.
    std::fs::remove_file(dir.path().join("t.docx")).expect("removed");
    std::fs::write(dir.path().join("~$t.docx"), "lock").expect("written");
    assert_eq!(run(dir.path(), &["template", "make", "2019", "-o", "new.docx"]).code, 0);
    std::fs::rename(dir.path().join("new.docx"), dir.path().join("t.docx")).expect("renamed");
    until("running again");
    until("nothing found");
}

/// A logo and a seal may have the same path in two folders.
#[test]
fn pictures_of_the_same_name_in_two_folders_stay_apart() {
    let dir = dir();
    let report = root().join("samples/yunyan-2025/report.toml");
    let text = std::fs::read_to_string(report).expect("read");
    let write = |name: &str, bytes: &[u8]| {
        let file = dir.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, bytes).expect("written");
    };
    let picture =
        |name: &str| std::fs::read(root().join("templates/letterhead").join(name)).expect("read");
    write("report.toml", format!("{text}\n[letterhead]\nseal = \"a.png\"\n").as_bytes());
    write("a.png", &picture("seal.png"));
    write("county/letterhead.toml", b"logo = \"a.png\"\n");
    write("county/a.png", &picture("logo.png"));
    let args = ["build", ".", "-o", "out", "--to", "docx", "--letterhead", "county"];
    let ran = run(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let made = std::fs::read(only(&dir.path().join("out"), ".docx")).expect("read");
    let media: Vec<Vec<u8>> = common::parts(&made).into_values().collect();
    for name in ["seal.png", "logo.png"] {
        assert!(media.contains(&picture(name)), "{name}");
    }
}

#[cfg(feature = "pdf")]
#[test]
fn a_mark_that_is_too_long_is_condensed_in_the_pdf() {
    let dir = dir();
    let report = root().join("samples/yunyan-2025/report.toml");
    let text = std::fs::read_to_string(report).expect("read");
    let mark = "霁川高新技术产业开发区云砚镇人民政府（管理委员会）文件";
    let text = format!("{text}\n[letterhead]\nseal = false\nmark = \"{mark}\"\n");
    std::fs::write(dir.path().join("report.toml"), text).expect("written");
    let args = ["build", ".", "-o", "out", "--to", "pdf", "--letterhead", "upward"];
    let ran = run(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(names(&dir.path().join("out")).len(), 1);
}
