//! Owns turning a report into documents: one job in, bytes of one target out.
//! Must not judge the report, open files, or know the command line.

pub mod blank;
pub mod content;
#[cfg(feature = "pdf")]
pub mod fonts;
pub mod list;
#[cfg(feature = "pdf")]
mod pdf;
mod templates;
#[cfg(feature = "pdf")]
mod typeset;

pub use crate::template::Assets;
#[cfg(feature = "pdf")]
pub use pdf::pdf;
pub use templates::{Edition, Templates};

use crate::diag::Sink;
use crate::quote;
use crate::report::Report;
use crate::template::RenderOptions;

/// A report to be rendered.
pub struct Job<'a> {
    /// The report.
    pub report: &'a Report,
    /// Its texts with every quote filled in, see [`quote::expand`].
    pub texts: &'a quote::Texts,
    /// The pictures of its texts.
    pub assets: &'a dyn Assets,
    /// Marks every page as a draft.
    pub draft: bool,
}

impl Job<'_> {
    /// The file name without extension: the official title pattern, with a mark for drafts.
    pub fn file_stem(&self) -> String {
        let report = self.report;
        let title = report.form.title_for(&report.organ.name, report.year);
        let draft = if self.draft { "（草稿）" } else { "" };
        file_name(&format!("{title}{draft}"))
    }
}

/// Longest file name in bytes that file systems take, with room for an extension.
const LONGEST_NAME: usize = 200;

/// A name that every file system takes: no separators, no reserved names, no control characters.
fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_control() || r#"\/:*?"<>|"#.contains(c) { '_' } else { c };
    let mut name: String = text.chars().map(plain).collect();
    while name.len() > LONGEST_NAME {
        name.pop();
    }
    let name = name.trim_matches(['.', ' ']).to_owned();
    let device = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |stem: &str| device.strip_prefix(stem).is_some_and(|n| n.len() == 1);
    let reserved = ["CON", "PRN", "AUX", "NUL"].contains(&device.as_str());
    if name.is_empty() || reserved || numbered("COM") || numbered("LPT") {
        return format!("_{name}");
    }
    name
}

/// Fills the edition's Word template.
pub fn docx(job: &Job<'_>, edition: &Edition, sink: &mut Sink) -> Option<Vec<u8>> {
    let word = edition.word.as_ref()?;
    let data = content::tags(job.report, job.texts, job.draft, edition.labels);
    word.render(&data, job.assets, &RenderOptions::default(), sink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_suit_every_system() {
        assert_eq!(file_name("甲/乙:丙"), "甲_乙_丙");
        assert_eq!(file_name("../../etc"), "_.._etc");
        assert_eq!(file_name("CON"), "_CON");
        assert_eq!(file_name("lpt1.x"), "_lpt1.x");
        assert_eq!(file_name(" .. "), "_");
        assert!(file_name(&"长".repeat(500)).len() <= LONGEST_NAME);
    }
}
