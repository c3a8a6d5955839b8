//! Our documents, judged by programs that are not ours: the Open XML SDK, `LibreOffice`, qpdf, `veraPDF`,
//! poppler and pdfplumber; and templates of other engines beside what these give. `tests/external/install.sh` installs them into `target/external`.

#[path = "external/clerk.rs"]
mod clerk;
mod common;
#[path = "external/letterheads.rs"]
mod letterheads;
#[path = "external/peers.rs"]
mod peers;
#[path = "external/supply.rs"]
mod supply;
#[path = "external/templates.rs"]
mod templates;
#[path = "external/turns.rs"]
mod turns;

use common::{Ran, only, root, run, samples};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

fn tools() -> PathBuf {
    root().join("target/external")
}

/// Runs a script of `tests/external` and demands success.
fn script(name: &str, args: &[&str]) -> String {
    let mut command = Command::new(root().join("tests/external").join(name));
    let output = command.arg(tools()).args(args).output().unwrap_or_else(|e| panic!("{name}: {e}"));
    let ran = Ran::from(output);
    assert_eq!(ran.code, 0, "{name} {args:?}\n{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// Asks `check.py`.
fn ask(what: &str, file: &Path) -> Value {
    let output = Command::new(tools().join("venv/bin/python"))
        .arg(root().join("tests/external/check.py"))
        .args([what, path(file)])
        .output()
        .expect("python starts");
    let ran = Ran::from(output);
    assert_eq!(ran.code, 0, "{what} {}\n{}", file.display(), ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

struct Built {
    sample: String,
    docx: PathBuf,
    pdf: PathBuf,
}

/// Every sample, finished and as a draft, built once.
fn built() -> &'static [Built] {
    static BUILT: OnceLock<Vec<Built>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let base = root().join("target/external/samples");
        let _ = std::fs::remove_dir_all(&base);
        let mut out = Vec::new();
        for sample in samples() {
            for draft in [false, true] {
                let dir = base.join(format!("{sample}{}", if draft { "-draft" } else { "" }));
                let data = format!("samples/{sample}");
                let mut args = vec!["build", data.as_str(), "-o", path(&dir)];
                args.extend(draft.then_some("--draft"));
                let ran = run(&root(), &args);
                assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
                let (docx, pdf) = (only(&dir, ".docx"), only(&dir, ".pdf"));
                out.push(Built { sample: sample.clone(), docx, pdf });
            }
        }
        out
    })
}

fn spaceless(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Tables as rows of (text without blanks, colspan, rowspan).
fn grid(tables: &Value) -> Vec<Vec<Vec<(String, u64, u64)>>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let cell = |cell: &Value| {
        let text = spaceless(cell["text"].as_str().unwrap_or_default());
        (text, cell["colspan"].as_u64().unwrap_or(1), cell["rowspan"].as_u64().unwrap_or(1))
    };
    let rows = |table: &Value| if table.is_array() { list(table) } else { list(&table["rows"]) };
    list(tables)
        .iter()
        .map(|table| rows(table).iter().map(|row| list(row).iter().map(cell).collect()).collect())
        .collect()
}

#[test]
fn the_open_xml_sdk_finds_no_error() {
    let mut files: Vec<&str> = built().iter().map(|built| path(&built.docx)).collect();
    let templates: Vec<PathBuf> = ["2019", "2021"]
        .iter()
        .map(|e| root().join(format!("templates/{e}/report.docx")))
        .collect();
    files.extend(templates.iter().map(|file| path(file)));
    script("ooxml.sh", &files);
}

#[test]
fn libreoffice_keeps_every_grid_and_number() {
    let dir = root().join("target/external/odt");
    for built in built() {
        script("soffice.sh", &[path(&dir), "odt", path(&built.docx)]);
        let stem = built.docx.file_stem().expect("a stem").to_string_lossy().into_owned();
        let word = ask("docx-tables", &built.docx);
        let odt = ask("odt-tables", &dir.join(format!("{stem}.odt")));
        assert_eq!(grid(&word), grid(&odt), "{}", built.sample);
        assert!(grid(&word).len() >= 3, "{}", built.sample);
    }
}

#[test]
fn qpdf_and_verapdf_accept_every_pdf() {
    let files: Vec<&str> = built().iter().map(|built| path(&built.pdf)).collect();
    for file in &files {
        let output = Command::new("qpdf").args(["--check", file]).output().expect("qpdf starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let mut args = vec!["2a,ua1"];
    args.extend(files);
    let out = script("verapdf.sh", &args);
    assert_eq!(out.matches(" compliant").count(), 2 * built().len(), "{out}");
}

#[test]
fn word_and_pdf_hold_the_same_cells_in_the_same_grid() {
    for built in built() {
        let word = grid(&ask("docx-tables", &built.docx));
        let structure = ask("pdf-structure", &built.pdf);
        assert_eq!(word, grid(&structure["tables"]), "{}", built.sample);
    }
}

#[test]
fn every_table_of_the_pdf_has_header_cells_and_every_font_is_embedded() {
    for built in built() {
        let structure = ask("pdf-structure", &built.pdf);
        for table in structure["tables"].as_array().expect("tables") {
            assert!(table["TH"].as_u64() > Some(0), "{}: {table}", built.sample);
        }
        let facts = ask("pdf-facts", &built.pdf);
        let fonts = facts["fonts"].as_array().expect("fonts");
        assert!(!fonts.is_empty());
        for font in fonts {
            assert_eq!(font["embedded"], Value::Bool(true), "{}: {font}", built.sample);
        }
        assert!(facts["title"].as_str().is_some_and(|t| t.contains("政府信息公开")), "{facts}");
        assert_eq!(facts["lang"], "zh-CN", "{facts}");
        assert_eq!(facts["tagged"], Value::Bool(true), "{facts}");
    }
}

/// Every paragraph and cell of the Word file stands in the PDF, as pdfplumber reads it page by page.
#[test]
fn every_figure_is_read_back_from_the_pdf() {
    for built in built() {
        let pages = ask("pdf-numbers", &built.pdf);
        let pages = pages.as_array().or_else(|| pages["pages"].as_array()).expect("pages").clone();
        let tables =
            pages.iter().flat_map(|page| page["tables"].as_array().cloned().unwrap_or_default());
        let cells: String = tables.map(|table| table.to_string()).collect();
        for row in grid(&ask("docx-tables", &built.docx)).iter().flatten() {
            for (text, _, _) in row.iter().filter(|(text, ..)| text.parse::<u64>().is_ok()) {
                assert!(cells.contains(text.as_str()), "{}: {text}", built.sample);
            }
        }
    }
}

/// The golden text of each sample's PDF, as poppler reads it; `UPDATE=1` rewrites.
#[test]
fn the_text_of_every_pdf_is_the_golden_one() {
    let dir = root().join("tests/external/text");
    for built in built().iter().step_by(2) {
        let output = Command::new("pdftotext").args([path(&built.pdf), "-"]).output();
        let output = output.expect("pdftotext starts");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let lines: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let text = format!("{}\n", lines.join("\n"));
        let golden = dir.join(format!("{}.txt", built.sample));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(&dir).expect("a folder");
            std::fs::write(&golden, &text).expect("written");
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        let at = expected.lines().zip(text.lines()).position(|(a, b)| a != b);
        let shown = at.and_then(|at| text.lines().nth(at));
        assert!(expected == text, "{}: from line {at:?}: {shown:?}", built.sample);
    }
}

/// Through another program and back: the documents as `LibreOffice` writes them after a detour over .odt.
fn resaved(files: &[PathBuf], dir: &Path) -> Vec<PathBuf> {
    let convert = |to: &str, files: &[PathBuf]| -> Vec<PathBuf> {
        let out = dir.join(to);
        let mut args = vec![path(&out), to];
        args.extend(files.iter().map(|file| path(file)));
        script("soffice.sh", &args);
        files
            .iter()
            .map(|file| out.join(file.file_stem().expect("a name")).with_extension(to))
            .collect()
    };
    convert("docx", &convert("odt", files))
}

/// What is imported from a document; the program that saved it chooses the names of its pictures.
fn imported(file: &Path, dir: &Path) -> toml::Table {
    let ran = run(&root(), &["import", path(file), "-o", path(dir)]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let mut text = std::fs::read_to_string(dir.join("report.toml")).expect("a data file");
    for picture in common::names(dir)
        .iter()
        .filter(|name| Path::new(name).extension().is_none_or(|end| end != "toml"))
    {
        text = text.replace(picture.as_str(), "picture");
    }
    text.parse().expect("TOML")
}

/// Our documents and forms of another program filled by us, all saved again by a third one: organ, year,
/// every figure and every text are what they were, and `check` finds no error.
#[test]
fn reports_are_read_back_after_libreoffice_saved_them() {
    let base = tempfile::tempdir().expect("a folder");
    let made = base.path().join("made");
    std::fs::create_dir(&made).expect("a folder");
    let mut files = Vec::new();
    for sample in samples() {
        let data = format!("samples/{sample}");
        let built = base.path().join(&sample);
        let ran = run(&root(), &["build", &data, "-o", path(&built), "--to", "docx"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let ours = made.join(format!("{sample}-ours.docx"));
        std::fs::copy(only(&built, ".docx"), &ours).expect("copied");
        let form = format!("tests/import/form-{}.docx", common::edition_of(&sample));
        let filled = made.join(format!("{sample}-form.docx"));
        let ran = run(&root(), &["fill", "--form", &form, &data, "-o", path(&filled)]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        files.extend([ours, filled]);
    }
    for (number, (before, after)) in files.iter().zip(resaved(&files, base.path())).enumerate() {
        let dir = base.path().join(number.to_string());
        let saved = imported(&after, &dir.join("after"));
        assert_eq!(saved, imported(before, &dir.join("before")), "{}", before.display());
        let ran = run(&root(), &["check", path(&after)]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
}

/// The cells of a sheet that are calculated, with their values.
fn calculated(workbook: &[u8], sheet: &str) -> BTreeMap<String, String> {
    let xml = common::part(workbook, sheet);
    let mut out = BTreeMap::new();
    for cell in xml.split("<c r=\"").skip(1).filter(|cell| cell.contains("<f")) {
        let between = |from: &str, to: &str| {
            cell.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(found, _)| found)
        };
        let name = cell.split_once('"').expect("closed").0;
        out.insert(name.to_owned(), between("<v>", "</v>").unwrap_or_default().to_owned());
    }
    out
}

/// A workbook whose formulas have lost their values.
fn forgetful(workbook: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, content) in common::parts(workbook) {
        out.start_file(name.as_str(), options).expect("memory");
        let Ok(text) = std::str::from_utf8(&content) else { panic!("{name}") };
        let mut pieces = text.split("</f><v>");
        let mut kept = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            kept += "</f>";
            kept += piece.split_once("</v>").expect("closed").1;
        }
        out.write_all(kept.as_bytes()).expect("memory");
    }
    out.finish().expect("memory").into_inner()
}

/// The totals of a county's matrix as another program calculates them.
#[test]
fn libreoffice_adds_up_the_county_as_we_do() {
    let base = tempfile::tempdir().expect("a folder");
    let total = base.path().join("total");
    let args = ["collect", "docs/county", "--units", "docs/county/units.toml", "-o", path(&total)];
    let ran = run(&root(), &args);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let ours = std::fs::read(total.join("汇总表.xlsx")).expect("a workbook");
    let workbook = base.path().join("bare.xlsx");
    std::fs::write(&workbook, forgetful(&ours)).expect("written");
    let out = base.path().join("calculated");
    script("soffice.sh", &[path(&out), "xlsx", path(&workbook)]);
    let theirs = std::fs::read(out.join("bare.xlsx")).expect("a workbook");
    let mut count = 0;
    for sheet in 2..=4 {
        let sheet = format!("xl/worksheets/sheet{sheet}.xml");
        let expected = calculated(&ours, &sheet);
        assert_eq!(calculated(&theirs, &sheet), expected, "{sheet}");
        count += expected.len();
    }
    assert_eq!(count, 10 + 175 + 15, "one total for each cell of the form");
}

fn documents_in(dir: &Path, out: &mut Vec<PathBuf>) {
    for name in common::names(dir) {
        let path = dir.join(name);
        if path.is_dir() {
            documents_in(&path, out);
        } else if path.extension().is_some_and(|end| end == "docx") {
            out.push(path);
        }
    }
}

/// The parts of a package without the entries that are folders.
fn contents(bytes: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
    common::parts(bytes).into_iter().filter(|(name, _)| !name.ends_with('/')).collect()
}

/// The documents that python-docx and mammoth are tested with go through `fill` without a change.
#[test]
fn real_documents_stay_as_they_are() {
    let mut documents = Vec::new();
    documents_in(&tools().join("documents"), &mut documents);
    let base = tempfile::tempdir().expect("a folder");
    std::fs::write(base.path().join("data.json"), "{}").expect("written");
    let mut kept = 0;
    for document in &documents {
        let name = document.file_name().expect("a name").to_string_lossy().into_owned();
        let out = format!("{kept}.docx");
        let ran = run(base.path(), &["fill", path(document), "data.json", "-o", &out]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", document.display());
        let before = contents(&std::fs::read(document).expect("a document"));
        let after = contents(&std::fs::read(base.path().join(&out)).expect("filled"));
        let names = |parts: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<String> {
            parts.keys().cloned().collect()
        };
        assert_eq!(names(&before), names(&after), "{name}");
        let changed: Vec<&String> =
            before.keys().filter(|part| before[*part] != after[*part]).collect();
        assert!(changed.is_empty(), "{name}: {changed:?}");
        kept += 1;
    }
    assert!(kept >= 60, "{kept} of {}", documents.len());
}
