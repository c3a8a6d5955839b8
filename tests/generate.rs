//! Random correct reports and reports with exactly known damage: exactly the damaged identities are
//! reported, in every year, with and without last year's file, in every data format.
//!
//! The model in `common/generator.rs` knows the identities by itself.

#[path = "common/generator.rs"]
mod generator;

use docx_fill::diag::{Diagnostic, Lang, Sink, Sources};
use generator::{Found, Given, Model, Random, yaml};
use nianbao::check::{self, Settings};
use nianbao::data::{self, Syntax};
use nianbao::form::FormRegistry;
use nianbao::report::{self, Report};
use nianbao::sheet;
use std::collections::BTreeSet;

/// Reports of each year that are generated.
const EACH: usize = 2_500;

/// How many of them also go through a workbook: 2,000 of each edition, and two of the years follow the
/// form of 2021. Unoptimised code takes too long for more than a sample.
fn books(year: u16) -> usize {
    match (cfg!(debug_assertions), year) {
        (true, _) => 100,
        (false, ..=2020) => 2_000,
        (false, _) => 1_000,
    }
}

fn read(text: &str, syntax: Syntax, library: &FormRegistry, sink: &mut Sink) -> Report {
    let mut sources = Sources::default();
    let source = sources.add_text("report", text);
    let root = data::load_data(source, text, syntax, sink).expect("a tree");
    report::read_report(source, &root, library, sink).expect("a report")
}

fn key(found: &Diagnostic) -> Found {
    let cell = found.cell.clone().unwrap_or_default();
    (found.rule.to_string(), cell.table, cell.row, cell.col)
}

/// Where there is only one change that mends everything, it is the damage itself.
fn mends(found: &[Diagnostic], right: &Given) -> bool {
    let mut hints = found.iter().flat_map(|one| &one.hints);
    let Some(hint) = hints.find(|hint| hint.id() == "check.single") else { return false };
    let value = right.values().next().expect("one cell").to_string();
    let words = hint.in_lang(Lang::En);
    assert!(words.ends_with(&format!(" to {value}")), "{words} but it was {value}");
    true
}

/// A round of a year: a report, last year's where there is one, and what has to be found.
struct Round<'a> {
    year: u16,
    number: usize,
    library: &'a FormRegistry,
    before: Option<Report>,
    expected: &'a BTreeSet<Found>,
}

impl Round<'_> {
    /// Judges the report and compares what is found with what has to be.
    fn judge(&self, report: &Report, mut sink: Sink, kind: &str) -> Vec<Diagnostic> {
        let settings = Settings::default();
        check::check_report_with(report, self.before.as_ref(), &settings, &mut sink);
        let found = sink.into_sorted();
        let keys: Vec<Found> = found.iter().map(key).collect();
        let unique: BTreeSet<Found> = keys.iter().cloned().collect();
        let Round { year, number, .. } = self;
        assert_eq!(unique, *self.expected, "{kind}, round {number} of {year}: {found:#?}");
        assert_eq!(keys.len(), unique.len(), "{kind}: twice in round {number} of {year}");
        found
    }

    /// The report through the workbook.
    fn workbook(&self, report: &Report) {
        let bytes = sheet::write_workbook(report).expect("a workbook");
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_binary("report.xlsx");
        let book = data::load_workbook(source, &bytes, &mut sources, &mut sink).expect("a book");
        let root = sheet::read_workbook(source, &book, self.library, &mut sink).expect("a tree");
        let report = report::read_report(source, &root, self.library, &mut sink).expect("a report");
        self.judge(&report, sink, "XLSX");
    }
}

fn year(year: u16) {
    let library = FormRegistry::built_in();
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ u64::from(year));
    let (mut broken, mut single) = (0, 0);
    for number in 0..EACH {
        let mut previous = Model::correct(year - 1, None, &mut random);
        let mut model = Model::correct(year, Some(&previous), &mut random);
        let with_previous = year > 2019 && random.one_in(2);
        let times = random.below(4);
        let right = model.damage(times, &mut random);
        let other = with_previous && random.one_in(4);
        if other {
            previous.damage(1, &mut random);
        }
        let expected = model.expected(with_previous.then_some(&previous));
        let before = previous.toml(&mut random);
        let before = with_previous.then(|| read(&before, Syntax::Toml, &library, &mut Sink::new()));
        let round = Round { year, number, library: &library, before, expected: &expected };
        let json = model.json();
        let mut block = String::new();
        yaml(&serde_json::from_str(&json).expect("JSON"), 0, &mut block);
        let toml = model.toml(&mut random);
        for (text, syntax) in [(toml, Syntax::Toml), (json, Syntax::Json), (block, Syntax::Yaml)] {
            let mut sink = Sink::new();
            let report = read(&text, syntax, &library, &mut sink);
            let found = round.judge(&report, sink, &text);
            single += usize::from(times == 1 && !other && mends(&found, &right));
            if syntax == Syntax::Toml && number < books(year) {
                round.workbook(&report);
            }
        }
        broken += usize::from(!expected.is_empty());
    }
    assert!(broken > EACH / 2, "{broken} broken reports of {year}");
    assert!(single > EACH / 20, "{single} single changes of {year}");
}

#[test]
fn exactly_the_damage_is_found_in_2020() {
    year(2020);
}

#[test]
fn exactly_the_damage_is_found_across_the_change_of_form() {
    year(2021);
}

#[test]
fn exactly_the_damage_is_found_in_2025() {
    year(2025);
}
