//! Owns messages: an id of a catalogue and arguments become a sentence in Chinese or English.
//! Must not know any rule or file; the sentences live in the catalogues.

use super::catalogue::Catalogue;
use super::show_hidden;

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
pub struct Message {
    catalogue: &'static Catalogue,
    id: &'static str,
    args: Vec<(&'static str, MessageArg)>,
}

/// A value within a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageArg {
    /// Put in as one line, with signs for what is not to be seen: see [`visible()`].
    Plain(String),
    /// A message of its own, put in in the same language.
    Message(Box<Message>),
    /// Several values, joined as the language joins them.
    List(Vec<MessageArg>),
}

impl From<&str> for MessageArg {
    fn from(value: &str) -> Self {
        MessageArg::Plain(value.to_owned())
    }
}
impl From<&String> for MessageArg {
    fn from(value: &String) -> Self {
        MessageArg::Plain(value.clone())
    }
}
impl From<String> for MessageArg {
    fn from(value: String) -> Self {
        MessageArg::Plain(value)
    }
}
impl From<usize> for MessageArg {
    fn from(value: usize) -> Self {
        MessageArg::Plain(value.to_string())
    }
}
impl From<u64> for MessageArg {
    fn from(value: u64) -> Self {
        MessageArg::Plain(value.to_string())
    }
}
impl From<u32> for MessageArg {
    fn from(value: u32) -> Self {
        MessageArg::Plain(value.to_string())
    }
}
impl From<i64> for MessageArg {
    fn from(value: i64) -> Self {
        MessageArg::Plain(value.to_string())
    }
}
impl From<char> for MessageArg {
    fn from(value: char) -> Self {
        MessageArg::Plain(value.to_string())
    }
}
impl From<Message> for MessageArg {
    fn from(value: Message) -> Self {
        MessageArg::Message(Box::new(value))
    }
}
impl<T: Into<MessageArg>> From<Vec<T>> for MessageArg {
    fn from(value: Vec<T>) -> Self {
        MessageArg::List(value.into_iter().map(Into::into).collect())
    }
}

impl Message {
    /// A message of a catalogue; a crate with messages has a macro that names its catalogue.
    pub fn new(
        catalogue: &'static Catalogue,
        id: &'static str,
        args: Vec<(&'static str, MessageArg)>,
    ) -> Self {
        Message { catalogue, id, args }
    }

    /// The id in the catalogue.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The same with every word that was put in changed.
    #[must_use]
    pub fn map_args(&self, change: &dyn Fn(&str) -> String) -> Message {
        let args = self.args.iter().map(|(name, arg)| (*name, arg.map_plain(change)));
        Message { args: args.collect(), ..*self }
    }

    /// The sentence in a language. An id that the catalogue lacks is a bug that a test finds; the id
    /// itself is shown then.
    pub fn in_lang(&self, lang: Lang) -> String {
        let words = self.id.split_once('.');
        let words = words.and_then(|(group, name)| self.catalogue.pattern(lang, group, name));
        words.map_or_else(|| self.id.to_owned(), |words| self.fill_pattern(words, lang))
    }

    /// The sentence that a group of a catalogue has instead of the message's own, for other readers: its name there
    /// is the id with `-` for `.`.
    pub fn in_group(&self, catalogue: &Catalogue, group: &str, lang: Lang) -> Option<String> {
        Some(self.fill_pattern(catalogue.pattern(lang, group, &self.id.replace('.', "-"))?, lang))
    }

    fn fill_pattern(&self, words: &str, lang: Lang) -> String {
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

impl MessageArg {
    fn map_plain(&self, change: &dyn Fn(&str) -> String) -> MessageArg {
        match self {
            MessageArg::Plain(text) => MessageArg::Plain(change(text)),
            MessageArg::Message(text) => MessageArg::Message(Box::new(text.map_args(change))),
            MessageArg::List(items) => {
                MessageArg::List(items.iter().map(|item| item.map_plain(change)).collect())
            }
        }
    }

    fn in_lang(&self, lang: Lang) -> String {
        match self {
            MessageArg::Plain(text) => show_hidden(text).into_owned(),
            MessageArg::Message(text) => text.in_lang(lang),
            MessageArg::List(items) => {
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
        let text = Message::new(
            &super::super::CATALOGUE,
            "data.not-utf8",
            vec![("encoding", MessageArg::from(vec!["a", "b"]))],
        );
        assert!(text.in_lang(Lang::Zh).contains("a、b"));
        assert!(text.in_lang(Lang::En).contains("a, b"));
    }
}
