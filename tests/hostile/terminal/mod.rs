//! What a terminal obeys, what turns the direction of writing and what nobody sees, in every place that a text can
//! come from: all of it is shown as signs, in every format and every list, and no name can forge a line.

mod law;
mod places;

use super::support::{Docx, paragraph, parts};
use super::{run, words, write};
use places::{EVIL_NAME, HEAD, Origin, PLACES, county, filled};
use serde_json::Value;
use std::fmt::Write as _;

/// Orders to a terminal, line ends, turned writing, what is not seen, and lines that look like findings.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{85}\u{7f}\u{200b}\
    \u{e0041}\u{8}\u{c}\r\nerror[forged]: a.toml\r错误[forged]: a.toml\nb";

/// Whether a character must not come out; the test has a list of its own.
fn is_raw(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    let unseen = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{e0000}'..='\u{e007f}');
    (c.is_control() && c != '\n' && c != '\t')
        || turns
        || unseen
        || matches!(c, '\u{2028}' | '\u{2029}')
}

/// What is wrong with a text that the program has put out.
fn wrong(text: &str) -> Option<String> {
    if let Some(c) = text.chars().find(|c| is_raw(*c)) {
        return Some(format!("U+{:04X} came out: {:?}", u32::from(c), text));
    }
    let forged =
        |line: &&str| line.starts_with("error[forged]") || line.starts_with("错误[forged]");
    text.lines().find(forged).map(|line| format!("a forged line: {line}"))
}

/// The same for every text of a JSON value, which programs print.
fn wrong_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => wrong(text),
        Value::Array(items) => items.iter().find_map(wrong_value),
        Value::Object(map) => {
            map.iter().find_map(|(key, value)| wrong(key).or_else(|| wrong_value(value)))
        }
        _ => None,
    }
}

/// A text in double quotes as TOML, YAML and JSON read it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match u32::from(c) {
            _ if c == '"' || c == '\\' => out.extend(['\\', c]),
            code @ (0..=0x1f | 0x7f..=0x9f) => {
                let _ = write!(out, "\\u{code:04x}");
            }
            _ => out.push(c),
        }
    }
    out + "\""
}

/// A text as XML, without what XML forbids: a part with that is refused before anything of it is shown.
fn xml(text: &str) -> String {
    let forbidden = |c: &char| *c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    let text: String = text.chars().filter(|c| !forbidden(c)).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Runs a command and says what is wrong with what it puts out.
fn judged(from: &Origin, format: Option<&str>, lang: &str) -> Option<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let mut args = (from.prepare)(dir.path());
    args.extend(["--lang", lang].map(str::to_owned).into_iter().filter(|_| lang != "zh"));
    if let Some(format) = format {
        args.extend(["--message-format", format].map(str::to_owned));
    }
    let ran = run(dir.path(), &args);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let fault = wrong(&ran.stdout).or_else(|| wrong(&ran.stderr)).or_else(|| {
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        match format {
            Some("json") => ran.stdout.lines().find_map(|line| wrong_value(&value(line)?)),
            Some("sarif") => wrong_value(&value(&ran.stdout)?),
            _ => None,
        }
    });
    // A line of a file is shown to people only.
    let told = ["␛", "\\u{", "\\u202e", "\\u202E", "␍"].iter().any(|sign| said.contains(sign));
    let told = told || !matches!(format, None | Some("human"));
    let fault = fault.or_else(|| said.contains("panicked at src").then(|| "a panic".to_owned()));
    let fault = fault.or_else(|| (!told).then(|| "nothing of it was shown".to_owned()));
    fault.map(|fault| {
        format!("{} ({lang}, {format:?}, exit code {}): {fault}\n{said}", from.what, ran.code)
    })
}

#[test]
fn nothing_of_a_file_reaches_a_terminal_raw() {
    let mut wrong = Vec::new();
    for from in PLACES {
        wrong.extend(judged(from, None, "zh"));
        wrong.extend(judged(from, None, "en"));
        for format in ["short", "json", "sarif"].into_iter().filter(|_| from.formats) {
            wrong.extend(judged(from, Some(format), "en"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The texts of the parts of a package hold nothing raw; a line end in XML is none of a value.
fn package_is_clean(bytes: &[u8], what: &str) {
    let mut told = false;
    for (name, bytes) in parts(bytes) {
        let text = String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n");
        told |= text.contains('␛');
        if let Some(fault) = wrong(&text) {
            panic!("{what}, {name}: {fault}");
        }
        for code in ["_x001", "_x000", "&#x1b;", "&#27;"] {
            assert!(!text.to_lowercase().contains(code), "{what}, {name}: {code}");
        }
    }
    assert!(told, "{what}: nothing of it was shown");
}

#[test]
fn lists_pages_and_comments_hold_nothing_raw() {
    let dir = tempfile::tempdir().expect("a folder");
    county(dir.path());
    let ran = run(dir.path(), &words("collect units -o out"));
    assert!(matches!(ran.code, 0 | 1), "{}{}", ran.stdout, ran.stderr);
    let out = dir.path().join("out");
    for name in ["检查清单.xlsx", "汇总表.xlsx"] {
        package_is_clean(&std::fs::read(out.join(name)).expect(name), name);
    }
    let page = std::fs::read_to_string(out.join("报送情况.html")).expect("a page");
    assert!(page.contains('␛') && wrong(&page).is_none(), "{:?}", wrong(&page));
    for list in ["l.xlsx", "l.docx"] {
        let ran =
            run(dir.path(), &words(&format!("check units/a.toml units/d.toml --list {list}")));
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        package_is_clean(&std::fs::read(dir.path().join(list)).expect(list), list);
    }
    let text = "{{[\u{202e}helper] a}}{{b";
    write(dir.path(), "t.docx", Docx::new(&paragraph(text)).bytes());
    run(dir.path(), &words("template check t.docx --comments c.docx"));
    let all = parts(&std::fs::read(dir.path().join("c.docx")).expect("a copy"));
    let comments = std::str::from_utf8(&all["word/comments.xml"]).expect("UTF-8");
    assert!(comments.contains("\\u{202E}") && wrong(comments).is_none(), "{comments}");
}
/// The document that `template tags` prints means the names of the template.
#[test]
fn a_document_for_machines_is_exact_and_harmless() {
    let dir = tempfile::tempdir().expect("a folder");
    let name = "\u{202e}a\u{200b}\u{e0041}b";
    filled(dir.path(), &format!("{{{{\"{name}\"}}}}"), "{}");
    let print = |more: &str| {
        let ran = run(dir.path(), &words(&format!("template tags t.docx {more}")));
        assert_eq!((wrong(&ran.stdout), ran.code), (None, 0), "{}{}", ran.stdout, ran.stderr);
        ran.stdout
    };
    let json: Value = serde_json::from_str(&print("--to json")).expect("JSON");
    assert!(json.get(name).is_some(), "{json}");
    let toml: toml::Table = print("--to toml").parse().expect("TOML");
    assert!(toml.contains_key(name), "{toml}");
    let schema: Value = serde_json::from_str(&print("--schema")).expect("JSON");
    assert!(schema["properties"].get(name).is_some(), "{schema}");
    write(dir.path(), "d.yaml", print("--to yaml"));
    let ran = run(dir.path(), &words("fill t.docx d.yaml -o o.docx"));
    assert_eq!(ran.code, 0, "the skeleton has the name that the template wants: {}", ran.stderr);
}

/// A summary is read again: its names are exact, and harmless for those who print the file.
#[cfg(unix)]
#[test]
fn a_summary_is_exact_and_harmless() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), &format!("{EVIL_NAME}/report.toml"), HEAD);
    let mut args = words("build --to docx --draft -o out --summary s.json");
    args.push(EVIL_NAME.to_owned());
    let ran = run(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let text = std::fs::read_to_string(dir.path().join("s.json")).expect("a summary");
    assert_eq!(wrong(&text), None);
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(summary["reports"][0]["input"], EVIL_NAME);
}
