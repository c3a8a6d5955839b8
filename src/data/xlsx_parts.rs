//! Owns the small parts of a workbook and its notations: relationships, shared strings, styles,
//! cell addresses, serial days.
//! Must not know sheets.

use crate::limits::MAX_SHARED_STRINGS as MOST_STRINGS;
use crate::msg;
use docx_fill::diag::Message;
use docx_fill::slice::TextSlice as _;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

/// A relationship between parts.
pub(super) struct PartRelationship {
    pub(super) id: String,
    /// Last segment of the relationship's type.
    pub(super) kind: String,
    /// Name of the target part within the package.
    pub(super) target: String,
}

/// The content of `workbook.xml`.
pub(super) struct WorkbookPart {
    /// Name and relationship id of each sheet.
    pub(super) sheets: Vec<(String, String)>,
    pub(super) from_1904: bool,
}

pub(super) fn xml_reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    reader
}

pub(super) fn next_event<'x>(reader: &mut Reader<&'x [u8]>) -> Result<Event<'x>, Message> {
    reader.read_event().map_err(|_| msg!("data.xlsx-broken"))
}

/// Returns the value of an attribute, ignoring prefixes.
pub(super) fn attribute_value(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = start.attributes();
    let found = all.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    found
        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

pub(super) fn read_relationships(
    xml: &str,
    folder: &str,
) -> Result<Vec<PartRelationship>, Message> {
    let mut out = Vec::new();
    let mut reader = xml_reader(xml);
    loop {
        match next_event(&mut reader)? {
            Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                let of = |name| attribute_value(&e, name).unwrap_or_default();
                let target = of("Target");
                let target = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None if folder.is_empty() => target,
                    None => format!("{folder}/{target}"),
                };
                let kind = of("Type");
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                out.push(PartRelationship { id: of("Id"), kind, target });
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

pub(super) fn read_workbook_part(xml: &str) -> Result<WorkbookPart, Message> {
    let mut out = WorkbookPart { sheets: Vec::new(), from_1904: false };
    let mut reader = xml_reader(xml);
    loop {
        match next_event(&mut reader)? {
            Event::Start(e) if e.local_name().as_ref() == "workbookPr" => {
                let flag = attribute_value(&e, "date1904").unwrap_or_default();
                out.from_1904 = flag == "1" || flag == "true";
            }
            Event::Start(e) if e.local_name().as_ref() == "sheet" => {
                // `sheetId` has another local name than the relationship's `r:id`.
                let of = |name| attribute_value(&e, name).unwrap_or_default();
                out.sheets.push((of("name"), of("id")));
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

pub(super) fn read_shared_strings(xml: &str) -> Result<Vec<String>, Message> {
    let mut out = Vec::new();
    let mut reader = xml_reader(xml);
    loop {
        match next_event(&mut reader)? {
            Event::Start(e) if e.local_name().as_ref() == "si" => {
                out.push(read_rich_text(&mut reader, "si")?);
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
        if out.len() > MOST_STRINGS {
            return Err(msg!("data.xlsx-cells", limit = MOST_STRINGS));
        }
    }
}

/// Returns the runs of a text up to the end of its element; phonetic readings (`rPh`) are left out.
pub(super) fn read_rich_text(reader: &mut Reader<&[u8]>, end: &str) -> Result<String, Message> {
    let mut out = String::new();
    let mut reading = false;
    loop {
        match next_event(reader)? {
            Event::Start(e) if e.local_name().as_ref() == "rPh" => reading = true,
            Event::End(e) if e.local_name().as_ref() == "rPh" => reading = false,
            Event::Start(e) if e.local_name().as_ref() == "t" => {
                let run = read_text_until(reader, "t")?;
                if !reading {
                    out.push_str(&run);
                }
            }
            Event::End(e) if e.local_name().as_ref() == end => return Ok(unescape_text(&out)),
            Event::Eof => return Err(msg!("data.xlsx-broken")),
            _ => {}
        }
    }
}

/// Returns the characters up to the end of an element.
pub(super) fn read_text_until(reader: &mut Reader<&[u8]>, end: &str) -> Result<String, Message> {
    let mut out = String::new();
    loop {
        match next_event(reader)? {
            Event::Text(text) => out.push_str(&text.xml10_content()),
            Event::CData(text) => out.push_str(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let known = quick_xml::escape::unescape(&format!("&{};", name.as_ref()))
                    .map(std::borrow::Cow::into_owned);
                out.push_str(&known.map_err(|_| msg!("data.xlsx-broken"))?);
            }
            Event::End(e) if e.local_name().as_ref() == end => return Ok(out),
            Event::Eof => return Err(msg!("data.xlsx-broken")),
            _ => {}
        }
    }
}

/// Decodes `_x0001_`, the notation of spreadsheets for characters that XML cannot hold.
fn unescape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code =
            rest.get(at + 2..at + 6).filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let closed = rest.as_bytes().get(at + 6) == Some(&b'_');
        let found = code.filter(|_| closed).and_then(|code| u32::from_str_radix(code, 16).ok());
        let Some(found) = found.and_then(char::from_u32) else {
            out.push_str(rest.slice(..at + 2));
            rest = rest.slice(at + 2..);
            continue;
        };
        out.push_str(rest.slice(..at));
        out.push(found);
        rest = rest.slice(at + 7..);
    }
    out.push_str(rest);
    out
}

/// The relevant content of a number format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// A format that neither shows days nor pads decimals.
    Plain,
    /// A format that shows a day.
    Date,
    /// A format with at least this many decimals.
    Decimals(usize),
}

/// Returns the number format of each cell style.
pub(super) fn read_number_formats(xml: &str) -> Result<Vec<NumberFormat>, Message> {
    let (mut formats, mut out, mut inside) = (BTreeMap::new(), Vec::new(), false);
    let mut reader = xml_reader(xml);
    loop {
        match next_event(&mut reader)? {
            Event::Start(e) if e.local_name().as_ref() == "numFmt" => {
                let id = attribute_value(&e, "numFmtId").unwrap_or_default();
                let code = attribute_value(&e, "formatCode").unwrap_or_default();
                formats.insert(id, parse_format_code(&code));
            }
            Event::Start(e) if e.local_name().as_ref() == "cellXfs" => inside = true,
            Event::End(e) if e.local_name().as_ref() == "cellXfs" => inside = false,
            Event::Start(e) if inside && e.local_name().as_ref() == "xf" => {
                let id = attribute_value(&e, "numFmtId").unwrap_or_default();
                let known = formats.get(&id).copied();
                out.push(known.unwrap_or_else(|| built_in_format(id.parse().unwrap_or_default())));
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
        if out.len().max(formats.len()) > 64_000 {
            return Err(msg!("data.xlsx-broken"));
        }
    }
}

/// Returns a built-in number format, which files refer to by number only, including the date
/// formats of Chinese programs.
fn built_in_format(id: u32) -> NumberFormat {
    match id {
        2 => NumberFormat::Decimals(2),
        14..=17 | 22 | 27..=31 | 36 | 50..=58 => NumberFormat::Date,
        _ => NumberFormat::Plain,
    }
}

fn parse_format_code(code: &str) -> NumberFormat {
    let zeros = code.strip_prefix("0.").filter(|rest| rest.bytes().all(|b| b == b'0'));
    match zeros {
        Some(zeros) if zeros.len() <= 15 => NumberFormat::Decimals(zeros.len()),
        _ if shows_days(code) => NumberFormat::Date,
        _ => NumberFormat::Plain,
    }
}

/// Checks whether a format code has a year or a day outside of quotes and brackets.
fn shows_days(code: &str) -> bool {
    let (mut quoted, mut bracket) = (false, false);
    code.chars().any(|c| {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            _ => {}
        }
        !quoted && !bracket && matches!(c.to_ascii_lowercase(), 'y' | 'd')
    })
}

/// Parses an address: `D7` → line 6, column 3.
pub(super) fn parse_address(name: &str) -> Option<(usize, usize)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let (letters, digits) = name.split_at_offset(letters);
    let digit = |b: u8| usize::from(b.to_ascii_uppercase() - b'A') + 1;
    let column = letters.bytes().fold(0, |sum, b| sum * 26 + digit(b));
    let row: usize = digits.parse().ok().filter(|row| *row > 0)?;
    Some((row - 1, column - 1))
}

/// Parses a range: `A1:C3` → both corners.
pub(super) fn parse_range(name: &str) -> Option<((usize, usize), (usize, usize))> {
    let (from, to) = name.split_once(':')?;
    Some((parse_address(from)?, parse_address(to)?))
}

/// Returns a number in plain digits. Spreadsheets calculate with fifteen digits; digits beyond
/// those are rounding noise.
pub(super) fn plain_digits(value: &str) -> Option<String> {
    let body = value.strip_prefix('-').unwrap_or(value);
    let plain = body.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Whole numbers have no rounding noise.
    let longest = if body.contains('.') { 16 } else { 24 };
    if plain
        && !body.is_empty()
        && body.len() <= longest
        && body.matches('.').count() <= 1
        && !body.ends_with('.')
        && !body.starts_with('.')
        && (body == "0" || !body.starts_with('0') || body.starts_with("0."))
    {
        return Some(value.to_owned());
    }
    let number: f64 = value.parse().ok().filter(|n: &f64| n.is_finite())?;
    let rounded: f64 = format!("{number:.14e}").parse().ok()?;
    Some(rounded.to_string())
}

/// Returns a serial day as `2026-01-20`.
pub(super) fn serial_date(value: &str, from_1904: bool) -> Option<String> {
    let whole: i64 =
        value.split('.').next()?.parse().ok().filter(|n| (1..3_000_000).contains(n))?;
    // Day 0 is 30 December 1899; days are counted from 1 March 0000 for simple arithmetic.
    let days = whole + 693_899 + if from_1904 { 1_462 } else { 0 };
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations() {
        assert_eq!(parse_address("D7"), Some((6, 3)));
        assert_eq!(parse_address("AA1"), Some((0, 26)));
        assert_eq!(parse_address("7"), None);
        assert_eq!(parse_range("A1:C3"), Some(((0, 0), (2, 2))));
        assert_eq!(serial_date("46042", false).as_deref(), Some("2026-01-20"));
        assert_eq!(serial_date("60", false).as_deref(), Some("1900-02-28"));
        assert_eq!(serial_date("44580", true).as_deref(), Some("2026-01-20"));
        for (written, read) in [
            ("12", "12"),
            ("59237.2449", "59237.2449"),
            ("0.30000000000000004", "0.3"),
            ("1E3", "1000"),
            ("007", "7"),
            (".5", "0.5"),
            ("0", "0"),
        ] {
            assert_eq!(plain_digits(written).as_deref(), Some(read));
        }
        assert_eq!(plain_digits("inf"), None);
        assert_eq!(plain_digits("1\n[organ]"), None);
        assert!(shows_days("yyyy\"年\"m\"月\"") && !shows_days("[Red]0.00\"day\""));
        assert_eq!(unescape_text("a_x0041_b_x005F_x0041__xZ"), "aAb_x0041__xZ");
    }
}
