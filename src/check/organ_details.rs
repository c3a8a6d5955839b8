//! Owns what a report says of its organ beside the name: whether postcodes and e-mail addresses can be
//! true, and whether the level is that of organs with such a name.
//! Must not know which names belong to a level: the form does.

use crate::form::{FieldKind, Form};
use crate::msg;
use crate::report::Report;
use docx_fill::diag::{Diagnostic, Message, Severity, Sink};

/// Number of digits of a postcode in China.
const POSTCODE_DIGITS: usize = 6;
/// Between several e-mail addresses.
const ADDRESS_SEPARATORS: [char; 7] = ['、', '，', ',', '；', ';', '/', ' '];

/// Reports a postcode and an e-mail address that cannot be true.
pub(super) fn check_contact(report: &Report, sink: &mut Sink) {
    for field in report.header_fields() {
        let wrong = match field.kind {
            Some(FieldKind::Postcode) => wrong_postcode(field.words),
            Some(FieldKind::Mail) => wrong_mail_address(field.words),
            _ => None,
        };
        if let Some((message, hint)) = wrong {
            let found = Diagnostic::warning("contact", report.key_location(field.key), message);
            sink.push(found.with_hint(hint));
        }
    }
}

/// Returns what is wrong with a postcode, and what to do.
fn wrong_postcode(words: &str) -> Option<(Message, Message)> {
    let postcode = words.trim();
    let digits = postcode.len() == POSTCODE_DIGITS && postcode.bytes().all(|b| b.is_ascii_digit());
    (!postcode.is_empty() && !digits)
        .then(|| (msg!("check.postcode", postcode = postcode), msg!("check.postcode-hint")))
}

/// Returns what is wrong with the first e-mail address that cannot be one, and what to do.
fn wrong_mail_address(words: &str) -> Option<(Message, Message)> {
    let mut addresses = words.split(ADDRESS_SEPARATORS).filter(|one| !one.is_empty());
    let wrong = addresses.find(|address| !is_mail_address(address))?;
    Some((msg!("check.email", address = wrong), msg!("check.email-hint")))
}

/// Checks whether a text has the form `name@host.domain`.
fn is_mail_address(text: &str) -> bool {
    // A full-width sign is told as a look-alike.
    let Some((name, host)) = text.split_once(['@', '＠']) else { return false };
    let label = |label: &str| !label.is_empty() && !label.contains('@');
    !name.is_empty() && host.contains('.') && host.split('.').all(label)
}

/// Reports a level that organs of such a name do not have.
pub(super) fn check_level(report: &Report, sink: &mut Sink) {
    let Some(level) = report.organ.level.as_deref() else { return };
    let expected = levels_by_organ_name(&report.form, &report.organ.name);
    if expected.is_empty() || expected.contains(&level) {
        return;
    }
    let names = |id: &str| match report.form.level_name(id) {
        name if name == id => id.to_owned(),
        name => format!("{name}（{id}）"),
    };
    let message = msg!("check.organ-level", organ = &report.organ.name, level = names(level));
    let expected: Vec<String> = expected.into_iter().map(names).collect();
    let found =
        Diagnostic::new("organ-level", Severity::Info, report.key_location("level"), message);
    sink.push(found.with_hint(msg!("check.organ-level-hint", expected = expected)));
}

/// Returns the levels of organs whose names end as this one does, by the longest ending that the
/// form knows.
pub(crate) fn levels_by_organ_name<'a>(form: &'a Form, organ: &str) -> Vec<&'a str> {
    let organ = organ.trim();
    let known = form.prose.level_names.iter();
    let endings = known.flat_map(|(level, names)| names.iter().map(move |name| (level, name)));
    let fitting: Vec<(&str, usize)> = endings
        .filter(|(_, name)| organ.ends_with(name.as_str()))
        .map(|(level, name)| (level.as_str(), name.len()))
        .collect();
    let longest = fitting.iter().map(|(_, length)| *length).max();
    let best = fitting.into_iter().filter(|(_, length)| Some(*length) == longest);
    let known = |level: &&str| {
        form.level_field().is_none_or(|field| field.choices.iter().any(|one| one.id == **level))
    };
    best.map(|(level, _)| level).filter(|level| !level.is_empty()).filter(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormRegistry;

    #[test]
    fn mail_addresses_have_a_name_and_a_host() {
        for right in ["a@b.cn", "xxgk@云砚.政务.cn", "a.b-c@mail.x.gov.cn"] {
            assert!(is_mail_address(right), "{right}");
        }
        for wrong in ["yyz#example", "a@", "@b.cn", "a@b", "a@b..cn", "a@@b.cn", "a@b.cn."] {
            assert!(!is_mail_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_longest_ending_of_a_name_tells_the_level() {
        let library = FormRegistry::built_in();
        for form in library.forms() {
            let levels = |organ: &str| levels_by_organ_name(form, organ);
            assert_eq!(levels("云砚镇人民政府"), ["township"]);
            assert_eq!(levels("某市人民政府桥西街道办事处"), ["township"]);
            assert!(levels("云砚县财政局").contains(&"department"));
            assert_eq!(levels("云砚县人民政府办公室"), ["department"]);
            assert_eq!(levels("云砚县人民政府"), ["county"]);
            assert_eq!(levels("某某自治区人民政府"), ["province"]);
            // A city may be of any level from a county's upwards, a zone of several.
            assert!(levels("云砚市人民政府").is_empty());
            assert!(levels("云砚经济开发区管理委员会").is_empty());
            assert!(levels("某机构").is_empty());
        }
    }
}
