//! Owns the names of files in outputs for others: their paths below the given ones, with `/`, so
//! that no path of this machine and no user name is revealed.
//! Must not know the content of the outputs.

use crate::cli::fs::paths::display_path;
use docx_fill::diag::{Diagnostic, Sources};
use docx_fill::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Characters that end a path within a sentence.
const PATH_END_CHARS: &str = "\"'”’“‘」》：:，,；;。）) \n\t";

/// A given path with its name.
type NamedRoot<'a> = Option<(&'a PathBuf, &'a String)>;

/// The names of a run's files for others.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathRemapping {
    /// Given paths with their names; the name is empty if paths below are used alone.
    roots: BTreeMap<PathBuf, String>,
    /// Further files and folders of the run, such as the output folder.
    other_paths: Vec<PathBuf>,
    /// Current folder.
    current_dir: PathBuf,
}

impl PathRemapping {
    /// Creates names for what lies below files and folders: a single folder needs no name; several
    /// are distinguished by as much of their paths as necessary.
    pub(crate) fn from_roots(named: &[PathBuf]) -> PathRemapping {
        let named: BTreeSet<&PathBuf> = named.iter().collect();
        let alone = named.len() == 1 && named.iter().all(|path| path.is_dir());
        let deepest =
            named.iter().map(|path| normal_components(path).len()).max().unwrap_or_default();
        let label = |path: &Path, count: usize| {
            let parts = normal_components(path);
            parts[parts.len().saturating_sub(count)..].join("/")
        };
        let apart = |count: &usize| {
            let labels: BTreeSet<String> = named.iter().map(|path| label(path, *count)).collect();
            labels.len() == named.len()
        };
        let count = if alone { 0 } else { (1..deepest).find(apart).unwrap_or(deepest) };
        let roots = named.iter().map(|path| ((*path).clone(), label(path, count))).collect();
        let current_dir = std::env::current_dir().unwrap_or_default();
        PathRemapping { roots, other_paths: Vec::new(), current_dir }
    }

    /// Adds files and folders that the run writes or reads besides, which keep their own names.
    #[must_use]
    pub(crate) fn with_paths<'a>(
        mut self,
        further: impl IntoIterator<Item = &'a PathBuf>,
    ) -> PathRemapping {
        self.other_paths.extend(further.into_iter().cloned());
        self
    }

    /// Returns the name for others of a file, given its path in messages.
    pub(crate) fn remap_path(&self, shown: &str) -> String {
        let path = Path::new(shown);
        for root in path.ancestors() {
            if let Some(label) = self.roots.get(root) {
                let whole = label.is_empty() && root == path;
                let rest = path.strip_prefix(root).unwrap_or(path);
                return if whole { last_name(root) } else { join_label(label, rest) };
            }
        }
        let mut further = self.other_paths.iter();
        match further.find_map(|root| Some((root, path.strip_prefix(root).ok()?))) {
            Some((root, rest)) if rest.as_os_str().is_empty() => last_name(root),
            Some((_, rest)) => join_label("", rest),
            None if stays_below(path) => join_label("", path),
            None => path
                .strip_prefix(&self.current_dir)
                .map_or_else(|_| last_name(path), |rest| join_label("", rest)),
        }
    }

    /// Returns the name of a file for a program that runs in the current folder, too.
    pub(crate) fn remap_from_here(&self, shown: &str) -> String {
        let path = Path::new(shown);
        let here = path.strip_prefix(&self.current_dir).unwrap_or(path);
        if stays_below(here) { join_label("", here) } else { self.remap_path(shown) }
    }

    /// Returns a sentence about a file with the paths in it replaced.
    pub(crate) fn remap_text(&self, about: &Path, words: &str) -> String {
        replace_prefixes(&self.path_prefixes(self.root_of(about)), words)
    }

    /// Returns the given path above a file.
    fn root_of(&self, about: &Path) -> NamedRoot<'_> {
        about.ancestors().find_map(|root| self.roots.get_key_value(root))
    }

    /// Returns the path prefixes to be replaced, with their replacements, the longest first.
    fn path_prefixes(&self, root: NamedRoot<'_>) -> Vec<(String, String)> {
        let further = self.other_paths.iter().map(|path| (path, String::new()));
        let all = root.map(|(root, label)| (root, label.clone())).into_iter().chain(further);
        let mut cuts: Vec<(String, String)> = Vec::new();
        for (path, label) in all {
            let real = path.canonicalize().ok();
            let forms = [Some(path.clone()), Some(self.current_dir.join(path)), real];
            cuts.extend(forms.into_iter().flatten().filter(|form| !stays_below(form)).flat_map(
                |form| {
                    let form = display_path(&form).trim_end_matches(['/', '\\']).to_owned();
                    // Windows has another notation for a path that it has resolved.
                    let plain = form.strip_prefix(r"\\?\").map(str::to_owned);
                    [Some(form), plain].into_iter().flatten().map(|form| (form, label.clone()))
                },
            ));
        }
        cuts.push((display_path(&self.current_dir), String::new()));
        cuts.retain(|(form, _)| form.len() > 1);
        cuts.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        cuts
    }

    /// Returns findings and sources for a log, whose readers are in the current folder.
    pub(crate) fn remap_for_log(
        &self,
        found: &[Diagnostic],
        sources: &Sources,
    ) -> (Vec<Diagnostic>, Sources) {
        let named = sources.map_names(&|name| self.remap_from_here(name));
        (self.remap_findings(found, sources), named)
    }

    /// Returns the sources under their names for others.
    pub(crate) fn remap_sources(&self, sources: &Sources) -> Sources {
        sources.map_names(&|name| self.remap_path(name))
    }

    /// Returns findings with the paths in their messages replaced.
    pub(crate) fn remap_findings(
        &self,
        found: &[Diagnostic],
        sources: &Sources,
    ) -> Vec<Diagnostic> {
        let mut known: BTreeMap<NamedRoot<'_>, Vec<(String, String)>> = BTreeMap::new();
        let one = |found: &Diagnostic| {
            let about =
                found.location.source().map(|source| sources.name(source)).unwrap_or_default();
            let below = |root: &Path| root != Path::new("") && self.roots.contains_key(root);
            let root = self.root_of(Path::new(about));
            let fronts = known.entry(root).or_insert_with(|| self.path_prefixes(root));
            found.clone().map_args(&|words| match Path::new(words).parent() {
                _ if !words.contains(['/', '\\']) => words.to_owned(),
                Some(folder) if folder.ancestors().any(below) => self.remap_path(words),
                _ => replace_prefixes(fronts, words),
            })
        };
        found.iter().map(one).collect()
    }
}

/// Returns the components of a path that are names.
fn normal_components(path: &Path) -> Vec<String> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    };
    path.components().filter_map(name).collect()
}

/// Checks whether a relative path leads to something below its folder.
fn stays_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Returns a path below a name, with `/`.
fn join_label(label: &str, rest: &Path) -> String {
    let label = Some(label.to_owned()).filter(|label| !label.is_empty());
    let all: Vec<String> = label.into_iter().chain(normal_components(rest)).collect();
    if all.is_empty() { ".".to_owned() } else { all.join("/") }
}

fn last_name(path: &Path) -> String {
    normal_components(path).pop().unwrap_or_else(|| ".".to_owned())
}

fn replace_prefixes(fronts: &[(String, String)], words: &str) -> String {
    fronts
        .iter()
        .fold(words.to_owned(), |words, (front, label)| replace_prefix(&words, front, label))
}

/// Replaces a prefix of the paths in a text; the rest of them gets `/`.
fn replace_prefix(words: &str, front: &str, label: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once(front) {
        let path = after.slice(..after.find(|c| PATH_END_CHARS.contains(c)).unwrap_or(after.len()));
        out.push_str(before);
        let below = path.strip_prefix(['/', '\\']);
        if below.is_none() && !path.is_empty() {
            // Another path that only begins with the same characters.
            out.push_str(front);
            rest = after;
            continue;
        }
        let tail = below.unwrap_or_default();
        let tail = if front.contains('\\') { tail.replace('\\', "/") } else { tail.to_owned() };
        let parts = [label, &tail].into_iter().filter(|part| !part.is_empty());
        let name = parts.collect::<Vec<_>>().join("/");
        out.push_str(&if name.is_empty() { last_name(Path::new(front)) } else { name });
        rest = after.slice(path.len()..);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(named: &[&str]) -> PathRemapping {
        PathRemapping::from_roots(&named.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_file_is_called_by_its_way_below_what_was_named() {
        let one = of(&["/tmp"]);
        assert_eq!(one.remap_path("/tmp/镇/report.toml"), "镇/report.toml");
        assert_eq!(one.remap_path("/tmp"), "tmp");
        assert_eq!(one.remap_path("/home/wang/last.toml"), "last.toml", "not named");
        let file = of(&["/home/wang/年报.toml"]);
        assert_eq!(file.remap_path("/home/wang/年报.toml"), "年报.toml");
        let more = of(&["/home/wang/a/report.toml", "/home/wang/b/report.toml", "c/report.toml"]);
        assert_eq!(more.remap_path("/home/wang/a/report.toml"), "a/report.toml");
        assert_eq!(more.remap_path("c/report.toml"), "c/report.toml");
        assert_eq!(of(&["../x", "./y"]).remap_path("../x/1.toml"), "x/1.toml");
        let further = of(&["in"]).with_paths(&[PathBuf::from("/home/wang/out")]);
        assert_eq!(further.remap_path("/home/wang/out/report.toml"), "report.toml");
        assert_eq!(further.remap_path("/home/wang/out"), "out");
    }

    #[test]
    fn sentences_lose_the_front_of_their_paths() {
        let one = of(&["/home/wang/units"]);
        let words = |text: &str| one.remap_text(Path::new("/home/wang/units/a.toml"), text);
        assert_eq!(words("读不了“/home/wang/units/a.toml”"), "读不了“units/a.toml”");
        assert_eq!(words("/home/wang/units: no"), "units: no");
        assert_eq!(words("/home/wang/units2/a"), "/home/wang/units2/a", "another one");
        let win =
            replace_prefix(r"读不了“C:\Users\wang\年报\镇\a.toml”", r"C:\Users\wang\年报", "");
        assert_eq!(win, "读不了“镇/a.toml”");
    }
}
