//! The registry of rules: the document is what the program says, and every rule is known to it.

use nianbao::check::rules::{self, markdown};
use nianbao::diag::Lang;
use nianbao::form::Library;
use std::collections::BTreeSet;

#[test]
fn the_document_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let text = markdown(Lang::En);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).expect("written");
    }
    let on_disk = std::fs::read_to_string(path).expect("docs/rules.md");
    assert!(on_disk == text, "UPDATE=1 cargo test --test rules writes docs/rules.md");
}

#[test]
fn every_rule_of_the_program_is_registered() {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for fixed in [nianbao::report::RULES, nianbao::quote::RULES, nianbao::sheet::RULES] {
        known.extend(fixed.iter().map(|rule| (*rule).to_owned()));
    }
    known.insert(nianbao::data::SYNTAX.to_owned());
    known.insert(nianbao::check::settings::RULE.to_owned());
    for form in Library::built_in().forms() {
        for table in &form.tables {
            known.extend(table.identities.iter().map(|identity| identity.id.clone()));
            known.extend(table.crossings.iter().map(|crossing| crossing.id.clone()));
        }
    }
    for rule in known {
        assert!(rules::find(&rule).is_some(), "{rule}");
        for lang in [Lang::Zh, Lang::En] {
            assert!(rules::explain(&rule, lang).is_some(), "{rule}");
        }
    }
}
