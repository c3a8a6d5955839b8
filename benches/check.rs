//! Reports checked in a second on one core, from the text of the data file to the findings.
//!
//! `cargo bench --bench check` prints a summary; `-- --dump DIR` writes the first 1,000 reports for
//! `benches/peers/check.py`. Every report differs in the figures of table 3; one in ten has a wrong total.
#![allow(clippy::print_stdout, reason = "a bench prints its result")]
#![allow(clippy::cast_precision_loss, reason = "a few thousand reports")]

use docx_fill::diag::{Sink, Sources};
use nianbao::check::{self, Settings};
use nianbao::data::{self, Syntax};
use nianbao::form::FormRegistry;
use nianbao::{quote, report};
use std::time::{Duration, Instant};

const REPORTS: usize = 10_000;
const SAMPLE: &str = include_str!("../samples/yunyan-2025/report.toml");

/// A report with figures of its own; every tenth has a total that is off by one.
fn text(number: usize) -> String {
    let mut out = String::with_capacity(SAMPLE.len() + 64);
    for line in SAMPLE.lines() {
        let id = line.split_whitespace().next().unwrap_or_default();
        match line.split_once("= [") {
            Some((_, rest)) if ["received", "granted"].contains(&id) => {
                out.push_str(&row(id, rest.split_once(']').unwrap_or_default().0, number));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// As many more applications by natural persons as the report's number, all granted.
fn row(id: &str, cells: &str, number: usize) -> String {
    let mut cells: Vec<usize> =
        cells.split(',').map(|cell| cell.trim().parse().expect("a count")).collect();
    cells[0] += number;
    if id == "received" && number.is_multiple_of(10) {
        cells.push(cells.iter().sum::<usize>() + 1);
    }
    format!("{id} = {cells:?}")
}

fn main() {
    let library = FormRegistry::built_in();
    let settings = Settings::default().with_notices(&library);
    let texts: Vec<String> = (0..REPORTS).map(text).collect();
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--dump") {
        dump(&args[at + 1], &texts);
        return;
    }
    let mut spent = [Duration::ZERO; 5];
    let mut findings = 0;
    for text in &texts {
        let mut sources = Sources::default();
        let source = sources.add_text("report.toml", text.as_str());
        let mut sink = Sink::new();
        let start = Instant::now();
        let root = data::load_data(source, text, Syntax::Toml, &mut sink).expect("TOML");
        let parsed = Instant::now();
        let report = report::read_report(source, &root, &library, &mut sink).expect("a report");
        let read = Instant::now();
        check::check_report_with(&report, None, &settings, &mut sink);
        let figures = Instant::now();
        let filled = quote::fill_quotes(&report, text, &mut sink);
        let quoted = Instant::now();
        check::check_texts(&report, &filled, text, None, &settings, &mut sink);
        let end = Instant::now();
        for (sum, (from, to)) in spent.iter_mut().zip([
            (start, parsed),
            (parsed, read),
            (read, figures),
            (figures, quoted),
            (quoted, end),
        ]) {
            *sum += to - from;
        }
        findings += sink.iter().count();
    }
    let total: Duration = spent.iter().sum();
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / REPORTS as f64;
    let rate = |time: Duration| REPORTS as f64 / time.as_secs_f64();
    println!("{REPORTS} reports of {} bytes, {findings} findings", SAMPLE.len());
    for (name, time) in ["parse TOML", "read report", "check figures", "fill quotes", "check texts"]
        .iter()
        .zip(spent)
    {
        let share = 100.0 * time.as_secs_f64() / total.as_secs_f64();
        println!("{name:<14} {:>8.1} us/report  {share:>5.1} %", micros(time));
    }
    let figures = spent[0] + spent[1] + spent[2];
    println!("figures only   {:>8.0} reports/s", rate(figures));
    println!("with texts     {:>8.0} reports/s", rate(total));
}

/// The first reports as files.
fn dump(dir: &str, texts: &[String]) {
    std::fs::create_dir_all(dir).expect("a folder");
    for (number, text) in texts.iter().take(1000).enumerate() {
        std::fs::write(format!("{dir}/{number}.toml"), text).expect("written");
    }
}
