//! The data that a template wants: its schema, its skeleton, and data that do not fit.

use super::*;
use nianbao::data::{self, Syntax};

const LETTER: [&str; 8] = [
    "{{organ.name}}（{{default organ.code \"—\"}}）",
    "{{#each rows}}",
    "{{name}}：{{fixed amount 2}}",
    "{{#each parts}}{{this}}{{/each}}",
    "{{/each}}",
    "{{#if note}}{{note}}{{/if}}",
    "{{sum rows \"amount\"}}，{{len rows}} 项，{{date day}}",
    "{{#signed}}{{by}}{{/signed}}",
];

fn letter() -> CompiledTemplate {
    let bytes = document(&LETTER);
    let source = Sources::default().add_binary("t.docx");
    let mut sink = Sink::new();
    let template =
        CompiledTemplate::parse_tolerant(bytes, source, &ParseOptions::default(), &mut sink);
    template.expect("a template")
}

#[test]
fn a_template_says_what_data_it_wants() {
    let shape = inspect::data_shape(letter().tags()).expect("few names");
    let schema: serde_json::Value =
        serde_json::from_str(&inspect::json_schema(&shape, "t")).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    // Properties of a document have names of their own: title and organ.name.
    let required: Vec<&str> =
        schema["required"].as_array().expect("names").iter().filter_map(|n| n.as_str()).collect();
    for name in ["organ", "rows", "day"] {
        assert!(required.contains(&name), "{required:?}");
    }
    assert!(!required.contains(&"note") && !required.contains(&"signed"), "{required:?}");
    let properties = &schema["properties"];
    assert_eq!(properties["organ"]["required"], serde_json::json!(["name"]));
    let rows = &properties["rows"];
    assert_eq!(rows["type"], "array");
    assert_eq!(
        rows["items"]["properties"]["amount"]["type"],
        serde_json::json!(["number", "string"])
    );
    assert_eq!(rows["items"]["properties"]["parts"]["type"], "array");
    // A date may also be a number, as spreadsheets have it.
    assert_eq!(
        properties["day"]["type"],
        serde_json::json!(["string", "number", "boolean", "null"])
    );
    assert_eq!(properties["signed"]["anyOf"][1]["type"], "array");
}

#[test]
fn the_skeleton_fills_the_template_in_every_syntax() {
    let template = letter();
    let mut node =
        inspect::data_skeleton(&inspect::data_shape(template.tags()).expect("few names"));
    if let data::DataValue::Table(entries) = &mut node.value {
        for entry in entries.iter_mut().filter(|entry| entry.key == "day") {
            entry.node.value = data::DataValue::Text("2026-01-20".to_owned());
        }
    }
    for (syntax, _) in Syntax::ALL {
        let mut sources = Sources::default();
        let unread = sources.add_binary("d");
        let mut sink = Sink::new();
        let text =
            nianbao::convert::convert_syntax(unread, &node, "", Syntax::Json, syntax, &mut sink);
        let text = text.expect("written");
        let source = sources.add_text("d", text.as_str());
        let root = data::load_data(source, &text, syntax, &mut sink).expect("read");
        inspect::check_data(
            &inspect::data_shape(template.tags()).expect("few names"),
            &root,
            source,
            unread,
            &mut sink,
        );
        assert!(
            sink.is_empty(),
            "{text}\n{}",
            render_diagnostics(&sink.into_sorted(), &sources, DiagnosticFormat::Short, Lang::En)
        );
    }
}

#[test]
fn data_is_checked_at_its_place() {
    let shape = inspect::data_shape(letter().tags()).expect("few names");
    let data = "day = [3]\ntitle = \"t\"\nspare = 1\n[organ]\nnmae = \"x\"\n\
                [[rows]]\nname = \"a\"\namount = \"1.50\"\nparts = [1]\n\
                [[rows]]\nname = \"b\"\namount = \"viel\"\nparts = 1\n";
    let mut sources = Sources::default();
    let template = sources.add_binary("t.docx");
    let source = sources.add_text("d.toml", data);
    let mut sink = Sink::new();
    let root = data::load_data(source, data, Syntax::Toml, &mut sink).expect("read");
    inspect::check_data(&shape, &root, source, template, &mut sink);
    let found = sink.into_sorted();
    let shown = render_diagnostics(&found, &sources, DiagnosticFormat::Short, Lang::En);
    let lines: Vec<&str> = shown.lines().collect();
    for (line, (place, rule, words)) in lines.iter().zip([
        ("d.toml:1:7: ", "data-type", "`day`"),
        ("d.toml:3:1: ", "data-unused", "`spare`"),
        ("d.toml:5:1: ", "data-missing", "`organ.name`"),
        ("d.toml:5:1: ", "data-unused", "`organ.nmae`"),
        ("d.toml:12:10: ", "data-type", "`rows[2].amount`"),
        ("d.toml:13:9: ", "data-type", "`rows[2].parts`"),
    ]) {
        assert!(line.starts_with(place) && line.contains(rule) && line.contains(words), "{shown}");
    }
    assert_eq!(lines.len(), 6, "{shown}");
    let missing = found.iter().find(|found| found.rule == "data-missing").expect("told");
    assert!(missing.hints[0].in_lang(Lang::En).contains("`nmae`"));
    assert!(matches!(&missing.labels[0].0, Location::Word(id, _) if *id == template));
}
