//! Owns the command `explain`.
//! Must not know a rule: the registry and the forms describe them.

use crate::cli::output::console::print_stdout;
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use docx_fill::diag::Message;
use nianbao::check::form_rules::explain_form_rule;
use nianbao::check::rules;
use nianbao::msg;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[arg(value_name = "ID")]
    pub(crate) rule: Option<String>,
}

/// Runs `nianbao explain [ID]`
pub(crate) fn run_explain(context: &RunContext, args: &ExplainArgs) -> Result<Outcome, Failure> {
    match &args.rule {
        None => print_stdout(&rules::list_rules(context.lang)),
        Some(id) => {
            let unknown = || Failure::without_cause(unknown_rule(id));
            let text = match rules::explain_rule(id, context.lang) {
                Some(text) => Some(text),
                None => explain_own_rule(context, id)?,
            };
            print_stdout(&text.ok_or_else(unknown)?);
        }
    }
    Ok(Outcome::Clean)
}

/// Returns the description of a rule of the forms of `--templates`.
fn explain_own_rule(context: &RunContext, id: &str) -> Result<Option<String>, Failure> {
    let library = load_forms(context)?;
    let texts = library.forms().iter();
    let mut texts: Vec<String> =
        texts.filter_map(|form| explain_form_rule(form, id, context.lang)).collect();
    // Variants may have rules of the same name that differ.
    texts.dedup();
    Ok((!texts.is_empty()).then(|| texts.join("\n")))
}

/// Says that there is no such rule, with the one whose id is nearest.
fn unknown_rule(id: &str) -> Message {
    let near = rules::all_rules().iter().filter(|rule| {
        let common = rule.id.chars().zip(id.chars()).take_while(|(one, other)| one == other);
        common.count() * 2 > rule.id.chars().count().max(id.chars().count())
    });
    let near: Vec<&str> = near.map(|rule| rule.id.as_str()).collect();
    if near.is_empty() {
        msg!("rules.unknown", id = id)
    } else {
        msg!("rules.unknown-near", id = id, near = near)
    }
}
