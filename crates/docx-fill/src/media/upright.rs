//! Owns writing pixels anew where Word would show them wrongly: pictures that are stored on their side with a note of how
//! to turn them (EXIF 2.3, 4.6.4, tag 0x0112), and kinds that Word does not know.
//! Must not know any other kind of file.

use super::{PictureFault, PictureKind, ShownPicture, raster_size};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageResult, Limits};
use std::borrow::Cow;
use std::io::Cursor;

/// Most bytes of decoded pixels; a picture of a telephone has a tenth.
const MAX_PIXEL_BYTES: u64 = 512 << 20;
/// Quality of JPEG, of 100: nobody sees a difference.
const JPEG_QUALITY: u8 = 92;

/// Returns a picture with its pixels as viewers show them; `None` if they are stored like this.
pub(super) fn turned(
    bytes: &[u8],
    kind: PictureKind,
) -> Result<Option<ShownPicture<'_>>, PictureFault> {
    if orientation(bytes, kind).is_none_or(|found| found == Orientation::NoTransforms) {
        return Ok(None);
    }
    let pixels = match kind {
        PictureKind::Jpeg => JpegDecoder::new(Cursor::new(bytes)).and_then(upright_pixels),
        PictureKind::Png => PngDecoder::new(Cursor::new(bytes)).and_then(upright_pixels),
        _ => return Err(PictureFault::OnItsSide),
    };
    pixels.and_then(|pixels| pixels.encode(kind)).map(Some).map_err(|error| fault(&error))
}

/// Returns a WebP picture as PNG, upright.
pub(super) fn as_png(bytes: &[u8]) -> Result<ShownPicture<'static>, PictureFault> {
    let pixels = WebPDecoder::new(Cursor::new(bytes)).and_then(upright_pixels);
    pixels.and_then(|pixels| pixels.encode(PictureKind::Png)).map_err(|error| fault(&error))
}

/// Checks whether width and height change places when a picture is turned to be upright.
pub(super) fn lies_on_its_side(bytes: &[u8], kind: PictureKind) -> bool {
    // Orientations 5 to 8.
    orientation(bytes, kind).is_some_and(|orientation| orientation.to_exif() > 4)
}

/// Returns how a picture is to be turned; `None` if it says nothing or cannot be read.
fn orientation(bytes: &[u8], kind: PictureKind) -> Option<Orientation> {
    let note = match kind {
        // Few pictures have a note at all, and the decoder would read all their headers.
        PictureKind::Jpeg if memchr::memmem::find(bytes, b"Exif\0\0").is_some() => {
            JpegDecoder::new(Cursor::new(bytes)).and_then(|mut decoder| decoder.exif_metadata())
        }
        PictureKind::Png if memchr::memmem::find(bytes, b"eXIf").is_some() => {
            PngDecoder::new(Cursor::new(bytes)).and_then(|mut decoder| decoder.exif_metadata())
        }
        // A TIFF file and the note are of the same form.
        PictureKind::Tiff => return Orientation::from_exif_chunk(bytes),
        _ => return None,
    };
    note.ok().flatten().and_then(|note| Orientation::from_exif_chunk(&note))
}

/// The pixels of a picture with their colour space.
struct Pixels {
    image: DynamicImage,
    colours: Option<Vec<u8>>,
}

fn upright_pixels(mut decoder: impl ImageDecoder) -> ImageResult<Pixels> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_PIXEL_BYTES);
    limits.clone().reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let colours = decoder.icc_profile()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(Pixels { image, colours })
}

impl Pixels {
    fn encode(self, kind: PictureKind) -> ImageResult<ShownPicture<'static>> {
        let mut out = Vec::new();
        if kind == PictureKind::Jpeg {
            self.write_to(JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY))?;
        } else {
            self.write_to(PngEncoder::new(&mut out))?;
        }
        let size = raster_size(&out);
        Ok(ShownPicture { kind, bytes: Cow::Owned(out), size })
    }

    fn write_to(&self, mut encoder: impl ImageEncoder) -> ImageResult<()> {
        if let Some(colours) = &self.colours {
            // A format without colour spaces goes without.
            let _ = encoder.set_icc_profile(colours.clone());
        }
        self.image.write_with_encoder(encoder)
    }
}

fn fault(error: &ImageError) -> PictureFault {
    match error {
        ImageError::Limits(_) => PictureFault::TooLarge,
        _ => PictureFault::Damaged,
    }
}
