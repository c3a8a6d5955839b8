//! Owns the commands for forms without tags: `fill --form` and `template from`.
//! Must not know how a form is recognised or a document is filled.

use super::args::{Cli, DiagnosticArgs, FillArgs, ReferenceArgs};
use super::files::{self, display_path};
use super::path_remap::PathRemapping;
use super::settings::{AncestorDirs, RunSettings};
use super::{Failure, Outcome, Terminal, atomic_write, limits, load, tools};
use clap::Args;
use docx_fill::diag::{Sink, Sources};
use docx_fill::template::{ParseOptions, RenderOptions, Template};
use nianbao::import::{self, TaggingOptions};
use nianbao::msg;
use nianbao::render::{content, link_rules};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct TemplateFromArgs {
    #[arg(value_name = "BLANK.docx")]
    pub(crate) blank: PathBuf,
    #[arg(short, long, value_name = "TEMPLATE.docx")]
    pub(crate) out: PathBuf,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// `nianbao template from BLANK.docx -o TEMPLATE.docx`
pub(crate) fn run_template_from(
    cli: &Cli,
    ask: &TemplateFromArgs,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = tools::load_forms(cli, terminal.lang)?;
    let bytes = files::read_recorded(&ask.blank)?;
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(display_path(&ask.blank));
    let limits = limits::run_limits().into();
    let wanted = TaggingOptions { report: None, overwrite: ask.overwrite, limits };
    let made = import::insert_tags(source, &bytes, &library, wanted, &mut sources, &mut sink);
    let failed = sink.has_errors();
    let outcome = terminal.report_findings(sink, &sources);
    match made.filter(|_| !failed) {
        Some((bytes, form)) => {
            atomic_write::write_file(&ask.out, &bytes)?;
            terminal.print_info(&msg!("done.written", file = display_path(&ask.out)));
            terminal.print_info(&msg!("done.template", edition = &form.edition));
        }
        None => terminal.print_info(&msg!("done.no-form", file = display_path(&ask.blank))),
    }
    terminal.print_closing_line();
    Ok(outcome)
}

/// `nianbao fill --form BLANK.docx REPORT -o OUT.docx`
pub(crate) fn fill_untagged_form(
    cli: &Cli,
    ask: &FillArgs,
    blank: &Path,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = tools::load_forms(cli, terminal.lang)?;
    // With a form only the report is named, in the first place.
    let path = match (&ask.template, &ask.data) {
        (Some(path), None) => path,
        (Some(_), Some(extra)) => {
            return Err(Failure::without_cause(msg!("args.unknown", arg = display_path(extra))));
        }
        _ => return Err(Failure::without_cause(msg!("args.missing", arg = "REPORT"))),
    };
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    terminal.set_path_remap(
        PathRemapping::from_roots(std::slice::from_ref(path)).with_paths(&ask.form),
    );
    let asked = ReferenceArgs { config: ask.config.clone(), ..ReferenceArgs::default() };
    let by = RunSettings::read(
        &asked,
        &AncestorDirs::of_paths([path]),
        &library,
        &mut sources,
        &mut sink,
    )?;
    terminal.set_settings_file(&by);
    let (loaded, effect) = load::load_report(path, &by, &library, &mut sources, &mut sink)?;
    terminal.add_settings_effect(effect);
    let mut made = None;
    if let (Some(loaded), false) = (&loaded, sink.has_errors()) {
        let bytes = files::read_recorded(blank)?;
        let source = sources.add_binary(display_path(blank));
        let parse = ParseOptions { limits: limits::run_limits().into(), ..ParseOptions::default() };
        let report = Some(&loaded.report);
        let wanted = TaggingOptions { report, overwrite: ask.overwrite, limits: parse.limits };
        let tagged = import::insert_tags(source, &bytes, &library, wanted, &mut sources, &mut sink);
        let tagged = tagged.filter(|_| !sink.has_errors()).map(|(bytes, _)| bytes);
        let template =
            tagged.and_then(|bytes| Template::parse_with(bytes, source, &parse, &mut sink));
        if let Some(template) = template {
            let data = content::tag_data(&loaded.report, &loaded.texts, false, false);
            let links = link_rules(&loaded.texts);
            let options = RenderOptions { links, ..RenderOptions::default() };
            made = template.render(&data, &loaded.pictures, &options, &mut sink);
            if let (Some(bytes), true) = (&made, ask.verify) {
                template.verify_layout(bytes, &mut sink);
            }
        }
    }
    let failed = sink.has_errors();
    let outcome = terminal.report_findings(sink, &sources);
    match made.filter(|_| !failed) {
        Some(bytes) => {
            atomic_write::write_file(&ask.out, &bytes)?;
            terminal.print_info(&msg!("done.written", file = display_path(&ask.out)));
        }
        None => terminal.print_info(&msg!("done.no-form", file = display_path(blank))),
    }
    terminal.print_closing_line();
    Ok(outcome)
}
