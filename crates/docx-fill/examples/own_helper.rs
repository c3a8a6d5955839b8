//! Adds a helper that tags can call: `{{shout team}}`.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::{Engine, HelperSignature};
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let mut engine = Engine::new();
    let usage = "{{shout text mark=\"!\"}}".to_owned();
    let options = vec!["mark".to_owned()];
    let signature = HelperSignature { min_args: 1, max_args: 1, options, usage };
    engine.add_helper_with("shout", signature, |args| {
        let mark = args.option("mark").and_then(|mark| mark.as_str()).unwrap_or("!");
        Ok(format!("{}{mark}", args.text(0)?.to_uppercase()).into())
    });
    let template = engine.template(include_bytes!("templates/welcome.docx").as_slice())?;
    let rendered = template.render(&json!({ "name": "Ada", "team": "the engine room" }))?;
    println!("{} bytes", rendered.docx.len());
    Ok(())
}
