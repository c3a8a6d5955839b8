//! Owns the page that tells why the program could not be run.
//! Must not know how it is found.

use crate::program::Problem;
use std::path::PathBuf;

/// The page; `{{what}}` and `{{said}}` are filled in.
const PAGE: &str = include_str!("problem.html");
/// What is to be said of each problem.
const UNPACK: &str = include_str!("unpack.html");
const PASSING: &str = include_str!("passing.html");
const START: &str = include_str!("start.html");
const ENDED: &str = include_str!("ended.html");
/// The name of the page in the folder of temporary files; one of an earlier time is replaced.
const NAME: &str = "nianbao-problem.html";
/// If it is set, nothing is opened, as in `nianbao drop`.
const NEVER: &str = "NIANBAO_NO_OPEN";

/// Writes the page and has it opened.
pub(crate) fn show(problem: &Problem) {
    let file = place();
    // Where not even this can be written nothing is left to be told with.
    if std::fs::write(&file, page(problem)).is_ok() && std::env::var_os(NEVER).is_none() {
        let _ = open::that_detached(file);
    }
}

fn place() -> PathBuf {
    std::env::temp_dir().join(NAME)
}

fn page(problem: &Problem) -> String {
    let (what, said) = match problem {
        Problem::Lacking(names) => (UNPACK, names.join("、")),
        Problem::Passing(dir) => (PASSING, dir.display().to_string()),
        Problem::Start(error) => (START, error.to_string()),
        Problem::Ended(code, said) => {
            let code = code.map(|code| format!("({code}) ")).unwrap_or_default();
            (ENDED, format!("{code}{said}"))
        }
    };
    PAGE.replace("{{what}}", what).replace("{{said}}", &escape(&said))
}

/// A text within HTML.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_page_of_its_own() {
        let problems = [
            (Problem::Lacking(vec!["nianbao.exe".to_owned(), "fonts".to_owned()]), "请先解压"),
            (Problem::Passing(PathBuf::from("C:\\Temp\\<b>")), "请先解压"),
            (Problem::Start(std::io::Error::other("denied")), "杀毒软件"),
            (Problem::Ended(Some(101), "<oops>".to_owned()), "没有做完"),
        ];
        for (problem, words) in problems {
            let page = page(&problem);
            assert!(page.contains(words), "{page}");
            assert!(!page.contains("{{") && page.ends_with("</html>\n"), "{page}");
            assert!(!page.contains("<b>") && !page.contains("<oops>"), "{page}");
        }
    }
}
