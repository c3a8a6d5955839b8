//! The registry of rules: the document is what the program says, and every rule is known to it; and the
//! published shape of a finding in JSON.

use docx_fill::diag::{
    Diagnostic, DiagnosticFormat, FormCellRef, Lang, Location, Severity, SheetLocation,
    SourcePlace, Sources,
};
use docx_fill::diag::{WordLocation, render_diagnostics};
use nianbao::check::rules::{self, rules_markdown};
use nianbao::form::FormRegistry;
use nianbao::msg;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn the_documents_are_fresh() {
    for (name, lang) in [("rules.md", Lang::En), ("rules.zh.md", Lang::Zh)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        let text = rules_markdown(lang);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).expect("written");
        }
        let on_disk = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(on_disk == text, "UPDATE=1 cargo test --test rules writes docs/{name}");
    }
}

#[test]
fn every_rule_of_the_program_is_registered() {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for fixed in [
        nianbao::report::RULES,
        nianbao::quote::RULES,
        nianbao::sheet::RULES,
        nianbao::import::RULES,
        nianbao::letterhead::RULES,
    ] {
        known.extend(fixed.iter().map(|rule| (*rule).to_owned()));
    }
    known.insert(nianbao::data::SYNTAX_RULE.to_owned());
    known.insert(nianbao::check::settings::SETTINGS_RULE.to_owned());
    for form in FormRegistry::built_in().forms() {
        for table in &form.tables {
            known.extend(table.identities.iter().map(|identity| identity.id.clone()));
            known.extend(table.bounds.iter().map(|bound| bound.id.clone()));
            known.extend(table.year_identities.iter().map(|crossing| crossing.id.clone()));
        }
    }
    for rule in known {
        assert!(rules::find_rule(&rule).is_some(), "{rule}");
        for lang in [Lang::Zh, Lang::En] {
            assert!(rules::explain_rule(&rule, lang).is_some(), "{rule}");
        }
    }
}

/// What a value breaks of a schema: as much of JSON Schema as `docs/findings.schema.json` uses.
fn breaks(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    let words = |value: &Value| -> Vec<String> {
        let items = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let is = |kind: &str| match kind {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is not checked"),
    };
    if !words(&schema["type"]).iter().any(|kind| is(kind)) {
        out.push(format!("{at}: {value} is none of {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
        out.push(format!("{at}: {value} is not among {}", schema["enum"]));
    }
    if schema["minimum"].as_f64().zip(value.as_f64()).is_some_and(|(least, found)| found < least) {
        out.push(format!("{at}: {value} is below {}", schema["minimum"]));
    }
    let Some(map) = value.as_object() else { return };
    for key in words(&schema["required"]).iter().filter(|key| !map.contains_key(*key)) {
        out.push(format!("{at}: no {key}"));
    }
    for (key, value) in map {
        match schema["properties"].get(key) {
            Some(schema) => breaks(schema, value, &format!("{at}.{key}"), out),
            None => out.push(format!("{at}: {key} is not in the schema")),
        }
    }
}

/// Checks lines against the schema; how many there were.
fn lines_fit(text: &str, origin: &str) -> usize {
    let schema = include_str!("../docs/findings.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let mut count = 0;
    for line in text.lines().filter(|line| line.starts_with("{\"rule\"")) {
        let value: Value = serde_json::from_str(line).expect("a JSON object");
        let mut faults = Vec::new();
        breaks(&schema, &value, "finding", &mut faults);
        assert!(faults.is_empty(), "{origin}: {faults:#?}\n{line}");
        count += 1;
    }
    count
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("a folder");
    let mut out = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.push(path);
        }
    }
    out
}

#[test]
fn every_golden_line_of_json_fits_the_schema() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let outputs = files(&cases).into_iter().filter(|path| path.ends_with("expected/stdout.txt"));
    let fits = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        lines_fit(&text, &path.display().to_string())
    };
    assert!(outputs.map(fits).sum::<usize>() >= 7, "golden lines of JSON");
}

#[test]
fn findings_of_every_kind_of_place_fit_the_schema() {
    let mut sources = Sources::default();
    let (text, other) = (sources.add_text("a.toml", "年 = 1\n"), sources.add_binary("b"));
    sources.set_sheet_names(other, vec!["表三".to_owned()]);
    let cell = SourcePlace::Cell(SheetLocation { sheet: 0, row: 6, column: 3 });
    let word = WordLocation { part: "word/document.xml".to_owned(), ..WordLocation::default() };
    let in_cell = WordLocation { cells: vec![(1, 2, 3)], paragraph: 1, ..word.clone() };
    let places = [
        Location::Nowhere,
        Location::File(text),
        Location::text(text, 0..3),
        cell.in_source(other),
        Location::Word(other, word),
        Location::Word(other, in_cell),
    ];
    let cells = [None, Some(FormCellRef::default()), {
        let id = |id: &str| Some(id.to_owned());
        Some(FormCellRef { table: "requests".to_owned(), row: id("received"), col: id("total") })
    }];
    let sides = [None, Some(("1.50".to_owned(), "-2".to_owned()))];
    let mut found = Vec::new();
    for (at, place) in places.into_iter().enumerate() {
        let severity = [Severity::Error, Severity::Warning, Severity::Info][at % 3];
        let mut one = Diagnostic::new("x", severity, place, msg!("data.empty"));
        one.cell.clone_from(&cells[at % 3]);
        one.sides.clone_from(&sides[at % 2]);
        found.extend([one.clone(), one.with_hint(msg!("data.empty"))]);
    }
    for lang in [Lang::Zh, Lang::En] {
        let lines = render_diagnostics(&found, &sources, DiagnosticFormat::Json, lang);
        assert_eq!(lines_fit(&lines, "the printer"), found.len());
    }
}
