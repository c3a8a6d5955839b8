//! Owns the arguments of values that only a Word document can show: pictures and cell properties.
//! Must not know data.

use crate::helper::HelperRole;
use crate::slice::TextSlice as _;
use crate::syntax::expr::{Expr, HelperCall};
use serde_json::Value;
use std::ops::Range;

/// Maximum width and height of a picture in Word, 22 inches, in EMU.
pub(crate) const MAX_PICTURE_EMU: f64 = 22.0 * 914_400.0;

/// A tag that changes its table cell.
#[derive(Debug)]
pub(crate) struct CellTag {
    pub(crate) kind: CellTagKind,
    pub(crate) args: Vec<Expr>,
    /// The text element, such as `w:t`.
    pub(crate) element: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellTagKind {
    Merge,
    Span,
    Shade,
}

impl CellTag {
    /// Returns the cell tag of `{{merge value group…}}`, `{{span number}}` or `{{shade color}}`.
    pub(crate) fn from_call(call: &HelperCall, element: &'static str) -> Option<CellTag> {
        let kind = match call.helper.role {
            HelperRole::MergeCells => CellTagKind::Merge,
            HelperRole::SpanColumns => CellTagKind::Span,
            HelperRole::ShadeCell => CellTagKind::Shade,
            _ => return None,
        };
        Some(CellTag { kind, args: call.args.clone(), element })
    }
}

/// The arguments of `{{image path …}}`.
#[derive(Debug, Clone)]
pub(crate) struct ImageRequest {
    pub(crate) path: Expr,
    pub(crate) width: Option<Expr>,
    pub(crate) height: Option<Expr>,
    pub(crate) alt: Option<Expr>,
    pub(crate) stretch: Option<Expr>,
    /// Written with the `image` helper, so that the value must be a picture.
    pub(crate) explicit: bool,
}

/// A picture in the text.
#[derive(Debug)]
pub(crate) struct InlinePicture {
    pub(crate) request: ImageRequest,
    pub(crate) run_properties: String,
    /// Available width, in twentieths of a point.
    pub(crate) max_width: u32,
}

/// A picture of the template that is replaced.
#[derive(Debug)]
pub(crate) struct PicturePlaceholder {
    pub(crate) request: ImageRequest,
    /// The XML that shows the picture in the template.
    pub(crate) original_xml: String,
    pub(crate) size: (u64, u64),
    pub(crate) is_vml: bool,
}

fn hash_argument(call: &HelperCall, name: &str) -> Option<Expr> {
    let (_, expr) = call.hash.iter().find(|(key, _)| key == name)?;
    Some(match expr {
        // `width=80mm` parses as a path.
        Expr::Path(path) if parse_length(&path.raw, 0).is_some() => {
            Expr::Literal(Value::String(path.raw.clone()))
        }
        other => other.clone(),
    })
}

impl ImageRequest {
    /// Calls `each` with every expression.
    pub(crate) fn for_each_expr<'a>(&'a self, each: &mut dyn FnMut(&'a Expr)) {
        let ImageRequest { path, width, height, alt, stretch, explicit: _ } = self;
        let options = [width, height, alt, stretch].into_iter().flatten();
        std::iter::once(path).chain(options).for_each(each);
    }

    /// Returns the request of a path or an `image` call, and `None` for any other expression.
    pub(crate) fn from_expr(expr: &Expr) -> Option<ImageRequest> {
        let bare = |path: &Expr| ImageRequest {
            path: path.clone(),
            width: None,
            height: None,
            alt: None,
            stretch: None,
            explicit: false,
        };
        match expr {
            Expr::Path(_) => Some(bare(expr)),
            Expr::Call(call) if call.helper.role == HelperRole::Image => {
                let hash = |name: &str| hash_argument(call, name);
                Some(ImageRequest {
                    width: hash("width"),
                    height: hash("height"),
                    alt: hash("alt"),
                    stretch: hash("stretch"),
                    explicit: true,
                    ..bare(&call.args[0])
                })
            }
            _ => None,
        }
    }
}

/// Parses a length such as `80`, `80mm`, `8cm`, `3in`, `200pt`, `640px` or `50%` into EMU. A bare number is in
/// millimetres; percentages refer to `room`, in EMU.
pub(crate) fn parse_length(written: &str, room: u64) -> Option<u64> {
    let written = written.trim();
    let digits = written.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(written.len());
    let number: f64 = written.slice(..digits).parse().ok()?;
    #[expect(clippy::cast_precision_loss, reason = "a page is small")]
    let unit = match written.slice(digits..).trim() {
        "" | "mm" | "毫米" => 36_000.0,
        "cm" | "厘米" => 360_000.0,
        "in" => 914_400.0,
        "pt" | "磅" => 12_700.0,
        "px" | "像素" => 9_525.0,
        "%" => room as f64 / 100.0,
        _ => return None,
    };
    let length = number * unit;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (number > 0.0 && length <= MAX_PICTURE_EMU).then(|| (length.round() as u64).max(1))
}

/// A merge field that is filled by its name.
#[derive(Debug)]
pub(crate) struct MergeFieldTag {
    pub(crate) name: String,
    /// The text that stays if the data lacks the name, and its range in the part.
    pub(crate) original: String,
    pub(crate) range: Range<usize>,
    /// `<w:rPr>…</w:rPr>` of its result, or empty.
    pub(crate) run_properties: String,
    /// Texts that are written around a value that is not empty.
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) case: LetterCase,
}

impl MergeFieldTag {
    /// Returns the names that the data may have for it: Word's own names of columns have no spaces.
    pub(crate) fn data_names(&self) -> [String; 2] {
        [self.name.clone(), self.name.replace('_', " ")]
    }
}

/// The case in which a merge field writes letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LetterCase {
    AsIs,
    Upper,
    Lower,
}
