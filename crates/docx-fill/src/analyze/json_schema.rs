//! Owns writing the shape of data as a JSON Schema, draft 2020-12.
//! Must not know tags.

use super::data_shape::{DataShape, ValueType};
use serde_json::{Map, Value, json};

/// Returns the JSON Schema of the data that a template requires.
pub fn json_schema(shape: &DataShape, title: &str) -> String {
    let mut out = serde_json::to_string_pretty(&schema_value(shape, title)).unwrap_or_default();
    out.push('\n');
    out
}

/// Returns the schema as a value.
pub(crate) fn schema_value(shape: &DataShape, title: &str) -> Value {
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".to_owned(), json!(title));
    write_object(shape, &mut root);
    Value::Object(root)
}

fn write_object(shape: &DataShape, out: &mut Map<String, Value>) {
    out.insert("type".to_owned(), json!("object"));
    let names: Map<String, Value> =
        shape.names.iter().map(|(name, shape)| (name.clone(), value_schema(shape))).collect();
    let required: Vec<&String> =
        shape.names.iter().filter(|(_, shape)| !shape.optional).map(|(name, _)| name).collect();
    out.insert("properties".to_owned(), Value::Object(names));
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
}

fn value_schema(shape: &DataShape) -> Value {
    let mut out = Map::new();
    match shape.value_type() {
        ValueType::Any => {}
        ValueType::Scalar => {
            out.insert("type".to_owned(), json!(["string", "number", "boolean", "null"]));
        }
        ValueType::Text => {
            out.insert("type".to_owned(), json!(["string", "null"]));
        }
        // Strings of digits are numbers as well, so that amounts keep their decimals.
        ValueType::Number => {
            out.insert("type".to_owned(), json!(["number", "string"]));
            out.insert("pattern".to_owned(), json!(r"^\s*[+-]?\d+(\.\d+)?\s*$"));
        }
        ValueType::List => {
            out.insert("type".to_owned(), json!("array"));
            if let Some(items) = &shape.items {
                out.insert("items".to_owned(), value_schema(items));
            }
        }
        ValueType::Group => write_object(shape, &mut out),
        ValueType::Section => {
            let mut one = Map::new();
            if shape.names.is_empty() {
                return Value::Object(out);
            }
            write_object(shape, &mut one);
            let list = json!({ "type": "array", "items": one });
            let off = json!({ "type": ["boolean", "null"] });
            out.insert("anyOf".to_owned(), json!([one, list, off]));
        }
    }
    Value::Object(out)
}
