//! The same report in every format: equal reports, equal findings but for their places, and nothing lost
//! on the way from one to another. Workbooks as people and other programs leave them.

use docx_fill::diag::{
    Diagnostic, DiagnosticFormat, Lang, Location, Message, Severity, Sink, SourceId, Sources,
    render_diagnostics,
};
use nianbao::check::findings_list::{self, ListedFindings, ListedReport};
use nianbao::data::{self, DataNode, Syntax};
use nianbao::form::{Form, FormRegistry};
use nianbao::report::{self, Figure, Report};
use nianbao::{check, convert, sheet, starter};
use std::fmt::Write as _;
use std::path::Path;

/// A file read as far as it goes.
struct Read {
    sources: Sources,
    source: SourceId,
    root: Option<DataNode>,
    report: Option<Report>,
    found: Vec<Diagnostic>,
}

impl Read {
    fn report(&self) -> &Report {
        self.report.as_ref().unwrap_or_else(|| panic!("no report: {}", self.short()))
    }

    fn short(&self) -> String {
        render_diagnostics(&self.found, &self.sources, DiagnosticFormat::Short, Lang::En)
    }

    /// The findings without their places: a workbook gives the zeros that other files leave out.
    fn said(&self) -> Vec<String> {
        let words = |text: &Message| text.in_lang(Lang::En);
        let mut out: Vec<String> = self
            .found
            .iter()
            .map(|d| {
                let hints: Vec<String> = d.hints.iter().map(words).collect();
                let (rule, message) = (&d.rule, words(&d.message));
                format!("{rule} {:?} {message} {hints:?}", d.cell)
            })
            .collect();
        out.sort();
        out
    }
}

fn library() -> &'static FormRegistry {
    static LIBRARY: std::sync::OnceLock<FormRegistry> = std::sync::OnceLock::new();
    LIBRARY.get_or_init(FormRegistry::built_in)
}

fn judge(sources: Sources, source: SourceId, root: Option<DataNode>, mut sink: Sink) -> Read {
    let report = root.as_ref().and_then(|r| report::read_report(source, r, library(), &mut sink));
    if let Some(report) = &report {
        check::check_report(report, &mut sink);
    }
    Read { sources, source, root, report, found: sink.into_sorted() }
}

fn read_text(text: &str, syntax: Syntax) -> Read {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("f", text);
    let root = data::load_data(source, text, syntax, &mut sink);
    judge(sources, source, root, sink)
}

fn read_workbook(bytes: &[u8]) -> Read {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("f.xlsx");
    let book = data::load_workbook(source, bytes, &mut sources, &mut sink);
    let root = book.and_then(|book| sheet::read_workbook(source, &book, library(), &mut sink));
    judge(sources, source, root, sink)
}

fn converted(read: &Read, from: Syntax, to: Syntax) -> String {
    let original = read.sources.text(read.source).unwrap_or_default();
    let mut sink = Sink::new();
    let root = read.root.as_ref().expect("a tree");
    let text = convert::convert_syntax(read.source, root, original, from, to, &mut sink);
    text.expect("convertible")
}

/// A report with everything that must survive, as text. Sections without text are as good as absent.
fn shown(report: &Report) -> String {
    let mut out = format!(
        "{} {} {:?} {:?} {:?}\n",
        report.year, report.form.edition, report.date, report.custom_title, report.organ
    );
    let mut texts: Vec<_> = report.texts.iter().filter(|text| !text.markdown.is_empty()).collect();
    texts.sort_by_key(|text| (text.section, text.after_table));
    for text in texts {
        let _ = writeln!(out, "{} {} {:?}", text.section, text.after_table, text.markdown);
    }
    let mut notes: Vec<_> = report.notes.iter().map(|n| (n.target, n.text.trim())).collect();
    notes.sort_unstable();
    let _ = writeln!(out, "{notes:?}");
    for (table, cells) in report.form.tables.iter().zip(&report.tables) {
        for (at, cell) in cells.iter().enumerate() {
            let kind = match &cell.figure {
                Figure::Number(_) => "n",
                Figure::Blank => "blank",
                Figure::NotApplicable => "/",
                Figure::Text(_) => "words",
                Figure::Unknown => "?",
            };
            let given = table.is_computed(at) && cell.place.is_some();
            let _ =
                write!(out, "{kind}:{}{} ", cell.figure.cell_text(), if given { "!" } else { "" });
        }
        out.push('\n');
    }
    out
}

/// From TOML to every format and back, and between all of them.
fn survives(text: &str) {
    let first = read_text(text, Syntax::Toml);
    let wanted = (shown(first.report()), first.said());
    let same = |read: &Read, how: &str| {
        assert_eq!(shown(read.report()), wanted.0, "{how}: {}", read.short());
        assert_eq!(read.said(), wanted.1, "{how}");
    };
    for middle in [Syntax::Toml, Syntax::Json, Syntax::Yaml] {
        let there = converted(&first, Syntax::Toml, middle);
        let there = read_text(&there, middle);
        same(&there, &format!("toml to {middle:?}"));
        for last in [Syntax::Toml, Syntax::Json, Syntax::Yaml] {
            let back = read_text(&converted(&there, middle, last), last);
            same(&back, &format!("{middle:?} to {last:?}"));
        }
    }
    let bytes = sheet::write_workbook(first.report()).expect("a workbook");
    assert!(bytes == sheet::write_workbook(first.report()).expect("a workbook"), "two runs differ");
    let there = read_workbook(&bytes);
    same(&there, "toml to xlsx");
    for last in [Syntax::Toml, Syntax::Json, Syntax::Yaml] {
        same(&read_text(&converted(&there, Syntax::Json, last), last), "xlsx to text");
    }
}

#[test]
fn every_sample_survives_every_format() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut count = 0;
    for entry in std::fs::read_dir(samples).expect("samples") {
        let file = entry.expect("an entry").path().join("report.toml");
        survives(&std::fs::read_to_string(file).expect("a sample"));
        count += 1;
    }
    assert!(count >= 4);
}

#[test]
fn a_fresh_file_survives_and_its_workbook_is_clean() {
    for form in library().forms() {
        let text = starter::starter_toml(form, "云砚镇人民政府", form.first_year);
        survives(&text);
        let bytes = starter::starter_workbook(form, "云砚镇人民政府", form.first_year);
        let read = read_workbook(&bytes.expect("a workbook"));
        let rules: Vec<&str> = read.found.iter().map(|found| found.rule.as_ref()).collect();
        assert_eq!(rules, ["sample-text"], "{}", read.short());
        assert_eq!(shown(read.report()), shown(read_text(&text, Syntax::Toml).report()));
    }
}

/// A small generator of numbers; the same seed gives the same report.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = self.below(from.len() as u64);
        from[usize::try_from(at).expect("small")]
    }
}

const PIECES: [&str; 16] = [
    "（一）主动公开。",
    "\n\n",
    "\n",
    "全年12件",
    "{{year}}年",
    "\"引号\"",
    "\\",
    "# 标题",
    "a: b",
    "- 项",
    "“中文”",
    " ",
    "\"\"\"",
    "'",
    "_x0041_",
    "<&>",
];

fn text(dice: &mut Dice) -> String {
    let count = dice.below(12);
    (0..count).map(|_| dice.pick(&PIECES)).collect()
}

fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A report of any shape: figures that add up or not, blanks, strokes, given totals, rows left out.
fn random(form: &Form, dice: &mut Dice) -> String {
    let mut out = format!("year = {}\n", form.first_year);
    if dice.below(2) == 0 {
        let _ = writeln!(out, "form = {}\ndate = 2022-01-20", literal(&form.edition));
    }
    if dice.below(3) == 0 {
        out.push_str("title = \"自己的标题\"\n");
    }
    out.push_str(
        "[organ]\nname = \"云砚镇人民政府\"\nlevel = \"township\"\npostcode = \"010000\"\n",
    );
    out.push_str("phone = \"0598-3560010\"\nwebsite = \"no\"\n[text]\n");
    for section in &form.sections {
        let _ = writeln!(out, "{} = {}", section.id, literal(&text(dice)));
        if section.table.is_some() && dice.below(2) == 0 {
            let _ = writeln!(out, "{}-after = {}", section.id, literal(&text(dice)));
        }
    }
    for table in &form.tables {
        let _ = writeln!(out, "[{}]", table.id);
        for (at, row) in table.rows.iter().enumerate() {
            if dice.below(8) == 0 {
                continue;
            }
            let mut cells = Vec::new();
            for column in table.row_columns(at) {
                let cell = table.cell_number(at, column).expect("a cell");
                if table.is_computed(cell) && dice.below(4) > 0 {
                    continue;
                }
                let value = match (dice.below(40), table.columns[column].kind.as_str()) {
                    (0, _) => "\"\"".to_owned(),
                    (1, _) => "\"/\"".to_owned(),
                    (2, "text") => "\"251000元\"".to_owned(),
                    (3, "text") => "\"8040\"".to_owned(),
                    (_, "money" | "text") => format!("{}.{:02}", dice.below(90), dice.below(100)),
                    (4, "signed") => format!("-{}", 1 + dice.below(9)),
                    (5, _) => "123456789012345678".to_owned(),
                    _ => dice.below(5).to_string(),
                };
                cells.push(format!("{} = {value}", table.columns[column].id));
            }
            if dice.below(5) == 0 {
                cells.push(format!("note = {}", literal(dice.pick(&NOTES))));
            }
            let _ = writeln!(out, "{} = {{ {} }}", row.id, cells.join(", "));
        }
    }
    if dice.below(2) == 0 {
        let _ = writeln!(
            out,
            "[notes]\ndate = \"经同意延期\"\nproblems = \"已核实\"\n\"总体情况\" = \"口径\""
        );
    }
    out
}

const NOTES: [&str; 3] = ["本年清理历年文件", "机构改革，\n\"划入\"三件", "0"];

#[test]
fn random_reports_survive_every_format() {
    for form in library().forms() {
        for seed in 0..60 {
            survives(&random(form, &mut Dice(seed)));
        }
    }
}

#[test]
fn comments_go_along() {
    let toml = "# 开头\nyear = 2025  # 年度\n\n# 机关\n[organ]  # 谁\nname = \"云#砚镇\" # 名称\n\n\
                [text]\n# 总体\noverview = \"\"\"\n# 不是注释\n一段。\n\"\"\" # 文后\n\n[requests]\n\
                # 表头\nreceived = [ 1, 0, 0, # 里面\n 0, 0, 0 ]\n# 结尾\n";
    let read = read_text(toml, Syntax::Toml);
    let yaml = converted(&read, Syntax::Toml, Syntax::Yaml);
    let back = converted(&read_text(&yaml, Syntax::Yaml), Syntax::Yaml, Syntax::Toml);
    for text in [&yaml, &back, &converted(&read, Syntax::Toml, Syntax::Toml)] {
        for comment in
            ["开头", "年度", "机关", "谁", "名称", "总体", "文后", "表头", "里面", "结尾"]
        {
            let lines: Vec<_> =
                text.lines().filter(|line| line.contains(&format!("# {comment}"))).collect();
            assert_eq!(lines.len(), 1, "{comment}\n{text}");
        }
        assert_eq!(text.matches("不是注释").count(), 1);
    }
    assert!(yaml.contains("# 表头\n  # 里面\n  received: [1, 0, 0, 0, 0, 0]\n"), "{yaml}");
    assert!(yaml.contains("organ:  # 谁\n  name: \"云#砚镇\"  # 名称\n"), "{yaml}");
}

#[test]
fn csv_of_one_table_is_read_by_its_labels() {
    let text = "项目,总计,自然人,商业企业,科研机构,社会公益组织,法律服务机构,其他\n\
                四、结转下年度继续办理,,,0,0,0,0,0\n\
                一、本年新收政府信息公开申请数量,6,３,1,0,0,0, 2 \n";
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("f.csv", text);
    let book = data::load_csv(source, "f", text, &mut sink).expect("a table");
    let root = sheet::read_csv(source, &book, library(), &mut sink).expect("a tree");
    let out = convert::convert_syntax(source, &root, "", Syntax::Json, Syntax::Toml, &mut sink);
    let out = out.expect("TOML");
    assert!(out.starts_with("[requests]\n"), "{out}");
    assert!(out.contains("received = { natural-person = 3, business = 1,"), "{out}");
    assert!(out.contains("other = 2, total = 6 }"), "{out}");
    assert!(out.contains("carried-out = { natural-person = \"\""), "{out}");
    assert!(sink.is_empty(), "rows and totals may be left out");
}

/// A column beside the official one, as people add it for last year's figures, is not read in its place; of two that
/// are only like it neither is.
#[test]
fn a_column_like_another_is_not_read_in_its_place() {
    let read = |heads: &str, figures: &str| {
        let text =
            format!("信息内容,本年制发件数,本年废止件数,{heads}\n行政规范性文件,1,0,{figures}\n");
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("f.csv", &*text);
        let book = data::load_csv(source, "f", &text, &mut sink).expect("a table");
        let root = sheet::read_csv(source, &book, library(), &mut sink).expect("a tree");
        let out = convert::convert_syntax(source, &root, "", Syntax::Json, Syntax::Toml, &mut sink);
        let rules: Vec<String> = sink.into_iter().map(|found| found.rule.to_string()).collect();
        (out.expect("TOML"), rules)
    };
    for heads in ["现行有效件数（2024年）,现行有效件数", "现行有效件数（上年）,现行有效件数"]
    {
        assert!(
            read(heads, "99,5").0.contains("in-force = 5"),
            "{heads}: {:?}",
            read(heads, "99,5")
        );
        let (blank, _) = read(heads, "99,");
        assert!(!blank.contains("99"), "{heads}: {blank}");
    }
    let (both, rules) = read("现行有效件数（2024年）,现行有效件数（2025年）", "99,5");
    assert!(!both.contains("99") && !both.contains("in-force = 5"), "{both}");
    assert_eq!(rules, ["missing-part"], "{both}");
    let (one, rules) = read("现行有效数（件）,备注", "5,");
    assert!(one.contains("in-force = 5") && rules.is_empty(), "{one} {rules:?}");
}

/// Every sheet prints as wide as A4; the texts lie across, in rows high enough for them.
#[test]
fn sheets_print_in_letters_that_can_be_read() {
    let text = std::fs::read_to_string("samples/ansha-2020/report.toml").expect("a sample");
    let book = sheet::write_workbook(read_text(&text, Syntax::Toml).report()).expect("a workbook");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).expect("a package");
    let mut part = |name: &str| {
        let mut out = String::new();
        let mut file = archive.by_name(name).expect("a part");
        std::io::Read::read_to_string(&mut file, &mut out).expect("text");
        out
    };
    for number in 1..=7 {
        let sheet = part(&format!("xl/worksheets/sheet{number}.xml"));
        assert!(
            sheet.contains("fitToPage=\"1\"") && sheet.contains("fitToHeight=\"0\""),
            "{number}"
        );
        assert!(sheet.contains("paperSize=\"9\""), "{number}");
        assert_eq!(sheet.contains("orientation=\"landscape\""), number != 2, "{number}");
        let widths = sheet.split("width=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let width: f64 = widths.filter_map(|width| width.parse::<f64>().ok()).sum();
        // In the default font a unit is 1.9 mm; A4 has 174 mm upright, 261 mm across.
        let paper = if number == 2 { 174.0 } else { 261.0 };
        assert!(width * 1.9 < paper * 1.25, "sheet {number} is {width} units wide");
    }
    let texts = part("xl/worksheets/sheet6.xml");
    let heights = texts.split(" ht=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let heights: Vec<f64> = heights.filter_map(|height| height.parse().ok()).collect();
    assert!(heights.len() > 5 && heights.iter().all(|height| (20.0..=409.0).contains(height)));
    assert_eq!(part("xl/workbook.xml").matches("_xlnm.Print_Titles").count(), 3);
}

/// A workbook that openpyxl has edited; `tests/data/edited.py` tells what it did.
#[test]
fn an_edited_workbook_is_read() {
    let read = read_workbook(include_bytes!("data/edited.xlsx"));
    let report = read.report();
    let figure = |table: &str, row: &str, column: &str| {
        let number = report.form.tables.iter().position(|t| t.id == table).expect("a table");
        let form = &report.form.tables[number];
        let (row, column) = (form.find_row(row), form.find_column(column));
        let cell =
            form.cell_number(row.expect("a row"), column.expect("a column")).expect("a cell");
        report.tables[number][cell].figure.cell_text()
    };
    assert_eq!(report.date.map(|date| date.to_string()).as_deref(), Some("2026-01-20"));
    assert_eq!(report.organ.values["postcode"], "365000");
    assert_eq!(figure("disclosure", "licensing", "decisions"), "12");
    assert_eq!(figure("disclosure", "fees", "amount"), "1.25");
    assert_eq!(figure("requests", "received", "natural-person"), "3");
    assert_eq!(figure("requests", "received", "business"), "4");
    assert_eq!(figure("requests", "received", "total"), "7");
    assert_eq!(figure("requests", "granted", "natural-person"), "3");
    assert_eq!(figure("requests", "petition", "business"), "4");
    assert_eq!(figure("review", "direct-suit", "upheld"), "2");
    assert_eq!(figure("review", "direct-suit", "total"), "2");
    let other = report.form.sections.iter().position(|s| s.id == "other").expect("a section");
    assert_eq!(
        report.section_text(other, false).map(|t| t.markdown.as_str()),
        Some("第一段。\n\n第二段。")
    );
    let found: Vec<String> = read.short().lines().map(str::to_owned).collect();
    let said = |part: &str| found.iter().filter(|line| line.contains(part)).count();
    assert_eq!(said("remark[other-sheet]"), 1, "{found:#?}");
    assert!(said("f.xlsx: 表三!H8: error[blank-cell]") == 1, "{found:#?}");
    assert_eq!(said("no-cached-value"), 0, "only totals are formulas: {found:#?}");
    assert_eq!(said("error["), 1, "{found:#?}");
}

#[test]
fn sheets_that_were_renamed_are_found_by_their_heads() {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, lines) in [
        ("Sheet1", [["项目", "内容"], ["年度", "2025"], ["机关名称", "云砚镇人民政府"]]),
        ("文字", [["章节", "正文"], ["总体情况", "全年公开12条。"], ["七、附件", "见附表。"]]),
    ] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).expect("a name");
        for (row, cells) in (0..).zip(lines) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).expect("written");
            }
        }
    }
    let read = read_workbook(&book.save_to_buffer().expect("a workbook"));
    let report = read.report();
    assert_eq!((report.year, report.organ.name.as_str()), (2025, "云砚镇人民政府"));
    assert_eq!(report.texts[0].markdown, "全年公开12条。");
    assert!(read.short().contains("f.xlsx: 文字!A3: error[extra-section]"), "{}", read.short());
    assert!(!read.short().contains("other-sheet"), "{}", read.short());
}

#[test]
fn a_misspelt_row_is_one_finding_and_no_sums_are_judged_without_it() {
    let head = "year = 2025\n[organ]\nname = \"x\"\n[requests]\ngranted = [1, 0, 0, 0, 0, 0]\n";
    let rules = |text: &str| -> Vec<String> {
        let found = read_text(text, Syntax::Toml).found;
        let sums = found.iter().filter(|d| d.severity == Severity::Error);
        sums.map(|d| d.rule.to_string()).collect()
    };
    assert_eq!(rules(&format!("{head}recieved = [1, 0, 0, 0, 0, 0]\n")), ["unknown-key"]);
    let misspelt = format!("{head}received = [2, 0, 0, 0, 0, 0]\nrecieved = [1, 0, 0, 0, 0, 0]\n");
    assert_eq!(rules(&misspelt), ["balance", "balance", "unknown-key"]);
}

#[test]
fn hostile_workbooks_end_in_a_message() {
    let good = sheet::write_workbook(
        read_text("year = 2025\n[organ]\nname = \"x\"\n", Syntax::Toml).report(),
    )
    .expect("a workbook");
    for cut in (0..good.len()).step_by(997) {
        let read = read_workbook(&good[..cut]);
        assert!(!read.found.is_empty() && read.report.is_none());
    }
    for at in (0..good.len()).step_by(211) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        read_workbook(&bad);
    }
    for bytes in [&b""[..], b"PK\x05\x06", b"\xD0\xCF\x11\xE0rest", b"year = 2025"] {
        let read = read_workbook(bytes);
        assert!(matches!(read.found[0].location, Location::File(_)));
    }
}

#[test]
fn damaged_texts_end_in_a_message_or_a_report() {
    let toml = include_str!("../samples/yunyan-2025/report.toml");
    let read = read_text(toml, Syntax::Toml);
    for (syntax, _) in Syntax::ALL {
        let text = converted(&read, Syntax::Toml, syntax);
        let marks: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(61).collect();
        for &at in &marks {
            let cut = read_text(&text[..at], syntax);
            assert!(cut.report.is_some() || !cut.found.is_empty() || at == 0);
            for odd in ["\t", "\"", "[", "}", "&", "*x", ": ", "\r", "１", "|", "#"] {
                let changed = format!("{}{odd}{}", &text[..at], &text[at..]);
                let changed = read_text(&changed, syntax);
                assert!(changed.report.is_some() || !changed.found.is_empty());
            }
        }
    }
}

/// A package that unpacks to more than any report, and one that claims billions of strings.
#[test]
fn bombs_are_refused() {
    use std::io::Write as _;
    let package = |strings: &[u8]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        let rel = |id: &str, kind: &str, target: &str| {
            format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"{target}\"/>")
        };
        let top = rel("a", "officeDocument", "xl/workbook.xml");
        let parts: [(&str, Vec<u8>); 4] = [
            ("_rels/.rels", format!("<r>{top}</r>").into()),
            ("xl/_rels/workbook.xml.rels", {
                let links = rel("b", "worksheet", "s.xml") + &rel("c", "sharedStrings", "t.xml");
                format!("<r>{links}</r>").into()
            }),
            ("xl/workbook.xml", b"<w><sheet name=\"a\" r:id=\"b\"/></w>".to_vec()),
            ("xl/s.xml", b"<w><c r=\"XFD1048576\" t=\"s\"><v>9999999999</v></c></w>".to_vec()),
        ];
        for (name, content) in parts {
            zip.start_file(name, options).expect("a part");
            zip.write_all(&content).expect("written");
        }
        zip.start_file("xl/t.xml", options).expect("a part");
        zip.write_all(strings).expect("written");
        zip.finish().expect("a package").into_inner()
    };
    let read = read_workbook(&package(&vec![b' '; 40 << 20]));
    assert!(read.short().contains("larger than"), "{}", read.short());
    let claim = b"<sst uniqueCount=\"18446744073709551615\"><si><t>a</t></si></sst>";
    let read = read_workbook(&package(claim));
    assert!(read.report.is_none() && !read.found.is_empty());
}

#[test]
fn the_list_of_findings_has_a_row_for_each_and_room_for_the_answer() {
    let text = "year = 2025\n[organ]\nname = \"甲镇人民政府\"\n[text]\noverview = \"=1+1\"\n\
                [requests]\nreceived = [3, 1, 0, 0, 0, 0, 5]\n";
    let read = read_text(text, Syntax::Toml);
    let listed = || {
        let report = read.report.as_ref();
        let findings = ListedFindings { found: &read.found, sources: &read.sources, form: None };
        let one = ListedReport::new("f", report, findings, Lang::Zh);
        [one, ListedReport::unreadable_file("g.toml", "读不了", Lang::Zh)]
    };
    let bytes = findings_list::findings_workbook(&listed(), Lang::Zh).expect("a workbook");
    assert_eq!(
        bytes,
        findings_list::findings_workbook(&listed(), Lang::Zh).expect("a workbook"),
        "the same bytes"
    );
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("list.xlsx");
    let book = data::load_workbook(source, &bytes, &mut sources, &mut sink).expect("a book");
    let line = |sheet: usize, row: usize| -> Vec<&str> {
        let cells = book.sheets[sheet].cells.iter().filter(|cell| cell.row == row);
        cells.map(|cell| cell.content.text()).collect()
    };
    assert_eq!(line(0, 0).last(), Some(&"单位答复"));
    let at = read.found.iter().position(|found| found.rule == "row-sum").expect("a finding");
    let row = line(0, at + 1);
    let label = "一、本年新收政府信息公开申请数量";
    assert_eq!(
        row[..11].to_vec(),
        [
            "甲镇人民政府",
            "f",
            "7:31",
            "表三一行相加不等于总计",
            "错误",
            "表三",
            label,
            "",
            "4",
            "5",
            "-1"
        ]
    );
    assert_eq!(line(0, read.found.len() + 1)[1..5].to_vec(), ["g.toml", "", "", "错误"]);
    let errors = read.found.iter().filter(|d| d.severity == Severity::Error).count().to_string();
    assert_eq!(line(1, 1)[..3].to_vec(), ["甲镇人民政府", "f", errors.as_str()]);
    assert_eq!(line(1, 2)[5], "无法检查");
}
