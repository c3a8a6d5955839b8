//! Owns the list of findings for the units as a Word document.
//! Must not check anything, nor know where the file goes.

use super::word_templates;
use crate::check::findings_list::ListedReport;
use crate::msg;
use docx_fill::diag::{Lang, Message, Sink, Sources};
use docx_fill::template::{Assets, CompiledTemplate, ParseOptions, RenderOptions, RenderedDocx};
use serde_json::{Value, json};

/// An empty set of pictures.
struct NoAssets;

impl Assets for NoAssets {
    fn get(&self, _: &str) -> Option<&[u8]> {
        None
    }
}

/// Returns the document: a heading and a table for each report, with space for the unit's answer.
/// Equal findings give equal bytes.
pub fn findings_docx(reports: &[ListedReport], lang: Lang) -> Result<Vec<u8>, Message> {
    let words = |text: Message| text.in_lang(lang);
    let data = json!({
        "title": words(msg!("list.findings")),
        "organ": { "name": "" },
        "draft": false,
        "heads": {
            "severity": words(msg!("list.severity")),
            "where": words(msg!("list.place")),
            "message": words(msg!("list.message")),
            "hint": words(msg!("list.hint")),
            "answer": words(msg!("list.answer")),
        },
        "units": reports.iter().map(|report| unit_data(report, lang)).collect::<Vec<_>>(),
    });
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("");
    let template = word_templates::list_template();
    let (parse, render) = (ParseOptions::default(), RenderOptions::default());
    let template = CompiledTemplate::parse_with(template, source, &parse, &mut sink);
    let out = template.and_then(|template| template.render(&data, &NoAssets, &render, &mut sink));
    let reason = || sink.iter().map(|found| found.message.in_lang(lang)).collect::<Vec<_>>();
    out.map(RenderedDocx::into_bytes).ok_or_else(|| msg!("list.no-document", reason = reason()))
}

fn unit_data(report: &ListedReport, lang: Lang) -> Value {
    let name = if report.unit().is_empty() { report.file() } else { report.unit() };
    let [errors, warnings, remarks] = report.counts();
    let summary = msg!(
        "list.summary",
        file = report.file(),
        state = report.report_status(),
        errors = errors,
        warnings = warnings,
        remarks = remarks
    );
    let findings: Vec<Value> = report.finding_rows().map(finding_data).collect();
    json!({ "unit": name, "summary": summary.in_lang(lang), "findings": findings })
}

/// Returns a row of the workbook, combined into five columns.
fn finding_data(row: &[String; 12]) -> Value {
    let [file, place, _, severity, table, line, column, _, _, _, message, hint] = row;
    let lines = |parts: &[&String]| {
        let filled: Vec<&str> =
            parts.iter().map(|p| p.as_str()).filter(|p| !p.is_empty()).collect();
        filled.join("\n")
    };
    json!({
        "severity": severity,
        "where": lines(&[table, line, column, file, place]),
        "message": message,
        "hint": hint,
    })
}
