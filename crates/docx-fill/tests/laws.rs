//! Proves what holds for every document: random documents, documents from outside;
//! and measures the engine.

#![allow(clippy::print_stdout, reason = "measurements are printed")]

mod support;

use docx_fill::diag::{Sink, Sources};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use serde_json::json;
use support::engine::{data, try_fill};
use support::random::Random;
use support::white_space::{indented, without_blanks};
use support::{Docx, paragraph, part, parts, row, runs, table, text_of};

/// Whatever stands between braces ends in a text or in findings.
#[test]
fn random_tags_never_panic() {
    let pieces = [
        "{{",
        "}}",
        "{",
        "}",
        "#",
        "/",
        "each",
        "if",
        "else",
        "rows",
        "year",
        "机关",
        " ",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "'",
        "“",
        "”",
        ".",
        "..",
        "/",
        "@",
        "root",
        "index",
        "as",
        "|",
        "r",
        "=",
        "1",
        "-",
        "~",
        "!",
        "--",
        "eq",
        "fixed",
        "join",
        "^",
        "&",
        ">",
        "*",
        "\\",
        "null",
        "true",
        ",",
        ":",
        "　",
        "this",
        "raw",
        "*inline",
        "#>",
        "@partial-block",
        "\n",
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..40_000 {
        let length = 1 + random.below(12);
        let inner: String = (0..length).map(|_| pieces[random.below(pieces.len())]).collect();
        for source in
            [format!("{{{{{inner}}}}}"), format!("{{{{#{inner}}}}}x{{{{/{inner}}}}}"), inner]
        {
            let options = docx_fill::template::text::TextOptions::default();
            docx_fill::template::text::render_text(
                &source,
                &data(),
                |text| text.into(),
                options,
                &mut |_| {},
            );
        }
    }
}

/// A damaged package ends in a message or opens; it never panics.
#[test]
fn damaged_packages_never_panic() {
    let whole = Docx::new(&paragraph("{{year}}")).bytes();
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = u8::try_from(random.below(256)).unwrap();
        }
        bytes.truncate(
            whole.len() - if random.below(4) == 0 { random.below(whole.len()) } else { 0 },
        );
        let mut sink = Sink::new();
        let id = Sources::default().add_binary("t");
        match CompiledTemplate::parse(bytes, id, &mut sink) {
            Some(template) => {
                template.render(&data(), &(), &RenderOptions::default(), &mut sink);
            }
            None => assert!(sink.has_errors()),
        }
    }
}

/// Loops within loops over long lists end with a finding instead of never.
#[test]
fn endless_loops_are_stopped() {
    let list: Vec<u32> = (0..4000).collect();
    let source = "{{#each a}}{{#each @root.a}}{{#each @root.a}}{{/each}}{{/each}}{{/each}}";
    let mut rules = Vec::new();
    let options = docx_fill::template::text::TextOptions::default();
    docx_fill::template::text::render_text(
        source,
        &json!({ "a": list }),
        |text| text.into(),
        options,
        &mut |found| {
            rules.push(found.rule);
        },
    );
    assert_eq!(rules, ["output-too-large"]);
}

/// A pretty-printed part gives the same findings and the same document.
fn assert_white_space_is_nothing(
    content: &str,
    options: &RenderOptions,
    plain: Option<&[u8]>,
    findings: &[support::engine::Finding],
) {
    let (spaced, same) = try_fill(&Docx::new(&indented(content)), &data(), options);
    assert_eq!(same, findings, "{content}");
    let body = |bytes: &[u8]| without_blanks(part(&parts(bytes), "word/document.xml"));
    assert_eq!(spaced.as_deref().map(body), plain.map(body), "{content}");
}

/// Random documents of tags, runs, paragraphs and tables: nothing panics, and what comes out is
/// well-formed with at least one paragraph in each cell.
#[test]
fn random_documents_never_break() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let wild = [
        "{{#each rows}}",
        "{{/each}}",
        "{{#if yes}}",
        "{{else}}",
        "{{/if}}",
        "{{markdown 机关}}",
        "{{",
        "{{#rows}}",
        "{{/rows}}",
        "{{else if no}}",
        "{{#> rows}}",
        "{{> rows}}",
        "{{section-break}}",
        "{{#each rows fixed=true}}",
        "{{#each rows columns=true}}",
    ];
    let tame = [
        "{{n}}",
        "{{year}}",
        "x",
        "{{! c }}",
        "{{fit year 2}}",
        "{{page-break}}",
        "{{merge year}}",
        "{{span 2}}",
        "{{shade \"D9D9D9\"}}",
        "{{image picture width=5}}",
        "\\{{x}}",
        "}}",
        "{{~year~}}",
        " ",
        "&lt;",
        "",
        "“",
        "{{default q “—”}}",
        "{{#each rows}}{{n}}{{else}}{{year}}{{/each}}",
        "{{#if no}}x{{/if}}",
    ];
    let mut good = 0;
    for _ in 0..3000 {
        let mut text = |most: usize| -> Vec<String> {
            let mut one = || match random(12) {
                0 => wild[random(wild.len())],
                _ => tame[random(tame.len())],
            };
            let pick: String = (0..=most).map(|_| one()).collect();
            let at =
                pick.char_indices().map(|(at, _)| at).nth(random(pick.len().max(1))).unwrap_or(0);
            // Entities must stay whole.
            if pick.contains('&') {
                vec![pick]
            } else {
                vec![pick[..at].to_owned(), pick[at..].to_owned()]
            }
        };
        let mut paragraph = |most: usize| {
            let texts = text(most);
            runs(&texts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let mut content = String::new();
        for kind in 0..3 {
            if kind == 1 {
                let mut cell = || format!("<w:tc><w:tcPr/>{}</w:tc>", paragraph(1));
                let around = |open: &str, close: &str, cell: &str| {
                    let (head, tail) = (support::paragraph(open), support::paragraph(close));
                    cell.replace("<w:tcPr/>", &format!("<w:tcPr/>{head}"))
                        .replace("</w:tc>", &format!("{tail}</w:tc>"))
                };
                let (a, b, c) = (cell(), cell(), cell());
                let (a, b) = (around("{{#each rows}}", "", &a), around("{{v}}", "{{/each}}", &b));
                let c = around("{{#if no}}", "{{/if}}", &c);
                content.push_str(&table(&[&row(&[a, b]), &row(&[c, cell()])]));
            } else {
                content.push_str(&paragraph(1));
            }
        }
        let options = RenderOptions { allow_missing: true, ..RenderOptions::default() };
        let (out, findings) = try_fill(&Docx::new(&content), &data(), &options);
        assert!(out.is_some() || !findings.is_empty(), "silent: {content}");
        assert_white_space_is_nothing(&content, &options, out.as_deref(), &findings);
        let Some(out) = out else { continue };
        good += 1;
        let parts = parts(&out);
        let document = part(&parts, "word/document.xml");
        support::check_well_formed(document);
        assert!(!document.contains("<w:tcPr/></w:tc>"), "empty cell: {content}");
        assert!(!document.contains("<w:tblGrid><w:gridCol w:w=\"1000\"/></w:tblGrid></w:tbl>"));
        let braces = text_of(document).concat();
        assert!(!braces.contains("{{year") && !braces.contains("{{#"), "{content}\n{braces}");
    }
    assert!(good > 100, "{good} good documents");
}
