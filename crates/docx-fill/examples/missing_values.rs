//! Leaves out what the data lacks, instead of telling it as an error.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use docx_fill::template::RenderOptions;
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let mut engine = Engine::new();
    engine.set_options(RenderOptions { allow_missing: true, ..RenderOptions::default() });
    let template = engine.template(include_bytes!("templates/invoice.docx").as_slice())?;
    let rendered = template.render(&json!({ "number": 7 }))?;
    println!("{} bytes", rendered.docx.len());
    Ok(())
}
