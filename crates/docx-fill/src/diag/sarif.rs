//! Owns findings as SARIF 2.1.0, the format that code hosts and editors read.
//! Must not know any rule; the caller supplies their descriptions.

use super::location::describe_location;
use super::{
    Diagnostic, Lang, Location, Severity, SourceId, SourcePlace, Sources, Span, show_hidden,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const SARIF_SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Converts findings to results of a run.
pub fn to_results(found: &[Diagnostic], sources: &Sources, lang: Lang) -> Vec<Value> {
    found.iter().map(|found| to_result(found, sources, lang)).collect()
}

/// The program that a log names as its tool.
#[derive(Debug, Clone, Copy)]
pub struct SarifTool<'a> {
    /// Name of the program.
    pub name: &'a str,
    /// Version of the program.
    pub version: &'a str,
}

impl SarifTool<'static> {
    /// This library.
    pub const LIBRARY: SarifTool<'static> =
        SarifTool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

/// Returns the whole log. `describe` returns the description of a rule, if there is one; `properties` are the
/// properties of the run and are omitted if empty.
pub fn format_log(
    tool: SarifTool<'_>,
    results: &[Value],
    describe: &dyn Fn(&str) -> Option<String>,
    properties: &Map<String, Value>,
) -> String {
    let ids = results.iter().filter_map(|result| result["ruleId"].as_str());
    let ids: BTreeSet<&str> = ids.collect();
    let rules = ids.iter().map(|id| match describe(id) {
        Some(words) => json!({ "id": id, "shortDescription": { "text": words } }),
        None => json!({ "id": id }),
    });
    let mut log = json!({
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": tool.name,
                "version": tool.version,
                "rules": rules.collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if !properties.is_empty() {
        log["runs"][0]["properties"] = json!(properties);
    }
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

fn to_result(found: &Diagnostic, sources: &Sources, lang: Lang) -> Value {
    let level = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let mut text = found.message.in_lang(lang);
    for hint in &found.hints {
        text.push('\n');
        text.push_str(&hint.in_lang(lang));
    }
    let rule = show_hidden(&found.rule);
    let mut out = json!({ "ruleId": rule, "level": level, "message": { "text": text } });
    if let Some(location) = to_location(&found.location, sources, lang) {
        out["locations"] = json!([location]);
    }
    let related = found.labels.iter().enumerate().filter_map(|(at, (place, words))| {
        let mut location = to_location(place, sources, lang)?;
        location["id"] = json!(at);
        location["message"] = json!({ "text": words.in_lang(lang) });
        Some(location)
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        out["relatedLocations"] = json!(related);
    }
    out
}

fn to_location(place: &Location, sources: &Sources, lang: Lang) -> Option<Value> {
    let source = place.source()?;
    let mut physical = Map::new();
    physical
        .insert("artifactLocation".to_owned(), json!({ "uri": path_to_uri(sources.name(source)) }));
    // Word documents and workbooks have no lines.
    if let Location::At(source, SourcePlace::Text(bytes)) = place {
        physical.extend(to_region(*source, *bytes, sources).map(|at| ("region".to_owned(), at)));
        return Some(json!({ "physicalLocation": physical }));
    }
    let mut out = json!({ "physicalLocation": physical });
    if let Some(words) = describe_location(place, sources, lang) {
        out["logicalLocations"] = json!([{ "fullyQualifiedName": words }]);
    }
    Some(out)
}

fn to_region(source: SourceId, span: Span, sources: &Sources) -> Option<Value> {
    let (line, column) = sources.line_column(source, span.start)?;
    let (end_line, end_column) = sources.line_column(source, span.end.max(span.start))?;
    Some(json!({
        "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
    }))
}

/// Returns a path as a relative or `file:` URI reference.
pub fn path_to_uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::msg;

    #[test]
    fn a_result_has_place_level_and_rule() {
        let mut sources = Sources::default();
        let file = sources.add_text("报 告/a.toml", "年 = 1\nx = 2\n");
        let place = Location::text(file, "年 = 1\n".len().."年 = 1\nx".len());
        let found = Diagnostic::warning("year", place, msg!("template.empty"))
            .with_hint(msg!("template.hint-list"));
        let results = to_results(&[found], &sources, Lang::En);
        let log =
            format_log(SarifTool::LIBRARY, &results, &|id| Some(id.to_uppercase()), &Map::new());
        let log: Value = serde_json::from_str(&log).expect("JSON");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "YEAR");
        let result = &run["results"][0];
        assert_eq!((&result["ruleId"], &result["level"]), (&json!("year"), &json!("warning")));
        let physical = &result["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "%E6%8A%A5%20%E5%91%8A/a.toml");
        let region = json!({ "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2 });
        assert_eq!(physical["region"], region);
    }
}
