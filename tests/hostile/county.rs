//! A county among whose units is one that wants more than its own report: figures, files, lists, silence. Each input
//! with what must not happen.

use super::common::{self, Ran, names, parts};
use super::{run, words, write};
use std::fmt::Write as _;
use std::path::Path;

/// Puts what a unit brings beside two honest ones and gives the arguments.
type Prepare = fn(&Path) -> Vec<String>;

/// An input.
struct Case {
    /// What it is, and what must not happen.
    what: &'static str,
    prepare: Prepare,
    /// What holds afterwards; a panic says what does not.
    held: fn(&Path, &Ran),
}

/// A picture of one pixel.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\
    \x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa7\x35\x81\x84\0\0\0\0IEND\xaeB`\x82";

/// Decisions on licences of each honest unit.
const HONEST: [u32; 2] = [9, 20];

fn unit(name: &str, decisions: u32) -> serde_json::Value {
    serde_json::json!({
        "year": 2025,
        "organ": { "name": name },
        "text": {
            "overview": "（一）主动公开。见下表。",
            "problems": "公开不够及时，下一步每月检查。",
            "other": "收费情况见表。",
        },
        "disclosure": { "licensing": { "decisions": decisions } },
    })
}

/// Two honest units.
fn honest(dir: &Path) {
    for (number, decisions) in HONEST.iter().enumerate() {
        let name = format!("第{number}镇人民政府");
        write(dir, &format!("units/镇{number}.json"), unit(&name, *decisions).to_string());
    }
}

/// The honest ones with one more that decided a thousand times.
fn beside(dir: &Path, name: &str, file: &str) {
    honest(dir);
    write(dir, &format!("units/{file}"), unit(name, 1000).to_string());
}

/// One unit alone.
fn alone(dir: &Path, value: &serde_json::Value) {
    write(dir, "units/单位/report.json", value.to_string());
}

fn total(dir: &Path) -> toml::Table {
    let text = std::fs::read_to_string(dir.join("out/report.toml")).expect("a report");
    text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// The county's decisions on licences.
fn decisions(dir: &Path) -> i64 {
    total(dir)["disclosure"]["licensing"]["decisions"].as_integer().expect("a figure")
}

const FILES: [&str; 4] = ["report.toml", "报送情况.html", "检查清单.xlsx", "汇总表.xlsx"];

/// All outputs are there, whole, and nothing else.
fn whole(dir: &Path) {
    assert_eq!(names(&dir.join("out")), FILES);
    let page = std::fs::read_to_string(dir.join("out/报送情况.html")).expect("a page");
    common::pretty(page.strip_prefix("<!DOCTYPE html>\n").expect("HTML"));
    for name in ["检查清单.xlsx", "汇总表.xlsx"] {
        for (part, bytes) in sheets(dir, name) {
            let text = String::from_utf8(bytes).unwrap_or_else(|_| panic!("{part} is no text"));
            common::pretty(&text);
        }
    }
}

fn sheets(dir: &Path, name: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    parts(&std::fs::read(dir.join("out").join(name)).expect("a workbook"))
}

fn sum(more: u32) -> i64 {
    i64::from(HONEST.iter().sum::<u32>() + more)
}

/// The figures are the units' own, and whoever is meant is told.
fn counted(dir: &Path, ran: &Ran) {
    assert_eq!(decisions(dir), sum(1000), "{}", ran.stdout);
    let report = total(dir);
    let known = ["disclosure", "organ", "requests", "review", "text", "year"];
    assert!(report.keys().all(|key| known.contains(&key.as_str())), "{report}");
    assert_eq!(report["organ"].as_table().map(toml::Table::len), Some(1), "{report}");
    whole(dir);
}

fn collect() -> Vec<String> {
    words("collect units -o out")
}

const NAMES: &[Case] = &[
    Case {
        what: "a name with a carriage return: it sets no figure",
        prepare: |dir| {
            beside(dir, "甲镇\rdisclosure.licensing.decisions = 999999 #\n", "甲.json");
            collect()
        },
        held: |dir, ran| {
            counted(dir, ran);
            assert!(ran.stdout.contains("hidden-character"), "{}", ran.stdout);
            assert!(ran.stdout.contains("甲镇␍disclosure"), "{}", ran.stdout);
        },
    },
    Case {
        what: "a name with a table of its own: there is none in the report",
        prepare: |dir| {
            beside(dir, "甲镇\n[disclosure]\nlicensing = { decisions = 5 }\n#", "甲.json");
            collect()
        },
        held: counted,
    },
    Case {
        what: "a name that closes quotes, brackets and lines of every kind",
        prepare: |dir| {
            beside(
                dir,
                "甲\"]}'\u{2028}\u{85}\u{feff}\"\"\"\n'''\0\u{1b}[2J\u{202e}--> ]]>",
                "甲.json",
            );
            collect()
        },
        held: counted,
    },
    Case {
        what: "a name that is a formula: no workbook calculates with it",
        prepare: |dir| {
            beside(dir, "=HYPERLINK(\"http://a.example\",\"甲\")", "甲.json");
            collect()
        },
        held: |dir, ran| {
            counted(dir, ran);
            for name in ["检查清单.xlsx", "汇总表.xlsx"] {
                for (part, bytes) in sheets(dir, name) {
                    let text = String::from_utf8(bytes).expect("UTF-8");
                    let formulas = text.split("<f>").skip(1);
                    assert!(formulas.into_iter().all(|f| f.starts_with("SUM(")), "{part}: {text}");
                }
            }
        },
    },
    Case {
        what: "a name with a script: none is on the page",
        prepare: |dir| {
            beside(dir, "甲<script>alert(1)</script><img src=x onerror=alert(1)>", "甲.json");
            collect()
        },
        held: |dir, ran| {
            counted(dir, ran);
            let page = std::fs::read_to_string(dir.join("out/报送情况.html")).expect("a page");
            assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        },
    },
    Case {
        what: "a name of 500 characters: the workbooks are made",
        prepare: |dir| {
            beside(dir, &"长".repeat(500), "甲.json");
            collect()
        },
        held: counted,
    },
    Case {
        what: "a name of 40,000 characters: its report is refused, the workbooks are made of the others",
        prepare: |dir| {
            beside(dir, &"长".repeat(40_000), "甲.json");
            collect()
        },
        held: |dir, ran| {
            assert_eq!(decisions(dir), sum(0), "{}", ran.stdout);
            assert!(ran.stdout.contains("超过限度 500 个字"), "{}", ran.stdout);
        },
    },
    Case {
        what: "a file name with line ends and a figure: it sets none",
        prepare: |dir| {
            let file = if cfg!(unix) {
                "甲\r\ndisclosure.licensing.decisions = 7 #\n.json"
            } else {
                "甲.json"
            };
            beside(dir, "甲镇", file);
            collect()
        },
        held: counted,
    },
    Case {
        what: "a unit alone with quotes, tables and line ends in every word: its report is as it was",
        prepare: |dir| {
            let mut value = unit("甲\"\r\n[review]\n", 7);
            for key in ["address", "postcode", "phone", "email", "website"] {
                value["organ"][key] = "\"\"\"\n'''\r[requests]\nyear = 1 #\\".into();
            }
            value["title"] = "a\"\r[disclosure]\rlicensing = { decisions = 1 }".into();
            value["text"]["overview"] = "\"\"\"\r\n[review]\n\\\"\"\" \u{0}\u{85}".into();
            alone(dir, &value);
            collect()
        },
        held: |dir, ran| {
            assert_eq!(decisions(dir), 7, "{}", ran.stdout);
            let report = total(dir);
            let text = |value: &toml::Value| value.as_str().expect("a text").to_owned();
            assert_eq!(text(&report["organ"]["phone"]), "\"\"\"\n'''\r[requests]\nyear = 1 #\\");
            assert_eq!(text(&report["title"]), "a\"\r[disclosure]\rlicensing = { decisions = 1 }");
            let overview = text(&report["text"]["overview"]);
            assert_eq!(overview, "\"\"\"\r\n[review]\n\\\"\"\" \u{0}\u{85}");
            whole(dir);
        },
    },
    Case {
        what: "the same as YAML: no key but its own",
        prepare: |dir| {
            let mut value = unit("甲\r\ndisclosure: {licensing: {decisions: 1}}\n...\n---\n", 7);
            value["organ"]["phone"] = "|-\n  a\r  b: c #\u{2028}- d\u{85}".into();
            value["text"]["overview"] = "a\r\nb\n--- \n...\n? c\n".into();
            alone(dir, &value);
            words("collect units -o r.yaml")
        },
        held: |dir, _| {
            let ran = run(dir, &words("convert r.yaml r.toml"));
            assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
            let text = std::fs::read_to_string(dir.join("r.toml")).expect("a report");
            let report: toml::Table = text.parse().expect("TOML");
            assert_eq!(report["disclosure"]["licensing"]["decisions"].as_integer(), Some(7));
            assert_eq!(report["text"]["overview"].as_str(), Some("a\r\nb\n--- \n...\n? c\n"));
        },
    },
    Case {
        what: "a paragraph that no cell holds, for a workbook: nothing half is written, and the file is named",
        prepare: |dir| {
            let mut value = unit("甲镇", 7);
            value["text"]["overview"] = "长，".repeat(20_000).into();
            alone(dir, &value);
            words("collect units -o r.xlsx")
        },
        held: |dir, ran| {
            assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
            assert!(ran.stderr.contains("r.xlsx"), "{}", ran.stderr);
            assert_eq!(names(dir), ["units"]);
        },
    },
    Case {
        what: "a list of units with line ends in names and reasons: it sets no figure, and the others count",
        prepare: |dir| {
            honest(dir);
            write(dir, "units/甲.json", unit("甲镇", 1000).to_string());
            let list = serde_json::json!({
                "year": 2025,
                "organ": { "name": "云溪县\r[disclosure]\n" },
                "unit": [
                    { "name": "第0镇人民政府" },
                    { "name": "第1镇人民政府", "aliases": ["a\rb"] },
                    { "name": "甲镇", "excluded": "重\rdisclosure.licensing.decisions = 3 #" },
                    { "name": "乙镇\r\nyear = 1", "level": "town" },
                ],
            });
            write(dir, "list.json", list.to_string());
            words("collect units --units list.json -o out")
        },
        held: |dir, ran| {
            assert_eq!(decisions(dir), sum(0), "{}", ran.stdout);
            assert_eq!(total(dir)["organ"]["name"].as_str(), Some("云溪县\r[disclosure]"));
            assert!(ran.stdout.contains("unknown") || ran.stdout.contains("units-file"));
            whole(dir);
        },
    },
    Case {
        what: "a cell of a workbook that looks like a day and is TOML: it is a text",
        prepare: |dir| {
            write(dir, "a.xlsx", dated("1\n[disclosure]\nlicensing = { decisions = 1 }"));
            words("convert a.xlsx r.toml")
        },
        held: |dir, ran| {
            let text = std::fs::read_to_string(dir.join("r.toml")).unwrap_or_default();
            let report: toml::Table = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
            let found = report.get("disclosure").and_then(|table| table.get("licensing"));
            assert!(found.is_none(), "{text} {}", ran.stdout);
        },
    },
    Case {
        what: "a comment of YAML with a carriage return: what follows is no part of it",
        prepare: |dir| {
            let text = "year: 2025 # a\rorgan: { name: 甲 } # b\rtext: {overview: c}\n";
            write(dir, "a.yaml", text);
            words("convert a.yaml r.toml")
        },
        held: |dir, ran| {
            assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
            let text = std::fs::read_to_string(dir.join("r.toml")).expect("a file");
            let report: toml::Table = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert_eq!(report["organ"]["name"].as_str(), Some("甲"), "{text}");
            assert_eq!(report.len(), 3, "{text}");
        },
    },
];

/// A workbook whose sheet of keys and values has this in a cell with the look of a day.
fn dated(value: &str) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let link = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let links = |links: &[String]| format!("<Relationships>{}</Relationships>", links.concat());
    let top = links(&[link("a", "officeDocument", "xl/workbook.xml")]);
    let own = links(&[link("s", "worksheet", "s.xml"), link("t", "styles", "t.xml")]);
    let mut rows = String::new();
    for (key, cell) in [
        ("项目", "<c t=\"inlineStr\"><is><t>内容</t></is></c>".to_owned()),
        ("年度", "<c><v>2025</v></c>".to_owned()),
        ("邮编", format!("<c s=\"0\"><v>{value}</v></c>")),
    ] {
        let _ = write!(rows, "<row><c t=\"inlineStr\"><is><t>{key}</t></is></c>{cell}</row>");
    }
    super::support::zip(&[
        ("_rels/.rels", &top),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"基本信息\" r:id=\"s\"/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", &own),
        ("xl/s.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
        ("xl/t.xml", "<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>"),
    ])
}

/// What a unit's text shows.
fn showing(path: &str) -> serde_json::Value {
    let mut value = unit("甲镇人民政府", 7);
    value["text"]["overview"] = format!("（一）甲。\n\n![一张图]({path})").into();
    value
}

/// The picture that the county's report shows.
fn shown(dir: &Path) -> String {
    let text = total(dir)["text"]["overview"].as_str().expect("a text").to_owned();
    text.split("](").nth(1).expect("a picture").replace(')', "")
}

const PICTURES: &[Case] = &[
    Case {
        what: "a unit's “picture” that is a settings file: it does not land beside the county's report",
        prepare: |dir| {
            alone(dir, &showing("nianbao.toml"));
            write(dir, "units/单位/nianbao.toml", "[rules]\nrow-sum = \"off\"\n");
            collect()
        },
        held: |dir, ran| {
            assert_eq!(names(&dir.join("out")), FILES);
            assert!(ran.stdout.contains("不是 PNG 或 JPEG"), "{}", ran.stdout);
        },
    },
    Case {
        what: "a unit's picture called like an output: the output stays, the picture has the program's name",
        prepare: |dir| {
            alone(dir, &showing("汇总表.xlsx"));
            write(dir, "units/单位/汇总表.xlsx", PNG);
            collect()
        },
        held: |dir, _| {
            assert_eq!(shown(dir), "picture-1.png");
            assert_eq!(std::fs::read(dir.join("out/picture-1.png")).expect("a picture"), PNG);
            assert!(sheets(dir, "汇总表.xlsx").contains_key("xl/workbook.xml"));
        },
    },
    Case {
        what: "a unit's picture in a folder of its own choice: no such folder is made",
        prepare: |dir| {
            alone(dir, &showing("letterheads/a/b.png"));
            write(dir, "units/单位/letterheads/a/b.png", PNG);
            collect()
        },
        held: |dir, _| {
            assert_eq!(shown(dir), "picture-1.png");
            assert!(!dir.join("out/letterheads").exists());
        },
    },
    Case {
        what: "a unit's text that shows a picture of the county's: it does not",
        prepare: |dir| {
            alone(dir, &showing("seal.png"));
            write(dir, "out/seal.png", PNG);
            collect()
        },
        held: |dir, ran| {
            assert_ne!(shown(dir), "seal.png", "{}", ran.stdout);
            assert_eq!(std::fs::read(dir.join("out/seal.png")).expect("the seal"), PNG);
        },
    },
    Case {
        what: "a picture of somebody's in the county's folder: it is not written over, even with --overwrite",
        prepare: |dir| {
            alone(dir, &showing("a.png"));
            write(dir, "units/单位/a.png", PNG);
            write(dir, "out/picture-1.png", "mine");
            words("collect units -o out --overwrite")
        },
        held: |dir, _| {
            assert_eq!(std::fs::read(dir.join("out/picture-1.png")).expect("mine"), b"mine");
            assert_eq!(shown(dir), "picture-2.png");
        },
    },
    Case {
        what: "a path that names nothing, like a name of the program's: it shows no other picture",
        prepare: |dir| {
            let mut value = showing("picture-1.png");
            let text = value["text"]["overview"].as_str().expect("a text").to_owned();
            value["text"]["overview"] = format!("{text}\n\n![乙](b.png)").into();
            alone(dir, &value);
            write(dir, "units/单位/b.png", PNG);
            collect()
        },
        held: |dir, _| {
            assert_eq!(shown(dir), "picture-1.png\n\n![乙");
            assert_eq!(std::fs::read(dir.join("out/picture-2.png")).expect("a picture"), PNG);
            assert!(!dir.join("out/picture-1.png").exists());
        },
    },
    Case {
        what: "a unit that is not counted brings a picture of the same name: the counted one's is taken",
        prepare: |dir| {
            alone(dir, &showing("a.png"));
            write(dir, "units/单位/a.png", PNG);
            let mut other = showing("a.png");
            other["year"] = 2024.into();
            write(dir, "units/最后/report.json", other.to_string());
            write(dir, "units/最后/a.png", [PNG, b"other"].concat());
            collect()
        },
        held: |dir, ran| {
            assert_eq!(shown(dir), "picture-1.png", "{}", ran.stdout);
            assert_eq!(std::fs::read(dir.join("out/picture-1.png")).expect("a picture"), PNG);
        },
    },
];

const OTHERS: &[Case] = &[
    Case {
        what: "last year's file of a unit is too large to read: the unit counts, and is told",
        prepare: |dir| {
            honest(dir);
            write(dir, "units/甲/report.json", unit("甲镇", 1000).to_string());
            let file =
                std::fs::File::create(dir.join("units/甲/report.previous.toml")).expect("a file");
            file.set_len(65 << 20).expect("long");
            words("collect units -o out --message-format json")
        },
        held: |dir, ran| {
            assert!(ran.stdout.contains("previous-year"), "{}", ran.stdout);
            assert!(ran.stdout.contains("report.previous.toml"), "{}", ran.stdout);
            counted(dir, ran);
        },
    },
    Case {
        what: "last year's file of a unit is no text: the unit counts",
        prepare: |dir| {
            honest(dir);
            write(dir, "units/甲/report.json", unit("甲镇", 1000).to_string());
            write(dir, "units/甲/report.previous.toml", b"\xff\xfe\0\x01");
            collect()
        },
        held: counted,
    },
    Case {
        what: "last year's file of the county is damaged: the county's report is written",
        prepare: |dir| {
            beside(dir, "甲镇", "甲.json");
            write(dir, "last.toml", "year = [2024\n");
            words("collect units -o out --previous last.toml")
        },
        held: |dir, ran| {
            assert!(ran.stdout.contains("last.toml"), "{}", ran.stdout);
            counted(dir, ran);
        },
    },
    Case {
        what: "a folder below too many others: the others count, and it is told",
        prepare: |dir| {
            beside(dir, "甲镇", "甲.json");
            write(dir, "units/a/b/c/d/e/f/g/乙.json", unit("乙镇", 5).to_string());
            collect()
        },
        held: |dir, ran| {
            assert!(ran.stdout.contains("文件夹套得太深"), "{}", ran.stdout);
            counted(dir, ran);
        },
    },
    Case {
        what: "names that no system of letters has: the others count",
        prepare: |dir| {
            beside(dir, "甲镇", "甲.json");
            #[cfg(unix)]
            {
                use std::os::unix::ffi::OsStrExt as _;
                let name = std::ffi::OsStr::from_bytes(b"units/\xff\xfe.json");
                std::fs::write(dir.join(name), unit("乙镇", 0).to_string()).expect("written");
            }
            collect()
        },
        held: |dir, ran| {
            counted(dir, ran);
            let units = if cfg!(unix) { "计入 4 个" } else { "计入 3 个" };
            assert!(ran.stdout.contains(units), "{}", ran.stdout);
        },
    },
    Case {
        what: "an unknown key of controls: it is told as signs, and the others count",
        prepare: |dir| {
            honest(dir);
            let mut value = unit("甲镇", 1000);
            value["\r\n错误[x]: \u{1b}[31m"] = "\0".into();
            write(dir, "units/甲.json", value.to_string());
            collect()
        },
        held: |dir, ran| {
            counted(dir, ran);
            assert!(ran.stdout.contains("␍␊错误[x]: ␛[31m"), "{}", ran.stdout);
        },
    },
    Case {
        what: "a matrix that is there already, without a report: it is not written over",
        prepare: |dir| {
            beside(dir, "甲镇", "甲.json");
            write(dir, "out/汇总表.xlsx", "mine");
            collect()
        },
        held: |dir, ran| {
            assert_eq!(ran.code, 2, "{}", ran.stderr);
            assert!(ran.stderr.contains("汇总表.xlsx"), "{}", ran.stderr);
            assert_eq!(std::fs::read(dir.join("out/汇总表.xlsx")).expect("mine"), b"mine");
            assert_eq!(names(&dir.join("out")), ["汇总表.xlsx"]);
        },
    },
];

fn hold(cases: &[Case]) {
    for Case { what, prepare, held } in cases {
        let dir = tempfile::tempdir().expect("a folder");
        let ran = run(dir.path(), &prepare(dir.path()));
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let shown: String = said.chars().take(1500).collect();
        assert!(!said.contains("panicked"), "{what}\n{shown}");
        let good = std::panic::catch_unwind(|| held(dir.path(), &ran));
        assert!(good.is_ok(), "{what}: exit code {}\n{shown}", ran.code);
    }
}

#[test]
fn what_a_unit_says_is_data() {
    hold(NAMES);
}

#[test]
fn pictures_of_a_unit_have_names_of_ours() {
    hold(PICTURES);
}

#[test]
fn one_bad_unit_stops_nobody() {
    hold(OTHERS);
}

/// The lists that go back to units can be opened, whatever stands in them.
#[test]
fn lists_hold_what_they_quote() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut value = unit("甲\r\u{1}\u{ffff}]]>镇", 3);
    value["unknown \u{0}\u{b}"] = "\u{fffe}".into();
    value["disclosure"]["licensing"]["decisions"] = "\u{1}\u{2}".into();
    write(dir.path(), "a.json", value.to_string());
    for (name, part) in [("l.docx", "word/document.xml"), ("l.xlsx", "xl/sharedStrings.xml")] {
        let ran = run(dir.path(), &words(&format!("check a.json --list {name}")));
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        let bytes = std::fs::read(dir.path().join(name)).expect("a list");
        for (name, bytes) in parts(&bytes) {
            common::pretty(
                &String::from_utf8(bytes).unwrap_or_else(|_| panic!("{name} is no text")),
            );
        }
        let text = common::part(&bytes, part);
        assert!(text.contains("甲␍␁") && text.contains("␀␋"), "{text}");
    }
}
