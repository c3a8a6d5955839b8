//! Owns the commands `template check` and `template tags`.
//! Must not judge a template: `nianbao::inspect` does.

use super::args::{Against as Judged, Cli, Judge};
use super::console::say;
use super::files::{self, shown};
use super::outward::Outward;
use super::settings::{RunSettings, SETTINGS, Way};
use super::{Failure, Outcome, Terminal, links, load, out, tools, watch};
use clap::{Args, ValueEnum};
use docx_fill::diag::{
    Diagnostic, Lang, Place, Sink, SourceId, Sources, escaped_json, escaped_quotes,
};
use docx_fill::template::{ParseOptions, Template};
use nianbao::check::settings::Effect;
use nianbao::data::Syntax;
use nianbao::form::Form;
use nianbao::inspect::{self, Against};
use nianbao::limits::NAMES;
use nianbao::{convert, report, text};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(crate) struct TemplateCheck {
    #[arg(value_name = "TEMPLATE.docx")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "EDITION")]
    pub(crate) form: Option<String>,
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[arg(long, value_name = "OUT.docx")]
    pub(crate) comments: Option<PathBuf>,
    #[arg(long)]
    pub(crate) fix: bool,
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    #[arg(long)]
    pub(crate) watch: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateTags {
    #[arg(value_name = "TEMPLATE.docx")]
    pub(crate) file: PathBuf,
    #[arg(long, value_enum, default_value = "toml")]
    pub(crate) to: To,
    #[arg(long)]
    pub(crate) schema: bool,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

/// Syntax of a skeleton.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum To {
    Toml,
    Json,
    Yaml,
}

impl From<To> for Syntax {
    fn from(to: To) -> Syntax {
        match to {
            To::Toml => Syntax::Toml,
            To::Json => Syntax::Json,
            To::Yaml => Syntax::Yaml,
        }
    }
}

/// `nianbao template check TEMPLATE.docx`
pub(crate) fn check(cli: &Cli, ask: &TemplateCheck, lang: Lang) -> Result<Outcome, Failure> {
    let once = || check_once(cli, ask, Terminal::new(lang, &ask.judge, true));
    if !ask.watch {
        return once();
    }
    let inputs = || {
        let mut inputs = vec![ask.file.clone()];
        inputs.extend(ask.data.iter().chain(&ask.partials).chain(&cli.templates).cloned());
        inputs.extend(ask.config.clone().or_else(|| Some(PathBuf::from(SETTINGS))));
        inputs
    };
    watch::watch(lang, &inputs, &once)
}

fn check_once(cli: &Cli, ask: &TemplateCheck, mut terminal: Terminal) -> Result<Outcome, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    terminal.call(Outward::of(std::slice::from_ref(&ask.file)).with(&ask.data));
    let library = load::templates(cli, &mut sources, &mut sink)?.library().clone();
    let form = ask.form.as_deref().map(|name| tools::edition(&library, name)).transpose()?;
    let against = Against { form: form.cloned(), library };
    let parse = parse_options(ask.partials.as_deref())?;
    let source = sources.add_binary(shown(&ask.file));
    let mut bytes = files::read(&ask.file)?;
    if ask.fix
        && let Some(mended) = mend(ask, &bytes, source, &parse, &against, &sources, &terminal)?
    {
        bytes = mended;
    }
    let inspected = inspect::inspect(&bytes, source, &parse, &against, &mut sink);
    if let (Some((template, form)), Some(data)) = (&inspected, &ask.data) {
        let seen = (template, form.as_deref(), source);
        check_data(data, seen, &against, &mut sources, &mut sink)?;
    }
    let asked = Judged { config: ask.config.clone(), ..Judged::default() };
    let mut said = Sink::new();
    let way = Way::to([&ask.file].into_iter().chain(&ask.data));
    let by = RunSettings::read(&asked, &way, &against.library, &mut sources, &mut said)?;
    terminal.judge_by(&by);
    let found = by.settings.settle(sink.clone()).into_sorted();
    terminal.settled(Effect::between(&sink.into_sorted(), &found));
    let silent = found.is_empty() && !said.has_errors();
    said.extend(found);
    let sink = said;
    if let (Some((template, _)), Some(copy)) = (&inspected, &ask.comments) {
        comments(copy, ask, (template, source), &sink, &sources, &terminal)?;
    }
    let outcome = terminal.report(sink, &sources);
    terminal.close();
    if silent {
        terminal.tell(&text!("inspect.clean", file = shown(&ask.file)));
    }
    Ok(outcome)
}

fn parse_options(partials: Option<&Path>) -> Result<ParseOptions, Failure> {
    let partials = partials.map(files::partials).transpose()?.unwrap_or_default();
    Ok(ParseOptions { partials: Arc::new(partials), ..ParseOptions::default() })
}

/// Shows the certain changes, and makes them; gives the template as it is then.
fn mend(
    ask: &TemplateCheck,
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &Against,
    sources: &Sources,
    terminal: &Terminal,
) -> Result<Option<Vec<u8>>, Failure> {
    // What cannot be read is said by the check that follows.
    let Ok(Some(mended)) = inspect::mend(bytes, source, parse, against) else { return Ok(None) };
    terminal.show(&mended.shown(sources, terminal.lang));
    if ask.dry_run {
        terminal.tell(&text!("inspect.dry-run", file = shown(&ask.file)));
        return Ok(None);
    }
    if ask.file.is_symlink() {
        return Err(Failure::plain(text!("io.fix-link", file = shown(&ask.file))));
    }
    let other_names = links::has_other_names(&ask.file);
    out::write(&ask.file, &mended.bytes)?;
    terminal.tell(&text!("done.fixed", file = shown(&ask.file)));
    if other_names {
        terminal.tell(&text!("done.fixed-alone", file = shown(&ask.file)));
    }
    Ok(Some(mended.bytes))
}

/// The data against what the template wants. A report's data has the names of its form, whatever its
/// file looks like; it is read as a report.
fn check_data(
    file: &Path,
    (template, form, source): (&Template, Option<&Form>, SourceId),
    against: &Against,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<(), Failure> {
    let file = files::data_file(file)?;
    // A fault of the template must not hide those of the data.
    let mut own = Sink::new();
    let root = load::tree(&file, &against.library, sources, &mut own)?;
    if let Some((data, root)) = root {
        if form.is_some() {
            report::read(data, &root, &against.library, &mut own);
        } else {
            match inspect::shape(template) {
                Some(shape) => inspect::check_data(&shape, &root, data, source, &mut own),
                None => own.push(too_many_names(source)),
            }
        }
    }
    sink.extend(own.into_sorted());
    Ok(())
}

fn comments(
    copy: &Path,
    ask: &TemplateCheck,
    (template, source): (&Template, SourceId),
    sink: &Sink,
    sources: &Sources,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let same = || Some(copy.canonicalize().ok()? == ask.file.canonicalize().ok()?);
    if same() == Some(true) {
        return Err(Failure::plain(text!("inspect.same-file")));
    }
    let mut found = terminal.outward.findings(&sink.clone().into_sorted(), sources);
    found.retain(|found| found.place.source() == Some(source));
    let annotated = inspect::annotated(template.package(), &found, sources, terminal.lang);
    match annotated {
        Ok(Some(bytes)) => {
            out::write(copy, &bytes)?;
            terminal.tell(&text!("done.written", file = shown(copy)));
            Ok(())
        }
        Ok(None) => Err(Failure::plain(text!("inspect.no-paragraph"))),
        Err(error) => {
            let words = error.diagnostic(source).message;
            Err(Failure::plain(words))
        }
    }
}

fn too_many_names(source: SourceId) -> Diagnostic {
    let message = text!("template.too-many-names", limit = NAMES);
    Diagnostic::error("docx-unusable", Place::File(source), message)
}

/// `nianbao template tags TEMPLATE.docx`
pub(crate) fn tags(ask: &TemplateTags, mut terminal: Terminal) -> Result<Outcome, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(shown(&ask.file));
    let parse = parse_options(ask.partials.as_deref())?;
    let bytes = files::read(&ask.file)?;
    if let Some(template) = Template::survey(bytes, source, &parse, &mut sink) {
        let Some(shape) = inspect::shape(&template) else {
            sink.push(too_many_names(source));
            return Ok(terminal.report(sink, &sources));
        };
        if ask.schema {
            let title = ask.file.file_stem().unwrap_or_default().to_string_lossy();
            say(&escaped_json(&inspect::schema(&shape, &title)));
        } else {
            let root = inspect::skeleton(&shape);
            let to: Syntax = ask.to.into();
            let text = convert::convert(source, &root, "", Syntax::Json, to, &mut sink);
            let text = text.unwrap_or_default();
            // A name in it is the template's, and has to be found again.
            say(&if to == Syntax::Json { escaped_json(&text) } else { escaped_quotes(&text) });
        }
    }
    let outcome = terminal.report(sink, &sources);
    terminal.close();
    Ok(outcome)
}
