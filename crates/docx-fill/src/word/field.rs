//! Owns fields (ISO/IEC 29500-1, 17.16): the marks between which the code and the result of a complex field stand, how
//! fields nest, and the words of a field code.
//! Must not know what a field does.

use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use std::ops::Range;

/// A mark of a complex field (`w:fldChar`, 17.16.18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldMark {
    /// The code follows.
    Begin,
    /// The result follows.
    Separate,
    /// The field is over.
    End,
}

impl FieldMark {
    /// Reads the value of `w:fldCharType`.
    pub fn from_value(value: &str) -> Option<FieldMark> {
        match value {
            "begin" => Some(FieldMark::Begin),
            "separate" => Some(FieldMark::Separate),
            "end" => Some(FieldMark::End),
            _ => None,
        }
    }
}

/// The fields that are open at a place, each with what its reader collects; they nest in codes and in results.
#[derive(Debug)]
pub struct OpenFields<T> {
    /// The innermost last; true once its result has begun.
    open: Vec<(T, bool)>,
}

impl<T> Default for OpenFields<T> {
    fn default() -> Self {
        OpenFields { open: Vec::new() }
    }
}

impl<T> OpenFields<T> {
    /// Begins a field.
    pub fn begin(&mut self, own: T) {
        self.open.push((own, false));
    }

    /// Begins the result of the innermost field; `None` if no field is open.
    pub fn separate(&mut self) -> Option<&mut T> {
        let (own, in_result) = self.open.last_mut()?;
        *in_result = true;
        Some(own)
    }

    /// Ends the innermost field; `None` if no field is open.
    pub fn end(&mut self) -> Option<T> {
        self.open.pop().map(|(own, _)| own)
    }

    /// Returns the field whose code is being read; `None` outside of fields and in a result.
    pub fn in_code(&mut self) -> Option<&mut T> {
        self.open.last_mut().filter(|(_, in_result)| !in_result).map(|(own, _)| own)
    }

    /// Returns the innermost open field.
    pub fn innermost(&mut self) -> Option<&mut T> {
        self.open.last_mut().map(|(own, _)| own)
    }
}

/// Returns the edit that marks a field to be updated (`w:dirty`), by the tag that begins it.
pub(crate) fn dirty_mark(source: &str, tag: &Range<usize>) -> (Range<usize>, &'static str) {
    let all = attribute_ranges(source, tag);
    let known = all.into_iter().find(|(key, _)| *key == "w:dirty").map(|(_, value)| value);
    if let Some(value) = known {
        return (value, "true");
    }
    let written = source.slice(tag.clone());
    let end = if written.ends_with("/>") { 2 } else { 1 };
    let at = tag.start + written.len().saturating_sub(end);
    (at..at, " w:dirty=\"true\"")
}

/// Returns the name of a field by its code, such as `PAGE`; it is written in either case.
pub fn field_name(code: &str) -> &str {
    code.split_whitespace().next().unwrap_or_default()
}

/// Checks whether a field is of a kind, by its code.
pub fn is_field(code: &str, name: &str) -> bool {
    field_name(code).eq_ignore_ascii_case(name)
}

/// Checks whether the result of a field is a list that Word makes anew of the document: contents (17.16.5.68), an index
/// (17.16.5.29) or a table of authorities (17.16.5.67).
pub fn is_generated_list(code: &str) -> bool {
    ["TOC", "INDEX", "TOA"].iter().any(|name| is_field(code, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_nest_in_codes_and_in_results() {
        let mut open = OpenFields::default();
        assert!(open.separate().is_none() && open.end().is_none() && open.in_code().is_none());
        open.begin("IF");
        open.begin("PAGE");
        assert_eq!(open.in_code(), Some(&mut "PAGE"));
        assert_eq!(open.separate(), Some(&mut "PAGE"));
        assert_eq!(open.in_code(), None);
        assert_eq!(open.innermost(), Some(&mut "PAGE"));
        assert_eq!(open.end(), Some("PAGE"));
        assert_eq!(open.in_code(), Some(&mut "IF"));
        assert_eq!((open.end(), open.end()), (Some("IF"), None));
    }

    #[test]
    fn names_are_the_first_words_of_codes() {
        assert!(is_generated_list(" toc \\o \"1-3\" ") && !is_generated_list("TOCX"));
        assert!(is_field("\tPAGE", "page") && !is_field("", "PAGE") && field_name("  ").is_empty());
        let read = ["begin", "separate", "end", "x"].map(FieldMark::from_value);
        assert_eq!(read[0], Some(FieldMark::Begin));
        assert_eq!(read[3], None);
    }
}
