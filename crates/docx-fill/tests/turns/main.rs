//! Proves that what stands in a block goes through it with the block's data, and is a thing of its own in every turn.

#![allow(clippy::format_push_string, clippy::format_collect, reason = "small test documents")]

mod controls;
mod fields;
mod headers;
mod integrity;
mod law;
mod lists;
mod notes;
mod references;
mod sequences;
#[path = "../support/mod.rs"]
mod support;
