//! Proves that values out of a template's reach change neither its document nor its findings.

mod support;

use docx_fill::diag::{Diagnostic, Sink, Sources};
use docx_fill::template::{
    CompiledTemplate, NameReach, ParseOptions, Partials, ReachableNames, RenderOptions,
};
use serde_json::{Value, json};
use std::sync::Arc;
use support::random::Random;
use support::{Docx, paragraph, row, table};

fn parse(docx: &Docx, partials: &Arc<Partials>, sink: &mut Sink) -> CompiledTemplate {
    let source = Sources::default().add_binary("t");
    let parse = ParseOptions { partials: Arc::clone(partials), ..ParseOptions::default() };
    CompiledTemplate::parse_tolerant(docx.bytes(), source, &parse, sink).expect("a package")
}

/// The names that paragraphs with these tags reach: of those that are asked for, without `.` all of the value.
fn reach(tags: &str, asked: &[&str]) -> Option<String> {
    let content: String = tags.split('⏎').map(paragraph).collect();
    let template = parse(&Docx::new(&content), &Arc::default(), &mut Sink::new());
    let names = template.reachable_names()?;
    let shown = asked.iter().map(|name| match names.reach_of(name) {
        NameReach::Nothing => String::from("-"),
        NameReach::Named => format!("{name}."),
        NameReach::All => (*name).to_owned(),
    });
    Some(shown.collect::<Vec<_>>().join(" "))
}

#[test]
fn names_are_reached_by_the_paths_of_tags() {
    let of = |tags: &str| reach(tags, &["a", "b", "c", "key"]);
    let told = |text: &str| Some(text.to_owned());
    assert_eq!(of("{{a}}"), told("a - - -"));
    assert_eq!(of("{{a.b}} {{#if c}}{{/if}}"), told("a. b c -"));
    assert_eq!(of("{{a.b}} {{default a 1}}"), told("a b - -"));
    assert_eq!(of("{{#each a.b}}{{this}}{{c}}{{@key}}{{/each}}"), told("a. b c -"));
    assert_eq!(of("{{#with a as |c|}}{{c.b}}{{.}}{{/with}}"), told("a b c. -"));
    assert_eq!(of("{{#a}}{{b}}{{/a}}"), told("a b - -"));
    assert_eq!(of("{{sum a \"b\"}}{{#each (group a \"b\")}}{{key}}{{/each}}"), told("a - - key"));
    assert_eq!(of("{{#*inline \"p\"}}{{a}}{{/inline}}{{> p x=b.c}}"), told("a b. c -"));
    assert_eq!(of("{{lookup a b}}{{@root.c.[key]}}"), told("a b c. key"));
    for whole in [
        "{{this}}",
        "{{lookup this \"a\"}}",
        "{{lookup @root a}}",
        "{{#each .}}{{b}}{{/each}}",
        "{{#each @root}}{{b}}{{/each}}",
        "{{#with this}}{{a}}{{/with}}",
        "{{#each a}}{{#each ..}}{{b}}{{/each}}{{/each}}",
        "{{#a}}{{this}}{{/a}}",
        "{{#each a}}x{{else}}{{this}}{{/each}}",
        "{{#*inline \"p\"}}{{this}}{{/inline}}{{#each a}}{{> p}}{{/each}}",
        "{{> p this}}",
        "{{> p x=this}}",
        "{{> (lookup . \"a\")}}",
        "{{#> p}}{{this}}{{/p}}",
        "{{image this width=20}}",
        "{{markdown this}}",
        "{{#if (eq this a)}}{{/if}}",
    ] {
        assert_eq!(of(whole), None, "{whole}");
    }
}

#[test]
fn merge_fields_and_values_of_word_are_reached() {
    let field = "<w:p><w:fldSimple w:instr=\" MERGEFIELD a_b \"><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>";
    let cells = [paragraph("{{#each b}}{{shade c}}{{merge d e}}"), paragraph("{{f}}{{/each}}")];
    let cells = cells.map(|cell| format!("<w:tc>{cell}</w:tc>"));
    let content = field.to_owned() + &table(&[&row(&cells)]) + &paragraph("{{fit g h}}");
    let docx =
        Docx::new(&(content + &paragraph("{{markdown i}}") + &paragraph("{{image j width=k}}")));
    let names = parse(&docx, &Arc::default(), &mut Sink::new()).reachable_names().expect("names");
    for name in ["a_b", "a b", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"] {
        assert_eq!(names.reach_of(name), NameReach::All, "{name}");
    }
    assert_eq!(names.reach_of("l"), NameReach::Nothing);
}

/// Leaves out what is not reached, as a reader of data may do.
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

const NAMES: [&str; 8] = ["a", "b", "c", "rows", "name", "nmae", "deep", "list"];

fn random_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 12 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(100)),
        3 | 4 => json!(NAMES[random.below(NAMES.len())]),
        5 => json!("图/a.png"),
        6..=8 => (0..random.below(4)).map(|_| random_value(random, depth - 1)).collect(),
        _ => random_group(random, depth - 1),
    }
}

fn random_group(random: &mut Random, depth: usize) -> Value {
    let count = random.below(6);
    let entries = (0..count)
        .map(|_| (NAMES[random.below(NAMES.len())].to_owned(), random_value(random, depth)));
    Value::Object(entries.collect())
}

fn random_path(random: &mut Random) -> String {
    let starts = ["", "", "", "", "../", "@root.", "this."];
    let count = 1 + random.below(3);
    let names: Vec<&str> = (0..count).map(|_| NAMES[random.below(NAMES.len())]).collect();
    match random.below(14) {
        0 => "this".to_owned(),
        1 => "@key".to_owned(),
        2 => "..".to_owned(),
        3 => format!("{}.[0]", names[0]),
        4 => format!("{}.length", names[0]),
        _ => starts[random.below(starts.len())].to_owned() + &names.join("."),
    }
}

fn random_expr(random: &mut Random) -> String {
    let path = random_path(random);
    match random.below(14) {
        0 => format!("lookup {path} \"a\""),
        1 => format!("lookup {path} {}", random_path(random)),
        2 => format!("default {path} \"x\""),
        3 => format!("sum {path} \"rows.a\""),
        4 => format!("join {path} \"、\""),
        5 => format!("length {path}"),
        _ => path,
    }
}

fn random_tags(random: &mut Random, depth: usize) -> String {
    let mut out = String::new();
    for _ in 0..=random.below(3) {
        let inner = if depth == 0 { String::from("x") } else { random_tags(random, depth - 1) };
        let subject = match random_expr(random) {
            call if call.contains(' ') => format!("({call})"),
            path => path,
        };
        let tag = match random.below(12) {
            0 => format!("{{{{#each {subject}}}}}{inner}{{{{/each}}}}"),
            1 => format!(
                "{{{{#each {subject} as |name|}}}}{inner}{{{{else}}}}{{{{a}}}}{{{{/each}}}}"
            ),
            2 => format!("{{{{#with {subject}}}}}{inner}{{{{/with}}}}"),
            3 => format!("{{{{#if {subject}}}}}{inner}{{{{/if}}}}"),
            4 => format!("{{{{#{}}}}}{inner}{{{{/{}}}}}", NAMES[0], NAMES[0]),
            5 => format!("{{{{> row {subject}}}}}"),
            6 => "{{> item}}".to_owned(),
            7 => format!("{{{{#> row a={subject}}}}}{inner}{{{{/row}}}}"),
            _ => format!("{{{{{}}}}}", random_expr(random)),
        };
        out.push_str(&tag);
    }
    out
}

fn render(
    template: &CompiledTemplate,
    data: &Value,
    allow_missing: bool,
) -> (Option<Vec<u8>>, Vec<Diagnostic>) {
    let mut sink = Sink::new();
    let options = RenderOptions { allow_missing, ..RenderOptions::default() };
    let out = template.render(data, &support::engine::pictures(), &options, &mut sink);
    (out.map(Into::into), sink.into_sorted())
}

/// Whatever stands in the tags, a document of all data and one of what is reached are the same, and what is told too.
#[test]
fn what_is_not_reached_changes_nothing() {
    let partials = Partials::new([
        ("row", "{{a}}{{#each rows}}{{name}}{{> item}}{{/each}}{{> @partial-block}}"),
        ("item", "{{b}}{{#if deep}}{{deep.c}}{{/if}}"),
    ]);
    let partials = Arc::new(partials);
    let mut random = Random(0xA076_1D64_78BD_642F);
    let (mut limited, mut made, mut changed) = (0, 0, 0);
    for round in 0..3_000 {
        let content: String =
            (0..=random.below(3)).map(|_| paragraph(&random_tags(&mut random, 2))).collect();
        let template = parse(&Docx::new(&content), &partials, &mut Sink::new());
        let Some(names) = template.reachable_names() else { continue };
        limited += 1;
        for _ in 0..3 {
            let data = random_group(&mut random, 4);
            let less = without_unreached(&data, &names);
            changed += usize::from(less != data);
            let allow_missing = random.below(2) == 0;
            let (all, reached) =
                (render(&template, &data, allow_missing), render(&template, &less, allow_missing));
            made += usize::from(all.0.is_some());
            assert!(
                all == reached,
                "{round}: {content}\n{data}\n{less}\n{:#?}",
                (all.1, reached.1)
            );
        }
    }
    assert!(limited > 500 && made > 250 && changed > 500, "{limited} {made} {changed}");
}
