//! Owns `fill --form`: a form without tags is filled with a report.
//! Must not know how a form is recognised or a document is filled.

use crate::cli::fs::file_reader::word_input;
use crate::cli::fs::output_file::UserTarget;
use crate::cli::fs::paths::display_path;
use crate::cli::options::ReferenceArgs;
use crate::cli::output::path_remap::PathRemapping;
use crate::cli::run_inputs::load::{self, LoadedReport};
use crate::cli::run_inputs::settings::{DataSearchPath, RunSettings};
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext, Terminal};
use docx_fill::diag::Sink;
use docx_fill::template::{CompiledTemplate, ParseOptions, RenderOptions, RenderedDocx};
use nianbao::import::TaggingOptions;
use nianbao::msg;
use nianbao::render::{content, link_rules};
use nianbao::session::{Session, TaggedDocument};
use std::path::{Path, PathBuf};

/// A form without tags and what is asked for it.
pub(super) struct UntaggedForm<'a> {
    /// The form.
    pub(super) blank: &'a Path,
    /// The report: with a form only the report is named, in the first place.
    pub(super) report: Option<&'a Path>,
    /// A further path of the command line.
    pub(super) extra: Option<&'a Path>,
    pub(super) config: Option<&'a Path>,
    pub(super) out: &'a Path,
    pub(super) overwrite: bool,
    pub(super) verify: bool,
}

impl UntaggedForm<'_> {
    fn report_path(&self) -> Result<PathBuf, Failure> {
        match (self.report, self.extra) {
            (Some(path), None) => Ok(path.to_owned()),
            (Some(_), Some(extra)) => {
                Err(Failure::without_cause(msg!("args.unknown", arg = display_path(extra))))
            }
            _ => Err(Failure::without_cause(msg!("args.missing", arg = "REPORT"))),
        }
    }

    /// Fills the form with a report. `None` if that is not possible; the session says why.
    fn fill_with(
        &self,
        loaded: &LoadedReport,
        context: &RunContext,
        session: &mut Session<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let input = word_input(&context.files, self.blank)?;
        let parse = ParseOptions { limits: (&context.limits).into(), ..ParseOptions::default() };
        let report = Some(&loaded.report);
        let wanted = TaggingOptions { report, overwrite: self.overwrite, limits: parse.limits };
        let tagged = session.tag_document(&input, wanted).filter(|_| !session.has_errors());
        let Some(TaggedDocument { source, bytes: tagged, .. }) = tagged else { return Ok(None) };
        let mut sink = Sink::new();
        let template = CompiledTemplate::parse_with(tagged, source, &parse, &mut sink);
        let made = template.as_ref().and_then(|template| {
            let data = content::tag_data(&loaded.report, &loaded.texts, false, false);
            let links = link_rules(&loaded.texts);
            let options = RenderOptions { links, ..RenderOptions::default() };
            template.render(&data, &loaded.pictures, &options, &mut sink)
        });
        if let (Some(template), Some(bytes), true) = (&template, &made, self.verify) {
            template.verify_layout(bytes, &mut sink);
        }
        session.extend_findings(sink);
        Ok(made.map(RenderedDocx::into_bytes))
    }
}

/// Runs `nianbao fill --form BLANK.docx REPORT -o OUT.docx`
pub(super) fn fill_untagged_form(
    context: &RunContext,
    args: &UntaggedForm<'_>,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = load_forms(context)?;
    let path = args.report_path()?;
    let inputs = [args.blank, path.as_path()];
    let output = UserTarget {
        path: args.out,
        extension: "docx",
        inputs: &inputs,
        overwrite: args.overwrite,
    };
    output.check_path()?;
    let mut session = Session::new(&library, context.limits);
    terminal.set_path_remap(
        PathRemapping::from_roots(std::slice::from_ref(&path)).with_paths([&args.blank.to_owned()]),
    );
    let config = args.config.map(Path::to_owned);
    let asked = ReferenceArgs { config, ..ReferenceArgs::default() };
    let search_path = DataSearchPath::of_paths([&path]);
    let by = RunSettings::read(&asked, &search_path, &context.files, &mut session)?;
    terminal.set_settings_file(&by);
    let load::LoadOutcome { loaded, effect } =
        load::load_report(&path, &by, &context.files, &mut session)?;
    terminal.add_settings_effect(effect);
    let mut made = None;
    if let (Some(loaded), false) = (&loaded, session.has_errors()) {
        made = args.fill_with(loaded, context, &mut session)?;
    }
    let failed = session.has_errors();
    let (sources, sink) = session.into_parts();
    let outcome = terminal.report_findings(sink, &sources);
    match made.filter(|_| !failed) {
        Some(bytes) => {
            let written = output.write(&bytes, &context.files)?;
            terminal.print_info(&output.describe(written));
        }
        None => terminal.print_info(&msg!("done.no-form", file = display_path(args.blank))),
    }
    terminal.print_closing_line();
    Ok(outcome)
}
