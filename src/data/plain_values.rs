//! Owns data without places: trees and cells as the JSON values that templates of any kind get.
//! Must not know where the data comes from, nor what it means.

use super::workbook::{CellContent, SheetCell};
use super::{DataNode, DataValue, UNREAD_SIGN};
use serde_json::Value;

/// Returns a tree as JSON values. A number that JSON cannot hold stays text.
pub fn plain_value(node: &DataNode) -> Value {
    match &node.value {
        DataValue::Null => Value::Null,
        DataValue::Bool(value) => (*value).into(),
        DataValue::Number(digits) => number_value(digits),
        DataValue::Text(text) | DataValue::Date(text) => text.as_str().into(),
        DataValue::Unread => UNREAD_SIGN.into(),
        DataValue::List(items) => items.iter().map(plain_value).collect(),
        DataValue::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), plain_value(&entry.node))).collect()
        }
    }
}

/// Returns what a cell shows. Cells of a text have no types: digits in the usual notation are a number.
pub(super) fn cell_value(cell: &SheetCell, is_text: bool) -> Value {
    let shown = cell.shown_text();
    match &cell.content {
        CellContent::Empty => Value::String(String::new()),
        CellContent::Bool(value) => (*value).into(),
        CellContent::Number(_) if is_usual_number(shown) => number_value(shown),
        CellContent::Text(_) if is_text && is_usual_number(shown) => number_value(shown),
        _ => shown.into(),
    }
}

/// Checks whether a text is a number as people write it: no sign but `-`, no leading zeros, no exponent.
fn is_usual_number(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

pub(super) fn number_value(digits: &str) -> Value {
    json_number(digits).unwrap_or_else(|| digits.into())
}

/// A number as JSON values hold it, unless digits would be lost there: those of a long number, the last zeros of 1.50,
/// or all of 1e-999.
fn json_number(digits: &str) -> Option<Value> {
    if !matches!(digits.as_bytes(), [b'+', ..] | b"-0")
        && let Ok(whole) = digits.parse::<i64>()
    {
        return Some(whole.into());
    }
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, ""));
    let padded = exponent.is_empty() && mantissa.contains('.') && mantissa.ends_with('0');
    if count > 15 || padded {
        return None;
    }
    let number: Value = serde_json::from_str(digits).ok()?;
    let vanished = number.as_f64() == Some(0.0) && mantissa.contains(|c| matches!(c, '1'..='9'));
    (!vanished).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::SourcePlace;
    use serde_json::json;

    #[test]
    fn cells_are_what_they_show() {
        let value = |content: CellContent, shown: Option<&str>, is_text| {
            let cell = SheetCell::new((0, 0), content, SourcePlace::generated());
            cell_value(&SheetCell { shown: shown.map(str::to_owned), ..cell }, is_text)
        };
        let text = |text: &str| CellContent::Text(text.to_owned());
        let number = |digits: &str| CellContent::Number(digits.to_owned());
        assert_eq!(value(number("3"), None, false), json!(3));
        assert_eq!(value(number("1234.5"), Some("1234.50"), false), json!("1234.50"));
        assert_eq!(value(number("0.155"), Some("15.5%"), false), json!("15.5%"));
        assert_eq!(
            value(number("123456789012345678901"), None, false),
            json!("123456789012345678901")
        );
        assert_eq!(value(text("12"), None, false), json!("12"));
        assert_eq!(value(text("12"), None, true), json!(12));
        for kept in ["007", "+1", "1e5", "1.", ".5", "１", "1,234", "-", ""] {
            assert_eq!(value(text(kept), None, true), json!(kept), "{kept}");
        }
        assert_eq!(value(CellContent::Empty, None, true), json!(""));
    }
}
