//! Files of other kinds and encodings are read as the usual ones: old workbooks, GBK and UTF-16 texts, CSV as Chinese
//! Excel saves it, web pages.

mod common;

use docx_fill::diag::Severity;
use nianbao::data::{ENCODING_RULE, Syntax};
use nianbao::form::FormRegistry;
use nianbao::limits::Limits;
use nianbao::report::{Figure, Report};
use nianbao::session::{DataFileKind, Input, Session};

const SAMPLE: &str = "samples/yunyan-2025/report.toml";

/// A report that was read from a file, and how often its encoding was told.
fn read(name: &str, bytes: Vec<u8>) -> (Report, usize) {
    let forms = FormRegistry::built_in();
    let mut session = Session::new(&forms, Limits::default());
    let extension = name.rsplit_once('.').expect("an extension").1;
    let kind = DataFileKind::from_extension(extension).expect("a kind");
    let read = session.read_report(&Input { name: name.to_owned(), kind, bytes });
    let found = session.take_findings().into_sorted();
    assert!(found.iter().all(|one| one.severity != Severity::Error), "{name}: {found:#?}");
    let told = found.iter().filter(|one| one.rule == ENCODING_RULE).count();
    (read.expect("a report").report, told)
}

fn figures(report: &Report) -> Vec<Vec<Figure>> {
    let table = |cells: &Vec<nianbao::report::ReportCell>| {
        cells.iter().map(|cell| cell.figure.clone()).collect()
    };
    report.tables.iter().map(table).collect()
}

fn file(path: &str) -> Vec<u8> {
    std::fs::read(common::root().join(path)).expect("a file")
}

#[test]
fn old_workbooks_are_read_as_new_ones() {
    let (right, _) = read("report.toml", file(SAMPLE));
    for (name, path) in [
        ("report.xls", "tests/import/workbook.xls"),
        ("report.et", "tests/import/workbook.xls"),
        ("report.ods", "tests/import/workbook.ods"),
    ] {
        let (old, _) = read(name, file(path));
        assert_eq!(figures(&old), figures(&right), "{name}");
        assert_eq!((old.year, &old.organ.name), (right.year, &right.organ.name), "{name}");
        let texts = |report: &Report| report.texts.iter().map(|t| t.section).collect::<Vec<_>>();
        assert_eq!(texts(&old), texts(&right), "{name}");
    }
}

#[test]
fn texts_in_other_encodings_are_read_and_told_once() {
    let text = String::from_utf8(file(SAMPLE)).expect("UTF-8");
    let (right, told) = read("report.toml", text.clone().into_bytes());
    assert_eq!(told, 0);
    let wide = |units: Vec<[u8; 2]>| units.concat();
    let little: Vec<[u8; 2]> = text.encode_utf16().map(u16::to_le_bytes).collect();
    for bytes in [
        encoding_rs::GB18030.encode(&text).0.into_owned(),
        [vec![0xFF, 0xFE], wide(little)].concat(),
    ] {
        let (other, told) = read("report.toml", bytes);
        assert_eq!(told, 1);
        assert_eq!(figures(&other), figures(&right));
        let words = |report: &Report| -> Vec<String> {
            report.texts.iter().map(|text| text.markdown.clone()).collect()
        };
        assert_eq!(words(&other), words(&right));
    }
}

#[test]
fn a_table_as_chinese_excel_saves_it_is_read() {
    let forms = FormRegistry::built_in();
    let utf8 = "\u{feff}表二,,,\r\n信息内容,本年制发件数,本年废止件数,现行有效件数\r\n规章,0,0,0\r\n行政规范性文件,2,1,9\r\n";
    let gbk = encoding_rs::GBK.encode(utf8.trim_start_matches('\u{feff}')).0.into_owned();
    let open = |bytes: Vec<u8>| {
        let mut session = Session::new(&forms, Limits::default());
        let input = Input { name: "表二.csv".to_owned(), kind: DataFileKind::Csv, bytes };
        let root = session.open_file(&input).map(|file| format!("{:?}", values(&file.root)));
        let found = session.take_findings().into_sorted();
        (root, found.iter().filter(|one| one.rule == ENCODING_RULE).count())
    };
    let ((right, none), (other, told)) = (open(utf8.as_bytes().to_vec()), open(gbk));
    assert!(right.as_ref().is_some_and(|root| root.contains("\"9\"")), "{right:?}");
    assert_eq!((right, none, told), (other, 0, 1));
}

/// The numbers of a tree with their keys.
fn values(node: &nianbao::data::DataNode) -> Vec<(String, String)> {
    use nianbao::data::DataValue;
    match &node.value {
        DataValue::Table(entries) => entries
            .iter()
            .flat_map(|entry| {
                let inner = values(&entry.node);
                inner.into_iter().map(|(key, value)| (format!("{} {key}", entry.key), value))
            })
            .collect(),
        DataValue::List(items) => items.iter().flat_map(values).collect(),
        DataValue::Number(digits) => vec![(String::new(), digits.clone())],
        _ => Vec::new(),
    }
}

#[test]
fn what_is_no_text_in_any_encoding_is_refused() {
    let forms = FormRegistry::built_in();
    for bytes in [&b"year = 2025 # caf\xE9"[..], b"y\0e\0a\0r\0\xFF"] {
        let mut session = Session::new(&forms, Limits::default());
        let kind = DataFileKind::Text(Syntax::Toml);
        let input = Input { name: "report.toml".to_owned(), kind, bytes: bytes.to_vec() };
        assert!(session.read_report(&input).is_none() && session.has_errors());
    }
}
