//! The fields of the organ come from the form: one with a day, a choice and a question goes through every command and
//! back.
//! Must not know the rules: the golden cases show what is said.

mod common;

use common::run;
use docx_fill::diag::{DiagnosticFormat, Lang, Sink, Sources, render_diagnostics};
use nianbao::data::{Syntax, load_data};
use nianbao::form::{FieldKind, Form, FormRegistry};
use nianbao::next_year::begin_next_year;
use nianbao::report::{Report, read_report};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A form of its own family, with fields of every kind.
const FORM: &str = r#"
family = "sites"
name = "网站工作年度报表"
title = "{organ}{year}年网站工作年度报表"
years = { from = 2019 }

[[field]]
id = "name"
label = "主办单位"
kind = "name"

[[field]]
id = "approved-on"
label = "批准日期"
kind = "date"
required = true

[[field]]
id = "sort"
label = "网站类型"
also = ["类型"]
kind = "choice"
choices = [{ id = "portal", name = "门户网站" }, { id = "special", name = "专业网站" }]

[[field]]
id = "unified"
label = "使用统一平台"
kind = "yes-no"

[[field]]
id = "head"
label = "负责人"
print-first-in = "lead"

[[field]]
id = "call"
label = "电话"
kind = "phone"
print-last-in = "overview"

[[field]]
id = "filled-on"
label = "填报日期"
kind = "date"
print-last-in = "overview"

[[field]]
id = "searchable"
label = "有站内搜索"
kind = "yes-no"
print-last-in = "counts"

[[field]]
id = "zip"
label = "邮编"
kind = "postcode"

[[field]]
id = "mail"
label = "邮箱"
kind = "mail"

[[section]]
id = "lead"
starter = "网站类型：{{organ.sort}}。使用统一平台：{{organ.unified}}。批准日期：{{organ.approved-on}}。邮编：{{organ.zip}}。"

[[section]]
id = "counts"
heading = "一、数据"
table = "counts"

[[section]]
id = "overview"
heading = "二、总体情况"

[[table]]
id = "counts"
name = "表一"
widths = [39, 39, 39, 39]
header-lines = 1
column = [
  { id = "news", label = "动态信息", unit = "条" },
  { id = "index", label = "目录信息", unit = "条" },
  { id = "total", label = "合计", unit = "条" },
]
row = [{ id = "published", label = "信息发布" }]
line = [
  { head = [{ text = "项目" }, { column = "news" }, { column = "index" }, { column = "total" }] },
  { row = "published" },
]
identity = [{ id = "published-sum", per = "row", holds = "news + index = total", computes = "total" }]
"#;

/// The words of a filled report's head.
const FILLED: &str = "approved-on = 2026-01-05\nsort = \"门户网站\"\nunified = false\nhead = \"王五\"\n\
                      call = \"000-0000000\"\nzip = \"010000\"\n";

fn workspace() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().to_owned();
    std::fs::create_dir_all(dir.join("forms/sites")).expect("a folder");
    std::fs::write(dir.join("forms/sites/form.toml"), FORM).expect("written");
    (folder, dir)
}

/// Runs a command with the form; it has to find nothing wrong.
fn succeed(dir: &Path, args: &[&str]) -> String {
    let args: Vec<&str> = args.iter().copied().chain(["--templates", "forms"]).collect();
    let ran = run(dir, &args);
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

fn text_of(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// Reads a data file with the form, as the library does.
fn read(text: &str) -> (Option<Report>, Vec<String>) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let form = sources.add_text("form.toml", FORM);
    let mut library = FormRegistry::built_in();
    let form = Form::read(form, FORM, &mut sink).expect("a form");
    library.add_form(form).expect("a new form");
    let source = sources.add_text("report.toml", text);
    let root = load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
    let report = read_report(source, &root, &library, &mut sink);
    let rules = sink.into_sorted().into_iter().map(|found| found.rule.to_string()).collect();
    (report, rules)
}

/// Returns the values of the organ's fields in the order of the form.
fn values(report: &Report) -> Vec<(String, String)> {
    let organ = &report.organ;
    let fields = report.form.fields.iter();
    let given = fields.map(|field| (field.id.clone(), organ.value_of(field).to_owned()));
    given.filter(|(_, value)| !value.is_empty()).collect()
}

fn filled(fields: &str) -> String {
    format!(
        "year = 2025\nfamily = \"sites\"\n[organ]\nname = \"某局\"\n{fields}[counts]\npublished = {{ news = 3, index = 1 }}\n"
    )
}

#[test]
fn a_fresh_file_asks_for_the_fields_of_its_form() {
    let (_folder, dir) = workspace();
    let new = ["--year", "2025", "--organ", "某局", "--form", "sites"];
    succeed(&dir, &[&["new", "fresh"], new.as_slice()].concat());
    let text = text_of(&dir.join("fresh/report.toml"));
    for line in [
        "name        = \"某局\"\n",
        "approved-on = \"\"  # 批准日期\n",
        "# 网站类型：portal 门户网站、special 专业网站\nsort        = \"\"\n",
        "# 使用统一平台：yes 是、no 否\nunified     = \"\"\n",
        "zip         = \"\"  # 邮编\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert!(!text.contains("level") && !text.contains("address"), "{text}");
    // The day is required, the rest is not.
    let ran = run(&dir, &["check", "fresh", "--templates", "forms"]);
    assert_eq!(ran.stdout.matches("[missing-key]").count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("批准日期"), "{}", ran.stdout);
}

#[test]
fn values_are_of_the_kind_of_their_field() {
    let (report, rules) = read(&filled(FILLED));
    assert_eq!(rules, Vec::<String>::new());
    let report = report.expect("a report");
    let expected = [
        ("name", "某局"),
        ("approved-on", "2026-01-05"),
        ("sort", "portal"),
        ("unified", "no"),
        ("head", "王五"),
        ("call", "000-0000000"),
        ("zip", "010000"),
    ];
    assert_eq!(values(&report), expected.map(|(id, value)| (id.to_owned(), value.to_owned())));
    let shown = &report.to_values(false)["organ"];
    assert_eq!((&shown["sort"], &shown["unified"]), (&"门户网站".into(), &"否".into()));
    for (from, to, rule) in [
        ("2026-01-05", "\"2026年2月30日\"", "wrong-type"),
        ("2026-01-05", "\"\"", "missing-key"),
        ("\"门户网站\"", "\"门户\"", "unknown-choice"),
        ("= false", "= \"也许\"", "unknown-choice"),
        ("= false", "= 1.5", "unknown-choice"),
        ("zip = ", "level = \"county\"\nzip = ", "unknown-key"),
    ] {
        let text = filled(&FILLED.replace(from, to));
        let (_, rules) = read(&text);
        assert_eq!(rules, [rule], "{to}");
    }
    for (written, day) in [("\"2026年1月5日\"", "2026-01-05"), ("\"2026/1/5\"", "2026-01-05")] {
        let (report, rules) = read(&filled(&FILLED.replace("2026-01-05", written)));
        assert_eq!(rules, Vec::<String>::new(), "{written}");
        assert_eq!(report.expect("a report").organ.values["approved-on"], day);
    }
}

#[test]
fn fields_are_checked_by_their_kind() {
    let (_folder, dir) = workspace();
    let fields = FILLED.replace("010000", "10000");
    std::fs::write(dir.join("report.toml"), filled(&(fields + "mail = \"某局#example\"\n")))
        .expect("written");
    let ran = run(&dir, &["check", "report.toml", "--templates", "forms"]);
    assert_eq!(ran.stdout.matches("[contact]").count(), 2, "{}", ran.stdout);
    // A number of a field's own words is none of the text's: full-width digits are told by the field's label.
    let fields = FILLED.replace("000-0000000", "０00-0000000");
    std::fs::write(dir.join("report.toml"), filled(&fields)).expect("written");
    let ran = run(&dir, &["check", "report.toml", "--templates", "forms"]);
    assert!(ran.stdout.contains("电话（call）"), "{}", ran.stdout);
}

#[test]
fn what_the_next_form_cannot_hold_is_left_out_and_listed() {
    let report = read(&filled(FILLED)).0.expect("a report");
    let next_form = FORM
        .replace("id = \"head\"", "id = \"leader\"")
        .replace("{ id = \"portal\", name = \"门户网站\" }", "{ id = \"main\", name = \"主站\" }");
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let form = Form::read(sources.add_text("form.toml", next_form.as_str()), &next_form, &mut sink);
    let form = Arc::new(form.expect("a form"));
    let next = begin_next_year(&report, &form, 2026);
    let listed = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    let expected = [listed("网站类型", "门户网站"), listed("负责人", "王五")];
    assert_eq!(next.dropped_values, expected);
    let kept = values(&next.report);
    assert!(kept.contains(&listed("call", "000-0000000")), "{kept:?}");
    assert!(!kept.iter().any(|(id, _)| id == "sort" || id == "leader"), "{kept:?}");
}

#[test]
fn fields_go_through_workbook_and_document_and_back() {
    let (_folder, dir) = workspace();
    let new = ["--year", "2025", "--organ", "某局", "--form", "sites"];
    succeed(&dir, &[&["new", "fresh"], new.as_slice()].concat());
    let file = dir.join("fresh/report.toml");
    let mut text = text_of(&file);
    for (id, value) in [
        ("approved-on = ", "2026-01-05"),
        ("sort        = ", "\"special\""),
        ("unified     = ", "true"),
        ("head        = ", "\"王五\""),
        ("call        = ", "\"000-0000000\""),
        ("filled-on   = ", "2026-01-07"),
        ("searchable  = ", "\"是\""),
        ("zip         = ", "\"010000\""),
    ] {
        assert!(text.contains(&format!("{id}\"\"")), "{id}{text}");
        text = text.replacen(&format!("{id}\"\""), &format!("{id}{value}"), 1);
    }
    let overview = "overview = \"本年度按计划开展网站管理，发布的信息都经过审核。\"";
    text = text.replace("overview = \"\"\"\n\n\"\"\"", overview);
    std::fs::write(&file, &text).expect("written");
    let (report, rules) = read(&text);
    assert_eq!(rules, Vec::<String>::new(), "{text}");
    let given = values(&report.expect("a report"));
    succeed(&dir, &["convert", "fresh/report.toml", "book.xlsx"]);
    succeed(&dir, &["convert", "book.xlsx", "book.toml"]);
    succeed(&dir, &["build", "fresh", "-o", "made", "--to", "docx"]);
    let made = common::only(&dir.join("made"), ".docx");
    let bytes = std::fs::read(&made).expect("a document");
    let body = common::part(&bytes, "word/document.xml");
    // Each line stands in its section, and nowhere else.
    let at = |words: &str| {
        assert_eq!(body.matches(words).count(), 1, "{words}: {body}");
        body.find(words).expect("the words")
    };
    let order = [
        "负责人：王五",
        "网站类型：专业网站",
        "一、数据",
        "有站内搜索：是",
        "二、总体情况",
        "都经过审核",
        "电话：000-0000000",
        "填报日期：2026年1月7日",
    ];
    assert!(order.map(at).is_sorted(), "{body}");
    succeed(&dir, &["import", made.to_str().expect("a name"), "-o", "read"]);
    for again in ["book.toml", "read/report.toml"] {
        let text = text_of(&dir.join(again));
        let (report, rules) = read(&text);
        assert_eq!(rules, Vec::<String>::new(), "{again}: {text}");
        assert_eq!(values(&report.expect("a report")), given, "{again}: {text}");
        // The lines are no text of the report.
        let (_, texts) = text.split_once("text").expect("texts");
        assert!(!texts.contains("负责人") && !texts.contains("填报日期"), "{again}: {text}");
    }
}

#[test]
fn a_county_keeps_the_fields_of_its_own_report() {
    let (_folder, dir) = workspace();
    std::fs::create_dir_all(dir.join("units")).expect("a folder");
    std::fs::write(dir.join("units/report.toml"), filled(FILLED).replace("某局", "甲局"))
        .expect("written");
    std::fs::write(dir.join("own.toml"), filled(FILLED)).expect("written");
    let args = ["collect", "units", "--own", "own.toml", "-o", "total", "--templates", "forms"];
    let ran = run(&dir, &args);
    assert!(ran.code < 2, "{}{}", ran.stdout, ran.stderr);
    let text = text_of(&dir.join("total/report.toml"));
    let (report, _) = read(&text);
    let (own, _) = read(&filled(FILLED));
    let (report, own) = (report.expect("a report"), own.expect("a report"));
    assert_eq!(values(&report), values(&own), "{text}");
}

/// What is wrong with a field is said at its line, in the language of the user.
#[test]
fn faults_of_fields_are_named_with_their_line() {
    let all = "id = \"zip\"\nlabel = \"邮编\"\nkind = \"postcode\"";
    for (from, to, said) in [
        ("kind = \"postcode\"", "kind = \"zip\"", ["不能用", "cannot have"]),
        ("id = \"zip\"", "id = \"call\"", ["写了两次", "twice"]),
        ("label = \"邮编\"", "label = \"电话\"", ["写了两次", "twice"]),
        ("label = \"邮编\"", "label = \"日期\"", ["每份数据文件都有", "every data file"]),
        ("id = \"zip\"", "id = \"title\"", ["每份数据文件都有", "every data file"]),
        ("id = \"zip\"", "id = \"a.b\"", ["不能用作 id", "cannot be an id"]),
        ("id = \"zip\"", "id = \"level\"", ["kind 也要写 level", "kind level"]),
        (all, "label = \"邮编\"", ["缺少 id", "lacks id"]),
        ("kind = \"postcode\"", "kind = \"choice\"", ["choices 不对", "choices of"]),
        ("kind = \"postcode\"", "kinds = \"text\"", ["不认识的名称 kinds", "unknown key kinds"]),
        (
            "label = \"信息发布\" }",
            "label = \"信息发布\", levels = [\"county\"] }",
            ["没有 kind 是 level", "no [[field]] is of the kind level"],
        ),
        (
            "kind = \"postcode\"",
            "print-last-in = \"oveview\"",
            ["没有编号为“oveview”的部分", "no section “oveview”"],
        ),
        (
            "kind = \"postcode\"",
            "print-last-in = \"lead\"\nprint-first-in = \"lead\"",
            ["只能印在一处", "in one place"],
        ),
        (
            "kind = \"postcode\"",
            "kind = \"choice\"\nchoices = [{ id = \"a\", name = \"甲\" }, { id = \"b\", name = \"甲\" }]",
            ["写了两次", "twice"],
        ),
    ] {
        assert!(FORM.contains(from), "{from}");
        let text = FORM.replacen(from, to, 1);
        let (first, last) = lines_of(&text, FORM.find(from).expect("the words"));
        for (lang, words) in [Lang::Zh, Lang::En].into_iter().zip(said) {
            let (mut sources, mut sink) = (Sources::default(), Sink::new());
            let source = sources.add_text("form.toml", text.as_str());
            assert!(Form::read(source, &text, &mut sink).is_none(), "{to}");
            let found = sink.into_sorted();
            let all = render_diagnostics(&found, &sources, DiagnosticFormat::Short, lang);
            let line: usize = all.split(':').nth(1).and_then(|n| n.parse().ok()).expect("a line");
            assert!((first..=last).contains(&line), "{to}: {all}");
            assert!(all.contains(words), "{to}: {all}");
        }
    }
}

/// Returns the first and the last line of the table in which an offset lies.
fn lines_of(text: &str, at: usize) -> (usize, usize) {
    let start = text[..at].rfind("[[").expect("a table");
    let end = text[at..].find("\n[[").map_or(text.len(), |end| at + end);
    let line = |at: usize| 1 + text[..at].matches('\n').count();
    (line(start), line(end))
}

/// A form that lists no field has those of the annual report, which says them itself.
#[test]
fn forms_without_fields_have_the_usual_ones() {
    let start = FORM.find("[[field]]").expect("fields");
    let end = FORM.find("[[section]]").expect("sections");
    let text = format!("{}{}", &FORM[..start], &FORM[end..]);
    let mut sink = Sink::new();
    let source = Sources::default().add_text("form.toml", text.as_str());
    let form = Form::read(source, &text, &mut sink).expect("a form");
    for annual in FormRegistry::built_in().forms() {
        let mut fields = form.fields.clone();
        for field in fields.iter_mut().filter(|field| field.kind == FieldKind::Level) {
            assert!(!field.is_offered, "the form knows no levels");
            field.is_offered = true;
        }
        assert_eq!(fields, annual.fields);
        let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        let known = ["name", "level", "address", "postcode", "phone", "email", "website"];
        assert_eq!(ids, known);
    }
}

/// The fields that the Chinese page shows are read as they stand there.
#[test]
fn the_fields_of_the_documents_are_read() {
    let page = text_of(&common::root().join("docs/form-file.zh.md"));
    let shown = page.rsplit("```toml\n").next().and_then(|rest| rest.split("```").next());
    let start = FORM.find("[[field]]").expect("fields");
    let end = FORM.find("[[section]]").expect("sections");
    let text = format!("{}{}\n{}", &FORM[..start], shown.expect("fields"), &FORM[end..]);
    let mut sink = Sink::new();
    let source = Sources::default().add_text("form.toml", text.as_str());
    let form = Form::read(source, &text, &mut sink).expect("a form");
    let kinds: Vec<FieldKind> = form.fields.iter().map(|field| field.kind).collect();
    assert_eq!(kinds, [FieldKind::Name, FieldKind::Date, FieldKind::Choice]);
}
