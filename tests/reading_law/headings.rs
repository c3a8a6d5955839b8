//! The law of headings: however they are numbered, the texts stay in their parts; where a heading is lost, it is said.

use super::{check, import, random, random_report, rounds, sample, shows, texts, with_body};
use crate::common;
use docx_fill::diag::Severity;
use nianbao::form::FormRegistry;

const NUMERALS: [&str; 9] = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A heading under another number, or under none.
fn numbered(bare: &str, number: usize, style: usize) -> String {
    let (own, shifted) = (NUMERALS[number], NUMERALS[number + 1]);
    match style {
        0 => format!("第{own}部分　{bare}"),
        1 => format!("（{own}）{bare}"),
        2 => bare.to_owned(),
        3 => format!("{shifted}、{bare}"),
        4 => format!("{}. {bare}", number + 1),
        5 => format!("{own}．{bare}"),
        6 => format!("第{shifted}部分 {bare}"),
        7 => format!("{} {bare}", ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "Ⅵ"][number]),
        8 => format!("{}、{bare}", ["壹", "贰", "叁", "肆", "伍", "陆"][number]),
        _ => format!("({own}){bare}："),
    }
}

#[test]
fn texts_stay_in_their_parts_however_headings_are_numbered() {
    let library = FormRegistry::built_in();
    let (report, parts, xml) = sample();
    let (alone, _) = import(&with_body(&parts, &xml), &library);
    for style in 0..10 {
        let mut other = xml.clone();
        let headings = report.form.sections.iter().filter_map(|section| section.heading.as_ref());
        for (number, heading) in headings.enumerate() {
            let bare = heading.split_once('、').map_or(heading.as_str(), |(_, bare)| bare);
            let from = format!(">{heading}<");
            assert!(other.contains(&from), "{heading}");
            other = other.replacen(&from, &format!(">{}<", numbered(bare, number, style)), 1);
        }
        let (read, found) = import(&with_body(&parts, &other), &library);
        let grave = found.iter().filter(|one| one.severity == Severity::Error).count();
        assert_eq!(grave, 0, "style {style}: {found:#?}");
        assert_eq!(texts(&alone), texts(&read), "style {style}: {found:#?}");
        assert_eq!(check(&alone, &read, &found, "headings"), 0, "style {style}");
    }
}

#[test]
fn a_heading_ends_at_a_line_break_behind_its_mark() {
    let library = FormRegistry::built_in();
    let (report, parts, xml) = sample();
    let (alone, _) = import(&with_body(&parts, &xml), &library);
    let number = report.form.sections.iter().position(|section| section.heading.is_some());
    let number = number.expect("a section with a heading");
    let heading = report.form.sections[number].heading.as_ref().expect("a heading");
    for break_xml in ["<w:br/>", "<w:t>　</w:t><w:br/>"] {
        let from = format!(">{heading}</w:t>");
        let to = format!(">{heading}：</w:t>{break_xml}<w:t>另有一段。</w:t>");
        let other = xml.replacen(&from, &to, 1);
        assert_ne!(other, xml);
        let (read, found) = import(&with_body(&parts, &other), &library);
        let mut expected = texts(&alone);
        let own = expected.iter_mut().find(|(section, _, _)| *section == number).expect("a text");
        own.2 = format!("另有一段。\n\n{}", own.2);
        assert_eq!(texts(&read), expected, "{found:#?}");
        assert_eq!(shows(&found, "word.heading"), 0, "{found:#?}");
    }
}

#[test]
fn a_lost_heading_is_said() {
    let library = FormRegistry::built_in();
    let mut random = random(0x3C3C_9A9A_5E5E_1717, 0);
    for number in 0..rounds() / 10 {
        let report =
            random_report(if number % 2 == 0 { 2025 } else { 2020 }, &mut random, &library);
        let parts = common::parts(&super::build(&report));
        let xml = String::from_utf8(parts["word/document.xml"].clone()).expect("UTF-8");
        let (alone, _) = import(&with_body(&parts, &xml), &library);
        let headings: Vec<&String> =
            report.form.sections.iter().filter_map(|section| section.heading.as_ref()).collect();
        let lost = headings[random.below(headings.len())];
        let other = xml.replacen(&format!(">{lost}<"), ">其他有关说明<", 1);
        assert_ne!(other, xml, "{lost}");
        let (read, found) = import(&with_body(&parts, &other), &library);
        let told = found.iter().any(|one| one.severity != Severity::Info);
        let said = told || shows(&found, "word.heading") > 0;
        assert!(said || texts(&alone) == texts(&read), "round {number}, {lost}: {found:#?}");
    }
}
