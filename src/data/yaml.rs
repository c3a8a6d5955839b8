//! Owns reading YAML 1.2 into the tree, from the parser's events with their byte ranges.
//! Must not know the other syntaxes.
//!
//! A plain scalar is a number only if TOML and JSON write numbers so; everything else (`010`,
//! `1_000`, `no`, dates) stays text as written, so that a postcode keeps its zeros.

use super::{DataEntry, DataNode, DataValue, SYNTAX_RULE, syntax_error};
use crate::limits::{
    MAX_DATA_DEPTH as DEEPEST, MAX_YAML_COPIED_BYTES as COPIED, MAX_YAML_NODES as BUDGET,
};
use crate::msg;
use docx_fill::diag::{Diagnostic, Message, Sink, SourceId, SourcePlace, Span};
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) fn load_yaml(source: SourceId, text: &str, sink: &mut Sink) -> Option<DataNode> {
    let mut options = Options::default();
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let mut builder = YamlBuilder {
        source,
        text,
        sink,
        open_collections: Vec::new(),
        anchors: BTreeMap::new(),
        node_count: 0,
        copied_bytes: 0,
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => {
                builder.handle_event(event, span.byte_range().unwrap_or_default().into())
            }
            Err(error) => Err(builder.scan_error(&error)),
        };
        if let Err(found) = step {
            builder.sink.push(*found);
            return None;
        }
    }
    // A file of comments only is a file without keys, as in TOML.
    let none = DataNode { value: DataValue::Table(Vec::new()), place: SourcePlace::from(0..0) };
    Some(builder.root.unwrap_or(none))
}

/// A collection that is not closed yet.
struct OpenCollection {
    anchor: usize,
    start: usize,
    /// Number of nodes within it, for the limit on aliases.
    value: DataValue,
    /// Key whose value comes next.
    key: Option<(String, SourcePlace)>,
}

struct YamlBuilder<'a> {
    source: SourceId,
    text: &'a str,
    sink: &'a mut Sink,
    open_collections: Vec<OpenCollection>,
    /// Anchored nodes with their number of nodes.
    anchors: BTreeMap<usize, (DataNode, usize)>,
    node_count: usize,
    /// Bytes copied for anchors and aliases.
    copied_bytes: usize,
    root: Option<DataNode>,
    documents: usize,
}

type BuildResult = Result<(), Box<Diagnostic>>;

impl YamlBuilder<'_> {
    fn handle_event(&mut self, event: Event<'_>, span: Span) -> BuildResult {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.fault_at(span.into(), msg!("data.yaml-documents")));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(span, tag.as_ref())?;
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value =
                    if plain { plain_scalar(text) } else { DataValue::Text(text.into_owned()) };
                return self.place_node(
                    DataNode { value, place: SourcePlace::Text(span) },
                    anchor,
                    1,
                );
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(span, tag.as_ref())?;
                self.open_collection(anchor, span, DataValue::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(span, tag.as_ref())?;
                self.open_collection(anchor, span, DataValue::Table(Vec::new()))?;
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close_collection(span),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.remove(&anchor) else {
                    return Err(self.fault_at(span.into(), msg!("data.yaml-alias")));
                };
                self.count_copy(&node)?;
                let own = DataNode { place: SourcePlace::Text(span), value: node.value.clone() };
                self.anchors.insert(anchor, (node, size));
                return self.place_node(own, 0, size);
            }
            _ => {}
        }
        Ok(())
    }

    fn fault_at(&self, place: SourcePlace, reason: Message) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(SYNTAX_RULE, place.in_source(self.source), reason))
    }

    fn refuse_tag(&self, span: Span, tag: Option<&Cow<'_, Tag>>) -> BuildResult {
        let plain = |tag: &Tag| tag.is_yaml_core_schema_tag("str");
        match tag {
            Some(tag) if !plain(tag) => Err(self.fault_at(span.into(), msg!("data.yaml-tag"))),
            _ => Ok(()),
        }
    }

    fn open_collection(&mut self, anchor: usize, span: Span, value: DataValue) -> BuildResult {
        if self.open_collections.len() >= DEEPEST {
            return Err(self.fault_at(span.into(), msg!("data.too-deep")));
        }
        self.open_collections.push(OpenCollection { anchor, start: span.start, value, key: None });
        Ok(())
    }

    fn close_collection(&mut self, span: Span) -> BuildResult {
        let Some(open) = self.open_collections.pop() else { return Ok(()) };
        // The parser ends a block collection where the next token begins; for readers it ends with
        // its last value.
        let last = match &open.value {
            DataValue::List(items) => items.last(),
            DataValue::Table(entries) => entries.last().map(|entry| &entry.node),
            _ => None,
        };
        let own = self.text.get(span.start..span.end).unwrap_or_default();
        let closed = own.ends_with([']', '}']);
        let last_end = || last.and_then(|node| node.place.bytes()).map(|bytes| bytes.end);
        let end = if closed { span.end } else { last_end().unwrap_or(open.start) };
        let size = if open.anchor == 0 { 1 } else { node_count(&open.value) };
        let place = SourcePlace::from(open.start..end.max(open.start));
        self.place_node(DataNode { value: open.value, place }, open.anchor, size)
    }

    /// Adds a finished node to the open collection.
    fn place_node(&mut self, node: DataNode, anchor: usize, size: usize) -> BuildResult {
        self.node_count += size;
        if self.node_count > BUDGET {
            return Err(self.fault_at(node.place, msg!("data.too-large", limit = BUDGET)));
        }
        if anchor != 0 {
            self.count_copy(&node)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open_collections.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.value, open.key.take()) {
            (DataValue::List(items), _) => items.push(node),
            (DataValue::Table(entries), Some((key, key_place))) => {
                if entries.iter().any(|entry| entry.key == key) {
                    let place = key_place.in_source(self.source);
                    self.sink.push(Diagnostic::error(SYNTAX_RULE, place, msg!("data.duplicate")));
                } else {
                    entries.push(DataEntry { key, key_place, node });
                }
            }
            (DataValue::Table(_), None) => {
                let Some(key) = key_text(&node) else {
                    return Err(self.fault_at(node.place, msg!("data.yaml-key")));
                };
                open.key = Some((key, node.place));
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts a node before it is copied; fails above the limit.
    fn count_copy(&mut self, node: &DataNode) -> BuildResult {
        self.copied_bytes = self.copied_bytes.saturating_add(text_bytes(&node.value));
        if self.copied_bytes > COPIED {
            return Err(self.fault_at(node.place, msg!("data.yaml-copies", limit = COPIED >> 20)));
        }
        Ok(())
    }

    fn scan_error(&self, error: &ScanError) -> Box<Diagnostic> {
        let marker = error.marker();
        let at = marker.byte_offset().unwrap_or_else(|| {
            self.text.char_indices().nth(marker.index()).map_or(self.text.len(), |(at, _)| at)
        });
        let reason = error_message(&error.info());
        Box::new(syntax_error(self.source, self.text, Span { start: at, end: at + 1 }, reason))
    }
}

/// Returns the number of nodes of a value, including itself.
fn node_count(value: &DataValue) -> usize {
    match value {
        DataValue::List(items) => {
            1 + items.iter().map(|node| node_count(&node.value)).sum::<usize>()
        }
        DataValue::Table(entries) => {
            1 + entries.iter().map(|entry| node_count(&entry.node.value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// Returns the number of bytes of the texts and keys of a value.
fn text_bytes(value: &DataValue) -> usize {
    match value {
        DataValue::List(items) => items.iter().map(|node| text_bytes(&node.value)).sum(),
        DataValue::Table(entries) => {
            entries.iter().map(|entry| entry.key.len() + text_bytes(&entry.node.value)).sum()
        }
        DataValue::Number(text) | DataValue::Text(text) | DataValue::Date(text) => text.len(),
        DataValue::Null | DataValue::Bool(_) | DataValue::Unread => 0,
    }
}

/// Returns a key as text, as written in the file.
fn key_text(node: &DataNode) -> Option<String> {
    match &node.value {
        DataValue::Text(text) | DataValue::Number(text) => Some(text.clone()),
        DataValue::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn plain_scalar(text: Cow<'_, str>) -> DataValue {
    match text.as_ref() {
        "" | "~" | "null" => DataValue::Null,
        "true" => DataValue::Bool(true),
        "false" => DataValue::Bool(false),
        plain if is_json_number(plain) => DataValue::Number(text.into_owned()),
        _ => DataValue::Text(text.into_owned()),
    }
}

/// Checks whether JSON reads the text as a number; a leading plus, as in TOML, is also accepted.
fn is_json_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let leading = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !leading && digits(fraction) && digits(exponent)
}

/// Returns the parser's reason in the user's language; rare ones stay in English within a general
/// sentence.
fn error_message(message: &str) -> Message {
    let lower = message.to_lowercase();
    let known = |part: &str| lower.contains(part);
    if known("recursion") || known("nest") {
        msg!("data.too-deep")
    } else if known("anchor") && known("unknown") {
        msg!("data.yaml-alias")
    } else if lower.split(|c: char| !c.is_alphanumeric()).any(|w| matches!(w, "tab" | "tabs")) {
        msg!("data.yaml-tab")
    } else if known("mapping values") || known("':' indicator") {
        msg!("data.yaml-colon")
    } else if known("indent") {
        msg!("data.yaml-indent")
    } else if known("unclosed") || known("unexpected eof") || known("unexpected end") {
        msg!("data.unclosed")
    } else {
        msg!("data.yaml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Syntax, load_data as load_any};
    use docx_fill::diag::{DiagnosticFormat, Lang, Sources, render_diagnostics};
    use std::fmt::Write as _;

    fn read(text: &str) -> (Option<DataNode>, String) {
        let mut sources = Sources::default();
        let source = sources.add_text("f", text);
        let mut sink = Sink::new();
        let node = load_any(source, text, Syntax::Yaml, &mut sink);
        (node, render_diagnostics(&sink.into_sorted(), &sources, DiagnosticFormat::Short, Lang::En))
    }

    fn first(text: &str) -> DataValue {
        let (node, out) = read(text);
        let Some(DataNode { value: DataValue::Table(mut entries), .. }) = node else {
            panic!("{out}")
        };
        entries.remove(0).node.value
    }

    #[test]
    fn scalars_stay_as_written() {
        let text = |t: &str| DataValue::Text(t.to_owned());
        let number = |t: &str| DataValue::Number(t.to_owned());
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
            ("~", DataValue::Null),
            ("true", DataValue::Bool(true)),
        ] {
            assert_eq!(first(&format!("a: {written}\n")), value, "{written}");
        }
    }

    #[test]
    fn places_are_exact() {
        let text = "年度: 2025\n机关:\n  名称: 云砚镇\n表三:\n  received: [ 3, '４', 0 ]\n";
        let (node, _) = read(text);
        let Some(DataNode { value: DataValue::Table(top), .. }) = node else { panic!("no table") };
        let slice = |place: SourcePlace| {
            let bytes = place.bytes().expect("a text");
            &text[bytes.start..bytes.end]
        };
        assert_eq!(slice(top[0].key_place), "年度");
        let DataValue::Table(rows) = &top[2].node.value else { panic!("no rows") };
        assert_eq!(slice(rows[0].node.place), "[ 3, '４', 0 ]");
        let DataValue::List(items) = &rows[0].node.value else { panic!("no list") };
        assert_eq!(slice(items[1].place), "'４'");
        assert_eq!(slice(top[1].node.place), "名称: 云砚镇");
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
