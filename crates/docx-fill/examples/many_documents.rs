//! Compiles a template once and renders a document for each of many people, on all threads.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::Engine;
use serde_json::json;

fn main() -> Result<(), docx_fill::Error> {
    let mut engine = Engine::new();
    engine.add_helper("shout", |args| Ok(args.text(0)?.to_uppercase().into()));
    let template = engine.template(include_bytes!("templates/welcome.docx").as_slice())?;
    let names: Vec<String> = (1..=200).map(|number| format!("guest {number}")).collect();
    let bytes: usize = std::thread::scope(|scope| {
        let work = names.chunks(50).map(|names| {
            scope.spawn(|| {
                let one = |name: &String| template.render(&json!({ "name": name, "team": "us" }));
                names
                    .iter()
                    .map(|name| one(name).map_or(0, |rendered| rendered.docx.len()))
                    .sum::<usize>()
            })
        });
        work.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
    });
    println!("{} documents, {bytes} bytes", names.len());
    Ok(())
}
