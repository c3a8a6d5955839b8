//! The law of reading for web pages: the same reports, damaged in the same ways, as pages of portals.

use super::{build, check, damaged, random, random_report, read, round_numbers, rounds};
use crate::common;
use crate::generator::Random;
use crate::portal::{PortalPage, PortalStyle};
use docx_fill::diag::{Diagnostic, Severity, Sink, Sources};
use docx_fill::opc::PackageLimits;
use docx_fill::prose::{self, ProseBlock};
use docx_fill::word::blocks::WordDocument;
use nianbao::form::FormRegistry;
use nianbao::import::{self, ImportOptions};
use nianbao::report::{self, Figure, Report};

fn import_page(bytes: &[u8], library: &FormRegistry) -> (Report, Vec<Diagnostic>) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("old.html");
    let options = ImportOptions::new(library, PackageLimits::default());
    let read = import::import_web_page(source, bytes, &options, &mut sources, &mut sink);
    let read = read.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(bytes)));
    let report = report::read_report(source, &read.node, library, &mut sink).expect("a report");
    (report, sink.into_sorted())
}

/// The bytes of a page: in UTF-8, or in GBK if all characters are in it.
fn encoded(page: &str, random: &mut Random) -> Vec<u8> {
    let gbk = page.replace("{charset}", "gb2312");
    let (bytes, _, lost) = encoding_rs::GBK.encode(&gbk);
    if random.one_in(2) || lost {
        return page.replace("{charset}", "utf-8").into_bytes();
    }
    bytes.into_owned()
}

fn document(xml: &str) -> WordDocument {
    WordDocument::read(xml.to_owned(), "word/document.xml").expect("a document")
}

/// The words of the texts, whatever their paragraphs, lists and looks.
fn words(report: &Report) -> Vec<(usize, bool, String)> {
    let block =
        |block: ProseBlock| block.inlines().into_iter().map(prose::plain_text).collect::<String>();
    let texts = report.texts.iter().map(|text| {
        let all: String = prose::parse_markdown(&text.markdown).into_iter().map(block).collect();
        (text.section, text.after_table, all.split_whitespace().collect::<String>())
    });
    texts.filter(|(.., words)| !words.is_empty()).collect()
}

fn law(year: u16) {
    let library = FormRegistry::built_in();
    let (mut hurt, mut whole) = (0, 0);
    for number in round_numbers() {
        let mut random = random(0x0F1E_2D3C_4B5A_6978 ^ u64::from(year), number);
        let report = random_report(year, &mut random, &library);
        let parts = common::parts(&build(&report));
        let xml = String::from_utf8(parts["word/document.xml"].clone()).expect("UTF-8");
        let other = damaged(&xml, &report, &mut random);
        let style = PortalStyle::random(&mut random);
        let page = PortalPage::draw(&document(&other), style, &mut random);
        let (again, found) = import_page(&encoded(&page, &mut random), &library);
        let about = format!("round {number} of {year}: {style:?}");
        assert_eq!(again.form.edition, report.form.edition, "{about}");
        assert_eq!((again.year, &again.organ.name), (year, &report.organ.name), "{about}");
        match check(&report, &again, &found, &about) {
            0 => whole += 1,
            _ => hurt += 1,
        }
        let told = found.iter().filter(|one| one.message.id() == "word.page-lines").count();
        assert_eq!(told, usize::from(style.frame > 0), "{about}: {found:#?}");
    }
    assert!(hurt > rounds() / 10 && whole > rounds() / 10, "{hurt} hurt, {whole} whole");
}

#[test]
fn no_cell_of_a_page_of_2020_becomes_zero_in_silence() {
    law(2020);
}

#[test]
fn no_cell_of_a_page_of_2025_becomes_zero_in_silence() {
    law(2025);
}

#[test]
fn the_samples_read_back_from_every_kind_of_page() {
    let library = FormRegistry::built_in();
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    for sample in common::samples() {
        let path = common::root().join("samples").join(&sample).join("report.toml");
        let text = std::fs::read_to_string(path).expect("a sample");
        // Pictures lie beside a page.
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("!["));
        let report = read(&lines.collect::<Vec<_>>().join("\n"), &library);
        let parts = common::parts(&build(&report));
        let xml = String::from_utf8(parts["word/document.xml"].clone()).expect("UTF-8");
        let (word, _) = super::import(&super::with_body(&parts, &xml), &library);
        for number in 0..24 {
            let style = PortalStyle::random(&mut random);
            let style = PortalStyle { frame: number % 3, lost_spans: false, ..style };
            let page = PortalPage::draw(&document(&xml), style, &mut random);
            let (read, found) = import_page(&encoded(&page, &mut random), &library);
            let about = format!("{sample}: {style:?}");
            assert_eq!(check(&report, &read, &found, &about), 0, "{about}: {found:#?}");
            assert_eq!(read.title(), word.title(), "{about}");
            assert_eq!(read.date, word.date, "{about}");
            assert_eq!(words(&read), words(&word), "{about}");
            let grave = found.iter().filter(|one| one.severity != Severity::Info);
            assert_eq!(grave.count(), 0, "{about}: {found:#?}");
        }
    }
}

/// A column that somebody added for last year's figures does not take the place of the official one, on whichever side
/// it stands; what stands in it is told.
#[test]
fn a_column_of_last_year_is_not_read_as_this_years() {
    let library = FormRegistry::built_in();
    let heads = ["现行有效件数（2024年）", "现行有效件数"];
    for order in [[0, 1], [1, 0]] {
        let figures = ["99", "5"];
        let cells =
            |words: [&str; 2]| format!("<td>{}</td><td>{}</td>", words[order[0]], words[order[1]]);
        let page = format!(
            "<html><head><meta charset=utf-8></head><body><h1>云砚镇人民政府2025年政府信息公开工作年度报告</h1>\
             <h2>二、主动公开政府信息情况</h2><table><tr><td colspan=5>第二十条第（一）项</td></tr>\
             <tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td>{}</tr>\
             <tr><td>行政规范性文件</td><td>1</td><td>0</td>{}</tr></table></body></html>",
            cells(heads),
            cells(figures),
        );
        let (report, found) = import_page(page.as_bytes(), &library);
        let table = report
            .form
            .tables
            .iter()
            .position(|table| table.id == "disclosure")
            .expect("table two");
        let read: Vec<String> = report.tables[table]
            .iter()
            .filter_map(|cell| cell.figure.as_number())
            .map(|figure| figure.to_string())
            .collect();
        assert!(
            read.iter().any(|one| one == "5") && !read.iter().any(|one| one == "99"),
            "{order:?}: {read:?}"
        );
        assert!(found.iter().any(|one| one.rule == "word-unplaced"), "{order:?}: {found:#?}");
    }
}

/// Heads of which one lost what made it wide end before the other lines do: a row with a merged cell is not read by its
/// places, and a whole one is read in its order.
#[test]
fn heads_that_are_too_narrow_give_no_figure_to_another_column() {
    let library = FormRegistry::built_in();
    let page = "<html><head><meta charset=utf-8></head><body><h1>云砚镇人民政府2020年政府信息公开工作年度报告</h1>\
        <h2>二、主动公开政府信息情况</h2><table><tr><td colspan=5>第二十条第（五）项</td></tr>\
        <tr><td>信息内容</td><td>上一年项目数量</td><td>本年增/减</td><td>处理决定数量</td></tr>\
        <tr><td>行政许可</td><td colspan=2>51</td><td>13635</td></tr>\
        <tr><td>其他对外管理服务事项</td><td>3</td><td colspan=2>4</td><td>5</td></tr></table></body></html>";
    let (report, found) = import_page(page.as_bytes(), &library);
    let table = report.form.tables.iter().position(|table| table.id == "disclosure");
    let table = table.expect("table two");
    let form = &report.form.tables[table];
    let read = |row: &str| -> Vec<String> {
        let row = form.find_row(row).expect("a row");
        let own = form.row_columns(row).filter_map(|column| form.cell_number(row, column));
        own.map(|cell| report.tables[table][cell].figure.cell_text()).collect()
    };
    let unknown = Figure::Unknown.cell_text();
    assert_eq!(read("licensing"), [unknown.as_str(); 3], "{found:#?}");
    assert_eq!(read("other-services"), ["3", "4", "5"], "{found:#?}");
    let told = found.iter().filter(|one| one.severity == Severity::Error);
    assert!(told.count() > 0, "{found:#?}");
}
