//! Owns the compiled form of texts with tags: instructions, partials and instructions specific to Word.
//! Must not know any data.

pub(crate) mod builder;
pub(crate) mod include;
pub(crate) mod part;
pub(crate) mod partials;
pub(crate) mod program;
pub(crate) mod references;
pub(crate) mod table_rule;
pub(crate) mod text_compiler;
pub(crate) mod word_values;
