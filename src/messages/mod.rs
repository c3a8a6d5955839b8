//! Owns what the program says to its users: a catalogue of messages in Chinese and English, and the
//! macro that creates a message from it.
//! Must not know any rule or file.

use docx_fill::diag::Catalogue;

/// Messages of this crate; those about Word documents and templates are the engine's.
pub static CATALOGUE: Catalogue =
    Catalogue::new("nianbao", include_str!("zh.toml"), include_str!("en.toml"));

/// Makes a [`Message`](docx_fill::diag::Message): a message id of this crate's catalogue and its named arguments.
///
/// ```
/// use nianbao::msg;
/// let text = msg!("data.not-utf8", encoding = "GBK");
/// assert!(text.in_lang(docx_fill::diag::Lang::Zh).contains("GBK"));
/// ```
#[macro_export]
macro_rules! msg {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        docx_fill::diag::Message::new(
            &$crate::messages::CATALOGUE,
            $id,
            vec![$((stringify!($name), docx_fill::diag::MessageArg::from($value))),*],
        )
    };
}

#[cfg(test)]
mod tests {
    use super::CATALOGUE;
    use docx_fill::diag::Lang;
    use std::collections::{BTreeMap, BTreeSet};

    fn holes(pattern: &str) -> BTreeSet<&str> {
        pattern.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|p| p.0).collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let zh: BTreeMap<_, _> = CATALOGUE.entries(Lang::Zh).collect();
        let en: BTreeMap<_, _> = CATALOGUE.entries(Lang::En).collect();
        assert!(zh.keys().eq(en.keys()));
        for (id, pattern) in &zh {
            assert_eq!(holes(pattern), holes(en[id]), "arguments of {id}");
        }
    }
}
