//! Owns how a form is named: by its family, its variant and its edition, and by what keys of a data file.
//! Must not know which forms there are: the registry chooses among them.

use super::Form;
use crate::editions::DEFAULT_FAMILY;
use serde::Deserialize;

/// An id with the official words for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedId {
    /// Id, as data files have it.
    pub id: String,
    /// Official words, which data files may have instead.
    pub name: String,
}

impl NamedId {
    /// Checks whether a word is the id or the official words.
    pub fn is_named(&self, word: &str) -> bool {
        self.id == word || self.name == word
    }

    /// Returns id and official words as a list of what may be written shows them.
    pub(crate) fn listed(&self) -> String {
        if self.id == self.name {
            self.id.clone()
        } else {
            format!("{}（{}）", self.id, self.name)
        }
    }
}

/// A key by which a data file names its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormNamePart<'a> {
    /// The family.
    Family(&'a NamedId),
    /// The variant.
    Variant(&'a NamedId),
    /// The edition.
    Edition(&'a str),
}

impl<'a> FormNamePart<'a> {
    /// Returns the key of the data file and the id that stands there.
    pub fn as_entry(self) -> (&'static str, &'a str) {
        match self {
            FormNamePart::Family(label) => ("family", &label.id),
            FormNamePart::Variant(label) => ("variant", &label.id),
            FormNamePart::Edition(edition) => ("form", edition),
        }
    }
}

impl Form {
    /// Checks whether data that names no family is of this form's.
    pub fn is_of_default_family(&self) -> bool {
        self.family.id == DEFAULT_FAMILY
    }

    /// Checks whether two forms are editions of the same variant of a family.
    pub fn is_akin(&self, other: &Form) -> bool {
        self.family.id == other.family.id && self.variant_id() == other.variant_id()
    }

    /// Checks whether two forms are the same: family, variant and years are equal.
    pub fn is_same(&self, other: &Form) -> bool {
        let years = |form: &Form| (form.first_year, form.last_year);
        self.is_akin(other) && years(self) == years(other)
    }

    /// Returns the years for which the form is.
    pub fn listed_years(&self) -> String {
        match self.last_year {
            Some(last) if last == self.first_year => format!("{last}"),
            Some(last) => format!("{}–{last}", self.first_year),
            None => format!("{}–", self.first_year),
        }
    }

    /// Returns the id of the variant; `None` for a family's plain form.
    pub fn variant_id(&self) -> Option<&str> {
        self.variant.as_ref().map(|variant| variant.id.as_str())
    }

    /// Returns the name of the form among all forms, as commands take it: the edition alone in the default family,
    /// else family, variant and edition.
    pub fn full_name(&self) -> String {
        let family = (!self.is_of_default_family()).then_some(self.family.id.as_str());
        let parts = [family, self.variant_id(), Some(self.edition.as_str())];
        parts.into_iter().flatten().collect::<Vec<_>>().join("/")
    }

    /// Returns the keys by which a data file of a year names the form: no more than are needed to choose it again.
    pub fn keys_for_year(&self, year: Option<u16>) -> Vec<FormNamePart<'_>> {
        let chosen = year.is_some_and(|year| {
            self.covers_year(year) && self.superseded_from.is_none_or(|from| year < from)
        });
        let family = (!self.is_of_default_family()).then_some(FormNamePart::Family(&self.family));
        let variant = self.variant.as_ref().map(FormNamePart::Variant);
        let edition = (!chosen).then_some(FormNamePart::Edition(&self.edition));
        [family, variant, edition].into_iter().flatten().collect()
    }
}
