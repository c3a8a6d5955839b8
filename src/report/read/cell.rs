//! Owns reading one cell: which value the kind of its column allows, and what is wrong otherwise.
//! Must not know which cell it is.

use super::super::Figure;
use crate::data::{Node, Value, plain_form};
use crate::figure::{Decimal, NotDecimal};
use crate::form::Kind;
use crate::text;
use docx_fill::diag::Text;

/// What is wrong with a cell's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not a number at all.
    NoNumber { found: String, kind: Text },
    /// Below zero.
    Negative(String),
    /// Not whole.
    Fraction(String),
    /// More digits than any report needs.
    TooLong(String),
    /// Full-width digits; the plain number beside them.
    FullWidth { found: String, plain: String },
    /// A number in quotes.
    Quoted(String),
    /// Needless zeros before a number: octal for some programs, decimal for others.
    LeadingZero { found: String, plain: String },
}

/// The figure that a value stands for.
pub(super) fn figure(node: &Node, kind: Kind) -> Result<Figure, Fault> {
    match &node.value {
        Value::Number(digits) => number(digits, kind, node),
        Value::Text(text) if text.is_empty() => Ok(Figure::Blank),
        Value::Text(text) if text == "/" => Ok(Figure::Slash),
        Value::Text(text) if kind == Kind::Text => Ok(Figure::Words(text.clone())),
        Value::Text(text) => Err(words(text, node)),
        _ => Err(Fault::NoNumber { found: String::new(), kind: node.kind() }),
    }
}

fn number(digits: &str, kind: Kind, node: &Node) -> Result<Figure, Fault> {
    let found = || digits.to_owned();
    let number = Decimal::parse(digits).map_err(|reason| match reason {
        NotDecimal::Shape => Fault::NoNumber { found: found(), kind: node.kind() },
        NotDecimal::TooLong => Fault::TooLong(found()),
    })?;
    let whole = matches!(kind, Kind::Count | Kind::Signed);
    if number.is_negative() && kind != Kind::Signed {
        Err(Fault::Negative(found()))
    } else if whole && !number.is_whole() {
        Err(Fault::Fraction(found()))
    } else {
        Ok(Figure::Number(number))
    }
}

fn words(text: &str, node: &Node) -> Fault {
    let plain: String = text.trim().chars().map(|c| plain_form(c).unwrap_or(c)).collect();
    let number = Decimal::parse(&plain);
    let zero = plain.len() > 1 && plain.starts_with('0');
    if let Some(number) = number.ok().filter(|number| zero && number.to_string() != plain) {
        return Fault::LeadingZero { found: text.to_owned(), plain: number.to_string() };
    }
    match (number.is_ok(), plain == text.trim()) {
        (true, true) => Fault::Quoted(plain),
        (true, false) => Fault::FullWidth { found: text.to_owned(), plain },
        _ => Fault::NoNumber { found: text.to_owned(), kind: node.kind() },
    }
}

impl Fault {
    /// The message and what to do; `row` and `column` are the official words.
    pub(super) fn words(&self, row: &str, column: &str, kind: Kind) -> (Text, Option<Text>) {
        let expected = match kind {
            Kind::Count => text!("cell.count"),
            Kind::Money => text!("cell.money"),
            Kind::Signed => text!("cell.signed"),
            Kind::Text => text!("cell.text"),
        };
        let (reason, hint) = match self {
            Fault::NoNumber { found, kind } if found.is_empty() => {
                (text!("cell.wrong-kind", kind = kind.clone()), None)
            }
            Fault::NoNumber { found, .. } => (text!("cell.no-number", found = found), None),
            Fault::Negative(found) => (text!("cell.negative", found = found), None),
            Fault::Fraction(found) => (text!("cell.fraction", found = found), None),
            Fault::TooLong(found) => {
                let short: String = found.chars().take(12).collect();
                (text!("cell.too-long", found = format!("{short}…")), None)
            }
            Fault::FullWidth { found, plain } => (
                text!("cell.full-width", found = found),
                Some(text!("cell.write-plain", plain = plain)),
            ),
            Fault::LeadingZero { found, plain } => (
                text!("cell.leading-zero", found = found),
                Some(text!("cell.write-plain", plain = plain)),
            ),
            Fault::Quoted(plain) => {
                (text!("cell.quoted", found = plain), Some(text!("cell.unquote", plain = plain)))
            }
        };
        let message =
            text!("cell.fault", row = row, column = column, reason = reason, expected = expected);
        (message, hint)
    }
}
