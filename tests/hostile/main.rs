//! Hostile files of every kind, given to the program itself within a bound of memory: each is refused with
//! a clear word, without a panic and without a leftover file. `docs/limits.md` shows the list.

#![allow(unreachable_pub, missing_docs, reason = "the parts of a test program")]

mod addresses;
mod archives;
mod borders;

#[path = "../common/mod.rs"]
mod common;
mod county;
mod data;
#[cfg(unix)]
mod links;
mod pictures;
mod settings;
#[cfg(unix)]
mod special;
mod stack;
#[path = "../../crates/docx-fill/tests/support/mod.rs"]
mod support;
mod templates;
mod terminal;
mod time;
#[cfg(feature = "pdf")]
mod typst;

use common::Ran;
use std::path::Path;
use std::process::Command;

/// What the program must do.
#[derive(Clone, Copy)]
pub enum Verdict {
    /// Refuse it in words that hold these.
    Refused(&'static str),
    /// Take it, because it can do no harm; the reason.
    Harmless(&'static str),
    /// Read it as far as it goes, and tell what is wrong with it in words that hold these.
    Told(&'static str),
}
use Verdict::{Harmless, Refused, Told};

/// A hostile file.
pub struct Attack {
    /// What it is, as the document says.
    pub what: &'static str,
    pub verdict: Verdict,
    /// Writes the files and gives the arguments.
    pub prepare: fn(&Path) -> Vec<String>,
}

/// Seconds of CPU that the program gets; a hang ends in a signal.
const LONG: u32 = 120;
/// Those for a file of which the time must not grow faster than its size: what took seconds ends within them,
/// what took minutes does not.
const SHORT: u32 = 30;

/// Runs the program in a folder, on Unix within bounds.
pub fn run(dir: &Path, args: &[String]) -> Ran {
    run_within(LONG, dir, args)
}

/// Runs the program in a folder, on Unix within 2 GiB of address space and so many seconds of CPU.
fn run_within(seconds: u32, dir: &Path, args: &[String]) -> Ran {
    let exe = env!("CARGO_BIN_EXE_nianbao");
    let mut command = if cfg!(unix) {
        let bounds = format!("ulimit -v 2097152; ulimit -t {seconds}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &bounds, exe]);
        shell
    } else {
        Command::new(exe)
    };
    command.current_dir(dir).args(args).output().expect("the program starts").into()
}

pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    let file = dir.join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(file, content).expect("written");
}

/// Everything below a folder, hidden files too.
fn everything(dir: &Path) -> Vec<String> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let entry = entry.expect("an entry");
        out.push(entry.path().display().to_string());
        if entry.file_type().expect("a kind").is_dir() {
            out.extend(everything(&entry.path()));
        }
    }
    out.sort();
    out
}

fn hold(attacks: &[Attack]) {
    hold_within(LONG, attacks);
}

fn hold_within(seconds: u32, attacks: &[Attack]) {
    let wrong: Vec<String> = attacks.iter().filter_map(|attack| missed(seconds, attack)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is wrong with the answer to an attack.
fn missed(seconds: u32, attack: &Attack) -> Option<String> {
    let Attack { what, verdict, prepare } = attack;
    let dir = tempfile::tempdir().expect("a folder");
    let args = prepare(dir.path());
    let before = everything(dir.path());
    let ran = run_within(seconds, dir.path(), &args);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let left = everything(dir.path()) != before;
    let good = match verdict {
        Refused(words) => matches!(ran.code, 1 | 2) && said.contains(words) && !left,
        Harmless(_) => ran.code == 0,
        Told(words) => ran.code == 1 && said.contains(words),
    };
    let shown: String = said.chars().take(1500).collect();
    let bad = !good || said.contains("panicked");
    bad.then(|| format!("{what}: exit code {}, something left: {left}\n{shown}", ran.code))
}

#[cfg(feature = "pdf")]
fn groups() -> Vec<(&'static str, &'static [Attack])> {
    vec![
        ("Archives", archives::ARCHIVES),
        ("XML", archives::XML),
        ("Data files", data::DATA),
        ("Workbooks and CSV", data::WORKBOOKS),
        ("Pictures", data::PICTURES),
        ("Word templates", templates::TEMPLATES),
        ("Typst templates", typst::TYPST),
        ("Time of data files", time::PROSE),
        ("Time of filling", time::TAGS),
        ("Time of Word documents", time::WORD),
    ]
}

#[test]
fn archives_are_refused() {
    hold(archives::ARCHIVES);
}

#[test]
fn xml_is_refused() {
    hold(archives::XML);
}

#[test]
fn data_files_are_refused() {
    hold(data::DATA);
}

#[test]
fn workbooks_are_refused() {
    hold(data::WORKBOOKS);
}

#[test]
fn pictures_are_refused() {
    hold(data::PICTURES);
}

#[test]
fn word_templates_are_refused() {
    hold(templates::TEMPLATES);
}

#[test]
fn prose_takes_no_minutes() {
    hold_within(SHORT, time::PROSE);
}

#[test]
fn filling_takes_no_minutes() {
    hold_within(SHORT, time::TAGS);
}

#[test]
fn word_documents_take_no_minutes() {
    hold_within(SHORT, time::WORD);
}

/// The tables of the document are what the program and this suite hold.
#[cfg(feature = "pdf")]
#[test]
fn the_document_is_fresh() {
    use std::fmt::Write as _;
    let path = common::root().join("docs/limits.md");
    let text = std::fs::read_to_string(&path).expect("docs/limits.md");
    let mut suite = String::new();
    for (group, attacks) in groups() {
        let _ = writeln!(suite, "| {group} | what the program says |\n|---|---|");
        for Attack { what, verdict, .. } in attacks {
            let _ = match verdict {
                Refused(words) => writeln!(suite, "| {what} | {} |", words.trim()),
                Harmless(why) => writeln!(suite, "| {what} | taken: {why} |"),
                Told(words) => writeln!(suite, "| {what} | read: {} |", words.trim()),
            };
        }
        suite.push('\n');
    }
    let mut fresh = text.clone();
    for (mark, content) in [("limits", nianbao::limits::limits_markdown()), ("suite", suite)] {
        let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->"));
        let (before, rest) = fresh.split_once(&open).unwrap_or_else(|| panic!("no mark {mark}"));
        let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("no end of {mark}"));
        fresh = format!("{before}{open}{}\n{close}{after}", content.trim_end());
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).expect("written");
    }
    let on_disk = std::fs::read_to_string(&path).expect("docs/limits.md");
    assert!(on_disk == fresh, "UPDATE=1 cargo test --release --test hostile writes docs/limits.md");
}
