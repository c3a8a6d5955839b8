//! The launcher beside a program that stands for nianbao: what it hands over, and what it tells when that fails.
#![cfg(unix)]
#![allow(missing_docs, reason = "a test program")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with the launcher, the fonts and a shell script in place of the program.
struct Unpacked {
    dir: tempfile::TempDir,
    /// Temporary files of the launcher go there.
    passing: tempfile::TempDir,
}

impl Unpacked {
    fn new(script: &str) -> Unpacked {
        let unpacked = Unpacked { dir: folder(), passing: folder() };
        let dir = unpacked.dir.path();
        std::fs::copy(env!("CARGO_BIN_EXE_nianbao-drop"), unpacked.launcher()).expect("copied");
        let program = dir.join("nianbao");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
        std::fs::create_dir(dir.join("fonts")).expect("made");
        std::fs::write(dir.join("fonts/FandolFang-Regular.ttf"), "").expect("written");
        unpacked
    }

    fn launcher(&self) -> PathBuf {
        self.dir.path().join("年报")
    }

    /// Runs it; the exit code and the page, if there is one.
    fn run(&self, dropped: &[&str], passing: &Path) -> (Option<i32>, Option<String>) {
        let mut command = Command::new(self.launcher());
        command.args(dropped).env("TMPDIR", passing).env("NIANBAO_NO_OPEN", "1");
        let out = command.output().expect("it starts");
        assert!(out.stdout.is_empty() && out.stderr.is_empty(), "{out:?}");
        let page = std::fs::read_to_string(passing.join("nianbao-problem.html")).ok();
        (out.status.code(), page)
    }

    fn launch(&self, dropped: &[&str]) -> (Option<i32>, Option<String>) {
        self.run(dropped, self.passing.path())
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn what_is_dropped_is_handed_over_as_it_is() {
    let script = "for one in \"$@\"; do echo \"$one\" >> \"$0.args\"; done; echo a.html";
    let unpacked = Unpacked::new(script);
    let dropped = ["/a b/云砚镇 2025.xlsx", "--help", "check"];
    assert_eq!(unpacked.launch(&dropped), (Some(0), None));
    let args = std::fs::read_to_string(unpacked.dir.path().join("nianbao.args")).expect("read");
    let expected = ["drop", "--", dropped[0], dropped[1], dropped[2]];
    assert_eq!(args.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn nothing_dropped_is_handed_over_too() {
    let unpacked = Unpacked::new("[ \"$*\" = 'drop --' ] && echo a.html");
    assert_eq!(unpacked.launch(&[]), (Some(0), None));
}

#[test]
fn a_run_that_had_its_page_needs_no_other() {
    for code in [0, 1] {
        let script = format!("echo found; echo 检查结果在 a检查结果.html; echo x >&2; exit {code}");
        let unpacked = Unpacked::new(&script);
        assert_eq!(unpacked.launch(&["a"]), (Some(code), None));
    }
}

#[test]
fn a_run_without_a_page_is_told_with_its_last_words() {
    for (script, words) in [
        ("echo '写不了 <a>' >&2; exit 2", "(2) 写不了 &lt;a&gt;"),
        ("echo panicked >&2; exit 101", "(101) panicked"),
        ("kill -9 $$", "没有做完"),
        ("echo killed >&2; exit 1", "(1) killed"),
        ("echo a.html; echo more; exit 0", "(0) "),
    ] {
        let (code, page) = Unpacked::new(script).launch(&["a"]);
        let page = page.expect("a page");
        assert_eq!(code, Some(2));
        assert!(page.contains(words) && page.contains("没有做完"), "{page}");
    }
}

#[test]
fn what_was_not_unpacked_is_told() {
    for (gone, named) in [("nianbao", "nianbao"), ("fonts/FandolFang-Regular.ttf", "fonts")] {
        let unpacked = Unpacked::new("exit 0");
        std::fs::remove_file(unpacked.dir.path().join(gone)).expect("removed");
        let (code, page) = unpacked.launch(&["a"]);
        let page = page.expect("a page");
        assert_eq!(code, Some(2));
        assert!(
            page.contains("请先解压") && page.contains(&format!("<pre>{named}</pre>")),
            "{page}"
        );
    }
}

#[test]
fn started_within_an_archive_it_says_so() {
    let unpacked = Unpacked::new("touch \"$0.ran\"");
    let (code, page) = unpacked.run(&["a"], unpacked.dir.path());
    assert_eq!(code, Some(2));
    assert!(page.expect("a page").contains("还在压缩包里"));
    assert!(!unpacked.dir.path().join("nianbao.ran").exists());
}

#[test]
fn a_program_that_may_not_start_is_told() {
    let unpacked = Unpacked::new("exit 0");
    let program = unpacked.dir.path().join("nianbao");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o644)).expect("set");
    let (code, page) = unpacked.launch(&["a"]);
    assert_eq!(code, Some(2));
    assert!(page.expect("a page").contains("杀毒软件"));
}
