//! Owns what `fill` makes of a Typst template: one document, one for each record of a list, or all of them in one.
//! Must not know Typst.

use super::data_source::{FillSource, LetterList, OpenedSource};
use super::letters::{LetterRun, apart_hint};
use super::name_pattern::{NamePattern, has_tags};
use super::typst_fill::{TypstLetterRenderer, package_folders, typst_format};
use super::{FillArgs, FillPaths, PAGE_NUMBER, RunFindings, SingleOutput, report_alone};
use crate::cli::fs::output_file::UserTarget;
use crate::cli::fs::paths::display_path;
use crate::cli::{Failure, Outcome, RunContext, Terminal, interrupt};
use docx_fill::diag::Sink;
use nianbao::msg;
use nianbao::render::{
    TypstRequest, pdf_standards,
    sandbox::{SandboxError, TypesetFormat, TypesetOutput},
};
use std::path::PathBuf;

/// Fills a Typst template: one document, one for each record of a list, or those of all records in one.
pub(super) fn fill_typst(
    context: &RunContext,
    args: &FillArgs,
    paths: &FillPaths<'_>,
) -> Result<Outcome, Failure> {
    let in_files = has_tags(&args.out);
    if in_files && args.merge {
        return Err(Failure::without_cause(msg!("fill.merge-pattern")));
    }
    let output = SingleOutput::new(context, args, paths);
    let format = if output.is_stream() {
        Some((TypesetFormat::Pdf, "pdf"))
    } else {
        typst_format(&args.out)
    };
    let Some((format, extension)) = format.filter(|(_, end)| !args.is_list() || *end == "pdf")
    else {
        let message =
            msg!("io.output-extension", file = display_path(&args.out), extension = "pdf");
        return Err(Failure::without_cause(message));
    };
    if !in_files {
        output.check(extension)?;
    }
    if let Err(wrong) = pdf_standards(&args.pdf_standard) {
        let message = msg!("args.bad-value", arg = "--pdf-standard", value = wrong);
        return Err(Failure::without_cause(message));
    }
    let data = FillSource::read(context, paths.data, args.data_type)?;
    let OpenedSource { mut sources, mut sink, data: opened } = data.open(context, args.is_list());
    let request = TypstRequest { format, standards: args.pdf_standard.clone() };
    let folders = package_folders(&args.package_path);
    let press = TypstLetterRenderer::open(context, paths.template, request, folders)?;
    let options = args.record_options();
    if args.is_list() {
        let path = args.each.as_deref().filter(|path| !path.is_empty());
        let list = opened.and_then(|opened| LetterList::find(opened, path, options, &mut sink));
        let (Some(list), false) = (list, sink.has_errors()) else {
            return Ok(report_alone(context, args, sink, &sources));
        };
        let inputs = [paths.template, paths.data];
        let (overwrite, written) = (args.overwrite, paths.written);
        let run = LetterRun { context, press: &press, list, inputs: &inputs, overwrite, written };
        if !in_files {
            return merge_typst(run, &press, &output, RunFindings { sources, sink });
        }
        let pattern = NamePattern::parse(&args.out, extension, &mut sources)?;
        let mut terminal = context.terminal(&args.judge);
        return run.make_files(&pattern, &mut terminal, &sources, sink);
    }
    let mut made = None;
    if let Some(opened) = opened {
        let value = opened.into_value(options, true, &mut sink);
        let typeset = press.typeset(std::slice::from_ref(&value))?;
        press.report(&typeset, &mut sources, &mut sink);
        made = typeset.ok();
    }
    finish_typst(made, extension, &output, RunFindings { sources, sink })
}

/// Typesets the documents of all records as one.
fn merge_typst(
    mut run: LetterRun<'_>,
    press: &TypstLetterRenderer<'_>,
    output: &SingleOutput<'_>,
    findings: RunFindings,
) -> Result<Outcome, Failure> {
    let RunFindings { mut sources, mut sink } = findings;
    interrupt::catch_signals();
    let mut made = None;
    if let Some(records) = run.read_all(&mut sink)? {
        let typeset = press.typeset(&records)?;
        let is_told = match &typeset {
            Ok(made) if made.diagnostics.is_empty() => made.pdf.is_some(),
            // What is wrong with a record is told at its place, as when it has a file of its own.
            Ok(made) => run.report_all(&mut sink)? && (made.pdf.is_some() || sink.has_errors()),
            // What stops all of them together would stop each of them or none.
            Err(_) => false,
        };
        if !is_told {
            let mut found = Sink::new();
            press.report(&typeset, &mut sources, &mut found);
            if let (Err(why), true) = (&typeset, records.len() > 1) {
                found = blame_count(found, why, records.len());
            }
            sink.extend(found);
        }
        made = typeset.ok();
    }
    if interrupt::is_requested() {
        return Ok(Outcome::Stopped);
    }
    finish_typst(made, "pdf", output, RunFindings { sources, sink })
}

/// Returns why typesetting was stopped, with what it means where the pages of many records are set at once: not only the
/// template may be at fault, the records may be too many.
fn blame_count(found: Sink, why: &SandboxError, count: usize) -> Sink {
    let own = match why {
        SandboxError::TimedOut(_) => {
            Some(("typst.time-hint", msg!("fill.merge-time-hint", count = count)))
        }
        SandboxError::OutOfMemory(_) => {
            Some(("typst.memory-hint", msg!("fill.merge-memory-hint", count = count)))
        }
        SandboxError::Crashed => None,
        SandboxError::Interrupted | SandboxError::Unavailable(_) => return found,
    };
    let mut found: Sink = found.into_iter().map(|one| one.with_hint(apart_hint("pdf"))).collect();
    if let Some((id, hint)) = own {
        found.replace_hint(id, &hint);
    }
    found
}

/// Tells what was found, and writes what was typeset if nothing is wrong.
fn finish_typst(
    made: Option<TypesetOutput>,
    extension: &'static str,
    output: &SingleOutput<'_>,
    findings: RunFindings,
) -> Result<Outcome, Failure> {
    let RunFindings { sources, sink } = findings;
    let failed = sink.has_errors();
    let mut terminal = output.context.terminal(&output.args.judge);
    let outcome = terminal.report_findings(sink, &sources);
    if let (Some(made), false) = (made, failed) {
        write_typst(output, made, extension, &terminal)?;
    }
    if !output.is_stream() {
        terminal.print_closing_line();
    }
    Ok(outcome)
}

/// Writes a document, or its pages as pictures.
fn write_typst(
    output: &SingleOutput<'_>,
    made: TypesetOutput,
    extension: &'static str,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let pages: Vec<Vec<u8>> = made.pdf.into_iter().chain(made.pages).collect();
    let name = output.args.out.to_string_lossy();
    if pages.len() < 2 && !name.contains(PAGE_NUMBER) {
        let bytes = pages.first().map(Vec::as_slice).unwrap_or_default();
        return output.write(bytes, extension, terminal);
    }
    if !name.contains(PAGE_NUMBER) {
        let message = msg!("fill.many-pages", count = pages.len());
        return Err(Failure::without_cause(message));
    }
    for (number, page) in (1..).zip(&pages) {
        let path = PathBuf::from(name.replace(PAGE_NUMBER, &number.to_string()));
        let target = UserTarget { path: &path, ..output.target(extension) };
        output.write_target(&target, page, terminal)?;
    }
    Ok(())
}
