//! Owns the supported Markdown dialect: extensions of `CommonMark`, and link addresses as the parser reports
//! them.
//! Must not know how a text is used.

use pulldown_cmark::{LinkType, Options};

/// Returns the enabled extensions of `CommonMark`.
pub(super) fn markdown_options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES
}

/// Returns the address of a link. The parser reports e-mail addresses in angle brackets without their scheme.
pub(super) fn link_address(kind: LinkType, target: &str) -> String {
    if kind == LinkType::Email { format!("mailto:{target}") } else { target.to_owned() }
}
