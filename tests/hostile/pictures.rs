//! Word documents whose “pictures” are something else, or want to land under names of their own. Nothing but PNG and
//! JPEG leaves a document, under names of the program's.

use super::common::{Ran, names};
use super::county::PNG;
use super::{run, words, write};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;

/// A part that a document shows as a picture: its relationship's target, its name within the package, its bytes.
struct Shown<'a> {
    target: &'a str,
    part: &'a str,
    bytes: &'a [u8],
}

/// A document of a report that shows these.
fn document(pictures: &[Shown<'_>], description: &str) -> Vec<u8> {
    document_with("（一）公开。", pictures, description)
}

/// The same with words of its own.
fn document_with(words: &str, pictures: &[Shown<'_>], description: &str) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let line = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let mut body =
        ["云砚镇人民政府2025年政府信息公开工作年度报告", "一、总体情况", words].map(line).concat();
    let mut links = String::new();
    for (number, Shown { target, .. }) in pictures.iter().enumerate() {
        let _ = write!(
            body,
            "<w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"1\" name=\"n\" descr=\"{description}\"/>\
             <a:blip r:embed=\"p{number}\"/></wp:inline></w:drawing></w:r></w:p>"
        );
        let mode = if target.starts_with("http") { " TargetMode=\"External\"" } else { "" };
        let _ = write!(
            links,
            "<Relationship Id=\"p{number}\" Type=\"{OFFICE}/image\" Target=\"{target}\"{mode}/>"
        );
    }
    let types = "<Types><Default Extension=\"rels\" ContentType=\"r\"/><Default Extension=\"xml\" ContentType=\
        \"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let top = format!(
        "<Relationships><Relationship Id=\"a\" Type=\"{OFFICE}/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
    );
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"{OFFICE}\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\">\
         <w:body>{body}<w:sectPr/></w:body></w:document>"
    );
    let own = format!("<Relationships>{links}</Relationships>");
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", top.as_bytes()),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", own.as_bytes()),
    ];
    let own = pictures.iter().filter(|shown| !shown.part.is_empty());
    parts.extend(own.map(|shown| (shown.part, shown.bytes)));
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("a package").into_inner()
}

fn import(dir: &Path, pictures: &[Shown<'_>], more: &str) -> Ran {
    write(dir, "a.docx", document(pictures, "一张图"));
    run(dir, &words(&format!("import a.docx -o out {more}")))
}

/// A part in the usual folder.
fn media<'a>(name: &'a str, part: &'a str, bytes: &'a [u8]) -> Shown<'a> {
    Shown { target: name, part, bytes }
}

#[test]
fn nothing_but_pictures_leaves_a_document() {
    let settings: &[u8] = b"[rules]\nrow-sum = \"off\"\n";
    for (what, target, part, bytes) in [
        ("a settings file", "media/nianbao.toml", "word/media/nianbao.toml", settings),
        ("a list of units", "media/units.toml", "word/media/units.toml", settings),
        ("a settings file called a picture", "media/a.png", "word/media/a.png", settings),
        ("a program", "media/a.exe", "word/media/a.exe", b"MZ\x90\0"),
        ("a page", "media/a.png", "word/media/a.png", b"<html><script>1</script></html>"),
        ("a drawing with a script", "media/a.svg", "word/media/a.svg", b"<svg onload=\"1\"/>"),
        ("a GIF", "media/a.gif", "word/media/a.gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
        ("the beginning of a PNG", "media/a.png", "word/media/a.png", &PNG[..12]),
        ("another part of the document", "document.xml", "", b""),
        ("a part that is not there", "media/b.png", "", b""),
        ("a part outside the package", "../../../../etc/passwd", "", b""),
        ("a picture of the web", "https://a.example/a.png", "", b""),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let ran = import(dir.path(), &[media(target, part, bytes)], "");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(names(&dir.path().join("out")), ["report.toml"], "{what}\n{said}");
        assert!(said.contains("[picture]") && said.contains("第 4 段"), "{what}\n{said}");
        let text = std::fs::read_to_string(dir.path().join("out/report.toml")).expect("a report");
        assert!(!text.contains("]("), "{what}\n{text}");
        // No report leaves the house without it unseen.
        let ran = run(dir.path(), &words("build a.docx --to docx -o made"));
        assert_eq!((ran.code, dir.path().join("made").exists()), (1, false), "{what}");
        let ran = run(dir.path(), &words("convert a.docx data/r.toml"));
        assert_eq!((ran.code, dir.path().join("data").exists()), (1, false), "{what}");
    }
}

#[test]
fn pictures_have_names_of_the_program() {
    let jpeg: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9";
    let other = [PNG, b"other"].concat();
    let dir = tempfile::tempdir().expect("a folder");
    let pictures = [
        media("media/report.toml", "word/media/report.toml", PNG),
        media("media/report.toml", "", b""),
        media("x/report.toml", "word/x/report.toml", &other),
        media("media/%2e%2e%2fa](b)![.png", "word/media/%2e%2e%2fa](b)![.png", jpeg),
    ];
    let ran = import(dir.path(), &pictures, "");
    let folder = dir.path().join("out");
    let all = ["picture-1.png", "picture-2.png", "picture-3.jpg", "report.toml"];
    assert_eq!(names(&folder), all, "{}{}", ran.stdout, ran.stderr);
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a picture");
    assert_eq!((read(all[0]), read(all[1]), read(all[2])), (PNG.to_vec(), other, jpeg.to_vec()));
    let text = std::fs::read_to_string(folder.join("report.toml")).expect("a report");
    let data: toml::Table = text.parse().expect("TOML");
    let overview = data["text"]["overview"].as_str().expect("a text");
    let shown: Vec<&str> =
        overview.split("](").skip(1).filter_map(|s| s.split(')').next()).collect();
    assert_eq!(shown, ["picture-1.png", "picture-1.png", "picture-2.png", "picture-3.jpg"]);
}

#[test]
fn no_picture_is_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let shown = [media("media/a.png", "word/media/a.png", PNG)];
    write(dir.path(), "out/picture-1.png", "mine");
    #[cfg(unix)]
    std::os::unix::fs::symlink("elsewhere", dir.path().join("out/picture-2.png")).expect("a link");
    for round in 0..2 {
        let ran = import(dir.path(), &shown, "--overwrite");
        assert!(dir.path().join("out/report.toml").is_file(), "{}{}", ran.stdout, ran.stderr);
        let free = if cfg!(unix) { "picture-3.png" } else { "picture-2.png" };
        let read = |name: &str| std::fs::read(dir.path().join("out").join(name)).expect("a file");
        assert_eq!(
            (read("picture-1.png"), read(free)),
            (b"mine".to_vec(), PNG.to_vec()),
            "{round}"
        );
        assert!(!dir.path().join("out/elsewhere").exists());
        assert_eq!(names(&dir.path().join("out")).len(), if cfg!(unix) { 4 } else { 3 });
    }
}

#[test]
fn descriptions_are_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let words_of = "](nianbao.toml) ![x](y) {{year}} `\\ &#10;&#10;# 一";
    let shown = [media("media/a.png", "word/media/a.png", PNG)];
    write(dir.path(), "a.docx", document(&shown, words_of));
    let ran = run(dir.path(), &words("import a.docx -o out"));
    assert_eq!(names(&dir.path().join("out")), ["picture-1.png", "report.toml"], "{}", ran.stderr);
    let text = std::fs::read_to_string(dir.path().join("out/report.toml")).expect("a report");
    let data: toml::Table = text.parse().expect("TOML");
    let images = docx_fill::prose::images_of(data["text"]["overview"].as_str().expect("a text"));
    assert_eq!(images.len(), 1, "{text}");
    assert_eq!(images[0].path, "picture-1.png");
    assert_eq!(images[0].alt, words_of.replace("&#10;", " "), "{text}");
}

/// Words that would be something else in Markdown or in the quotes of a text stay words.
#[test]
fn words_of_a_document_stay_words() {
    for words_of in [
        "![一](nianbao.toml)",
        "甲![一](a.png)乙",
        "![一][r]",
        "[r]: nianbao.toml",
        "[一](http://a.example)",
        "{{organ.name}}",
        "\\{{year}} \\\\{{year}}",
        "{{#each}} {{> a}}",
        "{{",
        "&lt;b&gt;&amp;amp; `a` *b* __c__ ~~d~~",
        "- 甲",
        "+ 甲",
        "=== 甲",
        "12) 甲",
        "    甲",
        "| a | b |",
        "&lt;http://a.example&gt;",
        "[^1]",
        "&#13;&#10;&#10;# 甲",
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), "a.docx", document_with(words_of, &[], ""));
        let ran = run(dir.path(), &words("import a.docx -o out"));
        assert_ne!(ran.code, 2, "{}", ran.stderr);
        let text = std::fs::read_to_string(dir.path().join("out/report.toml")).expect("a report");
        let data: toml::Table = text.parse().expect("TOML");
        let markdown = data["text"]["overview"].as_str().expect("a text");
        let filled = quoted(markdown);
        let blocks = docx_fill::prose::parse_markdown(&filled);
        assert_eq!(blocks.len(), 1, "{words_of}: {markdown} {blocks:?}");
        assert!(docx_fill::prose::images_of(&filled).is_empty(), "{words_of}: {markdown}");
        let inlines = blocks[0].inlines();
        assert!(!format!("{inlines:?}").contains("Link"), "{words_of}: {markdown}");
        let plain: String = inlines.into_iter().map(docx_fill::prose::plain_text).collect();
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&#13;", ""), ("&#10;", ""), ("&amp;", "&")];
        let wanted = entities.iter().fold(words_of.to_owned(), |text, (a, b)| text.replace(a, b));
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(solid(&plain), solid(&wanted), "{markdown}");
    }
}

/// A text after its quotes are filled in; there is nothing to fill in.
fn quoted(markdown: &str) -> String {
    use docx_fill::template::text::{TextOptions, render_text};
    let mut told = Vec::new();
    let data = serde_json::json!({ "year": 1999, "organ": { "name": "另一个" } });
    let escape = nianbao::syntax::markdown::escape_words;
    let out =
        render_text(markdown, &data, escape, TextOptions::default(), &mut |one| told.push(one));
    assert!(told.is_empty(), "{markdown}: {told:?}");
    out
}

#[test]
fn a_picture_in_a_table_of_a_text_comes_along() {
    let cell = |content: &str| format!("<w:tc><w:p><w:r>{content}</w:r></w:p></w:tc>");
    let words_of = |content: &str| cell(&format!("<w:t>{content}</w:t>"));
    let drawing =
        "<w:drawing><wp:docPr id=\"1\" descr=\"一张图\"/><a:blip r:embed=\"p0\"/></w:drawing>";
    let rows = [words_of("图"), words_of("名"), cell(drawing), words_of("甲")];
    let table = format!(
        "甲</w:t></w:r></w:p><w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl><w:p><w:r><w:t>乙",
        rows[0], rows[1], rows[2], rows[3]
    );
    for (bytes, all) in
        [(PNG, vec!["picture-1.png", "report.toml"]), (b"GIF89a", vec!["report.toml"])]
    {
        let dir = tempfile::tempdir().expect("a folder");
        let shown = [media("media/a.gif", "word/media/a.gif", bytes)];
        write(dir.path(), "a.docx", document_with(&table, &shown, "x"));
        let ran = run(dir.path(), &words("import a.docx -o out"));
        assert_eq!(names(&dir.path().join("out")), all, "{}{}", ran.stdout, ran.stderr);
        let text = std::fs::read_to_string(dir.path().join("out/report.toml")).expect("a report");
        let found = text.contains("| ![一张图](picture-1.png) | 甲 |");
        assert_eq!(found, all.len() == 2, "{text}");
        assert_eq!(format!("{}{}", ran.stdout, ran.stderr).contains("[picture]"), all.len() == 1);
    }
}
