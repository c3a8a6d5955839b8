//! Translating a template of docxtpl: what stays is an error at its cell, what differs a warning, all else is silent.

use super::*;
use docx_fill::docxtpl::convert_template;

/// The template with a table of one cell, and what is told.
fn converted(cell: &str) -> (Vec<u8>, Checked) {
    let content = format!(
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w=\"1000\"/></w:tblGrid><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>{}",
        paragraph(cell),
        paragraph("{{ name }}")
    );
    let mut sources = Sources::default();
    let source = sources.add_binary("t.docx");
    let mut sink = Sink::new();
    let limits = PackageLimits::default();
    let out = convert_template(Docx::new(&content).bytes(), source, &limits, &mut sink);
    let out = out.expect("a document");
    (out.bytes, Checked { found: sink.into_sorted(), sources, source })
}

#[test]
fn what_is_not_translated_is_an_error_at_its_cell() {
    let (bytes, found) = converted("{{ name|wordcount }}");
    assert_eq!(found.all(), [("docxtpl-stays", Error, Some((1, 1, 1)))], "{}", found.shown());
    let xml = part(&bytes, DOCUMENT);
    assert!(xml.contains(">{{ name|wordcount }}<") && xml.contains(">{{name}}<"), "{xml}");
}

#[test]
fn what_differs_is_a_warning_at_its_cell() {
    let (bytes, found) = converted("{{ n|round(1) }}");
    assert_eq!(found.all(), [("docxtpl-differs", Warning, Some((1, 1, 1)))], "{}", found.shown());
    assert!(part(&bytes, DOCUMENT).contains(">{{round n 1}}<"));
}

#[test]
fn what_is_the_same_is_silent() {
    // Braces written as text, an equal filter, a choice.
    for cell in ["{_{ name }_}", "{{ name|upper }}", "{{ 'a' if n else 'b' }}", "{ % name % }"] {
        let (_, found) = converted(cell);
        assert!(found.found.is_empty(), "{cell}: {}", found.shown());
    }
}
