//! Owns the set of known editions and the choice of one by year.
//! Must not know the paths of form files; the built-in forms are embedded.

use super::Form;
use crate::editions::BUILT_IN_EDITIONS;
use docx_fill::diag::{Sink, Sources};
use std::sync::Arc;

/// All known editions, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct FormRegistry {
    forms: Vec<Arc<Form>>,
}

impl FormRegistry {
    /// Returns the editions that come with the program.
    pub fn built_in() -> FormRegistry {
        let mut library = FormRegistry::default();
        for edition in BUILT_IN_EDITIONS {
            let mut sink = Sink::new();
            let name = format!("templates/{}/form.toml", edition.name);
            let source = Sources::default().add_text(name, edition.form);
            let form = Form::read(source, edition.form, &mut sink);
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

    /// Returns the edition for reports of that year: the newest of those that cover it. None too if forms of different
    /// names do: then the data has to name one of them.
    pub fn for_year(&self, year: u16) -> Option<&Arc<Form>> {
        let mut covering = self.forms_of_year(year);
        let newest = covering.next()?;
        covering.all(|form| form.name == newest.name).then_some(newest)
    }

    /// Returns the editions that cover a year, the newest first.
    pub fn forms_of_year(&self, year: u16) -> impl Iterator<Item = &Arc<Form>> {
        self.forms.iter().rev().filter(move |form| form.covers_year(year))
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

    #[test]
    fn a_form_of_another_name_is_not_chosen_for_a_report() {
        let mut library = FormRegistry::built_in();
        let known = library.for_year(2023).expect("a form").clone();
        let variant = Form { edition: "local".to_owned(), first_year: 2023, ..(*known).clone() };
        library.add_form(variant.clone());
        assert_eq!(library.for_year(2023).map(|form| form.edition.as_str()), Some("local"));
        let name = "政府网站工作年度报表".to_owned();
        library.add_form(Form { edition: "website".to_owned(), name, ..variant });
        assert!(library.for_year(2023).is_none() && library.for_year(2022).is_some());
        assert_eq!(library.forms_of_year(2023).count(), 3);
    }
}
