//! Owns the errors of packages that cannot be used, and their messages.
//! Must not know where the bytes come from.

use super::xml_fault::XmlFault;
use crate::diag::msg;
use crate::diag::{Diagnostic, Location, Message, SourceId};
use crate::limits::MAX_XML_ELEMENTS;

/// An error of reading or writing a package. Users see the message of [`OpcError::message`]; `Display` is for
/// logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpcError {
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The file has the binary format of Word 97.
    #[error("a .doc file")]
    LegacyDoc,
    /// The file is a compound file, but not a text document.
    #[error("an OLE compound file")]
    CompoundFile,
    /// The file is protected by a password.
    #[error("an encrypted document")]
    Encrypted,
    /// The file is an `OpenDocument` file.
    #[error("an OpenDocument file")]
    OpenDocument,
    /// The file is a PDF.
    #[error("a PDF")]
    Pdf,
    /// The file is in Rich Text Format.
    #[error("an RTF file")]
    Rtf,
    /// The file is a single XML file of Word, or other XML or HTML.
    #[error("an XML or HTML file")]
    XmlOrHtml,
    /// The file is in another format that is not a zip archive.
    #[error("not a zip archive")]
    NotZip,
    /// The end of the archive is missing.
    #[error("the archive is cut off")]
    Truncated,
    /// The archive's directory cannot be read.
    #[error("a damaged archive: {detail}")]
    DamagedArchive {
        /// Message of the archive reader.
        detail: String,
    },
    /// An entry cannot be unpacked.
    #[error("{part} is damaged")]
    DamagedPart {
        /// Name of the part.
        part: String,
    },
    /// Two entries have the same name, or entries share bytes.
    #[error("the archive holds {part} twice")]
    DuplicatePart {
        /// Name of the part.
        part: String,
    },
    /// The name of an entry leads out of the package.
    #[error("{part} is not a part name")]
    InvalidPartName {
        /// Name of the entry.
        part: String,
    },
    /// There are too many parts.
    #[error("{count} parts, at most {limit}")]
    TooManyParts {
        /// Number of parts found.
        count: usize,
        /// Maximum number of parts.
        limit: usize,
    },
    /// A part is too large.
    #[error("{part} is larger than {limit} bytes")]
    PartTooLarge {
        /// Name of the part.
        part: String,
        /// Maximum size in bytes.
        limit: u64,
    },
    /// All parts together are too large.
    #[error("the parts are larger than {limit} bytes")]
    PackageTooLarge {
        /// Maximum size in bytes.
        limit: u64,
    },
    /// A part unpacks to suspiciously many bytes.
    #[error("{part} unpacks to suspiciously much")]
    ZipBomb {
        /// Name of the part.
        part: String,
    },
    /// There is no `[Content_Types].xml`.
    #[error("[Content_Types].xml is missing")]
    MissingContentTypes,
    /// There is no main document part.
    #[error("the main document is missing")]
    MissingMainDocument,
    /// The package belongs to another program, such as a workbook.
    #[error("not a Word document but {content_type}")]
    NotWord {
        /// Content type of the main part.
        content_type: String,
    },
    /// The document contains macros.
    #[error("the document holds macros")]
    MacroEnabled,
    /// The document is written as Strict Open XML.
    #[error("a strict Open XML document")]
    StrictOoxml,
    /// The document is digitally signed.
    #[error("the document is signed")]
    Signed,
    /// A part contains a document type declaration, which no Word document has.
    #[error("{part} has a document type declaration")]
    Doctype {
        /// Name of the part.
        part: String,
    },
    /// A part is encoded in UTF-16 or another encoding than UTF-8.
    #[error("{part} is not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// Name of the part.
        part: String,
        /// Byte offset of what is not, or of the declaration that says so.
        offset: usize,
    },
    /// A part has more XML elements than the limit.
    #[error("{part} has too many elements")]
    TooManyElements {
        /// Name of the part.
        part: String,
    },
    /// A part is not well-formed XML.
    #[error("{part} is not well-formed in line {line}, byte {}: {:?} {}", fault.offset, fault.kind, fault.name)]
    MalformedXml {
        /// Name of the part.
        part: String,
        /// Line of the fault, counted from 1.
        line: usize,
        /// The fault, with its place.
        fault: XmlFault,
    },
    /// The archive could not be written.
    #[error("the archive could not be written: {detail}")]
    WriteFailed {
        /// Message of the archive writer.
        detail: String,
    },
}

impl OpcError {
    /// Returns the message of the error.
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
            OpcError::NotUtf8 { part, offset } => {
                msg!("opc.encoding", part = part, offset = *offset)
            }
            OpcError::TooManyElements { part } => {
                msg!("opc.too-many-elements", part = part, limit = MAX_XML_ELEMENTS)
            }
            OpcError::MalformedXml { part, line, fault } => {
                let (offset, what) = (fault.offset, fault.message());
                msg!("opc.xml", part = part, line = *line, offset = offset, what = what)
            }
            OpcError::WriteFailed { detail } => msg!("opc.write", detail = detail),
        }
    }

    /// Returns a suggestion for solving it.
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

    /// Converts to a diagnostic for a file.
    pub fn to_diagnostic(&self, source: SourceId) -> Diagnostic {
        Diagnostic::error("docx-unusable", Location::File(source), self.message())
            .with_hint(self.hint())
    }
}
