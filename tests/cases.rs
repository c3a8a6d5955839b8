//! Golden cases: a folder `tests/cases/<command>/<case>/` with a `case.toml`, inputs and `expected/`.
//! `UPDATE=1 cargo test --release --test cases` writes `expected/`; without it a file that differs, is
//! missing or is left over fails the case.

mod common;

use docx_fill::opc::PackageLimits;
use docx_fill::template::TableLayout;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// What a case runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    /// What the case shows.
    about: String,
    /// Arguments of the program; `{out}` is a fresh folder, `{in}` that of the document that is made.
    run: Vec<String>,
    /// Files and folders of the case that are laid into `{out}` before, for what works beside them.
    #[serde(default)]
    lay: Vec<String>,
    /// The exit code.
    exit: i32,
    /// Parts of the .docx in the output folder to compare, pretty-printed.
    #[serde(default)]
    parts: Vec<String>,
    /// Whether to compare the layout of the tables of the .docx.
    #[serde(default)]
    layout: bool,
    /// Text files below the output folder to compare; of a page without its styles.
    #[serde(default)]
    files: Vec<String>,
    /// A Word document that is made before the run.
    document: Option<CaseDocument>,
    /// Paragraphs of a Word template that is made before the run: `{in}/letter.docx`.
    #[serde(default)]
    letter: Vec<String>,
    /// Whether to compare which files are below the output folder at last.
    #[serde(default)]
    tree: bool,
}

/// The Word document of a report with changes in its text: `{in}/report.docx`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseDocument {
    /// The report, as the program takes it.
    report: String,
    /// What is written instead of what in the document's XML, each once.
    replace: Vec<[String; 2]>,
}

impl CaseDocument {
    fn make(&self, dir: &Path, folder: &Path) {
        let out = folder.to_string_lossy();
        let ran = common::run(dir, &["build", &self.report, "-o", &out, "--to", "docx"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let made = common::only(folder, ".docx");
        let mut parts = common::parts(&std::fs::read(&made).expect("a document"));
        let body = parts.get_mut("word/document.xml").expect("a body");
        let mut text = String::from_utf8(std::mem::take(body)).expect("UTF-8");
        for [old, new] in &self.replace {
            assert_eq!(text.matches(old.as_str()).count(), 1, "{old}");
            text = text.replacen(old, new, 1);
        }
        *body = text.into_bytes();
        let file = std::fs::File::create(folder.join("report.docx")).expect("a file");
        let mut archive = zip::ZipWriter::new(file);
        for (name, bytes) in parts {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
            archive.write_all(&bytes).expect("written");
        }
        archive.finish().expect("a package");
    }
}

fn case(path: &Path) -> datatest_stable::Result<()> {
    let dir = path.parent().expect("a folder").to_owned();
    let case: Case = toml::from_str(&std::fs::read_to_string(path)?)?;
    assert!(!case.about.is_empty(), "case.toml says what the case shows");
    let (out, made) = (tempfile::tempdir()?, tempfile::tempdir()?);
    if let Some(document) = &case.document {
        document.make(dir.as_path(), made.path());
    }
    if !case.letter.is_empty() {
        std::fs::write(made.path().join("letter.docx"), common::letter(&case.letter))?;
    }
    let shown = out.path().to_string_lossy().into_owned();
    let source = made.path().to_string_lossy().into_owned();
    let placed = |arg: &String| arg.replace("{out}", &shown).replace("{in}", &source);
    let args: Vec<String> = case.run.iter().map(placed).collect();
    for name in &case.lay {
        let (from, to) = (dir.join(name), out.path().join(name));
        if from.is_dir() {
            common::copy(&from, &to);
        } else {
            std::fs::copy(&from, &to)?;
        }
    }
    let ran = common::run(&dir, &args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, case.exit, "{}{}", ran.stdout, ran.stderr);
    let mut actual: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in [("stdout.txt", ran.stdout), ("stderr.txt", ran.stderr)] {
        if !text.is_empty() {
            actual.insert(name.to_owned(), text.replace(&shown, "{out}").replace(&source, "{in}"));
        }
    }
    if !case.parts.is_empty() || case.layout {
        let bytes = std::fs::read(common::only(out.path(), ".docx"))?;
        for part in &case.parts {
            let name = part.rsplit('/').next().expect("a name").to_owned();
            actual.insert(name, common::pretty(&common::part(&bytes, part)));
        }
        if case.layout {
            let tables = docx_fill::template::table_layouts(&bytes, &PackageLimits::default())
                .map_err(|e| format!("{e:?}"))?;
            actual.insert("layout.txt".to_owned(), tables.iter().map(layout).collect());
        }
    }
    for file in &case.files {
        let name = file.rsplit('/').next().expect("a name").to_owned();
        actual.insert(name, unstyled(std::fs::read_to_string(out.path().join(file))?));
    }
    if case.tree {
        actual.insert("tree.txt".to_owned(), tree(out.path(), ""));
    }
    compare(&dir.join("expected"), &actual)
}

/// Hexadecimal digits of a SHA-256 sum.
const SHA256_DIGITS: usize = 64;

/// A page without its styles, which are looked at in a browser, and without the checksums that follow from them.
fn unstyled(mut text: String) -> String {
    if let (Some(start), Some(end)) = (text.find("<style>"), text.find("</style>")) {
        text.replace_range(start + "<style>".len()..end, "");
    }
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !is_digit(c)) {
        match word.trim_end_matches(|c| !is_digit(c)) {
            sum if sum.len() == SHA256_DIGITS => out.push_str(&word.replace(sum, "{sum}")),
            _ => out.push_str(word),
        }
    }
    out
}

/// The files below a folder, a line for each.
fn tree(dir: &Path, prefix: &str) -> String {
    let below = |name: &String| match dir.join(name) {
        folder if folder.is_dir() => tree(&folder, &format!("{prefix}{name}/")),
        _ => format!("{prefix}{name}\n"),
    };
    common::names(dir).iter().map(below).collect()
}

/// A table, a line for each row: height, marks, and cells as `column+columns×rows text`.
fn layout(table: &TableLayout) -> String {
    let mut out = format!("table {:?}\n", table.columns);
    for row in &table.rows {
        let marks = [(row.header, " header"), (row.cant_split, " whole")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|c| {
                let down = if c.vertical { " down" } else { "" };
                format!("{}+{}×{}{down} {}", c.column, c.columns, c.rows, c.text)
            })
            .collect();
        let height = row.height.unwrap_or_default();
        let _ = writeln!(out, " {height} {}{marks} | {}", row.height_rule, cells.join(" | "));
    }
    out
}

fn compare(expected: &Path, actual: &BTreeMap<String, String>) -> datatest_stable::Result<()> {
    if std::env::var_os("UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(expected);
        std::fs::create_dir_all(expected)?;
        for (name, text) in actual {
            std::fs::write(expected.join(name), text)?;
        }
        return Ok(());
    }
    let known = if expected.is_dir() { common::names(expected) } else { Vec::new() };
    let names: Vec<String> = actual.keys().cloned().collect();
    if known != names {
        return Err(format!("expected files {known:?}, got {names:?}").into());
    }
    for (name, text) in actual {
        let golden = std::fs::read_to_string(expected.join(name))?;
        if golden != *text {
            let at = golden.lines().zip(text.lines()).position(|(a, b)| a != b);
            let line = at.unwrap_or_else(|| golden.lines().count().min(text.lines().count()));
            let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_owned();
            return Err(format!(
                "{name}, line {}:\n expected {}\n got      {}\n(UPDATE=1 rewrites)",
                line + 1,
                show(&golden),
                show(text)
            )
            .into());
        }
    }
    Ok(())
}

datatest_stable::harness! {
    { test = case, root = "tests/cases", pattern = r"case\.toml$" },
}
