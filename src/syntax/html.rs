//! Owns filling HTML pages from templates: every value is text, and nothing in it is markup.
//! Must not know what a page shows.

use crate::messages::CATALOGUE;
use docx_fill::diag::Lang;
use docx_fill::opc::xml::escape_into;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError};
use serde::Serialize;
use std::borrow::Cow;

/// A page of the program's own, in Handlebars. `{{say "group.name"}}` is a message of the catalogues.
#[derive(Clone, Copy)]
pub struct HtmlTemplate {
    /// The page.
    pub page: &'static str,
    /// The texts that `{{> name}}` includes.
    pub partials: &'static [(&'static str, &'static str)],
    /// Shows characters that could hide or turn others.
    pub show: fn(&str) -> Cow<'_, str>,
}

impl HtmlTemplate {
    /// Returns the page with its values. The pages are our own and tested, so they can be filled.
    pub fn fill(&self, view: &impl Serialize, lang: Lang) -> String {
        let show = self.show;
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        engine.register_escape_fn(move |text| escape_html(text, show));
        for (name, text) in self.partials {
            engine.register_partial(name, text).expect("tested");
        }
        let say = move |helper: &Helper<'_>,
                        _: &Handlebars<'_>,
                        _: &Context,
                        _: &mut RenderContext<'_, '_>,
                        out: &mut dyn Output|
              -> HelperResult {
            let id = helper.param(0).and_then(|id| id.value().as_str()).unwrap_or_default();
            let words = id.split_once('.');
            let words = words.and_then(|(group, name)| CATALOGUE.pattern(lang, group, name));
            let words = words.ok_or_else(|| RenderError::strict_error(Some(&id.to_owned())))?;
            Ok(out.write(&escape_html(words, show))?)
        };
        engine.register_helper("say", Box::new(say));
        engine.render_template(self.page, view).expect("tested")
    }
}

/// Returns the language as HTML names it.
pub fn language_tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

fn escape_html(text: &str, show: fn(&str) -> Cow<'_, str>) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, &show(text));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::show_hidden_lines;

    #[test]
    fn nothing_of_a_value_is_markup() {
        let escape = |text| escape_html(text, show_hidden_lines);
        assert_eq!(escape("<b>&\""), "&lt;b&gt;&amp;&quot;");
        assert_eq!(escape("甲\u{202e}\u{1b}[2J\r"), "甲\\u{202E}␛[2J␍");
    }
}
