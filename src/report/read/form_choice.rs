//! Owns the form of a data file: the keys that name it, and what is said where they name none.
//! Must not know how one is chosen: the registry does that.

use super::{GivenYear, ReportReader};
use crate::data::{DataEntry, matches_key};
use crate::form::{EDITION_KEY, FAMILY_KEY, Form, FormQuery, FormRegistry, QueryPart, VARIANT_KEY};
use crate::msg;
use docx_fill::diag::{Diagnostic, SourcePlace};
use std::sync::Arc;

/// A word of the file with its place.
struct GivenName {
    word: String,
    place: SourcePlace,
}

/// The words that name the form.
#[derive(Default)]
struct GivenNames {
    family: Option<GivenName>,
    variant: Option<GivenName>,
    edition: Option<GivenName>,
}

impl GivenNames {
    fn query(&self, year: Option<GivenYear>) -> FormQuery<'_> {
        fn word(given: Option<&GivenName>) -> Option<&str> {
            given.map(|name| name.word.as_str())
        }
        FormQuery {
            family: word(self.family.as_ref()),
            variant: word(self.variant.as_ref()),
            edition: word(self.edition.as_ref()),
            year: year.map(|given| given.year),
        }
    }

    /// Returns the place of the word at fault, else that of the nearest one that is there.
    fn place_of(&self, part: QueryPart, year: Option<GivenYear>) -> Option<SourcePlace> {
        let place = |given: &Option<GivenName>| Some(given.as_ref()?.place);
        let (family, variant, edition) =
            (place(&self.family), place(&self.variant), place(&self.edition));
        let year = year.map(|given| given.place);
        match part {
            QueryPart::Family => family.or(year).or(edition).or(variant),
            QueryPart::Variant => variant,
            QueryPart::Edition => edition,
            QueryPart::Year => year,
        }
    }
}

impl ReportReader<'_> {
    /// Returns the form that the file names by family, variant, edition and year. Without a year, the file has to name
    /// a family or an edition.
    pub(super) fn choose_form(
        &mut self,
        entries: &[DataEntry],
        library: &FormRegistry,
        year: Option<GivenYear>,
    ) -> Option<Arc<Form>> {
        let names = self.read_names(entries)?;
        if year.is_none() && names.family.is_none() && names.edition.is_none() {
            return None;
        }
        match library.choose(names.query(year)) {
            Ok(form) => {
                if let (Some(given), Some(edition)) = (year, &names.edition)
                    && !form.covers_year(given.year)
                {
                    let right = library.successor(form, given.year).ok();
                    self.report_wrong_edition(form, given.year, edition, right);
                }
                Some(form.clone())
            }
            Err(error) => {
                // Of a file without a year that fault is told already.
                let place = names.place_of(error.part, year)?;
                self.file.report_fault("no-edition", place, error.message, None);
                None
            }
        }
    }

    /// Returns the words that name the form; nothing if one of them is not a word.
    fn read_names(&mut self, entries: &[DataEntry]) -> Option<GivenNames> {
        let mut names = GivenNames::default();
        let keys = [
            (FAMILY_KEY, &mut names.family),
            (VARIANT_KEY, &mut names.variant),
            (EDITION_KEY, &mut names.edition),
        ];
        for (key, name) in keys {
            let found = entries.iter().find(|entry| matches_key(&entry.key, key));
            let Some(DataEntry { node, .. }) = found else { continue };
            let word = self.file.expect_words(node)?;
            *name = Some(GivenName { word, place: node.place });
        }
        Some(names)
    }

    /// Reports an edition that is not for the year, with the one that is.
    fn report_wrong_edition(
        &mut self,
        form: &Form,
        year: u16,
        given: &GivenName,
        right: Option<&Arc<Form>>,
    ) {
        let message = msg!(
            "report.wrong-edition",
            year = u32::from(year),
            edition = &given.word,
            years = form.listed_years()
        );
        let place = self.file.location(given.place);
        let mut found = Diagnostic::error("wrong-edition", place, message);
        if let Some(right) = right {
            found = found.with_hint(msg!("report.right-edition", edition = &right.edition));
        }
        self.file.sink.push(found);
    }
}
