//! Proves the language on the cases of the mustache and the Handlebars specification, in every kind of
//! place of a Word document. `tests/specifications/by-design.txt` lists the cases that differ, each with its
//! reason; a listed case that passes fails the test as much as one that fails and is not listed.

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::template::{CompiledTemplate, ParseOptions, Partials, RenderOptions};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use support::random::Random;
use support::{Docx, part, parts, table};

#[test]
#[allow(clippy::print_stdout, reason = "the counts are told")]
fn the_specifications_hold_in_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specifications");
    let mut listed = ledger(&std::fs::read_to_string(folder.join("by-design.txt")).unwrap());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut wrong = String::new();
    let mut passed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for suite in ["mustache", "handlebars"] {
        let mut files: Vec<_> = std::fs::read_dir(folder.join(suite))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let cases: Vec<Value> =
                serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let stem = file.file_stem().unwrap().to_str().unwrap();
            for case in &cases {
                let name = format!("{suite}/{stem}: {}", case["name"].as_str().unwrap());
                let by_design = listed.remove(&name);
                let counts = passed.entry(suite.to_owned()).or_default();
                match (run(case, &mut random), by_design) {
                    (Ok(()), false) => counts.0 += 1,
                    (Err(_), true) => counts.1 += 1,
                    (Ok(()), true) => writeln!(wrong, "passes, strike it out: {name}").unwrap(),
                    (Err(why), false) => writeln!(wrong, "fails: {name}\n    {why}").unwrap(),
                }
            }
        }
    }
    for name in listed.0 {
        writeln!(wrong, "no such case: {name}").unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}\n{passed:?}");
    println!("passed, by design: {passed:?}");
}

/// Names of the listed cases.
struct Ledger(BTreeSet<String>);

impl Ledger {
    fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name)
    }
}

/// Each heading `# …` gives the reason of the cases below it.
fn ledger(text: &str) -> Ledger {
    let mut reason = "";
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("# ") {
            reason = heading;
        } else {
            assert!(!reason.is_empty(), "{line} has no reason");
            assert!(names.insert(line.to_owned()), "{line} is listed twice");
        }
    }
    Ledger(names)
}

/// One case in a paragraph of one run, of random runs, in a cell, a header and a footnote.
fn run(case: &Value, random: &mut Random) -> Result<(), String> {
    let template = case["template"].as_str().unwrap().replace("\r\n", "\n");
    let whole = paragraph(&[&template]);
    let mut cuts: Vec<usize> = (0..3).map(|_| random.below(template.len() + 1)).collect();
    cuts.retain(|&at| template.is_char_boundary(at));
    cuts.extend([0, template.len()]);
    cuts.sort_unstable();
    let pieces: Vec<&str> = cuts.windows(2).map(|pair| &template[pair[0]..pair[1]]).collect();
    let cell = table(&[&format!("<w:tr><w:tc>{whole}</w:tc></w:tr>")]);
    let mark = support::paragraph(MARK);
    let content = [whole.as_str(), &mark, &paragraph(&pieces), &mark, &cell];
    let mut docx = Docx::new(&content.concat());
    docx.add_word_part("header1", "hdr", &whole);
    let note = format!("<w:footnote w:id=\"1\">{whole}</w:footnote>");
    docx.add_word_part("footnotes", "footnotes", &note);
    let texts = fill(case, &docx.bytes());
    match (texts, case.get("expected")) {
        (Ok(texts), Some(expected)) => {
            let expected = &expected.as_str().unwrap().replace("\r\n", "\n");
            assert_eq!(texts.len(), 5, "{texts:?}");
            match texts.iter().find(|text| *text != expected) {
                Some(text) => Err(format!("{template:?} gave {text:?} instead of {expected:?}")),
                None => Ok(()),
            }
        }
        (Ok(texts), None) => Err(format!("{template:?} gave {:?} instead of an error", texts[0])),
        (Err(_), None) => Ok(()),
        (Err(why), Some(_)) => Err(format!("{template:?}: {why}")),
    }
}

const MARK: &str = "§§§";

/// A paragraph in which new lines are Word's.
fn paragraph(pieces: &[&str]) -> String {
    let run = |text: &&str| {
        let text = text.replace("\r\n", "\n");
        let text = quick_xml::escape::escape(&text)
            .replace('\n', "</w:t><w:br/><w:t xml:space=\"preserve\">");
        format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
    };
    format!("<w:p>{}</w:p>", pieces.iter().map(run).collect::<String>())
}

fn fill(case: &Value, docx: &[u8]) -> Result<Vec<String>, String> {
    let id = Sources::default().add_binary("t");
    let mut sink = Sink::new();
    let partials = case.get("partials").and_then(Value::as_object).into_iter().flatten();
    let texts = partials.filter_map(|(name, text)| Some((name.clone(), text.as_str()?)));
    let partials = Arc::new(Partials::new(texts));
    let options = ParseOptions { partials, ..ParseOptions::default() };
    let template = CompiledTemplate::parse_with(docx, id, &options, &mut sink);
    let strict = case["options"]
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one == "strict" || one == "assumeObjects"));
    let options = RenderOptions { allow_missing: !strict, ..RenderOptions::default() };
    let out = template.and_then(|found| found.render(&case["data"], &(), &options, &mut sink));
    let Some(out) = out else {
        let found = sink.into_sorted();
        return Err(found.iter().map(|found| found.message.in_lang(Lang::En)).next().unwrap());
    };
    let parts = parts(&out);
    let document = text(part(&parts, "word/document.xml"));
    let mut texts: Vec<String> = document.split(MARK).map(str::to_owned).collect();
    texts.push(text(part(&parts, "word/header1.xml")));
    texts.push(text(part(&parts, "word/footnotes.xml")));
    Ok(texts)
}

/// All text of a part, with Word's breaks and tabs as characters.
fn text(xml: &str) -> String {
    let mut out = String::new();
    let mut within = false;
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => within = element.name().as_ref() == "w:t",
            Event::End(_) => within = false,
            Event::Empty(element) if element.name().as_ref() == "w:br" => out.push('\n'),
            Event::Empty(element) if element.name().as_ref() == "w:tab" => out.push('\t'),
            Event::Text(text) if within => out.push_str(&text),
            Event::GeneralRef(reference) if within => match &*reference {
                "amp" => out.push('&'),
                "lt" => out.push('<'),
                "gt" => out.push('>'),
                "quot" => out.push('"'),
                "apos" => out.push('\''),
                _ => out.push(reference.resolve_char_ref().unwrap().unwrap()),
            },
            Event::Eof => return out,
            _ => {}
        }
    }
}
