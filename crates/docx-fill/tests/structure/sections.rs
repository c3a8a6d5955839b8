//! Proves what a block reaches of sections: their pages, headers and footers, in parts that go and in loops.

use super::*;

/// The properties of a section: its header, if it names one, and the width of its page.
fn section(header: Option<u32>, width: u32) -> String {
    let named =
        header.map(|id| format!("<w:headerReference w:type=\"default\" r:id=\"rId{id}\"/>"));
    format!("<w:sectPr>{}<w:pgSz w:w=\"{width}\"/></w:sectPr>", named.unwrap_or_default())
}

/// A paragraph that ends a section.
fn ends(header: Option<u32>, width: u32) -> String {
    format!("<w:p><w:pPr>{}</w:pPr></w:p>", section(header, width))
}

/// Fills a document whose last section is 11906 wide; gives for each section the text in it, its width and its header.
fn sections_of(
    content: &[&String],
    last: Option<u32>,
    data: &Value,
) -> Vec<(String, String, String)> {
    let content: String = content.iter().map(|text| text.as_str()).collect();
    let mut docx = Docx::new(&content);
    let namespaces = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    docx.replace(
        "word/document.xml",
        &format!(
            "<w:document {namespaces}><w:body>{content}{}</w:body></w:document>",
            section(last, 11906)
        ),
    );
    for name in ["header1", "header2"] {
        docx.add_word_part(name, "hdr", &paragraph(name));
    }
    let parts = fill(&docx, data);
    let document = part(&parts, "word/document.xml").replace(" xml:space=\"preserve\"", "");
    check_well_formed(&document);
    let related = part(&parts, "word/_rels/document.xml.rels");
    let mut header = String::new();
    let mut found = Vec::new();
    for piece in document.split("</w:sectPr>").filter(|piece| piece.contains("<w:sectPr")) {
        let (before, own) = piece.split_once("<w:sectPr").unwrap();
        if let Some((_, id)) = own.split_once("r:id=\"") {
            let id = id.split('"').next().unwrap();
            let target = related.split(&format!("Id=\"{id}\"")).nth(1).unwrap();
            let target = target.split("Target=\"").nth(1).unwrap().split('"').next().unwrap();
            target.rsplit('/').next().unwrap().clone_into(&mut header);
        }
        let text = before.split("<w:t>").skip(1).map(|text| text.split('<').next().unwrap());
        let width = own.split("w:w=\"").nth(1).unwrap().split('"').next().unwrap();
        found.push((text.collect(), width.to_owned(), header.clone()));
    }
    found
}

fn told(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    all.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn a_part_that_goes_leaves_header_and_page_of_the_others() {
    let (open, other, close) =
        (paragraph("{{#if v}}"), paragraph("{{else}}"), paragraph("{{/if}}"));
    let (one, two, three) = (paragraph("一"), paragraph("二"), paragraph("三"));
    let portrait = ends(Some(1), 11906);
    let wide = ends(None, 16838);
    let (yes, no) = (json!({"v": true}), json!({"v": false}));
    // The header of the document is named in the part that goes.
    let content = [&one, &open, &portrait, &two, &wide, &close, &three];
    let whole = told(&[
        ("一", "11906", "header1.xml"),
        ("二", "16838", "header1.xml"),
        ("三", "11906", "header1.xml"),
    ]);
    assert_eq!(sections_of(&content, None, &yes), whole);
    assert_eq!(sections_of(&content, None, &no), told(&[("一三", "11906", "header1.xml")]));
    // The first part has another page or another header than what follows: its end stays.
    let content = [&one, &open, &wide, &two, &portrait, &close, &three];
    let gone = told(&[("一", "16838", ""), ("三", "11906", "header1.xml")]);
    assert_eq!(sections_of(&content, None, &no), gone);
    let content = [&one, &open, &portrait, &two, &wide, &close, &three];
    let gone = told(&[("一", "11906", "header1.xml"), ("三", "11906", "header2.xml")]);
    assert_eq!(sections_of(&content, Some(2), &no), gone);
    // A whole section goes; nothing of it is left.
    let first = ends(Some(1), 11906);
    let content = [&one, &first, &open, &two, &wide, &close, &three];
    assert_eq!(
        sections_of(&content, Some(2), &no),
        told(&[("一", "11906", "header1.xml"), ("三", "11906", "header2.xml"),])
    );
    // The other branch has no section of its own.
    let content = [&one, &open, &wide, &two, &portrait, &other, &two, &close, &three];
    let found = sections_of(&content, None, &no);
    assert_eq!(found, told(&[("一二", "16838", ""), ("三", "11906", "header1.xml")]));
}

#[test]
fn sections_in_a_loop_have_their_headers_in_every_turn() {
    let (each, done) = (paragraph("{{#each rows}}"), paragraph("{{/each}}"));
    let (word, two, three) = (paragraph("{{this}}"), paragraph("二"), paragraph("三"));
    let (plain, named) = (ends(None, 11906), ends(Some(2), 16838));
    let first = ends(Some(1), 11906);
    let data = json!({"rows": ["a", "b"]});
    // The second turn would inherit the header of the first one's second section.
    let content = [&first, &each, &word, &plain, &two, &named, &done, &three];
    assert_eq!(
        sections_of(&content, None, &data),
        told(&[
            ("", "11906", "header1.xml"),
            ("a", "11906", "header1.xml"),
            ("二", "16838", "header2.xml"),
            ("b", "11906", "header1.xml"),
            ("二", "16838", "header2.xml"),
            ("三", "11906", "header2.xml"),
        ])
    );
    // No header at all in the template: an empty one in the output.
    let content = [&each, &word, &plain, &two, &named, &done, &three];
    let found = sections_of(&content, None, &data);
    let headers: Vec<&str> = found.iter().map(|(_, _, header)| header.as_str()).collect();
    let blank = "inserted1.xml";
    assert_eq!(headers, ["", "header2.xml", blank, "header2.xml", "header2.xml"]);
    // What stands behind the last section of a turn keeps its page.
    let content = [&each, &word, &named, &two, &done, &three];
    let found = sections_of(&content, Some(1), &data);
    assert_eq!(
        found,
        told(&[
            ("a", "16838", "header2.xml"),
            ("二", "11906", "header1.xml"),
            ("b", "16838", "header2.xml"),
            ("二三", "11906", "header1.xml"),
        ])
    );
    // No turn.
    let found = sections_of(&content, Some(1), &json!({"rows": []}));
    assert_eq!(found, told(&[("三", "11906", "header1.xml")]));
}

/// A document of letters: a section for each row with the header `header1` and the footer `footer2`, and one behind them.
fn letters(header: &str, last: &str) -> Docx {
    let own = "<w:headerReference w:type=\"default\" r:id=\"rId1\"/><w:footerReference w:type=\"default\" r:id=\"rId2\"/>";
    let end = format!("<w:p><w:pPr><w:sectPr>{own}<w:pgSz w:w=\"1\"/></w:sectPr></w:pPr></w:p>");
    let content = [
        paragraph("{{#each rows}}"),
        paragraph("{{n}}"),
        end,
        paragraph("{{/each}}"),
        paragraph("末"),
    ];
    let mut docx = Docx::new("");
    let namespaces = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    let content = content.concat();
    let document = format!(
        "<w:document {namespaces}><w:body>{content}<w:sectPr>{last}</w:sectPr></w:body></w:document>"
    );
    docx.replace("word/document.xml", &document);
    docx.add_word_part("header1", "hdr", &paragraph(header));
    docx.add_word_part("footer2", "ftr", &paragraph("页脚"));
    docx.add(
        "word/_rels/header1.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId9\" Type=\"t\" Target=\"a.png\"/></Relationships>",
    );
    docx
}

#[test]
fn headers_of_sections_in_a_loop_take_the_data_of_their_turn() {
    let docx = letters("{{n}}/{{@number}}/{{year}}{{#if (eq n \"乙\")}}!{{/if}}", "");
    let rows = json!({"year": 2025, "rows": [{"n": "甲"}, {"n": "乙"}, {"n": "丙"}]});
    let parts = fill(&docx, &rows);
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    let related = part(&parts, "word/_rels/document.xml.rels");
    let ids = attribute_values(document, "w:headerReference", "r:id");
    assert_eq!(ids.len(), 3, "{document}");
    let types = part(&parts, "[Content_Types].xml");
    let mut shown = Vec::new();
    for id in &ids {
        let target = related.split(&format!("Id=\"{id}\"")).nth(1).unwrap();
        let target = target.split("Target=\"").nth(1).unwrap().split('"').next().unwrap();
        let file = target.rsplit('/').next().unwrap();
        shown.extend(text_of(part(&parts, &format!("word/{file}"))));
        // Copies have the relationships of the original.
        assert!(part(&parts, &format!("word/_rels/{file}.rels")).contains("Id=\"rId9\""), "{file}");
        assert!(types.contains(&format!("/word/{file}\" ContentType=")), "{types}");
    }
    assert_eq!(shown, ["甲/1/2025", "乙/2/2025!", "丙/3/2025"]);
    assert_eq!(attribute_values(document, "w:footerReference", "r:id"), ["rId2"; 3]);
    // Without a turn nothing has the header, and no tag is left in it.
    let parts = fill(&docx, &json!({"year": 2025, "rows": []}));
    assert_eq!(text_of(part(&parts, "word/header1.xml")), [""]);
    check_well_formed(part(&parts, "word/header1.xml"));
    // What is missing is told at its place in the header.
    let found = docx_fill::template::RenderOptions::default();
    let (_, found) = support::engine::try_fill(&docx, &json!({"rows": [{"n": 1}]}), &found);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].1.as_str(), found[0].2.part.as_str()),
        ("value-missing", "word/header1.xml")
    );
}

#[test]
fn names_in_headers_of_a_loop_are_those_of_its_items() {
    let template = docx_fill::Engine::new().template(letters("{{n}}", "").bytes()).unwrap();
    let paths: Vec<&str> =
        template.tags().iter().flat_map(|tag| &tag.absolute_paths).map(String::as_str).collect();
    assert_eq!(paths, ["rows", "rows.*.n", "rows.*.n"]);
    // A header that other sections have too is another one in the turns.
    let shared = letters("{{year}}", "<w:headerReference w:type=\"default\" r:id=\"rId1\"/>");
    let parts = fill(&shared, &json!({"year": 2025, "rows": [{"n": 1, "year": 1}]}));
    assert_eq!(text_of(part(&parts, "word/header1.xml")), ["2025"]);
    let ids = attribute_values(part(&parts, "word/document.xml"), "w:headerReference", "r:id");
    assert_eq!(ids, ["rIdNianbao1", "rId1"]);
}
