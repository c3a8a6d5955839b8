//! Proves it of footnotes, endnotes and comments, and of parts that belong to one reference.

use crate::integrity::{Parts, elements, faults, relationships};
use crate::support::engine::{fill, try_fill};
use crate::support::{Docx, attribute_values, paragraph, part, text_of};
use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use serde_json::{Value, json};

fn rows() -> Value {
    json!({"rows": [{"n": "甲", "u": "https://a.cn"}, {"n": "乙", "u": "https://b.cn"}],
        "none": [], "x": "外", "no": false})
}

fn each(name: &str, content: &str) -> String {
    format!("{}{content}{}", paragraph(&format!("{{{{#each {name}}}}}")), paragraph("{{/each}}"))
}

const SEPARATORS: &str = "<w:footnote w:type=\"separator\" w:id=\"-1\"><w:p/></w:footnote>\
    <w:footnote w:type=\"continuationSeparator\" w:id=\"0\"><w:p/></w:footnote>";

fn reference(id: u32) -> String {
    format!(
        "<w:p><w:r><w:t>{{{{n}}}}</w:t></w:r><w:r><w:footnoteReference w:id=\"{id}\"/></w:r></w:p>"
    )
}

fn note(id: u32, text: &str) -> String {
    format!(
        "<w:footnote w:id=\"{id}\"><w:p w14:paraId=\"{id:08}\"><w:r><w:footnoteRef/></w:r>\
        <w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>"
    )
}

#[test]
fn each_turn_has_a_note_with_its_data() {
    let outside = reference(2).replace("{{n}}", "");
    let mut docx = Docx::new(&(each("rows", &reference(1)) + &outside));
    let notes = format!("{SEPARATORS}{}{}", note(1, "{{n}}说"), note(2, "{{x}}"));
    docx.add_word_part("footnotes", "footnotes", &notes);
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let found: Vec<(String, String)> = elements(part(&parts, "word/footnotes.xml"))
        .into_iter()
        .filter(|element| element.name == "w:footnote")
        .map(|element| (element.get("w:id").to_owned(), element.text.clone()))
        .collect();
    let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["", "", "外", "甲说", "乙说"]);
    let ids = attribute_values(part(&parts, "word/document.xml"), "w:footnoteReference", "w:id");
    assert_eq!(ids, [found[3].0.as_str(), found[4].0.as_str(), "2"]);
    assert_eq!(ids[0], "1");
}

#[test]
fn a_note_of_a_block_that_is_not_shown_is_not_read() {
    let hidden = format!("{}{}{}", paragraph("{{#if no}}"), reference(1), paragraph("{{/if}}"));
    for content in [each("none", &reference(1)), hidden] {
        let mut docx = Docx::new(&content);
        docx.add_word_part(
            "footnotes",
            "footnotes",
            &(SEPARATORS.to_owned() + &note(1, "{{absent}}")),
        );
        let parts = fill(&docx, &rows());
        assert_eq!(faults(&parts), Vec::<String>::new());
        assert_eq!(text_of(part(&parts, "word/footnotes.xml")), ["", ""]);
    }
}

#[test]
fn faults_in_notes_are_told_at_their_own_place() {
    let mut docx = Docx::new(&each("rows", &reference(1)));
    let notes = SEPARATORS.to_owned() + &note(3, "y") + &note(1, "{{absent}}");
    docx.add_word_part("footnotes", "footnotes", &notes);
    let (_, findings) = try_fill(&docx, &rows(), &RenderOptions::default());
    let (_, rule, place, _) = &findings[0];
    assert_eq!(
        (rule.as_str(), place.part.as_str(), place.paragraph),
        ("value-missing", "word/footnotes.xml", 4)
    );
}

#[test]
fn a_block_in_a_note_stays_in_it() {
    let mut docx = Docx::new(&each("rows", &reference(1)));
    let text = "{{#if n}}{{n}}{{else}}無{{/if}}";
    docx.add_word_part("footnotes", "footnotes", &(SEPARATORS.to_owned() + &note(1, text)));
    let parts = fill(&docx, &rows());
    assert_eq!(text_of(part(&parts, "word/footnotes.xml")), ["", "", "甲", "乙"]);
    // One that begins in a note and ends outside of it is refused.
    let close = paragraph("{{/if}}");
    let mut docx = Docx::new(&each("rows", &(reference(1) + &close)));
    docx.add_word_part("footnotes", "footnotes", &(SEPARATORS.to_owned() + &note(1, "{{#if n}}")));
    let (out, findings) = try_fill(&docx, &rows(), &RenderOptions::default());
    assert!(
        out.is_none() && findings.iter().any(|found| found.1 == "block-placement"),
        "{findings:?}"
    );
}

#[test]
fn links_in_notes_are_those_of_the_notes() {
    let link = "</w:t></w:r><w:hyperlink r:id=\"rId9\"><w:r><w:t>{{n}}</w:t></w:r></w:hyperlink><w:r><w:t>";
    let mut docx = Docx::new(&each("rows", &reference(1)));
    docx.add_word_part("footnotes", "footnotes", &(SEPARATORS.to_owned() + &note(1, link)));
    docx.add(
        "word/_rels/footnotes.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId9\" \
        Type=\"t/hyperlink\" Target=\"{{u}}\" TargetMode=\"External\"/></Relationships>",
    );
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    let rels = part(&parts, "word/_rels/footnotes.xml.rels");
    assert_eq!(attribute_values(rels, "Relationship", "Target"), ["https://a.cn", "https://b.cn"]);
}

#[test]
fn each_turn_has_a_comment_with_its_thread() {
    let commented = "<w:p><w:commentRangeStart w:id=\"1\"/><w:commentRangeStart w:id=\"2\"/><w:r>\
        <w:t>{{n}}</w:t></w:r><w:commentRangeEnd w:id=\"1\"/><w:r><w:commentReference w:id=\"1\"/></w:r>\
        <w:commentRangeEnd w:id=\"2\"/><w:r><w:commentReference w:id=\"2\"/></w:r></w:p>";
    let comment = |id: u32, text: &str| {
        format!(
            "<w:comment w:id=\"{id}\"><w:p w14:paraId=\"0000000{id}\">\
        <w:r><w:t>{text}</w:t></w:r></w:p></w:comment>"
        )
    };
    let mut docx = Docx::new(&each("rows", commented));
    let comments = comment(1, "{{n}}?") + &comment(2, "{{n}}!") + &comment(3, "alone");
    docx.add_word_part("comments", "comments", &comments);
    docx.add_relationship("2011/relationships/commentsExtended", "commentsExtended.xml", false);
    docx.add(
        "word/commentsExtended.xml",
        "<w15:commentsEx xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\"><w15:commentEx \
        w15:paraId=\"00000001\" w15:done=\"0\"/><w15:commentEx w15:paraId=\"00000002\" \
        w15:paraIdParent=\"00000001\" w15:done=\"1\"/><w15:commentEx w15:paraId=\"00000003\" \
        w15:done=\"0\"/></w15:commentsEx>",
    );
    let parts = fill(&docx, &rows());
    let lone = "(\"w:comment\", \"3\") has 0 references";
    assert_eq!(faults(&parts), [lone], "{}", part(&parts, "word/comments.xml"));
    assert_eq!(text_of(part(&parts, "word/comments.xml")), ["alone", "甲?", "甲!", "乙?", "乙!"]);
    let entries = part(&parts, "word/commentsExtended.xml");
    assert_eq!(attribute_values(entries, "w15:commentEx", "w15:done"), ["0", "0", "1", "0", "1"]);
    let ids = attribute_values(entries, "w15:commentEx", "w15:paraId");
    let parents = attribute_values(entries, "w15:commentEx", "w15:paraIdParent");
    assert_eq!(parents, [ids[1].clone(), ids[3].clone()]);
}

#[test]
fn a_comment_that_a_block_cuts_stands_at_its_reference() {
    let start = "<w:p><w:commentRangeStart w:id=\"1\"/></w:p>";
    let end = "<w:p><w:r><w:t>{{n}}</w:t></w:r><w:commentRangeEnd w:id=\"1\"/><w:r><w:commentReference w:id=\"1\"/></w:r></w:p>";
    let comment = "<w:comment w:id=\"1\"><w:p><w:r><w:t>c</w:t></w:r></w:p></w:comment>";
    let mut docx = Docx::new(&(start.to_owned() + &each("rows", end)));
    docx.add_word_part("comments", "comments", comment);
    let (out, findings) = try_fill(&docx, &rows(), &RenderOptions::default());
    let parts = crate::support::parts(&out.unwrap());
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].0, findings[0].1.as_str()), (Severity::Warning, "block-placement"));
    let mut docx = Docx::new(&(each("rows", start) + &end.replace("{{n}}", "")));
    docx.add_word_part("comments", "comments", comment);
    let parts = fill(&docx, &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
}

/// A chart part with this content.
fn chart_space(content: &str) -> String {
    format!(
        "<c:chartSpace xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
        {content}</c:chartSpace>"
    )
}

#[test]
fn each_turn_has_a_chart_of_its_own() {
    let chart = "<w:p><w:r><w:drawing><c:chart r:id=\"rId1\"/></w:drawing></w:r></w:p>";
    let mut docx = Docx::new(&each("rows", chart));
    docx.add_relationship("chart", "charts/chart1.xml", false);
    docx.type_of(
        "word/charts/chart1.xml",
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    );
    docx.add("word/charts/chart1.xml", &chart_space("<c:externalData r:id=\"rId1\"/>"));
    docx.add(
        "word/charts/_rels/chart1.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" \
        Type=\"t/package\" Target=\"../embeddings/a.xlsx\"/></Relationships>",
    );
    docx.add("word/embeddings/a.xlsx", "book");
    let parts = fill(&docx, &rows());
    let document = part(&parts, "word/document.xml");
    let ids = attribute_values(document, "c:chart", "r:id");
    let rels = crate::integrity::relationships(&parts, "word/document.xml");
    let targets: Vec<&str> = ids.iter().map(|id| rels[id].get("Target")).collect();
    assert_eq!(targets[0], "charts/chart1.xml");
    let copy = targets[1].trim_start_matches('/');
    assert_eq!(parts[copy], parts["word/charts/chart1.xml"]);
    let own = copy.replace("charts/", "charts/_rels/") + ".rels";
    let book = attribute_values(part(&parts, &own), "Relationship", "Target");
    assert_ne!(book, ["../embeddings/a.xlsx"]);
    assert_eq!(parts[book[0].trim_start_matches('/')], b"book");
    let types = part(&parts, "[Content_Types].xml");
    assert!(types.contains(&format!("/{copy}\"")), "{types}");
}

#[test]
fn a_chart_with_tags_takes_the_data_of_its_turn() {
    let chart = "<w:p><w:r><w:drawing><c:chart r:id=\"rId1\"/></w:drawing></w:r></w:p>";
    let with = |content: &str, value: &str| {
        let mut docx = Docx::new(content);
        docx.add_relationship("chart", "charts/chart1.xml", false);
        docx.type_of(
            "word/charts/chart1.xml",
            "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        );
        let values = format!("<c:v>{value}</c:v>");
        docx.add("word/charts/chart1.xml", &chart_space(&values));
        docx.add(
            "word/charts/_rels/chart1.xml.rels",
            "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"t/package\" \
             Target=\"../embeddings/a.xlsx\"/></Relationships>",
        );
        docx.add("word/embeddings/a.xlsx", "book");
        docx
    };
    let values = |parts: &Parts| -> Vec<String> {
        let document = part(parts, "word/document.xml");
        let related = relationships(parts, "word/document.xml");
        let name = |id: &String| {
            let target = related[id].get("Target").trim_start_matches('/').to_owned();
            if target.starts_with("word/") { target } else { format!("word/{target}") }
        };
        let value = |name: String| part(parts, &name).split("<c:v>").nth(1).unwrap().to_owned();
        let ids = attribute_values(document, "c:chart", "r:id");
        ids.iter().map(|id| value(name(id)).split('<').next().unwrap().to_owned()).collect()
    };
    let parts = fill(&with(&each("rows", chart), "{{n}}/{{x}}/{{@number}}"), &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(values(&parts), ["甲/外/1", "乙/外/2"]);
    let books = parts.keys().filter(|name| name.starts_with("word/embeddings/")).count();
    assert_eq!(books, 2, "{:?}", parts.keys());
    let condition = format!("{}{chart}{}", paragraph("{{#if x}}"), paragraph("{{/if}}"));
    let parts = fill(&with(&condition, "{{x}}"), &rows());
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(values(&parts), ["外"]);
    // The names of a block mean the same in it.
    let with_row = format!("{}{chart}{}", paragraph("{{#with rows.[1]}}"), paragraph("{{/with}}"));
    assert_eq!(values(&fill(&with(&with_row, "{{n}}"), &rows())), ["乙"]);
    // Without a turn no tag is left.
    let parts = fill(&with(&each("none", chart), "{{n}}"), &rows());
    assert!(part(&parts, "word/charts/chart1.xml").contains("<c:v></c:v>"));
    // Shown inside and outside, by one relationship.
    let mut data = rows();
    data["n"] = json!("根");
    let parts = fill(&with(&(each("rows", chart) + chart), "{{n}}"), &data);
    assert_eq!(faults(&parts), Vec::<String>::new());
    assert_eq!(values(&parts), ["甲", "乙", "根"]);
}

/// A document with a diagram, its data, drawing and three other parts; `own` is what these have in common.
fn with_diagram(content: &str, text: &str) -> Docx {
    let mut docx = Docx::new(content);
    let office = "application/vnd.openxmlformats-officedocument.drawingml";
    let names = ["Data", "Layout", "QuickStyle", "Colors"];
    for name in names {
        docx.add_relationship(&format!("diagram{name}"), &format!("diagrams/{name}.xml"), false);
        let part = format!("word/diagrams/{name}.xml");
        docx.type_of(&part, &format!("{office}.diagram{name}+xml"));
        let paragraph = format!("<a:p xmlns:a=\"a\"><a:r><a:t>{text}</a:t></a:r></a:p>");
        let data = format!(
            "<dgm:dataModel xmlns:dgm=\"d\" xmlns:dsp=\"s\">{paragraph}\
             <dsp:dataModelExt relId=\"rId5\" minVer=\"1\"/></dgm:dataModel>"
        );
        docx.add(&part, if name == "Data" { &data } else { "<dgm:x xmlns:dgm=\"d\"/>" });
    }
    docx.add_raw_relationship(
        "<Relationship Id=\"rId5\" Type=\"http://schemas.microsoft.com/office/2007/relationships/diagramDrawing\" \
         Target=\"diagrams/drawing1.xml\"/>",
    );
    docx.type_of(
        "word/diagrams/drawing1.xml",
        "application/vnd.ms-office.drawingml.diagramDrawing+xml",
    );
    docx.add(
        "word/diagrams/drawing1.xml",
        &format!("<dsp:drawing xmlns:dsp=\"s\"><a:p xmlns:a=\"a\"><a:r><a:t>{text}</a:t></a:r></a:p></dsp:drawing>"),
    );
    docx
}

#[test]
fn a_diagram_is_whole_in_every_turn() {
    let diagram = "<w:p><w:r><w:drawing><dgm:relIds xmlns:dgm=\"d\" r:dm=\"rId1\" r:lo=\"rId2\" r:qs=\"rId3\" \
        r:cs=\"rId4\"/></w:drawing></w:r></w:p>";
    for (text, shown) in [("{{n}}", ["甲", "乙"]), ("x", ["x", "x"])] {
        let parts = fill(&with_diagram(&each("rows", diagram), text), &rows());
        assert_eq!(faults(&parts), Vec::<String>::new());
        let document = part(&parts, "word/document.xml");
        let related = relationships(&parts, "word/document.xml");
        let name = |id: &str| {
            let target = related[id].get("Target").trim_start_matches('/');
            format!("word/{}", target.trim_start_matches("word/"))
        };
        let mut used = std::collections::BTreeSet::new();
        for (at, shown) in shown.iter().enumerate() {
            for key in ["r:dm", "r:lo", "r:qs", "r:cs"] {
                let name = name(&attribute_values(document, "dgm:relIds", key)[at]);
                assert!(used.insert(name), "{used:?}");
            }
            let data = part(&parts, &name(&attribute_values(document, "dgm:relIds", "r:dm")[at]));
            assert!(data.contains(&format!(">{shown}<")), "{data}");
            let drawing = name(&attribute_values(data, "dsp:dataModelExt", "relId")[0]);
            assert!(part(&parts, &drawing).contains(&format!(">{shown}<")), "{drawing}");
            let types = part(&parts, "[Content_Types].xml");
            assert!(types.contains(&format!("/{drawing}\"")), "{types}");
            assert!(used.insert(drawing), "{used:?}");
        }
    }
}
