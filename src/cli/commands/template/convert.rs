//! Owns the command `template convert`.
//! Must not know how a tag is translated: `docx_fill::docxtpl` does.

use crate::cli::fs::output_file::UserTarget;
use crate::cli::fs::paths::display_path;
use crate::cli::options::DiagnosticArgs;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use docx_fill::diag::{Sink, Sources};
use docx_fill::docxtpl::convert_template;
use nianbao::msg;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TemplateConvertArgs {
    #[arg(value_name = "OLD.docx")]
    pub(crate) old: PathBuf,
    #[arg(short, long, value_name = "TEMPLATE.docx")]
    pub(crate) out: PathBuf,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao template convert OLD.docx -o TEMPLATE.docx`
pub(super) fn run_template_convert(
    context: &RunContext,
    args: &TemplateConvertArgs,
) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let inputs = [args.old.as_path()];
    let output = UserTarget {
        path: &args.out,
        extension: "docx",
        inputs: &inputs,
        overwrite: args.overwrite,
    };
    output.check_path()?;
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(display_path(&args.old));
    let bytes = context.files.read(&args.old)?;
    let converted = convert_template(bytes, source, &(&context.limits).into(), &mut sink);
    let outcome = terminal.report_findings(sink, &sources);
    match converted {
        Some(converted) => {
            let written = output.write(&converted.bytes, &context.files)?;
            terminal.print_info(&output.describe(written));
            let (count, left) = (converted.translated, converted.left);
            terminal.print_info(&match left {
                0 => msg!("done.converted", count = count),
                _ => msg!("done.converted-partly", count = count, left = left),
            });
        }
        None => {
            terminal.print_info(&msg!("done.not-converted", file = display_path(&args.old)));
        }
    }
    terminal.print_closing_line();
    Ok(outcome)
}
