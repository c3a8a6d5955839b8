//! Owns writing HTML pages: elements whose names the program knows, and texts in which nothing is markup.
//! Must not know what a page shows.

use docx_fill::diag::show_hidden;
use docx_fill::opc::xml::{attribute_into, escape_into};

/// A page in the making. Names of elements and attributes are the program's own; everything else is text.
#[derive(Debug)]
pub struct HtmlWriter {
    out: String,
    open_elements: Vec<&'static str>,
}

impl HtmlWriter {
    /// Begins a page up to the first element of its body.
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

    /// Closes the element that was opened last.
    pub fn close_element(&mut self) -> &mut HtmlWriter {
        if let Some(name) = self.open_elements.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// Returns an element without content.
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

    /// Words.
    pub fn text(&mut self, words: &str) -> &mut HtmlWriter {
        escape_into(&mut self.out, &show_hidden(words));
        self
    }

    /// Returns an element with nothing but words.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        words: &str,
    ) -> &mut HtmlWriter {
        self.open_element(name, attributes).text(words).close_element()
    }

    /// Returns the end of a line of the file, which nobody sees on the page.
    pub fn end_line(&mut self) -> &mut HtmlWriter {
        self.out.push('\n');
        self
    }

    /// Closes what is open and gives the page.
    pub fn finish(mut self) -> String {
        while !self.open_elements.is_empty() {
            self.close_element().end_line();
        }
        self.out
    }
}
