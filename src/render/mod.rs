//! Owns turning a report into documents: a job in, the bytes of one output out.
//! Must not check the report, open files, or know the command line.

pub mod content;
pub mod findings_list;
#[cfg(feature = "pdf")]
pub mod fonts;
pub mod letterhead;
mod letterhead_page_check;
#[cfg(feature = "pdf")]
mod pdf;
mod printed_texts;
#[cfg(feature = "pdf")]
pub mod sandbox;
mod template_files;
mod templates;
#[cfg(feature = "pdf")]
mod typeset_worker;
#[cfg(feature = "pdf")]
mod typst_template;
#[cfg(feature = "pdf")]
mod typst_world;
pub mod word_templates;

pub use docx_fill::template::Assets;
#[cfg(feature = "pdf")]
pub use pdf::{PdfResources, render_pdf};
pub use templates::{EditionTemplates, RenderTargets, Templates};
#[cfg(feature = "pdf")]
pub use typeset_worker::TypesetWorker;
#[cfg(feature = "pdf")]
pub use typst_template::{
    TYPST_DATA_FILE, TypstPlace, TypstRequest, TypstTemplate, typst_finding, typst_stop_finding,
};
#[cfg(feature = "pdf")]
pub use typst_world::{pdf_standards, run_single_threaded, typst_version};

use crate::quote;
use crate::report::Report;
use docx_fill::diag::{Sink, is_hidden};
use docx_fill::prose::links::find_refused_links;
use docx_fill::template::{LinkRules, RenderOptions, RenderedDocx};

/// A report to be rendered.
pub struct RenderJob<'a> {
    /// Report to be rendered.
    pub report: &'a Report,
    /// Texts of the report with every quote filled in, see [`quote::fill_quotes`].
    pub texts: &'a quote::FilledTexts,
    /// Pictures of the texts.
    pub assets: &'a dyn Assets,
    /// True if every page is marked as a draft.
    pub draft: bool,
}

impl RenderJob<'_> {
    /// Returns the file name without extension: the official title, with a mark for drafts.
    pub fn file_stem(&self) -> String {
        self.file_stem_with("")
    }

    /// Returns [`RenderJob::file_stem`] with a suffix in brackets, such as the name of a
    /// letterhead.
    pub fn file_stem_with(&self, suffix: &str) -> String {
        let report = self.report;
        let title = report.form.title_for(&report.organ.name, report.year);
        let draft = if self.draft { "（草稿）" } else { "" };
        let suffix = if suffix.is_empty() { String::new() } else { format!("（{suffix}）") };
        safe_file_name(&format!("{title}{draft}{suffix}"))
    }
}

/// Checks whether a path has this extension, ignoring case.
#[cfg(feature = "pdf")]
fn has_extension(path: &str, extension: &str) -> bool {
    let own = std::path::Path::new(path).extension();
    own.is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// Maximum length of a file name in bytes, with space for an extension.
const MAX_NAME_BYTES: usize = 200;

/// Returns a name that every file system accepts and that reads as it is: no separators, no
/// reserved names, no invisible characters or changes of writing direction.
pub fn safe_file_name(text: &str) -> String {
    let odd = |c: char| is_hidden(c) || c == '\t' || r#"\/:*?"<>|"#.contains(c);
    let plain = |c: char| if odd(c) { '_' } else { c };
    let mut name: String = text.chars().map(plain).collect();
    while name.len() > MAX_NAME_BYTES {
        name.pop();
    }
    let name = name.trim_matches(['.', ' ']).to_owned();
    let device = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    // Windows treats ¹, ² and ³ as digits here.
    let numbered = |stem: &str| device.strip_prefix(stem).is_some_and(|n| n.chars().count() == 1);
    let reserved = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&device.as_str());
    if name.is_empty() || reserved || numbered("COM") || numbered("LPT") {
        return format!("_{name}");
    }
    name
}

/// Compression level of deflate: a quarter less time than with level 6, four per cent more bytes
/// (docs/performance.md).
const DEFLATE_LEVEL: u8 = 4;

/// Returns the rules for links of a report; links that stay text were already reported at their
/// places in the data file ([`quote::check_links`]).
pub fn link_rules(texts: &quote::FilledTexts) -> LinkRules {
    let mut rules = LinkRules::default();
    for text in texts {
        let refused = find_refused_links(text, &rules.schemes);
        rules.reported.extend(refused.into_iter().map(|(_, address, _)| address));
    }
    rules
}

/// Renders a report with the edition's Word template.
pub fn render_docx(
    job: &RenderJob<'_>,
    edition: &EditionTemplates,
    sink: &mut Sink,
) -> Option<RenderedDocx> {
    let word = edition.word.as_ref()?;
    let data = content::tag_data(job.report, job.texts, job.draft, edition.uses_labels);
    let options = RenderOptions {
        compression_level: DEFLATE_LEVEL,
        max_bytes: edition.max_part_bytes,
        links: link_rules(job.texts),
        ..RenderOptions::default()
    };
    word.render(&data, job.assets, &options, sink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_suit_every_system() {
        assert_eq!(safe_file_name("甲/乙:丙"), "甲_乙_丙");
        assert_eq!(safe_file_name("../../etc"), "_.._etc");
        assert_eq!(safe_file_name("CON"), "_CON");
        assert_eq!(safe_file_name("lpt1.x"), "_lpt1.x");
        assert_eq!(safe_file_name(" .. "), "_");
        assert_eq!(safe_file_name("com¹"), "_com¹");
        assert_eq!(safe_file_name("nul .x"), "_nul .x");
        assert_eq!(safe_file_name("甲\u{202e}fdp.乙"), "甲_fdp.乙");
        assert_eq!(safe_file_name("甲\u{200b}乙\t\u{9b}"), "甲_乙__");
        assert!(safe_file_name(&"长".repeat(500)).len() <= MAX_NAME_BYTES);
    }
}
