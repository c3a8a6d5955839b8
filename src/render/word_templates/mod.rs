//! Owns the official Word template, which is made, with tags, from a form.
//! Must not know a report; the template engine fills the tags, never through docx-rs.
//!
//! docx-rs builds the document. Its output is then parsed as a tree (`xml_tree`), completed with
//! what docx-rs does not support (`patch`), put into schema order (`normalize`) and packed
//! (`package`).
//!
//! Page: GB/T 9704—2012, clauses 5.2 and 7.5, with 22 lines of 28 characters by the document grid.

mod findings_list;
mod letterhead;
mod normalize;
mod package;
mod patch;
mod styles;
mod table;
mod tag;
#[cfg(test)]
mod tests;
mod xml_tree;

pub use letterhead::letterhead_template;

use crate::form::{Form, FormSection, FormTable};
use crate::official_page::{TWIPS_PER_MM, official_page};
use docx_rs::{
    DocGrid, DocGridType, Docx, FieldCharType, Footer, Header, InstrPAGE, InstrText, PageMargin,
    Paragraph, Run, RunFonts, TableProperty,
};
use docx_rs::{Style, StyleType};
use styles::{STYLE_SPECS, StyleFonts, StyleSize};

pub(crate) use findings_list::list_template;

/// Returns the template of a form: a .docx that a user may edit, with tags for all values of a
/// report.
pub fn form_template(form: &Form) -> Vec<u8> {
    let tables = form.sections.iter().filter_map(|section| drawable_table(form, section));
    let described = |table: &FormTable| patch::TableDescription {
        name: tag::escape_literal(&table.name),
        summary: tag::escape_literal(&table.summary),
        heads: table.header_lines,
    };
    let tables: Vec<patch::TableDescription> = tables.map(described).collect();
    let parts = add_body(form, with_page(with_styles(Docx::new()))).build();
    package::pack_document(&parts, &tables, &package::DocumentExtras::default())
}

/// Adds the styles.
fn with_styles(docx: Docx) -> Docx {
    let docx =
        docx.default_fonts(StyleFonts::body_fonts()).default_size(StyleSize::Body.half_points());
    let docx = STYLE_SPECS.iter().fold(docx, |docx, look| docx.add_style(look.docx_style()));
    let grid = TableProperty::new().set_borders(table::table_borders());
    docx.add_style(
        Style::new("TableGrid", StyleType::Table).name("Table Grid").table_property(grid),
    )
}

/// Sets up the page: size, margins, grid, headers and footers.
fn with_page(mut docx: Docx) -> Docx {
    let page = &official_page().page;
    let (width, right) = (to_twips(page.width), to_twips(page.right));
    // What rounding leaves over is in the margin, not in the text.
    let left = width - right - to_twips(official_page().text_width());
    let margin = PageMargin::new().top(to_twips(page.top)).bottom(to_twips(page.bottom));
    let margin = margin.left(left).right(right);
    let grid = DocGrid::new()
        .grid_type(DocGridType::LinesAndChars)
        .line_pitch(styles::PAGE_LINE_HEIGHT.unsigned_abs() as usize)
        // (15.793 − 16) pt × 4096: 28 characters of 16 pt in 156 mm.
        .char_space(-848);
    docx.document = docx.document.doc_grid(grid);
    docx.page_size(width.unsigned_abs(), to_twips(page.height).unsigned_abs())
        // The footer's last line ends so far from the paper's edge that its dashes are 7 mm below the text.
        .page_margin(margin.header(851).footer(1449))
        .header(Header::new().add_paragraph(draft_mark()))
        .even_header(Header::new().add_paragraph(draft_mark()))
        .footer(Footer::new().add_paragraph(page_number("Footer")))
        .even_footer(Footer::new().add_paragraph(page_number("FooterEven")))
}

/// Millimetres in whole twips.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn to_twips(millimetres: f64) -> i32 {
    (millimetres * TWIPS_PER_MM).round() as i32
}

/// Returns the line above the text of every page of a draft.
fn draft_mark() -> Paragraph {
    let mark = "{{#if draft}}草稿：不得报送或公开{{/if}}";
    Paragraph::new().style("Draft").add_run(text_run(mark))
}

/// Returns the paragraph with the page number: — 1 —.
fn page_number(style: &str) -> Paragraph {
    let page = InstrText::PAGE(InstrPAGE::new());
    Paragraph::new()
        .style(style)
        .add_run(text_run("— "))
        .add_run(plain_run().add_field_char(FieldCharType::Begin, false))
        .add_run(plain_run().add_instr_text(page))
        .add_run(plain_run().add_field_char(FieldCharType::Separate, false))
        .add_run(text_run("1"))
        .add_run(plain_run().add_field_char(FieldCharType::End, false))
        .add_run(text_run(" —"))
}

/// Adds title, headings, text and tables.
fn add_body(form: &Form, docx: Docx) -> Docx {
    let title = Paragraph::new().style("Title").add_run(text_run("{{title-lines}}"));
    let docx = docx.add_paragraph(title);
    form.sections.iter().fold(docx, |docx, part| add_section(form, part, docx))
}

fn add_section(form: &Form, section: &FormSection, mut docx: Docx) -> Docx {
    if let Some(heading) = &section.heading {
        docx = docx.add_paragraph(Paragraph::new().style("Heading1").add_run(literal_run(heading)));
    }
    docx = docx.add_paragraph(text_placeholder(&section.id));
    match drawable_table(form, section).and_then(table::docx_table) {
        Some(table) => docx
            .add_table(table)
            .add_paragraph(Paragraph::new().style("TableEnd"))
            .add_paragraph(text_placeholder(&format!("{}-after", section.id))),
        None => docx,
    }
}

/// Returns the section's table, if it has one with cells.
fn drawable_table<'a>(form: &'a Form, section: &FormSection) -> Option<&'a FormTable> {
    let table = form.tables.get(section.table?)?;
    (table.grid.rows() > 0 && table.grid.columns() > 0).then_some(table)
}

/// Returns the paragraph for the text of a section; an empty text removes it.
fn text_placeholder(id: &str) -> Paragraph {
    let tag = format!("{{{{markdown {}}}}}", tag::tag_path(&["text", id]));
    Paragraph::new().add_run(text_run(&tag))
}

/// Returns a run of literal text.
fn literal_run(text: &str) -> Run {
    text_run(&tag::escape_literal(text))
}

/// Returns a run of text and tags.
fn text_run(text: &str) -> Run {
    plain_run().add_text(text)
}

/// Returns an empty run in which ambiguous characters (“ ” — …) are set in the Chinese font.
fn plain_run() -> Run {
    Run::new().fonts(RunFonts::new().hint("eastAsia"))
}
