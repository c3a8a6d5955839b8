//! Owns the fixed work whose instructions `benches/instructions.py` counts with callgrind: a template of all common
//! kinds of tags that is compiled and rendered once, and the same template rendered again and again.
//! Must not know how instructions are counted, nor read a file or a clock.
//!
//! ```text
//! instructions cold     compiles the template and renders it once, in `counted_cold`
//! instructions warm     renders the compiled template RENDERS times, in `counted_warm`
//! ```

#![allow(clippy::print_stdout, reason = "the length of the output shows that the work was done")]

use docx_fill::{Engine, Template};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::hint::black_box;
use support::{packed, run_of};

mod support;

/// Counted renders of a warm run; `instructions.py` divides by it.
const RENDERS: usize = 10;
/// Rows of the table that a loop fills.
const ITEMS: usize = 60;
/// Paragraphs of running text, each with four tags.
const PARAGRAPHS: usize = 60;
/// Rows of the table with a tag in each of its eight cells.
const FIGURE_ROWS: usize = 25;

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let data = data();
    let length = match mode.as_str() {
        "cold" => counted_cold(packed(&body()), &data),
        "warm" => warm(&data),
        // `cargo bench` and `cargo test --benches` start it without a mode.
        _ => {
            println!("usage: instructions cold|warm, see benches/instructions.py");
            return;
        }
    };
    println!("{mode} {RENDERS} {length}");
}

/// Compiles and renders once. A function of its own, which callgrind finds by its name.
#[inline(never)]
fn counted_cold(bytes: Vec<u8>, data: &Value) -> usize {
    let template = Engine::new().template(black_box(bytes)).expect("a template");
    render(&template, data)
}

fn warm(data: &Value) -> usize {
    let template = Engine::new().template(packed(&body())).expect("a template");
    render(&template, data);
    counted_warm(&template, data)
}

/// Renders a compiled template, likewise found by its name.
#[inline(never)]
fn counted_warm(template: &Template, data: &Value) -> usize {
    (0..RENDERS).map(|_| render(template, data)).sum()
}

fn render(template: &Template, data: &Value) -> usize {
    let rendered = template.render_value(black_box(data), &());
    let rendered = rendered.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(rendered.warnings.is_empty(), "{}", template.describe(&rendered.warnings));
    rendered.docx.len()
}

fn body() -> String {
    let mut out = String::new();
    for at in 0..PARAGRAPHS {
        let text = format!(
            "{}{}{}{}",
            run_of("In {{year}} the {{office.na"),
            run_of(&format!("me}}}} answered {{{{thousands figures.f{at}}}}} of ")),
            run_of("{{#if draft}}about {{else}}exactly {{/if}}"),
            run_of(
                "{{default remark \"all\"}} letters, &amp; 年度报告 in a sentence of some length."
            ),
        );
        let _ = write!(out, "<w:p><w:pPr><w:jc w:val=\"both\"/></w:pPr>{text}</w:p>");
    }
    let cells =
        ["{{#each items}}{{name}}", "{{count}}", "{{fixed price 2}}", "{{@index}}{{/each}}"];
    out + &table(&[row(&cells.map(str::to_owned))]) + &table(&figure_rows()) + "<w:p/>"
}

fn figure_rows() -> Vec<String> {
    let cell = |row: usize, column: usize| format!("{{{{rows.r{row}.c{column}}}}}");
    (0..FIGURE_ROWS)
        .map(|at| row(&(0..8).map(|column| cell(at, column)).collect::<Vec<_>>()))
        .collect()
}

fn row(texts: &[String]) -> String {
    let cell = |text: &String| {
        let width = "<w:tcPr><w:tcW w:w=\"1000\" w:type=\"dxa\"/></w:tcPr>";
        format!("<w:tc>{width}<w:p>{}</w:p></w:tc>", run_of(text))
    };
    format!("<w:tr>{}</w:tr>", texts.iter().map(cell).collect::<String>())
}

fn table(rows: &[String]) -> String {
    let columns = rows.first().map_or(0, |row| row.matches("<w:tc>").count());
    let grid = "<w:gridCol w:w=\"1000\"/>".repeat(columns);
    format!("<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{}</w:tbl><w:p/>", rows.concat())
}

fn data() -> Value {
    let figures: Vec<Value> = (0..PARAGRAPHS).map(|at| json!(at * 7_919)).collect();
    let items: Vec<Value> = (0..ITEMS)
        .map(|at| json!({ "name": format!("Item {at} & more"), "count": at, "price": format!("{at}.125") }))
        .collect();
    let cells =
        |row: usize| (0..8).map(move |column| (format!("c{column}"), json!(row * 31 + column)));
    let rows = (0..FIGURE_ROWS).map(|row| (format!("r{row}"), Value::Object(cells(row).collect())));
    let named = figures.into_iter().enumerate().map(|(at, figure)| (format!("f{at}"), figure));
    json!({
        "year": 2025,
        "office": { "name": "Lanxi Town Hall" },
        "draft": false,
        "remark": "",
        "figures": Value::Object(named.collect()),
        "items": items,
        "rows": Value::Object(rows.collect()),
    })
}
