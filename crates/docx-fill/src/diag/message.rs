//! Owns messages: an identifier of a catalogue and arguments, formatted as a sentence in Chinese or English.
//! Must not know any rule or file; the sentences are in the catalogues.

use super::catalogue::Catalogue;
use super::show_hidden;

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// Returns the language tag used in JSON output.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }
}

/// A message: an identifier of a catalogue and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    catalogue: &'static Catalogue,
    id: &'static str,
    args: Vec<(&'static str, MessageArg)>,
}

/// An argument of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageArg {
    /// Text that is inserted as one line, with hidden characters made visible; see [`show_hidden()`].
    Plain(String),
    /// A message that is inserted in the same language.
    Message(Box<Message>),
    /// Several values, joined according to the language.
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
    /// Creates a message of a catalogue. Crates with messages have a macro that names their catalogue.
    pub fn new(
        catalogue: &'static Catalogue,
        id: &'static str,
        args: Vec<(&'static str, MessageArg)>,
    ) -> Self {
        Message { catalogue, id, args }
    }

    /// Returns the identifier in the catalogue.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Returns the message with the same arguments and another identifier of its catalogue.
    #[must_use]
    pub fn with_id(&self, id: &'static str) -> Message {
        Message { id, args: self.args.clone(), ..*self }
    }

    /// Returns a copy with every text argument changed.
    #[must_use]
    pub fn map_args(&self, change: &dyn Fn(&str) -> String) -> Message {
        let args = self.args.iter().map(|(name, arg)| (*name, arg.map_plain(change)));
        Message { args: args.collect(), ..*self }
    }

    /// Returns the sentence in a language. For an unknown identifier, which is a bug that a test finds, it
    /// returns the identifier itself.
    pub fn in_lang(&self, lang: Lang) -> String {
        let words = self.id.split_once('.');
        let words = words.and_then(|(group, name)| self.catalogue.pattern(lang, group, name));
        words.map_or_else(|| self.id.to_owned(), |words| self.fill_pattern(words, lang))
    }

    /// Returns the sentence for other readers from a group of a catalogue, in which the message is named by its
    /// identifier with `-` in place of `.`.
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
            "template.known",
            vec![("keys", MessageArg::from(vec!["a", "b"]))],
        );
        assert!(text.in_lang(Lang::Zh).contains("a、b"));
        assert!(text.in_lang(Lang::En).contains("a, b"));
    }
}
