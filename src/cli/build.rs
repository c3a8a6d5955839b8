//! Owns the commands `check` and `build`: every path is done, whatever the others are like.
//! Must not know how a report is judged or drawn.

use super::args::{Build, Check, Cli, Target};
use super::files::{self, shown};
use super::load::{self, Loaded};
use super::{Failure, Outcome, Terminal, fix, out};
use nianbao::check::{self, list::Listed};
use nianbao::diag::{Sink, Sources};
use nianbao::form::{Form, Library};
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::render::{self, Edition, Job, Templates};
use nianbao::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `nianbao check PATH…`
pub(crate) fn check(cli: &Cli, ask: &Check, mut terminal: Terminal) -> Result<Outcome, Failure> {
    let mut sources = Sources::default();
    let mut sink = Sink::new();
    let templates = load::templates(cli, &mut sources, &mut sink)?;
    let list = ask.list.as_deref().map(list_file).transpose()?;
    let mut outcome = terminal.report(sink, &sources);
    let (mut clean, mut listed) = (0_usize, Vec::new());
    for path in &ask.paths {
        let one = match check_one(path, ask, templates.library(), &mut terminal) {
            Ok((one, findings)) => {
                listed.extend(findings);
                one
            }
            Err(failure) => {
                listed.push(Listed::unread(
                    &shown(path),
                    &failure.words(terminal.lang),
                    terminal.lang,
                ));
                terminal.fail(&failure)
            }
        };
        clean += usize::from(one == Outcome::Clean);
        outcome = outcome.max(one);
    }
    if let Some(file) = list {
        let bytes = check::list::workbook(&listed, terminal.lang).map_err(Failure::plain)?;
        out::write(file, &bytes)?;
        terminal.tell(&text!("done.written", file = shown(file)));
    }
    terminal.close();
    if terminal.format == nianbao::diag::Format::Human {
        terminal.tell(&text!("done.checked", clean = clean, all = ask.paths.len()));
    }
    Ok(outcome)
}

/// The file of the list. One that is there is kept: units may have answered in it.
fn list_file(file: &Path) -> Result<&Path, Failure> {
    if files::kind(file).ok() != Some(files::Kind::Workbook) {
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
    library: &Library,
    terminal: &mut Terminal,
) -> Result<(Outcome, Option<Listed>), Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    if ask.fix {
        fix::fix(path, library, terminal, ask.dry_run)?;
    }
    let loaded = load::load(path, &ask.against, library, &mut sources, &mut sink)?;
    let file = loaded.as_ref().map_or(path, |loaded| &loaded.file);
    let report = loaded.as_ref().map(|loaded| &loaded.report);
    let listed = ask.list.as_ref().map(|_| {
        let found = sink.clone().into_sorted();
        Listed::new(&shown(file), report, &found, &sources, terminal.lang)
    });
    Ok((terminal.report(sink, &sources), listed))
}

/// What a build reads: data files with what lies beside them, templates, last year's file.
pub(crate) fn inputs(cli: &Cli, ask: &Build) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> =
        ask.paths.iter().flat_map(|path| super::watch::inputs_of(path)).collect();
    out.extend(
        cli.templates.iter().chain(&ask.against.previous).chain(&ask.against.config).cloned(),
    );
    out
}

/// `nianbao build PATH…`
pub(crate) fn build(cli: &Cli, ask: &Build, terminal: Terminal) -> Result<Outcome, Failure> {
    let mut sources = Sources::default();
    let mut sink = Sink::new();
    let mut builder = Builder {
        ask,
        terminal,
        templates: load::templates(cli, &mut sources, &mut sink)?,
        sources,
        editions: BTreeMap::new(),
        written: BTreeSet::new(),
        #[cfg(feature = "pdf")]
        fonts: if ask.to.contains(&Target::Pdf) { Some(fonts(cli, &mut sink)?) } else { None },
    };
    let mut outcome = builder.terminal.report(sink, &builder.sources);
    for path in &ask.paths {
        let one = builder.one(path);
        outcome = outcome.max(one.unwrap_or_else(|failure| builder.terminal.fail(&failure)));
    }
    builder.terminal.close();
    Ok(outcome)
}

#[cfg(feature = "pdf")]
fn fonts(cli: &Cli, sink: &mut Sink) -> Result<Fonts, Failure> {
    let mut dirs = cli.fonts.clone();
    dirs.extend(files::font_folder());
    let fonts = Fonts::new(files::fonts(&dirs)?, sink);
    fonts.say_missing(sink);
    Ok(fonts)
}

struct Builder<'a> {
    ask: &'a Build,
    terminal: Terminal,
    templates: Templates,
    sources: Sources,
    /// Editions with their templates read.
    editions: BTreeMap<String, Edition>,
    written: BTreeSet<PathBuf>,
    #[cfg(feature = "pdf")]
    fonts: Option<Fonts>,
}

impl Builder<'_> {
    fn one(&mut self, path: &Path) -> Result<Outcome, Failure> {
        let mut sink = Sink::new();
        let library = self.templates.library();
        let loaded = load::load(path, &self.ask.against, library, &mut self.sources, &mut sink)?;
        let refused = sink.has_errors() && !self.ask.draft;
        let mut outcome = self.terminal.report(sink, &self.sources);
        let Some(loaded) = loaded else { return Ok(outcome) };
        if refused {
            self.terminal.tell(&text!("done.refused", file = shown(&loaded.file)));
        } else {
            outcome = outcome.max(self.render(&loaded)?);
        }
        self.sources.forget(loaded.report.source);
        if let Some(previous) = &loaded.previous {
            self.sources.forget(previous.source);
        }
        Ok(outcome)
    }

    /// Renders every target, and writes them only when all are there.
    fn render(&mut self, loaded: &Loaded) -> Result<Outcome, Failure> {
        let mut sink = Sink::new();
        self.read_edition(&loaded.report.form, &mut sink);
        let edition = &self.editions[&loaded.report.form.edition];
        let job = Job {
            report: &loaded.report,
            texts: &loaded.texts,
            assets: &loaded.pictures,
            draft: self.ask.draft,
        };
        let mut outputs = Vec::new();
        for target in [Target::Docx, Target::Pdf] {
            if !self.ask.to.contains(&target) {
                continue;
            }
            let (extension, bytes) = match target {
                Target::Docx => ("docx", render::docx(&job, edition, &mut sink)),
                Target::Pdf => ("pdf", self.pdf(&job, edition, &mut sink)?),
            };
            if let (Target::Docx, true, Some(bytes), Some(word)) =
                (target, self.ask.verify, &bytes, &edition.word)
            {
                word.verify(bytes, &mut sink);
            }
            let path = self.target_path(loaded, &job, extension);
            outputs.extend(bytes.map(|bytes| (path, bytes)));
        }
        let failed = sink.has_errors();
        let outcome = self.terminal.report(sink, &self.sources);
        if !failed {
            self.write(outputs)?;
        }
        Ok(outcome)
    }

    fn read_edition(&mut self, form: &Arc<Form>, sink: &mut Sink) {
        if !self.editions.contains_key(&form.edition) {
            let edition = self.templates.edition(form, &mut self.sources, sink);
            self.editions.insert(form.edition.clone(), edition);
        }
    }

    #[cfg(feature = "pdf")]
    #[expect(clippy::unnecessary_wraps, reason = "without PDF the same call fails")]
    fn pdf(
        &self,
        job: &Job<'_>,
        edition: &Edition,
        sink: &mut Sink,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let fonts = self.fonts.as_ref();
        Ok(fonts.and_then(|fonts| render::pdf(job, edition, fonts, &self.sources, sink)))
    }

    #[cfg(not(feature = "pdf"))]
    fn pdf(
        &self,
        _job: &Job<'_>,
        _edition: &Edition,
        _sink: &mut Sink,
    ) -> Result<Option<Vec<u8>>, Failure> {
        Err(Failure::plain(text!("io.no-pdf")))
    }

    /// Beside the data file, or in the folder asked for.
    fn target_path(&self, loaded: &Loaded, job: &Job<'_>, extension: &str) -> PathBuf {
        let beside = || loaded.file.parent().map(Path::to_owned).unwrap_or_default();
        let dir = self.ask.out.clone().unwrap_or_else(beside);
        dir.join(format!("{}.{extension}", job.file_stem()))
    }

    fn write(&mut self, outputs: Vec<(PathBuf, Vec<u8>)>) -> Result<(), Failure> {
        if let Some((path, _)) = outputs.iter().find(|(path, _)| self.written.contains(path)) {
            return Err(Failure::plain(text!("io.collision", file = shown(path))));
        }
        for (path, bytes) in outputs {
            out::write(&path, &bytes)?;
            self.terminal.tell(&text!("done.written", file = shown(&path)));
            self.written.insert(path);
        }
        Ok(())
    }
}
