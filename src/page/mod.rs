//! Owns the pages that open in a browser for people without a terminal: what was found in a file that they
//! dropped on the program, and what to do if they dropped none.
//! Must not know where files lie, nor judge a report.

mod finding;
mod subject;

pub use subject::{County, Due, Editor, Facts, Link, Subject};

use crate::messages::CATALOGUE;
use crate::text;
use docx_fill::diag::sarif::uri;
use docx_fill::diag::{Lang, Text, visible_lines};
use docx_fill::opc::xml::escape_into;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError};
use serde::Serialize;

/// The page of what was found with the piece that shows a group of findings, the page of what to do, and what both
/// begin with.
const FINDINGS: &str = include_str!("findings.html");
const GROUP: &str = include_str!("group.html");
const WELCOME: &str = include_str!("welcome.html");
const HEAD: &str = include_str!("head.html");
const STYLE: &str = include_str!("style.css");

/// Where a page keeps the checksum of its other bytes, by which the program knows its own pages.
pub const SUM_MARK: &str = "<meta name=\"nianbao-page\" content=\"";
/// Before each line that says which file was made together with the page: checksum of its name and content.
pub const FILE_MARK: &str = "<meta name=\"nianbao-file\" content=\"";

/// What stands on a page besides what was dropped.
#[derive(Debug, Default)]
pub struct Frame {
    /// What is wrong with the program as it was unpacked.
    pub problems: Vec<Text>,
    /// What is to be known of the whole run, such as where the page lies.
    pub remarks: Vec<Text>,
    /// The files that were made, as [`FILE_MARK`] says.
    pub made: Vec<String>,
}

/// The page of what was found in each file that was dropped.
pub fn findings(subjects: &[Subject], frame: &Frame, lang: Lang) -> String {
    #[derive(Serialize)]
    struct View<'a> {
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
        [one] => text!("page.title-one", about = one.heading()).in_lang(lang),
        many => text!("page.title-many", count = many.len()).in_lang(lang),
    };
    let heading = match subjects.len() {
        0 | 1 => text!("page.heading-one"),
        count => text!("page.heading-many", count = count),
    };
    let words = |texts: &[Text]| texts.iter().map(|text| text.in_lang(lang)).collect();
    let view = View {
        lang: tag(lang),
        title,
        heading: heading.in_lang(lang),
        made: &frame.made,
        problems: words(&frame.problems),
        remarks: words(&frame.remarks),
        many: subjects.len() > 1,
        subjects,
    };
    render(FINDINGS, &view, lang)
}

/// The page of what to do, with the blank workbook of a year.
pub fn welcome(workbook: &Link, year: u16, frame: &Frame, lang: Lang) -> String {
    #[derive(Serialize)]
    struct View<'a> {
        lang: &'a str,
        year: u16,
        title: String,
        made: &'a [String],
        problems: Vec<String>,
        remarks: Vec<String>,
        workbook: &'a Link,
    }
    let words = |texts: &[Text]| texts.iter().map(|text| text.in_lang(lang)).collect();
    let view = View {
        lang: tag(lang),
        year,
        title: text!("page.welcome").in_lang(lang),
        made: &frame.made,
        problems: words(&frame.problems),
        remarks: words(&frame.remarks),
        workbook,
    };
    render(WELCOME, &view, lang)
}

/// The language as HTML names it.
fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

/// Fills a page. The pages are our own and tested, so they can be filled.
fn render(page: &str, view: &impl Serialize, lang: Lang) -> String {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(escape);
    engine.register_partial("style", STYLE).expect("tested");
    engine.register_partial("group", GROUP).expect("tested");
    engine.register_partial("head", HEAD).expect("tested");
    let say = move |helper: &Helper<'_>,
                    _: &Handlebars<'_>,
                    _: &Context,
                    _: &mut RenderContext<'_, '_>,
                    out: &mut dyn Output|
          -> HelperResult {
        let id = helper.param(0).and_then(|id| id.value().as_str()).unwrap_or_default();
        let words = id.split_once('.');
        let words = words.and_then(|(group, name)| CATALOGUE.pattern(lang, group, name));
        let words = words.ok_or_else(|| RenderError::strict_error(Some(&id.to_owned())))?;
        Ok(out.write(&escape(words))?)
    };
    engine.register_helper("say", Box::new(say));
    engine.render_template(page, view).expect("tested")
}

/// A text within HTML. What could hide or turn other characters is shown by its sign.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, &visible_lines(text));
    out
}

/// A path below the page's folder, or a whole one, as an address; `/` parts folders.
fn address(path: &str) -> String {
    match path.split_once(":/") {
        // Of Windows.
        Some((drive, below)) if drive.len() == 1 => format!("file:///{drive}:/{}", uri(below)),
        _ if path.starts_with('/') => uri(path),
        _ => format!("./{}", uri(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_file_is_markup() {
        assert_eq!(escape("<b>&\""), "&lt;b&gt;&amp;&quot;");
        assert_eq!(escape("甲\u{202e}\u{1b}[2J\r"), "甲\\u{202E}␛[2J␍");
    }

    #[test]
    fn an_address_stays_below_and_holds_any_name() {
        assert_eq!(address("a b#1%?.docx"), "./a%20b%231%25%3F.docx");
        assert_eq!(address("javascript:x"), "./javascript%3Ax");
        assert_eq!(address("D:/a b.html"), "file:///D:/a%20b.html");
        assert_eq!(address("/a b.html"), "file:///a%20b.html");
        assert_eq!(address("汇总/a.html"), "./%E6%B1%87%E6%80%BB/a.html");
    }

    #[test]
    fn both_pages_can_be_filled_in_both_languages() {
        let link = Link::new;
        for lang in [Lang::Zh, Lang::En] {
            let link = link("空白.xlsx", &text!("page.what-blank"), lang);
            let frame = Frame {
                problems: vec![text!("page.no-fonts")],
                remarks: vec![text!("page.in-documents", dir = "<D>")],
                made: vec!["0 0".to_owned()],
            };
            let page = welcome(&link, 2025, &frame, lang);
            assert!(page.contains("&lt;D&gt;") && page.contains("./%E7%A9%BA"), "{page}");
            let one = Subject::refused("a.pdf", "<r>", lang);
            let page = findings(&[one.clone(), one], &frame, lang);
            assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
            assert!(page.contains(SUM_MARK) && page.contains(FILE_MARK), "{page}");
        }
    }
}
