//! Owns the command `check`: every path is done, whatever the others are like.
//! Must not know how a report is judged.

use super::args::{Check, Cli};
use super::files::{self, shown};
use super::outward::Outward;
use super::settings::{RunSettings, Way};
use super::{Failure, Outcome, Terminal, fix, load, out};
use docx_fill::diag::{Sink, Sources};
use nianbao::check::{self, list::Listed};
use nianbao::form::Library;
use nianbao::{render, text};
use std::path::Path;

/// `nianbao check PATH…`
pub(crate) fn check(cli: &Cli, ask: &Check, mut terminal: Terminal) -> Result<Outcome, Failure> {
    let mut sources = Sources::default();
    let mut sink = Sink::new();
    let templates = load::templates(cli, &mut sources, &mut sink)?;
    let list = ask.list.as_deref().map(list_file).transpose()?;
    let outward = Outward::of(&ask.paths).with(ask.against.previous.iter().chain(&ask.list));
    terminal.call(outward.clone());
    let library = templates.library();
    let way = Way::to(&ask.paths);
    let by = RunSettings::read(&ask.against, &way, library, &mut sources, &mut sink)?;
    terminal.judge_by(&by);
    let mut outcome = terminal.report(sink, &sources);
    let (mut clean, mut listed) = (0_usize, Vec::new());
    for path in &ask.paths {
        let one = match check_one(path, ask, (&by, library), &mut terminal) {
            Ok((one, findings)) => {
                listed.extend(findings);
                one
            }
            Err(failure) => {
                let reason = outward.words(path, &failure.words(terminal.lang));
                let name = outward.name(&shown(path));
                listed.push(Listed::unread(&name, &reason, terminal.lang));
                terminal.fail(&failure)
            }
        };
        clean += usize::from(one == Outcome::Clean);
        outcome = outcome.max(one);
    }
    if let Some(file) = list {
        let document = files::has_extension(file, "docx");
        let make = if document { render::list::docx } else { check::list::workbook };
        let written = make(&listed, terminal.lang);
        out::write(file, &written.map_err(|reason| Failure::not_made(file, reason))?)?;
        terminal.tell(&text!("done.written", file = shown(file)));
    }
    terminal.close();
    if terminal.format == docx_fill::diag::Format::Human {
        terminal.tell(&text!("done.checked", clean = clean, all = ask.paths.len()));
    }
    Ok(outcome)
}

/// The file of the list. One that is there is kept: units may have answered in it.
fn list_file(file: &Path) -> Result<&Path, Failure> {
    if !["xlsx", "docx"].iter().any(|known| files::has_extension(file, known)) {
        return Err(Failure::plain(text!("list.no-xlsx")));
    }
    if file.exists() {
        return Err(Failure::plain(text!("io.exists", file = shown(file))));
    }
    Ok(file)
}

fn check_one(
    path: &Path,
    ask: &Check,
    (by, library): (&RunSettings, &Library),
    terminal: &mut Terminal,
) -> Result<(Outcome, Option<Listed>), Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    if ask.fix {
        fix::fix(path, library, terminal, ask.dry_run)?;
    }
    let (loaded, effect) = load::load(path, by, library, &mut sources, &mut sink)?;
    terminal.settled(effect);
    let file = loaded.as_ref().map_or(path, |loaded| &loaded.file);
    let report = loaded.as_ref().map(|loaded| &loaded.report);
    let listed = ask.list.as_ref().map(|_| {
        let outward = &terminal.outward;
        let found = outward.findings(&sink.clone().into_sorted(), &sources);
        let name = outward.name(&shown(file));
        Listed::new(&name, report, &found, &outward.sources(&sources), terminal.lang)
    });
    Ok((terminal.report(sink, &sources), listed))
}
