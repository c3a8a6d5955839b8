//! Owns the set of known editions and the choice of one by year.
//! Must not know the paths of form files; the built-in forms are embedded.

use super::Form;
use docx_fill::diag::{Sink, Sources};
use std::sync::Arc;

/// All known editions, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct FormRegistry {
    forms: Vec<Arc<Form>>,
}

/// Built-in editions: name for messages, and text of `form.toml`.
const BUILT_IN_FORMS: [(&str, &str); 2] = [
    ("templates/2019/form.toml", include_str!("../../templates/2019/form.toml")),
    ("templates/2021/form.toml", include_str!("../../templates/2021/form.toml")),
];

impl FormRegistry {
    /// Returns the editions that come with the program.
    pub fn built_in() -> FormRegistry {
        let mut library = FormRegistry::default();
        for (name, text) in BUILT_IN_FORMS {
            let mut sink = Sink::new();
            let source = Sources::default().add_text(name, text);
            let form = Form::read(source, text, &mut sink);
            library.add_form(form.expect("the built-in forms are valid"));
        }
        library
    }

    /// Adds an edition, replacing one of the same name.
    pub fn add_form(&mut self, form: Form) {
        self.forms.retain(|known| known.edition != form.edition);
        self.forms.push(Arc::new(form));
        self.forms.sort_by(|a, b| (a.first_year, &a.edition).cmp(&(b.first_year, &b.edition)));
    }

    /// Returns all editions, the oldest first.
    pub fn forms(&self) -> &[Arc<Form>] {
        &self.forms
    }

    /// Returns the edition with this name.
    pub fn by_edition(&self, edition: &str) -> Option<&Arc<Form>> {
        self.forms.iter().find(|form| form.edition == edition)
    }

    /// Returns the edition for reports of this year; if several apply, the newest one.
    pub fn for_year(&self, year: u16) -> Option<&Arc<Form>> {
        self.forms.iter().rev().find(|form| form.covers_year(year))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_choose_the_edition() {
        let library = FormRegistry::built_in();
        let edition = |year| library.for_year(year).map(|form| form.edition.clone());
        assert_eq!(edition(2018), None);
        assert_eq!(edition(2020).as_deref(), Some("2019"));
        assert_eq!(edition(2021).as_deref(), Some("2021"));
        assert_eq!(edition(2030).as_deref(), Some("2021"));
    }
}
