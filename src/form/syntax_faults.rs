//! Owns what is wrong with the syntax of a form file, in the user's language instead of the parser's.
//! Must not know the keys of form files: the parser names them.

use crate::msg;
use docx_fill::diag::Message;

/// Returns the parser's reason in the user's language; rare ones become a general sentence.
pub(super) fn syntax_fault(reason: &str) -> Message {
    let names = quoted_names(reason);
    let Some((name, known)) = names.split_first() else { return msg!("form.syntax") };
    let known: Vec<&str> = known.to_vec();
    if reason.starts_with("missing field") {
        msg!("form.missing-key", name = *name)
    } else if reason.starts_with("unknown field") {
        msg!("form.unknown-key", name = *name, known = known)
    } else if reason.starts_with("unknown variant") {
        msg!("form.unknown-value", name = *name, known = known)
    } else if reason.starts_with("duplicate") {
        msg!("data.duplicate")
    } else {
        msg!("form.syntax")
    }
}

/// Returns what stands between backticks.
fn quoted_names(reason: &str) -> Vec<&str> {
    reason.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::Lang;

    #[test]
    fn reasons_are_said_in_the_language_of_the_user() {
        for (reason, id, word) in [
            ("missing field `notice`", "form.missing-key", "notice"),
            (
                "unknown field `repeat`, expected one of `id`, `name`",
                "form.unknown-key",
                "id、name",
            ),
            (
                "unknown variant `percent`, expected `count` or `money`",
                "form.unknown-value",
                "money",
            ),
            ("invalid type: string \"x\", expected u16", "form.syntax", "form.toml"),
        ] {
            let message = syntax_fault(reason);
            let said = message.in_lang(Lang::Zh);
            assert_eq!(message.id(), id, "{reason}");
            assert!(said.contains(word) && !said.contains("expected"), "{said}");
        }
    }
}
