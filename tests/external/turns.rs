//! The random templates of the engine's law of blocks, as they are and filled, before the Open XML SDK: it finds nothing
//! in either.

#[path = "../../crates/docx-fill/tests/support/mod.rs"]
mod support;

use super::{path, script};
use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use std::path::PathBuf;
use support::engine::try_fill;
use support::random::Random;
use support::random_template::{RandomTemplate, data, rows};

/// Number of templates.
const COUNT: usize = 300;

#[test]
fn the_open_xml_sdk_finds_no_error_in_random_templates_and_what_they_are_filled_to() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut random = Random(0x5DEE_CE66_D1CE_4E5B);
    let mut files: Vec<PathBuf> = Vec::new();
    for number in 0..COUNT {
        let RandomTemplate { docx, content, .. } = RandomTemplate::new(&mut random);
        let (filled, findings) = try_fill(&docx, &data(&rows()), &RenderOptions::default());
        let errors: Vec<_> = findings.iter().filter(|found| found.0 == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:?}\n{content}");
        for (end, bytes) in [("template", Some(docx.bytes())), ("filled", filled)] {
            let file = dir.path().join(format!("{number}-{end}.docx"));
            std::fs::write(&file, bytes.expect("a document")).expect("written");
            files.push(file);
        }
    }
    let files: Vec<&str> = files.iter().map(|file| path(file)).collect();
    script("ooxml.sh", &files);
}
