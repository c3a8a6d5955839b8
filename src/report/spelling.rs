//! Owns figures that are spelled in another way than as plain digits and can mean only one number:
//! full-width digits, thousands separators, the cell's own unit, a change in words.
//! Must not know files, nor report anything.

use crate::data::to_half_width;
use crate::figure::parse_decimal;
use crate::form::{FigureKind, FormTable};

/// Words for a change in a column of changes, with its sign.
const CHANGES: [(&str, &str); 7] =
    [("减少", "-"), ("增加", ""), ("减", "-"), ("增", ""), ("负", "-"), ("−", "-"), ("－", "-")];

/// Returns the plain digits of a figure that is spelled in another way; `None` if they are plain
/// already, or if its meaning is in doubt.
pub(crate) fn plain_digits(text: &str, table: &FormTable, cell: usize) -> Option<String> {
    let (kind, unit) = (table.kind_of(cell), table.unit_of(cell));
    if kind == FigureKind::Text {
        return None;
    }
    let given: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // 1、203 may be two numbers, and 3。 may end a sentence.
    if given.contains(['、', '。']) {
        return None;
    }
    let mut plain: String = given.chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    if !unit.is_empty()
        && let Some(number) = plain.strip_suffix(unit)
    {
        plain = number.to_owned();
    }
    if kind == FigureKind::Signed {
        let change =
            CHANGES.iter().find_map(|(word, sign)| Some((plain.strip_prefix(word)?, sign)));
        if let Some((number, sign)) = change {
            plain = format!("{sign}{number}");
        }
    }
    let plain = without_separators(&plain)?;
    let number = parse_decimal(&plain).ok()?;
    // Leading zeros, a plus sign or a lone stroke leave a doubt.
    (number.to_string() == plain && plain != given).then_some(plain)
}

/// Returns a number without the separators of its thousands; `None` if they stand elsewhere.
fn without_separators(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let mut groups = digits.split(',');
    let first = groups.next()?;
    let mut grouped = false;
    for group in groups {
        grouped = true;
        if group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    if grouped && !(1..=3).contains(&first.len()) {
        return None;
    }
    let whole = whole.replace(',', "");
    Some(fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormRegistry;

    fn plain(edition: &str, column: &str, text: &str) -> Option<String> {
        let library = FormRegistry::built_in();
        let form = library.by_edition(edition).expect("a form");
        let table = form.tables.first().expect("a table");
        let column = table.find_column(column).expect("a column");
        let cell = table.cells.iter().position(|cell| cell.column == column).expect("a cell");
        plain_digits(text, table, cell)
    }

    #[test]
    fn only_what_leaves_no_doubt_is_read() {
        for (text, expected) in [
            ("2件", Some("2")),
            ("１２", Some("12")),
            ("1,203", Some("1203")),
            ("12,345,678件", Some("12345678")),
            ("12", None),
            ("1,20", None),
            ("1、203", None),
            ("１，２０３", Some("1203")),
            ("1203,456", None),
            ("2万件", None),
            ("2项", None),
            ("减3", None),
            ("007", None),
            ("约2", None),
            ("—", None),
            ("无", None),
            ("", None),
        ] {
            assert_eq!(plain("2021", "issued", text).as_deref(), expected, "{text}");
        }
        assert_eq!(plain("2021", "amount", "1,203.50万元").as_deref(), Some("1203.50"));
        assert_eq!(plain("2021", "amount", "3元"), None);
        for (text, expected) in
            [("减3", "-3"), ("增加2项", "2"), ("－4", "-4"), ("减少1,000", "-1000")]
        {
            assert_eq!(plain("2019", "change", text).as_deref(), Some(expected), "{text}");
        }
    }
}
