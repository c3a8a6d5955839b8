//! Hostile Typst templates. Each is stopped with a clear word while the other reports of the run are built,
//! and leaves no process behind.

use super::Attack;
use super::Verdict::{Harmless, Refused};
use super::common::{self, names, root};
use super::{run, words, write};
use std::path::Path;

const TITLE: &str = "#set document(title: [a])\n";

/// A template for the edition of 2021, and what lies beside it.
fn template(dir: &Path, text: &str) -> Vec<String> {
    write(dir, "t/2021/report.typ", format!("{TITLE}{text}\n"));
    let report = root().join("samples/yantian-2021");
    let mut args = words("build");
    args.push(report.to_str().expect("UTF-8").to_owned());
    args.extend(words("--to pdf -o out --templates t"));
    args.extend(words("--limit typst-seconds=3 --limit typst-memory=256"));
    args
}

/// A module with a function `f` that never returns.
const ENDLESS_WASM: &[u8] =
    b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x05\x03\x01\0\x01\
    \x07\x0e\x02\x06memory\x02\0\x01f\0\0\x0a\x0b\x01\x09\0\x03\x40\x0c\0\x0b\x41\0\x0b";

pub const TYPST: &[Attack] = &[
    Attack {
        what: "`while` without end",
        verdict: Refused("有不会结束的循环"),
        prepare: |dir| template(dir, "#{ let i = 0; while i >= 0 { i += 1 } }"),
    },
    Attack {
        what: "loops that take years",
        verdict: Refused("超过了 3 秒，已停止"),
        prepare: |dir| {
            let text = "#for a in range(1000000) { for b in range(1000000) { let c = calc.pow(1.01, 3) } }";
            template(dir, text)
        },
    },
    Attack {
        what: "a function that calls itself",
        verdict: Refused("嵌套太深"),
        prepare: |dir| template(dir, "#let f(n) = f(n + 1)\n#f(0)"),
    },
    Attack {
        what: "a string of 10^11 characters",
        verdict: Refused("超过了 256 MB，已停止"),
        prepare: |dir| template(dir, "#{ \"a\" * 100000000000 }"),
    },
    Attack {
        what: "a string that doubles",
        verdict: Refused("已停止"),
        prepare: |dir| {
            template(dir, "#{ let s = \"aaaaaaaa\"; for i in range(60) { s = s + s }; s.len() }")
        },
    },
    Attack {
        what: "content that doubles",
        verdict: Refused("已停止"),
        prepare: |dir| template(dir, "#{ let c = [甲]; for i in range(40) { c = c + c }; c }"),
    },
    Attack {
        what: "pages without end",
        verdict: Refused("已停止"),
        prepare: |dir| template(dir, "#for i in range(100000000) [#lorem(50) #pagebreak()]"),
    },
    Attack {
        what: "layout that is nested a hundred thousand deep",
        verdict: Refused("已停止"),
        prepare: |dir| template(dir, "#{ let c = [a]; for i in range(100000) { c = box(c) }; c }"),
    },
    Attack {
        what: "a show rule that matches its own output",
        verdict: Refused("嵌套太深"),
        prepare: |dir| template(dir, "#show heading: it => heading(it.body)\n= a"),
    },
    Attack {
        what: "brackets that are nested a hundred thousand deep",
        verdict: Refused("嵌套太深"),
        prepare: |dir| {
            let deep = ["(".repeat(100_000), ")".repeat(100_000)].concat();
            template(dir, &format!("#{deep}"))
        },
    },
    Attack {
        what: "`read` outside of the folder",
        verdict: Refused("不在模板文件夹里"),
        prepare: |dir| template(dir, "#read(\"../../../../etc/passwd\")"),
    },
    Attack {
        what: "`read` of an absolute path",
        verdict: Refused("不在模板文件夹里"),
        prepare: |dir| template(dir, "#read(\"/etc/passwd\")"),
    },
    #[cfg(unix)]
    Attack {
        what: "a link to a file outside",
        verdict: Refused("不在模板文件夹里"),
        prepare: |dir| {
            let args = template(dir, "#read(\"a.txt\")");
            std::os::unix::fs::symlink("/etc/passwd", dir.join("t/2021/a.txt")).expect("linked");
            args
        },
    },
    #[cfg(unix)]
    Attack {
        what: "a link to a folder outside",
        verdict: Refused("不在模板文件夹里"),
        prepare: |dir| {
            let args = template(dir, "#read(\"a/passwd\")");
            std::os::unix::fs::symlink("/etc", dir.join("t/2021/a")).expect("linked");
            args
        },
    },
    Attack {
        what: "a package",
        verdict: Refused("程序不上网"),
        prepare: |dir| template(dir, "#import \"@preview/cetz:0.3.0\": canvas"),
    },
    Attack {
        what: "a plugin that never returns",
        verdict: Refused("超过了 3 秒，已停止"),
        prepare: |dir| {
            write(dir, "t/2021/a.wasm", ENDLESS_WASM);
            template(dir, "#plugin(\"a.wasm\").f()")
        },
    },
    Attack {
        what: "an SVG whose groups multiply",
        verdict: Refused("nodes limit reached"),
        prepare: |dir| {
            write(dir, "t/2021/a.svg", super::templates::svg_bomb());
            template(dir, "#image(\"a.svg\", alt: \"a\")")
        },
    },
    Attack {
        what: "a PNG of 60,000 by 60,000 pixels in a template folder",
        verdict: Refused("Typst"),
        prepare: |dir| {
            write(dir, "t/2021/a.png", super::data::png(60_000, 60_000));
            template(dir, "#image(\"a.png\", alt: \"a\")")
        },
    },
    Attack {
        what: "a page of 10^30 points",
        verdict: Harmless("it is a page"),
        prepare: |dir| {
            template(dir, "#set page(width: 1e30pt, height: 1e30pt)\n#rect(width: 100%)")
        },
    },
];

/// Every template of the list in one run each, with a report before it and one after it.
#[test]
fn the_other_reports_are_built() {
    for Attack { what, verdict, prepare } in TYPST {
        let Refused(expected) = verdict else { continue };
        let dir = tempfile::tempdir().expect("a folder");
        let mut args = prepare(dir.path());
        let good = root().join("samples/ansha-2020").to_str().expect("UTF-8").to_owned();
        args.insert(1, good.clone());
        args.push(good.replace("ansha-2020", "yunyan-2025"));
        // The last report is of 2021's form too, and has to get a child of its own.
        let ran = run(dir.path(), &args);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 1, "{what}: {said}");
        assert!(said.contains(expected) && !said.contains("panicked"), "{what}: {said}");
        assert_eq!(names(&dir.path().join("out")).len(), 1, "{what}: {said}");
    }
}

/// A template that only one of three reports of its edition lets run away: after its child was killed, the next
/// report of the edition is set by another child, by the same worker.
#[test]
fn a_good_report_of_the_same_edition_is_built_after_a_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    let sample = root().join("samples/yantian-2021/report.toml");
    let text = std::fs::read_to_string(sample).expect("read");
    for (folder, name) in [("a", "甲镇"), ("b", "坏镇"), ("c", "丙镇")] {
        let named = |line: &str| {
            if line.starts_with("name ") {
                format!("name = \"{name}\"\n")
            } else {
                format!("{line}\n")
            }
        };
        let own: String = text.lines().map(named).collect();
        write(dir.path(), &format!("in/{folder}/report.toml"), own);
    }
    let official = std::fs::read_to_string(root().join("templates/report.typ")).expect("read");
    let away = "#if json(\"/report.json\").organ.name.contains(\"坏\") { for a in range(1000000) {\n\
                for b in range(1000000) { let c = calc.pow(1.01, 3) } } }\n";
    write(dir.path(), "t/2021/report.typ", format!("{away}{official}"));
    let mut args = words("build in --to pdf -o out --templates t --jobs 1 --draft");
    args.extend(words("--limit typst-seconds=3"));
    let ran = run(dir.path(), &args);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, 1, "{said}");
    assert!(said.contains("超过了 3 秒，已停止"), "{said}");
    let made = names(&dir.path().join("out"));
    assert_eq!(made.len(), 2, "{made:?} {said}");
    assert!(made.iter().all(|name| name.contains("甲镇") || name.contains("丙镇")), "{made:?}");
}

/// The plainest attacks in a letterhead that misbehaves for one report only: the other one is built with it.
#[test]
fn letterheads_are_stopped_and_the_other_report_is_built() {
    let tried = [
        ("有不会结束的循环", "#{ let i = 0; while i >= 0 { i += 1 } }"),
        (
            "超过了 3 秒，已停止",
            "#for a in range(1000000) { for b in range(1000000) { let c = calc.pow(1.01, 3) } }",
        ),
        ("超过了 256 MB，已停止", "#{ \"a\" * 100000000000 }"),
        ("不在模板文件夹里", "#read(\"../../../../etc/passwd\")"),
        ("不在模板文件夹里", "#read(\"link.txt\")"),
        ("程序不上网", "#import \"@preview/cetz:0.3.0\": canvas"),
    ];
    for (expected, attack) in tried {
        let dir = tempfile::tempdir().expect("a folder");
        for (folder, sample) in [("bad", "yantian-2021"), ("good", "yunyan-2025")] {
            let report = root().join("samples").join(sample).join("report.toml");
            let text = std::fs::read_to_string(report).expect("read");
            let text = format!("{text}\n[letterhead]\nnumber = \"{folder}\"\n");
            write(dir.path(), &format!("{folder}/report.toml"), text);
        }
        let typst = format!(
            "#let letterhead(data, body) = [\n#if data.number == \"bad\" [\n{attack}\n]\n#body]\n"
        );
        write(dir.path(), "head/letterhead.typ", typst);
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("head/link.txt"))
            .expect("linked");
        let mut args = words("build bad good --to pdf -o out --letterhead head");
        args.extend(words("--limit typst-seconds=3 --limit typst-memory=256"));
        let ran = run(dir.path(), &args);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 1, "{attack}: {said}");
        assert!(said.contains(expected) && !said.contains("panicked"), "{attack}: {said}");
        assert!(said.contains("head/letterhead.typ"), "{attack}: {said}");
        assert_eq!(names(&dir.path().join("out")).len(), 1, "{attack}: {said}");
    }
}

/// In the child a template gives the same bytes as in the program.
#[test]
fn the_child_gives_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a folder");
    for edition in ["2019", "2021"] {
        let own = root().join("templates/report.typ");
        write(dir.path(), &format!("t/{edition}/report.typ"), std::fs::read(own).expect("read"));
    }
    for sample in common::samples() {
        let report = root().join("samples").join(&sample);
        let build = |more: &str, out: &str| {
            let mut args = words("build --to pdf -o");
            args.push(out.to_owned());
            args.push(report.to_str().expect("UTF-8").to_owned());
            args.extend(words(more));
            let ran = run(dir.path(), &args);
            assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
            std::fs::read(common::only(&dir.path().join(out), ".pdf")).expect("read")
        };
        let (home, away) = (format!("home-{sample}"), format!("away-{sample}"));
        assert!(build("", &home) == build("--templates t", &away), "{sample}");
    }
}

#[test]
fn typst_templates_are_refused() {
    super::hold(TYPST);
}

/// A form that stands two folders below the templates is as foreign as one that stands beside them.
#[test]
fn a_template_in_a_nested_folder_is_stopped() {
    let dir = tempfile::tempdir().expect("a folder");
    let form = root().join("tests/cases/check/form-family/forms/special/form.toml");
    write(dir.path(), "t/a/b/form.toml", std::fs::read_to_string(form).expect("read"));
    let away = "#for a in range(1000000) { for b in range(1000000) { let c = calc.pow(1.01, 3) } }";
    write(dir.path(), "t/a/b/report.typ", format!("{TITLE}{away}\n"));
    let report = "year = 2025\nfamily = \"inspections\"\nvariant = \"special\"\n[organ]\n\
                  name = \"云砚镇人民政府\"\n[text]\noverview = \"本年度按计划开展行政检查。\"\n[counts]\n\
                  inspections = { routine = 1, special = 2 }\n";
    write(dir.path(), "r/report.toml", report);
    let ran = run(
        dir.path(),
        &words("build r --draft --to pdf -o out --templates t --limit typst-seconds=3"),
    );
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(ran.code == 1 && said.contains("超过了 3 秒，已停止"), "{said}");
    assert!(!dir.path().join("out").exists(), "{said}");
}
