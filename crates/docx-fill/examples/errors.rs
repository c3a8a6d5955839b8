//! Tells everything that is wrong with the data, each at its place in the document.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let template = Engine::new().template(include_bytes!("templates/invoice.docx").as_slice())?;
    let data = json!({ "number": 7, "costumer": { "name": "Ada" }, "reminder": false, "ordered": "3 March",
                       "items": [{ "name": "Paper", "quantity": 3 }], "sender": "The shop" });
    let error = template.render(&data).expect_err("two names are missing");
    println!("{error}");
    println!("{error:#}");
    for finding in error.findings() {
        println!("{}: {:?}", finding.rule, error.location(finding));
    }
    Ok(())
}
