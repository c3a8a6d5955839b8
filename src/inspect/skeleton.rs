//! Owns turning the shape of data into a data file to be filled in.
//! Must not know a syntax.

use crate::data::{DataEntry, DataNode, DataValue};
use docx_fill::diag::SourcePlace;
use docx_fill::template::{DataShape, ValueType};

/// Returns data with every name that a template requires and empty values; a list has one item.
pub fn data_skeleton(shape: &DataShape) -> DataNode {
    let entries = shape.names.iter().map(|(name, shape)| DataEntry {
        key: name.clone(),
        key_place: SourcePlace::generated(),
        node: skeleton_value(shape),
    });
    bare_node(DataValue::Table(entries.collect()))
}

fn skeleton_value(shape: &DataShape) -> DataNode {
    match shape.value_type() {
        ValueType::Any => bare_node(DataValue::Bool(false)),
        ValueType::Scalar | ValueType::Text => bare_node(DataValue::Text(String::new())),
        ValueType::Number => bare_node(DataValue::Number("0".to_owned())),
        ValueType::List => {
            let items = shape
                .items
                .as_deref()
                .map_or_else(|| bare_node(DataValue::Text(String::new())), skeleton_value);
            bare_node(DataValue::List(vec![items]))
        }
        ValueType::Section if shape.names.is_empty() => bare_node(DataValue::Bool(false)),
        ValueType::Group | ValueType::Section => data_skeleton(shape),
    }
}

fn bare_node(value: DataValue) -> DataNode {
    DataNode { value, place: SourcePlace::generated() }
}
