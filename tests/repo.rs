//! What the documents say about the repository is true: layers, file sizes, module docs, message ids,
//! rules, fonts, and every command of the READMEs.

mod common;

use common::{names, root, run};
use docx_fill::diag::Lang;
use nianbao::check::rules::RuleGroup;
use nianbao::messages::CATALOGUE;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Longest source file, in lines.
const LONGEST: usize = 600;

/// Longest function, in lines: a screen.
const LONGEST_FUNCTION: usize = 66;

/// All source files below a folder with their text.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut out = Vec::new();
    for name in names(dir) {
        let path = dir.join(name);
        if path.is_dir() {
            out.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            out.push((path, text));
        }
    }
    out
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

const ENGINE: &str = "crates/docx-fill/src";

/// The sources of the engine and of the program.
fn both() -> impl Iterator<Item = (PathBuf, String)> {
    ["src", ENGINE].into_iter().flat_map(|folder| sources(&root().join(folder)))
}

/// The module of a file: the first name below `src` or the engine's sources.
fn module(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src"));
    let below = below.or_else(|_| path.strip_prefix(root().join(ENGINE))).expect("a source");
    let first =
        below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let launcher = sources(&root().join("crates/drop/src"));
    for (path, text) in both().chain(launcher) {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
        let docs: String = text.lines().take_while(|l| l.starts_with("//!")).collect();
        let lib = path.ends_with("src/lib.rs");
        let main = path.ends_with("src/main.rs") || path.ends_with("crates/drop/src/main.rs");
        let good = docs.contains("Owns") || main;
        assert!(lib || (good && docs.contains("Must not")), "{}", path.display());
    }
}

/// The functions of a formatted source, each with the number of its first line; tests are left out.
fn functions(text: &str) -> Vec<(usize, String)> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| {
        let mut words = line.split_whitespace();
        words.find(|word| !(word.starts_with("pub") || matches!(*word, "const" | "async")))
            == Some("fn")
    };
    let is_short = |line: &str| line.ends_with('}') || line.ends_with(';');
    let mut out = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| begins(line)) {
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends = |line: &&str| {
            let rest = line.strip_prefix(indent).unwrap_or_default();
            rest.starts_with('}') || rest.ends_with(';') && !rest.starts_with(' ')
        };
        let more = lines[at + 1..].iter().position(ends).map_or(0, |found| found + 1);
        let last = at + if is_short(line) { 0 } else { more };
        out.push((at + 1, lines[at..=last].join("\n")));
    }
    out
}

/// Checks whether a parameter of a function is a tuple pattern.
fn has_tuple_parameter(function: &str) -> bool {
    let head = function.find("fn ").map_or("", |at| &function[at..]);
    let (mut angles, mut rounds, mut last) = (0, 0, ' ');
    for c in head.chars().filter(|c| !c.is_whitespace()) {
        match c {
            '<' => angles += 1,
            '>' if last != '-' => angles -= 1,
            '(' if angles == 0 && rounds == 1 && matches!(last, '(' | ',') => return true,
            '(' if angles == 0 => rounds += 1,
            ')' if angles == 0 && rounds == 1 => return false,
            ')' if angles == 0 => rounds -= 1,
            _ => {}
        }
        last = c;
    }
    false
}

#[test]
fn functions_fit_a_screen_and_name_their_parameters() {
    for (path, text) in both() {
        for (line, function) in functions(&text) {
            let place = format!("{}:{line}", path.display());
            let lines = function.lines().count();
            assert!(lines <= LONGEST_FUNCTION, "{place}: a function of {lines} lines");
            assert!(!has_tuple_parameter(&function), "{place}: a tuple as a parameter");
        }
    }
}

#[test]
fn tuple_parameters_are_seen_and_tuple_types_are_not() {
    let source = "fn a((x, y): (u8, u8)) {}\n\nimpl A {\n    pub(crate) fn b<F: Fn((u8, u8)) -> u8>(\n        \
                  f: F,\n        (x, y): (u8, u8),\n    ) -> u8 {\n        0\n    }\n}\n\nfn c(pairs: \
                  BTreeMap<u8, (u8, u8)>, call: &dyn Fn(u8, (u8, u8))) -> (u8, u8) {\n    d((1, 2), (3, 4))\n}\n\n\
                  #[cfg(test)]\nmod tests {\n    fn e((x, y): (u8, u8)) {}\n}\n";
    let found = functions(source);
    let facts: Vec<(usize, usize, bool)> = found
        .iter()
        .map(|(line, text)| (*line, text.lines().count(), has_tuple_parameter(text)))
        .collect();
    assert_eq!(facts, [(1, 1, true), (4, 6, true), (12, 3, false)]);
}

/// Words with which no sentence about a thing or a function begins.
const QUESTION_WORDS: [&str; 9] =
    ["What", "How", "Whether", "Where", "Which", "When", "Who", "Whose", "Why"];

#[test]
fn documentation_begins_with_a_noun_or_a_verb() {
    for (path, text) in both() {
        let mut before = "";
        for (at, line) in text.lines().map(str::trim_start).enumerate() {
            let mark = line.get(..3).filter(|mark| matches!(*mark, "///" | "//!"));
            if let Some(mark) = mark.filter(|mark| !before.starts_with(mark)) {
                let first = line[mark.len()..].split_whitespace().next().unwrap_or_default();
                let place = format!("{}:{}", path.display(), at + 1);
                assert!(!QUESTION_WORDS.contains(&first), "{place} begins with “{first}”");
            }
            before = line;
        }
    }
}

#[test]
fn the_map_names_every_module() {
    let map = document("ARCHITECTURE.md");
    for (path, _) in both() {
        let name = module(&path);
        if name == "lib" {
            continue;
        }
        assert!(map.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name {name}");
    }
}

#[test]
fn no_unfinished_marks() {
    for dir in ["src", "tests", "benches", "crates"] {
        for (path, text) in sources(&root().join(dir)) {
            for mark in ["todo!", "unimplemented!", "dbg!", "FIXME", "#[ignore"] {
                let own = path.ends_with("tests/repo.rs");
                assert!(own || !text.contains(mark), "{mark} in {}", path.display());
            }
        }
    }
}

/// The ids that the sources of a crate use, each known to its catalogue.
fn used_messages(folder: &str, known: &BTreeSet<String>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (_, text) in sources(&root().join(folder)) {
        for opening in ["msg!(", "unequal!("] {
            for (at, _) in text.match_indices(opening) {
                let rest = text[at + opening.len()..].trim_start();
                let Some(rest) = rest.strip_prefix('"') else { continue };
                let id = rest.split('"').next().expect("a closing quote");
                assert!(known.contains(id), "msg!(\"{id}\") is in no catalogue");
                used.insert(id.to_owned());
            }
        }
    }
    used
}

#[test]
fn every_message_exists_and_is_used() {
    let ids = |catalogue: &docx_fill::diag::Catalogue| -> BTreeSet<String> {
        catalogue.entries(Lang::Zh).map(|(id, _)| id).collect()
    };
    let engine = ids(&docx_fill::diag::CATALOGUE);
    assert_eq!(used_messages(ENGINE, &engine), engine, "every message of the engine is used");
    let known = ids(&CATALOGUE);
    let mut used = used_messages("src", &known);
    let pages = ["findings", "group", "head", "welcome"].map(|name| format!("page/{name}"));
    for page in pages.iter().map(String::as_str).chain(["collect/status", "collect/findings"]) {
        let text = document(&format!("src/{page}.html"));
        for part in text.split("{{say \"").skip(1) {
            let id = part.split('"').next().expect("a closing quote");
            assert!(known.contains(id), "{page} says {id}, which is in no catalogue");
            used.insert(id.to_owned());
        }
    }
    for id in known {
        // Help texts are found by the names of the arguments, hints for pages and for office files by the sentences that
        // they replace; tests of the command line, of the pages and of the table of those sentences cover them.
        let by_name = ["help.", "page-hint.", "office."].iter().any(|group| id.starts_with(group));
        let seen = by_name || used.contains(&id);
        assert!(seen, "message {id} is never used");
    }
}

/// Rules about making documents, local form files and links have their tests elsewhere.
const ELSEWHERE: [&str; 8] = [
    "limit",
    "form-file",
    "link-passed-over",
    "no-glyph",
    "font-missing",
    "no-font",
    "typst",
    "typst-stopped",
];

#[test]
fn every_rule_has_a_case_and_a_section() {
    let docs = document("docs/rules.md");
    let mut cases = names(&root().join("tests/cases/check"));
    cases.extend(names(&root().join("tests/cases/collect")));
    let templates = ["main", "mend", "data", "convert", "references"]
        .map(|part| format!("tests/template_check/{part}.rs"));
    let templates = templates.map(|file| document(&file)).concat();
    for rule in nianbao::check::rules::all_rules() {
        assert!(docs.contains(&format!("## `{}`", rule.id)), "docs/rules.md lacks {}", rule.id);
        if rule.group == RuleGroup::Template {
            let named = templates.contains(&format!("\"{}\"", rule.id));
            assert!(named, "tests/template_check/ lacks {}", rule.id);
            continue;
        }
        let known = cases.contains(&rule.id) || ELSEWHERE.contains(&rule.id.as_str());
        assert!(known, "tests/cases/check lacks {}", rule.id);
    }
}

/// Every text of a folder of goldens, by its path.
fn goldens(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut out = BTreeMap::new();
    for case in names(folder) {
        let expected = folder.join(case).join("expected");
        let files = if expected.is_dir() { names(&expected) } else { Vec::new() };
        for path in files.iter().map(|name| expected.join(name)) {
            out.insert(path.clone(), std::fs::read_to_string(&path).expect("UTF-8"));
        }
    }
    out
}

/// A case that bears the name of a rule shows that rule, and none shows the same as another.
#[test]
fn every_golden_shows_its_rule_and_no_two_are_equal() {
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for command in names(&root().join("tests/cases")) {
        let folder = root().join("tests/cases").join(&command);
        let goldens = goldens(&folder);
        for case in names(&folder) {
            if nianbao::check::rules::find_rule(&case).is_none() {
                continue;
            }
            let own = folder.join(&case);
            let marks =
                [format!("[{case}]"), format!("\"rule\":\"{case}\""), format!("\"{case}\"")];
            let shown = goldens.iter().any(|(path, text)| {
                path.starts_with(&own) && marks.iter().any(|m| text.contains(m))
            });
            assert!(shown, "{command}/{case} does not show {case}");
        }
        for (path, text) in goldens {
            // A line or two, such as that nothing was found, may be said of many.
            if text.lines().count() <= 3 {
                continue;
            }
            let other = seen.insert(text, path.clone());
            if let Some(other) = other.filter(|other| other.parent() != path.parent()) {
                panic!("{} and {} are equal", other.display(), path.display());
            }
        }
    }
}

#[test]
fn fonts_are_the_ones_we_know() {
    let dir = root().join("fonts");
    let mut listed = BTreeSet::new();
    for line in document("fonts/SHA256SUMS").lines() {
        let (sum, name) = line.split_once("  ").expect("sum and name");
        let bytes = std::fs::read(dir.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let actual = Sha256::digest(&bytes).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        assert_eq!(actual, sum, "{name}");
        listed.insert(name.to_owned());
    }
    let is_font = |name: &String| ["ttf", "otf"].contains(&name.rsplit('.').next().unwrap_or(""));
    let present: BTreeSet<String> = names(&dir).into_iter().filter(is_font).collect();
    assert_eq!(present, listed);
}

/// The command lines in the fenced `sh` blocks of a document.
fn commands(name: &str) -> Vec<String> {
    let text = document(name);
    let mut inside = false;
    let mut out = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside && !line.is_empty() && !line.starts_with('#') => {
                out.push(line.to_owned());
            }
            _ => {}
        }
    }
    out
}

/// Every command of the READMEs runs, in order, in a copy of what a clone holds; those that build or
/// test this package itself are running right now.
#[test]
fn the_commands_of_the_readmes_run() {
    for readme in ["README.md", "README.zh-CN.md"] {
        let dir = tempfile::tempdir().expect("a folder");
        common::copy(&root().join("samples"), &dir.path().join("samples"));
        common::copy(&root().join("fonts"), &dir.path().join("fonts"));
        let mut ran = 0;
        for line in commands(readme) {
            let args = line
                .strip_prefix("cargo run --release -- ")
                .or_else(|| line.strip_prefix("nianbao "));
            let Some(args) = args else {
                let known = [
                    "cargo test --release",
                    "cargo build --release",
                    "git clone",
                    "cd ",
                    "benches/",
                ];
                assert!(known.iter().any(|start| line.starts_with(start)), "{readme}: {line}");
                continue;
            };
            let args: Vec<&str> = args.split_whitespace().collect();
            let out = run(dir.path(), &args);
            assert_eq!(out.code, 0, "{readme}: {line}\n{}{}", out.stdout, out.stderr);
            ran += 1;
        }
        assert!(ran >= 5, "{readme} has {ran} commands of ours");
    }
}

/// `scripts/crates.py page` writes the list and `.ci/run crates` compares every word of it; that every crate stands in it
/// is held without Python, too.
#[test]
fn every_crate_is_in_the_list_of_dependencies() {
    let page = document("docs/dependencies.md");
    let lock: toml::Table = document("Cargo.lock").parse().expect("TOML");
    let packages = lock["package"].as_array().expect("packages");
    let field = |package: &toml::Value, name: &str| {
        package.get(name).and_then(toml::Value::as_str).map(str::to_owned)
    };
    let mut named = BTreeSet::new();
    for package in packages.iter().filter(|package| package.get("source").is_some()) {
        let (name, version) = (field(package, "name"), field(package, "version"));
        let row = format!("| `{}` {} |", name.expect("a name"), version.expect("a version"));
        assert!(
            page.contains(&row),
            "{row} is not in docs/dependencies.md: scripts/crates.py page"
        );
        named.insert(row);
    }
    assert!(named.len() > 300, "{}", named.len());
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    for row in rows {
        let known = row.split_inclusive(" |").next().is_some_and(|first| named.contains(first));
        assert!(known, "{row} is of no crate in Cargo.lock: scripts/crates.py page");
    }
}

/// Invariant 1, beside what clippy.toml holds: the library opens no file, starts no process, waits for nothing.
#[test]
fn the_library_touches_nothing_of_the_machine() {
    let machine = [
        "std::fs",
        "fs::File",
        "File::open",
        "std::process",
        "std::net",
        "std::env",
        "std::io::std",
        "io::stdin()",
        "thread::sleep",
        "SystemTime",
        "Instant::now",
        "cfg(windows)",
        "cfg!(windows)",
        "cfg(unix)",
        "MAIN_SEPARATOR",
    ];
    let mut seen = 0;
    for (path, text) in both() {
        if matches!(module(&path).as_str(), "cli" | "main") || path.ends_with("tests.rs") {
            continue;
        }
        seen += 1;
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // Entries get their origin from one function, which clippy cannot hold.
        let of_zip = code.contains("FileOptions::default");
        assert!(
            !of_zip || path.ends_with("opc/write.rs"),
            "{}: `opc::zip_entry_options`",
            path.display()
        );
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            let met = machine.iter().find(|word| line.contains(**word));
            assert!(met.is_none(), "{}: {line}", path.display());
        }
    }
    assert!(seen > 100, "{seen} files of the library");
}

/// What may stand in an attribute of XML that is put together by hand: numbers, ids and words of the program's, and
/// values that are escaped as they stand in the document.
const PLAIN: &str = "DRAWINGML_NAMESPACE RELATIONSHIPS_NAMESPACE SVG_EXTENSION_URI TYPE WORD WORD_NAMESPACE align color columns description escaped hint id kind level line \
    number outline percent relationship restart start svg total value what width x y";
/// Ends of HTML elements, which only the writer of pages has.
const HTML: [&str; 9] =
    ["</td>", "</th>", "</tr>", "</li>", "</ul>", "</p>", "</title>", "</body>", "</table>"];

/// The string literals that code puts together to texts, with their lines.
fn written(text: &str) -> Vec<(usize, String)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut out = Vec::new();
    for opening in ["format!(", "write!(", "writeln!(", "push_str("] {
        for (at, _) in code.match_indices(opening) {
            let rest = &code[at + opening.len()..];
            let Some(start) = rest.find('"').filter(|start| !rest[..*start].contains(')')) else {
                continue;
            };
            let mut literal = String::new();
            let mut chars = rest[start + 1..].chars();
            while let Some(c) = chars.next().filter(|c| *c != '"') {
                literal.extend(if c == '\\' { chars.next() } else { Some(c) });
            }
            out.push((code[..at].matches('\n').count() + 1, literal));
        }
    }
    out
}

/// What is wrong with a literal, if it writes a syntax that `syntax` has a writer for.
fn by_hand(literal: &str) -> Option<String> {
    let comment = literal.lines().any(|line| line.starts_with("# {"));
    if comment || literal.contains("} = ") {
        return Some("TOML or YAML".to_owned());
    }
    if HTML.iter().any(|end| literal.contains(end)) {
        return Some("HTML".to_owned());
    }
    if literal.contains("&lt;") || literal.contains("&amp;") {
        return Some("escapes".to_owned());
    }
    let values = literal.split("=\"{").skip(1);
    let names = values.filter_map(|rest| rest.split(['}', ':']).next());
    let unknown = names.into_iter().find(|name| !PLAIN.split(' ').any(|known| known == *name));
    unknown.map(|name| format!("an attribute that holds {name}"))
}

/// Only `syntax` writes TOML, YAML and HTML, and what stands in an attribute of XML is escaped there.
#[test]
fn no_syntax_is_written_by_hand() {
    let mut found = Vec::new();
    for (path, text) in both() {
        // The writers of texts that are escaped.
        if module(&path) == "syntax" && path.starts_with(root().join("src"))
            || path.ends_with("opc/escape.rs")
        {
            continue;
        }
        for (line, literal) in written(&text) {
            let told = |wrong| format!("{}:{line}: {wrong} in {literal:?}", path.display());
            found.extend(by_hand(&literal).map(told));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    for bad in ["# {title}\n", "{key} = {value}", "<li>{name}</li>", "a=\"{name}\"", "&lt;{a}"] {
        assert!(by_hand(bad).is_some(), "{bad}");
    }
}

#[test]
fn the_license_files_are_there() {
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "fonts/licenses"] {
        assert!(root().join(name).exists(), "{name}");
    }
}
