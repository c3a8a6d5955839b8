//! Owns the shape of data as a data file to fill in.
//! Must not know a syntax.

use super::shape::{Shape, Type};
use crate::data::{Entry, Node, Value};
use docx_fill::diag::Span;

/// Data that has every name that a template wants, with empty values; a list has one item.
pub fn skeleton(shape: &Shape) -> Node {
    let entries = shape.names.iter().map(|(name, shape)| Entry {
        key: name.clone(),
        key_span: Span::default(),
        node: value(shape),
    });
    node(Value::Table(entries.collect()))
}

fn value(shape: &Shape) -> Node {
    match shape.kind() {
        Type::Any => node(Value::Bool(false)),
        Type::Scalar | Type::Text => node(Value::Text(String::new())),
        Type::Number => node(Value::Number("0".to_owned())),
        Type::List => {
            let items =
                shape.items.as_deref().map_or_else(|| node(Value::Text(String::new())), value);
            node(Value::List(vec![items]))
        }
        Type::Section if shape.names.is_empty() => node(Value::Bool(false)),
        Type::Group | Type::Section => skeleton(shape),
    }
}

fn node(value: Value) -> Node {
    Node { value, span: Span::default() }
}
