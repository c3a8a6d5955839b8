//! The program `nianbao`: hands its arguments to the command line and returns its exit code.
//! Must not do anything else.

// clippy.toml lists the methods. Slicing a text by bytes panics within a character; see
// `docx_fill::slice`.
#![cfg_attr(not(test), warn(clippy::string_slice, clippy::disallowed_methods))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "here they are taken")]
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    cli::run_cli(&args)
}
