//! The template engine alone: `Template::parse` and `render`, nothing of annual reports. Linux only.
//!
//! `cargo bench -p docx-fill` times the compiling of templates of 1,000 to 20,000 tags.
//! `benches/engine/run.sh` calls the built program for the comparison with other engines:
//!
//! ```text
//! engine job TEMPLATE.docx DATA.jsonl OUT.docx        a document a line, one line of timing each
//! engine floor TEMPLATE.docx DATA.jsonl FINISHED.docx the same for inflating and deflating alone
//! engine threads TEMPLATE.docx DATA.jsonl             documents a second of one and of two threads
//! engine levels TEMPLATE.docx DATA.jsonl              time and size at the levels of deflate
//! engine memory TEMPLATE.docx DATA.jsonl              memory after 100 and 10,000 documents
//! engine profile TEMPLATE.docx DATA.jsonl COUNT       renders only, for perf and callgrind
//! engine compile                                      as without arguments
//! ```

#![allow(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
#![allow(clippy::cast_precision_loss, reason = "counts of documents are small")]

use docx_fill::diag::{Sink, Sources};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{DOCUMENT, packed, run_of};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

mod support;

/// Throughput is measured this often, this long.
const TURNS: usize = 15;
const TURN: Duration = Duration::from_millis(300);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["job", template, data, out] => job(template, data, out),
        ["floor", template, data, finished] => floor(template, data, finished),
        ["threads", template, data] => threads(template, data),
        ["levels", template, data] => levels(template, data),
        ["memory", template, data] => memory(template, data),
        ["profile", template, data, count] => profile(template, data, count),
        [] | ["compile"] => compile(),
        _ => panic!("usage: see the head of benches/engine.rs"),
    }
}

// ---- the job -----------------------------------------------------------------------------------------------------

fn parse(bytes: Vec<u8>) -> CompiledTemplate {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let template = CompiledTemplate::parse(bytes, sources.add_binary("template.docx"), &mut sink);
    assert!(sink.is_empty(), "{:?}", sink.into_sorted());
    template.expect("a template")
}

/// One document from the text of its data; this is what is timed.
fn render(template: &CompiledTemplate, data: &str) -> Vec<u8> {
    render_with(template, data, &RenderOptions::default())
}

fn render_with(template: &CompiledTemplate, data: &str, options: &RenderOptions) -> Vec<u8> {
    let value: Value = serde_json::from_str(data).expect("JSON");
    let mut sink = Sink::new();
    let bytes = template.render(&value, &(), options, &mut sink);
    assert!(sink.is_empty(), "{:?}", sink.into_sorted());
    bytes.expect("a document").into_bytes()
}

fn read(path: &str) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn lines(path: &str) -> Vec<String> {
    let text = String::from_utf8(read(path)).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

/// Runs something for each data set and prints what each took; CPU time is that of the run, shared out.
fn time_each(data: &[String], mut one: impl FnMut(usize, &str)) {
    let cpu = cpu_ms();
    let mut walls = Vec::with_capacity(data.len());
    for (number, line) in data.iter().enumerate() {
        let start = Instant::now();
        one(number, line);
        walls.push(start.elapsed());
    }
    let cpu = (cpu_ms() - cpu) / walls.len() as f64;
    for wall in walls {
        println!("{}", json!({ "wall_ms": milliseconds(wall), "cpu_ms": cpu }));
    }
}

fn job(template: &str, data: &str, out: &str) {
    let template = parse(read(template));
    let mut first = Vec::new();
    time_each(&lines(data), |number, line| {
        let bytes = std::hint::black_box(render(&template, line));
        if number == 0 {
            first = bytes;
        }
    });
    fs::write(out, first).expect("a file");
}

/// Does the work that cannot be saved: the document inflated, a finished one deflated at the same level, the rest copied.
fn floor(template: &str, data: &str, finished: &str) {
    let archive = ZipArchive::new(Cursor::new(Arc::<[u8]>::from(read(template)))).expect("a zip");
    let mut text = Vec::new();
    let mut done = ZipArchive::new(Cursor::new(read(finished))).expect("a zip");
    done.by_name(DOCUMENT).expect(DOCUMENT).read_to_end(&mut text).expect("a part");
    time_each(&lines(data), |_, _| {
        std::hint::black_box(floor_of(archive.clone(), &text));
    });
}

fn floor_of(mut archive: ZipArchive<Cursor<Arc<[u8]>>>, text: &[u8]) -> Vec<u8> {
    let level = i64::from(RenderOptions::default().compression_level);
    let options = SimpleFileOptions::default().compression_level(Some(level));
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(text.len())));
    let document = archive.index_for_name(DOCUMENT);
    for index in 0..archive.len() {
        if document == Some(index) {
            let mut file = archive.by_index(index).expect("an entry");
            let mut old = Vec::with_capacity(usize::try_from(file.size()).unwrap_or(0));
            file.read_to_end(&mut old).expect("a part");
            std::hint::black_box(old);
            writer.start_file(DOCUMENT, options).expect("an entry");
            writer.write_all(text).expect("a part");
        } else {
            let file = archive.by_index_raw(index).expect("an entry");
            writer.raw_copy_file(file).expect("an entry");
        }
    }
    writer.finish().expect("a zip").into_inner()
}

/// Documents a second of one template shared by some threads, in short turns, so that some fall on idle cores.
fn threads(template: &str, data: &str) {
    let (template, data) = (parse(read(template)), lines(data));
    for _ in 0..TURNS {
        for threads in [1, 2] {
            println!("{}", throughput(&template, &data, threads));
        }
    }
}

fn throughput(template: &CompiledTemplate, data: &[String], threads: usize) -> Value {
    let done = AtomicUsize::new(0);
    let (start, cpu) = (Instant::now(), cpu_ms());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let done = &done;
            scope.spawn(move || {
                for line in data.iter().cycle().skip(thread * 7) {
                    std::hint::black_box(render(template, line));
                    done.fetch_add(1, Ordering::Relaxed);
                    if start.elapsed() > TURN {
                        return;
                    }
                }
            });
        }
    });
    let count = done.load(Ordering::Relaxed) as f64;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = (cpu_ms() - cpu) / count;
    json!({ "threads": threads, "per_second": count / seconds, "cpu_ms": cpu })
}

/// Prints a Markdown table of what each level of deflate costs.
fn levels(template: &str, data: &str) {
    let (template, data) = (parse(read(template)), lines(data));
    println!("| level | ms a document, least | median | bytes |");
    println!("|--:|--:|--:|--:|");
    for level in 1..=9 {
        let options = RenderOptions { compression_level: level, ..RenderOptions::default() };
        let mut size = 0;
        let mut walls: Vec<Duration> = data
            .iter()
            .map(|line| {
                let start = Instant::now();
                size = render_with(&template, line, &options).len();
                start.elapsed()
            })
            .collect();
        walls.sort_unstable();
        let (least, middle) = (milliseconds(walls[0]), milliseconds(walls[walls.len() / 2]));
        println!("| {level} | {least:.3} | {middle:.3} | {size} |");
    }
}

fn memory(template: &str, data: &str) {
    let (template, data) = (parse(read(template)), lines(data));
    for (number, line) in data.iter().cycle().take(10_000).enumerate() {
        std::hint::black_box(render(&template, line));
        if [100, 1_000, 10_000].contains(&(number + 1)) {
            println!("{}", json!({ "renders": number + 1, "rss_kb": status_kb("VmRSS:") }));
        }
    }
    println!("{}", json!({ "peak_kb": status_kb("VmHWM:") }));
}

fn profile(template: &str, data: &str, count: &str) {
    let (template, data) = (parse(read(template)), lines(data));
    for line in data.iter().cycle().take(count.parse().expect("a number")) {
        std::hint::black_box(render(&template, line));
    }
}

// ---- compiling ---------------------------------------------------------------------------------------------------

/// Prints a Markdown table: how long templates of many tags take, and what a tag takes of it.
fn compile() {
    println!("| tags | as | compile ms | µs a tag |");
    println!("|--:|---|--:|--:|");
    for (shape, make) in [
        ("paragraphs", paragraphs as fn(usize) -> String),
        ("cells of one table", cells),
        ("one paragraph", one_paragraph),
        ("blocks of three paragraphs", blocks),
    ] {
        for tags in [1_000, 10_000, 20_000] {
            let bytes = packed(&make(tags));
            let mut least = Duration::MAX;
            for _ in 0..5 {
                let bytes = bytes.clone();
                let start = Instant::now();
                let template = parse(bytes);
                least = least.min(start.elapsed());
                assert_eq!(template.tags().len(), tags, "{shape}");
            }
            let micros = least.as_secs_f64() * 1e6 / tags as f64;
            println!("| {tags} | {shape} | {:.1} | {micros:.2} |", milliseconds(least));
        }
    }
}

fn paragraphs(tags: usize) -> String {
    let mut out = String::new();
    for tag in 0..tags {
        let _ = write!(out, "<w:p>{}</w:p>", run_of(&format!("第{{{{values.v{tag}}}}}件")));
    }
    out
}

fn one_paragraph(tags: usize) -> String {
    let runs: String = (0..tags).map(|tag| run_of(&format!("{{{{values.v{tag}}}}}、"))).collect();
    format!("<w:p>{runs}</w:p>")
}

fn cells(tags: usize) -> String {
    let mut out = String::from("<w:tbl><w:tblPr/><w:tblGrid>");
    out.push_str(&"<w:gridCol w:w=\"900\"/>".repeat(10));
    out.push_str("</w:tblGrid>");
    for row in 0..tags / 10 {
        out.push_str("<w:tr>");
        for column in 0..10 {
            let tag = run_of(&format!("{{{{rows.r{row}.c{column}}}}}"));
            let _ = write!(
                out,
                "<w:tc><w:tcPr><w:tcW w:w=\"900\" w:type=\"dxa\"/></w:tcPr><w:p>{tag}</w:p></w:tc>"
            );
        }
        out.push_str("</w:tr>");
    }
    out + "</w:tbl><w:p/>"
}

/// Half of the tags open and close blocks.
fn blocks(tags: usize) -> String {
    let mut out = String::new();
    for block in 0..tags / 4 {
        for text in [
            "{{#if a}}".to_owned(),
            format!("{{{{v{block}}}}}{{{{w{block}}}}}"),
            "{{/if}}".to_owned(),
        ] {
            let _ = write!(out, "<w:p>{}</w:p>", run_of(&text));
        }
    }
    out
}

// ---- the process -------------------------------------------------------------------------------------------------

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// CPU time of the process so far, ended threads too (to 10 ms), in milliseconds.
fn cpu_ms() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    // After the name: the state is field 3, utime and stime are 14 and 15.
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

/// A line of /proc/self/status in kilobytes.
fn status_kb(key: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
