//! Owns the outputs: each module beneath makes one kind of file.
//! Must not know where files lie, nor what is wrong with a report: `check` has seen it before.

pub mod blank;
