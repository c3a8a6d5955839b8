//! Owns describing the location of a finding in words.
//! Must not know the finding.

use super::{Lang, Location, Message, Sources, WordLocation, msg, show_hidden};

pub(crate) fn describe_with_file(place: &Location, sources: &Sources, lang: Lang) -> String {
    let Some(source) = place.source() else { return String::new() };
    let name = show_hidden(sources.name(source));
    match (place, describe_location(place, sources, lang)) {
        (_, None) => name.into_owned(),
        (Location::Span(_, span), Some(at))
            if sources.text(source).is_some() && sources.word_anchor(source, *span).is_none() =>
        {
            format!("{name}:{at}")
        }
        (_, Some(at)) => format!("{name}: {at}"),
    }
}

/// Describes a place within its file: `5:12`, `表三!D7`, or the location in a Word document.
pub fn describe_location(place: &Location, sources: &Sources, lang: Lang) -> Option<String> {
    match place {
        Location::Nowhere | Location::File(_) => None,
        Location::Span(source, span) => {
            if let Some(spot) = sources.word_anchor(*source, *span) {
                let at = describe_word_location(&spot.location);
                return Some(msg!("place.spot", name = &spot.name, at = at).in_lang(lang));
            }
            match (sources.line_column(*source, span.start), sources.sheet_cell(*source, *span)) {
                (Some((line, column)), _) => Some(format!("{line}:{column}")),
                (None, Some((sheet, cell))) => Some(format!("{}!{cell}", show_hidden(sheet))),
                (None, None) => None,
            }
        }
        Location::Word(_, word) => Some(describe_word_location(word).in_lang(lang)),
    }
}

/// Describes a location in Word: part, table, row, cell, paragraph and surrounding text.
fn describe_word_location(place: &WordLocation) -> Message {
    let mut steps: Vec<Message> = vec![describe_part(&place.part)];
    for (table, row, cell) in &place.cells {
        steps.push(msg!("place.cell", table = *table, row = *row, cell = *cell));
    }
    if place.paragraph > 0 {
        steps.push(msg!("place.paragraph", number = place.paragraph));
    }
    if !place.excerpt.is_empty() {
        steps.push(msg!("place.excerpt", excerpt = &place.excerpt));
    }
    msg!("place.word", steps = steps)
}

fn describe_part(part: &str) -> Message {
    let name = part.rsplit('/').next().unwrap_or(part);
    let stem: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    match stem.as_str() {
        "document" if part.contains("/glossary/") => msg!("place.glossary"),
        "document" => msg!("place.body"),
        "header" => msg!("place.header", part = name),
        "footer" => msg!("place.footer", part = name),
        "footnotes" => msg!("place.footnotes"),
        "endnotes" => msg!("place.endnotes"),
        "comments" => msg!("place.comments"),
        "core" | "app" | "custom" => msg!("place.properties", part = name),
        _ => msg!("place.part", part = part),
    }
}
