//! Proves it of bookmarks with the references to them, of links, of ranges, and of identifiers that nothing refers to.

use crate::integrity::{elements, faults, relationships};
use crate::support::engine::{fill, try_fill};
use crate::support::{Docx, attribute_values, paragraph, part, row, table};
use docx_fill::template::RenderOptions;
use serde_json::{Value, json};

fn rows() -> Value {
    json!({"rows": [{"n": "甲", "u": "https://a.cn/?x=1&y=2"}, {"n": "乙", "u": "https://b.cn/路"}],
        "groups": [{"items": [{"i": 1}, {"i": 2}]}, {"items": []}, {"items": [{"i": 3}]}],
        "yes": true, "no": false, "none": []})
}

fn each(content: &str) -> String {
    format!("{}{content}{}", paragraph("{{#each rows}}"), paragraph("{{/each}}"))
}

/// Fills content and gives the document; fails if anything is wrong or reported, but references that mean one of several
/// turns.
fn document(content: &str) -> String {
    let (out, found) = try_fill(&Docx::new(content), &rows(), &RenderOptions::default());
    assert!(found.iter().all(|found| found.1 == "reference-target"), "{found:?}");
    let parts = crate::support::parts(&out.expect("filled"));
    assert_eq!(faults(&parts), Vec::<String>::new(), "{}", part(&parts, "word/document.xml"));
    part(&parts, "word/document.xml").to_owned()
}

fn field(code: &[&str]) -> String {
    let code: String =
        code.iter().map(|code| format!("<w:r><w:instrText>{code}</w:instrText></w:r>")).collect();
    format!(
        "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>{code}\
         <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r>\
         <w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
    )
}

fn bookmark(id: &str, name: &str, content: &str) -> String {
    format!(
        "<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/>{content}<w:bookmarkEnd w:id=\"{id}\"/>"
    )
}

const RUN: &str = "<w:r><w:t>x</w:t></w:r>";

#[test]
fn references_follow_the_bookmark_of_their_turn() {
    let before = format!("<w:p>{}</w:p>", field(&[" REF item \\h "]));
    let inner = format!(
        "<w:p>{}</w:p><w:p>{}{}{}<w:hyperlink w:anchor=\"ITEM\">{RUN}</w:hyperlink>\
         <w:fldSimple w:instr=\" NOTEREF &quot;item&quot; \\h\"/></w:p>",
        bookmark("7", "item", RUN),
        field(&[" PAGEREF it", "em \\h "]),
        field(&["HYPERLINK \\l \"item\""]),
        field(&[" SEQ item \\* ARABIC "]),
    );
    let found = document(&format!("{before}{}{before}", each(&inner)));
    let all = elements(&found);
    let codes: Vec<String> = all
        .iter()
        .filter(|element| element.name == "w:instrText")
        .map(|element| element.text.trim().to_owned())
        .collect();
    assert_eq!(
        codes,
        [
            "REF item \\h",
            "PAGEREF item",
            "\\h",
            "HYPERLINK \\l \"item\"",
            "SEQ item \\* ARABIC",
            "PAGEREF item_2",
            "\\h",
            "HYPERLINK \\l \"item_2\"",
            "SEQ item \\* ARABIC",
            "REF item \\h",
        ]
    );
    assert_eq!(attribute_values(&found, "w:hyperlink", "w:anchor"), ["item", "item_2"]);
    let simple = attribute_values(&found, "w:fldSimple", "w:instr");
    assert_eq!(simple, [" NOTEREF &quot;item&quot; \\h", " NOTEREF &quot;item_2&quot; \\h"]);
}

#[test]
fn a_new_name_is_none_that_the_template_has() {
    let inner = format!("<w:p>{}</w:p>", bookmark("1", "item", RUN));
    let own = format!("<w:p>{}</w:p>", bookmark("2", "Item_2", RUN));
    let found = document(&(each(&inner) + &own));
    assert_eq!(attribute_values(&found, "w:bookmarkStart", "w:name"), ["item", "item_3", "Item_2"]);
    let long = "字".repeat(40);
    let inner = format!("<w:p>{}</w:p>", bookmark("1", &long, RUN));
    let names = attribute_values(&document(&each(&inner)), "w:bookmarkStart", "w:name");
    assert!(names.iter().all(|name| name.chars().count() <= 40), "{names:?}");
}

#[test]
fn a_reference_means_the_nearest_turn_that_it_shares_with_the_bookmark() {
    let reference = |name: &str| format!("<w:p>{}</w:p>", field(&[&format!("REF {name}")]));
    let content = [
        paragraph("{{#each groups}}"),
        format!("<w:p>{}</w:p>", bookmark("1", "outer", RUN)),
        paragraph("{{#each items}}"),
        format!("<w:p>{}</w:p>", bookmark("2", "inner", RUN)),
        reference("outer"),
        reference("inner"),
        paragraph("{{/each}}"),
        paragraph("{{/each}}"),
        reference("inner"),
    ];
    let found = document(&content.concat());
    let codes = elements(&found).into_iter().filter(|element| element.name == "w:instrText");
    let codes: Vec<String> = codes.map(|element| element.text).collect();
    assert_eq!(
        codes,
        [
            "REF outer",
            "REF inner",
            "REF outer",
            "REF inner_2",
            "REF outer_3",
            "REF inner_3",
            "REF inner",
        ]
    );
}

#[test]
fn links_have_an_address_in_every_turn() {
    let link = |id: &str, text: &str| {
        format!("<w:p><w:hyperlink r:id=\"{id}\"><w:r><w:t>{text}</w:t></w:r></w:hyperlink></w:p>")
    };
    let cells = [
        format!("<w:tc>{}</w:tc>", paragraph("{{#each rows}}{{n}}")),
        format!("<w:tc>{}{}</w:tc>", link("rId1", "{{n}}"), paragraph("{{/each}}")),
    ];
    let loose = link("rId2", "c");
    let mut docx = Docx::new(&(table(&[&row(&cells)]) + &each(&link("rId1", "{{n}}")) + &loose));
    docx.add_relationship("hyperlink", "%7B%7Bu%7D%7D", true);
    docx.add_relationship("hyperlink", "https://c.cn/{{rows.[0].n}}", true);
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let all = relationships(&parts, "word/document.xml");
    let ids = attribute_values(part(&parts, "word/document.xml"), "w:hyperlink", "r:id");
    let targets: Vec<&str> = ids.iter().map(|id| all[id].get("Target")).collect();
    let (a, b) = ("https://a.cn/?x=1&y=2", "https://b.cn/路");
    assert_eq!(targets, [a, b, a, b, "https://c.cn/甲"]);
    assert!(!all.contains_key("rId1"));
}

#[test]
fn links_of_a_header_and_in_conditions_have_an_address() {
    let link = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>{{n}}</w:t></w:r></w:hyperlink></w:p>";
    let with = format!("{}{link}{}", paragraph("{{#with rows.[1]}}"), paragraph("{{/with}}"));
    let hidden = format!("{}{link}{}", paragraph("{{#if no}}"), paragraph("{{/if}}"));
    let mut docx = Docx::new(&paragraph("x"));
    docx.add_word_part("header1", "hdr", &(each(link) + &with + &hidden));
    docx.add(
        "word/_rels/header1.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" \
        Type=\"t/hyperlink\" Target=\"{{u}}\" TargetMode=\"External\"/></Relationships>",
    );
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let all = relationships(&parts, "word/header1.xml");
    let ids = attribute_values(part(&parts, "word/header1.xml"), "w:hyperlink", "r:id");
    let targets: Vec<&str> = ids.iter().map(|id| all[id].get("Target")).collect();
    assert_eq!(targets, ["https://a.cn/?x=1&y=2", "https://b.cn/路", "https://b.cn/路"]);
}

#[test]
fn headers_of_turns_have_links_and_bookmarks_of_their_own() {
    let link = format!(
        "<w:p>{}<w:hyperlink r:id=\"rId1\"><w:r><w:t>{{{{i}}}}</w:t></w:r></w:hyperlink></w:p>",
        bookmark("1", "item", "")
    );
    let header = format!("{}{link}{}", paragraph("{{#each items}}"), paragraph("{{/each}}"));
    let end = "<w:p><w:pPr><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/>\
        <w:pgSz w:w=\"1\"/></w:sectPr></w:pPr></w:p>";
    let groups = format!("{}{end}{}", paragraph("{{#each groups}}"), paragraph("{{/each}}"));
    let mut docx = Docx::new(&groups);
    docx.add_word_part("header1", "hdr", &header);
    docx.add(
        "word/_rels/header1.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" \
        Type=\"t/hyperlink\" Target=\"https://a.cn/{{i}}\" TargetMode=\"External\"/></Relationships>",
    );
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let related = relationships(&parts, "word/document.xml");
    let ids = attribute_values(part(&parts, "word/document.xml"), "w:headerReference", "r:id");
    let mut found = Vec::new();
    for id in &ids {
        let name = related[id].get("Target").trim_start_matches('/').trim_start_matches("word/");
        let name = format!("word/{name}");
        let own = relationships(&parts, &name);
        assert!(own.values().all(|one| !one.get("Target").contains('{')), "{name}");
        let links = attribute_values(part(&parts, &name), "w:hyperlink", "r:id");
        found.push(links.iter().map(|id| own[id].get("Target").to_owned()).collect::<Vec<_>>());
    }
    let expected: [&[&str]; 3] = [&["https://a.cn/1", "https://a.cn/2"], &[], &["https://a.cn/3"]];
    assert_eq!(found, expected);
}

#[test]
fn an_address_from_data_is_judged_in_every_turn() {
    let link = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>{{n}}</w:t></w:r></w:hyperlink></w:p>";
    let mut docx = Docx::new(&each(link));
    docx.add_relationship("hyperlink", "{{u}}", true);
    let data = json!({"rows": [{"n": "a", "u": "https://a.cn"}, {"n": "b", "u": "javascript:x"}]});
    let (out, findings) = try_fill(&docx, &data, &RenderOptions::default());
    let parts = crate::support::parts(&out.unwrap());
    let targets: Vec<String> = relationships(&parts, "word/document.xml")
        .values()
        .map(|found| found.get("Target").to_owned())
        .collect();
    assert_eq!(targets, ["https://a.cn", "#"]);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].1.as_str(), findings[0].2.part.as_str()),
        ("link", "word/_rels/document.xml.rels")
    );
}

#[test]
fn the_names_of_an_address_are_those_of_its_block() {
    let link = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>{{n}}</w:t></w:r></w:hyperlink></w:p>";
    let mut docx = Docx::new(&each(link));
    docx.add_relationship("hyperlink", "{{u}}", true);
    let mut sink = docx_fill::diag::Sink::new();
    let id = docx_fill::diag::Sources::default().add_binary("t");
    let template =
        docx_fill::template::CompiledTemplate::parse(docx.bytes(), id, &mut sink).unwrap();
    let tag = template.tags().iter().find(|tag| tag.text == "{{u}}").unwrap();
    assert_eq!(tag.absolute_paths, ["rows.*.u"]);
    assert_eq!(tag.location.part, "word/_rels/document.xml.rels");
}

#[test]
fn ranges_are_made_whole() {
    let marks =
        |kind: &str| [format!("<w:{kind}Start w:id=\"5\"/>"), format!("<w:{kind}End w:id=\"5\"/>")];
    let body = |inner: &str| format!("<w:p>{inner}{RUN}</w:p>");
    for kind in ["perm", "moveFromRange", "customXmlInsRange"] {
        let [start, end] = marks(kind);
        let contents = [
            each(&body(&(start.clone() + RUN + &end))),
            each(&body(&start)) + &body(&end),
            body(&start) + &each(&body(&end)),
            each(&body(&start)) + &each(&body(&end)),
            each(&(body(&start) + &body(&end))),
            each(&body(&start)) + &body("") + &body(&end),
        ];
        let counts = [2, 1, 1, 1, 2, 1];
        for (content, count) in contents.iter().zip(counts) {
            let found = document(content);
            assert_eq!(
                attribute_values(&found, &format!("w:{kind}Start"), "w:id").len(),
                count,
                "{content}\n{found}"
            );
        }
    }
    // A condition that holds or not, with a branch for either.
    let [start, end] = marks("perm");
    for name in ["yes", "no"] {
        let content = format!(
            "{}{}{}{}{}",
            paragraph(&format!("{{{{#if {name}}}}}")),
            body(&start),
            paragraph("{{else}}"),
            body(&end),
            paragraph("{{/if}}")
        );
        let found = document(&content);
        assert_eq!(attribute_values(&found, "w:permStart", "w:id"), ["5"], "{found}");
    }
}

#[test]
fn ranges_in_lines_rows_columns_and_cells_are_whole() {
    let cell =
        |content: &str| format!("<w:tc><w:tcPr><w:tcW w:w=\"1000\"/></w:tcPr>{content}</w:tc>");
    let open = "<w:p><w:bookmarkStart w:id=\"1\" w:name=\"a\"/><w:r><w:t>{{#each rows}}{{n}}</w:t></w:r></w:p>";
    let close = "<w:p><w:r><w:t>{{/each}}</w:t></w:r><w:bookmarkEnd w:id=\"1\"/></w:p>";
    let line = "<w:p><w:r><w:t>{{#each rows}}</w:t></w:r><w:bookmarkStart w:id=\"1\" w:name=\"a\"/>\
        <w:r><w:t>{{n}}</w:t></w:r><w:bookmarkEnd w:id=\"1\"/><w:r><w:t>{{/each}}</w:t></w:r></w:p>";
    let fixed = open.replace("each rows", "each rows fixed=true");
    let columns = open.replace("each rows", "each rows columns=true");
    let contents = [
        (table(&[&row(&[cell(open), cell(close)])]), 2),
        (line.to_owned(), 2),
        (
            table(&[
                &row(&[cell(&fixed)]),
                &row(&[cell(&paragraph("{{n}}"))]),
                &row(&[cell(close)]),
            ]),
            1,
        ),
        (table(&[&row(&[cell(&paragraph("x")), cell(&(columns + close))])]), 2),
        // The end is in a paragraph that goes, so that it stands behind the loop.
        (format!("{open}{}{close}", paragraph("y")), 1),
    ];
    for (content, count) in contents {
        let found = document(&content);
        let names = attribute_values(&found, "w:bookmarkStart", "w:name");
        assert_eq!(names.len(), count, "{content}\n{found}");
    }
}

#[test]
fn identifiers_that_nothing_refers_to_are_unique() {
    let content = each(
        "<w:p w14:paraId=\"00000001\"><w:ins w:id=\"3\"><w:r><w:rPr><w:rPrChange w:id=\"4\"/></w:rPr>\
         <w:t>x</w:t></w:r></w:ins><w:sdt><w:sdtPr><w:id w:val=\"-9\"/></w:sdtPr><w:sdtContent><w:r>\
         <w:drawing><wp:inline \
         xmlns:wp14=\"http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing\" wp14:anchorId=\"0A\"><wp:docPr id=\"1\"/></wp:inline></w:drawing></w:r>\
         </w:sdtContent></w:sdt><w:r><w:pict><v:shapetype id=\"_x0000_t75\"/><v:shape id=\"s1\" \
         type=\"#_x0000_t75\"/><o:OLEObject ShapeID=\"s1\"/></w:pict></w:r></w:p>",
    );
    let found = document(&content);
    let controls: Vec<String> = elements(&found)
        .into_iter()
        .filter(|element| element.name == "w:id")
        .map(|element| element.get("w:val").to_owned())
        .collect();
    assert_eq!(controls.len(), 2);
    assert_ne!(controls[0], controls[1]);
    let types = attribute_values(&found, "v:shapetype", "id");
    let used = attribute_values(&found, "v:shape", "type");
    assert_eq!(used, types.iter().map(|id| format!("#{id}")).collect::<Vec<_>>());
}

#[test]
fn what_is_defined_once_and_shown_twice_is_two_things() {
    let content = format!(
        "{}<w:p>{}</w:p>{}{}{}",
        paragraph("{{#*inline \"part\"}}"),
        bookmark("1", "a", &field(&["REF a"])),
        paragraph("{{/inline}}"),
        paragraph("{{> part}}"),
        paragraph("{{> part}}"),
    );
    let found = document(&content);
    assert_eq!(attribute_values(&found, "w:bookmarkStart", "w:name"), ["a", "a_2"]);
}
