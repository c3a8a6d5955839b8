//! Owns the reasons why a package cannot be used, and their sentences.
//! Must not know where the bytes came from.

use crate::diag::text;
use crate::diag::{Diagnostic, Place, SourceId, Text};
use crate::limits::ELEMENTS;

/// Why a package cannot be read or written. A clerk sees the sentence of [`OpcError::text`];
/// `Display` is for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpcError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The binary format of Word 97.
    #[error("a .doc file")]
    OldDoc,
    /// A compound file that is not a text document.
    #[error("an OLE compound file")]
    Ole,
    /// Protected by a password.
    #[error("an encrypted document")]
    Encrypted,
    /// `OpenDocument`.
    #[error("an OpenDocument file")]
    OpenDocument,
    /// PDF.
    #[error("a PDF")]
    Pdf,
    /// Rich text.
    #[error("an RTF file")]
    Rtf,
    /// Word's single XML file, or some other XML or HTML.
    #[error("an XML or HTML file")]
    FlatXml,
    /// Anything else.
    #[error("not a zip archive")]
    NotZip,
    /// The end of the archive is missing.
    #[error("the archive is cut off")]
    CutOff,
    /// The archive's directory cannot be read.
    #[error("a damaged archive: {detail}")]
    Damaged {
        /// What the archive reader says.
        detail: String,
    },
    /// One entry cannot be unpacked.
    #[error("{part} is damaged")]
    DamagedPart {
        /// Part name.
        part: String,
    },
    /// Two entries of one name, or entries that share bytes.
    #[error("the archive holds {part} twice")]
    Duplicate {
        /// Part name.
        part: String,
    },
    /// A name that leads out of the package.
    #[error("{part} is not a part name")]
    BadName {
        /// Name of the entry.
        part: String,
    },
    /// Too many parts.
    #[error("{count} parts, at most {limit}")]
    TooManyParts {
        /// Parts found.
        count: usize,
        /// Parts allowed.
        limit: usize,
    },
    /// One part is too large.
    #[error("{part} is larger than {limit} bytes")]
    PartTooLarge {
        /// Part name.
        part: String,
        /// Bytes allowed.
        limit: u64,
    },
    /// All parts together are too large.
    #[error("the parts are larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Few packed bytes become very many.
    #[error("{part} unpacks to suspiciously much")]
    Bomb {
        /// Part name.
        part: String,
    },
    /// No `[Content_Types].xml`.
    #[error("[Content_Types].xml is missing")]
    NoContentTypes,
    /// No main document part.
    #[error("the main document is missing")]
    NoMainDocument,
    /// A package of another program, such as a workbook.
    #[error("not a Word document but {content_type}")]
    NotWord {
        /// Content type of the main part.
        content_type: String,
    },
    /// Holds macros.
    #[error("the document holds macros")]
    Macros,
    /// Written as Strict Open XML.
    #[error("a strict Open XML document")]
    Strict,
    /// Digitally signed.
    #[error("the document is signed")]
    Signed,
    /// A document type declaration, which no Word document has.
    #[error("{part} has a document type declaration")]
    Doctype {
        /// Part name.
        part: String,
    },
    /// UTF-16 or another encoding than UTF-8.
    #[error("{part} is not UTF-8")]
    Encoding {
        /// Part name.
        part: String,
    },
    /// More elements than are read.
    #[error("{part} has too many elements")]
    TooManyElements {
        /// Part name.
        part: String,
    },
    /// Not well-formed.
    #[error("{part} is not well-formed at byte {offset}: {detail}")]
    Xml {
        /// Part name.
        part: String,
        /// Byte offset.
        offset: usize,
        /// What the XML reader says.
        detail: String,
    },
    /// The archive could not be written.
    #[error("the archive could not be written: {detail}")]
    Write {
        /// What the archive writer says.
        detail: String,
    },
}

impl OpcError {
    /// What is wrong.
    pub fn text(&self) -> Text {
        match self {
            OpcError::Empty => text!("opc.empty"),
            OpcError::OldDoc => text!("opc.old-doc"),
            OpcError::Ole => text!("opc.ole"),
            OpcError::Encrypted => text!("opc.encrypted"),
            OpcError::OpenDocument => text!("opc.open-document"),
            OpcError::Pdf => text!("opc.pdf"),
            OpcError::Rtf => text!("opc.rtf"),
            OpcError::FlatXml => text!("opc.flat-xml"),
            OpcError::NotZip => text!("opc.not-zip"),
            OpcError::CutOff => text!("opc.cut-off"),
            OpcError::Damaged { detail } => text!("opc.damaged", detail = detail),
            OpcError::DamagedPart { part } => text!("opc.damaged-part", part = part),
            OpcError::Duplicate { part } => text!("opc.duplicate", part = part),
            OpcError::BadName { part } => text!("opc.bad-name", part = part),
            OpcError::TooManyParts { count, limit } => {
                text!("opc.too-many-parts", count = *count, limit = *limit)
            }
            OpcError::PartTooLarge { part, limit } => {
                text!("opc.part-too-large", part = part, limit = limit >> 20)
            }
            OpcError::TooLarge { limit } => text!("opc.too-large", limit = limit >> 20),
            OpcError::Bomb { part } => text!("opc.bomb", part = part),
            OpcError::NoContentTypes => text!("opc.no-content-types"),
            OpcError::NoMainDocument => text!("opc.no-main-document"),
            OpcError::NotWord { content_type } => text!("opc.not-word", type = content_type),
            OpcError::Macros => text!("opc.macros"),
            OpcError::Strict => text!("opc.strict"),
            OpcError::Signed => text!("opc.signed"),
            OpcError::Doctype { part } => text!("opc.doctype", part = part),
            OpcError::Encoding { part } => text!("opc.encoding", part = part),
            OpcError::TooManyElements { part } => {
                text!("opc.too-many-elements", part = part, limit = ELEMENTS)
            }
            OpcError::Xml { part, offset, detail } => {
                text!("opc.xml", part = part, offset = *offset, detail = detail)
            }
            OpcError::Write { detail } => text!("opc.write", detail = detail),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Text {
        match self {
            OpcError::Empty => text!("opc.hint-other-file"),
            OpcError::CutOff => text!("opc.hint-again"),
            OpcError::TooManyElements { .. } => text!("opc.hint-divide"),
            OpcError::Encrypted => text!("opc.hint-decrypt"),
            OpcError::Macros => text!("opc.hint-macros"),
            OpcError::Strict => text!("opc.hint-strict"),
            OpcError::Signed => text!("opc.hint-signed"),
            OpcError::Pdf | OpcError::NotZip | OpcError::NotWord { .. } | OpcError::Ole => {
                text!("opc.hint-not-word")
            }
            OpcError::OldDoc | OpcError::OpenDocument | OpcError::Rtf | OpcError::FlatXml => {
                text!("opc.hint-save-as")
            }
            _ => text!("opc.hint-resave"),
        }
    }

    /// The finding for a file.
    pub fn diagnostic(&self, source: SourceId) -> Diagnostic {
        Diagnostic::error("docx-unusable", Place::File(source), self.text()).hint(self.hint())
    }
}
