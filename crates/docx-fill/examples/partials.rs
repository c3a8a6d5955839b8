//! Writes the same text in several places: a partial, with what each place gives it.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let mut engine = Engine::new();
    engine.add_partial("address", "{{name}}, {{street}}, {{city}}");
    let template = engine.template(include_bytes!("templates/envelope.docx").as_slice())?;
    let rendered = template.render(&json!({
        "name": "Ada", "street": "1 Main Street", "city": "London",
        "recipients": [
            { "name": "Grace", "street": "2 High Street", "city": "York" },
            { "name": "Alan", "street": "3 Low Street", "city": "Leeds" },
        ],
    }))?;
    println!("{} bytes", rendered.docx.len());
    Ok(())
}
