//! Owns a text under judgement: its words, sentences, numbers and origins in the data file.
//! Must not know a rule.

pub(super) mod annotated_text;
pub(super) mod chinese_numbers;
pub(super) mod numbers;
pub(super) mod text_index;
