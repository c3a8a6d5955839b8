//! Owns which settings judge a run: the file that was named, else that of the current folder. What lies beside
//! data is passed over and said once, and what the settings made of the findings is said at the end.
//! Must not know what they mean: `nianbao::check::Settings` reads them.

use super::args::Against;
use super::files::shown;
use super::links::{self, Found};
use super::outward::Outward;
use super::{Failure, Stream, Terminal, against, load};
use docx_fill::diag::{self, Diagnostic, Format, Place, Severity, Sink, Sources, Text};
use nianbao::check::Settings;
use nianbao::check::settings::{Effect, PASSED, USED};
use nianbao::form::Library;
use nianbao::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Name of the settings file.
pub(crate) const SETTINGS: &str = "nianbao.toml";
/// Most folders above a file that are looked into.
const HIGHEST: usize = 64;

/// What the reports of a run are judged by.
pub(crate) struct RunSettings {
    pub(crate) settings: Settings,
    /// The file that they come from.
    pub(crate) file: Option<PathBuf>,
    /// Whether that file has errors, so that nothing can be called right by it.
    pub(crate) faulty: bool,
    /// Last year's file, if one was named.
    pub(crate) previous: Option<PathBuf>,
    /// Settings of others that were passed over.
    pub(crate) passed: Vec<PathBuf>,
}

impl RunSettings {
    /// Reads the settings that were named, else those of the current folder, and says which others lie on the
    /// way to the data.
    pub(crate) fn read(
        against: &Against,
        way: &Way,
        library: &Library,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Result<RunSettings, Failure> {
        let mut own = Sink::new();
        let here = PathBuf::from(SETTINGS);
        let file = match &against.config {
            Some(named) => Some(named.clone()),
            None if against.only_named => None,
            None => links::is_own_file(&here, sources, &mut own).then(|| here.clone()),
        };
        let mut settings = Settings::default().with_notices(library);
        if let Some(file) = &file
            && let Some((source, root)) = load::tree(file, library, sources, &mut own)?
        {
            settings = Settings::read(source, &root, library, &mut own);
        }
        let faulty = own.has_errors();
        let mut others: Vec<PathBuf> = way.files(&[SETTINGS.to_owned()]);
        let there = links::look(&here);
        let counts = there == Found::File && !against.only_named;
        others.extend(counts.then_some(here.clone()));
        let mut passed = without(others, file.as_deref());
        let told = passed.iter().map(|file| {
            let message = text!("settings.passed-over", file = shown(file));
            let hint = text!("settings.passed-over-hint", file = shown(file));
            passed_over(file, sources, message).hint(hint)
        });
        own.extend(told.collect::<Vec<_>>());
        passed.sort();
        sink.extend(settings.settle(own));
        let previous = against.previous.clone();
        Ok(RunSettings { settings, file, faulty, previous, passed })
    }

    /// What is told of them to others.
    pub(crate) fn told(&self, effect: Effect, outward: &Outward) -> Told {
        let name = |file: &PathBuf| outward.name(&shown(file));
        let passed = self.passed.iter().map(name).collect();
        Told { file: self.file.as_ref().map(name), effect, passed }
    }
}

/// A finding about settings that were passed over.
pub(crate) fn passed_over(file: &Path, sources: &mut Sources, message: Text) -> Diagnostic {
    let place = Place::File(sources.add_binary(shown(file)));
    Diagnostic::new(PASSED, Severity::Remark, place, message)
}

/// Files without the one that is used.
pub(crate) fn without(files: Vec<PathBuf>, used: Option<&Path>) -> Vec<PathBuf> {
    let used = used.and_then(|file| file.canonicalize().ok());
    let other = |file: &PathBuf| used.is_none() || file.canonicalize().ok() != used;
    files.into_iter().filter(other).collect()
}

/// The folders by which a run comes to its data, without the current one.
#[derive(Debug, Default)]
pub(crate) struct Way {
    here: Option<PathBuf>,
    /// By what they really are, so that each is looked into once.
    folders: BTreeMap<PathBuf, PathBuf>,
}

impl Way {
    /// No folder yet.
    pub(crate) fn new() -> Way {
        let here = std::env::current_dir().and_then(|dir| dir.canonicalize()).ok();
        Way { here, folders: BTreeMap::new() }
    }

    /// The way to each of these, as they were named.
    pub(crate) fn to<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Way {
        let mut way = Way::new();
        for path in paths {
            way.add(path, path);
        }
        way
    }

    /// Adds the folder of a file and those above it, up to the one that was named or the current one.
    pub(crate) fn add(&mut self, path: &Path, top: &Path) {
        let inside =
            |path: &Path| if path.is_dir() { path.to_owned() } else { against::folder(path) };
        let (mut dir, top) = (inside(path), inside(top).canonicalize().ok());
        for _ in 0..HIGHEST {
            let Ok(real) = dir.canonicalize() else { return };
            if self.here.as_ref() == Some(&real) {
                return;
            }
            let is_below = |above: &Option<PathBuf>| {
                above.as_ref().is_some_and(|above| real != *above && real.starts_with(above))
            };
            let goes_on = is_below(&self.here) || is_below(&top);
            self.folders.entry(real).or_insert_with(|| dir.clone());
            if !goes_on {
                return;
            }
            dir = above(&dir);
        }
    }

    /// The files of these names in the folders; a folder of such a name is none.
    pub(crate) fn files(&self, names: &[String]) -> Vec<PathBuf> {
        let in_folder = |dir: &PathBuf| {
            let files = names.iter().map(|name| dir.join(name)).collect::<Vec<_>>();
            files.into_iter().filter(|file| links::look(file) != Found::Absent)
        };
        let found: BTreeSet<PathBuf> = self.folders.values().flat_map(in_folder).collect();
        found.into_iter().collect()
    }
}

/// The folder above, by its name where it has one.
fn above(dir: &Path) -> PathBuf {
    match (dir.components().next_back(), dir.parent()) {
        (Some(Component::Normal(_)), Some(parent)) if parent.as_os_str().is_empty() => {
            PathBuf::from(".")
        }
        (Some(Component::Normal(_)), Some(parent)) => parent.to_owned(),
        _ => dir.join(".."),
    }
}

/// What a run says of its settings to programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The file that was used.
    pub(crate) file: Option<String>,
    #[serde(flatten)]
    pub(crate) effect: Effect,
    /// Settings of others that were passed over.
    #[serde(rename = "passed-over")]
    pub(crate) passed: BTreeSet<String>,
}

impl Told {
    /// In words, also where there is nothing to say.
    pub(crate) fn words(&self) -> Text {
        let Effect { dropped, lowered } = self.effect;
        match &self.file {
            Some(file) => text!("settings.used", file = file, dropped = dropped, lowered = lowered),
            None => text!("settings.none"),
        }
    }
}

impl Terminal {
    /// Takes down which settings judge the run.
    pub(crate) fn judge_by(&mut self, by: &RunSettings) {
        self.settings = by.file.as_ref().map(|file| shown(file));
    }

    /// Adds what the settings made of some findings.
    pub(crate) fn settled(&mut self, effect: Effect) {
        self.all.settled.add(effect);
    }

    /// Says which settings were used and what they made of the findings, if there were any. In a log it is a
    /// property of the run.
    pub(crate) fn tell_settings(&self) {
        let Some(file) = &self.settings else { return };
        let effect = self.all.settled;
        let told = Told { file: Some(file.clone()), effect, ..Told::default() };
        let message = told.words();
        let stream = if self.findings_first { Stream::Out } else { Stream::Err };
        if self.format == Format::Human {
            self.put(stream, &format!("{}\n", message.in_lang(self.lang)));
            return;
        }
        let mut sources = Sources::default();
        let place = Place::File(sources.add_binary(file));
        let found = Diagnostic::new(USED, Severity::Remark, place, message);
        let line = diag::print(&[found], &sources, self.format, self.lang);
        match (self.format, serde_json::from_str::<Map<String, Value>>(&line)) {
            (Format::Json, Ok(mut line)) => {
                line.insert("dropped".to_owned(), json!(effect.dropped));
                line.insert("lowered".to_owned(), json!(effect.lowered));
                self.put(Stream::Out, &format!("{}\n", Value::from(line)));
            }
            (Format::Short, _) => self.put(stream, &line),
            _ => {}
        }
    }

    /// The properties of a log's run.
    pub(crate) fn properties(&self) -> Map<String, Value> {
        let mut out = Map::new();
        if let Some(file) = &self.settings {
            let Effect { dropped, lowered } = self.all.settled;
            let file = self.outward.name_from_here(file);
            let told = json!({ "file": file, "dropped": dropped, "lowered": lowered });
            out.insert("settings".to_owned(), told);
        }
        out
    }
}
