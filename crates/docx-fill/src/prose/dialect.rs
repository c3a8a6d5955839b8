//! Owns the Markdown that is read: what beyond CommonMark, and addresses as it writes them.
//! Must not know what is done with a text.

use pulldown_cmark::{LinkType, Options};

/// What is read beyond `CommonMark`.
pub(super) fn markdown_options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES
}

/// The address of a link as Markdown gives it: an e-mail in angle brackets comes without its scheme.
pub(super) fn link_address(kind: LinkType, target: &str) -> String {
    if kind == LinkType::Email { format!("mailto:{target}") } else { target.to_owned() }
}
