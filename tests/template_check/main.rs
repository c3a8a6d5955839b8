//! `template check`: the official templates are silent; every kind of damage is found at its cell and
//! nothing else is.

mod convert;
mod data;
mod letterheads;
mod mend;
#[path = "../../crates/docx-fill/tests/support/mod.rs"]
mod support;

mod references;

use docx_fill::diag::{
    Diagnostic, DiagnosticFormat, Lang, Location, Severity, Sink, SourceId, Sources,
    render_diagnostics,
};
use docx_fill::opc::{Package, PackageChanges, PackageLimits};
use docx_fill::template::{CompiledTemplate, ParseOptions};
use nianbao::form::FormRegistry;
use nianbao::inspect::{self, InspectOptions};
use std::path::Path;
use support::{Docx, paragraph};

type Cell = (u32, u32, u32);

fn official(edition: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(edition);
    std::fs::read(path.join("report.docx")).expect("the official template")
}

fn part(bytes: &[u8], name: &str) -> String {
    let package = Package::open(bytes, &PackageLimits::default()).expect("a document");
    package.read_xml_part(name).expect("readable").expect("the part")
}

/// The document with a part changed.
fn changed(bytes: &[u8], name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let package = Package::open(bytes, &PackageLimits::default()).expect("a document");
    let old = part(bytes, name);
    let new = change(&old);
    assert_ne!(old, new, "the damage is done");
    let mut changes = PackageChanges::default();
    changes.set_part(&package, name, new);
    package.write_with(&changes, 1).expect("written")
}

struct Checked {
    found: Vec<Diagnostic>,
    sources: Sources,
    source: SourceId,
}

fn check(bytes: &[u8], form: Option<&str>) -> Checked {
    let mut sources = Sources::default();
    let source = sources.add_binary("t.docx");
    let library = FormRegistry::built_in();
    let form = form.map(|form| library.by_edition(form).expect("an edition").clone());
    let mut sink = Sink::new();
    let against = InspectOptions { form, library };
    inspect::inspect_template(bytes, source, &ParseOptions::default(), &against, &mut sink);
    Checked { found: sink.into_sorted(), sources, source }
}

impl Checked {
    fn shown(&self) -> String {
        render_diagnostics(&self.found, &self.sources, DiagnosticFormat::Short, Lang::En)
    }

    /// Rule, severity and cell of every finding, in order.
    fn all(&self) -> Vec<(&str, Severity, Option<Cell>)> {
        let cell = |found: &Diagnostic| match &found.location {
            Location::Word(_, place) => place.cells.last().copied(),
            _ => None,
        };
        self.found.iter().map(|found| (&*found.rule, found.severity, cell(found))).collect()
    }
}

const DOCUMENT: &str = "word/document.xml";

/// Damages the document of 2021 and says what has to be found, no more and no less.
fn finds(wanted: &[(&str, Severity, Option<Cell>)], damage: impl Fn(&str) -> String) -> Checked {
    let found = check(&changed(&official("2021"), DOCUMENT, damage), None);
    assert_eq!(found.all(), wanted, "{}", found.shown());
    for finding in &found.found {
        for lang in [Lang::Zh, Lang::En] {
            let words = finding.message.in_lang(lang);
            for hole in ["{table}", "{row}", "{found}", "{wanted}", "{figure}", "{name}", "{role}"]
            {
                assert!(!words.contains(hole), "{words}");
            }
        }
    }
    found
}

use Severity::{Error, Info, Warning};

/// The element of a name around the first place where a text stands.
fn around<'a>(xml: &'a str, name: &str, text: &str) -> &'a str {
    let at = xml.find(text).unwrap_or_else(|| panic!("{text}"));
    let starts = [format!("<{name}>"), format!("<{name} ")];
    let start = starts.iter().filter_map(|start| xml[..at].rfind(start)).max().expect("a start");
    let close = format!("</{name}>");
    let end = at + xml[at..].find(&close).expect("an end") + close.len();
    &xml[start..end]
}

fn replaced(xml: &str, old: &str, new: &str) -> String {
    xml.replacen(old, new, 1)
}

#[test]
fn the_official_templates_are_silent() {
    for form in FormRegistry::built_in().forms() {
        for asked in [Some(form.edition.as_str()), None] {
            let found = check(&official(&form.edition), asked);
            assert!(found.found.is_empty(), "{}: {}", form.edition, found.shown());
        }
    }
}

#[test]
fn a_deleted_row_is_named_where_it_belongs() {
    let found = finds(&[("row-missing", Error, Some((2, 8, 1)))], |xml| {
        replaced(xml, around(xml, "w:tr", "{{fit requests.law-forbids.business"), "")
    });
    assert!(found.shown().contains("2.其他法律行政法规禁止公开"), "{}", found.shown());
    assert_eq!(
        found.found[0].cell.as_ref().and_then(|cell| cell.row.as_deref()),
        Some("law-forbids")
    );
}

#[test]
fn a_changed_label_is_found_in_its_cell() {
    finds(&[("label-changed", Error, Some((1, 11, 1)))], |xml| {
        replaced(xml, ">行政强制<", ">行政强制措施<")
    });
    finds(&[("label-changed", Error, Some((2, 2, 2)))], |xml| replaced(xml, ">自然人<", "><"));
    // Another width of the same characters is a lesser fault.
    finds(&[("label-changed", Warning, Some((2, 6, 2)))], |xml| {
        replaced(xml, ">（一）予以公开<", ">(一)予以公开<")
    });
    finds(&[("label-changed", Error, None)], |xml| {
        replaced(xml, ">一、总体情况<", ">一、总体工作情况<")
    });
}

#[test]
fn a_deleted_table_is_named_under_its_heading() {
    let found = finds(&[("table-missing", Error, None)], |xml| {
        let start = xml.rfind("<w:tbl>").expect("a table");
        let end = xml.rfind("</w:tbl>").expect("its end") + "</w:tbl>".len();
        format!("{}{}", &xml[..start], &xml[end..])
    });
    assert!(found.shown().contains("四、政府信息公开行政复议"), "{}", found.shown());
}

#[test]
fn tables_split_and_joined_are_named() {
    finds(&[("table-split", Error, Some((2, 1, 1)))], |xml| {
        let row = around(xml, "w:tr", "第二十条第（六）项");
        let table = &xml[xml.find("<w:tblPr>").expect("a table")..];
        let head = &table[..table.find("<w:tr>").expect("a row")];
        replaced(xml, row, &format!("</w:tbl><w:p/><w:tbl>{head}{row}"))
    });
    let found = check(
        &changed(&official("2021"), DOCUMENT, |xml| {
            let end = xml.find("</w:tbl>").expect("a table");
            let next = end + xml[end..].find("<w:tr>").expect("a row of the next table");
            format!("{}{}", &xml[..end], &xml[next..])
        }),
        None,
    );
    assert!(found.all().contains(&("table-joined", Error, Some((1, 15, 1)))), "{}", found.shown());
}

#[test]
fn a_column_that_cuts_numbers_off_is_found() {
    finds(&[("column-narrow", Error, Some((2, 4, 2)))], |xml| {
        let at = xml.find("<w:gridCol w:w=\"782\"/>").unwrap_or_else(|| panic!("a column"));
        format!(
            "{}<w:gridCol w:w=\"300\"/>{}",
            &xml[..at],
            &xml[at + "<w:gridCol w:w=\"782\"/>".len()..]
        )
    });
}

#[test]
fn half_a_tag_is_found() {
    finds(
        &[("tag-unclosed", Error, Some((1, 3, 2))), ("figure-missing", Error, Some((1, 3, 2)))],
        |xml| replaced(xml, "regulations.issued 19}}", "regulations.issued 19"),
    );
    finds(
        &[("figure-missing", Error, Some((1, 3, 2))), ("tag-half", Error, Some((1, 3, 2)))],
        |xml| replaced(xml, "{{fit disclosure.regulations.issued 19}}", "regulations.issued 19}}"),
    );
    finds(
        &[("figure-missing", Error, Some((1, 3, 2))), ("tag-half", Error, Some((1, 3, 2)))],
        |xml| {
            replaced(
                xml,
                "{{fit disclosure.regulations.issued 19}}",
                "{disclosure.regulations.issued}",
            )
        },
    );
}

#[test]
fn theme_fonts_are_found_where_they_show() {
    let theme = |xml: &str| {
        let fonts = "<w:rFonts w:asciiTheme=\"minorHAnsi\" w:eastAsiaTheme=\"minorEastAsia\"/>";
        let text = around(xml, "w:r", "{{markdown text.overview}}");
        replaced(xml, text, &text.replace("<w:rFonts w:hint=\"eastAsia\"/>", fonts))
    };
    finds(&[("theme-font", Warning, None)], theme);
    let bytes = changed(&official("2021"), "word/styles.xml", |xml| {
        let old = "w:eastAsia=\"仿宋_GB2312\" w:hint=\"eastAsia\"/><w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/></w:rPr></w:style>";
        let at = xml.find(old).expect("the style Normal");
        format!(
            "{}w:eastAsiaTheme=\"minorEastAsia\"{}",
            &xml[..at],
            &xml[at + "w:eastAsia=\"仿宋_GB2312\"".len()..]
        )
    });
    let found = check(&bytes, None);
    assert_eq!(found.all(), [("theme-font", Warning, None)], "{}", found.shown());
    assert!(found.shown().contains("“Normal”"), "{}", found.shown());
}

#[test]
fn headings_and_text_keep_their_looks() {
    let heading = |xml: &str| around(xml, "w:p", ">五、存在的主要问题及改进情况<").to_owned();
    finds(&[("heading-style", Warning, None), ("wrong-font", Warning, None)], |xml| {
        let old = heading(xml);
        replaced(xml, &old, &old.replace("<w:pStyle w:val=\"Heading1\"/>", ""))
    });
    finds(&[("heading-missing", Error, None)], |xml| replaced(xml, &heading(xml), ""));
    finds(&[("wrong-font", Warning, None), ("wrong-size", Warning, None)], |xml| {
        let old = around(xml, "w:r", "{{markdown text.problems}}");
        let looks = "<w:rFonts w:eastAsia=\"微软雅黑\"/><w:sz w:val=\"28\"/>";
        replaced(xml, old, &old.replace("<w:rFonts w:hint=\"eastAsia\"/>", looks))
    });
    finds(&[("line-pitch", Warning, None)], |xml| {
        let old = around(xml, "w:p", "{{markdown text.problems}}");
        let spacing = "<w:p><w:pPr><w:spacing w:line=\"360\" w:lineRule=\"auto\"/></w:pPr>";
        replaced(xml, old, &old.replacen("<w:p>", spacing, 1))
    });
    finds(&[("text-missing", Error, None)], |xml| {
        replaced(xml, around(xml, "w:p", "{{markdown text.other}}"), "")
    });
}

#[test]
fn header_rows_repeat_and_rows_do_not_break() {
    finds(&[("header-not-repeated", Warning, Some((2, 2, 1)))], |xml| {
        let row = around(xml, "w:tr", ">自然人<");
        replaced(xml, row, &row.replacen("<w:tblHeader/>", "", 1))
    });
    finds(&[("row-splits", Warning, Some((2, 10, 1)))], |xml| {
        let row = around(xml, "w:tr", "{{fit requests.security-stability.other");
        replaced(xml, row, &row.replacen("<w:cantSplit/>", "", 1))
    });
    let found = finds(&[("row-splits", Warning, Some((3, 1, 1)))], |xml| {
        let at = xml.rfind("<w:tbl>").expect("a table");
        format!(
            "{}{}",
            &xml[..at],
            xml[at..].replace("<w:cantSplit/>", "<w:cantSplit w:val=\"0\"/>")
        )
    });
    assert!(found.shown().contains("4 rows"), "{}", found.shown());
}

#[test]
fn rows_of_fixed_height_that_cut_words_off_are_found() {
    let exact = |row: &str, height: u32| {
        let at = row.find("<w:trHeight ").expect("a height");
        let end = at + row[at..].find("/>").expect("its end");
        let fixed = format!("<w:trHeight w:val=\"{height}\" w:hRule=\"exact\"");
        format!("{}{fixed}{}", &row[..at], &row[end..])
    };
    let long = "{{fit requests.process-information.total";
    let cuts = |xml: &str| {
        let row = around(xml, "w:tr", "{{fit requests.no-correction.natural");
        replaced(xml, row, &exact(row, 300))
    };
    let found = finds(&[("row-cuts", Error, Some((2, 24, 3)))], cuts);
    assert!(found.shown().contains("5.3 mm"), "{}", found.shown());
    let mended = mend(&changed(&official("2021"), DOCUMENT, cuts));
    assert!(check(&mended.bytes, None).found.is_empty());
    // What fits may be fixed, and what a tag becomes is made to fit.
    finds(&[], |xml| {
        let row = around(xml, "w:tr", long);
        replaced(xml, row, &exact(row, 700))
    });
    finds(&[("row-cuts", Error, Some((1, 3, 1)))], |xml| {
        let row = around(xml, "w:tr", ">规章<");
        replaced(xml, row, &exact(row, 150))
    });
}

#[test]
fn page_numbers_and_themes_in_headers_and_footers_are_looked_at() {
    let footer = |name: &str, change: &dyn Fn(&str) -> String| {
        check(&changed(&official("2021"), name, change), None)
    };
    let looks = |new: &'static str| {
        move |xml: &str| {
            xml.replace("<w:rPr><w:rFonts w:hint=\"eastAsia\"/>", &format!("<w:rPr>{new}"))
        }
    };
    let font =
        looks("<w:rFonts w:ascii=\"Times New Roman\" w:hint=\"eastAsia\"/><w:sz w:val=\"21\"/>");
    let found = footer("word/footer1.xml", &font);
    let wanted = [("wrong-font", Warning, None), ("wrong-size", Warning, None)];
    assert_eq!(found.all()[..2], wanted, "{}", found.shown());
    assert!(found.shown().contains("footer1.xml"), "{}", found.shown());
    let themed = looks("<w:rFonts w:asciiTheme=\"minorHAnsi\" w:eastAsiaTheme=\"minorEastAsia\"/>");
    for name in ["word/footer2.xml", "word/header1.xml"] {
        let found = footer(name, &themed);
        assert_eq!(found.all()[0], ("theme-font", Warning, None), "{}", found.shown());
        let mended = mend(&changed(&official("2021"), name, themed));
        assert!(check(&mended.bytes, None).found.is_empty(), "{name}");
    }
    // A field written the short way.
    let simple = |xml: &str| {
        let start = xml.find("<w:r>").expect("a run");
        let end = xml.rfind("</w:p>").expect("a paragraph");
        let field = "<w:fldSimple w:instr=\" PAGE \"><w:r><w:rPr><w:sz w:val=\"18\"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>";
        format!("{}{field}{}", &xml[..start], &xml[end..])
    };
    let found = footer("word/footer1.xml", &simple);
    assert_eq!(found.all(), [("wrong-size", Warning, None)], "{}", found.shown());
}

#[test]
fn leftovers_of_editing_are_found() {
    let overview = |xml: &str| around(xml, "w:r", "{{markdown text.overview}}").to_owned();
    finds(&[("tracked-change", Error, None)], |xml| {
        let run = overview(xml);
        let change = format!("<w:ins w:id=\"1\" w:author=\"a\">{run}</w:ins>");
        replaced(xml, &run, &change)
    });
    finds(&[("tracked-change", Error, Some((1, 3, 1)))], |xml| {
        let run = around(xml, "w:r", ">规章<");
        let gone =
            "<w:del w:id=\"1\" w:author=\"a\"><w:r><w:delText>规定</w:delText></w:r></w:del>";
        replaced(xml, run, &format!("{gone}{run}"))
    });
    finds(&[("comment-left", Warning, None)], |xml| {
        let run = overview(xml);
        let marks =
            format!("<w:commentRangeStart w:id=\"0\"/>{run}<w:commentRangeEnd w:id=\"0\"/>");
        replaced(xml, &run, &marks)
    });
    finds(&[("hidden-text", Warning, None)], |xml| {
        let hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>旧稿</w:t></w:r></w:p>";
        let own = around(xml, "w:p", "{{markdown text.overview}}");
        replaced(xml, own, &format!("{own}{hidden}"))
    });
}

#[test]
fn braces_and_quotes_of_input_methods_are_found() {
    finds(
        &[
            ("tag-wide-braces", Warning, Some((1, 3, 2))),
            ("figure-missing", Error, Some((1, 3, 2))),
        ],
        |xml| {
            let tag = "{{fit disclosure.regulations.issued 19}}";
            replaced(xml, tag, "｛｛fit disclosure.regulations.issued 19｝｝")
        },
    );
    finds(&[("tag-curly-quotes", Info, Some((1, 3, 2)))], |xml| {
        let tag = "{{fit disclosure.regulations.issued 19}}";
        replaced(xml, tag, "{{default disclosure.regulations.issued “—”}}")
    });
}

#[test]
fn tags_in_building_blocks_are_told() {
    let official = official("2021");
    let package = Package::open(official.clone(), &PackageLimits::default()).expect("a document");
    let types = part(&official, "[Content_Types].xml");
    let blocks = "<Override PartName=\"/word/glossary/document.xml\" ContentType=\"application/vnd.\
         openxmlformats-officedocument.wordprocessingml.document.glossary+xml\"/></Types>";
    let text = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let bodies = [text("{{organ.name}}"), text("落款")].concat();
    let mut changes = PackageChanges::default();
    changes.set_part(&package, "[Content_Types].xml", types.replace("</Types>", blocks));
    let part = format!(
        "<w:glossaryDocument xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">{bodies}</w:glossaryDocument>"
    );
    changes.set_part(&package, "word/glossary/document.xml", part);
    let found = check(&package.write_with(&changes, 1).expect("written"), None);
    assert_eq!(found.all(), [("tag-unread", Warning, None)], "{}", found.shown());
    assert!(found.shown().contains("building blocks"), "{}", found.shown());
}

#[test]
fn fields_of_a_mail_merge_that_stay_are_found() {
    finds(&[("merge-field", Warning, None)], |xml| {
        let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
        let code = "<w:r><w:instrText> ADDRESSBLOCK </w:instrText></w:r>";
        let field = [&*mark("begin"), code, &*mark("separate"), &*mark("end")].concat();
        let own = around(xml, "w:p", "{{markdown text.overview}}");
        replaced(xml, own, &format!("{own}<w:p>{field}</w:p>"))
    });
}

#[test]
fn figures_stand_once_and_in_their_cell() {
    let (one, other) =
        ("{{fit requests.received.business 8}}", "{{fit requests.received.research 8}}");
    let found = finds(
        &[
            ("figure-misplaced", Error, Some((2, 4, 3))),
            ("figure-misplaced", Error, Some((2, 4, 4))),
        ],
        |xml| {
            assert!(xml.contains(one) && xml.contains(other));
            xml.replace(one, "#").replace(other, one).replace('#', other)
        },
    );
    let cell = found.found[0].cell.as_ref().expect("the cell of the form");
    assert_eq!((cell.row.as_deref(), cell.col.as_deref()), (Some("received"), Some("business")));
    let found = finds(&[("figure-twice", Error, Some((2, 4, 4)))], |xml| replaced(xml, other, one));
    assert_eq!(found.found[0].labels.len(), 1, "where it belongs");
    finds(&[("figure-missing", Error, Some((2, 4, 4)))], |xml| replaced(xml, other, "0"));
    finds(&[("figure-twice", Error, Some((2, 4, 4)))], |xml| {
        replaced(xml, other, &format!("{other}{one}"))
    });
    // In a sentence a figure may stand as often as one likes.
    finds(&[], |xml| {
        let tag = "{{markdown text.overview}}";
        replaced(
            xml,
            tag,
            &format!("{tag}</w:t></w:r></w:p><w:p><w:r><w:t>{{{{requests.received.total}}}}"),
        )
    });
}

#[test]
fn cells_split_and_rows_added_are_found() {
    finds(&[("cells-changed", Error, Some((1, 7, 2)))], |xml| {
        let row = around(xml, "w:tr", "{{fit disclosure.licensing.decisions");
        let two = row.replacen("<w:gridSpan w:val=\"3\"/>", "", 1);
        let end = two.rfind("</w:tr>").expect("an end");
        let more = "<w:tc><w:tcPr><w:tcW w:w=\"4195\" w:type=\"dxa\"/><w:gridSpan w:val=\"2\"/></w:tcPr><w:p/></w:tc>";
        replaced(xml, row, &format!("{}{more}{}", &two[..end], &two[end..]))
    });
    finds(&[("cells-changed", Error, Some((2, 8, 2)))], |xml| {
        let row = around(xml, "w:tr", "（三）不予公开");
        let cell = around(row, "w:tc", "（三）不予公开");
        let single = cell.replace("<w:vMerge w:val=\"restart\"/>", "");
        replaced(xml, row, &row.replacen(cell, &single, 1))
    });
    finds(&[("row-extra", Warning, Some((1, 5, 1)))], |xml| {
        let row = around(xml, "w:tr", ">行政规范性文件<");
        let mut more = row.replace("行政规范性文件", "其他主动公开文件");
        for column in ["issued", "repealed", "in-force"] {
            more = more
                .replace(&format!("{{{{fit disclosure.normative-documents.{column} 19}}}}"), "0");
        }
        replaced(xml, row, &format!("{row}{more}"))
    });
}

#[test]
fn the_page_is_that_of_the_standard() {
    let found = finds(&[("page-margins", Warning, None), ("page-margins", Warning, None)], |xml| {
        let xml = replaced(xml, "w:top=\"2098\"", "w:top=\"1440\"");
        replaced(&xml, "w:left=\"1588\"", "w:left=\"1800\"")
    });
    assert!(found.shown().contains("25.4 mm"), "{}", found.shown());
    let found = finds(&[("page-size", Warning, None), ("page-size", Warning, None)], |xml| {
        replaced(
            xml,
            "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>",
            "<w:pgSz w:w=\"12240\" w:h=\"15840\"/>",
        )
    });
    assert!(found.shown().contains("215.9 mm"), "{}", found.shown());
}

#[test]
fn a_table_keeps_to_the_width_of_the_text() {
    // The column of the labels of 表三, dragged two centimetres wider.
    let found = finds(&[("table-wide", Warning, Some((2, 1, 1)))], |xml| {
        let label = around(xml, "w:tbl", "申请人情况");
        let columns: Vec<&str> =
            label.match_indices("<w:gridCol ").map(|(at, _)| &label[at..]).collect();
        let column = &columns[2][..=columns[2].find('>').expect("an end")];
        let width: u32 = column.split('"').nth(1).and_then(|w| w.parse().ok()).expect("a width");
        let wide = label.replacen(column, &format!("<w:gridCol w:w=\"{}\"/>", width + 1134), 1);
        replaced(xml, label, &wide)
    });
    assert!(found.shown().contains("wider"), "{}", found.shown());
}

#[test]
fn unknown_names_have_their_cell_and_the_nearest() {
    let found = finds(
        &[("figure-missing", Error, Some((2, 4, 3))), ("name-unknown", Error, Some((2, 4, 3)))],
        |xml| replaced(xml, "requests.received.business 8", "requests.received.busines 8"),
    );
    let hints: Vec<_> =
        found.found.iter().flat_map(|f| &f.hints).map(|h| h.in_lang(Lang::En)).collect();
    assert!(hints.iter().any(|hint| hint.contains("requests.received.business")), "{hints:?}");
    // Official words are names as well.
    finds(&[], |xml| replaced(xml, "disclosure.regulations.issued", "表二.规章.本年制发件数"));
}

#[test]
fn all_faults_are_told_in_one_run() {
    let found = check(
        &changed(&official("2021"), DOCUMENT, |xml| {
            let xml = replaced(xml, "{{markdown text.lead}}", "{{#if text.lead}}{{nosuch}}");
            let xml = replaced(
                &xml,
                "{{fit review.reconsideration.upheld 5}}",
                "{{fixt review.reconsideration.upheld 5}}",
            );
            replaced(&xml, ">规章<", ">规则<")
        }),
        None,
    );
    for rule in
        ["block-not-closed", "helper-unknown", "label-changed", "figure-missing", "text-missing"]
    {
        assert!(found.all().iter().any(|(known, ..)| *known == rule), "{rule}\n{}", found.shown());
    }
}

fn mend(bytes: &[u8]) -> inspect::FixedTemplate {
    let source = Sources::default().add_binary("t.docx");
    let against = InspectOptions { form: None, library: FormRegistry::built_in() };
    let mended = inspect::fix_template(bytes, source, &ParseOptions::default(), &against);
    mended.expect("readable").expect("something to mend")
}

/// A document of paragraphs.
fn document(paragraphs: &[&str]) -> Vec<u8> {
    changed(&official("2021"), DOCUMENT, |xml| {
        let start = xml.find("<w:body>").expect("a body") + "<w:body>".len();
        let end = xml.rfind("<w:sectPr>").expect("a section");
        let text =
            |text: &&str| format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>");
        let all: String = paragraphs.iter().map(text).collect();
        format!("{}{all}{}", &xml[..start], &xml[end..])
    })
}

#[test]
fn any_file_ends_in_findings() {
    for bytes in [&b""[..], b"PK", b"%PDF-1.7", b"<x/>"] {
        let found = check(bytes, Some("2021"));
        assert!(found.found.iter().any(|found| found.severity == Error));
    }
    // A document without a table or heading lacks all of the form, and says so once each.
    let found = check(&document(&["{{title}}"]), Some("2021"));
    let missing = |rule| found.found.iter().filter(|found| found.rule == rule).count();
    assert_eq!((missing("table-missing"), missing("heading-missing")), (3, 6));
    // Without a form it is a template like any other.
    assert!(check(&document(&["{{a.b}}"]), None).found.is_empty());
}

#[test]
fn tags_of_building_blocks_are_told() {
    let mut docx = Docx::new(&paragraph("{{year}}"));
    let block = format!(
        "<w:glossaryDocument xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docParts><w:docPart><w:docPartBody>{}</w:docPartBody></w:docPart>\
         </w:docParts></w:glossaryDocument>",
        paragraph("{{year}} {{#if}} {{")
    );
    let kind =
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.glossary+xml";
    docx.type_of("word/glossary/document.xml", kind);
    docx.add("word/glossary/document.xml", &block);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("t");
    let (parse, against) = (ParseOptions::default(), InspectOptions::default());
    inspect::inspect_template(&docx.bytes(), source, &parse, &against, &mut sink)
        .expect("a template");
    let found = sink.into_sorted();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&*found[0].rule, found[0].severity), ("tag-unread", Severity::Warning));
    let shown = render_diagnostics(&found, &sources, DiagnosticFormat::Short, Lang::Zh);
    assert!(shown.contains("构建基块"), "{shown}");
}

/// Only filling knows the text; the check at rest has nothing to say.
#[test]
fn a_text_that_a_list_does_not_offer_is_told() {
    let list = "<w:dropDownList><w:listItem w:displayText=\"甲\" w:value=\"a\"/></w:dropDownList>";
    let content = format!("<w:sdtContent>{}</w:sdtContent>", paragraph("{{档次}}"));
    let letter = Docx::new(&format!("<w:sdt><w:sdtPr>{list}</w:sdtPr>{content}</w:sdt>")).bytes();
    let template = docx_fill::Engine::new().template(letter).expect("a template");
    let rules = |text: &str| -> Vec<String> {
        let made = template.render(&serde_json::json!({ "档次": text })).expect("a document");
        made.warnings.iter().map(|found| found.rule.to_string()).collect()
    };
    assert_eq!(rules("丙"), ["control-value"]);
    assert!(rules("甲").is_empty());
}
