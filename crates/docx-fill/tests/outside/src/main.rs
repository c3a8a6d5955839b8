//! Owns a program as somebody writes it who has read the page of the crate and nothing else: it fills a document, adds
//! helpers, prints all findings, and uses schema and requirements. It fails if something is not as the page says.
//! Must not know more of the crate than its public items.

use docx_fill::{
    Engine, Error, HelperError, HelperSignature, Lang, RenderOptions, Severity, Template,
};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The data of a document, as a program has it anyway.
#[derive(Serialize)]
struct Welcome<'a> {
    name: &'a str,
    team: &'a str,
}

fn main() -> Outcome {
    fill_with_a_helper()?;
    print_all_findings()?;
    use_schema_and_requirements()?;
    hand_over_files()
}

fn read(name: &str) -> std::io::Result<Vec<u8>> {
    std::fs::read(format!("{}/../../examples/templates/{name}", env!("CARGO_MANIFEST_DIR")))
}

/// An engine with a helper that takes an option.
fn engine() -> Engine {
    let signature = HelperSignature {
        min_args: 1,
        max_args: 1,
        options: vec!["times".into()],
        ..HelperSignature::default()
    };
    let mut engine = Engine::new();
    engine.add_helper_with("shout", signature, |args| {
        let times = match args.option("times") {
            Some(times) => times.as_u64().ok_or_else(|| HelperError::new("times is no number"))?,
            None => 1,
        };
        let marks = "!".repeat(usize::try_from(times.min(9)).unwrap_or(9));
        Ok(format!("{}{marks}", args.text(0)?.to_uppercase()).into())
    });
    engine
}

fn fill_with_a_helper() -> Outcome {
    let template = engine().template(read("welcome.docx")?)?;
    let docx = template.render(&Welcome { name: "Ada", team: "the engine room" })?;
    println!("a document of {} bytes", docx.len());
    assert!(docx.starts_with(b"PK"), "a .docx is a zip");
    assert!(template.findings().is_empty(), "{}", template.describe(template.findings()));
    Ok(())
}

fn print_all_findings() -> Outcome {
    let error = Engine::new().template(read("welcome.docx")?).expect_err("nobody added the helper");
    print_findings(&error);
    let template = Engine::new().template(read("invoice.docx")?)?;
    let error = template.render(&json!({ "numbre": 7 })).expect_err("all data is missing");
    print_findings(&error);
    assert!(error.findings().len() > 1, "not only the first finding");
    // In another language, and as warnings or nothing at all.
    let mut engine = Engine::new();
    engine.set_language(Lang::Zh);
    let chinese = engine.template(read("invoice.docx")?)?.render(&json!({})).expect_err("no data");
    assert!(!chinese.to_string().is_ascii(), "{chinese}");
    engine.set_options(RenderOptions { allow_missing: true, ..RenderOptions::default() });
    let template = engine.template(read("invoice.docx")?)?;
    let rendered = template.render_value(&json!({ "items": [] }), &())?;
    print!("{}", template.describe(&rendered.warnings));
    assert!(!rendered.docx.is_empty(), "missing values are allowed");
    Ok(())
}

fn print_findings(error: &Error) {
    println!("{error}\n{error:#}");
    for finding in error.findings() {
        let place = error.location(finding).unwrap_or_default();
        println!(
            "{} ({}) at {place}: {}",
            finding.severity.as_str(),
            finding.rule,
            error.message(finding)
        );
        for hint in error.hints(finding) {
            println!("  {hint}");
        }
    }
    assert!(
        error.findings().iter().any(|finding| finding.severity == Severity::Error),
        "{error:#}"
    );
}

fn use_schema_and_requirements() -> Outcome {
    let template: Template = Engine::new().template(read("invoice.docx")?)?;
    for name in template.requirements() {
        let absent = if name.optional { "may be absent" } else { "must be there" };
        println!("{}: {:?}, {absent}", name.path.join("."), name.kind);
    }
    assert!(
        template.requirements().any(|name| name.path == ["items", "*", "price"]),
        "of each item"
    );
    assert!(!template.tags().is_empty(), "tags are listed");
    let schema = template.schema().ok_or("no schema")?;
    println!("{schema:#}");
    assert_eq!(schema["properties"]["items"]["type"], "array");
    Ok(())
}

fn hand_over_files() -> Outcome {
    let template = Engine::new().template(read("product.docx")?)?;
    let files = BTreeMap::from([("photo.png".to_owned(), read("photo.png")?)]);
    let rendered =
        template.render_value(&json!({ "product": "A lamp", "photo": "photo.png" }), &files)?;
    assert!(rendered.warnings.is_empty(), "{}", template.describe(&rendered.warnings));
    Ok(())
}
