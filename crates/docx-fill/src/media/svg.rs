//! Owns recognizing SVG files and reading their size.
//! Must not know where they are shown.

use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;

/// Returns the natural size in EMU: `None` if the file is not an SVG, `Some(None)` if it specifies no size.
#[expect(clippy::option_option, reason = "no SVG and an SVG without a size differ")]
pub(crate) fn svg_size(bytes: &[u8]) -> Option<Option<(u64, u64)>> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
    let at = text.find("<svg")?;
    // Only a declaration, comments and a document type may precede the root element.
    if !text.starts_with("<svg")
        && !["<?xml", "<!--", "<!DOCTYPE"].iter().any(|start| text.starts_with(start))
    {
        return None;
    }
    let root = at..at + text.slice(at..).find('>')? + 1;
    let attributes = attribute_ranges(text, &root);
    let get = |name: &str| {
        let found = attributes.iter().find(|(key, _)| *key == name)?;
        Some(text.slice(found.1.clone()))
    };
    let named =
        get("width").and_then(parse_svg_length).zip(get("height").and_then(parse_svg_length));
    Some(named.or_else(|| {
        let sides: Vec<f64> = get("viewBox")?
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .filter_map(|part| part.parse().ok())
            .collect();
        let [_, _, width, height] = sides[..] else { return None };
        to_emu(width, 9525.0).zip(to_emu(height, 9525.0))
    }))
}

fn parse_svg_length(written: &str) -> Option<u64> {
    let written = written.trim();
    let digits = written.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(written.len());
    let unit = match written.slice(digits..) {
        "" | "px" => 9525.0,
        "pt" => 12_700.0,
        "mm" => 36_000.0,
        "cm" => 360_000.0,
        "in" => 914_400.0,
        _ => return None,
    };
    to_emu(written.slice(..digits).parse().ok()?, unit)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn to_emu(number: f64, unit: f64) -> Option<u64> {
    let length = number * unit;
    (1.0..1e12).contains(&length).then(|| length.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_the_root() {
        let read = |text: &str| svg_size(text.as_bytes());
        let square = Some(Some((952_500, 952_500)));
        assert_eq!(read("<svg width=\"100\" height=\"100px\"/>"), square);
        assert_eq!(read("<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 100 100\"></svg>"), square);
        assert_eq!(read("<svg width=\"100%\"/>"), Some(None));
        assert_eq!(read("<html><svg/></html>"), None);
        assert_eq!(read("GIF89a"), None);
    }
}
