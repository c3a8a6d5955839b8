//! Owns the set of known forms, and the choice of one by family, variant, edition and year.
//! Must not know the paths of form files; the built-in forms are embedded.

use super::{Form, NamedId};
use crate::editions::{BUILT_IN_EDITIONS, DEFAULT_FAMILY};
use crate::msg;
use docx_fill::diag::{Message, Sink, Sources};
use std::cmp::Reverse;
use std::sync::Arc;

/// All known forms: the default family first, in each family and variant the oldest first.
#[derive(Debug, Clone, Default)]
pub struct FormRegistry {
    forms: Vec<Arc<Form>>,
}

/// The words by which data or a command asks for a form: ids or official words.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormQuery<'a> {
    /// The family; the default one, if none is asked for.
    pub family: Option<&'a str>,
    /// The variant.
    pub variant: Option<&'a str>,
    /// The edition.
    pub edition: Option<&'a str>,
    /// The year of the report.
    pub year: Option<u16>,
}

/// The word of a query that is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryPart {
    /// The family, whether it is given or not.
    Family,
    /// The variant.
    Variant,
    /// The edition.
    Edition,
    /// The year.
    Year,
}

/// The reason why no form can be chosen.
#[derive(Debug, Clone)]
pub struct FormChoiceError {
    /// The word at fault.
    pub part: QueryPart,
    /// The reason, with what may stand there.
    pub message: Message,
}

impl FormRegistry {
    /// Returns the forms that come with the program.
    pub fn built_in() -> FormRegistry {
        let mut library = FormRegistry::default();
        for edition in BUILT_IN_EDITIONS {
            let mut sink = Sink::new();
            let name = format!("templates/{}/form.toml", edition.name);
            let source = Sources::default().add_text(name, edition.form);
            let form = Form::read(source, edition.form, &mut sink);
            let mut form = form.expect("the built-in forms are valid");
            edition.name.clone_into(&mut form.folder);
            let added = library.add_form(form);
            debug_assert!(added.is_ok(), "the built-in forms differ");
        }
        library
    }

    /// Adds a form. It replaces one of the same folder that is of the same family and variant. Otherwise, if family,
    /// variant and years of another are equal, it is refused, and that one is returned.
    pub fn add_form(&mut self, mut form: Form) -> Result<(), Arc<Form>> {
        if let Some(known) = self.forms.iter().find(|known| known.name == form.name)
            && form.family.id == form.name
        {
            form.family = known.family.clone();
        }
        self.forms.retain(|known| known.folder != form.folder || !known.is_akin(&form));
        if let Some(same) = self.forms.iter().find(|known| known.is_same(&form)) {
            return Err(same.clone());
        }
        self.forms.push(Arc::new(form));
        self.forms.sort_by_cached_key(|form| {
            let family = (!form.is_of_default_family()).then(|| form.family.id.clone());
            let variant = form.variant_id().map(str::to_owned);
            let edition = (form.first_year, narrowness(form), form.edition.clone());
            (family, variant, edition)
        });
        self.mark_superseded();
        Ok(())
    }

    /// Sets from which year on a newer edition is chosen.
    fn mark_superseded(&mut self) {
        for at in 0..self.forms.len() {
            let newer = self.forms.get(at + 1).filter(|next| next.is_akin(&self.forms[at]));
            let from = newer.map(|next| next.first_year);
            if self.forms[at].superseded_from != from {
                Arc::make_mut(&mut self.forms[at]).superseded_from = from;
            }
        }
    }

    /// Gives the files of a folder's form another folder, so that a different form can have it.
    pub(crate) fn rename_folder(&mut self, from: &str, to: &str) {
        for form in self.forms.iter_mut().filter(|form| form.folder == from) {
            to.clone_into(&mut Arc::make_mut(form).folder);
        }
    }

    /// Returns all forms: the default family first, in each family and variant the oldest first.
    pub fn forms(&self) -> &[Arc<Form>] {
        &self.forms
    }

    /// Returns all forms, the likelier first where nothing names one: those of the default family, the newest first.
    pub fn by_likelihood(&self) -> impl Iterator<Item = &Arc<Form>> {
        let (own, others): (Vec<_>, Vec<_>) =
            self.forms.iter().rev().partition(|form| form.is_of_default_family());
        own.into_iter().chain(others)
    }

    /// Returns the levels that organs have in any of the forms.
    pub fn levels(&self) -> Vec<NamedId> {
        let mut out: Vec<NamedId> = Vec::new();
        let fields = self.forms.iter().filter_map(|form| form.level_field());
        for level in fields.flat_map(|field| &field.choices) {
            if out.iter().all(|known| known.id != level.id) {
                out.push(level.clone());
            }
        }
        out
    }

    /// Returns the edition with this name of the default family, or of the only other one that has it.
    pub fn by_edition(&self, edition: &str) -> Option<&Arc<Form>> {
        self.choose(FormQuery { edition: Some(edition), ..FormQuery::default() }).ok()
    }

    /// Returns the form of the default family for reports of that year: the newest of those that cover it.
    pub fn for_year(&self, year: u16) -> Option<&Arc<Form>> {
        self.choose(FormQuery { year: Some(year), ..FormQuery::default() }).ok()
    }

    /// Returns the form of a year that follows on a form: of its family and variant.
    pub fn successor(&self, form: &Form, year: u16) -> Result<&Arc<Form>, FormChoiceError> {
        let (family, variant) = (Some(form.family.id.as_str()), form.variant_id());
        self.choose(FormQuery { family, variant, edition: None, year: Some(year) })
    }

    /// Returns the form that a command names: by edition, family or both, with the variant where there are several,
    /// each behind a slash.
    pub fn find_named(&self, name: &str, year: Option<u16>) -> Result<&Arc<Form>, FormChoiceError> {
        let fits = |form: &Arc<Form>| {
            let variant = |part: &str| form.variant.as_ref().is_some_and(|v| v.is_named(part));
            let is_part =
                |part: &str| form.edition == part || form.family.is_named(part) || variant(part);
            form.family.is_named(name) || name.split('/').all(is_part)
        };
        if let Some(form) = self.forms.iter().find(|form| form.full_name() == name) {
            return choose_of(vec![form], FormQuery { year, ..FormQuery::default() });
        }
        let mut named: Vec<&Arc<Form>> = self.forms.iter().filter(|form| fits(form)).collect();
        if named.iter().any(|form| form.is_of_default_family()) {
            named.retain(|form| form.is_of_default_family());
        }
        if named.is_empty() {
            let known: Vec<String> = self.forms.iter().map(|form| form.full_name()).collect();
            let message = msg!("io.unknown-edition", edition = name, known = known);
            return Err(FormChoiceError { part: QueryPart::Family, message });
        }
        choose_of(named, FormQuery { year, ..FormQuery::default() })
    }

    /// Returns the form that a query asks for: of several editions the newest that covers the year. Several variants
    /// are an error that lists them, unless one of them is the family's plain form.
    pub fn choose(&self, query: FormQuery<'_>) -> Result<&Arc<Form>, FormChoiceError> {
        let all = || self.forms.iter();
        let own = || all().filter(|form| form.is_of_default_family());
        let named: Vec<&Arc<Form>> = match (query.family, query.edition) {
            (Some(word), _) => all().filter(|form| form.family.is_named(word)).collect(),
            (None, Some(edition)) if own().all(|form| form.edition != edition) => {
                all().filter(|form| form.edition == edition).collect()
            }
            _ => own().collect(),
        };
        if let (Some(word), true) = (query.family, named.is_empty()) {
            let mut known: Vec<String> = all().map(|form| form.family.listed()).collect();
            known.dedup();
            let message = msg!("form.unknown-family", family = word, known = known);
            return Err(FormChoiceError { part: QueryPart::Family, message });
        }
        if let (Some(edition), true) = (query.edition, named.is_empty()) {
            return Err(unknown_edition(edition, own()));
        }
        choose_of(named, query)
    }
}

/// Returns the form of a query among those of its family.
fn choose_of<'a>(
    forms: Vec<&'a Arc<Form>>,
    query: FormQuery<'_>,
) -> Result<&'a Arc<Form>, FormChoiceError> {
    let mut forms = keep_edition(keep_variant(forms, query.variant)?, query.edition)?;
    let covers = |form: &&Arc<Form>| query.year.is_none_or(|year| form.covers_year(year));
    if forms.iter().any(covers) {
        forms.retain(covers);
    } else if let (Some(year), None) = (query.year, query.edition) {
        let known: Vec<_> = forms.iter().map(|form| form.listed_years()).collect();
        let message = msg!("report.no-edition", year = u32::from(year), known = known);
        return Err(FormChoiceError { part: QueryPart::Year, message });
    }
    if forms.iter().any(|form| form.variant.is_none()) {
        forms.retain(|form| form.variant.is_none());
    }
    newest_of(&forms)
}

/// Returns the forms of the variant that is asked for.
fn keep_variant<'a>(
    mut forms: Vec<&'a Arc<Form>>,
    variant: Option<&str>,
) -> Result<Vec<&'a Arc<Form>>, FormChoiceError> {
    let Some(word) = variant else { return Ok(forms) };
    let known = listed_variants(&forms);
    forms.retain(|form| form.variant.as_ref().is_some_and(|variant| variant.is_named(word)));
    if !forms.is_empty() {
        return Ok(forms);
    }
    let message = if known.is_empty() {
        msg!("form.no-variants", variant = word)
    } else {
        msg!("form.unknown-variant", variant = word, known = known)
    };
    Err(FormChoiceError { part: QueryPart::Variant, message })
}

/// Returns the forms of the edition that is asked for.
fn keep_edition<'a>(
    forms: Vec<&'a Arc<Form>>,
    edition: Option<&str>,
) -> Result<Vec<&'a Arc<Form>>, FormChoiceError> {
    let Some(edition) = edition else { return Ok(forms) };
    let own: Vec<_> = forms.iter().copied().filter(|form| form.edition == edition).collect();
    if own.is_empty() { Err(unknown_edition(edition, forms.into_iter())) } else { Ok(own) }
}

/// Returns the key by which a form that ends comes after one that does not, and after one that ends later.
fn narrowness(form: &Form) -> Reverse<u16> {
    Reverse(form.last_year.unwrap_or(u16::MAX))
}

/// Returns the newest of several forms if all are of one variant of one family.
fn newest_of<'a>(forms: &[&'a Arc<Form>]) -> Result<&'a Arc<Form>, FormChoiceError> {
    let newest = forms.iter().max_by_key(|form| (form.first_year, narrowness(form)));
    let Some(newest) = newest else {
        let known: Vec<String> = Vec::new();
        let message = msg!("form.unknown-family", family = DEFAULT_FAMILY, known = known);
        return Err(FormChoiceError { part: QueryPart::Family, message });
    };
    if forms.iter().any(|form| form.family.id != newest.family.id) {
        let known: Vec<String> = forms.iter().map(|form| form.full_name()).collect();
        let message = msg!("form.several-forms", known = known);
        return Err(FormChoiceError { part: QueryPart::Edition, message });
    }
    if forms.iter().any(|form| form.variant_id() != newest.variant_id()) {
        let (family, known) = (newest.family.name.as_str(), listed_variants(forms));
        let message = msg!("report.several-variants", family = family, known = known);
        return Err(FormChoiceError { part: QueryPart::Family, message });
    }
    Ok(newest)
}

fn unknown_edition<'a>(
    edition: &str,
    forms: impl Iterator<Item = &'a Arc<Form>>,
) -> FormChoiceError {
    let known: Vec<_> = forms.map(|form| form.edition.clone()).collect();
    let message = msg!("report.unknown-edition", edition = edition, known = known);
    FormChoiceError { part: QueryPart::Edition, message }
}

/// Returns the variants of forms, each once.
fn listed_variants(forms: &[&Arc<Form>]) -> Vec<String> {
    let mut known: Vec<String> =
        forms.iter().filter_map(|form| Some(form.variant.as_ref()?.listed())).collect();
    known.dedup();
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::NamedId;

    fn variant_of(known: &Form, family: &str, variant: Option<&str>) -> Form {
        let label = |id: &str| NamedId { id: id.to_owned(), name: format!("{id}的名称") };
        let folder = format!("{family}-{}", variant.unwrap_or_default());
        let (family, variant) = (label(family), variant.map(label));
        Form { folder, family, variant, ..known.clone() }
    }

    fn edition(chosen: Result<&Arc<Form>, FormChoiceError>) -> Result<String, QueryPart> {
        chosen.map(|form| form.full_name()).map_err(|error| error.part)
    }

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
    fn forms_of_other_families_never_meet() {
        let mut library = FormRegistry::built_in();
        let known = library.for_year(2023).expect("a form").clone();
        let newer = Form { first_year: 2023, ..variant_of(&known, "website", None) };
        assert!(library.add_form(newer).is_ok());
        assert_eq!(library.for_year(2023).map(|form| form.full_name()).as_deref(), Some("2021"));
        let of = |family, year| {
            let query =
                FormQuery { family: Some(family), year: Some(year), ..FormQuery::default() };
            edition(library.choose(query))
        };
        assert_eq!(of("website", 2023), Ok("website/2021".to_owned()));
        assert_eq!(of("website的名称", 2023), Ok("website/2021".to_owned()));
        assert_eq!(of("website", 2022), Err(QueryPart::Year));
        assert_eq!(of("sites", 2023), Err(QueryPart::Family));
    }

    #[test]
    fn a_variant_is_named_where_several_fit() {
        let mut library = FormRegistry::built_in();
        let known = library.for_year(2023).expect("a form").clone();
        for variant in ["a", "b"] {
            assert!(library.add_form(variant_of(&known, "counts", Some(variant))).is_ok());
        }
        let query = FormQuery { family: Some("counts"), year: Some(2023), ..FormQuery::default() };
        let error = library.choose(query).expect_err("two variants");
        let said = error.message.in_lang(docx_fill::diag::Lang::Zh);
        assert!(said.contains("a（a的名称）") && said.contains("b（b的名称）"), "{said}");
        let of = |variant| edition(library.choose(FormQuery { variant: Some(variant), ..query }));
        assert_eq!(of("b"), Ok("counts/b/2021".to_owned()));
        assert_eq!(of("c"), Err(QueryPart::Variant));
        for name in ["counts/b", "counts的名称/b的名称", "counts/b/2021"] {
            let found = edition(library.find_named(name, Some(2023)));
            assert_eq!(found, Ok("counts/b/2021".to_owned()), "{name}");
        }
        assert_eq!(edition(library.find_named("counts", None)), Err(QueryPart::Family));
        assert_eq!(edition(library.find_named("2021", None)), Ok("2021".to_owned()));
        // A family's plain form is meant where no variant is named.
        assert!(library.add_form(variant_of(&known, "counts", None)).is_ok());
        assert_eq!(edition(library.choose(query)), Ok("counts/2021".to_owned()));
    }

    #[test]
    fn only_forms_with_family_variant_and_years_equal_are_refused() {
        let mut library = FormRegistry::built_in();
        let known = library.for_year(2023).expect("a form").clone();
        let beside = Form { folder: "beside".to_owned(), ..(*known).clone() };
        assert!(library.add_form(beside.clone()).is_err());
        // The folder of a form is where it is replaced.
        assert!(library.add_form((*known).clone()).is_ok());
        assert!(library.add_form(Form { first_year: 2026, ..beside }).is_ok());
        assert_eq!(library.forms().len(), 3);
        let first = |year| library.for_year(year).map(|form| form.first_year);
        assert_eq!((first(2025), first(2026)), (Some(2021), Some(2026)));
        // What the year chooses needs no key; what a newer edition would hide is named.
        let keys = |year| library.forms()[1].keys_for_year(Some(year)).len();
        assert_eq!((keys(2025), keys(2026)), (0, 1));
    }
}
