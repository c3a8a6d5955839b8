//! Owns the organ that reports (行政机关): its name, its level, and the values of the form's other fields.
//! Must not know which fields a form has, nor what a value has to look like.

use crate::form::{FieldKind, FormField};
use std::collections::BTreeMap;

/// The organ that reports (行政机关).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organ {
    /// Official name, as on the organ's seal.
    pub name: String,
    /// Level, by the id of a choice of the form's field.
    pub level: Option<String>,
    /// Values of the form's other fields by id; empty ones are absent.
    pub values: BTreeMap<String, String>,
}

impl Organ {
    /// Returns the value of a field: the id of a choice, a day as `2026-01-20`; empty if it has none.
    pub fn value_of(&self, field: &FormField) -> &str {
        match field.kind {
            FieldKind::Name => &self.name,
            FieldKind::Level => self.level.as_deref().unwrap_or_default(),
            _ => self.values.get(&field.id).map_or("", String::as_str),
        }
    }

    /// Gives a field a value; an empty one takes it away.
    pub fn set_value(&mut self, field: &FormField, value: String) {
        match field.kind {
            FieldKind::Name => self.name = value,
            FieldKind::Level => self.level = Some(value).filter(|level| !level.is_empty()),
            _ if value.is_empty() => {
                self.values.remove(&field.id);
            }
            _ => {
                self.values.insert(field.id.clone(), value);
            }
        }
    }
}
