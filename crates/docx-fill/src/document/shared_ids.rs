//! Owns which attributes hold identifiers that must be unique: those of one place, and those that several places share,
//! such as the ends of a range, a bookmark with the links to it, or a note with its reference.
//! Must not know loops, nor how identifiers are renewed.

/// The kind of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdKind {
    Drawing,
    /// The identifier of a tracked change.
    Revision,
    /// The identifier of a content control.
    Control,
    /// A list identifier, which may occur repeatedly; repeated lists get new ones.
    List,
    /// An identifier that may be omitted.
    Optional,
    /// An identifier that several places share.
    Shared(SharedIdKind, SiteRole),
    /// No identifier: an element that stands elsewhere instead.
    Moved,
}

/// The kind of thing that a shared identifier identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SharedIdKind {
    Bookmark,
    BookmarkName,
    /// A range that may be edited in a protected document.
    Permission,
    Comment,
    Footnote,
    Endnote,
    /// A range of moved content; the next one has the name that its two ends share.
    MoveRange,
    MoveName,
    /// A range of custom XML that a tracked change covers.
    CustomXmlRange,
    /// A VML shape.
    Shape,
    Relationship,
    /// A paragraph of a comment, by which other parts know the comment.
    CommentParagraph,
}

/// The role of a place that has a shared identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SiteRole {
    /// Begins or ends a range.
    Start,
    End,
    Definition,
    Reference,
}

impl SharedIdKind {
    /// Checks whether the identifier is only unique within its part, so that those of an attached part are others.
    pub(crate) fn is_of_one_part(self) -> bool {
        !matches!(self, SharedIdKind::BookmarkName | SharedIdKind::MoveName | SharedIdKind::Shape)
    }

    /// Returns what identifies equal identifiers. Word does not distinguish bookmark names by case.
    pub(crate) fn key_of(self, value: &str) -> String {
        match self {
            SharedIdKind::BookmarkName => value.to_lowercase(),
            _ => value.to_owned(),
        }
    }
}

/// Checks whether an element may have an identifier of [`id_kind`].
pub(crate) fn may_hold_id(element: &str) -> bool {
    let Some((prefix, name)) = element.split_once(':') else { return false };
    match prefix {
        "w" => {
            name.ends_with("RangeStart")
                || name.ends_with("RangeEnd")
                || name.ends_with("Change")
                || matches!(
                    name,
                    "permStart"
                        | "permEnd"
                        | "commentReference"
                        | "footnoteReference"
                        | "endnoteReference"
                        | "hyperlink"
                        | "name"
                        | "ins"
                        | "del"
                        | "moveFrom"
                        | "moveTo"
                        | "cellIns"
                        | "cellDel"
                        | "cellMerge"
                )
        }
        "v" => !matches!(name, "path" | "stroke" | "formulas" | "f"),
        "o" => name == "OLEObject",
        "wp" => matches!(name, "anchor" | "inline"),
        _ => false,
    }
}

/// Returns the kind of the identifier in an attribute.
pub(crate) fn id_kind(element: &str, attribute: &str) -> Option<IdKind> {
    use SharedIdKind::{Bookmark, BookmarkName, Comment, Endnote, Footnote, MoveName, Shape};
    use SiteRole::{Definition, End, Reference, Start};
    Some(match (element, attribute) {
        ("w:bookmarkStart", "w:id") => IdKind::Shared(Bookmark, Start),
        ("w:bookmarkEnd", "w:id") => IdKind::Shared(Bookmark, End),
        ("w:bookmarkStart", "w:name") => IdKind::Shared(BookmarkName, Definition),
        ("w:hyperlink", "w:anchor") | ("w:name", "w:val") | ("Relationship", "Target") => {
            IdKind::Shared(BookmarkName, Reference)
        }
        ("w:commentRangeStart", "w:id") => IdKind::Shared(Comment, Start),
        ("w:commentRangeEnd", "w:id") => IdKind::Shared(Comment, End),
        ("w:commentReference", "w:id") => IdKind::Shared(Comment, Reference),
        ("w:footnoteReference", "w:id") => IdKind::Shared(Footnote, Reference),
        ("w:endnoteReference", "w:id") => IdKind::Shared(Endnote, Reference),
        ("w:moveFromRangeStart" | "w:moveToRangeStart", "w:name") => {
            IdKind::Shared(MoveName, Definition)
        }
        ("wp:docPr", "id") => IdKind::Drawing,
        ("wp:anchor" | "wp:inline", "wp14:anchorId" | "wp14:editId") => IdKind::Optional,
        ("o:OLEObject", "ShapeID") | ("v:shape", "type") => IdKind::Shared(Shape, Reference),
        (name, "href") if name.starts_with("v:") => IdKind::Shared(BookmarkName, Reference),
        (name, "id") if name.starts_with("v:") => IdKind::Shared(Shape, Definition),
        (name, "w:id") => range_kind(name).unwrap_or(IdKind::Revision),
        _ => return None,
    })
}

/// Returns the kind of a range mark's identifier.
fn range_kind(element: &str) -> Option<IdKind> {
    let role = if element.ends_with("Start") { SiteRole::Start } else { SiteRole::End };
    let kind = match element {
        "w:permStart" | "w:permEnd" => SharedIdKind::Permission,
        "w:moveFromRangeStart"
        | "w:moveFromRangeEnd"
        | "w:moveToRangeStart"
        | "w:moveToRangeEnd" => SharedIdKind::MoveRange,
        name if name.starts_with("w:customXml") => SharedIdKind::CustomXmlRange,
        _ => return None,
    };
    Some(IdKind::Shared(kind, role))
}

/// Checks whether an element marks the beginning or end of a range, and may be moved as a whole.
pub(crate) fn is_range_mark(element: &str) -> bool {
    matches!(element, "w:bookmarkStart" | "w:bookmarkEnd" | "w:permStart" | "w:permEnd")
        || element.starts_with("w:")
            && (element.ends_with("RangeStart") || element.ends_with("RangeEnd"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_identifier_is_in_an_element_that_may_hold_one() {
        let all = [
            ("w:permStart", "w:id"),
            ("w:commentRangeEnd", "w:id"),
            ("w:footnoteReference", "w:id"),
            ("w:customXmlInsRangeStart", "w:id"),
            ("w:rPrChange", "w:id"),
            ("w:ins", "w:id"),
            ("w:hyperlink", "w:anchor"),
            ("o:OLEObject", "ShapeID"),
            ("v:rect", "id"),
            ("v:shape", "type"),
            ("wp:anchor", "wp14:anchorId"),
        ];
        for (element, attribute) in all {
            assert!(may_hold_id(element) && id_kind(element, attribute).is_some(), "{element}");
        }
        assert!(!may_hold_id("w:rPr") && !may_hold_id("w:t") && !may_hold_id("w:pStyle"));
        assert!(is_range_mark("w:bookmarkEnd") && !is_range_mark("w:commentReference"));
    }
}
