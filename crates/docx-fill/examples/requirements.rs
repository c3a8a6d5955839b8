//! Lists the data that a template uses, and prints a JSON Schema of it.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;

fn main() -> Result<(), docx_fill::Error> {
    let template = Engine::new().template(include_bytes!("templates/invoice.docx").as_slice())?;
    for name in template.requirements() {
        let optional = if name.optional { ", optional" } else { "" };
        println!("{}: {:?}{optional}", name.path.join("."), name.kind);
    }
    if let Some(schema) = template.schema() {
        println!("{schema:#}");
    }
    Ok(())
}
