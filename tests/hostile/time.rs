//! Files that are small and took minutes or all memory: each is read in a few seconds, or refused at once.

use super::Attack;
use super::Verdict::{Harmless, Refused, Told};
use super::archives::fill;
use super::support::{Docx, paragraph};
use super::{words, write};
use std::fmt::Write as _;
use std::path::Path;

const LINEAR: &str = "the time grows with its size";
const HEAD: &str = "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n";
const TITLE: &str = "甲镇2025年政府信息公开工作年度报告";

/// Texts of numbers that count up.
fn numbered(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// A report whose one text is this, to be made.
fn prose(dir: &Path, text: &str, to: &str) -> Vec<String> {
    write(dir, "r.toml", format!("{HEAD}[text]\noverview = '''{text}'''\n"));
    words(&format!("build r.toml --draft --to {to} -o out"))
}

/// A template of one paragraph.
fn tags(dir: &Path, text: &str) -> Vec<String> {
    fill(dir, Docx::new(&paragraph(text)).bytes())
}

/// A template that writes a text of the data as Markdown.
fn markdown(dir: &Path, text: &str) -> Vec<String> {
    let args = tags(dir, "{{markdown a}}");
    write(dir, "d.json", serde_json::json!({ "a": text }).to_string());
    args
}

/// A document that is put into a template.
fn inserted(dir: &Path, docx: &Docx) -> Vec<String> {
    let args = tags(dir, "{{document a}}");
    write(dir, "x.docx", docx.bytes());
    write(dir, "d.json", "{\"a\": \"x.docx\"}");
    args
}

fn imported(dir: &Path, docx: &Docx) -> Vec<String> {
    write(dir, "x.docx", docx.bytes());
    words("import x.docx -o x.toml")
}

fn inspected(dir: &Path, content: &str, more: &str) -> Vec<String> {
    write(dir, "t.docx", Docx::new(content).bytes());
    words(&format!("template {more}"))
}

/// A document of so many links, each with a relationship of its own.
fn links(count: usize) -> Docx {
    let link =
        |n| format!("<w:hyperlink r:id=\"rId{}\"><w:r><w:t>a</w:t></w:r></w:hyperlink>", n + 1);
    let content = format!("{}<w:p>{}</w:p>", paragraph(TITLE), numbered(count, link));
    let mut docx = Docx::new(&content);
    for number in 0..count {
        docx.add_relationship("hyperlink", &format!("http://x/{number}"), true);
    }
    docx
}

/// A document of so many places of one picture, each with a relationship of its own.
fn pictures(count: usize) -> Docx {
    let place = |n| {
        format!(
            "<w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"{n}\" name=\"a\"/>\
             <a:blip r:embed=\"rId{}\"/></wp:inline></w:drawing></w:r></w:p>",
            n + 1
        )
    };
    let mut docx = Docx::new(&format!("{}{}", paragraph(TITLE), numbered(count, place)));
    docx.add("word/media/a.png", "\u{7f}PNG");
    for _ in 0..count {
        docx.add_relationship("image", "media/a.png", false);
    }
    docx
}

/// A document whose paragraphs have styles that are each based on the next.
fn styles(count: usize) -> Docx {
    let own = |n| {
        let properties = format!("<w:pPr><w:pStyle w:val=\"s{n}\"/></w:pPr>");
        format!("<w:p>{properties}<w:r><w:t>甲</w:t></w:r></w:p>")
    };
    let style = |n| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"s{n}\"><w:name w:val=\"n{n}\"/>\
             <w:basedOn w:val=\"s{}\"/></w:style>",
            (n + 1) % count
        )
    };
    let mut docx = Docx::new(&numbered(count, own));
    docx.add_word_part("styles", "styles", &numbered(count, style));
    docx
}

/// Paragraphs of a list whose definition has so many levels.
fn levels(count: usize) -> Docx {
    let item = "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"8\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr>\
                <w:r><w:t>甲</w:t></w:r></w:p>";
    let level = |n| {
        format!(
            "<w:lvl w:ilvl=\"{}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/>\
             <w:lvlText w:val=\"%1%2%3%4%5%6%7%8%9\"/></w:lvl>",
            n % 9
        )
    };
    let mut docx = Docx::new(&item.repeat(count));
    let definition = format!(
        "<w:abstractNum w:abstractNumId=\"0\">{}</w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>",
        numbered(count, level)
    );
    docx.add_word_part("numbering", "numbering", &definition);
    docx
}

pub const PROSE: &[Attack] = &[
    Attack {
        what: "a name of 100,000 characters",
        verdict: Refused("这一项有 100000 个字，超过限度"),
        prepare: |dir| {
            let name = "甲".repeat(100_000);
            write(dir, "r.json", format!("{{\"year\":2025,\"organ\":{{\"name\":\"{name}\"}}}}"));
            words("build r.json --draft --to docx -o out")
        },
    },
    Attack {
        what: "a word of 290,000 letters",
        verdict: Refused("中间不能换行的词，长 290000 个字符"),
        prepare: |dir| prose(dir, &"a".repeat(290_000), "pdf"),
    },
    Attack {
        what: "72,000 words in italics in one paragraph",
        verdict: Refused("请用空行把它分成几段"),
        prepare: |dir| prose(dir, &"*a* ".repeat(72_000), "pdf"),
    },
    Attack {
        what: "97,000 asterisks that open and never close",
        verdict: Harmless(LINEAR),
        prepare: |dir| prose(dir, &"*a ".repeat(97_000), "pdf"),
    },
    Attack {
        what: "one code span of 290,000 characters",
        verdict: Refused("中间不能换行的词，长 290000 个字符"),
        prepare: |dir| prose(dir, &format!("`{}`", "a".repeat(290_000)), "pdf"),
    },
    Attack {
        what: "a table of 300 rows and 450 columns",
        verdict: Refused("这个表格有 450 栏"),
        prepare: |dir| {
            let row = |cell: &str| format!("|{}\n", cell.repeat(450));
            prose(dir, &[row("a|"), row("-|"), row("a|").repeat(300)].concat(), "pdf")
        },
    },
    Attack {
        what: "a note of 140,000 characters with 35,000 references",
        verdict: Refused("超过限度"),
        prepare: |dir| {
            let references = "[^1]".repeat(35_000);
            prose(dir, &format!("甲{references}\n\n[^1]: {}", "乙".repeat(140_000)), "docx")
        },
    },
    Attack {
        what: "24,000 dates in one sentence",
        verdict: Harmless(LINEAR),
        prepare: |dir| prose(dir, &"2024年1月1日起至".repeat(24_000), "docx"),
    },
    Attack {
        what: "a YAML anchor with a million `#` in its name, to be converted",
        verdict: Harmless(LINEAR),
        prepare: |dir| {
            let name = "#a".repeat(1_000_000);
            write(dir, "r.yaml", format!("year: 2025\norgan:\n  name: 甲\na: &x{name} 1\n"));
            words("convert r.yaml r.toml")
        },
    },
    Attack {
        what: "three million values in a JSON list",
        verdict: Refused("超过"),
        prepare: |dir| {
            let values = "0,".repeat(3_000_000);
            write(dir, "r.json", format!("{{\"year\":2025,\"a\":[{values}0]}}"));
            words("check r.json")
        },
    },
    Attack {
        what: "100,000 tables of unknown rules in the settings",
        verdict: Refused("错误"),
        prepare: |dir| {
            write(dir, "nianbao.toml", numbered(100_000, |n| format!("[rules.x{n}]\na=1\n")));
            write(dir, "r.toml", HEAD);
            words("check r.toml --config nianbao.toml")
        },
    },
];

pub const TAGS: &[Attack] = &[
    Attack {
        what: "190,000 comments in one paragraph",
        verdict: Harmless(LINEAR),
        prepare: |dir| tags(dir, &"{{!----}}".repeat(190_000)),
    },
    Attack {
        what: "190,000 tags with a bracket that does not close",
        verdict: Refused("引号没有配对"),
        prepare: |dir| tags(dir, &"{{[}}".repeat(190_000)),
    },
    Attack {
        what: "190,000 blocks that do not close",
        verdict: Refused("错误"),
        prepare: |dir| tags(dir, &"{{#if a}}".repeat(190_000)),
    },
    Attack {
        what: "190,000 different faults",
        verdict: Refused("只列出前"),
        prepare: |dir| tags(dir, &numbered(190_000, |n| format!("{{{{a{n} b c}}}}"))),
    },
    Attack {
        what: "190,000 different names of partials that are not there",
        verdict: Refused("只列出前"),
        prepare: |dir| tags(dir, &numbered(190_000, |n| format!("{{{{&gt; b{n}}}}}"))),
    },
    Attack {
        what: "190,000 names that are close to 50,000 of the data",
        verdict: Refused("数据里没有“name11x”"),
        prepare: |dir| {
            let args = tags(dir, &numbered(190_000, |n| format!("{{{{name{n}x}}}}")));
            let names = numbered(50_000, |n| format!("\"name{n}\":1,"));
            write(dir, "d.json", format!("{{{names}\"a\":1}}"));
            args
        },
    },
    Attack {
        what: "a loop of 20,000 fixed rows",
        verdict: Harmless(LINEAR),
        prepare: |dir| {
            let row = |text| format!("<w:tr><w:tc>{}</w:tc></w:tr>", paragraph(text));
            let (open, close) = (row("{{#each b fixed=true}}"), row("{{/each}}"));
            let rows = row("{{this}}").repeat(20_000);
            let table = format!("<w:tbl>{open}{rows}{close}</w:tbl><w:p/>");
            let args = fill(dir, Docx::new(&table).bytes());
            let items = vec!["1"; 20_000].join(",");
            write(dir, "d.json", format!("{{\"b\":[{items}]}}"));
            args
        },
    },
    Attack {
        what: "Markdown of 100,000 links",
        verdict: Harmless(LINEAR),
        prepare: |dir| markdown(dir, &numbered(100_000, |n| format!("[a](http://y/{n})"))),
    },
    Attack {
        what: "Markdown of 50,000 notes",
        verdict: Harmless(LINEAR),
        prepare: |dir| markdown(dir, &numbered(50_000, |n| format!("甲[^{n}]\n\n[^{n}]: 乙\n\n"))),
    },
    Attack {
        what: "an inserted document of 40,000 links",
        verdict: Harmless(LINEAR),
        prepare: |dir| inserted(dir, &links(40_000)),
    },
    Attack {
        what: "an inserted document of 60,000 places of one picture",
        verdict: Harmless(LINEAR),
        prepare: |dir| inserted(dir, &pictures(60_000)),
    },
    Attack {
        what: "an inserted document of 30,000 styles, each based on the next",
        verdict: Harmless(LINEAR),
        prepare: |dir| inserted(dir, &styles(30_000)),
    },
];

pub const WORD: &[Attack] = &[
    Attack {
        what: "two million empty paragraphs",
        verdict: Refused("超过 1000000 个元素"),
        prepare: |dir| imported(dir, &Docx::new(&"<w:p/>".repeat(2_000_000))),
    },
    Attack {
        what: "an imported document of 40,000 links in 240 KB",
        verdict: Told("没有找到表二"),
        prepare: |dir| imported(dir, &links(40_000)),
    },
    Attack {
        what: "an imported document of 30,000 places of one picture",
        verdict: Told("不是 PNG 或 JPEG"),
        prepare: |dir| imported(dir, &pictures(30_000)),
    },
    Attack {
        what: "100,000 imported paragraphs that look like headings",
        verdict: Told("没有找到表二"),
        prepare: |dir| {
            let heading =
                |n| paragraph(&format!("{}、主动公{n}开政府信息情况概述内容说明", n % 97));
            imported(dir, &Docx::new(&numbered(100_000, heading)))
        },
    },
    Attack {
        what: "100,000 imported paragraphs that look like titles",
        verdict: Told("没有找到表二"),
        prepare: |dir| {
            let title = |n| paragraph(&format!("甲镇{n}年政府信息公开工作年度报告"));
            imported(dir, &Docx::new(&numbered(100_000, title)))
        },
    },
    Attack {
        what: "an imported list of 60,000 paragraphs and as many levels",
        verdict: Told("没有找到表二"),
        prepare: |dir| imported(dir, &levels(60_000)),
    },
    Attack {
        what: "60,000 imported styles, each based on the next, in a ring",
        verdict: Told("没有找到表二"),
        prepare: |dir| imported(dir, &styles(60_000)),
    },
    Attack {
        what: "a template with 80,000 changes that are not accepted",
        verdict: Harmless(LINEAR),
        prepare: |dir| {
            let text = paragraph("a").repeat(80_000) + &"<w:ins w:id=\"1\"/>".repeat(80_000);
            inspected(dir, &text, "check t.docx")
        },
    },
    Attack {
        what: "a template of 200,000 tags that do not close, to be checked",
        verdict: Refused("没有写完"),
        prepare: |dir| inspected(dir, &paragraph(&"{{a {{b }".repeat(200_000)), "check t.docx"),
    },
    Attack {
        what: "a template of 100,000 headings of one section",
        verdict: Refused("错误"),
        prepare: |dir| {
            let text = paragraph("二、主动公开政府信息情况").repeat(100_000);
            inspected(dir, &text, "check t.docx --form 2021")
        },
    },
    Attack {
        what: "a template of 50,000 names, none of which is among the 50,000 of the data",
        verdict: Refused("只列出前"),
        prepare: |dir| {
            let names = numbered(50_000, |n| format!("\"c{n}\":1,"));
            write(dir, "d.json", format!("{{{names}\"a\":1}}"));
            let text = paragraph(&numbered(50_000, |n| format!("{{{{b{n}}}}}")));
            inspected(dir, &text, "check t.docx --data d.json")
        },
    },
    Attack {
        what: "190,000 names, to be listed",
        verdict: Harmless(LINEAR),
        prepare: |dir| {
            let text = paragraph(&numbered(190_000, |n| format!("{{{{b{n}}}}}")));
            inspected(dir, &text, "tags t.docx")
        },
    },
    Attack {
        what: "3,000 paths of 400 names each, to be listed",
        verdict: Refused("数据名称太多"),
        prepare: |dir| {
            let mut text = String::new();
            for start in 0..3_000 {
                let path: Vec<String> = (start..start + 400).map(|n| format!("a{n}")).collect();
                let _ = write!(text, "{{{{{}}}}}", path.join("."));
            }
            inspected(dir, &paragraph(&text), "tags t.docx")
        },
    },
];
