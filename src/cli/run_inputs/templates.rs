//! Owns the templates and forms of a run: those of the program with those of `--templates`.
//! Must not know what is made with them.

use crate::cli::output::console::print_stdout;
use crate::cli::{Failure, RunContext};
use docx_fill::diag::{DiagnosticFormat, Sink, Sources, render_diagnostics};
use nianbao::form::{Form, FormRegistry};
use nianbao::msg;
use nianbao::render::Templates;
use std::sync::Arc;

/// Returns the templates of the program and of `--templates`.
pub(crate) fn load_templates(
    context: &RunContext,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Templates, Failure> {
    let mut templates = Templates::built_in();
    templates.set_limits(&context.limits);
    if let Some(dir) = &context.template_dir {
        templates.overlay_files(context.files.read_folder(dir)?, sources, sink);
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

/// Returns the forms at hand; faulty ones are said.
pub(crate) fn load_forms(context: &RunContext) -> Result<FormRegistry, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = load_templates(context, &mut sources, &mut sink)?;
    let found = sink.into_sorted();
    let format = DiagnosticFormat::Human;
    print_stdout(&render_diagnostics(&found, &sources, format, context.lang));
    Ok(templates.library().clone())
}

/// Returns the form of an edition.
pub(crate) fn form_of_edition<'a>(
    library: &'a FormRegistry,
    edition: &str,
) -> Result<&'a Arc<Form>, Failure> {
    library.by_edition(edition).ok_or_else(|| {
        let known: Vec<&String> = library.forms().iter().map(|form| &form.edition).collect();
        Failure::without_cause(msg!("io.unknown-edition", edition = edition, known = known))
    })
}
