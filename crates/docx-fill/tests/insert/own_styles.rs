//! Proves that an inserted document can keep its own styles, with the fonts and colors of its theme.

use super::{
    Docx, attribute_values, files, fill, filled, json, paragraph, part, style, styled, with_styles,
};

#[test]
fn styles_can_keep_their_looks() {
    let normal = |size: u32| {
        format!(
            "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/>\
             <w:rPr><w:sz w:val=\"{size}\"/></w:rPr></w:style>"
        )
    };
    let heading = style("paragraph", "1", "heading 1", "<w:basedOn w:val=\"Normal\"/>");
    let content = [paragraph("文"), "<w:p/>".to_owned(), styled("1", "题")].concat();
    let inner = with_styles(&content, &(normal(32) + &heading));
    let files = files(&[("a.docx", inner.bytes())]);
    let host = |tag: &str| {
        let own = style("paragraph", "Heading1", "heading 1", "");
        with_styles(&paragraph(tag), &(normal(21) + &own))
    };
    for tag in ["{{document \"a.docx\" styles=\"own\"}}", "{{d}}"] {
        let data = json!({"d": {"document": "a.docx", "styles": "own"}});
        let parts = filled(&host(tag), &data, &files);
        let used = attribute_values(part(&parts, "word/document.xml"), "w:pStyle", "w:val");
        assert_eq!(used, ["Normal-2", "Normal-2", "1"]);
        let styles = part(&parts, "word/styles.xml");
        assert!(
            styles.contains("<w:name w:val=\"normal (2)\"/><w:rPr><w:sz w:val=\"32\"/>"),
            "{styles}"
        );
        assert!(styles.contains("\"heading 1 (2)\"/><w:basedOn w:val=\"Normal-2\"/>"), "{styles}");
        assert_eq!(styles.matches("w:default=").count(), 1);
    }
    let parts = filled(&host("{{document \"a.docx\"}}"), &json!({}), &files);
    let used = attribute_values(part(&parts, "word/document.xml"), "w:pStyle", "w:val");
    assert_eq!(used, ["Heading1"]);
    let wrong = fill(&host("{{document \"a.docx\" styles=\"mine\"}}"), &json!({}), &files);
    assert_eq!(wrong.unwrap_err()[0].0, "helper-arguments");
}

fn with_theme(mut docx: Docx, latin: &str, hans: &str, accent: &str) -> Docx {
    let theme = format!(
        "<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"><a:themeElements><a:clrScheme name=\"c\"><a:accent1><a:srgbClr val=\"{accent}\"/>\
         </a:accent1></a:clrScheme><a:fontScheme name=\"f\"><a:minorFont><a:latin typeface=\"{latin}\"/>\
         <a:ea typeface=\"\"/><a:font script=\"Hans\" typeface=\"{hans}\"/></a:minorFont></a:fontScheme>\
         </a:themeElements></a:theme>"
    );
    docx.add("word/theme/theme1.xml", &theme);
    docx.add_relationship("theme", "theme/theme1.xml", false);
    let settings = "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:themeFontLang w:eastAsia=\"zh-CN\"/></w:settings>";
    docx.add("word/settings.xml", settings);
    docx.add_relationship("settings", "settings.xml", false);
    docx
}

#[test]
fn fonts_and_colors_of_another_theme_stay_what_they_are() {
    let defaults = "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme=\"minorHAnsi\" \
        w:eastAsiaTheme=\"minorEastAsia\" w:cstheme=\"minorBidi\"/></w:rPr></w:rPrDefault></w:docDefaults>";
    let normal = "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/></w:style>";
    let title =
        style("paragraph", "t", "mine", "<w:rPr><w:rFonts w:hAnsiTheme=\"minorHAnsi\"/></w:rPr>");
    let run = "<w:p><w:r><w:rPr><w:rFonts w:hint=\"eastAsia\" w:eastAsiaTheme=\"minorEastAsia\"/>\
        <w:color w:val=\"112233\" w:themeColor=\"accent1\" w:themeShade=\"BF\"/></w:rPr><w:t>文</w:t></w:r></w:p>";
    let document = |latin, hans, accent| {
        let content = [run, &styled("t", "题")].concat();
        with_theme(with_styles(&content, &[defaults, normal, &title].concat()), latin, hans, accent)
    };
    let host = |tag: &str| {
        let own = with_styles(&paragraph(tag), &[defaults, normal].concat());
        with_theme(own, "Calibri", "宋体", "FF0000")
    };
    let filled = |inner: &Docx, tag: &str| {
        let files = files(&[("a.docx", inner.bytes())]);
        let parts = filled(&host(tag), &json!({}), &files);
        [part(&parts, "word/document.xml"), part(&parts, "word/styles.xml")].map(str::to_owned)
    };
    let other = document("Arial", "楷体", "00FF00");
    let [body, styles] = filled(&other, "{{document \"a.docx\" styles=\"own\"}}");
    let named = "<w:rFonts w:hint=\"eastAsia\" w:eastAsia=\"楷体\"/><w:color w:val=\"112233\"/>";
    assert!(body.contains(named), "{body}");
    // The fonts that the document defaults give go into the styles that rest on nothing else.
    let mine = "w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:eastAsia=\"楷体\"/>";
    assert!(styles.contains(mine), "{styles}");
    let own = "w:cstheme=\"minorBidi\" w:ascii=\"Arial\" w:eastAsia=\"楷体\"/>";
    assert!(styles.contains(own), "{styles}");
    // With the styles of the target goes its theme; and one theme means the same in both documents.
    let themed = "w:eastAsiaTheme=\"minorEastAsia\"/><w:color w:val=\"112233\" w:themeColor=\"accent1\" w:themeShade=\"BF\"/>";
    assert!(filled(&other, "{{document \"a.docx\"}}")[0].contains(themed));
    let same = document("Calibri", "宋体", "FF0000");
    assert!(filled(&same, "{{document \"a.docx\" styles=\"own\"}}")[0].contains(themed));
}
