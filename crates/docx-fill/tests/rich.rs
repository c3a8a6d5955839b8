//! Proves what only Word understands: prose in the template's styles, pictures, cells, breaks, lists,
//! other documents, and that the grid of an output is the template's.

#![allow(clippy::format_collect, reason = "small test documents")]

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::opc::PackageLimits;
use docx_fill::template::{RenderOptions, table_layouts, verify_layout};
use docx_fill::word::numbering::NumberingDefinitions;
use docx_fill::word::numbering_label::ListCounter;

use serde_json::json;
use support::engine::{data, fill, filled, rules, try_fill};
use support::{Docx, cell, check_well_formed, paragraph, part, row, table, text_of};

fn styled(content: &str, styles: &[(&str, &str)]) -> Docx {
    let styles: String = styles
        .iter()
        .enumerate()
        .map(|(at, (kind, name))| {
            format!("<w:style w:type=\"{kind}\" w:styleId=\"s{at}\"><w:name w:val=\"{name}\"/></w:style>")
        })
        .collect();
    let mut docx = Docx::new(content);
    docx.add("word/styles.xml", &format!("<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">{styles}</w:styles>"));
    docx.add_relationship("styles", "styles.xml", false);
    docx
}

const TAG: &str = "<w:p><w:pPr><w:spacing w:before=\"10\" w:line=\"579\" w:lineRule=\"exact\"/></w:pPr>\
    <w:r><w:rPr><w:rFonts w:hint=\"eastAsia\" w:eastAsia=\"仿宋\"/><w:sz w:val=\"32\"/></w:rPr>\
    <w:t>{{markdown text}}</w:t></w:r></w:p>";

#[test]
fn prose_takes_the_styles_that_the_template_names() {
    let styles = [
        ("paragraph", "Table Head"),
        ("paragraph", "table text"),
        ("table", "Table Grid"),
        ("paragraph", "Picture"),
        ("paragraph", "Quote"),
        ("character", "Lead"),
    ];
    let text =
        "| 甲 | 乙 |\n|---|--:|\n| 1 | 2 |\n\n![图](图/a.png)\n\n> 引\n\n（一）小标题。正文。\n";
    let parts = fill(&styled(TAG, &styles), &json!({ "text": text }));
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    let hint = "<w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr>";
    for expected in [
        format!(
            "<w:pPr><w:pStyle w:val=\"s0\"/></w:pPr><w:r>{hint}<w:t xml:space=\"preserve\">甲<"
        ),
        format!("<w:pPr><w:pStyle w:val=\"s1\"/></w:pPr><w:r>{hint}<w:t xml:space=\"preserve\">1<"),
        "<w:pPr><w:pStyle w:val=\"s1\"/><w:jc w:val=\"right\"/></w:pPr>".to_owned(),
        "<w:tblPr><w:tblStyle w:val=\"s2\"/><w:tblW".to_owned(),
        "<w:p><w:pPr><w:pStyle w:val=\"s3\"/></w:pPr><w:r>".to_owned(),
        format!("<w:pPr><w:pStyle w:val=\"s4\"/></w:pPr><w:r>{hint}"),
    ] {
        assert!(document.contains(&expected), "{expected}\n{document}");
    }
    assert!(!document.contains("w:tblBorders") && !document.contains("<w:b/>"));
    // The run-in heading keeps the hint and leaves the face to its style.
    let lead = "<w:rPr><w:rStyle w:val=\"s5\"/><w:rFonts w:hint=\"eastAsia\"/><w:sz w:val=\"32\"/></w:rPr>";
    assert!(document.contains(lead), "{document}");
}

#[test]
fn without_styles_prose_makes_room_and_bold_heads() {
    let text = "| 甲 |\n|---|\n| 1 |\n\n![图](图/a.png)\n\n文![图](图/a.png)字\n";
    let parts = fill(&Docx::new(TAG), &json!({ "text": text }));
    let document = part(&parts, "word/document.xml");
    assert!(document.contains("<w:b/><w:bCs/><w:sz w:val=\"32\"/>"), "{document}");
    assert!(document.contains("<w:tblBorders>"));
    let room = "<w:spacing w:before=\"10\" w:line=\"240\" w:lineRule=\"auto\"/>";
    assert_eq!(document.matches(room).count(), 2, "{document}");
}

const WP: &str = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing";

#[test]
fn pictures_stand_in_the_text() {
    let extent = |tag: &str| -> Vec<(u64, u64)> {
        let parts = fill(&Docx::new(&paragraph(&format!("甲{tag}乙"))), &json!({"p": "图/a.png"}));
        let document = part(&parts, "word/document.xml");
        check_well_formed(document);
        assert_eq!(text_of(document), ["甲乙"]);
        let side = |key| -> Vec<u64> {
            let found = support::attribute_values(document, "wp:extent", key);
            found.iter().map(|value| value.parse().unwrap()).collect()
        };
        side("cx").into_iter().zip(side("cy")).collect()
    };
    // 2000 × 100 pixels.
    assert_eq!(extent("{{image p width=\"80mm\"}}"), [(2_880_000, 144_000)]);
    assert_eq!(extent("{{image p width=80mm}}"), [(2_880_000, 144_000)]);
    assert_eq!(extent("{{image p height=2}}"), [(1_440_000, 72_000)]);
    assert_eq!(extent("{{image p width=10 height=10}}"), [(360_000, 18_000)]);
    assert_eq!(extent("{{image p width=10 height=10 stretch=true}}"), [(360_000, 360_000)]);
    assert_eq!(extent("{{image p}}"), [(8306 * 635, 8306 * 635 / 20)]);
    assert_eq!(extent("{{#if no}}{{image p}}{{/if}}"), []);
}

#[test]
fn picture_tags_say_what_is_wrong() {
    let rule = |content: &str, path: &str| -> Vec<String> {
        rules(content, &json!({ "p": path })).into_iter().map(|found| found.0).collect()
    };
    assert_eq!(rule(&paragraph("{{image p width=\"5km\"}}"), "图/a.png"), ["helper-arguments"]);
    assert_eq!(rule(&paragraph("{{image p}}"), "no.png"), ["picture-missing"]);
    assert_eq!(rule(&paragraph("{{image p}}"), "bad.gif"), ["picture-kind"]);
    assert_eq!(rule(&paragraph("{{image p}}"), "alone.svg"), ["picture-kind"]);
    let code = "<w:p><w:r><w:instrText>{{image p}}</w:instrText></w:r></w:p>";
    assert_eq!(rule(code, "图/a.png"), ["image-place"]);
}

#[test]
fn an_exact_line_makes_room_for_a_picture() {
    let content = "<w:p><w:pPr><w:pStyle w:val=\"s0\"/></w:pPr><w:r><w:t>{{image p}}</w:t></w:r></w:p>\
        <w:p><w:pPr><w:spacing w:before=\"5\" w:line=\"400\" w:lineRule=\"exact\"/></w:pPr><w:r><w:t>{{image p}}</w:t></w:r></w:p>";
    let mut docx = Docx::new(content);
    docx.add("word/styles.xml", "<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:style w:type=\"paragraph\" w:styleId=\"a\"><w:name w:val=\"a\"/><w:pPr><w:spacing w:line=\"579\" w:lineRule=\"exact\"/></w:pPr></w:style><w:style w:type=\"paragraph\" w:styleId=\"s0\"><w:name w:val=\"b\"/><w:basedOn w:val=\"a\"/></w:style></w:styles>");
    docx.add_relationship("styles", "styles.xml", false);
    let parts = fill(&docx, &json!({"p": "图/a.png"}));
    let document = part(&parts, "word/document.xml");
    assert!(
        document
            .contains("<w:pStyle w:val=\"s0\"/><w:spacing w:line=\"579\" w:lineRule=\"atLeast\"/>"),
        "{document}"
    );
    assert!(document.contains("<w:spacing w:before=\"5\" w:line=\"400\" w:lineRule=\"atLeast\"/>"));
}

fn shown(alt: &str, cx: u32, cy: u32) -> String {
    format!(
        "<w:p><w:r><w:drawing><wp:anchor xmlns:wp=\"{WP}\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
         <wp:docPr id=\"1\" name=\"a\" descr=\"{alt}\"/><a:graphic><a:graphicData><pic:pic>\
         <pic:blipFill><a:blip r:embed=\"rId1\"><a:extLst/></a:blip><a:srcRect l=\"9\"/></pic:blipFill>\
         </pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r></w:p>"
    )
}

#[test]
fn a_picture_is_replaced_by_its_description() {
    let content = [
        shown("{{image p alt=机关}}", 1000, 1000),
        shown("{{p}}", 2000, 100),
        shown("{{image p stretch=true}}", 1000, 1000),
        shown("{{机关}}", 1000, 1000),
    ]
    .concat();
    let parts = fill(&Docx::new(&content), &json!({"p": "图/a.png", "机关": "市政府"}));
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    assert_eq!(
        support::attribute_values(document, "wp:docPr", "descr"),
        ["市政府", "", "", "市政府"]
    );
    let embeds = support::attribute_values(document, "a:blip", "r:embed");
    assert_eq!(embeds, ["rIdNianbao1", "rIdNianbao1", "rIdNianbao1", "rId1"]);
    // 20 : 1 in a square stands between bars of 9.5 times its height; in its own form it has none.
    assert_eq!(
        document.matches("<a:srcRect l=\"0\" t=\"-950000\" r=\"0\" b=\"-950000\"/>").count(),
        1
    );
    assert_eq!(document.matches("<a:srcRect").count(), 2);
    assert_eq!(
        support::attribute_values(document, "wp:extent", "cx"),
        ["1000", "2000", "1000", "1000"]
    );
    let missing = rules(&shown("{{p}}", 1, 1), &json!({"p": "no.png"}));
    assert_eq!(
        missing.iter().map(|found| found.0.as_str()).collect::<Vec<_>>(),
        ["picture-missing"]
    );
}

#[test]
fn old_drawings_are_replaced_too() {
    let content = "<w:p><w:r><w:pict><v:shape style=\"width:100pt;height:50pt\" alt=\"{{p}}\"><v:imagedata r:id=\"rId1\" o:title=\"x\"/></v:shape></w:pict></w:r></w:p>";
    let parts = fill(&Docx::new(content), &json!({"p": "图/a.png"}));
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    assert_eq!(support::attribute_values(document, "v:imagedata", "r:id"), ["rIdNianbao1"]);
    assert!(document.contains("croptop=\"-"), "{document}");
}

#[test]
fn an_svg_stands_with_its_png() {
    let parts = fill(&Docx::new(&paragraph("{{image p width=10}}")), &json!({"p": "图/a.svg"}));
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    assert_eq!(support::attribute_values(document, "wp:extent", "cy"), ["180000"]);
    let svg = support::attribute_values(document, "asvg:svgBlip", "r:embed");
    let png = support::attribute_values(document, "a:blip", "r:embed");
    let relationships = part(&parts, "word/_rels/document.xml.rels");
    for (id, end) in [(&svg[0], "svg"), (&png[0], "png")] {
        let target = relationships.split(&format!("Id=\"{id}\"")).nth(1).unwrap();
        assert!(
            target.split("/>").next().unwrap().contains(&format!(".{end}\"")),
            "{relationships}"
        );
    }
    assert!(part(&parts, "[Content_Types].xml").contains("image/svg+xml"));
}

/// First column, columns, rows and text of each cell of the first table, row by row.
fn spans(content: &str, data: &serde_json::Value) -> Vec<Vec<(usize, usize, usize, String)>> {
    let (out, findings) = try_fill(&Docx::new(content), data, &RenderOptions::default());
    assert!(findings.is_empty(), "{findings:#?}");
    let out = out.unwrap();
    let parts = support::parts(&out);
    check_well_formed(part(&parts, "word/document.xml"));
    assert!(!part(&parts, "word/document.xml").contains("fill:"));
    let tables = table_layouts(&out, &PackageLimits::default()).unwrap();
    let cells = |row: &docx_fill::template::RowLayout| {
        let cell = |cell: &docx_fill::template::CellLayout| {
            (cell.column, cell.columns, cell.rows, cell.text.clone())
        };
        row.cells.iter().map(cell).collect()
    };
    tables[0].rows.iter().map(cells).collect()
}

fn wide(text: &str, width: u32) -> String {
    format!(
        "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>\
         <w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
    )
}

#[test]
fn cells_merge_down_while_they_are_equal() {
    let line = row(&[
        wide("{{#each list}}{{merge a}}", 100),
        wide("{{merge b}}", 100),
        wide("{{c}}{{/each}}", 100),
    ]);
    let head = row(&[cell("{{merge \"x\"}}"), cell("乙"), cell("丙")]);
    let list = json!({"list": [
        {"a": "x", "b": "1", "c": 1}, {"a": "x", "b": "1", "c": 2}, {"a": "x", "b": "2", "c": 3},
        {"a": "y", "b": "2", "c": 4}, {"a": "y", "b": "", "c": 5}, {"a": "y", "b": "", "c": 6},
    ]});
    let found = spans(&table(&[&line]), &list);
    let first: Vec<(usize, &str)> = found
        .iter()
        .flatten()
        .filter(|cell| cell.0 == 0)
        .map(|cell| (cell.2, cell.3.as_str()))
        .collect();
    assert_eq!(first, [(3, "x"), (3, "y")]);
    // The inner group ends with the outer one, and empty cells are not joined.
    let second: Vec<(usize, &str)> = found
        .iter()
        .flatten()
        .filter(|cell| cell.0 == 1)
        .map(|cell| (cell.2, cell.3.as_str()))
        .collect();
    assert_eq!(second, [(2, "1"), (1, "2"), (1, "2"), (1, ""), (1, "")]);
    let found = spans(&table(&[&head, &line]), &list);
    assert_eq!(found[0][0].2, 4);
}

#[test]
fn cells_span_and_are_shaded() {
    let content = table(&[&row(&[
        wide("{{span n}}{{shade color}}甲", 100),
        wide("{{shade \"\"}}乙", 200),
        wide("丙", 300),
    ])]);
    let found = spans(&content, &json!({"n": 2, "color": "#d9d9d9"}));
    assert_eq!(found, [[(0, 2, 1, "甲".to_owned()), (2, 1, 1, "丙".to_owned())]]);
    let parts = fill(&Docx::new(&content), &json!({"n": 2, "color": "d9d9d9"}));
    let expected = "<w:tcPr><w:tcW w:w=\"300\" w:type=\"dxa\"/><w:gridSpan w:val=\"2\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"D9D9D9\"/><w:vAlign w:val=\"center\"/></w:tcPr>";
    assert!(part(&parts, "word/document.xml").contains(expected));
    let rule = |content: &str| rules(content, &data())[0].0.clone();
    assert_eq!(rule(&paragraph("{{span 2}}")), "cell-place");
    assert_eq!(rule(&table(&[&row(&[cell("{{span 0}}")])])), "helper-arguments");
    assert_eq!(rule(&table(&[&row(&[cell("{{shade \"red\"}}")])])), "helper-arguments");
}

#[test]
fn breaks_divide_pages_and_sections() {
    let content = ["甲{{page-break}}乙", "{{section-break}}", "丙"].map(paragraph).concat();
    let parts = fill(&Docx::new(&content), &json!({}));
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    assert!(
        document.contains("甲</w:t><w:br w:type=\"page\"/><w:t xml:space=\"preserve\">乙"),
        "{document}"
    );
    assert!(document.contains("<w:p><w:pPr><w:sectPr><w:pgSz"));
    assert_eq!(document.matches("<w:sectPr>").count(), 2);
    assert_eq!(text_of(document), ["甲乙", "", "丙"]);
    for wrong in [table(&[&row(&[cell("{{page-break}}")])]), paragraph("a{{section-break}}")] {
        assert_eq!(rules(&wrong, &json!({}))[0].0, "break-place");
    }
}

fn listed(text: &str, number: u32) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{number}\"/></w:numPr></w:pPr>\
         <w:r><w:t>{text}</w:t></w:r></w:p>"
    )
}

#[test]
fn a_repeated_list_counts_from_one_again() {
    let content = [
        paragraph("{{#each nested}}"),
        paragraph("{{t}}"),
        paragraph("{{#each items}}"),
        listed("{{i}}", 4),
        paragraph("{{/each}}"),
        paragraph("{{/each}}"),
        paragraph("{{#each rows}}"),
        listed("{{n}}", 5),
        paragraph("说明"),
        paragraph("{{/each}}"),
    ];
    let mut docx = Docx::new(&content.concat());
    let list = |at: u32| format!("<w:num w:numId=\"{at}\"><w:abstractNumId w:val=\"1\"/></w:num>");
    let numbering = format!(
        "<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:abstractNum w:abstractNumId=\"1\"/>{}{}</w:numbering>",
        list(4),
        list(5)
    );
    docx.add("word/numbering.xml", &numbering);
    docx.add_relationship("numbering", "numbering.xml", false);
    let parts = fill(&docx, &data());
    let document = part(&parts, "word/document.xml");
    let numbers = support::attribute_values(document, "w:numId", "w:val");
    assert_eq!(numbers, ["4", "4", "6", "5", "5", "5"]);
    let numbering = part(&parts, "word/numbering.xml");
    check_well_formed(numbering);
    assert_eq!(support::attribute_values(numbering, "w:num", "w:numId"), ["4", "5", "6"]);
    assert_eq!(numbering.matches("<w:startOverride w:val=\"1\"/>").count(), 9);
}

#[test]
fn labels_of_a_repeated_list_are_counted_by_the_same_definitions() {
    let content = [
        paragraph("{{#each nested}}"),
        paragraph("{{t}}"),
        paragraph("{{#each items}}"),
        listed("{{i}}", 4),
        paragraph("{{/each}}"),
        paragraph("{{/each}}"),
    ];
    let mut docx = Docx::new(&content.concat());
    let numbering = "<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\">\
        <w:start w:val=\"3\"/><w:numFmt w:val=\"upperRoman\"/><w:lvlText w:val=\"%1.\"/></w:lvl>\
        </w:abstractNum><w:num w:numId=\"4\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>";
    docx.add("word/numbering.xml", numbering);
    docx.add_relationship("numbering", "numbering.xml", false);
    let parts = fill(&docx, &data());
    let lists = NumberingDefinitions::parse(part(&parts, "word/numbering.xml"), "n").unwrap();
    let mut counter = ListCounter::new(&lists);
    let numbers = support::attribute_values(part(&parts, "word/document.xml"), "w:numId", "w:val");
    let labels = numbers.iter().filter_map(|list| counter.next_label(list, 0));
    assert_eq!(labels.map(|label| label.text).collect::<Vec<_>>(), ["III.", "IV.", "III."]);
}

#[test]
fn rows_that_stand_there_are_filled() {
    let blank = row(&[cell(""), cell("")]);
    let head = row(&[cell("名"), cell("数")]);
    let line = row(&[cell("{{#each rows fixed=true}}{{@index}}{{n}}"), cell("{{v}}")]);
    let last = row(&[cell(""), cell("{{/each}}")]);
    let content = table(&[&head, &line, &blank, &blank, &last]);
    let expected = ["名", "数", "0甲", "1", "1乙", "2", "2丙", "3", "", ""];
    assert_eq!(filled(&content, &data()), expected);
    assert_eq!(filled(&content, &json!({"rows": []}))[2..], [""; 8]);
    let own = row(&[cell("第二：{{n}}"), cell("{{#if yes}}x{{/if}}")]);
    let content = table(&[&line, &own, &last]);
    let two = json!({"rows": [{"n": "a", "v": 1}, {"n": "b", "v": 2, "yes": true}]});
    assert_eq!(filled(&content, &two), ["0a", "1", "第二：b", "x", "", ""]);
    assert_eq!(filled(&content, &json!({"rows": []})), ["", "", "第二：", "", "", ""]);
    let found = rules(&table(&[&line, &last]), &data());
    assert_eq!(found[0].0, "rows-surplus");
    assert_eq!(found[0].1.cells, [(1, 1, 1)]);
    let rows_of_tags = [row(&[cell("{{#each rows fixed=true}}")]), row(&[cell("{{/each}}")])];
    let content =
        table(&[&rows_of_tags[0], &row(&[cell("{{n}}")]), &blank, &blank, &rows_of_tags[1]]);
    assert_eq!(filled(&content, &data()), ["甲", "乙", "丙"]);
}

#[test]
fn columns_repeat_in_every_row() {
    let grid = |rows: &[&String]| {
        table(rows).replace(
            "<w:gridCol w:w=\"1000\"/>",
            "<w:gridCol w:w=\"1000\"/><w:gridCol w:w=\"2000\"/><w:gridCol w:w=\"500\"/>",
        )
    };
    let over =
        "<w:tc><w:tcPr><w:tcW w:w=\"3500\" w:type=\"dxa\"/><w:gridSpan w:val=\"3\"/></w:tcPr>";
    let title = row(&[format!("{over}{}</w:tc>", paragraph("题"))]);
    let head = row(&[cell("项"), wide("{{#each rows columns=true}}{{n}}", 2000), cell("计")]);
    let body = row(&[cell("数"), wide("{{v}}{{/each}}", 2000), cell("6")]);
    let content = grid(&[&title, &head, &body]);
    let found = spans(&content, &data());
    let texts =
        |row: usize| -> Vec<&str> { found[row].iter().map(|cell| cell.3.as_str()).collect() };
    assert_eq!(texts(1), ["项", "甲", "乙", "丙", "计"]);
    assert_eq!(texts(2), ["数", "1", "2", "3", "6"]);
    assert_eq!(found[0][0].1, 5);
    let parts = fill(&Docx::new(&content), &data());
    let document = part(&parts, "word/document.xml");
    let widths = support::attribute_values(document, "w:gridCol", "w:w");
    assert_eq!(widths, ["1000", "666", "666", "668", "500"]);
    assert_eq!(document.matches("<w:tcW w:w=\"666\"").count(), 4);
    let none = spans(&content, &json!({"rows": []}));
    assert_eq!((none[0][0].1, none[1].len(), none[2].len()), (2, 2, 2));
    let wrong = grid(&[&row(&[cell("{{#each rows columns=true}}{{n}}{{/each}}")])]);
    assert_eq!(rules(&wrong, &data())[0].0, "block-placement");
}

/// Checks whether a document has the grid of a template.
fn verified(template: &[u8], output: &[u8]) -> Result<(), String> {
    let mut sink = Sink::new();
    let id = Sources::default().add_binary("t");
    if verify_layout(template, output, id, &mut sink) {
        return Ok(());
    }
    let found = sink.into_sorted().remove(0);
    assert_eq!(found.rule, "grid-differs");
    Err(found.message.in_lang(Lang::Zh))
}

#[test]
fn the_grid_of_an_output_is_proven() {
    let line = row(&[cell("{{#each rows}}{{n}}"), cell("{{v}}{{/each}}")]);
    let merged = row(&[wide("{{#each rows}}{{merge n}}", 9), wide("{{v}}{{/each}}", 9)]);
    let columns = row(&[cell("a"), cell("{{#each rows columns=true}}{{n}}{{/each}}")]);
    let fixed = [
        row(&[cell("{{#each rows fixed=true}}{{n}}")]),
        row(&[cell("")]),
        row(&[cell("{{/each}}")]),
    ];
    let content = [
        table(&[&row(&[cell("名"), cell("数")]), &line, &row(&[cell("计"), cell("6")])]),
        paragraph("{{#each rows}}"),
        table(&[&row(&[cell("{{n}}")])]),
        paragraph("{{/each}}"),
        table(&[&merged]),
        table(&[&columns]),
        table(&[&fixed[0], &fixed[1], &fixed[2]]),
        paragraph("{{#if no}}"),
        table(&[&row(&[cell("x"), cell("y"), cell("z")])]),
        paragraph("{{/if}}"),
    ]
    .concat();
    let template = Docx::new(&content).bytes();
    let (out, _) = try_fill(&Docx::new(&content), &data(), &RenderOptions::default());
    let out = out.unwrap();
    assert_eq!(verified(&template, &out), Ok(()));
    let plain = |rows: &[&String]| Docx::new(&table(rows)).bytes();
    let (one, two) = (row(&[cell("a")]), row(&[cell("a"), cell("b")]));
    let own = plain(&[&one, &one]);
    assert_eq!(verified(&own, &own), Ok(()));
    assert!(verified(&own, &plain(&[&one])).unwrap_err().contains("第 2 行"));
    assert!(verified(&own, &plain(&[&one, &one, &one])).unwrap_err().contains("第 3 行"));
    assert!(verified(&own, &plain(&[&one, &two])).unwrap_err().contains("第 2 行"));
    assert!(verified(&own, &Docx::new("<w:p/>").bytes()).unwrap_err().contains("没有了"));
    let more = Docx::new(&[table(&[&one, &one]), table(&[&one])].concat()).bytes();
    assert!(verified(&own, &more).unwrap_err().contains("模板里没有"));
}

#[test]
fn rows_beyond_the_data_can_go() {
    let rows = [
        row(&[cell("项"), cell("数")]),
        row(&[cell("{{#each rows fixed=true surplus=\"delete\"}}{{n}}"), cell("{{v}}")]),
        row(&[cell("第二行"), cell("")]),
        row(&[cell("{{n}}"), cell("{{v}}")]),
        row(&[cell(""), cell("")]),
        row(&[cell("{{n}}"), cell("{{v}}{{/each}}")]),
        row(&[cell("计"), cell("")]),
    ];
    let content = table(&rows.iter().collect::<Vec<_>>());
    let texts = |data: &serde_json::Value| -> Vec<String> {
        let found = spans(&content, data);
        let docx = Docx::new(&content);
        let (out, _) = try_fill(&docx, data, &RenderOptions::default());
        assert_eq!(verified(&docx.bytes(), &out.unwrap()), Ok(()));
        found.into_iter().map(|row| row.into_iter().map(|cell| cell.3).collect()).collect()
    };
    assert_eq!(texts(&data()), ["项数", "甲1", "乙2", "丙3", "计"]);
    assert_eq!(texts(&json!({"rows": []})), ["项数", "计"]);
    let wrong = content.replace("delete", "hide");
    assert_eq!(rules(&wrong, &data())[0].0, "helper-arguments");
}

#[test]
fn footnotes_of_prose_are_those_of_word() {
    let text = "甲[^1]，见[^二]。\n\n[^1]: 第一，[址](https://a.cn/)\n[^二]: 第二\n";
    let mut docx =
        styled(TAG, &[("paragraph", "Footnote Text"), ("character", "footnote reference")]);
    docx.add(
        "word/settings.xml",
        "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"/>",
    );
    docx.add_relationship("settings", "settings.xml", false);
    let parts = fill(&docx, &json!({ "text": text }));
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    assert_eq!(support::attribute_values(document, "w:footnoteReference", "w:id"), ["1", "2"]);
    assert!(document.contains("<w:rStyle w:val=\"s1\"/>"), "{document}");
    let notes = part(&parts, "word/footnotes.xml");
    check_well_formed(notes);
    assert_eq!(text_of(notes)[2..], [" 第一，址", " 第二"]);
    assert_eq!(support::attribute_values(notes, "w:pStyle", "w:val"), ["s0", "s0"]);
    let link = &support::attribute_values(notes, "w:hyperlink", "r:id")[0];
    let relationships = part(&parts, "word/_rels/footnotes.xml.rels");
    assert!(relationships.contains(&format!("Id=\"{link}\"")), "{relationships}");
    assert!(part(&parts, "[Content_Types].xml").contains("footnotes+xml"));
    assert!(part(&parts, "word/_rels/document.xml.rels").contains("/word/footnotes.xml"));
    // Where Word has none, it is said.
    let mut docx = Docx::new(&paragraph("文"));
    docx.add_word_part("header1", "hdr", &paragraph("{{markdown text}}"));
    let (_, found) = try_fill(&docx, &json!({ "text": text }), &RenderOptions::default());
    assert_eq!(found.iter().map(|found| found.1.as_str()).collect::<Vec<_>>(), ["note-place"]);
}

/// Random tables of loops over rows and columns: what comes out has cells in each row and a paragraph
/// in each cell, and the grid is proven.
#[test]
fn random_tables_never_break() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let tame =
        ["x", "", "{{n}}", "{{merge year}}", "{{span 2}}", "{{shade \"D9D9D9\"}}", "{{@index}}"];
    let opening = [
        "{{#each rows}}",
        "{{#each rows fixed=true}}",
        "{{#each rows columns=true}}",
        "{{#if yes}}",
    ];
    let mut good = 0;
    for _ in 0..1500 {
        let mut texts = vec![String::new(); 9];
        for text in &mut texts {
            text.push_str(tame[random(tame.len())]);
        }
        for _ in 0..=random(2) {
            let (a, b) = (random(9), random(9));
            let open = opening[random(opening.len())];
            texts[a.min(b)].insert_str(0, open);
            texts[a.max(b)].push_str(if open.contains("each") { "{{/each}}" } else { "{{/if}}" });
        }
        let rows: Vec<String> = texts
            .chunks(3)
            .map(|texts| row(&texts.iter().map(|text| wide(text, 100)).collect::<Vec<_>>()))
            .collect();
        let content = table(&rows.iter().collect::<Vec<_>>());
        let docx = Docx::new(&content);
        let options = RenderOptions { allow_missing: true, ..RenderOptions::default() };
        let (out, findings) = try_fill(&docx, &data(), &options);
        assert!(out.is_some() || !findings.is_empty(), "silent: {texts:?}");
        let Some(out) = out else { continue };
        good += 1;
        let parts = support::parts(&out);
        let document = part(&parts, "word/document.xml");
        check_well_formed(document);
        assert!(
            !document.contains("</w:tcPr></w:tc>") && !document.contains("<w:tr></w:tr>"),
            "{texts:?}"
        );
        assert!(!document.contains("fill:") && !document.contains("{{"), "{texts:?}");
        assert_eq!(verified(&docx.bytes(), &out), Ok(()), "{texts:?}\n{document}");
    }
    assert!(good > 400, "{good}");
}

#[test]
fn cells_merge_by_grid_columns_also_in_rows_that_skip_some() {
    let skipping = |text: &str| {
        let properties = "<w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>";
        row(&[cell(text)]).replacen("<w:tr>", &format!("<w:tr>{properties}"), 1)
    };
    let first = row(&[cell("{{merge a}}"), cell("x")]);
    let (second, third) = (skipping("{{merge a}}"), skipping("{{merge a}}"));
    let parts = fill(&Docx::new(&table(&[&first, &second, &third])), &json!({"a": "同"}));
    let xml = part(&parts, "word/document.xml");
    let rows: Vec<&str> = xml.split("<w:tr>").skip(1).collect();
    assert!(!rows[0].contains("vMerge"), "{}", rows[0]);
    assert!(rows[1].contains("<w:vMerge w:val=\"restart\"/>"), "{}", rows[1]);
    assert!(rows[2].contains("<w:vMerge/>"), "{}", rows[2]);
}
