//! A bounded run of what is fuzzed (`fuzz/`), over the same corpus with the same entries: no panic, and
//! nothing that runs on. The seeds are fixed, so that a find can be repeated.

#[path = "../fuzz/entries.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets are programs of their own")]
mod entries;

use std::path::Path;

/// Words that mean something to one of the readers.
const WORDS: [&str; 54] = [
    "{{",
    "}}",
    "{{#each list}}",
    "{{/each}}",
    "{{else}}",
    "{{#if ",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    "\n",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "&",
    "*a",
    "<w:tbl>",
    "</w:tbl>",
    "<w:tr>",
    "<w:tc>",
    "</w:tc>",
    "<w:p>",
    "</w:p>",
    "<w:vMerge/>",
    "<w:gridSpan w:val=\"9\"/>",
    "&#0;",
    "&amp;",
    "]]>",
    "<!--",
    "<table>",
    "</table>",
    "<tr>",
    "<td rowspan=0 colspan=9>",
    "</td>",
    "<p>",
    "<b>",
    "<a href=x>",
    "<br>",
    "<template>",
    "<svg>",
    "<select>",
    "<form>",
    "&nbsp;",
    "-->",
    "99999999999999999999",
    "-1",
    "甲",
    "\u{3000}",
    "｛｛",
    "\u{0}",
];

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).expect("small")
    }
}

fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.roll(bytes.len());
    let end = (at + dice.roll(40)).min(bytes.len());
    match dice.roll(8) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.roll(8),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let copy = bytes[at..end].to_vec();
            drop(bytes.splice(at..at, copy));
        }
        3 => {
            let from = dice.roll(other.len());
            let piece = &other[from..(from + dice.roll(200)).min(other.len())];
            drop(bytes.splice(at..end, piece.iter().copied()));
        }
        4 => {
            let copy = bytes[at..end].repeat(dice.roll(60));
            drop(bytes.splice(at..at, copy));
        }
        5 => bytes.truncate(at),
        _ => {
            let word = WORDS[dice.roll(WORDS.len())].bytes();
            drop(bytes.splice(at..at, word));
        }
    }
}

fn run(target: &str, entry: fn(&[u8]), rounds: u64) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .expect("a corpus")
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    let corpus: Vec<Vec<u8>> =
        files.iter().map(|file| std::fs::read(file).expect("a file")).collect();
    assert!(!corpus.is_empty());
    for seed in &corpus {
        entry(seed);
    }
    for round in 0..rounds {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (round + 1));
        let mut bytes = corpus[dice.roll(corpus.len())].clone();
        for _ in 0..=dice.roll(6) {
            let other = &corpus[dice.roll(corpus.len())];
            mutate(&mut bytes, other, &mut dice);
        }
        let result = std::panic::catch_unwind(|| entry(&bytes));
        assert!(result.is_ok(), "{target}, round {round}: {:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn data() {
    run("data", entries::data, 1500);
}

#[test]
fn docx() {
    run("docx", entries::docx, 1500);
}

#[test]
fn template() {
    run("template", entries::template, 1500);
}

#[test]
fn import() {
    run("import", entries::import, 1500);
}

#[test]
fn page() {
    run("page", entries::page, 400);
}

#[test]
fn county() {
    run("county", entries::county, 400);
}

#[test]
fn printing() {
    run("printing", entries::printing, 1500);
}

#[test]
fn settings() {
    run("settings", entries::settings, 1500);
}

/// Real packages cut off at 200 places and with 500 bits turned over, one at a time.
#[test]
fn damaged_packages() {
    let library = nianbao::form::FormRegistry::built_in();
    let form = library.for_year(2025).expect("a form");
    let book = nianbao::starter::starter_workbook(form, "甲", 2025).expect("a workbook");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/2021/report.docx");
    let word = std::fs::read(path).expect("a template");
    let sheet = |bytes: &[u8]| entries::data(&[b"xlsx\n", bytes].concat());
    damage("xlsx", &book, &sheet);
    damage("docx", &word, &entries::docx);
    damage("import", &word, &entries::import);
}

fn damage(what: &str, whole: &[u8], entry: &dyn Fn(&[u8])) {
    let hold = |bytes: &[u8], how: &str, at: usize| {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| entry(bytes)));
        assert!(result.is_ok(), "{what}, {how} {at}");
    };
    for part in 0..200 {
        let end = whole.len() * part / 200;
        hold(&whole[..end], "cut off at", end);
    }
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut bytes = whole.to_vec();
    for _ in 0..500 {
        let (at, bit) = (dice.roll(whole.len()), dice.roll(8));
        bytes[at] ^= 1 << bit;
        hold(&bytes, "a bit turned over in byte", at);
        bytes[at] ^= 1 << bit;
    }
}
