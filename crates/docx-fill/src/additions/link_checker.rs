//! Owns the check of addresses that come from data.
//! Must not know where links stand.

use super::assets::LinkRules;
use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::addresses::{self, RefusedAddress};
use crate::ir::program::TagId;
use crate::prose::links::{self, LinkRefusal};
use std::collections::BTreeSet;

/// The rules for links, and the places within the document to which they may lead.
#[derive(Clone, Copy)]
pub(crate) struct LinkChecker<'a> {
    pub(crate) rules: &'a LinkRules,
    /// Bookmarks of the template that exist in every output.
    pub(crate) bookmarks: &'a BTreeSet<String>,
}

impl LinkChecker<'_> {
    /// Checks whether a link may have an address that comes from data.
    pub(crate) fn check_address(&self, address: &str) -> Result<(), LinkRefusal> {
        match address.strip_prefix('#') {
            Some(name) if self.bookmarks.contains(name) => Ok(()),
            _ => self.rules.schemes.check_address(address),
        }
    }

    /// Checks the addresses in a rendered part that contain data.
    pub(crate) fn check_rendered(&self, out: &mut String) -> Vec<(TagId, Problem)> {
        let refused = addresses::sanitize_addresses(out, &|address| self.check_address(address));
        let problem = |one: RefusedAddress| {
            let told = links::refused_links_message([(one.address.as_str(), &one.refusal)]);
            let problem = Problem::warning("link", told).with_hint(msg!("link.hint"));
            (one.tag, problem.with_hint(msg!("link.hint-schemes")))
        };
        refused.into_iter().map(problem).collect()
    }
}
