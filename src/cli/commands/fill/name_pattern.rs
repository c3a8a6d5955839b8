//! Owns the names of the documents that a list gives: a path with tags, of which each record makes a path below the
//! folder that stands before the first tag.
//! Must not know a template, nor write a file.

use crate::cli::Failure;
use docx_fill::diag::{Diagnostic, Location, SourceId, Sources};
use docx_fill::template::text::{TextOptions, render_text};
use nianbao::data::SYNTAX_RULE;
use nianbao::msg;
use nianbao::render::safe_file_name;
use serde_json::Value;
use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

/// The tag of the number of a record, from 1.
const NUMBER_TAGS: [&str; 3] = ["{{@number}}", "{{ @number }}", "{{{@number}}}"];

/// A path with tags.
pub(super) struct NamePattern {
    /// The folder before the first tag.
    pub(super) folder: PathBuf,
    /// The parts with tags, from the first one on; the last without its extension.
    parts: Vec<NamePart>,
    extension: String,
    source: SourceId,
}

struct NamePart {
    text: String,
    /// Its beginning in the pattern, in bytes.
    start: usize,
}

/// Checks whether an output path has tags.
pub(super) fn has_tags(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains("{{"))
}

impl NamePattern {
    /// Takes a path apart. Its text becomes a source, at which faults of its tags are told.
    pub(super) fn parse(
        path: &Path,
        extension: &str,
        sources: &mut Sources,
    ) -> Result<NamePattern, Failure> {
        let text = path.to_str().ok_or_else(|| Failure::without_cause(msg!("args.not-utf8")))?;
        let source = sources.add_text("--out", text);
        let mut parts = split_parts(text);
        let first = parts.iter().position(|part| part.text.contains("{{")).unwrap_or_default();
        let folder: String = parts.drain(..first).map(|part| part.text + "/").collect();
        let mut pattern = NamePattern {
            folder: if folder.is_empty() { PathBuf::from(".") } else { PathBuf::from(folder) },
            parts,
            extension: extension.to_owned(),
            source,
        };
        let last = pattern.parts.last_mut();
        let stem = last.and_then(|part| {
            let (stem, end) = part.text.rsplit_once('.')?;
            end.eq_ignore_ascii_case(extension).then(|| stem.to_owned()).map(|stem| (part, stem))
        });
        let Some((part, stem)) = stem else {
            let message = msg!("io.output-extension", file = text, extension = extension);
            return Err(Failure::without_cause(message));
        };
        part.text = stem;
        Ok(pattern)
    }

    /// Returns the path of a record's document.
    pub(super) fn path_of(
        &self,
        record: &Value,
        number: usize,
        place: &Location,
    ) -> Result<PathBuf, Box<Diagnostic>> {
        let mut path = self.folder.clone();
        for (at, part) in self.parts.iter().enumerate() {
            let name = self.name_of(part, record, number)?;
            // A name of dots and blanks is none.
            if name.trim_matches(['.', ' ', '\u{3000}', '\t', '\n', '\r']).is_empty() {
                let found = Diagnostic::error(SYNTAX_RULE, place.clone(), msg!("fill.empty-name"));
                return Err(Box::new(found.with_hint(msg!("fill.empty-name-hint"))));
            }
            let name = safe_file_name(&name);
            let is_last = at + 1 == self.parts.len();
            path.push(if is_last { format!("{name}.{}", self.extension) } else { name });
        }
        Ok(path)
    }

    fn name_of(
        &self,
        part: &NamePart,
        record: &Value,
        number: usize,
    ) -> Result<String, Box<Diagnostic>> {
        let mut text = Cow::Borrowed(part.text.as_str());
        for tag in NUMBER_TAGS {
            if text.contains(tag) {
                text = Cow::Owned(text.replace(tag, &number.to_string()));
            }
        }
        let mut wrong = None;
        let plain: fn(&str) -> Cow<'_, str> = |value| Cow::Borrowed(value);
        let name = render_text(&text, record, plain, TextOptions::default(), &mut |problem| {
            wrong.get_or_insert(problem);
        });
        match wrong {
            Some(problem) => Err(Box::new(problem.into_diagnostic(self.source, part.start))),
            None => Ok(name),
        }
    }
}

/// Splits a path at its separators; those within tags are none.
fn split_parts(text: &str) -> Vec<NamePart> {
    let mut parts = vec![NamePart { text: String::new(), start: 0 }];
    let (mut depth, mut before) = (0_usize, ' ');
    for (at, c) in text.char_indices() {
        match (before, c) {
            ('{', '{') => depth += 1,
            ('}', '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
        if depth == 0 && (c == '/' || c == MAIN_SEPARATOR) {
            parts.push(NamePart { text: String::new(), start: at + c.len_utf8() });
        } else if let Some(part) = parts.last_mut() {
            part.text.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(pattern: &str, record: &Value) -> Option<String> {
        let mut sources = Sources::default();
        let pattern = NamePattern::parse(Path::new(pattern), "docx", &mut sources).ok()?;
        let path = pattern.path_of(record, 7, &Location::Nowhere).ok()?;
        Some(path.to_string_lossy().replace(MAIN_SEPARATOR, "/"))
    }

    #[test]
    fn every_record_has_a_path_below_the_folder() {
        let of = |value: &str| name("out/{{name}}.docx", &json!({"name": value}));
        assert_eq!(of("王").as_deref(), Some("out/王.docx"));
        assert_eq!(of("a/b\\c:d").as_deref(), Some("out/a_b_c_d.docx"));
        assert_eq!(of("../../etc/passwd").as_deref(), Some("out/_.._etc_passwd.docx"));
        assert_eq!(of("CON").as_deref(), Some("out/_CON.docx"));
        assert_eq!(of("com1.txt").as_deref(), Some("out/_com1.txt.docx"));
        assert!(of(&"长".repeat(500)).is_some_and(|path| path.len() < 230));
        for empty in ["", " ", "..", "\u{3000}"] {
            assert_eq!(of(empty), None, "{empty:?}");
        }
    }

    #[test]
    fn folders_numbers_and_helpers() {
        let record = json!({"dept": "一科/二组", "name": "王", "date": "2026-01-20"});
        let of = |pattern: &str| name(pattern, &record);
        let wanted = "/x/一科_二组/王-7.docx";
        assert_eq!(of("/x/{{dept}}/{{name}}-{{@number}}.docx").as_deref(), Some(wanted));
        assert_eq!(of("{{date date \"yyyy/MM\"}}.docx").as_deref(), Some("./2026_01.docx"));
        assert_eq!(of("{{name}}.pdf"), None);
        assert_eq!(of("{{nobody}}.docx"), None);
    }
}
