//! Owns the faults for which a part is no XML that other programs open, and their names for people.
//! Must not know how they are found.

use crate::diag::Message;
use crate::diag::msg;

/// A fault of XML, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlFault {
    /// The kind of the fault.
    pub kind: XmlFaultKind,
    /// Byte offset in the part.
    pub offset: usize,
    /// The name, reference or character that it is about; empty if there is none.
    pub name: String,
}

/// The kinds of faults of XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlFaultKind {
    /// An element is not closed.
    UnclosedElement,
    /// An end tag closes another element than the open one, which it names.
    OtherEnd,
    /// An end tag without a start tag.
    UnopenedEnd,
    /// A comment, instruction, tag or value that does not end.
    Unfinished,
    /// An attribute that stands twice, perhaps by two prefixes of a namespace.
    DuplicateAttribute,
    /// A prefix that no declaration binds.
    UnboundPrefix,
    /// A prefix or namespace that XML reserves, or a prefix bound to nothing.
    Reserved,
    /// Something that is no name of an element or attribute.
    Name,
    /// Something in a tag that is no attribute with a value in quotes.
    Attribute,
    /// `<` in the value of an attribute.
    OpenBracketInValue,
    /// A reference that no document without a document type has.
    Reference,
    /// A character that XML forbids.
    Character,
    /// Text outside of the root element.
    TextOutsideRoot,
    /// No element at all.
    NoRoot,
    /// A second root element.
    SecondRoot,
    /// `]]>` in text.
    CdataEnd,
    /// `--` in a comment.
    Comment,
    /// A malformed XML declaration.
    Declaration,
    /// A processing instruction with an impossible name, such as an XML declaration that does not stand first.
    Instruction,
    /// `<!` before something unknown.
    Markup,
    /// A document type declaration.
    Doctype,
    /// A fault that only the reader of events found.
    Other,
}

impl XmlFault {
    pub(super) fn at(kind: XmlFaultKind, offset: usize) -> XmlFault {
        XmlFault { kind, offset, name: String::new() }
    }

    pub(super) fn named(kind: XmlFaultKind, offset: usize, name: &str) -> XmlFault {
        XmlFault { kind, offset, name: name.to_owned() }
    }

    pub(super) fn character(offset: usize, c: char) -> XmlFault {
        let name = format!("U+{:04X}", u32::from(c));
        XmlFault { kind: XmlFaultKind::Character, offset, name }
    }

    /// Returns what is wrong.
    pub fn message(&self) -> Message {
        let name = &self.name;
        match self.kind {
            XmlFaultKind::UnclosedElement => msg!("xml.unclosed", name = name),
            XmlFaultKind::OtherEnd => msg!("xml.other-end", name = name),
            XmlFaultKind::UnopenedEnd => msg!("xml.unopened-end", name = name),
            XmlFaultKind::Unfinished => msg!("xml.unfinished"),
            XmlFaultKind::DuplicateAttribute => msg!("xml.duplicate-attribute", name = name),
            XmlFaultKind::UnboundPrefix => msg!("xml.unbound-prefix", name = name),
            XmlFaultKind::Reserved => msg!("xml.reserved", name = name),
            XmlFaultKind::Name => msg!("xml.name"),
            XmlFaultKind::Attribute => msg!("xml.attribute"),
            XmlFaultKind::OpenBracketInValue => msg!("xml.open-bracket"),
            XmlFaultKind::Reference => msg!("xml.reference", name = name),
            XmlFaultKind::Character => msg!("xml.character", name = name),
            XmlFaultKind::TextOutsideRoot => msg!("xml.text-outside"),
            XmlFaultKind::NoRoot => msg!("xml.no-root"),
            XmlFaultKind::SecondRoot => msg!("xml.second-root"),
            XmlFaultKind::CdataEnd => msg!("xml.cdata-end"),
            XmlFaultKind::Comment => msg!("xml.comment"),
            XmlFaultKind::Declaration => msg!("xml.declaration"),
            XmlFaultKind::Instruction => msg!("xml.instruction"),
            XmlFaultKind::Markup => msg!("xml.markup"),
            XmlFaultKind::Doctype => msg!("xml.doctype"),
            XmlFaultKind::Other => msg!("xml.other", name = name),
        }
    }
}
