//! Fills a Chinese receipt: capital amounts, dates, and messages in Chinese.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use docx_fill::diag::Lang;
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let mut engine = Engine::new();
    engine.set_language(Lang::Zh);
    let template = engine.template(include_bytes!("templates/receipt.docx").as_slice())?;
    let data = json!({ "payer": "某某公司", "amount": "12600", "day": "2026-01-20" });
    let rendered = template.render(&data)?;
    println!("{} bytes", rendered.docx.len());
    let error = template.render(&json!({ "payer": "某某公司" })).expect_err("no amount");
    println!("{error:#}");
    Ok(())
}
