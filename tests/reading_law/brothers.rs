//! Others of the kinds that were seen on published reports: heads, figures and headings in other words. Each is read as
//! it is meant, or it is unknown and told at its cell; no text moves to another part in silence.

use super::{
    check, content, import, pieces, same_texts, sample, shows, with_body, with_cell_words, words,
};
use docx_fill::diag::{Diagnostic, Severity};
use nianbao::form::FormRegistry;
use nianbao::report::{Figure, Report};
use std::collections::BTreeMap;

/// The official table with a number; the sample has one of its own before them.
fn table_xml(xml: &str, number: usize) -> &str {
    let tables = pieces(xml, "<w:tbl>", "</w:tbl>");
    assert_eq!(tables.len(), 4, "the tables of the sample");
    tables[number + 1]
}

/// A body with changes in an official table.
fn with_table(xml: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let table = table_xml(xml, number);
    let other = change(table);
    assert_ne!(table, other, "nothing is changed");
    xml.replacen(table, &other, 1)
}

/// A body in which the first cell with these words has others.
fn reworded(xml: &str, number: usize, from: &str, to: &str) -> String {
    with_table(xml, number, |table| {
        let mut cells = pieces(table, "<w:tc>", "</w:tc>").into_iter();
        let cell = cells.find(|cell| words(cell) == from).unwrap_or_else(|| panic!("{from}"));
        table.replacen(cell, &with_cell_words(cell, to), 1)
    })
}

struct Read {
    report: Report,
    parts: BTreeMap<String, Vec<u8>>,
    xml: String,
    library: FormRegistry,
}

impl Read {
    fn new() -> Read {
        let (report, parts, xml) = sample();
        Read { report, parts, xml, library: FormRegistry::built_in() }
    }

    fn read(&self, xml: &str) -> (Report, Vec<Diagnostic>) {
        import(&with_body(&self.parts, xml), &self.library)
    }
}

/// Ways to write a figure, and the number if there is no doubt.
const FORMS: [(&str, Option<&str>); 45] = [
    ("１，２０３", Some("1203")),
    ("1,203", Some("1203")),
    ("１２０３", Some("1203")),
    ("2 件", Some("2")),
    ("２件", Some("2")),
    (" 2 ", Some("2")),
    ("1、203", None),
    ("2项", None),
    ("12,03", None),
    ("约3", None),
    ("近3", None),
    ("3余", None),
    ("3起", None),
    ("减3", None),
    ("-3", None),
    ("无", None),
    ("没有", None),
    ("未发生", None),
    ("零", None),
    ("三", None),
    ("十二", None),
    ("③", None),
    ("Ⅲ", None),
    ("3.5", None),
    ("3。", None),
    ("3次/5人", None),
    ("O", None),
    ("l2", None),
    ("03", None),
    ("＋3", None),
    ("3+1", None),
    ("1万", None),
    ("—", None),
    ("——", None),
    ("－", None),
    ("-", None),
    ("*", None),
    ("×", None),
    ("…", None),
    ("空", None),
    ("N/A", None),
    ("不适用", None),
    ("同上", None),
    ("见附件", None),
    ("3（含上年结转1件）", None),
];

#[test]
fn a_figure_in_another_form_is_read_or_unknown_at_its_cell() {
    let base = Read::new();
    // The first figure of table four.
    let table = &base.report.form.tables[2];
    let row = table_xml(&base.xml, 2);
    let figures: Vec<&str> = pieces(row, "<w:tc>", "</w:tc>")
        .into_iter()
        .filter(|cell| words(cell).bytes().all(|b| b.is_ascii_digit()) && !words(cell).is_empty())
        .collect();
    assert_eq!(figures.len(), table.cells.len());
    for (form, number) in FORMS {
        let other = base.xml.replacen(
            row,
            &row.replacen(figures[0], &with_cell_words(figures[0], form), 1),
            1,
        );
        let (again, found) = base.read(&other);
        for (at, cell) in base.report.tables[2].iter().enumerate().skip(1) {
            assert_eq!(cell.figure, again.tables[2][at].figure, "{form}: {found:#?}");
        }
        let read = &again.tables[2][0].figure;
        let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        match (read, number) {
            (Figure::Number(value), Some(number)) => {
                assert_eq!((value.to_string().as_str(), errors), (number, 0), "{form}: {found:#?}");
            }
            (Figure::Unknown, None) => {
                let told = found.iter().find(|one| one.severity == Severity::Error);
                let told = told.unwrap_or_else(|| panic!("{form}: nothing is said"));
                assert!(!told.hints.is_empty() || told.message.id() != "cell.no-number", "{form}");
                assert_eq!(errors, 1, "{form}: {found:#?}");
                let cell = told.cell.as_ref().unwrap_or_else(|| panic!("{form}: at no cell"));
                assert!(cell.row.is_some() && cell.col.is_some(), "{form}: {cell:?}");
            }
            _ => panic!("{form}: {read:?}: {found:#?}"),
        }
    }
}

#[test]
fn heads_of_columns_in_other_words_are_read_and_told() {
    let base = Read::new();
    let columns = &base.report.form.tables[0].columns;
    let label = |id: &str| {
        let at = base.report.form.tables[0].find_column(id).unwrap_or_else(|| panic!("{id}"));
        columns[at].label.clone()
    };
    for (column, other) in [
        ("issued", "本年度制发数"),
        ("issued", "本年制发数量"),
        ("issued", "本年发件"),
        ("issued", "制发件数"),
        ("issued", "制发数量"),
        ("issued", "本年制发"),
        ("issued", "本年度制定件数"),
        ("repealed", "本年废止数"),
        ("repealed", "本年废止数量"),
        ("repealed", "废止件数"),
        ("repealed", "本年度废止（件）"),
        ("in-force", "现行有效数"),
        ("in-force", "现行有效数量"),
        ("in-force", "现行有效"),
        ("in-force", "现行有效件数（件）"),
        ("decisions", "本年处理决定数"),
        ("decisions", "本年处理绝对数量"),
        ("decisions", "处理绝对数量"),
        ("decisions", "本年度处理决定数量"),
        ("decisions", "处理决定件数"),
        ("amount", "本年收费金额"),
        ("amount", "本年收费金额(万元)"),
        ("amount", "收费金额（单位：万元）"),
    ] {
        let (again, found) = base.read(&reworded(&base.xml, 0, &label(column), other));
        let unknown = check(&base.report, &again, &found, other);
        assert_eq!(unknown, 0, "{other}: {found:#?}");
        assert!(shows(&found, "word.label") >= 1, "{other}: {found:#?}");
        assert_eq!(shows(&found, "sheet.missing-column"), 0, "{other}");
    }
    // Words of nobody: unknown, told once for the column, nothing else of the table is lost.
    for other in ["存量", "备注", "数量", "件"] {
        let (again, found) = base.read(&reworded(&base.xml, 0, &label("repealed"), other));
        let unknown = check(&base.report, &again, &found, other);
        assert_eq!(unknown, 2, "{other}: {found:#?}");
        assert_eq!(shows(&found, "sheet.missing-column"), 1, "{other}: {found:#?}");
    }
}

#[test]
fn labels_of_rows_in_other_words_are_read_and_told() {
    let base = Read::new();
    for (label, others) in [
        (
            "3.危及“三安全一稳定”",
            &[
                "危及三安全一稳定",
                "3、危及\"三安全一稳定\"",
                "(3)危及‘三安全一稳定’",
                "3.危及「三安全一稳定」",
            ][..],
        ),
        (
            "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
            &["（二）部分公开", "(二) 部分公开(区分处理的,只计这一情形,不计其他情形)", "部分公开"]
                [..],
        ),
        (
            "1.属于国家秘密",
            &["①属于国家秘密", "1、属于国家秘密", "属于国家秘密", "1.属于国家秘密的"][..],
        ),
        (
            "四、结转下年度继续办理",
            &["四、结转下年继续办理", "结转下年度继续办理数", "四、结转下一年度继续办理"][..],
        ),
        ("（七）总计", &["（七）合计", "(七)总计", "总计"][..]),
    ] {
        for other in others {
            let (again, found) = base.read(&reworded(&base.xml, 1, label, other));
            let unknown = check(&base.report, &again, &found, other);
            assert_eq!(unknown, 0, "{other}: {found:#?}");
        }
    }
}

#[test]
fn every_head_may_stand_on_two_rows() {
    let base = Read::new();
    let table = &base.report.form.tables[1];
    for column in table.columns.iter().filter(|column| column.label.chars().count() >= 4) {
        for (cut, _) in column.label.char_indices().skip(1) {
            let (above, below) = column.label.split_at(cut);
            let other =
                with_table(&base.xml, 1, |old| split_head(old, &column.label, above, below));
            let (again, found) = base.read(&other);
            let unknown = check(&base.report, &again, &found, above);
            assert_eq!(unknown, 0, "{above}／{below}: {found:#?}");
        }
    }
}

/// A table in which a head stands on two lines; the other cells of its line are followed by blank ones.
fn split_head(table: &str, label: &str, above: &str, below: &str) -> String {
    let start = table.find("<w:tr").expect("a row");
    let body = &table[start..table.len() - "</w:tbl>".len()];
    let mut out = table[..start].to_owned();
    for row in body.split_inclusive("</w:tr>") {
        let cells = pieces(row, "<w:tc>", "</w:tc>");
        let own = cells.iter().any(|cell| words(cell) == label);
        if !own {
            out.push_str(row);
            continue;
        }
        let (mut upper, mut lower) = (row.to_owned(), row.to_owned());
        for cell in cells {
            let head = words(cell) == label;
            if head {
                upper = upper.replacen(cell, &with_cell_words(cell, above), 1);
            }
            let text = if head { below } else { "" };
            lower = lower.replacen(cell, &with_cell_words(cell, text), 1);
        }
        out.push_str(&upper);
        // What is merged downwards goes on below.
        out.push_str(&lower.replace("<w:vMerge w:val=\"restart\"/>", "<w:vMerge/>"));
    }
    out + "</w:tbl>"
}

/// The headings of the sample in other words, by the number of the section.
const HEADINGS: [(usize, &[&str]); 6] = [
    (0, &["一、概述", "一、工作概况", "第一部分 概况", "一．总体工作情况"]),
    (1, &["二、主动公开情况", "二、主动公开", "第二章 政府信息主动公开情况"]),
    (2, &["三、依申请公开", "三、依申请公开情况", "三、收到和处理申请情况"]),
    (
        3,
        &[
            "四、行政复议、行政诉讼情况",
            "四、行政复议和诉讼情况",
            "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        ],
    ),
    (
        4,
        &[
            "五、不足与改进",
            "五、存在问题",
            "五、问题及改进措施",
            "五、存在的不足及改进措施",
            "五、存在的主要问题和下一步工作打算",
        ],
    ),
    (
        5,
        &[
            "六、其他",
            "六、其它",
            "六、需要说明的事项",
            "六、其他事项",
            "六、其他需要说明的情况",
            "（六）其他需要报告的事项",
        ],
    ),
];

fn headings(report: &Report) -> Vec<String> {
    report.form.sections.iter().filter_map(|section| section.heading.clone()).collect()
}

#[test]
fn headings_in_other_words_head_their_parts() {
    let base = Read::new();
    let (alone, _) = base.read(&base.xml);
    let official = headings(&base.report);
    for (at, others) in HEADINGS {
        for other in others {
            let from = format!(">{}<", official[at]);
            assert!(base.xml.contains(&from), "{from}");
            let (again, found) = base.read(&base.xml.replacen(&from, &format!(">{other}<"), 1));
            if other.starts_with('（') {
                // Brackets number what lies within a part: said, and the text is where it says.
                assert!(shows(&found, "word.no-heading") == 1, "{other}: {found:#?}");
                continue;
            }
            same_texts(&alone, &again);
            assert_eq!(shows(&found, "word.heading"), 1, "{other}: {found:#?}");
            assert_eq!(shows(&found, "word.no-heading"), 0, "{other}: {found:#?}");
        }
    }
    // All of them at once.
    let mut xml = base.xml.clone();
    for (at, others) in HEADINGS {
        xml = xml.replacen(&format!(">{}<", official[at]), &format!(">{}<", others[0]), 1);
    }
    let (again, found) = base.read(&xml);
    same_texts(&alone, &again);
    assert_eq!(shows(&found, "word.heading"), 6, "{found:#?}");
}

#[test]
fn headings_within_a_part_take_no_text_of_another() {
    let base = Read::new();
    let (alone, _) = base.read(&base.xml);
    let official = headings(&base.report);
    let line = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let within: String =
        ["（一）主动公开", "（二）依申请公开", "1.存在问题", "（六）其他"].map(line).concat();
    let first = base.xml.find(&format!(">{}<", official[0])).expect("a heading");
    let end = first + base.xml[first..].find("</w:p>").expect("a paragraph") + "</w:p>".len();
    let other = format!("{}{within}{}", &base.xml[..end], &base.xml[end..]);
    let (again, found) = base.read(&other);
    let texts = |report: &Report| -> Vec<(usize, String)> {
        let all = report.texts.iter().map(|text| (text.section, text.markdown.clone()));
        all.skip_while(|(section, _)| report.form.sections[*section].heading.is_none())
            .skip(1)
            .collect()
    };
    assert_eq!(texts(&alone), texts(&again), "{found:#?}");
    assert_eq!(shows(&found, "word.heading"), 0, "{found:#?}");
    // Parts that are numbered 第一部分 have parts 一、, 二、 of their own.
    let mut xml = base.xml.clone();
    for (number, heading) in official.iter().enumerate() {
        let words = heading.split_once('、').map_or(heading.as_str(), |(_, words)| words);
        let numeral = ["一", "二", "三", "四", "五", "六"][number];
        xml = xml.replacen(&format!(">{heading}<"), &format!(">第{numeral}部分 {words}<"), 1);
    }
    let (plain, _) = base.read(&xml);
    same_texts(&alone, &plain);
    let within: String =
        ["一、主动公开情况", "二、依申请公开情况", "三、存在问题", "四、其他"].map(line).concat();
    let first = xml.find(">第一部分").expect("a heading");
    let end = first + xml[first..].find("</w:p>").expect("a paragraph") + "</w:p>".len();
    let (again, found) = base.read(&format!("{}{within}{}", &xml[..end], &xml[end..]));
    assert_eq!(texts(&plain), texts(&again), "{found:#?}");
}

#[test]
fn a_heading_of_nobody_s_is_told_with_the_part_that_took_its_text() {
    let base = Read::new();
    let official = headings(&base.report);
    let own = content(&base.xml);
    for other in ["七、附件说明", "六、下一步工作打算", "第七部分 附表"] {
        let at = own.find(&format!(">{}<", official[5])).expect("a heading");
        let start = own[..at].rfind("<w:p>").or_else(|| own[..at].rfind("<w:p ")).expect("a part");
        let line = format!(
            "<w:p><w:r><w:t>{other}</w:t></w:r></w:p><w:p><w:r><w:t>说明文字。</w:t></w:r></w:p>"
        );
        let new = format!("{}{line}{}", &own[..start], &own[start..]);
        let (again, found) = base.read(&base.xml.replacen(own, &new, 1));
        assert_eq!(shows(&found, "word.stray-heading"), 1, "{other}: {found:#?}");
        let problems =
            again.form.sections.iter().position(|s| s.heading.as_ref() == Some(&official[4]));
        let holds = |text: &&nianbao::report::TextField| text.markdown.contains("说明文字");
        let holder = again.texts.iter().find(holds).map(|text| text.section);
        assert_eq!(holder, problems, "{other}");
    }
}

#[test]
fn a_heading_with_its_text_on_the_same_line_loses_none_of_it() {
    let base = Read::new();
    let official = headings(&base.report);
    let number = base.report.form.sections.len() - 1;
    for (line, words) in [
        ("六、其他需要报告的事项：无。", "无。"),
        ("六、其他需要报告的事项：本年度没有收取信息处理费。", "没有收取信息处理费"),
        ("六、其他事项。按规定没有其他需要报告的。", "按规定没有"),
    ] {
        let (again, found) =
            base.read(&base.xml.replacen(&format!(">{}<", official[5]), &format!(">{line}<"), 1));
        let text = again.texts.iter().find(|text| text.section == number).expect("a text");
        assert!(text.markdown.contains(words), "{line}: {}", text.markdown);
        assert_eq!(shows(&found, "word.heading"), 1, "{line}: {found:#?}");
    }
}

#[test]
fn an_annex_is_told_with_the_part_that_holds_it() {
    let base = Read::new();
    let end = base.xml.rfind("<w:sectPr").expect("a section");
    let line = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let annex = [line("附件1"), line("规范性文件目录"), line("《甲办法》的通知。")].concat();
    let (again, found) = base.read(&format!("{}{annex}{}", &base.xml[..end], &base.xml[end..]));
    assert_eq!(shows(&found, "word.stray-heading"), 1, "{found:#?}");
    assert!(again.texts.iter().any(|text| text.markdown.contains("《甲办法》")));
}
