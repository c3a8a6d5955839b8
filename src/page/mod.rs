//! Owns the pages that open in a browser for people without a terminal: the findings in a file
//! dropped on the program, and instructions if none was dropped.
//! Must not know where files lie, nor check a report.

mod finding;
mod subject;

pub use subject::{CountyResult, DroppedFile, DueReport, Editor, FileLink, Subject};

use crate::msg;
use crate::syntax::html::{HtmlTemplate, language_tag};
use docx_fill::diag::sarif::path_to_uri;
use docx_fill::diag::{Lang, Message, show_hidden_lines};
use serde::Serialize;

/// The beginning of both pages, and the piece that shows a group of findings.
const PARTIALS: &[(&str, &str)] = &[
    ("style", include_str!("style.css")),
    ("group", include_str!("group.html")),
    ("head", include_str!("head.html")),
];
/// The page of what was found.
const FINDINGS_PAGE: HtmlTemplate = HtmlTemplate {
    page: include_str!("findings.html"),
    partials: PARTIALS,
    show: show_hidden_lines,
};
/// The page of what to do.
const WELCOME_PAGE: HtmlTemplate =
    HtmlTemplate { page: include_str!("welcome.html"), ..FINDINGS_PAGE };

/// Start of the line with the checksum of the page's other bytes, by which the program recognises
/// its own pages.
pub const CHECKSUM_MARK: &str = "<meta name=\"nianbao-page\" content=\"";
/// Start of each line that names a file made together with the page: checksum of its name and
/// content.
pub const FILE_MARK: &str = "<meta name=\"nianbao-file\" content=\"";

/// The content of a page besides what was dropped.
#[derive(Debug, Default)]
pub struct PageExtras {
    /// Problems of the program's installation.
    pub problems: Vec<Message>,
    /// Remarks on the whole run, such as the place of the page.
    pub remarks: Vec<Message>,
    /// Files made, in the form of [`FILE_MARK`].
    pub made: Vec<String>,
}

/// Returns the page with the findings in each dropped file.
pub fn findings_page(subjects: &[Subject], frame: &PageExtras, lang: Lang) -> String {
    #[derive(Serialize)]
    struct FindingsView<'a> {
        lang: &'a str,
        title: String,
        heading: String,
        made: &'a [String],
        problems: Vec<String>,
        remarks: Vec<String>,
        many: bool,
        subjects: &'a [Subject],
    }
    let title = match subjects {
        [one] => msg!("page.title-one", about = one.heading()).in_lang(lang),
        many => msg!("page.title-many", count = many.len()).in_lang(lang),
    };
    let heading = match subjects.len() {
        0 | 1 => msg!("page.heading-one"),
        count => msg!("page.heading-many", count = count),
    };
    let words = |texts: &[Message]| texts.iter().map(|text| text.in_lang(lang)).collect();
    let view = FindingsView {
        lang: language_tag(lang),
        title,
        heading: heading.in_lang(lang),
        made: &frame.made,
        problems: words(&frame.problems),
        remarks: words(&frame.remarks),
        many: subjects.len() > 1,
        subjects,
    };
    FINDINGS_PAGE.fill(&view, lang)
}

/// Returns the page of instructions, with the blank workbook of a year.
pub fn welcome_page(workbook: &FileLink, year: u16, frame: &PageExtras, lang: Lang) -> String {
    #[derive(Serialize)]
    struct WelcomeView<'a> {
        lang: &'a str,
        year: u16,
        title: String,
        made: &'a [String],
        problems: Vec<String>,
        remarks: Vec<String>,
        workbook: &'a FileLink,
    }
    let words = |texts: &[Message]| texts.iter().map(|text| text.in_lang(lang)).collect();
    let view = WelcomeView {
        lang: language_tag(lang),
        year,
        title: msg!("page.welcome").in_lang(lang),
        made: &frame.made,
        problems: words(&frame.problems),
        remarks: words(&frame.remarks),
        workbook,
    };
    WELCOME_PAGE.fill(&view, lang)
}

/// Returns a path as a URL, relative to the page's folder or absolute; `/` separates folders.
fn page_address(path: &str) -> String {
    match path.split_once(":/") {
        // An absolute path of Windows.
        Some((drive, below)) if drive.len() == 1 => {
            format!("file:///{drive}:/{}", path_to_uri(below))
        }
        _ if path.starts_with('/') => path_to_uri(path),
        _ => format!("./{}", path_to_uri(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_below_and_holds_any_name() {
        assert_eq!(page_address("a b#1%?.docx"), "./a%20b%231%25%3F.docx");
        assert_eq!(page_address("javascript:x"), "./javascript%3Ax");
        assert_eq!(page_address("D:/a b.html"), "file:///D:/a%20b.html");
        assert_eq!(page_address("/a b.html"), "file:///a%20b.html");
        assert_eq!(page_address("汇总/a.html"), "./%E6%B1%87%E6%80%BB/a.html");
    }

    #[test]
    fn both_pages_can_be_filled_in_both_languages() {
        let link = FileLink::new;
        for lang in [Lang::Zh, Lang::En] {
            let link = link("空白.xlsx", &msg!("page.what-blank"), lang);
            let frame = PageExtras {
                problems: vec![msg!("page.no-fonts")],
                remarks: vec![msg!("page.in-documents", dir = "<D>")],
                made: vec!["0 0".to_owned()],
            };
            let page = welcome_page(&link, 2025, &frame, lang);
            assert!(page.contains("&lt;D&gt;") && page.contains("./%E7%A9%BA"), "{page}");
            let one = Subject::for_refused("a.pdf", "<r>", lang);
            let page = findings_page(&[one.clone(), one], &frame, lang);
            assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
            assert!(page.contains(CHECKSUM_MARK) && page.contains(FILE_MARK), "{page}");
        }
    }
}
