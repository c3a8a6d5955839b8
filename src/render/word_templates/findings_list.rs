//! Owns the Word template of the list of findings for the units: a heading and a table for each
//! report.
//! Must not know a finding; the template engine fills the tags.

use super::patch::TableDescription;
use super::{package, table, text_run, with_page, with_styles};
use docx_rs::{
    Docx, Paragraph, TableAlignmentType, TableCell, TableLayoutType, TableRow, VAlignType,
    WidthType,
};

/// Widths of the columns in twips; their sum is the width of the text block.
const COLUMN_WIDTHS: [usize; 5] = [1150, 1900, 2494, 1700, 1600];
/// Font size in half-points.
const FONT_SIZE: usize = 18;

/// Names of the columns in the data, in order; the last one is for the unit's answer.
const COLUMNS: [&str; 5] = ["severity", "where", "message", "hint", "answer"];

/// Returns the template.
pub(crate) fn list_template() -> Vec<u8> {
    let described = TableDescription {
        name: "{{unit}}".to_owned(),
        summary: "{{summary}}".to_owned(),
        heads: 1,
    };
    let docx = with_page(with_styles(Docx::new()))
        .add_paragraph(Paragraph::new().style("Title").add_run(text_run("{{title}}")))
        .add_paragraph(Paragraph::new().add_run(text_run("{{#each units}}")))
        .add_paragraph(Paragraph::new().style("Heading1").add_run(text_run("{{unit}}")))
        .add_paragraph(Paragraph::new().keep_next(true).add_run(text_run("{{summary}}")))
        .add_paragraph(Paragraph::new().add_run(text_run("{{#if findings}}")))
        .add_table(findings_table())
        .add_paragraph(Paragraph::new().style("TableEnd"))
        .add_paragraph(Paragraph::new().add_run(text_run("{{/if}}")))
        .add_paragraph(Paragraph::new().add_run(text_run("{{/each}}")));
    package::pack_document(&docx.build(), &[described], &package::DocumentExtras::default())
}

fn findings_table() -> docx_rs::Table {
    let head = COLUMNS.map(|name| format!("{{{{@root.heads.{name}}}}}"));
    let own = COLUMNS.map(|name| format!("{{{{{name}}}}}"));
    let mut row = own;
    row[0] = format!("{{{{#each findings}}}}{}", row[0]);
    // The unit writes its answer here.
    "{{/each}}".clone_into(&mut row[COLUMNS.len() - 1]);
    docx_rs::Table::new(vec![table_line(&head, "TableHead"), table_line(&row, "TableText")])
        .style("TableGrid")
        .set_grid(COLUMN_WIDTHS.to_vec())
        .width(COLUMN_WIDTHS.iter().sum(), WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .layout(TableLayoutType::Fixed)
        .set_borders(table::table_borders())
}

fn table_line(words: &[String], style: &str) -> TableRow {
    let cell = |(text, width): (&String, usize)| {
        let paragraph = Paragraph::new().style(style).size(FONT_SIZE);
        TableCell::new()
            .width(width, WidthType::Dxa)
            .vertical_align(VAlignType::Center)
            .add_paragraph(paragraph.add_run(text_run(text).size(FONT_SIZE)))
    };
    TableRow::new(words.iter().zip(COLUMN_WIDTHS).map(cell).collect()).cant_split()
}
