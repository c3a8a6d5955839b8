//! Owns letterheads as data: what `letterhead.toml` says of the head, the signature and the imprint of a
//! document, and what templates get of it for a report.
//! Must not know Word, Typst or where a file lies; nothing of the official form is known here.

mod fill;
mod read;

pub use fill::{PICTURES, REPORT_DOCUMENT};
pub use read::{KEYS, read_letterhead};

use crate::report::Date;
use docx_fill::diag::{SourceId, Span};

/// Rule ids of this stage.
pub const RULES: &[&str] = &["letterhead"];

/// A letterhead as somebody wrote it; what was left out is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// 发文机关标志.
    pub mark: Option<LetterheadText>,
    /// 发文字号.
    pub number: Option<LetterheadText>,
    /// 签发人.
    pub signatory: Option<LetterheadText>,
    /// 份号.
    pub copy: Option<LetterheadText>,
    /// 密级和保密期限.
    pub secrecy: Option<LetterheadText>,
    /// 紧急程度.
    pub urgency: Option<LetterheadText>,
    /// 红色分隔线.
    pub rule: Option<bool>,
    /// 单位标志: a picture above the mark.
    pub logo: Option<LetterheadText>,
    /// 印章.
    pub seal: Option<Seal>,
    /// 署名; empty for none.
    pub signature: Option<LetterheadText>,
    /// 成文日期.
    pub date: Option<Date>,
    /// 版记.
    pub imprint: Option<Imprint>,
    /// What file names get at their end.
    pub suffix: Option<LetterheadText>,
}

/// The imprint at the foot of the last page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imprint {
    /// 抄送机关.
    pub copies: Option<LetterheadText>,
    /// 印发机关.
    pub organ: Option<LetterheadText>,
    /// 印发日期.
    pub date: Option<Date>,
}

/// Words with their place; they may quote the report: `{{organ.name}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterheadText {
    /// The words as written.
    pub text: String,
    /// The file that they are written in.
    pub source: SourceId,
    /// Where.
    pub span: Span,
}

/// The seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// The signature is set as for a document without a seal.
    None,
    /// Room for a seal that is stamped by hand.
    StampedByHand,
    /// A picture.
    Picture(LetterheadText),
}

impl Letterhead {
    /// This letterhead with everything that another one says put over it.
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

    /// Returns the pictures that it names: each path is meant from the folder of the file that
    /// names it. The name before a path tells pictures of the same path in two folders apart.
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
