//! Owns writing HTML pages: elements with names from the program, and texts without markup.
//! Must not know the content of a page.

use docx_fill::diag::show_hidden;
use docx_fill::opc::xml::{attribute_into, escape_into};

/// An HTML page being written. Names of elements and attributes come from the program; everything
/// else is escaped.
#[derive(Debug)]
pub struct HtmlWriter {
    out: String,
    open_elements: Vec<&'static str>,
}

impl HtmlWriter {
    /// Starts a page up to the start tag of its body.
    pub fn start_page(lang: &'static str, title: &str, style: &'static str) -> HtmlWriter {
        let mut page =
            HtmlWriter { out: String::from("<!DOCTYPE html>\n"), open_elements: Vec::new() };
        page.open_element("html", &[("lang", lang)]).end_line();
        page.open_element("head", &[]).end_line();
        page.empty_element("meta", &[("charset", "utf-8")]).end_line();
        page.empty_element("meta", &[("name", "viewport"), ("content", "width=device-width")])
            .end_line();
        page.element("title", &[], title).end_line();
        page.open_element("style", &[]);
        page.out.push_str(style);
        page.close_element().end_line().close_element().end_line();
        page.open_element("body", &[]).end_line();
        page
    }

    /// Opens an element.
    pub fn open_element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut HtmlWriter {
        self.push_tag(name, attributes);
        self.out.push('>');
        self.open_elements.push(name);
        self
    }

    /// Closes the innermost open element.
    pub fn close_element(&mut self) -> &mut HtmlWriter {
        if let Some(name) = self.open_elements.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// Writes an element without content.
    pub fn empty_element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut HtmlWriter {
        self.push_tag(name, attributes);
        self.out.push_str("/>");
        self
    }

    fn push_tag(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            attribute_into(&mut self.out, name, &show_hidden(value));
        }
    }

    /// Writes text.
    pub fn text(&mut self, words: &str) -> &mut HtmlWriter {
        escape_into(&mut self.out, &show_hidden(words));
        self
    }

    /// Writes an element that contains only text.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        words: &str,
    ) -> &mut HtmlWriter {
        self.open_element(name, attributes).text(words).close_element()
    }

    /// Writes a line end, which is invisible on the page.
    pub fn end_line(&mut self) -> &mut HtmlWriter {
        self.out.push('\n');
        self
    }

    /// Closes all open elements and returns the page.
    pub fn finish(mut self) -> String {
        while !self.open_elements.is_empty() {
            self.close_element().end_line();
        }
        self.out
    }
}
