//! A row or a cell may have a kind and a unit of its own: what is read, checked, printed and written back follows it.
//! Must not know how a table is drawn.

mod common;

use common::run;
use docx_fill::diag::{Sink, Sources};
use nianbao::data::{Syntax, load_data};
use nianbao::form::{FigureKind, Form, FormRegistry};
use nianbao::report::{Report, read_report};

/// A form whose rows count different things.
const FORM: &str = r#"
family = "sites"
name = "网站工作年度报表"
title = "{organ}{year}年网站工作年度报表"
years = { from = 2019 }

[[section]]
id = "counts"
heading = "一、数据"
table = "counts"

[[table]]
id = "counts"
name = "表一"
widths = [52, 52, 52]
header-lines = 1
column = [{ id = "own", label = "本级", unit = "条" }, { id = "below", label = "下级", unit = "条" }]
row = [
  { id = "published", label = "信息发布" },
  { id = "handling", label = "平均办理时间", kind = "money", unit = "天" },
  { id = "account", label = "微信名称", kind = "text", unit = "" },
  { id = "growth", label = "增减", kind = "signed" },
]
line = [
  { head = [{ text = "项目" }, { column = "own" }, { column = "below" }] },
  { row = "published" },
  { row = "handling" },
  { row = "account", figures = ["own", { column = "below", kind = "count", unit = "个" }] },
  { row = "growth" },
]
"#;

const DATA: &str = "year = 2025\nfamily = \"sites\"\n[organ]\nname = \"某局\"\n[counts]\npublished = [3, 4]\n\
                    handling = [1.5, 2]\naccount = [\"某局发布\", 2]\ngrowth = [-3, 0]\n";

fn library() -> FormRegistry {
    let mut sink = Sink::new();
    let source = Sources::default().add_text("form.toml", FORM);
    let form = Form::read(source, FORM, &mut sink).expect("a form");
    let mut library = FormRegistry::built_in();
    library.add_form(form).expect("a new form");
    library
}

fn read(text: &str) -> (Option<Report>, Vec<String>) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("report.toml", text);
    let root = load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
    let report = read_report(source, &root, &library(), &mut sink);
    let rules = sink.into_sorted().into_iter().map(|found| found.rule.to_string()).collect();
    (report, rules)
}

#[test]
fn a_cells_kind_is_its_own_then_its_rows_then_its_columns() {
    let library = library();
    let form = library.forms().last().expect("a form");
    let table = form.tables.first().expect("a table");
    let of = |row: &str, column: &str| {
        let (row, column) = (table.find_row(row), table.find_column(column));
        let cell = table.cell_number(row.expect("a row"), column.expect("a column"));
        (table.kind_of(cell.expect("a cell")), table.unit_of(cell.expect("a cell")))
    };
    assert_eq!(of("published", "own"), (FigureKind::Count, "条"));
    assert_eq!(of("handling", "below"), (FigureKind::Money, "天"));
    assert_eq!(of("account", "own"), (FigureKind::Text, ""));
    assert_eq!(of("account", "below"), (FigureKind::Count, "个"));
    assert_eq!(of("growth", "own"), (FigureKind::Signed, "条"));
}

#[test]
fn figures_are_read_by_the_kind_of_their_cell() {
    assert_eq!(read(DATA).1, Vec::<String>::new());
    for (from, to) in [
        ("[3, 4]", "[3, 4.5]"),
        ("[3, 4]", "[3, -4]"),
        ("[1.5, 2]", "[1.5, -2]"),
        ("[1.5, 2]", "[1.5, \"两天\"]"),
        ("发布\", 2]", "发布\", \"两个\"]"),
        ("[-3, 0]", "[-3.5, 0]"),
    ] {
        assert!(DATA.contains(from), "{from}");
        assert_eq!(read(&DATA.replace(from, to)).1, ["not-a-count"], "{to}");
    }
}

#[test]
fn figures_go_through_workbook_and_document_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path();
    std::fs::create_dir_all(dir.join("forms/sites")).expect("a folder");
    std::fs::write(dir.join("forms/sites/form.toml"), FORM).expect("written");
    std::fs::write(dir.join("report.toml"), DATA).expect("written");
    // Units behind the figures are those of the cells.
    let csv = "项目,本级,下级\n信息发布,3条,4条\n平均办理时间,1.5天,2天\n微信名称,某局发布,2个\n增减,减3,0\n";
    std::fs::write(dir.join("table.csv"), csv).expect("written");
    let succeed = |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["--templates", "forms"]).collect();
        let ran = run(dir, &args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    };
    succeed(&["convert", "report.toml", "book.xlsx"]);
    succeed(&["convert", "book.xlsx", "book.toml"]);
    succeed(&["build", "report.toml", "-o", "made", "--to", "docx"]);
    let made = common::only(&dir.join("made"), ".docx");
    succeed(&["import", made.to_str().expect("a name"), "-o", "read"]);
    succeed(&["convert", "table.csv", "table.toml"]);
    let text_of = |file: &str| std::fs::read_to_string(dir.join(file)).expect("a file");
    let head = DATA.split("[counts]").next().expect("the head");
    let csv = format!("{head}{}", text_of("table.toml"));
    let given = read(DATA).0.expect("a report");
    for (file, text) in [
        ("book.toml", text_of("book.toml")),
        ("read/report.toml", text_of("read/report.toml")),
        ("table.toml", csv),
    ] {
        let (again, rules) = read(&text);
        assert_eq!(rules, Vec::<String>::new(), "{file}: {text}");
        let figures = |report: &Report| -> Vec<_> {
            report.tables.iter().flatten().map(|cell| cell.figure.clone()).collect()
        };
        assert_eq!(figures(&again.expect("a report")), figures(&given), "{file}: {text}");
    }
}
