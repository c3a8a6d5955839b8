//! The order of modules is the one that ARCHITECTURE.md draws, down to the files of a folder: a module uses only what
//! stands to its left, and no files import each other in a circle.

mod imports;

use imports::{Crate, circles};
use std::collections::BTreeMap;
use std::path::Path;

/// The line of each folder of a crate, `""` for the crate itself: levels from the bottom, names by level.
type Order = BTreeMap<String, BTreeMap<String, usize>>;

/// The block of a crate in ARCHITECTURE.md: a line for the crate, then `folder: file ← file` for folders.
fn order_of(document: &str, name: &str) -> Order {
    let fence = format!("```order {name}\n");
    let block = document.split(&fence).nth(1).unwrap_or_else(|| panic!("no order of {name}"));
    let block = block.split("```").next().expect("the end of the block");
    let mut order = Order::new();
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        let (folder, line) = line.split_once(": ").unwrap_or(("", line));
        let levels = order.entry(folder.trim().to_owned()).or_default();
        for (level, names) in line.split('←').enumerate() {
            for name in names.split(',') {
                let again = levels.insert(name.trim().to_owned(), level);
                assert!(again.is_none(), "{folder}: {name} stands twice");
            }
        }
    }
    order
}

/// What is wrong with the imports of a crate, measured by its order.
fn violations(modules: &Crate, order: &Order) -> Vec<String> {
    let mut out = Vec::new();
    for (from, to) in modules.edges() {
        let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
        let (Some(upper), Some(lower)) = (from.get(common), to.get(common)) else { continue };
        let Some(levels) = order.get(&from[..common].join("/")) else { continue };
        let level = |name: &String| {
            levels.get(name).copied().unwrap_or_else(|| {
                panic!("ARCHITECTURE.md has no place for {name} of {:?}", &from[..common])
            })
        };
        if level(lower) >= level(upper) {
            let (from, to) = (from.join("::"), to.join("::"));
            out.push(format!("{from} uses {to}, but {lower} is not below {upper}"));
        }
    }
    out
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn architecture() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("UTF-8")
}

#[test]
fn imports_point_down() {
    for (name, folder) in [("docx-fill", "crates/docx-fill/src"), ("nianbao", "src")] {
        let modules = Crate::read(&root().join(folder));
        assert!(modules.edges().count() > 100, "{name}");
        let found = violations(&modules, &order_of(&architecture(), name));
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

/// Every folder of the engine has a line, and every file of it a place.
#[test]
fn the_order_of_the_engine_is_complete() {
    let modules = Crate::read(&root().join("crates/docx-fill/src"));
    let order = order_of(&architecture(), "docx-fill");
    for module in modules.names().filter(|module| !module.is_empty()) {
        let (name, folder) = module.split_last().expect("a name");
        let folder = folder.join("/");
        let levels = order.get(&folder).unwrap_or_else(|| panic!("no line for {folder}"));
        assert!(levels.contains_key(name), "{folder}: {name} has no place");
    }
    let files = order.iter().flat_map(|(folder, levels)| levels.keys().map(move |n| (folder, n)));
    for (folder, name) in files {
        let folder = folder.split('/').filter(|part| !part.is_empty());
        let path: Vec<String> = folder.chain([name.as_str()]).map(str::to_owned).collect();
        assert!(modules.names().any(|module| *module == path), "there is no {path:?}");
    }
}

#[test]
fn files_import_in_no_circle() {
    for folder in ["crates/docx-fill/src", "src"] {
        let found = circles(&Crate::read(&root().join(folder)));
        assert!(found.is_empty(), "{folder}: {found:#?}");
    }
}

/// Whatever way an import is written, one that points up is found.
#[test]
fn planted_violations_are_found() {
    let order = order_of("```order x\nlow ← middle ← high\nhigh: a ← b\n```", "x");
    let clean: [(&[&str], &str); 6] = [
        (&[], "mod low;"),
        (&["low"], "pub struct Low;"),
        (&["middle"], "use crate::low::Low;"),
        (&["high"], "mod a;\nmod b;"),
        (&["high", "a"], "use crate::middle;"),
        (&["high", "b"], "use super::a::A;\n// use crate::nothing;"),
    ];
    let with = |planted: (&[&str], &str)| {
        let mut files: BTreeMap<Vec<String>, String> = BTreeMap::new();
        for (path, text) in clean.iter().copied().chain([planted]) {
            files.insert(path.iter().map(|part| (*part).to_owned()).collect(), text.to_owned());
        }
        Crate::of(files)
    };
    assert_eq!(violations(&with(clean[1]), &order), Vec::<String>::new());
    assert!(circles(&with(clean[1])).is_empty());
    let planted: [(&[&str], &str); 9] = [
        (&["low"], "use crate::middle::M;"),
        (&["low"], "use crate::{other, high::a};"),
        (&["low"], "use crate::{other, middle::{M, N as O}};"),
        (&["low"], "pub(crate) use crate::middle::*;"),
        (&["low"], "fn f() { crate::high::b::run() }"),
        (&["low"], "fn f() { let x = super::middle::M; }"),
        (&["high", "a"], "use super::b::B;"),
        (&["high", "a"], "use super::{b::{self, B}};"),
        (&["high", "a"], "fn f() -> crate::high::b::B { todo() }"),
    ];
    for (path, text) in planted {
        let found = violations(&with((path, text)), &order);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
    let circle = with((&["high", "a"], "use super::b::B;"));
    assert_eq!(circles(&circle).len(), 1);
}
