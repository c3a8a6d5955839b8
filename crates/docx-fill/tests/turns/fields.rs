//! Proves it of the stored results of fields: what a document shows before Word updates it is right, or marked.

use crate::support::engine::{fill, try_fill};
use crate::support::{Docx, attribute_values, check_well_formed, paragraph, part, text_of};
use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use serde_json::{Value, json};

fn data() -> Value {
    json!({"rows": [{"n": "甲"}, {"n": "乙"}, {"n": "丙"}], "yes": true, "no": false, "name": "名"})
}

fn each(content: &str) -> String {
    format!("{}{content}{}", paragraph("{{#each rows}}"), paragraph("{{/each}}"))
}

/// The runs of a complex field with its result.
fn field(code: &str, result: &str) -> String {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    format!(
        "{}<w:r><w:instrText xml:space=\"preserve\"> {code} </w:instrText></w:r>{}\
         <w:r><w:t>{result}</w:t></w:r>{}",
        mark("begin"),
        mark("separate"),
        mark("end")
    )
}

fn simple(code: &str, result: &str) -> String {
    format!("<w:fldSimple w:instr=\" {code} \"><w:r><w:t>{result}</w:t></w:r></w:fldSimple>")
}

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

fn mark(name: &str, content: &str) -> String {
    format!(
        "<w:bookmarkStart w:id=\"{}\" w:name=\"{name}\"/>{content}<w:bookmarkEnd w:id=\"{}\"/>",
        name.len(),
        name.len()
    )
}

fn p(content: &[&str]) -> String {
    format!("<w:p>{}</w:p>", content.concat())
}

/// The texts of the paragraphs that are not empty.
fn shown(content: &str) -> Vec<String> {
    let (out, found) = try_fill(&Docx::new(content), &data(), &RenderOptions::default());
    assert!(found.iter().all(|found| found.1 == "reference-target"), "{found:?}");
    let parts = crate::support::parts(&out.unwrap());
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    text_of(document).into_iter().filter(|text| !text.is_empty()).collect()
}

#[test]
fn captions_are_counted_over_the_turns() {
    let caption = |name: &str| p(&[&run("图 "), &field("SEQ 图 \\* ARABIC", "1"), &run(name)]);
    let content = [
        caption("前"),
        each(&(caption("{{n}}") + &p(&[&run("表 "), &simple("seq 表", "1")]))),
        caption("后"),
    ];
    assert_eq!(
        shown(&content.concat()),
        ["图 1前", "图 2甲", "表 1", "图 3乙", "表 2", "图 4丙", "表 3", "图 5后"]
    );
    let gone = format!("{}{}{}", paragraph("{{#if no}}"), caption("无"), paragraph("{{/if}}"));
    assert_eq!(shown(&(gone + &caption("有"))), ["图 1有"]);
}

#[test]
fn the_switches_of_sequences_count() {
    let all = [
        ("SEQ a \\r 5", ["5", "5", "5"]),
        ("SEQ a \\c", ["5", "5", "5"]),
        ("SEQ a \\h", ["", "", ""]),
        ("SEQ a \\n \\* roman \\* MERGEFORMAT", ["vii", "vii", "vii"]),
        ("SEQ b \\* CHINESENUM3", ["一", "二", "三"]),
        ("SEQ B \\c \\* ALPHABETIC", ["A", "B", "C"]),
        ("SEQ \\\"c d\\\" \\h \\* ARABIC", ["1", "2", "3"]),
    ];
    let inner: String = all
        .iter()
        .map(|(code, _)| p(&[&run("·"), &field(&code.replace("\\\"", "\""), "9")]))
        .collect();
    let expected: Vec<String> = (0..3)
        .flat_map(|turn| all.iter().map(move |(_, shown)| format!("·{}", shown[turn])))
        .collect();
    assert_eq!(shown(&each(&inner)), expected);
}

#[test]
fn a_number_that_only_word_knows_is_marked() {
    for code in ["SEQ 图 \\s 0", "SEQ 图 \\* OrdText", "SEQ 图 b"] {
        let content = each(&p(&[&field(code, "7")])) + &p(&[&field("SEQ 其他", "4")]);
        let parts = fill(&Docx::new(&content), &data());
        let document = part(&parts, "word/document.xml");
        let texts = text_of(document);
        assert_eq!(texts, ["7", "7", "7", "4"], "{code}");
        let dirty = attribute_values(document, "w:fldChar", "w:dirty");
        assert_eq!(dirty, ["true"; 3], "{code} {document}");
    }
    // A locked one stays.
    let locked = field("SEQ a", "7").replacen("\"begin\"", "\"begin\" w:fldLock=\"true\"", 1);
    assert_eq!(shown(&each(&p(&[&locked]))), ["7"; 3]);
}

#[test]
fn the_branches_of_alternate_content_count_once() {
    let own = p(&[&simple("SEQ a", "1")]);
    let shape = format!(
        "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\">{own}</mc:Choice><mc:Fallback>{own}\
         </mc:Fallback></mc:AlternateContent></w:r>"
    );
    let found = shown(&each(&(p(&[&shape]) + &own)));
    assert_eq!(found, ["1", "1", "2", "3", "3", "4", "5", "5", "6"]);
}

#[test]
fn references_show_the_caption_of_their_turn() {
    let caption = mark("_Ref1", &(run("图 ") + &field("SEQ 图 \\* ARABIC", "1")));
    let inner = p(&[&run("见"), &field("REF _Ref1 \\h", "图 1"), &run("。")])
        + &p(&[&caption, &run("{{n}}")]);
    assert_eq!(
        shown(&each(&inner)),
        ["见图 1。", "图 1甲", "见图 2。", "图 2乙", "见图 3。", "图 3丙"]
    );
    // A chain of references, of which the last names a tag.
    let content = p(&[&field("REF c \\h", "旧")])
        + &p(&[&mark("c", &field("REF bb", "旧"))])
        + &p(&[&mark("bb", &run("{{name}} "))]);
    assert_eq!(shown(&content), ["名 ", "名 ", "名 "]);
}

#[test]
fn pages_of_turns_are_marked_and_others_stay() {
    let place = mark("here", &run("x"));
    let inner = p(&[&place]) + &p(&[&field("PAGEREF here \\h", "1"), &field("REF here \\r", "1")]);
    let outside = mark("there", &run("y")) + &field("PAGEREF there", "1");
    let parts = fill(&Docx::new(&(each(&inner) + &p(&[&outside]))), &data());
    let document = part(&parts, "word/document.xml");
    let dirty = attribute_values(document, "w:fldChar", "w:dirty");
    assert_eq!(dirty, ["true"; 6], "{document}");
}

#[test]
fn references_that_lead_nowhere_or_to_one_of_several_are_told() {
    let bookmark = p(&[&mark("item", &run("x"))]);
    let reference = p(&[&field("REF item \\h", "x")]);
    let when = |name: &str, content: &str| {
        format!("{}{content}{}", paragraph(&format!("{{{{#if {name}}}}}")), paragraph("{{/if}}"))
    };
    let told = |content: &str, data: &Value| -> Vec<(Severity, String)> {
        let (_, found) = try_fill(&Docx::new(content), data, &RenderOptions::default());
        found.into_iter().map(|found| (found.0, found.3)).collect()
    };
    let has = |found: &[(Severity, String)], words: &str| {
        found.len() == 1 && found[0].0 == Severity::Warning && found[0].1.contains(words)
    };
    let gone = told(&(when("no", &bookmark) + &reference), &data());
    assert!(has(&gone, "不在填好的文档里"), "{gone:?}");
    let many = told(&(each(&bookmark) + &reference), &data());
    assert!(has(&many, "有几份"), "{many:?}");
    let link = p(&["<w:hyperlink w:anchor=\"item\"><w:r><w:t>x</w:t></w:r></w:hyperlink>"]);
    assert!(has(&told(&(link + &each(&bookmark)), &data()), "有几份"));
    let empty = json!({"rows": [], "no": false});
    assert!(has(&told(&(each(&bookmark) + &reference), &empty), "不在填好的文档里"));
    // In a turn that lacks it.
    let inner = when("n", &bookmark) + &reference;
    let some = json!({"rows": [{"n": true}, {"n": false}]});
    assert!(has(&told(&each(&inner), &some), "不在填好的文档里"));
    // One turn, the same condition, the same turn, and what is there: nothing to say.
    let one = json!({"rows": [{"n": 1}], "yes": true});
    assert_eq!(told(&(each(&bookmark) + &reference), &one), []);
    assert_eq!(told(&(when("no", &bookmark) + &when("no", &reference)), &data()), []);
    assert_eq!(told(&(when("yes", &bookmark) + &reference), &data()), []);
    assert_eq!(told(&each(&(bookmark.clone() + &reference)), &data()), []);
    assert_eq!(told(&(bookmark + &each(&reference)), &data()), []);
}

#[test]
fn references_of_other_parts_are_told_with_their_place() {
    let bookmark = p(&[&mark("item", &run("x"))]);
    let mut docx = Docx::new(&each(&bookmark));
    docx.add_word_part("header1", "hdr", &p(&[&simple("REF item", "x")]));
    let (_, found) = try_fill(&docx, &data(), &RenderOptions::default());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].1.as_str(), found[0].2.part.as_str()),
        ("reference-target", "word/header1.xml")
    );
}

#[test]
fn references_are_told_at_rest() {
    let rest = |content: &str| -> Vec<String> {
        let mut sink = docx_fill::diag::Sink::new();
        let id = docx_fill::diag::Sources::default().add_binary("t");
        let bytes = Docx::new(content).bytes();
        let template =
            docx_fill::template::CompiledTemplate::parse(bytes, id, &mut sink).expect("a template");
        template.check_references(&mut sink);
        let all = sink.into_sorted().into_iter();
        all.map(|found| found.message.in_lang(docx_fill::diag::Lang::Zh)).collect()
    };
    let bookmark = p(&[&mark("item", &run("x"))]);
    let reference = p(&[&field("REF item \\h", "x")]);
    let [open, close] = ["{{#if yes}}", "{{/if}}"].map(paragraph);
    let loops = rest(&(each(&bookmark) + &reference));
    assert!(loops.len() == 1 && loops[0].contains("重复的块"), "{loops:?}");
    let when = rest(&format!("{open}{bookmark}{close}{reference}"));
    assert!(when.len() == 1 && when[0].contains("有条件的块"), "{when:?}");
    assert!(rest(&format!("{open}{bookmark}{close}{open}{reference}{close}")).is_empty());
    assert!(rest(&each(&(bookmark.clone() + &reference))).is_empty());
    assert!(rest(&(bookmark + &each(&reference))).is_empty());
}

/// Rules with the messages of their findings.
type Told = Vec<(String, String)>;

/// Findings of a check without data and of a filling of references, as parts with their words.
fn told_of(docx: &Docx, data: &Value) -> (Told, Told) {
    let mut sink = docx_fill::diag::Sink::new();
    let id = docx_fill::diag::Sources::default().add_binary("t");
    let template =
        docx_fill::template::CompiledTemplate::parse(docx.bytes(), id, &mut sink).expect("parsed");
    template.check_references(&mut sink);
    let at_rest = sink.into_sorted().into_iter().map(|found| {
        let words = found.message.in_lang(docx_fill::diag::Lang::Zh);
        let docx_fill::diag::Location::Word(_, place) = found.location else {
            panic!("no place: {words}")
        };
        (place.part, words)
    });
    let (out, found) = try_fill(docx, data, &RenderOptions::default());
    let parts = crate::support::parts(&out.expect("filled"));
    let mut faults = crate::integrity::faults(&parts);
    faults.retain(|fault| !fault.starts_with("no bookmark"));
    assert_eq!(faults, Vec::<String>::new());
    let run = found.into_iter().map(|found| (found.2.part, found.3));
    (at_rest.collect(), run.collect())
}

const SECTION: &str = "<w:p><w:pPr><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/>\
    <w:footerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"1\"/></w:sectPr></w:pPr></w:p>";

#[test]
fn references_to_headers_of_turns_are_told() {
    let reference = p(&[&field("REF top \\h", "x")]);
    let docx = |content: &str, footer: &str| {
        let mut docx = Docx::new(content);
        docx.add_word_part("header1", "hdr", &p(&[&mark("top", &run("{{n}}"))]));
        docx.add_word_part("footer1", "ftr", footer);
        docx
    };
    let one = json!({"rows": [{"n": "甲"}]});
    let many = |found: &[(String, String)], part: &str| {
        found.len() == 1 && found[0].0 == part && found[0].1.contains("有几份")
    };
    let body = "word/document.xml";
    for content in [
        reference.clone() + &each(SECTION),
        each(&(reference.clone() + SECTION)),
        each(SECTION) + &reference,
    ] {
        let docx = docx(&content, "<w:p/>");
        let (at_rest, run) = told_of(&docx, &data());
        assert!(many(&run, body), "{run:?}");
        assert!(at_rest.len() == 1 && at_rest[0].1.contains("重复的块"), "{at_rest:?}");
        assert_eq!(told_of(&docx, &one).1, []);
        let (_, none) = told_of(&docx, &json!({"rows": []}));
        assert!(none.is_empty() || none[0].1.contains("不在填好的文档里"), "{none:?}");
    }
    // From the footer of the same turn.
    let (at_rest, run) =
        told_of(&docx(&each(SECTION), &(paragraph("{{n}}") + &reference)), &data());
    assert!(many(&run, "word/footer1.xml"), "{run:?}");
    assert_eq!(at_rest.len(), 1, "{at_rest:?}");
    // A header of its own: nothing to say.
    let own = docx(&(SECTION.to_owned() + &reference + &each(&paragraph("{{n}}"))), "<w:p/>");
    assert_eq!(told_of(&own, &json!({"rows": [], "n": 1})), (Vec::new(), Vec::new()));
    // Within a block that only changes the data: there or not.
    let with =
        format!("{}{SECTION}{}{reference}", paragraph("{{#with w}}"), paragraph("{{/with}}"));
    let (at_rest, run) = told_of(&docx(&with, "<w:p/>"), &json!({"w": {"n": 1}}));
    assert!(run.is_empty() && at_rest.len() == 1, "{run:?} {at_rest:?}");
    assert!(at_rest[0].1.contains("有条件的块"), "{at_rest:?}");
}

/// A document with a note or comment of this content at a reference, and the name of the part that holds it.
fn with_note(kind: &str, before: &str, at: &dyn Fn(&str) -> String, content: &str) -> Docx {
    let reference = p(&[&run("y"), &format!("<w:r><w:{kind}Reference w:id=\"1\"/></w:r>")]);
    let mut docx = Docx::new(&(before.to_owned() + &at(&reference)));
    let note = format!("<w:{kind} w:id=\"1\">{content}</w:{kind}>");
    docx.add_word_part(&format!("{kind}s"), &format!("{kind}s"), &note);
    docx
}

const NOTES: [&str; 3] = ["footnote", "endnote", "comment"];

#[test]
fn references_in_notes_follow_their_turn_or_are_told() {
    for kind in NOTES {
        let name = format!("word/{kind}s.xml");
        let bookmark = p(&[&mark("item", &run("甲"))]);
        for tag in ["", "{{n}}"] {
            let own = p(&[&run(tag), &field("REF item \\h", "甲"), &simple("PAGEREF ITEM", "1")]);
            // The note stands behind the loop: it leads to the first turn.
            let docx = with_note(
                kind,
                &each(&bookmark),
                &str::to_owned,
                &own.replace("{{n}}", "{{name}}"),
            );
            let (at_rest, found) = told_of(&docx, &data());
            assert!(found.len() == 1 && found[0].0 == name, "{kind} {tag} {found:?}");
            assert!(!at_rest.is_empty() && at_rest.iter().all(|one| one.0 == name), "{at_rest:?}");
            // In the turn of its bookmark it leads to that.
            let both = |reference: &str| each(&(bookmark.replace("甲", "{{n}}") + reference));
            let docx = with_note(kind, "", &both, &own);
            assert_eq!(told_of(&docx, &data()), (Vec::new(), Vec::new()), "{kind} {tag}");
            let parts = fill(&docx, &data());
            let notes = part(&parts, &name);
            let codes = attribute_values(notes, "w:fldSimple", "w:instr");
            assert_eq!(
                codes,
                [" PAGEREF item ", " PAGEREF item_2 ", " PAGEREF item_3 "],
                "{kind} {notes}"
            );
            for code in [" REF item \\h ", " REF item_2 \\h ", " REF item_3 \\h "] {
                assert!(notes.contains(code), "{kind} {notes}");
            }
            // What they show is the text of their turn, or marked to be updated.
            let texts = text_of(notes);
            let marked = attribute_values(notes, "w:fldChar", "w:dirty").len();
            let right = ["甲", "乙", "丙"]
                .iter()
                .zip(&texts)
                .all(|(own, text)| text.matches(own).count() == 1 + usize::from(!tag.is_empty()));
            assert!(right && marked == 0, "{kind} {tag} {texts:?} {notes}");
            assert_eq!(
                attribute_values(notes, "w:fldSimple", "w:dirty").len(),
                3,
                "{kind} {notes}"
            );
        }
    }
}

#[test]
fn references_in_notes_of_what_is_not_shown_are_told() {
    let bookmark = p(&[&mark("item", &run("x"))]);
    let hidden = format!("{}{bookmark}{}", paragraph("{{#if no}}"), paragraph("{{/if}}"));
    for kind in NOTES {
        let docx = with_note(kind, &hidden, &str::to_owned, &p(&[&simple("REF item", "x")]));
        let (at_rest, found) = told_of(&docx, &data());
        assert!(found.len() == 1 && found[0].1.contains("不在填好的文档里"), "{kind} {found:?}");
        assert!(at_rest.len() == 1 && at_rest[0].1.contains("有条件的块"), "{kind} {at_rest:?}");
    }
}

/// An output may have more elements than a part that is read: its fields and references are looked at all the same.
#[test]
fn outputs_of_any_number_of_elements_have_their_results() {
    const ROWS: usize = 1_001;
    let tabs = format!("<w:r>{}</w:r>", "<w:tab/>".repeat(1_000));
    let optional = [
        paragraph("{{#if no}}"),
        p(&[&mark("gone", &run("x"))]),
        paragraph("{{/if}}"),
        p(&[&simple("REF gone", "x")]),
    ];
    let content = each(&p(&[&simple("SEQ a", "1"), &tabs])) + &optional.concat();
    let rows: Vec<Value> = (0..ROWS).map(|_| json!({})).collect();
    let data = json!({"rows": rows, "no": false});
    let (out, found) = try_fill(&Docx::new(&content), &data, &RenderOptions::default());
    let parts = crate::support::parts(&out.unwrap());
    let document = part(&parts, "word/document.xml");
    assert!(document.matches("<w:").count() > docx_fill::limits::MAX_XML_ELEMENTS);
    assert!(document.contains("<w:t>1001</w:t>"));
    let rules: Vec<&str> = found.iter().map(|found| found.1.as_str()).collect();
    assert_eq!(rules, ["reference-target"]);
}

#[test]
fn references_to_references_do_not_outgrow_the_output() {
    // Each bookmark holds the one before ten times.
    let mut content = each(&p(&[&simple("SEQ a", "1")])) + &p(&[&mark("b", &run("lol"))]);
    let name = |level: usize| "b".repeat(level + 1);
    for level in 1..7 {
        let references = simple(&format!("REF {}", name(level - 1)), "x").repeat(10);
        content += &p(&[&mark(&name(level), &references)]);
    }
    let options = RenderOptions { max_bytes: 1 << 20, ..RenderOptions::default() };
    let (out, found) = try_fill(&Docx::new(&content), &data(), &options);
    assert!(found.is_empty(), "{found:?}");
    let parts = crate::support::parts(&out.unwrap());
    let document = part(&parts, "word/document.xml");
    assert!(document.len() < 3 << 20, "{}", document.len());
    // What fits is filled in, the rest is marked.
    assert_eq!(text_of(document).iter().filter(|text| **text == "lol".repeat(10)).count(), 1);
    assert!(!attribute_values(document, "w:fldSimple", "w:dirty").is_empty());
}

#[test]
fn a_bookmark_around_its_own_reference_does_not_grow() {
    let own = p(&[&mark("own", &(run("x") + &simple("REF own", "y")))]);
    let content = each(&p(&[&simple("SEQ a", "1")])) + &own;
    let (out, _) = try_fill(&Docx::new(&content), &data(), &RenderOptions::default());
    let parts = crate::support::parts(&out.unwrap());
    let document = part(&parts, "word/document.xml");
    assert_eq!(text_of(document).last().map(String::as_str), Some("xy"), "{document}");
    assert_eq!(attribute_values(document, "w:fldSimple", "w:dirty"), ["true"], "{document}");
}
