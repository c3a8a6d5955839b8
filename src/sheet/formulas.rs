//! Owns where the cells of a table stand in its sheet, and the formulas over them: totals, and
//! whether the identities of the form hold.
//! Must not know how a cell looks, nor the reading of a sheet.

use crate::figure::Decimal;
use crate::form::{
    FigureKind, Form, FormTable, GridCell, GridContent, IdentityInstance, Term, sum_terms,
};
use crate::grid::PlacedCell;
use crate::msg;
use crate::report::{Figure, ReportCell};
use docx_fill::diag::{Lang, Message, column_letters};

/// First line of the table; its heading and a remark are above it.
pub(super) const TABLE_TOP: u32 = 2;
/// Maximum length of a formula in characters, below the limit of spreadsheets.
const MAX_FORMULA_CHARS: usize = 8_000;
/// The sign for a figure that a row may lack.
const NOT_APPLICABLE: &str = "/";

/// Returns the physical cells with their addresses.
pub(super) fn placed_cells(table: &FormTable) -> impl Iterator<Item = (&PlacedCell, &GridCell)> {
    table.grid.cells().iter().map(|placed| (placed, &table.lines[placed.line][placed.cell]))
}

pub(super) fn column_index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Returns the heading of the section that a table belongs to.
pub(super) fn section_heading(form: &Form, number: usize) -> Option<&str> {
    let own = form.sections.iter().find(|section| section.table == Some(number));
    own.and_then(|section| section.heading.as_deref())
}

/// Returns the line and column of the sheet at which a figure stands, from 0.
pub(super) fn figure_place(table: &FormTable, figure: usize) -> Option<(usize, usize)> {
    let cell = placed_cells(table).find(|(_, c)| c.content == GridContent::Figure(figure));
    cell.map(|(placed, _)| (placed.row + TABLE_TOP as usize, placed.column))
}

/// Returns the formula of a cell that the form computes.
pub(super) fn total_formula(table: &FormTable, goal: usize) -> Option<String> {
    let mut plan = table.eval_order.iter().map(|&at| &table.instances[at]);
    let instance = plan.find(|instance| instance.computes == Some(goal))?;
    let alone = |side: &[Term<usize>]| side.len() == 1 && side[0].of == goal;
    let other = if alone(&instance.left) { &instance.right } else { &instance.left };
    side_formula(table, other)
}

/// Returns the formula of one side of an identity: `SUM(D7:E7)-F7`.
fn side_formula(table: &FormTable, terms: &[Term<usize>]) -> Option<String> {
    let address = |term: &Term<usize>| figure_place(table, term.of);
    let plus: Option<Vec<_>> = terms.iter().filter(|t| !t.minus).map(address).collect();
    let minus: Option<Vec<_>> = terms.iter().filter(|t| t.minus).map(address).collect();
    let mut out = format!("SUM({})", join_ranges(&plus?).join(","));
    for (row, column) in minus? {
        out.push('-');
        out.push_str(&cell_address(row, column));
    }
    Some(out)
}

/// Returns the condition under which an identity does not hold. Texts count as nothing.
fn imbalance_condition(table: &FormTable, instance: &IdentityInstance) -> Option<String> {
    let left = side_formula(table, &instance.left)?;
    let right = side_formula(table, &instance.right)?;
    // Numbers of spreadsheets are binary; figures have two decimals at most.
    Some(format!("(ROUND({left}-({right}),6)<>0)"))
}

/// A cell of the sheet, by line and column from 0, and a condition on which its colour depends.
pub(super) struct CellCondition {
    pub(super) place: (usize, usize),
    pub(super) formula: String,
}

/// Returns for each identity the cells of its shorter side, where a wrong sum shows as soon as a figure of it was
/// entered.
pub(super) fn imbalance_conditions(table: &FormTable) -> Vec<CellCondition> {
    let mut out = Vec::new();
    for instance in &table.instances {
        let Some(condition) = imbalance_condition(table, instance) else { continue };
        let entered = entered_places(table, instance);
        let condition = match entered.as_slice() {
            [] => condition,
            places => format!("AND({condition},COUNT({})>0)", join_blocks(places).join(",")),
        };
        let (left, right) = (&instance.left, &instance.right);
        let shorter = if left.len() <= right.len() { left } else { right };
        for place in shorter.iter().filter_map(|term| figure_place(table, term.of)) {
            out.push(CellCondition { place, formula: format!("={condition}") });
        }
    }
    out
}

/// Returns the places of the figures on which an identity depends and that somebody enters: totals are computed, and
/// what last year's report hands on is there before anybody began.
fn entered_places(table: &FormTable, instance: &IdentityInstance) -> Vec<(usize, usize)> {
    let mut is_seen = vec![false; table.cells.len()];
    let mut open: Vec<usize> = instance.terms().map(|term| term.of).collect();
    let mut places = Vec::new();
    while let Some(cell) = open.pop() {
        if std::mem::replace(&mut is_seen[cell], true) {
            continue;
        }
        let computes = |at: &&usize| table.instances[**at].computes == Some(cell);
        match table.eval_order.iter().find(computes) {
            Some(at) => open.extend(table.instances[*at].terms().map(|term| term.of)),
            None if table.carrying_identity(cell).is_some() => {}
            None => places.extend(figure_place(table, cell)),
        }
    }
    places.sort_unstable();
    places
}

/// Returns the ranges of all figures of a table, and the condition under which the first cell of
/// them is no number.
pub(super) fn not_a_number_condition(table: &FormTable) -> Option<(String, CellCondition)> {
    let places: Vec<_> = number_places(table);
    let place = *places.first()?;
    let first = cell_address(place.0, place.1);
    let formula = format!("=AND(ISTEXT({first}),{first}<>\"{NOT_APPLICABLE}\")");
    Some((join_blocks(&places).join(" "), CellCondition { place, formula }))
}

/// Checks whether the form wants a number in a cell.
fn is_number(table: &FormTable, figure: usize) -> bool {
    table.kind_of(figure) != FigureKind::Text
}

/// Returns the places of the figures that are numbers, line by line.
fn number_places(table: &FormTable) -> Vec<(usize, usize)> {
    let numbers = (0..table.cells.len()).filter(|&at| is_number(table, at));
    let places = numbers.filter_map(|at| figure_place(table, at));
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    places
}

/// The formula that says whether all identities of a table hold, and what it says now.
pub(super) struct BalanceFormula {
    pub(super) formula: String,
    pub(super) result: String,
}

/// Returns the formula that says in words how far a table is filled in and whether its identities
/// hold; `None` if the table has none or is too large for a formula.
pub(super) fn balance_formula(table: &FormTable, cells: &[ReportCell]) -> Option<BalanceFormula> {
    let conditions: Option<Vec<_>> =
        table.instances.iter().map(|instance| imbalance_condition(table, instance)).collect();
    let conditions = conditions.filter(|conditions| !conditions.is_empty())?;
    let ranges = join_blocks(&number_places(table));
    let over = |call: &dyn Fn(&str) -> String| {
        ranges.iter().map(|range| call(range)).collect::<Vec<_>>().join("+")
    };
    let blank = over(&|range| format!("COUNTBLANK({range})"));
    let words =
        over(&|range| format!("SUMPRODUCT(ISTEXT({range})*({range}<>\"{NOT_APPLICABLE}\"))"));
    let wrong = conditions.join("+");
    let formula = format!(
        "IF({blank}>0,{},IF({words}>0,{},IF({wrong}=0,{},{})))",
        counted_words(BalanceState::Blank, &blank),
        counted_words(BalanceState::NotNumbers, &words),
        counted_words(BalanceState::Balanced, ""),
        counted_words(BalanceState::Unbalanced, &wrong),
    );
    let result = current_balance(table, cells);
    (formula.chars().count() <= MAX_FORMULA_CHARS).then_some(BalanceFormula { formula, result })
}

/// Returns when the cell with the formula of [`balance_formula`] says that all is right, and when it
/// says that something is wrong.
pub(super) fn balance_conditions(place: (usize, usize)) -> [CellCondition; 2] {
    let cell = cell_address(place.0, place.1);
    let right = BalanceState::Balanced.words("");
    let wrong = BalanceState::Unbalanced.words("#");
    let wrong = wrong.split('#').next().unwrap_or_default();
    [
        CellCondition { place, formula: format!("=EXACT({cell},{})", quoted_words(&right)) },
        CellCondition {
            place,
            formula: format!(
                "=EXACT(LEFT({cell},{}),{})",
                wrong.chars().count(),
                quoted_words(wrong)
            ),
        },
    ]
}

/// State of the sums of a table, as its sheet shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BalanceState {
    Blank,
    NotNumbers,
    Balanced,
    Unbalanced,
}

impl BalanceState {
    /// Returns the words for people; the workbook is Chinese.
    fn words(self, count: &str) -> String {
        let message: Message = match self {
            BalanceState::Blank => msg!("sheet.live-blank", count = count),
            BalanceState::NotNumbers => msg!("sheet.live-not-numbers", count = count),
            BalanceState::Balanced => msg!("sheet.live-balanced"),
            BalanceState::Unbalanced => msg!("sheet.live-unbalanced", count = count),
        };
        message.in_lang(Lang::Zh)
    }
}

/// Returns the words of a state as a formula in which the count is computed.
fn counted_words(state: BalanceState, count: &str) -> String {
    let words = state.words("#");
    match words.split_once('#') {
        Some((before, after)) => {
            format!("{}&({count})&{}", quoted_words(before), quoted_words(after))
        }
        None => quoted_words(&words),
    }
}

/// Returns a text as a formula has it.
pub(super) fn quoted_words(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Returns what the formula of [`balance_formula`] gives with the figures of a report.
fn current_balance(table: &FormTable, cells: &[ReportCell]) -> String {
    let numbers = || (0..cells.len()).filter(|&at| is_number(table, at));
    let count = |is: fn(&Figure) -> bool| numbers().filter(|&at| is(&cells[at].figure)).count();
    let blank = count(|figure| *figure == Figure::Blank);
    let words = count(|figure| {
        !matches!(figure, Figure::Blank | Figure::Number(_) | Figure::NotApplicable)
    });
    let value = |at: &usize| Some(cells[*at].figure.as_number().unwrap_or(Decimal::ZERO));
    let holds = |instance: &&IdentityInstance| {
        sum_terms(&instance.left, value) == sum_terms(&instance.right, value)
    };
    let wrong = table.instances.len() - table.instances.iter().filter(holds).count();
    if blank > 0 {
        BalanceState::Blank.words(&blank.to_string())
    } else if words > 0 {
        BalanceState::NotNumbers.words(&words.to_string())
    } else if wrong > 0 {
        BalanceState::Unbalanced.words(&wrong.to_string())
    } else {
        BalanceState::Balanced.words("")
    }
}

/// Cells from the first line and column to the last.
type CellBlock = ((usize, usize), (usize, usize));

/// Returns addresses with neighbours in a line or column joined: `D7:I7`.
fn join_ranges(cells: &[(usize, usize)]) -> Vec<String> {
    join_neighbours(cells).into_iter().map(block_address).collect()
}

/// Returns addresses with neighbours joined, and lines of the same columns below each other: `D7:I9`.
fn join_blocks(cells: &[(usize, usize)]) -> Vec<String> {
    let mut out: Vec<CellBlock> = Vec::new();
    for (from, to) in join_neighbours(cells) {
        match out.last_mut() {
            Some(above) if (above.0.1, above.1.1) == (from.1, to.1) && above.1.0 + 1 == from.0 => {
                above.1.0 = to.0;
            }
            _ => out.push((from, to)),
        }
    }
    out.into_iter().map(block_address).collect()
}

fn join_neighbours(cells: &[(usize, usize)]) -> Vec<CellBlock> {
    let mut out: Vec<CellBlock> = Vec::new();
    for &(row, column) in cells {
        match out.last_mut() {
            Some((from, to))
                if (from.0 == row && (row, column) == (to.0, to.1 + 1))
                    || (from.1 == column && (row, column) == (to.0 + 1, to.1)) =>
            {
                *to = (row, column);
            }
            _ => out.push(((row, column), (row, column))),
        }
    }
    out
}

fn block_address(block: CellBlock) -> String {
    let (from, to) = block;
    let first = cell_address(from.0, from.1);
    if from == to { first } else { format!("{first}:{}", cell_address(to.0, to.1)) }
}

fn cell_address(row: usize, column: usize) -> String {
    format!("{}{}", column_letters(column), row + 1)
}

/// Returns the address of a figure in another sheet of the workbook: `'表三'!J6`.
pub(super) fn address_in_sheet(sheet: &str, place: (usize, usize)) -> String {
    format!("'{}'!{}", sheet.replace('\'', "''"), cell_address(place.0, place.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormRegistry;
    use crate::report::Report;
    use docx_fill::diag::Sources;

    fn report_with(value: u32) -> Report {
        let form = FormRegistry::built_in().forms().last().expect("a form").clone();
        let mut report = Report::blank(Sources::default().add_binary(""), form, 2025);
        for cell in report.tables.iter_mut().flatten() {
            cell.figure = Figure::Number(Decimal::from(value));
        }
        report
    }

    #[test]
    fn a_sheet_says_whether_its_sums_agree() {
        let said = |report: &Report, table: usize| {
            let table_form = &report.form.tables[table];
            balance_formula(table_form, &report.tables[table]).map(|formula| formula.result)
        };
        let mut report = report_with(0);
        // The table of disclosures has no identities.
        assert_eq!(said(&report, 0), None);
        assert_eq!(said(&report, 1).as_deref(), Some("合计都平"));
        report.tables[1][0].figure = Figure::Blank;
        assert_eq!(said(&report, 1).as_deref(), Some("还有 1 格没有填"));
        report.tables[1][0].figure = Figure::Unknown;
        assert_eq!(said(&report, 1).as_deref(), Some("有 1 格不是数（橙色）"));
        let wrong = said(&report_with(1), 1).expect("a sentence");
        assert!(wrong.starts_with("不平："), "{wrong}");
    }

    #[test]
    fn the_formula_fits_into_a_cell_and_is_of_one_piece() {
        let report = report_with(0);
        for (table, cells) in report.form.tables.iter().zip(&report.tables) {
            let Some(BalanceFormula { formula, .. }) = balance_formula(table, cells) else {
                continue;
            };
            assert!(formula.len() < MAX_FORMULA_CHARS, "{}", formula.len());
            assert_eq!(formula.matches('(').count(), formula.matches(')').count());
        }
    }

    #[test]
    fn a_sum_shows_as_wrong_once_a_figure_of_it_was_entered() {
        let form = FormRegistry::built_in().forms().last().expect("a form").clone();
        let requests = form.tables.iter().find(|table| table.id == "requests").expect("table 3");
        let carried_in = requests.find_row("carried-in").expect("a row");
        let carried = requests.cell_number(carried_in, 0).expect("a cell");
        let (line, column) = figure_place(requests, carried).expect("a place");
        let carried = cell_address(line, column);
        let conditions = imbalance_conditions(requests);
        assert!(conditions.len() > 20, "{}", conditions.len());
        for CellCondition { formula, .. } in conditions {
            let Some((_, entered)) = formula.split_once(",COUNT(") else {
                // The row of what was carried over has nothing that somebody enters first.
                assert!(formula.contains(&carried), "{formula}");
                continue;
            };
            assert!(entered.ends_with(")>0)"), "{formula}");
            assert!(!entered.contains(&carried), "{formula}");
            assert!(formula.len() < MAX_FORMULA_CHARS, "{formula}");
        }
    }

    #[test]
    fn neighbours_are_joined() {
        let cells = [(5, 3), (5, 4), (6, 3), (6, 4), (8, 3)];
        assert_eq!(join_ranges(&cells), ["D6:E6", "D7:E7", "D9"]);
        assert_eq!(join_blocks(&cells), ["D6:E7", "D9"]);
        assert_eq!(address_in_sheet("甲'乙", (5, 3)), "'甲''乙'!D6");
    }
}
