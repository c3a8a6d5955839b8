//! Owns choosing the settings of a run: the given file, else that of the current folder. Settings
//! beside data are ignored with a remark, and the effect of the settings on the findings is
//! reported at the end.
//! Must not know their meaning: `nianbao::check::Settings` reads them.

use crate::cli::fs::archives::path_on_disk;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::symlinks::{self, PathKind};
use crate::cli::options::ReferenceArgs;
use crate::cli::output::path_remap::PathRemapping;
use crate::cli::{Failure, OutputStream, Terminal};
use docx_fill::diag::{self, Diagnostic, DiagnosticFormat, Location, Message, Severity, Sources};
use nianbao::check::Settings;
use nianbao::check::settings::{PASSED_OVER_RULE, SETTINGS_USED_RULE, SettingsEffect};
use nianbao::msg;
use nianbao::session::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Name of the settings file.
pub(crate) const SETTINGS_FILE: &str = "nianbao.toml";
/// Maximum number of folders above a file that are searched.
const MAX_ANCESTORS: usize = 64;

/// The settings for the reports of a run.
pub(crate) struct RunSettings {
    pub(crate) settings: Settings,
    /// File of the settings.
    pub(crate) file: Option<PathBuf>,
    /// True if that file has errors, so that no report can be called correct.
    pub(crate) faulty: bool,
    /// Last year's file, if one was given.
    pub(crate) previous: Option<PathBuf>,
    /// Ignored settings files.
    pub(crate) passed_over: Vec<PathBuf>,
}

impl RunSettings {
    /// Reads the given settings, else those of the current folder, and reports other ones in the
    /// folders of the data.
    pub(crate) fn read(
        against: &ReferenceArgs,
        search_path: &DataSearchPath,
        files: &FileReader,
        session: &mut Session<'_>,
    ) -> Result<RunSettings, Failure> {
        let (read, mut own) = session.aside(|session| read_settings_file(against, files, session));
        let SettingsFile { file, settings } = read?;
        let faulty = own.has_errors();
        let here = PathBuf::from(SETTINGS_FILE);
        let mut others: Vec<PathBuf> = search_path.find_files(&[SETTINGS_FILE.to_owned()]);
        let there = symlinks::path_kind(&here);
        let counts = there == PathKind::File && !against.only_named;
        others.extend(counts.then_some(here));
        let mut passed = without_used_file(others, file.as_deref());
        for file in &passed {
            let message = msg!("settings.passed-over", file = display_path(file));
            let hint = msg!("settings.passed-over-hint", file = display_path(file));
            own.push(file_ignored_remark(file, session.sources_mut(), message).with_hint(hint));
        }
        passed.sort();
        session.push_settled(settings.apply_severities(own));
        let previous = against.previous.clone();
        Ok(RunSettings { settings, file, faulty, previous, passed_over: passed })
    }

    /// Returns the summary of the settings for outputs.
    pub(crate) fn to_summary(
        &self,
        effect: SettingsEffect,
        outward: &PathRemapping,
    ) -> SettingsSummary {
        let name = |file: &PathBuf| outward.remap_path(&display_path(file));
        let passed = self.passed_over.iter().map(name).collect();
        SettingsSummary { file: self.file.as_ref().map(name), effect, passed }
    }
}

/// Settings with the file that they come from.
struct SettingsFile {
    file: Option<PathBuf>,
    settings: Settings,
}

/// Reads the settings that were named, else those of the current folder.
fn read_settings_file(
    against: &ReferenceArgs,
    files: &FileReader,
    session: &mut Session<'_>,
) -> Result<SettingsFile, Failure> {
    let here = Path::new(SETTINGS_FILE);
    let file = match &against.config {
        Some(named) => Some(named.clone()),
        None if against.only_named => None,
        None => symlinks::is_own_file(here, session).then(|| here.to_owned()),
    };
    let input = file.as_deref().map(|file| files.read_input(file)).transpose()?;
    let settings = session.read_settings(input.as_ref());
    Ok(SettingsFile { file, settings })
}

/// Returns a finding about settings that were passed over.
pub(crate) fn file_ignored_remark(
    file: &Path,
    sources: &mut Sources,
    message: Message,
) -> Diagnostic {
    let place = Location::File(sources.add_binary(display_path(file)));
    Diagnostic::new(PASSED_OVER_RULE, Severity::Info, place, message)
}

/// Returns the files without the one that is used.
pub(crate) fn without_used_file(files: Vec<PathBuf>, used: Option<&Path>) -> Vec<PathBuf> {
    let used = used.and_then(|file| file.canonicalize().ok());
    let other = |file: &PathBuf| used.is_none() || file.canonicalize().ok() != used;
    files.into_iter().filter(other).collect()
}

/// The search path of settings and letterheads beside data: the folders of the data and those above them, without
/// the current one.
#[derive(Debug, Default)]
pub(crate) struct DataSearchPath {
    current_dir: Option<PathBuf>,
    /// Folders as given by their canonical path, so that each is searched once.
    folders: BTreeMap<PathBuf, PathBuf>,
}

impl DataSearchPath {
    /// Creates an empty set.
    pub(crate) fn new() -> DataSearchPath {
        let current_dir = std::env::current_dir().and_then(|dir| dir.canonicalize()).ok();
        DataSearchPath { current_dir, folders: BTreeMap::new() }
    }

    /// Returns the folders for these paths as given.
    pub(crate) fn of_paths<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> DataSearchPath {
        let mut search_path = DataSearchPath::new();
        for path in paths {
            search_path.add_ancestors(path, path);
        }
        search_path
    }

    /// Adds the folder of a file and those above it, up to the given one or the current one.
    pub(crate) fn add_ancestors(&mut self, path: &Path, top: &Path) {
        let inside = |path: &Path| {
            let path = path_on_disk(path);
            if path.is_dir() { path } else { parent_dir(&path) }
        };
        let (mut dir, top) = (inside(path), inside(top).canonicalize().ok());
        for _ in 0..MAX_ANCESTORS {
            let Ok(real) = dir.canonicalize() else { return };
            if self.current_dir.as_ref() == Some(&real) {
                return;
            }
            let is_below = |above: &Option<PathBuf>| {
                above.as_ref().is_some_and(|above| real != *above && real.starts_with(above))
            };
            let goes_on = is_below(&self.current_dir) || is_below(&top);
            self.folders.entry(real).or_insert_with(|| dir.clone());
            if !goes_on {
                return;
            }
            dir = dir_above(&dir);
        }
    }

    /// Returns the files with these names in the folders.
    pub(crate) fn find_files(&self, names: &[String]) -> Vec<PathBuf> {
        let in_folder = |dir: &PathBuf| {
            let files = names.iter().map(|name| dir.join(name)).collect::<Vec<_>>();
            files.into_iter().filter(|file| symlinks::path_kind(file) != PathKind::Absent)
        };
        let found: BTreeSet<PathBuf> = self.folders.values().flat_map(in_folder).collect();
        found.into_iter().collect()
    }
}

/// Returns the parent folder, by name if it has one.
fn dir_above(dir: &Path) -> PathBuf {
    match (dir.components().next_back(), dir.parent()) {
        (Some(Component::Normal(_)), Some(parent)) if parent.as_os_str().is_empty() => {
            PathBuf::from(".")
        }
        (Some(Component::Normal(_)), Some(parent)) => parent.to_owned(),
        _ => dir.join(".."),
    }
}

/// The settings of a run in outputs for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettingsSummary {
    /// File that was used.
    pub(crate) file: Option<String>,
    #[serde(flatten)]
    pub(crate) effect: SettingsEffect,
    /// Ignored settings files.
    #[serde(rename = "passed-over")]
    pub(crate) passed: BTreeSet<String>,
}

impl SettingsSummary {
    /// Returns the summary as a message, also if there were no settings.
    pub(crate) fn to_message(&self) -> Message {
        let SettingsEffect { dropped, lowered } = self.effect;
        match &self.file {
            Some(file) => msg!("settings.used", file = file, dropped = dropped, lowered = lowered),
            None => msg!("settings.none"),
        }
    }
}

impl Terminal {
    /// Sets the settings of the run.
    pub(crate) fn set_settings_file(&mut self, by: &RunSettings) {
        self.settings_file = by.file.as_ref().map(|file| display_path(file));
    }

    /// Adds the effect of the settings on some findings.
    pub(crate) fn add_settings_effect(&mut self, effect: SettingsEffect) {
        self.total.settings_effect.add(effect);
    }

    /// Prints the settings used and their effect on the findings, if there were any. In a SARIF log
    /// they are a property of the run.
    pub(crate) fn print_settings(&self) {
        let Some(file) = &self.settings_file else { return };
        let effect = self.total.settings_effect;
        let told =
            SettingsSummary { file: Some(file.clone()), effect, ..SettingsSummary::default() };
        let message = told.to_message();
        let stream = if self.findings_first { OutputStream::Stdout } else { OutputStream::Stderr };
        if self.format == DiagnosticFormat::Human {
            self.write_stream(stream, &format!("{}\n", message.in_lang(self.lang)));
            return;
        }
        let mut sources = Sources::default();
        let place = Location::File(sources.add_binary(file));
        let found = Diagnostic::new(SETTINGS_USED_RULE, Severity::Info, place, message);
        let line = diag::render_diagnostics(&[found], &sources, self.format, self.lang);
        match (self.format, serde_json::from_str::<Map<String, Value>>(&line)) {
            (DiagnosticFormat::Json, Ok(mut line)) => {
                line.insert("dropped".to_owned(), json!(effect.dropped));
                line.insert("lowered".to_owned(), json!(effect.lowered));
                self.write_stream(OutputStream::Stdout, &format!("{}\n", Value::from(line)));
            }
            (DiagnosticFormat::Short, _) => self.write_stream(stream, &line),
            _ => {}
        }
    }

    /// Returns the properties of the run in a SARIF log.
    pub(crate) fn sarif_properties(&self) -> Map<String, Value> {
        let mut out = Map::new();
        if let Some(file) = &self.settings_file {
            let SettingsEffect { dropped, lowered } = self.total.settings_effect;
            let file = self.path_remap.remap_from_here(file);
            let told = json!({ "file": file, "dropped": dropped, "lowered": lowered });
            out.insert("settings".to_owned(), told);
        }
        out
    }
}
