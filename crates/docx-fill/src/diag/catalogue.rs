//! Owns message catalogues: tables of patterns in two languages, and a fast reader for the subset of TOML in
//! which they are written. A test compares it with the TOML library.
//! Must not know individual messages, nor read files of users.

use super::Lang;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// Patterns by group and name.
type PatternMap<'s> = BTreeMap<&'s str, BTreeMap<&'s str, Cow<'s, str>>>;

/// The messages of one crate: patterns by `group.name`, with the same identifiers in both languages.
///
/// Catalogues are compared and ordered by name.
pub struct Catalogue {
    name: &'static str,
    sources: [&'static str; 2],
    patterns: [OnceLock<PatternMap<'static>>; 2],
}

impl Catalogue {
    /// Creates a catalogue from its two TOML files, which are embedded in the program. They are parsed when the
    /// first message is shown; a file that is no catalogue is a fault of the program and panics then.
    pub const fn new(name: &'static str, zh: &'static str, en: &'static str) -> Self {
        Catalogue { name, sources: [zh, en], patterns: [OnceLock::new(), OnceLock::new()] }
    }

    /// Returns the pattern of a message; `None` if there is no such identifier.
    pub fn pattern(&self, lang: Lang, group: &str, name: &str) -> Option<&str> {
        self.patterns(lang).get(group)?.get(name).map(AsRef::as_ref)
    }

    /// Returns all identifiers with their patterns, in order.
    pub fn entries(&self, lang: Lang) -> impl Iterator<Item = (String, &str)> {
        self.patterns(lang).iter().flat_map(|(group, messages)| {
            let id = move |name| format!("{group}.{name}");
            messages.iter().map(move |(name, pattern)| (id(name), pattern.as_ref()))
        })
    }

    fn patterns(&self, lang: Lang) -> &PatternMap<'static> {
        let at = usize::from(lang == Lang::En);
        self.patterns[at].get_or_init(|| parse_catalogue(self.sources[at]))
    }
}

impl fmt::Debug for Catalogue {
    /// Writes the name alone: the patterns are thousands of lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalogue").field(&self.name).finish()
    }
}

impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Catalogue {}

impl PartialOrd for Catalogue {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Catalogue {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(other.name)
    }
}

/// Parses a catalogue.
///
/// A catalogue contains comments, `[group]` and `name = "…"` or `"""…"""`, each at the start of a line.
/// Anything else is a bug of this program and panics.
fn parse_catalogue(source: &str) -> PatternMap<'_> {
    let (mut rest, mut group) = (source, "");
    let mut out = PatternMap::new();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim_ascii_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            group = name;
            continue;
        }
        let (name, value) = line.split_once('=').expect("a name and its pattern");
        let (name, value) = (name.trim_ascii(), value.trim_ascii());
        let pattern = if value == "\"\"\"" {
            let (pattern, after) = rest.split_once("\"\"\"\n").expect("the end of a pattern");
            rest = after;
            pattern
        } else {
            value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).expect("a pattern in quotes")
        };
        let known = out.entry(group).or_default().insert(name, unescape_pattern(pattern));
        assert!(known.is_none(), "{group}.{name} is said twice");
    }
    out
}

/// Decodes the escapes of a pattern.
fn unescape_pattern(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains('\\') {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut left = after.chars();
        out.push(match left.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some(same @ ('"' | '\\')) => same,
            other => panic!("no escape of a catalogue: {other:?}"),
        });
        rest = left.as_str();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn holes(pattern: &str) -> BTreeSet<&str> {
        pattern.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|p| p.0).collect()
    }

    #[test]
    fn a_catalogue_means_what_toml_says() {
        for source in super::super::CATALOGUE.sources {
            let groups: BTreeMap<String, BTreeMap<String, String>> =
                toml::from_str(source).expect("TOML");
            let ours = parse_catalogue(source);
            let ours = ours.iter().map(|(group, messages)| {
                let messages = messages.iter().map(|(name, text)| (*name, text.as_ref()));
                (*group, messages.collect::<Vec<_>>())
            });
            let theirs = groups.iter().map(|(group, messages)| {
                let messages = messages.iter().map(|(name, text)| (name.as_str(), text.as_str()));
                (group.as_str(), messages.collect::<Vec<_>>())
            });
            assert!(ours.eq(theirs));
        }
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let zh: BTreeMap<_, _> = super::super::CATALOGUE.entries(Lang::Zh).collect();
        let en: BTreeMap<_, _> = super::super::CATALOGUE.entries(Lang::En).collect();
        assert!(zh.keys().eq(en.keys()));
        for (id, pattern) in &zh {
            assert_eq!(holes(pattern), holes(en[id]), "arguments of {id}");
        }
    }

    #[test]
    fn no_message_names_an_option_of_a_program() {
        for lang in [Lang::Zh, Lang::En] {
            for (id, pattern) in super::super::CATALOGUE.entries(lang) {
                let mut options = pattern.split(" --").skip(1);
                let option =
                    options.find(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
                assert_eq!(option, None, "{id}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "said twice")]
    fn nothing_is_said_twice() {
        parse_catalogue("[a]\nb = \"1\"\nb = \"2\"\n");
    }
}
