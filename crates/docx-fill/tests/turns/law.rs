//! Proves the law of blocks of random documents: a block around any mix of things gives a document in which every identifier
//! is unique, every range has both ends and every reference its target, and whose text is that of the turns one after the
//! other.

use crate::integrity::{Parts, elements, faults, relationships};
use crate::support::engine::try_fill;
use crate::support::random::Random;
use crate::support::{Docx, attribute_values, part, parts, text_of};
use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use serde_json::{Value, json};

/// Parts that the things in a document need beside it.
#[derive(Default)]
struct Things {
    last_id: u32,
    notes: String,
    comments: String,
    entries: String,
    relationships: Vec<String>,
    /// Ranges that are open, each as its end.
    open: Vec<String>,
    bookmarks: Vec<String>,
    /// Bookmarks that all data leave out.
    hidden: Vec<String>,
    /// Content of the header of sections, if there is one, and its relationships.
    header: Option<String>,
    header_relationships: Vec<String>,
    is_in_header: bool,
}

impl Things {
    fn next(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// A run, mark or other content of a paragraph. `name` is what a tag may use here.
    fn inline(&mut self, random: &mut Random, name: &str) -> String {
        let id = self.next();
        let text = format!("<w:r><w:t>{{{{{name}}}}}</w:t></w:r>");
        let kind = random.below(16);
        match kind {
            0 | 1 => text,
            // Headers hold neither notes nor comments.
            9..=11 if self.is_in_header => text,
            2 => {
                self.bookmarks.push(format!("b{id}"));
                self.open.push(format!("<w:bookmarkEnd w:id=\"{id}\"/>"));
                format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"b{id}\"/>")
            }
            3 => {
                self.open.push(format!("<w:permEnd w:id=\"{id}\"/>"));
                format!("<w:permStart w:id=\"{id}\" w:edGrp=\"everyone\"/>")
            }
            4 | 5 => match self.open.len() {
                0 => text,
                count => self.open.remove(random.below(count)),
            },
            6 | 7 => self.reference(random, &text),
            8 => {
                let related = if self.is_in_header {
                    &mut self.header_relationships
                } else {
                    &mut self.relationships
                };
                related.push(format!(
                    "<Relationship Id=\"L{id}\" Type=\"t/hyperlink\" \
                    Target=\"https://a.cn/{{{{{name}}}}}\" TargetMode=\"External\"/>"
                ));
                format!("<w:hyperlink r:id=\"L{id}\">{text}</w:hyperlink>")
            }
            9 => {
                self.notes.push_str(&format!(
                    "<w:footnote w:id=\"{id}\"><w:p w14:paraId=\"{id:08X}\">\
                    {text}</w:p></w:footnote>"
                ));
                format!("<w:r><w:footnoteReference w:id=\"{id}\"/></w:r>")
            }
            10 | 11 => self.comment(random, id, &text),
            12 => format!(
                "<w:sdt><w:sdtPr><w:id w:val=\"{id}\"/></w:sdtPr><w:sdtContent>{text}</w:sdtContent></w:sdt>"
            ),
            13 => format!("<w:ins w:id=\"{id}\">{text}</w:ins>"),
            14 => format!(
                "<w:r><w:drawing><wp:inline><wp:docPr id=\"{id}\"/></wp:inline></w:drawing></w:r>"
            ),
            _ => format!(
                "<w:r><w:pict><v:shape id=\"s{id}\"/><o:OLEObject ShapeID=\"s{id}\"/></w:pict></w:r>"
            ),
        }
    }

    /// A comment, whose range may end and whose reference may stand elsewhere; its text then knows no block.
    fn comment(&mut self, random: &mut Random, id: u32, text: &str) -> String {
        let is_open = random.below(2) == 0;
        let own = if is_open { "<w:r><w:t>{{@root.x}}</w:t></w:r>" } else { text };
        self.comments.push_str(&format!(
            "<w:comment w:id=\"{id}\"><w:p w14:paraId=\"{id:08X}\">{own}</w:p></w:comment>"
        ));
        self.entries.push_str(&format!("<w15:commentEx w15:paraId=\"{id:08X}\" w15:done=\"0\"/>"));
        let start = format!("<w:commentRangeStart w:id=\"{id}\"/>");
        let end = format!(
            "<w:commentRangeEnd w:id=\"{id}\"/><w:r><w:commentReference w:id=\"{id}\"/></w:r>"
        );
        if is_open {
            self.open.push(end);
            return start;
        }
        format!("{start}{text}{end}")
    }

    fn reference(&mut self, random: &mut Random, text: &str) -> String {
        let Some(name) = self.bookmarks.get(random.below(self.bookmarks.len().max(1))) else {
            return text.to_owned();
        };
        match random.below(3) {
            0 => format!("<w:hyperlink w:anchor=\"{name}\">{text}</w:hyperlink>"),
            1 => format!("<w:fldSimple w:instr=\" REF {name} \\r \\h \">{text}</w:fldSimple>"),
            _ => {
                let (one, other) = name.split_at(1);
                let char = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
                format!(
                    "{}<w:r><w:instrText>PAGEREF {one}</w:instrText></w:r><w:r><w:instrText>{other} \
                    \\h</w:instrText></w:r>{}{text}{}",
                    char("begin"),
                    char("separate"),
                    char("end")
                )
            }
        }
    }

    fn paragraph(&mut self, random: &mut Random, name: &str) -> String {
        let count = random.below(4);
        let content: String = (0..count).map(|_| self.inline(random, name)).collect();
        if random.below(6) == 0 {
            return format!(
                "<w:p><w:r><w:t>{{{{#if {name}}}}}</w:t></w:r>{content}<w:r><w:t>{{{{/if}}}}</w:t></w:r></w:p>"
            );
        }
        format!("<w:p>{content}</w:p>")
    }

    fn paragraphs(&mut self, random: &mut Random, name: &str) -> String {
        let count = 1 + random.below(3);
        (0..count).map(|_| self.paragraph(random, name)).collect()
    }

    /// Content within the outer block, which may hold blocks and tables.
    fn content(&mut self, random: &mut Random, name: &str) -> String {
        let inner = "this";
        match random.below(5) {
            0 => format!(
                "{}{}{}",
                tag("{{#each items}}"),
                self.paragraphs(random, inner),
                tag("{{/each}}")
            ),
            1 => {
                let shown = self.paragraphs(random, name);
                let before = self.bookmarks.len();
                let hidden = self.paragraphs(random, name);
                self.hidden.extend(self.bookmarks[before..].iter().cloned());
                let [open, other, close] = ["{{#if flag}}", "{{else}}", "{{/if}}"].map(tag);
                [open, shown, other, hidden, close].concat()
            }
            2 => {
                let head = self.paragraphs(random, name);
                let first = self.paragraphs(random, inner);
                let last = self.paragraphs(random, inner);
                format!(
                    "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w=\"900\"/></w:tblGrid><w:tr><w:tc>{}</w:tc>\
                    </w:tr><w:tr><w:tc>{}{first}</w:tc><w:tc>{last}{}</w:tc></w:tr></w:tbl>",
                    head,
                    tag("{{#each items}}"),
                    tag("{{/each}}")
                )
            }
            _ => self.paragraphs(random, name),
        }
    }

    /// Makes a header with content of its own, which may name the bookmarks of the body.
    fn add_header(&mut self, random: &mut Random) {
        let (open, bookmarks) = (std::mem::take(&mut self.open), self.bookmarks.clone());
        self.is_in_header = true;
        let content: String = (0..=random.below(2)).map(|_| self.content(random, "n")).collect();
        self.is_in_header = false;
        let ends = std::mem::replace(&mut self.open, open).concat();
        self.bookmarks = bookmarks;
        self.header = Some(format!("{content}<w:p>{ends}</w:p>"));
    }

    fn docx(&self, content: &str) -> Docx {
        let mut docx = Docx::new(content);
        docx.add_word_part("footnotes", "footnotes", &self.notes);
        docx.add_word_part("comments", "comments", &self.comments);
        docx.add_relationship("commentsExtended", "commentsExtended.xml", false);
        docx.add(
            "word/commentsExtended.xml",
            &format!(
                "<w15:commentsEx xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\">\
                {}</w15:commentsEx>",
                self.entries
            ),
        );
        for relationship in &self.relationships {
            docx.add_raw_relationship(relationship);
        }
        if let Some(header) = &self.header {
            docx.add_word_part("header1", "hdr", header);
            docx.add_raw_relationship(
                "<Relationship Id=\"H1\" Type=\"t/header\" Target=\"header1.xml\"/>",
            );
            let related = self.header_relationships.concat();
            let related = format!("<Relationships xmlns=\"r\">{related}</Relationships>");
            docx.add("word/_rels/header1.xml.rels", &related);
        }
        docx
    }
}

fn tag(text: &str) -> String {
    crate::support::paragraph(text)
}

fn filled(docx: &Docx, rows: &[Value]) -> (Parts, Vec<String>) {
    let data = json!({ "rows": rows, "x": "x", "n": "外", "flag": true, "items": ["z"] });
    let (out, findings) = try_fill(docx, &data, &RenderOptions::default());
    let errors: Vec<_> = findings.iter().filter(|found| found.0 == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let warnings = findings.into_iter().map(|found| found.1).collect();
    (parts(&out.expect("filled")), warnings)
}

/// A paragraph that ends a section with the header.
const SECTION_END: &str = "<w:p><w:pPr><w:sectPr><w:headerReference w:type=\"default\" r:id=\"H1\"/>\
    <w:pgSz w:w=\"1\"/></w:sectPr></w:pPr></w:p>";

/// The texts of the document, and those of its headers, notes and comments in the order of their references.
fn texts(parts: &Parts) -> Vec<String> {
    let document = part(parts, "word/document.xml");
    let mut found = text_of(document);
    for (reference, file, note) in [
        ("w:footnoteReference", "footnotes", "w:footnote"),
        ("w:commentReference", "comments", "w:comment"),
    ] {
        let notes = elements(part(parts, &format!("word/{file}.xml")));
        for one in elements(document).iter().filter(|element| element.name == reference) {
            let id = one.get("w:id");
            let own =
                notes.iter().find(|element| element.name == note && element.get("w:id") == id);
            found.push(own.map(|note| note.text.clone()).unwrap_or_default());
        }
    }
    let related = relationships(parts, "word/document.xml");
    for id in attribute_values(document, "w:headerReference", "r:id") {
        let target = related[&id].get("Target").trim_start_matches('/');
        let name = target.trim_start_matches("word/");
        found.push(text_of(part(parts, &format!("word/{name}"))).concat());
    }
    found
}

#[test]
fn blocks_around_anything_keep_every_identifier_and_text() {
    let rows = [
        json!({"n": "甲", "flag": true, "items": ["a", "b"]}),
        json!({"n": "乙", "flag": false, "items": []}),
        json!({"n": "丙", "flag": true, "items": ["c"]}),
    ];
    let mut random = Random(0x5DEE_CE66_D1CE_4E5B);
    let (mut compared, mut moved, mut with_headers) = (0, 0, 0);
    for _ in 0..1500 {
        let mut things = Things::default();
        let mut content = things.paragraphs(&mut random, "x");
        let is_loop = random.below(4) > 0;
        let (open, close) = if is_loop {
            ("{{#each rows}}", "{{/each}}")
        } else {
            ("{{#with rows.[0]}}", "{{/with}}")
        };
        content.push_str(&tag(open));
        let outer = things.open.len();
        let inside: String =
            (0..=random.below(3)).map(|_| things.content(&mut random, "n")).collect();
        content.push_str(&inside);
        let has_header = random.below(3) == 0;
        if has_header {
            things.add_header(&mut random);
            content.push_str(SECTION_END);
        }
        content.push_str(&tag(close));
        let cuts = outer > 0 || !things.open.is_empty();
        let ends = things.open.concat();
        content.push_str(&format!("<w:p>{ends}</w:p>"));
        let is_shared = has_header && random.below(2) == 0;
        if is_shared {
            content.push_str(SECTION_END);
        }
        let docx = things.docx(&content);
        let (whole, warnings) = filled(&docx, &rows);
        let found: Vec<String> =
            faults(&whole).into_iter().filter(|fault| missing_bookmark(fault).is_none()).collect();
        assert_eq!(
            found,
            Vec::<String>::new(),
            "{content}\n\n{}",
            part(&whole, "word/document.xml")
        );
        // A reference that leads nowhere is told.
        let missed = faults(&whole).iter().any(|fault| missing_bookmark(fault).is_some());
        let is_told = warnings.iter().any(|rule| rule == "reference-target");
        assert!(!missed || is_told, "{content}\n\n{}", part(&whole, "word/document.xml"));
        let (full, _) = filled(&docx, &[rows[0].clone(), rows[2].clone()]);
        let hidden = |name: &str| things.hidden.iter().any(|hidden| hidden == name);
        let wrong = |fault: &String| missing_bookmark(fault).is_none_or(|name| !hidden(name));
        let found: Vec<String> = faults(&full).into_iter().filter(wrong).collect();
        assert_eq!(
            found,
            Vec::<String>::new(),
            "{content}\n\n{}",
            part(&full, "word/document.xml")
        );
        moved += usize::from(cuts || !warnings.is_empty());
        if !is_loop {
            continue;
        }
        // The text of the turns, each filled by itself.
        compared += 1;
        let single: Vec<Vec<String>> =
            rows.iter().map(|row| texts(&filled(&docx, std::slice::from_ref(row)).0)).collect();
        let mut expected: Vec<String> = single.into_iter().flatten().collect();
        let outside = texts(&filled(&docx, &[]).0);
        let mut shown = texts(&whole);
        // What stands outside of the block is in each of them.
        for _ in 1..rows.len() {
            shown.extend(outside.iter().cloned());
        }
        shown.sort();
        expected.sort();
        // Empty paragraphs keep the tables of turns apart.
        let filled_from = |texts: &[String]| texts.partition_point(String::is_empty);
        let (empty, least) = (filled_from(&shown), filled_from(&expected));
        assert!(empty >= least, "{empty} {least} {content}");
        assert_eq!(shown[empty..], expected[least..], "{content}");
        assert!(empty == least || content.contains("<w:tbl>") || has_header, "{content}");
        with_headers += usize::from(has_header) + 1000 * usize::from(is_shared);
    }
    assert!(compared > 800 && moved > 300, "{compared} {moved}");
    assert!(with_headers % 1000 > 200 && with_headers > 100_000, "{with_headers}");
}

/// The bookmark of the template that a reference misses, as where data leaves it out.
fn missing_bookmark(fault: &str) -> Option<&str> {
    fault.strip_prefix("no bookmark ")?.split('_').next()
}
