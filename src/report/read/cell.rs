//! Owns reading one cell: the value that its column's kind allows, or the fault.
//! Must not know which cell it is.

use super::super::Figure;
use crate::data::{DataNode, DataValue, UNREAD_SIGN, to_half_width};
use crate::figure::{FigureError, parse_decimal};
use crate::form::FigureKind;
use crate::msg;
use docx_fill::diag::Message;

/// A fault of a cell's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CellFault {
    /// The value is not a number.
    NotANumber { found: String, kind: Message },
    /// The number is below zero.
    Negative(String),
    /// The number is not whole.
    Fraction(String),
    /// The number has more digits than a figure may have.
    TooLong(String),
    /// The number has full-width digits; `plain` is the same in ASCII digits.
    FullWidth { found: String, plain: String },
    /// The number is in quotes.
    Quoted(String),
    /// The number has leading zeros, which some programs read as octal; `plain` is the decimal
    /// number.
    LeadingZero { found: String, plain: String },
}

/// Parses the value of a cell as a figure of this kind.
pub(super) fn parse_figure(node: &DataNode, kind: FigureKind) -> Result<Figure, CellFault> {
    match &node.value {
        DataValue::Number(digits) => parse_number(digits, kind, node),
        DataValue::Unread => Ok(Figure::Unknown),
        DataValue::Text(text) if text.is_empty() => Ok(Figure::Blank),
        DataValue::Text(text) if text == "/" => Ok(Figure::NotApplicable),
        DataValue::Text(text) if kind == FigureKind::Text => Ok(Figure::Text(text.clone())),
        DataValue::Text(text) => Err(fault_of_text(text, node)),
        _ => Err(CellFault::NotANumber { found: String::new(), kind: node.kind_name() }),
    }
}

/// Checks whether a cell holds the sign for a figure that an import could not read.
pub(super) fn is_unread_sign(node: &DataNode) -> bool {
    matches!(&node.value, DataValue::Text(text) if [UNREAD_SIGN, "?"].contains(&text.trim()))
}

fn parse_number(digits: &str, kind: FigureKind, node: &DataNode) -> Result<Figure, CellFault> {
    let found = || digits.to_owned();
    let number = parse_decimal(digits).map_err(|reason| match reason {
        FigureError::Malformed => CellFault::NotANumber { found: found(), kind: node.kind_name() },
        FigureError::TooLong => CellFault::TooLong(found()),
    })?;
    let whole = matches!(kind, FigureKind::Count | FigureKind::Signed);
    if number.is_negative() && kind != FigureKind::Signed {
        Err(CellFault::Negative(found()))
    } else if whole && !number.is_whole() {
        Err(CellFault::Fraction(found()))
    } else {
        Ok(Figure::Number(number))
    }
}

fn fault_of_text(text: &str, node: &DataNode) -> CellFault {
    let plain: String = text.trim().chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    let number = parse_decimal(&plain);
    let zero = plain.len() > 1 && plain.starts_with('0');
    if let Some(number) = number.ok().filter(|number| zero && number.to_string() != plain) {
        return CellFault::LeadingZero { found: text.to_owned(), plain: number.to_string() };
    }
    match (number.is_ok(), plain == text.trim()) {
        (true, true) => CellFault::Quoted(plain),
        (true, false) => CellFault::FullWidth { found: text.to_owned(), plain },
        _ => CellFault::NotANumber { found: text.to_owned(), kind: node.kind_name() },
    }
}

impl CellFault {
    /// Returns the words that stand in the place of a figure.
    pub(super) fn words(&self) -> String {
        match self {
            CellFault::NotANumber { found, .. } => found.trim().to_owned(),
            _ => String::new(),
        }
    }

    /// Returns the message and the hint; `row` and `column` are official labels.
    pub(super) fn to_messages(
        &self,
        row: &str,
        column: &str,
        kind: FigureKind,
    ) -> (Message, Option<Message>) {
        let expected = match kind {
            FigureKind::Count => msg!("cell.count"),
            FigureKind::Money => msg!("cell.money"),
            FigureKind::Signed => msg!("cell.signed"),
            FigureKind::Text => msg!("cell.text"),
        };
        let (reason, hint) = match self {
            CellFault::NotANumber { found, kind } if found.is_empty() => {
                (msg!("cell.wrong-kind", kind = kind.clone()), None)
            }
            CellFault::NotANumber { found, .. } => {
                (msg!("cell.no-number", found = found), Some(msg!("cell.only-number")))
            }
            CellFault::Negative(found) => (msg!("cell.negative", found = found), None),
            CellFault::Fraction(found) => (msg!("cell.fraction", found = found), None),
            CellFault::TooLong(found) => {
                let short: String = found.chars().take(12).collect();
                (msg!("cell.too-long", found = format!("{short}…")), None)
            }
            CellFault::FullWidth { found, plain } => (
                msg!("cell.full-width", found = found),
                Some(msg!("cell.write-plain", plain = plain)),
            ),
            CellFault::LeadingZero { found, plain } => (
                msg!("cell.leading-zero", found = found),
                Some(msg!("cell.write-plain", plain = plain)),
            ),
            CellFault::Quoted(plain) => {
                (msg!("cell.quoted", found = plain), Some(msg!("cell.unquote", plain = plain)))
            }
        };
        let message =
            msg!("cell.fault", row = row, column = column, reason = reason, expected = expected);
        (message, hint)
    }
}
