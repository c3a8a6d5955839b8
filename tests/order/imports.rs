//! Owns reading which modules of a crate use which others, from the text of its sources.
//! Must not know what order they should have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module by the names that lead to it; the crate's root has none.
pub(crate) type Module = Vec<String>;

/// The modules of a crate with what each uses.
pub(crate) struct Crate {
    files: BTreeMap<Module, String>,
    edges: BTreeSet<(Module, Module)>,
}

impl Crate {
    /// Reads all sources below a folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(folder, &mut Vec::new(), &mut files);
        Crate::of(files)
    }

    /// A crate from the texts of its modules.
    pub(crate) fn of(files: BTreeMap<Module, String>) -> Self {
        let mut edges = BTreeSet::new();
        for (module, text) in &files {
            for path in paths(text) {
                if let Some(used) = resolve(module, &path, &files).filter(|used| used != module) {
                    edges.insert((module.clone(), used));
                }
            }
        }
        Crate { files, edges }
    }

    /// All modules.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Module> {
        self.files.keys()
    }

    /// Which module uses which.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (&Module, &Module)> {
        self.edges.iter().map(|(from, to)| (from, to))
    }

    fn is_folder(&self, module: &Module) -> bool {
        self.files.keys().any(|other| other.len() > module.len() && other.starts_with(module))
    }
}

fn collect(folder: &Path, at: &mut Module, files: &mut BTreeMap<Module, String>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            at.push(name);
            collect(&path, at, files);
            at.pop();
        } else if let Some(stem) = name.strip_suffix(".rs").filter(|stem| *stem != "tests") {
            let mut module = at.clone();
            if !matches!(stem, "mod" | "lib" | "main") {
                module.push(stem.to_owned());
            }
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            // A library and its program have one root.
            files.entry(module).or_default().push_str(&text);
        }
    }
}

/// The module that a path leads to, seen from another; `None` if it leads out of the crate.
fn resolve(from: &Module, path: &[String], files: &BTreeMap<Module, String>) -> Option<Module> {
    let (mut at, mut rest) = match path.first()?.as_str() {
        "crate" => (Module::new(), &path[1..]),
        "self" => (from.clone(), &path[1..]),
        "super" => (from.clone(), path),
        first => {
            let mut child = from.clone();
            child.push(first.to_owned());
            files.contains_key(&child).then_some((from.clone(), path))?
        }
    };
    while rest.first().is_some_and(|part| part == "super") {
        at.pop()?;
        rest = &rest[1..];
    }
    for part in rest {
        at.push(part.clone());
        if !files.contains_key(&at) {
            at.pop();
            break;
        }
    }
    Some(at)
}

/// The paths that a source names: those of its imports, groups taken apart, and those within the code.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut out = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("use ") {
        let starts = rest[..at].chars().next_back().is_none_or(char::is_whitespace);
        rest = &rest[at + 4..];
        if let Some(tree) = starts.then(|| rest.split(';').next()).flatten() {
            expand(&[], tree, &mut out);
        }
    }
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
                continue;
            }
            let path = code[at..].split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':')));
            let path = path.into_iter().next().unwrap_or_default();
            out.push(segments(path));
        }
    }
    out
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Takes the tree of an import apart.
fn expand(prefix: &[String], tree: &str, out: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let (head, group) = match tree.split_once('{') {
        Some((head, rest)) => (head, rest.strip_suffix('}')),
        None => (tree, None),
    };
    let mut path = prefix.to_vec();
    let head = head.split(" as ").next().unwrap_or_default();
    path.extend(segments(head).into_iter().filter(|part| part != "self" || prefix.is_empty()));
    let Some(group) = group else { return out.push(path) };
    let (mut depth, mut from) = (0_usize, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = group[from..at].trim();
                if !part.is_empty() {
                    expand(&path, part, out);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// Files that reach each other by what they use; the faces of folders, which bind their files together, are left out.
pub(crate) fn circles(modules: &Crate) -> Vec<Vec<String>> {
    let files: Vec<&Module> =
        modules.names().filter(|name| !name.is_empty() && !modules.is_folder(name)).collect();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = files
        .iter()
        .map(|start| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![*start]);
            while let Some(at) = open.pop() {
                for (_, to) in
                    modules.edges().filter(|(from, to)| *from == at && files.contains(to))
                {
                    if seen.insert(to) {
                        open.push(to);
                    }
                }
            }
            (*start, seen)
        })
        .collect();
    let mut out: Vec<Vec<String>> = Vec::new();
    let mut done: BTreeSet<&Module> = BTreeSet::new();
    for file in &files {
        if done.contains(file) || !reached[file].contains(file) {
            continue;
        }
        let circle = files.iter().filter(|other| reached[file].contains(*other));
        let circle: Vec<_> = circle.filter(|other| reached[*other].contains(*file)).collect();
        done.extend(circle.iter().copied());
        out.push(circle.into_iter().map(|module| module.join("::")).collect());
    }
    out
}
