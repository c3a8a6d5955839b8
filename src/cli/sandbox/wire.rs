//! Owns the encoding of requests and results between the program and its child: a frame is a head
//! in JSON, followed by the bytes whose sizes it gives.
//! Must not know their purpose.

use nianbao::render::fonts::FontFile;
use nianbao::render::sandbox::{
    ProjectFiles, TypesetJob, TypesetOptions, TypesetOutput, TypstDiagnostic,
};
use nianbao::report::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// Maximum size of a frame's head in bytes: names and diagnostics.
const MAX_HEAD_BYTES: u32 = 16 << 20;
/// Maximum total of the bytes that follow a head.
const MAX_BODY_BYTES: u64 = 1 << 30;

/// Maximum number of bytes allocated before they have arrived.
const MAX_PREALLOCATED_BYTES: usize = 1 << 20;

/// A request of the program to its child.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChildRequest {
    /// Names of font files; sent first.
    Fonts(Vec<String>),
    /// A project by number, for the documents that follow: paths of its files.
    Project(u8, Vec<String>),
    /// A document: number of its project, identifier, date, and paths of its files.
    Document(u8, String, (u16, u8, u8), Vec<String>, Option<TypesetOptions>),
}

/// The child's response to a document.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChildResponse {
    complaints: Vec<TypstDiagnostic>,
    missing: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct FrameHead<T> {
    sizes: Vec<u64>,
    what: T,
}

/// Writes a frame.
pub(super) fn send_frame<'a, T: Serialize>(
    out: &mut impl Write,
    what: T,
    blobs: impl IntoIterator<Item = &'a [u8]>,
) -> io::Result<()> {
    let blobs: Vec<&[u8]> = blobs.into_iter().collect();
    let sizes = blobs.iter().map(|blob| blob.len() as u64).collect();
    let head = serde_json::to_vec(&FrameHead { sizes, what })?;
    let length = u32::try_from(head.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&head)?;
    for blob in blobs {
        out.write_all(blob)?;
    }
    out.flush()
}

/// Reads a frame; `None` at the end of the stream. The other side is not trusted with sizes.
pub(super) fn receive_frame<T: DeserializeOwned>(
    from: &mut impl Read,
) -> io::Result<Option<(T, Vec<Vec<u8>>)>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_HEAD_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let head = read_exactly(from, u64::from(length))?;
    let head: FrameHead<T> = serde_json::from_slice(&head)?;
    let mut room = MAX_BODY_BYTES;
    let mut blobs = Vec::new();
    for size in head.sizes {
        room = room.checked_sub(size).ok_or(io::ErrorKind::InvalidData)?;
        blobs.push(read_exactly(from, size)?);
    }
    Ok(Some((head.what, blobs)))
}

/// Reads a number of bytes. Memory is allocated as they arrive, beyond an initial amount that
/// suffices for most documents.
fn read_exactly(from: &mut impl Read, size: u64) -> io::Result<Vec<u8>> {
    let mut out =
        Vec::with_capacity(usize::try_from(size).unwrap_or(0).min(MAX_PREALLOCATED_BYTES));
    let got = from.take(size).read_to_end(&mut out)?;
    if got as u64 == size { Ok(out) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

pub(super) fn send_fonts(out: &mut impl Write, fonts: &[FontFile]) -> io::Result<()> {
    let names = fonts.iter().map(|(name, _)| name.clone()).collect();
    send_frame(out, ChildRequest::Fonts(names), fonts.iter().map(|(_, bytes)| bytes.as_slice()))
}

pub(super) fn send_project(
    out: &mut impl Write,
    number: u8,
    files: &ProjectFiles,
) -> io::Result<()> {
    let paths = files.keys().cloned().collect();
    send_frame(out, ChildRequest::Project(number, paths), files.values().map(Vec::as_slice))
}

pub(super) fn send_document(
    out: &mut impl Write,
    project: u8,
    document: &TypesetJob,
) -> io::Result<()> {
    let Date { year, month, day } = document.date;
    let paths = document.files.iter().map(|(path, _)| path.clone()).collect();
    let (ident, options) = (document.ident.clone(), document.options.clone());
    let ask = ChildRequest::Document(project, ident, (year, month, day), paths, options);
    send_frame(out, ask, document.files.iter().map(|(_, bytes)| bytes.as_slice()))
}

pub(super) fn send_response(out: &mut impl Write, setting: TypesetOutput) -> io::Result<()> {
    let TypesetOutput { pdf, pages, missing, diagnostics: complaints } = setting;
    let blobs = pdf.iter().chain(&pages).map(Vec::as_slice);
    send_frame(out, ChildResponse { complaints, missing }, blobs)
}

/// Reads the response to a document; an error if the child has gone.
pub(super) fn receive_response(from: &mut impl Read) -> io::Result<TypesetOutput> {
    let (answer, blobs) =
        receive_frame::<ChildResponse>(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let ChildResponse { complaints: diagnostics, missing } = answer;
    let mut blobs = blobs.into_iter();
    Ok(TypesetOutput { pdf: blobs.next(), pages: blobs.collect(), missing, diagnostics })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn frames_come_back_and_broken_ones_are_errors() {
        let mut frame = Vec::new();
        let font = |name: &str, content: &[u8]| (name.to_owned(), Arc::new(content.to_vec()));
        let fonts = vec![font("a", &[1, 2, 3]), font("b", &[])];
        send_fonts(&mut frame, &fonts).expect("written");
        let (ask, blobs) =
            receive_frame::<ChildRequest>(&mut frame.as_slice()).expect("read").expect("a frame");
        assert!(matches!(ask, ChildRequest::Fonts(names) if names == ["a", "b"]));
        assert_eq!(blobs, [vec![1, 2, 3], Vec::new()]);
        assert!(receive_frame::<ChildRequest>(&mut [].as_slice()).expect("the end").is_none());
        for cut in 4..frame.len() {
            assert!(receive_frame::<ChildRequest>(&mut &frame[..cut]).is_err(), "cut at {cut}");
        }
        let huge = [&u32::MAX.to_le_bytes()[..], b"{}"].concat();
        assert!(receive_frame::<ChildRequest>(&mut huge.as_slice()).is_err());
        let head = br#"{"sizes":[99999999999],"what":{"Fonts":[]}}"#;
        let length = u32::try_from(head.len()).expect("short").to_le_bytes();
        assert!(
            receive_frame::<ChildRequest>(&mut [&length[..], head].concat().as_slice()).is_err()
        );
    }
}
