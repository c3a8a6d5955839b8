//! Owns the official Word template: makes it, with tags, from a form.
//! Must not know a report; the template engine fills the tags, and never through docx-rs.
//!
//! docx-rs builds the document. What it writes is then read as a tree (`tree`), gets what docx-rs
//! cannot say (`amend`), is put into schema order (`normalize`) and packed (`package`).
//!
//! Page: GB/T 9704—2012, clauses 5.2 and 7.5, with 22 lines of 28 characters by the document grid.

mod amend;
mod letterhead;
mod list;
mod normalize;
mod package;
mod styles;
mod table;
mod tag;
#[cfg(test)]
mod tests;
mod tree;

pub use letterhead::letterhead;

use crate::form::{Form, Section, Table};
use docx_rs::{
    DocGrid, DocGridType, Docx, FieldCharType, Footer, Header, InstrPAGE, InstrText, PageMargin,
    Paragraph, Run, RunFonts, TableProperty,
};
use docx_rs::{Style, StyleType};
use styles::{Fonts, LOOKS};

pub(crate) use list::template as list_template;

/// The template of a form: a .docx that a user may open and change, with a tag wherever a report
/// has something to say.
pub fn template(form: &Form) -> Vec<u8> {
    let tables = form.sections.iter().filter_map(|section| drawn(form, section));
    let described = |table: &Table| amend::Described {
        name: tag::literal(&table.name),
        summary: tag::literal(&table.summary),
        heads: table.header_lines,
    };
    let tables: Vec<amend::Described> = tables.map(described).collect();
    let parts = body(form, page(styled(Docx::new()))).build();
    package::pack(&parts, &tables, &package::Extra::default())
}

/// Adds the styles.
fn styled(docx: Docx) -> Docx {
    let docx = docx.default_fonts(Fonts::body()).default_size(styles::BODY_SIZE);
    let docx = LOOKS.iter().fold(docx, |docx, look| docx.add_style(look.style()));
    let grid = TableProperty::new().set_borders(table::borders());
    docx.add_style(
        Style::new("TableGrid", StyleType::Table).name("Table Grid").table_property(grid),
    )
}

/// Sets up the page: size, margins, grid, headers and footers.
fn page(mut docx: Docx) -> Docx {
    let margin = PageMargin::new().top(2098).bottom(1984).left(1588).right(1474);
    let grid = DocGrid::new()
        .grid_type(DocGridType::LinesAndChars)
        .line_pitch(579)
        // (15.793 − 16) pt × 4096: 28 characters of 16 pt in 156 mm.
        .char_space(-848);
    docx.document = docx.document.doc_grid(grid);
    docx.page_size(11_906, 16_838)
        // The footer's last line ends so far from the paper's edge that its dashes are 7 mm below the text.
        .page_margin(margin.header(851).footer(1449))
        .header(Header::new().add_paragraph(draft_mark()))
        .even_header(Header::new().add_paragraph(draft_mark()))
        .footer(Footer::new().add_paragraph(page_number("Footer")))
        .even_footer(Footer::new().add_paragraph(page_number("FooterEven")))
}

/// What every page of a draft says above its text.
fn draft_mark() -> Paragraph {
    let mark = "{{#if draft}}草稿：不得报送或公开{{/if}}";
    Paragraph::new().style("Draft").add_run(tagged(mark))
}

/// — 1 —
fn page_number(style: &str) -> Paragraph {
    let page = InstrText::PAGE(InstrPAGE::new());
    Paragraph::new()
        .style(style)
        .add_run(tagged("— "))
        .add_run(plain_run().add_field_char(FieldCharType::Begin, false))
        .add_run(plain_run().add_instr_text(page))
        .add_run(plain_run().add_field_char(FieldCharType::Separate, false))
        .add_run(tagged("1"))
        .add_run(plain_run().add_field_char(FieldCharType::End, false))
        .add_run(tagged(" —"))
}

/// Adds title, headings, text and tables.
fn body(form: &Form, docx: Docx) -> Docx {
    let title = Paragraph::new().style("Title").add_run(tagged("{{title-lines}}"));
    let docx = docx.add_paragraph(title);
    form.sections.iter().fold(docx, |docx, part| section(form, part, docx))
}

fn section(form: &Form, section: &Section, mut docx: Docx) -> Docx {
    if let Some(heading) = &section.heading {
        docx = docx.add_paragraph(Paragraph::new().style("Heading1").add_run(words(heading)));
    }
    docx = docx.add_paragraph(prose(&section.id));
    match drawn(form, section).and_then(table::table) {
        Some(table) => docx
            .add_table(table)
            .add_paragraph(Paragraph::new().style("TableEnd"))
            .add_paragraph(prose(&format!("{}-after", section.id))),
        None => docx,
    }
}

/// The section's table, if it has one that can be drawn.
fn drawn<'a>(form: &'a Form, section: &Section) -> Option<&'a Table> {
    let table = form.tables.get(section.table?)?;
    (table.grid.rows() > 0 && table.grid.columns() > 0).then_some(table)
}

/// Where the text of a section goes; an empty text takes the paragraph away.
fn prose(id: &str) -> Paragraph {
    let tag = format!("{{{{markdown {}}}}}", tag::path(&["text", id]));
    Paragraph::new().add_run(tagged(&tag))
}

/// A run of official words.
fn words(text: &str) -> Run {
    tagged(&tag::literal(text))
}

/// A run of words and tags.
fn tagged(text: &str) -> Run {
    plain_run().add_text(text)
}

/// “ ” — … are Chinese punctuation, not Latin.
fn plain_run() -> Run {
    Run::new().fonts(RunFonts::new().hint("eastAsia"))
}
