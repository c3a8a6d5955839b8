//! The law of a county: whatever stands in the names, texts and keys of its units, its figures are those of the
//! same county with harmless words instead.

mod common;
#[path = "common/generator.rs"]
mod generator;
#[path = "common/hostile.rs"]
mod hostile;

use common::run;
use docx_fill::diag::{Sink, Sources, is_hidden};
use generator::{Model, Random};
use nianbao::form::FormRegistry;
use nianbao::syntax::xlsx;
use nianbao::{data, report, sheet};
use serde_json::{Value, json};
use std::path::Path;

const YEAR: u16 = 2025;
/// Counties that are tried.
const COUNTIES: u64 = 40;
/// What a county's report holds at the top, besides a title.
const KEYS: [&str; 6] = ["disclosure", "organ", "requests", "review", "text", "year"];

/// A county in hostile words.
struct County {
    /// Names by number; units and the list share them.
    names: Vec<String>,
    units: Vec<Unit>,
    /// The list of units: name, and the reason to leave it out.
    list: Option<Vec<(usize, Option<String>)>>,
    organ: String,
}

struct Unit {
    model: Model,
    name: usize,
    /// Address, postcode, phone, email, website, title, three texts, a note, a key and its value.
    words: Vec<String>,
    /// How its file is written.
    syntax: usize,
    file: String,
}

fn county(random: &mut Random) -> County {
    let names: Vec<String> = (0..6).map(|_| hostile::text(random, 3)).collect();
    let unit = |number: usize, random: &mut Random| Unit {
        model: Model::correct(YEAR, None, random),
        name: random.below(names.len()),
        words: (0..12).map(|_| hostile::text(random, 8)).collect(),
        syntax: random.below(4),
        file: format!("u{number}{}", file_name(random)),
    };
    let units = (0..=random.below(5)).map(|number| unit(number, random)).collect();
    let listed = |number: usize, random: &mut Random| {
        let reason = random.one_in(5).then(|| format!("因{}", hostile::text(random, 4)));
        (number, reason)
    };
    let list = random.one_in(2).then(|| (0..4).map(|number| listed(number, random)).collect());
    County { organ: format!("县{}", hostile::text(random, 4)), names, units, list }
}

/// A file name that the system takes.
fn file_name(random: &mut Random) -> String {
    let text = hostile::text(random, 3);
    if cfg!(unix) { text.chars().filter(|c| !"/\0".contains(*c)).collect() } else { String::new() }
}

/// Names are compared without blanks.
fn solid(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

impl County {
    /// A name, or the harmless one in its place: the same name has the same, and none has none.
    fn name(&self, number: usize, harmless: bool) -> String {
        let own = solid(&self.names[number]);
        let first = self.names.iter().position(|name| solid(name) == own).expect("it is there");
        match (harmless, own.is_empty()) {
            (false, _) => self.names[number].clone(),
            (true, true) => String::new(),
            (true, false) => format!("第{first}局"),
        }
    }

    /// Writes the county below a folder.
    fn write(&self, dir: &Path, harmless: bool) {
        std::fs::create_dir_all(dir.join("units")).expect("a folder");
        for (number, unit) in self.units.iter().enumerate() {
            let value = unit.value(&self.name(unit.name, harmless), harmless);
            let file = if harmless { format!("u{number}") } else { unit.file.clone() };
            let (end, bytes) = written(&value, unit.syntax);
            let path = dir.join("units").join(format!("{file}.{end}"));
            std::fs::write(&path, bytes).unwrap_or_else(|e| panic!("{e}: {}", path.display()));
        }
        if let Some(list) = &self.list {
            let mut known: Vec<String> = Vec::new();
            let mut units = Vec::new();
            for (number, reason) in list {
                let name = self.name(*number, harmless);
                // A name twice is a fault of the list, and no text can change that.
                if name.trim().is_empty() || known.contains(&solid(&name)) {
                    continue;
                }
                known.push(solid(&name));
                let reason = reason.as_ref().map(|reason| if harmless { "因" } else { reason });
                units.push(match reason {
                    Some(reason) => json!({ "name": name, "excluded": reason }),
                    None => json!({ "name": name }),
                });
            }
            let organ = if harmless { "县" } else { &self.organ };
            let list = json!({ "year": YEAR, "organ": { "name": organ }, "unit": units });
            std::fs::write(dir.join("list.json"), list.to_string()).expect("written");
        }
    }
}

impl Unit {
    fn value(&self, name: &str, harmless: bool) -> Value {
        let mut value: Value = serde_json::from_str(&self.model.json()).expect("JSON");
        let words: Vec<&str> =
            self.words.iter().map(|words| if harmless { "乙" } else { words.as_str() }).collect();
        value["organ"]["name"] = json!(name);
        for (key, words) in ["address", "postcode", "phone", "email", "website"].iter().zip(&words)
        {
            value["organ"][*key] = json!(words);
        }
        for (key, words) in ["overview", "problems", "other"].iter().zip(&words[5..]) {
            value["text"][*key] = json!(words);
        }
        value["title"] = json!(words[8]);
        value["notes"] = json!({ "organ": words[9] });
        value[format!("unknown {}", words[10])] = json!(words[11]);
        value
    }
}

/// A unit's file by programs that are not ours; a workbook is as the program makes it.
fn written(value: &Value, syntax: usize) -> (&'static str, Vec<u8>) {
    // YAML has no place for characters that JSON takes as they are.
    let escape = |c: char| match c {
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    };
    let json = || value.to_string().chars().map(escape).collect::<String>();
    match syntax {
        0 => ("json", json().into_bytes()),
        1 => ("yaml", json().into_bytes()),
        2 => ("toml", toml::to_string(value).expect("TOML").into_bytes()),
        _ => match workbook(value) {
            Some(bytes) => ("xlsx", bytes),
            None => ("json", json().into_bytes()),
        },
    }
}

/// The workbook, if it holds every word as it is.
fn workbook(value: &Value) -> Option<Vec<u8>> {
    let text = value.to_string();
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("f", text.as_str());
    let root = data::load_data(source, &text, data::Syntax::Json, &mut sink)?;
    let report = report::read_report(source, &root, &FormRegistry::built_in(), &mut sink)?;
    let kept =
        report.header_fields().all(|field| xlsx::restorable_text(field.words) == field.words);
    if kept { sheet::write_workbook(&report).ok() } else { None }
}

/// Adds a county up into a file or folder.
fn collect(dir: &Path, list: bool, out: &str) {
    let list: &[&str] = if list { &["--units", "list.json"] } else { &[] };
    let args: Vec<&str> = ["collect", "units", "-o", out].iter().chain(list).copied().collect();
    let ran = run(dir, &args);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(matches!(ran.code, 0 | 1) && !said.contains("panicked"), "{} {said}", ran.code);
}

/// The tables of a report in TOML, by the library alone, and nothing but what belongs there.
fn figures(text: &str) -> Vec<toml::Value> {
    let report: toml::Table = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
    let mut keys: Vec<&str> = report.keys().map(String::as_str).filter(|k| *k != "title").collect();
    keys.sort_unstable();
    assert_eq!(keys, KEYS, "{text}");
    ["disclosure", "requests", "review"].map(|table| report[table].clone()).into()
}

#[test]
fn hostile_words_change_no_figure() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for number in 0..COUNTIES {
        let county = county(&mut random);
        let dirs = [false, true].map(|harmless| {
            let dir = tempfile::tempdir().expect("a folder");
            county.write(dir.path(), harmless);
            collect(dir.path(), county.list.is_some(), "total");
            dir
        });
        let read = |dir: &tempfile::TempDir, name: &str| {
            std::fs::read_to_string(dir.path().join(name)).unwrap_or_default()
        };
        let [one, other] = dirs.each_ref().map(|dir| read(dir, "total/report.toml"));
        // No unit may name a year: then there is nothing to add up, with these words or with those.
        assert_eq!(one.is_empty(), other.is_empty(), "county {number}");
        if one.is_empty() {
            continue;
        }
        assert_eq!(figures(&one), figures(&other), "county {number}\n{one}\n{other}");
        let hidden = one.chars().find(|c| *c != '\n' && is_hidden(*c));
        assert!(hidden.is_none_or(|c| "\u{200b}\u{ad}".contains(c)), "{hidden:?} in {one}");
        whole(dirs[0].path());
        if number % 4 == 0 {
            syntaxes(dirs[0].path(), county.list.is_some(), &one);
        }
    }
}

/// Every output can be opened.
fn whole(dir: &Path) {
    let page = std::fs::read_to_string(dir.join("total/报送情况.html")).expect("a page");
    common::pretty(page.strip_prefix("<!DOCTYPE html>\n").expect("HTML"));
    assert!(!page.contains("<script"), "{page}");
    for name in ["汇总表.xlsx", "检查清单.xlsx"] {
        let bytes = std::fs::read(dir.join("total").join(name)).expect("a workbook");
        for (part, text) in common::parts(&bytes) {
            let text = String::from_utf8(text).unwrap_or_else(|_| panic!("{part} is no text"));
            common::pretty(&text);
        }
    }
    let names = common::names(&dir.join("total"));
    let own = ["report.toml", "报送情况.html", "检查清单.xlsx", "汇总表.xlsx"];
    assert_eq!(names, own, "nothing but the county's own files");
}

/// The same figures in every syntax.
fn syntaxes(dir: &Path, list: bool, total: &str) {
    for end in ["json", "yaml", "xlsx"] {
        let (made, back) = (format!("r.{end}"), format!("{end}.toml"));
        collect(dir, list, &made);
        if end == "json" {
            let text = std::fs::read_to_string(dir.join(&made)).expect("JSON");
            let value: Value = serde_json::from_str(&text).expect("JSON");
            let tables = ["disclosure", "requests", "review"];
            let wanted = figures(total);
            let same = tables.iter().zip(&wanted).all(|(table, wanted)| {
                value[*table] == serde_json::to_value(wanted).expect("a table")
            });
            assert!(same, "{text}");
        }
        let ran = run(dir, &["convert", &made, &back]);
        assert_ne!(ran.code, 2, "{end}\n{}{}", ran.stdout, ran.stderr);
        let text = std::fs::read_to_string(dir.join(&back)).expect("converted");
        assert_eq!(cells(&text), cells(total), "{end}: {text}");
    }
}

/// The figures of a report in TOML, computed ones too.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("f", text);
    let root = data::load_data(source, text, data::Syntax::Toml, &mut sink).expect("a tree");
    let report =
        report::read_report(source, &root, &FormRegistry::built_in(), &mut sink).expect("a report");
    report.tables.iter().map(|cells| cells.iter().map(|c| c.figure.cell_text()).collect()).collect()
}
