//! Owns writing TOML: comments, keys, texts, numbers and dates, each escaped so that its content
//! cannot end it.
//! Must not know the content, nor its order.

use super::{is_bare_key, is_plain_number, push_comment, push_quoted};
use docx_fill::diag::show_hidden;
use docx_fill::slice::{TextEdit as _, TextSlice as _};
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext};
use serde::Serialize;

/// The syntax TOML 1.0.
#[derive(Debug, Default)]
pub struct Toml;

/// A TOML file being written.
pub type TomlWriter = super::SyntaxWriter<Toml>;

impl TomlWriter {
    /// Writes a comment line with a text of the program.
    pub fn comment_line(&mut self, words: &str) {
        let blank = if words.is_empty() { "" } else { " " };
        self.raw_comment_line(&format!("{blank}{words}"));
    }

    /// Writes a comment line with the text that followed `#` in another file.
    pub fn raw_comment_line(&mut self, words: &str) {
        push_comment(&mut self.out, words);
        self.out.push('\n');
    }

    /// Writes the header of a table, without the line end.
    pub fn table_header(&mut self, key: &str) {
        self.out.push('[');
        self.push_key(key);
        self.out.push(']');
    }

    /// Writes a key and the equals sign; `width` is the length of the longest key nearby.
    pub fn assign_key(&mut self, key: &str, width: usize) {
        let start = self.offset();
        self.push_key(key);
        let used = self.out.slice(start..).chars().count();
        self.out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
        self.out.push_str(" = ");
    }

    fn push_key(&mut self, key: &str) {
        if is_bare_key(key) { self.out.push_str(key) } else { push_quoted(&mut self.out, key) }
    }

    /// Writes a text, between triple quotes if it has several lines.
    pub fn multiline_text(&mut self, text: &str) {
        if !text.contains('\n') {
            return self.push_text(text);
        }
        let mut body = String::with_capacity(text.len() + 8);
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                body.push('\n');
            }
            let mut own = String::with_capacity(line.len() + 2);
            push_quoted(&mut own, line);
            // Quotes need an escape only where three meet; single ones are readable as they are.
            let plain = own.slice(1..own.len() - 1).replace("\\\"", "\"");
            body.push_str(&plain.replace("\"\"\"", "\\\"\\\"\\\""));
        }
        if let Some(rest) = body.strip_suffix('"') {
            let escapes = rest.len() - rest.trim_end_matches('\\').len();
            if escapes % 2 == 0 {
                body.insert_text(body.len() - 1, "\\");
            }
        }
        self.out.push_str("\"\"\"\n");
        self.out.push_str(&body);
        self.out.push_str("\"\"\"");
    }

    /// Writes a number, right-aligned to `width`, or a text if TOML does not accept the number.
    pub fn push_number(&mut self, digits: &str, width: usize) {
        let plain = digits.strip_prefix('+').unwrap_or(digits);
        let special = matches!(plain.strip_prefix('-').unwrap_or(plain), "inf" | "nan");
        if !special && !is_plain_number(plain) {
            return self.push_text(digits);
        }
        self.out.extend(std::iter::repeat_n(' ', width.saturating_sub(digits.len())));
        self.out.push_str(digits);
    }

    /// Writes a date or time, or a text if it has other characters.
    pub fn push_date(&mut self, text: &str) {
        let mark = |c: char| c.is_ascii_digit() || "-:.+TZ ".contains(c);
        let day = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['-', ':']);
        if day && text.chars().all(mark) { self.out.push_str(text) } else { self.push_text(text) }
    }
}

/// Returns a TOML file from a template of the program's own, in Handlebars. A value within a comment is one line;
/// `{{key id}}` is a key, in so many columns if a width is given, `{{quoted x}}` and `{{multiline x}}` are texts.
pub fn fill_toml(template: &str, view: &impl Serialize) -> String {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(|words| show_hidden(words).trim_end().to_owned());
    register_writer(&mut engine, "key", |out, key, width| {
        out.push_key(key);
        let used = out.out.chars().count();
        out.out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    });
    register_writer(&mut engine, "quoted", |out, text, _| out.push_text(text));
    register_writer(&mut engine, "multiline", |out, text, _| out.multiline_text(text));
    // Templates are our own and tested, so they can be filled.
    engine.render_template(template, view).expect("tested")
}

/// Registers a helper that writes a text, with a number if there is one.
fn register_writer(
    engine: &mut Handlebars<'_>,
    name: &str,
    write: fn(&mut TomlWriter, &str, usize),
) {
    let helper = move |helper: &Helper<'_>,
                       _: &Handlebars<'_>,
                       _: &Context,
                       _: &mut RenderContext<'_, '_>,
                       out: &mut dyn Output|
          -> HelperResult {
        let text = helper.param(0).and_then(|text| text.value().as_str()).unwrap_or_default();
        let number = helper.param(1).and_then(|number| number.value().as_u64());
        let mut part = TomlWriter::default();
        write(&mut part, text, number.and_then(|n| usize::try_from(n).ok()).unwrap_or_default());
        Ok(out.write(&part.finish())?)
    };
    engine.register_helper(name, Box::new(helper));
}

/// Returns a text as a value of TOML, to be shown to somebody who writes such a file.
pub fn quoted_text(text: &str) -> String {
    let mut out = String::new();
    push_quoted(&mut out, text);
    out
}
