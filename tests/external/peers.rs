//! Templates of other engines, translated and filled by us, beside what the engines themselves give.

use super::common::root;
use super::{path, tools};
use std::process::Command;

/// `tests/external/peers/different.toml` names what is not the same, and why; it is held to what is found.
#[test]
fn translated_templates_give_the_text_of_their_engines() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = Command::new(tools().join("venv/bin/python"))
        .arg(root().join("tests/external/peers/peers.py"))
        .args([path(&tools()), env!("CARGO_BIN_EXE_nianbao"), path(dir.path())])
        .output()
        .expect("python starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{told}", String::from_utf8_lossy(&output.stdout));
}
