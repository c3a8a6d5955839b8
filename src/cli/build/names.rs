//! Owns the names of a run's outputs: each belongs to one report, on every file system.
//! Must not know what the files hold.

use crate::cli::Failure;
use crate::cli::files::shown;
use crate::cli::sum::Sum;
use nianbao::text;
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
pub(super) struct Names {
    /// Where in the text a name stands, by the checksum of what is left of it.
    taken: HashMap<Sum, Range<usize>>,
    text: String,
}

impl Names {
    /// Takes all names of a report, or none. Names that only some systems tell apart are the same.
    pub(super) fn take(&mut self, paths: &[&Path]) -> Result<(), Failure> {
        for path in paths {
            if let Some(other) = self.taken.get(&folded(path)) {
                let (file, other) = (shown(path), self.text.get(other.clone()).unwrap_or_default());
                return Err(Failure::plain(if other == file {
                    text!("io.collision", file = file)
                } else {
                    text!("batch.collision", file = file, other = other)
                }));
            }
        }
        for path in paths {
            let start = self.text.len();
            self.text.push_str(&shown(path));
            self.taken.insert(folded(path), start..self.text.len());
        }
        Ok(())
    }
}

/// What is left of a path where neither case nor the way of composing characters counts.
fn folded(path: &Path) -> Sum {
    let name: String =
        path.to_string_lossy().nfc().collect::<String>().to_lowercase().nfc().collect();
    Sum::of(name.as_bytes())
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
