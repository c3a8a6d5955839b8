//! Owns the command `explain`.
//! Must not know a rule.

use crate::cli::output::console::print_stdout;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use nianbao::check::rules;
use nianbao::msg;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[arg(value_name = "ID")]
    pub(crate) rule: Option<String>,
}

/// `nianbao explain [ID]`
pub(crate) fn run_explain(context: &RunContext, args: &ExplainArgs) -> Result<Outcome, Failure> {
    match &args.rule {
        None => print_stdout(&rules::list_rules(context.lang)),
        Some(id) => {
            let unknown = || Failure::without_cause(msg!("rules.unknown", id = id));
            print_stdout(&rules::explain_rule(id, context.lang).ok_or_else(unknown)?);
        }
    }
    Ok(Outcome::Clean)
}
