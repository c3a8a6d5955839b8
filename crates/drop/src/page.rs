//! Owns the page that tells why the program could not be run.
//! Must not know how it is found.

use crate::program::LaunchError;
use std::path::PathBuf;

/// The page; `{{what}}` and `{{said}}` are filled in.
const PAGE_TEMPLATE: &str = include_str!("problem.html");
/// The text for an archive that was not unpacked.
const UNPACK_TEXT: &str = include_str!("unpack.html");
const TEMP_FOLDER_TEXT: &str = include_str!("passing.html");
const START_FAILED_TEXT: &str = include_str!("start.html");
const NO_PAGE_TEXT: &str = include_str!("ended.html");
/// The name of the page in the folder of temporary files; one of an earlier time is replaced.
const PAGE_NAME: &str = "nianbao-problem.html";
/// If it is set, nothing is opened, as in `nianbao drop`.
const NO_OPEN_VARIABLE: &str = "NIANBAO_NO_OPEN";

/// Writes the page and has it opened.
pub(crate) fn show_error(problem: &LaunchError) {
    let file = page_path();
    // Where not even this can be written nothing is left to be told with.
    if std::fs::write(&file, error_page(problem)).is_ok()
        && std::env::var_os(NO_OPEN_VARIABLE).is_none()
    {
        let _ = open::that_detached(file);
    }
}

fn page_path() -> PathBuf {
    std::env::temp_dir().join(PAGE_NAME)
}

fn error_page(problem: &LaunchError) -> String {
    let (what, said) = match problem {
        LaunchError::MissingFiles(names) => (UNPACK_TEXT, names.join("、")),
        LaunchError::TempFolder(dir) => (TEMP_FOLDER_TEXT, dir.display().to_string()),
        LaunchError::StartFailed(error) => (START_FAILED_TEXT, error.to_string()),
        LaunchError::NoPage(code, said) => {
            let code = code.map(|code| format!("({code}) ")).unwrap_or_default();
            (NO_PAGE_TEXT, format!("{code}{said}"))
        }
    };
    PAGE_TEMPLATE.replace("{{what}}", what).replace("{{said}}", &escape_html(&said))
}

/// Returns a text within HTML.
fn escape_html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_page_of_its_own() {
        let problems = [
            (
                LaunchError::MissingFiles(vec!["nianbao.exe".to_owned(), "fonts".to_owned()]),
                "请先解压",
            ),
            (LaunchError::TempFolder(PathBuf::from("C:\\Temp\\<b>")), "请先解压"),
            (LaunchError::StartFailed(std::io::Error::other("denied")), "杀毒软件"),
            (LaunchError::NoPage(Some(101), "<oops>".to_owned()), "没有做完"),
        ];
        for (problem, words) in problems {
            let page = error_page(&problem);
            assert!(page.contains(words), "{page}");
            assert!(!page.contains("{{") && page.ends_with("</html>\n"), "{page}");
            assert!(!page.contains("<b>") && !page.contains("<oops>"), "{page}");
        }
    }
}
