//! Owns the commands for forms without tags: `fill --form` and `template from`.
//! Must not know how a form is recognised or a document is filled.

use super::args::{Against, Cli, Fill, Judge};
use super::files::{self, shown};
use super::outward::Outward;
use super::settings::{RunSettings, Way};
use super::{Failure, Outcome, Terminal, load, out, tools};
use clap::Args;
use docx_fill::diag::{Sink, Sources};
use docx_fill::template::{RenderOptions, Template, verify};
use nianbao::import::{self, Wanted};
use nianbao::render::{content, link_rules};
use nianbao::text;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct TemplateFrom {
    #[arg(value_name = "BLANK.docx")]
    pub(crate) blank: PathBuf,
    #[arg(short, long, value_name = "TEMPLATE.docx")]
    pub(crate) out: PathBuf,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

/// `nianbao template from BLANK.docx -o TEMPLATE.docx`
pub(crate) fn template_from(
    cli: &Cli,
    ask: &TemplateFrom,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = tools::library(cli, terminal.lang)?;
    let bytes = files::read(&ask.blank)?;
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(shown(&ask.blank));
    let wanted = Wanted { report: None, overwrite: ask.overwrite };
    let made = import::tagged(source, &bytes, &library, wanted, &mut sources, &mut sink);
    let failed = sink.has_errors();
    let outcome = terminal.report(sink, &sources);
    match made.filter(|_| !failed) {
        Some((bytes, form)) => {
            out::write(&ask.out, &bytes)?;
            terminal.tell(&text!("done.written", file = shown(&ask.out)));
            terminal.tell(&text!("done.template", edition = &form.edition));
        }
        None => terminal.tell(&text!("done.no-form", file = shown(&ask.blank))),
    }
    terminal.close();
    Ok(outcome)
}

/// `nianbao fill --form BLANK.docx REPORT -o OUT.docx`
pub(crate) fn fill(
    cli: &Cli,
    ask: &Fill,
    blank: &Path,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = tools::library(cli, terminal.lang)?;
    // With a form only the report is named, in the first place.
    let path = match (&ask.template, &ask.data) {
        (Some(path), None) => path,
        (Some(_), Some(extra)) => {
            return Err(Failure::plain(text!("args.unknown", arg = shown(extra))));
        }
        _ => return Err(Failure::plain(text!("args.missing", arg = "REPORT"))),
    };
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    terminal.call(Outward::of(std::slice::from_ref(path)).with(&ask.form));
    let asked = Against { config: ask.config.clone(), ..Against::default() };
    let by = RunSettings::read(&asked, &Way::to([path]), &library, &mut sources, &mut sink)?;
    terminal.judge_by(&by);
    let (loaded, effect) = load::load(path, &by, &library, &mut sources, &mut sink)?;
    terminal.settled(effect);
    let mut made = None;
    if let (Some(loaded), false) = (&loaded, sink.has_errors()) {
        let bytes = files::read(blank)?;
        let source = sources.add_binary(shown(blank));
        let wanted = Wanted { report: Some(&loaded.report), overwrite: ask.overwrite };
        let tagged = import::tagged(source, &bytes, &library, wanted, &mut sources, &mut sink);
        let tagged = tagged.filter(|_| !sink.has_errors()).map(|(bytes, _)| bytes);
        let template = tagged.and_then(|bytes| {
            let template = Template::parse(bytes.clone(), source, &mut sink)?;
            Some((bytes, template))
        });
        if let Some((tagged, template)) = template {
            let data = content::tags(&loaded.report, &loaded.texts, false, false);
            let links = link_rules(&loaded.texts);
            let options = RenderOptions { links, ..RenderOptions::default() };
            made = template.render(&data, &loaded.pictures, &options, &mut sink);
            if let (Some(bytes), true) = (&made, ask.verify) {
                verify(tagged, bytes.as_slice(), source, &mut sink);
            }
        }
    }
    let failed = sink.has_errors();
    let outcome = terminal.report(sink, &sources);
    match made.filter(|_| !failed) {
        Some(bytes) => {
            out::write(&ask.out, &bytes)?;
            terminal.tell(&text!("done.written", file = shown(&ask.out)));
        }
        None => terminal.tell(&text!("done.no-form", file = shown(blank))),
    }
    terminal.close();
    Ok(outcome)
}
