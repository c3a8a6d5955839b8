//! Owns comparing a data file with the data that a template requires, each finding at its place in
//! the file.
//! Must not know a syntax.

use crate::data::{DataEntry, DataNode, DataValue};
use crate::msg;
use docx_fill::diag::{
    Diagnostic, Location, Message, Severity, Sink, SourceId, SourcePlace, Span, nearest_name,
};
use docx_fill::template::{DataShape, ValueType};
use std::collections::BTreeMap;

/// Maximum number of findings of one kind for the items of one list.
const MAX_REPEATED: usize = 3;

/// Compares data with the requirements of a template: missing names, values of the wrong kind, and
/// names that the template never uses.
pub fn check_data(
    shape: &DataShape,
    root: &DataNode,
    data: SourceId,
    template: SourceId,
    sink: &mut Sink,
) {
    let mut checker = DataChecker { data, template, sink };
    match &root.value {
        DataValue::Table(entries) => checker.check_group(shape, entries, &Location::File(data), ""),
        _ => checker.report_wrong_kind(root, &msg!("inspect.kind-group"), ""),
    }
}

struct DataChecker<'a> {
    data: SourceId,
    template: SourceId,
    sink: &'a mut Sink,
}

impl DataChecker<'_> {
    /// Checks a group of names; `place` is the location of its key.
    fn check_group(
        &mut self,
        shape: &DataShape,
        entries: &[DataEntry],
        place: &Location,
        path: &str,
    ) {
        let mut known: BTreeMap<&str, &DataEntry> = BTreeMap::new();
        for entry in entries {
            known.entry(entry.key.as_str()).or_insert(entry);
        }
        let find = |name: &str| known.get(name).copied();
        let spare: Vec<&DataEntry> =
            entries.iter().filter(|entry| !shape.has_name(&entry.key)).collect();
        for (name, inner) in &shape.names {
            let path = join_path(path, name);
            match find(name) {
                Some(entry) => {
                    let place = entry.key_place.in_source(self.data);
                    self.check_value(inner, &entry.node, &place, &path);
                }
                None if inner.optional => {}
                // Once the sink is full nobody sees the hint.
                None => {
                    let keys = spare.iter().map(|entry| entry.key.as_str());
                    let near = if self.sink.is_full() { None } else { nearest_name(name, keys) };
                    let at = near.and_then(find);
                    let place =
                        at.map_or(place.clone(), |entry| entry.key_place.in_source(self.data));
                    self.report_missing(inner, place, &path, near);
                }
            }
        }
        if shape.is_closed() || shape.tag.is_none() {
            for entry in spare {
                let place = entry.key_place.in_source(self.data);
                let message = msg!("inspect.data-unused", name = join_path(path, &entry.key));
                self.sink.push(Diagnostic::new("data-unused", Severity::Info, place, message));
            }
        }
    }

    fn report_missing(
        &mut self,
        shape: &DataShape,
        place: Location,
        path: &str,
        near: Option<&str>,
    ) {
        let tag = shape.tag.as_ref().map_or("", |tag| tag.text.as_str());
        let message = msg!("inspect.data-missing", name = path, tag = tag);
        let mut found = Diagnostic::error("data-missing", place, message);
        if let Some(tag) = &shape.tag {
            let used = Location::Word(self.template, tag.place.clone());
            found = found.with_label(used, msg!("inspect.used-here"));
        }
        if let Some(near) = near {
            found = found.with_hint(msg!("inspect.hint-rename", found = near));
        }
        self.sink.push(found);
    }

    fn check_value(&mut self, shape: &DataShape, node: &DataNode, place: &Location, path: &str) {
        match (shape.value_type(), &node.value) {
            (_, DataValue::Null) if shape.optional => {}
            (ValueType::Any, _)
            | (
                ValueType::Scalar,
                DataValue::Text(_)
                | DataValue::Number(_)
                | DataValue::Bool(_)
                | DataValue::Date(_)
                | DataValue::Null,
            )
            | (ValueType::Text, DataValue::Text(_) | DataValue::Date(_) | DataValue::Null)
            | (ValueType::Number, DataValue::Number(_))
            | (ValueType::Section, DataValue::Bool(_) | DataValue::Null) => {}
            (ValueType::Number, DataValue::Text(text))
                if crate::figure::parse_decimal(text.trim()).is_ok() => {}
            (ValueType::Group | ValueType::Section, DataValue::Table(entries)) => {
                self.check_group(shape, entries, place, path);
            }
            (ValueType::List, DataValue::List(items)) => {
                if let Some(shape) = &shape.items {
                    self.check_items(shape, items, path);
                }
            }
            (ValueType::Section, DataValue::List(items)) => self.check_section(shape, items, path),
            // `each` also iterates over the values of a group.
            (ValueType::List, DataValue::Table(entries)) => {
                if let Some(shape) = &shape.items {
                    for entry in entries {
                        let place = entry.key_place.in_source(self.data);
                        self.check_value(shape, &entry.node, &place, &join_path(path, &entry.key));
                    }
                }
            }
            (ValueType::Section, _) if shape.names.is_empty() => {}
            (kind, _) => self.report_wrong_kind(node, &type_word(kind), path),
        }
    }

    fn check_items(&mut self, shape: &DataShape, items: &[DataNode], path: &str) {
        let mut own = Sink::new();
        for (number, item) in items.iter().enumerate() {
            let place = self.start_place(item.place);
            let path = format!("{path}[{}]", number + 1);
            let mut checker =
                DataChecker { data: self.data, template: self.template, sink: &mut own };
            checker.check_value(shape, item, &place, &path);
        }
        self.take_findings(own);
    }

    /// Checks the items of a list over which `{{#name}}` iterates.
    fn check_section(&mut self, shape: &DataShape, items: &[DataNode], path: &str) {
        let mut own = Sink::new();
        for (number, item) in items.iter().enumerate() {
            let path = format!("{path}[{}]", number + 1);
            let mut checker =
                DataChecker { data: self.data, template: self.template, sink: &mut own };
            match &item.value {
                DataValue::Table(entries) => {
                    let place = checker.start_place(item.place);
                    checker.check_group(shape, entries, &place, &path);
                }
                _ if shape.names.is_empty() => {}
                _ => checker.report_wrong_kind(item, &msg!("inspect.kind-group"), &path),
            }
        }
        self.take_findings(own);
    }

    /// Passes findings on, dropping repetitions of the same fault in many items.
    fn take_findings(&mut self, own: Sink) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for found in own.into_sorted() {
            let key = format!("{}{:?}", found.rule, found.labels);
            let count = counts.entry(key).or_default();
            *count += 1;
            if *count <= MAX_REPEATED {
                self.sink.push(found);
            }
        }
    }

    /// Returns the location of the start of a value.
    fn start_place(&self, place: SourcePlace) -> Location {
        let first = |span: Span| Span { end: span.end.min(span.start + 1), ..span };
        let start = place.bytes().map_or(place, |span| place.with_bytes(first(span)));
        start.in_source(self.data)
    }

    fn report_wrong_kind(&mut self, node: &DataNode, wanted: &Message, path: &str) {
        let found = node.kind_name();
        let message =
            msg!("inspect.data-type", name = path, wanted = wanted.clone(), found = found);
        let place = node.place.in_source(self.data);
        self.sink.push(Diagnostic::error("data-type", place, message));
    }
}

fn type_word(kind: ValueType) -> Message {
    match kind {
        ValueType::Any | ValueType::Scalar => msg!("inspect.kind-scalar"),
        ValueType::Text => msg!("inspect.kind-text"),
        ValueType::Number => msg!("inspect.kind-number"),
        ValueType::List => msg!("inspect.kind-list"),
        ValueType::Group => msg!("inspect.kind-group"),
        ValueType::Section => msg!("inspect.kind-section"),
    }
}

fn join_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
