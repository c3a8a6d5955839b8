//! Proves the helpers that templates call: what they give, which slips are told before any data is there, what advice
//! is worth, and that none of them costs more than the limits allow.

mod support;

use docx_fill::diag::{Lang, Severity};
use docx_fill::template::text::{TextOptions, render_text};
use docx_fill::template::{HelperSet, Partials, RenderOptions};
use serde_json::{Value, json};
use support::engine::{filled, rules, try_fill};
use support::{Docx, paragraph, row, runs, table};

fn data() -> Value {
    json!({
        "a": "0.1", "b": 0.2, "n": 7, "zero": 0, "none": [], "nothing": null,
        "amount": "1409.50", "kept": "1.50", "word": " Straße ", "code": "7",
        "day": "2026-01-20", "at": "2026-01-20T08:30:00+08:00", "month": "2026-01",
        "people": [
            {"name": "王", "dept": "一科", "pay": "10.10", "on": true},
            {"name": "李", "dept": "二科", "pay": "9.90", "on": false},
            {"name": "张", "dept": "一科", "pay": 20, "on": true},
        ],
        "groups": [
            {"c": "电脑", "rows": [{"m": "5224.10"}, {"m": 2234.2}]},
            {"c": "桌椅", "rows": []},
            {"c": "纸", "rows": [{"m": "0.01"}]},
        ],
        "numbers": [3, "10", "2.50"], "words": ["b", "a", "b"], "left": ["甲", "乙"], "right": ["A"],
    })
}

fn plain(source: &str, data: &Value) -> (String, Vec<(String, String)>) {
    let mut found = Vec::new();
    let text =
        render_text(source, data, |text| text.into(), TextOptions::default(), &mut |problem| {
            let hints = problem.hints.iter().map(|hint| hint.in_lang(Lang::Zh));
            let told = std::iter::once(problem.message.in_lang(Lang::Zh)).chain(hints);
            found.push((problem.rule.to_owned(), told.collect::<Vec<_>>().join("|")));
        });
    (text, found)
}

#[test]
fn numbers_are_exact() {
    let cases = [
        ("{{add a b}} {{add n 1 a}} {{add kept 1.50}}", "0.3 8.1 3.00"),
        ("{{subtract n a}} {{multiply a b}} {{multiply kept 2}}", "6.9 0.02 3.00"),
        ("{{divide n 8}} {{divide n 3 2}} {{divide n zero zero=\"—\"}}", "0.875 2.33 —"),
        ("{{mod n 3}} {{mod -7 3}} {{mod 7.5 2}}", "1 2 1.5"),
        ("{{round 2.675 2}} {{round 2.50}} {{round 2.0 2}}", "2.68 3 2"),
        ("{{floor -1.5}} {{ceil -1.5}} {{abs -1.50}}", "-2 -1 1.50"),
        ("{{min 3 2.50 10}} {{max numbers}} {{min people \"pay\"}}", "2.50 10 9.90"),
        (
            "{{sum groups \"rows.m\"}} {{avg numbers}} {{avg groups \"rows.m\" 0}}",
            "7458.31 5.17 2486",
        ),
        ("{{avg none zero=\"—\"}} {{sum none}} {{sum numbers}}", "— 0 15.50"),
        ("{{kept}} {{fixed kept 1}} {{thousands 1234567.80}}", "1.50 1.5 1,234,567.80"),
        ("{{number 1234567.891 2}} {{number -1234.5 2 locale=\"de\"}}", "1,234,567.89 -1.234,50"),
        (
            "{{number 12345678 locale=\"en-IN\"}} {{number 1234 locale=\"fr\"}}",
            "1,23,45,678 1\u{202f}234",
        ),
        (
            "{{#if (eq kept 1.5)}}1{{/if}}{{#if (eq b \"0.20\")}}2{{/if}}{{#if (gt n 6.99)}}3{{/if}}",
            "123",
        ),
        (
            "{{#if (eq 1 \"x\")}}1{{/if}}{{#if (ne code 7)}}2{{/if}}{{#if (eq \"1.0\" \"1\")}}3{{/if}}",
            "",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(plain(source, &data()), (expected.to_owned(), vec![]), "{source}");
    }
}

#[test]
fn lists_are_ordered_chosen_and_grouped() {
    let cases = [
        ("{{#each people}}{{@number}}{{name}}{{/each}}", "1王2李3张"),
        ("{{#each (sort people \"pay\")}}{{name}}{{/each}}", "李王张"),
        ("{{#each (sort people \"pay\" desc=true)}}{{@number}}{{name}}{{/each}}", "1张2王3李"),
        (
            "{{join (sort numbers) \" \"}} {{join (sort words) \"\"}} {{join (reverse words) \"\"}}",
            "2.50 3 10 abb bab",
        ),
        ("{{join (unique words) \"\"}} {{len (unique people \"dept\")}}", "ba 2"),
        ("{{#each (filter people \"on\")}}{{name}}{{/each}}", "王张"),
        ("{{#each (filter people \"dept\" \"二科\")}}{{name}}{{else}}x{{/each}}", "李"),
        ("{{#each (filter people \"pay\" gt=9.90 lt=20)}}{{name}}{{/each}}", "王"),
        ("{{#each (filter people \"dept\" ne=\"一科\")}}{{name}}{{/each}}", "李"),
        ("{{#each (filter people \"name\" contains=\"张\")}}{{name}}{{/each}}", "张"),
        ("{{#each (filter none \"x\" 1)}}y{{else}}没有{{/each}}", "没有"),
        (
            "{{#each (group people \"dept\")}}{{key}}{{sum items \"pay\"}}：{{#each items}}{{name}}{{../key}}{{/each}}；{{/each}}",
            "一科30.10：王一科张一科；二科9.90：李二科；",
        ),
        ("{{#each (chunk people 2)}}[{{#each this}}{{name}}{{/each}}]{{/each}}", "[王李][张]"),
        (
            "{{#each (zip left right)}}{{this.[0]}}{{#if this.[1]}}{{this.[1]}}{{/if}}；{{/each}}",
            "甲A；乙；",
        ),
        ("{{join (concat left right) \"\"}} {{concat code \"-\" n}}", "甲乙A 7-7"),
        ("{{join (pluck groups \"rows.m\") \" \"}}", "5224.10 2234.2 0.01"),
        (
            "{{#with (first people)}}{{name}}{{/with}}{{#with (last people)}}{{name}}{{/with}}",
            "王张",
        ),
        ("{{#with (first none)}}x{{else}}空{{/with}}", "空"),
        (
            "{{#each (slice people 1 1)}}{{name}}{{/each}}{{#each (slice people 2)}}{{name}}{{/each}}",
            "李张",
        ),
        ("{{#if (contains words \"a\")}}1{{/if}}{{#if (contains word \"aß\")}}2{{/if}}", "12"),
        (
            "{{#with (sort people \"pay\") as |s|}}{{s.length}}{{s.[0].name}}{{lookup s 1}}{{/with}}",
            "",
        ),
    ];
    for (source, expected) in &cases[..cases.len() - 1] {
        assert_eq!(plain(source, &data()), ((*expected).to_owned(), vec![]), "{source}");
    }
    let (_, found) = plain(cases[cases.len() - 1].0, &data());
    assert_eq!(found[0].0, "value-not-text");
}

#[test]
fn texts_change() {
    let cases = [
        (
            "[{{trim word}}] {{upper word}}{{lower \"ÄB\"}} {{capitalize \"élan\"}}",
            "[Straße]  STRASSE äb Élan",
        ),
        (
            "{{replace word \"ß\" \"ss\"}}{{substring \"政府信息公开\" 2 2}}{{substring \"abc\" 5}}",
            " Strasse 信息",
        ),
        ("{{#each (split \"甲,乙,,丙\" \",\")}}<{{this}}>{{/each}}", "<甲><乙><><丙>"),
        (
            "{{pad code 3 \"0\"}} [{{pad \"甲乙\" 4 \"—\" side=\"end\"}}] {{pad \"long\" 2}}",
            "007 [甲乙——] long",
        ),
        ("{{join (split \"abc\" \"\") \"-\"}}{{len (split \"\" \",\")}}", "a-b-c0"),
    ];
    for (source, expected) in cases {
        assert_eq!(plain(source, &data()), (expected.to_owned(), vec![]), "{source}");
    }
}

#[cfg(feature = "chinese")]
#[test]
fn dates_and_money_are_written_as_offices_do() {
    let cases = [
        (
            "{{date day \"yyyy-MM-dd\"}} {{date at \"M月d日 HH:mm\"}} {{date month}}",
            "2026-01-20 1月20日 08:30 2026年1月",
        ),
        (
            "{{date 46042}} {{date \"2026年1月20日\" \"EEEE\"}} {{date at \"XXX\"}}",
            "2026年1月20日 星期二 +08:00",
        ),
        ("{{date day \"d MMMM yyyy\" lang=\"en\"}} {{date 2026}}", "20 January 2026 2026年"),
        (
            "{{date day chinese=true}} {{date month chinese=true}}",
            "二〇二六年一月二十日 二〇二六年一月",
        ),
        (
            "{{capital amount money=true}} {{capital 0.05 money=true}} {{capital 12}}",
            "壹仟肆佰零玖元伍角整 伍分 壹拾贰",
        ),
        ("{{capital (sum people \"pay\") money=true}}", "肆拾元整"),
    ];
    for (source, expected) in cases {
        assert_eq!(plain(source, &data()), (expected.to_owned(), vec![]), "{source}");
    }
    let wrong = [
        ("{{date n}}", "value-not-date", "20 January"),
        ("{{date month \"d日\"}}", "value-not-date", "日"),
        ("{{date day \"HH:mm\"}}", "value-not-date", "时间"),
        ("{{date day \"YYYY年\"}}", "helper-arguments", "yyyy"),
        ("{{date day \"b\"}}", "helper-arguments", "yyyy yy M"),
        ("{{date day \"d\" lang=\"fr\"}}", "helper-arguments", "zh、en"),
        ("{{date day \"d\" chinese=true}}", "helper-arguments", "chinese=true"),
        ("{{capital 1.005 money=true}}", "value-not-number", "fixed"),
        ("{{capital 1 mony=true}}", "helper-arguments", "money"),
    ];
    for (source, rule, words) in wrong {
        let (text, found) = plain(source, &data());
        assert_eq!(
            (text.as_str(), found.len(), found[0].0.as_str()),
            ("", 1, rule),
            "{source} {found:?}"
        );
        assert!(words == "20 January" || found[0].1.contains(words), "{source} {found:?}");
    }
}

/// Whatever a template itself states is judged when it is compiled.
#[test]
fn slips_are_told_without_data() {
    let wrong = [
        ("{{#each rows fixd=true}}{{/each}}", "fixed"),
        ("{{#each rows fixed=yes}}{{/each}}", "true、false"),
        ("{{#each rows fixed=\"ja\"}}{{/each}}", "true、false"),
        ("{{#each rows surplus=\"delete\"}}{{/each}}", "fixed=true"),
        ("{{#each rows fixed=true columns=true}}{{/each}}", "columns=true"),
        ("{{#each rows fixed=true surplus=\"drop\"}}{{/each}}", "blank、delete"),
        ("{{#if a includezero=true}}{{/if}}", "includeZero"),
        ("{{#unless a includeZero=1}}{{/unless}}", "true、false"),
        ("{{#with a x=1}}{{/with}}", "没有选项"),
        ("{{upper a x=1}}", "没有选项"),
        ("{{pad a 3 \"0\" side=\"left\"}}", "start、end"),
        ("{{pad a 3 \"00\"}}", "pad"),
        ("{{number a locale=\"xx\"}}", "de"),
        ("{{sort a \"x\" descending=true}}", "desc"),
        ("{{filter a \"x\" equals=1}}", "eq"),
        ("{{chunk a 0}}", "大于 0"),
        ("{{fixed a 13}}", "12"),
        ("{{divide a b 2.5}}", "12"),
        ("{{replace a \"\" \"x\"}}", "空"),
        ("{{join a seperator=\",\"}}", "last"),
        ("{{image a stretch=\"x\"}}", "true、false"),
        ("{{document a styles=\"mine\"}}", "own、host"),
        ("{{uppercase a}}", "upper"),
        ("{{groupBy a \"b\"}}", "group"),
        ("{{zzzzzz a}}", "upper"),
        ("{{eq a 1e-999}}", "1e-999"),
        ("{{a+b}}", "add a b"),
    ];
    for (source, words) in wrong {
        let found = rules(&paragraph(source), &json!({"a": 1, "b": 2, "rows": []}));
        assert!(!found.is_empty(), "{source}");
        assert!(found.iter().any(|(_, _, told)| told.contains(words)), "{source}: {found:?}");
    }
    // Options about tables mean nothing in a text.
    assert_eq!(plain("{{#each none fixed=true}}{{/each}}", &data()).1[0].0, "block-placement");
}

#[test]
fn what_cannot_be_computed_is_told() {
    let wrong = [
        ("{{divide n 3}}", "helper-arguments", "divide a b 2"),
        ("{{divide n zero}}", "division-by-zero", "zero="),
        ("{{avg none}}", "division-by-zero", "zero="),
        ("{{max none}}", "value-missing", "空列表"),
        ("{{add n word}}", "value-not-number", "Straße"),
        ("{{#each (sort people)}}{{/each}}", "value-not-text", "sort list"),
        ("{{#each (sort people \"nmae\")}}{{/each}}", "value-missing", "name"),
        ("{{#each (filter people \"dpet\" 1)}}{{/each}}", "value-missing", "dept"),
        ("{{sum groups \"rows.x\"}}", "value-missing", "rows.x"),
        ("{{substring word -1}}", "value-not-number", "-1"),
        ("{{@index}}", "value-missing", "循环"),
        ("{{#each people}}{{@nummer}}{{/each}}", "value-missing", "@number"),
        ("{{fixed nothing 2}}", "value-missing", "(default nothing 0)"),
        ("{{#each nothing}}{{/each}}", "value-missing", "#if nothing"),
        ("{{#each (sort nothing)}}{{/each}}", "value-missing", "[]"),
        ("{{date nothing}}", "value-missing", "#if nothing"),
    ];
    for (source, rule, words) in wrong {
        let (_, found) = plain(source, &data());
        assert_eq!(found.first().map(|(rule, _)| rule.as_str()), Some(rule), "{source} {found:?}");
        assert!(found[0].1.contains(words), "{source} {found:?}");
    }
    // The advice for a list works.
    assert_eq!(
        plain("{{#if nothing}}{{#each nothing}}x{{/each}}{{/if}}完", &data()),
        ("完".into(), vec![])
    );
}

/// Tags as they come from web pages, input methods and Word's correction.
#[test]
fn look_alikes_do_not_matter() {
    let cases = [
        ("{{n\u{200B}}}", "7"),
        ("{{\u{FEFF}n}}", "7"),
        ("{{\u{2060}#each\u{200B} left}}{{this}}{{/each\u{200B}}}", "甲乙"),
        ("{{＃if （eq n 7）}}是{{／if}}", "是"),
        ("{{join left ＂、＂}}", "甲、乙"),
        ("{{join left „-“}}", "甲-乙"),
        ("{{#each left}}{{＠number}}{{/each}}", "12"),
        ("{{～n～}}", "7"),
        ("{{＾none}}空{{／none}}", "空"),
    ];
    for (source, expected) in cases {
        assert_eq!(filled(&paragraph(source), &data()), [expected], "{source}");
    }
    let named = [
        ("{{join left，\"、\"}}", "U+FF0C FULLWIDTH COMMA"),
        ("{{fixed n ″2″}}", "U+2033 DOUBLE PRIME"),
        ("{{n｝}", "U+FF5D FULLWIDTH RIGHT CURLY BRACKET"),
        ("{\u{200B}{n}}", "U+200B ZERO WIDTH SPACE"),
        ("{｛n}}", "{｛"),
    ];
    for (source, words) in named {
        let found = rules(&paragraph(source), &data());
        assert!(found.iter().any(|(_, _, told)| told.contains(words)), "{source}: {found:?}");
    }
}

#[test]
fn tags_of_character_references_are_tags() {
    assert_eq!(filled(&paragraph("&#123;&#x7B;n&#125;&#x7d;"), &data()), ["7"]);
    let in_attribute =
        "<w:p><w:r><w:drawing><wp:docPr descr=\"&#123;&#x07b;n}}\"/></w:drawing></w:r></w:p>";
    let document = support::engine::fill(&Docx::new(in_attribute), &data());
    assert!(support::part(&document, "word/document.xml").contains("descr=\"7\""));
    assert_eq!(filled(&runs(&["&#123;", "{upper ", "&quot;x&quot;}&#125;"]), &data()), ["X"]);
}

#[test]
fn partials_of_files_keep_their_lines() {
    let files = [
        ("p", "甲\n"),
        ("q", "乙\r\n"),
        ("r", "丙"),
        ("if", "{{#if n}}\n丁\n{{/if}}\n"),
        ("空", "\n"),
    ];
    let partials = Partials::from_files(files, &HelperSet::default());
    let text = |source: &str| {
        let options = TextOptions { partials: Some(&partials), ..TextOptions::default() };
        render_text(source, &data(), |text| text.into(), options, &mut |found| panic!("{found:?}"))
    };
    assert_eq!(text("A\n{{> p}}\nB"), "A\n甲\nB");
    assert_eq!(text("A\n  {{> q}}\nB"), "A\n  乙\nB");
    assert_eq!(text("A\n{{> if}}\nB"), "A\n丁\nB");
    assert_eq!(text("A\n{{> 空}}\nB"), "A\n\nB");
    assert_eq!(text("A{{> p}}B\n{{> p}}"), "A甲B\n甲");
    // Without a line end of its own the specification joins it with the next line.
    assert_eq!(text("A\n{{> r}}\nB"), "A\n丙B");
}

#[test]
fn partials_ask_for_their_block() {
    let partials =
        Partials::new([("框", "【{{#if @partial-block}}{{> @partial-block}}{{else}}空{{/if}}】")]);
    let options = TextOptions { partials: Some(&partials), ..TextOptions::default() };
    let source = "{{> 框}}{{#> 框}}{{n}}{{/框}}{{#if @partial-block}}x{{/if}}";
    let text = render_text(source, &data(), |text| text.into(), options, &mut |p| panic!("{p:?}"));
    assert_eq!(text, "【空】【7】");
}

fn table_row(texts: [&str; 2]) -> String {
    row(&texts.map(paragraph))
}

/// Two columns of labels, and groups with subtotals: rows of a table.
#[test]
fn tables_use_made_lists() {
    let labels = table_row([
        "{{#each (chunk people 2)}}{{this.[0].name}}",
        "{{#if this.[1]}}{{this.[1].name}}{{/if}}{{/each}}",
    ]);
    assert_eq!(filled(&table(&[&labels]), &data()), ["王", "李", "张", ""]);
    let head =
        table_row(["{{#each (group people \"dept\")}}{{key}}", "{{fixed (sum items \"pay\") 2}}"]);
    let item = table_row(["{{#each items}}{{@number}}", "{{name}}{{/each}}"]);
    let end = table_row(["", "{{/each}}"]);
    let expected = ["一科", "30.10", "1", "王", "2", "张", "二科", "9.90", "1", "李"];
    assert_eq!(filled(&table(&[&head, &item, &end]), &data()), expected);
}

#[test]
fn requirements_follow_made_lists() {
    let source = "{{#each (sort people \"pay\")}}{{name}}{{/each}}{{sum groups \"rows.m\"}}\
                  {{#each (group staff \"dept\")}}{{#each items}}{{age}}{{/each}}{{/each}}\
                  {{#each (chunk labels 2)}}{{#each this}}{{street}}{{/each}}{{/each}}\
                  {{#each (zip left right)}}{{this.[0].l}}{{/each}}";
    let template =
        docx_fill::Engine::new().template(Docx::new(&paragraph(source)).bytes()).unwrap();
    let schema = template.schema().unwrap();
    let at = |path: &str| schema.pointer(path).unwrap_or_else(|| panic!("{path} {schema:#}"));
    assert_eq!(at("/properties/people/type"), "array");
    assert!(at("/properties/people/items/properties").get("name").is_some());
    assert!(at("/properties/people/items/properties").get("pay").is_some());
    assert!(at("/properties/staff/items/properties").get("age").is_some());
    assert!(at("/properties/staff/items/properties").get("dept").is_some());
    assert!(at("/properties/labels/items/properties").get("street").is_some());
    assert!(at("/properties/left/items/properties").get("l").is_some());
    assert!(at("/properties/groups/items/properties/rows").get("anyOf").is_some());
    // With a loop it is known that there is a list.
    let source = format!(
        "{{{{#each groups}}}}{{{{#each rows}}}}{{{{x}}}}{{{{/each}}}}{{{{/each}}}}{source}"
    );
    let template =
        docx_fill::Engine::new().template(Docx::new(&paragraph(&source)).bytes()).unwrap();
    let schema = template.schema().unwrap();
    let rows = schema.pointer("/properties/groups/items/properties/rows").unwrap();
    assert_eq!(rows["type"], "array");
    assert!(rows["items"]["properties"].get("m").is_some());
}

/// Helpers within loops and within each other end within the limits.
#[test]
fn helpers_do_not_outgrow_the_limits() {
    let many: Vec<Value> = (0..30_000).map(|n| json!({"n": n})).collect();
    let data = json!({"many": many, "text": "x".repeat(100_000)});
    let begun = std::time::Instant::now();
    let square = "{{#each many}}{{len (sort ../many \"n\")}}{{/each}}";
    let (_, found) = plain(square, &data);
    assert!(found.iter().any(|(rule, _)| rule == "output-too-large"), "{found:?}");
    let mut grown = "text".to_owned();
    for _ in 0..20 {
        grown = format!("(replace {grown} \"x\" \"xxxxxxxxxxxxxxxx\")");
    }
    let (_, found) = plain(&format!("{{{{len {grown}}}}}"), &data);
    assert!(found.iter().any(|(rule, _)| rule == "output-too-large"), "{found:?}");
    let mut grown = "many".to_owned();
    for _ in 0..5 {
        grown = format!("(concat {grown} {grown} {grown})");
    }
    let (_, found) = plain(&format!("{{{{len {grown}}}}}"), &data);
    assert!(found.iter().any(|(rule, _)| rule == "output-too-large"), "{found:?}");
    let nested = format!("{{{{len {}many{}}}}}", "(reverse ".repeat(30), ")".repeat(30));
    assert!(plain(&nested, &json!({"many": [1, 2, 3]})) == ("3".to_owned(), vec![]));
    assert!(begun.elapsed().as_secs() < 200, "{:?}", begun.elapsed());
    let options = RenderOptions::default();
    let (out, found) = try_fill(&Docx::new(&paragraph(square)), &data, &options);
    assert!(out.is_none() && found.iter().all(|found| found.0 == Severity::Error));
}
