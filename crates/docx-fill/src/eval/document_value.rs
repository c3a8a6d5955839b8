//! Owns values that stand for a document to insert.
//! Must not know how it is inserted.

use crate::diag::Problem;
use crate::diag::msg;
use serde_json::Value;

/// Which document is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InsertRequest {
    pub(crate) path: String,
    /// Its styles keep their looks instead of taking those of the styles of their names.
    pub(crate) keep_source_styles: bool,
}

/// The document that a value is: a group of `document` and perhaps `styles`.
pub(crate) fn parse_insert_request(value: &Value) -> Option<InsertRequest> {
    let Value::Object(map) = value else { return None };
    let path = map.get("document")?.as_str()?.to_owned();
    match (map.len(), map.get("styles").and_then(Value::as_str)) {
        (1, None) => Some(InsertRequest { path, keep_source_styles: false }),
        (2, Some(styles @ ("own" | "host"))) => {
            Some(InsertRequest { path, keep_source_styles: styles == "own" })
        }
        _ => None,
    }
}

/// That a document cannot stand where it was asked for.
pub(crate) fn misplaced_document() -> Problem {
    let problem = Problem::error("document-place", msg!("template.document-place"));
    problem.with_hint(msg!("template.hint-document-place"))
}
