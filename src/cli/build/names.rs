//! Owns the names of a run's outputs: each belongs to one report, on every file system.
//! Must not know what the files hold.

use crate::cli::Failure;
use crate::cli::files::shown;
use nianbao::text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization as _;

/// The names that are taken.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeMap<String, PathBuf>,
}

impl Names {
    /// Takes all names of a report, or none. Names that only some systems tell apart are the same.
    pub(super) fn take(&mut self, paths: &[&Path]) -> Result<(), Failure> {
        for path in paths {
            if let Some(other) = self.taken.get(&folded(path)) {
                let file = shown(path);
                return Err(Failure::plain(if other == path {
                    text!("io.collision", file = file)
                } else {
                    text!("batch.collision", file = file, other = shown(other))
                }));
            }
        }
        self.taken.extend(paths.iter().map(|path| (folded(path), path.to_path_buf())));
        Ok(())
    }
}

/// What is left of a path where neither case nor the way of composing characters counts.
fn folded(path: &Path) -> String {
    path.to_string_lossy().nfc().collect::<String>().to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once() {
        let mut names = Names::default();
        let mut take = |name: &str| names.take(&[Path::new(name)]).is_ok();
        assert!(take("out/ABC.docx") && take("out/ABC.pdf") && take("other/ABC.docx"));
        assert!(!take("out/ABC.docx"), "the same");
        assert!(!take("out/abc.docx"), "another case");
        assert!(take("out/caf\u{e9}.docx"));
        assert!(!take("out/cafe\u{301}.docx"), "another way to write é");
    }

    #[test]
    fn a_refused_report_takes_nothing() {
        let mut names = Names::default();
        assert!(names.take(&[Path::new("a.docx")]).is_ok());
        assert!(names.take(&[Path::new("b.docx"), Path::new("a.docx")]).is_err());
        assert!(names.take(&[Path::new("b.docx")]).is_ok());
    }
}
