//! Says which commit the program is built of: what the environment says (`NIANBAO_COMMIT`), what an archive of the
//! sources holds (`COMMIT`, filled in by `git archive`), or what git says. Without any of them it says nothing.
//! Runs again only when one of them changes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a build may be told.
const TOLD: &str = "NIANBAO_COMMIT";
/// The file of an archive.
const FILE: &str = "COMMIT";

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo:rerun-if-env-changed={TOLD}");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={FILE}");
    let told = std::env::var(TOLD).ok();
    let file = || std::fs::read_to_string(root.join(FILE)).ok();
    let known = told.as_deref().and_then(commit).or_else(|| commit(&file()?));
    let known = known.or_else(|| commit(&of_git(&root)?)).unwrap_or_default();
    println!("cargo:rustc-env=NIANBAO_BUILT_FROM={known}");
}

/// A commit's name, if it is one.
fn commit(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let is_name = (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_name.then_some(text)
}

/// What git says of this very folder; the repository around an unpacked archive is another one's.
fn of_git(root: &Path) -> Option<String> {
    if !root.join(".git").exists() {
        return None;
    }
    let git = |args: &[&str]| {
        let out = Command::new("git").arg("-C").arg(root).args(args).output().ok()?;
        let text = String::from_utf8(out.stdout).ok()?;
        out.status.success().then(|| text.trim_end().to_owned())
    };
    // The journal of the current commit changes with every commit and every change of branch, and with nothing else.
    let dir = root.join(git(&["rev-parse", "--git-dir"])?);
    for watched in [dir.join("HEAD"), dir.join("logs").join("HEAD")] {
        if watched.is_file() {
            println!("cargo:rerun-if-changed={}", watched.display());
        }
    }
    git(&["rev-parse", "HEAD"])
}
