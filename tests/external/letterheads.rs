//! Letterheads under programs that are not ours: positions by the standard, documents of other people, golden
//! layouts of Word and PDF, and what happens where the signature or the imprint meets the end of a page.

use super::common::{self, Ran, only, root, run};
use super::{ask, built, grid, path, script, tools};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SAMPLE: &str = "samples/yunyan-2025";

/// A Python script of `tests/external` on the packages of the tests.
fn python(name: &str, args: &[&str]) -> String {
    let output = Command::new(tools().join("venv/bin/python"))
        .arg(root().join("tests/external").join(name))
        .args(args)
        .output()
        .expect("python starts");
    let ran = Ran::from(output);
    assert_eq!(ran.code, 0, "{name} {args:?}\n{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// A fresh folder with the sample's data, a picture of a seal, and something added to the data file.
fn data(dir: &Path, more: &str) -> PathBuf {
    let _ = std::fs::remove_dir_all(dir);
    common::copy(&root().join(SAMPLE), dir);
    let seal = root().join("templates/letterhead/seal.png");
    std::fs::copy(seal, dir.join("seal.png")).expect("a seal");
    let file = dir.join("report.toml");
    let text = std::fs::read_to_string(&file).expect("a report");
    std::fs::write(&file, format!("{text}\n{more}")).expect("written");
    dir.to_owned()
}

/// A report with a letterhead: the folder of its outputs.
fn letterheaded(name: &str, letterhead: &str, seal: bool) -> PathBuf {
    let base = root().join("target/external/letterheads");
    let seal = if seal { "\"seal.png\"" } else { "true" };
    let more = format!(
        "[letterhead]\nnumber = \"云政报〔2026〕3号\"\nsignatory = \"沈砚\"\ndate = 2026-01-20\n\
         seal = {seal}\nimprint = {{ copies = [\"霁川县档案馆\"] }}\n"
    );
    let data = data(&base.join(format!("{name}-data")), &more);
    let out = base.join(name);
    let _ = std::fs::remove_dir_all(&out);
    let to = if letterhead == "upward" { "docx,pdf" } else { "docx" };
    let args = ["build", path(&data), "-o", path(&out), "--to", to, "--letterhead", letterhead];
    let ran = run(&root(), &args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    out
}

/// Positions by GB/T 9704—2012 in millimetres, in the PDF and in the Word document as `LibreOffice` sets it.
#[test]
fn the_head_stands_where_the_standard_wants_it() {
    let out = letterheaded("upward", "upward", true);
    let (docx, pdf) = (only(&out, ".docx"), only(&out, ".pdf"));
    script("ooxml.sh", &[path(&docx)]);
    let checked = script("verapdf.sh", &["2a,ua1", path(&pdf)]);
    assert_eq!(checked.matches(" compliant").count(), 2, "{checked}");
    let converted = out.join("converted");
    script("soffice.sh", &[path(&converted), "pdf", path(&docx)]);
    for file in [pdf, only(&converted, ".pdf")] {
        let found = python("positions.py", &[path(&file), "云砚镇人民政府", "2026年1月20日"]);
        let found: Value = serde_json::from_str(&found).expect("JSON");
        let at = |name: &str, side: usize| found[name][side].as_f64().unwrap_or(f64::NAN);
        let middle = |name: &str| f64::midpoint(at(name, 2), at(name, 3));
        // Two lines of 29.6 pt between the mark and the number, the rule and the title.
        let two_lines = 2.0 * 29.6 / 72.0 * 25.4;
        let rules = found["imprint"].as_array().expect("rules");
        let rule = |number: usize, side: usize| rules[number][side].as_f64().expect("a number");
        let pair = f64::midpoint(at("name", 0), at("date", 1));
        let seal = f64::midpoint(at("seal", 0), at("seal", 1));
        // Four characters of the grid.
        let indent = 4.0 * 156.0 / 28.0;
        let wanted = [
            ("upper edge of the mark", at("mark", 0), 72.0),
            ("number", at("number", 0), at("mark", 1) + two_lines),
            ("rule", at("rule", 0), at("number", 1) + 4.0),
            ("left end of the rule", at("rule", 2), 28.0),
            ("right end of the rule", at("rule", 3), 184.0),
            ("title", at("title", 0), at("rule", 1) + two_lines),
            // The date is six and a half characters wide. LibreOffice sets it wider, with space between
            // digits and characters whatever the document says, so its middle is looked at.
            ("middle of the date", middle("date"), 184.0 - indent - 3.25 * 156.0 / 28.0),
            ("name over the date", middle("name"), middle("date")),
            ("seal over name and date", middle("seal"), middle("date")),
            ("seal above their middle", seal, pair - 5.0),
            ("last rule of the imprint", rule(2, 1), 262.0),
            ("dash of the page number", at("page-number", 0), 269.0),
        ];
        for (what, found, wanted) in wanted {
            assert!(
                (found - wanted).abs() <= 1.0,
                "{}: {what}: {found}, not {wanted}",
                file.display()
            );
        }
        assert_eq!(rules.len(), 3, "{}", file.display());
    }
}

/// Documents of other programs as letterheads.
#[test]
fn documents_of_other_programs_take_a_report() {
    let hosts = root().join("target/external/hosts");
    let picture = root().join("templates/letterhead/logo.png");
    python("hosts.py", &[path(&hosts), path(&picture)]);
    script("soffice.sh", &[path(&hosts), "docx:MS Word 2007 XML", path(&hosts.join("plain.html"))]);
    let plain = grid(&ask("docx-tables", &built()[6].docx));
    for host in ["python-docx", "wps", "plain"] {
        let out = letterheaded(host, path(&hosts.join(format!("{host}.docx"))), false);
        let docx = only(&out, ".docx");
        script("ooxml.sh", &[path(&docx)]);
        script("soffice.sh", &[path(&out.join("converted")), "pdf", path(&docx)]);
        let tables = grid(&ask("docx-tables", &docx));
        // The report's own tables follow those of the host.
        assert!(tables.ends_with(&plain), "{host}");
    }
}

/// What a folder of `tests/external/letterheads` says of itself; besides it holds `more.toml`, which is added to
/// the sample's data, and files of a letterhead: `letterhead.txt` (of which `word.py` makes the Word document),
/// `letterhead.typ`, `letterhead.toml`. With none of them the program's own is used.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    /// Whether there is a PDF.
    #[serde(default = "yes")]
    pdf: bool,
}

fn yes() -> bool {
    true
}

/// Builds a case: the folder of its outputs, and what the program said.
fn build(case: &Path, base: &Path) -> (PathBuf, String) {
    let more = std::fs::read_to_string(case.join("more.toml")).expect("more.toml");
    let data = data(&base.join("data"), &more);
    let head = base.join("head");
    let mut letterhead = "upward".to_owned();
    for name in common::names(case).iter().filter(|name| name.starts_with("letterhead.")) {
        std::fs::create_dir_all(&head).expect("a folder");
        if name == "letterhead.txt" {
            let logo = root().join("templates/letterhead/logo.png");
            let word = head.join("letterhead.docx");
            python("word.py", &[path(&case.join(name)), path(&logo), path(&word)]);
        } else {
            std::fs::copy(case.join(name), head.join(name)).expect("copied");
        }
        path(&head).clone_into(&mut letterhead);
    }
    let out = base.join("out");
    let args = ["build", path(&data), "-o", path(&out), "--letterhead", &letterhead];
    let ran = run(&root(), &args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let said = format!("{}{}", ran.stdout, ran.stderr).replace(path(base), "{case}");
    (out, said)
}

/// Whether two layouts are alike: words equal, and places up to some millimetres.
fn alike(expected: &str, actual: &str, allowed: f64) -> Result<(), String> {
    let places = |line: &str| -> Vec<f64> {
        line.split('|')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|n| n.parse().ok())
            .collect()
    };
    let words = |line: &str| line.split_once('|').map(|(_, words)| words.to_owned());
    for (at, (one, other)) in expected.lines().zip(actual.lines()).enumerate() {
        let near = places(one).iter().zip(places(other)).all(|(a, b)| (a - b).abs() <= allowed);
        let same = words(one) == words(other) && places(one).len() == places(other).len();
        if one != other && !(near && same && words(one).is_some()) {
            return Err(format!("line {}: {other}, not {one}", at + 1));
        }
    }
    let (one, other) = (expected.lines().count(), actual.lines().count());
    if one == other { Ok(()) } else { Err(format!("{other} lines, not {one}")) }
}

/// Compares with the golden file, or writes it.
fn golden(case: &Path, name: &str, actual: &str, allowed: f64) {
    let file = case.join("expected").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(case.join("expected")).expect("a folder");
        std::fs::write(&file, actual).expect("written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if let Err(differs) = alike(&expected, actual, allowed) {
        panic!("{}: {differs} (UPDATE=1 rewrites)", file.display());
    }
}

/// Every folder of `tests/external/letterheads`: what is said, where everything stands in the PDF, and where
/// `LibreOffice` puts it in the Word document. Adding a case is adding a folder.
#[test]
fn every_letterhead_has_its_golden_layout_in_word_and_pdf() {
    let cases = root().join("tests/external/letterheads");
    let base = root().join("target/external/letterhead-cases");
    for name in common::names(&cases) {
        let case = cases.join(&name);
        let read = std::fs::read_to_string(case.join("case.toml")).expect("case.toml");
        let about: Case = toml::from_str(&read).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!about.about.is_empty(), "case.toml says what the case shows");
        let base = base.join(&name);
        let _ = std::fs::remove_dir_all(&base);
        let (out, said) = build(&case, &base);
        golden(&case, "said.txt", &said, 0.0);
        let docx = only(&out, ".docx");
        script("ooxml.sh", &[path(&docx)]);
        let converted = base.join("word");
        script("soffice.sh", &[path(&converted), "pdf", path(&docx)]);
        let word = python("layout.py", &[path(&only(&converted, ".pdf"))]);
        // Another LibreOffice may set a line a hair higher.
        golden(&case, "word.txt", &word, 1.0);
        let is_pdf = |name: &String| Path::new(name).extension().is_some_and(|end| end == "pdf");
        let made = common::names(&out).iter().any(is_pdf);
        assert_eq!(made, about.pdf, "{name}");
        if about.pdf {
            golden(&case, "pdf.txt", &python("layout.py", &[path(&only(&out, ".pdf"))]), 0.2);
        }
    }
}

/// One line of `layout.py`.
struct Line {
    page: usize,
    top: f64,
    bottom: f64,
    words: String,
}

fn lines(layout: &str) -> Vec<Line> {
    let mut page = 0;
    let mut out = Vec::new();
    for line in layout.lines() {
        page += usize::from(line.starts_with("page "));
        let Some((place, words)) = line.split_once(" | ") else { continue };
        let mut place = place.split_whitespace().map(|n| n.parse().expect("a number"));
        let (top, bottom) = (place.next().expect("a top"), place.next().expect("a bottom"));
        out.push(Line { page, top, bottom, words: words.to_owned() });
    }
    out
}

/// Whether the imprint has the last page to itself.
fn holds_together(what: &str, layout: &str) -> bool {
    let lines = lines(layout);
    let at = |words: &str| {
        let found = lines.iter().rposition(|line| line.words == words);
        found.unwrap_or_else(|| panic!("{what}: {words}"))
    };
    let (name, date) = (&lines[at("云砚镇人民政府")], &lines[at("2026年1月20日")]);
    assert_eq!(name.page, date.page, "{what}: the date stands on another page than the name");
    let text = lines.iter().filter(|line| line.page == name.page && line.top < name.top);
    assert!(text.count() > 0, "{what}: no text on the page of the signature");
    let last = lines.last().expect("lines").page;
    let copies = &lines[at("抄送：霁川县档案馆。")];
    assert_eq!(copies.page, last, "{what}: the imprint is not on the last page");
    let rules = lines.iter().filter(|line| line.page == last && line.words == "[rule]");
    let rules: Vec<&Line> = rules.collect();
    assert_eq!(rules.len(), 3, "{what}: the rules of the imprint are not together");
    assert!((rules[2].bottom - 262.0).abs() <= 1.0, "{what}: {}", rules[2].bottom);
    let above = lines
        .iter()
        .filter(|line| line.page == last && line.words != "[picture]" && line.top < rules[0].top);
    let lowest = above.map(|line| line.bottom).fold(0.0, f64::max);
    assert!(lowest <= rules[0].top, "{what}: text runs into the imprint at {lowest}");
    lowest == 0.0
}

/// Texts of growing length: the signature keeps some text by it, name and date keep together, and the imprint
/// stands at the foot of the last page, be it alone there.
#[test]
fn signature_and_imprint_hold_together_wherever_a_page_ends() {
    let base = root().join("target/external/letterhead-ends");
    let _ = std::fs::remove_dir_all(&base);
    std::fs::create_dir_all(&base).expect("a folder");
    let more = "[letterhead]\ndate = 2026-01-20\nimprint = { copies = [\"霁川县档案馆\"] }\n";
    let (mut word, mut pdf) = (Vec::new(), Vec::new());
    for count in 4..12 {
        let data = data(&base.join(format!("{count}-data")), more);
        let file = data.join("report.toml");
        let text = std::fs::read_to_string(&file).expect("a report");
        let at = text.find("other = \"\"\"").expect("the last text") + "other = \"\"\"".len();
        let mut longer = text[..at].to_owned();
        for number in 0..count {
            let _ = write!(longer, "\n\n其他事项第{number}段。");
        }
        std::fs::write(&file, longer + "\n" + &text[at..]).expect("written");
        let out = base.join(count.to_string());
        let args = ["build", path(&data), "-o", path(&out), "--letterhead", "upward"];
        let ran = run(&root(), &args);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let (made, named) = (only(&out, ".docx"), base.join(format!("{count}.docx")));
        std::fs::copy(made, &named).expect("copied");
        word.push(named);
        pdf.push(only(&out, ".pdf"));
    }
    let converted = base.join("word");
    let mut args = vec![path(&converted), "pdf"];
    args.extend(word.iter().map(|file| path(file)));
    script("soffice.sh", &args);
    let mut alone = [0, 0];
    for (file, pdf) in word.iter().zip(&pdf) {
        let stem = file.file_stem().expect("a name").to_string_lossy();
        let of_word = python("layout.py", &[path(&converted.join(format!("{stem}.pdf")))]);
        alone[0] += usize::from(holds_together(&format!("Word, {stem}"), &of_word));
        let of_pdf = python("layout.py", &[path(pdf)]);
        alone[1] += usize::from(holds_together(&format!("PDF, {stem}"), &of_pdf));
    }
    // The lengths are chosen so that both happens.
    assert!(alone.iter().all(|alone| (1..8).contains(alone)), "{alone:?}");
}
