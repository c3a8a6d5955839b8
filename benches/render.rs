//! Time for each report, warm: from the text of the data file to the bytes of the document.
//!
//! `cargo bench --bench render` prints a summary; `-- --json` one line for each document, as
//! `benches/peers` reads it; `--docx` or `--pdf` one of the two; `-- --context` what the template's tags look
//! up; `-- --word` how long a report that was read before takes to Word; `-- --split` how a PDF's time falls
//! into layout and export. `-- --reports COUNT DIR` writes so many different reports, and `-- --contexts COUNT`
//! what the tags look up in each. Times are wall times; the CPU time of the whole process is in the summary
//! (Linux only).
#![allow(clippy::print_stdout, reason = "the figures are the product")]

use docx_fill::diag::{Sink, Sources};
use nianbao::render::{self, Assets, EditionTemplates, RenderJob, RenderTargets, Templates};
use nianbao::{check, data, quote, report};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Instant;

const REPORT: &str = include_str!("../samples/ansha-2020/report.toml");
const OTHERS: [&str; 3] = [
    include_str!("../samples/lanxi-2025/report.toml"),
    include_str!("../samples/yantian-2021/report.toml"),
    include_str!("../samples/yunyan-2025/report.toml"),
];

const BOTH: RenderTargets = RenderTargets { docx: true, pdf: true };

/// Characters that the report does not use.
static RARE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let others: BTreeSet<char> = OTHERS.iter().flat_map(|text| text.chars()).collect();
    others.into_iter().filter(|c| *c > '一' && *c < '龥' && !REPORT.contains(*c)).collect()
});

struct NoPictures;

impl Assets for NoPictures {
    fn get(&self, _path: &str) -> Option<&[u8]> {
        None
    }
}

/// A report that differs from all others in its organ, in every paragraph, in the characters that it needs of each
/// font, and in the figures of all tables.
fn text(number: usize) -> String {
    let mut out = String::with_capacity(REPORT.len() + 1000);
    let mut turn = number;
    // The organ's name gives the file its own; a sentence on table 3 must stay true.
    let report = REPORT.replacen("name = \"", &format!("name = \"第{number}"), 1);
    for line in report.replace("未受理", "受理").lines() {
        let id = line.split_whitespace().next().unwrap_or_default();
        if let Some(row) = row(id, number) {
            let _ = write!(out, "{id} = {row}");
        } else if let Some(sentence) = line.strip_suffix('。') {
            turn += 7 + number % 5;
            let name = [turn, turn * 3 + 1].map(|at| RARE[at % RARE.len()]);
            let _ = write!(out, "{sentence}（{}{}，第{number}号）。", name[0], name[1]);
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// The figures of a row that is not empty.
fn row(id: &str, number: usize) -> Option<String> {
    let some = |most: usize| number * 31 % most;
    // Citizens and companies; what was asked for is granted, granted in part, or not there.
    let (people, companies) = (number, some(37));
    let (partial, absent) = (people / 5, people / 3);
    let (refused, missing) = (companies / 4, companies / 2);
    let sums =
        |one: usize, other: usize| format!("[ {one}, {other}, 0, 0, 0, 0, {} ]", one + other);
    let service = |change: usize, decisions: usize| {
        format!("{{ last-year = {}, change = {change}, decisions = {decisions} }}", some(83))
    };
    let court = |upheld: usize, corrected: usize| {
        let total = upheld + corrected;
        format!(
            "{{ upheld = {upheld}, corrected = {corrected}, other = 0, pending = 0, total = {total} }}"
        )
    };
    Some(match id {
        "received" | "handled-total" => sums(people, companies),
        "granted" => sums(people - partial - absent, companies - refused - missing),
        "partial" => sums(partial, refused),
        "not-held" => sums(absent, missing),
        "licensing" => service(some(19), some(4_001)),
        "other-services" => service(some(151), some(997)),
        "penalties" => service(some(7), some(211)),
        "coercion" => service(some(5), some(29)),
        "procurement" => {
            format!("{{ projects = {}, amount = {}.{} }}", some(41), some(9_973), some(9) + 1)
        }
        "reconsideration" => court(some(3), some(2)),
        "direct-suit" => court(some(5), some(3)),
        _ => return None,
    })
}

fn load(text: &str, templates: &Templates) -> (report::Report, quote::FilledTexts) {
    let mut sources = Sources::default();
    let source = sources.add_text("report.toml", text);
    let mut sink = Sink::new();
    let root = data::load_data(source, text, data::Syntax::Toml, &mut sink).expect("TOML");
    let report =
        report::read_report(source, &root, templates.library(), &mut sink).expect("a report");
    check::check_report(&report, &mut sink);
    let texts = quote::fill_quotes(&report, text, &mut sink);
    assert!(sink.is_empty());
    (report, texts)
}

fn docx(text: &str, templates: &Templates, edition: &EditionTemplates) -> Vec<u8> {
    let (report, texts) = load(text, templates);
    let job = RenderJob { report: &report, texts: &texts, assets: &NoPictures, draft: false };
    render::render_docx(&job, edition, &mut Sink::new()).expect("a document").into_bytes()
}

/// The mean of milliseconds in which a report that was read and judged before becomes a Word document.
fn docx_alone(count: u32, templates: &Templates, edition: &EditionTemplates) -> f64 {
    let mut total = 0.0;
    for number in 0..=count as usize {
        let (report, texts) = load(&text(number), templates);
        let job = RenderJob { report: &report, texts: &texts, assets: &NoPictures, draft: false };
        let start = Instant::now();
        assert!(
            render::render_docx(&job, edition, &mut Sink::new()).is_some_and(|it| !it.is_empty())
        );
        // The first one warms up.
        total += if number == 0 { 0.0 } else { start.elapsed().as_secs_f64() };
    }
    total * 1e3 / f64::from(count)
}

#[cfg(feature = "pdf")]
fn pdf(
    text: &str,
    templates: &Templates,
    edition: &EditionTemplates,
    fonts: &render::fonts::Fonts,
) -> Vec<u8> {
    let (report, texts) = load(text, templates);
    let job = RenderJob { report: &report, texts: &texts, assets: &NoPictures, draft: false };
    let with = render::PdfResources { fonts, sources: &Sources::default() };
    render::render_pdf(&job, edition, with, &mut Sink::new()).expect("a document")
}

/// CPU time of all threads so far, in milliseconds.
fn cpu_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

/// Times each of several documents; returns milliseconds, sorted, and CPU milliseconds per document.
fn measure(count: usize, mut one: impl FnMut(usize) -> usize) -> (Vec<f64>, f64) {
    one(0);
    let cpu = cpu_ms();
    let mut times: Vec<f64> = (1..=count)
        .map(|number| {
            let start = Instant::now();
            assert!(one(number) > 0);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let cpu = (cpu_ms() - cpu) / f64::from(u32::try_from(count).unwrap_or(1));
    times.sort_by(f64::total_cmp);
    (times, cpu)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let templates = Templates::built_in();
    let form = templates.library().by_edition("2019").expect("built in").clone();
    let mut sink = Sink::new();
    let edition = templates.read_edition(&form, BOTH, &mut Sources::default(), &mut sink);
    assert!(sink.is_empty(), "{:?}", sink.into_sorted());
    if let Some(["--reports", count, dir]) = last(&args) {
        return (1..=count.parse().expect("a number"))
            .for_each(|number| write(dir.as_ref(), number));
    }
    if let Some([_, "--contexts", count]) = last(&args) {
        for number in 1..=count.parse().expect("a number") {
            let (report, texts) = load(&text(number), &templates);
            println!("{}", render::content::tag_data(&report, &texts, false, false));
        }
        return;
    }
    #[cfg(feature = "pdf")]
    if has("--split") {
        let fonts = render::fonts::Fonts::new(font_files(), &mut Sink::new());
        return split(50, |n| pdf(&text(n), &templates, &edition, &fonts).len());
    }
    if has("--word") {
        return println!("{:.3} ms", docx_alone(400, &templates, &edition));
    }
    if has("--context") {
        let (report, texts) = load(REPORT, &templates);
        println!("{}", render::content::tag_data(&report, &texts, false, false));
        return;
    }
    if !has("--pdf") {
        let (times, cpu) = measure(200, |n| docx(&text(n), &templates, &edition).len());
        show("docx", "docx_us", 1e3, &times, cpu, has("--json"));
    }
    #[cfg(feature = "pdf")]
    if !has("--docx") {
        let fonts = render::fonts::Fonts::new(font_files(), &mut Sink::new());
        let mut bytes = 0;
        let (times, cpu) = measure(50, |n| {
            bytes = pdf(&text(n), &templates, &edition, &fonts).len();
            bytes
        });
        assert!(bytes > 100_000, "a whole report");
        show("pdf", "pdf_ms", 1.0, &times, cpu, has("--json"));
    }
}

/// The last three arguments.
fn last(args: &[String]) -> Option<[&str; 3]> {
    let words = args.last_chunk::<3>()?;
    Some(words.each_ref().map(String::as_str))
}

/// Writes a report into a folder of its own, a hundred in each.
fn write(dir: &std::path::Path, number: usize) {
    let folder = dir.join(format!("{:03}/{number:05}", number / 100));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("report.toml"), text(number)).expect("written");
}

/// Says how many milliseconds of a PDF are layout (with all that runs before it) and export, in the mean of
/// `count` documents.
#[cfg(feature = "pdf")]
fn split(count: u32, mut one: impl FnMut(usize) -> usize) {
    one(0);
    typst_timing::enable();
    for number in 1..=count as usize {
        one(number);
    }
    let mut events = Vec::new();
    typst_timing::export_json(&mut events, |_| (String::new(), 0)).expect("memory");
    let events: serde_json::Value = serde_json::from_slice(&events).expect("JSON");
    for (name, words) in [("compile", "layout"), ("pdf", "export")] {
        let mut total = 0.0;
        for event in events.as_array().into_iter().flatten().filter(|e| e["name"] == name) {
            let time = event["ts"].as_f64().expect("a time");
            total += if event["ph"] == "E" { time } else { -time };
        }
        println!("{words}: {:.3} ms", total / 1e3 / f64::from(count));
    }
}

#[cfg(feature = "pdf")]
fn font_files() -> Vec<render::fonts::FontFile> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts");
    let names = render::fonts::EXTERNAL_FONTS.iter().map(|(name, _, _)| *name);
    names.map(|n| (n.to_owned(), std::fs::read(dir.join(n)).expect("a font").into())).collect()
}

fn show(what: &str, key: &str, scale: f64, times: &[f64], cpu: f64, json: bool) {
    if json {
        for time in times {
            println!("{{\"{key}\": {:.3}}}", time * scale);
        }
    } else {
        let (least, median) = (times[0], times[times.len() / 2]);
        println!("{what}: {least:.3} ms least, {median:.3} ms median, {cpu:.3} ms of CPU");
    }
}
