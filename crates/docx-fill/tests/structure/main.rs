//! Proves what a block reaches beyond its text: fields, contents, numbers in cells, tables side by side, and blocks from the middle of one paragraph to that of another.

mod sections;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::engine::{data, fill, filled, rules};
use support::{
    Docx, attribute_values, cell, check_well_formed, paragraph, part, row, table, text_of,
};

const BEGIN: &str = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>";
const SEPARATE: &str = "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>";
const END: &str = "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";

fn run(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

fn code(text: &str) -> String {
    format!("<w:r><w:instrText xml:space=\"preserve\"> {text} </w:instrText></w:r>")
}

fn p(content: &str) -> String {
    format!("<w:p>{content}</w:p>")
}

/// The head of a field up to its result.
fn head(text: &str) -> String {
    [BEGIN, &code(text), SEPARATE].concat()
}

fn document(content: &str, data: &Value) -> String {
    let parts = fill(&Docx::new(content), data);
    let document = part(&parts, "word/document.xml").to_owned();
    check_well_formed(&document);
    document
}

#[test]
fn a_block_that_cuts_a_field_is_refused_at_its_place() {
    let whole = [p(&[&head("TOC"), run("一").as_str()].concat()), p(&[&run("二"), END].concat())];
    let [first, last] = &whole;
    let (open, close) = (paragraph("{{#if no}}"), paragraph("{{/if}}"));
    let inline = paragraph("{{#*inline \"a\"}}");
    let ended = paragraph("{{/inline}}");
    let each = paragraph("{{#each rows}}");
    let done = paragraph("{{/each}}");
    // The place is that of the tag within the field; in contents there are no tags.
    for (content, number) in [
        ([&open, first, &close, last].map(String::as_str).concat(), 1),
        ([first, &open, last, &close].map(String::as_str).concat(), 4),
        ([&each, first, &done, last].map(String::as_str).concat(), 1),
        ([&inline, first, &ended, last].map(String::as_str).concat(), 1),
        ([first, &open, last, &close].map(String::as_str).concat().replace("TOC", "REF"), 2),
        ([&each, first, &done, last].map(String::as_str).concat().replace("TOC", "REF"), 3),
    ] {
        let found = rules(&content, &data());
        assert_eq!(found.len(), 1, "{content}: {found:#?}");
        assert_eq!((found[0].0.as_str(), found[0].1.paragraph), ("block-placement", number));
        let field = if content.contains("TOC") { "TOC" } else { "REF" };
        assert!(found[0].2.contains(field), "{found:?}");
    }
    // A field in the block, a block in its result, a block in its code.
    for content in [
        [&open, first, last, &close].map(String::as_str).concat(),
        [first, &open, &paragraph("x"), &close, last]
            .map(String::as_str)
            .concat()
            .replace("TOC", "REF"),
        p(&[&head("TITLE {{#if no}}a{{else}}b{{/if}}"), run("x").as_str(), END].concat()),
        p(&[&head("PAGE"), run("{{#if no}}1{{/if}}").as_str(), END].concat()),
        p(&[run("{{#if yes}}"), head("PAGE"), run("1"), END.to_owned(), run("{{/if}}")].concat()),
    ] {
        let out = document(&content, &data());
        let kinds = attribute_values(&out, "w:fldChar", "w:fldCharType");
        assert!(kinds.is_empty() || kinds == ["begin", "separate", "end"], "{out}");
    }
}

#[test]
fn tags_and_blocks_in_a_line_cut_no_field() {
    for content in [
        // From the code into the result, from before the field into it, a tag across a mark, a partial in a line.
        [BEGIN, &code("PAGE {{#if yes}}"), SEPARATE, &run("1{{/if}}"), END].concat(),
        [&run("{{#if yes}}"), head("PAGE").as_str(), &run("1{{/if}}"), END].concat(),
        [BEGIN, &code("PAGE"), &run("{{ye"), SEPARATE, &run("ar}}"), END].concat(),
        [&run("{{#*inline \"a\"}}"), head("PAGE").as_str(), &run("1"), END, &run("{{/inline}}")]
            .concat(),
    ] {
        let found = rules(&p(&content), &data());
        assert_eq!(found.len(), 1, "{content}: {found:#?}");
        assert_eq!(found[0].0, "block-placement", "{found:?}");
        assert!(found[0].2.contains("PAGE"), "{found:?}");
    }
    // Rows and columns.
    let in_cell = |content: &str| format!("<w:tc>{}</w:tc>", p(content));
    let begins = in_cell(&[&run("{{#each rows}}"), head("PAGE").as_str()].concat());
    let ends = in_cell(&[&run("{{n}}{{/each}}"), END].concat());
    let cut = table(&[&row(&[begins]), &row(&[cell("x")]), &row(&[ends])]);
    assert_eq!(filled(&cut, &json!({"rows": [{"n": 1}]})).len(), 3);
    let begins = in_cell(&[&run("{{#each rows}}"), head("PAGE").as_str()].concat());
    let ends = row(&[in_cell(END)]);
    let cut = table(&[&row(&[begins, cell("{{n}}{{/each}}")]), &ends]);
    assert_eq!(rules(&cut, &data())[0].0, "block-placement");
    let begins = in_cell(&[&run("{{#each rows columns=true}}{{n}}{{/each}}"), BEGIN].concat());
    let cut = table(&[&row(&[begins, in_cell(END)])]);
    assert_eq!(rules(&cut, &data())[0].0, "block-placement");
}

/// An entry of contents.
fn entry(anchor: &str, text: &str) -> String {
    format!(
        "<w:hyperlink w:anchor=\"{anchor}\">{}<w:r><w:tab/></w:r>{}{}{END}</w:hyperlink>",
        run(text),
        head(&format!("PAGEREF {anchor} \\h")),
        run("1")
    )
}

fn heading(id: u32, anchor: &str, text: &str) -> String {
    format!(
        "<w:p><w:bookmarkStart w:id=\"{id}\" w:name=\"{anchor}\"/>{}<w:bookmarkEnd w:id=\"{id}\"/></w:p>",
        run(text)
    )
}

#[test]
fn entries_of_contents_hold_no_tags_and_are_to_be_updated() {
    let contents = [
        p(&[head("TOC \\o \"1-3\""), entry("_Toc1", "前言")].concat()),
        p(&entry("_Toc2", "{{n}}{{#if")),
        p(END),
    ]
    .concat();
    let rest = [
        heading(1, "_Toc1", "前言"),
        paragraph("{{#each rows}}"),
        heading(2, "_Toc2", "{{n}}"),
        paragraph("{{/each}}"),
    ]
    .concat();
    let out = document(&[contents, rest].concat(), &data());
    assert!(out.contains("<w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/>"), "{out}");
    assert_eq!(attribute_values(&out, "w:fldChar", "w:dirty"), ["true"]);
    let texts = text_of(&out);
    assert_eq!(texts[texts.len() - 4..], ["前言", "甲", "乙", "丙"]);
    assert_eq!(texts[..texts.len() - 4], ["前言1", "甲1", "乙1", "丙1", ""]);
    let anchors = attribute_values(&out, "w:hyperlink", "w:anchor");
    let named = attribute_values(&out, "w:bookmarkStart", "w:name");
    assert_eq!(anchors, named);
    for name in named {
        assert!(out.contains(&format!("PAGEREF {name} ")), "{out}");
    }
    // A simple field, one that says already that it is not to be updated, one whose begin has content.
    let simple =
        format!("<w:p><w:fldSimple w:instr=\" TOC \">{}</w:fldSimple></w:p>", run("{{gone}}"));
    let out = document(&[simple, paragraph("{{year}}")].concat(), &data());
    assert!(out.contains("<w:fldSimple w:instr=\" TOC \" w:dirty=\"true\">"), "{out}");
    let begin = "<w:r><w:fldChar w:dirty=\"false\" w:fldCharType=\"begin\"><w:fldData>x</w:fldData></w:fldChar></w:r>";
    let index =
        p(&[begin, &code("INDEX \\c 2"), SEPARATE, &run("{{gone}}"), END, &run("{{year}}")]
            .concat());
    let out = document(&index, &data());
    assert!(out.contains("w:dirty=\"true\"") && out.contains("{{gone}}"), "{out}");
    assert!(out.contains(">2025<"), "{out}");
    // Other results are filled as before.
    let reference = p(&[head("REF a"), run("{{year}}"), END.to_owned()].concat());
    let out = document(&reference, &data());
    assert!(out.contains(">2025<") && !out.contains("w:dirty"), "{out}");
}

/// A paragraph in a list.
fn numbered(list: u32, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>{}</w:p>",
        run(text)
    )
}

/// Fills a document with lists and gives the lists of its numbered paragraphs, by their first number.
fn lists_of(content: &str, data: &Value) -> Vec<String> {
    let mut docx = Docx::new(content);
    let lists = "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/></w:lvl>\
        </w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>\
        <w:num w:numId=\"2\"><w:abstractNumId w:val=\"0\"/></w:num>";
    docx.add_word_part("numbering", "numbering", lists);
    let parts = fill(&docx, data);
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    attribute_values(document, "w:numId", "w:val")
}

#[test]
fn numbers_in_cells_restart_in_each_turn() {
    let in_cell = |content: &str| format!("<w:tc>{content}</w:tc>");
    let data = json!({"teams": [{"t": "甲", "m": [1, 2]}, {"t": "乙", "m": [3]}]});
    // A cell with nothing but a tag keeps its paragraph and its number.
    let lone = row(&[in_cell(&numbered(1, "{{#each m}}")), cell("{{this}}{{/each}}")]);
    let shown = row(&[in_cell(&numbered(1, "{{#each m}}{{this}}")), cell("{{/each}}")]);
    for row in [&lone, &shown] {
        for before in [paragraph("{{t}}"), String::new()] {
            let content = [
                &paragraph("{{#each teams}}"),
                &before,
                &table(&[row]),
                &paragraph("y"),
                &paragraph("{{/each}}"),
            ];
            let found = lists_of(&content.map(String::as_str).concat(), &data);
            assert_eq!(found, ["1", "1", "3"], "{before}");
        }
    }
    // A loop over rows: the list of an inner loop restarts, that which numbers the rows goes on.
    let inner =
        [paragraph("{{#each m}}"), numbered(2, "{{this}}"), paragraph("{{/each}}")].concat();
    let outer =
        row(&[in_cell(&numbered(1, "{{#each teams}}{{t}}")), in_cell(&inner), cell("{{/each}}")]);
    assert_eq!(lists_of(&table(&[&outer]), &data), ["1", "2", "2", "1", "3"]);
    let two = [numbered(2, "a"), numbered(2, "b")].concat();
    let outer =
        row(&[in_cell(&paragraph("{{#each teams}}{{t}}")), in_cell(&two), cell("{{/each}}")]);
    assert_eq!(lists_of(&table(&[&outer]), &data), ["2", "2", "3", "3"]);
    let serial = row(&[cell("{{#each teams}}{{t}}"), in_cell(&numbered(2, "")), cell("{{/each}}")]);
    assert_eq!(lists_of(&table(&[&serial]), &data), ["2", "2"]);
}

/// The kinds of the blocks of a body in order.
fn kinds(document: &str) -> String {
    let body = document.split("<w:body>").nth(1).unwrap().split("<w:sectPr").next().unwrap();
    let (mut out, mut rest) = (String::new(), body);
    while let Some(at) = rest.find("<w:") {
        rest = &rest[at + 3..];
        if rest.starts_with("tbl>") {
            out.push('T');
            rest = rest.split_once("</w:tbl>").unwrap().1;
        } else if rest.starts_with("p>") || rest.starts_with("p/>") {
            out.push('p');
        }
    }
    out
}

#[test]
fn tables_that_a_block_brings_together_stay_apart() {
    let one = table(&[&row(&[cell("x")])]);
    let (each, done) = (paragraph("{{#each rows}}"), paragraph("{{/each}}"));
    let (open, close) = (paragraph("{{#if no}}"), paragraph("{{/if}}"));
    let mark = "<w:bookmarkStart w:id=\"1\" w:name=\"a\"/><w:bookmarkEnd w:id=\"1\"/>".to_owned();
    let markdown = paragraph("{{markdown text}}");
    let values = json!({"rows": [1, 2, 3], "no": false, "text": "| a |\n|---|\n| b |", "none": ""});
    let empty = paragraph("{{markdown none}}");
    let x = body_of("x");
    for (content, wanted) in [
        (vec![&each, &one, &done, &x], "TpTpTp"),
        (vec![&each, &mark, &one, &mark, &done, &x], "TpTpTp"),
        (vec![&one, &open, &x, &close, &one, &x], "TpTp"),
        (vec![&one, &open, &one, &close, &one, &x], "TpTp"),
        (vec![&one, &empty, &one, &x], "TpTp"),
        (vec![&one, &markdown, &one, &x], "TpTpTp"),
        // What the template has itself stays.
        (vec![&one, &one, &x], "TTp"),
        (vec![&each, &one, &x, &done], "TpTpTp"),
        (vec![&each, &x, &one, &done, &x], "pTpTpTp"),
    ] {
        let content: String = content.into_iter().map(String::as_str).collect();
        assert_eq!(kinds(&document(&content, &values)), wanted, "{content}");
    }
}

fn body_of(text: &str) -> String {
    paragraph(text)
}

#[test]
fn blocks_from_the_middle_of_a_paragraph_govern_the_text_between() {
    let data = json!({"no": false, "yes": true, "rows": [{"n": "甲"}, {"n": "乙"}]});
    let two = |a: &str, b: &str| [paragraph(a), paragraph(b), paragraph("完")].concat();
    let words = |all: &[&str]| all.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    for (content, wanted) in [
        (
            two("甲方应当付款{{#if no}}；逾期的，", "按日付违约金{{/if}}。"),
            &["甲方应当付款。", "完"][..],
        ),
        (
            two("甲方应当付款{{#if yes}}；逾期的，", "按日付违约金{{/if}}。"),
            &["甲方应当付款；逾期的，", "按日付违约金。", "完"],
        ),
        (two("a{{#each rows}}{{n}}-", "{{n}}{{/each}}z"), &["a甲-", "甲乙-", "乙z", "完"]),
        (two("{{#if no}}a", "b{{/if}}c"), &["c", "完"]),
        (two("a{{#if no}}b", "c{{/if}}"), &["a", "完"]),
        (two("a{{#if no}}b", "c{{else}}d{{/if}}e"), &["ade", "完"]),
        (two("a{{#if yes}}b{{else}}c", "d{{/if}}e"), &["abe", "完"]),
        (two("a{{#if yes}}b{{#if no}}c", "d{{/if}}e{{/if}}f"), &["abef", "完"]),
        (two("{{#if yes}}{{#if no}}c", "d{{/if}}e{{/if}}"), &["e", "完"]),
        (
            [&paragraph("a{{#if no}}b"), &table(&[&row(&[cell("x")])]), &paragraph("c{{/if}}d")]
                .map(String::as_str)
                .concat(),
            &["ad"],
        ),
    ] {
        let out = document(&content, &data);
        assert_eq!(text_of(&out), words(wanted), "{content}");
    }
    // Formats stay what they are, and the paragraph keeps its properties.
    let bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>粗{{#if no}}x</w:t></w:r>";
    let first = format!("<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>{bold}</w:p>");
    let out = document(&[first, paragraph("y{{/if}}细")].concat(), &data);
    assert_eq!(text_of(&out), ["粗细"]);
    assert_eq!(out.matches("<w:jc ").count(), 1);
    // What cannot be meant so is refused as before: a tag alone in its paragraph, in a link, over a section break.
    let link = p(&format!("<w:hyperlink r:id=\"a\">{}</w:hyperlink>", run("a{{#if no}}b")));
    let section = "<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>c{{/if}}d</w:t></w:r></w:p>".to_owned();
    for content in [
        two("{{#if no}}", "b{{/if}}c"),
        two("a{{#if no}}b", "{{/if}}"),
        [link, paragraph("c{{/if}}d")].concat(),
        [paragraph("a{{#if no}}b"), section].concat(),
        two("a{{#*inline \"q\"}}b", "c{{/inline}}d"),
    ] {
        let found = rules(&content, &data);
        let placed = found.iter().all(|(rule, ..)| rule == "block-placement");
        assert!(!found.is_empty() && placed, "{content}: {found:?}");
    }
}

#[test]
fn what_a_tracked_change_takes_away_holds_no_tags() {
    let deleted = |inner: &str| format!("<w:del w:id=\"1\" w:author=\"a\">{inner}</w:del>");
    let gone = "<w:r><w:delText>{{gone}}</w:delText></w:r>";
    let shape = format!(
        "<w:r><w:pict><v:shape alt=\"{{{{gone}}}}\"><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox>\
         </v:shape></w:pict></w:r>",
        paragraph("{{gone}}")
    );
    let code = "<w:r><w:delInstrText> REF {{gone}} </w:delInstrText></w:r>";
    let moved = format!("<w:moveFrom w:id=\"2\">{}</w:moveFrom>", run("{{gone}}{{/if}}"));
    for inner in [deleted(gone), deleted(&shape), deleted(code), moved] {
        let content = p(&[run("前"), inner.clone(), run("{{year}}")].concat());
        let out = document(&content, &data());
        assert!(out.contains(&inner) && out.contains(">2025<"), "{out}");
    }
    // Inserted text holds tags, also those that go over several insertions.
    let inserted = |text: &str| format!("<w:ins w:id=\"3\" w:author=\"a\">{}</w:ins>", run(text));
    let content = p(&[inserted("{{ye"), deleted(gone), inserted("ar}}")].concat());
    assert_eq!(filled(&content, &data()), ["2025"]);
}

/// A merge field with its result.
fn merge_field(name: &str) -> String {
    [
        head(&format!("MERGEFIELD {name}")),
        format!("<w:r><w:rPr><w:b/></w:rPr><w:t>«{name}»</w:t></w:r>"),
        END.to_owned(),
    ]
    .concat()
}

#[test]
fn merge_fields_are_filled_by_their_names() {
    let values = json!({"city": "兰溪", "First Name": "甲", "rows": [{"n": "一"}, {"n": "二"}], "none": null, "a": "x"});
    let simple =
        "<w:fldSimple w:instr=\" MERGEFIELD city \\* MERGEFORMAT \"><w:r><w:rPr><w:i/></w:rPr>\
        <w:t>«city»</w:t></w:r></w:fldSimple>"
            .to_owned();
    for (content, wanted) in [
        // No tag in the whole document.
        (p(&[run("在"), merge_field("city"), run("市")].concat()), &["在兰溪市"][..]),
        (p(&[run("在"), simple, run("{{city}}")].concat()), &["在兰溪兰溪"]),
        (p(&merge_field("\"First Name\"")), &["甲"]),
        (p(&merge_field("First_Name")), &["甲"]),
        (p(&merge_field("none \\b \"(\"")), &[""]),
        (p(&merge_field("a \\b \"(\" \\f \")\" \\* Upper")), &["(X)"]),
        // A loop looks into its items first, and outside then.
        (
            [
                paragraph("{{#each rows}}"),
                p(&[merge_field("n"), merge_field("city")].concat()),
                paragraph("{{/each}}"),
            ]
            .concat(),
            &["一兰溪", "二兰溪"],
        ),
    ] {
        let out = document(&content, &values);
        assert_eq!(text_of(&out), wanted.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert!(!out.contains("fldChar") && !out.contains("fldSimple"), "{out}");
        assert!(content.contains("<w:i/>") || out.contains("<w:rPr><w:b/></w:rPr>"), "{out}");
    }
}

#[test]
fn merge_fields_that_stay_are_told_with_their_places() {
    let values = json!({"city": "兰溪"});
    let condition = [
        BEGIN,
        &code("IF "),
        &merge_field("city"),
        &code("= \"x\" \"a\" \"b\""),
        SEPARATE,
        &run("b"),
        END,
    ];
    let shared = "<w:r><w:t>前</w:t><w:fldChar w:fldCharType=\"begin\"/></w:r>".to_owned();
    for (content, name) in [
        (merge_field("street"), "street"),
        (merge_field("city \\@ \"yyyy\""), "city"),
        (
            [head("ADDRESSBLOCK \\f"), run("«AddressBlock»"), END.to_owned()].concat()
                + &run("{{city}}"),
            "ADDRESSBLOCK",
        ),
        (condition.concat(), "city"),
        (
            [shared, code("MERGEFIELD city"), SEPARATE.to_owned(), run("«city»"), END.to_owned()]
                .concat(),
            "city",
        ),
    ] {
        let found = rules(&p(&content), &values);
        assert_eq!(found.len(), 1, "{content}: {found:?}");
        assert_eq!((found[0].0.as_str(), found[0].1.paragraph), ("merge-field", 1));
        assert!(found[0].2.contains(name), "{found:?}");
        let filled = Docx::new(&p(&content));
        let options = docx_fill::template::RenderOptions::default();
        let (out, _) = support::engine::try_fill(&filled, &values, &options);
        let parts = support::parts(&out.unwrap());
        let document = part(&parts, "word/document.xml");
        check_well_formed(document);
        assert!(document.contains(&content) || content.contains("{{"), "{document}");
    }
    // What the run does not name: fields with tags, and those that a tracked change takes away.
    let deleted = format!("<w:del w:id=\"1\">{}</w:del>", merge_field("gone"));
    assert_eq!(
        filled(
            &p(&[deleted, run("{{city}}")].concat())
                .replace("<w:t>«gone»</w:t>", "<w:delText>«gone»</w:delText>"),
            &values
        ),
        ["兰溪"]
    );
    let tagged = [head("MERGEFIELD a"), run("{{city}}"), END.to_owned()].concat();
    assert_eq!(filled(&p(&tagged), &values), ["兰溪"]);
}

#[test]
fn entries_of_parts_that_go_go_with_them() {
    let data =
        json!({"no": false, "yes": true, "g": [{"a": "A", "b": ["x", "y"]}, {"a": "B", "b": []}]});
    let toc = |entries: &[String]| {
        let last = entries.len() - 1;
        let all = entries.iter().enumerate().map(|(at, entry)| {
            let begin = if at == 0 { head("TOC \\o") } else { String::new() };
            let end = if at == last { END } else { "" };
            format!("<w:p w:rsidR=\"1\"><w:pPr><w:pStyle w:val=\"TOC{at}\"/></w:pPr>{begin}{entry}{end}</w:p>")
        });
        all.collect::<String>()
    };
    let cut = |anchor: &str, text: &str, tag: &str| {
        [paragraph(&format!("{{{{#if {tag}}}}}")), heading(7, anchor, text), paragraph("{{/if}}")]
            .concat()
    };
    let shown = |content: String| {
        let out = document(&content, &data);
        let kinds = attribute_values(&out, "w:fldChar", "w:fldCharType");
        let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
        assert_eq!((count("begin"), count("begin")), (count("end"), count("separate")), "{out}");
        assert!(out.contains("TOC "), "{out}");
        text_of(&out)
    };
    let entries = [entry("_A", "一"), entry("_B", "二"), entry("_C", "三")];
    let bodies = |keep: [&str; 3]| {
        [cut("_A", "一", keep[0]), cut("_B", "二", keep[1]), cut("_C", "三", keep[2])].concat()
    };
    for (keep, wanted) in [
        (["yes", "yes", "yes"], &["一1", "二1", "三1", "一", "二", "三"][..]),
        (["yes", "no", "yes"], &["一1", "三1", "一", "三"]),
        (["no", "yes", "yes"], &["二1", "三1", "二", "三"]),
        (["yes", "yes", "no"], &["一1", "二1", "一", "二"]),
        (["no", "no", "no"], &[""]),
    ] {
        assert_eq!(shown(toc(&entries) + &bodies(keep)), wanted, "{keep:?}");
    }
    // Nested loops in the order of the headings; entries that lead to nothing of the template stay.
    let entries = [entry("_A", "{{a}}"), entry("_B", "{{this}}"), entry("_X", "别处")];
    let body = [
        paragraph("{{#each g}}"),
        heading(1, "_A", "{{a}}"),
        paragraph("{{#each b}}"),
        heading(2, "_B", "{{this}}"),
        paragraph("{{/each}}"),
        paragraph("{{/each}}"),
    ];
    let wanted = ["A1", "x1", "y1", "B1", "别处1", "A", "x", "y", "B"];
    assert_eq!(shown(toc(&entries) + &body.concat()), wanted);
}

#[test]
fn faults_in_what_no_program_shows_stop_nothing() {
    let boxed = |text: &str| format!("<w:txbxContent>{}</w:txbxContent>", paragraph(text));
    let drawing = |requires: &str, choice: &str, fallback: &str| {
        p(&format!(
            "<w:r><mc:AlternateContent><mc:Choice Requires=\"{requires}\"><w:drawing>{}</w:drawing></mc:Choice>\
             <mc:Fallback><w:pict>{}</w:pict></mc:Fallback></mc:AlternateContent></w:r>",
            boxed(choice),
            boxed(fallback)
        ))
    };
    for (choice, fallback, shown) in [
        ("{{year}}", "{{year}}", "2025"),
        ("{{year}}", "{{old}}", ""),
        ("{{year}}", "{{#each old}}x{{/each}}", ""),
        ("{{year}}", "{{unknown year}}", ""),
        ("{{year}}", "{{#if yes}}", "{{#if yes}}"),
        ("{{year}}", "{{ year", "{{ year"),
        ("x", "{{#if yes}}y{{/if}}", "y"),
    ] {
        let out = document(&drawing("wps", choice, fallback), &data());
        let texts = text_of(&out);
        assert_eq!(texts[0], if choice == "x" { "x" } else { "2025" }, "{out}");
        assert_eq!(texts[1], shown, "{out}");
    }
    // What is shown stops the run, whichever it is.
    assert_eq!(rules(&drawing("wps", "{{old}}", "{{year}}"), &data())[0].0, "value-missing");
    assert_eq!(rules(&drawing("unheard", "{{year}}", "{{old}}"), &data())[0].0, "value-missing");
}

#[test]
fn word_is_asked_to_update_fields_where_this_is_wanted() {
    let options = docx_fill::template::RenderOptions { update_fields: true, ..Default::default() };
    let settings = "<w:zoom/><w:compat/>";
    for with in [true, false] {
        let mut docx = Docx::new(&paragraph("{{year}}"));
        if with {
            docx.add_word_part("settings", "settings", settings);
        }
        let (out, findings) = support::engine::try_fill(&docx, &data(), &options);
        assert!(findings.is_empty(), "{findings:?}");
        let parts = support::parts(&out.unwrap());
        let name = if with { "word/settings.xml" } else { "word/inserted1.xml" };
        let text = part(&parts, name);
        check_well_formed(text);
        assert!(text.contains("<w:updateFields w:val=\"true\"/>"), "{text}");
        let related = part(&parts, "word/_rels/document.xml.rels");
        assert!(related.contains(name.trim_start_matches("word/")), "{related}");
        if with {
            assert!(text.contains("<w:zoom/><w:updateFields"), "{text}");
            assert!(!part(&fill(&docx, &data()), name).contains("updateFields"));
        }
    }
}
