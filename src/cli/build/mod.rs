//! Owns the command `build`: any number of reports, made in parallel, put in their places and told in
//! order; one bad report stops none of the others.
//! Must not know how a report is judged or drawn.

mod crew;
mod folder;
mod inputs;
mod make;
mod names;
mod progress;
mod state;
pub(crate) mod summary;

pub(crate) use inputs::Shard;

#[cfg(feature = "pdf")]
use super::args::Target;
use super::args::{Build, Cli};
use super::files::{self, shown};
#[cfg(feature = "pdf")]
use super::sandbox::Workshop;
use super::settings::{RunSettings, Way};
use super::sum::{Adder, Sum};
use super::{Counts, Failure, Outcome, Terminal, letterhead, load, stop};
use crew::{Back, Work};
use docx_fill::diag::{Sink, Sources};
use folder::Folder;
use inputs::{Input, Inputs};
use make::{End, Kit, Made, Output, Worker};
use names::Names;
use nianbao::form::Library;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::text;
use progress::Progress;
use std::collections::BTreeSet;
#[cfg(feature = "pdf")]
use std::sync::Arc;
use std::time::SystemTime;
use summary::{Findings, Head, Record, Status, Totals};

/// From so many reports for each of several workers on, their PDFs are set in processes of their own: one takes
/// a tenth of a second to begin.
#[cfg(feature = "pdf")]
const APART_FROM: usize = 8;
/// Most reports without their files that are named at the end.
const NAMED: usize = 20;

/// `nianbao build PATH…`
pub(crate) fn build(cli: &Cli, ask: &Build, mut terminal: Terminal) -> Result<Outcome, Failure> {
    let Inputs { own: inputs, of, outward } = inputs::inputs(ask)?;
    let outward = outward.with(ask.out.iter().chain(&ask.against.previous).chain(&cli.templates));
    terminal.call(outward.with(ask.summary.iter().chain(&ask.against.config)));
    // Before this nothing is written: a signal ends the program, even while it waits for a list.
    stop::listen();
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let jobs = jobs(ask, inputs.len());
    let tools = || tools(cli, ask, inputs.len(), jobs, &mut sources, &mut sink);
    let (tools, read) = files::noting(tools);
    let tools = tools?;
    let library = tools.templates.library();
    let judging = || judging(ask, &inputs, library, &mut sources, &mut sink);
    let (by, settings) = files::noting(judging);
    let by = by?;
    terminal.judge_by(&by);
    let folder = match &ask.out {
        None => None,
        Some(dir) => match Folder::take(dir, ask.shard, &terminal)? {
            None => return Ok(Outcome::Stopped),
            folder => folder,
        },
    };
    let outcome = terminal.report(sink, &sources);
    if let Some(file) = letterhead::in_force(&ask.letterhead) {
        terminal.remark(&text!("letterhead.in-force", file = shown(file)));
    }
    let kit = Kit {
        ask,
        // Where PDFs are set in processes of their own, none of these waits for its next document.
        workers: if tools.press { 2 * jobs } else { jobs },
        terminal: &terminal.aside(),
        by: &by,
        tools,
        sources,
        basis: basis(ask, [read, settings]),
        folder: folder.as_ref(),
        templates: cli.templates.as_deref(),
    };
    let outcome = Run::new(&kit, &inputs, of, terminal)?.all(&kit, outcome)?;
    if let Some(folder) = folder {
        folder.leave(ask.durable);
    }
    Ok(outcome)
}

/// What the reports are judged by; what lies beside them and would change that is said.
fn judging(
    ask: &Build,
    inputs: &[Input],
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<RunSettings, Failure> {
    let mut way = Way::new();
    for input in inputs {
        way.add(&input.path, &input.top);
    }
    let mut by = RunSettings::read(&ask.against, &way, library, sources, sink)?;
    if letterhead::are_asked(&ask.letterhead) {
        let mut own = Sink::new();
        by.passed.extend(letterhead::passed_over(&ask.letterhead, &way, sources, &mut own));
        sink.extend(by.settings.settle(own));
    }
    Ok(by)
}

/// How many reports are made at once.
fn jobs(ask: &Build, count: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    ask.jobs.map_or(cores, usize::from).min(count.max(1))
}

/// What every report is made with.
#[cfg_attr(not(feature = "pdf"), expect(unused_variables, reason = "fonts are for PDF"))]
fn tools(
    cli: &Cli,
    ask: &Build,
    count: usize,
    jobs: usize,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<make::Tools, Failure> {
    #[cfg(feature = "pdf")]
    if ask.to.contains(&Target::Pdf) {
        let files = files::fonts(&cli.fonts)?;
        // First of all: while the processes read their fonts, this one reads its own.
        let many = jobs > 1 && count >= APART_FROM.saturating_mul(jobs);
        let press = if many { Workshop::open(files.clone(), jobs) } else { None };
        let mut templates = load::templates(cli, sources, sink)?;
        let fonts = Fonts::new(files, sink);
        fonts.say_missing(sink);
        let apart = press.is_some();
        if let Some(press) = press {
            templates.set_at(Arc::new(press));
        }
        return Ok(make::Tools { templates, fonts: Some(fonts), press: apart });
    }
    Ok(make::Tools {
        templates: load::templates(cli, sources, sink)?,
        #[cfg(feature = "pdf")]
        fonts: None,
        press: false,
    })
}

/// What every output depends on: the program, the templates, fonts and settings that were read, what was asked
/// for.
fn basis(ask: &Build, read: [Sum; 2]) -> Sum {
    let mut adder = Adder::default();
    adder.add(summary::program().as_bytes());
    // Two builds of the same version may still differ.
    #[expect(
        clippy::disallowed_methods,
        reason = "what another build of the program made is made again"
    )]
    let program = std::env::current_exe().and_then(std::fs::metadata);
    if let Ok(program) = program {
        let time =
            program.modified().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
        adder.add(format!("{} {time:?}", program.len()).as_bytes());
    }
    for read in read {
        adder.add(read.to_string().as_bytes());
    }
    adder.add(&[u8::from(ask.draft)]);
    // A letterhead of the program's own is read from no file.
    adder.add(format!("{:?}", ask.letterhead).as_bytes());
    adder.sum()
}

/// A run, as far as it has come.
struct Run<'a> {
    ask: &'a Build,
    inputs: &'a [Input],
    folder: Option<&'a Folder>,
    by: &'a RunSettings,
    terminal: Terminal,
    progress: Progress,
    names: Names,
    /// Editions and letterheads about whose templates everything was said.
    told: BTreeSet<String>,
    totals: Totals,
    /// Some of the reports without their files, with the reasons.
    without: Vec<(String, String)>,
    summary: Option<summary::Writer>,
    outcome: Outcome,
    /// What ends the whole run.
    failure: Option<Failure>,
}

impl<'a> Run<'a> {
    fn new(
        kit: &Kit<'a>,
        inputs: &'a [Input],
        of: usize,
        terminal: Terminal,
    ) -> Result<Run<'a>, Failure> {
        let Kit { ask, folder, by, .. } = *kit;
        let shard = ask.shard.map(Shard::text);
        let head = Head { program: summary::program(), shard, of };
        let begin = |path| summary::Writer::begin(path, &head);
        Ok(Run {
            ask,
            inputs,
            folder,
            by,
            progress: Progress::new(inputs.len(), &terminal),
            terminal,
            names: Names::default(),
            told: BTreeSet::new(),
            totals: Totals::default(),
            without: Vec::new(),
            summary: ask.summary.as_deref().map(begin).transpose()?,
            outcome: Outcome::Clean,
            failure: None,
        })
    }

    /// Makes all reports.
    fn all(mut self, kit: &Kit<'_>, outcome: Outcome) -> Result<Outcome, Failure> {
        self.outcome = outcome;
        let lang = self.terminal.lang;
        let work = Work {
            start: || Worker::new(kit),
            make: |worker: &mut Worker<'_>, number: usize| worker.make(&self.inputs[number].path),
            broken: |_: usize| {
                let failure = Failure::plain(text!("batch.broken"));
                let terminal = kit.terminal.aside();
                let outcome = terminal.fail(&failure);
                let (held, found) = terminal.into_held();
                let end = End::Failed(failure.words(lang));
                Made { outcome, held, found, notes: Vec::new(), end: Some(end) }
            },
        };
        // A single report may have all cores for itself, unless one was asked for.
        let apart = kit.workers > 1 || self.ask.jobs.is_some();
        let inputs = self.inputs;
        let mut this = self;
        let ran = crew::run(inputs.len(), (kit.workers, apart), &work, |back| match back {
            Back::Tick => this.progress.draw(),
            Back::Done(number, made) => this.done(&inputs[number], made),
        });
        ran.map_err(|error| Failure::new(text!("batch.no-thread"), error.to_string()))?;
        this.end()
    }

    /// The turn of a report: what it has to say is told, its files are put in their places.
    fn done(&mut self, input: &Input, made: Made) {
        let Some(end) = made.end else {
            // Given up for the user's sake: as if it had not been begun.
            return;
        };
        self.progress.clear();
        for notes in made.notes {
            if self.told.insert(notes.about.clone()) {
                self.terminal.join(notes.held.clone(), notes.found);
            }
        }
        self.terminal.join(made.held, made.found);
        let mut outcome = made.outcome;
        let mut outputs = Vec::new();
        let (status, reason) = match end {
            End::Refused => {
                let count = text!("batch.has-errors", count = made.found.errors);
                (Status::Refused, Some(count.in_lang(self.terminal.lang)))
            }
            End::Failed(reason) => (Status::Failed, Some(reason)),
            End::Made(made) => match self.put(made, &mut outputs) {
                Ok(status) => (status, None),
                Err(failure) => {
                    outcome = outcome.max(self.terminal.fail(&failure));
                    (Status::Failed, Some(failure.words(self.terminal.lang)))
                }
            },
        };
        self.outcome = self.outcome.max(outcome);
        self.totals.count(status);
        self.progress.count(reason.is_some());
        let shown = shown(&input.path);
        if let Some(reason) = reason.as_ref().filter(|_| self.without.len() < NAMED) {
            self.without.push((shown.clone(), reason.clone()));
        }
        let Counts { errors, warnings, remarks, .. } = made.found;
        let findings = Findings { error: errors, warning: warnings, remark: remarks };
        let outward = &self.terminal.outward;
        let reason = reason.map(|reason| outward.words(&input.path, &reason));
        let (index, input) = (input.index, outward.name(&shown));
        let record = Record { index, input, status, outputs, findings, reason };
        if let Some(Err(failure)) = self.summary.as_mut().map(|summary| summary.add(&record)) {
            self.failure.get_or_insert(failure);
        }
        self.progress.draw();
    }

    /// Puts the files of a report in their places, if their names are free.
    fn put(
        &mut self,
        made: Vec<Output>,
        outputs: &mut Vec<summary::File>,
    ) -> Result<Status, Failure> {
        let paths: Vec<_> = made.iter().map(|output| output.path.as_path()).collect();
        self.names.take(&paths)?;
        let mut status = Status::Unchanged;
        for Output { path, known, ready } in made {
            let file = shown(&path);
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let new = ready.is_some();
            if let Some(ready) = ready {
                ready.put()?;
                status = Status::Built;
                if let Some(folder) = self.folder {
                    folder.state.note(&name, known)?;
                }
            }
            if !self.progress.replaces_lines() {
                let text = if new {
                    text!("done.written", file = &file)
                } else {
                    text!("done.unchanged", file = &file)
                };
                self.terminal.tell(&text);
            }
            let outward = || self.terminal.outward.name(&file);
            let file = if self.folder.is_some() { name } else { outward() };
            outputs.push(summary::File { file, sha256: known.content.to_string() });
        }
        Ok(status)
    }

    /// What is to be said when all is done, or when the user wants no more.
    fn end(mut self) -> Result<Outcome, Failure> {
        self.progress.clear();
        let (all, done) = (self.inputs.len(), self.totals.all());
        if let Some(summary) = self.summary.take() {
            let settled = self.terminal.all.settled;
            summary.end(&self.by.told(settled, &self.terminal.outward), done == all)?;
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if all > 1 {
            self.total();
        }
        self.terminal.close();
        if done < all {
            self.terminal.remark(&text!("batch.stopped", done = done, rest = all - done));
            return Ok(Outcome::Stopped);
        }
        // Of many reports some fail; that is no failure of the run.
        Ok(if all > 1 { self.outcome.min(Outcome::Found) } else { self.outcome })
    }

    fn total(&self) {
        let all = self.inputs.len();
        let whole = self.totals.all() == all;
        let text = if whole { self.totals.text() } else { self.totals.stopped(all) };
        self.terminal.tell(&text);
        for (input, reason) in &self.without {
            self.terminal.tell(&text!("batch.failed-one", input = input, reason = reason));
        }
        let more = self.totals.not_built() - self.without.len();
        if more > 0 {
            self.terminal.tell(&text!("batch.failed-more", count = more));
        }
    }
}
