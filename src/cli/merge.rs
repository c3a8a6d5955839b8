//! Owns the command `merge-summary`: the summaries of several runs become one, and what does not fit
//! together is said.
//! Must not look at the reports themselves.

use super::build::Shard;
use super::build::summary::{self, Head, Record, Summary, Writer};
use super::console::{say, say_err};
use super::files::shown;
use super::settings::Told;
use super::{Failure, Outcome};
use clap::Args;
use docx_fill::diag::{Lang, Text};
use nianbao::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// `merge-summary A.json B.json… -o ALL.json`
#[derive(Debug, Args)]
pub(crate) struct MergeSummary {
    #[arg(value_name = "FILE.json", required = true)]
    files: Vec<PathBuf>,
    #[arg(short, long, value_name = "ALL.json")]
    out: PathBuf,
}

/// Joins summaries.
pub(crate) fn merge(ask: &MergeSummary, lang: Lang) -> Result<Outcome, Failure> {
    let all: Result<Vec<Summary>, Failure> = ask.files.iter().map(|f| summary::read(f)).collect();
    let all = all?;
    let mut wrong = versions(&all);
    wrong.extend(shards(&all));
    let of = all.iter().map(|summary| summary.head.of).max().unwrap_or_default();
    let settings = settings(&all, &mut wrong);
    let program = all.first().map_or_else(summary::program, |s| s.head.program.clone());
    let mut reports: BTreeMap<usize, Record> = BTreeMap::new();
    for record in all.into_iter().flat_map(|summary| summary.reports) {
        if let Some(first) = reports.get(&record.index) {
            wrong.push(text!("batch.report-twice", input = &first.input));
            continue;
        }
        reports.insert(record.index, record);
    }
    wrong.extend(outputs(&reports));
    if reports.len() < of {
        wrong.push(text!("batch.reports-missing", count = of - reports.len()));
    }
    let mut writer = Writer::begin(&ask.out, &Head { program, shard: None, of })?;
    for record in reports.values() {
        writer.add(record)?;
    }
    let totals = writer.totals();
    writer.end(&settings, wrong.is_empty())?;
    for text in &wrong {
        let word = text!("print.error").in_lang(lang);
        say_err(&format!("{word}: {}\n", text.in_lang(lang)));
    }
    let told = [
        text!("batch.merged", all = reports.len(), files = ask.files.len()),
        totals.text(),
        text!("done.written", file = shown(&ask.out)),
    ];
    for text in told {
        say(&format!("{}\n", text.in_lang(lang)));
    }
    let fine = wrong.is_empty() && totals.not_built() == 0;
    Ok(if fine { Outcome::Clean } else { Outcome::Found })
}

/// Whether one program made all of them.
fn versions(all: &[Summary]) -> Vec<Text> {
    let versions: BTreeSet<&String> = all.iter().map(|summary| &summary.head.program).collect();
    let words: Vec<String> = versions.into_iter().cloned().collect();
    if words.len() > 1 { vec![text!("batch.versions", versions = words)] } else { Vec::new() }
}

/// What the settings of all of them made of the findings. Reports that were judged by different ones do not
/// belong together.
fn settings(all: &[Summary], wrong: &mut Vec<Text>) -> Told {
    let files: BTreeSet<&Option<String>> = all.iter().map(|one| &one.settings.file).collect();
    if files.len() > 1 {
        let names = files.iter().map(|file| file.as_deref().unwrap_or("-"));
        wrong.push(text!("batch.settings-differ", files = names.collect::<Vec<_>>()));
    }
    let mut out = Told::default();
    for one in all {
        out.file = out.file.or_else(|| one.settings.file.clone());
        out.effect.add(one.settings.effect);
        out.passed.extend(one.settings.passed.iter().cloned());
    }
    out
}

/// Whether all shares are there, cut from the same whole.
fn shards(all: &[Summary]) -> Vec<Text> {
    let mut out = Vec::new();
    let totals: BTreeSet<usize> = all.iter().map(|summary| summary.head.of).collect();
    if totals.len() > 1 {
        let totals: Vec<String> = totals.iter().map(usize::to_string).collect();
        out.push(text!("batch.totals-differ", totals = totals));
    }
    let read = |summary: &Summary| summary.head.shard.as_ref()?.parse::<Shard>().ok();
    let there: Vec<Shard> = all.iter().filter_map(read).collect();
    let counts: BTreeSet<u32> = there.iter().map(|shard| shard.of()).collect();
    if counts.len() > 1 {
        let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
        out.push(text!("batch.shards-differ", shards = counts));
    } else if let Some(of) = counts.first() {
        let numbers: BTreeSet<u32> = there.iter().map(|shard| shard.number()).collect();
        let missing = (1..=*of).filter(|number| !numbers.contains(number));
        let missing: Vec<String> = missing.map(|number| format!("{number}/{of}")).collect();
        if !missing.is_empty() {
            out.push(text!("batch.shard-missing", shards = missing));
        }
    }
    out
}

/// Files that two shares have written one over the other.
fn outputs(reports: &BTreeMap<usize, Record>) -> Vec<Text> {
    let (mut makers, mut out) = (BTreeMap::new(), Vec::new());
    for record in reports.values() {
        for output in &record.outputs {
            if let Some(first) = makers.insert(&output.file, &record.input) {
                let (file, second) = (&output.file, &record.input);
                out.push(text!("batch.output-twice", file = file, first = first, second = second));
            }
        }
    }
    out
}
