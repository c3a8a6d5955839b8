//! Proves that definitions of any kind are compiled in time and never break anything.

use super::*;

#[test]
fn texts_that_include_each_other_twice_are_compiled_in_time() {
    let names: Vec<String> = (0..30).map(|at| format!("p{at}")).collect();
    let define = |pair: &[String]| {
        let (name, next) = (&pair[0], &pair[1]);
        format!("{}{{{{> {next}}}}}{{{{> {next}}}}}{CLOSE}", open(name))
    };
    let texts = names.windows(2).map(define).collect::<Vec<_>>().concat();
    let folder = names
        .windows(2)
        .map(|pair| (pair[0].clone(), format!("{{{{> {0}}}}}{{{{> {0}}}}}", pair[1])));
    let last = (names[29].clone(), String::new());
    let partials = Arc::new(Partials::new(folder.chain([last])));
    for content in ["{{> p0}}".to_owned(), texts] {
        let parse = ParseOptions { partials: Arc::clone(&partials), ..ParseOptions::default() };
        let (id, mut sink) = (Sources::default().add_binary("t"), Sink::new());
        let docx = Docx::new(&paragraph(&content));
        assert!(CompiledTemplate::parse_with(docx.bytes(), id, &parse, &mut sink).is_some());
    }
}

impl Random {
    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Content with definitions and their use in every kind of place; at times something is missing.
    fn content(&mut self, depth: usize) -> String {
        let mut out = String::new();
        for _ in 0..=self.below(3) {
            let name = self.of(&["a", "b", "c"]);
            let tags = match self.below(10) {
                0..=2 => Some((open(name), CLOSE.to_owned())),
                3 => Some(("{{#each rows}}".to_owned(), "{{/each}}".to_owned())),
                4 => Some(("{{#if no}}".to_owned(), "{{else}}x{{/if}}".to_owned())),
                _ => None,
            };
            let inner = if depth == 0 { self.line() } else { self.content(depth - 1) };
            match tags {
                Some((before, after)) if self.below(3) == 0 => {
                    let rows = [
                        row(&[cell(&before), cell("")]),
                        row(&[cell(&self.line_text()), format!("<w:tc>{inner}<w:p/></w:tc>")]),
                        row(&[cell("{{> c}}"), cell("")]),
                        row(&[cell(&after), cell("")]),
                    ];
                    let some = if self.below(20) == 0 { &rows[1..] } else { &rows[..] };
                    out += &table(&some.iter().collect::<Vec<_>>());
                    out += "<w:p/>";
                }
                Some((before, after)) => {
                    out += &[paragraph(&before), inner, paragraph(&after)].concat();
                }
                None => out += &self.line(),
            }
        }
        out
    }

    fn line(&mut self) -> String {
        paragraph(&self.line_text())
    }

    fn line_text(&mut self) -> String {
        let all = [
            "{{> a}}",
            "{{> b rows.[0]}}",
            "{{#> c}}{{n}}{{/c}}",
            "{{#*inline \"a\"}}1{{/inline}}",
            "{{#*inline \"b\"}}{{n}}{{> @partial-block}}{{/inline}}{{#> b}}2{{/b}}",
            "x",
            "{{year}}",
            "{{shade \"D9D9D9\"}}",
            "{{> name}}",
        ];
        (0..=self.below(2)).map(|_| self.of(&all)).collect()
    }
}

/// Nothing panics, nothing is silent, and what comes out is whole.
#[test]
fn random_definitions_never_break() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut good, options) =
        (0, RenderOptions { allow_missing: true, ..RenderOptions::default() });
    for _ in 0..500 {
        let content = random.content(2);
        let mut sink = Sink::new();
        let bytes = Docx::new(&content).bytes();
        let out = fill_tolerant(bytes, &parse(), &data(), &options, &mut sink);
        let Some(out) = out else {
            assert!(sink.has_errors(), "silent: {content}");
            continue;
        };
        good += 1;
        let parts = parts(&out);
        let document = part(&parts, "word/document.xml");
        support::check_well_formed(document);
        assert!(!document.contains("fill:"), "{content}\n{document}");
        assert!(!document.contains("{{"), "{content}\n{document}");
        assert!(!document.contains("<w:tc></w:tc>"), "{content}\n{document}");
        assert!(!document.contains("</w:tbl></w:tc>"), "{content}\n{document}");
        assert!(!document.contains("</w:tblGrid></w:tbl>"), "{content}\n{document}");
    }
    assert!(good > 100, "{good} good documents");
}
