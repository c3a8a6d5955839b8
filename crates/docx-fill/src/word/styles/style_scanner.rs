//! Owns finding the styles in a styles part, in one pass: what each is called, and the byte ranges of its properties.
//! Must not know how styles act on each other.

use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, attribute_value};
use crate::word::styles::conditional_formatting::TableRegion;
use crate::word::styles::style_model::{PropertyRanges, Style, StyleKind};
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// The styles found so far.
#[derive(Debug)]
pub(super) struct StyleScanner {
    pub(super) styles: Vec<Style>,
    pub(super) document_defaults: Style,
    /// Style that is open.
    open: Option<Style>,
    /// Number of open elements.
    depth: usize,
    /// Region of a table style that is open.
    region: Option<TableRegion>,
    /// Start of the element that may have properties: a child of a style or of a region, or a grandchild of the
    /// defaults.
    start: usize,
}

impl Default for StyleScanner {
    fn default() -> StyleScanner {
        let document_defaults = empty_style(0);
        StyleScanner {
            styles: Vec::new(),
            document_defaults,
            open: None,
            depth: 0,
            region: None,
            start: 0,
        }
    }
}

/// Depth of a style in its part, whose root is at 1.
const STYLE_DEPTH: usize = 2;
/// Depth of the properties of a style.
const PROPERTIES_DEPTH: usize = 3;
/// Depth of the properties in the document defaults, and of those that a style gives to a region.
const INNER_DEPTH: usize = 4;

impl StyleScanner {
    pub(super) fn scan(text: &str, part: &str) -> Result<StyleScanner, OpcError> {
        let mut scanner = StyleScanner::default();
        let mut reader = XmlEventReader::of_checked(text, part);
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => scanner.start_element(&element, &range),
                Event::Empty(element) => {
                    scanner.start_element(&element, &range);
                    scanner.end_element(element.name().as_ref(), &range);
                }
                Event::End(element) => scanner.end_element(element.name().as_ref(), &range),
                _ => {}
            }
        }
        Ok(scanner)
    }

    fn start_element(&mut self, element: &BytesStart<'_>, range: &Range<usize>) {
        self.depth += 1;
        match self.depth {
            STYLE_DEPTH if element.name().as_ref() == "w:style" => {
                self.open = Some(open_style(element, range.start));
            }
            PROPERTIES_DEPTH => {
                self.start = range.start;
                self.region = table_region(element);
                if let Some(style) = &mut self.open {
                    read_style_child(style, element);
                }
            }
            INNER_DEPTH => match &mut self.open {
                Some(style) if self.region.is_none() => read_band_size(style, element),
                _ => self.start = range.start,
            },
            _ => {}
        }
    }

    fn end_element(&mut self, name: &str, range: &Range<usize>) {
        let found = self.start..range.end;
        match (self.depth, &mut self.open) {
            (PROPERTIES_DEPTH, Some(style)) => set_range(&mut style.own, name, found),
            (INNER_DEPTH, Some(style)) => {
                if let Some(region) = self.region {
                    set_range(region_ranges(style, region), name, found);
                }
            }
            (INNER_DEPTH, None) => set_range(&mut self.document_defaults.own, name, found),
            (STYLE_DEPTH, _) => {
                if let Some(mut style) = self.open.take() {
                    style.range.end = range.end;
                    self.styles.push(style);
                }
            }
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
    }
}

fn empty_style(start: usize) -> Style {
    Style {
        id: String::new(),
        kind: StyleKind::Paragraph,
        name: String::new(),
        based_on: None,
        linked: None,
        is_default: false,
        range: start..start,
        own: PropertyRanges::default(),
        row_band: None,
        column_band: None,
        regions: Vec::new(),
    }
}

fn open_style(element: &BytesStart<'_>, start: usize) -> Style {
    let mut style = empty_style(start);
    style.id = attribute_value(element, "w:styleId").unwrap_or_default();
    style.kind = match attribute_value(element, "w:type").as_deref() {
        Some("character") => StyleKind::Character,
        Some("table") => StyleKind::Table,
        Some("numbering") => StyleKind::Numbering,
        _ => StyleKind::Paragraph,
    };
    let default = attribute_value(element, "w:default");
    style.is_default = matches!(default.as_deref(), Some("1" | "true" | "on"));
    style
}

fn read_style_child(style: &mut Style, element: &BytesStart<'_>) {
    let value = || attribute_value(element, "w:val");
    match element.name().as_ref() {
        "w:name" if style.name.is_empty() => style.name = value().unwrap_or_default(),
        "w:basedOn" if style.based_on.is_none() => style.based_on = value(),
        "w:link" if style.linked.is_none() => style.linked = value(),
        _ => {}
    }
}

fn read_band_size(style: &mut Style, element: &BytesStart<'_>) {
    let size = || attribute_value(element, "w:val")?.parse().ok();
    match element.name().as_ref() {
        "w:tblStyleRowBandSize" => style.row_band = style.row_band.or_else(size),
        "w:tblStyleColBandSize" => style.column_band = style.column_band.or_else(size),
        _ => {}
    }
}

/// Returns the region whose properties an element gives, if it is a `w:tblStylePr`.
fn table_region(element: &BytesStart<'_>) -> Option<TableRegion> {
    if element.name().as_ref() != "w:tblStylePr" {
        return None;
    }
    TableRegion::from_type(&attribute_value(element, "w:type")?)
}

fn region_ranges(style: &mut Style, region: TableRegion) -> &mut PropertyRanges {
    let known = style.regions.iter().position(|(own, _)| *own == region);
    let at = known.unwrap_or_else(|| {
        style.regions.push((region, PropertyRanges::default()));
        style.regions.len() - 1
    });
    &mut style.regions[at].1
}

/// Records the range of properties; of several elements of a name the first counts.
fn set_range(ranges: &mut PropertyRanges, name: &str, range: Range<usize>) {
    let own = match name {
        "w:pPr" => &mut ranges.paragraph,
        "w:rPr" => &mut ranges.run,
        "w:tblPr" => &mut ranges.table,
        _ => return,
    };
    own.get_or_insert(range);
}
