//! What the program is made of: the list that lies beside it in the archives, by the published schema of `CycloneDX`.

use super::common::{Ran, root};
use super::tools;
use std::path::{Path, PathBuf};
use std::process::Command;

fn sbom(dir: &Path, name: &str, more: &[&str]) -> PathBuf {
    let file = dir.join(name);
    let status = Command::new(tools().join("venv/bin/python"))
        .arg(root().join("scripts/crates.py"))
        .args(["sbom", "-o"])
        .arg(&file)
        .args(more)
        .current_dir(dir)
        .status();
    assert!(status.expect("python starts").success());
    file
}

/// Of the program for every system together and for each system that there is an archive for.
#[test]
fn the_bill_of_materials_follows_its_published_schema() {
    let dir = tempfile::tempdir().expect("a folder");
    let targets =
        ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-pc-windows-gnu"];
    let mut files = vec![sbom(dir.path(), "all.json", &[])];
    files.extend(targets.map(|target| sbom(dir.path(), target, &["--target", target])));
    let again = sbom(dir.path(), "again.json", &[]);
    let text = std::fs::read_to_string(&files[0]).expect("UTF-8");
    assert!(text == std::fs::read_to_string(again).expect("UTF-8"), "differs between two runs");
    for known in ["pkg:cargo/typst@", "pkg:cargo/zip@", "fonts/FandolFang-Regular.ttf"] {
        assert!(text.contains(known), "{known}");
    }
    assert!(!text.contains(&*root().to_string_lossy()), "it names a folder of this machine");
    let tools = tools();
    let mut command = Command::new(tools.join("venv/bin/python"));
    command.arg(root().join("tests/external/sbom.py")).arg(&tools).args(&files);
    let ran = Ran::from(command.output().expect("python starts"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
