//! Owns how files are called in what goes to others: by their way below what was named, with `/`. No path of
//! this machine and no name of its user leaves the house.
//! Must not know what is written.

use super::files::shown;
use docx_fill::diag::{Diagnostic, Sources};
use docx_fill::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Signs that end a path within a sentence.
const ENDS: &str = "\"'”’“‘」》：:，,；;。）) \n\t";

/// What was named, and how it is called.
type Root<'a> = Option<(&'a PathBuf, &'a String)>;

/// The names of a run's files for others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outward {
    /// What was named, with how it is called; empty if everything below it is called by itself.
    named: BTreeMap<PathBuf, String>,
    /// Further files and folders of the run, such as the one for the outputs.
    further: Vec<PathBuf>,
    /// The current folder.
    here: PathBuf,
}

impl Outward {
    /// Names what lies below files and folders: one folder alone needs no name, others are told apart by as
    /// much of their paths as is needed.
    pub(crate) fn of(named: &[PathBuf]) -> Outward {
        let named: BTreeSet<&PathBuf> = named.iter().collect();
        let alone = named.len() == 1 && named.iter().all(|path| path.is_dir());
        let deepest = named.iter().map(|path| parts(path).len()).max().unwrap_or_default();
        let label = |path: &Path, count: usize| {
            let parts = parts(path);
            parts[parts.len().saturating_sub(count)..].join("/")
        };
        let apart = |count: &usize| {
            let labels: BTreeSet<String> = named.iter().map(|path| label(path, *count)).collect();
            labels.len() == named.len()
        };
        let count = if alone { 0 } else { (1..deepest).find(apart).unwrap_or(deepest) };
        let named = named.iter().map(|path| ((*path).clone(), label(path, count))).collect();
        let here = std::env::current_dir().unwrap_or_default();
        Outward { named, further: Vec::new(), here }
    }

    /// Adds files and folders that the run writes or reads besides: they are called by their own names.
    #[must_use]
    pub(crate) fn with<'a>(mut self, further: impl IntoIterator<Item = &'a PathBuf>) -> Outward {
        self.further.extend(further.into_iter().cloned());
        self
    }

    /// What a file is called that messages call so.
    pub(crate) fn name(&self, shown: &str) -> String {
        let path = Path::new(shown);
        for root in path.ancestors() {
            if let Some(label) = self.named.get(root) {
                let whole = label.is_empty() && root == path;
                let rest = path.strip_prefix(root).unwrap_or(path);
                return if whole { last(root) } else { below(label, rest) };
            }
        }
        let mut further = self.further.iter();
        match further.find_map(|root| Some((root, path.strip_prefix(root).ok()?))) {
            Some((root, rest)) if rest.as_os_str().is_empty() => last(root),
            Some((_, rest)) => below("", rest),
            None if is_within(path) => below("", path),
            None => {
                path.strip_prefix(&self.here).map_or_else(|_| last(path), |rest| below("", rest))
            }
        }
    }

    /// What a file is called for a program that stands in the current folder too.
    pub(crate) fn name_from_here(&self, shown: &str) -> String {
        let path = Path::new(shown);
        let here = path.strip_prefix(&self.here).unwrap_or(path);
        if is_within(here) { below("", here) } else { self.name(shown) }
    }

    /// A sentence about a file, with the paths in it as others may read them.
    pub(crate) fn words(&self, about: &Path, words: &str) -> String {
        cut_all(&self.fronts(self.root(about)), words)
    }

    /// What was named, of a file below it.
    fn root(&self, about: &Path) -> Root<'_> {
        about.ancestors().find_map(|root| self.named.get_key_value(root))
    }

    /// The fronts of paths that are cut, with what stands for them, the longest first.
    fn fronts(&self, root: Root<'_>) -> Vec<(String, String)> {
        let further = self.further.iter().map(|path| (path, String::new()));
        let all = root.map(|(root, label)| (root, label.clone())).into_iter().chain(further);
        let mut cuts: Vec<(String, String)> = Vec::new();
        for (path, label) in all {
            let real = path.canonicalize().ok();
            let forms = [Some(path.clone()), Some(self.here.join(path)), real];
            cuts.extend(forms.into_iter().flatten().filter(|form| !is_within(form)).flat_map(
                |form| {
                    let form = shown(&form).trim_end_matches(['/', '\\']).to_owned();
                    // Windows has another way to write a path that it has looked up.
                    let plain = form.strip_prefix(r"\\?\").map(str::to_owned);
                    [Some(form), plain].into_iter().flatten().map(|form| (form, label.clone()))
                },
            ));
        }
        cuts.push((shown(&self.here), String::new()));
        cuts.retain(|(form, _)| form.len() > 1);
        cuts.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        cuts
    }

    /// Findings and files for a log, whose readers stand in the current folder.
    pub(crate) fn for_log(
        &self,
        found: &[Diagnostic],
        sources: &Sources,
    ) -> (Vec<Diagnostic>, Sources) {
        let named = sources.renamed(&|name| self.name_from_here(name));
        (self.findings(found, sources), named)
    }

    /// The files under their names for others.
    pub(crate) fn sources(&self, sources: &Sources) -> Sources {
        sources.renamed(&|name| self.name(name))
    }

    /// Findings whose sentences name files as others may read them.
    pub(crate) fn findings(&self, found: &[Diagnostic], sources: &Sources) -> Vec<Diagnostic> {
        let mut known: BTreeMap<Root<'_>, Vec<(String, String)>> = BTreeMap::new();
        let one = |found: &Diagnostic| {
            let about = found.place.source().map(|source| sources.name(source)).unwrap_or_default();
            let below = |root: &Path| root != Path::new("") && self.named.contains_key(root);
            let root = self.root(Path::new(about));
            let fronts = known.entry(root).or_insert_with(|| self.fronts(root));
            found.clone().map_words(&|words| match Path::new(words).parent() {
                _ if !words.contains(['/', '\\']) => words.to_owned(),
                Some(folder) if folder.ancestors().any(below) => self.name(words),
                _ => cut_all(fronts, words),
            })
        };
        found.iter().map(one).collect()
    }
}

/// The parts of a path that are names.
fn parts(path: &Path) -> Vec<String> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    };
    path.components().filter_map(name).collect()
}

/// Whether a path leads to something below the folder from which it counts.
fn is_within(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// A path below what is called so, with `/`.
fn below(label: &str, rest: &Path) -> String {
    let label = Some(label.to_owned()).filter(|label| !label.is_empty());
    let all: Vec<String> = label.into_iter().chain(parts(rest)).collect();
    if all.is_empty() { ".".to_owned() } else { all.join("/") }
}

fn last(path: &Path) -> String {
    parts(path).pop().unwrap_or_else(|| ".".to_owned())
}

fn cut_all(fronts: &[(String, String)], words: &str) -> String {
    fronts.iter().fold(words.to_owned(), |words, (front, label)| cut(&words, front, label))
}

/// Takes the front of paths away, or puts a name in its place; what is left of them gets `/`.
fn cut(words: &str, front: &str, label: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once(front) {
        let path = after.slice(..after.find(|c| ENDS.contains(c)).unwrap_or(after.len()));
        out.push_str(before);
        let below = path.strip_prefix(['/', '\\']);
        if below.is_none() && !path.is_empty() {
            // The name only begins alike.
            out.push_str(front);
            rest = after;
            continue;
        }
        let tail = below.unwrap_or_default();
        let tail = if front.contains('\\') { tail.replace('\\', "/") } else { tail.to_owned() };
        let parts = [label, &tail].into_iter().filter(|part| !part.is_empty());
        let name = parts.collect::<Vec<_>>().join("/");
        out.push_str(&if name.is_empty() { last(Path::new(front)) } else { name });
        rest = after.slice(path.len()..);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(named: &[&str]) -> Outward {
        Outward::of(&named.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_file_is_called_by_its_way_below_what_was_named() {
        let one = of(&["/tmp"]);
        assert_eq!(one.name("/tmp/镇/report.toml"), "镇/report.toml");
        assert_eq!(one.name("/tmp"), "tmp");
        assert_eq!(one.name("/home/wang/last.toml"), "last.toml", "not named");
        let file = of(&["/home/wang/年报.toml"]);
        assert_eq!(file.name("/home/wang/年报.toml"), "年报.toml");
        let more = of(&["/home/wang/a/report.toml", "/home/wang/b/report.toml", "c/report.toml"]);
        assert_eq!(more.name("/home/wang/a/report.toml"), "a/report.toml");
        assert_eq!(more.name("c/report.toml"), "c/report.toml");
        assert_eq!(of(&["../x", "./y"]).name("../x/1.toml"), "x/1.toml");
        let further = of(&["in"]).with(&[PathBuf::from("/home/wang/out")]);
        assert_eq!(further.name("/home/wang/out/report.toml"), "report.toml");
        assert_eq!(further.name("/home/wang/out"), "out");
    }

    #[test]
    fn sentences_lose_the_front_of_their_paths() {
        let one = of(&["/home/wang/units"]);
        let words = |text: &str| one.words(Path::new("/home/wang/units/a.toml"), text);
        assert_eq!(words("读不了“/home/wang/units/a.toml”"), "读不了“units/a.toml”");
        assert_eq!(words("/home/wang/units: no"), "units: no");
        assert_eq!(words("/home/wang/units2/a"), "/home/wang/units2/a", "another one");
        let win = cut(r"读不了“C:\Users\wang\年报\镇\a.toml”", r"C:\Users\wang\年报", "");
        assert_eq!(win, "读不了“镇/a.toml”");
    }
}
