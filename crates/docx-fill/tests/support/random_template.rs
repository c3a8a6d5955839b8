//! Owns random templates: a block around any mix of what a Word document can hold, each valid as the Open XML SDK has it,
//! and the data for it.
//! Must not know what is proven of them.

use super::random::Random;
use super::{Docx, NAMESPACES, paragraph as tag};
use serde_json::{Value, json};

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const MICROSOFT: &str = "http://schemas.microsoft.com/office/2011/relationships/";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/";
const DRAWINGML: &str = "http://schemas.openxmlformats.org/drawingml/2006/";
const OFFICE_TYPE: &str = "application/vnd.openxmlformats-officedocument.";
const PAGE: &str = "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>";

/// A template whose data are those of [`data`].
pub struct RandomTemplate {
    pub docx: Docx,
    /// The body without its last section.
    pub content: String,
    /// True if the outer block is a loop over all rows, instead of the first row alone.
    pub is_loop: bool,
    /// True if the outer block cuts ranges.
    pub is_cut: bool,
    /// Bookmarks that stand where all data leave them out.
    pub hidden: Vec<String>,
}

impl RandomTemplate {
    pub fn new(random: &mut Random) -> Self {
        let mut things = Things::default();
        let mut content = things.paragraphs(random, "x");
        let is_loop = random.below(4) > 0;
        let (open, close) = if is_loop {
            ("{{#each rows}}", "{{/each}}")
        } else {
            ("{{#with rows.[0]}}", "{{/with}}")
        };
        content.push_str(&tag(open));
        let outer = things.open.len();
        let inside: String = (0..=random.below(3)).map(|_| things.content(random, "n")).collect();
        content.push_str(&inside);
        content.push_str(&tag(close));
        let is_cut = outer > 0 || !things.open.is_empty();
        // What follows the block is a section with a header of its own, or with that of the last section within.
        let shared = things.sections.last().filter(|_| random.below(2) == 0).cloned();
        let last = shared.unwrap_or_else(|| things.section(random, "x"));
        content.push_str(&format!("<w:p>{last}{}</w:p>", things.open.concat()));
        let docx = things.docx(&content);
        RandomTemplate { docx, content, is_loop, is_cut, hidden: things.hidden }
    }
}

/// Rows with names, conditions and lists of their own.
pub fn rows() -> [Value; 3] {
    [
        json!({"n": "甲", "flag": true, "items": ["a", "b"]}),
        json!({"n": "乙", "flag": false, "items": []}),
        json!({"n": "丙", "flag": true, "items": ["c"]}),
    ]
}

/// Data that every template can be filled with, of these rows.
pub fn data(rows: &[Value]) -> Value {
    let markdown = "# 标题\n\n一**段**[链](https://a.cn/x)和注[^1]\n\n1. 一\n2. 二\n   - 三\n\n\
        | a | b |\n|---|---|\n| 1 | 2 |\n\n> 引\n\n[^1]: 注";
    json!({ "rows": rows, "x": "x", "markdown": markdown, "picture": "图/a.png",
        "n": "外", "flag": true, "items": ["z"] })
}

/// Parts that the things in a document need beside it.
#[derive(Default)]
struct Things {
    last_id: u32,
    footnotes: String,
    endnotes: String,
    comments: String,
    entries: String,
    /// Relationships of the part that is being made: the document or a header.
    relationships: Vec<String>,
    /// True within a header or footer, which holds neither notes nor comments.
    is_in_header: bool,
    /// The properties of paragraphs that end sections.
    sections: Vec<String>,
    /// Further parts: their names below `word/`, types, empty for relationships, and texts.
    parts: Vec<(String, String, String)>,
    /// Ranges that are open, each as its end.
    open: Vec<String>,
    bookmarks: Vec<String>,
    hidden: Vec<String>,
}

impl Things {
    fn next(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    fn relate(&mut self, id: &str, kind: &str, target: &str) {
        self.relationships
            .push(format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>"));
    }

    /// A run, mark or other content of a paragraph. `name` is what a tag may use here.
    fn inline(&mut self, random: &mut Random, name: &str) -> String {
        let id = self.next();
        let text = format!("<w:r><w:t>{{{{{name}}}}}</w:t></w:r>");
        match random.below(26) {
            2 => {
                self.bookmarks.push(format!("b{id}"));
                self.open.push(format!("<w:bookmarkEnd w:id=\"{id}\"/>"));
                format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"b{id}\"/>")
            }
            3 => {
                self.open.push(format!("<w:permEnd w:id=\"{id}\"/>"));
                format!("<w:permStart w:id=\"{id}\" w:edGrp=\"everyone\"/>")
            }
            9..=12 if self.is_in_header => text,
            4 | 5 => match self.open.len() {
                0 => text,
                count => self.open.remove(random.below(count)),
            },
            6 | 7 => self.reference(random, &text),
            8 => {
                self.relationships.push(format!(
                    "<Relationship Id=\"L{id}\" Type=\"{OFFICE}hyperlink\" \
                    Target=\"https://a.cn/{{{{{name}}}}}\" TargetMode=\"External\"/>"
                ));
                format!("<w:hyperlink r:id=\"L{id}\">{text}</w:hyperlink>")
            }
            9 | 10 => self.note(random, id, &text),
            11 | 12 => self.comment(random, id, &text),
            13 | 14 => control(random, id, &text),
            15 | 16 => revision(random, id, &text, || self.next()),
            17 => self.chart(id, name),
            18 => self.picture(id),
            19 => self.object(id),
            20 => text_box(id, self.next(), &text),
            21 => format!("<m:oMath><m:r><m:t>{{{{{name}}}}}</m:t></m:r></m:oMath>"),
            22 => "<w:r><w:t>{{image @root.picture}}</w:t></w:r>".to_owned(),
            _ => text,
        }
    }

    /// The text of a note or comment, which may refer to a bookmark.
    fn note_text(&mut self, random: &mut Random, text: &str) -> String {
        match random.below(3) {
            0 => self.reference(random, text),
            _ => text.to_owned(),
        }
    }

    /// A note; its text is in the part of its kind.
    fn note(&mut self, random: &mut Random, id: u32, text: &str) -> String {
        let text = self.note_text(random, text);
        let (kind, notes) = match random.below(2) {
            0 => ("footnote", &mut self.footnotes),
            _ => ("endnote", &mut self.endnotes),
        };
        notes.push_str(&format!(
            "<w:{kind} w:id=\"{id}\"><w:p w14:paraId=\"{id:08X}\">{text}</w:p></w:{kind}>"
        ));
        format!("<w:r><w:{kind}Reference w:id=\"{id}\"/></w:r>")
    }

    /// A comment, whose range may end and whose reference may stand elsewhere; its text then knows no block.
    fn comment(&mut self, random: &mut Random, id: u32, text: &str) -> String {
        let is_open = random.below(2) == 0;
        // What stands in no turn refers to those of the first.
        let own = if is_open {
            "<w:r><w:t>{{@root.x}}</w:t></w:r>".to_owned()
        } else {
            self.note_text(random, text)
        };
        self.comments.push_str(&format!(
            "<w:comment w:id=\"{id}\" w:author=\"a\"><w:p w14:paraId=\"{id:08X}\">{own}</w:p></w:comment>"
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
            1 => format!("<w:fldSimple w:instr=\" REF {name} \\h \">{text}</w:fldSimple>"),
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

    /// A chart with a tag in its title.
    fn chart(&mut self, id: u32, name: &str) -> String {
        self.relate(&format!("C{id}"), &format!("{OFFICE}chart"), &format!("charts/c{id}.xml"));
        let title = format!(
            "<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:t>{{{{{name}}}}}</a:t></a:r></a:p></c:rich></c:tx></c:title>"
        );
        let chart = format!(
            "<c:chartSpace xmlns:c=\"{DRAWINGML}chart\" xmlns:a=\"{DRAWINGML}main\"><c:chart>{title}<c:plotArea>\
            <c:pieChart/></c:plotArea></c:chart></c:chartSpace>"
        );
        self.parts.push((
            format!("charts/c{id}.xml"),
            format!("{OFFICE_TYPE}drawingml.chart+xml"),
            chart,
        ));
        let shown = format!(
            "<a:graphicData uri=\"{DRAWINGML}chart\"><c:chart r:id=\"C{id}\"/></a:graphicData>"
        );
        format!("<w:r>{}</w:r>", drawing(id, &shown))
    }

    fn picture(&mut self, id: u32) -> String {
        self.relate(&format!("P{id}"), &format!("{OFFICE}image"), &format!("media/p{id}.png"));
        self.parts.push((format!("media/p{id}.png"), "image/png".to_owned(), String::new()));
        let shown = format!(
            "<a:graphicData uri=\"{DRAWINGML}picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"0\" name=\"a\"/>\
            <pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"P{id}\"/><a:stretch/></pic:blipFill>\
            <pic:spPr/></pic:pic></a:graphicData>"
        );
        format!("<w:r>{}</w:r>", drawing(id, &shown))
    }

    fn object(&mut self, id: u32) -> String {
        let target = format!("embeddings/o{id}.bin");
        self.relate(&format!("O{id}"), &format!("{OFFICE}oleObject"), &target);
        self.parts.push((target, format!("{OFFICE_TYPE}oleObject"), String::new()));
        format!(
            "<w:r><w:object><v:shape id=\"s{id}\"/><o:OLEObject Type=\"Embed\" ProgID=\"Package\" ShapeID=\"s{id}\" \
            DrawAspect=\"Icon\" ObjectID=\"_{id}\" r:id=\"O{id}\"/></w:object></w:r>"
        )
    }

    fn paragraph(&mut self, random: &mut Random, name: &str) -> String {
        let count = random.below(4);
        let content: String = (0..count).map(|_| self.inline(random, name)).collect();
        let numbered =
            "<w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr>";
        let properties = if random.below(6) == 0 { numbered } else { "" };
        if random.below(6) == 0 {
            return format!(
                "<w:p>{properties}<w:r><w:t>{{{{#if {name}}}}}</w:t></w:r>{content}<w:r><w:t>{{{{/if}}}}</w:t></w:r></w:p>"
            );
        }
        format!("<w:p>{properties}{content}</w:p>")
    }

    fn paragraphs(&mut self, random: &mut Random, name: &str) -> String {
        let count = 1 + random.below(3);
        (0..count).map(|_| self.paragraph(random, name)).collect()
    }

    /// Content within the outer block, which may hold blocks, tables and the end of a section.
    fn content(&mut self, random: &mut Random, name: &str) -> String {
        match random.below(12) {
            0 => self.loop_over_items(random),
            1 => self.condition(random, name),
            2 => self.table(random, name),
            3 => self.block_within_paragraphs(random, name),
            4 => format!("<w:p>{}</w:p>", self.section(random, name)),
            5 => tag("{{markdown @root.markdown}}"),
            6 => tag("{{document \"附件.docx\"}}"),
            7 => self.repeating_control(random, name),
            _ => self.paragraphs(random, name),
        }
    }

    /// A table whose second row repeats.
    fn table(&mut self, random: &mut Random, name: &str) -> String {
        let head = self.paragraphs(random, name);
        let first = self.paragraphs(random, "this");
        let last = match random.below(4) {
            // Its note may not stand in a header.
            0 if !self.is_in_header => tag("{{markdown @root.markdown}}"),
            _ => self.paragraphs(random, "this"),
        };
        format!(
            "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w=\"900\"/></w:tblGrid><w:tr><w:tc>{head}</w:tc>\
            </w:tr><w:tr><w:tc>{}{first}</w:tc><w:tc>{last}{}</w:tc></w:tr></w:tbl>",
            tag("{{#each items}}"),
            tag("{{/each}}")
        )
    }

    /// A block from the middle of a paragraph to the middle of another.
    fn block_within_paragraphs(&mut self, random: &mut Random, name: &str) -> String {
        let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
        let first = self.inline(random, "this");
        let between = self.paragraphs(random, "this");
        let last = self.inline(random, "this");
        let (open, close) = (run("{{#each items}}"), run("{{/each}}"));
        let around = run(&format!("{{{{{name}}}}}"));
        format!("<w:p>{around}{open}{first}</w:p>{between}<w:p>{last}{close}{around}</w:p>")
    }

    /// The properties of a paragraph that ends a section with a header of its own, and perhaps a footer.
    fn section(&mut self, random: &mut Random, name: &str) -> String {
        let mut references = self.header(random, name, "header");
        if random.below(3) == 0 {
            references.push_str(&self.header(random, name, "footer"));
        }
        let section = format!("<w:pPr><w:sectPr>{references}{PAGE}</w:sectPr></w:pPr>");
        self.sections.push(section.clone());
        section
    }

    /// A header or footer, given that word, with content of its own that may name the bookmarks of the body. Returns the
    /// reference to it.
    fn header(&mut self, random: &mut Random, name: &str, kind: &str) -> String {
        let id = self.next();
        let target = format!("{kind}{id}.xml");
        self.relate(&format!("H{id}"), &format!("{OFFICE}{kind}"), &target);
        let around = (std::mem::take(&mut self.open), std::mem::take(&mut self.relationships));
        let bookmarks = self.bookmarks.clone();
        self.is_in_header = true;
        let mut content = tag(&format!("{{{{{name}}}}}"));
        let is_rich = name == "n" && random.below(2) == 0;
        for _ in 0..if is_rich { 1 + random.below(2) } else { 0 } {
            content.push_str(&self.header_content(random, name));
        }
        self.is_in_header = false;
        content.push_str(&format!("<w:p>{}</w:p>", self.open.concat()));
        let related = std::mem::replace(&mut self.relationships, around.1).concat();
        self.open = around.0;
        // The text may refer to a bookmark of a header.
        if random.below(2) == 0 {
            self.bookmarks = bookmarks;
        }
        let root = if kind == "header" { "hdr" } else { "ftr" };
        let header = format!("<w:{root} {NAMESPACES}>{content}</w:{root}>");
        let related =
            format!("<Relationships xmlns=\"{PACKAGE}relationships\">{related}</Relationships>");
        self.parts.push((format!("_rels/{target}.rels"), String::new(), related));
        self.parts.push((target, format!("{OFFICE_TYPE}wordprocessingml.{kind}+xml"), header));
        format!("<w:{kind}Reference w:type=\"default\" r:id=\"H{id}\"/>")
    }

    /// Content of a header, which may hold blocks and tables.
    fn header_content(&mut self, random: &mut Random, name: &str) -> String {
        match random.below(4) {
            0 => self.loop_over_items(random),
            1 => self.condition(random, name),
            2 => self.table(random, name),
            _ => self.paragraphs(random, name),
        }
    }

    fn loop_over_items(&mut self, random: &mut Random) -> String {
        let [each, end] = ["{{#each items}}", "{{/each}}"].map(tag);
        format!("{each}{}{end}", self.paragraphs(random, "this"))
    }

    /// A condition of which no data show the second branch.
    fn condition(&mut self, random: &mut Random, name: &str) -> String {
        let shown = self.paragraphs(random, name);
        let before = self.bookmarks.len();
        let hidden = self.paragraphs(random, name);
        self.hidden.extend(self.bookmarks[before..].iter().cloned());
        let [open, other, close] = ["{{#if flag}}", "{{else}}", "{{/if}}"].map(tag);
        [open, shown, other, hidden, close].concat()
    }

    /// A control that repeats, of one item.
    fn repeating_control(&mut self, random: &mut Random, name: &str) -> String {
        let (outer, item) = (self.next(), self.next());
        let content = self.paragraphs(random, name);
        format!(
            "<w:sdt><w:sdtPr><w:id w:val=\"{outer}\"/><w15:repeatingSection/></w:sdtPr><w:sdtContent><w:sdt><w:sdtPr>\
            <w:id w:val=\"{item}\"/><w15:repeatingSectionItem/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>\
            </w:sdtContent></w:sdt>"
        )
    }

    fn docx(&self, content: &str) -> Docx {
        let mut docx = Docx::new(content);
        docx.add_word_part("footnotes", "footnotes", &self.footnotes);
        docx.add_word_part("endnotes", "endnotes", &self.endnotes);
        docx.add_word_part("comments", "comments", &self.comments);
        docx.add_word_part(
            "numbering",
            "numbering",
            "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt \
            w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl></w:abstractNum><w:num w:numId=\"1\">\
            <w:abstractNumId w:val=\"0\"/></w:num>",
        );
        let entries = format!("<w15:commentsEx {NAMESPACES}>{}</w15:commentsEx>", self.entries);
        let kind = format!("{OFFICE_TYPE}wordprocessingml.commentsExtended+xml");
        docx.type_of("word/commentsExtended.xml", &kind);
        docx.add("word/commentsExtended.xml", &entries);
        docx.add_raw_relationship(&format!(
            "<Relationship Id=\"E1\" Type=\"{MICROSOFT}commentsExtended\" Target=\"commentsExtended.xml\"/>"
        ));
        for (name, kind, text) in &self.parts {
            if !kind.is_empty() {
                docx.type_of(&format!("word/{name}"), kind);
            }
            docx.add(&format!("word/{name}"), text);
        }
        for relationship in &self.relationships {
            docx.add_raw_relationship(relationship);
        }
        docx
    }
}

fn drawing(id: u32, shown: &str) -> String {
    format!(
        "<w:drawing><wp:inline><wp:extent cx=\"9\" cy=\"9\"/><wp:docPr id=\"{id}\" name=\"a\"/><a:graphic>{shown}\
        </a:graphic></wp:inline></w:drawing>"
    )
}

/// A text box, as Word draws it and for programs that know only VML.
fn text_box(id: u32, other: u32, text: &str) -> String {
    let content = format!("<w:txbxContent><w:p>{text}</w:p></w:txbxContent>");
    let shown = format!(
        "<a:graphicData uri=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\"><wps:wsp>\
        <wps:cNvSpPr/><wps:spPr/><wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData>"
    );
    format!(
        "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\">{}</mc:Choice><mc:Fallback><w:pict><v:shape \
        id=\"s{other}\"><v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
        drawing(id, &shown)
    )
}

/// A content control of some kind; a list has every name.
fn control(random: &mut Random, id: u32, text: &str) -> String {
    let item = |name: &str| format!("<w:listItem w:displayText=\"{name}\" w:value=\"{name}\"/>");
    let (kind, content) = match random.below(3) {
        0 => (String::new(), text),
        1 => (
            format!(
                "<w:dropDownList>{}</w:dropDownList>",
                ["甲", "乙", "丙", "a", "b", "c", "x"].map(item).concat()
            ),
            text,
        ),
        _ => (
            "<w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox>".to_owned(),
            "<w:r><w:t>☒</w:t></w:r>",
        ),
    };
    format!(
        "<w:sdt><w:sdtPr><w:id w:val=\"{id}\"/>{kind}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
    )
}

/// A tracked change of some kind.
fn revision(random: &mut Random, id: u32, text: &str, mut next: impl FnMut() -> u32) -> String {
    let marked = |id: u32| format!("w:id=\"{id}\" w:author=\"a\" w:date=\"2026-01-20T00:00:00Z\"");
    match random.below(4) {
        0 => format!("<w:ins {}>{text}</w:ins>", marked(id)),
        1 => format!("<w:del {}><w:r><w:delText>x</w:delText></w:r></w:del>", marked(id)),
        2 => format!(
            "<w:r><w:rPr><w:b/><w:rPrChange {}><w:rPr/></w:rPrChange></w:rPr><w:t>y</w:t></w:r>",
            marked(id)
        ),
        _ => {
            let mut moved = |kind: &str| {
                let (range, own) = (next(), marked(next()));
                format!(
                    "<w:{kind}RangeStart {} w:name=\"m{id}\"/><w:{kind} {own}><w:r><w:t>z</w:t></w:r></w:{kind}>\
                    <w:{kind}RangeEnd w:id=\"{range}\"/>",
                    marked(range)
                )
            };
            moved("moveFrom") + &moved("moveTo")
        }
    }
}
