//! Owns what messages show of a text that is no longer kept: lines and columns of places, and the words around some.
//! Must not know which places a message needs.

use super::Span;
use crate::slice::TextSlice as _;

/// Bytes of a place that an excerpt may show, and bytes of its line before and after that.
const SHOWN_BYTES: usize = 2_000;
const SHOWN_AROUND: usize = 600;

/// Lines and columns of places of a text, and some of its lines.
#[derive(Debug, Default)]
pub(super) struct SourceExcerpts {
    /// Offsets at which lines begin.
    starts: Box<[u32]>,
    /// Columns of places before which characters of several bytes stand in the line, by offset; elsewhere the column
    /// follows from the offset.
    columns: Box<[(u32, u32)]>,
    /// Pieces of lines that are shown, with the offsets at which they begin.
    pieces: Box<[(u32, Box<str>)]>,
}

impl SourceExcerpts {
    /// Takes from a text the lines and columns of places, and what excerpts show of others.
    pub(super) fn new(text: &str, places: &[Span], shown: &[Span]) -> SourceExcerpts {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let line_of = |at: usize| starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start_of = |line: usize| starts.get(line).copied().unwrap_or(text.len());
        let mut columns = Vec::new();
        for offset in places.iter().chain(shown).flat_map(|place| [place.start, place.end]) {
            let at = text.floor_char_boundary(offset);
            let start = start_of(line_of(at));
            let count = text.slice(start..at).chars().count();
            if start + count != offset {
                columns.push((small(offset), small(count + 1)));
            }
        }
        columns.sort_unstable();
        columns.dedup();
        let window = |place: &Span| {
            let start = text.floor_char_boundary(place.start);
            let line = line_of(start);
            let from = start.saturating_sub(SHOWN_AROUND).max(start_of(line));
            let to = place.end.clamp(start, start.saturating_add(SHOWN_BYTES));
            let to = to.saturating_add(SHOWN_AROUND).min(start_of(line + 1));
            (text.floor_char_boundary(from), text.ceil_char_boundary(to))
        };
        let mut windows: Vec<(usize, usize)> = shown.iter().map(window).collect();
        windows.sort_unstable();
        windows.dedup_by(|next, last| {
            let joined = next.0 <= last.1;
            last.1 = if joined { last.1.max(next.1) } else { last.1 };
            joined
        });
        let piece = |(from, to): (usize, usize)| (small(from), text.slice(from..to).into());
        SourceExcerpts {
            starts: starts.into_iter().map(small).collect(),
            columns: columns.into(),
            pieces: windows.into_iter().map(piece).collect(),
        }
    }

    /// Returns line and column of an offset, both from 1.
    pub(super) fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = small(offset);
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let known = self.columns.binary_search_by_key(&offset, |place| place.0);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = known.ok().and_then(|at| Some(self.columns.get(at)?.1));
        (line, large(column.unwrap_or(offset - start + 1)))
    }

    /// Returns what is kept around an offset of its line, and the offset at which that begins.
    pub(super) fn text_around(&self, offset: usize) -> Option<(&str, usize)> {
        let after = self.pieces.partition_point(|piece| large(piece.0) <= offset);
        let (start, piece) = self.pieces.get(after.checked_sub(1)?)?;
        let start = large(*start);
        (offset <= start + piece.len()).then_some((&**piece, start))
    }
}

/// Texts of more than four gigabytes are not read.
fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn large(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{
        Diagnostic, DiagnosticFormat, Lang, Location, SourcePlace, Sources, Span, msg,
        render_diagnostics,
    };

    #[test]
    fn messages_about_kept_places_are_those_of_the_whole_text() {
        let text = "甲 = 1\r\n乙 = [2, 3]\n\n# 丙丁戊\nx = \"\"\"\n多行的\n文字\"\"\"\n";
        let text = &format!("{text}{}。{}\n末行", "很长的一行，".repeat(300), "后面，".repeat(400));
        let starts = (0..=text.len()).filter(|start| *start < 120 || start % 41 == 0);
        for (start, length) in starts.flat_map(|start| [(start, 4), (start, 3_000)]) {
            let span = Span { start, end: (start + length).min(text.len()) };
            let mut sources = Sources::default();
            let source = sources.add_text("a.toml", text.as_str());
            let place = SourcePlace::Text(span);
            let found = Diagnostic::error("x", Location::At(source, place), msg!("template.empty"));
            let said = |sources: &Sources| {
                let formats =
                    [DiagnosticFormat::Human, DiagnosticFormat::Json, DiagnosticFormat::Sarif];
                let found = std::slice::from_ref(&found);
                formats.map(|format| render_diagnostics(found, sources, format, Lang::Zh))
            };
            let whole = said(&sources);
            sources.keep_places(source, &[place], &[place]);
            assert_eq!(sources.text(source), None);
            assert_eq!(said(&sources), whole, "{start}");
        }
    }

    #[test]
    fn a_line_that_is_not_kept_is_not_shown() {
        let mut sources = Sources::default();
        let source = sources.add_text("a.toml", "甲 = 1\n乙 = 2\n");
        let place = SourcePlace::Text(Span { start: 14, end: 15 });
        sources.keep_places(source, &[place], &[]);
        let found = Diagnostic::error("x", Location::At(source, place), msg!("template.empty"));
        let said = render_diagnostics(&[found], &sources, DiagnosticFormat::Human, Lang::Zh);
        assert!(said.contains("a.toml:2:5") && !said.contains('乙'), "{said}");
    }
}
