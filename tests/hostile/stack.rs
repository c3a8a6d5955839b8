//! Deep nesting on a small stack: nothing that reads a file recurses as deep as the file is nested.

use super::support::{Docx, paragraph};
use docx_fill::diag::{Sink, Sources};
use docx_fill::prose;
use docx_fill::template::CompiledTemplate;
use nianbao::data::{Syntax, load_data};

/// Runs on a thread with a stack of 256 KiB. An overflow ends the whole test program.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(work);
    thread.expect("a thread").join().expect("no panic");
}

fn data(syntax: Syntax, text: String) {
    on_small_stack(move || {
        let mut sources = Sources::default();
        let source = sources.add_text("f", text.as_str());
        let mut sink = Sink::new();
        let tree = load_data(source, &text, syntax, &mut sink);
        assert!(sink.has_errors(), "{tree:?}");
    });
}

#[test]
fn data_files() {
    for depth in [65, 100, 500, 520, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            data(Syntax::Json, [&open.repeat(depth), "1", &close.repeat(depth)].concat());
        }
        for (open, close) in [("[", "]"), ("{a=", "}")] {
            let inner = [&open.repeat(depth), "1", &close.repeat(depth)].concat();
            data(Syntax::Toml, format!("a = {inner}"));
        }
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            data(Syntax::Yaml, [&open.repeat(depth), "1", &close.repeat(depth)].concat());
        }
    }
    let key = ["a"; 79].join(".");
    data(Syntax::Toml, format!("a = {}1{}", format!("{{ {key} = ").repeat(79), "}".repeat(79)));
    data(Syntax::Toml, format!("[{key}]\n{key} = {{ {key} = 1 }}\n"));
    data(Syntax::Yaml, "- ".repeat(100_000));
}

#[test]
fn markdown() {
    for open in ["> ", "- ", "1. ", "**", "*", "[", "![", "~~", "`", "> - ", "<a>"] {
        on_small_stack(move || {
            let blocks = prose::parse_markdown(&open.repeat(5_000));
            drop(blocks);
        });
    }
}

#[test]
fn templates() {
    let wraps = ["w:a", "w:tbl", "w:tc", "w:p", "w:r", "w:sdt", "w:txbxContent", "mc:Fallback"];
    for wrap in wraps {
        on_small_stack(move || {
            let (open, close) = (format!("<{wrap}>"), format!("</{wrap}>"));
            let deep = [open.repeat(4_000), paragraph("{{a}}"), close.repeat(4_000)].concat();
            compile(&deep);
        });
    }
    for tag in ["{{#if a}}", "{{#each a}}", "{{(", "{{a.", "{{#", "{{{", "{{^"] {
        on_small_stack(move || compile(&paragraph(&tag.repeat(1_000))));
        on_small_stack(move || compile(&paragraph(tag).repeat(1_000)));
    }
}

fn compile(content: &str) {
    let mut sources = Sources::default();
    let source = sources.add_binary("t");
    let bytes = Docx::new(content).bytes();
    drop(CompiledTemplate::parse(bytes, source, &mut Sink::new()));
}
