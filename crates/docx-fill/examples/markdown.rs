//! Turns Markdown into paragraphs, lists and tables of Word.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let template = Engine::new().template(include_bytes!("templates/notes.docx").as_slice())?;
    let body = "**Three** points:\n\n- one\n- two\n- three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    let rendered = template.render(&json!({ "title": "Notes", "body": body }))?;
    println!("{} bytes", rendered.docx.len());
    Ok(())
}
