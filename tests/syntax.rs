//! What is written into a syntax is read back as what was written, nothing more: thousands of random texts full of
//! line ends, quotes, brackets and marks, through every writer and the readers of the program and of others.

mod common;
#[path = "common/generator.rs"]
mod generator;
#[path = "common/hostile.rs"]
mod hostile;

use docx_fill::diag::{Lang, Sink, SourcePlace, Sources, show_hidden};
use docx_fill::opc::xml;
use docx_fill::prose;
use docx_fill::template::text::{self as quotes, TextOptions};
use docx_fill::template::{CompiledTemplate, NameReach, ReachableNames};
use generator::Random;
use nianbao::convert;
use nianbao::data::{
    self, CellContent, DataEntry, DataNode, DataValue, KeptValues, Syntax, json_values,
};
use nianbao::syntax::Bracket;
use nianbao::syntax::{html, markdown, toml as toml_writer, xlsx, yaml};
use quick_xml::events::Event;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Texts of each law.
const TEXTS: usize = 4_000;

fn random(seed: u64) -> Random {
    Random(0x9E37_79B9_7F4A_7C15 ^ seed)
}

/// A tree without places.
fn bare(node: &DataNode) -> String {
    match &node.value {
        DataValue::List(items) => format!("{:?}", items.iter().map(bare).collect::<Vec<_>>()),
        DataValue::Table(entries) => {
            let pairs: Vec<_> = entries.iter().map(|e| (&e.key, bare(&e.node))).collect();
            format!("{pairs:?}")
        }
        other => format!("{other:?}"),
    }
}

/// Reads a text; it has to be well formed.
fn load(text: &str, syntax: Syntax) -> DataNode {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("f", text);
    let root = data::load_data(source, text, syntax, &mut sink).expect("a tree");
    let found = docx_fill::diag::render_diagnostics(
        &sink.into_sorted(),
        &sources,
        docx_fill::diag::DiagnosticFormat::Short,
        docx_fill::diag::Lang::En,
    );
    assert!(found.is_empty(), "{found}\n{text:?}");
    root
}

/// A file of one entry with comments above, beside and below.
struct Sample {
    above: String,
    key: String,
    value: String,
    beside: String,
}

fn sample(random: &mut Random) -> Sample {
    let mut text = || hostile::text(random, 6);
    Sample { above: text(), key: text(), value: text(), beside: text() }
}

/// The only entry of a tree.
fn only(root: &DataNode) -> (&str, &DataValue) {
    let DataValue::Table(entries) = &root.value else { panic!("no table: {root:?}") };
    assert_eq!(entries.len(), 1, "{entries:?}");
    (&entries[0].key, &entries[0].node.value)
}

#[test]
fn toml_holds_what_was_written() {
    let mut random = random(1);
    for number in 0..TEXTS {
        let Sample { above, key, value, beside } = sample(&mut random);
        let mut out = toml_writer::TomlWriter::default();
        out.comment_line(&above);
        out.raw_comment_line(&beside);
        out.table_header(&key);
        out.end_line(Some(&above));
        out.assign_key(&key, 3);
        match number % 3 {
            0 => out.push_text(&value),
            1 => out.multiline_text(&value),
            _ => out.push_number(&value, 4),
        }
        out.end_line(Some(&beside));
        out.comment_line(&value);
        let text = out.finish();
        let root = load(&text, Syntax::Toml);
        let (head, DataValue::Table(inner)) = only(&root) else { panic!("{text:?}") };
        assert_eq!((head, inner.len()), (key.as_str(), 1), "{text:?}");
        let read = match &inner[0].node.value {
            DataValue::Text(text) | DataValue::Number(text) => text,
            other => panic!("{other:?} {text:?}"),
        };
        assert_eq!((&inner[0].key, read), (&key, &value), "{text:?}");
        // The same by the library alone.
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{e}\n{text:?}"));
        let inner = table[&key].as_table().expect("a table");
        assert_eq!((table.len(), inner.len()), (1, 1), "{text:?}");
        if let Some(read) = inner[&key].as_str() {
            assert_eq!(read, value);
        }
    }
}

#[test]
fn yaml_holds_what_was_written() {
    let mut random = random(2);
    for number in 0..TEXTS {
        let Sample { above, key, value, beside } = sample(&mut random);
        let mut out = yaml::YamlWriter::default();
        out.raw_comment_line(0, &above);
        out.block_key(0, &key);
        out.end_line(Some(&beside));
        out.raw_comment_line(1, &beside);
        out.block_key(1, &key);
        let literal = number % 2 == 0 && yaml::YamlWriter::is_literal(&value);
        if literal {
            out.push_literal(1, &value);
        } else {
            out.push_space();
            out.push_bracket(Bracket::OpenList);
            out.push_text(&value);
            out.push_separator();
            out.push_number(&value);
            out.push_bracket(Bracket::CloseList);
            out.end_line(Some(&above));
        }
        out.raw_comment_line(0, &value);
        let text = out.finish();
        let root = load(&text, Syntax::Yaml);
        let (head, inner) = only(&root);
        let inner = DataNode { value: inner.clone(), place: SourcePlace::generated() };
        let (name, found) = only(&inner);
        assert_eq!((head, name), (key.as_str(), key.as_str()), "{text:?}");
        let same = |read: &DataValue| match read {
            DataValue::Text(text) | DataValue::Number(text) => *text == value,
            _ => false,
        };
        match found {
            DataValue::List(items) => {
                assert!(items.len() == 2 && items.iter().all(|n| same(&n.value)), "{text:?}");
            }
            read => assert!(literal && same(read), "{read:?} {text:?}"),
        }
    }
}

/// A random tree of a data file.
fn tree(random: &mut Random, depth: usize) -> DataValue {
    match random.below(if depth < 3 { 7 } else { 4 }) {
        0 => DataValue::Bool(random.one_in(2)),
        1 => DataValue::Number(random.count().to_string()),
        2 | 3 => DataValue::Text(hostile::text(random, 6)),
        4 => {
            let items = (0..random.below(4)).map(|_| tree(random, depth + 1));
            DataValue::List(
                items.map(|value| DataNode { value, place: SourcePlace::generated() }).collect(),
            )
        }
        _ => table(random, depth + 1),
    }
}

fn table(random: &mut Random, depth: usize) -> DataValue {
    let mut entries = BTreeMap::new();
    for _ in 0..=random.below(4) {
        let key = hostile::text(random, 3);
        // YAML looks for the end of a key for so long only.
        let key = if random.one_in(20) { key + &"长".repeat(1200) } else { key };
        entries.insert(key, tree(random, depth));
    }
    let place = SourcePlace::generated();
    let entry = |(key, value)| DataEntry { key, key_place: place, node: DataNode { value, place } };
    DataValue::Table(entries.into_iter().map(entry).collect())
}

/// Keys in order: TOML writes values before tables.
fn sorted(value: &DataValue) -> DataValue {
    match value {
        DataValue::Table(entries) => {
            let mut entries: Vec<DataEntry> = entries
                .iter()
                .map(|e| DataEntry {
                    key: e.key.clone(),
                    key_place: e.key_place,
                    node: DataNode { value: sorted(&e.node.value), place: e.node.place },
                })
                .collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            DataValue::Table(entries)
        }
        DataValue::List(items) => DataValue::List(
            items.iter().map(|n| DataNode { value: sorted(&n.value), place: n.place }).collect(),
        ),
        other => other.clone(),
    }
}

#[test]
fn trees_are_the_same_in_every_syntax() {
    let mut random = random(3);
    let source = Sources::default().add_binary("f");
    for _ in 0..TEXTS / 4 {
        let value = table(&mut random, 0);
        let root = DataNode { value, place: SourcePlace::generated() };
        let wanted = bare(&DataNode { value: sorted(&root.value), place: root.place });
        for syntax in [Syntax::Toml, Syntax::Json, Syntax::Yaml] {
            let mut sink = Sink::new();
            let text = convert::convert_syntax(source, &root, "", Syntax::Json, syntax, &mut sink);
            let text = text.expect("no null");
            let read = load(&text, syntax);
            let read = bare(&DataNode { value: sorted(&read.value), place: read.place });
            assert_eq!(read, wanted, "{text:?}");
            if syntax == Syntax::Json {
                serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
            }
        }
    }
}

/// The comments of one file in another are comments still.
#[test]
fn comments_stay_comments() {
    let mut random = random(4);
    for _ in 0..TEXTS / 4 {
        let comment = |random: &mut Random| show_hidden(&hostile::text(random, 6)).into_owned();
        let (a, b, c) = (comment(&mut random), comment(&mut random), comment(&mut random));
        let text = format!("# {a}\nyear = 2025 # {b}\n[organ] # {c}\nname = \"甲\"\n# {a}");
        let root = load(&text, Syntax::Toml);
        let source = Sources::default().add_binary("f");
        for to in [Syntax::Yaml, Syntax::Toml] {
            let mut sink = Sink::new();
            let made = convert::convert_syntax(source, &root, &text, Syntax::Toml, to, &mut sink);
            let made = made.expect("no null");
            assert_eq!(bare(&load(&made, to)), bare(&root), "{made:?}");
        }
    }
    // In YAML a carriage return ends a comment, and what follows is no part of it.
    let yaml = "year: 2025 # a\rform: \"2021\"\n";
    let root = load(yaml, Syntax::Yaml);
    let source = Sources::default().add_binary("f");
    let made =
        convert::convert_syntax(source, &root, yaml, Syntax::Yaml, Syntax::Yaml, &mut Sink::new());
    assert_eq!(bare(&load(&made.expect("YAML"), Syntax::Yaml)), bare(&root));
}

/// The texts of an XML reader: elements, attributes and characters, one after the other.
fn events(text: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut out: Vec<String> = Vec::new();
    let mut words = String::new();
    loop {
        let event = reader.read_event().unwrap_or_else(|e| panic!("{e}\n{text:?}"));
        match &event {
            Event::Text(part) => words.push_str(&part.xml10_content()),
            Event::GeneralRef(name) => {
                let entity = format!("&{};", name.as_ref());
                words.push_str(&quick_xml::escape::unescape(&entity).expect("known"));
            }
            _ => out.extend(Some(std::mem::take(&mut words)).filter(|words| !words.is_empty())),
        }
        match event {
            Event::Eof => return out,
            Event::Start(element) | Event::Empty(element) => {
                out.push(format!("<{}", element.name().as_ref()));
                for found in element.attributes() {
                    let found = found.expect("an attribute");
                    let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0);
                    out.push(format!("{}={}", found.key.as_ref(), value.expect("a value")));
                }
            }
            Event::End(element) => out.push(format!("{}>", element.name().as_ref())),
            Event::Text(_) | Event::GeneralRef(_) | Event::DocType(_) => {}
            other => panic!("{other:?} in {text:?}"),
        }
    }
}

/// A text as XML can hold it.
fn held(text: &str) -> String {
    let shown = |c: char| show_hidden(&c.to_string()).into_owned();
    text.chars().map(|c| if xml::is_forbidden(c) { shown(c) } else { c.to_string() }).collect()
}

#[test]
fn xml_holds_what_was_written() {
    let mut random = random(5);
    for _ in 0..TEXTS {
        let (words, value) = (hostile::text(&mut random, 6), hostile::text(&mut random, 6));
        let mut out = String::from("<a");
        xml::attribute_into(&mut out, "b", &value);
        out.push('>');
        xml::escape_into(&mut out, &words);
        out.push_str("</a>");
        let (words, value) = (held(&words), format!("b={}", held(&value)));
        let mut wanted = vec!["<a".to_owned(), value, words, "a>".to_owned()];
        wanted.retain(|part| !part.is_empty());
        assert_eq!(events(&out), wanted, "{out:?}");
    }
}

#[test]
fn html_holds_what_was_written() {
    let mut random = random(6);
    let page = html::HtmlTemplate {
        page: "<html><td title=\"{{value}}\">{{words}}</td><br/>{{words}}</html>",
        partials: &[],
        show: show_hidden,
    };
    let fill = |words: &str, value: &str| {
        page.fill(&serde_json::json!({ "words": words, "value": value }), Lang::Zh)
    };
    let plain = events(&fill("x", "x"));
    for _ in 0..TEXTS {
        let (words, value) = (hostile::text(&mut random, 6), hostile::text(&mut random, 6));
        let text = fill(&words, &value);
        // The page of a harmless text, with this one in its place.
        let (words, value) = (show_hidden(&words), show_hidden(&value));
        // Readers of XML take a tab in an attribute for a blank, those of HTML do not.
        let value = value.replace('\t', " ");
        let mut wanted = Vec::new();
        for part in &plain {
            wanted.push(match part.as_str() {
                "x" => words.clone().into_owned(),
                "x\n" => format!("{words}\n"),
                "title=x" => format!("title={value}"),
                other => other.to_owned(),
            });
        }
        wanted.retain(|part| !part.is_empty());
        assert_eq!(events(&text), wanted, "{text:?}");
    }
}

#[test]
fn cells_hold_what_was_written_and_no_formula() {
    let mut random = random(7);
    let texts: Vec<String> = (0..TEXTS).map(|_| hostile::text(&mut random, 6)).collect();
    let mut book = rust_xlsxwriter::Workbook::new();
    let format = rust_xlsxwriter::Format::new();
    let sheet = book.add_worksheet();
    for (row, text) in (0_u32..).zip(&texts) {
        sheet
            .write_string_with_format(row, 0, xlsx::restorable_text(text), &format)
            .expect("a cell");
        xlsx::write_words(sheet, (row, 1), text, &format).expect("a cell");
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    for (name, part) in common::parts(&bytes) {
        let text = String::from_utf8(part).unwrap_or_else(|_| panic!("{name} is no text"));
        assert!(!text.contains("<f>"), "{name}");
        common::pretty(&text);
    }
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("f.xlsx");
    let book = data::load_workbook(source, &bytes, &mut sources, &mut sink).expect("a book");
    for (row, text) in texts.iter().enumerate() {
        let read = |column| book.sheets[0].cell_at(row, column).map(|cell| cell.content.clone());
        for (column, wanted) in
            [(0, xlsx::restorable_text(text).into_owned()), (1, xlsx::cell_lines(text))]
        {
            let content = read(column).unwrap_or(CellContent::Empty);
            assert_eq!(content.text(), wanted, "{text:?}");
            assert!(matches!(content, CellContent::Text(_) | CellContent::Empty), "{content:?}");
        }
    }
}

#[test]
fn markdown_shows_what_was_written() {
    let mut random = random(8);
    for number in 0..TEXTS {
        let text = hostile::text(&mut random, 6);
        let words = markdown::escape_words(&text);
        // Quoting finds nothing in it.
        let mut told = Vec::new();
        let mut tell = |problem: quotes::TextProblem| told.push(problem);
        let none = serde_json::json!({});
        let written = format!("甲{words}");
        let filled = quotes::render_text(
            &written,
            &none,
            markdown::escape_words,
            TextOptions::default(),
            &mut tell,
        );
        assert!(told.is_empty(), "{text:?} {told:?}");
        assert_eq!(filled, written, "{text:?}");
        let first = if number % 2 == 0 { "甲" } else { "" };
        let blocks = prose::parse_markdown(&format!("{first}{words}乙"));
        let [block] = blocks.as_slice() else { panic!("{text:?} {blocks:?}") };
        let mut plain: String = block.inlines().into_iter().map(prose::plain_text).collect();
        if let prose::ProseBlock::Item { marker, .. } = block {
            plain.insert_str(0, marker);
        }
        let line = |c: char| if "\n\r\u{2028}\u{2029}\u{85}".contains(c) { ' ' } else { c };
        let wanted: String = format!("{first}{text}乙").chars().map(line).collect();
        let blank = |c: char| c.is_whitespace() || c == '\u{fffd}' || c == '\0';
        let solid = |text: &str| text.chars().filter(|c| !blank(*c)).collect::<String>();
        assert_eq!(solid(&plain), solid(&wanted), "{text:?} as {words:?}");
        let shown = prose::parse_markdown(&format!("甲{}", markdown::format_link(&words, &text)));
        assert!(shown.len() == 1, "{text:?} {shown:?}");
    }
}

/// A random JSON value; names are few, so that they meet those of a template.
fn random_json(random: &mut Random, depth: usize) -> Value {
    const NAMES: [&str; 6] = ["rows", "名称", "deep", "other", "a\"b", "other\\"];
    match random.below(if depth == 0 { 5 } else { 9 }) {
        0 => Value::Null,
        1 => random.one_in(2).into(),
        2 => random.count().into(),
        3 | 4 => hostile::text(random, 12).into(),
        5 | 6 => (0..random.below(4)).map(|_| random_json(random, depth - 1)).collect(),
        _ => {
            let entries = (0..random.below(5)).map(|_| {
                (NAMES[random.below(NAMES.len())].to_owned(), random_json(random, depth - 1))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// Writes another sign into a text, takes some out or repeats some, or leaves the text as it is.
fn damaged(text: &str, random: &mut Random) -> String {
    const SIGNS: [&str; 14] =
        ["{", "}", "[", "]", ",", ":", "\"", "\\", "1", "0", "-", ".", "e", "\u{1}"];
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (one, other) = (random.below(places.len()), random.below(places.len()));
    let (start, end) = (places[one.min(other)], places[one.max(other)]);
    match random.below(4) {
        0 => text.to_owned(),
        1 => [&text[..start], SIGNS[random.below(SIGNS.len())], &text[start..]].concat(),
        2 => [&text[..start], &text[end..]].concat(),
        _ => [&text[..end], &text[start..]].concat(),
    }
}

fn without_unreached(value: &Value, names: &ReachableNames) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let kept = map.iter().map(|(key, value)| {
        let value = match names.reach_of(key) {
            NameReach::Nothing => Value::Null,
            NameReach::Named => without_unreached(value, names),
            NameReach::All => value.clone(),
        };
        (key.clone(), value)
    });
    Value::Object(kept.collect())
}

#[test]
fn values_that_are_passed_over_are_checked_like_all_others() {
    let tags = ["{{#each rows}}{{名称}}{{/each}}".to_owned(), "{{deep.rows.名称}}".to_owned()];
    let source = Sources::default().add_binary("t");
    let template = CompiledTemplate::parse(common::letter(&tags), source, &mut Sink::new());
    let names = template.expect("a template").reachable_names().expect("names");
    let mut random = random(18);
    let (mut read, mut faulty, mut passed) = (0, 0, 0);
    for _ in 0..TEXTS * 5 {
        let value = random_json(&mut random, 4);
        let written = if random.one_in(2) {
            value.to_string()
        } else {
            serde_json::to_string_pretty(&value).expect("written")
        };
        let text = damaged(&written, &mut random);
        let all = json_values(&text, KeptValues::All);
        let reached = json_values(&text, KeptValues::Reached(&names));
        let checked = json_values(&text, KeptValues::Nothing);
        assert_eq!(checked, all.as_ref().map(|_| Value::Null), "{text}");
        assert_eq!(reached, all.as_ref().map(|all| without_unreached(all, &names)), "{text}");
        passed += usize::from(reached != all);
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("a.json", &*text);
        let tree = data::load_data(source, &text, Syntax::Json, &mut sink);
        assert_eq!(all.is_some(), tree.is_some() && sink.is_empty(), "{text}");
        match (all, tree) {
            (Some(all), Some(tree)) => {
                read += 1;
                assert_eq!(data::plain_value(&tree), all, "{text}");
            }
            _ => faulty += 1,
        }
    }
    assert!(read > 1_000 && faulty > 1_000 && passed > 500, "{read} {faulty} {passed}");
}
