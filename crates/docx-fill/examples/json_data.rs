//! Fills a document from JSON, as it comes from a file or a web service.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let json = r#"{ "number": 8, "customer": { "name": "Grace" }, "reminder": true, "ordered": "4 March",
                    "items": [{ "name": "Ink", "quantity": 1, "price": 5.5 }], "sender": "The shop" }"#;
    let data: serde_json::Value = serde_json::from_str(json)?;
    let template = Engine::new().template(include_bytes!("templates/invoice.docx").as_slice())?;
    let rendered = template.render(&data)?;
    println!("{} bytes", rendered.docx.len());
    Ok(())
}
