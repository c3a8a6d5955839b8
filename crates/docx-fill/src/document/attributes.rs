//! Owns reading attributes: identifiers, measures, and texts with tags.
//! Must not know elements beyond their names.

use crate::document::part_model::{
    GridColumn, Paragraph, ParagraphLocation, TextPiece, UniqueIdSite,
};
use crate::document::part_parser::PartParser;
use crate::document::shared_ids::{IdKind, id_kind, may_hold_id};
use crate::opc::xml::{attribute_ranges, has_written_brace};
use crate::slice::TextSlice as _;
use crate::word::measure::parse_twips;
use crate::word::table::{parse_grid_span, parse_skipped_columns};
use crate::word::table_layout::round_twips;
use std::ops::Range;

impl PartParser<'_> {
    pub(crate) fn read_attributes(&mut self, name: &str, tag: &Range<usize>) {
        // Without a blank there is none: `<`, the name and `>`, or `/>`.
        if tag.len() <= name.len() + 3 {
            return;
        }
        let source = self.source.slice(tag.clone());
        let written = self.has_written_braces && has_written_brace(source);
        let is_relationship = name == "Relationship" || name.ends_with(":Relationship");
        // Searching for one byte is faster than for two, and few tags have any.
        let tagged = memchr::memchr(b'{', source.as_bytes()).is_some() && source.contains("{{")
            || written
            || is_relationship && source.contains("%7");
        let known = matches!(
            name,
            "w:p"
                | "w:tr"
                | "wp:docPr"
                | "w:pgSz"
                | "w:pgMar"
                | "w:cols"
                | "w:col"
                | "w:tcW"
                | "w:gridSpan"
                | "w:gridBefore"
                | "w:gridCol"
                | "w:numId"
                | "wp:extent"
                | "v:shape"
                | "w:bookmarkStart"
                | "w:bookmarkEnd"
        ) || may_hold_id(name)
            || is_relationship;
        if !known && !tagged {
            return;
        }
        for (key, value) in attribute_ranges(self.source, tag) {
            let text = self.source.slice(value.clone());
            self.read_attribute(name, key, &value, tag);
            let text_is_tagged = text.contains("{{") || written && has_written_brace(text);
            if self.current_context().is_deleted {
                continue;
            }
            // Attached relationships stand in parts of any kind.
            let target = is_relationship && key == "Target";
            if text_is_tagged || tagged && target {
                self.read_attribute_text(&value, target);
                let described = matches!(
                    (name, key),
                    ("wp:docPr", "descr" | "title") | ("v:shape", "alt" | "title")
                );
                let paragraph = self.model.paragraphs.len() - 1;
                if described && let Some(picture) = self.current_picture() {
                    picture.descriptions.push(paragraph);
                }
            }
        }
    }

    /// Records the identifier of a content control, in the element that holds it.
    pub(crate) fn record_control_id(&mut self, tag: &Range<usize>) {
        let all = attribute_ranges(self.source, tag);
        if let Some((_, value)) = all.into_iter().find(|(key, _)| *key == "w:val") {
            self.record_id(value, IdKind::Control);
        }
    }

    pub(crate) fn record_id(&mut self, range: Range<usize>, kind: IdKind) {
        self.model.ids.push(UniqueIdSite { range, kind });
    }

    fn read_attribute(&mut self, name: &str, key: &str, value: &Range<usize>, tag: &Range<usize>) {
        let text = self.source.slice(value.clone());
        if self.current_context().in_former_properties
            && !matches!(key, "w14:paraId" | "w14:textId")
        {
            return;
        }
        let number = || parse_twips(text).map_or(0, round_twips);
        match (name, key) {
            (_, "w14:paraId" | "w14:textId") => self.record_optional_id(key, value, tag),
            ("w:pgSz", "w:w") => self.page.width = number(),
            ("w:pgMar", "w:left" | "w:right" | "w:gutter") => {
                self.page.margins = self.page.margins.saturating_add(number());
            }
            ("w:cols", "w:num") => self.page.columns = text.parse().unwrap_or(1),
            ("w:cols", "w:space") => self.page.column_space = Some(number()),
            ("w:col", "w:w") => {
                let narrowest = self.page.narrowest_column.get_or_insert(u32::MAX);
                *narrowest = number().min(*narrowest);
            }
            ("wp:extent", "cx" | "cy") => {
                let side = text.parse().unwrap_or(0);
                match self.current_picture() {
                    Some(picture) if key == "cx" => picture.size.0 = side,
                    Some(picture) => picture.size.1 = side,
                    None => {}
                }
            }
            ("v:shape", "style") => {
                let size = vml_size(text);
                if let Some(picture) = self.current_picture() {
                    picture.size = size;
                }
            }
            ("w:numId", "w:val") => {
                if let Some(&at) = self.open_paragraphs.last() {
                    self.model.paragraphs[at].list_id = Some(value.clone());
                    self.record_id(value.clone(), IdKind::List);
                }
            }
            _ => match id_kind(name, key) {
                Some(IdKind::Optional) => self.record_optional_id(key, value, tag),
                Some(kind) => {
                    // What names a bookmark or shape of the part begins with a mark.
                    let mark = usize::from(text.starts_with('#'));
                    if mark == 0 && matches!(key, "Target" | "href") {
                        return;
                    }
                    self.record_id(value.start + mark..value.end, kind);
                }
                None => self.read_table_attribute(name, key, value, tag),
            },
        }
    }

    /// Records an identifier that may be omitted, with the name of its attribute and the blank before it.
    fn record_optional_id(&mut self, key: &str, value: &Range<usize>, tag: &Range<usize>) {
        let before = self.source.slice(tag.start..value.start);
        let start = before.rfind(key).map_or(before.len(), |at| at.saturating_sub(1));
        self.record_id(tag.start + start..value.end + 1, IdKind::Optional);
    }

    /// Reads an attribute of a table's grid or of a cell's properties.
    fn read_table_attribute(
        &mut self,
        name: &str,
        key: &str,
        value: &Range<usize>,
        tag: &Range<usize>,
    ) {
        let text = self.source.slice(value.clone());
        match (name, key) {
            ("w:gridSpan", "w:val") => {
                let columns = parse_grid_span(Some(text));
                if let Some(cell) = self.current_context().container {
                    self.model.containers[cell].grid_span = columns;
                    self.model.containers[cell].span_site = Some(value.clone());
                }
            }
            ("w:gridBefore", "w:val") => {
                if let Some(row) = self.stack.last().and_then(|open| open.row) {
                    self.model.rows[row].grid_before = parse_skipped_columns(Some(text));
                }
            }
            ("w:gridCol", "w:w") => {
                if let Some(table) = self.stack.last().and_then(|open| open.table) {
                    let range = tag.clone();
                    let (width, twips) = (value.clone(), parse_twips(text).map_or(0, round_twips));
                    self.model.grid_columns.push(GridColumn { table, range, width, twips });
                }
            }
            ("w:tcW", "w:w") => {
                let width = parse_twips(text).map_or(0, round_twips);
                // Shares of the table are no measure (17.18.90).
                let tag = self.source.slice(tag.clone());
                let is_share = ["pct", "auto", "nil"].iter().any(|kind| tag.contains(kind));
                if let Some(cell) = self.current_context().container {
                    let cell = &mut self.model.containers[cell];
                    cell.width_site = Some(value.clone());
                    cell.width = Some(width).filter(|&width| width > 300 && !is_share);
                }
            }
            _ => {}
        }
    }

    /// Adds the text of an attribute as a paragraph that cannot be removed.
    fn read_attribute_text(&mut self, value: &Range<usize>, percent: bool) {
        let mut paragraph =
            Paragraph { range: value.clone(), not_removable: true, ..Paragraph::default() };
        paragraph.location = match self.open_paragraphs.last() {
            Some(&at) => self.model.paragraphs[at].location.clone(),
            None => ParagraphLocation::default(),
        };
        let mut at = value.start;
        while at < value.end {
            let (text, end) = decode_char(self.source.slice(at..value.end), percent);
            let from = paragraph.text.len();
            paragraph.text.push(text);
            let piece = from..paragraph.text.len();
            let atom = end != text.len_utf8();
            paragraph.pieces.push(TextPiece {
                text: piece,
                source: at..at + end,
                element: None,
                indivisible: atom,
            });
            at += end;
        }
        self.model.paragraphs.push(paragraph);
    }
}

/// Decodes the first character of a raw attribute value. Returns it with its length in bytes.
fn decode_char(raw: &str, percent: bool) -> (char, usize) {
    if let Some(rest) = raw.strip_prefix('&')
        && let Some((name, _)) = rest.split_once(';')
        && let Ok(text) = quick_xml::escape::unescape(raw.slice(..name.len() + 2))
        && let Some(c) = text.chars().next()
    {
        return (c, name.len() + 2);
    }
    if percent
        && raw.starts_with('%')
        && let Some(found) = decode_percent_char(raw.as_bytes())
    {
        return found;
    }
    let c = raw.chars().next().unwrap_or(' ');
    (c, c.len_utf8())
}

/// Decodes one UTF-8 character written like `%E6%9C%BA`.
fn decode_percent_char(raw: &[u8]) -> Option<(char, usize)> {
    let mut bytes = Vec::new();
    for chunk in raw.chunks(3).take(4) {
        let [b'%', high, low] = chunk else { break };
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let byte = digit(*high)? * 16 + digit(*low)?;
        bytes.push(u8::try_from(byte).ok()?);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return Some((text.chars().next()?, bytes.len() * 3));
        }
    }
    None
}

/// Parses width and height from a VML style, in EMU; 0 if the unit is not points.
fn vml_size(style: &str) -> (u64, u64) {
    let side = |name: &str| {
        let found = style.split(';').find_map(|part| part.trim().strip_prefix(name));
        let points = found.and_then(|value| value.strip_suffix("pt")?.trim().parse().ok());
        u64::from(points.map_or(0, |points: f64| round_twips(points * 20.0))) * 635
    };
    (side("width:"), side("height:"))
}
