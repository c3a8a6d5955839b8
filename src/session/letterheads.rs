//! Owns letterheads within a session: what a file says of one, and the same filled in for a report.
//! Must not know where letterheads lie.

use super::{Pictures, Session};
use crate::data::{self, Syntax};
use crate::letterhead::{self, Letterhead};
use crate::render::letterhead::check_pictures;
use crate::report::Report;
use docx_fill::diag::{Location, SourceId};
use serde_json::Value;

/// A letterhead as its file describes it.
#[derive(Debug)]
pub struct LetterheadFile {
    /// The file.
    pub source: SourceId,
    /// The letterhead itself.
    pub letterhead: Letterhead,
}

/// A letterhead filled in for a report.
#[derive(Debug)]
pub struct FilledLetterhead {
    /// Its texts with the quotes filled in.
    pub value: Value,
    /// The suffix of file names, if it names one.
    pub suffix: Option<String>,
}

impl Session<'_> {
    /// Reads the data file of a letterhead. `None` if it is not UTF-8.
    pub fn open_letterhead(&mut self, name: &str, bytes: &[u8]) -> Option<LetterheadFile> {
        let Session { sources, pending, .. } = self;
        let binary = sources.add_binary(name);
        let text = data::decode_utf8(binary, bytes, pending)?;
        let source = sources.add_text(name, text);
        // A file of comments says nothing, which is no fault here.
        if text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) {
            return Some(LetterheadFile { source, letterhead: Letterhead::default() });
        }
        let root = data::load_data(source, text, Syntax::Toml, pending);
        let read = root.map(|root| letterhead::read_letterhead(source, &root, pending));
        Some(LetterheadFile { source, letterhead: read.unwrap_or_default() })
    }

    /// Fills a letterhead in for a report. What is wrong in the report's own file is said with the report.
    pub fn fill_letterhead(
        &mut self,
        letterhead: &Letterhead,
        report: &Report,
        pictures: &Pictures,
    ) -> FilledLetterhead {
        let (filled, own) = self.aside(|session| {
            let Session { sources, pending, .. } = session;
            check_pictures(letterhead, pictures, pending);
            let value = letterhead.to_value(report, sources, pending);
            let suffix = letterhead.filled_suffix(report, sources, pending);
            FilledLetterhead { value, suffix }
        });
        let said = |place: &Location| matches!(place, Location::At(id, _) if *id == report.source);
        let further = own.into_sorted().into_iter().filter(|found| !said(&found.location));
        self.pending.extend(further);
        filled
    }
}
