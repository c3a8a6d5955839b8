//! Owns describing the location of a finding in words.
//! Must not know the finding.

use super::{Lang, Location, Message, SourcePlace, Sources, WordLocation, msg, show_hidden};

pub(crate) fn describe_with_file(place: &Location, sources: &Sources, lang: Lang) -> String {
    let Some(source) = place.source() else { return String::new() };
    let name = show_hidden(sources.name(source));
    match (place, describe_location(place, sources, lang)) {
        (_, None) => name.into_owned(),
        (Location::At(_, SourcePlace::Text(_)), Some(at)) => format!("{name}:{at}"),
        (_, Some(at)) => format!("{name}: {at}"),
    }
}

/// Describes a place within its file: `5:12`, `表三!D7`, or the location in a Word document.
pub fn describe_location(place: &Location, sources: &Sources, lang: Lang) -> Option<String> {
    match place {
        Location::Nowhere | Location::File(_) | Location::At(_, SourcePlace::Generated(_)) => None,
        Location::At(source, SourcePlace::Text(bytes)) => {
            let (line, column) = sources.line_column(*source, bytes.start)?;
            Some(format!("{line}:{column}"))
        }
        Location::At(source, SourcePlace::Cell(cell)) => {
            let (sheet, cell) = sources.sheet_cell(*source, *cell)?;
            Some(format!("{}!{cell}", show_hidden(sheet)))
        }
        Location::At(source, SourcePlace::Words(words)) => {
            let spot = sources.word_anchor(*source, *words)?;
            let at = describe_word_location(&spot.location);
            Some(msg!("place.spot", name = &spot.name, at = at).in_lang(lang))
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
