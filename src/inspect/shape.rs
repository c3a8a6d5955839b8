//! Owns the shape of the data that a template wants, as a tree of names.
//! Must not know how a shape is written.

use crate::limits::MAX_TEMPLATE_NAMES;
use docx_fill::diag::WordLocation;
use docx_fill::template::{Template, ValueKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A name of the data with all that is wanted of it.
#[derive(Debug, Clone, Default)]
pub struct DataShape {
    /// The names within it, in the order in which the template uses them.
    pub names: Vec<(String, DataShape)>,
    /// Their numbers by name.
    numbers: BTreeMap<String, usize>,
    /// What every item is like, if it is a list.
    pub items: Option<Box<DataShape>>,
    /// What tags want it to be.
    kinds: Vec<ValueKind>,
    /// True if it may be absent.
    pub optional: bool,
    /// True if a tag uses it at all, or only names within it.
    used: bool,
    /// The tag that uses it first.
    pub tag: Option<Arc<TagUse>>,
}

/// A tag that uses a name.
#[derive(Debug, Clone)]
pub struct TagUse {
    /// The tag as written.
    pub text: String,
    /// Where it stands.
    pub place: WordLocation,
}

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Anything.
    Any,
    /// A text, a number, true or false.
    Scalar,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A list.
    List,
    /// A group of names.
    Group,
    /// A list of groups, a group, true or false.
    Section,
}

/// Returns the data that a template wants; `None` if it wants more names than any data has.
pub fn data_shape(template: &Template) -> Option<DataShape> {
    let mut root = DataShape::default();
    let mut left = MAX_TEMPLATE_NAMES;
    for tag in template.tags().iter().filter(|tag| !tag.requirements.is_empty()) {
        let user = Arc::new(TagUse { text: tag.text.clone(), place: tag.location.clone() });
        for want in &tag.requirements {
            let optional = want.optional || want.outer;
            let mut here = &mut root;
            for step in &want.path {
                let new = here.child_mut(step);
                here = new;
                if here.tag.is_none() {
                    left = left.checked_sub(1)?;
                    here.tag = Some(Arc::clone(&user));
                    here.optional = true;
                }
                // What is wanted within it, is wanted of it.
                here.optional &= optional;
            }
            here.used = true;
            if !here.kinds.contains(&want.kind) {
                here.kinds.push(want.kind);
            }
        }
    }
    // `{{#if x}}{{x}}{{/if}}`: a name that is asked for may be absent.
    for want in
        template.tags().iter().flat_map(|tag| &tag.requirements).filter(|want| want.optional)
    {
        let mut here = &mut root;
        for step in &want.path {
            here = here.child_mut(step);
        }
        here.optional = true;
    }
    Some(root)
}

impl DataShape {
    fn child_mut(&mut self, name: &str) -> &mut DataShape {
        if name == "*" || name.starts_with('[') && name.ends_with(']') {
            return self.items.get_or_insert_default();
        }
        let at = match self.numbers.get(name) {
            Some(at) => *at,
            None => {
                self.numbers.insert(name.to_owned(), self.names.len());
                self.names.push((name.to_owned(), DataShape::default()));
                self.names.len() - 1
            }
        };
        &mut self.names[at].1
    }

    /// Checks whether a name is used within it.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    /// What a value of this name has to be.
    pub fn value_type(&self) -> ValueType {
        let wants = |kind| self.kinds.contains(&kind);
        if wants(ValueKind::Section) && self.items.is_none() {
            ValueType::Section
        } else if self.items.is_some() || wants(ValueKind::List) {
            ValueType::List
        } else if !self.names.is_empty() || wants(ValueKind::Group) {
            ValueType::Group
        } else if wants(ValueKind::Number) {
            ValueType::Number
        } else if wants(ValueKind::Text) {
            ValueType::Text
        } else if wants(ValueKind::Scalar) {
            ValueType::Scalar
        } else {
            ValueType::Any
        }
    }

    /// Checks whether only the names within it are used, so that others would be unused.
    pub fn is_closed(&self) -> bool {
        let whole = [ValueKind::Group, ValueKind::Scalar, ValueKind::Text];
        !self.names.is_empty() && !self.kinds.iter().any(|kind| whole.contains(kind) && self.used)
    }
}
