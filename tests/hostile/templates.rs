//! Hostile Word templates.

use super::Attack;
use super::Verdict::{Harmless, Refused};
use super::archives::fill;
use super::support::{Docx, paragraph};
use super::{words, write};
use std::fmt::Write as _;
use std::path::Path;

fn tags(dir: &Path, text: &str) -> Vec<String> {
    fill(dir, Docx::new(&paragraph(text)).bytes())
}

/// With a list of a thousand items.
fn listed(dir: &Path, text: &str) -> Vec<String> {
    let args = tags(dir, text);
    let items = vec!["\"一二三四五六七八九十\""; 1000].join(",");
    write(dir, "d.json", format!("{{\"a\": [{items}]}}"));
    args
}

/// Groups that use each other, ten times at each of eleven levels.
pub fn svg_bomb() -> String {
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         width=\"9\" height=\"9\"><defs><g id=\"a0\"><rect width=\"1\" height=\"1\"/></g>",
    );
    for level in 1..12 {
        let uses = format!("<use xlink:href=\"#a{}\"/>", level - 1).repeat(10);
        let _ = write!(out, "<g id=\"a{level}\">{uses}</g>");
    }
    out + "</defs><use xlink:href=\"#a11\"/></svg>"
}

pub const TEMPLATES: &[Attack] = &[
    Attack {
        what: "a block that is not closed",
        verdict: Refused("{{#if a}}"),
        prepare: |dir| tags(dir, "{{#if a}}甲"),
    },
    Attack {
        what: "a thousand blocks within each other",
        verdict: Refused("区块套得太深，最多 32 层"),
        prepare: |dir| tags(dir, &["{{#if a}}".repeat(1000), "{{/if}}".repeat(1000)].concat()),
    },
    Attack {
        what: "a tag with a thousand brackets within each other",
        verdict: Refused("最多 32 层"),
        prepare: |dir| tags(dir, &format!("{{{{{}a{}}}}}", "(not ".repeat(500), ")".repeat(500))),
    },
    Attack {
        what: "a tag of ten thousand characters",
        verdict: Refused("标签太长"),
        prepare: |dir| tags(dir, &format!("{{{{{}}}}}", "a".repeat(10_000))),
    },
    Attack {
        what: "a million open braces",
        verdict: Refused("错误"),
        prepare: |dir| tags(dir, &"{".repeat(1_000_000)),
    },
    Attack {
        what: "300,000 comments, raw blocks and marks that are not closed",
        verdict: Refused("错误"),
        prepare: |dir| {
            let text = ["{{=", "{{{{raw}}}} ", "{{!-- "].map(|open| open.repeat(300_000));
            let [marks, raw, comments] = text.map(|text| paragraph(&text));
            fill(dir, Docx::new(&[marks, raw, comments].concat()).bytes())
        },
    },
    Attack {
        what: "300,000 tags",
        verdict: Refused("标签太多，最多 200000 个"),
        prepare: |dir| tags(dir, &"{{a}}".repeat(300_000)),
    },
    Attack {
        what: "four loops over a thousand items within each other",
        verdict: Refused("循环的总次数超过"),
        prepare: |dir| {
            let text = ["{{#each @root.a}}".repeat(4), "{{/each}}".repeat(4)].concat();
            listed(dir, &text)
        },
    },
    Attack {
        what: "loops that write without end (`--limit output=1`)",
        verdict: Refused("填出来的内容超过 1 MB"),
        prepare: |dir| {
            let text = "{{#each @root.a}}{{#each @root.a}}{{this}}{{/each}}{{/each}}";
            let mut args = listed(dir, text);
            args.extend(words("--limit output=1"));
            args
        },
    },
    Attack {
        what: "ten thousand tags with a text of a megabyte (`--limit output=64`)",
        verdict: Refused("填出来的内容超过 64 MB"),
        prepare: |dir| {
            let mut args = tags(dir, &"{{a}}".repeat(10_000));
            write(dir, "d.json", format!("{{\"a\": \"{}\"}}", "a".repeat(1 << 20)));
            args.extend(words("--limit output=64"));
            args
        },
    },
    Attack {
        what: "a list of a million items with a megabyte between each two",
        verdict: Refused("填出来的内容超过 64 MB"),
        prepare: |dir| {
            let args = tags(dir, "{{join a b}}");
            let (items, long) = (vec!["1"; 1_000_000].join(","), "a".repeat(1 << 20));
            write(dir, "d.json", format!("{{\"a\": [{items}], \"b\": \"{long}\"}}"));
            args
        },
    },
    Attack {
        what: "cells that cover four billion columns, and tables within former properties",
        verdict: Harmless("more than a thousand columns are taken for as many"),
        prepare: |dir| {
            let cell =
                |properties: &str| format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p/></w:tc>");
            let wide = cell("<w:gridSpan w:val=\"4294967295\"/><w:vMerge w:val=\"restart\"/>");
            let more = cell("<w:gridSpan w:val=\"18446744073709551615\"/>");
            let former = cell("<w:tcPrChange><w:tc/></w:tcPrChange>");
            let before = "<w:trPr><w:gridBefore w:val=\"4294967295\"/></w:trPr>";
            let row = format!("<w:tr>{before}{wide}{more}{former}</w:tr>");
            let table = format!("<w:tbl>{}</w:tbl><w:p/>", row.repeat(3));
            let mut args = fill(dir, Docx::new(&table).bytes());
            args.push("--verify".to_owned());
            args
        },
    },
    Attack {
        what: "a partial that includes itself",
        verdict: Refused("片段一层套一层，超过 32 层"),
        prepare: |dir| {
            let mut args = tags(dir, "{{&gt; me}}");
            write(dir, "p/me.txt", "甲{{> me}}");
            args.extend(words("--partials p"));
            args
        },
    },
    Attack {
        what: "two partials that include each other twice",
        verdict: Refused("片段一层套一层，超过 32 层"),
        prepare: |dir| {
            let mut args = tags(dir, "{{&gt; me}}");
            write(dir, "p/me.txt", "{{> you}}{{> you}}");
            write(dir, "p/you.txt", "{{> me}}{{> me}}");
            args.extend(words("--partials p"));
            args
        },
    },
    Attack {
        what: "an SVG whose groups multiply, as a picture of a template",
        verdict: Harmless("it is embedded as it stands and never drawn"),
        prepare: |dir| {
            let args = tags(dir, "{{image a}}");
            write(dir, "a.svg", svg_bomb());
            write(dir, "a.png", super::data::png(9, 9));
            write(dir, "d.json", "{\"a\": \"a.svg\"}");
            args
        },
    },
    Attack {
        what: "a picture that leads out of the folder",
        verdict: Refused("错误"),
        prepare: |dir| {
            let args = tags(dir, "{{image a}}");
            write(dir, "d.json", "{\"a\": \"../../../../etc/passwd\"}");
            args
        },
    },
];
