//! Owns the comparison of a data file with what a template wants, each finding at its place in the file.
//! Must not know a syntax.

use super::shape::{Shape, Type};
use crate::data::{Entry, Node, Value};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Severity, Sink, SourceId, Span, Text};
use docx_fill::template::nearest;
use std::collections::BTreeMap;

/// Most findings of one kind for the items of one list.
const MOST: usize = 3;

/// Compares data with what a template wants: names that are missing, values of the wrong kind, and
/// names that the template never uses.
pub fn check(shape: &Shape, root: &Node, data: SourceId, template: SourceId, sink: &mut Sink) {
    let mut checker = Checker { data, template, sink };
    match &root.value {
        Value::Table(entries) => checker.group(shape, entries, &Place::File(data), ""),
        _ => checker.wrong_kind(root, &text!("inspect.kind-group"), ""),
    }
}

struct Checker<'a> {
    data: SourceId,
    template: SourceId,
    sink: &'a mut Sink,
}

impl Checker<'_> {
    /// `place` is where the group stands: at its key.
    fn group(&mut self, shape: &Shape, entries: &[Entry], place: &Place, path: &str) {
        let mut known: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in entries {
            known.entry(entry.key.as_str()).or_insert(entry);
        }
        let find = |name: &str| known.get(name).copied();
        let spare: Vec<&Entry> = entries.iter().filter(|entry| !shape.has(&entry.key)).collect();
        for (name, inner) in &shape.names {
            let path = join(path, name);
            match find(name) {
                Some(entry) => {
                    let place = Place::Text(self.data, entry.key_span);
                    self.value(inner, &entry.node, &place, &path);
                }
                None if inner.optional => {}
                // Beyond the most that is listed nobody sees the hint.
                None => {
                    let keys = spare.iter().map(|entry| entry.key.as_str());
                    let near = if self.sink.is_full() { None } else { nearest(name, keys) };
                    let at = near.and_then(find);
                    let place =
                        at.map_or(place.clone(), |entry| Place::Text(self.data, entry.key_span));
                    self.missing(inner, place, &path, near);
                }
            }
        }
        if shape.is_closed() || shape.tag.is_none() {
            for entry in spare {
                let place = Place::Text(self.data, entry.key_span);
                let message = text!("inspect.data-unused", name = join(path, &entry.key));
                self.sink.push(Diagnostic::new("data-unused", Severity::Remark, place, message));
            }
        }
    }

    fn missing(&mut self, shape: &Shape, place: Place, path: &str, near: Option<&str>) {
        let tag = shape.tag.as_ref().map_or("", |tag| tag.text.as_str());
        let message = text!("inspect.data-missing", name = path, tag = tag);
        let mut found = Diagnostic::error("data-missing", place, message);
        if let Some(tag) = &shape.tag {
            let used = Place::Word(self.template, tag.place.clone());
            found = found.label(used, text!("inspect.used-here"));
        }
        if let Some(near) = near {
            found = found.hint(text!("inspect.hint-rename", found = near));
        }
        self.sink.push(found);
    }

    fn value(&mut self, shape: &Shape, node: &Node, place: &Place, path: &str) {
        match (shape.kind(), &node.value) {
            (_, Value::Null) if shape.optional => {}
            (Type::Any, _)
            | (
                Type::Scalar,
                Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Null,
            )
            | (Type::Text, Value::Text(_) | Value::Date(_) | Value::Null)
            | (Type::Number, Value::Number(_))
            | (Type::Section, Value::Bool(_) | Value::Null) => {}
            (Type::Number, Value::Text(text))
                if crate::figure::Decimal::parse(text.trim()).is_ok() => {}
            (Type::Group | Type::Section, Value::Table(entries)) => {
                self.group(shape, entries, place, path);
            }
            (Type::List, Value::List(items)) => {
                if let Some(shape) = &shape.items {
                    self.items(shape, items, path);
                }
            }
            (Type::Section, Value::List(items)) => self.section(shape, items, path),
            // `each` goes through the values of a group as well.
            (Type::List, Value::Table(entries)) => {
                if let Some(shape) = &shape.items {
                    for entry in entries {
                        let place = Place::Text(self.data, entry.key_span);
                        self.value(shape, &entry.node, &place, &join(path, &entry.key));
                    }
                }
            }
            (Type::Section, _) if shape.names.is_empty() => {}
            (kind, _) => self.wrong_kind(node, &word(kind), path),
        }
    }

    fn items(&mut self, shape: &Shape, items: &[Node], path: &str) {
        let mut own = Sink::new();
        for (number, item) in items.iter().enumerate() {
            let place = self.first(item.span);
            let path = format!("{path}[{}]", number + 1);
            let mut checker = Checker { data: self.data, template: self.template, sink: &mut own };
            checker.value(shape, item, &place, &path);
        }
        self.take(own);
    }

    /// The items of a list that a `{{#name}}` goes through.
    fn section(&mut self, shape: &Shape, items: &[Node], path: &str) {
        let mut own = Sink::new();
        for (number, item) in items.iter().enumerate() {
            let path = format!("{path}[{}]", number + 1);
            let mut checker = Checker { data: self.data, template: self.template, sink: &mut own };
            match &item.value {
                Value::Table(entries) => {
                    let place = checker.first(item.span);
                    checker.group(shape, entries, &place, &path);
                }
                _ if shape.names.is_empty() => {}
                _ => checker.wrong_kind(item, &text!("inspect.kind-group"), &path),
            }
        }
        self.take(own);
    }

    /// A thousand items with the same fault are told a few times.
    fn take(&mut self, own: Sink) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for found in own.into_sorted() {
            let key = format!("{}{:?}", found.rule, found.labels);
            let count = counts.entry(key).or_default();
            *count += 1;
            if *count <= MOST {
                self.sink.push(found);
            }
        }
    }

    /// The beginning of a value.
    fn first(&self, span: Span) -> Place {
        let end = span.end.min(span.start + 1);
        Place::Text(self.data, Span { start: span.start, end })
    }

    fn wrong_kind(&mut self, node: &Node, wanted: &Text, path: &str) {
        let found = node.kind();
        let message =
            text!("inspect.data-type", name = path, wanted = wanted.clone(), found = found);
        let place = Place::Text(self.data, node.span);
        self.sink.push(Diagnostic::error("data-type", place, message));
    }
}

fn word(kind: Type) -> Text {
    match kind {
        Type::Any | Type::Scalar => text!("inspect.kind-scalar"),
        Type::Text => text!("inspect.kind-text"),
        Type::Number => text!("inspect.kind-number"),
        Type::List => text!("inspect.kind-list"),
        Type::Group => text!("inspect.kind-group"),
        Type::Section => text!("inspect.kind-section"),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
