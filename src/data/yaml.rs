//! Owns reading YAML 1.2 into the tree, from the parser's events with their byte ranges.
//! Must not know the other syntaxes.
//!
//! A plain scalar is a number only where TOML and JSON would write one; everything else (`010`, `1_000`,
//! `no`, dates) stays text as written, so that a postcode keeps its zeros.

use super::{Entry, Node, SYNTAX, Value, fault};
use crate::limits::{DATA_DEPTH as DEEPEST, YAML_COPIED as COPIED, YAML_NODES as BUDGET};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Span, Text};
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) fn load(source: SourceId, text: &str, sink: &mut Sink) -> Option<Node> {
    let mut options = Options::default();
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let mut builder = Builder {
        source,
        text,
        sink,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        used: 0,
        copied: 0,
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span.byte_range().unwrap_or_default().into()),
            Err(error) => Err(builder.refused(&error)),
        };
        if let Err(found) = step {
            builder.sink.push(*found);
            return None;
        }
    }
    // Comments alone are a file without keys, as in TOML.
    let none = Node { value: Value::Table(Vec::new()), span: Span::default() };
    Some(builder.root.unwrap_or(none))
}

/// A collection that is not closed yet.
struct Open {
    anchor: usize,
    start: usize,
    /// Nodes within it, for the budget of aliases.
    value: Value,
    /// The key whose value comes next.
    key: Option<(String, Span)>,
}

struct Builder<'a> {
    source: SourceId,
    text: &'a str,
    sink: &'a mut Sink,
    open: Vec<Open>,
    /// Anchored nodes with their size.
    anchors: BTreeMap<usize, (Node, usize)>,
    used: usize,
    /// Bytes that anchors and aliases have copied.
    copied: usize,
    root: Option<Node>,
    documents: usize,
}

type Step = Result<(), Box<Diagnostic>>;

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Step {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.fault(span, text!("data.yaml-documents")));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(span, tag.as_ref())?;
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain { scalar(text) } else { Value::Text(text.into_owned()) };
                return self.place(Node { value, span }, anchor, 1);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(span, tag.as_ref())?;
                self.push(anchor, span, Value::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(span, tag.as_ref())?;
                self.push(anchor, span, Value::Table(Vec::new()))?;
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(span),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.remove(&anchor) else {
                    return Err(self.fault(span, text!("data.yaml-alias")));
                };
                self.copy(&node)?;
                let own = Node { span, value: node.value.clone() };
                self.anchors.insert(anchor, (node, size));
                return self.place(own, 0, size);
            }
            _ => {}
        }
        Ok(())
    }

    fn fault(&self, span: Span, reason: Text) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(SYNTAX, Place::Text(self.source, span), reason))
    }

    fn refuse_tag(&self, span: Span, tag: Option<&Cow<'_, Tag>>) -> Step {
        let plain = |tag: &Tag| tag.is_yaml_core_schema_tag("str");
        match tag {
            Some(tag) if !plain(tag) => Err(self.fault(span, text!("data.yaml-tag"))),
            _ => Ok(()),
        }
    }

    fn push(&mut self, anchor: usize, span: Span, value: Value) -> Step {
        if self.open.len() >= DEEPEST {
            return Err(self.fault(span, text!("data.too-deep")));
        }
        self.open.push(Open { anchor, start: span.start, value, key: None });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Step {
        let Some(open) = self.open.pop() else { return Ok(()) };
        // A block collection ends where the next thing begins; its last value ends it for a reader.
        let last = match &open.value {
            Value::List(items) => items.last().map(|node| node.span.end),
            Value::Table(entries) => entries.last().map(|entry| entry.node.span.end),
            _ => None,
        };
        let own = self.text.get(span.start..span.end).unwrap_or_default();
        let closed = own.ends_with([']', '}']);
        let end = if closed { span.end } else { last.unwrap_or(open.start) };
        let size = if open.anchor == 0 { 1 } else { size(&open.value) };
        let span = Span { start: open.start, end: end.max(open.start) };
        self.place(Node { value: open.value, span }, open.anchor, size)
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node, anchor: usize, size: usize) -> Step {
        self.used += size;
        if self.used > BUDGET {
            return Err(self.fault(node.span, text!("data.too-large", limit = BUDGET)));
        }
        if anchor != 0 {
            self.copy(&node)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Table(entries), Some((key, key_span))) => {
                if entries.iter().any(|entry| entry.key == key) {
                    let place = Place::Text(self.source, key_span);
                    self.sink.push(Diagnostic::error(SYNTAX, place, text!("data.duplicate")));
                } else {
                    entries.push(Entry { key, key_span, node });
                }
            }
            (Value::Table(_), None) => {
                let Some(key) = key(&node) else {
                    return Err(self.fault(node.span, text!("data.yaml-key")));
                };
                open.key = Some((key, node.span));
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts a node that is to be copied, before it is.
    fn copy(&mut self, node: &Node) -> Step {
        self.copied = self.copied.saturating_add(bytes(&node.value));
        if self.copied > COPIED {
            return Err(self.fault(node.span, text!("data.yaml-copies", limit = COPIED >> 20)));
        }
        Ok(())
    }

    fn refused(&self, error: &ScanError) -> Box<Diagnostic> {
        let marker = error.marker();
        let at = marker.byte_offset().unwrap_or_else(|| {
            self.text.char_indices().nth(marker.index()).map_or(self.text.len(), |(at, _)| at)
        });
        let reason = reason(&error.info());
        Box::new(fault(self.source, self.text, Span { start: at, end: at + 1 }, reason))
    }
}

/// How many nodes a value holds, itself counted.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(|node| size(&node.value)).sum::<usize>(),
        Value::Table(entries) => {
            1 + entries.iter().map(|entry| size(&entry.node.value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// How many bytes the texts and keys of a value hold.
fn bytes(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(|node| bytes(&node.value)).sum(),
        Value::Table(entries) => {
            entries.iter().map(|entry| entry.key.len() + bytes(&entry.node.value)).sum()
        }
        Value::Number(text) | Value::Text(text) | Value::Date(text) => text.len(),
        Value::Null | Value::Bool(_) => 0,
    }
}

/// A key as text, in its own characters.
fn key(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn scalar(text: Cow<'_, str>) -> Value {
    match text.as_ref() {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        plain if is_number(plain) => Value::Number(text.into_owned()),
        _ => Value::Text(text.into_owned()),
    }
}

/// Whether JSON would read a number; a leading plus is TOML's.
fn is_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let leading = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !leading && digits(fraction) && digits(exponent)
}

/// The parser's reason in the user's language; rare ones stay in English within a general sentence.
fn reason(message: &str) -> Text {
    let lower = message.to_lowercase();
    let known = |part: &str| lower.contains(part);
    if known("recursion") || known("nest") {
        text!("data.too-deep")
    } else if known("anchor") && known("unknown") {
        text!("data.yaml-alias")
    } else if known("tab") {
        text!("data.yaml-tab")
    } else if known("indent") {
        text!("data.yaml-indent")
    } else if known("unclosed") || known("unexpected eof") || known("unexpected end") {
        text!("data.unclosed", reason = message)
    } else {
        text!("data.yaml", reason = message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Syntax, load as load_any};
    use docx_fill::diag::{Format, Lang, Sources, print};
    use std::fmt::Write as _;

    fn read(text: &str) -> (Option<Node>, String) {
        let mut sources = Sources::default();
        let source = sources.add_text("f", text);
        let mut sink = Sink::new();
        let node = load_any(source, text, Syntax::Yaml, &mut sink);
        (node, print(&sink.into_sorted(), &sources, Format::Short, Lang::En))
    }

    fn first(text: &str) -> Value {
        let (node, out) = read(text);
        let Some(Node { value: Value::Table(mut entries), .. }) = node else { panic!("{out}") };
        entries.remove(0).node.value
    }

    #[test]
    fn scalars_stay_as_written() {
        let text = |t: &str| Value::Text(t.to_owned());
        let number = |t: &str| Value::Number(t.to_owned());
        for (written, value) in [
            ("010", text("010")),
            ("1_000", text("1_000")),
            ("no", text("no")),
            ("0x1F", text("0x1F")),
            ("2026-01-20", text("2026-01-20")),
            ("0598-3560010", text("0598-3560010")),
            ("'12'", text("12")),
            ("!!str 12", text("12")),
            ("1e3", number("1e3")),
            ("-2.50", number("-2.50")),
            ("59237.2449", number("59237.2449")),
            ("~", Value::Null),
            ("true", Value::Bool(true)),
        ] {
            assert_eq!(first(&format!("a: {written}\n")), value, "{written}");
        }
    }

    #[test]
    fn places_are_exact() {
        let text = "年度: 2025\n机关:\n  名称: 云砚镇\n表三:\n  received: [ 3, '４', 0 ]\n";
        let (node, _) = read(text);
        let Some(Node { value: Value::Table(top), .. }) = node else { panic!("no table") };
        let slice = |span: Span| &text[span.start..span.end];
        assert_eq!(slice(top[0].key_span), "年度");
        let Value::Table(rows) = &top[2].node.value else { panic!("no rows") };
        assert_eq!(slice(rows[0].node.span), "[ 3, '４', 0 ]");
        let Value::List(items) = &rows[0].node.value else { panic!("no list") };
        assert_eq!(slice(items[1].span), "'４'");
        assert_eq!(slice(top[1].node.span), "名称: 云砚镇");
    }

    #[test]
    fn faults_are_said() {
        for (text, part) in [
            ("a: 1\nb: 2\na: 3\n", "f:3:1"),
            ("a: *b\n", "f:1:4"),
            ("a: !!binary x\n", "f:1:"),
            ("a:\n\t- 1\n", "f:2:2"),
            ("a: [1, 2\nb: 3\n", "f:"),
            ("a： 1\nb: 2\n", "f:"),
            ("---\na: 1\n---\nb: 2\n", "f:3:1"),
        ] {
            let (_, out) = read(text);
            assert!(out.contains(part), "{text}: {out}");
        }
    }

    #[test]
    fn anchors_work_and_bombs_do_not() {
        let (node, out) = read("a: &x [1, 2]\nb: *x\n");
        assert!(node.is_some() && out.is_empty(), "{out}");
        let mut bomb = String::from("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
        for level in 1..12 {
            let list = vec![format!("*a{}", level - 1); 10].join(",");
            let _ = writeln!(bomb, "a{level}: &a{level} [{list}]");
        }
        let (node, out) = read(&bomb);
        assert!(node.is_none() && !out.is_empty());
    }
}
