//! Random Word reports and web pages as people make them: heads in other words, on two lines or nobody's, lost
//! quotes and numbers, merged and moved cells, words in the place of figures. Every cell is read as it
//! stands, or it is unknown and the report has an error; nothing becomes 0 in silence.

mod brothers;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/generator.rs"]
mod generator;
mod headings;
mod pages;
mod portal;

use docx_fill::diag::{Diagnostic, Severity, Sink, Sources};
use docx_fill::opc::PackageLimits;
use generator::{Model, Random};
use nianbao::data::{self, Syntax};
use nianbao::form::{FormRegistry, FormTable};
use nianbao::import::{self, ImportOptions};
use nianbao::quote;
use nianbao::render::{self, Assets, RenderJob, RenderTargets, Templates};
use nianbao::report::{self, Figure, Report};
use std::collections::BTreeMap;
use std::io::Write as _;

/// Documents that are generated of each edition, unless `LAW_ROUNDS` says another number.
const EACH: usize = if cfg!(debug_assertions) { 30 } else { 300 };

/// A number from the environment, for longer runs and other ones.
fn number_of(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// How many documents are generated.
fn rounds() -> usize {
    number_of("LAW_ROUNDS").map_or(EACH, |count| usize::try_from(count).expect("small"))
}

/// The numbers of the documents that are generated; `LAW_FIRST` begins with the one at which a longer run found a fault.
fn round_numbers() -> std::ops::Range<usize> {
    let first = number_of("LAW_FIRST").map_or(0, |first| usize::try_from(first).expect("small"));
    first..first + rounds()
}

/// The random numbers of one document of a law; `LAW_SEED` gives others.
fn random(seed: u64, round: usize) -> Random {
    let other = number_of("LAW_SEED").unwrap_or_default();
    let own = (round as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut random = Random(seed ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ own);
    // Seeds that differ in few bits begin alike.
    for _ in 0..8 {
        random.next();
    }
    random
}

struct NoPictures;

impl Assets for NoPictures {
    fn get(&self, _: &str) -> Option<&[u8]> {
        None
    }
}

fn read(text: &str, library: &FormRegistry) -> Report {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("report.toml", text);
    let root = data::load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
    report::read_report(source, &root, library, &mut sink).expect("a report")
}

fn build(report: &Report) -> Vec<u8> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let wanted = RenderTargets { docx: true, pdf: false };
    let edition = Templates::built_in().read_edition(&report.form, wanted, &mut sources, &mut sink);
    let texts = quote::fill_quotes(report, "", &mut sink);
    let job = RenderJob { report, texts: &texts, assets: &NoPictures, draft: false };
    render::render_docx(&job, &edition, &mut sink).expect("a document").into_bytes()
}

fn with_body(parts: &BTreeMap<String, Vec<u8>>, xml: &str) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("memory");
        let content = if name == "word/document.xml" { xml.as_bytes() } else { content };
        out.write_all(content).expect("memory");
    }
    out.finish().expect("memory").into_inner()
}

fn import(bytes: &[u8], library: &FormRegistry) -> (Report, Vec<Diagnostic>) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("old.docx");
    let options = ImportOptions::new(library, PackageLimits::default());
    let read = import::import_report(source, bytes, &options, &mut sources, &mut sink);
    let read = read.expect("a document");
    let report = report::read_report(source, &read.node, library, &mut sink).expect("a report");
    (report, sink.into_sorted())
}

/// The pieces of a text from one mark to another, with those marks.
fn pieces<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(from) {
        let Some(length) = rest[start..].find(to) else { break };
        out.push(&rest[start..start + length + to.len()]);
        rest = &rest[start + length + to.len()..];
    }
    out
}

/// The elements of a piece of XML that hold text.
fn text_elements(xml: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = xml;
    while let Some(start) = ["<w:t>", "<w:t "].iter().filter_map(|tag| rest.find(tag)).min() {
        let Some(length) = rest[start..].find("</w:t>") else { break };
        let end = start + length + "</w:t>".len();
        out.push(&rest[start..end]);
        rest = &rest[end..];
    }
    out
}

/// The words of a piece of XML.
fn words(xml: &str) -> String {
    let inner = |element: &&str| {
        let start = element.find('>').expect("a tag") + 1;
        element[start..element.len() - "</w:t>".len()].to_owned()
    };
    text_elements(xml).iter().map(inner).collect()
}

/// A row with other words in its first cell that shows exactly these.
fn with_words(row: &str, from: &str, to: &str) -> Option<String> {
    let cell = pieces(row, "<w:tc>", "</w:tc>").into_iter().find(|cell| words(cell) == from)?;
    Some(row.replacen(cell, &with_cell_words(cell, to), 1))
}

/// A cell with other words in its first run.
fn with_cell_words(cell: &str, to: &str) -> String {
    let mut runs = text_elements(cell).into_iter();
    let Some(run) = runs.next() else { return cell.to_owned() };
    let cell = cell.replacen(run, &format!("<w:t>{to}</w:t>"), 1);
    runs.fold(cell, |cell, run| cell.replacen(run, "<w:t></w:t>", 1))
}

/// Other ways to write a label; the last ones are nobody's.
fn reworded(label: &str, random: &mut Random) -> String {
    match random.below(9) {
        0 => label.replace("本年", "本年度"),
        1 => label.replace("件数", "数").replace("数量", "数"),
        2 => label.replace(['“', '”'], ""),
        3 => label.replace('（', "(").replace('）', ")"),
        4 => label.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned(),
        5 => label.replace("其他", "其它"),
        6 => label.chars().flat_map(|c| [c, ' ']).collect(),
        7 => label.replace('、', "，").replace('/', "\\"),
        _ => "别处的名称".to_owned(),
    }
}

/// A number with a sign between the thousands.
fn grouped(digits: &str, sign: char) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(w, r)| (w, Some(r)));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(sign);
        }
        out.push(digit);
    }
    rest.map_or(out.clone(), |rest| format!("{out}.{rest}"))
}

/// What is done to a table: its rows, and which of them hold figures.
struct Damage<'a> {
    table: &'a FormTable,
    rows: Vec<String>,
}

impl Damage<'_> {
    fn is_digits(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    }

    fn figure_rows(&self) -> Vec<usize> {
        let holds = |row: &String| {
            pieces(row, "<w:tc>", "</w:tc>").iter().any(|cell| Self::is_digits(&words(cell)))
        };
        (0..self.rows.len()).filter(|at| holds(&self.rows[*at])).collect()
    }

    /// One random change.
    fn apply(&mut self, random: &mut Random) {
        let figures = self.figure_rows();
        let at = figures[random.below(figures.len())];
        match random.below(6) {
            0 => self.reword_column(random),
            1 => {
                let labels = &self.table.rows;
                let label = &labels[random.below(labels.len())].label;
                let other = reworded(label, random);
                if let Some((row, new)) = self.find_words(label, &other) {
                    self.rows[row] = new;
                }
            }
            2 => self.split_heads(random),
            3 => self.merge_figures(at),
            4 => self.respell_figure(at, random),
            _ => {
                // A row without spans over several lines may stand elsewhere.
                let other = figures[random.below(figures.len())];
                if ![at, other].iter().any(|row| self.rows[*row].contains("w:vMerge")) {
                    self.rows.swap(at, other);
                }
            }
        }
    }

    fn find_words(&self, from: &str, to: &str) -> Option<(usize, String)> {
        let mut rows = self.rows.iter().enumerate();
        rows.find_map(|(at, row)| Some((at, with_words(row, from, to)?)))
    }

    fn reword_column(&mut self, random: &mut Random) {
        let columns = &self.table.columns;
        let label = &columns[random.below(columns.len())].label;
        let other = reworded(label, random);
        if let Some((row, new)) = self.find_words(label, &other) {
            self.rows[row] = new;
        }
    }

    /// Sets the heads of a line on two lines, each with a part of the words.
    fn split_heads(&mut self, random: &mut Random) {
        let labels: Vec<&str> = self.table.columns.iter().map(|c| c.label.as_str()).collect();
        let count = |row: &String| {
            let cells = pieces(row, "<w:tc>", "</w:tc>");
            cells.iter().filter(|cell| labels.contains(&words(cell).as_str())).count()
        };
        let Some(at) = (0..self.rows.len()).find(|at| count(&self.rows[*at]) >= 3) else { return };
        let row = self.rows[at].clone();
        let (mut above, mut below) = (row.clone(), row.clone());
        let mut changed = false;
        for cell in pieces(&row, "<w:tc>", "</w:tc>") {
            let text = words(cell);
            let own = labels.contains(&text.as_str()) && text.chars().count() >= 4;
            if own && random.one_in(2) {
                let cut = text.char_indices().nth(2).map_or(0, |(at, _)| at);
                above = above.replacen(cell, &with_cell_words(cell, &text[..cut]), 1);
                below = below.replacen(cell, &with_cell_words(cell, &text[cut..]), 1);
                changed = true;
            } else {
                below = below.replacen(cell, &with_cell_words(cell, ""), 1);
            }
        }
        // What spans several lines would end too early.
        if changed && !row.contains("w:vMerge") {
            self.rows[at] = above;
            self.rows.insert(at + 1, below);
        }
    }

    /// Merges the first two figures of a row.
    fn merge_figures(&mut self, at: usize) {
        let row = self.rows[at].clone();
        let cells = pieces(&row, "<w:tc>", "</w:tc>");
        let plain = |cell: &str| Self::is_digits(&words(cell)) && !cell.contains("w:gridSpan");
        let pair = cells.windows(2).find(|pair| plain(pair[0]) && plain(pair[1]));
        if let Some(pair) = pair.filter(|pair| pair[0].contains("<w:tcPr>")) {
            let wide = pair[0].replacen("<w:tcPr>", "<w:tcPr><w:gridSpan w:val=\"2\"/>", 1);
            let both = format!("{}{}", pair[0], pair[1]);
            if row.contains(&both) {
                self.rows[at] = row.replacen(&both, &wide, 1);
            }
        }
    }

    /// Writes a figure in another way.
    fn respell_figure(&mut self, at: usize, random: &mut Random) {
        let row = self.rows[at].clone();
        let cells = pieces(&row, "<w:tc>", "</w:tc>");
        let figures: Vec<&&str> =
            cells.iter().filter(|cell| Self::is_digits(&words(cell))).collect();
        let Some(cell) = figures.get(random.below(figures.len().max(1))) else { return };
        let text = words(cell);
        let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c);
        let other = match random.below(7) {
            0 => format!("{text}件"),
            5 => grouped(&text, ','),
            6 => grouped(&text, '，'),
            1 => text.chars().map(|c| if c.is_ascii_digit() { wide(c) } else { c }).collect(),
            2 => "无".to_owned(),
            3 => "—".to_owned(),
            _ => format!("约{text}"),
        };
        self.rows[at] = row.replacen(**cell, &with_cell_words(cell, &other), 1);
    }
}

/// A document with random changes in its official tables.
fn damaged(xml: &str, report: &Report, random: &mut Random) -> String {
    let mut out = xml.to_owned();
    let tables: Vec<String> =
        pieces(xml, "<w:tbl>", "</w:tbl>").into_iter().map(str::to_owned).collect();
    assert_eq!(tables.len(), report.form.tables.len(), "a Word table for each");
    for (old, table) in tables.iter().zip(&report.form.tables) {
        let rows: Vec<String> = {
            let start = old.find("<w:tr").expect("a row");
            let body = &old[start..old.len() - "</w:tbl>".len()];
            body.split_inclusive("</w:tr>").map(str::to_owned).collect()
        };
        let mut work = Damage { table, rows };
        for _ in 0..random.below(4) {
            work.apply(random);
        }
        let start = old.find("<w:tr").expect("a row");
        let new = format!("{}{}</w:tbl>", &old[..start], work.rows.concat());
        out = out.replacen(old.as_str(), &new, 1);
    }
    out
}

fn check(right: &Report, again: &Report, found: &[Diagnostic], about: &str) -> usize {
    let mut unknown = 0;
    for (number, table) in right.form.tables.iter().enumerate() {
        for (at, id) in table.cells.iter().enumerate() {
            let (given, read) =
                (&right.tables[number][at].figure, &again.tables[number][at].figure);
            let name = format!("{} {}", table.row_name(id.row), table.columns[id.column].label);
            if *read == Figure::Unknown {
                unknown += 1;
            } else if matches!(read, Figure::Text(_)) {
                // The form allows words in the column: they are read as they stand.
                assert_eq!(table.columns[id.column].kind.as_str(), "text", "{about}: {name}");
            } else if *read == Figure::Blank {
                // A stroke is neither read nor a figure.
                panic!("{about}: {name} is blank");
            } else {
                assert_eq!(given, read, "{about}: {name}: {found:#?}");
            }
        }
    }
    let errors = found.iter().any(|one| one.severity == Severity::Error);
    assert!(unknown == 0 || errors, "{about}: {unknown} cells are unknown in silence");
    unknown
}

fn random_report(year: u16, random: &mut Random, library: &FormRegistry) -> Report {
    let model = Model::correct(year, None, random);
    let toml = model.toml(random).replace("name = \"甲\"", "name = \"青禾镇人民政府\"");
    read(&toml, library)
}

fn edition(year: u16) {
    let library = FormRegistry::built_in();
    let (mut hurt, mut whole) = (0, 0);
    for number in round_numbers() {
        let mut random = random(0xA5A5_1234_5678_9ABC ^ u64::from(year), number);
        let report = random_report(year, &mut random, &library);
        let bytes = build(&report);
        let parts = common::parts(&bytes);
        let xml = String::from_utf8(parts["word/document.xml"].clone()).expect("UTF-8");
        let other = damaged(&xml, &report, &mut random);
        let (again, found) = import(&with_body(&parts, &other), &library);
        let about = format!("round {number} of {year}");
        assert_eq!(again.form.edition, report.form.edition, "{about}");
        match check(&report, &again, &found, &about) {
            0 => whole += 1,
            _ => hurt += 1,
        }
    }
    assert!(hurt > rounds() / 10 && whole > rounds() / 10, "{hurt} hurt, {whole} whole");
}

#[test]
fn no_cell_of_a_report_of_2020_becomes_zero_in_silence() {
    edition(2020);
}

#[test]
fn no_cell_of_a_report_of_2025_becomes_zero_in_silence() {
    edition(2025);
}

/// The content of a body, without the properties of its section.
fn content(xml: &str) -> &str {
    let start = xml.find("<w:body>").expect("a body") + "<w:body>".len();
    let end = xml.rfind("<w:sectPr").expect("a section");
    &xml[start..end]
}

fn sample() -> (Report, BTreeMap<String, Vec<u8>>, String) {
    let library = FormRegistry::built_in();
    let text = std::fs::read_to_string(common::root().join("samples/yunyan-2025/report.toml"));
    let report = read(&text.expect("a sample"), &library);
    let parts = common::parts(&build(&report));
    let xml = String::from_utf8(parts["word/document.xml"].clone()).expect("UTF-8");
    (report, parts, xml)
}

fn texts(report: &Report) -> Vec<(usize, bool, String)> {
    report.texts.iter().map(|t| (t.section, t.after_table, t.markdown.clone())).collect()
}

fn same_texts(one: &Report, other: &Report) {
    assert_eq!(texts(one), texts(other));
}

fn shows(found: &[Diagnostic], message: &str) -> usize {
    found.iter().filter(|one| one.message.id() == message).count()
}

#[test]
fn a_second_report_in_the_file_is_said_and_does_not_flow_into_the_first() {
    let (_, parts, xml) = sample();
    let library = FormRegistry::built_in();
    let (alone, _) = import(&with_body(&parts, &xml), &library);
    let own = content(&xml).to_owned();
    let twice = xml.replacen(&own, &format!("{own}{own}"), 1);
    let (read, found) = import(&with_body(&parts, &twice), &library);
    same_texts(&alone, &read);
    assert_eq!(shows(&found, "word.second-report"), 1, "{found:#?}");
    assert!(found.iter().any(|one| one.severity == Severity::Error));
    check(&alone, &read, &found, "a second report");
}

#[test]
fn a_cover_with_contents_is_not_read_as_headings() {
    let (report, parts, xml) = sample();
    let library = FormRegistry::built_in();
    let (alone, _) = import(&with_body(&parts, &xml), &library);
    let line = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    for page in ["", "……3", "\t12"] {
        let mut cover = line(&report.title()) + &line("目 录");
        for heading in report.form.sections.iter().filter_map(|s| s.heading.as_ref()) {
            cover.push_str(&line(&format!("{heading}{page}")));
        }
        let covered = xml.replacen("<w:body>", &format!("<w:body>{cover}"), 1);
        let (read, found) = import(&with_body(&parts, &covered), &library);
        same_texts(&alone, &read);
        assert_eq!(read.title(), alone.title());
        assert_eq!(shows(&found, "word.contents"), 1, "{page}: {found:#?}");
        check(&alone, &read, &found, "a cover");
    }
}

#[test]
fn heads_on_two_lines_are_read_and_nobody_s_heads_are_unknown() {
    let (report, parts, xml) = sample();
    let library = FormRegistry::built_in();
    let (read, found) = import(&with_body(&parts, &xml.replace(">商业企业<", ">别处<")), &library);
    let unknown = check(&report, &read, &found, "a head of nobody's");
    assert_eq!(unknown, report.form.tables[1].rows.len());
    assert!(found.iter().all(|one| one.rule != "row-sum"), "{found:#?}");
    assert_eq!(shows(&found, "sheet.missing-column"), 1);
}
