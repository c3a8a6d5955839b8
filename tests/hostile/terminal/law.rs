//! The law: whatever stands in the arguments of the messages, in names, places and rules, comes out as signs.

use super::super::support::random::Random;
use super::{EVIL, package_is_clean, wrong, wrong_value};
use docx_fill::diag::{
    Catalogue, Diagnostic, DiagnosticFormat, Lang, Location, Message, MessageArg, SheetLocation,
    SourcePlace, Sources, WordLocation, render_diagnostics, show_hidden,
};
use nianbao::check::findings_list::{ListedFindings, ListedReport, findings_workbook};
use nianbao::messages::CATALOGUE;
use nianbao::render;
use std::collections::BTreeSet;

/// All of Unicode's controls, and what of its formats turns writing or is not seen.
fn hostile(random: &mut Random) -> String {
    let odd: Vec<char> = ('\0'..='\u{9f}')
        .filter(|c| c.is_control())
        .chain("\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}".chars())
        .chain("\u{2028}\u{2029}\u{200b}\u{200c}\u{200d}\u{feff}\u{ad}\u{2060}\u{e0001}\u{e0020}\u{e007f}".chars())
        .collect();
    let even = ['a', '甲', ' ', '"', '\\', '{', '}', '<', '“', '\u{3000}', '𠀀', 'é', ']', ':'];
    let length = random.below(24);
    let one = |random: &mut Random| {
        if random.below(2) == 0 {
            odd[random.below(odd.len())]
        } else {
            even[random.below(even.len())]
        }
    };
    (0..length).map(|_| one(random)).collect()
}

/// The arguments that a message of the catalogue takes.
fn holes(pattern: &str) -> BTreeSet<&str> {
    pattern.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|p| p.0).collect()
}

fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A message with a hostile text in every argument, and the same with harmless ones.
fn message(
    catalogue: &'static Catalogue,
    (id, pattern): (&str, &str),
    random: &mut Random,
) -> (Message, Message) {
    let (mut evil, mut good) = (Vec::new(), Vec::new());
    for name in holes(pattern) {
        let name = kept(name.to_owned());
        let text = |random: &mut Random| MessageArg::from(hostile(random));
        evil.push((
            name,
            match random.below(3) {
                0 => text(random),
                1 => MessageArg::from(vec![hostile(random), hostile(random)]),
                _ => MessageArg::from(Message::new(
                    &CATALOGUE,
                    "check.this",
                    vec![("name", text(random))],
                )),
            },
        ));
        good.push((name, MessageArg::from("x")));
    }
    let id = kept(id.to_owned());
    (Message::new(catalogue, id, evil), Message::new(catalogue, id, good))
}

/// Lines as anybody counts them.
fn count_lines(text: &str) -> usize {
    text.matches(|c: char| {
        matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
    })
    .count()
}

#[test]
fn no_argument_of_any_message_comes_out_raw_or_leaves_its_line() {
    let mut random = Random(0x7E57_0F7E_2214_A11D);
    let catalogues = [&CATALOGUE, &docx_fill::diag::CATALOGUE];
    let patterns: Vec<_> = catalogues
        .into_iter()
        .flat_map(|from| from.entries(Lang::Zh).map(move |(id, pattern)| (from, id, pattern)))
        .collect();
    for round in 0..12 {
        let mut sources = Sources::default();
        let text =
            sources.add_text(hostile(&mut random), format!("a\n{}\nb", hostile(&mut random)));
        let book = sources.add_binary(hostile(&mut random));
        sources.set_sheet_names(book, vec![hostile(&mut random)]);
        let mut found = Vec::new();
        for (catalogue, id, pattern) in &patterns {
            let (evil, good) = message(catalogue, (id, pattern), &mut random);
            for lang in [Lang::Zh, Lang::En] {
                let (said, harmless) = (evil.in_lang(lang), good.in_lang(lang));
                assert_eq!(wrong(&said), None, "{id}");
                assert_eq!(count_lines(&said), count_lines(&harmless), "{id}: {said}");
            }
            let word = WordLocation {
                part: hostile(&mut random),
                excerpt: hostile(&mut random),
                ..WordLocation::default()
            };
            let at = random.below(40);
            let place = match random.below(4) {
                0 => Location::Word(book, word),
                1 => {
                    SourcePlace::Cell(SheetLocation { sheet: 0, row: 1, column: 2 }).in_source(book)
                }
                2 => Location::File(text),
                _ => Location::text(text, at..at + random.below(20)),
            };
            let one = Diagnostic::error(hostile(&mut random), place.clone(), evil.clone());
            // The head of a document has lines of its own.
            if !pattern.contains('\n') {
                found.push(one.with_label(place, evil.clone()).with_hint(evil));
            }
        }
        for (format, lang) in [
            (DiagnosticFormat::Human, Lang::Zh),
            (DiagnosticFormat::Short, Lang::En),
            (DiagnosticFormat::Json, Lang::Zh),
            (DiagnosticFormat::Sarif, Lang::En),
        ] {
            let out = render_diagnostics(&found, &sources, format, lang);
            assert_eq!(wrong(&out), None, "{format:?} in round {round}");
            match format {
                DiagnosticFormat::Short => assert_eq!(out.lines().count(), found.len()),
                DiagnosticFormat::Json => {
                    assert_eq!(out.lines().count(), found.len());
                    for line in out.lines() {
                        assert_eq!(wrong_value(&serde_json::from_str(line).expect("JSON")), None);
                    }
                }
                DiagnosticFormat::Sarif => {
                    assert_eq!(wrong_value(&serde_json::from_str(&out).expect("JSON")), None);
                }
                DiagnosticFormat::Human => {}
            }
        }
        if round == 0 {
            let name = format!("{}{EVIL}", hostile(&mut random));
            let findings = ListedFindings { found: &found, sources: &sources, form: None };
            let listed = [ListedReport::new(&name, None, findings, Lang::Zh).with_unit(&name)];
            package_is_clean(
                &findings_workbook(&listed, Lang::Zh).expect("a workbook"),
                "the workbook",
            );
            package_is_clean(
                &render::findings_list::findings_docx(&listed, Lang::Zh).expect("a document"),
                "the document",
            );
        }
    }
    assert_eq!(show_hidden(EVIL).lines().count(), 1);
}
