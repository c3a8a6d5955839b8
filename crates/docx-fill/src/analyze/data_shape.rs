//! Owns the shape of the data that a template requires, as a tree of names.
//! Must not know how a shape is written.

use crate::analyze::requirement::{ListedTag, PERHAPS_ITEMS, Requirement, ValueKind};
use crate::diag::WordLocation;
use crate::limits::MAX_TEMPLATE_NAMES;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A name in the data with all requirements for its value.
#[derive(Debug, Clone, Default)]
pub struct DataShape {
    /// Names within it, in the order in which the template uses them.
    pub names: Vec<(String, DataShape)>,
    /// Indices in `names` by name.
    numbers: BTreeMap<String, usize>,
    /// Shape of the items, if it is a list.
    pub items: Option<Box<DataShape>>,
    /// Kinds of values that tags require.
    kinds: Vec<ValueKind>,
    /// True if the value may be absent.
    pub optional: bool,
    /// True if a tag uses the value itself, and not only names within it.
    used: bool,
    /// First tag that uses the name.
    pub tag: Option<Arc<NameUse>>,
}

/// A use of a name by a tag.
#[derive(Debug, Clone)]
pub struct NameUse {
    /// Tag as written.
    pub text: String,
    /// Location of the tag.
    pub place: WordLocation,
}

/// The required type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Any value.
    Any,
    /// A text, number or Boolean.
    Scalar,
    /// Text.
    Text,
    /// A number.
    Number,
    /// A list.
    List,
    /// An object of named values.
    Group,
    /// A list of objects, an object or a Boolean.
    Section,
}

/// Returns the shape of the data that a template requires; `None` if it has more than `MAX_TEMPLATE_NAMES`
/// names.
pub fn data_shape(tags: &[ListedTag]) -> Option<DataShape> {
    let mut root = DataShape::default();
    let mut left = MAX_TEMPLATE_NAMES;
    let perhaps = |want: &&Requirement| want.path.iter().any(|step| step == PERHAPS_ITEMS);
    // Which steps enter lists is known after all others.
    let passes = [false, true].into_iter().flat_map(|late| tags.iter().map(move |tag| (late, tag)));
    for (late, tag) in passes {
        let mut wants = tag.requirements.iter().filter(|want| perhaps(want) == late).peekable();
        if wants.peek().is_none() {
            continue;
        }
        let user = Arc::new(NameUse { text: tag.text.clone(), place: tag.location.clone() });
        for want in wants {
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
                // A name within a value is required only together with that value.
                here.optional &= optional;
            }
            here.used = true;
            if !here.kinds.contains(&want.kind) {
                here.kinds.push(want.kind);
            }
        }
    }
    // A name that is tested first may be absent, as in `{{#if x}}{{x}}{{/if}}`.
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
        if name == PERHAPS_ITEMS {
            if self.items.is_some() {
                return self.items.get_or_insert_default();
            }
            // A group or a list of groups.
            if !self.kinds.contains(&ValueKind::Section) {
                self.kinds.push(ValueKind::Section);
            }
            return self;
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

    /// Checks whether a name within it is used.
    pub fn has_name(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    /// Returns the required type of the value.
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

    /// Checks whether only the names within it are used, so that other names in the data would be unused.
    pub fn is_closed(&self) -> bool {
        let whole = [ValueKind::Group, ValueKind::Scalar, ValueKind::Text];
        !self.names.is_empty() && !self.kinds.iter().any(|kind| whole.contains(kind) && self.used)
    }
}
