//! `nianbao collect`: a generated county with known faults, of which exactly these are reported and whose
//! sums are right; the laws of adding up; the workbook and the page that come out.

mod common;
#[path = "common/generator.rs"]
mod generator;

use common::{Ran, copy, root, run, samples};
use docx_fill::diag::{Sink, Sources};
use generator::{Model, PEOPLE, Random};
use nianbao::data::{self, Syntax};
use nianbao::form::FormRegistry;
use nianbao::render::{self, Assets, EditionTemplates, RenderJob, Templates};
use nianbao::report::{self, Figure, Report};
use nianbao::{quote, sheet};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const WANTED: nianbao::render::RenderTargets =
    nianbao::render::RenderTargets { docx: true, pdf: false };

/// Units of the generated county.
const UNITS: usize = 120;
const YEAR: u16 = 2025;

/// Reads a report in TOML.
fn read(text: &str) -> Report {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("report.toml", text);
    let root = data::load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
    report::read_report(source, &root, &FormRegistry::built_in(), &mut sink).expect("a report")
}

fn file(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, content).expect("written");
}

/// All figures by table, row and column.
fn figures(report: &Report) -> BTreeMap<String, Figure> {
    let mut out = BTreeMap::new();
    for (table, cells) in report.form.tables.iter().zip(&report.tables) {
        for (id, cell) in table.cells.iter().zip(cells) {
            let (row, column) = (&table.rows[id.row].id, &table.columns[id.column].id);
            out.insert(format!("{}.{row}.{column}", table.id), cell.figure.clone());
        }
    }
    out
}

/// A finding: rule, file, table, row, column.
fn key(line: &serde_json::Value) -> String {
    let words: Vec<&str> = ["rule", "file", "table", "row", "col"]
        .iter()
        .map(|key| line[key].as_str().unwrap_or("-"))
        .collect();
    words.join(" ")
}

fn findings(ran: &Ran) -> Vec<String> {
    let lines = ran.stdout.lines().filter(|line| line.starts_with('{'));
    let mut out: Vec<String> =
        lines.map(|line| key(&serde_json::from_str(line).expect("JSON"))).collect();
    out.sort();
    out
}

struct NoPictures;

impl Assets for NoPictures {
    fn get(&self, _: &str) -> Option<&[u8]> {
        None
    }
}

/// The Word document of a report.
fn document(report: &Report) -> Vec<u8> {
    static MADE: OnceLock<EditionTemplates> = OnceLock::new();
    let mut sink = Sink::new();
    let edition = MADE.get_or_init(|| {
        Templates::built_in().read_edition(
            &report.form,
            WANTED,
            &mut Sources::default(),
            &mut Sink::new(),
        )
    });
    let texts = quote::fill_quotes(report, "", &mut sink);
    let job = RenderJob { report, texts: &texts, assets: &NoPictures, draft: false };
    let bytes = render::render_docx(&job, edition, &mut sink);
    bytes.unwrap_or_else(|| panic!("{:?}", sink.into_sorted())).into_bytes()
}

/// A county in the making.
struct County {
    dir: PathBuf,
    list: String,
    random: Random,
    /// The reports that have to be in the sum.
    added: Vec<Model>,
    expected: Vec<String>,
    units: usize,
}

impl County {
    fn new(dir: &Path) -> County {
        let list =
            format!("year = {YEAR}\n[organ]\nname = \"云溪县人民政府\"\nlevel = \"county\"\n");
        County {
            dir: dir.to_owned(),
            list,
            random: Random(0x5DEE_CE66_D1CE_5EED),
            added: Vec::new(),
            expected: Vec::new(),
            units: 0,
        }
    }

    fn model(&mut self) -> Model {
        Model::correct(YEAR, None, &mut self.random)
    }

    fn text(&mut self, name: &str, model: &Model) -> String {
        model.toml(&mut self.random).replace("\"甲\"", &format!("\"{name}\""))
    }

    /// A unit of the list.
    fn list(&mut self, name: &str, more: &str) {
        self.units += 1;
        let _ = writeln!(self.list, "[[unit]]\nname = \"{name}\"\n{more}");
    }

    fn deliver(&mut self, file: &str, text: impl AsRef<[u8]>) {
        write(&self.dir.join(file), text);
    }

    /// A unit that delivers a file of its own.
    fn unit(&mut self, name: &str, model: &Model) {
        self.list(name, "");
        let text = self.text(name, model);
        self.deliver(&format!("{name}.toml"), text);
    }

    fn expect(&mut self, finding: &str) {
        self.expected.push(finding.to_owned());
    }

    /// A correct unit in one of the formats that units use.
    fn correct(&mut self, at: usize) {
        let (name, model) = (format!("第{at}镇人民政府"), self.model());
        self.list(&name, "");
        let text = self.text(&name, &model);
        match at % 5 {
            4 => self.deliver(&format!("部门/{name}.docx"), document(&read(&text))),
            0 => self.deliver(&format!("{name}/report.toml"), text),
            1 => self.deliver(
                &format!("{name}.json"),
                model.json().replace("\"甲\"", &format!("\"{name}\"")),
            ),
            2 => {
                let book = sheet::write_workbook(&read(&text)).expect("a workbook");
                self.deliver(&format!("乡镇/{name}.xlsx"), book);
            }
            _ => self.deliver(&format!("乡镇/{name}.toml"), text),
        }
        self.added.push(model);
    }

    /// The kinds of faults, each once or twice.
    fn faults(&mut self) {
        self.coverage();
        self.frames();
        self.broken();
        self.suspects();
    }

    /// Missing, twice the same, twice different, unknown, excluded.
    fn coverage(&mut self) {
        for name in ["未报甲局", "未报乙局"] {
            self.list(name, "");
            self.expect("unit-missing county/units.toml - - -");
        }
        let model = self.model();
        self.unit("重复局", &model);
        let json = model.json().replace("\"甲\"", "\"重复局\"");
        self.deliver("重复局-再报.json", json);
        self.expect("unit-twice county/重复局.toml - - -");
        self.added.push(model);

        let (one, other) = (self.model(), self.model());
        self.unit("两份局", &one);
        let text = self.text("两份局", &other);
        self.deliver("两份局二.toml", text);
        self.expect("unit-twice county/两份局二.toml - - -");

        let model = self.model();
        let text = self.text("册外办公室", &model);
        self.deliver("册外.toml", text);
        self.expect("unit-unknown county/册外.toml - - -");

        self.list("税务局", "excluded = \"垂直管理\"\n");
        let text = self.text("税务局", &model);
        self.deliver("税务局.toml", text);
        self.expect("unit-excluded county/税务局.toml - - -");
    }

    /// Another year, another form, a name by alias (which is no fault).
    fn frames(&mut self) {
        self.list("去年局", "");
        let old = Model::correct(YEAR - 1, None, &mut self.random);
        let text = self.text("去年局", &old);
        self.deliver("去年局.toml", text);
        self.expect("unit-form county/去年局.toml - - -");

        self.list("旧表局", "");
        let old = Model::correct(2020, None, &mut self.random);
        let text = self.text("旧表局", &old).replace("year = 2020", "year = 2025\nform = \"2019\"");
        self.deliver("旧表局.toml", text);
        self.expect("unit-form county/旧表局.toml - - -");
        self.expect("wrong-edition county/旧表局.toml - - -");

        self.list("别名局", "aliases = [\"别名管理局\"]\n");
        let model = self.model();
        let text = self.text("别名管理局", &model);
        self.deliver("别名局/report.toml", text);
        self.added.push(model);
    }

    /// Broken arithmetic, a blank cell, a PDF, a file that is no TOML.
    fn broken(&mut self) {
        let name = "算错局";
        let mut model = self.model();
        while model.expected(None).is_empty() {
            model.damage(1, &mut self.random);
        }
        self.unit(name, &model);
        for (rule, table, row, col) in model.expected(None) {
            let (row, col) = (row.unwrap_or("-".to_owned()), col.unwrap_or("-".to_owned()));
            self.expect(&format!("{rule} county/{name}.toml {table} {row} {col}"));
        }
        self.added.push(model);

        let model = self.model();
        self.list("空格局", "");
        let text = self.text("空格局", &model);
        let text = text.replace("[disclosure]\n", "[disclosure]\nlicensing = \"\"\n");
        self.deliver("空格局.toml", text);
        self.expect("blank-cell county/空格局.toml disclosure licensing decisions");
        self.added.push(model);

        self.list("影印局", "");
        self.deliver("影印局.pdf", "%PDF-1.7");
        self.expect("unit-unreadable county/影印局.pdf - - -");

        self.list("乱码局", "");
        self.deliver("乱码局.toml", "year = 2025\n[organ\nname = \"乱码局\"\n");
        self.expect("data-syntax county/乱码局.toml - - -");
    }

    /// The same tables, a government and its office, a bureau and its centre.
    fn suspects(&mut self) {
        let model = self.model();
        self.unit("同表甲镇", &model);
        self.unit("同表乙镇", &model);
        self.expect("same-figures county/同表乙镇.toml - - -");
        self.added.extend([model.clone(), model]);

        let mut government = Model { year: YEAR, given: BTreeMap::new() };
        let documents = ("disclosure", "normative-documents");
        for (column, value) in [("issued", 7), ("repealed", 1), ("in-force", 40)] {
            government.given.insert((documents.0, documents.1, column), value);
        }
        let office = government.clone();
        alike(&mut government, "natural-person", 900);
        self.unit("云溪县人民政府", &government);
        self.unit("云溪县人民政府办公室", &office);
        self.expect(
            "joint-documents county/云溪县人民政府办公室.toml disclosure normative-documents issued",
        );
        self.added.extend([government, office]);

        let small = |count| {
            let mut model = Model { year: YEAR, given: BTreeMap::new() };
            alike(&mut model, "business", count);
            model
        };
        self.unit("教育局", &small(9));
        self.list("考试中心", "part-of = \"教育局\"\n");
        let text = self.text("考试中心", &small(4));
        self.deliver("考试中心.toml", text);
        self.expect("sub-unit county/考试中心.toml - - -");
        self.added.extend([small(9), small(4)]);
    }
}

/// So many applications of one kind of applicant, all granted.
fn alike(model: &mut Model, column: &str, count: i64) {
    for row in ["received", "granted"] {
        for person in PEOPLE {
            let value = if person == column { count } else { 0 };
            model.given.insert(("requests", row, person), value);
        }
    }
}

/// The generated county below a folder.
fn county(dir: &Path) -> County {
    let mut county = County::new(&dir.join("county"));
    county.faults();
    while county.units < UNITS {
        county.correct(county.units);
    }
    for row in ["regulations", "normative-documents"] {
        for column in ["issued", "repealed", "in-force"] {
            county.expect(&format!("ask-total - disclosure {row} {column}"));
        }
    }
    let list = county.list.clone();
    county.deliver("units.toml", list);
    county.expected.sort();
    county
}

/// The sum of a cell over models.
fn sum(models: &[Model], row: &'static str, column: &'static str) -> i64 {
    models.iter().map(|model| model.value(row, column)).sum()
}

#[test]
fn exactly_the_known_faults_of_a_county_are_reported_and_its_sums_are_right() {
    let dir = tempfile::tempdir().expect("a folder");
    let county = county(dir.path());
    assert_eq!(county.units, UNITS);
    let ran = run(dir.path(), &[LISTED, &["-o", "total", "--message-format", "json"]].concat());
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(findings(&ran), county.expected, "{}", ran.stderr);
    let total = read(&file(&dir.path().join("total/report.toml")));
    let found = figures(&total);
    let number =
        |cell: String| found[&cell].as_number().unwrap_or_else(|| panic!("{cell}")).to_string();
    let rows = ["received", "carried-in", "handled-total", "carried-out", "granted"];
    for row in rows.into_iter().chain(generator::RESULTS) {
        for column in PEOPLE.into_iter().chain(["total"]) {
            let right = sum(&county.added, row, column).to_string();
            assert_eq!(number(format!("requests.{row}.{column}")), right, "{row} {column}");
        }
    }
    for group in generator::GROUPS {
        for column in generator::OUTCOMES {
            let given = |model: &Model| model.get("review", group, column).unwrap_or(0);
            let right: i64 = county.added.iter().map(given).sum();
            assert_eq!(number(format!("review.{group}.{column}")), right.to_string());
        }
    }
    for column in ["issued", "repealed", "in-force"] {
        assert_eq!(found[&format!("disclosure.normative-documents.{column}")], Figure::Blank);
    }
    assert_eq!(total.organ.name, "云溪县人民政府");
}

/// The county with its list of units.
const LISTED: &[&str] = &["collect", "county", "--units", "county/units.toml"];

/// The bytes of all files of a result.
fn result(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |name: String| {
        let bytes = std::fs::read(dir.join(&name)).expect("read");
        (name, bytes)
    };
    common::names(dir).into_iter().map(read).collect()
}

#[test]
fn the_order_of_the_files_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    county(dir.path());
    let names = common::names(&dir.path().join("county"));
    let paths: Vec<String> = names.iter().map(|name| format!("county/{name}")).collect();
    let paths: Vec<&str> =
        paths.iter().map(String::as_str).filter(|p| !p.ends_with("units.toml")).collect();
    let reversed: Vec<&str> = paths.iter().rev().copied().collect();
    let units = ["--units", "county/units.toml", "--date", "2026-01-20"];
    for (out, paths) in [("one", &paths), ("two", &reversed)] {
        let args: Vec<&str> =
            ["collect", "-o", out].into_iter().chain(paths.iter().copied()).chain(units).collect();
        let ran = run(dir.path(), &args);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    }
    let (one, two) = (result(&dir.path().join("one")), result(&dir.path().join("two")));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        ["report.toml", "报送情况.html", "检查清单.xlsx", "汇总表.xlsx"]
    );
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} depends on the order");
    }
}

/// What a report says: head, figures, and texts by section and position.
type Said = (String, BTreeMap<String, Figure>, Vec<(usize, bool, String)>);

fn said(report: &Report) -> Said {
    let organ = &report.organ;
    let head = format!(
        "{} {} {:?} {:?} {:?}",
        report.title(),
        organ.name,
        organ.level,
        organ.values,
        report.date
    );
    let mut texts: Vec<(usize, bool, String)> =
        report.texts.iter().map(|t| (t.section, t.after_table, t.markdown.clone())).collect();
    texts.sort();
    (format!("{head} {}", report.form.edition), figures(report), texts)
}

#[test]
fn a_county_of_one_is_that_one() {
    for sample in samples() {
        let dir = tempfile::tempdir().expect("a folder");
        let one = dir.path().join("units").join(&sample);
        copy(&root().join("samples").join(&sample), &one);
        let ran = run(dir.path(), &["collect", "units", "-o", "total"]);
        assert_eq!(ran.code, 0, "{sample}\n{}{}", ran.stdout, ran.stderr);
        // Its pictures came with it, under names of the program's.
        let mut before = file(&one.join("report.toml"));
        let pictures = common::names(&one).into_iter().filter(|name| name != "report.toml");
        for (number, name) in pictures.enumerate() {
            let given = format!("picture-{}.png", number + 1);
            let bytes = |path: PathBuf| std::fs::read(path).expect("a picture");
            assert_eq!(bytes(dir.path().join("total").join(&given)), bytes(one.join(&name)));
            before = before.replace(&name, &given);
        }
        let after = read(&file(&dir.path().join("total/report.toml")));
        assert_eq!(said(&after), said(&read(&before)), "{sample}");
        let ran = run(dir.path(), &["check", "total"]);
        assert_eq!(ran.code, 0, "{sample}\n{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn every_kind_of_result_holds_the_same_report() {
    let dir = tempfile::tempdir().expect("a folder");
    county(dir.path());
    for name in ["total.toml", "total.json", "total.yaml", "total.xlsx"] {
        let ran = run(dir.path(), &[LISTED, &["-o", name]].concat());
        assert_eq!(ran.code, 1, "{name}\n{}{}", ran.stdout, ran.stderr);
        if name != "total.toml" {
            let back = format!("{name}.toml");
            let ran = run(dir.path(), &["convert", name, &back]);
            assert_ne!(ran.code, 2, "{name}\n{}{}", ran.stdout, ran.stderr);
            let (one, other) = (file(&dir.path().join("total.toml")), file(&dir.path().join(back)));
            assert_eq!(figures(&read(&one)), figures(&read(&other)), "{name}");
        }
    }
}

#[test]
fn what_the_county_gives_itself_is_kept_and_compared() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = county(dir.path());
    let right = |row| sum(&made.added, row, "natural-person");
    let own = format!(
        "year = {YEAR}\n[organ]\nname = \"云溪县人民政府\"\n[text]\noverview = \"县里自己的话。\"\n[disclosure]\n\
         normative-documents = {{ issued = 50000, repealed = 30000, in-force = 900000000 }}\n[requests]\n\
         received = {{ natural-person = {} }}\ncarried-in = {{ natural-person = {} }}\n",
        right("received") + 3,
        right("carried-in"),
    );
    write(&dir.path().join("own.toml"), own);
    let args = ["-o", "total", "--own", "own.toml", "--message-format", "json"];
    let ran = run(dir.path(), &[LISTED, &args].concat());
    let found: BTreeSet<String> = findings(&ran).into_iter().collect();
    assert!(found.contains("roll-up own.toml requests received natural-person"), "{found:?}");
    assert!(!found.contains("roll-up own.toml requests carried-in natural-person"), "{found:?}");
    assert!(
        found.contains("roll-up own.toml disclosure normative-documents in-force"),
        "{found:?}"
    );
    let total = read(&file(&dir.path().join("total/report.toml")));
    let cells = figures(&total);
    assert_eq!(cells["disclosure.normative-documents.issued"].cell_text(), "50000");
    assert_eq!(
        cells["requests.received.natural-person"].cell_text(),
        right("received").to_string()
    );
    assert_eq!(total.texts[0].markdown, "县里自己的话。");
}

#[test]
fn strict_units_leave_the_faulty_ones_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let unit = |name: &str, received: u32, granted: u32| {
        let text = format!(
            "year = {YEAR}\n[organ]\nname = \"{name}\"\n[requests]\nreceived = [{received}, 0, 0, 0, 0, 0]\n\
             granted = [{granted}, 0, 0, 0, 0, 0]\n"
        );
        write(&dir.path().join(format!("units/{name}.toml")), text);
    };
    unit("甲局", 5, 5);
    unit("乙局", 4, 3);
    for (more, sum) in [(None, "9"), (Some("--strict-units"), "5")] {
        let mut args = vec!["collect", "units", "-o", "total", "--overwrite"];
        args.extend(more);
        assert_eq!(run(dir.path(), &args).code, 1);
        let total = read(&file(&dir.path().join("total/report.toml")));
        assert_eq!(figures(&total)["requests.received.natural-person"].cell_text(), sum);
    }
}

#[test]
fn an_earlier_result_is_kept_and_last_years_county_is_compared() {
    let dir = tempfile::tempdir().expect("a folder");
    copy(&root().join("samples/yunyan-2025"), &dir.path().join("units/yunyan"));
    let last = "year = 2024\n[organ]\nname = \"甲\"\n[requests]\nreceived = [90, 0, 0, 0, 0, 0]\ncarried-out = [90, 0, 0, 0, 0, 0]\n";
    write(&dir.path().join("last.toml"), last);
    let args =
        ["collect", "units", "-o", "total", "--previous", "last.toml", "--message-format", "json"];
    let ran = run(dir.path(), &args);
    let found = findings(&ran);
    assert!(found.iter().any(|one| one.starts_with("carry-over total/report.toml")), "{found:?}");
    write(&dir.path().join("total/report.toml"), "mine");
    let ran = run(dir.path(), &["collect", "units", "-o", "total"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(file(&dir.path().join("total/report.toml")), "mine");
}

/// Files under the names of another language, as an earlier run or version wrote them, are kept and told; none of them
/// is a unit, however the folder is spelt.
#[test]
fn earlier_files_under_other_names_are_told_and_are_no_units() {
    let dir = tempfile::tempdir().expect("a folder");
    copy(&root().join("samples/yunyan-2025"), &dir.path().join("units/yunyan"));
    copy(&root().join("samples/lanxi-2025"), &dir.path().join("units/lanxi"));
    let args = ["collect", "units", "-o", "units/total", "--lang", "en"];
    let ran = run(dir.path(), &args);
    assert!(!ran.stdout.contains("out of date"), "{}", ran.stdout);
    let before = file(&dir.path().join("units/total/report.toml"));
    let whole = dir.path().join("units/total");
    for out in ["units/total", "./units/../units/total", whole.to_str().expect("UTF-8")] {
        let ran = run(dir.path(), &["collect", "units", "-o", out, "--overwrite"]);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let told = said.lines().find(|line| line.contains("可能已经过时"));
        let told = told.unwrap_or_else(|| panic!("{said}"));
        let names = ["matrix.xlsx", "status.html", "findings.xlsx"];
        assert!(names.iter().all(|name| told.contains(name)), "{told}");
        let again = read(&file(&dir.path().join("units/total/report.toml")));
        assert_eq!(figures(&again), figures(&read(&before)), "{out}");
        let page = file(&dir.path().join("units/total/报送情况.html"));
        assert!(!page.contains("total/"), "{out}: the county's own folder is no unit");
    }
}

#[test]
fn the_matrix_shows_the_sums_as_formulas_with_their_values() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = county(dir.path());
    run(dir.path(), &[LISTED, &["-o", "total"]].concat());
    let bytes = std::fs::read(dir.path().join("total/汇总表.xlsx")).expect("a workbook");
    let sheets = common::parts(&bytes);
    let names: Vec<&String> =
        sheets.keys().filter(|name| name.contains("worksheets/sheet")).collect();
    assert_eq!(names.len(), 5);
    let received = sum(&made.added, "received", "natural-person");
    // Three lines of heads, then the total above the units that are added.
    let requests = common::part(&bytes, "xl/worksheets/sheet3.xml");
    let first = requests.find("<f>SUM(C").expect("a formula");
    let cell = &requests[first..first + 60];
    let count = made.added.len();
    let last = cell.split_once(":C").expect("a range").1.split_once(')').expect("closed").0;
    let from = cell.split_once("SUM(C").expect("a range").1.split_once(':').expect("closed").0;
    let rows = last.parse::<usize>().expect("a line") - from.parse::<usize>().expect("a line") + 1;
    assert_eq!(rows, count);
    assert!(cell.contains(&format!("<v>{received}</v>")), "{cell}");
}

#[test]
fn the_status_page_is_one_accessible_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = county(dir.path());
    run(dir.path(), &[LISTED, &["-o", "total", "--date", "2026-01-20"]].concat());
    let page = file(&dir.path().join("total/报送情况.html"));
    // Well-formed, so that every element is closed.
    common::pretty(page.strip_prefix("<!DOCTYPE html>\n").expect("HTML"));
    for part in [
        "<html lang=\"zh-CN\">",
        "<caption>",
        "scope=\"col\"",
        "scope=\"row\"",
        "2026-01-20",
        "<title>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http") && !page.contains("<script") && !page.contains("src="));
    assert_eq!(page.matches("<tr").count(), 1 + made.units + 3, "heads, units, and files too many");
    for name in ["未报甲局", "未报乙局"] {
        assert!(page.contains(&format!("<li>{name}</li>")), "{name}");
    }
}

#[test]
fn the_example_of_the_document_is_what_the_program_says() {
    let text = file(&root().join("docs/collect.md"));
    let (_, rest) = text
        .split_once("$ nianbao collect county --units county/units.toml -o 汇总\n…\n")
        .expect("the example");
    let wanted = rest.split_once("```").expect("closed").0;
    let dir = tempfile::tempdir().expect("a folder");
    copy(&root().join("docs/county"), &dir.path().join("county"));
    let ran = run(dir.path(), &[LISTED, &["-o", "汇总"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.ends_with(wanted), "{}", ran.stdout);
    // Every rule of adding up a county is explained there.
    for rule in nianbao::check::rules::all_rules() {
        let county = rule.group == nianbao::check::rules::RuleGroup::County;
        assert!(!county || text.contains(&format!("`{}`", rule.id)), "{}", rule.id);
    }
}
