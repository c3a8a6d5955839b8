//! Sentences of reports with what has to be found in them, one a line: adding a case is adding a line.
//!
//! Each folder beside this file holds a report with `@@` where a sentence goes, last year's report if there is one, and
//! `*.txt` with lines `findings | sentence`: the rules that speak, each as often as it does, or `-` for none. `\n` is a new
//! line of the text. The sentences were judged by reading, before the program saw them.

use docx_fill::diag::{Lang, Sink, Sources};
use nianbao::check::{self, Settings};
use nianbao::data::{self, Syntax};
use nianbao::form::FormRegistry;
use nianbao::quote;
use nianbao::report::{self, Report};
use std::path::{Path, PathBuf};

/// Where the sentence goes in a report.
const PLACE: &str = "@@";

/// The reports of a folder with what judging them needs.
struct Bench {
    library: FormRegistry,
    settings: Settings,
    frame: String,
    before: Option<Report>,
}

fn read(text: &str, library: &FormRegistry, sink: &mut Sink) -> (Report, Sources) {
    let mut sources = Sources::default();
    let source = sources.add_text("report.toml", text);
    let root = data::load_data(source, text, Syntax::Toml, sink).expect("TOML");
    (report::read_report(source, &root, library, sink).expect("a report"), sources)
}

impl Bench {
    fn new(folder: &Path) -> Bench {
        let library = FormRegistry::built_in();
        let mut settings = Settings::default().with_notices(&library);
        if let Ok(units) = std::fs::read_to_string(folder.join("units.txt")) {
            settings.units = units.lines().map(str::to_owned).collect();
        }
        let before = std::fs::read_to_string(folder.join("before.toml"));
        let before = before.ok().map(|text| read(&text, &library, &mut Sink::new()).0);
        let frame = std::fs::read_to_string(folder.join("report.toml")).expect("a report");
        assert!(frame.contains(PLACE), "{}: no place for a sentence", folder.display());
        Bench { library, settings, frame, before }
    }

    /// Returns the rules that speak about a sentence, with their messages.
    fn judge(&self, sentence: &str) -> Vec<(String, String)> {
        let text = self.frame.replace(PLACE, &sentence.replace("\\n", "\n"));
        let mut sink = Sink::new();
        let (report, _) = read(&text, &self.library, &mut sink);
        let before = self.before.as_ref();
        check::check_report_with(&report, before, &self.settings, &mut sink);
        let filled = quote::fill_quotes(&report, &text, &mut sink);
        check::check_texts(&report, &filled, &text, before, &self.settings, &mut sink);
        let found = self.settings.apply_severities(sink).into_sorted().into_iter();
        found.map(|f| (f.rule.to_string(), f.message.in_lang(Lang::Zh))).collect()
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sentences");
    let entries =
        std::fs::read_dir(root).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut out: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    out.sort();
    out
}

/// Compares the findings of each line of a folder with what stands before it.
fn compare(folder: &Path, wrong: &mut Vec<String>) -> usize {
    let bench = Bench::new(folder);
    let mut count = 0;
    let entries =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut lists: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    lists.retain(|path| !path.ends_with("units.txt"));
    lists.sort();
    for list in lists {
        let text = std::fs::read_to_string(&list).expect("a list");
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{}:{}", list.display(), number + 1);
            let (expected, sentence) =
                line.split_once(" | ").unwrap_or_else(|| panic!("{place}: no “ | ”"));
            let mut expected: Vec<&str> =
                expected.split_whitespace().filter(|word| *word != "-").collect();
            let found = bench.judge(sentence);
            let mut rules: Vec<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
            expected.sort_unstable();
            rules.sort_unstable();
            count += 1;
            if rules != expected {
                let messages: Vec<&str> =
                    found.iter().map(|(_, message)| message.as_str()).collect();
                wrong.push(format!(
                    "{place}: {sentence}\n    expected {expected:?}, found {rules:?} {messages:#?}"
                ));
            }
        }
    }
    assert!(count > 0, "{}: no sentence", folder.display());
    count
}

#[test]
fn sentences_are_judged_as_by_a_careful_reader() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for folder in folders() {
        count += compare(&folder, &mut wrong);
    }
    assert!(count > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_report_without_a_sentence_has_no_finding() {
    for folder in folders() {
        let found = Bench::new(&folder).judge("本年度按规定开展工作。");
        assert!(found.is_empty(), "{}: {found:?}", folder.display());
    }
}
