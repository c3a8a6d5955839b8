//! Hostile data files, workbooks and pictures.

use super::Attack;
use super::Verdict::{Harmless, Refused};
use super::support::zip;
use super::{words, write};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n";

fn check(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    write(dir, name, content);
    words(&format!("build {name} --to docx -o out"))
}

fn toml(dir: &Path, more: &str) -> Vec<String> {
    check(dir, "r.toml", format!("{HEAD}{more}"))
}

fn json(dir: &Path, more: &str) -> Vec<String> {
    check(dir, "r.json", format!("{{\"year\":2025,\"organ\":{{\"name\":\"云砚镇\"}},{more}}}"))
}

fn nested(open: &str, close: &str) -> String {
    [open.repeat(100_000), close.repeat(100_000)].concat()
}

pub const DATA: &[Attack] = &[
    Attack {
        what: "an organ's name with line ends, for `new --xlsx`",
        verdict: Harmless("line ends become blanks"),
        prepare: |_| {
            let mut args = words("new n --year 2025 --xlsx --organ");
            args.push("甲\nb = [\u{1}".to_owned());
            args
        },
    },
    Attack {
        what: "control characters in JSON",
        verdict: Refused("U+0001"),
        prepare: |dir| json(dir, "\"text\":{\"overview\":\"甲\\u0001乙\"}"),
    },
    Attack {
        what: "control characters in TOML",
        verdict: Refused("控制字符 U+0001"),
        prepare: |dir| toml(dir, "[text]\noverview = \"甲\u{1}乙\"\n"),
    },
    Attack {
        what: "raw control characters in JSON",
        verdict: Refused("控制字符 U+0000"),
        prepare: |dir| json(dir, "\"text\":{\"overview\":\"甲\u{0}乙\"}"),
    },
    Attack {
        what: "`-Infinity` in JSON",
        verdict: Refused("“-Infinity”不是数字"),
        prepare: |dir| json(dir, "\"requests\":{\"received\":[-Infinity,0,0,0,0,0]}"),
    },
    Attack {
        what: "half a surrogate pair in JSON",
        verdict: Refused("JSON 的写法"),
        prepare: |dir| json(dir, "\"text\":{\"overview\":\"\\ud800\"}"),
    },
    Attack {
        what: "a text of 400,000 characters",
        verdict: Refused("超过限度 300000 字"),
        prepare: |dir| toml(dir, &format!("[text]\noverview = \"{}\"\n", "甲".repeat(400_000))),
    },
    Attack {
        what: "a data file of 65 MB",
        verdict: Refused("太大，超过 64 MB"),
        prepare: |dir| toml(dir, &format!("[text]\noverview = \"{}\"\n", "a".repeat(65 << 20))),
    },
    Attack {
        what: "YAML aliases that multiply",
        verdict: Refused("展开后的数据超过"),
        prepare: |dir| {
            let mut bomb = String::from("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
            for level in 1..12 {
                let list = vec![format!("*a{}", level - 1); 10].join(",");
                let _ = writeln!(bomb, "a{level}: &a{level} [{list}]");
            }
            check(dir, "r.yaml", bomb)
        },
    },
    Attack {
        what: "fifteen thousand YAML aliases of a text of a megabyte",
        verdict: Refused("重复的内容超过 32 MB"),
        prepare: |dir| {
            let long = "a".repeat(1 << 20);
            check(dir, "r.yaml", format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 15_000].join(",")))
        },
    },
    Attack {
        what: "an unknown key of 30 MB",
        verdict: Refused("不认识的名称"),
        prepare: |dir| json(dir, &format!("\"{}\":1", "a".repeat(30 << 20))),
    },
    Attack {
        what: "eighty thousand unknown keys of 200 bytes",
        verdict: Refused("只列出前 2000 处"),
        prepare: |dir| {
            let long = "r".repeat(194);
            let keys: Vec<String> = (0..80_000).map(|n| format!("\"{long}{n:06}\":1")).collect();
            json(dir, &keys.join(","))
        },
    },
    Attack {
        what: "a text of numbers beside phrases, 120,000 characters in one paragraph",
        verdict: Refused("只列出前 2000 处"),
        prepare: |dir| {
            let text = "收到申请10件，占10%，同比增长3%，".repeat(6_000);
            toml(dir, &format!("[text]\noverview = \"{text}\"\n"))
        },
    },
    Attack {
        what: "nineteen thousand pictures that are not there",
        verdict: Refused("只列出前 2000 处"),
        prepare: |dir| {
            let paragraph = "![图](a.png)".repeat(1_900) + "\n\n";
            toml(dir, &format!("[text]\noverview = '''{}'''\n", paragraph.repeat(10)))
        },
    },
    Attack {
        what: "`nan` as a figure",
        verdict: Refused("nan"),
        prepare: |dir| toml(dir, "[requests]\nreceived = [nan, 0, 0, 0, 0, 0]\n"),
    },
    Attack {
        what: "`inf` as a figure",
        verdict: Refused("inf"),
        prepare: |dir| toml(dir, "[requests]\nreceived = [inf, 0, 0, 0, 0, 0]\n"),
    },
    Attack {
        what: "`NaN` in JSON",
        verdict: Refused("“NaN”不是数字"),
        prepare: |dir| json(dir, "\"requests\":{\"received\":[NaN,0,0,0,0,0]}"),
    },
    Attack {
        what: "`1e999999` as a figure",
        verdict: Refused("1e999999"),
        prepare: |dir| json(dir, "\"requests\":{\"received\":[1e999999,0,0,0,0,0]}"),
    },
    Attack {
        what: "a figure of a million digits",
        verdict: Refused("位数太多"),
        prepare: |dir| {
            let digits = "9".repeat(1_000_000);
            json(dir, &format!("\"requests\":{{\"received\":[{digits},0,0,0,0,0]}}"))
        },
    },
    Attack {
        what: "the year 99999999999999999999",
        verdict: Refused("年"),
        prepare: |dir| check(dir, "r.toml", "year = 99999999999999999999\n[organ]\nname=\"甲\"\n"),
    },
    Attack {
        what: "lists within lists, JSON",
        verdict: Refused("括号嵌套太深"),
        prepare: |dir| json(dir, &format!("\"a\":{}", nested("[", "]"))),
    },
    Attack {
        what: "lists within lists, TOML",
        verdict: Refused("括号嵌套太深"),
        prepare: |dir| toml(dir, &format!("a = {}", nested("[", "]"))),
    },
    Attack {
        what: "dotted keys within tables within dotted keys, TOML",
        verdict: Refused("括号嵌套太深"),
        prepare: |dir| {
            let key = ["a"; 75].join(".");
            let open = format!("{{ {key} = ").repeat(75);
            toml(dir, &format!("a = {open}1{}", "}".repeat(75)))
        },
    },
    Attack {
        what: "lists within lists, YAML",
        verdict: Refused("括号嵌套太深"),
        prepare: |dir| check(dir, "r.yaml", format!("a: {}", nested("[", "]"))),
    },
    Attack {
        what: "blocks within blocks, YAML",
        verdict: Refused("嵌套太深"),
        prepare: |dir| {
            let mut text = String::new();
            for depth in 0..2000 {
                let _ = writeln!(text, "{}a:", " ".repeat(depth));
            }
            check(dir, "r.yaml", text)
        },
    },
    Attack {
        what: "a key twice, JSON",
        verdict: Refused("前面已经写过"),
        prepare: |dir| json(dir, "\"year\":2024"),
    },
    Attack {
        what: "a hundred thousand unknown keys",
        verdict: Refused("错误"),
        prepare: |dir| {
            let mut keys = String::new();
            for n in 0..100_000 {
                let _ = writeln!(keys, "k{n} = {n}");
            }
            check(dir, "r.toml", format!("{keys}{HEAD}"))
        },
    },
    Attack {
        what: "a hundred thousand keys in a JSON object",
        verdict: Refused("错误"),
        prepare: |dir| {
            let keys: Vec<String> = (0..100_000).map(|n| format!("\"k{n}\":{n}")).collect();
            json(dir, &keys.join(","))
        },
    },
    Attack {
        what: "Markdown quotes within quotes within lists",
        verdict: Harmless("deeper than 32 is set flat"),
        prepare: |dir| {
            let text = ["> - ".repeat(20_000), "**甲".repeat(3_900)].concat();
            toml(dir, &format!("[text]\noverview = '''{text}'''\n"))
        },
    },
    Attack {
        what: "a hundred thousand open brackets in Markdown",
        verdict: Harmless("what has no meaning is text"),
        prepare: |dir| {
            let text = "[ ".repeat(50_000) + &"![ ".repeat(50_000);
            toml(dir, &format!("[text]\noverview = '''甲{text}'''\n"))
        },
    },
    Attack {
        what: "a web page with a hundred thousand open elements",
        verdict: Refused("网页太大"),
        prepare: |dir| check(dir, "r.html", "<div><b>".repeat(50_000).as_bytes()),
    },
    Attack {
        what: "a web page with a million attributes in one tag",
        verdict: Refused("网页太大"),
        prepare: |dir| check(dir, "r.html", format!("<p {}>", "a1 b2 ".repeat(500_000)).as_bytes()),
    },
    Attack {
        what: "a table of a web page whose cells cover sixty thousand rows",
        verdict: Refused("网页太大"),
        prepare: |dir| {
            let cells = "<td rowspan=65534>1".repeat(1_000);
            let rows = "<tr>".repeat(60_000);
            check(dir, "r.html", format!("<table><tr>{cells}{rows}").as_bytes())
        },
    },
    Attack {
        what: "a data file in UTF-16",
        verdict: Refused("UTF-16"),
        prepare: |dir| check(dir, "r.toml", b"\xff\xfey\0e\0a\0r\0"),
    },
];

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of one sheet.
fn workbook(strings: &str, sheet: &str) -> Vec<u8> {
    let top = format!(
        "<Relationships><Relationship Id=\"a\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let links = format!(
        "<Relationships><Relationship Id=\"s\" Type=\"{OFFICE}/worksheet\" Target=\"s.xml\"/>\
         <Relationship Id=\"t\" Type=\"{OFFICE}/sharedStrings\" Target=\"t.xml\"/></Relationships>"
    );
    zip(&[
        ("_rels/.rels", &top),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"a\" r:id=\"s\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", &links),
        ("xl/s.xml", sheet),
        ("xl/t.xml", strings),
    ])
}

fn xlsx(dir: &Path, strings: &str, sheet: &str) -> Vec<String> {
    check(dir, "r.xlsx", workbook(strings, sheet))
}

pub const WORKBOOKS: &[Attack] = &[
    Attack {
        what: "a sheet that unpacks to 40 MB",
        verdict: Refused("展开后超过 32 MB"),
        prepare: |dir| xlsx(dir, "", &" ".repeat(40 << 20)),
    },
    Attack {
        what: "300,000 shared strings",
        verdict: Refused("200000 个单元格"),
        prepare: |dir| xlsx(dir, &"<si><t>a</t></si>".repeat(300_000), "<sheetData/>"),
    },
    Attack {
        what: "a shared string of a megabyte in a hundred thousand cells",
        verdict: Refused("展开后超过 32 MB"),
        prepare: |dir| {
            let row = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(500));
            let string = format!("<si><t>{}</t></si>", "a".repeat(1 << 20));
            xlsx(dir, &string, &format!("<sheetData>{}</sheetData>", row.repeat(200)))
        },
    },
    Attack {
        what: "300,000 cells",
        verdict: Refused("200000 个单元格"),
        prepare: |dir| {
            let row = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(300));
            xlsx(dir, "", &format!("<sheetData>{}</sheetData>", row.repeat(1000)))
        },
    },
    Attack {
        what: "cells at line 4,000,000,000 and beyond the end of the machine's numbers",
        verdict: Refused("错误"),
        prepare: |dir| {
            let far = "<row r=\"18446744073709551615\"><c r=\"ZZZ18446744073709551615\"><v>1</v></c>\
                <c r=\"A4000000000\"><v>1</v></c><c><v>2</v></c></row>";
            xlsx(dir, "", &format!("<sheetData>{far}</sheetData>"))
        },
    },
    Attack {
        what: "merged ranges over the whole sheet, three thousand times",
        verdict: Refused("错误"),
        prepare: |dir| {
            let merges = "<mergeCell ref=\"A1:XFD1048576\"/>".repeat(3000);
            let sheet = format!(
                "<sheetData><row><c t=\"inlineStr\"><is><t>a</t></is></c></row></sheetData>\
                 <mergeCells>{merges}</mergeCells>"
            );
            xlsx(dir, "", &sheet)
        },
    },
    Attack {
        what: "entities in a sheet",
        verdict: Refused("错误"),
        prepare: |dir| {
            let sheet = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>\
                <sheetData><row><c t=\"str\"><v>&b;</v></c></row></sheetData>";
            xlsx(dir, "", sheet)
        },
    },
    Attack {
        what: "half a workbook",
        verdict: Refused("已经损坏"),
        prepare: |dir| {
            let good = workbook("", "<sheetData/>");
            check(dir, "r.xlsx", &good[..good.len() / 2])
        },
    },
    Attack {
        what: "a CSV file of 20,000 lines",
        verdict: Refused("展开后的数据超过"),
        prepare: |dir| {
            write(dir, "a.csv", "a,b\n".repeat(20_000));
            words("convert a.csv a.toml")
        },
    },
    Attack {
        what: "a CSV line of a million columns",
        verdict: Refused("展开后的数据超过"),
        prepare: |dir| {
            write(dir, "a.csv", ",".repeat(1_000_000));
            words("convert a.csv a.toml")
        },
    },
    Attack {
        what: "a CSV field that never ends",
        verdict: Refused("英文双引号没有成对"),
        prepare: |dir| {
            write(dir, "a.csv", format!("a,\"{}", "b\n".repeat(500_000)));
            words("convert a.csv a.toml")
        },
    },
];

/// A PNG whose header tells a size; there is nothing else in it.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    out.extend(width.to_be_bytes());
    out.extend(height.to_be_bytes());
    out.extend([8, 0, 0, 0, 0, 0, 0, 0, 0]);
    out
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut out =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08".to_vec();
    out.extend(height.to_be_bytes());
    out.extend(width.to_be_bytes());
    out.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9");
    out
}

fn picture(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    write(dir, name, content);
    toml(dir, &format!("[text]\noverview = '''\n正文。\n\n![图]({name})\n'''\n"))
}

pub const PICTURES: &[Attack] = &[
    Attack {
        what: "a PNG of 60,000 by 60,000 pixels",
        verdict: Refused("超过限度 150 百万像素"),
        prepare: |dir| picture(dir, "a.png", png(60_000, 60_000)),
    },
    Attack {
        what: "a PNG of 2^32 by 2^32 pixels",
        verdict: Refused("超过限度 150 百万像素"),
        prepare: |dir| picture(dir, "a.png", png(u32::MAX, u32::MAX)),
    },
    Attack {
        what: "a JPEG of 65,535 by 65,535 pixels",
        verdict: Refused("超过限度 150 百万像素"),
        prepare: |dir| picture(dir, "a.jpg", jpeg(u16::MAX, u16::MAX)),
    },
    Attack {
        what: "an SVG in a text",
        verdict: Refused("不是 PNG 或 JPEG"),
        prepare: |dir| picture(dir, "a.svg", super::templates::svg_bomb()),
    },
    Attack {
        what: "a picture path that leads out of the folder",
        verdict: Refused("不在数据文件所在的文件夹里"),
        prepare: |dir| toml(dir, "[text]\noverview = '''\n![图](../../etc/passwd)\n'''\n"),
    },
    #[cfg(unix)]
    Attack {
        what: "a picture that is a link out of the folder",
        verdict: Refused("不在数据文件所在的文件夹里"),
        prepare: |dir| {
            std::os::unix::fs::symlink("/etc/passwd", dir.join("a.png")).expect("linked");
            toml(dir, "[text]\noverview = '''\n![图](a.png)\n'''\n")
        },
    },
    #[cfg(feature = "pdf")]
    Attack {
        what: "a PNG that is nothing but a header, to PDF",
        verdict: Refused("Typst"),
        prepare: |dir| {
            picture(dir, "a.png", png(1000, 1000));
            words("build r.toml --to pdf -o out")
        },
    },
];
