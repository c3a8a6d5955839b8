//! Owns finding and loading what a run reads: the report, last year's, settings, templates and letterheads.
//! Must not know what a command does with them.

pub(crate) mod letterhead;
pub(crate) mod load;
pub(crate) mod previous_report;
pub(crate) mod settings;
pub(crate) mod templates;
pub(crate) mod uncompared;
