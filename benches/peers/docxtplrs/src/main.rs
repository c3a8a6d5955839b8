//! docxtplrs's part of the comparison: fills a template once for each line of a file of JSON objects.
//!
//! `docxtplrs-job TEMPLATE.docx CONTEXTS.jsonl OUT.docx`: one line is a cold run, many are a warm one.
//! Writes the first document to OUT.docx and prints one JSON object a document: wall and CPU milliseconds
//! from the JSON text to the finished bytes in memory. The template is prepared once, as the crate intends.

use std::error::Error;
use std::fs;
use std::time::Instant;

use cpu_time::ProcessTime;
use docxtplrs::template::TplCore;
use minijinja::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [template, contexts, out] = arguments.as_slice() else {
        return Err("usage: docxtplrs-job TEMPLATE.docx CONTEXTS.jsonl OUT.docx".into());
    };
    let mut template = TplCore::new(fs::read(template)?);
    for (index, line) in fs::read_to_string(contexts)?.lines().enumerate() {
        let (wall, cpu) = (Instant::now(), ProcessTime::now());
        let context = Value::from_serialize(serde_json::from_str::<serde_json::Value>(line)?);
        template.render(true, &|_, _| Ok(context.clone()))?;
        let document = template.save_bytes()?;
        let (wall, cpu) = (wall.elapsed().as_secs_f64() * 1e3, cpu.elapsed().as_secs_f64() * 1e3);
        println!("{}", serde_json::json!({ "wall_ms": wall, "cpu_ms": cpu }));
        if index == 0 {
            fs::write(out, document)?;
        }
    }
    Ok(())
}
