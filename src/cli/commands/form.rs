//! Owns the command `form`.
//! Must not know how a form is read.

use crate::cli::output::console::print_stdout;
use crate::cli::run_inputs::templates::{form_of_edition, load_forms};
use crate::cli::{Failure, Outcome, RunContext};
use clap::{Args, Subcommand};
use docx_fill::diag::show_hidden;
use nianbao::form::Form;

#[derive(Debug, Subcommand)]
pub(crate) enum FormCommand {
    Show(FormShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct FormShowArgs {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: Option<String>,
}

/// Runs `nianbao form show [EDITION]`
pub(crate) fn run_form(context: &RunContext, args: &FormCommand) -> Result<Outcome, Failure> {
    let FormCommand::Show(args) = args;
    let library = load_forms(context)?;
    match &args.edition {
        Some(name) => print_stdout(&format_form(form_of_edition(&library, name)?)),
        None => {
            for form in library.forms() {
                print_stdout(&format!("{}\n", show_hidden(&form_headline(form, "  ", ""))));
            }
        }
    }
    Ok(Outcome::Clean)
}

/// Returns edition, name and the notice that issued the form, in one line.
fn form_headline(form: &Form, open: &str, close: &str) -> String {
    let head = format!("{}  {}", form.full_name(), form.name);
    match form.notice_number.as_str() {
        "" => head,
        number => format!("{head}{open}{number}{close}"),
    }
}

/// Ids and labels, one a line.
fn format_form(form: &Form) -> String {
    let mut out = String::new();
    // A form may come from a folder of somebody else.
    let mut line = |words: &str| {
        out.push_str(&show_hidden(words));
        out.push('\n');
    };
    line(&form_headline(form, "（", "）"));
    for section in &form.sections {
        let heading = section.heading.as_deref().unwrap_or_default();
        let head = format!("[{}] {heading}", section.id);
        line("");
        line(head.trim_end());
        let Some(table) = section.table.map(|at| &form.tables[at]) else { continue };
        line(&format!("  {}", table.name));
        for (at, row) in table.rows.iter().enumerate() {
            let columns: Vec<&str> =
                table.row_columns(at).map(|column| table.columns[column].id.as_str()).collect();
            let unit = row.unit.as_deref().unwrap_or_default();
            let unit = if unit.is_empty() { String::new() } else { format!("（{unit}）") };
            line(&format!("  {:<28}{}{unit}", row.id, table.row_name(at)));
            if table.rows.len() < 10 {
                line(&format!("  {:<28}  {}", "", columns.join(", ")));
            }
        }
        line("  --");
        for column in &table.columns {
            let named = column.unit.is_empty() || column.label.contains(&column.unit);
            let unit = if named { String::new() } else { format!("（{}）", column.unit) };
            line(&format!("  {:<28}{}{unit}", column.id, column.label));
        }
        for identity in &table.identities {
            line(&format!("  = {}", identity.id));
        }
    }
    out
}
