//! Owns the filling of Word documents: tags found and compiled once, rendered with data many times.
//! Must not know annual reports, files or the clock.

mod expr;
mod helpers;
mod machine;
mod number;
mod numerals;
mod problem;
mod program;
mod scope;
mod tag;
pub mod text;
mod value;
