//! Owns the shape of the data that a template requires, as a tree of names.
//! Must not know the output formats of a shape.

use crate::analyze::requirement::{TagSite, ValueKind};
use crate::diag::WordLocation;
use crate::limits::MAX_TEMPLATE_NAMES;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A name of the data with all its requirements.
#[derive(Debug, Clone, Default)]
pub struct DataShape {
    /// Names within it, in the order of their first use in the template.
    pub names: Vec<(String, DataShape)>,
    /// Indexes into `names` by name.
    numbers: BTreeMap<String, usize>,
    /// Shape of the items, if it is a list.
    pub items: Option<Box<DataShape>>,
    /// Kinds of value that tags require.
    kinds: Vec<ValueKind>,
    /// True if the name may be absent.
    pub optional: bool,
    /// True if a tag uses the name itself, not only names within it.
    used: bool,
    /// First tag that uses the name.
    pub tag: Option<Arc<TagUse>>,
}

/// A use of a name by a tag.
#[derive(Debug, Clone)]
pub struct TagUse {
    /// Tag as written.
    pub text: String,
    /// Place of the tag.
    pub place: WordLocation,
}

/// The type that a value must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Any value.
    Any,
    /// A text, a number or a Boolean.
    Scalar,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A list.
    List,
    /// A group of names (an object).
    Group,
    /// A list of groups, a group or a Boolean.
    Section,
}

/// Returns the data that a template requires; `None` if it has more names than the limit.
pub fn data_shape(tags: &[TagSite]) -> Option<DataShape> {
    let mut root = DataShape::default();
    let mut left = MAX_TEMPLATE_NAMES;
    for tag in tags.iter().filter(|tag| !tag.requirements.is_empty()) {
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
                // A requirement on a name within it also applies to the name itself.
                here.optional &= optional;
            }
            here.used = true;
            if !here.kinds.contains(&want.kind) {
                here.kinds.push(want.kind);
            }
        }
    }
    // `{{#if x}}{{x}}{{/if}}`: a name that is tested may be absent.
    for want in tags.iter().flat_map(|tag| &tag.requirements).filter(|want| want.optional) {
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
    pub fn has_name(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    /// Returns the type that a value of this name must have.
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

    /// Checks whether only names within it are used, so that any other name would be unused.
    pub fn is_closed(&self) -> bool {
        let whole = [ValueKind::Group, ValueKind::Scalar, ValueKind::Text];
        !self.names.is_empty() && !self.kinds.iter().any(|kind| whole.contains(kind) && self.used)
    }
}
