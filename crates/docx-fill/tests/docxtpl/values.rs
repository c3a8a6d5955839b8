//! Values of docxtpl that become ours: one of two, those that `set` names, those that grow.

use super::support::{Docx, cell, paragraph, row, table};
use super::{Told, convert, data, fill, texts};
use docx_fill::diag::Severity;
use serde_json::json;

/// Converts a document that is translated whole, and returns its texts and what is told.
fn translated(content: &str) -> (Vec<u8>, Vec<String>, Vec<Told>) {
    let (out, told) = convert(Docx::new(content).bytes());
    assert_eq!(out.left, 0, "{content}: {told:#?}");
    (out.bytes.clone(), texts(&out.bytes), told)
}

#[test]
fn one_of_two_values_is_the_value_and_not_whether_there_is_one() {
    for (old, printed, is_told) in [
        ("{{ yes and name }}{{ empty and name }}", "Anna", false),
        ("{{ empty and name or n }}", "5", false),
        ("{% set who = empty or name %}{{ who }}", "Anna", true),
        ("{{ (empty or name)|upper }}", "ANNA", true),
        ("{{ 'Dear ' ~ (title or 'Sir') }}", "Dear Sir", true),
        ("{% if (empty or name) == 'Anna' %}A{% endif %}", "A", true),
        ("{% for x in missing or some_list %}{{ x }}{% endfor %}", "cab", true),
        ("{% if not (empty or no) and (name or no) %}A{% endif %}", "A", false),
        ("{% set both = n > 1 and n < 9 %}{% if both or no %}A{% endif %}", "A", false),
    ] {
        let (bytes, _, told) = translated(&paragraph(&old.replace('<', "&lt;")));
        assert_eq!(fill(&bytes, &data()), [printed], "{old}");
        assert_eq!(told.len(), usize::from(is_told), "{old}: {told:#?}");
        assert!(told.iter().all(|told| told.2.contains("0 and false are printed")), "{told:#?}");
    }
    for old in
        ["{{ (name and n) ~ '!' }}", "{{ (n > 9 or name)|upper }}", "{{ (name|length or 1) + 1 }}"]
    {
        let (out, told) = convert(Docx::new(&paragraph(old)).bytes());
        assert_eq!(out.left, 1, "{old}");
        assert!(told[0].2.contains("within another expression"), "{old}: {told:#?}");
    }
}

#[test]
fn a_cell_that_is_not_merged_is_translated_without_it() {
    let content = table(&[
        &row(&[cell("{%tr for p in people %}"), cell("")]),
        &row(&[cell("{% vm %}{{ p.name|upper }}"), cell("a")]),
        &row(&[cell("{%tr endfor %}"), cell("")]),
    ]) + &paragraph("z");
    let (out, told) = convert(Docx::new(&content).bytes());
    assert!(told.len() == 1 && told[0].2.contains("can be merged"), "{told:#?}");
    assert_eq!(out.left, 1, "{told:#?}");
    assert_eq!(texts(&out.bytes)[2], "{% vm %}{{upper p.name}}");
}

#[test]
fn what_a_tag_that_stays_sets_is_not_read_from_the_data() {
    for (set, name) in [
        ("{%- set x = name %}", "x"),
        ("{% set x, y = name, n %}", "y"),
        ("{% set (x, y) = pair %}", "x"),
        ("{% set x %}a{{ n }}{% endset %}", "x"),
        ("{%- set x %}a{{ n }}{% endset %}", "x"),
        ("{% set x = name ? 1 %}", "x"),
        ("{% set x = namespace(a=0) %}", "x"),
        ("{% import 'a.docx' as x %}", "x"),
        ("{% from 'a.docx' import a as x, y with context %}", "x"),
        ("{% from 'a.docx' import a as x, y with context %}", "y"),
    ] {
        let (out, told) = convert(Docx::new(&paragraph(&format!("{set}{{{{ {name} }}}}"))).bytes());
        let lost = format!("“{name}” comes from a tag that is not translated");
        assert!(told.iter().any(|told| told.2.contains(&lost)), "{set}: {told:#?}");
        assert!(texts(&out.bytes)[0].ends_with(&format!("{{{{ {name} }}}}")), "{set}");
    }
    let (out, _) = convert(Docx::new(&paragraph("{% set ns.n = 1 %}{{ n }}")).bytes());
    assert_eq!(texts(&out.bytes), ["{% set ns.n = 1 %}{{n}}"]);
}

#[test]
fn a_loop_is_no_value() {
    for old in [
        "{% for p in people %}{% set outer = loop %}{% for t in p.tags %}{{ outer.index }}{% endfor %}{% endfor %}",
        "{% for p in people %}{{ loop['index'] }}{% endfor %}",
    ] {
        let (out, told) = convert(Docx::new(&paragraph(old)).bytes());
        let is_told = told.iter().any(|told| told.2.contains("“loop” as a value has no equal"));
        assert!(is_told, "{old}: {told:#?}");
        assert!(!texts(&out.bytes)[0].contains("@root.loop"), "{old}: {:?}", texts(&out.bytes));
    }
    // Outside of loops it is a name of the data as any other.
    assert_eq!(translated(&paragraph("{{ loop.index }}")).1, ["{{loop.index}}"]);
}

#[test]
fn a_name_that_is_taken_again_does_not_hide_what_was_set_before() {
    let data = json!({ "xs": [
        { "n": 1, "sub": [{ "n": "a", "sub": ["c"] }, { "n": "b", "sub": ["d", "e"] }] },
        { "n": 2, "sub": [] },
    ] });
    for (old, printed) in [
        (
            "{% for x in xs %}{% for x in x.sub %}{{ loop.length }}{{ x.n }}{% for x in x.sub %}{{ x }}{{ loop.revindex }}{% endfor %}{% endfor %}{% endfor %}",
            "2ac12bd2e1",
        ),
        (
            "{% for x in xs %}{% set total = x.n %}{% for x in x.sub %}{{ total }}{{ x.n }}{% endfor %}{{ x.n }}{% endfor %}",
            "1a1b12",
        ),
        (
            "{% for x in xs %}{% for x_2 in x.sub %}{% for x in x_2.sub %}{{ x_2.n }}{{ x }}{% endfor %}{% endfor %}{% endfor %}",
            "acbdbe",
        ),
    ] {
        let (out, told) = convert(Docx::new(&paragraph(old)).bytes());
        assert!(told.iter().all(|found| found.0 == Severity::Info), "{old}: {told:#?}");
        assert_eq!(fill(&out.bytes, &data), [printed], "{old}: {:?}", texts(&out.bytes));
    }
    let old = "{% for x in xs %}{% set i = loop.index %}{{ i }}{% for y in x.sub %}{{ i }}{% endfor %}{% endfor %}";
    let (out, mut told) = convert(Docx::new(&paragraph(old)).bytes());
    told.retain(|found| found.0 != Severity::Info);
    assert!(told.len() == 1 && told[0].2.contains("the turns of an outer loop"), "{told:#?}");
    let wanted = "{{#each xs as |x|}}{{@number}}{{#each x.sub as |y|}}{{ i }}{{/each}}{{/each}}";
    assert_eq!(texts(&out.bytes), [wanted]);
}

#[test]
fn values_that_grow_from_tag_to_tag_are_refused_and_no_danger() {
    let doubling: Vec<String> =
        (1..60).map(|at| format!("{{% set a{at} = a{} ~ a{} %}}", at - 1, at - 1)).collect();
    let doubled = doubling.concat();
    let chain = (0..28).fold("b".to_owned(), |inner, at| format!("a{at} < ({inner}) < c"));
    for old in [doubled + "{{ a59 }}", format!("{{% if {chain} %}}A{{% endif %}}")] {
        let (_, told) = convert(Docx::new(&paragraph(&old.replace('<', "&lt;"))).bytes());
        let is_told = told.iter().any(|told| told.2.contains("longer than 4096 bytes"));
        assert!(is_told, "{told:#?}");
    }
}
