//! Links: http, https, mailto and places within the document lead somewhere in every output; every other address
//! is told and stays text, wherever the data has it from.

use super::common::root;
use super::support::random::Random;
use super::support::{Docx, attribute_values, check_well_formed, paragraph, part, parts};
use super::{run, words, write};
use std::collections::BTreeMap;
use std::path::Path;

/// Links that may not lead anywhere, as Markdown, each with what the message names.
const BAD: &[(&str, &str)] = &[
    ("[a](javascript:alert(1))", "javascript:"),
    ("[a](JaVaScRiPt:alert(1))", "JaVaScRiPt:"),
    ("[a](&#106;avascript:alert(1))", "javascript:"),
    ("[a](java&#13;script:alert(1))", "java␍script"),
    ("[a](java&#9;script:alert(1))", "java"),
    ("[a](&#1;javascript:alert(1))", "␁javascript"),
    ("[a](javascript%3Aalert(1))", "javascript%3A"),
    ("[a](<javascript: alert(1)>)", "javascript:"),
    ("[a](vbscript:x)", "vbscript:"),
    ("[a](data:text/html,x)", "data:"),
    ("[a](file:///etc/passwd)", "file:"),
    ("[a](smb://evil/x)", "smb:"),
    ("[a](ms-word:ofe|u|http://evil/x)", "ms-word:"),
    ("[a](search-ms:query=x)", "search-ms:"),
    ("[a](\\\\\\\\evil\\\\share)", "\\\\evil"),
    ("[a](//evil/share)", "//evil"),
    ("[a](/\\\\evil/share)", "/\\evil"),
    ("[a](C:/Windows/x.exe)", "C:"),
    ("[a](../a.docx)", "../a.docx"),
    ("[a](附件.docx)", "附件.docx"),
    ("[a]()", "“”"),
    ("[a](http:evil)", "http:evil"),
    ("[a](http://)", "http://"),
    ("[a](http://ok.cn/&#x202E;nc.vog)", "\\u{202E}"),
    ("[a](http://ok.cn/&#x200B;)", "\\u{200B}"),
    ("[a](\u{a0}http://ok.cn)", "http://ok.cn"),
    ("[a](#没有)", "#没有"),
    ("<tel:110>", "tel:"),
    ("<ftp://ok.cn/>", "ftp:"),
    ("[a][1]\n\n[1]: jar:file:///x", "jar:"),
    ("| [a](mk:@MSITStore:x) |\n|---|", "mk:"),
    ("注[^1]\n\n[^1]: [a](res://x)", "res:"),
    ("**[a](ldap://x)**", "ldap:"),
    ("- [a](view-source:x)", "view-source:"),
    ("> [a](about:blank)", "about:"),
];

/// Links that lead somewhere, with the address that comes out.
const GOOD: &[(&str, &str)] = &[
    ("[a](http://ok.cn/)", "http://ok.cn/"),
    ("[a](HTTPS://ok.cn/x?y=1#z)", "HTTPS://ok.cn/x?y=1#z"),
    ("<https://ok.cn/年报>", "https://ok.cn/年报"),
    ("[a](mailto:a@ok.cn)", "mailto:a@ok.cn"),
    ("<a@ok.cn>", "mailto:a@ok.cn"),
];

/// The addresses outside of the document that a package names, by part.
fn outside(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    for (name, bytes) in parts(bytes) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if Path::new(&name).extension().is_some_and(|end| end == "rels") {
            let targets = attribute_values(&text, "Relationship", "Target");
            let modes = text
                .split("<Relationship ")
                .skip(1)
                .map(|one| one.contains("TargetMode=\"External\""));
            out.extend(
                targets
                    .into_iter()
                    .zip(modes)
                    .filter(|(_, external)| *external)
                    .map(|(target, _)| target),
            );
        }
    }
    out
}

/// How many addresses a PDF leads to.
#[cfg(feature = "pdf")]
fn addresses(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/URI(").count() + text.matches("/URI (").count() + text.matches("/URI<").count()
}

fn made(dir: &Path, end: &str) -> Vec<u8> {
    let found =
        std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file = found.into_iter().find(|path| path.extension().is_some_and(|own| own == end));
    std::fs::read(file.unwrap_or_else(|| panic!("no {end} was made"))).expect("read")
}

/// A report with one text, built to both outputs: what was said, the document, the PDF.
#[cfg(feature = "pdf")]
fn built(dir: &Path, markdown: &str) -> (String, Vec<u8>, Vec<u8>) {
    let text = format!(
        "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n[text]\noverview = '''\n{markdown}\n'''\n"
    );
    write(dir, "r.toml", text);
    let ran = run(dir, &words("build r.toml --draft -o out --message-format short"));
    assert_eq!(ran.code, 0, "{markdown}: {}{}", ran.stdout, ran.stderr);
    (ran.stderr, made(&dir.join("out"), "docx"), made(&dir.join("out"), "pdf"))
}

#[cfg(feature = "pdf")]
#[test]
fn a_report_leads_nowhere_but_to_the_web_and_to_mail() {
    let dir = tempfile::tempdir().expect("a folder");
    // Each in a paragraph of its own, and once more each alone as a finding.
    let all: Vec<&str> =
        BAD.iter().map(|(markdown, _)| *markdown).filter(|m| !m.contains(['\n', '|'])).collect();
    let (said, docx, pdf) = built(dir.path(), &all.join("\n\n"));
    assert_eq!(said.matches("[link]").count(), all.len(), "{said}");
    assert_eq!(outside(&docx), Vec::<String>::new());
    assert_eq!(addresses(&pdf), 0);
    let document = parts(&docx);
    let document = part(&document, "word/document.xml");
    assert!(
        !document.contains("w:hyperlink")
            && super::support::text_of(document).iter().filter(|line| *line == "a").count() > 20
    );
    let good: Vec<&str> = GOOD.iter().map(|(markdown, _)| *markdown).collect();
    let (said, docx, pdf) = built(dir.path(), &good.join("\n\n"));
    assert!(!said.contains("[link]"), "{said}");
    let wanted: std::collections::BTreeSet<String> =
        GOOD.iter().map(|(_, address)| (*address).to_owned()).collect();
    assert_eq!(outside(&docx).into_iter().collect::<std::collections::BTreeSet<_>>(), wanted);
    assert_eq!(addresses(&pdf), GOOD.len());
}

#[test]
fn every_kind_of_bad_link_is_told_at_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    for (markdown, named) in BAD {
        let text = format!(
            "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n[text]\noverview = '''\n甲\n\n{markdown}\n'''\n"
        );
        let line = text
            .lines()
            .position(|line| {
                line.contains("[a]")
                    || line.contains("<tel")
                    || line.contains("<ftp")
                    || line.contains("](")
            })
            .expect("a line")
            + 1;
        write(dir.path(), "r.toml", &text);
        let ran = run(dir.path(), &words("check r.toml --message-format short"));
        let found: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("[link]")).collect();
        assert_eq!(found.len(), 1, "{markdown}: {}", ran.stdout);
        assert!(found[0].contains(named), "{markdown}: {}", found[0]);
        assert!(
            found[0].starts_with(&format!("r.toml:{line}:")),
            "{markdown} is in line {line}: {}",
            found[0]
        );
    }
}

/// `fill` with a template of one Markdown tag.
fn filled(dir: &Path, template: &Docx, data: &str, more: &str) -> (String, Vec<u8>) {
    write(dir, "t.docx", template.bytes());
    write(dir, "d.json", data);
    let ran = run(
        dir,
        &words(&format!("fill t.docx d.json -o o.docx --overwrite --message-format short {more}")),
    );
    assert_eq!(ran.code, 0, "{data}: {}{}", ran.stdout, ran.stderr);
    let out = std::fs::read(dir.join("o.docx")).expect("a document");
    for (name, bytes) in parts(&out) {
        if Path::new(&name).extension().is_some_and(|end| end == "xml" || end == "rels") {
            check_well_formed(std::str::from_utf8(&bytes).expect("UTF-8"));
        }
    }
    (ran.stderr, out)
}

#[test]
fn data_of_any_template_leads_nowhere_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let template = Docx::new(&paragraph("{{markdown a}}"));
    for (markdown, named) in BAD {
        let data = serde_json::json!({ "a": markdown }).to_string();
        let (said, out) = filled(dir.path(), &template, &data, "");
        assert!(said.contains("[link]") && said.contains(named), "{markdown}: {said}");
        assert_eq!(outside(&out), Vec::<String>::new(), "{markdown}");
        assert!(!part(&parts(&out), "word/document.xml").contains("w:hyperlink"), "{markdown}");
    }
    for (markdown, address) in GOOD {
        let data = serde_json::json!({ "a": markdown }).to_string();
        let (said, out) = filled(dir.path(), &template, &data, "");
        assert!(!said.contains("[link]"), "{markdown}: {said}");
        assert_eq!(outside(&out), [*address]);
    }
    let data =
        serde_json::json!({ "a": "<tel:110> <ftp://ok.cn/> <SFTP://ok.cn/> [x](file:///a)" })
            .to_string();
    let (said, out) = filled(dir.path(), &template, &data, "--link-schemes tel,ftp,sftp");
    assert_eq!(outside(&out), ["tel:110", "ftp://ok.cn/", "SFTP://ok.cn/"]);
    assert!(said.contains("file:") && !said.contains("tel:"), "{said}");
    let ran = run(dir.path(), &words("fill t.docx d.json -o o2.docx --link-schemes tel,1x"));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("1x") && !dir.path().join("o2.docx").exists(), "{}", ran.stderr);
}

#[test]
fn many_bad_links_are_one_message_that_counts_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let links: Vec<String> = (0..30).map(|at| format!("[a](x{at}:y)")).collect();
    let data = serde_json::json!({ "a": links.join(" ") }).to_string();
    let (said, _) =
        filled(dir.path(), &Docx::new(&paragraph("{{markdown a}}")), &data, "--lang en");
    assert_eq!(said.matches("[link]").count(), 1, "{said}");
    let ran = run(dir.path(), &words("fill t.docx d.json -o o3.docx --lang en"));
    assert!(ran.stderr.contains("--link-schemes"), "{}", ran.stderr);
    assert!(said.contains("x4:y") && !said.contains("x5:y") && said.contains("25 more"), "{said}");
}

/// A field of a template, its code in pieces.
fn field(codes: &[&str]) -> String {
    let code: String = codes
        .iter()
        .map(|code| format!("<w:r><w:instrText>{code}</w:instrText></w:r>"))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>{code}<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
         <w:r><w:t>甲</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
    )
}

#[test]
fn the_templates_own_links_take_no_other_address_from_data() {
    let dir = tempfile::tempdir().expect("a folder");
    let content = [
        field(&[" HYPERLINK \"", "{{a}}", "\" "]),
        field(&["HYPERLINK {{a}}"]),
        field(&["{{#if a}}HYPERLINK \"{{a}}\" \\o \"{{a}}\"{{/if}}"]),
        field(&["{{code}}"]),
        field(&["INCLUDEPICTURE \"{{a}}\" \\d"]),
        "<w:p><w:fldSimple w:instr=\"HYPERLINK &quot;{{a}}&quot;\"><w:r><w:t>乙</w:t></w:r></w:fldSimple></w:p>".to_owned(),
        "<w:p><w:r><w:pict><v:rect href=\"{{a}}\"/></w:pict></w:r></w:p>".to_owned(),
        "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>丙</w:t></w:r></w:hyperlink></w:p>".to_owned(),
    ];
    let mut template = Docx::new(&content.concat());
    template.add_relationship("hyperlink", "{{a}}", true);
    template.add_relationship("hyperlink", "%7B%7Ba%7D%7D", true);
    // What the template writes itself is trusted.
    template.add_relationship("hyperlink", "file:///D:/{{b}}", true);
    template.add_relationship("hyperlink", "tel:{{b}}", true);
    template.add_relationship("hyperlink", "../{{b}}", true);
    for bad in [
        "javascript:x",
        "\\\\evil\\x",
        "//evil/x",
        "smb://x",
        "a.docx",
        "x\u{202e}:y",
        "&#106;avascript:x",
    ] {
        let data =
            serde_json::json!({ "a": bad, "b": "b", "code": format!("HYPERLINK \"{bad}\"") });
        let (said, out) = filled(dir.path(), &template, &data.to_string(), "");
        // Both relationships stand in the same place, and are told once.
        assert_eq!(said.matches("[link]").count(), 8, "{bad}: {said}");
        assert_eq!(outside(&out), ["#", "#", "file:///D:/b", "tel:b", "../b"], "{bad}");
        let all = parts(&out);
        let document = part(&all, "word/document.xml");
        assert!(
            !document.contains("javascript")
                && !document.contains("evil")
                && !document.contains("smb"),
            "{document}"
        );
        assert!(
            document.contains("href=\"#\"") && document.contains("INCLUDEPICTURE \"#\" \\d"),
            "{document}"
        );
        assert!(!document.contains(['\u{ffff}', '\u{fffe}']), "{document}");
    }
    let data = serde_json::json!({ "a": "https://ok.cn/?a=1&b=\"2\"".replace('"', ""), "b": "b", "code": "PAGE" });
    let (said, out) = filled(dir.path(), &template, &data.to_string(), "");
    assert!(!said.contains("[link]"), "{said}");
    assert_eq!(outside(&out)[0], "https://ok.cn/?a=1&amp;b=2");
    let all = parts(&out);
    assert_eq!(part(&all, "word/document.xml").matches("https://ok.cn/?a=1&amp;b=2").count(), 7);
}

#[test]
fn links_of_an_inserted_document_are_data() {
    let dir = tempfile::tempdir().expect("a folder");
    let link = |id: u32| {
        format!(
            "<w:p><w:hyperlink r:id=\"rId{id}\"><w:r><w:t>链接{id}</w:t></w:r></w:hyperlink></w:p>"
        )
    };
    let content = [
        link(1),
        link(2),
        link(3),
        field(&[" HYPER", "LINK \"file:", "///C:\\\\x\" "]),
        field(&[" HYPERLINK \\l \"表一\" "]),
        field(&[" PAGE "]),
        field(&[" DDEAUTO \"C:\\\\x.exe\" \"a\" "]),
        field(&[" INCLUDEPICTURE \"\\\\\\\\evil\\\\x.png\" \\* MERGEFORMATINET "]),
        field(&[" LINK \"C:\\\\y.xlsx\" "])
            .replace("<w:r>", "<w:del w:id=\"1\"><w:r>")
            .replace("</w:r>", "</w:r></w:del>")
            .replace("w:instrText", "w:delInstrText"),
        "<w:p><w:r><w:pict><v:rect href=\"vbscript:x\"/><v:rect href=\"#表一\"/></w:pict></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:object><o:OLEObject r:id=\"rId4\"/></w:object></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:drawing><wp:docPr id=\"1\" name=\"a\"/><a:blip r:link=\"rId5\"/></w:drawing></w:r></w:p>".to_owned(),
    ];
    let mut inner = Docx::new(&content.concat());
    inner.add_relationship("hyperlink", "https://ok.cn/", true);
    inner.add_relationship("hyperlink", "javascript:x", true);
    inner.add_relationship("hyperlink", "file:///C:/x.docx", true);
    inner.add_relationship("oleObject", "https://evil/x.html!", true);
    inner.add_relationship("image", "file://evil/x.png", true);
    write(dir.path(), "a.docx", inner.bytes());
    let host = Docx::new(&[paragraph("{{document a}}"), paragraph("x")].concat());
    let (said, out) = filled(dir.path(), &host, "{\"a\": \"a.docx\"}", "");
    assert_eq!(said.matches("[link]").count(), 1, "{said}");
    for named in ["javascript:x", "file:///C:/x.docx", "a.docx"] {
        assert!(said.contains(named), "{named}: {said}");
    }
    assert_eq!(outside(&out), ["https://ok.cn/", "#", "#"]);
    let all = parts(&out);
    let document = part(&all, "word/document.xml");
    let links = attribute_values(document, "w:hyperlink", "r:id");
    assert_eq!((document.matches("<w:hyperlink").count(), links.len()), (3, 1), "{document}");
    for gone in ["javascript", "file:", "vbscript", "DDE", "LINK \"C", "evil", "\u{ffff}"] {
        assert!(!document.contains(gone), "{gone}: {document}");
    }
    for kept in [" HYPERLINK \\l \"表一\" ", " PAGE ", "href=\"#表一\"", "链接2", "链接3"] {
        assert!(document.contains(kept), "{kept}: {document}");
    }
    let (said, out) =
        filled(dir.path(), &host, "{\"a\": \"a.docx\"}", "--link-schemes file,javascript,vbscript");
    assert!(said.contains("[link]") && said.contains("DDEAUTO"), "never by itself: {said}");
    assert_eq!(outside(&out)[..3], ["https://ok.cn/", "javascript:x", "file:///C:/x.docx"]);
}

/// A letterhead and a template of the user's own keep their links.
#[test]
fn a_template_of_ones_own_is_trusted() {
    let dir = tempfile::tempdir().expect("a folder");
    let link = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>内网</w:t></w:r></w:hyperlink></w:p>";
    let original = std::fs::read(root().join("templates/2021/report.docx")).expect("a template");
    let texts: BTreeMap<String, Vec<u8>> = parts(&original);
    let texts: Vec<(String, Vec<u8>)> = texts
        .into_iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes).expect("UTF-8");
            let text = match name.as_str() {
                "word/document.xml" => text.replacen("<w:body>", &format!("<w:body>{}", link.replace("rId1", "rIdOwn")), 1),
                "word/_rels/document.xml.rels" => text.replace(
                    "</Relationships>",
                    "<Relationship Id=\"rIdOwn\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" Target=\"file://srv/x\" TargetMode=\"External\"/></Relationships>",
                ),
                _ => text,
            };
            (name, text.into_bytes())
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, bytes)| (name.as_str(), std::str::from_utf8(bytes).expect("UTF-8")))
        .collect();
    write(dir.path(), "t/2021/report.docx", super::support::zip(&texts));
    write(
        dir.path(),
        "r.toml",
        "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n[text]\noverview = \"[a](smb://x)\"\n",
    );
    for more in ["", " --letterhead upward"] {
        let ran = run(
            dir.path(),
            &words(&format!("build r.toml --to docx --draft --templates t -o out{more}")),
        );
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stderr.matches("[link]").count(), 1, "only the text's: {}", ran.stderr);
        let all = outside(&made(&dir.path().join("out"), "docx"));
        assert_eq!(all, ["file://srv/x"]);
        std::fs::remove_dir_all(dir.path().join("out")).expect("removed");
    }
}

#[cfg(feature = "pdf")]
#[test]
fn places_within_the_document_work_in_both_outputs() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = "见[措施](#（二）措施)、[脚注里][^1]和[无](#三)。注[^1]\n\n（一）情况\n\n正文。\n\n（二）措施\n\n正文。\n\n[^1]: 见[措施](#二措施)";
    let (said, docx, pdf) = built(dir.path(), text);
    assert_eq!(said.matches("[link]").count(), 1, "{said}");
    let all = parts(&docx);
    let document = part(&all, "word/document.xml");
    check_well_formed(document);
    let anchors = attribute_values(document, "w:hyperlink", "w:anchor");
    let names = attribute_values(document, "w:bookmarkStart", "w:name");
    assert_eq!(anchors.len(), 1, "{document}");
    assert!(names.contains(&anchors[0]), "{names:?}");
    let notes = part(&all, "word/footnotes.xml");
    assert!(
        attribute_values(notes, "w:hyperlink", "w:anchor").iter().all(|to| *to == anchors[0]),
        "{notes}"
    );
    let heading = document.split("<w:bookmarkStart").nth(1).expect("a bookmark");
    assert!(
        heading.split("<w:bookmarkEnd").next().expect("its end").contains("（二）措施"),
        "{heading}"
    );
    let pdf = String::from_utf8_lossy(&pdf);
    assert_eq!(addresses(pdf.as_bytes()), 0);
    assert!(pdf.matches("/Subtype/Link").count() + pdf.matches("/Subtype /Link").count() >= 2);
    // A bookmark of a template can be linked to as well, if it is always there.
    let mark = |name: &str, text: &str| {
        format!(
            "<w:p><w:bookmarkStart w:id=\"1\" w:name=\"{name}\"/><w:r><w:t>{text}</w:t></w:r><w:bookmarkEnd w:id=\"1\"/></w:p>"
        )
    };
    let content = [
        paragraph("{{markdown a}}"),
        mark("附表", "x"),
        paragraph("{{#if no}}"),
        mark("无", "y"),
        paragraph("{{/if}}"),
    ];
    let data = serde_json::json!({ "a": "[一](#附表)[二](#无)", "no": false }).to_string();
    let (said, out) = filled(dir.path(), &Docx::new(&content.concat()), &data, "");
    assert!(said.contains("#无") && !said.contains("#附表"), "{said}");
    assert_eq!(
        attribute_values(part(&parts(&out), "word/document.xml"), "w:hyperlink", "w:anchor"),
        ["附表"]
    );
}

/// Random addresses of hostile pieces: what comes out as a link has one of three schemes and nothing hidden in it.
#[test]
fn whatever_leads_outside_is_an_address_of_the_web_or_of_mail() {
    let pieces = [
        "http",
        "https",
        "mailto",
        "javascript",
        "file",
        "data",
        ":",
        ":",
        "//",
        "/",
        "\\",
        "\\\\",
        "#",
        "?",
        "a.cn",
        "%3A",
        "&#58;",
        "&#x202e;",
        "&#10;",
        "&#0;",
        " ",
        "\t",
        "@",
        "..",
        ".",
        "\u{200b}",
        "\u{3000}",
        "：",
        "甲",
        "HTTP",
        "jAvAscript",
        "&colon;",
        "&Tab;",
        "&NewLine;",
        "\u{85}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "\"",
        "'",
        "|",
    ];
    let mut random = Random(0x0DDB_A115_0F11_4E55);
    let dir = tempfile::tempdir().expect("a folder");
    let mut links = Vec::new();
    for _ in 0..4_000 {
        let count = 1 + random.below(6);
        let begin = ["", "", "", "http://", "https://", "mailto:"][random.below(6)];
        let rest: String = (0..count).map(|_| pieces[random.below(pieces.len())]).collect();
        let address = format!("{begin}{rest}");
        links.push(match random.below(3) {
            0 => format!("[a]({address})"),
            1 => format!("[a](<{address}>)"),
            _ => format!("<{address}>"),
        });
    }
    let data = serde_json::json!({ "a": links.join("\n\n") }).to_string();
    let (_, out) = filled(dir.path(), &Docx::new(&paragraph("{{markdown a}}")), &data, "");
    let all = outside(&out);
    assert!(all.len() > 20, "{}", all.len());
    for address in all {
        let low = address.to_lowercase();
        let known = ["http://", "https://", "mailto:"].iter().any(|scheme| low.starts_with(scheme));
        let odd = |c: char| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '\u{200b}' | '\u{202e}' | '\\' | '"' | '<' | '>')
        };
        assert!(known && !address.contains(odd), "{address:?}");
    }
}

/// The page of a county holds no link at all, whatever the texts say.
#[test]
fn the_page_of_a_county_leads_nowhere() {
    let dir = tempfile::tempdir().expect("a folder");
    let links: Vec<&str> = BAD
        .iter()
        .chain(GOOD)
        .map(|(markdown, _)| *markdown)
        .filter(|m| !m.contains('\n'))
        .collect();
    let text = format!(
        "year = 2025\n[organ]\nname = \"<a href='http://x'>[甲](http://ok.cn)\"\nwebsite = \"javascript:x\"\n\
         [text]\noverview = '''\n{}\n'''\n[requests]\nreceived = [1,0,0,0,0,0,9]\n",
        links.join(" ")
    );
    write(dir.path(), "units/a.toml", text);
    write(
        dir.path(),
        "units/b.toml",
        "year = 2025\n[organ]\nname = \"乙\"\nlevel = \"http://x\"\n",
    );
    run(dir.path(), &words("collect units -o out"));
    let page = std::fs::read_to_string(dir.path().join("out/报送情况.html")).expect("a page");
    // A unit leads to its findings on the page itself, and nothing leads elsewhere.
    let words = page.replace("&lt;a href='", "").replace("<a href=\"#unit-", "");
    for mark in ["<a ", "href=", "src=", "<script", "url("] {
        assert!(!words.contains(mark), "{mark}: {page}");
    }
}

/// What Word would read into the document by itself is no part of an inserted one.
#[test]
fn a_file_of_another_kind_is_not_carried_along() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut inner = Docx::new("<w:p/><w:altChunk r:id=\"rId1\"/>");
    inner.add_relationship("aFChunk", "a.html", false);
    inner.add("word/a.html", "<img src=\"file://evil/x.png\"/>");
    write(dir.path(), "a.docx", inner.bytes());
    write(dir.path(), "t.docx", Docx::new(&paragraph("{{document a}}")).bytes());
    write(dir.path(), "d.json", "{\"a\": \"a.docx\"}");
    let ran = run(dir.path(), &words("fill t.docx d.json -o o.docx"));
    assert!(ran.code == 1 && ran.stderr.contains("夹着别的格式的文件"), "{}", ran.stderr);
    assert!(!dir.path().join("o.docx").exists());
}
