//! Owns the command `merge-summary`: merges the summaries of several runs, and reports
//! inconsistencies.
//! Must not read the reports themselves.

use super::build::Shard;
use super::build::summary::{self, ReportRecord, RunSummary, SummaryHead, SummaryWriter};
use crate::cli::fs::paths::display_path;
use crate::cli::output::console::{print_stderr, print_stdout};
use crate::cli::run_inputs::settings::SettingsSummary;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use docx_fill::diag::Message;
use nianbao::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The arguments of `nianbao merge-summary A.json B.json… -o ALL.json`.
#[derive(Debug, Args)]
pub(crate) struct MergeSummaryArgs {
    #[arg(value_name = "FILE.json", required = true)]
    files: Vec<PathBuf>,
    #[arg(short, long, value_name = "ALL.json")]
    out: PathBuf,
}

/// Joins summaries.
pub(crate) fn run_merge_summary(
    context: &RunContext,
    args: &MergeSummaryArgs,
) -> Result<Outcome, Failure> {
    let lang = context.lang;
    let all: Result<Vec<RunSummary>, Failure> =
        args.files.iter().map(|f| summary::read_summary(f, &context.files)).collect();
    let all = all?;
    let mut wrong = check_versions(&all);
    wrong.extend(check_shards(&all));
    let of = all.iter().map(|summary| summary.head.of).max().unwrap_or_default();
    let settings = merge_settings(&all, &mut wrong);
    let program = all.first().map_or_else(summary::program_version, |s| s.head.program.clone());
    let mut reports: BTreeMap<usize, ReportRecord> = BTreeMap::new();
    for record in all.into_iter().flat_map(|summary| summary.reports) {
        if let Some(first) = reports.get(&record.index) {
            wrong.push(msg!("batch.report-twice", input = &first.input));
            continue;
        }
        reports.insert(record.index, record);
    }
    wrong.extend(check_outputs(&reports));
    if reports.len() < of {
        wrong.push(msg!("batch.reports-missing", count = of - reports.len()));
    }
    let mut writer = SummaryWriter::create(&args.out, &SummaryHead { program, shard: None, of })?;
    for record in reports.values() {
        writer.add_report(record)?;
    }
    let totals = writer.totals();
    writer.finish(&settings, wrong.is_empty())?;
    for text in &wrong {
        let word = msg!("print.error").in_lang(lang);
        print_stderr(&format!("{word}: {}\n", text.in_lang(lang)));
    }
    let told = [
        msg!("batch.merged", all = reports.len(), files = args.files.len()),
        totals.describe(),
        msg!("done.written", file = display_path(&args.out)),
    ];
    for text in told {
        print_stdout(&format!("{}\n", text.in_lang(lang)));
    }
    let fine = wrong.is_empty() && totals.not_built() == 0;
    Ok(if fine { Outcome::Clean } else { Outcome::ErrorsFound })
}

/// Returns a message if not all were made by the same program version.
fn check_versions(all: &[RunSummary]) -> Vec<Message> {
    let versions: BTreeSet<&String> = all.iter().map(|summary| &summary.head.program).collect();
    let words: Vec<String> = versions.into_iter().cloned().collect();
    if words.len() > 1 { vec![msg!("batch.versions", versions = words)] } else { Vec::new() }
}

/// Merges the settings and their effects. Reports checked with different settings are an
/// inconsistency.
fn merge_settings(all: &[RunSummary], wrong: &mut Vec<Message>) -> SettingsSummary {
    let files: BTreeSet<&Option<String>> = all.iter().map(|one| &one.settings.file).collect();
    if files.len() > 1 {
        let names = files.iter().map(|file| file.as_deref().unwrap_or("-"));
        wrong.push(msg!("batch.settings-differ", files = names.collect::<Vec<_>>()));
    }
    let mut out = SettingsSummary::default();
    for one in all {
        out.file = out.file.or_else(|| one.settings.file.clone());
        out.effect.add(one.settings.effect);
        out.passed.extend(one.settings.passed.iter().cloned());
    }
    out
}

/// Returns messages on shares that are missing or belong to another whole.
fn check_shards(all: &[RunSummary]) -> Vec<Message> {
    let mut out = Vec::new();
    let totals: BTreeSet<usize> = all.iter().map(|summary| summary.head.of).collect();
    if totals.len() > 1 {
        let totals: Vec<String> = totals.iter().map(usize::to_string).collect();
        out.push(msg!("batch.totals-differ", totals = totals));
    }
    let read = |summary: &RunSummary| summary.head.shard.as_ref()?.parse::<Shard>().ok();
    let there: Vec<Shard> = all.iter().filter_map(read).collect();
    let counts: BTreeSet<u32> = there.iter().map(|shard| shard.total()).collect();
    if counts.len() > 1 {
        let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
        out.push(msg!("batch.shards-differ", shards = counts));
    } else if let Some(of) = counts.first() {
        let numbers: BTreeSet<u32> = there.iter().map(|shard| shard.number()).collect();
        let missing = (1..=*of).filter(|number| !numbers.contains(number));
        let missing: Vec<String> = missing.map(|number| format!("{number}/{of}")).collect();
        if !missing.is_empty() {
            out.push(msg!("batch.shard-missing", shards = missing));
        }
    }
    out
}

/// Reports files that two shares have both written.
fn check_outputs(reports: &BTreeMap<usize, ReportRecord>) -> Vec<Message> {
    let (mut makers, mut out) = (BTreeMap::new(), Vec::new());
    for record in reports.values() {
        for output in &record.outputs {
            if let Some(first) = makers.insert(&output.file, &record.input) {
                let (file, second) = (&output.file, &record.input);
                out.push(msg!("batch.output-twice", file = file, first = first, second = second));
            }
        }
    }
    out
}
