//! Owns making one report: read, judged, drawn, and complete beside its place. Workers do it in parallel.
//! Must not put a file in its place nor print: that is done in order.

use super::folder::Folder;
use super::state::Known;
use crate::cli::args::{Build, Target};
use crate::cli::files::{self, shown};
use crate::cli::letterhead::{self, Dressed};
use crate::cli::load::{self, Loaded};
use crate::cli::out::{self, Ready};
use crate::cli::settings::RunSettings;
use crate::cli::sum::{Adder, Sum};
use crate::cli::{Counts, Failure, Held, Outcome, Terminal, stop};
use docx_fill::diag::{Sink, Sources};
use nianbao::form::Form;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::render::letterhead::{Dress, Head};
use nianbao::render::{self, Edition, Job, Templates, Wanted};
use nianbao::text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What all workers share.
pub(super) struct Kit<'a> {
    pub(super) ask: &'a Build,
    /// How many share it.
    pub(super) workers: usize,
    pub(super) terminal: &'a Terminal,
    /// What the reports are judged by.
    pub(super) by: &'a RunSettings,
    pub(super) tools: Tools,
    /// Sources that are named before any report.
    pub(super) sources: Sources,
    /// The program, its templates, its fonts and what was asked for.
    pub(super) basis: Sum,
    /// The folder for the outputs, if one was named.
    pub(super) folder: Option<&'a Folder>,
    /// The folder of further templates, which may hold letterheads.
    pub(super) templates: Option<&'a Path>,
}

/// What reports are drawn with.
pub(super) struct Tools {
    pub(super) templates: Templates,
    #[cfg(feature = "pdf")]
    pub(super) fonts: Option<Fonts>,
    /// Whether PDFs are set in processes of their own.
    pub(super) press: bool,
}

/// What became of a report.
pub(super) struct Made {
    pub(super) outcome: Outcome,
    pub(super) held: Held,
    pub(super) found: Counts,
    /// What is to be said about the templates that it needs, once for all reports.
    pub(super) notes: Vec<Arc<Notes>>,
    /// Nothing if the user did not want to wait for it.
    pub(super) end: Option<End>,
}

/// How the making of a report ended.
pub(super) enum End {
    /// All its files are complete.
    Made(Vec<Output>),
    /// Its errors forbid it.
    Refused,
    /// It cannot be made; the reason.
    Failed(String),
}

/// A file of a report.
pub(super) struct Output {
    pub(super) path: PathBuf,
    pub(super) known: Known,
    /// The new file; absent if the old one is still right.
    pub(super) ready: Option<Ready>,
}

/// What is to be said about the templates of an edition, or about a letterhead.
pub(super) struct Notes {
    pub(super) about: String,
    pub(super) held: Held,
    pub(super) found: Counts,
}

/// Templates that were read: of an edition, or of a letterhead for one.
struct Reader<T> {
    read: T,
    notes: Option<Arc<Notes>>,
    outcome: Outcome,
    faulty: bool,
}

/// A report to be drawn in one of its variants.
#[derive(Clone, Copy)]
struct Work<'a> {
    loaded: &'a Loaded,
    /// Its letterhead; without one it is made as it is published.
    dressed: Option<&'a Dressed>,
    inputs: Sum,
}

/// What draws a report: its edition, and a letterhead with what that says about it.
type Drawn<'a> = (&'a Edition, Option<&'a Head>, Option<&'a Dressed>);

/// Tells a letterhead, read for an edition, from others.
fn key(loaded: &Loaded, dressed: &Dressed) -> (String, String) {
    (loaded.report.form.edition.clone(), dressed.key.clone())
}

fn dress<'a>(head: &'a Head, dressed: &'a Dressed) -> Dress<'a> {
    let Dressed { letterhead, value, pictures, .. } = dressed;
    Dress { head, letterhead, value, pictures }
}

/// Makes one report after the other.
pub(super) struct Worker<'a> {
    kit: &'a Kit<'a>,
    editions: BTreeMap<String, Reader<Edition>>,
    /// By edition and letterhead.
    heads: BTreeMap<(String, String), Reader<Head>>,
    /// The sources of the templates.
    sources: Sources,
}

impl<'a> Worker<'a> {
    pub(super) fn new(kit: &'a Kit<'a>) -> Worker<'a> {
        let (editions, heads) = (BTreeMap::new(), BTreeMap::new());
        Worker { kit, editions, heads, sources: kit.sources.clone() }
    }

    /// Makes a report.
    pub(super) fn make(&mut self, path: &Path) -> Made {
        let mut terminal = self.kit.terminal.aside();
        let mut notes = Vec::new();
        let made = self.tried(path, &mut terminal, &mut notes);
        let (outcome, end) = made.unwrap_or_else(|failure| {
            (terminal.fail(&failure), Some(End::Failed(failure.words(terminal.lang))))
        });
        let (held, found) = terminal.into_held();
        Made { outcome, held, found, notes, end }
    }

    fn tried(
        &mut self,
        path: &Path,
        terminal: &mut Terminal,
        notes: &mut Vec<Arc<Notes>>,
    ) -> Result<(Outcome, Option<End>), Failure> {
        let ask = self.kit.ask;
        let (mut sources, mut sink) = (self.sources.clone(), Sink::new());
        let (by, library) = (self.kit.by, self.kit.tools.templates.library());
        let load = || -> Result<_, Failure> {
            let (loaded, effect) = load::load(path, by, library, &mut sources, &mut sink)?;
            terminal.settled(effect);
            let Some(loaded) = loaded else { return Ok(None) };
            let (asked, templates) = (&ask.letterhead, self.kit.templates);
            let variants =
                letterhead::variants(templates, asked, &loaded, &mut sources, &mut sink)?;
            Ok(Some((loaded, variants)))
        };
        let (loaded, inputs) = files::noting(load);
        let loaded = loaded?;
        let refused = sink.has_errors() && !ask.draft;
        let mut outcome = terminal.report(sink, &sources);
        let Some((loaded, variants)) = loaded else { return Ok((outcome, Some(End::Refused))) };
        if let Some(file) = by.file.as_ref().filter(|_| by.faulty && !ask.draft) {
            let reason = text!("settings.faulty", file = shown(file));
            terminal.tell(&text!("settings.refused", file = shown(&loaded.file)));
            let end = End::Failed(reason.in_lang(terminal.lang));
            return Ok((Outcome::Found, Some(end)));
        }
        if refused {
            terminal.tell(&text!("done.refused", file = shown(&loaded.file)));
            return Ok((outcome, Some(End::Refused)));
        }
        let mut adder = Adder::default();
        adder.add(self.kit.basis.to_string().as_bytes());
        adder.add(inputs.to_string().as_bytes());
        let (inputs, mut outputs) = (adder.sum(), Vec::new());
        for variant in variants {
            let work = Work { loaded: &loaded, dressed: variant.as_ref(), inputs };
            let (drawn, end) = self.draw(&work, &mut sources, terminal, notes)?;
            outcome = outcome.max(drawn);
            match end {
                Some(End::Made(more)) => outputs.extend(more),
                other => return Ok((outcome, other)),
            }
        }
        Ok((outcome, Some(End::Made(outputs))))
    }

    /// Makes every target that is not there yet; all of them are complete before one is put in its place.
    fn draw(
        &mut self,
        work: &Work<'_>,
        sources: &mut Sources,
        terminal: &mut Terminal,
        notes: &mut Vec<Arc<Notes>>,
    ) -> Result<(Outcome, Option<End>), Failure> {
        let ask = self.kit.ask;
        let Work { loaded, dressed, inputs } = *work;
        let report = &loaded.report;
        self.read_edition(&report.form, loaded, sources);
        self.read_head(work, sources);
        let reader = &self.editions[&report.form.edition];
        let head = dressed.and_then(|dressed| self.heads.get(&key(loaded, dressed)));
        notes.extend(reader.notes.clone());
        notes.extend(head.and_then(|head| head.notes.clone()));
        let before = head.map_or(reader.outcome, |head| head.outcome.max(reader.outcome));
        let faulty = if reader.faulty {
            Some(text!("batch.faulty-edition", edition = &report.form.edition))
        } else {
            let faulty = dressed.filter(|_| head.is_some_and(|head| head.faulty));
            faulty.map(|dressed| text!("letterhead.faulty", name = &dressed.key))
        };
        if let Some(reason) = faulty {
            terminal.tell(&text!("done.refused", file = shown(&loaded.file)));
            return Ok((before, Some(End::Failed(reason.in_lang(terminal.lang)))));
        }
        let head = head.map(|head| &head.read);
        let job = Job { report, texts: &loaded.texts, assets: &loaded.pictures, draft: ask.draft };
        let mut sink = Sink::new();
        let mut outputs = Vec::new();
        for target in [Target::Docx, Target::Pdf].into_iter().filter(|t| ask.to.contains(t)) {
            let path = self.target_path(work, &job, target.extension());
            if let Some(content) = self.unchanged(&path, inputs) {
                outputs.push(Output { path, known: Known { inputs, content }, ready: None });
                continue;
            }
            let bytes = match target {
                Target::Docx => self.docx(&job, (&reader.read, head, dressed), &mut sink),
                Target::Pdf => self.pdf(&job, (&reader.read, head, dressed), sources, &mut sink)?,
            };
            let Some(bytes) = bytes else {
                if stop::asked() && !sink.has_errors() {
                    return Ok((before, None));
                }
                continue;
            };
            let known = Known { inputs, content: self.content(&bytes) };
            let ready = Some(out::prepare(&path, &bytes, ask.durable)?);
            outputs.push(Output { path, known, ready });
        }
        let failed = sink.has_errors();
        let outcome = terminal.report(sink, sources).max(before);
        let end = if failed { End::Refused } else { End::Made(outputs) };
        Ok((outcome, Some(end)))
    }

    /// The checksum of a file, where somebody asks for it.
    fn content(&self, bytes: &[u8]) -> Sum {
        let asked = self.kit.folder.is_some() || self.kit.ask.summary.is_some();
        Sum::of(if asked { bytes } else { &[] })
    }

    /// The checksum of a file that is there, was made of the same, and was not touched since.
    fn unchanged(&self, path: &Path, inputs: Sum) -> Option<Sum> {
        let folder = self.kit.folder.filter(|_| !self.kit.ask.force)?;
        let known = folder.state.known(path.file_name()?.to_str()?)?;
        let there = known.inputs == inputs && std::fs::symlink_metadata(path).ok()?.is_file();
        let same = there && Sum::of(&files::read_unnoted(path).ok()?) == known.content;
        same.then_some(known.content)
    }

    /// What is to be made of every report.
    fn wanted(&self) -> Wanted {
        let to = &self.kit.ask.to;
        Wanted { docx: to.contains(&Target::Docx), pdf: to.contains(&Target::Pdf) }
    }

    /// Reads the templates of an edition once. What they name stays known, what the report named does not.
    fn read_edition(&mut self, form: &Arc<Form>, loaded: &Loaded, sources: &mut Sources) {
        if self.editions.contains_key(&form.edition) {
            return;
        }
        let mut sink = Sink::new();
        let templates = &self.kit.tools.templates;
        let edition = templates.edition(form, self.wanted(), sources, &mut sink);
        let reader = self.reader((edition, sink), form.edition.clone(), loaded, sources);
        self.editions.insert(form.edition.clone(), reader);
    }

    /// Reads the letterhead of a report once for each edition.
    fn read_head(&mut self, work: &Work<'_>, sources: &mut Sources) {
        let Work { loaded, dressed: Some(dressed), .. } = *work else { return };
        let key = key(loaded, dressed);
        if self.heads.contains_key(&key) {
            return;
        }
        let (form, files) = (&loaded.report.form, &dressed.files);
        let mut sink = Sink::new();
        let head = self.kit.tools.templates.head(form, files, self.wanted(), sources, &mut sink);
        let about = format!("{} {}", key.0, key.1);
        let reader = self.reader((head, sink), about, loaded, sources);
        self.heads.insert(key, reader);
    }

    /// What was read, with what is to be said about it. The sources that it names stay known.
    fn reader<T>(
        &mut self,
        (read, sink): (T, Sink),
        about: String,
        loaded: &Loaded,
        sources: &Sources,
    ) -> Reader<T> {
        self.sources = sources.clone();
        let previous = loaded.previous.iter().map(|report| report.source);
        for source in previous.chain([loaded.report.source]) {
            self.sources.forget(source);
        }
        let (silent, faulty) = (sink.is_empty(), sink.has_errors());
        let mut terminal = self.kit.terminal.aside();
        let outcome = terminal.report(sink, sources);
        let (held, found) = terminal.into_held();
        let notes = (!silent).then(|| Arc::new(Notes { about, held, found }));
        Reader { read, notes, outcome, faulty }
    }

    fn docx(
        &self,
        job: &Job<'_>,
        (edition, head, dressed): Drawn<'_>,
        sink: &mut Sink,
    ) -> Option<Vec<u8>> {
        let verify = self.kit.ask.verify;
        if let Some((head, dressed)) = head.zip(dressed) {
            return render::letterhead::docx(job, edition, &dress(head, dressed), verify, sink);
        }
        let bytes = render::docx(job, edition, sink);
        if let (true, Some(bytes), Some(word)) = (verify, &bytes, &edition.word) {
            word.verify(bytes, sink);
        }
        bytes
    }

    #[cfg(feature = "pdf")]
    #[expect(clippy::unnecessary_wraps, reason = "without PDF the same call fails")]
    fn pdf(
        &self,
        job: &Job<'_>,
        (edition, head, dressed): Drawn<'_>,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let fonts = self.kit.tools.fonts.as_ref();
        if let (Some(fonts), Some((head, dressed))) = (fonts, head.zip(dressed)) {
            let dress = dress(head, dressed);
            return Ok(render::letterhead::pdf(job, &dress, fonts, sources, sink));
        }
        Ok(fonts.and_then(|fonts| render::pdf(job, edition, fonts, sources, sink)))
    }

    #[cfg(not(feature = "pdf"))]
    #[expect(clippy::unused_self, reason = "with PDF the same call needs it")]
    fn pdf(
        &self,
        _job: &Job<'_>,
        _drawn: Drawn<'_>,
        _sources: &Sources,
        _sink: &mut Sink,
    ) -> Result<Option<Vec<u8>>, Failure> {
        Err(Failure::plain(text!("io.no-pdf")))
    }

    /// Beside the data file, or in the folder asked for.
    fn target_path(&self, work: &Work<'_>, job: &Job<'_>, extension: &str) -> PathBuf {
        let Work { loaded, dressed, .. } = *work;
        let suffix = dressed.map_or("", |dressed| dressed.suffix.as_str());
        let beside = || loaded.file.parent().map(Path::to_owned).unwrap_or_default();
        let dir = self.kit.folder.map_or_else(beside, |folder| folder.dir.clone());
        dir.join(format!("{}.{extension}", job.file_stem_with(suffix)))
    }
}
