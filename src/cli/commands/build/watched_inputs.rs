//! Owns what a build reads, to be watched for changes.
//! Must not know how it is watched.

use super::BuildArgs;
use crate::cli::RunContext;
use crate::cli::run_inputs::settings::SETTINGS_FILE;
use nianbao::render::letterhead::DATA as LETTERHEAD;
use std::path::{Path, PathBuf};

/// Returns the files that a build reads: data files with all that lies beside them, templates and letterheads,
/// last year's file.
pub(super) fn build_inputs(context: &RunContext, args: &BuildArgs) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = args.paths.iter().flat_map(|path| report_inputs(path)).collect();
    let others =
        context.template_dir.iter().chain(&args.against.previous).chain(&args.against.config);
    // A letterhead is a path, or a name that is no file.
    out.extend(others.chain(&args.letterhead).cloned());
    // Settings and letterhead of the current folder, wherever the data lies.
    out.extend([SETTINGS_FILE, LETTERHEAD].map(PathBuf::from));
    // Results beside the data file are no input.
    let made = args.out.as_ref().and_then(|dir| dir.canonicalize().ok());
    out.retain(|path| {
        made.is_none() || path.canonicalize().ok() != made || args.paths.contains(path)
    });
    out
}

/// Returns the inputs of a report: its data file, and everything beside it that is no report.
fn report_inputs(path: &Path) -> Vec<PathBuf> {
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = vec![];
    if path.is_file() {
        out.push(path.to_owned());
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return out };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let made = [".docx", ".pdf", ".tmp"].iter().any(|end| name.ends_with(end));
        if !made && !name.starts_with("~$") && !name.starts_with('.') {
            out.push(path);
        }
    }
    out
}
