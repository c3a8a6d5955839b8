//! How fast a report is read and judged in each format: `cargo bench --no-default-features --bench read`.
//! One core, in memory, the fullest sample; the best of five rounds.
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use docx_fill::diag::{Sink, SourceId, Sources};
use nianbao::data::{self, DataNode, Syntax};
use nianbao::form::FormRegistry;
use nianbao::{check, convert, report, sheet};
use std::time::Instant;

const ROUNDS: usize = 5;
const REPORTS: u32 = 2_000;

fn main() {
    let toml = include_str!("../samples/yunyan-2025/report.toml");
    let library = FormRegistry::built_in();
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("report.toml", toml);
    let root = data::load_data(source, toml, Syntax::Toml, &mut sink).expect("a tree");
    let as_text = |to| {
        let text = convert::convert_syntax(source, &root, toml, Syntax::Toml, to, &mut Sink::new());
        text.expect("convertible")
    };
    let (json, yaml) = (as_text(Syntax::Json), as_text(Syntax::Yaml));
    let report = report::read_report(source, &root, &library, &mut sink).expect("a report");
    let book = sheet::write_workbook(&report).expect("a workbook");
    let text = |name, text: &str, syntax| {
        measure(name, &library, || {
            let tree = data::load_data(source, text, syntax, &mut Sink::new());
            (source, tree.expect("a tree"))
        });
    };
    text("toml", toml, Syntax::Toml);
    text("json", &json, Syntax::Json);
    text("yaml", &yaml, Syntax::Yaml);
    measure("xlsx", &library, || {
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_binary("report.xlsx");
        let book = data::load_workbook(source, &book, &mut sources, &mut sink).expect("a book");
        (source, sheet::read_workbook(source, &book, &library, &mut sink).expect("a tree"))
    });
}

fn measure(name: &str, library: &FormRegistry, read: impl Fn() -> (SourceId, DataNode)) {
    let best = |work: &dyn Fn()| {
        let round = |_| {
            let start = Instant::now();
            (0..REPORTS).for_each(|_| work());
            start.elapsed().as_secs_f64() / f64::from(REPORTS)
        };
        (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
    };
    let parsing = best(&|| drop(read()));
    let whole = best(&|| {
        let (source, tree) = read();
        let mut sink = Sink::new();
        let report = report::read_report(source, &tree, library, &mut sink).expect("a report");
        check::check_report(&report, &mut sink);
        assert!(sink.is_empty());
    });
    let share = 100.0 * parsing / whole;
    println!(
        "{name}: {:.0} reports/s, {:.0} µs each, {share:.0} % parsing",
        1.0 / whole,
        whole * 1e6
    );
}
