//! What holds for every sample, whatever it is.

mod common;

use common::{copy, names, only, root, run, samples};
use docx_fill::opc::PackageLimits;
use docx_fill::template::{self, TableLayout};
use std::collections::BTreeMap;
use std::path::Path;

fn build(dir: &Path, data: &str, out: &Path, more: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut args = vec!["build", data, "-o", out.to_str().expect("UTF-8")];
    args.extend(more);
    let ran = run(dir, &args);
    assert_eq!(ran.code, 0, "{data}\n{}{}", ran.stdout, ran.stderr);
    names(out)
        .into_iter()
        .map(|name| (name.clone(), std::fs::read(out.join(name)).expect("read")))
        .collect()
}

#[test]
fn every_sample_checks_clean() {
    for sample in samples() {
        let ran =
            run(&root(), &["check", &format!("samples/{sample}"), "--strict", "--lang", "en"]);
        assert_eq!(ran.code, 0, "{sample}\n{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_anywhere() {
    for sample in samples() {
        let (one, two, away) = (tempfile::tempdir(), tempfile::tempdir(), tempfile::tempdir());
        let (one, two, away) = (one.expect("a"), two.expect("b"), away.expect("c"));
        copy(&root().join("samples").join(&sample), &away.path().join("elsewhere/里面"));
        let first = build(&root(), &format!("samples/{sample}"), one.path(), &[]);
        let second = build(away.path(), "elsewhere/里面/report.toml", two.path(), &[]);
        assert_eq!(first.len(), 2, "{sample}");
        assert!(first == second, "{sample} differs between two runs");
    }
}

/// A wrong figure is worse than no report: in release builds, too, a sum of our own code that overflows is a panic.
#[test]
fn a_sum_that_overflows_is_found_in_this_build_too() {
    let one = std::hint::black_box(1_u64);
    let sum = std::panic::catch_unwind(|| std::hint::black_box(u64::MAX) + one);
    assert!(sum.is_err(), "{sum:?}");
    let total = std::panic::catch_unwind(|| [u64::MAX, one].iter().sum::<u64>());
    assert!(total.is_err(), "what the standard library adds up for us inherits it: {total:?}");
}

/// The upper byte of "version made by" of every entry of an archive: the system that it says it comes from.
fn origins(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|index| {
            let entry = archive.by_index_raw(index).expect("an entry");
            bytes[usize::try_from(entry.central_header_start()).expect("a place") + 5]
        })
        .collect()
}

/// What is written names the same system of origin wherever it is written (3 is Unix); else no two systems would write
/// the same bytes. The same outputs are compared byte for byte with those of Windows in tests/windows.
#[test]
fn every_entry_names_the_same_system_of_origin() {
    let dir = tempfile::tempdir().expect("a folder");
    let sample = root().join("samples/yunyan-2025");
    let sample = sample.to_str().expect("UTF-8");
    let commands: &[&[&str]] = &[
        &["build", sample, "-o", "built", "--to", "docx"],
        &["template", "make", "2021", "-o", "template.docx"],
        &["template", "make", "2019", "-o", "template-2019.docx"],
        &["template", "check", "template.docx", "--form", "2019", "--comments", "comments.docx"],
        &["convert", &format!("{sample}/report.toml"), "report.xlsx"],
        &["check", sample, "--list", "list.xlsx"],
        &["check", sample, "--list", "list.docx"],
        &["collect", sample, "-o", "county"],
    ];
    for args in commands {
        let ran = run(dir.path(), args);
        assert!(ran.code < 2, "{args:?}\n{}{}", ran.stdout, ran.stderr);
    }
    let mut archives = Vec::new();
    for folder in [dir.path().to_owned(), dir.path().join("built"), dir.path().join("county")] {
        let names = names(&folder).into_iter().map(|name| folder.join(name));
        archives.extend(
            names.filter(|path| path.extension().is_some_and(|e| e == "docx" || e == "xlsx")),
        );
    }
    assert!(archives.len() >= 8, "{archives:?}");
    for path in archives {
        let origins = origins(&std::fs::read(&path).expect("read"));
        assert!(
            !origins.is_empty() && origins.iter().all(|o| *o == 3),
            "{}: {origins:?}",
            path.display()
        );
    }
}

#[test]
fn a_filled_document_keeps_the_layout_of_its_template() {
    for sample in samples() {
        let out = tempfile::tempdir().expect("a folder");
        build(&root(), &format!("samples/{sample}"), out.path(), &["--to", "docx"]);
        let filled = std::fs::read(only(out.path(), ".docx")).expect("read");
        let edition = common::edition_of(&sample);
        let file = root().join(format!("templates/{edition}/report.docx"));
        let blank =
            template::table_layouts(&std::fs::read(file).expect("read"), &PackageLimits::default())
                .expect("a layout");
        let filled = template::table_layouts(&filled, &PackageLimits::default()).expect("a layout");
        // Tables within the text come on top; the official ones are found by their first cell.
        let first = |table: &TableLayout| table.rows[0].cells[0].text.clone();
        let official = filled.iter().filter(|table| blank.iter().any(|b| first(b) == first(table)));
        assert_eq!(
            official.map(shape).collect::<Vec<_>>(),
            blank.iter().map(shape).collect::<Vec<_>>(),
            "{sample}"
        );
        let words = blank.iter().flat_map(|t| &t.rows).flat_map(|r| &r.cells);
        let words = words.filter(|cell| !cell.text.contains("{{")).count();
        assert!(words > 60, "the official words are compared, too");
    }
}

/// The layout with the figures left out: they replace the tags.
fn shape(table: &TableLayout) -> TableLayout {
    let mut shape = table.clone();
    for cell in shape.rows.iter_mut().flat_map(|row| &mut row.cells) {
        let figure = cell.text.contains("{{") || cell.text.parse::<f64>().is_ok();
        if figure {
            cell.text.clear();
        }
    }
    shape
}

#[test]
fn parts_without_tags_survive_byte_for_byte() {
    for sample in samples() {
        let out = tempfile::tempdir().expect("a folder");
        build(&root(), &format!("samples/{sample}"), out.path(), &["--to", "docx"]);
        let filled = common::parts(&std::fs::read(only(out.path(), ".docx")).expect("read"));
        let edition = common::edition_of(&sample);
        let file = root().join(format!("templates/{edition}/report.docx"));
        let blank = common::parts(&std::fs::read(file).expect("read"));
        for (name, content) in &blank {
            let tagged = String::from_utf8_lossy(content).contains("{{");
            let may_grow = name == "[Content_Types].xml" || name.contains("_rels/");
            if !tagged && !may_grow {
                assert!(filled[name] == *content, "{sample}: {name} changed");
            }
        }
    }
}

/// A changed figure that an identity covers is found, wherever it is.
#[test]
fn every_broken_identity_is_found() {
    let sample = root().join("samples/yunyan-2025/report.toml");
    let text = std::fs::read_to_string(sample).expect("read");
    let mut tried = 0;
    let rows = text.lines().enumerate().skip_while(|(_, line)| *line != "[requests]").skip(2);
    for (number, line) in rows.take_while(|(_, line)| line.contains('[')) {
        let (key, values) = line.split_once("= [").expect("a row");
        let (first, rest) = values.split_once(',').expect("values");
        let wrong: u32 = first.trim().parse::<u32>().expect("a number") + 1;
        let dir = tempfile::tempdir().expect("a folder");
        let changed: Vec<String> = text
            .lines()
            .enumerate()
            .map(
                |(at, l)| {
                    if at == number { format!("{key}= [{wrong},{rest}") } else { l.to_owned() }
                },
            )
            .collect();
        std::fs::write(dir.path().join("report.toml"), changed.join("\n")).expect("written");
        let ran = run(dir.path(), &["check", ".", "--message-format", "short"]);
        assert_eq!(ran.code, 1, "{key}");
        assert!(ran.stdout.contains("[balance]"), "{key}: {}", ran.stdout);
        tried += 1;
    }
    assert_eq!(tried, 24);
}
