//! Owns compiling the tags of a part: from tags to blocks, from blocks to edits, from edits to instructions.
//! Must not know any data.

pub(crate) mod block_scope;
pub(crate) mod cleanup;
pub(crate) mod compiler;
pub(crate) mod content_slots;
pub(crate) mod definitions;
pub(crate) mod edit_collector;
pub(crate) mod emission;
pub(crate) mod escape_context;
pub(crate) mod field_cuts;
pub(crate) mod fields;
pub(crate) mod flow;
pub(crate) mod part_source;
pub(crate) mod placed_tag;
pub(crate) mod placement;
pub(crate) mod repetition;
pub(crate) mod tables;
pub(crate) mod tag_contents;
pub(crate) mod tag_discovery;
pub(crate) mod unseen_tags;
pub(crate) mod word_instrs;
pub(crate) mod word_tags;
