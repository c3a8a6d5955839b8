//! Owns the names of a run's outputs: each belongs to one report, on every file system.
//! Must not know the content of the files.

use crate::cli::Failure;
use crate::cli::fs::checksum::Checksum;
use crate::cli::fs::paths::{display_path, fold_path};
use nianbao::msg;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

/// The names in use.
///
/// All names are in one text, because they live for the whole run while workers allocate and free
/// whole documents. A small allocation for each name would fragment the memory: a thousand reports
/// took 30 MB or 250 MB, depending on chance.
#[derive(Default)]
pub(super) struct OutputNames {
    /// Range of each name in the text, by the checksum of the folded path.
    taken: HashMap<Checksum, Range<usize>>,
    text: String,
}

impl OutputNames {
    /// Reserves all names of a report, or none. Names that only some file systems distinguish are
    /// equal.
    pub(super) fn reserve_all(&mut self, paths: &[&Path]) -> Result<(), Failure> {
        for path in paths {
            if let Some(other) = self.taken.get(&fold_path(path)) {
                let (file, other) =
                    (display_path(path), self.text.get(other.clone()).unwrap_or_default());
                return Err(Failure::without_cause(if other == file {
                    msg!("io.collision", file = file)
                } else {
                    msg!("batch.collision", file = file, other = other)
                }));
            }
        }
        for path in paths {
            let start = self.text.len();
            self.text.push_str(&display_path(path));
            self.taken.insert(fold_path(path), start..self.text.len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once() {
        let mut names = OutputNames::default();
        let mut take = |name: &str| names.reserve_all(&[Path::new(name)]).is_ok();
        assert!(take("out/ABC.docx") && take("out/ABC.pdf") && take("other/ABC.docx"));
        assert!(!take("out/ABC.docx"), "the same");
        assert!(!take("out/abc.docx"), "another case");
        assert!(take("out/caf\u{e9}.docx"));
        assert!(!take("out/cafe\u{301}.docx"), "another way to write é");
    }

    #[test]
    fn a_refused_report_takes_nothing() {
        let mut names = OutputNames::default();
        assert!(names.reserve_all(&[Path::new("a.docx")]).is_ok());
        assert!(names.reserve_all(&[Path::new("b.docx"), Path::new("a.docx")]).is_err());
        assert!(names.reserve_all(&[Path::new("b.docx")]).is_ok());
    }
}
