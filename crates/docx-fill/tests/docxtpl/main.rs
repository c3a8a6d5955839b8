//! Translating templates of docxtpl: what has an equal becomes it and gives the same text, what has none stays to the
//! byte and is told. What docxtpl itself writes is compared in `tests/external/peers.rs` of the program.

#[path = "../support/mod.rs"]
mod support;
mod values;

use docx_fill::PackageLimits;
use docx_fill::diag::{Lang, Location, Severity, Sink, Sources};
use docx_fill::docxtpl::{ConvertedTemplate, convert_template};
use docx_fill::template::{CompiledTemplate, RenderOptions, RenderedDocx};
use serde_json::{Value, json};
use support::{Docx, cell, paragraph, part, parts, row, runs, table, text_of};

const DOCUMENT: &str = "word/document.xml";

/// Severity, rule, and message with hints in English.
type Told = (Severity, String, String);

fn convert(bytes: Vec<u8>) -> (ConvertedTemplate, Vec<Told>) {
    let source = Sources::default().add_binary("t.docx");
    let mut sink = Sink::new();
    let out = convert_template(bytes, source, &PackageLimits::default(), &mut sink);
    let told = sink.into_sorted().into_iter().map(|found| {
        assert!(matches!(found.location, Location::Word(..)), "{found:?}");
        let mut words = found.message.in_lang(Lang::En);
        for hint in &found.hints {
            words += " | ";
            words += &hint.in_lang(Lang::En);
        }
        (found.severity, found.rule.into_owned(), words)
    });
    (out.expect("a document"), told.collect())
}

/// The texts of the paragraphs of a document's body.
fn texts(bytes: &[u8]) -> Vec<String> {
    text_of(part(&parts(bytes), DOCUMENT))
}

fn data() -> Value {
    json!({
        "name": "Anna", "empty": "", "n": 5, "price": 1234.5, "yes": true, "no": false, "day": "2026-01-20",
        "date": "today", "some_list": ["c", "a", "b"], "numbers": [3, 1, 2],
        "people": [
            { "name": "Bo", "age": 30, "tags": ["x", "y"] },
            { "name": "Al", "age": 20, "tags": [] },
        ],
        "prices": { "tea": 2, "milk": 1 },
        "pairs": [["a"], [["b"]]], "org": { "head": { "name": "Cy" }, "full name": "The Office" },
    })
}

fn fill(template: &[u8], data: &Value) -> Vec<String> {
    let source = Sources::default().add_binary("t.docx");
    let mut sink = Sink::new();
    let template = CompiledTemplate::parse(template, source, &mut sink);
    let options = RenderOptions { allow_missing: true, ..RenderOptions::default() };
    let out = template.and_then(|template| template.render(data, &(), &options, &mut sink));
    let told: Vec<_> =
        sink.into_sorted().iter().map(|found| found.message.in_lang(Lang::En)).collect();
    texts(&out.map_or_else(|| panic!("{told:#?}"), RenderedDocx::into_bytes))
}

/// A text of docxtpl, ours, and what both print.
const SAME: &[(&str, &str, &str)] = &[
    ("{{ name }}", "{{name}}", "Anna"),
    ("{{name}}{{ org.head.name }}", "{{name}}{{org.head.name}}", "AnnaCy"),
    ("{{ org[\"full name\"] }}", "{{org.[full name]}}", "The Office"),
    ("{{ org['head'].name }}", "{{org.head.name}}", "Cy"),
    ("{{ some_list[0] }}{{ some_list[-1] }}", "{{some_list.[0]}}{{last some_list}}", "cb"),
    ("{{ date }}", "{{@root.date}}", "today"),
    ("{{ “quoted” ~ name }}", "{{concat \"quoted\" name}}", "quotedAnna"),
    ("{{ 'text' }} {{ 12 }}", "text 12", "text 12"),
    ("{{ name|upper }} {{ name | lower }}", "{{upper name}} {{lower name}}", "ANNA anna"),
    ("{{ 'aBC'|capitalize }}", "{{capitalize (lower \"aBC\")}}", "Abc"),
    ("{{ name.upper() }}", "{{upper name}}", "ANNA"),
    ("{{ some_list|join(', ') }}", "{{join some_list \", \"}}", "c, a, b"),
    ("{{ ', '.join(some_list) }}", "{{join some_list \", \"}}", "c, a, b"),
    ("{{ people|join('/', attribute='name') }}", "{{join (pluck people \"name\") \"/\"}}", "Bo/Al"),
    ("{{ people|map(attribute='name')|join }}", "{{join (pluck people \"name\") \"\"}}", "BoAl"),
    ("{{ people|sum(attribute='age') }}", "{{sum people \"age\"}}", "50"),
    ("{{ people|length }} {{ some_list|first }}", "{{len people}} {{first some_list}}", "2 c"),
    ("{{ numbers|max }}{{ numbers|min }}", "{{max numbers}}{{min numbers}}", "31"),
    ("{{ name|replace('n', 'm') }}", "{{replace name \"n\" \"m\"}}", "Amma"),
    (
        "{{ n + 1 }} {{ n - 2 }} {{ n * 3 }} {{ n % 3 }}",
        "{{add n 1}} {{subtract n 2}} {{multiply n 3}} {{mod n 3}}",
        "6 3 15 2",
    ),
    ("{{ -n|abs }} {{ -1 }}", "{{abs (subtract 0 n)}} -1", "5 -1"),
    ("{{ 'Dear ' + name }}", "{{concat \"Dear \" name}}", "Dear Anna"),
    ("{{ 'yes' if n > 3 else 'no' }}", "{{#if (gt n 3)}}yes{{else}}no{{/if}}", "yes"),
    ("{{ empty or name }}", "{{#if empty}}{{empty}}{{else}}{{name}}{{/if}}", "Anna"),
    ("{{ name|e }}", "{{name}}", "Anna"),
    (
        "{{ true }} {{ None }} {{ 'a' ~ false }}",
        "True None {{concat \"a\" \"False\"}}",
        "True None aFalse",
    ),
    ("{{ 1.50 }} {{ 2.00 }} {{ 20 }}", "1.5 2.0 20", "1.5 2.0 20"),
    ("{{ pairs.1.0.0 }}", "{{pairs.[1].[0].[0]}}", "b"),
    (
        "{% if yes and not no %}A{% elif n == 5 %}B{% else %}C{% endif %}",
        "{{#if (and yes (not no))}}A{{else if (eq n 5)}}B{{else}}C{{/if}}",
        "A",
    ),
    (
        "{% if n != 5 or name in ('x') %}A{% else %}B{% endif %}",
        "{{#if (or (ne n 5) (contains \"x\" name))}}A{{else}}B{{/if}}",
        "B",
    ),
    ("{% if 1 < n <= 5 %}A{% endif %}", "{{#if (and (lt 1 n) (lte n 5))}}A{{/if}}", "A"),
    (
        "{% if n is odd %}A{% endif %}{% if n is not divisibleby 5 %}B{% endif %}",
        "{{#if (eq (mod n 2) 1)}}A{{/if}}{{#if (not (eq (mod n 5) 0))}}B{{/if}}",
        "A",
    ),
    (
        "{% for p in people %}{{ loop.index }}{{ p.name }}{{ n }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "{{#each people as |p|}}{{@number}}{{p.name}}{{@root.n}}{{#if (not @last)}}, {{/if}}{{/each}}",
        "1Bo5, 2Al5",
    ),
    (
        "{% for p in people %}{% for t in p.tags %}{{ t }}{{ p.name }}{{ loop.revindex }}{% else %}-{% endfor %}{% endfor %}",
        "{{#each people as |p|}}{{#each p.tags as |t|}}{{t}}{{p.name}}{{subtract (len p.tags) @index}}{{else}}-{{/each}}{{/each}}",
        "xBo2yBo1-",
    ),
    (
        "{% for date in some_list %}{{ date }}{{ loop.length }}{% endfor %}",
        "{{#each some_list as |date_|}}{{date_}}{{len @root.some_list}}{{/each}}",
        "c3a3b3",
    ),
    (
        "{% for k, v in prices.items() %}{{ k }}={{ v }};{% endfor %}",
        "{{#each prices as |v k|}}{{k}}={{v}};{{/each}}",
        "tea=2;milk=1;",
    ),
    (
        "{% for p in people if p.age > 25 %}{{ p.name }}{% endfor %}",
        "{{#each (filter people \"age\" gt=25) as |p|}}{{p.name}}{{/each}}",
        "Bo",
    ),
    (
        "{% for p in people|selectattr('age', 'equalto', 20) %}{{ p.name }}{% endfor %}",
        "{{#each (filter people \"age\" eq=20) as |p|}}{{p.name}}{{/each}}",
        "Al",
    ),
    (
        "{% for p in people|sort(attribute='age', case_sensitive=true) %}{{ p.name }}{% endfor %}",
        "{{#each (sort people \"age\") as |p|}}{{p.name}}{{/each}}",
        "AlBo",
    ),
    (
        "{% for pair in numbers|batch(2) %}[{{ pair|join('') }}]{% endfor %}",
        "{{#each (chunk numbers 2) as |pair|}}[{{join pair \"\"}}]{{/each}}",
        "[31][2]",
    ),
    (
        "{% set who = org.head.name %}{% for p in people %}{{ who }}{% set q = p.name %}{{ q }}{% endfor %}",
        "{{#each people as |p|}}{{@root.org.head.name}}{{p.name}}{{/each}}",
        "CyBoCyAl",
    ),
    (
        "{% for k in prices %}{{ k }}={{ prices[k] }};{% endfor %}",
        "{{#each prices as |k_value k|}}{{k}}={{lookup @root.prices k}};{{/each}}",
        "tea=2;milk=1;",
    ),
    (
        "{{ prices.tea }}{% for k in prices %}{{ k }}{% if k in some_list %}!{% endif %}{% endfor %}",
        "{{prices.tea}}{{#each prices as |k_value k|}}{{k}}{{#if (contains @root.some_list k)}}!{{/if}}{{/each}}",
        "2teamilk",
    ),
    (
        "{% for p in people %}{{ p['name'] }}{% endfor %}{% for k in org.head %}{{ k }}{% endfor %}{{ org.head.name }}",
        "{{#each people as |p|}}{{p.name}}{{/each}}{{#each org.head as |k_value k|}}{{k}}{{/each}}{{org.head.name}}",
        "BoAlnameCy",
    ),
    ("a{# a note #}b", "a{{!-- a note --}}b", "ab"),
    ("{_{ name }_} {_% x %_}", "\\{{ name }} {% x %}", "{{ name }} {% x %}"),
    ("C:\\{{ name }}", "C:\\\\{{name}}", "C:\\Anna"),
    ("{%r if yes %}A{%r endif %}", "{{#if yes}}A{{/if}}", "A"),
];

#[test]
fn what_has_an_equal_becomes_it() {
    for (old, ours, printed) in SAME {
        let (out, mut told) =
            convert(Docx::new(&paragraph(&old.replace('&', "&amp;").replace('<', "&lt;"))).bytes());
        // Of a loop that shows no more, it is said that it may go through a group.
        told.retain(|found| found.0 != Severity::Info);
        assert!(told.is_empty(), "{old}: {told:#?}");
        assert_eq!(texts(&out.bytes), [*ours], "{old}");
        assert_eq!(fill(&out.bytes, &data()), [*printed], "{old}");
        assert_eq!(out.left, 0, "{old}");
    }
}

/// The things that a loop with one name goes through are known by the tags around, or it is said that it may be a group.
#[test]
fn loops_through_names_are_known_or_told() {
    let remarks = |old: &str| {
        let (_, told) = convert(Docx::new(&paragraph(old)).bytes());
        let remarks = told.iter().filter(|found| found.0 == Severity::Info);
        remarks.filter(|found| found.2.contains("goes through its names")).count()
    };
    assert_eq!(remarks("{% for k in d %}{{ k }}{% endfor %}"), 1);
    // Once for each list.
    assert_eq!(
        remarks("{% for k in d %}{{ k }}{% endfor %}{% for m in d %}{{ m }}{% endfor %}"),
        1
    );
    assert_eq!(
        remarks("{% for k in d %}{{ k }}{% endfor %}{% for k in e %}{{ k }}{% endfor %}"),
        2
    );
    assert_eq!(remarks("{% for k in d %}{{ k.a }}{% endfor %}"), 0);
    assert_eq!(remarks("{% for k in d if k.a %}{{ k }}{% endfor %}"), 0);
    assert_eq!(remarks("{% for k in d %}{{ k['a']|upper }}{% endfor %}"), 0);
    assert_eq!(remarks("{% for k in d %}{{ d[k] }}{% endfor %}"), 0);
    assert_eq!(remarks("{% for k in d|sort(attribute='a') %}{{ k }}{% endfor %}"), 0);
    assert_eq!(remarks("{% for k, v in d.items() %}{{ k }}{% endfor %}"), 0);
    assert_eq!(remarks("{% for k in d %}{{ k }}{% endfor %}{{ d.0 }}{{ d.length }}{{ d[1] }}"), 1);
    // The member is one of another item of the same name.
    let inner = "{% for k in d %}{% for k in e %}{{ k.a }}{% endfor %}{{ k }}{% endfor %}";
    assert_eq!(remarks(inner), 1);
    // What an item of a list holds is known of no other item.
    let outer = "{% for r in rows %}{% for k in r.d %}{{ k }}{% endfor %}{{ r.d.a }}{% endfor %}";
    assert_eq!(remarks(outer), 1);
}

/// A text of docxtpl, ours, what ours prints, and a part of what is told.
const DIFFERENT: &[(&str, &str, &str, &str)] = &[
    ("{{ missing|default('-') }}", "{{default missing \"-\"}}", "-", "for an empty text as well"),
    ("{{ price|round(1) }}", "{{round price 1}}", "1234.5", "without the “.0”"),
    ("{{ price|round|int }}", "{{round price 0}}", "1235", "exact decimals"),
    ("{{ '%.2f'|format(price) }}", "{{fixed price 2}}", "1234.50", "exact decimals"),
    (
        "{{ '%.1f km' % price }}",
        "{{concat \"\" (fixed price 1) \" km\"}}",
        "1234.5 km",
        "exact decimals",
    ),
    ("{{ '{:,.2f}'.format(price) }}", "{{thousands price 2}}", "1,234.50", "exact decimals"),
    (
        "{{ day.strftime('%d.%m.%Y') }}",
        "{{date day \"dd.MM.yyyy\" lang=\"en\"}}",
        "20.01.2026",
        "a date as text",
    ),
    (
        "{{ some_list|sort|join }}",
        "{{join (sort some_list) \"\"}}",
        "abc",
        "capitals are told apart",
    ),
    (
        "{% for age, them in people|groupby('age') %}{{ age }}{{ them|length }}{% endfor %}",
        "{{#each (group (sort people \"age\") \"age\") as |age_them|}}{{age_them.key}}{{len age_them.items}}{{/each}}",
        "201301",
        "capitals are told apart",
    ),
    ("{{ n == 5 }}", "{{eq n 5}}", "true", "Python prints True"),
    ("{{r name }}", "{{name}}", "Anna", "format of the tag"),
    ("{% set a = n == 5 %}{{ a }}", "{{eq @root.n 5}}", "true", "Python prints True"),
    ("{{ 'x' ~ (n == 5) }}", "{{concat \"x\" (eq n 5)}}", "xtrue", "Python prints True"),
    ("{{ '%s!' % (n == 5) }}", "{{concat \"\" (eq n 5) \"!\"}}", "true!", "Python prints True"),
    ("{{ price * 0.1 }}", "{{multiply price 0.1}}", "123.45", "exact decimals"),
    ("{% if n == '5' %}A{% endif %}", "{{#if (eq n \"5\")}}A{{/if}}", "A", "a text of digits"),
    (
        "{% if '3' in numbers %}A{% endif %}",
        "{{#if (contains numbers \"3\")}}A{{/if}}",
        "A",
        "digits",
    ),
    ("{% if day != none %}A{% endif %}", "{{#if (ne day null)}}A{{/if}}", "A", "counts as none"),
];

#[test]
fn what_differs_is_told() {
    for (old, ours, printed, wanted) in DIFFERENT {
        let (out, told) = convert(Docx::new(&paragraph(old)).bytes());
        assert_eq!(texts(&out.bytes), [*ours], "{old}");
        assert_eq!(fill(&out.bytes, &data()), [*printed], "{old}");
        let [(Severity::Warning, rule, words)] = told.as_slice() else {
            panic!("{old}: {told:#?}")
        };
        assert_eq!(rule, "docxtpl-differs", "{old}");
        assert!(words.contains(wanted), "{old}: {words}");
    }
}

/// A text of docxtpl that stays, and a part of what is told.
const STAYS: &[(&str, &str)] = &[
    ("{{ name|wordcount }}", "the filter “wordcount”"),
    ("{{ name|center(3) }}", "the filter “center”"),
    ("{{ name|replace('a', 'b', 1) }}", "“replace” has no equal with these values"),
    ("{{ name is defined }}", "“is defined”"),
    ("{{ name.title() }}", "the method “title”"),
    ("{{ url_for('x') }}", "“url_for” is a function"),
    ("{{ a + b }}", "may add numbers or join texts"),
    ("{{ n / 2 }}", "“/” has no equal"),
    ("{{ [1, 2] }}", "written out in a tag"),
    ("{{ some_list[1:] }}", "a part of a list"),
    ("{{ (name if n else day)|upper }}", "within another expression"),
    ("{{ name ? 1 }}", "“? 1” is no expression"),
    ("{{ }}", "no expression"),
    ("{{ people|max(attribute='age') }}", "“max” has no equal with these values"),
    (
        "{% for p in people %}{% for k in p.prices %}{{ p.prices[k] }}{% endfor %}{% endfor %}",
        "“k” goes through the names of a group",
    ),
    ("{{ 'a\\nb' }}", "quotes of both kinds"),
    ("{{ name", "the tag has no end"),
    ("{{ day.strftime('%j') }}", "the pattern “%j”"),
    ("{% for i in range(3) %}{{ i }}{% endfor %}", "“range” is a function"),
    ("{% for x in some_list %}{{ loop.cycle('a', 'b') }}{% endfor %}", "the method “cycle”"),
    ("{% for x in some_list %}{{ loop.depth }}{% endfor %}", "“loop.depth”"),
    ("{% for x in some_list if x %}{{ x }}{% endfor %}", "this condition of a loop"),
    ("{% for g in people|groupby('age') %}{{ g.grouper }}{% endfor %}", "only with two names"),
    ("{% for x in some_list recursive %}{{ x }}{% endfor %}", "calls itself"),
    ("{% macro f(a) %}{{ a }}{% endmacro %}", "the statement “macro”"),
    ("{% include 'x.docx' %}", "the statement “include”"),
    ("{% hm %}", "the statement “hm”"),
    ("{% vm %}", "only a cell that says the same"),
    ("{% if yes %}{% set a = 1 %}{% endif %}", "under a condition"),
    ("{% if yes %}", "not closed"),
    ("{% endif %}", "no block is open"),
    ("{% else %}", "no block is open"),
    ("{%- if yes %}A{% endif %}", "“-” joins it"),
    ("{{ a -}} b", "“-” joins it"),
    ("{%p if yes %}{%p endif %}", "its paragraph holds other things"),
    ("{%tc for x in some_list %}{%tc endfor %}", "each row repeats for itself"),
    ("{%tr if yes %}{%tr endif %}", "its row holds other things"),
    ("{{tc name }}", "that the program makes"),
    ("{#tr x #}", "takes away its row"),
];

#[test]
fn what_has_no_equal_stays_and_is_told() {
    for (old, wanted) in STAYS {
        let bytes = Docx::new(&paragraph(old)).bytes();
        let (out, told) = convert(bytes.clone());
        let errors: Vec<_> = told.iter().filter(|told| told.0 == Severity::Error).collect();
        let [(_, rule, words)] = errors.as_slice() else {
            // Both tags of these are at fault, for the same reason.
            assert!(!errors.is_empty(), "{old}");
            assert!(errors.iter().all(|told| told.1 == "docxtpl-stays"), "{old}: {told:#?}");
            assert!(errors[0].2.contains(wanted), "{old}: {told:#?}");
            continue;
        };
        assert_eq!(rule, "docxtpl-stays", "{old}");
        assert!(words.contains(wanted) && words.contains(" | "), "{old}: {words}");
        assert!(out.left > 0, "{old}");
    }
}

#[test]
fn a_block_with_a_tag_that_has_no_equal_stays_whole_and_the_rest_is_translated() {
    let old = "{{ name }}{% for x in range(2) %}{{ x }}{{ name }}{% endfor %}{{ n }}";
    let bytes = Docx::new(&paragraph(old)).bytes();
    let (out, told) = convert(bytes);
    let wanted = "{{name}}{% for x in range(2) %}{{ x }}{{ name }}{% endfor %}{{n}}";
    assert_eq!(texts(&out.bytes), [wanted]);
    assert_eq!((out.translated, out.left, told.len()), (2, 4, 1), "{told:#?}");
}

#[test]
fn what_stays_is_not_told_to_differ() {
    let (_, told) = convert(Docx::new(&paragraph("{% if n == 1 %}{{ n|round }}{% hm %}")).bytes());
    assert!(told.iter().all(|told| told.0 == Severity::Error), "{told:#?}");
}

#[test]
fn a_document_without_an_equal_stays_to_the_byte() {
    let content = paragraph("{{ name|wordcount }}");
    let before = Docx::new(&content).bytes();
    let (out, _) = convert(before.clone());
    assert_eq!(parts(&out.bytes), parts(&before));
}

#[test]
fn paragraphs_and_rows_of_tags_govern_whole_paragraphs_and_rows() {
    let content = [
        paragraph("{%p if yes %}"),
        paragraph("A {{ name }}"),
        paragraph("{%p else %}"),
        paragraph("B"),
        paragraph("{%p endif %}"),
        paragraph("{#p gone #}"),
        paragraph("{%p set who = name %}"),
        table(&[
            &row(&[cell("head"), cell("age")]),
            &row(&[cell("{%tr for p in people %}"), cell("")]),
            &row(&[cell("{{ p.name }} {{ who }}"), cell("{{ p.age }}")]),
            &row(&[cell("{%tr endfor %}"), cell("")]),
        ]),
        paragraph("end"),
    ];
    let (out, told) = convert(Docx::new(&content.concat()).bytes());
    assert!(told.is_empty(), "{told:#?}");
    let wanted = ["A Anna", "head", "age", "Bo Anna", "30", "Al Anna", "20", "end"];
    assert_eq!(fill(&out.bytes, &data()), wanted);
}

#[test]
fn tags_in_splinters_keep_the_format_of_their_first_character() {
    let content = runs(&["a {", "{ na", "me }", "} b"])
        + "<w:p><w:r><w:t>x{%</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t> if yes </w:t></w:r>\
           <w:r><w:t>%} y </w:t></w:r><w:r><w:t>{% endif %}</w:t></w:r></w:p>";
    let (out, told) = convert(Docx::new(&content).bytes());
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!(fill(&out.bytes, &data()), ["a Anna b", "x y "]);
    let xml = part(&parts(&out.bytes), DOCUMENT).to_owned();
    assert!(xml.contains("<w:t xml:space=\"preserve\"> y </w:t>"), "{xml}");
}

#[test]
fn blocks_whose_places_mean_something_else_stay() {
    let stays = |content: &str, wanted: &str| {
        let (_, told) = convert(Docx::new(content).bytes());
        let errors = told.iter().filter(|told| told.0 == Severity::Error);
        let errors: Vec<_> = errors.map(|told| &told.2).collect();
        assert!(errors.len() == 1 && errors[0].contains(wanted), "{content}: {told:#?}");
    };
    let split = paragraph("{% for p in people %}A") + &paragraph("B{% endfor %}");
    stays(&split, "joins the end of a turn");
    let cells = row(&[cell("{% if yes %}A"), cell("B{% endif %}")]);
    stays(&table(&[&cells]), "different cells");
    let mixed = paragraph("{%p if yes %}") + &paragraph("A{% endif %}");
    stays(&mixed, "different kinds");
}

#[test]
fn blocks_over_paragraphs_are_translated_and_the_paragraphs_that_go_are_told() {
    let content =
        paragraph("{% if no %}") + &paragraph("A") + &paragraph("{% endif %}") + &paragraph("z");
    let (out, told) = convert(Docx::new(&content).bytes());
    assert!(matches!(told.as_slice(), [(Severity::Warning, ..)]), "{told:#?}");
    assert!(told[0].2.contains("docxtpl leaves empty ones"), "{told:#?}");
    assert_eq!(fill(&out.bytes, &data()), ["z"]);
    let content = paragraph("{% if no %}A") + &paragraph("B{% endif %}") + &paragraph("z");
    let (out, told) = convert(Docx::new(&content).bytes());
    assert!(told.len() == 1 && told[0].2.contains("docxtpl leaves an empty one"), "{told:#?}");
    assert_eq!(fill(&out.bytes, &data()), ["z"]);
    let content = paragraph("x{% if no %}A") + &paragraph("B{% endif %}y");
    let (out, told) = convert(Docx::new(&content).bytes());
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!(fill(&out.bytes, &data()), ["xy"]);
}

#[test]
fn cells_are_merged_and_coloured() {
    let content = table(&[
        &row(&[cell("{%tr for p in people %}"), cell("")]),
        &row(&[cell("all{% vm %}"), cell("{% cellbg 'D9D9D9' %}{{ p.name }}")]),
        &row(&[cell("{%tr endfor %}"), cell("")]),
    ]);
    let content =
        content.replace("<w:tc>", "<w:tc><w:tcPr><w:tcW w:w=\"500\" w:type=\"dxa\"/></w:tcPr>");
    let content = content
        .replace("<w:gridCol w:w=\"1000\"/>", "<w:gridCol w:w=\"500\"/><w:gridCol w:w=\"500\"/>");
    let (out, told) = convert(Docx::new(&(content + &paragraph("z"))).bytes());
    assert!(told.is_empty(), "{told:#?}");
    let written = texts(&out.bytes);
    assert!(written.contains(&"{{merge \"all\"}}".to_owned()), "{written:?}");
    assert!(written.contains(&"{{shade \"D9D9D9\"}}{{p.name}}".to_owned()), "{written:?}");
    assert_eq!(fill(&out.bytes, &data()), ["all", "Bo", "", "Al", "z"]);
}

#[test]
fn inserted_documents_become_ours() {
    let content = paragraph("{{p annex }}") + &paragraph("z");
    let (out, told) = convert(Docx::new(&content).bytes());
    assert_eq!(texts(&out.bytes), ["{{document annex}}", "z"]);
    assert!(told[0].2.contains("the path of a Word document"), "{told:#?}");
}

#[test]
fn a_tag_of_endless_signs_is_refused_and_no_danger() {
    for old in [
        format!("{{{{ {}a }}}}", "a + ".repeat(20_000)),
        format!("{{{{ {}a }}}}", "(".repeat(20_000)),
    ] {
        let (out, told) = convert(Docx::new(&paragraph(&old)).bytes());
        assert_eq!((out.left, told.len()), (1, 1));
    }
}
