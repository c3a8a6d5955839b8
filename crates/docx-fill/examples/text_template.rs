//! Uses the language of tags in a plain text, such as a file name or the text of a mail.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use docx_fill::template::text::{TextOptions, render_text};
use serde_json::json;
use std::borrow::Cow;

fn main() {
    let data = json!({ "year": 2025, "items": [{ "name": "Paper" }, { "name": "Pens" }] });
    let source = "{{year}}: {{#each items}}{{name}}{{#unless @last}}, {{/unless}}{{/each}}";
    let escape = |text: &str| -> Cow<'_, str> { Cow::Owned(text.to_owned()) };
    let mut problems = Vec::new();
    let options = TextOptions::default();
    let text = render_text(source, &data, escape, options, &mut |problem| problems.push(problem));
    assert_eq!((text.as_str(), problems.len()), ("2025: Paper, Pens", 0));
    println!("{text}");
}
