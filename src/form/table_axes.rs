//! Owns the rows and columns of a form's table as its file has them.
//! Must not know the grid, nor where they stand in it.

use super::source::{CollectSource, ColumnSource, KindSource, RowSource};
use super::{CollectRule, FigureKind, FormColumn, FormRow, UnitCheck};

/// Returns a column of figures.
pub(super) fn to_column(source: &ColumnSource) -> FormColumn {
    FormColumn {
        id: source.id.clone(),
        label: source.label.clone(),
        aliases: source.also.clone(),
        group: source.group.clone(),
        kind: to_kind(source.kind),
        unit: source.unit.clone(),
        unit_check: source.doubt.as_ref().map(|doubt| UnitCheck {
            multiple_of: doubt.multiple_of.max(1),
            levels: doubt.levels.clone(),
            times_last_year: doubt.times_last_year.max(1),
        }),
        collect_rule: source.collect.map(to_collect_rule),
    }
}

/// Returns a row of figures.
pub(super) fn to_row(source: &RowSource) -> FormRow {
    FormRow {
        id: source.id.clone(),
        label: source.label.clone(),
        aliases: source.also.clone(),
        group: source.group.clone(),
        allows_slash: source.slash,
        kind: source.kind.map(to_kind),
        unit: source.unit.clone(),
        levels: source.levels.clone(),
        collect_rule: source.collect.map(to_collect_rule),
    }
}

/// Returns the kind of values that a word of the file stands for.
pub(super) fn to_kind(source: KindSource) -> FigureKind {
    match source {
        KindSource::Count => FigureKind::Count,
        KindSource::Money => FigureKind::Money,
        KindSource::Signed => FigureKind::Signed,
        KindSource::Text => FigureKind::Text,
    }
}

/// Returns the rule for collecting that a word of the file stands for.
pub(super) fn to_collect_rule(source: CollectSource) -> CollectRule {
    match source {
        CollectSource::Sum => CollectRule::Sum,
        CollectSource::Keep => CollectRule::Keep,
        CollectSource::Ask => CollectRule::Review,
    }
}
