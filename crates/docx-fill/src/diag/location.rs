//! Owns where a finding is, in words.
//! Must not know what was found.

use super::{Lang, Place, Sources, Text, WordPlace, text, visible};

pub(crate) fn place_words(place: &Place, sources: &Sources, lang: Lang) -> String {
    let Some(source) = place.source() else { return String::new() };
    let name = visible(sources.name(source));
    match (place, within(place, sources, lang)) {
        (_, None) => name.into_owned(),
        (Place::Text(_, span), Some(at))
            if sources.text(source).is_some() && sources.word_spot(source, *span).is_none() =>
        {
            format!("{name}:{at}")
        }
        (_, Some(at)) => format!("{name}: {at}"),
    }
}

/// Where within its file a place is: `5:12`, `表三!D7`, or the way through a Word document.
pub fn within(place: &Place, sources: &Sources, lang: Lang) -> Option<String> {
    match place {
        Place::Nowhere | Place::File(_) => None,
        Place::Text(source, span) => {
            if let Some(spot) = sources.word_spot(*source, *span) {
                let at = word_words(&spot.place);
                return Some(text!("place.spot", name = &spot.name, at = at).in_lang(lang));
            }
            match (sources.line_column(*source, span.start), sources.sheet_cell(*source, *span)) {
                (Some((line, column)), _) => Some(format!("{line}:{column}")),
                (None, Some((sheet, cell))) => Some(format!("{}!{cell}", visible(sheet))),
                (None, None) => None,
            }
        }
        Place::Word(_, word) => Some(word_words(word).in_lang(lang)),
    }
}

/// The Word place in words: part, table, row, cell, paragraph and the words around it.
fn word_words(place: &WordPlace) -> Text {
    let mut steps: Vec<Text> = vec![part_words(&place.part)];
    for (table, row, cell) in &place.cells {
        steps.push(text!("place.cell", table = *table, row = *row, cell = *cell));
    }
    if place.paragraph > 0 {
        steps.push(text!("place.paragraph", number = place.paragraph));
    }
    if !place.excerpt.is_empty() {
        steps.push(text!("place.excerpt", excerpt = &place.excerpt));
    }
    text!("place.word", steps = steps)
}

fn part_words(part: &str) -> Text {
    let name = part.rsplit('/').next().unwrap_or(part);
    let stem: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    match stem.as_str() {
        "document" if part.contains("/glossary/") => text!("place.glossary"),
        "document" => text!("place.body"),
        "header" => text!("place.header", part = name),
        "footer" => text!("place.footer", part = name),
        "footnotes" => text!("place.footnotes"),
        "endnotes" => text!("place.endnotes"),
        "comments" => text!("place.comments"),
        "core" | "app" | "custom" => text!("place.properties", part = name),
        _ => text!("place.part", part = part),
    }
}
