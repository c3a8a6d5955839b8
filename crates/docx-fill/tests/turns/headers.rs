//! Proves it of headers and footers of sections: what they hold is a thing of its own in every turn too.

use crate::integrity::{Parts, faults, relationships};
use crate::support::engine::{fill, try_fill};
use crate::support::{Docx, attribute_values, paragraph, part, text_of};
use docx_fill::template::RenderOptions;
use serde_json::{Value, json};

fn rows() -> Value {
    json!({"n": "外", "rows": [{"n": "甲", "u": "a"}, {"n": "乙", "u": "b"}],
        "groups": [{"g": "一", "items": [1, 2]}, {"g": "二", "items": []}]})
}

/// A paragraph that ends a section with header number `id`.
fn section(id: u32) -> String {
    format!(
        "<w:p><w:pPr><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId{id}\"/>\
         <w:pgSz w:w=\"1\"/></w:sectPr></w:pPr></w:p>"
    )
}

fn each(list: &str, content: &str) -> String {
    format!("{}{content}{}", paragraph(&format!("{{{{#each {list}}}}}")), paragraph("{{/each}}"))
}

fn with_headers(content: &str, headers: &[&str]) -> Docx {
    let mut docx = Docx::new(content);
    for (at, header) in headers.iter().enumerate() {
        docx.add_word_part(&format!("header{}", at + 1), "hdr", header);
    }
    docx
}

fn link(docx: &mut Docx, target: &str) {
    docx.add(
        "word/_rels/header1.xml.rels",
        &format!(
            "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"t/hyperlink\" \
             Target=\"{target}\" TargetMode=\"External\"/></Relationships>"
        ),
    );
}

/// The names of the headers in the order of the sections that name them.
fn header_names(parts: &Parts) -> Vec<String> {
    let document = part(parts, "word/document.xml");
    let related = relationships(parts, "word/document.xml");
    let ids = attribute_values(document, "w:headerReference", "r:id");
    let target = |id: &String| related[id].get("Target").rsplit('/').next().unwrap().to_owned();
    ids.iter().map(|id| format!("word/{}", target(id))).collect()
}

/// The texts of the headers in the order of the sections that name them.
fn header_texts(parts: &Parts) -> Vec<String> {
    header_names(parts).iter().map(|name| text_of(part(parts, name)).concat()).collect()
}

#[test]
fn what_stands_outside_of_blocks_of_a_header_is_of_the_turn_too() {
    let header = "<w:p><w:bookmarkStart w:id=\"1\" w:name=\"top\"/><w:hyperlink r:id=\"rId1\"><w:r>\
        <w:t>{{n}}</w:t></w:r></w:hyperlink><w:bookmarkEnd w:id=\"1\"/>\
        <w:hyperlink w:anchor=\"top\"><w:r><w:t>x</w:t></w:r></w:hyperlink>\
        <w:fldSimple w:instr=\" REF TOP \\h \"/><w:ins w:id=\"4\"><w:r><w:t>y</w:t></w:r></w:ins>\
        <w:r><w:drawing><wp:inline><wp:docPr id=\"7\"/></wp:inline></w:drawing></w:r></w:p>";
    let mut docx = with_headers(&each("rows", &section(1)), &[header]);
    link(&mut docx, "https://a.cn/{{u}}");
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(header_texts(&parts), ["甲xy", "乙xy"]);
    let mut found = Vec::new();
    for name in header_names(&parts) {
        let (own, text) = (relationships(&parts, &name), part(&parts, &name));
        assert!(own.values().all(|one| !one.get("Target").contains('{')), "{name}");
        let link = attribute_values(text, "w:hyperlink", "r:id").remove(0);
        let field = attribute_values(text, "w:fldSimple", "w:instr").remove(0);
        let named = attribute_values(text, "w:bookmarkStart", "w:name").remove(0);
        found.push([own[&link].get("Target").to_owned(), field, named].join("|"));
    }
    assert_eq!(found, ["https://a.cn/a| REF top \\h |top", "https://a.cn/b| REF top_2 \\h |top_2"]);
}

#[test]
fn a_header_without_tags_has_an_address_and_references_of_the_turn() {
    let header = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>";
    let mut docx = with_headers(&each("rows", &section(1)), &[header]);
    link(&mut docx, "https://a.cn/{{u}}");
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let targets: Vec<String> = header_names(&parts)
        .iter()
        .map(|name| relationships(&parts, name).values().next().unwrap().get("Target").to_owned())
        .collect();
    assert_eq!(targets, ["https://a.cn/a", "https://a.cn/b"]);
    // A bookmark of the body of the turn.
    let title = "<w:p><w:bookmarkStart w:id=\"1\" w:name=\"Title\"/><w:r><w:t>{{n}}</w:t></w:r>\
        <w:bookmarkEnd w:id=\"1\"/></w:p>";
    let header =
        "<w:p><w:fldSimple w:instr=\"REF title\"/><w:fldSimple w:instr=\"REF Other\"/></w:p>";
    let docx = with_headers(&each("rows", &(title.to_owned() + &section(1))), &[header]);
    let parts = fill(&docx, &rows());
    let codes: Vec<String> = header_names(&parts)
        .iter()
        .flat_map(|name| attribute_values(part(&parts, name), "w:fldSimple", "w:instr"))
        .collect();
    assert_eq!(codes, ["REF Title", "REF Other", "REF Title_2", "REF Other"]);
    let dirty = attribute_values(part(&parts, "word/header1.xml"), "w:fldSimple", "w:dirty");
    assert_eq!(dirty, ["true", "true"]);
}

#[test]
fn charts_of_a_header_are_of_the_turn() {
    let header = "<w:p><w:r><w:t>{{n}}</w:t><c:chart r:id=\"rId1\"/></w:r></w:p>";
    let mut docx = with_headers(&each("rows", &section(1)), &[header]);
    docx.add(
        "word/_rels/header1.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"t/chart\" \
         Target=\"charts/c1.xml\"/></Relationships>",
    );
    docx.add("word/charts/c1.xml", "<c:chartSpace xmlns:c=\"c\"/>");
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let mut targets: Vec<String> = header_names(&parts)
        .iter()
        .map(|name| relationships(&parts, name).values().next().unwrap().get("Target").to_owned())
        .collect();
    targets.sort();
    targets.dedup();
    assert_eq!(targets.len(), 2, "{targets:?}");
}

#[test]
fn a_header_inside_and_outside_of_blocks_takes_the_data_of_each_place() {
    let content = each("rows", &section(1)) + &section(1) + &each("groups", &section(1));
    let docx = with_headers(
        &content,
        &["<w:p><w:bookmarkStart w:id=\"1\" w:name=\"b\"/>\
        <w:r><w:t>{{n}}{{g}}</w:t></w:r><w:bookmarkEnd w:id=\"1\"/></w:p>"],
    );
    let mut data = rows();
    data["g"] = json!("-");
    let parts = fill(&docx, &data);
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(header_texts(&parts), ["甲-", "乙-", "外-", "外一", "外二"]);
    assert_eq!(text_of(part(&parts, "word/header1.xml")), ["外-"]);
    // Both places ask for their names.
    let template = docx_fill::Engine::new().template(docx.bytes()).unwrap();
    let paths: Vec<&str> =
        template.tags().iter().flat_map(|tag| &tag.absolute_paths).map(String::as_str).collect();
    for wanted in ["n", "rows.*.n", "groups.*.g"] {
        assert!(paths.contains(&wanted), "{paths:?}");
    }
    // What only the turns have is told outside.
    let (_, found) = try_fill(&docx, &rows(), &RenderOptions::default());
    let told: Vec<(&str, &str)> =
        found.iter().map(|found| (found.1.as_str(), found.2.part.as_str())).collect();
    assert!(told.contains(&("value-missing", "word/header1.xml")), "{told:?}");
}

#[test]
fn two_blocks_with_one_header_have_their_own() {
    let content = each("rows", &section(1)) + &each("groups", &section(1)) + &paragraph("x");
    let docx = with_headers(&content, &["<w:p><w:r><w:t>{{n}}/{{@number}}</w:t></w:r></w:p>"]);
    let parts = fill(&docx, &rows());
    assert_eq!(header_texts(&parts), ["甲/1", "乙/2", "外/1", "外/2"]);
}

#[test]
fn a_section_never_shows_the_header_of_a_turn_that_is_over() {
    // The last section of a group has the header of the items, of which there may be none.
    let plain = "<w:p><w:pPr><w:sectPr><w:pgSz w:w=\"2\"/></w:sectPr></w:pPr></w:p>";
    let inner = each("items", &section(2));
    let content = each("groups", &format!("{}{inner}{plain}", section(1)));
    let docx = with_headers(&content, &[&paragraph("{{g}}"), &paragraph("{{g}}{{this}}")]);
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(header_texts(&parts), ["一", "一1", "一2", "二", ""]);
    // Text before a loop without turns keeps its page, without the header of an item.
    let content = format!("{}{}{}", paragraph("前"), each("none", &section(1)), paragraph("后"));
    let mut data = rows();
    data["none"] = json!([]);
    let shown = header_texts(&fill(&with_headers(&content, &[&paragraph("{{this.g}}")]), &data));
    assert!(shown.iter().all(String::is_empty), "{shown:?}");
    // A section within the items has the header of the group again, after one of its own.
    let inner = each("items", &format!("{plain}{}", section(2)));
    let content = each("groups", &format!("{}{inner}", section(1)));
    let docx = with_headers(&content, &[&paragraph("{{g}}/{{this.g}}"), &paragraph("x")]);
    let data = json!({"groups": [{"g": "一", "items": [1, 2]}, {"g": "二", "items": [3, 4]}]});
    let shown = header_texts(&fill(&docx, &data));
    let [one, two] = ["一/一", "二/二"];
    assert_eq!(shown, [one, "x", one, "x", two, "x", two, "x"]);
}

/// A paragraph that ends a section with the headers of the one before.
const LINKED: &str = "<w:p><w:pPr><w:sectPr><w:pgSz w:w=\"2\"/></w:sectPr></w:pPr></w:p>";

#[test]
fn a_section_that_inherits_does_so_from_its_own_turn() {
    // The section that names the header is left out in all turns but the first.
    let cover =
        [paragraph("{{#if @first}}"), paragraph("题"), section(1), paragraph("{{/if}}")].concat();
    let content = each("rows", &[cover, paragraph("文"), LINKED.to_owned()].concat());
    let docx = with_headers(&(content + &paragraph("后")), &[&paragraph("{{n}}")]);
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(header_texts(&parts), ["甲", "乙"]);
    // The same in a loop within a loop: what counts are all turns around.
    let cover = [paragraph("{{#if @first}}"), section(1), paragraph("{{/if}}")].concat();
    let inner = each("items", &[cover, paragraph("文"), LINKED.to_owned()].concat());
    let docx = with_headers(&each("groups", &inner), &[&paragraph("{{../g}}{{this}}")]);
    let data = json!({"groups": [{"g": "一", "items": [1, 2]}, {"g": "二", "items": [1]}]});
    assert_eq!(header_texts(&fill(&docx, &data)), ["一1", "一2", "二1"]);
}

#[test]
fn a_section_never_inherits_from_a_turn_of_another_turn() {
    // The items of the first group are over when those of the second are none.
    let content =
        each("groups", &[each("items", &section(1)), paragraph("文"), LINKED.to_owned()].concat());
    let docx = with_headers(&content, &[&paragraph("{{this}}")]);
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    // The group without items has an empty header.
    assert_eq!(header_texts(&parts), ["1", "2", ""]);
}

#[test]
fn a_section_that_is_a_condition_is_no_turn_around_a_header() {
    let inner = each("items", &format!("{LINKED}{}", section(2)));
    let details = [paragraph("{{#details}}"), inner, paragraph("{{/details}}")].concat();
    let content = each("groups", &format!("{}{details}", section(1)));
    let docx = with_headers(&content, &[&paragraph("{{g}}/{{this.g}}"), &paragraph("x")]);
    for details in [json!(true), json!({"a": 1})] {
        let data = json!({"g": "外", "groups": [
            {"g": "一", "items": [1, 2], "details": details},
            {"g": "二", "items": [3, 4], "details": details},
        ]});
        let shown = header_texts(&fill(&docx, &data));
        let [one, two] = ["一/一", "二/二"];
        assert_eq!(shown, [one, "x", one, "x", two, "x", two, "x"], "{details}");
    }
}

/// Returns the rules of what is told of a document.
fn told(docx: &Docx, data: &Value) -> Vec<String> {
    let (_, found) = try_fill(docx, data, &RenderOptions::default());
    found.into_iter().map(|found| found.1).collect()
}

#[test]
fn the_limits_hold_for_all_turns_together() {
    // A header is compiled for each block whose sections name it: all of its forms count.
    let loops: String = (0..11).map(|at| each(&format!("r{at}"), &section(1))).collect();
    let lists: serde_json::Map<String, Value> =
        (0..11).map(|at| (format!("r{at}"), json!([1]))).collect();
    let header = paragraph(&"{{n}}".repeat(20_000));
    let mut data = Value::Object(lists);
    data["n"] = json!("x");
    let docx = with_headers(&loops, &[&header]);
    assert_eq!(told(&docx, &data), ["docx-unusable"]);
    // Helpers look at a hundred thousand items in each of a thousand turns.
    let docx = with_headers(&each("rows", &section(1)), &[&paragraph("{{contains big 1}}")]);
    let rows = |count: usize| json!({"rows": vec![0; count], "big": vec![1; 100_000]});
    assert_eq!(told(&docx, &rows(10)), Vec::<String>::new());
    assert_eq!(told(&docx, &rows(1_001)), ["output-too-large"]);
}
