//! Owns the fields of the organ that reports (机关): their names, kinds and choices; and the keys that a data file has
//! whatever its form.
//! Must not know a field of any form, nor a report.

use super::{Form, NamedId};

/// Keys of a data file, whatever its form, with their accepted Chinese names.
pub(crate) const TOP_KEYS: [(&str, &str); 10] = [
    YEAR_KEY,
    EDITION_KEY,
    TITLE_KEY,
    ("date", "日期"),
    ("organ", "机关"),
    ("text", "正文"),
    ("notes", "说明"),
    ("letterhead", "版头"),
    FAMILY_KEY,
    VARIANT_KEY,
];
pub(crate) const YEAR_KEY: (&str, &str) = ("year", "年度");
pub(crate) const EDITION_KEY: (&str, &str) = ("form", "表样");
pub(crate) const TITLE_KEY: (&str, &str) = ("title", "标题");
pub(crate) const FAMILY_KEY: (&str, &str) = ("family", "报表");
pub(crate) const VARIANT_KEY: (&str, &str) = ("variant", "式样");

/// A field of the organ that reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Id, for instance `postcode`: the key of the data file.
    pub id: String,
    /// Official label, which data files may have instead.
    pub label: String,
    /// Name of its line in a workbook, where no heading says that it is the organ's.
    pub sheet_label: String,
    /// Note beside its line in a workbook; may be empty.
    pub about: String,
    /// Words before its value in a report that is read, the longest first.
    pub reading_words: Vec<String>,
    /// Kind of its values.
    pub kind: FieldKind,
    /// Place of the line that documents show for it, if they do.
    pub printed: Option<FieldPlace>,
    /// True if a report lacks something without it.
    pub is_required: bool,
    /// True if a fresh file has a line for it.
    pub is_offered: bool,
    /// The values of which it has one; empty if any of its kind will do.
    pub choices: Vec<NamedId>,
}

/// Place of the line of a field among the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPlace {
    /// Index into [`Form::sections`].
    pub section: usize,
    /// True if it comes last in the section; otherwise it comes first.
    pub is_last: bool,
}

impl FieldPlace {
    /// Checks whether the line belongs to the text behind the section's table.
    pub(crate) fn is_after_table(self, form: &Form) -> bool {
        self.is_last && form.sections[self.section].table.is_some()
    }
}

/// Kind of the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// The organ's official name.
    Name,
    /// The organ's level: rows and deadlines may depend on it.
    Level,
    /// Any words.
    Text,
    /// A calendar day.
    Date,
    /// A telephone number.
    Phone,
    /// A postcode.
    Postcode,
    /// An e-mail address.
    Mail,
    /// The address of a site.
    Site,
    /// One of the field's choices.
    Choice,
    /// Yes or no.
    YesNo,
}

impl FieldKind {
    /// Checks whether values are the writer's own words, so that they may hold any character by mistake.
    pub fn is_free(self) -> bool {
        !matches!(self, FieldKind::Level | FieldKind::Choice | FieldKind::YesNo | FieldKind::Date)
    }

    /// Checks whether values are for programs, without any full-width character.
    pub(crate) fn is_plain(self) -> bool {
        use FieldKind::{Mail, Phone, Postcode, Site};
        matches!(self, Postcode | Phone | Mail | Site)
    }
}

impl FormField {
    /// Checks whether a word is the id or the label.
    pub fn is_named(&self, word: &str) -> bool {
        self.id == word || self.label == word
    }

    /// Returns the choice with this id or these official words.
    pub fn choice_named(&self, word: &str) -> Option<&NamedId> {
        self.choices.iter().find(|choice| choice.is_named(word))
    }

    /// Returns a value as people read it: the official words of a choice.
    pub fn shown_value<'a>(&'a self, value: &'a str) -> &'a str {
        self.choices.iter().find(|choice| choice.id == value).map_or(value, |choice| &choice.name)
    }

    /// Returns the choices as a list of what may be written shows them.
    pub fn listed_choices(&self) -> Vec<String> {
        self.choices.iter().map(NamedId::listed).collect()
    }
}
