//! The places that a text can come from.

use super::super::common::{root, run};
use super::super::support::{Docx, paragraph, parts, zip};
use super::super::{words, write};
use super::{EVIL, quoted, xml};
use std::path::Path;

/// What of it may stand in the name of a file.
pub const EVIL_NAME: &str =
    "e\u{1b}[2J\u{9b}\u{202e}\u{2028}\u{7f}\r\nerror[forged]: a\n错误[forged]：b";

pub const HEAD: &str = "year = 2025\n[organ]\nname = \"云砚镇人民政府\"\n";

/// A place that a text can come from.
pub struct Origin {
    pub what: &'static str,
    /// Whether the command prints findings in several formats.
    pub formats: bool,
    /// Writes the files and gives the arguments.
    pub prepare: fn(&Path) -> Vec<String>,
}

fn checked(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    write(dir, name, content);
    vec!["check".to_owned(), name.to_owned()]
}

pub fn filled(dir: &Path, text: &str, data: &str) -> Vec<String> {
    write(dir, "t.docx", Docx::new(&paragraph(text)).bytes());
    write(dir, "d.json", data);
    words("fill t.docx d.json -o o.docx")
}

fn with(mut args: Vec<String>, more: &[&str]) -> Vec<String> {
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    args
}

/// A workbook that the program itself has written, with texts of its parts replaced.
fn patched_workbook(dir: &Path, patches: &[(&str, &str, &str)]) -> Vec<String> {
    write(dir, "a.toml", format!("{HEAD}level = \"township\"\n"));
    assert_eq!(run(dir, &["convert", "a.toml", "a.xlsx"]).code, 0);
    let mut all = texts_of(&std::fs::read(dir.join("a.xlsx")).expect("a workbook"));
    for (part, from, to) in patches {
        let text = all.iter_mut().find(|(name, _)| name == part).map(|(_, text)| text);
        let text = text.filter(|text| text.contains(from)).expect("something to replace");
        *text = text.replace(from, to);
    }
    write(dir, "b.xlsx", zipped(&all));
    words("check b.xlsx")
}

/// The parts of a package as texts.
fn texts_of(package: &[u8]) -> Vec<(String, String)> {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    parts(package).into_iter().map(|(name, bytes)| (name, text(bytes))).collect()
}

fn zipped(texts: &[(String, String)]) -> Vec<u8> {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    zip(&texts)
}

/// A county whose list and units have hostile names, and files that cannot be read.
pub fn county(dir: &Path) {
    let name = quoted(EVIL);
    let unit = |file: &str, name: &str| {
        let text = format!(
            "year = 2025\n[organ]\nname = {name}\nlevel = \"township\"\n[text]\nlead = \"甲\"\n"
        );
        write(dir, &format!("units/{file}"), text);
    };
    unit("a.toml", &name);
    unit("b.toml", &quoted(&EVIL.replace("[2J", "[3J")));
    unit("c.toml", "\"丙局\"");
    write(dir, "units/d.toml", format!("year = 2025\nx = {EVIL}"));
    let list = format!(
        "year = 2025\n[organ]\nname = {name}\nlevel = \"county\"\n[[unit]]\nname = {name}\n\
         [[unit]]\nname = \"丙局\"\n[[unit]]\nname = {}\n[[unit]]\nname = \"丁局\"\nexcluded = {name}\n",
        quoted(&EVIL.replace("[2J", "[4J"))
    );
    write(dir, "units/units.toml", list);
}

pub const PLACES: &[Origin] = &[
    Origin {
        what: "a value, TOML",
        formats: true,
        prepare: |dir| checked(dir, "r.toml", format!("{HEAD}level = {}\n", quoted(EVIL))),
    },
    Origin {
        what: "a key, TOML",
        formats: true,
        prepare: |dir| checked(dir, "r.toml", format!("{HEAD}{} = 1\n", quoted(EVIL))),
    },
    Origin {
        what: "characters that TOML refuses, and the line they stand in",
        formats: true,
        prepare: |dir| checked(dir, "r.toml", format!("{HEAD}level = \"甲{EVIL}\"\n")),
    },
    Origin {
        what: "a bare word that is no TOML, without controls",
        formats: true,
        prepare: |dir| checked(dir, "r.toml", format!("{HEAD}a = [1, \u{202e}x\u{200b}y\n")),
    },
    Origin {
        what: "a value, JSON",
        formats: true,
        prepare: |dir| {
            let organ = format!("{{\"name\":\"甲\",\"level\":{}}}", quoted(EVIL));
            checked(dir, "r.json", format!("{{\"year\":2025,\"organ\":{organ}}}"))
        },
    },
    Origin {
        what: "a key, JSON",
        formats: true,
        prepare: |dir| {
            let text =
                format!("{{\"year\":2025,\"organ\":{{\"name\":\"甲\"}},{}:1}}", quoted(EVIL));
            checked(dir, "r.json", text)
        },
    },
    Origin {
        what: "what is no JSON",
        formats: true,
        prepare: |dir| checked(dir, "r.json", format!("{{\"year\": {EVIL}}}")),
    },
    Origin {
        what: "a value, YAML",
        formats: true,
        prepare: |dir| {
            let text = format!("year: 2025\norgan:\n  name: 甲\n  level: {}\n", quoted(EVIL));
            checked(dir, "r.yaml", text)
        },
    },
    Origin {
        what: "a key, YAML",
        formats: true,
        prepare: |dir| {
            checked(
                dir,
                "r.yaml",
                format!("year: 2025\norgan: {{name: 甲}}\n{}: 1\n", quoted(EVIL)),
            )
        },
    },
    Origin {
        what: "what is no YAML",
        formats: true,
        prepare: |dir| checked(dir, "r.yaml", format!("year: *{EVIL}\n")),
    },
    Origin {
        what: "the name of a sheet",
        formats: true,
        prepare: |dir| {
            let to = format!("name=\"{}\"", xml("\u{202e}表\u{1b}[2J\u{200b}"));
            let sheet = ("xl/workbook.xml", "name=\"基本信息\"", to.as_str());
            patched_workbook(dir, &[sheet, ("xl/sharedStrings.xml", ">乡镇<", ">x<")])
        },
    },
    Origin {
        what: "a shared string of a workbook",
        formats: true,
        prepare: |dir| {
            let to = format!(">{}<", xml(EVIL));
            patched_workbook(dir, &[("xl/sharedStrings.xml", ">乡镇<", &to)])
        },
    },
    Origin {
        what: "a cell of a CSV file",
        formats: true,
        prepare: |dir| {
            write(dir, "a.csv", format!("项目,本年\n规章,\"{}\n", EVIL.replace('"', "")));
            words("convert a.csv a.toml")
        },
    },
    Origin {
        what: "the title of a Word report",
        formats: true,
        prepare: |dir| {
            let title = format!("{}政府信息公开工作年度报告", xml(EVIL));
            checked(dir, "r.docx", Docx::new(&paragraph(&title)).bytes())
        },
    },
    Origin {
        what: "the author of a Word report",
        formats: false,
        prepare: |dir| {
            let text =
                ["云砚2025年度政府信息公开年度工作报告", "一、总体情况", "甲。"].map(paragraph);
            let mut docx = Docx::new(&text.concat());
            let author = format!("<dc:creator>云砚{}</dc:creator>", xml(EVIL));
            docx.add(
                "docProps/core.xml",
                &format!("<c:p xmlns:c=\"c\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{author}</c:p>"),
            );
            let mut all = texts_of(&docx.bytes());
            let kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
            let relation =
                format!("<Relationship Id=\"rId2\" Type=\"{kind}\" Target=\"docProps/core.xml\"/>");
            for (_, text) in all.iter_mut().filter(|(name, _)| name == "_rels/.rels") {
                *text = text.replace("</Relationships>", &(relation.clone() + "</Relationships>"));
            }
            write(dir, "r.docx", zipped(&all));
            words("import r.docx -o out")
        },
    },
    Origin {
        what: "the name of a part of a package",
        formats: true,
        prepare: |dir| {
            let mut docx = Docx::new(&paragraph("x"));
            docx.add("word/\u{202e}..\\\u{1b}[2Ja\n.xml", "<a/>");
            write(dir, "t.docx", docx.bytes());
            write(dir, "d.json", "{}");
            words("fill t.docx d.json -o o.docx")
        },
    },
    Origin {
        what: "the target of a relationship",
        formats: true,
        prepare: |dir| {
            let mut docx = Docx::new("<w:p><w:hyperlink r:id=\"rId1\"/></w:p>");
            docx.add_relationship("hyperlink", &xml(&EVIL.replace('\n', " ")), true);
            write(dir, "e.docx", docx.bytes());
            filled(dir, "{{document a}}", "{\"a\": \"e.docx\"}")
        },
    },
    Origin {
        what: "a link in a Word report",
        formats: true,
        prepare: |dir| {
            let link =
                "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>甲</w:t></w:r></w:hyperlink></w:p>";
            let text =
                ["2025年政府信息公开工作年度报告", "一、总体情况"].map(paragraph).concat() + link;
            let mut docx = Docx::new(&text);
            docx.add_relationship("hyperlink", "x\u{202e}\u{200b}:a", true);
            checked(dir, "r.docx", docx.bytes())
        },
    },
    Origin {
        what: "the name of a style",
        formats: true,
        prepare: |dir| {
            let name = xml("\u{1b}[2J\u{202e}");
            let heading = "<w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr><w:r><w:t>一、总体情况</w:t></w:r></w:p>";
            let mut docx = Docx::new(
                &[heading, &paragraph("{{text.overview}}{{requests.received.total}}")].concat(),
            );
            docx.add_word_part("styles", "styles", &format!("<w:style w:type=\"paragraph\" w:styleId=\"a\"><w:name w:val=\"{name}\"/></w:style>"));
            write(dir, "t.docx", docx.bytes());
            words("template check t.docx --form 2021")
        },
    },
    Origin {
        what: "a tag that the data does not know",
        formats: true,
        prepare: |dir| filled(dir, &format!("{{{{\"{}\"}}}}", xml(&EVIL.replace('\n', " "))), "{}"),
    },
    Origin {
        what: "a value that is no number",
        formats: true,
        prepare: |dir| filled(dir, "{{fixed a 2}}", &format!("{{\"a\": {}}}", quoted(EVIL))),
    },
    Origin {
        what: "a value with a control character",
        formats: true,
        prepare: |dir| filled(dir, "{{a}}", "{\"a\": \"\u{202e}\u{200b}甲\\u001b[2J\"}"),
    },
    Origin {
        what: "a document and a picture by their names",
        formats: true,
        prepare: |dir| {
            let name = |end: &str| quoted(&format!("{}{end}", EVIL.replace('\n', " ")));
            let data = format!("{{\"a\": {}, \"b\": {}}}", name(".docx"), name(".png"));
            write(
                dir,
                "t.docx",
                Docx::new(&[paragraph("{{document a}}"), paragraph("{{image b}}")].concat())
                    .bytes(),
            );
            write(dir, "d.json", data);
            words("fill t.docx d.json -o o.docx")
        },
    },
    Origin {
        what: "a link in Markdown",
        formats: true,
        prepare: |dir| {
            filled(
                dir,
                "{{markdown a}}",
                "{\"a\": \"[甲](x\u{202e}\u{9b}:&#27;[2J&#13;&#10;error[forged])\"}",
            )
        },
    },
    Origin {
        what: "the name of a partial",
        formats: true,
        prepare: |dir| {
            write(dir, "p/\u{202e}ab\u{200b}c.txt", "{{#if}}");
            let args = filled(dir, "{{&gt; \u{202e}ab\u{200b}d}}", "{}");
            with(args, &["--partials", "p"])
        },
    },
    Origin {
        what: "a picture of a text",
        formats: true,
        prepare: |dir| {
            let text = format!(
                "{HEAD}[text]\noverview = {}\n",
                quoted("![甲](a\u{202e}\u{9b}\u{200b}.png)")
            );
            checked(dir, "r.toml", text)
        },
    },
    Origin {
        what: "a quote in a text",
        formats: true,
        prepare: |dir| {
            let text =
                format!("{HEAD}[text]\noverview = {}\n", quoted(&format!("{{{{\"{EVIL}\"}}}}")));
            checked(dir, "r.toml", text)
        },
    },
    Origin {
        what: "a note that answers a finding",
        formats: true,
        prepare: |dir| {
            let text = "[text]\noverview = \"全年收到政府信息公开申请5件。\"\n[notes]\noverview = ";
            checked(dir, "r.toml", format!("{HEAD}{text}{}\n", quoted(EVIL)))
        },
    },
    Origin {
        what: "the settings",
        formats: true,
        prepare: |dir| {
            write(dir, "c.toml", format!("[rules]\n{} = \"off\"\n", quoted(EVIL)));
            with(checked(dir, "r.toml", HEAD), &["--config", "c.toml"])
        },
    },
    Origin {
        what: "last year's file",
        formats: true,
        prepare: |dir| {
            write(
                dir,
                "p.toml",
                format!("year = 2024\n[organ]\nname = \"甲\"\n{} = 1\n", quoted(EVIL)),
            );
            with(checked(dir, "r.toml", HEAD), &["--previous", "p.toml"])
        },
    },
    Origin {
        what: "a letterhead beside the report",
        formats: true,
        prepare: |dir| {
            write(
                dir,
                "h/letterhead.toml",
                format!(
                    "mark = {}\n{} = 1\n",
                    quoted(&format!("{{{{\"{EVIL}\"}}}}")),
                    quoted(EVIL)
                ),
            );
            write(dir, "r.toml", HEAD);
            words("build r.toml --to docx --draft --letterhead h -o out")
        },
    },
    Origin {
        what: "the units of a county and their list",
        formats: true,
        prepare: |dir| {
            county(dir);
            words("collect units -o out")
        },
    },
    Origin {
        what: "the form of a folder of templates",
        formats: false,
        prepare: |dir| {
            let form =
                std::fs::read_to_string(root().join("templates/2021/form.toml")).expect("a form");
            let name = "name = \"政府信息公开工作年度报告格式（2021年）\"";
            let first = form.lines().find(|line| line.starts_with("name = ")).unwrap_or(name);
            write(
                dir,
                "t/2021/form.toml",
                form.replacen(first, &format!("name = {}", quoted(EVIL)), 1),
            );
            words("form show 2021 --templates t")
        },
    },
    Origin {
        what: "the names that a template wants",
        formats: false,
        prepare: |dir| {
            filled(
                dir,
                "{{\"\u{202e}a\u{200b}\u{e0041}b\"}}{{#each \u{2066}c}}{{d}}{{/each}}",
                "{}",
            );
            words("template tags t.docx --to json")
        },
    },
    Origin {
        what: "the names of the summaries that are joined",
        formats: false,
        prepare: |dir| {
            let record = format!(
                "{{\"index\":0,\"input\":{0},\"status\":\"failed\",\"outputs\":[],\
                 \"findings\":{{\"error\":0,\"warning\":0,\"remark\":0}},\"reason\":{0}}}",
                quoted(EVIL)
            );
            let summary = |program: &str| {
                format!("{{\"program\":{program},\"shard\":null,\"of\":1,\"reports\":[{record}]}}")
            };
            write(dir, "a.json", summary("\"nianbao 1\""));
            write(dir, "b.json", summary(&quoted(EVIL)));
            words("merge-summary a.json b.json -o c.json")
        },
    },
    Origin {
        what: "a list of paths",
        formats: true,
        prepare: |dir| {
            write(dir, "l.txt", EVIL.replace('\r', ""));
            words("build --from-list l.txt --to docx -o out")
        },
    },
    Origin {
        what: "a changed line that is shown before it is written",
        formats: false,
        prepare: |dir| {
            let text = format!("{HEAD}phone = \"１２３\u{202e}\u{200b}\" # \u{9b}甲\r\n");
            with(checked(dir, "r.toml", text), &["--fix", "--dry-run"])
        },
    },
    Origin {
        what: "an argument that is not known",
        formats: false,
        prepare: |_| with(words("check r.toml"), &[&format!("--{EVIL}")]),
    },
    Origin {
        what: "a command that is not known",
        formats: false,
        prepare: |_| vec![EVIL.to_owned()],
    },
    Origin {
        what: "a limit",
        formats: false,
        prepare: |_| with(words("check r.toml --limit"), &[EVIL]),
    },
    Origin {
        what: "a value of an argument",
        formats: false,
        prepare: |_| with(words("check r.toml --lang"), &[EVIL]),
    },
    Origin {
        what: "a scheme of links",
        formats: false,
        prepare: |dir| with(filled(dir, "x", "{}"), &["--link-schemes", EVIL]),
    },
    Origin {
        what: "a rule to explain",
        formats: false,
        prepare: |_| with(words("explain"), &[EVIL]),
    },
    Origin { what: "an edition", formats: false, prepare: |_| with(words("form show"), &[EVIL]) },
    Origin {
        what: "a file that is not there",
        formats: false,
        prepare: |_| with(words("check"), &[EVIL]),
    },
    Origin {
        what: "the name of a letterhead",
        formats: false,
        prepare: |dir| {
            write(dir, "r.toml", HEAD);
            with(
                words("build r.toml --to docx --draft -o out --letterhead"),
                &[&EVIL.replace(',', " ")],
            )
        },
    },
    Origin {
        what: "a folder of fonts",
        formats: false,
        prepare: |dir| {
            write(dir, "f/\u{202e}\u{200b}a.ttf", "x");
            write(dir, "r.toml", HEAD);
            words("build r.toml --to pdf --draft -o out --fonts f")
        },
    },
    #[cfg(feature = "pdf")]
    Origin {
        what: "what a Typst template panics with",
        formats: true,
        prepare: |dir| {
            write(
                dir,
                "t/2021/report.typ",
                format!("#panic(\"{}\")", EVIL.replace('\n', "\\n").replace('\r', "\\u{d}")),
            );
            write(dir, "r.toml", HEAD);
            words("build r.toml --to pdf --draft -o out --templates t")
        },
    },
    #[cfg(unix)]
    Origin {
        what: "the name of a data file",
        formats: true,
        prepare: |dir| {
            let name = format!("{EVIL_NAME}.toml");
            checked(dir, &name, format!("{HEAD}level = \"x\"\n"))
        },
    },
    #[cfg(unix)]
    Origin {
        what: "the name of a folder of reports and of that for documents",
        formats: false,
        prepare: |dir| {
            write(dir, &format!("{EVIL_NAME}/report.toml"), HEAD);
            with(words("build --to docx --draft"), &[EVIL_NAME, "-o", &format!("{EVIL_NAME}out")])
        },
    },
    #[cfg(unix)]
    Origin {
        what: "the name of a unit's file",
        formats: true,
        prepare: |dir| {
            county(dir);
            write(dir, &format!("units/{EVIL_NAME}.toml"), "x");
            write(dir, &format!("units/{EVIL_NAME}.pdf"), "x");
            words("collect units -o out")
        },
    },
];
