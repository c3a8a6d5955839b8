//! The front door: an engine with helpers and partials, templates, and errors as a program sees them.

mod support;

use docx_fill::diag::Lang;
use docx_fill::template::RenderOptions;
use docx_fill::{Engine, Error, HelperSignature, Template};
use serde::Serialize;
use serde_json::json;
use support::{Docx, paragraph, parts, text_of};

fn template(engine: &Engine, content: &str) -> Result<Template, Error> {
    engine.template(Docx::new(&paragraph(content)).bytes())
}

fn lines(docx: &[u8]) -> Vec<String> {
    text_of(support::part(&parts(docx), "word/document.xml"))
}

fn is_shared<T: Send + Sync>(_: &T) {}

#[test]
fn any_serializable_value_is_data() {
    #[derive(Serialize)]
    struct Letter<'a> {
        name: &'a str,
        rows: [u8; 2],
    }
    let found = template(&Engine::new(), "{{name}}{{#each rows}} {{this}}{{/each}}").unwrap();
    is_shared(&found);
    let docx = found.render(&Letter { name: "Ada", rows: [1, 2] }).unwrap();
    assert!(docx.warnings.is_empty() && found.verify_layout(&docx).is_ok());
    assert_eq!(lines(docx.as_ref()), ["Ada 1 2"]);
    assert_eq!(docx.as_ref(), docx.clone().into_docx());
    assert!(found.findings().is_empty());
    let unserializable = std::collections::BTreeMap::from([(vec![1], 2)]);
    let error = found.render(&unserializable).unwrap_err();
    assert_eq!(error.findings()[0].rule, "data-unserializable");
}

#[test]
fn own_helpers_are_called_everywhere_and_go_before_built_in_ones() {
    let mut engine = Engine::new();
    engine.add_helper("twice", |args| Ok((args.number(0)? * 2.0).into()));
    engine.add_helper("date", |args| Ok(format!("on {}", args.text(0)?).into()));
    engine.add_partial("line", "{{twice n}}");
    let content =
        "{{date day}}: {{#each rows}}{{> line}};{{/each}}{{#if (eq (twice 2) 4)}}yes{{/if}}";
    let found = template(&engine, content).unwrap();
    let data = json!({ "day": "Monday", "rows": [{ "n": 1 }, { "n": 2.5 }] });
    assert_eq!(lines(found.render(&data).unwrap().as_ref()), ["on Monday: 2;5;yes"]);
}

#[test]
fn a_signature_is_held_when_the_template_is_compiled() {
    let mut engine = Engine::new();
    let signature = HelperSignature {
        min_args: 1,
        max_args: 1,
        options: vec!["mark".to_owned()],
        usage: "{{shout text mark=\"!\"}}".to_owned(),
    };
    engine.add_helper_with("shout", signature, |args| {
        let mark = args.option("mark").and_then(|mark| mark.as_str()).unwrap_or("!");
        Ok(format!("{}{mark}", args.text(0)?).into())
    });
    let found = template(&engine, "{{shout name mark=\"?\"}}").unwrap();
    assert_eq!(lines(found.render(&json!({ "name": "Ada" })).unwrap().as_ref()), ["Ada?"]);
    for (tag, rule, told) in [
        ("{{shout a b}}", "helper-arguments", "shout"),
        ("{{shout a loud=1}}", "helper-arguments", "loud"),
        ("{{shoot a}}", "helper-unknown", "shoot"),
    ] {
        let error = template(&engine, tag).unwrap_err();
        assert_eq!(error.findings()[0].rule, rule, "{tag}");
        assert!(error.to_string().contains(told), "{error}");
    }
    let error = template(&engine, "{{shoot a}}").unwrap_err();
    assert!(format!("{error:#}").contains("did you mean “shout”"), "{error:#}");
    let error = template(&engine, "{{shout a b}}").unwrap_err();
    assert!(format!("{error:#}").contains("{{shout text mark=\"!\"}}"), "{error:#}");
}

#[test]
fn a_helper_that_fails_is_told_at_its_tag() {
    let mut engine = Engine::new();
    engine.add_helper("ratio", |args| {
        let (part, whole) = (args.number(0)?, args.number(1)?);
        if whole == 0.0 {
            Err("nothing to divide by\u{1b}[31m".into())
        } else {
            Ok((part / whole).into())
        }
    });
    let found = template(&engine, "{{ratio a b}}").unwrap();
    assert_eq!(lines(found.render(&json!({ "a": 1, "b": 2 })).unwrap().as_ref()), ["0.5"]);
    let error = found.render(&json!({ "a": 1, "b": 0 })).unwrap_err();
    assert_eq!(error.findings()[0].rule, "helper-failed");
    assert!(error.to_string().contains("nothing to divide by"), "{error}");
    assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
    let error = found.render(&json!({ "a": "x", "b": 1 })).unwrap_err();
    assert!(error.to_string().contains("argument 1 is no number"), "{error}");
    let error = found.render(&json!({ "a": 1 })).unwrap_err();
    assert_eq!(error.findings()[0].rule, "value-missing");
}

#[test]
fn an_error_is_one_line_or_everything() {
    let mut engine = Engine::new();
    let found = template(&engine, "{{a}} {{b}} {{c}}").unwrap();
    let error = found.render(&json!({ "a": 1 })).unwrap_err();
    let line = error.to_string();
    assert!(!line.contains('\n') && line.contains("“b”") && line.contains("1 more"), "{line}");
    let all = format!("{error:#}");
    assert!(all.contains("“b”") && all.contains("“c”") && all.contains("paragraph 1"), "{all}");
    let source: &dyn std::error::Error = &error;
    assert_eq!(source.to_string(), line);
    let found = template(engine.set_language(Lang::Zh), "{{a}}").unwrap();
    let error = found.render(&json!({})).unwrap_err();
    assert!(error.to_string().contains("数据里没有“a”"), "{error}");
    let error = engine.template(b"no document".to_vec()).unwrap_err();
    assert_eq!(error.findings().len(), 1, "{error:#}");
}

#[test]
fn options_are_those_of_the_engine() {
    let mut engine = Engine::new();
    engine.set_options(RenderOptions { allow_missing: true, ..RenderOptions::default() });
    let found = template(&engine, "[{{a}}]").unwrap();
    assert_eq!(lines(found.render(&json!({})).unwrap().as_ref()), ["[]"]);
    let limits = docx_fill::opc::PackageLimits { parts: 1, ..Default::default() };
    let error = template(engine.set_limits(limits), "x").unwrap_err();
    assert_eq!(error.findings().len(), 1, "{error:#}");
}

#[test]
fn a_template_says_what_it_needs() {
    let content = "{{#each rows}}{{name}}{{#if last}}!{{/if}}{{/each}}";
    let found = template(&Engine::new(), content).unwrap();
    let names: Vec<String> = found.requirements().map(|name| name.path.join(".")).collect();
    assert_eq!(names, ["rows", "rows.*.name", "rows.*.last"]);
    let schema = found.schema().unwrap();
    let item = &schema["properties"]["rows"]["items"];
    assert_eq!(item["required"], json!(["name"]), "{schema:#}");
}

#[test]
fn warnings_come_with_the_document() {
    let found = template(&Engine::new(), "{{#if nmae}}x{{/if}}{{name}}").unwrap();
    let rendered = found.render(&json!({ "name": "Ada" })).unwrap();
    assert_eq!(lines(rendered.as_ref()), ["Ada"]);
    let rules: Vec<&str> = rendered.warnings.iter().map(|found| found.rule.as_ref()).collect();
    assert_eq!(rules, ["name-unknown"]);
    let described = found.describe(&rendered.warnings);
    assert!(described.contains("nmae") && described.contains("name"), "{described}");
    let same = found.render_value(&json!({ "name": "Ada" }), &()).unwrap();
    assert_eq!((same.docx, same.warnings.len()), (rendered.docx, 1));
}
