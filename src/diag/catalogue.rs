//! Owns reading the message catalogues: the part of TOML that they are written in, fast, since every run of
//! the program begins with it. A test holds it to what the TOML library reads.
//! Must not know a message, nor read a file of a user.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The patterns by group and name.
pub(super) type Patterns<'s> = BTreeMap<&'s str, BTreeMap<&'s str, Cow<'s, str>>>;

/// The patterns of a catalogue.
///
/// A catalogue has comments, `[group]` and `name = "…"` or `"""…"""`, each at the start of a line. Anything
/// else is our own mistake and panics.
pub(super) fn read(source: &str) -> Patterns<'_> {
    let (mut rest, mut group) = (source, "");
    let mut out = Patterns::new();
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
        let known = out.entry(group).or_default().insert(name, plain(pattern));
        assert!(known.is_none(), "{group}.{name} is said twice");
    }
    out
}

/// A pattern without its escapes.
fn plain(pattern: &str) -> Cow<'_, str> {
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

    #[test]
    fn a_catalogue_means_what_toml_says() {
        for source in [include_str!("zh.toml"), include_str!("en.toml")] {
            let groups: BTreeMap<String, BTreeMap<String, String>> =
                toml::from_str(source).expect("TOML");
            let ours = read(source);
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
    #[should_panic(expected = "said twice")]
    fn nothing_is_said_twice() {
        read("[a]\nb = \"1\"\nb = \"2\"\n");
    }
}
