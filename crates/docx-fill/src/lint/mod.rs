//! Owns looking at any Word document for what should not be left in it, and writing findings into a copy of it.
//! Must not know templates as such, nor what the findings of a program mean.

pub mod comments;
pub mod leftovers;
