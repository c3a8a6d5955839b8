//! Owns the serde types that mirror `form.toml`.
//! Must not know the meaning of ids: `read` resolves and checks them.

use super::NamedId;
use super::phrases::PhraseWords;
use super::prose_words::ProseWords;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FormSource {
    pub(super) family: Option<Spanned<String>>,
    pub(super) family_name: Option<String>,
    pub(super) variant: Option<Spanned<String>>,
    pub(super) variant_name: Option<Spanned<String>>,
    pub(super) edition: Option<Spanned<String>>,
    pub(super) name: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) title_also: Vec<String>,
    #[serde(default)]
    pub(super) same_words: Vec<Vec<String>>,
    #[serde(default)]
    pub(super) field: Vec<Spanned<FieldSource>>,
    pub(super) years: YearsSource,
    #[serde(default)]
    pub(super) notice: NoticeSource,
    pub(super) section: Vec<Spanned<SectionSource>>,
    pub(super) table: Vec<Spanned<TableSource>>,
    #[serde(default)]
    pub(super) words: PhraseWords,
    #[serde(default)]
    pub(super) prose: ProseWords,
    #[serde(default)]
    pub(super) phrase: Vec<Spanned<PhraseSource>>,
    #[serde(default)]
    pub(super) claim: Vec<Spanned<ClaimSource>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct YearsSource {
    pub(super) from: u16,
    pub(super) to: Option<u16>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeSource {
    pub(super) title: String,
    pub(super) number: String,
    #[serde(default)]
    pub(super) marks: Vec<String>,
}

/// A field of the organ that reports.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FieldSource {
    pub(super) id: Spanned<String>,
    pub(super) label: Spanned<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) sheet: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) about: String,
    #[serde(default)]
    pub(super) kind: FieldKindSource,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) print_first_in: Option<Spanned<String>>,
    pub(super) print_last_in: Option<Spanned<String>>,
    #[serde(default = "no_choices")]
    pub(super) choices: Spanned<Vec<NamedId>>,
}

fn no_choices() -> Spanned<Vec<NamedId>> {
    Spanned::new(0..0, Vec::new())
}

#[derive(Debug, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FieldKindSource {
    Name,
    Level,
    #[default]
    Text,
    Date,
    Phone,
    Postcode,
    Mail,
    Site,
    Choice,
    YesNo,
}

/// A phrase with a number, and the values that the number may have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PhraseSource {
    pub(super) says: Vec<String>,
    #[serde(default)]
    pub(super) says_by_year: Vec<String>,
    #[serde(default)]
    pub(super) needs: Vec<String>,
    #[serde(default)]
    pub(super) led_by: Vec<String>,
    #[serde(default)]
    pub(super) about: Vec<String>,
    #[serde(default)]
    pub(super) rivals: Vec<String>,
    #[serde(default)]
    pub(super) together: Option<String>,
    #[serde(default)]
    pub(super) context: Vec<String>,
    #[serde(default)]
    pub(super) unless: Vec<String>,
    #[serde(default = "pieces")]
    pub(super) units: Vec<String>,
    #[serde(default)]
    pub(super) at_most: bool,
    #[serde(default)]
    pub(super) opens_clause: bool,
    #[serde(default)]
    pub(super) decimals: u32,
    #[serde(default)]
    pub(super) accepts: Vec<String>,
}

fn pieces() -> Vec<String> {
    ["件", "宗", "份", "起"].map(str::to_owned).to_vec()
}

/// A wording that a figure above 0 refutes, or an amount behind it that is no multiple of a number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ClaimSource {
    pub(super) says: Vec<String>,
    #[serde(default)]
    pub(super) then: Vec<String>,
    #[serde(default)]
    pub(super) over: Vec<String>,
    #[serde(default)]
    pub(super) context: Vec<String>,
    #[serde(default)]
    pub(super) unless: Vec<String>,
    #[serde(default)]
    pub(super) rule: Option<String>,
    pub(super) zero: Option<String>,
    pub(super) multiple_of: Option<u32>,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SectionSource {
    pub(super) id: String,
    pub(super) heading: Option<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) table: Option<String>,
    #[serde(default)]
    pub(super) starter: String,
    #[serde(default)]
    pub(super) least: usize,
    #[serde(default)]
    pub(super) speaks_of: Vec<String>,
    #[serde(default)]
    pub(super) aspects: Vec<Vec<String>>,
    #[serde(default)]
    pub(super) remedied: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TableSource {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) summary: String,
    pub(super) widths: Spanned<Vec<f64>>,
    #[serde(default = "default_size")]
    pub(super) size: f64,
    #[serde(default = "default_line_height")]
    pub(super) line_height: f64,
    #[serde(default)]
    pub(super) header_lines: usize,
    #[serde(default)]
    pub(super) collect: CollectSource,
    pub(super) column: Vec<Spanned<ColumnSource>>,
    pub(super) row: Vec<Spanned<RowSource>>,
    pub(super) line: Vec<Spanned<LineSource>>,
    #[serde(default)]
    pub(super) identity: Vec<Spanned<IdentitySource>>,
    #[serde(default)]
    pub(super) previous: Vec<Spanned<PreviousSource>>,
    #[serde(default)]
    pub(super) bound: Vec<Spanned<PreviousSource>>,
}

fn default_size() -> f64 {
    10.5
}

fn default_line_height() -> f64 {
    6.0
}

/// Condition under which an amount is probably given in another unit than the form's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DoubtSource {
    pub(super) multiple_of: u32,
    #[serde(default)]
    pub(super) levels: Vec<String>,
    pub(super) times_last_year: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnSource {
    pub(super) id: String,
    pub(super) label: String,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) kind: KindSource,
    #[serde(default)]
    pub(super) unit: String,
    pub(super) doubt: Option<DoubtSource>,
    pub(super) collect: Option<CollectSource>,
}

/// Rule by which a cell of a county's report is made from those of its units.
#[derive(Debug, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum CollectSource {
    #[default]
    Sum,
    Keep,
    Ask,
}

#[derive(Debug, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindSource {
    #[default]
    Count,
    Money,
    Signed,
    Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowSource {
    pub(super) id: String,
    pub(super) label: String,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) slash: bool,
    pub(super) kind: Option<KindSource>,
    pub(super) unit: Option<String>,
    #[serde(default)]
    pub(super) levels: Vec<String>,
    pub(super) collect: Option<CollectSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineSource {
    pub(super) row: Option<String>,
    pub(super) head: Option<Vec<HeadSource>>,
    pub(super) figures: Option<Vec<FigureSource>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadSource {
    pub(super) text: Option<String>,
    pub(super) column: Option<String>,
    pub(super) row: Option<String>,
    #[serde(default = "one")]
    pub(super) colspan: usize,
    #[serde(default = "one")]
    pub(super) rowspan: usize,
    #[serde(default)]
    pub(super) vertical: bool,
}

fn one() -> usize {
    1
}

/// A figure cell: a column id, or a table with column, row, span, kind and unit.
#[derive(Debug)]
pub(super) struct FigureSource {
    pub(super) column: String,
    pub(super) row: Option<String>,
    pub(super) colspan: usize,
    pub(super) kind: Option<KindSource>,
    pub(super) unit: Option<String>,
}

impl FigureSource {
    /// Returns the figure of a column, with nothing of its own.
    pub(super) fn of_column(column: &str) -> FigureSource {
        let column = column.to_owned();
        FigureSource { column, row: None, colspan: 1, kind: None, unit: None }
    }
}

impl<'de> Deserialize<'de> for FigureSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FigureVisitor)
    }
}

struct FigureVisitor;

impl<'de> Visitor<'de> for FigureVisitor {
    type Value = FigureSource;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a column id, or { column = …, row = …, colspan = …, kind = …, unit = … }")
    }

    fn visit_str<E: de::Error>(self, column: &str) -> Result<FigureSource, E> {
        Ok(FigureSource::of_column(column))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FigureSource, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct FigureTable {
            column: String,
            row: Option<String>,
            #[serde(default = "one")]
            colspan: usize,
            kind: Option<KindSource>,
            unit: Option<String>,
        }
        let FigureTable { column, row, colspan, kind, unit } =
            FigureTable::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(FigureSource { column, row, colspan, kind, unit })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentitySource {
    pub(super) id: String,
    pub(super) per: PerSource,
    pub(super) holds: Spanned<String>,
    pub(super) computes: Option<Spanned<String>>,
}

/// An identity between two years, or a bound.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviousSource {
    pub(super) id: String,
    pub(super) per: PerSource,
    pub(super) holds: Spanned<String>,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum PerSource {
    Row,
    Column,
}
