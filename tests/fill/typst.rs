//! Any Typst template with any data.

use crate::{common, run};
use std::path::Path;

fn folder(template: &str, data: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("t.typ"), template).expect("written");
    std::fs::write(dir.path().join("d.json"), data).expect("written");
    dir
}

fn fill(dir: &Path, out: &str, more: &[&str]) -> common::Ran {
    run(dir, &[&["fill", "t.typ", "d.json", "-o", out][..], more].concat())
}

const TEMPLATE: &str = "#import \"lib/a.typ\": greet\n#let data = json(\"/data.json\")\n\
    #assert.eq(data.rows.at(1).n, 2)\n#assert.eq(sys.inputs.name, \"李\")\n\
    #set document(title: \"信\")\n#greet(data.name) #read(\"lib/\" + \"b.txt\")\n";

fn full_folder() -> tempfile::TempDir {
    let dir =
        folder(TEMPLATE, r#"{"name": "李", "date": "2026-01-20", "rows": [{"n": 1}, {"n": 2}]}"#);
    std::fs::create_dir(dir.path().join("lib")).expect("a folder");
    std::fs::write(dir.path().join("lib/a.typ"), "#let greet(n) = [致#n]").expect("written");
    std::fs::write(dir.path().join("lib/b.txt"), "乙").expect("written");
    dir
}

#[test]
fn data_and_files_of_the_folder_reach_the_template() {
    let dir = full_folder();
    for (out, begin) in [("o.pdf", &b"%PDF"[..]), ("o.png", b"\x89PNG"), ("o.svg", b"<svg")] {
        let ran = fill(dir.path(), out, &[]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert!(std::fs::read(dir.path().join(out)).expect("made").starts_with(begin), "{out}");
    }
    let ran = fill(dir.path(), "a.pdf", &["--pdf-standard", "a-2a,ua-1"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let pdf = std::fs::read(dir.path().join("a.pdf")).expect("made");
    assert!(String::from_utf8_lossy(&pdf).contains("pdfaid"), "says that it is PDF/A");
    for wrong in ["a-9", "a-1b,a-4"] {
        assert_eq!(fill(dir.path(), "w.pdf", &["--pdf-standard", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn pages_are_pictures_of_their_own() {
    let dir = folder("a #pagebreak() b", "{}");
    let ran = fill(dir.path(), "o.svg", &[]);
    assert!(ran.code == 2 && ran.stderr.contains("{p}"), "{}", ran.stderr);
    assert_eq!(fill(dir.path(), "o{p}.svg", &[]).code, 0);
    assert!(dir.path().join("o1.svg").is_file() && dir.path().join("o2.svg").is_file());
}

#[test]
fn packages_come_from_a_folder_or_are_named() {
    let dir = folder("#import \"@local/greet:1.2.3\": hi\n#hi", "{}");
    let ran = fill(dir.path(), "o.pdf", &["--package-path", "packages"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for part in ["@local/greet", "1.2.3", "packages"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let package = dir.path().join("packages/local/greet/1.2.3");
    std::fs::create_dir_all(&package).expect("a folder");
    let manifest = "[package]\nname = \"greet\"\nversion = \"1.2.3\"\nentrypoint = \"lib.typ\"\n";
    std::fs::write(package.join("typst.toml"), manifest).expect("written");
    std::fs::write(package.join("lib.typ"), "#let hi = [hi]").expect("written");
    let ran = fill(dir.path(), "o.pdf", &["--package-path", "packages"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn faults_are_told_at_their_places_and_nothing_outside_is_read() {
    let dir = folder("#let a = 1\n#nothing", "{}");
    let ran = fill(dir.path(), "o.pdf", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("t.typ:2:2"), "{}", ran.stderr);
    for template in ["#read(\"../x\")", "#read(\"/etc/passwd\")", "#read(\"none.txt\")"] {
        let dir = folder(template, "{}");
        let ran = fill(dir.path(), "o.pdf", &[]);
        assert!(ran.code == 1 && !dir.path().join("o.pdf").exists(), "{template}: {}", ran.stderr);
    }
    let dir = folder("😀", "{}");
    let ran = fill(dir.path(), "o.pdf", &[]);
    assert!(ran.code == 0 && ran.stderr.contains("U+1F600"), "{}", ran.stderr);
    let dir = folder("#while true [a]", "{}");
    let ran = fill(dir.path(), "o.pdf", &["--limit", "typst-seconds=2"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}

#[test]
fn a_pdf_for_each_row() {
    let dir = folder("#json(\"/data.json\").name", r#"[{"name": "甲"}, {"name": "乙"}]"#);
    let ran = fill(dir.path(), "o/{{name}}.pdf", &["--each"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(common::names(&dir.path().join("o")), ["乙.pdf", "甲.pdf"]);
    let template = "#let d = json(\"/data.json\")\n#assert(d.name == \"甲\")";
    let dir = folder(template, r#"[{"name": "甲"}, {"name": "乙"}]"#);
    let ran = fill(dir.path(), "o/{{name}}.pdf", &["--each"]);
    assert!(ran.code == 1 && ran.stderr.contains("t.typ:2:2"), "{}", ran.stderr);
    assert_eq!(common::names(&dir.path().join("o")), ["甲.pdf"]);
}

/// The letters of a list in one document are page by page what each is alone: page numbers and their totals, labels,
/// counters, footnotes, `sys.inputs` and files of the template.
#[test]
fn merged_letters_are_what_each_is_alone() {
    use nianbao::render::fonts::Fonts;
    use nianbao::render::sandbox::TypesetFormat;
    use nianbao::render::{TypstPlace, TypstRequest, TypstTemplate};
    let mut template = TypstTemplate::new("/t.typ");
    let main = "#import \"/a.typ\": head\n#let d = json(\"/data.json\")\n#set page(width: 90mm, height: 50mm, numbering: \
        \"1 / 1\")\n#set heading(numbering: \"1.\")\n#head(d) <a>\n#sys.inputs.name @a #footnote[#d.name]\n\
        #for _ in range(d.pages - 1) [#pagebreak() #context counter(page).display() #context counter(page).final()]";
    template.add_file("/t.typ", main.into());
    template.add_file("/a.typ", "#let head(d) = [= #d.name]".into());
    let fonts = Fonts::new(Vec::new(), &mut docx_fill::diag::Sink::new());
    let records = [
        serde_json::json!({"name": "a", "pages": 1}),
        serde_json::json!({"name": "b", "pages": 3}),
        serde_json::json!({"name": "c", "pages": 2}),
    ];
    let pages = |records: &[serde_json::Value]| {
        let request = TypstRequest { format: TypesetFormat::Svg, standards: Vec::new() };
        let made = template.render_all(records, &request, TypstPlace::Here(&fonts)).expect("set");
        assert_eq!(made.diagnostics, []);
        made.pdf.into_iter().chain(made.pages).collect::<Vec<_>>()
    };
    let merged = pages(&records);
    let alone: Vec<_> = records.iter().flat_map(|one| pages(std::slice::from_ref(one))).collect();
    assert_eq!(merged.len(), 6);
    assert!(merged == alone, "a page differs");
    let request = TypstRequest { standards: vec!["ua-1".to_owned()], ..TypstRequest::default() };
    let untitled = template.render_all(&records, &request, TypstPlace::Here(&fonts)).expect("set");
    assert!(untitled.pdf.is_none() && !untitled.diagnostics.is_empty(), "a title is missing");
}

#[test]
fn all_rows_in_one_pdf() {
    let dir = folder(
        "#set document(title: \"信\")\n#set text(lang: \"zh\")\n= #json(\"/data.json\").name\n#read(\"b.txt\")",
        r#"[{"name": "甲"}, {"name": "乙"}]"#,
    );
    std::fs::write(dir.path().join("b.txt"), "丙").expect("written");
    let more = ["--merge", "--pdf-standard", "ua-1"];
    let ran = fill(dir.path(), "all.pdf", &more);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let all = std::fs::read(dir.path().join("all.pdf")).expect("made");
    let ran = fill(dir.path(), "again.pdf", &more);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(all == std::fs::read(dir.path().join("again.pdf")).expect("made"), "the same bytes");
    assert_eq!(fill(dir.path(), "o/{{name}}.pdf", &["--merge"]).code, 2);
    // A record that fails is told at its place, and nothing is made.
    let template = "#let d = json(\"/data.json\")\n#assert(d.name == \"甲\")";
    std::fs::write(dir.path().join("t.typ"), template).expect("written");
    let ran = fill(dir.path(), "bad.pdf", &["--merge"]);
    assert!(ran.code == 1 && ran.stderr.contains("d.json:1:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("t.typ:2:2") && !dir.path().join("bad.pdf").exists());
    std::fs::write(dir.path().join("d.json"), "[]").expect("written");
    let ran = fill(dir.path(), "none.pdf", &["--merge"]);
    assert!(ran.code == 1 && ran.stderr.contains("名单是空的"), "{}", ran.stderr);
}

/// A list of rows with names.
fn rows(count: usize) -> String {
    let rows: Vec<String> = (0..count).map(|row| format!("{{\"name\": \"{row}\"}}")).collect();
    format!("[{}]", rows.join(","))
}

/// A warning is told with its rows; how large they would be alone is no matter.
#[test]
fn warnings_do_not_make_a_merged_pdf_too_large() {
    let template = "😀 #json(\"/data.json\").name #image(read(\"n.bin\", encoding: none), \
        format: (encoding: \"rgb8\", width: 150, height: 150))";
    let dir = folder(template, &rows(20));
    let mut state = 7_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    });
    std::fs::write(dir.path().join("n.bin"), noise.take(67_500).collect::<Vec<u8>>())
        .expect("written");
    let ran = fill(dir.path(), "all.pdf", &["--merge", "--limit", "output=1"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("U+1F600") && ran.stderr.contains("20 行"), "{}", ran.stderr);
    let size = std::fs::metadata(dir.path().join("all.pdf")).expect("made").len();
    assert!((60_000..1 << 20).contains(&size), "the picture is there once: {size}");
}

/// The end of the whole is told once, and no row is set again.
#[test]
fn a_merged_pdf_that_takes_too_long_is_told_once() {
    let endless = "#for _ in range(1000000) { for _ in range(1000000) { } }";
    let dir = folder(endless, &rows(5));
    let ran = fill(dir.path(), "all.pdf", &["--merge", "--limit", "typst-seconds=2"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("[typst-stopped]").count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("d.json"), "{}", ran.stderr);
    for part in ["5 行", "typst-seconds", "{{name}}.pdf"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}

/// Rows take no more memory than their pages: 500 of them had 100 MB of libraries before.
#[cfg(target_os = "linux")]
#[test]
fn many_rows_of_a_merged_pdf_take_little_memory() {
    let dir = folder("#json(\"/data.json\").name", &rows(500));
    let more = ["--merge", "--limit", "typst-memory=96", "--limit", "typst-seconds=300"];
    let ran = fill(dir.path(), "all.pdf", &more);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
