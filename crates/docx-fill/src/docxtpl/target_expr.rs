//! Owns expressions of our tags as they are written, and why something has none.
//! Must not know Jinja2.

use crate::diag::{Message, msg};
use crate::helper::find_builtin;
use crate::limits::MAX_TAG_LENGTH;

/// Helpers that give true or false.
const TRUTH_HELPERS: &[&str] =
    &["eq", "ne", "lt", "lte", "gt", "gte", "and", "or", "not", "contains"];

/// An expression of our tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TargetExpr {
    /// A path of the data.
    Path(String),
    /// A constant: as it is written in a tag, and as it is printed.
    Constant { written: String, printed: String },
    /// A helper with its arguments.
    Call(String),
}

/// The reason why something has no equal, and what can be done instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) why: Message,
    pub(super) way_out: Message,
}

pub(super) type Translated<T> = Result<T, Refusal>;

impl Refusal {
    /// Creates the refusal of an expression: its value can be prepared in the data.
    pub(super) fn of_value(why: Message) -> Refusal {
        Refusal { why, way_out: msg!("docxtpl.hint-value") }
    }

    /// Creates the refusal of a statement or its place.
    pub(super) fn of_place(why: Message, way_out: Message) -> Refusal {
        Refusal { why, way_out }
    }
}

impl TargetExpr {
    /// Creates a number or word that is written as it is printed.
    pub(super) fn plain(text: impl Into<String>) -> TargetExpr {
        let written: String = text.into();
        TargetExpr::Constant { printed: written.clone(), written }
    }

    /// Creates a constant that Python prints in another way than our tags write it.
    pub(super) fn word(written: &str, printed: &str) -> TargetExpr {
        TargetExpr::Constant { written: written.to_owned(), printed: printed.to_owned() }
    }

    /// Returns the expression as a part of a text: words of the language as Python prints them.
    pub(super) fn into_text(self) -> Translated<TargetExpr> {
        match &self {
            TargetExpr::Constant { written, printed }
                if written != printed && !written.starts_with(['"', '\'']) =>
            {
                TargetExpr::text(printed)
            }
            _ => Ok(self),
        }
    }

    /// Checks whether the constant is a text that can be read as a number.
    pub(super) fn is_number_text(&self) -> bool {
        matches!(self, TargetExpr::Constant { written, printed }
            if written.starts_with(['"', '\'']) && printed.contains(|c: char| c.is_ascii_digit()) && printed.trim().parse::<f64>().is_ok())
    }

    /// Checks whether the constant is a number with decimal places.
    pub(super) fn is_decimal(&self) -> bool {
        matches!(self, TargetExpr::Constant { written, .. }
            if !written.starts_with(['"', '\'']) && written.contains('.'))
    }

    /// Creates a text constant.
    pub(super) fn text(text: &str) -> Translated<TargetExpr> {
        let quote = if text.contains('"') { '\'' } else { '"' };
        if text.contains([quote, '\\']) || text.contains("}}") || text.contains(char::is_control) {
            return Err(Refusal::of_value(msg!("docxtpl.text")));
        }
        Ok(TargetExpr::Constant {
            written: format!("{quote}{text}{quote}"),
            printed: text.to_owned(),
        })
    }

    /// Creates the call of a helper; options are arguments such as `desc=true`.
    pub(super) fn call(helper: &str, args: &[&str]) -> TargetExpr {
        TargetExpr::Call(
            std::iter::once(helper).chain(args.iter().copied()).collect::<Vec<_>>().join(" "),
        )
    }

    /// Returns the expression as the argument of a helper or block.
    pub(super) fn argument(&self) -> String {
        match self {
            TargetExpr::Path(path) => path.clone(),
            TargetExpr::Constant { written, .. } => written.clone(),
            TargetExpr::Call(call) => format!("({call})"),
        }
    }

    /// Checks whether the value is true or false whatever the data.
    pub(super) fn is_truth(&self) -> bool {
        match self {
            TargetExpr::Path(path) => matches!(path.as_str(), "@first" | "@last"),
            TargetExpr::Constant { written, .. } => matches!(written.as_str(), "true" | "false"),
            TargetExpr::Call(call) => {
                call.split_once(' ').is_some_and(|parts| TRUTH_HELPERS.contains(&parts.0))
            }
        }
    }

    /// Checks whether the value depends on which turn of the innermost loop it is.
    pub(super) fn counts_turns(&self) -> bool {
        let written = self.argument();
        ["@number", "@index", "@first", "@last"].iter().any(|name| written.contains(name))
    }

    /// Returns the tag that prints the value; a constant is printed as text.
    pub(super) fn tag(&self) -> Translated<String> {
        let tag = match self {
            TargetExpr::Path(path) => format!("{{{{{path}}}}}"),
            TargetExpr::Call(call) => format!("{{{{{call}}}}}"),
            TargetExpr::Constant { printed, .. } if printed.contains("{{") => {
                return Err(Refusal::of_value(msg!("docxtpl.text")));
            }
            TargetExpr::Constant { printed, .. } => printed.clone(),
        };
        limited(tag)
    }
}

/// Returns a tag that is not longer than ours may be.
pub(super) fn limited(tag: String) -> Translated<String> {
    if tag.len() > MAX_TAG_LENGTH {
        return Err(Refusal::of_value(msg!("docxtpl.too-long", limit = MAX_TAG_LENGTH)));
    }
    Ok(tag)
}

/// Checks whether a name can stand alone in a tag: it is no helper and no word of the language.
pub(super) fn is_free_name(name: &str) -> bool {
    let words = ["this", "else", "true", "false", "null", "undefined", "as", "log", "raw"];
    find_builtin(name).is_none() && !words.contains(&name) && !name.starts_with("page-")
}

/// Returns a segment of a path.
pub(super) fn segment(name: &str) -> Option<String> {
    let is_plain = name != "this" && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_plain = is_plain && name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    if is_plain {
        return Some(name.to_owned());
    }
    let can_be_bracketed = !name.is_empty() && !name.contains(['[', ']', '{', '}']);
    (can_be_bracketed && !name.contains(char::is_control)).then(|| format!("[{name}]"))
}
