//! Owns the words by which a form judges its texts, whatever the tables hold: leftovers, doubled
//! words, channels, remedies, names of other organs.
//! Must not know a text: `check` searches for the words.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Words by which texts are judged; a form without them leaves the checks out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ProseWords {
    /// Notes to the writer: in brackets, or at the beginning of a line before a colon.
    pub instructions: Vec<String>,
    /// Beginnings of notes to the writer in brackets, whatever follows.
    pub instruction_starts: Vec<String>,
    /// Signs that stand for something to be filled in.
    pub placeholders: Vec<String>,
    /// Ends of names in which such a sign may stand (XX光电公司).
    pub names_with_signs: Vec<String>,
    /// Words that nobody writes twice in a row on purpose.
    pub doubled: Vec<String>,
    /// Words that hold one of those twice and are right (目的的).
    pub doubled_right: Vec<String>,
    /// Characters with which words begin that may be written twice (一件一件).
    pub distributive: Vec<String>,
    /// Channels on which information is published.
    pub channels: Vec<String>,
    /// In a sentence they say that one item counts on several channels.
    pub several_channels: Vec<String>,
    /// Behind a total they begin its parts.
    pub list_marks: Vec<String>,
    /// Right before the number of a total that stands behind its parts.
    pub totals: Vec<String>,
    /// In the clause of a number they say that it is that of the whole year.
    pub whole_year: Vec<String>,
    /// They begin the plans for the coming year.
    pub remedies: Vec<String>,
    /// They begin problems that are not counted (问题主要有).
    pub problem_words: Vec<String>,
    /// Behind a numeral they count problems or remedies (一是).
    pub enumerators: Vec<String>,
    /// Right before another organ's name they justify it.
    pub beside_organs: Vec<String>,
    /// Right behind another organ's name they justify it.
    pub acts_of_organs: Vec<String>,
    /// Behind an organ's name at the beginning of a sentence: it reports about itself.
    pub own_acts: Vec<String>,
    /// In a name they show that no single organ is meant (各乡镇).
    pub generic_organs: Vec<String>,
    /// Words by which the form is called where it is cited.
    pub form_names: Vec<String>,
    /// Words before a document number that are no part of it.
    pub citing_words: Vec<String>,
    /// Sentences with these words are prescribed, so that they are alike in all reports.
    pub prescribed: Vec<String>,
    /// Ends of the names of organs by level; under an empty level those that tell none.
    pub level_names: BTreeMap<String, Vec<String>>,
}
