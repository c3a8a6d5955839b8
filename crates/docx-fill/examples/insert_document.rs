//! Inserts another Word document with its styles, lists and pictures.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use serde_json::json;
use std::collections::BTreeMap;

fn main() -> Result<(), docx_fill::Error> {
    let template = Engine::new().template(include_bytes!("templates/contract.docx").as_slice())?;
    let terms = include_bytes!("templates/terms.docx").to_vec();
    let files = BTreeMap::from([("terms.docx".to_owned(), terms)]);
    let rendered = template.render_value(&json!({ "number": 12, "signed": "Ada" }), &files)?;
    println!("{} bytes, {} warnings", rendered.docx.len(), rendered.warnings.len());
    Ok(())
}
