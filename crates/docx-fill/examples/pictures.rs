//! Puts a picture into a document: the data names it, the program has its bytes.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use serde_json::json;
use std::collections::BTreeMap;

fn main() -> Result<(), docx_fill::Error> {
    let template = Engine::new().template(include_bytes!("templates/product.docx").as_slice())?;
    let photo = include_bytes!("templates/photo.png").to_vec();
    let files = BTreeMap::from([("photo.png".to_owned(), photo)]);
    let data = json!({ "product": "A lamp", "photo": "photo.png" });
    let rendered = template.render_value(&data, &files)?;
    println!("{} bytes, {} warnings", rendered.docx.len(), rendered.warnings.len());
    Ok(())
}
