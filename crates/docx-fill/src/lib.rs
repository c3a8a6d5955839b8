#![doc = include_str!("../README.md")]
// clippy.toml lists the methods. A slice of a text panics within a character; see `slice`.
#![cfg_attr(not(test), warn(clippy::string_slice, clippy::disallowed_methods))]

mod additions;
mod analyze;
mod compile;
pub mod diag;
mod document;
pub mod docxtpl;
mod engine;
mod eval;
mod helper;
mod insert;
mod ir;
pub mod limits;
pub mod lint;
mod media;
pub mod opc;
pub mod prose;
mod render;
pub mod slice;
mod syntax;
pub mod template;
mod value;
pub mod word;

pub use diag::{Diagnostic, Lang, Severity};
pub use engine::{Engine, Error, Rendered, Template};
pub use helper::{Arguments, HelperError, HelperSignature};
pub use media::pixel_size;
pub use opc::PackageLimits;
pub use template::{Assets, ListedTag, RenderOptions, Requirement, ValueKind};
