//! Owns the command `collect`: finds the units' files, has them read and judged, and writes the county.
//! Must not know how a county is added up.

mod found;
mod outputs;
mod papers;
mod pictures;
mod reader;

pub(crate) use found::is_delivered;

use super::args::{Against, Cli, Judge};
use super::files::{self, Pictures, shown};
use super::outward::Outward;
use super::{Failure, Outcome, Terminal, load};
use clap::Args;
use docx_fill::diag::{Diagnostic, Format, Lang, Place, Severity, Sink, Sources, Text};
use found::{Found, LIST, found_files};
use nianbao::check::settings::Effect;
use nianbao::check::{self, Settings};
use nianbao::collect::{self as county, Collected, Delivered, Wishes};
use nianbao::form::Library;
use nianbao::report::{Date, Report};
use nianbao::{quote, text};
use outputs::{Output, Target};
use papers::Papers;
use reader::Reader;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Collect {
    #[arg(value_name = "DIR", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(short, long, value_name = "TOTAL")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) units: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) own: Option<PathBuf>,
    #[arg(long)]
    pub(crate) strict_units: bool,
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) date: Option<Date>,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) against: Against,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

pub(crate) fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(String::new)
}

/// A county that was added up, for its outputs.
struct County<'a> {
    total: &'a Collected,
    lang: Lang,
}

/// A county with its files and what is printed of it.
struct Run {
    total: Collected,
    sources: Sources,
    sink: Sink,
}

/// What the county's report is made with besides its sums.
struct Made {
    target: Target,
    /// The pictures of its texts.
    pictures: Result<Pictures, Failure>,
    /// Its report of last year.
    previous: Option<Report>,
}

/// A county that was added up, with the files to which its findings point, all by their names for others.
pub(crate) type SummedCounty = (Collected, Sources);

/// `nianbao collect DIR… -o TOTAL`
pub(crate) fn collect(cli: &Cli, ask: &Collect, terminal: Terminal) -> Result<Outcome, Failure> {
    Ok(county(cli, ask, terminal)?.0)
}

/// Does what `collect` does and gives the county, if there is one.
pub(crate) fn county(
    cli: &Cli,
    ask: &Collect,
    mut terminal: Terminal,
) -> Result<(Outcome, Option<SummedCounty>), Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = load::templates(cli, &mut sources, &mut sink)?;
    let library = templates.library();
    let target = Target::of(ask)?;
    let found = found_files(ask)?;
    let named = [&ask.own, &ask.units, &ask.against.previous, &ask.against.config];
    let outward = Outward::of(&ask.paths).with(named.into_iter().flatten().chain([&ask.out]));
    terminal.call(outward.clone());
    let papers = Papers::choose(ask, &found, library, &mut sources, &mut sink)?;
    terminal.judge_by(&papers.by);
    let (late, effect) = (Sink::new(), Effect::default());
    let mut reader = Reader { ask, library, by: &papers.by, sources, sink, late, effect };
    let register = reader.register(papers.list.as_deref())?;
    let own = reader.own()?;
    let previous = reader.previous()?;
    let delivered = delivered(&found, &mut reader);
    let Reader { sources, mut sink, mut late, effect, .. } = reader;
    late.extend(papers.passed.iter().cloned());
    // What is wrong with the county's own papers comes before anything is added.
    if sink.has_errors() {
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("collect.own-wrong"));
        return Ok((finish(outcome, &terminal), None));
    }
    let (own, pictures) = own.unzip();
    let wishes = Wishes { register, own, strict: ask.strict_units };
    let Some(mut total) = county::collect(delivered, wishes) else {
        sink.extend(papers.by.settings.settle(late));
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("collect.none"));
        return Ok((finish(outcome.max(Outcome::Found), &terminal), None));
    };
    total.found.extend(late);
    let effect = settle(&mut total, &papers.by.settings, effect);
    terminal.settled(effect);
    total.judged_by = judged_by(&papers, effect, &outward);
    let pictures = pictures.map_or_else(|| of_single(&total, &found.units, library, &sources), Ok);
    let made = Made { target, pictures, previous };
    let mut run = Run { total, sources, sink };
    let (folder, files, hidden) = outputs(made, ask, &outward, &terminal, &mut run);
    let Run { total, sources, sink } = run;
    let outcome = terminal.report(sink, &sources).max(outputs::write(&folder, files, &terminal));
    if terminal.format == Format::Human {
        tell_summary(&total, hidden, &terminal);
    }
    Ok((finish(outcome, &terminal), Some((total, outward.sources(&sources)))))
}

/// The units' files, each read and judged.
fn delivered(found: &Found, reader: &mut Reader<'_>) -> Vec<Delivered> {
    let mut out: Vec<Delivered> =
        found.units.iter().map(|(file, path)| reader.unit(file, path)).collect();
    out.extend(found.unread.iter().map(|unread| reader.unread(unread)));
    out
}

/// Every file, made before the first one is written. With them comes how many findings are not printed.
fn outputs(
    made: Made,
    ask: &Collect,
    outward: &Outward,
    terminal: &Terminal,
    run: &mut Run,
) -> (PathBuf, Vec<Result<Output, Failure>>, usize) {
    let Run { total, sources, sink } = run;
    let Made { target, pictures, previous } = made;
    let source = sources.add_binary(shown(&target.report()));
    let mut report = total.report(source, sink);
    let pictures = pictures.unwrap_or_else(|failure| {
        let message = text!("collect.no-pictures", reason = failure.text());
        sink.push(Diagnostic::error("picture", Place::File(source), message));
        Pictures::default()
    });
    let pictures = pictures::beside(&mut report, &pictures, &target.folder());
    let county = County { total, lang: terminal.lang };
    let first = outputs::report(&target, &county, sources, &mut report);
    chain(&report, previous.as_ref(), sink);
    let hidden = print(total, sink, terminal.format);
    call(total, outward, sources);
    let county = County { total, lang: terminal.lang };
    let further = outputs::further(&target, ask.date, &county, &outward.sources(sources));
    let all = std::iter::once(first).chain(further).chain(pictures.into_iter().map(Ok));
    (target.folder(), all.collect(), hidden)
}

fn tell_summary(total: &Collected, hidden: usize, terminal: &Terminal) {
    for line in total.summary() {
        terminal.tell(&line);
    }
    if total.organ.0.is_empty() {
        terminal.tell(&text!("collect.no-organ"));
    }
    if hidden > 0 {
        terminal.tell(&text!("collect.hidden", count = hidden));
    }
}

fn finish(outcome: Outcome, terminal: &Terminal) -> Outcome {
    terminal.close();
    outcome
}

/// The pictures of the only unit whose words are the county's.
fn of_single(
    total: &Collected,
    units: &BTreeSet<(String, PathBuf)>,
    library: &Library,
    sources: &Sources,
) -> Result<Pictures, Failure> {
    let Some(model) = total.model() else { return Ok(Pictures::default()) };
    let unit = total.delivered.iter().find(|unit| unit.source == model.source);
    let path = unit.and_then(|unit| units.iter().find(|(file, _)| *file == unit.file));
    let Some((_, path)) = path else { return Ok(Pictures::default()) };
    let file = files::data_file(path)?;
    // It was read and judged before; all that was found in it is told already.
    let (mut told, text) = (Sink::new(), sources.text(model.source).unwrap_or_default());
    let texts = quote::expand(model, text, &mut told);
    let opened = load::open(&file, library, &mut Sources::default(), &mut told)?;
    load::pictures(&file, opened.and_then(|opened| opened.pictures), &texts)
}

/// What the status page says of whoever judged the reports.
fn judged_by(papers: &Papers, effect: Effect, outward: &Outward) -> Vec<Text> {
    let list = papers.list.as_ref();
    let list = list.map(|list| text!("collect.list-used", file = outward.name(&shown(list))));
    std::iter::once(papers.by.told(effect, outward).words()).chain(list).collect()
}

/// Gives the findings as the settings have them, and adds what they changed.
fn settle(total: &mut Collected, settings: &Settings, mut effect: Effect) -> Effect {
    let sink: Sink = std::mem::take(&mut total.found).into_iter().collect();
    let plain = sink.clone().into_sorted();
    total.found = settings.settle(sink).into_sorted();
    effect.add(Effect::between(&plain, &total.found));
    effect
}

/// Calls all files in the findings as others may read them.
fn call(total: &mut Collected, outward: &Outward, sources: &Sources) {
    total.found = outward.findings(&total.found, sources);
    for unit in &mut total.delivered {
        unit.found = outward.findings(&unit.found, sources);
    }
}

/// The county against its own report of last year.
fn chain(report: &Report, previous: Option<&Report>, sink: &mut Sink) {
    let Some(previous) = previous else { return };
    let mut own = Sink::new();
    check::check_with(report, Some(previous), &Settings::default(), &mut own);
    let crossings = report.form.tables.iter().flat_map(|table| &table.crossings);
    let mut rules: BTreeSet<&str> = crossings.map(|crossing| crossing.id.as_str()).collect();
    rules.insert("previous-year");
    sink.extend(own.into_sorted().into_iter().filter(|one| rules.contains(one.rule.as_ref())));
}

/// Puts what is to be shown into the sink: the county's findings and the units' errors, for programs
/// everything. How many were left out.
fn print(total: &Collected, sink: &mut Sink, format: Format) -> usize {
    sink.extend(total.found.iter().cloned());
    let mut hidden = 0;
    for found in total.delivered.iter().flat_map(|unit| &unit.found) {
        if found.severity == Severity::Error || format == Format::Json {
            sink.push(found.clone());
        } else {
            hidden += 1;
        }
    }
    hidden
}
