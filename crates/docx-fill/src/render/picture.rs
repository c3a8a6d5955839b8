//! Owns pictures: their size on paper, the elements that show them, and replacing pictures of the template.
//! Must not know where the bytes of a picture come from.

use crate::additions::resources::{EmbeddedPicture, RenderResources};
use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::scope::RenderScope;
use crate::ir::word_values::{ImageRequest, InlinePicture, PicturePlaceholder, parse_length};
use crate::media::names_picture;
use crate::opc::xml::{escape_into, find_forbidden};
use crate::syntax::expr::Expr;
use crate::value::printed_text;
use serde_json::Value;
use std::fmt::Write as _;

/// EMU per twentieth of a point.
const EMU_PER_TWIP: u64 = 635;

const DRAWINGML_NAMESPACE: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const RELATIONSHIPS_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Maximum margin beside a picture, in thousandths of a percent of its size: a thousandfold.
const MAX_CROP_MARGIN: u64 = 100_000_000;
/// URI of the extension that adds an SVG to a picture.
const SVG_EXTENSION_URI: &str = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}";

impl ImageRequest {
    /// Returns the path of the picture; `None` if the value is empty, or if it is not a picture and need not be
    /// one.
    fn resolve_path<'a>(&'a self, scope: &RenderScope<'a>) -> Result<Option<String>, Problem> {
        let value = scope.require_value(&self.path)?;
        let path = match value.get() {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(path)) => path,
            Some(_) if !self.explicit => return Ok(None),
            Some(_) => {
                let message = msg!("template.not-text", name = "image");
                return Err(Problem::error("value-not-text", message));
            }
        };
        let wanted = !path.is_empty() && (self.explicit || names_picture(path));
        Ok(wanted.then(|| path.clone()))
    }

    fn resolve_alt<'a>(&'a self, scope: &RenderScope<'a>) -> Result<String, Problem> {
        let Some(alt) = &self.alt else { return Ok(String::new()) };
        let value = scope.require_value(alt)?;
        Ok(value.get().map(printed_text).transpose()?.unwrap_or_default().into_owned())
    }

    fn resolve_stretch<'a>(&'a self, scope: &RenderScope<'a>) -> Result<bool, Problem> {
        let Some(stretch) = &self.stretch else { return Ok(false) };
        Ok(scope.eval_expr(stretch)?.is_true(false))
    }
}

/// Writes a picture into the text of a run.
pub(crate) fn write_inline_picture<'a>(
    inline: &'a InlinePicture,
    scope: &RenderScope<'a>,
    resources: &mut RenderResources<'_>,
    out: &mut String,
) -> Result<(), Problem> {
    let asked = &inline.request;
    let Some(path) = asked.resolve_path(scope)? else { return Ok(()) };
    let picture = resources.add_picture(&path)?;
    let room = u64::from(inline.max_width) * EMU_PER_TWIP;
    let width = eval_length(asked.width.as_ref(), "width", scope, room)?;
    let height = eval_length(asked.height.as_ref(), "height", scope, room)?;
    let natural = (picture.width, picture.height);
    let size = match (width, height) {
        (None, None) => limit_width(natural, (room, u64::MAX)),
        (Some(width), None) => (width, scale_side(natural.1, width, natural.0)),
        (None, Some(height)) => (scale_side(natural.0, height, natural.1), height),
        (Some(width), Some(height)) if asked.resolve_stretch(scope)? => (width, height),
        (Some(width), Some(height)) => fit_into_box(natural, (width, height)),
    };
    let properties = &inline.run_properties;
    let _ = write!(out, "</w:t></w:r><w:r>{properties}");
    write_drawing(out, &picture, &asked.resolve_alt(scope)?, size);
    let _ = write!(out, "</w:r><w:r>{properties}<w:t xml:space=\"preserve\">");
    Ok(())
}

/// Writes a picture of a Markdown text in its natural size, reduced to the available width in twentieths of a
/// point.
pub(crate) fn write_prose_picture(
    out: &mut String,
    picture: &EmbeddedPicture,
    alt: &str,
    room: u32,
) {
    let room = u64::from(room) * EMU_PER_TWIP;
    write_drawing(
        out,
        picture,
        alt,
        limit_width((picture.width, picture.height), (room, u64::MAX)),
    );
}

impl PicturePlaceholder {
    /// Writes the element that shows the new picture.
    pub(crate) fn write_picture<'a>(
        &'a self,
        scope: &RenderScope<'a>,
        resources: &mut RenderResources<'_>,
        out: &mut String,
    ) -> Result<(), Problem> {
        match self.resolve_picture(scope, resources) {
            Ok(Some((picture, stretch))) => {
                let crop = if stretch { (0, 0) } else { self.crop_margins(&picture) };
                if self.is_vml {
                    write_vml_image(out, &picture, crop);
                } else {
                    write_blip_fill(out, &picture, crop);
                }
                Ok(())
            }
            Ok(None) => {
                out.push_str(&self.original_xml);
                Ok(())
            }
            Err(problem) => {
                // The element is required even if an absent value is allowed.
                out.push_str(&self.original_xml);
                Err(problem)
            }
        }
    }

    fn resolve_picture<'a>(
        &'a self,
        scope: &RenderScope<'a>,
        resources: &mut RenderResources<'_>,
    ) -> Result<Option<(EmbeddedPicture, bool)>, Problem> {
        let Some(path) = self.request.resolve_path(scope)? else { return Ok(None) };
        Ok(Some((resources.add_picture(&path)?, self.request.resolve_stretch(scope)?)))
    }

    /// Writes the description of the picture as attribute text.
    pub(crate) fn write_alt<'a>(
        &'a self,
        scope: &RenderScope<'a>,
        out: &mut String,
    ) -> Result<(), Problem> {
        let alt = match self.request.resolve_path(scope)? {
            Some(_) => self.request.resolve_alt(scope)?,
            None => {
                let value = scope.require_value(&self.request.path)?;
                value.get().map(printed_text).transpose()?.unwrap_or_default().into_owned()
            }
        };
        write_attribute_text(out, &alt);
        Ok(())
    }

    /// Returns the margins left/right and above/below, in thousandths of a percent of the picture, that keep
    /// its aspect ratio in the box.
    fn crop_margins(&self, picture: &EmbeddedPicture) -> (u64, u64) {
        let ((x, y), (width, height)) = (self.size, (picture.width, picture.height));
        if x == 0 || y == 0 {
            return (0, 0);
        }
        let half = |whole: u64, own: u64| match whole.saturating_sub(own) {
            0 => 0,
            rest => scale_side(rest, 50_000, own).min(MAX_CROP_MARGIN),
        };
        let own = fit_into_box((width, height), (x, y));
        (half(x, own.0), half(y, own.1))
    }
}

/// Evaluates a length in EMU.
fn eval_length<'a>(
    expr: Option<&'a Expr>,
    name: &str,
    scope: &RenderScope<'a>,
    room: u64,
) -> Result<Option<u64>, Problem> {
    let Some(expr) = expr else { return Ok(None) };
    let value = scope.require_value(expr)?;
    let Some(value) = value.get() else { return Ok(None) };
    let written = printed_text(value)?;
    parse_length(&written, room).map(Some).ok_or_else(|| {
        let message = msg!("template.length", name = name, value = written.as_ref());
        Problem::error("helper-arguments", message).with_hint(msg!("template.hint-length"))
    })
}

fn scale_side(side: u64, to: u64, from: u64) -> u64 {
    let scaled = u128::from(side) * u128::from(to) / u128::from(from.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX).max(1)
}

/// Returns the largest size within a box that keeps the aspect ratio.
fn fit_into_box(size: (u64, u64), room: (u64, u64)) -> (u64, u64) {
    if u128::from(size.0) * u128::from(room.1) >= u128::from(size.1) * u128::from(room.0) {
        (room.0.max(1), scale_side(size.1, room.0, size.0))
    } else {
        (scale_side(size.0, room.1, size.1), room.1.max(1))
    }
}

/// Returns the natural size, reduced to the box if it is larger.
fn limit_width(size: (u64, u64), room: (u64, u64)) -> (u64, u64) {
    if size.0 > room.0 {
        (room.0, scale_side(size.1, room.0, size.0))
    } else {
        (size.0.max(1), size.1.max(1))
    }
}

fn write_attribute_text(out: &mut String, text: &str) {
    let known: String =
        text.chars().filter(|c| find_forbidden(c.encode_utf8(&mut [0; 4])).is_none()).collect();
    escape_into(out, &known.split_whitespace().collect::<Vec<_>>().join(" "));
}

/// Writes `a:blip`, with an extension for SVG pictures.
fn write_blip(out: &mut String, picture: &EmbeddedPicture) {
    let relationship = &picture.relationship_id;
    let _ = write!(out, "<a:blip xmlns:r=\"{RELATIONSHIPS_NAMESPACE}\" r:embed=\"{relationship}\"");
    match &picture.svg_relationship_id {
        None => out.push_str("/>"),
        Some(svg) => {
            let _ = write!(
                out,
                "><a:extLst><a:ext uri=\"{SVG_EXTENSION_URI}\"><asvg:svgBlip \
                 xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" \
                 r:embed=\"{svg}\"/></a:ext></a:extLst></a:blip>"
            );
        }
    }
}

/// Writes the fill of a replaced picture (`pic:blipFill`).
fn write_blip_fill(out: &mut String, picture: &EmbeddedPicture, crop: (u64, u64)) {
    let (x, y) = crop;
    let _ = write!(out, "<pic:blipFill xmlns:a=\"{DRAWINGML_NAMESPACE}\">");
    write_blip(out, picture);
    if (x, y) != (0, 0) {
        let side = |part: u64| if part == 0 { "0".to_owned() } else { format!("-{part}") };
        let (x, y) = (side(x), side(y));
        let _ = write!(out, "<a:srcRect l=\"{x}\" t=\"{y}\" r=\"{x}\" b=\"{y}\"/>");
    }
    out.push_str("<a:stretch><a:fillRect/></a:stretch></pic:blipFill>");
}

/// Writes the image of a replaced VML picture, whose margins are fractions of 65536.
fn write_vml_image(out: &mut String, picture: &EmbeddedPicture, crop: (u64, u64)) {
    let (x, y) = crop;
    let relationship = &picture.relationship_id;
    let _ = write!(
        out,
        "<v:imagedata xmlns:r=\"{RELATIONSHIPS_NAMESPACE}\" r:id=\"{relationship}\" o:title=\"\""
    );
    for (part, names) in [(x, ["cropleft", "cropright"]), (y, ["croptop", "cropbottom"])] {
        for name in names.iter().filter(|_| part > 0) {
            let _ = write!(out, " {name}=\"-{}f\"", part * 65_536 / 100_000);
        }
    }
    out.push_str("/>");
}

/// Writes an inline picture.
fn write_drawing(out: &mut String, picture: &EmbeddedPicture, alt: &str, size: (u64, u64)) {
    let (x, y) = size;
    let mut description = String::new();
    write_attribute_text(&mut description, alt);
    let id = picture.drawing_id;
    let _ = write!(
        out,
        "<w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/\
         wordprocessingDrawing\" distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
         <wp:extent cx=\"{x}\" cy=\"{y}\"/><wp:effectExtent l=\"0\" t=\"0\" r=\"0\" b=\"0\"/>\
         <wp:docPr id=\"{id}\" name=\"Picture {id}\" descr=\"{description}\"/>\
         <wp:cNvGraphicFramePr><a:graphicFrameLocks xmlns:a=\"{DRAWINGML_NAMESPACE}\" noChangeAspect=\"1\"/>\
         </wp:cNvGraphicFramePr><a:graphic xmlns:a=\"{DRAWINGML_NAMESPACE}\">\
         <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:pic xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:nvPicPr><pic:cNvPr id=\"{id}\" name=\"Picture {id}\" descr=\"{description}\"/>\
         <pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>"
    );
    write_blip(out, picture);
    let _ = write!(
        out,
        "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{x}\" cy=\"{y}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>\
         </a:graphicData></a:graphic></wp:inline></w:drawing>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_units() {
        assert_eq!(parse_length("80", 0), Some(2_880_000));
        assert_eq!(parse_length("80mm", 0), parse_length("8 cm", 0));
        assert_eq!(parse_length("1in", 0), parse_length("72pt", 0));
        assert_eq!(parse_length("50%", 1000), Some(500));
        for wrong in ["", "mm", "-1", "0", "1e9", "9999", "5km", "1.2.3"] {
            assert_eq!(parse_length(wrong, 1000), None, "{wrong}");
        }
    }

    #[test]
    fn pictures_keep_their_form() {
        assert_eq!(fit_into_box((200, 100), (100, 100)), (100, 50));
        assert_eq!(fit_into_box((100, 200), (100, 100)), (50, 100));
        assert_eq!(limit_width((200, 100), (400, u64::MAX)), (200, 100));
        assert_eq!(limit_width((800, 100), (400, u64::MAX)), (400, 50));
    }
}
