//! Owns the Word template of the list of findings for the units: a heading and a table for each report.
//! Must not know a finding; the template engine fills the tags.

use super::amend::Described;
use super::{package, page, styled, table, tagged};
use docx_rs::{
    Docx, Paragraph, TableAlignmentType, TableCell, TableLayoutType, TableRow, VAlignType,
    WidthType,
};

/// Widths of the columns in twips; together the text block.
const WIDTHS: [usize; 5] = [1150, 1900, 2494, 1700, 1600];
/// Font size in half-points.
const SIZE: usize = 18;

/// Names of the columns in the data, in order; the last one is the unit's own.
const COLUMNS: [&str; 5] = ["severity", "where", "message", "hint", "answer"];

/// The template.
pub(crate) fn template() -> Vec<u8> {
    let described =
        Described { name: "{{unit}}".to_owned(), summary: "{{summary}}".to_owned(), heads: 1 };
    let docx = page(styled(Docx::new()))
        .add_paragraph(Paragraph::new().style("Title").add_run(tagged("{{title}}")))
        .add_paragraph(Paragraph::new().add_run(tagged("{{#each units}}")))
        .add_paragraph(Paragraph::new().style("Heading1").add_run(tagged("{{unit}}")))
        .add_paragraph(Paragraph::new().keep_next(true).add_run(tagged("{{summary}}")))
        .add_paragraph(Paragraph::new().add_run(tagged("{{#if findings}}")))
        .add_table(findings())
        .add_paragraph(Paragraph::new().style("TableEnd"))
        .add_paragraph(Paragraph::new().add_run(tagged("{{/if}}")))
        .add_paragraph(Paragraph::new().add_run(tagged("{{/each}}")));
    package::pack(&docx.build(), &[described], &package::Extra::default())
}

fn findings() -> docx_rs::Table {
    let head = COLUMNS.map(|name| format!("{{{{@root.heads.{name}}}}}"));
    let own = COLUMNS.map(|name| format!("{{{{{name}}}}}"));
    let mut row = own;
    row[0] = format!("{{{{#each findings}}}}{}", row[0]);
    // The unit writes its answer there.
    "{{/each}}".clone_into(&mut row[COLUMNS.len() - 1]);
    docx_rs::Table::new(vec![line(&head, "TableHead"), line(&row, "TableText")])
        .style("TableGrid")
        .set_grid(WIDTHS.to_vec())
        .width(WIDTHS.iter().sum(), WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .layout(TableLayoutType::Fixed)
        .set_borders(table::borders())
}

fn line(words: &[String], style: &str) -> TableRow {
    let cell = |(text, width): (&String, usize)| {
        let paragraph = Paragraph::new().style(style).size(SIZE);
        TableCell::new()
            .width(width, WidthType::Dxa)
            .vertical_align(VAlignType::Center)
            .add_paragraph(paragraph.add_run(tagged(text).size(SIZE)))
    };
    TableRow::new(words.iter().zip(WIDTHS).map(cell).collect()).cant_split()
}
