//! `fill --watch`: whose files it replaces, and what makes it run again.

use crate::{folder, text};
use std::io::BufRead as _;
use std::path::Path;
use std::time::Duration;

/// A program that watches files, until it is dropped.
struct Watching<'d> {
    dir: &'d Path,
    child: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    /// The file of what it says about faults.
    faults: tempfile::NamedTempFile,
    rounds: usize,
}

impl<'d> Watching<'d> {
    /// Starts it, and waits for the end of the first round.
    fn start(dir: &'d Path, args: &str) -> Watching<'d> {
        let faults = tempfile::NamedTempFile::new().expect("a file");
        let mut child = crate::common::nianbao(dir)
            .args(args.split(' '))
            .args(["--watch", "--lang", "en"])
            .stdout(std::process::Stdio::piped())
            .stderr(faults.reopen().expect("a file"))
            .spawn()
            .expect("the program starts");
        let pipe = child.stdout.take().expect("a pipe");
        let lines = std::io::BufReader::new(pipe).lines();
        let mut watching = Watching { dir, child, lines, faults, rounds: 0 };
        watching.wait();
        watching
    }

    /// Waits until it waits.
    fn wait(&mut self) {
        for line in self.lines.by_ref() {
            if line.expect("UTF-8").contains("waiting") {
                self.rounds += 1;
                return;
            }
        }
        panic!("it ended: {}", self.faults());
    }

    /// Writes a file, and waits for the round after it.
    fn write(&mut self, name: &str, content: &str) {
        std::fs::write(self.dir.join(name), content).expect("written");
        self.wait();
    }

    fn faults(&self) -> String {
        std::fs::read_to_string(self.faults.path()).expect("UTF-8")
    }

    /// Ends it; returns the number of rounds that it began.
    fn end(mut self) -> usize {
        let _ = self.child.kill();
        let rest = self.lines.by_ref().map_while(Result::ok);
        self.rounds + rest.filter(|line| line.contains("running again")).count()
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn only_what_it_wrote_is_replaced() {
    let dir = folder(&["{{a}}"], "d.json", r#"{"a": "甲"}"#.as_bytes());
    let out = dir.path().join("out.docx");
    let mut watching = Watching::start(dir.path(), "fill t.docx d.json -o out.docx");
    watching.write("d.json", r#"{"a": "乙"}"#);
    assert_eq!((text(&out).as_str(), watching.faults().as_str()), ("乙\n", ""));
    let own = std::fs::read(&out).expect("made");
    std::fs::write(&out, "mine").expect("written");
    watching.write("d.json", r#"{"a": "丙"}"#);
    assert_eq!(std::fs::read(&out).expect("kept"), b"mine");
    assert_eq!(watching.faults().matches("--overwrite").count(), 1, "{}", watching.faults());
    // What it wrote is its own again, wherever it was in between; and a free name is free.
    std::fs::write(&out, own).expect("written");
    watching.write("d.json", r#"{"a": "丁"}"#);
    assert_eq!(text(&out), "丁\n", "{}", watching.faults());
    std::fs::remove_file(&out).expect("removed");
    watching.write("d.json", r#"{"a": "戊"}"#);
    assert_eq!(text(&out), "戊\n", "{}", watching.faults());
}

#[test]
fn what_was_there_before_stays() {
    let dir = folder(&["{{a}}"], "d.json", r#"{"a": "甲"}"#.as_bytes());
    std::fs::write(dir.path().join("out.docx"), "mine").expect("written");
    let mut watching = Watching::start(dir.path(), "fill t.docx d.json -o out.docx");
    watching.write("d.json", r#"{"a": "乙"}"#);
    assert_eq!(std::fs::read(dir.path().join("out.docx")).expect("kept"), b"mine");
    assert_eq!(watching.faults().matches("--overwrite").count(), 2, "{}", watching.faults());
}

#[test]
fn warnings_that_count_as_errors_do_not_end_its_claim_to_its_file() {
    let data = |name: &str| format!("{{\"a\": \"[{name}](#none)\"}}");
    let dir = folder(&["{{markdown a}}"], "d.json", data("甲").as_bytes());
    let mut watching = Watching::start(dir.path(), "fill t.docx d.json -o out.docx --strict");
    assert!(watching.faults().contains("warning[link]"), "{}", watching.faults());
    for name in ["乙", "丙"] {
        watching.write("d.json", &data(name));
        let made = text(&dir.path().join("out.docx"));
        assert_eq!(made, format!("{name}\n"), "{}", watching.faults());
    }
    assert!(!watching.faults().contains("--overwrite"), "{}", watching.faults());
}

#[test]
fn what_it_writes_into_a_watched_folder_is_no_change() {
    for command in [
        "fill t.docx d.csv -o p/out.docx --partials p",
        "fill t.docx d.csv -o ./p/../p/out.docx --partials p --overwrite",
        "fill t.docx d.csv --each -o p/{{a}}.docx --partials p --overwrite",
    ] {
        let dir = folder(&["{{> b}}"], "d.csv", b"a\n1\n2\n");
        std::fs::create_dir(dir.path().join("p")).expect("a folder");
        std::fs::write(dir.path().join("p/b.txt"), "x").expect("written");
        let mut watching = Watching::start(dir.path(), command);
        assert!(crate::common::names(&dir.path().join("p")).len() > 1, "{}", watching.faults());
        // Much longer than it takes to see a change.
        std::thread::sleep(Duration::from_secs(2));
        watching.write("p/b.txt", "yz");
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(watching.end(), 2, "{command}");
        let made = crate::common::only(
            &dir.path().join("p"),
            if command.contains("each") { "2.docx" } else { "out.docx" },
        );
        assert_eq!(text(&made), "yz\n", "{command}");
    }
}
