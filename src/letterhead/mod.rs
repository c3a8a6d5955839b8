//! Owns letterheads as data: the content of `letterhead.toml` on head, signature and imprint of a
//! document, and the values that templates get for a report.
//! Must not know Word, Typst, the official form, or where a file lies.

mod fill;
mod read;

pub use fill::{PICTURES, REPORT_DOCUMENT};
pub use read::{KEYS, read_letterhead};

use crate::report::Date;
use docx_fill::diag::{SourceId, SourcePlace};

/// Ids of the rules reported by this stage.
pub const RULES: &[&str] = &["letterhead"];

/// A letterhead as written; omitted values are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// Mark of the issuing organ (发文机关标志).
    pub mark: Option<LetterheadText>,
    /// Document number (发文字号).
    pub number: Option<LetterheadText>,
    /// Signatory (签发人).
    pub signatory: Option<LetterheadText>,
    /// Copy number (份号).
    pub copy: Option<LetterheadText>,
    /// Level and term of secrecy (密级和保密期限).
    pub secrecy: Option<LetterheadText>,
    /// Urgency (紧急程度).
    pub urgency: Option<LetterheadText>,
    /// True for a red rule below the head (红色分隔线).
    pub rule: Option<bool>,
    /// Logo of the organ above the mark, a picture (单位标志).
    pub logo: Option<LetterheadText>,
    /// Seal (印章).
    pub seal: Option<Seal>,
    /// Signature (署名); empty for none.
    pub signature: Option<LetterheadText>,
    /// Date of the document (成文日期).
    pub date: Option<Date>,
    /// Imprint (版记).
    pub imprint: Option<Imprint>,
    /// Suffix of file names.
    pub suffix: Option<LetterheadText>,
}

/// The imprint at the foot of the last page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imprint {
    /// Organs that receive copies (抄送机关).
    pub copies: Option<LetterheadText>,
    /// Printing organ (印发机关).
    pub organ: Option<LetterheadText>,
    /// Printing date (印发日期).
    pub date: Option<Date>,
}

/// A text with its place; it may quote the report: `{{organ.name}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterheadText {
    /// Text as written.
    pub text: String,
    /// File that contains the text.
    pub source: SourceId,
    /// Place in the file.
    pub place: SourcePlace,
}

/// The seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// No seal: the signature is set as for a document without one.
    None,
    /// Space for a seal that is stamped by hand.
    StampedByHand,
    /// A picture of the seal.
    Picture(LetterheadText),
}

impl Letterhead {
    /// Returns the letterhead with its values replaced by those that another one gives.
    #[must_use]
    pub fn overridden_by(self, over: Letterhead) -> Letterhead {
        let imprint = match (self.imprint, over.imprint) {
            (Some(own), Some(over)) => Some(Imprint {
                copies: over.copies.or(own.copies),
                organ: over.organ.or(own.organ),
                date: over.date.or(own.date),
            }),
            (own, over) => over.or(own),
        };
        Letterhead {
            mark: over.mark.or(self.mark),
            number: over.number.or(self.number),
            signatory: over.signatory.or(self.signatory),
            copy: over.copy.or(self.copy),
            secrecy: over.secrecy.or(self.secrecy),
            urgency: over.urgency.or(self.urgency),
            rule: over.rule.or(self.rule),
            logo: over.logo.or(self.logo),
            seal: over.seal.or(self.seal),
            signature: over.signature.or(self.signature),
            date: over.date.or(self.date),
            imprint,
            suffix: over.suffix.or(self.suffix),
        }
    }

    /// Returns the pictures with their names; each path is relative to the folder of the file that
    /// names it. The names distinguish equal paths in two folders.
    pub fn named_pictures(&self) -> impl Iterator<Item = (String, &LetterheadText)> {
        let seal = match &self.seal {
            Some(Seal::Picture(picture)) => Some(picture),
            _ => None,
        };
        let logo = self.logo.as_ref().filter(|logo| !logo.text.is_empty());
        let both = [("logo", logo), ("seal", seal)].into_iter();
        both.filter_map(|(role, path)| {
            path.map(|path| (fill::picture_name(role, &path.text), path))
        })
    }
}
