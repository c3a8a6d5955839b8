//! Owns what a rendering returns: the bytes of a document, and what its verification has to know.
//! Must not know how a document is rendered.

/// A rendered document: the bytes of a .docx.
///
/// It is a slice of bytes wherever one is wanted; [`RenderedDocx::into_bytes`] takes them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedDocx {
    bytes: Vec<u8>,
    /// True if other documents were inserted, whose tables are not the template's.
    pub(super) has_inserted: bool,
}

impl RenderedDocx {
    pub(super) fn new(bytes: Vec<u8>, has_inserted: bool) -> Self {
        RenderedDocx { bytes, has_inserted }
    }

    /// Returns the bytes of the .docx.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A document as it was written, into which nothing else was inserted.
impl From<Vec<u8>> for RenderedDocx {
    fn from(bytes: Vec<u8>) -> Self {
        RenderedDocx::new(bytes, false)
    }
}

impl From<RenderedDocx> for Vec<u8> {
    fn from(docx: RenderedDocx) -> Self {
        docx.bytes
    }
}

impl AsRef<[u8]> for RenderedDocx {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::ops::Deref for RenderedDocx {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}
