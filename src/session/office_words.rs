//! Owns findings in Excel and Word files in words that do not speak of the keys of data files.
//! Must not know a rule: it only exchanges sentences.

use docx_fill::diag::{Diagnostic, Message, Sources};

/// Sentences about data files with the ones for Excel and Word.
const OFFICE_SENTENCES: [(&str, &str); 9] = [
    ("check.empty-section", "office.check-empty-section"),
    ("check.level-hint", "office.check-level-hint"),
    ("check.deadline-hint", "office.check-deadline-hint"),
    ("check.mend", "office.check-mend"),
    ("text.year-hint", "office.text-year-hint"),
    ("text.number-hint", "office.text-number-hint"),
    ("report.no-year", "office.report-no-year"),
    ("report.right-edition", "office.report-right-edition"),
    ("report.several-variants", "office.report-several-variants"),
];

/// Sentences whose field is followed by its key: 联系地址（address）.
const NAMED_FIELDS: [&str; 2] = ["check.hidden", "text.look-alike-in"];

/// Extensions of files that people fill in with Excel and Word, or published.
const OFFICE_EXTENSIONS: [&str; 7] = [".xlsx", ".xls", ".et", ".ods", ".docx", ".html", ".htm"];

/// Returns a finding in the words for the file in which it is.
pub(super) fn in_office_words(mut found: Diagnostic, sources: &Sources) -> Diagnostic {
    let name = found.location.source().map(|source| sources.name(source).to_ascii_lowercase());
    let office = name.is_some_and(|name| OFFICE_EXTENSIONS.iter().any(|end| name.ends_with(end)));
    if office {
        exchange_sentence(&mut found.message);
        found.hints.iter_mut().for_each(exchange_sentence);
    }
    found
}

fn exchange_sentence(message: &mut Message) {
    let known = OFFICE_SENTENCES.iter().find(|(plain, _)| *plain == message.id());
    if let Some((_, office)) = known {
        *message = message.with_id(office);
    }
    if NAMED_FIELDS.contains(&message.id()) {
        *message = message.map_args(&without_key);
    }
}

/// Returns a text without a key in brackets at its end.
fn without_key(text: &str) -> String {
    let name = text.strip_suffix('）').and_then(|text| text.rsplit_once('（'));
    let is_key =
        |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    name.filter(|(_, key)| is_key(key)).map_or(text, |(name, _)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::CATALOGUE;
    use docx_fill::diag::Lang;

    #[test]
    fn every_sentence_is_in_the_catalogues_and_speaks_of_no_key() {
        for (plain, office) in OFFICE_SENTENCES {
            for (lang, id) in
                [Lang::Zh, Lang::En].into_iter().flat_map(|l| [(l, plain), (l, office)])
            {
                let (group, name) = id.split_once('.').expect("a group");
                let words = CATALOGUE.pattern(lang, group, name).expect(id);
                let keys = ["nianbao.toml", "[text]", "{{", "key form", "year ="];
                let speaks = id == office && keys.iter().any(|key| words.contains(key));
                assert!(!speaks, "{words}");
            }
        }
    }

    #[test]
    fn a_field_is_named_without_its_key() {
        assert_eq!(without_key("联系地址（address）"), "联系地址");
        assert_eq!(without_key("（一）"), "（一）");
    }
}
