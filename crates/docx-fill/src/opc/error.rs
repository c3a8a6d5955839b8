//! Owns the reasons why a package cannot be used, and their sentences.
//! Must not know where the bytes came from.

use crate::diag::msg;
use crate::diag::{Diagnostic, Location, Message, SourceId};
use crate::limits::MAX_XML_ELEMENTS;

/// Why a package cannot be read or written. A clerk sees the sentence of [`OpcError::text`];
/// `Display` is for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpcError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The binary format of Word 97.
    #[error("a .doc file")]
    LegacyDoc,
    /// A compound file that is not a text document.
    #[error("an OLE compound file")]
    CompoundFile,
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
    XmlOrHtml,
    /// Anything else.
    #[error("not a zip archive")]
    NotZip,
    /// The end of the archive is missing.
    #[error("the archive is cut off")]
    Truncated,
    /// The archive's directory cannot be read.
    #[error("a damaged archive: {detail}")]
    DamagedArchive {
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
    DuplicatePart {
        /// Part name.
        part: String,
    },
    /// A name that leads out of the package.
    #[error("{part} is not a part name")]
    InvalidPartName {
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
    PackageTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Few packed bytes become very many.
    #[error("{part} unpacks to suspiciously much")]
    ZipBomb {
        /// Part name.
        part: String,
    },
    /// No `[Content_Types].xml`.
    #[error("[Content_Types].xml is missing")]
    MissingContentTypes,
    /// No main document part.
    #[error("the main document is missing")]
    MissingMainDocument,
    /// A package of another program, such as a workbook.
    #[error("not a Word document but {content_type}")]
    NotWord {
        /// Content type of the main part.
        content_type: String,
    },
    /// Holds macros.
    #[error("the document holds macros")]
    MacroEnabled,
    /// Written as Strict Open XML.
    #[error("a strict Open XML document")]
    StrictOoxml,
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
    NotUtf8 {
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
    MalformedXml {
        /// Part name.
        part: String,
        /// Byte offset.
        offset: usize,
        /// What the XML reader says.
        detail: String,
    },
    /// The archive could not be written.
    #[error("the archive could not be written: {detail}")]
    WriteFailed {
        /// What the archive writer says.
        detail: String,
    },
}

impl OpcError {
    /// What is wrong.
    pub fn message(&self) -> Message {
        match self {
            OpcError::Empty => msg!("opc.empty"),
            OpcError::LegacyDoc => msg!("opc.old-doc"),
            OpcError::CompoundFile => msg!("opc.ole"),
            OpcError::Encrypted => msg!("opc.encrypted"),
            OpcError::OpenDocument => msg!("opc.open-document"),
            OpcError::Pdf => msg!("opc.pdf"),
            OpcError::Rtf => msg!("opc.rtf"),
            OpcError::XmlOrHtml => msg!("opc.flat-xml"),
            OpcError::NotZip => msg!("opc.not-zip"),
            OpcError::Truncated => msg!("opc.cut-off"),
            OpcError::DamagedArchive { detail } => msg!("opc.damaged", detail = detail),
            OpcError::DamagedPart { part } => msg!("opc.damaged-part", part = part),
            OpcError::DuplicatePart { part } => msg!("opc.duplicate", part = part),
            OpcError::InvalidPartName { part } => msg!("opc.bad-name", part = part),
            OpcError::TooManyParts { count, limit } => {
                msg!("opc.too-many-parts", count = *count, limit = *limit)
            }
            OpcError::PartTooLarge { part, limit } => {
                msg!("opc.part-too-large", part = part, limit = limit >> 20)
            }
            OpcError::PackageTooLarge { limit } => msg!("opc.too-large", limit = limit >> 20),
            OpcError::ZipBomb { part } => msg!("opc.bomb", part = part),
            OpcError::MissingContentTypes => msg!("opc.no-content-types"),
            OpcError::MissingMainDocument => msg!("opc.no-main-document"),
            OpcError::NotWord { content_type } => msg!("opc.not-word", type = content_type),
            OpcError::MacroEnabled => msg!("opc.macros"),
            OpcError::StrictOoxml => msg!("opc.strict"),
            OpcError::Signed => msg!("opc.signed"),
            OpcError::Doctype { part } => msg!("opc.doctype", part = part),
            OpcError::NotUtf8 { part } => msg!("opc.encoding", part = part),
            OpcError::TooManyElements { part } => {
                msg!("opc.too-many-elements", part = part, limit = MAX_XML_ELEMENTS)
            }
            OpcError::MalformedXml { part, offset, detail } => {
                msg!("opc.xml", part = part, offset = *offset, detail = detail)
            }
            OpcError::WriteFailed { detail } => msg!("opc.write", detail = detail),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Message {
        match self {
            OpcError::Empty => msg!("opc.hint-other-file"),
            OpcError::Truncated => msg!("opc.hint-again"),
            OpcError::TooManyElements { .. } => msg!("opc.hint-divide"),
            OpcError::Encrypted => msg!("opc.hint-decrypt"),
            OpcError::MacroEnabled => msg!("opc.hint-macros"),
            OpcError::StrictOoxml => msg!("opc.hint-strict"),
            OpcError::Signed => msg!("opc.hint-signed"),
            OpcError::Pdf
            | OpcError::NotZip
            | OpcError::NotWord { .. }
            | OpcError::CompoundFile => {
                msg!("opc.hint-not-word")
            }
            OpcError::LegacyDoc | OpcError::OpenDocument | OpcError::Rtf | OpcError::XmlOrHtml => {
                msg!("opc.hint-save-as")
            }
            _ => msg!("opc.hint-resave"),
        }
    }

    /// The finding for a file.
    pub fn to_diagnostic(&self, source: SourceId) -> Diagnostic {
        Diagnostic::error("docx-unusable", Location::File(source), self.message())
            .with_hint(self.hint())
    }
}
