//! Owns values that represent a document to insert.
//! Must not know how it is inserted.

use crate::diag::Problem;
use crate::diag::msg;
use serde_json::Value;

/// A request to insert a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InsertRequest {
    pub(crate) path: String,
    /// True if its styles keep their source formatting; otherwise they map to target styles of the same name.
    pub(crate) keep_source_styles: bool,
}

/// Parses a value that represents a document: an object with `document` and optionally `styles`.
pub(crate) fn parse_insert_request(value: &Value) -> Option<InsertRequest> {
    let Value::Object(map) = value else { return None };
    let path = map.get("document")?.as_str()?.to_owned();
    match (map.len(), map.get("styles").and_then(Value::as_str)) {
        (1, None) => Some(InsertRequest { path, keep_source_styles: false }),
        (2, Some(styles @ ("own" | "host" | "template"))) => {
            Some(InsertRequest { path, keep_source_styles: styles == "own" })
        }
        _ => None,
    }
}

/// Returns the problem of a document at a place that cannot contain one.
pub(crate) fn misplaced_document() -> Problem {
    let problem = Problem::error("document-place", msg!("template.document-place"));
    problem.with_hint(msg!("template.hint-document-place"))
}
