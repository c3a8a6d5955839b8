//! Owns the templates and forms of a run: those of the program with those of `--templates`.
//! Must not know what is made with them.

use crate::cli::fs::paths::display_path;
use crate::cli::options::DiagnosticArgs;
use crate::cli::{Failure, RunContext, Terminal};
use docx_fill::diag::{Sink, Sources};
use nianbao::form::{Form, FormRegistry};
use nianbao::msg;
use nianbao::render::Templates;
use std::sync::Arc;

/// Returns the templates of the program and of `--templates`. A faulty form ends the run: nothing is made or judged by
/// another in its place.
pub(crate) fn load_templates(
    context: &RunContext,
    terminal: &mut Terminal,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Templates, Failure> {
    let mut templates = Templates::built_in();
    templates.set_limits(&context.limits);
    if let Some(dir) = &context.template_dir {
        let mut own = Sink::new();
        templates.overlay_files(context.files.read_folder(dir)?, sources, &mut own);
        if own.has_errors() {
            terminal.report_findings(own, sources);
            terminal.print_closing_line();
            return Err(Failure::without_cause(msg!("io.faulty-forms", dir = display_path(dir))));
        }
        sink.extend(own.into_sorted());
    }
    #[cfg(feature = "pdf")]
    {
        use crate::cli::sandbox::ProcessPool;
        templates
            .set_sandbox(Arc::new(ProcessPool::new(&context.limits, context.font_dirs.clone())));
        templates.set_large_sandbox(Arc::new(ProcessPool::for_large_documents(
            &context.limits,
            context.font_dirs.clone(),
        )));
    }
    Ok(templates)
}

/// Returns the forms at hand; a faulty one ends the run.
pub(crate) fn load_forms(context: &RunContext) -> Result<FormRegistry, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let mut terminal = context.findings_terminal(&DiagnosticArgs::PLAIN);
    let templates = load_templates(context, &mut terminal, &mut sources, &mut sink)?;
    terminal.report_findings(sink, &sources);
    Ok(templates.library().clone())
}

/// Returns the form that a command names.
pub(crate) fn form_of_edition<'a>(
    library: &'a FormRegistry,
    edition: &str,
) -> Result<&'a Arc<Form>, Failure> {
    library.find_named(edition, None).map_err(|error| Failure::without_cause(error.message))
}
