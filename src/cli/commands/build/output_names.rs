//! Owns the names of a run's outputs: each belongs to one report, on every file system.
//! Must not know what the files hold.

use crate::cli::Failure;
use crate::cli::checksum::Checksum;
use crate::cli::files::display_path;
use nianbao::msg;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use unicode_normalization::UnicodeNormalization as _;

/// The names that are taken.
///
/// They stay for the whole run, while the workers come and go with whole documents. A small piece of memory
/// for each of them would lie between those and keep the allocator from using their room again: a thousand
/// reports took 30 MB or 250, as it happened. So all names lie in one text.
#[derive(Default)]
pub(super) struct OutputNames {
    /// Where in the text a name stands, by the checksum of what is left of it.
    taken: HashMap<Checksum, Range<usize>>,
    text: String,
}

impl OutputNames {
    /// Takes all names of a report, or none. Names that only some systems tell apart are the same.
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

/// What is left of a path where neither case nor the way of composing characters counts.
fn fold_path(path: &Path) -> Checksum {
    let name: String =
        path.to_string_lossy().nfc().collect::<String>().to_lowercase().nfc().collect();
    Checksum::of_bytes(name.as_bytes())
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
