//! Owns messages: an id of a catalogue and arguments become a sentence in Chinese or English.
//! Must not know any rule or file; the sentences live in the catalogues.

use super::catalogue::Catalogue;
use super::visible;

/// Language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The tag used in the JSON output.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }
}

/// A message: an id of a catalogue and the values to put in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    catalogue: &'static Catalogue,
    id: &'static str,
    args: Vec<(&'static str, Arg)>,
}

/// A value within a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arg {
    /// Put in as one line, with signs for what is not to be seen: see [`visible()`].
    Plain(String),
    /// A message of its own, put in in the same language.
    Text(Box<Text>),
    /// Several values, joined as the language joins them.
    List(Vec<Arg>),
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Arg::Plain(value.to_owned())
    }
}
impl From<&String> for Arg {
    fn from(value: &String) -> Self {
        Arg::Plain(value.clone())
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Arg::Plain(value)
    }
}
impl From<usize> for Arg {
    fn from(value: usize) -> Self {
        Arg::Plain(value.to_string())
    }
}
impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Arg::Plain(value.to_string())
    }
}
impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Arg::Plain(value.to_string())
    }
}
impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Arg::Plain(value.to_string())
    }
}
impl From<char> for Arg {
    fn from(value: char) -> Self {
        Arg::Plain(value.to_string())
    }
}
impl From<Text> for Arg {
    fn from(value: Text) -> Self {
        Arg::Text(Box::new(value))
    }
}
impl<T: Into<Arg>> From<Vec<T>> for Arg {
    fn from(value: Vec<T>) -> Self {
        Arg::List(value.into_iter().map(Into::into).collect())
    }
}

impl Text {
    /// A message of a catalogue; a crate with messages has a macro that names its catalogue.
    pub fn new(
        catalogue: &'static Catalogue,
        id: &'static str,
        args: Vec<(&'static str, Arg)>,
    ) -> Self {
        Text { catalogue, id, args }
    }

    /// The id in the catalogue.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The same with every word that was put in changed.
    #[must_use]
    pub fn map_words(&self, change: &dyn Fn(&str) -> String) -> Text {
        let args = self.args.iter().map(|(name, arg)| (*name, arg.map_words(change)));
        Text { args: args.collect(), ..*self }
    }

    /// The sentence in a language. An id that the catalogue lacks is a bug that a test finds; the id
    /// itself is shown then.
    pub fn in_lang(&self, lang: Lang) -> String {
        let words = self.id.split_once('.');
        let words = words.and_then(|(group, name)| self.catalogue.pattern(lang, group, name));
        words.map_or_else(|| self.id.to_owned(), |words| self.filled(words, lang))
    }

    /// The sentence that a group of a catalogue has instead of the message's own, for other readers: its name there
    /// is the id with `-` for `.`.
    pub fn instead(&self, catalogue: &Catalogue, group: &str, lang: Lang) -> Option<String> {
        Some(self.filled(catalogue.pattern(lang, group, &self.id.replace('.', "-"))?, lang))
    }

    fn filled(&self, words: &str, lang: Lang) -> String {
        let mut out = String::with_capacity(words.len() + 16);
        let mut rest = words;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            match self.args.iter().find(|(key, _)| *key == name) {
                Some((_, arg)) => out.push_str(&arg.in_lang(lang)),
                None => {
                    out.push('{');
                    out.push_str(name);
                    out.push('}');
                }
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

impl Arg {
    fn map_words(&self, change: &dyn Fn(&str) -> String) -> Arg {
        match self {
            Arg::Plain(text) => Arg::Plain(change(text)),
            Arg::Text(text) => Arg::Text(Box::new(text.map_words(change))),
            Arg::List(items) => {
                Arg::List(items.iter().map(|item| item.map_words(change)).collect())
            }
        }
    }

    fn in_lang(&self, lang: Lang) -> String {
        match self {
            Arg::Plain(text) => visible(text).into_owned(),
            Arg::Text(text) => text.in_lang(lang),
            Arg::List(items) => {
                let comma = match lang {
                    Lang::Zh => "、",
                    Lang::En => ", ",
                };
                let items: Vec<_> = items.iter().map(|item| item.in_lang(lang)).collect();
                items.join(comma)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_nest_and_join() {
        let text = Text::new(
            &super::super::CATALOGUE,
            "data.not-utf8",
            vec![("encoding", Arg::from(vec!["a", "b"]))],
        );
        assert!(text.in_lang(Lang::Zh).contains("a、b"));
        assert!(text.in_lang(Lang::En).contains("a, b"));
    }
}
