//! Owns writing HTML pages: elements whose names the program knows, and texts in which nothing is markup.
//! Must not know what a page shows.

use docx_fill::diag::visible;
use docx_fill::opc::xml::{attribute_into, escape_into};

/// A page in the making. Names of elements and attributes are the program's own; everything else is text.
#[derive(Debug)]
pub struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// Begins a page up to the first element of its body.
    pub fn page(lang: &'static str, title: &str, style: &'static str) -> Writer {
        let mut page = Writer { out: String::from("<!DOCTYPE html>\n"), open: Vec::new() };
        page.open("html", &[("lang", lang)]).line();
        page.open("head", &[]).line();
        page.empty("meta", &[("charset", "utf-8")]).line();
        page.empty("meta", &[("name", "viewport"), ("content", "width=device-width")]).line();
        page.element("title", &[], title).line();
        page.open("style", &[]);
        page.out.push_str(style);
        page.close().line().close().line();
        page.open("body", &[]).line();
        page
    }

    /// Opens an element.
    pub fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> &mut Writer {
        self.tag(name, attributes);
        self.out.push('>');
        self.open.push(name);
        self
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) -> &mut Writer {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// An element without content.
    pub fn empty(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut Writer {
        self.tag(name, attributes);
        self.out.push_str("/>");
        self
    }

    fn tag(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            attribute_into(&mut self.out, name, &visible(value));
        }
    }

    /// Words.
    pub fn text(&mut self, words: &str) -> &mut Writer {
        escape_into(&mut self.out, &visible(words));
        self
    }

    /// An element with nothing but words.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        words: &str,
    ) -> &mut Writer {
        self.open(name, attributes).text(words).close()
    }

    /// The end of a line of the file, which nobody sees on the page.
    pub fn line(&mut self) -> &mut Writer {
        self.out.push('\n');
        self
    }

    /// Closes what is open and gives the page.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close().line();
        }
        self.out
    }
}
