//! Owns the tests of style sheets.
//! Must not know documents.

use super::*;

fn fixture() -> StyleSheet {
    let text = include_str!("../../../tests/styles/styles.xml").to_owned();
    StyleSheet::parse(text, "p".to_owned()).unwrap()
}

fn sheet(styles: &str) -> StyleSheet {
    StyleSheet::parse(format!("<w:styles>{styles}</w:styles>"), "p".to_owned()).unwrap()
}

fn style(id: &str, inner: &str) -> String {
    format!("<w:style w:type=\"paragraph\" w:styleId=\"{id}\">{inner}</w:style>")
}

#[test]
fn line_spacing_comes_from_the_nearest_style() {
    let sheet = fixture();
    let line_spacing = |direct, paragraph| {
        let applied = AppliedStyles { paragraph, ..AppliedStyles::default() };
        sheet.line_spacing(direct, &applied)
    };
    let none = LineSpacing::default;
    let shown = |found: LineSpacing| {
        format!("{} {}", found.line.unwrap_or_default(), found.rule.unwrap_or_default())
    };
    for (id, found) in [
        (None, "560 exact"),
        // An unknown style, and one of another kind, are no style.
        (Some("unknown"), "560 exact"),
        (Some("Grid"), "560 exact"),
        // The first style of an identifier has it; former values of tracked changes are none.
        (Some("Twice"), "240 "),
        (Some("Changed"), "240 "),
        // A height without a rule does not take the rule of another height.
        (Some("Loose"), "300 "),
        (Some("Round"), "240 "),
    ] {
        assert_eq!(shown(line_spacing(none(), id)), found, "{id:?}");
    }
    let own = LineSpacing { line: None, rule: Some("exact".to_owned()) };
    assert_eq!(shown(line_spacing(own, Some("Loose"))), "300 exact");
    let own = LineSpacing { line: Some("9".to_owned()), rule: None };
    assert_eq!(shown(line_spacing(own, Some("Fixed"))), "9 ");
}

#[test]
fn run_properties_come_from_the_strongest_style() {
    let sheet = fixture();
    let size = |character, paragraph| {
        let applied = AppliedStyles { paragraph, character, ..AppliedStyles::default() };
        let found = sheet.find_run_property(&applied, "w:sz", &|_| true)?;
        let effective = sheet.effective_properties(&applied, &DirectFormatting::default());
        let value = effective.run.child_attribute("w:sz", "w:val");
        assert_eq!(value.as_deref(), found.property.value());
        Some((value?, found.style.map_or("", |style| &style.id)))
    };
    for (character, paragraph, value, id) in [
        (None, None, "21", ""),
        (Some("Letters"), Some("Sized"), "30", "Letters"),
        (Some("unknown"), Some("Untyped"), "40", "Sized"),
        (Some("Sized"), None, "21", ""),
    ] {
        assert_eq!(size(character, paragraph), Some((value.to_owned(), id)), "{id:?}");
    }
}

#[test]
fn names_levels_and_lists_are_those_of_the_first_style_in_force() {
    let sheet = fixture();
    let levels = ["Twice", "Changed", "Round", "unknown"].map(|id| sheet.outline_level(Some(id)));
    assert_eq!(levels, [Some(0), Some(1), None, None]);
    assert_eq!(sheet.default_style(StyleKind::Paragraph).map(|s| s.id.as_str()), Some("Last"));
    let find = |kind, name| sheet.find_by_name(kind, name).map(|style| style.id.as_str());
    assert_eq!(find(StyleKind::Paragraph, "Heading 1"), Some("Twice"));
    assert_eq!(find(StyleKind::Paragraph, "标题 1"), Some("Twice"));
    assert_eq!(find(StyleKind::Paragraph, "other"), None);
    assert_eq!(find(StyleKind::Paragraph, "UNTYPED"), Some("Untyped"));
    assert_eq!(find(StyleKind::Table, "table grid"), Some("Grid"));
    let list = |list: &str, level| ListReference { list: Some(list.to_owned()), level };
    assert_eq!(sheet.list_reference(Some("Untyped")), list("1", Some(1)));
    assert_eq!(sheet.list_reference(Some("Sized")), list("1", Some(2)));
    assert_eq!(sheet.list_reference(Some("Changed")), ListReference::default());
}

#[test]
fn effective_properties_are_all_that_a_style_rests_on() {
    let text = "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"A\" \
        w:eastAsia=\"B\"/><w:sz w:val=\"1\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>\
        <w:spacing w:after=\"9\" w:line=\"8\"/></w:pPr></w:pPrDefault></w:docDefaults>\
        <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/>\
        <w:rPr><w:rFonts w:ascii=\"C\"/></w:rPr></w:style><w:style w:type=\"paragraph\" \
        w:styleId=\"b\"><w:name w:val=\"X\"/><w:basedOn w:val=\"a\"/><w:pPr><w:spacing \
        w:after=\"0\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>";
    let sheet = sheet(text);
    let found = sheet.style_properties(sheet.get("b").unwrap());
    let paragraph = "<w:pPr><w:spacing w:line=\"8\" w:after=\"0\"/></w:pPr>";
    assert_eq!(found.paragraph.to_xml(), paragraph);
    let run = "<w:rPr><w:rFonts w:eastAsia=\"B\" w:ascii=\"C\"/><w:b/><w:sz w:val=\"1\"/></w:rPr>";
    assert_eq!(found.run.to_xml(), run);
}

#[test]
fn kinds_of_styles_act_in_their_order() {
    let run = |kind: &str, inner: &str| {
        format!("<w:style w:type=\"{kind}\" w:styleId=\"{kind}\"><w:rPr>{inner}</w:rPr></w:style>")
    };
    let sheet = sheet(
        &[
            run("character", "<w:b/><w:sz w:val=\"3\"/>"),
            run("table", "<w:b/><w:i/><w:sz w:val=\"1\"/><w:color w:val=\"FF0000\"/>"),
            run("paragraph", "<w:b/><w:sz w:val=\"2\"/>"),
        ]
        .concat(),
    );
    let shown = |table, paragraph, character, run| {
        let applied = AppliedStyles { table, paragraph, character, ..AppliedStyles::default() };
        let direct = DirectFormatting { run, ..DirectFormatting::default() };
        sheet.effective_properties(&applied, &direct).run.to_xml()
    };
    let color = "<w:color w:val=\"FF0000\"/>";
    assert_eq!(
        shown(Some("table"), None, None, ""),
        format!("<w:rPr><w:b/><w:i/>{color}<w:sz w:val=\"1\"/></w:rPr>")
    );
    assert_eq!(
        shown(Some("table"), Some("paragraph"), None, ""),
        format!("<w:rPr><w:b w:val=\"0\"/><w:i/>{color}<w:sz w:val=\"2\"/></w:rPr>")
    );
    assert_eq!(
        shown(Some("table"), Some("paragraph"), Some("character"), ""),
        format!("<w:rPr><w:b/><w:i/>{color}<w:sz w:val=\"3\"/></w:rPr>")
    );
    // Direct formatting is absolute.
    assert_eq!(
        shown(None, Some("paragraph"), None, "<w:rPr><w:b/><w:sz w:val=\"9\"/></w:rPr>"),
        "<w:rPr><w:b/><w:sz w:val=\"9\"/></w:rPr>"
    );
}

#[test]
fn regions_of_a_table_act_in_their_order() {
    let table = |id: &str, inner: &str| {
        format!("<w:style w:type=\"table\" w:styleId=\"{id}\">{inner}</w:style>")
    };
    let region = |id: &str, run: &str| {
        format!("<w:tblStylePr w:type=\"{id}\"><w:rPr>{run}</w:rPr></w:tblStylePr>")
    };
    let size = |number: u32| format!("<w:sz w:val=\"{number}\"/>");
    let base = [
        "<w:rPr><w:sz w:val=\"1\"/><w:color w:val=\"111111\"/></w:rPr>".to_owned(),
        "<w:tblPr><w:tblStyleRowBandSize w:val=\"3\"/></w:tblPr>".to_owned(),
        region("firstCol", &size(5)),
        region("band1Horz", "<w:i/>"),
    ];
    let derived = [
        "<w:basedOn w:val=\"base\"/>".to_owned(),
        "<w:rPr><w:color w:val=\"222222\"/></w:rPr>".to_owned(),
        region("firstRow", &format!("<w:b/>{}", size(4))),
        region("wholeTable", &size(2)),
    ];
    let paragraph = style("p", "<w:rPr><w:b/></w:rPr>");
    let all = table("base", &base.concat()) + &table("derived", &derived.concat()) + &paragraph;
    let sheet = sheet(&all);
    let shown = |regions: &[TableRegion], paragraph| {
        let regions = regions.iter().fold(TableRegions::default(), |all, own| all.with(*own));
        let applied = AppliedStyles { table: Some("derived"), regions, paragraph, character: None };
        let found = sheet.effective_properties(&applied, &DirectFormatting::default());
        let size = sheet.find_run_property(&applied, "w:sz", &|_| true).expect("a size");
        assert_eq!(found.run.child_attribute("w:sz", "w:val").as_deref(), size.property.value());
        found.run.to_xml()
    };
    let color = "<w:color w:val=\"222222\"/>";
    assert_eq!(shown(&[], None), format!("<w:rPr>{color}{}</w:rPr>", size(2)));
    let first_row = format!("<w:rPr><w:b/>{color}{}</w:rPr>", size(4));
    assert_eq!(shown(&[TableRegion::FirstRow], None), first_row);
    // The first column overrides the first row, although the base style gives it.
    let corner = [TableRegion::FirstRow, TableRegion::FirstColumn, TableRegion::OddRows];
    let both = format!("<w:rPr><w:b/><w:i/>{color}{}</w:rPr>", size(5));
    assert_eq!(shown(&corner, None), both);
    // Bold from the table and bold from the paragraph's style turn each other off.
    let off = format!("<w:rPr><w:b w:val=\"0\"/>{color}{}</w:rPr>", size(4));
    assert_eq!(shown(&[TableRegion::FirstRow], Some("p")), off);
    assert_eq!(sheet.region_bands(Some("derived")), Some(BandSizes { rows: 3, columns: 1 }));
    assert_eq!(sheet.region_bands(Some("p")), None);
}

#[test]
fn chains_end_in_time() {
    for (length, found) in [(MAX_STYLE_CHAIN, Some(1)), (MAX_STYLE_CHAIN + 1, None)] {
        let mut styles: String = (1..length)
            .map(|at| style(&format!("s{at}"), &format!("<w:basedOn w:val=\"s{}\"/>", at + 1)))
            .collect();
        let last = "<w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr>";
        styles.push_str(&style(&format!("s{length}"), last));
        assert_eq!(sheet(&styles).outline_level(Some("s1")), found, "{length}");
    }
}

#[test]
fn bytes_of_the_part_lead_to_style_and_property() {
    let sheet = fixture();
    let at = |what: &str| sheet.text().find(what).unwrap();
    let size = at("<w:sz w:val=\"40\"");
    assert_eq!(sheet.style_at(size).map(|style| style.id.as_str()), Some("Sized"));
    assert_eq!(sheet.property_at(size).and_then(PropertyElement::value), Some("40"));
    let default = at("<w:sz w:val=\"21\"");
    assert!(sheet.style_at(default).is_none());
    assert_eq!(sheet.property_at(default).and_then(PropertyElement::value), Some("21"));
    assert!(sheet.property_at(default + 1).is_none());
}
