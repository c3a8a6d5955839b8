//! Owns the values that only a Word document has a place for: pictures and what is asked of cells.
//! Must not know data.

use crate::slice::TextSlice as _;
use crate::syntax::expr::{Call, Expr};
use serde_json::Value;

/// Widest and highest picture that Word takes, 22 inches.
pub(crate) const LARGEST: f64 = 22.0 * 914_400.0;

/// A tag about its cell.
#[derive(Debug)]
pub(crate) struct CellTag {
    pub(crate) kind: CellTagKind,
    pub(crate) args: Vec<Expr>,
    /// The element that holds the text.
    pub(crate) element: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellTagKind {
    Merge,
    Span,
    Shade,
}

impl CellTag {
    /// `{{merge value group…}}`, `{{span number}}`, `{{shade color}}`
    pub(crate) fn read(call: &Call, element: &'static str) -> Option<CellTag> {
        let kind = match call.helper.name {
            "merge" => CellTagKind::Merge,
            "span" => CellTagKind::Span,
            "shade" => CellTagKind::Shade,
            _ => return None,
        };
        Some(CellTag { kind, args: call.args.clone(), element })
    }
}

/// The arguments of `{{image path …}}`.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: Expr,
    pub(crate) width: Option<Expr>,
    pub(crate) height: Option<Expr>,
    pub(crate) alt: Option<Expr>,
    pub(crate) stretch: Option<Expr>,
    /// By its helper, so that the value must be a picture.
    pub(crate) certain: bool,
}

/// A picture in the text.
#[derive(Debug)]
pub(crate) struct Inline {
    pub(crate) asked: Asked,
    pub(crate) run_properties: String,
    /// Room for it, in twentieths of a point.
    pub(crate) room: u32,
}

/// A picture of the template that is replaced.
#[derive(Debug)]
pub(crate) struct Placeholder {
    pub(crate) asked: Asked,
    /// What shows the picture in the template.
    pub(crate) original: String,
    pub(crate) size: (u64, u64),
    pub(crate) vml: bool,
}

fn option_of(call: &Call, name: &str) -> Option<Expr> {
    let (_, expr) = call.hash.iter().find(|(key, _)| key == name)?;
    Some(match expr {
        // `width=80mm` reads like the name of a value.
        Expr::Path(path) if length_of(&path.raw, 0).is_some() => {
            Expr::Literal(Value::String(path.raw.clone()))
        }
        other => other.clone(),
    })
}

impl Asked {
    /// Reads the value of a tag; anything but a name or `image` asks for no picture.
    pub(crate) fn read(expr: &Expr) -> Option<Asked> {
        let bare = |path: &Expr| Asked {
            path: path.clone(),
            width: None,
            height: None,
            alt: None,
            stretch: None,
            certain: false,
        };
        match expr {
            Expr::Path(_) => Some(bare(expr)),
            Expr::Call(call) if call.helper.name == "image" => {
                let hash = |name: &str| option_of(call, name);
                Some(Asked {
                    width: hash("width"),
                    height: hash("height"),
                    alt: hash("alt"),
                    stretch: hash("stretch"),
                    certain: true,
                    ..bare(&call.args[0])
                })
            }
            _ => None,
        }
    }
}

/// `80`, `80mm`, `8cm`, `3in`, `200pt`, `640px`, `50%`; a bare number is millimetres.
pub(crate) fn length_of(written: &str, room: u64) -> Option<u64> {
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
    (number > 0.0 && length <= LARGEST).then(|| (length.round() as u64).max(1))
}
