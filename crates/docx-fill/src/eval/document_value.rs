//! Owns values that stand for a document to insert.
//! Must not know how it is inserted.

use crate::diag::Problem;
use crate::diag::text;
use serde_json::Value;

/// Which document is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Its styles keep their looks instead of taking those of the styles of their names.
    pub(crate) own: bool,
}

/// The document that a value is: a group of `document` and perhaps `styles`.
pub(crate) fn document_of(value: &Value) -> Option<Asked> {
    let Value::Object(map) = value else { return None };
    let path = map.get("document")?.as_str()?.to_owned();
    match (map.len(), map.get("styles").and_then(Value::as_str)) {
        (1, None) => Some(Asked { path, own: false }),
        (2, Some(styles @ ("own" | "host"))) => Some(Asked { path, own: styles == "own" }),
        _ => None,
    }
}

/// That a document cannot stand where it was asked for.
pub(crate) fn misplaced() -> Problem {
    let problem = Problem::error("document-place", text!("template.document-place"));
    problem.hint(text!("template.hint-document-place"))
}
