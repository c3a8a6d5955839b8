//! Owns pictures as files: their kind by their first bytes, their natural size, and what Word needs to show them: upright
//! pixels, a kind that it knows, bytes instead of a data URI.
//! Must not know where they are shown.

mod data_uri;
mod metafile;
mod svg;
mod upright;

pub(crate) use data_uri::is_data_uri;

use crate::diag::{Problem, msg};
use crate::slice::TextSlice as _;
use std::borrow::Cow;

/// EMU per pixel at 96 dpi.
const EMU_PER_PIXEL: u64 = 9525;

/// The kinds of pictures that Word shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PictureKind {
    Png,
    Jpeg,
    Gif,
    Bmp,
    Tiff,
    Emf,
    Wmf,
    Svg,
}

impl PictureKind {
    /// Returns the extension of parts of this kind.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            PictureKind::Png => "png",
            PictureKind::Jpeg => "jpeg",
            PictureKind::Gif => "gif",
            PictureKind::Bmp => "bmp",
            PictureKind::Tiff => "tiff",
            PictureKind::Emf => "emf",
            PictureKind::Wmf => "wmf",
            PictureKind::Svg => "svg",
        }
    }

    /// Returns the content type of parts of this kind.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            PictureKind::Png => "image/png",
            PictureKind::Jpeg => "image/jpeg",
            PictureKind::Gif => "image/gif",
            PictureKind::Bmp => "image/bmp",
            PictureKind::Tiff => "image/tiff",
            PictureKind::Emf => "image/x-emf",
            PictureKind::Wmf => "image/x-wmf",
            PictureKind::Svg => "image/svg+xml",
        }
    }
}

/// A picture as Word shows it.
#[derive(Debug)]
pub(crate) struct ShownPicture<'a> {
    pub(crate) kind: PictureKind,
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Natural size in EMU; an SVG may have none.
    pub(crate) size: Option<(u64, u64)>,
}

/// The reason why a file cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PictureFault {
    /// A kind of picture that Word does not show, by its name.
    OtherKind(&'static str),
    /// No picture, as far as its first bytes tell.
    Unknown,
    /// A TIFF that is to be turned, which this program cannot.
    OnItsSide,
    /// Too many pixels to be turned or converted.
    TooLarge,
    /// Pixels that cannot be decoded, though they must be turned or converted.
    Damaged,
    /// A data URI that cannot be decoded.
    DataUri,
}

impl PictureFault {
    /// Returns the problem of a file of this path.
    pub(crate) fn problem(self, path: &str) -> Problem {
        let path = shown_path(path);
        let path = path.as_ref();
        let message = match self {
            PictureFault::OtherKind(kind) => {
                msg!("template.picture-other-kind", path = path, kind = kind)
            }
            PictureFault::Unknown => msg!("template.picture-kind", path = path),
            PictureFault::OnItsSide => msg!("template.picture-on-its-side", path = path),
            PictureFault::TooLarge => msg!("template.picture-too-large", path = path),
            PictureFault::Damaged => msg!("template.picture-damaged", path = path),
            PictureFault::DataUri => msg!("template.picture-data-uri", path = path),
        };
        Problem::error("picture-kind", message).with_hint(msg!("template.hint-picture-kind"))
    }
}

/// Checks whether a text can only be the path of a picture, or a picture itself.
pub(crate) fn names_picture(path: &str) -> bool {
    const EXTENSIONS: [&str; 12] =
        ["png", "jpg", "jpeg", "gif", "bmp", "dib", "tif", "tiff", "emf", "wmf", "svg", "webp"];
    let end = path.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    is_data_uri(path) || !path.contains('\n') && EXTENSIONS.contains(&end.as_str())
}

/// Returns a file as a picture that Word shows: what is stored on its side is turned, WebP becomes PNG.
pub(crate) fn shown_picture(bytes: &[u8]) -> Result<ShownPicture<'_>, PictureFault> {
    use imagesize::ImageType;
    let kind = match imagesize::image_type(bytes) {
        Ok(ImageType::Png) => PictureKind::Png,
        Ok(ImageType::Jpeg) => PictureKind::Jpeg,
        Ok(ImageType::Gif) => PictureKind::Gif,
        Ok(ImageType::Bmp) => PictureKind::Bmp,
        Ok(ImageType::Tiff) => PictureKind::Tiff,
        Ok(ImageType::Webp) => return upright::as_png(bytes),
        _ => return other_picture(bytes),
    };
    let size = raster_size(bytes).ok_or(PictureFault::Damaged)?;
    let turned = upright::turned(bytes, kind)?;
    Ok(turned.unwrap_or(ShownPicture { kind, bytes: Cow::Borrowed(bytes), size: Some(size) }))
}

/// Returns a picture that is no raster, or why it cannot be shown.
fn other_picture(bytes: &[u8]) -> Result<ShownPicture<'_>, PictureFault> {
    let shown = |kind, size| Ok(ShownPicture { kind, bytes: Cow::Borrowed(bytes), size });
    if let Some(size) = metafile::emf_size(bytes) {
        return shown(PictureKind::Emf, Some(size));
    }
    if let Some(size) = metafile::wmf_size(bytes) {
        return shown(PictureKind::Wmf, Some(size));
    }
    match svg::svg_size(bytes) {
        Some(size) => shown(PictureKind::Svg, size),
        None => Err(named_kind(bytes).map_or(PictureFault::Unknown, PictureFault::OtherKind)),
    }
}

/// Returns the name of a kind of picture that cannot be shown.
fn named_kind(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).unwrap_or_default();
    Some(match bytes {
        _ if brand == b"ftypavif" || brand == b"ftypavis" => "AVIF",
        _ if [&b"ftypheic"[..], b"ftypheix", b"ftypmif1", b"ftyphevc"].contains(&brand) => "HEIC",
        [0, 0, 1, 0, ..] => "ICO",
        [b'8', b'B', b'P', b'S', ..] => "PSD",
        [b'%', b'P', b'D', b'F', ..] => "PDF",
        [b'%', b'!', b'P', b'S', ..] | [0xC5, 0xD0, 0xD3, 0xC6, ..] => "EPS",
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', b'L', b' ', ..] => "JPEG XL",
        [0, 0, 0, 0x0C, b'j', b'P', b' ', b' ', ..] => "JPEG 2000",
        [1, 0, 9, 0, ..] => "WMF",
        _ => return None,
    })
}

/// Returns width and height of a picture in pixels, as viewers show it: one that is stored on its side is turned.
pub fn pixel_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let size = imagesize::blob_size(bytes).ok()?;
    let kind = match imagesize::image_type(bytes) {
        Ok(imagesize::ImageType::Jpeg) => Some(PictureKind::Jpeg),
        Ok(imagesize::ImageType::Png) => Some(PictureKind::Png),
        _ => None,
    };
    if kind.is_some_and(|kind| upright::lies_on_its_side(bytes, kind)) {
        return Some((size.height, size.width));
    }
    Some((size.width, size.height))
}

/// Returns the bytes of a data URI; `None` if the text is none.
pub(crate) fn data_uri_bytes(uri: &str) -> Option<Result<Vec<u8>, PictureFault>> {
    is_data_uri(uri).then(|| data_uri::decode(uri).ok_or(PictureFault::DataUri))
}

/// Returns a path for messages: of a data URI only its beginning.
pub(crate) fn shown_path(path: &str) -> Cow<'_, str> {
    const SHOWN: usize = 40;
    if !is_data_uri(path) || path.len() <= SHOWN {
        return Cow::Borrowed(path);
    }
    Cow::Owned(format!("{}…", path.floor_prefix(SHOWN)))
}

fn raster_size(bytes: &[u8]) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(bytes).ok()?;
    (size.width > 0 && size.height > 0)
        .then(|| (size.width as u64 * EMU_PER_PIXEL, size.height as u64 * EMU_PER_PIXEL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_bytes() {
        let fault = |bytes: &[u8]| shown_picture(bytes).map(|shown| shown.kind).unwrap_err();
        assert_eq!(fault(b"\0\0\0\x18ftypheic...."), PictureFault::OtherKind("HEIC"));
        assert_eq!(fault(b"%PDF-1.7"), PictureFault::OtherKind("PDF"));
        assert_eq!(fault(b"hello"), PictureFault::Unknown);
        assert_eq!(fault(b"BM\x3a\0\0\0\0\0\0\0\x36\0"), PictureFault::Damaged);
        let gif = b"GIF89a\x0a\0\x05\0\x80\0\0";
        let shown = shown_picture(gif).unwrap();
        assert_eq!((shown.kind, shown.size), (PictureKind::Gif, Some((95_250, 47_625))));
    }

    #[test]
    fn texts_that_name_pictures_are_known() {
        for name in ["a.PNG", "图/a.tif", "data:image/gif;base64,AA", "a.b.webp"] {
            assert!(names_picture(name), "{name}");
        }
        for name in ["a.docx", "png", "a\n.png", "data:text/plain,a"] {
            assert!(!names_picture(name), "{name}");
        }
    }
}
