//! Proves how pictures of all kinds come into a document: upright, in the width of the column, from files and from the
//! data itself; and that lines of a value in justified text are not stretched.

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::engine::{fill, filled};
use support::{
    Docx, attribute_values, cell, check_well_formed, paragraph, part, row, table, text_of,
};

const EMU_PER_PIXEL: u64 = 9525;
const EMU_PER_TWIP: u64 = 635;

type Parts = BTreeMap<String, Vec<u8>>;

fn fill_with(docx: &Docx, data: &Value, files: &Parts) -> Result<Parts, Vec<String>> {
    let mut sink = Sink::new();
    let source = Sources::default().add_binary("t.docx");
    let template = CompiledTemplate::parse(docx.bytes(), source, &mut sink).expect("a template");
    let out = template.render(data, files, &RenderOptions::default(), &mut sink);
    let told = sink.into_sorted().into_iter().map(|found| found.message.in_lang(Lang::En));
    let told: Vec<String> = told.collect();
    match out {
        Some(out) if told.is_empty() => Ok(support::parts(&out)),
        _ => Err(told),
    }
}

fn show(bytes: Vec<u8>) -> Result<Parts, Vec<String>> {
    let files = BTreeMap::from([("a".to_owned(), bytes)]);
    fill_with(&Docx::new(&paragraph("{{image p}}")), &json!({"p": "a"}), &files)
}

fn extent(parts: &Parts) -> (u64, u64) {
    let document = part(parts, "word/document.xml");
    let side = |name| attribute_values(document, "wp:extent", name)[0].parse().unwrap();
    (side("cx"), side("cy"))
}

/// Three by two pixels of different colours, far enough apart for JPEG: each is a square of eight.
fn picture() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| match (x / 8, y / 8) {
        (0, 0) => Rgb([250, 0, 0]),
        (1, 0) => Rgb([0, 250, 0]),
        (2, 0) => Rgb([0, 0, 250]),
        (0, _) => Rgb([250, 250, 0]),
        (1, _) => Rgb([0, 250, 250]),
        _ => Rgb([250, 0, 250]),
    })
}

/// A note of EXIF that says nothing but how to turn the picture.
fn exif(orientation: u8) -> Vec<u8> {
    let mut out = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    out.extend([orientation, 0, 0, 0, 0, 0, 0]);
    out
}

fn encoded(mut encoder: impl ImageEncoder, note: Option<u8>, image: &RgbImage) {
    if let Some(orientation) = note {
        encoder.set_exif_metadata(exif(orientation)).expect("a note");
    }
    DynamicImage::from(image.clone()).write_with_encoder(encoder).expect("a picture");
}

fn jpeg(note: Option<u8>, image: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    encoded(JpegEncoder::new_with_quality(&mut out, 100), note, image);
    out
}

fn png(note: Option<u8>, image: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    encoded(PngEncoder::new(&mut out), note, image);
    out
}

/// The pixels that a camera stores of a picture that is upright after it is turned as the note says.
fn stored(image: &RgbImage, orientation: u8) -> RgbImage {
    use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    match orientation {
        2 => flip_horizontal(image),
        3 => rotate180(image),
        4 => flip_vertical(image),
        5 => rotate270(&flip_horizontal(image)),
        6 => rotate270(image),
        7 => rotate90(&flip_horizontal(image)),
        8 => rotate90(image),
        _ => image.clone(),
    }
}

fn near(a: &RgbImage, b: &RgbImage) -> bool {
    let close = |(a, b): (&u8, &u8)| a.abs_diff(*b) < 60;
    a.dimensions() == b.dimensions() && a.as_raw().iter().zip(b.as_raw()).all(close)
}

#[test]
fn pictures_stand_upright_whatever_the_camera_stored() {
    let upright = picture();
    for orientation in 1..=8 {
        let stored = stored(&upright, orientation);
        for (bytes, name) in [
            (jpeg(Some(orientation), &stored), "word/media/inserted1.jpeg"),
            (png(Some(orientation), &stored), "word/media/inserted1.png"),
        ] {
            let parts = show(bytes.clone()).unwrap();
            let shown = image::load_from_memory(&parts[name]).unwrap().to_rgb8();
            assert!(near(&shown, &upright), "{name} {orientation}");
            assert_eq!(extent(&parts), (24 * EMU_PER_PIXEL, 16 * EMU_PER_PIXEL));
            // What is upright already stays as it is, byte for byte.
            assert_eq!(parts[name] == bytes, orientation == 1, "{name} {orientation}");
            assert_eq!(docx_fill::pixel_size(&bytes), Some((24, 16)), "{name} {orientation}");
        }
    }
    // Without a note nothing is touched, and a broken note is none.
    let plain = jpeg(None, &upright);
    assert_eq!(show(plain.clone()).unwrap()["word/media/inserted1.jpeg"], plain);
    let odd = jpeg(Some(9), &upright);
    assert_eq!(show(odd.clone()).unwrap()["word/media/inserted1.jpeg"], odd);
}

#[test]
fn a_turned_picture_that_cannot_be_decoded_is_told() {
    let mut bytes = jpeg(Some(6), &picture());
    bytes.truncate(bytes.len() / 2);
    let told = show(bytes);
    assert!(told.is_ok() || told.unwrap_err()[0].contains("damaged"));
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x03\x01\0\0\x03\0\0\0\x01\0\x02\0\0\x01\x01\0\x03\0\0\0\x01\0\x02\0\0".to_vec();
    tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
    assert!(show(tiff).unwrap_err()[0].contains("on its side"));
}

#[test]
fn kinds_that_word_shows_are_taken_as_they_are() {
    let mut emf = vec![0; 88];
    emf[0] = 1;
    emf[32..36].copy_from_slice(&1000_i32.to_le_bytes());
    emf[36..40].copy_from_slice(&500_i32.to_le_bytes());
    emf[40..44].copy_from_slice(b" EMF");
    let mut wmf = vec![0xD7, 0xCD, 0xC6, 0x9A, 0, 0];
    for number in [0_i16, 0, 1440, 720, 1440, 0, 0, 0] {
        wmf.extend(number.to_le_bytes());
    }
    let mut bmp =
        b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x04\0\0\0\x02\0\0\0\x01\0\x18\0".to_vec();
    bmp.resize(0x3a, 0);
    let tiff = b"II\x2a\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x04\0\0\0\x01\x01\x03\0\x01\0\0\0\x02\0\0\0\0\0\0\0";
    for (bytes, extension, kind, size) in [
        (b"GIF89a\x04\0\x02\0\x80\0\0".to_vec(), "gif", "image/gif", (4 * 9525, 2 * 9525)),
        (bmp, "bmp", "image/bmp", (4 * 9525, 2 * 9525)),
        (tiff.to_vec(), "tiff", "image/tiff", (4 * 9525, 2 * 9525)),
        (emf, "emf", "image/x-emf", (360_000, 180_000)),
        (wmf, "wmf", "image/x-wmf", (914_400, 457_200)),
    ] {
        let parts = show(bytes.clone()).unwrap();
        assert_eq!(parts[&format!("word/media/inserted1.{extension}")], bytes);
        let types = part(&parts, "[Content_Types].xml");
        assert!(
            types.contains(&format!("Extension=\"{extension}\" ContentType=\"{kind}\"")),
            "{types}"
        );
        assert_eq!(extent(&parts), size, "{extension}");
    }
}

#[test]
fn webp_becomes_png_and_other_kinds_are_named() {
    let mut webp = Vec::new();
    encoded(WebPEncoder::new_lossless(&mut webp), Some(6), &stored(&picture(), 6));
    let parts = show(webp).unwrap();
    let shown = image::load_from_memory(&parts["word/media/inserted1.png"]).unwrap().to_rgb8();
    assert!(shown == picture());
    for (bytes, name) in [
        (&b"\0\0\0\x18ftypheic\0\0\0\0mif1"[..], "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
        (b"%PDF-1.4", "PDF"),
        (b"\0\0\x01\0\x01\0", "ICO"),
    ] {
        let told = show(bytes.to_vec()).unwrap_err().concat();
        assert!(told.contains(name), "{told}");
    }
    assert!(show(b"hello".to_vec()).unwrap_err()[0].contains("no known picture"));
}

#[test]
fn data_may_hold_the_picture_itself() {
    use base64::Engine as _;
    let bytes = png(None, &picture());
    let uri = format!(
        "data:image/png;base64,{}",
        base64::engine::general_purpose::STANDARD.encode(&bytes)
    );
    let none = Parts::new();
    let content = [paragraph("{{image p}}"), paragraph("{{markdown m}}")].concat();
    let data = json!({"p": uri, "m": format!("![图]({uri})")});
    let parts = fill_with(&Docx::new(&content), &data, &none).unwrap();
    assert_eq!(parts["word/media/inserted1.png"], bytes);
    assert!(!parts.contains_key("word/media/inserted2.png"), "one picture is one part");
    let wrong =
        fill_with(&Docx::new(&content), &json!({"p": "data:image/png;base64,!!", "m": ""}), &none);
    assert!(wrong.unwrap_err()[0].contains("no whole picture"));
    let long = format!("data:image/png;base64,{}", "A".repeat(100_000));
    let told = fill_with(&Docx::new(&content), &json!({"p": long, "m": ""}), &none).unwrap_err();
    assert!(told[0].len() < 300, "{}", told[0].len());
}

/// A section of columns on a page of 11906 with margins of 1440.
fn sections(columns: &str, content: &str) -> Docx {
    let page = "<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:left=\"1440\" w:right=\"1440\"/>";
    Docx::new(&format!("{content}<w:p><w:pPr><w:sectPr>{page}{columns}</w:sectPr></w:pPr></w:p>"))
}

fn width_in(docx: &Docx) -> u64 {
    let files = BTreeMap::from([("a".to_owned(), png(None, &RgbImage::new(2000, 20)))]);
    extent(&fill_with(docx, &json!({"p": "a"}), &files).unwrap()).0 / EMU_PER_TWIP
}

#[test]
fn a_picture_is_no_wider_than_the_column_of_text() {
    let tag = paragraph("{{image p}}");
    for (columns, width) in [
        ("", 9026),
        ("<w:cols w:space=\"425\"/>", 9026),
        ("<w:cols w:num=\"2\" w:space=\"425\"/>", 4300),
        ("<w:cols w:num=\"3\"/>", 2528),
        (
            "<w:cols w:num=\"2\" w:equalWidth=\"0\"><w:col w:w=\"6000\" w:space=\"26\"/><w:col w:w=\"3000\"/></w:cols>",
            3000,
        ),
        ("<w:cols w:num=\"1\" w:equalWidth=\"0\"><w:col w:w=\"3000\"/></w:cols>", 9026),
    ] {
        assert_eq!(width_in(&sections(columns, &tag)), width, "{columns}");
    }
    let half = paragraph("{{image p width=\"50%\"}}");
    assert_eq!(width_in(&sections("<w:cols w:num=\"2\" w:space=\"426\"/>", &half)), 2150);
}

#[test]
fn a_picture_is_no_wider_than_its_cell_or_text_box() {
    let grid = "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w=\"1500\"/><w:gridCol w:w=\"2500\"/><w:gridCol w:w=\"1000\"/></w:tblGrid>";
    for (width, expected) in [
        ("<w:tcW w:w=\"2000\" w:type=\"dxa\"/>", 1770),
        ("<w:tcW w:w=\"2500\" w:type=\"pct\"/>", 3270),
        ("<w:tcW w:w=\"0\" w:type=\"auto\"/>", 3270),
        ("", 3270),
    ] {
        let cell = format!(
            "<w:tc><w:tcPr>{width}<w:gridSpan w:val=\"2\"/></w:tcPr>{}</w:tc>",
            paragraph("{{image p}}")
        );
        let content = format!("{grid}<w:tr><w:tc><w:p/></w:tc>{cell}</w:tr></w:tbl>");
        assert_eq!(width_in(&Docx::new(&content)), expected, "{width}");
    }
    let text_box = format!(
        "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"1905000\" cy=\"10\"/><a:graphic><a:graphicData><wps:wsp>\
         <wps:txbx><w:txbxContent>{}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>",
        paragraph("{{image p}}")
    );
    let files = BTreeMap::from([("a".to_owned(), png(None, &RgbImage::new(2000, 20)))]);
    let parts = fill_with(&Docx::new(&text_box), &json!({"p": "a"}), &files).unwrap();
    let widths = attribute_values(part(&parts, "word/document.xml"), "wp:extent", "cx");
    assert_eq!(widths[1].parse::<u64>().unwrap() / EMU_PER_TWIP, 2770);
}

// ---- lines of justified text

const JUSTIFIED: &str = "<w:ind w:firstLine=\"420\"/><w:jc w:val=\"both\"/>";

fn justified(properties: &str, content: &str) -> String {
    format!("<w:p w14:paraId=\"01\"><w:pPr>{properties}</w:pPr>{content}</w:p>")
}

fn bold(text: &str) -> String {
    format!("<w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r>")
}

fn document(content: &str, data: &Value) -> String {
    let parts = fill(&Docx::new(content), data);
    let out = part(&parts, "word/document.xml").to_owned();
    check_well_formed(&out);
    out
}

#[test]
fn lines_of_justified_text_become_paragraphs_of_their_own() {
    let data = json!({"t": "一\n二\r\n三", "plain": "甲"});
    let out = document(&justified(JUSTIFIED, &bold("前{{t}}后")), &data);
    assert_eq!(text_of(&out), ["前一", "二", "三后"]);
    assert_eq!(out.matches(&format!("<w:pPr>{JUSTIFIED}</w:pPr>")).count(), 3, "{out}");
    assert_eq!(out.matches("<w:rPr><w:b/></w:rPr>").count(), 3, "{out}");
    assert!(!out.contains("<w:br/>") && out.matches("paraId").count() == 1, "{out}");
    // Whatever a new page or section begins does so once.
    let page = format!("<w:pageBreakBefore/>{JUSTIFIED}");
    assert_eq!(
        document(&justified(&page, &bold("{{t}}")), &data).matches("pageBreakBefore").count(),
        1
    );
    let in_cell = table(&[&row(&[
        format!("<w:tc>{}</w:tc>", justified(JUSTIFIED, &bold("{{t}}"))),
        cell("x"),
    ])]);
    assert_eq!(text_of(&document(&in_cell, &data)), ["一", "二", "三", "x"]);
    let looped =
        [paragraph("{{#each l}}"), justified(JUSTIFIED, &bold("{{this}}")), paragraph("{{/each}}")];
    assert_eq!(filled(&looped.concat(), &json!({"l": ["a\nb", "c"]})), ["a", "b", "c"]);
}

#[test]
fn lines_of_other_text_stay_lines() {
    let data = json!({"t": "一\n二"});
    let hyperlink = format!("<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", bold("{{t}}"));
    let list = format!("<w:numPr><w:numId w:val=\"1\"/></w:numPr>{JUSTIFIED}");
    let section = format!("{JUSTIFIED}<w:sectPr/>");
    for content in [
        paragraph("{{t}}"),
        justified("<w:jc w:val=\"center\"/>", &bold("{{t}}")),
        justified("<w:jc w:val=\"distribute\"/>", &bold("{{t}}")),
        justified(JUSTIFIED, &hyperlink),
        justified(&list, &bold("{{t}}")),
        justified(&section, &bold("{{t}}")),
    ] {
        let mut docx = Docx::new(&content);
        docx.add_word_part("settings", "settings", "<w:zoom/>");
        let parts = fill(&docx, &data);
        let out = part(&parts, "word/document.xml");
        check_well_formed(out);
        assert_eq!(out.matches("<w:br/>").count(), 1, "{out}");
        // Where a justified paragraph cannot end, the document says that such lines are not stretched.
        let settings = part(&parts, "word/settings.xml");
        let short = settings.contains("<w:compat><w:doNotExpandShiftReturn/></w:compat>");
        assert_eq!(short, content.contains("both"), "{content}");
    }
}

#[test]
fn styles_justify_too() {
    let style = |properties: &str| {
        let mut docx = Docx::new(
            "<w:p><w:pPr><w:pStyle w:val=\"T\"/></w:pPr><w:r><w:t>{{t}}</w:t></w:r></w:p>",
        );
        let base = "<w:style w:type=\"paragraph\" w:styleId=\"B\"><w:name w:val=\"b\"/><w:pPr><w:jc w:val=\"both\"/></w:pPr></w:style>";
        docx.add_word_part("styles", "styles", &format!(
            "{base}<w:style w:type=\"paragraph\" w:styleId=\"T\"><w:name w:val=\"t\"/><w:basedOn w:val=\"B\"/><w:pPr>{properties}</w:pPr></w:style>"
        ));
        let parts = fill(&docx, &json!({"t": "一\n二"}));
        text_of(part(&parts, "word/document.xml")).len()
    };
    assert_eq!(style(""), 2);
    assert_eq!(style("<w:jc w:val=\"left\"/>"), 1);
    assert_eq!(style("<w:numPr><w:numId w:val=\"3\"/></w:numPr>"), 1);
}
