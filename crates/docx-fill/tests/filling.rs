//! Proves that the engine fills Word documents without harm: small packages made in code, every place
//! where a tag can stand, hostile values, and errors at their place.

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::opc::PackageLimits;
use docx_fill::template::{CompiledTemplate, RenderOptions, table_layouts};
use serde_json::json;
use support::engine::{data, fill, filled, rules, try_fill};
use support::{Docx, body, cell, paragraph, part, parts, row, runs, table, text_of};

/// Rule, cells and paragraph of a finding.
type Located<'a> = (&'a str, &'a [(u32, u32, u32)], u32);
#[test]
fn a_tag_split_at_every_position_comes_together() {
    let text = "前{{#if yes}}{{机关}}{{else}}x{{/if}}后";
    let chars: Vec<char> = text.chars().collect();
    for at in 1..chars.len() {
        let (left, right): (String, String) =
            (chars[..at].iter().collect(), chars[at..].iter().collect());
        let content = runs(&[&left, &right]);
        assert_eq!(filled(&content, &data()), ["前兰溪市人民政府后"], "{left}|{right}");
    }
}

#[test]
fn one_letter_a_run_with_proofing_marks_between() {
    let letters: Vec<String> = "前{{机关}}、{{year}}后".chars().map(String::from).collect();
    let inner: Vec<String> = letters
        .iter()
        .map(|letter| format!("<w:proofErr w:type=\"spellStart\"/><w:r><w:rPr><w:b/></w:rPr><w:t>{letter}</w:t></w:r><w:bookmarkStart w:id=\"1\" w:name=\"b\"/><w:bookmarkEnd w:id=\"1\"/>"))
        .collect();
    let content = format!("<w:p>{}</w:p>", inner.concat());
    let parts = fill(&Docx::new(&content), &data());
    let document = part(&parts, "word/document.xml");
    assert_eq!(text_of(document), ["前兰溪市人民政府、2025后"]);
    assert_eq!(document.matches("w:proofErr").count(), letters.len());
    assert_eq!(document.matches("w:bookmarkStart").count(), letters.len());
}

#[test]
fn only_what_a_tag_touched_changes() {
    let content = [paragraph("不变 &amp; &#x4E2D;"), runs(&["a{{ye", "ar}}b"])].concat();
    let parts = fill(&Docx::new(&content), &data());
    let expected = [
        paragraph("不变 &amp; &#x4E2D;"),
        "<w:p><w:r><w:t xml:space=\"preserve\">a2025</w:t></w:r>\
         <w:r><w:t xml:space=\"preserve\">b</w:t></w:r></w:p>"
            .to_owned(),
    ]
    .concat();
    assert!(part(&parts, "word/document.xml").contains(&expected), "{parts:?}");
}

#[test]
fn paragraph_blocks_leave_no_paragraph_behind() {
    let block = |open: &str, inner: &[&str], close: &str| {
        let inner: String = inner.iter().map(|text| paragraph(text)).collect();
        format!("{}{inner}{}", paragraph(open), paragraph(close))
    };
    let content = block("{{#each rows}}", &["{{n}}={{v}}", "。"], "{{/each}}");
    assert_eq!(filled(&content, &data()), ["甲=1", "。", "乙=2", "。", "丙=3", "。"]);
    let content = block("{{#if no}}", &["1", "{{else if yes}}", "2", "{{else}}", "3"], "{{/if}}");
    assert_eq!(filled(&content, &data()), ["2"]);
    let content = block("{{#each none}}", &["1", "{{else}}", "没有"], "{{/each}}");
    assert_eq!(filled(&content, &data()), ["没有"]);
    let content = block(
        "{{#if yes}}{{#each nested}}",
        &["{{t}}", "{{#each items}}", "{{i}}", "{{/each}}"],
        "{{/each}}{{/if}}",
    );
    assert_eq!(filled(&content, &data()), ["A", "1", "2", "B", "3"]);
    let content = [paragraph("{{#each rows}}{{n}}"), paragraph("{{v}}{{/each}}")].concat();
    assert_eq!(filled(&content, &data()), ["甲", "1", "乙", "2", "丙", "3"]);
    let content = [paragraph("{{! 说明 }}"), paragraph("a")].concat();
    assert_eq!(filled(&content, &data()), ["a"]);
}

#[test]
fn inline_blocks_over_runs_keep_each_look() {
    let content = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>a{{#each rows}}b</w:t></w:r>\
        <w:r><w:rPr><w:i/></w:rPr><w:t>{{n}}{{/each}}c</w:t></w:r></w:p>";
    let parts = fill(&Docx::new(content), &data());
    let document = part(&parts, "word/document.xml");
    assert_eq!(text_of(document), ["ab甲b乙b丙c"]);
    let bold = "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">b</w:t></w:r>";
    assert_eq!(document.matches(bold).count(), 3, "{document}");
}

#[test]
fn rows_repeat_with_tags_in_cells_or_in_rows_of_their_own() {
    let head = row(&[cell("名"), cell("数")]);
    let last = row(&[cell("尾"), cell("{{year}}")]);
    let expected = ["名", "数", "甲", "1", "乙", "2", "丙", "3", "尾", "2025"];
    let in_cells = row(&[cell("{{#each rows}}{{n}}"), cell("{{v}}{{/each}}")]);
    let content = table(&[&head, &in_cells, &last]);
    assert_eq!(filled(&content, &data()), expected);
    let own = |tag: &str| row(&[cell(tag), cell("")]);
    let (open, close, inner) =
        (own("{{#each rows}}"), own("{{/each}}"), row(&[cell("{{n}}"), cell("{{v}}")]));
    let content = table(&[&head, &open, &inner, &close, &last]);
    assert_eq!(filled(&content, &data()), expected);
    let (open, other) = (own("{{#each none}}"), own("{{else}}"));
    let content = table(&[&head, &open, &inner, &other, &row(&[cell("无"), cell("")]), &close]);
    assert_eq!(filled(&content, &data()), ["名", "数", "无", ""]);
    // Tag paragraphs within content cells do not stay as empty lines.
    let tagged = format!("<w:tc>{}{}</w:tc>", paragraph("{{#each rows}}"), paragraph("{{n}}"));
    let content = table(&[&row(&[tagged, cell("{{v}}{{/each}}")])]);
    assert_eq!(filled(&content, &data()), ["甲", "1", "乙", "2", "丙", "3"]);
}

#[test]
fn two_loops_in_one_row_and_several_rows_in_one_loop() {
    let rows = [
        row(&[cell("{{#each nested}}{{t}}"), cell("")]),
        row(&[cell("{{#each items}}"), cell("{{i}}{{/each}}{{/each}}")]),
    ];
    let content = table(&[&rows[0], &rows[1]]);
    assert_eq!(filled(&content, &data()), ["A", "", "", "1", "", "2", "B", "", "", "3"]);
    let content = table(&[&row(&[
        cell("{{#each nested}}{{#each items}}{{../t}}"),
        cell("{{i}}{{/each}}{{/each}}"),
    ])]);
    assert_eq!(filled(&content, &data()), ["A", "1", "A", "2", "B", "3"]);
}

#[test]
fn nested_tables_repeat_on_their_own() {
    let inner = table(&[&row(&[cell("{{#each items}}{{i}}"), cell("{{/each}}")])]);
    let outer_cell = format!("<w:tc>{}{inner}{}</w:tc>", paragraph("{{t}}"), paragraph(""));
    let content = table(&[&row(&[cell("{{#each nested}}"), outer_cell, cell("{{/each}}")])]);
    let expected = ["", "A", "1", "", "2", "", "", "", "", "B", "3", "", "", ""];
    assert_eq!(filled(&content, &data()), expected);
}

#[test]
fn a_cell_never_becomes_empty_and_a_table_never_rowless() {
    let inner: String = ["{{#if no}}", "x", "{{/if}}"].iter().map(|text| paragraph(text)).collect();
    let content = table(&[&row(&[format!("<w:tc><w:tcPr/>{inner}</w:tc>"), cell("b")])]);
    assert_eq!(filled(&content, &data()), ["", "b"]);
    let content = [
        paragraph("a"),
        table(&[&row(&[cell("{{#each none}}x"), cell("{{/each}}")])]),
        paragraph("b"),
    ];
    let parts = fill(&Docx::new(&content.concat()), &data());
    let document = part(&parts, "word/document.xml");
    assert_eq!(text_of(document), ["a", "b"]);
    assert!(!document.contains("w:tbl"));
}

#[test]
fn merged_cells_stay_as_they_are() {
    let merged = |properties: &str, text: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", paragraph(text))
    };
    let content = table(&[
        &row(&[
            merged("<w:vMerge w:val=\"restart\"/>", "{{year}}"),
            merged("<w:gridSpan w:val=\"2\"/>", "{{机关}}"),
        ]),
        &row(&[merged("<w:vMerge/>", ""), cell("a"), cell("b")]),
    ]);
    let docx = Docx::new(&content);
    let (out, _) = try_fill(&docx, &data(), &RenderOptions::default());
    let (before, after) = (
        table_layouts(&docx.bytes(), &PackageLimits::default()).unwrap(),
        table_layouts(&out.unwrap(), &PackageLimits::default()).unwrap(),
    );
    let spans = |tables: &[docx_fill::template::TableLayout]| -> Vec<(usize, usize, usize)> {
        let cells = tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
        cells.map(|cell| (cell.column, cell.columns, cell.rows)).collect()
    };
    assert_eq!(spans(&before), [(0, 1, 2), (1, 2, 1), (1, 1, 1), (2, 1, 1)]);
    assert_eq!(spans(&before), spans(&after));
    assert_eq!(after[0].rows[0].cells[1].text, "兰溪市人民政府");
}

#[test]
fn merged_labels_grow_with_the_loop_beside_them() {
    let label = |text: &str| {
        format!("<w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr>{}</w:tc>", paragraph(text))
    };
    let spans = |content: &str| -> Vec<(String, usize)> {
        let (out, findings) = try_fill(&Docx::new(content), &data(), &RenderOptions::default());
        assert!(findings.is_empty(), "{findings:?}");
        let tables = table_layouts(&out.unwrap(), &PackageLimits::default()).unwrap();
        let first =
            tables[0].rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.column == 0);
        first.map(|cell| (cell.text.clone(), cell.rows)).collect()
    };
    let content = table(&[
        &row(&[label("合并"), cell("{{#each rows}}{{n}}"), cell("{{v}}{{/each}}")]),
        &row(&[
            "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>".to_owned(),
            cell("计"),
            cell("6"),
        ]),
    ]);
    assert_eq!(spans(&content), [("合并".to_owned(), 4)]);
    let content = table(&[&row(&[
        label("{{#each nested}}{{../t}}"),
        cell("{{#each items}}{{i}}"),
        cell("{{/each}}{{/each}}"),
    ])]);
    assert_eq!(spans(&content), [("A".to_owned(), 2), ("B".to_owned(), 1)]);
}

#[test]
fn tags_stand_in_every_part() {
    let mut docx = Docx::new(&paragraph("{{year}}"));
    for (name, root) in [
        ("header1", "hdr"),
        ("footer1", "ftr"),
        ("footnotes", "footnotes"),
        ("endnotes", "endnotes"),
        ("comments", "comments"),
    ] {
        docx.add_word_part(name, root, &paragraph("{{机关}}"));
    }
    docx.add("docProps/core.xml", "<c:coreProperties xmlns:c=\"c\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{{机关}}</dc:title></c:coreProperties>");
    docx.add("docProps/custom.xml", "<Properties xmlns=\"p\"><property name=\"a\"><lpwstr>{{year}}</lpwstr></property></Properties>");
    docx.add_relationship("hyperlink", "https://{{#if yes}}a.cn{{/if}}/?y={{year}}", true);
    docx.add_relationship("hyperlink", "https://a.cn/%7B%7Byear%7D%7D/%E4%B8%AD", true);
    let parts = fill(&docx, &data());
    for name in ["header1", "footer1", "footnotes", "endnotes", "comments"] {
        assert_eq!(
            text_of(part(&parts, &format!("word/{name}.xml"))),
            ["兰溪市人民政府"],
            "{name}"
        );
    }
    assert!(part(&parts, "docProps/core.xml").contains("<dc:title>兰溪市人民政府</dc:title>"));
    assert!(part(&parts, "docProps/custom.xml").contains("<lpwstr>2025</lpwstr>"));
    let relationships = part(&parts, "word/_rels/document.xml.rels");
    assert!(relationships.contains("https://a.cn/?y=2025"), "{relationships}");
    assert!(relationships.contains("https://a.cn/2025/%E4%B8%AD"), "{relationships}");
}

#[test]
fn tags_stand_in_boxes_controls_fields_and_changes() {
    let text = paragraph("{{机关}}");
    let content = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wp:docPr id=\"1\" name=\"a\" descr=\"{{{{year}}}}\"/><w:txbxContent>{text}</w:txbxContent></w:drawing></mc:Choice>\
         <mc:Fallback><w:pict><w:txbxContent>{text}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>\
         <w:sdt><w:sdtContent>{text}</w:sdtContent></w:sdt>\
         <w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> HYPERLINK \"https://a.cn/{{{{year}}}}\" </w:instrText></w:r></w:p>\
         <w:p><w:ins w:id=\"1\" w:author=\"a\"><w:r><w:t>{{{{year}}}}</w:t></w:r></w:ins><w:del w:id=\"2\" w:author=\"a\"><w:r><w:delText>{{{{year}}}}</w:delText></w:r></w:del></w:p>"
    );
    let parts = fill(&Docx::new(&content), &data());
    let document = part(&parts, "word/document.xml");
    support::check_well_formed(document);
    assert_eq!(document.matches("兰溪市人民政府").count(), 3);
    assert!(document.contains("HYPERLINK \"https://a.cn/2025\""));
    assert!(document.contains("descr=\"2025\""));
    assert!(document.contains("<w:delText>{{year}}</w:delText>"));
}

#[test]
fn a_bound_control_with_a_tag_is_let_go() {
    let control = |tag: &str| {
        format!(
            "<w:sdt><w:sdtPr><w:alias w:val=\"a\"/><w:dataBinding w:xpath=\"/x\"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
            paragraph(tag)
        )
    };
    let parts = fill(&Docx::new(&[control("{{year}}"), control("x")].concat()), &data());
    let document = part(&parts, "word/document.xml");
    assert_eq!(text_of(document), ["2025", "x"]);
    assert_eq!(document.matches("w:dataBinding").count(), 1);
    assert!(document.find("2025") < document.find("w:dataBinding"));
}

#[test]
fn hostile_values_are_text() {
    for value in [
        "（<http://www.ya.gov.cn/>）",
        "a<b>&\"c'",
        "]]>",
        "{{year}}",
        "</w:t>",
        " 空 格 ",
        "\u{feff}x",
    ] {
        let data = json!({ "v": value });
        assert_eq!(filled(&paragraph("{{v}}"), &data), [value]);
    }
    let document = fill(&Docx::new(&paragraph("a{{v}}b")), &json!({"v": "一\n二\r\n三\t四"}));
    let expected = "a一</w:t><w:br/><w:t xml:space=\"preserve\">二</w:t><w:br/>\
        <w:t xml:space=\"preserve\">三</w:t><w:tab/><w:t xml:space=\"preserve\">四b</w:t>";
    assert!(part(&document, "word/document.xml").contains(expected));
}

#[test]
fn control_characters_are_refused_by_name() {
    for value in ["a\u{1}", "a\u{b}b", "a\u{fffe}"] {
        let found = rules(&paragraph("{{x.v}}"), &json!({"x": {"v": value}}));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "value-control-character");
        assert!(found[0].2.contains("x.v"), "{}", found[0].2);
    }
}

#[test]
fn errors_name_the_cell_and_come_all_at_once() {
    let inner = table(&[&row(&[cell("{{reports}}")])]);
    let content = [
        paragraph("{{yeer}}"),
        table(&[&row(&[cell("a"), cell("合计：{{rowz.total}}件")])]),
        paragraph("x"),
        table(&[
            &row(&[cell("a")]),
            &row(&[
                cell("b"),
                format!("<w:tc>{}{inner}{}</w:tc>", paragraph("c"), paragraph("{{q}}")),
            ]),
        ]),
    ]
    .concat();
    let found = rules(&content, &data());
    let places: Vec<_> = found
        .iter()
        .map(|(rule, place, _)| (rule.as_str(), place.cells.as_slice(), place.paragraph))
        .collect();
    let missing = "value-missing";
    let expected: [Located<'_>; 4] = [
        (missing, &[], 1),
        (missing, &[(1, 1, 2)], 1),
        (missing, &[(2, 2, 2)], 2),
        (missing, &[(2, 2, 2), (1, 1, 1)], 1),
    ];
    assert_eq!(places, expected);
    assert!(found[0].2.contains("year"), "{}", found[0].2);
    assert_eq!(found[1].1.excerpt, "合计：{{rowz.total}}件");
}

#[test]
fn block_errors_have_a_way_out() {
    let cases = [
        ([paragraph("a{{#if yes}}b"), paragraph("{{/if}}")].concat(), "block-placement"),
        (
            [paragraph("{{#if yes}}"), table(&[&row(&[cell("{{/if}}")])])].concat(),
            "block-placement",
        ),
        (paragraph("{{#each rows}}x"), "block-not-closed"),
        (paragraph("x{{/each}}"), "block-not-open"),
        (paragraph("{{ name"), "tag-unclosed"),
        (paragraph("{{#each rows}}{{/if}}"), "block-crossed"),
        (paragraph("a{{markdown 机关}}"), "markdown-place"),
        (paragraph("{{unknown 机关}}"), "helper-unknown"),
        (paragraph("｛｛year｝｝"), "tag-wide-braces"),
    ];
    for (content, rule) in cases {
        let found = rules(&content, &data());
        assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), [rule], "{content}");
        assert!(found[0].1.paragraph == 1 && !found[0].1.excerpt.is_empty(), "{found:?}");
        assert!(!found[0].2.contains("expected"), "{}", found[0].2);
    }
}

#[test]
fn missing_values_can_be_allowed() {
    let options = RenderOptions { allow_missing: true, ..RenderOptions::default() };
    let docx = Docx::new(&paragraph("a{{x.y}}b{{#each z}}c{{/each}}"));
    let (out, findings) = try_fill(&docx, &json!({}), &options);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(text_of(part(&parts(&out.unwrap()), "word/document.xml")), ["ab"]);
}

#[test]
fn identities_stay_unique_in_loops() {
    let content = format!(
        "{}<w:p w14:paraId=\"1A\"><w:bookmarkStart w:id=\"7\" w:name=\"mark\"/><w:r><w:t>{{{{n}}}}</w:t></w:r>\
         <w:bookmarkEnd w:id=\"7\"/><w:r><w:drawing><wp:docPr id=\"5\" name=\"p\"/></w:drawing></w:r></w:p>{}",
        paragraph("{{#each rows}}"),
        paragraph("{{/each}}")
    );
    let parts = fill(&Docx::new(&content), &data());
    let document = part(&parts, "word/document.xml");
    for (name, attribute) in [
        ("w:bookmarkStart", "w:id"),
        ("w:bookmarkStart", "w:name"),
        ("w:bookmarkEnd", "w:id"),
        ("wp:docPr", "id"),
    ] {
        let values = support::attribute_values(document, name, attribute);
        let unique: std::collections::BTreeSet<_> = values.iter().collect();
        assert_eq!((values.len(), unique.len()), (3, 3), "{name} {attribute}: {values:?}");
    }
    let starts = support::attribute_values(document, "w:bookmarkStart", "w:id");
    assert_eq!(starts, support::attribute_values(document, "w:bookmarkEnd", "w:id"));
    assert!(!document.contains("paraId"));
}

#[test]
fn markdown_takes_the_look_of_its_paragraph() {
    let content = [
        "<w:p><w:pPr><w:ind w:firstLine=\"640\"/></w:pPr><w:r><w:rPr><w:sz w:val=\"32\"/></w:rPr><w:t>{{markdown text}}</w:t></w:r></w:p>",
        &paragraph("{{markdown empty}}"),
        &paragraph("尾"),
    ]
    .concat();
    let text = "## 总体\n\n**重点**一 [链接](https://a.cn/?a=1&b=2)。\n\n![图示](图/a.png)\n\n| 甲 | 乙 |\n|---|--:|\n| 1 | 2 |\n";
    let mut docx = Docx::new(&content);
    docx.add("word/styles.xml", "<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:style w:type=\"paragraph\" w:styleId=\"2\"><w:name w:val=\"Heading 2\"/></w:style></w:styles>");
    docx.add_relationship("styles", "styles.xml", false);
    let parts = fill(&docx, &json!({"text": text, "empty": ""}));
    let document = part(&parts, "word/document.xml");
    support::check_well_formed(document);
    assert!(document.contains("<w:pStyle w:val=\"2\"/>"), "{document}");
    assert!(document.contains("<w:rPr><w:b/><w:bCs/><w:sz w:val=\"32\"/></w:rPr>"), "{document}");
    assert!(document.contains("<w:pPr><w:ind w:firstLine=\"640\"/></w:pPr>"));
    assert!(document.contains("descr=\"图示\""));
    let relationships = part(&parts, "word/_rels/document.xml.rels");
    assert!(relationships.contains("https://a.cn/?a=1&amp;b=2"));
    assert!(relationships.contains("media/inserted1.png"));
    assert!(part(&parts, "[Content_Types].xml").contains("Extension=\"png\""));
    assert!(parts.contains_key("word/media/inserted1.png"));
    assert_eq!(text_of(document).last().map(String::as_str), Some("尾"));
    assert!(!text_of(document).contains(&String::new()) || text.contains('!'));
    // 2000 pixels are wider than the text: scaled down to its width, 8306 twentieths of a point.
    let extent = support::attribute_values(document, "wp:extent", "cx");
    assert_eq!(extent, [(8306 * 635).to_string()]);
}

#[test]
fn missing_pictures_are_told_by_path() {
    let found =
        rules(&paragraph("{{markdown text}}"), &json!({"text": "![a](no.png)\n\n![b](bad.gif)"}));
    let found: Vec<_> = found
        .iter()
        .map(|(rule, _, message)| (rule.as_str(), message.contains("no.png")))
        .collect();
    assert_eq!(found, [("picture-kind", false), ("picture-missing", true)]);
}

#[test]
fn long_values_are_squeezed_into_their_cell() {
    let content = "<w:p><w:r><w:rPr><w:sz w:val=\"18\"/></w:rPr><w:t>{{fit a 4}}|{{fit b 4}}</w:t></w:r></w:p>";
    let parts = fill(&Docx::new(content), &json!({"a": 1234, "b": 12_345_678}));
    let document = part(&parts, "word/document.xml");
    support::check_well_formed(document);
    assert_eq!(text_of(document), ["1234|12345678"]);
    assert!(document.contains("<w:rPr><w:w w:val=\"50\"/><w:sz w:val=\"18\"/></w:rPr><w:t xml:space=\"preserve\">12345678<"));
}

#[test]
fn an_untagged_document_stays_byte_for_byte() {
    let mut docx = Docx::new(&[paragraph("a { b } %7B"), table(&[&row(&[cell("x")])])].concat());
    docx.add("word/media/x.bin", "\u{1}\u{2}");
    let before = docx.bytes();
    let (out, findings) = try_fill(&docx, &json!({}), &RenderOptions::default());
    assert!(findings.is_empty(), "{findings:?}");
    let out = out.unwrap();
    assert_eq!(parts(&before), parts(&out));
    assert_eq!(support::names(&before), support::names(&out));
    assert_eq!(support::names(&out)[0], "[Content_Types].xml");
}

#[test]
fn equal_input_gives_equal_bytes_from_any_thread() {
    let docx = Docx::new(
        &[
            paragraph("{{year}}"),
            table(&[&row(&[cell("{{#each rows}}{{n}}"), cell("{{v}}{{/each}}")])]),
        ]
        .concat(),
    );
    let mut sink = Sink::new();
    let template =
        CompiledTemplate::parse(docx.bytes(), Sources::default().add_binary("t"), &mut sink)
            .unwrap();
    let render =
        || template.render(&data(), &(), &RenderOptions::default(), &mut Sink::new()).unwrap();
    let first = render();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(render)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), first);
        }
    });
}

#[test]
fn ten_thousand_tags_are_as_many_steps() {
    let content: String = (0..10_000).map(|_| paragraph("甲{{year}}乙")).collect();
    let mut sink = Sink::new();
    let template = CompiledTemplate::parse(
        Docx::new(&content).bytes(),
        Sources::default().add_binary("t"),
        &mut sink,
    )
    .unwrap();
    assert_eq!(template.tags().len(), 10_000);
    assert_eq!(template.tags()[9_999].location.paragraph, 10_000);
    assert_eq!(template.tags()[0].paths, ["year"]);
    let out = template.render(&data(), &(), &RenderOptions::default(), &mut sink).unwrap();
    assert_eq!(text_of(part(&parts(&out), "word/document.xml")).len(), 10_000);
}

#[test]
fn packages_that_are_none_are_told_apart() {
    let message = |bytes: &[u8]| {
        let mut sink = Sink::new();
        let id = Sources::default().add_binary("t");
        assert!(CompiledTemplate::parse(bytes, id, &mut sink).is_none());
        sink.into_sorted().remove(0).message.in_lang(Lang::Zh)
    };
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    let with = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [ole.as_slice(), &name].concat()
    };
    assert!(message(b"").contains("空"));
    assert!(message(b"%PDF-1.7").contains("PDF"));
    assert!(message(b"{\\rtf1").contains("RTF"));
    assert!(message(b"hello").contains("不是 Word 文档"));
    assert!(message(&with("WordDocument")).contains(".doc"));
    assert!(message(&with("EncryptedPackage")).contains("密码"));
    assert!(message(b"PK\x03\x04 and nothing else").contains("不完整"));
    assert!(message(b"PK\x03\x04 and PK\x05\x06 of another").contains("损坏"));
    let odt = support::zip(&[("mimetype", "application/vnd.oasis.opendocument.text")]);
    assert!(message(&odt).contains("OpenDocument"));
    let bad = support::zip(&[("[Content_Types].xml", "<Types/>"), ("../evil", "x")]);
    assert!(message(&bad).contains("evil"));
    let mut docx = Docx::new(&body());
    docx.replace("word/document.xml", "<!DOCTYPE a [<!ENTITY b \"{{c}}\">]><w:document/>");
    assert!(message(&docx.bytes()).contains("DOCTYPE"));
}

/// An output may have more elements than a part that is read: addresses are judged and cells merged in all of it.
#[test]
fn outputs_of_any_number_of_elements_keep_links_and_merged_cells() {
    const ROWS: usize = 60_000;
    let link = "<w:tc><w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>HYPERLINK \"{{url}}\"\
        </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>x</w:t></w:r><w:r><w:fldChar \
        w:fldCharType=\"end\"/></w:r><w:r><w:t>{{/each}}</w:t></w:r></w:p></w:tc>";
    let docx = Docx::new(&table(&[&row(&[cell("{{#each rows}}{{merge no}}"), link.to_owned()])]));
    let rows = (0..ROWS).map(|n| json!({"no": n / 2, "url": format!("https://b.cn/{n}")}));
    let parts = fill(&docx, &json!({"rows": rows.collect::<Vec<_>>()}));
    let out = part(&parts, "word/document.xml");
    assert!(out.matches("<w:").count() > docx_fill::limits::MAX_XML_ELEMENTS);
    assert_eq!(out.matches("HYPERLINK \"https://b.cn/").count(), ROWS);
    assert_eq!(out.matches("<w:vMerge").count(), ROWS);
}

#[test]
fn literals_are_values_and_those_of_other_languages_are_named() {
    let data = json!({"a": true, "b": false, "c": null, "True": 1});
    let shown = |text: &str| filled(&paragraph(text), &data).concat();
    for text in [
        "{{#if (eq a true)}}x{{/if}}",
        "{{#if (eq b false)}}x{{/if}}",
        "{{#if (eq c null)}}x{{/if}}",
        "{{#if true}}x{{/if}}",
        "{{#unless false}}x{{/unless}}",
        "{{#if null}}{{else}}x{{/if}}",
        "{{#if (and true a (not false))}}x{{/if}}",
        "{{#with (lookup this \"a\")}}{{#if (ne this false)}}x{{/if}}{{/with}}",
        "{{#if (eq True 1)}}x{{/if}}",
    ] {
        assert_eq!(shown(text), "x", "{text}");
    }
    assert_eq!(shown("{{eq a true}} {{default null \"d\"}}"), "true d");
    let told = |text: &str| rules(&paragraph(text), &data);
    for (text, literal) in
        [("(eq a False)", "false"), ("(eq a None)", "null"), ("(eq a TRUE)", "true")]
    {
        let found = told(&format!("{{{{#if {text}}}}}x{{{{/if}}}}"));
        let named = format!("“{literal}”");
        assert!(found.len() == 1 && found[0].0 == "name-unknown", "{text} {found:?}");
        assert!(found[0].2.contains(&named), "{text} {found:?}");
    }
    for text in ["a == true", "a != true", "(a == true)", "!a", "a > 1"] {
        let found = told(&format!("{{{{#if {text}}}}}x{{{{/if}}}}"));
        assert!(found.len() == 1 && found[0].0 == "tag-syntax", "{text} {found:?}");
        assert!(found[0].2.contains("(eq a b)"), "{text} {found:?}");
    }
}
