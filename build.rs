//! Says which commit the program is built of: what the environment says (`NIANBAO_COMMIT`), what an archive of the
//! sources holds (`COMMIT`, filled in by `git archive`), or what git says. Without any of them it says nothing.
//! Runs again only when one of them changes. Lists the forms that come with the program: every folder below `templates`
//! with a `form.toml`.

use std::fmt::Write as _;
use std::io;
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
    println!("cargo:rerun-if-changed=templates");
    if let Err(error) = write_forms(&root) {
        println!("cargo::error=templates: {error}");
    }
}

/// Writes the list that `src/editions.rs` includes.
fn write_forms(root: &Path) -> io::Result<()> {
    let mut folders = Vec::new();
    find_forms(&root.join("templates"), "", &mut folders)?;
    folders.sort();
    let mut list = String::from("&[\n");
    for folder in folders {
        let file = |name: &str| {
            format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/templates/{folder}/{name}\")")
        };
        let has_document = root.join("templates").join(&folder).join("report.docx").is_file();
        let document = if has_document {
            format!("Some(include_bytes!({}))", file("report.docx"))
        } else {
            "None".to_owned()
        };
        let form = file("form.toml");
        let line = format!("name: {folder:?}, form: include_str!({form}), document: {document}");
        writeln!(list, "    BuiltInEdition {{ {line} }},").map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    std::fs::write(out.join("built_in_editions.rs"), list)
}

/// Collects the folders with a form, named from `templates` on.
fn find_forms(dir: &Path, name: &str, out: &mut Vec<String>) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let Some(own) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let path = entry.path();
        if path.is_dir() {
            let inner = if name.is_empty() { own } else { format!("{name}/{own}") };
            find_forms(&path, &inner, out)?;
        } else if own == "form.toml" && !name.is_empty() {
            out.push(name.to_owned());
        }
    }
    Ok(())
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
