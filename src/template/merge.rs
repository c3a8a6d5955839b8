//! Owns cells that stand beside a loop of rows and are merged downward: they grow with the loop.
//! Must not know data; it adds steps at the edges of such cells.

use super::levels::{Item, Level};
use super::lists::is_loop;
use super::part::{Action, Class, Edit};
use super::scan::{Container, Scan};
use std::collections::{BTreeMap, BTreeSet};

/// A cell that begins a vertical merge and stands before the tag that opens a loop of its row begins the
/// merge in the first turn only; in the others it goes on.
pub(crate) fn grow(
    source: &str,
    scan: &Scan,
    items: &[Item],
    tag_rows: &BTreeSet<usize>,
) -> Vec<Edit> {
    let mut loops: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for item in items.iter().filter(|item| is_loop(&item.tag.kind)) {
        match item.level {
            Level::Row(row) if !tag_rows.contains(&row) => {
                loops.entry(row).or_default().push(item.at);
            }
            _ => {}
        }
    }
    let mut edits = Vec::new();
    for (number, cell) in scan.cells.iter().enumerate() {
        let Some(opened) = cell.row.and_then(|row| loops.get(&row)) else { continue };
        let count = opened.iter().filter(|&&at| at >= cell.range.end).count();
        if count > 0
            && let Some(other) = continued(source, scan, number, cell)
        {
            let (start, end) = (cell.range.start, cell.range.end);
            let edit =
                |at, class, action| Edit { range: at..at, class, number, actions: vec![action] };
            edits.push(edit(start, Class::TagBegin, Action::OpenFirst(count)));
            edits.push(edit(end, Class::TagEnd, Action::CloseFirst(other)));
        }
    }
    edits
}

/// The cell as it goes on below its first: the same properties, no text.
fn continued(source: &str, scan: &Scan, number: usize, cell: &Container) -> Option<String> {
    let merge = cell.merge_start.as_ref()?;
    // Everything before the content is the cell's tag and its properties.
    let before = &source[cell.range.start..merge.start];
    let after = &source[merge.end..cell.content.start];
    let first = scan.paragraphs.iter().find(|found| found.container == Some(number));
    let properties = first.and_then(|found| found.properties.clone());
    let properties = properties.map_or("", |range| &source[range]);
    Some(format!("{before}<w:vMerge/>{after}<w:p>{properties}</w:p></w:tc>"))
}
